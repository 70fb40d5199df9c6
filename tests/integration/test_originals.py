"""Refunds and reversals name an earlier command: in memory, in indexed segments, and nowhere.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from client import DATE
from waiting import wait_until

SEGMENT = 1_000


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 1,000 commands."""
    return make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()


def fill(client, platform, commands):
    """Sends so many small payments."""
    payer, payee = platform.accounts[:2]
    while commands > 0:
        count = min(500, commands)
        outcomes = client.batch_outcomes([
            client.item("pay", ledger_id=platform.ledger_id, payer_account_id=payer,
                        payees=[(payee, 1)]) for _ in range(count)])
        assert outcomes == ["ACCEPTED"] * count
        commands -= count


def wait_indexed(database, segments):
    """Waits until so many segments have their indexes."""
    wait_until(lambda: database.one(
        "select count(*) from vsl.segment where state = 3") >= segments,
        f"{segments} indexed segments")


def open_platform(client, prefix):
    """A platform whose first account has money."""
    platform = client.open_platform(prefix, accounts=4)
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=1_000_000)
    return platform


def pay(client, platform, amounts, order_number="O-1", **fields):
    """Pays from the first account to the ones behind it; the command's sequence."""
    payees = list(zip(platform.accounts[1:], amounts))
    return client.command(
        "pay", ledger_id=platform.ledger_id, payer_account_id=platform.accounts[0], payees=payees,
        order_number=order_number, **fields).result.sequence


def refund(client, platform, sequence, payees=(), expect="ACCEPTED", order_number="O-1", **fields):
    """Refunds a command."""
    return client.command("refund", expect, ledger_id=platform.ledger_id,
                          original_sequence=sequence, order_number=order_number, payees=payees,
                          **fields)


def test_originals_in_memory(server):
    """What was paid a moment ago is refunded and reversed; what does not exist is not."""
    client = server.connect()
    platform = open_platform(client, 8301)
    ledger, accounts = platform.ledger_id, platform.accounts
    paid = pay(client, platform, [100, 50])
    refund(client, platform, paid, [(accounts[1], 40)])
    assert client.balances(ledger, *accounts[1:3]) == [(60, 0, 0, 0), (50, 0, 0, 0)]
    refund(client, platform, paid, [(accounts[1], 61)], "ABOVE_REST")
    refund(client, platform, paid, [(accounts[3], 1)], "PAYEE_NOT_OF_ORIGINAL")
    refund(client, platform, paid, expect="ORDER_NUMBER_MISMATCH", order_number="O-2")
    refund(client, platform, paid)
    assert client.available(ledger, accounts[0]) == 1_000_000
    refund(client, platform, paid, expect="ABOVE_REST")
    client.command("reverse", "ORIGINAL_REFUNDED", ledger_id=ledger, original_sequence=paid,
                   reason="wrong")
    other = pay(client, platform, [7])
    client.command("reverse", ledger_id=ledger, original_sequence=other, reason="wrong")
    client.command("reverse", "ORIGINAL_REVERSED", ledger_id=ledger, original_sequence=other,
                   reason="wrong")
    for sequence in (2**62, other + 1000):
        refund(client, platform, sequence, expect="ORIGINAL_NOT_FOUND")
        client.command("reverse", "ORIGINAL_NOT_FOUND", ledger_id=ledger,
                       original_sequence=sequence, reason="wrong")
    refund(client, platform, 1, expect="ORIGINAL_NOT_REFUNDABLE", order_number="")
    # A refused command is none to refund.
    refused = client.command("pay", "INSUFFICIENT_AVAILABLE", ledger_id=ledger,
                             payer_account_id=accounts[3], payees=[(accounts[1], 1)])
    refund(client, platform, refused.result.sequence, expect="ORIGINAL_NOT_FOUND",
           order_number="")
    # Another ledger's neither.
    second = open_platform(client, 8302)
    refund(client, second, paid, expect="ORIGINAL_NOT_FOUND")


