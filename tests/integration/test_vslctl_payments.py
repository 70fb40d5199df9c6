"""vslctl on a real server: every command and list of payments, as people and as programs see them.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import pathlib
import re
import shlex
import time

import pytest

from waiting import wait_until

pytestmark = pytest.mark.usefixtures("checked")

DATE = "2024-02-29"
TOP = pathlib.Path(__file__).resolve().parents[2]


class Desk:
    """An operator with vslctl on a ledger of four members' accounts: payer, two payees, and one."""

    def __init__(self, server, tools):
        self._server = server
        self._tools = tools
        self.client = server.connect()
        day = self.client.open_platform(6201, accounts=4)
        self.ledger = day.ledger_id
        self.control = day.control
        self.payer, self.shop, self.courier, self.other = day.accounts
        for account in (self.payer, self.shop):
            self.client.command("book_receipt", ledger_id=self.ledger, account_id=account,
                                amount_minor=100_000)

    def run(self, *words, status=0, **options):
        """vslctl with the ledger; what it prints for people, on standard output and error."""
        done = self._tools.vslctl(*self._words(words), status=status, **options)
        return done.stdout + done.stderr

    def json(self, *words, status=0):
        """The same with --json."""
        return json.loads(self._tools.vslctl(*self._words(words), "--json", status=status).stdout)

    def plain(self, *words, status=0, **options):
        """vslctl on the server, without a ledger."""
        done = self._tools.vslctl("--server", f"127.0.0.1:{self._server.port}", *words,
                                  status=status, **options)
        return done.stdout + done.stderr

    def _words(self, words):
        return ("--server", f"127.0.0.1:{self._server.port}", *words, "--ledger", self.ledger)

    def refused(self, outcome, *words):
        """A command that the rules refuse: outcome, text and advice are told, the status is 1."""
        said = self.run(*words, status=1)
        assert said.startswith(f"refused: {outcome}"), said
        assert "advice: " in said and "key: --channel vslctl" in said, said

    def sequence(self, *words):
        """A command that is accepted; its place in the journal."""
        return int(self.json(*words)["result"]["sequence"])

    def available(self, *accounts):
        """Available balances in minor units."""
        return [self.client.available(self.ledger, account) for account in accounts]

    def set_rule(self, name, *words):
        """Makes a version of a fee rule with usual settings."""
        return self.json("fee-rule", "set", "--name", name, "--effective", DATE, "--rounding",
                         "half-up", "--refund", "proportional", "--on-payout-failed", "back",
                         "--on-payout-returned", "kept", *words)


@pytest.fixture(name="desk")
def fixture_desk(server, tools):
    """An operator at work."""
    return Desk(server, tools)


def titles(text):
    """{title: value} of the lines `title  value`, the first of each title."""
    return dict(reversed(re.findall(r"^(\S.*?)  +(\S.*?) *$", text, re.MULTILINE)))


def rows(text):
    """The rows of a table as lists of cells, head first."""
    return [re.split(r"  +", line.strip()) for line in text.splitlines() if line.strip()]


# ---- terms ----

def test_terms(desk):
    said = desk.run("ledger", "get")
    assert titles(said)["payout return days"] == "30"
    assert titles(said)["advance refunds"] == "no"
    said = desk.run("terms", "set", "--own-name", "Example Mall Ltd", "--own-account", "62220009",
                    "--own-bank", "CNAPS1", "--advance-refunds", "--payout-return-days", 7)
    assert said.startswith("accepted"), said
    said = desk.run("ledger", "get")
    assert "terms\n" in said and "own account\n" in said
    found = titles(said)
    assert found["payout return days"] == "7" and found["advance refunds"] == "yes"
    assert found["name"] == "***************d" and found["account number"] == "******09"
    assert found["bank code"] == "CNAPS1"
    terms = desk.json("ledger", "get")["ledger"]["terms"]
    assert terms["own_account"]["account_number"] == "******09" and terms["advance_refunds"]
    desk.run("terms", "set", "--payout-return-days", 0)
    found = titles(desk.run("ledger", "get"))
    assert found["payout return days"] == "30" and found["advance refunds"] == "yes"
    assert found["account number"] == "******09"
    desk.run("terms", "set", "--own-name", "Mall", "--no-own-account", status=2)
    desk.run("terms", "set", status=2)
    desk.run("terms", "set", "--no-own-account", "--no-advance-refunds")
    terms = desk.json("ledger", "get")["ledger"]["terms"]
    assert "own_account" not in terms and not terms.get("advance_refunds")
    said = desk.run("terms", "set", "--payout-return-days", 367, status=2)
    assert "payout_return_days" in said


# ---- fees ----

