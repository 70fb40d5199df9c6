"""books.py: a naive subledger that follows the event stream and knows what each command should do.

Fed with the journal's entries in order, it works out for itself what each command must have been
answered and must have booked, and fails on the first difference. Slow, short, and written from the
design's table of postings, not from the server's code.

SPDX-License-Identifier: Apache-2.0
"""
from collections import defaultdict

AVAILABLE, PENDING_IN, PENDING_OUT, FROZEN = 1, 2, 3, 4

ACCEPTED = {"ACCEPTED", "ACCEPTED_UNALLOCATED"}


def _not_zero(moves):
    return {place: amount for place, amount in moves.items() if amount}


class Books:
    """Balances by (account, bucket), built from the entries of one database."""

    def __init__(self, protos):
        self._protos = protos
        self.balances = defaultdict(int)
        self.ledgers = {}
        self.accounts = {}
        self.receiving_numbers = {}
        self.payouts = {}
        self.last_sequence = 0
        self._last_time_us = 0
        self.keys = {}

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
        self._check_outcome(where, command, request, outcome)
        self._outcome_before = outcome
        expected = defaultdict(int)
        if outcome in ACCEPTED:
            for debit, credit, amount in self._moves(command, request, entry, outcome):
                expected[debit] -= amount
                expected[credit] += amount
            self._remember(command, request, entry)
        booked = defaultdict(int)
        for number, posting in enumerate(entry.postings, 1):
            assert posting.line == number and posting.amount_minor > 0, f"{where}: {posting}"
            debit = (posting.debit_account_id, posting.debit_bucket)
            credit = (posting.credit_account_id, posting.credit_bucket)
            booked[debit] -= posting.amount_minor
            booked[credit] += posting.amount_minor
            self.balances[debit] -= posting.amount_minor
            assert self.balances[debit] == posting.debit_balance_minor, f"{where}: {posting}"
            self.balances[credit] += posting.amount_minor
            assert self.balances[credit] == posting.credit_balance_minor, f"{where}: {posting}"
        assert _not_zero(booked) == _not_zero(expected), (
            f"{where}: {command} {outcome} booked {dict(booked)}, expected {dict(expected)}")
        for account, bucket in booked:
            if self.accounts.get(account) == "member":
                assert self.balances[account, bucket] >= 0, f"{where}: account {account} negative"

    _outcome_before = None

    def add_all(self, entries):
        """Takes many entries."""
        for entry in entries:
            self.add(entry)
        return self

    def _check_outcome(self, where, command, request, outcome):
        """What is affordable must be accepted, what is not must be refused as unaffordable."""
        if command == "pay":
            account = request.payer_account_id
            need = sum(payee.amount_minor for payee in request.payees) + request.fee_minor
        elif command == "withdraw":
            account, need = request.account_id, self._withdraw_parts(request)[0]
        elif command == "charge_fee":
            account, need = request.account_id, request.amount_minor
        else:
            return
        if outcome == "ACCEPTED":
            assert self.balances[account, AVAILABLE] >= need, f"{where}: accepted without cover"
        elif outcome == "INSUFFICIENT_AVAILABLE" and self._outcome_before != "BATCH_ABORTED":
            # In an atomic batch it was decided after the items before it, which did not happen.
            assert self.balances[account, AVAILABLE] < need, f"{where}: refused though covered"

    @staticmethod
    def _withdraw_parts(request):
        """What the account gives, what leaves the escrow account."""
        if request.fee_mode == 2:
            return request.amount_minor, request.amount_minor - request.fee_minor
        return request.amount_minor + request.fee_minor, request.amount_minor

    def _moves(self, command, request, entry, outcome):
        """[(from, to, amount)] that an accepted command must book."""
        control = self.ledgers.get(entry.ledger_id)
        if command == "book_receipt":
            if outcome == "ACCEPTED_UNALLOCATED":
                account = control + 1
            else:
                account = request.account_id or self.receiving_numbers[request.receiving_number]
            assert entry.subject_id == account
            return [((control, AVAILABLE), (account, AVAILABLE), request.amount_minor)]
        if command == "book_interest":
            return [((control, AVAILABLE), (request.account_id, AVAILABLE), request.amount_minor)]
        fee = (control + 2, AVAILABLE) if control else None
        if command == "charge_fee":
            return [((request.account_id, AVAILABLE), fee, request.amount_minor)]
        if command == "pay":
            payer = (request.payer_account_id, AVAILABLE)
            return [*((payer, (payee.account_id, AVAILABLE), payee.amount_minor)
                      for payee in request.payees), (payer, fee, request.fee_minor)]
        if command == "withdraw":
            account = request.account_id
            leaves = self._withdraw_parts(request)[1]
            return [((account, AVAILABLE), (account, PENDING_OUT), leaves),
                    ((account, AVAILABLE), fee, request.fee_minor)]
        if command == "confirm_payout":
            account, amount, fee_minor = self.payouts[request.payout_id]
            return {
                1: [((account, PENDING_OUT), (control, AVAILABLE), amount)],
                # Nothing left the bank, so nothing is charged.
                2: [((account, PENDING_OUT), (account, AVAILABLE), amount),
                    (fee, (account, AVAILABLE), fee_minor)],
                3: [((control, AVAILABLE), (account, AVAILABLE), amount)],
            }[request.result]
        return []

    def _remember(self, command, request, entry):
        if command == "open_ledger":
            # Ids of accounts are given in order; the six control accounts come with the ledger.
            first = max(self.accounts, default=0) + 1
            self.ledgers[entry.subject_id] = first
            for account in range(first, first + 6):
                self.accounts[account] = "control"
        elif command == "open_account":
            self.accounts[entry.subject_id] = "member"
        elif command == "withdraw":
            self.payouts[entry.subject_id] = (
                request.account_id, self._withdraw_parts(request)[1], request.fee_minor)

    def know_receiving_numbers(self, numbers):
        """{receiving number: account}, which the journal does not repeat."""
        self.receiving_numbers.update(numbers)

    def compare_balances(self, client, ledger_id):
        """The server's balances of every account of a ledger are those of the books."""
        first = self.ledgers[ledger_id]
        accounts = [account for account in self.accounts
                    if first <= account < first + 6 or self.accounts[account] == "member"]
        got = client.balances(ledger_id, *accounts)
        for account, balances in zip(accounts, got):
            expected = tuple(self.balances[account, bucket]
                             for bucket in (AVAILABLE, PENDING_IN, PENDING_OUT, FROZEN))
            assert balances == expected, f"account {account}: {balances}, books {expected}"
