#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Put the numbers of a run between the markers of a document, so that no number is copied by hand."""
import argparse
import json
import sys
import textwrap
from pathlib import Path

from table import about, bends, growth_lines_of, lines_of, markdown, reasons, relative_lines_of


WIDTH = 100  # of prose in documents, see scripts/check-docs


def wrapped(block: str) -> str:
    """Wrap prose and list items at the documents' width; tables stay as they are."""
    return "\n".join(line if line.startswith("|") or len(line) <= WIDTH else
                     textwrap.fill(line, WIDTH, subsequent_indent="  " if line.startswith("- ") else "",
                                   break_long_words=False, break_on_hyphens=False)
                     for line in block.split("\n"))


def marked(name: str, text: str, block: str) -> str:
    begin, end = f"<!-- {name} begin -->\n", f"<!-- {name} end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"needs one line {begin.strip()} and after it one line {end}")
    return text[:text.index(begin) + len(begin)] + wrapped(block.strip()) + "\n" + text[text.index(end):]


def results(result: dict) -> str:
    missed = [row["title"] for row in result["rows"] if row["goal"] is not None
              and row["results"].get("qae", {}).get("median", 0) > row["goal"]]
    judged = sum(1 for row in result["rows"] if row["goal"] is not None)
    verdict = f"{judged - len(missed)} of {judged} goals met."
    if missed:
        verdict += " Not met: " + "; ".join(missed) + "."
    notes = "".join(f"- {reason}\n" for reason in reasons(result))
    return f"{about(result)}\n\n{markdown(lines_of(result))}\n\n{verdict}\n\n{notes}\n{relative(result)}"


def relative(result: dict) -> str:
    lines = relative_lines_of(result)
    if len(lines) == 1:
        return ""
    met = sum(1 for line in lines[1:] if line[-1] == "met")
    return ("The goals in ns are of another machine. As parts of what mimalloc takes, there and here, in rows that it "
            f"has too, {met} of {len(lines) - 1} are met:\n\n{markdown(lines)}\n")


def growth(result: dict) -> str:
    return "\n".join(markdown(growth_lines_of(line)) + f"\n\n{bends(line).capitalize()}.\n"
                     for line in result["growth"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json", type=Path, help="what run.py wrote")
    parser.add_argument("document", type=Path, help="Markdown file with the markers")
    options = parser.parse_args()
    result = json.loads(options.json.read_text())
    if result["quick"]:
        print("report: that was a quick run; the document wants a full one", file=sys.stderr)
        return 1
    try:
        text = marked("user results", options.document.read_text(), results(result))
        text = marked("user growth", text, growth(result))
    except ValueError as error:
        print(f"report: {options.document} {error}", file=sys.stderr)
        return 1
    options.document.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
