"""Reveal: every answer masks, and the one command that does not says who asked, and why.

SPDX-License-Identifier: Apache-2.0
"""
import json

import grpc
import pytest

from callers import EVERY_ROLE, House, tls_settings
from waiting import wait_until

NAME, NUMBER = "欧阳娜娜", "6222021001112345678"
MASKED = ("***娜", "622202*********5678")
FIELDS = ("name", "account_number")


def party_of(client):
    """The party that everybody is here."""
    return client.party(NAME, NUMBER, "ICBKCNBJ")


def masked(party):
    """Name and account number as an answer shows them."""
    assert party.bank_code in ("ICBKCNBJ", "")
    return party.name, party.account_number


def plain_of(sequence, path):
    """What Reveal tells of that party."""
    return {(sequence, f"{path}.{field}"): value for field, value in zip(FIELDS, (NAME, NUMBER))}


@pytest.fixture(name="shop")
def fixture_shop(client):
    """A ledger where one stands wherever one can."""
    shop = client.open_platform(9901, accounts=2)
    on = {"ledger_id": shop.ledger_id}
    shop.opened = client.find_command(sequence=1).sequence
    shop.terms = client.command("set_terms", own_account=party_of(client), **on).result.sequence
    shop.receipt = client.command("book_receipt", account_id=shop.accounts[0], amount_minor=100,
                                  payer=party_of(client), **on).result.sequence
    out = client.command("withdraw", account_id=shop.accounts[0], amount_minor=30,
                         destination=party_of(client), order_number="O-1", **on)
    shop.withdraw, shop.payout = out.result.sequence, out.payout_id
    shop.refused = client.command(
        "withdraw", "INSUFFICIENT_AVAILABLE", account_id=shop.accounts[1], amount_minor=30,
        destination=party_of(client), **on).result.sequence
    return shop


def test_every_answer_masks(client, shop):
    """One command, lists of them, orders, events, payouts, terms, ledgers."""
    ledger = shop.ledger_id
    last = shop.refused
    one = {sequence: client.find_command(sequence=sequence)
           for sequence in (shop.terms, shop.receipt, shop.withdraw, shop.refused)}
    listed = {entry.sequence: entry for entry in client.read(
        "journal", "ListCommands", ledger_id=ledger).entries}
    order = client.read("order", "GetOrder", ledger_id=ledger, order_number="O-1")
    events = {entry.sequence: entry for entry in client.entries(1, last)}
    for entries in (one, listed, events, {shop.withdraw: order.entries[0]}):
        for sequence, path in ((shop.terms, "set_terms.own_account"),
                               (shop.receipt, "book_receipt.payer"),
                               (shop.withdraw, "withdraw.destination"),
                               (shop.refused, "withdraw.destination")):
            if sequence in entries:
                kind, name = path.split(".")
                assert masked(getattr(getattr(entries[sequence], kind), name)) == MASKED
    assert masked(client.get_payout(ledger, shop.payout).destination) == MASKED
    got = client.get_ledger(ledger)
    assert masked(got.terms.own_account) == MASKED
    assert (got.platform_name, got.escrow_account_number) == ("**********t", "******001")
    opened = client.find_command(sequence=shop.opened).open_ledger
    assert (opened.platform_name, opened.escrow_account_number) == (
        got.platform_name, got.escrow_account_number)
    assert client.read("ledger", "ListLedgers").ledgers[0].platform_name == got.platform_name
    asked = client.command("propose", ledger_id=ledger, expires_at_us=4102444800000000,
                           command=client.inside("withdraw", account_id=shop.accounts[0],
                                                 amount_minor=1, destination=party_of(client)))
    proposed = client.find_command(sequence=asked.result.sequence)
    assert masked(proposed.propose.command.withdraw.destination) == MASKED
    for text in map(str, (listed, order, events, got, proposed)):
        assert NAME not in text and NUMBER not in text and "Test Market" not in text


