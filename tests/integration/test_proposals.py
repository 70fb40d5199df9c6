"""Four eyes: one proposes a command, another approves it, and only then it is decided.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import time

import grpc
import pytest

from books import Books
from test_callers import refusal
from waiting import wait_until

FAR = 4102444800000000


def propose(client, ledger_id, command, expires_at_us=FAR, **fields):
    """Proposes a command; the proposal's id."""
    return client.command("propose", ledger_id=ledger_id, command=client.inside(command, **fields),
                          reason="two eyes are few", expires_at_us=expires_at_us).proposal_id


def approve(client, ledger_id, proposal_id, expect="ACCEPTED", channel=None, **fields):
    """Approves a proposal."""
    fields.setdefault("key", client.key(channel=channel))
    return client.command("approve", expect, ledger_id=ledger_id, proposal_id=proposal_id, **fields)


def shown(client, ledger_id, proposal_id):
    """The proposal as it is."""
    return client.read("proposal", "GetProposal", ledger_id=ledger_id,
                       proposal_id=proposal_id).proposal


def status_of(client, ledger_id, proposal_id):
    """OPEN, APPROVED and so on."""
    number = shown(client, ledger_id, proposal_id).status
    return client.protos.proposal.ProposalStatus.Name(number).removeprefix("PROPOSAL_STATUS_")


def restart(house, client):
    """Kills the server and waits for the next one."""
    house.server.kill()
    house.server.start(serving=False)
    house.server.wait_listening()
    wait_until(lambda: client.health() == "SERVING", f"the server\n{house.server.log()}")


@pytest.fixture(name="two")
def fixture_two(house):
    """A maker who has every role but that of approvers on two channels, an approver, a shop."""
    maker = house.let_in("maker", ["front", "adapter", "operator"])
    other = house.let_in("other", ["approver", "auditor"])
    shop = maker.open_platform(6101)
    maker.command("book_receipt", ledger_id=shop.ledger_id, account_id=shop.accounts[0],
                  amount_minor=10000)
    return maker, other, shop


def test_who_sent_a_key_first_is_told_what_differs_and_nobody_else(house, two):
    """Else whoever may use the channel guesses what was sent, an account number among it."""
    maker, _, shop = two
    clerk = house.let_in("clerk", ["front"])
    key = maker.key(channel="APP")
    asked = {"key": key, "ledger_id": shop.ledger_id}
    maker.command("pay", **asked, **payment(shop, 5))
    for amount, dry_run in ((6, False), (6, True)):
        again = maker.command("pay", "KEY_CONFLICT", **asked, dry_run=dry_run,
                              **payment(shop, amount))
        assert again.result.field == "payees[0].amount_minor"
        others = clerk.command("pay", "KEY_CONFLICT", **asked, dry_run=dry_run,
                               **payment(shop, amount))
        assert others.result.field == ""
    other_kind = clerk.command("close_account", "KEY_CONFLICT", **asked,
                               account_id=shop.accounts[0])
    assert other_kind.result.field == ""


def payment(shop, amount):
    """Fields of a payment of the shop."""
    return {"payer_account_id": shop.accounts[0], "payees": [(shop.accounts[1], amount)],
            "order_number": "A-1"}


def test_who_approves_reads_whom_it_pays(house, two):
    """The plain destination is revealed to an approver, who has nothing to reveal otherwise."""
    maker, other, shop = two
    on = shop.ledger_id
    destination = maker.party("Li Si", "6222021001112345678")
    out = {"account_id": shop.accounts[0], "amount_minor": 5, "destination": destination}
    alone = maker.command("withdraw", ledger_id=on, **out).result.sequence
    paid = propose(maker, on, "pay", **payment(shop, 1))
    made = shown(other, on, propose(maker, on, "withdraw", **out))
    house.update("other", "ACTIVE", ["approver"])
    assert other.plain(on, made.proposed_sequence) == {
        (made.proposed_sequence, "destination.name"): "Li Si",
        (made.proposed_sequence, "destination.account_number"): "6222021001112345678"}
    assert other.plain(on, made.proposed_sequence, field="destination.name") == {
        (made.proposed_sequence, "destination.name"): "Li Si"}
    for sequences in ([alone], [made.proposed_sequence, alone],
                      [shown(other, on, paid).proposed_sequence]):
        refused = other.command("reveal", "NOTHING_TO_REVEAL", ledger_id=on, commands=sequences,
                                reason="curious")
        assert not refused.values
    assert refusal(other.read, "journal", "ListCommands", ledger_id=on,
                   party_name="Li Si")[0] == "PERMISSION_DENIED"
    assert refusal(maker.command, "reveal", ledger_id=on, commands=[alone],
                   reason="own") is None  # an operator
    # What was revealed to an auditor is not told again to an approver.
    house.update("other", "ACTIVE", ["auditor"])
    asked = {"ledger_id": on, "commands": [alone], "reason": "audit", "key": other.key()}
    assert len(other.command("reveal", **asked).values) == 2
    house.update("other", "ACTIVE", ["approver"])
    assert not other.command("reveal", **asked).values
    approve(other, on, made.proposal_id)


