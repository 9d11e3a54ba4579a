#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Put the results of kernel_run.py between the markers of a document, and draw them."""
import argparse
import json
import sys
from pathlib import Path

from kernel_plot import draw
from kernel_table import document
from report import marked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("json", type=Path, nargs="+", help="one file for each kernel")
    parser.add_argument("--document", type=Path, required=True, help="Markdown file with the markers")
    parser.add_argument("--drawing", type=Path, required=True, help="the SVG file to write")
    options = parser.parse_args()
    results = [json.loads(path.read_text()) for path in options.json]
    # 6.1 before 6.12, and for each kernel only the latest package that was measured.
    latest = {result["kernel"]: result for result in sorted(results, key=lambda one: one["when"])}
    results = [latest[kernel] for kernel in sorted(latest, key=lambda name: [int(part) for part in name.split(".")])]
    try:
        text = marked("kernel results", options.document.read_text(), document(results))
    except ValueError as error:
        print(f"report: {options.document} {error}", file=sys.stderr)
        return 1
    options.document.write_text(text)
    options.drawing.write_text(draw(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
