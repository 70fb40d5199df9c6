"""Crashes of the server and of PostgreSQL under load: every acknowledged command is there exactly
once, none twice, none half.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import os
import random
import signal

import grpc
import pytest

from cluster import is_alive
from load import Load
from waiting import wait_until

FAULT_POINTS = ["store.before_submit", "store.between_copies", "store.after_commit_sent",
                "store.before_durable", "flow.before_answers"]
# Of a history of a few steps, each killed at the point after the one before's: the two walks that
# begin here come by every point, and every step is killed twice.
FAULT_WALKS = [0, 3]


def points_of_walk(first):
    """The fault points one after the other, round and round, from this one on."""
    return itertools.islice(itertools.cycle(FAULT_POINTS), first, None)


def kill_and_repeat(server, point, desk, command, fields, expect=None):
    """Sends the command to a server that is killed at the point, or behind its answer, and again to
    the one that starts after it. Gives both answers, the first None if there was none. The desk
    has a client and sends by it."""
    server.start(fault=f"{point}:1")
    answer = None
    try:
        desk.client = server.connect()
        answer = desk.do(command, None, **fields)
    except grpc.RpcError as error:
        assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED), error
        assert server.wait_end() == -signal.SIGKILL
    else:
        server.kill()
    server.start()
    desk.client = server.connect()
    return answer, desk.do(command, expect, **fields)


def open_platform(client, accounts=8):
    """A platform whose users have money to begin with."""
    platform = client.open_platform(9001, accounts=accounts)
    client.batch([client.item("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                              amount_minor=1_000_000) for account in platform.accounts])
    return platform


def prove(load, server, database, tools):
    """After the trouble, with the server up: resend, compare everything, check the database."""
    client = server.connect()
    load.check_atomic(client)
    resent = load.resend_unknown(client)
    entries = load.check(client)
    assert server.terminate() == 0
    tools.check_database(database.url)
    assert database.one("select count(*) from vsl.command") == len(entries)
    assert database.query("select channel, business_date, serial from vsl.command"
                          " group by 1, 2, 3 having count(*) > 1") == []
    return resent


@pytest.mark.parametrize("visit", [1, 7, 30])
@pytest.mark.parametrize("point", FAULT_POINTS)
def test_server_is_killed_at_a_fault_point(make_server, database, tools, point, visit):
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    assert server.terminate() == 0

    server.start(fault=f"{point}:{visit}")
    load = Load(server, platform, seed=visit).start()
    assert server.wait_end() == -signal.SIGKILL, "the fault point was not reached"
    load.stop()
    unanswered = [call for call in load.sent if call.answers is None]
    assert unanswered, "nobody was waiting for an answer when the server died"

    server.start()
    client = server.connect()
    found = sum(1 for call in unanswered for item in call.items
                if client.find_command(key=getattr(item, item.WhichOneof("command")).key))
    if point == "flow.before_answers":
        assert found > 0, "answers were held back, so their commands must be durable"
    assert prove(load, server, database, tools) > 0


def test_server_is_killed_at_any_moment_again_and_again(make_server, database, tools):
    """kill -9 from outside, at moments by chance, five times on one database."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    dice = random.Random(seed)
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    loads = []
    for _ in range(5):
        load = Load(server, platform, seed=dice.randrange(1 << 30)).start()
        load.wait_calls(dice.randint(5, 60))
        server.kill()
        loads.append(load.stop())
        server.start()
        client = server.connect()
        load.check_atomic(client)
        load.resend_unknown(client)
    everything = Load(server, platform, workers=0, seed=seed)
    for load in loads:
        everything.absorb(load)
    prove(everything, server, database, tools)


def test_postgresql_is_killed_and_started_again_under_load(
        make_server, own_cluster, make_database, tools):
    """The server stays up, holds its answers back, and goes on when the database is back."""
    database = make_database(own_cluster)
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    load = Load(server, platform).start(keep_going=True)
    for _ in range(3):
        load.wait_calls(20)
        postmaster = own_cluster.postmaster_id()
        own_cluster.kill()
        assert not is_alive(postmaster)
        own_cluster.start()
        assert own_cluster.postmaster_id() != postmaster
        load.wait_calls(20)
    load.stop()
    assert server.is_running(), server.log()
    assert "redo done" in (own_cluster.folder / "postgres.log").read_text(), "PostgreSQL recovered"
    prove(load, server, database, tools)


