"""The order view: everything under one order number, with sums that prove themselves.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from books import Books
from payment_load import PaymentLoad, now_us, open_shop
from waiting import wait_until


def order(client, ledger_id, order_number, **fields):
    """One page of an order."""
    return client.read("order", "GetOrder", ledger_id=ledger_id, order_number=order_number,
                       **fields)


def sums_of(page):
    """(paid, confirmed, refunded, held, withdrawn, fees); the equation is checked."""
    sums = page.sums
    assert page.balanced
    assert sums.paid_minor == sums.confirmed_minor + sums.refunded_minor + sums.held_minor
    return (sums.paid_minor, sums.confirmed_minor, sums.refunded_minor, sums.held_minor,
            sums.withdrawn_minor, sums.fees_minor)


def play_order(client, shop, order_number="A-1"):
    """One order with everything in it; gives the sequences of its entries."""
    ledger, (payer, seller, driver, other) = shop.ledger_id, shop.accounts[:4]
    sequences = []

    def do(command, expect="ACCEPTED", **fields):
        answer = client.command(command, expect, ledger_id=ledger, **fields)
        sequences.append(answer.result.sequence)
        return answer

    hold = {"payer_account_id": payer, "order_number": order_number}
    held = do("place_hold", amount_minor=10_000, expires_at_us=now_us() + 3_600_000_000, **hold)
    do("place_hold", amount_minor=500, expires_at_us=now_us() + 3_600_000_000, **hold)
    do("place_hold", "EXPIRY_NOT_AHEAD", amount_minor=500, expires_at_us=1, **hold)
    confirmed = do("confirm_hold", hold_id=held.hold_id, payees=[(seller, 6_000), (driver, 1_000)],
                   fee_rule="std", fee_bearer="FEE_BEARER_PAYER", **hold)
    do("confirm_hold", "ABOVE_REST", hold_id=held.hold_id, payees=[(seller, 9_000)], **hold)
    do("cancel_hold", hold_id=held.hold_id, amount_minor=1_000, **hold)
    # Of another payer, under the same order number: paid at once.
    paid = do("pay", payer_account_id=other, payees=[(seller, 2_000)], order_number=order_number,
              fee_minor=25)
    do("refund", original_sequence=confirmed.result.sequence, order_number=order_number,
       payees=[(seller, 3_500)])
    do("refund", "ABOVE_REST", original_sequence=paid.result.sequence, order_number=order_number,
       payees=[(seller, 2_001)])
    payout = do("withdraw", account_id=seller, amount_minor=700, order_number=order_number)
    failed = do("withdraw", account_id=driver, amount_minor=300, order_number=order_number)
    # These name no order; they belong to that of their payout.
    do("confirm_payout", payout_id=payout.payout_id, result="PAYOUT_RESULT_PAID")
    do("confirm_payout", payout_id=failed.payout_id, result="PAYOUT_RESULT_FAILED")
    do("confirm_payout", payout_id=payout.payout_id, result="PAYOUT_RESULT_RETURNED",
       amount_minor=200)
    return sequences


# 42 is the fee of 7,000; half of the confirmed amount was refunded, and half of the fee with it.
SUMS = (12_525, 12_525 - 1_000 - 3_521 - 2_458, 1_000 + 3_521, 500 + 10_000 - 7_042 - 1_000,
        500, 67)


def test_order_shows_everything_in_order(client):
    shop = open_shop(client, 8601)
    sequences = play_order(client, shop)
    page = order(client, shop.ledger_id, "A-1")
    assert [entry.sequence for entry in page.entries] == sequences
    assert (page.entry_count, page.next_after_sequence) == (len(sequences), 0)
    assert sums_of(page) == SUMS
    assert [client.find_command(sequence=sequence) for sequence in sequences] == list(page.entries)
    refused = [client.protos.outcome_name(entry.outcome) for entry in page.entries
               if entry.outcome >= 100]
    assert refused == ["EXPIRY_NOT_AHEAD", "ABOVE_REST", "ABOVE_REST"]


def test_order_pages_and_always_has_all_sums(client):
    shop = open_shop(client, 8602)
    sequences = play_order(client, shop)
    for size in (1, 3, len(sequences), 1_000):
        got = []
        for page in client.pages("order", "GetOrder", ledger_id=shop.ledger_id,
                                 order_number="A-1", page_size=size):
            assert len(page.entries) <= size
            assert sums_of(page) == SUMS and page.entry_count == len(sequences)
            got += [entry.sequence for entry in page.entries]
            # The way of before.
            assert page.next_after_sequence == (got[-1] if page.next_page_token else 0)
            since = order(client, shop.ledger_id, "A-1", after_sequence=page.next_after_sequence)
            assert since.entries[0].sequence == sequences[len(got) % len(sequences)]
        assert got == sequences
    beyond = order(client, shop.ledger_id, "A-1", after_sequence=sequences[-1])
    assert not beyond.entries and sums_of(beyond) == SUMS


def test_order_is_the_ledgers_own(client):
    """Another ledger's order of the same number, one that was never used, and malformed asks."""
    shop = open_shop(client, 8603)
    other = open_shop(client, 8604)
    play_order(client, shop)
    for ledger, number, code in (
            (other.ledger_id, "A-1", "NOT_FOUND"), (shop.ledger_id, "A-2", "NOT_FOUND"),
            (99, "A-1", "NOT_FOUND"), (shop.ledger_id, "", "INVALID_ARGUMENT"),
            (shop.ledger_id, " A-1", "INVALID_ARGUMENT"),
            (shop.ledger_id, "A" * 65, "INVALID_ARGUMENT"), (0, "A-1", "INVALID_ARGUMENT")):
        with pytest.raises(grpc.RpcError) as caught:
            order(client, ledger, number)
        assert caught.value.code().name == code, f"{ledger} {number!r}"
    for fields in ({"page_size": -1}, {"after_sequence": -1}):
        with pytest.raises(grpc.RpcError) as caught:
            order(client, shop.ledger_id, "A-1", **fields)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT, fields
    # A refused command alone makes an order, without sums.
    client.command("pay", "INSUFFICIENT_AVAILABLE", ledger_id=other.ledger_id, order_number="only",
                   payer_account_id=other.accounts[0], payees=[(other.accounts[1], 10**15)])
    page = order(client, other.ledger_id, "only")
    assert len(page.entries) == 1 and sums_of(page) == (0, 0, 0, 0, 0, 0)


