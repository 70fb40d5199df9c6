"""vslrelay: what a consumer of the broker reads is the event stream, each entry once and in order,
whatever dies meanwhile.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from broker import Broker, PASSWORD, Reader, USER
from payment_load import PaymentLoad, open_shop
from server import BUILD, SANITIZER, TOP
from test_identity import fixture_restored, new_identity  # pylint: disable=unused-import
from waiting import DEADLINE_S, wait_until

TURNS = int(os.environ.get("VSL_RELAY_TURNS", "1"))  # of killing relay, broker and server
_numbers = itertools.count(1)


@pytest.fixture(scope="module", name="shared_broker")
def fixture_shared_broker(scratch, authority):
    """A broker that no test kills."""
    broker = Broker(scratch / f"broker{next(_numbers)}", authority)
    yield broker
    broker.stop()


@pytest.fixture(name="own_broker")
def fixture_own_broker(scratch, late):
    """A broker of one test, which may kill it."""
    broker = Broker(scratch / f"broker{next(_numbers)}")
    late.callback(broker.stop)
    return broker


class Relay:
    """A vslrelay, and its folder."""

    def __init__(self, folder, server, broker, queue):
        self.folder = folder
        folder.mkdir()
        self.position = folder / "position"
        self.credentials = folder / "credentials"
        self.set_password(PASSWORD)
        self.options = ["--server", server.target, "--broker", broker.url,
                        "--credentials", self.credentials, "--position", self.position]
        self.options += ["--queue", queue] if queue else []
        self.process = None
        self._runs = 0

    def set_password(self, password):
        """Writes the file of user and password."""
        self.credentials.write_text(f"{USER}\n{password}\n")
        self.credentials.chmod(0o600)

    @property
    def log_path(self):
        """Of the last run."""
        return self.folder / f"log.{self._runs}"

    def log(self):
        """What the last run has said."""
        return self.log_path.read_text(errors="replace")

    def start(self, *arguments):
        """Starts it."""
        self._runs += 1
        options = os.environ.get("ASAN_OPTIONS", "")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "tools/vslrelay/vslrelay", *map(str, self.options), *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={
                    **os.environ, "XDG_CONFIG_HOME": "/nonexistent",
                    "ASAN_OPTIONS": f"{options}:quarantine_size_mb=1:thread_local_quarantine_"
                                    "size_kb=64:allocator_release_to_os_interval_ms=100"})
        return self

    def end(self, status, deadline_s=DEADLINE_S):
        """Waits for its end; gives what it said."""
        assert self.process.wait(deadline_s) == status, self.log()
        assert SANITIZER.search(self.log()) is None, self.log()
        return self.log()

    def run(self, *arguments, status=0):
        """Runs it to its end; gives what it said."""
        return self.start(*arguments).end(status)

    def kill(self):
        """kill -9."""
        self.process.kill()
        assert self.process.wait(20) == -signal.SIGKILL

    def stop(self, status=0):
        """SIGTERM; gives what it said."""
        self.process.send_signal(signal.SIGTERM)
        return self.end(status)

    def wait_log(self, pattern, deadline_s=DEADLINE_S):
        """Waits for a line."""
        def found():
            assert self.process.poll() is None, self.log()
            return re.search(pattern, self.log())
        return wait_until(found, f"{pattern!r} in\n{self.log()}", deadline_s)

    def saved(self):
        """What the position file says: next sequence, last published."""
        words = self.position.read_text().split()
        return int(words[4]), int(words[6])

    def wait_saved(self, next_sequence, deadline_s=DEADLINE_S):
        """Waits until the position is there."""
        wait_until(lambda: self.position.exists() and self.saved()[0] >= next_sequence,
                   f"the position {next_sequence}", deadline_s)

    def memory_bytes(self):
        """Resident memory."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024


@pytest.fixture(name="make_relay")
def fixture_make_relay(scratch):
    """Makes relays, which are killed at the end."""
    made = []

    def make(server, broker, queue):
        made.append(Relay(scratch / f"relay{next(_numbers)}", server, broker, queue))
        return made[-1]
    yield make
    for relay in made:
        if relay.process and relay.process.poll() is None:
            relay.process.kill()
            relay.process.wait()
        shutil.rmtree(relay.folder)


