"""Small segments, many of them: keys, statements and events across memory and indexed segments.

SPDX-License-Identifier: Apache-2.0
"""
import random
import signal

import grpc
import pytest

from books import Books
from client import DATE
from waiting import wait_until

SEGMENT = 1_000


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 1,000 commands."""
    return make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()


def fill(client, platform, commands, seed, date=DATE):
    """Sends payments until the journal has so many commands; gives the items."""
    dice = random.Random(seed)
    items = []
    while len(items) < commands:
        batch = []
        for _ in range(min(500, commands - len(items))):
            payer, payee = dice.sample(platform.accounts, 2)
            batch.append(client.item(
                "pay", key=client.key(date=date), ledger_id=platform.ledger_id,
                payer_account_id=payer, payees=[(payee, dice.randint(1, 50))],
                fee_minor=dice.choice([0, 1])))
        client.batch(batch)
        items.extend(batch)
    return items


def wait_indexed(database, segments):
    """Waits until so many segments have their indexes."""
    wait_until(lambda: database.one(
        "select count(*) from vsl.segment where state = 3") >= segments,
        f"{segments} indexed segments")


def test_keys_in_indexed_segments_still_replay(small, database, tools):
    """A key is known by memory, then by filter and look-up, then after a restart by both."""
    client = small.connect()
    platform = client.open_platform(8201, accounts=5)
    client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                              amount_minor=1_000_000) for account in platform.accounts])
    items = fill(client, platform, 25 * SEGMENT, seed=5)
    wait_indexed(database, 20)
    dice = random.Random(6)

    def resend():
        sample = dice.sample(items, 600) + items[:100] + items[-100:]
        sample = list({item.pay.key.serial: item for item in sample}.values())
        before = client.tie_out(platform.ledger_id).as_of_sequence
        for result in client.batch(sample):
            assert result.result.replayed and result.result.sequence > 0, result
        for item in sample[:50]:
            assert client.send("pay", item.pay, expect=None).result.replayed
        changed = [client.protos.funds.BatchItem.FromString(item.SerializeToString())
                   for item in sample[:100]]
        for item in changed:
            item.pay.payees[0].amount_minor += 1
        for result in client.batch(changed):
            assert client.protos.outcome_name(result.result.outcome) == "KEY_CONFLICT"
            assert result.result.field == "payees[0].amount_minor"
        assert client.tie_out(platform.ledger_id).as_of_sequence == before

    resend()
    for ending in (small.terminate, small.kill):
        ending()
        small.start()
        client = small.connect()
        resend()
    assert small.terminate() == 0
    tools.check_database(database.url)


@pytest.mark.parametrize("visit", [1, 2, 3])
def test_killed_while_parts_are_kept(make_server, database, tools, visit):
    """Behind the parts of the keys, of the references, and of the next segment's keys."""
    small = make_server(database.url, {"journal.segment_commands": str(SEGMENT)})
    small.start(fault=f"store.parts_kept:{visit}")
    client = small.connect()
    platform = client.open_platform(8205, accounts=3)
    receipts = [client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                            amount_minor=100_000, bank_reference=f"R-{account}")
                for account in platform.accounts]
    client.batch(receipts)
    items = receipts
    try:
        for seed in range(2):
            items = items + fill(client, platform, SEGMENT, seed=seed)
    except grpc.RpcError:
        pass
    assert small.wait_end() == -signal.SIGKILL, "the fault point was not reached"
    small.start()
    client = small.connect()
    wait_indexed(database, 1)
    for result in client.batch(items[:SEGMENT - 20]):
        assert result.result.replayed
    for account in platform.accounts:
        client.command("book_receipt", "BANK_REFERENCE_USED", ledger_id=platform.ledger_id,
                       account_id=account, amount_minor=1, bank_reference=f"R-{account}")
    parts = database.one("select count(*) from vsl.segment_part where first_sequence = 1")
    assert parts == (SEGMENT + 127) // 128 + 1
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_statements_and_events_across_segments(small, database):
    """What lies in memory and what lies in tens of segments is one history."""
    client = small.connect()
    platform = client.open_platform(8202, accounts=4)
    client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                              amount_minor=1_000_000) for account in platform.accounts])
    fill(client, platform, 6 * SEGMENT, seed=7)
    client.command("cut_day", ledger_id=platform.ledger_id, accounting_date=20240301)
    fill(client, platform, 6 * SEGMENT + 500, seed=8, date=20240301)
    wait_indexed(database, 10)
    last = client.tie_out(platform.ledger_id).as_of_sequence
    entries = client.entries(1, last)
    assert [entry.sequence for entry in entries] == list(range(1, last + 1))
    Books(client.protos).add_all(entries).compare_balances(client, platform.ledger_id)
    for first in (1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 5 * SEGMENT, last - 5):
        assert client.entries(first, min(first + 2_500, last)) == entries[first - 1:first + 2_500]

    account = platform.accounts[2]
    moved = [(entry.sequence, posting.line) for entry in entries for posting in entry.postings
             if account in (posting.debit_account_id, posting.credit_account_id)]
    for page_size in (97, 5_000):
        lines = client.statement(platform.ledger_id, account, page_size=page_size)
        assert [(line.sequence, line.line) for line in lines] == moved
        balance = 0
        for line in lines:
            balance += line.amount_minor
            assert line.balance_after_minor == balance
        newest = client.statement(platform.ledger_id, account, oldest_first=False,
                                  page_size=page_size)
        assert [(line.sequence, line.line) for line in newest] == moved[::-1] or sorted(
            (line.sequence, line.line) for line in newest) == sorted(moved)
    for date, half in ((DATE, 0), (20240301, 1)):
        lines = client.statement(platform.ledger_id, account, from_date=date, to_date=date,
                                 page_size=1_000)
        expected = [place for place in moved
                    if (entries[place[0] - 1].accounting_date == 20240301) == bool(half)]
        assert [(line.sequence, line.line) for line in lines] == expected and expected


