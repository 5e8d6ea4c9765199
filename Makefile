# SPDX-License-Identifier: GPL-2.0-or-later
# capgap: build, tests, checks, installation. `make help` lists the targets.

VERSION := 0.1.0
SOVERSION := 0

all:

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# Local settings, if there are any: any variable below can be set there.
-include config.mak

# The user's: how to compile, where to build, where to install.
O ?= build
CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PYTHON ?= /usr/bin/python3
WERROR ?=
SANITIZE ?=
V ?=

prefix ?= /usr/local
bindir ?= $(prefix)/bin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
DESTDIR ?=

# Dumps and tables that are not part of the tree; tests use them where they are present.
CORPUS ?= ../shared/corpus
FACTS ?= ../shared/facts

# What `make demo` shows.
DEMO_FIXTURES ?= $(addprefix fixtures/configspace/made/,\
	8086-0b25-pasid-ats-pri.txt 1234-1002-sriov.txt 1234-1001-port-logic.bin)

# Sources: each folder lists its own.
include analyzer/sources.mk placement/sources.mk report/sources.mk cli/sources.mk

lib_obj := $(lib_src:%.c=$(O)/obj/%.o)
cli_obj := $(cli_src:%.c=$(O)/obj/%.o)
public_headers := $(foreach dir,analyzer analyzer/source placement report,\
	$(wildcard $(dir)/*.h $(dir)/*.def))
quirk_files := $(wildcard quirks.d/*.xml quirks.d/*.rng)
man_pages := $(wildcard docs/*.1)

# Flags that are the project's own; the user's stand behind them.
warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wundef -Wvla -Walloca -Wformat=2 -Wpointer-arith \
	-Wcast-align -Wcast-qual -Wwrite-strings -Wredundant-decls -Wnested-externs \
	-Wconversion -Wno-sign-conversion
base_cflags := -std=c11 -fPIC $(warnings) $(if $(filter 1,$(WERROR)),-Werror)
sanitize := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)
project_cppflags := -D_GNU_SOURCE -DCAPGAP_VERSION='"$(VERSION)"' \
	-DCAPGAP_DATADIR='"$(datadir)"'

# pkg-config is asked when a recipe first needs it, so that targets which
# install packages, clean or explain work without it. The answer is kept.
pkgs := libpci libxml-2.0 jansson smartcols
test_pkgs := check
ask_pkgs = $(shell $(PKG_CONFIG) $(1) 2>/dev/null)
pkg_cflags = $(eval pkg_cflags := $(call ask_pkgs,--cflags $(pkgs)))$(pkg_cflags)
pkg_libs = $(eval pkg_libs := $(call ask_pkgs,--libs $(pkgs)))$(pkg_libs)
test_cflags = $(eval test_cflags := $(call ask_pkgs,--cflags $(test_pkgs)))$(test_cflags)
test_libs = $(eval test_libs := $(call ask_pkgs,--libs $(test_pkgs)))$(test_libs)

lib_flags = $(project_cppflags) $(CPPFLAGS) $(base_cflags) $(sanitize) $(CFLAGS) $(pkg_cflags)
link_flags = $(sanitize) $(CFLAGS) $(LDFLAGS)

# V=1 shows the commands.
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@printf '  %-7s %s\n' $(1) $(2))
quote = '$(subst ','\'',$(1))'

# Rewrite the target only where its one line differs: what depends on it is then rebuilt.
define update_line
$(Q)mkdir -p $(@D)
$(Q)printf '%s\n' $(call quote,$(1)) | cmp -s - $@ || printf '%s\n' $(call quote,$(1)) >$@
endef

include tests/tests.mk

.PHONY: all FORCE
all: $(O)/capgap $(O)/libcapgap.a $(O)/libcapgap.so

FORCE:

# Other flags or another compiler rebuild everything; a missing package stops here.
$(O)/flags: FORCE
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps --modules $(pkgs)
	$(call update_line,$(CC) $(lib_flags) $(link_flags) $(pkg_libs))

$(lib_obj) $(cli_obj): $(O)/obj/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(lib_flags) -MMD -MP -c -o $@ $<

$(O)/libcapgap.a: $(lib_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(lib_obj)

$(O)/libcapgap.so: $(lib_obj)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared -Wl,-soname,libcapgap.so.$(SOVERSION) \
		$(if $(SANITIZE),,-Wl,-z,defs) $(link_flags) -o $@ $(lib_obj) $(pkg_libs)

$(O)/capgap: $(cli_obj) $(O)/libcapgap.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(link_flags) -o $@ $(cli_obj) $(O)/libcapgap.a $(pkg_libs)

-include $(lib_obj:.o=.d) $(cli_obj:.o=.d)

# Packages. `make demo` and `make check` come here first, so that a system with
# nothing but make can run them.
.PHONY: deps demo
deps:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps build test

demo: deps
	+$(Q)$(MAKE) --no-print-directory $(O)/capgap
	@set -- $(DEMO_FIXTURES); \
	[ $$# -gt 0 ] || { echo "demo: no fixtures" >&2; exit 1; }; \
	for f; do \
		printf '\n$$ %s plan %s\n\n' $(O)/capgap "$$f"; \
		$(O)/capgap plan "$$f" || [ $$? -eq 1 ] || exit 1; \
	done

# Everything that a change has to pass, in this order; the corpus line comes last.
check_steps := check-headers check-layers check-unit check-live \
	$(if $(fuzz_names),check-fuzz) check-golden check-cli check-corpus

.PHONY: check check-headers check-layers
check: deps
	+$(Q)$(MAKE) --no-print-directory all
	+$(Q)for step in $(check_steps); do \
		$(MAKE) --no-print-directory $$step || exit 1; \
	done

# Each header compiles alone, and twice, with the compiler in use and with clang.
all_headers := $(filter %.h,$(public_headers)) $(wildcard cli/*.h tests/*.h tests/fuzz/*.h tests/live/*.h)
check-headers: $(O)/flags $(O)/tests/flags
	$(call say,CHECK,headers)
	$(Q)status=0; \
	for cc in $(call quote,$(CC)) $(if $(filter-out clang,$(CC)),clang); do \
		command -v $${cc%% *} >/dev/null || continue; \
		for h in $(all_headers); do \
			printf '#include "$(CURDIR)/%s"\n#include "$(CURDIR)/%s"\n' $$h $$h | \
			$$cc $(lib_flags) $(test_cflags) -Werror -x c -fsyntax-only - || \
			{ echo "$$h: does not compile alone with $$cc" >&2; status=1; }; \
		done; \
	done; exit $$status

check-layers:
	$(call say,CHECK,layers)
	$(Q)$(PYTHON) tests/lint/check-layers

# Lint. Each step can be run alone; `lint` runs all and fails if one does.
lint_steps := check-layers lint-size lint-format tidy lint-cppcheck lint-shell
.PHONY: lint lint-size lint-format lint-cppcheck lint-shell tidy format
lint:
	@PKG_CONFIG='$(PKG_CONFIG)' .ci/deps build test lint
	+$(Q)$(MAKE) --no-print-directory --keep-going $(lint_steps)

lint-size:
	$(call say,LINT,size)
	$(Q)tests/lint/files '*.c' '*.h' | xargs $(PYTHON) tests/lint/check-size

lint-format:
	$(call say,LINT,format)
	$(Q)tests/lint/files '*.c' '*.h' | xargs clang-format --dry-run -Werror --ferror-limit=10

# One file a run: with several, clang-tidy 14 takes a va_list for uninitialised.
tidy: compile_commands.json
	$(call say,LINT,tidy)
	$(Q)tests/lint/files '*.c' | xargs -P "$$(nproc)" -n 1 tests/lint/tidy

lint-cppcheck:
	$(call say,LINT,cppcheck)
	$(Q)mkdir -p $(O)/cppcheck
	$(Q)tests/lint/files '*.c' | xargs cppcheck --quiet --cppcheck-build-dir=$(O)/cppcheck \
		--enable=warning,style,performance,portability --inline-suppr --std=c11 \
		-j "$$(nproc)" --error-exitcode=1 --suppressions-list=tests/lint/cppcheck.txt \
		$(project_cppflags)

lint-shell:
	$(call say,LINT,shell)
	$(Q)tests/lint/files --shell | xargs shellcheck

format:
	$(Q)tests/lint/files '*.c' '*.h' | xargs clang-format -i

.PHONY: pre-push
pre-push:
	+$(Q).ci/run

compile_commands.json: $(O)/flags FORCE
	$(Q)$(PYTHON) tests/lint/compile-commands $@ \
		$(lib_src) $(cli_src) $(all_test_src) -- $(CC) $(lib_flags) $(test_cflags)

# Installation.
define pkgconfig_file
prefix=$(prefix)
libdir=$(libdir)
includedir=$(includedir)

Name: capgap
Description: Finds free space in PCI configuration space
Version: $(VERSION)
Requires.private: $(pkgs)
Libs: -L$${libdir} -lcapgap
Cflags: -I$${includedir}
endef

.PHONY: install uninstall
install: all
	$(INSTALL) -d '$(DESTDIR)$(bindir)' '$(DESTDIR)$(libdir)/pkgconfig'
	$(INSTALL) -m 755 $(O)/capgap '$(DESTDIR)$(bindir)/capgap'
	$(INSTALL) -m 644 $(O)/libcapgap.a '$(DESTDIR)$(libdir)/libcapgap.a'
	$(INSTALL) -m 755 $(O)/libcapgap.so '$(DESTDIR)$(libdir)/libcapgap.so.$(VERSION)'
	ln -sf libcapgap.so.$(VERSION) '$(DESTDIR)$(libdir)/libcapgap.so.$(SOVERSION)'
	ln -sf libcapgap.so.$(SOVERSION) '$(DESTDIR)$(libdir)/libcapgap.so'
	$(file >$(O)/capgap.pc,$(pkgconfig_file))
	$(INSTALL) -m 644 $(O)/capgap.pc '$(DESTDIR)$(libdir)/pkgconfig/capgap.pc'
	@for f in $(public_headers); do \
		$(INSTALL) -D -m 644 $$f '$(DESTDIR)$(includedir)'/capgap/$$f || exit 1; \
	done
	@for f in $(quirk_files); do \
		$(INSTALL) -D -m 644 $$f '$(DESTDIR)$(datadir)'/capgap/$$f || exit 1; \
	done
	@for f in $(man_pages); do \
		$(INSTALL) -D -m 644 $$f '$(DESTDIR)$(mandir)'/man1/$${f##*/} || exit 1; \
	done

uninstall:
	rm -f '$(DESTDIR)$(bindir)/capgap' '$(DESTDIR)$(libdir)/libcapgap.a' \
		'$(DESTDIR)$(libdir)/libcapgap.so' \
		'$(DESTDIR)$(libdir)/libcapgap.so.$(SOVERSION)' \
		'$(DESTDIR)$(libdir)/libcapgap.so.$(VERSION)' \
		'$(DESTDIR)$(libdir)/pkgconfig/capgap.pc' \
		$(man_pages:docs/%='$(DESTDIR)$(mandir)/man1/%')
	rm -rf '$(DESTDIR)$(includedir)/capgap' '$(DESTDIR)$(datadir)/capgap'

.PHONY: clean help
clean:
	rm -rf $(O) compile_commands.json

define help_text
Everyday:
  all             the program, the static and the shared library in $(O)/ (default)
  demo            install what is missing, build, plan on a few fixtures
  check           install what is missing, build, run every test
  install         to DESTDIR and prefix; uninstall takes it away again
  clean           remove $(O)/
Tests, one kind at a time:
  check-unit      Check suites; SUITE="caps chain" runs some of them
  check-live      real system calls against recorded kernels
  check-golden    output of each fixture against tests/golden; golden rewrites them
  check-cli       scripts in tests/cli; CLI="name ..." runs some of them
  check-corpus    the dumps of CORPUS=$(CORPUS), where present
  check-qemu      options that are printed, against QEMU=PROGRAM, where present
  check-vm        real kernels in guests; VM="a c" runs some tests (docs/vm-tests.md)
  check-headers   each header compiles alone
  check-layers    dependencies between folders point down only
$(if $(fuzz_names),  check-fuzz      replay the fuzz corpora
  fuzz            build the fuzz targets with clang and libFuzzer
)$(if $(bench_src),  bench           measure and report
)  coverage        lines that the tests reach, file by file
For a change:
  format          lay out all C files
  lint            size, layers, layout, clang-tidy, cppcheck, shellcheck
  tidy            clang-tidy alone
  pre-push        all that CI runs
  deps            install the packages that are missing
  compile_commands.json
Variables: CC CFLAGS CPPFLAGS LDFLAGS O=$(O) V=1 WERROR=1 SANITIZE=address,undefined
prefix bindir libdir includedir datadir mandir DESTDIR; also read from config.mak.
endef

help:
	@:$(info $(help_text))
