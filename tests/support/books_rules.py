"""books_rules.py: what every command must be answered and must book, as design.md tells it.

Each `plan_...` method of Rules collects the rules that its command breaks, what it books, and what
changes when it is accepted. It decides nothing else; books.py compares the plan with the journal.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import re
import unicodedata
from collections import defaultdict
from functools import partial
from types import SimpleNamespace

from books_lumps import LumpRules

AVAILABLE, PENDING_IN, PENDING_OUT, FROZEN = 1, 2, 3, 4

PPM = 1_000_000
HOLDS_PER_ORDER_MAX = 32
DEBTS_PER_SETTLE_MAX = 8
SETTLE_OTHERS_MAX = 16

# FeeRounding, FeeRefund, PayoutFee, FeeBearer, FeeMode, PayoutResult, ExpiryKind.
HALF_UP, UP, DOWN = 1, 2, 3
REFUND_PROPORTIONAL, REFUND_ON_FULL = 2, 3
PAYOUT_FEE_BACK, PAYOUT_FEE_KEPT = 1, 2
BEARER_PAYEES = 2
OUTSIDE, INSIDE, BORNE_BY_ANOTHER = 1, 2, 3
PAID, FAILED, RETURNED, SENT, UNKNOWN = 1, 2, 3, 4, 5
EXPIRY_HOLD, EXPIRY_FREEZE, EXPIRY_PROPOSAL, EXPIRY_SUSPENSE = 1, 2, 4, 5
EXPIRY_PROMISE, EXPIRY_CARD, EXPIRY_DENIED = 6, 8, 9

REVERSIBLE = {"book_receipt", "book_interest", "charge_fee", "pay", "collect_fees", "adjust"}
ADJUSTABLE = {("member", "member"), ("member", "unallocated"), ("interest", "member"),
              ("fee", "member"), ("platform_own", "member"), ("platform_own", "fee")}


def wanted_by(entry):
    """The caller who proposed a command, else who sent it; 0: not known."""
    return entry.maker_caller_id if entry.proposal_id else entry.caller_id


def plain_number(text):
    """A number of an account without what payers put between its digits."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))


