"""Reads of terms, fee rules, quotes, payouts, holds, freezes, debts and adjustments.

SPDX-License-Identifier: Apache-2.0
"""
import time

import grpc
import pytest

from client import DATE

NEXT_DATE = 20240301
FAR_US = (time.time_ns() // 1000) + 86_400_000_000


@pytest.fixture(name="client")
def fixture_client(server):
    """A client of a server."""
    return server.connect()


def open_platform(client, prefix, accounts=3, amount_minor=1_000):
    """A platform whose first account has money."""
    platform = client.open_platform(prefix, accounts=accounts)
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=amount_minor)
    return platform


def set_fee_rule(client, ledger_id, name="base", date=DATE, tiers=({"rate_ppm": 10_000},),
                 **fields):
    """Makes a version of a fee rule; its id."""
    return client.command(
        "set_fee_rule", ledger_id=ledger_id, name=name, effective_date=date,
        rounding="FEE_ROUNDING_HALF_UP", refund="FEE_REFUND_NONE",
        on_payout_failed="PAYOUT_FEE_BACK", on_payout_returned="PAYOUT_FEE_KEPT", tiers=tiers,
        **fields).fee_rule_id


def refused(code, field, read):
    """Checks the status of a read that is refused, and the field that it is refused for."""
    with pytest.raises(grpc.RpcError) as caught:
        read()
    assert caught.value.code() == code, caught.value
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert field.encode() in details


def not_found(field, read):
    """The record of that field does not exist."""
    refused(grpc.StatusCode.NOT_FOUND, field, read)


def test_terms(client):
    """A ledger shows its terms from the first moment on."""
    platform = client.open_platform(8501, accounts=0)
    terms = client.get_ledger(platform.ledger_id).terms
    assert (terms.HasField("own_account"), terms.advance_refunds, terms.payout_return_days) == (
        False, False, 30)
    client.command("set_terms", ledger_id=platform.ledger_id, own_account=client.party(),
                   advance_refunds=True, payout_return_days=7)
    terms = client.get_ledger(platform.ledger_id).terms
    assert terms.own_account == client.party("********n", "621626*********0018")
    assert (terms.advance_refunds, terms.payout_return_days) == (True, 7)
    client.command("set_terms", ledger_id=platform.ledger_id, own_account={},
                   advance_refunds=False, payout_return_days=0)
    terms = client.get_ledger(platform.ledger_id).terms
    assert (terms.HasField("own_account"), terms.advance_refunds, terms.payout_return_days) == (
        False, False, 30)


