"""test_account_policy.py: what members may do and have used of their limits, over day cuts,
batches, kills and restarts, against sums over the journal; how a refusal says it again.

SPDX-License-Identifier: Apache-2.0
"""
import collections
import random

import pytest

from client import Client

FREE = {"may_receive": True, "may_pay": True, "may_withdraw": True}
TO = {"name": "A", "account_number": "1"}
# Kinds of commands that are counted, and those that give back: by their numbers.
COUNTED = {30, 34, 38, 40, 61, 50}
GIVES_BACK = {41, 80, 35}
OF_PAYOUT = {51, 52}


class Desk:
    """A ledger with users, and what it is told."""

    def __init__(self, client, prefix, accounts=3):
        self.client = client
        self.shop = client.open_platform(prefix, accounts=accounts)
        self.ledger, self.accounts = self.shop.ledger_id, self.shop.accounts

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def level(self, **fields):
        """A level that may do everything but for limits."""
        return self.client.protos.message("AccountPolicyLevel")(**{**FREE, **fields})

    def limit(self, **fields):
        """The policy of users."""
        return self.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CUSTOM",
                       users=[self.level(**fields)])

    def used(self, place):
        """What the member used: in and out of the date, in and out of the year."""
        one = self.client.read("member", "GetMember", ledger_id=self.ledger,
                               member_id=self.shop.members[place]).allowance
        return (one.date_in_used_minor, one.date_out_used_minor, one.year_in_used_minor,
                one.year_out_used_minor)

    def entries(self):
        """All of the ledger's."""
        last = self.client.tie_out(self.ledger).as_of_sequence
        return [one for one in self.client.entries(1, last) if one.ledger_id == self.ledger]


def expected(desk, since):
    """{account: [in, out]} of the present date, summed over the journal; every account is of one
    member here. Commands up to `since` are not counted."""
    entries = [one for one in desk.entries() if one.outcome < 100]
    dates = {one.sequence: one.accounting_date for one in entries}
    asked = {one.subject_id: one.sequence for one in entries if one.kind == 50}
    today = max(dates.values())
    sums = collections.defaultdict(lambda: [0, 0])
    own = set(desk.accounts)
    for one in entries:
        source = one.sequence
        if one.kind in GIVES_BACK:
            source = getattr(one, one.WhichOneof("request")).original_sequence
        elif one.kind in OF_PAYOUT:
            source = asked[one.subject_id]
        if (one.kind not in COUNTED | GIVES_BACK | OF_PAYOUT or source <= since
                or dates[source] != today):
            continue
        for posting in one.postings:
            giver, taker = posting.debit_account_id, posting.credit_account_id
            amount = posting.amount_minor
            if one.kind == 50 or one.kind in OF_PAYOUT:
                if giver in own and posting.debit_bucket == 1:
                    sums[giver][1] += amount
                if taker in own and posting.credit_bucket == 1:
                    sums[taker][1] -= amount
            elif giver != taker:
                back = one.kind in GIVES_BACK
                if giver in own:
                    sums[giver][0 if back else 1] += -amount if back else amount
                if taker in own:
                    sums[taker][1 if back else 0] += -amount if back else amount
    return sums


def check_used(desk, since):
    """What GetMember says is what the journal sums up to."""
    sums = expected(desk, since)
    for place, account in enumerate(desk.accounts):
        assert list(desk.used(place)[:2]) == sums[account], account


def test_a_batch_is_tried_as_it_is_decided(client):
    """The payout is of the date before: what its interception gives back is not of this one."""
    desk = Desk(client, 8868)
    first, second, _ = desk.accounts
    desk.do("book_receipt", account_id=first, amount_minor=1_000)
    desk.limit(date_out_minor=200)
    on = {"ledger_id": desk.ledger}
    pay = {**on, "payer_account_id": first}
    before = desk.do("withdraw", account_id=first, amount_minor=1).payout_id

    def items(last):
        return [client.item("withdraw", account_id=first, amount_minor=150, **on),
                client.item("cut_day", accounting_date=20240301, **on),
                client.item("pay", payees=[(second, 150)], **pay),
                client.item("intercept_payout", payout_id=before + 1, reason="x", **on),
                client.item("pay", payees=[(second, last)], **pay)]
    aborted = ["BATCH_ABORTED"] * 4 + ["OVER_DATE_LIMIT"]
    assert client.batch_outcomes(items(51), atomic=True, dry_run=True) == aborted
    assert client.batch_outcomes(items(51), dry_run=True) == ["ACCEPTED"] * 4 + ["OVER_DATE_LIMIT"]
    assert client.batch_outcomes(items(51), atomic=True) == aborted
    assert client.batch_outcomes(items(50), atomic=True) == ["ACCEPTED"] * 5
    assert desk.used(0) == (0, 200, 0, 201)


