# What one does with the house. `make help` lists it.

PYTHON ?= python3
PORT ?= 8000
# Two processes on the reference machine; PYTEST_FLAGS= runs in one, ARGS="-k admits" narrows.
PYTEST_FLAGS ?= -n auto --dist loadgroup
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: run test check static laws audit bench soak clean help

run: $(READY)  ## start a demo hospital on PORT (8000), made-up patients included
	$(BIN)/medley demo --port $(PORT)

test: $(READY)  ## run the tests on SQLite, PostgreSQL and MariaDB
	$(BIN)/pytest $(PYTEST_FLAGS) $(ARGS)

check: static laws test  ## everything a change must pass: format, lint, types, security, laws, tests

static: $(READY)  ## format, lint, types, security, without running anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit --configfile pyproject.toml --recursive --quiet -ll core plugins

laws: $(READY)  ## the architecture's laws and the generated documentation
	$(BIN)/pytest --quiet tests/architecture

audit: $(READY)  ## ask the advisory database about the libraries (needs the network)
	$(BIN)/pip-audit --requirement requirements.lock --no-deps --disable-pip

bench: $(READY)  ## measure what benchmarks/ promises
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(READY)  ## the tests that take hours
	MEDLEY_SOAK=1 $(BIN)/pytest -m soak $(ARGS)

clean:  ## remove what builds and tests leave, the environment included
	rm -rf .venv build dist medley.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is made again only when the lock or the packaging changed.
$(READY): requirements.lock setup.py
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
