"""vslctl report: each report lists what a naive look at the events lists, and is the same bytes
whenever it is made.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import io
import json
import random
from collections import defaultdict

import pytest

from books_rules import add_days
from client import DATE
from payment_load import LATER_DATES, PaymentLoad, open_shop
from test_certificate import SESSIONS, day
from waiting import wait_until

PENDING_IN = 2
UNDOING = {"reverse", "undo_allocation"}
BANK_WORDS = {"confirm_payout", "intercept_payout"}


class Reporter:
    """Makes reports of one ledger."""

    def __init__(self, tools, url, ledger_id):
        self.tools, self.url, self.ledger_id = tools, url, ledger_id

    def text(self, *arguments, status=0, **options):
        """What it prints, or what it says when it refuses."""
        done = self.tools.vslctl("report", *arguments, "--ledger", self.ledger_id,
                                 "--database", self.url, status=status, **options)
        return done.stderr if status else done.stdout

    def rows(self, name, date):
        """The rows of a report, as CSV and as JSON, which say the same."""
        rows = list(csv.DictReader(io.StringIO(self.text(name, "--date", day(date)))))
        told = json.loads(self.text(name, "--date", day(date), "--json"))
        assert told["report"] == name and told["accounting_date"] == day(date)
        as_text = [{field: "" if value is None else {True: "t", False: "f"}.get(value, str(value))
                    if isinstance(value, bool) else str(value) for field, value in row.items()}
                   for row in told["rows"]]
        assert as_text == rows
        return rows


def set_threshold(database, name, value, currency="", since="2017-07-02"):
    """What the database's owner does; it counts from then on."""
    database.query("insert into vsl.report_threshold values (%s, %s, %s, %s, 'a test') returning 1",
                   (name, currency, since, value), user="postgres")


class Movements:
    """What moved to members and away from them, from the events."""

    def __init__(self, entries, ledger_id):
        self.members, self.kinds, self.dates = {}, {}, {}
        self.all = []  # date, sequence, member, account, is incoming, amount, other, its holder
        for entry in entries:
            command = entry.WhichOneof("request")
            self.dates[entry.sequence] = entry.accounting_date
            if entry.outcome >= 100 or entry.ledger_id != ledger_id:
                continue
            if command == "open_account":
                self.members[entry.subject_id] = entry.open_account.member_id
            if command == "open_member":
                self.kinds[entry.subject_id] = entry.open_member.kind
            for posting in entry.postings:
                self._add(entry, command, posting)

    def _add(self, entry, command, posting):
        giver = self._held(posting.debit_account_id, posting.debit_bucket)
        taker = self._held(posting.credit_account_id, posting.credit_bucket)
        if giver == taker:
            return
        for member, account, other, holder, is_incoming in (
                (giver, posting.debit_account_id, posting.credit_account_id, taker, False),
                (taker, posting.credit_account_id, posting.debit_account_id, giver, True)):
            undone = command in UNDOING or command in BANK_WORDS and is_incoming
            if member:
                self.all.append((entry.accounting_date, entry.sequence, member, account,
                                 is_incoming != undone,
                                 -posting.amount_minor if undone else posting.amount_minor, other,
                                 holder))

    def _held(self, account, bucket):
        return self.members.get(account, 0) if bucket != PENDING_IN else 0

    def customers(self, database, ledger_id, date):
        """By member who it is by the end of the date: a person, or nobody but itself."""
        who = {member: (-member, kind) for member, kind in self.kinds.items()}
        for sequence, member, person in database.query(
                "select sequence, member_id, person_id from vsl.identity_history"
                " where ledger_id = %s order by sequence, identity_id", (ledger_id,)):
            if self.dates[sequence] <= date:
                who[member] = (person, self.kinds[member])
        return who

    def without(self, accounts):
        """Those that have none of these accounts on the other side."""
        return [move for move in self.all if move[6] not in accounts]


def special_accounts(database, ledger_id):
    """Accounts of fees and interest."""
    return {row[0] for row in database.query(
        "select distinct account_id from vsl.account_history where ledger_id = %s"
        " and kind in (4, 6)", (ledger_id,))}


def sums_by_direction(moves, date):
    """By member and direction, on a date."""
    sums = defaultdict(int)
    for move in moves:
        if move[0] == date:
            sums[move[2], move[4]] += move[5]
    return sums


