"""Withdrawals and what becomes of them, freezes, adjustments, reversals: each rule once.

SPDX-License-Identifier: Apache-2.0
"""
import json

import grpc
import pytest

from client import Client, DATE
from payment_load import now_us, open_shop, rule_fields

pytestmark = pytest.mark.usefixtures("checked")

FAR_US = 7_000_000_000_000_000


@pytest.fixture(name="shop")
def fixture_shop(client):
    """A shop whose users have 100 each; payouts may return for two days."""
    return open_shop(client, 8801, accounts=3, money=100)


def quote(client, shop, **fields):
    """(largest amount, fee, what arrives, why not more) of a withdrawal from the first account."""
    got = client.read("funds", "QuoteWithdraw", **{
        "ledger_id": shop.ledger_id, "account_id": shop.accounts[0], **fields})
    limit = client.protos.payout.WithdrawLimit.Name(got.limit).removeprefix("WITHDRAW_LIMIT_")
    return got.amount_minor, got.fee_minor, got.arrives_minor, limit


def status_of(client, shop, payout_id):
    """The name of the status of a payout."""
    status = client.get_payout(shop.ledger_id, payout_id).status
    return client.protos.payout.PayoutStatus.Name(status).removeprefix("PAYOUT_STATUS_")


def confirm(client, shop, payout_id, result, expect="ACCEPTED", **fields):
    """The bank's word."""
    return client.command("confirm_payout", expect, ledger_id=shop.ledger_id, payout_id=payout_id,
                          result="PAYOUT_RESULT_" + result, **fields).result


QUOTES = [
    # fee fields, largest amount, fee, arrives, why not more
    ({}, 100, 0, 100, "UNSPECIFIED"),
    ({"fee_minor": 3, "fee_mode": "FEE_MODE_OUTSIDE"}, 97, 3, 97, "FEE"),
    ({"fee_minor": 3, "fee_mode": "FEE_MODE_INSIDE"}, 100, 3, 97, "UNSPECIFIED"),
    ({"fee_minor": 100, "fee_mode": "FEE_MODE_INSIDE"}, 0, 0, 0, "FEE_NOT_BELOW_AMOUNT"),
    ({"fee_minor": 100, "fee_mode": "FEE_MODE_OUTSIDE"}, 0, 0, 0, "FEE"),
    ({"fee_minor": 3, "fee_mode": "FEE_MODE_BORNE_BY_ANOTHER", "fee_account_id": "another"},
     100, 3, 100, "UNSPECIFIED"),
    ({"fee_minor": 101, "fee_mode": "FEE_MODE_BORNE_BY_ANOTHER", "fee_account_id": "another"},
     0, 0, 0, "FEE_ACCOUNT"),
    ({"fee_minor": 3, "fee_mode": "FEE_MODE_BORNE_BY_ANOTHER", "fee_account_id": "own"},
     100, 3, 100, "UNSPECIFIED"),
    ({"fee_rule": "full", "fee_mode": "FEE_MODE_OUTSIDE"}, 96, 4, 96, "FEE"),
    ({"fee_rule": "full", "fee_mode": "FEE_MODE_INSIDE"}, 100, 4, 96, "UNSPECIFIED"),
]


@pytest.mark.parametrize("fee, amount, charged, arrives, limit", QUOTES)
def test_quote_is_the_most_that_is_accepted(client, shop, fee, amount, charged, arrives, limit):
    """One more is refused, the quoted amount is accepted, and this fee is charged."""
    ledger, account = shop.ledger_id, shop.accounts[0]
    if "fee_account_id" in fee:
        fee = {**fee, "fee_account_id": {
            "another": shop.accounts[1],
            "own": shop.control.platform_own_account_id}[fee["fee_account_id"]]}
    assert quote(client, shop, **fee) == (amount, charged, arrives, limit)
    withdraw = {"ledger_id": ledger, "account_id": account, **fee}
    refused = client.command("withdraw", None, amount_minor=amount + 1, **withdraw)
    assert refused.result.outcome >= 100
    if amount == 0:
        return
    answer = client.command("withdraw", amount_minor=amount, **withdraw)
    assert answer.result.fee_minor == charged
    payout = client.get_payout(ledger, answer.payout_id)
    bearer = fee.get("fee_account_id", account) if charged else 0
    assert (payout.amount_minor, payout.fee_minor, payout.fee_account_id) == (
        arrives, charged, bearer)
    assert client.available(ledger, account) == 100 - amount - (
        charged if fee.get("fee_mode") == "FEE_MODE_OUTSIDE" else 0)
    assert client.tie_out(ledger).balanced


UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"


def words_of(client, shop, payout_id):
    """What GetPayout brings from the commands, without the destination."""
    payout = client.get_payout(shop.ledger_id, payout_id)
    return (payout.requested_at_us, payout.sent_at_us, payout.result_at_us,
            payout.bank_reference)


def test_payout_tells_whom_when_and_how_the_bank_calls_it(client, shop):
    """Whatever the bank says after another: the times of its words, and the newest reference."""
    party = client.party(name="Li Si", account_number="6222000011112222")
    asked = client.command("withdraw", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                           amount_minor=10, destination=party, end_to_end_id="INV-1", uetr=UETR)
    payout, at_us = asked.payout_id, asked.result.recorded_at_us
    told = client.get_payout(shop.ledger_id, payout)
    masked = client.party("****i", "622200******2222")
    assert (told.destination, told.end_to_end_id, told.uetr) == (masked, "INV-1", UETR)
    assert client.plain(shop.ledger_id, told.requested_sequence) == {
        (told.requested_sequence, "destination.name"): party.name,
        (told.requested_sequence, "destination.account_number"): party.account_number}
    assert words_of(client, shop, payout) == (at_us, 0, 0, "")
    sent = confirm(client, shop, payout, "SENT", bank_reference="B-1").recorded_at_us
    assert words_of(client, shop, payout) == (at_us, sent, 0, "B-1")
    confirm(client, shop, payout, "UNKNOWN")
    assert words_of(client, shop, payout) == (at_us, sent, 0, "B-1")
    key = client.key()
    paid = confirm(client, shop, payout, "PAID", bank_reference="B-2", key=key).recorded_at_us
    assert words_of(client, shop, payout) == (at_us, sent, paid, "B-2")
    assert confirm(client, shop, payout, "PAID", bank_reference="B-2", key=key).replayed
    confirm(client, shop, payout, "PAID", "KEY_CONFLICT", bank_reference="B-3", key=key)
    for _ in range(2):
        back = confirm(client, shop, payout, "RETURNED", amount_minor=5).recorded_at_us
        assert words_of(client, shop, payout) == (at_us, sent, back, "B-2")
    listed = client.read("funds", "ListPayouts", ledger_id=shop.ledger_id).payouts[0]
    assert listed.payout_id == payout and not listed.HasField("destination")
    assert (listed.requested_at_us, listed.bank_reference, listed.uetr) == (0, "", "")


def test_payout_that_is_intercepted_tells_when(client, shop):
    asked = client.command("withdraw", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                           amount_minor=10)
    stopped = client.command("intercept_payout", ledger_id=shop.ledger_id,
                             payout_id=asked.payout_id).result.recorded_at_us
    assert words_of(client, shop, asked.payout_id) == (
        asked.result.recorded_at_us, 0, stopped, "")


def test_payout_that_came_back_in_many_parts_forgets_when_it_was_sent(client, shop):
    """Only the last sixteen words are looked at."""
    payout = client.command("withdraw", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                            amount_minor=50).payout_id
    sent = confirm(client, shop, payout, "SENT").recorded_at_us
    confirm(client, shop, payout, "PAID")
    for part in range(15):
        assert words_of(client, shop, payout)[1] == sent, part
        confirm(client, shop, payout, "RETURNED", amount_minor=1)
    assert words_of(client, shop, payout)[1] == 0


def test_quote_of_an_account_that_gives_nothing(client, shop):
    client.command("restrict_account", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                   no_out=True)
    assert quote(client, shop) == (0, 0, 0, "ACCOUNT")
    client.command("restrict_account", ledger_id=shop.ledger_id, account_id=shop.accounts[1],
                   no_out=True)
    assert quote(client, shop, account_id=shop.accounts[2], fee_minor=1,
                 fee_account_id=shop.accounts[1],
                 fee_mode="FEE_MODE_BORNE_BY_ANOTHER") == (0, 0, 0, "FEE_ACCOUNT")


