"""Callers: their records, and what a real server lets whom do over certificates.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import functools
import json
import pathlib
import re
import shutil
import signal

import grpc
import pytest

from callers import EVERY_ROLE, House, create_caller, credentials, rights, tls_settings
from client import COMMANDS, DATE, Client
from waiting import wait_until

NO_LEDGER = 60000
PAPER = {"authority_code": "1101", "authority_name": "Court", "case_number": "17", "number": "1"}
NO_DRY_RUN = "confirm_card_amount"  # and in no batch: it is a try


def test_callers_are_recorded(make_server, database, tools):
    """Made, changed, shown, kept over a restart, and in the database with every change."""
    server = make_server(database.url).start()
    client = server.connect()
    ledger = client.open_platform(5101, accounts=0).ledger_id

    def do(command, expect, roles, ledgers=None, channels=None, **fields):
        return client.command(command, expect, **fields,
                              **rights(client.protos, roles, ledgers, channels))

    chief = create_caller(client, "chief", ["administrator"])
    front = create_caller(client, "spiffe://bank.example/front", ["front", "adapter"], [ledger],
                          ["APP", "WEB"])
    do("create_caller", "CALLER_NAME_TAKEN", ["auditor"], name="chief")
    do("create_caller", "LEDGER_NOT_FOUND", ["front"], [ledger + 1], name="else")
    do("update_caller", "LAST_ADMINISTRATOR", ["administrator"], caller_id=chief,
       status="CALLER_STATUS_SUSPENDED")
    do("update_caller", "CALLER_NOT_FOUND", ["front"], caller_id=3, status="CALLER_STATUS_ACTIVE")
    changed = do("update_caller", "ACCEPTED", ["front"], [], [], caller_id=front,
                 status="CALLER_STATUS_SUSPENDED")

    def shown():
        listed = client.list_all("caller", "ListCallers")
        one = client.read("caller", "GetCaller", caller_id=front).caller
        assert one == listed[1] and len(listed) == 2
        with pytest.raises(grpc.RpcError) as caught:
            client.read("caller", "GetCaller", caller_id=3)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        return listed

    before = shown()
    assert before[0].name == "chief" and before[0].roles.administrator and before[0].all_ledgers
    assert before[1].roles == client.protos.caller.CallerRoles(front=True)
    assert not before[1].ledgers and not before[1].any_channel
    assert before[1].changed_sequence == changed.result.sequence
    server.kill()
    server.start()
    client = server.connect()
    assert shown() == before
    do("create_caller", "CALLER_NAME_TAKEN", ["front"], name="spiffe://bank.example/front")
    assert server.terminate() == 0
    assert database.query("select caller_id, name, roles, encode(ledgers, 'hex'), channels, status"
                          " from vsl.caller_history order by sequence") == [
        (1, "chief", 256, "", "", 1),
        (2, "spiffe://bank.example/front", 3, ledger.to_bytes(8, "big").hex(), "APP,WEB", 1),
        (2, "spiffe://bank.example/front", 1, "", "", 2)]
    # Run open, nobody is named.
    assert database.one("select count(vsl.caller_of(body)) from vsl.command") == 0
    tools.check_database(database.url)


def test_vslctl_makes_and_shows_callers(make_server, database, tools):
    """The same by an administrator at a terminal."""
    server = make_server(database.url).start()
    server.connect().open_platform(5151, accounts=0)

    def vslctl(*words):
        return tools.vslctl(*words, "--server", server.target).stdout

    made = vslctl("caller", "create", "--name", "shop.example", "--roles-front", "--roles-adapter",
                  "--for-ledger", "1", "--for-channel", "APP", "--for-channel", "WEB")
    assert "caller id" in made.lower() and "1" in made, made
    vslctl("caller", "update", "--caller", "1", "--roles-auditor", "--all-ledgers",
           "--any-channel", "--status", "suspended")
    shown = vslctl("caller", "get", "--caller", "1")
    assert "shop.example" in shown and "suspended" in shown.lower(), shown
    assert "shop.example" in vslctl("caller", "list")
    assert "suspended" in vslctl("command", "get", "--sequence", "3").lower()
    # Roles: as the server tells, and where none is reached as it was built, which is said.
    built_in = tools.vslctl("role", "list", "--built-in").stdout.splitlines()
    told = vslctl("role", "list").splitlines()
    assert told[0] == "# as the server tells" and told[1:] == built_in[1:] and len(told) > 60
    assert any(line.split(None, 1) == ["CallerService.UpdateCaller", "administrator"]
               for line in told)
    rows = json.loads(vslctl("role", "list", "--json"))["methods"]
    assert [row["method"] for row in rows] == [line.split()[0] for line in told[1:]]
    said = tools.vslctl("role", "list", "--built-in", "--json").stdout
    assert rows == json.loads(said)["methods"]
    server.terminate()
    alone = tools.vslctl("role", "list", "--server", server.target)
    assert alone.stdout.splitlines() == built_in and "could not connect" in alone.stderr
    tools.vslctl("role", "list", "--callable-only", "--server", server.target, status=3)


@pytest.mark.parametrize("body, caller", [
    ("", None), ("04", None), ("0402", None), ("fc02", 1), ("fc01", -1), ("fc7e", 63),
    ("fc8001", 64), ("fc8080010402", 8192), ("fcfeffffffffffffffff01", 2 ** 63 - 1),
])
def test_sql_finds_the_caller(database, body, caller):
    """vsl.caller_of reads what stands first in a command's body."""
    assert database.one(f"select vsl.caller_of('\\x{body}')") == caller


