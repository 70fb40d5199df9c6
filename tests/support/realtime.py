"""realtime.py: whether answers are old, by the real-time order between answers and later requests.

One payer pays one fen at a time from one account to another, so that the state is a number: how
many payments there are. Every answer of any read tells something about it: exactly, at least, or
at most. An answer is old when it says "at most n" though more had been answered, by whichever
server and to whomever, before its request was sent. It is from the future when it says "at least n"
before the nth was sent.

SPDX-License-Identifier: Apache-2.0
"""
import bisect
import itertools
import threading
import time

import grpc

ORDER = "ORDER-OF-ALL"
# What the paying account has: more than is ever paid.
FUNDS_MINOR = 1_000_000_000
NO_LIMIT = 1 << 60
CALL_TIMEOUT_S = 20

_serials = itertools.count(1)


class Answer:
    """What one answer says: `low` payments at least and `high` at most, when it was asked for and
    when it came."""

    # pylint: disable=too-few-public-methods
    def __init__(self, what, server, times, low, high):
        self.what = what
        self.server = server
        self.asked, self.came = times
        self.low = low
        self.high = high

    def __repr__(self):
        return (f"{self.what} of {self.server}: {self.low}..{self.high}"
                f" asked {self.asked:.4f} came {self.came:.4f}")


class History:
    """Everything that was answered, by all servers."""

    def __init__(self):
        self.lock = threading.Lock()
        self.answers = []
        self.failures = {}
        self.sent = []       # when payment n was sent first, by n - 1
        self.acknowledged = []  # when it was acknowledged
        self.sequences = []  # its place in the journal

    def note(self, answer):
        """An answer has come."""
        with self.lock:
            self.answers.append(answer)

    def note_failure(self, server, code):
        """A read got a status that says nothing."""
        with self.lock:
            key = (server, code)
            self.failures[key] = self.failures.get(key, 0) + 1

    def count(self):
        """Payments that were acknowledged."""
        return len(self.acknowledged)

    def answers_of(self, server):
        """How many reads a server has answered."""
        with self.lock:
            return sum(1 for one in self.answers if one.server == server)

    def failures_of(self, server):
        """How many reads of a server got a status that says nothing."""
        with self.lock:
            return sum(count for (name, _), count in self.failures.items() if name == server)

    def old_answers(self):
        """Answers that are older than what was known before they were asked for."""
        known = [(at, number) for number, at in enumerate(self.acknowledged, 1)]
        known += [(one.came, one.low) for one in self.answers]
        known.sort()
        times = [at for at, _ in known]
        floors = list(itertools.accumulate((low for _, low in known), max))
        old = []
        for one in self.answers:
            before = bisect.bisect_left(times, one.asked)
            floor = floors[before - 1] if before else 0
            if one.high < floor:
                old.append((floor, one))
        return old

    def early_answers(self):
        """Answers that tell of payments which were not even sent when they came."""
        return [one for one in self.answers
                if one.low > bisect.bisect_left(self.sent, one.came)]


class Payer:
    """Pays one after the other, through whichever server takes it."""

    def __init__(self, history, platform):
        self.history = history
        self.platform = platform
        self.channel = f"PAY{next(_serials)}"

    def key(self, client, number):
        """The request key of payment `number`."""
        return client.key(serial=f"N{number:08d}", channel=self.channel)

    def request(self, client, number, **fields):
        """Payment `number`."""
        payer, payee = self.platform.accounts[:2]
        fields.setdefault("payees", [(payee, 1)])
        return client.request(
            "pay", ledger_id=self.platform.ledger_id, payer_account_id=payer,
            order_number=ORDER, key=self.key(client, number), **fields)

    def pay(self, client):
        """Makes the next payment; false: no answer, and the next call tries the same again."""
        history = self.history
        number = history.count() + 1
        if len(history.sent) < number:
            history.sent.append(time.monotonic())
        try:
            answer = client.funds.Pay(self.request(client, number), timeout=CALL_TIMEOUT_S)
        except grpc.RpcError:
            return False
        assert client.protos.outcome_name(answer.result.outcome) == "ACCEPTED", answer
        history.sequences.append(answer.result.sequence)
        history.acknowledged.append(time.monotonic())
        return True


