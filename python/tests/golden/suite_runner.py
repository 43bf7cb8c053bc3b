"""Runs the jobs of a subject of the suite and prints what comes out of each.

    python -m martlet.compat suite_runner.py SUBJECT [--mode batch] [--parallelism N] [--job NAME]
    VENV/bin/python suite_runner.py SUBJECT …

For each job it prints ``== name`` and then the ``repr`` of each record on a line; ``-- n`` stands
before the records of the n-th stream of a job that returns several. A job that must fail with an
exception of the user's prints ``!! `` and what the exception says; any other failure is ``?? ``.
``.. name`` tells that the job has ended.
"""

from __future__ import annotations

import argparse
import sys
import traceback
import types
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER / "suite"))

import cloudpickle  # noqa: E402
import kit  # noqa: E402
from pyflink.common import Configuration  # noqa: E402
from pyflink.datastream import (  # noqa: E402
    DataStream,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
)

# The workers find neither the jobs nor the kit on their path.
cloudpickle.register_pickle_by_value(kit)


def load(subject: str) -> None:
    """Registers a subject's jobs, which are pickled by value as those of a script are."""
    path = FOLDER / "suite" / f"{subject}.py"
    module = types.ModuleType("__main__")
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)


def environment(options: argparse.Namespace, paced: bool) -> StreamExecutionEnvironment:
    """A new environment as the command line wants it."""
    configuration = Configuration()
    if paced:
        # In PyFlink, a watermark waits for the end of the bundle before it.
        configuration.set_string("python.fn-execution.bundle.size", "1")
    for setting in options.conf:
        key, _, value = setting.partition("=")
        configuration.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(options.parallelism)
    env.get_config().set_auto_watermark_interval(10 if paced else 0)
    if options.mode == "batch":
        env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    else:
        env.set_runtime_mode(RuntimeExecutionMode.STREAMING)
    return env


def lines(job: kit.Job, stream: DataStream) -> list[str]:
    """What a stream's records look like."""
    with stream.execute_and_collect(job.name) as results:
        found = [repr(result) for result in results]
    return sorted(found) if job.order == "any" else found


def outcome(job: kit.Job, options: argparse.Namespace) -> list[str]:
    """The lines that tell what a job does."""
    try:
        result = job.build(environment(options, job.paced))
        if isinstance(result, DataStream):
            found = lines(job, result)
        elif result and all(isinstance(stream, DataStream) for stream in result):
            found = []
            for i, stream in enumerate(result):
                found += [f"-- {i}", *lines(job, stream)]
        else:
            found = [repr(value) for value in result]
    except Exception as error:
        text = traceback.format_exc()
        if job.fails is not None and job.fails in text + str(error):
            return [f"!! {job.fails}"]
        if options.verbose:
            traceback.print_exc()
        told = " ".join(str(error).split())
        return [f"?? {type(error).__name__}: {told if len(told) < 3000 else told[-3000:]}"]
    if job.fails is not None:
        return [f"?? does not fail with {job.fails!r}", *found]
    return found


def together(jobs: list[kit.Job], options: argparse.Namespace) -> dict[str, list[str]]:
    """What jobs do that run as one job of an environment, which only PyFlink can do."""
    from pyflink.datastream.data_stream import CloseableIterator

    env = environment(options, jobs[0].paced)
    streams = []
    found: dict[str, list[str]] = {}
    for job in jobs:
        result = job.build(env)
        if isinstance(result, DataStream):
            streams.append((job, None, result))
        elif result and all(isinstance(stream, DataStream) for stream in result):
            streams += [(job, i, stream) for i, stream in enumerate(result)]
        else:
            found[job.name] = [repr(value) for value in result]
    iterators = [
        (job, i, CloseableIterator(stream._j_data_stream.collectAsync(), stream.get_type()))
        for job, i, stream in streams
    ]
    if iterators:
        env.execute_async("together")
    for job, i, iterator in iterators:
        records = [repr(result) for result in iterator]
        if job.order == "any":
            records.sort()
        heading = [] if i is None else [f"-- {i}"]
        found.setdefault(job.name, []).extend([*heading, *records])
    return found


def as_many_together(jobs: list[kit.Job], options: argparse.Namespace) -> dict[str, list[str]]:
    """As :func:`together`, without those that fail."""
    if len(jobs) == 1:
        return {}
    try:
        return together(jobs, options)
    except Exception as error:
        if options.verbose:
            traceback.print_exc()
        print(f"not together: {len(jobs)}: {error!r:.300}", file=sys.stderr, flush=True)
    half = len(jobs) // 2
    return as_many_together(jobs[:half], options) | as_many_together(jobs[half:], options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject")
    parser.add_argument("--mode", choices=["streaming", "batch"], default="streaming")
    parser.add_argument("--parallelism", type=int, default=1)
    parser.add_argument("--job", action="append", default=[], help="only this job; repeatable")
    parser.add_argument("--skip", action="append", default=[], help="not this job; repeatable")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument(
        "--together", type=int, default=0, metavar="N",
        help="only under PyFlink, whose start is slow: so many jobs in an environment",
    )  # fmt: skip
    parser.add_argument(
        "--parallel-only", action="store_true", help="only jobs that are the same in parallel"
    )
    parser.add_argument(
        "--not-paced", action="store_true", help="not the jobs that wait between their records"
    )
    parser.add_argument("--list", action="store_true", help="only print the names of the jobs")
    parser.add_argument("--verbose", action="store_true", help="whole tracebacks of failures")
    options = parser.parse_args()
    load(options.subject)
    jobs = [
        job
        for job in kit.JOBS.values()
        if options.mode in job.modes
        and (not options.job or job.name in options.job)
        and job.name not in options.skip
        and (job.parallel or not options.parallel_only)
        and not (job.paced and options.not_paced)
    ]
    done: dict[str, list[str]] = {}
    if options.together:
        for paced in (False, True):
            shared = [j for j in jobs if j.paced == paced and not j.alone and j.fails is None]
            for start in range(0, len(shared), options.together):
                done.update(as_many_together(shared[start : start + options.together], options))
    for job in jobs:
        print(f"== {job.name}", flush=True)
        if not options.list:
            for line in done.get(job.name) or outcome(job, options):
                print(line)
        print(f".. {job.name}", flush=True)


if __name__ == "__main__":
    main()
