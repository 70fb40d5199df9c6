"""Tools that book, interrupted and run again: everything is booked once.

A relay stands between the tool and the server and kills the tool at a chosen byte, sent or
received; what it cuts off never arrives. Then the same words are run again, and the books compared.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import random
import re
import shlex
import signal
import subprocess
import time

import pytest

from relay import Relay
from server import BUILD
from waiting import wait_until

DATE = "2024-02-29"
NEXT_DATE = "2024-03-01"
TOP = pathlib.Path(__file__).resolve().parents[2]
DEATHS = 3  # of a demo day


class Again:
    """A ledger with a rich payer and a payee, and tools that reach the server through a relay."""

    def __init__(self, server, tools):
        self.server = server
        self.tools = tools
        self.client = server.connect()
        day = self.client.open_platform(6301, accounts=2)
        self.ledger = day.ledger_id
        self.payer, self.payee = day.accounts
        self.client.command("book_receipt", ledger_id=self.ledger, account_id=self.payer,
                            amount_minor=100_000_000)
        self.relay = Relay(server.port)
        self.seed = int(os.environ.get("VSL_SEED", random.randrange(1 << 32)))
        print(f"VSL_SEED={self.seed}")
        self.dice = random.Random(self.seed)

    def words(self, *words):
        """vslctl through the relay."""
        return [BUILD / "tools/vslctl/vslctl", "--server", self.relay.target, *map(str, words)]

    def run(self, *words, status=0, **options):
        """vslctl to its end."""
        return self.tools.vslctl("--server", self.relay.target, *words, status=status, **options)

    def payments(self, path, count, amount=1):
        """A file of so many payments without keys."""
        path.write_text("".join(json.dumps({"pay": {
            "ledger_id": self.ledger, "payer_account_id": self.payer, "payees": [
                {"account_id": self.payee, "amount_minor": amount}],
            "order_number": f"O-{number}"}}) + "\n" for number in range(count)))
        return path

    def received(self):
        """What the payee has."""
        return self.client.available(self.ledger, self.payee)

    def cut(self, date=NEXT_DATE):
        """The ledger's next day."""
        self.client.command("cut_day", ledger_id=self.ledger,
                            accounting_date=int(date.replace("-", "")))

    def bytes_of(self, *words, status=0, **options):
        """What an undisturbed run sends and receives."""
        self.relay.begin()
        self.run(*words, status=status, **options)
        return dict(self.relay.passed)

    def kill_at(self, way, limit, words, **options):
        """Runs a tool and kills it when so many bytes went; what it said until then."""
        started = []
        ready = []

        def kill():
            wait_until(lambda: ready, "the tool to be known")
            started[0].send_signal(signal.SIGKILL)
            started[0].wait(60)

        self.relay.begin(way, limit, kill)
        started.append(subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, **options))
        ready.append(True)
        said, errors = started[0].communicate(timeout=120)
        self.relay.cut()
        # A run that was shorter than the limit leaves nothing for the next one.
        self.relay.begin()
        return started[0].returncode, said, errors


@pytest.fixture(name="again")
def fixture_again(server, tools, late):
    """A ledger, and tools that are killed."""
    made = Again(server, tools)
    late.callback(made.relay.close)
    return made


# ---- a file of commands ----

