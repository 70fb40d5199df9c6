"""What the platform hears: a reader of the event stream that loses messages, gets them again, and
begins anew from wherever it stopped has in the end what the server has, and nothing else.

SPDX-License-Identifier: Apache-2.0
"""
import random
from collections import defaultdict

import grpc
import pytest
from payment_load import PaymentLoad, now_us, open_shop
from waiting import wait_until


class Reader:
    """Knows of events only: balances, whose they are, and sums of orders, beside its position."""

    def __init__(self):
        self.position = 0
        self.balances = defaultdict(int)
        self.moved = defaultdict(int)
        self.names = {}
        self.repeated = self.gaps = 0

    def take(self, message):
        """True: go on. False: something was lost, so connect again behind the position."""
        if message.previous_sequence > self.position:
            self.gaps += 1
            return False
        if not message.HasField("entry"):
            self.position = max(self.position, message.reached_sequence)
            return True
        entry = message.entry
        if entry.sequence <= self.position:
            self.repeated += 1
            return True
        for posting in entry.postings:
            debit = posting.debit_account_id, posting.debit_bucket
            credit = posting.credit_account_id, posting.credit_bucket
            self.moved[debit] -= posting.amount_minor
            self.moved[credit] += posting.amount_minor
            self.balances[debit] = posting.debit_balance_minor
            self.balances[credit] = posting.credit_balance_minor
        for member in entry.members:
            self.names[member.account_id] = member.platform_member_id
        self.position = entry.sequence
        return True


def read_badly(client, reader, dice, last, **filters):
    """Reads up to a position over a bad line: messages vanish, come twice, connections break, and
    the reader forgets some of what it has acknowledged last."""
    while reader.position < last:
        stream = client.events(max(1, reader.position + 1 - dice.choice([0, 0, 7])), **filters)
        left = dice.randint(1, 200)
        for message in stream:
            left -= 1
            if dice.random() < 0.01:
                continue
            again = 2 if dice.random() < 0.05 else 1
            if not all(reader.take(message) for _ in range(again)) or left == 0:
                break
            if reader.position >= last:
                break
        stream.cancel()
    return reader


def runs_out_soon(client, shop):
    """Whether a hold, freeze or adjustment ends by itself within the next minutes."""
    soon = now_us() + 600_000_000
    kinds = (("hold", "ListHolds", "HOLD_STATUS_LIVE"),
             ("freeze", "ListFreezes", "FREEZE_STATUS_LIVE"),
             ("correction", "ListAdjustments", "ADJUSTMENT_STATUS_PROPOSED"))
    return any(0 < record.expires_at_us < soon for service, method, status in kinds
               for record in client.list_all(service, method, ledger_id=shop.ledger_id,
                                             status=status))


@pytest.mark.slow
def test_a_bad_reader_ends_with_the_same_state(server, tools, database):
    client = server.connect()
    shops = [open_shop(client, prefix) for prefix in (7801, 7802)]
    loads = [PaymentLoad(server, shop, workers=2).start() for shop in shops]
    for load in loads:
        load.wait_calls(60)
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    early = read_badly(client, Reader(), dice, 150)
    for load in loads:
        load.stop()
    wait_until(lambda: not any(runs_out_soon(client, shop) for shop in shops),
               "the end of what runs out")
    last = client.tie_out(shops[0].ledger_id).as_of_sequence
    everything = read_badly(client, early, dice, last)
    assert everything.repeated and everything.gaps, "the line was good"
    for shop in shops:
        mine = read_badly(client, Reader(), dice, last, ledger_id=shop.ledger_id)
        accepted = read_badly(client, Reader(), dice, last, ledger_id=shop.ledger_id,
                              accepted_only=True)
        accounts = client.list_all("account", "ListAccounts", ledger_id=shop.ledger_id)
        ids = [account.account_id for account in accounts]
        for reader in (everything, mine, accepted):
            assert reader.balances == reader.moved
            assert [tuple(reader.balances.get((account, bucket), 0) for bucket in (1, 2, 3, 4))
                    for account in ids] == client.balances(shop.ledger_id, *ids)
            assert [reader.names[account] for account in shop.accounts] == [
                f"U{index}" for index in range(len(shop.accounts))]
        one = dice.choice(shop.accounts)
        kinds = ["COMMAND_KIND_PAY", "COMMAND_KIND_REFUND"]
        found = client.entries(1, last, ledger_id=shop.ledger_id, account_id=one, kinds=kinds)
        wanted = [entry for entry in client.entries(1, last, ledger_id=shop.ledger_id)
                  if entry.kind in (40, 41) and one in {
                      account for posting in entry.postings
                      for account in (posting.debit_account_id, posting.credit_account_id)}]
        assert wanted and found == wanted
    tools.check_database(database.url)


def test_every_change_names_the_platforms_member(client):
    shop = client.open_platform(7803, accounts=2)
    ledger, (payer, payee) = shop.ledger_id, shop.accounts
    client.command("book_receipt", ledger_id=ledger, account_id=payer, amount_minor=1000)
    client.command("pay", ledger_id=ledger, payer_account_id=payer, payees=[(payee, 300)],
                   fee_minor=5, order_number="A-1")
    client.command("pay", "INSUFFICIENT_AVAILABLE", ledger_id=ledger, payer_account_id=payer,
                   payees=[(payee, 100_000)], order_number="A-2")
    client.command("restrict_account", ledger_id=ledger, account_id=payee, no_in=True)
    last = client.command("close_member", "MEMBER_HAS_OPEN_ACCOUNTS", ledger_id=ledger,
                          member_id=shop.members[0]).result.sequence
    by_kind = defaultdict(list)
    for entry in client.entries(1, last):
        by_kind[entry.WhichOneof("request")].append(entry)

    def members(entry):
        return [(one.account_id, one.member_id, one.platform_member_id) for one in entry.members]

    first, second = shop.members
    assert [members(entry) for entry in by_kind["open_member"]] == [
        [(0, first, "U0")], [(0, second, "U1")]]
    assert members(by_kind["open_account"][1]) == [(payee, second, "U1")]
    assert members(by_kind["book_receipt"][0]) == [(payer, first, "U0")]
    paid, refused = by_kind["pay"]
    assert members(paid) == [(payer, first, "U0"), (payee, second, "U1")]
    assert paid.order_number == "A-1" and [
        (one.amount_minor, one.debit_balance_minor) for one in paid.postings] == [
            (300, 700), (5, 695)]
    assert members(refused) == [] and members(by_kind["close_member"][0]) == []
    assert members(by_kind["restrict_account"][0]) == [(payee, second, "U1")]
    assert client.find_command(sequence=paid.sequence) == paid

    of_payee = client.entries(1, last, ledger_id=ledger, account_id=payee)
    assert [entry.WhichOneof("request") for entry in of_payee] == [
        "open_account", "pay", "restrict_account"]
    other = client.open_platform(7804, accounts=1)
    with pytest.raises(grpc.RpcError) as caught:
        next(client.events(1, ledger_id=ledger, account_id=other.accounts[0]))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.RpcError) as caught:
        next(client.events(1, account_id=payee))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "ledger_id" in caught.value.details()
