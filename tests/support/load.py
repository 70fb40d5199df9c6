"""load.py: clients that send commands under recorded keys while the server is being broken, and the
proof afterwards that every acknowledged command is there exactly once, none twice, none half.

SPDX-License-Identifier: Apache-2.0
"""
import itertools
import random
import threading

import grpc

from books import Books
from client import Client, TIMEOUT_S
from masks import masked
from waiting import DEADLINE_S, wait_until

# Statuses that say nothing about whether a command happened.
UNKNOWN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN,
           grpc.StatusCode.INTERNAL, grpc.StatusCode.DEADLINE_EXCEEDED}


_numbers = itertools.count(1)


# Fields of the answers of single calls that are the ids of what a command made.
SUBJECTS = {"book_receipt": "account_id", "withdraw": "payout_id", "place_hold": "hold_id",
            "place_freeze": "freeze_id", "propose": "proposal_id", "approve": "subject_id",
            "set_fee_rule": "fee_rule_id", "return_suspense": "payout_id",
            "adopt_suspense": "suspense_id", "open_lump": "lump_id",
            "allocate_line": "account_id", "open_acquirer": "acquirer_id",
            "book_promise": "promise_id", "open_settlement": "settlement_id",
            "settle_line": "difference_id", "bind_card": "card_id",
            "add_denied": "denied_id", "place_claim": "claim_id",
            "deduct_claim": "payout_id", "open_feedback": "feedback_id",
            "open_product": "product_id", "publish_price": "price_id",
            "subscribe": "position_id",
            "open_bank_statement": "bank_statement_id",
            "add_statement_line": "statement_line_id", "match_statement_line": "statement_match_id"}


def answer_of(result, subject_id):
    """What must be the same on every answer to one request key."""
    return (result.outcome, result.sequence, result.recorded_at_us, result.accounting_date,
            subject_id, result.fee_minor, result.fee_rule_version)


def random_reference(dice):
    """A bank's number of a movement: none, a new one, or one that may be booked already."""
    none = dice.choice(["", "", "NOTPROVIDED", "NonRef", "ＮＯＮＲＥＦ "])
    return dice.choice([none, f"B-{dice.getrandbits(60)}", f"B-{dice.randrange(300)}"])


class Sent:
    """One call: its items, and its answers when they came."""

    def __init__(self, items, atomic):
        self.items = items
        self.atomic = atomic
        self.answers = None


