# SPDX-License-Identifier: BSD-3-Clause
"""The counting tested by itself, as TAP: a failure must never be lost."""
import sys

import main as runner
from pathlib import Path

from jobs import ALL_KERNELS, Job, compilers, divide, needed_kernels, reason, test_jobs, test_names
from results import count_lines, count_program, count_session
from scenarios import Scenario, guest_command, scenario_kernels, share_guests, split_arguments

SUITE = """KTAP version 1
1..1
    KTAP version 1
    # Subtest: suite
    1..3
    ok 1 first
    # second: EXPECTATION FAILED at file.c:1
    {second} 2 second
        KTAP version 1
        # Subtest: third
        ok 1 value one
        {parameter} 2 value two
    {third} 3 third
# suite: pass:3 fail:0 skip:0 total:3
{suite} 1 suite
"""


def suite(second="ok", parameter="ok", third="ok", suite_verdict="ok") -> str:
    return SUITE.format(second=second, parameter=parameter, third=third, suite=suite_verdict)


def of(tally) -> tuple:
    return tally.passed, tally.failed, tally.skipped


def session(*parts) -> str:
    return "".join(f"# program {name}\n{text}# exit {status}\n" for name, text, status in parts)


def status_of(*words) -> int:
    sys.argv[1:] = words
    return runner.main()


def kernels_of(word: str) -> list:
    return needed_kernels([job for job in test_jobs() if word in job.name])


def result_of(script: str, **settings) -> tuple:
    job = Job("self-test", ["sh", "-c", script], kernels=("newest",), **settings)
    job.run()
    return of(job.tally) + (job.missing,)


def lost_without(kernel: str, *jobs) -> list:
    kept, lost = divide(list(jobs), {kernel})
    return [[job.name for job in part] for part in (kept, lost)]


def scenario(name: str, arguments: str = "", kernel: str = "6.1", own: bool = False) -> Scenario:
    parameters, leaks, machine = split_arguments(arguments)
    return Scenario(Path(name), kernel, parameters, leaks, machine, own)


def shared(*chosen) -> list:
    return ["".join(one.path.name for one in guest) for guest in share_guests(list(chosen))]


def command_of(*chosen) -> str:
    return " ".join(guest_command(list(chosen), "run", "session"))


SECOND_START = "lab: the guest died before its session began, started once more (its console: here)"


def order_of(*jobs) -> str:
    return "".join(job.name for job in runner.longest_first(jobs))


