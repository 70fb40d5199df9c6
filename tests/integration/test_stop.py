"""Stopping: in every state, and with calls under way whose clients have left.

SPDX-License-Identifier: Apache-2.0
"""
import signal
import time

import grpc
import pytest

from waiting import wait_until


@pytest.fixture(name="blocked")
def fixture_blocked(make_server, database):
    """A server whose commits wait for a lock of the test, with a platform."""
    server = make_server(database.url, {"listen.drain_timeout_s": "3"}).start()
    client = server.connect()
    platform = client.open_platform(8301)
    holder = database.cluster.connect(database.name)
    holder.autocommit = False
    with holder.cursor() as cursor:
        cursor.execute("lock table vsl.command in exclusive mode")
    yield server, client, platform
    holder.close()


def wait_for_the_lock(database):
    """Waits until a commit waits for the test's lock."""
    wait_until(lambda: database.one(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'") > 0, "the commit")


def test_stop_with_calls_of_clients_that_are_gone(blocked, database):
    """One command waits for its commit, one read behind it; both deadlines pass, then it stops."""
    server, client, platform = blocked
    receipt = client.funds.BookReceipt.future(client.request(
        "book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
        amount_minor=1), timeout=2)
    wait_for_the_lock(database)
    more = [client.funds.BookReceipt.future(client.request(
        "book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
        amount_minor=1), timeout=0.5) for _ in range(3)]
    for call in (receipt, *more):
        assert call.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    # server.close() looks for what the sanitizer says about calls that nobody gave back.
    assert server.terminate() == 0


def test_stop_waits_for_the_commit_of_a_client_that_waits(blocked, database):
    """The drain time passes while the database is stuck: the client is told nothing false."""
    server, client, platform = blocked
    call = client.funds.BookReceipt.future(client.request(
        "book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
        amount_minor=1), timeout=60)
    wait_for_the_lock(database)
    assert server.terminate() == 0
    assert call.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_many_signals_are_one(make_server, database, number):
    """Whoever is impatient sends it again and again: it still stops in order, with status 0."""
    for _ in range(5):
        server = make_server(database.url).start()
        client = server.connect()
        client.health()
        deadline = time.monotonic() + 30
        with client.listening():
            while server.process.poll() is None and time.monotonic() < deadline:
                server.process.send_signal(number)
            assert server.wait_end() == 0