def test_fee_rules(desk):
    accounts = [int(desk.json("fee-account", "open", "--purpose", purpose)["account_id"])
                for purpose in ("bank", "platform")]
    made = desk.set_rule(
        "std", "--tier", "flat=1.00", "--tier", "from=1000.00", "--tier",
        "from=2000,rate=0.6%,min=0.10,max=25.00,flat=0.50", "--share", f"{accounts[0]}:70%",
        "--share", f"{accounts[1]}:300000ppm")
    assert int(made["fee_rule_id"]) > 0
    rule = desk.json("fee-rule", "get", "--name", "std")["fee_rule"]
    assert rule["version"] == 1 and rule["rounding"] == "FEE_ROUNDING_HALF_UP"
    assert [(int(tier["from_minor"]), int(tier["flat_minor"]), int(tier["rate_ppm"]),
             int(tier["minimum_minor"]), int(tier["maximum_minor"])) for tier in rule["tiers"]] == [
                 (0, 100, 0, 0, 0), (100_000, 0, 0, 0, 0), (200_000, 50, 6000, 10, 2500)]
    assert [(int(share["account_id"]), int(share["share_ppm"])) for share in rule["shares"]] == [
        (accounts[0], 700_000), (accounts[1], 300_000)]

    said = desk.run("fee-rule", "get", "--name", "std", "--version", 1)
    for part in ("0.6%", "70%", "no limit", "25.00", DATE):
        assert part in said
    quote = titles(desk.run("fee", "quote", "--rule", "std", "--amount", "3000"))
    assert quote["fee (CNY)"] == "18.50" and quote["fee rule version"] == "1"
    legs = desk.json("fee", "quote", "--rule", "std", "--amount", "3000.00")["legs"]
    assert [int(leg["amount_minor"]) for leg in legs] == [1295, 555]

    desk.set_rule("std", "--tier", "flat=200", "--minor")
    desk.set_rule("other", "--tier", "rate=1%")
    table = rows(desk.run("fee-rule", "list"))
    assert table[0][1:4] == ["name", "version", "effective date"]
    assert [row[1:3] for row in table[1:]] == [["std", "1"], ["std", "2"], ["other", "1"]]
    assert [row[-2:] for row in table[1:]] == [["3", "2"], ["1", "0"], ["1", "0"]]
    desk.refused("fee_rule_date_too_early", "fee-rule", "set", "--name", "std", "--effective",
                 "2024-02-28", "--tier", "flat=1", "--rounding", "up", "--refund", "none",
                 "--on-payout-failed", "back", "--on-payout-returned", "kept")
    assert "not_found" in desk.run("fee-rule", "get", "--name", "none", status=1).lower()


@pytest.mark.parametrize("words, said", [
    (["--tier", "0:1.00"], "write from=AMOUNT, flat=AMOUNT, rate=0.6%"),
    (["--tier", "rate=6000"], "rate=0.6% or rate=6000ppm"),
    (["--tier", "flat=1.005"], "with at most 2 decimals"),
    (["--tier", "flat=1", "--share", "12:70"], "12:70% or 12:700000ppm"),
    (["--tier", "flat=1", "--rounding", "sideways"], "half_up, up or down"),
    (["--tier", "flat=1"] * 9, "--tier can be given 8 times at most"),
])
def test_fee_rules_that_are_none(desk, words, said):
    usual = ["--name", "std", "--effective", DATE, "--rounding", "up", "--refund", "none",
             "--on-payout-failed", "back", "--on-payout-returned", "kept"]
    assert said in desk.run("fee-rule", "set", *usual, *words, status=2)


def test_fees_are_collected(desk):
    desk.set_rule("std", "--tier", "rate=1%")
    said = desk.run("pay", "--from", desk.payer, "--payee", f"{desk.shop}:58.00", "--fee-rule",
                    "std")
    assert "fee 0.58 CNY, by version 1 of the rule" in said
    desk.refused("insufficient_fee", "fees", "collect", "--amount", "0.59", "--rule", "std")
    desk.refused("fee_account_not_found", "fees", "collect", "--amount", "0.50", "--rule", "std",
                 "--account", desk.shop)
    desk.run("fees", "collect", "--amount", "0.50", "--rule", "std", "--remark", "November")
    assert desk.available(desk.control.fee_account_id, desk.control.platform_own_account_id) == [
        8, 50]
    desk.run("fee", "--account", desk.shop, "--amount", "2.00")
    assert desk.available(desk.control.fee_account_id) == [208]


# ---- pay, refund, reverse ----

def test_pay_to_many(desk):
    desk.set_rule("std", "--tier", "rate=1%")
    said = desk.run("pay", "--from", desk.payer, "--payee", f"{desk.shop}:50.00", "--payee",
                    f"{desk.courier}:8.00", "--fee-rule", "std", "--fee-bearer", "payees",
                    "--next-date", "--order", "A-1", "--remark", "two")
    assert said.startswith("accepted") and "fee 0.58 CNY" in said
    assert desk.available(desk.payer, desk.shop, desk.courier) == [94_200, 104_950, 792]
    found = titles(desk.run("account", "get", "--account", desk.shop))
    assert found["withdrawable (CNY)"] == "1,000.00"
    assert found["withdrawable next date (CNY)"] == "49.50"
    table = rows(desk.run("account", "balances", "--account", f"{desk.shop},{desk.courier}"))
    assert table[0][1:4] == ["available (CNY)", "withdrawable (CNY)",
                             "withdrawable next date (CNY)"]
    assert table[2][1:4] == ["7.92", "0.00", "7.92"]
    assert titles(desk.plain("command", "get", "--sequence", re.search(r"sequence (\d+)", said)[1])
                  )["withdrawable next date"] == "yes"
    desk.run("pay", "--from", desk.payer, "--payee", f"{desk.shop}:100", "--fee", 7, "--minor")
    assert desk.available(desk.payer) == [94_200 - 107]
    for words, text in ((["--payee", "9"], "such as 9:12.50"),
                        (["--payee", "9:1.234"], "at most 2 decimals"),
                        ([f"--payee={desk.shop}:1", "--fee-bearer", "bank"], "payer or payees"),
                        (["--payee", "9:1"] * 101, "--payee can be given 100 times at most"),
                        ([], "--payee is required")):
        assert text in desk.run("pay", "--from", desk.payer, *words, status=2)


