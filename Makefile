# submitter: the intake of a course's submission system. `make` lists its commands.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PORT ?= 4566
FUZZ_CASES ?= 100000
FUZZ_PROGRAMS ?= 5000
# Or tofu. PROVIDER_VERSION, such as ~> 6.0, chooses one of the accepted releases of the provider.
export TERRAFORM ?= terraform

EXECUTOR := scripts/localstack_process_executor
RUN := .venv/bin/python
PYTHON_FILES := lambda scripts tests
export PYTHONPATH := $(CURDIR)/scripts:$(CURDIR)/$(EXECUTOR):$(CURDIR)/lambda

# Tools obey the user's settings. Settings of sources, caches and proxies stay; those that would change a command's
# result are dropped (docs/operating.md lists them). scripts/run_installer.py does the same for pip and uv.
KEPT_SETTINGS := PYTHON PYTHONPATH PYTHONDONTWRITEBYTECODE PYTHONIOENCODING PYTHONUTF8 PYTHONUNBUFFERED \
	TF_ENCRYPTION TF_HTTP_% TF_IN_AUTOMATION TF_LOG% TF_PLUGIN_CACHE_% TF_PROVIDER_% TF_REGISTRY_% TF_TOKEN_%
# Only if the file exists: OpenTofu warns of a missing one on standard output, in front of the JSON.
KEPT_SETTINGS += $(shell [ ! -f "$$TF_CLI_CONFIG_FILE" ] || echo TF_CLI_CONFIG_FILE)
DROPPED_SETTINGS := $(filter-out $(KEPT_SETTINGS),$(filter PYTHON% TF_% \
	BC_API_KEY MYPYPATH PYTEST_DISABLE_PLUGIN_AUTOLOAD SHELLCHECK_OPTS,$(.VARIABLES)))
unexport $(DROPPED_SETTINGS)

ENVIRONMENT_FOLDERS := .venv .venv-lambda .venv-localstack .venv-ministack .venv-sandbox .venv-checks

# Environments have absolute paths in them. A moved one, or one whose Python is gone, is created again when needed.
.PHONY: $(shell for folder in $(ENVIRONMENT_FOLDERS); do [ ! -e $$folder/complete ] || \
	{ [ -x $$folder/bin/python ] && [ "$$(cat $$folder/complete)" = "$$(pwd -P)" ]; } || echo $$folder/complete; done)

ENVIRONMENTS := .venv/complete .venv-localstack/complete .venv-lambda/complete

##@ Try it

.PHONY: demo
demo: $(ENVIRONMENTS) sandbox ## Send the specification's example through a temporary stack, and print its result
	@$(RUN) -m emulation demo

.PHONY: up
up: $(ENVIRONMENTS) $(if $(GRADING),sandbox) ## Start the stack on an emulator and leave it running (PORT=4566, GRADING=1)
	@$(RUN) -m emulation up --port $(PORT) $(if $(GRADING),--grading)

.PHONY: down
down: .venv/complete ## Stop the stack of `make up`, and remove it (PORT=4566)
	@$(RUN) -m emulation down --port $(PORT)

##@ Build it

.PHONY: package
package: .venv/complete sandbox ## Write the functions' zips into build/, which Terraform uploads
	@$(RUN) scripts/package_function.py

.PHONY: sandbox
sandbox: .venv-sandbox/complete ## Build the sandbox's component, and compile it ahead; once for its sources
	@.venv-sandbox/bin/python scripts/build_sandbox.py $(if $(filter sandbox,$(MAKECMDGOALS)),,>/dev/null)

##@ Check it

.PHONY: check
check: .venv/complete .venv-lambda/complete ## Run the quick checks: format, lint, types, unit tests; under a minute
	@$(MAKE) $(SIDE_BY_SIDE) lint-python lint-types test-unit

.PHONY: test
test: lint test-unit test-sandbox test-plan test-stacks ## Run all checks, in minutes: lint and each test-...

# In one run, so that some tests work while the provider waits for another test's stack.
.PHONY: test-stacks
test-stacks: $(ENVIRONMENTS) .venv-ministack/complete sandbox
	$(RUN) -m pytest tests/faults tests/shipping tests/local tests/access --numprocesses 10 --dist loadgroup

# The largest storms and courses, regradings, restarts of everything, rare interruptions, long fuzz, broken policies.
.PHONY: test-nightly
test-nightly: $(ENVIRONMENTS) .venv-ministack/complete sandbox test-pages fuzz mutate-policies ## Run the tests that are too slow for every change
	$(RUN) -m pytest tests -m nightly --numprocesses 4 --dist loadgroup