def test_payout_through_sent_and_unknown(client, shop):
    """What is sent cannot be intercepted, what is unknown is not sent again."""
    ledger, account = shop.ledger_id, shop.accounts[0]
    payouts = [client.command("withdraw", ledger_id=ledger, account_id=account, amount_minor=10,
                              fee_minor=2, fee_mode="FEE_MODE_OUTSIDE").payout_id for _ in range(4)]
    fee = shop.control.fee_account_id
    assert client.balances(ledger, account, fee) == [(52, 0, 40, 0), (8, 0, 0, 0)]
    # Intercepted: nothing stays of it.
    stopped = client.command("intercept_payout", ledger_id=ledger, payout_id=payouts[0])
    assert client.balances(ledger, account, fee) == [(64, 0, 30, 0), (6, 0, 0, 0)]
    seen = client.get_payout(ledger, payouts[0])
    assert seen.final and seen.fee_returned_minor == 2
    assert seen.evidence_sequence == stopped.result.sequence
    for result in ("SENT", "UNKNOWN", "PAID", "FAILED", "RETURNED"):
        confirm(client, shop, payouts[0], result, "PAYOUT_ALREADY_CANCELLED")
    # Sent, unknown, paid.
    told = confirm(client, shop, payouts[1], "SENT", bank_reference="B-1")
    assert client.get_payout(ledger, payouts[1]).evidence_sequence == told.sequence
    confirm(client, shop, payouts[1], "SENT", "PAYOUT_ALREADY_SENT")
    client.command("intercept_payout", "PAYOUT_ALREADY_SENT", ledger_id=ledger,
                   payout_id=payouts[1])
    confirm(client, shop, payouts[1], "RETURNED", "PAYOUT_NOT_PAID")
    confirm(client, shop, payouts[1], "UNKNOWN")
    confirm(client, shop, payouts[1], "SENT", "PAYOUT_ALREADY_UNKNOWN")
    confirm(client, shop, payouts[1], "UNKNOWN", "PAYOUT_ALREADY_UNKNOWN")
    client.command("intercept_payout", "PAYOUT_ALREADY_SENT", ledger_id=ledger,
                   payout_id=payouts[1])
    asked = client.list_all("funds", "ListPayouts", ledger_id=ledger, page_size=1,
                            status="PAYOUT_STATUS_UNKNOWN")
    assert [one.payout_id for one in asked] == [payouts[1]]
    confirm(client, shop, payouts[1], "PAID")
    client.command("intercept_payout", "PAYOUT_ALREADY_PAID", ledger_id=ledger,
                   payout_id=payouts[1])
    # Unknown, failed: the fee comes back, as there is no rule that says otherwise.
    confirm(client, shop, payouts[2], "UNKNOWN")
    confirm(client, shop, payouts[2], "FAILED", reason="no such account")
    confirm(client, shop, payouts[2], "PAID", "PAYOUT_ALREADY_FAILED")
    assert client.balances(ledger, account, fee) == [(76, 0, 10, 0), (4, 0, 0, 0)]
    assert [status_of(client, shop, one) for one in payouts] == [
        "CANCELLED", "PAID", "FAILED", "REQUESTED"]
    assert client.get_ledger(ledger).open_payout_count == 1


def test_payout_returns_in_parts_until_it_is_final(client, shop):
    """Twice in parts, on another accounting date, never above it; the fee by its rule."""
    ledger, account = shop.ledger_id, shop.accounts[0]
    back = {**rule_fields(ledger, "full"), "name": "back",
            "tiers": [{"flat_minor": 9}], "on_payout_returned": "PAYOUT_FEE_BACK",
            "on_payout_failed": "PAYOUT_FEE_KEPT"}
    client.command("set_fee_rule", **back)
    payout, late, failed = [client.command(
        "withdraw", ledger_id=ledger, account_id=account, amount_minor=20, fee_rule="back",
        fee_mode="FEE_MODE_OUTSIDE").payout_id for _ in range(3)]
    assert client.available(ledger, account) == 100 - 3 * 29
    confirm(client, shop, failed, "FAILED")
    assert client.available(ledger, account) == 13 + 20, "the fee is kept"
    for one in (payout, late):
        confirm(client, shop, one, "PAID")
    seen = client.get_payout(ledger, payout)
    assert (seen.return_until, seen.final) == (20240302, False)
    confirm(client, shop, payout, "RETURNED", amount_minor=7)
    # 9 * 7 / 20 = 3.15
    assert client.get_payout(ledger, payout).fee_returned_minor == 3
    confirm(client, shop, payout, "RETURNED", "ABOVE_REST", amount_minor=14)
    client.command("cut_day", ledger_id=ledger, accounting_date=20240302)
    assert status_of(client, shop, payout) == "PAID"
    last = confirm(client, shop, payout, "RETURNED")
    seen = client.get_payout(ledger, payout)
    assert (seen.returned_minor, seen.fee_returned_minor, seen.final, seen.evidence_sequence) == (
        20, 9, True, last.sequence)
    confirm(client, shop, payout, "RETURNED", "PAYOUT_ALREADY_RETURNED", amount_minor=1)
    assert client.available(ledger, account) == 33 + 20 + 9
    assert not client.get_payout(ledger, late).final
    client.command("cut_day", ledger_id=ledger, accounting_date=20240303)
    assert client.get_payout(ledger, late).final
    confirm(client, shop, late, "RETURNED", "PAYOUT_FINAL")
    assert client.tie_out(ledger).balanced


