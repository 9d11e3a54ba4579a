#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draw a run: every row as a line of dots on a log scale with its goal, and the growth table as curves."""
import argparse
import json
import math
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from rows import PEERS
from table import median, number

COLOURS = {"floor": "#9a9a9a", "qae": "#c8102e", "mimalloc": "#0072b2", "jemalloc": "#009e73", "glibc": "#b8860b",
           "dpdk-malloc": "#7b3294", "dpdk-mempool": "#cc79a7"}
CURVES = ["#c8102e", "#0072b2", "#009e73", "#b8860b"]
INK, FAINT, GOAL = "#222222", "#dddddd", "#cfe8cf"


class Drawing:
    def __init__(self, width: int, height: int, title: str):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                      f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" '
                      f'role="img"><title>{escape(title)}</title>',
                      "<!-- SPDX-License-Identifier: BSD-3-Clause -->",
                      f'<rect width="{width}" height="{height}" fill="white"/>']

    def text(self, x: float, y: float, text: str, size: int = 12, anchor: str = "start", colour: str = INK,
             weight: str = "normal") -> None:
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
                          f'font-weight="{weight}">{escape(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = FAINT, width: float = 1,
             dash: str = "") -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                          f'stroke-width="{width}"{dashes}/>')

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def dot(self, x: float, y: float, radius: float, colour: str, hint: str = "") -> None:
        title = f"<title>{escape(hint)}</title>" if hint else ""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="white" '
                          f'stroke-width="1">{title}</circle>')

    def curve(self, points: list, colour: str, dash: str = "") -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')

    def finish(self) -> str:
        return "\n".join([*self.parts, "</svg>"]) + "\n"


