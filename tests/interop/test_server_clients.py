"""The whole server with clients that were not written here: grpcio with certificates of a caller's,
and over plaintext; h2load, which has no certificates.

What concerns single frames is tried on the wire alone, see wire_*.py.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess

import grpc
import pytest

from callers import EVERY_ROLE, create_caller, credentials, tls_settings
from client import Client
from ports import free_port
from waiting import wait_until


@pytest.fixture(name="tls_server")
def fixture_tls_server(make_server, database, authority):
    """A server that wants client certificates of the authority. Gives (server, client's files)."""
    server = make_server(database.url, tls_settings(authority, "front-end"))
    server.start(serving=False)
    server.wait_listening()
    own = authority.sign("front-end")
    with Client(server.protos, server.target, credentials=credentials(authority, *own)) as client:
        wait_until(lambda: client.health() == "SERVING", f"TLS server to serve: {server.log()}")
        create_caller(client, "front-end", EVERY_ROLE)
    return server, own


@pytest.fixture(name="client")
def fixture_client(tls_server, authority):
    """A client with the certificate of a caller."""
    server, own = tls_server
    with Client(server.protos, server.target, credentials=credentials(authority, *own)) as client:
        yield client


@pytest.fixture(name="plain")
def fixture_plain(server):
    """A client of another server, in plaintext."""
    return server.connect()


@pytest.mark.parametrize("kind", ["client", "plain"])
def test_a_day(request, kind):
    client = request.getfixturevalue(kind)
    day = client.open_platform(5001)
    client.command("book_receipt", ledger_id=day.ledger_id, account_id=day.accounts[0],
                   amount_minor=100)
    assert client.tie_out(day.ledger_id).balanced


def test_tls_refuses_who_brings_no_certificate_or_a_foreign_one(
        tls_server, authority, scratch):
    from certificates import Authority  # pylint: disable=import-outside-toplevel
    server, _ = tls_server
    foreign = Authority(scratch / "foreign", "somebody else").sign("intruder")
    for own in ((), foreign):
        with Client(server.protos, server.target,
                    credentials=credentials(authority, *own)) as client:
            assert client.health() == "UNAVAILABLE"
    with Client(server.protos, server.target) as client:
        assert client.health() == "UNAVAILABLE", "plaintext on a TLS port"
    assert server.is_running()


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_tls_refuses_old_versions(tls_server, version):
    server, (certificate, key) = tls_server
    done = subprocess.run(
        ["openssl", "s_client", "-connect", server.target, version, "-cipher", "ALL:@SECLEVEL=0",
         "-alpn", "h2", "-cert", certificate, "-key", key], input="", capture_output=True,
        text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert re.search(r"alert|unsupported|no protocols|wrong version", done.stderr), done.stderr


def test_tls_negotiates_h2_only(tls_server):
    server, (certificate, key) = tls_server
    for offered, agreed in (("h2", True), ("http/1.1", False)):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", server.target, "-alpn", offered, "-cert",
             certificate, "-key", key], input="", capture_output=True, text=True, timeout=30,
            check=False)
        assert ("ALPN protocol: h2" in done.stdout) == agreed, done.stdout + done.stderr


def test_unix_socket(make_server, database, scratch):
    socket = scratch / "vsld.sock"
    server = make_server(database.url, {"listen.address": f"unix:{socket}"})
    # Also where a stopped and where a killed server has left its socket.
    for ending in (server.terminate, server.kill, server.terminate):
        server.start(serving=False)
        server.wait_socket(socket)
        with Client(server.protos, f"unix:{socket}") as client:
            wait_until(lambda c=client: c.health() == "SERVING", f"the server\n{server.log()}")
            if ending == server.kill:
                client.open_platform(5002, accounts=0)
        ending()
    assert database.one("select count(*) from vsl.command") == 1


