"""books_next_date.py: what can be withdrawn from the next date on, a part of books.py.

SPDX-License-Identifier: Apache-2.0
"""
from collections import defaultdict

from books_rules import AVAILABLE, FROZEN, PENDING_IN

OWNERS = {"member", "unallocated", "acquirer"}


class NextDate:
    """How it goes from owner to owner."""

    def mark_next_date(self, plan, ledger, balances):
        """What can be withdrawn from the next date on goes with the money from owner to owner, the
        free part first; what a command repays comes first out of what it brought for that date.
        The balances are those before the command, and are changed."""
        brought = defaultdict(int)
        paid = 0  # of what an acquirer paid for its promise
        for place, (debit, credit, amount) in enumerate(plan.moves):
            giver, taker = self.accounts[debit[0]], self.accounts[credit[0]]
            kept = giver.next_minor if giver.next_date == ledger.date else 0
            own = balances[giver.id, AVAILABLE] + balances[giver.id, FROZEN]
            if giver.kind == "unallocated" and taker.kind in ("escrow", "fee"):
                left = own - (amount if debit[1] == AVAILABLE else 0)
                giver.next_minor -= min(amount, max(0, kept - left))
            free = max(0, own - kept)
            balances[debit] -= amount
            balances[credit] += amount
            if giver is not taker and taker.kind == "platform_own":
                giver.next_minor -= min(amount, brought[giver.id])
            payee = plan.advanced_for.get(place)
            if payee and payee.next_date == ledger.date:
                self._pass_on(ledger, payee, taker, min(payee.next_minor, amount), brought)
            waits = giver is taker and giver.kind == "acquirer"
            carried = 0
            if debit[1] in (AVAILABLE, FROZEN) and (giver is not taker or waits) and \
                    {giver.kind, taker.kind} <= OWNERS:
                carried = min(kept, max(0, amount - free))
            if waits:
                giver.next_minor -= carried
                paid = carried
                continue
            if place in plan.later:
                self._pass_on(ledger, None, taker, amount - carried, brought)
            elif giver is taker and giver.kind == "member" and debit[1] == PENDING_IN:
                self._pass_on(ledger, None, taker, min(amount, paid), brought)
                paid = 0
            if giver is taker or not {giver.kind, taker.kind} <= OWNERS:
                continue
            self._pass_on(ledger, giver, taker, carried, brought)
            if plan.next_date:
                self._pass_on(ledger, None, taker, amount - carried, brought)

    @staticmethod
    def _pass_on(ledger, giver, taker, amount, brought):
        if not amount:
            return
        if giver:
            giver.next_minor -= amount
        if taker.next_date != ledger.date:
            taker.next_date, taker.next_minor = ledger.date, 0
        taker.next_minor += amount
        brought[taker.id] += amount
