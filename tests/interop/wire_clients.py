"""wire_clients.py: grpcio and h2load against wire, over plaintext, TLS and Unix sockets.

SPDX-License-Identifier: Apache-2.0
"""
import importlib.util
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading

import grpc
import pytest
from google.protobuf import descriptor_pb2

from certificates import Authority
from wire_support import (
    PREFACE, SERVER, TOP, Raw, message, open_channel, serving, stream, unary, wait_until)

LIMIT = 4194304


@pytest.fixture(scope="module", name="certificates")
def make_certificates(tmp_path_factory):
    """Files by name: two authorities, a server and two clients."""
    folder = tmp_path_factory.mktemp("certificates")
    ours = Authority(folder / "ours", "Test CA")
    theirs = Authority(folder / "theirs", "Other CA")
    return {"ca": ours.certificate, "server": ours.sign("server"),
            "client": ours.sign("bank-front"),
            "stranger": theirs.sign("stranger")}


@pytest.fixture(scope="module", name="server")
def one_server():
    """A plaintext server."""
    with serving() as server:
        yield server


def credentials(certificates, client=None):
    """What grpcio needs to trust our authority and to show a client certificate."""
    chain, key = certificates[client] if client else (None, None)
    return grpc.ssl_channel_credentials(
        certificates["ca"].read_bytes(), key.read_bytes() if key else None,
        chain.read_bytes() if chain else None)


def tls_settings(certificates, **settings):
    """Settings of a server with TLS."""
    return {"cert": certificates["server"][0], "key": certificates["server"][1], **settings}


def error_of(call):
    """The error of a call that fails."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def code_of(call):
    """The status of a call that fails."""
    return error_of(call).code()


# ---- grpcio, plaintext ----

@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 65535, 65536, 1000000, LIMIT])
def test_sizes(server, size):
    body = bytes(index % 251 for index in range(min(size, 1000))) * (size // 1000 + 1)
    assert unary(server.channel, "Echo", body[:size]) == body[:size]


def test_size_limit(server):
    plain = error_of(lambda: unary(server.channel, "Echo", b"x" * (LIMIT + 1)))
    packed = error_of(lambda: unary(server.channel, "Echo", b"x" * (LIMIT + 1),
                                    compression=grpc.Compression.Gzip))
    for error in (plain, packed):
        assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert f"message is larger than the limit of {LIMIT} bytes" in error.details()
    assert f"; it has {LIMIT + 1}: send less at a time" in plain.details()


def test_interop_large_unary(server):
    """The sizes of gRPC's own interop case."""
    assert unary(server.channel, "Echo", b"\0" * 271828) == b"\0" * 271828
    assert len(unary(server.channel, "Bulk", b"314159")) == 314159
    assert len(unary(server.channel, "Bulk", b"20000000")) == 20000000


