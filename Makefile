# Thin: tools/setup.sh installs what is missing, Meson builds.
#   make demo     build, simulate exposures, match them, say where the result is
#   make test     build with and without sanitizers and run every test
#   make bench    measure against the peers that are installed
#   make install  PREFIX=/usr/local

PREFIX ?= /usr/local
DESTDIR ?=
BUILD = build
SETUP = meson setup --prefix $(PREFIX)

.PHONY: all setup demo test bench install clean

all: setup $(BUILD)/build.ninja
	ninja -C $(BUILD)

setup:
	tools/setup.sh

$(BUILD)/build.ninja:
	$(SETUP) $(BUILD)

demo: all
	tools/demo.sh $(BUILD)/cli/welkin demo

test: setup
	tools/test.sh

bench: all
	bench/run.sh $(BUILD)

install: all
	DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean:
	rm -rf build build-asan build-clang demo