LINTS := lint-checkov lint-python lint-types lint-terraform lint-shell lint-workflows
# Two at a time, with each one's output in one piece if this make can do that.
SIDE_BY_SIDE := --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.PHONY: lint
lint: .venv/complete .venv-checks/complete ## Check formats, style, types, security, shell scripts, workflows and Terraform
	@$(MAKE) $(SIDE_BY_SIDE) $(LINTS)

.PHONY: $(LINTS)
$(LINTS): .venv/complete
lint-checkov lint-shell lint-workflows: .venv-checks/complete

lint-python:
	$(RUN) -m ruff format --check $(PYTHON_FILES)
	$(RUN) -m ruff check $(PYTHON_FILES)

lint-types:
	$(RUN) -m mypy $(PYTHON_FILES)

lint-terraform:
	$(RUN) -m emulation validate
	$(RUN) -m terraform_reference check
	"$$TERRAFORM" fmt -check -recursive terraform

lint-checkov:
	.venv-checks/bin/checkov --config-file .checkov.yaml

lint-shell:
	.venv-checks/bin/shellcheck --norc scripts/*.sh .ci/run

lint-workflows:
	.venv-checks/bin/zizmor --offline --quiet .github/workflows

# Not part of lint, because building the tools takes minutes without Go's cache. CI runs it for every change.
# actionlint runs shellcheck on the workflows' scripts. Named files, so that it also works outside a repository.
.PHONY: lint-go
lint-go: .venv-checks/complete ## Check Terraform with tflint and workflows with actionlint, which Go builds first
	sh scripts/go_tool.sh github.com/terraform-linters/tflint v0.64.0 --config="$$PWD/.tflint.hcl" --chdir=terraform --recursive
	sh scripts/go_tool.sh github.com/rhysd/actionlint/cmd/actionlint v1.7.12 \
		-shellcheck .venv-checks/bin/shellcheck .github/workflows/*.yml

# Not part of lint, because it asks PyPI, whose answer changes from day to day.
.PHONY: audit
audit: .venv-checks/complete ## Find known vulnerabilities in the packages of the functions and the tool; asks PyPI
	.venv-checks/bin/pip-audit --disable-pip --require-hashes --progress-spinner off \
		--requirement requirements/lambda.txt --requirement requirements/project.txt --requirement requirements/sandbox.txt

.PHONY: test-unit
test-unit: .venv/complete .venv-lambda/complete ## Test each part by itself, in seconds
	$(RUN) -m pytest tests/unit --numprocesses 3

.PHONY: test-sandbox
test-sandbox: .venv/complete sandbox ## Run hostile and well-behaved programs in the sandbox
	$(RUN) -m pytest tests/sandbox tests/hostile --numprocesses 2

.PHONY: test-plan
test-plan: .venv/complete ## Run Terraform's own tests: its plans, and the settings it refuses; without AWS
	@$(RUN) -m emulation test-plan

.PHONY: test-local
test-local: $(ENVIRONMENTS) sandbox ## Test the whole flow: real Terraform, zip and queue, on an emulator
	$(RUN) -m pytest tests/local --numprocesses 4 --dist loadgroup

.PHONY: test-faults
test-faults: $(ENVIRONMENTS) sandbox ## Break things while submissions arrive, repair them, and count what is lost (nothing)
	@echo "Each fault's result is shown at the end"
	$(RUN) -m pytest tests/faults --numprocesses 2 --dist loadgroup

.PHONY: fuzz
fuzz: .venv/complete sandbox ## Run other events and programs each time (FUZZ_CASES=100000 FUZZ_PROGRAMS=5000)
	FUZZ_CASES=$(FUZZ_CASES) $(RUN) -m pytest tests/unit/submission_intake/test_handler_fuzz.py --timeout 0
	FUZZ_CASES=$(FUZZ_PROGRAMS) $(RUN) -m pytest tests/hostile/test_fuzz.py --timeout 0

.PHONY: test-shipping
test-shipping: $(ENVIRONMENTS) .venv-ministack/complete sandbox ## Test deploying from an empty account, and upgrading from the last release
	$(RUN) -m pytest tests/shipping --numprocesses 2 --dist loadgroup

.PHONY: test-pages
test-pages: .venv/complete .browser/complete ## Test the pages for staff and students in headless Chromium, which npm installs
	$(RUN) -m pytest tests/pages

ACCESS := .venv/complete .venv-lambda/complete .venv-ministack/complete

.PHONY: test-access
test-access: $(ACCESS) ## Test each principal's rights, on an emulator that enforces policies
	$(RUN) -m pytest tests/access

.PHONY: mutate-policies
mutate-policies: $(ACCESS) ## Break every statement of every policy, and list what test-access does not notice
	PYTHONPATH="$$PYTHONPATH:tests" $(RUN) -m access.mutate_policies $(POLICIES)

##@ Measure it

# All measurements, or MEASUREMENTS="cold_start cost". QUICK=1 tries them and saves nothing.
.PHONY: bench
bench: $(ENVIRONMENTS) sandbox ## Measure time and cost against the alternatives; writes docs/performance.md
	@$(RUN) -m performance measure $(if $(QUICK),--quick) $(MEASUREMENTS)

##@ Ship it

# Each environment has its own data folder, so that no command uses another one's state.
ENVIRONMENT ?= dev
# Paths start in Terraform's folder, because Terraform runs there.
TERRAFORM_DATA = build/terraform/$(ENVIRONMENT)
TERRAFORM_ON = TF_DATA_DIR="../$(TERRAFORM_DATA)" "$$TERRAFORM" -chdir=terraform
# If a team committed checksums, use them.
LOCKED := $(if $(wildcard terraform/.terraform.lock.hcl),-lockfile=readonly)
PLAN = build/plans/$(ENVIRONMENT)
ALLOWED := terraform/allowed_changes.toml
GUARD = $(RUN) -m plan_guard "$(PLAN).json" --title "$(ENVIRONMENT)" --summary "$(PLAN).md"
NOT_USED := $(sort $(filter TF_%,$(DROPPED_SETTINGS)))

# Terraform also installs providers that the state names, and a plan would run them with this shell's credentials.
define REFUSE_OTHER_PROVIDERS
others=$$(find "$(TERRAFORM_DATA)/providers" -mindepth 3 -maxdepth 3 \
	! -path '*/providers/registry.terraform.io/hashicorp/aws' \
	! -path '*/providers/registry.opentofu.org/hashicorp/aws' 2>/dev/null | sed 's,.*/providers/,,'); \
	[ -z "$$others" ] || { rm -rf "$(TERRAFORM_DATA)/providers"; \
		echo "error: the state of $(ENVIRONMENT) names providers that this configuration does not use:" $$others. \
			"None of them was run. Find out who wrote the state before you plan." >&2; exit 2; }
