# SPDX-License-Identifier: BSD-3-Clause
"""Draw the kernel path: bars for the steps of a cycle, and the cost of an exit for each region."""
from kernel_table import CYCLES, EXITS, GOALS, STEPS, thousands
from plot import GOAL, Drawing, LogAxis

COLOURS = {"alloc": "#0072b2", "mmap": "#009e73", "touch": "#b8860b", "munmap": "#cc79a7", "free": "#c8102e"}
LEFT, RIGHT, HEIGHT = 430, 1000, 24


def bars(drawing: Drawing, result: dict, top: float) -> float:
    """Draw the steps of each cycle one after the other on a linear scale. Return where the bars end."""
    shown = [(name, title) for name, title in CYCLES.items() if name in result["cycles"]]
    most = max(result["cycles"][name]["total"]["median"] for name, _ in shown)
    scale = (RIGHT - LEFT) / most
    drawing.text(20, top - 10, f"Linux {result['release']}: 2 MiB allocated, mapped, touched, unmapped, freed", 13,
                 weight="bold")
    for index, (name, title) in enumerate(shown):
        y, x, cycle = top + HEIGHT * index, float(LEFT), result["cycles"][name]
        drawing.text(LEFT - 10, y + 13, title, 12, "end", weight="bold" if title.startswith("qae") else "normal")
        for step in STEPS:
            width = cycle[step]["median"] * scale
            drawing.box(x, y, width, 17, COLOURS[step])
            x += width
        if name in GOALS:
            place = LEFT + GOALS[name].of_kernel(result["kernel"]) * 1000 * scale
            drawing.line(place, y - 3, place, y + 20, "#2e7d32", 2)
            x = place if x < place < x + 40 else x
        drawing.text(x + 6, y + 13, thousands(cycle["total"]["median"]), 12)
    return top + HEIGHT * len(shown)


def dots(drawing: Drawing, result: dict, top: float) -> float:
    """Draw the cost of an exit for each region on a log scale. Return where the panel ends."""
    shown = [(name, title) for name, title in EXITS.items() if name in result["exits"]]
    values = {name: {count: point["median"] / 1000 for count, point in result["exits"][name].items() if count != "0"}
              for name, _ in shown}
    goal = GOALS["exit"].of_kernel(result["kernel"])
    axis = LogAxis([value for points in values.values() for value in points.values()] + [goal], LEFT, RIGHT, (1, 2, 5))
    bottom = top + HEIGHT * len(shown)
    drawing.text(20, top - 10, f"Linux {result['release']}: exit of a process, for each of 1 to 256 mapped regions "
                               "(log scale)", 13, weight="bold")
    drawing.box(LEFT, top, axis.at(goal) - LEFT, bottom - top, GOAL)
    for tick in axis.ticks():
        drawing.line(axis.at(tick), top, axis.at(tick), bottom)
        drawing.text(axis.at(tick), bottom + 14, f"{tick:g}", 11, "middle")
    for index, (name, title) in enumerate(shown):
        y = top + HEIGHT * index + 12
        drawing.text(LEFT - 10, y + 4, title, 12, "end", weight="bold" if title.startswith("qae") else "normal")
        for count, value in values[name].items():
            ours = title.startswith("qae")
            drawing.dot(axis.at(value), y, 6 if ours else 4.5, "#c8102e" if ours else "#0072b2",
                        f"{count} regions: {value:.1f}")
    return bottom + 14


def draw(results: list) -> str:
    rows = sum(len(result["cycles"]) + len(result["exits"]) for result in results)
    drawing = Drawing(1100, 80 + HEIGHT * rows + 100 * len(results), "Kernel path of qae, hugetlb and dma-heap")
    drawing.text(20, 28, "Kernel path: thousands of instructions, less is better", 17, weight="bold")
    x = 26.0
    for step in STEPS:
        drawing.box(x, 44, 14, 12, COLOURS[step])
        drawing.text(x + 20, 54, step)
        x += 40 + 7.2 * len(step)
    drawing.line(x, 42, x, 58, "#2e7d32", 2)
    drawing.text(x + 8, 54, "goal")
    y = 64.0
    for result in results:
        y = dots(drawing, result, bars(drawing, result, y + 44) + 42)
    return drawing.finish()