def test_return_to_a_closed_account_is_unallocated(client, shop):
    ledger, account = shop.ledger_id, shop.accounts[0]
    payout = client.command("withdraw", ledger_id=ledger, account_id=account,
                            amount_minor=100).payout_id
    confirm(client, shop, payout, "PAID")
    client.command("close_account", ledger_id=ledger, account_id=account)
    confirm(client, shop, payout, "RETURNED", "ACCEPTED_UNALLOCATED", amount_minor=40)
    assert client.available(ledger, shop.control.unallocated_account_id) == 40


def test_what_goes_back_to_a_closed_account_waits(client, server, database, tools, shop):
    """It goes to UNALLOCATED, counts as refunded, and is allocated to somebody."""
    ledger, nobody = shop.ledger_id, shop.control.unallocated_account_id
    payer, payee, heir = shop.accounts
    paid, undone = [client.command(
        "pay", ledger_id=ledger, payer_account_id=payer, order_number=order,
        payees=[(payee, amount)]).result.sequence
        for order, amount in (("gone", 60), ("wrong", 40))]
    client.command("close_account", ledger_id=ledger, account_id=payer)
    client.command("refund", "ACCEPTED_UNALLOCATED", ledger_id=ledger, order_number="gone",
                   original_sequence=paid,
                   payees=[(payee, 25)])
    client.command("reverse", "ACCEPTED_UNALLOCATED", ledger_id=ledger,
                   original_sequence=undone, reason="wrong")
    assert client.balances(ledger, payee, nobody) == [(135, 0, 0, 0), (65, 0, 0, 0)]
    sums = client.read("order", "GetOrder", ledger_id=ledger, order_number="gone").sums
    assert (sums.paid_minor, sums.refunded_minor, sums.confirmed_minor) == (60, 25, 35)
    client.by_two("adjust", "SUSPENSE_ITEM_NEEDED", ledger_id=ledger, debit_account_id=nobody,
                  credit_account_id=heir, amount_minor=65, reason="found")
    for item, amount in zip(client.list_all("suspense", "ListSuspense", ledger_id=ledger, status=1),
                            (25, 40), strict=True):
        assert (item.open_minor, item.account_id) == (amount, payer)
        client.command("allocate_suspense", ledger_id=ledger, suspense_id=item.suspense_id,
                       payees=[(heir, amount)])
    assert client.available(ledger, heir) == 165
    assert client.tie_out(ledger).balanced
    tools.check_database(database.url)


