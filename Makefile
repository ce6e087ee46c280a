# Signup Relay. `make` alone lists the targets. Needs Python 3.11 or newer and make; everything else is set up below.

UV_VERSION := 0.13.8
SAM_VERSION := 1.170.0

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run demo test check matrix oldest-python format lint types validate forms build packaging deploy deploy-check snippet sbom chaos simulate bench oldest-boto picture chromium clean

# uv of just this version: the one on PATH, else one of the project's own.
ifndef UV
UV := $(shell uv --version 2>/dev/null | grep -q '^uv $(UV_VERSION) ' && command -v uv \
	|| echo "$(CURDIR)/.tools/uv-$(UV_VERSION)/bin/uv")
endif
export UV

# Tests and the stack start hundreds of Python processes: each would compile everything again. For the same reason
# packages are compiled when they are installed.
unexport PYTHONDONTWRITEBYTECODE

# Run directly rather than by `uv run`, which would look at the lock every time.
PY := .venv/bin/python
# The oldest that pyproject.toml allows; the functions run on RUNTIME_VERSION, see build.mk.
OLDEST_VERSION := 3.11
# Tools with dependencies of their own, kept out of the project's lock (docs/adr/0003).
export SAM_CLI_TELEMETRY := 0
SAM := "$(UV)" tool run --quiet --from aws-sam-cli==$(SAM_VERSION) sam

PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
say = @printf '\n\033[1m==> %s\033[0m\n'

STAGE ?= production

include build.mk

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ── Set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────

setup: .venv/.ready ## Install the locked packages into .venv (the targets below do it by themselves)

.venv/.ready: pyproject.toml uv.lock | $(UV)
	$(say) "Installing the locked Python packages into .venv (a minute the first time)"
	@python="$$(scripts/runtime-python --at-hand $(RUNTIME_VERSION))" && set -- --python "$$python" || set --; \
	"$(UV)" sync --locked --compile-bytecode "$$@"
	@touch $@

.venv-$(OLDEST_VERSION)/.ready: pyproject.toml uv.lock | $(UV)
	$(say) "Installing the locked Python packages for Python $(OLDEST_VERSION) into $(@D)"
	@python="$$(scripts/runtime-python $(OLDEST_VERSION))" && UV_PROJECT_ENVIRONMENT="$(@D)" "$(UV)" sync --locked \
		--compile-bytecode --python "$$python"
	@touch $@

# What Lambda has, and what the peer of `make bench` needs: with byte code, as it is deployed.
.venv-bench/.ready: pyproject.toml uv.lock | $(UV)
	$(say) "Installing Lambda's and the peer's packages into $(@D)"
	@python="$$(scripts/runtime-python $(RUNTIME_VERSION))" && UV_PROJECT_ENVIRONMENT="$(@D)" "$(UV)" sync --locked \
		--no-default-groups --group bench --no-install-project --compile-bytecode --python "$$python"
	@touch $@

$(CURDIR)/.tools/uv-$(UV_VERSION)/bin/uv:
	$(say) "Installing uv $(UV_VERSION), the package manager, into .tools"
	@test -n "$(PYTHON)" || { echo "No Python of 3.11 or newer found. Install one and put it on PATH as python3." >&2; exit 1; }
	@$(PYTHON) -m venv "$(CURDIR)/.tools/uv-$(UV_VERSION)" \
		|| { echo "$(PYTHON) cannot make environments. Debian and Ubuntu: install the package python3-venv." >&2; exit 1; }
	@"$(@D)/pip" install --disable-pip-version-check "uv==$(UV_VERSION)"

# ── The two commands a newcomer needs ─────────────────────────────────────────────────────────────────────────────────

run: .venv/.ready ## Set up, then start the relay on the embedded stack; ARGS='--port 8001' for another port; Ctrl-C ends it
	$(say) "Starting the embedded stack"
	@exec $(PY) -m local $(ARGS)

demo: .venv/.ready ## Set up, then play a story of 500 sign-ups and every kind of trouble; it checks itself; ARGS='--sign-ups 100' for a short one
	@exec $(PY) -m local.demo $(ARGS)

test: .venv/.ready ## Set up, then run the tests; ARGS='-k late_write' chooses some
	$(say) "Running the tests"
	@$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != tuple(map(int, "$(RUNTIME_VERSION)".split("."))))' \
		|| echo "NOTE: there is no Python $(RUNTIME_VERSION) here, which the functions run on: testing with $$($(PY) -V)."
	@$(SELECT); $(PYTEST) -m "not packaging and not matrix$$less" $(COVERAGE) $(ARGS)
	@echo "The tests passed. 'make run' starts the relay; 'make check' is the whole gate."

# Most tests wait for clocks and other processes: two processes per core and one more keep the cores busy.
PROCESSES = $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN) + 1)))
PYTEST = CHROMIUM="$(CHROMIUM)" $(PY) -m pytest -n $(PROCESSES) --dist loadgroup
# Sets `less`, what is left out for want of a browser.
SELECT = less=""; if [ -z "$(CHROMIUM)" ]; then \
		if [ -n "$$REQUIRE_BROWSER" ]; then echo "No Chromium found, and REQUIRE_BROWSER is set: run 'make chromium'." >&2; exit 1; fi; \
		echo "NOTE: no Chromium found, so the browser tests are LEFT OUT. 'make chromium' installs it on Debian and Ubuntu."; \
		less=" and not browser"; \
	fi

