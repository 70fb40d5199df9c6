"""The end of a hold's time against confirms, cancels and refunds that arrive at the same moment,
before a restart and across a take-over. The journal's order must explain every answer.

SPDX-License-Identifier: Apache-2.0
"""
import random
import threading
import time

import grpc
import pytest

from books import Books
from client import Client
from payment_load import now_us, open_shop
from waiting import wait_until

ORDERS = 30
CLIENTS = 4


def place_holds(client, shop, expires_at_us, orders=ORDERS, chained=2):
    """Holds of 1,000 in chains, all of them with the same end: their ids by order."""
    items = [client.item("place_hold", ledger_id=shop.ledger_id, amount_minor=1_000,
                         payer_account_id=shop.accounts[number % 4], order_number=f"R{number}",
                         expires_at_us=expires_at_us)
             for number in range(orders) for _ in range(chained)]
    results = client.batch(items)
    assert all(one.result.outcome == 1 for one in results)
    return [[one.subject_id for one in results[first:first + chained]]
            for first in range(0, len(results), chained)]


def race(server, shop, holds, expires_at_us, index, dice, answers):
    """One client: confirms, cancels and refunds around the end of the holds' time."""
    confirmed = []
    with Client(server.protos, server.target, channel_name=f"RACE{index}") as client:
        while now_us() < expires_at_us + 400_000:
            number = dice.randrange(len(holds))
            hold = {"ledger_id": shop.ledger_id, "payer_account_id": shop.accounts[number % 4],
                    "order_number": f"R{number}", "hold_id": dice.choice([0, *holds[number]])}
            what = dice.random()
            if what < 0.5:
                command, request = "confirm_hold", client.request(
                    "confirm_hold", payees=[(shop.accounts[4 + index % 4], dice.randint(1, 400))],
                    **hold)
            elif what < 0.75 or not confirmed:
                command, request = "cancel_hold", client.request(
                    "cancel_hold", amount_minor=dice.randint(0, 400), **hold)
            else:
                sequence, number = dice.choice(confirmed)
                command, request = "refund", client.request(
                    "refund", ledger_id=shop.ledger_id, original_sequence=sequence,
                    order_number=f"R{number}")
            result = client.send(command, request, expect=None).result
            if command == "confirm_hold" and result.outcome == 1:
                confirmed.append((result.sequence, number))
            answers.append((command, client.protos.outcome_name(result.outcome),
                            result.sequence))


def prove_books(client, shop):
    """The whole journal by the books: every answer, balance, record and order; the entries."""
    last = client.tie_out(shop.ledger_id).as_of_sequence
    entries = client.entries(1, last)
    books = Books(client.protos).add_all(entries)
    books.compare_balances(client, shop.ledger_id)
    books.compare_records(client, shop.ledger_id)
    books.compare_orders(client, shop.ledger_id)
    assert client.tie_out(shop.ledger_id).balanced
    return books, entries


def expiries(entries):
    """What was ended by the service itself, in order."""
    return [entry for entry in entries if entry.key.channel == "vsl"]


