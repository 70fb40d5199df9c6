"""test_cards.py: cards are bound, checked by the adapter, locked, replaced and let go; who is told
the small amount; what stays over restarts, and when the server is killed in the middle of a check.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from books import Books
from client import DATE
from test_crashes import FAULT_WALKS, kill_and_repeat, points_of_walk

NUMBER, OTHER = "6216261000000000018", "5200831111111113"
PERSONS = ["11010519491231002X", "110101199003070011", "110101199003070038", "110101199003070054"]
WAYS = {"four": "CARD_CHECK_WAY_FOUR_FACTOR", "small": "CARD_CHECK_WAY_SMALL_AMOUNT"}


class Desk:
    """A ledger whose members have cards."""

    def __init__(self, client, prefix, members=2):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=members)
        self.on = {"ledger_id": self.shop.ledger_id}
        for member, number in zip(self.shop.members, PERSONS):
            self.do("identify_member", **client.identity(member, number, "Zhang San"))

    def do(self, command, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, **self.on, **fields)

    def bind(self, number=NUMBER, member=0, expect="ACCEPTED", **fields):
        """A card of the member; its id."""
        return self.do("bind_card", expect, **{
            "member_id": self.shop.members[member], "kind": "CARD_KIND_PERSONAL",
            "number": number, "holder": "Zhang San", "mobile": "13552535506", **fields}).card_id

    def check(self, card, way="four", expect="ACCEPTED"):
        """Asks for a check; its sequence."""
        return self.do("check_card", expect, card_id=card, way=WAYS[way]).result.sequence

    def say(self, card, check, result, expect="ACCEPTED"):
        """What the bank says of it."""
        return self.do("confirm_card_check", expect, card_id=card, check_sequence=check,
                       result="CARD_CHECK_RESULT_" + result, result_code="0000", reference="R-1")

    def amount(self, card, amount, expect="ACCEPTED"):
        """What the member says of it."""
        return self.do("confirm_card_amount", expect, card_id=card, amount_minor=amount)

    def told(self, check):
        """The small amount, as the event of the check tells it."""
        return self.client.entries(check, check)[0].check_amount_minor

    def card(self, card):
        """What the server says of it."""
        return self.client.read("card", "GetCard", card_id=card, **self.on).card

    def status(self, card):
        """Its status, in short."""
        return self.client.protos.card.CardStatus.Name(self.card(card).status)[12:].lower()

    def level(self):
        """How much is known of the first member."""
        return self.client.read("member", "GetMember", member_id=self.shop.members[0],
                                **self.on).member.identity.level

    def checked(self, number, **fields):
        """A card that is checked."""
        card = self.bind(number, **fields)
        self.say(card, self.check(card), "RIGHT")
        return card

    def prove(self, tools, database):
        """The stream tells what the server has, and the database holds together."""
        last = self.client.tie_out(self.shop.ledger_id).as_of_sequence
        books = Books(self.client.protos).add_all(self.client.entries(1, last))
        books.compare_cards(self.client, self.shop.ledger_id)
        tools.check_database(database.url)


def refused(call, status=grpc.StatusCode.INVALID_ARGUMENT):
    """The message of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    assert caught.value.code() == status, caught.value
    return caught.value.details()


def test_a_check_in_a_batch_has_its_own_number(client):
    """What is tried has the numbers that it gets: the first one is another command's."""
    desk = Desk(client, 8859)
    card = desk.bind()
    last = desk.do("set_terms", payout_return_days=30).result.sequence

    def items(check):
        return [client.item("set_terms", payout_return_days=31, **desk.on),
                client.item("check_card", card_id=card, way=WAYS["four"], **desk.on),
                client.item("confirm_card_check", card_id=card, check_sequence=check,
                            result="CARD_CHECK_RESULT_RIGHT", **desk.on)]
    assert client.batch_outcomes(items(last + 1), atomic=True) == [
        "BATCH_ABORTED", "BATCH_ABORTED", "CARD_NOT_IN_CHECK"]
    assert client.batch_outcomes(items(last + 5), atomic=True) == ["ACCEPTED"] * 3


