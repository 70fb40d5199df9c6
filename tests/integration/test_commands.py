"""Every command and every read of live state, end to end over gRPC.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from client import DATE

pytestmark = pytest.mark.usefixtures("checked")


def test_money_comes_in_moves_and_goes_out(client):
    """One day: receipts, interest, a payment with fee, a fee, withdrawals of every ending.

    Nothing is charged for a payout that failed: its fee comes back with it. One that returned was
    the bank's work: its fee stays.
    """
    day = client.open_platform(6001)
    ledger, (anna, bert) = day.ledger_id, day.accounts
    escrow, fee = day.control.escrow_account_id, day.control.fee_account_id

    by_number = client.command("book_receipt", ledger_id=ledger, amount_minor=100_000,
                               receiving_number=day.receiving_numbers[0])
    assert by_number.account_id == anna
    client.command("book_interest", ledger_id=ledger, account_id=anna, amount_minor=7)
    client.command("pay", ledger_id=ledger, payer_account_id=anna,
                   payees=[(bert, 30_000)], fee_minor=100, order_number="O-1", remark="first")
    client.command("charge_fee", ledger_id=ledger, account_id=bert, amount_minor=50)
    assert client.balances(ledger, anna, bert, fee, escrow) == [
        (69_907, 0, 0, 0), (29_950, 0, 0, 0), (150, 0, 0, 0), (-100_007, 0, 0, 0)]

    outside = client.command("withdraw", ledger_id=ledger, account_id=anna, amount_minor=100,
                             fee_minor=3, fee_mode="FEE_MODE_OUTSIDE").payout_id
    inside = client.command("withdraw", ledger_id=ledger, account_id=anna, amount_minor=100,
                            fee_minor=3, fee_mode="FEE_MODE_INSIDE").payout_id
    free = client.command("withdraw", ledger_id=ledger, account_id=anna,
                          amount_minor=1_000).payout_id
    assert [client.get_payout(ledger, payout).amount_minor for payout in (outside, inside, free)
            ] == [100, 97, 1_000]
    assert client.balances(ledger, anna, fee) == [
        (69_907 - 103 - 100 - 1_000, 0, 1_197, 0), (156, 0, 0, 0)]
    assert client.get_ledger(ledger).open_payout_count == 3

    client.command("confirm_payout", ledger_id=ledger, payout_id=outside,
                   result="PAYOUT_RESULT_PAID", bank_reference="B-1")
    client.command("confirm_payout", ledger_id=ledger, payout_id=inside,
                   result="PAYOUT_RESULT_FAILED", reason="account closed")
    client.command("confirm_payout", ledger_id=ledger, payout_id=free, result="PAYOUT_RESULT_PAID")
    client.command("confirm_payout", ledger_id=ledger, payout_id=free,
                   result="PAYOUT_RESULT_RETURNED")
    assert client.balances(ledger, anna, escrow, fee) == [
        (69_907 - 103, 0, 0, 0), (-100_007 + 100, 0, 0, 0), (153, 0, 0, 0)]
    proof = client.tie_out(ledger)
    assert proof.balanced and proof.difference_minor == 0
    assert proof.escrow_book_minor == 99_907 == proof.available_minor
    assert client.get_ledger(ledger).open_payout_count == 0


def test_receipt_for_nobody_is_kept_in_unallocated(client):
    day = client.open_platform(6002, accounts=1)
    wrong = day.receiving_numbers[0][:-1] + str((int(day.receiving_numbers[0][-1]) + 1) % 10)
    answer = client.command("book_receipt", expect="ACCEPTED_UNALLOCATED", amount_minor=500,
                            ledger_id=day.ledger_id, receiving_number=wrong)
    assert answer.account_id == day.control.unallocated_account_id
    assert client.available(day.ledger_id, day.control.unallocated_account_id) == 500
    assert client.tie_out(day.ledger_id).balanced


def test_members_and_accounts_open_and_close(client):
    day = client.open_platform(6003, accounts=1)
    ledger, account, member = day.ledger_id, day.accounts[0], day.members[0]
    client.command("open_member", expect="PLATFORM_MEMBER_ID_TAKEN", ledger_id=ledger,
                   kind="MEMBER_KIND_MERCHANT", platform_member_id="U0")
    seen = client.get_member(ledger, platform_member_id="U0")
    assert (seen.member_id, list(seen.account_ids)) == (member, [account])
    assert client.get_member(ledger, member_id=member) == seen
    by_number = client.get_account(ledger, receiving_number=day.receiving_numbers[0])
    assert by_number == client.get_account(ledger, account_id=account)
    assert by_number.member_id == member

    client.command("book_receipt", ledger_id=ledger, account_id=account, amount_minor=10)
    client.command("close_account", expect="ACCOUNT_NOT_EMPTY", ledger_id=ledger,
                   account_id=account)
    client.command("close_member", expect="MEMBER_HAS_OPEN_ACCOUNTS", ledger_id=ledger,
                   member_id=member)
    client.command("charge_fee", ledger_id=ledger, account_id=account, amount_minor=10)
    client.command("close_account", ledger_id=ledger, account_id=account)
    client.command("close_account", expect="ACCOUNT_CLOSED", ledger_id=ledger, account_id=account)
    client.command("close_member", ledger_id=ledger, member_id=member)
    client.command("open_account", expect="MEMBER_CLOSED", ledger_id=ledger, member_id=member)
    assert client.get_ledger(ledger).open_member_count == 0


def test_restrictions_of_two_owners_are_two(client):
    """Each lifts its own; another's is lifted by two persons; the account names them."""
    day = client.open_platform(6014)
    ledger, (anna, bert) = day.ledger_id, day.accounts
    client.command("book_receipt", ledger_id=ledger, account_id=anna, amount_minor=1_000)
    pay = {"ledger_id": ledger, "payer_account_id": anna, "payees": [(bert, 1)]}

    def restrict(channel, expect="ACCEPTED", **fields):
        return client.command("restrict_account", expect, key=client.key(channel=channel),
                              ledger_id=ledger, account_id=anna, **fields).result.sequence

    def owners():
        account = client.get_account(ledger, account_id=anna)
        assert account.no_in == any(one.no_in for one in account.restrictions)
        assert account.no_out == any(one.no_out for one in account.restrictions)
        return [(one.owner, one.no_in, one.no_out) for one in account.restrictions]

    restrict("COURT", no_out=True)
    restrict("RISK", no_in=True, no_out=True)
    assert owners() == [("RISK", True, True), ("COURT", False, True)]
    restrict("RISK")
    assert owners() == [("COURT", False, True)]
    client.command("pay", expect="ACCOUNT_RESTRICTED_OUT", **pay)
    restrict("RISK", "RESTRICTION_NOT_FOUND")
    restrict("OPS", "RESTRICTION_OF_ANOTHER", owner="COURT", no_in=True)
    restrict("OPS", "APPROVAL_NEEDED", owner="COURT")
    client.by_two("restrict_account", ledger_id=ledger, account_id=anna, owner="COURT")
    assert owners() == []
    client.command("pay", **pay)