@pytest.fixture(name="queue")
def fixture_queue(shared_broker):
    """The name of a new durable queue of the shared broker."""
    return shared_broker.declare(f"notices{next(_numbers)}")


def end_of(client, ledger_id):
    """The last sequence number."""
    return client.tie_out(ledger_id).as_of_sequence


def pay_some(client, shop, count=30):
    """Some payments; the last one's sequence."""
    payer, payee = shop.accounts[:2]
    results = client.batch([client.item("pay", ledger_id=shop.ledger_id, payer_account_id=payer,
                                        payees=[(payee, 10)], order_number=f"A-{index}")
                            for index in range(count)])
    return results[-1].result.sequence


def test_messages_are_the_stream(server, client, shared_broker, queue, make_relay, protos):
    shop = open_shop(client, 7811)
    pay_some(client, shop)
    client.command("withdraw", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                   amount_minor=100, destination={"name": "Li Ming", "account_number": "6222001"})
    end = end_of(client, shop.ledger_id)
    relay = make_relay(server, shared_broker, queue)
    relay.run("--from", 1, "--once")
    assert relay.saved() == (end + 1, end)
    reader = Reader().read(shared_broker, queue, end)
    entries = client.entries(1, end)
    assert reader.entries(protos) == entries and not reader.gaps and not reader.repeated
    identity = next(client.events(1)).journal_identity
    previous, of_ledger = 0, {}
    for entry, (sequence, properties, body) in zip(entries, reader.taken):
        kind = protos.common.CommandKind.Name(entry.kind).removeprefix("COMMAND_KIND_").lower()
        assert (sequence, properties.message_id) == (entry.sequence, str(entry.sequence))
        assert properties.headers == {
            "vsl-ledger": entry.ledger_id, "vsl-kind": kind, "vsl-journal": identity,
            "vsl-previous": previous,
            "vsl-ledger-previous": of_ledger.get(entry.ledger_id, 0)}
        of_ledger[entry.ledger_id] = sequence
        assert properties.delivery_mode == 2 and properties.app_id == "vslrelay"
        assert properties.content_type == "application/x-protobuf"
        assert properties.type == "vsl.v1.JournalEntry"
        assert properties.timestamp == entry.recorded_at_us // 1_000_000
        assert b"Li Ming" not in body and b"6222001" not in body
        previous = sequence

    # Nothing new: nothing is sent. Then JSON, and only what was asked for.
    relay.run("--once")
    assert shared_broker.depth(queue) == 0
    last = pay_some(client, shop, 5)
    relay.run("--once", "--format", "json", "--kind", "pay,refund", "--ledger", shop.ledger_id)
    reader.read(shared_broker, queue, last)
    assert not reader.gaps
    texts = [json.loads(body) for sequence, _, body in reader.taken if sequence > end]
    assert [int(text["sequence"]) for text in texts] == list(range(last - 4, last + 1))
    assert {text["kind"] for text in texts} == {"COMMAND_KIND_PAY"}
    assert reader.taken[-1][1].content_type == "application/json"