def test_a_card_by_four_factors(make_server, database, tools):
    """Bound, asked for, answered; the first one is the main card, and the next when it goes."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7201)
    card = desk.bind()
    assert desk.status(card) == "bound" and not desk.card(card).main_card
    check = desk.check(card)
    assert desk.told(check) == 0 and desk.status(card) == "checking"
    desk.check(card, expect="CARD_IN_CHECK")
    desk.say(card, check - 1, "RIGHT", "CARD_NOT_IN_CHECK")
    desk.amount(card, 17, "CARD_CHECK_OTHER_WAY")
    assert desk.level() == 2
    right = desk.say(card, check, "RIGHT").result.sequence
    assert desk.level() == 3
    shown = desk.card(card)
    assert shown.main_card and shown.checked_sequence == right and shown.checks_date == DATE
    desk.say(card, check, "RIGHT", "CARD_NOT_IN_CHECK")
    desk.check(card, "small", "CARD_CHECKED")
    second = desk.checked(OTHER)
    assert not desk.card(second).main_card
    desk.do("replace_card", "SAME_CARD", card_id=card, new_card_id=card, reason=1, evidence="x")
    desk.do("unbind_card", card_id=card, reason="CARD_END_REASON_LOST", evidence="report 4711")
    assert desk.card(second).main_card and desk.status(card) == "unbound"
    assert desk.card(card).end_reason == 2
    third = desk.checked(NUMBER)
    desk.do("replace_card", card_id=second, new_card_id=third, reason=1, evidence="letter")
    assert desk.card(third).main_card and desk.card(second).replaced_by_card_id == third
    listed = [one.card_id for one in desk.client.list_all(
        "card", "ListCards", member_id=desk.shop.members[0], status="CARD_STATUS_CHECKED",
        **desk.on)]
    assert listed == [third]
    for number, cards in (("6216-2610 0000 0000 018", [card, third]), (OTHER, [second]),
                          ("6226090000000048", [])):
        assert [one.card_id for one in desk.client.list_all(
            "card", "ListCards", number=number, **desk.on)] == cards
    before = desk.client.list_all("card", "ListCards", **desk.on)
    assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    assert desk.client.list_all("card", "ListCards", **desk.on) == before
    desk.prove(tools, database)


def test_a_card_by_a_small_amount(make_server, database, tools):
    """1 to 50 at random, three tries, in one answer for each key."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7202)
    amounts = set()
    for number in range(12):
        card = desk.bind(f"9000000000{number:02d}")
        amounts.add(desk.told(desk.check(card, "small")))
    assert len(amounts) > 1 and all(1 <= one <= 50 for one in amounts)
    card = desk.bind()
    check = desk.check(card, "small")
    amount = desk.told(check)
    desk.say(card, check, "RIGHT", "CARD_CHECK_OTHER_WAY")
    desk.amount(card, amount + 1, "ACCEPTED_CHECK_WRONG")
    server.kill()
    server.start()
    desk.client = server.connect()
    assert desk.told(check) == amount and desk.card(card).wrong_in_row == 1
    key = desk.client.key()
    again = {"key": key, "card_id": card, "amount_minor": amount + 2}
    assert not desk.do("confirm_card_amount", "ACCEPTED_CHECK_WRONG", **again).result.replayed
    assert desk.do("confirm_card_amount", "ACCEPTED_CHECK_WRONG", **again).result.replayed
    assert desk.card(card).wrong_in_row == 2
    desk.amount(card, amount)
    assert desk.status(card) == "checked"
    other = desk.bind(OTHER)
    amount = desk.told(desk.check(other, "small"))
    for wrong in range(1, 4):
        desk.amount(other, amount + wrong,
                    "ACCEPTED_CARD_LOCKED" if wrong == 3 else "ACCEPTED_CHECK_WRONG")
    desk.amount(other, amount, "CARD_NOT_IN_CHECK")
    assert desk.status(other) == "locked"
    assert desk.card(other).locked_date == DATE and desk.card(card).locked_date == 0
    desk.check(other, expect="CARD_LOCKED")
    # Bound again it is as locked; the next date frees it.
    desk.do("unbind_card", card_id=other, reason=1, evidence="letter")
    other = desk.bind(OTHER)
    desk.check(other, expect="CARD_LOCKED")
    desk.do("cut_day", accounting_date=DATE + 1 if DATE % 100 < 28 else 20240301)
    desk.check(other)
    desk.prove(tools, database)


