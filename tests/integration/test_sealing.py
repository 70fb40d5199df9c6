"""Personal data are sealed before anything is decided: under a key of the ring, in journal and
state alike, whichever key it was then.

SPDX-License-Identifier: Apache-2.0
"""
import signal
import threading

import grpc
import pytest

from books_rules import add_days
from client import DATE
from waiting import wait_until

NAME, NUMBER = "欧阳娜娜", "6222021001112345678"
OWN_NAME, OWN_NUMBER = "示例商城（上海）有限公司", "1001190029213456780"
MASKED = ("***娜", "622202*********5678")
FIELDS = ("name", "account_number")


def new_key(tools, ring, purpose="seal", algorithm=None):
    """One more key in the ring."""
    chosen = ["--algorithm", algorithm] if algorithm else []
    tools.vslctl("key", "new", "--keys", ring, "--purpose", purpose, *chosen)


@pytest.fixture(name="ring")
def fixture_ring(tools, scratch, request):
    """A ring with a key for codes and one that seals."""
    path = scratch / f"{request.node.name[:40]}.ring".replace("[", "-").replace("]", "")
    new_key(tools, path, "journal-mac")
    new_key(tools, path)
    return path


class Bank:
    """A server with that ring, and a platform whose parties all have one name."""

    def __init__(self, server, prefix="770901"):
        self.server = server
        self.client = server.connect()
        self.shop = self.client.open_platform(prefix, accounts=2)
        self.on = {"ledger_id": self.shop.ledger_id}
        self.party = self.client.party(NAME, NUMBER)
        self.own = self.client.party(OWN_NAME, OWN_NUMBER)
        self.sent = []
        self.send("set_terms", own_account=self.own)
        self.receipt = self.send("book_receipt", account_id=self.shop.accounts[0],
                                 amount_minor=100, payer=self.party).result.sequence
        out = self.send("withdraw", account_id=self.shop.accounts[0], amount_minor=30,
                        destination=self.party)
        self.withdraw, self.payout = out.result.sequence, out.payout_id
        self.platform = self.client.get_ledger(
            self.shop.ledger_id).control_accounts.platform_own_account_id

    def send(self, command, /, expect="ACCEPTED", **fields):
        """A command with a key that is kept, so that it can be sent again."""
        key = self.client.key()
        answer = self.client.command(command, expect, key=key, **self.on, **fields)
        self.sent.append((command, {"key": key, **self.on, **fields}, answer.result.sequence))
        return answer

    def again(self):
        """Everything once more: each is told what it was told."""
        for command, fields, sequence in self.sent:
            result = self.client.command(command, None, **fields).result
            assert result.replayed and result.sequence == sequence, command

    def reveal(self, sequence, path):
        """What Reveal tells of a party."""
        answer = self.client.command("reveal", **self.on, commands=[sequence],
                                     reason="test")
        values = {value.field: value.value for value in answer.values}
        return tuple(values[f"{path}.{field}"] for field in FIELDS)

    def restart(self):
        """Killed, and up again."""
        self.server.kill()
        self.server.start()
        self.client = self.server.connect()


def everything(database):
    """All rows of all tables as text, texts and bytes alike."""
    names = [name for (name,) in database.query(
        "select c.oid::regclass::text from pg_class c where c.relkind = 'r'"
        " and c.relnamespace = 'vsl'::regnamespace")]
    rows = []
    for name in names:
        rows += [row for (row,) in database.query(f"select t::text from {name} t")]
    return "\n".join(rows)


def traces(value):
    """The value as it would stand in such a row."""
    return (value, value.encode().hex())


def test_no_value_stands_in_the_database(make_server, database, ring):
    """Neither in the journal nor in the state, and answers are as ever."""
    bank = Bank(make_server(database.url, {"keys.file": ring}).start())
    client, ledger = bank.client, bank.shop.ledger_id
    dest = client.get_payout(ledger, bank.payout).destination
    assert (dest.name, dest.account_number) == MASKED
    payer = client.find_command(sequence=bank.receipt).book_receipt.payer
    assert (payer.name, payer.account_number) == MASKED
    assert client.get_ledger(ledger).terms.own_account.name.endswith("*司")
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
    assert bank.reveal(bank.withdraw, "destination") == (NAME, NUMBER)
    # What another is to approve is sealed inside of what proposes it.
    proposed = bank.send("propose", reason="test", expires_at_us=4_000_000_000_000_000,
                         command=client.inside("withdraw", account_id=bank.shop.accounts[0],
                                                 amount_minor=2, destination=bank.party))
    approved = client.command("approve", proposal_id=proposed.proposal_id,
                              key=client.key(channel="SECOND"), **bank.on)
    assert bank.reveal(approved.result.sequence, "destination") == (NAME, NUMBER)
    bank.again()
    # The platform's own, written as another bank writes it.
    own = client.party("示例商城(上海)有限公司", "1001 1900 2921 3456 780")
    client.command("book_receipt", account_id=bank.platform, amount_minor=5, payer=own, **bank.on)
    client.command("book_receipt", "PLATFORM_ACCOUNT_MISMATCH", account_id=bank.platform,
                   amount_minor=5, payer=bank.party, **bank.on)
    with pytest.raises(AssertionError, match="KEY_CONFLICT"):
        command, fields, _ = bank.sent[1]
        client.command(command, **{**fields, "payer": client.party(NAME, NUMBER[:-1] + "9")})
    bank.server.terminate()
    text = everything(database)
    assert "withdraw" not in text and len(text) > 1000
    for value in (NAME, NUMBER, OWN_NAME, OWN_NUMBER, "示例"):
        for trace in traces(value):
            assert trace not in text
    # The ledger's own mark stands there, so that what is looked through is what was meant.
    assert "\x01AQEAAA" in text or "\\x01" in text


def test_what_a_payer_wrote_is_sealed_unless_it_is_a_number_of_ours(make_server, database, ring):
    """His own card number, or words; the engine decides the same, and Reveal tells it."""
    server = make_server(database.url, {"keys.file": ring})
    bank = Bank(server.start())
    own = bank.shop.receiving_numbers[0]
    for text, outcome in ((own, "ACCEPTED"), (f" {own[:4]}-{own[4:]}", "ACCEPTED"),
                          (NUMBER, "ACCEPTED_UNALLOCATED"),
                          (f"{NAME} {NUMBER}", "ACCEPTED_UNALLOCATED")):
        made = bank.send("book_receipt", outcome, amount_minor=1, receiving_number=text,
                         payer=bank.client.party("x", "1")).result.sequence
        shown = bank.client.find_command(sequence=made).book_receipt.receiving_number
        told = bank.client.command("reveal", **bank.on, commands=[made], reason="test").values
        assert {value.field: value.value for value in told}["receiving_number"] == text
        body = bytes(database.one(f"select body from vsl.command where sequence = {made}"))
        is_own = outcome == "ACCEPTED"
        assert (text.encode() in body) == is_own and (shown == text) == is_own, (text, shown)
        assert NUMBER not in shown and NAME not in shown
    reasons = [one.reason for one in bank.client.list_all("suspense", "ListSuspense", **bank.on)]
    assert len(set(reasons)) == 1 and len(reasons) == 2
    held = everything(database)
    assert not any(trace in held for value in (NAME, NUMBER) for trace in traces(value))
    bank.again()
    bank.restart()
    bank.again()


def test_a_value_of_another_place_does_not_open(make_server, database, ring):
    """The same value of two kinds and of two ledgers are different bytes."""
    bank = Bank(make_server(database.url, {"keys.file": ring}).start())
    Bank(bank.server, "770902")
    bank.server.terminate()
    bodies = [bytes(body) for (body,) in database.query(
        "select body from vsl.command where kind = vsl.kind('BookReceipt') order by sequence")]
    seals = [[part[:40] for part in body.split(b"\x01AQEAAA")[1:]] for body in bodies]
    assert len(seals) == 2 and all(len(of_one) == 2 for of_one in seals)
    assert len({seal for of_one in seals for seal in of_one}) == 4


@pytest.mark.parametrize("algorithm", ["aes-256-siv", "sm4-siv"])
def test_a_new_key_seals_what_is_new(make_server, database, tools, ring, algorithm):
    """Without a stop; what the old one sealed opens, compares and is who it was."""
    bank = Bank(make_server(database.url, {"keys.file": ring}).start())
    if algorithm == "aes-256-siv":
        tools.vslctl("key", "rotate", "--keys", ring)
    else:
        new_key(tools, ring, algorithm=algorithm)
    bank.server.process.send_signal(signal.SIGHUP)
    bank.server.wait_log(r"reloaded .* seal_key=3")
    for _ in range(2):
        client = bank.client
        bank.again()
        assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
        client.command("book_receipt", account_id=bank.platform, amount_minor=5, payer=bank.own,
                       **bank.on)
        newer = bank.send("book_receipt", account_id=bank.shop.accounts[0], amount_minor=7,
                          payer=bank.party).result.sequence
        assert bank.reveal(newer, "payer") == (NAME, NUMBER)
        found = client.read("journal", "ListCommands", party_account_number=NUMBER,
                            party_name=NAME, **bank.on).entries
        assert {bank.receipt, bank.withdraw, newer} <= {entry.sequence for entry in found}
        bank.restart()
    key = ("select vsl.sealed_key(own_account_name) from vsl.ledger_history"
           " order by sequence desc limit 1")
    assert database.one(key) == 2
    # The ledger's own names are sealed anew by its next day cut.
    bank.client.command("cut_day", accounting_date=add_days(DATE, 1), **bank.on)
    bank.client.command("book_receipt", account_id=bank.platform, amount_minor=5, payer=bank.own,
                        **bank.on)
    assert database.one(key) == 3
    bank.restart()
    assert bank.client.get_ledger(bank.shop.ledger_id).terms.own_account.name.endswith("*司")
    bank.server.terminate()
    tools.check_database(database.url)
    listed = tools.vslctl("key", "list", "--keys", ring, "--database", database.url).stdout
    assert "ledgers" in listed.splitlines()[0] and len(listed.splitlines()) == 4, listed


def test_values_that_stand_in_clear_go_on(make_server, database, tools, ring):
    """A server without such a key says so; with one the old requests are still the same."""
    server = make_server(database.url)
    bank = Bank(server.start())
    server.wait_log("no key seals personal data")
    assert NUMBER.encode().hex() in everything(database)
    server.terminate()
    first = ring.with_suffix(".first")
    new_key(tools, first)
    new_key(tools, first, "journal-mac")
    tools.vslctl("key", "adopt", "--keys", first, "--database",
                 database.url.replace("user=vsl ", "user=postgres "))
    server.settings["keys.file"] = first
    server.start()
    bank.client = server.connect()
    bank.again()
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
    bank.client.command("book_receipt", account_id=bank.platform, amount_minor=5, payer=bank.own,
                        **bank.on)
    # The ledger's own names are sealed by its next day cut, also under a ring's first key.
    bank.client.command("cut_day", accounting_date=add_days(DATE, 1), **bank.on)
    bank.client.command("book_receipt", account_id=bank.platform, amount_minor=5, payer=bank.own,
                        **bank.on)
    assert database.one("select vsl.sealed_key(own_account_name) from vsl.ledger_history"
                        " order by sequence desc limit 1") == 1


def expect_lost(call):
    """It is refused with the number of the key that the ring has not."""
    with pytest.raises(grpc.RpcError) as refused:
        call()
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION, refused.value
    assert "sealed by key 2, which the key ring" in refused.value.details()
    details = dict(refused.value.trailing_metadata())["grpc-status-details-bin"]
    assert b"SEAL_KEY_MISSING" in details


