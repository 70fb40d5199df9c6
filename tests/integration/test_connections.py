"""Who may connect: a client that leaks connections shuts out itself only, and the log says so.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import socket
import subprocess

import grpc
import pytest
from server import BUILD
from waiting import wait_until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def leak(stack, server, source="127.0.0.2", unix=None):
    """An idle HTTP/2 connection from another address of this host."""
    if unix:
        leaked = stack.enter_context(socket.socket(socket.AF_UNIX))
        leaked.connect(str(unix))
    else:
        leaked = stack.enter_context(socket.create_connection(
            ("127.0.0.1", server.port), timeout=20, source_address=(source, 0)))
    leaked.settimeout(20)
    with contextlib.suppress(ConnectionError):
        leaked.sendall(PREFACE)
    return leaked


def is_shut_out(leaked):
    """Whether the server has closed it; else it has sent its SETTINGS."""
    try:
        return leaked.recv(4096) == b""
    except ConnectionError:
        return True


def test_a_leaking_client_shuts_out_itself_only(make_server, database, scratch, tools):
    """One address takes its share, and the rest of the places stay for the others."""
    unix = scratch / "leak.sock"
    server = make_server(database.url, {
        "listen.connections_max": 6, "listen.connections_per_peer_max": 4})
    server.settings["listen.address"] += f",unix:{unix}"
    server.start()
    with contextlib.ExitStack() as stack:
        leaked = [leak(stack, server) for _ in range(30)]
        shut_out = [is_shut_out(each) for each in leaked]
        assert shut_out == [False] * 4 + [True] * 26
        assert server.health() == "SERVING"
        server.wait_log(r"warning refused a connection peer=127\.0\.0\.2 peer_open=4 limit=4 "
                        r'setting="listen\.connections_per_peer_max" refused=1$')
        # All the rest of the places goes to another one, once the server has heard that who asked
        # for its health is gone: the Unix socket still has its own.
        for _ in range(2):
            wait_until(lambda: not is_shut_out(leak(stack, server, "127.0.0.3")), "a free place")
        assert is_shut_out(leak(stack, server, "127.0.0.4"))
        server.wait_log(r"refused a connection peer=127\.0\.0\.[34] peer_open=[01] limit=6 "
                        r'setting="listen\.connections_max" refused=1$')
        tools.vslctl("ledger", "list", "--server", f"unix:{unix}")
        # 26 were refused for one reason within ten seconds: one line.
        assert server.log().count("peer=127.0.0.2") == 1
    wait_until(lambda: server.health() == "SERVING", "a place for the others again")


def test_one_user_cannot_take_all_of_the_unix_sockets_places(make_server, database, scratch):
    """Three quarters; then it is refused, and its line names the user."""
    unix = scratch / "user.sock"
    server = make_server(database.url, {"listen.unix_connections_max": 8})
    server.settings["listen.address"] += f",unix:{unix}"
    server.start()
    with contextlib.ExitStack() as stack:
        shut_out = [is_shut_out(leak(stack, server, unix=unix)) for _ in range(8)]
        assert shut_out == [False] * 6 + [True] * 2
        server.wait_log(r"refused a connection peer=unix-user-\d+ peer_open=6 limit=6")
        assert server.health() == "SERVING"


def test_an_idle_connection_is_sent_away_and_a_stream_is_not(make_server, database):
    """GOAWAY after listen.idle_timeout_s; grpcio comes again by itself."""
    server = make_server(database.url, {"listen.idle_timeout_s": 1}).start()
    client = server.connect()
    day = client.open_platform(7101)
    events = client.events(1)
    first = next(events)
    with contextlib.ExitStack() as stack:
        idle = leak(stack, server)
        said = b""
        while (part := idle.recv(4096)) != b"":
            said += part
        assert b"max_idle" in said
    states = []
    channel = stack.enter_context(grpc.insecure_channel(server.target))
    channel.subscribe(states.append, try_to_connect=True)
    wait_until(lambda: grpc.ChannelConnectivity.READY in states, "a connection")
    wait_until(lambda: states[-1] == grpc.ChannelConnectivity.IDLE, "it to be sent away")
    assert client.available(day.ledger_id, day.accounts[0]) == 0
    assert first and next(events)
    events.cancel()
    channel.close()


@pytest.mark.parametrize("hard,ok", [(100, False), (400, True)])
def test_open_files_are_looked_at_before_the_first_client_comes(make_server, database, hard, ok):
    """Too few: it does not start, and says which settings; a soft limit is raised."""
    server = make_server(database.url, {
        "listen.connections_max": 100, "listen.unix_connections_max": 16})
    server.start()
    server.process.terminate()
    assert server.wait_end() == 0
    config = server.folder / f"{server.name}.ini"
    log = server.folder / "limited.log"
    with open(log, "wb") as out:
        process = subprocess.Popen(
            ["sh", "-c", f"ulimit -Sn {min(hard, 150)}; ulimit -Hn {hard}; exec \"$0\" --config "
             "\"$1\"", BUILD / "core/vsld", config], stdout=out, stderr=out)
    try:
        if ok:
            server.process, server.log_path = process, log
            server.wait_serving()
        else:
            assert process.wait(60) == 2
            assert "listen.connections_max and listen.unix_connections_max need 180" in (
                log.read_text())
    finally:
        process.terminate()
        process.wait(60)


def test_a_quiet_stream_beats_and_a_keepalive_watches_over_it(make_server, database):
    """The reached position comes again and again; pings at the documented interval are borne."""
    server = make_server(database.url, {
        "listen.heartbeat_s": 1, "listen.ping_interval_min_s": 1}).start()
    client = server.connect(options=[
        ("grpc.keepalive_time_ms", 1_100), ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.http2.max_pings_without_data", 0), ("grpc.use_local_subchannel_pool", 1)])
    empty = client.events(1)
    assert [next(empty).reached_sequence for _ in range(3)] == [0, 0, 0]
    day = client.open_platform(7102)
    # Nothing below its beginning is wanted: there it goes on after a break.
    end = client.tie_out(day.ledger_id).as_of_sequence
    ahead = client.events(end + 1)
    assert [next(ahead).reached_sequence for _ in range(3)] == [end, end, end]
    positions = []
    while not positions or positions.count(positions[-1]) < 3:
        message = next(empty)
        positions.append(message.entry.sequence or message.reached_sequence)
    assert positions == sorted(positions)
    assert sorted(set(positions) - {0}) == list(range(1, positions[-1] + 1))
    assert client.find_command(sequence=positions[-1] + 1) is None
    assert client.available(day.ledger_id, day.accounts[0]) == 0
    for stream in (empty, ahead):
        stream.cancel()