def test_filters(server, client, shared_broker, queue, make_relay, protos):
    shop = open_shop(client, 7812)
    other = open_shop(client, 7813)
    pay_some(client, shop, 5)
    pay_some(client, other, 5)
    one, two, three = shop.accounts[:3]
    client.command("pay", ledger_id=shop.ledger_id, payer_account_id=three, payees=[(two, 7)])
    client.command("pay", "INSUFFICIENT_AVAILABLE", ledger_id=shop.ledger_id,
                   payer_account_id=three, payees=[(two, 1 << 50)])
    end = end_of(client, shop.ledger_id)

    def relayed(*arguments):
        relay = make_relay(server, shared_broker, queue)
        relay.run("--from", 1, "--once", *arguments)
        assert relay.saved()[0] == end + 1
        reader = Reader()
        if relay.saved()[1]:
            reader.read(shared_broker, queue, relay.saved()[1])
        assert shared_broker.depth(queue) == 0
        return reader.entries(protos)

    ledger = ["--ledger", shop.ledger_id]
    of_ledger = client.entries(1, end, ledger_id=shop.ledger_id)
    assert relayed(*ledger) == of_ledger
    assert relayed(*ledger, "--accepted") == [
        entry for entry in of_ledger if entry.outcome == protos.outcome.OUTCOME_ACCEPTED]
    of_one, of_three = (client.entries(1, end, ledger_id=shop.ledger_id, account_id=account)
                        for account in (one, three))
    assert relayed(*ledger, "--account", one) == of_one
    said = make_relay(server, shared_broker, queue).run(
        "--from", 1, "--once", *ledger, "--account", other.accounts[0], status=2)
    assert "the ledger has no account with this id" in said
    fee = client.entries(1, end, ledger_id=shop.ledger_id, account_id=shop.partner)
    assert fee
    both = {entry.sequence: entry for entry in [*of_one, *of_three, *fee]}
    assert relayed(*ledger, "--account", f"{one},{shop.partner}", "--account", three) == [
        both[sequence] for sequence in sorted(both)]


@pytest.mark.slow
def test_all_are_killed_under_load(make_server, database, own_broker, make_relay, protos, tools):
    """Relay, broker and vsld, by kill -9, in turn; a durable queue keeps what it has confirmed."""
    server = make_server(database.url).start()
    client = server.connect()
    shops = [open_shop(client, prefix) for prefix in (7814, 7815)]
    queue = own_broker.declare("notices")
    relay = make_relay(server, own_broker, queue)
    relay.start("--from", 1)
    loads = [PaymentLoad(server, shop, workers=1, batch_max=60).start(keep_going=True)
             for shop in shops]
    for turn in range(TURNS):
        for load in loads:
            load.wait_calls(5)
        at = relay.saved()[0] if relay.position.exists() else 1
        relay.kill()
        relay.start(*(["--from", "1"] if not relay.position.exists() else []))
        relay.wait_saved(at + 50)
        own_broker.kill()
        for load in loads:
            load.wait_calls(2)
        own_broker.start()
        relay.wait_saved(relay.saved()[0] + 50)
        server.kill()
        server.start()
        for load in loads:
            load.wait_calls(2)
        relay.wait_saved(relay.saved()[0] + 50)
        print(f"turn {turn}: {relay.saved()}")
    for load in loads:
        load.stop()
    client = server.connect()
    end = end_of(client, shops[0].ledger_id)
    relay.wait_saved(end + 1)
    log = relay.stop()
    assert "lost the broker" in log or "could not send" in log
    assert re.search(r"vsld: .*trying again", log)
    last = relay.saved()[1]
    reader = Reader().read(own_broker, queue, last)
    assert reader.repeated, "nothing came again, so nothing was cut off"
    entries = client.entries(1, last)
    assert reader.entries(protos) == entries
    # Who leaves out numbers that he has had reads the same: no refusal, so nothing out of order.
    assert not reader.gaps
    for shop in shops:
        assert [entry for entry in entries if entry.ledger_id == shop.ledger_id] == client.entries(
            1, last, ledger_id=shop.ledger_id)
    tools.check_database(database.url)


