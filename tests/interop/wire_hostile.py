"""wire_hostile.py: clients that flood, stall, and come half-open, and how a server ends.

Each test shows that the stimulus happened, that the server sent the client away or bounded what it
holds, and that another client is served meanwhile.

SPDX-License-Identifier: Apache-2.0
"""
import socket
import threading
import time

import grpc
import pytest
from hyperframe.frame import (
    ContinuationFrame, DataFrame, GoAwayFrame, HeadersFrame, PingFrame, PriorityFrame,
    RstStreamFrame, SettingsFrame, WindowUpdateFrame)

from wire_support import (
    PREFACE, SERVICE, Raw, TestServer, message, open_channel, serving, stream, unary, wait_until)

OK, DEADLINE, EXHAUSTED = 0, 4, 8
NO_ERROR, CANCEL, ENHANCE_YOUR_CALM = 0, 8, 11
MIB = 1024 * 1024


def expect_calm(raw, reason):
    """The server said GOAWAY(ENHANCE_YOUR_CALM) with this reason and closed."""
    raw.read_to_end()
    assert raw.goaways, "no GOAWAY"
    assert raw.goaways[0].error_code == ENHANCE_YOUR_CALM
    assert raw.goaways[0].additional_data == reason


def expect_served(server):
    """Somebody else is served."""
    assert unary(server.channel, "Echo", b"still here") == b"still here"


@pytest.fixture(scope="module", name="server")
def one_server():
    """One server for the floods."""
    with serving() as server:
        yield server


# ---- floods ----

def test_ping_flood(server):
    with Raw(server.port) as raw:
        for index in range(4):
            raw.send(PingFrame(0, index.to_bytes(8, "big")))
        expect_calm(raw, b"too_many_pings")
    expect_served(server)


def test_pings_after_data_are_welcome(server):
    with Raw(server.port) as raw:
        for index in range(20):
            assert raw.call().status == OK
            raw.ping(index.to_bytes(8, "big"))
            raw.ping((1000 + index).to_bytes(8, "big"))


def flood(server, make, count):
    """Sends frames until the server closes; gives how many were sent."""
    with Raw(server.port, acknowledges=False) as raw:
        number = raw.start()
        sent = 0
        while sent < count and not raw.is_closed:
            raw.send(*(make(number) for _ in range(100)))
            sent += 100
        raw.read_to_end()
        expect_served(server)
        return raw


@pytest.mark.parametrize("make", [
    lambda number: DataFrame(number, b""),
    lambda number: DataFrame(number, b"", pad_length=10, flags=["PADDED"]),
    lambda number: PriorityFrame(number, depends_on=0, stream_weight=1),
    lambda number: WindowUpdateFrame(number, window_increment=1),
    lambda number: WindowUpdateFrame(0, window_increment=1),
    lambda number: SettingsFrame(0, settings={}),
    lambda number: SettingsFrame(0, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 1}),
], ids=["empty data", "padding", "priority", "stream window", "connection window", "empty settings",
        "settings"])
def test_frame_flood(server, make):
    raw = flood(server, make, 20000)
    assert not raw.goaways or raw.goaways[0].error_code == ENHANCE_YOUR_CALM


def test_unknown_frame_flood(server):
    with Raw(server.port) as raw:
        for _ in range(200):
            raw.send_bytes(b"\0\0\0\xbe\0\0\0\0\0" * 20000)
        expect_calm(raw, b"too_many_empty_frames")


def test_continuation_flood(server):
    with Raw(server.port) as raw:
        raw.send(HeadersFrame(1, raw.encoder.encode(raw.fields())))
        for _ in range(1000):
            raw.send(ContinuationFrame(1, b""))
        raw.read_to_end()
    expect_served(server)
    server.wait_counter("calls_open", lambda value: value == 0)


def test_rapid_reset(server):
    before = server.memory_bytes()
    with Raw(server.port) as raw:
        sent = 0
        while sent < 20000 and not raw.is_closed:
            number = raw.start(path=SERVICE + "Slow")
            raw.data(number, message(b"1000"), end=True)
            raw.send(RstStreamFrame(number, error_code=CANCEL))
            sent += 1
        raw.read_to_end()
        assert sent > 1000
    # No more were handed over than the connection may have.
    assert server.counters()["held"] <= 1024
    assert server.memory_bytes() < before + 64 * MIB
    expect_served(server)
    server.wait_counter("calls_open", lambda value: value == 0)


