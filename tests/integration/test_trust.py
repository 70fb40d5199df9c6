"""The database is not believed: what somebody with rights may do to it while the server is stopped,
or behind its back, by the service's own role, by the owner of the schema and by a superuser.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import subprocess

import grpc
import psycopg2
import pytest

from books_rules import add_days
from client import DATE
from conftest import Database
from server import Server
from test_originals import fill
from waiting import wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
SETTINGS = {"journal.segment_commands": "1000"}
LATER_US = 4_000_000_000_000_000

# How a session becomes each of them.
BECOME = {"service": "set role vsl", "owner": "set role vsl_owner",
          "superuser": "set session_replication_role = replica"}


def by_whom(services, owners):
    """Pairs of what is done and by whom: all by the least who may, the first by a superuser too.
    The service has no right to what is its owner's; see test_service_has_few_rights."""
    return [*((what, "service") for what in services), *((what, "owner") for what in owners),
            (next(iter(services)), "superuser")]


class Bank:
    """A server under the service's role, which owns nothing."""

    def __init__(self, database, server):
        self.database = database
        self.server = server
        self.ledger = 1
        self.hold = self.one("select min(hold_id) from vsl.hold_history")
        self.account = self.one("select max(payer_account_id) from vsl.hold_history")

    def one(self, sql):
        """A value, whoever may read it."""
        return self.database.query(sql, user="postgres")[0][0]

    def stop(self):
        """Stops the server when everything is written behind."""
        last = self.one("select max(sequence) from vsl.command")
        wait_until(lambda: self.one("select redo_sequence from vsl.state_progress") > last,
                   "the state to be written")
        assert self.server.terminate() == 0

    def tamper(self, who, *statements):
        """Runs the statements as somebody; something must come of it."""
        connection = self.database.cluster.connect(self.database.name, "postgres")
        with connection.cursor() as cursor:
            cursor.execute(BECOME[who])
            for statement in statements:
                cursor.execute(statement)
            assert cursor.rowcount > 0, "nothing was tampered with"
        connection.close()

    def refuses_to_start(self, pattern):
        """The start must end with that line, and not by a signal."""
        self.server.start(serving=False)
        self.server.wait_log(pattern)
        assert self.server.wait_end() == 3


@pytest.fixture(scope="module", name="played")
def fixture_played(cluster, protos, scratch):
    """A database after a day: an ended hold in an indexed segment, a live one behind it; everything
    is written behind, the server is stopped. Tests get copies."""
    database = Database(cluster)
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", cluster.socket, "-U", "postgres", "-d",
         database.name, "-f", TOP / "sql/roles.sql", "-c",
         "grant vsl_writer, vsl_reader to vsl; grant temporary on database"
         f" {database.name} to public"],
        check=True, timeout=60, capture_output=True)
    server = Server(protos, scratch / "trust", database.url, SETTINGS, "played")
    server.start()
    client = server.connect()
    platform = client.open_platform("880001", accounts=4)
    for account in platform.accounts:
        client.command("book_receipt", ledger_id=platform.ledger_id, account_id=account,
                       amount_minor=1_000_000, bank_reference=f"T-{account}")
    hold = {"ledger_id": platform.ledger_id, "payer_account_id": platform.accounts[0]}
    hold_id = client.command("place_hold", order_number="R-1", amount_minor=500,
                             expires_at_us=LATER_US, **hold).hold_id
    client.command("cancel_hold", order_number="R-1", hold_id=hold_id, amount_minor=500, **hold)
    # A payout that was paid and is beyond return, and a payment that was refunded in part.
    on = {"ledger_id": platform.ledger_id}
    client.command("set_terms", payout_return_days=1, **on)
    payout = client.command("withdraw", account_id=platform.accounts[1], amount_minor=70,
                            **on).payout_id
    client.command("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_PAID", **on)
    paid = client.command("pay", payer_account_id=platform.accounts[2], order_number="R-3",
                          payees=[(platform.accounts[3], 90)], **on).result.sequence
    client.command("refund", original_sequence=paid, order_number="R-3",
                   payees=[(platform.accounts[3], 40)], **on)
    # One of two payees gave back in two parts, the other at once; and promises that were cancelled.
    split = client.command("pay", payer_account_id=platform.accounts[0], order_number="R-4",
                           payees=[(platform.accounts[2], 90), (platform.accounts[3], 90)],
                           **on).result.sequence
    for payee, amount in ((2, 30), (3, 90), (2, 20)):
        client.command("refund", original_sequence=split, order_number="R-4",
                       payees=[(platform.accounts[payee], amount)], **on)
    later = client.command("pay", payer_account_id=platform.accounts[0], order_number="R-5",
                           payees=[(platform.accounts[2], 2)], **on).result.sequence
    client.command("refund", original_sequence=later, order_number="R-5", **on)
    acquirer = client.command("open_acquirer", name="allpay", ceiling_minor=100, **on).acquirer_id
    for reference in ("T-1", "T-2"):
        promise = client.command("book_promise", acquirer_id=acquirer, reference=reference,
                                 amount_minor=9, account_id=platform.accounts[2], **on).promise_id
        client.command("cancel_promise", promise_id=promise, **on)
    for days in (1, 2):
        client.command("cut_day", accounting_date=add_days(DATE, days), **on)
    fill(client, platform, 1_100)
    client.command("place_hold", order_number="R-2", amount_minor=300, expires_at_us=LATER_US,
                   **hold)
    bank = Bank(database, server)
    wait_until(lambda: bank.one("select count(*) from vsl.segment where state = 3") == 1,
               "an indexed segment")
    bank.stop()
    server.close()
    yield database
    cluster.drop_database(database.name)


