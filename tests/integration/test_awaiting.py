"""First requests that await a second person: listed as long as one can answer them.

SPDX-License-Identifier: Apache-2.0
"""
import json
import re

import grpc
import pytest

from payment_load import open_shop


class Desk:
    """A ledger, and what waits there."""

    def __init__(self, server, number):
        self.server = server
        self.connect()
        self.shop = open_shop(self.maker, number, accounts=3, money=100)

    def connect(self):
        """Two persons."""
        self.maker = self.server.connect(channel_name="MAKER")
        self.checker = self.server.connect(channel_name="CHECKER")

    def restart(self):
        """In order, so that what is final and written behind is not in memory afterwards."""
        assert self.server.terminate() == 0
        self.server.start()
        self.connect()

    def do(self, command, expect="ACCEPTED", by=None, **fields):
        """A command; its sequence."""
        return (by or self.maker).command(
            command, expect, ledger_id=self.shop.ledger_id, **fields).result.sequence

    def first(self, command, **fields):
        """Sent by the first person."""
        return self.do(command, "SECOND_PERSON_NEEDED", **fields)

    def failed_payout(self):
        """One that the bank says has failed."""
        payout = self.maker.command(
            "withdraw", ledger_id=self.shop.ledger_id, account_id=self.shop.accounts[0],
            amount_minor=10).payout_id
        self.do("confirm_payout", payout_id=payout, result="PAYOUT_RESULT_FAILED")
        return payout

    def awaiting(self, **fields):
        """Sequences, newest first, over all pages."""
        found, before = [], 0
        while True:
            page = self.maker.read(
                "journal", "ListCommands", ledger_id=self.shop.ledger_id,
                awaiting_second_person=True, before_sequence=before, **fields)
            found += [entry.sequence for entry in page.entries]
            before = page.next_before_sequence
            if before == 0:
                return found


def correction(payout, right="PAID"):
    """What is asked for."""
    return {"payout_id": payout, "result": f"PAYOUT_RESULT_{right}", "correction": True,
            "bank_reference": "B-9"}


@pytest.fixture(name="desk")
def make_desk(make_server, database):
    return Desk(make_server(database.url, {"journal.segment_commands": "1000"}).start(), 8901)


def test_what_awaits_is_listed_until_it_is_answered(desk):
    account = desk.shop.accounts[1]
    assert not desk.awaiting()
    payout = desk.failed_payout()
    of_payout = desk.first("confirm_payout", **correction(payout))
    far = desk.first("cut_day", accounting_date=20240401)
    desk.do("restrict_account", by=desk.checker, account_id=account, no_out=True)
    lift = desk.first("restrict_account", account_id=account, owner="CHECKER")
    assert desk.awaiting() == [lift, far, of_payout]
    assert desk.awaiting(page_size=1) == [lift, far, of_payout]
    assert desk.awaiting(kinds=["COMMAND_KIND_CUT_DAY"]) == [far]
    desk.do("confirm_payout", "SAME_CALLER", first_sequence=of_payout, **correction(payout))
    assert desk.awaiting() == [lift, far, of_payout], "who asks twice answers nothing"
    desk.do("confirm_payout", by=desk.checker, first_sequence=of_payout, **correction(payout))
    assert desk.awaiting() == [lift, far]
    desk.do("restrict_account", by=desk.checker, account_id=account, no_out=True, no_in=True)
    assert desk.awaiting() == [far], "the restriction is another one now"
    desk.do("cut_day", accounting_date=20240301)
    assert not desk.awaiting(), "the day is over"
    lift = desk.first("restrict_account", account_id=account, owner="CHECKER")
    desk.do("restrict_account", by=desk.server.connect(channel_name="THIRD"), account_id=account,
            owner="CHECKER", first_sequence=lift)
    assert not desk.awaiting()


def test_of_a_payout_that_is_not_in_memory(desk, database, tools):
    payouts = [desk.failed_payout(), desk.failed_payout()]
    firsts = [desk.first("confirm_payout", **correction(payout)) for payout in payouts]
    desk.restart()
    assert desk.awaiting() == firsts[::-1]
    desk.do("confirm_payout", by=desk.checker, first_sequence=firsts[0], **correction(payouts[0]))
    back = desk.first("confirm_payout", **correction(payouts[0], "FAILED"))
    desk.do("confirm_payout", by=desk.checker, first_sequence=back,
            **correction(payouts[0], "FAILED"))
    assert desk.awaiting() == [firsts[1]]
    desk.restart()
    assert desk.awaiting() == [firsts[1]]
    assert desk.server.terminate() == 0
    tools.check_database(database.url)


def test_filters_that_it_excludes(desk):
    for fields in ({"outcome": "OUTCOME_SAME_CALLER"}, {"refused_only": True},
                   {"accepted_only": True}, {"from_date": 20240229}, {"to_date": 20240229}):
        with pytest.raises(grpc.RpcError) as error:
            desk.awaiting(**fields)
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "awaiting_second_person" in error.value.details()


def test_vslctl_lists_it_and_says_how_to_answer(desk, tools):
    payout = desk.failed_payout()
    first = desk.first("confirm_payout", **correction(payout))
    said = tools.vslctl("command", "awaiting", "--server", desk.server.target, "--ledger",
                        desk.shop.ledger_id, "--json").stdout
    assert [int(entry["sequence"]) for entry in json.loads(said)["entries"]] == [first]
    said = tools.vslctl("command", "awaiting", "--server", desk.server.target, "--ledger",
                        desk.shop.ledger_id).stdout
    asked = said.partition(f"sequence {first} asks for\n")[2]
    assert re.search(rf"^payout id +{payout}$", asked, re.MULTILINE), said
    assert re.search(r"^result +paid$", asked, re.MULTILINE), said
    assert "--first-sequence" in tools.vslctl("command", "awaiting", "--help").stdout
