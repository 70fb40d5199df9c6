"""PLATFORM_OWN stands in for who has closed the account, and has it back first.

Over restarts, and when the payout, the command that asked for it, and what was noted of it have
left the server's memory long ago.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from payment_load import OWN_ACCOUNT, open_shop, rule_fields
from test_released import send_all
from waiting import wait_until

SEGMENT = 1_000


class Desk:
    """A shop, and what became of its payouts."""

    def __init__(self, client, prefix):
        self.client = client
        self.shop = open_shop(client, prefix, accounts=4, money=1_000)
        self.ledger = self.shop.ledger_id
        self.own = self.shop.control.platform_own_account_id
        self.nobody = self.shop.control.unallocated_account_id

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def by_two(self, command, /, expect="ACCEPTED", **fields):
        """One that two persons want."""
        return self.client.by_two(command, expect, ledger_id=self.ledger, **fields)

    def say(self, payout, word, expect="ACCEPTED", **fields):
        """A word of the bank."""
        return self.do("confirm_payout", expect, payout_id=payout,
                       result=f"PAYOUT_RESULT_{word}", **fields)

    def correct(self, payout, word, expect="ACCEPTED", **fields):
        """What the word should have been."""
        return self.by_two("confirm_payout", expect, payout_id=payout, correction=True,
                           bank_reference="letter", result=f"PAYOUT_RESULT_{word}", **fields)

    def available(self, account):
        """What an account has available."""
        return self.client.available(self.ledger, account)

    def leave(self, account):
        """Its owner spends everything and closes it."""
        self.do("pay", payer_account_id=account,
                payees=[(self.shop.accounts[-1], self.available(account))])
        self.do("close_account", account_id=account)

    def fill(self, segments):
        """So many segments are filled with other commands, and indexed."""
        items = [self.client.item("close_account", ledger_id=self.ledger, account_id=2**40)
                 for _ in range(segments * SEGMENT)]
        send_all(self.client, items, "ACCOUNT_NOT_FOUND")


def indexed(database):
    """How many segments are."""
    return database.one("select count(*) from vsl.segment where state = 3")


@pytest.fixture(name="server")
def fixture_server(make_server, database):
    """Small segments."""
    return make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()


def test_who_stood_in_is_remembered(server, database, tools):
    """Also over restarts and out of memory, by corrections and by the bank's own words."""
    desk = Desk(server.connect(), 8931)
    payer = desk.shop.accounts[0]
    rule = rule_fields(desk.ledger, "std", shares=desk.shop.shares)
    desk.client.command("set_fee_rule", **{
        **rule, "name": "back", "on_payout_failed": "PAYOUT_FEE_BACK",
        "on_payout_returned": "PAYOUT_FEE_BACK"})
    payout = desk.do("withdraw", account_id=payer, amount_minor=600, fee_rule="back",
                     fee_mode="FEE_MODE_OUTSIDE").payout_id
    fee = desk.client.get_payout(desk.ledger, payout).fee_minor
    assert fee > 1
    desk.say(payout, "FAILED")
    desk.leave(payer)
    own = desk.available(desk.own)
    desk.correct(payout, "PAID")
    stood_in = own - desk.available(desk.own)
    assert stood_in == 600 + fee

    def everything_leaves():
        before = indexed(database)
        desk.fill(3)
        wait_until(lambda: indexed(database) >= before + 2, "indexed segments")

    everything_leaves()
    desk.say(payout, "RETURNED", amount_minor=250)
    assert desk.available(desk.own) > own - stood_in + 250
    assert desk.available(desk.nobody) == 0
    server.kill()
    server.start()
    desk.client = server.connect()
    desk.correct(payout, "PAID")
    assert desk.available(desk.own) == own - stood_in
    everything_leaves()
    server.kill()
    server.start()
    desk.client = server.connect()
    desk.correct(payout, "FAILED")
    assert (desk.available(desk.own), desk.available(desk.nobody)) == (own, 0)
    everything_leaves()
    desk.correct(payout, "PAID")
    assert desk.available(desk.own) == own - stood_in
    desk.say(payout, "RETURNED")
    assert desk.available(desk.nobody) == 0
    assert desk.client.tie_out(desk.ledger).balanced
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_what_waits_gives_first(server, database, tools):
    """What is open, then the platform; what is kept for a lump says so."""
    desk = Desk(server.connect(), 8932)
    payer, heir = desk.shop.accounts[:2]
    payout = desk.do("withdraw", account_id=payer, amount_minor=500).payout_id
    desk.say(payout, "PAID")
    desk.leave(payer)
    desk.say(payout, "RETURNED", "ACCEPTED_UNALLOCATED", amount_minor=300)
    [item] = desk.client.list_all("suspense", "ListSuspense", ledger_id=desk.ledger)
    desk.do("allocate_suspense", suspense_id=item.suspense_id, payees=[(heir, 180)])
    lump = desk.do("open_lump", suspense_id=item.suspense_id, control_count=1,
                   control_total_minor=120).lump_id
    refused = desk.correct(payout, "PAID", "SUSPENSE_IN_LUMP")
    assert refused.result.limit_minor == lump
    desk.do("close_lump", lump_id=lump, cancel=True)
    own = desk.available(desk.own)
    desk.correct(payout, "PAID")
    assert (own - desk.available(desk.own), desk.available(desk.nobody)) == (180, 0)
    desk.say(payout, "RETURNED", "ACCEPTED_UNALLOCATED", amount_minor=200)
    assert (own, 20) == (desk.available(desk.own), desk.available(desk.nobody))

    # Back to its sender: failed, and then it had left; another such payout is under way.
    sender = {"name": "Chen", "account_number": "6222001"}
    receipt = desk.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=70, payer=sender,
                      receiving_number="nobody")
    receipt = receipt.result.sequence
    suspense = max(one.suspense_id for one in desk.client.list_all(
        "suspense", "ListSuspense", ledger_id=desk.ledger))
    back = [desk.do("return_suspense", suspense_id=suspense, original_sequence=receipt).payout_id]
    desk.say(back[0], "FAILED")
    back.append(desk.do("return_suspense", suspense_id=suspense, original_sequence=receipt,
                        amount_minor=40).payout_id)
    before = indexed(database)
    desk.fill(3)
    wait_until(lambda: indexed(database) >= before + 2, "indexed segments")
    desk.correct(back[0], "PAID")
    assert own - desk.available(desk.own) == 40
    desk.say(back[1], "PAID")
    desk.say(back[0], "RETURNED", amount_minor=45)
    assert (desk.available(desk.own), desk.available(desk.nobody)) == (own, 25)
    assert desk.client.tie_out(desk.ledger).balanced
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_allocated_to_who_has_closed(server, database, tools):
    """A wrong receipt that was allocated leaves the books, and wrong interest."""
    desk = Desk(server.connect(), 8933)
    gone, heir = desk.shop.accounts[:2]
    receipt = desk.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=100,
                      receiving_number="nobody").result.sequence
    [item] = desk.client.list_all("suspense", "ListSuspense", ledger_id=desk.ledger)
    item = item.suspense_id
    allocated = desk.do("allocate_suspense", suspense_id=item,
                        payees=[(gone, 60), (heir, 40)]).result.sequence
    interest = desk.do("book_interest", account_id=gone, amount_minor=7).result.sequence
    desk.leave(gone)
    undo = {"suspense_id": item, "original_sequence": allocated}
    desk.do("undo_allocation", "PAYEE_ACCOUNT_CLOSED", **undo)
    desk.do("reverse", "EFFECT_GONE", original_sequence=receipt, reason="it never came")
    own = desk.available(desk.own)
    desk.by_two("undo_allocation", **undo)
    assert (own - desk.available(desk.own), desk.available(desk.nobody)) == (60, 100)
    desk.do("reverse", original_sequence=receipt, reason="it never came")
    desk.do("reverse", "EFFECT_GONE", original_sequence=interest, reason="it never came")
    desk.by_two("reverse", original_sequence=interest, reason="it never came")
    assert (own - desk.available(desk.own), desk.available(desk.nobody)) == (67, 0)
    assert desk.client.tie_out(desk.ledger).balanced
    desk.do("book_receipt", account_id=desk.own, amount_minor=1, payer=OWN_ACCOUNT)
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_returned_and_never_came(server, database, tools):
    """A wrong receipt was returned to its sender: item, payout and command have left memory when
    two persons have it put back, and reverse the receipt. What the bank sends back then is the
    platform's."""
    desk = Desk(server.connect(), 8934)
    receipt = desk.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=100,
                      receiving_number="nobody",
                      payer={"name": "Chen", "account_number": "6222001"}).result.sequence
    [item] = desk.client.list_all("suspense", "ListSuspense", ledger_id=desk.ledger)
    item = item.suspense_id
    returned = desk.do("return_suspense", suspense_id=item, original_sequence=receipt)
    desk.say(returned.payout_id, "PAID")
    before = indexed(database)
    desk.fill(3)
    wait_until(lambda: indexed(database) >= before + 2, "indexed segments")
    own = desk.available(desk.own)
    undo = {"suspense_id": item, "original_sequence": returned.result.sequence,
            "payout_id": returned.payout_id}
    desk.by_two("reverse", "EFFECT_GONE", original_sequence=receipt, reason="it never came")
    desk.do("undo_allocation", "APPROVAL_NEEDED", **undo)
    desk.by_two("undo_allocation", **undo)
    desk.by_two("undo_allocation", "ABOVE_REST", **undo)
    assert (own - desk.available(desk.own), desk.available(desk.nobody)) == (100, 100)
    desk.do("reverse", original_sequence=receipt, reason="it never came")
    assert server.terminate() == 0
    server.start()
    desk.client = server.connect()
    desk.say(returned.payout_id, "RETURNED")
    assert (desk.available(desk.own), desk.available(desk.nobody)) == (own, 0)
    assert desk.client.tie_out(desk.ledger).balanced
    assert server.terminate() == 0
    tools.check_database(database.url)