def test_without_its_key_nothing_is_opened(make_server, database, tools, ring, scratch):
    """A reload without the key is refused, and so is a start; a body's lost key is named."""
    server = make_server(database.url, {"keys.file": ring})
    bank = Bank(server.start())
    pay_out = bank.client.inside("withdraw", account_id=bank.shop.accounts[0], amount_minor=2,
                                 destination=bank.party)
    waits = bank.send("propose", command=pay_out, expires_at_us=4_000_000_000_000_000)
    whole = ring.read_text()
    lines = whole.splitlines()
    ring.write_text("\n".join(line for line in lines if " seal " not in line) + "\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_log("the key ring has not the key 2 any more")
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
    server.terminate()
    server.start(serving=False)
    assert server.wait_end() == 1
    assert "the key ring has not the key=2 that the names of ledger=1" in server.log()
    # The ledger is sealed anew, and then the first key is lost.
    ring.write_text(whole)
    new_key(tools, ring)
    server.start()
    client = bank.client = server.connect()
    client.command("cut_day", accounting_date=add_days(DATE, 1), **bank.on)
    client.command("set_terms", own_account=bank.own, **bank.on)
    server.terminate()
    whole = ring.read_text()
    ring.write_text("\n".join(line for line in whole.splitlines()
                              if not line.startswith("2 ")) + "\n")
    server.start()
    client = bank.client = server.connect()
    payer = client.find_command(sequence=bank.receipt).book_receipt.payer
    lost = "(sealed by key 2, which is not in the key ring)"
    assert (payer.name, payer.account_number) == (lost, lost)
    # No answer is given that might be wrong: not that it is another request, not a made up value.
    recorded = database.one("select count(*) from vsl.command")
    for command, fields, _ in bank.sent:
        expect_lost(lambda name=command, said=fields: client.command(name, **said))
    expect_lost(lambda: client.batch([client.item(name, **said) for name, said, _ in bank.sent]))
    expect_lost(lambda: client.batch([client.item(name, **said) for name, said, _ in bank.sent],
                                     atomic=True))
    expect_lost(lambda: bank.reveal(bank.receipt, "payer"))
    approve = {"proposal_id": waits.proposal_id, "key": client.key(channel="SECOND"), **bank.on}
    expect_lost(lambda: client.command("approve", **approve))
    client.command("book_receipt", account_id=bank.shop.accounts[0], amount_minor=1,
                   payer=bank.party, **bank.on)
    assert database.one("select count(*) from vsl.command") == recorded + 1
    assert NUMBER not in server.log()
    # With the key all is as it was.
    ring.write_text(whole)
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: client.find_command(sequence=bank.receipt).book_receipt.payer.name ==
               MASKED[0], "the key to be back")
    bank.again()
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
    approved = client.command("approve", **approve)
    assert bank.reveal(approved.result.sequence, "destination") == (NAME, NUMBER)


def other_secret(ring, number, flips="0"):
    """The ring with another secret under that number."""
    lines = ring.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{number} "))
    words = lines[at].split()
    words[5] = words[5][:-1] + ("1" if words[5][-1] == flips else flips)
    return "\n".join([*lines[:at], " ".join(words), *lines[at + 1:]]) + "\n"


def refuses_to_start(server, status, said):
    """It ends, and says why."""
    server.start(serving=False)
    assert server.wait_end() == status, server.log()
    assert said in server.log(), server.log()


def test_another_secret_under_the_number_is_refused(make_server, database, tools, ring):
    """At a start before anything is loaded, at a reload before anything is sealed; also of a key
    by which nothing was sealed yet, and by the names alone where no key was noted."""
    server = make_server(database.url, {"keys.file": ring})
    bank = Bank(server.start())
    whole = ring.read_text()
    for number in (1, 2):
        ring.write_text(other_secret(ring, number))
        server.process.send_signal(signal.SIGHUP)
        server.wait_log("reload refused, but for the certificates: "
                        f"key {number} of the key ring is not the key that stood under this number")
        ring.write_text(whole)
    bank.again()
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)
    # A new key is noted before it seals.
    new_key(tools, ring)
    server.process.send_signal(signal.SIGHUP)
    server.wait_log("reloaded .* seal_key=3")
    assert database.query("select key_number from vsl.ring_key order by 1") == [(1,), (2,), (3,)]
    server.terminate()
    whole = ring.read_text()
    for number in (1, 2, 3):
        ring.write_text(other_secret(ring, number))
        refuses_to_start(server, 3, f"key {number} of the key ring is not the key that vsl.ring_key"
                         " has noted under this number")
        ring.write_text(whole)
    # What a server of before has noted is nothing: then the names of the ledgers tell.
    connection = database.cluster.connect(database.name, "postgres")
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica; delete from vsl.ring_key")
    connection.close()
    ring.write_text(other_secret(ring, 2))
    refuses_to_start(server, 1, "the names of ledger=1 do not open by the key=2 of the key ring")
    ring.write_text(whole)


