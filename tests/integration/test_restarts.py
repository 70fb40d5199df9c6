"""A writer and its standby through restarts and crashes of PostgreSQL, with nobody intervening:
both are there at the end, one writes and one waits.

VSL_RESTARTS says how many restarts; the default keeps the run short.

SPDX-License-Identifier: Apache-2.0
"""
from concurrent import futures
import os
import time

import grpc
import pytest

from waiting import wait_until

RESTARTS = int(os.environ.get("VSL_RESTARTS", "4"))


def wait_pair(servers):
    """Waits until one of two servers serves and the other waits; gives them in this order."""
    def pair():
        assert all(server.is_running() for server in servers), [one.log() for one in servers]
        if [server.health() for server in servers] == ["SERVING", "NOT_SERVING"]:
            return servers
        if [server.health() for server in servers] == ["NOT_SERVING", "SERVING"]:
            return servers[::-1]
        return None
    return wait_until(pair, "one server to serve and the other to wait")


def wait_balance(servers, platform):
    """Waits until the writer answers, which it does only when it is known to be the writer."""
    def balance():
        try:
            return wait_pair(servers)[0].connect().available(platform.ledger_id,
                                                             platform.accounts[0])
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAVAILABLE, error
            return None
    return wait_until(balance, "the writer to answer")


@pytest.mark.slow
def test_a_pair_outlives_restarts_of_the_database(make_server, own_cluster, make_database, tools):
    database = make_database(own_cluster)
    servers = [make_server(database.url, name="first").start(),
               make_server(database.url, name="second").start(serving=False)]
    servers[1].wait_log("standby")
    platform = servers[0].connect().open_platform(8801)
    processes = [server.process.pid for server in servers]
    for number in range(RESTARTS):
        writer, _ = wait_pair(servers)
        # Reads may be answered before the writer's own connection is back.
        wait_until(lambda one=writer: one.health("vsl.v1.commands") == "SERVING",
                   "commands to be taken")
        client = writer.connect()
        booked = client.command("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                                account_id=platform.accounts[0])
        assert booked.result.outcome == 1
        if number % 2:
            own_cluster.kill()
        else:
            own_cluster.stop()
        own_cluster.start()
        begun = time.monotonic()
        assert wait_balance(servers, platform) == number + 1
        print(f"restart {number}: answers after {time.monotonic() - begun:.1f} s,"
              f" epoch {database.one('select epoch from vsl.writer')}")
    assert [server.process.pid for server in servers] == processes
    # The standby gives way: the writer is the first one still.
    assert database.one("select epoch from vsl.writer") == 1
    # And each takes over from the other still.
    for _ in range(2):
        writer, standby = wait_pair(servers)
        writer.kill()
        standby.wait_serving()
        writer.start(serving=False)
    assert wait_balance(servers, platform) == RESTARTS
    tools.check_database(database.url)


def test_the_log_names_what_holds_the_database_up(make_server, database):
    """A full disk is named, waited for, and nothing is lost."""
    server = make_server(database.url, {"database.answer_timeout_s": "600"}).start()
    client = server.connect()
    platform = client.open_platform(8802)
    database.query("create function vsl.disk_full() returns trigger language plpgsql as"
                   " $$ begin raise exception using errcode = '53100'; end $$;"
                   "create trigger disk_full before insert on vsl.batch"
                   " for each row execute function vsl.disk_full()", user="postgres")
    request = client.request("book_receipt", ledger_id=platform.ledger_id, amount_minor=7,
                             account_id=platform.accounts[0])
    with futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.send, "book_receipt", request)
        server.wait_log("could not commit a batch: sqlstate=53100 .its disk is full.")
        database.query("drop trigger disk_full on vsl.batch", user="postgres")
        assert answer.result().result.outcome == 1
    assert client.available(platform.ledger_id, platform.accounts[0]) == 7