def lines_of(done):
    """The lines of JSON that a batch wrote."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_batch_that_was_killed_is_run_again(again, tmp_path):
    count = 40
    counted = again.bytes_of("batch", again.payments(tmp_path / "first", count, amount=3))
    booked = again.received()
    deaths = 0
    for number in range(20):
        path = again.payments(tmp_path / f"{number}", count, amount=10 + number)
        way = again.dice.choice(("to", "from"))
        status, _, _ = again.kill_at(
            way, again.dice.randrange(counted[way]), again.words("batch", path))
        deaths += status == -signal.SIGKILL
        # Some of the repeats come on another day.
        if number in (7, 14):
            again.cut(NEXT_DATE if number == 7 else "2024-03-02")
        done = again.run("batch", "--json", path)
        again.run("batch", path)
        booked += count * (10 + number)
        assert again.received() == booked, (number, way)
        assert [line["line"] for line in lines_of(done)] == list(range(1, count + 1))
    assert deaths > 10
    assert again.server.terminate() == 0


def test_a_batch_looks_at_everything_first(again, tmp_path):
    path = again.payments(tmp_path / "file", 8100)
    good = path.read_text().splitlines(keepends=True)
    for wrong, said in (
            (good[0].replace('"amount_minor": 1', '"amount_minor": 0'),
             "command 8101 (line 8101): pay.payees[0].amount_minor: "),
            ('{"pay": {"payer": 1}}\n', "command 8101 (line 8101): pay.payer: there is no such"),
            (good[0].replace('"pay": {', '"pay": {"key": {"channel": "a", "serial": "b c", '
                             '"business_date": 20240229}, '), "(line 8101): pay.key.serial: "),
            ('{"pay": {\n', "line 8102")):
        path.write_text("".join(good) + wrong)
        again.relay.begin()
        assert said in again.run("batch", path, status=2).stderr
        assert again.relay.passed["to"] == 0, "nothing was sent"
    assert again.received() == 0
    key = '"pay": {"key": {"channel": "a", "serial": "b", "business_date": 20240229}, '
    path.write_text(good[0].replace('"pay": {', key) + good[1] + good[2].replace('"pay": {', key))
    assert "command 3 (line 3): key: is that of command 1 (line 1)" in again.run(
        "batch", path, status=2).stderr
    assert again.received() == 0


def test_a_file_says_atomic_and_dry_run(again, tmp_path):
    path = tmp_path / "file"
    items = [json.loads(line) for line in again.payments(path, 3, amount=5).read_text().split("\n")
             if line]
    path.write_text(json.dumps({"items": items, "dry_run": True}))
    done = again.run("batch", "--json", path)
    assert all(line["result"]["dry_run"] for line in lines_of(done))
    assert again.received() == 0
    items[1]["pay"]["payees"][0]["amount_minor"] = 10**12
    path.write_text(json.dumps({"items": items, "atomic": True}))
    done = again.run("batch", "--json", path, status=1)
    assert [line["result"]["outcome"] for line in lines_of(done)] == [
        "OUTCOME_BATCH_ABORTED", "OUTCOME_INSUFFICIENT_AVAILABLE", "OUTCOME_BATCH_ABORTED"]
    assert again.received() == 0, "all or none"
    path.write_text(json.dumps({"items": items, "atomic": False}))
    said = again.run("batch", path, status=1)
    assert "stays refused under its key" in said.stderr and again.received() == 0
    again.run("batch", path, "--serial", "second", "--business-date", DATE, status=1)
    assert again.received() == 10


def test_every_line_is_told(again, tmp_path):
    """Accepted, refused, unknown, not sent: each line of JSON names line, serial and sequence."""
    path = again.payments(tmp_path / "file", 8010)
    texts = path.read_text().splitlines()
    texts[1] = texts[1].replace('"amount_minor": 1', f'"amount_minor": {10**12}')
    path.write_text("\n\n".join(texts))
    counted = again.bytes_of("batch", "--dry-run", path, status=1)
    # The second request is cut off in its middle, so that its answer never comes.
    again.relay.begin("to", counted["to"] - 300, lambda: None)
    done = again.run("batch", "--json", path, status=4)
    keys, fault = [json.loads(line) for line in done.stderr.splitlines()[:2]]
    assert fault["status"] == "UNAVAILABLE" and fault["effect"] == "unknown"
    lines = lines_of(done)
    assert [line["line"] for line in lines] == list(range(1, 2 * 8010, 2))
    serial = keys["keys"][0]["serial"]
    assert [line["serial"] for line in lines] == [f"{serial}-{n}" for n in range(1, 8011)]
    assert {line["business_date"] for line in lines} == {20240229}
    assert [line["state"] for line in lines] == (
        ["accepted", "refused"] + ["accepted"] * 7998 + ["unknown"] * 10)
    assert all(int(line["sequence"]) > 0 for line in lines[:8000])
    assert all(line["sequence"] == "0" for line in lines[8000:])
    assert "each command takes effect once" in done.stderr
    again.run("batch", path, status=1)
    assert again.received() == 8009


def test_a_refusal_without_effect_is_not_called_unknown(again, tmp_path):
    path = again.payments(tmp_path / "file", 2)
    assert again.server.terminate() == 0
    done = again.tools.vslctl("--server", again.server.target, "batch", path, "--serial", "a",
                              "--business-date", DATE, "--json", status=3)
    assert '"effect":"none"' in done.stderr and "not known" not in done.stderr
    assert [line["state"] for line in lines_of(done)] == ["failed", "failed"]
    done = again.tools.vslctl("--server", again.server.target, "pay", "--ledger", again.ledger,
                              "--from", again.payer, "--payee", f"{again.payee}:1", "--minor",
                              "--business-date", DATE, "--serial", "s", status=3)
    assert "not known" not in done.stderr


def test_a_date_is_kept_before_anything_is_sent(again, tmp_path):
    """What a run sent may still be on its way: the next run has its keys, on whichever day."""
    count = 40
    path = again.payments(tmp_path / "file", count, amount=7)
    again.run("batch", "--dry-run", path)
    kept = tmp_path / "file.keys"
    assert not kept.exists()
    counted = again.bytes_of("batch", again.payments(tmp_path / "other", count, amount=6))
    booked = again.received()
    # Killed when a part of its one batch went.
    status, _, _ = again.kill_at("to", counted["to"] - 500, again.words("batch", path))
    assert status == -signal.SIGKILL and kept.exists() and again.received() == booked
    again.cut()
    lines = lines_of(again.run("batch", "--json", path))
    assert {line["business_date"] for line in lines} == {int(DATE.replace("-", ""))}
    assert again.received() == booked + 7 * count
    # Long after, too; and another content of the file is another one.
    again.run("batch", path)
    assert again.received() == booked + 7 * count
    again.payments(path, count, amount=8)
    lines = lines_of(again.run("batch", "--json", path))
    assert {line["business_date"] for line in lines} == {int(NEXT_DATE.replace("-", ""))}
    assert again.received() == booked + (7 + 8) * count and len(kept.read_text().split("\n")) == 3
    # Where it cannot be kept nothing is sent.
    shut = again.payments(tmp_path / "shut", count, amount=9)
    (tmp_path / "shut.keys").mkdir()
    said = again.run("batch", shut, status=2).stderr
    assert "keeps the date of the keys" in said and "--business-date" in said
    assert again.received() == booked + (7 + 8) * count
    again.run("batch", shut, "--business-date", NEXT_DATE)
    assert again.received() == booked + (7 + 8 + 9) * count


def test_a_serial_goes_with_its_date(again, tmp_path):
    path = again.payments(tmp_path / "file", 2)
    for words in (("batch", path), ("pay", "--ledger", again.ledger, "--from", again.payer,
                                    "--payee", f"{again.payee}:1.00")):
        said = again.run(*words, "--serial", "x", status=2).stderr
        assert "--serial needs --business-date" in said
    words = ("batch", path, "--serial", "x", "--business-date", DATE)
    again.run(*words)
    again.cut()
    again.run(*words)
    assert again.received() == 2
    again.run("batch", path)
    said = again.run("batch", path).stderr
    assert "this file was sent before, from sequence" in said
    assert again.received() == 4, "once by its name, once by its content"


def test_marks_of_editors(again, tmp_path):
    path = again.payments(tmp_path / "file", 2)
    text = path.read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    again.run("batch", path)
    path.write_text(text)
    again.run("batch", path)
    assert again.received() == 2, "the same file, with and without a byte order mark"
    path.write_bytes(text.encode("utf-16"))
    assert "is UTF-16" in again.run("batch", path, status=2).stderr
    path.write_bytes(text.replace("O-1", "é").encode("latin-1"))
    assert "line 2 is not UTF-8" in again.run("batch", path, status=2).stderr
    said = again.run("pay", "--ledger", again.ledger, "--order", "\ufeffA", status=2).stderr
    assert "argument 7 ('\\ufeffA') has a byte order mark" in said


# ---- single commands ----

def test_a_command_that_was_killed_is_repeated_by_its_key(again):
    words = ("pay", "--ledger", again.ledger, "--from", again.payer, "--payee",
             f"{again.payee}:1.00", "--order")
    counted = again.bytes_of(*words, "O-0")
    booked = again.received()
    known = 0
    for number in range(1, 21):
        way = again.dice.choice(("to", "from"))
        _, said, errors = again.kill_at(
            way, again.dice.randrange(counted[way] // 3, counted[way]),
            again.words(*words, f"O-{number}"))
        key = re.search(r"^key: (--channel .*)$", errors + said, re.MULTILINE)
        if number == 10:
            again.cut()
        if key:
            known += 1
            again.run(*words, f"O-{number}", *key[1].split())
            booked += 100
        assert again.received() == booked, (number, way, "without a key nothing had been sent")
    assert known > 2


def options_of(told, is_json):
    """The options that were told on standard error, as words."""
    if not is_json:
        return shlex.split(re.search("^key: (.*)$", told, re.MULTILINE)[1])
    key = json.loads(told.splitlines()[0])["key"]
    date = str(key["business_date"])
    return ["--channel", key["channel"], "--business-date", f"{date[:4]}-{date[4:6]}-{date[6:]}",
            "--serial", key["serial"],
            *(word for name, time in key["times"].items() for word in (f"--{name}", time))]


@pytest.mark.parametrize("form", ([], ["--json"]), ids=("text", "json"))
@pytest.mark.parametrize("timed", (
    (), ("--propose", "why"), ("--propose", "why", "--propose-until", "+2d"),
    ("--propose", "why", "--propose-until", "SOON")), ids=str)
@pytest.mark.parametrize("kind", ("pay", "hold"))
def test_what_counts_from_now_is_told_as_a_moment(again, form, timed, kind):
    """The same words with what was told are the same request, a second later too."""
    words = {"pay": ["pay", "--from", again.payer, "--payee", f"{again.payee}:1.00", "--order",
                     "P-1"],
             "hold": ["hold", "place", "--from", again.payer, "--amount", "1.00", "--order", "P-1",
                      "--expires", "+2h"]}[kind]
    soon = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time.time() + 90_000))
    words += ["--ledger", again.ledger, *form,
              *(soon if word == "SOON" else word for word in timed)]
    first = again.run(*words)
    told = options_of(first.stderr, bool(form))
    time.sleep(0.01)
    second = again.run(*words, *told)
    if form:
        assert json.loads(second.stdout)["result"]["replayed"]
    else:
        assert "replayed" in second.stdout
    # A key of one's own is not told, a moment is.
    third = again.run(*words, *told[:4], "--serial", "own")
    has_moment = kind == "hold" or (timed and "SOON" not in timed)
    assert ("own" in third.stderr) == bool(has_moment)


@pytest.mark.parametrize("form", ([], ["--json"]), ids=("text", "json"))
def test_a_key_that_cannot_be_told_is_not_used(again, form, tmp_path):
    pay = ["pay", "--ledger", again.ledger, "--from", again.payer, "--payee",
           f"{again.payee}:1.00", "--order", "F-1"]
    for words in (pay, ["batch", again.payments(tmp_path / "file", 2)]):
        before = again.received()
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(again.words(*words, *form), stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=full, check=False)
        assert done.returncode == 2 and again.received() == before
        # A pipe whose reader has gone.
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(again.words(*words, *form), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=writing, check=False)
        os.close(writing)
        assert done.returncode != 0 and again.received() == before


def test_a_command_with_its_own_key_is_not_sent_to_look_for_another(again):
    words = ("pay", "--ledger", again.ledger, "--from", again.payer, "--payee",
             f"{again.payee}:1.00", "--order", "K-1", "--serial", "mine", "--business-date", DATE)
    counted = again.bytes_of(*words, "--dry-run")
    again.relay.begin("from", counted["from"] - 20, lambda: None)
    done = again.run(*words, status=4)
    assert "told above" not in done.stderr and "the same key" in done.stderr


def test_a_command_whose_answer_was_lost_says_so(again):
    words = ("hold", "place", "--ledger", again.ledger, "--from", again.payer, "--amount", "1.00",
             "--order", "H-1", "--expires", "+2h")
    counted = again.bytes_of(*words, "--dry-run")
    again.relay.begin("from", counted["from"] - 20, lambda: None)
    done = again.run(*words, status=4)
    assert "It is not known whether this was carried out" in done.stderr
    assert done.stdout == ""
    key = re.search(r"^key: (--channel \S+ --business-date \S+ --serial \S+) --expires '(.*)'$",
                    done.stderr, re.MULTILINE)
    again.relay.begin()
    again.run(*words[:-2], *key[1].split(), "--expires", key[2])
    assert again.client.balances(again.ledger, again.payer)[0][3] == 100


# ---- the event stream ----

def test_events_end_at_the_end_and_only_there(again):
    """A stream that is held up is not at its end, and a lost one says where to go on."""
    for _ in range(3):
        again.client.batch([again.client.item(
            "pay", ledger_id=again.ledger, payer_account_id=again.payer,
            payees=[(again.payee, 1)]) for _ in range(200)])
    last = again.client.find_command(sequence=1) and max(
        int(line.split()[0]) for line in again.run("events").stdout.splitlines())
    assert last > 600
    counted = again.bytes_of("events", "--json")
    assert len(again.run("events", "--json").stdout.splitlines()) == last
    again.relay.begin("from", counted["from"] // 3, lambda: None)
    done = again.run("events", "--json", status=3)
    shown = [int(json.loads(line)["sequence"]) for line in done.stdout.splitlines()]
    assert shown == list(range(1, len(shown) + 1)) and 0 < len(shown) < last
    assert f"shown up to {len(shown)} of {last}; go on with --from {len(shown) + 1}" in done.stderr
    assert "not known" not in done.stderr and '"effect"' not in done.stderr
    # Filtered: nothing of it stands near the end.
    done = again.run("events", "--kind", "open-ledger")
    assert len(done.stdout.splitlines()) == 1


def test_following_goes_on_behind_its_position(again):
    counted = again.bytes_of("events", "--json")
    again.relay.begin("from", counted["from"] - 50, lambda: None)
    follower = subprocess.Popen(again.words("events", "--follow", "--json"), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
    try:
        last = int(again.client.command(
            "pay", ledger_id=again.ledger, payer_account_id=again.payer,
            payees=[(again.payee, 1)]).result.sequence)
        shown = [int(json.loads(follower.stdout.readline())["sequence"]) for _ in range(last)]
        assert shown == list(range(1, last + 1)), "each once, across the loss"
        again.relay.cut()
        more = int(again.client.command(
            "pay", ledger_id=again.ledger, payer_account_id=again.payer,
            payees=[(again.payee, 1)]).result.sequence)
        assert int(json.loads(follower.stdout.readline())["sequence"]) == more
    finally:
        follower.kill()
        _, errors = follower.communicate()
    assert "trying again" in errors


# ---- what else books ----

def test_following_leaves_a_server_that_hangs(again):
    """Without heartbeats it connects again, and goes on where it was."""
    with subprocess.Popen(again.words("events", "--follow", "--json"), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        try:
            first = json.loads(following.stdout.readline())
            again.server.process.send_signal(signal.SIGSTOP)
            assert "sent nothing for 30 s; connecting again" in following.stderr.readline()
            again.server.process.send_signal(signal.SIGCONT)
            sequence = again.client.command("book_receipt", ledger_id=again.ledger,
                                            account_id=again.payer, amount_minor=7).result.sequence
            seen = [int(first["sequence"])]
            while seen[-1] < sequence:
                seen.append(int(json.loads(following.stdout.readline())["sequence"]))
            assert seen == list(range(1, sequence + 1))
        finally:
            again.server.process.send_signal(signal.SIGCONT)
            following.kill()


def test_a_replay_that_was_killed_goes_on(again, database, tmp_path):
    data = tmp_path / "data.csv"
    head = ("booking_date,trans_id,account_id,operation,purpose,delta_minor,balance_after_minor,"
            "partner_bank,partner_account")
    lines = []
    balances = [0] * 5
    for number in range(1, 121):
        account = number % 5
        delta = 1000 if number < 60 else -100 if number % 3 else 50
        balances[account] += delta
        lines.append(f"2024-0{1 + number // 50}-{1 + number % 50 // 2:02},{number},{account + 1},"
                     f"{'cash_in' if delta > 0 else 'cash_out'},,{delta},{balances[account]},,")
    data.write_bytes(b"\xef\xbb\xbf" + "\n".join([head, *lines, ""]).encode())
    words = ("replay", "--data", data, "--batch", 20, "--json", "--quiet")
    counted = again.bytes_of(*words)
    ledgers = "select ledger_id, count(*) from vsl.command where ledger_id > %s group by ledger_id"
    commands = database.query(ledgers, (again.ledger,))[0][1]
    deaths = 0
    for _ in range(6):
        way = again.dice.choice(("to", "from"))
        status, _, errors = again.kill_at(
            way, again.dice.randrange(counted[way]), again.words(*words))
        deaths += status == -signal.SIGKILL
        run = re.search(r"^run (\w{8}):", errors, re.MULTILINE)
        if run:
            report = json.loads(again.run(*words, "--run", run[1]).stdout)
            assert report["right"] and report["accounts_complete"] == 5
            counts = dict(database.query(ledgers, (again.ledger,)))
            assert counts[report["ledger_id"]] == commands, "nothing twice, nothing missing"
    assert deaths > 2


def test_a_bankstub_that_was_killed_pays_once(again, tmp_path):
    state = tmp_path / "state"

    def withdraw():
        return [again.client.command("withdraw", ledger_id=again.ledger, amount_minor=100 + number,
                                     account_id=again.payer).payout_id for number in range(20)]

    words = ("--server", again.relay.target, "--once", "--state", state, "--rule",
             "every-nth-failed=5,every-nth-returned=7")
    payouts = withdraw()
    again.relay.begin()
    again.tools.run("bankstub", *words)
    counted = dict(again.relay.passed)
    for _ in range(6):
        payouts += withdraw()
        way = again.dice.choice(("to", "from"))
        again.kill_at(way, again.dice.randrange(counted[way]),
                      [BUILD / "tools/bankstub/bankstub", *map(str, words)])
    again.relay.begin()
    again.tools.run("bankstub", *words)
    statuses = again.client.protos.payout.PayoutStatus
    for payout in payouts:
        is_told = statuses.Name(again.client.get_payout(again.ledger, payout).status)
        booked = re.findall(rf"^payout={payout} .*result=(\w+)$",
                            state.with_name("state.book").read_text(), re.MULTILINE)
        assert len(booked) <= 1, "executed once"
        if is_told in ("PAYOUT_STATUS_PAID", "PAYOUT_STATUS_RETURNED"):
            assert booked == ["paid"], (payout, is_told)
        else:
            assert is_told == "PAYOUT_STATUS_FAILED" and booked != ["paid"], (payout, is_told)
    assert again.client.tie_out(again.ledger).balanced


def test_a_load_that_was_killed_disturbs_no_other(again, database):
    words = ("--server", again.relay.target, "--database", database.url, "--accounts", 30,
             "--batch", 20, "--clients", 1, "--warm-up", 0, "--seconds", 1)
    again.relay.begin()
    again.tools.run("vslload", *words)
    for _ in range(2):
        again.kill_at("to", again.dice.randrange(again.relay.passed["to"]),
                      [BUILD / "tools/vslload/vslload", *map(str, words)])
        again.relay.begin()
        again.tools.run("vslload", *words)
    ledgers = database.query("select distinct ledger_id from vsl.command order by ledger_id")
    for (ledger,) in ledgers:
        assert again.client.tie_out(ledger).balanced
    assert len(ledgers) >= 4, "each on a ledger of its own"


def test_a_demo_day_that_was_killed_is_played_again(again, database, tmp_path):
    words = ["/usr/bin/python3", "-B", TOP / "deploy/demo_day.py", again.relay.target, tmp_path,
             database.url]

    def kill_group(process):
        os.killpg(process.pid, signal.SIGKILL)

    environment = {**os.environ, "VSL_BUILD": str(BUILD)}
    deaths = 0
    # However much of the day was played before, playing it again sends more than this.
    for limit in sorted(again.dice.randrange(8_000) for _ in range(DEATHS)):
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=environment, start_new_session=True)
        again.relay.begin("to", limit, lambda process=process: kill_group(process))
        process.communicate(timeout=120)
        deaths += process.returncode == -signal.SIGKILL
        again.relay.cut()
    assert deaths == DEATHS
    again.relay.begin()
    # Then once more from end to end: nothing is done twice, and nothing is missed as it was.
    for _ in range(2):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env=environment, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        table = [line.split() for line in done.stdout.splitlines()]
        assert table[-1] == ["escrow", "tie-out:", "balanced"]
        assert [row[2:] for row in table if row[0:1] == ["shop-17"]] == [
            ["255.70", "0.00", "0.00", "0.00"]]
        assert [row[2] for row in table if row[0:1] == ["FEE"]] == ["8.29"]
        breaks = [row[0] for row in table if row[2:3] and row[-2:-1] == ["-12.00,"]]
        assert breaks == ["FEE:"]


def test_a_migration_that_was_killed_is_run_again(cluster, tools, late):
    count = len(list((TOP / "sql/migrations").glob("*.sql")))
    for lines in range(count):
        name = cluster.create_database()
        late.callback(cluster.leave_database, name)
        url = cluster.url(name)
        process = subprocess.Popen([tools.path("vslctl"), "migrate", "--database", url],
                                   stdout=subprocess.PIPE, text=True)
        for _ in range(lines):
            assert process.stdout.readline().startswith("applied ")
        process.kill()
        process.communicate()
        said = tools.vslctl("migrate", "--database", url).stdout
        assert said.endswith((f"now {count}\n", "nothing to do\n")), said
        tools.check_database(url)


# ---- text that would steer a terminal ----

def test_text_of_others_does_not_reach_the_terminal(again):
    evil = "A\u202e\u009b2J\u2066\u200e"
    said = again.run("pay", "--ledger", again.ledger, "--from", again.payer, "--payee",
                     f"{again.payee}:1.00", "--order", evil)
    remark = "Zhang\u202e San"
    again.client.command("book_receipt", ledger_id=again.ledger, account_id=again.payer,
                         amount_minor=5, payer={"name": "San\u202e", "account_number": "6216"},
                         remark=remark)
    texts = [said.stdout + said.stderr]
    for words in (("events",), ("events", "--json"),
                  ("account", "statement", "--ledger", again.ledger, "--account", again.payer),
                  ("account", "statement", "--ledger", again.ledger, "--account", again.payer,
                   "--json"), ("account", evil), (f"--{evil}",)):
        done = subprocess.run(again.words(*words), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        texts.append(done.stdout + done.stderr)
    assert any("\\u202e" in text for text in texts)
    for text in texts:
        assert not re.search("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-"
                             "\u202e\u2066-\u2069]", text), text
    found = [json.loads(line) for line in texts[2].splitlines()][-1]
    assert found["book_receipt"]["remark"] == remark, "JSON says the same text"
    assert found["book_receipt"]["payer"]["name"] == "***\u202e"


def test_durations_do_not_wrap(again):
    words = ("hold", "place", "--ledger", again.ledger, "--from", again.payer, "--amount", "1.00",
             "--order", "H-1", "--expires")
    for duration in ("+213503983d", "+99999999999999999999d", "+80000d"):
        assert "--expires ends behind 2199-12-31" in again.run(*words, duration, status=2).stderr
    said = again.run("pay", "--ledger", again.ledger, "--from", again.payer, "--payee",
                     f"{again.payee}:99999999999999999999.00", status=2).stderr
    assert "64 bits" in said or "too large" in said, said


# ---- what looks at the books ----

def test_a_check_that_cannot_be_made_is_not_right(database, tools, tmp_path):
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "b.sql").write_text("select no such thing")
    (folder / "c.sql").write_text("select 1 where false")
    words = ("check", "--database", database.url, "--sql-dir", tmp_path)
    done = tools.vslctl(*words, status=3)
    assert "nothing is known" in done.stderr and "holds" not in done.stdout
    assert json.loads(tools.vslctl(*words, "--json", status=3).stdout) == {"b": None, "c": None}
    (folder / "a.sql").write_text("select 1 as wrong")
    done = tools.vslctl(*words, status=1)
    assert "THE BOOKS ARE WRONG" in done.stdout and "nothing is known" in done.stderr


def test_output_that_cannot_be_written_is_no_success(again):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(again.words("events"), stdin=subprocess.DEVNULL, stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 4 and "could not write the output" in done.stderr
