"""books_proofs.py: what proofs of a customer's instruction allow, for books.py.

SPDX-License-Identifier: Apache-2.0
"""
from books_rules import BEARER_PAYEES, OUTSIDE, fee_of

RIGHT = 1


class Proofs:
    """Which proofs are spent."""

    def __init__(self):
        super().__init__()
        self.proofs = {}  # (ledger, reference): the command that was accepted with it

    @staticmethod
    def _fee(ledger, request, amount):
        """Agreed, or by the rule in force."""
        if not request.fee_rule:
            return request.fee_minor
        in_force = [rule for rule in ledger.fee_rules.get(request.fee_rule, [])
                    if rule.effective_date <= ledger.date]
        return fee_of(in_force[-1], amount) if in_force else 0

    def _bound(self, ledger, command, request):
        """What the proof has to say: what the account loses, account, payee, number, order."""
        if command == "withdraw":
            amount = request.amount_minor
            if request.fee_mode == OUTSIDE:
                amount += self._fee(ledger, request, amount)
            return (amount, request.account_id, 0,
                    request.destination.account_number, "", request.card_id)
        if command == "place_hold":
            return request.amount_minor, request.payer_account_id, 0, "", request.order_number, 0
        payees = request.payees
        amount = sum(payee.amount_minor for payee in payees)
        if not request.fee_rule or request.fee_bearer != BEARER_PAYEES:
            amount += self._fee(ledger, request, amount)
        if len(payees) == 1:
            return amount, request.payer_account_id, payees[0].account_id, "", "", 0
        return amount, request.payer_account_id, 0, "", request.order_number or None, 0

    def check_proof(self, plan, command, request, ledger, entry):
        """A proof that is given is of this command, of this time, and new."""
        if command not in ("pay", "withdraw", "place_hold") or not request.HasField("proof"):
            return
        proof = request.proof
        amount, account, *payee = self._bound(ledger, command, request)
        now_us = entry.proposed_at_us if entry.proposal_id else entry.recorded_at_us
        plan.refuse("PROOF_FAILED", proof.result != RIGHT)
        plan.refuse("PROOF_NOT_OF_AMOUNT", proof.amount_minor != amount)
        plan.refuse("PROOF_NOT_OF_ACCOUNT", (proof.account_id, proof.member_id) != (account, 0))
        plan.refuse("PROOF_NOT_OF_PAYEE", payee != [
            proof.payee_account_id, proof.payee_account_number, proof.order_number, proof.card_id])
        plan.refuse("PROOF_NOT_YET_VALID", proof.issued_at_us > now_us)
        plan.refuse("PROOF_EXPIRED", proof.expires_at_us <= now_us)
        plan.refuse("PROOF_USED", (ledger.id, proof.reference) in self.proofs)

    def spend_proof(self, request, entry):
        """Of an accepted command."""
        if "proof" in request.DESCRIPTOR.fields_by_name and request.HasField("proof"):
            key = entry.ledger_id, request.proof.reference
            assert key not in self.proofs, f"entry {entry.sequence}: proof of {self.proofs[key]}"
            self.proofs[key] = entry.sequence
