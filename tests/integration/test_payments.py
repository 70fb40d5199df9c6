"""Fees by rule, payments to many, money that is withdrawable later, refunds, debts, the platform's
own money: each rule once, by numbers that a reader can check.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from books import Books
from client import DATE
from payment_load import OWN_ACCOUNT, open_shop, rule_fields

pytestmark = pytest.mark.usefixtures("checked")

NEXT_DATE = 20240301


@pytest.fixture(name="shop")
def fixture_shop(client):
    """A shop whose users have 10,000.00 each."""
    return open_shop(client, 8701, accounts=4)


def legs(client, sequence):
    """[(debit, credit, amount)] of a command."""
    return [(one.debit_account_id, one.credit_account_id, one.amount_minor)
            for one in client.find_command(sequence=sequence).postings]


def cut_day(client, shop, date=NEXT_DATE):
    """The next accounting date."""
    client.command("cut_day", ledger_id=shop.ledger_id, accounting_date=date)


# ---- fee rules ----

def test_quote_is_what_is_booked(client, shop):
    """For amounts around every edge of the tiers: the same fee, the same legs, the same version."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    cases = [(1, 1), (83, 1), (84, 1), (250, 2), (416, 2), (417, 3), (19_999, 120), (20_000, 80),
             (23_333, 90), (100_000, 90)]
    for amount, fee in cases:
        quote = client.read("fee", "QuoteFee", ledger_id=ledger, fee_rule="std",
                            amount_minor=amount)
        # 70 and 30 percent; the first share takes what rounding leaves.
        parts = [fee - fee * 3 // 10, fee * 3 // 10]
        assert (quote.fee_minor, quote.fee_rule_version) == (fee, 1), f"{amount}: {quote}"
        assert [(leg.account_id, leg.amount_minor) for leg in quote.legs] == list(
            zip([shop.control.fee_account_id, shop.partner], parts))
        result = client.command("pay", ledger_id=ledger, payer_account_id=payer,
                                payees=[(payee, amount)], fee_rule="std").result
        assert (result.fee_minor, result.fee_rule_version) == (fee, 1)
        assert legs(client, result.sequence) == [(payer, payee, amount)] + [
            (payer, leg.account_id, leg.amount_minor) for leg in quote.legs if leg.amount_minor]


def test_a_mistyped_date_is_set_right_by_the_next_version(client, shop):
    """A version that was to come in force later than the next one never does."""
    ledger = shop.ledger_id
    mistyped = {**rule_fields(ledger, "std", 20621201), "tiers": [{"flat_minor": 9}]}
    client.command("set_fee_rule", **mistyped)
    client.command("set_fee_rule", **{**mistyped, "effective_date": NEXT_DATE})

    def version():
        return client.read("fee", "QuoteFee", ledger_id=ledger, fee_rule="std",
                           amount_minor=1_000).fee_rule_version

    assert version() == 1
    client.command("cut_day", ledger_id=ledger, accounting_date=NEXT_DATE)
    assert version() == 3
    client.command("set_fee_rule", "FEE_RULE_DATE_TOO_EARLY",
                   **{**mistyped, "effective_date": DATE})


def test_version_is_in_force_from_its_date_on(client, shop):
    """A new version waits for the day cut; a replay keeps the old fee and its version."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    rule = {**rule_fields(ledger, "std", NEXT_DATE), "tiers": [{"flat_minor": 9}]}
    client.command("set_fee_rule", "FEE_RULE_DATE_TOO_EARLY",
                   **{**rule, "effective_date": 20240228})
    made = client.command("set_fee_rule", **rule)
    client.command("set_fee_rule", **{**rule, "name": "later"})
    client.command("set_fee_rule", "FEE_ACCOUNT_NOT_FOUND",
                   **{**rule, "shares": [{"account_id": payer, "share_ppm": 1_000_000}]})
    request = client.request("pay", ledger_id=ledger, payer_account_id=payer,
                             payees=[(payee, 1_000)], fee_rule="std")
    first = client.send("pay", request).result
    assert (first.fee_minor, first.fee_rule_version) == (6, 1)
    pay = {"ledger_id": ledger, "payer_account_id": payer, "payees": [(payee, 1_000)]}
    client.command("pay", "FEE_RULE_NOT_FOUND", fee_rule="other", **pay)
    client.command("pay", "FEE_RULE_NOT_EFFECTIVE", fee_rule="later", **pay)
    for name in ("other", "later"):
        with pytest.raises(grpc.RpcError) as caught:
            client.read("fee", "QuoteFee", ledger_id=ledger, fee_rule=name, amount_minor=1)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    cut_day(client, shop)
    second = client.command("pay", fee_rule="std", **pay).result
    assert (second.fee_minor, second.fee_rule_version) == (9, 2)
    again = client.send("pay", request).result
    assert again.replayed and (again.fee_minor, again.fee_rule_version) == (6, 1)
    entry = client.find_command(sequence=first.sequence)
    assert (entry.fee_minor, entry.fee_rule_version, entry.pay.fee_rule) == (6, 1, "std")
    assert client.command("pay", fee_rule="later", **pay).result.fee_rule_version == 1

    in_force = client.read("fee", "GetFeeRule", ledger_id=ledger, name="std").fee_rule
    assert (in_force.fee_rule_id, in_force.version) == (made.fee_rule_id, 2)
    old = client.read("fee", "GetFeeRule", ledger_id=ledger, name="std", version=1).fee_rule
    assert (old.effective_date, len(old.tiers), len(old.shares)) == (DATE, 2, 2)
    listed = client.list_all("fee", "ListFeeRules", ledger_id=ledger, page_size=1)
    assert [(one.name, one.version) for one in listed] == [
        ("std", 1), ("full", 1), ("std", 2), ("later", 1)]


def test_payees_bear_the_fee(client, shop):
    """Each payee's fee is of its own amount; what they get and the fee add up to what is paid."""
    ledger, (payer, first, second, _) = shop.ledger_id, shop.accounts
    result = client.command("pay", ledger_id=ledger, payer_account_id=payer, fee_rule="std",
                            payees=[(first, 1_000), (second, 25_000)],
                            fee_bearer="FEE_BEARER_PAYEES").result
    assert result.fee_minor == 6 + 90 and legs(client, result.sequence) == [
        (payer, first, 994), (payer, second, 24_910),
        (payer, shop.control.fee_account_id, 68), (payer, shop.partner, 28)]
    client.command("pay", "FEE_NOT_BELOW_AMOUNT", ledger_id=ledger, payer_account_id=payer,
                   payees=[(first, 1_000), (second, 1)], fee_rule="std",
                   fee_bearer="FEE_BEARER_PAYEES")


def test_hundred_payees_with_a_fee(client):
    """The largest split: every leg, a conflict deep in it, the whole refund of it."""
    shop = open_shop(client, 8702, accounts=101)
    ledger, (payer, *payees) = shop.ledger_id, shop.accounts
    request = client.request(
        "pay", ledger_id=ledger, payer_account_id=payer, order_number="S", fee_rule="std",
        payees=[(payee, 100 + index) for index, payee in enumerate(payees)])
    paid = client.send("pay", request).result
    assert paid.fee_minor == 90 and len(legs(client, paid.sequence)) == 102
    changed = client.request("pay", key=request.key, ledger_id=ledger, payer_account_id=payer,
                             order_number="S", fee_rule="std",
                             payees=[(payee, 100 + index + (index == 1))
                                     for index, payee in enumerate(payees)])
    conflict = client.send("pay", changed, expect="KEY_CONFLICT").result
    assert conflict.field == "payees[1].amount_minor" and conflict.fee_minor == 0
    again = client.send("pay", request).result
    assert (again.replayed, again.fee_minor, again.fee_rule_version) == (True, 90, 1)
    client.command("refund", ledger_id=ledger, original_sequence=paid.sequence, order_number="S")
    assert {one[0] for one in client.balances(ledger, *shop.accounts)} == {1_000_000}
    assert client.tie_out(ledger).balanced


# ---- withdrawable from the next date on ----

def test_money_of_today_is_withdrawn_tomorrow(client, shop):
    """待转可提现: spent at once, withdrawn only after the day cut; the quote tells both days."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    client.command("withdraw", ledger_id=ledger, account_id=payee, amount_minor=999_900)
    client.command("pay", ledger_id=ledger, payer_account_id=payer, payees=[(payee, 500)],
                   withdrawable_next_date=True)
    balances = client.get_account(ledger, account_id=payee).balances
    assert (balances.available_minor, balances.withdrawable_minor,
            balances.withdrawable_next_date_minor) == (600, 100, 500)
    quote = client.read("funds", "QuoteWithdraw", ledger_id=ledger, account_id=payee)
    limit = client.protos.payout.WithdrawLimit
    assert (quote.amount_minor, quote.available_minor, quote.withdrawable_minor, quote.limit) == (
        100, 600, 100, limit.Value("WITHDRAW_LIMIT_NOT_YET_WITHDRAWABLE"))
    withdraw = {"ledger_id": ledger, "account_id": payee}
    client.command("withdraw", "NOT_YET_WITHDRAWABLE", amount_minor=101, **withdraw)
    client.command("withdraw", "INSUFFICIENT_AVAILABLE", amount_minor=601, **withdraw)
    # It pays with it at once; what is free goes first, and the rest can be withdrawn tomorrow only.
    client.command("pay", ledger_id=ledger, payer_account_id=payee, payees=[(payer, 450)])
    assert client.get_account(
        ledger, account_id=payer).balances.withdrawable_next_date_minor == 350
    client.command("withdraw", "NOT_YET_WITHDRAWABLE", amount_minor=1, **withdraw)
    cut_day(client, shop)
    quote = client.read("funds", "QuoteWithdraw", ledger_id=ledger, account_id=payee)
    assert (quote.amount_minor, quote.limit) == (150, 0)
    client.command("withdraw", amount_minor=150, **withdraw)
    assert client.get_account(ledger, account_id=payee).balances.withdrawable_next_date_minor == 0


# ---- refunds ----

def test_refund_in_parts_and_per_payee(client, shop):
    """Never above what is left of each payee; the fee in proportion, to the unit in the end, from
    accounts that have nothing but their share of it."""
    ledger, (payer, first, second, third) = shop.ledger_id, shop.accounts
    before = client.balances(ledger, *shop.accounts)
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer, order_number="R",
                          payees=[(first, 1_000), (second, 500)], fee_rule="std").result
    assert paid.fee_minor == 9
    refund = {"ledger_id": ledger, "original_sequence": paid.sequence, "order_number": "R"}
    client.command("refund", "ORDER_NUMBER_MISMATCH", **{**refund, "order_number": "Q"})
    client.command("refund", "PAYEE_NOT_OF_ORIGINAL", payees=[(third, 1)], **refund)
    client.command("refund", "ABOVE_REST", payees=[(first, 1_001)], **refund)
    part = client.command("refund", payees=[(first, 400)], **refund).result
    # 9 * 400 / 1,500 = 2.4: 2 back, of 7 and 2 that the accounts have.
    assert legs(client, part.sequence) == [
        (first, payer, 400), (shop.control.fee_account_id, payer, 1), (shop.partner, payer, 1)]
    client.command("refund", "ABOVE_REST", payees=[(first, 601)], **refund)
    client.command("refund", "ABOVE_REST", payees=[(second, 1), (first, 601)], **refund)
    client.command("refund", payees=[(first, 600), (second, 499)], **refund)
    last = client.command("refund", **refund).result
    assert legs(client, last.sequence)[0] == (second, payer, 1)
    client.command("refund", "ABOVE_REST", **refund)
    assert client.balances(ledger, *shop.accounts) == before
    fees = client.balances(ledger, shop.control.fee_account_id, shop.partner)
    assert (fees[0][0], fees[1][0]) == (0, 0)
    entry = client.find_command(sequence=last.sequence)
    assert entry.order_number == "R" and entry.subject_id == payer


def test_fee_comes_back_with_the_full_refund_only(client, shop):
    """FEE_REFUND_ON_FULL, borne by the payees: payee by payee."""
    ledger, (payer, first, second, _) = shop.ledger_id, shop.accounts
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer, fee_rule="full",
                          payees=[(first, 1_000), (second, 2_000)],
                          fee_bearer="FEE_BEARER_PAYEES").result
    assert paid.fee_minor == 15 + 28
    refund = {"ledger_id": ledger, "original_sequence": paid.sequence}
    part = client.command("refund", payees=[(first, 900)], **refund).result
    assert legs(client, part.sequence) == [(first, payer, 900)]
    rest = client.command("refund", payees=[(first, 100)], **refund).result
    assert legs(client, rest.sequence) == [
        (first, payer, 85), (shop.control.fee_account_id, payer, 15)]
    client.command("refund", **refund)
    assert client.available(ledger, shop.control.fee_account_id) == 0
    assert [one[0] for one in client.balances(ledger, payer, first, second)] == [1_000_000] * 3


def test_collected_fees_come_back_from_the_platform(server, client, shop):
    """Of a refund and of a reversal; the partner's share was left, and is not asked twice."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer, payees=[(payee, 1_000)],
                          fee_rule="std").result
    collect = {"ledger_id": ledger, "fee_rule": "std"}
    client.command("collect_fees", "INSUFFICIENT_FEE", amount_minor=6, **collect)
    client.command("collect_fees", amount_minor=5, **collect)
    client.command("collect_fees", "FEE_ACCOUNT_NOT_FOUND", account_id=payee, amount_minor=1,
                   **collect)
    answer = client.command("collect_fees", account_id=shop.partner, amount_minor=1, **collect)
    assert (answer.result.fee_minor, answer.result.fee_rule_version) == (0, 1)
    own, fee = shop.control.platform_own_account_id, shop.control.fee_account_id
    had = client.available(ledger, own)
    part = client.command("refund", ledger_id=ledger, original_sequence=paid.sequence,
                          payees=[(payee, 400)]).result
    assert legs(client, part.sequence)[:2] == [(payee, payer, 400), (own, fee, 1)]
    client.command("refund", ledger_id=ledger, original_sequence=paid.sequence)
    assert client.available(ledger, own) == had - 6
    assert (client.available(ledger, fee), client.available(ledger, shop.partner)) == (0, 0)
    assert client.available(ledger, payer) == 1_000_000
    again = client.command("pay", ledger_id=ledger, payer_account_id=payer,
                           payees=[(payee, 1_000)], fee_rule="std").result
    client.command("collect_fees", amount_minor=5, **collect)
    client.command("reverse", ledger_id=ledger, original_sequence=again.sequence, reason="twice")
    assert client.available(ledger, own) == had - 6
    assert client.available(ledger, payer) == 1_000_000
    # The naive books say the same.
    books = Books(server.protos)
    books.add_all(client.entries(1, client.tie_out(ledger).as_of_sequence))
    books.compare_balances(client, ledger)


