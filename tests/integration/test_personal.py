"""Personal data: values that occur nowhere else are sent every way there is, and looked for in
everything that stays behind.

Each value holds a mark in the part that no mask shows, so that one search finds all of them: in
UTF-8, UTF-16, GB 18030, and in hexadecimal and base 64 of each.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import pathlib
import shutil
import signal
import subprocess
import tarfile

import grpc
import pytest

from client import DATE
from cluster import SETTINGS, Cluster
from waiting import wait_until

MARKS = {"chinese": "龘齉爨麤靐", "latin": "Qzyxvrkwj", "number": "7391648205"}
NAMES = [f"{MARKS['chinese']}{end}" for end in "一二三四五六七八九"]
LATIN = [f"{first} {MARKS['latin']} {last}" for first, last in
         (("Ada", "Lovelace"), ("Li", "Ming"), ("Example", "Mall Ltd"))]
CARDS = [f"62{MARKS['number']}{tail:07d}"[:19] for tail in range(1000001, 1000010)]
ACCOUNTS = [f"19-{MARKS['number']}/{tail}" for tail in ("0800", "0801", "0802", "0803")]


def patterns():
    """{how: bytes} of every mark in every form that is looked for."""
    found = {}
    for mark, text in MARKS.items():
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            raw = text.encode(encoding)
            found[mark, encoding] = raw
            found[mark, encoding, "hex"] = raw.hex().encode()
            found[mark, encoding, "HEX"] = raw.hex().upper().encode()
            for shift in range(3):
                # The characters that depend on the mark alone, wherever it begins.
                whole = base64.b64encode(b"\0" * shift + raw)
                first = (shift * 8 + 5) // 6
                found[mark, encoding, "base64", shift] = whole[first:(shift + len(raw)) * 8 // 6]
    assert all(len(pattern) >= 8 for pattern in found.values()), found
    return found


PATTERNS = patterns()


def look(where, raw):
    """[(where, how)] of what stands there and should not."""
    return [(where, how) for how, pattern in PATTERNS.items() if pattern in raw]


def look_into(folder):
    """The same of every file in a folder, the members of tar files too."""
    found, count = [], 0
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file():
            continue
        count += 1
        if path.suffix == ".tar":
            with tarfile.open(path) as tar:
                for member in tar:
                    if member.isfile():
                        found += look(f"{path}:{member.name}", tar.extractfile(member).read())
        else:
            found += look(str(path), path.read_bytes())
    assert count > 0, folder
    return found


def test_what_is_planted_is_found(tmp_path, cluster, make_database):
    """In each form, in a file, in a table, its WAL and its dump."""
    for text in NAMES + LATIN + CARDS + ACCOUNTS:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            for before in range(3):
                raw = b"x" * before + text.encode(encoding)
                assert look("", raw), (text, encoding)
                assert look("", raw.hex().encode()) and look("", raw.hex().upper().encode())
                assert look("", base64.b64encode(raw)), (text, encoding, before)
    (tmp_path / "file").write_bytes(b"\n" + CARDS[0].encode("utf-16-le"))
    assert ("number", "utf-16-le") in {how for _, how in look_into(tmp_path)}
    assert not look("", b"622202*********5678 " + "***娜".encode())
    database = make_database(cluster)
    database.query("create table planted (body bytea)", user="postgres")
    database.query("insert into planted values (%s)", [NAMES[0].encode()], user="postgres")
    database.query("checkpoint", user="postgres")
    dump = subprocess.run(["pg_dump", database.url.replace("user=vsl", "user=postgres")],
                          capture_output=True, check=True, timeout=60).stdout
    assert look("dump", dump)
    found = look_into(cluster.folder / "data")
    assert any("/base/" in where for where, _ in found), found
    assert any("/pg_wal/" in where for where, _ in found), found
    cluster.drop_database(database.name)


class Values:
    """Names and numbers one after another, and what was sent of them."""

    def __init__(self, client):
        self._party = client.party
        self._names = [name for pair in zip(NAMES, LATIN * 3) for name in pair]
        self._numbers = [number for pair in zip(CARDS, ACCOUNTS * 3) for number in pair]
        self._count = 0

    def party(self):
        """The next party."""
        self._count += 1
        return self._party(self._names[self._count % len(self._names)],
                           self._numbers[self._count % len(self._numbers)], "ICBKCNBJ")


def refused(call, *args, **kwargs):
    """The text of a call that fails; it holds no value."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **kwargs)
    said = f"{caught.value.details()} {caught.value.trailing_metadata()}"
    assert not look("an error", said.encode()), said
    return said


def answered(message):
    """An answer that holds no value; what it was."""
    assert not look("an answer", message.SerializeToString()), message
    return message


