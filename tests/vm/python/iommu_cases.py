# SPDX-License-Identifier: BSD-3-Clause
"""What holds for functions behind an IOMMU, however the kernel was started with it.

The guest has one edu function alone in its group and one that shares its group with a network card
(e1000). Bytes are compared, not return codes.
"""
import errno
import os
import re
import signal
import subprocess
import time

from dma_function import (MOST, Function, Region, bind, deselect, edus, is_bound, misses, read, select, trip, unbind, write,
                          DEVICES)
from qae_netlink import Netlink, config, refused, same, u32
from qaectl import listing

KMOD = os.environ["QAE_KMOD_DIR"]
NONE, IOVA = 0, 2
MIB = 1 << 20
SLOT = 2 * MIB
E1000 = "/sys/bus/pci/drivers/e1000/"


def insmod(name):
    subprocess.run(["insmod", os.path.join(KMOD, "kernel", name)], check=True)


def rmmod(name):
    subprocess.run(["rmmod", name], check=True)


def log():
    return subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout


def card():
    """The network card's name, as a PCI function."""
    return [name for name in os.listdir(DEVICES) if read(DEVICES + name + "/device") == "0x100e"][0]


def faults(function, address):
    """A transfer to an address faults. The kernel logs few of many faults, so it may take several."""
    deadline = time.monotonic() + 60
    while "fault addr %#x" % address not in log():
        if time.monotonic() > deadline:
            raise AssertionError("no fault is logged")
        function.store(address, 4)
        time.sleep(0.5)


