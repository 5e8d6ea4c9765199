# SPDX-License-Identifier: GPL-2.0-or-later
# Tests. A new check_<name>.c is picked up here and listed in suites.def; a new
# cli/<name>.sh, fuzz/fuzz_<name>.c with corpus/<name>/ is picked up by itself.

invariant_src := tests/invariants.c tests/invariants_plan.c tests/invariants_all.c tests/invariants_view.c
# What suites share beside support.c, and share nothing with the library.
judge_src := tests/guest_list.c tests/qemu_replay.c tests/layout.c tests/plan_judge.c \
	tests/plan_judge_edits.c
unit_src := $(sort $(wildcard tests/check_*.c tests/support.c)) $(judge_src) $(invariant_src)
unit_obj := $(unit_src:%.c=$(O)/obj/%.o)

fuzz_names := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
bench_src := $(wildcard tests/bench/bench.c)
all_test_src := $(unit_src) tests/corpus/corpus_check.c $(bench_src) $(if $(fuzz_names),tests/fuzz/replay.c) \
	$(fuzz_names:%=tests/fuzz/fuzz_%.c)
live_src := $(sort $(wildcard tests/live/*.c))
all_test_src += $(live_src) tests/vm/hold.c
all_test_obj := $(all_test_src:%.c=$(O)/obj/%.o)

# What a test may ask of its surroundings. Paths of inputs are relative to the
# top of the tree, so that names in outputs are the same everywhere.
test_env = CAPGAP='$(abspath $(O))/capgap' CAPGAP_QUIRKS='$(abspath quirks.d)' \
	TESTS_DIR=tests FIXTURES=fixtures/configspace CORPUS='$(CORPUS)' FACTS='$(FACTS)' SANITIZE='$(SANITIZE)' CC='$(CC)' NOTIFY='$(abspath $(O))/tests/notify' \
	UBSAN_OPTIONS="$${UBSAN_OPTIONS:-print_stacktrace=1}" LC_ALL=C

# Suites or scripts to run; empty runs all.
SUITE ?=
CLI ?=

$(O)/tests/flags: FORCE
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps --modules $(test_pkgs)
	$(call update_line,$(test_cflags) $(test_libs))

$(all_test_obj): $(O)/obj/%.o: %.c $(O)/flags $(O)/tests/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(lib_flags) $(test_cflags) -MMD -MP -c -o $@ $<

$(O)/tests/check_all: $(unit_obj) $(O)/libcapgap.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link_flags) -o $@ $(unit_obj) $(O)/libcapgap.a $(pkg_libs) $(test_libs)

-include $(all_test_obj:.o=.d)

.PHONY: check-unit check-golden golden check-cli check-corpus
check-unit: $(O)/tests/check_all $(O)/capgap
	$(call say,CHECK,unit)
	$(Q)$(test_env) $(if $(SANITIZE),CK_TIMEOUT_MULTIPLIER=10) \
		tests/run_suites $(O)/tests/check_all $(SUITE)

check-golden: $(O)/capgap
	$(call say,CHECK,golden)
	$(Q)$(test_env) tests/golden/run check

golden: $(O)/capgap
	$(Q)$(test_env) tests/golden/run rewrite

check-cli: $(O)/capgap $(O)/tests/notify
	$(call say,CHECK,cli)
	$(Q)$(test_env) tests/cli/run $(CLI)

# Optional: QEMU names a QEMU 11 or later, QEMU_ARM one for ARM; without one it is passed over.
.PHONY: check-qemu
check-qemu: $(O)/capgap
	$(call say,CHECK,qemu)
	$(Q)$(test_env) tests/qemu/run || [ $$? -eq 77 ]

$(O)/tests/corpus_check: $(O)/obj/tests/corpus/corpus_check.o $(invariant_src:%.c=$(O)/obj/%.o) \
		$(O)/libcapgap.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link_flags) -o $@ $^ $(pkg_libs)

check-corpus: $(O)/capgap $(O)/tests/corpus_check
	$(call say,CHECK,corpus)
	$(Q)$(test_env) CORPUS_CHECK='$(O)/tests/corpus_check' tests/corpus/run

# Real system calls against recorded kernels. The harness watches the other programs.
live_notify_src := tests/live/notify.c tests/live/script.c tests/live/trap.c \
	tests/live/sysfs.c tests/live/streams.c
live_programs := $(O)/tests/live_tool $(O)/tests/rogue

$(O)/tests/notify: $(live_notify_src:%.c=$(O)/obj/%.o)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link_flags) -o $@ $^

$(live_programs): $(O)/tests/%: $(O)/obj/tests/live/%.o $(O)/libcapgap.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link_flags) -o $@ $^ $(pkg_libs)

.PHONY: check-live
check-live: $(O)/tests/notify $(live_programs) $(O)/capgap
	$(call say,CHECK,live)
	$(Q)$(test_env) tests/live/run $(O)/tests/notify capgap=$(O)/capgap \
		live_tool=$(O)/tests/live_tool rogue=$(O)/tests/rogue

# Real kernels in guests; docs/vm-tests.md. Roots and kernels are kept in a cache that
# `make clean` leaves alone.
VM ?=
VM_CACHE ?= .cache/vm

$(O)/tests/hold: $(O)/obj/tests/vm/hold.o $(O)/libcapgap.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(link_flags) -o $@ $^ $(pkg_libs)

.PHONY: check-vm
check-vm: $(O)/capgap $(O)/tests/live_tool $(O)/tests/hold
	$(call say,CHECK,vm)
	$(Q)$(test_env) LIVE_TOOL='$(abspath $(O))/tests/live_tool' \
		HOLD='$(abspath $(O))/tests/hold' VM_CACHE='$(VM_CACHE)' VM_OUT='$(O)/vm' \
		$(PYTHON) -B tests/vm/run $(VM) || [ $$? -eq 77 ]

# Fuzz targets. The same files build twice: with libFuzzer for `make fuzz`, and
# with replay.c and the compiler in use for `make check`.
ifneq ($(fuzz_names),)
FUZZ_CC ?= clang
fuzz_sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
fuzz_flags = $(project_cppflags) $(CPPFLAGS) $(base_cflags) $(fuzz_sanitize) $(CFLAGS) $(pkg_cflags)
fuzz_lib_obj := $(lib_src:%.c=$(O)/fuzz/obj/%.o)
fuzz_obj := $(fuzz_names:%=$(O)/fuzz/obj/tests/fuzz/fuzz_%.o)
fuzz_invariant_obj := $(invariant_src:%.c=$(O)/fuzz/obj/%.o)

$(O)/fuzz/flags: FORCE
	$(call update_line,$(FUZZ_CC) $(fuzz_flags) $(LDFLAGS) $(pkg_libs))

$(fuzz_lib_obj) $(fuzz_invariant_obj) $(fuzz_obj): $(O)/fuzz/obj/%.o: %.c $(O)/flags $(O)/fuzz/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(fuzz_flags) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(O)/fuzz/fuzz_%: $(O)/fuzz/obj/tests/fuzz/fuzz_%.o $(fuzz_invariant_obj) \
		$(fuzz_lib_obj)
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CC) $(fuzz_sanitize) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(pkg_libs)

$(O)/tests/fuzz_%: $(O)/obj/tests/fuzz/fuzz_%.o $(O)/obj/tests/fuzz/replay.o \
		$(invariant_src:%.c=$(O)/obj/%.o) $(O)/libcapgap.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) -o $@ $^ $(pkg_libs)

-include $(fuzz_lib_obj:.o=.d) $(fuzz_invariant_obj:.o=.d) $(fuzz_obj:.o=.d)

.PHONY: fuzz check-fuzz
.SECONDARY: $(fuzz_lib_obj) $(fuzz_invariant_obj) $(fuzz_obj) $(all_test_obj)
fuzz: $(fuzz_names:%=$(O)/fuzz/fuzz_%)
	@for n in $(fuzz_names); do \
		echo "run: $(O)/fuzz/fuzz_$$n -max_total_time=60 tests/fuzz/corpus/$$n"; \
	done

check-fuzz: $(fuzz_names:%=$(O)/tests/fuzz_%)
	$(call say,CHECK,fuzz)
	$(Q)for n in $(fuzz_names); do \
		$(test_env) $(O)/tests/fuzz_$$n tests/fuzz/corpus/$$n || exit 1; \
	done
endif

# Measurements are reported and never fail.
ifneq ($(bench_src),)
$(O)/tests/bench: $(O)/obj/tests/bench/bench.o $(O)/libcapgap.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) -o $@ $^ $(pkg_libs)

.PHONY: bench
bench: $(O)/tests/bench $(O)/capgap
	-$(Q)$(test_env) $(O)/tests/bench
endif

# Lines that the tests reach, file by file.
.PHONY: coverage
coverage:
	@find $(O)/coverage -name '*.gcda' -delete 2>/dev/null || :
	+$(Q)for step in check-unit $(if $(fuzz_names),check-fuzz) check-golden check-cli; do \
		$(MAKE) --no-print-directory O=$(O)/coverage CFLAGS='-O0 -g --coverage' \
			$$step || exit 1; \
	done
	@find $(O)/coverage/obj -name '*.gcda' ! -path '*/obj/tests/*' | sort | \
		xargs gcov --no-output --relative-only | tests/lint/coverage-table