def refusal(call, *args, **kwargs):
    """(status, message) of a call that fails; None when it does not."""
    try:
        answer = call(*args, **kwargs)
        if hasattr(answer, "__next__"):
            next(answer)
    except grpc.RpcError as error:
        return error.code().name, error.details()
    return None


def role_table(tools):
    """{method: roles} as vslctl was built with it, which the source says."""
    lines = tools.vslctl("role", "list", "--built-in").stdout.splitlines()
    assert lines[0].startswith("# as built into vslctl ")
    return {method: set(roles.split(", ")) for method, roles in
            (line.split(None, 1) for line in lines[1:])}


def test_every_method_by_every_role(house, tools):
    """A role calls the methods of its row and no others; the message names method and role."""
    table = role_table(tools)
    protos = house.server.protos
    methods = {f"{service.name}.{method.name}" for name in protos.services
               for service in getattr(protos, name).DESCRIPTOR.services_by_name.values()
               for method in service.methods}
    assert set(table) == methods - {"FundsService.SubmitBatch"}
    assert set.union(*table.values()) == set(EVERY_ROLE)
    before = house.chief.command("create_caller", name="count", dry_run=True,
                                 **rights(protos)).result.recorded_at_us
    clients = {role: house.let_in(role, [role]) for role in EVERY_ROLE if role != "administrator"}
    clients["administrator"] = house.chief
    for role, client in clients.items():
        for method, roles in table.items():
            service, name = method.split(".")
            call = getattr(getattr(client, service.removesuffix("Service").lower()), name)
            said = refusal(call, protos.message(name + "Request")(), timeout=20)
            denied = said is not None and said[0] == "PERMISSION_DENIED"
            assert denied == (role not in roles), (role, method, said)
            if denied:
                assert said[1].startswith(f"{method} needs the role "), said
                assert all(one in said[1] for one in roles), said
    # What a client is told is what was tried: the same table, and of it what it may call itself.
    def told(client, **fields):
        answer = client.read("caller", "ListRoles", **fields)
        return {row.method: {field.name for field, _ in row.roles.ListFields()}
                for row in answer.methods}
    for role, client in clients.items():
        assert told(client) == table
        assert told(client, callable_only=True) == {
            method: roles for method, roles in table.items() if role in roles}
    # A batch is as allowed as its items.
    item = house.chief.item("cut_day", ledger_id=1, accounting_date=20261102)
    for role in ("front", "auditor"):
        said = refusal(clients[role].batch, [item])
        assert said == ("PERMISSION_DENIED", "LedgerService.CutDay needs the role operator, which "
                        "the caller does not have")
    assert before is not None and "refused a call reason=ROLE_MISSING" in house.server.log()


def ledger_commands(client, shop):
    """{command: fields beside ledger_id} of something that exists in the ledger of a shop."""
    account, other = shop.accounts
    party = client.party()
    return {
        "close_ledger": {}, "cut_day": {"accounting_date": 20261102},
        "set_terms": {"payout_return_days": 5},
        "set_fee_rule": {"name": "r", "effective_date": DATE, "rounding": 1, "refund": 1,
                         "on_payout_failed": 1, "on_payout_returned": 1,
                         "tiers": [client.protos.fee.FeeTier(rate_ppm=1)]},
        "open_member": {"kind": 2, "platform_member_id": "U0"},
        "close_member": {"member_id": shop.members[0]},
        "identify_member": client.identity(shop.members[0], name="Zhang San"),
        "open_account": {"member_id": shop.members[0]},
        "close_account": {"account_id": account},
        "restrict_account": {"account_id": account, "no_in": True},
        "open_fee_account": {"purpose": "p"},
        "book_receipt": {"account_id": account, "amount_minor": 1},
        "book_interest": {"account_id": account, "amount_minor": 1},
        "charge_fee": {"account_id": account, "amount_minor": 1},
        "collect_fees": {"amount_minor": 1, "fee_rule": "r"},
        "pay": {"payer_account_id": account, "payees": [(other, 1)]},
        "refund": {"original_sequence": shop.paid},
        "allocate_suspense": {"suspense_id": shop.item, "payees": [(account, 1)]},
        "undo_allocation": {"suspense_id": shop.item, "original_sequence": shop.allocated},
        "return_suspense": {"suspense_id": shop.item, "original_sequence": shop.waiting},
        "open_lump": {"suspense_id": shop.item, "control_count": 1, "control_total_minor": 1},
        "allocate_line": {"lump_id": shop.lump, "source_order": "L", "account_id": account,
                          "amount_minor": 1},
        "close_lump": {"lump_id": shop.lump, "cancel": True},
        "adopt_suspense": {"amount_minor": 1, "reason": "r"},
        "open_acquirer": {"name": "unipay", "ceiling_minor": 9},
        "set_acquirer": {"acquirer_id": shop.acquirer, "ceiling_minor": 9},
        "book_promise": {"acquirer_id": shop.acquirer, "account_id": account, "amount_minor": 1,
                         "reference": "T-2"},
        "cancel_promise": {"promise_id": shop.promise},
        "open_settlement": {"acquirer_id": shop.acquirer, "suspense_id": shop.other_item,
                            "control_count": 1, "control_total_minor": 1},
        "settle_line": {"settlement_id": shop.settlement, "reference": "T-1", "gross_minor": 1},
        "close_settlement": {"settlement_id": shop.settlement},
        "close_difference": {"difference_id": shop.difference, "ended_by": 4,
                             "suspense_id": shop.other_item},
        "bind_card": {"member_id": shop.members[0], "kind": 1, "number": "4111111111111111",
                      "holder": "Zhang San", "mobile": "13552535506"},
        "check_card": {"card_id": shop.card, "way": 1},
        "add_denied": {"source": 1, "name": "Nobody", "reason": "r"},
        "end_denied": {"denied_id": shop.denied, "evidence": "e"},
        "decide_hit": {"hit_id": shop.hit, "decision": 1, "reason": "r", "evidence": "e"},
        "confirm_card_check": {"card_id": shop.card, "check_sequence": 1, "result": 3},
        "confirm_card_amount": {"card_id": shop.card, "amount_minor": 1},
        "unbind_card": {"card_id": shop.card, "reason": 1, "evidence": "e"},
        "replace_card": {"card_id": shop.card, "new_card_id": shop.card, "reason": 1,
                         "evidence": "e"},
        "place_claim": {"account_id": account, "authority": 1, "ground": 1, "paper": PAPER},
        "continue_claim": {"claim_id": shop.claim, "paper": PAPER},
        "release_claim": {"claim_id": shop.claim, "paper": PAPER},
        "deduct_claim": {"claim_id": shop.claim, "paper": PAPER, "payee": party},
        "open_feedback": {"paper": PAPER},
        "give_feedback": {"feedback_id": shop.feedback, "authority_code": "0", "given_by": "17"},
        "open_product": {"code": "F2", "name": "n", "kind": 1, "cash_account_id": account,
                         "unit_rounding": 1, "money_rounding": 1, "rest": 1},
        "close_product": {"product_id": shop.product},
        "subscribe": {"account_id": account, "product_id": shop.product, "amount_minor": 1},
        "redeem": {"account_id": account, "product_id": shop.product, "units": 1},
        "publish_price": {"product_id": shop.product, "price_date": DATE, "price_e8": 1,
                          "corrects_price_id": shop.price},
        "open_bank_statement": {"currency": "CNY", "from_date": DATE, "to_date": DATE,
                                "file_sha256": "0" * 64, "file_position": 2},
        "add_statement_line": {"bank_statement_id": shop.statement, "ordinal": 2,
                               "amount_minor": 1, "booking_date": DATE},
        "close_bank_statement": {"bank_statement_id": shop.statement},
        "match_statement_line": {"statement_line_id": shop.statement_line, "amount_minor": 1,
                                 "payout_id": 1, "rule": "MANUAL"},
        "undo_match": {"statement_match_id": 1},
        "withdraw": {"account_id": account, "amount_minor": 1, "destination": party},
        "confirm_payout": {"payout_id": shop.payout, "result": 1},
        "intercept_payout": {"payout_id": shop.payout},
        "place_hold": {"payer_account_id": account, "amount_minor": 1, "order_number": "O",
                       "expires_at_us": 4102444800000000},
        "confirm_hold": {"payer_account_id": account, "order_number": "H",
                         "payees": [(other, 1)]},
        "cancel_hold": {"payer_account_id": account, "order_number": "H"},
        "place_freeze": {"account_id": account, "amount_minor": 1, "purpose": "p"},
        "lift_freeze": {"freeze_id": shop.freeze},
        "expire": {"kind": 1, "id": shop.hold},
        "reverse": {"original_sequence": shop.paid, "reason": "r"},
        "propose_adjustment": {"debit_account_id": account, "credit_account_id": other,
                               "amount_minor": 1, "reason": "r",
                               "expires_at_us": 4102444800000000},
        "approve_adjustment": {"adjustment_id": 1},
        "withdraw_adjustment": {"adjustment_id": 1},
        "adjust": {"debit_account_id": account, "credit_account_id": other, "amount_minor": 1,
                   "reason": "r"},
        "set_approval_policy": {},
        "set_account_policy": {"preset": 1},
        "set_proof_policy": {},
        "grant_mandate": {"account_id": account, "payee_account_id": other,
                          "ceiling_each_minor": 1, "ceiling_total_minor": 5, "count": 5,
                          "expires_at_us": 4102444800000000, "evidence": "e"},
        "end_mandate": {"mandate_id": shop.mandate, "evidence": "e"},
        "propose": {"command": client.inside("close_account", account_id=account),
                    "expires_at_us": 4102444800000000},
        "approve": {"proposal_id": shop.proposal},
        "withdraw_proposal": {"proposal_id": shop.proposal},
        "reveal": {"commands": [shop.receipt], "reason": "r"},
    }


