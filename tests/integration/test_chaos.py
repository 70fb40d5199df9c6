"""Chaos: the load generator pays while the server, PostgreSQL and their connections die at moments
by chance. Small segments, so that keys move from memory to filters to the database all the while.

VSL_CHAOS_S: how long (default 15 s); VSL_CHAOS_SEED: the seed of an earlier run, which is printed.
SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import subprocess
import time

from waiting import wait_until

CHAOS_S = int(os.environ.get("VSL_CHAOS_S", "15"))
# The only reason to end by itself that chaos may give: a start that met the end of PostgreSQL.
MAY_END = "while loading; start again"


def keep_up(server):
    """What systemd does: starts the server again when it has ended."""
    if not server.is_running():
        if server.process.returncode not in (None, -9):
            assert MAY_END in server.log(), server.log()
        server.start(serving=False)


def cut_connections(database):
    """Ends every session of the database but this one."""
    database.query(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()", user="postgres")


def run_chaos(server, cluster, database, dice, until):
    """Breaks one thing after the other; gives how often each was broken."""
    # Under load it may never serve again until the end: the first one hits it for certain.
    broken = {"server": 1, "postgresql": 0, "both": 0, "connections": 0}
    server.kill()
    keep_up(server)
    while time.monotonic() < until:
        time.sleep(dice.choice([0.05, 0.3, 1, 1, 2, 3]) * dice.random())
        what = dice.choices(list(broken), weights=[6, 2, 1, 4])[0]
        broken[what] += 1
        if what in ("server", "both") and server.is_running():
            server.kill()
        if what in ("postgresql", "both"):
            cluster.kill()
            time.sleep(dice.random())
            keep_up(server)
            cluster.start()
        if what == "connections":
            cut_connections(database)
        keep_up(server)
    return broken


def test_payments_survive_chaos(make_server, own_cluster, make_database, tools, scratch):
    """Every payment is booked once or refused once, whatever dies; nothing stays unknown."""
    seed = int(os.environ.get("VSL_CHAOS_SEED") or random.randrange(1 << 30))
    print("VSL_CHAOS_SEED", seed)
    dice = random.Random(seed)
    database = make_database(own_cluster)
    segment = dice.randint(1_000, 5_000)
    server = make_server(database.url, {"journal.segment_commands": str(segment)}).start()
    with open(scratch / "vslload.json", "w+", encoding="ascii") as figures:
        with subprocess.Popen(
                [tools.path("vslload"), "--server", server.target, "--database", database.url,
                 "--json", "--quiet", "--seed", str(seed), "--accounts", "500", "--clients", "4",
                 "--in-flight", "3", "--batch", str(dice.choice([7, 100, 500])),
                 "--hot-share", "0.3", "--warm-up", "3", "--seconds", str(CHAOS_S + 8)],
                stdout=figures, stderr=subprocess.STDOUT) as load:
            wait_until(lambda: database.one(
                "select exists(select from vsl.command where kind = 40)"), "the first payment")
            broken = run_chaos(server, own_cluster, database, dice, time.monotonic() + CHAOS_S)
            print("broken", broken, "segments of", segment)
            server.wait_serving()
            status = load.wait(200)
        figures.seek(0)
        said = figures.read()
    print(said)
    assert status == 0, said
    report = json.loads(said)
    assert report["verify"]["right"] and report["counts"]["unknown"] == 0
    assert report["counts"]["resent_requests"] > 0, "nothing was under way when something broke"
    assert database.query("select channel, business_date, serial from vsl.command"
                          " group by 1, 2, 3 having count(*) > 1") == []
    assert server.terminate() == 0
    tools.check_database(database.url)
    # And once more from the journal alone.
    server.start()
    assert server.terminate() == 0
