"""wire_rules.py: what gRPC over HTTP/2 demands of a server, frame by frame.

SPDX-License-Identifier: Apache-2.0
"""
import gzip

import pytest
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame, RstStreamFrame

from wire_support import SERVICE, Raw, message, serving

OK, CANCELLED, DEADLINE, EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 0, 1, 4, 8, 12, 13, 14
NO_ERROR, PROTOCOL_ERROR, CANCEL = 0, 1, 8
LIMIT = 4194304


@pytest.fixture(scope="module", name="server")
def one_server():
    """One server for all tests of this file."""
    with serving() as server:
        yield server


@pytest.fixture(name="raw")
def one_connection(server):
    """A fresh connection."""
    with Raw(server.port) as raw:
        yield raw


def test_echo(raw):
    answer = raw.call(message(b"abc"))
    assert answer.headers[":status"] == "200"
    assert answer.headers["content-type"] == "application/grpc"
    assert answer.data == message(b"abc")
    assert answer.headers["grpc-status"] == "0"
    assert len(answer.blocks) == 2
    assert answer.reset is None


@pytest.mark.parametrize("body, status", [
    (b"", UNIMPLEMENTED),
    (message(b"") + message(b""), UNIMPLEMENTED),
    (message(b"a") + message(b"b"), UNIMPLEMENTED),
    (message(b"a") + b"\0", INTERNAL),
    (message(b"abc")[:-1], INTERNAL),
    (message(b"abc")[:5], INTERNAL),
    (message(b"abc")[:4], INTERNAL),
    (b"\0", INTERNAL),
    (b"\2\0\0\0\0", INTERNAL),
    (b"\xff", INTERNAL),
    (message(b"abc", flag=1), INTERNAL),
    (message(b""), OK),
    (message(b"\0\xff\xfe\0"), OK),
], ids=repr)
def test_framing(raw, body, status):
    answer = raw.call(body)
    assert answer.headers[":status"] == "200"
    assert answer.status == status
    if status != OK:
        assert answer.is_trailers_only
        assert answer.headers["content-type"] == "application/grpc"
        assert answer.headers["grpc-message"]


def test_no_body_at_all(raw):
    number = raw.start(end=True)
    assert raw.answer(number).status == UNIMPLEMENTED


def test_every_split(raw):
    body = message(b"hello")
    for cut in range(len(body) + 1):
        number = raw.start()
        raw.data(number, body[:cut])
        raw.data(number, body[cut:], end=True)
        answer = raw.answer(number)
        assert (answer.status, answer.data) == (OK, body)


def test_trailers_of_the_client_end_the_request(raw):
    number = raw.start()
    raw.data(number, message(b"x"))
    raw.send(HeadersFrame(number, raw.encoder.encode([("x-trailer", "1")]),
                          flags=["END_HEADERS", "END_STREAM"]))
    assert raw.answer(number).data == message(b"x")


def test_padding(raw):
    number = raw.start()
    frame = DataFrame(number, message(b"x"), pad_length=200, flags=["PADDED", "END_STREAM"])
    raw.send(frame)
    assert raw.answer(number).data == message(b"x")


def test_runs_only_after_end_stream(server, raw):
    before = server.counters()["echoed"]
    number = raw.start()
    raw.data(number, message(b"x"))
    raw.ping()
    assert server.counters()["echoed"] == before
    raw.data(number, b"", end=True)
    assert raw.answer(number).status == OK
    assert server.counters()["echoed"] == before + 1


def test_reset_before_the_end_never_runs(server, raw):
    before = server.counters()["echoed"]
    number = raw.start()
    raw.data(number, message(b"x"))
    raw.send(RstStreamFrame(number, error_code=CANCEL))
    raw.ping()
    assert server.counters()["echoed"] == before
    assert server.counters()["calls_open"] == 0