def test_reveal_tells_and_is_on_record(client, shop, tools, server):
    """All fields or one, of several commands, also of refused ones; the values nowhere else."""
    ledger = shop.ledger_id
    assert client.plain(ledger, shop.receipt) == plain_of(shop.receipt, "payer")
    assert client.plain(ledger, shop.refused, shop.terms, shop.withdraw) == {
        **plain_of(shop.refused, "destination"), **plain_of(shop.terms, "own_account"),
        **plain_of(shop.withdraw, "destination")}
    assert client.plain(ledger, shop.opened) == {
        (1, "platform_name"): "Test Market", (1, "escrow_account_number"): "110060001"}
    assert client.plain(ledger, shop.receipt, field="payer.name") == {
        (shop.receipt, "payer.name"): NAME}
    unknown = client.command("book_receipt", ledger_id=ledger, account_id=shop.accounts[0],
                             amount_minor=1, payer=client.party("", NUMBER, "")).result.sequence
    assert client.plain(ledger, unknown) == {(unknown, "payer.account_number"): NUMBER}
    assert client.plain(ledger, unknown, field="payer.name") == {}
    many = client.command("reveal", ledger_id=ledger, commands=[shop.receipt] * 100, reason="all")
    assert len(many.values) == 200
    entry = client.find_command(sequence=many.result.sequence)
    assert len(entry.reveal.commands) == 100 and entry.reveal.reason == "all"
    assert entry.subject_id == shop.receipt and not entry.postings
    assert NAME not in str(entry) and NUMBER not in str(entry)
    said = tools.vslctl("reveal", "--server", server.target, "--ledger", ledger, "--command",
                        shop.receipt, "--command", shop.withdraw, "--reason", "case 4711").stdout
    assert said.count(NAME) == 2 and said.count(NUMBER) == 2 and "destination.name" in said, said
    said = json.loads(tools.vslctl(
        "reveal", "--server", server.target, "--ledger", ledger, "--command", shop.receipt,
        "--field", "payer.name", "--reason", "case 4711", "--json").stdout)
    assert [value["value"] for value in said["values"]] == [NAME], said
    listed = tools.vslctl("command", "list", "--server", server.target, "--ledger", ledger,
                          "--kind", "reveal").stdout
    assert "reveal" in listed and NAME not in listed


def test_reveal_refuses_as_a_whole(client, shop):
    """What is not the ledger's, or has no such field, and a dry run: nothing is revealed."""
    other = client.open_platform(9902, accounts=1)
    ledger = shop.ledger_id
    paid = client.command("pay", ledger_id=ledger, payer_account_id=shop.accounts[0],
                          payees=[(shop.accounts[1], 1)]).result.sequence
    for sequences, field in (([paid], ""), ([10 ** 9], ""), ([2 ** 63 - 1], ""),
                             ([shop.receipt, paid], ""), ([shop.receipt], "destination.name"),
                             ([shop.receipt], "payer.bank_code"), ([shop.receipt], "payer")):
        answer = client.command("reveal", "NOTHING_TO_REVEAL", ledger_id=ledger, reason="r",
                                commands=sequences, field=field)
        assert not answer.values and answer.result.sequence > 0
    foreign = client.command("reveal", "NOTHING_TO_REVEAL", ledger_id=other.ledger_id, reason="r",
                             commands=[shop.receipt])
    assert not foreign.values
    before = client.tie_out(ledger).as_of_sequence
    dry = client.command("reveal", ledger_id=ledger, reason="r", commands=[shop.receipt],
                         dry_run=True)
    assert dry.result.dry_run and not dry.values
    for fields, field in (({"reason": ""}, "reason"), ({"commands": []}, "commands"),
                          ({"commands": [0]}, "commands[0].sequence"),
                          ({"commands": [1] * 101}, "commands[100]")):
        with pytest.raises(grpc.RpcError) as caught:
            client.command("reveal", **{"ledger_id": ledger, "reason": "r",
                                        "commands": [shop.receipt], **fields})
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details().startswith(f"{field}: "), caught.value.details()
    assert client.tie_out(ledger).as_of_sequence == before


