"""books_settlements.py: what payment companies pay, a part of books_rules.py.

SPDX-License-Identifier: Apache-2.0
"""
from types import SimpleNamespace

from books_rules import AVAILABLE, PENDING_IN

# DifferenceKind and DifferenceEnd.
SHORT, OVER, FEE, UNKNOWN, DUPLICATE, LATE = 1, 2, 3, 4, 5, 6
BORNE, EXPECTED, CORRECTED, RETURNED, ASSIGNED = 1, 2, 3, 4, 5


class Settlements:
    """The rules over settlements and differences."""

    def _settlement(self, plan, request, ledger):
        found = self.settlements.get(request.settlement_id)
        if plan.refuse("SETTLEMENT_NOT_FOUND", found is None or found.ledger_id != ledger.id):
            return None
        return found

    @staticmethod
    def unsettled(settlement):
        """What of it has no line."""
        return settlement.total - settlement.got - settlement.back

    def plan_open_settlement(self, plan, request, ledger, entry):
        """Money of an item to the acquirer."""
        acquirer = self._acquirer(plan, request.acquirer_id, ledger)
        item = self._item(plan, request, ledger)
        if item:
            plan.refuse("SUSPENSE_FINAL", self.open_of(item) + item.returning == 0)
            plan.refuse("SUSPENSE_IN_LUMP", self.lump_of(item) is not None)
            plan.refuse("ALLOCATION_ABOVE_ITEM", request.control_total_minor > self.open_of(item))
        if item is None or acquirer is None:
            return
        plan.move((ledger.unallocated, AVAILABLE), (acquirer.account_id, AVAILABLE),
                  request.control_total_minor)
        plan.put_back = -request.control_total_minor
        plan.set(item, allocated=item.allocated + request.control_total_minor)
        plan.then(self.settlements.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, acquirer_id=acquirer.id,
            suspense_id=item.id, total=request.control_total_minor, count=request.control_count,
            lines=0, got=0, back=0, status=1, opened=entry.sequence))

    def _pay_promise(self, plan, ledger, promise, amount):
        """So much of what its acquirer has is the promise's."""
        acquirer = self.acquirers[promise.acquirer_id]
        after = SimpleNamespace(**{**vars(promise), "settled": promise.settled + amount})
        gone = promise.fee - self.promised_fee(promise)
        fee = self.promised_fee(promise) - self.promised_fee(after)
        owed = acquirer.account_id
        plan.move((owed, AVAILABLE), (owed, PENDING_IN), amount)
        if acquirer.terms.withdrawable_next_date:
            plan.later.add(len(plan.moves))
        plan.move((promise.account_id, PENDING_IN), (promise.account_id, AVAILABLE), amount - fee)
        if fee:
            for account, part in self.split_back(ledger, promise.rule, promise.fee, gone, fee):
                plan.move((ledger.fee, PENDING_IN), (account, AVAILABLE), part)
        plan.set(promise, settled=promise.settled + amount)

    def _promise_of_line(self, plan, request, ledger, settlement):
        if request.promise_id:
            found = self.promises.get(request.promise_id)
            wrong = found is None or found.ledger_id != ledger.id or (
                settlement and settlement.acquirer_id != found.acquirer_id)
            return None if plan.refuse("PROMISE_NOT_FOUND", wrong) else found
        return next((one for one in self.promises.values()
                     if settlement and one.acquirer_id == settlement.acquirer_id
                     and one.reference == request.reference), None)

    def _judge(self, promise, request):
        """(the kind of difference, how much, whether it is missing, what the promise gets)"""
        net = request.gross_minor - request.kept_minor
        if promise is None:
            return UNKNOWN, net, False, 0
        rest = self.promised(promise)
        if rest == 0 or promise.disputed:
            gone = rest == 0 and promise.settled == 0
            return (LATE if gone else DUPLICATE), net, False, 0
        gone = promise.settled + promise.cancelled
        kept = promise.kept - promise.kept * gone // (promise.amount - promise.kept)
        kind = SHORT if net < rest else OVER
        if request.gross_minor == rest + kept:
            kind = FEE
        missing = net < rest
        amount = 0 if missing and request.partial else abs(rest - net)
        return kind, amount, missing, min(net, rest)

    def plan_settle_line(self, plan, request, ledger, entry):
        """It pays its promise; what is not as it was promised is a difference."""
        settlement = self._settlement(plan, request, ledger)
        promise = self._promise_of_line(plan, request, ledger, settlement)
        if settlement is None:
            return
        net = request.gross_minor - request.kept_minor
        if not plan.refuse("SETTLEMENT_CLOSED", settlement.status != 1):
            plan.refuse("SETTLEMENT_FULL", settlement.lines >= settlement.count)
            plan.refuse("LINE_ABOVE_SETTLEMENT", net > self.unsettled(settlement))
        kind, amount, missing, paid = self._judge(promise, request)
        if paid:
            self._pay_promise(plan, ledger, promise, paid)
        if promise:
            plan.order_number = promise.order_number
        plan.set(settlement, lines=settlement.lines + 1, got=settlement.got + net)
        if not amount:
            return
        if missing:
            plan.set(promise, disputed=True)
        plan.then(self.differences.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, acquirer_id=settlement.acquirer_id,
            settlement_id=settlement.id, suspense_id=settlement.suspense_id, kind=kind,
            promise_id=promise.id if promise else 0, amount=amount, missing=missing,
            account_id=promise.account_id if promise else 0, line=entry.sequence, end=0,
            closed=0, reference=promise.reference if promise else request.reference,
            order_number=promise.order_number if promise else ""))

    def _put_money_back(self, plan, ledger, acquirer_id, suspense_id, amount):
        item = self.suspense[suspense_id]
        plan.move((self.acquirers[acquirer_id].account_id, AVAILABLE),
                  (ledger.unallocated, AVAILABLE), amount)
        plan.put_back = amount
        plan.set(item, allocated=item.allocated - amount)

    def plan_close_settlement(self, plan, request, ledger, _entry):
        """It is whole, or is given up and its rest goes back."""
        settlement = self._settlement(plan, request, ledger)
        if settlement is None:
            return
        rest = self.unsettled(settlement)
        plan.refuse("SUSPENSE_NOT_OF_SETTLEMENT",
                    request.abandon and request.suspense_id != settlement.suspense_id)
        plan.refuse("SETTLEMENT_CLOSED", settlement.status != 1)
        plan.refuse("SETTLEMENT_INCOMPLETE", not request.abandon and (
            rest > 0 or settlement.lines < settlement.count))
        if rest:
            self._put_money_back(plan, ledger, settlement.acquirer_id, settlement.suspense_id, rest)
        plan.set(settlement, status=3 if request.abandon else 2, back=rest)

    def plan_close_difference(self, plan, request, ledger, entry):
        """Somebody says what becomes of it."""
        one = self.differences.get(request.difference_id)
        plan.refuse("APPROVAL_NEEDED", request.ended_by == BORNE and not entry.proposal_id)
        if plan.refuse("DIFFERENCE_NOT_FOUND", one is None or one.ledger_id != ledger.id):
            return
        plan.refuse("DIFFERENCE_FINAL", one.closed != 0)
        plan.set(one, end=request.ended_by, closed=entry.sequence)
        plan.order_number = one.order_number
        if one.missing:
            self._close_missing(plan, request.ended_by, ledger, one)
        else:
            self._close_surplus(plan, request, ledger, one)

    def _close_missing(self, plan, end, ledger, one):
        promise = self.promises[one.promise_id]
        plan.set(promise, disputed=False)
        if plan.refuse("DIFFERENCE_NOT_SO", end not in (BORNE, EXPECTED, CORRECTED)) or one.closed:
            return
        if end == BORNE:
            own = self.balances[ledger.platform_own, AVAILABLE]
            plan.refuse("INSUFFICIENT_PLATFORM_OWN", own < one.amount)
            plan.move((ledger.platform_own, AVAILABLE),
                      (self.acquirers[one.acquirer_id].account_id, AVAILABLE), one.amount)
            self._pay_promise(plan, ledger, promise, one.amount)
        elif end == CORRECTED:
            self._give_up(plan, ledger, promise, one.amount)

    def _close_surplus(self, plan, request, ledger, one):
        end = request.ended_by
        if plan.refuse("DIFFERENCE_NOT_SO", end in (BORNE, EXPECTED) or (
                end == CORRECTED and not one.account_id)):
            return
        if end == RETURNED:
            plan.refuse("SUSPENSE_NOT_OF_SETTLEMENT", request.suspense_id != one.suspense_id)
            self._put_money_back(plan, ledger, one.acquirer_id, one.suspense_id, one.amount)
        elif end == CORRECTED:
            account = self._member(plan, one.account_id, ledger)
            plan.refuse("ACCOUNT_RESTRICTED_IN", account and account.no_in)
            acquirer = self.acquirers[one.acquirer_id]
            if acquirer.terms.withdrawable_next_date:
                plan.later.add(len(plan.moves))
            plan.move((acquirer.account_id, AVAILABLE), (one.account_id, AVAILABLE), one.amount)
        else:
            promise = self.promises.get(request.promise_id)
            if plan.refuse("PROMISE_NOT_FOUND",
                           promise is None or promise.acquirer_id != one.acquirer_id):
                return
            rest = self.promised(promise)
            if plan.refuse("PROMISE_FINAL", rest == 0):
                return
            plan.refuse("PROMISE_DISPUTED", promise.disputed)
            if plan.refuse("ABOVE_REST", one.amount > rest):
                return
            plan.order_number = promise.order_number
            self._pay_promise(plan, ledger, promise, one.amount)

    def compare_settlements(self, client, ledger_id):
        """The server's are those of the books, and acquirers have what they leave there."""
        has = {one.account_id: 0 for one in self.acquirers.values() if one.ledger_id == ledger_id}
        mine = [one for one in self.settlements.values() if one.ledger_id == ledger_id]
        got = [one for status in (1, 2, 3) for one in client.list_all(
            "acquirer", "ListSettlements", ledger_id=ledger_id, status=status)]
        got.sort(key=lambda one: one.settlement_id)
        assert [(one.settlement_id, one.acquirer_id, one.suspense_id, one.control_total_minor,
                 one.control_count, one.lines_booked, one.settled_minor, one.returned_minor,
                 one.status, one.opened_sequence) for one in got] == [
                     (one.id, one.acquirer_id, one.suspense_id, one.total, one.count, one.lines,
                      one.got, one.back, one.status, one.opened) for one in mine]
        for one in mine:
            has[self.acquirers[one.acquirer_id].account_id] += self.unsettled(one)
        mine = [one for one in self.differences.values() if one.ledger_id == ledger_id]
        got = [one for status in (1, 2) for one in client.list_all(
            "acquirer", "ListDifferences", ledger_id=ledger_id, status=status)]
        got.sort(key=lambda one: one.difference_id)
        assert [(one.difference_id, one.acquirer_id, one.settlement_id, one.suspense_id, one.kind,
                 one.promise_id, one.account_id, one.amount_minor, one.missing, one.ended_by,
                 one.line_sequence, one.closed_sequence, one.reference, one.order_number)
                for one in got] == [
                     (one.id, one.acquirer_id, one.settlement_id, one.suspense_id, one.kind,
                      one.promise_id, one.account_id, one.amount, one.missing, one.end, one.line,
                      one.closed, one.reference, one.order_number) for one in mine]
        for one in mine:
            if not one.missing and not one.closed:
                has[self.acquirers[one.acquirer_id].account_id] += one.amount
        for account, amount in has.items():
            assert self.balances[account, AVAILABLE] == amount, account
