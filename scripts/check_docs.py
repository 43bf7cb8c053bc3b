#!/usr/bin/env python3
"""Check that every relative link in the documentation leads to a file that is there."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def main() -> int:
    broken = 0
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        for number, line in enumerate(page.read_text().splitlines(), start=1):
            for target in LINK.findall(line):
                if "://" not in target and not (page.parent / target).exists():
                    print(f"{page.relative_to(ROOT)}:{number}: there is no {target}")
                    broken += 1
    print(f"{len(pages)} pages, {broken} broken links")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