def copy_of(played, late):
    """A copy of a database that nobody uses."""
    copy = Database.__new__(Database)
    copy.cluster = played.cluster
    copy.name = played.cluster.create_database(played.name)
    copy.url = played.cluster.url(copy.name)
    late.callback(played.cluster.leave_database, copy.name)
    copy.query(f"grant temporary on database {copy.name} to public; select 1", user="postgres")
    return copy


@pytest.fixture(name="bank")
def fixture_bank(played, make_server, late):
    """A copy of that day, with a server that is not started."""
    copy = copy_of(played, late)
    return Bank(copy, make_server(copy.url, SETTINGS))


def pay(bank, client):
    """A payment; it must be accepted."""
    client.command("pay", ledger_id=bank.ledger, payer_account_id=bank.account,
                   payees=[(bank.account + 1, 1)])


STATE_TAMPERINGS = {
    "balance": "update vsl.account set available = available + 100000 where account_id = {account}",
    "two balances": "update vsl.account set available = available + case account_id"
                    " when {account} then 5 else -5 end"
                    " where account_id in ({account}, {account} + 1)",
    "status": "update vsl.account set no_out = not no_out where account_id = {account}",
    "member": "update vsl.account set member_id = member_id + 1 where account_id = {account}",
    "window": "update vsl.ledger set key_window_dates = key_window_dates + 1",
    "hold": "update vsl.hold set amount = amount - 1 where status = 1",
    "hold ended": "update vsl.hold set cancelled = amount, status = 3 where status = 1",
    "redo point": "update vsl.state_progress set redo_sequence = redo_sequence + 1",
    "redo point back": "update vsl.state_progress set redo_sequence = 1",
    "seal": "update vsl.state_progress set seal = sha256('x')",
    "counter": "update vsl.state_progress set write_count = write_count + 1",
    "batch": "update vsl.state_progress set batch_number = batch_number - 1",
}
OWNERS_TAMPERINGS = {
    "account taken away": "delete from vsl.account where account_id = {account}",
    "hold taken away": "delete from vsl.hold where status = 1",
    "member added": "insert into vsl.member select sequence, ledger_id, member_id + 100, kind,"
                    " status, 'x' from vsl.member limit 1",
}