def ledger_reads(shop):
    """{(service, method): fields beside ledger_id} of something that exists there."""
    account, other = shop.accounts
    return {
        ("ledger", "GetLedger"): {}, ("ledger", "GetTieOut"): {},
        ("fee", "GetFeeRule"): {"name": "std"}, ("fee", "ListFeeRules"): {},
        ("fee", "QuoteFee"): {"fee_rule": "std", "amount_minor": 100},
        ("member", "GetMember"): {"member_id": shop.members[0]}, ("member", "ListMembers"): {},
        ("account", "GetAccount"): {"account_id": account}, ("account", "ListAccounts"): {},
        ("account", "GetBalances"): {"account_ids": [account, other]},
        ("account", "ListStatementLines"): {"account_id": account},
        ("funds", "GetPayout"): {"payout_id": shop.payout}, ("funds", "ListPayouts"): {},
        ("funds", "QuoteWithdraw"): {"account_id": account}, ("funds", "ListDebts"): {},
        ("hold", "GetHold"): {"hold_id": shop.hold}, ("hold", "ListHolds"): {},
        ("freeze", "GetFreeze"): {"freeze_id": shop.freeze}, ("freeze", "ListFreezes"): {},
        ("freeze", "GetFrozen"): {"account_id": account},
        ("correction", "ListAdjustments"): {},
        ("suspense", "GetSuspense"): {"suspense_id": shop.item}, ("suspense", "ListSuspense"): {},
        ("lump", "GetLump"): {"lump_id": shop.lump}, ("lump", "ListLumps"): {},
        ("acquirer", "GetAcquirer"): {"acquirer_id": shop.acquirer},
        ("acquirer", "ListAcquirers"): {},
        ("acquirer", "GetPromise"): {"promise_id": shop.promise}, ("acquirer", "ListPromises"): {},
        ("acquirer", "GetSettlement"): {"settlement_id": shop.settlement},
        ("acquirer", "ListSettlements"): {},
        ("acquirer", "GetDifference"): {"difference_id": shop.difference},
        ("acquirer", "ListDifferences"): {},
        ("bankstatement", "GetBankStatement"): {"bank_statement_id": shop.statement},
        ("bankstatement", "ListBankStatements"): {},
        ("bankstatement", "ListBankStatementLines"): {"bank_statement_id": shop.statement},
        ("bankstatement", "ListStatementMatches"): {},
        ("card", "GetCard"): {"card_id": shop.card}, ("card", "ListCards"): {},
        ("screening", "GetDenied"): {"denied_id": shop.denied}, ("screening", "ListDenied"): {},
        ("screening", "GetHit"): {"hit_id": shop.hit}, ("screening", "ListHits"): {},
        ("claim", "GetClaim"): {"claim_id": shop.claim}, ("claim", "ListClaims"): {},
        ("claim", "GetFeedback"): {"feedback_id": shop.feedback}, ("claim", "ListFeedback"): {},
        ("product", "GetProduct"): {"product_id": shop.product}, ("product", "ListProducts"): {},
        ("product", "GetPosition"): {"position_id": shop.position},
        ("product", "ListPositions"): {},
        ("product", "GetPrice"): {"price_id": shop.price}, ("product", "ListPrices"): {},
        ("proposal", "GetProposal"): {"proposal_id": shop.proposal},
        ("proposal", "ListProposals"): {}, ("proposal", "GetApprovalPolicy"): {},
        ("ledger", "GetAccountPolicy"): {},
        ("proof", "GetProofPolicy"): {}, ("mandate", "ListMandates"): {},
        ("mandate", "GetMandate"): {"mandate_id": shop.mandate},
        ("event", "StreamEvents"): {"from_sequence": 1},
        ("journal", "ListCommands"): {}, ("order", "GetOrder"): {"order_number": "H"},
    }


# How the ledger of every other method is known.
LEDGER_OTHERWISE = {
    "CorrectionService.GetAdjustment": "none can be made any more",
    "LedgerService.OpenLedger": "it has none yet",
    "LedgerService.ListLedgers": "lists the caller's",
    "CallerService.CreateCaller": "of no ledger", "CallerService.UpdateCaller": "of no ledger",
    "CallerService.GetCaller": "of no ledger", "CallerService.ListCallers": "of no ledger",
    "CallerService.ListRoles": "of no ledger",
    "FundsService.SubmitBatch": "by its items",
    "JournalService.GetCommand": "by the command that is found",
}


