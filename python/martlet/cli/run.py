"""``martlet run``: a job, here or on Flink."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["add_parser"]

DESCRIPTION = """\
Runs a job. The script may be written for Martlet or for PyFlink: both names import the engine that
is asked for.

    martlet run job.py --input words.txt
    martlet run -p 4 -D execution.runtime-mode=BATCH job.py
    martlet run --engine flink --jobmanager localhost:8081 job.py
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "run",
        help="run a job",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--engine",
        choices=["martlet", "flink"],
        default="martlet",
        help="what runs the job: this runtime, or an Apache Flink (default: %(default)s)",
    )
    parser.add_argument(
        "-p", "--parallelism", type=int, help="parallelism of operators that have none of their own"
    )
    parser.add_argument(
        "-D",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a setting, by Flink's key; may be repeated",
    )
    parser.add_argument(
        "--gateway",
        metavar="HOST:PORT",
        help="attach to this gateway instead of starting one (engine martlet)",
    )
    parser.add_argument(
        "--python",
        metavar="INTERPRETER",
        help="an interpreter that has apache-flink (engine flink); "
        "default: $MARTLET_FLINK_PYTHON, this interpreter, or python3",
    )
    parser.add_argument(
        "-m",
        "--jobmanager",
        metavar="HOST:PORT",
        help="the cluster to run on (engine flink); default: one inside the process",
    )
    parser.add_argument("script", help="the job")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="args", help="its arguments")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    settings = _settings(options)
    if options.engine == "flink":
        _refuse(options, "gateway", "flink")
        from martlet.cli.flink import run_on_flink

        run_on_flink(
            options.script, options.arguments, settings, options.jobmanager, options.python
        )
        return
    _refuse(options, "jobmanager", "martlet")
    _refuse(options, "python", "martlet")
    _run_here(options, settings)


def _refuse(options: argparse.Namespace, option: str, engine: str) -> None:
    if getattr(options, option) is not None:
        sys.exit(f"martlet run: --{option} has no meaning with --engine {engine}")


def _settings(options: argparse.Namespace) -> dict[str, str]:
    settings = {}
    for text in options.settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            sys.exit(f"martlet run: -D takes KEY=VALUE, not {text!r}")
        settings[key.strip()] = value
    if options.parallelism is not None:
        settings["parallelism.default"] = str(options.parallelism)
    return settings


def _run_here(options: argparse.Namespace, settings: dict[str, str]) -> None:
    import os

    from martlet import _script, compat
    from martlet.common.config_keys import check_setting
    from martlet.datastream.environment_configuration import LAUNCH_SETTINGS
    from martlet.gateway.attached import ADDRESS_VARIABLE

    for key, value in settings.items():
        check_setting(key, value)
    LAUNCH_SETTINGS.update(settings)
    if options.gateway is not None:
        os.environ[ADDRESS_VARIABLE] = options.gateway
    compat.install()
    _script.run_file(options.script, options.arguments)
