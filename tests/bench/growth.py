"""growth.py: how start, checks and pages take longer as the journal grows; see tests/bench/run.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

import measure
import pages
from client import Client
from cluster import Cluster
from protos import Protos
from waiting import wait_until

VSLCTL = measure.BUILD / "tools/vslctl/vslctl"
PAYMENTS = 5_000_000
SHARES = (0.2, 1)  # of the payments, after which it is measured
CHUNK_S = 20
ACCOUNTS = 20_000
TAKEN_TIMES = 5
CHECK_DEADLINE_S = 3600
READY_DEADLINE_S = 600


class Server:
    """vsld on a database; started and stopped as often as is wanted."""

    def __init__(self, folder, url):
        self._log = folder / "vsld.log"
        self._url = url
        self._process = None

    def start(self):
        """Gives the seconds until it was ready."""
        began = time.monotonic()
        with open(self._log, "wb") as stream:
            self._process = subprocess.Popen(
                [measure.BUILD / "core/vsld", "--set", f"listen.address=127.0.0.1:{measure.PORT}",
                 "--set", f"database.url={self._url}"],
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)

        def is_ready():
            text = self._log.read_text()
            assert self._process.poll() is None, text
            return re.search(r"\bready\b", text)
        wait_until(is_ready, "vsld to be ready", READY_DEADLINE_S)
        return time.monotonic() - began

    def stop(self):
        """In order: everything is written behind."""
        self._process.terminate()
        status = self._process.wait(READY_DEADLINE_S)
        if status != 0:
            sys.exit(f"vsld ended with status {status}")

    def kill(self):
        """As a crash: what was not written behind is to be redone. Nothing when it has ended."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            assert self._process.wait(60) == -signal.SIGKILL


def load(seconds, seed):
    """All that a marketplace does, on a new ledger; gives how many commands were accepted."""
    done = subprocess.run(
        [measure.BUILD / "tools/vslload/vslload", "--server", f"127.0.0.1:{measure.PORT}",
         "--accounts", str(ACCOUNTS), "--seed", str(seed), "--seconds", str(seconds), "--warm-up",
         "0", "--batch", str(measure.BATCH), "--mixed", "--quiet", "--json"],
        stdout=subprocess.PIPE, text=True, check=False, timeout=seconds * 10 + 600)
    report = json.loads(done.stdout) if done.returncode == 0 else None
    if report is None or not report["verify"]["right"]:
        sys.exit(f"vslload ended with status {done.returncode}\n{done.stdout}")
    return report["counts"]["accepted"]


def timed(*words, deadline_s=60):
    """Seconds of a vslctl that must succeed, and what it said."""
    began = time.monotonic()
    done = subprocess.run([VSLCTL, *map(str, words)], stdout=subprocess.PIPE, text=True,
                          check=False, timeout=deadline_s)
    if done.returncode != 0:
        said = " ".join(map(str, words))
        sys.exit(f"vslctl {said}: exit status {done.returncode}\n{done.stdout}")
    return time.monotonic() - began, done.stdout