def test_a_unix_socket_beside_tls(make_server, database, authority, scratch):
    """It speaks plaintext whatever the other addresses do; who it is, the kernel says."""
    socket = scratch / "vsld.sock"
    server = make_server(database.url, tls_settings(authority, f"unix-user-{os.getuid()}"))
    server.settings["listen.address"] += f", unix:{socket}"
    server.start(serving=False)
    server.wait_socket(socket)
    with Client(server.protos, f"unix:{socket}") as client:
        wait_until(lambda: client.health() == "SERVING", f"the server\n{server.log()}")
        with pytest.raises(grpc.RpcError) as caught:
            client.open_platform(5003)
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
        create_caller(client, f"unix-user-{os.getuid()}")
        ledger = client.open_platform(5003).ledger_id
        listed = client.ledger.ListLedgers(server.protos.ledger.ListLedgersRequest()).ledgers
        assert [one.ledger_id for one in listed] == [ledger]
    # No certificate takes the name of a user on a Unix socket.
    own = authority.sign(f"unix-user-{os.getuid()}")
    with Client(server.protos, server.target, credentials=credentials(authority, *own)) as client:
        assert client.health() == "UNAVAILABLE"
    with Client(server.protos, server.target) as client:
        assert client.health() == "UNAVAILABLE", "plaintext on a TLS port"
    assert "that of a user on a Unix socket" in server.log()


def test_several_addresses(make_server, database):
    server = make_server(database.url)
    other = free_port()
    server.settings["listen.address"] += f", 127.0.0.1:{other}"
    server.start()
    with Client(server.protos, f"127.0.0.1:{other}") as client:
        assert client.health() == "SERVING"


def test_health_of_each_service(client):
    assert client.health() == "SERVING"
    for service in ("LedgerService", "MemberService", "AccountService", "FundsService",
                    "JournalService", "EventService"):
        assert client.health(f"vsl.v1.{service}") == "SERVING"
    assert client.health("vsl.v1.NoService") == "NOT_FOUND"


def test_health_watch_sees_the_stop(tls_server, client):
    server, _ = tls_server
    messages = client.protos.health
    watch = client.channel.unary_stream(
        "/grpc.health.v1.Health/Watch",
        request_serializer=messages.HealthCheckRequest.SerializeToString,
        response_deserializer=messages.HealthCheckResponse.FromString)
    stream = watch(messages.HealthCheckRequest(), timeout=60)
    assert next(stream).status == messages.HealthCheckResponse.SERVING
    assert server.terminate() == 0
    with pytest.raises((grpc.RpcError, StopIteration)):
        assert next(stream).status == messages.HealthCheckResponse.NOT_SERVING
        next(stream)


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_every_service_and_its_file(client, version):
    """On loopback it needs no setting."""
    messages = client.protos.reflection[version]
    call = client.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=messages.ServerReflectionRequest.SerializeToString,
        response_deserializer=messages.ServerReflectionResponse.FromString)
    answers = list(call(iter([
        messages.ServerReflectionRequest(list_services=""),
        messages.ServerReflectionRequest(file_containing_symbol="vsl.v1.FundsService.Pay"),
        messages.ServerReflectionRequest(file_containing_symbol="vsl.v1.Nothing"),
        *(messages.ServerReflectionRequest(file_containing_symbol=f"google.rpc.{name}")
          for name in ("Status", "ErrorInfo", "RetryInfo", "BadRequest.FieldViolation")),
    ]), timeout=30))
    names = {one.name for one in answers[0].list_services_response.service}
    assert {"vsl.v1.FundsService", "vsl.v1.EventService", "grpc.health.v1.Health"} <= names
    files = b"".join(answers[1].file_descriptor_response.file_descriptor_proto)
    assert b"vsl/v1/funds.proto" in files
    assert answers[2].error_response.error_code == 5
    # What stands in the details of errors can be read without any file at hand.
    for answer, file in zip(answers[3:], [b"status"] + [b"error_details"] * 3, strict=True):
        files = b"".join(answer.file_descriptor_response.file_descriptor_proto)
        assert b"google/rpc/" + file + b".proto" in files


def reflection_is_answered(client):
    """Whether the service tells what it has."""
    messages = client.protos.reflection["v1"]
    call = client.channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=messages.ServerReflectionRequest.SerializeToString,
        response_deserializer=messages.ServerReflectionResponse.FromString)
    try:
        list(call(iter([messages.ServerReflectionRequest(list_services="")]), timeout=30))
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNIMPLEMENTED
        return False
    return True


@pytest.mark.parametrize("address, setting, is_answered", [
    ("127.0.0.1", "no", False), ("0.0.0.0", None, False), ("0.0.0.0", "yes", True)])
