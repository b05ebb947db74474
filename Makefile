# `make` alone lists what there is to do; `make install PYTHON=/path/to/python3.12` picks the interpreter.

bin := .venv/bin
pip := $(bin)/python -m pip install -qq --no-compile

# The environment is .venv and nothing else; one whose interpreter is gone is set up anew.
unexport PYTHONPATH PYTHONHOME
$(shell test -x $(bin)/python || rm -f .venv/.installed .venv/.installed-dev .venv/.installed-docs)

.PHONY: help install demo test bench validate faults notebooks docs licences clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: .venv/.installed ## Set up .venv with what the model needs
	@echo "Ready: $(bin)/ipsc-race --help"

demo: .venv/.installed ## Run the baseline world, draw its figures and print the answer
	$(bin)/ipsc-race warm
	$(bin)/ipsc-race run baseline --runs 1000 --out results/baseline --force

test: .venv/.installed-dev ## Check style, types and behaviour
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/pytest

bench: .venv/.installed ## Time the model beside its peers and in scale, into benchmarks/results.md
	$(bin)/python benchmarks/bench.py

validate: .venv/.installed-dev ## Climb the validation ladder, the long studies included
	$(bin)/pytest -m slow --ignore tests/ladder/test_rungs.py
	$(bin)/ipsc-race validate --full

faults: .venv/.installed-dev ## Try what may happen: mutants of files and commands, flips, kills, two writers, full disks
	$(bin)/python tests/faults scenarios=6000 experiments=2000 overrides=2000
	$(bin)/python tests/faults flips=2000 truncations=200 kills=200 calibrations=20 pairs=50 signals=50
	$(bin)/python tests/faults disks=50 figures=20 caches=50

notebooks: .venv/.installed-dev ## Execute the notebooks anew, on the committed numbers
	$(bin)/python tools/notebooks.py

licences: .venv/.installed ## List what is installed with its licences; build/bill-of-materials.json is for scanners
	@$(bin)/python tools/bill_of_materials.py
	@$(bin)/python tools/bill_of_materials.py --json build/bill-of-materials.json

docs: .venv/.installed-docs ## Build the documentation site, which fails on a dead link
	$(bin)/python -m sphinx -q -W --keep-going -c docs . build/site
	@echo "Open build/site/index.html"

clean: ## Remove .venv, caches and builds; results stay
	rm -rf .venv .python .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made by running candidates, since a python3.12 on PATH may be a shim that fails. Its pip comes with the
# next step, so that an interrupted set-up is taken up where it stopped.
$(bin)/python:
	@python=$$(tools/find_python.sh) && "$$python" -m venv --clear --without-pip .venv

.venv/.installed: $(bin)/python pyproject.toml requirements/install.txt
	@echo "Installing into .venv with $$($(bin)/python --version), half a minute or so ..."
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(bin)/python -m ensurepip --default-pip >/dev/null
	@$(pip) --require-hashes --requirement requirements/install.txt
	@$(pip) --no-deps --no-build-isolation --editable .
	@$(bin)/python -m pip check >.venv/check.log || { cat .venv/check.log; echo "Write requirements/ anew: tools/lock.py"; exit 1; }
	@touch $@

.venv/.installed-dev: .venv/.installed requirements/dev.txt
	@echo "Adding what the tests need ..."
	@$(pip) --require-hashes --requirement requirements/dev.txt
	@touch $@

.venv/.installed-docs: .venv/.installed requirements/docs.txt
	@echo "Adding what the documentation site needs ..."
	@$(pip) --require-hashes --requirement requirements/docs.txt
	@touch $@
