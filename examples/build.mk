# SPDX-License-Identifier: BSD-3-Clause
# The example programs, built as an application would be: C11 against the shared library.

EXAMPLE_PROGS := $(BUILD)/bin/qae_example $(BUILD)/bin/qae_minimal
EXAMPLE_OBJS := $(BUILD)/obj/examples/qae_example.o $(BUILD)/obj/examples/minimal.o

$(EXAMPLE_OBJS): CPPFLAGS += -Ilib/include -D_GNU_SOURCE
$(EXAMPLE_OBJS): CFLAGS += -std=c11 -Wall -Wextra -Wconversion -Wshadow

$(BUILD)/bin/qae_example: $(BUILD)/obj/examples/qae_example.o
$(BUILD)/bin/qae_minimal: $(BUILD)/obj/examples/minimal.o

$(EXAMPLE_PROGS): $(LIB_SHARED) $(LIB_LINKS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../lib'

.PHONY: examples
examples: $(EXAMPLE_PROGS)

ALL_TARGETS += examples
-include $(EXAMPLE_OBJS:.o=.d)