def test_reflection_is_a_setting(  # pylint: disable=too-many-arguments
        make_server, database, authority, tools, address, setting, is_answered):
    """On a network only where it is asked for; vslctl goes without."""
    server = make_server(database.url, tls_settings(authority, "front-end"))
    server.settings["listen.address"] = (
        f"{address}:{server.port},unix:{server.folder}/vsld.sock")
    if setting:
        server.settings["listen.reflection"] = setting
    # On a network names are sealed, or the server does not start.
    ring = server.folder / "ring"
    for purpose in ("journal-mac", "seal"):
        tools.vslctl("key", "new", "--keys", ring, "--purpose", purpose)
    server.settings["keys.file"] = ring
    server.start(serving=False).wait_listening()
    certificate, key = authority.sign("front-end")
    with Client(server.protos, server.target,
                credentials=credentials(authority, certificate, key)) as client:
        wait_until(lambda: client.health() == "SERVING", server.log)
        assert reflection_is_answered(client) == is_answered
        tools.vslctl("--server", server.target, "--tls-ca", authority.certificate, "--tls-cert",
                     certificate, "--tls-key", key, "call", "CallerService/ListCallers", "{}")


def test_unknown_methods_are_unimplemented(client):
    for path in ("/vsl.v1.FundsService/Steal", "/vsl.v1.NoService/Pay", "/nonsense"):
        call = client.channel.unary_unary(path, request_serializer=bytes,
                                          response_deserializer=bytes)
        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=10)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_bytes_that_are_no_message(client):
    for body in (b"\xff" * 20, b"\x0a\x7f", b"\x08"):
        call = client.channel.unary_unary("/vsl.v1.FundsService/Pay", request_serializer=bytes,
                                          response_deserializer=bytes)
        with pytest.raises(grpc.RpcError) as caught:
            call(body, timeout=10)
        assert caught.value.code() in (
            grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT), caught.value


def test_gzip_requests(tls_server, authority):
    """grpcio compresses the request; the server accepts it."""
    server, own = tls_server
    with Client(server.protos, server.target, credentials=credentials(authority, *own), options=[
            ("grpc.default_compression_algorithm", 2)]) as client:
        day = client.open_platform(5003)
        items = [client.item("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                             account_id=day.accounts[0], remark="z" * 200) for _ in range(100)]
        assert set(client.batch_outcomes(items)) == {"ACCEPTED"}


def test_deadline_passes_but_the_command_stands(client):
    """The client stops waiting; asked by key, the command was decided or never came."""
    day = client.open_platform(5004)
    late = 0
    for _ in range(200):
        request = client.request("book_receipt", ledger_id=day.ledger_id, amount_minor=1,
                                 account_id=day.accounts[0])
        try:
            client.funds.BookReceipt(request, timeout=0.0005)
        except grpc.RpcError as error:
            # UNAVAILABLE: grpcio 1.51 may reset a stream that it has not opened yet, on which
            # HTTP/2 wants the connection to end.
            assert error.code() in (
                grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE), error
            late += error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert late > 0, "no deadline passed"
    last = client.tie_out(day.ledger_id).as_of_sequence
    booked = [entry for entry in client.entries(1, last) if entry.HasField("book_receipt")]
    assert client.available(day.ledger_id, day.accounts[0]) == len(booked)


def test_h2load(server, plain, scratch):
    """h2load sends one receipt over and over on many streams: one is booked, the rest replayed."""
    day = plain.open_platform(5005)
    request = plain.request("book_receipt", ledger_id=day.ledger_id, amount_minor=5,
                            account_id=day.accounts[0])
    body = request.SerializeToString()
    data = scratch / "receipt.grpc"
    data.write_bytes(b"\0" + len(body).to_bytes(4, "big") + body)
    done = subprocess.run(
        ["h2load", "-n", "4000", "-c", "8", "-m", "20", "-d", data,
         "-H", "content-type: application/grpc", "-H", "te: trailers",
         f"http://{server.target}/vsl.v1.FundsService/BookReceipt"],
        capture_output=True, text=True, timeout=120, check=False)
    assert "4000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout
    assert "status codes: 4000 2xx" in done.stdout
    assert plain.available(day.ledger_id, day.accounts[0]) == 5
    assert plain.send("book_receipt", request).result.replayed
