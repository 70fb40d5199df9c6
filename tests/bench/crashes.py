"""crashes.py: kills the server again and again under load, and tells how long each start takes.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import subprocess
import sys
import time

import growth
import measure
from cluster import Cluster  # found by measure
from waiting import wait_until

KILLS = 12
# Shorter than the time after which changed records are written behind by their age.
ALIVE_S = 6
# Beyond that of the kills: the accounts are opened, and every start has its time.
LOAD_MORE_S = 30
START_S = 5


def row(number, took, redone, done):
    """One line of the table."""
    measure.say(f"{number:>5}{took:>12}{redone:>20}{done:>20}")


def main():
    """Loads without a pause while the server dies."""
    folder = pathlib.Path(sys.argv[1])
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else KILLS
    cluster = Cluster(folder / "pg", settings=[])
    database = cluster.create_database()
    url = cluster.url(database)
    server = growth.Server(folder, url)
    load = None
    try:
        for name, text in measure.facts(folder):
            measure.say(f"{name}: {text}")
        subprocess.run([growth.VSLCTL, "migrate", "--database", url], check=True,
                       stdout=subprocess.DEVNULL)
        server.start()
        load = subprocess.Popen(
            [measure.BUILD / "tools/vslload/vslload", "--server", f"127.0.0.1:{measure.PORT}",
             "--database", url, "--mixed", "--seed", str(measure.SEED), "--batch",
             str(measure.BATCH), "--accounts", str(measure.ACCOUNTS), "--warm-up", "0",
             "--seconds", str(kills * (ALIVE_S + START_S) + LOAD_MORE_S), "--quiet", "--json"],
            stdout=subprocess.PIPE, text=True)
        wait_until(lambda: cluster.query(
            database, "select exists(select from vsl.command where kind = 40)")[0][0],
                   "the first payment", deadline_s=120)
        measure.say("")
        row("kill", "start, s", "commands redone", "commands in all")
        slowest = 0
        for number in range(1, kills + 1):
            time.sleep(ALIVE_S)
            server.kill()
            last, redo = cluster.query(
                database, "select (select max(last_sequence) from vsl.batch), redo_sequence"
                " from vsl.state_progress")[0]
            took = server.start()
            slowest = max(slowest, took)
            row(number, f"{took:.2f}", f"{last - redo + 1:,}", f"{last:,}")
        measure.say("the load goes on to its end")
        said, _ = load.communicate(timeout=1200)
        report = json.loads(said)
        server.stop()
        subprocess.run([growth.VSLCTL, "verify", "--database", url, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        measure.say("")
        measure.say(f"slowest start, s: {slowest:.2f}")
        measure.say(f"accepted: {report['counts']['accepted']:,}")
        right = report["verify"]["right"] and report["counts"]["unknown"] == 0
        measure.say(f"every balance agrees, nothing is unknown: {'yes' if right else 'NO'}")
        sys.exit(0 if right else 1)
    finally:
        if load and load.poll() is None:
            load.kill()
        server.kill()
        cluster.stop()


if __name__ == "__main__":
    main()