def test_refund(desk):
    desk.set_rule("std", "--tier", "rate=1%")
    pay = desk.sequence("pay", "--from", desk.payer, "--payee", f"{desk.shop}:50.00", "--payee",
                        f"{desk.courier}:8.00", "--fee-rule", "std", "--order", "A-1")
    desk.refused("order_number_mismatch", "refund", "--original", pay, "--order", "A-2")
    desk.refused("payee_not_of_original", "refund", "--original", pay, "--order", "A-1", "--payee",
                 f"{desk.other}:1")
    desk.refused("above_rest", "refund", "--original", pay, "--order", "A-1", "--payee",
                 f"{desk.courier}:8.01")
    desk.run("refund", "--original", pay, "--order", "A-1", "--payee", f"{desk.shop}:10.00")
    assert desk.available(desk.payer, desk.shop) == [100_000 - 5858 + 1010, 104_000]
    desk.run("refund", "--original", pay, "--order", "A-1")
    assert desk.available(desk.payer, desk.shop, desk.courier) == [100_000, 100_000, 0]
    desk.refused("above_rest", "refund", "--original", pay, "--order", "A-1")


def test_debts(desk):
    own = ["--own-name", "Mall", "--own-account", "6222"]
    desk.run("terms", "set", *own, "--advance-refunds")
    desk.run("receipt", "--account", desk.control.platform_own_account_id, "--amount", "100.00",
             "--payer-name", "Mall", "--payer-account", "6222")
    pay = desk.sequence("pay", "--from", desk.payer, "--payee", f"{desk.courier}:8.00")
    desk.run("pay", "--from", desk.courier, "--payee", f"{desk.other}:6.00")
    desk.run("refund", "--original", pay)
    table = rows(desk.run("debt", "list", "--status", "open"))
    assert table[0][1:5] == ["account id", "amount (CNY)", "recovered (CNY)", "status"]
    assert table[1][1:5] == [str(desk.courier), "6.00", "0.00", "open"] and len(table) == 2
    desk.run("receipt", "--account", desk.courier, "--amount", "10.00", "--payer-name", "Li",
             "--payer-account", "1")
    assert len(rows(desk.run("debt", "list", "--status", "open"))) == 1
    debt = desk.json("debt", "list", "--account", desk.courier)["debts"][0]
    assert debt["status"] == "DEBT_STATUS_RECOVERED" and debt["recovered_minor"] == "600"
    assert desk.available(desk.courier) == [400]


def test_reverse(desk):
    pay = desk.sequence("pay", "--from", desk.payer, "--payee", f"{desk.courier}:8.00")
    said = desk.run("reverse", "--original", pay, status=2)
    assert "--reason is required" in said
    desk.run("reverse", "--original", pay, "--reason", "booked twice")
    assert desk.available(desk.payer, desk.courier) == [100_000, 0]
    desk.refused("original_reversed", "reverse", "--original", pay, "--reason", "again")


# ---- holds ----

def test_holds(desk):
    def place(amount, order="A-1", expires="+7d"):
        return int(desk.json("hold", "place", "--from", desk.payer, "--amount", amount, "--order",
                             order, "--expires", expires)["hold_id"])

    before = time.time()
    first, second = place("50.00"), place("8.00")
    hold = desk.json("hold", "get", "--hold", first)["hold"]
    week = 7 * 86400
    assert before + week - 5 < int(hold["expires_at_us"]) / 1e6 < time.time() + week + 5
    later = place("1.00", "B-1", "2199-01-01T08:00+08:00")
    assert titles(desk.run("hold", "get", "--hold", later))["expires at (UTC)"] == (
        "2199-01-01 00:00:00.000000")
    desk.refused("expiry_not_ahead", "hold", "place", "--from", desk.payer, "--amount", "1",
                 "--order", "C", "--expires", "2024-02-29 12:00")
    said = desk.run("hold", "place", "--from", desk.payer, "--amount", "1", "--order", "C",
                    "--expires", "tomorrow", status=2)
    assert "a duration from now such as +30m, +2h or +7d" in said

    desk.set_rule("std", "--tier", "rate=1%")
    said = desk.run("hold", "confirm", "--from", desk.payer, "--order", "A-1", "--payee",
                    f"{desk.shop}:40.00", "--payee", f"{desk.courier}:5.00", "--fee-rule", "std",
                    "--fee-bearer", "payees", "--next-date")
    assert "fee 0.45 CNY, by version 1 of the rule" in said
    desk.refused("hold_of_another", "hold", "confirm", "--from", desk.shop, "--order", "A-1",
                 "--hold", first, "--payee", f"{desk.courier}:1")
    desk.refused("order_number_mismatch", "hold", "confirm", "--from", desk.payer, "--order",
                 "A-2", "--hold", first, "--payee", f"{desk.courier}:1")
    desk.refused("above_rest", "hold", "confirm", "--from", desk.payer, "--order", "A-1",
                 "--payee", f"{desk.courier}:13.01")
    desk.run("hold", "cancel", "--from", desk.payer, "--order", "A-1", "--hold", second,
             "--amount", "3.00")
    desk.run("hold", "confirm", "--from", desk.payer, "--order", "A-1", "--payee",
             f"{desk.courier}:6.00", "--fee", "0.50")

    table = rows(desk.run("hold", "list", "--from", desk.payer))
    assert table[0][:7] == ["hold id", "payer account id", "order number", "amount (CNY)",
                            "confirmed (CNY)", "cancelled (CNY)", "held (CNY)"]
    assert [row[3:7] for row in table[1:]] == [
        ["50.00", "50.00", "0.00", "0.00"], ["8.00", "1.50", "3.00", "3.50"],
        ["1.00", "0.00", "0.00", "1.00"]]
    live = desk.json("hold", "list", "--status", "live", "--expires-before", "+8d")["holds"]
    assert [int(hold["hold_id"]) for hold in live] == [second]
    desk.run("hold", "cancel", "--from", desk.payer, "--order", "A-1")
    desk.refused("hold_finished", "hold", "cancel", "--from", desk.payer, "--order", "A-1",
                 "--hold", second)
    desk.refused("not_yet_due", "expire", "--kind", "hold", "--id", later)