class Cases:
    """In order: each leaves the driver loaded and the first edu bound and up."""

    def __init__(self, tap):
        subprocess.run(["modprobe", "e1000"], check=True)
        insmod("qae.ko")
        select(48)
        self.alone, self.shared = edus()
        self.nl = Netlink()
        for case in (self.a_function_shared_with_another_driver_is_refused,
                     self.it_comes_up_once_the_other_driver_is_gone,
                     self.addresses_are_congruent_and_not_physical,
                     self.bytes_arrive_at_start_end_and_interior,
                     self.a_large_region_is_one_run_for_the_function,
                     self.it_is_charged_to_the_memory_cgroup,
                     self.two_functions_reach_the_same_addresses,
                     self.nothing_else_is_reached,
                     self.after_a_free_the_address_leads_nowhere,
                     self.after_a_kill_the_address_leads_nowhere,
                     self.a_function_that_returns_finds_the_regions,
                     self.a_function_without_an_iommu_waits_for_the_regions,
                     self.with_such_a_function_addresses_are_physical_for_all,
                     self.a_physical_address_leads_nowhere,
                     self.a_narrow_function_gets_addresses_within_its_reach):
            tap.run(case)
        deselect()
        rmmod("qae")
        rmmod("e1000")

    def endpoint(self, name):
        place = int(name[5:7], 16) << 8 | int(name[8:10], 16) << 3 | int(name[11])
        return [e["ENDPOINT_ID"] for e in self.nl.dump("ENDPOINT_GET") if e["ENDPOINT_PCI_BUSDEVFN"] == place][0]

    def up(self, name):
        self.nl.do("ENDPOINT_UP", u32("ENDPOINT_ID", self.endpoint(name)) + config())

    def a_function_shared_with_another_driver_is_refused(self):
        same(is_bound(self.shared), True)
        refused(errno.EBUSY, "shared with another driver", lambda: self.up(self.shared))
        same(bool(re.search("%s: .*shared with %s, which the driver e1000 has" % (self.shared, card()), log())), True)
        self.up(self.alone)
        same(sorted(e["ENDPOINT_ADDRESSES"] for e in self.nl.dump("ENDPOINT_GET")), [NONE, IOVA])

    def it_comes_up_once_the_other_driver_is_gone(self):
        write(E1000 + "unbind", card())
        self.up(self.shared)
        try:
            write(E1000 + "bind", card())
            raise AssertionError("the other driver got a function of a group that this one owns")
        except OSError as error:
            same(error.errno, errno.EBUSY)
        same([(e["type"], e["addresses"]) for e in listing("status")], [("generic", "iova")] * 2)

    def addresses_are_congruent_and_not_physical(self):
        for size in (4096, 65536, MIB, 2 * MIB, 4 * MIB, 8 * MIB):
            region = Region(size)
            # Memory is aligned to its size up to 2 MiB, and all of it lies below 4 GiB.
            same(region.address % min(size, SLOT), 0)
            same(region.address >= 1 << 32 and region.address + size <= 1 << 39, True)

    def bytes_arrive_at_start_end_and_interior(self):
        function = Function(self.alone)
        for size in (4096, 65536, 2 * MIB, 8 * MIB):
            source, target = Region(size), Region(size)
            end = size - 1000
            trip(function, source, 0, target, end, 1000)
            trip(function, source, end, target, 0, 1000)
            trip(function, source, size // 2 - 999, target, size // 2 - 333, 1777)
        trip(function, source, SLOT - 1000, target, 2 * SLOT - 1000, 2000)

    def a_large_region_is_one_run_for_the_function(self):
        region, function = Region(64 * MIB), Function(self.alone)
        for seam in range(SLOT, region.size, 10 * SLOT):
            trip(function, region, seam - 1000, region, region.size - seam - 999, 1998)
        trip(function, region, region.size - 2000, region, 1, 2000)
        same(bytes(region.memory[10 * MIB:20 * MIB]).count(0) > 9 * MIB, True)

    def it_is_charged_to_the_memory_cgroup(self):
        write("/sys/fs/cgroup/cgroup.subtree_control", "+memory")
        group = "/sys/fs/cgroup/qae-pieces"
        os.mkdir(group)
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            write(group + "/cgroup.procs", "0")
            before = int(read(group + "/memory.current"))
            region = Region(64 * MIB)
            grown = int(read(group + "/memory.current")) - before
            os.write(writer, grown.to_bytes(8, "little"))
            os._exit(region.size != 64 * MIB)
        grown = int.from_bytes(os.read(reader, 8), "little")
        same(os.waitpid(pid, 0)[1], 0)
        os.rmdir(group)
        same(grown >= 64 * MIB, True)

    def two_functions_reach_the_same_addresses(self):
        source, target = Region(2 * MIB), Region(65536)
        for name in (self.alone, self.shared):
            trip(Function(name), source, 12345, target, 23456)

    def nothing_else_is_reached(self):
        region, function = Region(2 * MIB), Function(self.alone)
        misses(function, region.address + 2 * SLOT, region)
        misses(function, region.address - MOST, region)
        trip(function, region, 0, region, MIB)

    def after_a_free_the_address_leads_nowhere(self):
        function, client = Function(self.alone), Region(4096).client
        old = Region(2 * MIB, client)
        trip(function, old, 0, old, MIB)
        address = old.address
        old.free()
        # A client's next region of that size has the same memory (its spare), and another address.
        again = Region(2 * MIB, client)
        same(again.address == address, False)
        misses(function, address, again)
        misses(function, address + MIB, again)
        trip(function, again, 0, again, MIB)

    def after_a_kill_the_address_leads_nowhere(self):
        function = Function(self.alone)
        reader, writer = os.pipe()
        pid = os.fork()
        if not pid:
            region = Region(4096)
            os.write(writer, region.address.to_bytes(8, "little"))
            signal.pause()
        address = int.from_bytes(os.read(reader, 8), "little")
        function.store(address, 64)
        same("fault addr %#x" % address in log(), False)
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        faults(function, address)

    def a_function_that_returns_finds_the_regions(self):
        region, small = Region(8 * MIB), Region(4096)
        before = region.address
        for name in (self.alone, self.shared):
            unbind(name)
        later = Region(2 * MIB)
        for name in (self.alone, self.shared):
            bind(name)
        same(region.address, before)
        for name in (self.alone, self.shared):
            trip(Function(name), region, 5 * MIB, later, 100)
            trip(Function(name), later, MIB, small, 1000)
        self.up(self.alone)

    def a_function_without_an_iommu_waits_for_the_regions(self):
        region = Region(2 * MIB)
        insmod("sim/qae_sim.ko")
        other = max(e["ENDPOINT_ID"] for e in self.nl.dump("ENDPOINT_GET"))
        refused(errno.EBUSY, "no IOMMU translates", lambda: self.up_id(other))
        trip(Function(self.alone), region, 0, region, MIB)
        region.free()
        region.client.close()
        self.up_id(other)

    def up_id(self, number):
        self.nl.do("ENDPOINT_UP", u32("ENDPOINT_ID", number) + config())

    def with_such_a_function_addresses_are_physical_for_all(self):
        region, small, function = Region(8 * MIB), Region(8192), Function(self.alone)
        same(max(region.address, small.address) < 1 << 32, True)
        trip(function, region, 5 * MIB, small, 100)
        trip(function, small, 4096, region, 8 * MIB - MIB)
        region.free()

    def a_physical_address_leads_nowhere(self):
        function, client = Function(self.alone), Region(4096).client
        old = Region(2 * MIB, client)
        address = old.address
        trip(function, old, 0, old, MIB)
        old.free()
        rmmod("qae_sim")
        # The same memory, which is the client's spare, now at an IOVA.
        again = Region(2 * MIB, client)
        same(again.address >= 1 << 32, True)
        misses(function, address, again)
        misses(function, address + 777777, again)
        trip(function, again, 0, again, MIB)

    def a_narrow_function_gets_addresses_within_its_reach(self):
        for name in (self.alone, self.shared):
            unbind(name)
        deselect()
        select(28)
        region, small = Region(8 * MIB), Region(4096)
        same(max(region.address, small.address) < 1 << 28, True)
        trip(Function(self.alone), region, 0, small, 2048)
