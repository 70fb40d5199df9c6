"""books.py: a naive subledger that follows the event stream and knows what each command should do.

Fed with the journal's entries in order, it works out for itself what each command must have been
answered and must have booked, and fails on the first difference. Slow, short, and written from the
design's table of postings, not from the server's code.

SPDX-License-Identifier: Apache-2.0
"""
from collections import defaultdict
from types import SimpleNamespace

from books_allocations import Allocations
from books_cards import Cards
from books_next_date import NextDate
from books_promises import Promises
from books_proofs import Proofs
from books_rules import AVAILABLE, BEARER_PAYEES, FROZEN, PENDING_IN, PENDING_OUT, Plan, Rules
from books_settlements import Settlements

ACCEPTED = {"ACCEPTED", "ACCEPTED_UNALLOCATED", "ACCEPTED_CHECK_WRONG", "ACCEPTED_CARD_LOCKED"}

# Of a withdrawal, where which card brought how much decides: that is sealed in the entries.
OF_CARDS = {"CARD_NOT_FOUND", "CARD_NOT_OF_MEMBER", "CARD_NOT_CHECKED", "DESTINATION_NOT_OWN_CARD",
            "NO_CHECKED_CARD", "ABOVE_CARD"}

CONTROL_KINDS = ["escrow", "unallocated", "fee", "platform_own", "interest", "enforcement"]


