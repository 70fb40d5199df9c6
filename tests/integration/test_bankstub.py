"""The stand-in for the bank: its rules, its state file and book, and payouts that are said twice.

SPDX-License-Identifier: Apache-2.0
"""
import re
import signal
import subprocess

import pytest

from waiting import wait_until


class Bank:
    """A server with a funded account, and bankstubs on it."""

    def __init__(self, server, tools, state):
        self.tools = tools
        self.server = server
        self.client = server.connect()
        self.statuses = self.client.protos.payout.PayoutStatus
        self.results = self.client.protos.payout.PayoutResult
        self.state = state
        self._book = state.with_name(state.name + ".book")
        self.day = self.client.open_platform(6101, accounts=1)
        self.ledger, self.account = self.day.ledger_id, self.day.accounts[0]
        self.client.command("book_receipt", ledger_id=self.ledger, account_id=self.account,
                            amount_minor=100_000)

    def withdraw(self, amount, **fields):
        """Requests a payout."""
        fields.setdefault("account_id", self.account)
        return self.client.command(
            "withdraw", ledger_id=self.ledger, amount_minor=amount, **fields).payout_id

    def say(self, payout, result, **fields):
        """Says what became of a payout, as somebody else than the bankstub."""
        return self.client.command("confirm_payout", ledger_id=self.ledger, payout_id=payout,
                                   result=f"PAYOUT_RESULT_{result}", **fields)

    def once(self, *arguments, state=True, status=0):
        """Lets a bankstub deal with what is there; its log."""
        if state:
            arguments = ("--state", self.state, *arguments)
        return self.tools.run("bankstub", "--server", f"127.0.0.1:{self.server.port}", "--once",
                              *arguments, status=status).stderr.splitlines()

    def start(self, *arguments):
        """A bankstub that goes on until it is killed."""
        return subprocess.Popen(
            [self.tools.path("bankstub"), "--server", f"127.0.0.1:{self.server.port}", "--state",
             self.state, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def payout(self, payout):
        """A payout as it is."""
        return self.client.get_payout(self.ledger, payout)

    def status(self, payout):
        """PAID and so on."""
        return self.statuses.Name(self.payout(payout).status).removeprefix("PAYOUT_STATUS_")

    def said(self, payout):
        """What was said about a payout and accepted, in order."""
        found = []
        for entry in self.entries():
            if entry.HasField("confirm_payout") and entry.confirm_payout.payout_id == payout:
                found.append(self.results.Name(entry.confirm_payout.result)
                             .removeprefix("PAYOUT_RESULT_"))
        return found

    def entries(self):
        """Everything that was accepted on the ledger."""
        return self.client.entries(1, self.client.tie_out(self.ledger).as_of_sequence,
                                   ledger_id=self.ledger, accepted_only=True)

    def has_book(self):
        """Whether a bankstub with a state file ever ran."""
        return self._book.exists()

    def book(self):
        """[(payout, result)] in the book of the bankstub's bank."""
        lines = re.findall(r"^payout=(\d+) ledger=\d+ amount=\d+ result=(\w+)$",
                           self._book.read_text(), re.MULTILINE)
        return [(int(payout), result) for payout, result in lines]


@pytest.fixture(name="bank")
def fixture_bank(server, tools, tmp_path):
    """A server with a funded account, and bankstubs on it."""
    return Bank(server, tools, tmp_path / "state")


def test_payouts_end_by_rule_and_are_never_said_twice(bank, tmp_path):
    client, ledger, account = bank.client, bank.ledger, bank.account
    rule = "amount-ends-with=99:failed,amount-ends-with=98:returned"
    payouts = [bank.withdraw(amount) for amount in (1000, 1099, 1098)]
    bank.once("--rule", rule)
    assert [bank.status(payout) for payout in payouts] == ["PAID", "FAILED", "RETURNED"]
    assert [bank.said(payout) for payout in payouts] == [
        ["SENT", "PAID"], ["SENT", "FAILED"], ["SENT", "PAID", "RETURNED"]]
    assert bank.book() == list(zip(payouts, ("paid", "failed", "paid")))
    assert client.balances(ledger, account) == [(99_000, 0, 0, 0)]

    bank.withdraw(1500)
    # What one that was killed left of the next state is written over.
    partial = bank.state.with_name(bank.state.name + ".partial")
    partial.write_text("next_sequ")
    said = bank.once()
    assert "withdrawals=1 paid=1" in said[-1], "it must go on where it stopped"
    assert not partial.exists()
    bank.state.unlink()
    said = bank.once("--rule", rule)
    assert "withdrawals=4 paid=0 failed=0 returned=0 sent=0 unknown=0 already=4 refused=0" in (
        said[-1]), said[-1]
    assert len(bank.book()) == 4
    said = bank.once("--from", 1, "--rule", rule, state=False)
    assert "sent=0 unknown=0 already=4 refused=0" in said[-1], said[-1]
    assert client.balances(ledger, account) == [(97_500, 0, 0, 0)]
    assert client.tie_out(ledger).balanced

    bank.state.write_text("nothing of it\n")
    bank.once(status=2)
    bank.withdraw(1700)
    said = bank.once("--state", tmp_path / "no/such/folder", state=False, status=2)
    assert "could not write" in said[-1]
    assert client.balances(ledger, account)[0][2] == 1700, "nothing was answered"
    bank.once(state=False)
    assert client.balances(ledger, account)[0][2] == 0


def test_an_unknown_payout_is_asked_for_and_not_sent_again(bank):
    rule = "amount-ends-with=7:unknown-failed,unknown"
    paid, failed = bank.withdraw(1000), bank.withdraw(1007)
    said = bank.once("--rule", rule, "--ask-after", "0.2")
    assert "paid=1 failed=1 returned=0 sent=2 unknown=2 already=0 refused=0" in said[-1], said[-1]
    assert bank.said(paid) == ["SENT", "UNKNOWN", "PAID"]
    assert bank.said(failed) == ["SENT", "UNKNOWN", "FAILED"]
    assert bank.book() == [(paid, "paid"), (failed, "failed")]
    assert bank.client.balances(bank.ledger, bank.account) == [(99_000, 0, 0, 0)]


def test_returns_come_in_parts_and_twice(bank):
    rule = "amount-ends-with=1:partly-returned,amount-ends-with=2:returned-twice"
    part, twice, least = bank.withdraw(1001), bank.withdraw(1002), bank.withdraw(1)
    bank.once("--rule", rule)
    assert [(bank.status(payout), bank.payout(payout).returned_minor)
            for payout in (part, twice, least)] == [
                ("PAID", 500), ("RETURNED", 1002), ("RETURNED", 1)]
    assert bank.said(part) == ["SENT", "PAID", "RETURNED"]
    assert bank.said(twice) == ["SENT", "PAID", "RETURNED", "RETURNED"]
    # Once more from the beginning: what came back does not come back again.
    bank.state.unlink()
    said = bank.once("--rule", rule)
    assert "returned=0" in said[-1] and "already=3 refused=0" in said[-1], said[-1]
    assert bank.payout(part).returned_minor == 500
    assert bank.client.balances(bank.ledger, bank.account) == [(99_499, 0, 0, 0)]


def cut_days(bank):
    """Closes the key window over everything that was done before."""
    for date in (20240301, 20240302, 20240303, 20240304):
        bank.client.command("cut_day", ledger_id=bank.ledger, accounting_date=date,
                            key=bank.client.key(date=date))


def test_a_return_goes_on_after_its_day_is_closed(bank):
    """The keys of the first run are closed then: what came back already is asked for."""
    payout = bank.withdraw(1000)
    bank.once()
    bank.say(payout, "RETURNED", amount_minor=500)
    cut_days(bank)
    for _ in range(2):
        bank.state.unlink()
        said = bank.once("--rule", "returned-twice")
        assert "refused=0" in said[-1], said[-1]
        assert bank.payout(payout).returned_minor == 1000
        assert bank.said(payout) == ["SENT", "PAID", "RETURNED", "RETURNED"]


def test_a_return_falls_due_after_its_day_is_closed(bank):
    payout = bank.withdraw(1000)
    process = bank.start("--rule", "returned-after=3")
    try:
        wait_until(lambda: bank.status(payout) == "PAID", "the payout to be paid")
        cut_days(bank)
        wait_until(lambda: bank.status(payout) == "RETURNED", "the payout to come back")
    finally:
        process.kill()
        process.wait()
    assert bank.said(payout) == ["SENT", "PAID", "RETURNED"]


def test_a_payout_that_was_sent_is_asked_for(bank):
    """Sent by a run that broke off: before it reached the bank, or behind that."""
    lost, executed, failed, unknown = (bank.withdraw(amount) for amount in (100, 200, 300, 400))
    for payout in (lost, executed, failed):
        bank.say(payout, "SENT")
    bank.say(unknown, "UNKNOWN")
    book = "vsl bankstub book 1\n"
    for payout, amount, result in ((executed, 200, "paid"), (failed, 300, "failed"),
                                   (unknown, 400, "paid")):
        book += f"payout={payout} ledger={bank.ledger} amount={amount} result={result}\n"
    bank.state.with_name("state.book").write_text(book)
    said = bank.once()
    assert "paid=2 failed=2 returned=0 sent=0" in said[-1] and "refused=0" in said[-1], said[-1]
    assert [bank.status(payout) for payout in (lost, executed, failed, unknown)] == [
        "FAILED", "PAID", "FAILED", "PAID"]
    assert bank.book() == [(executed, "paid"), (failed, "failed"), (unknown, "paid")]
    assert bank.client.balances(bank.ledger, bank.account) == [(99_400, 0, 0, 0)]


def test_without_a_book_nobody_guesses(bank):
    payout = bank.withdraw(100)
    bank.say(payout, "SENT")
    said = bank.once(state=False)
    assert bank.status(payout) == "UNKNOWN"
    assert any("settle it by vslctl payout paid or failed" in line for line in said)
    said = bank.once(state=False)
    assert bank.status(payout) == "UNKNOWN" and "refused=0" in said[-1]
    bank.say(payout, "PAID")
    bank.once(state=False)
    assert bank.said(payout) == ["SENT", "UNKNOWN", "PAID"]


def test_killed_while_it_waits_it_pays_once(bank):
    payout = bank.withdraw(1000)
    process = bank.start("--rule", "unknown", "--ask-after", "3600")
    try:
        wait_until(lambda: bank.status(payout) == "UNKNOWN", "the payout to be unknown")
        assert bank.book() == [(payout, "paid")]
        said = bank.once("--from", "1", status=2)
        assert "another bankstub runs with it" in said[-1]
    finally:
        process.kill()
        process.wait()
    # The rule would now fail it, but the bank knows better.
    bank.once("--rule", "failed")
    assert bank.said(payout) == ["SENT", "UNKNOWN", "PAID"]
    assert bank.book() == [(payout, "paid")]
    assert bank.client.balances(bank.ledger, bank.account) == [(99_000, 0, 0, 0)]


def test_killed_at_any_moment_it_pays_once(bank):
    payouts = []
    broken_off = 0
    for _ in range(12):
        before = len(bank.book()) if payouts else 0
        process = bank.start("--rule", "every-nth-unknown=3,every-nth-failed=5", "--ask-after",
                             "0.05")
        try:
            for _ in range(20):
                items = [bank.client.item("withdraw", ledger_id=bank.ledger, amount_minor=10,
                                          account_id=bank.account) for _ in range(5)]
                payouts.extend(result.subject_id for result in bank.client.batch(items))
            wait_until(lambda count=before: bank.has_book() and len(bank.book()) > count,
                       "the bank to execute something", interval_s=0.001)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        broken_off += any(bank.status(payout) in ("SENT", "UNKNOWN") for payout in payouts)
    assert broken_off > 0, "no kill hit a payout on its way"
    said = bank.once("--rule", "every-nth-unknown=3,every-nth-failed=5", "--ask-after", "0.05")
    assert "refused=0" in said[-1], said[-1]
    book = bank.book()
    assert len({payout for payout, _ in book}) == len(book), "executed twice"
    assert len(book) > 0
    executed = dict(book)
    paid = 0
    for payout in payouts:
        is_paid = executed.get(payout) == "paid"
        assert bank.status(payout) == ("PAID" if is_paid else "FAILED"), payout
        paid += is_paid
    assert bank.client.balances(bank.ledger, bank.account) == [(100_000 - 10 * paid, 0, 0, 0)]
    assert bank.client.tie_out(bank.ledger).balanced


def test_what_is_not_sent_yet_can_be_intercepted(bank):
    payout = bank.withdraw(1000)
    process = bank.start("--send-after", "3600")
    try:
        bank.client.command("intercept_payout", ledger_id=bank.ledger, payout_id=payout)
    finally:
        process.kill()
        process.wait()
    said = bank.once()
    assert "sent=0" in said[-1] and "already=1 refused=0" in said[-1], said[-1]
    assert bank.status(payout) == "CANCELLED"
    assert not bank.book()


def test_a_fee_inside_and_the_platforms_own_money(bank):
    client = bank.client
    own = client.party(name="Test Market Ltd", account_number="62220009", bank_code="")
    client.command("set_terms", ledger_id=bank.ledger, own_account=own)
    client.command("book_receipt", ledger_id=bank.ledger, payer=own, amount_minor=5000,
                   account_id=bank.day.control.platform_own_account_id)
    inside = bank.withdraw(1000, fee_minor=300, fee_mode="FEE_MODE_INSIDE")
    platform = bank.withdraw(2000, account_id=bank.day.control.platform_own_account_id,
                             destination=own)
    bank.once("--rule", "partly-returned")
    assert bank.payout(inside).amount_minor == 700
    assert bank.payout(inside).returned_minor == 350, "one half of what left"
    assert bank.payout(platform).returned_minor == 1000
    assert client.balances(bank.ledger, bank.day.control.platform_own_account_id) == [
        (4000, 0, 0, 0)]
    assert client.tie_out(bank.ledger).balanced


def test_a_place_behind_the_end_is_no_place(bank):
    """The state file of another journal, or of before a restore."""
    bank.withdraw(100)
    said = bank.once("--from", 10**9, state=False, status=2)
    assert any("the journal ends with" in line for line in said), said
    assert any("begin with another state file" in line for line in said), said
    bank.once()
    bank.state.write_text(bank.state.read_text().replace("next_sequence ", "next_sequence 9", 1))
    said = bank.once(status=2)
    assert any("begin with another state file" in line for line in said), said