def test_restricted_account_takes_and_gives_nothing(client):
    day = client.open_platform(6004)
    ledger, (anna, bert) = day.ledger_id, day.accounts
    client.command("book_receipt", ledger_id=ledger, account_id=anna, amount_minor=1_000)
    payout = client.command("withdraw", ledger_id=ledger, account_id=anna,
                            amount_minor=100).payout_id
    pay = {"ledger_id": ledger, "payer_account_id": anna, "payees": [(bert, 1)]}
    client.command("restrict_account", ledger_id=ledger, account_id=anna, no_out=True,
                   reason="asked by the desk")
    client.command("pay", expect="ACCOUNT_RESTRICTED_OUT", **pay)
    client.command("withdraw", expect="ACCOUNT_RESTRICTED_OUT", ledger_id=ledger, account_id=anna,
                   amount_minor=1)
    client.command("confirm_payout", ledger_id=ledger, payout_id=payout,
                   result="PAYOUT_RESULT_PAID")
    client.command("restrict_account", ledger_id=ledger, account_id=bert, no_in=True)
    client.command("restrict_account", ledger_id=ledger, account_id=anna)
    client.command("pay", expect="ACCOUNT_RESTRICTED_IN", **pay)
    client.command("restrict_account", ledger_id=ledger, account_id=bert)
    client.command("pay", **pay)
    assert client.balances(ledger, anna, bert) == [(899, 0, 0, 0), (1, 0, 0, 0)]


