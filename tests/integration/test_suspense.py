"""Money in UNALLOCATED, item by item: why it waits, to whom it is allocated, how that is undone.

SPDX-License-Identifier: Apache-2.0
"""
import json

import grpc
import pytest

from books import Books
from test_proposals import FAR
from test_trust_keys import chain_again, superuser


def items_of(client, ledger_id, **fields):
    """The items of a ledger: the open ones, where nothing else is said."""
    return client.list_all("suspense", "ListSuspense", ledger_id=ledger_id,
                           **(fields or {"status": 1}))


def item_of(client, ledger_id, suspense_id):
    """One item."""
    return client.read("suspense", "GetSuspense", ledger_id=ledger_id,
                       suspense_id=suspense_id).suspense


class Desk:
    """A ledger with two accounts of 100 each, and who works on what waits."""

    def __init__(self, client, prefix):
        self.client = client
        self.platform = client.open_platform(prefix)
        self.ledger, self.accounts = self.platform.ledger_id, self.platform.accounts
        self.nobody = self.platform.control.unallocated_account_id
        for account in self.accounts:
            self.do("book_receipt", account_id=account, amount_minor=100)

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def wait(self, amount, number="", **fields):
        """Money for nobody; its item."""
        answer = self.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=amount,
                         receiving_number=number, **fields)
        found = items_of(self.client, self.ledger, origin_sequence=answer.result.sequence)
        assert len(found) == 1 and found[0].open_minor == found[0].amount_minor == amount
        assert found[0].suspense_id == answer.result.suspense_id
        return found[0]

    def allocate(self, item, expect="ACCEPTED", payees=(), **fields):
        """Allocates an item."""
        return self.do("allocate_suspense", expect, suspense_id=item, payees=payees, **fields)

    def undo(self, item, allocation, expect="ACCEPTED", **fields):
        """Takes an allocation back."""
        return self.do("undo_allocation", expect, suspense_id=item,
                       original_sequence=allocation.result.sequence, **fields)

    def open_of(self, item):
        """What of an item waits."""
        return item_of(self.client, self.ledger, item).open_minor


@pytest.fixture(name="desk")
def fixture_desk(client):
    """A ledger to work in."""
    return Desk(client, 6401)


def reason_of(client, item):
    """NO_NUMBER and so on."""
    return client.protos.suspense.SuspenseReason.Name(item.reason).removeprefix("SUSPENSE_REASON_")


