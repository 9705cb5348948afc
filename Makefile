# make run: the site on http://127.0.0.1:8000. make dev: the same for those who write it. make test: everything. make check: the fast part.
PYTHON ?= python3
BIN = .venv/bin
JOBS ?= 2
# Half of what these take is waiting: for time-outs, for servers that start, for disks.
SLOW_JOBS ?= 2

.PHONY: run dev check lint test test-fast test-slow test-postgresql faults audit audit-pages sbom bench bench-bytes bench-growth bench-spam screenshots lock clean

run: .venv/run.stamp
	@exec $(BIN)/python server.py

# For those who write the site: it starts anew after a change, and open pages load again.
dev: .venv/run.stamp
	@exec $(BIN)/python dev.py

check: lint test-fast

test: lint test-fast test-slow test-postgresql

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml .

test-fast: .venv/dev.stamp
	$(BIN)/pytest -n $(JOBS) tests/guards tests/domain tests/web

test-slow: .venv/dev.stamp
	$(BIN)/pytest -n $(SLOW_JOBS) -rR tests/site tests/mail tests/corpora tests/benchmarks tests/browser tests/faults tests/deploy

test-postgresql: .venv/dev.stamp
	$(BIN)/pytest -n $(JOBS) --engine=postgresql tests/domain tests/web tests/site tests/mail tests/benchmarks

# Ten minutes to half an hour; FAULTS="--seed 7" plays a plan again, FAULTS=--help tells the rest.
faults: .venv/dev.stamp
	$(BIN)/python -m tests.faults $(FAULTS)

# Known weaknesses of what is installed; fails too where the advisories cannot be asked.
audit: .venv/dev.stamp
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.txt

# Lighthouse and the Nu HTML checker; needs Node (npm), Java, nginx and Chromium. OPTIONS="--pages / /blog/" rates these only; OPTIONS="--runs 5" measures, too.
audit-pages: .venv/dev.stamp tests/audit/node_modules/.package-lock.json
	$(BIN)/python -m tests.audit $(OPTIONS)

tests/audit/node_modules/.package-lock.json: tests/audit/package-lock.json
	npm ci --prefix tests/audit --ignore-scripts --no-audit --no-fund
	@touch $@

sbom: .venv/dev.stamp
	@mkdir -p -m 700 instance
	$(BIN)/cyclonedx-py requirements requirements.txt --output-format JSON --output-file instance/sbom.json
	@echo instance/sbom.json

# The site beside an nginx with the same bytes; needs nginx and wrk. OPTIONS="--rounds 5 --seconds 10 --json FILE".
bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks.speed $(OPTIONS)

# What a first view sends over the wire, beside its budget; fails over it.
bench-bytes: .venv/dev.stamp
	$(BIN)/python -m benchmarks.weights

# A million comments take some minutes and 3 GB; OPTIONS="--sizes 1000,100000 --engine postgresql --rounds 3 --json FILE".
bench-growth: .venv/run.stamp
	$(BIN)/python -m benchmarks.growth $(OPTIONS)

# OPTIONS="--no-speed" leaves out what takes the longest, "--learned 10000" makes it shorter; "--no-quality --engine postgresql"
# measures the speed there, in a database of its own beside the one that FLASK_DATABASE_URL names.
bench-spam: .venv/run.stamp
	$(BIN)/python -m benchmarks.spam $(OPTIONS)

screenshots: .venv/dev.stamp
	$(BIN)/python -m tests.browser.screenshots docs/screenshots

lock: .venv/dev.stamp
	$(BIN)/pip-compile $(COMPILE) --output-file=requirements.txt pyproject.toml
	$(BIN)/pip-compile $(COMPILE) --extra=dev --output-file=requirements-dev.txt pyproject.toml
COMPILE = --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
          --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.stamp
