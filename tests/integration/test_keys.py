"""Request keys: replay, conflict, closed window, too far ahead; batches, atomic, dry run.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from client import DATE


@pytest.fixture(name="day")
def fixture_day(client):
    """A ledger with two accounts, the first with 1,000.00."""
    day = client.open_platform(7001)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=100_000)
    return day


def pay_fields(day, amount=100, payee=None, **fields):
    """Fields of a payment from the first account to the second."""
    return {"ledger_id": day.ledger_id, "payer_account_id": day.accounts[0],
            "payees": [(payee or day.accounts[1], amount)], **fields}


def test_same_key_same_content_is_replayed(client, server, day):
    request = client.request("pay", **pay_fields(day))
    first = client.send("pay", request).result
    assert not first.replayed
    for caller in (client, server.connect(channel_name="OTHER")):
        again = caller.send("pay", request).result
        assert again.replayed
        again.replayed = False
        assert again == first
    assert client.available(day.ledger_id, day.accounts[1]) == 100


def test_replay_gives_the_id_that_was_given_first(client, day):
    for command, field, fields in [
            ("open_member", "member_id",
             {"kind": "MEMBER_KIND_USER", "platform_member_id": "again"}),
            ("open_account", "account_id", {"member_id": day.members[0]}),
            ("withdraw", "payout_id", {"account_id": day.accounts[0], "amount_minor": 5}),
            ("book_receipt", "account_id",
             {"receiving_number": day.receiving_numbers[1], "amount_minor": 5})]:
        request = client.request(command, ledger_id=day.ledger_id, **fields)
        first = client.send(command, request)
        again = client.send(command, request)
        assert getattr(first, field) == getattr(again, field) > 0 and again.result.replayed
        if command == "open_account":
            assert again.receiving_number == first.receiving_number != ""
    request = client.request("open_ledger", platform_name="P", escrow_account_number="1",
                             currency="EUR", receiving_prefix="7099", first_accounting_date=DATE)
    first = client.send("open_ledger", request)
    again = client.send("open_ledger", request)
    assert first.ledger_id == again.ledger_id and first.control_accounts == again.control_accounts


CONFLICTS = [
    ("pay", {"payees": [(4712, 100)]}, "payees[0].account_id"),
    ("pay", {"payees": [(None, 101)]}, "payees[0].amount_minor"),
    ("pay", {"payees": [(None, 100), (4712, 1)]}, "payees"),
    ("pay", {"fee_minor": 1}, "fee_minor"),
    ("pay", {"remark": "other"}, "remark"),
    ("pay", {"order_number": "other"}, "order_number"),
    ("withdraw", {"amount_minor": 101}, "amount_minor"),
    ("withdraw", {"destination": "Li Si"}, "destination.name"),
    ("book_receipt", {"bank_reference": "other"}, "bank_reference"),
]


@pytest.mark.parametrize("command, change, field", CONFLICTS)
def test_same_key_other_content_names_the_field(client, day, command, change, field):
    fields = {
        "pay": pay_fields(day),
        "withdraw": {"ledger_id": day.ledger_id, "account_id": day.accounts[0],
                     "amount_minor": 100},
        "book_receipt": {"ledger_id": day.ledger_id, "account_id": day.accounts[0],
                         "amount_minor": 100},
    }[command]
    first = client.request(command, **fields)
    client.send(command, first)
    before = client.balances(day.ledger_id, *day.accounts)
    if "destination" in change:
        change = {"destination": client.party(change["destination"])}
    if "payees" in change:
        change = {"payees": [(account or day.accounts[1], amount)
                             for account, amount in change["payees"]]}
    other = client.send(command, client.request(command, **{**fields, **change, "key": first.key}),
                        expect="KEY_CONFLICT").result
    assert other.field == field and other.sequence == 0 and other.text
    assert client.balances(day.ledger_id, *day.accounts) == before
    assert client.send(command, first).result.replayed


def test_same_key_for_another_kind_of_command_is_a_conflict(client, day):
    key = client.key()
    client.command("pay", key=key, **pay_fields(day))
    answer = client.command("charge_fee", expect="KEY_CONFLICT", key=key, ledger_id=day.ledger_id,
                            account_id=day.accounts[0], amount_minor=100)
    assert answer.result.field


def test_channel_date_and_serial_each_make_another_key(client, day):
    client.command("cut_day", ledger_id=day.ledger_id, accounting_date=20240301)
    keys = [client.key("same"), client.key("same", channel="OTHER"), client.key("same", 20240301),
            client.key("SAME")]
    sequences = {client.command("pay", key=key, **pay_fields(day)).result.sequence for key in keys}
    assert len(sequences) == 4
    assert client.available(day.ledger_id, day.accounts[1]) == 400


def test_window_closes_behind_the_accounting_date(client, day):
    """Three dates by default; outside of them nothing new is decided."""
    old = client.request("pay", **pay_fields(day))
    first = client.send("pay", old).result
    for date in (20240301, 20240304):
        client.command("cut_day", ledger_id=day.ledger_id, accounting_date=date)
        assert client.send("pay", old).result.replayed
    assert client.get_ledger(day.ledger_id).oldest_business_date == DATE
    client.command("cut_day", ledger_id=day.ledger_id, accounting_date=20240305)
    request = client.request("pay", **pay_fields(day))
    for _ in range(2):
        closed = client.send("pay", request, expect="KEY_WINDOW_CLOSED").result
        assert closed.sequence == 0 and closed.retry == 3 and not closed.replayed
    # A known key keeps its answer for ever.
    again = client.send("pay", old).result
    assert again.replayed and again.sequence == first.sequence
    # The question by key still answers, for what was booked and for what was not.
    assert client.find_command(key=old.key).sequence == first.sequence
    assert client.find_command(key=request.key) is None
    assert client.available(day.ledger_id, day.accounts[1]) == 100


def test_business_date_ahead_is_not_recorded(client, day):
    """The day after the accounting date is the last that is taken."""
    client.command("pay", key=client.key(date=20240301), **pay_fields(day))
    request = client.request("pay", key=client.key(date=20240302), **pay_fields(day))
    ahead = client.send("pay", request, expect="BUSINESS_DATE_AHEAD").result
    assert ahead.sequence == 0 and ahead.retry == 2
    client.command("cut_day", ledger_id=day.ledger_id, accounting_date=20240301)
    assert not client.send("pay", request).result.replayed


def test_get_command_by_key_and_by_sequence(client, day):
    request = client.request("pay", **pay_fields(day, fee_minor=7, order_number="O-77"))
    answer = client.send("pay", request).result
    entry = client.find_command(key=request.key)
    assert entry == client.find_command(sequence=answer.sequence)
    assert entry.pay == request and entry.outcome == 1 and entry.ledger_id == day.ledger_id
    assert entry.recorded_at_us == answer.recorded_at_us
    assert [(one.line, one.amount_minor, one.debit_account_id, one.credit_account_id)
            for one in entry.postings] == [
        (1, 100, day.accounts[0], day.accounts[1]),
        (2, 7, day.accounts[0], day.control.fee_account_id)]
    assert client.find_command(key=client.key()) is None


# ---- batches ----

def test_batch_gives_each_item_its_own_outcome(client, day):
    items = [
        client.item("open_member", ledger_id=day.ledger_id, kind="MEMBER_KIND_MERCHANT",
                    platform_member_id="M1"),
        client.item("pay", **pay_fields(day, amount=1_000_000)),
        client.item("pay", **pay_fields(day)),
        client.item("open_account", ledger_id=day.ledger_id, member_id=day.members[1]),
        client.item("pay", **pay_fields(day, payee=999)),
    ]
    results = client.batch(items)
    names = [client.protos.outcome_name(one.result.outcome) for one in results]
    assert names == ["ACCEPTED", "INSUFFICIENT_AVAILABLE", "ACCEPTED", "ACCEPTED",
                     "PAYEE_ACCOUNT_NOT_FOUND"]
    sequences = [one.result.sequence for one in results]
    assert sequences == list(range(sequences[0], sequences[0] + 5))
    assert results[0].subject_id > 0 and results[1].subject_id == 0
    assert client.get_account(
        day.ledger_id, receiving_number=results[3].receiving_number
    ).account_id == results[3].subject_id
    assert [one.result.replayed for one in client.batch(items)] == [True] * 5


def test_atomic_batch_is_all(client, day):
    items = [client.item("pay", **pay_fields(day, amount=n)) for n in (1, 2, 3)]
    assert client.batch_outcomes(items, atomic=True) == ["ACCEPTED"] * 3
    assert client.available(day.ledger_id, day.accounts[1]) == 6


def test_atomic_batch_is_none(client, day):
    """The refused item keeps its reason, the others are aborted, all of it for ever."""
    before = client.balances(day.ledger_id, *day.accounts, day.control.fee_account_id)
    items = [client.item("pay", **pay_fields(day, fee_minor=5)),
             client.item("withdraw", ledger_id=day.ledger_id, account_id=day.accounts[0],
                         amount_minor=10),
             client.item("pay", **pay_fields(day, amount=1_000_000)),
             client.item("pay", **pay_fields(day))]
    expected = ["BATCH_ABORTED", "BATCH_ABORTED", "INSUFFICIENT_AVAILABLE", "BATCH_ABORTED"]
    assert client.batch_outcomes(items, atomic=True) == expected
    assert client.balances(
        day.ledger_id, *day.accounts, day.control.fee_account_id) == before
    assert client.tie_out(day.ledger_id).balanced
    again = client.batch(items, atomic=True)
    assert [client.protos.outcome_name(one.result.outcome) for one in again] == expected
    assert all(one.result.replayed for one in again)
    # It tells the number that decided, as the items before it would have made it.
    left = before[0][0] - 100 - 5 - 10
    assert [one.result.limit_minor for one in again] == [0, 0, left, 0]


def test_atomic_batch_tells_no_id_of_its_own(client, day):
    """What the batch made before is gone, and its id will be another's; what was there is told."""
    on = {"ledger_id": day.ledger_id}
    deny = {"source": "DENIED_SOURCE_POLICE", "reason": "notice", "name": "Zhao Liu"}
    for options, expected in (({"atomic": True}, ["BATCH_ABORTED", "VALUE_DENIED"]),
                              ({"dry_run": True}, ["ACCEPTED", "VALUE_DENIED"])):
        results = client.batch([client.item("add_denied", **deny, **on) for _ in range(2)],
                               **options)
        assert [client.protos.outcome_name(one.result.outcome) for one in results] == expected
        assert [one.result.limit_minor for one in results] == [0, 0]
    entry = client.command("add_denied", **deny, **on).denied_id
    results = client.batch([client.item("add_denied", **deny, **on)], atomic=True)
    assert results[0].result.limit_minor == entry > 0


