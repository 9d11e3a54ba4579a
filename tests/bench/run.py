#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Run every workload with every allocator, in turns, and print and write the costs."""
import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import rows
from table import show_growth, show_rows

HUGE = Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
SPARE = 3 * rows.GIB  # memory left to other programs by lines that take gigabytes
PLAIN = {"QAT_USER_MODE": "plain"}


class Participant:
    """One process of one peer that has prepared one workload and waits for its turn."""

    def __init__(self, program: Path, command: list, environment: dict):
        self.samples: list = []
        self.reason: str | None = None
        self.process = subprocess.Popen([str(program), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1,
                                        env=dict(os.environ, **environment))

    def _answer(self) -> str:
        line = self.process.stdout.readline().strip()
        if not line or line.startswith("none"):
            self.reason = line[5:] or f"ended: {self.process.communicate()[1].strip() or self.process.poll()}"
            self.process.stdin = None
        return line

    def ready(self) -> bool:
        if self.reason is None:
            self._answer()
        return self.reason is None

    def take_turn(self, count: bool) -> None:
        if self.reason is not None:
            return
        try:
            self.process.stdin.write("go\n")
        except BrokenPipeError:
            pass
        value = self._answer()
        if self.reason is None and count:
            self.samples.append(float(value))

    def close(self) -> None:
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def result(self) -> dict:
        if self.reason is not None or not self.samples:
            return {"none": self.reason or "no sample"}
        low, high = min(self.samples), max(self.samples)
        return {"median": statistics.median(self.samples), "low": low, "high": high, "samples": self.samples}


def memory_available() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0


@contextlib.contextmanager
def huge_pages(wanted_bytes: int):
    """Reserve huge pages for DPDK if this user may, and release them at the end. Yields their number."""
    knob = HUGE / "nr_hugepages"
    before = None
    try:
        before = int(knob.read_text())
        if before << 21 < wanted_bytes:
            knob.write_text(str(min(wanted_bytes, memory_available() // 3) >> 21))
    except OSError:
        pass
    try:
        yield int((HUGE / "free_hugepages").read_text()) if HUGE.exists() else 0
    finally:
        if before is not None:
            with contextlib.suppress(OSError):
                knob.write_text(str(before))


class Bench:
    def __init__(self, programs: Path, quick: bool, pages: int):
        self.programs, self.quick, self.huge = programs, quick, pages
        self.peers = [peer for peer in rows.PEERS if (programs / f"bench-{peer}").exists()]
        self.rounds = 3 if quick else 7

    def environment(self, peer: str, more: dict, need: int) -> dict:
        if peer == "qae":
            return {**PLAIN, **more}
        enough = self.huge << 21 >= 2 * need + (256 << 20)
        return {"BENCH_HUGE_PAGES": "1" if enough else "0"}

    def in_turns(self, command: list, peers: list, more: dict, once: bool, need: int) -> dict:
        running = {peer: Participant(self.programs / f"bench-{peer}", command, self.environment(peer, more, need))
                   for peer in peers}
        try:
            ready = [peer for peer, one in running.items() if one.ready()]
            # The first turn only finds the number of repetitions and fills caches.
            for turn in range(0 if once else -1, 1 if once else self.rounds):
                for peer in ready:
                    running[peer].take_turn(turn >= 0)
        finally:
            for one in running.values():
                one.close()
        return {peer: one.result() for peer, one in running.items()}

    def row(self, row: rows.Row) -> dict:
        peers = [peer for peer in self.peers if peer not in row.without]
        if memory_available() < 1.5 * row.live_bytes * len(peers):
            results = {peer: {"none": "this machine has too little memory"} for peer in peers}
        else:
            results = self.in_turns(row.command, peers, row.environment, row.once, row.live_bytes)
        return {"name": row.name, "title": row.title, "unit": row.unit, "goal": row.goal, "results": results}

    def growth(self, line: rows.Line) -> dict:
        points = []
        peers = [peer for peer in ("floor", "qae") if peer in self.peers]
        for count in line.counts:
            command = [str(count) if word == "N" else word for word in line.command]
            if memory_available() < count * line.bytes_per_count + SPARE:
                results = {peer: {"none": "this machine has too little memory"} for peer in peers}
            else:
                results = self.in_turns(command, peers, {}, False, 0)
            points.append({"count": count, "results": results})
        return {"name": line.name, "title": line.title, "points": points}


def quotient(upper: dict, lower: dict) -> dict:
    if "median" not in upper or "median" not in lower:
        return {"none": upper.get("none") or lower.get("none") or "no sample"}
    return {"median": upper["median"] / lower["median"], "low": upper["low"] / lower["high"],
            "high": upper["high"] / lower["low"]}


def derived(found: dict) -> list:
    """Rows computed from others: zeroing against plain memset(), eight threads against one."""
    made = []
    for size, title in (("4k", "4 KiB"), ("64k", "64 KiB")):
        if f"zero-{size}" in found:
            results = found[f"zero-{size}"]["results"]
            made.append({"name": f"memset-{size}", "title": f"zeroing pair against memset, {title}", "unit": "x",
                         "goal": 1.1, "results": {peer: quotient(one, results["floor"])
                                                  for peer, one in results.items()}})
    if "pair-1t" in found and "pair-8t" in found:
        one = found["pair-1t"]["results"]
        made.append({"name": "threads-8-1", "title": "pair in 8 threads against 1 thread", "unit": "x", "goal": 1.1,
                     "results": {peer: quotient(eight, one.get(peer, {}))
                                 for peer, eight in found["pair-8t"]["results"].items()}})
    if "handoff-64" in found:
        row = found["handoff-64"]
        best = row["results"].get("mimalloc", {}).get("low")
        row["goal"] = min(row["goal"], 1.5 * best) if best else row["goal"]
    return made


def host() -> dict:
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {"processor": model, "processors": os.cpu_count(), "kernel": platform.release(),
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / rows.GIB)}


def commit() -> str:
    found = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found.stdout.strip()


def versions() -> dict:
    names = ["libmimalloc2.0", "libjemalloc2", "libc6", "librte-eal23"]
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names],
                           capture_output=True, text=True, check=False).stdout
    return dict(line.split(" ", 1) for line in found.splitlines() if " " in line)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True, help="directory of the bench-* programs")
    parser.add_argument("--output", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no rows that need 1 GiB in each peer")
    parser.add_argument("words", nargs="*", help="only rows whose name contains one of these")
    options = parser.parse_args()
    begin = time.monotonic()

    def wanted(one) -> bool:
        return not options.words or any(word in one.name for word in options.words)

    chosen = [row for row in rows.time_rows() + rows.memory_rows()
              if wanted(row) and not (options.quick and (row.heavy or row.live_bytes >= rows.GIB))]
    lines = [line for line in rows.growth_lines() if wanted(line) and not options.quick]
    need = max([row.live_bytes for row in chosen], default=0)
    with huge_pages((2 * need + (1 << 30)) * 5 // 4) as pages:
        bench = Bench(options.programs, options.quick, pages)
        found = {}
        for row in chosen:
            print(f"\r\033[K{row.title} …", end="", file=sys.stderr, flush=True)
            found[row.name] = bench.row(row)
    # These need most of the memory, and the huge pages have been released by now.
    grown = []
    for line in lines:
        print(f"\r\033[K{line.title} …", end="", file=sys.stderr, flush=True)
        grown.append(bench.growth(line))
    print("\r\033[K", end="", file=sys.stderr)
    made = derived(found)
    result = {"when": time.strftime("%Y-%m-%d", time.gmtime()), "commit": commit(), "quick": options.quick,
              "rounds": bench.rounds, "host": host(), "versions": versions(), "huge_pages": pages,
              "rows": list(found.values()) + made, "growth": grown}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(show_rows(result))
    print(show_growth(result))
    print(f"took {time.monotonic() - begin:.0f} s; {options.output}")
    missing = [peer for peer in rows.PEERS if peer not in bench.peers]
    if missing:
        print(f"not built, since their packages are missing (tests/bench/packages.txt): {', '.join(missing)}")
    qae = [row["results"].get("qae", {"none": "not run"}) for row in result["rows"]]
    return 0 if all("median" in one for one in qae) else 1


if __name__ == "__main__":
    sys.exit(main())
