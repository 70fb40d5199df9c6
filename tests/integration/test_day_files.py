"""vslctl day: the files of an accounting date are what the events say, chain from date to date, and
are the same bytes whenever they are made.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
from collections import defaultdict

import pytest

from books_rules import add_days
from client import DATE
from conftest import BUILD, TOP
from payment_load import LATER_DATES, OWN_ACCOUNT, PaymentLoad, open_shop
from test_account_as_of import check_as_of
from test_account_print import check_papers
from test_certificate import SESSIONS, day
from test_claims import Desk
from test_recon import Bank
from test_sealing import new_key

BUCKETS = {1: "available", 2: "pending_in", 3: "pending_out", 4: "frozen"}
NAMES = ["transactions", "balances", "payouts", "fees", "open_items", "breaks", "general_ledger",
         "claims"]
STATUSES = ["", "requested", "paid", "failed", "returned", "sent", "unknown", "cancelled"]
PAYERS = {"withdraw", "return_suspense", "deduct_claim"}


class Days:
    """Makes the files of one ledger, and reads them."""

    def __init__(self, tools, url, ledger_id, into):
        self.tools, self.url, self.ledger_id, self.into = tools, url, ledger_id, into

    def words(self, date, *options, reader="bank"):
        """The command line."""
        return ["day", "files", "--database", self.url, "--ledger", self.ledger_id, "--date",
                day(date), "--for", reader, "--into", self.into, *options]

    def make(self, date, *options, status=0, reader="bank"):
        """Makes them: their folder, or what it says."""
        done = self.tools.vslctl(*self.words(date, *options, reader=reader), status=status)
        if status:
            assert done.stdout == ""
            return done.stderr
        return self.into / f"day-{self.ledger_id}-{day(date)}-{reader}"

    def verify(self, folder, *options, status=0):
        """What is said of a folder."""
        done = self.tools.vslctl("day", "verify", folder, *options, status=status)
        return done.stderr if status else done.stdout

    def tables(self, folder):
        """{name: (head, rows)} of its files, whose heads say what the rows and the manifest say."""
        manifest = json.loads((folder / "manifest.json").read_text())
        found = {}
        for said in manifest["files"]:
            data = (folder / said["name"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == said["sha256"]
            assert len(data) == int(said["bytes"])
            lines = list(csv.reader(data.decode().splitlines(keepends=True)))
            head = dict(zip(lines[0], lines[1]))
            rows = [dict(zip(lines[2], line)) for line in lines[3:]]
            assert int(head["lines"]) == int(said["lines"]) == len(rows)
            assert head["file"] == said["name"] and head["for"] == manifest["for"]
            assert head["ledger_id"] == manifest["ledger_id"] == str(self.ledger_id)
            assert int(head["first_sequence"]) == int(manifest["before_sequence"]) + 1
            assert head["last_sequence"] == manifest["last_sequence"]
            check_totals(head, rows, said["totals"])
            found[said["name"].removesuffix(".csv")] = head, rows
        assert list(found) == [name for name in NAMES
                               if name != "claims" or manifest["for"] == "bank"]
        return found


def check_totals(head, rows, said):
    """Each amount is added up, of movements by direction, but for balances after them."""
    totals = {name: int(value) for name, value in list(head.items())[8:]}
    assert totals == {name: int(value) for name, value in said.items()}
    wanted = defaultdict(int)
    is_movement = "debits_minor" in totals and "opening_minor" not in totals
    for row in rows:
        if row.get("product_id"):
            continue  # of units
        for name, value in row.items():
            if name.endswith("_minor") and name != "balance_after_minor" and value:
                if is_movement and name == "amount_minor":
                    name = "debits_minor" if int(value) < 0 else "credits_minor"
                wanted[name] += int(value)
    assert {name: value for name, value in wanted.items() if value} == {
        name: value for name, value in totals.items() if value}


class Naive:
    """What the events say of a ledger at the end of each date."""

    def __init__(self, entries, ledger_id):
        self.lines, self.balances, self.payouts = defaultdict(list), {}, {}
        self.ends = {}  # by date: balances, payouts
        self.names = {}
        balances, payouts, date = defaultdict(int), {}, None
        for entry in entries:
            if entry.ledger_id != ledger_id or entry.outcome >= 100:
                continue
            command = entry.WhichOneof("request")
            if command == "open_ledger":
                date = entry.open_ledger.first_accounting_date
            if command == "open_account":
                self.names[entry.subject_id] = entry.open_account.member_id
            for number, posting in enumerate(entry.postings, 1):
                self._post(balances, date, entry, number, posting)
            self._pay(payouts, command, entry)
            if command in ("cut_day", "close_ledger"):
                self.ends[date] = dict(balances), {key: dict(one) for key, one in payouts.items()}
                date = entry.cut_day.accounting_date or date

    def _post(self, balances, date, entry, number, posting):
        for account, bucket, amount in (
                (posting.debit_account_id, posting.debit_bucket, -posting.amount_minor),
                (posting.credit_account_id, posting.credit_bucket, posting.amount_minor)):
            balances[account, bucket] += amount
            self.lines[date].append((entry.sequence, number, account, BUCKETS[bucket], amount,
                                     balances[account, bucket]))

    @staticmethod
    def _pay(payouts, command, entry):
        if command in PAYERS and entry.subject_id:
            amount = sum(posting.amount_minor for posting in entry.postings
                         if posting.credit_bucket == 3)
            payouts[entry.subject_id] = {"amount": amount, "returned": 0, "status": 1,
                                         "changed": entry.sequence}
        elif command == "intercept_payout":
            payouts[entry.subject_id].update(status=7, changed=entry.sequence)
        elif command == "confirm_payout":
            one = payouts[entry.confirm_payout.payout_id]
            one["changed"] = entry.sequence
            result = entry.confirm_payout.result  # paid, failed, returned, sent, unknown
            if result == 3:
                one["returned"] += entry.confirm_payout.amount_minor or (
                    one["amount"] - one["returned"])
                one["status"] = 4 if one["returned"] == one["amount"] else 2
            else:
                one["status"] = {1: 2, 2: 3, 4: 5, 5: 6}[result]


def check_balances(tables, opening, closing):
    """Of each bucket what it had before and what it has, also summed up by kind."""
    found, sums = {}, defaultdict(lambda: [0, 0, 0, 0])
    fields = ("opening_minor", "debits_minor", "credits_minor", "closing_minor")
    for row in tables["balances"][1]:
        amounts = [int(row[name]) for name in fields]
        assert sum(amounts[:3]) == amounts[3] and amounts[1] <= 0 <= amounts[2]
        found[int(row["account_id"]), row["bucket"]] = amounts[0], amounts[3]
        account = "" if row["account_kind"] == "member" else row["account_id"]
        whole = sums[row["account_kind"], account, row["bucket"]]
        for place, amount in enumerate(amounts):
            whole[place] += amount
    buckets = {number: name for number, name in BUCKETS.items()}
    for balances, place in ((opening, 0), (closing, 1)):
        said = {key: amounts[place] for key, amounts in found.items() if amounts[place]}
        assert said == {(account, buckets[bucket]): amount
                        for (account, bucket), amount in balances.items() if amount}
    assert {(row["account_kind"], row["account_id"], row["bucket"]):
            [int(row[name]) for name in fields] for row in tables["general_ledger"][1]
            if any(int(row[name]) for name in fields)} == {
        key: amounts for key, amounts in sums.items() if any(amounts)}
    return found


@pytest.mark.slow
def test_files_are_what_the_events_say(server, database, tools, tmp_path):
    client = server.connect()
    shop = open_shop(client, 7871)
    other = client.open_platform(7872, accounts=1)
    load = PaymentLoad(server, shop, workers=2).start()
    load.wait_calls(60)
    client.command("cut_day", ledger_id=shop.ledger_id, accounting_date=LATER_DATES[0],
                   expect=None)
    load.wait_calls(120)
    load.stop()
    last = client.get_ledger(shop.ledger_id).accounting_date
    client.command("cut_day", ledger_id=shop.ledger_id, accounting_date=add_days(last, 1),
                   key=client.key(date=last))
    client.command("book_receipt", ledger_id=other.ledger_id, account_id=other.accounts[0],
                   amount_minor=5)
    end = client.tie_out(shop.ledger_id).as_of_sequence
    entries = client.entries(1, end)
    naive = Naive(entries, shop.ledger_id)
    days = Days(tools, database.url, shop.ledger_id, tmp_path)
    opening = {}
    assert len(naive.ends) >= 2
    before = set()
    for date, (balances, payouts) in naive.ends.items():
        tables = days.tables(days.make(date))
        assert [(int(row["sequence"]), int(row["line"]), int(row["account_id"]), row["bucket"],
                 int(row["amount_minor"]), int(row["balance_after_minor"]))
                for row in tables["transactions"][1]] == naive.lines[date]
        found = check_balances(tables, opening, balances)
        opening = balances
        first = int(tables["payouts"][0]["first_sequence"])
        assert {int(row["payout_id"]): (
            -int(row["amount_minor"]), int(row["returned_minor"]), row["status"])
            for row in tables["payouts"][1]} == {
            key: (one["amount"], one["returned"], STATUSES[one["status"]])
            for key, one in payouts.items()
            if one["changed"] >= first or one["status"] in (1, 5, 6)}
        check_parts(tables, found)
        assert first not in before
        before.add(first)
    assert any(naive.lines[date] for date in naive.ends)
    check_papers(tools, server.target, naive, shop.ledger_id)
    check_as_of(tools, database.url, entries, shop.ledger_id)
    tools.check_database(database.url)


def check_parts(tables, found):
    """Fees are what moved at their accounts; open items are what the buckets have."""
    fees = {row["account_id"] for row in tables["balances"][1] if row["account_kind"] == "fee"}
    assert [tuple(row[name] for name in ("sequence", "line", "account_id", "amount_minor",
                                         "balance_after_minor"))
            for row in tables["fees"][1]] == [
        tuple(row[name] for name in ("sequence", "line", "account_id", "amount_minor",
                                     "balance_after_minor"))
        for row in tables["transactions"][1] if row["account_id"] in fees]
    items = defaultdict(int)
    for row in tables["open_items"][1]:
        items[row["item"]] += int(row["open_minor"])
    sums = defaultdict(int)
    kinds = {int(row["account_id"]): row["account_kind"] for row in tables["balances"][1]}
    for (account, bucket), (_, closing) in found.items():
        sums[bucket] += closing
        sums[kinds[account], bucket] += closing
    assert -items["payout"] == sums["pending_out"]
    assert items["hold"] + items["freeze"] == sums["frozen"]
    assert items["suspense"] == sums["unallocated", "available"] + sums[
        "unallocated", "pending_out"]
    assert items["promise"] == -sums["acquirer", "pending_in"]


@pytest.fixture(name="shop")
def fixture_shop(client):
    """A ledger that was opened when another had its day cut already."""
    other = client.open_platform(7874, accounts=1)
    client.command("cut_day", ledger_id=other.ledger_id, accounting_date=add_days(DATE, 2))
    return client.open_platform(7873, accounts=2, key_window_dates=7)


def files_of(folder):
    """{name: bytes} of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_date_stays_what_it_was(client, shop, database, tools, tmp_path, monkeypatch):
    """Whatever comes later, and whoever makes its files; dates without a movement; the last."""
    on = {"ledger_id": shop.ledger_id}
    one, two = shop.accounts
    days = Days(tools, database.url, shop.ledger_id, tmp_path)

    def key():
        return client.key(date=client.get_ledger(shop.ledger_id).accounting_date)

    def cut(ahead):
        client.command("cut_day", accounting_date=add_days(DATE, ahead), key=key(), **on)
    client.command("set_terms", own_account=OWN_ACCOUNT, payout_return_days=1, **on)
    client.command("book_receipt", account_id=one, amount_minor=1_000, **on)
    payout = client.command("withdraw", account_id=one, amount_minor=100, order_number="=1+1",
                            **on).payout_id
    paid = client.command("pay", payer_account_id=one, payees=[(two, 50)], order_number="'A", **on)
    assert "is not closed yet" in days.make(DATE, status=1) and not list(tmp_path.iterdir())
    assert "first accounting date" in days.make(add_days(DATE, -1), status=1)
    cut(1)
    first = days.make(DATE)
    made = files_of(first)
    tables = days.tables(first)
    assert [(row["status"], row["amount_minor"], row["order_number"])
            for row in tables["payouts"][1]] == [("requested", "-100", "'=1+1")]
    assert {row["order_number"] for row in tables["transactions"][1]} == {"", "'=1+1", "''A"}
    # What became of it later, and what is undone, is in the files of a later date.
    client.command("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_PAID", **on)
    client.command("reverse", original_sequence=paid.result.sequence, reason="a test", **on)
    cut(2)
    cut(4)
    second = days.tables(days.make(add_days(DATE, 1)))
    assert [row["status"] for row in second["payouts"][1]] == ["paid"]
    assert {row["what"] for row in second["transactions"][1]} == {"ConfirmPayout", "Reverse"}
    for ahead in (2, 3):  # no movement, and one that was passed over
        tables = days.tables(days.make(add_days(DATE, ahead)))
        head, rows = tables["transactions"]
        assert not rows and head["debits_minor"] == "0"
        assert [row["closing_minor"] for row in tables["balances"][1]] == [
            row["closing_minor"] for row in second["balances"][1]]
        assert int(head["last_sequence"]) - int(head["first_sequence"]) == (0 if ahead == 2 else -1)
    for session in SESSIONS:
        with monkeypatch.context() as patch:
            for name, value in session.items():
                patch.setenv(name, value)
            assert days.make(DATE) == first
            elsewhere = Days(tools, database.url, shop.ledger_id, tmp_path / "again")
            elsewhere.into.mkdir()
            assert files_of(elsewhere.make(DATE)) == made
            shutil.rmtree(elsewhere.into)
    # A ledger that is closed: its last date is over, and there is none behind it.
    for account, member in zip(shop.accounts, shop.members):
        held = client.available(shop.ledger_id, account)
        if held:
            left = client.command("withdraw", account_id=account, amount_minor=held, key=key(),
                                  **on).payout_id
            client.command("confirm_payout", payout_id=left, result="PAYOUT_RESULT_PAID",
                           key=key(), **on)
        client.command("close_account", account_id=account, key=key(), **on)
        client.command("close_member", member_id=member, key=key(), **on)
    for ahead in range(5, 8):
        cut(ahead)
    client.command("close_ledger", key=key(), **on)
    tables = days.tables(days.make(add_days(DATE, 7)))
    assert all(row["closing_minor"] == "0" for row in tables["balances"][1])
    assert {row["status"] for row in tables["balances"][1]
            if row["account_kind"] == "member"} == {"closed"}
    assert "is not closed yet" in days.make(add_days(DATE, 8), status=1)


