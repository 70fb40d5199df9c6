"""books_promises.py: what payment companies promise, a part of books_rules.py.

SPDX-License-Identifier: Apache-2.0
"""
from types import SimpleNamespace

from books_rules import PENDING_IN, add_days, fee_of


class Promises:
    """The rules over promises."""

    @staticmethod
    def promised(promise):
        """What is still owed of it."""
        return promise.amount - promise.kept - promise.settled - promise.cancelled

    @classmethod
    def promised_fee(cls, promise):
        """What of that is the platform's fee."""
        gone = promise.settled + promise.cancelled
        return promise.fee - promise.fee * gone // (promise.amount - promise.kept)

    def _acquirer(self, plan, acquirer_id, ledger):
        acquirer = self.acquirers.get(acquirer_id)
        if plan.refuse("ACQUIRER_NOT_FOUND",
                       acquirer is None or acquirer.ledger_id != ledger.id):
            return None
        return acquirer

    def plan_open_acquirer(self, plan, request, ledger, entry):
        """An acquirer with its terms."""
        if request.fee_rule:
            self._rule(plan, ledger, request.fee_rule)
        plan.fee_rule_version = 0
        plan.refuse("ACQUIRER_NAME_TAKEN", any(
            other.ledger_id == ledger.id and other.name == request.name
            for other in self.acquirers.values()))
        plan.then(self.acquirers.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, name=request.name, terms=request,
            stopped=False, account_id=0))

    def plan_set_acquirer(self, plan, request, ledger, _entry):
        """Other terms."""
        acquirer = self._acquirer(plan, request.acquirer_id, ledger)
        if request.fee_rule:
            self._rule(plan, ledger, request.fee_rule)
        plan.fee_rule_version = 0
        if acquirer:
            plan.set(acquirer, terms=request, stopped=request.stopped)

    def plan_book_promise(self, plan, request, ledger, entry):
        """The acquirer to the account and FEE, all of it pending in."""
        account = self._member(plan, request.account_id, ledger)
        plan.refuse("ACCOUNT_RESTRICTED_IN", account and account.no_in)
        acquirer = self._acquirer(plan, request.acquirer_id, ledger)
        if acquirer is None:
            return
        of_it = [one for one in self.promises.values() if one.acquirer_id == acquirer.id]
        plan.refuse("PROMISE_REFERENCE_USED",
                    any(one.reference == request.reference for one in of_it))
        plan.refuse("ACQUIRER_STOPPED", acquirer.stopped)
        rule = (self._rule(plan, ledger, acquirer.terms.fee_rule)
                if acquirer.terms.fee_rule else None)
        fee = fee_of(rule, request.amount_minor) if rule else 0
        if plan.refuse("FEE_NOT_BELOW_AMOUNT", fee >= request.amount_minor):
            fee = 0
        kept = fee if acquirer.terms.keeps_fee else 0
        due = request.amount_minor - kept
        plan.refuse("PROMISE_ABOVE_CEILING",
                    sum(map(self.promised, of_it)) + due > acquirer.terms.ceiling_minor)
        if account is None:
            return
        plan.fee_minor = fee - kept
        plan.move((acquirer.account_id, PENDING_IN), (account.id, PENDING_IN),
                  due - plan.fee_minor)
        if plan.fee_minor:
            plan.move((acquirer.account_id, PENDING_IN), (ledger.fee, PENDING_IN), plan.fee_minor)
        plan.then(self.promises.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, acquirer_id=acquirer.id,
            account_id=account.id, amount=request.amount_minor, kept=kept, fee=plan.fee_minor,
            rule=rule, settled=0, cancelled=0, disputed=False, told_late_us=0,
            reference=request.reference, order_number=request.order_number,
            due_date=add_days(ledger.date, acquirer.terms.settlement_days), booked=entry.sequence))

    def plan_cancel_promise(self, plan, request, ledger, _entry):
        """Back to the acquirer, from the account and from FEE."""
        promise = self.promises.get(request.promise_id)
        if plan.refuse("PROMISE_NOT_FOUND", promise is None or promise.ledger_id != ledger.id):
            return
        rest = self.promised(promise)
        amount = request.amount_minor or rest
        if plan.refuse("PROMISE_FINAL", rest == 0):
            return
        plan.refuse("PROMISE_DISPUTED", promise.disputed)
        if plan.refuse("ABOVE_REST", amount > rest):
            return
        plan.order_number = promise.order_number
        self._give_up(plan, ledger, promise, amount)

    def expire_promise(self, plan, request, ledger, entry):
        """It is late, and that is said once."""
        promise = self.promises.get(request.id)
        if plan.refuse("PROMISE_NOT_FOUND", promise is None or promise.ledger_id != ledger.id):
            return
        plan.refuse("PROMISE_FINAL", self.promised(promise) == 0)
        plan.refuse("NOT_YET_DUE", promise.told_late_us or ledger.date <= promise.due_date)
        plan.order_number = promise.order_number
        plan.set(promise, told_late_us=entry.recorded_at_us)

    def _give_up(self, plan, ledger, promise, amount):
        """So much of it is owed no more."""
        gone = SimpleNamespace(**{**vars(promise), "cancelled": promise.cancelled + amount})
        fee = self.promised_fee(promise) - self.promised_fee(gone)
        acquirer = (self.acquirers[promise.acquirer_id].account_id, PENDING_IN)
        if amount > fee:
            plan.move((promise.account_id, PENDING_IN), acquirer, amount - fee)
        if fee:
            plan.move((ledger.fee, PENDING_IN), acquirer, fee)
        plan.set(promise, cancelled=promise.cancelled + amount)
