# The verbs of this repository, the same on a laptop and in CI. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CLUSTER ?= native
NAME ?= demo
UV_VERSION := 0.13.9
# Caches live outside the tree: a clean clone finds what an earlier one built.
export XDG_CACHE_HOME ?= $(HOME)/.cache
TOOLS := $(XDG_CACHE_HOME)/wpclone/tools
UV := $(TOOLS)/uv-$(UV_VERSION)/bin/uv
RUN := $(UV) run --frozen

.PHONY: help
help: ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

$(UV):
	@python3 -m venv $(TOOLS)/uv-$(UV_VERSION) || { apt-get install --yes --quiet python3-venv && python3 -m venv --clear $(TOOLS)/uv-$(UV_VERSION); }
	@$(TOOLS)/uv-$(UV_VERSION)/bin/pip install --quiet --require-hashes --requirement tools/uv-requirements.txt

.venv: $(UV) pyproject.toml uv.lock
	@$(UV) sync --frozen --quiet
	@touch .venv

.PHONY: demo
demo: .venv ## show me: a cluster, a live site, one clone of it (CLUSTER=current: your own cluster)
	@$(RUN) python -m local.demo --cluster $(CLUSTER) --name $(NAME)

.PHONY: demo-down
demo-down: .venv ## take the demo away again
	@$(RUN) python -m local.demo --cluster $(CLUSTER) --name $(NAME) --down

.PHONY: check
check: .venv ## all that needs nothing running: format, lint, types, rooms, generated files, charts
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) yamllint --strict .
	$(RUN) python -m tools.generate --check
	@if command -v cargo-fmt > /dev/null; then cd native && cargo fmt --all --check; fi
	@if command -v cargo-clippy > /dev/null && cargo fetch --quiet --locked --offline --manifest-path native/Cargo.toml 2> /dev/null; then cd native && cargo clippy --offline --quiet --locked --all-targets -- --deny warnings; fi

.PHONY: native
native: .venv ## build the rewriter's engine (Rust 1.63 or newer) for this Python
	@$(RUN) python -m local.native

.PHONY: unit
unit: native ## seconds, offline, no cluster
	$(RUN) pytest tests/unit tests/property tests/golden

.PHONY: test
test: .venv ## all that CI wants: unit, then the real parts on a real cluster
	$(RUN) python -m local build
	$(RUN) pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

.PHONY: acceptance
acceptance: .venv ## an issue's list, literally
	$(RUN) python -m local build
	$(RUN) pytest -m acceptance tests/acceptance

.PHONY: verify
verify: .venv ## regenerate every generated file, fail on a dirty tree
	$(RUN) python -m tools.generate
	@git diff --exit-code

.PHONY: bench
bench: native ## figures into docs/performance.md: the filter beside cat, sed and a database
	$(RUN) python -m bench --write

.PHONY: bench-check
bench-check: native ## small dumps: fail if the filter has become slow or large
	$(RUN) python -m bench --megabytes 40 --times 3 --no-databases --check

.PHONY: clean
clean: ## remove what builds and tests left in the tree
	rm -rf native/target .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .artifacts build dist