def test_members_and_accounts_are_listed(desk):
    table = rows(desk.run("account", "list", "--kind", "member"))
    assert table[0][:4] == ["account id", "member id", "kind", "status"]
    assert [int(row[0]) for row in table[1:]] == [desk.payer, desk.shop, desk.courier, desk.other]
    assert table[1][7] == "1,000.00"
    desk.run("account", "restrict", "--account", desk.shop, "--no-out")
    found = desk.json("account", "list", "--restricted")["accounts"]
    assert [int(account["account_id"]) for account in found] == [desk.shop]
    members = desk.json("member", "list", "--status", "open")["members"]
    assert [member["platform_member_id"] for member in members] == ["U0", "U1", "U2", "U3"]
    member = members[3]["member_id"]
    owned = desk.json("account", "list", "--member", member)["accounts"]
    assert [int(account["account_id"]) for account in owned] == [desk.other]
    assert desk.json("member", "list", "--kind", "merchant")["members"] == []


def test_lists_page_by_themselves(desk):
    items = [desk.client.item("place_hold", ledger_id=desk.ledger, payer_account_id=desk.payer,
                              amount_minor=1, order_number=f"A-{number}",
                              expires_at_us=7_000_000_000_000_000) for number in range(1203)]
    holds = [result.subject_id for result in desk.client.batch(items)]
    found = [int(hold["hold_id"])
             for hold in desk.json("hold", "list", "--limit", 5000)["holds"]]
    assert found == holds
    answer = desk.json("hold", "list")
    assert [int(hold["hold_id"]) for hold in answer["holds"]] == holds[:1000]
    said = desk.run("hold", "list", "--limit", 1001)
    assert len(rows(said)) == 1 + 1001 + 1
    more, token = said.splitlines()[-1].rsplit(" ", 1)
    assert more == "more: --page-token"
    answer = desk.json("hold", "list", "--page-token", token)
    assert [int(hold["hold_id"]) for hold in answer["holds"]] == holds[1001:]
    assert answer["next_page_token"] == ""
    assert "page_token: must be" in desk.run(
        "hold", "list", "--page-token", token, "--status", "live", status=2)
    assert [int(hold["hold_id"]) for hold in desk.json("hold", "list", "--all")["holds"]] == holds
    assert desk.json("hold", "list", "--status", "expired")["holds"] == []
    assert "--limit takes 1 to" in desk.run("hold", "list", "--limit", 0, status=2)
    # Ledgers, too, whose page is the server's.
    others = [desk.client.open_platform(7000 + number).ledger_id for number in range(2)]
    answer = json.loads(desk.plain("ledger", "list", "--json"))
    found = [int(one["ledger_id"]) for one in answer["ledgers"]]
    assert found[-2:] == others
    answer = json.loads(desk.plain("ledger", "list", "--json", "--limit", len(found) - 1))
    token = answer["next_page_token"]
    said = desk.plain("ledger", "list", "--limit", len(found) - 1)
    assert said.splitlines()[-1].startswith("more: --page-token ")
    answer = json.loads(desk.plain("ledger", "list", "--json", "--page-token", token))
    assert [int(one["ledger_id"]) for one in answer["ledgers"]] == [others[1]]
    assert answer["next_page_token"] == ""


# ---- freezes ----

def test_freezes(desk):
    def place(amount, purpose, *words):
        return int(desk.json("freeze", "place", "--account", desk.shop, "--amount", amount,
                             "--purpose", purpose, *words)["freeze_id"])

    first = place("20.00", "dispute", "--expires", "+30d", "--reason", "complaint")
    place("5.00", "dispute")
    place("1.00", "audit", "--channel", "auditor")
    desk.run("hold", "place", "--from", desk.shop, "--amount", "4.00", "--order", "A-1",
             "--expires", "+1h")
    desk.run("freeze", "lift", "--freeze", first, "--amount", "8.00", "--reason", "settled")
    desk.refused("above_rest", "freeze", "lift", "--freeze", first, "--amount", "12.01")
    desk.refused("freeze_of_another", "freeze", "lift", "--freeze", first + 2)
    said = desk.run("frozen", "--account", desk.shop)
    table = rows(said)
    assert table[:3] == [["purpose", "frozen (CNY)", "freeze count"], ["audit", "1.00", "1"],
                         ["dispute", "17.00", "2"]]
    assert "frozen 22.00 CNY = holds 4.00 + freezes 18.00:  right" in said
    assert "frozen 0.00 CNY = holds 0.00 + freezes 0.00:  right" in desk.run(
        "frozen", "--account", desk.other)

    table = rows(desk.run("freeze", "list", "--purpose", "dispute", "--status", "live"))
    assert [row[2:7] for row in table[1:]] == [
        ["dispute", "vslctl", "20.00", "8.00", "12.00"],
        ["dispute", "vslctl", "5.00", "0.00", "5.00"]]
    desk.run("freeze", "lift", "--freeze", first)
    found = titles(desk.run("freeze", "get", "--freeze", first))
    assert found["status"] == "lifted" and found["owner"] == "vslctl"
    assert "expires at (UTC)" not in titles(desk.run("freeze", "get", "--freeze", first + 1))
    desk.refused("freeze_lifted", "freeze", "lift", "--freeze", first)
    desk.refused("freeze_lifted", "expire", "--kind", "freeze", "--id", first)


# ---- payouts ----

def withdraw(desk, *words, account=None):
    """Starts a payout to somebody."""
    return int(desk.json("withdraw", "--account", account or desk.shop, "--to-name", "Shop",
                         "--to-account", "6222002", *words)["payout_id"])


