"""test_proofs.py: the proof of a customer's instruction is of this command, of this time, and used
once for ever: by two keys, by two callers, in batches, after restarts, and long after.

SPDX-License-Identifier: Apache-2.0
"""
import time

import pytest

from books import Books
from callers import create_caller, credentials, tls_settings
from client import Client
from payment_load import OWN_ACCOUNT, rule_fields
from test_originals import wait_indexed

SEGMENT = 10_000
OTHERS = 30_000
FAR = 4102444800000000
CARD = "6216261000000000018"


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 10,000 commands."""
    return make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()


class Desk:
    """A ledger with users who have money."""

    def __init__(self, client, prefix):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=3)
        self.on = {"ledger_id": self.shop.ledger_id}
        self.user, self.seller, self.other = self.shop.accounts
        client.command("book_receipt", account_id=self.user, amount_minor=1_000_000, **self.on)

    def pay(self, reference, amount=100, payees=None, order="", **proof):
        """A payment with a proof, as an item."""
        item = self.client.item("pay", payer_account_id=self.user, order_number=order,
                                payees=payees or [(self.seller, amount)], **self.on)
        return self.client.with_proof(item, reference, **proof)

    def withdraw(self, reference, number="6222001", **proof):
        """A withdrawal with a proof, as an item."""
        item = self.client.item("withdraw", account_id=self.user, amount_minor=50, **self.on,
                                destination={"name": "Li Ming", "account_number": number})
        return self.client.with_proof(item, reference, **proof)

    def send(self, item, expect="ACCEPTED"):
        """Sends it alone; the result."""
        command = item.WhichOneof("command")
        return self.client.send(command, getattr(item, command), expect).result

    def is_used(self, reference, by):
        """It is refused, by whatever command it comes, and names the first; so it says again."""
        for item in (self.pay(reference, 7), self.withdraw(reference)):
            first = self.send(item, "PROOF_USED")
            assert first.limit_minor == by
            again = self.send(item, "PROOF_USED")
            assert again.replayed and again.limit_minor == by


def test_it_is_of_this_command(client):
    desk = Desk(client, 8701)
    desk.send(desk.pay("A-1", result="PROOF_RESULT_WRONG"), "PROOF_FAILED")
    refused = desk.send(desk.pay("A-1", amount_minor=99), "PROOF_NOT_OF_AMOUNT")
    assert refused.limit_minor == 100
    desk.send(desk.pay("A-1", account_id=desk.other), "PROOF_NOT_OF_ACCOUNT")
    desk.send(desk.pay("A-1", payee_account_id=desk.other), "PROOF_NOT_OF_PAYEE")
    two = [(desk.seller, 10), (desk.other, 5)]
    desk.send(desk.pay("A-1", payees=two), "PROOF_NOT_OF_PAYEE")
    desk.send(desk.pay("A-2", payees=two, order="O-1"))
    desk.send(desk.withdraw("A-1", payee_account_number="6222002"), "PROOF_NOT_OF_PAYEE")
    now = time.time_ns() // 1000
    desk.send(desk.pay("A-1", expires_at_us=now), "PROOF_EXPIRED")
    desk.send(desk.pay("A-1", issued_at_us=now + 3_600_000_000), "PROOF_NOT_YET_VALID")
    # Nothing of that has spent it, nor has a lack of money.
    desk.send(desk.pay("A-1", 10_000_000), "INSUFFICIENT_AVAILABLE")
    sequence = desk.send(desk.pay("A-1")).sequence
    desk.is_used("A-1", sequence)
    entry = client.find_command(sequence=sequence)
    assert entry.pay.proof.reference == "A-1"
    paid = desk.send(desk.withdraw("A-3")).sequence
    shown = client.find_command(sequence=paid).withdraw
    assert shown.proof.payee_account_number == shown.destination.account_number == "******1"


def test_it_is_of_all_that_the_account_loses(client, tools, database):
    desk = Desk(client, 8709)
    client.command("set_fee_rule", **rule_fields(desk.shop.ledger_id, "std"))
    to = {"name": "Li Ming", "account_number": "6222001"}

    def withdraw(expect, amount, **fields):
        item = client.item("withdraw", account_id=desk.user, amount_minor=1_000, destination=to,
                           **desk.on, **fields)
        return desk.send(client.with_proof(item, "J-1", amount_minor=amount), expect)

    outside = {"fee_rule": "std", "fee_mode": "FEE_MODE_OUTSIDE"}
    assert withdraw("PROOF_NOT_OF_AMOUNT", 1_000, **outside).limit_minor == 1_006
    inside = {"fee_minor": 5, "fee_mode": "FEE_MODE_INSIDE"}
    assert withdraw("PROOF_NOT_OF_AMOUNT", 1_005, **inside).limit_minor == 1_000
    borne = {"fee_minor": 5, "fee_mode": "FEE_MODE_BORNE_BY_ANOTHER",
             "fee_account_id": desk.seller}
    assert withdraw("PROOF_NOT_OF_AMOUNT", 1_005, **borne).limit_minor == 1_000
    before = client.available(desk.shop.ledger_id, desk.user)
    withdraw("ACCEPTED", 1_006, **outside)
    assert client.available(desk.shop.ledger_id, desk.user) == before - 1_006
    # A batch tells the same, and what is the platform's own needs none.
    rule = {"kind": 50, "sms_code": True}
    client.command("set_proof_policy", rules=[client.protos.proof.ProofRule(**rule)], **desk.on)
    asked = client.item("withdraw", account_id=desk.user, amount_minor=10, destination=to,
                        **desk.on)
    assert client.batch_outcomes([asked], atomic=True) == ["PROOF_NEEDED"]
    wrong = client.with_proof(client.item("withdraw", account_id=desk.user, amount_minor=10,
                                          destination=to, **desk.on), "J-2", amount_minor=9)
    results = client.batch([wrong], atomic=True)
    assert results[0].result.limit_minor == 10
    platform = desk.shop.control.platform_own_account_id
    client.command("set_terms", own_account=OWN_ACCOUNT, **desk.on)
    client.command("book_receipt", account_id=platform, amount_minor=50, payer=OWN_ACCOUNT,
                   **desk.on)
    client.command("withdraw", account_id=platform, amount_minor=50, destination=OWN_ACCOUNT,
                   **desk.on)
    tools.check_database(database.url)


def test_it_is_spent_for_ever(client):
    desk, elsewhere = Desk(client, 8702), Desk(client, 8703)
    paid = desk.send(desk.pay("B-1")).sequence
    client.command("reverse", original_sequence=paid, reason="wrong", **desk.on)
    desk.is_used("B-1", paid)
    sent = desk.send(desk.withdraw("B-2"))
    payout = client.list_all("funds", "ListPayouts", **desk.on)[0].payout_id
    client.command("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_FAILED", **desk.on)
    desk.is_used("B-2", sent.sequence)
    elsewhere.send(elsewhere.pay("B-1"))
    member = desk.shop.members[0]
    client.command("identify_member", **desk.on,
                   **client.identity(member, "11010519491231002X", "Li Ming"))
    bind = client.item("bind_card", member_id=member, kind="CARD_KIND_PERSONAL", number=CARD,
                       holder="Li Ming", mobile="13552535506", **desk.on)
    desk.send(client.with_proof(bind, "B-3", member_id=member + 1), "PROOF_NOT_OF_ACCOUNT")
    bind.bind_card.key.CopyFrom(client.key())
    # The number is compared as it is kept, without blanks.
    bound = desk.send(client.with_proof(bind, "B-3",
                                        payee_account_number="6216 2610 0000 0000 018"))
    desk.is_used("B-3", bound.sequence)


def test_items_of_a_call(client):
    desk = Desk(client, 8704)
    items = [desk.pay("C-1"), desk.pay("C-2"), desk.pay("C-1")]
    assert client.batch_outcomes(items, atomic=True) == [
        "BATCH_ABORTED", "BATCH_ABORTED", "PROOF_USED"]
    items = [desk.pay("C-1"), desk.pay("C-2"), desk.withdraw("C-1")]
    assert client.batch_outcomes(items, dry_run=True) == ["ACCEPTED", "ACCEPTED", "PROOF_USED"]
    results = client.batch(items)
    assert [client.protos.outcome_name(one.result.outcome) for one in results] == [
        "ACCEPTED", "ACCEPTED", "PROOF_USED"]
    assert results[2].result.limit_minor == results[0].result.sequence
    dry = desk.pay("C-3").pay
    dry.dry_run = True
    client.send("pay", dry)
    desk.send(desk.pay("C-3"))


def test_two_persons(client):
    """It counts when it was proposed, and is spent when it is approved."""
    desk = Desk(client, 8705)
    soon = time.time_ns() // 1000 + 2_000_000

    def propose(item):
        inside = client.protos.funds.BatchItem()
        inside.CopyFrom(item)
        inside.pay.ClearField("key")
        inside.pay.ClearField("ledger_id")
        return client.command("propose", command=inside, expires_at_us=FAR, **desk.on).proposal_id

    def approve(proposal, expect="ACCEPTED"):
        return client.command("approve", expect, key=client.key(channel="SECOND"),
                              proposal_id=proposal, **desk.on).result

    first, second = (propose(desk.pay("D-1", expires_at_us=soon)) for _ in range(2))
    time.sleep(max(0, soon / 1e6 - time.time()) + 0.1)
    late = propose(desk.pay("D-2", expires_at_us=soon))
    sequence = approve(first).sequence
    assert approve(second, "PROOF_USED").limit_minor == sequence
    approve(late, "PROOF_EXPIRED")


def test_it_is_known_long_after(small, database, tools):
    """In memory, among 30,000 others in indexed segments, and after a kill."""
    client = small.connect()
    desk = Desk(client, 8707)
    first = desk.send(desk.pay("G-1")).sequence
    others = {}
    for number in range(0, OTHERS, 2_000):
        names = [f"H-{number + i}" for i in range(2_000)]
        for name, one in zip(names, client.batch([desk.pay(name, 1) for name in names])):
            others[name] = one.result.sequence
    assert len(others) == OTHERS and 0 not in others.values()
    wait_indexed(database, OTHERS // SEGMENT - 1)

    def expect_all():
        desk.is_used("G-1", first)
        for name in ("H-0", "H-777", f"H-{OTHERS - 1}"):
            desk.is_used(name, others[name])

    expect_all()
    small.kill()
    small.start()
    client = desk.client = small.connect()
    expect_all()
    desk.send(desk.pay("G-2"))
    # A search finds it where SQL does.
    assert database.one("select sequence from vsl.command where outcome < 100"
                        " and vsl.booked_reference(kind, body) = chr(2) || 'H-777'") == (
                            others["H-777"])
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_a_load_with_proofs(server, client):
    """What became of each follows from those before it."""
    desk = Desk(client, 8708)
    for number in range(40):
        client.batch([desk.pay(f"I-{(number * i) % 97}", 1, **({"result": 2} if i == 7 else {}))
                      for i in range(20)], atomic=number % 9 == 0)
    client.tie_out(desk.shop.ledger_id)
    Books(client.protos).add_all(client.entries(1, client.tie_out(
        desk.shop.ledger_id).as_of_sequence))
    server.kill()
    client = desk.client = server.start().connect()
    desk.send(desk.pay("I-5", 1), "PROOF_USED")
