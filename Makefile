SWIFT ?= swift
SOURCES := Package.swift Sources Tests
SCRIPTS := Scripts/setup .ci/run

.PHONY: build test lint format clean setup

build: setup
	$(SWIFT) build -c release

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
