"""payment_load.py: a load of every command of a marketplace: splits with fees by rule, holds that
are confirmed, cancelled or run out, refunds, withdrawals of every ending, freezes, corrections, day
cuts.

SPDX-License-Identifier: Apache-2.0
"""
import time
from collections import deque

from client import DATE
from load import Load, random_reference

# The day cuts of a load go through these, and not beyond the window of its keys.
LATER_DATES = [20240301, 20240302, 20240303, 20240304, 20240305]
OWN_ACCOUNT = {"name": "Test Market Ltd", "account_number": "110060099"}

TIERS = {
    "std": [{"rate_ppm": 6_000, "minimum_minor": 1},
            {"from_minor": 20_000, "flat_minor": 20, "rate_ppm": 3_000, "maximum_minor": 90}],
    "full": [{"flat_minor": 3, "rate_ppm": 12_345}],
}
ENDS = {
    "std": ("FEE_REFUND_PROPORTIONAL", "PAYOUT_FEE_BACK", "PAYOUT_FEE_KEPT"),
    "full": ("FEE_REFUND_ON_FULL", "PAYOUT_FEE_KEPT", "PAYOUT_FEE_BACK"),
}


def now_us():
    """The machine's time, which is the server's."""
    return time.time_ns() // 1000


def rule_fields(ledger_id, name, effective_date=DATE, shares=(), rounding="FEE_ROUNDING_HALF_UP"):
    """The fields of a version of one of the rules."""
    refund, failed, returned = ENDS[name]
    return {"ledger_id": ledger_id, "name": name, "effective_date": effective_date,
            "rounding": rounding, "refund": refund, "on_payout_failed": failed,
            "on_payout_returned": returned, "tiers": TIERS[name],
            "shares": [{"account_id": account, "share_ppm": share} for account, share in shares]}


def open_shop(client, prefix, accounts=8, money=1_000_000, **fields):
    """A platform with fee rules, an own account, advances of refunds, and users with money."""
    shop = client.open_platform(prefix, accounts=accounts, key_window_dates=7)
    ledger_id = shop.ledger_id
    client.command("set_terms", ledger_id=ledger_id, own_account=OWN_ACCOUNT,
                   **{"advance_refunds": True, "payout_return_days": 2, **fields})
    client.command("book_receipt", ledger_id=ledger_id, amount_minor=money, payer=OWN_ACCOUNT,
                   account_id=shop.control.platform_own_account_id)
    shop.partner = client.command("open_fee_account", ledger_id=ledger_id,
                                  purpose="share of the partner").account_id
    shop.shares = [(shop.control.fee_account_id, 700_000), (shop.partner, 300_000)]
    client.command("set_fee_rule", **rule_fields(ledger_id, "std", shares=shop.shares))
    client.command("set_fee_rule", **rule_fields(ledger_id, "full"))
    if money:
        client.batch([client.item("book_receipt", ledger_id=ledger_id, account_id=account,
                                  amount_minor=money) for account in shop.accounts])
    return shop


