"""Reads of history: statements and the event stream, compared with each other and with naive books.

SPDX-License-Identifier: Apache-2.0
"""
import random
import threading

import grpc
import pytest

from books import Books
from client import DATE
from waiting import wait_until

DATES = [DATE, 20240301, 20240302]


def play_days(client, platform, seed, commands_a_day=150):
    """Random payments on three accounting dates."""
    dice = random.Random(seed)
    for date in DATES:
        if date != DATES[0]:
            client.command("cut_day", ledger_id=platform.ledger_id, accounting_date=date,
                           key=client.key(date=date))
        items = []
        for _ in range(commands_a_day):
            payer, payee, other = dice.sample(platform.accounts, 3)
            key = client.key(date=date)
            kind = dice.random()
            if kind < 0.3:
                items.append(client.item(
                    "book_receipt", key=key, ledger_id=platform.ledger_id, account_id=payee,
                    amount_minor=dice.randint(1, 9_999), remark=f"r {dice.random()}"))
            elif kind < 0.8:
                items.append(client.item(
                    "pay", key=key, ledger_id=platform.ledger_id, payer_account_id=payer,
                    payees=[(one, dice.randint(1, 5_000))
                            for one in (payee, other)[:dice.choice([1, 1, 2])]],
                    fee_minor=dice.choice([0, 3]), order_number=f"O{dice.randint(1, 99)}"))
            else:
                items.append(client.item(
                    "withdraw", key=key, ledger_id=platform.ledger_id, account_id=payer,
                    amount_minor=dice.randint(1, 500)))
        client.batch(items)


def expected_lines(entries, account_id):
    """The statement of an account as the journal's entries tell it, oldest first."""
    lines = []
    for entry in entries:
        request = getattr(entry, entry.WhichOneof("request"))
        for posting in entry.postings:
            sides = [
                (posting.debit_account_id, posting.debit_bucket, -posting.amount_minor,
                 posting.debit_balance_minor, posting.credit_account_id, posting.credit_bucket),
                (posting.credit_account_id, posting.credit_bucket, posting.amount_minor,
                 posting.credit_balance_minor, posting.debit_account_id, posting.debit_bucket)]
            for account, bucket, amount, after, counter, counter_bucket in sides:
                if account == account_id:
                    lines.append((
                        entry.sequence, posting.line, bucket, amount, after, counter,
                        counter_bucket, entry.accounting_date, entry.kind, entry.recorded_at_us,
                        entry.key.serial, getattr(request, "order_number", ""),
                        getattr(request, "remark", "")))
    return lines


def plain(lines):
    """Statement lines as tuples in the same order of fields."""
    return [(one.sequence, one.line, one.bucket, one.amount_minor, one.balance_after_minor,
             one.counter_account_id, one.counter_bucket, one.accounting_date, one.kind,
             one.recorded_at_us, one.key.serial, one.order_number, one.remark) for one in lines]


def check_statements(client, platform, accounts):
    """Every way to read a statement of these accounts gives what the journal says."""
    last = client.tie_out(platform.ledger_id).as_of_sequence
    entries = client.entries(1, last)
    assert len(entries) == last
    for account in accounts:
        oldest = expected_lines(entries, account)
        assert len(oldest) > 20, "too little happened on the account to prove anything"
        for page_size in (7, 1_000):
            got = client.statement(platform.ledger_id, account, page_size=page_size)
            assert plain(got) == oldest
            got = client.statement(platform.ledger_id, account, oldest_first=False,
                                   page_size=page_size)
            # Newest first turns the commands around; the lines of one may keep their order.
            assert sorted(plain(got)) == sorted(oldest)
            sequences = [one.sequence for one in got]
            assert sequences == sorted(sequences, reverse=True)
        for date in DATES:
            of_day = [line for line in oldest if line[7] == date]
            assert of_day
            assert plain(client.statement(
                platform.ledger_id, account, from_date=date, to_date=date)) == of_day
            assert plain(client.statement(platform.ledger_id, account, from_date=date)) == [
                line for line in oldest if line[7] >= date]
            got = client.statement(platform.ledger_id, account, to_date=date, oldest_first=False)
            assert sorted(plain(got)) == sorted(line for line in oldest if line[7] <= date)
        for bucket in (1, 3):
            got = plain(client.statement(platform.ledger_id, account, bucket=bucket))
            assert got == [line for line in oldest if line[2] == bucket]
            balance = 0
            for line in got:
                balance += line[3]
                assert line[4] == balance


def test_statement_pages_in_both_orders_from_any_date(client):
    platform = client.open_platform(8001, accounts=3)
    play_days(client, platform, seed=1)
    check_statements(client, platform, [*platform.accounts, platform.control.fee_account_id])


