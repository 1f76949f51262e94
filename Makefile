# Everything is set up by these targets: no root, nothing installed by hand. PYTHON picks the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench soak lock clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml
	@echo "upriver: making $(VENV) and installing the service's locked dependencies"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25"  # Debian 12's own can't lock requirements that name extras
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps -e .
	@$(BIN)/python -m compileall -q bot  # an editable install is not compiled, and some machines forbid doing it at the start
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "upriver: installing the locked development tools (a server in a wheel, a JRE in a wheel, Node: some 400 MB once)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

run: $(VENV)/.runtime  ## set up and start the service (a demonstration until an App is configured)
	@$(BIN)/upriver serve $(ARGS)

test: $(VENV)/.dev  ## set up and run every test; fetches PostgreSQL, a browser, Gerrit … through package clients
	@$(BIN)/python -m tests.parts fetch
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -m "not soak" $(ARGS)

check: $(VENV)/.dev  ## the fast checks, under 90 s
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q -m "not slow and not soak" $(ARGS)

bench: $(VENV)/.dev  ## scores and speeds, as tables of figures and ratios
	@$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.dev  ## the long tests (fuzzing, crashes, faults): an hour and more
	@$(PIP) install "atheris>=3" || echo "upriver: no atheris for this interpreter: logs are mangled at random instead"
	@$(BIN)/python -m tests.parts fetch
	@$(BIN)/python -m pytest -m soak --timeout 0 $(ARGS)

lock: $(VENV)/.dev  ## resolve the newest dependencies into requirements/
	@$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements/runtime.txt
	@$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --group dev -o requirements/dev.txt

clean:  ## remove what the targets made
	@rm -rf $(VENV) .cache
