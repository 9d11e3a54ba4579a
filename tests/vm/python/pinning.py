# SPDX-License-Identifier: BSD-3-Clause
"""Processes of other users that pin memory when they are told to."""
import errno
import fcntl
import json
import os
import struct
import sys
import traceback

ALLOC, FREE = 0x7141, 0x7142
ALLOC_LAYOUT = "=IIQQiIQQIIQQ"
NODE_ANY = -1
LIMITS = ["none", "client", "user", "contig", "all", "cgroup", "descriptors"]
MB = 1 << 20


class Full(Exception):
    """An allocation was refused: errno, the limit that did it, what that allows and what is in use."""

    def __init__(self, number, limit, most, in_use):
        super().__init__("%s by %s: %d of %d" % (errno.errorcode[number], limit, in_use, most))
        self.errno, self.limit, self.most, self.in_use = number, limit, most, in_use


class Pinner:
    """One open /dev/qae_mem."""

    def __init__(self):
        self.fd = os.open("/dev/qae_mem", os.O_RDWR | os.O_CLOEXEC)
        self.ids = []

    def alloc(self, length, node=NODE_ANY):
        """The node where it lies; or Full."""
        request = bytearray(struct.pack(ALLOC_LAYOUT, struct.calcsize(ALLOC_LAYOUT), 0, length, 1,
                                        node, 0, 0, 0, 0, 0, 0, 0))
        try:
            fcntl.ioctl(self.fd, ALLOC, request, True)
        except OSError as error:
            answer = struct.unpack(ALLOC_LAYOUT, request)
            # All but the limit is as it was sent.
            if answer[2:8] != (length, 1, node, 0, 0, 0):
                raise AssertionError("a refusal changed %r" % (answer,)) from error
            limit, _, most, in_use = answer[8:]
            known = LIMITS[limit] not in ("none", "cgroup")
            if in_use + length <= most if known else (most, in_use) != (0, 0):
                raise AssertionError("this is no reason to refuse: %r" % (answer,)) from error
            raise Full(error.errno, LIMITS[limit], most, in_use) from error
        answer = struct.unpack(ALLOC_LAYOUT, request)
        self.ids.append(answer[5])
        return answer[4]

    def free_one(self):
        fcntl.ioctl(self.fd, FREE, struct.pack("=IIII", 16, 0, self.ids.pop(), 0))

    def close(self):
        os.close(self.fd)
        self.ids = []


class User:
    """A process with a user id of its own. Each call is done there; None, a value, or Full."""

    def __init__(self, uid, prepare=None):
        here, there = os.pipe(), os.pipe()
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                os.close(there[1])
                os.close(here[0])
                if prepare:
                    prepare()
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                self._obey(os.fdopen(there[0]), os.fdopen(here[1], "w"))
                status = 0
            except Exception:  # pylint: disable=broad-except
                traceback.print_exc(file=sys.stdout)
            finally:
                sys.stdout.flush()
                os._exit(status)
        os.close(there[0])
        os.close(here[1])
        self.answers, self.orders = os.fdopen(here[0]), os.fdopen(there[1], "w")

    @staticmethod
    def _flood(pinner, length, most):
        """Regions until one is refused: how many there were, and why no more."""
        for count in range(most):
            try:
                pinner.alloc(length)
            except Full as full:
                return [count, errno.errorcode[full.errno], full.limit]
        return [most, None, "none"]

    def _obey(self, orders, answers):
        pinners = []
        for line in orders:
            what, *rest = json.loads(line)
            answer = None
            if what == "end":
                return
            if what == "open":
                pinners.append(Pinner())
                answer = len(pinners) - 1
            elif what == "flood":
                answer = self._flood(pinners[rest[0]], *rest[1:])
            elif what == "free":
                for _ in range(rest[1]):
                    pinners[rest[0]].free_one()
            elif what == "close":
                pinners[rest[0]].close()
            print(json.dumps(answer), file=answers, flush=True)

    def _order(self, *words):
        print(json.dumps(words), file=self.orders, flush=True)
        return json.loads(self.answers.readline())

    def open(self):
        return self._order("open")

    def flood(self, pinner, length, most=100000):
        return tuple(self._order("flood", pinner, length, most))

    def free(self, pinner, count=1):
        self._order("free", pinner, count)

    def close(self, pinner):
        self._order("close", pinner)

    def end(self, signal=None):
        """Ends it; its exit status, or the signal as a negative number."""
        # Not by the end of the pipe: a process forked later has a copy of this end.
        if signal:
            os.kill(self.pid, signal)
        else:
            print(json.dumps(["end"]), file=self.orders, flush=True)
        self.orders.close()
        self.answers.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
