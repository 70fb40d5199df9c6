"""A real fail-over: PostgreSQL's primary dies under load and its streaming standby is promoted.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from cluster import Follower
from load import Load
from test_crashes import open_platform, prove
from test_takeover import wait_standby
from waiting import wait_until

NAME = "follower"


class Pair:
    """A primary, a standby that follows it, and a connection string that finds who writes."""

    def __init__(self, primary, database, follower):
        self.primary = primary
        self.database = database
        self.follower = follower
        self.promoted = database.at(follower)
        self.url = (f"host={primary.socket},{follower.socket} user=vsl dbname={database.name}"
                    " target_session_attrs=read-write connect_timeout=5")

    def be_synchronous(self):
        """No commit of the primary is confirmed before the standby has it."""
        for sql in (f"alter system set synchronous_standby_names = '{NAME}'",
                    "select pg_reload_conf()"):
            self.primary.query("postgres", sql, user="postgres")
        wait_until(lambda: self.primary.query(
            "postgres", "select sync_state from pg_stat_replication", user="postgres")
            == [("sync",)], "the standby to be synchronous")

    def fail_over(self):
        """The primary dies for good."""
        self.primary.kill()
        self.follower.promote()


@pytest.fixture(name="pair")
def fixture_pair(own_cluster, make_database, scratch, late):
    """The two clusters; the primary is started again at the end, to be stopped in order."""
    database = make_database(own_cluster)
    follower = Follower(own_cluster, scratch / f"{own_cluster.folder.name}.{NAME}", NAME)
    late.callback(follower.stop)
    made = Pair(own_cluster, database, follower)
    yield made


def test_a_synchronous_standby_is_promoted_under_load(pair, make_server, tools):
    """Writer and standby find the new primary by themselves; nothing that was answered is lost."""
    pair.be_synchronous()
    first = make_server(pair.url, name="first").start()
    platform = open_platform(first.connect())
    second = make_server(pair.url, name="second").start(serving=False)
    wait_standby(second)
    identities = "select identity from vsl.journal_identity"
    before = pair.database.query(identities)
    load = Load(first, platform).start()
    load.wait_calls(30)
    pair.fail_over()
    wait_until(lambda: "SERVING" in (first.health(), second.health()), "one of them to write")
    load.stop()
    assert first.is_running() and second.is_running(), "nobody has to start one"
    writer, other = (first, second) if first.health() == "SERVING" else (second, first)
    more = Load(writer, platform).start()
    more.wait_calls(20)
    more.stop()
    wait_standby(other)
    assert pair.promoted.query(identities) == before, "nothing was lost: it is the same journal"
    assert other.terminate() == 0
    load.absorb(more)
    prove(load, writer, pair.promoted, tools)


def test_a_standby_that_lacks_answered_commands_is_promoted(pair, make_server, tools):
    """Nobody writes on it before somebody has looked, and consumers notice."""
    server = make_server(pair.url).start()
    client = server.connect()
    platform = client.open_platform(9102, accounts=2)
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[0],
                   amount_minor=100)
    kept = client.tie_out(platform.ledger_id).as_of_sequence
    wait_until(lambda: pair.promoted.one("select max(sequence) from vsl.command") == kept,
               "the standby to have followed")
    # Where the daily check belongs; and its checks share a snapshot there, too.
    tools.vslctl("check", "--database", pair.promoted.url, "--jobs", 3)
    pair.follower.stop()
    for _ in range(3):
        client.command("book_receipt", ledger_id=platform.ledger_id,
                       account_id=platform.accounts[1], amount_minor=7)
    old = pair.database.one("select identity::text from vsl.journal_identity")
    pair.primary.kill()
    pair.follower.start()
    pair.follower.promote()
    assert server.wait_end() == 3, "answered commands are missing"
    assert "missing" in server.log() or "lost" in server.log(), server.log()

    said = tools.vslctl("identity", "new", "--database", pair.promoted.url, "--yes",
                        "--first-sequence", kept + 1).stdout
    assert "new identity" in said
    server.start()
    client = server.connect()
    assert client.available(platform.ledger_id, platform.accounts[1]) == 0
    client.command("book_receipt", ledger_id=platform.ledger_id, account_id=platform.accounts[1],
                   amount_minor=9)
    assert client.find_command(sequence=kept + 1).book_receipt.amount_minor == 9
    said = tools.vslctl("--server", server.target, "events", "--from", kept + 3, "--identity", old,
                        status=1).stderr
    assert "JOURNAL_IDENTITY_CHANGED" in said and str(kept + 1) in said, said
    assert server.terminate() == 0
    tools.check_database(pair.promoted.url)
