# SPDX-License-Identifier: BSD-3-Clause
"""The family "qae" by hand: bytes in, bytes out, no netlink library between.

A library would repair or refuse what these tests want to send. Numbers of
commands and attributes are read from the uapi header, which is their only home.
"""
import ctypes
import fcntl
import os
import re
import socket
import struct
import sys
import traceback

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../../include/uapi/linux/qae_netlink.h")

NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK = 0x1, 0x2, 0x4
NLM_F_DUMP_INTR, NLM_F_DUMP = 0x10, 0x300
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED, NLA_TYPE_MASK = 0x8000, 0x3fff
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 1, 10, 11
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7


def enumerators(name):
    """Enumerators of a plain enum of the uapi header, by name."""
    with open(HEADER, encoding="utf-8") as header:
        body = re.search(r"enum %s \{(.*?)\};" % name, header.read(), re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    return {word.strip(): at for at, word in enumerate(w for w in body.split(",") if w.strip())}


COMMANDS = enumerators("qae_cmd")
ATTRS = enumerators("qae_attr")
NAMES = {number: name for name, number in ATTRS.items()}


def attr(kind, payload, nested=False):
    """One attribute; kind is a name of the header or a number."""
    number = ATTRS["QAE_A_" + kind] if isinstance(kind, str) else kind
    data = struct.pack("=HH", 4 + len(payload), number | (NLA_F_NESTED if nested else 0)) + payload
    return data + bytes(-len(data) % 4)


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def u64(kind, value):
    return attr(kind, struct.pack("=Q", value))


def text(kind, value):
    return attr(kind, (value.encode() if isinstance(value, str) else value) + b"\0")


def nest(kind, *parts):
    return attr(kind, b"".join(parts), nested=True)


def instance(service, name, poll=1, cores=()):
    parts = [u32("CONFIG_INSTANCE_SERVICE", service), text("CONFIG_INSTANCE_NAME", name),
             u32("CONFIG_INSTANCE_POLL", poll)]
    if cores:
        parts.append(attr("CONFIG_INSTANCE_CORES", struct.pack("=%dI" % len(cores), *cores)))
    return nest("CONFIG_INSTANCE", *parts)


def section(name, processes=None, cy=0, dc=0, limit=None, wait=None, extra=b""):
    parts = [text("CONFIG_SECTION_NAME", name)]
    if processes is not None:
        parts.append(u32("CONFIG_SECTION_PROCESSES", processes))
    if limit is not None:
        parts.append(u32("CONFIG_SECTION_LIMIT_DEV", limit))
    if wait is not None:
        parts.append(u32("CONFIG_SECTION_WAIT_MS", wait))
    parts += [instance(0, "%sCy%d" % (name, i)) for i in range(cy)]
    parts += [instance(1, "%sDc%d" % (name, i)) for i in range(dc)]
    return nest("CONFIG_SECTION", *parts, extra)


def config(*sections, services=None):
    head = b"" if services is None else u32("CONFIG_SERVICES", services)
    return nest("CONFIG", head, *sections)


def parse_attrs(data):
    """[(type, payload)], as far as they are well formed."""
    found = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            break
        found.append((kind & NLA_TYPE_MASK, data[4:length]))
        data = data[(length + 3) & ~3:]
    return found


class Object(dict):
    """Attributes of one message by name; u32 and strings decoded by the name."""

    STRINGS = {"ENDPOINT_TYPE", "SECTION_NAME", "SECTION_USER_NAME", "INSTANCE_NAME", "HOLDER_COMM"}
    SIGNED = {"ENDPOINT_NODE", "INSTANCE_CORE", "MEMORY_NODE"}

    def __init__(self, command, data):
        super().__init__()
        self.command = command
        for kind, payload in parse_attrs(data):
            name = NAMES[kind][len("QAE_A_"):]
            if name in self.STRINGS:
                value = payload.rstrip(b"\0").decode()
            elif name == "INSTANCE_RETIRED":
                value = True
            elif len(payload) == 8:
                value = struct.unpack("=Q", payload)[0]
            elif len(payload) == 4:
                value = struct.unpack("=i" if name in self.SIGNED else "=I", payload)[0]
            else:
                continue
            if name == "SECTION_ENDPOINT":
                value = self.get(name, []) + [value]
            self[name] = value


class Refused(Exception):
    """A request was answered with an error."""

    def __init__(self, errno, message, offset):
        super().__init__("%s: %s" % (os.strerror(errno), message))
        self.errno, self.message, self.offset = errno, message, offset


class Netlink:
    """A socket that speaks to the family."""

    def __init__(self, receive_size=65536):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.bind((0, 0))
        self.sock.settimeout(60)
        self.receive_size = receive_size
        self.sequence = 0
        self.interrupted = False
        self.messages = 0
        self._resolve()

    def _resolve(self):
        found = None
        for _, data in self.exchange(GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
                                     attr(CTRL_ATTR_FAMILY_NAME, b"qae\0")):
            found = dict(parse_attrs(data))
        self.family = struct.unpack("=H", found[CTRL_ATTR_FAMILY_ID])[0]
        self.groups = {}
        for _, group in parse_attrs(found[CTRL_ATTR_MCAST_GROUPS]):
            fields = dict(parse_attrs(group))
            self.groups[fields[1].rstrip(b"\0").decode()] = struct.unpack("=I", fields[2])[0]

    def send(self, family, command, payload, flags, version=1):
        self.sequence += 1
        body = struct.pack("=BBH", command, version, 0) + payload
        self.sock.send(struct.pack("=IHHII", 16 + len(body), family, NLM_F_REQUEST | flags,
                                   self.sequence, 0) + body)

    def _raise(self, body, flags):
        error = -struct.unpack_from("=i", body)[0]
        if not error:
            return
        start = 20 if flags & NLM_F_CAPPED else 4 + struct.unpack_from("=I", body, 4)[0]
        notes = dict(parse_attrs(body[start:])) if flags & NLM_F_ACK_TLVS else {}
        offset = struct.unpack("=I", notes[2])[0] if 2 in notes else None
        raise Refused(error, notes.get(1, b"").rstrip(b"\0").decode(), offset)

    def exchange(self, family, command, payload=b"", flags=NLM_F_ACK):
        """[(command, attribute bytes)] of the answer; Refused if it is an error."""
        self.send(family, command, payload, flags)
        answers = []
        while True:
            data = self.sock.recv(self.receive_size)
            self.messages += 1
            while data:
                length, kind, mflags, sequence, _ = struct.unpack_from("=IHHII", data)
                body, data = data[16:length], data[(length + 3) & ~3:]
                if sequence != self.sequence:
                    continue
                self.interrupted |= bool(mflags & NLM_F_DUMP_INTR and mflags & NLM_F_MULTI)
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    self._raise(body, mflags)
                    return answers
                answers.append((body[0], body[4:]))

    def do(self, command, payload=b""):
        return [Object(c, d) for c, d in
                self.exchange(self.family, COMMANDS["QAE_CMD_" + command], payload)]

    def dump(self, command, payload=b""):
        return [Object(c, d) for c, d in
                self.exchange(self.family, COMMANDS["QAE_CMD_" + command], payload, NLM_F_DUMP)]

    def listen(self):
        self.sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups["events"])

    def event(self):
        data = self.sock.recv(self.receive_size)
        return Object(data[16], data[20:struct.unpack_from("=I", data)[0]])