class Load:
    """Threads that send random commands on one platform until stopped or until the server fails."""

    def __init__(self, server, platform, workers=3, seed=None, batch_max=200):
        self.server = server
        self.platform = platform
        self.seed = seed if seed is not None else random.randrange(1 << 30)
        self.sent = []
        self.failures = []
        self.payouts = []
        self._batch_max = batch_max
        # Channels of this load alone, so that the journal tells what came from it.
        self._prefix = f"L{next(_numbers)}W"
        self._prefixes = [self._prefix]
        self._bugs = []
        self._stop = threading.Event()
        self._keep_going = False
        self._threads = [threading.Thread(target=self._work, args=(index,), daemon=True)
                         for index in range(workers)]

    # ---- sending ----

    def start(self, keep_going=False):
        """Starts the clients. `keep_going`: after a failed call they connect again and go on."""
        print(f"load seed {self.seed}")
        self._keep_going = keep_going
        for thread in self._threads:
            thread.start()
        return self

    def wait_calls(self, count, deadline_s=DEADLINE_S):
        """Waits until so many more calls were answered."""
        target = self.answered() + count
        wait_until(lambda: self._bugs or self.answered() >= target,
                   f"{count} more answered calls, failures {self.failures}", deadline_s)

    def answered(self):
        """Calls that got their answers."""
        return sum(1 for call in list(self.sent) if call.answers is not None)

    def stop(self):
        """Ends the clients; what they met that they should not have met fails the test here."""
        self._stop.set()
        for thread in self._threads:
            thread.join(TIMEOUT_S + 30)
            assert not thread.is_alive(), "a client hangs"
        assert not self._bugs, self._bugs[0]
        return self

    def _work(self, index):
        dice = random.Random(self.seed * 1000 + index)
        client = Client(self.server.protos, self.server.target,
                        channel_name=f"{self._prefix}{index}")
        try:
            while not self._stop.is_set():
                if not self._send_one(client, dice) and not self._keep_going:
                    return
        except Exception as error:  # pylint: disable=broad-except
            self._bugs.append(f"client {index}: {error!r}")
        finally:
            client.close()

    def _send_one(self, client, dice):
        count = dice.choice([1, 1, 1, 10, self._batch_max])
        call = Sent([self._random_item(client, dice) for _ in range(count)],
                    atomic=count > 1 and dice.random() < 0.3)
        self.sent.append(call)
        try:
            if count == 1:
                command = call.items[0].WhichOneof("command")
                answer = client.send(command, getattr(call.items[0], command), expect=None)
                subject = getattr(answer, SUBJECTS[command]) if command in SUBJECTS else None
                call.answers = [answer_of(answer.result, subject)]
            else:
                results = client.batch(call.items, atomic=call.atomic)
                call.answers = [answer_of(one.result, one.subject_id) for one in results]
        except grpc.RpcError as error:
            self.failures.append(error.code().name)
            if error.code() not in UNKNOWN:
                raise
            self._stop.wait(0.05)
            return False
        for item, answer in zip(call.items, call.answers):
            if answer[0] < 100:
                self._note(item, answer)
        return True

    def _note(self, item, answer):
        """Takes note of what an accepted command made, for later commands."""
        if item.HasField("withdraw"):
            self.payouts.append(answer[4])

    def _random_item(self, client, dice):
        ledger_id = self.platform.ledger_id
        accounts = self.platform.accounts
        kind = dice.random()
        if kind < 0.3:
            index = dice.randrange(len(accounts))
            if dice.random() < 0.5:
                receiver = {"receiving_number": self.platform.receiving_numbers[index]}
            else:
                receiver = {"account_id": accounts[index]}
            return client.item("book_receipt", ledger_id=ledger_id,
                               amount_minor=dice.randint(1, 100_000),
                               bank_reference=random_reference(dice), **receiver)
        if kind < 0.75:
            payer, *payees = dice.sample(accounts, dice.choice([2, 2, min(4, len(accounts))]))
            return client.item("pay", ledger_id=ledger_id, payer_account_id=payer,
                               payees=[(payee, dice.randint(1, 150_000)) for payee in payees],
                               fee_minor=dice.choice([0, 0, 25]))
        if kind < 0.9 or not self.payouts:
            fee = dice.choice([0, 300])
            mode = dice.choice(["FEE_MODE_INSIDE", "FEE_MODE_OUTSIDE"]) if fee else None
            return client.item("withdraw", ledger_id=ledger_id, account_id=dice.choice(accounts),
                               amount_minor=dice.randint(301, 50_000), fee_minor=fee, fee_mode=mode)
        return client.item(
            "confirm_payout", ledger_id=ledger_id, payout_id=dice.choice(self.payouts),
            result=dice.choice(["PAYOUT_RESULT_PAID", "PAYOUT_RESULT_FAILED",
                                "PAYOUT_RESULT_RETURNED"]))

    # ---- the proof ----

    def absorb(self, load):
        """Takes over what another load has sent, to prove both at once."""
        self.sent.extend(load.sent)
        self._prefixes.extend(load._prefixes)  # pylint: disable=protected-access
        return self

    def check_atomic(self, client):
        """Of every atomic batch either each item is in the journal or none."""
        for call in self.sent:
            if call.atomic and call.answers is None:
                found = sum(1 for item in call.items
                            if client.find_command(key=_key_of(item)) is not None)
                assert found in (0, len(call.items)), f"half a batch: {found} of {len(call.items)}"

    def resend_unknown(self, client):
        """Sends again what got no answer, under the same keys; gives how many commands it was."""
        unknown = [call for call in self.sent if call.answers is None]
        for call in unknown:
            results = client.batch(call.items, atomic=call.atomic)
            call.answers = [answer_of(one.result, one.subject_id) for one in results]
        return sum(len(call.items) for call in unknown)

    def check(self, client, sample=300):
        """Every command that was sent is in the journal once, with the answer that was given.

        Call it after resend_unknown. Reads the whole event stream, lets the naive books work it out
        anew, compares every balance, and sends a sample again, which must be replayed.
        """
        last = client.tie_out(self.platform.ledger_id).as_of_sequence
        entries = client.entries(1, last)
        assert len(entries) == last, f"{len(entries)} events up to position {last}"
        books = Books(self.server.protos)
        books.know_receiving_numbers(
            dict(zip(self.platform.receiving_numbers, self.platform.accounts)))
        books.add_all(entries)
        books.compare_balances(client, self.platform.ledger_id)
        books.compare_records(client, self.platform.ledger_id)
        books.compare_orders(client, self.platform.ledger_id)
        proof = client.tie_out(self.platform.ledger_id)
        assert proof.balanced and proof.difference_minor == 0, proof

        by_key = {_key_tuple(entry.key): entry for entry in entries}
        sent_keys = set()
        for call in self.sent:
            for item, answer in zip(call.items, call.answers):
                key = _key_tuple(_key_of(item))
                sent_keys.add(key)
                entry = by_key.get(key)
                assert entry is not None, f"acknowledged and lost: {key} {answer}"
                subject = entry.subject_id if answer[4] is not None else None
                assert answer == (entry.outcome, entry.sequence, entry.recorded_at_us,
                                  entry.accounting_date, subject, entry.fee_minor,
                                  entry.fee_rule_version), f"{key}: {answer} {entry}"
                command = item.WhichOneof("command")
                sent, kind = getattr(item, command), entry.WhichOneof("request")
                if command == "approve" and kind != command:
                    # The proposed command itself, which the books compare with its proposal.
                    assert entry.proposal_id == sent.proposal_id, f"{key}: {sent} {entry}"
                else:
                    shown = getattr(entry, kind)
                    assert shown == masked(sent), f"{key}: {masked(sent)} {shown}"
        extra = [key for key in by_key
                 if key[0].startswith(tuple(self._prefixes)) and key not in sent_keys]
        assert not extra, f"in the journal though never sent: {extra[:3]}"

        dice = random.Random(self.seed)
        for call in dice.sample(self.sent, min(sample, len(self.sent))):
            results = client.batch(call.items, atomic=call.atomic)
            for answer, again in zip(call.answers, results):
                assert again.result.replayed, f"not replayed: {again}"
                subject = again.subject_id if answer[4] is not None else None
                assert answer == answer_of(again.result, subject), f"{answer} {again}"
        return entries


def _key_of(item):
    return getattr(item, item.WhichOneof("command")).key


def _key_tuple(key):
    return key.channel, key.business_date, key.serial
