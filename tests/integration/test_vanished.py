"""A machine that vanishes: no packet comes any more, and nobody says so. Both sides notice in 10 s.

Each server lives in a network namespace of its own, one cable from PostgreSQL and the clients. To
pull the plug at one end is what the other end sees of a dead machine: silence. Needs root and the
right to make namespaces; skipped without.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import os
import subprocess
import time

import pytest

from callers import create_caller, credentials, tls_settings
from client import Client
from cluster import SETTINGS, Cluster
from server import BUILD, Server
from waiting import wait_until

pytestmark = pytest.mark.slow

# What is promised, and what the machine of the tests may take to get round to it.
NOTICED_S = 10
SLACK_S = 3
_numbers = itertools.count(1)
NETWORK = f"10.{os.getpid() % 200 + 20}"


def ip(*words, check=True):
    """Runs `ip`; gives whether it succeeded."""
    done = subprocess.run(["ip", *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, (words, done.stderr)
    return done.returncode == 0


class Machine:
    """A network namespace, one cable from here."""

    def __init__(self):
        # Never used before: a namespace that was removed goes some time later.
        number = next(_numbers)
        self.name = f"vsl{os.getpid()}m{number}"
        self.here, self.there = f"{NETWORK}.{number}.1", f"{NETWORK}.{number}.2"
        self._cable = f"vsl{os.getpid() % 100000}c{number}"
        ip("netns", "add", self.name)
        ip("link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.here}/24", "dev", self._cable)
        ip("link", "set", self._cable, "up")
        ip("-n", self.name, "addr", "add", f"{self.there}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", self.name, "link", "set", device, "up")

    def pull(self):
        """The machine is gone, as seen from here."""
        ip("-n", self.name, "link", "set", "eth0", "down")

    def pull_here(self):
        """All that is here is gone, as seen from the machine."""
        ip("link", "set", self._cable, "down")

    def plug_in(self):
        """As before."""
        ip("link", "set", self._cable, "up")
        ip("-n", self.name, "link", "set", "eth0", "up")

    def close(self):
        """Away with it; the cable goes with the namespace, which goes with its last process."""
        wait_until(lambda: ip("netns", "del", self.name, check=False), "the namespace to go")


@pytest.fixture(name="machines")
def fixture_machines(late):
    """Two."""
    if os.geteuid() != 0:
        pytest.skip("needs root: it makes network namespaces")
    probe = f"vsl{os.getpid()}probe"
    if not ip("netns", "add", probe, check=False):
        pytest.skip("needs the right to make network namespaces")
    made = ip("-n", probe, "link", "add", "v0", "type", "veth", "peer", "name", "v1", check=False)
    ip("netns", "del", probe)
    if not made:
        pytest.skip("needs the right to make network devices")
    machines = []
    for _ in range(2):
        machines.append(Machine())
        late.callback(machines[-1].close)
    return machines


class Far(Server):
    """vsld on a machine; the tests reach it by its Unix socket, whatever becomes of the network."""

    def __init__(self, machine, protos, folder, url, settings):
        super().__init__(protos, folder, url, settings)
        self.machine = machine
        self.socket = self.folder / "s"
        self.settings["listen.address"] = f"unix:{self.socket}, {machine.there}:7450"

    @property
    def target(self):
        return f"unix:{self.socket}"

    def start(self, *_, **__):
        self.write_settings()
        self.log_path = self.folder / f"{self.name}.1.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.machine.name, BUILD / "core/vsld", "--config",
                 self.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_socket(self.socket)
        return self

    def wait_listening(self, *_):
        self.wait_socket(self.socket)


@pytest.fixture(name="site")
def fixture_site(machines, scratch, protos, tools, authority, late):
    """A writer and a standby, each on its machine, on a cluster that both reach by TCP only."""
    cluster = Cluster(scratch / f"far{next(_numbers)}", [
        *SETTINGS, f"listen_addresses={machines[0].here},{machines[1].here}"])
    late.callback(cluster.stop)
    with open(cluster.folder / "data/pg_hba.conf", "a", encoding="ascii") as rules:
        rules.write(f"host all vsl {NETWORK}.0.0/16 trust\n")
    cluster.query("postgres", "select pg_reload_conf()", user="postgres")
    database = cluster.create_database()
    tools.vslctl("migrate", "--database", cluster.url(database))
    ring = cluster.folder / "ring"
    for purpose in ("journal-mac", "seal"):
        tools.vslctl("key", "new", "--keys", ring, "--purpose", purpose)
    settings = {"keys.file": ring, **tls_settings(authority, "unix-user-0")}
    servers = []
    for machine in machines:
        url = f"host={machine.here} user=vsl dbname={database} gssencmode=disable sslmode=disable"
        servers.append(Far(machine, protos, cluster.folder / machine.name, url, settings).start())
        late.callback(servers[-1].close)
        servers[-1].wait_log(r"\b(ready|standby)\b")
    servers[0].wait_serving()
    create_caller(servers[0].connect(), "unix-user-0")
    return cluster, database, servers


def sessions(site, machine):
    """How many sessions the database has from there."""
    cluster, database, _ = site
    return cluster.query(database, "select count(*) from pg_stat_activity where client_addr = "
                         "%s::inet", (machine.there,), user="postgres")[0][0]


def noticed_after(condition, what, limit_s=NOTICED_S):
    """Seconds until it is so."""
    began = time.monotonic()
    wait_until(condition, what, 60)
    took = time.monotonic() - began
    print(f"{what}: {took:.1f} s")
    assert took < limit_s + SLACK_S, f"{what}: {took:.1f} s"
    return took


def test_a_standby_that_vanishes(site, machines):
    """The database lets its sessions go; the writer does not notice."""
    _, _, (writer, _) = site
    assert sessions(site, machines[1]) > 0
    machines[1].pull()
    noticed_after(lambda: sessions(site, machines[1]) == 0, "sessions of the standby to end")
    writer.connect().open_platform(9001)
    machines[1].plug_in()
    noticed_after(lambda: sessions(site, machines[1]) > 0, "the standby to come back")


def test_a_writer_that_vanishes(site, machines):
    """Its session ends, and with it the lock; the standby writes."""
    _, _, (writer, standby) = site
    writer.connect().open_platform(9001)
    asker, other = writer.connect(), standby.connect()
    assert other.health() == "NOT_SERVING"
    machines[0].pull()
    began = time.monotonic()
    noticed_after(lambda: asker.health() == "NOT_SERVING", "the writer to know that it is cut off")
    wait_until(lambda: other.health() == "SERVING", "the standby to serve")
    took = time.monotonic() - began
    print(f"from the last packet to the standby's first answer: {took:.1f} s")
    assert took < NOTICED_S + SLACK_S
    other.open_platform(9002)
    assert sessions(site, machines[0]) == 0
    machines[0].plug_in()
    writer.wait_log("beginning anew: .*another server has taken over")


def test_a_database_that_vanishes(site, machines):
    """Each server says so in time, and both are back without anybody's help."""
    _, _, servers = site
    writer = servers[0]
    asker = writer.connect()
    asker.open_platform(9001)
    for machine in machines:
        machine.pull_here()
    noticed_after(lambda: asker.health() == "NOT_SERVING", "health to say so")
    noticed_after(lambda: all("lost or not made" in server.log() for server in servers),
                  "both to give their connections up")
    for machine in machines:
        machine.plug_in()
    noticed_after(lambda: any(server.health() == "SERVING" for server in servers),
                  "one of them to serve", 2 * NOTICED_S)
    serving = [server for server in servers if server.health() == "SERVING"]
    assert len(serving) == 1
    serving[0].connect().open_platform(9002)