def test_payouts_go_through_their_states(desk):
    payout = withdraw(desk, "--amount", "50.00", "--order", "A-1")
    desk.run("payout", "sent", "--payout", payout, "--bank-reference", "B1")
    desk.refused("payout_already_sent", "payout", "intercept", "--payout", payout)
    desk.run("payout", "unknown", "--payout", payout, "--reason", "no answer")
    table = rows(desk.run("payout", "list", "--status", "unknown"))
    assert table[0][:5] == ["payout id", "account id", "amount (CNY)", "fee (CNY)", "status"]
    assert table[1][:5] == [str(payout), str(desk.shop), "50.00", "0.00", "unknown"]
    said = desk.run("payout", "paid", "--payout", payout, "--reason", "because", status=2)
    assert "unrecognized option '--reason'" in said
    assert "--reason" not in desk.plain("payout", "paid", "--help")
    desk.run("payout", "paid", "--payout", payout, "--bank-reference", "B2")
    found = titles(desk.run("payout", "get", "--payout", payout))
    assert found["status"] == "paid" and found["return until"] == "2024-03-30"
    assert found["final"] == "no" and found["order number"] == "A-1"
    said = desk.plain("command", "get", "--sequence", found["evidence sequence"])
    assert "B2" in said and f"{payout} (payout)" in said
    desk.run("payout", "returned", "--payout", payout, "--amount", "20.00", "--reason", "part")
    desk.refused("above_rest", "payout", "returned", "--payout", payout, "--amount", "30.01")
    desk.run("payout", "returned", "--payout", payout)
    found = titles(desk.run("payout", "get", "--payout", payout))
    assert found["status"] == "returned" and found["final"] == "yes"
    assert desk.available(desk.shop) == [100_000]

    payout = withdraw(desk, "--amount", "1.00")
    desk.run("payout", "failed", "--payout", payout, "--reason", "no such account")
    payout = withdraw(desk, "--amount", "1.00")
    desk.run("payout", "intercept", "--payout", payout, "--reason", "wrong")
    statuses = [row[4] for row in rows(desk.run("payout", "list", "--account", desk.shop))[1:]]
    assert statuses == ["returned", "failed", "cancelled"]
    assert rows(desk.run("payout", "list", "--account", desk.payer))[1:] == []


def test_fees_of_withdrawals_and_quotes(desk):
    desk.set_rule("out", "--tier", "flat=3.00")
    quote = desk.run("quote", "withdraw", "--account", desk.shop, "--fee-rule", "out",
                     "--fee-mode", "outside")
    found = titles(quote)
    assert found["largest amount"] == "997.00 CNY" and found["arrives"] == "997.00 CNY"
    assert found["why not more"] == "the fee outside takes a part of available"
    assert found["fee rule"] == "version 1"
    found = titles(desk.run("quote", "withdraw", "--account", desk.shop, "--fee-mode", "inside",
                            "--fee", "3.00"))
    assert found["largest amount"] == "1,000.00 CNY" and found["arrives"] == "997.00 CNY"
    assert found["why not more"].startswith("nothing of it: ")
    answer = desk.json("quote", "withdraw", "--account", desk.shop, "--fee-rule", "out",
                       "--fee-mode", "borne-by-another", "--fee-account", desk.other)
    assert answer["limit"] == "WITHDRAW_LIMIT_FEE_ACCOUNT" and answer["amount_minor"] == "0"
    desk.run("pay", "--from", desk.payer, "--payee", f"{desk.courier}:10.00", "--next-date")
    found = titles(desk.run("quote", "withdraw", "--account", desk.courier))
    assert found["largest amount"] == "0.00 CNY" and found["available"] == "10.00 CNY"
    assert found["why not more"].startswith("a part of available came in on this accounting date")

    withdraw(desk, "--amount", "100.00", "--fee-rule", "out", "--fee-mode", "outside")
    inside = withdraw(desk, "--amount", "100.00", "--fee", "3.00", "--fee-mode", "inside")
    another = withdraw(desk, "--amount", "100.00", "--fee-rule", "out", "--fee-mode",
                       "borne-by-another", "--fee-account", desk.payer)
    assert desk.available(desk.shop, desk.payer) == [100_000 - 30_300, 98_700]
    assert titles(desk.run("payout", "get", "--payout", inside))["amount (CNY)"] == "97.00"
    found = titles(desk.run("payout", "get", "--payout", another))
    assert found["fee account id"] == str(desk.payer) and found["fee (CNY)"] == "3.00"
    desk.refused("not_yet_withdrawable", "withdraw", "--account", desk.courier, "--to-name", "C",
                 "--to-account", "1", "--amount", "1.00")
    said = desk.run("withdraw", "--account", desk.shop, "--to-name", "C", "--to-account", "1",
                    "--amount", "1.00", "--fee-mode", "upside", status=2)
    assert "outside, inside or borne_by_another" in said


# ---- adjustments ----

def test_adjustments(desk):
    adjust = ("adjust", "--from", desk.shop, "--to", desk.payer, "--amount", "5.00", "--reason",
              "mistake")

    def propose(*words):
        return int(desk.json(*adjust, *words, "--channel", "alice", "--propose", "booked twice")[
            "proposal_id"])

    desk.refused("approval_needed", *adjust)
    first = propose()
    said = desk.run("proposal", "approve", "--channel", "alice", "--proposal", first, status=1)
    assert "refused: same_caller" in said
    desk.run("proposal", "approve", "--channel", "bob", "--proposal", first)
    assert desk.available(desk.shop, desk.payer) == [99_500, 100_500]
    found = titles(desk.run("proposal", "get", "--proposal", first))
    assert found["status"] == "approved" and found["kind"] == "adjust"
    second = propose()
    desk.run("proposal", "withdraw", "--channel", "alice", "--proposal", second)
    assert desk.json("adjustment", "list")["adjustments"] == []
    assert "'adjustment propose' is no subcommand" in desk.run("adjustment", "propose", status=2)


# ---- orders ----

