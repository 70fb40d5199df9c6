"""pages.py: how long the pages of a history take: of a statement and of searches.

    /usr/bin/python3 -B tests/bench/pages.py SCRATCH [SECONDS [COMMANDS]]

SCRATCH is an empty folder that PostgreSQL's user can enter. VSL_BUILD names the build (default:
build/, as tests/bench/run makes it). Loads the mixed load for SECONDS (default 10) into segments of
so many COMMANDS (default 50,000, which makes many of them soon; a server's are 1,000,000), then
follows each history for some pages of 1,000, by one client; the first pages of a search may be of
what is in memory. Beside that ledger there is a small one, whose few records have their ids behind
all of the others.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import sys
import time

import measure
from client import Client
from cluster import Cluster
from protos import Protos
from waiting import wait_until

PORT = 17452
SEGMENT_COMMANDS = 50_000
ACCOUNTS = 2_000
PAGES = 40
PAGE_SIZE = 1000
NEWEST, OLDEST = 1, 2
EXPIRES_US = 4_000_000_000_000_000


def open_small(client):
    """A ledger with a hold that has ended."""
    small = client.open_platform("5309", accounts=1)
    on = {"ledger_id": small.ledger_id}
    client.command("book_receipt", amount_minor=100, account_id=small.accounts[0], **on)
    hold = client.command("place_hold", payer_account_id=small.accounts[0], order_number="R-1",
                          expires_at_us=EXPIRES_US, amount_minor=9, **on).hold_id
    client.command("cancel_hold", payer_account_id=small.accounts[0], order_number="R-1",
                   hold_id=hold, amount_minor=9, **on)
    return small.ledger_id


def histories_of(cluster, database, small):
    """Each history as its name, method and request: of the ledger in the middle of the journal."""
    def one(query):
        return cluster.query(database, query)[0]
    middle = one("select max(last_sequence) / 2 from vsl.batch")[0]
    ledger, order = one("select ledger_id, order_number from vsl.command where sequence > "
                        f"{middle} and order_number is not null order by sequence limit 1")
    escrow, member = one("select min(account_id), max(account_id) from vsl.account_history "
                         f"where ledger_id = {ledger}")
    kinds = [40, 41]  # PAY, REFUND
    asked = {"ledger_id": ledger, "page_size": PAGE_SIZE}
    lines = {
        "statement of ESCROW": {"account_id": escrow, "order": NEWEST},
        "statement of ESCROW, oldest": {"account_id": escrow, "order": OLDEST},
        "statement of ESCROW, frozen": {"account_id": escrow, "order": NEWEST, "bucket": 4},
        "statement of a member": {"account_id": member, "order": NEWEST},
    }
    searches = {
        "search": {},
        "search by ESCROW": {"account_id": escrow},
        "search by member's account": {"account_id": member},
        "search by ESCROW and kind": {"account_id": escrow, "kinds": kinds},
        "search by kind": {"kinds": kinds},
        "search by outcome": {"refused_only": True},
        "search by order": {"order_number": order},
        "search by dates": {"from_date": 20240101, "to_date": 20991231},
        "search before the first day": {"to_date": 20200101},
        "search by amount": {"amount_from_minor": 500, "amount_to_minor": 50_000},
        "search by rare amount": {"amount_from_minor": 1, "amount_to_minor": 1},
        "search by bank reference": {"bank_reference": "none of them"},
    }
    lists = {
        "members": ("member", "ListMembers", {}),
        "closed members": ("member", "ListMembers", {"status": 2}),
        "accounts": ("account", "ListAccounts", {}),
        "restricted accounts": ("account", "ListAccounts", {"restricted_only": True}),
        "holds": ("hold", "ListHolds", {}),
        "live holds": ("hold", "ListHolds", {"status": 1}),
        "holds, small ledger": ("hold", "ListHolds", {"ledger_id": small}),
        "payouts": ("funds", "ListPayouts", {}),
        "payouts of a member": ("funds", "ListPayouts", {"account_id": member}),
    }
    return ([(f"list of {name}", service, method, asked | fields)
             for name, (service, method, fields) in lists.items()]
            + [(name, "account", "ListStatementLines", asked | fields) for name, fields
               in lines.items()]
            + [(name, "journal", "ListCommands", asked | fields)
               for name, fields in searches.items()])


def follow(client, service, method, fields):
    """Milliseconds of each page and what the pages held."""
    taken, held = [], 0
    began = time.monotonic()
    for page in client.pages(service, method, **fields):
        taken.append((time.monotonic() - began) * 1e3)
        held += sum(len(value) for field, value in page.ListFields()
                    if field.label == field.LABEL_REPEATED)
        if len(taken) == PAGES:
            break
        began = time.monotonic()
    return sorted(taken), held


def main():
    """Loads, measures, prints."""
    folder = pathlib.Path(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    measure.BUILD = pathlib.Path(os.environ.get("VSL_BUILD", measure.BUILD))
    measure.ACCOUNTS = ACCOUNTS
    measure.PORT = PORT
    plan = measure.Plan(quick=True)
    plan.segment_commands = int(sys.argv[3]) if len(sys.argv) > 3 else SEGMENT_COMMANDS
    cluster = Cluster(folder / "pg", [])
    try:
        phase = measure.Phase(cluster, folder, plan, "pages")
        try:
            phase.load("fill", seconds, "--batch", "500", "--mixed", warm_up=1)
            wait_until(lambda: cluster.query(
                phase.database, "select count(*) from vsl.segment where state = 2")[0][0] == 0,
                "segments to be indexed")
            with Client(Protos(folder / "protos"), f"127.0.0.1:{measure.PORT}") as client:
                small = open_small(client)
                print("postings:", cluster.query(
                    phase.database, "select count(*) from vsl.posting")[0][0])
                print(f"{'':<30}{'pages':>7}{'entries':>9}{'p50 ms':>9}{'max ms':>9}")
                for name, *asked in histories_of(cluster, phase.database, small):
                    taken, held = follow(client, *asked)
                    print(f"{name:<30}{len(taken):>7}{held:>9,}{taken[len(taken) // 2]:>9.1f}"
                          f"{taken[-1]:>9.1f}", flush=True)
        finally:
            phase.end()
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
