"""test_statement_load.py: vslctl statement load, the bank's statements as records: what follows
what, what is there twice, what two persons take, runs that are cut, and published files.

SPDX-License-Identifier: Apache-2.0
"""
import hashlib
import json
import signal
import subprocess
import time

import pytest

from client import DATE
from conftest import BUILD
from statements import mt

pytestmark = pytest.mark.usefixtures("checked")

ACCOUNT = "110060001"


def statement(number, opening, entries, closing=None, account=ACCOUNT, currency="CNY"):
    """An MT940 of one statement; entries are (amount, the bank's reference)."""
    if closing is None:
        closing = opening + sum(amount for amount, _ in entries)

    def balance(amount):
        mark = mt(amount)
        return f"{mark[0]}260101{currency}{mark[1:]}"
    lines = [f":20:DAILY\n:25:{account}\n:28C:{number}/1\n:60F:{balance(opening)}\n"]
    for amount, reference in entries:
        lines.append(f":61:2601010101{mt(amount)}NTRFNONREF//{reference}\n"
                     ":86:166?20Order 7?31DE000?32Zhang San\n")
    return "".join(lines) + f":62F:{balance(closing)}\n-\n"


class Desk:
    """A ledger, and the tool on it."""

    def __init__(self, client, server, tools, folder, prefix, account=ACCOUNT, currency="CNY"):
        self.client, self.server, self.tools = client, server, tools
        self.ledger = client.command(
            "open_ledger", platform_name="P", escrow_account_number=account, currency=currency,
            receiving_prefix=str(prefix), first_accounting_date=DATE,
            key=client.key(date=DATE)).ledger_id
        self.on = {"ledger_id": self.ledger}
        self.path = folder / f"{prefix}.sta"

    def words(self, *options, path=None):
        """The command line."""
        return ["--server", f"127.0.0.1:{self.server.port}", "statement", "load", "--ledger",
                str(self.ledger), *map(str, options), str(path or self.path)]

    def load(self, text, *options, status=0):
        """Writes the file and loads it; the words behind the figures, one a statement."""
        self.path.write_text(text, encoding="utf-8")
        self.said = self.tools.vslctl(*self.words(*options), status=status)
        return [line.split("before=", 1)[1].split(" ", 1)[1]
                for line in self.said.stdout.splitlines()]

    def statements(self):
        """All of the ledger."""
        return self.client.list_all("bankstatement", "ListBankStatements", **self.on)

    def lines(self, statement_id=0):
        """Lines of one or all."""
        return self.client.list_all("bankstatement", "ListBankStatementLines",
                                    bank_statement_id=statement_id, **self.on)


def test_statements_follow_each_other_and_come_once(client, server, tools, scratch):
    desk = Desk(client, server, tools, scratch, 8861)
    first = statement(5, 10_000, [(2500, "B1"), (-300, "B2"), (-300, "B2"), (1, "NONREF")])
    assert desk.load(first) == ["closed"]
    made, = desk.statements()
    assert (made.opening_minor, made.closing_minor, made.sum_minor, made.line_count, made.number,
            made.statement_reference, made.from_date) == (
                10_000, 11_901, 1901, 4, 5, "DAILY/5/1/20260101", 20260101)
    lines = desk.lines(made.bank_statement_id)
    assert [(one.ordinal, one.amount_minor, one.booking_date) for one in lines] == [
        (1, 2500, 20260101), (2, -300, 20260101), (3, -300, 20260101), (4, 1, 20260101)]
    # What the bank wrote stands in the command, masked.
    entry = client.read("journal", "GetCommand", sequence=lines[0].added_sequence
                        ).entry.add_statement_line
    assert (entry.bank_reference, entry.counterparty.name) == ("B1", "********n")
    assert entry.entry_key and "Zhang" not in str(entry)

    # The same file again, and the same statement in another file.
    assert desk.load(first) == ["known"]
    assert desk.load(first + "\n") == ["known: it came in another file"]
    swapped = statement(5, 10_000, [(-300, "B1"), (2500, "B2"), (-300, "B2"), (1, "NONREF")])
    assert desk.load(swapped, status=1) == [
        "refused: the ledger has another statement of the name 'DAILY/5/1/20260101', with another "
        "line, of another file"]
    # Another statement of that name is not: what it says would be lost.
    for other, figure in (
            (statement(5, 10_001, [(2500, "B1"), (-600, "B2"), (1, "NONREF"), (1, "B8")]),
             "opening balance"),
            (statement(5, 10_000, [(2500, "B1"), (-600, "B2"), (1, "NONREF"), (9, "B8")]),
             "closing balance"),
            (statement(5, 10_000, [(2500, "B1"), (-600, "B2"), (1, "NONREF")]),
             "number of lines")):
        assert desk.load(other, status=1) == [
            "refused: the ledger has another statement of the name 'DAILY/5/1/20260101', with "
            f"another {figure}, of another file"]
    desk.path.write_text(first, encoding="utf-8")
    with desk.path.open(encoding="utf-8") as file:
        piped = subprocess.run([tools.path("vslctl"), *desk.words(path="-")], stdin=file,
                               text=True, capture_output=True, check=True)
    assert piped.stdout.endswith(" known\n")
    # Not the balance that the last one ended with.
    assert desk.load(statement(6, 11_902, [(1, "B9")]), status=1)[0].startswith("refused: ")
    assert "(11901)" in desk.said.stdout
    # Two persons take it, when the second one wants it, too; here nobody does.
    gap = statement(6, 11_902, [(1, "B9")])
    proposed = desk.load(gap, "--gap", "none between", status=1)[0]
    assert proposed.startswith("refused: its gap is proposed: ") and len(desk.statements()) == 1
    number = int(proposed.split("proposal ")[-1].split(",")[0])
    asked = client.read("proposal", "GetProposal", proposal_id=number, **desk.on).proposal
    asked = client.find_command(sequence=asked.proposed_sequence).propose
    assert asked.command.open_bank_statement.gap and asked.reason == "none between"
    client.command("withdraw_proposal", key=client.key(channel="vslctl"), proposal_id=number,
                   **desk.on)
    # A file of two, with a number missing before the second; and what does not add up.
    both = statement(6, 11_901, [(99, "B3")]) + statement(8, 12_000, [(-2000, "B4")])
    assert desk.load(both) == ["closed", "closed"]
    assert [one.missing_before for one in desk.statements()] == [0, 0, 1]
    wrong = statement(9, 10_000, [(5, "B5")], closing=10_006)
    assert "does not add up" in desk.load(wrong, status=1)[0]
    assert len(desk.statements()) == 3
    # Of another account, in another currency, without balances; what is no statement.
    other = statement(9, 10_000, [(5, "B5")], account="110060002")
    assert "another account" in desk.load(other, status=1)[0]
    assert "another currency" in desk.load(statement(9, 10_000, [], currency="EUR"), status=1)[0]
    desk.path.write_text("no statement", encoding="utf-8")
    assert "refused" in tools.vslctl(*desk.words(), status=2).stdout
    assert "--ledger is missing" in tools.vslctl("statement", "load", desk.path, status=2).stderr

    # A movement that another statement has: it is not there twice, and two persons decide.
    twice = statement(9, 10_000, [(-2000, "B7"), (7, "B6"), (2500, "B1")])
    ends = desk.load(twice, status=1)
    assert ends[0].startswith("open: ") and "line 3 of the statement" in desk.said.stderr
    made = desk.statements()[-1]
    assert (made.line_count, made.sum_minor, made.last_ordinal) == (2, -1993, 2)
    said = json.loads(desk.tools.vslctl(*desk.words(), "--json", status=1).stdout)
    assert (said["end"], said["before"], said["refused_lines"]) == ("open", 2, 1)
    assert "Another bank statement" in desk.load(statement(10, 10_507, []), status=1)[0]
    close = {"bank_statement_id": made.bank_statement_id, "as_it_stands": True}
    client.command("close_bank_statement", "APPROVAL_NEEDED", **close, **desk.on)
    client.by_two("close_bank_statement", ledger_id=desk.ledger, **close)
    assert client.read("bankstatement", "GetBankStatement", **desk.on,
                       bank_statement_id=made.bank_statement_id).bank_statement.status == 3
    # What does not add up is loaded if that is wished, and left to two persons, too.
    wrong = statement(10, 10_507, [(5, "B5")], closing=10_513)
    assert "(1)" in desk.load(wrong, "--anyway", status=1)[0]
    close["bank_statement_id"] = desk.statements()[-1].bank_statement_id
    client.by_two("close_bank_statement", ledger_id=desk.ledger, **close)
    assert desk.load(statement(11, 10_513, [])) == ["closed"]
    gap = statement(12, 20_000, [(1, "B10")])
    proposed = desk.load(gap, "--gap", "none between", status=1)[0]
    number = int(proposed.split("proposal ")[-1].split(",")[0])
    client.command("approve", key=client.key(channel="SECOND"), proposal_id=number, **desk.on)
    assert desk.load(gap) == ["closed"] and desk.statements()[-1].gap


