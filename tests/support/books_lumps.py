"""books_lumps.py: what lumps and their lines must be answered and must book, for books_rules.py.

SPDX-License-Identifier: Apache-2.0
"""
import re
import unicodedata
from types import SimpleNamespace

AVAILABLE = 1
ALL_OR_NOTHING = 455


class LumpRules:
    """The rules over sums that are allocated line by line."""

    def __init__(self):
        self.lumps = {}
        self.source_orders = {}  # (ledger, source order): the line that has it

    def lump_of(self, item):
        """The open lump that the item is kept for."""
        its = [one for one in self.lumps.values()
               if one.suspense_id == item.id and one.status == "OPEN"]
        assert len(its) <= 1
        return its[0] if its else None

    @staticmethod
    def named_age(request):
        """What a SetTerms says of the age."""
        age = request.suspense_age_s
        return {"suspense_age_s": age} if request.HasField("suspense_age_s") else {}

    def oldest(self, ledger):
        """The ledger's first item that has something open; None: there is none."""
        waiting = [one for one in self.suspense.values()
                   if one.ledger_id == ledger.id and self.open_of(one) > 0]
        return min(waiting, key=lambda one: (one.opened_at_us, one.id), default=None)

    def overdue(self, ledger, now_us):
        """That item, when it waits for longer than the terms allow."""
        item = self.oldest(ledger)
        late = item and 0 < ledger.suspense_age_s * 1_000_000 <= now_us - item.opened_at_us
        return item if late else None

    def expire_item(self, plan, request, ledger, entry):
        """An item is too old: its ledger is flagged."""
        item = self.suspense.get(request.id)
        if plan.refuse("SUSPENSE_NOT_FOUND", item is None or item.ledger_id != ledger.id):
            return
        plan.refuse("SUSPENSE_FINAL", self.open_of(item) + item.returning == 0)
        plan.refuse("SUSPENSE_OVERDUE", ledger.overdue_us > 0)
        age_us = ledger.suspense_age_s * 1_000_000
        plan.refuse("NOT_YET_DUE", not age_us or self.open_of(item) == 0 or
                    entry.recorded_at_us - item.opened_at_us < age_us)
        first = self.oldest(ledger)
        plan.set(ledger, overdue_us=entry.recorded_at_us, overdue_id=first.id if first else 0)

    def compare_age(self, client, ledger_id):
        """Whether the ledger is flagged, unless something was decided since."""
        got = client.read("ledger", "GetLedger", ledger_id=ledger_id)
        if got.as_of_sequence != self.last_sequence:
            return
        ledger, oldest = self.ledgers[ledger_id], self.oldest(self.ledgers[ledger_id])
        one = got.ledger
        assert (one.terms.suspense_age_s, one.suspense_overdue_since_us,
                one.suspense_overdue_id, one.suspense_oldest_id, one.suspense_oldest_at_us) == (
                    ledger.suspense_age_s, ledger.overdue_us, ledger.overdue_id,
                    oldest.id if oldest else 0, oldest.opened_at_us if oldest else 0)

    def clear_overdue(self, ledger, now_us):
        """After each accepted command: what was too old may be gone."""
        if ledger.overdue_us and self.overdue(ledger, now_us) is None:
            ledger.overdue_us = ledger.overdue_id = 0

    def _lump(self, plan, lump_id, ledger):
        lump = self.lumps.get(lump_id)
        if plan.refuse("LUMP_NOT_FOUND", lump is None or lump.ledger_id != ledger.id):
            return None
        return lump

    def plan_open_lump(self, plan, request, ledger, entry):
        """A lump of what is open of an item."""
        item = self._item(plan, request, ledger)
        if item is None:
            return
        plan.refuse("SUSPENSE_FINAL", self.open_of(item) + item.returning == 0)
        plan.refuse("SUSPENSE_IN_LUMP", self.lump_of(item) is not None)
        plan.refuse("SUSPENSE_OVERDUE", self.overdue(ledger, entry.recorded_at_us) is not None)
        plan.refuse("ALLOCATION_ABOVE_ITEM", request.control_total_minor > self.open_of(item))
        plan.then(self.lumps.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, suspense_id=item.id, status="OPEN",
            count=request.control_count, total=request.control_total_minor, lines=set(), got=0,
            whole=request.all_or_nothing, opened=entry.sequence))

    def _account_of_line(self, plan, request, ledger):
        account_id = request.account_id
        if not account_id:
            plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", request.receiving_number))
            account_id = self.receiving_numbers.get(plain, 0)
        return self._member(plan, account_id, ledger)

    def plan_allocate_line(self, plan, request, ledger, entry):
        """UNALLOCATED to a member, as long as the lump has room for it."""
        plan.refuse("SOURCE_ORDER_USED", (ledger.id, request.source_order) in self.source_orders)
        account = self._account_of_line(plan, request, ledger)
        self._allocate(plan, request, ledger, [(account, request.amount_minor)])
        lump = self._lump(plan, request.lump_id, ledger)
        if lump is None:
            return
        plan.refuse("LUMP_FINAL", lump.status != "OPEN")
        # Whether it came in an atomic batch the journal does not say.
        plan.refuse("LUMP_ALL_OR_NOTHING", lump.whole and entry.outcome == ALL_OR_NOTHING)
        plan.refuse("LUMP_COUNT_REACHED", len(lump.lines) >= lump.count)
        plan.refuse("LINE_ABOVE_LUMP", request.amount_minor > lump.total - lump.got)
        item = self.suspense[lump.suspense_id]
        plan.put_back = -request.amount_minor
        plan.set(item, allocated=item.allocated + request.amount_minor)
        plan.then(lump.lines.add, entry.sequence)
        plan.set(lump, got=lump.got + request.amount_minor)
        plan.then(self.source_orders.__setitem__, (ledger.id, request.source_order),
                  entry.sequence)

    def plan_close_lump(self, plan, request, ledger, entry):
        """It agrees, or two persons take it as it is, or it is given up without a line."""
        plan.refuse("APPROVAL_NEEDED", request.as_it_stands and not entry.proposal_id)
        lump = self._lump(plan, request.lump_id, ledger)
        if lump is None:
            return
        plan.refuse("LUMP_FINAL", lump.status != "OPEN")
        if request.cancel:
            plan.refuse("LUMP_HAS_LINES", len(lump.lines) > 0)
        elif lump.whole or not request.as_it_stands:
            plan.refuse("LUMP_COUNT_DIFFERS", len(lump.lines) != lump.count)
            plan.refuse("LUMP_TOTAL_DIFFERS", lump.got != lump.total)
        plan.set(lump, status="CANCELLED" if request.cancel else "CLOSED")

    def _line_to_undo(self, plan, request, ledger, original, item):
        """Whether the original is a line of a lump of the item, which is taken back as a whole."""
        lump = self._lump(plan, request.lump_id, ledger)
        if lump is None or plan.refuse("ORIGINAL_NOT_ALLOCATION", original.lump_id != lump.id
                                       or lump.suspense_id != item.id):
            return False
        (account, amount), = original.lines.items()
        asked = sum(payee.amount_minor for payee in request.payees if payee.account_id == account)
        plan.refuse("LINE_IN_PARTS", 0 < asked < amount)
        plan.then(lump.lines.discard, original.sequence)
        plan.set(lump, got=lump.got - amount)
        plan.then(self.source_orders.pop, (ledger.id, original.source_order), None)
        return True

    def compare_lumps(self, client, ledger_id):
        """The server's lumps of a ledger are those of the books."""
        got = client.list_all("lump", "ListLumps", ledger_id=ledger_id)
        assert [(one.lump_id, one.suspense_id, one.control_count, one.control_total_minor,
                 one.allocated_count, one.allocated_total_minor, one.all_or_nothing,
                 one.opened_sequence, one.status) for one in got] == [
                     (one.id, one.suspense_id, one.count, one.total, len(one.lines), one.got,
                      one.whole, one.opened, ["", "OPEN", "CLOSED", "CANCELLED"].index(one.status))
                     for one in self.lumps.values() if one.ledger_id == ledger_id]
