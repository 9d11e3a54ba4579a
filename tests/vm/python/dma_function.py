# SPDX-License-Identifier: BSD-3-Clause
"""QEMU's edu function (1234:11e8) as an endpoint of qae, and regions that it transfers to and from.

The module gives the function its reach and does nothing with its registers, so these tests write
them themselves, through the BAR in sysfs. The guest needs iomem=relaxed for that, because the
module has the BAR reserved.
"""
import ctypes
import fcntl
import glob
import mmap
import os
import struct
import time

from qae_netlink import Device

DRIVER = "/sys/bus/pci/drivers/qae/"
DEVICES = "/sys/bus/pci/devices/"
EDU = "1234 11e8"
MEM_ALLOC, MEM_FREE = 0x7141, 0x7142
SOURCE, TARGET, COUNT, COMMAND = 0x80, 0x88, 0x90, 0x98
RUN, TO_MEMORY = 1, 2
BUFFER = 0x40000    # the function's own memory
MOST = 2048         # bytes of one transfer; QEMU 7.2 stops at 4096


def write(path, words):
    with open(path, "w", encoding="ascii") as file:
        file.write(words)


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def edus():
    """Names of all edu functions, in order."""
    return sorted(os.path.basename(path) for path in glob.glob(DEVICES + "*")
                  if read(path + "/vendor") == "0x1234" and read(path + "/device") == "0x11e8")


def select(bits):
    """Let the driver have functions of this id; those that nobody has are bound at once."""
    write(DRIVER + "new_id", "%s ffffffff ffffffff 0 0 %x" % (EDU, bits))


def deselect():
    write(DRIVER + "remove_id", EDU)


def bind(name):
    write(DRIVER + "bind", name)


def unbind(name):
    write(DRIVER + "unbind", name)


def is_bound(name):
    return os.path.exists(DRIVER + name)


class Function:
    """An edu function, ready to transfer."""

    def __init__(self, name):
        self.name = name
        file = os.open(DEVICES + name + "/resource0", os.O_RDWR | os.O_SYNC)
        self.bar = mmap.mmap(file, 1 << 20)
        os.close(file)
        config = os.open(DEVICES + name + "/config", os.O_RDWR)
        command = struct.unpack("<H", os.pread(config, 2, 4))[0]
        os.pwrite(config, struct.pack("<H", command | 6), 4)
        os.close(config)

    def _register(self, at):
        return ctypes.c_uint64.from_buffer(self.bar, at)

    def transfer(self, source, target, count, command):
        for at, value in ((SOURCE, source), (TARGET, target), (COUNT, count), (COMMAND, command | RUN)):
            self._register(at).value = value
        deadline = time.monotonic() + 60
        while self._register(COMMAND).value & RUN:
            if time.monotonic() > deadline:
                raise AssertionError("the transfer does not end")
            time.sleep(0.01)

    def fetch(self, address, count):
        """From memory into the function."""
        self.transfer(address, BUFFER, count, 0)

    def store(self, address, count):
        """From the function into memory."""
        self.transfer(BUFFER, address, count, TO_MEMORY)


class Region:
    """A region of a client, mapped."""

    def __init__(self, size, client=None, alignment=4096):
        self.client = client or Device()
        request = bytearray(struct.pack("=IIQQiIQQ", 48, 0, size, alignment, -1, 0, 0, 0))
        fcntl.ioctl(self.client.fd, MEM_ALLOC, request, True)
        fields = struct.unpack("=IIQQiIQQ", request)
        self.size, self.id, self.address = fields[2], fields[5], fields[6]
        self.memory = mmap.mmap(self.client.fd, self.size, offset=fields[7])

    def free(self):
        self.memory.close()
        fcntl.ioctl(self.client.fd, MEM_FREE, bytearray(struct.pack("=IIII", 16, 0, self.id, 0)), True)


def pattern(count, salt):
    return bytes((at * 7 + at // 256 + salt) & 0xff for at in range(count))


def trip(function, source, source_at, target, target_at, count=MOST):
    """Bytes go from one region through the function into another, and are compared."""
    trip.salt = (trip.salt + 37) & 0xff
    wanted = pattern(count, trip.salt)
    target.memory[target_at:target_at + count] = bytes(b ^ 0xff for b in wanted)
    source.memory[source_at:source_at + count] = wanted
    function.fetch(source.address + source_at, count)
    function.store(target.address + target_at, count)
    if target.memory[target_at:target_at + count] != wanted:
        raise AssertionError("other bytes arrived at %#x in a region of %d bytes" % (target_at, target.size))


trip.salt = 0


def misses(function, address, region):
    """A transfer to an address changes nothing in a region."""
    blank = b"\x5a" * region.size
    region.memory[:] = blank
    function.store(address, MOST)
    if region.memory[:] != blank:
        raise AssertionError("bytes arrived that should not")