def test_life_of_an_item(server, client, database, tools, desk):
    """Wrong number; allocated in parts and to two; undone as far as it is there; restarts."""
    one, two = desk.accounts
    item = desk.wait(90, number="6401 00000000 7", remark="rent")
    number = item.suspense_id
    assert reason_of(client, item) == "WRONG_NUMBER" and item.status == 1
    evidence = client.find_command(sequence=item.origin_sequence)
    assert evidence.book_receipt.remark == "rent" and "*" in evidence.book_receipt.payer.name
    assert client.available(desk.ledger, desk.nobody) == 90

    first = desk.allocate(number, payees=[(one, 30), (two, 20)], order_number="A-1", remark="found")
    entry = client.find_command(sequence=first.result.sequence)
    assert entry.subject_id == number and entry.order_number == "A-1"
    assert client.balances(desk.ledger, one, two, desk.nobody) == [
        (130, 0, 0, 0), (120, 0, 0, 0), (40, 0, 0, 0)]
    refused = desk.allocate(number, "ALLOCATION_ABOVE_ITEM", payees=[(one, 41)])
    assert refused.result.limit_minor == 40
    rest = desk.allocate(number, payees=[(one, 40)])
    shown = item_of(client, desk.ledger, number)
    assert (shown.status, shown.open_minor, shown.allocated_minor) == (3, 0, 90)
    desk.allocate(number, "SUSPENSE_FINAL", payees=[(one, 1)])
    assert not items_of(client, desk.ledger)

    # The one spends what it got, the other has it.
    desk.do("pay", payer_account_id=one, payees=[(two, 165)])
    refused = desk.undo(number, rest, "UNDO_SPENT")
    assert refused.result.limit_minor == 5 and desk.open_of(number) == 0
    server.kill()
    server.start()
    client = desk.client = server.connect()
    again = desk.undo(number, rest, payees=[(one, 5)])
    assert desk.open_of(number) == 5
    desk.undo(number, first, payees=[(two, 20)])
    refused = desk.undo(number, first, "ABOVE_REST", payees=[(two, 1)])
    desk.undo(number, again, "ORIGINAL_NOT_ALLOCATION")
    desk.do("reverse", "ORIGINAL_NOT_REVERSIBLE", original_sequence=first.result.sequence,
            reason="wrong")
    # Of the receipt itself only what is there.
    refused = desk.do("reverse", "EFFECT_GONE", original_sequence=item.origin_sequence,
                      reason="wrong")
    assert refused.result.limit_minor == 25
    desk.do("book_receipt", account_id=one, amount_minor=65)
    desk.undo(number, first)
    desk.undo(number, rest)
    assert desk.open_of(number) == 90
    desk.do("reverse", original_sequence=item.origin_sequence, reason="wrong")
    shown = item_of(client, desk.ledger, number)
    assert (shown.status, shown.open_minor, shown.reversed_minor) == (3, 0, 90)
    assert client.available(desk.ledger, desk.nobody) == 0 and client.tie_out(desk.ledger).balanced
    tools.check_database(database.url)


def test_the_tool_names_the_item(server, tools, desk):
    call = ("--server", f"127.0.0.1:{server.port}", "--ledger", desk.ledger)
    said = tools.vslctl("receipt", *call, "--amount", "7.00").stdout
    item = items_of(desk.client, desk.ledger)[-1].suspense_id
    assert f"waits as item of suspense {item}\n" in said
    assert "suspense" not in tools.vslctl("receipt", *call, "--amount", "7.00", "--account",
                                          desk.accounts[0]).stdout


def test_why_it_waits_and_how_it_is_found(client, desk, database, tools):
    """Each reason; filters by reason, date, account, amount and origin; pages."""
    one, two = desk.accounts
    numbers = desk.platform.receiving_numbers
    closed = desk.do("open_account", member_id=desk.platform.members[0])
    desk.do("close_account", account_id=closed.account_id)
    desk.do("restrict_account", account_id=two, no_in=True)
    waits = [desk.wait(1), desk.wait(2, "nobody's"),
             desk.wait(3, closed.receiving_number), desk.wait(4, numbers[1])]
    desk.do("restrict_account", account_id=two)
    desk.do("cut_day", accounting_date=20240301)
    desk.client.by_two("adjust", ledger_id=desk.ledger, debit_account_id=one,
                       credit_account_id=desk.nobody, amount_minor=5, reason="not his")
    found = items_of(client, desk.ledger, page_size=2)
    assert [reason_of(client, one) for one in found] == [
        "NO_NUMBER", "WRONG_NUMBER", "CLOSED_ACCOUNT", "RESTRICTED_ACCOUNT", "ADJUSTMENT"]
    assert [item.amount_minor for item in found] == [1, 2, 3, 4, 5]
    assert [item.account_id for item in found] == [0, 0, closed.account_id, two, 0]
    assert [item.opened_date for item in found] == [20240229] * 4 + [20240301]

    def amounts(**fields):
        return [item.amount_minor for item in items_of(client, desk.ledger, **fields)]

    assert amounts(reason="SUSPENSE_REASON_CLOSED_ACCOUNT") == [3]
    assert amounts(to_date=20240229) == [1, 2, 3, 4] and not amounts(to_date=20240228)
    assert amounts(account_id=two) == [4]
    assert amounts(amount_from_minor=2, amount_to_minor=4) == [2, 3, 4]
    assert amounts(origin_sequence=waits[1].origin_sequence) == [2]
    desk.allocate(waits[1].suspense_id, payees=[(one, 2)])
    assert amounts() == [1, 3, 4, 5] and amounts(status="SUSPENSE_STATUS_CLOSED") == [2]
    assert amounts(origin_sequence=waits[1].origin_sequence) == [2]
    with pytest.raises(grpc.RpcError) as refused:
        items_of(client, desk.ledger, amount_from_minor=5, amount_to_minor=4)
    assert "amount_to_minor" in refused.value.details()
    tools.check_database(database.url)