def test_two_persons_set_a_wrong_word_of_the_bank_right(client, server, database, tools, shop):
    """Failed and later paid: the member does not have the money twice."""
    ledger, account = shop.ledger_id, shop.accounts[0]
    payout = client.command("withdraw", ledger_id=ledger, account_id=account, amount_minor=60,
                            order_number="C").payout_id
    right = {"correction": True, "bank_reference": "B779"}
    paid = {"ledger_id": ledger, "payout_id": payout, "result": "PAYOUT_RESULT_PAID", **right}
    client.by_two("confirm_payout", "PAYOUT_NOT_DECIDED", **paid)
    confirm(client, shop, payout, "FAILED")
    confirm(client, shop, payout, "PAID", "PAYOUT_ALREADY_FAILED")
    assert client.available(ledger, account) == 100
    confirm(client, shop, payout, "PAID", "APPROVAL_NEEDED", **right)
    assert status_of(client, shop, payout) == "FAILED", "one person alone does nothing"
    done = client.by_two("confirm_payout", **paid).result
    seen = client.get_payout(ledger, payout)
    assert (status_of(client, shop, payout), seen.return_until, seen.evidence_sequence) == (
        "PAID", 20240302, done.sequence)
    assert client.available(ledger, account) == 40
    sums = client.read("order", "GetOrder", ledger_id=ledger, order_number="C").sums
    assert sums.withdrawn_minor == 60
    # And what was paid did not leave after all; by vslctl, long after it was final.
    for date in (20240301, 20240302, 20240303):
        client.command("cut_day", ledger_id=ledger, accounting_date=date)
    assert client.get_payout(ledger, payout).final
    words = ["--json", "--server", server.target, "payout", "correct", "--ledger", ledger,
             "--payout", payout, "--right", "failed", "--bank-reference", "B780",
             "--business-date", "2024-03-03"]
    said = tools.vslctl(*words, "--channel", "MAKER", "--serial", "1", status=1)
    assert json.loads(said.stdout)["result"]["outcome"] == "OUTCOME_APPROVAL_NEEDED"
    said = tools.vslctl(*words, "--channel", "MAKER", "--serial", "2", "--propose", "not left")
    tools.vslctl("--server", server.target, "proposal", "approve", "--ledger", ledger,
                 "--proposal", json.loads(said.stdout)["proposal_id"], "--channel", "CHECKER2")
    assert status_of(client, shop, payout) == "FAILED"
    assert client.available(ledger, account) == 100
    assert client.tie_out(ledger).balanced
    tools.check_database(database.url)


# ---- freezes ----

def test_freeze_is_its_owners(client, server, shop):
    ledger, account = shop.ledger_id, shop.accounts[0]
    freeze = {"ledger_id": ledger, "account_id": account}
    client.command("place_freeze", "EXPIRY_NOT_AHEAD", amount_minor=1, purpose="risk",
                   expires_at_us=now_us() - 1, **freeze)
    client.command("place_freeze", "INSUFFICIENT_AVAILABLE", amount_minor=101, purpose="risk",
                   **freeze)
    client.command("restrict_account", ledger_id=ledger, account_id=account, no_out=True,
                   no_in=True)
    mine = client.command("place_freeze", amount_minor=30, purpose="risk", **freeze).freeze_id
    client.command("place_freeze", amount_minor=20, purpose="dispute", **freeze)
    client.command("place_freeze", amount_minor=5, purpose="risk", expires_at_us=FAR_US, **freeze)
    client.command("restrict_account", ledger_id=ledger, account_id=account)
    client.command("place_hold", ledger_id=ledger, payer_account_id=account, amount_minor=11,
                   order_number="F", expires_at_us=FAR_US)
    frozen = client.read("freeze", "GetFrozen", **freeze)
    assert (frozen.frozen_minor, frozen.holds_minor) == (66, 11)
    assert [(one.purpose, one.frozen_minor, one.freeze_count) for one in frozen.purposes] == [
        ("dispute", 20, 1), ("risk", 35, 2)]
    other = server.connect(channel_name="OTHER")
    lift = {"ledger_id": ledger, "freeze_id": mine}
    other.command("lift_freeze", "FREEZE_OF_ANOTHER", **lift)
    client.command("lift_freeze", "ABOVE_REST", amount_minor=31, **lift)
    client.command("lift_freeze", amount_minor=12, **lift)
    seen = client.read("freeze", "GetFreeze", ledger_id=ledger, freeze_id=mine).freeze
    assert (seen.owner, seen.lifted_minor, seen.frozen_minor, seen.status) == ("TEST", 12, 18, 1)
    client.command("lift_freeze", **lift)
    client.command("lift_freeze", "FREEZE_LIFTED", **lift)
    client.command("lift_freeze", "FREEZE_NOT_FOUND", ledger_id=ledger, freeze_id=99)
    assert client.balances(ledger, account) == [(64, 0, 0, 36)]
    client.command("close_account", "ACCOUNT_NOT_EMPTY", ledger_id=ledger, account_id=account)
    listed = client.list_all("freeze", "ListFreezes", ledger_id=ledger, page_size=1, purpose="risk",
                             status="FREEZE_STATUS_LIVE")
    assert [one.amount_minor for one in listed] == [5]


# ---- corrections ----

