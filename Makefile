# Each recipe is what people and machines both run. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
CARGO ?= cargo

.PHONY: help
help: ## List the recipes.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: dev
dev: ## Run with the demo flags on a store that forgets.
	$(CARGO) run -- --demo --store memory --log-level debug

.PHONY: test
test: packages check unit valkey parity compat contract clients deploy ## Everything: formatting, lints, docs, tests, official SDKs. Installs what it needs.

.PHONY: packages
packages: ## Install Debian packages the tests need (as root; otherwise say which are missing).
	tests/packages

.PHONY: check
check: ## Formatting, lints and documentation, warnings denied.
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

.PHONY: unit
unit: ## All tests of the crate, 200,000 comparisons with the official engine among them.
	$(CARGO) test --locked

.PHONY: parity
parity: ## The admin API compared with the reference's, operation by operation; writes docs/parity.md.
	compat-suite/parity/run

.PHONY: compat
compat: ## Official SDKs against the built server, on the embedded store and on Redis.
	python3 -m unittest discover -s compat-suite/tests
	$(CARGO) build --locked --release
	compat-suite/run
	compat-suite/run --store redis

.PHONY: contract
contract: ## Requests made up from the OpenAPI document: no 5xx, nothing undocumented. Installs schemathesis.
	$(CARGO) build --locked --release
	compat-suite/openapi/run

.PHONY: clients
clients: ## Tools of the admin API against the built server: the Go client that the Terraform provider is built on.
	$(CARGO) build --locked --release
	compat-suite/go-client/run

.PHONY: deploy
deploy: ## The Helm chart linted and rendered, the compose file run as processes.
	$(CARGO) build --locked --release
	tests/deploy/run

.PHONY: valkey
valkey: ## The tests of Redis once more on Valkey, which a Python wheel brings.
	tests/redis/valkey

ROUNDS ?= 200
.PHONY: chaos
chaos: ## Random faults of Redis while nodes write, 200 rounds, and an audit after each. Prints its seed.
	BURGEE_CHAOS_ROUNDS=$(ROUNDS) $(CARGO) test --locked --test redis chaos -- --nocapture

.PHONY: oracle
oracle: ## Ten million comparisons with the official engine.
	ORACLE_PAIRS=10000000 $(CARGO) test --locked --release --test oracle -- --nocapture

.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy wrk; }

.PHONY: bench
bench: wrk ## Throughput as ratios to a bare actix-web handler; start and import time; memory. Needs wrk.
	$(CARGO) bench --locked --bench http

.PHONY: bench-metrics
bench-metrics: wrk ## Reports of usage as a ratio to a bare handler, memory under them, and the cost of a scrape. Needs wrk.
	$(CARGO) bench --locked --bench metrics

.PHONY: bench-redis
bench-redis: packages wrk ## What sharing the flags in Redis costs, beside redis-benchmark. Needs wrk.
	$(CARGO) bench --locked --bench redis

EDGE ?= 20.1.0
.PHONY: bench-edge
bench-edge: ## The same with Unleash Edge from crates.io beside it (compiles it first: minutes).
	$(CARGO) install --locked --no-default-features --root target/edge unleash-edge@$(EDGE)
	EDGE_BIN=$(CURDIR)/target/edge/bin/unleash-edge $(MAKE) bench

.PHONY: bench-engine
bench-engine: ## Time of one evaluation against the official engine.
	$(CARGO) bench --locked --bench engine

.PHONY: docs
docs: ## Write the generated pages again.
	$(CARGO) run -q -- settings-docs > docs/settings.md
