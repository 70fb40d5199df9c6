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
    (["listen.address=nowhere"], WRONG_SETTINGS, "listen.address: nowhere"),
    (["listen.address=0.0.0.0:7999"], WRONG_SETTINGS, "tls.client_ca"),
    (["listen.address=unix:" + "x" * 200], WRONG_SETTINGS, "listen.address"),
    (["listen.address=unix:/nowhere/vsld.sock"], CANNOT_START,
     "listen.address: could not listen on /nowhere/vsld.sock"),
    (["tls.certificate=/nowhere.pem", "tls.key=/nowhere.key"], WRONG_SETTINGS, "tls.certificate"),
    (["database.url=no=such"], WRONG_SETTINGS, "database.url"),
    (["database.read_url=host"], WRONG_SETTINGS, "database.read_url"),
    (["tls.certificate=/nowhere.pem"], WRONG_SETTINGS, "tls.key"),
    (["listen.connections_max=65536"], WRONG_SETTINGS, "from 1 to 65535"),
    (["listen.address="], WRONG_SETTINGS, "listen.address"),
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


def test_settings_as_the_help_shows_them(database, scratch):
    """The defaults printed by --help are a file that works, indented and with nothing set."""
    shown = subprocess.run([BUILD / "core/vsld", "--help"], capture_output=True, text=True,
                           check=True).stdout
    lines = [line for line in shown.split("Settings, with their defaults:")[1].splitlines()
             if line.startswith("[") or " = " in line]
    config = scratch / "shown.ini"
    # The last setting is wrong, and the only thing that is.
    config.write_text("\n".join(lines).replace("  url = ", f"  url = {database.url}")
                      .replace("log_level = info", "log_level = loud"))
    status, log = run_vsld("--config", config)
    assert status == WRONG_SETTINGS and f"{config}: admin.log_level" in log, log
    config.write_text(config.read_text().replace("loud", "info")
                      .replace("127.0.0.1:7450", "127.0.0.1:99999"))
    status, log = run_vsld("--config", config)
    assert status == WRONG_SETTINGS and "127.0.0.1:99999" in log and str(config) in log, log


@pytest.mark.parametrize("blank", ["", " "])
def test_long_line_is_refused_and_not_shown(scratch, blank):
    """A value that is cut would be another one, and its tail may be a password."""
    config = scratch / "long.ini"
    head = "url = host=/nowhere application_name="
    config.write_text("[listen]\naddress = 127.0.0.1:0\n[database]\n" +
                      head + "x" * (199 - len(head)) + blank + "hidden123=hidden456\n")
    status, log = run_vsld("--config", config)
    assert status == WRONG_SETTINGS and "line 4" in log and "199" in log, log
    assert "hidden" not in log, log


def test_key_under_a_pass_phrase_is_refused(database, scratch):
    """Nobody is there to be asked for it."""
    key, certificate = scratch / "locked.key", scratch / "locked.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-subj", "/CN=test", "-keyout", key,
         "-out", certificate, "-passout", "pass:a phrase"], check=True, capture_output=True)
    status, log = run_vsld(
        "--set", f"database.url={database.url}", "--set", "listen.address=127.0.0.1:0",
        "--set", f"tls.certificate={certificate}", "--set", f"tls.key={key}")
    assert status == WRONG_SETTINGS and "pass phrase" in log, log
    assert "Enter" not in log, log


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


def test_recorded_time_never_goes_back(make_server, database, tmp_path):
    """A journal from the future: new commands are not recorded before it."""
    server = make_server(database.url, {"clock.difference_max_s": 4000,
                                        "clock.recorded_ahead_max_s": 4000})
    # The clock was an hour ahead when the last command was recorded, and has been put right.
    ahead = tmp_path / "clock"
    ahead.write_text(str(3600 * 1_000_000))
    server.start(VSL_CLOCK_FILE=str(ahead))
    platform = server.connect().open_platform(8102)
    assert server.terminate() == 0
    server.start()
    client = server.connect()
    times = [client.command("book_receipt", ledger_id=platform.ledger_id, amount_minor=1,
                            account_id=platform.accounts[0]).result.recorded_at_us
             for _ in range(20)]
    entries = client.entries(1, client.tie_out(platform.ledger_id).as_of_sequence)
    recorded = [entry.recorded_at_us for entry in entries]
    assert recorded[-21] > time.time() * 1e6, "the clock stands behind the journal"
    assert recorded == sorted(recorded) and recorded[-20:] == times
