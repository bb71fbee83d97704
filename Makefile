# Everything is installed into .venv, once: a stamp file there says for which pyproject.toml.
# `make PYTHON=python3.12 ...` chooses the interpreter a new .venv is made with.

SHELL := /bin/sh
.NOTPARALLEL:
.DEFAULT_GOAL := help

PYTHONS := python3.13 python3.12 python3.11 python3 python
GOOD := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for one in $(PYTHONS); do "$$one" -c '$(GOOD)' 2>/dev/null && { echo "$$one"; break; }; done)

# Relative on purpose: the path of the project may contain spaces.
VENV := .venv
RUN := $(VENV)/bin/python -m
# Errors only: where an index was looked for is of no interest.
PIP := $(RUN) pip -qq --disable-pip-version-check install
CLIENTS := $(VENV)/antique-clients

# Where this is set, each of the many programs that tests start would be compiled anew, tests themselves with it.
export PYTHONDONTWRITEBYTECODE :=

ARGS ?=

.PHONY: help
help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: venv
venv: $(VENV)/.installed ## install the package into .venv

.PHONY: serve
serve: $(VENV)/.installed ## run a fake daemon: make serve ARGS='-H tcp://127.0.0.1:4243 --fixture default'
	@exec $(RUN) fakedocker serve $(ARGS)

.PHONY: test
test: $(VENV)/.test clients ## run all tests: make test ARGS='-k pull'
	FAKEDOCKER_DOCKER_PY_03="$(CURDIR)/$(CLIENTS)" $(RUN) pytest -n auto --dist worksteal $(ARGS)

.PHONY: lint
lint: $(VENV)/.lint ## check style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

.PHONY: format
format: $(VENV)/.lint ## put the code into its style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

.PHONY: docs
docs: $(VENV)/.installed ## renew the tables of the docs that come from the code
	$(VENV)/bin/python docs/tables.py

.PHONY: conformance
conformance: $(VENV)/.installed ## compare with recorded daemons, if $FAKEDOCKER_V11_RECORDINGS has them
	@.ci/recordings

.PHONY: suites
suites: $(VENV)/.installed ## run client libraries' own tests against a fake daemon: make suites ARGS=aiodocker
	@$(VENV)/bin/python .ci/suites/run $(ARGS)

.PHONY: bench
bench: $(VENV)/.installed ## measure what the docs say about speed
	$(VENV)/bin/python benchmarks/run.py $(ARGS)

# docker-py 0.3.2, a client of the days of API 1.1, and what it needs: in a folder of its own, since its package has
# the name of today's. Without it (no network) the tests that use it are skipped.
.PHONY: clients
clients: $(VENV)/bin/python ## install the old Docker clients that the tests use
	@$(MAKE) --no-print-directory --silent $(CLIENTS)/.installed \
		|| echo "make: the old clients cannot be installed; the tests that use them will be skipped" >&2

.PHONY: clean
clean: ## remove .venv and everything else that was made here
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python: # which interpreter would be used; prints nothing if there is none
	@echo $(PYTHON)

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "make: no Python 3.11 or later with its venv module was found:" \
		"install one (Debian: python3-venv) or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c '$(GOOD)' || { echo "make: $(PYTHON) is not Python 3.11 or later with its venv module" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) -e '.[test,clients]'
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP) -e '.[test,clients,lint]'
	@touch $@

$(CLIENTS)/.installed: .ci/antique-clients.txt | $(VENV)/bin/python
	@rm -rf $(CLIENTS)
	$(PIP) --no-deps --target $(CLIENTS) -r .ci/antique-clients.txt
	@touch $@

# dockerode, the client of Node, for its test.
$(VENV)/dockerode/.installed: | $(VENV)/bin/python
	npm install --silent --no-audit --no-fund --no-package-lock --prefix $(VENV)/dockerode dockerode@4
	@touch $@
