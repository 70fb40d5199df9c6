"""The journal's identity: who keeps a position notices that the database was restored.

A backup is a copy of the database, a restore is a server on the copy: the same rows, the same
PostgreSQL, numbers that are given out again.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess

import grpc
import pytest

from waiting import wait_until

CHANGED = "JOURNAL_IDENTITY_CHANGED"


def receipts(client, platform, count):
    """So many commands; the number of the last one."""
    for _ in range(count):
        last = client.command("book_receipt", ledger_id=platform.ledger_id,
                              account_id=platform.accounts[0], amount_minor=100)
    return last.result.sequence


def identity_of(client):
    """The identity that the stream tells."""
    stream = client.events(1)
    first = next(stream)
    stream.cancel()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first.journal_identity)
    return first.journal_identity


def refused(call, status=grpc.StatusCode.FAILED_PRECONDITION):
    """What a call says that is refused; a stream is read until then."""
    with pytest.raises(grpc.RpcError) as error:
        answer = call()
        for _ in answer if hasattr(answer, "__next__") else ():
            pass
    assert error.value.code() == status, error.value
    return error.value


def assert_changed(error, first):
    """The refusal has its own reason and tells from where on the journal differs."""
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    assert CHANGED.encode() in details
    assert f"sequence numbers from {first} on were given out again" in error.details()


class Restored:
    """A server on a copy of the database as it was, and what a consumer holds of the original."""

    def __init__(self, server, database, cluster, late):
        client = server.start().connect()
        self.platform = client.open_platform(9901, accounts=1)
        self.end = receipts(client, self.platform, 20)
        self.old = identity_of(client)
        assert server.terminate() == 0
        self.copy = cluster.create_database(database.name)
        late.callback(cluster.leave_database, self.copy)
        client = server.start().connect()
        assert identity_of(client) == self.old, "a restart changes nothing"
        self.position = receipts(client, self.platform, 5)
        page = client.statement_page(
            self.platform.ledger_id, self.platform.accounts[0], page_size=3)
        assert page.journal_identity == self.old
        self.token = page.next_page_token
        assert server.terminate() == 0
        self.cluster = cluster
        self.server = server
        self.original_url = server.settings["database.url"]
        self.url = cluster.url(self.copy)
        server.settings["database.url"] = self.url

    def start(self):
        """A client of the server on the copy."""
        return self.server.start().connect()

    def one(self, sql):
        """One value from the copy."""
        return self.cluster.query(self.copy, sql)[0][0]


@pytest.fixture(name="restored")
def fixture_restored(make_server, database, cluster, late):
    return Restored(make_server(database.url), database, cluster, late)


def new_identity(tools, url, *arguments, status=0):
    """What vslctl identity new says."""
    said = tools.vslctl("identity", "new", "--database", url, *arguments, status=status)
    return said.stdout + said.stderr


def test_positions_and_tokens_of_before_are_refused(restored, tools):
    said = new_identity(tools, restored.url, "--yes", "--reason", "restored to noon")
    client = restored.start()
    new = identity_of(client)
    assert new != restored.old and f"new identity {new}" in said
    # Others are decided under the numbers that the consumer has seen.
    assert receipts(client, restored.platform, 9) > restored.position
    ledger, account = restored.platform.ledger_id, restored.platform.accounts[0]
    assert_changed(refused(lambda: client.events(
        restored.position + 1, journal_identity=restored.old)), restored.end + 1)
    assert_changed(refused(lambda: client.statement_page(
        ledger, account, page_size=3, page_token=restored.token)), restored.end + 1)
    wrong = refused(lambda: client.events(1, journal_identity="noon"),
                    grpc.StatusCode.INVALID_ARGUMENT)
    assert "journal_identity" in wrong.details()
    # What they are told to do works.
    stream = client.events(restored.end + 1, journal_identity=new)
    message = next(stream)
    stream.cancel()
    assert message.entry.sequence == restored.end + 1 and message.journal_identity == new
    assert client.statement_page(ledger, account, page_size=3).journal_identity == new
    assert client.journal.GetCommand(
        client.protos.journal.GetCommandRequest(sequence=1), timeout=20).journal_identity == new
    shown = tools.vslctl("identity", "show", "--database", restored.url, "--json").stdout
    assert restored.old in shown and new in shown and "restored to noon" in shown


def test_nothing_is_done_unasked_or_beside_a_server(restored, tools):
    url = restored.url
    said = new_identity(tools, url, status=2)
    assert "gets a new identity" in said and "say --yes" in said
    assert f"numbers from {restored.end + 1} on" in said
    assert restored.one("select count(*) from vsl.journal_identity") == 1
    said = new_identity(tools, url, "--yes", "--first-sequence", restored.end + 2, status=2)
    assert "--first-sequence must be at most" in said
    client = restored.start()
    assert "stop it first" in new_identity(tools, url, "--yes", status=1)
    assert identity_of(client) == restored.old
    assert restored.one("select count(*) from vsl.journal_identity") == 1
    said = tools.vslctl("identity", "keep", "--database", url, "--yes", status=1)
    assert "stop it first" in said.stderr
    assert restored.server.terminate() == 0
    said = tools.vslctl("identity", "keep", "--database", url, "--yes").stdout
    assert "nothing to do" in said and restored.old in said


def test_run_again_and_noticed_late(restored, tools):
    """Again is one more life; the lowest number that was given out again is what counts."""
    epoch = restored.one("select epoch from vsl.writer")
    new_identity(tools, restored.url, "--yes")
    new_identity(tools, restored.url, "--yes", "--first-sequence", restored.end - 5)
    assert restored.one("select epoch from vsl.writer") == epoch + 2000
    assert restored.one("select count(distinct identity) from vsl.journal_identity") == 3
    with pytest.raises(Exception, match="never changed"):
        restored.one("update vsl.journal_identity set first_sequence = 1 returning 1")
    client = restored.start()
    assert_changed(refused(lambda: client.events(
        restored.position, journal_identity=restored.old)), restored.end - 5)


def test_a_killed_tool_leaves_nothing(restored, tools):
    """It waits for the writer's row, which another session holds, and is killed there."""
    holder = restored.cluster.connect(restored.copy)
    holder.autocommit = False
    with holder.cursor() as cursor:
        cursor.execute("select * from vsl.writer for update")
    tool = subprocess.Popen(
        [tools.path("vslctl"), "identity", "new", "--database", restored.url, "--yes"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    waiting = ("select count(*) from pg_stat_activity where datname = current_database()"
               " and wait_event_type = 'Lock'")
    wait_until(lambda: restored.one(waiting) == 1, "the tool to wait for the row")
    tool.kill()
    assert tool.wait() == -9
    holder.close()
    wait_until(lambda: restored.one(waiting) == 0, "its session to end")
    assert restored.one("select count(*) from vsl.journal_identity") == 1
    new_identity(tools, restored.url, "--yes")
    assert restored.one("select count(*) from vsl.journal_identity") == 2


def test_a_server_from_before_is_one_no_more(make_server, restored, tools):
    """A writer whose session was gone while the identity was made is fenced, reads the new one."""
    late = make_server(restored.url)
    late.start()
    sessions = ("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name like 'vsld%'")
    words = [tools.path("vslctl"), "identity", "new", "--yes", "--database", restored.url]
    wait_until(lambda: restored.one(sessions) > 0 and subprocess.run(
        words, capture_output=True, check=False, timeout=60).returncode == 0,
               "a moment without the writer's session")
    wait_until(lambda: "another server has taken over" in late.log() or
               late.process.poll() is not None, "the server to notice")
    late.wait_serving()
    client = late.connect()
    assert identity_of(client) != restored.old
    assert_changed(refused(lambda: client.events(1, journal_identity=restored.old)),
                   restored.end + 1)


def test_events_and_bankstub_stop(restored, tools, scratch, make_server):
    original = make_server(restored.url)
    state = scratch / f"state-{os.getpid()}-identity"
    client = original.start().connect()
    server = f"127.0.0.1:{original.port}"
    client.command("withdraw", ledger_id=restored.platform.ledger_id,
                   account_id=restored.platform.accounts[0], amount_minor=100)
    tools.run("bankstub", "--server", server, "--once", "--state", state)
    assert f"journal_identity {restored.old}\n" in state.read_text()
    following = subprocess.Popen(
        [tools.path("vslctl"), "--server", server, "events", "--follow"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert following.stdout.readline()
    assert original.terminate() == 0
    new_identity(tools, restored.url, "--yes")
    original.start()
    said = following.communicate(timeout=60)
    assert following.returncode == 1, said
    assert "were given out again" in said[1]
    done = tools.run("bankstub", "--server", server, "--once", "--state", state, status=2)
    assert "were given out again" in done.stderr and "another state file" in done.stderr
    done = tools.vslctl("--server", server, "events", "--identity", restored.old, status=1)
    assert "were given out again" in done.stderr and not done.stdout
    new = identity_of(original.connect())
    done = tools.vslctl("--server", server, "events", "--identity", new)
    last = int(done.stdout.splitlines()[-1].split()[0])
    assert f"go on with --from {last + 1} --identity {new}\n" in done.stderr


def test_a_dump_waits_for_a_word(restored, tools, own_cluster):
    """Rows in another cluster: the server does not start before somebody has said what they are."""
    target = own_cluster.create_database()
    dump = subprocess.run(["pg_dump", "-Fc", "-d", restored.url], capture_output=True, check=True)
    subprocess.run(["pg_restore", "--no-owner", "-d", own_cluster.url(target)], input=dump.stdout,
                   check=True)
    server = restored.server
    server.settings["database.url"] = own_cluster.url(target)
    server.start(serving=False)
    assert server.process.wait(timeout=60) == 3
    assert "run vslctl identity keep if all of them are here" in server.log()
    tools.vslctl("identity", "keep", "--database", own_cluster.url(target), "--yes")
    client = server.start().connect()
    assert identity_of(client) == restored.old
    stream = client.events(restored.end, journal_identity=restored.old)
    assert next(stream).entry.sequence == restored.end
    stream.cancel()
    assert server.terminate() == 0
    # The other word, later, is as good.
    new_identity(tools, own_cluster.url(target), "--yes")
    assert identity_of(server.start().connect()) != restored.old