@pytest.mark.slow
def test_a_blocked_broker_costs_bounded_memory(server, client, own_broker, make_relay, protos):
    shop = open_shop(client, 7816)
    queue = own_broker.declare("notices")
    relay = make_relay(server, own_broker, queue)
    metrics = relay.folder / "figures.prom"
    relay.start("--from", 1, "--metrics", metrics)
    relay.wait_saved(end_of(client, shop.ledger_id) + 1)
    before = relay.memory_bytes()
    own_broker.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    payer, payee = shop.accounts[:2]
    rest = [(account, 1) for account in shop.accounts[2:]]

    def fill(bytes_wanted):
        made = 0
        while made < bytes_wanted:
            client.batch([client.item(
                "pay", ledger_id=shop.ledger_id, payer_account_id=payer,
                payees=[(payee, 1), *rest], remark="x" * 200) for _ in range(500)])
            made += 500 * 900
    fill(12 << 20)
    relay.wait_log("the broker takes nothing for now")

    def figure(name):
        return int(re.search(rf"^vslrelay_{name} (\d+)$", metrics.read_text(), re.MULTILINE)[1])
    wait_until(lambda: figure("waiting_bytes") >= 8 << 20, "a window that is full")
    assert (figure("broker_connected"), figure("broker_blocked"), figure("stream_connected")) == (
        1, 1, 1)
    fill(5 << 20)
    grown = relay.memory_bytes() - before
    print(f"grown by {grown >> 20} MiB, waiting {figure('waiting_bytes')}")
    assert grown < 48 << 20
    assert figure("waiting_bytes") < 11 << 20
    saved = relay.saved()[0]
    assert saved < end_of(client, shop.ledger_id) - 1000, "it was not blocked"
    # Stopped while it is blocked it ends, in bounded time, and says so.
    began = time.monotonic()
    assert "has not confirmed everything" in relay.stop()
    assert time.monotonic() - began < 120
    own_broker.ctl("set_vm_memory_high_watermark", "0.6")
    relay.start()
    end = end_of(client, shop.ledger_id)
    reader = Reader().read(own_broker, queue, end, deadline_s=240)
    assert reader.entries(protos) == client.entries(1, end)
    relay.stop()


@pytest.mark.slow
def test_what_the_broker_refuses_is_sent_again(server, client, shared_broker, make_relay, protos):
    """A queue that is full says no to some and yes to those behind them."""
    queue = shared_broker.declare("small", **{"x_max_length": 20,
                                              "x_overflow": "reject-publish"})
    shop = open_shop(client, 7817)
    for _ in range(4):
        pay_some(client, shop, 100)
    end = end_of(client, shop.ledger_id)
    relay = make_relay(server, shared_broker, queue)
    relay.start("--from", 1)
    relay.wait_log("the broker has not taken a message behind")
    reader = Reader().read(shared_broker, queue, end, pause_s=0.002, prefetch=5)
    assert reader.entries(protos) == client.entries(1, end)
    relay.wait_saved(end + 1)
    relay.stop()
    print(f"{reader.gaps} stood in another order, {reader.repeated} came again")


def test_a_platforms_relay_sees_its_ledger(house, shared_broker, queue, make_relay, protos):
    """By its certificate it is a caller: it gets what is its own, nothing while suspended, and
    goes on afterwards."""
    boss = house.let_in("boss")
    shops = [boss.open_platform(prefix, accounts=1) for prefix in (7824, 7825)]

    def receipts(count):
        for _ in range(count):
            for shop in shops:
                boss.command("book_receipt", ledger_id=shop.ledger_id, amount_minor=9,
                             account_id=shop.accounts[0], payer=boss.party("Li Ming", "6222001"))
        return end_of(boss, shops[0].ledger_id)
    end = receipts(5)
    mine = {"ledgers": [shops[0].ledger_id]}
    platform = house.let_in("mall", ["platform"], **mine)
    certificate, key = house.authority.sign("mall")
    key.chmod(0o600)
    relay = make_relay(house.server, shared_broker, queue)
    relay.options += ["--tls-ca", house.authority.certificate, "--tls-cert", certificate,
                      "--tls-key", key, "--tls-name", "localhost"]
    relay.start("--from", 1)
    relay.wait_saved(end + 1)
    house.update("mall", "SUSPENDED", ["platform"], **mine)
    relay.wait_log("vsld: .*trying again in 10.0 s")
    before = relay.saved()[1]
    end = receipts(5)
    assert relay.saved()[1] == before
    house.update("mall", "ACTIVE", ["platform"], **mine)
    relay.wait_saved(end + 1)
    last = relay.saved()[1]
    reader = Reader().read(shared_broker, queue, last)
    assert reader.entries(protos) == platform.entries(1, last)
    assert {entry.ledger_id for entry in reader.entries(protos)} == {shops[0].ledger_id}
    assert not any(b"Li Ming" in body or b"6222001" in body for _, _, body in reader.taken)
    relay.stop()