def test_an_order_is_shown_with_its_proof(desk):
    desk.set_rule("std", "--tier", "rate=1%")
    pay = desk.sequence("pay", "--from", desk.payer, "--payee", f"{desk.shop}:50.00", "--payee",
                        f"{desk.courier}:8.00", "--fee-rule", "std", "--order", "A-1")
    desk.run("hold", "place", "--from", desk.payer, "--amount", "20.00", "--order", "A-1",
             "--expires", "+1d")
    desk.run("hold", "confirm", "--from", desk.payer, "--order", "A-1", "--payee",
             f"{desk.shop}:5.00")
    desk.run("hold", "cancel", "--from", desk.payer, "--order", "A-1", "--amount", "3.00")
    desk.run("refund", "--original", pay, "--order", "A-1", "--payee", f"{desk.shop}:10.00")
    desk.run("refund", "--original", pay, "--order", "A-1", "--payee", f"{desk.shop}:90.00",
             status=1)
    withdraw(desk, "--amount", "7.00", "--order", "A-1")
    desk.run("pay", "--from", desk.payer, "--payee", f"{desk.shop}:1", "--order", "A-2")

    said = desk.run("order", "show", "--order", "A-1")
    found = titles(said)
    assert (found["paid"], found["confirmed"], found["refunded"], found["held"],
            found["withdrawn"], found["fees"]) == (
                "78.58 CNY", "53.48 CNY", "13.10 CNY", "12.00 CNY", "7.00 CNY", "0.58 CNY")
    assert "paid 78.58 = confirmed 53.48 + refunded 13.10 + held 12.00:  right" in said
    table = rows(said)
    assert table[0] == ["sequence", "recorded at (UTC)", "accounting date", "command", "outcome",
                        "subject", "fee (CNY)", "amount (CNY)", "from", "to", "key"]
    assert table[1][2:-1] == [DATE, "pay", "accepted", f"account {desk.shop}", "0.58", "50.00",
                              str(desk.payer), str(desk.shop)]
    assert table[1][-1].startswith(f"vslctl {DATE} ")
    assert table[2] == ["8.00", str(desk.payer), str(desk.courier)]
    assert [row[3] for row in table[1:] if len(row) > 4 and row[2] == DATE] == [
        "pay", "place_hold", "confirm_hold", "cancel_hold", "refund", "refund", "withdraw"]
    assert f"{desk.payer} frozen" in said and "above_rest" in said and "7 entries" in said

    answer = desk.json("order", "show", "--order", "A-1")
    assert answer["balanced"] and answer["entry_count"] == "7" and len(answer["entries"]) == 7
    assert answer["sums"]["held_minor"] == "1200"
    assert "not_found" in desk.run("order", "show", "--order", "A-3", status=1).lower()


def test_an_order_of_many_pages(desk):
    items = [desk.client.item("pay", ledger_id=desk.ledger, payer_account_id=desk.payer,
                              payees=[(desk.shop, 1)], order_number="A-1") for _ in range(2100)]
    desk.client.batch(items)
    answer = desk.json("order", "show", "--order", "A-1")
    sequences = [int(entry["sequence"]) for entry in answer["entries"]]
    assert len(sequences) == 2100 and sequences == sorted(set(sequences))
    assert "2100 entries" in desk.run("order", "show", "--order", "A-1")


# ---- the journal ----

def test_events_and_commands_are_told_in_words(desk):
    desk.set_rule("std", "--tier", "rate=1%")
    hold = int(desk.json("hold", "place", "--from", desk.payer, "--amount", "20.00", "--order",
                         "A-1", "--expires", "+1d")["hold_id"])
    confirm = desk.sequence("hold", "confirm", "--from", desk.payer, "--order", "A-1", "--payee",
                            f"{desk.shop}:10.00", "--fee-rule", "std")
    payout = withdraw(desk, "--amount", "7.00")
    desk.run("payout", "unknown", "--payout", payout)
    lines = desk.run("events").splitlines()
    assert any(re.search(rf" place_hold +accepted +hold {hold}  order A-1 ", line)
               for line in lines)
    assert any(re.search(rf" confirm_hold +accepted +hold {hold}  order A-1  rule std version 1  "
                         r"fee 10 minor  postings 2 ", line) for line in lines), lines
    assert any(re.search(rf" confirm_payout +accepted +payout {payout} unknown ", line)
               for line in lines)
    assert any(re.search(r" set_fee_rule +accepted +fee rule \d+  rule std ", line)
               for line in lines)
    said = desk.plain("command", "get", "--sequence", str(confirm))
    found = titles(said)
    assert found["subject id"] == f"{hold} (hold)" and found["order number"] == "A-1"
    assert found["fee (CNY)"] == "0.10" and found["fee rule version"] == "1"
    assert "payees\n" in said and "postings\n" in said


def test_things_whose_time_is_over(desk):
    hold = int(desk.json("hold", "place", "--from", desk.payer, "--amount", "20.00", "--order",
                         "A-1", "--expires", "+1s")["hold_id"])
    wait_until(lambda: desk.json("hold", "get", "--hold", hold)["hold"]["status"] ==
               "HOLD_STATUS_EXPIRED", "the hold to expire", interval_s=0.1)
    desk.refused("hold_expired", "expire", "--kind", "hold", "--id", hold)
    assert any(f"hold {hold}" in line and "key vsl " in line
               for line in desk.run("events", "--kind", "expire").splitlines())
    said = desk.run("expire", "--kind", "order", "--id", 1, status=2)
    assert ("hold, freeze, adjustment, proposal, suspense, promise, identity, card, denied, claim "
            "or feedback" in said)


def test_statements_page_by_page(desk):
    for _ in range(3):
        desk.run("pay", "--from", desk.payer, "--payee", f"{desk.shop}:1.00")
    statement = ("account", "statement", "--account", desk.payer)
    whole = rows(desk.run(*statement, "--all"))
    assert len(whole) == 1 + 4 and whole[0][:3] == [
        "sequence", "recorded at (UTC)", "accounting date"], whole
    assert len(desk.json(*statement)["lines"]) == 4
    key = re.compile(r"\S+ \d{4}-\d\d-\d\d \S+")
    assert "key" in whole[0] and all(any(map(key.fullmatch, row)) for row in whole[1:]), whole
    first = desk.run(*statement, "--limit", 2)
    token = re.search(r"^more: --page-token (\S+)$", first, re.MULTILINE).group(1)
    rest = desk.run(*statement, "--limit", 2, "--page-token", token)
    assert "more:" not in rest
    assert rows(first)[1:3] + rows(rest)[1:] == whole[1:]


# ---- batches, calls, help ----

def test_a_batch_of_every_kind(desk, tmp_path):
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    later = int((now + 3600) * 1e6)
    ledger = {"ledger_id": desk.ledger}
    commands = [
        {"set_terms": {**ledger, "payout_return_days": 5}},
        {"set_fee_rule": {**ledger, "name": "std", "effective_date": 20240229,
                          "rounding": "FEE_ROUNDING_UP", "refund": "FEE_REFUND_NONE",
                          "on_payout_failed": "PAYOUT_FEE_BACK",
                          "on_payout_returned": "PAYOUT_FEE_KEPT",
                          "tiers": [{"rate_ppm": 10_000}]}},
        {"open_fee_account": {**ledger, "purpose": "bank"}},
        {"pay": {**ledger, "payer_account_id": desk.payer, "fee_rule": "std",
                 "payees": [{"account_id": desk.shop, "amount_minor": 5800},
                            {"account_id": desk.courier, "amount_minor": 100}]}},
        {"collect_fees": {**ledger, "amount_minor": 10, "fee_rule": "std"}},
        {"place_hold": {**ledger, "payer_account_id": desk.payer, "amount_minor": 100,
                        "order_number": "A-1", "expires_at_us": later}},
        {"confirm_hold": {**ledger, "payer_account_id": desk.payer, "order_number": "A-1",
                          "payees": [{"account_id": desk.shop, "amount_minor": 40}]}},
        {"cancel_hold": {**ledger, "payer_account_id": desk.payer, "order_number": "A-1"}},
        {"place_freeze": {**ledger, "account_id": desk.shop, "amount_minor": 10,
                          "purpose": "dispute"}},
        {"lift_freeze": {**ledger, "freeze_id": 1}},
        {"withdraw": {**ledger, "account_id": desk.shop, "amount_minor": 10,
                      "destination": {"name": "Shop", "account_number": "6"}}},
        {"intercept_payout": {**ledger, "payout_id": 1}},
        {"propose": {**ledger, "expires_at_us": later, "command": {"adjust": {
            "debit_account_id": desk.shop, "amount_minor": 1, "credit_account_id": desk.payer,
            "reason": "x"}}}},
        {"withdraw_proposal": {**ledger, "proposal_id": 1}},
        {"approve": {**ledger, "proposal_id": 1}},
        {"refund": {**ledger, "original_sequence": 1}},
        {"reverse": {**ledger, "original_sequence": 1, "reason": "x"}},
        {"expire": {**ledger, "kind": "EXPIRY_KIND_HOLD", "id": 1}},
    ]
    path = tmp_path / "batch.json"
    path.write_text("".join(json.dumps(command) + "\n" for command in commands))
    table = rows(desk.plain("batch", str(path), status=1))[:len(commands) + 1]
    assert table[0][:7] == ["#", "line", "command", "outcome", "sequence", "subject", "fee (minor)"]
    assert [row[2] for row in table[1:]] == [next(iter(command)) for command in commands]
    assert [row[3] for row in table[1:]] == ["accepted"] * 14 + [
        "same_caller", "original_not_refundable", "original_not_reversible", "hold_finished"]
    assert table[4][6] == "59"


def test_a_batch_names_the_line_that_is_wrong(desk, tmp_path):
    path = tmp_path / "batch.json"
    right = json.dumps({"pay": {"ledger_id": desk.ledger, "payer_account_id": desk.payer,
                                "payees": [{"account_id": desk.shop, "amount_minor": 1}]}})
    for wrong, said in (
            ('{"pay": {"payer": 1}}', "command 2 (line 4): pay.payer: there is no such field"),
            ('{"pay": {"ledger_id": 0}}', "command 2 (line 4): pay.ledger_id: is required"),
            ("{}", "command 2 (line 4): is empty"),
            ("{", "line 5"),
            (right.replace('"amount_minor": 1', '"amount_minor": 0'),
             "command 2 (line 4): pay.payees[0].amount_minor: "),
            ('{"pay": {"key": {"channel": "a", "serial": "1"}}}',
             "command 2 (line 4): pay.key.business_date: "),
            (right[:-2] + ', "dry_run": true}}',
             "command 2 (line 4): pay.dry_run: must be left out")):
        path.write_text(f"{right}\n\n\n{wrong}\n{right}\n")
        assert said in desk.plain("batch", str(path), status=2), wrong
    path.write_text(f"[\n{right},\n{right},\n\n{{}}]\n")
    assert "command 3 (line 5): is empty" in desk.plain("batch", str(path), status=2)
    # What an option says wrongly is not the file's fault.
    path.write_text(right)
    for words in (["batch"], ["lump", "--suspense", "1"], ["settlement", "--settlement", "1"]):
        for wrong in (["--channel", "no channel"], ["--channel", "x" * 17], ["--channel", ""],
                      ["--serial", "\u0001", "--business-date", "2026-11-01"]):
            said = desk.plain(*words, *wrong, str(path), status=2)
            assert f"{wrong[0]} " in said and str(path) not in said and "line" not in said, said
    assert desk.available(desk.payer) == [100_000], "nothing of it was sent"


