# `make` alone prints what can be made.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-system check reference clean

BIN := .venv/bin
PAGES := tools/make_reference.py tools/make_settings_reference.py
MIGRATIONS := $(wildcard supabase/migrations/*.sql)

help:  ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Fill .venv from the lock file (Python 3.11+; PYTHON=... chooses one).
	@PYTHON="$(PYTHON)" sh tools/setup.sh

demo: setup  ## Start the product with an invented class (ARGS=--once: no browser; ARGS=--reset: anew).
	@$(BIN)/learning-worker demo $(ARGS)

test: setup  ## Run every test that needs nothing but Python packages.
	$(BIN)/pytest -q -n 2

test-system: setup  ## Run the tests that need a browser, strace and shellcheck; installs them when root.
	sh tools/system-packages.sh
	UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv sync --quiet --frozen --inexact --group system
	$(BIN)/pytest -q -m system

check: setup  ## Lint, types, import directions, migrations, house rules, generated pages.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(if $(MIGRATIONS),$(BIN)/squawk --pg-version 15 --assume-in-transaction \
	  --exclude prefer-bigint-over-int$(,)require-statement-timeout $(MIGRATIONS))
	$(BIN)/pytest -q tests/unit/test_house_rules.py
	@for page in $(PAGES); do $(BIN)/python $$page --check || exit 1; done

reference: setup  ## Write the generated pages (settings, metrics, error codes, schemas, .env.example).
	@for page in $(PAGES); do $(BIN)/python $$page || exit 1; done

clean:  ## Remove environments and caches; the demo's data stays.
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

, := ,
