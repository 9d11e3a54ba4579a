# SPDX-License-Identifier: BSD-3-Clause
# qae: `make help` lists the targets.
#
# User space is built here, without recursion: each folder's build.mk names its
# files and adds to the lists below. Kernel modules are built by kbuild, once
# per kernel, in a copy of their sources (scripts/build-modules).

VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
BUILD ?= build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR ?= $(PREFIX)/share/doc/qae

CC ?= gcc
CXX ?= g++
# CPPFLAGS, CFLAGS, CXXFLAGS and LDFLAGS belong to the builder, as distributions set them. They only
# add: what the sources need is in variables of their own, which builders leave alone.
CFLAGS ?= -O2 -g -fstack-protector-strong -Wall -Wextra
CXXFLAGS ?= -O2 -g -fstack-protector-strong -Wall -Wextra -Wconversion -Wshadow

QAE_C_STANDARD := -std=c11
QAE_CXX_STANDARD := -std=c++20
# Project folders are searched for quoted includes only: <netlink/...> is libnl's.
QAE_CPPFLAGS := -Iinclude/uapi -Ilib/include -iquote lib -iquote tools -iquote .
# Set for single objects, by build.mk files; later than the builder's.
QAE_CFLAGS :=
QAE_CXXFLAGS :=

COMPILE_C = $(CC) $(QAE_CPPFLAGS) $(CPPFLAGS) $(QAE_C_STANDARD) $(CFLAGS) $(QAE_CFLAGS)
COMPILE_CXX = $(CXX) $(QAE_CPPFLAGS) $(CPPFLAGS) $(QAE_CXX_STANDARD) $(CXXFLAGS) $(QAE_CXXFLAGS)

# The kernel whose modules are built: 6.1, 6.12, newest, test, or host, the running one.
# Without headers for the running kernel, Debian's stock 6.1 stands in.
KERNEL ?= $(if $(wildcard /lib/modules/$(shell uname -r)/build/Makefile),host,6.1)

# Filled by the build.mk files.
ALL_TARGETS :=
INSTALL_TARGETS :=
UNINSTALL_TARGETS :=
TEST_TARGETS :=
USER_TESTS :=
GUEST_TESTS :=

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all
all: user modules

-include lib/build.mk
-include docs/reference/build.mk
-include tools/build.mk
-include examples/build.mk
-include tests/user/build.mk
-include tests/bench/build.mk
-include docs/build.mk

# Says what Debian packages are missing, until none is. A build without them may be possible.
PACKAGES_SEEN := $(BUILD)/packages-seen
$(PACKAGES_SEEN):
	@mkdir -p $(@D)
	@! scripts/install-packages --check user || touch $@

# Objects for programs, and position independent ones for the library.
$(BUILD)/obj/%.o: %.cpp | $(PACKAGES_SEEN)
	@mkdir -p $(@D)
	$(COMPILE_CXX) -MMD -MP -c -o $@ $<
$(BUILD)/obj/%.o: %.c | $(PACKAGES_SEEN)
	@mkdir -p $(@D)
	$(COMPILE_C) -MMD -MP -c -o $@ $<
$(BUILD)/pic/%.o: %.cpp | $(PACKAGES_SEEN)
	@mkdir -p $(@D)
	$(COMPILE_CXX) -fPIC -MMD -MP -c -o $@ $<
$(BUILD)/pic/%.o: %.c | $(PACKAGES_SEEN)
	@mkdir -p $(@D)
	$(COMPILE_C) -fPIC -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj $(BUILD)/pic -name '*.d' 2>/dev/null)

.PHONY: user tests modules
user: $(ALL_TARGETS)
tests: $(TEST_TARGETS)

modules:
	@scripts/install-packages --check modules || true
ifeq ($(KERNEL),host)
	@scripts/build-modules host
else
	@kernel_dir=$$(tests/vm/fetch-kernel $(KERNEL)) && scripts/build-modules "$$kernel_dir"
endif

# ---- tests ----------------------------------------------------------------

.PHONY: check kunit kunit-uml lint format dkms-check demo list-tests
check:
	@tests/run-all

kunit:
	@tests/run-kunit

kunit-uml:
	@tests/run-kunit --uml

lint:
	@scripts/lint

format:
	@scripts/lint --format

dkms-check:
	@scripts/dkms-check

demo:
	@scripts/demo

# For tests/run-all: the programs to run here and those to run in a guest.
list-tests:
	@printf 'host %s\n' $(USER_TESTS)
	@printf 'guest %s\n' $(GUEST_TESTS)

# ---- installation ---------------------------------------------------------

# The modules' sources are laid out for DKMS: with PREFIX=/usr that is
# /usr/src/qae-<version>, where dkms finds them by itself.
SOURCE_ROOT = $(DESTDIR)$(PREFIX)/src
SOURCE_DIR = $(SOURCE_ROOT)/qae-$(VERSION)
SIMULATOR_DIR = $(SOURCE_ROOT)/qae-simulator-$(VERSION)
kernel_sources = $(shell find $(1) -type f \( -name '*.[ch]' -o -name Kbuild -o -name Makefile \) ! -name '*.mod.c')
MODULE_SOURCES = $(filter-out kernel/sim/%,$(call kernel_sources,kernel include/uapi))
SIMULATOR_SOURCES = kernel/compat.h kernel/model/functions.h $(call kernel_sources,kernel/sim)
# A system that is running, not a folder for a package.
dkms_remove = $(if $(DESTDIR),,@scripts/dkms-remove $(PREFIX)/src $(1))

