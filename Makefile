# `make serve` builds and serves the sample plugins; `make test` is the whole check; `make package` makes what
# Lambda gets.

CARGO ?= cargo
# Compilers of plugins, installed by `tools/setup.sh languages`.
export PATH := $(CURDIR)/tools/.bin:$(PATH)
WASM = --release --target wasm32-wasip2 --locked

# Settings of a package for Lambda: the processor (x86_64 or arm64), the configuration that names the plugins, and
# whether the function's package holds the bundle or leaves it to a layer (package or layer).
ARCHITECTURE ?= x86_64
CONFIG ?= toolcell.toml
BUNDLE_IN ?= package

$(if $(filter x86_64 arm64,$(ARCHITECTURE)),,$(error ARCHITECTURE=$(ARCHITECTURE): expected x86_64 or arm64))
$(if $(filter package layer,$(BUNDLE_IN)),,$(error BUNDLE_IN=$(BUNDLE_IN): expected package or layer))

# Targets that compile bundles build `toolcell` first, unless TOOLCELL names another one.
ifeq ($(origin TOOLCELL), undefined)
TOOLCELL := target/debug/toolcell
toolcell = build
endif
# They also build the plugins of the repository's own configuration.
ifeq ($(CONFIG), toolcell.toml)
sample_plugins = plugins
endif

.PHONY: help toolchain build plugins fixtures fixtures-js setup serve test conformance compare soak reading-policy matrix fuzz languages bench
.PHONY: profile bench-languages build-time linker bootstrap package build-ToolcellFunction

help:
	@echo 'make serve        serve the sample plugins at http://127.0.0.1:8080/mcp, and build again what changes'
	@echo 'make test         every check: format, lints, tests, official clients, conformance suite, deployment'
	@echo 'make bootstrap    the program that Lambda runs, for this processor, under target/lambda/*/lambda/'
	@echo 'make package      target/package/toolcell-ARCHITECTURE.zip, and the bundle alone as a zip for a layer;'
	@echo '                  ARCHITECTURE=x86_64 or arm64, CONFIG=toolcell.toml, BUNDLE_IN=package or layer'
	@echo 'make conformance  only the official conformance suite'
	@echo 'make compare      only the comparison with rmcp; TOOLCELL_BLESS=1 rewrites the list of differences'
	@echo 'make soak         10,000 invocations of environments that are frozen, killed, and whose clock jumps, and'
	@echo '                  100,000 calls of `toolcell serve`, some of them hostile, cut off or read slowly;'
	@echo '                  1,000 processes killed while they fetch a release, 100,000 flipped bits of one;'
	@echo '                  100,000 calls that keep state, and every way to an address that plugins may not reach;'
	@echo '                  before that, it tries the role of template.yaml with an S3 server that decides by IAM'
	@echo '                  (`make reading-policy`)'
	@echo 'make matrix       hundreds of foreign components, each packed, built, served and called; and calls of a minute'
	@echo '                  by every official client, through proxies with an idle limit of 10 s; what client libraries'
	@echo '                  make of the schemas of tools; their oldest and newest versions'
	@echo 'make fuzz         the fuzzer, for hours: 10,000,000 inputs for each target in fuzz/, FUZZ_RUNS=N for others'
	@echo 'make languages    only new plugins, samples and corners of every language'
	@echo 'make build-time   processor time of a first build, against the commit BASE (default: the one before)'
	@echo 'make bench        measure calls, requests of plugins and cold starts against rmcp, reqwest, a bare hello and the'
	@echo '                  TypeScript SDK, and rewrite the tables of docs/benchmarks.md'
	@echo 'make profile      count instructions, system calls, page faults and bytes of a cold start and of a warm call'

toolchain:
	tools/setup.sh rust

build: toolchain
	$(CARGO) build --locked --package toolcell-cli

plugins: toolchain
	cd plugins && $(CARGO) build $(WASM)

fixtures: toolchain
	cd tests/fixtures && $(CARGO) build $(WASM)

fixtures-js: setup
	tests/conformance-js/build.sh

setup:
	tests/setup.sh

# Serves the samples in Rust at once, and the others as they are built; `tools/setup.sh languages` installs their
# compilers.
serve: build plugins
	PATH="$(CURDIR)/tools/.bin:$$PATH" target/debug/toolcell dev --config plugins/toolcell.toml

# The tests build `toolcell` themselves: with one set of features, the engine is built once.
test: setup plugins fixtures fixtures-js
	tests/all.sh

conformance: setup build fixtures fixtures-js
	tests/with-server.sh tests/conformance/toolcell.toml "$$(tests/node.sh)" tests/conformance/run.mjs
	tests/with-server.sh tests/conformance-js/toolcell.toml "$$(tests/node.sh)" tests/conformance/run.mjs \
		--only input-required-result-

