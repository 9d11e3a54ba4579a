# SPDX-License-Identifier: BSD-3-Clause
# The example programs, built as an application would be: C11 and C++17 against the shared library.

EXAMPLE_C_PROGS := $(BUILD)/bin/qae_example $(BUILD)/bin/qae_minimal $(BUILD)/bin/qae_memory $(BUILD)/bin/qae_compress
EXAMPLE_CXX_PROGS := $(BUILD)/bin/qae_pinned
EXAMPLE_PROGS := $(EXAMPLE_C_PROGS) $(EXAMPLE_CXX_PROGS)
EXAMPLE_OBJS := $(patsubst %,$(BUILD)/obj/examples/%.o,qae_example minimal memory pinned compress)

$(EXAMPLE_OBJS): QAE_CPPFLAGS += -Ilib/include -D_GNU_SOURCE
$(EXAMPLE_OBJS): QAE_CFLAGS += -std=c11 -Wall -Wextra -Wconversion -Wshadow
$(EXAMPLE_OBJS): QAE_CXXFLAGS += -std=c++17 -Wall -Wextra -Wconversion -Wshadow

$(BUILD)/bin/qae_example: $(BUILD)/obj/examples/qae_example.o
$(BUILD)/bin/qae_minimal: $(BUILD)/obj/examples/minimal.o
$(BUILD)/bin/qae_memory: $(BUILD)/obj/examples/memory.o
$(BUILD)/bin/qae_compress: $(BUILD)/obj/examples/compress.o
$(BUILD)/bin/qae_pinned: $(BUILD)/obj/examples/pinned.o

$(EXAMPLE_C_PROGS): $(LIB_SHARED) $(LIB_LINKS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../lib'

$(EXAMPLE_CXX_PROGS): $(LIB_SHARED) $(LIB_LINKS)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../lib'

.PHONY: examples install-examples
examples: $(EXAMPLE_PROGS)

install-examples:
	install -d $(DESTDIR)$(DOCDIR)/examples
	install -m 644 $(wildcard examples/*.c examples/*.cpp) $(DESTDIR)$(DOCDIR)/examples/

ALL_TARGETS += examples
INSTALL_TARGETS += install-examples
-include $(EXAMPLE_OBJS:.o=.d)
