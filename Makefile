SWIFT ?= swift
SOURCES := Package.swift Sources Tests
SCRIPTS := Scripts/setup .ci/run

.PHONY: build run bench chaos test lint format clean setup

build: setup
	$(SWIFT) build -c release

# SOURCE=talk.mp4, rtsp://… or srt://… puts that on air instead of the test picture. Ctrl-C ends all of it.
run: build
	@exec .build/release/venuecast-demo $(if $(SOURCE),'$(SOURCE)')

# BENCH names figures (see .build/release/venuecast-bench --list); without, all but the hour's run.
bench: build
	.build/release/venuecast-bench --json .build/bench.json $(BENCH)

# Harm to a whole system for ten minutes; SEED=N does the same again, MINUTES=M takes another time.
chaos: build
	.build/release/venuecast-chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

test: setup
	$(SWIFT) test

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	@for script in $(SCRIPTS); do bash -n $$script; done

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

clean:
	rm -rf .build

setup:
	@Scripts/setup
