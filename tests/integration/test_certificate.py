"""vslctl certificate: whose money the escrow account held, as of any command, is what the naive
books say, and the same bytes whenever it is made.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import html.parser
import json
import random

import pytest

from books import Books
from books_rules import add_days
from client import DATE
from masks import mask_name, mask_number
from payment_load import PaymentLoad, open_shop
from test_sealing import Bank, fixture_ring  # pylint: disable=unused-import
from test_sealing import new_key

BUCKETS = {"available_minor": 1, "pending_in_minor": 2, "pending_out_minor": 3, "frozen_minor": 4}


def day(number):
    """20240229 as vslctl writes it."""
    return f"{number // 10000}-{number // 100 % 100:02}-{number % 100:02}"


class Certifier:
    """Makes certificates of one database."""

    def __init__(self, tools, url, *options):
        self.tools, self.url, self.options = tools, url, options

    def text(self, ledger_id, *arguments, status=0):
        """What it prints; what it says when it refuses."""
        done = self.tools.vslctl("certificate", "--database", self.url, "--ledger", ledger_id,
                                 *self.options, *arguments, status=status)
        if status:
            assert done.stdout == ""
        return done.stderr if status else done.stdout

    def facts(self, ledger_id, *arguments):
        """The JSON."""
        return json.loads(self.text(ledger_id, "--json", *arguments))


def sums_of(record):
    """The four balances of a part of a certificate, and that held is three of them."""
    assert int(record["held_minor"]) == sum(
        int(record[name]) for name in BUCKETS if name != "pending_in_minor")
    return tuple(int(record[name]) for name in BUCKETS)


def sums_of_books(books, ledger_id):
    """What the books say now: by kind, and by account that has money."""
    kinds, accounts = {}, {}
    for account in books.accounts.values():
        if account.ledger_id != ledger_id:
            continue
        found = tuple(books.balances[account.id, bucket] for bucket in BUCKETS.values())
        before, count, is_open = kinds.get(account.kind, ((0,) * 4, 0, 0))
        kinds[account.kind] = (tuple(map(sum, zip(before, found))), count + 1,
                               is_open + (not account.closed))
        if any(found) and account.kind != "escrow":
            accounts[account.id] = (account.kind, not account.closed, found)
    return kinds, accounts


def check_against(books, facts, ledger_id):
    """The certificate says what the books say."""
    kinds, accounts = sums_of_books(books, ledger_id)
    escrow = kinds.pop("escrow")[0]
    assert {one["kind"]: (sums_of(one), int(one["accounts"]), int(one["open_accounts"]))
            for one in facts["kinds"]} == kinds
    assert int(facts["escrow_book_minor"]) == -escrow[0] == int(facts["total"]["held_minor"])
    assert facts["difference_minor"] == "0"
    # What payment companies owe is pending in at others.
    owed = kinds.get("acquirer", ((0, 0, 0, 0),))[0][list(BUCKETS).index("pending_in_minor")]
    total = dict(zip(BUCKETS, map(sum, zip(*(found for found, _, _ in kinds.values())))))
    assert total["pending_in_minor"] == 0
    total["pending_in_minor"] = -owed
    assert tuple(total.values()) == sums_of(facts["total"])
    found = {int(one["account_id"]): (one["kind"], one["is_open"], sums_of(one))
             for one in facts["accounts"]}
    assert [int(one["account_id"]) for one in facts["accounts"]] == [
        account for _, account in sorted(
            (facts_order(kind), account) for account, (kind, _, _) in found.items())]
    assert found == accounts


def facts_order(kind):
    """The order of the kinds: as they are numbered."""
    return ["member", "escrow", "unallocated", "fee", "platform_own", "interest",
            "enforcement", "acquirer"].index(kind)


@pytest.mark.slow
def test_certificates_are_the_books_at_every_sequence(server, database, tools, protos):
    client = server.connect()
    shops = [open_shop(client, prefix) for prefix in (7831, 7832)]
    loads = [PaymentLoad(server, shop, workers=2).start() for shop in shops]
    for load in loads:
        load.wait_calls(60)
    for load in loads:
        load.stop()
    client = server.connect()
    end = client.tie_out(shops[0].ledger_id).as_of_sequence
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    entries = client.entries(1, end)
    opened = {shop.ledger_id: next(entry.sequence for entry in entries
                                   if entry.ledger_id == shop.ledger_id) for shop in shops}
    wanted = {*dice.sample(range(max(opened.values()), end), 8), end, *opened.values()}
    certifier = Certifier(tools, database.url)
    books = Books(protos)
    for entry in entries:
        books.add(entry)
        if entry.sequence not in wanted:
            continue
        for ledger_id, first in opened.items():
            if first > entry.sequence:
                assert f"was opened by command {first}" in certifier.text(
                    ledger_id, "--sequence", entry.sequence, status=1)
                continue
            facts = certifier.facts(ledger_id, "--sequence", entry.sequence, "--accounts")
            check_against(books, facts, ledger_id)
            assert facts["as_of_sequence"] == str(entry.sequence)
            assert facts["accounting_date"] == day(books.ledgers[ledger_id].date)
            batch = database.query(
                "select b.batch_number::text, b.first_sequence::text, b.last_sequence::text,"
                " encode(b.digest, 'hex'), (select encode(p.digest, 'hex') from vsl.batch p"
                "  where p.batch_number = b.batch_number - 1)"
                " from vsl.batch b where %s between b.first_sequence and b.last_sequence",
                (entry.sequence,))
            assert [tuple(facts["batch"].values())] == [
                (*row[:4], row[4] or "0" * 64) for row in batch]
    # The proof of the service is the same.
    for shop in shops:
        tie_out = client.tie_out(shop.ledger_id)
        assert tie_out.balanced and tie_out.as_of_sequence >= end
        facts = certifier.facts(shop.ledger_id, "--sequence", tie_out.as_of_sequence)
        assert (int(facts["escrow_book_minor"]), *sums_of(facts["total"])) == (
            tie_out.escrow_book_minor, tie_out.available_minor, tie_out.pending_in_minor,
            tie_out.pending_out_minor, tie_out.frozen_minor)
        assert "accounts" not in facts
        numbers = {account.account_id: account.receiving_number for account in client.list_all(
            "account", "ListAccounts", ledger_id=shop.ledger_id)}
        listed = certifier.facts(shop.ledger_id, "--sequence", end, "--accounts")["accounts"]
        assert {int(one["account_id"]): one["receiving_number"] for one in listed} == {
            int(one["account_id"]): numbers.get(int(one["account_id"]), "") for one in listed}
    tools.check_database(database.url)


def test_the_end_of_a_date_is_its_cut(server, client, database, tools):
    shop = client.open_platform(7833, accounts=2)
    ledger_id, (one, two) = shop.ledger_id, shop.accounts
    certifier = Certifier(tools, database.url)

    def receipt(account, amount):
        client.command("book_receipt", ledger_id=ledger_id, account_id=account,
                       amount_minor=amount)

    def cut(ahead):
        return client.command("cut_day", ledger_id=ledger_id,
                              accounting_date=add_days(DATE, ahead)).result.sequence
    receipt(one, 100)
    said = certifier.text(ledger_id, "--date", day(DATE), status=1)
    assert "is not closed yet" in said and f"is at {day(DATE)}" in said
    said = certifier.text(ledger_id, "--date", day(add_days(DATE, -1)), status=1)
    assert f"first accounting date of ledger {ledger_id} is {day(DATE)}" in said
    first = cut(1)
    receipt(two, 7)
    third = cut(3)
    receipt(two, 1)
    facts = certifier.facts(ledger_id, "--date", day(DATE))
    assert facts["as_of_sequence"] == str(first) and facts["is_end_of_date"]
    assert (facts["accounting_date"], facts["escrow_book_minor"]) == (day(DATE), "100")
    for ahead in (1, 2):
        facts = certifier.facts(ledger_id, "--date", day(add_days(DATE, ahead)))
        assert (facts["as_of_sequence"], facts["escrow_book_minor"]) == (str(third), "107")
    assert "is not closed yet" in certifier.text(
        ledger_id, "--date", day(add_days(DATE, 3)), status=1)
    assert certifier.facts(ledger_id, "--sequence", first)["accounting_date"] == day(
        add_days(DATE, 1))
    # What cannot be.
    end = client.tie_out(ledger_id).as_of_sequence
    assert f"ends at {end}" in certifier.text(ledger_id, "--sequence", end + 1, status=1)
    assert "there is no ledger 99" in certifier.text(99, "--sequence", end, status=1)
    assert "either --date or --sequence" in certifier.text(ledger_id, status=2)
    assert "either --date or --sequence" in certifier.text(
        ledger_id, "--sequence", 1, "--date", day(DATE), status=2)
    assert "--sequence takes" in certifier.text(ledger_id, "--sequence", 0, status=2)
    assert server.is_running()


def test_the_last_day_of_a_closed_ledger_is_over(client, database, tools):
    platform = client.open_platform(7835, accounts=1)
    certifier = Certifier(tools, database.url)
    client.command("cut_day", ledger_id=platform.ledger_id, accounting_date=add_days(DATE, 1))
    for account, member in zip(platform.accounts, platform.members):
        client.command("close_account", ledger_id=platform.ledger_id, account_id=account)
        client.command("close_member", ledger_id=platform.ledger_id, member_id=member)
    closed = client.command("close_ledger", ledger_id=platform.ledger_id).result.sequence
    facts = certifier.facts(platform.ledger_id, "--date", day(add_days(DATE, 1)))
    assert (facts["as_of_sequence"], facts["is_end_of_date"]) == (str(closed), True)
    assert "is not closed yet" in certifier.text(
        platform.ledger_id, "--date", day(add_days(DATE, 2)), status=1)


SESSIONS = [
    {"PGDATESTYLE": "Postgres"}, {"PGDATESTYLE": "German"}, {"PGTZ": "Asia/Shanghai"},
    {"PGCLIENTENCODING": "GB18030"}, {"PGCLIENTENCODING": "SQL_ASCII"},
    {"PGOPTIONS": "-c datestyle=SQL,DMY -c bytea_output=escape -c intervalstyle=iso_8601"},
]


def test_no_setting_of_the_session_changes_what_is_said(client, database, tools, monkeypatch):
    """Neither of the environment, nor of the role: of dates, of characters, of whose functions."""
    shop = open_shop(client, 7836, accounts=2)
    on = {"ledger_id": shop.ledger_id}
    client.command("open_member", platform_member_id="会员\u202e号",
                   kind="MEMBER_KIND_USER", **on)
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    certifier = Certifier(tools, database.url)
    first = certifier.text(shop.ledger_id, "--date", day(DATE), "--accounts", "--json")
    page = certifier.text(shop.ledger_id, "--date", day(DATE), "--accounts")

    def looks_the_same():
        assert certifier.text(
            shop.ledger_id, "--date", day(DATE), "--accounts", "--json") == first
        assert certifier.text(shop.ledger_id, "--date", day(DATE), "--accounts") == page
        assert "first accounting date" in certifier.text(
            shop.ledger_id, "--date", day(add_days(DATE, -1)), status=1)
        tools.check_database(database.url)
    for session in SESSIONS:
        with monkeypatch.context() as patch:
            for name, value in session.items():
                patch.setenv(name, value)
            looks_the_same()
    # What somebody with rights sets for everybody: no rows, or other sums.
    database.query("create schema evil; create function evil.coalesced() returns int language sql"
                   " as 'select 1'; create function evil.max(bigint) returns bigint language sql"
                   " as 'select 0::bigint'; create view evil.pg_class as select 1; select 1",
                   user="postgres")
    for setting in ("datestyle = 'German'", "search_path = 'evil', 'pg_catalog'",
                    "client_encoding = 'GB18030'"):
        database.query(f"alter database {database.name} set {setting}; select 1", user="postgres")
    looks_the_same()


class Page(html.parser.HTMLParser):
    """Counts tags, and that each is closed; gives the cells."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.cells = [], {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "td" in self.open or "th" in self.open:
            self.cells[-1] += data


