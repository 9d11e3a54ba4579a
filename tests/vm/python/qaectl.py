# SPDX-License-Identifier: BSD-3-Clause
"""qaectl as a person runs it, and configuration files for it to read."""
import json
import os
import subprocess


class Outcome:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return "status %d\nstdout: %s\nstderr: %s" % (self.status, self.out, self.err)


def qaectl(*words, **options):
    return Outcome(subprocess.run(["qaectl", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, check=False, timeout=120, **options))


def listing(verb, *words):
    outcome = qaectl(verb, "--json", *words)
    if outcome.status:
        raise AssertionError(repr(outcome))
    return json.loads(outcome.out)


def expect(outcome, status, out=(), err=()):
    """The exit status, and parts that stdout and stderr have."""
    for part, text in [(p, outcome.out) for p in out] + [(p, outcome.err) for p in err]:
        if part not in text:
            raise AssertionError("%r is missing: %r" % (part, outcome))
    if outcome.status != status:
        raise AssertionError("wanted status %d: %r" % (status, outcome))


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def section(name, processes, limit, cy=0, dc=0, extra=""):
    lines = ["[%s]" % name, "NumProcesses = %d" % processes, "LimitDevAccess = %d" % limit,
             "NumberCyInstances = %d" % cy, "NumberDcInstances = %d" % dc]
    for kind, count in (("Cy", cy), ("Dc", dc)):
        for i in range(count):
            lines += ['%s%dName = "%s%d"' % (kind, i, name, i), "%s%dIsPolled = 1" % (kind, i),
                      "%s%dCoreAffinity = %d" % (kind, i, i)]
    return "\n".join(lines) + "\n" + extra


# The documented file of either endpoint, as printed.
DOCUMENTED = """\
[SSL] #User space section name
NumProcesses=4 # There are 4 user space process with section name SSL with access to this device
LimitDevAccess=1 # These 4 SSL user space processes only use this device
NumCyInstances=1 # Each process has access to 1 Cy instance on this device
NumDcInstances=0 # Each process has access to 0 Dc instances on this device

# Crypto - User instance #0
Cy0Name = "SSL0"
Cy0IsPolled = 1
Cy0CoreAffinity = 0 # Core affinity not used for polled instance

[IPsec] #User space section name
NumProcesses=1 # There is 1 user space process with section name IPSec with access to this device
LimitDevAccess=0 # This IPSec user space process may have access to other devices
NumCyInstances=4 # The IPSec process has access to 4 Cy instances on this device
NumDcInstances=0 # The IPSec process has access to 0 Dc instances on this device
""" + "".join("""
# Crypto - User instance #%d
Cy%dName = "IPSec%d"
Cy%dIsPolled = 1
Cy%dCoreAffinity = 0 # Core affinity not used for polled instance
""" % (i, i, i, i, i) for i in range(4))

NINE = ["IPsec_INT_0"] + ["SSL_DEV%d_INT_%d" % (dev, i) for dev in range(2) for i in range(4)]


def write_documented(directory="/etc"):
    for dev in range(2):
        write(os.path.join(directory, "c6xx_dev%d.conf" % dev), DOCUMENTED)
