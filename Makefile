# Every command a person or CI needs. Python 3.11 or newer and a package index are all it takes.
PYTHON ?= python3
BIN := .venv/bin
PACKAGES := __main__.py stacks gateway pulumi_railway localcloud benchmarks chaos tests
SERVICE := services/litellm-gateway
PYTEST := $(BIN)/python -m pytest -q
WAITING := engine contract
# Tests of these tiers wait a lot, for sockets, processes, clocks.
WORKERS := -n 4 --dist worksteal
SORTED := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# The tests start a thousand small processes; without its caches each of them compiles what it imports anew.
unexport PYTHONDONTWRITEBYTECODE

# uv reads the system's certificates, and the index that pip is configured for.
export UV_SYSTEM_CERTS := 1
INDEX := $(or $(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
ifneq ($(INDEX),)
export UV_DEFAULT_INDEX := $(INDEX)
endif

.DEFAULT_GOAL := help
.PHONY: help install demo serve test lint types unit contract engine waiting services bench bench-gateway chaos format lock clean

help: ## List the commands
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' \
		'{n = split($$1, names, " "); for (i = 1; i <= n; i++) printf "  make %-13s %s\n", names[i], $$2}'

install: .venv/installed ## Install everything into .venv, from hash-locked requirements

.venv/installed: requirements-dev.txt requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

demo: install ## The whole mission on a local cloud: preview, up, proof, faults, destroy
	@$(BIN)/python -m localcloud.demo

serve: install ## The gateway deployed on a local cloud until Ctrl-C; prints URL, key and curl lines
	@$(BIN)/python -m localcloud.demo --serve

test: lint ## Lint, type-check and run every test
	@$(MAKE) --no-print-directory -j $(SORTED) waiting services unit types

lint: install ## Check style
	$(BIN)/ruff check $(PACKAGES) $(SERVICE)
	$(BIN)/ruff format --check $(PACKAGES) $(SERVICE)

types: install ## Check types, strictly
	$(BIN)/mypy $(PACKAGES) $(SERVICE)/litellm_gateway

waiting: install # The tiers that wait, together
	$(PYTEST) $(WORKERS) $(WAITING:%=tests/%)

$(WAITING): RUN_BY := $(WORKERS)
unit contract engine services: install ## Run one tier of the tests
	$(PYTEST) $(RUN_BY) tests/$@

bench: install ## Measure what the targets are about; writes build/bench/
	$(BIN)/python -m benchmarks

bench-gateway: install ## The gateway's speed beside LiteLLM alone; writes docs/performance.md and its plot
	$(BIN)/python -m benchmarks.gateway --write

chaos: install ## Kill the program at every point, run it again; writes build/chaos/
	@$(BIN)/python -m chaos

format: install ## Format and mend what can be mended
	$(BIN)/ruff format $(PACKAGES) $(SERVICE)
	$(BIN)/ruff check --fix $(PACKAGES) $(SERVICE)

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock: install ## Resolve the requirements anew
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt
	echo 'uv==$(shell $(BIN)/uv --version | cut -d' ' -f2)' | $(COMPILE) - -o requirements-uv.txt
	$(COMPILE) $(SERVICE)/requirements.in -o $(SERVICE)/requirements.txt

clean: ## Remove what was installed and built
	rm -rf .venv build .mypy_cache .pytest_cache .ruff_cache .hypothesis
