"""test_deductions.py: what claims cover leaves, to the organ or to victims: the bank's words, what
the platform sees, restarts and kills, and the sums over the journal.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import random

import pytest

from test_account_policy import FREE
from test_claims import BANK_MEASURE, COURT, Desk, POLICE, TAX, paper
from test_crashes import FAULT_WALKS, kill_and_repeat, points_of_walk
from test_same_card import Till
from test_cards import NUMBER, PERSONS

PAYEE = {"name": "执行款专户", "account_number": "110060149018170012345",
         "bank_code": "301100000015"}
ENDS = int((datetime.date.today() + datetime.timedelta(days=90)).strftime("%Y%m%d"))
LIVE, RELEASED, DEDUCTED = 1, 2, 4


class Court(Desk):
    """A ledger with claims that are deducted."""

    def deduct(self, claim, amount=0, organ="T-1", expect="ACCEPTED", **fields):
        """To the organ; the payout."""
        return self.do("deduct_claim", expect, claim_id=claim, amount_minor=amount,
                       paper=paper(organ), payee=PAYEE, **fields).payout_id

    def say(self, payout, result, amount=0, expect="ACCEPTED"):
        """The bank's word."""
        return self.do("confirm_payout", expect, payout_id=payout,
                       result=f"PAYOUT_RESULT_{result}", amount_minor=amount)

    def claim(self, claim):
        """Status, limit, what it covers, what was deducted and what of that is under way."""
        one = self.client.read("claim", "GetClaim", claim_id=claim, **self.on).claim
        return (one.status, one.limit_minor, one.covered_minor, one.deducted_minor,
                one.deducting_minor)


def test_deducted_failed_and_returned(make_server, database, tools):
    """Two claims of 100: the first is deducted, fails, is deducted and paid, and comes back; over
    restarts, and with all that otherwise stands against a payout."""
    server = make_server(database.url).start()
    desk = Court(server.connect(), 7321)
    desk.receive(100)
    first, second = desk.place(80), desk.place(50, "T-2")
    desk.do("restrict_account", account_id=desk.shop.accounts[0], no_in=True, no_out=True)
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CUSTOM", users=[
        {**FREE, "may_withdraw": False, "date_out_minor": 1}])
    desk.deduct(second, 21, "T-2", "CLAIM_COVERS_LESS")
    desk.deduct(first, to_victim=True, expect="CLAIM_MAY_NOT_RETURN")
    payout = desk.deduct(first, 30)
    assert desk.claim(first) == (LIVE, 50, 50, 30, 30) and desk.balance() == (0, 70)
    desk.do("intercept_payout", "PAYOUT_IS_MEASURE", payout_id=payout)
    desk.release(first, expect="CLAIM_DEDUCTION_UNDER_WAY")
    desk.do("reverse", "ORIGINAL_NOT_REVERSIBLE", reason="r", original_sequence=desk.client.read(
        "funds", "GetPayout", payout_id=payout, **desk.on).payout.requested_sequence)
    # The adapter finds it in the event, and is told whom to pay.
    shown = desk.client.read("funds", "GetPayout", payout_id=payout, **desk.on).payout
    assert shown.destination.name and shown.destination.name != PAYEE["name"]
    entry = desk.client.entries(shown.requested_sequence, shown.requested_sequence)[0]
    assert [(one.payout_id, one.card_id, one.amount_minor) for one in entry.card_payouts] == [
        (payout, 0, 30)]
    told = desk.do("reveal", commands=[shown.requested_sequence], field="payee.account_number",
                   reason="pay")
    assert [one.value for one in told.values] == [PAYEE["account_number"]]
    server.kill()
    server.start()
    desk.client = server.connect()
    desk.say(payout, "SENT")
    desk.say(payout, "FAILED")
    assert desk.claim(first) == (LIVE, 80, 80, 0, 0) and desk.claim(second)[2] == 20
    payout = desk.deduct(first)
    assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    desk.say(payout, "PAID")
    assert desk.claim(first) == (DEDUCTED, 0, 0, 80, 0)
    desk.deduct(first, expect="CLAIM_DEDUCTED")
    # Who comes next has it meanwhile; what comes back is the first one's.
    desk.deduct(second, 20, "T-2")
    desk.say(payout, "RETURNED", 30)
    assert desk.claim(first) == (LIVE, 30, 30, 50, 0) and desk.claim(second)[:3] == (LIVE, 30, 0)
    desk.release(first)
    assert desk.claim(first) == (DEDUCTED, 0, 0, 50, 0) and desk.claim(second)[2] == 30
    listed = desk.client.list_all("claim", "ListClaims", status=DEDUCTED, **desk.on)
    assert [one.claim_id for one in listed] == [first]
    assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    desk.say(payout, "RETURNED")
    assert desk.claim(first) == (LIVE, 50, 50, 0, 0)
    desk.release(first)
    assert desk.claim(first)[0] == RELEASED
    tools.check_database(database.url)