def send_everything(client, prefix, values):
    """Every command that takes a party, in every way; the ledger, and the sequences of parties."""
    party = values.party
    ledger = answered(client.command(
        "open_ledger", platform_name=NAMES[0], escrow_account_number=CARDS[0], currency="CNY",
        receiving_prefix=str(prefix), first_accounting_date=DATE)).ledger_id
    on = {"ledger_id": ledger}
    member = client.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U", **on)
    account = client.command("open_account", member_id=member.member_id, **on).account_id
    own_account = client.get_ledger(ledger).control_accounts.platform_own_account_id
    sequences = []

    def command(kind, expect="ACCEPTED", **fields):
        answer = answered(client.command(kind, expect, **{**on, **fields}))
        if answer.result.sequence:
            sequences.append(answer.result.sequence)
        return answer

    own = party()
    receipt = {"account_id": account, "amount_minor": 100}
    withdraw = {"account_id": account, "amount_minor": 10}
    command("set_terms", own_account=own)
    command("book_receipt", payer=own, account_id=own_account, amount_minor=5)
    command("book_receipt", "PLATFORM_ACCOUNT_MISMATCH", payer=party(), account_id=own_account,
            amount_minor=5)
    command("book_receipt", payer=party(), **receipt)
    command("book_receipt", "ACCEPTED_UNALLOCATED", payer=party(), amount_minor=1)
    payout = command("withdraw", destination=party(), **withdraw).payout_id
    command("withdraw", "INSUFFICIENT_AVAILABLE", destination=party(), account_id=account,
            amount_minor=10 ** 9)
    command("withdraw", "PLATFORM_ACCOUNT_MISMATCH", destination=party(), amount_minor=1,
            account_id=own_account)
    client.command("withdraw", destination=party(), dry_run=True, **withdraw, **on)
    # A key again: the same content, other content.
    asked = {"destination": party(), "key": client.key(), **withdraw}
    first = command("withdraw", **asked)
    assert client.command("withdraw", **asked, **on).result.replayed
    assert first.payout_id > payout
    conflict = answered(client.command("withdraw", "KEY_CONFLICT", **{
        **asked, **on, "destination": party()}))
    assert conflict.result.field == "destination.name"
    # Batches: as they come, all or none, none at all.
    for options in ({}, {"atomic": True}, {"dry_run": True}):
        for amount in (1, 10 ** 9):
            for result in client.batch([
                    client.item("book_receipt", payer=party(), **receipt, **on),
                    client.item("withdraw", destination=party(), account_id=account,
                                amount_minor=amount, **on)], **options):
                answered(result)
                if result.result.sequence:
                    sequences.append(result.result.sequence)
    # Proposed: what is inside has parties, too. Approved, withdrawn, and left open.
    until = 4_000_000_000_000_000
    for end in ("approve", "withdraw_proposal", None):
        for kind, fields in (("withdraw", {"destination": party(), **withdraw}),
                             ("book_receipt", {"payer": party(), **receipt}),
                             ("set_terms", {"own_account": party()})):
            made = answered(client.command(
                "propose", command=client.inside(kind, **fields), expires_at_us=until, **on))
            if end == "approve":
                command(end, key=client.key(channel="SECOND"), proposal_id=made.proposal_id)
            elif end:
                answered(client.command(end, proposal_id=made.proposal_id, **on))
    refused(client.command, "propose", expires_at_us=until, **on, command=client.inside(
        "withdraw", destination=client.party(NAMES[5] * 30, CARDS[5]), **withdraw))
    # Malformed, and what is no message at all.
    for fields in ({"destination": client.party(NAMES[1] * 30, CARDS[1])},
                   {"destination": client.party(NAMES[1], CARDS[1] * 3)},
                   {"destination": client.party("", CARDS[1])},
                   {"destination": party(), "amount_minor": -1},
                   {"destination": party(), "account_id": 0}):
        refused(client.command, "withdraw", **{**withdraw, **on, **fields})
    refused(client.batch, [client.item("withdraw", destination=party(), **withdraw, **on),
                           client.item("withdraw", destination=client.party(NAMES[2] * 30),
                                       **withdraw, **on)])
    whole = client.request("withdraw", destination=party(), **withdraw, **on).SerializeToString()
    raw = client.channel.unary_unary("/vsl.v1.FundsService/Withdraw")
    for broken in (whole[:-3], whole + b"\xff", whole.replace(b"ICBK", b"\xff\xfe\xfd\xfc")):
        refused(raw, broken, timeout=60)
    return ledger, payout, sequences


def read_everything(client, tools, target, ledger, payout, last):
    """Each read that shows a party, and vslctl's; none holds a value."""
    answered(client.get_payout(ledger, payout))
    answered(client.get_ledger(ledger))
    answered(client.read("ledger", "ListLedgers"))
    for entry in client.entries(1, last):
        answered(entry)
        answered(client.find_command(sequence=entry.sequence))
    answered(client.read("journal", "ListCommands", ledger_id=ledger, page_size=1000))
    for words in (("command", "list", "--limit", 500), ("payout", "get", "--payout", payout),
                  ("ledger", "get"), ("payout", "list")):
        for form in ((), ("--json",)):
            said = tools.vslctl(*words, "--server", target, "--ledger", ledger, *form)
            assert not look(words, (said.stdout + said.stderr).encode())