def test_a_policy_about_payments_is_about_holds_too(two):
    """What two must want is not had by a hold and its confirm, nor by the reversal of a payment."""
    maker, other, shop = two
    on = {"ledger_id": shop.ledger_id}
    maker.command("set_approval_policy", rules=[
        maker.protos.approval.ApprovalRule(kind=40, above_amount_minor=1000),
        maker.protos.approval.ApprovalRule(kind=41)], **on)
    held = {"payer_account_id": shop.accounts[0], "order_number": "H-1"}
    hold = maker.command("place_hold", amount_minor=2000, expires_at_us=FAR, **held, **on).hold_id
    confirm = {"hold_id": hold, "payees": [(shop.accounts[1], 1001)], **held}
    maker.command("confirm_hold", "APPROVAL_NEEDED", **confirm, **on)
    paid = maker.command("pay", **payment(shop, 1000), **on).result.sequence
    maker.command("reverse", "APPROVAL_NEEDED", original_sequence=paid, reason="why", **on)
    approve(other, shop.ledger_id, propose(maker, shop.ledger_id, "confirm_hold", **confirm))


def test_a_maker_who_may_no_more(house, two):
    """What he proposed is not approved while he is suspended, or without the role or the ledger."""
    maker, other, shop = two
    on = shop.ledger_id
    number = propose(maker, on, "pay", **payment(shop, 30))
    roles = ["front", "adapter", "operator"]
    for status, roles_left, ledgers in (("SUSPENDED", roles, None), ("ACTIVE", ["operator"], None),
                                        ("ACTIVE", roles, [])):
        house.update("maker", status, roles_left, ledgers=ledgers)
        refused = approve(other, on, number, "MAKER_NOT_ALLOWED")
        assert other.find_command(sequence=refused.result.sequence).kind == 86
        assert other.batch_outcomes([other.item("approve", ledger_id=on, proposal_id=number)]) == [
            "MAKER_NOT_ALLOWED"]
        assert status_of(other, on, number) == "OPEN"
    house.update("maker", "ACTIVE", ["front"], ledgers=[on])
    approve(other, on, number)
    assert status_of(other, on, number) == "APPROVED"


def test_a_payment_of_two_persons(house, two, database, tools):
    """Proposed, not by its maker approved, approved by another, and a payment like any other."""
    maker, other, shop = two
    number = propose(maker, shop.ledger_id, "pay", **payment(shop, 58))
    assert maker.balances(shop.ledger_id, shop.accounts[0])[0][0] == 10000
    open_one = shown(other, shop.ledger_id, number)
    assert (open_one.kind, open_one.amount_minor, open_one.status) == (40, 58, 1)
    assert open_one.maker_caller_id == house.ids["maker"] and not open_one.decided_sequence
    evidence = other.find_command(sequence=open_one.proposed_sequence)
    assert evidence.propose.command.pay.payees[0].amount_minor == 58
    assert not evidence.propose.command.pay.HasField("key")
    # The maker's role is not the approver's; with both he is one person still, on two channels and
    # with two certificates.
    assert refusal(approve, maker, shop.ledger_id, number)[0] == "PERMISSION_DENIED"
    assert refusal(other.command, "propose", ledger_id=shop.ledger_id, expires_at_us=FAR,
                   command=other.inside("pay", **payment(shop, 1))) == (
        "PERMISSION_DENIED",
        "FundsService.Pay needs the role front, which the caller does not have")
    house.update("maker", "ACTIVE", ["front", "adapter", "operator", "approver"])
    approve(maker, shop.ledger_id, number, "SAME_CALLER", channel="SECOND")
    refused = approve(house.client("maker"), shop.ledger_id, number, "SAME_CALLER")
    entry = other.find_command(sequence=refused.result.sequence)
    assert entry.kind == 86 and entry.approve.proposal_id == number and not entry.proposal_id

    dry = approve(other, shop.ledger_id, number, dry_run=True)
    assert dry.result.sequence == 0 and status_of(other, shop.ledger_id, number) == "OPEN"
    key = other.key()
    done = approve(other, shop.ledger_id, number, key=key)
    assert done.subject_id == shop.accounts[1]
    entry = other.find_command(sequence=done.result.sequence)
    assert (entry.kind, entry.proposal_id, entry.caller_id, entry.maker_caller_id) == (
        40, number, house.ids["other"], house.ids["maker"])
    assert entry.proposed_at_us == open_one.proposed_at_us < entry.recorded_at_us
    assert entry.key == key and entry.pay.key == key and entry.order_number == "A-1"
    assert other.find_command(key=key) == entry
    assert next(other.events(done.result.sequence)).entry == entry
    ended = shown(other, shop.ledger_id, number)
    assert (ended.status, ended.approver_caller_id, ended.approver_channel) == (
        2, house.ids["other"], "TEST")
    assert ended.decided_sequence == entry.sequence and ended.decided_at_us == entry.recorded_at_us

    # Once more with its key it is the same answer; the key is nothing else's.
    again = approve(other, shop.ledger_id, number, key=key)
    assert again.result.replayed and again.result.sequence == done.result.sequence
    assert again.subject_id == done.subject_id
    conflict = approve(other, shop.ledger_id, number + 1, "KEY_CONFLICT", key=key)
    assert conflict.result.field == "proposal_id"
    conflict = maker.command("pay", "KEY_CONFLICT", key=key, ledger_id=shop.ledger_id,
                             **payment(shop, 58))
    assert conflict.result.field == "", "it is another caller's key"
    approve(other, shop.ledger_id, number, "PROPOSAL_DECIDED")
    assert database.query(
        "select k.name, vsl.caller_of(c.body), vsl.proposal_of(c.body) from vsl.command c"
        f" join vsl.command_kind k on k.number = c.kind where sequence = {entry.sequence}") == [
            ("Pay", house.ids["other"], number)]
    restart(house, other)
    assert shown(other, shop.ledger_id, number) == ended
    assert approve(other, shop.ledger_id, number, key=key).result.replayed
    assert house.server.terminate() == 0
    tools.check_database(database.url)


def test_what_becomes_of_proposals(two):
    """Withdrawn, expired, refused by the ordinary rules, foreign, and both at once."""
    maker, other, shop = two
    on = shop.ledger_id
    withdrawn = propose(maker, on, "pay", **payment(shop, 1))
    maker.command("withdraw_proposal", ledger_id=on, proposal_id=withdrawn, reason="no")
    approve(other, on, withdrawn, "PROPOSAL_DECIDED")
    maker.command("withdraw_proposal", "PROPOSAL_DECIDED", ledger_id=on, proposal_id=withdrawn)

    expired = propose(maker, on, "pay", int((time.time() + 1.5) * 1e6), **payment(shop, 1))
    wait_until(lambda: status_of(other, on, expired) == "EXPIRED", "the proposal to end")
    approve(other, on, expired, "PROPOSAL_EXPIRED")
    maker.command("withdraw_proposal", "PROPOSAL_EXPIRED", ledger_id=on, proposal_id=expired)

    # The money is gone, comes back, and the proposal is still open.
    rich = propose(maker, on, "pay", **payment(shop, 10001))
    refused = approve(other, on, rich, "INSUFFICIENT_AVAILABLE")
    assert refused.result.limit_minor == 10000
    entry = other.find_command(sequence=refused.result.sequence)
    assert entry.kind == 40 and entry.proposal_id == rich and entry.limit_minor == 10000
    assert status_of(other, on, rich) == "OPEN"
    maker.command("book_receipt", ledger_id=on, account_id=shop.accounts[0], amount_minor=1)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        outcomes = sorted(other.protos.outcome_name(one.result.outcome) for one in pool.map(
            lambda _: approve(other, on, rich, None), range(8)))
    assert outcomes == ["ACCEPTED"] + ["PROPOSAL_DECIDED"] * 7

    # Another ledger's is not there, nor is one that nobody made.
    second = maker.open_platform(6102)
    foreign = propose(maker, second.ledger_id, "close_account", account_id=second.accounts[0])
    for number in (foreign, 1000):
        approve(other, on, number, "PROPOSAL_NOT_FOUND")
        assert refusal(shown, other, on, number) == (
            "NOT_FOUND", "proposal_id: the ledger has no proposal with this id")
    listed = other.read("proposal", "ListProposals", ledger_id=second.ledger_id).proposals
    assert [one.proposal_id for one in listed] == [foreign]
    assert not other.read("proposal", "ListProposals", ledger_id=on, status=1).proposals
    assert [one.proposal_id for one in other.read(
        "proposal", "ListProposals", ledger_id=on, status=3).proposals] == [withdrawn]
    assert [one.proposal_id for one in other.read(
        "proposal", "ListProposals", ledger_id=on, status=2).proposals] == [rich]


