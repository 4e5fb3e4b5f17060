# make demo        everything from nothing: packages, release build, the tour
# make test        all tests, on the same build
# make help        the other goals
#
# demo and test share one release build: nothing is compiled twice. Tests reach what they need through `package`
# declarations, so `@testable`, which would force a second build, is off.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

SWIFT ?= swift
PREFIX ?= /usr/local
# What is timed: a preset and its batch. STEPS, where it is given, is how many steps of each.
TRAIN ?= vgg6:100 resnet20:128 deep-cnn:100 simple-cnn:100 mlp:100 resnet18:16 alexnet:32
INFER ?= vgg6:1 vgg6:32 resnet18:1 resnet20:1
STEPS ?=
# How long each reader of files is given made-up and damaged ones, which, and how many readers at a time.
SECONDS ?= 60
SEED ?= 1
JOBS ?= $(THREADS)
THREADS ?= $(shell getconf _NPROCESSORS_ONLN)
# Further arguments of `nunchi demo`, for example DEMO="--help".
DEMO ?=

RELEASE := -c release
TESTS := $(RELEASE) --disable-testable-imports --disable-xctest
# Leaves out the lines of what started and what passed; failures, suites and the closing line stay. VERBOSE=1: all.
QUIETLY := awk '/^◇/ || / started\.$$/ { next } /^✔ Test / && !/^✔ Test run/ { next } { print; fflush() }'
ifneq ($(VERBOSE),)
QUIETLY := cat
endif
NUNCHI := .build/release/nunchi
SOURCES := Sources Tests Package.swift
# On Debian libjpeg-dev is libjpeg62-turbo-dev; on Ubuntu the package of libjpeg-turbo has yet another name.
PACKAGES := libjpeg-dev libpng-dev zlib1g-dev libwebp-dev libgif-dev libarchive-dev pkg-config
# Names in other scripts than ours on sheets of pictures; everything else works without.
FONT_PACKAGES := libfreetype-dev libfontconfig-dev

# Suites that run C code, threads or both.
ADDRESS_SUITES ?= KernelsTests|EngineTests|ImagesTests|DatasetsTests|ModelFilesTests|InferenceTests
THREAD_SUITES ?= EngineTests|DatasetsTests|InferenceTests
# Counts allocations in a process of its own by standing in for the allocator, which the sanitizers do too.
SANITIZED := --skip AllocationTests
# For NEON's kernels on another machine: its C library and start-up code, and an emulator of its programs.
NEON_PACKAGES := qemu-user libc6-dev-arm64-cross libgcc-12-dev-arm64-cross
KERNEL_CALLS := .build/kernel-calls
TOOLCHAIN := $(dir $(realpath $(shell command -v $(SWIFT))))
CLANG ?= $(TOOLCHAIN)clang
DOCC ?= $(TOOLCHAIN)docc
DOCS := .build/docs
SYMBOL_GRAPH := .build/symbol-graph
# Where the pages will lie on a web server: a path such as /nunchi, or nothing.
BASE_PATH ?=

FUZZ_SCRATCH := .build-fuzz
# libFuzzer, without its main function, and what it is guided by.
FUZZ_LIBRARY = $(wildcard $(dir $(CLANG))../lib/clang/*/lib/*/libclang_rt.fuzzer_no_main-$(shell uname -m).a)
FUZZ_FLAGS = --sanitize=address -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined -Xcc -fsanitize=fuzzer-no-link \
  -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp,indirect-calls \
  -Xlinker -u -Xlinker LLVMFuzzerRunDriver -Xlinker $(FUZZ_LIBRARY) -Xlinker -lstdc++

ADDRESS_SCRATCH := .build-address
THREAD_SCRATCH := .build-thread

say = printf '\n\033[1m%s\033[0m\n' "$(1)"
ifneq ($(NO_COLOR),)
say = printf '\n%s\n' "$(1)"
endif

