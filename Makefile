# submitter: the intake of a course's submission system. `make` lists what it can do.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PORT ?= 4566

EXECUTOR := scripts/localstack_process_executor
RUN := .venv/bin/python
PYTHON_FILES := lambda scripts tests
export PYTHONPATH := $(CURDIR)/scripts:$(CURDIR)/$(EXECUTOR):$(CURDIR)/lambda
export PYTHONDONTWRITEBYTECODE := 1

# Environments know their place by absolute paths: in a checkout that was moved they are made anew.
ifneq ($(wildcard .venv/complete),)
ifneq ($(shell cat .venv/complete),$(CURDIR))
$(shell rm -rf .venv .venv-localstack .venv-lambda .venv-ministack)
endif
endif

ENVIRONMENTS := .venv/complete .venv-localstack/complete .venv-lambda/complete

##@ Try it

.PHONY: demo
demo: $(ENVIRONMENTS) ## Watch the specification's example become a message, on a stack of its own
	@$(RUN) -m embedded_aws demo

.PHONY: up
up: $(ENVIRONMENTS) ## Provision the stack on an embedded AWS and leave it running (PORT=4566)
	@$(RUN) -m embedded_aws up --port $(PORT)

.PHONY: down
down: .venv/complete ## Stop what `make up` started and remove all of it (PORT=4566)
	@$(RUN) -m embedded_aws down --port $(PORT)

##@ Build it

.PHONY: package
package: .venv/complete ## Write build/submission_intake.zip, which terraform apply uploads
	@$(RUN) scripts/package_function.py

##@ Check it

.PHONY: test
test: lint test-unit test-access test-local ## Everything below: what has to pass

.PHONY: lint
lint: .venv/complete ## Formats, style, types, and the Terraform configuration
	$(RUN) -m ruff format --check $(PYTHON_FILES)
	$(RUN) -m ruff check $(PYTHON_FILES)
	$(RUN) -m mypy $(PYTHON_FILES)
	$(RUN) -m embedded_aws validate
	terraform fmt -check -recursive terraform

.PHONY: test-unit
test-unit: .venv/complete .venv-lambda/complete ## The parts by themselves, in seconds
	$(RUN) -m pytest tests/unit

.PHONY: test-local
test-local: $(ENVIRONMENTS) ## The whole flow: real Terraform, zip and queue, on an embedded AWS
	@echo "About four minutes, more than half of them the AWS provider's own waits"
	$(RUN) -m pytest tests/local --numprocesses 4 --dist loadgroup

ACCESS := .venv/complete .venv-lambda/complete .venv-ministack/complete

.PHONY: test-access
test-access: $(ACCESS) ## Who may do what, and nobody else, on an embedded AWS that enforces policies
	$(RUN) -m pytest tests/access

.PHONY: mutate-policies
mutate-policies: $(ACCESS) ## Break every statement of every policy, and see test-access notice
	PYTHONPATH=$(PYTHONPATH):tests $(RUN) -m access.mutate_policies $(POLICIES)

##@ Look after it

.PHONY: format
format: .venv/complete ## Rewrite the sources in the project's format
	$(RUN) -m ruff format $(PYTHON_FILES)
	$(RUN) -m ruff check --fix $(PYTHON_FILES)
	terraform fmt -recursive terraform

COMPILE := .venv/bin/uv pip compile --quiet --upgrade --python-version 3.13 --generate-hashes --no-header

.PHONY: lock
lock: .venv/complete ## Resolve requirements/*.in anew into the locked, hashed *.txt
	$(COMPILE) --universal requirements/project.in --output-file requirements/project.txt
	$(COMPILE) --universal requirements/bootstrap.in --constraint requirements/project.txt --output-file requirements/bootstrap.txt
	$(COMPILE) --universal requirements/lambda.in --output-file requirements/lambda.txt
	$(COMPILE) --exclude-newer 2026-03-28 requirements/localstack.in --output-file requirements/localstack.txt
	$(COMPILE) requirements/ministack.in --output-file requirements/ministack.txt

.PHONY: clean
clean: ## Stop every stack that is up, and remove everything make has made
	@[ ! -x $(RUN) ] || $(RUN) -m embedded_aws down --all
	rm -rf build .venv .venv-localstack .venv-lambda .venv-ministack .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

# Environments: each has the locked packages of one file and no others.

.venv/complete: requirements/bootstrap.txt requirements/project.txt .python-version pyproject.toml lambda/pyproject.toml
	@scripts/create_environment.sh .venv requirements/project.txt . lambda

.venv-localstack/complete: requirements/localstack.txt $(EXECUTOR)/pyproject.toml .venv/complete
	@scripts/create_environment.sh .venv-localstack requirements/localstack.txt $(EXECUTOR)

.venv-lambda/complete: requirements/lambda.txt .venv/complete
	@scripts/create_environment.sh .venv-lambda requirements/lambda.txt

.venv-ministack/complete: requirements/ministack.txt .venv/complete
	@scripts/create_environment.sh .venv-ministack requirements/ministack.txt
