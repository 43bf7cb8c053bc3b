#!/usr/bin/env python3
"""Gateway calls per second: ours and Py4J's own Java gateway, with the same client.

    gateway_calls.py [--calls N] [--pairs N] [--server PATH]

The client is the stock `py4j` of the running Python; the call is `inc(long)`. The two gateways are
measured in turn, several times; medians and their ratio are printed. The Java gateway needs `java`
and `javac`, and the jar that the py4j package brings along; without them only ours is measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from py4j.java_gateway import GatewayParameters, JavaGateway, find_jar_path

ROOT = Path(__file__).resolve().parent.parent
JAVA_MAIN = """
import py4j.GatewayServer;

public class Calls {
    public long inc(long number) { return number + 1; }

    public static void main(String[] arguments) {
        GatewayServer.turnLoggingOff();
        GatewayServer server = new GatewayServer(new Calls(), 0);
        server.start();
        System.out.println(server.getListeningPort());
    }
}
"""


@contextmanager
def served(command: list[str]) -> Iterator[JavaGateway]:
    """Start a gateway that prints its port, and connect to it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        yield gateway
        gateway.shutdown()
    finally:
        process.kill()
        process.wait()


def java_command(folder: str) -> list[str] | None:
    """Compile the Java side; None, with a word why, if this machine cannot."""
    missing = [tool for tool in ("java", "javac") if not shutil.which(tool)]
    jar = find_jar_path() or next(map(str, Path(sys.prefix).glob("share/py4j/py4j*.jar")), "")
    if not jar:
        missing.append("py4j's jar")
    if missing:
        print(f"the Java gateway is not measured: no {', no '.join(missing)}", file=sys.stderr)
        return None
    Path(folder, "Calls.java").write_text(JAVA_MAIN)
    subprocess.run(["javac", "-cp", jar, "-d", folder, f"{folder}/Calls.java"], check=True)
    return ["java", "-cp", os.pathsep.join((jar, folder)), "Calls"]


def our_command(server: str | None) -> list[str]:
    if server is None:
        server = os.environ.get("MARTLET_PY4J_TEST_SERVER")
    if server is None:
        server = str(ROOT / ".build/release/Py4JTestServer")
    if not Path(server).exists():
        sys.exit(f"{server} is missing: swift build -c release --product Py4JTestServer")
    return [server, "martlet.benchmark.Calls"]


def rate(gateway: JavaGateway, calls: int) -> float:
    inc: Any = gateway.entry_point.inc
    start = time.perf_counter()
    for number in range(calls):
        inc(number)
    return calls / (time.perf_counter() - start)


def measure(calls: int, pairs: int, server: str | None = None) -> dict[str, list[float]]:
    """Calls per second of each gateway, measured in turn."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        gateways = {"martlet": stack.enter_context(served(our_command(server)))}
        if command := java_command(folder):
            gateways["java"] = stack.enter_context(served(command))
        for gateway in gateways.values():
            # Java's compiler needs some calls to get going.
            rate(gateway, max(calls // 2, 1000))
        results: dict[str, list[float]] = {name: [] for name in gateways}
        for _ in range(pairs):
            for name, gateway in gateways.items():
                results[name].append(rate(gateway, calls))
        return results


def main() -> None:
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000, help="in each measurement")
    parser.add_argument("--pairs", type=int, default=7, help="measurements of each gateway")
    parser.add_argument("--server", help="path of Py4JTestServer, built for release")
    arguments = parser.parse_args()
    results = measure(arguments.calls, arguments.pairs, arguments.server)
    for name, rates in results.items():
        middle = statistics.median(rates)
        print(f"{name:8} {middle:10,.0f} calls/s   {min(rates):,.0f} … {max(rates):,.0f}")
    if "java" in results:
        ratio = statistics.median(results["martlet"]) / statistics.median(results["java"])
        print(f"ratio    {ratio:10.2f}")


if __name__ == "__main__":
    main()