class Books(Allocations, Cards, NextDate, Promises, Proofs, Settlements, Rules):
    """Balances by (account, bucket) and every record, built from the entries of one database."""

    def __init__(self, protos):
        super().__init__()
        self._protos = protos
        # Of several rules that a command breaks, the answer is the one that stands first here.
        self._precedence = {value.name.removeprefix("OUTCOME_"): place for place, value in
                            enumerate(protos.outcome.Outcome.DESCRIPTOR.values)}
        self.balances = defaultdict(int)
        self.orders = defaultdict(lambda: defaultdict(int))
        self.last_sequence = 0
        self._last_time_us = 0
        self._outcome_before = None
        self.keys = {}
        self.proposals = {}  # open ones, as they were made

    def add(self, entry):
        """Takes the next entry and checks everything about it that the model knows."""
        where = f"entry {entry.sequence}"
        assert entry.sequence == self.last_sequence + 1, f"{where}: after {self.last_sequence}"
        assert entry.recorded_at_us >= self._last_time_us, f"{where}: time went back"
        self.last_sequence = entry.sequence
        self._last_time_us = entry.recorded_at_us
        key = (entry.key.channel, entry.key.business_date, entry.key.serial)
        assert key not in self.keys, f"{where}: key of entry {self.keys[key]} again"
        self.keys[key] = entry.sequence
        outcome = self._protos.outcome_name(entry.outcome)
        command = entry.WhichOneof("request")
        request = getattr(entry, command)
        assert request.key == entry.key, f"{where}: the request has another key"

        if entry.proposal_id:
            self._check_approval(where, command, request, entry)
        plan = self._plan(command, request, entry)
        where = f"{where}: {command} {outcome}"
        self._check_outcome(where, command, outcome, plan)
        self._outcome_before = outcome
        self.recorded[entry.sequence] = entry.ledger_id, command
        before = {(account, bucket): self.balances[account, bucket]
                  for move in plan.moves for account, _ in move[:2] for bucket in range(1, 5)}
        moves = self._book(where, entry)
        if outcome not in ACCEPTED:
            assert not moves and entry.fee_minor == entry.fee_rule_version == 0, where
            assert entry.order_number == getattr(request, "order_number", ""), where
            return
        assert moves == plan.moves, f"{where}: booked {moves}, expected {plan.moves}"
        assert (entry.fee_minor, entry.fee_rule_version) == (
            plan.fee_minor, plan.fee_rule_version), f"{where}: {entry} {vars(plan)}"
        order = getattr(request, "order_number", "") or plan.order_number
        assert entry.order_number == order, f"{where}: order {entry.order_number!r}"
        self.mark_next_date(plan, self.ledgers.get(entry.ledger_id), before)
        for change in plan.changes:
            change()
        self.follow_card(command, request, entry, outcome)
        self.spend_proof(request, entry)
        if command == "propose":
            self.proposals[entry.subject_id] = entry
        if entry.proposal_id or command == "withdraw_proposal":
            del self.proposals[entry.proposal_id or request.proposal_id]
        self._remember(command, request, entry, moves)
        if order:
            self._add_to_order(self.orders[entry.ledger_id, order], command, request, entry, moves)
        if entry.ledger_id in self.ledgers:
            self.clear_overdue(self.ledgers[entry.ledger_id], entry.recorded_at_us)

    def _check_approval(self, where, command, request, entry):
        """What is decided is what was proposed, in time, by somebody else, and not before."""
        made = self.proposals[entry.proposal_id]
        said = type(request)()
        said.CopyFrom(getattr(made.propose.command, command))
        said.key.CopyFrom(request.key)
        said.ledger_id = request.ledger_id
        assert said == request and made.ledger_id == entry.ledger_id, f"{where}: {made}"
        assert made.recorded_at_us == entry.proposed_at_us, where
        assert entry.recorded_at_us < made.propose.expires_at_us, where
        assert made.caller_id == entry.maker_caller_id, where
        if made.caller_id and entry.caller_id:
            assert made.caller_id != entry.caller_id, where
        else:
            assert made.key.channel != entry.key.channel, where

    def add_all(self, entries):
        """Takes many entries."""
        for entry in entries:
            self.add(entry)
        return self

    def _plan(self, command, request, entry):
        plan = Plan()
        rules = getattr(self, "plan_" + command, None)
        ledger = self.ledgers.get(request.ledger_id)
        if rules is None or ledger is None:
            return plan
        plan.refuse("LEDGER_CLOSED", ledger.closed and command != "reveal")
        self.check_proof(plan, command, request, ledger, entry)
        rules(plan, request, ledger, entry)
        if not plan.broken:
            self._settle(plan, ledger)
            self._suspend(plan, ledger, command, request, entry)
        return plan

    def _check_outcome(self, where, command, outcome, plan):
        """The answer is the broken rule that stands first, and acceptance when there is none."""
        if not hasattr(self, "plan_" + command) or outcome in (
                "APPROVAL_NEEDED", "BATCH_ABORTED", "LEDGER_NOT_FOUND"):
            return
        if command == "withdraw" and outcome in OF_CARDS:
            return
        if outcome not in ACCEPTED and self._outcome_before == "BATCH_ABORTED":
            # In an atomic batch it was decided after the items before it, which did not happen.
            return
        expected = min(plan.broken, key=self._precedence.get, default=plan.accepted_as)
        assert outcome == expected, f"{where}: expected {expected} of {plan.broken}"

    def _book(self, where, entry):
        """Books the postings and checks the balances that they name: the moves that they are."""
        moves = []
        for number, posting in enumerate(entry.postings, 1):
            assert posting.line == number and posting.amount_minor > 0, f"{where}: {posting}"
            debit = (posting.debit_account_id, posting.debit_bucket)
            credit = (posting.credit_account_id, posting.credit_bucket)
            self.balances[debit] -= posting.amount_minor
            assert self.balances[debit] == posting.debit_balance_minor, f"{where}: {posting}"
            self.balances[credit] += posting.amount_minor
            assert self.balances[credit] == posting.credit_balance_minor, f"{where}: {posting}"
            if self.accounts[debit[0]].kind in ("member", "fee") and debit[1] == PENDING_IN:
                assert self.balances[debit] >= 0, f"{where}: account {debit[0]} negative"
            if self.accounts[debit[0]].kind == "member":
                assert self.balances[debit] >= 0, f"{where}: account {debit[0]} negative"
            moves.append((debit, credit, posting.amount_minor))
        return moves

    # ---- what stays of an accepted command ----

    def _remember(self, command, request, entry, moves):
        ledger = self.ledgers.get(entry.ledger_id)
        if command == "open_ledger":
            self._open_ledger(request, entry)
        elif command == "open_acquirer":
            # Its account is the next one.
            account_id = max(self.accounts) + 1
            self._open_account(account_id, entry.ledger_id, "acquirer")
            self.acquirers[entry.subject_id].account_id = account_id
        elif command == "close_ledger":
            ledger.closed = True
        elif command == "cut_day":
            ledger.date = request.accounting_date
        elif command in ("open_account", "open_fee_account"):
            self._open_account(entry.subject_id, entry.ledger_id,
                               "member" if command == "open_account" else "fee",
                               getattr(request, "member_id", 0))
        elif command == "close_account":
            account = self.accounts[request.account_id]
            assert not any(self.balances[account.id, bucket] for bucket in range(1, 5))
            assert not account.no_out
            account.closed = True
        elif command == "restrict_account":
            account = self.accounts[request.account_id]
            account.restrictions[request.owner or entry.key.channel] = (
                request.no_in, request.no_out)
            account.no_in, account.no_out = map(any, zip(*account.restrictions.values()))
        rule = None
        if entry.fee_rule_version:
            name = (self.acquirers[request.acquirer_id].terms.fee_rule
                    if command == "book_promise" else request.fee_rule)
            rule = ledger.fee_rules[name][entry.fee_rule_version - 1]
        self.originals[entry.sequence] = SimpleNamespace(
            ledger_id=entry.ledger_id, command=command, order_number=entry.order_number,
            payer=getattr(request, "payer_account_id", 0), moves=moves, rule=rule,
            by_payees=getattr(request, "fee_bearer", 0) == BEARER_PAYEES,
            lines={entry.subject_id: request.amount_minor} if command == "allocate_line" else
            {payee.account_id: payee.amount_minor for payee in getattr(request, "payees", [])},
            sequence=entry.sequence, lump_id=getattr(request, "lump_id", 0),
            source_order=getattr(request, "source_order", ""),
            fee_minor=entry.fee_minor, date=entry.accounting_date,
            suspense_id=getattr(request, "suspense_id", 0),
            has_sender=command == "book_receipt" and request.payer.account_number != "",
            refunded={}, refunded_whole=0, fee_back_whole=0, reversed=False)

    def _open_account(self, account_id, ledger_id, kind, member_id=0):
        self.accounts[account_id] = SimpleNamespace(
            id=account_id, ledger_id=ledger_id, kind=kind, member_id=member_id, no_in=False,
            no_out=False, closed=False, next_date=0, next_minor=0, restrictions={})

    def _open_ledger(self, request, entry):
        # Ids of accounts are given in order; the six control accounts come with the ledger.
        first = max(self.accounts, default=0) + 1
        control = dict(zip(CONTROL_KINDS, range(first, first + 6)))
        self.ledgers[entry.subject_id] = SimpleNamespace(
            id=entry.subject_id, date=request.first_accounting_date, closed=False, fee_rules={},
            chains={}, own_account=None, advance_refunds=False, return_days=30, same_card=False,
            suspense_age_s=0, overdue_us=0, overdue_id=0, **control)
        for kind, account in control.items():
            self._open_account(account, entry.subject_id, kind)

    def _add_to_order(self, sums, command, request, entry, moves):
        """What an accepted command does to the sums of its order; paid = confirmed + refunded +
        held, always."""
        def out_of(bucket, account=None):
            return sum(amount for debit, _, amount in moves
                       if debit[1] == bucket and account in (None, debit[0]))

        def shift(amount, *names):
            for name in names:
                sums[name.lstrip("-")] += -amount if name.startswith("-") else amount

        if command == "pay":
            shift(out_of(AVAILABLE, request.payer_account_id), "paid", "confirmed")
        elif command == "place_hold":
            shift(out_of(AVAILABLE), "paid", "held")
        elif command == "confirm_hold":
            shift(out_of(FROZEN), "-held", "confirmed")
        elif command in ("cancel_hold", "expire"):
            shift(out_of(FROZEN), "-held", "refunded")
        elif command == "refund":
            takers = (self.originals[request.original_sequence].payer,
                      self.ledgers[entry.ledger_id].unallocated)
            shift(sum(amount for _, credit, amount in moves if credit[0] in takers),
                  "-confirmed", "refunded")
        elif command == "reverse":
            if self.originals[request.original_sequence].command == "pay":
                payer = moves[0][1]
                shift(sum(amount for _, credit, amount in moves if credit == payer),
                      "-paid", "-confirmed")
        elif command == "withdraw":
            shift(sum(amount for _, credit, amount in moves if credit[1] == PENDING_OUT),
                  "withdrawn")
        elif command == "intercept_payout" or (command == "confirm_payout" and request.result == 2):
            shift(out_of(PENDING_OUT), "-withdrawn")
        elif command == "confirm_payout" and request.result == 3:
            shift(moves[0][2], "-withdrawn")
        sums["fees"] += entry.fee_minor
        assert sums["paid"] == sums["confirmed"] + sums["refunded"] + sums["held"], (
            f"entry {entry.sequence}: order {dict(sums)}")

    # ---- comparing ----

    def know_receiving_numbers(self, numbers):
        """{receiving number: account}, which the journal does not repeat."""
        self.receiving_numbers.update(numbers)

    def compare_balances(self, client, ledger_id):
        """The server's balances of every account of a ledger are those of the books, and what is
        frozen is what its holds and freezes say."""
        ledger = self.ledgers[ledger_id]
        accounts = [account for account in self.accounts.values()
                    if account.ledger_id == ledger_id]
        frozen = defaultdict(int)
        for hold in self.holds.values():
            frozen[hold.payer_id] += self.held(hold)
        for freeze in self.freezes.values():
            frozen[freeze.account_id] += freeze.amount - freeze.lifted
        answer = client.read("account", "GetBalances", ledger_id=ledger_id,
                             account_ids=[account.id for account in accounts])
        for account, got in zip(accounts, answer.accounts):
            balances = (got.balances.available_minor, got.balances.pending_in_minor,
                        got.balances.pending_out_minor, got.balances.frozen_minor)
            expected = tuple(self.balances[account.id, bucket]
                             for bucket in (AVAILABLE, PENDING_IN, PENDING_OUT, FROZEN))
            assert balances == expected, f"account {account}: {balances}, books {expected}"
            assert frozen[account.id] == expected[3], f"account {account}: {expected} frozen"
            if account.kind == "member":
                assert got.balances.withdrawable_minor == self.withdrawable(account, ledger), (
                    f"account {account}: {got}")

    def compare_records(self, client, ledger_id):
        """The server's holds, freezes, payouts, debts, proposals, promises and items of suspense
        are those of the books, and what is open of the items is what UNALLOCATED has."""
        def name(enum, prefix, value):
            return self._protos.message(enum).Name(value).removeprefix(prefix)

        def mine(records):
            return [record for record in records if record.ledger_id == ledger_id]

        got = [(one.hold_id, one.payer_account_id, one.order_number, one.amount_minor,
                one.confirmed_minor, one.cancelled_minor, one.held_minor, one.expires_at_us,
                name("HoldStatus", "HOLD_STATUS_", one.status))
               for one in client.list_all("hold", "ListHolds", ledger_id=ledger_id)]
        assert got == [(one.id, one.payer_id, one.order_number, one.amount, one.confirmed,
                        one.cancelled, self.held(one), one.expires_at_us, one.status)
                       for one in mine(self.holds.values())]
        got = [(one.freeze_id, one.account_id, one.owner, one.purpose, one.amount_minor,
                one.lifted_minor, one.frozen_minor, one.expires_at_us,
                name("FreezeStatus", "FREEZE_STATUS_", one.status))
               for one in client.list_all("freeze", "ListFreezes", ledger_id=ledger_id)]
        assert got == [(one.id, one.account_id, one.owner, one.purpose, one.amount, one.lifted,
                        one.amount - one.lifted, one.expires_at_us, one.status)
                       for one in mine(self.freezes.values())]
        got = [(one.payout_id, one.account_id, one.amount_minor, one.fee_minor, one.fee_account_id,
                one.returned_minor, one.fee_returned_minor, one.return_until,
                one.evidence_sequence, one.order_number,
                name("PayoutStatus", "PAYOUT_STATUS_", one.status))
               for one in client.list_all("funds", "ListPayouts", ledger_id=ledger_id)]
        assert got == [(one.id, one.account_id, one.amount, one.fee, one.bearer_id, one.returned,
                        one.fee_returned, one.return_until, one.evidence, one.order_number,
                        one.status) for one in mine(self.payouts.values())]
        got = [(one.proposal_id, one.expires_at_us) for one in client.list_all(
            "proposal", "ListProposals", ledger_id=ledger_id, status="PROPOSAL_STATUS_OPEN")]
        assert got == [(number, made.propose.expires_at_us)
                       for number, made in sorted(self.proposals.items())
                       if made.ledger_id == ledger_id]
        got = [one for status in ("OPEN", "RETURNING", "CLOSED") for one in client.list_all(
            "suspense", "ListSuspense", ledger_id=ledger_id, status="SUSPENSE_STATUS_" + status)]
        got.sort(key=lambda one: one.suspense_id)
        told = [(one.suspense_id, one.origin_sequence, one.payout_id, one.amount_minor,
                 one.open_minor, one.allocated_minor, one.reversed_minor, one.returning_minor,
                 one.returned_minor, one.return_payout_id, one.opened_date,
                 one.opened_at_us, one.status) for one in got]
        assert told == [(one.id, one.origin, one.payout_id, one.amount, self.open_of(one),
                         one.allocated, one.reversed, one.returning, one.returned,
                         one.return_payout_id, one.date, one.opened_at_us,
                         1 if self.open_of(one) else 2 if one.returning else 3)
                        for one in mine(self.suspense.values())]
        assert sum(one.open_minor for one in got) == self.balances[
            self.ledgers[ledger_id].unallocated, AVAILABLE]
        self.compare_lumps(client, ledger_id)
        self.compare_age(client, ledger_id)
        got = client.list_all("acquirer", "ListPromises", ledger_id=ledger_id)
        assert [(one.promise_id, one.acquirer_id, one.account_id, one.amount_minor,
                 one.kept_minor, one.fee_minor, one.open_minor, one.settled_minor,
                 one.cancelled_minor, one.status == 2, one.reference,
                 one.order_number, one.due_date, one.booked_sequence,
                 one.told_late_at_us)
                for one in got] == [
            (one.id, one.acquirer_id, one.account_id, one.amount, one.kept, one.fee,
             self.promised(one), one.settled, one.cancelled, one.disputed, one.reference,
             one.order_number, one.due_date, one.booked, one.told_late_us)
            for one in mine(self.promises.values())]
        pending = defaultdict(int)
        for one in mine(self.promises.values()):
            fee = self.promised_fee(one)
            pending[one.account_id] += self.promised(one) - fee
            pending[self.ledgers[ledger_id].fee] += fee
            pending[self.acquirers[one.acquirer_id].account_id] -= self.promised(one)
        for account in mine(self.accounts.values()):
            assert self.balances[account.id, PENDING_IN] == pending[account.id], account
        self.compare_settlements(client, ledger_id)
        self.compare_cards(client, ledger_id)
        got = [(one.debt_id, one.account_id, one.amount_minor, one.recovered_minor)
               for one in client.list_all("funds", "ListDebts", ledger_id=ledger_id)]
        assert got == [(one.id, one.account_id, one.amount, one.recovered)
                       for one in mine(self.debts)]

    def compare_orders(self, client, ledger_id):
        """The server's sums of every order of a ledger are those of the books."""
        for (ledger, order_number), sums in self.orders.items():
            if ledger == ledger_id:
                got = client.read("order", "GetOrder", ledger_id=ledger_id, page_size=1,
                                  order_number=order_number)
                assert got.balanced, f"order {order_number}: {got.sums}"
                for field in ("paid", "confirmed", "refunded", "held", "withdrawn", "fees"):
                    assert getattr(got.sums, field + "_minor") == sums[field], (
                        f"order {order_number}: {got.sums}, books {dict(sums)}")
