"""What vsld tells systemd: that it is ready, that it lives, that it stops, and how grave a line is.

SPDX-License-Identifier: Apache-2.0
"""
import configparser
import os
import pathlib
import re
import shlex
import shutil
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


UNITS = TOP / "deploy/systemd"


def test_systemd_understands_the_units(tmp_path):
    """Every line of each, with the programs where they were built."""
    names = sorted(path.name for path in UNITS.iterdir())
    assert names == ["vsl-anchor.service", "vsl-anchor.timer", "vsl-recon@.service", "vsld.service",
                     "vslrelay.service"]
    for name in names:
        text = (UNITS / name).read_text()
        for program in ("core/vsld", "tools/vslctl/vslctl", "tools/vslrelay/vslrelay"):
            text = re.sub(rf"/usr/bin/{pathlib.Path(program).name}\b", str(BUILD / program), text)
        assert "/usr/bin/" not in text
        (tmp_path / name).write_text(text)
    for name in names:
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes",
                               tmp_path / name],
                              capture_output=True, text=True, check=False, timeout=60)
        said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or name in line]
        assert done.returncode == 0 and not said, done.stderr


def service_of(name, places):
    """The [Service] section of a unit, each path of `places` by another one; none may be unused."""
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(UNITS / name)
    service = dict(unit["Service"])
    used = set()
    for key, value in service.items():
        for place, other in places.items():
            if place in value:
                used.add(place)
                value = value.replace(place, str(other))
        service[key] = value
    assert used == set(places), "the unit has other paths"
    return service


def test_the_anchor_unit_signs(server, database, cluster, tools, scratch):
    """Its command as it is written, as another user, with its limits, and again as by the timer."""
    home = scratch / "anchor-unit"
    home.mkdir(mode=0o755)
    # Of a copy, for the build may lie where the other user cannot enter.
    program = shutil.copy(tools.path("vslctl"), home)
    service = service_of("vsl-anchor.service", {
        "/usr/bin/vslctl": program, "/etc/vsl/keys": home / "keys",
        "/var/lib/vsl-anchors": home / "anchors", "/run/postgresql": cluster.socket,
        "dbname=vsl": f"dbname={database.name}"})
    other = {}
    if os.geteuid() == 0:
        other = {"user": "postgres", "group": "postgres", "extra_groups": []}
    for folder in ("keys", "anchors"):
        (home / folder).mkdir(mode=0o700)
        if other:
            shutil.chown(home / folder, "postgres")
    variable, value = shlex.split(service["Environment"])[0].split("=", 1)
    megabytes = int(service["LimitMEMLOCK"].removesuffix("M"))

    def run(*command):
        # The cluster of the tests lets this OS user in as the role; a bank has one named so.
        done = subprocess.run(
            ["prlimit", f"--memlock={megabytes << 20}", f"--core={service['LimitCORE']}", *command],
            env={variable: value, "PGUSER": service["User"]}, cwd="/", stdin=subprocess.DEVNULL,
            umask=int(service["UMask"], 8), text=True, capture_output=True, timeout=60,
            check=False, **other)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # As the guide has it: deploy/README.md, "Install".
    ring = home / "keys/anchor"
    run(program, "key", "new", "--keys", ring, "--purpose", "anchor-sign")
    server.connect().open_platform(5501)
    public = home / "anchor.pem"
    public.write_text(run(program, "key", "public", "--keys", ring))
    for platform in (5502, 5503):
        made = pathlib.Path(run(*shlex.split(service["ExecStart"])).strip())
        assert made.parent == home / "anchors" and made.stat().st_mode & 0o077 == 0
        assert made.parent == pathlib.Path(service["ReadWritePaths"])
        server.connect().open_platform(platform)
        said = tools.vslctl("verify", "--database", database.url, "--anchor", made,
                            "--anchor-key", public).stdout
        assert "is the one that was signed" in said
    assert len(list((home / "anchors").iterdir())) == 2


SERVICES = ["vsld.service", "vslrelay.service", "vsl-anchor.service", "vsl-recon@.service"]


@pytest.mark.parametrize("name", SERVICES)
def test_the_unit_leaves_little_to_attack(name):
    """As systemd itself counts it."""
    unit = TOP / "deploy/systemd" / name
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