def test_ids_are_not_used_up_by_what_was_undone(client, day):
    """Members opened in an undone batch are not there; the next ones get ids of their own."""
    items = [client.item("open_member", ledger_id=day.ledger_id, kind="MEMBER_KIND_USER",
                         platform_member_id="X1"),
             client.item("pay", **pay_fields(day, amount=1_000_000))]
    assert client.batch_outcomes(items, atomic=True) == ["BATCH_ABORTED", "INSUFFICIENT_AVAILABLE"]
    with pytest.raises(grpc.RpcError):
        client.get_member(day.ledger_id, platform_member_id="X1")
    made = client.command("open_member", ledger_id=day.ledger_id, kind="MEMBER_KIND_USER",
                          platform_member_id="X1")
    assert client.get_member(day.ledger_id, platform_member_id="X1").member_id == made.member_id


def test_dry_run_tells_and_changes_nothing(client, day):
    request = client.request("pay", dry_run=True, **pay_fields(day))
    answer = client.send("pay", request).result
    assert answer.dry_run and answer.sequence == 0 and not answer.replayed
    poor = client.request("pay", dry_run=True, **pay_fields(day, amount=1_000_000))
    assert client.send("pay", poor, expect="INSUFFICIENT_AVAILABLE").result.dry_run
    items = [client.item("pay", **pay_fields(day, amount=60_000)) for _ in range(2)]
    assert client.batch_outcomes(items, dry_run=True) == ["ACCEPTED", "INSUFFICIENT_AVAILABLE"]
    assert client.available(day.ledger_id, day.accounts[1]) == 0
    assert client.find_command(key=request.key) is None
    request.dry_run = False
    assert not client.send("pay", request).result.replayed