def test_a_reveal_again_answers_again(make_server, database, tools):
    """Also from the database, after a restart; with other content it is a conflict."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    client = server.connect()
    shop = client.open_platform(9903, accounts=1)
    ledger = shop.ledger_id
    receipt = client.command("book_receipt", ledger_id=ledger, account_id=shop.accounts[0],
                             amount_minor=1, payer=party_of(client)).result.sequence
    asked = {"ledger_id": ledger, "commands": [receipt], "reason": "r", "key": client.key()}
    first = client.command("reveal", **asked)
    again = client.command("reveal", **asked)
    assert again.result.replayed and again.values == first.values and len(first.values) == 2
    dry = client.command("reveal", dry_run=True, **asked)
    assert dry.result.replayed and dry.result.dry_run and not dry.values
    for change in ({"reason": "s"}, {"field": "payer.name"}, {"commands": [receipt, receipt]}):
        conflict = client.command("reveal", "KEY_CONFLICT", **{**asked, **change})
        assert conflict.result.field == next(iter(change)) and not conflict.values
    for _ in range(3):
        client.batch([client.item("place_freeze", ledger_id=ledger, account_id=shop.accounts[0],
                                  amount_minor=5, purpose="p") for _ in range(1000)])
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") >= 2,
               "indexed segments")
    for _ in range(2):
        got = client.command("reveal", **asked)
        assert got.result.replayed and got.values == first.values
        assert client.plain(ledger, receipt, 1) == {
            **plain_of(receipt, "payer"), (1, "platform_name"): "Test Market",
            (1, "escrow_account_number"): "110060001"}
        server.kill()
        server.start()
        client = server.connect()
    client.command("close_member", "MEMBER_HAS_OPEN_ACCOUNTS", ledger_id=ledger,
                   member_id=shop.members[0])
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_a_closed_ledger_reveals(client):
    """Whom its money came from is asked for ever."""
    ledger = client.open_platform(9904, accounts=0).ledger_id
    opened = client.find_command(sequence=1).sequence
    client.command("close_ledger", ledger_id=ledger)
    client.command("set_terms", "LEDGER_CLOSED", ledger_id=ledger, payout_return_days=3)
    assert client.plain(ledger, opened, field="platform_name") == {
        (1, "platform_name"): "Test Market"}


@pytest.fixture(name="bank")
def fixture_bank(make_server, database, authority):
    server = make_server(database.url, tls_settings(authority, "chief"))
    server.start(serving=False)
    server.wait_listening()
    return House(server, authority)


def status_of(call, *args, **kwargs):
    """The name of a call's status."""
    try:
        answer = call(*args, **kwargs)
        if hasattr(answer, "__next__"):
            next(answer)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


def told(client, service, method, **fields):
    """What a read says, or its status, without how far the journal is."""
    try:
        answer = client.read(service, method, **fields)
    except grpc.RpcError as error:
        return error.code().name, error.details()
    return str(answer).replace(f"as_of_sequence: {getattr(answer, 'as_of_sequence', 0)}", "")


