"""ports.py: TCP ports that tests listen on.

A port that the kernel chooses (bind to 0) is one of those that it also gives to connections that
go out: between two runs of a server, or before its first, any connection of any test may take it.
So these are below the kernel's range, and each process has its own of them.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import os
import pathlib
import socket

FIRST = 10000
EACH = 1000  # ports of one process, begun anew when they are used up
RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")


def _ports():
    ends = int(RANGE.read_text(encoding="ascii").split()[0])
    shares = max((ends - FIRST) // EACH, 1)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    run = os.getppid()  # of all workers of one run
    begin = FIRST + (run * 5 + worker) % shares * EACH
    offset = os.getpid()  # another run may have the same share
    return (begin + (offset + i) % EACH for i in itertools.count())


_next = _ports()


def free_port():
    """A TCP port of 127.0.0.1 that nobody listens on, and that no other test takes."""
    for port in itertools.islice(_next, EACH):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"all of {EACH} ports are in use")