def test_originals_within_a_batch(server):
    """A batch may name what the same batch has decided before; a dry run and an atomic one not,
    since nothing has a number before it happens."""
    client = server.connect()
    platform = open_platform(client, 8303)
    ledger, accounts = platform.ledger_id, platform.accounts

    def items():
        after = client.tie_out(ledger).as_of_sequence
        return [
            client.item("pay", ledger_id=ledger, payer_account_id=accounts[0],
                        payees=[(accounts[1], 10)], order_number="B"),
            client.item("refund", ledger_id=ledger, original_sequence=after + 1, order_number="B"),
        ]

    assert client.batch_outcomes(items(), dry_run=True) == ["ACCEPTED", "ORIGINAL_NOT_FOUND"]
    assert client.available(ledger, accounts[0]) == 1_000_000
    assert client.batch_outcomes(items(), atomic=True) == ["BATCH_ABORTED", "ORIGINAL_NOT_FOUND"]
    assert client.batch_outcomes(items()) == ["ACCEPTED", "ACCEPTED"]
    assert client.available(ledger, accounts[0]) == 1_000_000
    # All of them can name what was there before.
    paid = pay(client, platform, [10, 20, 30])
    parts = [client.item("refund", ledger_id=ledger, original_sequence=paid, order_number="O-1",
                         payees=[(account, 5)]) for account in accounts[1:]]
    assert client.batch_outcomes(parts, dry_run=True) == ["ACCEPTED"] * 3
    assert client.batch_outcomes(parts, atomic=True) == ["ACCEPTED"] * 3
    assert client.balances(ledger, *accounts[1:]) == [
        (5, 0, 0, 0), (15, 0, 0, 0), (25, 0, 0, 0)]
    # The order number of an aborted item is on its record.
    aborted = client.request("refund", ledger_id=ledger, original_sequence=paid,
                             order_number="O-1")
    outcomes = client.batch_outcomes(
        [client.protos.funds.BatchItem(refund=aborted),
         client.item("refund", ledger_id=ledger, original_sequence=paid, order_number="O-9")],
        atomic=True)
    assert outcomes == ["BATCH_ABORTED", "ORDER_NUMBER_MISMATCH"]


def test_originals_in_indexed_segments(small, database, tools):
    """Old commands are looked up: alone, in batches of every kind, with their fee, after a
    restart; a replay needs no look-up."""
    client = small.connect()
    platform = open_platform(client, 8304)
    ledger, accounts = platform.ledger_id, platform.accounts
    client.command("set_fee_rule", ledger_id=ledger, name="base", effective_date=DATE,
                   rounding="FEE_ROUNDING_HALF_UP", refund="FEE_REFUND_PROPORTIONAL",
                   on_payout_failed="PAYOUT_FEE_BACK", on_payout_returned="PAYOUT_FEE_KEPT",
                   tiers=[{"rate_ppm": 100_000}])
    paid = pay(client, platform, [100, 50], fee_rule="base")
    more = [pay(client, platform, [1, 2, 3], order_number=f"M-{i}") for i in range(60)]
    wrong = pay(client, platform, [9])
    fill(client, platform, 3 * SEGMENT)
    wait_indexed(database, 2)
    assert client.find_command(sequence=paid).fee_minor == 15

    first = client.request("refund", ledger_id=ledger, original_sequence=paid, order_number="O-1",
                           payees=[(accounts[1], 60)])
    answer = client.send("refund", first)
    again = client.send("refund", first)
    assert again.result.replayed and again.result.sequence == answer.result.sequence
    # 15 * 60 / 150
    assert client.find_command(sequence=answer.result.sequence).postings[-1].amount_minor == 6

    def items(indexes):
        return [client.item("refund", ledger_id=ledger, original_sequence=more[i],
                            order_number=f"M-{i}") for i in indexes]

    assert client.batch_outcomes(items(range(20)), dry_run=True) == ["ACCEPTED"] * 20
    assert client.batch_outcomes(items(range(20)), atomic=True) == ["ACCEPTED"] * 20
    assert client.batch_outcomes(items(range(40))) == ["ABOVE_REST"] * 20 + ["ACCEPTED"] * 20
    client.command("reverse", ledger_id=ledger, original_sequence=wrong, reason="wrong")

    small.kill()
    small.start()
    client = small.connect()
    assert client.send("refund", first).result.replayed
    refund(client, platform, paid, [(accounts[1], 41)], "ABOVE_REST")
    refund(client, platform, paid)
    assert client.batch_outcomes(items(range(40, 60))) == ["ACCEPTED"] * 20
    refund(client, platform, 2**62, expect="ORIGINAL_NOT_FOUND")
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_a_replica_that_is_not_there_costs_no_old_command(make_server, database):
    """When an old command cannot be looked up at the replica the primary tells it."""
    settings = {"journal.segment_commands": str(SEGMENT),
                "database.read_url": database.url.replace(database.name, "nowhere")}
    server = make_server(database.url, settings).start()
    client = server.connect()
    platform = open_platform(client, 8305)
    paid = pay(client, platform, [100])
    fill(client, platform, 2 * SEGMENT)
    wait_indexed(database, 2)
    request = client.request("refund", ledger_id=platform.ledger_id, original_sequence=paid,
                             order_number="O-1")
    client.send("refund", request)
    pay(client, platform, [1])
    assert client.available(platform.ledger_id, platform.accounts[0]) == 999_999 - 2 * SEGMENT
