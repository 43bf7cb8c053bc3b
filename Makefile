# make run     set up, build, and count the words of a text (INPUT=path for one of your own)
# make test    set up, build, and run every test, Swift and Python
# make bench   measure, in ratios, beside the peers found installed
# make lint    formatting, warnings and types; `make format` mends what can be mended
# make wheel   a wheel with the runtime inside, tried where there is no Swift
# make docs    check that what the documentation names is there
# make clean   remove what was built; .venv and downloaded packages stay

SHELL := /bin/bash -o pipefail
PYTHON ?= python3
INPUT ?= .cache/text.txt
TEXT := .cache/text.txt
# debug: the assertions are on. release: shares the runtime's build.
TEST_CONFIGURATION ?= debug

BIN := .venv/bin
SETUP_PY := cd python && ../$(BIN)/python setup.py -q
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHON

swift_sources := Package.swift $(shell find Sources -type f)
native_sources := $(wildcard python/martlet/_native/*.[ch])

.PHONY: run build test test-swift test-python bench lint format wheel docs clean
.DELETE_ON_ERROR:

run: build $(INPUT)
	@$(BIN)/python examples/word_count.py --input '$(INPUT)'

build: .build/martlet.stamp .venv/native.stamp

# --- what is built, and from what -----------------------------------------------------------------

.venv/setup.stamp: scripts/setup.sh
	@scripts/setup.sh
	@touch $@

# Dependencies, and the package in place. What is compiled has rules of its own below.
.venv/package.stamp: .venv/setup.stamp python/pyproject.toml python/setup.py
	@echo '==> installing the Python package'
	@$(BIN)/pip install -q 'setuptools>=77' wheel
	@MARTLET_SKIP_RUNTIME_BUILD=1 $(BIN)/pip install -q --no-build-isolation -e python/
	@touch $@ .venv/native.stamp

.venv/dev.stamp: .venv/package.stamp
	@echo '==> installing what tests and checks need'
	@$(BIN)/python scripts/requirements.py dev | xargs $(BIN)/pip install -q
	@touch $@

.venv/native.stamp: .venv/package.stamp $(native_sources)
	@echo '==> compiling the C extension'
	@$(SETUP_PY) build_ext --inplace
	@touch $@

.build/martlet.stamp: .venv/package.stamp $(swift_sources)
	@echo '==> building the runtime (minutes the first time)'
	@$(SETUP_PY) build_runtime --inplace
	@touch $@

# The gateway alone, as calls through it are measured.
.build/bench.stamp: .build/martlet.stamp
	@swift build -c release --product Py4JTestServer --static-swift-stdlib
	@touch $@

$(TEXT): | .venv/setup.stamp
	@mkdir -p $(@D)
	@if command -v bible >/dev/null; then \
	    echo '==> the text: the King James Bible'; COLUMNS=80 bible 'Gen1:1-Rev22:21' >$@; \
	else \
	    echo '==> bible-kjv is not installed: the text is that of the GPL, 0.03 MB instead of 4.3'; \
	    cp /usr/share/common-licenses/GPL-3 $@; fi

# --- tests ----------------------------------------------------------------------------------------

# PyFlink's own examples, which the tests run as they are. They are Apache's, so they are fetched:
# the wheel alone, the same for every platform, without the 200 MB that it depends on.
ifndef MARTLET_PYFLINK_HOME
pyflink_examples := .cache/pyflink/examples/datastream/word_count.py
endif

.cache/pyflink/examples/datastream/word_count.py: | .venv/setup.stamp
	@echo "==> fetching PyFlink's examples"
	@mkdir -p .cache && place=$$(mktemp -d) && trap 'rm -rf "$$place"' EXIT && \
	    { $(BIN)/pip download -q --no-deps --only-binary :all: --python-version 3.11 \
	        --platform manylinux2014_x86_64 -d "$$place" apache-flink==2.3.0 && \
	      $(BIN)/python -m zipfile -e "$$place"/*.whl "$$place" || { \
	        echo "PyFlink's examples cannot be fetched, and tests run them:" \
	            "set MARTLET_PYFLINK_HOME to a pyflink package" >&2; exit 1; }; } && \
	    rm -rf .cache/pyflink && mkdir .cache/pyflink && \
	    mv "$$place/pyflink/examples" .cache/pyflink/

test: build .venv/dev.stamp $(TEXT) $(pyflink_examples)
	@$(BIN)/python scripts/run_tests.py --configuration $(TEST_CONFIGURATION) swift python

test-swift: .venv/dev.stamp
	@$(BIN)/python scripts/run_tests.py --configuration $(TEST_CONFIGURATION) swift

test-python: build .venv/dev.stamp $(TEXT) $(pyflink_examples)
	@$(BIN)/python scripts/run_tests.py python

bench: build .venv/dev.stamp .build/bench.stamp $(TEXT)
	@$(BIN)/python benchmarks/run.py $(ARGS)

# --- checks ---------------------------------------------------------------------------------------

SWIFT_FILES := Package.swift Sources Tests benchmarks/WorkerChannel
PYTHON_FILES := python examples benchmarks scripts

lint: .venv/dev.stamp
	@echo '==> swift-format' && swift format lint --strict --recursive --parallel $(SWIFT_FILES)
	@echo '==> ruff' && $(BIN)/ruff format --check -q --config python/pyproject.toml $(PYTHON_FILES) && \
	    $(BIN)/ruff check -q --config python/pyproject.toml $(PYTHON_FILES)
	@echo '==> gcc' && include=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))') && \
	    for source in python/martlet/_native/*.c; do \
	        $(CC) -c -O2 -std=gnu11 -Wall -Werror -fPIC -I"$$include" -o /dev/null $$source || exit 1; \
	    done
	@echo '==> mypy' && cd python && ../$(BIN)/mypy --no-error-summary

format: .venv/dev.stamp
	@swift format --in-place --recursive --parallel $(SWIFT_FILES)
	@$(BIN)/ruff format -q --config python/pyproject.toml $(PYTHON_FILES)
	@$(BIN)/ruff check -q --fix --config python/pyproject.toml $(PYTHON_FILES)

docs: .venv/setup.stamp
	@$(BIN)/python scripts/check_docs.py

# --- packages -------------------------------------------------------------------------------------

wheel: .build/martlet.stamp .venv/native.stamp
	@scripts/make_wheel.sh

clean:
	@rm -rf .build dist python/build python/dist python/*.egg-info python/martlet/_runtime
	@rm -f python/martlet/*.so .venv/*.stamp
	@find python examples benchmarks scripts -name __pycache__ -prune -exec rm -rf {} +
