# SPDX-License-Identifier: BSD-3-Clause
"""What make check runs: jobs, and how each one's output is counted."""
import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from results import Tally, count_program, count_session
from scenarios import guest_command, guest_name, scenarios, share_guests

TOP = Path(__file__).resolve().parents[2]
VM_RUN = "tests/vm/run"
LOGS = TOP / "build" / "check"
SCENARIOS = TOP / "tests/vm/scenarios"
STOCK = ("6.1", "6.12")
# Moves every few weeks: that it cannot be had, or that a change of it broke the build, is not our failure.
NEWEST = "newest"
ALL_KERNELS = STOCK + (NEWEST, "test")

# Statuses of tests/vm/run that are about the guest rather than the command.
GUEST_TROUBLE = {
    90: "the kernel log is not clean",
    91: "the guest panicked or reset",
    92: "the guest did not finish in time",
    93: "the guest could not be prepared",
    94: "QEMU did not run",
}


def run_measured(command: list, limit: float, **settings) -> tuple:
    """Exit status, as a shell has it, 124 after limit seconds; and processor time of all that it waited for."""
    # Not the process itself: its children hold the log, and timeout ends them as well.
    with subprocess.Popen(["timeout", "-k", "10", str(limit), *command], **settings) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime


@dataclass
class Job:
    name: str
    command: list
    kind: str = "program"  # program, cases (needs at least one), session
    guest: bool = False
    kernels: tuple = ()  # whose modules it needs
    optional: bool = False  # if it fails, the tests on its kernels are skipped
    expected: float = 0.0  # about how many seconds, for the order they start in; 0: as others of its kind
    seconds: float = 0.0
    processor_seconds: float = 0.0
    tally: Tally | None = None
    missing: str = ""  # why an optional job failed

    def __post_init__(self) -> None:
        if not self.expected:
            self.expected = 600 if self.kind == "session" else 30

    @property
    def log(self) -> Path:
        return LOGS / (re.sub(r"[^A-Za-z0-9.]+", "-", self.name) + ".log")

    def run(self, limit: int = 3000) -> None:
        begin = time.monotonic()
        environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
        # The jobserver of the make that started this is not for these.
        for variable in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CMOCKA_XML_FILE"):
            environment.pop(variable, None)
        LOGS.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w+b") as log:
            status, self.processor_seconds = run_measured(self.command, limit, cwd=TOP, env=environment,
                                                          stdin=subprocess.DEVNULL, stdout=log,
                                                          stderr=subprocess.STDOUT)
            log.seek(0)
            text = log.read().decode(errors="replace")
        self.tally = self._count(text, status)
        if self.optional and self.tally.failed:
            self.missing, self.tally = reason(text), Tally(skipped=1)
        self.seconds = time.monotonic() - begin

    def _count(self, text: str, status: int) -> Tally:
        trouble = GUEST_TROUBLE.get(status) if self.guest else None
        if self.kind == "session":
            tally = count_session(text)
            if status != 0 and tally.failed == 0 and not trouble:
                tally.fail(f"exit status {status}")
            elif tally.total() == 0 and not trouble:
                tally.fail("no test case ran")
        else:
            tally = count_program(text.splitlines(), 0 if trouble else status, self.name,
                                  self.kind == "cases" and not trouble)
        if trouble:
            tally.fail(trouble)
        return tally


def reason(text: str) -> str:
    """Why a kernel or its modules could not be made: the compiler's first error, or the lab's last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line]
    words = [line for line in lines if line.startswith("lab: ")]
    return (errors[:1] or words[-1:] or lines[-1:] or ["no output"])[0]


def divide(tests: list, missing: set) -> tuple:
    """Those that can run, and those that need nothing but kernels that are missing."""
    lost = [job for job in tests if job.kernels and missing.issuperset(job.kernels)]
    return [job for job in tests if job not in lost], lost


def compilers(chosen) -> list:
    """A second check compiles only what changed, also in another checkout. Compilers that were chosen are kept."""
    if {"CC", "CXX"} & set(chosen) or not shutil.which("ccache"):
        return []
    return ["env", "CC=ccache gcc", "CXX=ccache g++", "CCACHE_NOHASHDIR=1"]


def preparation(tests: list) -> list:
    """One after the other, before everything else: what these tests need."""
    jobs = [Job("build user space", [*compilers(os.environ), "make", "-s", "-k", f"-j{os.cpu_count()}", "user", "tests"])]
    jobs += [Job(f"build modules {kernel}", ["make", "-s", "modules", f"KERNEL={kernel}"],
                 kernels=(kernel,), optional=kernel == NEWEST)
             for kernel in needed_kernels(tests)]
    return jobs


def needed_kernels(tests: list) -> list:
    return [kernel for kernel in ALL_KERNELS if any(kernel in job.kernels for job in tests)]


def listed_tests() -> dict:
    text = subprocess.run(["make", "-s", "list-tests"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    found: dict = {"host": [], "guest": []}
    for line in text.splitlines():
        where, _, program = line.partition(" ")
        if program:
            found[where].append(program)
    return found


def scenario_jobs(wanted) -> list:
    chosen = [scenario for scenario in scenarios(SCENARIOS) if wanted(scenario.name)]
    return [Job(guest_name(shared), guest_command(shared, VM_RUN, "tests/vm/scenario-session"), kind="session",
                guest=True, kernels=(shared[0].kernel,), expected=60 * len(shared))
            for shared in share_guests(chosen)]


def static_jobs() -> list:
    return [Job("static checks", ["scripts/lint"], kind="cases", kernels=STOCK + (NEWEST,), expected=150),
            Job("clang-tidy", ["scripts/lint", "clang-tidy"], kind="cases", expected=200),
            Job("DKMS", ["scripts/dkms-check"], kind="cases", kernels=STOCK + (NEWEST,), expected=100),
            Job("Debian packages", ["scripts/deb-check"], kind="cases", expected=150),
            Job("counting", ["python3", "-B", "tests/runner/self_test.py"], kind="cases"),
            Job("benchmark report", ["python3", "-B", "tests/bench/self_test.py"], kind="cases"),
            Job("guest lab", ["tests/vm/self-test"], kind="cases", kernels=STOCK + ("test",),
                expected=180)]


def program_jobs(tests: dict) -> list:
    guests = [Job(f"guest {kernel} programs",
                  [VM_RUN, "--kernel", kernel, "--timeout", "2700", "--", "tests/vm/program-session", *tests["guest"]],
                  kind="session", guest=True, kernels=(kernel,)) for kernel in ALL_KERNELS if tests["guest"]]
    return guests + [Job(f"host {program.partition('tests/user/')[2] or Path(program).name}", [program], kind="cases")
                     for program in tests["host"]]


def other_jobs() -> list:
    return [Job("KUnit test", ["tests/run-kunit"], kind="cases", guest=True, kernels=("test",)),
            *program_jobs(listed_tests()), *static_jobs()]


def test_jobs(wanted=lambda name: True) -> list:
    """Those that are wanted. A guest for several scenarios runs those of them that are."""
    return scenario_jobs(wanted) + [job for job in other_jobs() if wanted(job.name)]


def test_names() -> list:
    """What can be asked for by name."""
    return [scenario.name for scenario in scenarios(SCENARIOS)] + [job.name for job in other_jobs()]