def test_fee_rules_and_quotes(client):
    """Versions by name, number and date; a quote tells every leg; its command keeps them."""
    platform = open_platform(client, 8502)
    ledger, accounts = platform.ledger_id, platform.accounts
    other = client.open_platform(8503, accounts=0).ledger_id
    share = client.command("open_fee_account", ledger_id=ledger, purpose="channel").account_id
    fee = platform.control.fee_account_id
    first = set_fee_rule(client, ledger)
    foreign = set_fee_rule(client, other)
    later = set_fee_rule(client, ledger, date=NEXT_DATE, tiers=[
        {"flat_minor": 1}, {"from_minor": 100, "rate_ppm": 20_000, "minimum_minor": 2}],
        shares=[{"account_id": fee, "share_ppm": 666_667},
                {"account_id": share, "share_ppm": 333_333}])
    future = set_fee_rule(client, ledger, name="future", date=NEXT_DATE)

    def get(name, version=0):
        return client.read("fee", "GetFeeRule", ledger_id=ledger, name=name,
                           version=version).fee_rule

    def quote(amount_minor, name="base"):
        answer = client.read("fee", "QuoteFee", ledger_id=ledger, fee_rule=name,
                             amount_minor=amount_minor)
        return (answer.fee_minor, answer.fee_rule_version,
                [(leg.account_id, leg.amount_minor) for leg in answer.legs])

    assert (get("base").fee_rule_id, get("base", 1).fee_rule_id) == (first, first)
    assert (get("base", 2).fee_rule_id, get("future", 1).fee_rule_id) == (later, future)
    assert [(t.from_minor, t.flat_minor, t.rate_ppm, t.minimum_minor)
            for t in get("base", 2).tiers] == [(0, 1, 0, 0), (100, 0, 20_000, 2)]
    not_found("version", lambda: get("base", 3))
    not_found("name", lambda: get("nothing"))
    not_found("name", lambda: get("future"))
    not_found("fee_rule", lambda: quote(1, "nothing"))
    not_found("fee_rule", lambda: quote(1, "future"))
    not_found("ledger_id", lambda: client.read(
        "fee", "GetFeeRule", ledger_id=999, name="base"))
    assert quote(150) == (2, 1, [(fee, 2)])
    paid = client.command("pay", ledger_id=ledger, payer_account_id=accounts[0],
                          payees=[(accounts[1], 150)], fee_rule="base").result
    assert (paid.fee_minor, paid.fee_rule_version) == (2, 1)
    client.command("cut_day", ledger_id=ledger, accounting_date=NEXT_DATE)
    assert quote(50) == (1, 2, [(fee, 1), (share, 0)])
    assert quote(150) == (3, 2, [(fee, 3), (share, 0)])
    assert quote(200) == (4, 2, [(fee, 3), (share, 1)])
    request = client.request("pay", ledger_id=ledger, payer_account_id=accounts[0],
                             payees=[(accounts[1], 200)], fee_rule="base")
    for is_replay in (False, True):
        result = client.send("pay", request).result
        assert (result.replayed, result.fee_minor, result.fee_rule_version) == (is_replay, 4, 2)
    assert client.available(ledger, share) == 1
    request = client.request("pay", ledger_id=ledger, payer_account_id=accounts[0], dry_run=True,
                             payees=[(accounts[1], 200)], fee_rule="base")
    assert client.send("pay", request).result.fee_minor == 4

    page = client.read("fee", "ListFeeRules", ledger_id=ledger, page_size=2)
    assert [rule.fee_rule_id for rule in page.fee_rules] == [first, later]
    page = client.read("fee", "ListFeeRules", ledger_id=ledger, after_id=page.next_after_id)
    assert [rule.fee_rule_id for rule in page.fee_rules] == [future]
    assert page.next_after_id == 0
    assert [rule.fee_rule_id for rule in client.read(
        "fee", "ListFeeRules", ledger_id=other).fee_rules] == [foreign]