def test_nobody_tries_without_being_counted(client):
    """An amount is no dry run, in no batch and in no proposal: nothing else tells how it ends."""
    desk = Desk(client, 7203)
    card = desk.bind()
    amount = desk.told(desk.check(card, "small"))
    said = refused(lambda: desk.do("confirm_card_amount", card_id=card, amount_minor=amount,
                                   dry_run=True))
    assert "dry_run" in said
    with pytest.raises(ValueError):
        client.item("confirm_card_amount", card_id=card, amount_minor=amount, **desk.on)
    assert "confirm_card_amount" not in client.protos.funds.BatchItem.DESCRIPTOR.fields_by_name
    assert desk.card(card).wrong_in_row == 0 and desk.status(card) == "checking"


def test_whose_a_card_is(client):
    """One number, one person; 32 a member; with the member it ends."""
    desk = Desk(client, 7204, members=3)
    card = desk.bind("6216 2610 0000-0000 018")
    answer = desk.do("bind_card", "CARD_BOUND", member_id=desk.shop.members[0],
                     kind="CARD_KIND_PERSONAL", number=NUMBER, holder="Zhang San",
                     mobile="+86 13552535506")
    assert answer.result.limit_minor == card
    desk.bind(member=1, expect="CARD_OF_ANOTHER")
    desk.bind(OTHER, holder="Zhang Sa", expect="CARD_HOLDER_DIFFERS")
    stranger = desk.do("open_member", kind="MEMBER_KIND_USER", platform_member_id="?").member_id
    desk.bind(OTHER, member_id=stranger, expect="CARD_NEEDS_IDENTITY")
    desk.do("identify_member", **client.identity(stranger, PERSONS[0], "Zhang San"))
    desk.do("unbind_card", card_id=desk.bind(member_id=stranger), reason=1, evidence="letter")
    desk.bind("12345678", kind="CARD_KIND_CORPORATE", mobile="", expect="CARD_KIND_NOT_ALLOWED")
    refused(lambda: desk.bind("6222021234567890123"))
    refused(lambda: desk.bind("12345678", mobile=""))
    desk.do("unbind_card", card_id=card, reason=4, evidence="typed wrongly")
    desk.bind(member=1)
    # Every answer masks; Reveal tells.
    bound = client.find_command(sequence=desk.card(card).bound_sequence).bind_card
    assert (bound.number, bound.holder, bound.mobile) == (
        "621626*********0018", "********n", "135****5506")
    sequence = desk.card(card).bound_sequence
    assert client.plain(desk.shop.ledger_id, sequence) == {
        (sequence, "number"): NUMBER, (sequence, "holder"): "Zhang San",
        (sequence, "mobile"): "13552535506"}
    desk.do("close_account", account_id=desk.shop.accounts[2])
    last = desk.bind("900000000000", member=2)
    desk.do("close_member", member_id=desk.shop.members[2])
    assert desk.card(last).end_reason == 5


def test_no_card_goes_while_a_payout_may_reach_it(client):
    """Until the bank has said what became of it."""
    desk = Desk(client, 7205)
    card, other = desk.checked(NUMBER), desk.checked(OTHER)
    desk.do("book_receipt", account_id=desk.shop.accounts[0], amount_minor=100)
    payout = desk.do("withdraw", account_id=desk.shop.accounts[0], amount_minor=100).payout_id
    desk.do("unbind_card", "CARD_HAS_PAYOUT", card_id=card, reason=1, evidence="letter")
    desk.do("replace_card", "CARD_HAS_PAYOUT", card_id=card, new_card_id=other, reason=1,
            evidence="letter")
    desk.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_PAID")
    desk.do("replace_card", card_id=card, new_card_id=other, reason=1, evidence="letter")


def test_only_the_adapter_is_told_the_amount(house):
    """By events; and only it says what the bank answered."""
    front, bank, ops = (
        house.let_in(role, [role]) for role in ("front", "adapter", "operator"))
    ledger = ops.command("open_ledger", platform_name="M", escrow_account_number="1",
                         currency="CNY", receiving_prefix="7206",
                         first_accounting_date=DATE).ledger_id
    on = {"ledger_id": ledger}
    member = front.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U",
                           **on).member_id
    front.command("identify_member", **front.identity(member, name="Zhang San"), **on)
    card = front.command("bind_card", member_id=member, kind=1, number=NUMBER, holder="Zhang San",
                         mobile="13552535506", **on).card_id
    check = front.command("check_card", card_id=card, way=2, **on).result.sequence
    amount = bank.entries(check, check)[0].check_amount_minor
    assert 1 <= amount <= 50
    for client in (front, ops):
        assert client.entries(check, check)[0].check_amount_minor == 0
    for client in (front, ops, bank):
        assert client.find_command(sequence=check).check_amount_minor == 0
        listed = client.read("journal", "ListCommands", **on).entries
        assert not any(entry.check_amount_minor for entry in listed)
    denied = grpc.StatusCode.PERMISSION_DENIED
    refused(lambda: front.command("confirm_card_check", card_id=card, check_sequence=check,
                                  result=2, **on), denied)
    refused(lambda: bank.command("confirm_card_amount", card_id=card, amount_minor=amount, **on),
            denied)
    refused(lambda: bank.command("bind_card", member_id=member, kind=1, number=OTHER,
                                 holder="Zhang San", mobile="13552535506", **on), denied)
    front.command("confirm_card_amount", card_id=card, amount_minor=amount, **on)


