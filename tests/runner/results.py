# SPDX-License-Identifier: BSD-3-Clause
"""Count test cases in TAP and KTAP text.

Only leaves count: a result line that closes a nested list (a KUnit suite, a
parameterised case) repeats what its members said, unless it fails although
none of them did.
"""
import re
from dataclasses import dataclass, field

RESULT = re.compile(r"^(?P<indent>\s*)(?P<verdict>ok|not ok)\b\s*\d*\s*(?:-\s*)?(?P<name>.*)$")
PLAN = re.compile(r"^(?P<indent>\s*)1\.\.(?P<count>\d+)")
SKIP = re.compile(r"#\s*skip", re.IGNORECASE)


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)

    def total(self) -> int:
        return self.passed + self.failed + self.skipped

    def fail(self, name: str) -> None:
        self.failed += 1
        self.failures.append(name)

    def add(self, other: "Tally") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures


def count_lines(lines) -> Tally:
    tally = Tally()
    # Per depth: how many members were seen, and whether one of them failed.
    members: dict[int, list] = {}
    planned: dict[int, int] = {}
    for line in lines:
        # Kernel log prefixes do not occur in result files, carriage returns do.
        line = line.rstrip("\r\n").expandtabs(8)
        plan = PLAN.match(line)
        if plan:
            depth = len(plan["indent"])
            planned[depth] = planned.get(depth, 0) + int(plan["count"])
            continue
        match = RESULT.match(line)
        if not match:
            if line.startswith("Bail out!"):
                tally.fail(line)
            continue
        _take(match, tally, members, planned)
    if planned.get(0, 0) > members.get(0, [0])[0]:
        tally.fail(f"only {members.get(0, [0])[0]} of {planned[0]} planned results")
    return tally


def _take(match, tally: Tally, members: dict, planned: dict) -> None:
    depth = len(match["indent"])
    # cmocka reports a skipped case as "not ok 5 # SKIP name".
    bad = match["verdict"] == "not ok" and not SKIP.match(match["name"])
    inner = [level for level in members if level > depth]
    nested_failed = any(members[level][1] for level in inner)
    short = [level for level in planned if level > depth and planned[level] > members.get(level, [0])[0]]
    own = members.setdefault(depth, [0, False])
    own[0] += 1
    own[1] = own[1] or bad
    if short:
        tally.fail(f"{match['name'].strip()}: results are missing")
    elif not inner:
        if bad:
            tally.fail(match["name"].strip())
        elif SKIP.search(match["name"]):
            tally.skipped += 1
        else:
            tally.passed += 1
    elif bad and not nested_failed:
        tally.fail(match["name"].strip())
    for table in (members, planned):
        for level in [level for level in table if level > depth]:
            del table[level]


def count_program(lines, status: int, name: str, need_cases: bool) -> Tally:
    """One program: its result lines, and its exit status as the last word."""
    tally = count_lines(lines)
    if tally.total() == 0:
        if status == 0 and not need_cases:
            tally.passed = 1
        else:
            tally.fail(f"{name}: exit status {status}, no test case ran")
    elif status != 0 and tally.failed == 0:
        tally.fail(f"{name}: exit status {status}")
    if status == 124:
        tally.failures.append(f"{name}: stopped, it took too long")
    return tally


def count_session(text: str) -> Tally:
    """The output of tests/vm/program-session: several programs in one guest."""
    tally = Tally()
    name, lines = "", []
    for line in text.splitlines():
        if line.startswith("# program "):
            name, lines = line.removeprefix("# program "), []
        elif name and line.startswith("# exit "):
            one = count_program(lines, int(line.split()[2]), name, True)
            one.failures = [text if text.startswith(name) else f"{name}: {text}" for text in one.failures]
            tally.add(one)
            name = ""
        else:
            lines.append(line)
    if name:
        tally.fail(f"{name}: did not finish")
    return tally