def test_a_quote_keeps_to_the_policy(client):
    """What is quoted is accepted, one more is not; by a card neither."""
    desk = Desk(client, 8869)
    first, second, _ = desk.accounts
    desk.do("book_receipt", account_id=first, amount_minor=1_000)

    def quote(amount, limit, **fields):
        said = client.read("funds", "QuoteWithdraw", ledger_id=desk.ledger, account_id=first,
                           **fields)
        assert (said.amount_minor, said.limit) == (amount, limit)
        fields.update(account_id=first, dry_run=True)
        if amount > 0:
            desk.do("withdraw", amount_minor=amount, **fields)
        if limit:
            answer = desk.do("withdraw", None, amount_minor=amount + 1, **fields)
            assert answer.result.outcome >= 100
        return said
    quote(1_000, 0)
    desk.limit(operation_out_minor=400, date_out_minor=500, year_out_minor=600)
    quote(400, 7)
    quote(400, 7, fee_minor=3, fee_mode="FEE_MODE_OUTSIDE")
    quote(403, 7, fee_minor=3, fee_mode="FEE_MODE_INSIDE")
    desk.do("pay", payer_account_id=first, payees=[(second, 350)])
    quote(150, 7)
    desk.do("cut_day", accounting_date=20240301)
    quote(250, 7)
    desk.limit(year_out_minor=350)
    quote(0, 7)
    desk.limit(year_out_minor=300)
    quote(0, 7)
    desk.limit(year_out_minor=1_000)
    quote(650, 0)
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_STRICT")
    quote(0, 7)
    quote(0, 5, fee_minor=1, fee_mode="FEE_MODE_INSIDE")
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_UNCHECKED")
    quote(650, 0)


def test_a_refusal_says_limit_used_and_left_again(client, tools, server):
    desk = Desk(client, 8860)
    first, second, _ = desk.accounts
    desk.do("book_receipt", account_id=first, amount_minor=1_000)
    assert not client.read("member", "GetMember", ledger_id=desk.ledger,
                           member_id=desk.shop.members[0]).HasField("allowance")
    desk.limit(date_out_minor=100, year_out_minor=150)
    pay = {"payer_account_id": first, "order_number": "O"}
    desk.do("pay", payees=[(second, 60)], **pay)
    key = client.key()
    for replayed in (False, True):
        result = desk.do("pay", "OVER_DATE_LIMIT", payees=[(second, 41)], key=key, **pay).result
        assert (result.policy_limit_minor, result.policy_used_minor, result.limit_minor) == (
            100, 60, 40)
        assert result.replayed == replayed
    dry = desk.do("pay", "OVER_DATE_LIMIT", payees=[(second, 41)], dry_run=True, **pay).result
    assert (dry.sequence, dry.policy_used_minor, dry.limit_minor) == (0, 60, 40)
    desk.do("pay", payees=[(second, 40)], dry_run=True, **pay)
    assert desk.used(0) == (0, 60, 0, 60)
    said = tools.vslctl("--server", f"127.0.0.1:{server.port}", "--json", "member", "get",
                        "--ledger", desk.ledger, "--member", desk.shop.members[0]).stdout
    assert "date_out_used_minor" in said and "year_out_minor" in said
    said = tools.vslctl("--server", f"127.0.0.1:{server.port}", "pay", "--ledger", desk.ledger,
                        "--from", first, "--payee", f"{second}:0.41", status=1).stdout
    assert "limit 0.40 CNY left of 1.00\n" in said
    assert client.read("ledger", "GetAccountPolicy", ledger_id=desk.ledger).preset == 6


def test_a_batch_breaks_the_limit_at_its_end(client):
    desk = Desk(client, 8861)
    first = desk.accounts[0]
    desk.limit(date_in_minor=100)

    def items(*amounts):
        return [client.item("book_receipt", ledger_id=desk.ledger, account_id=first,
                            amount_minor=amount) for amount in amounts]

    over = items(50, 30, 21)
    for replayed in (False, True):
        aborted = client.batch(over, atomic=True)
        assert [client.protos.outcome_name(one.result.outcome) for one in aborted] == [
            "BATCH_ABORTED", "BATCH_ABORTED", "OVER_DATE_LIMIT"]
        assert [(one.result.policy_limit_minor, one.result.policy_used_minor,
                 one.result.limit_minor) for one in aborted] == [(0, 0, 0)] * 2 + [(100, 80, 20)]
        assert aborted[2].result.replayed == replayed
    assert desk.used(0) == (0, 0, 0, 0)
    assert client.batch_outcomes(items(50, 51, 50, 1)) == [
        "ACCEPTED", "OVER_DATE_LIMIT", "ACCEPTED", "OVER_DATE_LIMIT"]

    def cut():
        return client.item("cut_day", ledger_id=desk.ledger, accounting_date=20240301)

    first_over = client.batch_outcomes([*items(1), cut(), *items(60, 40)], atomic=True)
    assert first_over[0] == "OVER_DATE_LIMIT"
    last_over = client.batch_outcomes([cut(), *items(60, 41)], atomic=True)
    assert last_over[2] == "OVER_DATE_LIMIT"
    assert client.batch_outcomes([cut(), *items(60, 40)], atomic=True) == ["ACCEPTED"] * 3
    assert desk.used(0) == (100, 0, 200, 0)
    check_used(desk, 0)


