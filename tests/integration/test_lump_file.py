"""test_lump_file.py: vslctl lump, a sum allocated by the lines of a file: what is said of a wrong
file, lines that are refused, a run that is killed and given again, all or nothing.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import json
import random
import subprocess

import pytest

from conftest import BUILD
from killing import kill_until
from payment_load import rule_fields
from test_lumps import Desk

HEAD = ["source_order", "account_id", "receiving_number", "amount", "payer_name", "payer_account",
        "payer_bank", "order_number", "remark", "fee_rule"]


class File:
    """A file of lines for a desk, and the tool on it."""

    def __init__(self, desk, server, tools, folder):
        self.desk, self.server, self.tools = desk, server, tools
        self.path = folder / "lines.csv"
        self.result = folder / "lines.csv.result.csv"

    def write(self, rows):
        """Writes rows of (source order, account or number, amount in minor units)."""
        with open(self.path, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(HEAD)
            for order, payee, amount, *more in rows:
                by_number = isinstance(payee, str)
                writer.writerow([order, "" if by_number else payee, payee if by_number else "",
                                 f"{amount // 100}.{amount % 100:02}", *more,
                                 *[""] * (6 - len(more))])
        return self

    def words(self, *options):
        """The command line."""
        return ["--server", f"127.0.0.1:{self.server.port}", "lump", "--ledger",
                str(self.desk.ledger), "--suspense", str(self.desk.item), *map(str, options),
                str(self.path)]

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
    def make(prefix, amount=1000):
        folder = scratch / f"lump-{prefix}"
        folder.mkdir(exist_ok=True)
        return File(Desk(client, prefix, amount), server, tools, folder)
    return make


def test_a_file_is_allocated_and_given_again(made):
    file = made(8811)
    one, two, _ = file.desk.shop.accounts
    number = file.desk.shop.receiving_numbers[2]
    file.write([("A-1", one, 250, "Li Ming", "62220001", "ICBK", "O-1", "thank you"),
                ("A-2", two, 300), ('A-"3"', number, 400)])
    said = file.run()
    assert "3 lines, 9.50 CNY in all" in said.stderr and "business date 20240229" in said.stderr
    assert "3 lines accepted, of them 0 before; 0 refused; closed" in said.stdout
    assert [(row["line"], row["source_order"], row["outcome"], row["replayed"])
            for row in file.results()] == [("2", "A-1", "accepted", "0"),
                                           ("3", "A-2", "accepted", "0"),
                                           ("4", 'A-"3"', "accepted", "0")]
    entry = file.desk.client.find_command(sequence=int(file.results()[0]["sequence"]))
    assert entry.order_number == "O-1" and entry.allocate_line.remark == "thank you"
    assert file.desk.open_of_items() == 50
    said = json.loads(file.run("--json").stdout)
    assert (said["accepted"], said["replayed"], said["refused"], said["closed"]) == (3, 3, 0, True)
    assert file.desk.open_of_items() == 50


def test_lines_with_a_fee(made):
    """The account bears it out of its line; it comes back with the line."""
    file = made(8822)
    client, shop = file.desk.client, file.desk.shop
    client.command("set_fee_rule", **rule_fields(file.desk.ledger, "std"))
    fee = client.read("fee", "QuoteFee", ledger_id=file.desk.ledger, fee_rule="std",
                      amount_minor=250).fee_minor
    one, two, three = shop.accounts
    file.write([("A-1", one, 250, "", "", "", "", "", "std"), ("A-2", two, 300),
                ("A-3", three, 400, "", "", "", "", "", "none")])
    assert "2 lines accepted" in file.run(status=1).stdout
    assert [row["outcome"] for row in file.results()] == [
        "accepted", "accepted", "fee_rule_not_found"]
    held = [client.available(file.desk.ledger, account)
            for account in (one, two, shop.control.fee_account_id)]
    assert fee > 0 and held == [250 - fee, 300, fee] and file.desk.open_of_items() == 450
    lump = client.list_all("lump", "ListLumps", **file.desk.on)[0]
    assert (lump.allocated_count, lump.allocated_total_minor) == (2, 550)
    undone = int(file.results()[0]["sequence"])
    client.command("undo_allocation", suspense_id=file.desk.item, original_sequence=undone,
                   lump_id=lump.lump_id, **file.desk.on)
    assert client.available(file.desk.ledger, one) == 0 and file.desk.open_of_items() == 700
    assert client.available(file.desk.ledger, shop.control.fee_account_id) == 0


def test_a_wrong_file_is_told_as_a_whole(made):
    file = made(8812)
    one = file.desk.shop.accounts[0]
    file.write([("A-1", one, 100), ("A 2", one, 100), ("A-1", one, 100), ("A-4", "", 100)])
    with open(file.path, "a", encoding="utf-8") as out:
        out.write("A-5,1,,1.234,,,,,,\nA-6,x,,1.00,,,,,,\n")
    said = file.run(status=2).stderr
    for part in ("line 3: source_order", "line 4: source_order: is that of line 2",
                 "line 5: account_id", "line 6: amount", "line 7: account_id", "nothing was sent"):
        assert part in said, said
    assert not file.desk.client.list_all("lump", "ListLumps", **file.desk.on)
    file.path.write_text("source_order,amount\nA,1\n", encoding="utf-8")
    assert "the head must name" in file.run(status=2).stderr


def test_refused_lines_leave_it_open(made):
    file = made(8813)
    one = file.desk.shop.accounts[0]
    file.write([("A-1", one, 100), ("A-2", 2**40, 200), ("A-3", one, 300)])
    said = file.run(status=1)
    assert "line 3: " in said.stderr and "2 lines accepted" in said.stdout, said
    assert [row["outcome"] for row in file.results()] == [
        "accepted", "account_not_found", "accepted"]
    lump = file.desk.client.list_all("lump", "ListLumps", **file.desk.on)[0]
    assert (lump.status, lump.allocated_count, lump.control_count) == (1, 2, 3)
    words = ["--server", f"127.0.0.1:{file.server.port}", "lump"]
    on = ["--ledger", file.desk.ledger, "--lump", lump.lump_id]
    file.tools.vslctl(*words, "line", *on, "--source-order", "A-2", "--account", one, "--amount",
                      "2.00")
    file.tools.vslctl(*words, "close", *on)
    assert "closed" in file.tools.vslctl(*words, "show", *on).stdout.lower()
    assert file.desk.open_of_items() == 400


def test_all_or_nothing_and_dry_run(made):
    file = made(8814)
    one = file.desk.shop.accounts[0]
    file.write([("A-1", one, 100), ("A-2", 2**40, 200)])
    assert "can be opened" in file.run("--dry-run").stdout
    assert not file.desk.client.list_all("lump", "ListLumps", **file.desk.on)
    said = file.run("--all-or-nothing", status=1).stdout
    assert "; open" in said and "vslctl lump cancel" in said
    assert file.desk.open_of_items() == 1000
    lump = file.desk.client.list_all("lump", "ListLumps", **file.desk.on)[0]
    file.desk.close(lump.lump_id, cancel=True)
    file.write([("A-1", one, 100), ("A-2", one, 200)])
    assert "2 lines accepted" in file.run("--all-or-nothing").stdout
    assert file.desk.open_of_items() == 700
    file.run("--all-or-nothing")
    assert file.desk.open_of_items() == 700
    file.write([("A-9", one, 1000)])
    said = file.run(status=1).stderr
    assert "the lump is not opened" in said and "the first time" not in said
    said = file.run(status=1).stderr
    assert "the lump is not opened" in said and "the first time" in said and "--serial" in said


def test_killed_anywhere_and_given_again(made, database):
    """Each line takes effect once, wherever the run before was cut."""
    file = made(8815, amount=20_001)
    rows = [(f"K-{i}", file.desk.shop.accounts[i % 3], 1) for i in range(20_000)]
    file.write(rows)
    kill_until([BUILD / "tools/vslctl/vslctl", *file.words()], random.Random(8815), lambda:
               database.one("select exists (select from vsl.command"
                            " where kind = vsl.kind('AllocateLine'))"))
    said = json.loads(file.run("--json").stdout)
    assert (said["accepted"], said["refused"], said["closed"]) == (20_000, 0, True)
    assert said["replayed"] > 0
    assert len({row["sequence"] for row in file.results()}) == 20_000
    lump = file.desk.lump(int(said["lump_id"]))
    assert (lump.allocated_count, lump.allocated_total_minor) == (20_000, 20_000)
    assert file.desk.open_of_items() == 1


def test_what_cannot_be_written_is_known_before_anything_is_sent(made, tmp_path):
    file = made(8816)
    file.write([("A-1", file.desk.shop.accounts[0], 100)])
    words = [BUILD / "tools/vslctl/vslctl", *file.words()]
    for form in ([], ["--json"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(words + form, stdin=subprocess.DEVNULL, stdout=full, stderr=full,
                                  check=False)
        assert done.returncode == 2
    said = file.run("--result", tmp_path / "none" / "there", status=2)
    assert "could not write" in said.stderr
    assert not file.desk.client.list_all("lump", "ListLumps", **file.desk.on)


def test_a_result_is_the_old_one_or_the_new_one(made):
    """A run that does not come to its end leaves the result of the one before."""
    file = made(8817)
    file.write([("A-1", file.desk.shop.accounts[0], 100)])
    partial = file.result.with_name(file.result.name + ".partial")
    partial.write_text("left by a run that was killed\n" * 100, encoding="utf-8")
    file.run()
    assert [row["source_order"] for row in file.results()] == ["A-1"] and not partial.exists()
    before = file.result.read_bytes()
    file.write([("B-1", file.desk.shop.accounts[0], 5000)])
    file.run(status=1)
    assert file.result.read_bytes() == before and not partial.exists()


def test_the_results_do_not_replace_the_lines(made):
    file = made(8818)
    file.write([("A-1", file.desk.shop.accounts[0], 100)])
    before = file.path.read_bytes()
    link, other = (file.path.with_name(name) for name in ("link", "other"))
    link.symlink_to(file.path)
    other.hardlink_to(file.path)
    for name in (file.path, f"{file.path.parent}/./lines.csv", link, other):
        assert "is the file of the lines" in file.run("--result", name, status=2).stderr
    file.path = file.path.rename(file.path.with_name("lines.csv.partial"))
    said = file.run("--result", file.path.with_name("lines.csv"), status=2).stderr
    assert "is the file of the lines" in said and "nothing was sent" in said
    assert file.path.read_bytes() == before
    assert not file.desk.client.list_all("lump", "ListLumps", **file.desk.on)


def test_all_or_nothing_of_too_many_bytes_opens_nothing(made):
    file = made(8819, amount=7000)
    one = file.desk.shop.accounts[0]
    file.write([(f"A-{i}", one, 1, "", "", "", "", "\u5907" * 256) for i in range(7000)])
    for more in ([], ["--dry-run"]):
        said = file.run("--all-or-nothing", *more, status=2).stderr
        assert "more bytes than one batch" in said and "nothing was sent" in said
    assert not file.desk.client.list_all("lump", "ListLumps", **file.desk.on)
    assert "7000 lines accepted" in file.run().stdout


def test_it_says_what_the_lump_is_by_now(made):
    """What others did with the lump is known, and how to begin anew after that."""
    file = made(8820)
    one = file.desk.shop.accounts[0]
    file.write([("A-1", 2**40, 200)])
    said = file.run(status=1).stdout
    assert "1 refused; open" in said and "--as-it-stands" in said and "approval" not in said
    lump = file.desk.client.list_all("lump", "ListLumps", **file.desk.on)[0]
    file.desk.close(lump.lump_id, cancel=True)
    said = file.run(status=1)
    assert "1 refused; cancelled" in said.stdout and "the first time" in said.stderr
    assert json.loads(file.run("--json", status=1).stdout)["status"] == "LUMP_STATUS_CANCELLED"
    anew = ["--serial", "again", "--business-date", "2024-02-29"]
    assert "1 refused; open" in file.run(*anew, status=1).stdout
    lump = file.desk.client.list_all("lump", "ListLumps", **file.desk.on)[1]
    file.desk.send(file.desk.line(lump.lump_id, "A-1", 200))
    file.desk.close(lump.lump_id)
    said = file.run(*anew, status=1).stdout
    assert "1 refused; closed" in said and "lump line" not in said
    above = file.desk.client.protos.approval.ApprovalRule(kind=38, above_amount_minor=100)
    file.desk.client.command("set_approval_policy", rules=[above], **file.desk.on)
    file.write([("B-1", one, 100), ("B-2", one, 101)])
    said = file.run(status=1).stdout
    assert "1 refused; open" in said and "--propose" in said and "needs approval" in said
    assert "100 days" in file.tools.vslctl("lump", "--help").stdout


def test_two_persons_end_one_by_the_tool(made):
    file = made(8821)
    file.write([("A-1", file.desk.shop.accounts[0], 100), ("A-2", 2**40, 200)])
    assert "--as-it-stands" in file.run(status=1).stdout
    lump = file.desk.client.list_all("lump", "ListLumps", **file.desk.on)[0].lump_id
    words = ["--server", f"127.0.0.1:{file.server.port}", "--json"]
    on = ["--ledger", file.desk.ledger]
    close = [*words, "lump", "close", *on, "--lump", lump, "--as-it-stands"]
    assert "OUTCOME_APPROVAL_NEEDED" in file.tools.vslctl(*close, status=1).stdout
    proposed = json.loads(file.tools.vslctl(*close, "--propose", "no such user").stdout)
    file.tools.vslctl(*words, "proposal", "approve", *on, "--proposal", proposed["proposal_id"],
                      "--channel", "SECOND")
    assert "1 lines accepted, of them 1 before; 1 refused; closed" in file.run(status=1).stdout
    assert file.desk.open_of_items() == 900
