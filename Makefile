# make setup | demo | window | test | lint | wheel | clean
# Needs a python3 (3.10 to 3.13) and PyPI, nothing else. Another interpreter: make PYTHON=python3.12 test

PYTHON ?= python3
VENV   ?= .venv
# The release the training tests are run with. On Linux, PyPI's build of it brings the CUDA
# libraries along; with a CPU build at hand, point PIP_FIND_LINKS or PIP_INDEX_URL at it.
TORCH  ?= torch==2.13.0

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

.PHONY: setup demo window test lint wheel clean

# Stamps: an install is repeated only when pyproject.toml has changed.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[dev,train]' '$(TORCH)'
	@touch $@ $(VENV)/.runtime

$(VENV)/.window: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[window,camera,virtual-camera]'
	@touch $@ $(VENV)/.runtime

setup: $(VENV)/.dev

demo: $(VENV)/.runtime
	$(BIN)/unmask-live demo

window: $(VENV)/.window
	$(BIN)/unmask-live

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# By files, side by side: what a file sets up once stays in one process.
test: lint
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

wheel: $(VENV)/.dev
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis unmask-demo
