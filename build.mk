# What `sam build` calls, one target per resource of template.yaml; SAM sets ARTIFACTS_DIR. See docs/adr/0001.

RUNTIME_VERSION := 3.13
RUNTIME_PLATFORM := aarch64-manylinux2014
# Found when first needed; only the targets below need it.
RUNTIME_PYTHON = $(shell UV="$(UV)" scripts/runtime-python $(RUNTIME_VERSION))
# An unchecked pyc is loaded without a look at its source's time, which unpacking an archive may change.
COMPILE = "$(RUNTIME_PYTHON)" -m compileall -q -j 0 --invalidation-mode unchecked-hash

.PHONY: build-SubmitFunction build-RetryFunction build-SilenceFunction build-DependenciesLayer

# The folder of form files that is deployed; `make deploy FORMS=forms-staging` deploys another one.
FORMS ?= forms
export FORMS

# A release is published when the code has changed. So the code says from what it was made: layer, template, parameters.
build-SubmitFunction build-RetryFunction build-SilenceFunction:
	cp -R functions shared LICENSE "$(ARTIFACTS_DIR)/"
	cp -R "$(FORMS)" "$(ARTIFACTS_DIR)/forms"
	cat uv.lock template.yaml samconfig.toml build.mk | cksum > "$(ARTIFACTS_DIR)/RELEASE"
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
	$(COMPILE) -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"

# The runtime brings boto3 and what only boto3 needs; everything else comes from the lock, as wheels for the runtime's platform.
build-DependenciesLayer:
	"$(UV)" export --quiet --locked --no-default-groups --no-emit-project --prune boto3 --no-header \
		--output-file "$(ARTIFACTS_DIR)/requirements.txt"
	"$(UV)" pip install --quiet --require-hashes --requirement "$(ARTIFACTS_DIR)/requirements.txt" \
		--python-version $(RUNTIME_VERSION) --python-platform $(RUNTIME_PLATFORM) --only-binary :all: \
		--target "$(ARTIFACTS_DIR)/python"
	rm -rf "$(ARTIFACTS_DIR)/python/bin" "$(ARTIFACTS_DIR)/python/.lock"
	$(COMPILE) -s "$(ARTIFACTS_DIR)" -p /opt "$(ARTIFACTS_DIR)/python"