def page_times(cluster, database):
    """Milliseconds of each kind of page: the median of some, with the start of vslctl in it."""
    last = cluster.query(database, "select max(last_sequence) from vsl.batch")[0][0]
    order, ledger = cluster.query(
        database, "select order_number, ledger_id from vsl.command where order_number is not null"
        " and sequence > %s order by sequence limit 1", [last // 2])[0]
    account = cluster.query(database, "select max(account_id) from vsl.account_history")[0][0]
    newest = cluster.query(database, "select max(ledger_id) from vsl.ledger_history")[0][0]
    pages = {
        "one account (vslctl alone)": ["account", "get", "--ledger", newest, "--account", account],
        "statement, a member's newest": ["account", "statement", "--ledger", newest, "--account",
                                         account],
        "statement, ESCROW's newest": ["account", "statement", "--ledger", 1, "--account", 1],
        "statement, ESCROW's oldest": ["account", "statement", "--ledger", 1, "--account", 1,
                                       "--direction", "oldest-first"],
        "an order": ["order", "show", "--ledger", ledger, "--order", order],
        "a command": ["command", "get", "--sequence", last // 3],
        "live holds": ["hold", "list", "--ledger", newest, "--status", "live", "--limit", 100],
        "all payouts, oldest": ["payout", "list", "--ledger", 1, "--limit", 100],
    }
    times = {}
    for name, words in pages.items():
        taken = sorted(timed("--server", f"127.0.0.1:{measure.PORT}", *words)[0]
                       for _ in range(TAKEN_TIMES))
        times[f"{name}, ms"] = taken[TAKEN_TIMES // 2] * 1e3
    return times


def slowest_pages(cluster, database, protos):
    """Milliseconds of the slowest page of each history, of the largest pages."""
    with Client(protos, f"127.0.0.1:{measure.PORT}") as client:
        return {f"slowest of {name}, ms": pages.follow(client, *asked)[0][-1]
                for name, *asked in pages.histories_of(cluster, database)}


def measure_now(cluster, database, server, protos):
    """Everything that may grow, as {what: figure}; the server runs before and after."""
    url = cluster.url(database)
    figures = {}
    commands, postings = cluster.query(
        database, "select (select count(*) from vsl.command), (select count(*) from vsl.posting)"
    )[0]
    figures["commands"] = commands
    figures["postings"] = postings
    size = cluster.query(database, "select pg_database_size(current_database())")[0][0]
    figures["database, MiB"] = size / 2**20
    server.kill()
    figures["start after a crash, s"] = server.start()
    figures |= page_times(cluster, database)
    figures |= slowest_pages(cluster, database, protos)
    server.stop()
    figures["start after a stop, s"] = server.start()
    measure.say("vslctl check")
    figures["check, s"], said = timed("check", "--database", url, "--quiet",
                                      deadline_s=CHECK_DEADLINE_S)
    checks = re.findall(r"^(\w+) +ok +([\d.]+) s$", said, re.MULTILINE)
    slowest = sorted(checks, key=lambda check: -float(check[1]))[:3]
    measure.say("slowest checks: " + ", ".join(f"{name} {took} s" for name, took in slowest))
    figures["slowest check, s"] = float(slowest[0][1])
    measure.say("vslctl verify")
    figures["verify, s"] = timed("verify", "--database", url, "--quiet",
                                 deadline_s=CHECK_DEADLINE_S)[0]
    return figures


def print_table(columns):
    """A row for each figure, a column for each time it was measured."""
    measure.say("")
    for name in columns[0]:
        figures = [column[name] for column in columns]
        shown = [f"{figure:,}" if isinstance(figure, int) else f"{figure:,.1f}"
                 for figure in figures]
        measure.say(f"{name:<40}" + "".join(f"{text:>16}" for text in shown))


def main():
    """Loads, measures, loads on, measures again."""
    folder = pathlib.Path(sys.argv[1])
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else PAYMENTS
    cluster = Cluster(folder / "pg", settings=[])
    database = cluster.create_database()
    server = Server(folder, cluster.url(database))
    try:
        for name, text in measure.facts(folder):
            measure.say(f"{name}: {text}")
        subprocess.run([VSLCTL, "migrate", "--database", cluster.url(database)], check=True,
                       stdout=subprocess.DEVNULL)
        server.start()
        columns = []
        protos = Protos(folder / "protos")
        done = 0
        seed = measure.SEED
        for share in SHARES:
            while done < share * wanted:
                done += load(CHUNK_S if wanted >= PAYMENTS else CHUNK_S / 10, seed)
                seed += 1
                measure.say(f"loaded: {done:,} of {wanted:,}")
            columns.append(measure_now(cluster, database, server, protos))
        server.stop()
        print_table(columns)
    finally:
        server.kill()
        cluster.stop()


if __name__ == "__main__":
    main()