def test_the_page_holds_texts_of_others(server, client, database, tools, tmp_path):
    """Whatever they are called, they are text; the page needs nothing else."""
    name = "<script>alert('1')</script> & \"Märkte\" \u202e示例"
    number = "62<22>0001&234567"
    opened = client.command(
        "open_ledger", platform_name=name, escrow_account_number=number, currency="JPY",
        receiving_prefix="7834", first_accounting_date=DATE, key=client.key(date=DATE))
    on = {"ledger_id": opened.ledger_id}
    member = client.command("open_member", **on, kind="MEMBER_KIND_USER",
                            platform_member_id="u&<b>\u202e7").member_id
    account = client.command("open_account", **on, member_id=member).account_id
    sequence = client.command("book_receipt", **on, account_id=account,
                              amount_minor=1234567).result.sequence
    certifier = Certifier(tools, database.url, "--sequence", sequence, "--accounts")
    text = certifier.text(opened.ledger_id, "--platform", name, "--escrow", number)
    page = Page(text)
    assert "script" not in page.tags and "b" not in page.tags
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert "http" not in text and "\u202e" not in text
    assert name.replace("\u202e", "\\u202e") in page.cells and number in page.cells
    assert "u&<b>\\u202e7" in page.cells
    assert {"1,234,567", "会员资金(商户与用户)members: merchants and users"} <= set(page.cells)
    masked = certifier.facts(opened.ledger_id)
    assert (masked["platform_name"], masked["escrow_account_number"]) == (
        mask_name(name), mask_number(number))
    assert masked["accounts"][0]["platform_member_id"] == "u&<b>\u202e7"
    assert "\u202e" not in certifier.text(opened.ledger_id, "--json")
    assert client.get_ledger(opened.ledger_id).platform_name == masked["platform_name"]
    assert "is another one" in certifier.text(opened.ledger_id, "--platform", "Other", status=1)
    said = certifier.text(opened.ledger_id, "--escrow", "6222", status=1)
    assert "is another one" in said and number not in said
    # To a file: the same bytes, as a whole or not at all.
    place = tmp_path / "certificate.html"
    certifier.text(opened.ledger_id, "--platform", name, "--escrow", number, "--output", place)
    assert place.read_text() == text
    certifier.text(opened.ledger_id, "--output", place, "--platform", "Other", status=1)
    assert place.read_text() == text and len(list(tmp_path.iterdir())) == 1
    certifier.text(opened.ledger_id, "--output", tmp_path / "none/x", status=2)
    assert server.is_running()


def test_it_is_the_same_bytes_for_ever(make_server, database, tools, ring, cluster, late):
    """After a restart, more postings, another key; from a copy that may not be written; and when
    the segments have their indexes."""
    bank = Bank(make_server(database.url, {"keys.file": str(ring),
                                           "journal.segment_commands": "1000"}).start())
    ledger_id = bank.shop.ledger_id
    cut = bank.client.command("cut_day", accounting_date=add_days(DATE, 1), **bank.on)
    assert "give the key ring" in Certifier(tools, database.url).text(
        ledger_id, "--date", day(DATE), status=2)

    def digests(url=database.url):
        certifier = Certifier(tools, url, "--keys", ring)
        return [hashlib.sha256(certifier.text(ledger_id, *arguments).encode()).hexdigest()
                for arguments in (["--date", day(DATE)],
                                  ["--date", day(DATE), "--accounts", "--json"],
                                  ["--sequence", bank.withdraw, "--accounts"],
                                  ["--sequence", bank.receipt, "--json"])]
    made = digests()
    assert len(set(made)) == 4
    copy = cluster.create_database(database.name) if bank.server.terminate() == 0 else None
    late.callback(cluster.leave_database, copy)
    bank.server.start()
    bank.client = bank.server.connect()
    new_key(tools, ring)
    bank.server.process.send_signal(1)
    bank.server.wait_log(r"reloaded .* seal_key=3")
    bank.client.command("cut_day", accounting_date=add_days(DATE, 2), **bank.on)
    sealed = "select vsl.sealed_key(platform_name) from vsl.ledger_history order by sequence desc"
    assert database.query(sealed + " limit 1") == [(3,)]
    for _ in range(5):
        bank.client.batch([bank.client.item(
            "book_receipt", **bank.on, account_id=bank.shop.accounts[1], amount_minor=3)
            for _ in range(400)])
    assert digests() == made
    bank.restart()
    assert digests() == made
    read_only = " options='-c default_transaction_read_only=on'"
    assert digests(cluster.url(copy) + read_only) == made
    later = Certifier(tools, database.url, "--keys", ring).facts(
        ledger_id, "--date", day(add_days(DATE, 1)))
    assert int(later["as_of_sequence"]) > cut.result.sequence
    bank.server.terminate()
    assert digests() == made
    tools.check_database(database.url)