@pytest.mark.parametrize("walk", FAULT_WALKS)
def test_killed_in_the_middle_of_a_check(make_server, database, tools, walk):
    """kill -9 at every fault point, at each step of a check in turn: what was answered stays, and
    what was not has one effect when it is sent again."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7210)
    card = desk.bind()
    assert server.terminate() == 0
    steps = [("check_card", {"card_id": card, "way": 2}),
             ("confirm_card_amount", {"card_id": card, "amount_minor": 51}),
             ("confirm_card_amount", {"card_id": card}),
             ("unbind_card", {"card_id": card, "reason": 2, "evidence": "report"})]
    amount = None
    for (command, fields), point in zip(steps, points_of_walk(walk)):
        if command == "confirm_card_amount":
            fields.setdefault("amount_minor", amount)
        fields = {"key": desk.client.key(), **fields}
        answer, again = kill_and_repeat(server, point, desk, command, fields)
        assert again.result.outcome < 100, again
        if answer:
            assert again.result.replayed
            assert again.result.sequence == answer.result.sequence
        if command == "check_card":
            amount = desk.told(again.result.sequence)
        assert desk.do(command, None, **fields).result.replayed
        server.kill()
    server.start()
    desk.client = server.connect()
    assert desk.status(card) == "unbound" and desk.card(card).wrong_in_row == 0
    desk.prove(tools, database)


def test_what_a_mandate_allows(client, tools, database):
    """What is used by payments and withdrawals, and given back, is what the checks prove."""
    desk = Desk(client, 7208)
    user, seller = desk.shop.accounts
    desk.do("book_receipt", account_id=user, amount_minor=10_000)
    card = desk.checked(NUMBER)

    def grant(**to):
        return desk.do("grant_mandate", account_id=user, ceiling_each_minor=100, count=5,
                       ceiling_total_minor=300, expires_at_us=4102444800000000, evidence="e",
                       **to).mandate_id

    def used(mandate):
        read = client.read("mandate", "GetMandate", mandate_id=mandate, **desk.on).mandate
        return read.used_minor, read.used_count

    def say(payout, result, **fields):
        desk.do("confirm_payout", payout_id=payout, result=result, bank_reference="B-1", **fields)

    pays, leaves = grant(payee_account_id=seller), grant(card_id=card)
    paid = [desk.do("pay", payer_account_id=user, mandate_id=pays, fee_minor=5,
                    payees=[(seller, amount)])
            for amount in (60, 70)]
    assert used(pays) == (140, 2)
    desk.do("reverse", original_sequence=paid[0].result.sequence, reason="x")
    assert used(pays) == (75, 1)
    asked = {"account_id": user, "mandate_id": leaves, "fee_minor": 7,
             "fee_mode": "FEE_MODE_OUTSIDE",
             "destination": {"name": "Zhang San", "account_number": NUMBER}}
    payouts = [desk.do("withdraw", amount_minor=amount, **asked).payout_id
               for amount in (40, 50, 60)]
    assert used(leaves) == (171, 3)
    say(payouts[0], "PAYOUT_RESULT_FAILED")
    desk.do("intercept_payout", payout_id=payouts[1])
    say(payouts[2], "PAYOUT_RESULT_PAID")
    say(payouts[2], "PAYOUT_RESULT_RETURNED", amount_minor=20)
    assert used(leaves) == (47, 1)
    say(payouts[2], "PAYOUT_RESULT_RETURNED")
    assert used(leaves) == (7, 1), "an agreed fee stays when the bank has paid"
    desk.do("end_mandate", mandate_id=pays, evidence="e")
    tools.check_database(database.url)
