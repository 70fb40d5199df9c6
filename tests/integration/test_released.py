"""Final records leave the server's memory, and every answer about them stays what it was.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import time

import pytest

from waiting import wait_until

SEGMENT = 1_000
HOLDS = 8_000
LIVE = (7, 2_500, 7_999)
# Where the engine's records lie: reserved address space of terabytes, in some pieces. A mapping
# that is larger is the sanitizer's shadow, which grows whatever the engine does.
RESERVED_KIB = 64 << 20
SHADOW_KIB = 4 << 30


def engine_kib(server):
    """Memory in use of the engine's arrays."""
    total, is_reserved = 0, False
    for line in pathlib.Path(f"/proc/{server.process.pid}/smaps").read_text().splitlines():
        if line.startswith("Size:"):
            is_reserved = RESERVED_KIB < int(line.split()[1]) < SHADOW_KIB
        elif line.startswith("Rss:") and is_reserved:
            total += int(line.split()[1])
    return total


def send_all(client, items, expect="ACCEPTED"):
    """Sends items in batches."""
    results = []
    for at in range(0, len(items), 2_000):
        part = client.batch(items[at:at + 2_000])
        assert {client.protos.outcome_name(one.result.outcome) for one in part} == {expect}
        results.extend(part)
    return results


class Shop:
    """A platform with finished and live records of every kind that leaves memory."""

    def __init__(self, server, client, prefix):
        self.client = client
        self.platform = client.open_platform(prefix, accounts=4)
        self.ledger = self.platform.ledger_id
        self.accounts = self.platform.accounts
        ahead_us = time.time_ns() // 1000 + 10**12
        self.old_keys = [client.key() for _ in range(40)]
        send_all(client, [self.item("close_account", account_id=2**40, key=key)
                          for key in self.old_keys], "ACCOUNT_NOT_FOUND")
        self.receipt, _ = [
            self.do("book_receipt", account_id=account, amount_minor=1_000_000_000).result.sequence
            for account in self.accounts[:2]]
        self.do("set_terms", payout_return_days=1)
        self.paid = self.do("pay", payer_account_id=self.accounts[0], order_number="O-1",
                            payees=[(self.accounts[1], 100), (self.accounts[2], 50)])
        self.paid = self.paid.result.sequence
        self.do("refund", original_sequence=self.paid, order_number="O-1",
                payees=[(self.accounts[1], 30)])
        self.wrong = self.do("pay", payer_account_id=self.accounts[0],
                             payees=[(self.accounts[1], 9)]).result.sequence
        self.do("reverse", original_sequence=self.wrong, reason="wrong")
        self.payouts = [
            self.do("withdraw", account_id=self.accounts[0], amount_minor=1_000).payout_id
            for _ in range(4)]
        self.do("confirm_payout", payout_id=self.payouts[0], result="PAYOUT_RESULT_SENT",
                bank_reference="B-1")
        for payout, result in zip(self.payouts, ("PAID", "FAILED", "PAID")):
            self.do("confirm_payout", payout_id=payout, result=f"PAYOUT_RESULT_{result}")
        self.do("confirm_payout", payout_id=self.payouts[2], result="PAYOUT_RESULT_RETURNED",
                amount_minor=400)
        self.freezes = [self.do("place_freeze", account_id=self.accounts[0], amount_minor=20,
                                purpose="dispute", expires_at_us=0).freeze_id for _ in range(2)]
        self.do("lift_freeze", freeze_id=self.freezes[0])
        self.proposal = self.do("propose", expires_at_us=ahead_us, command=client.inside(
            "adjust", debit_account_id=self.accounts[0], credit_account_id=self.accounts[1],
            amount_minor=5, reason="wrong")).proposal_id
        self.do("withdraw_proposal", proposal_id=self.proposal)
        self.settled, self.open_settlement = None, 0
        self.acquirer = self.do("open_acquirer", name="allpay", ceiling_minor=100).acquirer_id
        self.promise = self.do("book_promise", acquirer_id=self.acquirer, amount_minor=9,
                               account_id=self.accounts[0], reference="T-1")
        self.do("cancel_promise", promise_id=self.promise.promise_id)
        self.settle()
        self.match()
        send_all(client, [
            self.item("place_hold", payer_account_id=self.accounts[0], amount_minor=2,
                      order_number=f"H-{i}", expires_at_us=ahead_us) for i in range(HOLDS)])
        self.holds = [hold.hold_id for hold in client.list_all(
            "hold", "ListHolds", page_size=1_000, ledger_id=self.ledger)]
        assert len(self.holds) == HOLDS
        send_all(client, [
            self.item("cancel_hold", payer_account_id=self.accounts[0], hold_id=hold,
                      order_number=f"H-{i}")
            for i, hold in enumerate(self.holds) if i not in LIVE])
        # At once: from here on they leave.
        self.full_kib = engine_kib(server)
        for date in (20240301, 20240302):
            self.do("cut_day", accounting_date=date)

    def match(self):
        """A statement of the bank: a line that is the receipt but for 1, and two of payouts."""
        amounts = (1_000_000_000, -1_000, 400)
        statement = self.do(
            "open_bank_statement", currency="CNY", from_date=20240229, to_date=20240229,
            closing_minor=sum(amounts), control_count=len(amounts), file_sha256="0" * 64,
            file_position=1).bank_statement_id
        self.lines = [
            self.do("add_statement_line", bank_statement_id=statement, ordinal=i, amount_minor=one,
                    booking_date=20240229).statement_line_id
            for i, one in enumerate(amounts, 1)]
        self.do("close_bank_statement", bank_statement_id=statement)
        self.match_line(0, 999_999_999, receipt_sequence=self.receipt)
        self.matched = self.match_line(1, 1_000, payout_id=self.payouts[0])
        self.match_line(2, 400, payout_id=self.payouts[2])

    def match_line(self, line, amount, /, expect="ACCEPTED", **booking):
        """Matches one of the three lines; the match, or the refusal's limit."""
        answer = self.do("match_statement_line", expect, statement_line_id=self.lines[line],
                         amount_minor=amount, rule="MANUAL", **booking)
        return answer.statement_match_id or answer.result.limit_minor

    def settle(self):
        """A settlement and a difference that are closed, and a settlement that is open; nothing is
        left of their item."""
        self.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=30)
        item = self.client.list_all("suspense", "ListSuspense",
                                    ledger_id=self.ledger)[-1].suspense_id
        paid = self.do("book_promise", acquirer_id=self.acquirer, amount_minor=20,
                       account_id=self.accounts[0], reference="T-2").promise_id
        fields = {"acquirer_id": self.acquirer, "suspense_id": item, "control_count": 1}
        closed = self.do("open_settlement", control_total_minor=20, **fields).settlement_id
        short = self.do("settle_line", settlement_id=closed, promise_id=paid, gross_minor=19)
        self.do("close_difference", difference_id=short.difference_id, ended_by=3)
        self.do("close_settlement", settlement_id=closed, abandon=True, suspense_id=item)
        whole = self.do("open_settlement", control_total_minor=1, **fields).settlement_id
        nobodys = self.do("settle_line", settlement_id=whole, reference="none", gross_minor=1)
        self.do("close_difference", difference_id=nobodys.difference_id, ended_by=4,
                suspense_id=item)
        self.do("close_settlement", settlement_id=whole)
        fields["control_count"] = 100
        self.open_settlement = self.do("open_settlement", control_total_minor=11,
                                       **fields).settlement_id
        self.settled = (item, whole, nobodys.difference_id)

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def item(self, command, /, **fields):
        """The same for a batch."""
        return self.client.item(command, ledger_id=self.ledger, **fields)

    def pages(self):
        """All that reads show: every record of each kind, also by filters and one by one."""
        client, ledger = self.client, self.ledger

        def all_of(service, method, **fields):
            return [one.SerializeToString(deterministic=True) for one in client.list_all(
                service, method, page_size=1_000, ledger_id=ledger, **fields)]

        return {
            "holds": all_of("hold", "ListHolds"),
            "live": all_of("hold", "ListHolds", status="HOLD_STATUS_LIVE"),
            "finished": all_of("hold", "ListHolds", status="HOLD_STATUS_FINISHED"),
            "of nobody": all_of("hold", "ListHolds", payer_account_id=self.accounts[3]),
            "freezes": all_of("freeze", "ListFreezes"),
            "payouts": all_of("funds", "ListPayouts"),
            "proposals": all_of("proposal", "ListProposals"),
            "promises": all_of("acquirer", "ListPromises", status="PROMISE_STATUS_CANCELLED"),
            "settlements": all_of("acquirer", "ListSettlements", status=2),
            "differences": all_of("acquirer", "ListDifferences",
                                  settlement_id=self.settled[1]),
            "lines": all_of("bankstatement", "ListBankStatementLines",
                            status="STATEMENT_LINE_STATUS_PARTLY"),
            "matches": all_of("bankstatement", "ListStatementMatches",
                              receipt_sequence=self.receipt),
            "some": [client.read("hold", "GetHold", ledger_id=ledger,
                                 hold_id=hold).hold.SerializeToString(deterministic=True)
                     for hold in self.holds[::1_999]],
            "each payout": [client.get_payout(ledger, payout).SerializeToString(
                deterministic=True) for payout in self.payouts],
            "proposal": client.read("proposal", "GetProposal", ledger_id=ledger,
                                    proposal_id=self.proposal).proposal.SerializeToString(),
        }

    def expect_refusals(self):
        """What names a final record is refused for what it is, alone and in batches."""
        payer = self.accounts[0]
        self.do("cancel_hold", "HOLD_FINISHED", payer_account_id=payer, hold_id=self.holds[0],
                order_number="H-0")
        self.do("confirm_hold", "HOLD_FINISHED", payer_account_id=payer, hold_id=self.holds[1],
                order_number="H-1", payees=[(self.accounts[1], 1)])
        self.do("cancel_hold", "HOLD_FINISHED", payer_account_id=payer, order_number="H-0")
        self.do("confirm_hold", "HOLD_FINISHED", payer_account_id=payer, order_number="H-2",
                payees=[(self.accounts[1], 1)])
        self.do("cancel_hold", "HOLD_NOT_FOUND", payer_account_id=payer, order_number="never")
        self.do("confirm_payout", "PAYOUT_FINAL", payout_id=self.payouts[0],
                result="PAYOUT_RESULT_RETURNED")
        self.do("confirm_payout", "PAYOUT_ALREADY_FAILED", payout_id=self.payouts[1],
                result="PAYOUT_RESULT_PAID")
        self.do("intercept_payout", "PAYOUT_ALREADY_PAID", payout_id=self.payouts[2])
        self.do("lift_freeze", "FREEZE_LIFTED", freeze_id=self.freezes[0])
        self.do("withdraw_proposal", "PROPOSAL_DECIDED", proposal_id=self.proposal)
        self.do("cancel_promise", "PROMISE_FINAL", promise_id=self.promise.promise_id)
        used = self.do("book_promise", "PROMISE_REFERENCE_USED", acquirer_id=self.acquirer,
                       account_id=self.accounts[0], amount_minor=1, reference="T-1")
        assert used.result.limit_minor == self.promise.result.sequence
        self.do("settle_line", "SETTLEMENT_CLOSED", settlement_id=self.settled[1],
                reference="T-1", gross_minor=1)
        self.do("close_difference", "DIFFERENCE_FINAL", difference_id=self.settled[2],
                ended_by=4, suspense_id=self.settled[0])
        late = self.do("settle_line", settlement_id=self.open_settlement, reference="T-1",
                       gross_minor=1).difference_id
        found = self.client.read("acquirer", "GetDifference", ledger_id=self.ledger,
                                 difference_id=late).difference
        assert (found.kind, found.promise_id) == (6, self.promise.promise_id)
        self.do("close_difference", difference_id=late, ended_by=4, suspense_id=self.settled[0])
        self.expect_matched()
        # Each time that it is asked, one more comes back.
        assert self.client.read("suspense", "GetSuspense", ledger_id=self.ledger,
                                suspense_id=self.settled[0]).suspense.open_minor > 0
        self.do("cancel_hold", "HOLD_NOT_FOUND", payer_account_id=payer, hold_id=2**40,
                order_number="H-0")
        items = [self.item("cancel_hold", payer_account_id=payer, hold_id=hold,
                           order_number=f"H-{i}")
                 for i, hold in enumerate(self.holds) if 10 <= i < 300]
        send_all(self.client, items, "HOLD_FINISHED")
        self.expect_conflicts()

    def expect_matched(self):
        """How much of lines and bookings is matched is remembered, and can be undone."""
        assert self.match_line(0, 2, "MATCH_ABOVE_LINE", receipt_sequence=self.receipt) == 1
        assert self.match_line(0, 1, "MATCH_ABOVE_BOOKING", payout_id=self.payouts[2]) == 0
        self.match_line(1, 1, "MATCHED_PAYOUT_STAYED", payout_id=self.payouts[1])
        self.do("reverse", "ORIGINAL_MATCHED", original_sequence=self.receipt, reason="wrong")
        self.do("undo_match", statement_match_id=self.matched)
        self.do("undo_match", "STATEMENT_MATCH_UNDONE", statement_match_id=self.matched)
        self.matched = self.match_line(1, 1_000, payout_id=self.payouts[0])
        assert self.match_line(1, 1, "MATCH_ABOVE_LINE", payout_id=self.payouts[0]) == 0

    def expect_conflicts(self):
        """Everything that a request names is old: its key, an earlier command, a final record."""
        named = {
            "cancel_hold": {"payer_account_id": self.accounts[0], "hold_id": self.holds[0],
                            "order_number": "H-0"},
            "lift_freeze": {"freeze_id": self.freezes[0]},
            "withdraw_proposal": {"proposal_id": self.proposal},
            "cancel_promise": {"promise_id": self.promise.promise_id},
            "refund": {"original_sequence": self.paid, "order_number": "O-1"},
            "reverse": {"original_sequence": self.wrong, "reason": "wrong"},
            "undo_match": {"statement_match_id": self.matched},
            "match_statement_line": {
                "statement_line_id": self.lines[0], "payout_id": self.payouts[2],
                "amount_minor": 1, "rule": "MANUAL"},
            "cut_day": {"accounting_date": 20240303},
            "confirm_payout": {
                "payout_id": self.payouts[1], "result": "PAYOUT_RESULT_PAID", "correction": True,
                "bank_reference": "b"},
        }
        for command, fields in named.items():
            self.do(command, "KEY_CONFLICT", key=self.old_keys[0], **fields)
            send_all(self.client, [self.item(command, key=key, **fields)
                                   for key in self.old_keys], "KEY_CONFLICT")