def test_adjustment_takes_two(client, shop):
    """Alone it is refused; approved by another it is booked, and can be reversed."""
    ledger, (debit, credit, _) = shop.ledger_id, shop.accounts
    fields = {"ledger_id": ledger, "debit_account_id": debit, "credit_account_id": credit,
              "amount_minor": 60, "reason": "booked to the wrong user"}
    client.command("adjust", "APPROVAL_NEEDED", **fields)
    client.by_two("adjust", "SAME_ACCOUNT", **{**fields, "credit_account_id": debit})
    client.by_two("adjust", "ADJUSTMENT_NOT_ALLOWED",
                  **{**fields, "debit_account_id": shop.control.escrow_account_id})
    client.by_two("adjust", "SAME_CALLER", channel="TEST", **fields)
    assert client.balances(ledger, debit, credit) == [(100, 0, 0, 0)] * 2
    approved = client.by_two("adjust", **fields)
    assert approved.subject_id == credit
    assert client.balances(ledger, debit, credit) == [(40, 0, 0, 0), (160, 0, 0, 0)]
    client.by_two("adjust", "INSUFFICIENT_AVAILABLE", **fields)
    entry = client.journal.GetCommand(client.protos.journal.GetCommandRequest(
        sequence=approved.result.sequence)).entry
    assert entry.WhichOneof("request") == "adjust" and entry.adjust.amount_minor == 60
    assert entry.proposal_id and entry.key.channel == "SECOND"
    client.command("reverse", ledger_id=ledger, original_sequence=approved.result.sequence,
                   reason="no")
    assert client.balances(ledger, debit, credit) == [(100, 0, 0, 0)] * 2


def test_adjustments_of_before_are_refused(client, shop):
    """The methods of 0.2.0 say what to do instead, also in a batch, and book nothing."""
    ledger, (debit, credit, _) = shop.ledger_id, shop.accounts
    propose = {"ledger_id": ledger, "debit_account_id": debit, "credit_account_id": credit,
               "amount_minor": 6, "reason": "r", "expires_at_us": FAR_US}
    one = {"ledger_id": ledger, "adjustment_id": 1}
    answer = client.command("propose_adjustment", "ADJUSTMENT_BY_PROPOSAL", **propose)
    assert answer.adjustment_id == 0 and "Propose an Adjust" in answer.result.text
    client.command("approve_adjustment", "ADJUSTMENT_BY_PROPOSAL", **one)
    client.command("withdraw_adjustment", "ADJUSTMENT_BY_PROPOSAL", **one)
    assert client.batch_outcomes([client.item("propose_adjustment", **propose)]) == [
        "ADJUSTMENT_BY_PROPOSAL"]
    assert not client.list_all("correction", "ListAdjustments", ledger_id=ledger)
    assert client.balances(ledger, debit, credit) == [(100, 0, 0, 0)] * 2


def test_the_platform_fills_a_fee_account_below_zero(client, shop):
    """As the runbook says: with the consent of two, what is missing and no more; it stays there."""
    ledger, account = shop.ledger_id, shop.accounts[0]
    own, fee = shop.control.platform_own_account_id, shop.control.fee_account_id
    before = client.available(ledger, own)
    client.command("set_fee_rule", **{
        **rule_fields(ledger, "full"), "name": "back", "tiers": [{"flat_minor": 9}],
        "on_payout_failed": "PAYOUT_FEE_BACK"})
    payout = client.command("withdraw", ledger_id=ledger, account_id=account, amount_minor=20,
                            fee_rule="back", fee_mode="FEE_MODE_OUTSIDE").payout_id
    client.command("collect_fees", ledger_id=ledger, fee_rule="back", amount_minor=9)
    confirm(client, shop, payout, "FAILED")
    assert client.balances(ledger, own, fee) == [(before + 9, 0, 0, 0), (-9, 0, 0, 0)]

    def fill(amount, expect):
        return client.by_two(
            "adjust", expect, ledger_id=ledger, debit_account_id=own, credit_account_id=fee,
            amount_minor=amount, reason="fees given back").result.sequence

    fill(10, "ABOVE_REST")
    filled = fill(9, "ACCEPTED")
    assert client.balances(ledger, own, fee) == [(before, 0, 0, 0), (0, 0, 0, 0)]
    fill(1, "ABOVE_REST")
    client.command("reverse", "ORIGINAL_NOT_REVERSIBLE", ledger_id=ledger,
                   original_sequence=filled, reason="no")
    assert client.tie_out(ledger).balanced