class LogAxis:
    """Map values to positions on a log scale that covers all of them."""

    def __init__(self, values: list, start: float, end: float, steps: tuple = (1, 10)):
        logs = [math.log10(value) for value in values if value > 0]
        self.low, self.high = min(logs), max(logs)
        margin = max(0.05, 0.03 * (self.high - self.low))
        self.low, self.high = self.low - margin, self.high + margin
        self.start, self.end, self.steps = start, end, steps

    def at(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list:
        found = [step * 10.0 ** power for power in range(math.floor(self.low), math.ceil(self.high) + 1)
                 for step in self.steps]
        return [value for value in found if self.low <= math.log10(value) <= self.high]


def legend(drawing: Drawing, peers: list, x: float, y: float) -> None:
    for peer in peers:
        drawing.dot(x, y - 4, 6 if peer == "qae" else 4.5, COLOURS[peer])
        drawing.text(x + 10, y, PEERS[peer], weight="bold" if peer == "qae" else "normal")
        x += 36 + 7.2 * len(PEERS[peer])
    drawing.box(x, y - 10, 18, 12, GOAL)
    drawing.text(x + 24, y, "within the goal")


def panel(drawing: Drawing, heading: str, rows: list, top: float, left: float, right: float, steps: tuple) -> float:
    """Draw rows of dots below each other. Return where the panel ends."""
    height = 25
    values = [median(row, peer) for row in rows for peer in row["results"] if median(row, peer)]
    axis = LogAxis(values + [row["goal"] for row in rows if row["goal"]], left, right, steps)
    bottom = top + 12 + height * len(rows)
    drawing.text(left, top - 8, heading, 13, weight="bold")
    for index, row in enumerate(rows):
        y = top + 12 + height * index
        if row["goal"]:
            drawing.box(left, y - 8, axis.at(row["goal"]) - left, 16, GOAL)
            drawing.line(axis.at(row["goal"]), y - 9, axis.at(row["goal"]), y + 9, "#2e7d32", 2)
    for tick in axis.ticks():
        drawing.line(axis.at(tick), top, axis.at(tick), bottom - 12)
        drawing.text(axis.at(tick), bottom + 4, f"{tick:g}" if tick < 1000 else f"{tick:,.0f}", 11, "middle")
    for index, row in enumerate(rows):
        y = top + 12 + height * index
        drawing.text(left - 12, y + 4, row["title"], 12, "end")
        # Draw qae last, so that nothing hides it.
        for peer in sorted(row["results"], key=lambda one: one == "qae"):
            value = median(row, peer)
            if value:
                drawing.dot(axis.at(value), y, 6 if peer == "qae" else 4.5, COLOURS[peer],
                            f"{PEERS[peer]}: {number(value)}")
    return bottom + 16


def draw_rows(result: dict) -> str:
    times = [row for row in result["rows"] if row["unit"] == "ns"]
    ratios = [row for row in result["rows"] if row["unit"] == "x"]
    left, right = 340, 1060
    height = 120 + 25 * (len(times) + len(ratios)) + 100
    drawing = Drawing(1100, height, "qae's memory functions and other allocators")
    drawing.text(20, 28, "Memory functions of qae and other allocators", 17, weight="bold")
    peers = [peer for peer in PEERS if any(median(row, peer) for row in result["rows"])]
    legend(drawing, peers, 26, 54)
    end = panel(drawing, "ns of thread CPU time for each operation (log scale; less is better)", times, 92, left, right,
                (1,))
    end = panel(drawing, "ratios (log scale; less is better)", ratios, end + 36, left, right, (1, 1.2, 1.5, 2, 3, 5))
    machine = result["host"]
    drawing.text(20, end + 16, f"{machine['processor']}, Linux {machine['kernel']}, commit {result['commit']}, "
                               f"{result['when']}; medians of {result['rounds']} rounds in turns", 11, colour="#666666")
    return drawing.finish()


def growth_panel(drawing: Drawing, heading: str, lines: list, box: tuple, limits: list) -> None:
    left, top, right, bottom = box
    across = LogAxis([point["count"] for line in lines for point in line["points"]], left, right)
    up = LogAxis(limits, bottom, top, (1, 2, 5))
    drawing.text(left, top - 10, heading, 13, weight="bold")
    for tick in up.ticks():
        drawing.line(left, up.at(tick), right, up.at(tick))
        drawing.text(left - 6, up.at(tick) + 4, f"{tick:g}", 11, "end")
    for count in sorted({point["count"] for line in lines for point in line["points"]}):
        drawing.line(across.at(count), top, across.at(count), bottom)
        drawing.text(across.at(count), bottom + 16, f"{count:,}", 11, "middle")
    for index, line in enumerate(lines):
        for peer, dash in (("floor", "4 3"), ("qae", "")):
            points = [(across.at(point["count"]), up.at(point["results"][peer]["median"])) for point in line["points"]
                      if "median" in point["results"].get(peer, {})]
            if points:
                drawing.curve(points, CURVES[index], dash)
                if peer == "qae":
                    for x, y in points:
                        drawing.dot(x, y, 4, CURVES[index])
        drawing.line(left, bottom + 38 + 18 * index, left + 24, bottom + 38 + 18 * index, CURVES[index], 3)
        drawing.text(left + 30, bottom + 42 + 18 * index, line["title"].partition(": ")[2])


def draw_growth(result: dict) -> str:
    kinds = [("blocks", "live blocks of 4 KiB"), ("regions", "live regions of 2 MiB"), ("threads", "threads")]
    drawing = Drawing(1100, 470, "Cost as blocks, regions and threads become many")
    drawing.text(20, 28, "ns for each operation as blocks, regions and threads become many (log scales)", 17,
                 weight="bold")
    drawing.text(20, 48, "dashed: the loop alone", 12, colour="#666666")
    limits = [point["results"][peer]["median"] for line in result["growth"] for point in line["points"]
              for peer in ("qae", "floor") if "median" in point["results"].get(peer, {})]
    for index, (kind, title) in enumerate(kinds):
        lines = [line for line in result["growth"] if line["name"].startswith(kind)]
        left = 56 + 350 * index
        growth_panel(drawing, title, lines, (left, 92, left + 300, 360), limits)
    return drawing.finish()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json", type=Path, help="what run.py wrote")
    parser.add_argument("directory", type=Path, help="where performance.svg and performance-growth.svg go")
    options = parser.parse_args()
    result = json.loads(options.json.read_text())
    (options.directory / "performance.svg").write_text(draw_rows(result))
    if result["growth"]:
        (options.directory / "performance-growth.svg").write_text(draw_growth(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