class Reader:
    """Asks one server for everything that can be asked for, again and again, in a thread."""

    def __init__(self, server, client, payer):
        self.server = server
        self._client = client
        self._payer = payer
        self._history = payer.history
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.has_asked = False
        self.bugs = []

    def start(self):
        """Begins."""
        self._thread.start()
        return self

    def stop(self):
        """Ends; what it met that it should not have met fails the test here."""
        self._stop.set()
        self._thread.join(CALL_TIMEOUT_S + 30)
        assert not self._thread.is_alive(), "a reader hangs"
        assert not self.bugs, self.bugs[0]

    def _run(self):
        reads = itertools.cycle([
            self._balance, self._get_last, self._dry_run, self._statement, self._conflict,
            self._order, self._as_of, self._get_next, self._quote, self._replay, self._dry_batch])
        try:
            while not self._stop.is_set():
                self._read(next(reads))
        except Exception as error:  # pylint: disable=broad-except
            self.bugs.append(f"reader of {self.server}: {error!r}")

    def _read(self, read):
        asked = time.monotonic()
        self.has_asked = True
        number = max(1, self._history.count())
        try:
            low, high = read(number)
        except grpc.RpcError as error:
            self._history.note_failure(self.server, error.code().name)
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                raise
            self._stop.wait(0.01)
            return
        came = time.monotonic()
        self._history.note(
            Answer(read.__name__, self.server, (asked, came), low, high))

    # ---- what can be asked: each gives how many payments there are at least and at most ----

    @property
    def _ledger_id(self):
        return self._payer.platform.ledger_id

    def _balance(self, _number):
        count = self._client.available(self._ledger_id, self._payer.platform.accounts[1])
        return count, count

    def _statement(self, _number):
        page = self._client.statement_page(
            self._ledger_id, self._payer.platform.accounts[1], page_size=1,
            order="STATEMENT_ORDER_NEWEST_FIRST")
        count = page.lines[0].balance_after_minor if page.lines else 0
        return count, count

    def _order(self, _number):
        try:
            order = self._client.read(
                "order", "GetOrder", ledger_id=self._ledger_id, order_number=ORDER, page_size=1)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
            return 0, 0
        return order.entry_count, order.entry_count

    def _get(self, number):
        key = self._payer.key(self._client, number)
        found = self._client.find_command(key=key)
        return (number, NO_LIMIT) if found is not None else (0, number - 1)

    def _get_last(self, number):
        return self._get(number)

    def _get_next(self, number):
        return self._get(number + 1)

    def _outcome_of(self, request):
        answer = self._client.funds.Pay(request, timeout=CALL_TIMEOUT_S)
        return self._client.protos.outcome_name(answer.result.outcome)

    def _dry_run(self, number):
        """The payee can give back as much as it has got, and not more."""
        payer, payee = self._payer.platform.accounts[:2]
        outcome = self._outcome_of(self._client.request(
            "pay", ledger_id=self._ledger_id, payer_account_id=payee, payees=[(payer, number)],
            dry_run=True))
        assert outcome in ("ACCEPTED", "INSUFFICIENT_AVAILABLE"), outcome
        return (number, NO_LIMIT) if outcome == "ACCEPTED" else (0, number - 1)

    def _dry_batch(self, number):
        payer, payee = self._payer.platform.accounts[:2]
        outcome = self._client.batch_outcomes([self._client.item(
            "pay", ledger_id=self._ledger_id, payer_account_id=payee, payees=[(payer, number)])],
            dry_run=True, atomic=True)[0]
        assert outcome in ("ACCEPTED", "INSUFFICIENT_AVAILABLE"), outcome
        return (number, NO_LIMIT) if outcome == "ACCEPTED" else (0, number - 1)

    def _conflict(self, number):
        """The key of a payment with other content is a conflict as soon as it is there."""
        payee = self._payer.platform.accounts[1]
        outcome = self._outcome_of(self._payer.request(
            self._client, number, payees=[(payee, 2)], dry_run=True))
        assert outcome in ("ACCEPTED", "KEY_CONFLICT"), outcome
        return (number, NO_LIMIT) if outcome == "KEY_CONFLICT" else (0, number - 1)

    def _replay(self, number):
        """An acknowledged payment that is sent again is told again, not made again."""
        if number > self._history.count():
            return 0, NO_LIMIT
        answer = self._client.funds.Pay(
            self._payer.request(self._client, number), timeout=CALL_TIMEOUT_S)
        assert answer.result.replayed, f"payment {number} was made twice"
        return number, NO_LIMIT

    def _quote(self, _number):
        quote = self._client.read(
            "funds", "QuoteWithdraw", ledger_id=self._ledger_id,
            account_id=self._payer.platform.accounts[0])
        count = FUNDS_MINOR - quote.available_minor
        return count, count

    def _as_of(self, _number):
        """A list that is empty says by its position how new it is."""
        page = self._client.read("hold", "ListHolds", ledger_id=self._ledger_id)
        sequences = list(self._history.sequences)
        count = bisect.bisect_right(sequences, page.as_of_sequence)
        # Behind the last one whose place is known there may be others.
        return count, count if count < len(sequences) else NO_LIMIT