def test_two_servers_with_keys_of_their_own(make_server, database, tools, ring, scratch):
    """Which both gave the same number: the second one is not taken over."""
    server = make_server(database.url, {"keys.file": ring})
    bank = Bank(server.start())
    new_key(tools, ring)
    mine = ring.read_text()
    other = scratch / "other-host.ring"
    other.write_text(other_secret(ring, 3))
    other.chmod(0o600)
    noted = other_secret(ring, 3).splitlines()
    assert noted[:2] == mine.splitlines()[:2]
    # The other host's server has noted its own.
    ring.write_text("\n".join(mine.splitlines()[:2]) + "\n")
    server.terminate()
    server.settings["keys.file"] = other
    server.start()
    server.terminate()
    server.settings["keys.file"] = ring
    server.start()
    bank.client = server.connect()
    ring.write_text(mine)
    server.process.send_signal(signal.SIGHUP)
    server.wait_log("key 3 of the key ring is not the key that vsl.ring_key has noted")
    bank.again()
    assert bank.reveal(bank.receipt, "payer") == (NAME, NUMBER)


def test_no_seal_no_network(make_server, database):
    """Where whoever reads the database would read the names, nobody comes from elsewhere."""
    server = make_server(database.url)
    server.settings["listen.address"] = "0.0.0.0:0"
    server.start(serving=False)
    assert server.wait_end() == 2


def test_rotation_under_load_with_kills(make_server, database, tools, ring):
    """New keys, reloads and kills while receipts and withdrawals go on: each is once in the books,
    and each value opens."""
    server = make_server(database.url, {"keys.file": ring})
    bank = Bank(server.start())
    ends, booked, faults = threading.Event(), [], []

    def load():
        client = server.connect()
        number = 0
        while not ends.is_set():
            number += 1
            fields = {"account_id": bank.shop.accounts[1], "amount_minor": 1, **bank.on,
                      "payer": client.party(f"{NAME}{number}", NUMBER), "key": client.key()}
            while not ends.is_set():
                try:
                    booked.append((client.command("book_receipt", **fields).result.sequence,
                                   f"{NAME}{number}"))
                    break
                except grpc.RpcError as error:
                    if error.code() != grpc.StatusCode.UNAVAILABLE:
                        faults.append(error)
                        return

    thread = threading.Thread(target=load)
    thread.start()
    for turn in range(3):
        before = len(booked)
        wait_until(lambda: len(booked) > before + 20 or faults, "receipts")
        new_key(tools, ring, algorithm=("sm4-siv", "aes-256-siv")[turn % 2])
        server.process.send_signal(signal.SIGHUP)
        if turn != 1:
            wait_until(lambda: len(booked) > before + 25 or faults, "receipts")
        server.kill()
        server.start()
    ends.set()
    thread.join()
    assert not faults, faults[0]
    bank.client = server.connect()
    assert bank.client.available(bank.shop.ledger_id, bank.shop.accounts[1]) in (
        len(booked), len(booked) + 1)
    for sequence, name in booked:
        assert bank.reveal(sequence, "payer") == (name, NUMBER)
    bank.again()
    server.terminate()
    used = database.one("select count(distinct substr(body, position('\\x01415145414141'::bytea in"
                        " body), 9)) from vsl.command where kind = vsl.kind('BookReceipt')")
    assert used >= 2
    tools.check_database(database.url)