def test_what_is_proposed_names_what_is_old(house, two, database):
    """A refund of an old payment, a payout and a hold, whose Propose is old itself."""
    maker, other, shop = two
    on = shop.ledger_id
    account, second = shop.accounts
    paid = maker.command("pay", ledger_id=on, payer_account_id=account, payees=[(second, 500)],
                         order_number="R-1").result.sequence
    payout = maker.command("withdraw", ledger_id=on, account_id=account, amount_minor=70).payout_id
    maker.command("place_hold", ledger_id=on, payer_account_id=account, amount_minor=30,
                  order_number="H-1", expires_at_us=FAR)
    numbers = [
        propose(maker, on, "refund", original_sequence=paid, order_number="R-1",
                payees=[(second, 200)]),
        propose(maker, on, "confirm_payout", payout_id=payout, result=1),
        propose(maker, on, "cancel_hold", payer_account_id=account, order_number="H-1")]
    for _ in range(3):
        maker.batch([maker.item("book_receipt", ledger_id=on, account_id=account, amount_minor=1)
                     for _ in range(1000)])
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") > 0,
               "the first segment to be indexed")
    items = [other.item("approve", ledger_id=on, proposal_id=number) for number in numbers]
    assert other.batch_outcomes(items, dry_run=True) == ["ACCEPTED"] * 3
    restart(house, other)
    assert other.batch_outcomes(items, atomic=True) == ["ACCEPTED"] * 3
    order = other.read("order", "GetOrder", ledger_id=on, order_number="R-1")
    assert order.balanced and order.sums.refunded_minor == 200
    assert other.get_payout(on, payout).status == 2
    house.update("other", "ACTIVE", ["front", "approver"])
    bad = [other.item("approve", ledger_id=on, proposal_id=numbers[0]),
           other.item("pay", ledger_id=on, payer_account_id=account, payees=[(second, 1)])]
    assert other.batch_outcomes(bad, atomic=True) == ["PROPOSAL_DECIDED", "BATCH_ABORTED"]