def plain_reference(text):
    """The bank's number of a movement without blanks, in one width; "" for a word for none."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    return "" if plain.lower() in ("nonref", "notprovided") else plain


def plain_name(text):
    """A name without blanks, in one width and case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def add_days(date, days):
    """The date so many days after YYYYMMDD."""
    day = datetime.date(date // 10000, date // 100 % 100, date % 100)
    day += datetime.timedelta(days=days)
    return day.year * 10000 + day.month * 100 + day.day


def fee_of(rule, amount):
    """The fee of an amount by one version of a rule."""
    tier = [tier for tier in rule.tiers if tier.from_minor <= amount][-1]
    up = {HALF_UP: PPM // 2, UP: PPM - 1, DOWN: 0}[rule.rounding]
    fee = max(tier.flat_minor + (amount * tier.rate_ppm + up) // PPM, tier.minimum_minor)
    return min(fee, tier.maximum_minor) if tier.maximum_minor else fee


class Plan:
    """What a command must be answered and must book."""

    def __init__(self):
        self.broken = []
        self.moves = []
        self.changes = []
        self.accepted_as = "ACCEPTED"
        self.order_number = ""
        self.fee_minor = 0
        self.fee_rule_version = 0
        self.debts = []  # that the command makes
        self.put_back = 0  # into items of suspense that were there; below 0: taken out
        self.lifted = set()  # accounts that may give again
        self.advanced_for = {}  # the place of a move from PLATFORM_OWN: for which account
        self.next_date = False  # what its payees get can be withdrawn from the next date on
        self.later = set()  # places of moves that bring what can be

    def refuse(self, outcome, broken=True):
        """Notes a broken rule; gives whether it is."""
        if broken:
            self.broken.append(outcome)
        return broken

    def move(self, debit, credit, amount):
        """Books an amount from one place to another; nothing when it is 0."""
        if amount:
            self.moves.append((debit, credit, amount))

    def then(self, change, *arguments):
        """What is done when the command is accepted."""
        self.changes.append(partial(change, *arguments))

    def set(self, record, **fields):
        """Fields of a record that change when the command is accepted."""
        self.changes.append(partial(vars(record).update, fields))


# Names and account numbers in requests.
PERSONAL = {"open_ledger": ("platform_name", "escrow_account_number"),
            "set_terms": ("own_account.name", "own_account.account_number"),
            "book_receipt": ("payer.name", "payer.account_number"),
            "allocate_line": ("payer.name", "payer.account_number"),
            "withdraw": ("destination.name", "destination.account_number"),
            "bind_card": ("number", "holder", "mobile"),
            "add_denied": ("name", "document_number", "account_number")}


class Rules(LumpRules):
    """The rules over the records of the books."""

    def __init__(self):
        super().__init__()
        self.balances = {}
        self.ledgers = {}
        self.accounts = {}
        self.receiving_numbers = {}
        self.payouts = {}
        self.holds = {}
        self.freezes = {}
        self.debts = []
        self.suspense = {}
        self.acquirers, self.promises = {}, {}
        self.settlements, self.differences = {}, {}
        self.originals = {}
        self.recorded = {}
        self.references = defaultdict(list)  # (ledger, the bank's reference): receipts

    # ---- what several commands share ----

    def _available(self, account):
        return self.balances[account.id, AVAILABLE] if account else 0

    def _member(self, plan, account_id, ledger, payee=False):
        account = self.accounts.get(account_id)
        prefix = "PAYEE_" if payee else ""
        if plan.refuse(prefix + "ACCOUNT_NOT_FOUND",
                       account is None or account.ledger_id != ledger.id):
            return None
        if plan.refuse("NOT_A_MEMBER_ACCOUNT", account.kind != "member"):
            return None
        plan.refuse(prefix + "ACCOUNT_CLOSED", account.closed)
        return account

    def _owner(self, plan, account_id, ledger):
        """Whose money arrived; the account may be closed."""
        account = self.accounts.get(account_id)
        if account and account.ledger_id == ledger.id and account.closed:
            return account
        return self._member(plan, account_id, ledger)

    def _taker(self, plan, ledger, account_id):
        """Who takes what goes back to the account: nobody is found when it was closed since."""
        if not self.accounts[account_id].closed:
            return account_id
        plan.accepted_as = "ACCEPTED_UNALLOCATED"
        return ledger.unallocated

    def _payees(self, plan, request, ledger, payer):
        found = []
        for payee in request.payees:
            plan.refuse("SAME_ACCOUNT", payer is not None and payee.account_id == payer.id)
            account = self._member(plan, payee.account_id, ledger, payee=True)
            if account:
                plan.refuse("ACCOUNT_RESTRICTED_IN", account.no_in)
                found.append((account, payee.amount_minor))
        return found

    def _rule(self, plan, ledger, name):
        versions = ledger.fee_rules.get(name, [])
        if plan.refuse("FEE_RULE_NOT_FOUND", not versions):
            return None
        in_force = [rule for rule in versions if rule.effective_date <= ledger.date]
        if plan.refuse("FEE_RULE_NOT_EFFECTIVE", not in_force):
            return None
        plan.fee_rule_version = in_force[-1].version
        return in_force[-1]

    @staticmethod
    def split(ledger, rule, fee):
        """[(fee account, part)] of a fee."""
        if rule is None or not rule.shares:
            return [(ledger.fee, fee)]
        parts = [(share.account_id, fee * share.share_ppm // PPM) for share in rule.shares]
        left = fee - sum(part for _, part in parts)
        return [(parts[0][0], parts[0][1] + left), *parts[1:]]

    @classmethod
    def split_back(cls, ledger, rule, fee, before, back):
        """[(fee account, part)] of what comes back now, when `before` of the fee had come back."""
        parts, after, back_now = cls.split(ledger, rule, fee), before + back, []
        rest = fee
        for account, share in parts:
            was, now = (total * share // rest if rest else 0 for total in (before, after))
            back_now.append((account, now - was))
            before, after, rest = before - was, after - now, rest - share
        return back_now

    @staticmethod
    def _credit(plan, account, source, amount):
        plan.move(source, (account.id, AVAILABLE), amount)

    def _debts_of(self, account, also=()):
        """What an account's member owes: its own debts first, then those of its other accounts."""
        debts = [debt for debt in [*self.debts, *also] if debt.recovered < debt.amount
                 and self.accounts[debt.account_id].member_id == account.member_id != 0]
        return sorted(debts, key=lambda debt: (debt.account_id != account.id, debt.id))

    def _spendable(self, account):
        """What of an account's available is not owed."""
        if account is None:
            return 0
        owed = sum(debt.amount - debt.recovered for debt in self._debts_of(account))
        return max(0, self._available(account) - owed) if owed else self._available(account)

    def _settle(self, plan, ledger):
        """Who owes and got something, or may give again, repays; in the order of the accounts."""
        got = {credit[0] for _, credit, _ in plan.moves if credit[1] == AVAILABLE} | plan.lifted
        # Who owes since now repays out of what it has elsewhere, too.
        others = [account.id for debt in plan.debts for account in sorted(
            self.accounts.values(), key=lambda account: -account.id)
            if account.member_id == self.accounts[debt.account_id].member_id]
        got |= set(others[:SETTLE_OTHERS_MAX])
        paid = defaultdict(int)
        left = defaultdict(int)
        for debit, credit, amount in plan.moves:
            left[debit] -= amount
            left[credit] += amount
        for account in (self.accounts[one] for one in sorted(got)):
            debts = [debt for debt in self._debts_of(account, plan.debts)
                     if debt.recovered + paid[debt.id] < debt.amount]
            if not debts or (account.no_out and account.id not in plan.lifted):
                continue
            rest = self.balances[account.id, AVAILABLE] + left[account.id, AVAILABLE]
            repaid = 0
            for debt in debts[:DEBTS_PER_SETTLE_MAX]:
                part = min(rest - repaid, debt.amount - debt.recovered - paid[debt.id])
                plan.then(self._repay, debt, part)
                paid[debt.id] += part
                repaid += part
            plan.move((account.id, AVAILABLE), (ledger.platform_own, AVAILABLE), repaid)

    @staticmethod
    def _repay(debt, part):
        debt.recovered += part

    def withdrawable(self, account, ledger):
        """What of an account may be withdrawn."""
        later = account.next_minor if account.next_date == ledger.date else 0
        return max(0, self._spendable(account) - later)

    def _is_own_account(self, plan, ledger, party):
        # The stream masks them: enough to tell the parties of a test apart.
        if not plan.refuse("PLATFORM_ACCOUNT_NOT_SET", ledger.own_account is None):
            plan.refuse("PLATFORM_ACCOUNT_MISMATCH",
                        [plain_number(ledger.own_account[0]), plain_name(ledger.own_account[1])]
                        != [plain_number(party.account_number), plain_name(party.name)])

    # ---- who sees what ----

    def plan_reveal(self, plan, request, ledger, _):
        """The commands are of the ledger, and each has what is asked for."""
        for one in request.commands:
            ledger_id, command = self.recorded.get(one.sequence, (0, ""))
            fields = PERSONAL.get(command, ())
            plan.refuse("NOTHING_TO_REVEAL", ledger_id != ledger.id or not fields
                        or request.field not in ("", *fields))

    # ---- ledgers ----

    def plan_restrict_account(self, plan, request, ledger, entry):
        """Each owner has its own; an account that may give again settles what it owes."""
        account = self._member(plan, request.account_id, ledger)
        if not account:
            return
        owner = request.owner or entry.key.channel
        its = account.restrictions.get(owner, (False, False))
        plan.refuse("RESTRICTION_NOT_FOUND",
                    not any(its) and not (request.no_in or request.no_out))
        others = [no_out for one, (_, no_out) in account.restrictions.items() if one != owner]
        if account.no_out and not request.no_out and not any(others):
            plan.lifted.add(account.id)

    def plan_set_terms(self, plan, request, ledger, entry):
        """Terms that are named are set; the others stay. same_card is unset by two."""
        named = self.named_age(request)
        unsets = ledger.same_card and request.HasField("same_card") and not request.same_card
        plan.refuse("APPROVAL_NEEDED", unsets and not entry.proposal_id)
        if request.HasField("own_account"):
            own = request.own_account
            named["own_account"] = (own.account_number, own.name) if own.name else None
        if request.HasField("advance_refunds"):
            named["advance_refunds"] = request.advance_refunds
        if request.HasField("same_card"):
            named["same_card"] = request.same_card
        if request.HasField("payout_return_days"):
            named["return_days"] = request.payout_return_days or 30
        plan.set(ledger, **named)

    def plan_set_fee_rule(self, plan, request, ledger, entry):
        """A new version of a fee rule."""
        versions = ledger.fee_rules.get(request.name, [])
        plan.refuse("FEE_RULE_DATE_TOO_EARLY", request.effective_date < ledger.date)
        for share in request.shares:
            account = self.accounts.get(share.account_id)
            plan.refuse("FEE_ACCOUNT_NOT_FOUND", account is None or account.kind != "fee" or
                        account.ledger_id != ledger.id)
        rule = SimpleNamespace(
            id=entry.subject_id, version=len(versions) + 1, tiers=list(request.tiers),
            shares=list(request.shares), effective_date=request.effective_date,
            rounding=request.rounding, refund=request.refund,
            on_failed=request.on_payout_failed, on_returned=request.on_payout_returned)
        plan.then(lambda: ledger.fee_rules.setdefault(request.name, []).append(rule))

    def plan_collect_fees(self, plan, request, ledger, _entry):
        """FEE to PLATFORM_OWN."""
        self._rule(plan, ledger, request.fee_rule)
        account = self.accounts.get(request.account_id or ledger.fee)
        if plan.refuse("FEE_ACCOUNT_NOT_FOUND", account is None or account.kind != "fee" or
                       account.ledger_id != ledger.id):
            return
        plan.refuse("INSUFFICIENT_FEE", self._available(account) < request.amount_minor)
        plan.move((account.id, AVAILABLE), (ledger.platform_own, AVAILABLE), request.amount_minor)

    # ---- money in ----

    def plan_book_receipt(self, plan, request, ledger, entry):
        """ESCROW to a member, UNALLOCATED or PLATFORM_OWN; each movement of the bank once."""
        reference = plain_reference(request.bank_reference)
        if reference:
            booked = self.references[ledger.id, reference]
            standing = [one for one in booked if not self.originals[one].reversed]
            plan.refuse("BANK_REFERENCE_USED", standing)
            plan.then(booked.append, entry.sequence)
        escrow = (ledger.escrow, AVAILABLE)
        if not request.account_id:
            account = self.accounts.get(
                self.receiving_numbers.get(plain_number(request.receiving_number)))
            if account is None and entry.subject_id != ledger.unallocated:
                # A number that the books were not told of.
                account = self.accounts.get(entry.subject_id)
            if account is None or account.closed or account.no_in:
                plan.accepted_as = "ACCEPTED_UNALLOCATED"
                plan.move(escrow, (ledger.unallocated, AVAILABLE), request.amount_minor)
                return
        elif request.account_id == ledger.platform_own:
            self._is_own_account(plan, ledger, request.payer)
            plan.move(escrow, (ledger.platform_own, AVAILABLE), request.amount_minor)
            return
        else:
            account = self._owner(plan, request.account_id, ledger)
            if account and account.closed:
                plan.accepted_as = "ACCEPTED_UNALLOCATED"
                plan.move(escrow, (ledger.unallocated, AVAILABLE), request.amount_minor)
                return
        if account and ledger.same_card and entry.subject_id == ledger.unallocated:
            # From a card that is not the user's.
            plan.accepted_as = "ACCEPTED_UNALLOCATED"
            plan.move(escrow, (ledger.unallocated, AVAILABLE), request.amount_minor)
        elif account:
            plan.refuse("ACCOUNT_RESTRICTED_IN", account.no_in)
            self._credit(plan, account, escrow, request.amount_minor)

    def plan_book_interest(self, plan, request, ledger, _entry):
        """ESCROW to INTEREST to a member."""
        account = self._owner(plan, request.account_id, ledger)
        interest = (ledger.interest, AVAILABLE)
        if account:
            plan.move((ledger.escrow, AVAILABLE), interest, request.amount_minor)
        if account and account.closed:
            plan.accepted_as = "ACCEPTED_UNALLOCATED"
            plan.move(interest, (ledger.unallocated, AVAILABLE), request.amount_minor)
        elif account:
            plan.refuse("ACCOUNT_RESTRICTED_IN", account.no_in)
            self._credit(plan, account, interest, request.amount_minor)

    def plan_charge_fee(self, plan, request, ledger, _entry):
        """A member to FEE."""
        account = self._member(plan, request.account_id, ledger)
        if account:
            plan.refuse("ACCOUNT_RESTRICTED_OUT", account.no_out)
            plan.refuse("INSUFFICIENT_AVAILABLE", self._spendable(account) < request.amount_minor)
            plan.move((account.id, AVAILABLE), (ledger.fee, AVAILABLE), request.amount_minor)

    # ---- payments ----

    @staticmethod
    def _fees_of_payees(plan, rule, amounts):
        """What each payee bears, on its own amount; without a rule nothing."""
        fees = [fee_of(rule, amount) if rule else 0 for amount in amounts]
        plan.fee_minor = sum(fees)
        plan.refuse("FEE_NOT_BELOW_AMOUNT",
                    any(fee >= amount for fee, amount in zip(fees, amounts)))
        return fees

    def _pay_out_of(self, plan, request, ledger, payer, bucket):
        """Payees and fee from a bucket of the payer; gives what the payer gives in all."""
        payees = self._payees(plan, request, ledger, payer)
        rule = self._rule(plan, ledger, request.fee_rule) if request.fee_rule else None
        by_payees = rule is not None and request.fee_bearer == BEARER_PAYEES
        amounts = sum(amount for _, amount in payees)
        if by_payees:
            fees = self._fees_of_payees(plan, rule, [amount for _, amount in payees])
        else:
            fees = [0] * len(payees)
            plan.fee_minor = fee_of(rule, amounts) if rule else request.fee_minor
        if payer is None:
            return 0
        plan.refuse("ACCOUNT_RESTRICTED_OUT", payer.no_out)
        source = (payer.id, bucket)
        plan.next_date = request.withdrawable_next_date
        for (payee, amount), fee in zip(payees, fees):
            self._credit(plan, payee, source, amount - fee)
        for account, part in self.split(ledger, rule, plan.fee_minor):
            plan.move(source, (account, AVAILABLE), part)
        return amounts if by_payees else amounts + plan.fee_minor

    def plan_pay(self, plan, request, ledger, _entry):
        """The payer's available to the payees."""
        payer = self._member(plan, request.payer_account_id, ledger)
        need = self._pay_out_of(plan, request, ledger, payer, AVAILABLE)
        plan.refuse("INSUFFICIENT_AVAILABLE", payer is not None and need > self._spendable(payer))

    def plan_refund(self, plan, request, ledger, _entry):
        """Payees back to the payer, and the fee by its rule."""
        original = self.originals.get(request.original_sequence)
        if plan.refuse("ORIGINAL_NOT_FOUND", original is None or original.ledger_id != ledger.id):
            return
        if plan.refuse("ORIGINAL_NOT_REFUNDABLE", original.command not in ("pay", "confirm_hold")):
            return
        plan.order_number = original.order_number
        plan.refuse("ORDER_NUMBER_MISMATCH", original.order_number != request.order_number)
        plan.refuse("ORIGINAL_REVERSED", original.reversed)
        taker = self._taker(plan, ledger, original.payer)
        asked = [(payee.account_id, payee.amount_minor) for payee in request.payees] or [
            (account, amount - original.refunded.get(account, (0, 0))[0])
            for account, amount in original.lines.items()
            if amount > original.refunded.get(account, (0, 0))[0]]
        plan.refuse("ABOVE_REST", not asked)
        lines = []
        for account, amount in asked:
            if plan.refuse("PAYEE_NOT_OF_ORIGINAL", account not in original.lines):
                continue
            before, fee_before = original.refunded.get(account, (0, 0))
            plan.refuse("ABOVE_REST", before + amount > original.lines[account])
            payee = self.accounts[account]
            plan.refuse("PAYEE_ACCOUNT_CLOSED", payee.closed and not ledger.advance_refunds)
            plan.refuse("ACCOUNT_RESTRICTED_OUT", payee.no_out)
            lines.append(SimpleNamespace(payee=payee, amount=amount, before=before,
                                         fee_before=fee_before, back=0))
        self._plan_refund_money(plan, ledger, original, taker, lines)

    @staticmethod
    def _fee_back(rule, fee, refunded, whole, back_before):
        if rule.refund == REFUND_PROPORTIONAL:
            return fee * refunded // whole - back_before
        if rule.refund == REFUND_ON_FULL and refunded == whole:
            return fee - back_before
        return 0

    def _plan_refund_money(self, plan, ledger, original, taker, lines):
        rule = original.rule
        refunded = original.refunded_whole + sum(line.amount for line in lines)
        back = 0
        if rule and original.by_payees:
            for line in lines:
                whole = original.lines[line.payee.id]
                line.back = self._fee_back(rule, fee_of(rule, whole), line.before + line.amount,
                                           whole, line.fee_before)
                back += line.back
        elif rule:
            back = self._fee_back(rule, original.fee_minor, refunded,
                                  sum(original.lines.values()), original.fee_back_whole)
        to, excesses, advanced_sum = (taker, AVAILABLE), [], 0
        for line in lines:
            # More of the fee than the line has goes to the payee, who bore it.
            excess = max(0, line.back - line.amount)
            excesses.append((self._taker(plan, ledger, line.payee.id) if excess else line.payee.id,
                             excess))
            given = max(0, line.amount - line.back)
            advanced = max(0, given - self._spendable(line.payee))
            plan.refuse("INSUFFICIENT_AVAILABLE", advanced > 0 and not ledger.advance_refunds)
            plan.move((line.payee.id, AVAILABLE), to, given - advanced)
            plan.move((ledger.platform_own, AVAILABLE), to, advanced)
            if advanced:
                plan.advanced_for[len(plan.moves) - 1] = line.payee
            advanced_sum += advanced
            if advanced:
                self._owe(plan, line.payee, advanced)
            plan.then(original.refunded.__setitem__, line.payee.id,
                      (line.before + line.amount, line.fee_before + line.back))
        legs = self.split_back(ledger, rule, original.fee_minor, original.fee_back_whole, back)
        collected = [self._collected(account, part) for account, part in legs]
        given = (advanced_sum if ledger.advance_refunds else 0) + sum(collected)
        plan.refuse("INSUFFICIENT_PLATFORM_OWN",
                    given and given > self.balances[ledger.platform_own, AVAILABLE])
        for (account, _), missing in zip(legs, collected):
            plan.move((ledger.platform_own, AVAILABLE), (account, AVAILABLE), missing)
        takers = [(taker, back - sum(part for _, part in excesses)), *excesses]
        for taker, left in takers:
            for index, (account, part) in enumerate(legs):
                part = min(part, left)
                plan.move((account, AVAILABLE), (taker, AVAILABLE), part)
                legs[index] = (account, legs[index][1] - part)
                left -= part
        plan.set(original, refunded_whole=refunded,
                 fee_back_whole=original.fee_back_whole + back)

    def _collected(self, account, part):
        """What a fee account lacks of a part: the platform collected it, and gives it back."""
        return max(0, part - max(0, self.balances[account, AVAILABLE]))

    def _owe(self, plan, account, amount):
        debt = SimpleNamespace(id=len(self.debts) + len(plan.debts) + 1,
                               ledger_id=account.ledger_id, account_id=account.id, amount=amount,
                               recovered=0)
        plan.debts.append(debt)
        plan.then(self.debts.append, debt)

    def _own_part(self, entry, original, taker, amount):
        """What the platform gives of a receipt that was wrong, if two persons want it."""
        if not entry.proposal_id or original.command != "book_receipt":
            return 0
        return amount if self.accounts[taker].closed else 0

    def plan_reverse(self, plan, request, ledger, entry):
        """Every posting of the original in the opposite direction, the last first."""
        original = self.originals.get(request.original_sequence)
        if plan.refuse("ORIGINAL_NOT_FOUND", original is None or original.ledger_id != ledger.id):
            return
        plan.order_number = original.order_number
        between = any({self.accounts[debit[0]].kind, self.accounts[credit[0]].kind} ==
                      {"member", self.accounts[ledger.platform_own].kind} or
                      (self.accounts[debit[0]].kind, self.accounts[credit[0]].kind) ==
                      ("platform_own", "fee")
                      for debit, credit, _ in original.moves)
        if plan.refuse("ORIGINAL_NOT_REVERSIBLE", original.command not in REVERSIBLE or between):
            return
        plan.refuse("ORIGINAL_REVERSED", original.reversed)
        plan.refuse("ORIGINAL_REFUNDED", original.refunded_whole > 0)
        left = {}
        for debit, credit, amount in reversed(original.moves):
            own_part = self._own_part(entry, original, credit[0], amount)
            amount -= own_part
            moved_amount = amount
            plan.refuse("EFFECT_GONE", amount > 0 and self.accounts[credit[0]].closed)
            plan.refuse("ACCOUNT_RESTRICTED_OUT", self.accounts[credit[0]].no_out and
                        original.command in ("pay", "adjust"))
            debit = (self._taker(plan, ledger, debit[0]), debit[1])
            plan.refuse("EFFECT_GONE", debit == credit)
            if credit[0] == ledger.unallocated:
                its = [item for item in self.suspense.values()
                       if item.origin == request.original_sequence and not self.lump_of(item)]
                if not plan.refuse("EFFECT_GONE", sum(map(self.open_of, its)) < amount):
                    plan.put_back -= amount
                    for item in its:
                        part = min(self.open_of(item), amount)
                        plan.set(item, reversed=item.reversed + part)
                        amount -= part
                amount = moved_amount
            moves = [(credit, debit, amount), ((ledger.platform_own, AVAILABLE), debit, own_part)]
            if self.accounts[credit[0]].kind == "fee":
                missing = max(0, amount - max(0, left.get(credit, self.balances[credit])))
                moves.append(((ledger.platform_own, AVAILABLE), credit, missing))
            for giver, taker, moved in moves:
                plan.move(giver, taker, moved)
            # What the platform gives back is there before the fee account gives it on.
            for place, change in [change for giver, taker, moved in reversed(moves) if moved
                                  for change in ((giver, -moved), (taker, moved))]:
                left[place] = left.get(place, self.balances[place]) + change
                account = self.accounts[place[0]]
                plan.refuse("EFFECT_GONE", change < 0 and left[place] < min(0, self.balances[place])
                            and account.kind != "escrow")
        plan.set(original, reversed=True)

    # ---- suspense ----

    @staticmethod
    def open_of(item):
        """What of an item waits for its owner."""
        return item.amount - item.allocated - item.reversed - item.returning - item.returned

    def _suspend(self, plan, ledger, command, request, entry):
        """What came to UNALLOCATED, and was not put back into an item, opens one."""
        place = (ledger.unallocated, AVAILABLE)
        came = sum((amount if credit == place else 0) - (amount if debit == place else 0)
                   for debit, credit, amount in plan.moves) - plan.put_back
        assert came >= 0, f"entry {entry.sequence}: {-came} left UNALLOCATED out of no item"
        if came:
            plan.then(self._open_item, SimpleNamespace(
                ledger_id=ledger.id, origin=entry.sequence, amount=came, allocated=0, reversed=0,
                returning=0, returned=0, return_payout_id=0,
                date=ledger.date, opened_at_us=entry.recorded_at_us,
                payout_id=request.payout_id if command.endswith("_payout") else 0))

    def _open_item(self, item):
        item.id = len(self.suspense) + 1
        self.suspense[item.id] = item

    def _item(self, plan, request, ledger):
        item = self.suspense.get(request.suspense_id)
        if plan.refuse("SUSPENSE_NOT_FOUND", item is None or item.ledger_id != ledger.id):
            return None
        return item

    def plan_return_suspense(self, plan, request, ledger, entry):
        """Back to the account that the payer of the receipt used: a payout of UNALLOCATED."""
        item = self._item(plan, request, ledger)
        original = self.originals.get(request.original_sequence)
        if plan.refuse("ORIGINAL_NOT_FOUND", original is None or original.ledger_id != ledger.id) \
                or item is None:
            return
        if plan.refuse("RETURN_WITHOUT_ACCOUNT", not original.has_sender
                       or item.origin != request.original_sequence):
            return
        plan.refuse("SUSPENSE_FINAL", self.open_of(item) + item.returning == 0)
        plan.refuse("SUSPENSE_RETURN_UNDER_WAY", item.returning > 0)
        plan.refuse("SUSPENSE_IN_LUMP", self.lump_of(item) is not None)
        amount = request.amount_minor or self.open_of(item)
        plan.refuse("ALLOCATION_ABOVE_ITEM", amount > self.open_of(item))
        plan.move((ledger.unallocated, AVAILABLE), (ledger.unallocated, PENDING_OUT), amount)
        plan.put_back = -amount
        plan.set(item, returning=amount, return_payout_id=entry.subject_id)
        plan.then(self.payouts.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, account_id=ledger.unallocated,
            amount=amount, fee=0, bearer_id=0, rule=None, returned=0, fee_returned=0,
            return_until=0, evidence=0, order_number="", status="REQUESTED"))

    def _note_return(self, plan, payout, has_left):
        """The bank said of a payout that it left or not: it may be the return of an item."""
        for item in self.suspense.values():
            if item.return_payout_id == payout.id and item.returning:
                plan.put_back += 0 if has_left else item.returning
                plan.set(item, returning=0,
                         returned=item.returned + (item.returning if has_left else 0))

    def plan_adopt_suspense(self, plan, request, ledger, _entry):
        """The books begin with an empty journal: everything that waits has an item."""
        original = self.originals.get(request.original_sequence)
        plan.refuse("ORIGINAL_NOT_FOUND", request.original_sequence and (
            original is None or original.ledger_id != ledger.id))
        plan.refuse("ABOVE_REST")

    # ---- holds ----

    def plan_place_hold(self, plan, request, ledger, entry):
        """The payer's available to its frozen."""
        payer = self._member(plan, request.payer_account_id, ledger)
        plan.refuse("EXPIRY_NOT_AHEAD", request.expires_at_us <= entry.recorded_at_us)
        if payer is None:
            return
        plan.refuse("ACCOUNT_RESTRICTED_OUT", payer.no_out)
        plan.refuse("TOO_MANY_HOLDS_OF_ORDER", len(self._chain(ledger, request)) >=
                    HOLDS_PER_ORDER_MAX)
        plan.refuse("INSUFFICIENT_AVAILABLE", self._spendable(payer) < request.amount_minor)
        plan.move((payer.id, AVAILABLE), (payer.id, FROZEN), request.amount_minor)
        hold = SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, payer_id=payer.id,
            order_number=request.order_number, amount=request.amount_minor,
            expires_at_us=request.expires_at_us, confirmed=0, cancelled=0, status="LIVE",
            changed=entry.sequence)
        plan.then(self.holds.__setitem__, entry.subject_id, hold)
        plan.then(ledger.chains.setdefault((payer.id, request.order_number), []).append, hold)

    @staticmethod
    def _chain(ledger, request):
        return [hold for hold in ledger.chains.get(
            (request.payer_account_id, request.order_number), []) if hold.status == "LIVE"]

    def _asked_holds(self, plan, request, ledger, now_us):
        """The holds that a confirm or a cancel draws on."""
        if request.hold_id == 0:
            live = self._chain(ledger, request)
            if not live:
                chain = ledger.chains.get((request.payer_account_id, request.order_number))
                last = max(chain, key=lambda hold: hold.changed) if chain else None
                plan.refuse(f"HOLD_{last.status}" if last else "HOLD_NOT_FOUND", True)
                return []
            usable = [hold for hold in live if hold.expires_at_us > now_us]
            plan.refuse("HOLD_EXPIRED", not usable)
            return usable
        hold = self.holds.get(request.hold_id)
        if plan.refuse("HOLD_NOT_FOUND", hold is None or hold.ledger_id != ledger.id):
            return []
        wrong = plan.refuse("HOLD_OF_ANOTHER", hold.payer_id != request.payer_account_id)
        wrong |= plan.refuse("ORDER_NUMBER_MISMATCH", hold.order_number != request.order_number)
        wrong |= plan.refuse("HOLD_FINISHED", hold.status == "FINISHED")
        wrong |= plan.refuse("HOLD_EXPIRED", hold.status == "EXPIRED" or (
            hold.status == "LIVE" and hold.expires_at_us <= now_us))
        return [] if wrong else [hold]

    @staticmethod
    def held(hold):
        """What a hold still holds."""
        return hold.amount - hold.confirmed - hold.cancelled

    def _draw(self, plan, holds, amount, field, sequence):
        if plan.refuse("ABOVE_REST", amount > sum(map(self.held, holds))):
            return
        for hold in holds:
            part = min(amount, self.held(hold))
            if part:
                plan.set(hold, **{field: getattr(hold, field) + part},
                         status="LIVE" if self.held(hold) > part else "FINISHED",
                         changed=sequence)
            amount -= part

    def plan_confirm_hold(self, plan, request, ledger, entry):
        """The payer's frozen to the payees."""
        payer = self._member(plan, request.payer_account_id, ledger)
        holds = self._asked_holds(plan, request, ledger, entry.recorded_at_us)
        total = self._pay_out_of(plan, request, ledger, payer, FROZEN)
        if holds:
            self._draw(plan, holds, total, "confirmed", entry.sequence)
        if payer:
            owed = sum(debt.amount - debt.recovered for debt in self._debts_of(payer))
            plan.refuse("OWED_STAYS", owed and total > self._available(payer) - owed +
                        self.balances[payer.id, FROZEN])

    def plan_cancel_hold(self, plan, request, ledger, entry):
        """The payer's frozen to its available."""
        payer = self._member(plan, request.payer_account_id, ledger)
        holds = self._asked_holds(plan, request, ledger, entry.recorded_at_us)
        if holds and payer:
            amount = request.amount_minor or sum(map(self.held, holds))
            self._draw(plan, holds, amount, "cancelled", entry.sequence)
            plan.move((payer.id, FROZEN), (payer.id, AVAILABLE), amount)

    def plan_expire(self, plan, request, ledger, entry):
        """What its time is over of is given back."""
        if request.kind == EXPIRY_PROPOSAL:
            made = self.proposals[request.id]
            plan.refuse("NOT_YET_DUE", made.propose.expires_at_us > entry.recorded_at_us)
            plan.then(self.proposals.pop, request.id)
            return
        if request.kind == EXPIRY_SUSPENSE:
            self.expire_item(plan, request, ledger, entry)
            return
        if request.kind == EXPIRY_PROMISE:
            self.expire_promise(plan, request, ledger, entry)
            return
        if request.kind in (EXPIRY_CARD, EXPIRY_DENIED):
            return  # see books_cards.py
        records, name, done = {
            EXPIRY_HOLD: (self.holds, "HOLD", {"FINISHED": "HOLD_FINISHED"}),
            EXPIRY_FREEZE: (self.freezes, "FREEZE", {"LIFTED": "FREEZE_LIFTED"}),
        }[request.kind]
        record = records.get(request.id)
        if plan.refuse(f"{name}_NOT_FOUND", record is None or record.ledger_id != ledger.id):
            return
        plan.order_number = getattr(record, "order_number", "")
        if record.status in done:
            plan.refuse(done[record.status])
            return
        if plan.refuse(f"{name}_EXPIRED", record.status == "EXPIRED"):
            return
        plan.refuse("NOT_YET_DUE", not 0 < record.expires_at_us <= entry.recorded_at_us)
        plan.set(record, status="EXPIRED")
        if request.kind == EXPIRY_HOLD:
            rest, account = self.held(record), record.payer_id
            plan.set(record, cancelled=record.cancelled + rest, changed=entry.sequence)
        else:
            rest, account = record.amount - record.lifted, record.account_id
            plan.set(record, lifted=record.amount)
        plan.move((account, FROZEN), (account, AVAILABLE), rest)

    # ---- money out ----

    def plan_withdraw(self, plan, request, ledger, entry):
        """The account's available to its pending_out, the fee from who bears it."""
        if request.account_id == ledger.platform_own:
            account = self.accounts[request.account_id]
            self._is_own_account(plan, ledger, request.destination)
        else:
            account = self._member(plan, request.account_id, ledger)
        by_choice = ledger.same_card and request.account_id != ledger.platform_own
        plan.refuse("DESTINATION_NEEDED",
                    account and not request.destination.account_number and not by_choice)
        rule = self._rule(plan, ledger, request.fee_rule) if request.fee_rule else None
        fee = fee_of(rule, request.amount_minor) if rule else request.fee_minor
        plan.fee_minor = fee
        inside = fee > 0 and request.fee_mode == INSIDE
        plan.refuse("FEE_NOT_BELOW_AMOUNT", inside and fee >= request.amount_minor)
        leaves = request.amount_minor - (fee if inside else 0)
        bearer = account
        if request.fee_mode == BORNE_BY_ANOTHER:
            bearer = self._other_bearer(plan, request, ledger, fee)
        if account is None:
            return
        plan.refuse("ACCOUNT_RESTRICTED_OUT", account.no_out)
        need = leaves + (fee if bearer is account else 0)
        plan.refuse("INSUFFICIENT_AVAILABLE", self._spendable(account) < need)
        plan.refuse("NOT_YET_WITHDRAWABLE", self.withdrawable(account, ledger) < leaves)
        # Which card had brought how much is sealed: by which ones it goes is as the entry tells.
        by_card = [one.amount_minor for one in entry.card_payouts] or [leaves]
        assert sum(by_card) == leaves and (len(by_card) == 1 or ledger.same_card)
        for number, part in enumerate(by_card):
            plan.move((account.id, AVAILABLE), (account.id, PENDING_OUT), part)
            has_fee = number == 0 and fee
            plan.then(self.payouts.__setitem__, entry.subject_id + number, SimpleNamespace(
                id=entry.subject_id + number, ledger_id=ledger.id, account_id=account.id,
                amount=part, fee=fee if has_fee else 0,
                bearer_id=bearer.id if bearer and has_fee else 0, rule=None if number else rule,
                status="REQUESTED", returned=0, fee_returned=0, return_until=0, evidence=0,
                order_number=request.order_number))
        if bearer:
            for fee_account, part in self.split(ledger, rule, fee):
                plan.move((bearer.id, AVAILABLE), (fee_account, AVAILABLE), part)

    def _other_bearer(self, plan, request, ledger, fee):
        plan.refuse("SAME_ACCOUNT", request.fee_account_id == request.account_id)
        if request.fee_account_id == ledger.platform_own:
            bearer = self.accounts[ledger.platform_own]
            plan.refuse("INSUFFICIENT_PLATFORM_OWN", self._available(bearer) < fee)
            return bearer
        bearer = self._member(plan, request.fee_account_id, ledger)
        if bearer:
            plan.refuse("ACCOUNT_RESTRICTED_OUT", bearer.no_out)
            plan.refuse("INSUFFICIENT_AVAILABLE", self._spendable(bearer) < fee)
        return bearer

    def _give_fee_back(self, plan, ledger, payout, back):
        if back == 0:
            return
        taker = self._taker(plan, ledger, payout.bearer_id)
        for account, part in self.split_back(ledger, payout.rule, payout.fee, payout.fee_returned,
                                             back):
            plan.move((account, AVAILABLE), (taker, AVAILABLE), part)
        plan.set(payout, fee_returned=payout.fee_returned + back)

    def plan_confirm_payout(self, plan, request, ledger, entry):
        """What the bank says of a payout."""
        payout = self._payout(plan, request, ledger)
        if payout is None:
            return
        result, status = request.result, payout.status
        plan.set(payout, evidence=entry.sequence)
        if status == "PAID" and result == RETURNED:
            self._plan_return(plan, request, ledger, payout)
            return
        if plan.refuse(f"PAYOUT_ALREADY_{status}",
                       status in ("PAID", "FAILED", "RETURNED", "CANCELLED")):
            return
        plan.refuse("PAYOUT_NOT_PAID", result == RETURNED)
        plan.refuse("PAYOUT_ALREADY_SENT", result == SENT and status == "SENT")
        plan.refuse("PAYOUT_ALREADY_UNKNOWN", result in (SENT, UNKNOWN) and status == "UNKNOWN")
        gives = (payout.account_id, PENDING_OUT)
        if result == PAID:
            plan.move(gives, (ledger.escrow, AVAILABLE), payout.amount)
            self._note_return(plan, payout, True)
            plan.set(payout, status="PAID", return_until=add_days(ledger.date, ledger.return_days))
        elif result == FAILED:
            plan.move(gives, (payout.account_id, AVAILABLE), payout.amount)
            self._note_return(plan, payout, False)
            plan.set(payout, status="FAILED")
            if payout.rule is None or payout.rule.on_failed == PAYOUT_FEE_BACK:
                self._give_fee_back(plan, ledger, payout, payout.fee)
        else:
            plan.set(payout, status="SENT" if result == SENT else "UNKNOWN")

    def _payout(self, plan, request, ledger):
        payout = self.payouts.get(request.payout_id)
        if plan.refuse("PAYOUT_NOT_FOUND", payout is None or payout.ledger_id != ledger.id):
            return None
        plan.order_number = payout.order_number
        return payout

    def _plan_return(self, plan, request, ledger, payout):
        plan.refuse("PAYOUT_FINAL", ledger.date > payout.return_until)
        amount = request.amount_minor or payout.amount - payout.returned
        plan.refuse("ABOVE_REST", payout.returned + amount > payout.amount)
        returned = payout.returned + amount
        plan.move((ledger.escrow, AVAILABLE),
                  (self._taker(plan, ledger, payout.account_id), AVAILABLE), amount)
        plan.set(payout, returned=returned,
                 status="RETURNED" if returned == payout.amount else "PAID")
        if payout.rule and payout.rule.on_returned == PAYOUT_FEE_BACK:
            self._give_fee_back(plan, ledger, payout,
                                payout.fee * returned // payout.amount - payout.fee_returned)

    def plan_intercept_payout(self, plan, request, ledger, entry):
        """Stopped before it was sent; the whole fee comes back."""
        payout = self._payout(plan, request, ledger)
        if payout is None:
            return
        if payout.status != "REQUESTED":
            said = "SENT" if payout.status == "UNKNOWN" else payout.status
            plan.refuse(f"PAYOUT_ALREADY_{said}")
            return
        plan.set(payout, status="CANCELLED", evidence=entry.sequence)
        plan.move((payout.account_id, PENDING_OUT), (payout.account_id, AVAILABLE), payout.amount)
        self._note_return(plan, payout, False)
        self._give_fee_back(plan, ledger, payout, payout.fee)

    # ---- freezes, adjustments ----

    def plan_place_freeze(self, plan, request, ledger, entry):
        """An account's available to its frozen."""
        account = self._member(plan, request.account_id, ledger)
        plan.refuse("EXPIRY_NOT_AHEAD", 0 < request.expires_at_us <= entry.recorded_at_us)
        if account is None:
            return
        plan.refuse("INSUFFICIENT_AVAILABLE", self._available(account) < request.amount_minor)
        plan.move((account.id, AVAILABLE), (account.id, FROZEN), request.amount_minor)
        plan.then(self.freezes.__setitem__, entry.subject_id, SimpleNamespace(
            id=entry.subject_id, ledger_id=ledger.id, account_id=account.id,
            owner=request.key.channel, purpose=request.purpose, amount=request.amount_minor,
            lifted=0, expires_at_us=request.expires_at_us, status="LIVE",
            person=wanted_by(entry)))

    def plan_lift_freeze(self, plan, request, ledger, entry):
        """An account's frozen to its available, by the owner."""
        freeze = self.freezes.get(request.freeze_id)
        if plan.refuse("FREEZE_NOT_FOUND", freeze is None or freeze.ledger_id != ledger.id):
            return
        person = wanted_by(entry)
        plan.refuse("FREEZE_OF_ANOTHER", person != freeze.person if person and freeze.person else
                    freeze.owner != request.key.channel)
        plan.refuse("FREEZE_LIFTED", freeze.status == "LIFTED")
        plan.refuse("FREEZE_EXPIRED", freeze.status == "EXPIRED" or (
            freeze.status == "LIVE" and 0 < freeze.expires_at_us <= entry.recorded_at_us))
        rest = freeze.amount - freeze.lifted
        amount = request.amount_minor or rest
        plan.refuse("ABOVE_REST", amount > rest)
        plan.move((freeze.account_id, FROZEN), (freeze.account_id, AVAILABLE), amount)
        plan.set(freeze, lifted=freeze.lifted + amount,
                 status="LIFTED" if amount == rest else "LIVE")

    def plan_adjust(self, plan, request, ledger, entry):
        """Books from one to the other what two persons want."""
        plan.refuse("APPROVAL_NEEDED", not entry.proposal_id)
        sides = []
        for account_id in (request.debit_account_id, request.credit_account_id):
            account = self.accounts.get(account_id)
            if not plan.refuse("ACCOUNT_NOT_FOUND",
                               account is None or account.ledger_id != ledger.id):
                plan.refuse("ACCOUNT_CLOSED", account.closed)
                sides.append(account)
        plan.refuse("SAME_ACCOUNT", request.debit_account_id == request.credit_account_id)
        if len(sides) < 2:
            return
        debit, credit = sides
        amount = request.amount_minor
        waits = (debit.kind, credit.kind) == ("unallocated", "member")
        plan.refuse("SUSPENSE_ITEM_NEEDED", waits)
        plan.refuse("ADJUSTMENT_NOT_ALLOWED",
                    not waits and (debit.kind, credit.kind) not in ADJUSTABLE)
        plan.refuse("ACCOUNT_RESTRICTED_OUT", debit.no_out and not request.despite_restriction)
        plan.refuse("ACCOUNT_RESTRICTED_IN", credit.no_in and not request.despite_restriction)
        short = {"fee": "INSUFFICIENT_FEE", "platform_own": "INSUFFICIENT_PLATFORM_OWN"}
        plan.refuse(short.get(debit.kind, "INSUFFICIENT_AVAILABLE"),
                    self._spendable(debit) < amount)
        plan.refuse("ABOVE_REST", credit.kind == "fee" and
                    self._available(credit) + amount > 0)
        if credit.kind == "member":
            self._credit(plan, credit, (debit.id, AVAILABLE), amount)
        else:
            plan.move((debit.id, AVAILABLE), (credit.id, AVAILABLE), amount)