def test_order_ends_with_the_end_of_time(client):
    """What was held and ran out is refunded, by an entry of the service itself."""
    shop = open_shop(client, 8605, accounts=2)
    client.command("place_hold", ledger_id=shop.ledger_id, payer_account_id=shop.accounts[0],
                   amount_minor=800, order_number="late", expires_at_us=now_us() + 200_000)
    assert sums_of(order(client, shop.ledger_id, "late"))[3] in (0, 800)
    page = wait_until(lambda: (lambda got: got if got.entry_count == 2 else None)(
        order(client, shop.ledger_id, "late")), "the hold to run out")
    assert sums_of(page) == (800, 0, 800, 0, 0, 0)
    assert page.entries[1].key.channel == "vsl"


def test_orders_across_segments_and_a_restart(make_server, database, tools):
    """An order whose entries lie in many indexed segments and in memory, before and after."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    client = server.connect()
    shop = open_shop(client, 8606)
    sequences = []
    for _ in range(3):
        sequences += play_order(client, shop)
        for _ in range(3):
            client.batch([client.item(
                "pay", ledger_id=shop.ledger_id, payer_account_id=shop.accounts[5],
                payees=[(shop.accounts[6], 1)], order_number=f"fill{number % 7}")
                for number in range(500)])
    wait_until(lambda: database.one(
        "select count(*) from vsl.segment where state = 3") >= 4, "indexed segments")

    def check():
        got = []
        for page in client.pages("order", "GetOrder", ledger_id=shop.ledger_id,
                                 order_number="A-1", page_size=5):
            assert sums_of(page) == tuple(3 * amount for amount in SUMS)
            got += [entry.sequence for entry in page.entries]
        assert got == sequences
        filled = order(client, shop.ledger_id, "fill3", page_size=1)
        count = 9 * len(range(3, 500, 7))
        assert filled.entry_count == count and sums_of(filled)[0] == count

    check()
    for ending in (server.terminate, server.kill):
        ending()
        server.start()
        client = server.connect()
        check()
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_orders_of_a_random_history(server):
    """Every order of a load of all commands: its entries and sums are those of the books."""
    shop = open_shop(server.connect(), 8607, money=150_000)
    load = PaymentLoad(server, shop, batch_max=50).start()
    load.wait_calls(120)
    load.stop()
    client = server.connect()
    wait_until(lambda: not client.list_all(
        "hold", "ListHolds", ledger_id=shop.ledger_id, page_size=1_000, status="HOLD_STATUS_LIVE",
        expires_before_us=now_us() + 30_000_000), "holds to run out")
    entries = client.entries(1, client.tie_out(shop.ledger_id).as_of_sequence)
    books = Books(client.protos)
    books.know_receiving_numbers(dict(zip(shop.receiving_numbers, shop.accounts)))
    books.add_all(entries)
    books.compare_orders(client, shop.ledger_id)
    for number in range(1, 31):
        mine = [entry for entry in entries if entry.order_number == f"O{number}"]
        if mine:
            page = order(client, shop.ledger_id, f"O{number}", page_size=1_000)
            assert list(page.entries) == mine[:len(page.entries)] and page.entry_count == len(mine)
