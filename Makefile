SWIFT ?= swift
SOURCES := Package.swift Sources Tests
SCRIPTS := Scripts/setup Scripts/setup-tests .ci/run Tests/Fixtures/systemd-machine Tests/Fixtures/make-certificate

# Where `make install` puts things, under DESTDIR when a package is made. The daemon looks for the worker beside itself and
# for the pipelines in ../share.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BINDIR = $(PREFIX)/bin
DATADIR = $(PREFIX)/share/venuecast
DOCDIR = $(PREFIX)/share/doc/venuecast
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
TMPFILESDIR = $(PREFIX)/lib/tmpfiles.d
# What is installed: the programs that `make build` leaves.
BUILT ?= .build/release
PROGRAMS := venuecastd venuecast-worker venuectl
UNITS := venuecastd.service venuecast-stopped.service

.PHONY: build run bench chaos test lint format clean setup install uninstall

# With Swift's libraries inside, so that the machine it is installed on needs none.
build: setup
	$(SWIFT) build -c release --static-swift-stdlib

# SOURCE=talk.mp4, rtsp://… or srt://… puts that on air instead of the test picture. Ctrl-C ends all of it.
run: build
	@exec .build/release/venuecast-demo $(if $(SOURCE),'$(SOURCE)')

# BENCH names figures (see .build/release/venuecast-bench --list); without, all but the hour's run.
bench: build
	.build/release/venuecast-bench --json .build/bench.json $(BENCH)

# Harm to a whole system for ten minutes; SEED=N does the same again, MINUTES=M takes another time.
chaos: build
	.build/release/venuecast-chaos $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

# What is held against the clock has the machine for itself: whole systems, and inputs (to the millisecond).
test: setup
	@Scripts/setup-tests
	$(SWIFT) test --skip 'SystemTests|InputTests'
	$(SWIFT) test --skip-build --filter SystemTests
	$(SWIFT) test --skip-build --filter InputTests

install:
	@for program in $(PROGRAMS); do \
	    [ -x $(BUILT)/$$program ] || { echo "install: $(BUILT)/$$program is missing: run \`make build\` first" >&2; exit 1; }; \
	done
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(DATADIR)/Pipelines $(DATADIR)/Monitoring $(DOCDIR) $(UNITDIR) $(SYSUSERSDIR) $(TMPFILESDIR) $(SYSCONFDIR)/venuecast)
	install -s $(addprefix $(BUILT)/,$(PROGRAMS)) $(DESTDIR)$(BINDIR)
	install -m 0644 Pipelines/*.pipeline $(DESTDIR)$(DATADIR)/Pipelines
	install -m 0644 Monitoring/* $(DESTDIR)$(DATADIR)/Monitoring
	install -m 0644 Systemd/venuecast.sysusers $(DESTDIR)$(SYSUSERSDIR)/venuecast.conf
	install -m 0644 Systemd/venuecast.tmpfiles $(DESTDIR)$(TMPFILESDIR)/venuecast.conf
	install -m 0644 Systemd/drop-in.conf Examples/demo.toml $(DESTDIR)$(DOCDIR)
	install -m 0644 Examples/qingdao.toml $(DESTDIR)$(SYSCONFDIR)/venuecast/venuecast.toml.example
	@for unit in $(UNITS); do \
	    sed -e 's|/usr/bin/venue|$(BINDIR)/venue|g' -e 's|/usr/share/doc/venuecast|$(DOCDIR)|g' \
	        Systemd/$$unit >$(DESTDIR)$(UNITDIR)/$$unit; \
	    chmod 0644 $(DESTDIR)$(UNITDIR)/$$unit; \
	done
ifeq ($(DESTDIR),)
	@echo "Installed. Next, as root:"
	@echo "  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"
	@echo "  cp $(SYSCONFDIR)/venuecast/venuecast.toml.example $(SYSCONFDIR)/venuecast/venuecast.toml   # and adapt it"
	@echo "  systemctl enable --now venuecastd   # or, for an upgrade on air: systemctl restart venuecastd"
endif

# What runs goes on, and what was configured or recorded stays.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(BINDIR)/,$(PROGRAMS)) $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS))
	rm -f $(DESTDIR)$(SYSUSERSDIR)/venuecast.conf $(DESTDIR)$(TMPFILESDIR)/venuecast.conf
	rm -f $(DESTDIR)$(SYSCONFDIR)/venuecast/venuecast.toml.example
	rm -rf $(DESTDIR)$(DATADIR) $(DESTDIR)$(DOCDIR)

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	@for script in $(SCRIPTS); do bash -n $$script; done

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

clean:
	rm -rf .build

setup:
	@Scripts/setup