@pytest.mark.slow
def test_queues_of_ledgers(server, client, shared_broker, make_relay, protos):
    """A consumer for each ledger, whatever the queue of another one refuses; killed meanwhile."""
    shops = [open_shop(client, prefix) for prefix in (7822, 7823)]
    connection = shared_broker.connect()
    channel = connection.channel()
    channel.exchange_declare("by-ledger", exchange_type="topic", durable=True)
    full = {"x_max_length": 30, "x_overflow": "reject-publish"}
    queues = [shared_broker.declare("ledger-a"), shared_broker.declare("ledger-b", **full)]
    channel.queue_bind(queues[0], "by-ledger", "0.#")
    for queue, shop in zip(queues, shops):
        channel.queue_bind(queue, "by-ledger", f"{shop.ledger_id}.#")
    connection.close()
    for turn in range(6):
        pay_some(client, shops[turn % 2], 60)
    end = end_of(client, shops[0].ledger_id)
    relay = make_relay(server, shared_broker, None)
    relay.start("--exchange", "by-ledger", "--from", 1)
    relay.wait_log("the broker has not taken a message behind")
    readers = [Reader("vsl-ledger-previous") for _ in shops]
    wanted = [client.entries(1, end, ledger_id=shop.ledger_id) for shop in shops]
    readers[1].read(shared_broker, queues[1], wanted[1][100].sequence, pause_s=0.002, prefetch=5)
    relay.kill()
    relay.start("--exchange", "by-ledger")
    # At a time: what the full queue refuses holds up what comes behind it.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(reader.read, shared_broker, queue, entries[-1].sequence,
                                 pause_s=0.001, prefetch=5)
                     for reader, queue, entries in zip(readers, queues, wanted)]:
            done.result()
    for reader, entries in zip(readers, wanted):
        assert reader.entries(protos) == entries
        print(f"{reader.gaps} stood in another order, {reader.repeated} came again")
    relay.wait_saved(end + 1)
    relay.stop()


def test_what_no_queue_takes_is_not_lost(server, client, shared_broker, make_relay, protos):
    shop = open_shop(client, 7818)
    end = pay_some(client, shop, 10)
    connection = shared_broker.connect()
    channel = connection.channel()
    channel.exchange_declare("vsl", exchange_type="topic", durable=True)
    queue = shared_broker.declare("bound-late")
    relay = make_relay(server, shared_broker, None)
    relay.start("--from", 1, "--exchange", "vsl")
    relay.wait_log("or none that is bound")
    assert not relay.position.exists() or relay.saved()[1] == 0
    channel.queue_bind(queue, "vsl", f"{shop.ledger_id}.#")
    reader = Reader().read(shared_broker, queue, end)
    assert reader.entries(protos) == client.entries(1, end)
    assert not reader.gaps
    relay.stop()
    only = shared_broker.declare("pays-only")
    channel.queue_unbind(queue, "vsl", f"{shop.ledger_id}.#")
    channel.queue_bind(only, "vsl", "*.pay")
    relay.run("--exchange", "vsl", "--from", 1, "--once", "--unrouted")
    assert relay.saved()[0] == end + 1
    assert shared_broker.depth(only) == 10
    connection.close()


def test_the_broker_says_no(server, client, shared_broker, queue, make_relay):
    """A wrong password, a queue that is not there: said, tried again ever more slowly, and it
    recovers by itself."""
    shop = open_shop(client, 7819)
    end = end_of(client, shop.ledger_id)
    relay = make_relay(server, shared_broker, queue)
    relay.set_password("wrong-word")
    assert "403" in relay.run("--from", 1, "--once", status=3)
    relay.start("--from", 1)
    relay.wait_log("could not log in.*403 ACCESS_REFUSED")
    began = time.monotonic()
    wait_until(lambda: relay.log().count("could not log in") >= 4, "four attempts")
    assert time.monotonic() - began > 3, "it tries too often"
    assert "wrong-word" not in relay.log()
    relay.set_password(PASSWORD)
    relay.wait_saved(end + 1)
    relay.stop()
    other = make_relay(server, shared_broker, "nobody-has-made-it")
    assert "404 NOT_FOUND" in other.run("--from", 1, "--once", status=3)


