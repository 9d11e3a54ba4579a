# SPDX-License-Identifier: BSD-3-Clause
"""The numbers of a run as text, for the terminal and for docs/performance.md."""
from rows import MIMALLOC_THERE, PEERS


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def median(row: dict, peer: str):
    return row["results"].get(peer, {}).get("median")


def cell(row: dict, peer: str) -> str:
    """The median, and its multiple of the one of qae."""
    value = median(row, peer)
    if value is None:
        return "–"
    ours = median(row, "qae")
    if peer in ("qae", "floor") or not ours:
        return number(value)
    return f"{number(value)} (×{number(value / ours)})"


def verdict(row: dict) -> str:
    ours, goal = median(row, "qae"), row["goal"]
    if goal is None or ours is None:
        return ""
    return "met" if ours <= goal else f"missed by {(ours / goal - 1) * 100:.0f} %"


def spread(row: dict) -> str:
    one = row["results"].get("qae", {})
    return f"{number(one['low'])}…{number(one['high'])}" if "median" in one else "–"


def lines_of(result: dict) -> list:
    peers = [peer for peer in PEERS if any(peer in row["results"] for row in result["rows"])]
    head = ["", *[PEERS[peer] for peer in peers], "qae's spread", "goal", ""]
    body = [[row["title"], *[cell(row, peer) for peer in peers], spread(row),
             "" if row["goal"] is None else f"≤ {row['goal']:.3g}", verdict(row)] for row in result["rows"]]
    return [head, *body]


def relative_lines_of(result: dict) -> list:
    """Goals and numbers as fractions of what mimalloc takes on the same machine."""
    body = []
    for row in result["rows"]:
        there, here, ours = MIMALLOC_THERE.get(row["name"]), median(row, "mimalloc"), median(row, "qae")
        if there and here and ours and row["goal"]:
            goal, part = row["goal"] / there, ours / here
            body.append([row["title"], number(there), number(here), f"≤ {goal:.2f}", f"{part:.2f}",
                         "met" if part <= goal else f"missed by {(part / goal - 1) * 100:.0f} %"])
    return [["", "mimalloc there, ns", "here, ns", "goal", "qae here", ""], *body]


def aligned(lines: list) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(text.ljust(width) if column == 0 else text.rjust(width)
                               for column, (text, width) in enumerate(zip(line, widths))).rstrip() for line in lines)


def markdown(lines: list) -> str:
    rule = ["---"] + ["--:"] * (len(lines[0]) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]])


def reasons(result: dict) -> list:
    """Each reason for a missing number, once. A peer without the function is not mentioned."""
    found = {}
    for row in result["rows"]:
        for peer, one in row["results"].items():
            if "none" in one and one["none"] != "no translation" and peer != "floor":
                found.setdefault((PEERS[peer], one["none"]), []).append(row["title"])
    return [f"{peer}: {reason} ({len(titles)} rows, the first: {titles[0]})" for (peer, reason), titles in found.items()]


def about(result: dict) -> str:
    machine = result["host"]
    pages = "on huge pages" if result["huge_pages"] else "without huge pages, which this machine did not grant"
    packages = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (f"{machine['processor']}, {machine['processors']} processors, {machine['memory_gib']} GiB, "
            f"Linux {machine['kernel']}; commit {result['commit']}, {result['when']}; medians of {result['rounds']} "
            f"rounds; DPDK {pages}; {packages}.")


def growth_lines_of(line: dict) -> list:
    peers = [peer for peer in ("qae", "floor") if any(peer in point["results"] for point in line["points"])]
    head = [line["title"], *[f"{point['count']:,}" for point in line["points"]]]
    return [head, *[[PEERS[peer], *[number(point["results"][peer]["median"])
                                    if "median" in point["results"].get(peer, {}) else "–"
                                    for point in line["points"]]] for peer in peers]]


def bends(line: dict) -> str:
    """The count at which the cost, without that of the loop itself, clearly exceeds the one of the first point."""
    first = None
    for point in line["points"]:
        ours, floor = (point["results"].get(peer, {}).get("median") for peer in ("qae", "floor"))
        if ours is None:
            continue
        cost = ours - (floor or 0)
        if first is None:
            first = cost
        elif cost > 1.5 * first + 1:
            return f"bends at {point['count']:,}: {number(first)} → {number(cost)} ns above the floor"
    return "" if first is None else "flat"


def show_rows(result: dict) -> str:
    text = about(result) + "\nns of thread CPU time; × is the multiple of qae's\n\n" + aligned(lines_of(result)) + "\n"
    return text + "".join(f"\n{reason}" for reason in reasons(result)) + "\n"


def show_growth(result: dict) -> str:
    return "\n".join(aligned(growth_lines_of(line)) + "\n" + bends(line) + "\n" for line in result["growth"])
