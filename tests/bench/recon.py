"""recon.py: how fast vslctl recon match finds what the lines of statements are, and how much memory
it and the server take for it; see tests/bench/run.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import subprocess
import sys
import threading
import time

import measure
from client import Client
from cluster import Cluster
from growth import VSLCTL, Server, timed
from protos import Protos
from statements import mt

LINES = 200_000
BATCH = 4_000
DATE = 20260102
DEADLINE_S = 3600


class Books:
    """A ledger with receipts and payouts, and the statement that has a line for each: nine of ten
    receipts by the bank's reference, the others by amount and day, of which each is there once."""

    def __init__(self, client, url):
        self.client, self.url = client, url
        self.shop = client.open_platform(7001, accounts=1, date=DATE)
        self.on = {"ledger_id": self.shop.ledger_id}
        self.account = self.shop.accounts[0]

    def book(self, count):
        """As many receipts and payouts, three to one; the lines as MT940."""
        client, payer = self.client, self.client.party()
        total = 0
        for first in range(0, count, BATCH):
            items = []
            for i in range(first, min(first + BATCH, count)):
                amount = 1_000_000 + i
                reference = f"BANK{i}" if i % 10 else ""
                key = client.key(date=DATE)
                if i % 4 != 3:
                    items.append(client.item(
                        "book_receipt", account_id=self.account, amount_minor=amount, payer=payer,
                        bank_reference=reference, key=key, **self.on))
                else:
                    items.append(client.item(
                        "withdraw", account_id=self.account, amount_minor=amount, destination=payer,
                        end_to_end_id=f"E2E{i}", key=key, **self.on))
                    amount = -amount
                total += amount
                yield (f":61:2601020102{mt(amount)}NTRF{f'E2E{i}' if amount < 0 else 'NONREF'}//"
                       f"{reference or 'NONREF'}\n:86:166?00TRANSFER?20Order {i}\n")
            assert all(result.result.outcome < 100 for result in client.batch(items))
        self.total = total

    def statement(self, path, count):
        """Books, and writes the file."""
        lines = list(self.book(count))
        closing = mt(self.total)
        with open(path, "w", encoding="utf-8") as file:
            file.write(":20:BENCH\n:25:110060001\n:28C:1/1\n:60F:C260101CNY0,00\n")
            file.writelines(lines)
            file.write(f":62F:{closing[0]}260102CNY{closing[1:]}\n-\n")

    def load(self, path):
        """Seconds of vslctl statement load."""
        return timed("--server", f"127.0.0.1:{measure.PORT}", "statement", "load", "--ledger",
                     self.shop.ledger_id, path, deadline_s=DEADLINE_S)[0]

    def match(self):
        """Seconds and megabytes of a search, and what it said."""
        began = time.monotonic()
        words = ["--server", f"127.0.0.1:{measure.PORT}", "recon", "match", "--ledger",
                 str(self.shop.ledger_id), "--database", self.url, "--json"]
        peak = [0]
        with subprocess.Popen([VSLCTL, *words], stdout=subprocess.PIPE, text=True) as process:
            def watch():
                while process.poll() is None:
                    peak[0] = max(peak[0], measure.memory_mb(process.pid))
                    time.sleep(0.05)
            watcher = threading.Thread(target=watch)
            watcher.start()
            said = process.communicate(timeout=DEADLINE_S)[0]
            watcher.join()
        if process.returncode != 0:
            sys.exit(f"vslctl recon match: exit status {process.returncode}\n{said}")
        return time.monotonic() - began, peak[0], json.loads(said)


def main():
    """Books, loads the statement, matches."""
    folder = pathlib.Path(sys.argv[1])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else LINES
    cluster = Cluster(folder / "pg", settings=[])
    database = cluster.create_database()
    server = Server(folder, cluster.url(database))
    try:
        for name, text in measure.facts(folder):
            measure.say(f"{name}: {text}")
        timed("migrate", "--database", cluster.url(database))
        server.start()
        with Client(Protos(folder / "protos"), f"127.0.0.1:{measure.PORT}") as client:
            books = Books(client, cluster.url(database))
            measure.say(f"booking {count:,} receipts and payouts")
            books.statement(folder / "bench.sta", count)
            took = books.load(folder / "bench.sta")
            measure.say(f"loaded: {count / took:,.0f} lines/s")
            took, peak, told = books.match()
        matched = sum(rule["lines"] for rule in told["rules"])
        for rule in told["rules"]:
            if rule["lines"]:
                measure.say(f"{rule['rule']:<24}{rule['lines']:>12,}")
        if matched != count or told["left"]:
            sys.exit(f"{matched:,} of {count:,} lines are matched; left: {told['left']}")
        measure.say(f"recon lines/s: {count / took:,.0f}")
        measure.say(f"recon peak MB: {peak}")
        server.stop()
    finally:
        server.kill()
        cluster.stop()


if __name__ == "__main__":
    main()