# ── The gate ──────────────────────────────────────────────────────────────────────────────────────────────────────────

check: COVERAGE = --cov
check: lint types validate packaging test matrix oldest-python oldest-boto ## The whole gate, as CI runs it
	$(say) "Everything passed"

matrix: .venv/.ready ## Run what `make test` leaves out: every fault at every call, and random ones
	$(say) "Running the rest of the matrices"
	@$(PYTEST) -m matrix $(ARGS)

# Those of whole processes run on the functions' own Python only: they wait for clocks, and the gate has to end in time.
oldest-python: .venv-$(OLDEST_VERSION)/.ready ## Run the tests on the oldest Python that pyproject.toml allows
	$(say) "Running the tests on Python $(OLDEST_VERSION)"
	@$(subst $(PY),.venv-$(OLDEST_VERSION)/bin/python,$(PYTEST)) -m "not packaging and not matrix and not browser" \
		$(addprefix --ignore=tests/,browser guarantees stack) $(ARGS)

format: .venv/.ready ## Format the code and mend what can be mended
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lint: .venv/.ready ## Check format, lint rules and the direction of imports
	$(say) "Checking format, lint rules and import direction"
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports

types: .venv/.ready ## Check types, strictly
	$(say) "Checking types"
	@.venv/bin/mypy

validate: | $(UV) ## Validate and lint the SAM template
	$(say) "Validating template.yaml"
	@$(SAM) validate --lint

forms: .venv/.ready ## Check the form files; FORMS=… is another folder of them
	$(say) "Checking the forms in $(FORMS)"
	@.venv/bin/relay check --forms "$(FORMS)"

build: forms | $(UV) ## Check the forms, then build what is deployed, into .aws-sam/build; needs Python 3.13
	$(say) "Building the functions and their layer"
	@$(SAM) build

packaging: .venv/.ready build ## Build, then test what was built
	$(say) "Testing what was built"
	@$(PY) -m pytest -m packaging tests/packaging

# ── Further jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────

# Stages are sections of samconfig.toml. Asks nothing, so that it runs in a pipeline; region and account are the environment's.
deploy: build ## Build and deploy to AWS; STAGE=staging FORMS=forms-staging choose what and where
	$(say) "Deploying $(STAGE)"
	@$(SAM) deploy --config-env "$(STAGE)" $(ARGS)

deploy-check: .venv/.ready build ## Deploy what was built to a local stand-in for AWS and use it there; keeps SAM's output in test-results
	$(say) "Deploying to the stand-in"
	@$(PY) -m pytest -m packaging tests/deployment $(ARGS)
	@echo "What SAM said is kept in test-results/deploy-check.txt"

snippet: .venv/.ready ## Build the snippet that is served from its source in snippet/
	@$(PY) -m snippet.build

sbom: | $(UV) ## List what the functions ship, as CycloneDX 1.5, in dist/sbom.json
	@mkdir -p dist
	@"$(UV)" export --quiet --locked --no-default-groups --no-emit-project --prune boto3 --format cyclonedx1.5 --output-file dist/sbom.json

chaos: .venv/.ready ## Random faults and kills over all vendors; SEED=… SIGNUPS=… change the run
	$(say) "Breaking things"
	@$(PY) -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SIGNUPS),--size $(SIGNUPS)) $(ARGS)

simulate: .venv/.ready ## Random schedules of faults over the real delivery code, in one process; SECONDS=… SEED=… change the run
	$(say) "Simulating deliveries"
	@$(PY) -m tests.simulate $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: .venv/.ready .venv-bench/.ready ## Measure cold start, sign-ups and the drain beside floor and peer; ARGS='--rounds 3' for a quick look
	$(say) "Measuring; five minutes on a machine with nothing else to do"
	@$(PY) -m benchmarks --python .venv-bench/bin/python $(ARGS)

oldest-boto: .venv/.ready ## Prove that lost answers of DynamoDB do no harm on the oldest boto3 that pyproject.toml allows
	$(say) "Losing answers of DynamoDB with boto3 1.40.0"
	@"$(UV)" run --quiet --locked --isolated --with 'boto3==1.40.0' \
		python -m pytest -q tests/functional/submit/test_lost_answers.py tests/unit/shared/aws $(ARGS)

picture: .venv/.ready ## Take the README's picture of the timeline again, into docs/images; needs Chromium
	@CHROMIUM="$(CHROMIUM)" $(PY) -m tests.browser.readme_picture

chromium: ## Install Chromium for the browser tests (Debian, Ubuntu)
	@command -v apt-get >/dev/null || { echo "No apt-get here: install Chromium or Chrome yourself and put it on PATH." >&2; exit 1; }
	@as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$as_root apt-get update -qq && $$as_root apt-get install -y -qq --no-install-recommends chromium

clean: ## Remove what was built and measured; .venv and .tools stay
	rm -rf .aws-sam build dist htmlcov test-results .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