@pytest.mark.parametrize("content_type, status, grpc_status", [
    ("application/grpc", "200", OK),
    ("application/grpc+proto", "200", OK),
    ("application/grpc;charset=utf-8", "200", OK),
    ("application/grpc+proto; a=b", "200", OK),
    ("Application/GRPC", "200", OK),
    ("application/grpc+json", "200", UNIMPLEMENTED),
    ("application/grpc+", "200", UNIMPLEMENTED),
    ("application/grpc-web", "415", None),
    ("application/grpcx", "415", None),
    ("application/json", "415", None),
    ("image/jpeg", "415", None),
    ("application/grp", "415", None),
    ("", "415", None),
    (None, "415", None),
], ids=repr)
def test_content_type(raw, content_type, status, grpc_status):
    answer = raw.call(content_type=content_type)
    assert answer.headers[":status"] == status
    assert answer.status == grpc_status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "post"])
def test_only_post(raw, method):
    answer = raw.call(pseudo_method=method)
    assert answer.headers[":status"] == "405"
    assert answer.headers["allow"] == "POST"
    assert answer.status is None


@pytest.mark.parametrize("path, text", [
    ("/test.v1.TestService/Nothing", "method"),
    ("/test.v1.TestService/echo", "method"),
    ("/test.v1.TestService/", "method"),
    ("/test.v1.Nothing/Echo", "service"),
    ("/test.v1.TestService/Echo/", "service"),
    ("/test.v1.TestService", "service"),
    ("/", "service"),
    ("/%00", "service"),
])
def test_unknown_method(raw, path, text):
    answer = raw.call(path=path)
    assert answer.status == UNIMPLEMENTED
    assert answer.is_trailers_only
    assert text in answer.headers["grpc-message"]


@pytest.mark.parametrize("timeout, status", [
    ("99999999H", OK), ("10S", OK), ("2500m", OK), ("5000000u", OK), ("99999999n", OK),
    ("0n", DEADLINE), ("0S", DEADLINE),
    ("100000000S", INTERNAL), ("", INTERNAL), ("1", INTERNAL), ("S", INTERNAL), ("1s", INTERNAL),
    ("-1S", INTERNAL), ("1.5S", INTERNAL),
])
def test_timeout(raw, timeout, status):
    path = SERVICE + ("Slow" if status == DEADLINE else "Echo")
    answer = raw.call(message(b"300"), path=path, grpc_timeout=timeout)
    assert answer.status == status


def test_deadline_while_running(server, raw):
    server.wait_counter("held", lambda value: value == 0)
    done = server.counters()["slow_gone"]
    # Long enough for a busy machine to begin it.
    answer = raw.call(message(b"1500"), path=SERVICE + "Slow", grpc_timeout="500m")
    assert answer.status == DEADLINE
    assert answer.is_trailers_only
    # The handler ends the call in its own time; nobody reads the answer.
    server.wait_counter("slow_gone", lambda value: value == done + 1)
    server.wait_counter("calls_open", lambda value: value == 0)


def test_deadline_within_a_request(raw):
    number = raw.start(grpc_timeout="50m")
    raw.data(number, message(b"abc")[:3])
    answer = raw.answer(number)
    assert answer.status == DEADLINE


def test_deadline_within_a_stream(server, raw):
    number = raw.start(path=SERVICE + "Forever", grpc_timeout="200m")
    raw.data(number, message(b""), end=True)
    answer = raw.answer(number)
    assert answer.data == message(b"first")
    assert (answer.status, answer.reset) == (DEADLINE, None)
    server.wait_counter("streams_open", lambda value: value == 0)