compare: toolchain build fixtures
	$(CARGO) build --locked --manifest-path tests/compare/Cargo.toml
	tests/with-server.sh tests/conformance/toolcell.toml tests/compare/target/debug/compare

# `make test` runs 500 invocations, 600 calls, 50 kills and 500 flips, 800 calls of plugins that keep state, and tries
# 200 addresses. TOOLCELL_SOAK_SEED=N draws others.
soak: export TOOLCELL_SOAK = 10000
soak: export TOOLCELL_SOAK_CALLS = 100000
soak: export TOOLCELL_SOAK_KILLS = 1000
soak: export TOOLCELL_SOAK_FLIPS = 100000
soak: export TOOLCELL_SOAK_STATE_CALLS = 50000
soak: export TOOLCELL_SOAK_STATE_KILLS = 1000
soak: export TOOLCELL_SSRF = all
soak: setup plugins fixtures reading-policy
	$(CARGO) test --locked --workspace --test soak -- --nocapture
	$(CARGO) test --locked --workspace --test state -- interleaved:: killed:: --nocapture
	$(CARGO) test --locked --workspace --test addresses -- matrix:: plugin:: --nocapture

# Asks moto, an S3 server with IAM, whether the role of template.yaml may read its prefix and nothing else.
reading-policy: plugins
	tests/setup.sh moto
	$(CARGO) build --locked --workspace --bins
	TOOLCELL=$(CURDIR)/target/debug/toolcell tests/moto/.venv/bin/python tests/moto/policy_test.py

# `make test` tries some of them. TOOLCELL_MATRIX=TEXT tries those with TEXT in their names.
matrix: export TOOLCELL_MATRIX ?= all
matrix: setup plugins fixtures
	$(CARGO) test --locked --workspace --test foreign -- --nocapture
	$(CARGO) build --locked --workspace --bins
	TOOLCELL_EDGE=serve tests/with-server.sh tests/proxies/whole.toml tests/proxies/run.sh whole
	TOOLCELL_EDGE=lambda tests/with-server.sh tests/proxies/whole.toml tests/proxies/run.sh whole
	tests/setup.sh clients
	tests/clients/converters/run.sh whole
	TOOLCELL_EDGE=serve tests/with-server.sh tests/clients/versions/toolcell.toml tests/clients/versions/run.sh whole
	TOOLCELL_EDGE=lambda tests/with-server.sh tests/clients/versions/toolcell.toml tests/clients/versions/run.sh whole

# FUZZ_TARGETS="request state" fuzzes these alone. `make test` replays the corpus.
fuzz:
	tools/setup.sh fuzz
	fuzz/run.sh $(FUZZ_TARGETS)

languages: setup build
	tests/languages.sh
	tests/samples.sh
	tests/corners.sh

bench:
	benches/run

# Needs valgrind and strace.
profile:
	benches/profile

# Measures a first build of this commit against another one: make build-time BASE=COMMIT
build-time:
	benches/build-time $(BASE)

# Measures plugins in every language, and rewrites the table of docs/languages.md.
bench-languages:
	benches/languages

# Installs zig, which compiles the C in the program that Lambda runs.
linker:
	tools/setup.sh linker

bootstrap: linker
	tools/bootstrap.sh $(patsubst aarch64,arm64,$(shell uname -m))

# Makes a folder with the bundle and the directories that it grants: $(call bundle,FOLDER)
bundle = $(TOOLCELL) build --config $(CONFIG) --target $(patsubst arm64,aarch64,$(ARCHITECTURE)) --out $(1)/bundle && \
	$(TOOLCELL) inspect $(1)/bundle --json | tools/package.py grants --config $(CONFIG) --into $(1)

# Makes the function's folder; `sam build` calls this target by its name.
build-ToolcellFunction: linker $(toolcell) $(sample_plugins)
	program=$$(tools/bootstrap.sh $(ARCHITECTURE)) && install -D -m 755 "$$program" "$(ARTIFACTS_DIR)/bootstrap"
	$(if $(filter layer,$(BUNDLE_IN)),,$(call bundle,"$(ARTIFACTS_DIR)"))

# Makes the same as zips, without SAM.
package: folder = target/package/$(ARCHITECTURE)
package:
	rm -rf $(folder)
	$(MAKE) build-ToolcellFunction ARTIFACTS_DIR=$(folder)/function
	$(call bundle,$(folder)/layer)
	tools/package.py zip --folder $(folder)/function --out target/package/toolcell-$(ARCHITECTURE).zip
	tools/package.py zip --folder $(folder)/layer --out target/package/toolcell-$(ARCHITECTURE)-bundle-layer.zip
