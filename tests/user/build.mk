# SPDX-License-Identifier: BSD-3-Clause
# cmocka programs. Drop a file into a folder, nothing to register:
#   FOLDER/NAME_test.cpp         links the static library, may include the library's and the tool's headers
#   FOLDER/NAME_test.c           C11 against the shared library, as an application would
#   guest/FOLDER/NAME_test.*     needs the loaded modules: built here, run in the guest
#   support/*.cpp                helpers, linked into every C++ test
#   plugins/*.c                  what tests load by dlopen()
# Extra libraries of one program: TEST_LIBS_FOLDER/NAME_test := ...

TEST_BIN := $(BUILD)/tests/user
TEST_CXX_SRCS := $(sort $(wildcard tests/user/*/*_test.cpp tests/user/guest/*/*_test.cpp))
TEST_C_SRCS := $(sort $(wildcard tests/user/*/*_test.c tests/user/guest/*/*_test.c))
TEST_SUPPORT_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(sort $(wildcard tests/user/support/*.cpp)))
TEST_SUPPORT := $(TEST_BIN)/libsupport.a

# Functions are named by the dynamic linker.
TEST_LIBS_mem/leaks_test := -rdynamic

TEST_CXX_PROGS := $(patsubst tests/user/%.cpp,$(TEST_BIN)/%,$(TEST_CXX_SRCS))
TEST_C_PROGS := $(patsubst tests/user/%.c,$(TEST_BIN)/%,$(TEST_C_SRCS))
TEST_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(TEST_CXX_SRCS)) $(patsubst %.c,$(BUILD)/obj/%.o,$(TEST_C_SRCS)) \
	$(TEST_SUPPORT_OBJS)

$(TEST_OBJS): QAE_CPPFLAGS += -DFMT_HEADER_ONLY -iquote tests/user
$(TEST_OBJS): QAE_CXXFLAGS += -Wall -Wextra -Wconversion -Wshadow
$(TEST_OBJS): QAE_CFLAGS += -Wall -Wextra -Wconversion -Wshadow

# These talk netlink themselves.
$(BUILD)/obj/tests/user/config/message_test.o $(BUILD)/obj/tests/user/guest/isolation/address_test.o: \
	QAE_CPPFLAGS += $(shell pkg-config --cflags libnl-genl-3.0 2>/dev/null)
$(BUILD)/obj/tests/user/compression/refusals_test.o: QAE_CPPFLAGS += -DQAE_VERSION='"$(VERSION)"'
$(BUILD)/obj/tests/user/netlink/spec_test.o $(BUILD)/obj/tests/user/qaectl/shell_test.o: QAE_CPPFLAGS += -DQAE_SOURCE_DIR='"$(CURDIR)"'

$(TEST_SUPPORT): $(TEST_SUPPORT_OBJS)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(TEST_CXX_PROGS): $(TEST_BIN)/%: $(BUILD)/obj/tests/user/%.o $(TEST_SUPPORT) $(LIB_STATIC) $(QAECTL_LIB)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $< $(TEST_SUPPORT) $(LIB_STATIC) $(QAECTL_LIB) -lcmocka \
		$(QAECTL_LIBS) -lpthread $(TEST_LIBS_$*)

$(TEST_C_PROGS): $(TEST_BIN)/%: $(BUILD)/obj/tests/user/%.o $(LIB_SHARED) $(LIB_LINKS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../../../lib:$$ORIGIN/../../../../lib' -lcmocka -lpthread \
		$(TEST_LIBS_$*)

TEST_PLUGINS := $(TEST_BIN)/plugins/greedy_tls.so $(TEST_BIN)/plugins/archive.so

$(TEST_BIN)/plugins/greedy_tls.so: tests/user/plugins/greedy_tls.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -shared -fPIC $(LDFLAGS) -o $@ $<

$(TEST_BIN)/plugins/archive.so: tests/user/plugins/archive.c tests/user/plugins/archive.map $(LIB_STATIC)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Ilib/include -c -fPIC -o $(@:.so=.o) $<
	$(CXX) $(CXXFLAGS) -shared $(LDFLAGS) -Wl,--version-script,tests/user/plugins/archive.map -o $@ $(@:.so=.o) \
		$(LIB_STATIC) -lpthread

$(TEST_BIN)/api/loading_test: | $(TEST_PLUGINS) $(LIB_SHARED) $(LIB_LINKS)

# Use the software plane of this build.
$(filter $(TEST_BIN)/compression/%,$(TEST_CXX_PROGS)): | $(PLANES)

# Run the examples.
$(TEST_BIN)/mem/cpp_test $(TEST_BIN)/compression/answers_test: | $(EXAMPLE_PROGS)

TEST_GUEST := $(filter $(TEST_BIN)/guest/%,$(TEST_CXX_PROGS) $(TEST_C_PROGS))
# These need a guest of their own: see tests/vm/scenarios/request-failures and vfio-dma.
GUEST_TESTS += $(filter-out $(TEST_BIN)/guest/isolation/failure_test $(TEST_BIN)/guest/vfio/%,$(TEST_GUEST))
USER_TESTS += $(filter-out $(TEST_GUEST),$(TEST_CXX_PROGS) $(TEST_C_PROGS))
TEST_TARGETS += $(TEST_CXX_PROGS) $(TEST_C_PROGS)
-include $(TEST_OBJS:.o=.d)

# The host's programs once more, each in a build directory of its own, with the compiler's checkers watching.
.PHONY: check-asan check-tsan
SANITIZED := -O1 -g -fno-omit-frame-pointer

check-asan:
	$(MAKE) BUILD=build/asan ASAN_OPTIONS=allocator_may_return_null=1 run-user-tests CFLAGS='$(SANITIZED) -fsanitize=address,undefined' \
		CXXFLAGS='$(SANITIZED) -fsanitize=address,undefined -fno-sanitize-recover=undefined' \
		LDFLAGS='-fsanitize=address,undefined'

check-tsan:
	$(MAKE) BUILD=build/tsan TSAN_OPTIONS=allocator_may_return_null=1 run-user-tests CFLAGS='$(SANITIZED) -fsanitize=thread' \
		CXXFLAGS='$(SANITIZED) -fsanitize=thread' LDFLAGS='-fsanitize=thread'

# Twice expanded, because files read later have programs too.
.PHONY: run-user-tests
.SECONDEXPANSION:
run-user-tests: $$(USER_TESTS)
	@status=0; for test in $(USER_TESTS); do echo "== $$test"; $$test || { status=1; echo "FAILED: $$test"; }; done; \
		exit $$status
