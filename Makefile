# `make serve` builds everything and serves the sample plugins; `make test` is the whole check.

CARGO ?= cargo
WASM = --release --target wasm32-wasip2 --locked

.PHONY: help toolchain build plugins fixtures setup serve test conformance bench

help:
	@echo 'make serve        build everything and serve the sample plugins at http://127.0.0.1:8080/mcp'
	@echo 'make test         every check: format, lints, tests, official clients, conformance suite'
	@echo 'make conformance  only the official conformance suite'
	@echo 'make bench        measure calls beside rmcp and the TypeScript SDK'

toolchain:
	tests/setup.sh rust

build: toolchain
	$(CARGO) build --locked --package toolcell-cli

plugins: toolchain
	cd plugins && $(CARGO) build $(WASM)

fixtures: toolchain
	cd tests/fixtures && $(CARGO) build $(WASM)

setup:
	tests/setup.sh

serve: build plugins
	target/debug/toolcell serve --config toolcell.toml

# `toolcell` itself is built with the tests: one set of features, one build of the engine.
test: setup plugins fixtures
	tests/all.sh

conformance: setup build fixtures
	tests/with-server.sh tests/conformance/toolcell.toml "$$(tests/node.sh)" tests/conformance/run.mjs

bench:
	benches/run
