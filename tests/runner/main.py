# SPDX-License-Identifier: BSD-3-Clause
"""Run every test and count the cases; the last line is the verdict."""
import argparse
import concurrent.futures
import resource
import subprocess
import sys
import time

from jobs import TOP, Job, divide, needed_kernels, preparation, test_jobs, test_names
from results import Tally

# Two guests at once: each has two processors of its own under emulation.
WORKERS = 2


def report(job: Job, done: int, total: int) -> None:
    tally = job.tally
    verdict = "FAIL" if tally.failed else "SKIP" if job.missing else "ok"
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    print(f"[{done}/{total}] {verdict:4} {job.name}: {tally.passed} passed, {tally.failed} failed{skipped}"
          f" ({job.seconds:.0f} s, {job.processor_seconds:.0f} s of processors)", flush=True)
    for line in started_again(job.log.read_text(errors="replace")):
        print(f"         {line}", flush=True)
    if not tally.failed:
        return
    for name in tally.failures[:20]:
        print(f"         failed: {name}")
    lines = job.log.read_text(errors="replace").splitlines()
    for line in lines[-25:]:
        print(f"         | {line}")
    print(f"         all of it: {job.log.relative_to(TOP)}", flush=True)


def started_again(text: str) -> list:
    """Also of a job that passes: an emulator that often kills its guests should be noticed."""
    return [line for line in text.splitlines() if line.startswith("lab: ") and "started once more" in line]


def longest_first(jobs: list) -> list:
    """A long job that starts last leaves the other worker idle. Those that take about the same keep their order."""
    return sorted(jobs, key=lambda job: -job.expected)


def processor_minutes() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) / 60


def run_all(jobs: list, workers: int) -> Tally:
    sum_of_all = Tally()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(job.run): job for job in jobs}
        for done, future in enumerate(concurrent.futures.as_completed(running), 1):
            future.result()
            job = running[future]
            report(job, done, len(jobs))
            sum_of_all.add(job.tally)
    return sum_of_all


def repeat_failures(jobs: list) -> None:
    """At the end, where who has only the last lines of a long log finds them."""
    for job in jobs:
        if job.tally.failed:
            print(f"FAIL {job.name}: {'; '.join(job.tally.failures[:3])}")


def tell_skipped(finished: list, lost: list) -> None:
    for job in finished:
        if job.missing:
            count = sum(set(other.kernels) <= set(job.kernels) for other in lost)
            print(f"SKIPPED, NOT TESTED: {count} jobs on the kernel {' '.join(job.kernels)}: {job.missing}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/run-all", description=__doc__)
    parser.add_argument("words", nargs="*", help="run only jobs whose name contains one of these")
    parser.add_argument("--list", action="store_true", help="name the jobs and run nothing")
    options = parser.parse_args()
    begin = time.monotonic()

    def wanted(name: str) -> bool:
        return not options.words or any(word in name for word in options.words)

    if options.list:
        print("\n".join([job.name for job in preparation(test_jobs())] + test_names()))
        return 0
    tests = test_jobs(wanted)
    if not tests:  # said before everything is built
        print(f"tests/run-all: no job has {' or '.join(options.words)} in its name; tests/run-all --list names them",
              file=sys.stderr)
        return 2
    # Before the tests, so that the lines about what is being built are seen. What fails here is counted below,
    # when modules are built for it.
    for kernel in needed_kernels(tests):
        subprocess.run(["tests/vm/fetch-kernel", kernel], cwd=TOP, stdout=subprocess.DEVNULL, check=False)
    tally = Tally()
    finished = preparation(tests)
    for job in finished:
        print(f"{job.name} …", flush=True)
        tally.add(run_all([job], 1))
    tests, lost = divide(tests, {kernel for job in finished if job.missing for kernel in job.kernels})
    tally.skipped += len(lost)
    tally.add(run_all(longest_first(tests), WORKERS))
    finished += tests
    repeat_failures(finished)
    tell_skipped(finished, lost)
    print(f"took {(time.monotonic() - begin) / 60:.1f} min, {processor_minutes():.1f} min of processor time")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