def fill_a_segment(client, database, shop):
    """The accounts were opened in a segment that has nothing of a later date; another ledger has
    been at later dates since before."""
    other = client.open_platform(7864, accounts=1)
    for date in LATER_DATES:
        client.command("cut_day", ledger_id=other.ledger_id, accounting_date=date,
                       key=client.key(date=add_days(date, -1)))
    client.batch([client.item("book_receipt", ledger_id=shop.ledger_id, amount_minor=1,
                              account_id=shop.accounts[0]) for _ in range(1_000)])
    client.command("cut_day", ledger_id=shop.ledger_id, accounting_date=LATER_DATES[0])
    wait_until(lambda: database.one("select state from vsl.segment where first_sequence = 1") > 1,
               "the first segment's dates")


@pytest.mark.slow
def test_reports_are_what_the_events_say(server, database, tools):
    client = server.connect()
    shop = open_shop(client, 7861)
    fill_a_segment(client, database, shop)
    load = PaymentLoad(server, shop, workers=2).start()
    load.wait_calls(80)
    load.stop()
    last = client.get_ledger(shop.ledger_id).accounting_date
    client.command("cut_day", ledger_id=shop.ledger_id, accounting_date=add_days(last, 1),
                   key=client.key(date=last))
    end = client.tie_out(shop.ledger_id).as_of_sequence
    seen = Movements(client.entries(1, end), shop.ledger_id)
    moves = seen.without(special_accounts(database, shop.ledger_id))
    sums = sums_by_direction(moves, last)
    company, person = (sorted(abs(amount) for amount in sums.values())[len(sums) // part]
                       for part in (2, 3))
    percent = random.choice((50, 90, 100))
    for name, value, currency in (
            ("large_value.company", company, "CNY"), ("large_value.person", person, "CNY"),
            ("in_and_out.percent", percent, ""), ("in_and_out.amount", person, "CNY"),
            ("just_below.percent", 60, ""), ("many_in_one_out.incoming", 3, ""),
            ("many_in_one_out.percent", 1, ""), ("many_in_one_out.amount", 1, "CNY")):
        set_threshold(database, name, value, currency)
    reporter = Reporter(tools, database.url, shop.ledger_id)
    limits = {member: company if kind == 1 else person for member, kind in seen.kinds.items()}
    dates = sorted({move[0] for move in moves} | {last})
    print(f"dates {dates} limits {company} {person} percent {percent}")
    for date in dates[-3:]:
        who = seen.customers(database, shop.ledger_id, date)
        others = [move for move in moves if who.get(move[7]) != who[move[2]]]
        check_large_value(reporter, others, date, limits, who)
        check_in_and_out(reporter, moves, date, person, percent)
        check_just_below(reporter, others, date, limits, who)
        check_many_in_one_out(reporter, moves, date)
        assert not reporter.rows("dormant", date)
    assert reporter.rows("large_value", last)
    assert any(reporter.rows("many_in_one_out", date) for date in dates[-3:])
    tools.check_database(database.url)


def check_large_value(reporter, moves, date, limits, who):
    """By the limits of the members, of all members of a customer together."""
    sums = defaultdict(int)
    for move in moves:
        if move[0] == date:
            sums[who[move[2]], move[4]] += move[5]
    wanted = sorted((move[2], move[4], move[1], move[3], move[5], sums[who[move[2]], move[4]])
                    for move in moves if move[0] == date
                    and sums[who[move[2]], move[4]] >= limits[move[2]])
    rows = reporter.rows("large_value", date)
    assert sorted((int(row["member_id"]), row["direction"] == "in", int(row["sequence"]),
                   int(row["account_id"]), int(row["amount_minor"]), int(row["total_minor"]))
                  for row in rows) == wanted
    assert all(int(row["limit_minor"]) == limits[int(row["member_id"])] for row in rows)


def check_in_and_out(reporter, moves, date, least, percent):
    """What came and went on one date."""
    sums = sums_by_direction(moves, date)
    assert [(int(row["member_id"]), int(row["incoming_minor"]), int(row["outgoing_minor"]))
            for row in reporter.rows("in_and_out", date)] == [
        (member, sums[member, True], sums[member, False])
        for member in sorted({member for member, _ in sums})
        if (member, True) in sums and (member, False) in sums and sums[member, True] >= least
        and sums[member, False] * 100 >= sums[member, True] * percent]


def check_just_below(reporter, moves, date, limits, who):
    """Within 60 % of the limit, seven days long."""
    near = defaultdict(list)
    for move in moves:
        most = limits[move[2]]
        if add_days(date, -6) <= move[0] <= date and most * 40 <= move[5] * 100 < most * 100:
            near[who[move[2]], move[4]].append(move)
    assert [(int(row["member_id"]), row["direction"] == "in", int(row["movements"]),
             int(row["total_minor"])) for row in reporter.rows("just_below", date)] == sorted(
        ((min(move[2] for move in found), key[1], len(found), sum(move[5] for move in found))
         for key, found in near.items()
         if len(found) >= 2 and any(move[0] == date for move in found)),
        key=lambda row: (row[0], not row[1]))


def check_many_in_one_out(reporter, moves, date):
    """Three days long."""
    wanted = []
    window = [move for move in moves if add_days(date, -2) <= move[0] <= date]
    for member in sorted({move[2] for move in window}):
        came = [move[5] for move in window if move[2] == member and move[4]]
        went = [move[5] for move in window
                if move[2] == member and not move[4] and move[0] == date]
        if len([amount for amount in came if amount > 0]) >= 3 and went and sum(came) >= 1 \
                and max(went) * 100 >= sum(came):
            wanted.append((member, sum(came), max(went)))
    assert [(int(row["member_id"]), int(row["incoming_minor"]), int(row["outgoing_minor"]))
            for row in reporter.rows("many_in_one_out", date)] == wanted


def test_what_is_reported_of_accounts(client, database, tools):
    platform = client.open_platform(7862, accounts=2)
    on = {"ledger_id": platform.ledger_id}
    (one, two), member = platform.accounts, platform.members[0]
    reporter = Reporter(tools, database.url, platform.ledger_id)
    assert "is not closed yet" in reporter.text("accounts", "--date", day(DATE), status=1)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    client.command("restrict_account", account_id=one, no_out=True, reason="looked into", **on)
    client.command("book_receipt", account_id=one, amount_minor=100, **on)
    client.command("close_account", account_id=two, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 2), **on)
    first = [(row["what"], row["member_id"], row["account_id"], row["status"])
             for row in reporter.rows("accounts", DATE)]
    assert [row for row in first if row[0] == "OpenAccount"] == [
        ("OpenAccount", str(member), str(account), "open")
        for account, member in zip(platform.accounts, platform.members)]
    assert len([row for row in first if row[0] == "OpenMember"]) == len(set(platform.members))
    second = reporter.rows("accounts", add_days(DATE, 1))
    assert [(row["what"], row["account_id"], row["status"], row["no_out"]) for row in second] == [
        ("RestrictAccount", str(one), "open", "t"), ("CloseAccount", str(two), "closed", "f")]


