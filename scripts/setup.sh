#!/usr/bin/env bash
# Installs what the build needs and is not there: Debian packages (as root, or with sudo) and a
# virtual environment in .venv. Says what it does, and does nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Succeeds if the Debian package is installed.
installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        stop "installing packages needs root or sudo: $*"
    fi
}

# The log is shown only if the command fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

debian_packages() {
    local wanted=(build-essential git pkg-config zlib1g-dev)
    # What the Swift toolchain itself loads.
    wanted+=(libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2 tzdata)
    # A Python from elsewhere brings its own headers.
    if [[ $(command -v "${PYTHON:-python3}" || echo /usr/bin/python3) == /usr/bin/* ]]; then
        wanted+=(python3 python3-dev python3-venv)
    fi
    local optional=(bible-kjv) missing=() package
    for package in "${wanted[@]}" "${optional[@]}"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    say "installing Debian packages: ${missing[*]}"
    quietly as_root apt-get update -q || say "the package lists are old: apt-get update failed"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends)
    if ! quietly as_root "${install[@]}" "${missing[@]}"; then
        # The text is a nicety; the rest is not.
        missing=()
        for package in "${wanted[@]}"; do
            installed "$package" || missing+=("$package")
        done
        ((${#missing[@]} == 0)) || as_root "${install[@]}" "${missing[@]}"
        for package in "${optional[@]}"; do
            installed "$package" || say "$package cannot be installed: there will be another text"
        done
    fi
}

python_environment() {
    local python=${PYTHON:-python3}
    command -v "$python" >/dev/null || stop "Python 3.11 or later is needed: set PYTHON=…"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Python 3.11 or later is needed, $("$python" --version) is there: set PYTHON=…"
    if ! .venv/bin/python -c '' 2>/dev/null; then
        say "making a virtual environment in .venv"
        rm -rf .venv
        "$python" -m venv .venv
    fi
}

check_swift() {
    command -v swift >/dev/null ||
        stop "Swift 6.3 or later is needed, and swift is not on PATH (see https://www.swift.org/install)"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [[ -n $version ]] || stop "swift does not start: $(swift --version 2>&1 | head -1)"
    [[ $(printf '6.3\n%s\n' "$version" | sort -V | head -1) == 6.3 ]] ||
        stop "Swift 6.3 or later is needed, and this one is $version"
}

if command -v dpkg-query >/dev/null; then
    debian_packages
else
    say "not a Debian system: a C compiler, Python's and zlib's headers and git have to be there"
fi
check_swift
python_environment
