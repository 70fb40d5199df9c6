"""What vsld tells systemd: that it is ready, that it lives, that it stops, and how grave a line is.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from server import BUILD, TOP
from waiting import wait_until


@pytest.fixture(name="notify")
def fixture_notify(scratch, late):
    """The socket that systemd would listen on, and its path."""
    path = scratch / "notify"
    made = late.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    made.bind(str(path))
    late.callback(path.unlink)
    made.settimeout(20)
    return made, str(path)


def test_the_unit_leaves_little_to_attack():
    """As systemd itself counts it."""
    unit = TOP / "deploy/systemd/vsld.service"
    said = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=15", unit],
                          capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 0, said.stdout[-200:] + said.stderr


def test_no_core_is_dumped(server):
    """Whatever the limit is that it was started with."""
    limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)


def next_word(notify, word):
    """Waits until a message says this."""
    while word not in notify.recv(4096).decode().split():
        pass


def test_a_server_that_hangs_is_silent(make_server, database, notify):
    """READY once it listens, a standby too; WATCHDOG for as long as its loop turns; STOPPING."""
    notify, path = notify
    make_server(database.url, name="writer").start()
    server = make_server(database.url, name="standby")
    server.start(serving=False, NOTIFY_SOCKET=path, WATCHDOG_USEC="600000")
    next_word(notify, "READY=1")
    for _ in range(5):
        next_word(notify, "WATCHDOG=1")
    server.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: re.search(r"State:\s+T", open(
        f"/proc/{server.process.pid}/status", encoding="ascii").read()), "it to hang")
    notify.setblocking(False)
    with pytest.raises(BlockingIOError):
        while True:
            notify.recv(4096)
    notify.settimeout(1.5)
    with pytest.raises(TimeoutError):
        notify.recv(4096)
    server.process.send_signal(signal.SIGCONT)
    notify.settimeout(20)
    next_word(notify, "WATCHDOG=1")
    server.process.send_signal(signal.SIGTERM)
    next_word(notify, "STOPPING=1")
    assert server.wait_end() == 0


def run_with_journal(folder, is_journal, *arguments):
    """What vsld writes when its standard error is the journal, or only says so."""
    with open(folder / "journal", "w+", encoding="utf-8") as log:
        stream = os.fstat(log.fileno())
        inode = stream.st_ino if is_journal else stream.st_ino + 1
        subprocess.run([BUILD / "core/vsld", *arguments], stdin=subprocess.DEVNULL, stdout=log,
                       stderr=log, timeout=60, check=False,
                       env={**os.environ, "JOURNAL_STREAM": f"{stream.st_dev}:{inode}"})
        log.seek(0)
        return log.read()


def test_the_journal_learns_the_priority(scratch):
    wrong = ["--set", "admin.log_level=loud", "--set", "database.url=dbname=none"]
    assert run_with_journal(scratch, True, *wrong).startswith("<3>vsld: admin.log_level")
    assert run_with_journal(scratch, False, *wrong).startswith("vsld: admin.log_level")
