"""What payment companies promise: pending in until it is paid or cancelled.

SPDX-License-Identifier: Apache-2.0
"""
import pytest

from books import Books
from waiting import wait_until

DATE = 20240229


class Counter:
    """A ledger with an account, and an acquirer whose fee is 3 %."""

    def __init__(self, client, prefix):
        self.client = client
        platform = client.open_platform(prefix)
        self.ledger, self.accounts = platform.ledger_id, platform.accounts
        self.fee = platform.control.fee_account_id
        self.do("set_fee_rule", name="split", effective_date=DATE, rounding=1, refund=1,
                on_payout_failed=1, on_payout_returned=1,
                tiers=[client.protos.fee.FeeTier(rate_ppm=30000)])
        self.acquirer = self.do("open_acquirer", name="allpay", settlement_days=1,
                                fee_rule="split", ceiling_minor=5000).acquirer_id

    def do(self, command, /, expect="ACCEPTED", **fields):
        """A command on the ledger."""
        return self.client.command(command, expect, ledger_id=self.ledger, **fields)

    def promise(self, amount, reference, expect="ACCEPTED", **fields):
        """The acquirer promises the first account something."""
        fields = {"account_id": self.accounts[0], **fields}
        return self.do("book_promise", expect, acquirer_id=self.acquirer, amount_minor=amount,
                       reference=reference, **fields)

    def get(self, promise_id):
        """A promise."""
        return self.client.read("acquirer", "GetPromise", ledger_id=self.ledger,
                                promise_id=promise_id).promise

    def pending(self, account):
        """What is pending in at an account."""
        answer = self.client.read("account", "GetBalances", ledger_id=self.ledger,
                                  account_ids=[account])
        return answer.accounts[0].balances.pending_in_minor

    def listed(self, **fields):
        """The ids of promises: of the open ones, where nothing else is said."""
        return [one.promise_id for one in self.client.list_all(
            "acquirer", "ListPromises", ledger_id=self.ledger, **(fields or {"status": 1}))]


@pytest.fixture(name="counter")
def fixture_counter(client):
    """A ledger with an acquirer."""
    return Counter(client, 6501)


def test_life_of_a_promise(server, client, database, tools, counter):
    """Booked, cancelled in parts, bound meanwhile, late; a restart keeps it; every check agrees."""
    account = counter.accounts[0]
    answer = counter.promise(1000, "T-1", order_number="O-1", remark="shoes")
    assert (answer.result.fee_minor, answer.result.fee_rule_version) == (30, 1)
    one = counter.get(answer.promise_id)
    assert (one.open_minor, one.fee_minor, one.kept_minor, one.status) == (1000, 30, 0, 1)
    assert one.due_date == 20240301 and not one.late and one.order_number == "O-1"
    assert counter.pending(account) == 970 and counter.pending(counter.fee) == 30
    acquirer = client.read("acquirer", "GetAcquirer", ledger_id=counter.ledger,
                           acquirer_id=counter.acquirer).acquirer
    assert counter.pending(acquirer.account_id) == -1000
    proof = client.read("ledger", "GetTieOut", ledger_id=counter.ledger)
    assert proof.balanced
    assert proof.pending_in_minor == proof.channel_receivables_minor == 1000
    counter.do("pay", "INSUFFICIENT_AVAILABLE", payer_account_id=account,
               payees=[(counter.accounts[1], 1)])
    counter.do("close_account", "ACCOUNT_NOT_EMPTY", account_id=account)

    used = counter.promise(1, "T-1", "PROMISE_REFERENCE_USED")
    assert used.result.limit_minor == answer.result.sequence
    # In a batch, too; but none that is an item of the batch itself, of which nothing is booked.
    for reference, told in (("T-1", answer.result.sequence), ("T-9", 0)):
        for options in ({"atomic": True}, {"dry_run": True}):
            results = client.batch([client.item(
                "book_promise", ledger_id=counter.ledger, acquirer_id=counter.acquirer,
                account_id=account, amount_minor=1, reference=name)
                for name in ("T-9", reference)], **options)
            assert results[1].result.limit_minor == told
    above = counter.promise(4001, "T-2", "PROMISE_ABOVE_CEILING")
    assert above.result.limit_minor == 4000
    counter.do("cancel_promise", promise_id=one.promise_id, amount_minor=400)
    assert counter.pending(account) == 582 and counter.pending(counter.fee) == 18
    rest = counter.do("cancel_promise", "ABOVE_REST", promise_id=one.promise_id, amount_minor=601)
    assert rest.result.limit_minor == 600

    server.kill()
    server.start()
    client = counter.client = server.connect()
    assert counter.get(one.promise_id).open_minor == 600
    counter.do("cut_day", accounting_date=20240301)
    assert counter.listed(late_only=True) == []
    counter.do("cut_day", accounting_date=20240302)
    assert counter.listed(late_only=True) == [one.promise_id] and counter.get(one.promise_id).late
    wait_until(lambda: counter.get(one.promise_id).told_late_at_us > 0, "it to be said")
    counter.do("cancel_promise", promise_id=one.promise_id)
    counter.do("cancel_promise", "PROMISE_FINAL", promise_id=one.promise_id)
    assert counter.listed() == [] and counter.listed(reference="T-1") == [one.promise_id]
    assert counter.listed(status="PROMISE_STATUS_CANCELLED") == [one.promise_id]
    books = Books(client.protos).add_all(client.entries(
        1, client.read("ledger", "GetTieOut", ledger_id=counter.ledger).as_of_sequence))
    books.compare_balances(client, counter.ledger)
    books.compare_records(client, counter.ledger)
    tools.check_database(database.url)


def test_a_stopped_acquirer(counter):
    """It promises nothing more, and what it promised is cancelled all the same."""
    one = counter.promise(100, "T-1").promise_id
    terms = {"acquirer_id": counter.acquirer, "ceiling_minor": 200}
    counter.do("set_acquirer", stopped=True, **terms)
    counter.promise(100, "T-2", "ACQUIRER_STOPPED")
    counter.do("cancel_promise", promise_id=one)
    counter.do("set_acquirer", keeps_fee=True, fee_rule="split", **terms)
    two = counter.get(counter.promise(100, "T-3").promise_id)
    assert (two.kept_minor, two.fee_minor, two.open_minor) == (3, 0, 97)
