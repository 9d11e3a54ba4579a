# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios of tests/vm/scenarios: what each needs, and which ones share a guest.

A guest costs a boot, and on the test kernel a search for leaked memory, which
is more than most scenarios take. So scenarios that need the same machine run
one after the other in one guest. tests/vm/scenario-session loads the modules
again for each of them.
"""
import argparse
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"^(?:#|//|\s\*)\s*(kernels|run-args|guest|clauses):\s*(.*)$")
DEFAULT_KERNELS = ("6.1", "6.12", "newest")
# The kernel that can look for leaked memory. The others run without.
LEAK_KERNEL = "test"


def read_header(path: Path) -> dict:
    """`# key: value` comments among the first lines of a scenario."""
    header = {}
    for line in path.read_text(errors="replace").splitlines()[:30]:
        match = HEADER.match(line)
        if match:
            header[match[1]] = match[2].strip()
    return header


def scenario_kernels(header: dict) -> list:
    return header.get("kernels", " ".join(DEFAULT_KERNELS)).split()


def split_arguments(text: str) -> tuple:
    """Arguments of tests/vm/run: those about the modules, whether to look for leaks, and those about the machine."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--endpoints", default="2")
    parser.add_argument("--type", default="c6xx")
    parser.add_argument("--node", default="")
    parser.add_argument("--no-modules", action="store_true")
    parser.add_argument("--kmemleak", action="store_true")
    known, machine = parser.parse_known_args(shlex.split(text))
    parameters = [f"endpoints={known.endpoints}", f"type={known.type}"]
    if known.node:
        parameters.append(f"node={known.node}")
        machine += ["--node", known.node]
    return "-" if known.no_modules else " ".join(parameters), known.kmemleak, tuple(machine)


@dataclass
class Scenario:
    path: Path
    kernel: str
    parameters: str  # of the simulator; "-": neither module is loaded
    leaks: bool
    machine: tuple
    own: bool  # leaves something behind that only a new guest is free of

    @property
    def name(self) -> str:
        return f"guest {self.kernel} {self.path.name}"

    @property
    def guest(self) -> tuple:
        """Scenarios with the same value can share a guest."""
        return (self.kernel, self.machine, self.path.name if self.own else "")


def scenarios(folder: Path) -> list:
    found = []
    for path in sorted(folder.glob("*")):
        if not os.access(path, os.X_OK) or path.is_dir():
            continue
        header = read_header(path)
        parameters, leaks, machine = split_arguments(header.get("run-args", ""))
        found += [Scenario(path, kernel, parameters, leaks and kernel == LEAK_KERNEL, machine,
                           header.get("guest", "").startswith("its own"))
                  for kernel in scenario_kernels(header)]
    return found


def share_guests(chosen: list) -> list:
    """Lists of scenarios, each for one guest."""
    guests: dict = {}
    for scenario in chosen:
        guests.setdefault(scenario.guest, []).append(scenario)
    return list(guests.values())


def guest_command(shared: list, run: str, session: str) -> list:
    first = shared[0]
    options = ["--kmemleak"] if any(scenario.leaks for scenario in shared) else []
    environment = []
    if "--timeout" in first.machine:
        environment = ["env", "QAE_PROGRAM_TIMEOUT=" + first.machine[first.machine.index("--timeout") + 1]]
    else:  # as long as the session gives each of them
        options += ["--timeout", str(600 * len(shared))]
    pairs = [word for scenario in shared for word in (scenario.parameters, str(scenario.path))]
    return [*environment, run, "--kernel", first.kernel, "--no-modules", *options, *first.machine, "--", session, *pairs]


def guest_name(shared: list) -> str:
    if len(shared) == 1:
        return shared[0].name
    machine = " ".join(shared[0].machine)
    return f"guest {shared[0].kernel} {len(shared)} scenarios{' with ' + machine if machine else ''}"
