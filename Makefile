# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make            builds $(O)/closetrace, never installs anything, never needs root
# make help       lists the targets
#
# V=1 shows the commands, O=DIR builds elsewhere, DESTDIR and PREFIX as usual.

O	?= build
PREFIX	?= /usr/local
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS	?= $(PREFIX)/share/zsh/site-functions
ifeq ($(origin CC),default)
CC	:= gcc
endif
CLANG	?= clang
BPFTOOL	?= $(firstword $(shell command -v bpftool 2>/dev/null) /usr/sbin/bpftool)
ARGS	?=
V	?= 0
Q	:= $(if $(filter 1,$(V)),,@)
say	= $(if $(filter 1,$(V)),,@printf '  %-8s %s\n' '$(1)' '$(patsubst $(O)/%,%,$@)';)

MACHINE	:= $(shell uname -m)
ARCH	:= $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(MACHINE)))

WARN	:= -Wall -Wextra -Wmissing-prototypes -Wshadow
CFLAGS	?= -O2 -g
ALL_CFLAGS := -std=gnu17 $(WARN) $(CFLAGS) -I$(O) -Ibpf -Iuser -MMD -MP
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -D__TARGET_ARCH_$(ARCH) -Ivmlinux/$(ARCH) -Ibpf \
	-Wall -Wextra -Wno-unused-parameter -MMD -MP
LIBS	:= -lbpf -ldw -lelf -lz -ljson-c -lsqlite3 -lpthread