def test_what_the_platform_is_not_told(client, shop, database, tools, tmp_path):
    on = {"ledger_id": shop.ledger_id}
    one = shop.accounts[0]
    client.command("book_receipt", account_id=one, amount_minor=1_000, **on)
    client.command("place_freeze", account_id=one, amount_minor=300, purpose="RISK",
                   reason="looked into", **on)
    product = client.command("open_product", code="F1", name="n", kind=1, cash_account_id=one,
                             unit_rounding=1, money_rounding=1, rest=1, **on).product_id
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    days = Days(tools, database.url, shop.ledger_id, tmp_path)
    folder = days.make(DATE, reader="platform")
    bank, platform = days.tables(days.make(DATE)), days.tables(folder)
    text = b"".join(files_of(folder).values())
    assert b"RISK" not in text and b"Freeze" not in text and b"freeze" not in text
    assert [row["what"] for row in bank["transactions"][1]] == [
        "BookReceipt"] * 2 + ["PlaceFreeze"] * 2
    assert [(row["what"], row["serial"] == "") for row in platform["transactions"][1]] == [
        ("BookReceipt", False)] * 2 + [("BankMeasure", True)] * 2
    assert [row["item"] for row in bank["open_items"][1]] == ["freeze"]
    assert not platform["open_items"][1]
    for name in ("balances", "general_ledger", "fees"):
        assert platform[name][1] == bank[name][1]
    # Units are no money.
    for name in ("balances", "general_ledger"):
        assert {row["account_kind"] for row in bank[name][1] if row["product_id"]} == {"issuer"}
        assert str(product) in {row["product_id"] for row in bank[name][1]}
    read_as_reader(database, tools, days, one)


def test_units_are_told_apart(client, shop, server, database, tools, tmp_path):
    """What is held of a product stands beside money, never in it."""
    on = {"ledger_id": shop.ledger_id}
    issuer, holder = shop.accounts[:2]
    client.command("book_receipt", account_id=holder, amount_minor=5_000, **on)
    product = client.command("open_product", code="F1", name="n", kind=1, scale=2, rest=1,
                             cash_account_id=issuer, unit_rounding=1, money_rounding=1,
                             at_once=True, **on).product_id
    client.command("publish_price", product_id=product, price_date=DATE, price_e8=200_000_000, **on)
    client.command("subscribe", account_id=holder, product_id=product, amount_minor=5_000, **on)
    client.command("redeem", account_id=holder, product_id=product, units=500, **on)
    position, = client.list_all("product", "ListPositions", **on)
    account = position.units_account_id
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    tables = Days(tools, database.url, shop.ledger_id, tmp_path)
    tables = tables.tables(tables.make(DATE))

    def units(name, *columns):
        return [tuple(row[column] for column in columns) for row in tables[name][1]
                if row["product_id"] == str(product)]
    assert [row[1:] for row in units("transactions", "account_id", "amount_minor",
                                     "balance_after_minor") if row[0] == str(account)] == [
        ("2500", "2500"), ("-500", "2000")]
    assert units("balances", "account_kind", "closing_minor") == [
        ("issuer", "-2000"), ("position", "2000")]
    assert units("general_ledger", "account_kind", "bucket", "closing_minor")[::4] == [
        ("issuer", "available", "-2000"), ("position", "available", "2000")]
    money = [row for row in tables["general_ledger"][1] if not row["product_id"]]
    assert sum(int(row["closing_minor"]) for row in money) == 0
    as_of = json.loads(tools.vslctl(
        "account", "as-of", "--json", "--database", database.url, "--ledger", shop.ledger_id,
        "--account", account, "--account", holder, "--date", day(DATE)).stdout)
    assert [(one["unit"], one["available_minor"]) for one in as_of["accounts"]] == [
        (f"product {product}", "2000"), ("CNY", "1000")]
    assert "units of a product" in tools.vslctl(
        "--server", f"127.0.0.1:{server.port}", "account", "print", "--ledger", shop.ledger_id,
        "--account", account, "--from", day(DATE), "--to", day(DATE), status=1).stderr


