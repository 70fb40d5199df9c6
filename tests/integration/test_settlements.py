"""What payment companies pay: settlements, their lines, and what was not as promised.

SPDX-License-Identifier: Apache-2.0
"""
import grpc
import pytest

from books import Books
from test_originals import wait_indexed

DATE = 20240229
SHORT, OVER, FEE, UNKNOWN, DUPLICATE, LATE = 1, 2, 3, 4, 5, 6
BORNE, EXPECTED, CORRECTED, RETURNED, ASSIGNED = 1, 2, 3, 4, 5


class Desk:
    """A ledger with an acquirer whose fee of 3 % the platform gets, and one that keeps 1 %."""

    def __init__(self, client, prefix):
        self.client = client
        platform = client.open_platform(prefix)
        self.ledger, self.accounts = platform.ledger_id, platform.accounts
        self.control = platform.control
        for name, rate in (("three", 30000), ("one", 10000)):
            self.do("set_fee_rule", name=name, effective_date=DATE, rounding=1, refund=1,
                    on_payout_failed=1, on_payout_returned=1,
                    tiers=[client.protos.fee.FeeTier(rate_ppm=rate)])
        self.allpay = self.do("open_acquirer", name="allpay", settlement_days=1,
                              fee_rule="three", ceiling_minor=100_000).acquirer_id
        self.keeper = self.do("open_acquirer", name="keeper", fee_rule="one", keeps_fee=True,
                              ceiling_minor=100_000).acquirer_id

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def promise(self, amount, reference, acquirer=None, account=0):
        """A promise for the first account."""
        return self.do("book_promise", acquirer_id=acquirer or self.allpay, amount_minor=amount,
                       reference=reference, account_id=self.accounts[account]).promise_id

    def receive(self, amount):
        """Money that nobody asked for: its item of suspense."""
        self.do("book_receipt", "ACCEPTED_UNALLOCATED", amount_minor=amount)
        return self.list("suspense", "ListSuspense")[-1].suspense_id

    def open(self, item, count, total, acquirer=None):
        """A settlement."""
        return self.do("open_settlement", acquirer_id=acquirer or self.allpay, suspense_id=item,
                       control_count=count, control_total_minor=total).settlement_id

    def line(self, settlement, promise, gross, kept=0, **fields):
        """A line of it; the id of its difference, or 0."""
        named = {"reference": promise} if isinstance(promise, str) else {"promise_id": promise}
        return self.do("settle_line", settlement_id=settlement, gross_minor=gross,
                       kept_minor=kept, **named, **fields).difference_id

    def end(self, difference, end, expect="ACCEPTED", **fields):
        """Closes a difference."""
        self.do("close_difference", expect, difference_id=difference, ended_by=end, **fields)

    def list(self, service, method, **fields):
        """Records of a list: the open ones, where nothing else is said."""
        return self.client.list_all(service, method, ledger_id=self.ledger,
                                    **(fields or {"status": 1}))

    def balances(self, account):
        """Those of an account."""
        return self.client.read("account", "GetBalances", ledger_id=self.ledger,
                                account_ids=[account]).accounts[0].balances

    def get(self, promise_id):
        """A promise."""
        return self.client.read("acquirer", "GetPromise", ledger_id=self.ledger,
                                promise_id=promise_id).promise

    def prove(self, tools, database):
        """The books that were kept beside agree, and so does every check."""
        last = self.client.read("ledger", "GetTieOut", ledger_id=self.ledger)
        assert last.balanced
        assert last.pending_in_minor == last.channel_receivables_minor
        books = Books(self.client.protos).add_all(self.client.entries(1, last.as_of_sequence))
        books.compare_balances(self.client, self.ledger)
        books.compare_records(self.client, self.ledger)
        tools.check_database(database.url)


@pytest.fixture(name="desk")
def fixture_desk(client):
    """A ledger with acquirers."""
    return Desk(client, 6511)


