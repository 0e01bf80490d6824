# Everything a developer types. Each target sets up what it needs; `make help` lists them.

DATA_DIR ?= data
LISTEN ?= 127.0.0.1:8080
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run demo build test test-faults lint format tools bench clean

help: ## this list
	@sed -n 's/^\([a-z-]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: build ## build and start a server; DATA_DIR=… and LISTEN=host:port say where
	.build/release/nightbell serve --data-dir $(DATA_DIR) --listen $(LISTEN) $(ARGS)

demo: build ## build, then show one page and its resolution in a server of its own
	.build/release/nightbell demo $(ARGS)

build: ## build the optimised server, .build/release/nightbell
	@scripts/setup-debian build
	@scripts/quietly swift build -c release --product nightbell

test: ## install what the tests need, lint, build, run the whole suite
	@scripts/test

test-faults: ## kill, fill, cut and slow down real servers, and count what is lost
	@scripts/test-faults

lint: ## check the style that the formatter and the shell know
	@scripts/lint

format: ## put the Swift files into the house's form
	swift format --in-place --parallel --recursive Package.swift Sources Tests

tools: ## install the tests' Python tools into .tools/venv
	@scripts/setup-debian test
	@scripts/setup-tools

bench: ## build and measure: ingestion, first page, restart
	@scripts/setup-debian build test bench
	@scripts/setup-tools
	@scripts/quietly swift build -c release
	benchmarks/run $(ARGS)

clean: ## remove what was built; ./data stays
	rm -rf .build .tools
