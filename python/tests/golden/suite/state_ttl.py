"""Time to live, with results that do not depend on time: what lives long does not expire.

Left out: a time to live that is short, for its results depend on the machine.
"""

from kit import job
from pyflink.common import Time, Types
from pyflink.datastream.functions import KeyedProcessFunction
from pyflink.datastream.state import (
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)

PAIR = Types.TUPLE([Types.STRING(), Types.INT()])
PAIRS = [("a", 1), ("b", 10), ("a", 2), ("b", 20), ("a", 3), ("c", 7)]


class Everything(KeyedProcessFunction):
    """Every kind of state, with a time to live."""

    def __init__(self, ttl):
        self.ttl = ttl

    def open(self, context):
        descriptors = [
            ValueStateDescriptor("value", Types.INT()),
            ListStateDescriptor("list", Types.INT()),
            MapStateDescriptor("map", Types.INT(), Types.INT()),
            ReducingStateDescriptor("sum", lambda a, b: a + b, Types.INT()),
        ]
        for descriptor in descriptors:
            if self.ttl is not None:
                descriptor.enable_time_to_live(self.ttl)
        self.value = context.get_state(descriptors[0])
        self.list = context.get_list_state(descriptors[1])
        self.map = context.get_map_state(descriptors[2])
        self.sum = context.get_reducing_state(descriptors[3])

    def process_element(self, value, ctx):
        before = self.value.value()
        self.value.update(value[1])
        self.list.add(value[1])
        self.map.put(value[1], -value[1])
        self.sum.add(value[1])
        yield value[0], before, list(self.list), sorted(self.map.items()), self.sum.get()


def run(env, ttl):
    return (
        env.from_collection(PAIRS, PAIR)
        .key_by(lambda v: v[0], Types.STRING())
        .process(Everything(ttl))
    )


@job()
def long_ttl(env):
    return run(env, StateTtlConfig.new_builder(Time.hours(1)).build())


@job()
def long_ttl_updated_on_read(env):
    return run(env, StateTtlConfig.new_builder(Time.days(1)).update_ttl_on_read_and_write().build())


@job()
def long_ttl_updated_on_write(env):
    return run(
        env, StateTtlConfig.new_builder(Time.minutes(10)).update_ttl_on_create_and_write().build()
    )


@job()
def long_ttl_returning_expired(env):
    return run(
        env, StateTtlConfig.new_builder(Time.hours(1)).return_expired_if_not_cleaned_up().build()
    )


@job()
def long_ttl_never_returning_expired(env):
    return run(
        env,
        StateTtlConfig.new_builder(Time.hours(1))
        .never_return_expired()
        .use_processing_time()
        .build(),
    )


@job()
def disabled_ttl(env):
    return run(
        env,
        StateTtlConfig.new_builder(Time.milliseconds(1))
        .set_update_type(StateTtlConfig.UpdateType.Disabled)
        .build(),
    )


@job()
def cleanup_strategies(env):
    return run(
        env,
        StateTtlConfig.new_builder(Time.hours(1))
        .cleanup_full_snapshot()
        .cleanup_incrementally(10, True)
        .disable_cleanup_in_background()
        .build(),
    )


@job()
def what_a_configuration_says(env):
    config = (
        StateTtlConfig.new_builder(Time.seconds(5))
        .set_update_type(StateTtlConfig.UpdateType.OnReadAndWrite)
        .set_state_visibility(StateTtlConfig.StateVisibility.ReturnExpiredIfNotCleanedUp)
        .set_ttl_time_characteristic(StateTtlConfig.TtlTimeCharacteristic.ProcessingTime)
        .cleanup_incrementally(3, False)
        .build()
    )
    default = StateTtlConfig.new_builder(Time.seconds(1)).build()
    incremental = config.get_cleanup_strategies().get_incremental_cleanup_strategy()
    return [
        config.get_update_type(), config.get_state_visibility(),
        config.get_ttl().to_milliseconds(), config.get_ttl_time_characteristic(),
        config.is_enabled(), default.get_update_type(), default.get_state_visibility(),
        default.is_enabled(),
        default.get_cleanup_strategies().is_cleanup_in_background(),
        incremental.get_cleanup_size(), incremental.run_cleanup_for_every_record(),
    ]  # fmt: skip