def test_reverse_as_long_as_the_effect_is_there(client, shop):
    ledger, (payer, payee, other) = shop.ledger_id, shop.accounts
    reverse = {"ledger_id": ledger, "reason": "keyed wrong"}
    paid = client.command("pay", ledger_id=ledger, payer_account_id=payer, payees=[(payee, 50)],
                          fee_rule="std", order_number="V").result
    assert paid.fee_minor == 1
    client.command("pay", ledger_id=ledger, payer_account_id=payee, payees=[(other, 140)])
    client.command("reverse", "EFFECT_GONE", original_sequence=paid.sequence, **reverse)
    client.command("pay", ledger_id=ledger, payer_account_id=other, payees=[(payee, 140)])
    done = client.command("reverse", original_sequence=paid.sequence, **reverse).result
    entry = client.find_command(sequence=done.sequence)
    assert (entry.order_number, entry.subject_id) == ("V", paid.sequence)
    assert client.balances(ledger, payer, payee, other) == [(100, 0, 0, 0)] * 3
    client.command("refund", "ORIGINAL_REVERSED", ledger_id=ledger, order_number="V",
                   original_sequence=paid.sequence)
    receipt = client.command("book_receipt", ledger_id=ledger, account_id=payer, amount_minor=7)
    client.command("reverse", original_sequence=receipt.result.sequence, **reverse)
    withdrawn = client.command("withdraw", ledger_id=ledger, account_id=payer, amount_minor=1)
    client.command("reverse", "ORIGINAL_NOT_REVERSIBLE",
                   original_sequence=withdrawn.result.sequence, **reverse)
    assert client.tie_out(ledger).balanced


# ---- malformed ----

RULE = {"name": "r", "effective_date": DATE, "rounding": 1, "refund": 1, "on_payout_failed": 1,
        "on_payout_returned": 1, "tiers": [{}]}
PAYEES = [(2, 1)]
HOLD = {"payer_account_id": 1, "order_number": "O"}
ADJUSTMENT = {"debit_account_id": 1, "credit_account_id": 2, "amount_minor": 1, "reason": "r"}
MALFORMED = [
    # command, fields, the field that is named
    ("set_terms", {"payout_return_days": 367}, "payout_return_days"),
    ("set_terms", {"own_account": {"name": "P"}}, "own_account.account_number"),
    ("set_fee_rule", {**RULE, "name": ""}, "name"),
    ("set_fee_rule", {**RULE, "name": "a b"}, "name"),
    ("set_fee_rule", {**RULE, "effective_date": 20240230}, "effective_date"),
    ("set_fee_rule", {**RULE, "rounding": 0}, "rounding"),
    ("set_fee_rule", {**RULE, "refund": 4}, "refund"),
    ("set_fee_rule", {**RULE, "on_payout_failed": 0}, "on_payout_failed"),
    ("set_fee_rule", {**RULE, "on_payout_returned": 3}, "on_payout_returned"),
    ("set_fee_rule", {**RULE, "tiers": []}, "tiers"),
    ("set_fee_rule", {**RULE, "tiers": [{}] * 9}, "tiers[8]"),
    ("set_fee_rule", {**RULE, "tiers": [{"from_minor": 1}]}, "tiers[0].from_minor"),
    ("set_fee_rule", {**RULE, "tiers": [{}, {}]}, "tiers[1].from_minor"),
    ("set_fee_rule", {**RULE, "tiers": [{"rate_ppm": 1_000_001}]}, "tiers[0].rate_ppm"),
    ("set_fee_rule", {**RULE, "tiers": [{"minimum_minor": 2, "maximum_minor": 1}]},
     "tiers[0].maximum_minor"),
    ("set_fee_rule", {**RULE, "shares": [{"account_id": 3, "share_ppm": 999_999}]}, "shares"),
    ("set_fee_rule", {**RULE, "shares": [{"account_id": 3, "share_ppm": 500_000}] * 2},
     "shares"),
    ("open_fee_account", {}, "purpose"),
    ("collect_fees", {"amount_minor": 1}, "fee_rule"),
    ("collect_fees", {"fee_rule": "r"}, "amount_minor"),
    ("pay", {"payer_account_id": 1, "payees": []}, "payees"),
    ("pay", {"payer_account_id": 1, "payees": [(2, 1), (3, 0)]}, "payees[1].amount_minor"),
    ("pay", {"payer_account_id": 1, "payees": [(2, 1), (2, 1)]}, "payees[1].account_id"),
    ("pay", {"payer_account_id": 1, "payees": [(2 + n, 1) for n in range(101)]},
     "payees[100]"),
    ("pay", {"payer_account_id": 1, "payees": PAYEES, "fee_minor": 1, "fee_rule": "r"},
     "fee_rule"),
    ("pay", {"payer_account_id": 1, "payees": PAYEES, "fee_minor": 1, "fee_bearer": 2},
     "fee_bearer"),
    ("refund", {"payees": PAYEES}, "original_sequence"),
    ("refund", {"original_sequence": 1, "payees": [(2, 1), (2, 1)]}, "payees[1].account_id"),
    ("withdraw", {"account_id": 1, "amount_minor": 1, "fee_rule": "r"}, "fee_mode"),
    ("withdraw", {"account_id": 1, "amount_minor": 1, "fee_minor": 1, "fee_mode": 3},
     "fee_account_id"),
    ("withdraw", {"account_id": 1, "amount_minor": 1, "fee_account_id": 1}, "fee_account_id"),
    ("confirm_payout", {"payout_id": 1, "result": 1, "amount_minor": 1}, "amount_minor"),
    ("confirm_payout", {"payout_id": 1, "result": 6}, "result"),
    ("intercept_payout", {}, "payout_id"),
    ("place_hold", {**HOLD, "amount_minor": 1}, "expires_at_us"),
    ("place_hold", {"payer_account_id": 1, "amount_minor": 1, "expires_at_us": 1}, "order_number"),
    ("confirm_hold", HOLD, "payees"),
    ("confirm_hold", {**HOLD, "payees": PAYEES, "hold_id": -1}, "hold_id"),
    ("cancel_hold", {**HOLD, "amount_minor": -1}, "amount_minor"),
    ("cancel_hold", {"payer_account_id": 1}, "order_number"),
    ("place_freeze", {"account_id": 1, "amount_minor": 1}, "purpose"),
    ("place_freeze", {"account_id": 1, "purpose": "p"}, "amount_minor"),
    ("lift_freeze", {}, "freeze_id"),
    ("expire", {"id": 1}, "kind"),
    ("expire", {"kind": 1}, "id"),
    ("reverse", {"original_sequence": 1}, "reason"),
    ("reverse", {"reason": "r"}, "original_sequence"),
    ("adjust", {**ADJUSTMENT, "reason": ""}, "reason"),
    ("adjust", {**ADJUSTMENT, "amount_minor": 0}, "amount_minor"),
    ("propose_adjustment", ADJUSTMENT, "expires_at_us"),
    ("approve_adjustment", {}, "adjustment_id"),
    ("withdraw_adjustment", {}, "adjustment_id"),
]


