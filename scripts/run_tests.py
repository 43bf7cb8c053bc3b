#!/usr/bin/env python3
"""Run the test suites and close with their counts.

run_tests.py [--configuration debug|release] SUITE...     a suite is `swift` or `python`

Arguments for a suite's own runner come from SWIFT_TEST_ARGS and PYTEST_ARGS. With both suites,
no Python test may be skipped because something is not built (MARTLET_TEST_COMPLETE=1).
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".build" / "reports"


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count(*reports: Path) -> Counts:
    """Count the test cases of JUnit reports."""
    counts = Counts()
    for report in reports:
        if not report.exists():
            continue
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                counts.failed += 1
            elif case.find("skipped") is not None:
                counts.skipped += 1
            else:
                counts.passed += 1
    return counts


def run(command: list[str], directory: Path) -> bool:
    print("==> " + shlex.join(command), flush=True)
    return subprocess.run(command, cwd=directory).returncode == 0


def settle(counts: Counts, succeeded: bool) -> Counts:
    """A runner that failed without naming a test, or ran none, is itself a failure."""
    if counts.failed == 0 and (not succeeded or counts.passed == 0):
        counts.failed = 1
    return counts


def swift(configuration: str) -> Counts:
    # Warnings are errors here, and not where users build: their compiler may know newer ones.
    os.environ["MARTLET_STRICT"] = "1"
    options = ["-c", configuration]
    if not run(["swift", "build", "--build-tests", *options], ROOT):
        return settle(Counts(), False)
    report = REPORTS / "swift.xml"
    extra = shlex.split(os.environ.get("SWIFT_TEST_ARGS", ""))
    # One after the other: on few cores, side by side they would only wait for each other, some of
    # them for longer than they may.
    command = ["swift", "test", "--skip-build", "--no-parallel", *options]
    succeeded = run([*command, "--xunit-output", str(report), *extra], ROOT)
    # Swift Testing writes beside the report of XCTest.
    return settle(count(report, report.with_stem("swift-swift-testing")), succeeded)


def python() -> Counts:
    report = REPORTS / "python.xml"
    extra = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    succeeded = run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *extra],
                    ROOT / "python")  # fmt: skip
    return settle(count(report), succeeded)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="+", choices=["swift", "python"])
    parser.add_argument("--configuration", choices=["debug", "release"], default="debug")
    args = parser.parse_args()

    REPORTS.mkdir(parents=True, exist_ok=True)
    for report in REPORTS.glob("*.xml"):
        report.unlink()
    lines, total = [], Counts()
    if {"swift", "python"} <= set(args.suites):
        os.environ["MARTLET_TEST_COMPLETE"] = "1"
    for suite in args.suites:
        start = time.monotonic()
        counts = swift(args.configuration) if suite == "swift" else python()
        lines.append(f"{suite:8s}{counts} in {time.monotonic() - start:.0f} s")
        total += counts
    print("", *lines, "", sep="\n")
    print(total, flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
