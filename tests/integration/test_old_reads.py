"""Take-overs of a writer that goes on running: nothing that it answers is old.

A writer is cut off from its database, stopped, or pushed out, in four ways, and its successor
acknowledges payments. Clients ask both for everything that can be asked for, all the time. Every
answer is held to the real-time order: it contains what was answered before its request was sent.

VSL_TAKE_OVERS=100 makes so many take-overs in all (each way a quarter of them); the default is few.

SPDX-License-Identifier: Apache-2.0
"""
import os
import signal
import time

import grpc
import pytest

from proxy import Proxy
from realtime import FUNDS_MINOR, History, Payer, Reader
from waiting import wait_until

WAYS = ["swallow", "cut", "freeze", "force"]
TAKE_OVERS = int(os.environ.get("VSL_TAKE_OVERS", "8"))
# Short, so that a writer that is cut off says so soon.
TIMEOUT = {"database.answer_timeout_s": "1"}
READERS = 3
COMMANDS = "vsl.v1.commands"


class Successions:
    """A chain of writers of one database, each behind a proxy of its own."""

    def __init__(self, make_server, database, late):
        self._make_server = make_server
        self._database = database
        self._late = late
        self._made = 0
        self.history = History()
        self.writer, self.proxy = self.make(force=False)
        self.writer.start()
        client = self.writer.connect()
        platform = client.open_platform(8100)
        client.command("book_receipt", ledger_id=platform.ledger_id,
                       account_id=platform.accounts[0], amount_minor=FUNDS_MINOR)
        self.payer = Payer(self.history, platform)

    def make(self, force):
        """A server that is not started, and its way to the database."""
        proxy = Proxy(self._database.cluster.socket + "/.s.PGSQL.5432")
        self._late.callback(proxy.close)
        self._made += 1
        settings = {**TIMEOUT, **({"database.take_over": "yes"} if force else {})}
        server = self._make_server(
            proxy.url(self._database.name), settings, name=f"writer{self._made}")
        return server, proxy

    def readers(self, server):
        """Clients, connected already, that will ask the server for everything."""
        made = []
        for _ in range(READERS):
            client = server.connect()
            assert client.health() == "SERVING"
            made.append(Reader(server.name, client, self.payer))
        return made

    def pay(self, server, count):
        """So many payments more through the server."""
        client = server.connect()
        target = self.history.count() + count

        def paid():
            self.payer.pay(client)
            return self.history.count() >= target
        wait_until(paid, f"{count} payments through {server.name}", interval_s=0)

    def take_over(self, way):
        """One succession; the old writer is asked before and after its successor's first answer."""
        old, proxy, history = self.writer, self.proxy, self.history
        old_readers = [reader.start() for reader in self.readers(old)]
        # These ask the old writer only after the new one has answered.
        late_readers = self.readers(old)
        self.pay(old, 10)
        wait_until(lambda: history.answers_of(old.name) > 15, "answers of the first writer")
        new, new_proxy = self.make(force=way != "cut")
        if way == "cut":
            new.start(serving=False)
            new.wait_log("standby")
            proxy.cut()
            assert proxy.closed_connections >= 3
        elif way == "swallow":
            proxy.swallow()
        elif way == "freeze":
            old.process.send_signal(signal.SIGSTOP)
        if way != "cut":
            new.start()
        new.wait_serving()
        new_readers = [reader.start() for reader in self.readers(new)]
        self.pay(new, 10)
        before = history.answers_of(old.name) + history.failures_of(old.name)
        for reader in late_readers:
            reader.start()
        if way == "freeze":
            # What clients sent meanwhile waits for it, behind what the database had answered.
            wait_until(lambda: all(reader.has_asked for reader in late_readers), "late requests")
            old.process.send_signal(signal.SIGCONT)
        self.pay(new, 10)
        wait_until(
            lambda: history.answers_of(old.name) + history.failures_of(old.name) - before,
            f"reads of {old.name} after the first answer of {new.name}")
        self.assert_nothing_old()
        if way in ("cut", "swallow"):
            wait_until(lambda: old.health() == "NOT_SERVING", f"{old.name} to say that it is away")
            assert old.health(COMMANDS) == "NOT_SERVING"
            wait_until(lambda: history.failures.get((old.name, "UNAVAILABLE"), 0) > 15,
                       f"refusals of {old.name}")
            assert old.is_running()
        if way == "swallow":
            assert proxy.swallowed_bytes > 0
        proxy.heal()
        wait_until(lambda: not old.is_running() or old.health() != "SERVING",
                   f"{old.name} to learn that it was fenced\n{old.log()}")
        wait_until(lambda: history.answers_of(new.name) > 15, "answers of the new writer")
        for reader in [*old_readers, *late_readers, *new_readers]:
            reader.stop()
        # It may end by itself at any time.
        old.process.kill()
        old.process.wait()
        self.writer, self.proxy = new, new_proxy
        self.assert_nothing_old()

    def assert_nothing_old(self):
        """The proof."""
        old = self.history.old_answers()
        assert not old, f"{len(old)} old answers: {old[:5]}"
        early = self.history.early_answers()
        assert not early, f"{len(early)} answers of what was not sent yet: {early[:5]}"


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_no_answer_is_old(make_server, database, late, tools, way):
    """Successions in one way; every answer of every server against every later request."""
    chain = Successions(make_server, database, late)
    began = time.monotonic()
    for _ in range(max(1, TAKE_OVERS // len(WAYS))):
        chain.take_over(way)
    history = chain.history
    print(f"{way}: {len(history.answers)} answers, {history.count()} payments, "
          f"{sum(history.failures.values())} refusals in {time.monotonic() - began:.0f} s")
    client = chain.writer.connect()
    platform = chain.payer.platform
    assert client.available(platform.ledger_id, platform.accounts[1]) == history.count()
    tools.check_database(database.url)


def read_every_kind(client, platform):
    """The statuses of one call of each kind: reads, history, a dry run, a stream, a command."""
    calls = [
        lambda: client.available(platform.ledger_id, platform.accounts[0]),
        lambda: client.get_account(platform.ledger_id, account_id=1 << 20),
        lambda: client.find_command(sequence=1),
        lambda: client.find_command(key=client.key()),
        lambda: client.statement_page(platform.ledger_id, platform.accounts[0]),
        lambda: client.read("order", "GetOrder", ledger_id=platform.ledger_id, order_number="X"),
        lambda: client.read("hold", "ListHolds", ledger_id=platform.ledger_id),
        lambda: client.command("pay", ledger_id=platform.ledger_id, dry_run=True,
                               payer_account_id=platform.accounts[0],
                               payees=[(platform.accounts[1], 1)], expect=None),
        lambda: client.command("pay", ledger_id=platform.ledger_id,
                               payer_account_id=platform.accounts[0],
                               payees=[(platform.accounts[1], 1)], expect=None),
        lambda: next(client.events(1)),
    ]
    statuses = []
    for call in calls:
        began = time.monotonic()
        try:
            call()
            statuses.append("OK")
        except grpc.RpcError as error:
            statuses.append(error.code().name)
        assert time.monotonic() - began < 60, "it hangs"
    return statuses


@pytest.mark.parametrize("way", ["swallow", "cut"])
def test_without_the_database_nothing_is_answered(make_server, database, late, way):
    """UNAVAILABLE and NOT_SERVING in bounded time; all is well again when the database is back."""
    proxy = Proxy(database.cluster.socket + "/.s.PGSQL.5432")
    late.callback(proxy.close)
    server = make_server(proxy.url(database.name), TIMEOUT).start()
    client = server.connect()
    platform = client.open_platform(8100)
    stream = client.events(1)
    next(stream)
    assert (server.health(), server.health(COMMANDS)) == ("SERVING", "SERVING")
    assert server.health("vsl.v1.nothing") == "NOT_FOUND"
    getattr(proxy, way)()
    # Asked for before the server knows: it waits, and is answered in time.
    assert set(read_every_kind(client, platform)) == {"UNAVAILABLE"}
    wait_until(lambda: server.health() == "NOT_SERVING", "health to say so")
    assert server.health(COMMANDS) == "NOT_SERVING"
    assert set(read_every_kind(client, platform)) == {"UNAVAILABLE"}
    with pytest.raises(grpc.RpcError) as ended:
        for _ in stream:
            pass
    assert ended.value.code() == grpc.StatusCode.UNAVAILABLE
    server.wait_log("the database does not answer")
    proxy.heal()
    server.wait_serving()
    server.wait_log("the database is back")
    wait_until(lambda: server.health(COMMANDS) == "SERVING", "commands to be taken again")
    assert client.available(platform.ledger_id, platform.accounts[0]) == 0
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=1)