def test_one_payment_to_many(client):
    """A hundred payees in one command: every line, one refusal for all, and the entry as asked."""
    day = client.open_platform(6017, accounts=102)
    ledger, (payer, *payees) = day.ledger_id, day.accounts
    client.command("book_receipt", ledger_id=ledger, account_id=payer, amount_minor=10_000)
    shares = [(payee, number) for number, payee in enumerate(payees[:100], 1)]
    request = client.request("pay", ledger_id=ledger, payer_account_id=payer, payees=shares,
                             fee_minor=50)
    answer = client.send("pay", request).result
    assert [balance[0] for balance in client.balances(ledger, payer, *payees)] == [
        10_000 - 5_050 - 50, *range(1, 101), 0]
    entry = client.find_command(sequence=answer.sequence)
    assert entry.pay == request and entry.subject_id == payees[0]
    assert [(one.line, one.amount_minor, one.credit_account_id) for one in entry.postings] == [
        *((number, number, payee) for payee, number in shares),
        (101, 50, day.control.fee_account_id)]
    lines = client.statement(ledger, payer, page_size=1_000)
    assert len([line for line in lines if line.sequence == answer.sequence]) == 101
    # A change deep in the list is named, and the same content is the same answer.
    changed = client.request("pay", key=request.key, ledger_id=ledger, payer_account_id=payer,
                             payees=[*shares[:73], (payees[73], 1), *shares[74:]], fee_minor=50)
    conflict = client.send("pay", changed, expect="KEY_CONFLICT").result
    assert conflict.field == "payees[73].amount_minor"
    assert client.send("pay", request).result.replayed
    # One that cannot be paid refuses all; so does a sum that is one unit too large.
    client.command("restrict_account", ledger_id=ledger, account_id=payees[99], no_in=True)
    client.command("pay", expect="ACCOUNT_RESTRICTED_IN", ledger_id=ledger, payer_account_id=payer,
                   payees=shares)
    client.command("pay", expect="INSUFFICIENT_AVAILABLE", ledger_id=ledger,
                   payer_account_id=payer, payees=[(payees[0], 4_000), (payees[1], 901)])
    assert client.available(ledger, payer) == 4_900
    assert client.tie_out(ledger).balanced


def test_ledger_opens_cuts_its_day_and_closes(client):
    day = client.open_platform(6005, accounts=0)
    ledger = day.ledger_id
    client.command("open_ledger", expect="RECEIVING_PREFIX_TAKEN", platform_name="Other",
                   escrow_account_number="2", currency="CNY", receiving_prefix="6005",
                   first_accounting_date=DATE)
    client.command("cut_day", expect="ACCOUNTING_DATE_NOT_LATER", ledger_id=ledger,
                   accounting_date=DATE)
    # Nobody gets to 2062 by a typing error, and no further than ten days alone.
    client.command("open_ledger", "ACCOUNTING_DATE_TOO_FAR", platform_name="Other",
                   escrow_account_number="2", currency="CNY", receiving_prefix="6006",
                   first_accounting_date=20620301)
    client.command("cut_day", "ACCOUNTING_DATE_TOO_FAR", ledger_id=ledger,
                   accounting_date=20620301)
    # From a Thursday one person cuts over the Friday, and no further; two do.
    for date in (20240304, 20240401):
        refused = client.command("cut_day", "APPROVAL_NEEDED", ledger_id=ledger,
                                 accounting_date=date)
        assert refused.result.limit_minor == 20240303
    cut = client.command("cut_day", ledger_id=ledger, accounting_date=20240301)
    assert cut.result.accounting_date == 20240301
    seen = client.get_ledger(ledger)
    assert (seen.accounting_date, seen.oldest_business_date) == (20240301, DATE)
    assert seen.control_accounts == day.control
    client.command("close_ledger", ledger_id=ledger)
    client.command("open_member", expect="LEDGER_CLOSED", ledger_id=ledger,
                   kind="MEMBER_KIND_USER", platform_member_id="late")
    listed = client.ledger.ListLedgers(client.protos.ledger.ListLedgersRequest()).ledgers
    assert [(one.ledger_id, one.status) for one in listed] == [(ledger, 2)]