def test_every_line_ends_in_one_state(server, database, tools, desk):
    """Exact, in parts, short, over, another fee, unknown, twice and after a cancel; each
    difference is closed, once; what is left goes back; a restart keeps all of it."""
    exact, parts, short, over = (desk.promise(1000, f"T-{i}") for i in range(4))
    gone = desk.promise(100, "T-4")
    desk.do("cancel_promise", promise_id=gone)
    kept = desk.promise(2000, "K-1", desk.keeper)
    item = desk.receive(9000)
    one = desk.open(item, 8, 6000)
    assert desk.line(one, "T-0", 1000) == 0
    assert desk.balances(desk.accounts[0]).available_minor == 970
    assert desk.line(one, parts, 400, partial=True) == 0
    assert desk.line(one, parts, 600) == 0
    assert desk.get(parts).status == 3 and desk.get(parts).settled_minor == 1000
    missing = desk.line(one, short, 900)
    assert desk.get(short).status == 2
    desk.do("cancel_promise", "PROMISE_DISPUTED", promise_id=short)
    much = desk.line(one, over, 1010)
    nobodys = desk.line(one, "nobody's", 50)
    twice = desk.line(one, "T-0", 1000)
    late = desk.line(one, "T-4", 100)
    two = desk.open(item, 2, 2500, desk.keeper)
    fee = desk.line(two, kept, 2000, 30)
    found = {each.difference_id: each for each in desk.list("acquirer", "ListDifferences")}
    assert {number: (each.kind, each.missing, each.amount_minor)
            for number, each in found.items()} == {
        missing: (SHORT, True, 100), much: (OVER, False, 10), nobodys: (UNKNOWN, False, 50),
        twice: (DUPLICATE, False, 1000), late: (LATE, False, 100), fee: (FEE, True, 10)}
    desk.do("settle_line", "SETTLEMENT_FULL", settlement_id=one, reference="x", gross_minor=1)
    above = desk.do("settle_line", "LINE_ABOVE_SETTLEMENT", settlement_id=two, reference="x",
                    gross_minor=531)
    assert above.result.limit_minor == 530
    rest = desk.do("close_settlement", "SETTLEMENT_INCOMPLETE", settlement_id=one)
    assert rest.result.limit_minor == 940

    server.kill()
    server.start()
    desk.client = server.connect()
    desk.do("close_settlement", "SUSPENSE_NOT_OF_SETTLEMENT", settlement_id=one, abandon=True,
            suspense_id=item + 1)
    desk.do("close_settlement", settlement_id=one, abandon=True, suspense_id=item)
    assert desk.list("suspense", "ListSuspense")[-1].open_minor == 1440
    desk.end(missing, BORNE, "APPROVAL_NEEDED")
    desk.client.by_two("close_difference", "INSUFFICIENT_PLATFORM_OWN", ledger_id=desk.ledger,
                       difference_id=missing, ended_by=BORNE)
    desk.end(missing, EXPECTED)
    assert desk.get(short).status == 1
    assert desk.line(two, nobodys and "K-9", 500) != 0
    desk.end(much, CORRECTED)
    desk.end(nobodys, ASSIGNED, promise_id=short)
    desk.end(twice, RETURNED, suspense_id=item)
    desk.end(twice, RETURNED, "DIFFERENCE_FINAL", suspense_id=item)
    desk.end(late, CORRECTED)
    desk.end(fee, CORRECTED)
    assert (desk.get(kept).status, desk.get(kept).cancelled_minor) == (3, 10)
    assert desk.get(short).open_minor == 50
    three = desk.open(item, 1, 50)
    assert desk.line(three, short, 50) == 0
    desk.do("close_settlement", settlement_id=three)
    desk.do("close_settlement", "SETTLEMENT_CLOSED", settlement_id=three)
    assert desk.balances(desk.accounts[0]).pending_in_minor == 0
    assert [each.kind for each in desk.list("acquirer", "ListDifferences")] == [UNKNOWN]
    assert len(desk.list("acquirer", "ListDifferences", settlement_id=one)) == 5
    desk.prove(tools, database)


def test_lines_in_batches(database, tools, desk):
    """As lumps: a batch of lines, of which one is refused, sent twice; each counts once."""
    for i in range(200):
        desk.promise(100 + i, f"B-{i}")
    total = sum(100 + i for i in range(200))
    item = desk.receive(total)
    settlement = desk.open(item, 200, total)
    client = desk.client
    items = [client.item("settle_line", ledger_id=desk.ledger, settlement_id=settlement,
                         reference=f"B-{i}", gross_minor=100 + i, key=client.key())
             for i in range(200)]
    first = client.batch(items[:150])
    again = client.batch(items)
    assert {client.protos.outcome_name(one.result.outcome) for one in again} == {"ACCEPTED"}
    assert [one.result.sequence for one in first] == [
        one.result.sequence for one in again[:150]]
    desk.do("close_settlement", settlement_id=settlement)
    assert desk.list("acquirer", "ListDifferences") == []
    assert desk.list("acquirer", "ListPromises") == []
    desk.prove(tools, database)


