"""Answers that nobody takes: short requests with long answers stay within listen.pending_bytes_max.

SPDX-License-Identifier: Apache-2.0
"""
import collections
import gzip
import socket
import struct
import time

import grpc
import h2.config
import h2.connection
import h2.errors
import h2.settings
import pytest

from client import TIMEOUT_S
from protos import NAMES

MIB = 1024 * 1024
PENDING_BYTES_MAX = 16 * MIB
CALLS = 900


class Unwilling:
    """A client whose windows are closed: it asks, and takes headers but not one byte of answers."""

    def __init__(self, server):
        self._socket = socket.create_connection(("127.0.0.1", server.port))
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        codes = h2.settings.SettingCodes
        self._h2.local_settings = h2.settings.Settings(initial_values={
            codes.INITIAL_WINDOW_SIZE: 0, codes.ENABLE_PUSH: 0, codes.MAX_CONCURRENT_STREAMS: 0})
        self._h2.initiate_connection()

    def ask(self, path, request, calls):
        """Sends the request so many times, compressed."""
        packed = gzip.compress(request)
        for _ in range(calls):
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, [
                (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
                ("te", "trailers"), ("content-type", "application/grpc"),
                ("grpc-encoding", "gzip")])
            self._h2.send_data(stream, struct.pack(">BI", 1, len(packed)) + packed, True)
        self._socket.sendall(self._h2.data_to_send())

    def promise(self, path, length, calls):
        """Announces a message of this length so many times, and sends its first byte."""
        for _ in range(calls):
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, [
                (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
                ("te", "trailers"), ("content-type", "application/grpc")])
            self._h2.send_data(stream, struct.pack(">BI", 0, length) + b"x")
        self._socket.sendall(self._h2.data_to_send())

    def leave(self, path, request, calls, **headers):
        """Asks so many times, and takes each back in the same segment."""
        for _ in range(calls):
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, [
                (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
                ("te", "trailers"), ("content-type", "application/grpc"), *headers.items()])
            self._h2.send_data(stream, struct.pack(">BI", 0, len(request)) + request, True)
            self._h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
        self._socket.sendall(self._h2.data_to_send())

    def count_answers(self, expected):
        """How often each grpc-status came; None stands for an answer that waits to be taken."""
        counts = collections.Counter()
        deadline = time.monotonic() + TIMEOUT_S
        while counts.total() < expected and time.monotonic() < deadline:
            self._socket.settimeout(TIMEOUT_S)
            for event in self._h2.receive_data(self._socket.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    counts[dict(event.headers).get("grpc-status")] += 1
        return counts

    def close(self):
        """Closes the connection."""
        self._socket.close()


@pytest.fixture(name="tight")
def fixture_tight(make_server, database):
    """A server with little memory for answers, and an account with 6,000 lines."""
    server = make_server(
        database.url, {"listen.pending_bytes_max": str(PENDING_BYTES_MAX)}).start_frugal()
    client = server.connect()
    platform = client.open_platform(8401)
    for _ in range(6):
        client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                                  account_id=platform.accounts[0], remark="r" * 200)
                      for _ in range(1_000)])
    return server, client, platform


@pytest.mark.parametrize("method", ["GetBalances", "ListStatementLines"])
def test_answers_that_nobody_takes_are_bounded(tight, method):
    """What does not fit is refused as overload; who reads is served again once they are gone."""
    server, client, platform = tight
    messages = server.protos.account
    if method == "GetBalances":
        request = messages.GetBalancesRequest(
            ledger_id=platform.ledger_id, account_ids=[platform.accounts[0]] * 10_000)
    else:
        request = messages.ListStatementLinesRequest(
            ledger_id=platform.ledger_id, account_id=platform.accounts[0], page_size=5_000,
            order="STATEMENT_ORDER_NEWEST_FIRST")
    length = len(getattr(client.account, method)(request, timeout=TIMEOUT_S).SerializeToString())
    assert length * CALLS > 3 * PENDING_BYTES_MAX
    before = server.memory_bytes()

    unwilling = Unwilling(server)
    unwilling.ask(f"/vsl.v1.AccountService/{method}", request.SerializeToString(), CALLS)
    counts = unwilling.count_answers(CALLS)
    overloaded = str(grpc.StatusCode.RESOURCE_EXHAUSTED.value[0])
    assert set(counts) == {None, overloaded}, counts
    assert counts[None] * length < PENDING_BYTES_MAX + 2 * length, counts
    grown = server.memory_bytes() - before
    assert grown < 3 * PENDING_BYTES_MAX, f"grew by {grown / MIB:.0f} MiB"

    unwilling.close()
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            getattr(client.account, method)(request, timeout=TIMEOUT_S)
            break
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            time.sleep(0.1)
    assert client.available(platform.ledger_id, platform.accounts[0]) == 6_000


def test_announced_messages_cost_what_was_sent(tight):
    """4,000 requests announce 64 KiB and send a byte: memory is for bytes, not for promises."""
    server, _, _ = tight
    before = server.memory_bytes()
    clients = [Unwilling(server) for _ in range(8)]
    for one in clients:
        one.promise("/vsl.v1.FundsService/Pay", 65_536, 500)
    with server.connect() as other:
        assert other.health() == "SERVING"
    grown = server.memory_bytes() - before
    for one in clients:
        one.close()
    assert grown < 32 * MIB, f"grew by {grown / MIB:.0f} MiB"


def test_requests_taken_back_before_they_begin(make_server, database):
    """What waits for its turn, or for a look at the epoch, may find its client gone: any method."""
    server = make_server(database.url).start()
    client = server.connect()
    client.open_platform(8402)
    protos = server.protos
    modules = [getattr(protos, name) for name in NAMES]
    modules += [protos.health, *protos.reflection.values()]
    paths = [f"/{service.full_name}/{method.name}" for module in modules
             for service in module.DESCRIPTOR.services_by_name.values()
             for method in service.methods]
    assert len(paths) > 50
    for path in paths:
        for request in (b"", b"\x08\x01"):
            leaver = Unwilling(server)
            leaver.leave(path, request, 20)
            leaver.close()
        hasty = Unwilling(server)
        hasty.leave(path, b"\x08\x01", 5, **{"grpc-timeout": "1u"})
        assert client.health() == "SERVING", path
        hasty.close()
    assert server.terminate() == 0