def test_who_may_reveal_and_what_the_platform_sees(bank, database):
    """Roles, ledgers, replays of others; the platform reads masked, and not who looked."""
    boss = bank.let_in("boss", [role for role in EVERY_ROLE if role != "administrator"])
    shop, other = (boss.open_platform(prefix, accounts=1) for prefix in (9905, 9906))
    on = {"ledger_id": shop.ledger_id}
    receipt = boss.command("book_receipt", account_id=shop.accounts[0], amount_minor=50,
                           payer=party_of(boss), **on).result.sequence
    out = boss.command("withdraw", account_id=shop.accounts[0], amount_minor=5,
                       destination=party_of(boss), **on)
    clients = {role: bank.let_in(role, [role], ledgers=[shop.ledger_id]) for role in EVERY_ROLE}
    # For an approver there is what proposals hold, and nothing else: see test_proposals.py.
    clients["approver"].command("reveal", "NOTHING_TO_REVEAL", commands=[receipt], reason="r", **on)
    for role, client in clients.items():
        if role == "approver":
            continue
        said = status_of(client.plain, shop.ledger_id, receipt)
        may = role in ("adapter", "judicial", "operator", "auditor")
        assert said == ("OK" if may else "PERMISSION_DENIED"), (role, said)
        if may:
            assert status_of(client.plain, other.ledger_id, receipt) == "NOT_FOUND"
            assert status_of(client.plain, 60000, receipt) == "NOT_FOUND"

    # An adapter sees whom to pay, for a page of payouts at once.
    adapter = clients["adapter"]
    page = adapter.read("funds", "ListPayouts", **on).payouts
    assert adapter.plain(shop.ledger_id, *[payout.requested_sequence for payout in page]) == (
        plain_of(out.result.sequence, "destination"))

    # Who may reveal may look for a value, others would find out what a mask hides.
    for role, client in clients.items():
        for fields in ({"party_name": NAME}, {"party_account_number": NUMBER}):
            said = status_of(client.read, "journal", "ListCommands", **fields, **on)
            may = role in ("adapter", "judicial", "operator", "auditor")
            assert said == ("OK" if may else "PERMISSION_DENIED"), (role, said)
    found = adapter.read("journal", "ListCommands", party_name=NAME, party_account_number=NUMBER,
                         **on).entries
    assert [entry.sequence for entry in found] == [out.result.sequence, receipt]

    # The same key by another caller of the same channel is not his.
    key = adapter.key()
    asked = {"commands": [receipt], "reason": "r", "key": key, **on}
    first = adapter.command("reveal", **asked)
    assert len(first.values) == 2
    stolen = clients["operator"].command("reveal", "KEY_CONFLICT", **asked)
    assert stolen.result.field == "caller_id" and not stolen.values
    assert adapter.command("reveal", **asked).values == first.values
    entry = clients["auditor"].find_command(sequence=first.result.sequence)
    assert entry.caller_id == database.one(
        f"select vsl.caller_of(body) from vsl.command where sequence = {first.result.sequence}")
    assert entry.caller_id > 0

    platform = clients["platform"]
    assert platform.find_command(sequence=first.result.sequence) is None
    assert platform.find_command(key=key) is None
    assert clients["front"].find_command(sequence=first.result.sequence) == entry
    seen = platform.find_command(sequence=receipt)
    assert masked(seen.book_receipt.payer) == MASKED and seen.caller_id == 0
    listed = platform.read("journal", "ListCommands", page_size=1000, **on).entries
    kinds = {entry.WhichOneof("request") for entry in listed}
    assert "book_receipt" in kinds and "reveal" not in kinds
    assert {entry.caller_id for entry in listed} == {0}
    reveal = boss.protos.common.CommandKind.Value("COMMAND_KIND_REVEAL")
    assert not platform.read("journal", "ListCommands", kinds=[reveal], **on).entries
    assert clients["auditor"].read("journal", "ListCommands", kinds=[reveal], **on).entries
    last = clients["auditor"].tie_out(shop.ledger_id).as_of_sequence
    events = platform.entries(1, last)
    assert {entry.ledger_id for entry in events} == {shop.ledger_id}
    assert {entry.WhichOneof("request") for entry in events} == kinds
    assert {entry.caller_id for entry in events} == {0}
    assert masked(platform.get_payout(shop.ledger_id, out.payout_id).destination) == MASKED
    assert platform.statement(shop.ledger_id, shop.accounts[0])
    for service, method, fields in (("funds", "GetPayout", {"payout_id": 1}),
                                    ("account", "ListStatementLines",
                                     {"account_id": other.accounts[0]}),
                                    ("journal", "ListCommands", {}),
                                    ("order", "GetOrder", {"order_number": "O"})):
        said = [told(platform, service, method, ledger_id=ledger, **fields)
                for ledger in (other.ledger_id, 60000)]
        assert said[0] == said[1], said
    # Whoever is of the bank, too, sees as the bank does.
    both = bank.let_in("both", ["platform", "front"])
    assert both.find_command(sequence=receipt).caller_id > 0