def test_what_waits_for_the_next_date_goes_along(database, tools, desk):
    """Money for the next date, given back into suspense, is so also of whom a settlement pays; what
    comes after it to the same accounts is not."""
    client = desk.client
    one, two = desk.accounts
    member = client.get_account(desk.ledger, account_id=one).member_id
    left = desk.do("open_account", member_id=member).account_id
    desk.do("book_receipt", account_id=one, amount_minor=1000)
    desk.do("pay", payer_account_id=one, payees=[(left, 1000)], withdrawable_next_date=True)
    paid = desk.do("pay", payer_account_id=left, payees=[(two, 1000)]).result.sequence
    desk.do("close_account", account_id=left)
    desk.do("refund", "ACCEPTED_UNALLOCATED", original_sequence=paid)
    item = desk.list("suspense", "ListSuspense")[-1].suspense_id
    promise = desk.promise(1010, "T-1", desk.keeper)
    desk.line(desk.open(item, 1, 1000, desk.keeper), promise, 1010, 10)
    assert desk.balances(one).available_minor == 1000
    assert desk.balances(one).withdrawable_next_date_minor == 1000
    desk.do("withdraw", "NOT_YET_WITHDRAWABLE", account_id=one, amount_minor=1)
    desk.do("allocate_suspense", suspense_id=desk.receive(700), payees=[(two, 700)])
    assert desk.balances(two).withdrawable_minor == 700
    free = desk.promise(505, "T-2", desk.keeper, 1)
    desk.line(desk.open(desk.receive(500), 1, 500, desk.keeper), free, 505, 5)
    assert desk.balances(two).withdrawable_minor == 1200
    desk.prove(tools, database)


def test_two_persons_bear_what_is_missing(database, tools, desk):
    """Who ends a difference alone gives nobody money of PLATFORM_OWN."""
    own, payer = desk.control.platform_own_account_id, desk.accounts[0]
    desk.do("book_receipt", account_id=payer, amount_minor=1000)
    desk.do("charge_fee", account_id=payer, amount_minor=900)
    desk.do("collect_fees", amount_minor=900, fee_rule="three")
    promise = desk.promise(1010, "T-1", desk.keeper, 1)
    difference = desk.line(desk.open(desk.receive(990), 1, 990, desk.keeper), promise, 1000, 10)
    end = {"ledger_id": desk.ledger, "difference_id": difference, "ended_by": BORNE}
    desk.end(difference, BORNE, "APPROVAL_NEEDED", dry_run=True)
    desk.end(difference, BORNE, "APPROVAL_NEEDED")
    item = desk.client.item("close_difference", **end)
    assert desk.client.batch_outcomes([item]) == ["APPROVAL_NEEDED"]
    assert desk.balances(own).available_minor == 900
    desk.client.by_two("close_difference", **end)
    assert desk.balances(own).available_minor == 890
    assert desk.get(promise).status == 3 and desk.balances(desk.accounts[1]).available_minor == 1000
    desk.prove(tools, database)


def test_what_is_disputed_is_late_too(desk):
    """Of whom less came than was promised, the list of the late shows the rest."""
    short, waits, gone = (desk.promise(1000, f"T-{i}") for i in range(3))
    desk.do("cancel_promise", promise_id=gone)
    desk.line(desk.open(desk.receive(900), 1, 900), short, 900)
    desk.do("cut_day", accounting_date=20240301)
    assert desk.list("acquirer", "ListPromises", late_only=True) == []
    desk.do("cut_day", accounting_date=20240302)
    late = desk.list("acquirer", "ListPromises", late_only=True)
    assert [(one.promise_id, one.open_minor) for one in late] == [(short, 100), (waits, 1000)]
    late = desk.list("acquirer", "ListPromises", late_only=True, status=2)
    assert [one.promise_id for one in late] == [short]
    assert [one.promise_id for one in desk.list("acquirer", "ListPromises")] == [waits]


def keyed_on(client, date):
    """Its keys are of the date from now on."""
    client.key = lambda serial=None, date=date, channel=None: type(client).key(
        client, serial, date, channel)