@pytest.mark.parametrize(("what", "who"), by_whom(STATE_TAMPERINGS, OWNERS_TAMPERINGS))
def test_changed_state_stops_the_start(bank, what, who):
    statement = {**STATE_TAMPERINGS, **OWNERS_TAMPERINGS}[what]
    bank.tamper(who, statement.format(account=bank.account))
    bank.refuses_to_start("state tables or vsl.state_progress are not what was written last")


def test_id_that_cannot_be_stops_the_start(bank):
    """Where such a record would be kept there is no room."""
    bank.tamper("superuser", "insert into vsl.member select sequence, ledger_id, 1::bigint << 62,"
                " kind, status, 'x' from vsl.member limit 1")
    bank.refuses_to_start("vsl.member: a row has an id that cannot be .number 4611686018427387904")


def test_untouched_copy_starts(bank):
    pay(bank, bank.server.start().connect())


def test_row_put_back_as_it_was_stops_the_start(bank):
    """A row that was right once, with its number of then."""
    bank.database.query("create table public.kept as select * from vsl.account; select 1",
                        user="postgres")
    pay(bank, bank.server.start().connect())
    bank.stop()
    bank.tamper("superuser", f"delete from vsl.account where account_id = {bank.account}",
                f"insert into vsl.account select * from kept where account_id = {bank.account}")
    bank.refuses_to_start("state tables or vsl.state_progress are not what was written last")


JOURNAL_TAMPERINGS = {
    "serial": "update vsl.command set serial = serial || 'X' where sequence ="
              " (select max(sequence) from vsl.command)",
    "posting": "update vsl.posting set credit_balance = credit_balance + 1 where sequence ="
               " (select max(sequence) from vsl.posting)",
    "image": "update vsl.hold_history set amount = amount + 1 where sequence > 1000",
    "image taken away": "delete from vsl.hold_history where sequence > 1000",
    "batch": "update vsl.batch set epoch = epoch + 1 where batch_number ="
             " (select max(batch_number) from vsl.batch)",
    "digest": "update vsl.batch set digest = sha256('x') where batch_number ="
              " (select max(batch_number) from vsl.batch)",
}


@pytest.mark.parametrize("what", JOURNAL_TAMPERINGS)
def test_changed_journal_stops_the_start(bank, what):
    """What is not indexed yet is read by a start, and its digests are made anew."""
    bank.tamper("superuser", JOURNAL_TAMPERINGS[what])
    bank.refuses_to_start("is not what was recorded: its digest is not that of its rows"
                          "|are not of this journal")


def cut_last_batch(bank):
    """Takes the last batch away, with all its rows, as if it had never been."""
    first = bank.one("select max(first_sequence) from vsl.batch")
    tables = bank.one("select string_agg(t, ' ') from unnest(vsl.journal_tables()) t").split()
    bank.tamper("superuser",
                *(f"delete from vsl.{table} where sequence >= {first}" for table in tables
                  if table != "batch"),
                f"delete from vsl.batch where first_sequence >= {first}",
                "update vsl.writer set batch_number = batch_number - 1")


def test_end_cut_after_a_stop_stops_the_start(bank):
    """A stop puts the last batch under the seal, though no state was written since."""
    client = bank.server.start().connect()
    pay(bank, client)
    last = bank.one("select max(batch_number) from vsl.batch")
    redo = bank.one("select redo_sequence from vsl.state_progress")
    assert bank.server.terminate() == 0
    assert bank.one("select redo_sequence from vsl.state_progress") == redo
    assert bank.one("select batch_number from vsl.state_progress") == last
    cut_last_batch(bank)
    bank.refuses_to_start(f"not of this journal: they were written behind batch {last}")


def test_end_cut_after_a_crash_is_not_known(bank):
    """Nobody could say whether the batch was committed: that is for an anchor to find."""
    pay(bank, bank.server.start().connect())
    bank.server.kill()
    cut_last_batch(bank)
    pay(bank, bank.server.start().connect())