def test_sleepers_and_limits_at_their_edge(client, database, tools):
    platform = client.open_platform(7863, accounts=3)
    on = {"ledger_id": platform.ledger_id}
    one, two, three = platform.accounts
    kinds = {member.member_id: member.kind for member in client.list_all(
        "member", "ListMembers", ledger_id=platform.ledger_id)}
    limits = {1: 200_000_000, 2: 50_000_000}
    limit = [limits[kinds[member]] for member in platform.members]
    client.command("book_receipt", account_id=three, amount_minor=1, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    client.command("book_receipt", account_id=one, amount_minor=limit[0] - 1, **on)
    wrong = client.command("book_receipt", account_id=two, amount_minor=limit[1], **on)
    client.command("cut_day", accounting_date=add_days(DATE, 2), **on)
    reporter = Reporter(tools, database.url, platform.ledger_id)
    rows = reporter.rows("large_value", add_days(DATE, 1))
    assert [(int(row["member_id"]), row["direction"], int(row["limit_minor"])) for row in rows] == [
        (platform.members[1], "in", limit[1])]
    # One more on another date is another date's; taken back on its own date it did not come.
    client.command("book_receipt", account_id=one, amount_minor=1, **on)
    client.command("reverse", original_sequence=wrong.result.sequence, reason="a test", **on)
    client.command("charge_fee", account_id=three, amount_minor=1, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 3), **on)
    assert not reporter.rows("large_value", add_days(DATE, 2))
    assert reporter.rows("large_value", add_days(DATE, 1)) == rows
    assert not reporter.rows("dormant", add_days(DATE, 1))
    # An account wakes up: as many days later as the threshold says, and a day more. A fee does not
    # wake it; one that moved the day before does not sleep.
    set_threshold(database, "dormant.days", 2)
    for account in (one, three):
        client.command("book_receipt", account_id=account, amount_minor=5_000_000,
                       key=client.key(date=add_days(DATE, 3)), **on)
    client.command("cut_day", accounting_date=add_days(DATE, 4),
                   key=client.key(date=add_days(DATE, 3)), **on)
    woken = reporter.rows("dormant", add_days(DATE, 3))
    assert [(int(row["account_id"]), row["last_date"], row["amount_minor"]) for row in woken] == [
        (three, day(DATE), "5000000")]