endef

.PHONY: environment
environment:
	@[ -f "terraform/environments/$(ENVIRONMENT).tfvars" ] || { \
		echo "error: terraform/environments/$(ENVIRONMENT).tfvars does not exist. Set ENVIRONMENT=... to one of:" \
			$(basename $(notdir $(wildcard terraform/environments/*.tfvars))) >&2; exit 2; }
	@[ -n "$$STATE_BUCKET" ] || { \
		echo "error: STATE_BUCKET is not set. Set it to the bucket of Terraform's state: the output" \
			"state_bucket_name of terraform/bootstrap; see docs/operating.md." >&2; exit 2; }
	$(if $(NOT_USED),@echo "notice: not passed on to $(TERRAFORM): $(NOT_USED) (see docs/operating.md)" >&2)
	@mkdir -p build/plans build/terraform
	@$(TERRAFORM_ON) init -input=false -reconfigure $(LOCKED) \
		-backend-config="environments/$(ENVIRONMENT).tfbackend" -backend-config="bucket=$$STATE_BUCKET"
	@$(REFUSE_OTHER_PROVIDERS)

# Two zips of the grader differ in bytes, so what it was made from is compared.
PACKAGES := build/submission_intake.zip build/submission_grader.zip.digest

define WRITE_PLAN_JSON
@$(TERRAFORM_ON) show -json "../$(PLAN).tfplan" > "$(PLAN).json"
endef

# The plan role is read-only, so -lock=false. Terraform does not apply a plan of an older state.
define MAKE_PLAN
@rm -f "$(PLAN).tfplan" "$(PLAN).packages" "$(PLAN).json" "$(PLAN).md"
@$(TERRAFORM_ON) plan -input=false -lock=false -var-file="environments/$(ENVIRONMENT).tfvars" -out="../$(PLAN).tfplan"
$(WRITE_PLAN_JSON)
endef

.PHONY: plan
plan: package environment ## Plan ENVIRONMENT=dev, explain the plan, and stop changes not known to be harmless
	$(MAKE_PLAN)
	@cat $(wildcard $(PACKAGES)) > "$(PLAN).packages"
	@$(GUARD) --allow "$(ALLOWED)"

.PHONY: apply
apply: package environment ## Apply exactly what `make plan` planned, once
	@[ -f "$(PLAN).tfplan" ] || { \
		echo "error: there is no plan for $(ENVIRONMENT). Run: make plan ENVIRONMENT=$(ENVIRONMENT)" >&2; exit 2; }
	@cat $(wildcard $(PACKAGES)) | cmp -s - "$(PLAN).packages" || { \
		echo "error: the functions' sources have changed since the plan for $(ENVIRONMENT)." \
			"Run: make plan ENVIRONMENT=$(ENVIRONMENT)" >&2; exit 2; }
	$(WRITE_PLAN_JSON)
	@$(GUARD) --allow "$(ALLOWED)"
	@$(TERRAFORM_ON) apply -input=false "../$(PLAN).tfplan"
	@rm -f "$(PLAN).tfplan" "$(PLAN).packages"
	@mkdir -p build/stacks && $(TERRAFORM_ON) output -json > build/stacks/$(ENVIRONMENT).json

.PHONY: judge
judge: .venv/complete ## Judge another checkout's plan, such as a pull request's: PLAN=... ALLOWED=...
	@$(GUARD) --allow "$(ALLOWED)"

# Other files than plan's, so that a plan which waits for its apply is kept.
drift drift-issue: PLAN = build/plans/$(ENVIRONMENT).drift

.PHONY: drift
drift: package environment ## Fail if ENVIRONMENT=dev differs from its configuration
	$(MAKE_PLAN)
	@rm -f "$(PLAN).tfplan"
	@$(GUARD) --expect-no-changes

.PHONY: comment
comment: ## Write the result of `make plan` into a comment on PULL_REQUEST=... on GitHub
	@sh scripts/publish_plan.sh comment "$(ENVIRONMENT)" "$(PLAN).md" "$(PULL_REQUEST)"

.PHONY: drift-issue
drift-issue: ## Write the result of `make drift` into an issue on GitHub
	@sh scripts/publish_plan.sh issue "$(ENVIRONMENT)" "$(PLAN).md"

##@ Look after it

.PHONY: format
format: .venv/complete ## Format the sources
	$(RUN) -m ruff format $(PYTHON_FILES)
	$(RUN) -m ruff check --fix $(PYTHON_FILES)
	"$$TERRAFORM" fmt -recursive terraform

.PHONY: reference
reference: .venv/complete ## Write docs/reference.md, and the tool's help in docs/submitter.md
	$(RUN) -m terraform_reference write
	$(RUN) -m command_reference

UV := $(RUN) scripts/run_installer.py uv
COMPILE := $(UV) pip compile --quiet --upgrade --python $(RUN) --python-version 3.13 --generate-hashes --no-header

.PHONY: lock
lock: .venv/complete ## Resolve requirements/*.in into the locked, hashed *.txt
	$(COMPILE) --universal requirements/project.in --output-file requirements/project.txt
	$(COMPILE) --universal requirements/bootstrap.in --constraint requirements/project.txt --output-file requirements/bootstrap.txt
	$(COMPILE) --universal requirements/lambda.in --output-file requirements/lambda.txt
	$(COMPILE) --universal requirements/sandbox.in --output-file requirements/sandbox.txt
	$(COMPILE) --universal requirements/checks.in --output-file requirements/checks.txt
	$(COMPILE) --exclude-newer 2026-03-28 requirements/localstack.in --output-file requirements/localstack.txt
	$(COMPILE) requirements/ministack.in --output-file requirements/ministack.txt

.PHONY: clean
clean: ## Stop every running stack, and remove all files that make created
	@[ ! -f .venv/complete ] || [ ! -x $(RUN) ] || $(RUN) -m emulation down --all
	rm -rf build $(ENVIRONMENT_FOLDERS) .browser .go-tools .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

# Environments: each has the locked packages of one file, and no others.

.venv/complete: requirements/bootstrap.txt requirements/project.txt .python-version pyproject.toml lambda/pyproject.toml
	@sh scripts/create_environment.sh .venv requirements/project.txt . lambda

.venv-localstack/complete: requirements/localstack.txt $(EXECUTOR)/pyproject.toml .venv/complete
	@sh scripts/create_environment.sh .venv-localstack requirements/localstack.txt $(EXECUTOR)

.venv-lambda/complete: requirements/lambda.txt .venv/complete
	@sh scripts/create_environment.sh .venv-lambda requirements/lambda.txt

.venv-sandbox/complete: requirements/sandbox.txt .venv/complete
	@sh scripts/create_environment.sh .venv-sandbox requirements/sandbox.txt

.venv-checks/complete: requirements/checks.txt .venv/complete
	@sh scripts/create_environment.sh .venv-checks requirements/checks.txt

.browser/complete: requirements/browser/package-lock.json scripts/create_browser.sh
	@sh scripts/create_browser.sh

.venv-ministack/complete: requirements/ministack.txt .venv/complete
	@sh scripts/create_environment.sh .venv-ministack requirements/ministack.txt