def test_items_of_others_are_not_there(client, desk):
    """Another ledger's item and allocation are none; nothing goes to who cannot have it."""
    other = Desk(client, 6402)
    item, foreign = desk.wait(50).suspense_id, other.wait(50).suspense_id
    done = other.allocate(foreign, payees=[(other.accounts[0], 10)])
    account = desk.accounts[0]
    desk.allocate(foreign, "SUSPENSE_NOT_FOUND", payees=[(account, 1)])
    desk.undo(foreign, done, "ORIGINAL_NOT_FOUND")
    desk.undo(item, done, "ORIGINAL_NOT_FOUND")
    with pytest.raises(grpc.RpcError) as refused:
        item_of(client, desk.ledger, foreign)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    control = desk.platform.control
    for taker, outcome in ((other.accounts[0], "ACCOUNT_NOT_FOUND"),
                           (control.platform_own_account_id, "NOT_A_MEMBER_ACCOUNT"),
                           (control.fee_account_id, "NOT_A_MEMBER_ACCOUNT")):
        desk.allocate(item, outcome, payees=[(account, 1), (taker, 1)])
    gone = desk.do("open_account", member_id=desk.platform.members[0]).account_id
    done = desk.allocate(item, payees=[(gone, 7)])
    desk.do("pay", payer_account_id=gone, payees=[(account, 7)])
    desk.do("close_account", account_id=gone)
    desk.allocate(item, "ACCOUNT_CLOSED", payees=[(gone, 1)])
    # What has arrived for it waits, by whichever way it was named.
    for command, reason in (("book_receipt", 4), ("book_interest", 4)):
        arrived = desk.do(command, "ACCEPTED_UNALLOCATED", account_id=gone, amount_minor=3)
        waits = item_of(client, desk.ledger, arrived.result.suspense_id)
        assert (waits.amount_minor, waits.reason, waits.account_id) == (3, reason, gone)
        desk.do("reverse", original_sequence=arrived.result.sequence, reason="wrong")
    desk.undo(item, done, "PAYEE_ACCOUNT_CLOSED")
    desk.do("adopt_suspense", "ABOVE_REST", amount_minor=1, reason="of before")
    assert desk.open_of(item) == 43


