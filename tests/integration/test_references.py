"""A movement at the bank is booked once in its ledger, whatever key, account or amount it has.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import random
import re
import subprocess

import pytest

from books import Books
from test_originals import fill, wait_indexed
from waiting import wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
SEGMENT = 1_000
FAR = 4102444800000000


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 1,000 commands."""
    return make_server(database.url, {"journal.segment_commands": str(SEGMENT)}).start()


class Ledger:
    """A ledger that takes receipts."""

    def __init__(self, client, prefix):
        self.client = client
        self.platform = client.open_platform(prefix, accounts=3)
        self.ledger_id = self.platform.ledger_id
        self.accounts = self.platform.accounts
        client.command("book_receipt", ledger_id=self.ledger_id, account_id=self.accounts[0],
                       amount_minor=1_000_000)

    def item(self, reference, amount=700, **fields):
        """A receipt with the bank's reference, for a batch."""
        fields = {"account_id": self.accounts[2], **fields}
        return self.client.item("book_receipt", ledger_id=self.ledger_id, amount_minor=amount,
                                bank_reference=reference, **fields)

    def book(self, reference, expect="ACCEPTED", **fields):
        """Sends it alone; the result."""
        item = self.item(reference, **fields)
        return self.client.send("book_receipt", item.book_receipt, expect).result

    def is_used(self, reference, by, **fields):
        """It is refused, and names the first; so it says when it comes again."""
        request = self.item(reference, **fields).book_receipt
        first = self.client.send("book_receipt", request, "BANK_REFERENCE_USED").result
        assert first.limit_minor == by
        again = self.client.send("book_receipt", request, "BANK_REFERENCE_USED").result
        assert again.replayed and again.limit_minor == by
        entry = self.client.find_command(sequence=first.sequence)
        assert entry.limit_minor == by and not entry.postings
        assert self.client.find_command(sequence=by).book_receipt.bank_reference.strip()

    def reverse(self, sequence):
        """Takes a receipt back; the result."""
        return self.client.command("reverse", ledger_id=self.ledger_id, reason="wrong",
                                   original_sequence=sequence).result


def test_one_movement_is_booked_once(client):
    ledger, other = Ledger(client, 8601), Ledger(client, 8602)
    first = ledger.book("20240229-0001").sequence
    ledger.is_used("20240229-0001", first)
    ledger.is_used(" ２０２４０２２９－0001\u3000", first)
    ledger.is_used("20240229-0001", first, amount=701)
    ledger.is_used("20240229-0001", first, account_id=ledger.accounts[1])
    ledger.is_used("20240229-0001", first, account_id=0, receiving_number="nobody's")
    ledger.book("20240229-0002")
    assert other.book("20240229-0001").sequence > first
    for _ in range(2):
        ledger.book("")
        ledger.book(" \u3000")
        # Words that banks write for none.
        for none in ("NOTPROVIDED", "NONREF", "nonref", "Not Provided", "ＮＯＮＲＥＦ"):
            ledger.book(none)
    ledger.is_used("NONREF-1", ledger.book("NONREF-1").sequence)
    # What found no owner has its reference too.
    nobody = ledger.book("U-1", "ACCEPTED_UNALLOCATED", account_id=0, receiving_number="x").sequence
    ledger.is_used("U-1", nobody)
    # What was refused has none.
    ledger.book("R-1", "ACCOUNT_NOT_FOUND", account_id=2**40)
    ledger.book("R-1")
    dry = ledger.item("D-1").book_receipt
    dry.dry_run = True
    assert client.send("book_receipt", dry).result.sequence == 0
    booked = ledger.book("D-1").sequence
    dry.key.CopyFrom(client.key())
    assert client.send("book_receipt", dry, "BANK_REFERENCE_USED").result.limit_minor == booked


def test_items_of_a_batch(client):
    ledger = Ledger(client, 8603)
    items = [ledger.item("A-1"), ledger.item("A-2"), ledger.item("A-1 ")]
    before = client.available(ledger.ledger_id, ledger.accounts[2])
    assert client.batch_outcomes(items, atomic=True) == [
        "BATCH_ABORTED", "BATCH_ABORTED", "BANK_REFERENCE_USED"]
    assert client.available(ledger.ledger_id, ledger.accounts[2]) == before
    items = [ledger.item("A-1"), ledger.item("A-2"), ledger.item("A-1 ")]
    assert client.batch_outcomes(items, dry_run=True) == [
        "ACCEPTED", "ACCEPTED", "BANK_REFERENCE_USED"]
    results = client.batch(items)
    assert [client.protos.outcome_name(one.result.outcome) for one in results] == [
        "ACCEPTED", "ACCEPTED", "BANK_REFERENCE_USED"]
    assert results[2].result.limit_minor == results[0].result.sequence
    late = client.batch([ledger.item("A-9"), ledger.item("A-2")], atomic=True)
    assert late[1].result.limit_minor == results[1].result.sequence
    ledger.book("A-9")
    assert client.batch_outcomes([
        client.item("reverse", ledger_id=ledger.ledger_id, reason="wrong",
                    original_sequence=results[1].result.sequence),
        ledger.item("A-2", amount=5), ledger.item("A-2", amount=6)]) == [
            "ACCEPTED", "ACCEPTED", "BANK_REFERENCE_USED"]


