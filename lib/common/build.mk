# SPDX-License-Identifier: BSD-3-Clause
# libqae_common.a: configuration files and the netlink family, for the library and the tool.
# Position independent, so that the shared library can take parts of it in.

QAE_COMMON_LIB := $(BUILD)/lib/libqae_common.a

QAE_COMMON_SOURCES := $(wildcard lib/common/*.cpp)
QAE_COMMON_OBJECTS := $(QAE_COMMON_SOURCES:%.cpp=$(BUILD)/pic/%.o) \
	$(BUILD)/pic/kernel/model/model.o $(BUILD)/pic/kernel/model/layout.o

# Who links the archive and talks netlink needs these.
QAE_COMMON_LIBS := -lnl-genl-3 -lnl-3 -lfmt

$(BUILD)/pic/lib/common/%.o: CPPFLAGS += $(shell pkg-config --cflags libnl-genl-3.0)

$(QAE_COMMON_LIB): $(QAE_COMMON_OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

ALL_TARGETS += $(QAE_COMMON_LIB)

$(BUILD)/obj/tests/user/config_message_test.o: CPPFLAGS += $(shell pkg-config --cflags libnl-genl-3.0)
$(BUILD)/obj/tests/user/netlink_spec_test.o: CPPFLAGS += -DQAE_SOURCE_DIR='"$(CURDIR)"'
