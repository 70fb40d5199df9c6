"""test_claims.py: what courts and other organs claim: the queue over restarts and kills, what the
bank's callers and the platform see, and the sums over the journal.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import time

import grpc
import pytest

from client import DATE
from test_crashes import FAULT_WALKS, kill_and_repeat, points_of_walk
from waiting import wait_until

ENDS = 20301231  # nobody's longest term, but that of organs without one
COURT, TAX, POLICE, CREDITOR = 1, 6, 2, 12
BANK_MEASURE = 255
HOUR_US = 3_600_000_000
STEPS = int(os.environ.get("VSL_CLAIM_STEPS", "150"))  # of the random history


class Desk:
    """A ledger with claims on its first account."""

    def __init__(self, client, prefix, accounts=2):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=accounts)
        self.on = {"ledger_id": self.shop.ledger_id}

    def do(self, command, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, **self.on, **fields)

    def place(self, amount, organ="T-1", expect="ACCEPTED", account=0, **fields):
        """A claim of a tax authority; its id."""
        return self.do("place_claim", expect, **{
            "account_id": self.shop.accounts[account], "authority": TAX, "ground": 1,
            "amount_minor": amount, "paper": paper(organ), **fields}).claim_id

    def release(self, claim, organ="T-1", expect="ACCEPTED", amount=0):
        """A part of it, or all."""
        return self.do("release_claim", expect, claim_id=claim, amount_minor=amount,
                       paper=paper(organ))

    def receive(self, amount, account=0):
        """Money for the account."""
        self.do("book_receipt", account_id=self.shop.accounts[account], amount_minor=amount)

    def covers(self):
        """What each live claim covers, by id."""
        listed = self.client.list_all("claim", "ListClaims", status=1, **self.on)
        for claim in listed:
            assert claim.whole or claim.limit_minor == claim.covered_minor + claim.over_minor
        return [claim.covered_minor for claim in listed]

    def balance(self, account=0):
        """Available and frozen."""
        found = self.client.balances(self.shop.ledger_id, self.shop.accounts[account])[0]
        return found[0], found[3]


def paper(organ):
    """A paper of the organ."""
    return {"authority_code": organ, "authority_name": "税务局", "case_number": "(2026) 17",
            "number": "17-1"}


def test_the_worked_example(make_server, database, tools):
    """80, 50 and 30 of 100, then 140, then without the first; the same after a kill."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7301)
    desk.receive(100)
    first = desk.place(80)
    for amount, organ in ((50, "T-2"), (30, "T-3")):
        desk.place(amount, organ)
    assert desk.covers() == [80, 20, 0] and desk.balance() == (0, 100)
    desk.do("pay", "INSUFFICIENT_AVAILABLE", payer_account_id=desk.shop.accounts[0],
            payees=[(desk.shop.accounts[1], 1)])
    desk.receive(40)
    assert desk.covers() == [80, 50, 10]
    frozen = desk.client.read("freeze", "GetFrozen", account_id=desk.shop.accounts[0], **desk.on)
    assert (frozen.frozen_minor, frozen.holds_minor) == (140, 0)
    assert [(one.purpose, one.frozen_minor) for one in frozen.purposes] == [("bank", 140)]
    server.kill()
    server.start()
    desk.client = server.connect()
    assert desk.covers() == [80, 50, 10]
    desk.release(first, "T-2", "CLAIM_OF_ANOTHER_ORGAN")
    desk.release(first)
    assert desk.covers() == [50, 30] and desk.balance() == (60, 80)
    desk.do("close_account", "ACCOUNT_NOT_EMPTY", account_id=desk.shop.accounts[0])
    listed = tools.vslctl("claim", "list", "--server", server.target, "--ledger",
                          str(desk.shop.ledger_id), "--json")
    assert listed.returncode == 0 and listed.stdout.count("claim_id") == 3, listed
    tools.check_database(database.url)