def wait_released(server, full_kib):
    """Waits until the finished holds have left memory."""
    wait_until(lambda: engine_kib(server) < full_kib - HOLDS * 180 // 1024 // 2,
               "less memory of the engine")


@pytest.mark.slow
def test_final_records_leave_memory(make_server, database, tools):
    """Memory falls, answers stay; also after a restart, and beside a replica that is not there."""
    settings = {"journal.segment_commands": str(SEGMENT)}
    server = make_server(database.url, settings).start()
    shop = Shop(server, server.connect(), 8401)
    before = shop.pages()
    assert len(before["holds"]) == HOLDS and len(before["live"]) == len(LIVE)
    assert len(before["finished"]) == HOLDS - len(LIVE) and not before["of nobody"]
    wait_released(server, shop.full_kib)
    assert shop.pages() == before
    shop.expect_refusals()
    # What was given back of an old payment is remembered, to the last bit.
    shop.do("refund", "ABOVE_REST", original_sequence=shop.paid, order_number="O-1",
            payees=[(shop.accounts[1], 71)])
    shop.do("refund", original_sequence=shop.paid, order_number="O-1",
            payees=[(shop.accounts[1], 60)])
    shop.do("reverse", "ORIGINAL_REVERSED", original_sequence=shop.wrong, reason="wrong")

    server.kill()
    server.start()
    shop.client = server.connect()
    assert engine_kib(server) < shop.full_kib - HOLDS * 180 // 1024 // 2
    assert shop.pages() == before
    shop.expect_refusals()
    shop.do("refund", "ABOVE_REST", original_sequence=shop.paid, order_number="O-1",
            payees=[(shop.accounts[1], 11)])
    shop.do("refund", original_sequence=shop.paid, order_number="O-1")
    shop.do("refund", "ABOVE_REST", original_sequence=shop.paid, order_number="O-1")
    assert server.terminate() == 0
    tools.check_database(database.url)

    server.settings["database.read_url"] = database.url.replace(database.name, "nowhere")
    server.start()
    shop.client = client = server.connect()
    for hold in (shop.holds[0], shop.holds[LIVE[0]]):
        assert client.read(
            "hold", "GetHold", ledger_id=shop.ledger, hold_id=hold).hold.hold_id == hold
    shop.expect_refusals()
    shop.do("cancel_hold", payer_account_id=shop.accounts[0], hold_id=shop.holds[LIVE[0]],
            order_number=f"H-{LIVE[0]}")
    assert server.terminate() == 0
    tools.check_database(database.url)