def test_advance_is_a_debt_and_recovered_first_in_first_out(client, shop):
    """The payee is short twice; its next receipts repay the older debt first."""
    ledger, (payer, payee, other, _) = shop.ledger_id, shop.accounts
    own = shop.control.platform_own_account_id
    paid = [client.command("pay", ledger_id=ledger, payer_account_id=payer,
                           payees=[(payee, amount)]).result.sequence for amount in (300, 200)]
    payout = client.command("withdraw", ledger_id=ledger, account_id=payee,
                            amount_minor=1_000_400).payout_id
    client.command("confirm_payout", ledger_id=ledger, payout_id=payout,
                   result="PAYOUT_RESULT_PAID")
    first = client.command("refund", ledger_id=ledger, original_sequence=paid[0]).result
    # The payee gives the 100 that it has, the platform the rest.
    assert legs(client, first.sequence) == [(payee, payer, 100), (own, payer, 200)]
    second = client.command("refund", ledger_id=ledger, original_sequence=paid[1]).result
    assert legs(client, second.sequence) == [(own, payer, 200)]
    assert client.available(ledger, own) == 1_000_000 - 400

    def debts(**fields):
        return [(one.account_id, one.amount_minor, one.recovered_minor, one.status)
                for one in client.list_all("funds", "ListDebts", ledger_id=ledger, page_size=1,
                                           **fields)]

    assert debts(account_id=payee) == [(payee, 200, 0, 1), (payee, 200, 0, 1)]
    assert debts(account_id=other) == []
    receipt = client.command("book_receipt", ledger_id=ledger, account_id=payee,
                             amount_minor=250).result
    assert legs(client, receipt.sequence)[1] == (payee, own, 250)
    assert debts() == [(payee, 200, 200, 2), (payee, 200, 50, 1)]
    assert debts(status="DEBT_STATUS_OPEN") == [(payee, 200, 50, 1)]
    client.command("close_account", "ACCOUNT_HAS_DEBT", ledger_id=ledger, account_id=payee)
    client.command("reverse", "ORIGINAL_NOT_REVERSIBLE", ledger_id=ledger, reason="wrong",
                   original_sequence=receipt.sequence)
    # A payment repays as well, and only what is over is not yet withdrawable.
    client.command("pay", ledger_id=ledger, payer_account_id=payer, payees=[(payee, 170)],
                   withdrawable_next_date=True)
    balances = client.get_account(ledger, account_id=payee).balances
    assert (balances.available_minor, balances.withdrawable_next_date_minor) == (20, 20)
    assert debts(status="DEBT_STATUS_OPEN") == []
    assert client.available(ledger, own) == 1_000_000 and client.tie_out(ledger).balanced