def test_batch_of_the_largest_size_and_one_more(client, day):
    items = [client.item("pay", **pay_fields(day, amount=1)) for _ in range(8_001)]
    with pytest.raises(grpc.RpcError) as caught:
        client.batch(items)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert set(client.batch_outcomes(items[:8_000])) == {"ACCEPTED"}
    assert client.available(day.ledger_id, day.accounts[1]) == 8_000


MALFORMED = [
    # field named in the details, change of a good payment
    ("key", {"key": None}),
    ("key.serial", {"serial": ""}),
    ("key.serial", {"serial": "x" * 33}),
    ("key.serial", {"serial": "a b"}),
    ("key.channel", {"channel": "x" * 17}),
    ("key.business_date", {"date": 20230229}),
    ("ledger_id", {"ledger_id": 0}),
    ("payees", {"payees": []}),
    ("payees[0].amount_minor", {"payees": [(9, 0)]}),
    ("payees[0].amount_minor", {"payees": [(9, -1)]}),
    ("payees[1].amount_minor", {"payees": [(9, 1), (10, 10**16 + 1)]}),
    ("payees[0].account_id", {"payees": [(-5, 1)]}),
    ("payees[2].account_id", {"payees": [(9, 1), (10, 1), (9, 1)]}),
    ("payees[100]", {"payees": [(n, 1) for n in range(1, 102)]}),
    ("fee_minor", {"fee_minor": -1}),
    ("payer_account_id", {"payer_account_id": 0}),
    ("order_number", {"order_number": "x" * 65}),
    ("remark", {"remark": "字" * 257}),
    ("remark", {"remark": "a\0b"}),
]


