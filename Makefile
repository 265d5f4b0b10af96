# Kintsugi. `make` lists what can be made.
# Wanted: Go 1.26, Node 20.19, make. Tests also want PostgreSQL and Chromium; as
# root on Debian they are installed when missing.

.DEFAULT_GOAL := help
SHELL         := /bin/sh
VERSION       ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
TOOLS         := bin/tools
SUITE         := $(TOOLS)/suite
PGRUN         := $(TOOLS)/pgrun
STATICCHECK   := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.1.4
NPM           := npm --prefix web
FUZZTIME      ?= 60s
BENCHTIME     ?= 1s
CHAOS         ?= TestFaults
ARGS          ?=
VULNDB        ?= https://vuln.go.dev

GO_FILES  := $(shell find cmd internal web -name node_modules -prune -o -name dist -prune -o \( -name '*.go' -o -name '*.sql' -o -path '*/embed/*' \) -type f -print 2>/dev/null)
WEB_FILES := $(shell find web/src web/sdk web/widget web/scripts web/messages web/public web/index.html -type f 2>/dev/null)

##@ Build and run

build: bin/kintsugi ## the program, with the web application inside: bin/kintsugi

bin/kintsugi: go.mod go.sum $(GO_FILES) $(wildcard web/messages/*/*.json) web/dist/index.html
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/kintsugi

web: web/dist/index.html ## the web application: web/dist

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_FILES) $(wildcard web/*.ts web/*.js web/*.json)
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	@$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

run: bin/kintsugi ## your own desk, http://127.0.0.1:8080, with its data in ./data
	bin/kintsugi serve --smtp 127.0.0.1:2525 $(ARGS)

demo: bin/kintsugi ## a temporary desk with three months of life, http://127.0.0.1:8080
	bin/kintsugi demo $(ARGS)

dev: web/node_modules/.package-lock.json ## the web application with reload, beside a server on 127.0.0.1:8080
	@$(NPM) run dev

##@ Test

test: $(SUITE) $(PGRUN) ## everything, on both databases and in a browser; one line a suite
	@$(MAKE) --no-print-directory -k test-verify test-lint test-licences test-vuln test-web test-go test-e2e

test-quick: $(SUITE) ## without PostgreSQL and without a browser
	@$(SUITE) -name "go (sqlite)" -kind go -- go test -json -short ./...
	@$(MAKE) --no-print-directory web/node_modules/.package-lock.json
	@$(SUITE) -name "web (rules)" -- $(NPM) test -- --project rules

# What only reads sources, plays everything one step at a time, drives the program
# from outside or takes one call apart gains nothing from the race detector and
# would take most of its time.
VENDORS := form|hook|line|meta|telegram|twilio|vonage
RULES := desk/conversation|desk/intake|insight|mend/recovery|voice/survey|voice/place|demo|desk/brand|desk/tag|desk/customer|desk/contact|desk/form|desk/reception|front/public|front/forms|front/contact|front/scan|front/handout|kit/bounce|kit/label|kit/mime|kit/rich|kit/stat|kit/text|kit/tint
PLAIN := ./internal/arch ./internal/kit/corpus ./test/flows ./test/chaos ./test/hostile \
  $(foreach v,$(subst |, ,$(VENDORS)),./internal/channel/$(v)/...) $(foreach r,$(subst |, ,$(RULES)),./internal/$(r)/...)

test-go: ## Go, on both databases; with the race detector where things run at once
	@$(MAKE) --no-print-directory -k test-go-plain test-go-race

test-go-plain: $(SUITE) $(PGRUN)
	@$(SUITE) -name "go (rules, corpus, flows, faults, attacks)" -kind go -- $(PGRUN) go test -json -p 2 -timeout 20m $(PLAIN)

test-go-race: $(SUITE) $(PGRUN)
	@$(SUITE) -name "go (race, sqlite and postgres)" -kind go -- $(PGRUN) go test -json -race -p 2 -timeout 20m $$(go list ./... | grep -v -E '/internal/(arch|kit/corpus)$$|/test/(flows|chaos|hostile)$$|/internal/channel/($(VENDORS))(/|$$)|/internal/($(RULES))(/|$$)')

test-web: $(SUITE) $(TOOLS)/have web/node_modules/.package-lock.json ## types, rules and components of the web application
	@$(SUITE) -name "web (types)" -kind check -- $(NPM) run check
	@CHROMIUM="$$($(TOOLS)/have chromium)" $(SUITE) -name "web (rules and components)" -- $(NPM) test

test-e2e: $(SUITE) $(PGRUN) $(TOOLS)/have $(TOOLS)/peer bin/kintsugi ## the product in a browser
	@CHROMIUM="$$($(TOOLS)/have chromium)" $(SUITE) -name "e2e (chromium)" -- $(PGRUN) $(NPM) run --silent e2e -- --grep-invert @screenshot --reporter=list

test-verify: $(SUITE) ; @$(SUITE) -name "verify (format, modules, generated)" -kind check -- $(MAKE) --no-print-directory verify
test-lint: $(SUITE) ; @$(SUITE) -name "lint (vet, staticcheck)" -kind check -- $(MAKE) --no-print-directory lint
test-licences: $(SUITE) $(TOOLS)/licences web/node_modules/.package-lock.json ; @$(SUITE) -name "licences" -kind check -- $(TOOLS)/licences

# Outside of where the list of vulnerabilities can be had, its absence is said and
# is no failure.
test-vuln: $(SUITE) $(TOOLS)/reach
	@if why="$$($(TOOLS)/reach $(VULNDB)/index/db.json 2>&1)"; then \
	  $(SUITE) -name "known vulnerabilities" -kind check -- $(MAKE) --no-print-directory vuln; \
	else echo "skip  known vulnerabilities: $$why"; fi

e2e: test-e2e ## same as test-e2e

flows: $(PGRUN) ## the scenarios in test/flows, on both databases
	@$(PGRUN) go test -count=1 ./test/flows

chaos: $(PGRUN) ## every fault there is a test for, ten minutes, one table (one: CHAOS=TestFaults/nodes)
	@go test -c -o $(TOOLS)/chaos.test ./test/chaos
	@cd test/chaos && KINTSUGI_CHAOS=full $(abspath $(PGRUN)) $(abspath $(TOOLS))/chaos.test -test.timeout 30m -test.run '$(CHAOS)'

fuzz: ## every fuzz target for FUZZTIME (60s)
	@grep -rl --include='*_test.go' '^func Fuzz' internal | while read -r f; do \
	  for t in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$$f"); do \
	    echo "$$(dirname "$$f") $$t"; go test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$f")" || exit 1; \
	  done; done

vuln: ## known vulnerabilities in what is used; asks vuln.go.dev, or a copy: VULNDB=file:///folder
	@go run $(GOVULNCHECK) -db $(VULNDB) ./...

bench: $(TOOLS)/have bin/kintsugi ## speed and cost of the program, on both databases; BENCH="-only list -base 100000 -large 1000000"
	@CHROMIUM="$$($(TOOLS)/have chromium)" go run ./test/bench -program bin/kintsugi $(BENCH)

bench-go: $(PGRUN) ## every Go benchmark, on both databases
	@$(PGRUN) go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) ./...

screenshots: $(TOOLS)/have $(TOOLS)/peer bin/kintsugi ## the pictures of the README: docs/pictures
	@CHROMIUM="$$($(TOOLS)/have chromium)" $(NPM) run --silent e2e -- --grep @screenshot --reporter=list

##@ Keep

gen: web/node_modules/.package-lock.json ## what is generated: the API's description and the page's types of it
	@mkdir -p bin
	@go run ./internal/tools/openapi > bin/openapi.json && mv bin/openapi.json internal/front/api/openapi.json
	@$(NPM) run --silent gen

lint: ## go vet and staticcheck; the house rules run with the tests (internal/arch)
	@go vet ./...
	@go run $(STATICCHECK) ./...

verify: web/node_modules/.package-lock.json ## formatted, modules tidy, generated files unchanged
	@bad="$$(gofmt -l cmd internal test web/embed.go 2>/dev/null)"; test -z "$$bad" || { echo "not formatted:"; echo "$$bad"; exit 1; }
	@go mod tidy -diff
	@go mod verify >/dev/null
	@mkdir -p bin && go run ./internal/tools/openapi > bin/openapi.json
	@cmp -s bin/openapi.json internal/front/api/openapi.json || { echo "internal/front/api/openapi.json is not what the program serves: make gen"; exit 1; }
	@$(NPM) run --silent gen -- --check

licences: $(TOOLS)/licences web/node_modules/.package-lock.json ## the licence of every part; fails on one that may not be used
	@$(TOOLS)/licences -texts bin/THIRD-PARTY.txt

clean: ## what was built
	rm -rf bin web/dist/.label.ttf.gz web/dist/assets web/dist/chat web/dist/index.html

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

$(TOOLS)/%: $(wildcard internal/tools/*/*.go)
	@mkdir -p $(TOOLS)
	@go build -o $@ ./internal/tools/$*

.PHONY: build web run demo dev test test-quick test-go test-go-plain test-go-race test-web test-e2e test-verify test-lint test-licences e2e flows chaos fuzz vuln bench bench-go screenshots gen lint verify licences clean help
.DELETE_ON_ERROR:
