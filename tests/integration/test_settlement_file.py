"""test_settlement_file.py: vslctl settlement, what a payment company pays by the lines of its file:
what is said of a wrong file, differences in the results, a run that is killed and given again.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import json
import random
import subprocess

import pytest

from conftest import BUILD
from killing import kill_until
from test_settlements import Desk

HEAD = ["reference", "promise_id", "gross", "kept", "partial", "remark"]


class File:
    """A file of lines for a desk, and the tool on it."""

    def __init__(self, desk, item, server, tools, folder):
        self.desk, self.item, self.server, self.tools = desk, item, server, tools
        self.path = folder / "paid.csv"
        self.result = folder / "paid.csv.result.csv"

    def write(self, rows):
        """Writes rows of (reference or id, gross, kept, partial)."""
        with open(self.path, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEAD)
            for promise, gross, *more in rows:
                named = [promise, ""] if isinstance(promise, str) else ["", promise]
                writer.writerow([*named, f"{gross / 100:.2f}", *more, *[""] * (3 - len(more))])
        return self

    def words(self, *options):
        """The command line."""
        return ["--server", f"127.0.0.1:{self.server.port}", "settlement", "--ledger",
                str(self.desk.ledger), "--acquirer", str(self.desk.allpay), "--suspense",
                str(self.item), *map(str, options), str(self.path)]

    def run(self, *options, status=0):
        """Runs the tool; what it said."""
        return self.tools.vslctl(*self.words(*options), status=status)

    def results(self):
        """The rows of the result file."""
        with open(self.result, encoding="utf-8", newline="") as rows:
            return list(csv.DictReader(rows))


@pytest.fixture(name="made")
def fixture_made(client, server, tools, scratch):
    """Makes files for a desk of a ledger with the prefix."""
    def make(prefix, amount=10_000):
        folder = scratch / f"settlement-{prefix}"
        folder.mkdir(exist_ok=True)
        desk = Desk(client, prefix)
        return File(desk, desk.receive(amount), server, tools, folder)
    return make


def test_a_file_is_settled_and_given_again(made):
    file = made(8841)
    one, two, three = (file.desk.promise(1000, f"T-{i}") for i in range(3))
    file.write([("T-0", 1000), (two, 1000, "0.60"), ("T-2", 400, "", "yes"), ("T-2", 600),
                ("none", 50)])
    said = file.run()
    assert "5 lines, 29.90 CNY in all" in said.stderr
    assert "5 lines accepted, of them 0 before; 0 refused; closed" in said.stdout
    rows = file.results()
    assert [row["difference_id"] != "0" for row in rows] == [False, True, False, False, True]
    assert [row["reference"] for row in rows] == ["T-0", "", "T-2", "T-2", "none"]
    assert [file.desk.get(each).status for each in (one, two, three)] == [3, 2, 3]
    before = len(file.desk.list("acquirer", "ListDifferences"))
    said = json.loads(file.run("--json").stdout)
    assert (said["accepted"], said["replayed"], said["refused"], said["closed"]) == (5, 5, 0, True)
    assert file.results()[1]["difference_id"] == rows[1]["difference_id"]
    assert said["differences"] == 2
    assert len(file.desk.list("acquirer", "ListDifferences")) == before == 2
    assert "2 of them with a difference: 'vslctl difference list --settlement" in file.run().stdout


def test_a_wrong_file_is_told_as_a_whole(made):
    file = made(8842)
    file.write([("T-0", 100), ("", 100), ("T-2", 100, "1.00"), ("T-3", 100, "", "perhaps")])
    with open(file.path, "a", encoding="utf-8") as out:
        out.write("T-5,7,1.00,,,\nT-6,x,1.00,,,\nT-7,,1.234,,,\n")
    said = file.run(status=2).stderr
    for part in ("line 3: reference", "line 4: kept", "line 5: partial", "line 6: promise_id",
                 "line 7: promise_id", "line 8: gross", "nothing was sent"):
        assert part in said, said
    assert not file.desk.list("acquirer", "ListSettlements")
    assert "--acquirer is missing" in file.tools.vslctl(
        "settlement", "--ledger", file.desk.ledger, "--suspense", file.item, file.path,
        status=2).stderr


def test_more_than_the_item_has_is_refused(made):
    file = made(8843, amount=99)
    file.write([("T-0", 100)])
    said = file.run(status=1)
    assert "the settlement is not opened" in said.stderr
    assert "can be opened" not in file.run("--dry-run", status=1).stdout


def test_a_refused_line_is_sent_right(made):
    file = made(8845)
    one = file.desk.promise(1000, "T-0")
    file.write([("T-0", 1000), (2**40, 500)])
    said = file.run(status=1)
    assert "line 3: " in said.stderr and "1 lines accepted, of them 0 before; 1 refused; open" in (
        said.stdout) and "settlement line --settlement" in said.stdout, said
    assert [row["outcome"] for row in file.results()] == ["accepted", "promise_not_found"]
    said = file.run(status=1)
    assert "line 3: The ledger has no promise" in said.stderr, said
    assert "1 lines accepted, of them 1 before; 1 refused; open" in said.stdout
    settlement = file.desk.list("acquirer", "ListSettlements")[0].settlement_id
    assert file.desk.line(settlement, "T-9", 500) != 0
    file.desk.do("close_settlement", settlement_id=settlement)
    said = file.run(status=1).stdout
    assert "1 refused; closed" in said and "settlement line" not in said
    assert file.desk.get(one).status == 3


def test_what_was_given_up_is_sent_anew(made):
    file = made(8846, amount=1500)
    file.desk.promise(1000, "T-0")
    file.desk.promise(500, "T-1")
    file.write([("T-0", 1000), (2**40, 500)])
    assert "--abandon" in file.run(status=1).stdout
    settlement = file.desk.list("acquirer", "ListSettlements")[0].settlement_id
    file.desk.do("close_settlement", settlement_id=settlement, abandon=True,
                 suspense_id=file.item)
    said = file.run(status=1)
    assert "1 refused; abandoned" in said.stdout and "of those lines only" in said.stdout, said
    again = ["--serial", "again", "--business-date", "2024-02-29"]
    assert "the settlement is not opened" in file.run(*again, status=1).stderr
    file.write([("T-1", 500)])
    assert "1 lines accepted, of them 0 before; 0 refused; closed" in file.run().stdout
    assert not file.desk.list("acquirer", "ListPromises")
    assert not file.desk.list("acquirer", "ListDifferences")


def test_a_serial_is_of_one_file(made):
    """Under a serial that was used for lines that say something else nothing is taken as booked."""
    file = made(8847)
    for name in ("T-0", "T-1"):
        file.desk.promise(1000, name)
    serial = ["--serial", "mine", "--business-date", "2024-02-29"]
    file.write([("T-0", 1000)]).run(*serial)
    said = file.write([("T-1", 1000)]).run(*serial, status=1)
    assert "0 lines accepted, of them 0 before; 1 refused; closed" in said.stdout, said
    assert file.results()[0]["outcome"] == "key_conflict"
    assert "the settlement is not opened" in file.write([("T-1", 999)]).run(
        *serial, status=1).stderr
    assert "--serial needs --business-date" in file.run("--serial", "mine", status=2).stderr


def test_answers_that_are_lost_are_asked_for_again(made, database, tools):
    """The server dies when a batch is durable, before its answer leaves."""
    file = made(8849)
    for i in range(3):
        file.desk.promise(1000, f"T-{i}")
    file.write([(f"T-{i}", 1000) for i in range(3)])
    lost = 0
    for _ in range(6):
        file.server.kill()
        file.server.start(fault="flow.before_answers:1")
        done = subprocess.run([BUILD / "tools/vslctl/vslctl", *file.words()], text=True,
                              capture_output=True, check=False)
        if done.returncode == 0:
            break
        lost += 1
        assert done.returncode == 4 and not file.result.exists(), done.stderr
        assert "Send the same file again" in done.stderr
    assert lost == 3, done
    assert "3 lines accepted, of them 3 before; 0 refused; closed" in done.stdout
    file.server.kill()
    file.server.start()
    file.desk.client = file.server.connect()
    assert file.desk.balances(file.desk.accounts[0]).available_minor == 2910
    assert not file.desk.list("acquirer", "ListDifferences")
    tools.check_database(database.url)


def test_without_a_server_nothing_is_booked(made):
    file = made(8848)
    file.desk.promise(1000, "T-0")
    file.write([("T-0", 1000)])
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BUILD / "tools/vslctl/vslctl", *file.words()], check=False,
                              stdin=subprocess.DEVNULL, stdout=full, stderr=full)
    assert done.returncode == 2
    assert "could not write" in file.run("--result", "/nowhere/there", status=2).stderr
    file.server.terminate()
    said = file.run(status=3)
    assert "could not connect" in said.stderr and not file.result.exists(), said
    file.server.start()
    file.desk.client = file.server.connect()
    assert not file.desk.list("acquirer", "ListSettlements")
    file.run()


def test_a_run_that_is_killed_is_given_again(made, database, tools):
    count = 20_000
    file = made(8844, amount=count)
    client = file.desk.client
    file.desk.do("set_acquirer", acquirer_id=file.desk.allpay, ceiling_minor=10**9)
    for at in range(0, count, 5_000):
        client.batch([client.item(
            "book_promise", ledger_id=file.desk.ledger, acquirer_id=file.desk.allpay,
            account_id=file.desk.accounts[0], amount_minor=1, reference=f"K-{i}")
                      for i in range(at, at + 5_000)])
    file.write([(f"K-{i}", 1) for i in range(count)])
    kill_until([BUILD / "tools/vslctl/vslctl", *file.words()], random.Random(8844), lambda:
               database.one("select exists (select from vsl.command"
                            " where kind = vsl.kind('SettleLine'))"))
    said = json.loads(file.run("--json").stdout)
    assert (said["accepted"], said["refused"], said["closed"]) == (count, 0, True)
    assert said["replayed"] > 0
    assert len({row["sequence"] for row in file.results()}) == count
    assert file.desk.list("acquirer", "ListDifferences") == []
    assert file.desk.list("acquirer", "ListPromises") == []
    assert file.desk.balances(file.desk.accounts[0]).available_minor == count
    tools.check_database(database.url)


def test_one_is_gone_on_with_under_new_keys(made):
    """What the settlement has is told by what its lines say: also two that say the same; what was
    refused is tried again."""
    file = made(8850, amount=2500)
    file.desk.promise(1000, "T-0")
    file.desk.promise(1000, "T-1")
    settlement = file.desk.open(file.item, 4, 2500)
    file.desk.line(settlement, "T-1", 250, partial=True)
    file.desk.line(settlement, "T-0", 1000)
    last = file.desk.list("acquirer", "ListPromises")[-1].promise_id + 1
    file.write([("T-0", 1000), ("T-1", 250, "", "yes"), ("T-1", 250, "", "yes"), (last, 1000)])
    on = ["--settlement", settlement]
    said = file.run(*on, "--dry-run")
    assert "is that of the settlement" in said.stdout, said
    said = file.run(*on, status=1)
    assert "3 lines accepted, of them 2 before; 1 refused; open" in said.stdout, said
    assert file.desk.promise(1000, "T-2") == last
    # On the same day the refusal stands under its key; by another serial it is tried.
    anew = ["--serial", "on", "--business-date", "2024-02-29"]
    said = file.run(*on, *anew)
    assert "4 lines accepted, of them 3 before; 0 refused; closed" in said.stdout, said
    said = file.run(*on, *anew)
    assert "4 lines accepted, of them 4 before; 0 refused; closed" in said.stdout, said
    assert not file.desk.list("acquirer", "ListDifferences")
    assert "was opened for" in file.write([("T-0", 1000)]).run(*on, status=2).stderr
    assert file.run("--settlement", 2**40, status=1)
    other = file.desk.open(file.desk.receive(5), 1, 5, file.desk.keeper)
    assert "is of acquirer" in file.run("--settlement", other, status=2).stderr
