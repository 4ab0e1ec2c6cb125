# Each target is the command that CI runs. Tools are pinned and live in build/bin.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

BIN := $(CURDIR)/build/bin
NPM := $(CURDIR)/build/npm
OPENAI := $(CURDIR)/build/openai
GOLANGCI_LINT := v2.11.4
BUF := v1.50.0

# Every binary but the relayer links libsecp256k1 through the SDK and knows
# Ledger devices. go-ethereum embeds another copy of the library, so its users
# are built and tested without the tags.
TAG := libsecp256k1_sdk,ledger
UNTAGGED_DIRS := relayer cmd/cupel-relayer scripts/demo scripts/localnet scripts/e2e-mirror
UNTAGGED := $(foreach d,$(UNTAGGED_DIRS),./$(d)/...)
TAGGED := go list ./... | grep -v -E '^[^/]+/[^/]+/[^/]+/($(subst $() ,|,$(UNTAGGED_DIRS)))(/|$$)'
RACE := ./app/... ./x/... ./worker/... ./cmd/cupeld/attestor/...

# A release is built with BUILDFLAGS=-trimpath. Not here: the tests would then
# compile every package a second time.
BUILDFLAGS ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
SDKVERSION := github.com/cosmos/cosmos-sdk/version
ldflags = -X $(SDKVERSION).Name=cupel -X $(SDKVERSION).AppName=$(1) -X $(SDKVERSION).Version=$(VERSION) \
	-X $(SDKVERSION).Commit=$(COMMIT) -X $(SDKVERSION).BuildTags=$(2)

.PHONY: build test test-race fuzz lint proto proto-check arch demo localnet e2e-mirror e2e-worker bench load adversary clean tools npm contract contract-check

build: ## cupeld, cupel-worker and cupel-relayer into build/
	go build $(BUILDFLAGS) -tags $(TAG) -ldflags '$(call ldflags,cupeld,$(TAG))' -o build/ ./cmd/cupeld
	go build $(BUILDFLAGS) -tags $(TAG) -ldflags '$(call ldflags,cupel-worker,$(TAG))' -o build/ ./cmd/cupel-worker
	go build $(BUILDFLAGS) -ldflags '$(call ldflags,cupel-relayer,)' -o build/ ./cmd/cupel-relayer

test: tools ## vet and the tests of a pull request
	pkgs=$$($(TAGGED)); go vet -tags $(TAG) $$pkgs; go test -tags $(TAG) -timeout 40m $$pkgs
	go vet $(UNTAGGED)
	go test -timeout 40m $(UNTAGGED)
	go test ./testutil/signature # both builds accept the same signatures
	go test -tags $(TAG),cupelcrash ./worker/journal ./cmd/cupeld/attestor/... # what is on disk after a kill

test-race: ## the tests of what runs concurrently, under the race detector
	go test -race -tags $(TAG) -timeout 30m $(RACE)

# FUZZTIME is for each target. ARGS=-list lists them, ARGS=FuzzRecord runs one.
FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME
	go run ./scripts/fuzz -time $(FUZZTIME) -tags $(TAG) -untagged '$(UNTAGGED_DIRS)' $(ARGS)

lint: $(BIN)/golangci-lint
	$(BIN)/golangci-lint run --allow-parallel-runners --build-tags $(TAG) $(addprefix ./,$(addsuffix /...,$(wildcard app x worker cmd/cupeld cmd/cupel-worker cmd/internal scripts/protogen scripts/fuzz scripts/load testutil)))
	$(BIN)/golangci-lint run --allow-parallel-runners $(UNTAGGED)

proto: ## Go code and REST documentation from proto/
	go run ./scripts/protogen -swagger app/docs/swagger.json

proto-check: proto $(BIN)/buf ## what is committed is what proto/ says, and breaks nobody
	git diff --exit-code -- '*.pb.go' '*.pb.gw.go' app/docs/swagger.json
	@test -z "$$(git ls-files --others --exclude-standard -- '*.pb.go' '*.pb.gw.go')" || \
		{ echo 'generated files are not committed: git add them'; exit 1; }
	go run ./scripts/protogen -deps build/proto-deps
	$(BIN)/buf lint proto
	@base=$$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse -q --verify HEAD~1 || true); \
	if [ -n "$$base" ] && git cat-file -e $$base:proto 2>/dev/null; then \
		rm -rf build/proto-base && mkdir -p build/proto-base && \
		git archive $$base proto buf.yaml | tar -x -C build/proto-base && \
		mkdir -p build/proto-base/build && cp -r build/proto-deps build/proto-base/build/ && \
		$(BIN)/buf breaking proto --against build/proto-base/proto; \
	else echo 'no base with protos: nothing to break'; fi

