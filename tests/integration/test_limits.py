"""Limits and floods: what is too large or too much is refused, and memory stays bounded.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import socket
import threading
import time

import grpc
import pytest

from client import Client
from waiting import wait_until

MESSAGE_BYTES_MAX = 4 * 1024 * 1024
MIB = 1024 * 1024


def raw_call(client, method="/vsl.v1.FundsService/SubmitBatch"):
    """A unary call of bytes."""
    return client.channel.unary_unary(method, request_serializer=bytes,
                                      response_deserializer=bytes)


def test_message_over_the_limit_is_refused_before_it_is_read(server):
    """4 MiB is taken (and found to be no batch), one byte more is not, nor is a lie of 2 GiB."""
    with Client(server.protos, server.target) as client:
        for size, code in ((MESSAGE_BYTES_MAX, grpc.StatusCode.INVALID_ARGUMENT),
                           (MESSAGE_BYTES_MAX + 1, grpc.StatusCode.RESOURCE_EXHAUSTED),
                           (40 * MIB, grpc.StatusCode.RESOURCE_EXHAUSTED)):
            # Field 15, bytes: unknown to the message, so that a whole one is still malformed.
            body = b"\x7a" + _varint(size - 5) + bytes(size - 5)
            assert len(body) == size
            with pytest.raises(grpc.RpcError) as caught:
                raw_call(client)(body, timeout=60)
            assert caught.value.code() == code, f"{size}: {caught.value}"
        assert client.health() == "SERVING"


def _varint(number):
    # Padded to four bytes, so that sizes are easy to reckon with.
    return bytes([number & 0x7f | 0x80, number >> 7 & 0x7f | 0x80, number >> 14 & 0x7f | 0x80,
                  number >> 21 & 0x7f])


def test_many_calls_at_once_are_all_answered(server, client):
    """2,000 unary calls under way on one connection: each is answered, none twice."""
    day = client.open_platform(4001)
    futures = []
    for _ in range(2_000):
        futures.append(client.funds.BookReceipt.future(client.request(
            "book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0], amount_minor=1),
            timeout=60))
    sequences = set()
    for future in futures:
        answer = future.result()
        assert answer.result.outcome == 1
        sequences.add(answer.result.sequence)
    assert len(sequences) == 2_000
    assert client.available(day.ledger_id, day.accounts[0]) == 2_000
    assert server.is_running()


def test_many_connections(server):
    """300 clients that come, ask and go leave nothing behind."""
    for _ in range(3):
        clients = [Client(server.protos, server.target) for _ in range(100)]
        assert [client.health() for client in clients] == ["SERVING"] * 100
        for client in clients:
            client.close()
    assert server.health() == "SERVING"


def test_slow_readers_of_the_event_stream_do_not_grow_memory(make_server, database):
    """Fifty streams of a long history that nobody reads."""
    server = make_server(database.url).start_frugal()
    client = server.connect()
    day = client.open_platform(4002)
    remark = "x" * 200
    for _ in range(12):
        client.batch([client.item("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                                  account_id=day.accounts[0], remark=remark)
                      for _ in range(1_000)])
    before = server.memory_bytes()
    slow = Client(server.protos, server.target)
    streams = [slow.events(1) for _ in range(50)]
    first = [next(stream) for stream in streams[:5]]
    assert all(one.entry.sequence == 1 for one in first)
    for _ in range(5):
        client.batch([client.item("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                                  account_id=day.accounts[0], remark=remark)
                      for _ in range(1_000)])
    grown = server.memory_bytes() - before
    slow.close()
    # 17,000 entries of some 350 bytes, fifty times, would be 300 MB.
    assert grown < 150 * MIB, f"grew by {grown / MIB:.0f} MiB"
    assert client.health() == "SERVING"


def test_half_open_and_silent_connections_harm_nobody(server, client):
    """Sockets that connect and say nothing, half a preface, or nonsense."""
    sockets = []
    for said in (b"", b"PRI * HTTP/2.0\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100):
        for _ in range(25):
            peer = socket.create_connection(("127.0.0.1", server.port))
            if said:
                peer.sendall(said)
            sockets.append(peer)
    day = client.open_platform(4003)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=1)
    # Those who spoke nonsense are sent away.
    nonsense = sockets[-1]
    nonsense.settimeout(30)
    wait_until(lambda: nonsense.recv(1024) == b"", "the server to hang up on nonsense")
    for peer in sockets:
        peer.close()
    assert server.health() == "SERVING"


def test_memory_stays_bounded_while_the_journal_grows(make_server, database):
    """Rows of indexed segments are given back: 40,000 more payments cost little memory."""
    server = make_server(database.url, {"journal.segment_commands": "2000"}).start_frugal()
    client = server.connect()
    day = client.open_platform(4004)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=100_000_000)

    def pay(commands):
        for _ in range(commands // 1_000):
            client.batch([client.item("pay", ledger_id=day.ledger_id,
                                      payer_account_id=day.accounts[0],
                                      payees=[(day.accounts[1], 1)]) for _ in range(1_000)])

    def indexed():
        return database.one("select count(*) from vsl.segment where state = 3")

    pay(20_000)
    wait_until(lambda: indexed() >= 9, "the first segments to be indexed")
    before = server.memory_bytes()
    pay(40_000)
    wait_until(lambda: indexed() >= 29, "the next segments to be indexed")
    grown = server.memory_bytes() - before
    assert grown < 64 * MIB, f"grew by {grown / MIB:.0f} MiB"


def test_large_batches_of_old_keys_are_answered_and_take_little_memory(make_server, database):
    """24,000 commands come again at once when their segments are indexed: each key is looked up in
    the database, which takes longer than a look-up may wait, and each batch gets its answer."""
    server = make_server(database.url, {"journal.segment_commands": "4000"}).start_frugal()
    client = server.connect()
    day = client.open_platform(4007)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=100_000_000)
    batches = [[client.item("pay", ledger_id=day.ledger_id, payer_account_id=day.accounts[0],
                            payees=[(day.accounts[1], 1)])
                for _ in range(8_000)] for _ in range(3)]
    for items in batches:
        client.batch(items)
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") >= 4,
               "the segments to be indexed")
    before = server.memory_bytes()
    most = before
    with concurrent.futures.ThreadPoolExecutor(len(batches)) as pool:
        calls = [pool.submit(client.batch, items) for items in batches]
        while not all(call.done() for call in calls):
            most = max(most, server.memory_bytes())
            time.sleep(0.05)
    for call in calls:
        assert all(one.result.replayed for one in call.result())
    assert most - before < 64 * MIB, f"grew by {(most - before) / MIB:.0f} MiB"
    assert client.available(day.ledger_id, day.accounts[1]) == 24_000


def test_a_quarter_of_a_million_postings_in_one_request(client):
    """2,500 payments to a hundred each are booked, known again, and a change in one is named."""
    day = client.open_platform(4008, accounts=101)
    payer, *payees = day.accounts
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=payer,
                   amount_minor=1_000_000)
    items = [client.item("pay", ledger_id=day.ledger_id, payer_account_id=payer,
                         payees=[(payee, 1) for payee in payees]) for _ in range(2_500)]
    assert set(client.batch_outcomes(items)) == {"ACCEPTED"}
    assert [one[0] for one in client.balances(day.ledger_id, *day.accounts)] == [
        750_000, *[2_500] * 100]
    assert all(one.result.replayed for one in client.batch(items))
    for item in items:
        item.pay.payees[99].amount_minor = 2
    assert {one.result.field for one in client.batch(items)} == {"payees[99].amount_minor"}
    assert client.tie_out(day.ledger_id).balanced


def test_balances_of_the_most_accounts_and_one_more(client):
    day = client.open_platform(4005)
    accounts = [day.accounts[0]] * 10_000
    assert len(client.balances(day.ledger_id, *accounts)) == 10_000
    with pytest.raises(grpc.RpcError) as caught:
        client.balances(day.ledger_id, *accounts, day.accounts[0])
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_reads_see_what_was_answered(server, client):
    """A read on another connection, sent after an answer arrived, contains it."""
    day = client.open_platform(4006)
    other = server.connect()
    for number in range(1, 101):
        sequence = client.command("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                                  account_id=day.accounts[0]).result.sequence
        answer = other.account.GetBalances(client.protos.account.GetBalancesRequest(
            ledger_id=day.ledger_id, account_ids=[day.accounts[0]]), timeout=30)
        assert answer.as_of_sequence >= sequence
        assert answer.accounts[0].balances.available_minor == number
        assert other.find_command(sequence=sequence) is not None


def test_concurrent_senders_of_one_key_get_one_answer(server, client):
    """Sixteen clients send the same payment at once: one effect, fifteen replays."""
    day = client.open_platform(4007)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=10_000)
    for _ in range(10):
        request = client.request("pay", ledger_id=day.ledger_id, payer_account_id=day.accounts[0],
                                 payees=[(day.accounts[1], 10)])
        answers = []
        start = threading.Barrier(16)

        def send(request=request, answers=answers, start=start):
            with Client(server.protos, server.target) as own:
                own.health()
                start.wait(30)
                answers.append(own.send("pay", request).result)

        threads = [threading.Thread(target=send) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(answers) == 16 and len({answer.sequence for answer in answers}) == 1
        assert sum(answer.replayed for answer in answers) == 15
    assert client.available(day.ledger_id, day.accounts[1]) == 100
