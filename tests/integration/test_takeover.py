"""Two servers on one database: standby, succession, take-over by force.

SPDX-License-Identifier: Apache-2.0
"""
import signal

import grpc
import psycopg2
import pytest

from load import Load
from test_crashes import open_platform, prove
from waiting import wait_until

# Of the advisory lock that a writer's session holds, with its epoch; see core/store/README.md.
WRITER_LOCK_CLASS = 7762796


def wait_standby(server):
    """Waits until a server is up and says that it does not serve."""
    server.wait_listening()
    wait_until(lambda: server.health() == "NOT_SERVING", f"{server.name} to stand by")
    assert server.is_running()


@pytest.mark.parametrize("ending", ["kill", "terminate"])
def test_standby_takes_over_when_the_writer_ends(make_server, database, tools, ending):
    first = make_server(database.url, name="first").start()
    platform = open_platform(first.connect())
    second = make_server(database.url, name="second").start(serving=False)
    wait_standby(second)
    with pytest.raises(grpc.RpcError) as caught:
        second.connect().open_platform(9100)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE

    load = Load(first, platform).start()
    load.wait_calls(30)
    assert second.health() == "NOT_SERVING"
    if ending == "kill":
        first.kill()
    else:
        assert first.terminate() == 0
    load.stop()
    second.wait_serving()
    assert database.one("select epoch from vsl.writer") == 2

    # The clients go on with the second; the first comes back as its standby.
    more = Load(second, platform).start()
    more.wait_calls(20)
    first.start(serving=False)
    wait_standby(first)
    more.stop()
    client = second.connect()
    load.check_atomic(client)
    load.resend_unknown(client)
    load.absorb(more)
    assert first.terminate() == 0
    prove(load, second, database, tools)


def test_take_over_fences_the_writer(make_server, database, tools):
    """take_over: the new server writes at once; the old one becomes its standby and says why, and
    writes again when the new one ends."""
    first = make_server(database.url, name="first").start()
    platform = open_platform(first.connect())
    load = Load(first, platform).start()
    load.wait_calls(30)
    second = make_server(database.url, {"database.take_over": "yes"}, name="second").start()
    first.wait_log("another server has taken over: epoch is 2, ours was 1")
    load.stop()
    assert load.failures, "the first server was not under load when it was fenced"
    assert database.one("select epoch from vsl.writer") == 2
    more = Load(second, platform).start()
    more.wait_calls(20)
    more.stop()
    load.check_atomic(second.connect())
    load.resend_unknown(second.connect())
    load.absorb(more)
    wait_standby(first)
    assert second.terminate() == 0
    first.wait_serving()
    assert database.one("select epoch from vsl.writer") == 3
    prove(load, first, database, tools)


def test_servers_fight_for_the_database(make_server, database, tools):
    """Six take-overs in turn under load: one writer at a time, every answer kept. Those that were
    pushed out stand by, and do not push back."""
    server = make_server(database.url, {"database.take_over": "yes"}, name="server0").start()
    platform = open_platform(server.connect())
    loads = []
    for number in range(1, 7):
        load = Load(server, platform).start()
        load.wait_calls(10)
        rival = make_server(database.url, {"database.take_over": "yes"}, name=f"server{number}")
        rival.start()
        server.wait_log("another server has taken over")
        wait_standby(server)
        loads.append(load.stop())
        server = rival
    assert database.one("select epoch from vsl.writer") == 7
    everything = Load(server, platform, workers=0)
    for load in loads:
        everything.absorb(load)
    prove(everything, server, database, tools)


def test_frozen_writer_is_fenced_when_it_wakes(make_server, database, tools):
    """SIGSTOP, take-over by another, SIGCONT: the one that slept writes nothing more."""
    first = make_server(database.url, name="first").start()
    platform = open_platform(first.connect())
    load = Load(first, platform).start()
    load.wait_calls(20)
    first.process.send_signal(signal.SIGSTOP)
    second = make_server(database.url, {"database.take_over": "yes"}, name="second").start()
    more = Load(second, platform).start()
    more.wait_calls(20)
    first.process.send_signal(signal.SIGCONT)
    first.wait_log("another server has taken over")
    wait_standby(first)
    load.stop()
    more.stop()
    client = second.connect()
    load.check_atomic(client)
    load.resend_unknown(client)
    load.absorb(more)
    prove(load, second, database, tools)


def test_forced_take_over_ends_a_writer_that_hangs_in_a_batch(make_server, database):
    """A session that holds the writer's lock and its row, and never goes on."""
    first = make_server(database.url, name="first").start()
    first.kill()
    frozen = psycopg2.connect(database.url)
    with frozen.cursor() as cursor:
        cursor.execute("select epoch from vsl.writer")
        epoch, = cursor.fetchone()
        cursor.execute("select pg_advisory_lock(%s::int, %s::int)", (WRITER_LOCK_CLASS, epoch))
        cursor.execute("select vsl.begin_batch(%s, 1)", (epoch,))
    second = make_server(database.url, {"database.take_over": "yes"}, name="second").start()
    assert second.health() == "SERVING"
    with pytest.raises(psycopg2.OperationalError):
        frozen.commit()
    assert second.connect().open_platform(9100)