def test_keys_dry_runs_proposals_and_batches(client, desk, database, tools):
    """As every command: one effect for a key, none of a dry run, two persons, all or none."""
    one, two = desk.accounts
    item = desk.wait(50).suspense_id
    key = client.key()
    assert desk.allocate(item, payees=[(one, 9)], dry_run=True).result.sequence == 0
    assert desk.open_of(item) == 50
    first = desk.allocate(item, payees=[(one, 9)], key=key)
    again = desk.allocate(item, payees=[(one, 9)], key=key)
    assert again.result.replayed and again.result.sequence == first.result.sequence
    conflict = desk.allocate(item, "KEY_CONFLICT", payees=[(one, 8)], key=key)
    assert conflict.result.field == "payees[0].amount_minor"
    assert desk.undo(item, first, dry_run=True).result.dry_run and desk.open_of(item) == 41
    desk.do("set_approval_policy", rules=[client.protos.approval.ApprovalRule(
        kind=f"COMMAND_KIND_{kind}", above_amount_minor=above)
        for kind, above in (("ALLOCATE_SUSPENSE", 20), ("UNDO_ALLOCATION", 8))])
    desk.allocate(item, "APPROVAL_NEEDED", payees=[(one, 15), (two, 6)])
    desk.allocate(item, payees=[(one, 20)])
    client.by_two("allocate_suspense", ledger_id=desk.ledger, suspense_id=item,
                  payees=[(two, 21)])
    assert desk.open_of(item) == 0
    # Of an undo that names no amount the whole allocation counts.
    desk.undo(item, first, "APPROVAL_NEEDED")
    desk.undo(item, first, "APPROVAL_NEEDED", payees=[(one, 9)])
    proposal = client.command("propose", ledger_id=desk.ledger, expires_at_us=FAR,
                              command=client.inside("undo_allocation", suspense_id=item,
                                                    original_sequence=first.result.sequence))
    client.command("approve", key=client.key(channel="SECOND"), ledger_id=desk.ledger,
                   proposal_id=proposal.proposal_id)
    assert desk.open_of(item) == 9

    def items(last):
        on = {"ledger_id": desk.ledger}
        return [client.item("book_receipt", amount_minor=5, **on),
                client.item("allocate_suspense", suspense_id=item, payees=[(one, 4)], **on),
                client.item("allocate_suspense", suspense_id=item + 1, payees=[(two, last)], **on)]

    assert client.batch_outcomes(items(6), atomic=True) == [
        "BATCH_ABORTED", "BATCH_ABORTED", "ALLOCATION_ABOVE_ITEM"]
    assert desk.open_of(item) == 9 and len(items_of(client, desk.ledger)) == 1
    assert client.batch_outcomes(items(5), atomic=True) == [
        "ACCEPTED_UNALLOCATED", "ACCEPTED", "ACCEPTED"]
    assert client.batch_outcomes(items(7)) == [
        "ACCEPTED_UNALLOCATED", "ACCEPTED", "SUSPENSE_FINAL"]
    assert desk.open_of(item) == 1 and desk.open_of(item + 2) == 5
    last = database.one("select max(sequence) from vsl.command")
    books = Books(client.protos).add_all(client.entries(1, last))
    books.compare_records(client, desk.ledger)
    tools.check_database(database.url)


def test_the_answer_names_the_item(server, client, desk, tools):
    """Of each command that opened one, alone and in a batch, again and after a restart."""
    receipt = client.request("book_receipt", ledger_id=desk.ledger, amount_minor=7,
                             receiving_number="nobody's")
    tried = client.request("book_receipt", ledger_id=desk.ledger, amount_minor=7, dry_run=True,
                           receiving_number="nobody's")
    assert client.send("book_receipt", tried, "ACCEPTED_UNALLOCATED").result.suspense_id == 0
    first = client.send("book_receipt", receipt, "ACCEPTED_UNALLOCATED").result
    [item] = items_of(client, desk.ledger)
    assert first.suspense_id == item.suspense_id > 0
    found = desk.do("book_receipt", account_id=desk.accounts[0], amount_minor=1).result
    assert found.suspense_id == 0
    items = [client.item("book_receipt", ledger_id=desk.ledger, amount_minor=amount)
             for amount in (3, 4)]
    for atomic in (False, True):
        answers = client.batch(items, atomic=atomic)
        assert [one.result.suspense_id for one in answers] == [first.suspense_id + 1 + n
                                                               for n in range(2)]
    moved = client.by_two("adjust", ledger_id=desk.ledger, debit_account_id=desk.accounts[0],
                          credit_account_id=desk.nobody, amount_minor=5, reason="wrong").result
    assert moved.suspense_id == first.suspense_id + 3
    server.kill()
    server.start()
    client = server.connect()
    again = client.send("book_receipt", receipt, "ACCEPTED_UNALLOCATED").result
    assert again.replayed and again.suspense_id == first.suspense_id
    assert client.find_command(sequence=moved.sequence).suspense_id == moved.suspense_id
    said = tools.vslctl("--json", "--server", server.target, "receipt", "--ledger", desk.ledger,
                        "--amount", "0.09", "--channel", "T", "--serial", "1",
                        "--business-date", "2024-02-29")
    assert int(json.loads(said.stdout)["result"]["suspense_id"]) == first.suspense_id + 4