def test_garbage(server):
    for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 100, PREFACE + b"\xff" * 100,
                 PREFACE[:10] + b"x" * 20,
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200):
        with Raw(server.port, preface=False) as raw:
            raw.send_bytes(data)
            raw.read_to_end()
    expect_served(server)


def test_too_many_streams_at_once():
    with serving(streams_max=10) as server, Raw(server.port) as raw:
        numbers = [raw.start(path=SERVICE + "Slow") for _ in range(10)]
        for number in numbers:
            raw.data(number, message(b"300"), end=True)
        raw.ping()
        assert server.counters()["held"] == 10
        extra = raw.start()
        raw.data(extra, message(b"x"), end=True)
        # RFC 9113, 5.1.2: a stream beyond the limit is an error of the stream or the connection.
        raw.read_until(lambda: raw.goaways or raw.answers.get(extra), "the refusal")
        refused = raw.answers.get(extra)
        assert raw.goaways or refused.reset is not None or refused.status == EXHAUSTED
        expect_served(server)
        server.wait_counter("held", lambda value: value == 0)


def test_connections_max():
    with serving(connections_max=3) as server:
        with Raw(server.port) as one, Raw(server.port) as two, Raw(server.port) as three:
            for raw in (one, two, three):
                assert raw.call().status == OK
            with Raw(server.port) as four:
                four.read_to_end()
            assert one.call().status == OK
        # There is room again.
        wait_until(lambda: is_served(server), "a free connection")
        counters = server.counters()
        assert counters["connections_refused"] >= 1
        # One peer may have all of them, and its own limit comes first.
        assert counters["refused_peer_full"] == counters["connections_refused"]
        assert counters["refused_full"] == 0


def is_served(server):
    """Whether a fresh connection is served."""
    with open_channel(server.target) as channel:
        try:
            return unary(channel, "Echo", b"x") == b"x"
        except grpc.RpcError:
            return False


# ---- slow and half-open clients ----

def test_nothing_sent():
    with serving(request_ms=300) as server:
        for data in (b"", PREFACE[:5], PREFACE, PREFACE + b"\0\0\6\4\0\0\0\0\0\0"):
            with Raw(server.port, preface=False, acknowledges=False) as raw:
                raw.send_bytes(data)
                assert raw.read_to_end() > 0.2
        server.wait_counter("connections_open", lambda value: value == 1)


def test_headers_that_never_end():
    with serving(request_ms=300) as server, Raw(server.port, acknowledges=False) as raw:
        block = raw.encoder.encode(raw.fields())
        raw.send(HeadersFrame(1, block[:5]))
        # A drip does not help.
        for byte in block[5:8]:
            raw.send(ContinuationFrame(1, bytes([byte])))
            time.sleep(0.05)
        raw.read_to_end()
        assert raw.goaways[0].error_code == ENHANCE_YOUR_CALM
        expect_served(server)


def test_body_that_never_ends():
    with serving(request_ms=500) as server, Raw(server.port) as raw:
        number = raw.start()
        body = message(b"x" * 1000)
        begins = time.monotonic()
        sent = 0
        while not raw.is_closed and number not in raw.answers and sent < len(body):
            raw.data(number, body[sent:sent + 1])
            sent += 1
            try:
                raw.read_frame(0.05)
            except TimeoutError:
                pass
        assert raw.answer(number).status == DEADLINE
        assert 0.4 < time.monotonic() - begins < 5
        # The connection lives on.
        assert raw.call().status == OK


def test_closed_window_is_bounded_in_time():
    """The client takes TCP bytes and never gives credit."""
    with serving(stall_ms=400) as server:
        with Raw(server.port, settings={SettingsFrame.INITIAL_WINDOW_SIZE: 0}) as raw:
            number = raw.start(path=SERVICE + "Bulk")
            raw.data(number, message(b"3000000"), end=True)
            raw.ping()
            assert server.counters()["pending_bytes"] > 3000000
            answer = raw.answer(number)
            assert answer.reset == CANCEL
            assert answer.data == b""
            server.wait_counter("pending_bytes", lambda value: value < 10000)


