# SPDX-License-Identifier: BSD-3-Clause
"""Test what is made of a benchmark's numbers, as TAP: table, document, drawing, and peers that fail."""
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from xml.etree import ElementTree

import kernel_plot
import kernel_table
import plot
import report
import rows
import run
import table


def value(number: float) -> dict:
    return {"median": number, "low": number, "high": number, "samples": [number]}


def a_run(**results) -> dict:
    row = {"name": "pair-64", "title": "pair", "unit": "ns", "goal": 6, "results": results}
    held = {"name": "held", "title": "held", "unit": "x", "goal": 1.2, "results": {"qae": value(1.1)}}
    points = [{"count": count, "results": {"qae": value(cost), "floor": value(2)}}
              for count, cost in ((1, 8), (10, 8.5), (100, 40))]
    return {"when": "2026-01-01", "commit": "abc", "quick": False, "rounds": 7, "huge_pages": 0,
            "host": {"processor": "P", "processors": 2, "kernel": "6", "memory_gib": 8}, "versions": {},
            "rows": [row, held], "growth": [{"name": "blocks-x", "title": "live blocks: x", "points": points}]}


def peer(text: str) -> run.Participant:
    """A participant whose program is this shell script."""
    handle, name = tempfile.mkstemp()
    os.write(handle, ("#!/bin/sh\n" + text).encode())
    os.fchmod(handle, 0o700)
    os.close(handle)
    try:
        one = run.Participant(Path(name), [], {})
        if one.ready():
            for turn in (False, True, True, True):
                one.take_turn(turn)
        one.close()
        return one
    finally:
        os.unlink(name)


def test_goals_are_judged_by_the_median_of_qae():
    assert "missed by 50 %" in table.show_rows(a_run(qae=value(9)))
    assert "met" in table.verdict(a_run(qae=value(6))["rows"][0])
    assert table.verdict(a_run(qae={"none": "no memory"})["rows"][0]) == ""


def test_other_allocators_are_multiples_of_qae():
    assert "15.0 (×2.50)" in table.show_rows(a_run(qae=value(6), mimalloc=value(15)))
    assert "qae: no memory" in table.show_rows(a_run(qae={"none": "no memory"}))


def test_goals_are_judged_by_what_mimalloc_takes_too():
    lines = table.relative_lines_of(a_run(qae=value(7), mimalloc=value(8)))  # 6 of 7.0 where the goal was set
    assert lines[1:] == [["pair", "7.00", "8.00", "≤ 0.86", "0.88", "missed by 2 %"]]
    assert table.relative_lines_of(a_run(qae=value(7), mimalloc=value(9)))[1][-1] == "met"
    assert len(table.relative_lines_of(a_run(qae=value(7)))) == 1 and report.relative(a_run(qae=value(7))) == ""


def test_bends_are_found():
    assert table.bends(a_run(qae=value(6))["growth"][0]).startswith("bends at 100: ")


def test_prose_of_the_document_is_wrapped_and_its_tables_are_not():
    row = "| " + "cell " * 40 + "|"
    words = "word " * 40
    lines = report.wrapped(f"{words}\n\n- {words}\n\n{row}").split("\n")
    assert all(len(line) <= 100 for line in lines if not line.startswith("|"))
    assert lines[-1] == row and any(line.startswith("  word") for line in lines)
    assert " ".join(lines).split() == f"{words} - {words} {row}".split()


def test_document_gets_what_is_between_its_markers():
    with tempfile.TemporaryDirectory() as place:
        document, numbers = Path(place, "d.md"), Path(place, "n.json")
        numbers.write_text(json.dumps(a_run(qae=value(9))))
        document.write_text("a\n<!-- user results begin -->\nold\n<!-- user results end -->\nb\n"
                            "<!-- user growth begin -->\n<!-- user growth end -->\nc\n")
        sys.argv = ["report", str(numbers), str(document)]
        assert report.main() == 0
        once = document.read_text()
        assert report.main() == 0 and document.read_text() == once
        assert once.startswith("a\n") and once.endswith("\nc\n") and "old" not in once
        assert "1 of 2 goals met. Not met: pair." in once and "| 9.00 |" in once and "Bends at 100" in once
        document.write_text("no markers")
        assert report.main() == 1 and document.read_text() == "no markers"
        numbers.write_text(json.dumps({**a_run(qae=value(9)), "quick": True}))
        document.write_text(once)
        assert report.main() == 1 and document.read_text() == once


