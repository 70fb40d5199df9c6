"""What an operator runs: quickstart, monitoring, backup, rehearsal, checks of tampered books.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import signal
import subprocess

import psycopg2
import pytest

from load import Load
from test_crashes import open_platform
from waiting import wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]


def run(*arguments, status=0, timeout=280, **environment):
    """Runs a script of deploy/ and gives its standard output; fails on another exit status."""
    done = subprocess.run(
        [TOP / "deploy" / arguments[0], *map(str, arguments[1:])], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, **environment})
    assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def play(server, calls=20):
    """Some load, stopped again."""
    load = Load(server, open_platform(server.connect())).start()
    load.wait_calls(calls)
    load.stop()


def test_quickstart_demo():
    """The release, a cluster, a day, the proof as the last line, and nothing left running."""
    said = run("quickstart", "demo")
    lines = said.splitlines()
    assert lines[-1] == "escrow tie-out: balanced"
    table = [line.split() for line in lines]
    assert ["shop-17", "7", "255.70", "0.00", "0.00", "0.00"] in table
    assert ["bert", "10", "267.50", "0.00", "0.00", "24.20"] in table
    assert ("  order A-1002: paid 120.00 = confirmed 80.80 + refunded 15.00 + held 24.20; fees 0.80"
            in lines)
    for status in ("paid", "failed", "returned"):
        assert any(f" is {status}; its evidence is command " in line for line in lines)
    assert ["FEE", "3", "8.29", "0.00", "0.00", "0.00"] in table
    at = lines.index("same card in, same card out:")
    assert any(line.endswith(" of 40.00, card_not_bound") for line in lines[at:])
    assert any("refused: destination_not_own_card" in line for line in lines[at:])
    assert "    by card 2 60.00 may leave; 60.00 came by it and did not" in lines[at:]
    assert any(line.endswith(" of 60.00 goes to card 2") for line in lines[at:])
    assert any(line.endswith(" of 10.00 goes to card 1") for line in lines[at:])
    at = lines.index("what the bank says of the escrow account, and what nobody has booked:")
    breaks = [line for line in lines[at:] if line.startswith("    ") and ": line " in line
              or "_MISS: " in line]
    assert len(breaks) == 1 and breaks[0].startswith("    FEE: line "), breaks
    assert " of -12.00, " in breaks[0]
    assert "    LINE_NOT_BOOKED: -12.00" in lines[at:]
    # Over certificates that it made itself: a platform reads what is its own, and no more.
    at = lines.index("the platform, which may read its own ledger only:")
    assert lines[at + 3] == "    available 255.70"
    assert lines[at + 4].startswith("  vslctl --profile mall pay --ledger 1 ")
    assert lines[at + 5] == ("    PERMISSION_DENIED: FundsService.Pay needs the role front, which "
                             "the caller does not have")
    assert lines[at + 6].startswith("  vslctl --profile mall reveal --ledger 1 ")
    assert lines[at + 7].startswith("    PERMISSION_DENIED: RevealService.Reveal needs the role ")
    at = lines.index("what takes two persons:")
    assert "refused: approval_needed" in lines[at + 3] and "PERMISSION_DENIED" in lines[at + 6]
    assert lines[at + 8].startswith("    paid as command ")
    assert lines[at + 8].endswith(
        ", proposed by desk.bank.example, approved by second.bank.example")
    # Names are masked in answers, and revealed to who says why.
    at = lines.index("who paid in:")
    assert lines[at + 2] == "    payer.name ********u, payer.account_number 621626*********0018"
    assert lines[at + 4] == ("    receiving_number 8800010000000119, payer.name Carl Zhou, "
                             "payer.account_number 6216261000000000018")


def test_quickstart_leaves_another_server_alone(make_server, database, tmp_path):
    """Its port is taken by another vsld: it says so, plays nothing into it, and kills nobody."""
    server = make_server(database.url).start()
    mine = {"VSL_QUICKSTART_STATE": str(tmp_path), "VSL_QUICKSTART_PORT": str(server.port)}
    done = subprocess.run([TOP / "deploy/quickstart"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60, check=False, env={**os.environ, **mine})
    assert done.returncode == 1
    assert f"another program listens on 127.0.0.1:{server.port}" in done.stderr
    # A process id that is another's by now, here the other server's own.
    (tmp_path / "vsld.pid").write_text(f"{server.process.pid}\n")
    assert "vsld does not run" in run("quickstart", "status", status=1, **mine)
    stopped = subprocess.run([TOP / "deploy/quickstart", "stop"], text=True, capture_output=True,
                             check=False, env={**os.environ, **mine})
    assert stopped.returncode == 1
    assert f"nothing was ever started in {tmp_path}" in stopped.stderr
    assert server.health() == "SERVING"
    assert database.one("select count(*) from vsl.command") == 0


@pytest.mark.parametrize("script, words", [
    ("quickstart", ["demo", "status", "stop"]), ("postgres/cluster", ["init", "start", "url"]),
    ("backup/backup", ["CONNINFO"]), ("backup/rehearse", ["FOLDER"]),
    ("monitoring/check", ["CONNINFO"])])
def test_scripts_explain_themselves(script, words):
    said = run(script, "--help")
    for word in words:
        assert word in said
    assert "SPDX" not in said
    run(script, "no", "such", "words", status=1 if script == "quickstart" else 2)


def test_monitoring_tells_running_from_not(make_server, own_cluster, make_database):
    database = make_database(own_cluster)  # one that syncs: else it warns
    server = make_server(database.url).start()
    play(server)
    said = run("monitoring/check", database.url)
    assert said.startswith("VSL OK - "), said
    assert server.terminate() == 0
    said = run("monitoring/check", database.url, status=2)
    assert "writer_missing=1" in said and said.startswith("VSL CRITICAL - ")


def test_backup_is_rehearsed(make_server, own_cluster, make_database, tools, scratch):
    """Taken under load, it starts by itself and its books are right."""
    database = make_database(own_cluster)
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    load = Load(server, open_platform(server.connect())).start()
    load.wait_calls(20)
    backup = scratch / "backups/first"
    interrupted = subprocess.Popen(
        [TOP / "deploy/backup/backup", f"host={own_cluster.socket} user=postgres", backup],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)
    rest = backup.with_name("first.incomplete")
    wait_until(lambda: rest.exists() and any(rest.iterdir()), "the backup to begin")
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.wait()
    assert rest.exists() and not backup.exists(), "what is not whole does not look like a backup"
    run("backup/backup", f"host={own_cluster.socket} user=postgres", backup)
    load.wait_calls(5)
    load.stop()
    # A backup of a Debian cluster has no settings in it: they lie in /etc.
    (backup / "postgresql.conf").unlink()
    said = run("backup/rehearse", backup, tools.path("vslctl"), PGDATABASE=database.name)
    assert said.splitlines()[-1] == "rehearsal: the books are right"
    assert "\nnew identity " in said and database.one(
        "select count(*) from vsl.journal_identity") == 1, "the copy's, not the original's"
    assert not rest.exists()
    assert not (backup / "postmaster.pid").exists(), "the rehearsal must not touch the backup"


TAMPERINGS = [
    # what somebody with rights might do, as SQL; which of the two tools must see it
    ("update vsl.posting set amount = amount + 1 where sequence = (select max(sequence)"
     " from vsl.posting)", ("check", "verify")),
    ("update vsl.command set serial = 'X' || serial where sequence = 5", ("verify",)),
    ("update vsl.account_history set available = available + 1 where sequence ="
     " (select max(sequence) from vsl.account_history)", ("verify",)),
    ("delete from vsl.command where sequence = (select max(sequence) from vsl.command)",
     ("check", "verify")),
    ("update vsl.batch set digest = sha256('x') where batch_number = 3", ("verify",)),
    ("update vsl.command set (channel, business_date, serial) = (select channel, business_date,"
     " serial from vsl.command where sequence = 4) where sequence = 5", ("check", "verify")),
]


@pytest.mark.parametrize("statement, seen_by", TAMPERINGS)
def test_tampering_is_found(make_server, database, tools, statement, seen_by):
    """Past the triggers, as a superuser can: the checks or the chain of digests tell."""
    server = make_server(database.url).start()
    play(server)
    assert server.terminate() == 0
    tools.check_database(database.url)
    connection = database.cluster.connect(database.name, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0, "nothing was tampered with"
    connection.close()
    for tool in seen_by:
        tools.vslctl(tool, "--database", database.url, status=1)


def test_server_needs_no_more_than_the_rights_of_its_roles(
        make_server, own_cluster, make_database, tools):
    """sql/roles.sql takes the schema from the login role; through segments and restarts it can do
    all it must, and none of what it must not."""
    database = make_database(own_cluster)
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", own_cluster.socket, "-U", "postgres", "-d",
         database.name, "-f", TOP / "sql/roles.sql", "-c", "grant vsl_writer, vsl_reader to vsl"],
        check=True, timeout=60, capture_output=True)
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    load = Load(server, open_platform(server.connect())).start()
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") >= 2,
               "two indexed segments")
    server.kill()
    load.stop()
    server.start()
    load.resend_unknown(server.connect())
    load.check(server.connect())
    assert server.terminate() == 0
    tools.check_database(database.url)
    made = tools.vslctl("certificate", "--database", database.url, "--ledger", 1, "--sequence",
                        database.one("select max(last_sequence) from vsl.batch"), "--json").stdout
    assert json.loads(made)["difference_minor"] == "0"
    for statement in ("update vsl.posting set amount = 1", "delete from vsl.command",
                      "truncate vsl.command", "truncate vsl.command_s0000000000000000001",
                      "drop table vsl.batch", "create table vsl.mine ()",
                      "update vsl.segment set state = 1", "delete from vsl.writer"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            database.query(statement)


def test_journal_cannot_be_changed_by_its_owner(make_server, database):
    """Triggers refuse what a mistyped statement would do."""
    server = make_server(database.url).start()
    play(server, calls=3)
    for statement in ("update vsl.posting set amount = 1", "delete from vsl.command",
                      "delete from vsl.batch", "update vsl.account_history set frozen = 1"):
        with pytest.raises(psycopg2.DatabaseError, match="are never changed"):
            database.query(statement)