# Installs Debian packages: the end of a shell command.
debian_packages = if [ "$$(id -u)" = 0 ]; then root=; elif command -v sudo >/dev/null; then root=sudo; else \
  echo 'Please install as root: $(1)' >&2; exit 1; fi; \
  echo 'Installing $(1)'; \
  $$root apt-get update -qq && \
  $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1)

.DEFAULT_GOAL := help
.PHONY: help demo build test bench fuzz sanitize sanitize-address sanitize-thread neon-check neon-packages docs format \
  lint install packages clean

help:
	@echo 'make demo                the whole way on generated pictures: data, training, evaluation'
	@echo 'make test                all tests (release build, shared with demo)'
	@echo 'make build               the command alone: $(NUNCHI)'
	@echo 'make bench               speed of training and inference; TRAIN="vgg6:100" INFER="vgg6:1" THREADS=2'
	@echo 'make sanitize            the tests of C code and threads under the sanitizers (slow)'
	@echo 'make fuzz SECONDS=60     every reader of files, so many seconds, under libFuzzer and the address sanitizer; SEED=1'
	@echo 'make neon-check          the kernels for aarch64, compiled and tested under emulation (Debian)'
	@echo 'make docs                NunchiKit, for programmers: pages for a web server in $(DOCS)'
	@echo 'make format, make lint   the style: applied, checked'
	@echo 'make install PREFIX=dir  the command to dir/bin (default: $(PREFIX))'
	@echo 'make packages            the system libraries that are missing, and nothing else'
	@echo 'make clean               removes the builds'

demo: build
	@$(call say,Demo)
	@$(NUNCHI) demo $(DEMO)

build: packages
	@$(call say,Building the command (release; the first time takes a few minutes))
	@$(SWIFT) build $(RELEASE) --product nunchi

test: packages
	@$(call say,Building and running the tests (release))
	@$(SWIFT) test $(TESTS) 2>&1 | $(QUIETLY)

# The system's libraries and pkg-config, which finds them. Nothing is installed where all of them answer, and nothing is
# asked for where only those of letters are missing and cannot be installed here.
packages:
	@command -v $(SWIFT) >/dev/null || { echo 'Swift is missing: https://www.swift.org/install' >&2; exit 1; }
	@have() { command -v pkg-config >/dev/null && pkg-config --exists "$$@"; }; \
	if have libjpeg libpng zlib libwebpdemux libgif libarchive; then \
	  if have freetype2 fontconfig || ! command -v apt-get >/dev/null; then exit 0; fi; \
	  ($(call debian_packages,$(FONT_PACKAGES))) || echo 'Going on without them: names in other scripts will be boxes.'; \
	  exit 0; \
	fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo 'Please install libjpeg-turbo, libpng, zlib, libwebp, giflib, libarchive and pkg-config, and for letters of other scripts' \
	    'freetype and fontconfig, with your package manager (macOS: brew install jpeg-turbo libpng zlib webp giflib libarchive' \
	    'freetype fontconfig pkgconf), then run make again.' >&2; exit 1; fi; \
	$(call debian_packages,$(PACKAGES) $(FONT_PACKAGES))

bench: build
	@$(call say,Speed on $(THREADS) thread(s): one JSON document a line)
	@for row in $(TRAIN:%=train:%) $(INFER:%=infer:%); do \
	  IFS=: read -r verb model batch <<<"$$row"; \
	  $(NUNCHI) bench $$verb --model $$model --batch $$batch --threads $(THREADS) $(STEPS:%=--steps %) --json || exit 1; \
	done
	@echo
	@echo 'A ratio to another library counts when both ran side by side on an idle machine: same model, batch, precision'
	@echo 'and threads, data in memory, median of many steps, the peer at its best settings; docs/RESULTS.md says what to'
	@echo 'record. The peer is yours to add: Tools/peer_models.py has these models in PyTorch, Tools/train_peer.py trains'
	@echo 'them, and python3 Tools/peer_problem.py "conv ..." times single layers as $(NUNCHI) bench problem "conv ..." does.'

sanitize: sanitize-address sanitize-thread

