"""test_lumps.py: one sum for many, allocated line by line: what agrees and what does not, lines
that come again, all or nothing, across restarts and indexed segments.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from books import Books
from client import Client
from test_originals import wait_indexed

ACCEPTED = "ACCEPTED"


class Desk:
    """A ledger with a sum that waits, and the client that allocates it."""

    def __init__(self, client, prefix, amount=1000, accounts=3):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=accounts)
        self.ledger = self.shop.ledger_id
        self.on = {"ledger_id": self.ledger}
        self.item = self.wait(amount)

    def wait(self, amount):
        """Another sum; its item."""
        self.client.command("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=amount, **self.on)
        return self.client.list_all("suspense", "ListSuspense", **self.on)[-1].suspense_id

    def open(self, count, total, item=0, **fields):
        """A lump of the item."""
        return self.client.command(
            "open_lump", suspense_id=item or self.item, control_count=count,
            control_total_minor=total, **self.on, **fields).lump_id

    def line(self, lump, order, amount, account=0, **fields):
        """The item of a batch with one line."""
        return self.client.item(
            "allocate_line", lump_id=lump, source_order=order, amount_minor=amount,
            account_id=self.shop.accounts[account], **self.on, **fields)

    def send(self, item, expect=ACCEPTED):
        """Sends the item alone."""
        command = item.WhichOneof("command")
        return self.client.send(command, getattr(item, command), expect)

    def close(self, lump, expect=ACCEPTED, **fields):
        """Closes a lump."""
        return self.client.command("close_lump", expect, lump_id=lump, **self.on, **fields)

    def lump(self, lump):
        """What the server says of it."""
        return self.client.read("lump", "GetLump", lump_id=lump, **self.on).lump

    def open_of_items(self):
        """What is open of all items, which is what UNALLOCATED has."""
        total = sum(one.open_minor
                    for one in self.client.list_all("suspense", "ListSuspense", **self.on))
        assert total == self.client.available(
            self.ledger, self.shop.control.unallocated_account_id)
        return total


def found(desk, **fields):
    """Sequences of the commands that a search finds. A page takes some 20 ms, and may be empty."""
    entries = desk.client.list_all("journal", "ListCommands", **desk.on, **fields)
    return [entry.sequence for entry in entries]


def test_line_by_line(client):
    desk = Desk(client, 8801)
    lump = desk.open(3, 900)
    first = desk.line(lump, "L-1", 300, payer={"name": "Li Ming", "account_number": "622200017"})
    sequence = desk.send(first).result.sequence
    number = desk.shop.receiving_numbers[1]
    by_number = client.item("allocate_line", lump_id=lump, source_order="L-2", amount_minor=200,
                            receiving_number=f" {number[:6]} {number[6:]}", **desk.on)
    assert client.batch_outcomes([by_number, desk.line(lump, "L-1", 300)]) == [
        ACCEPTED, "SOURCE_ORDER_USED"]
    again = desk.send(first)
    assert again.result.replayed and again.result.sequence == sequence
    used = desk.send(desk.line(lump, "L-1", 1, 2), "SOURCE_ORDER_USED")
    assert used.result.limit_minor == sequence
    assert found(desk, party_name="Li Ming", accepted_only=True) == [sequence]
    assert found(desk, party_account_number="622200017", accepted_only=True) == [sequence]
    assert not found(desk, party_name="Li Mang")
    assert desk.close(lump, "LUMP_COUNT_DIFFERS").result.limit_minor == 2
    assert desk.send(desk.line(lump, "L-3", 401), "LINE_ABOVE_LUMP").result.limit_minor == 400
    last = desk.send(desk.line(lump, "L-3", 399, 2)).result.sequence
    assert desk.send(desk.line(lump, "L-4", 1), "LUMP_COUNT_REACHED").result.limit_minor == 3
    assert desk.close(lump, "LUMP_TOTAL_DIFFERS").result.limit_minor == 899
    client.command("undo_allocation", suspense_id=desk.item, original_sequence=last, lump_id=lump,
                   **desk.on)
    desk.send(desk.line(lump, "L-3", 400, 2))
    desk.close(lump)
    assert desk.open_of_items() == 100 and desk.lump(lump).status == 2
    assert [client.available(desk.ledger, one) for one in desk.shop.accounts] == [300, 200, 400]
    entry = client.find_command(sequence=sequence)
    assert entry.allocate_line.payer.name == "*" * 6 + "g" and entry.subject_id
    assert [one.lump_id for one in client.list_all(
        "lump", "ListLumps", suspense_id=desk.item, status="LUMP_STATUS_CLOSED", **desk.on)] == [
            lump]
    assert not client.list_all("lump", "ListLumps", status="LUMP_STATUS_OPEN", **desk.on)


def test_an_item_is_kept_for_its_lump(client):
    desk = Desk(client, 8802)
    lump = desk.open(1, 10)
    kept = client.command("allocate_suspense", "SUSPENSE_IN_LUMP", suspense_id=desk.item,
                          payees=[(desk.shop.accounts[0], 1)], **desk.on)
    assert kept.result.limit_minor == lump
    client.command("open_lump", "SUSPENSE_IN_LUMP", suspense_id=desk.item, control_count=1,
                   control_total_minor=1, **desk.on)
    desk.close(lump, cancel=True)
    desk.close(lump, "LUMP_FINAL")
    client.command("allocate_suspense", suspense_id=desk.item,
                   payees=[(desk.shop.accounts[0], 1)], **desk.on)
    assert desk.lump(lump).status == 3 and desk.open_of_items() == 999


def test_two_persons_close_it_as_it_stands(client):
    """A line that is never booked, beside one that was spent, does not keep the item for ever."""
    desk = Desk(client, 8807)
    one = desk.shop.accounts[0]
    lump = desk.open(2, 900)
    first = desk.send(desk.line(lump, "L-1", 300)).result.sequence
    assert not client.send("allocate_line", client.item(
        "allocate_line", lump_id=lump, source_order="L-2", amount_minor=600, account_id=2**40,
        **desk.on).allocate_line, "ACCOUNT_NOT_FOUND").account_id
    client.command("withdraw", account_id=one, amount_minor=300, **desk.on)
    undo = {"suspense_id": desk.item, "original_sequence": first, "lump_id": lump, **desk.on}
    client.command("undo_allocation", "UNDO_SPENT", **undo)
    desk.close(lump, "LUMP_HAS_LINES", cancel=True)
    desk.close(lump, "APPROVAL_NEEDED", as_it_stands=True)
    client.by_two("close_lump", lump_id=lump, as_it_stands=True, **desk.on)
    seen = desk.lump(lump)
    assert (seen.status, seen.allocated_count, seen.control_count) == (2, 1, 2)
    desk.send(desk.line(lump, "L-3", 600), "LUMP_FINAL")
    client.by_two("close_lump", "LUMP_FINAL", lump_id=lump, as_it_stands=True, **desk.on)
    client.command("allocate_suspense", suspense_id=desk.item,
                   payees=[(desk.shop.accounts[1], 700)], **desk.on)
    assert desk.open_of_items() == 0
    with pytest.raises(grpc.RpcError, match="as_it_stands: excludes cancel"):
        desk.close(lump, cancel=True, as_it_stands=True)


def test_all_or_nothing(client):
    desk = Desk(client, 8803)
    lump = desk.open(3, 1000, all_or_nothing=True)
    lines = [desk.line(lump, f"L-{i}", amount, i) for i, amount in enumerate((500, 300, 200))]
    close = client.item("close_lump", lump_id=lump, **desk.on)
    assert client.batch_outcomes(lines) == ["LUMP_ALL_OR_NOTHING"] * 3

    def anew():
        return [desk.line(lump, f"L-{i}", amount, i) for i, amount in enumerate((500, 300, 200))]

    # Without its close the batch would leave half a lump: the last item is refused for it.
    assert client.batch_outcomes(anew(), atomic=True) == [
        "BATCH_ABORTED", "BATCH_ABORTED", "LUMP_ALL_OR_NOTHING"]
    short = anew()[:2] + [client.item("close_lump", lump_id=lump, **desk.on)]
    results = client.batch(short, atomic=True)
    assert client.protos.outcome_name(results[2].result.outcome) == "LUMP_COUNT_DIFFERS"
    assert results[2].result.limit_minor == 2
    assert desk.lump(lump).allocated_count == 0 and desk.open_of_items() == 1000
    whole = [*anew(), close]
    assert client.batch_outcomes(whole, atomic=True, dry_run=True) == [ACCEPTED] * 4
    assert desk.lump(lump).allocated_count == 0
    assert client.batch_outcomes(whole, atomic=True) == [ACCEPTED] * 4
    assert client.batch_outcomes(whole, atomic=True) == [ACCEPTED] * 4
    assert desk.lump(lump).status == 2 and desk.open_of_items() == 0


def test_a_source_order_is_used_once_in_a_call(client):
    desk = Desk(client, 8804)
    lump = desk.open(2, 2)
    twice = [desk.line(lump, "L-1", 1), desk.line(lump, "L-1", 1, 1)]
    results = client.batch(twice, atomic=True)
    assert client.protos.outcome_name(results[1].result.outcome) == "SOURCE_ORDER_USED"
    assert results[1].result.limit_minor == 0
    other = Desk(client, 8805)
    theirs = other.open(1, 1)
    assert client.batch_outcomes([desk.line(lump, "L-1", 1), other.line(theirs, "L-1", 1)]) == [
        ACCEPTED, ACCEPTED]


def test_a_source_order_is_known_after_a_restart(server, client):
    """Nothing is indexed yet: memory has it from the journal again."""
    desk = Desk(client, 8808)
    lump = desk.open(2, 2)
    first = desk.send(desk.line(lump, "R-1", 1)).result.sequence
    server.kill()
    server.start()
    desk.client = server.connect()
    used = desk.send(desk.line(lump, "R-1", 1, 1), "SOURCE_ORDER_USED")
    assert used.result.limit_minor == first
    desk.send(desk.line(lump, "R-2", 1))


@pytest.fixture(name="small")
def fixture_small(make_server, database):
    """A server whose segments hold 1,000 commands."""
    return make_server(database.url, {"journal.segment_commands": "1000"}).start()


def test_lines_of_indexed_segments_are_known(small, database, protos, tools):
    """Memory forgets a line when its segment is indexed; its order is used for ever."""
    client = Client(protos, small.target)
    desk = Desk(client, 8806, amount=5000)
    lump = desk.open(3100, 3100)
    first = desk.send(desk.line(lump, "B-0", 1, payer={"name": "Li Ming"})).result.sequence
    undone = desk.send(desk.line(lump, "B-1", 1)).result.sequence
    client.command("undo_allocation", suspense_id=desk.item, original_sequence=undone,
                   lump_id=lump, **desk.on)
    for start in range(2, 3002, 500):
        outcomes = client.batch_outcomes(
            [desk.line(lump, f"B-{i}", 1, i % 3) for i in range(start, start + 500)])
        assert set(outcomes) == {ACCEPTED}
    wait_indexed(database, 3)
    assert found(desk, party_name="Li Ming") == [first]
    used = desk.send(desk.line(lump, "B-0", 1, 2), "SOURCE_ORDER_USED")
    assert used.result.limit_minor == first
    assert small.terminate() == 0
    small.start()
    client = Client(protos, small.target)
    desk.client = client
    used = desk.send(desk.line(lump, "B-2", 1, 2), "SOURCE_ORDER_USED")
    assert used.result.limit_minor > first
    again = desk.send(desk.line(lump, "B-1", 1)).result.sequence
    assert desk.send(desk.line(lump, "B-1", 1), "SOURCE_ORDER_USED").result.limit_minor == again
    assert desk.lump(lump).allocated_count == 3002
    client.by_two("close_lump", lump_id=lump, as_it_stands=True, **desk.on)
    books = Books(protos)
    books.know_receiving_numbers(dict(zip(desk.shop.receiving_numbers, desk.shop.accounts)))
    books.add_all(client.entries(1, client.tie_out(desk.ledger).as_of_sequence))
    books.compare_balances(client, desk.ledger)
    books.compare_records(client, desk.ledger)
    assert small.terminate() == 0
    tools.check_database(database.url)
