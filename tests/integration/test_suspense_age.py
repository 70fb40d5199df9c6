"""test_suspense_age.py: money that waits in UNALLOCATED for longer than the terms allow: the event
at its instant, the flag, no lump until it is cleared, across restarts and a take-over.

SPDX-License-Identifier: Apache-2.0
"""
import time

from books import Books
from client import Client
from test_lumps import Desk
from waiting import wait_until

EXPIRE, HOUR = 70, 3600


def ledger_of(desk):
    """What the server says of it."""
    return desk.client.read("ledger", "GetLedger", **desk.on).ledger


def flag(desk):
    """Since when it is flagged, and for which item."""
    one = ledger_of(desk)
    return one.suspense_overdue_since_us, one.suspense_overdue_id


def wait_flagged(desk):
    """Waits until it is."""
    wait_until(lambda: flag(desk) != (0, 0), "a flag")


def expiries(desk):
    """The entries that flagged it, and for which items."""
    last = desk.client.tie_out(desk.ledger).as_of_sequence
    return [one for one in desk.client.entries(1, last)
            if one.kind == EXPIRE and one.ledger_id == desk.ledger]


def check_books(desk, protos):
    """The naive books of the whole stream agree."""
    last = desk.client.tie_out(desk.ledger).as_of_sequence
    books = Books(protos)
    books.know_receiving_numbers(dict(zip(desk.shop.receiving_numbers, desk.shop.accounts)))
    books.add_all(desk.client.entries(1, last))
    books.compare_records(desk.client, desk.ledger)


def terms(desk, age_s, **fields):
    """Sets the age."""
    desk.client.command("set_terms", suspense_age_s=age_s, **desk.on, **fields)


def test_it_is_flagged_at_its_instant_and_cleared(make_server, database, protos, tools):
    server = make_server(database.url).start()
    desk = Desk(Client(protos, server.target), 8840)
    one = ledger_of(desk)
    assert one.suspense_oldest_id == desk.item and one.suspense_oldest_at_us > 0
    assert (one.terms.suspense_age_s, flag(desk)) == (0, (0, 0))
    second = desk.wait(500)
    lump = desk.open(2, 1000)
    terms(desk, 2)
    assert ledger_of(desk).terms.payout_return_days == 30
    wait_flagged(desk)
    event = expiries(desk)[0]
    due_us = one.suspense_oldest_at_us + 2_000_000
    assert event.subject_id == event.expire.id == desk.item and event.key.channel == "vsl"
    assert due_us <= event.recorded_at_us < due_us + 5_000_000
    assert flag(desk) == (event.recorded_at_us, desk.item)
    refused = desk.client.command("open_lump", "SUSPENSE_OVERDUE", suspense_id=second,
                                  control_count=1, control_total_minor=1, **desk.on)
    assert refused.result.limit_minor == desk.item
    desk.client.command("expire", "SUSPENSE_OVERDUE", kind="EXPIRY_KIND_SUSPENSE", id=second,
                        **desk.on)
    # What is open goes on; the other item is too old by now, and keeps the flag.
    line = desk.send(desk.line(lump, "L-1", 400)).result.sequence
    desk.send(desk.line(lump, "L-2", 600))
    desk.close(lump)
    since = flag(desk)
    time.sleep(max(0, ledger_of(desk).suspense_oldest_at_us / 1e6 + 2 - time.time()))
    wait_flagged(desk)
    assert flag(desk) == since if since[1] else flag(desk)[1] == second
    assert ledger_of(desk).suspense_oldest_id == second
    desk.client.command("allocate_suspense", suspense_id=second,
                        payees=[(desk.shop.accounts[1], 500)], **desk.on)
    assert flag(desk) == (0, 0) and ledger_of(desk).suspense_oldest_id == 0
    # An undo brings back the item with its age, and the flag.
    count = len(expiries(desk))
    desk.client.command("undo_allocation", suspense_id=desk.item, original_sequence=line,
                        lump_id=lump, **desk.on)
    wait_flagged(desk)
    assert len(expiries(desk)) == count + 1 and flag(desk)[1] == desk.item
    assert ledger_of(desk).suspense_oldest_at_us == one.suspense_oldest_at_us
    # It is so after a restart; a longer term clears it.
    since = flag(desk)
    assert server.terminate() == 0
    server.start()
    desk.client = Client(protos, server.target)
    assert flag(desk) == since
    terms(desk, HOUR, advance_refunds=True)
    assert flag(desk) == (0, 0) and ledger_of(desk).terms.advance_refunds
    terms(desk, 1)
    wait_flagged(desk)
    terms(desk, 0)
    assert flag(desk) == (0, 0)
    desk.open(1, 1)
    check_books(desk, protos)
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_it_comes_due_while_nobody_is_there(make_server, database, protos, tools):
    """The next one flags it before it takes a lump, and who comes after it knows."""
    first = make_server(database.url).start()
    desk = Desk(Client(protos, first.target), 8841)
    terms(desk, 3)
    first.kill()
    time.sleep(3)
    second = make_server(database.url).start()
    desk.client = Client(protos, second.target)
    desk.client.command("open_lump", "SUSPENSE_OVERDUE", suspense_id=desk.item, control_count=1,
                        control_total_minor=1, **desk.on)
    wait_flagged(desk)
    assert len(expiries(desk)) == 1
    since = flag(desk)
    second.kill()
    third = make_server(database.url).start()
    desk.client = Client(protos, third.target)
    assert flag(desk) == since
    desk.client.command("allocate_suspense", suspense_id=desk.item,
                        payees=[(desk.shop.accounts[1], 1000)], **desk.on)
    assert flag(desk) == (0, 0)
    check_books(desk, protos)
    assert third.terminate() == 0
    tools.check_database(database.url)