BPF_OBJ	:= $(patsubst bpf/%.bpf.c,$(O)/bpf/%.bpf.o,$(wildcard bpf/*.bpf.c))
USER_SRC := $(wildcard user/*.c user/sinks/*.c user/store/*.c user/report/*.c)
ifneq ($(shell pkg-config --exists libsystemd 2>/dev/null && echo yes),yes)
# -o journal is left out, and says so.
USER_SRC := $(filter-out user/sinks/journal.c,$(USER_SRC))
else
LIBS	+= -lsystemd
endif
USER_OBJ := $(USER_SRC:%.c=$(O)/%.o)
# What the unit tests link: everything that needs no kernel.
PURE_OBJ := $(filter-out $(addprefix $(O)/user/,main.o trace.o trace_loop.o trace_stats.o check.o check_text.o check_json.o probe.o probe_account.o probe_lack.o probe_maps.o verifier.o seed.o),$(USER_OBJ)) \
	$(addprefix $(O)/user/verify/,against.o line.o report.o report_text.o report_json.o report_md.o)
UNIT_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/unit/*.c))
LAB_OBJ	:= $(patsubst %.c,$(O)/%.o,$(filter-out %/main.c,$(wildcard tools/closelab/*.c)))
# The judges that closetrace verify and the live tests share; verify alone has the verb.
VERIFY_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard user/verify/*.c))
LIVE_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/live/*.c)) \
	$(addprefix $(O)/user/verify/,again.o cases.o complain.o fleet.o held.o judge.o line.o notes.o skips.o tracer.o)
STRESS_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/stress/*.c)) \
	$(O)/user/verify/tracer.o $(O)/user/verify/line.o $(O)/tools/closelab/netns.o
LOAD_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tests/load/*.c)) $(O)/tools/closelab/netns.o
MATRIX_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard tools/matrix/*.c)) \
	$(addprefix $(O)/user/verify/,against.o line.o)
BENCH_OBJ := $(patsubst %.c,$(O)/%.o,$(filter-out %.bpf.c,$(wildcard tools/bench/*.c))) \
	$(O)/tools/closelab/netns.o
PROGRAMS := $(O)/closetrace $(O)/closelab

all: | tools-there
all: $(PROGRAMS)

# make itself installs nothing: it says what would.
tools-there:
	$(Q)for tool in $(CC) $(CLANG) $(BPFTOOL); do command -v $$tool >/dev/null || \
		{ echo "$$tool is missing; install it, or let 'make deps' do it (apt)" >&2; exit 1; }; done

-include $(shell find $(O) -name '*.d' 2>/dev/null)

$(O)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(O)/closetrace.bpf.o: $(BPF_OBJ)
	$(call say,LINK)$(BPFTOOL) gen object $@ $^

$(O)/closetrace.skel.h: $(O)/closetrace.bpf.o
	$(call say,SKEL)$(BPFTOOL) gen skeleton $< name closetrace >$@.new && mv $@.new $@

$(O)/user/probe.o $(O)/user/probe_account.o $(O)/user/probe_lack.o $(O)/user/probe_maps.o: $(O)/closetrace.skel.h

$(O)/user/verify/%.o: user/verify/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itools/closelab -c $< -o $@

$(O)/user/%.o: user/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c $< -o $@

$(O)/tools/closelab/%.o: tools/closelab/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itools/closelab -c $< -o $@

$(O)/tools/bench/%.o: tools/bench/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itools/closelab -c $< -o $@

$(O)/bench/empty.skel.h: tools/bench/empty.bpf.c
	$(call say,BPF)mkdir -p $(@D) && $(CLANG) $(BPF_CFLAGS) -c $< -o $(@D)/empty.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $(@D)/empty.bpf.o name empty >$@.new && mv $@.new $@

$(O)/tools/bench/measure_cost.o: $(O)/bench/empty.skel.h

$(O)/tests/%.o: tests/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -Itools/closelab -Itests/live -c $< -o $@

$(O)/closetrace: $(USER_OBJ) $(VERIFY_OBJ) $(LAB_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/closelab: $(O)/tools/closelab/main.o $(LAB_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ -lbpf -lpthread

$(O)/live: $(LIVE_OBJ) $(LAB_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/stress: $(STRESS_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/load: $(LOAD_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ -lbpf

$(O)/benchmark: $(BENCH_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/matrix: $(MATRIX_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/store: $(O)/tests/store/main.o $(PURE_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/unit: $(UNIT_OBJ) $(PURE_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) -lcriterion

# Fuzzing: each tests/fuzz/NAME.c is a target.  All is built by clang once more, with sanitizers and
# for coverage: what hostile input leads to is not only in the decoders.
FUZZ_SECONDS ?= 10
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_OBJ := $(PURE_OBJ:$(O)/%=$(O)/fuzz/%)
FUZZ_CFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fprofile-instr-generate -fcoverage-mapping -O1 -g

$(O)/fuzz/%.o: %.c
	$(call say,FUZZ)mkdir -p $(@D) && $(CLANG) -std=gnu17 $(WARN) $(FUZZ_CFLAGS) -I$(O) -Ibpf -Iuser \
		-Itools/closelab -MMD -MP -c $< -o $@

$(FUZZ_TARGETS): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/%.o $(FUZZ_OBJ)
	$(call say,LD)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

deps:
	$(Q)tools/deps build

deps-test:
	$(Q)tools/deps build test guest

# One command from a clean checkout: make run ARGS="-p 123"
run: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(O)/closetrace $(ARGS)

check: deps-test
	$(Q)$(MAKE) --no-print-directory all $(O)/unit $(O)/live $(O)/stress $(O)/load $(O)/store $(O)/benchmark $(O)/docgen $(FUZZ_TARGETS)
	$(Q)O=$(O) tests/run

check-long: deps-test
	$(Q)$(MAKE) --no-print-directory all $(O)/unit $(O)/live $(O)/stress $(O)/load $(O)/store $(O)/benchmark $(O)/docgen $(FUZZ_TARGETS)
	$(Q)O=$(O) tests/long

# FUZZ_SECONDS for each decoder.
fuzz: deps-test
	$(Q)$(MAKE) --no-print-directory $(FUZZ_TARGETS)
	$(Q)O=$(O) tests/fuzz/run --seconds $(FUZZ_SECONDS)

lint:
	$(Q)tests/style

check-unit: $(O)/unit
	$(Q)O=$(O) tests/run unit

check-live: all $(O)/live
	$(Q)O=$(O) tests/run live

# KERNEL=6.1 or a path to an image, TIER=full or base; without them all of both.
check-guest: deps-test
	$(Q)$(MAKE) --no-print-directory all $(O)/live
	$(Q)O=$(O) tests/guest/run --kernels "$(KERNEL)" --tiers "$(TIER)"

guest-shell: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tools/kernels/fetch $(or $(KERNEL),6.1)
	$(Q)tools/guest/shell $(or $(KERNEL),6.1) $(O)/closetrace $(O)/closelab

# docs/verifier.md: what the verifier of each kernel counted for each program.
verifier: deps-test
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tools/kernels/fetch
	$(Q)O=$(O) tools/guest/verifier >$(O)/verifier.md && mv $(O)/verifier.md docs/verifier.md

# docs/kernel-matrix.md: what each kernel does, by closetrace verify in guests; some 20 minutes.
matrix: deps-test
	$(Q)$(MAKE) --no-print-directory all $(O)/matrix
	$(Q)tools/kernels/fetch
	$(Q)O=$(O) tools/matrix/run >$(O)/matrix.md && mv $(O)/matrix.md docs/kernel-matrix.md

# What it costs here: ARGS="--json", "--help".  No test: speed is reported, never asserted.
bench: deps
	$(Q)$(MAKE) --no-print-directory all $(O)/benchmark
	$(Q)$(O)/benchmark --closetrace $(O)/closetrace $(ARGS)

# docs/schema.json, docs/causes.md, docs/names.md, and parts of README.md, the manual and the completions are made
# from the tables; a test fails when they differ.
docs: $(O)/docgen
	$(Q)$(O)/docgen schema >docs/schema.json
	$(Q)$(O)/docgen causes >docs/causes.md
	$(Q)$(O)/docgen names >docs/names.md
	$(Q)O=$(O) tests/docs --write

$(O)/docgen: $(O)/tools/docgen.o $(O)/tools/docgen_names.o $(O)/tools/docgen_pages.o $(PURE_OBJ)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/tools/%.o: tools/%.c
	$(call say,CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -c $< -o $@

install: all
	install -D -m 755 $(O)/closetrace $(DESTDIR)$(PREFIX)/sbin/closetrace
	install -D -m 755 $(O)/closelab $(DESTDIR)$(PREFIX)/bin/closelab
	install -D -m 644 docs/closetrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/closetrace.8
	install -D -m 644 dist/closetrace.bash $(DESTDIR)$(BASH_COMPLETIONS)/closetrace
	install -D -m 644 dist/_closetrace $(DESTDIR)$(ZSH_COMPLETIONS)/_closetrace

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/closetrace $(DESTDIR)$(PREFIX)/bin/closelab
	rm -f $(DESTDIR)$(PREFIX)/share/man/man8/closetrace.8
	rm -f $(DESTDIR)$(BASH_COMPLETIONS)/closetrace $(DESTDIR)$(ZSH_COMPLETIONS)/_closetrace

clean:
	rm -rf $(O)

help:
	@echo 'make              build $(O)/closetrace and $(O)/closelab'
	@echo 'make run          install what is missing (apt), build, run: ARGS="-p 123"'
	@echo 'make check        install what is missing (apt), build, run every test'
	@echo 'make check-long   the same several times, and breaks on purpose'
	@echo 'make lint         the house style, shellcheck'
	@echo 'make check-unit   the unit tests: no root, a few seconds'
	@echo 'make fuzz         the decoders under libFuzzer: FUZZ_SECONDS=10'
	@echo 'make check-live   real connections on this kernel: root'
	@echo 'make check-guest  the same in guest kernels: KERNEL=6.1 TIER=base'
	@echo 'make guest-shell  a shell in a guest kernel: KERNEL=6.1'
	@echo 'make verifier     regenerate docs/verifier.md from the guest kernels'
	@echo 'make matrix       regenerate docs/kernel-matrix.md from the guest kernels'
	@echo 'make bench        what it costs and loses on this machine: root; ARGS="--help"'
	@echo 'make docs         regenerate what is made from the tables'
	@echo 'make install      DESTDIR, PREFIX=$(PREFIX); make uninstall'
	@echo 'make clean        remove $(O)'

.PHONY: all tools-there deps deps-test run check check-long lint check-unit check-live check-guest guest-shell verifier matrix bench fuzz docs install uninstall clean help
.DELETE_ON_ERROR:
