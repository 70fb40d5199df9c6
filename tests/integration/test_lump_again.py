"""test_lump_again.py: vslctl lump given again: what was booked is read and not sent, also when it
is long indexed; a lump that is gone on with under new keys; a server that takes too long.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import signal
import subprocess
import time

import pytest

from client import Client
from conftest import BUILD
from test_lump_file import File
from test_lumps import Desk
from test_originals import wait_indexed


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 1,000 commands."""
    return make_server(database.url, {"journal.segment_commands": "1000"}).start()


@pytest.fixture(name="made")
def fixture_made(client, server, tools, scratch):
    """Makes files for a desk of a ledger with the prefix."""
    def make(prefix, amount=1000):
        folder = scratch / f"again-{prefix}"
        folder.mkdir()
        return File(Desk(client, prefix, amount), server, tools, folder)
    return make


def newest(database):
    """The last sequence number."""
    return database.one("select max(sequence) from vsl.command")


def go_on(file, lump, *options, status=0):
    """Goes on with a lump; what the tool said, and the rows of its results."""
    words = ["--server", f"127.0.0.1:{file.server.port}", "lump", "--ledger", file.desk.ledger,
             "--lump", lump, *options, file.path]
    said = file.tools.vslctl(*words, status=status)
    return said, file.results() if file.result.exists() else []


@pytest.mark.slow
def test_what_is_indexed_is_read_in_one_go(small, database, protos, tools, scratch):
    """Look-ups of single keys are some hundreds a second: 6,000 lines would be a quarter minute."""
    folder = scratch / "again-8830"
    folder.mkdir()
    desk = Desk(Client(protos, small.target), 8830, 10_000)
    file = File(desk, small, tools, folder)
    rows = [(f"I-{i}", desk.shop.accounts[i % 3], 1) for i in range(6000)]
    rows[10] = ("I-10", 2**40, 1)
    file.write(rows)
    assert "5999 lines accepted, of them 0 before; 1 refused; open" in file.run(status=1).stdout
    first = file.results()
    wait_indexed(database, 6)
    before, started = newest(database), time.monotonic()
    said = file.run(status=1)
    took = time.monotonic() - started
    assert "5999 lines accepted, of them 5999 before; 1 refused; open" in said.stdout
    assert "line 12: account_not_found, in command" in said.stderr
    assert took < 60 and newest(database) == before
    assert [row | {"replayed": "1"} for row in first] == file.results()
    lump = desk.client.list_all("lump", "ListLumps", **desk.on)[0].lump_id
    rows[10] = ("I-10", desk.shop.accounts[0], 1)
    file.write(rows)
    started = time.monotonic()
    said = go_on(file, lump)[0].stdout
    assert "6000 lines accepted, of them 5999 before; 0 refused; closed" in said
    assert time.monotonic() - started < 60 and newest(database) == before + 2
    assert small.terminate() == 0
    tools.check_database(database.url)


