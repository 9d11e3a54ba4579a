# SPDX-License-Identifier: BSD-3-Clause
# qaectl, its man pages, and its files on an installed system.

# libqaectl.a: configuration files and the netlink family, for qaectl and for tests.
QAECTL_LIB := $(BUILD)/lib/libqaectl.a
QAECTL_LIB_OBJECTS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(sort $(wildcard lib/common/*.cpp lib/config/*.cpp \
	tools/netlink/*.cpp))) $(BUILD)/obj/kernel/model/model.o $(BUILD)/obj/kernel/model/layout.o
QAECTL_LIBS := -lnl-genl-3 -lnl-3 -lfmt

QAECTL := $(BUILD)/bin/qaectl
QAECTL_OBJECTS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(sort $(wildcard tools/qaectl/*.cpp)))

$(BUILD)/obj/tools/%.o: QAE_CPPFLAGS += $(shell pkg-config --cflags libnl-genl-3.0 2>/dev/null)
$(BUILD)/obj/tools/qaectl/main.o: QAE_CPPFLAGS += -DQAE_VERSION='"$(VERSION)"'
$(BUILD)/obj/tools/qaectl/main.o: dkms.conf

$(QAECTL_LIB): $(QAECTL_LIB_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(QAECTL): $(QAECTL_OBJECTS) $(QAECTL_LIB)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $(QAECTL_OBJECTS) $(QAECTL_LIB) $(QAECTL_LIBS)

ALL_TARGETS += $(QAECTL)

# The test starts the program in the same build directory.
$(BUILD)/tests/user/qaectl/check_test $(BUILD)/tests/user/qaectl/shell_test: | $(QAECTL)

# This one calls functions of the tool.
QAECTL_MEMORY_OBJECTS := $(addprefix $(BUILD)/obj/tools/qaectl/,sizes.o memory_conf.o words.o)
TEST_LIBS_qaectl/memory_test := $(QAECTL_MEMORY_OBJECTS) $(QAECTL_LIB) $(QAECTL_LIBS)
$(BUILD)/tests/user/qaectl/memory_test: $(QAECTL_MEMORY_OBJECTS)

INSTALL_TARGETS += install-tools
UNINSTALL_TARGETS += uninstall-tools

QAE_BIN_DIR = $(DESTDIR)$(PREFIX)/bin
QAE_MAN_DIR = $(DESTDIR)$(PREFIX)/share/man
QAE_COMPLETION_DIR = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
QAE_ZSH_DIR = $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
QAE_FISH_DIR = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
QAE_EXAMPLE_DIR = $(DESTDIR)$(DOCDIR)/examples
# The system looks for these in fixed places, which depend on PREFIX only if it is /usr.
QAE_SYSTEM_LIB = $(DESTDIR)$(if $(filter /usr,$(PREFIX)),/usr/lib,/etc)
QAE_UNIT_DIR = $(QAE_SYSTEM_LIB)/systemd/system
QAE_SYSUSERS_DIR = $(if $(filter /usr,$(PREFIX)),$(DESTDIR)/usr/lib/sysusers.d,$(DESTDIR)/etc/sysusers.d)
QAE_UDEV_DIR = $(QAE_SYSTEM_LIB)/udev/rules.d

.PHONY: install-tools uninstall-tools
install-tools: $(QAECTL)
	install $(INSTALL_STRIP) -D -m 0755 $(QAECTL) $(QAE_BIN_DIR)/qaectl
	install -D -m 0644 tools/man/qaectl.8 $(QAE_MAN_DIR)/man8/qaectl.8
	install -D -m 0644 tools/man/qat_dev.conf.5 $(QAE_MAN_DIR)/man5/qat_dev.conf.5
	install -D -m 0644 tools/completion/qaectl $(QAE_COMPLETION_DIR)/qaectl
	install -D -m 0644 tools/completion/_qaectl $(QAE_ZSH_DIR)/_qaectl
	install -D -m 0644 tools/completion/qaectl.fish $(QAE_FISH_DIR)/qaectl.fish
	install -d $(QAE_EXAMPLE_DIR) $(QAE_UNIT_DIR)
	install -m 0644 tools/conf/*.conf $(QAE_EXAMPLE_DIR)/
	install -D -t $(QAE_EXAMPLE_DIR)/multi-process -m 0644 tools/conf/multi-process/*
	sed 's|@BINDIR@|$(PREFIX)/bin|g' tools/systemd/qat.service > $(QAE_UNIT_DIR)/qat.service
	install -D -m 0644 tools/systemd/qae.sysusers $(QAE_SYSUSERS_DIR)/qae.conf
	install -D -m 0644 tools/udev/60-qae.rules $(QAE_UDEV_DIR)/60-qae.rules

uninstall-tools:
	rm -f $(QAE_COMPLETION_DIR)/qaectl $(QAE_ZSH_DIR)/_qaectl $(QAE_FISH_DIR)/qaectl.fish
	rm -f $(QAE_BIN_DIR)/qaectl $(QAE_MAN_DIR)/man8/qaectl.8 $(QAE_MAN_DIR)/man5/qat_dev.conf.5
	rm -rf $(QAE_EXAMPLE_DIR)
	rm -f $(QAE_UNIT_DIR)/qat.service $(QAE_SYSUSERS_DIR)/qae.conf $(QAE_UDEV_DIR)/60-qae.rules