def test_without_advances_a_short_payee_refuses(client, shop):
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer,
                          payees=[(payee, 300)]).result.sequence
    client.command("withdraw", ledger_id=ledger, account_id=payee, amount_minor=1_000_300)
    refund = {"ledger_id": ledger, "original_sequence": paid}
    client.command("set_terms", ledger_id=ledger, advance_refunds=False)
    client.command("refund", "INSUFFICIENT_AVAILABLE", **refund)
    client.command("set_terms", ledger_id=ledger, advance_refunds=True)
    client.command("withdraw", ledger_id=ledger, amount_minor=999_800, destination=OWN_ACCOUNT,
                   account_id=shop.control.platform_own_account_id)
    client.command("refund", "INSUFFICIENT_PLATFORM_OWN", **refund)
    client.command("restrict_account", ledger_id=ledger, account_id=payee, no_out=True)
    client.command("refund", "ACCOUNT_RESTRICTED_OUT", **refund)


def test_a_debtor_repays_by_every_account(client, shop, database, tools):
    """Who owes is the member, whichever of its accounts money comes to or is in; also when the
    one that was paid was closed since."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    others = [client.command("open_account", ledger_id=ledger,
                             member_id=shop.members[1]).account_id for _ in range(2)]
    client.command("pay", ledger_id=ledger, payer_account_id=payee, payees=[(payer, 1_000_000)])
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer,
                          payees=[(payee, 300)]).result.sequence
    client.command("pay", ledger_id=ledger, payer_account_id=payee,
                   payees=[(others[0], 40), (payer, 260)])
    client.command("restrict_account", ledger_id=ledger, account_id=others[1], no_out=True)
    client.command("book_receipt", ledger_id=ledger, account_id=others[1], amount_minor=70)
    client.command("refund", ledger_id=ledger, original_sequence=paid, payees=[(payee, 200)])
    # 40 of the 200 at once; what may not leave does not repay, and is not withdrawable.
    debt, = client.read("funds", "ListDebts", ledger_id=ledger).debts
    assert (debt.account_id, debt.amount_minor, debt.recovered_minor) == (payee, 200, 40)
    balances = [client.get_account(ledger, account_id=others[1]).balances, *(
        one.balances for one in client.read("account", "GetBalances", ledger_id=ledger,
                                            account_ids=[others[1]]).accounts), *(
        one.balances for one in client.read("account", "ListAccounts", ledger_id=ledger).accounts
        if one.account_id == others[1])]
    assert [(one.available_minor, one.withdrawable_minor) for one in balances] == [(70, 0)] * 3
    client.command("restrict_account", ledger_id=ledger, account_id=others[1])
    client.command("book_receipt", ledger_id=ledger, account_id=others[0], amount_minor=100)
    assert client.balances(ledger, *others) == [(10, 0, 0, 0), (0, 0, 0, 0)]
    client.command("close_account", ledger_id=ledger, account_id=payee)
    client.command("set_terms", ledger_id=ledger, advance_refunds=False)
    refund = {"ledger_id": ledger, "original_sequence": paid}
    client.command("refund", "PAYEE_ACCOUNT_CLOSED", **refund)
    client.command("set_terms", ledger_id=ledger, advance_refunds=True)
    client.command("refund", **refund)
    assert client.balances(ledger, *others) == [(0, 0, 0, 0)] * 2
    client.command("book_receipt", ledger_id=ledger, account_id=others[0], amount_minor=91)
    assert client.available(ledger, others[0]) == 1 and client.tie_out(ledger).balanced
    assert {one.status for one in client.read("funds", "ListDebts", ledger_id=ledger).debts} == {2}
    tools.check_database(database.url)


def test_refund_of_a_confirm_that_is_not_durable_yet(client, shop):
    """One batch: hold, confirm it, refund the confirm; the numbers are known in advance."""
    ledger, (payer, payee, *_) = shop.ledger_id, shop.accounts
    after = client.tie_out(ledger).as_of_sequence
    hold = {"ledger_id": ledger, "payer_account_id": payer, "order_number": "H"}
    results = client.batch([
        client.item("place_hold", amount_minor=100, expires_at_us=7_000_000_000_000_000, **hold),
        client.item("confirm_hold", payees=[(payee, 60)], **hold),
        client.item("refund", ledger_id=ledger, original_sequence=after + 2, order_number="H",
                    payees=[(payee, 40)]),
        client.item("cancel_hold", **hold),
        client.item("refund", ledger_id=ledger, original_sequence=after + 2, order_number="H")])
    assert [one.result.outcome for one in results] == [1] * 5
    assert client.balances(ledger, payer, payee) == [(1_000_000, 0, 0, 0)] * 2
    held = client.read("hold", "GetHold", ledger_id=ledger, hold_id=results[0].subject_id).hold
    assert (held.confirmed_minor, held.cancelled_minor, held.held_minor, held.status) == (
        60, 40, 0, client.protos.hold.HoldStatus.Value("HOLD_STATUS_FINISHED"))


# ---- holds ----

def test_holds_of_others_wrong_orders_and_chains(client, shop):
    """A chain is drawn on oldest first; other payers, orders and finished holds are refused."""
    ledger, (payer, payee, other, _) = shop.ledger_id, shop.accounts
    far = 7_000_000_000_000_000
    hold = {"ledger_id": ledger, "payer_account_id": payer, "order_number": "C"}
    ids = [client.command("place_hold", amount_minor=amount, expires_at_us=far, **hold).hold_id
           for amount in (100, 200)]
    confirm = {**hold, "payees": [(payee, 50)]}
    client.command("confirm_hold", "HOLD_OF_ANOTHER", hold_id=ids[0],
                   **{**confirm, "payer_account_id": other})
    client.command("confirm_hold", "ORDER_NUMBER_MISMATCH", hold_id=ids[0],
                   **{**confirm, "order_number": "D"})
    client.command("confirm_hold", "HOLD_NOT_FOUND", **{**confirm, "order_number": "D"})
    client.command("cancel_hold", "HOLD_OF_ANOTHER", hold_id=ids[1],
                   **{**hold, "payer_account_id": other})
    client.command("cancel_hold", "ABOVE_REST", hold_id=ids[1], amount_minor=201, **hold)
    client.command("confirm_hold", **{**confirm, "payees": [(payee, 120), (other, 20)]})

    def states():
        return [(one.confirmed_minor, one.cancelled_minor, one.held_minor, one.status)
                for one in client.list_all("hold", "ListHolds", ledger_id=ledger, page_size=1,
                                           payer_account_id=payer)]

    assert states() == [(100, 0, 0, 2), (40, 0, 160, 1)]
    client.command("confirm_hold", "HOLD_FINISHED", hold_id=ids[0], **confirm)
    client.command("cancel_hold", amount_minor=60, **hold)
    client.command("confirm_hold", "ABOVE_REST", **{**confirm, "payees": [(payee, 101)]})
    client.command("confirm_hold", **{**confirm, "payees": [(payee, 100)]})
    assert states() == [(100, 0, 0, 2), (140, 60, 0, 2)]
    client.command("cancel_hold", "HOLD_FINISHED", **hold)
    assert client.balances(ledger, payer, payee, other) == [
        (999_760, 0, 0, 0), (1_000_220, 0, 0, 0), (1_000_020, 0, 0, 0)]
    answers = client.batch_outcomes([
        client.item("place_hold", amount_minor=1, expires_at_us=far,
                    **{**hold, "order_number": "many"}) for _ in range(33)])
    assert answers == ["ACCEPTED"] * 32 + ["TOO_MANY_HOLDS_OF_ORDER"]


# ---- the platform's own money ----

def test_own_money_comes_and_goes_by_the_own_account_only(client):
    shop = client.open_platform(8703, accounts=2)
    ledger, own = shop.ledger_id, shop.control.platform_own_account_id
    receipt = {"ledger_id": ledger, "account_id": own, "amount_minor": 1_000}
    withdraw = {"ledger_id": ledger, "account_id": own, "amount_minor": 400}
    client.command("book_receipt", "PLATFORM_ACCOUNT_NOT_SET", payer=OWN_ACCOUNT, **receipt)
    client.command("withdraw", "PLATFORM_ACCOUNT_NOT_SET", destination=OWN_ACCOUNT, **withdraw)
    client.command("set_terms", ledger_id=ledger, own_account=OWN_ACCOUNT)
    for change in ({"name": "Test Market"}, {"account_number": "110060098"}):
        other = {**OWN_ACCOUNT, **change}
        client.command("book_receipt", "PLATFORM_ACCOUNT_MISMATCH", payer=other, **receipt)
        client.command("withdraw", "PLATFORM_ACCOUNT_MISMATCH", destination=other, **withdraw)
    client.command("book_receipt", payer=OWN_ACCOUNT, **receipt)
    payout = client.command("withdraw", destination=OWN_ACCOUNT, **withdraw).payout_id
    assert client.balances(ledger, own) == [(600, 0, 400, 0)]
    client.command("confirm_payout", ledger_id=ledger, payout_id=payout,
                   result="PAYOUT_RESULT_PAID")
    assert client.balances(ledger, own) == [(600, 0, 0, 0)]
    terms = client.get_ledger(ledger).terms
    assert (terms.own_account.name, terms.advance_refunds, terms.payout_return_days) == (
        "**************d", False, 30)
    # What is not named stays; who unsets it says so.
    client.command("set_terms", ledger_id=ledger, advance_refunds=True)
    client.command("set_terms", ledger_id=ledger, payout_return_days=3)
    client.command("book_receipt", payer=OWN_ACCOUNT, **receipt)
    terms = client.get_ledger(ledger).terms
    assert (terms.own_account.name, terms.advance_refunds, terms.payout_return_days) == (
        "**************d", True, 3)
    client.command("set_terms", ledger_id=ledger, own_account={})
    client.command("book_receipt", "PLATFORM_ACCOUNT_NOT_SET", payer=OWN_ACCOUNT, **receipt)
    client.command("set_terms", ledger_id=ledger, advance_refunds=False, payout_return_days=0)
    terms = client.get_ledger(ledger).terms
    assert (terms.HasField("own_account"), terms.advance_refunds, terms.payout_return_days) == (
        False, False, 30)
    assert client.tie_out(ledger).balanced


def test_no_members_money_reaches_the_platform(client, shop):
    """Every command that names two sides, with PLATFORM_OWN as the one that takes."""
    ledger, member = shop.ledger_id, shop.accounts[0]
    own, far = shop.control.platform_own_account_id, 7_000_000_000_000_000
    client.command("book_receipt", "PLATFORM_ACCOUNT_MISMATCH", ledger_id=ledger, account_id=own,
                   amount_minor=1)
    client.command("book_interest", "NOT_A_MEMBER_ACCOUNT", ledger_id=ledger, account_id=own,
                   amount_minor=1)
    client.command("pay", "NOT_A_MEMBER_ACCOUNT", ledger_id=ledger, payer_account_id=member,
                   payees=[(own, 1)])
    client.command("place_hold", ledger_id=ledger, payer_account_id=member, amount_minor=5,
                   order_number="P", expires_at_us=far)
    client.command("confirm_hold", "NOT_A_MEMBER_ACCOUNT", ledger_id=ledger, order_number="P",
                   payer_account_id=member, payees=[(own, 1)])
    control = shop.control
    everyone = [member, control.escrow_account_id, control.unallocated_account_id,
                control.fee_account_id, control.interest_account_id,
                control.enforcement_account_id]
    for debit in everyone:
        client.by_two("adjust", "ADJUSTMENT_NOT_ALLOWED", ledger_id=ledger,
                      debit_account_id=debit, credit_account_id=own, amount_minor=1, reason="no")
    assert client.available(ledger, own) == 1_000_000