def test_lines_beside_their_opening(make_server, database, tools):
    """A line by reference in the batch that opens its settlement finds also a promise that has left
    memory; where it would have to be decided in one go, the batch is refused."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    desk = Desk(server.connect(), 6516)
    client = desk.client
    payer, payee = desk.accounts
    desk.do("book_receipt", account_id=payer, amount_minor=10**6)
    paid = [desk.promise(1000, f"OLD-{number}") for number in (1, 2, 3)]
    one = desk.open(desk.receive(3000), 3, 3000)
    for promise in paid:
        desk.line(one, promise, 1000)
    desk.do("close_settlement", settlement_id=one)
    old = 0
    for date, count in ((20240301, 1), (20240302, 2500), (20240303, 1), (20240304, 2500)):
        desk.do("cut_day", accounting_date=date)
        keyed_on(client, date)
        for at in range(0, count, 2000):
            items = [client.item("pay", ledger_id=desk.ledger, payer_account_id=payer,
                                 payees=[(payee, 1)]) for _ in range(min(2000, count - at))]
            results = client.batch(items)
            assert {one.result.outcome for one in results} == {1}
            old = old or results[0].result.sequence
    wait_indexed(database, 4)
    server.kill()
    server.start()
    client = desk.client = server.connect()
    keyed_on(client, 20240304)
    item = desk.receive(3000)

    def opening():
        return [client.item("open_settlement", ledger_id=desk.ledger, acquirer_id=desk.allpay,
                            suspense_id=item, control_count=1, control_total_minor=1000),
                client.item("settle_line", ledger_id=desk.ledger, settlement_id=one + 1,
                            reference="OLD-1", gross_minor=1000)]

    for options in ({"atomic": True}, {"dry_run": True}):
        with pytest.raises(grpc.RpcError) as failed:
            client.batch(opening(), **options)
        assert failed.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "OpenSettlement" in failed.value.details()
    assert client.batch_outcomes(opening()) == ["ACCEPTED", "ACCEPTED"]
    assert [(each.kind, each.promise_id) for each in desk.list("acquirer", "ListDifferences")] == [
        (DUPLICATE, paid[0])]

    # The same when the line is proposed, before or there, and approved there; and of any command.
    def proposed(settlement, reference):
        line = client.inside("settle_line", settlement_id=settlement, reference=reference,
                             gross_minor=1000)
        return client.item("propose", ledger_id=desk.ledger, command=line, reason="two eyes",
                           expires_at_us=4102444800000000)

    def approved(proposal):
        return client.item("approve", ledger_id=desk.ledger, proposal_id=proposal,
                           key=client.key(channel="B"))

    client.batch([proposed(one + 2, "OLD-2")])
    for items in ([opening()[0], approved(1)], [proposed(one + 1, "OLD-1"), approved(2)]):
        for options in ({"atomic": True}, {"dry_run": True}):
            with pytest.raises(grpc.RpcError) as failed:
                client.batch(items, **options)
            assert failed.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert "Approve" in failed.value.details()
    assert client.batch_outcomes([opening()[0], approved(1)]) == ["ACCEPTED", "ACCEPTED"]
    assert client.batch_outcomes([opening()[0], proposed(one + 3, "OLD-3"), approved(2)]) == [
        "ACCEPTED"] * 3
    assert [(each.kind, each.promise_id) for each in desk.list("acquirer", "ListDifferences")] == [
        (DUPLICATE, promise) for promise in paid]
    back = client.inside("refund", original_sequence=old, payees=[(payee, 1)])
    refund = client.item("propose", ledger_id=desk.ledger, command=back, reason="two eyes",
                         expires_at_us=4102444800000000)
    assert client.batch_outcomes([refund, approved(3)]) == ["ACCEPTED", "ACCEPTED"]
    tools.check_database(database.url)


def test_a_dry_run_tells_the_difference(server, tools, desk):
    """Nobody can read it: it is not there."""
    settlement = desk.open(desk.receive(5000), 5, 5000)
    promise = desk.promise(1000, "DRY-1")

    def told(named, gross, **fields):
        named = {"reference": named} if isinstance(named, str) else {"promise_id": named}
        fields |= {"settlement_id": settlement, "gross_minor": gross, **named}
        answer = desk.do("settle_line", dry_run=True, **fields)
        item = desk.client.item("settle_line", ledger_id=desk.ledger, **fields)
        results = desk.client.batch([item], dry_run=True)
        assert not answer.difference_id and results[0].difference == answer.difference
        if not answer.HasField("difference"):
            return None
        found = answer.difference
        return found.kind, found.amount_minor, found.missing, found.promise_id

    assert told(promise, 1000) is None
    assert told(promise, 400, partial=True) is None
    assert told("DRY-1", 400) == (SHORT, 600, True, promise)
    assert told(promise, 1001) == (OVER, 1, False, promise)
    assert told(promise, 1000, kept_minor=30) == (FEE, 30, True, promise)
    assert told("DRY-2", 7) == (UNKNOWN, 7, False, 0)
    shown = tools.vslctl(
        "--server", f"127.0.0.1:{server.port}", "settlement", "line", "--ledger", desk.ledger,
        "--settlement", settlement, "--reference", "DRY-1", "--gross", "4.00", "--dry-run").stdout
    assert "would open:" in shown and "short" in shown and "6.00" in shown, shown
    assert not desk.list("acquirer", "ListDifferences")
    answer = desk.do("settle_line", settlement_id=settlement, promise_id=promise, gross_minor=400)
    assert answer.difference_id and not answer.HasField("difference")
