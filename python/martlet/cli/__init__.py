"""The command ``martlet``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from martlet import __version__
from martlet.util.exceptions import MartletError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; exits with 2 for a usage error, with 1 if what it does fails."""
    options = _parser().parse_args(sys.argv[1:] if arguments is None else list(arguments))
    try:
        options.run(options)
    except MartletError as error:
        sys.exit(f"martlet: {error}")


def _parser() -> argparse.ArgumentParser:
    from martlet.cli import gateway, run

    parser = argparse.ArgumentParser(prog="martlet", description="Stream processing jobs in Python")
    parser.add_argument("--version", action="version", version=f"martlet {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run.add_parser(commands)
    gateway.add_parser(commands)
    return parser