TAMPERINGS = [
    "update vsl.posting set amount = amount + 1 where sequence ="
    " (select max(sequence) from vsl.posting)",
    "update vsl.posting set credit_balance = credit_balance + 1 where sequence ="
    " (select max(sequence) from vsl.posting)",
    "update vsl.posting set amount = 9223372036854775807",
    "update vsl.posting set debit_balance = -9223372036854775807 where line = 0",
    "delete from vsl.account_history",
    "delete from vsl.posting where sequence ="
    " (select sequence from vsl.posting order by sequence desc offset 3 limit 1)",
    "update vsl.account_history set kind = account_id + 100",
    "update vsl.ledger_history set receiving_prefix = 'abc'",
    "update vsl.ledger_history set platform_name = repeat('x', 5000)",
    "delete from vsl.command where sequence = (select max(sequence) from vsl.command)",
]


def test_a_third_party_verifies_it(make_server, database, tools, scratch):
    """As deploy/README.md says: the chain, the anchor, the digest, and the bytes."""
    ring = scratch / "certificate.ring"
    new_key(tools, ring, "journal-mac")
    new_key(tools, ring, "anchor-sign")
    server = make_server(database.url, {"keys.file": str(ring)}).start()
    client = server.connect()
    shop = open_shop(client, 7836)
    end = client.tie_out(shop.ledger_id).as_of_sequence
    certifier = Certifier(tools, database.url, "--sequence", end)
    facts = certifier.facts(shop.ledger_id)
    anchor = scratch / "certificate.anchor"
    anchor.write_text(tools.vslctl("anchor", "--database", database.url, "--keys", ring).stdout)
    public = scratch / "certificate.pem"
    public.write_text(tools.vslctl("key", "public", "--keys", ring).stdout)
    signed = dict(line.split(" ", 1) for line in anchor.read_text().splitlines())
    assert signed["digest"] == facts["batch"]["digest"]
    assert signed["batch"] == facts["batch"]["batch_number"]
    assert signed["journal"] == facts["journal"] and signed["life"] == facts["journal_life"]
    verify = ["verify", "--database", database.url, "--keys", ring, "--anchor", anchor,
              "--anchor-key", public]
    assert "is the one that was signed" in tools.vslctl(*verify).stdout
    assert server.terminate() == 0
    # Somebody changes the journal: it does not agree with itself, and the digest is another.
    for statement in TAMPERINGS:
        copy = database.cluster.create_database(database.name)
        connection = database.cluster.connect(copy, "postgres")
        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            cursor.execute(statement)
            assert cursor.rowcount > 0
        connection.close()
        url = database.cluster.url(copy)
        said = Certifier(tools, url, "--sequence", end, "--accounts").text(
            shop.ledger_id, status=1)
        assert "vslctl verify" in said or "cannot be opened" in said
        tools.vslctl("verify", "--database", url, "--keys", ring, status=1)
        database.cluster.drop_database(copy)