def test_malformed_requests_name_their_field(client):
    """Nothing is recorded and the key stays free, alone and in a batch; of "vsl" no request is."""
    day = client.open_platform(8802)
    before = client.tie_out(day.ledger_id).as_of_sequence
    cases = [*MALFORMED, *((command, {"key": client.key(channel="vsl")}, "key.channel")
                           for command in ("pay", "expire", "place_hold", "reverse"))]
    for command, fields, field in cases:
        request = client.request(command, **{"ledger_id": day.ledger_id, **fields})
        for send, name in (
                (lambda c=command, r=request: client.send(c, r), field),
                (lambda c=command, r=request: client.batch(
                    [client.protos.funds.BatchItem(**{c: r})]), f"items[0].{command}.{field}")):
            with pytest.raises(grpc.RpcError) as caught:
                send()
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, f"{command} {fields}"
            details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
            # A FieldViolation begins with the field, and its description follows.
            violation = b"\n" + bytes([len(name)]) + name.encode() + b"\x12"
            assert violation in details, f"{command} {fields}: {details}"
        if request.key.channel != "vsl":
            assert client.find_command(key=request.key) is None
    assert client.tie_out(day.ledger_id).as_of_sequence == before


LISTS = [("hold", "ListHolds"), ("freeze", "ListFreezes"), ("funds", "ListPayouts"),
         ("funds", "ListDebts"), ("correction", "ListAdjustments"), ("fee", "ListFeeRules")]


def test_malformed_lists(client):
    day = client.open_platform(8803)
    for service, method in LISTS:
        fields = [{"ledger_id": 0}, {"page_size": -1}, {"after_id": -1}]
        if method != "ListFeeRules":
            fields.append({"status": 99})
        for change in fields:
            with pytest.raises(grpc.RpcError) as caught:
                client.read(service, method, **{"ledger_id": day.ledger_id, **change})
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, f"{method} {change}"
        assert client.list_all(service, method, ledger_id=day.ledger_id) == []