def test_confirms_and_cancels_race_with_the_end_of_time(server, database, tools):
    """Several clients, many chained holds, one instant: each hold ends once and wholly."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    client = server.connect()
    shop = open_shop(client, 8501)
    end = now_us() + 1_500_000
    holds = place_holds(client, shop, end)
    wait_until(lambda: now_us() > end - 400_000, "the last moments", interval_s=0.005)
    answers, threads = [[] for _ in range(CLIENTS)], []
    for index in range(CLIENTS):
        threads.append(threading.Thread(target=race, args=(
            server, shop, holds, end, index, random.Random(seed + index), answers[index])))
        threads[-1].start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    flat = [answer for one in answers for answer in one]
    outcomes = {outcome for command, outcome, _ in flat if command != "refund"}
    assert {"ACCEPTED", "HOLD_EXPIRED"} <= outcomes, f"nothing raced: {outcomes}"
    assert not client.list_all("hold", "ListHolds", ledger_id=shop.ledger_id,
                               status="HOLD_STATUS_LIVE")
    books, entries = prove_books(client, shop)
    ended = expiries(entries)
    assert len({entry.expire.id for entry in ended}) == len(ended) > 0
    assert all(entry.outcome == 1 and entry.recorded_at_us >= end for entry in ended)
    for hold in books.holds.values():
        assert hold.confirmed + hold.cancelled == hold.amount == 1_000
        assert hold.status == ("EXPIRED" if any(entry.expire.id == hold.id for entry in ended)
                               else "FINISHED")
    # No confirm or cancel of a hold was accepted at or after its end.
    for entry in entries:
        if entry.WhichOneof("request") in ("confirm_hold", "cancel_hold") and entry.outcome == 1:
            assert entry.recorded_at_us < end
    by_sequence = {entry.sequence: entry for entry in entries}
    for command, outcome, sequence in flat:
        assert client.protos.outcome_name(by_sequence[sequence].outcome) == outcome
        assert by_sequence[sequence].WhichOneof("request") == command
    assert server.terminate() == 0
    tools.check_database(database.url)


@pytest.mark.parametrize("ending", ["kill", "terminate"])
def test_what_fell_due_meanwhile_is_first_after_the_restart(server, database, tools, ending):
    """A client that comes in the first moment finds it done: available is what it should be."""
    client = server.connect()
    shop = open_shop(client, 8502, money=2_000)
    end = now_us() + 1_000_000
    holds = place_holds(client, shop, end, orders=4, chained=2)
    last = client.tie_out(shop.ledger_id).as_of_sequence
    request = client.request("pay", ledger_id=shop.ledger_id, payer_account_id=shop.accounts[0],
                             payees=[(shop.accounts[5], 2_000)])
    if ending == "kill":
        server.kill()
    else:
        assert server.terminate() == 0
    wait_until(lambda: now_us() > end, "the end of the holds' time")
    server.start(serving=False)
    server.wait_listening()

    def pay():
        try:
            with Client(server.protos, server.target) as early:
                return early.send("pay", request, expect=None)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            return None

    answer = wait_until(pay, "the first answer", interval_s=0.001)
    assert answer.result.outcome == 1, answer
    client = server.connect()
    _, entries = prove_books(client, shop)
    ended = expiries(entries)
    # Placed together they end together: in the order of their ids, before anything else.
    assert [entry.expire.id for entry in ended] == [one for chain in holds for one in chain]
    assert [entry.sequence for entry in ended] == list(range(last + 1, last + 9))
    assert answer.result.sequence == last + 9
    assert server.terminate() == 0
    tools.check_database(database.url)


@pytest.mark.parametrize("forced", [False, True])
def test_what_falls_due_across_a_take_over_ends_once(make_server, database, tools, forced):
    """The end comes while one server hands over to the other; both would do it."""
    first = make_server(database.url, name="first").start()
    client = first.connect()
    shop = open_shop(client, 8503)
    second = make_server(database.url, {"database.take_over": "yes"} if forced else {},
                         name="second")
    if not forced:
        second.start(serving=False)
        second.wait_listening()
    begun = now_us()
    # One end every 20 ms, before, during and after the take-over.
    items = [client.item("place_hold", ledger_id=shop.ledger_id, amount_minor=10,
                         payer_account_id=shop.accounts[0], order_number=f"T{number}",
                         expires_at_us=begun + 300_000 + number * 20_000) for number in range(150)]
    assert all(one.result.outcome == 1 for one in client.batch(items))
    wait_until(lambda: client.list_all("hold", "ListHolds", ledger_id=shop.ledger_id,
                                       status="HOLD_STATUS_EXPIRED"), "the first holds to end")
    if forced:
        second.start()
        first.wait_log("another server has taken over")
    else:
        first.kill()
        second.wait_serving()
    client = second.connect()
    wait_until(lambda: not client.list_all("hold", "ListHolds", ledger_id=shop.ledger_id,
                                           status="HOLD_STATUS_LIVE"), "the last hold to end")
    _, entries = prove_books(client, shop)
    assert sorted(entry.expire.id for entry in expiries(entries)) == list(range(1, 151))
    assert client.balances(shop.ledger_id, shop.accounts[0]) == [(1_000_000, 0, 0, 0)]
    assert database.one("select epoch from vsl.writer") == 2
    assert second.terminate() == 0
    tools.check_database(database.url)