REFUSALS = [
    # outcome, command, fields; {a}, {b}: accounts with 100 and nothing, {fee}: a control account
    ("LEDGER_NOT_FOUND", "charge_fee", {"ledger_id": 99, "account_id": "{a}", "amount_minor": 1}),
    ("ACCOUNT_NOT_FOUND", "charge_fee", {"account_id": 999_999, "amount_minor": 1}),
    ("NOT_A_MEMBER_ACCOUNT", "charge_fee", {"account_id": "{fee}", "amount_minor": 1}),
    ("MEMBER_NOT_FOUND", "open_account", {"member_id": 999}),
    ("MEMBER_NOT_FOUND", "close_member", {"member_id": 999}),
    ("ACCOUNT_NOT_FOUND", "close_account", {"account_id": 999}),
    ("ACCOUNT_NOT_FOUND", "book_receipt", {"account_id": 999, "amount_minor": 1}),
    ("ACCOUNT_NOT_FOUND", "book_interest", {"account_id": 999, "amount_minor": 1}),
    ("PAYEE_ACCOUNT_NOT_FOUND", "pay",
     {"payer_account_id": "{a}", "payees": [("{b}", 1), (999, 1)]}),
    ("SAME_ACCOUNT", "pay",
     {"payer_account_id": "{a}", "payees": [("{a}", 1)]}),
    ("INSUFFICIENT_AVAILABLE", "pay",
     {"payer_account_id": "{a}", "payees": [("{b}", 101)]}),
    ("INSUFFICIENT_AVAILABLE", "pay",
     {"payer_account_id": "{a}", "payees": [("{b}", 100)], "fee_minor": 1}),
    ("INSUFFICIENT_AVAILABLE", "charge_fee", {"account_id": "{b}", "amount_minor": 1}),
    ("INSUFFICIENT_AVAILABLE", "withdraw",
     {"account_id": "{a}", "amount_minor": 100, "fee_minor": 1, "fee_mode": "FEE_MODE_OUTSIDE"}),
    ("FEE_NOT_BELOW_AMOUNT", "withdraw",
     {"account_id": "{a}", "amount_minor": 5, "fee_minor": 5, "fee_mode": "FEE_MODE_INSIDE"}),
    ("PAYOUT_NOT_FOUND", "confirm_payout", {"payout_id": 77, "result": "PAYOUT_RESULT_PAID"}),
    ("LEDGER_NOT_EMPTY", "close_ledger", {}),
]


def test_refusals_are_recorded_and_never_flip(client):
    """Each refusal is in the journal, moves nothing, and a retry after its reason has gone gets it
    again."""
    day = client.open_platform(6006)
    anna, bert = day.accounts
    names = {"{a}": anna, "{b}": bert, "{fee}": day.control.fee_account_id}
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=anna, amount_minor=100)
    sent = []
    for outcome, command, fields in REFUSALS:
        fields = {name: names.get(value, value) if name != "payees" else
                  [(names.get(account, account), amount) for account, amount in value]
                  for name, value in fields.items()}
        request = client.request(command, **{"ledger_id": day.ledger_id, **fields})
        answer = client.send(command, request, expect=outcome)
        assert answer.result.text and answer.result.sequence > 0
        # Anything but "with the same key": that one is used up.
        assert answer.result.retry in {1, 3, 4}
        entry = client.find_command(key=request.key)
        assert client.protos.outcome_name(entry.outcome) == outcome and not entry.postings
        sent.append((outcome, command, request, answer.result))
    assert client.balances(day.ledger_id, anna, bert) == [(100, 0, 0, 0), (0, 0, 0, 0)]

    client.command("book_receipt", ledger_id=day.ledger_id, account_id=anna, amount_minor=10_000)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=bert, amount_minor=10_000)
    for outcome, command, request, first in sent:
        again = client.send(command, request, expect=outcome).result
        assert again.replayed and again.sequence == first.sequence
        assert again.recorded_at_us == first.recorded_at_us and again.text == first.text
    assert client.balances(day.ledger_id, anna, bert) == [(10_100, 0, 0, 0), (10_000, 0, 0, 0)]


