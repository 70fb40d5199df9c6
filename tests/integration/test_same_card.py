"""test_same_card.py: money leaves by the card that it came by, over gRPC: who pays in, who is paid,
what the quote, the payouts and their events tell, also to who asks again, over restarts, after a
kill at each fault point, and when numbers are sealed under other keys.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from test_cards import Desk, NUMBER, OTHER, PERSONS
from test_crashes import FAULT_WALKS, kill_and_repeat, points_of_walk

FOREIGN = "6222021001123456789"


class Till(Desk):
    """A ledger whose terms say same_card; its first member is a user with two checked cards."""

    def __init__(self, client, prefix, holds=True):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=0)
        self.on = {"ledger_id": self.shop.ledger_id}
        user = self.do("open_member", kind="MEMBER_KIND_USER", platform_member_id="u").member_id
        shop = self.do("open_member", kind="MEMBER_KIND_MERCHANT",
                       platform_member_id="s").member_id
        self.shop.members = [user, shop]
        self.user, self.merchant = (
            self.do("open_account", member_id=member).account_id for member in (user, shop))
        self.do("identify_member", **client.identity(user, PERSONS[0], "Zhang San"))
        if holds:
            self.do("set_terms", same_card=True)
        self.main, self.other = self.checked(NUMBER), self.checked(OTHER)

    def receive(self, amount, number=None, expect="ACCEPTED", account=None, **fields):
        """A receipt for the user, from that number."""
        payer = {"name": "Zhang San", "account_number": number} if number else None
        return self.do("book_receipt", expect, account_id=account or self.user,
                       amount_minor=amount, payer=payer, **fields)

    def withdraw(self, amount, expect="ACCEPTED", number=None, **fields):
        """A withdrawal of the user: by card_id, to a number, or as the server chooses."""
        party = {"name": "Zhang San", "account_number": number}
        fields["destination"] = party if number else None
        return self.do("withdraw", expect, account_id=self.user, amount_minor=amount, **fields)

    def quote(self):
        """What may leave by which card."""
        return {card.card_id: card for card in self.client.read(
            "funds", "QuoteWithdraw", account_id=self.user, **self.on).cards}

    def may(self):
        """The same, main card and other one."""
        cards = self.quote()
        return [cards[card].withdrawable_minor for card in (self.main, self.other)]

    def payout(self, payout):
        """What the server says of it."""
        return self.client.read("funds", "GetPayout", payout_id=payout, **self.on).payout

    def item(self, result):
        """The item of suspense that the command opened."""
        return self.client.read("suspense", "GetSuspense", suspense_id=result.result.suspense_id,
                                **self.on).suspense


def test_in_and_out_by_the_same_card(make_server, database, tools):
    """A foreign card's money waits, a foreign card is not paid, an own one what it brought."""
    server = make_server(database.url).start()
    till = Till(server.connect(), 7301)
    reasons = till.client.protos.suspense.SuspenseReason
    for number, reason in ((FOREIGN, "CARD_NOT_BOUND"), (None, "NO_CARD")):
        item = till.item(till.receive(100, number, "ACCEPTED_UNALLOCATED"))
        assert reasons.Name(item.reason) == "SUSPENSE_REASON_" + reason
        assert item.account_id == till.user
        till.do("allocate_suspense", "APPROVAL_NEEDED", suspense_id=item.suspense_id,
                payees=[(till.user, 100)])
    # As a bank writes numbers: blanks, hyphens and wide digits make no other card.
    till.receive(70, "6216 2610-0000 0000 018")
    till.receive(30, OTHER)
    till.receive(500, FOREIGN, account=till.merchant)
    till.do("pay", payer_account_id=till.merchant,
            payees=[(till.user, 50)])
    assert till.may() == [120, 30]
    shown = till.quote()[till.other]
    assert (shown.came_in_minor, shown.owed_minor, shown.main_card) == (30, 30, False)
    assert shown.limit == 6  # WITHDRAW_LIMIT_CARD
    out = {"level": 1, "may_pay": True, "may_withdraw": True, "operation_out_minor": 100}
    till.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CUSTOM",
            users=[out, {**out, "level": 2}])
    assert till.may() == [100, 30]
    assert [one.limit for one in till.quote().values()] == [7, 6]  # WITHDRAW_LIMIT_POLICY
    till.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_UNCHECKED")
    till.withdraw(1, "DESTINATION_NOT_OWN_CARD", FOREIGN)
    assert till.withdraw(31, "ABOVE_CARD", OTHER).result.limit_minor == 30
    paid = till.withdraw(10, number="5200 8311 1111 1113")
    assert [(one.payout_id, one.card_id, one.amount_minor) for one in paid.payouts] == [
        (paid.payout_id, till.other, 10)]
    # The server chooses: what came first leaves first, what nobody brought by the main card.
    client_key = till.client.key()
    request = {"account_id": till.user, "amount_minor": 125, "key": client_key,
               "destination": None}
    chosen = till.do("withdraw", **request)
    assert [(one.card_id, one.amount_minor) for one in chosen.payouts] == [
        (till.main, 105), (till.other, 20)]
    again = till.do("withdraw", **request)
    assert again.result.replayed and list(again.payouts) == list(chosen.payouts)
    entry = till.client.entries(chosen.result.sequence, chosen.result.sequence)[0]
    assert list(entry.card_payouts) == list(chosen.payouts)
    first, second = (one.payout_id for one in chosen.payouts)
    # Whom to pay stands with the card.
    shown = till.payout(second)
    assert shown.card_id == till.other and shown.destination.account_number.endswith("1113")
    assert "*" in shown.destination.account_number
    assert shown.destination_sequence == chosen.payouts[1].card_sequence
    assert till.may() == [15, 0]
    till.do("confirm_payout", payout_id=second, result="PAYOUT_RESULT_FAILED")
    till.do("confirm_payout", payout_id=first, result="PAYOUT_RESULT_PAID")
    assert till.may() == [15, 20]
    assert server.terminate() == 0
    server.start()
    till.client = server.connect()
    assert till.may() == [15, 20]
    assert list(till.do("withdraw", **request).payouts) == list(chosen.payouts)
    till.do("confirm_payout", payout_id=first, result="PAYOUT_RESULT_RETURNED", amount_minor=40)
    assert till.may() == [55, 20]
    till.do("replace_card", "CARD_HAS_PAYOUT", card_id=till.other, new_card_id=till.main, reason=1,
            evidence="letter")
    till.do("intercept_payout", payout_id=paid.payout_id)
    till.do("replace_card", card_id=till.other, new_card_id=till.main, reason=1, evidence="letter")
    assert till.quote()[till.main].owed_minor == 5 + 30
    till.prove(tools, database)