def test_quotes_of_withdrawals(client):
    """Balance 100, fee 3: what can leave, and why not more; Withdraw agrees."""
    platform = open_platform(client, 8504, amount_minor=100)
    ledger, accounts = platform.ledger_id, platform.accounts
    set_fee_rule(client, ledger, tiers=[{"flat_minor": 3}])
    client.command("book_receipt", ledger_id=ledger, account_id=accounts[1], amount_minor=2)

    def quote(**fields):
        answer = client.read("funds", "QuoteWithdraw", ledger_id=ledger,
                             account_id=fields.pop("account_id", accounts[0]), **fields)
        limit = client.protos.payout.WithdrawLimit.Name(answer.limit)
        return (answer.amount_minor, answer.fee_minor, answer.arrives_minor,
                limit.removeprefix("WITHDRAW_LIMIT_"))

    assert quote() == (100, 0, 100, "UNSPECIFIED")
    for fee in ({"fee_minor": 3}, {"fee_rule": "base"}):
        assert quote(fee_mode="FEE_MODE_OUTSIDE", **fee) == (97, 3, 97, "FEE")
        assert quote(fee_mode="FEE_MODE_INSIDE", **fee) == (100, 3, 97, "UNSPECIFIED")
        assert quote(fee_mode="FEE_MODE_BORNE_BY_ANOTHER", fee_account_id=accounts[1],
                     **fee) == (0, 0, 0, "FEE_ACCOUNT")
    client.command("withdraw", "INSUFFICIENT_AVAILABLE", ledger_id=ledger, account_id=accounts[0],
                   amount_minor=98, fee_rule="base", fee_mode="FEE_MODE_OUTSIDE")
    answer = client.read("funds", "QuoteWithdraw", ledger_id=ledger, account_id=accounts[0],
                         fee_rule="base", fee_mode="FEE_MODE_OUTSIDE")
    assert (answer.available_minor, answer.withdrawable_minor, answer.fee_rule_version) == (
        100, 100, 1)
    not_found("fee_rule", lambda: quote(fee_rule="nothing", fee_mode="FEE_MODE_INSIDE"))
    not_found("account_id", lambda: quote(account_id=999))
    not_found("fee_account_id", lambda: quote(
        fee_minor=3, fee_mode="FEE_MODE_BORNE_BY_ANOTHER", fee_account_id=999))
    refused(grpc.StatusCode.FAILED_PRECONDITION, "account_id",
            lambda: quote(account_id=platform.control.interest_account_id))
    refused(grpc.StatusCode.FAILED_PRECONDITION, "fee_account_id", lambda: quote(
        fee_minor=3, fee_mode="FEE_MODE_BORNE_BY_ANOTHER", fee_account_id=accounts[0]))
    refused(grpc.StatusCode.INVALID_ARGUMENT, "fee_mode", lambda: quote(fee_minor=3))
    client.command("withdraw", ledger_id=ledger, account_id=accounts[0], amount_minor=97,
                   fee_rule="base", fee_mode="FEE_MODE_OUTSIDE")
    assert client.available(ledger, accounts[0]) == 0
    assert quote() == (0, 0, 0, "UNSPECIFIED")


def test_what_came_in_today_waits(client):
    """待转可提现: to be paid with at once, to be withdrawn from the next date on."""
    platform = open_platform(client, 8505)
    ledger, accounts = platform.ledger_id, platform.accounts
    client.command("pay", ledger_id=ledger, payer_account_id=accounts[0],
                   payees=[(accounts[1], 100)], withdrawable_next_date=True)

    def balances():
        shown = client.get_account(ledger, account_id=accounts[1]).balances
        listed = client.read("account", "GetBalances", ledger_id=ledger,
                             account_ids=[accounts[1]]).accounts[0].balances
        assert shown == listed
        return (shown.available_minor, shown.withdrawable_minor,
                shown.withdrawable_next_date_minor)

    assert balances() == (100, 0, 100)
    client.command("pay", ledger_id=ledger, payer_account_id=accounts[1],
                   payees=[(accounts[2], 40)])
    assert balances() == (60, 0, 60)
    for account in accounts[1:3]:
        client.command("withdraw", "NOT_YET_WITHDRAWABLE", ledger_id=ledger, account_id=account,
                       amount_minor=1)
    client.command("cut_day", ledger_id=ledger, accounting_date=NEXT_DATE)
    assert balances() == (60, 60, 0)