# Undefined behaviour in C traps. Release: debug kernels are too slow to test, and the optimised code is what runs.
sanitize-address: packages
	@$(call say,Address sanitizer$(comma) and undefined behaviour in C: $(ADDRESS_SUITES))
	@$(SWIFT) test $(TESTS) --scratch-path $(ADDRESS_SCRATCH) --sanitize=address \
	  -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --filter '$(ADDRESS_SUITES)' $(SANITIZED) 2>&1 | $(QUIETLY)

# Nothing that a file contains crashes, hangs or takes memory without end. What is found is kept in $(FUZZ_SCRATCH)/findings.
fuzz: packages
	@[ -n '$(FUZZ_LIBRARY)' ] || { echo 'This toolchain has no libFuzzer: make fuzz needs Swift for Linux' >&2; exit 1; }
	@$(call say,Building the readers of files with libFuzzer and the address sanitizer)
	@for product in parser-fuzz decoder-fuzz; do \
	  $(SWIFT) build $(RELEASE) --scratch-path $(FUZZ_SCRATCH) $(FUZZ_FLAGS) --product $$product || exit 1; done
	@$(call say,Reading for $(SECONDS) s each)
	@Tests/Fuzz/run $(FUZZ_SCRATCH)/release $(SECONDS) $(SEED) $(JOBS)

# Known and false: reports that name Synchronization.Mutex, whose futex the sanitizer does not see. Atomics are seen.
sanitize-thread: packages
	@$(call say,Thread sanitizer: $(THREAD_SUITES))
	@$(SWIFT) test $(TESTS) --scratch-path $(THREAD_SCRATCH) --sanitize=thread \
	  --filter '$(THREAD_SUITES)' $(SANITIZED) 2>&1 | $(QUIETLY)

# The tests of kernels write down what they call and what comes of it; a player in C repeats that on NEON.
neon-check: packages neon-packages
	@$(call say,Kernels on NEON: recording the calls of the tests$(comma) then repeating them)
	@NUNCHI_KERNEL_CALLS=$(KERNEL_CALLS) $(SWIFT) test $(TESTS) --no-parallel --filter KernelsTests 2>&1 | $(QUIETLY)
	@Tests/Neon/check $(KERNEL_CALLS) $(CLANG)

neon-packages:
	@if [ "$$(uname -m)" = aarch64 ]; then exit 0; fi; \
	if command -v qemu-aarch64 >/dev/null && [ -e /usr/aarch64-linux-gnu/lib/libc.a ] && \
	  ls /usr/lib/gcc-cross/aarch64-linux-gnu/*/libgcc.a >/dev/null 2>&1; then exit 0; fi; \
	$(call debian_packages,$(NEON_PACKAGES))

# One archive of all that NunchiKit re-exports; a warning is an error.
docs: packages
	@$(call say,Documentation of NunchiKit)
	@$(SWIFT) build $(RELEASE) --target NunchiKit
	@Tools/symbol_graph $(SYMBOL_GRAPH)
	@rm -rf $(DOCS)
	@$(DOCC) convert Sources/Umbrella/NunchiKit.docc --additional-symbol-graph-dir $(SYMBOL_GRAPH) \
	  --fallback-display-name NunchiKit --fallback-bundle-identifier nunchi.NunchiKit --warnings-as-errors \
	  --transform-for-static-hosting $(BASE_PATH:%=--hosting-base-path %) --output-path $(DOCS)
	@echo 'To read: python3 -m http.server --directory $(DOCS), then http://localhost:8000/documentation/nunchikit'

format:
	@$(SWIFT) format --in-place --recursive $(SOURCES)

lint:
	@$(SWIFT) format lint --strict --recursive $(SOURCES)

install: build
	@mkdir -p '$(DESTDIR)$(PREFIX)/bin'
	@install -m 755 $(NUNCHI) '$(DESTDIR)$(PREFIX)/bin/nunchi'
	@echo 'Installed $(DESTDIR)$(PREFIX)/bin/nunchi'

clean:
	rm -rf .build $(FUZZ_SCRATCH) $(ADDRESS_SCRATCH) $(THREAD_SCRATCH)

comma := ,
