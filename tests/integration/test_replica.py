"""Reads of history from a replica that lags: nothing is missing, nothing is old, nothing hangs.

The replica is a copy of the database that stands still, as one whose replay is paused.

SPDX-License-Identifier: Apache-2.0
"""
import time

import pytest

from test_released import send_all
from test_segments import fill, wait_indexed
from waiting import wait_until

SEGMENT = 1_000
HOLDS = 6_000
# Of one read of history: the lag that is waited for, and a loaded machine.
READ_S = 5


@pytest.fixture(name="stopped")
def fixture_stopped(make_server, database, cluster, late):
    """A server with some history that reads from a replica which has nothing newer."""
    server = make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()
    client = server.connect()
    platform = client.open_platform(8701, accounts=4)
    client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                              amount_minor=1_000_000) for account in platform.accounts])
    old = fill(client, platform, 3 * SEGMENT, seed=1)
    wait_indexed(database, 2)
    holds = [f"H-{i}" for i in range(HOLDS)]
    ahead_us = time.time_ns() // 1000 + 10**12
    send_all(client, [client.item(
        "place_hold", ledger_id=platform.ledger_id, payer_account_id=platform.accounts[0],
        amount_minor=1, order_number=order, expires_at_us=ahead_us) for order in holds])
    assert server.terminate() == 0
    copy = cluster.create_database(database.name)
    late.callback(cluster.leave_database, copy)
    server.settings["database.read_url"] = cluster.url(copy)
    server.settings["database.read_lag_max_ms"] = "200"
    return server.start(), platform, old, copy


def cancel_holds(client, platform):
    """Ends every hold; gives their ids."""
    holds = client.list_all("hold", "ListHolds", page_size=1_000, ledger_id=platform.ledger_id)
    assert len(holds) == HOLDS
    send_all(client, [client.item(
        "cancel_hold", ledger_id=platform.ledger_id, payer_account_id=platform.accounts[0],
        hold_id=hold.hold_id, order_number=hold.order_number) for hold in holds])
    return [hold.hold_id for hold in holds]


def timed(read):
    """What a read gives, in time."""
    began = time.monotonic()
    found = read()
    assert time.monotonic() - began < READ_S
    return found


def test_history_of_a_replica_that_stands_still(stopped, database):
    """What the replica does not have comes from the primary, complete and soon."""
    server, platform, old, copy = stopped
    client = server.connect()
    new = fill(client, platform, 6 * SEGMENT, seed=2)
    wait_indexed(database, (len(old) + HOLDS + len(new)) // SEGMENT - 1)
    assert database.cluster.query(
        copy, "select count(*) from vsl.segment where state = 3")[0][0] < 12
    last = client.tie_out(platform.ledger_id).as_of_sequence
    for item in [*old[::700], *new[::700]]:
        found = timed(lambda key=item.pay.key: client.find_command(key=key))
        assert found is not None and found.pay == item.pay
        again = timed(lambda item=item: client.batch([item]))
        assert again[0].result.replayed
    for sequence in range(1, last, last // 10):
        entry = timed(lambda sequence=sequence: client.find_command(sequence=sequence))
        assert entry.sequence == sequence
    lines = client.statement(platform.ledger_id, platform.accounts[1], page_size=5_000)
    assert lines[-1].balance_after_minor == client.available(
        platform.ledger_id, platform.accounts[1])
    for first, end in ((1, SEGMENT + 1), (last - 2 * SEGMENT, last)):
        entries = client.entries(first, end)
        assert [entry.sequence for entry in entries] == list(range(first, end + 1))
    order = timed(lambda: client.read(
        "order", "GetOrder", ledger_id=platform.ledger_id, order_number="H-0"))
    assert order.entry_count == 1


@pytest.mark.slow
def test_released_records_of_a_replica_that_stands_still(stopped, tools, database):
    """Records that left memory are finished, though the replica has them live or not at all."""
    server, platform, _, _ = stopped
    client = server.connect()
    holds = cancel_holds(client, platform)
    last = client.tie_out(platform.ledger_id).as_of_sequence
    fill(client, platform, 2 * SEGMENT, seed=3)
    wait_until(lambda: database.one("select redo_sequence from vsl.state_progress") > last,
               "the state of the holds to be written")
    wait_indexed(database, last // SEGMENT + 1)
    # Records that are final, written and indexed are not loaded: all but the newest are looked up.
    assert server.terminate() == 0
    client = server.start().connect()
    for hold in holds[::1_500]:
        shown = timed(lambda hold=hold: client.read(
            "hold", "GetHold", ledger_id=platform.ledger_id, hold_id=hold)).hold
        assert shown.status == client.protos.hold.HOLD_STATUS_FINISHED, shown
        timed(lambda hold=hold: client.command(
            "cancel_hold", "HOLD_FINISHED", ledger_id=platform.ledger_id, hold_id=hold,
            payer_account_id=platform.accounts[0], order_number=shown.order_number))
    listed = client.list_all("hold", "ListHolds", page_size=1_000, ledger_id=platform.ledger_id)
    assert [hold.hold_id for hold in listed] == holds
    assert {hold.status for hold in listed} == {client.protos.hold.HOLD_STATUS_FINISHED}
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_a_replica_that_is_not_there(make_server, database):
    """Its reads come from the primary."""
    server = make_server(database.url, {
        "journal.segment_commands": str(SEGMENT),
        "database.read_url": database.url.replace(database.name, "nowhere")}).start()
    client = server.connect()
    platform = client.open_platform(8702)
    fill(client, platform, 3 * SEGMENT, seed=4)
    wait_indexed(database, 2)
    assert timed(lambda: client.find_command(sequence=5)).sequence == 5
