"""test_denied_file.py: vslctl denied load: entries by the lines of a file, a list that comes again,
what is said of a wrong file, a run that is killed and given again.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import json
import random

import pytest

from client import DATE
from conftest import BUILD
from killing import kill_until
from test_screening import NUMBER, OPEN, Desk

HEAD = ["source", "name", "document_kind", "document_number", "account_number", "reason",
        "from_date", "expires"]
CARD = "6216261000000000018"


class File:
    """A file of lines for a desk, and the tool on it."""

    def __init__(self, desk, server, tools, folder):
        self.desk, self.server, self.tools = desk, server, tools
        self.path = folder / "list.csv"
        self.result = folder / "list.csv.result.csv"

    def write(self, *rows):
        """Writes rows, each the values of its columns."""
        with open(self.path, "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, HEAD)
            writer.writeheader()
            for row in rows:
                writer.writerow({"source": "law", "reason": "list 7", **row})
        return self

    def words(self, *options):
        """The command line."""
        return ["--server", f"127.0.0.1:{self.server.port}", "denied", "load", "--ledger",
                str(self.desk.shop.ledger_id), *map(str, options), str(self.path)]

    def run(self, *options, status=0):
        """Runs the tool; what it said."""
        return self.tools.vslctl(*self.words(*options), status=status)

    def results(self):
        """(outcome, whether before, entry) of the lines."""
        with open(self.result, encoding="utf-8", newline="") as rows:
            return [(row["outcome"], row["replayed"] == "1", int(row["denied_id"]))
                    for row in csv.DictReader(rows)]

    def entries(self):
        """What is listed."""
        return self.desk.client.list_all("screening", "ListDenied", **self.desk.on)


@pytest.fixture(name="made")
def fixture_made(client, server, tools, scratch):
    """Makes files for a ledger with the prefix."""
    def make(prefix):
        folder = scratch / f"denied-{prefix}"
        folder.mkdir(exist_ok=True)
        return File(Desk(client, prefix), server, tools, folder)
    return make


def test_a_file_is_loaded_and_given_again(made):
    file = made(8861)
    file.desk.identify(0, "Li Si")
    file.write({"name": "Li  Si"}, {"document_kind": "citizen_card", "document_number": NUMBER,
                                    "source": "police", "from_date": "2026-11-01"},
               {"account_number": CARD, "expires": "2099-11-22T00:00+08:00"}, {"name": "李四"})
    said = file.run("--dry-run")
    assert "can be loaded" in said.stdout and not file.entries()
    said = file.run()
    assert f"{file.path}: 4 lines\n" in said.stderr
    assert "deny list: 4 lines accepted, of them 0 before; 0 refused" in said.stdout
    assert "hit list" in said.stdout
    first = file.entries()
    assert [(one.kind, one.source) for one in first] == [(3, 1), (1, 2), (2, 1), (3, 1)]
    assert first[2].expires_at_us == 4098960000000000
    assert file.results() == [("accepted", False, one.denied_id) for one in first]
    member = file.desk.shop.members[0]
    assert [one[1:] for one in file.desk.hits()] == [(member, 0, OPEN)] * 2
    text = file.result.read_text()
    assert "Li" not in text and NUMBER not in text and CARD not in text
    told = json.loads(file.run("--json").stdout)
    assert (told["lines"], told["accepted"], told["replayed"], told["refused"]) == (4, 4, 4, 0)
    assert file.entries() == first and "list.csv.result.csv" in told["result_file"]
    assert file.results() == [("accepted", True, one.denied_id) for one in first]


def test_a_wrong_file_is_told_as_a_whole(made):
    file = made(8862)
    file.write({"name": "A"}, {"name": "B", "account_number": CARD}, {"source": "x", "name": "C"},
               {"document_kind": "citizen_card", "document_number": "11010519491231002Y"},
               {"document_number": NUMBER}, {"name": "D", "expires": "+7d"},
               {"name": "E", "from_date": "soon"}, {"name": "F", "reason": ""}, {},
               {"document_kind": "cat", "document_number": NUMBER})
    said = file.run(status=2).stderr
    for part in ("line 3: account_number", "line 4: source", "line 5: document_number",
                 "line 6: document_kind", "line 7: expires", "line 8: from_date", "line 9: reason",
                 "line 10: ", "line 11: document_kind", "nothing was sent"):
        assert part in said, said
    assert NUMBER not in said and not file.entries()
    assert "no lines" in file.write().run(status=2).stderr


def test_a_list_comes_again_with_more(made):
    """What is listed for as long is as good as accepted; what ends sooner, or was ended since the
    line was answered, is told."""
    file = made(8863)
    old = file.desk.deny(name="A")
    short = file.desk.deny(name="B", expires_at_us=4102444800000000)
    file.write({"name": "A"}, {"name": "C"}, {"name": "C"})
    said = file.run()
    assert "3 lines accepted, of them 2 before; 0 refused" in said.stdout, said
    new = file.entries()[-1].denied_id
    assert file.results() == [("accepted", True, old), ("accepted", False, new),
                              ("accepted", True, new)]
    file.write({"name": "A"}, {"name": "C", "expires": "2099-11-22T00:00Z"}, {"name": "D"},
               {"name": "B"}, {"name": "B", "expires": "2099-11-22T00:00Z"})
    said = file.run(status=1)
    assert "4 lines accepted, of them 3 before; 1 refused" in said.stdout, said
    assert f"line 5: value_denied: entry {short} lists it, but not as long" in said.stderr, said
    assert file.results()[3:] == [("value_denied", True, short), ("accepted", True, short)]
    file.desk.client.by_two("end_denied", **file.desk.on, denied_id=old, evidence="e")
    said = file.run(status=1)
    assert f"line 2: value_denied: entry {old} lists it" in said.stderr, said
    said = file.run("--serial", "anew", "--business-date", DATE, status=1)
    assert "4 lines accepted, of them 3 before; 1 refused" in said.stdout, said
    assert len(file.entries()) == 5


def test_a_run_that_is_killed_is_given_again(made, database, tools):
    count = 20_000
    file = made(8864)
    file.desk.identify(0, "No 19999")
    file.write(*({"name": f"No {i}"} for i in range(count)))
    kill_until([BUILD / "tools/vslctl/vslctl", *file.words()], random.Random(8864), lambda:
               database.one("select exists (select from vsl.command"
                            " where kind = vsl.kind('AddDenied'))"))
    told = json.loads(file.run("--json").stdout)
    assert (told["accepted"], told["refused"]) == (count, 0)
    assert told["replayed"] > 0
    assert len({entry for _, _, entry in file.results()}) == count == len(file.entries())
    assert len(file.desk.hits()) == 1
    tools.check_database(database.url)