def test_frozen_and_deducted_at_once(make_server, database, tools):
    """A claim of 80 finds 30: these are deducted, the rest stays claimed. Money goes back to two
    victims, and the rest of that claim stays."""
    server = make_server(database.url).start()
    desk = Court(server.connect(), 7322)
    desk.receive(30)
    placed = desk.do("place_claim", account_id=desk.shop.accounts[0], authority=COURT, ground=1,
                     amount_minor=80, ends_date=ENDS, paper=paper("C-1"), payee=PAYEE)
    assert desk.claim(placed.claim_id) == (LIVE, 50, 0, 30, 30)
    entry = desk.client.entries(placed.result.sequence, placed.result.sequence)[0]
    payout = entry.card_payouts[0].payout_id
    assert len(entry.card_payouts) == 1 and entry.subject_id == placed.claim_id
    shown = desk.client.read("funds", "GetPayout", payout_id=payout, **desk.on).payout
    assert (shown.amount_minor, shown.destination.bank_code) == (30, PAYEE["bank_code"])
    desk.say(payout, "PAID")
    assert desk.claim(placed.claim_id) == (LIVE, 50, 0, 30, 0)
    desk.receive(60, 1)
    stolen = desk.place(50, "P-1", account=1, authority=POLICE, ends_date=ENDS)
    desk.do("deduct_claim", "CLAIM_MAY_NOT_DEDUCT", claim_id=stolen, paper=paper("P-1"),
            payee=PAYEE)
    for amount in (10, 15):
        payout = desk.deduct(stolen, amount, "P-1", to_victim=True)
        desk.say(payout, "PAID")
    assert desk.claim(stolen) == (LIVE, 25, 25, 25, 0) and desk.balance(1) == (10, 25)
    tools.check_database(database.url)


def test_cards_and_deductions(make_server, database, tools):
    """Where money leaves by the card that it came by, a claim takes it all the same, and a card is
    unbound meanwhile."""
    server = make_server(database.url).start()
    till = Till(server.connect(), 7323)
    till.receive(100, NUMBER)
    subject = {"name": "Zhang San", "document_kind": 1, "number": PERSONS[0]}
    claim = till.do("place_claim", account_id=till.user, authority=TAX, ground=1, amount_minor=60,
                    paper=paper("T-1"), subject=subject).claim_id
    payout = till.do("deduct_claim", claim_id=claim, amount_minor=40, paper=paper("T-1"),
                     payee=PAYEE).payout_id
    by_card = till.withdraw(30)
    till.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_PAID")
    till.do("confirm_payout", payout_id=by_card.payout_id, result="PAYOUT_RESULT_PAID")
    till.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_RETURNED", amount_minor=15)
    payout = till.do("deduct_claim", claim_id=claim, amount_minor=5, paper=paper("T-1"),
                     payee=PAYEE).payout_id
    till.do("unbind_card", card_id=till.other, reason=1, evidence="e")
    till.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_FAILED")
    tools.check_database(database.url)