# Not in include/linux, which belongs to the kernel's headers.
UAPI_HEADERS := linux/qae.h linux/qae_netlink.h
UAPI_DIR = $(DESTDIR)$(INCLUDEDIR)/qae

INSTALL_TARGETS += install-module-source
UNINSTALL_TARGETS += uninstall-module-source

.PHONY: install install-strip uninstall refuse-beside-packages
install: $(INSTALL_TARGETS)
	$(if $(DESTDIR),,@scripts/activate-install)
# Without debug information; INSTALL_STRIP goes to install(1).
install-strip:
	@$(MAKE) --no-print-directory install INSTALL_STRIP=-s
uninstall: $(UNINSTALL_TARGETS)

# Files of Debian packages are the package manager's.
$(INSTALL_TARGETS) $(UNINSTALL_TARGETS) install-simulator-source uninstall-simulator-source: | refuse-beside-packages
refuse-beside-packages:
	$(if $(DESTDIR),,@scripts/refuse-beside-packages $(PREFIX))

.PHONY: install-module-source uninstall-module-source install-simulator-source uninstall-simulator-source
install-module-source:
	$(call dkms_remove,qae)
	install -D -m 644 dkms.conf $(SOURCE_DIR)/dkms.conf
	set -e; for file in $(MODULE_SOURCES); do install -D -m 644 $$file $(SOURCE_DIR)/$$file; done
	set -e; for header in $(UAPI_HEADERS); do \
		install -D -m 644 include/uapi/$$header $(UAPI_DIR)/$$header; done

uninstall-module-source: uninstall-simulator-source
	$(call dkms_remove,qae)
	rm -rf $(SOURCE_DIR) $(UAPI_DIR)

install-simulator-source:
	$(call dkms_remove,qae-simulator)
	install -d $(SIMULATOR_DIR)
	sed 's/#MODULE_VERSION#/$(VERSION)/' kernel/sim/dkms.conf > $(SIMULATOR_DIR)/dkms.conf
	set -e; for file in $(SIMULATOR_SOURCES); do install -D -m 644 $$file $(SIMULATOR_DIR)/$$file; done

uninstall-simulator-source:
	$(call dkms_remove,qae-simulator)
	rm -rf $(SIMULATOR_DIR)

# ---- Debian packages --------------------------------------------------------

.PHONY: deb deb-check
deb:
	@scripts/build-deb

deb-check:
	@scripts/deb-check

# ---- the rest -------------------------------------------------------------

.PHONY: clean help
clean:
	rm -rf $(BUILD)

help:
	@echo 'Build'
	@echo '  make                      library, tool, examples, and modules for the running kernel'
	@echo '                            (or for stock 6.1 where its headers are missing)'
	@echo '  make user                 library, tool and examples only'
	@echo '  make reference            manual pages of section 3 and HTML of the public headers; needs doxygen'
	@echo '  make tests                the test programs; make check does it'
	@echo '  make modules KERNEL=K     modules for 6.1, 6.12, newest, test or host'
	@echo '  make deb                  Debian packages, into build/deb'
	@echo '  make install DESTDIR= PREFIX=/usr/local, make install-strip, make uninstall'
	@echo '  make install-simulator-source    sources of the simulator for DKMS, which install leaves out'
	@echo '  make clean'
	@echo 'Try'
	@echo '  make demo                 nine processes on two endpoints, in a guest'
	@echo '  tests/vm/run --help       any command in a guest with the modules loaded'
	@echo 'Test'
	@echo '  make check                everything below; installs packages as root'
	@echo '  tests/run-all WORD…       of make check only the jobs whose names contain a word; --list'
	@echo '  make kunit                KUnit suites in QEMU on the test kernel'
	@echo '  make kunit-uml            KUnit suites under User-mode Linux'
	@echo '  make lint                 checkpatch, sparse, W=1, clang-format, kernel-doc, api-doc, documents …'
	@echo '  scripts/lint clang-tidy   the slow one'
	@echo '  make format               lay out user-space sources as .clang-format says'
	@echo '  make dkms-check           build through DKMS for stock 6.1 and 6.12'
	@echo '  make deb-check            install, upgrade, remove and purge the packages in a scratch root'
	@echo 'Measure'
	@echo '  make bench                memory functions beside other allocators; BENCH_QUICK=1: a look'
	@echo '  make bench-report         its numbers into docs/performance.md; make bench-plot: drawings'
	@echo '  make bench-kernel         instructions of the kernel path, in guests; make bench-kernel-report'
	@echo '  make bench-rebase         accept the present instruction counts of the hot paths; bench-kernel-rebase'
	@echo 'Document'
	@echo '  make drawings             system.svg and sections.svg of docs/ from their texts; needs Graphviz'
	@echo 'Settings'
	@echo '  QAE_CACHE                 where kernels are kept (default: ~/.cache/qae)'
	@echo '  QAE_JOBS                  parallel jobs of kernel builds (default 2)'
