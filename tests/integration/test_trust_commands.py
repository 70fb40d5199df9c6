"""Commands of indexed segments are not believed: what a decision or a Reveal rests on is proved by
its batch before it is used, and who may change rows past the triggers gets nothing out of it.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import types

import grpc
import psycopg2
import pytest

from conftest import Database
from server import Server
from test_originals import fill
from test_trust import LATER_US, SETTINGS, TOP, Bank, copy_of
from waiting import wait_until

NUMBER, OTHER = "6216261000000000018", "6216261000000000026"

# How a session becomes who may change rows of the journal; the owner takes the triggers away.
BECOME = {
    "owner": ["set role vsl_owner", """
        do $$ declare leaf regclass; begin
            for leaf in select c.oid from pg_class c where c.relnamespace = 'vsl'::regnamespace
                and c.relname ~ '_s0*1$' and c.relkind = 'r' loop
                execute format('alter table %s disable trigger user', leaf);
            end loop;
        end $$"""],
    "superuser": ["set session_replication_role = replica"],
}


def play(client):
    """What is asked for later, each in a command of the first segment; its sequences and ids."""
    facts = types.SimpleNamespace()
    platform = client.open_platform("880002", accounts=4)
    on = {"ledger_id": platform.ledger_id}
    payer, payee, hold_payer, waiting = platform.accounts
    facts.ledger, facts.payer, facts.payee = platform.ledger_id, payer, payee
    for account in (payer, hold_payer, waiting):
        client.command("book_receipt", account_id=account, amount_minor=1_000_000, **on)
    facts.reference = client.command("book_receipt", account_id=payer, amount_minor=7,
                                     bank_reference="REF-1", **on).result.sequence
    facts.paid = client.command("pay", payer_account_id=payer, order_number="R-3",
                                payees=[(payee, 900)], **on).result.sequence
    facts.key = client.key()
    facts.keyed = client.command("pay", payer_account_id=payer, order_number="R-4", key=facts.key,
                                 payees=[(payee, 90)], **on).result.sequence
    hold = {"payer_account_id": hold_payer, "order_number": "H-1"}
    hold_id = client.command("place_hold", amount_minor=500, expires_at_us=LATER_US, **hold,
                             **on).hold_id
    facts.confirmed = client.command("confirm_hold", hold_id=hold_id, payees=[(payee, 500)], **hold,
                                     **on).result.sequence
    out = client.command("withdraw", account_id=payer, amount_minor=70, order_number="W-1",
                         destination=client.party("Li Si", NUMBER), **on)
    facts.withdrawn, facts.payout = out.result.sequence, out.payout_id
    client.command("confirm_payout", payout_id=out.payout_id, result="PAYOUT_RESULT_SENT",
                   bank_reference="OUT-1", **on)
    asked = client.command("propose", expires_at_us=LATER_US, reason="two eyes", **on,
                           command=client.inside("pay", payer_account_id=payer, order_number="R-9",
                                                 payees=[(payee, 60)]))
    facts.proposed, facts.proposal = asked.result.sequence, asked.proposal_id
    reversed_one = client.command("charge_fee", account_id=payer, amount_minor=11, **on)
    facts.charged = reversed_one.result.sequence
    # Each thing stands in a batch of its own, for each answer was waited for.
    fill(client, platform, 1_100)
    return facts


USES = {
    "destination": lambda client, facts, on: client.get_payout(facts.ledger, facts.payout),
    "revealed": lambda client, facts, on: client.command(
        "reveal", commands=[facts.withdrawn], reason="asked", **on),
    "proposal": lambda client, facts, on: client.command(
        "approve", proposal_id=facts.proposal, key=client.key(channel="SECOND"), **on),
    "payment": lambda client, facts, on: client.command(
        "refund", original_sequence=facts.paid, order_number="R-3", payees=[(facts.payee, 900)],
        **on),
    "hold": lambda client, facts, on: client.command(
        "refund", original_sequence=facts.confirmed, order_number="H-1",
        payees=[(facts.payee, 500)], **on),
    "fee": lambda client, facts, on: client.command(
        "reverse", original_sequence=facts.charged, reason="wrong", **on),
    "key": lambda client, facts, on: client.command(
        "pay", payer_account_id=facts.payer, order_number="R-4", key=facts.key,
        payees=[(facts.payee, 90)], **on),
    "reference": lambda client, facts, on: client.command(
        "book_receipt", "BANK_REFERENCE_USED", account_id=facts.payer, amount_minor=7,
        bank_reference="REF-1", **on),
}

# Another text of the same length in a command's body.
REPLACE = ("update vsl.command set body = decode(replace(encode(body, 'hex'), encode('{0}', 'hex'),"
           " encode('{1}', 'hex')), 'hex') where sequence = {2}")


def tamperings(facts):
    """A change for each use, which the server would have believed."""
    return {
        "destination": REPLACE.format(NUMBER, OTHER, facts.withdrawn),
        "revealed": REPLACE.format(NUMBER, OTHER, facts.withdrawn),
        "proposal": REPLACE.format("R-9", "R-8", facts.proposed),
        "payment": f"update vsl.posting set amount = amount + 5 where sequence = {facts.paid}",
        "hold": f"update vsl.posting set amount = amount + 5 where sequence = {facts.confirmed}",
        "fee": f"update vsl.command set fee = 1 where sequence = {facts.charged}",
        "key": f"update vsl.command set outcome = 140 where sequence = {facts.keyed}",
        "reference": "update vsl.command set subject_id = subject_id + 1 where sequence ="
                     f" {facts.reference}",
    }


@pytest.fixture(scope="module", name="played")
def fixture_played(cluster, protos, scratch):
    """A database whose first segment is indexed, with what is asked for in it."""
    database = Database(cluster)
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", cluster.socket, "-U", "postgres", "-d",
         database.name, "-f", TOP / "sql/roles.sql", "-c",
         "grant vsl_writer, vsl_reader to vsl; grant temporary on database"
         f" {database.name} to public"],
        check=True, timeout=60, capture_output=True)
    server = Server(protos, scratch / "trust_commands", database.url, SETTINGS, "played")
    server.start()
    facts = play(server.connect())
    wait_until(lambda: database.query("select count(*) from vsl.segment where state = 3",
                                      user="postgres")[0][0] == 1, "an indexed segment")
    assert server.terminate() == 0
    server.close()
    yield database, facts
    cluster.drop_database(database.name)


@pytest.fixture(name="bank")
def fixture_bank(played, make_server, late):
    """A copy of that day with a server that runs, and what is in it."""
    copy = copy_of(played[0], late)
    bank = Bank.__new__(Bank)
    bank.database, bank.server, bank.facts = copy, make_server(copy.url, SETTINGS), played[1]
    bank.on = {"ledger_id": bank.facts.ledger}
    bank.client = bank.server.start().connect()
    return bank


def refused(bank, name):
    """The use must end with an error that says that a row is not believed."""
    with pytest.raises(grpc.RpcError) as caught:
        USES[name](bank.client, bank.facts, bank.on)
    assert caught.value.code() == grpc.StatusCode.DATA_LOSS, (name, caught.value)
    assert "tell the operator" in caught.value.details()
    details = dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert b"STORED_ROW_DAMAGED" in details


def test_what_nobody_changed_is_used(bank):
    """All of it, by a server that has not seen it before."""
    assert bank.one("select min(first_sequence) from vsl.segment where state < 3") > \
        bank.facts.charged
    for use in USES.values():
        use(bank.client, bank.facts, bank.on)
    plain = USES["revealed"](bank.client, bank.facts, bank.on)
    assert NUMBER in [value.value for value in plain.values]


@pytest.mark.parametrize("who", BECOME)
def test_what_was_changed_is_not_used(bank, who):
    """Each use of it is refused and logged, nothing is decided, the others go on."""
    changes = tamperings(bank.facts)
    assert changes.keys() == USES.keys()
    for name, statement in changes.items():
        if name == "revealed":
            continue  # the same row as the destination
        connection = bank.database.cluster.connect(bank.database.name, "postgres")
        with connection.cursor() as cursor:
            for become in BECOME[who]:
                cursor.execute(become)
            cursor.execute(statement)
            assert cursor.rowcount > 0, name
        connection.close()
    last = bank.one("select max(sequence) from vsl.command")
    for name in USES:
        refused(bank, name)
    for sequence in (bank.facts.withdrawn, bank.facts.proposed, bank.facts.paid, bank.facts.keyed):
        bank.server.wait_log(f"is not what was recorded: batch=[0-9]+ .*sequence={sequence}")
    assert bank.one("select max(sequence) from vsl.command") == last
    bank.client.command("pay", payer_account_id=bank.facts.payer,
                        payees=[(bank.facts.payee, 1)], **bank.on)
    assert bank.server.health() == "SERVING"


# What may be done to index, rows and parts of the segment that has a key and a reference.
LEAF = "vsl.command_s0000000000000000001"
PART = "update vsl.segment_part set entries = {} where first_sequence = 1"
TAKEN_AWAY = {
    "rows": ["delete from vsl.command where sequence in ({keyed}, {reference})"],
    "leaf": [f"delete from {LEAF}"],
    "key and reference": [
        "update vsl.command set serial = 'X' || serial where sequence = {keyed}",
        "update vsl.command set kind = 31 where sequence = {reference}"],
    "row and parts": ["delete from vsl.command where sequence in ({keyed}, {reference})",
                      PART.format("''")],
    "parts": ["delete from vsl.segment_part"],
    "empty parts": [PART.format("''")],
    "other entries": [PART.format("sha256(entries) || '\\x01020304'")],
    "parts of others": ["update vsl.segment_part p set entries = (select n.entries"
                        " from vsl.segment_part n where (n.kind, n.part) <> (p.kind, p.part)"
                        " order by n.kind, n.part limit 1)"],
    "dates": ["update vsl.segment set min_business_date = '2000-01-01',"
              " max_business_date = '2000-01-01' where first_sequence = 1",
              "delete from vsl.command where sequence in ({keyed}, {reference})"],
}


def taken_away(bank, who, what):
    """Does it; something must come of each statement."""
    connection = bank.database.cluster.connect(bank.database.name, "postgres")
    with connection.cursor() as cursor:
        for become in BECOME[who]:
            cursor.execute(become)
        for statement in TAKEN_AWAY[what]:
            cursor.execute(statement.format(keyed=bank.facts.keyed, reference=bank.facts.reference))
            assert cursor.rowcount > 0, statement
    connection.close()


@pytest.mark.parametrize("who", BECOME)
@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_what_was_taken_away_is_not_decided_again(bank, who, what):
    """Neither a row that is missing nor the part that says so makes a key or a reference new."""
    taken_away(bank, who, what)
    last = bank.one("select max(sequence) from vsl.command")
    for name in ("key", "reference"):
        refused(bank, name)
    # What is new is no matter.
    bank.client.command("pay", payer_account_id=bank.facts.payer, payees=[(bank.facts.payee, 1)],
                        **bank.on)
    assert bank.one("select max(sequence) from vsl.command") == last + 1


def test_an_index_that_lost_its_rows_is_no_matter(bank):
    """The parts say where a key and a reference stand."""
    bank.tamper("superuser", f"drop index {LEAF}_2, {LEAF}_4", "select 1")
    again = USES["key"](bank.client, bank.facts, bank.on)
    assert again.result.replayed
    USES["reference"](bank.client, bank.facts, bank.on)


def test_the_service_cannot_take_away(bank):
    connection = bank.database.cluster.connect(bank.database.name, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("set role vsl_writer")
        for table in ("vsl.command", "vsl.posting", "vsl.segment", "vsl.batch", LEAF,
                      "vsl.segment_part"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"delete from {table}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(PART.format("''"))
        # Of a segment that is indexed nothing is kept any more.
        cursor.execute("select vsl.keep_parts(1, 1::smallint, 0, array[''::bytea])")
        cursor.execute("select count(*) from vsl.segment_part where entries = ''")
        assert cursor.fetchone()[0] == 0
    connection.close()


def test_new_keys_of_a_claimed_part_are_decided(bank):
    """Many new keys and references: those that the filter claims, and the others."""
    before = bank.one("select count(*) from vsl.command")
    for number in range(300):
        bank.client.command("book_receipt", account_id=bank.facts.payer, amount_minor=1,
                            bank_reference=f"NEW-{number}", **bank.on)
    assert bank.one("select count(*) from vsl.command") == before + 300


def test_one_changed_row_in_a_batch(bank):
    """The command itself is right, another one beside it is not: nothing of that batch is used."""
    first = bank.one("select max(first_sequence) from vsl.batch where last_sequence < 1000"
                     " and last_sequence > first_sequence + 1")
    pay = {"original_sequence": first, "payees": [(bank.facts.payee, 1)], **bank.on}
    bank.tamper("superuser",
                f"update vsl.posting set debit_balance = 1 where sequence = {first} + 1")
    with pytest.raises(grpc.RpcError) as caught:
        bank.client.command("refund", **pay)
    assert caught.value.code() == grpc.StatusCode.DATA_LOSS
    USES["payment"](bank.client, bank.facts, bank.on)
