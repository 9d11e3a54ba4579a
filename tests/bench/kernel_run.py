#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Count the instructions of the kernel path in guests, print the table, write one JSON file for each kernel."""
import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path

from kernel_table import show

TOP = Path(__file__).resolve().parents[2]
GUEST = ["--icount", "--memory", "2G", "--endpoints", "1"]
# One process takes more here than a guest of this size grants to one user.
RUN = ["sh", "-c", 'qaectl memory limit --user none --all none >/dev/null && exec "$0"']


def count(kernel: str, program: Path) -> dict:
    run = subprocess.run([TOP / "tests/vm/run", "--kernel", kernel, *GUEST, "--", *RUN, program], stdout=subprocess.PIPE,
                         check=True, cwd=TOP)
    return json.loads(run.stdout)


def commit() -> str:
    answer = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=TOP, capture_output=True,
                            text=True, check=False)
    return answer.stdout.strip() or "unknown"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="kernel-path, as built")
    parser.add_argument("--output", type=Path, required=True, help="folder of the JSON files")
    parser.add_argument("kernels", nargs="*", default=["6.1", "6.12"], help="as of tests/vm/run")
    options = parser.parse_args()
    results = []
    for kernel in options.kernels:
        try:
            result = count(kernel, options.program.resolve())
        except (subprocess.CalledProcessError, ValueError) as error:
            print(f"bench-kernel: no result of kernel {kernel}: {error}", file=sys.stderr)
            return 1
        result.update(kernel=kernel, commit=commit(), when=datetime.date.today().isoformat())
        (options.output / f"kernel-{result['release']}.json").write_text(json.dumps(result, indent=1) + "\n")
        results.append(result)
    print(show(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
