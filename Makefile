# The commands of the house. `make demo` and `make test` work from a fresh clone.

CARGO ?= cargo
PORT ?= 8080
SPEED ?= 1day=10s
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || echo /usr/bin/chromium)
export CHROMIUM

.PHONY: demo drill test bench pages lint unit e2e browser tools clean

## Serve a synthetic city on http://127.0.0.1:8080, with a login per role.
demo: pages
	$(CARGO) build --release --locked -p lianfang-cli
	@# What programs read goes to stdout; what people read stays.
	./target/release/lianfang demo --data-dir data/demo --port $(PORT) > /dev/null

## Play an outbreak in fast motion, through the API, in a house of its own on http://127.0.0.1:8080: look on, or take part.
drill: pages
	$(CARGO) build --release --locked -p lianfang-cli
	./target/release/lianfang drill --data-dir data/drill --listen 127.0.0.1:$(PORT) --speed $(SPEED) --stay --out data/drill-report

## Everything: formatting, lints, unit, property, snapshot, API and browser tests.
test: lint unit e2e
	@echo "all tests passed"

## Every figure that the README claims; ONLY="field visits" measures those parts alone.
bench: pages
	$(CARGO) build --release --locked -p lianfang-cli -p lianfang-benches
	./target/release/lianfang-bench $(ONLY)

pages: web/dist/index.html

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --no-fund --no-audit

web/dist/index.html: web/node_modules/.package-lock.json $(shell find web/src web/field web/public web/index.html web/vite.config.ts web/vite.field.config.ts -type f 2>/dev/null)
	cd web && npm run build
	@touch $@

lint: web/node_modules/.package-lock.json e2e/node_modules/.package-lock.json
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	cd web && npm run check
	cd e2e && npm run check

unit: pages
	$(CARGO) test --workspace --locked

e2e/node_modules/.package-lock.json: e2e/package-lock.json
	cd e2e && npm ci --no-fund --no-audit

e2e: pages browser e2e/node_modules/.package-lock.json
	@# The program as the tests of the workspace have built it: nothing is built twice for other features.
	$(CARGO) test --workspace --locked --no-run
	cd web && npm run size
	cd e2e && LIANFANG_BIN=../target/debug/lianfang npm test

browser:
	@sh scripts/chromium.sh

clean:
	$(CARGO) clean
	rm -rf web/dist web/node_modules e2e/node_modules data
