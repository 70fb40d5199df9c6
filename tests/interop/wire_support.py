"""wire_support.py: the test server of wire, and a client that speaks single frames.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import re
import socket
import struct
import subprocess
import time

import grpc
import hpack
from hyperframe.frame import (
    ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame, RstStreamFrame,
    SettingsFrame, WindowUpdateFrame)

TOP = pathlib.Path(__file__).resolve().parents[2]
SERVER = pathlib.Path(os.environ.get(
    "VSL_WIRE_TESTSERVER",
    pathlib.Path(os.environ.get("VSL_BUILD", TOP / "build-tests")) /
    "tests/unit/wire/wire_testserver"))

DEADLINE_S = 120
SERVICE = "/test.v1.TestService/"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|bug: CHECK")


class TestServer:
    """A running test server. Settings are its options with '_' for '-'."""

    __test__ = False

    def __init__(self, **settings):
        arguments = []
        for name, value in settings.items():
            for one in value if isinstance(value, list) else [value]:
                arguments += ["--" + name.replace("_", "-"), str(one)]
        self.process = subprocess.Popen(
            [SERVER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ports = []
        for line in self.process.stdout:
            if line == "ready\n":
                break
            self.ports.append(int(line.split()[1]))
        assert self.ports, self.process.stderr.read()
        self.port = self.ports[0]
        self.target = f"127.0.0.1:{self.port}"
        self._channel = None
        self._is_stopping = False

    @property
    def channel(self):
        """A channel for the test's own questions."""
        if self._channel is None:
            self._channel = open_channel(self.target)
        return self._channel

    def counters(self, channel=None):
        """The server's counters, without the call that asks."""
        text = unary(channel or self.channel, "Counters", b"").decode()
        counters = {name: int(value) for name, value in
                    (line.split("=") for line in text.splitlines())}
        counters["calls_open"] -= 1
        return counters

    def wait_counter(self, name, condition, channel=None):
        """Waits until a counter fulfils the condition, and gives it."""
        return wait_until(lambda: condition(self.counters(channel)[name]),
                          lambda: f"{name}: {self.counters(channel)}")

    def memory_bytes(self):
        """Resident memory."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def stop(self):
        """Asks the server to stop gracefully."""
        if not self._is_stopping and self.process.poll() is None:
            self.process.terminate()
        self._is_stopping = True

    def close(self):
        """Stops the server gracefully; it must have ended all calls and found no fault."""
        if self._channel is not None:
            self._channel.close()
        self.stop()
        try:
            _, errors = self.process.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert not SANITIZER.search(errors), errors
        assert self.process.returncode == 0, errors


@contextlib.contextmanager
def serving(**settings):
    """A test server for a with statement."""
    server = TestServer(**settings)
    try:
        yield server
    finally:
        server.close()


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Calls until something true comes, and gives it."""
    ends = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < ends, what() if callable(what) else what
        time.sleep(0.02)


# ---- grpcio ----