def test_server_dies_while_postgresql_is_down(make_server, own_cluster, make_database, tools):
    """Both are gone at once; what was acknowledged before is there after both came back."""
    database = make_database(own_cluster)
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    load = Load(server, platform).start()
    load.wait_calls(30)
    own_cluster.kill()
    server.kill()
    load.stop()
    own_cluster.start()
    server.start()
    prove(load, server, database, tools)


def test_writer_connection_is_cut_under_load(make_server, database, tools):
    """pg_terminate_backend of the writer's connection, ten times: doubt, never loss."""
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    load = Load(server, platform).start(keep_going=True)

    def writer_backend():
        rows = database.query(
            "select l.pid from pg_locks l join pg_stat_activity a using (pid)"
            " where l.locktype = 'advisory' and a.datname = current_database()", user="postgres")
        return rows[0][0] if rows else None

    for _ in range(10):
        load.wait_calls(10)
        backend = wait_until(writer_backend, "a writer with its lock")
        assert database.query("select pg_terminate_backend(%s)", (backend,), "postgres")[0][0]
        wait_until(lambda b=backend: not is_alive(b), "end of the writer's backend")
    load.wait_calls(20)
    load.stop()
    assert server.is_running(), server.log()
    prove(load, server, database, tools)


def test_every_connection_is_cut_under_load(make_server, database, tools):
    """All backends of the server at once: writer, keeper and readers come back."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    platform = open_platform(server.connect())
    load = Load(server, platform).start(keep_going=True)
    for _ in range(5):
        load.wait_calls(15)
        cut = database.query(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()", user="postgres")
        assert cut[0][0] >= 2
    load.wait_calls(20)
    load.stop()
    assert server.is_running(), server.log()
    prove(load, server, database, tools)


def test_graceful_stop_under_load_loses_nothing(make_server, database, tools):
    """Calls under way are answered; the exit status is 0."""
    server = make_server(database.url).start()
    platform = open_platform(server.connect())
    for _ in range(3):
        load = Load(server, platform).start()
        load.wait_calls(20)
        assert server.terminate() == 0, server.log()
        load.stop()
        assert load.failures, "the load ended before the server did"
        server.start()
        client = server.connect()
        for call in load.sent:
            if call.answers is None:
                # Refused at the door or cut: whatever it was, not half of it.
                found = [client.find_command(key=getattr(item, item.WhichOneof("command")).key)
                         for item in call.items]
                assert all(found) or not any(found)
        load.resend_unknown(client)
        load.check(client)
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_stopped_process_does_not_hold_the_port(make_server, database):
    """SIGTERM with an idle client connected and a stream open ends in seconds."""
    server = make_server(database.url).start()
    client = server.connect()
    client.open_platform(9002)
    stream = client.events(1)
    next(stream)
    os.kill(server.process.pid, signal.SIGTERM)
    assert server.wait_end(30) == 0
    server.start()


def test_redo_gets_shorter_through_a_crash_loop(make_server, database):
    """Killed as soon as a part of what was redone is written behind: each start begins further on,
    or starts would take longer and longer."""
    server = make_server(database.url).start()
    client = server.connect()
    platform = client.open_platform(8871)
    # More records than four parts hold; the latest of them are the first kind that is loaded.
    for _ in range(20):
        results = client.batch([
            client.item("open_account", ledger_id=platform.ledger_id,
                        member_id=platform.members[0]) for _ in range(2000)])
        assert all(one.result.outcome == 1 for one in results)
    last = database.one("select max(last_sequence) from vsl.batch")
    server.kill()
    redo = [database.one("select redo_sequence from vsl.state_progress")]
    for _ in range(3):
        server.start(fault="store.state_written:1", serving=False)
        assert server.wait_end() == -signal.SIGKILL, "the fault point was not reached"
        redo.append(database.one("select redo_sequence from vsl.state_progress"))
    assert sorted(set(redo)) == redo and redo[-1] <= last, redo
    # Left alone it writes the rest at once, not after what new changes wait for.
    server.start()
    wait_until(lambda: database.one("select redo_sequence from vsl.state_progress") > last,
               "what was redone to be written", 15)
