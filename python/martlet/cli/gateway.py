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

With a certificate it speaks TLS, and jobs name the certificate that they trust:

    MARTLET_GATEWAY=host:25533 MARTLET_GATEWAY_CA=cert.pem python job.py
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
        help="the port to listen on; 0 for any that is free (default: %(default)s)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen on; any but loopback wants TLS (default: %(default)s)",
    )
    parser.add_argument(
        "--tls-certificate", metavar="FILE", help="PEM file with the certificate for TLS"
    )
    parser.add_argument("--tls-key", metavar="FILE", help="PEM file with its private key")
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="listen on any address without TLS: whoever listens in can run code here",
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
    command = [runtime, "gateway", "--host", options.host, "--port", str(options.port)]
    command += ["--token-file", token_file]
    if options.tls_certificate:
        command += ["--tls-certificate", options.tls_certificate]
    if options.tls_key:
        command += ["--tls-key", options.tls_key]
    if options.insecure:
        command.append("--insecure")
    sys.stdout.flush()
    os.execve(runtime, [*command, "--python", options.python], runtime_environment())