def test_a_proposal_is_no_way_around(client):
    ledger = Ledger(client, 8604)
    numbers = [client.command(
        "propose", ledger_id=ledger.ledger_id, reason="two eyes are few", expires_at_us=FAR,
        command=client.inside("book_receipt", account_id=ledger.accounts[0], amount_minor=9,
                              bank_reference="P-1")).proposal_id for _ in range(3)]

    def approve(number, expect="ACCEPTED"):
        return client.command("approve", expect, key=client.key(channel="SECOND"),
                              ledger_id=ledger.ledger_id, proposal_id=number).result

    first = approve(numbers[0]).sequence
    assert approve(numbers[1], "BANK_REFERENCE_USED").limit_minor == first
    ledger.is_used("P-1", first)
    # A refusal decides nothing: the proposal can be approved when the first one is gone.
    ledger.reverse(first)
    second = approve(numbers[1]).sequence
    assert approve(numbers[2], "BANK_REFERENCE_USED").limit_minor == second


def test_references_in_indexed_segments(small, database, tools):
    """Known by memory, then by filter and look-up, then after a restart by both."""
    client = small.connect()
    ledger, other = Ledger(client, 8605), Ledger(client, 8606)
    dice = random.Random(11)
    booked = {}
    for _ in range(6):
        names = [f"S-{dice.getrandbits(40)}" for _ in range(120)]
        for name, result in zip(names, client.batch([ledger.item(name) for name in names])):
            booked[name] = result.result.sequence
        fill(client, ledger.platform, SEGMENT - 120)
    reversed_one, rebooked_one = dice.sample(sorted(booked), 2)
    ledger.reverse(booked.pop(reversed_one))
    ledger.reverse(booked[rebooked_one])
    booked[rebooked_one] = ledger.book(rebooked_one, amount=3).sequence
    fill(client, ledger.platform, 2 * SEGMENT)
    wait_indexed(database, 8)
    # The filter of a segment is as large as what it is for.
    sizes = [row[0] for row in database.query(
        "select length(reference_filter) from vsl.segment where state = 3 order by first_sequence")]
    assert 0 in sizes and set(sizes) <= {0, 64, 512, 1024}, sizes

    def expect_all():
        sample = dice.sample(sorted(booked), 60) + [rebooked_one]
        for name, result in zip(sample, client.batch([ledger.item(name) for name in sample])):
            assert client.protos.outcome_name(result.result.outcome) == "BANK_REFERENCE_USED"
            assert result.result.limit_minor == booked[name]
        for name in sample[:5]:
            ledger.is_used(f" {name}", booked[name])
        assert set(client.batch_outcomes(
            [ledger.item(f"N-{dice.getrandbits(40)}") for _ in range(50)])) == {"ACCEPTED"}
        client.batch_outcomes([other.item(name) for name in sample])

    expect_all()
    for ending in (small.terminate, small.kill):
        ending()
        small.start()
        client = ledger.client = other.client = small.connect()
        expect_all()
    booked[reversed_one] = ledger.book(reversed_one).sequence
    ledger.is_used(reversed_one, booked[reversed_one])
    for result in client.batch([other.item(name) for name in sorted(booked)[:3] + ["O-1", "O-1"]]):
        assert result.result.outcome
    last = client.tie_out(ledger.ledger_id).as_of_sequence
    books = Books(client.protos)
    books.add_all(client.entries(1, last))
    books.compare_balances(client, ledger.ledger_id)
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_segments_of_before_are_looked_into(small, database, tools):
    """They have no filter of references; what was booked twice then stays, and frees nothing."""
    client = small.connect()
    ledger = Ledger(client, 8607)
    first = ledger.book("B-1").sequence
    second = ledger.book("B-2").sequence
    fill(client, ledger.platform, SEGMENT)
    wait_indexed(database, 1)
    redo = "select redo_sequence from vsl.state_progress"
    wait_until(lambda: database.one(redo) > SEGMENT, "the state to be written")
    assert small.terminate() == 0
    database.query("update vsl.segment set reference_filter = null, filter_digest = null,"
                   " key_parts = null, reference_parts = null,"
                   " key_number = null, code = null where state = 3", user="postgres")
    database.query("delete from vsl.segment_part", user="postgres")
    small.start()
    client = ledger.client = small.connect()
    # Nor have they parts: the index says which keys are there.
    key = client.key(channel="OTHER")
    key.serial, key.channel = database.query(
        "select serial, channel from vsl.command where sequence = 900")[0]
    with pytest.raises(AssertionError, match="KEY_CONFLICT"):
        client.command("book_receipt", ledger_id=ledger.platform.ledger_id, key=key,
                       account_id=ledger.platform.accounts[0], amount_minor=77)
    ledger.is_used("B-1", first)
    ledger.reverse(second)
    third = ledger.book("B-2").sequence
    ledger.is_used("B-2", third)
    ledger.book("B-3")
    fill(client, ledger.platform, SEGMENT)
    wait_indexed(database, 2)
    ledger.is_used("B-2", third)
    ledger.is_used("B-1", first)
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_a_cancelled_promise_keeps_its_reference(small, database):
    """Memory forgets the promise when its segment is indexed; its reference is used for ever."""
    client = small.connect()
    ledger = Ledger(client, 8609)
    on = {"ledger_id": ledger.ledger_id}
    acquirer = client.command("open_acquirer", name="allpay", ceiling_minor=100, **on).acquirer_id
    said = {"acquirer_id": acquirer, "account_id": ledger.accounts[0], "amount_minor": 9,
            "reference": "T-1", **on}
    booked = client.command("book_promise", **said)
    client.command("cancel_promise", promise_id=booked.promise_id, **on)
    for start in range(0, 4 * SEGMENT, 500):
        assert set(client.batch_outcomes([
            client.item("open_member", kind=1, platform_member_id=f"M-{start + i}", **on)
            for i in range(500)])) == {"ACCEPTED"}
    wait_indexed(database, 3)
    assert small.terminate() == 0
    small.start()
    client = small.connect()
    used = client.command("book_promise", "PROMISE_REFERENCE_USED", **said)
    assert used.result.limit_minor == booked.result.sequence
    client.command("book_promise", **{**said, "reference": "T-2"})