def test_sealed_segments_have_their_indexes_and_the_open_one_none(small, database):
    client = small.connect()
    platform = client.open_platform(8203)
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=10_000_000)
    fill(client, platform, 4 * SEGMENT, seed=9)
    wait_indexed(database, 4)
    rows = database.query("select first_sequence, last_sequence, state, key_filter is not null"
                          " from vsl.segment order by first_sequence")
    last = client.tie_out(platform.ledger_id).as_of_sequence
    next_first = 1
    for first, end, state, has_filter in rows:
        assert first == next_first and end - first + 1 == SEGMENT
        next_first = end + 1
        if first <= last <= end or first > last:
            assert state == 1 and not has_filter
        elif state == 3:
            assert has_filter
    indexed = database.query(
        "select c.relname, (select count(*) from pg_index i where i.indrelid = c.oid)"
        " from pg_inherits h join pg_class c on c.oid = h.inhrelid"
        " where h.inhparent = 'vsl.posting'::regclass")
    with_index = [name for name, count in indexed if count > 0]
    states = [row[2] for row in rows]
    assert len(with_index) == states.count(3)


@pytest.mark.parametrize("restarts", [False, True])
def test_nothing_is_forgotten_when_every_segment_is_indexed(small, database, tools, restarts):
    """The journal ends with its segment and no row is left in memory: keys, statements and events
    are answered by the database alone."""
    client = small.connect()
    platform = client.open_platform(8204, accounts=4)
    client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                              amount_minor=1_000_000) for account in platform.accounts])
    begun = client.tie_out(platform.ledger_id).as_of_sequence
    items = fill(client, platform, 2 * SEGMENT - begun, seed=10)
    wait_indexed(database, 2)
    if restarts:
        assert small.terminate() == 0
        small.start()
        client = small.connect()
    assert client.tie_out(platform.ledger_id).as_of_sequence == 2 * SEGMENT
    for item in items[:3]:
        assert client.send("pay", item.pay, expect=None).result.replayed
    assert all(one.result.replayed for one in client.batch(items[:500]))
    assert client.find_command(sequence=5).sequence == 5
    assert client.find_command(key=items[0].pay.key).sequence == begun + 1
    entries = client.entries(1, 2 * SEGMENT)
    assert [entry.sequence for entry in entries] == list(range(1, 2 * SEGMENT + 1))
    assert len(client.statement(platform.ledger_id, platform.accounts[0], page_size=5_000)) > 100
    assert client.tie_out(platform.ledger_id).as_of_sequence == 2 * SEGMENT
    client.batch([client.item("pay", ledger_id=platform.ledger_id,
                              payer_account_id=platform.accounts[0],
                              payees=[(platform.accounts[1], 1)])])
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_largest_batch_fits_however_small_segments_are(small):
    """A request that spans nine segments waits for them, and holds nobody up for ever."""
    client = small.connect()
    platform = client.open_platform(8204)
    for _ in range(3):
        client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                                  account_id=platform.accounts[0]) for _ in range(8_000)])
    assert client.available(platform.ledger_id, platform.accounts[0]) == 24_000