def test_tls_to_the_broker(server, client, shared_broker, queue, make_relay, authority, scratch):
    shop = open_shop(client, 7820)
    end = end_of(client, shop.ledger_id)
    certificate, key = authority.sign(USER)
    key.chmod(0o600)
    relay = make_relay(server, shared_broker, queue)
    url = f"amqps://localhost:{shared_broker.tls_port}"
    tls = ["--broker", url, "--broker-ca", authority.certificate]
    both = [*tls, "--broker-cert", certificate, "--broker-key", key]
    relay.run("--from", 1, "--once", *both)
    assert shared_broker.depth(queue) == end
    # The certificate alone, by SASL EXTERNAL: its common name is the user.
    place = relay.options.index("--credentials")
    del relay.options[place:place + 2]
    relay.run("--from", 1, "--once", *both)
    assert shared_broker.depth(queue) == 2 * end
    # Neither another authority nor another name is taken.
    other = type(authority)(scratch / f"other{next(_numbers)}", "another authority")
    said = relay.run("--from", 1, "--once", "--broker", url, "--broker-ca", other.certificate,
                     "--broker-cert", certificate, "--broker-key", key, status=3)
    assert "could not connect to the broker" in said
    said = relay.run("--from", 1, "--once", "--broker", url.replace("localhost", "127.1"),
                     *both[2:], status=3)
    assert "could not connect to the broker" in said
    key.chmod(0o640)
    assert "chmod 600" in relay.run("--from", 1, "--once", *both, status=3)
    assert shared_broker.depth(queue) == 2 * end


def test_positions(server, client, shared_broker, queue, make_relay):
    shop = open_shop(client, 7821)
    end = end_of(client, shop.ledger_id)
    relay = make_relay(server, shared_broker, queue)
    assert "--from 1" in relay.run("--once", status=2)
    relay.run("--from", "end", "--once")
    assert relay.saved() == (end + 1, 0) and shared_broker.depth(queue) == 0
    last = pay_some(client, shop, 3)
    relay.run("--once")
    assert relay.saved() == (last + 1, last) and shared_broker.depth(queue) == 3
    whole = relay.position.read_bytes()
    for damaged in (b"", whole[:-3], whole[:40], whole + b"x", b"\0" * 100,
                    whole.replace(b"next_sequence ", b"next_sequence 1")):
        relay.position.write_bytes(damaged)
        said = relay.run("--once", status=2)
        assert "--from" in said and "message_id" in said
        assert relay.position.read_bytes() == damaged
    relay.run("--once", "--from", last)
    assert relay.position.read_bytes() == whole and shared_broker.depth(queue) == 4
    # Another one at the same time; and a folder that cannot be written is told first.
    relay.start()
    relay.wait_log("the stream has begun")
    second = subprocess.run([BUILD / "tools/vslrelay/vslrelay", *map(str, relay.options)],
                            capture_output=True, text=True, check=False, timeout=20)
    assert second.returncode == 2 and "is in use" in second.stderr
    relay.stop()
    relay.options[relay.options.index("--position") + 1] = "/proc/none/position"
    assert "could not open" in relay.run("--once", status=2)


def test_a_restored_journal_is_noticed(restored, tools, shared_broker, queue, make_relay):
    server = restored.server
    server.settings["database.url"] = restored.original_url
    server.start()
    relay = make_relay(server, shared_broker, queue)
    relay.run("--from", 1, "--once")
    assert relay.saved() == (restored.position + 1, restored.position)
    assert server.terminate() == 0
    new_identity(tools, restored.url, "--yes")
    server.settings["database.url"] = restored.url
    server.start()
    said = relay.run("--once", status=1)
    assert "was restored" in said and f"sequence numbers from {restored.end + 1} on" in said
    assert relay.saved() == (restored.position + 1, restored.position)
    relay.run("--from", restored.end + 1, "--once")
    # While it runs, too.
    relay.start()
    relay.wait_log("the stream has begun")
    server.kill()
    new_identity(tools, restored.url, "--yes")
    server.start()
    relay.end(1)


