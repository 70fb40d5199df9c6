"""books_cards.py: the ways that cards go, as the event stream tells them.

Numbers are masked there and amounts are the adapter's, so what an answer must be is not worked out;
but each accepted command must have led from a state that it may lead from, and in the end the
server's cards must be those of the stream.

SPDX-License-Identifier: Apache-2.0
"""
from types import SimpleNamespace

from books_rules import EXPIRY_CARD

BOUND, CHECKING, CHECKED, UNBOUND, REPLACED, LOCKED = 1, 2, 3, 4, 5, 6
LIVE = {BOUND, CHECKING, CHECKED}
RIGHT, WRONG = 1, 2
TWO_DAYS_US = 48 * 3_600_000_000


class Cards:
    """Every card, by its id."""

    def __init__(self):
        super().__init__()
        self.cards = {}

    def _cards_of(self, member_id):
        return [one for _, one in sorted(self.cards.items())
                if one.member_id == member_id and one.status in LIVE]

    def follow_card(self, command, request, entry, outcome):
        """Takes an accepted command."""
        follow = getattr(self, "_follow_" + command, None)
        if follow:
            follow(request, entry, outcome)

    def _step(self, card_id, *states):
        card = self.cards[card_id]
        assert card.status in states, f"card {card_id} is {card.status}, not one of {states}"
        return card

    def _follow_bind_card(self, request, entry, _outcome):
        assert entry.subject_id == len(self.cards) + 1
        self.cards[entry.subject_id] = SimpleNamespace(
            id=entry.subject_id, ledger_id=entry.ledger_id, member_id=request.member_id,
            kind=request.kind, status=BOUND, main=False, check=0, until_us=0, checked=0,
            bound=entry.sequence, bank_code=request.bank_code, replaced_by=0, reason=0)

    def _follow_check_card(self, request, entry, _outcome):
        card = self._step(request.card_id, BOUND)
        card.status, card.check = CHECKING, entry.sequence
        card.until_us = entry.recorded_at_us + TWO_DAYS_US

    def _follow_confirm_card_check(self, request, entry, outcome):
        card = self._step(request.card_id, CHECKING)
        assert request.check_sequence == card.check and entry.recorded_at_us < card.until_us
        assert (outcome == "ACCEPTED") or request.result != RIGHT
        self._end_check(card, entry, request.result == RIGHT)

    def _follow_confirm_card_amount(self, request, entry, outcome):
        card = self._step(request.card_id, CHECKING)
        assert entry.recorded_at_us < card.until_us
        if outcome != "ACCEPTED_CHECK_WRONG":
            self._end_check(card, entry, outcome == "ACCEPTED")

    def _end_check(self, card, entry, is_right):
        card.status, card.until_us = BOUND, 0
        if is_right:
            card.main = not any(one.main for one in self._cards_of(card.member_id))
            card.status, card.checked = CHECKED, entry.sequence

    def _follow_expire(self, request, entry, _outcome):
        if request.kind == EXPIRY_CARD:
            card = self._step(request.id, CHECKING)
            assert entry.recorded_at_us >= card.until_us
            self._end_check(card, entry, False)

    @staticmethod
    def _end(card, status, reason):
        was_main, card.main = card.main, False
        card.status, card.reason, card.until_us = status, reason, 0
        return was_main

    def _follow_unbind_card(self, request, _entry, _outcome):
        card = self._step(request.card_id, *LIVE)
        if self._end(card, UNBOUND, request.reason):
            for one in self._cards_of(card.member_id):
                if one.status == CHECKED:
                    one.main = True
                    break

    def _follow_replace_card(self, request, _entry, _outcome):
        card = self._step(request.card_id, *LIVE)
        new = self._step(request.new_card_id, CHECKED)
        assert new.member_id == card.member_id and new is not card
        if self._end(card, REPLACED, request.reason):
            new.main = True
        card.replaced_by = new.id

    def _follow_close_member(self, request, _entry, _outcome):
        for card in self._cards_of(request.member_id):
            self._end(card, UNBOUND, 5)

    def compare_cards(self, client, ledger_id):
        """The server's cards are those of the stream; a locked one is a bound one."""
        got = client.list_all("card", "ListCards", ledger_id=ledger_id, page_size=1000)
        told = [(one.card_id, one.member_id, one.kind,
                 BOUND if one.status == LOCKED else one.status, one.main_card, one.bank_code,
                 one.check_sequence, one.check_expires_at_us, one.checked_sequence,
                 one.end_reason, one.replaced_by_card_id, one.bound_sequence) for one in got]
        assert told == [(one.id, one.member_id, one.kind, one.status, one.main, one.bank_code,
                         one.check, one.until_us, one.checked, one.reason, one.replaced_by,
                         one.bound) for one in self.cards.values()
                        if one.ledger_id == ledger_id]