arch: ## who may import whom
	go test -count=1 ./testutil/arch/

demo: build ## a chain, four workers and one job from submit to settled, on this machine
	go run ./scripts/demo

localnet: build tools ## four validators, four workers, two mirrors until Ctrl-C; ARGS=-help lists the flags
	@go build -o $(BIN)/localnet ./scripts/localnet
	@exec $(BIN)/localnet $(ARGS)

e2e-mirror: build npm ## four attestors, 200 settlements, both mirrors, a relayer killed at every step
	@go build -o $(BIN)/e2e-mirror ./scripts/e2e-mirror
	@CUPEL_SCALE=$${CUPEL_SCALE:-full} $(BIN)/e2e-mirror $(ARGS)

e2e-worker: build ## container and Slurm jobs settled, workers killed, attempts to escape, a soak; needs root, docker.io, slurm-wlm
	@go build -tags $(TAG) -o $(BIN)/e2e-worker ./scripts/e2e-worker
	@CUPEL_SCALE=$${CUPEL_SCALE:-full} $(BIN)/e2e-worker $(ARGS)

bench: ## settled tasks/s and MsgSend/s of the same app, blocks, bytes, checkpoints, latency; CUPEL_SCALE=pr is short
	CUPEL_SCALE=$${CUPEL_SCALE:-full} go run -tags $(TAG) ./testutil/bench $(ARGS)

load: ## requesters and simulated providers at rising rates against a network; ARGS=-help lists the flags
	go run -tags $(TAG) ./scripts/load $(ARGS)

adversary: ## bots that want more than their share, 2,000 tasks each, against the real application; ARGS='-bots sleeper' plays one
	@CUPEL_SCALE=$${CUPEL_SCALE:-full} go run -tags $(TAG) ./testutil/adversary $(ARGS)

contract: $(NPM)/.stamp ## bindings and code of CupelMirror.sol
	go run ./relayer/evm/contract/gen

contract-check: $(NPM)/.stamp ## what is committed is what CupelMirror.sol compiles to
	rm -rf build/contract/gen && mkdir -p build/contract/gen
	go run ./relayer/evm/contract/gen -out build/contract/gen
	@for f in mirror.go runtime.go; do cmp relayer/evm/contract/$$f build/contract/gen/$$f || \
		{ echo "$$f is not what CupelMirror.sol compiles to: run 'make contract' and commit"; exit 1; }; done

# Tests that need Node's tools are skipped where there is no Node.
tools:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory npm; else echo 'SKIP what needs anvil, forge or LiteSVM: Node is not installed'; fi

npm: $(NPM)/.stamp $(OPENAI)/.stamp ## solc, forge, anvil, litesvm and OpenZeppelin into build/npm, OpenAI's client and llama.cpp into build/openai

clean:
	rm -rf build

$(BIN)/golangci-lint:
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)

$(BIN)/buf:
	GOBIN=$(BIN) go install github.com/bufbuild/buf/cmd/buf@$(BUF)

# No package runs a script of its own: the tools are found where they lie.
$(NPM)/.stamp: relayer/package.json relayer/package-lock.json relayer/.npmrc
	mkdir -p $(NPM)
	cp relayer/package.json relayer/package-lock.json relayer/.npmrc $(NPM)/
	cd $(NPM) && npm ci --ignore-scripts
	touch $@

# Not ci: the lock names llama.cpp for this platform alone, ci wants all of them.
$(OPENAI)/.stamp: testutil/openai/package.json testutil/openai/package-lock.json testutil/openai/.npmrc
	mkdir -p $(OPENAI)
	cp testutil/openai/package.json testutil/openai/package-lock.json testutil/openai/.npmrc $(OPENAI)/
	@if [ "$$(uname -sm)" = 'Linux x86_64' ]; then cd $(OPENAI) && npm install --ignore-scripts --omit=optional; \
		else echo "SKIP OpenAI's client and llama.cpp: they are installed on Linux x86_64 only"; fi
	touch $@