def fill(client, prefix):
    """A ledger with one of everything."""
    shop = client.open_platform(prefix)
    on = {"ledger_id": shop.ledger_id}
    account, other = shop.accounts
    shop.receipt = client.command("book_receipt", account_id=account, amount_minor=10000,
                                  **on).result.sequence
    shop.paid = client.command("pay", payer_account_id=account, payees=[(other, 100)],
                               **on).result.sequence
    shop.payout = client.command("withdraw", account_id=account, amount_minor=5, **on).payout_id
    shop.hold = client.command("place_hold", payer_account_id=account, amount_minor=7,
                               order_number="H", expires_at_us=4102444800000000, **on).hold_id
    shop.freeze = client.command("place_freeze", account_id=account, amount_minor=3,
                                 purpose="p", **on).freeze_id
    shop.waiting = client.command("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=9,
                                  **on).result.sequence
    shop.item = client.list_all("suspense", "ListSuspense", **on)[0].suspense_id
    shop.allocated = client.command("allocate_suspense", suspense_id=shop.item,
                                    payees=[(shop.accounts[0], 2)], **on).result.sequence
    shop.lump = client.command("open_lump", suspense_id=shop.item, control_count=2,
                               control_total_minor=2, **on).lump_id
    shop.acquirer = client.command("open_acquirer", name="allpay", ceiling_minor=100,
                                   **on).acquirer_id
    shop.promise = client.command("book_promise", acquirer_id=shop.acquirer, account_id=account,
                                  amount_minor=8, reference="T-1", **on).promise_id
    client.command("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=20, **on)
    shop.other_item = client.list_all("suspense", "ListSuspense", **on)[-1].suspense_id
    shop.settlement = client.command("open_settlement", acquirer_id=shop.acquirer,
                                     suspense_id=shop.other_item, control_count=9,
                                     control_total_minor=10, **on).settlement_id
    shop.difference = client.command("settle_line", settlement_id=shop.settlement,
                                     reference="none", gross_minor=1, **on).difference_id
    client.command("identify_member", **client.identity(shop.members[0], name="Zhang San"), **on)
    shop.card = client.command(
        "bind_card", member_id=shop.members[0], kind=1, number="5200831111111113",
        holder="Zhang San", mobile="13552535506", **on).card_id
    shop.denied = client.command("add_denied", source=1, account_number="80000000", reason="r",
                                 **on).denied_id
    payer = client.protos.common.Party(name="N", account_number="80000000")
    client.command("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=1, payer=payer, **on)
    shop.hit = client.list_all("screening", "ListHits", **on)[-1].hit_id
    shop.claim = client.command("place_claim", account_id=shop.accounts[1], authority=6, ground=1,
                                amount_minor=1, paper=PAPER, **on).claim_id
    shop.feedback = client.list_all("claim", "ListFeedback", **on)[-1].feedback_id
    shop.mandate = client.command(
        "grant_mandate", account_id=shop.accounts[0], payee_account_id=shop.accounts[1],
        ceiling_each_minor=1, ceiling_total_minor=5, count=5, expires_at_us=4102444800000000,
        evidence="e", **on).mandate_id
    shop.statement = client.command(
        "open_bank_statement", currency="CNY", from_date=DATE, to_date=DATE, file_sha256="0" * 64,
        file_position=1, control_count=2, **on).bank_statement_id
    shop.statement_line = client.command(
        "add_statement_line", bank_statement_id=shop.statement, ordinal=1, amount_minor=1,
        booking_date=DATE, **on).statement_line_id
    shop.product = client.command(
        "open_product", code="F1", name="n", kind=1, cash_account_id=shop.accounts[1],
        unit_rounding=1, money_rounding=1, rest=1, at_once=True, **on).product_id
    shop.price = client.command("publish_price", product_id=shop.product, price_date=DATE,
                                price_e8=1, **on).price_id
    shop.position = client.command("subscribe", account_id=account, product_id=shop.product,
                                   amount_minor=1, **on).position_id
    shop.proposal = client.command(
        "propose", command=client.inside("close_account", account_id=account),
        expires_at_us=4102444800000000, **on).proposal_id
    client.command("set_fee_rule", name="std", effective_date=DATE, rounding=1, refund=1,
                   on_payout_failed=1, on_payout_returned=1,
                   tiers=[client.protos.fee.FeeTier(rate_ppm=1000)], **on)
    return shop


def answer_of(call, *args, **kwargs):
    """What a call says, without the numbers that grow with every command."""
    said = refusal(call, *args, **kwargs)
    if said:
        return said
    answer = call(*args, **kwargs)
    for field in ("as_of_sequence", "journal_identity"):
        if field in answer.DESCRIPTOR.fields_by_name:
            answer.ClearField(field)
    return answer


def test_ledgers_of_others_are_not_there(house, database):
    """Whatever is named of a ledger of another's: as if there were none."""
    boss = house.let_in("boss")
    shop, own = fill(boss, 5201), fill(boss, 5202)
    neighbour = house.let_in("neighbour", ledgers=[own.ledger_id])
    count = database.one("select count(*) from vsl.command")
    reads, commands = ledger_reads(shop), ledger_commands(neighbour, shop)
    services = neighbour.protos.services
    methods = {f"{service.name}.{method.name}" for name in services
               for service in getattr(neighbour.protos, name).DESCRIPTOR.services_by_name.values()
               for method in service.methods}
    named = {f"{service.title()}Service.{method}".replace("Bankst", "BankSt")
             for service, method in [*reads, *(COMMANDS[command] for command in commands)]}
    assert methods == named | set(LEDGER_OTHERWISE) and not named & set(LEDGER_OTHERWISE)

    for (service, method), fields in reads.items():
        got, none = (answer_of(neighbour.read, service, method, ledger_id=ledger, **fields)
                     for ledger in (shop.ledger_id, NO_LEDGER))
        assert got == none, (method, got, none)
        # By the neighbour's own ledger the other's ids are not found either.
        mixed = refusal(neighbour.read, service, method, ledger_id=own.ledger_id, **fields)
        assert mixed is None or mixed[0] in ("NOT_FOUND",), (method, mixed)
        assert refusal(boss.read, service, method, ledger_id=shop.ledger_id, **fields) is None
    for command, fields in commands.items():
        for dry_run in ([False] if command == NO_DRY_RUN else [True, False]):
            got, none = (refusal(neighbour.command, command, None, ledger_id=ledger,
                                 dry_run=dry_run, **fields)
                         for ledger in (shop.ledger_id, NO_LEDGER))
            assert got == none == (
                "NOT_FOUND", "ledger_id: there is no ledger with this id"), command
        if command in ("reveal", NO_DRY_RUN):
            continue
        got = refusal(neighbour.batch, [
            neighbour.item(command, ledger_id=shop.ledger_id, **fields)])
        assert got == ("NOT_FOUND", f"items[0].{command}.ledger_id: there is no ledger with this "
                       "id"), command
    assert database.one("select count(*) from vsl.command") == count, "nothing is recorded"

    listed = neighbour.ledger.ListLedgers(neighbour.protos.ledger.ListLedgersRequest())
    assert [one.ledger_id for one in listed.ledgers] == [own.ledger_id]
    assert not listed.next_page_token
    for sequence in range(1, count + 1):
        entry = neighbour.find_command(sequence=sequence)
        assert (entry is not None) == (
            boss.find_command(sequence=sequence).ledger_id == own.ledger_id)
    seen = neighbour.entries(1, count)
    assert {entry.ledger_id for entry in seen} == {own.ledger_id}
    assert [entry.sequence for entry in seen] == [
        entry.sequence for entry in boss.entries(1, count) if entry.ledger_id == own.ledger_id]
    for ledger in (shop.ledger_id, NO_LEDGER):
        assert refusal(neighbour.events, 1, ledger_id=ledger) == (
            "NOT_FOUND", "ledger_id: there is no ledger with this id")
    assert {entry.caller_id for entry in seen} == {house.ids["boss"]}


def callers_seen(client, ledger_id, sequence):
    """Who sent the command, as each way of reading it says: a set of (id, name)."""
    order = client.find_command(sequence=sequence).order_number
    listed = client.read("journal", "ListCommands", ledger_id=ledger_id).entries
    of_order = client.read("order", "GetOrder", ledger_id=ledger_id, order_number=order).entries
    entries = [client.find_command(sequence=sequence), *client.entries(sequence, sequence),
               *(entry for entry in (*listed, *of_order) if entry.sequence == sequence)]
    assert len(entries) == 4
    return {(entry.caller_id, entry.caller_name) for entry in entries}


def test_commands_name_their_callers(house):
    """For the bank, also of one who is suspended; a platform learns neither number nor name."""
    boss = house.let_in("boss")
    front = house.let_in("front.example", ["front"])
    platform = house.let_in("mall", ["platform"])
    shop = boss.open_platform(5601)
    account, other = shop.accounts
    boss.command("book_receipt", ledger_id=shop.ledger_id, account_id=account, amount_minor=9)
    paid = front.command("pay", ledger_id=shop.ledger_id, payer_account_id=account,
                         payees=[(other, 1)], order_number="A-1").result.sequence
    for status in ("ACTIVE", "SUSPENDED"):
        house.update("front.example", status, ["front"])
        assert callers_seen(boss, shop.ledger_id, paid) == {
            (house.ids["front.example"], "front.example")}
        assert callers_seen(platform, shop.ledger_id, paid) == {(0, "")}
    # Whom the settings name has no record.
    made = boss.find_command(sequence=1)
    assert (made.caller_id, made.caller_name) == (-1, "")


def test_what_the_bank_wrote_stays_inside(house):
    """A line of a statement may name the court that a payout went to: of a claim neither the
    platform nor who acts for it hears by another way."""
    boss = house.let_in("boss")
    shop = boss.open_platform(5611)
    on = {"ledger_id": shop.ledger_id}
    made = boss.command("open_bank_statement", currency="CNY", from_date=DATE, to_date=DATE,
                        file_sha256="0" * 64, file_position=1, control_count=2, **on)
    item = {"bank_statement_id": made.bank_statement_id, "ordinal": 1, "amount_minor": -7,
            "booking_date": DATE, "bank_reference": "B-17", "remark": "court",
            "counterparty": boss.protos.common.Party(name="Court", account_number="62220001")}
    line = boss.command("add_statement_line", **item, **on).result.sequence
    proposed = boss.command(
        "propose", command=boss.inside("add_statement_line", **{**item, "ordinal": 2}),
        expires_at_us=4102444800000000, **on).result.sequence
    for role, reads in (("platform", False), ("front", False), ("reconciliation", True),
                        ("adapter", True), ("approver", True), ("auditor", True)):
        client = house.let_in(role, [role])
        listed = client.read("journal", "ListCommands", **on).entries
        for entry in (client.find_command(sequence=line), *client.entries(line, line),
                      *(entry for entry in listed if entry.sequence == line)):
            seen = entry.add_statement_line
            assert (seen.ordinal, seen.amount_minor) == (1, -7)
            assert (seen.bank_reference, seen.remark, seen.counterparty.name) == (
                ("B-17", "court", "****t") if reads else ("", "", "")), role
        assert (proposed in [entry.sequence for entry in listed]) == reads, role


def test_channels_suspension_and_renewal(house, database):
    """What changes of a caller holds at once, also on connections and streams that are open."""
    front = house.let_in("front", ["front", "adapter", "operator"], channels=["TEST", "APP"])
    shop = front.open_platform(5301)
    receipt = {"ledger_id": shop.ledger_id, "account_id": shop.accounts[0], "amount_minor": 1}
    key = front.key(channel="WEB")
    assert refusal(front.command, "book_receipt", key=key, **receipt) == (
        "PERMISSION_DENIED", "key.channel must be one of the caller's channels")
    first = front.command("book_receipt", **receipt)
    assert database.one("select vsl.caller_of(body) from vsl.command"
                        f" where sequence = {first.result.sequence}") == house.ids["front"]
    # Renewed, with the same name: the same caller, both at a time.
    renewed = house.client("front")
    renewed.command("book_receipt", **receipt)
    front.command("book_receipt", **receipt)
    stream = renewed.events(first.result.sequence)
    assert next(stream).entry.caller_id == house.ids["front"]
    house.update("front", "SUSPENDED", ["front", "adapter", "operator"], channels=["TEST"])
    for client in (front, renewed):
        # Its connections end, too: a call that is under way then is not taken, and comes again.
        said = wait_until(lambda client=client: next((
            one for one in [refusal(client.command, "book_receipt", **receipt)]
            if "GOAWAY" not in one[1]), None), "a call on a new connection")
        assert said == (
            "PERMISSION_DENIED",
            "the caller is suspended; an administrator changes that with UpdateCaller")
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED
    house.update("front", "ACTIVE", ["front", "adapter"], channels=["WEB"])
    front.command("book_receipt", key=key, **receipt)
    stranger = house.client("stranger")
    assert refusal(stranger.tie_out, shop.ledger_id)[0] == "PERMISSION_DENIED"
    assert "stranger" not in house.server.log()


def test_other_rights_end_streams(house):
    """Before the position passes what is hidden: nothing is lost to a reader who goes on."""
    boss = house.let_in("boss")
    shops = [boss.open_platform(prefix, accounts=1) for prefix in (5303, 5304)]
    ids = [shop.ledger_id for shop in shops]
    mall = house.let_in("mall", ["platform"], ledgers=ids)

    def receipts():
        return [boss.command("book_receipt", ledger_id=shop.ledger_id, amount_minor=1,
                             account_id=shop.accounts[0]).result.sequence for shop in shops]

    def ends(stream):
        """The position that the stream came to, and how it ended."""
        reached = []
        with pytest.raises(grpc.RpcError) as caught:
            for message in stream:
                reached.append(message.entry.sequence or message.reached_sequence)
        return reached[-1:], caught.value.code().name

    end = receipts()[-1]
    narrow, wide = mall.events(end + 1, ledger_id=ids[1]), mall.events(end + 1)
    kept = mall.events(end + 1, ledger_id=ids[0])
    for stream in (narrow, wide, kept):
        assert next(stream).reached_sequence == end, "it hears at once that its position is good"
    house.update("mall", "ACTIVE", ["platform"], ledgers=ids[:1])
    later = receipts()
    assert ends(narrow) == ([], "NOT_FOUND") and ends(wide) == ([], "UNAVAILABLE")
    assert mall.entries(end + 1, later[1]) == mall.entries(
        end + 1, later[1], ledger_id=ids[0]) != []
    assert refusal(mall.events, end + 1, ledger_id=ids[1])[0] == "NOT_FOUND"
    # What was the caller's all the time goes on.
    assert next(message.entry.sequence for message in kept
                if message.HasField("entry")) == later[0]
    wide = mall.events(later[1] + 1)
    assert next(wide).reached_sequence == later[1]
    house.update("mall", "ACTIVE", ["platform"], ledgers=ids)
    assert ends(wide) == ([], "UNAVAILABLE")
    # Given back, the ledger has everything from the position on that the reader had kept.
    assert [entry.sequence for entry in mall.entries(end + 1, later[1], ledger_id=ids[1])] == [
        later[1]]
    again = receipts()
    assert {entry.ledger_id for entry in mall.entries(later[1] + 1, again[1])} == set(ids)
    kept.cancel()


def test_two_channels_of_one_caller_are_one_person(house):
    """What two persons must want is not one's who has two channels."""
    maker, other = house.let_in("maker"), house.let_in("other")
    today = datetime.date.today()
    date = int(f"{today:%Y%m%d}")
    shop = maker.open_platform(5401, accounts=0, date=date)
    later = today + datetime.timedelta(days=30)
    far = {"ledger_id": shop.ledger_id, "accounting_date": int(f"{later:%Y%m%d}")}
    for client in (maker, other):
        client.key = functools.partial(client.key, date=date)
    maker.command("cut_day", "APPROVAL_NEEDED", **far)
    maker.by_two("cut_day", "SAME_CALLER", **far)
    other.command("approve", key=other.key(channel="TEST"), ledger_id=shop.ledger_id, proposal_id=1)


def test_nobody_approves_his_own_proposal(house, database):
    """Not by another channel, not in one batch, not when the proposal is an old command."""
    maker, other = house.let_in("maker"), house.let_in("other")
    shop = maker.open_platform(5402)
    account, second = shop.accounts
    maker.command("book_receipt", ledger_id=shop.ledger_id, account_id=account, amount_minor=9)
    proposal = {"ledger_id": shop.ledger_id, "expires_at_us": 4102444800000000,
                "command": maker.inside("adjust", debit_account_id=account,
                                        credit_account_id=second, amount_minor=1, reason="r")}
    ids = [maker.command("propose", **proposal).proposal_id for _ in range(2)]

    def approve(client, expect, number, channel):
        client.command("approve", expect, key=client.key(channel=channel),
                       ledger_id=shop.ledger_id, proposal_id=number)
    approve(maker, "SAME_CALLER", ids[0], "SECOND")
    items = [maker.item("propose", **proposal),
             maker.item("approve", key=maker.key(channel="SECOND"),
                        ledger_id=shop.ledger_id, proposal_id=3)]
    with pytest.raises(grpc.RpcError) as failed:
        maker.batch(items, atomic=True)
    assert failed.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert maker.batch_outcomes(items) == ["ACCEPTED", "SAME_CALLER"]
    approve(other, "ACCEPTED", ids[0], "SECOND")
    approve(other, "PROPOSAL_DECIDED", ids[0], "THIRD")
    # Its command leaves memory with the segment, the proposal stays.
    for _ in range(3):
        maker.batch([maker.item("book_receipt", ledger_id=shop.ledger_id, account_id=account,
                                amount_minor=1) for _ in range(1000)])
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") > 0,
               "the first segment to be indexed")
    approve(maker, "SAME_CALLER", ids[1], "SECOND")
    approve(other, "ACCEPTED", ids[1], "SECOND")


def test_revoked_and_expired_certificates(make_server, database, authority):
    """Who is revoked is cut and kept out, others of the same name go on; who has expired is out."""
    crl = authority.revoke()
    settings = {**tls_settings(authority, "chief"), "tls.client_crl": crl}
    server = make_server(database.url, settings)
    server.start(serving=False)
    server.wait_listening()
    house = House(server, authority)
    stolen = authority.sign("front")
    create_caller(house.chief, "front")
    thief = Client(server.protos, server.target, "TEST", credentials(authority, *stolen))
    kept = [pathlib.Path(shutil.copy(file, f"{file}.stolen")) for file in stolen]
    front = house.client("front")
    for client in (thief, front):
        assert refusal(client.read, "ledger", "ListLedgers") is None
    stream = thief.events(1)
    assert next(stream).entry.sequence == 1
    crl = authority.revoke(kept[0])
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "cut connections of revoked client certificates count=1" in server.log(),
               f"the thief to be cut\n{server.log()}")
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert refusal(thief.read, "ledger", "ListLedgers")[0] == "UNAVAILABLE"
    assert refusal(front.read, "ledger", "ListLedgers") is None
    expired = Client(server.protos, server.target, "TEST",
                     credentials(authority, *authority.sign_until("front", "20240102000000Z")))
    assert expired.health() == "UNAVAILABLE"
    # Each that is kept out is told of, in a line for many, and counted.
    wait_until(lambda: re.search(
        r'TLS handshakes failed count=\d+ reason="certificate (revoked|has expired)" failed=\d+',
        server.log()), f"a line\n{server.log()}", 20)
    # A list that cannot be read changes nothing.
    crl.write_text("no list\n")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "could not read the file of tls.client_crl" in server.log(), "a refusal")
    assert refusal(front.read, "ledger", "ListLedgers") is None
    assert refusal(thief.read, "ledger", "ListLedgers")[0] == "UNAVAILABLE"


def test_a_certificate_that_expires_ends_its_connection(make_server, database, authority):
    """Its calls may finish, its stream ends soon after, and it does not come back."""
    server = make_server(database.url, tls_settings(authority, "chief"))
    server.start(serving=False)
    server.wait_listening()
    house = House(server, authority)
    create_caller(house.chief, "front")
    front = house.client("front")
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    late = Client(server.protos, server.target, "TEST",
                  credentials(authority, *authority.sign_until("front", f"{end:%Y%m%d%H%M%SZ}")))
    stream = late.events(1)
    assert next(stream).entry.sequence == 1
    assert refusal(late.read, "ledger", "ListLedgers") is None
    wait_until(lambda: "the client's certificate has expired" in server.log(), "the end of it")
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    assert datetime.datetime.now(datetime.timezone.utc) - end < datetime.timedelta(seconds=20)
    assert refusal(late.read, "ledger", "ListLedgers")[0] == "UNAVAILABLE"
    assert refusal(front.read, "ledger", "ListLedgers") is None