def test_unread_socket_is_bounded():
    """The client gives all credit and does not read: the socket's stall timer cuts it."""
    with serving(stall_ms=500) as server:
        settings = {SettingsFrame.INITIAL_WINDOW_SIZE: 2**31 - 1}
        with Raw(server.port, settings=settings, acknowledges=False) as raw:
            raw.open_window(0, 2**31 - 1 - 65535)
            before = server.memory_bytes()
            for _ in range(20):
                number = raw.start(path=SERVICE + "Many")
                raw.data(number, message(b"100000 10000"), end=True)
            server.wait_counter("streams_open", lambda value: value == 20)
            peak = 0
            while server.counters()["connections_open"] > 1:
                peak = max(peak, server.counters()["pending_bytes"])
                assert server.memory_bytes() < before + 100 * MIB
                time.sleep(0.02)
            # 20 queues of 256 KiB and one message each.
            assert 0 < peak < 20 * (256 * 1024 + 10005 + 2000)
        server.wait_counter("streams_open", lambda value: value == 0)
        server.wait_counter("pending_bytes", lambda value: value < 10000)


def test_slow_reader_gets_everything():
    """A client that reads little by little is not cut off, and nothing is lost."""
    with serving(stall_ms=1000) as server, Raw(server.port) as raw:
        number = raw.start(path=SERVICE + "Many")
        raw.data(number, message(b"60 10000"), end=True)
        answer = None
        while answer is None or not answer.is_ended:
            try:
                raw.read_frame(0.05)
            except TimeoutError:
                raw.open_window(number, 20000)
                raw.open_window(0, 20000)
            answer = raw.answers.get(number)
        assert len(answer.data) == 60 * 10005
        assert answer.status == OK
        assert [int(answer.data[at + 5:at + 13]) for at in range(0, len(answer.data), 10005)] == \
            list(range(60))


def test_pending_bytes_are_bounded():
    with serving(pending_max=8 * MIB) as server, Raw(server.port) as raw:
        raw.read_until(lambda: raw.frames, "settings")
        numbers = []
        for _ in range(7):
            number = raw.start()
            numbers.append(number)
            raw.data(number, message(b"x" * 4 * MIB)[:MIB])
        # The eighth and later MiB are refused, or wait for credit; nothing beyond is held.
        for _ in range(3):
            number = raw.start()
            numbers.append(number)
            raw.data(number, message(b"x" * 4 * MIB)[:900000])
        raw.read_until(lambda: any(raw.answers[n].status == EXHAUSTED
                                   for n in numbers if n in raw.answers), "a refusal")
        server_pending = server.counters()["pending_bytes"]
        assert server_pending <= 8 * MIB


def test_pause():
    """While paused nothing is read; afterwards everything is there."""
    with serving(request_ms=400) as server, Raw(server.port) as raw, Raw(server.port) as control:
        begun = raw.start()
        raw.data(begun, message(b"x"))
        raw.ping()
        begins = time.monotonic()
        assert control.call(message(b"pause 1500"), path=SERVICE + "Control").status == OK
        assert raw.call().status == OK
        assert time.monotonic() - begins > 1.4
        # The pause was longer than the request timer and is not the client's fault.
        raw.data(begun, b"", end=True)
        assert raw.answer(begun).status == OK


# ---- keepalive and idleness ----

def test_idle_connection_is_sent_away():
    with serving(idle_ms=300) as server, Raw(server.port) as raw:
        assert raw.call().status == OK
        raw.read_to_end()
        assert raw.goaways[0].error_code == NO_ERROR
        assert raw.goaways[0].additional_data == b"max_idle"
        assert raw.goaways[0].last_stream_id == 1


def test_busy_connection_is_not_idle():
    with serving(idle_ms=300) as server, Raw(server.port) as raw:
        assert raw.call(message(b"1000"), path=SERVICE + "Slow").status == OK


def test_keepalive():
    with serving(keepalive_ms=200, keepalive_timeout_ms=300) as server:
        with Raw(server.port) as raw:
            def pings():
                return sum(isinstance(frame, PingFrame) for frame in raw.frames)
            raw.read_until(lambda: pings() >= 4, "keepalive pings")
            assert raw.call().status == OK
        with Raw(server.port, acknowledges=False) as raw:
            assert raw.read_to_end() < 10
            assert any(isinstance(frame, PingFrame) for frame in raw.frames)


# ---- the end ----

