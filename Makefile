# Thin: tools/setup.sh installs what is missing, Meson builds.
#   make demo     build, simulate exposures, match them, say where the result is
#   make test     build with and without sanitizers and run every test (CC=clang: with clang)
#   make bench    measure against the peers that are installed
#   make install  PREFIX=/usr/local

PREFIX ?= /usr/local
DESTDIR ?=
BUILD = build

.PHONY: all setup demo test bench install clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

setup:
	tools/setup.sh

$(BUILD)/build.ninja: | setup
	meson setup --prefix $(PREFIX) $(BUILD)

demo: all
	tools/demo.sh $(BUILD)/cli/welkin demo

test: setup
	tools/test.sh

bench: all
	bench/run.sh $(BUILD)

install: all
	meson configure $(BUILD) --prefix $(PREFIX)
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)
	[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || ldconfig

clean:
	rm -rf build build-* demo