def test_a_dry_run_and_a_ledger_without_the_term(client):
    """A dry run tells the cards and books nothing; without the term a card is not named."""
    till = Till(client, 7302)
    till.receive(80, NUMBER)
    till.receive(20, OTHER)
    tried = till.withdraw(100, dry_run=True)
    assert [(one.payout_id, one.amount_minor) for one in tried.payouts] == [(0, 80), (0, 20)]
    assert till.may() == [80, 20]
    till.withdraw(50, card_id=till.main)
    plain = Till(client, 7303, holds=False)
    plain.receive(80, FOREIGN)
    plain.withdraw(1, "DESTINATION_NEEDED")
    plain.withdraw(1, "DESTINATION_NEEDED", card_id=plain.main)
    answer = plain.withdraw(80, number=FOREIGN)
    assert not answer.payouts and not plain.quote()
    assert plain.payout(answer.payout_id).card_id == 0


def test_a_card_of_another_key(make_server, database, tools, scratch):
    """What was counted in clear is found under one key and the next, however it is written."""
    ring = scratch / "same-card.ring"
    server = make_server(database.url).start()
    till = Till(server.connect(), 7305)
    received = []
    for keys in range(3):
        if keys:
            server.terminate()
            if keys == 1:
                tools.vslctl("key", "new", "--keys", ring, "--purpose", "journal-mac")
            tools.vslctl("key", "new", "--keys", ring, "--purpose", "seal")
            if keys == 1:
                tools.vslctl("key", "adopt", "--keys", ring, "--database", database.url)
            server.settings["keys.file"] = ring
            server.start()
            till.client = server.connect()
        till.receive(10, FOREIGN, "ACCEPTED_UNALLOCATED")
        received.append(till.receive(20, "5200-8311 1111-1113").result.sequence)
        till.withdraw(5, number="5200 8311 11111113")
        till.withdraw(1, "DESTINATION_NOT_OWN_CARD", FOREIGN)
        assert till.may() == [0, 15 * (keys + 1)]
    till.do("reverse", original_sequence=received[0], reason="no such receipt")
    till.do("reverse", original_sequence=received[1], reason="no such receipt")
    assert till.may() == [0, 5]
    till.prove(tools, database)


@pytest.mark.parametrize("walk", FAULT_WALKS)
def test_killed_while_it_leaves_by_cards(make_server, database, tools, walk):
    """kill -9 at every fault point, at each step in turn: what was answered stays, and what was
    not has one effect when it is sent again."""
    server = make_server(database.url).start()
    till = Till(server.connect(), 7304)
    till.receive(20, OTHER)
    assert server.terminate() == 0
    steps = [("book_receipt", {"account_id": till.user, "amount_minor": 10,
                               "payer": {"name": "x", "account_number": NUMBER}}),
             ("withdraw", {"account_id": till.user, "amount_minor": 25, "destination": None}),
             ("confirm_payout", {"result": 2}),
             ("withdraw", {"account_id": till.user, "amount_minor": 3, "card_id": till.main,
                           "destination": None}),
             ("intercept_payout", {}),
             ("replace_card", {"card_id": till.other, "new_card_id": till.main, "reason": 2,
                               "evidence": "report"})]
    payout = 0
    for (command, fields), point in zip(steps, points_of_walk(walk)):
        fields = {"key": till.client.key(), **fields}
        if command in ("confirm_payout", "intercept_payout"):
            fields["payout_id"] = payout
        answer, again = kill_and_repeat(server, point, till, command, fields, "ACCEPTED")
        if answer:
            assert again.result.replayed
        if command == "withdraw":
            assert answer is None or list(again.payouts) == list(answer.payouts)
            payout = again.payout_id
        assert server.terminate() == 0
    server.start()
    till.client = server.connect()
    assert till.quote()[till.main].owed_minor == 25
    till.prove(tools, database)