def test_double_goaway():
    server = TestServer()
    try:
        with Raw(server.port, acknowledges=False) as raw:
            raw.send(SettingsFrame(0, flags=["ACK"]))
            slow = raw.start(path=SERVICE + "Slow")
            raw.data(slow, message(b"800"), end=True)
            watch = raw.start(path="/grpc.health.v1.Health/Watch")
            raw.data(watch, message(b""), end=True)
            raw.read_until(lambda: raw.answers.get(watch) and raw.answers[watch].data, "the watch")
            server.stop()
            raw.read_until(lambda: len(raw.goaways) == 1, "the first GOAWAY")
            assert raw.goaways[0].last_stream_id == 2**31 - 1
            assert raw.goaways[0].error_code == NO_ERROR
            raw.read_until(lambda: len(raw.answers[watch].data) == 14, "NOT_SERVING")
            assert raw.answers[watch].data == message(b"\x08\x01") + message(b"\x08\x02")
            # The client has not seen the GOAWAY yet: its call is served.
            late = raw.start()
            raw.data(late, message(b"late"), end=True)
            assert raw.answer(late).status == OK
            raw.read_until(lambda: any(isinstance(f, PingFrame) for f in raw.frames), "the ping")
            ping = next(frame for frame in raw.frames if isinstance(frame, PingFrame))
            raw.send(PingFrame(0, ping.opaque_data, flags=["ACK"]))
            raw.read_until(lambda: len(raw.goaways) == 2, "the second GOAWAY")
            assert raw.goaways[1].last_stream_id == late
            assert raw.answer(watch).status == 14
            assert raw.answer(slow).status == OK
            raw.read_to_end()
    finally:
        server.close()


def test_second_goaway_without_pong():
    server = TestServer()
    try:
        with Raw(server.port, acknowledges=False) as raw:
            assert raw.call().status == OK
            server.stop()
            raw.read_to_end()
            assert [frame.last_stream_id for frame in raw.goaways] == [2**31 - 1, 1]
    finally:
        server.close()


def test_drain_has_an_end():
    server = TestServer(drain_ms=500)
    try:
        with Raw(server.port) as raw:
            number = raw.start(path=SERVICE + "Slow")
            raw.data(number, message(b"1500"), end=True)
            raw.ping()
            server.stop()
            assert raw.read_to_end() < 1.4
            assert raw.answers.get(number) is None
    finally:
        server.close()


def test_stop_loses_no_call():
    """Four clients call all the time while one server stops and the next one starts on its port."""
    first = TestServer()
    address = first.target
    failures = []
    done = [0] * 4
    ends = threading.Event()

    def calls(index):
        with open_channel(address, grpc__initial_reconnect_backoff_ms=50,
                          grpc__min_reconnect_backoff_ms=50) as channel:
            while not ends.is_set():
                try:
                    unary(channel, "Slow", b"2", wait_for_ready=True)
                    done[index] += 1
                except grpc.RpcError as error:
                    failures.append(str(error))

    threads = [threading.Thread(target=calls, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    second = None
    try:
        wait_until(lambda: min(done) > 20, "calls")
        first.stop()
        second = wait_until(lambda: try_start(address), "the second server")
        before = list(done)
        wait_until(lambda: all(now > then + 20 for now, then in zip(done, before)), "calls again")
    finally:
        ends.set()
        for thread in threads:
            thread.join()
        first.close()
        if second:
            second.close()
    assert not failures, (len(failures), failures[0])


def try_start(address):
    """A second server on the same address, None while the first still has it."""
    try:
        return TestServer(listen=address)
    except AssertionError:
        return None


def test_client_goes_away_while_calls_run():
    with serving() as server:
        with Raw(server.port) as raw:
            for _ in range(50):
                number = raw.start(path=SERVICE + "Slow")
                raw.data(number, message(b"300"), end=True)
            number = raw.start(path=SERVICE + "Forever")
            raw.data(number, message(b""), end=True)
            raw.read_until(lambda: raw.answers.get(number) and raw.answers[number].data,
                           "the first")
            assert server.counters()["held"] == 51
            raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        # Every call was ended by its owner, with nobody to answer.
        server.wait_counter("slow_gone", lambda value: value == 50)
        server.wait_counter("streams_open", lambda value: value == 0)
        server.wait_counter("calls_open", lambda value: value == 0)


def test_cancelled_stream():
    with serving() as server, open_channel(server.target) as channel:
        answers = stream(channel, "Many", b"1000000 1000")
        assert next(answers).startswith(b"00000000")
        answers.cancel()
        server.wait_counter("streams_open", lambda value: value == 0)
        server.wait_counter("pending_bytes", lambda value: value < 10000)