def test_large_values_are_counted_by_person_and_way(client, database, tools):
    """All members of a person together, but for what goes between them; cash by itself, and of
    persons what crosses the border, also by way of UNALLOCATED, back from the bank, and undone."""
    platform = client.open_platform(7867, accounts=3)
    on = {"ledger_id": platform.ledger_id}
    one, two, three = platform.accounts
    members = platform.members
    shop = client.command("open_member", kind="MEMBER_KIND_MERCHANT", platform_member_id="S",
                          **on).member_id
    sells = client.command("open_account", member_id=shop, **on).account_id
    for member in members[:2]:
        client.command("identify_member", **client.identity(member), **on)

    def receive(account, amount, way=0, **fields):
        named = {"account_id": account} if account else {}
        return client.command(
            "book_receipt", "ACCEPTED" if account else "ACCEPTED_UNALLOCATED", **named,
            amount_minor=amount, way=way, bank_reference=f"{amount}-{way}-{account}",
            remark="\x1d" * 200 + "é", payer=client.party(name="\u674e" * 100), **on, **fields)
    receive(one, 30_000_000)
    receive(two, 20_000_000)
    client.command("pay", payer_account_id=one, payees=[(two, 9_000_000)], **on)
    # Of cash 50,000, of which part waited; not with what was taken back.
    receive(one, 3_000_000, way=1)
    waited = receive(0, 2_000_000, way=1).result.suspense_id
    client.command("allocate_suspense", suspense_id=waited, payees=[(two, 2_000_000)], **on)
    receive(three, 4_999_999, way=1)
    wrong = receive(three, 1, way=1)
    client.command("reverse", original_sequence=wrong.result.sequence, reason="a test", **on)
    # Across the border: 200,000 of a person, a company's counts with the rest.
    receive(three, 19_999_999, way=2)
    receive(sells, 199_999_999)
    receive(sells, 1, way=2)

    def withdraw(amount, *results):
        payout = client.command(
            "withdraw", account_id=two, amount_minor=amount, way=2, remark="x" * 200,
            end_to_end_id="INV-1", destination=client.party(name="\u674e" * 100),
            proof=client.protos.message("InstructionProof")(
                kind=1, result=1, reference=f"P-{amount}", amount_minor=amount, account_id=two,
                payee_account_number=client.party().account_number,
                issued_at_us=1, expires_at_us=4102444800000000), **on).payout_id
        for result in results:
            client.command("confirm_payout", payout_id=payout,
                           result=f"PAYOUT_RESULT_{result}", **on)
    late = receive(0, 4_600_000, way=1).result.suspense_id
    withdraw(12_000_000, "PAID")
    withdraw(8_000_000, "SENT", "PAID")
    withdraw(1, "PAID", "RETURNED")
    withdraw(2, "FAILED")
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    reporter = Reporter(tools, database.url, platform.ledger_id)
    rows = reporter.rows("large_value", DATE)
    assert [(int(row["member_id"]), row["counted_as"], row["direction"], int(row["total_minor"]),
             int(row["limit_minor"]), int(row["amount_minor"])) for row in rows] == [
        (members[0], "cash", "in", 5_000_000, 5_000_000, 3_000_000),
        (members[0], "transfer", "in", 50_000_000, 50_000_000, 30_000_000),
        (members[1], "cash", "in", 5_000_000, 5_000_000, 2_000_000),
        (members[1], "transfer", "in", 50_000_000, 50_000_000, 20_000_000),
        (members[1], "cross_border", "out", 20_000_000, 20_000_000, 12_000_000),
        (members[1], "cross_border", "out", 20_000_000, 20_000_000, 8_000_000),
        (members[1], "cross_border", "out", 20_000_000, 20_000_000, 1),
        (members[1], "cross_border", "out", 20_000_000, 20_000_000, -1),
        (shop, "transfer", "in", 200_000_000, 200_000_000, 199_999_999),
        (shop, "transfer", "in", 200_000_000, 200_000_000, 1)]
    assert len({row["person_id"] for row in rows}) == 2 and not rows[-1]["person_id"]
    # Just below the limit of cash, one by each member.
    receive(one, 4_900_000, way=1)
    receive(two, 4_500_000, way=1)
    receive(two, 4_499_999, way=1)
    client.command("allocate_suspense", suspense_id=late, payees=[(two, 4_600_000)], **on)
    client.command("cut_day", accounting_date=add_days(DATE, 2), **on)
    assert [(int(row["member_id"]), row["counted_as"], row["direction"], int(row["movements"]),
             int(row["total_minor"]), int(row["limit_minor"]))
            for row in reporter.rows("just_below", add_days(DATE, 1))] == [
        (members[0], "cash", "in", 3, 14_000_000, 5_000_000)]