def test_options(tools, scratch):
    """Each mistake is named before anything is done."""
    folder = scratch / f"options{next(_numbers)}"
    folder.mkdir()
    credentials = folder / "credentials"
    credentials.write_text("relay\nsecret-word\n")
    credentials.chmod(0o600)
    good = ["--broker", "amqp://127.0.0.1:1", "--credentials", credentials, "--queue", "q",
            "--position", folder / "position"]

    def said(*arguments, status=2):
        done = tools.run("vslrelay", *arguments, status=status)
        return done.stderr

    assert "--broker says where" in said()
    assert "for all to see" in said(*good, "--broker", "amqp://me:secret@127.0.0.1")
    assert "secret" not in said(*good, "--broker", "amqp://me:secret@127.0.0.1")
    assert "--broker takes" in said(*good, "--broker", "http://127.0.0.1")
    assert "needs --broker-ca" in said(*good, "--broker", "amqps://127.0.0.1")
    assert "go with amqps" in said(*good, "--broker-ca", "x")
    assert "either --exchange or --queue" in said(*good, "--exchange", "x")
    assert "--account needs --ledger" in said(*good, "--account", "3")
    assert "--kind takes" in said(*good, "--kind", "pay,pray")
    assert "--window takes" in said(*good, "--window", "0")
    assert "--format takes" in said(*good, "--format", "xml")
    assert "--from takes" in said(*good, "--from", "0")
    assert "is not an option" in said(*good, "more")
    credentials.chmod(0o644)
    assert "chmod 600" in said(*good)
    credentials.chmod(0o600)
    credentials.write_text("relay\n")
    text = said(*good)
    assert "its second the password" in text and "relay\n" not in text
    config = folder / "vslrelay.conf"
    config.write_text("[relay]\nbroker = amqp://127.0.0.1:1\nfrom = 1\n")
    assert f"'{config}' line 3: from is no setting" in said("--config", config)
    config.write_text("[relay]\nbroker = amqp://127.0.0.1:1\n[other]\nqueue = q\n")
    assert "other than [relay]" in said("--config", config)
    config.write_text("[relay]\nbroker = amqp://127.0.0.1:1\nqueue = q\nwindow = many\n")
    assert "line 4: window takes 1" in said("--config", config)
    config.write_text(f"[relay]\nbroker = amqp://127.0.0.1:1\nqueue = q\nposition = {folder}/p\n"
                      f"credentials = {credentials}\nprofile = nobody\nwindow = 7\n")
    credentials.write_text("relay\nsecret-word\n")
    assert "no position" in said("--config", config)
    # The file that is delivered, with each of its lines: only what it names is not there.
    text = (TOP / "deploy/config/vslrelay.conf").read_text()
    config.write_text(re.sub(r"^#(?=[a-z-]+ = )", "", text, flags=re.MULTILINE).replace(
        "queue = notices\n", ""))
    assert "could not use '/etc/vslrelay/credentials'" in said("--config", config)
    assert "could not use '/etc/vslrelay/credentials'" in said(
        "--config", TOP / "deploy/config/vslrelay.conf")
    config.write_text(f"[relay]\nbroker = amqp://127.0.0.1:1\nqueue = q\nposition = {folder}/p\n"
                      f"credentials = {credentials}\nserver = 127.0.0.1:2\n")
    assert "127.0.0.1:2" in said("--config", config, "--from", "end", status=3)
    assert "127.0.0.1:3" in said("--config", config, "--from", "end", "--server", "127.0.0.1:3",
                                 status=3)
    config.write_text(config.read_text() + "profile = nobody\n")
    assert "no profile [nobody]" in said("--config", config, "--from", "1")
    help_text = tools.run("vslrelay", "--help").stdout
    assert "vsl-previous" in help_text and "Exit status" in help_text