def test_a_policy_is_obeyed(house, two):
    """What needs two persons and comes alone is refused, whichever way; the policy itself, too."""
    maker, other, shop = two
    on = shop.ledger_id
    account, second = shop.accounts
    rule = maker.protos.approval.ApprovalRule

    def policy(expect, *rules):
        return maker.command("set_approval_policy", expect, ledger_id=on, rules=[
            rule(kind=kind, above_amount_minor=above) for kind, above in rules])
    policy("ACCEPTED", (40, 100), (50, 50), (66, 0), (51, 60))
    read = other.read("proposal", "GetApprovalPolicy", ledger_id=on)
    assert [(one.kind, one.above_amount_minor) for one in read.rules] == [
        (40, 100), (50, 50), (66, 0), (51, 60)]
    policy("APPROVAL_NEEDED")
    pay = {"ledger_id": on, "payer_account_id": account}
    maker.command("pay", payees=[(second, 100)], **pay)
    for fields in ({"payees": [(second, 101)]}, {"payees": [(second, 100)], "fee_minor": 1}):
        for dry_run in (True, False):
            refused = maker.command("pay", "APPROVAL_NEEDED", dry_run=dry_run, **fields, **pay)
            assert refused.result.limit_minor == 100
        item = maker.item("pay", **fields, **pay)
        assert maker.batch_outcomes([item]) == ["APPROVAL_NEEDED"]
        assert maker.batch_outcomes([item, item.__class__(pay=maker.request(
            "pay", payees=[(second, 1)], **pay))], atomic=True) == [
                "APPROVAL_NEEDED", "BATCH_ABORTED"]
    payout = maker.command("withdraw", ledger_id=on, account_id=account, amount_minor=50).payout_id
    maker.command("confirm_payout", ledger_id=on, payout_id=payout, result=1)
    large = propose(maker, on, "withdraw", account_id=account, amount_minor=61,
                    destination=maker.party())
    payout = approve(other, on, large).subject_id
    refused = maker.command("confirm_payout", "APPROVAL_NEEDED", ledger_id=on, payout_id=payout,
                            result=1)
    assert refused.result.limit_minor == 60
    approve(other, on, propose(maker, on, "confirm_payout", payout_id=payout, result=1))
    # What the service does by itself needs nobody.
    freeze = maker.command("place_freeze", ledger_id=on, account_id=account, amount_minor=5,
                           purpose="p", expires_at_us=int((time.time() + 1.5) * 1e6)).freeze_id
    maker.command("lift_freeze", "APPROVAL_NEEDED", ledger_id=on, freeze_id=freeze)
    wait_until(lambda: maker.read("freeze", "GetFreeze", ledger_id=on,
                                  freeze_id=freeze).freeze.status == 3, "the freeze to end")
    approve(other, on, propose(maker, on, "set_approval_policy"))
    last = maker.command("pay", payees=[(second, 101)], **pay).result.sequence
    Books(maker.protos).add_all(other.entries(1, last))
    policy("ACCEPTED", (41, 1))
    restart(house, other)
    policy("APPROVAL_NEEDED")


def test_a_freeze_is_its_callers(house, two, database, tools):
    """By any channel and certificate of his, whoever shares one with him; also an old one."""
    maker, other, shop = two
    on, account = shop.ledger_id, shop.accounts[0]
    desk = house.let_in("desk", ["front"])

    def place():
        return maker.command("place_freeze", ledger_id=on, account_id=account, amount_minor=4,
                             purpose="p").freeze_id

    def lift(client, freeze, expect, channel):
        client.command("lift_freeze", expect, key=client.key(channel=channel), ledger_id=on,
                       freeze_id=freeze, amount_minor=1)
    numbers = [place(), place()]
    by_two = approve(other, on, propose(desk, on, "place_freeze", account_id=account,
                                        amount_minor=4, purpose="p")).subject_id
    lift(desk, numbers[0], "FREEZE_OF_ANOTHER", "TEST")
    lift(maker, numbers[0], "ACCEPTED", "SECOND")
    lift(house.client("maker"), numbers[0], "ACCEPTED", "THIRD")
    lift(maker, by_two, "FREEZE_OF_ANOTHER", "TEST")
    lift(desk, by_two, "ACCEPTED", "SECOND")
    for _ in range(3):
        maker.batch([maker.item("book_receipt", ledger_id=on, account_id=account, amount_minor=1)
                     for _ in range(1000)])
    wait_until(lambda: database.one("select count(*) from vsl.segment where state = 3") > 0,
               "the first segment to be indexed")
    restart(house, other)
    lift(desk, numbers[1], "FREEZE_OF_ANOTHER", "TEST")
    lift(maker, numbers[1], "ACCEPTED", "SECOND")
    items = [maker.item("place_freeze", ledger_id=on, account_id=account, amount_minor=4,
                        purpose="p"),
             maker.item("lift_freeze", ledger_id=on, freeze_id=by_two + 1)]
    assert maker.batch_outcomes(items, atomic=True) == ["ACCEPTED"] * 2
    assert house.server.terminate() == 0
    tools.check_database(database.url)