def test_what_the_platform_sees(house):
    """Money left, by a measure of the bank: not whose, and not to whom."""
    bank = house.let_in("bank", ["front", "adapter", "operator"])
    court, shop = house.let_in("court", ["judicial"]), house.let_in("shop", ["platform"])
    desk = Court(bank, 7324)
    account = desk.shop.accounts[0]
    desk.receive(40)
    on = desk.on
    claim = court.command("place_claim", account_id=account, authority=TAX, ground=1,
                          amount_minor=30, secret=True, paper=paper("T-1"), payee=PAYEE, **on)
    taken = court.command("deduct_claim", "CLAIM_COVERS_LESS", claim_id=claim.claim_id,
                          paper=paper("T-1"), payee=PAYEE, **on)
    assert taken.result.limit_minor == 0
    payout = bank.entries(claim.result.sequence,
                          claim.result.sequence)[0].card_payouts[0].payout_id
    last = desk.say(payout, "PAID").result.sequence
    seen = {entry.sequence: entry for entry in shop.entries(1, last)}
    entry = seen[claim.result.sequence]
    assert entry.kind == BANK_MEASURE and not entry.WhichOneof("request")
    assert not entry.card_payouts and entry.subject_id == 0
    assert [(one.amount_minor, one.credit_bucket) for one in entry.postings] == [(30, 4), (30, 3)]
    assert taken.result.sequence not in seen
    shown = shop.read("funds", "GetPayout", payout_id=payout, **on).payout
    assert shown.amount_minor == 30
    assert not (shown.destination.name or shown.destination.account_number)
    lines = shop.read("account", "ListStatementLines", account_id=account, **on).lines
    assert BANK_MEASURE in {line.kind for line in lines} and 103 not in {
        line.kind for line in lines}


def test_a_random_history_of_deductions(make_server, database, tools):
    """Receipts, claims, deductions, the bank's words, restarts: sql/checks make all of it anew."""
    dice = random.Random(29)
    server = make_server(database.url).start()
    desk = Court(server.connect(), 7325)
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CUSTOM", users=[
        {**FREE, "date_out_minor": 100000, "year_out_minor": 100000}])
    claims, payouts = [], []
    for step in range(300):
        draw = dice.random()
        if draw < 0.15:
            fields = {"payee": PAYEE} if dice.random() < 0.4 else {}
            claims.append(desk.place(dice.choice([0, dice.randint(1, 90), dice.randint(1, 90)]),
                                     account=dice.randrange(2), **fields))
        elif draw < 0.25 and claims:
            desk.release(dice.choice(claims), expect=None, amount=dice.choice([0, 5, 10]))
        elif draw < 0.5:
            desk.receive(dice.randint(1, 60), dice.randrange(2))
        elif draw < 0.65 and claims:
            payout = desk.deduct(dice.choice(claims), dice.choice([0, 0, 3, 20]), expect=None)
            payouts.append(payout or 1)
        elif draw < 0.7:
            desk.do("withdraw", None, account_id=desk.shop.accounts[0],
                    amount_minor=dice.randint(1, 20), destination=PAYEE)
        elif payouts:
            word = dice.choice(["SENT", "PAID", "PAID", "FAILED", "RETURNED", "RETURNED"])
            desk.say(dice.choice([*payouts[-4:], *payouts]), word,
                     dice.choice([0, 4]) if word == "RETURNED" else 0, None)
        if step in (100, 200):
            assert server.terminate() == 0
            server.start()
            desk.client = server.connect()
    listed = desk.client.list_all("claim", "ListClaims", **desk.on)
    assert {LIVE, RELEASED} <= {one.status for one in listed}
    assert any(one.deducted_minor for one in listed)
    tools.check_database(database.url)


@pytest.mark.parametrize("walk", FAULT_WALKS)
def test_killed_in_the_middle_of_a_deduction(make_server, database, tools, walk):
    """kill -9 at every fault point: what was answered stays, what was not has one effect when it is
    sent again."""
    server = make_server(database.url).start()
    desk = Court(server.connect(), 7326)
    desk.receive(100)
    assert server.terminate() == 0
    claim = {"authority": TAX, "ground": 1, "paper": paper("T-1"), "payee": PAYEE}
    steps = [("place_claim", {"account_id": desk.shop.accounts[0], "amount_minor": 60, **claim}),
             ("confirm_payout", {"payout_id": 1, "result": "PAYOUT_RESULT_FAILED"}),
             ("deduct_claim", {"claim_id": 1, "amount_minor": 20, "paper": paper("T-1"),
                               "payee": PAYEE}),
             ("confirm_payout", {"payout_id": 2, "result": "PAYOUT_RESULT_PAID"}),
             ("confirm_payout", {"payout_id": 2, "result": "PAYOUT_RESULT_RETURNED",
                                 "amount_minor": 5})]
    for (command, fields), point in zip(steps, points_of_walk(walk)):
        fields = {"key": desk.client.key(), **fields}
        answer, again = kill_and_repeat(server, point, desk, command, fields, "ACCEPTED")
        assert answer is None or again.result.sequence == answer.result.sequence
        assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    assert desk.claim(1) == (LIVE, 45, 45, 15, 0) and desk.balance() == (40, 45)
    tools.check_database(database.url)
