# SPDX-License-Identifier: BSD-3-Clause
"""Draw the kernel path: bars for the steps of a cycle, and the cost of an exit for each region."""
from kernel_table import CYCLES, EXIT_GOAL_REGIONS, EXITS, GOALS, STEPS, thousands
from plot import GOAL, Drawing, LogAxis

COLOURS = {"alloc": "#0072b2", "mmap": "#009e73", "touch": "#b8860b", "munmap": "#cc79a7", "free": "#c8102e"}
OURS, THEIRS = "#222222", "#9a9a9a"  # dots; no colour of a step, which would seem to mean it
LEFT, RIGHT, HEIGHT = 430, 1000, 24
TOGETHER = 26  # dots nearer than this share a label


class LinearAxis:
    """Map values from 0 on to positions."""

    def __init__(self, most: float, start: float, end: float):
        self.most, self.start, self.scale = most, start, (end - start) / most

    def at(self, value: float) -> float:
        return self.start + value * self.scale

    def ticks(self) -> list:
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if self.most / step <= 10)
        return list(range(0, int(self.most) + 1, step))


def shown(result: dict, part: str, titles: dict) -> list:
    return [(name, title) for name, title in titles.items() if name in result[part]]


def cycle_axis(results: list) -> LinearAxis:
    """One for all kernels, so that bars of the same length cost the same."""
    return LinearAxis(max(cycle["total"]["median"] / 1000 for result in results for cycle in result["cycles"].values()),
                      LEFT, RIGHT)


def exit_costs(result: dict) -> dict:
    """Thousands of instructions for each region, by the name of the row and the number of regions."""
    return {name: {int(count): point["median"] / 1000 for count, point in result["exits"][name].items() if count != "0"}
            for name, _ in shown(result, "exits", EXITS)}


def exit_axis(results: list) -> LogAxis:
    values = [value for result in results for points in exit_costs(result).values() for value in points.values()]
    return LogAxis(values + [GOALS["exit"].of_kernel(result["kernel"]) for result in results], LEFT, RIGHT, (1, 2, 5))


def scale(drawing: Drawing, axis, top: float, bottom: float) -> None:
    for tick in axis.ticks():
        drawing.line(axis.at(tick), top, axis.at(tick), bottom)
        drawing.text(axis.at(tick), bottom + 14, f"{tick:g}", 11, "middle")


def bars(drawing: Drawing, result: dict, axis: LinearAxis, top: float) -> float:
    """Draw the steps of each cycle one after the other on a linear scale. Return where the panel ends."""
    cycles = shown(result, "cycles", CYCLES)
    bottom = top + HEIGHT * len(cycles)
    drawing.text(20, top - 10, f"Linux {result['release']}: 2 MiB allocated, mapped, touched, unmapped, freed", 13,
                 weight="bold")
    scale(drawing, axis, top, bottom)
    for index, (name, title) in enumerate(cycles):
        y, x, cycle = top + HEIGHT * index, float(LEFT), result["cycles"][name]
        drawing.text(LEFT - 10, y + 13, title, 12, "end", weight="bold" if title.startswith("qae") else "normal")
        for step in STEPS:
            width = cycle[step]["median"] / 1000 * axis.scale
            drawing.box(x, y, width, 17, COLOURS[step])
            x += width
        if name in GOALS:
            place = axis.at(GOALS[name].of_kernel(result["kernel"]))
            drawing.line(place, y - 3, place, y + 20, "#2e7d32", 2)
            x = place if x < place < x + 40 else x
        drawing.text(x + 6, y + 13, thousands(cycle["total"]["median"]), 12)
    return bottom + 14


def together(points: dict, axis: LogAxis) -> list:
    """The numbers of regions whose dots would have overlapping labels, from left to right."""
    groups = []
    for count, value in sorted(points.items(), key=lambda point: point[1]):
        if groups and axis.at(value) - axis.at(points[groups[-1][-1]]) < TOGETHER:
            groups[-1].append(count)
        else:
            groups.append([count])
    return groups


def dots(drawing: Drawing, result: dict, axis: LogAxis, top: float) -> float:
    """Draw the cost of an exit for each region on a log scale. Return where the panel ends."""
    exits, values = shown(result, "exits", EXITS), exit_costs(result)
    height = HEIGHT + 10
    bottom = top + height * len(exits)
    drawing.text(20, top - 10, f"Linux {result['release']}: exit of a process, for each of its mapped regions (log "
                               "scale; above a dot: how many regions it has)", 13, weight="bold")
    drawing.box(LEFT, top, axis.at(GOALS["exit"].of_kernel(result["kernel"])) - LEFT, bottom - top, GOAL)
    scale(drawing, axis, top, bottom)
    for index, (name, title) in enumerate(exits):
        y, ours = top + height * index + 22, title.startswith("qae")
        drawing.text(LEFT - 10, y + 4, title, 12, "end", weight="bold" if ours else "normal")
        for count, value in values[name].items():
            drawing.dot(axis.at(value), y, 6 if ours else 4.5, OURS if ours else THEIRS, f"{count} regions: {value:.1f}")
        for group in together(values[name], axis):
            middle = sum(axis.at(values[name][count]) for count in group) / len(group)
            drawing.text(middle, y - 9, ", ".join(str(count) for count in sorted(group)), 10, "middle")
    return bottom + 14


def legend(drawing: Drawing) -> None:
    x = 26.0
    for step in STEPS:
        drawing.box(x, 44, 14, 12, COLOURS[step])
        drawing.text(x + 20, 54, step)
        x += 40 + 7.2 * len(step)
    drawing.line(x, 42, x, 58, "#2e7d32", 2)
    drawing.text(x + 8, 54, "goal of a bar")
    x += 120
    drawing.box(x, 44, 18, 12, GOAL)
    drawing.text(x + 24, 54, f"dots within the goal (for up to {EXIT_GOAL_REGIONS} regions)")


def draw(results: list) -> str:
    rows = sum(len(result["cycles"]) + 1.5 * len(result["exits"]) for result in results)
    drawing = Drawing(1100, int(80 + HEIGHT * rows + 114 * len(results)), "Kernel path of qae, hugetlb and dma-heap")
    drawing.text(20, 28, "Kernel path: thousands of instructions, less is better", 17, weight="bold")
    legend(drawing)
    across, exits = cycle_axis(results), exit_axis(results)
    y = 64.0
    for result in results:
        y = dots(drawing, result, exits, bars(drawing, result, across, y + 44) + 42)
    return drawing.finish()