def test_payout_endings_in_every_order(client):
    """{status} x {result}: what is accepted, what is refused, and with what."""
    day = client.open_platform(6007, accounts=1)
    ledger, account = day.ledger_id, day.accounts[0]
    client.command("book_receipt", ledger_id=ledger, account_id=account, amount_minor=10_000)
    paths = {
        (): {"PAID": "ACCEPTED", "FAILED": "ACCEPTED", "RETURNED": "PAYOUT_NOT_PAID"},
        ("PAID",): {"PAID": "PAYOUT_ALREADY_PAID", "FAILED": "PAYOUT_ALREADY_PAID",
                    "RETURNED": "ACCEPTED"},
        ("FAILED",): {result: "PAYOUT_ALREADY_FAILED" for result in ("PAID", "FAILED", "RETURNED")},
        ("PAID", "RETURNED"): {
            result: "PAYOUT_ALREADY_RETURNED" for result in ("PAID", "FAILED", "RETURNED")},
    }
    for path, endings in paths.items():
        for result, outcome in endings.items():
            payout = client.command("withdraw", ledger_id=ledger, account_id=account,
                                    amount_minor=10).payout_id
            for step in path:
                client.command("confirm_payout", ledger_id=ledger, payout_id=payout,
                               result="PAYOUT_RESULT_" + step)
            client.command("confirm_payout", expect=outcome, ledger_id=ledger, payout_id=payout,
                           result="PAYOUT_RESULT_" + result)
    assert client.tie_out(ledger).balanced


READS_OF_NOTHING = [
    ("ledger", "GetLedger", {"ledger_id": 99}),
    ("ledger", "GetTieOut", {"ledger_id": 99}),
    ("member", "GetMember", {"ledger_id": 1, "member_id": 99}),
    ("member", "GetMember", {"ledger_id": 1, "platform_member_id": "nobody"}),
    ("account", "GetAccount", {"ledger_id": 1, "account_id": 99}),
    ("account", "GetBalances", {"ledger_id": 1, "account_ids": [1, 99]}),
    ("account", "ListStatementLines", {"ledger_id": 1, "account_id": 99}),
    ("funds", "GetPayout", {"ledger_id": 1, "payout_id": 99}),
    ("funds", "QuoteWithdraw", {"ledger_id": 1, "account_id": 99}),
    ("fee", "GetFeeRule", {"ledger_id": 1, "name": "none"}),
    ("fee", "QuoteFee", {"ledger_id": 1, "fee_rule": "none", "amount_minor": 1}),
    ("hold", "GetHold", {"ledger_id": 1, "hold_id": 99}),
    ("freeze", "GetFreeze", {"ledger_id": 1, "freeze_id": 99}),
    ("freeze", "GetFrozen", {"ledger_id": 1, "account_id": 99}),
    ("correction", "GetAdjustment", {"ledger_id": 1, "adjustment_id": 99}),
    ("order", "GetOrder", {"ledger_id": 1, "order_number": "none"}),
    ("funds", "ListPayouts", {"ledger_id": 99}),
    ("journal", "GetCommand", {"sequence": 999_999}),
    ("journal", "ListCommands", {"ledger_id": 1, "account_id": 99}),
]


def test_reads_of_what_is_not_there_are_not_found(client):
    day = client.open_platform(6008)
    assert day.ledger_id == 1
    for service, method, fields in READS_OF_NOTHING:
        with pytest.raises(grpc.RpcError) as caught:
            client.read(service, method, **fields)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND, f"{method} {fields}"
        # The message names the field, too: many see nothing else.
        said = caught.value.details()
        assert any(name in said for name in [*fields, "ledger_id"]), f"{method}: {said}"


