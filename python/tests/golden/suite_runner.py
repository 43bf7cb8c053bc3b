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


def environment(options: argparse.Namespace) -> StreamExecutionEnvironment:
    """A new environment as the command line wants it."""
    configuration = Configuration()
    # Each record goes to the worker by itself, so that watermarks are not held back.
    configuration.set_string("python.fn-execution.bundle.size", options.bundle)
    for setting in options.conf:
        key, _, value = setting.partition("=")
        configuration.set_string(key, value)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(options.parallelism)
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
        result = job.build(environment(options))
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject")
    parser.add_argument("--mode", choices=["streaming", "batch"], default="streaming")
    parser.add_argument("--parallelism", type=int, default=1)
    parser.add_argument("--job", action="append", default=[], help="only this job; repeatable")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--bundle", default="1", help="PyFlink's bundle size")
    parser.add_argument("--list", action="store_true", help="only print the names of the jobs")
    parser.add_argument("--verbose", action="store_true", help="whole tracebacks of failures")
    options = parser.parse_args()
    load(options.subject)
    for job in list(kit.JOBS.values()):
        if options.mode not in job.modes or (options.job and job.name not in options.job):
            continue
        print(f"== {job.name}", flush=True)
        if not options.list:
            for line in outcome(job, options):
                print(line)
        print(f".. {job.name}", flush=True)


if __name__ == "__main__":
    main()