def read_as_reader(database, tools, days, account):
    """By who may read and nothing else: vsl_reader of sql/roles.sql."""
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", database.cluster.socket, "-U", "postgres",
         "-d", database.name, "-f", TOP / "sql/roles.sql", "-c",
         "grant vsl_writer, vsl_reader to vsl; grant temporary on database"
         f" {database.name} to public"], check=True, timeout=60, capture_output=True)
    reader = ["--database", f"{database.url} options='-c role=vsl_reader'"]
    for reader_of in ("bank", "platform"):
        tools.vslctl(*days.words(DATE, reader=reader_of), *reader)
    tools.vslctl("account", "as-of", "--ledger", days.ledger_id, "--account", account, "--date",
                 day(DATE), *reader)


def test_breaks_and_claims_are_those_of_the_date(client, server, database, tools, tmp_path):
    """What is found, or placed, later is in the files of a later date."""
    bank = Bank(client, server, tools, database.url, 7875)
    receipts = [bank.receipt(1_000 + i, f"R{i}") for i in range(4)]
    paid, failing = bank.payout(500, reference="P1"), bank.payout(501, "SENT", end_to_end_id="E1")
    bank.payout(502, "SENT")
    lines = [bank.line(1_000, "R0"), bank.line(1_001 - 10, "R1"), bank.line(1_002 + 10, "R2"),
             bank.line(-501, end_to_end="E1"), bank.line(77, "X")]
    bank.statement()
    for _ in range(2):
        bank.match()
    bank.say(failing, "FAILED")
    desk = Desk(client, 7876)
    desk.receive(100)
    first, whole = desk.place(80), desk.place(0, "T-2")
    desk.place(50, "T-3", account=1)

    def files(on, date):
        days = Days(tools, database.url, on["ledger_id"], tmp_path)
        client.command("cut_day", accounting_date=add_days(date, 1), key=client.key(date=date),
                       **on)
        return days.tables(days.make(date))
    ids = [bank.lines[place]["id"] for place in lines]
    found = {(row["break"], row["what"], int(row["id"])): int(row["open_minor"])
             for row in files(bank.on, DATE)["breaks"][1]}
    assert found == {
        ("AMOUNT_SHORT", "receipt", receipts[1]): 10, ("AMOUNT_OVER", "line", ids[2]): 10,
        ("BANK_MISS", "receipt", receipts[3]): 1_003, ("BANK_MISS", "payout", paid): -500,
        ("LEDGER_MISS", "line", ids[4]): 77, ("STATUS", "payout", failing): -501}
    bank.line(-500, "P1")
    bank.line(1_003, "R3")
    bank.statement()
    bank.match()
    later = {(row["break"], int(row["id"])) for row in files(
        bank.on, add_days(DATE, 1))["breaks"][1]}
    assert later == {(key[0], key[2]) for key in found if key[0] != "BANK_MISS"}
    assert files_are_made_again(tools, database, bank.on, tmp_path)
    claims = {int(row["claim_id"]): row for row in files(desk.on, DATE)["claims"][1]}
    assert [(row["limit_minor"], row["covered_minor"], row["status"], row["organ"])
            for row in claims.values()] == [
        ("80", "80", "live", "T-1"), ("", "20", "live", "T-2"), ("50", "0", "live", "T-3")]
    desk.release(first)
    claims = {int(row["claim_id"]): row
              for row in files(desk.on, add_days(DATE, 1))["claims"][1]}
    assert (claims[first]["status"], claims[first]["released_minor"]) == ("released", "80")
    assert claims[whole]["covered_minor"] == "100"