def test_payouts_and_their_pages(client):
    """Payouts by account and status; final only when nothing can become of them."""
    platform = open_platform(client, 8506)
    ledger, accounts = platform.ledger_id, platform.accounts
    client.command("book_receipt", ledger_id=ledger, account_id=accounts[1], amount_minor=10)
    ids = [client.command("withdraw", ledger_id=ledger, account_id=account, amount_minor=2,
                          order_number="W").payout_id
           for account in (accounts[0], accounts[1], accounts[0], accounts[0])]
    client.command("confirm_payout", ledger_id=ledger, payout_id=ids[0],
                   result="PAYOUT_RESULT_UNKNOWN")
    told = client.command("confirm_payout", ledger_id=ledger, payout_id=ids[1],
                          result="PAYOUT_RESULT_PAID").result.sequence
    client.command("intercept_payout", ledger_id=ledger, payout_id=ids[2])

    def listed(**fields):
        page = client.read("funds", "ListPayouts", ledger_id=ledger, **fields)
        return [payout.payout_id for payout in page.payouts], page.next_after_id

    assert listed() == (ids, 0)
    assert listed(page_size=3) == (ids[:3], ids[2])
    assert listed(page_size=3, after_id=ids[2]) == (ids[3:], 0)
    assert listed(after_id=2**62) == ([], 0)
    assert listed(account_id=accounts[1]) == ([ids[1]], 0)
    assert listed(status="PAYOUT_STATUS_UNKNOWN") == ([ids[0]], 0)
    assert listed(status="PAYOUT_STATUS_CANCELLED", account_id=accounts[1]) == ([], 0)
    payout = client.get_payout(ledger, ids[1])
    assert (payout.evidence_sequence, payout.return_until, payout.final, payout.order_number) == (
        told, 20240330, False, "W")
    assert client.get_payout(ledger, ids[2]).final
    assert not client.get_payout(ledger, ids[0]).final
    far = {"ledger_id": ledger, "accounting_date": 20240331}
    client.command("cut_day", "APPROVAL_NEEDED", **far)
    client.by_two("cut_day", **far)
    assert client.get_payout(ledger, ids[1]).final
    other = client.open_platform(8507, accounts=0).ledger_id
    not_found("payout_id", lambda: client.get_payout(other, ids[1]))
    not_found("payout_id", lambda: client.get_payout(ledger, ids[-1] + 1))


def test_holds_freezes_and_what_is_frozen(client):
    """Frozen is what is held and what is frozen for a purpose, by the names of the purposes."""
    platform = open_platform(client, 8508)
    ledger, accounts = platform.ledger_id, platform.accounts
    holds = [client.command("place_hold", ledger_id=ledger, payer_account_id=accounts[0],
                            amount_minor=amount, order_number="H",
                            expires_at_us=FAR_US + amount).hold_id for amount in (10, 20, 30)]
    freezes = [client.command("place_freeze", ledger_id=ledger, account_id=accounts[0],
                              amount_minor=amount, purpose=purpose).freeze_id
               for amount, purpose in ((1, "risk"), (2, "dispute"), (4, "risk"))]

    def frozen():
        answer = client.read("freeze", "GetFrozen", ledger_id=ledger, account_id=accounts[0])
        return (answer.frozen_minor, answer.holds_minor, [
            (one.purpose, one.frozen_minor, one.freeze_count) for one in answer.purposes])

    assert frozen() == (67, 60, [("dispute", 2, 1), ("risk", 5, 2)])
    client.command("confirm_hold", ledger_id=ledger, payer_account_id=accounts[0],
                   order_number="H", payees=[(accounts[1], 15)])
    client.command("cancel_hold", ledger_id=ledger, payer_account_id=accounts[0],
                   order_number="H", hold_id=holds[2], amount_minor=5)
    client.command("lift_freeze", ledger_id=ledger, freeze_id=freezes[1])
    assert frozen() == (45, 40, [("risk", 5, 2)])

    def listed(service, method, what, id_name, **fields):
        page = client.read(service, method, ledger_id=ledger, **fields)
        return [getattr(one, id_name) for one in getattr(page, what)], page.next_after_id

    def listed_holds(**fields):
        return listed("hold", "ListHolds", "holds", "hold_id", **fields)

    assert listed_holds() == (holds, 0)
    assert listed_holds(status="HOLD_STATUS_FINISHED") == (holds[:1], 0)
    assert listed_holds(payer_account_id=accounts[1]) == ([], 0)
    assert listed_holds(expires_before_us=FAR_US + 20) == (holds[:1], 0)
    assert listed_holds(page_size=1, after_id=holds[0]) == (holds[1:2], holds[1])
    hold = client.read("hold", "GetHold", ledger_id=ledger, hold_id=holds[1]).hold
    assert (hold.amount_minor, hold.confirmed_minor, hold.cancelled_minor, hold.held_minor) == (
        20, 5, 0, 15)

    def listed_freezes(**fields):
        return listed("freeze", "ListFreezes", "freezes", "freeze_id", **fields)

    assert listed_freezes(purpose="risk") == ([freezes[0], freezes[2]], 0)
    assert listed_freezes(status="FREEZE_STATUS_LIFTED") == ([freezes[1]], 0)
    assert listed_freezes(account_id=accounts[1]) == ([], 0)
    freeze = client.read("freeze", "GetFreeze", ledger_id=ledger, freeze_id=freezes[0]).freeze
    assert (freeze.owner, freeze.purpose, freeze.frozen_minor, freeze.expires_at_us) == (
        "TEST", "risk", 1, 0)
    not_found("hold_id", lambda: client.read("hold", "GetHold", ledger_id=ledger, hold_id=999))
    not_found("freeze_id", lambda: client.read(
        "freeze", "GetFreeze", ledger_id=ledger, freeze_id=999))
    not_found("account_id", lambda: client.read(
        "freeze", "GetFrozen", ledger_id=ledger, account_id=999))


