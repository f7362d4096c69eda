# Sekisho's daily commands. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The Python that makes the environment; everything else runs in it.
PYTHON3 ?= python3
PYTHON := .venv/bin/python
STAMP := .venv/.sekisho-stamp
ARGS ?=

.PHONY: help setup demo up test pictures ci format format-check container-check lint types imports migrations-check docs-check lock messages bench

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make or refresh the environment in .venv
	@PYTHON3="$(PYTHON3)" .ci/setup

demo: setup ## Start everything with sample data, serve until Ctrl-C (ARGS=--once ends after the table)
	@$(PYTHON) manage.py demo $(ARGS)

up: setup ## Start PostgreSQL, Redis, web, worker and beat on .data/
	@$(PYTHON) manage.py up $(ARGS)

test: setup ## Run the tests on a PostgreSQL and Redis of their own (ARGS="-k name")
	@$(PYTHON) -m pytest $(ARGS)

pictures: setup ## Take the README's pictures anew from the morning of the browser tests
	@REQUIRE_BROWSER=1 PICTURES="$(CURDIR)/docs/pictures" $(PYTHON) -m pytest -q tests/browser/test_morning.py

ci: format-check lint types imports migrations-check docs-check container-check test ## All that must be clean before a change lands

format: setup ## Format the code
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

format-check: setup
	@echo "== format" && .venv/bin/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }

lint: setup
	@echo "== lint" && .venv/bin/ruff check --quiet .

types: setup
	@echo "== types" && .venv/bin/mypy .

imports: setup
	@echo "== imports" && .venv/bin/lint-imports

# It asks the database for what was applied where there is one; here there need not be.
migrations-check: setup
	@echo "== migrations" && $(PYTHON) -W "ignore:Got an error checking a consistent:RuntimeWarning" \
	    manage.py makemigrations --check --dry-run

docs-check: setup
	@echo "== docs" && $(PYTHON) .ci/requirements.py --check && $(PYTHON) manage.py docs --check

container-check: setup
	@echo "== containers" && .venv/bin/hadolint Dockerfile && \
	    .venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml

lock: setup ## Compile requirements/*.txt from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(PYTHON) .ci/requirements.py $(ARGS)

messages: setup ## Collect and compile the translated texts
	@$(PYTHON) manage.py makemessages --all --no-obsolete && .ci/messages

bench: setup ## Measure (writes bench/results.json)
	@$(PYTHON) -m bench $(ARGS)