def test_an_organ_is_answered(make_server, database, tools):
    """What is due is listed, soonest first, told once over kills, and over when it was given."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7306)
    now_us = time.time_ns() // 1000
    desk.receive(100)
    claim = desk.place(80, answer_by_us=now_us + 24 * HOUR_US)
    desk.place(30, "T-2", answer_by_us=now_us + HOUR_US // 4 + 2_000_000)
    asked = desk.do("open_feedback", paper=paper("T-3"), answer_by_us=now_us + 6 * HOUR_US)
    desk.release(claim)
    server.kill()
    server.start()
    desk.client = server.connect()

    def listed(**fields):
        return desk.client.list_all("claim", "ListFeedback", **fields, **desk.on)

    def told():
        return [one.expire.id for one in desk.client.list_all(
            "journal", "ListCommands", kinds=["COMMAND_KIND_EXPIRE"], **desk.on)]
    wait_until(lambda: listed()[1].notice_given, "the second one to be told")
    server.kill()
    server.start()
    desk.client = server.connect()
    assert [one.notice_given for one in listed()] == [False, True, False, False]
    assert told() == [2]
    assert [one.feedback_id for one in listed(due_before_us=now_us + 7 * HOUR_US)] == [2, 3]
    assert [one.feedback_id for one in listed(claim_id=claim)] == [1, 4]

    def vslctl(*arguments):
        return tools.vslctl("claim", *arguments, "--server", server.target, "--ledger",
                            str(desk.shop.ledger_id))
    due = json.loads(vslctl("due", "--json").stdout)["feedback"]
    assert [one["feedback_id"] for one in due] == ["2", "3", "1", "4"]
    given = {"feedback_id": asked.feedback_id, "given_by": "0173", "reference": "R-1"}
    desk.do("give_feedback", "FEEDBACK_OF_ANOTHER_ORGAN", authority_code="T-2", **given)
    desk.do("give_feedback", authority_code="T-3", **given)
    desk.do("give_feedback", "FEEDBACK_GIVEN", authority_code="T-3", **given)
    answered = vslctl("answer", "--feedback", "2", "--authority-code", "T-2", "--given-by", "0173")
    assert answered.returncode == 0, answered
    shown = vslctl("due").stdout.splitlines()
    assert [line.split()[0] for line in shown[1:]] == ["1", "4"], shown
    shown = desk.client.read("claim", "GetFeedback", feedback_id=3, **desk.on).feedback
    said = desk.client.find_command(sequence=shown.given_sequence)
    assert (said.give_feedback.given_by, said.give_feedback.reference) == ("0173", "R-1")
    tools.check_database(database.url)


def test_a_random_history_adds_up(make_server, database, tools):
    """Receipts, payments, holds, claims, restarts: every cover as it is made from nothing."""
    dice = random.Random(17)
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7302)
    claims = []
    for step in range(STEPS):
        draw = dice.random()
        if draw < 0.25:
            amount = dice.choice([0, dice.randint(1, 90), dice.randint(1, 90), dice.randint(1, 90)])
            fields = {"authority": CREDITOR, "ground": 7} if dice.random() < 0.2 else {}
            account = dice.randrange(2)
            claims.append([desk.place(amount, account=account, **fields), account, amount,
                           bool(fields)])
        elif draw < 0.4 and claims:
            one = dice.choice(claims)
            part = 0 if one[2] == 0 or dice.random() < 0.5 else dice.randint(1, one[2])
            desk.release(one[0], amount=part)
            one[2] -= part
            if part == 0 or one[2] == 0:
                claims.remove(one)
        elif draw < 0.75:
            desk.receive(dice.randint(1, 60), dice.randrange(2))
        else:
            payer = dice.randrange(2)
            desk.do("pay", None, payer_account_id=desk.shop.accounts[payer],
                    payees=[(desk.shop.accounts[1 - payer], dice.randint(1, 30))])
        if step == STEPS // 2:
            assert server.terminate() == 0
            server.start()
            desk.client = server.connect()
        for account in range(2):
            left = sum(desk.balance(account))
            for one in sorted((one for one in claims if one[1] == account),
                              key=lambda one: (not one[3], one[0])):
                covered = min(left, one[2] or left)
                left -= covered
                found = desk.client.read("claim", "GetClaim", claim_id=one[0], **desk.on).claim
                assert found.covered_minor == covered, (step, one)
            assert desk.balance(account)[0] == left
    tools.check_database(database.url)


def test_who_sees_claims(house):
    """The judicial front places them, operators and auditors read; the platform hears that the bank
    keeps money, when it does, and of the rest nothing."""
    front, bank, ops, court, shop = (
        house.let_in(role, [role])
        for role in ("front", "adapter", "operator", "judicial", "platform"))
    ledger = ops.command("open_ledger", platform_name="M", escrow_account_number="1",
                         currency="CNY", receiving_prefix="7303",
                         first_accounting_date=DATE).ledger_id
    on = {"ledger_id": ledger}
    member = front.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U",
                           **on).member_id
    account = front.command("open_account", member_id=member, **on).account_id
    place = {"account_id": account, "authority": TAX, "ground": 1, "paper": paper("T-1"), **on}
    empty = court.command("place_claim", amount_minor=10, **place).result.sequence
    bank.command("book_receipt", account_id=account, amount_minor=40, **on)
    keeps = court.command("place_claim", amount_minor=20, **place)
    last = court.command("release_claim", claim_id=keeps.claim_id, paper=paper("T-1"), **on)
    for client in (front, bank, shop):
        with pytest.raises(grpc.RpcError) as refused:
            client.read("claim", "ListClaims", **on)
        assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    with pytest.raises(grpc.RpcError) as refused:
        front.command("place_claim", amount_minor=1, **place)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert len(ops.list_all("claim", "ListClaims", **on)) == 2

    def told(entries):
        return {entry.sequence: entry for entry in entries}
    seen = told(shop.entries(1, last.result.sequence))
    assert empty not in seen
    for sequence in (keeps.result.sequence, last.result.sequence):
        for entry in (seen[sequence], shop.find_command(sequence=sequence),
                      told(shop.read("journal", "ListCommands", **on).entries)[sequence]):
            assert entry.kind == BANK_MEASURE and len(entry.postings) == 1
            assert not entry.key.serial and not entry.WhichOneof("request")
            assert entry.subject_id == 0 and entry.caller_name == ""
    assert shop.find_command(sequence=empty) is None
    kinds = shop.read("journal", "ListCommands", kinds=["COMMAND_KIND_PLACE_CLAIM"], **on)
    assert not kinds.entries
    lines = shop.read("account", "ListStatementLines", account_id=account, **on).lines
    assert {line.kind for line in lines} == {30, BANK_MEASURE}
    # Whoever is of the bank is told all of it, masked.
    entry = court.find_command(sequence=keeps.result.sequence)
    assert entry.place_claim.paper.case_number == "(2026) 17"
    # All postings together are the balance, also for the platform.
    balance = sum((p.amount_minor if p.credit_account_id == account else 0)
                  - (p.amount_minor if p.debit_account_id == account else 0)
                  for entry in seen.values() for p in entry.postings)
    assert balance == sum(shop.balances(ledger, account)[0]) == 40


def test_a_claim_looks_like_a_freeze(house):
    """Of two accounts one is claimed and one frozen, a part of it is free again, then the rest:
    what the platform is told differs in nothing."""
    front = house.let_in("front", ["front", "adapter", "operator"])
    court, shop = house.let_in("court", ["judicial"]), house.let_in("shop", ["platform"])
    ledger = front.command("open_ledger", platform_name="M", escrow_account_number="1",
                           currency="CNY", receiving_prefix="7304",
                           first_accounting_date=DATE).ledger_id
    on = {"ledger_id": ledger}
    member = front.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U",
                           **on).member_id
    accounts = []
    for _ in range(2):
        accounts.append(front.command("open_account", member_id=member, **on).account_id)
        front.command("book_receipt", account_id=accounts[-1], amount_minor=40, **on)
    start = front.command("book_receipt", account_id=accounts[1], amount_minor=1,
                          **on).result.sequence + 2
    front.command("book_receipt", account_id=accounts[0], amount_minor=1, **on)

    def view(account):
        """What the platform is told of it, in order, without numbers that are of each alone."""
        entries = {
            "events": shop.entries(start, last), "commands": sorted(
                shop.read("journal", "ListCommands", account_id=account, **on).entries,
                key=lambda entry: entry.sequence),
            "one by one": [shop.find_command(sequence=number) for number in range(start, last + 1)]}
        told = [(name, entry.kind, entry.outcome, entry.key.channel, entry.key.serial,
                 entry.subject_id, entry.order_number, entry.limit_minor, entry.proposal_id,
                 entry.WhichOneof("request"), len(entry.members),
                 [(p.amount_minor, p.debit_bucket, p.credit_bucket, p.debit_balance_minor,
                   p.credit_balance_minor) for p in entry.postings])
                for name, found in entries.items() for entry in found
                if entry and entry.sequence >= start and any(
                    account in (p.debit_account_id, p.credit_account_id) for p in entry.postings)]
        lines = [(line.line, line.kind, line.bucket, line.amount_minor, line.balance_after_minor,
                  line.key.channel, line.key.serial, line.order_number, line.remark)
                 for line in shop.read("account", "ListStatementLines", account_id=account,
                                       **on).lines if line.sequence >= start]
        frozen = shop.read("freeze", "GetFrozen", account_id=account, **on)
        return (told, lines, frozen.frozen_minor, frozen.holds_minor,
                [(one.purpose, one.frozen_minor, one.freeze_count) for one in frozen.purposes],
                shop.balances(ledger, account)[0])

    claim = court.command("place_claim", account_id=accounts[0], authority=TAX, ground=1,
                          amount_minor=30, paper=paper("T-1"), **on).claim_id
    placed = court.command("place_freeze", account_id=accounts[1], amount_minor=30,
                           purpose="risk", reason="r", **on)
    last = placed.result.sequence
    assert view(accounts[0]) == view(accounts[1]) and view(accounts[0])[2] == 30
    for amount in (10, 0):
        court.command("release_claim", claim_id=claim, amount_minor=amount, paper=paper("T-1"),
                      **on)
        last = court.command("lift_freeze", freeze_id=placed.freeze_id, amount_minor=amount,
                             **on).result.sequence
        assert view(accounts[0]) == view(accounts[1])
    court.command("place_freeze", "INSUFFICIENT_AVAILABLE", account_id=accounts[1],
                  amount_minor=1000, purpose="risk", **on)
    for kind in ("PLACE_FREEZE", "LIFT_FREEZE", "PLACE_CLAIM", "RELEASE_CLAIM"):
        assert not shop.read("journal", "ListCommands", kinds=[f"COMMAND_KIND_{kind}"],
                             **on).entries
    for method, fields in (("ListFreezes", {}), ("GetFreeze", {"freeze_id": placed.freeze_id})):
        with pytest.raises(grpc.RpcError) as refused:
            shop.read("freeze", method, **fields, **on)
        assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    # Whoever is of the bank reads which is which.
    assert [(one.purpose, one.amount_minor) for one in front.list_all(
        "freeze", "ListFreezes", **on)] == [("risk", 30)]


@pytest.mark.parametrize("walk", FAULT_WALKS)
def test_killed_in_the_middle_of_a_claim(make_server, database, tools, walk):
    """kill -9 at every fault point: what was answered stays, what was not has one effect when it is
    sent again."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7310)
    desk.receive(100)
    assert server.terminate() == 0
    claim = None
    steps = [("place_claim", {"account_id": desk.shop.accounts[0], "authority": TAX, "ground": 1,
                              "amount_minor": 60, "paper": paper("T-1")}),
             ("book_receipt", {"account_id": desk.shop.accounts[0], "amount_minor": 5}),
             ("release_claim", {"amount_minor": 10, "paper": paper("T-1")})]
    for (command, fields), point in zip(steps, points_of_walk(walk)):
        if command == "release_claim":
            fields["claim_id"] = claim
        fields = {"key": desk.client.key(), **fields}
        answer, again = kill_and_repeat(server, point, desk, command, fields, "ACCEPTED")
        assert answer is None or again.result.sequence == answer.result.sequence
        claim = again.claim_id if command == "place_claim" else claim
        assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    assert desk.covers() == [50] and desk.balance() == (55, 50)
    tools.check_database(database.url)
