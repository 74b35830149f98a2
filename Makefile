# The commands of the project. Set-up is automatic: a target that needs the Python environment
# makes it first, once, and again when the locked requirements change.

VENV := .venv
UV_VERSION := 0.13.9
ROOMS := services/api services/ui services/model_server training scraping local

IMAGES := services/api services/ui services/model_server training scraping
VERSION = $(shell sed -n 's/^appVersion: //p' charts/candor/Chart.yaml)
BUILD_IMAGE ?= docker build -t
SAMPLE := training/sample/train.toml

PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
UV_INSTALLED := $(VENV)/.uv-$(UV_VERSION)
RUN_INSTALLED := $(VENV)/.run-installed
DEV_INSTALLED := $(VENV)/.dev-installed

PROJECTS := $(ROOMS:%=%/pyproject.toml)
RUN_REQUIREMENTS := $(foreach room,$(ROOMS),requirements/$(notdir $(room)).txt)
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command "make lock"

.DEFAULT_GOAL := help
# A token of the running product, for training on its export.
CANDOR_HOME ?= .candor
TRAINING_TOKEN ?= $(shell cat $(CANDOR_HOME)/secrets/training-token 2>/dev/null)

# onnxruntime tells Microsoft of its use unless it is asked not to.
export ORT_DISABLE_TELEMETRY := 1

.PHONY: help run token stop refresh publish rollback demo-site test lint format lock bench lap train retrain teach images kind dev test-store test-cluster clean

help:  ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_INSTALLED)  ## Start the whole product; Ctrl-C stops it (UI_PORT=… API_PORT=… and so on)
	@$(VENV)/bin/candor run

token: $(RUN_INSTALLED)  ## Print a new owner's API token (while the product runs)
	@$(VENV)/bin/candor token

stop: $(RUN_INSTALLED)  ## Stop the product from another terminal
	@$(VENV)/bin/candor stop

refresh: $(RUN_INSTALLED)  ## Collect companies and reviews, from the demo site by default (while the product runs)
	@$(VENV)/bin/candor refresh

publish: $(RUN_INSTALLED)  ## Set a trained model live in the running product (MAR=runs/model-store/sentiment.mar)
	@$(VENV)/bin/candor publish $(MAR) $(ARGS)

rollback: $(RUN_INSTALLED)  ## Go back to the model before (REASON="...", while the product runs)
	@$(VENV)/bin/candor rollback $(if $(REASON),--reason "$(REASON)")

demo-site: $(RUN_INSTALLED)  ## Serve a small but nasty review site to practise on (ARGS="--help" for the options)
	@$(VENV)/bin/demo-site $(ARGS)

test: $(DEV_INSTALLED)  ## Run all tests (ARGS="-k word" for some)
	@CHROMIUM="$$(sh local/find_chromium.sh $(PYTHON))" && export CHROMIUM && \
		$(PYTHON) -m pytest $(ARGS)

lint: $(DEV_INSTALLED)  ## Check style and types
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

format: $(DEV_INSTALLED)  ## Format the code
	$(VENV)/bin/ruff check --fix-only
	$(VENV)/bin/ruff format

lock: $(UV_INSTALLED)  ## Pin and hash the dependencies (ARGS=--upgrade for newer ones)
	$(COMPILE) $(ARGS) $(PROJECTS) --group dev --output-file requirements/dev.txt
	for room in $(ROOMS); do \
		$(COMPILE) --constraints requirements/dev.txt $$room/pyproject.toml \
			--output-file requirements/$$(basename $$room).txt || exit 1; \
	done
	$(COMPILE) --constraints requirements/dev.txt training/pyproject.toml --extra teacher \
		--output-file requirements/teacher.txt

bench: $(DEV_INSTALLED)  ## Measure speed, memory and time to ready (ARGS="--help" for the options)
	@$(PYTHON) -m bench $(ARGS)

lap: $(RUN_INSTALLED)  ## Run the whole loop once, on a product of its own; the report is lap.json
	@$(PYTHON) -m bench.lap $(ARGS)

train: export TRAINING_TOKEN := $(TRAINING_TOKEN)
train: RUN ?= runs/$(shell date +%Y%m%d-%H%M%S)
# Not MODEL_STORE itself: a target's own default takes it out of the environment of all others.
train: STORE = $(or $(MODEL_STORE),$(if $(DATA),model-store,runs/model-store))
train: $(RUN_INSTALLED)  ## Train a model and archive it (DATA="a.csv b.parquet"; else a sample)
	$(PYTHON) training/train.py $(if $(DATA),$(DATA:%=--data %),--config $(SAMPLE)) --out $(RUN) $(ARGS)
	$(PYTHON) training/archive.py $(RUN) --out $(STORE)/sentiment.mar
	@echo "Serve it: make publish MAR=$(STORE)/sentiment.mar (while the product runs),"
	@echo "or where nothing has been published yet: make run MODEL_STORE=$(STORE)"

retrain: $(RUN_INSTALLED)  ## Train on what was written and collected; goes live through the gate (while the product runs)
	@$(VENV)/bin/candor retrain

teach: $(RUN_INSTALLED)  ## Fine-tune a large model to teach a small one (ARGS="--help" for the options)
	@sh local/install.sh $(VENV) requirements/teacher.txt
	$(PYTHON) training/teach.py $(ARGS)

images:  ## Build the container images (BUILD_IMAGE="docker build -t")
	for room in $(IMAGES); do \
		$(BUILD_IMAGE) candor/$$(basename $$room | tr _ -):$(VERSION) . -f $$room/Dockerfile || exit 1; \
	done

kind:  ## Make a cluster on this machine, with an ingress controller (needs docker, kind, kubectl, helm)
	kind get clusters | grep -qx candor || kind create cluster --config k8s/kind/cluster.yaml --wait 2m
	helm --kube-context kind-candor upgrade --install traefik traefik -n traefik --create-namespace \
		--repo https://traefik.github.io/charts -f k8s/kind/traefik.yaml --wait

dev:  ## Install what is here on the current cluster, and keep it at what is saved (needs skaffold)
	skaffold dev -n candor --port-forward=user --watch-poll-interval=200 $(ARGS)

test-store:  ## Build the image that test-cluster wants besides: a server that speaks S3
	$(MAKE) images IMAGES=tests/cluster/store

test-cluster: $(DEV_INSTALLED)  ## Install on the cluster of KUBECONFIG and test there (needs helm, kubectl, images)
	@CHROMIUM="$$(sh local/find_chromium.sh $(PYTHON))" && export CHROMIUM && \
		CLUSTER_TESTS=1 $(PYTHON) -m pytest tests/cluster $(ARGS)

clean:  ## Remove the Python environment and the tools' caches; data in .candor/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find $(ROOMS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV_INSTALLED):
	@sh local/make_venv.sh $(VENV) $(UV_VERSION)
	@touch $@

$(RUN_INSTALLED): $(UV_INSTALLED) $(RUN_REQUIREMENTS) $(PROJECTS)
	@sh local/install.sh $(VENV) $(RUN_REQUIREMENTS) $(ROOMS)
	@touch $@

$(DEV_INSTALLED): $(UV_INSTALLED) requirements/dev.txt $(PROJECTS)
	@sh local/install.sh $(VENV) requirements/dev.txt $(ROOMS)
	@touch $@
