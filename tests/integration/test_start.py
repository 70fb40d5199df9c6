"""Starting: what is refused and how it is said, redo, and what a restart must not change.

SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import time

import pytest

from server import BUILD
from test_reads import check_statements, play_days


def run_vsld(*arguments):
    """Runs vsld where it must refuse to start; gives (exit status, log)."""
    done = subprocess.run([BUILD / "core/vsld", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
    return done.returncode, done.stderr


# Exit statuses: the world does not let it start; the settings are wrong; the database must not be
# used.
CANNOT_START, WRONG_SETTINGS, MUST_NOT_USE = 1, 2, 3

REFUSED_SETTINGS = [
    # settings, exit status, what the log must name
    (["listen.address=nowhere"], CANNOT_START, "listen"),
    (["listen.address=0.0.0.0:7999"], CANNOT_START, "plaintext"),
    (["tls.certificate=/nowhere.pem", "tls.key=/nowhere.key"], CANNOT_START, "certificate"),
    (["tls.certificate=/nowhere.pem"], WRONG_SETTINGS, "tls.key"),
    (["journal.segment_commands=999"], WRONG_SETTINGS, "segment_commands"),
    (["journal.segment_commands=4000001"], WRONG_SETTINGS, "segment_commands"),
    (["journal.segment_commands=many"], WRONG_SETTINGS, "segment_commands"),
    (["journal.segment_comands=1000"], WRONG_SETTINGS, "segment_comands"),
    (["admin.log_level=loud"], WRONG_SETTINGS, "log_level"),
    (["database.take_over=perhaps"], WRONG_SETTINGS, "take_over"),
    (["nonsense"], WRONG_SETTINGS, "section.key=value"),
]


@pytest.mark.parametrize("settings, expected, named", REFUSED_SETTINGS)
def test_wrong_setting_is_named(database, settings, expected, named):
    arguments = ["--set", f"database.url={database.url}", "--set", "listen.address=127.0.0.1:0"]
    for setting in settings:
        arguments += ["--set", setting]
    status, log = run_vsld(*arguments)
    assert status == expected, log
    assert named in log, log


def test_missing_database_setting_and_config_file_are_named(tmp_path):
    status, log = run_vsld("--set", "listen.address=127.0.0.1:0")
    assert status == WRONG_SETTINGS and "url" in log
    status, log = run_vsld("--config", tmp_path / "nowhere.ini")
    assert status == WRONG_SETTINGS and "nowhere.ini" in log


def test_unknown_schema_is_refused(make_server, cluster, database):
    """No schema, an older and a newer one: the server stops and says what to do."""
    empty = cluster.create_database()
    try:
        server = make_server(cluster.url(empty), name="empty").start(serving=False)
        assert server.wait_end() == MUST_NOT_USE and "vslctl migrate" in server.log()
    finally:
        cluster.drop_database(empty)
    version = database.one("select max(version) from vsl.schema_version")
    database.query("insert into vsl.schema_version (version) values (%s)", (version + 1,))
    server = make_server(database.url, name="newer").start(serving=False)
    assert server.wait_end() == MUST_NOT_USE and "version" in server.log()
    assert database.one("select epoch from vsl.writer") == 0, "it must not have taken over"


def state_of(client, platform):
    """Everything that a client can read of a platform's live state."""
    return (
        client.get_ledger(platform.ledger_id),
        [client.get_account(platform.ledger_id, account_id=account)
         for account in platform.accounts],
        [client.get_member(platform.ledger_id, member_id=member) for member in platform.members],
        client.tie_out(platform.ledger_id),
        client.balances(platform.ledger_id, *platform.accounts,
                        platform.control.fee_account_id, platform.control.escrow_account_id),
    )


@pytest.mark.parametrize("ending", ["terminate", "kill"])
def test_restart_brings_back_what_was(make_server, database, ending):
    """State, answers, statements and ids go on where they were."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    client = server.connect()
    platform = client.open_platform(8101, accounts=3)
    last_payout = 0
    for round_number in range(3):
        request = client.request("book_receipt", ledger_id=platform.ledger_id,
                                 account_id=platform.accounts[0], amount_minor=round_number + 50)
        first = client.send("book_receipt", request).result
        if round_number == 0:
            play_days(client, platform, seed=11)
        before = state_of(client, platform)
        getattr(server, ending)()
        server.start()
        client = server.connect()
        assert state_of(client, platform) == before
        again = client.send("book_receipt", request).result
        assert again.replayed and again.sequence == first.sequence
        payout = client.command("withdraw", ledger_id=platform.ledger_id, amount_minor=1,
                                account_id=platform.accounts[0],
                                key=client.key(date=20240302)).payout_id
        assert payout > last_payout
        last_payout = payout
    check_statements(client, platform, platform.accounts)


def test_recorded_time_never_goes_back(make_server, database):
    """A journal from the future: new commands are not recorded before it."""
    server = make_server(database.url).start()
    client = server.connect()
    platform = client.open_platform(8102)
    assert server.terminate() == 0
    # The clock was an hour ahead when the last command was recorded, and has been put right.
    database.query("set session_replication_role = replica;"
                   "update vsl.command set recorded_at = recorded_at + interval '1 hour'"
                   " where sequence = (select max(sequence) from vsl.command);"
                   "update vsl.batch set recorded_at = recorded_at + interval '1 hour'"
                   " where batch_number = (select max(batch_number) from vsl.batch)",
                   user="postgres")
    server.start()
    client = server.connect()
    times = [client.command("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                            account_id=platform.accounts[0]).result.recorded_at_us
             for _ in range(20)]
    entries = client.entries(1, client.tie_out(platform.ledger_id).as_of_sequence)
    recorded = [entry.recorded_at_us for entry in entries]
    assert recorded[-21] > time.time() * 1e6, "the clock stands behind the journal"
    assert recorded == sorted(recorded) and recorded[-20:] == times
