# SPDX-License-Identifier: BSD-3-Clause
"""Results of kernel-path as text, for the terminal and for docs/performance.md."""
from dataclasses import dataclass

from table import aligned, markdown

CLEARING = (2 << 20) // 8  # steps of a string instruction for 2 MiB

CYCLES = {  # name in the JSON -> row
    "reserve": "qae, from the reserve",
    "own": "qae, no reserve, memory that the process had freed before",
    "kernel": "qae, no reserve, first request of a process",
    "hugetlb": "hugetlb",
    "dma-heap": "dma-heap, system (not contiguous)",
}
EXITS = {
    "kernel": "qae, no reserve",
    "reserve": "qae, from the reserve",
    "hugetlb": "hugetlb",
    "dma-heap": "dma-heap, system",
}
GROWTH = {
    "allocated": "live regions, not mapped",
    "mapped": "live regions, each mapped",
    "others": "other mappings, no regions",
}
STEPS = ("alloc", "mmap", "touch", "munmap", "free")


@dataclass
class Goal:
    """The most thousands of instructions, by kernel."""
    of: dict

    def of_kernel(self, kernel: str):
        return self.of.get(kernel, self.of.get(""))


GOALS = {
    "reserve": Goal({"6.1": 30, "6.12": 25}),
    "own": Goal({"": 320}),
    "kernel": Goal({"": 320}),
    "exit": Goal({"": 20}),
}
# The goal of an exit is for as many regions as are left to the worker: 128 MiB.
EXIT_GOAL_REGIONS = 64


def thousands(instructions: float) -> str:
    value = instructions / 1000
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def verdict(instructions: int, goal: Goal | None, kernel: str) -> list:
    """The goal, and whether it was met."""
    if goal is None:
        return ["", ""]
    most = goal.of_kernel(kernel)
    ours = instructions / 1000
    return [f"≤ {most}", "met" if ours <= most else f"missed by {(ours / most - 1) * 100:.0f} %"]


def spread(point: dict) -> str:
    return f"±{(point['high'] - point['low']) / 2 / max(1, point['median']) * 100:.2f} %"


def clearings(cycle: dict, plain: int) -> int:
    """How often 2 MiB were cleared, from the excess over a cycle in which nothing is cleared."""
    return int((cycle["total"]["median"] + cycle.get("background", {}).get("median", 0) - plain) / CLEARING)


def cycle_lines(result: dict) -> list:
    head = [f"Linux {result['release']}", *STEPS, "sum", "spread", "worker, later", "times cleared", "goal", ""]
    lines = [head]
    plain = result["cycles"]["reserve"]["total"]["median"]
    for name, title in CYCLES.items():
        cycle = result["cycles"].get(name)
        if cycle is None:
            continue
        total = cycle["total"]["median"]
        steps = [thousands(cycle[step]["median"]) if cycle[step]["median"] else "–" for step in STEPS]
        # The heap clears page by page and not in our worker, so the sum does not show it.
        times = str(clearings(cycle, plain)) if name != "dma-heap" else "1"
        lines.append([title, *steps, thousands(total), spread(cycle["total"]),
                      thousands(cycle["background"]["median"]) if "background" in cycle else "–", times,
                      *verdict(total, GOALS.get(name), result["kernel"])])
    return lines


def exit_lines(result: dict) -> list:
    counts = sorted({count for points in result["exits"].values() for count in points} - {"0"}, key=int)
    lines = [[f"Linux {result['release']}: regions mapped", *counts, "worker, later",
              f"goal, to {EXIT_GOAL_REGIONS}", ""]]
    for name, title in EXITS.items():
        points = result["exits"].get(name)
        if points is None:
            continue
        own = {count: point for count, point in points.items() if count != "0"}
        worst = max(point["median"] for count, point in own.items() if int(count) <= EXIT_GOAL_REGIONS)
        background = list(own.values())[-1]["background"]
        lines.append([title, *[thousands(own[count]["median"]) if count in own else "–" for count in counts],
                      thousands(background) if background else "–",
                      *verdict(worst, GOALS["exit"] if title.startswith("qae") else None, result["kernel"])])
    return lines


def growth_lines(result: dict) -> list:
    counts = list(result["growth"]["mapped"])
    lines = [[f"Linux {result['release']}: how many", *[f"{int(count):,}" for count in counts], "most to least"]]
    for name, title in GROWTH.items():
        points = [point for point in result["growth"][name].values()]
        for steps, part in ((("alloc", "touch", "free"), "alloc, touch, free"), (("mmap", "munmap"), "mmap, munmap")):
            sums = [sum(point[step]["median"] for step in steps) for point in points]
            lines.append([f"{title}: {part}", *[thousands(value) for value in sums], f"×{max(sums) / min(sums):.2f}"])
    return lines


def tables(result: dict) -> list:
    return [cycle_lines(result), exit_lines(result), growth_lines(result)]


def about(results: list) -> str:
    calibration = "; ".join(f"{result['release']}: a loop of {result['calibration']['loop_instructions']:,} "
                            f"instructions took {result['calibration']['loop_ns']:,} ns" for result in results)
    return (f"Thousands of guest instructions, medians; commit {results[0]['commit']}, {results[0]['when']}. "
            f"Calibration: {calibration}.")


def missed(results: list) -> str:
    """One sentence over all kernels."""
    lines = [(line[0], result["release"], line[-1]) for result in results
             for line in cycle_lines(result)[1:] + exit_lines(result)[1:] if line[-1]]
    failed = [f"{title} ({release}): {words}" for title, release, words in lines if words != "met"]
    return (f"{len(lines) - len(failed)} of {len(lines)} goals met." +
            (" Not met: " + "; ".join(failed) + "." if failed else ""))


def show(results: list) -> str:
    return "\n\n".join([about(results), *[aligned(table) for result in results for table in tables(result)],
                        missed(results)])


def document(results: list) -> str:
    headings = ("2 MiB: allocate, map, touch, unmap, free", "Exit of a process, for each mapped region of 2 MiB",
                "A cycle from the reserve beside many others")
    parts = [about(results), missed(results)]
    for index, heading in enumerate(headings):
        parts.append(f"**{heading}**")
        parts += [markdown(tables(result)[index]) for result in results]
    return "\n\n".join(parts)