class PaymentLoad(Load):
    """Random commands of every kind on a shop; many of them are refused, and all are proven."""

    def __init__(self, *arguments, expires_in_s=(0.3, 3600), **options):
        super().__init__(*arguments, **options)
        self._expires_in_s = expires_in_s
        self._payments = deque(maxlen=2_000)
        self._holds = deque(maxlen=50)
        self._freezes = deque(maxlen=50)
        self._proposals = deque(maxlen=50)
        self._allocations = deque(maxlen=100)
        self._receipts = []  # for nobody
        self._lumps = deque(maxlen=20)
        self._acquirers = []
        self._promises = deque(maxlen=100)
        self._settlements = deque(maxlen=20)
        self._differences = deque(maxlen=30)
        self._cards = deque(maxlen=60)  # with their members
        self._checks = deque(maxlen=20)

    def know(self, load):
        """Takes over what another load has made, so that this one goes on with it."""
        self.payouts.extend(load.payouts)
        for name in ("_payments", "_holds", "_freezes", "_proposals", "_allocations",
                     "_receipts", "_lumps", "_acquirers", "_promises", "_settlements",
                     "_differences", "_cards", "_checks"):
            getattr(self, name).extend(getattr(load, name))
        return self

    def _note(self, item, answer):
        super()._note(item, answer)
        command = item.WhichOneof("command")
        request = getattr(item, command)
        if command in ("pay", "confirm_hold"):
            self._payments.append((answer[1], request.order_number, [
                (payee.account_id, payee.amount_minor) for payee in request.payees]))
        elif command == "place_hold":
            self._holds.append((answer[4], request.payer_account_id, request.order_number))
        elif command == "place_freeze":
            self._freezes.append((answer[4], request.key.channel))
        elif command == "return_suspense":
            self.payouts.append(answer[4])
        elif command == "book_receipt" and answer[0] == 2:
            self._receipts.append(answer[1])
        elif command == "allocate_suspense":
            self._allocations.append((answer[1], request.suspense_id, 0, [
                (payee.account_id, payee.amount_minor) for payee in request.payees]))
        elif command == "open_lump":
            self._lumps.append((answer[4], request.suspense_id, request.control_count,
                                request.control_total_minor))
        elif command == "allocate_line":
            item = next((one[1] for one in list(self._lumps) if one[0] == request.lump_id), 1)
            self._allocations.append((answer[1], item, request.lump_id,
                                      [(answer[4], request.amount_minor)]))
        elif command == "bind_card":
            self._cards.append((answer[4], request.member_id))
        elif command == "check_card":
            self._checks.append((request.card_id, answer[1]))
        elif command == "open_acquirer":
            self._acquirers.append(answer[4])
        elif command == "book_promise":
            self._promises.append((answer[4], request.amount_minor, request.acquirer_id,
                                   request.reference))
        elif command == "open_settlement":
            self._settlements.append((answer[4], request.acquirer_id, request.suspense_id))
        elif command == "settle_line" and answer[4]:
            item = next((one[2] for one in list(self._settlements)
                         if one[0] == request.settlement_id), 1)
            self._differences.append((answer[4], item))
        elif command == "propose":
            self._proposals.append((answer[4], request.key.channel))

    def _random_item(self, client, dice):
        command, weight = zip(*_WEIGHTS.items())
        command = dice.choices(command, weight)[0]
        fields = getattr(self, "_random_" + command)(dice)
        if fields is None:
            return super()._random_item(client, dice)
        # What only its owner may do is asked for under the owner's channel.
        channel = fields.pop("by", None)
        if channel:
            fields["key"] = client.key(channel=channel)
        if "person" in fields:  # one with several memberships
            fields = client.identity(fields["person"], name="Zhang San")
        if "inside" in fields:
            command_inside, said = fields.pop("inside")
            fields["command"] = client.inside(command_inside, **said)
        if command in ("pay", "withdraw", "place_hold") and dice.random() < 0.1:
            item = client.item(command, **{"ledger_id": self.platform.ledger_id, **fields})
            return client.with_proof(item, f"F-{dice.randrange(500)}", **self._spoiled(dice))
        return client.item(command, **{"ledger_id": self.platform.ledger_id, **fields})

    @staticmethod
    def _spoiled(dice):
        """Mostly nothing."""
        return dice.choice([{}] * 6 + [
            {"amount_minor": 1}, {"account_id": 1}, {"payee_account_id": 1}, {"card_id": 1},
            {"result": "PROOF_RESULT_WRONG"}, {"expires_at_us": now_us()},
            {"issued_at_us": now_us() + 3_600_000_000}])

    def _expires_at_us(self, dice):
        return now_us() + int(dice.choice(self._expires_in_s) * dice.uniform(0.5, 1.5) * 1e6)

    def _payees(self, dice, but, most):
        others = [account for account in self.platform.accounts if account != but]
        return [(account, dice.randint(1, most))
                for account in dice.sample(others, min(dice.randint(1, 3), len(others)))]

    @staticmethod
    def _fee(dice):
        return dice.choice([
            {}, {"fee_minor": 7}, {"fee_rule": "std", "fee_bearer": "FEE_BEARER_PAYER"},
            {"fee_rule": "std", "fee_bearer": "FEE_BEARER_PAYEES"},
            {"fee_rule": "full", "fee_bearer": "FEE_BEARER_PAYEES"}])

    def _random_pay(self, dice):
        payer = dice.choice(self.platform.accounts)
        return {"payer_account_id": payer, "payees": self._payees(dice, payer, 60_000),
                "order_number": f"O{dice.randint(1, 30)}",
                "withdrawable_next_date": dice.random() < 0.4, **self._fee(dice)}

    def _random_refund(self, dice):
        if not self._payments:
            return None
        sequence, order_number, payees = dice.choice(self._payments)
        asked = []
        if dice.random() < 0.6:
            asked = [(account, dice.randint(1, amount))
                     for account, amount in dice.sample(payees, dice.randint(1, len(payees)))]
        if dice.random() < 0.03:
            order_number = "wrong"
        return {"original_sequence": sequence, "order_number": order_number, "payees": asked}

    def _random_allocate_suspense(self, dice):
        # Items are numbered, and nobody is told of one: some of the first that there may be.
        return {"suspense_id": dice.randint(1, 60), "payees": self._payees(dice, 0, 30_000),
                "fee_rule": dice.choice(["", "", "std", "full"]),
                "order_number": dice.choice(["", f"O{dice.randint(1, 30)}"])}

    def _random_undo_allocation(self, dice):
        if not self._allocations:
            return None
        sequence, suspense_id, lump_id, payees = dice.choice(self._allocations)
        asked = []
        if dice.random() < (0.2 if lump_id else 0.6):
            asked = [(account, dice.randint(1, amount))
                     for account, amount in dice.sample(payees, dice.randint(1, len(payees)))]
        return {"suspense_id": suspense_id, "original_sequence": sequence, "payees": asked,
                "lump_id": lump_id}

    def _random_open_lump(self, dice):
        count = dice.randint(1, 4)
        return {"suspense_id": dice.randint(1, 60), "control_count": count,
                "control_total_minor": count * dice.randint(1, 4_000),
                "all_or_nothing": dice.random() < 0.1}

    def _random_allocate_line(self, dice):
        if not self._lumps:
            return None
        lump_id, _, count, total = dice.choice(self._lumps)
        payer = {} if dice.random() < 0.5 else {"payer": OWN_ACCOUNT}
        return {"lump_id": lump_id, "account_id": dice.choice(self.platform.accounts),
                "fee_rule": dice.choice(["", "", "std", "none"]),
                "source_order": f"L-{dice.randrange(2_000)}", **payer,
                "amount_minor": dice.choice([total // count, total // count, dice.randint(1, 900)]),
                "order_number": dice.choice(["", f"O{dice.randint(1, 30)}"])}

    def _random_close_lump(self, dice):
        if not self._lumps:
            return None
        way = dice.random()
        return {"lump_id": dice.choice(self._lumps)[0], "cancel": way < 0.2,
                "as_it_stands": way > 0.9}

    def _random_return_suspense(self, dice):
        # Items are numbered as their receipts came, but for the few that others open between.
        receipts = sorted(self._receipts)
        if not receipts:
            return None
        place = dice.randrange(min(len(receipts), 60))
        return {"suspense_id": place + dice.choice([1, 1, 1, 2, 3]),
                "original_sequence": receipts[place],
                "amount_minor": dice.choice([0, dice.randint(1, 30_000)])}

    def _random_adopt_suspense(self, dice):
        return {"amount_minor": dice.randint(1, 100), "reason": "of before",
                "original_sequence": dice.choice(self._payments)[0] if self._payments else 0}

    def _terms(self, dice):
        return {"settlement_days": dice.randint(0, 3), "keeps_fee": dice.random() < 0.4,
                "fee_rule": dice.choice(["", "std"]),
                "withdrawable_next_date": dice.random() < 0.3,
                "ceiling_minor": dice.choice([10_000, 1_000_000])}

    def _random_open_acquirer(self, dice):
        return {"name": f"A{dice.randint(1, 3)}", **self._terms(dice)}

    def _random_set_acquirer(self, dice):
        if not self._acquirers:
            return None
        return {"acquirer_id": dice.choice(self._acquirers), "stopped": dice.random() < 0.1,
                **self._terms(dice)}

    def _random_book_promise(self, dice):
        if not self._acquirers:
            return None
        return {"acquirer_id": dice.choice(self._acquirers),
                "account_id": dice.choice(self.platform.accounts),
                "amount_minor": dice.randint(1, 20_000),
                "reference": dice.choice([f"R-{dice.getrandbits(60)}", f"R{dice.randint(1, 50)}"]),
                "order_number": dice.choice(["", f"O{dice.randint(1, 30)}"])}

    def _random_cancel_promise(self, dice):
        if not self._promises:
            return None
        promise_id, amount = dice.choice(self._promises)[:2]
        return {"promise_id": promise_id,
                "amount_minor": dice.choice([0, dice.randint(1, amount)])}

    def _random_open_settlement(self, dice):
        if not self._acquirers:
            return None
        return {"acquirer_id": dice.choice(self._acquirers), "suspense_id": dice.randint(1, 60),
                "control_count": dice.randint(1, 6),
                "control_total_minor": dice.randint(1, 30_000)}

    def _random_settle_line(self, dice):
        if not self._settlements:
            return None
        number, acquirer, _ = dice.choice(self._settlements)
        mine = [one for one in list(self._promises) if one[2] == acquirer]
        if not mine or dice.random() < 0.1:
            return {"settlement_id": number, "reference": "unheard of",
                    "gross_minor": dice.randint(1, 500)}
        promise_id, amount, _, reference = dice.choice(mine)
        gross = dice.choice([amount, max(1, amount + dice.randint(-9, 9)),
                             dice.randint(1, amount)])
        named = {"promise_id": promise_id} if dice.random() < 0.5 else {"reference": reference}
        return {"settlement_id": number, "gross_minor": gross, "partial": dice.random() < 0.3,
                "kept_minor": dice.choice([0, 0, min(gross - 1, dice.randint(0, 20))]), **named}

    def _random_close_settlement(self, dice):
        if not self._settlements:
            return None
        number, _, item = dice.choice(self._settlements)
        if dice.random() < 0.5:
            return {"settlement_id": number}
        return {"settlement_id": number, "abandon": True,
                "suspense_id": item if dice.random() < 0.9 else item + 1}

    def _random_close_difference(self, dice):
        if not self._differences:
            return None
        number, item = dice.choice(self._differences)
        end = dice.randint(1, 5)
        fields = {"difference_id": number, "ended_by": end}
        if end == 4:
            fields["suspense_id"] = item if dice.random() < 0.9 else item + 1
        if end == 5:
            fields["promise_id"] = dice.choice(self._promises or [(1,)])[0]
        return fields

    def _random_reverse(self, dice):
        if not self._payments:
            return None
        return {"original_sequence": dice.choice(self._payments)[0] + dice.choice([0, 0, 1]),
                "reason": "wrong"}

    def _random_place_hold(self, dice):
        return {"payer_account_id": dice.choice(self.platform.accounts),
                "amount_minor": dice.randint(1, 80_000), "order_number": f"O{dice.randint(1, 30)}",
                "expires_at_us": self._expires_at_us(dice)}

    def _some_hold(self, dice):
        hold_id, payer, order_number = dice.choice(self._holds)
        if dice.random() < 0.3:
            hold_id = 0
        if dice.random() < 0.03:
            payer = dice.choice(self.platform.accounts)
        return {"hold_id": hold_id, "payer_account_id": payer, "order_number": order_number}

    def _random_confirm_hold(self, dice):
        if not self._holds:
            return None
        hold = self._some_hold(dice)
        return {"payees": self._payees(dice, hold["payer_account_id"], 30_000),
                "withdrawable_next_date": dice.random() < 0.4, **hold, **self._fee(dice)}

    def _random_cancel_hold(self, dice):
        if not self._holds:
            return None
        return {"amount_minor": dice.choice([0, dice.randint(1, 40_000)]), **self._some_hold(dice)}

    def _random_expire(self, dice):
        if not self._holds:
            return None
        return {"kind": "EXPIRY_KIND_HOLD", "id": dice.choice(self._holds)[0]}

    def _random_withdraw(self, dice):
        account, other = dice.sample(self.platform.accounts, 2)
        if dice.random() < 0.3:
            other = self.platform.control.platform_own_account_id
        if dice.random() < 0.05:
            account = self.platform.control.platform_own_account_id
        fee = dice.choice([
            {}, {"fee_minor": 300, "fee_mode": "FEE_MODE_OUTSIDE"},
            {"fee_rule": "std", "fee_mode": "FEE_MODE_OUTSIDE"},
            {"fee_rule": "full", "fee_mode": "FEE_MODE_INSIDE"},
            {"fee_rule": "std", "fee_mode": "FEE_MODE_BORNE_BY_ANOTHER", "fee_account_id": other}])
        return {"account_id": account, "amount_minor": dice.randint(1, 90_000),
                "order_number": dice.choice(["", f"O{dice.randint(1, 30)}"]),
                "destination": OWN_ACCOUNT, **fee}

    def _random_confirm_payout(self, dice):
        if not self.payouts:
            return None
        result = dice.choice(["SENT", "UNKNOWN", "PAID", "PAID", "FAILED", "RETURNED", "RETURNED"])
        part = dice.choice([0, dice.randint(1, 20_000)]) if result == "RETURNED" else 0
        return {"payout_id": dice.choice(self.payouts[-40:]), "result": "PAYOUT_RESULT_" + result,
                "amount_minor": part}

    def _random_intercept_payout(self, dice):
        return {"payout_id": dice.choice(self.payouts[-20:])} if self.payouts else None

    def _random_place_freeze(self, dice):
        return {"account_id": dice.choice(self.platform.accounts),
                "amount_minor": dice.randint(1, 40_000),
                "purpose": dice.choice(["dispute", "risk"]),
                "expires_at_us": dice.choice([0, self._expires_at_us(dice)])}

    def _random_lift_freeze(self, dice):
        if not self._freezes:
            return None
        freeze_id, owner = dice.choice(self._freezes)
        fields = {"freeze_id": freeze_id, "amount_minor": dice.choice([0, dice.randint(1, 20_000)])}
        return {**fields, "by": owner if dice.random() < 0.7 else None}

    def _random_propose(self, dice):
        if self._lumps and dice.random() < 0.2:
            close = {"lump_id": dice.choice(self._lumps)[0], "as_it_stands": True}
            return {"inside": ("close_lump", close), "expires_at_us": self._expires_at_us(dice)}
        control = self.platform.control
        debit = dice.choice([*self.platform.accounts, control.platform_own_account_id,
                             control.fee_account_id, control.escrow_account_id])
        credit = dice.choice([*self.platform.accounts, control.unallocated_account_id,
                              control.platform_own_account_id])
        adjust = {"debit_account_id": debit, "credit_account_id": credit, "reason": "made good",
                  "amount_minor": dice.randint(1, 500)}
        return {"inside": ("adjust", adjust), "expires_at_us": self._expires_at_us(dice)}

    def _random_approve(self, dice):
        if not self._proposals:
            return None
        return {"proposal_id": dice.choice(self._proposals)[0]}

    def _random_withdraw_proposal(self, dice):
        if not self._proposals:
            return None
        proposal_id, maker = dice.choice(self._proposals)
        return {"proposal_id": proposal_id, "by": maker if dice.random() < 0.7 else None}

    def _random_identify_member(self, dice):
        return {"person": dice.choice(self.platform.members)}

    def _random_add_denied(self, dice):
        # Values of nobody: what is found is not worked out.
        value = {"name": f"Nobody {dice.randrange(10_000)}"} if dice.random() < 0.5 else {
            "account_number": f"80000000{dice.randrange(10_000):04d}"}
        return {"source": dice.randint(1, 4), "reason": "notice 2026-17", **value}

    def _random_bind_card(self, dice):
        # Of few numbers, so that they meet.
        return {"member_id": dice.choice(self.platform.members), "kind": "CARD_KIND_PERSONAL",
                "number": f"90000000{dice.randrange(60):04d}", "holder": "Zhang San",
                "mobile": "13552535506", "bank_code": dice.choice(["", "308584000013"])}

    def _random_card(self, dice):
        return dice.choice(self._cards) if self._cards else (1, 0)

    def _random_check_card(self, dice):
        return {"card_id": self._random_card(dice)[0], "way": dice.choice([1, 1, 2])}

    def _random_confirm_card_check(self, dice):
        card, check = dice.choice(self._checks) if self._checks else (1, 1)
        return {"card_id": card, "check_sequence": check,
                "result": dice.choices([1, 2, 3], [4, 4, 2])[0], "result_code": "0000"}

    def _random_unbind_card(self, dice):
        return {"card_id": self._random_card(dice)[0], "reason": dice.randint(1, 4),
                "evidence": "report 4711"}

    def _random_replace_card(self, dice):
        card, member = self._random_card(dice)
        others = [one[0] for one in list(self._cards) if one[1] == member and one[0] != card]
        return {"card_id": card, "new_card_id": dice.choice(others or [card + 1]),
                "reason": 1, "evidence": "report 4711"}

    def _random_collect_fees(self, dice):
        account = dice.choice([0, self.platform.partner, self.platform.accounts[0]])
        return {"account_id": account, "amount_minor": dice.randint(1, 2_000),
                "fee_rule": dice.choice(["std", "full", "none"])}

    def _random_set_fee_rule(self, dice):
        return rule_fields(
            self.platform.ledger_id, dice.choice(["std", "full"]), dice.choice(LATER_DATES),
            dice.choice([(), self.platform.shares]),
            dice.choice(["FEE_ROUNDING_UP", "FEE_ROUNDING_DOWN"]))

    def _random_restrict_account(self, dice):
        # Taken back more often than not, so that most accounts stay of use.
        return {"account_id": dice.choice(self.platform.accounts), "no_out": dice.random() < 0.15,
                "no_in": dice.random() < 0.15}

    def _random_set_terms(self, dice):
        # Mostly so long that lumps can be opened.
        return {"suspense_age_s": dice.choice([0, 1, 2, 5, 600, 86_400, 31_622_400])}

    def _random_cut_day(self, dice):
        return {"accounting_date": dice.choice(LATER_DATES)}

    def _random_book_receipt(self, dice):
        receiver = {"account_id": dice.choice(self.platform.accounts)}
        if dice.random() < 0.3:
            receiver = {"receiving_number": dice.choice(["", "nobody's"])}
        return {**receiver, "amount_minor": dice.randint(1, 100_000),
                "bank_reference": random_reference(dice)}


_WEIGHTS = {
    "book_receipt": 20, "allocate_suspense": 12, "undo_allocation": 4, "return_suspense": 3,
    "adopt_suspense": 0.3, "open_lump": 5, "allocate_line": 15, "close_lump": 4,
    "open_acquirer": 0.5, "set_acquirer": 0.5, "book_promise": 14, "cancel_promise": 4,
    "open_settlement": 6, "settle_line": 14, "close_settlement": 3, "close_difference": 5,
    "pay": 30, "refund": 20, "reverse": 2, "place_hold": 15, "confirm_hold": 15,
    "cancel_hold": 5, "expire": 1, "withdraw": 15, "confirm_payout": 20, "intercept_payout": 3,
    "place_freeze": 4, "lift_freeze": 4, "propose": 3, "approve": 3,
    "withdraw_proposal": 1, "collect_fees": 2, "set_fee_rule": 0.3, "restrict_account": 1,
    "cut_day": 0.1, "set_terms": 0.5, "identify_member": 3, "bind_card": 5,
    "add_denied": 0.5,
    "check_card": 8, "confirm_card_check": 8, "unbind_card": 1.5, "replace_card": 1.5,
}