CASES = {
    "the longest job starts first, those as long in their order": (
        lambda: order_of(Job("a", []), Job("b", []), Job("c", [], expected=90), Job("d", [], kind="session")), "dcab"),
    "guests that run all programs start before all others": (
        lambda: {job.kind for job in runner.longest_first(test_jobs())[:len(ALL_KERNELS)]}, {"session"}),
    "compilers that were chosen are kept": (lambda: compilers({"CXX": "clang++"}), []),
    "others answer from the cache": (lambda: compilers({})[1:3], ["CC=ccache gcc", "CXX=ccache g++"]),
    "a second start of a guest is shown": (
        lambda: runner.started_again(f"ok 1 - a\n{SECOND_START}\nlab: downloading\n"), [SECOND_START]),
    "a kernel that cannot be had is a skip, with the reason": (
        lambda: result_of("echo lab: no network; echo make: Error 3; exit 2", optional=True),
        (0, 0, 1, "lab: no network")),
    "a build that breaks gives the first error": (
        lambda: reason("lab: downloading\na.c:1:1: fatal error: x.h\nb.c:1:1: error: y\n"),
        "a.c:1:1: fatal error: x.h"),
    "a test that fails on a kernel that may be missing is a failure": (
        lambda: result_of("echo not ok 1 - a; exit 1"), (0, 1, 0, "")),
    "without a kernel only the tests that need nothing else are lost": (
        lambda: lost_without("newest", Job("a", []), Job("b", [], kernels=("newest",)),
                             Job("c", [], kernels=("6.1", "newest")), Job("d", [], kernels=("6.1",))),
        [["a", "c", "d"], ["b"]]),
    "all programs run on the newest kernel": (lambda: kernels_of("guest newest programs"), ["newest"]),
    "a scenario that names no kernels runs on the newest too": (
        lambda: scenario_kernels({}), ["6.1", "6.12", "newest"]),
    "scenarios on the same machine share a guest": (
        lambda: shared(scenario("a", "--endpoints 1"), scenario("b", "--memory 2G"), scenario("c", "--type 4xxx"),
                       scenario("d", "--no-modules")), ["acd", "b"]),
    "scenarios on other kernels do not": (lambda: shared(scenario("a"), scenario("b", kernel="6.12")), ["a", "b"]),
    "a scenario with a guest of its own shares it with none": (
        lambda: shared(scenario("a"), scenario("b", own=True), scenario("c", own=True), scenario("d")),
        ["ad", "b", "c"]),
    "each scenario gets its modules, and one that looks for leaks makes the guest look": (
        lambda: command_of(scenario("a", "--endpoints 1 --kmemleak"), scenario("b", "--no-modules")),
        "run --kernel 6.1 --no-modules --kmemleak --timeout 1200 -- session endpoints=1 type=c6xx a - b"),
    "nodes are those of the machine and of the simulator": (
        lambda: command_of(scenario("a", "--node 0,1 --memory 2G")),
        "run --kernel 6.1 --no-modules --timeout 600 --memory 2G --node 0,1 -- "
        "session endpoints=2 type=c6xx node=0,1 a"),
    "a time limit of its own is that of the program, too": (
        lambda: command_of(scenario("a", "--timeout 900")),
        "env QAE_PROGRAM_TIMEOUT=900 run --kernel 6.1 --no-modules --timeout 900 -- session endpoints=2 type=c6xx a"),
    "one of several scenarios can be asked for": (
        lambda: [job.command[-1].rpartition("/")[2] for job in test_jobs(lambda name: name == "guest 6.1 sim-states")],
        ["sim-states"]),
    "each scenario is listed by its name": (lambda: "guest 6.1 sim-states" in test_names(), True),
    "programs of the host need no kernel": (lambda: kernels_of("host "), []),
    "a guest's tests need its kernel": (lambda: kernels_of("guest 6.12 "), ["6.12"]),
    "all tests need all kernels": (lambda: kernels_of(""), list(ALL_KERNELS)),
    "a word that no job has builds nothing": (lambda: status_of("no such job"), 2),
    "plain TAP": (lambda: of(count_lines("1..2\nok 1 - a\nnot ok 2 - b\n".splitlines())), (1, 1, 0)),
    "a case that cmocka skipped": (
        lambda: of(count_lines(["1..2", "not ok 1 # SKIP a", "not ok 2 - b # skip of a beat"])), (0, 1, 1)),
    "a skipped case": (lambda: of(count_lines(["1..1", "ok 1 - a # SKIP no card"])), (0, 0, 1)),
    "a plan that is not reached": (lambda: of(count_lines(["1..3", "ok 1 - a"])), (1, 1, 0)),
    "leaves of a suite": (lambda: of(count_lines(suite().splitlines())), (4, 0, 0)),
    "a failed case counts once":
        (lambda: of(count_lines(suite("not ok", suite_verdict="not ok").splitlines())), (3, 1, 0)),
    "a failed parameter counts once":
        (lambda: of(count_lines(suite("ok", "not ok", "not ok", "not ok").splitlines())), (3, 1, 0)),
    "a suite that fails by itself":
        (lambda: of(count_lines(suite(suite_verdict="not ok").splitlines())), (4, 1, 0)),
    "a suite whose cases are missing":
        (lambda: of(count_lines(["1..1", "    1..2", "    ok 1 a", "ok 1 suite"])), (1, 1, 0)),
    "two suites one after the other": (lambda: of(count_lines((suite() * 2).splitlines())), (8, 0, 0)),
    "a status without a failed case": (lambda: of(count_program(["ok 1 - a"], 139, "x", True)), (1, 1, 0)),
    "no case where one is needed": (lambda: of(count_program([], 0, "x", True)), (0, 1, 0)),
    "a program without cases": (lambda: of(count_program(["text"], 0, "x", False)), (1, 0, 0)),
    "programs of a session":
        (lambda: of(count_session(session(("a", "ok 1 - a\n", 0), ("b", "1..2\nok 1 - a\n", 139)))), (2, 1, 0)),
    "a session that breaks off": (lambda: of(count_session("# program a\nok 1 - a\n")), (0, 1, 0)),
}


def main() -> int:
    failures = 0
    for number, (name, (run, wanted)) in enumerate(CASES.items(), 1):
        got = run()
        if got != wanted:
            print(f"# wanted {wanted}, got {got}")
            failures += 1
        print(f"{'ok' if got == wanted else 'not ok'} {number} - {name}")
    print(f"1..{len(CASES)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