@pytest.mark.parametrize("seed", [1])
def test_what_is_used_survives(make_server, database, protos, tools, seed):
    """Random commands with limits that are met; a kill or a stop now and then."""
    dice = random.Random(seed)
    server = make_server(database.url).start()
    desk = Desk(Client(protos, server.target), 8862)
    for account in desk.accounts:
        desk.do("book_receipt", account_id=account, amount_minor=3_000)
    since = desk.limit(date_in_minor=2_000, date_out_minor=1_500).result.sequence
    dates = iter([20240229, 20240301, 20240302, 20240303, 20240304])
    date, payouts, done, refused = next(dates), [], [], 0

    def send(command, **fields):
        nonlocal refused
        answer = desk.client.command(command, None, ledger_id=desk.ledger,
                                     key=desk.client.key(date=date), **fields)
        name = protos.outcome_name(answer.result.outcome)
        refused += name.startswith("OVER_")
        return answer if name == "ACCEPTED" else None

    for step in range(160):
        what = dice.choice(["in", "in", "pay", "pay", "out", "back", "refund", "reverse"])
        one, other = dice.sample(desk.accounts, 2)
        amount = dice.choice([1, 200, 450, 700])
        if what == "in":
            answer = send("book_receipt", account_id=one, amount_minor=amount)
            done += [("reverse", answer.result.sequence)] if answer else []
        elif what == "pay":
            answer = send("pay", payer_account_id=one, order_number="R",
                          payees=[(other, amount)])
            done += [("refund", answer.result.sequence)] if answer else []
        elif what == "out":
            answer = send("withdraw", account_id=one, amount_minor=amount, destination=TO)
            payouts += [answer.payout_id] if answer else []
        elif what == "back" and payouts:
            send("confirm_payout", payout_id=dice.choice(payouts), result=dice.choice([1, 2, 3]))
        elif what in ("refund", "reverse") and done:
            kind, sequence = dice.choice(done)
            if kind == "refund":
                send("refund", original_sequence=sequence, order_number="R",
                     payees=[] if dice.random() < 0.5 else [(other, 1)])
            else:
                send("reverse", original_sequence=sequence, reason="r")
        if step % 40 == 39:
            check_used(desk, since)
            if step % 80 == 39:
                server.kill()
            else:
                assert server.terminate() == 0
            server.start()
            desk.client = Client(protos, server.target)
            check_used(desk, since)
            before, date = date, next(dates)
            desk.do("cut_day", accounting_date=date, key=desk.client.key(date=before))
            check_used(desk, since)
    assert refused > 5
    assert server.terminate() == 0
    tools.check_database(database.url)


def test_stored_value(client):
    """One top-up over several cards, a payment out of several, a refund to a full one."""
    desk = Desk(client, 8865)
    first, second, shop = desk.accounts
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_PREPAID")
    topped_up = desk.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=190_000).result
    top_up = {"suspense_id": topped_up.suspense_id}
    desk.do("allocate_suspense", "OVER_BALANCE_LIMIT", **top_up,
            payees=[(first, 100_001), (second, 89_999)])
    desk.do("allocate_suspense", **top_up, payees=[(first, 100_000), (second, 90_000)])

    def pays(account, amount):
        return client.item("pay", ledger_id=desk.ledger, payer_account_id=account,
                           order_number="BASKET", payees=[(shop, amount)])

    assert client.batch_outcomes([pays(first, 100_000), pays(second, 90_001)], atomic=True) == [
        "BATCH_ABORTED", "INSUFFICIENT_AVAILABLE"]
    assert client.batch_outcomes([pays(first, 60_000), pays(second, 30_000)], atomic=True) == [
        "ACCEPTED"] * 2
    paid = desk.do("pay", payer_account_id=first, order_number="ONE", payees=[(shop, 5)]).result
    desk.do("book_receipt", account_id=first, amount_minor=60_005)
    waits = desk.do("refund", "ACCEPTED_UNALLOCATED", original_sequence=paid.sequence,
                    order_number="ONE").result
    item = client.read("suspense", "GetSuspense", ledger_id=desk.ledger,
                       suspense_id=waits.suspense_id).suspense
    assert (item.reason, item.account_id, item.open_minor) == (11, first, 5)
    desk.do("allocate_suspense", suspense_id=waits.suspense_id, payees=[(second, 5)])