def test_a_report_is_the_same_bytes_again(client, database, tools, tmp_path, monkeypatch):
    shop = open_shop(client, 7864, accounts=2)
    on = {"ledger_id": shop.ledger_id}
    client.command("open_member", platform_member_id='会员,"号\u202e', kind="MEMBER_KIND_USER",
                   **on)
    client.command("book_receipt", account_id=shop.accounts[0], amount_minor=10**10, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    reporter = Reporter(tools, database.url, shop.ledger_id)
    reporter.text("--date", day(DATE), "--output", tmp_path)
    reporter.text("--date", day(DATE), "--output", tmp_path, "--json")
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    names = {name.split("-")[0] for name in files}
    assert names == {line.split()[0] for line in tools.vslctl(
        "report", "--list").stdout.splitlines()} and len(files) == 2 * len(names)
    assert f"large_value-{shop.ledger_id}-{day(DATE)}.csv" in files
    assert '会员,""号\u202e'.encode() in files[f"accounts-{shop.ledger_id}-{day(DATE)}.csv"]
    # Whatever came later, and whoever asks.
    client.command("book_receipt", account_id=shop.accounts[0], amount_minor=10**10, **on)
    set_threshold(database, "large_value.company", 1, "CNY", "2099-01-01")
    for session in SESSIONS:
        with monkeypatch.context() as patch:
            for name, value in session.items():
                patch.setenv(name, value)
            reporter.text("--date", day(DATE), "--output", tmp_path)
            reporter.text("--date", day(DATE), "--output", tmp_path, "--json")
            assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    # What cannot be.
    assert "there is no report 'large'" in reporter.text("large", "--date", day(DATE), status=2)
    assert "name one report" in reporter.text("--date", day(DATE), status=2)
    assert "--date is required" in reporter.text("accounts", status=2)
    assert "could not write" in reporter.text(
        "--date", day(DATE), "--output", tmp_path / "none", status=2)


def test_a_currency_without_limits_is_told(client, database, tools):
    opened = client.command("open_ledger", platform_name="Marché", escrow_account_number="1",
                            currency="EUR", receiving_prefix="7865", first_accounting_date=DATE)
    on = {"ledger_id": opened.ledger_id}
    member = client.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="m", **on)
    account = client.command("open_account", member_id=member.member_id, **on).account_id
    client.command("book_receipt", account_id=account, amount_minor=7, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    reporter = Reporter(tools, database.url, opened.ledger_id)
    said = reporter.text("large_value", "--date", day(DATE), status=3)
    assert "no threshold large_value.company for EUR" in said and "vsl.report_threshold" in said
    for name in ("company", "person", "person_cross_border", "cash"):
        set_threshold(database, f"large_value.{name}", 7, "EUR")
    assert [row["total_minor"] for row in reporter.rows("large_value", DATE)] == ["7"]
    with pytest.raises(Exception, match="never changed"):
        database.query("update vsl.report_threshold set value = 2 returning 1", user="postgres")
