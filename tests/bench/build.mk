# SPDX-License-Identifier: BSD-3-Clause
# Benchmarks of the memory functions: one program per allocator (peers/NAME.cpp), all with the same workloads.
#   make bench          build, run, print the table, write build/bench/user.json; BENCH_QUICK=1 for a short run
#   make bench-report   put the numbers of that file into docs/performance.md
#   make bench-plot     draw them, docs/performance*.svg
#   make bench-rebase   accept the present numbers of instructions, see instructions_test.cpp
#   make bench-kernel   instructions of the kernel path in guests, build/bench/kernel-RELEASE.json;
#                       make bench-kernel-report, make bench-kernel-rebase as above

BENCH_BIN := $(BUILD)/bench
BENCH_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(filter-out %_test.cpp,$(sort $(wildcard tests/bench/*.cpp))))
BENCH_PEER_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(wildcard tests/bench/peers/*.cpp))

# Allocators that are not installed are left out of the table; run.py names them.
BENCH_DPDK := $(BENCH_BIN)/dpdk-headers
BENCH_HAS = $(firstword $(wildcard $(addsuffix /$(1),/usr/include /usr/lib/*-linux-gnu)))
BENCH_PEERS := floor qae glibc $(if $(call BENCH_HAS,mimalloc.h),mimalloc) \
	$(if $(call BENCH_HAS,jemalloc/jemalloc.h),jemalloc) \
	$(if $(call BENCH_HAS,librte_mempool.so.23),dpdk-malloc dpdk-mempool)
BENCH_PROGS := $(BENCH_PEERS:%=$(BENCH_BIN)/bench-%)

$(BENCH_BIN)/bench-qae: BENCH_LIBS := -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../lib'
$(BENCH_BIN)/bench-qae: $(LIB_SHARED) $(LIB_LINKS)
$(BENCH_BIN)/bench-mimalloc: BENCH_LIBS := -lmimalloc
$(BENCH_BIN)/bench-jemalloc: BENCH_LIBS := -ljemalloc
$(BENCH_BIN)/bench-dpdk-%: BENCH_LIBS := -l:librte_mempool.so.23 -l:librte_eal.so.23
$(BENCH_BIN)/bench-dpdk-malloc $(BENCH_BIN)/bench-dpdk-mempool: $(BUILD)/obj/tests/bench/peers/dpdk.o

$(BENCH_BIN)/bench-%: $(BUILD)/obj/tests/bench/peers/%.o $(BENCH_OBJS)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BENCH_LIBS) -lpthread

# The package with DPDK's headers depends on 150 others, all drivers. Only its headers are unpacked here.
$(BENCH_DPDK)/stamp:
	@rm -rf $(@D) && mkdir -p $(@D)
	cd $(@D) && apt-get -q -o APT::Sandbox::User=root download libdpdk-dev && dpkg-deb -x libdpdk-dev_*.deb .
	@rm -f $(@D)/*.deb && touch $@

BENCH_DPDK_OBJS := $(patsubst %,$(BUILD)/obj/tests/bench/peers/%.o,dpdk dpdk-malloc dpdk-mempool)
$(BENCH_DPDK_OBJS): $(BENCH_DPDK)/stamp
$(BENCH_DPDK_OBJS): QAE_CPPFLAGS += -isystem $(BENCH_DPDK)/usr/include/dpdk \
	$(addprefix -isystem ,$(wildcard $(BENCH_DPDK)/usr/include/*-linux-gnu/dpdk) \
	$(BENCH_DPDK)/usr/include/$(shell $(CC) -print-multiarch)/dpdk)
$(BENCH_DPDK_OBJS): QAE_CXXFLAGS += -march=corei7

# Starts a second make, because the first one looked for packages before they were installed.
.PHONY: bench bench-programs bench-run bench-report bench-plot bench-rebase
bench:
	@scripts/install-packages tests/bench/packages.txt || echo 'bench: goes on without these' >&2
	@$(MAKE) --no-print-directory bench-run

bench-programs: $(BENCH_PROGS)

bench-run: bench-programs
	python3 -B tests/bench/run.py --programs $(BENCH_BIN) --output $(BENCH_BIN)/user.json \
		$(if $(BENCH_QUICK),--quick) $(BENCH_ARGS)

bench-report:
	python3 -B tests/bench/report.py $(BENCH_BIN)/user.json docs/performance.md

bench-plot:
	python3 -B tests/bench/plot.py $(BENCH_BIN)/user.json docs

# ---- instructions of the hot paths, part of make check -----------------------

BENCH_INSTRUCTIONS := $(BENCH_BIN)/instructions_test
$(BUILD)/obj/tests/bench/instructions_test.o: QAE_CPPFLAGS += -iquote tests/user -DQAE_SOURCE_DIR='"$(CURDIR)"'

$(BENCH_INSTRUCTIONS): $(BUILD)/obj/tests/bench/instructions_test.o $(LIB_SHARED) $(LIB_LINKS)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $< -L$(BUILD)/lib -lqat_user -Wl,-rpath,'$$ORIGIN/../lib' -lcmocka

bench-rebase: $(BENCH_INSTRUCTIONS)
	$< --rebase

TEST_TARGETS += $(BENCH_INSTRUCTIONS)
USER_TESTS += $(if $(wildcard tests/bench/instructions.json),$(BENCH_INSTRUCTIONS))

# ---- instructions of the kernel path, counted in guests ------------------------

BENCH_KERNEL := $(BENCH_BIN)/kernel-path
BENCH_KERNEL_OBJS := $(patsubst %.cpp,$(BUILD)/obj/%.o,$(sort $(wildcard tests/bench/kernel/*.cpp)))

$(BENCH_KERNEL_OBJS): QAE_CPPFLAGS += -iquote tests/user

# Static, because the cost of a mapping depends on the number of others, and libraries are mappings.
$(BENCH_KERNEL): $(BENCH_KERNEL_OBJS)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(LDFLAGS) -static -o $@ $^

TEST_TARGETS += $(BENCH_KERNEL)

.PHONY: bench-kernel bench-kernel-report bench-kernel-rebase
bench-kernel: $(BENCH_KERNEL) $(BUILD)/bin/qaectl
	python3 -B tests/bench/kernel_run.py --program $< --output $(BENCH_BIN)

bench-kernel-report:
	python3 -B tests/bench/kernel_report.py $(wildcard $(BENCH_BIN)/kernel-[0-9]*.json) --document docs/performance.md \
		--drawing docs/performance-kernel.svg

bench-kernel-rebase: $(BENCH_KERNEL)
	QAE_REBASE=1 QAE_SCRATCH_DIR=$(BENCH_BIN) tests/vm/run $(shell sed -n 's/^# run-args: //p' \
		tests/vm/scenarios/kernel-instructions) -- tests/vm/scenarios/kernel-instructions
	cp $(BENCH_BIN)/kernel-instructions.json tests/bench/kernel/instructions.json