def test_calls_reach_every_service(desk):
    for method, request in (("FeeService/ListFeeRules", {"ledger_id": desk.ledger}),
                            ("HoldService/ListHolds", {"ledger_id": desk.ledger}),
                            ("FreezeService/ListFreezes", {"ledger_id": desk.ledger}),
                            ("CorrectionService/ListAdjustments", {"ledger_id": desk.ledger}),
                            ("vsl.v1.FundsService/ListDebts", {"ledger_id": desk.ledger})):
        json.loads(desk.plain("call", method, json.dumps(request)))
    said = desk.plain("call", "OrderService/GetOrder",
                      json.dumps({"ledger_id": desk.ledger, "order_number": "X"}), status=1)
    assert "not_found" in said.lower()


def test_every_subcommand_has_help_with_examples(tools):
    listed = tools.vslctl("--help").stdout
    names = re.findall(r"^  ([a-z-]+(?: [a-z-]+)?) {2,}[A-Z]", listed, re.MULTILINE)
    assert len(names) > 60
    for name in names:
        said = tools.vslctl(*name.split(), "--help").stdout
        assert f"vslctl {name}" in said.split("Examples:")[1], name
        # Each is taken as it stands: an option that there is not would come before --help.
        shown = said.split("Examples:")[1].replace("\\\n", " ")
        for example in re.findall(rf"^  vslctl ({name}\b.*)$", shown, re.MULTILINE):
            tools.vslctl(*shlex.split(example, comments=True), "--help")
    for name in ("check", "verify", "migrate"):
        said = tools.vslctl(name, "--help").stdout
        assert "--server" not in said and "--tls" not in said and "--timeout" not in said, name


def test_a_word_that_is_wrong_is_told_the_nearest(tools):
    for words, meant in ((["pya"], "pay"), (["pay", "--ledgre"], None), (["acount", "get"],
                         "account show"), (["hold", "plaec"], "hold place"), (["quite"], None),
                         (["acquirer", "gett"], None), (["policy", "shwo"], "policy show")):
        said = tools.vslctl(*words, status=2).stderr
        assert (f"did you mean '{meant}'?" in said) if meant else "did you mean" not in said, said
        assert said.count("\n") < 10, said
    whole = tools.vslctl("pay", "--help").stdout
    assert "4 sent and not answered" in " ".join(whole.split())
    for words in (["help", "pay"], ["pay", "-h"]):
        assert tools.vslctl(*words).stdout == whole
    assert tools.vslctl("-h").stdout == tools.vslctl("--help").stdout
    assert "4 a command was sent and not answered" in tools.vslctl("--help").stdout
    assert tools.vslctl("help", "hold", "place").stdout == \
        tools.vslctl("hold", "place", "--help").stdout
    assert "hold confirm" in tools.vslctl("help", "hold").stdout


def readme_day():
    """The commands of the day in tools/README.md, one line each, without `vslctl`."""
    text = (TOP / "tools/README.md").read_text(encoding="utf-8")
    block = re.search(r"^    vslctl ledger open .*?(?=^$)", text, re.MULTILINE | re.DOTALL).group(0)
    return re.findall(r"^ *vslctl (.*)$", block.replace("\\\n", " "), re.MULTILINE)


def test_the_readmes_day_goes_as_it_is_printed(server, tools):
    def run(*words):
        return tools.vslctl("--server", f"127.0.0.1:{server.port}", *words).stdout

    day = readme_day()
    assert len(day) > 12
    for line in day:
        said = run(*shlex.split(line))
    assert re.search(r"balanced +yes", said), said
    # The examples of the subcommands are about the same ledger.
    for name in (("receipt",), ("account", "get")):
        examples = tools.vslctl(*name, "--help").stdout.split("Examples:")[1]
        number = re.search(r"--receiving-number (\d+)", examples).group(1)
        said = run("account", "get", "--ledger", "1", "--receiving-number", number)
        assert re.search(r"account id +9\n", said), said
    examples = tools.vslctl("adjust", "--help").stdout.split("Examples:")[1]
    unallocated = re.search(r"--from (\d+) ", examples).group(1)
    said = run("account", "get", "--ledger", "1", "--account", unallocated)
    assert re.search(r"kind +unallocated", said), said


def test_refusals_say_what_to_do(desk):
    desk.run("fee-rule", "set", "--name", "late", "--effective", "2024-03-01", "--tier", "flat=1",
             "--rounding", "up", "--refund", "none", "--on-payout-failed", "back",
             "--on-payout-returned", "kept")
    pay = ("pay", "--from", desk.payer, "--payee", f"{desk.shop}:1.00")
    assert "wait for the effective_date" in desk.run(*pay, "--fee-rule", "late", status=1)
    desk.run("fee-rule", "set", "--name", "now", "--effective", DATE, "--tier", "flat=1",
             "--rounding", "up", "--refund", "none", "--on-payout-failed", "back",
             "--on-payout-returned", "kept")
    said = desk.run("fees", "collect", "--rule", "now", "--amount", "1.00", status=1)
    assert "Ask for less, or wait for new fees" in said
    # Nothing is a number, too.
    assert "  limit 0.00 CNY\n" in said, said
    tiers = [word for start in range(9) for word in ("--tier", f"from={start},flat=1")]
    said = desk.run("fee-rule", "set", "--name", "wide", "--effective", DATE, *tiers,
                    "--rounding", "up", "--refund", "none", "--on-payout-failed", "back",
                    "--on-payout-returned", "kept", status=2)
    assert "8" in said and "in others" not in said, said
