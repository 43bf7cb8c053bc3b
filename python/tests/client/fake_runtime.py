#!/usr/bin/env python3
"""Behaves like the runtime's ``gateway --private`` as far as starting and ending go.

``FAKE_RUNTIME`` says how: ``ready`` (the default), ``error``, ``die``, ``mute``, ``stubborn``.
"""

import os
import signal
import sys
import time


def main() -> None:
    behaviour = os.environ.get("FAKE_RUNTIME", "ready")
    ready = int(sys.argv[sys.argv.index("--ready-fd") + 1])
    record = os.environ.get("FAKE_RUNTIME_LOG")
    token = sys.stdin.readline().strip()
    if record:
        with open(record, "a") as file:
            file.write(f"{os.getpid()} {token} {' '.join(sys.argv[1:])}\n")
    if behaviour == "die":
        sys.exit(7)
    if behaviour == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "error":
        os.write(ready, b"ERROR the port is taken\n")
        sys.exit(1)
    os.write(ready, f"READY 45678 {os.getpid()}\n".encode())
    os.close(ready)
    sys.stdin.read()  # until the client is gone
    if behaviour == "stubborn":
        time.sleep(60)


main()
