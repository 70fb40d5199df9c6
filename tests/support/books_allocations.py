"""books_allocations.py: what allocations of suspense and their undo must be answered and must book.

SPDX-License-Identifier: Apache-2.0
"""
from books_rules import AVAILABLE, fee_of


class Allocations:
    """The rules over money in UNALLOCATED that finds its owner, and is taken back."""

    def plan_allocate_suspense(self, plan, request, ledger, _entry):
        """UNALLOCATED to members, out of one item."""
        item = self._item(plan, request, ledger)
        total = sum(payee.amount_minor for payee in request.payees)
        payees = [(self._member(plan, payee.account_id, ledger), payee.amount_minor)
                  for payee in request.payees]
        self._allocate(plan, request, ledger, payees)
        if item is None:
            return
        plan.refuse("SUSPENSE_FINAL", self.open_of(item) + item.returning == 0)
        plan.refuse("SUSPENSE_IN_LUMP", self.lump_of(item) is not None)
        plan.refuse("ALLOCATION_ABOVE_ITEM", total > self.open_of(item))
        plan.put_back = -total
        plan.set(item, allocated=item.allocated + total)

    def _allocate(self, plan, request, ledger, payees):
        """UNALLOCATED to (account, amount), less the fee that each bears."""
        rule = self._rule(plan, ledger, request.fee_rule) if request.fee_rule else None
        fees = self._fees_of_payees(plan, rule, [amount for _, amount in payees])
        source = (ledger.unallocated, AVAILABLE)
        for (account, amount), fee in zip(payees, fees):
            if account:
                plan.refuse("ACCOUNT_RESTRICTED_IN", account.no_in)
                self._credit(plan, account, source, amount - fee)
        for account, part in self.split(ledger, rule, plan.fee_minor):
            plan.move(source, (account, AVAILABLE), part)

    def plan_undo_allocation(self, plan, request, ledger, _entry):
        """Members to UNALLOCATED, back into the item."""
        item = self._item(plan, request, ledger)
        original = self.originals.get(request.original_sequence)
        if plan.refuse("ORIGINAL_NOT_FOUND", original is None or original.ledger_id != ledger.id) \
                or item is None:
            return
        if original.command == "allocate_line":
            if not self._line_to_undo(plan, request, ledger, original, item):
                return
        elif plan.refuse("ORIGINAL_NOT_ALLOCATION", original.command != "allocate_suspense"
                         or original.suspense_id != item.id or request.lump_id):
            return
        plan.order_number = original.order_number
        left = {account: amount - original.refunded.get(account, (0, 0))[0]
                for account, amount in original.lines.items()}
        asked = [(payee.account_id, payee.amount_minor) for payee in request.payees] or [
            (account, amount) for account, amount in left.items() if amount]
        plan.refuse("ABOVE_REST", not asked)
        back = 0
        for account_id, amount in asked:
            if plan.refuse("PAYEE_NOT_OF_ORIGINAL", account_id not in left):
                continue
            account, whole = self.accounts[account_id], original.lines[account_id]
            plan.refuse("PAYEE_ACCOUNT_CLOSED", account.closed)
            plan.refuse("ACCOUNT_RESTRICTED_OUT", account.no_out)
            plan.refuse("ABOVE_REST", amount > left[account_id])
            before, fee = original.refunded.get(account_id, (0, 0))
            share = fee_of(original.rule, whole) if original.rule else 0
            part = share * (before + amount) // whole - share * before // whole
            plan.refuse("UNDO_SPENT", amount - part > self._spendable(account))
            plan.move((account_id, AVAILABLE), (ledger.unallocated, AVAILABLE), amount - part)
            plan.then(original.refunded.__setitem__, account_id, (before + amount, fee + part))
            plan.put_back += amount
            back += part
        self._allocation_fee_back(plan, ledger, original, back)
        plan.set(item, allocated=item.allocated - plan.put_back)

    def _allocation_fee_back(self, plan, ledger, original, back):
        """Its fee accounts to UNALLOCATED; what was collected the platform gives them first."""
        own = (ledger.platform_own, AVAILABLE)
        legs = self.split_back(ledger, original.rule, original.fee_minor, original.fee_back_whole,
                               back)
        collected = [self._collected(account, part) for account, part in legs]
        plan.refuse("INSUFFICIENT_PLATFORM_OWN", 0 < sum(collected) > self.balances[own])
        for (account, _), missing in zip(legs, collected):
            plan.move(own, (account, AVAILABLE), missing)
        for account, part in legs:
            plan.move((account, AVAILABLE), (ledger.unallocated, AVAILABLE), part)
        plan.set(original, fee_back_whole=original.fee_back_whole + back)