def test_payouts_of_who_is_gone(client, desk, database, tools):
    """What comes back in parts waits in parts, and leaves again when the bank had it after all.
    What was allocated of it the platform would give, which has nothing."""
    account, heir = desk.accounts
    payout = desk.do("withdraw", account_id=account, amount_minor=100).payout_id
    desk.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_PAID")
    desk.do("close_account", account_id=account)
    for part in (60, 30):
        desk.do("confirm_payout", "ACCEPTED_UNALLOCATED", payout_id=payout, amount_minor=part,
                result="PAYOUT_RESULT_RETURNED")
    desk.wait(500)
    first, second, _ = items_of(client, desk.ledger)
    assert (first.payout_id, first.account_id, first.amount_minor) == (payout, account, 60)
    assert reason_of(client, second) == "PAYOUT_BACK"
    taken = desk.allocate(first.suspense_id, payees=[(heir, 1)])
    right = {"payout_id": payout, "result": "PAYOUT_RESULT_PAID", "correction": True,
             "bank_reference": "B1", "ledger_id": desk.ledger}
    assert client.by_two("confirm_payout", "INSUFFICIENT_PLATFORM_OWN",
                         **right).result.limit_minor == 0
    desk.undo(first.suspense_id, taken)
    client.by_two("confirm_payout", **right)
    assert [item.amount_minor for item in items_of(client, desk.ledger)] == [500]
    assert item_of(client, desk.ledger, second.suspense_id).reversed_minor == 30
    tools.check_database(database.url)


def test_return_to_the_sender(server, client, desk, database, tools):
    """To the payer's account and no other: sent and paid, failed, intercepted, returned."""
    ledger, number = desk.ledger, desk.accounts[0]
    item = desk.wait(100, payer=client.party(name="Li Si", account_number="6222020000001234"))
    on = {"suspense_id": item.suspense_id, "original_sequence": item.origin_sequence}

    def say(payout, result, **fields):
        desk.do("confirm_payout", payout_id=payout, result=f"PAYOUT_RESULT_{result}", **fields)

    def parts():
        now = item_of(client, ledger, item.suspense_id)
        return now.open_minor, now.returning_minor, now.returned_minor, now.status

    assert desk.do("return_suspense", "ALLOCATION_ABOVE_ITEM", amount_minor=101,
                   **on).result.limit_minor == 100
    first = desk.do("return_suspense", amount_minor=60, **on).payout_id
    assert parts() == (40, 60, 0, 1)
    assert client.balances(ledger, desk.nobody) == [(40, 0, 60, 0)]
    desk.do("return_suspense", "SUSPENSE_RETURN_UNDER_WAY", **on)
    shown = client.get_payout(ledger, first)
    assert shown.account_id == desk.nobody and shown.destination.account_number.endswith("1234")
    assert "*" in shown.destination.account_number
    assert shown.destination_sequence == item.origin_sequence
    assert client.plain(ledger, shown.destination_sequence)[
        item.origin_sequence, "payer.account_number"] == "6222020000001234"
    say(first, "SENT")
    server.kill()
    server.start()
    client = desk.client = server.connect()
    say(first, "FAILED", reason="closed")
    assert parts() == (100, 0, 0, 1)
    second = desk.do("return_suspense", **on).payout_id
    assert parts() == (0, 100, 0, 2)
    desk.allocate(item.suspense_id, "ALLOCATION_ABOVE_ITEM", payees=[(number, 1)])
    assert [one.suspense_id for one in items_of(
        client, ledger, status="SUSPENSE_STATUS_RETURNING")] == [item.suspense_id]
    desk.do("intercept_payout", payout_id=second)
    third = desk.do("return_suspense", amount_minor=70, **on).payout_id
    say(third, "PAID")
    assert parts() == (30, 0, 70, 1)
    desk.allocate(item.suspense_id, payees=[(number, 30)])
    assert parts() == (0, 0, 70, 3)
    desk.do("return_suspense", "SUSPENSE_FINAL", **on)
    say(third, "RETURNED", amount_minor=25)
    back = items_of(client, ledger)
    assert [(one.open_minor, one.payout_id) for one in back] == [(25, third)]
    assert reason_of(client, back[0]) == "PAYOUT_BACK" and parts() == (0, 0, 70, 3)
    desk.do("return_suspense", "RETURN_WITHOUT_ACCOUNT", suspense_id=back[0].suspense_id,
            original_sequence=back[0].origin_sequence)
    unnamed = desk.wait(5, payer=client.party(account_number=""))
    desk.do("return_suspense", "RETURN_WITHOUT_ACCOUNT", suspense_id=unnamed.suspense_id,
            original_sequence=unnamed.origin_sequence)
    desk.do("return_suspense", "RETURN_WITHOUT_ACCOUNT", suspense_id=unnamed.suspense_id,
            original_sequence=item.origin_sequence)
    # The last one failed after all, and was paid after all.
    right = {"payout_id": third, "correction": True, "bank_reference": "B2", "ledger_id": ledger}
    client.by_two("confirm_payout", result="PAYOUT_RESULT_PAID", **right)
    assert [one.amount_minor for one in items_of(client, ledger)] == [5]
    tools.check_database(database.url)


def test_closed_items_leave_memory(make_server, database, tools):
    """An allocation of long ago is undone: its item comes back, and is open again."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    desk = Desk(server.connect(), 6403)
    item = desk.wait(40).suspense_id
    done = desk.allocate(item, payees=[(desk.accounts[0], 40)])
    for _ in range(3):
        desk.client.batch([desk.client.item(
            "close_account", ledger_id=desk.ledger, account_id=2**40) for _ in range(1000)])
    server.kill()
    server.start()
    desk.client = server.connect()
    assert desk.open_of(item) == 0
    closed = items_of(desk.client, desk.ledger, status="SUSPENSE_STATUS_CLOSED")
    assert [one.suspense_id for one in closed] == [item]
    desk.allocate(item, "SUSPENSE_FINAL", payees=[(desk.accounts[0], 1)])
    desk.undo(item, done, payees=[(desk.accounts[0], 15)])
    assert desk.open_of(item) == 15
    desk.allocate(item, payees=[(desk.accounts[1], 15)])
    tools.check_database(database.url)


def test_money_of_before_there_were_items(make_server, database, tools):
    """A journal of 0.2.0 with money in UNALLOCATED: it is adopted, then allocated or reversed."""
    server = make_server(database.url).start()
    desk = Desk(server.connect(), 6404)
    old = [desk.wait(amount).origin_sequence for amount in (70, 30)]
    assert server.terminate() == 0
    # As the older version left it: no items, and the migration after it.
    superuser(database, "delete from vsl.suspense_history", "delete from vsl.suspense",
              "update vsl.schema_version set applied_at = now() where version = 3",
              "update vsl.state_progress set seal = null, batch_number = null, key_number = null")
    chain_again(database)
    server.start()
    client = desk.client = server.connect()
    tools.check_database(database.url)
    assert not items_of(client, desk.ledger)
    assert client.available(desk.ledger, desk.nobody) == 100
    refused = desk.do("reverse", "EFFECT_GONE", original_sequence=old[0], reason="wrong")
    assert refused.result.limit_minor == 0
    refused = desk.do("adopt_suspense", "ABOVE_REST", amount_minor=101, reason="all")
    assert refused.result.limit_minor == 100
    adopt = {"original_sequence": old[0], "reason": "receipt of before"}
    assert desk.do("adopt_suspense", "ABOVE_REST", amount_minor=71,
                   **adopt).result.limit_minor == 70
    item = desk.do("adopt_suspense", amount_minor=70, **adopt).suspense_id
    shown = item_of(client, desk.ledger, item)
    assert reason_of(client, shown) == "ADOPTED" and shown.origin_sequence == old[0]
    said = tools.vslctl("--json", "--server", server.target, "suspense", "adopt", "--ledger",
                        desk.ledger, "--amount", "0.30", "--reason", "the rest",
                        "--business-date", "2024-02-29")
    other = int(json.loads(said.stdout)["suspense_id"])
    desk.do("adopt_suspense", "ABOVE_REST", amount_minor=1, reason="no more")
    desk.allocate(other, payees=[(desk.accounts[0], 30)])
    desk.do("reverse", original_sequence=old[0], reason="wrong")
    assert client.available(desk.ledger, desk.nobody) == 0 and not items_of(client, desk.ledger)
    tools.check_database(database.url)


def test_vslctl_works_the_list(server, tools, desk):
    """list, show, allocate, undo; the payer stays masked."""
    words = ("--server", server.target)
    rest = ("--ledger", desk.ledger, "--business-date", "2024-02-29")
    item = desk.wait(5000, "wrong").suspense_id

    def run(*more, status=0):
        return tools.vslctl("--json", *words, "suspense", *more, status=status).stdout

    listed = json.loads(run("list", "--ledger", desk.ledger))["suspense"]
    assert [(int(one["suspense_id"]), one["reason"]) for one in listed] == [
        (item, "SUSPENSE_REASON_WRONG_NUMBER")]
    run("allocate", *rest, "--suspense", item, "--payee", f"{desk.accounts[0]}:20.00")
    allocation = desk.client.list_all("suspense", "ListSuspense", ledger_id=desk.ledger)[
        0].changed_sequence
    assert desk.open_of(item) == 3000
    run("undo", *rest, "--suspense", item, "--original", allocation)
    shown = tools.vslctl(*words, "suspense", "show", "--ledger", desk.ledger, "--suspense",
                         item).stdout
    assert "50.00" in shown and desk.open_of(item) == 5000


def test_who_is_gone_spent_it(client, desk, database, tools):
    """The bank had it after all, or never had it, and the member is gone with it: the platform
    pays, if two persons want it; the checks find nothing wrong with that."""
    account, heir = desk.accounts
    own = desk.platform.control.platform_own_account_id
    platform = {"name": "Platform", "account_number": "1", "bank_code": "B"}
    desk.do("set_terms", own_account=platform)
    payout = desk.do("withdraw", account_id=account, amount_minor=60).payout_id
    desk.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_FAILED")
    wrong = desk.do("book_receipt", account_id=account, amount_minor=30).result.sequence
    desk.do("pay", payer_account_id=account, payees=[(heir, 130)])
    desk.do("close_account", account_id=account)
    right = {"payout_id": payout, "result": "PAYOUT_RESULT_PAID", "correction": True,
             "bank_reference": "B1", "ledger_id": desk.ledger}
    client.by_two("confirm_payout", "INSUFFICIENT_PLATFORM_OWN", **right)
    desk.do("book_receipt", account_id=own, amount_minor=90, payer=platform)
    client.by_two("confirm_payout", **right)
    mistake = {"original_sequence": wrong, "reason": "the bank's mistake"}
    desk.do("reverse", "EFFECT_GONE", **mistake)
    client.by_two("reverse", ledger_id=desk.ledger, **mistake)
    assert client.balances(desk.ledger, own, heir) == [(0, 0, 0, 0), (230, 0, 0, 0)]
    assert items_of(client, desk.ledger) == []
    tools.check_database(database.url)