def test_drawings_are_well_formed_and_have_every_value():
    found = a_run(qae=value(6), mimalloc=value(15), floor=value(2), jemalloc={"none": "x < y"})
    drawing = ElementTree.fromstring(plot.draw_rows(found))
    hints = [one.text for one in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert "qae: 6.00" in hints and "mimalloc: 15.0" in hints and not any("jemalloc" in hint for hint in hints)
    ElementTree.fromstring(plot.draw_growth({**found, "growth": found["growth"] + [
        {"name": kind, "title": "a: b", "points": [{"count": 1, "results": {"qae": value(3)}},
                                                   {"count": 9, "results": {"qae": {"none": "x"}}}]}
        for kind in ("regions-x", "threads-x")]}))


def test_the_warming_turn_does_not_count():
    one = peer("echo ready; for value in 100 1 2 6; do read go; echo $value; done")
    assert one.result() == {"median": 2, "low": 1, "high": 6, "samples": [1, 2, 6]}


def test_a_peer_that_refuses_says_why():
    assert peer("echo none no memory").result() == {"none": "no memory"}
    assert peer("echo ready; read go; echo 1; read go; echo none later").result() == {"none": "later"}


def test_a_peer_that_dies_is_reported():
    assert "it broke" in peer("echo it broke >&2; exit 3").result()["none"]
    assert "-9" in peer("echo ready; read go; kill -9 $$").result()["none"]


def test_rows_have_names_of_their_own():
    names = [one.name for one in rows.time_rows() + rows.memory_rows() + rows.growth_lines()]
    assert len(names) == len(set(names))


def kernel_point(median: int, **more) -> dict:
    return {"median": median, "low": median, "high": median, **more}


def kernel_cycle(alloc: int, free: int, background: int) -> dict:
    steps = {"alloc": alloc, "mmap": 6000, "touch": 3000, "munmap": 7000, "free": free}
    return {**{name: kernel_point(value) for name, value in steps.items()},
            "total": kernel_point(sum(steps.values())), "background": kernel_point(background)}


def kernel_result() -> dict:
    cleared = 262144 + 12000
    cycles = {"reserve": kernel_cycle(3000, 3000, cleared), "own": kernel_cycle(3000, cleared, 0),
              "kernel": kernel_cycle(cleared, cleared, 0)}
    exits = {"kernel": {"0": kernel_point(200000), "8": kernel_point(24000, background=0),
                        "64": kernel_point(25000, background=cleared), "256": kernel_point(99000, background=cleared)}}
    grown = {"1": cycles["reserve"], "8192": kernel_cycle(6000, 6000, cleared)}
    return {"release": "6.1.0-9", "kernel": "6.1", "commit": "abc", "when": "2026-01-01", "cycles": cycles,
            "exits": exits, "growth": {name: grown for name in kernel_table.GROWTH},
            "calibration": {"loop_instructions": 200000, "loop_ns": 200001}}


def test_clearings_of_the_kernel_path_are_counted():
    lines = kernel_table.cycle_lines(kernel_result())
    assert [line[lines[0].index("times cleared")] for line in lines[1:]] == ["1", "1", "2"], lines


def test_missed_goals_of_the_kernel_path_are_named():
    words = kernel_table.missed([kernel_result()])
    assert words.startswith("2 of 4 goals met."), words
    assert "first request of a process (6.1.0-9): missed by" in words
    # Not by the exit with 256 regions, which clears some of them itself.
    assert "qae, no reserve (6.1.0-9): missed by 25 %" in words


def test_growth_of_the_kernel_path_is_shown():
    lines = kernel_table.growth_lines(kernel_result())
    assert lines[1][-1] == "×1.67" and lines[2][-1] == "×1.00", lines


def test_the_drawing_of_the_kernel_path_is_well_formed():
    drawing = ElementTree.fromstring(kernel_plot.draw([kernel_result()]))
    words = [part.text for part in drawing.iter()]
    assert "goal of a bar" in words and all(title in words for title in list(kernel_table.CYCLES.values())[:3]), words
    assert "8, 64" in words and "256" in words, words  # dots that are close share a label


def test_bars_of_all_kernels_have_one_scale():
    slow, fast = kernel_result(), kernel_result()
    slow["cycles"]["kernel"] = kernel_cycle(900000, 0, 0)
    axis = kernel_plot.cycle_axis([fast, slow])
    assert axis.most == 916 and axis.ticks()[:2] == [0, 100], (axis.most, axis.ticks())


def main() -> int:
    tests = [(name, test) for name, test in sorted(globals().items()) if name.startswith("test_")]
    failures = 0
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}")
        except Exception:  # any exception fails the test
            failures += 1
            print(f"not ok {number} - {name}")
            print("# " + traceback.format_exc().replace("\n", "\n# "))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