@pytest.mark.parametrize("compression", [
    grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_compression(server, compression):
    for body in (b"", b"abc", b"compressible " * 10000):
        assert unary(server.channel, "Echo", body, compression=compression) == body
    answers = stream(server.channel, "Many", b"20 5000", compression=compression)
    assert [len(answer) for answer in answers] == [5000] * 20


def test_deflate_is_refused(server):
    assert code_of(lambda: unary(server.channel, "Echo", b"abc" * 1000,
                                 compression=grpc.Compression.Deflate)) == \
        grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("number", range(1, 17))
def test_every_status(server, number):
    with pytest.raises(grpc.RpcError) as caught:
        unary(server.channel, "Fail", str(number).encode())
    assert caught.value.code().value[0] == number
    assert caught.value.details() == "no such service 中%"


STATUS_PROTO = """syntax = "proto3";
package google.rpc;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }
message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
message RetryInfo { google.protobuf.Duration retry_delay = 1; }
message BadRequest {
  message FieldViolation { string field = 1; string description = 2; }
  repeated FieldViolation field_violations = 1;
}
"""


def compile_protos(folder, *files, include=()):
    """Modules of protos, by protoc. They are loaded by path, since a folder grpc/ would be hidden
    by the package of that name."""
    subprocess.run(["protoc", f"-I{folder}", *(f"-I{one}" for one in include), "-I/usr/include",
                    f"--python_out={folder}", *files], check=True, timeout=60)
    modules = []
    for name in files:
        path = folder / name.replace(".proto", "_pb2.py")
        spec = importlib.util.spec_from_file_location("wire_" + path.stem + str(len(modules)), path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


def test_rich_errors(server, tmp_path):
    (tmp_path / "wire_status.proto").write_text(STATUS_PROTO)
    [protos] = compile_protos(tmp_path, "wire_status.proto")
    with pytest.raises(grpc.RpcError) as caught:
        unary(server.channel, "Fail", b"9")
    blob = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    status = protos.Status.FromString(blob)
    assert (status.code, status.message) == (9, caught.value.details())
    info, request, retry = protos.ErrorInfo(), protos.BadRequest(), protos.RetryInfo()
    assert [any_.Unpack(part) for any_, part in zip(status.details, (info, request, retry))] == \
        [True] * 3
    assert (info.reason, info.domain) == ("TEST_REASON", "vsl")
    assert [(one.field, one.description) for one in request.field_violations] == [
        ("items[0].pay.amount_minor", "must be positive"),
        ("items[1].key.serial", "must have 1 to 32 bytes")]
    assert retry.retry_delay.ToMilliseconds() == 1500


def test_deadline(server):
    server.wait_counter("held", lambda value: value == 0)
    done = server.counters()["slow_done"]
    assert code_of(lambda: unary(server.channel, "Slow", b"500", timeout=0.1)) == \
        grpc.StatusCode.DEADLINE_EXCEEDED
    # The handler's work is not undone.
    server.wait_counter("slow_done", lambda value: value == done + 1)


def test_deadline_of_a_busy_stream(server):
    """Whichever clock is first, the client's or the server's."""
    for attempt in range(30):
        answers = stream(server.channel, "Many", b"100000000 100", timeout=0.1 + attempt / 1000)
        assert code_of(lambda answers=answers: list(answers)) == \
            grpc.StatusCode.DEADLINE_EXCEEDED
    server.wait_counter("streams_open", lambda value: value == 0)


def test_cancel(server):
    future = server.channel.unary_unary("/test.v1.TestService/Slow").future(b"300")
    wait_until(lambda: server.counters()["held"] == 1, "the call")
    future.cancel()
    server.wait_counter("held", lambda value: value == 0)
    assert future.cancelled()


def test_stream(server):
    answers = list(stream(server.channel, "Many", b"10000 100"))
    assert [int(answer[:8]) for answer in answers] == list(range(10000))
    assert list(stream(server.channel, "Many", b"0 0")) == []


def test_many_at_once(server):
    """More calls than one connection may have at a time, answered out of order."""
    call = server.channel.unary_unary("/test.v1.TestService/Slow")
    futures = [call.future(str(index % 50).encode()) for index in range(3000)]
    assert [future.result() for future in futures] == \
        [str(index % 50).encode() for index in range(3000)]
    assert server.counters()["calls_open"] == 0


def test_many_connections(server):
    def calls():
        with open_channel(server.target) as channel:
            for _ in range(50):
                assert unary(channel, "Echo", b"x" * 1000) == b"x" * 1000
            done.append(1)
    done = []
    threads = [threading.Thread(target=calls) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 20


# ---- addresses ----

def test_unix_socket(tmp_path):
    path = tmp_path / "s.sock"
    # A socket that nobody listens on is left over and replaced.
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(path))
    left_over.close()
    with serving(listen=[f"unix:{path}", "127.0.0.1:0"]) as server:
        assert server.ports[0] == 0
        with open_channel(f"unix:{path}") as channel:
            assert unary(channel, "Echo", b"x") == b"x"
        # One that somebody listens on is not.
        other = subprocess.run([SERVER, "--listen", f"unix:{path}"], capture_output=True, text=True,
                               timeout=30, check=False)
        assert other.returncode == 1
        assert "could not listen" in other.stderr
        with open_channel(f"unix:{path}") as channel:
            assert unary(channel, "Echo", b"x") == b"x"
    assert not path.exists()


def test_a_file_is_not_replaced(tmp_path):
    path = tmp_path / "file"
    path.write_text("precious")
    other = subprocess.run([SERVER, "--listen", f"unix:{path}"], capture_output=True, text=True,
                           timeout=30, check=False)
    assert other.returncode == 1
    assert path.read_text() == "precious"


def test_ipv6():
    try:
        socket.socket(socket.AF_INET6).bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(listen="[::1]:0") as server, open_channel(f"[::1]:{server.port}") as channel:
        assert unary(channel, "Echo", b"x") == b"x"


def test_without_client_certificates_only_on_loopback(certificates):
    refused = subprocess.run([SERVER, "--listen", "0.0.0.0:0"], capture_output=True, text=True,
                             timeout=30, check=False)
    assert refused.returncode == 1
    assert "loopback" in refused.stderr
    without = [word for name, value in tls_settings(certificates).items()
               for word in ("--" + name.replace("_", "-"), str(value))]
    refused = subprocess.run([SERVER, "--listen", "0.0.0.0:0", *without], capture_output=True,
                             text=True, timeout=30, check=False)
    assert refused.returncode == 1 and "client_ca" in refused.stderr


# ---- TLS ----

def test_tls(certificates):
    with serving(**tls_settings(certificates)) as server:
        with open_channel(f"localhost:{server.port}", credentials(certificates)) as channel:
            assert unary(channel, "Echo", b"x" * LIMIT) == b"x" * LIMIT
            assert unary(channel, "Peer", b"") == b""
            assert len(unary(channel, "Bulk", b"10000000")) == 10000000
            assert sum(map(len, stream(channel, "Many", b"1000 10000"))) == 10000000
            for _ in range(200):
                assert unary(channel, "Echo", b"abc") == b"abc"
            assert server.counters(channel)["calls_open"] == 0
        # Plaintext on the same port is sent away.
        with Raw(server.port) as raw:
            raw.read_to_end()


def test_client_certificates(certificates):
    settings = tls_settings(certificates, client_ca=certificates["ca"])
    with serving(**settings) as server:
        target = f"localhost:{server.port}"
        with open_channel(target, credentials(certificates, "client")) as channel:
            assert unary(channel, "Peer", b"") == b"bank-front"
        for client in (None, "stranger"):
            with open_channel(target, credentials(certificates, client)) as channel:
                assert code_of(lambda channel=channel: unary(channel, "Peer", b"", timeout=5)) == \
                    grpc.StatusCode.UNAVAILABLE
    with serving(**settings, client_optional=1) as server:
        target = f"localhost:{server.port}"
        for client, name in ((None, b""), ("client", b"bank-front")):
            with open_channel(target, credentials(certificates, client)) as channel:
                assert unary(channel, "Peer", b"") == name
        with open_channel(target, credentials(certificates, "stranger")) as channel:
            assert code_of(lambda: unary(channel, "Peer", b"", timeout=5)) == \
                grpc.StatusCode.UNAVAILABLE


def tls_connect(server, certificates, protocols, version=None):
    """A TLS connection with these ALPN names."""
    context = ssl.create_default_context(cafile=certificates["ca"])
    if protocols:
        context.set_alpn_protocols(protocols)
    if version:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    plain = socket.create_connection(("localhost", server.port), 30)
    return context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls_rules(certificates):
    with serving(**tls_settings(certificates)) as server:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            wrapped = tls_connect(server, certificates, ["http/1.1", "h2"], version)
            assert wrapped.selected_alpn_protocol() == "h2"
            with Raw(0, sock=wrapped, preface=True) as raw:
                assert raw.call(message(b"abc")).data == message(b"abc")
        # Other protocols are refused in the handshake, none at all right after it.
        with pytest.raises((ssl.SSLError, ConnectionError)):
            tls_connect(server, certificates, ["http/1.1"])
        with tls_connect(server, certificates, []) as wrapped:
            wrapped.sendall(PREFACE)
            assert read_all(wrapped) == b""
        with pytest.raises((ssl.SSLError, ConnectionError)):
            tls_connect(server, certificates, ["h2"], ssl.TLSVersion.TLSv1_1)


def read_all(connection):
    """Everything until the end, however it ends."""
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except (ssl.SSLError, ConnectionError):
            return data
        if not piece:
            return data
        data += piece


def test_tls_clients_that_do_not_finish(certificates):
    with serving(request_ms=300, **tls_settings(certificates)) as server:
        for data in (b"", b"\x16\x03\x01", b"not TLS at all\r\n\r\n"):
            with Raw(server.port, preface=False) as raw:
                raw.send_bytes(data)
                raw.socket.settimeout(10)
                read_all(raw.socket)
        with open_channel(f"localhost:{server.port}", credentials(certificates)) as channel:
            assert unary(channel, "Echo", b"x") == b"x"
            assert server.counters(channel)["connections_open"] == 1


# ---- health and reflection ----

@pytest.fixture(scope="module", name="protos")
def compile_public_protos(tmp_path_factory):
    """Health, reflection v1 and v1alpha, and their descriptors as files."""
    folder = tmp_path_factory.mktemp("protos")
    include = TOP / "proto"
    names = ["grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto",
             "grpc/reflection/v1alpha/reflection.proto"]
    health, v1, v1alpha = compile_protos(folder, *names, include=[include])
    subprocess.run(["protoc", f"-I{include}", "-I/usr/include", "--include_imports",
                    f"-o{folder}/all.desc", *names], check=True, timeout=60)
    return {"health": health, "v1": v1, "v1alpha": v1alpha, "folder": folder}


def check(protos, channel, service):
    """Health.Check."""
    health = protos["health"]
    return channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health.HealthCheckRequest.SerializeToString,
        response_deserializer=health.HealthCheckResponse.FromString)(
            health.HealthCheckRequest(service=service), timeout=30).status


def watch(protos, channel, service):
    """Health.Watch."""
    health = protos["health"]
    return channel.unary_stream(
        "/grpc.health.v1.Health/Watch",
        request_serializer=health.HealthCheckRequest.SerializeToString,
        response_deserializer=health.HealthCheckResponse.FromString)(
            health.HealthCheckRequest(service=service), timeout=30)


def test_health(protos):
    with serving() as server, open_channel(server.target) as channel:
        for service in ("", "test.v1.TestService"):
            assert check(protos, channel, service) == 1
        assert code_of(lambda: check(protos, channel, "test.v1.Nothing")) == \
            grpc.StatusCode.NOT_FOUND
        whole, service, unknown = (watch(protos, channel, name) for name in (
            "", "test.v1.TestService", "test.v1.Nothing"))
        assert next(whole).status == next(service).status == 1
        assert next(unknown).status == 3
        unary(channel, "Control", b"serving 0")
        assert next(whole).status == next(service).status == 2
        assert check(protos, channel, "") == 2
        assert code_of(lambda: unary(channel, "Echo", b"x")) == grpc.StatusCode.UNAVAILABLE
        # The stream of an unknown service stays open.
        assert not unknown.done()
        server.stop()
        for one in (whole, service, unknown):
            assert code_of(lambda one=one: next(one)) == grpc.StatusCode.UNAVAILABLE


def file_settings(protos):
    """The descriptors as settings of the test server."""
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(
        (protos["folder"] / "all.desc").read_bytes())
    settings = []
    for index, file in enumerate(descriptors.file):
        path = protos["folder"] / f"{index}.bin"
        path.write_bytes(file.SerializeToString())
        symbols = [f"{file.package}.{one.name}"
                   for one in [*file.service, *file.message_type, *file.enum_type]]
        settings.append(f"{file.name},{';'.join(symbols)},{';'.join(file.dependency)},{path}")
    return settings


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection(protos, version):
    reflection = protos[version]
    path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    with serving(file=file_settings(protos)) as server:
        info = server.channel.stream_stream(
            path, request_serializer=reflection.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection.ServerReflectionResponse.FromString)
        asked = reflection.ServerReflectionRequest
        requests = [asked(host="h", **{kind: value}) for kind, value in [
            ("list_services", "*"),
            ("file_by_filename", "grpc/health/v1/health.proto"),
            ("file_containing_symbol", "grpc.health.v1.Health.Check"),
            ("file_containing_symbol", "no.such.Symbol"),
            ("file_by_filename", "no/such.proto"),
            ("all_extension_numbers_of_type", "grpc.health.v1.HealthCheckRequest"),
            ("all_extension_numbers_of_type", "no.such.Type"),
        ]]
        requests.append(reflection.ServerReflectionRequest(
            file_containing_extension=reflection.ExtensionRequest(
                containing_type="grpc.health.v1.HealthCheckRequest", extension_number=5)))
        answers = list(info(iter(requests), timeout=30))
        assert [answer.original_request for answer in answers] == requests
        assert {one.name for one in answers[0].list_services_response.service} == {
            "test.v1.TestService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection"}
        for answer in answers[1:3]:
            [file] = [descriptor_pb2.FileDescriptorProto.FromString(one)
                      for one in answer.file_descriptor_response.file_descriptor_proto]
            assert file.name == "grpc/health/v1/health.proto"
            assert file.service[0].name == "Health"
        for answer in (answers[3], answers[4], answers[6], answers[7]):
            assert answer.error_response.error_code == 5
        assert answers[5].all_extension_numbers_response.base_type_name == \
            "grpc.health.v1.HealthCheckRequest"
        # One request after the other on one stream, as interactive tools do.
        with Raw(server.port) as raw:
            number = raw.start(path=path)
            for count in range(1, 4):
                raw.data(number, message(requests[0].SerializeToString()))
                raw.read_until(lambda count=count: number in raw.answers and
                               len(raw.answers[number].data) >= count * len(answers[0].
                               SerializeToString()), "an answer")
            raw.data(number, b"\0\0\0", end=True)
            assert raw.answer(number).status == 13


def test_reflection_cannot_be_flooded(protos):
    """A client that asks and never reads is cut off."""
    with serving(file=file_settings(protos)) as server, Raw(server.port) as raw:
        request = protos["v1"].ServerReflectionRequest(
            file_by_filename="grpc/reflection/v1/reflection.proto").SerializeToString()
        raw.ping(b"settings")
        number = raw.start(path="/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
        raw.data(number, message(request) * 5000)
        raw.ping()
        assert server.counters()["pending_bytes"] < 2000000
        raw.open_window(0, 2**30)
        raw.open_window(number, 2**30)
        assert raw.answer(number).status == 8


# ---- h2load ----

@pytest.mark.skipif(not shutil.which("h2load"), reason="h2load (nghttp2-client) is not installed")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_h2load(certificates, tmp_path, scheme):
    body = tmp_path / "request"
    body.write_bytes(message(b"x" * 200))
    count = 20000
    settings = {} if scheme == "http" else tls_settings(certificates)
    with serving(**settings) as server:
        output = subprocess.run(
            ["h2load", "-n", str(count), "-c", "4", "-m", "64", "-d", body,
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"{scheme}://127.0.0.1:{server.port}/test.v1.TestService/Echo"],
            check=True, capture_output=True, text=True, timeout=120).stdout
        assert re.search(rf"{count} succeeded, 0 failed, 0 errored, 0 timeout", output), output
        target, trust = server.target, None
        if scheme == "https":
            target, trust = f"localhost:{server.port}", credentials(certificates)
        with open_channel(target, trust) as channel:
            # h2load counts any HTTP 200; the server knows how many calls were really answered.
            counters = server.counters(channel)
            assert counters["echoed"] == count
            assert counters["calls_failed"] == 0
            assert counters["calls_open"] == 0