class Device:
    """An open /dev/qae_mem, for something to be held."""

    CLAIM, RELEASE, DYN_ALLOC = 0x7144, 0x7145, 0x7146
    INSTANCE_QUERY, POOL_WATCH = 0x7148, 0x714a
    INSTANCE_SIZE = 144

    def __init__(self):
        self.fd = os.open("/dev/qae_mem", os.O_RDWR | os.O_CLOEXEC)

    def claim(self, name, capacity=64):
        room = ctypes.create_string_buffer(self.INSTANCE_SIZE * capacity)
        request = bytearray(struct.pack("=II64s96sQII", 184, 0, name.encode(), b"",
                                        ctypes.addressof(room), capacity, self.INSTANCE_SIZE))
        fcntl.ioctl(self.fd, self.CLAIM, request, True)
        fields = struct.unpack("=II64s96sQII", request)
        self.ids = [struct.unpack_from("=I", room, i * self.INSTANCE_SIZE)[0]
                    for i in range(fields[5])]
        return fields[3].rstrip(b"\0").decode()

    def states(self):
        """(endpoint, state of it) of each instance of the claim."""
        found = []
        for number in self.ids:
            room = ctypes.create_string_buffer(self.INSTANCE_SIZE)
            fcntl.ioctl(self.fd, self.INSTANCE_QUERY,
                        bytearray(struct.pack("=IIIIQ", 24, 0, number, self.INSTANCE_SIZE,
                                              ctypes.addressof(room))), True)
            fields = struct.unpack_from("=7I", room)
            found.append((fields[1], fields[6]))
        return found

    def watch(self, service, count, endpoint=0xffffffff):
        fcntl.ioctl(self.fd, self.POOL_WATCH,
                    bytearray(struct.pack("=IIIIII", 24, 0, service, endpoint, count, 0)), True)

    def dyn_alloc(self, service, count, endpoint=0xffffffff):
        room = ctypes.create_string_buffer(self.INSTANCE_SIZE * count)
        fcntl.ioctl(self.fd, self.DYN_ALLOC,
                    bytearray(struct.pack("=IIIIIIQ", 32, 0, service, endpoint, count,
                                          self.INSTANCE_SIZE, ctypes.addressof(room))), True)

    def release(self):
        fcntl.ioctl(self.fd, self.RELEASE, bytearray(struct.pack("=II", 8, 0)), True)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1

    # A test that fails must not leave the next one without sections.
    __del__ = close


class Tap:
    """Results in TAP; the exit status says whether all were right."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def run(self, test):
        self.count += 1
        try:
            test()
        except Exception:  # pylint: disable=broad-except
            self.failed += 1
            for line in traceback.format_exc().splitlines():
                print("#", line)
            traceback.clear_frames(sys.exc_info()[2])
            print("not ok %d - %s" % (self.count, test.__name__.replace("_", " ")), flush=True)
            return
        print("ok %d - %s" % (self.count, test.__name__.replace("_", " ")), flush=True)

    def skip(self, name, reason):
        self.count += 1
        print("ok %d - %s # SKIP %s" % (self.count, name, reason), flush=True)

    def finish(self):
        print("1..%d" % self.count)
        return 1 if self.failed or not self.count else 0


def same(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def refused(errno, words, action, offset=None):
    """The action is refused with this error, and its sentence has these words."""
    try:
        action()
    except Refused as error:
        same(error.errno, errno)
        if words not in error.message:
            raise AssertionError("the sentence is %r" % error.message) from error
        if offset is not None:
            same(error.offset, offset)
        return
    raise AssertionError("was not refused")