def test_channels_are_persons_where_no_caller_is_known(make_server, database):
    """A server that is run open: another channel is another person."""
    client = make_server(database.url).start().connect()
    shop = client.open_platform(6201)
    on = shop.ledger_id
    number = propose(client, on, "close_account", account_id=shop.accounts[0])
    approve(client, on, number, "SAME_CALLER")
    client.command("withdraw_proposal", "PROPOSAL_OF_ANOTHER", key=client.key(channel="SECOND"),
                   ledger_id=on, proposal_id=number)
    approve(client, on, number, channel="SECOND")
    entry = client.find_command(sequence=shown(client, on, number).decided_sequence)
    assert (entry.proposal_id, entry.maker_caller_id, entry.caller_id) == (number, 0, 0)


def test_what_is_wrong_is_said_when_it_is_proposed(make_server, database):
    """Every field of the command by its path, and what only an approval has."""
    client = make_server(database.url).start().connect()
    shop = client.open_platform(6301)

    def violations(inside, **fields):
        with pytest.raises(grpc.RpcError) as caught:
            client.command("propose", ledger_id=shop.ledger_id, command=inside,
                           **{"expires_at_us": FAR, **fields})
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        return caught.value.details()
    item = client.protos.funds.BatchItem
    bad = client.inside("pay", payees=[(0, 0)])
    said = violations(bad)
    assert said.startswith("command.pay.payer_account_id: "), said
    assert "command.pay.payees[0].account_id" in said or "payer_account_id" in said
    assert violations(item(pay=client.request("pay"))).startswith("command.pay.key: must be left")
    assert violations(item()).startswith("command: is required")
    assert violations(None).startswith("command: is required")
    nested = client.inside("propose", command=client.inside("pay"), expires_at_us=FAR)
    assert violations(nested).startswith("command.propose: cannot be proposed")
    two_fees = client.inside("pay", payer_account_id=7, payees=[(8, 1)], fee_minor=1, fee_rule="r")
    assert violations(two_fees).startswith("command.pay.fee_rule: excludes fee_minor")


@pytest.mark.parametrize("body, proposal", [
    ("", None), ("04", None), ("fc02", None), ("fb02", 1), ("fc02fb02", 1), ("fcff01fb8001", 64),
    ("fb8080010402", 8192), ("fbfeffffffffffffffff01", 2 ** 63 - 1),
])
def test_sql_finds_the_proposal(database, body, proposal):
    """vsl.proposal_of reads what stands before the fields of a command's body."""
    assert database.one(f"select vsl.proposal_of('\\x{body}')") == proposal


def test_vslctl_proposes_and_approves(make_server, database, tools):
    """The same at a terminal: any command, with --propose."""
    server = make_server(database.url).start()
    client = server.connect()
    shop = client.open_platform(6401)
    ledger = ("--ledger", str(shop.ledger_id))

    def vslctl(*words, status=0):
        return tools.vslctl(*words, "--server", server.target, status=status).stdout
    vslctl("policy", "set", *ledger, "--rule", "close-account", "--rule", "pay:1.00")
    # Without a rule it would be an empty policy.
    vslctl("policy", "set", *ledger, status=2)
    vslctl("policy", "set", *ledger, "--rule", "pay:1.00", "--no-rules", status=2)
    told = vslctl("policy", "show", *ledger)
    assert "close_account" in told and "1.00" in told, told
    vslctl("account", "close", *ledger, "--account", str(shop.accounts[0]), status=1)
    made = vslctl("account", "close", *ledger, "--account", str(shop.accounts[0]),
                  "--propose", "no longer used", "--propose-until", "+2d")
    assert "proposal" in made.lower(), made
    assert "close" in vslctl("proposal", "list", *ledger).lower()
    vslctl("proposal", "approve", *ledger, "--proposal", "1", "--channel", "checker")
    assert "approved" in vslctl("proposal", "get", *ledger, "--proposal", "1").lower()
    assert client.get_account(shop.ledger_id, account_id=shop.accounts[0]).status == 2
    vslctl("policy", "set", *ledger, "--no-rules", "--propose", "no more", "--propose-until", "+2d")
    vslctl("proposal", "approve", *ledger, "--proposal", "2", "--channel", "checker")
    assert "close_account" not in vslctl("policy", "show", *ledger)