def test_a_migration_makes_the_index_of_what_is_there(cluster, tools, late):
    """A segment that was indexed by schema 2 has its receipts by reference, whatever they hold."""
    name = cluster.create_database()
    late.callback(cluster.leave_database, name)
    # "xxx" as receiving number, an amount, a name that looks like fields, and "B-1 ".
    body = "0503787878" "068e0a" "710441040a08" "0804422d3120"
    subprocess.run(
        ["psql", "-qX", "-1", "-v", "ON_ERROR_STOP=1", "-h", cluster.socket, "-U", "postgres",
         "-d", name, "-f", TOP / "sql/migrations/0001_journal.sql",
         "-f", TOP / "sql/migrations/0002_payments.sql", "-c",
         "insert into vsl.schema_version (version) values (1), (2)", "-c",
         "select vsl.make_segment(1, 1000), vsl.make_segment(1001, 2000)", "-c",
         "insert into vsl.command (sequence, recorded_at, ledger_id, kind, outcome, subject_id,"
         " channel, business_date, serial, body) select n, now(), 1, case n % 3 when 0 then 40 else"
         f" 30 end, 1 + n % 2 * 240, 1, 'T', '2024-02-29', n::text, '\\x{body}'"
         " from generate_series(1, 1000) n", "-c",
         "insert into vsl.command (sequence, recorded_at, ledger_id, kind, outcome, subject_id,"
         " channel, business_date, serial, body) select n, now(), 1, 30, case n when 1500 then 242"
         " else 1 end, 1, 'T', '2024-02-29', n::text, case n when 1500 then"
         f" '\\x{body}'::bytea else '\\x0503787878' end from generate_series(1001, 2000) n", "-c",
         "select vsl.seal_segment(s, '2024-02-29', '2024-02-29', '2024-02-29', '2024-02-29'),"
         " (select count(vsl.index_segment(s, t)) from unnest(vsl.journal_tables()) t),"
         " vsl.finish_segment(s, '\\x00') from (values (1), (1001)) v(s)"],
        check=True, timeout=60, capture_output=True)
    tools.vslctl("migrate", "--database", cluster.url(name).replace("user=vsl", "user=postgres"))
    assert cluster.query(
        name, "select count(*), count(distinct sequence) from vsl.command where kind = 30 and"
        " outcome < 100 and vsl.booked_reference(kind, body) = 'B-1'", None,
        "postgres") == [(334, 334)]
    assert "booked_reference" in cluster.query(
        name, "select indexdef from pg_indexes where tablename like 'command%' and"
        " indexname like '%\\_4'", None, "postgres")[0][0]
    # Only the first one has any: the second need not be looked into.
    assert cluster.query(
        name, "select length(reference_filter) from vsl.segment order by first_sequence", None,
        "postgres") == [(None,), (0,)]


def test_a_person_sees_which_command_it_was(server, client, tools):
    ledger = Ledger(client, 8608)
    first = ledger.book("V-1").sequence
    place = ("--server", f"127.0.0.1:{server.port}")
    said = tools.vslctl(
        *place, "receipt", "--ledger", ledger.ledger_id, "--account", ledger.accounts[0],
        "--amount", "1.00", "--bank-reference", "V-1", "--payer-name", "Li Ming", status=1).stdout
    assert f"booked by command {first}\n" in said and "  limit " not in said, said
    refused = re.search(r"sequence (\d+)", said)[1]
    said = tools.vslctl(*place, "command", "get", "--sequence", first).stdout
    assert re.search("bank reference +V-1\n", said) and "booked by" not in said, said
    said = tools.vslctl(*place, "command", "get", "--sequence", refused).stdout
    assert re.search(f"booked by command +{first}\n", said) and "limit" not in said, said
