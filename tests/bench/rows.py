# SPDX-License-Identifier: BSD-3-Clause
"""The rows of the table: workloads of the programs, and the goals of qae."""
from dataclasses import dataclass, field

PEERS = {  # ending of the program's name -> column
    "floor": "floor",
    "qae": "qae",
    "mimalloc": "mimalloc",
    "jemalloc": "jemalloc",
    "glibc": "glibc",
    "dpdk-malloc": "rte_malloc",
    "dpdk-mempool": "rte_mempool",
}
GIB = 1 << 30

# ns that mimalloc took on the machine on which the goals were set.
MIMALLOC_THERE = {
    "pair-64": 7.0, "pair-64k": 18, "pair-2m": 634, "zero-4k": 51, "zero-64k": 522, "batch-4k": 40, "batch-64": 6.5,
    "mix-1m": 28, "mix-64m": 34, "mix-1g": 126, "handoff-64": 44,
}


@dataclass
class Row:
    name: str
    title: str
    command: list
    goal: float | None = None
    unit: str = "ns"
    environment: dict = field(default_factory=dict)  # for qae only
    once: bool = False       # has only one sample, because a second one would not differ
    live_bytes: int = 0      # what each peer holds at the same time
    without: tuple = ()      # peers left out, because the row is about a setting of qae
    heavy: bool = False      # left out of a quick run


def held(name: str, title: str, goal: float, *command: str, **more) -> Row:
    return Row(name, title, list(command), goal, unit="x", **more)


def time_rows() -> list:
    keep = {"QAT_USER_MEM_KEEP": "1G"}
    only_qae = tuple(peer for peer in PEERS if peer != "qae")
    return [
        Row("pair-64", "pair, FreeNonZero, 64 B", ["pair", "64"], 6),
        Row("pair-64k", "pair, FreeNonZero, 64 KiB", ["pair", "64K"], 6),
        Row("pair-2m", "pair, FreeNonZero, 2 MiB", ["pair", "2M"], 20),
        Row("zero-4k", "pair, zeroing free, 4 KiB", ["pair-zeroing", "4K"], 34),
        Row("zero-64k", "pair, zeroing free, 64 KiB", ["pair-zeroing", "64K"], 430),
        Row("batch-4k", "batch of 100k × 4 KiB, FIFO, freed memory kept", ["batch", "100000", "4K"], 9,
            environment=keep),
        Row("batch-4k-default", "the same with the default watermark", ["batch", "100000", "4K"],
            without=only_qae),
        Row("batch-64", "batch of 100k × 64 B, FIFO", ["batch", "100000", "64"], 9),
        Row("mix-1m", "mix 64 B…64 KiB, 1 MiB live", ["mix", "1M"], 12),
        Row("mix-64m", "mix 64 B…64 KiB, 64 MiB live", ["mix", "64M"], 20, live_bytes=64 << 20),
        Row("mix-1g", "mix 64 B…64 KiB, 1 GiB live", ["mix", "1G"], 30, live_bytes=GIB, heavy=True),
        Row("v2p-hot", "virt→phys, dependent, hot", ["virt-to-phys", "1", "64K", "0"], 4.7),
        Row("v2p-1g", "virt→phys, dependent, 1 GiB live", ["virt-to-phys", "16384", "64K", "0"], 7.7, live_bytes=GIB),
        Row("v2p-1g-inside", "the same, inside of blocks", ["virt-to-phys", "16384", "64K", "1"], 7.7,
            live_bytes=GIB, heavy=True),
        Row("p2v-1g", "phys→virt, dependent, 1 GiB live", ["phys-to-virt", "16384", "64K", "0"], 7.7, live_bytes=GIB),
        Row("pair-1t", "pair in 1 thread, 64 B", ["threaded-pair", "1", "64"]),
        Row("pair-8t", "pair in 8 threads, 64 B", ["threaded-pair", "8", "64"]),
        Row("handoff-64", "allocate in one thread, free in another, 64 B", ["handoff", "64"], 30),
    ]


def memory_rows() -> list:
    return [
        held("held-mix-1m", "held per live byte, mix, 1 MiB live", 3.4, "held-mix", "1M"),
        held("held-mix-64m", "held per live byte, mix, 64 MiB live", 1.25, "held-mix", "64M"),
        held("held-mix-1g", "held per live byte, mix, 1 GiB live", 1.12, "held-mix", "1G", live_bytes=GIB, heavy=True),
        held("held-64", "held per live byte, all 64 B", 1.2, "held-uniform", "64", "64M", once=True),
        held("held-1500", "held per live byte, all 1500 B", 1.1, "held-uniform", "1500", "64M", once=True),
        held("held-1m", "held per live byte, all 1 MiB", 1.02, "held-uniform", "1M", "64M", once=True),
    ]


@dataclass
class Line:
    """One line of the growth table: what grows, and the cost for each count."""
    name: str
    title: str
    counts: list
    command: list            # "N" stands for the count
    bytes_per_count: int = 0


def growth_lines() -> list:
    blocks = [1, 10, 100, 1000, 10_000, 100_000]
    regions = [1, 8, 64, 512, 2048, 8192]
    threads = [1, 2, 4, 8]
    block, region = 4096, 2 << 20
    return [
        Line("blocks-replace", "live blocks of 4 KiB: replace a random one", blocks, ["replace", "N", "4K"], block),
        Line("blocks-pair", "live blocks of 4 KiB: pair of 64 B beside them", blocks, ["pair-beside", "N", "4K"], block),
        Line("blocks-v2p", "live blocks of 4 KiB: virt→phys of a random one", blocks,
             ["virt-to-phys", "N", "4K", "0"], block),
        Line("blocks-p2v", "live blocks of 4 KiB: phys→virt of a random one", blocks,
             ["phys-to-virt", "N", "4K", "0"], block),
        Line("regions-pair", "live regions of 2 MiB: pair of 64 B beside them", regions,
             ["pair-beside", "N", "2M"], region),
        Line("regions-v2p", "live regions of 2 MiB: virt→phys of a random one", regions,
             ["virt-to-phys", "N", "2M", "0"], region),
        Line("regions-p2v", "live regions of 2 MiB: phys→virt of a random one", regions,
             ["phys-to-virt", "N", "2M", "0"], region),
        Line("threads-pair", "threads: pair of 64 B in each", threads, ["threaded-pair", "N", "64"]),
        Line("threads-v2p", "threads: virt→phys in each", threads, ["threaded-translation", "N"]),
    ]