def use_vslctl(tools, target, ledger, scratch):
    """What goes wrong at a terminal and in files: no error repeats a value."""
    to = ["--to-name", NAMES[3], "--to-account", CARDS[3]]
    on = ["--server", target, "--ledger", ledger]
    for words, status in (
            (["withdraw", "--account", 999999, "--amount", "1", *to], 1),
            (["withdraw", "--account", 1, "--amount", "x", *to], 2),
            (["withdraw", "--account", 1, *to], 2),
            (["withdraw", "--account", 1, "--amount", "1", "--to-name", NAMES[3] * 30,
              "--to-account", CARDS[3]], 2)):
        said = tools.vslctl(*words, *on, status=status)
        assert not look(words[0], (said.stdout + said.stderr).encode()), said.stderr
    path = scratch / "personal.jsonl"
    line = ('{"withdraw": {"ledger_id": %d, "account_id": 999999, "amount_minor": %s, '
            '"destination": {"name": "%s", "account_number": "%s"}}}\n')
    for amount, status in (("1", 1), ('"x"', 2)):
        path.write_text(line % (ledger, amount, NAMES[4], CARDS[4]))
        said = tools.vslctl("batch", path, "--server", target, status=status)
        assert not look("batch", (said.stdout + said.stderr).encode()), said
    path.unlink()


@pytest.fixture(name="plain_cluster")
def fixture_plain_cluster(scratch, tools, late):
    """A cluster whose WAL can be read, and which logs as much as deploy's settings allow."""
    made = Cluster(scratch / "pg-personal", [
        *SETTINGS, "wal_compression=off", "logging_collector=off", "log_min_messages=debug1"])
    made.template = made.create_database()
    tools.vslctl("migrate", "--database", made.url(made.template))
    late.callback(shutil.rmtree, made.folder, ignore_errors=True)
    late.callback(made.stop)
    return made


def back_up(database, cluster, folder):
    """A dump and a base backup with its WAL."""
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with open(folder / "dump.sql", "wb") as out:
        subprocess.run(["pg_dump", database.url], stdout=out, check=True, timeout=60)
    subprocess.run(["pg_basebackup", "-h", cluster.socket, "-U", "postgres", "-D",
                    folder / "base", "-Ft", "-X", "stream", "-c", "fast"], check=True, timeout=60)


def test_nothing_stays_behind(make_server, plain_cluster, make_database, tools, scratch):
    """Sent to a server that is killed, taken over, reloaded; what it leaves is searched."""
    database = make_database(plain_cluster)
    ring = scratch / "personal.ring"
    for purpose in ("journal-mac", "seal"):
        tools.vslctl("key", "new", "--keys", ring, "--purpose", purpose)
    settings = {"admin.log_level": "debug", "keys.file": ring}
    server = make_server(database.url, settings).start()
    client = server.connect()
    values = Values(client)
    ledger, payout, sequences = send_everything(client, 6601, values)
    server.write_settings()
    server.process.send_signal(signal.SIGHUP)
    told = client.plain(ledger, *sequences[:50])
    assert any(look("", value.encode()) for value in told.values())
    key = client.key()
    asked = {"ledger_id": ledger, "commands": sequences[:1], "reason": "r", "key": key}
    assert client.command("reveal", **asked).values == client.command("reveal", **asked).values
    client.command("reveal", "NOTHING_TO_REVEAL", ledger_id=ledger, commands=[1, 2], reason="r")
    limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    assert "Max core file size        0                    0" in limits, limits

    standby = make_server(database.url, settings).start(serving=False)
    standby.wait_log("standby")
    server.kill()
    wait_until(lambda: standby.health() == "SERVING", "the take-over")
    client = standby.connect()
    other, _, more = send_everything(client, 6602, values)
    last = client.tie_out(other).as_of_sequence
    read_everything(client, tools, standby.target, ledger, payout, last)
    use_vslctl(tools, standby.target, ledger, scratch)
    assert client.plain(other, more[0]) and client.plain(ledger, *sequences[:50]) == told

    backups = scratch / "personal-backups"
    database.query("checkpoint", user="postgres")
    back_up(database, plain_cluster, backups)
    standby.kill()
    found = look_into(server.folder) + look_into(standby.folder)
    # Tables, indexes, WAL, PostgreSQL's log; a dump, and a base backup with its WAL.
    found += look_into(plain_cluster.folder) + look_into(backups)
    assert not found, found[:20]
    shutil.rmtree(backups)
