"""``martlet gateway``: a gateway that stays."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["add_parser"]

DEFAULT_PORT = 25533

DESCRIPTION = """\
Runs a gateway that jobs attach to, in the foreground, until it gets SIGTERM or SIGINT. It writes a
token into a file that only its owner can read; jobs that present it may run:

    MARTLET_GATEWAY=127.0.0.1:25533 python job.py
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "gateway",
        help="run a gateway that jobs attach to",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="where to listen on 127.0.0.1; 0 for any free port (default: %(default)s)",
    )
    parser.add_argument(
        "--token-file", metavar="FILE", help="where to write the token (default: %(default)s)"
    )
    parser.add_argument(
        "--python",
        default=sys.executable,
        metavar="INTERPRETER",
        help="runs the functions of jobs (default: this interpreter)",
    )
    parser.set_defaults(run=run, token_file=_default_token_file())


def _default_token_file() -> str:
    from martlet.gateway.attached import default_token_file

    return os.environ.get("MARTLET_GATEWAY_TOKEN_FILE") or default_token_file()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError(f"{text} is not a port")
    return port


def run(options: argparse.Namespace) -> None:
    """Becomes the runtime, which does the rest."""
    from martlet.gateway.private import runtime_environment
    from martlet.gateway.runtime_path import find_runtime

    runtime = find_runtime()
    token_file = os.path.abspath(options.token_file)
    directory = os.path.dirname(token_file)
    os.makedirs(directory, mode=0o700, exist_ok=True)
    command = [runtime, "gateway", "--port", str(options.port), "--token-file", token_file]
    sys.stdout.flush()
    os.execve(runtime, [*command, "--python", options.python], runtime_environment())
