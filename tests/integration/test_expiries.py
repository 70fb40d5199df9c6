"""What has an end in time ends by itself, as a command of the service's own channel.

SPDX-License-Identifier: Apache-2.0
"""
import time

import grpc
import pytest

from client import DATE, TIMEOUT_S
from waiting import wait_until

# Expiries that a turn takes at most are fewer.
MANY = 2_500


def soon_us(seconds):
    """A time so many seconds ahead."""
    return time.time_ns() // 1000 + int(seconds * 1_000_000)


def own_key(client, serial, date=DATE):
    """The key of a command of the service itself."""
    return client.protos.common.RequestKey(channel="vsl", business_date=date, serial=serial)


def open_platform(client, prefix, amount_minor=1_000_000):
    """A platform whose first account has money."""
    platform = client.open_platform(prefix, accounts=2)
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=amount_minor)
    return platform


def place(client, platform, expires_at_us):
    """A hold, a freeze and a proposal that end then: their ids."""
    ledger, accounts = platform.ledger_id, platform.accounts
    hold = client.command("place_hold", ledger_id=ledger, payer_account_id=accounts[0],
                          amount_minor=100, order_number="O-1", expires_at_us=expires_at_us)
    freeze = client.command("place_freeze", ledger_id=ledger, account_id=accounts[0],
                            amount_minor=20, purpose="dispute", expires_at_us=expires_at_us)
    inside = client.inside("adjust", debit_account_id=accounts[0], credit_account_id=accounts[1],
                           amount_minor=5, reason="wrong")
    proposal = client.command("propose", ledger_id=ledger, command=inside,
                              expires_at_us=expires_at_us)
    return hold.hold_id, freeze.freeze_id, proposal.proposal_id


def statuses(client, platform, ids):
    """The names of the statuses of a hold, a freeze and a proposal."""
    protos, ledger = client.protos, platform.ledger_id
    return (
        protos.hold.HoldStatus.Name(
            client.read("hold", "GetHold", ledger_id=ledger, hold_id=ids[0]).hold.status),
        protos.freeze.FreezeStatus.Name(
            client.read("freeze", "GetFreeze", ledger_id=ledger, freeze_id=ids[1]).freeze.status),
        protos.proposal.ProposalStatus.Name(client.read(
            "proposal", "GetProposal", ledger_id=ledger, proposal_id=ids[2]).proposal.status))


LIVE = ("HOLD_STATUS_LIVE", "FREEZE_STATUS_LIVE", "PROPOSAL_STATUS_OPEN")
EXPIRED = ("HOLD_STATUS_EXPIRED", "FREEZE_STATUS_EXPIRED", "PROPOSAL_STATUS_EXPIRED")