def test_debts_and_adjustments(client):
    """Who owes the platform; who proposed and who approved."""
    platform = open_platform(client, 8509)
    ledger, accounts = platform.ledger_id, platform.accounts
    own = client.party(name="Test Market", account_number="62001")
    client.command("set_terms", ledger_id=ledger, own_account=own, advance_refunds=True)
    client.command("book_receipt", ledger_id=ledger, amount_minor=50, payer=own,
                   account_id=platform.control.platform_own_account_id)
    paid = client.command("pay", ledger_id=ledger, payer_account_id=accounts[0],
                          payees=[(accounts[1], 30)]).result.sequence
    client.command("pay", ledger_id=ledger, payer_account_id=accounts[1],
                   payees=[(accounts[2], 20)])
    given = client.command("refund", ledger_id=ledger, original_sequence=paid).result.sequence
    client.command("book_receipt", ledger_id=ledger, account_id=accounts[1], amount_minor=5)

    def debts(**fields):
        page = client.read("funds", "ListDebts", ledger_id=ledger, **fields)
        return [(debt.account_id, debt.amount_minor, debt.recovered_minor, debt.refund_sequence)
                for debt in page.debts]

    assert debts() == [(accounts[1], 20, 5, given)]
    assert debts(account_id=accounts[2]) == []
    client.command("book_receipt", ledger_id=ledger, account_id=accounts[1], amount_minor=16)
    assert debts(status="DEBT_STATUS_OPEN") == []
    assert debts(status="DEBT_STATUS_RECOVERED") == [(accounts[1], 20, 20, given)]

    assert not client.read("correction", "ListAdjustments", ledger_id=ledger).adjustments
    not_found("adjustment_id", lambda: client.read(
        "correction", "GetAdjustment", ledger_id=ledger, adjustment_id=1))


def test_pages_look_at_no_more_than_they_may(make_server, database):
    """A filter that takes nothing ends a page early, and the next one goes on there."""
    client = make_server(database.url).start().connect()
    platform = open_platform(client, 8510, amount_minor=1_000_000)
    ledger, accounts = platform.ledger_id, platform.accounts
    count = 100_500
    for first in range(0, count, 4_000):
        client.batch([client.item("place_hold", ledger_id=ledger, payer_account_id=accounts[0],
                                  amount_minor=1, order_number=f"P-{first + i}",
                                  expires_at_us=FAR_US)
                      for i in range(min(4_000, count - first))])
    page = client.read("hold", "ListHolds", ledger_id=ledger, status="HOLD_STATUS_EXPIRED")
    assert (len(page.holds), page.next_after_id) == (0, 100_000)
    page = client.read("hold", "ListHolds", ledger_id=ledger, status="HOLD_STATUS_EXPIRED",
                       after_id=page.next_after_id)
    assert (len(page.holds), page.next_after_id) == (0, 0)
    page = client.read("hold", "ListHolds", ledger_id=ledger, page_size=1000, after_id=100_000)
    assert (len(page.holds), page.next_after_id) == (500, 0)