@pytest.mark.parametrize("field, change", MALFORMED)
def test_malformed_request_names_its_field_and_leaves_no_trace(client, day, field, change):
    request = client.request("pay", **pay_fields(day))
    for name, value in change.items():
        if name == "key":
            request.ClearField("key")
        elif name == "date":
            request.key.business_date = value
        elif name in ("serial", "channel"):
            setattr(request.key, name, value)
        elif name == "payees":
            request.ClearField("payees")
            for account, amount in value:
                request.payees.add(account_id=account, amount_minor=amount)
        else:
            setattr(request, name, value)
    before = client.tie_out(day.ledger_id).as_of_sequence
    with pytest.raises(grpc.RpcError) as caught:
        client.send("pay", request)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert field.encode() in details
    # In a batch the whole batch is refused, and the item is named.
    with pytest.raises(grpc.RpcError) as caught:
        client.batch([client.item("pay", **pay_fields(day)),
                      client.protos.funds.BatchItem(pay=request)])
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert b"items[1]" in details and field.encode() in details
    assert client.tie_out(day.ledger_id).as_of_sequence == before


def test_what_is_decided_in_one_go_is_bounded(client):
    """40,000 amounts and records: beyond that nothing is decided, and the keys stay free."""
    shop = client.open_platform(7019, accounts=61)
    client.command("book_receipt", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                   amount_minor=100_000)
    payees = [(account, 1) for account in shop.accounts[1:]]
    items = [client.item("pay", ledger_id=shop.ledger_id, payer_account_id=shop.accounts[0],
                         payees=payees) for _ in range(700)]
    for fields in ({"atomic": True}, {"dry_run": True}):
        with pytest.raises(grpc.RpcError) as caught:
            client.batch(items, **fields)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, fields
        details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
        assert b"BATCH_TOO_LARGE" in details and b"items" in details
    assert client.batch_outcomes(items[:2], atomic=True) == ["ACCEPTED"] * 2
    assert not client.batch(items[2:3])[0].result.replayed


def test_two_items_with_one_key_are_malformed(client, day):
    item = client.item("pay", **pay_fields(day))
    with pytest.raises(grpc.RpcError) as caught:
        client.batch([item, item])
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert client.find_command(key=item.pay.key) is None


def test_refusal_names_the_number_that_decided_it(client, day):
    """The same in the first answer, in a replay when the balance is another, and in the journal."""
    account = day.accounts[0]
    available = client.available(day.ledger_id, account)
    request = client.request("charge_fee", ledger_id=day.ledger_id, account_id=account,
                             amount_minor=available + 1)
    first = client.send("charge_fee", request, "INSUFFICIENT_AVAILABLE").result
    assert first.limit_minor == available > 0
    client.command("charge_fee", ledger_id=day.ledger_id, account_id=account, amount_minor=1)
    again = client.send("charge_fee", request, "INSUFFICIENT_AVAILABLE").result
    assert again.replayed and again.limit_minor == available
    entry = client.find_command(sequence=first.sequence)
    assert entry.limit_minor == available
    assert entry.charge_fee.amount_minor == available + 1
    other = client.request("charge_fee", key=request.key, ledger_id=day.ledger_id,
                           account_id=account, amount_minor=available)
    conflict = client.send("charge_fee", other, "KEY_CONFLICT").result
    assert conflict.field == "amount_minor" and conflict.limit_minor == 0
