#!/usr/bin/env bash
# Packs dist/martlet-*.whl with the built runtime inside, and tries it in an environment of its own
# where no Swift is on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }

say "packing the wheel"
rm -rf python/build dist
MARTLET_SKIP_RUNTIME_BUILD=1 .venv/bin/pip wheel -q --no-deps --no-build-isolation -w dist python/
wheel=$(echo dist/martlet-*.whl)

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

say "trying it without Swift"
# PATH has only the environment and a plain system's folders.
python=$(.venv/bin/python -c 'import sys; print(sys._base_executable)')
"$python" -m venv "$place/venv"
"$place/venv/bin/pip" install -q "$wheel"
printf 'the swallow and the swift\nand the martlet\n' >"$place/text.txt"
cp examples/word_count.py "$place"
(
    cd "$place"
    env -i HOME="$place" LANG=C.UTF-8 PATH="$place/venv/bin:/usr/bin:/bin" bash -c '
        ! command -v swift >/dev/null || { echo "swift is on the plain PATH: nothing is shown" >&2; exit 1; }
        martlet --version
        python word_count.py --input text.txt --top 3'
)

say "what it needs from the system"
packages=$("$place/venv/bin/python" -c 'import martlet, os; print(os.path.dirname(martlet.__file__))')
objdump -p "$packages/_runtime/martlet" | sed -n 's/^ *NEEDED */    /p'
printf '    glibc %s or later\n' "$(objdump -T "$packages/_runtime/martlet" |
    sed -n 's/.*(\?GLIBC_\([0-9.]*\)).*/\1/p' | sort -uV | tail -1)"
say "$wheel, $(du -h "$wheel" | cut -f1); installed with what it needs: $(
    "$place/venv/bin/python" - "$place" <<'PY'
import os, sys, sysconfig
# pip and setuptools came with the environment, not with Martlet.
site, tools = sysconfig.get_path("purelib"), ("pip", "setuptools", "pkg_resources", "_distutils_hack")
size = sum(
    os.lstat(os.path.join(folder, name)).st_size
    for folder, _, names in os.walk(site)
    if not os.path.relpath(folder, site).startswith(tools)
    for name in names
)
print(f"{size / 1e6:.0f} MB")
PY
)"