def files_are_made_again(tools, database, on, into):
    """The first date's, which are compared with what is there."""
    return Days(tools, database.url, on["ledger_id"], into).make(DATE).exists()


def test_signed_and_proved(client, shop, database, tools, tmp_path):
    on = {"ledger_id": shop.ledger_id}
    client.command("book_receipt", account_id=shop.accounts[0], amount_minor=7, **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    days = Days(tools, database.url, shop.ledger_id, tmp_path / "days")
    days.into.mkdir()
    ring, other = tmp_path / "ring", tmp_path / "other"
    new_key(tools, ring, "anchor-sign", "ed25519")
    new_key(tools, ring, "anchor-sign", "sm2")
    new_key(tools, other, "anchor-sign", "ed25519")
    keys = {}
    for name, number in (("ed25519", 1), ("sm2", 2)):
        keys[name] = tmp_path / f"{name}.pem"
        keys[name].write_text(tools.vslctl(
            "key", "public", "--keys", ring, "--number", number).stdout)
    folder = days.make(DATE)
    assert "manifest.json.sig" not in files_of(folder)
    assert "could not open" in days.verify(folder, "--key", keys["ed25519"], status=1)
    # One that was not signed is; made again it stays, also of what is not the same twice.
    for algorithm, key in keys.items():
        shutil.rmtree(folder)
        if algorithm == "sm2":
            days.make(DATE)
        days.make(DATE, "--keys", ring, "--algorithm", algorithm)
        made = files_of(folder)
        days.make(DATE, "--keys", ring, "--algorithm", algorithm)
        assert files_of(folder) == made
        said = days.verify(folder, "--key", key, "--database", database.url)
        assert "by this key" in said and "with this digest" in said and "8, each" in said
        assert "not looked at" in days.verify(folder)
        wrong = keys["sm2" if algorithm == "ed25519" else "ed25519"]
        assert "is no signature" in days.verify(folder, "--key", wrong, status=1)
    assert "left as it is" in days.make(DATE, "--keys", other, status=1)
    assert "no active key" in days.make(DATE, "--keys", ring, "--algorithm", "rsa", status=2)
    # Another journal, a file that was changed, one that is one too many, one that is missing.
    made = files_of(folder)
    manifest = json.loads(made["manifest.json"])
    manifest["batch"]["digest"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "no batch" in days.verify(folder, "--database", database.url, status=1)
    assert "is no signature" in days.verify(folder, "--key", keys["sm2"], status=1)
    assert "is another one" in days.make(DATE, status=1)
    (folder / "manifest.json").write_bytes(made["manifest.json"])
    for name in ("balances.csv", "claims.csv"):
        (folder / name).write_bytes(made[name] + b"\n")
        assert f"{name}' is not the file" in days.verify(folder, status=1)
        assert f"{name}' is another one" in days.make(DATE, status=1)
        (folder / name).unlink()
        assert "could not open" in days.verify(folder, status=1)
        assert f"{name}' is another one" in days.make(DATE, status=1)
        (folder / name).write_bytes(made[name])
    (folder / "more").touch()
    assert "'more' is none of the files" in days.make(DATE, status=1)
    (folder / "more").unlink()
    assert days.make(DATE) == folder and files_of(folder) == made
    assert "which folder" in tools.vslctl("day", "verify", status=2).stderr
    (tmp_path / "manifest.json").write_text("{}")
    assert "no manifest" in days.verify(tmp_path, status=1)


def test_nothing_is_left_half(client, shop, database, tools, tmp_path):
    """Runs that are killed, or two at a time; a database that may not be read, or was changed."""
    on = {"ledger_id": shop.ledger_id}
    client.batch([client.item("book_receipt", account_id=shop.accounts[0], amount_minor=1 + i,
                              **on) for i in range(500)])
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    days = Days(tools, database.url, shop.ledger_id, tmp_path)
    words = [str(word) for word in (BUILD / "tools/vslctl/vslctl", *days.words(DATE))]
    partial = tmp_path / f".day-{shop.ledger_id}-{day(DATE)}-bank.partial"
    for _ in range(3):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as run:
            while not partial.exists() and run.poll() is None:
                pass
            os.kill(run.pid, signal.SIGKILL)
        assert [path.name for path in tmp_path.iterdir()] in ([partial.name], [])
    partial.mkdir(exist_ok=True)
    (partial / "balances.csv").write_text("half")
    runs = [subprocess.Popen(words, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [run.wait(120) for run in runs] == [0, 0, 0]
    folder = days.make(DATE)
    assert list(tmp_path.iterdir()) == [folder]
    days.tables(folder)
    shutil.rmtree(folder)
    # Who may not read is told so.
    database.query("create role day_nobody; grant day_nobody to vsl; select 1", user="postgres")
    said = tools.vslctl(*days.words(DATE), "--database",
                        database.url + " options='-c role=day_nobody'", status=3).stderr
    assert "permission denied" in said and not list(tmp_path.iterdir())
    assert "could not open" in days.make(DATE, "--into", tmp_path / "none", status=2)
    assert "could not find day/" in days.make(DATE, "--sql-dir", empty_sql(tmp_path), status=3)
    shutil.rmtree(tmp_path / "sql")
    # A row that was changed behind the journal's back does not chain.
    sequence, leaf = database.query("select max(sequence), 'vsl.' || vsl.segment_leaf('posting', 1)"
                                    " from vsl.posting")[0]
    for column in ("credit_balance", "amount"):
        database.query(f"alter table {leaf} disable trigger all;"
                       f" update {leaf} set {column} = {column} + 1 where sequence = {sequence};"
                       " select 1", user="postgres")
        said = days.make(DATE, status=1)
        assert "does not follow from what was before" in said and not list(tmp_path.iterdir())
        database.query(f"update {leaf} set {column} = {column} - 1 where sequence = {sequence};"
                       f" alter table {leaf} enable trigger all; select 1", user="postgres")
    assert days.make(DATE) == folder


def empty_sql(folder):
    """A folder of SQL files that has none."""
    (folder / "sql/day").mkdir(parents=True)
    return folder / "sql"