def test_time_is_over_by_a_recorded_command(server, database, tools):
    """Each is ended once, on time, with an event; money is back; it can be listed before and
    after."""
    client = server.connect()
    platform = open_platform(client, 8401)
    ledger, payer = platform.ledger_id, platform.accounts[0]
    before = client.tie_out(ledger).as_of_sequence
    end = soon_us(2)
    ids = place(client, platform, end)
    assert statuses(client, platform, ids) == LIVE
    assert client.balances(ledger, payer) == [(999_880, 0, 0, 120)]
    listed = client.read("hold", "ListHolds", ledger_id=ledger, expires_before_us=end + 1,
                         status="HOLD_STATUS_LIVE").holds
    assert [hold.hold_id for hold in listed] == [ids[0]]
    client.command("expire", "NOT_YET_DUE", ledger_id=ledger, kind="EXPIRY_KIND_HOLD", id=ids[0])
    wait_until(lambda: statuses(client, platform, ids) == EXPIRED, "the time to be over")
    assert client.balances(ledger, payer) == [(1_000_000, 0, 0, 0)]
    assert not client.read("hold", "ListHolds", ledger_id=ledger, status="HOLD_STATUS_LIVE").holds

    entries = []
    stream = client.event.StreamEvents(client.protos.event.StreamEventsRequest(
        from_sequence=before + 1, ledger_id=ledger, kinds=["COMMAND_KIND_EXPIRE"],
        accepted_only=True), timeout=TIMEOUT_S)
    for event in stream:
        if event.HasField("entry"):
            entries.append(event.entry)
        if len(entries) == 3:
            break
    stream.cancel()
    assert [(entry.key.channel, entry.key.business_date, entry.key.serial)
            for entry in entries] == [
        ("vsl", DATE, f"hold-{ids[0]}"), ("vsl", DATE, f"freeze-{ids[1]}"),
        ("vsl", DATE, f"proposal-{ids[2]}")]
    for entry in entries:
        assert end <= entry.recorded_at_us < end + 5_000_000
    assert entries[0].order_number == "O-1"
    assert [len(entry.postings) for entry in entries] == [1, 1, 0]
    assert client.find_command(key=own_key(client, f"hold-{ids[0]}")).expire.id == ids[0]
    client.command("expire", "HOLD_EXPIRED", ledger_id=ledger, kind="EXPIRY_KIND_HOLD", id=ids[0])
    client.command("confirm_hold", "HOLD_EXPIRED", ledger_id=ledger, payer_account_id=payer,
                   order_number="O-1", hold_id=ids[0], payees=[(platform.accounts[1], 1)])
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_nobody_else_is_the_service(server):
    """A request with the service's own channel is refused, alone and in a batch."""
    client = server.connect()
    platform = open_platform(client, 8402)
    key = own_key(client, "hold-1")
    for send in (
            lambda: client.command("expire", ledger_id=platform.ledger_id, key=key,
                                   kind="EXPIRY_KIND_HOLD", id=1),
            lambda: client.batch([client.item("pay", ledger_id=platform.ledger_id, key=key,
                                              payer_account_id=platform.accounts[0],
                                              payees=[(platform.accounts[1], 1)])])):
        with pytest.raises(grpc.RpcError) as caught:
            send()
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "key.channel" in caught.value.details()


def test_what_falls_due_while_no_server_runs(server, database, tools):
    """The next server takes up what the last one did not live to see; once."""
    client = server.connect()
    platform = open_platform(client, 8403)
    end = soon_us(1)
    ids = place(client, platform, end)
    server.kill()
    wait_until(lambda: time.time_ns() // 1000 > end, "the time to be over")
    server.start()
    client = server.connect()
    wait_until(lambda: statuses(client, platform, ids) == EXPIRED, "the time to be over")
    assert client.balances(platform.ledger_id, platform.accounts[0]) == [(1_000_000, 0, 0, 0)]
    server.kill()
    server.start()
    client = server.connect()
    assert statuses(client, platform, ids) == EXPIRED
    assert database.one("select count(*) from vsl.command where channel = 'vsl'") == 3
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_many_at_the_same_time(make_server, database, tools):
    """More than a turn takes, across small segments, while payments go on; none is forgotten."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    client = server.connect()
    platform = open_platform(client, 8404)
    ledger, accounts = platform.ledger_id, platform.accounts
    end = soon_us(3)
    for first in range(0, MANY, 500):
        outcomes = client.batch_outcomes([
            client.item("place_hold", ledger_id=ledger, payer_account_id=accounts[0],
                        amount_minor=3, order_number=f"O-{first + i}", expires_at_us=end)
            for i in range(500)])
        assert outcomes == ["ACCEPTED"] * 500
    assert client.balances(ledger, accounts[0]) == [(1_000_000 - 3 * MANY, 0, 0, 3 * MANY)]
    paid = 0

    def all_over():
        nonlocal paid
        client.command("pay", ledger_id=ledger, payer_account_id=accounts[0],
                       payees=[(accounts[1], 1)])
        paid += 1
        return client.balances(ledger, accounts[0])[0][3] == 0

    wait_until(all_over, "all holds to be over")
    assert client.available(ledger, accounts[0]) == 1_000_000 - paid
    assert database.one(
        "select count(distinct serial) from vsl.command where channel = 'vsl'") == MANY
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_a_stop_is_not_held_up(server, database, tools):
    """A server that is asked to stop leaves what is due to the next one."""
    client = server.connect()
    platform = open_platform(client, 8405)
    ids = place(client, platform, soon_us(0.3))
    assert server.terminate() == 0
    server.start()
    client = server.connect()
    wait_until(lambda: statuses(client, platform, ids) == EXPIRED, "the time to be over")
    assert server.terminate() == 0
    tools.check_database(database.url)