def test_a_file_that_changes_is_loaded_as_it_was(client, server, tools, scratch):
    """Its name is written anew while lines are sent: they are those that the digest is of. What has
    begun from one file does not go on from another."""
    desk = Desk(client, server, tools, scratch, 8863)
    text = statement(1, 0, [(100 + i, f"B{i}") for i in range(2000)])
    desk.path.write_text(text, encoding="utf-8")
    with subprocess.Popen([tools.path("vslctl"), *desk.words("--batch-size", 1)], text=True,
                          stdout=subprocess.PIPE) as run:
        while not desk.statements():
            time.sleep(0.01)
        run.send_signal(signal.SIGSTOP)
        begun, = desk.statements()
        assert begun.status == 1
        desk.path.write_text(text.replace("Order 7", "Other 7"), encoding="utf-8")
        done = tools.vslctl(*desk.words(), status=1)
        assert "refused: another file began it" in done.stdout
        run.send_signal(signal.SIGCONT)
        assert run.wait() == 0
    made, = desk.statements()
    assert made.status == 2 and made.file_sha256 == hashlib.sha256(text.encode()).hexdigest()
    last = desk.lines()[-1].added_sequence
    assert "Order 7" in client.read(
        "journal", "GetCommand", sequence=last).entry.add_statement_line.remark


def test_a_run_that_is_cut_goes_on(client, server, tools, scratch, database):
    """The server dies when a batch is durable, before its answer leaves; each run goes on."""
    desk = Desk(client, server, tools, scratch, 8862)
    count = 25
    desk.path.write_text(
        statement(1, 0, [(100 + i, f"B{i // 2}") for i in range(count)]), encoding="utf-8")
    cut = 0
    for _ in range(8):
        server.kill()
        server.start(fault="flow.before_answers:4")
        done = subprocess.run(
            [BUILD / "tools/vslctl/vslctl", *desk.words("--batch-size", 6)], text=True,
            capture_output=True, check=False)
        if done.returncode == 0:
            break
        cut += 1
        assert done.returncode == 4 and "Load the same file again" in done.stderr, done.stderr
    assert done.returncode == 0 and cut >= 2, done
    server.kill()
    server.start()
    desk.client = server.connect()
    made, = desk.statements()
    lines = desk.lines()
    assert made.status == 2 and made.line_count == count
    assert [one.ordinal for one in lines] == list(range(1, count + 1))
    assert [one.amount_minor for one in lines] == [100 + i for i in range(count)]
    tools.check_database(database.url)


# Each has statements of one account that follow each other.
PUBLISHED = [("mt940/sparkasse.sta", 2), ("mt940/volksbanken.sta", 8), ("mt940/sns.sta", 2),
             ("mt940/danskebank-se.sta", 12), ("more/mt940-asnb.sta", 31),
             ("camt/fi-camt053.xml", 1), ("more/bai2-citi.bai2", 0)]


def test_published_statements_become_records(client, server, tools, scratch, shared_data):
    """As many lines and the same balances as `statement check` finds, closed in a chain; twice."""
    for number, (name, count) in enumerate(PUBLISHED):
        path = shared_data / "statements" / name
        checked = [json.loads(line) for line in tools.vslctl(
            "statement", "check", "--json", path, status=None).stdout.splitlines()]
        desk = Desk(client, server, tools, scratch, 887_000 + number,
                    account=checked[0]["account"] or ACCOUNT, currency=checked[0]["currency"])
        done = tools.vslctl(*desk.words("--json", path=path), status=None)
        ends = [json.loads(line) for line in done.stdout.splitlines()]
        last = None
        for found, end in zip(checked, ends, strict=True):
            follows = last is None or found["opening_minor"] == last
            is_its = (found["account"], found["currency"]) == (
                checked[0]["account"], checked[0]["currency"])
            good = follows and is_its and found["adds_up"] and None not in (
                found["opening_minor"], found["closing_minor"])
            assert (end["end"] == "closed") == good, (name, found, end)
            last = found["closing_minor"] if good else last
        made = desk.statements()
        assert len([end for end in ends if end["end"] == "closed"]) == len(made)
        assert len(made) >= count, (name, len(made))
        assert sum(one.line_count for one in made) == len(desk.lines())
        again = tools.vslctl(*desk.words("--json", path=path), status=None)
        assert [json.loads(line)["end"] for line in again.stdout.splitlines()] == [
            "known" if end["end"] == "closed" else "refused" for end in ends]
        assert len(desk.statements()) == len(made)
