"""test_screening.py: deny lists find who is there and who comes; what rests then, by every way;
who decides, and who is not told; over restarts, other keys and kills.

SPDX-License-Identifier: Apache-2.0
"""
import json
import time

import grpc
import pytest

from callers import EVERY_ROLE
from client import DATE
from test_claims import BANK_MEASURE, TAX
from test_crashes import FAULT_WALKS, kill_and_repeat, points_of_walk
from waiting import wait_until

NUMBER = "11010519491231002X"
CARD = "6216261000000000018"
OPEN, CLEARED, CONFIRMED = 1, 2, 3


class Desk:
    """A ledger with members, of whom some are listed."""

    def __init__(self, client, prefix, accounts=3):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=accounts)
        self.on = {"ledger_id": self.shop.ledger_id}

    def do(self, command, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, **self.on, **fields)

    def deny(self, expect="ACCEPTED", **value):
        """Lists a value; the entry."""
        return self.do("add_denied", expect, source="DENIED_SOURCE_POLICE", reason="notice 2026-17",
                       **value).denied_id

    def identify(self, member, name, number=NUMBER):
        """Says who the member is."""
        self.do("identify_member", **self.client.identity(self.shop.members[member], number, name))

    def decide(self, hit, decision="CLEARED", expect="ACCEPTED", channel="SECOND"):
        """Decides a hit, as somebody else."""
        return self.do("decide_hit", expect, key=self.client.key(channel=channel), hit_id=hit,
                       decision="HIT_DECISION_" + decision, reason="another birthday",
                       evidence="file 4711")

    def hits(self, **fields):
        """(entry, member, card, status) of the hits."""
        return [(one.denied_id, one.member_id, one.card_id, one.status)
                for one in self.client.list_all("screening", "ListHits", **self.on, **fields)]

    def pay(self, giver, taker, expect="ACCEPTED"):
        """1 of one account to another."""
        self.do("pay", expect, payer_account_id=self.shop.accounts[giver],
                payees=[(self.shop.accounts[taker], 1)])

    def receive(self, account, expect="ACCEPTED", **payer):
        """100 for the account."""
        return self.do("book_receipt", expect, account_id=self.shop.accounts[account],
                       amount_minor=100, payer=self.client.party(**payer))


def test_who_is_found_rests(make_server, database, tools):
    """An entry finds who is there, and who comes; until a second person clears it nothing moves."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7301)
    accounts, members = desk.shop.accounts, desk.shop.members
    for account in range(3):
        desk.receive(account)
    desk.identify(0, "Li Si")
    entry = desk.deny(name="Li  Si ")
    assert desk.hits() == [(entry, members[0], 0, OPEN)]
    desk.deny("VALUE_DENIED", name="Li Si")
    desk.pay(0, 1, "ACCOUNT_RESTRICTED_OUT")
    desk.pay(1, 0, "ACCOUNT_RESTRICTED_IN")
    desk.do("withdraw", "ACCOUNT_RESTRICTED_OUT", account_id=accounts[0], amount_minor=1)
    desk.do("place_hold", "ACCOUNT_RESTRICTED_OUT", payer_account_id=accounts[0], amount_minor=1,
            order_number="O", expires_at_us=4102444800000000)
    shown = desk.client.read("account", "GetAccount", account_id=accounts[0], **desk.on).account
    assert shown.no_in and shown.no_out
    desk.receive(0, "ACCEPTED_UNALLOCATED")
    item = desk.client.list_all("suspense", "ListSuspense", **desk.on)[0]
    assert item.reason == 5 and item.account_id == accounts[0]
    desk.do("allocate_suspense", "ACCOUNT_RESTRICTED_IN", suspense_id=item.suspense_id,
            payees=[(accounts[0], 1)])
    # Who comes later is found by a name, a document, or a card.
    desk.identify(1, "Li Si", "110101199003070011")
    document = desk.deny(document_kind=1, document_number="110101 199003070038")
    desk.identify(2, "Wang Wu", "110101199003070038")
    assert desk.hits()[1:] == [(entry, members[1], 0, OPEN), (document, members[2], 0, OPEN)]
    desk.decide(1, expect="SAME_CALLER", channel=None)
    desk.decide(1)
    desk.decide(1, "CONFIRMED", expect="HIT_DECIDED")
    desk.decide(3, "CONFIRMED")
    number = desk.deny(account_number="6216 2610 0000 0000 018")
    card = desk.do("bind_card", member_id=members[0], kind=1, number=CARD, holder="Li Si",
                   mobile="13552535506").card_id
    assert desk.hits(member_id=members[0]) == [(entry, members[0], 0, CLEARED),
                                               (number, members[0], card, OPEN)]
    before = desk.hits()
    for stop in (server.terminate, server.kill):
        stop()
        server.start()
        desk.client = server.connect()
        assert desk.hits() == before
        desk.pay(0, 1, "ACCOUNT_RESTRICTED_OUT")
    desk.decide(4)
    desk.decide(2)
    desk.pay(0, 1)
    desk.identify(0, "Li Si")
    assert desk.hits(status="HIT_STATUS_OPEN") == []
    desk.do("end_denied", "APPROVAL_NEEDED", denied_id=entry, evidence="order")
    desk.client.by_two("end_denied", denied_id=entry, evidence="order", **desk.on)
    listed = desk.client.list_all("screening", "ListDenied", status="DENIED_STATUS_LISTED",
                                  **desk.on)
    assert [one.denied_id for one in listed] == [document, number]
    tools.check_database(database.url)


def test_parties_outside(make_server, database, tools):
    """A payer's money waits until it is cleared; nothing is paid to who is listed."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7302)
    accounts = desk.shop.accounts
    desk.receive(0, name="Zhao Liu", account_number="6222001")
    desk.deny(name="张三")
    desk.deny(account_number="800000000001")
    assert desk.hits() == []
    sequence = desk.receive(0, "ACCEPTED_UNALLOCATED", name=" 张 三",
                            account_number="6222001").result.sequence
    desk.receive(1, "ACCEPTED_UNALLOCATED", name="X", account_number="8000 0000-0001")
    assert [one[1:] for one in desk.hits()] == [(0, 0, OPEN)] * 2
    item = desk.client.list_all("suspense", "ListSuspense", **desk.on)[0].suspense_id
    to_first = {"suspense_id": item, "payees": [(accounts[0], 60)]}
    desk.do("allocate_suspense", "SUSPENSE_KEPT", **to_first)
    desk.do("return_suspense", "SUSPENSE_KEPT", suspense_id=item, original_sequence=sequence)
    desk.do("open_lump", "SUSPENSE_KEPT", suspense_id=item, control_count=1, control_total_minor=1)
    desk.decide(1)
    desk.do("allocate_suspense", **to_first)
    desk.do("return_suspense", "PARTY_RESTRICTED", suspense_id=item, original_sequence=sequence)
    for name, account_number in (("张三", "1"), ("X", "800000000001")):
        desk.do("withdraw", "PARTY_RESTRICTED", account_id=accounts[0], amount_minor=1,
                destination=desk.client.party(name, account_number))
    desk.do("withdraw", account_id=accounts[0], amount_minor=1,
            destination=desk.client.party("X", "800000000002"))
    tools.check_database(database.url)


def test_an_entry_ends_by_its_time(make_server, database, tools):
    """The service says so; what it found stays."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7303)
    desk.identify(0, "Li Si")
    entry = desk.deny(name="Li Si", expires_at_us=time.time_ns() // 1000 + 1_500_000)

    def status():
        return desk.client.read("screening", "GetDenied", denied_id=entry, **desk.on).denied.status
    wait_until(lambda: status() == 3, "the entry to end")
    desk.identify(1, "Li Si", "110101199003070011")
    assert desk.hits() == [(entry, desk.shop.members[0], 0, OPEN)]
    tools.check_database(database.url)


def test_another_key_finds_the_same(make_server, database, tools, scratch):
    """Names and numbers were sealed under another key, or none."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7304, accounts=4)
    members = desk.shop.members
    desk.identify(0, "Li Si")
    clear = desk.deny(name="Zhao Liu")
    ring = scratch / "screening.ring"
    expected = [(clear, members[1], 0, OPEN)]
    for turn, member in ((1, 2), (2, 3)):
        assert server.terminate() == 0
        if turn == 1:
            tools.vslctl("key", "new", "--keys", ring, "--purpose", "journal-mac")
        tools.vslctl("key", "new", "--keys", ring, "--purpose", "seal")
        if turn == 1:
            tools.vslctl("key", "adopt", "--keys", ring, "--database", database.url)
            server.settings["keys.file"] = ring
        server.start()
        desk.client = server.connect()
        if turn == 1:
            desk.identify(1, "Zhao Liu", "110101199003070011")
            entry = desk.deny(name="Li Si")
            expected.append((entry, members[0], 0, OPEN))
        desk.identify(member, "Li Si", f"1101011990030700{38 if member == 2 else 54}")
        expected.append((entry, members[member], 0, OPEN))
        desk.receive(3, "ACCEPTED_UNALLOCATED", name="Zhao  Liu")
        expected.append((clear, 0, 0, OPEN))
        assert desk.hits() == expected
    tools.check_database(database.url)


def test_nobody_is_warned(house):
    """Operator, approver and auditor read hits; the platform sees neither lists nor decisions."""
    front, platform, ops, approver, auditor = (
        house.let_in(role, [role])
        for role in ("front", "platform", "operator", "approver", "auditor"))
    ledger = ops.command("open_ledger", platform_name="M", escrow_account_number="1",
                         currency="CNY", receiving_prefix="7305",
                         first_accounting_date=DATE).ledger_id
    on = {"ledger_id": ledger}
    member = front.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U",
                           **on).member_id
    listed = ops.command("add_denied", source=1, name="Li Si", reason="list", **on)
    front.command("identify_member", **front.identity(member, name="Li Si"), **on)
    for client in (ops, approver, auditor):
        assert len(client.list_all("screening", "ListHits", **on)) == 1
        assert len(client.list_all("screening", "ListDenied", **on)) == 1
    denied = grpc.StatusCode.PERMISSION_DENIED
    for client in (front, platform):
        for method in ("ListHits", "ListDenied"):
            with pytest.raises(grpc.RpcError) as caught:
                client.list_all("screening", method, **on)
            assert caught.value.code() == denied
    ops.command("decide_hit", "SAME_CALLER", hit_id=1, decision=1, reason="r", evidence="e", **on)
    decided = approver.command("decide_hit", hit_id=1, decision=1, reason="r", evidence="e", **on)
    internal = {listed.result.sequence, decided.result.sequence}
    seen = {entry.sequence for entry in platform.list_all("journal", "ListCommands", **on)}
    assert seen and not seen & internal
    assert internal <= {entry.sequence for entry in auditor.list_all(
        "journal", "ListCommands", **on)}
    # What is shown of an entry is masked.
    shown = auditor.find_command(sequence=listed.result.sequence).add_denied
    assert shown.name != "Li Si" and "*" in shown.name


def test_lists_are_loaded_in_batches_and_read_by_vslctl(make_server, database, tools):
    """`vslctl batch` loads; lists, hits and decisions have subcommands."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7306)
    desk.identify(0, "Li Si")
    items = [desk.client.item("add_denied", source=1, name=f"Nobody {number}", reason="list",
                              **desk.on) for number in range(500)]
    items.append(desk.client.item("add_denied", source=1, name="Li Si", reason="list", **desk.on))
    desk.client.batch(items)
    assert len(desk.client.list_all("screening", "ListDenied", page_size=200, **desk.on)) == 501

    def run(*words, status=0):
        return tools.vslctl("--server", f"127.0.0.1:{server.port}", *words, "--ledger",
                            desk.shop.ledger_id, status=status)
    hits = json.loads(run("hit", "list", "--status", "open", "--json").stdout)["hits"]
    assert [hit["denied_id"] for hit in hits] == ["501"]
    assert "open" in run("hit", "show", "--hit", "1").stdout.lower()
    run("hit", "decide", "--hit", "1", "--decision", "cleared", "--reason", "r", "--evidence", "e")
    assert "cleared" in run("hit", "show", "--hit", "1").stdout.lower()
    run("denied", "add", "--source", "police", "--account-number", "800000000001", "--reason", "r")
    assert "police" in run("denied", "show", "--denied", "502").stdout.lower()


@pytest.mark.parametrize("walk", FAULT_WALKS)
def test_killed_while_somebody_is_found(make_server, database, tools, walk):
    """kill -9 at every fault point, at each step: what was answered stays, once."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 7310)
    desk.identify(0, "Li Si")
    member = desk.shop.members[1]
    assert server.terminate() == 0
    steps = [("add_denied", {"source": 2, "name": "Li Si", "reason": "r"}),
             ("identify_member", desk.client.identity(member, "110101199003070011", "Li Si")),
             ("decide_hit", {"hit_id": 1, "decision": 1, "reason": "r", "evidence": "e"})]
    for (command, fields), point in zip(steps, points_of_walk(walk)):
        fields = {"key": desk.client.key(channel="B" if command == "decide_hit" else None),
                  **fields}
        answer, again = kill_and_repeat(server, point, desk, command, fields)
        assert again.result.outcome < 100, again
        if answer:
            assert again.result.sequence == answer.result.sequence
        server.kill()
    server.start()
    desk.client = server.connect()
    assert [one[1:] for one in desk.hits()] == [(desk.shop.members[0], 0, CLEARED),
                                                (member, 0, OPEN)]
    tools.check_database(database.url)


def journal_of(client, ledger, last):
    """{way of reading: {sequence: entry}} of what the journal shows of a ledger."""
    on = {"ledger_id": ledger}
    ways = {"events": client.entries(1, last),
            "commands": client.list_all("journal", "ListCommands", **on),
            "one by one": filter(None, (client.find_command(sequence=number)
                                        for number in range(1, last + 1)))}
    return {way: {one.sequence: one for one in found} for way, found in ways.items()}


def test_the_journal_tells_no_more_than_the_lists(house):
    """Who may not read deny lists, hits or claims is not told of them by the commands that made
    them, in whichever way he reads or reveals those, and cannot ask for them by Expire."""
    clients = {role: house.let_in(role, [role]) for role in EVERY_ROLE if role != "administrator"}
    ops, front, court = (clients[role] for role in ("operator", "front", "judicial"))
    ledger = ops.command("open_ledger", platform_name="M", escrow_account_number="1",
                         currency="CNY", receiving_prefix="7309",
                         first_accounting_date=DATE).ledger_id
    on = {"ledger_id": ledger}
    member = front.command("open_member", kind="MEMBER_KIND_USER", platform_member_id="U",
                           **on).member_id
    account = front.command("open_account", member_id=member, **on).account_id
    paper = {"authority_code": "1", "authority_name": "Tax", "case_number": "1", "number": "1"}
    claim = {"account_id": account, "authority": TAX, "ground": 1, "amount_minor": 9, **on,
             "paper": house.server.protos.message("ClaimPaper")(**paper)}
    waits = court.command("place_claim", **claim).result.sequence
    clients["adapter"].command("book_receipt", account_id=account, amount_minor=50, **on)
    moved = court.command("place_claim", **claim).result.sequence
    front.command("identify_member", **front.identity(member, name="Li Si"), **on)
    listed = ops.command("add_denied", source=1, name="Li Si", reason="list", **on)
    decided = clients["approver"].command("decide_hit", hit_id=1, decision=1, reason="r",
                                          evidence="e", **on)
    ended = ops.command("propose", expires_at_us=4102444800000000, command=ops.inside(
        "end_denied", denied_id=listed.denied_id, evidence="e"), **on).result.sequence
    lists = {listed.result.sequence, decided.result.sequence, ended}
    claims = {waits, moved}
    read_lists = {"operator", "approver", "auditor"}
    read_claims = {"adapter", "judicial", "operator", "approver", "auditor"}
    for role, client in clients.items():
        for way, seen in journal_of(client, ledger, ended).items():
            assert (lists <= set(seen)) == (role in read_lists), (role, way)
            assert not lists & set(seen) or role in read_lists, (role, way)
            for sequence in claims:
                shown = seen.get(sequence)
                if role in read_claims:
                    assert shown.WhichOneof("request") == "place_claim", (role, way)
                elif sequence == moved:
                    assert shown.kind == BANK_MEASURE and len(shown.postings) == 1, (role, way)
                    assert not shown.key.serial and shown.WhichOneof("request") is None
                    assert not shown.caller_name and not shown.caller_id and not shown.subject_id
                else:
                    assert shown is None, (role, way)
        kinds = client.list_all("journal", "ListCommands", kinds=["COMMAND_KIND_PLACE_CLAIM"], **on)
        assert {one.sequence for one in kinds} == (claims if role in read_claims else set()), role
    # A name on the list is for who reads it, also out of a proposal.
    for role in ("adapter", "judicial", "operator", "auditor"):
        expected = "ACCEPTED" if role in read_lists else "NOTHING_TO_REVEAL"
        told = clients[role].command("reveal", expected, commands=[listed.result.sequence],
                                     reason="r", **on)
        assert [one.value for one in told.values] == (["Li Si"] if role in read_lists else [])
    # Whether there is such an entry or claim is not told by its end either.
    for kind, number in (("DENIED", 1), ("DENIED", 9), ("CLAIM", 1), ("CLAIM", 9),
                         ("FEEDBACK", 1), ("FEEDBACK", 9)):
        fields = {"kind": f"EXPIRY_KIND_{kind}", "id": number, **on}
        with pytest.raises(grpc.RpcError) as caught:
            front.command("expire", **fields)
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
        with pytest.raises(grpc.RpcError) as caught:
            front.batch([front.item("expire", **fields)])
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
        ops.command("expire", "NOT_YET_DUE" if number == 1 else f"{kind}_NOT_FOUND", **fields)
