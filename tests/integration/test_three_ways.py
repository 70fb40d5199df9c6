"""Money arrives in three ways, and what is done with it ends with the same balances.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from books import Books

AMOUNTS = (12_000, 2_550, 100)
PARTY = {"name": "buyer", "account_number": "6222001", "bank_code": "ICBC"}
BUCKETS = ("available_minor", "pending_in_minor", "pending_out_minor", "frozen_minor")


class Story:
    """Three buyers bring money, buy from a shop, get some of it back; the shop withdraws."""

    def __init__(self, client, prefix):
        self.client = client
        self.platform = client.open_platform(prefix, accounts=4)
        self.ledger = self.platform.ledger_id
        *self.buyers, self.shop = self.platform.accounts

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def waits(self, amount):
        """A receipt of nobody's: its item of suspense."""
        self.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=amount, payer=PARTY)
        return self.client.list_all("suspense", "ListSuspense",
                                    ledger_id=self.ledger)[-1].suspense_id

    def numbers(self):
        """The buyers' receiving numbers."""
        return [self.client.read("account", "GetAccount", ledger_id=self.ledger,
                                 account_id=buyer).account.receiving_number
                for buyer in self.buyers]

    def by_number(self):
        """Each buyer sends to his receiving number."""
        for number, amount in zip(self.numbers(), AMOUNTS):
            self.do("book_receipt", receiving_number=number, amount_minor=amount, payer=PARTY)

    def by_lump(self):
        """The platform sends one sum, and says whose it is."""
        lump = self.do("open_lump", suspense_id=self.waits(sum(AMOUNTS)),
                       control_count=len(AMOUNTS), control_total_minor=sum(AMOUNTS)).lump_id
        for i, (buyer, amount) in enumerate(zip(self.buyers, AMOUNTS)):
            self.do("allocate_line", lump_id=lump, source_order=f"L-{i}", account_id=buyer,
                    amount_minor=amount, payer=PARTY)
        self.do("close_lump", lump_id=lump)

    def by_promise(self):
        """A payment company takes it, promises it, and pays it in one sum."""
        acquirer = self.do("open_acquirer", name="allpay", settlement_days=1,
                           ceiling_minor=1_000_000).acquirer_id
        for i, (buyer, amount) in enumerate(zip(self.buyers, AMOUNTS)):
            self.do("book_promise", acquirer_id=acquirer, account_id=buyer, amount_minor=amount,
                    reference=f"T-{i}")
        settlement = self.do("open_settlement", acquirer_id=acquirer,
                             suspense_id=self.waits(sum(AMOUNTS)), control_count=len(AMOUNTS),
                             control_total_minor=sum(AMOUNTS)).settlement_id
        for i, amount in enumerate(AMOUNTS):
            line = self.do("settle_line", settlement_id=settlement, reference=f"T-{i}",
                           gross_minor=amount)
            assert line.difference_id == 0
        self.do("close_settlement", settlement_id=settlement)

    def trade(self):
        """What follows is the same whichever way it was."""
        first, second, third = self.buyers
        paid = self.do("pay", payer_account_id=first, payees=[(self.shop, 9_000)],
                       order_number="O-1")
        self.do("place_hold", payer_account_id=second, amount_minor=2_500, order_number="O-2",
                expires_at_us=4102444800000000)
        self.do("confirm_hold", payer_account_id=second, order_number="O-2",
                payees=[(self.shop, 1_500)])
        self.do("refund", original_sequence=paid.result.sequence, order_number="O-1",
                payees=[(self.shop, 1_000)])
        out = self.do("withdraw", account_id=self.shop, amount_minor=5_000, destination=PARTY)
        self.do("confirm_payout", payout_id=out.payout_id, result=1, bank_reference="B-1")
        self.do("withdraw", account_id=third, amount_minor=60, destination=PARTY)

    def balances(self):
        """Of the members' accounts and of the platform's, by what they are."""
        control = self.platform.control
        ids = [*self.platform.accounts, control.escrow_account_id, control.unallocated_account_id,
               control.fee_account_id, control.platform_own_account_id]
        answer = self.client.read("account", "GetBalances", ledger_id=self.ledger,
                                  account_ids=ids)
        return [[getattr(account.balances, bucket) for bucket in BUCKETS]
                for account in answer.accounts]


@pytest.fixture(name="ends")
def fixture_ends():
    """What each way ended with."""
    return {}


def test_one_story_in_three_ways(client, database, tools, ends):
    """Receiving numbers, a lump, a payment company's promises and settlement."""
    for prefix, way in ((6521, "by_number"), (6522, "by_lump"), (6523, "by_promise")):
        story = Story(client, prefix)
        getattr(story, way)()
        arrived = [one[0] for one in story.balances()[:3]]
        assert arrived == list(AMOUNTS), way
        story.trade()
        ends[way] = story.balances()
        proof = client.read("ledger", "GetTieOut", ledger_id=story.ledger)
        assert proof.balanced and proof.pending_in_minor == proof.channel_receivables_minor == 0
        books = Books(client.protos).add_all(client.entries(1, proof.as_of_sequence))
        books.compare_balances(client, story.ledger)
        books.compare_records(client, story.ledger)
    assert ends["by_number"] == ends["by_lump"] == ends["by_promise"]
    tools.check_database(database.url)
