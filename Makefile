# Everything here needs Go and make, nothing else: no key and no network beyond
# the Go module proxy. Only local-model wants more: Python, and PyPI.

GO    ?= go
ISF    = $(GO) run ./cmd/isf
TOOL   = $(GO) tool -modfile=tools/go.mod

.PHONY: data test lint bench soak soak-dispatch local-model install release release-check clean

data: ## build the example's training data, on the simulated model
	@$(ISF) build training/data/all

test: ## everything that is claimed, with the race detector
	$(GO) test -race -timeout 20m ./...

lint: ## formatting, vet and staticcheck
	@unformatted=$$($(TOOL) gofumpt -l $$(git ls-files '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "run gofumpt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...

# GOGC=200 is the pace of the collector that isf sets for itself. The folder
# keeps a store of a million answers, which takes minutes to make.
bench: export GOGC = 200
bench: export ISF_BENCH_DIR ?= $(CURDIR)/.bench
bench: ## the numbers of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 60m ./bench ./dispatch
	$(GO) test -run '^$$' -bench . -timeout 60m ./cache ./graph

soak: ## kills and random edits for as long as you like: make soak KILLS=20000 STEPS=200000 SEED=7
	ISF_KILLS=$(or $(KILLS),5000) ISF_ORACLE_STEPS=$(or $(STEPS),50000) ISF_ORACLE_SEED=$(or $(SEED),$$(date +%s)) \
	  $(GO) test -race -timeout 12h -run 'TestKill|TestBuildsAreThoseOfAnOracle' -v ./internal/e2e ./internal/engine

local-model: ## build a few records on a real model on this machine: make local-model RECORDS=10
	@tools/local-model.sh $(RECORDS)

soak-dispatch: ## 200,000 requests to a server with faults: nothing lost, nothing twice, nothing left
	ISF_SOAK=$(or $(REQUESTS),200000) $(GO) test -timeout 6h -run 'TestSoak|ALaneFinds' -v ./dispatch

install: ## put isf into GOBIN
	$(GO) install ./cmd/isf

# The same commit gives the same bytes, wherever it is built: no paths, no build
# id, no cgo, and the commit from here. So build from a clean checkout.
STAMP      = -X github.com/identity-shaping/isf/internal/cli.commit=$$(git rev-parse HEAD) -X github.com/identity-shaping/isf/internal/cli.version=$$(git describe --tags --always)
PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
DIST      ?= dist

release: ## isf for each system, with checksums, into dist/
	@rm -rf $(DIST) && mkdir -p $(DIST)
	@for p in $(PLATFORMS); do \
	  os=$${p%/*}; arch=$${p#*/}; case $$os in windows) end=.exe;; *) end=;; esac; \
	  echo "isf_$${os}_$$arch$$end"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch GOFLAGS=-mod=readonly $(GO) build -trimpath -buildvcs=false -ldflags="-s -w -buildid= $(STAMP)" \
	    -o "$(DIST)/isf_$${os}_$$arch$$end" ./cmd/isf || exit 1; \
	done
	@cd $(DIST) && sha256sum isf_* >SHA256SUMS

release-check: ## each release has the same bytes from another folder, and one also from an empty build cache
	@dir=$$(mktemp -d) && trap 'chmod -R u+w "$$dir"; rm -rf "$$dir"' EXIT && git clone -q --no-hardlinks . "$$dir/clone" && \
	  $(MAKE) -s release DIST="$$dir/here" PLATFORMS="$(CHECKED)" && \
	  $(MAKE) -s -C "$$dir/clone" release DIST="$$dir/there" PLATFORMS="$(CHECKED)" && \
	  diff "$$dir/here/SHA256SUMS" "$$dir/there/SHA256SUMS" && \
	  GOCACHE="$$dir/cache" $(MAKE) -s -C "$$dir/clone" release DIST="$$dir/cold" PLATFORMS="$(firstword $(CHECKED))" && \
	  (cd "$$dir/here" && sha256sum -c --quiet "$$dir/cold/SHA256SUMS") && echo "the same bytes each time"

CHECKED ?= $(PLATFORMS)

clean: ## forget answers and outputs of the example
	rm -rf .isf training/data/*.jsonl training/data/*.manifest.json identity/versions/dev registry.json registry.manifest.json