def test_ledgers_do_not_see_each_other(client):
    """An account, member or payout of one ledger does not exist in another."""
    one = client.open_platform(6009)
    two = client.open_platform(6010)
    client.command("book_receipt", ledger_id=one.ledger_id, account_id=one.accounts[0],
                   amount_minor=100)
    payout = client.command("withdraw", ledger_id=one.ledger_id, account_id=one.accounts[0],
                            amount_minor=10).payout_id
    client.command("pay", expect="PAYEE_ACCOUNT_NOT_FOUND", ledger_id=one.ledger_id,
                   payer_account_id=one.accounts[0], payees=[(two.accounts[0], 1)])
    client.command("charge_fee", expect="ACCOUNT_NOT_FOUND", ledger_id=two.ledger_id,
                   account_id=one.accounts[0], amount_minor=1)
    client.command("confirm_payout", expect="PAYOUT_NOT_FOUND", ledger_id=two.ledger_id,
                   payout_id=payout, result="PAYOUT_RESULT_PAID")
    client.command("open_account", expect="MEMBER_NOT_FOUND", ledger_id=two.ledger_id,
                   member_id=one.members[0])
    client.command("book_receipt", expect="ACCEPTED_UNALLOCATED", ledger_id=two.ledger_id,
                   receiving_number=one.receiving_numbers[0], amount_minor=5)
    assert client.tie_out(one.ledger_id).escrow_book_minor == 100
    assert client.tie_out(two.ledger_id).escrow_book_minor == 5


def pages_of(client, service, method, page_size, **fields):
    """What the pages of a list have, and how many pages there were."""
    records, pages = [], 0
    for page in client.pages(service, method, page_size=page_size, **fields):
        found = getattr(page, page.DESCRIPTOR.fields[0].name)
        assert len(found) <= page_size
        records.extend(found)
        pages += 1
    return records, pages


def test_members_and_accounts_are_listed(server):
    """By ledger, though ids are given over all of them; with every filter; as they are singly."""
    client = server.connect()
    one, other = client.open_platform(8711, accounts=3), client.open_platform(8712, accounts=2)
    shop = client.command("open_member", ledger_id=one.ledger_id, kind="MEMBER_KIND_MERCHANT",
                          platform_member_id="shop").member_id
    account = client.command("open_account", ledger_id=one.ledger_id, member_id=shop).account_id
    client.command("close_account", ledger_id=one.ledger_id, account_id=account)
    client.command("close_member", ledger_id=one.ledger_id, member_id=shop)
    client.command("book_receipt", ledger_id=one.ledger_id, account_id=one.accounts[1],
                   amount_minor=700)
    client.command("restrict_account", ledger_id=one.ledger_id, account_id=one.accounts[1],
                   no_out=True)

    def members(**fields):
        found, _ = pages_of(client, "member", "ListMembers", 2, **fields)
        return [member.member_id for member in found]

    assert members(ledger_id=one.ledger_id) == [*one.members, shop]
    assert members(ledger_id=other.ledger_id) == other.members
    assert members(ledger_id=one.ledger_id, kind="MEMBER_KIND_MERCHANT") == [shop]
    assert members(ledger_id=one.ledger_id, status="MEMBER_STATUS_OPEN") == one.members
    assert members(ledger_id=one.ledger_id, status="MEMBER_STATUS_CLOSED",
                   kind="MEMBER_KIND_USER") == []

    def accounts(ledger=one, **fields):
        found, _ = pages_of(client, "account", "ListAccounts", 3, ledger_id=ledger.ledger_id,
                            **fields)
        for record in found:
            single = client.read("account", "GetAccount", ledger_id=ledger.ledger_id,
                                 account_id=record.account_id).account
            single.ClearField("restrictions")
            single.ClearField("assets")
            assert record == single
        return [record.account_id for record in found]

    control = [one.control.escrow_account_id + number for number in range(6)]
    assert accounts() == [*control, *one.accounts, account]
    assert len(accounts(other)) == 6 + 2
    assert accounts(kind="ACCOUNT_KIND_MEMBER", status="ACCOUNT_STATUS_OPEN") == one.accounts
    assert accounts(kind="ACCOUNT_KIND_FEE") == [one.control.fee_account_id]
    assert accounts(member_id=shop) == [account]
    assert accounts(member_id=other.members[0]) == []
    assert accounts(restricted_only=True) == [one.accounts[1]]
    _, pages = pages_of(client, "account", "ListAccounts", 1, ledger_id=one.ledger_id)
    assert pages == 10
    with pytest.raises(grpc.RpcError) as caught:
        client.read("account", "ListAccounts", ledger_id=one.ledger_id, kind=99)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