def test_presets_and_what_a_policy_can_be(client):
    desk = Desk(client, 8863)
    first, second, _ = desk.accounts
    desk.do("book_receipt", account_id=first, amount_minor=1_000)
    for preset in range(2, 6):
        desk.do("set_account_policy", preset=preset)
        shown = client.read("ledger", "GetAccountPolicy", ledger_id=desk.ledger)
        assert shown.preset == preset and len(shown.merchants) == len(shown.users) == 3
        assert [one.level for one in shown.users] == [0, 1, 2]
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_STRICT")
    desk.do("pay", "ACCOUNT_POLICY_FORBIDS", payer_account_id=first, payees=[(second, 1)],
            order_number="O")
    waits = desk.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=5,
                    receiving_number=desk.shop.receiving_numbers[0])
    item = client.read("suspense", "GetSuspense", ledger_id=desk.ledger,
                       suspense_id=waits.result.suspense_id).suspense
    assert item.reason == 11 and item.account_id == first
    with pytest.raises(Exception, match="ready-made"):
        desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_STRICT", users=[desk.level()])
    with pytest.raises(Exception, match="name each level once"):
        desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_CUSTOM",
                users=[desk.level(level=1), desk.level(level=1)])
    desk.do("set_account_policy", preset="ACCOUNT_POLICY_PRESET_UNCHECKED")
    desk.do("pay", payer_account_id=first, payees=[(second, 1)], order_number="O")


def test_a_ledger_is_strict_unless_it_is_opened_otherwise(client, tools, server):
    strict = client.open_platform(8870, accounts=1, policy=0)
    shown = client.read("ledger", "GetAccountPolicy", ledger_id=strict.ledger_id)
    assert shown.preset == 2 and len(shown.users) == 3 and shown.changed_sequence > 0
    account = {"ledger_id": strict.ledger_id, "account_id": strict.accounts[0]}
    client.command("book_receipt", "ACCOUNT_POLICY_FORBIDS", amount_minor=5, **account)
    client.command("identify_member", ledger_id=strict.ledger_id,
                   **client.identity(strict.members[0]))
    client.command("book_receipt", amount_minor=5, **account)
    client.command("withdraw", "ACCOUNT_POLICY_FORBIDS", amount_minor=5, **account)
    opened = client.open_platform(8871, accounts=1)
    shown = client.read("ledger", "GetAccountPolicy", ledger_id=opened.ledger_id)
    assert (shown.preset, shown.changed_sequence, len(shown.users)) == (1, 0, 0)
    with pytest.raises(Exception, match="policy"):
        client.open_platform(8872, accounts=0, policy="ACCOUNT_POLICY_PRESET_CUSTOM")
    tools.vslctl("--server", f"127.0.0.1:{server.port}", "ledger", "open", "--platform", "Mall",
                 "--escrow", "6222", "--currency", "CNY", "--prefix", "8873", "--date",
                 "2026-01-05", "--policy", "class-ii")
    last = client.read("ledger", "ListLedgers", page_size=1000).ledgers[-1]
    assert client.read("ledger", "GetAccountPolicy", ledger_id=last.ledger_id).preset == 3


def test_a_policy_by_the_tool(client, tools, server):
    desk = Desk(client, 8864)
    words = ["--server", f"127.0.0.1:{server.port}"]
    change = [*words, "account-policy", "set", "--ledger", desk.ledger, "--preset"]
    tools.vslctl(*change, "custom", "--user", "level=0,receive,pay,date-out=1.00,balance=5.00",
                 "--user", "level=2,withdraw", "--merchant", "level=1,receive,year-in=2.00")
    shown = client.read("ledger", "GetAccountPolicy", ledger_id=desk.ledger)
    user, other, last = shown.users
    assert (user.may_receive, user.may_pay, user.may_withdraw) == (True, True, False)
    assert (user.date_out_minor, user.balance_minor, user.year_in_minor) == (100, 500, 0)
    assert last.may_withdraw and not other.may_withdraw
    assert shown.merchants[1].year_in_minor == 200
    for wrong in ("level=3", "receive", "level=0,fly", "level=0,date-in=x", "level=0,level=1"):
        said = tools.vslctl(*change, "custom", "--user", wrong, status=2).stderr
        assert "--user" in said and "level" in said
    tools.vslctl(*change, "strict")
    said = tools.vslctl(*words, "account-policy", "get", "--ledger", desk.ledger).stdout
    assert "strict" in said