def test_what_a_settlement_gives_back_is_as_old(make_server, database, protos, tools):
    server = make_server(database.url).start()
    desk = Desk(Client(protos, server.target), 8843)
    terms(desk, 1)
    wait_flagged(desk)
    acquirer = desk.client.command("open_acquirer", name="allpay", ceiling_minor=100_000,
                                   **desk.on).acquirer_id

    def settle():
        return desk.client.command(
            "open_settlement", acquirer_id=acquirer, suspense_id=desk.item, control_count=1,
            control_total_minor=1000, **desk.on).settlement_id

    settlement = settle()
    assert flag(desk) == (0, 0) and ledger_of(desk).suspense_oldest_id == 0
    desk.client.command("close_settlement", settlement_id=settlement, abandon=True,
                        suspense_id=desk.item, **desk.on)
    wait_flagged(desk)
    settlement = settle()
    assert flag(desk) == (0, 0)
    surplus = desk.client.command(
        "settle_line", settlement_id=settlement, reference="nobody's", gross_minor=1000,
        **desk.on).difference_id
    # Nothing waits over a restart, until it is given back.
    assert server.terminate() == 0
    server.start()
    desk.client = Client(protos, server.target)
    desk.client.command("close_settlement", settlement_id=settlement, **desk.on)
    assert flag(desk) == (0, 0)
    desk.client.command("close_difference", difference_id=surplus, suspense_id=desk.item,
                        ended_by="DIFFERENCE_END_RETURNED", **desk.on)
    wait_flagged(desk)
    assert flag(desk)[1] == desk.item and len(expiries(desk)) == 3
    check_books(desk, protos)
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_what_terms_can_be(client, tools, server):
    desk = Desk(client, 8842)
    words = ["--server", f"127.0.0.1:{server.port}", "terms", "set", "--ledger", desk.ledger]
    said = tools.vslctl(*words, "--suspense-age-s", 31_622_401, status=2).stderr
    assert "suspense_age_s" in said or "suspense-age-s" in said
    tools.vslctl(*words, "--suspense-age-s", 31_622_400)
    assert ledger_of(desk).terms.suspense_age_s == 31_622_400
    client.command("set_terms", payout_return_days=3, **desk.on)
    assert ledger_of(desk).terms.suspense_age_s == 31_622_400
    shown = tools.vslctl(*words[:2], "--json", "ledger", "get", "--ledger", desk.ledger).stdout
    assert "31622400" in shown and "suspense_oldest_id" in shown