@pytest.mark.parametrize("size", [0, 1000, 30000, 100000])
def test_deadline_within_a_busy_stream(server, raw, size):
    """Credit ends within a message: that one comes whole, then the status, and nothing more."""
    number = raw.start(path=SERVICE + "Many", grpc_timeout="300m")
    raw.data(number, message(b"100000000 %d" % size), end=True)
    # The owner learns of the deadline; half a message waits for credit.
    server.wait_counter("streams_open", lambda value: value == 1)
    server.wait_counter("streams_open", lambda value: value == 0)
    raw.open_window(number, 1000000)
    raw.open_window(0, 1000000)
    answer = raw.answer(number)
    assert (answer.status, answer.reset) == (DEADLINE, None)
    whole = -(-65535 // (size + 5))
    assert len(answer.data) == whole * (size + 5)
    server.wait_counter("calls_open", lambda value: value == 0)


def test_message_limit_is_checked_by_the_prefix(raw):
    number = raw.start()
    raw.data(number, b"\0" + (LIMIT + 1).to_bytes(4, "big"))
    answer = raw.answer(number)
    assert answer.status == EXHAUSTED
    raw.read_until(lambda: answer.reset is not None, "the reset")
    # The status must not be overtaken by the reset.
    assert answer.order == ["HeadersFrame", "RstStreamFrame"]
    assert answer.reset == NO_ERROR
    # What the client had sent meanwhile harms nobody.
    raw.data(number, b"x" * 50000)
    assert raw.call().status == OK


def test_early_answers_do_not_leak_credit(raw):
    """Three times the connection's window goes to streams that were refused."""
    body = message(b"x" * 60000)
    for _ in range(480):
        number = raw.start(path="/no.Such/Method")
        raw.data(number, body, end=True)
        assert raw.answer(number).status == UNIMPLEMENTED
    assert raw.call().status == OK


def padded_headers(total, fields):
    """One more field that makes the list exactly `total` bytes large."""
    used = sum(len(name) + len(value) + 32 for name, value in fields)
    return ("x-pad", "p" * (total - used - 32 - len("x-pad")))


def test_header_limit(raw):
    fields = raw.fields()
    assert raw.call(extra=[padded_headers(8192, fields)]).status == OK
    answer = raw.call(extra=[padded_headers(8193, fields)])
    assert answer.status == EXHAUSTED
    assert answer.is_trailers_only
    fields = raw.fields(content_type=None)
    answer = raw.call(extra=[padded_headers(8193, fields)], content_type=None)
    assert answer.headers[":status"] == "431"
    assert raw.call().status == OK


def test_header_list_beyond_measure(raw):
    number = raw.start(extra=[(f"x-{i}", "p" * 4000) for i in range(20)])
    answer = raw.answer(number)
    assert answer.reset is not None or answer.status == EXHAUSTED
    # The header codec is still in step.
    assert raw.call().status == OK


def test_header_bomb(raw):
    """4 KB in the table, then 100,000 references to it in one list."""
    raw.call(extra=[("x-bomb", "b" * 3900)])
    number = raw._next
    raw._next += 2
    block = raw.encoder.encode(raw.fields()) + b"\xbe" * 100000
    frames = [HeadersFrame(number, block[:16384], flags=["END_STREAM"])]
    rest = [block[at:at + 16384] for at in range(16384, len(block), 16384)]
    frames += [ContinuationFrame(number, piece) for piece in rest]
    frames[-1].flags.add("END_HEADERS")
    raw.send(*frames)
    answer = raw.answer(number)
    assert answer.reset is not None
    assert raw.call().status == OK


@pytest.mark.parametrize("extra", [
    [("te", "gzip")], [("connection", "close")], [("X-Upper", "1")],
    [("transfer-encoding", "chunked")],
    [(":late", "1")], [("content-length", "7")],
], ids=repr)
def test_malformed_headers_are_refused(raw, extra):
    number = raw.start(extra=extra)
    raw.data(number, message(b"abc"), end=True)
    assert raw.answer(number).reset == PROTOCOL_ERROR
    assert raw.call().status == OK


@pytest.mark.parametrize("path", ["/a\0b", "/a\nb", "/a\x7fb"])
def test_control_characters_in_the_path(raw, path):
    number = raw.start(path=path)
    raw.data(number, message(b"abc"), end=True)
    answer = raw.answer(number)
    assert answer.reset == PROTOCOL_ERROR or answer.status == UNIMPLEMENTED


# ---- compression ----

@pytest.mark.parametrize("encoding", ["deflate", "snappy", "foo", "GZIP", ""])
def test_unknown_encoding(raw, encoding):
    answer = raw.call(grpc_encoding=encoding)
    assert answer.status == UNIMPLEMENTED
    assert answer.is_trailers_only
    assert "gzip" in answer.headers["grpc-accept-encoding"].split(",")


def test_identity_encoding(raw):
    assert raw.call(grpc_encoding="identity").status == OK
    assert raw.call(message(b"abc", flag=1), grpc_encoding="identity").status == INTERNAL


def test_gzip_request(raw):
    packed = message(gzip.compress(b"abc" * 100), flag=1)
    answer = raw.call(packed, grpc_encoding="gzip")
    assert (answer.status, answer.data) == (OK, message(b"abc" * 100))
    # A message may be plain although an encoding is named.
    answer = raw.call(message(b"abc"), grpc_encoding="gzip")
    assert (answer.status, answer.data) == (OK, message(b"abc"))


@pytest.mark.parametrize("packed", [
    b"", b"abc", gzip.compress(b"abc", mtime=0)[:-1], gzip.compress(b"abc", mtime=0) + b"\0",
    gzip.compress(b"abc", mtime=0) * 2,
], ids=repr)
def test_corrupt_gzip(raw, packed):
    assert raw.call(message(packed, flag=1), grpc_encoding="gzip").status == INTERNAL


def test_gzip_limits(server, raw):
    exact = message(gzip.compress(bytes(LIMIT)), flag=1)
    answer = raw.call(exact, grpc_encoding="gzip", path=SERVICE + "Peer")
    assert answer.status == OK
    for size in (LIMIT + 1, 64 * LIMIT):
        bomb = message(gzip.compress(bytes(size)), flag=1)
        assert raw.call(bomb, grpc_encoding="gzip").status == EXHAUSTED
    assert server.counters()["calls_open"] == 0


@pytest.mark.parametrize("request_flag, accepts, size, expected", [
    (1, "gzip", 5000, True),
    (1, "identity, deflate, gzip", 5000, True),
    (1, "identity,deflate,gzip", 5000, True),
    (1, "gzip", 100, False),
    (1, "identity", 5000, False),
    (1, None, 5000, False),
    (1, "gzipx", 5000, False),
    (0, "gzip", 5000, False),
])
def test_gzip_answer(raw, request_flag, accepts, size, expected):
    payload = b"a" * size
    body = message(gzip.compress(payload) if request_flag else payload, flag=request_flag)
    answer = raw.call(body, grpc_encoding="gzip", grpc_accept_encoding=accepts)
    assert answer.status == OK
    assert (answer.headers.get("grpc-encoding") == "gzip") == expected
    assert answer.data[0] == (1 if expected else 0)
    assert (gzip.decompress(answer.data[5:]) if expected else answer.data[5:]) == payload


# ---- statuses ----

def test_status_text(raw):
    answer = raw.call(message(b"5p"), path=SERVICE + "Fail")
    assert answer.headers["grpc-status"] == "5"
    assert answer.headers["grpc-message"] == "no such service %E4%B8%AD%25"
    assert "grpc-status-details-bin" not in answer.headers
    answer = raw.call(message(b"3"), path=SERVICE + "Fail")
    assert "=" not in answer.headers["grpc-status-details-bin"]


def test_not_serving():
    with serving() as server, Raw(server.port) as raw:
        assert raw.call().status == OK
        started = raw.start()
        raw.data(started, message(b"x"))
        assert raw.call(message(b"serving 0"), path=SERVICE + "Control").status == OK
        assert raw.call().status == UNAVAILABLE
        # Also for a request that began before.
        raw.data(started, b"", end=True)
        assert raw.answer(started).status == UNAVAILABLE
        health = raw.call(message(b""), path="/grpc.health.v1.Health/Check")
        assert (health.status, health.data) == (OK, message(b"\x08\x02"))