def test_statement_pages_are_as_of_the_first_one(client):
    """What is booked between two pages shows on none of them."""
    platform = client.open_platform(8002)
    account = platform.accounts[0]
    for _ in range(10):
        client.command("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                       amount_minor=5)
    order = "STATEMENT_ORDER_OLDEST_FIRST"
    page = client.statement_page(platform.ledger_id, account, order=order, page_size=6)
    as_of = page.as_of_sequence
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                   amount_minor=5)
    rest = client.statement_page(platform.ledger_id, account, order=order, page_size=6,
                                 page_token=page.next_page_token)
    assert (len(page.lines), len(rest.lines), rest.as_of_sequence) == (6, 4, as_of)
    assert not rest.next_page_token


def test_statement_refuses_what_makes_no_sense(client):
    platform = client.open_platform(8003)
    account = platform.accounts[0]
    for _ in range(3):
        client.command("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                       amount_minor=5)
    token = client.statement_page(platform.ledger_id, account, page_size=1).next_page_token
    assert len(client.statement_page(platform.ledger_id, account, page_size=5_001).lines) == 3
    for fields in ({"page_size": -1}, {"page_size": -2**31}, {"from_date": 20240230},
                   {"from_date": 20240301, "to_date": DATE}, {"page_token": "nonsense"},
                   {"page_token": token, "bucket": 1}, {"page_token": token[:-2]}):
        with pytest.raises(grpc.RpcError) as caught:
            client.statement_page(platform.ledger_id, account, **fields)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, fields
    with pytest.raises(grpc.RpcError) as caught:
        client.statement_page(platform.ledger_id, platform.accounts[1], page_token=token)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_events_from_any_position_without_gaps(client):
    platform = client.open_platform(8004, accounts=3)
    play_days(client, platform, seed=2)
    last = client.tie_out(platform.ledger_id).as_of_sequence
    entries = client.entries(1, last)
    books = Books(client.protos).add_all(entries)
    books.compare_balances(client, platform.ledger_id)
    for first in (2, last // 2, last):
        assert client.entries(first, last) == entries[first - 1:]
    # One by one the same as in the stream.
    for sequence in (1, last // 3, last):
        assert client.find_command(sequence=sequence) == entries[sequence - 1]


def test_events_filtered(client):
    one = client.open_platform(8005, accounts=3)
    play_days(client, one, seed=3, commands_a_day=40)
    two = client.open_platform(8006)
    last = client.tie_out(two.ledger_id).as_of_sequence
    entries = client.entries(1, last)
    kinds = ["COMMAND_KIND_PAY", "COMMAND_KIND_OPEN_LEDGER"]
    numbers = [client.protos.common.CommandKind.Value(kind) for kind in kinds]
    assert client.entries(1, last, ledger_id=two.ledger_id) == [
        entry for entry in entries if entry.ledger_id == two.ledger_id]
    got = client.entries(1, last, kinds=kinds, accepted_only=True)
    expected = [entry for entry in entries if entry.kind in numbers and entry.outcome < 100]
    refused = [entry for entry in entries if entry.kind in numbers and entry.outcome >= 100]
    assert got == expected and refused, "the history must hold refusals to leave out"


def test_events_are_followed_live(client, server):
    """A stream at the end gets each new command as soon as it is durable."""
    platform = client.open_platform(8007)
    follower = server.connect()
    start = client.tie_out(platform.ledger_id).as_of_sequence + 1
    stream = follower.events(start)
    seen = []

    def follow():
        try:
            for message in stream:
                if message.HasField("entry"):
                    seen.append(message.entry.sequence)
        except grpc.RpcError:
            pass

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    for number in range(1, 21):
        answer = client.command("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                                account_id=platform.accounts[0])
        wait_until(lambda n=number: len(seen) >= n, f"event {number}")
        assert seen[-1] == answer.result.sequence
    assert seen == list(range(start, start + 20))
    stream.cancel()
    thread.join(10)
    assert not thread.is_alive()


def test_events_ahead_of_the_journal_are_refused(client):
    """Each number that was answered may be gone on from at once, and no later one."""
    platform = client.open_platform(8010)
    for _ in range(20):
        last = client.command("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                              account_id=platform.accounts[0]).result.sequence
        stream = client.events(last + 1)
        assert next(stream).reached_sequence == last
        stream.cancel()
        for ahead in (last + 2, last + 1000, (1 << 63) - 1):
            with pytest.raises(grpc.RpcError) as caught:
                next(client.events(ahead))
            assert caught.value.code() == grpc.StatusCode.OUT_OF_RANGE
            assert f"the journal ends with {last}, " in caught.value.details()
            details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
            assert b"POSITION_AHEAD" in details


def test_events_before_the_first_position_are_malformed(client):
    for fields in ({"from_sequence": 0}, {"from_sequence": -1}, {"kinds": [99]}):
        with pytest.raises(grpc.RpcError) as caught:
            next(client.events(**{"from_sequence": 1, **fields}))
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, fields