def open_channel(target, credentials=None, **options):
    """A channel with a connection of its own and no limit on what it takes."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1),
               ("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0),
               *((name.replace("__", "."), value) for name, value in options.items())]
    if credentials is None:
        return grpc.insecure_channel(target, options)
    return grpc.secure_channel(target, credentials, options)


def unary(channel, method, request, timeout=DEADLINE_S, **options):
    """Calls a method of the test service on bytes."""
    return channel.unary_unary(SERVICE + method)(request, timeout=timeout, **options)


def stream(channel, method, request, timeout=DEADLINE_S, **options):
    """The iterator of a streaming method of the test service."""
    return channel.unary_stream(SERVICE + method)(request, timeout=timeout, **options)


# ---- single frames ----

def message(payload, flag=0):
    """A length-prefixed message."""
    return struct.pack(">BI", flag, len(payload)) + payload


class Answer:
    """What came on one stream."""

    def __init__(self):
        self.blocks = []
        self.data = b""
        self.is_ended = False
        self.reset = None
        self.order = []

    @property
    def headers(self):
        """All header fields, trailers included."""
        return {name: value for block in self.blocks for name, value in block}

    @property
    def status(self):
        """grpc-status as a number, None without."""
        value = self.headers.get("grpc-status")
        return None if value is None else int(value)

    @property
    def is_trailers_only(self):
        """Whether all came in one block."""
        return len(self.blocks) == 1 and self.is_ended and not self.data


class Raw:
    """A connection on which the test writes every frame itself."""

    def __init__(self, port, settings=None, preface=True, sock=None, acknowledges=True):
        self.socket = sock or socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.answers = {}
        self.frames = []
        self.goaways = []
        self.is_closed = False
        self.acknowledges = acknowledges
        self._input = b""
        self._next = 1
        if preface:
            self.socket.sendall(PREFACE)
            self.send(SettingsFrame(0, settings=settings or {}))

    def send_bytes(self, data):
        """Writes bytes; a connection that the server has closed takes them too."""
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError):
            self.is_closed = True

    def send(self, *frames):
        """Writes frames."""
        self.send_bytes(b"".join(frame.serialize() for frame in frames))

    def fields(self, path=SERVICE + "Echo", extra=(), **changes):
        """The header list of a call; a change to None leaves a field out."""
        fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "test",
                  "te": "trailers", "content-type": "application/grpc"}
        for name, value in changes.items():
            fields[name.replace("pseudo_", ":").replace("_", "-")] = value
        return [(name, value) for name, value in fields.items() if value is not None] + list(extra)

    def start(self, path=SERVICE + "Echo", extra=(), end=False, **changes):
        """Sends HEADERS and gives the stream."""
        number = self._next
        self._next += 2
        block = self.encoder.encode(self.fields(path, extra, **changes))
        flags = ["END_HEADERS"] + (["END_STREAM"] if end else [])
        if len(block) <= 16384:
            self.send(HeadersFrame(number, block, flags=flags))
            return number
        flags.remove("END_HEADERS")
        pieces = [block[at:at + 16384] for at in range(0, len(block), 16384)]
        self.send(HeadersFrame(number, pieces[0], flags=flags),
                  *(ContinuationFrame(number, piece) for piece in pieces[1:-1]),
                  ContinuationFrame(number, pieces[-1], flags=["END_HEADERS"]))
        return number

    def data(self, number, data, end=False):
        """Sends DATA frames. Windows are the caller's affair."""
        pieces = [data[at:at + 16384] for at in range(0, len(data), 16384)] or [b""]
        for piece in pieces[:-1]:
            self.send(DataFrame(number, piece))
        self.send(DataFrame(number, pieces[-1], flags=["END_STREAM"] if end else []))

    def call(self, body=message(b"abc"), path=SERVICE + "Echo", extra=(), **changes):
        """A whole call; gives its answer."""
        number = self.start(path, extra, **changes)
        self.data(number, body, end=True)
        return self.answer(number)

    def read_frame(self, deadline_s=DEADLINE_S):
        """The next frame; None at the end of the connection; raises socket.timeout."""
        ends = time.monotonic() + deadline_s
        while True:
            if len(self._input) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self._input[:9]))
                if len(self._input) >= 9 + length:
                    frame.parse_body(memoryview(self._input[9:9 + length]))
                    self._input = self._input[9 + length:]
                    self._on_frame(frame)
                    return frame
            self.socket.settimeout(max(ends - time.monotonic(), 0.001))
            try:
                data = self.socket.recv(262144)
            except ConnectionError:
                data = b""
            if not data:
                self.is_closed = True
                return None
            self._input += data

    def _on_frame(self, frame):
        self.frames.append(frame)
        answer = self.answers.setdefault(frame.stream_id, Answer())
        answer.order.append(type(frame).__name__)
        if isinstance(frame, HeadersFrame):
            assert "END_HEADERS" in frame.flags
            answer.blocks.append(self.decoder.decode(frame.data))
        elif isinstance(frame, DataFrame):
            answer.data += frame.data
        elif isinstance(frame, RstStreamFrame):
            answer.reset = frame.error_code
        elif isinstance(frame, GoAwayFrame):
            self.goaways.append(frame)
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags and self.acknowledges:
            self.send(SettingsFrame(0, flags=["ACK"]))
        elif isinstance(frame, PingFrame) and "ACK" not in frame.flags and self.acknowledges:
            self.send(PingFrame(0, frame.opaque_data, flags=["ACK"]))
        if "END_STREAM" in frame.flags:
            answer.is_ended = True

    def read_until(self, condition, what, deadline_s=DEADLINE_S):
        """Reads frames until the condition holds; fails at the end of the connection."""
        ends = time.monotonic() + deadline_s
        while not condition():
            try:
                frame = self.read_frame(max(ends - time.monotonic(), 0.001))
            except TimeoutError:
                raise AssertionError(f"{what} did not come: {self.frames}") from None
            assert frame is not None, f"closed before {what}: {self.frames}"

    def answer(self, number):
        """Reads until the stream has ended or was reset."""
        def is_done():
            answer = self.answers.get(number)
            return answer and (answer.is_ended or answer.reset is not None)
        self.read_until(is_done, f"the end of stream {number}")
        return self.answers[number]

    def read_to_end(self, deadline_s=DEADLINE_S):
        """Reads until the server closes; gives the seconds that took."""
        begins = time.monotonic()
        while not self.is_closed:
            try:
                self.read_frame(max(begins + deadline_s - time.monotonic(), 0.001))
            except TimeoutError:
                raise AssertionError(f"the server did not close: {self.frames}") from None
        return time.monotonic() - begins

    def ping(self, data=b"testping"):
        """A round trip: the server has seen everything sent before."""
        self.send(PingFrame(0, data))
        self.read_until(lambda: any(isinstance(frame, PingFrame) and "ACK" in frame.flags and
                                    frame.opaque_data == data for frame in self.frames), "the pong")

    def open_window(self, number, size):
        """WINDOW_UPDATE."""
        self.send(WindowUpdateFrame(number, window_increment=size))

    def close(self):
        """Closes the socket."""
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