def test_it_goes_on_under_new_keys(made):
    """Source orders tell what is booked, whoever booked it, by whichever key; and of what."""
    file = made(8831)
    desk = file.desk
    one, two, three = desk.shop.accounts
    numbers = desk.shop.receiving_numbers
    spaced = f" {numbers[1][:6]} {numbers[1][6:]}"
    file.write([("N-1", one, 100), ("N-2", spaced, 200), ("N-3", numbers[2], 150),
                ("N-4", one, 50), ("N-5", two, 60), ("N-6", one, 70), ("N-7", one, 80)])
    lump = desk.open(7, 710)
    booked = [desk.send(desk.line(lump, order, amount, account)).result.sequence
              for order, amount, account in (("N-1", 100, 0), ("N-2", 200, 1), ("N-3", 149, 2),
                                             ("N-4", 50, 1), ("N-5", 60, 1), ("N-6", 70, 0))]
    for sequence in booked[4:]:
        desk.client.command("undo_allocation", suspense_id=desk.item, original_sequence=sequence,
                            lump_id=lump, **desk.on)
    again = desk.send(desk.line(lump, "N-6", 70)).result.sequence
    elsewhere = desk.open(1, 80, desk.wait(80))
    other = desk.send(desk.line(elsewhere, "N-7", 80)).result.sequence
    for date in (20240301, 20240302, 20240303, 20240304):
        desk.client.command("cut_day", accounting_date=date, key=desk.client.key(date=date),
                            **desk.on)
    said, rows = go_on(file, lump, status=1)
    assert "business date 20240304" in said.stderr, said
    for line, sequence in ((4, booked[2]), (5, booked[3]), (8, other)):
        assert (f"line {line}: source_order_used: command {sequence} has booked this source order "
                "otherwise") in said.stderr, said
    assert "4 lines accepted, of them 3 before; 3 refused; open" in said.stdout, said
    assert [(row["outcome"], row["replayed"]) for row in rows] == [
        ("accepted", "1"), ("accepted", "1"), ("source_order_used", "1"),
        ("source_order_used", "1"), ("accepted", "0"), ("accepted", "1"),
        ("source_order_used", "1")]
    assert [int(row["sequence"]) for row in rows[:4]] == booked[:4]
    assert int(rows[5]["sequence"]) == again and int(rows[6]["sequence"]) == other
    file.write([("N-1", one, 100), ("N-2", spaced, 200), ("N-3", numbers[2], 149),
                ("N-4", two, 50), ("N-5", two, 60), ("N-6", one, 70), ("N-8", three, 81)])
    for _ in range(2):
        said = json.loads(go_on(file, lump, "--json")[0].stdout)
        assert (said["accepted"], said["refused"], said["closed"]) == (7, 0, True)
    assert said["replayed"] == 7 and int(said["suspense_id"]) == desk.item
    assert desk.open_of_items() == 1000 - 710


def test_the_file_must_be_that_of_the_lump(made):
    file = made(8832)
    one = file.desk.shop.accounts[0]
    file.write([("F-1", one, 100), ("F-2", one, 100)])
    lump = file.desk.open(2, 201)
    said, rows = go_on(file, lump, status=2)
    assert "was opened for 2 of 201" in said.stderr and not rows
    file.write([("F-1", one, 100), ("F-2", one, 101)])
    assert "not of that of --suspense" in go_on(
        file, lump, "--suspense", file.desk.item + 1, status=2)[0].stderr
    assert "goes without --lump" in go_on(file, lump, "--all-or-nothing", status=2)[0].stderr
    assert "that of the lump" in go_on(file, lump, "--dry-run")[0].stdout
    assert go_on(file, lump + 1000, status=1)[0].stderr
    file.desk.close(lump, cancel=True)
    assert "was given up" in go_on(file, lump, status=1)[0].stderr
    whole = file.desk.open(2, 201, all_or_nothing=True)
    for replayed in (0, 2):
        said = json.loads(go_on(file, whole, "--json")[0].stdout)
        assert (said["accepted"], said["replayed"], said["closed"]) == (2, replayed, True)
    assert file.desk.open_of_items() == 1000 - 201


def run_on_frozen(file, frozen_s):
    """Runs the tool on a server that stands still from its first batches on."""
    words = [BUILD / "tools/vslctl/vslctl", *file.words("--timeout", "0.5")]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.readline() + process.stderr.readline()
        time.sleep(random.uniform(0, 0.15))
        os.kill(file.server.process.pid, signal.SIGSTOP)
        time.sleep(frozen_s)
        os.kill(file.server.process.pid, signal.SIGCONT)
        shown, more = process.communicate(timeout=120)
        return process.returncode, shown, said + more


@pytest.mark.slow
def test_smaller_batches_when_the_server_takes_too_long(made):
    """What is too slow for one answer is asked for in parts."""
    file = made(8833, amount=20 * 30_000)
    slow = done = 0
    for attempt in range(20):
        file.write([(f"D{attempt}-{i}", file.desk.shop.accounts[i % 3], 1) for i in range(30_000)])
        status, shown, said = run_on_frozen(file, 1.2)
        assert status in (0, 3, 4), said
        slow += "the server took too long; going on with 4000 lines at a time" in said
        if status != 0:
            shown = file.run().stdout
        assert "30000 lines accepted" in shown and "; 0 refused; closed" in shown
        done += 1
        if slow:
            break
    assert slow and file.desk.open_of_items() == (20 - done) * 30_000