def connections_from_here(machine):
    """Established ones on the machine's port, as the machine sees them."""
    said = subprocess.run(["ip", "netns", "exec", machine.name, "ss", "-Htn", "state",
                           "established", "sport", "=", ":7450"],
                          capture_output=True, text=True, check=True).stdout
    return len(said.splitlines())


@pytest.mark.parametrize("is_streaming", [False, True])
def test_a_client_that_vanishes(site, machines, protos, authority, is_streaming):
    """Its place is free again, whether it was idle or waits for events."""
    far = machines[0]
    near = site[2][0].connect()
    near.open_platform(9001)
    create_caller(near, "far.example")
    named = credentials(authority, *authority.sign("far.example"))
    with Client(protos, f"{far.there}:7450", credentials=named,
                options=[("grpc.ssl_target_name_override", "server")]) as client:
        client.ledger.ListLedgers(protos.ledger.ListLedgersRequest())
        if is_streaming:
            stream = client.event.StreamEvents(protos.event.StreamEventsRequest(from_sequence=1))
            next(iter(stream))
        assert connections_from_here(far) == 1
        far.pull_here()
        # A stream is told something now and then, which nobody acknowledges.
        noticed_after(lambda: connections_from_here(far) == 0, "the client's place to be free",
                      NOTICED_S * (2 if is_streaming else 1))
        far.plug_in()
