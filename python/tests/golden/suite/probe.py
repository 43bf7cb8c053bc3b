from kit import *
from pyflink.common import Types, Row
from pyflink.datastream import *
from pyflink.datastream.functions import *

class P(KeyedProcessFunction):
    def process_element(self, v, ctx):
        yield ("el", v, ctx.timestamp(), ctx.timer_service().current_watermark(), ctx.get_current_key())
        ctx.timer_service().register_event_time_timer(v[1] + 10)
    def on_timer(self, ts, ctx):
        yield ("t", ts, ctx.timestamp(), ctx.timer_service().current_watermark(), ctx.get_current_key(), ctx.time_domain())

@job()
def a(env):
    return events(env, [("a", 1), ("b", 5), ("a", 3)], Types.TUPLE([Types.STRING(), Types.LONG()])).key_by(lambda v: v[0], Types.STRING()).process(P())

@job(modes=STREAMING)
def b(env):
    return paced(env, [("a", 1), ("b", 50), ("a", 30), ("a", 100), ("b", 90)], Types.TUPLE([Types.STRING(), Types.LONG()])).key_by(lambda v: v[0], Types.STRING()).process(P())

@job()
def c(env):
    s = env.from_collection([1,2,3])
    return [s.map(lambda v: v + 1), s.map(lambda v: -v)]

@job(fails="boom 42")
def d(env):
    def f(v): raise ValueError("boom 42")
    return env.from_collection([1,2,3]).map(f)

@job()
def a2(env):
    return a(env)