def test_service_has_few_rights(bank):
    """What the server never does its role cannot do."""
    for statement in ("delete from vsl.account", "truncate vsl.account", "delete from vsl.hold",
                      "update vsl.writer set hash_secret = gen_random_uuid()",
                      "insert into vsl.writer values (true, 1, 1)",
                      "update vsl.segment set key_filter = null",
                      "insert into vsl.state_progress (redo_sequence) values (1)",
                      "delete from vsl.state_progress", "insert into vsl.schema_version values (9)",
                      "update vsl.journal_identity set identity = gen_random_uuid()",
                      "insert into vsl.journal_identity values (9, gen_random_uuid(), now(), 1,"
                      " 'x')",
                      "update vsl.command_kind set name = 'x'", "delete from vsl.command",
                      "update vsl.hold_history set amount = 1", "update vsl.batch set epoch = 1",
                      "alter table vsl.account disable trigger all", "drop table vsl.account",
                      "set session_replication_role = replica"):
        connection = bank.database.cluster.connect(bank.database.name)
        with connection.cursor() as cursor:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
        connection.close()


@pytest.mark.parametrize("who", BECOME)
def test_changed_record_is_not_brought_in(bank, who):
    """A hold that has left memory: who names it gets an error, others go on, nothing ends."""
    client = bank.server.start().connect()
    cancel = {"ledger_id": bank.ledger, "hold_id": bank.hold, "payer_account_id": bank.account,
              "order_number": "R-1", "amount_minor": 500}
    client.command("cancel_hold", expect=None, **cancel)
    bank.server.kill()
    client = bank.server.start().connect()
    bank.tamper(who, f"update vsl.hold set amount = amount + 1, cancelled = cancelled + 1"
                f" where hold_id = {bank.hold}")
    with pytest.raises(grpc.RpcError) as caught:
        client.command("cancel_hold", **cancel)
    assert caught.value.code() == grpc.StatusCode.DATA_LOSS
    bank.server.wait_log(f"not the newest image in the journal.*table=hold from={bank.hold}")
    pay(bank, client)
    assert bank.server.health() == "SERVING"


FINAL_TAMPERINGS = {
    "amount of a payout": "update vsl.payout set amount = amount + 1",
    "status of a payout": "update vsl.payout set status = 1",
    "what was refunded": "update vsl.refunded set amount = amount - 1",
    "of what was refunded": "update vsl.refunded set original_sequence = original_sequence + 1",
}
OWNERS_FINAL_TAMPERINGS = {"refund taken away": "delete from vsl.refunded"}


@pytest.mark.parametrize(("what", "who"), by_whom(FINAL_TAMPERINGS, OWNERS_FINAL_TAMPERINGS))
def test_changed_final_record_is_not_brought_in(bank, what, who):
    """A paid payout beyond return, a refunded payment: no row that was changed is believed."""
    on = {"ledger_id": bank.ledger}
    payout = bank.one("select min(payout_id) from vsl.payout")
    paid = bank.one("select min(original_sequence) from vsl.refunded")
    payee = bank.one("select max(account_id) from vsl.refunded")

    def use(client, key=None):
        if "payout" in what:
            return client.command("confirm_payout", "PAYOUT_FINAL", payout_id=payout, key=key,
                                  result="PAYOUT_RESULT_RETURNED", **on)
        return client.command("refund", "ABOVE_REST", original_sequence=paid, order_number="R-3",
                              payees=[(payee, 60)], key=key, **on)

    use(bank.server.start().connect())
    bank.server.kill()
    client = bank.server.start().connect()
    bank.tamper(who, {**FINAL_TAMPERINGS, **OWNERS_FINAL_TAMPERINGS}[what])
    with pytest.raises(grpc.RpcError) as caught:
        use(client)
    assert caught.value.code() == grpc.StatusCode.DATA_LOSS, caught.value
    table = "payout" if "payout" in what else "refunded"
    bank.server.wait_log(f"table={table}")
    pay(bank, client)
    assert bank.server.health() == "SERVING"


ALIKE_TAMPERINGS = {
    "amount of a payout": ["update vsl.payout set amount = amount + 1",
                           "update vsl.payout_history set amount = amount + 1"],
    "what was refunded": ["update vsl.refunded set amount = amount - 1",
                          "update vsl.refunded_history set amount = amount - 1"],
    "what a hold had": ["update vsl.hold set amount = amount + 1, cancelled = cancelled + 1"
                        " where hold_id = {hold}",
                        "update vsl.hold_history set amount = amount + 1, cancelled = case when"
                        " cancelled > 0 then cancelled + 1 else 0 end where hold_id = {hold}"],
}


@pytest.mark.parametrize("what", ALIKE_TAMPERINGS)
def test_history_changed_alike_is_not_believed(bank, what):
    """Who changes a final record and its images alike gets it as far as the image's batch."""
    on = {"ledger_id": bank.ledger}
    payout = bank.one("select min(payout_id) from vsl.payout")
    paid = bank.one("select min(original_sequence) from vsl.refunded")
    payee = bank.one("select max(account_id) from vsl.refunded")

    def use(client):
        if "payout" in what:
            return client.command("confirm_payout", "PAYOUT_FINAL", payout_id=payout,
                                  result="PAYOUT_RESULT_RETURNED", **on)
        if "hold" in what:
            return client.command("cancel_hold", "HOLD_FINISHED", hold_id=bank.hold,
                                  payer_account_id=bank.account, order_number="R-1",
                                  amount_minor=500, **on)
        return client.command("refund", "ABOVE_REST", original_sequence=paid, order_number="R-3",
                              payees=[(payee, 60)], **on)

    use(bank.server.start().connect())
    bank.server.kill()
    client = bank.server.start().connect()
    bank.tamper("superuser",
                *(one.format(hold=bank.hold) for one in ALIKE_TAMPERINGS[what]))
    with pytest.raises(grpc.RpcError) as caught:
        use(client)
    assert caught.value.code() == grpc.StatusCode.DATA_LOSS, caught.value
    bank.server.wait_log("a batch of the journal is not what was recorded")
    pay(bank, client)
    assert bank.server.health() == "SERVING"


# Rows and images of what was given back of the payment to two, whose number is {split}: all, those
# of one payee, and the newest of each, with the rows as they were before.
GONE = "delete from vsl.{table} where original_sequence = {split}"
OF_LAST = ("sequence = (select max(sequence) from vsl.refunded_history"
           " where original_sequence = {split})")
AS_BEFORE = ("update vsl.refunded r set (sequence, amount) = (select sequence, amount from"
             " vsl.refunded_history h where h.refunded_id = r.refunded_id order by sequence desc"
             " limit 1) where original_sequence = {split}")
TAKEN_AWAY = {
    "all": [GONE.replace("{table}", "refunded_history"), GONE.replace("{table}", "refunded")],
    "of the whole": [GONE.replace("{table}", table) + " and account_id = 0"
                     for table in ("refunded_history", "refunded")],
    "of a payee": [GONE.replace("{table}", table) + " and account_id = {payee}"
                   for table in ("refunded_history", "refunded")],
    "of the other payee": [GONE.replace("{table}", table) + " and account_id = {other}"
                           for table in ("refunded_history", "refunded")],
    "the last part": [f"delete from vsl.refunded_history where {OF_LAST}", AS_BEFORE],
    "the last part of a payee": [
        f"delete from vsl.refunded_history where {OF_LAST} and account_id = {{payee}}",
        AS_BEFORE + " and account_id = {payee}"],
    "a promise": ["delete from vsl.promise_history where reference = 'T-1'",
                  "delete from vsl.promise where reference = 'T-1'"],
}


@pytest.mark.parametrize("when", ["running", "stopped"])
@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_what_was_taken_away_with_its_images_is_missed(bank, what, when):
    """Who deletes a record that has left memory, and all that the history has of it, does not get
    the money again: the segment says which commands it was of."""
    on = {"ledger_id": bank.ledger}
    split = bank.one("select original_sequence from vsl.refunded group by 1 having count(*) = 3")
    payee, other = (bank.one(f"select {which}(account_id) from vsl.refunded where account_id > 0"
                             f" and original_sequence = {split}") for which in ("min", "max"))

    def use(client):
        if what == "a promise":
            return client.command("book_promise", "PROMISE_REFERENCE_USED", reference="T-1",
                                  acquirer_id=1, account_id=bank.account, amount_minor=9, **on)
        return client.command("refund", "ABOVE_REST", original_sequence=split, order_number="R-4",
                              payees=[(other if "other" in what else payee, 60)], **on)

    use(bank.server.start().connect())
    bank.server.kill()
    if when == "running":
        client = bank.server.start().connect()
    bank.tamper("superuser", *(one.format(split=split, payee=payee, other=other)
                                for one in TAKEN_AWAY[what]))
    if when == "stopped":
        client = bank.server.start().connect()
    for _ in range(2):
        with pytest.raises(grpc.RpcError) as caught:
            use(client)
        assert caught.value.code() == grpc.StatusCode.DATA_LOSS, caught.value
    # Of a batch that a row which is left is proved by, it is the batch that is not as it was.
    bank.server.wait_log("table=(refunded|promise)|a batch of the journal is not what was recorded")
    pay(bank, client)
    assert bank.server.health() == "SERVING"


NULLS = {
    "epoch": ("vsl.writer", "epoch"),
    "batch number": ("vsl.writer", "batch_number"),
    "redo point": ("vsl.state_progress", "redo_sequence"),
    "count of parts": ("vsl.state_progress", "write_count"),
}


@pytest.mark.parametrize("what", NULLS)
def test_null_under_a_running_server_ends_it_with_a_reason(bank, what):
    """Who owns the schema may take its rules away: then the server says what it cannot read,
    answers nothing that it cannot prove, and ends as with damaged rows, not by a signal."""
    table, column = NULLS[what]
    bank.server.start()
    client = bank.server.connect()
    bank.tamper("superuser", f"alter table {table} alter {column} drop not null",
                f"update {table} set {column} = null")
    if table == "vsl.state_progress":
        # The keeper looks at it when its connection is new.
        bank.tamper("superuser", "select pg_terminate_backend(pid) from pg_stat_activity"
                    f" where datname = '{bank.database.name}' and application_name ~ 'keeper'")
    for _ in range(3):
        try:
            client.balances(bank.ledger, bank.account)
            pay(bank, client)
        except grpc.RpcError:
            break
    bank.server.wait_log(f"{table}|lost state that was written|state_progress")
    assert bank.server.wait_end() == 3


CHECKS_OF_ALL_RECORDS = {"state_records": {"account", "usage"}, "state_progress": set(),
                         "refused_without_effect": set()}


@pytest.mark.parametrize("name, but", CHECKS_OF_ALL_RECORDS.items())
def test_no_kind_of_record_is_forgotten_by_a_check(database, name, but):
    """Accounts and usage have checks of their own, state_accounts and usage: their rows run ahead
    of their images."""
    sql = (TOP / f"sql/checks/{name}.sql").read_text()
    kinds = [row[0].removesuffix("_history") for row in database.query(
        "select unnest(vsl.journal_tables())::text", user="postgres")
        if row[0].endswith("_history")]
    assert len(kinds) >= 15
    for kind in set(kinds) - but:
        assert f"vsl.{kind}_history" in sql, kind


def test_a_changed_caller_is_named(bank, tools):
    """Who may what is state, too."""
    bank.server.start()
    bank.server.connect().command("create_caller", name="clerk", roles={"front": True})
    bank.stop()
    bank.tamper("service", "update vsl.caller set roles = 511")
    bank.refuses_to_start("vslctl check names the rows")
    said = tools.vslctl("check", "--database", bank.database.url, status=1).stdout
    assert "caller" in said and "state_records" in said
