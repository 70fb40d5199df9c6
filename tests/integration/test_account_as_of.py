"""vslctl account as-of: what accounts had at any date, instant or command is what the events add up
to.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import random
from collections import defaultdict

from books_rules import add_days
from client import DATE
from test_certificate import day
from waiting import wait_until

BUCKETS = {1: "available_minor", 2: "pending_in_minor", 3: "pending_out_minor", 4: "frozen_minor"}


class AsOf:
    """Asks of one ledger."""

    def __init__(self, tools, url, ledger_id):
        self.tools, self.url, self.ledger_id = tools, url, ledger_id

    def text(self, *options, status=0):
        """What it prints, or says."""
        done = self.tools.vslctl("account", "as-of", "--database", self.url, "--ledger",
                                 self.ledger_id, *options, status=status)
        return done.stderr if status else done.stdout

    def found(self, accounts, *when):
        """As of which command, and {account: {bucket: amount}}."""
        named = [word for account in accounts for word in ("--account", account)]
        told = json.loads(self.text("--json", *named, *when))
        return int(told["as_of_sequence"]), {
            int(one["account_id"]): {name: int(one[name]) for name in BUCKETS.values()}
            for one in told["accounts"]}


class Replay:
    """The balances behind each command, by adding up."""

    def __init__(self, entries, ledger_id):
        self.times = [(entry.recorded_at_us, entry.sequence) for entry in entries]
        self.moves = [(entry.sequence, account, BUCKETS[bucket], amount)
                      for entry in entries if entry.ledger_id == ledger_id
                      for posting in entry.postings
                      for account, bucket, amount in (
                          (posting.debit_account_id, posting.debit_bucket, -posting.amount_minor),
                          (posting.credit_account_id, posting.credit_bucket,
                           posting.amount_minor))]
        self.opened = {entry.subject_id: entry.sequence for entry in entries
                       if entry.WhichOneof("request") == "open_account" and entry.outcome < 100
                       and entry.ledger_id == ledger_id}

    def balances(self, accounts, sequence):
        """{account: {bucket: amount}}."""
        found = {account: dict.fromkeys(BUCKETS.values(), 0) for account in accounts}
        for at, account, bucket, amount in self.moves:
            if at <= sequence and account in found:
                found[account][bucket] += amount
        return found

    def last(self, at_us):
        """The last command that was recorded by then."""
        return max(sequence for time, sequence in self.times if time <= at_us)


def check_as_of(tools, url, entries, ledger_id):
    """At commands and instants drawn by lot."""
    replay, as_of = Replay(entries, ledger_id), AsOf(tools, url, ledger_id)
    accounts = sorted(replay.opened)
    control = sorted({move[1] for move in replay.moves} - set(accounts))
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    first, end = max(replay.opened.values()), replay.times[-1][1]
    begins = {account: min(move[0] for move in replay.moves if move[1] == account)
              for account in control}
    for sequence in (first, end, *dice.sample(range(first, end), 6)):
        wanted = accounts + [account for account in control if begins[account] <= sequence]
        at, found = as_of.found(wanted, "--sequence", sequence)
        assert (at, found) == (sequence, replay.balances(wanted, sequence))
    begun = next(time for time, sequence in replay.times if sequence == first)
    seconds = range(begun // 1_000_000 + 1, replay.times[-1][0] // 1_000_000 + 1)
    for second in dice.sample(seconds, min(4, len(seconds))):
        wanted = accounts
        at, found = as_of.found(wanted, "--at", datetime.datetime.fromtimestamp(
            second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
        assert at == replay.last(second * 1_000_000)
        assert found == replay.balances(wanted, at)


def test_as_of_indexed_segments_and_others(client, database, tools):
    """In segments with an index and without; what never moved; what cannot be."""
    shop = client.open_platform(7880, accounts=2)
    on = {"ledger_id": shop.ledger_id}
    one, two = shop.accounts
    as_of = AsOf(tools, database.url, shop.ledger_id)
    client.command("book_receipt", account_id=one, amount_minor=100_000, **on)
    client.command("place_hold", payer_account_id=one, amount_minor=7, order_number="O",
                   expires_at_us=4102444800000000, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    for _ in range(3):
        client.batch([client.item("pay", payer_account_id=one, payees=[(two, 1)], **on)
                      for _ in range(1_000)])
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") >= 2,
               "indexes")
    end = client.tie_out(shop.ledger_id).as_of_sequence
    check_as_of(tools, database.url, client.entries(1, end), shop.ledger_id)
    at, found = as_of.found([one, two], "--date", day(DATE))
    assert found == {one: {**dict.fromkeys(BUCKETS.values(), 0), "available_minor": 99_993,
                           "frozen_minor": 7}, two: dict.fromkeys(BUCKETS.values(), 0)}
    # By an index of the bucket where there is one: that nothing moved is found at once.
    plan = str(database.query(
        "explain select balance from (select debit_balance as balance, sequence from vsl.posting"
        f" where debit_account_id = {one} and debit_bucket = 1 and sequence <= 1900"
        " order by sequence desc limit 1) s"))
    assert "debit_bucket = 1" in plan and "Filter" not in plan
    text = as_of.text("--account", one, "--sequence", at)
    assert f"behind command {at}" in text and "999.93" in text
    newest = client.command("open_account", member_id=shop.members[0], **on)
    assert "had no account" in as_of.text("--account", newest.account_id, "--sequence", at,
                                          status=1)
    assert "is not closed yet" in as_of.text("--account", one, "--date", day(add_days(DATE, 1)),
                                             status=1)
    for at, said, status in (("1990-01-01T00:00Z", "no command then", 1),
                             ("+1d", "in the future", 2), ("then", "takes an instant", 2)):
        assert said in as_of.text("--account", one, "--at", at, status=status)
    assert "journal ends at" in as_of.text("--account", one, "--sequence", 10**9, status=1)
    assert "no ledger 77" in as_of.text("--ledger", 77, "--account", one, "--sequence", 5, status=1)
    assert "one of --date" in as_of.text("--account", one, status=2)
    sums = defaultdict(int)
    for account in as_of.found(range(1, two + 1), "--sequence", end)[1].values():
        for name, amount in account.items():
            sums[name] += amount
    assert sum(sums.values()) == 0
