# Two commands matter: `make demo` and `make test`. Everything happens in .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The stamp is the proof that exactly these locked packages are installed.
$(VENV)/.stamp: requirements.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("afterword needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked packages into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(VENV)/.stamp

# Analyse the incident that ships with the project, verify the document, and say where to look.
demo: $(VENV)/.stamp
	@$(BIN)/afterword demo

# All tests that this machine can run; those that need a browser or the research data say why they are skipped.
test: $(VENV)/.stamp
	@$(BIN)/python -m pytest -n 2 --dist worksteal

# Queries on every engine, also on a Spark cluster with two workers and behind Spark Connect (some minutes; Java 17 or newer).
test-engines: $(VENV)/.engines
	@AFTERWORD_TEST_ENGINES=full $(BIN)/python -m pytest tests/engines -p no:xdist --durations=5

# What CI runs beside the tests: format, lint, types, direction of imports, sizes.
check: $(VENV)/.stamp
	@$(BIN)/ruff format --check src tests benchmarks tools
	@$(BIN)/ruff check src tests benchmarks tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config .importlinter
	@$(BIN)/python tools/shape.py
	@$(BIN)/python tools/reference.py --check

# Write docs/reference/ again from the code.
reference: $(VENV)/.stamp
	@$(BIN)/python tools/reference.py

# Every parser on bytes that nobody meant, ten minutes each (the tests give each a fraction of a second).
fuzz: $(VENV)/.stamp
	@AFTERWORD_FUZZ_SECONDS=$(or $(SECONDS_EACH),600) $(BIN)/python -m pytest -p no:xdist tests/fuzz

bench: $(VENV)/.stamp
	@$(BIN)/python benchmarks/analyze.py

# Fire drills (Debian, root, after examples/shop/setup.sh): start the shop with its real servers, break it, repair it, collect
# from the live servers, analyse, compare. FAULT is a name, several with commas, or random; results go to DRILLS.
FAULT ?= random
DRILLS ?= /tmp/drills
drill: $(VENV)/.stamp
	@$(PYTHON) examples/shop/drills.py --fault $(FAULT) --out $(DRILLS) $(if $(SEED),--seed $(SEED))

drill-short: $(VENV)/.stamp
	@$(PYTHON) examples/shop/drills.py --fault bad-deploy --seed 1 --out $(DRILLS) --baseline 50 --broken 30 --after 40

# All faults; JOBS at a time, each in a network of its own.
JOBS ?= 2
drills: $(VENV)/.stamp
	@$(PYTHON) examples/shop/drills.py --fault all --seed $(or $(SEED),1) --jobs $(JOBS) --out $(DRILLS) || true
	@$(BIN)/python benchmarks/drill.py $(DRILLS)/results.jsonl

# The evidence of earlier drills, analysed once more.
drills-again: $(VENV)/.stamp
	@$(BIN)/python examples/shop/again.py $(DRILLS) --jobs $(JOBS)
	@$(BIN)/python benchmarks/drill.py $(DRILLS)/results.jsonl

# Real engines and servers for the tests that talk to them (about 1 GB; tests that need them say so where they are absent).
engines: $(VENV)/.engines
$(VENV)/.engines: $(VENV)/.stamp requirements-engines.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-engines.lock
	@touch $@

# Lock the sets of packages, with hashes and without addresses.
lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml requirements-build.in -o requirements-dev.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev --extra engines pyproject.toml requirements-build.in -o requirements-engines.lock

clean:
	rm -rf $(VENV) .afterword afterword-out

.PHONY: fuzz drill drill-short drills drills-again install engines demo test test-engines check reference bench lock clean
