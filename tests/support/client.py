"""client.py: a bank front end for tests: short calls for every command and read.

Every command takes its request key from the client's own counter, or the one given as `key`. The
answer is checked to be of the outcome that the test expects (`expect`, ACCEPTED unless said; None
takes any), so that a test reads as the day it plays.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import itertools

import grpc

DATE = 20240229
TIMEOUT_S = 150

# Message field of BatchItem and JournalEntry for each command, with its service and method.
COMMANDS = {
    "open_ledger": ("ledger", "OpenLedger"),
    "close_ledger": ("ledger", "CloseLedger"),
    "cut_day": ("ledger", "CutDay"),
    "set_terms": ("ledger", "SetTerms"),
    "set_fee_rule": ("fee", "SetFeeRule"),
    "open_member": ("member", "OpenMember"),
    "close_member": ("member", "CloseMember"),
    "identify_member": ("member", "IdentifyMember"),
    "open_account": ("account", "OpenAccount"),
    "close_account": ("account", "CloseAccount"),
    "restrict_account": ("account", "RestrictAccount"),
    "open_fee_account": ("fee", "OpenFeeAccount"),
    "book_receipt": ("funds", "BookReceipt"),
    "book_interest": ("funds", "BookInterest"),
    "charge_fee": ("funds", "ChargeFee"),
    "collect_fees": ("fee", "CollectFees"),
    "pay": ("funds", "Pay"),
    "refund": ("funds", "Refund"),
    "allocate_suspense": ("suspense", "AllocateSuspense"),
    "undo_allocation": ("suspense", "UndoAllocation"),
    "bind_card": ("card", "BindCard"),
    "check_card": ("card", "CheckCard"),
    "add_denied": ("screening", "AddDenied"),
    "end_denied": ("screening", "EndDenied"),
    "decide_hit": ("screening", "DecideHit"),
    "confirm_card_check": ("card", "ConfirmCardCheck"),
    "confirm_card_amount": ("card", "ConfirmCardAmount"),
    "unbind_card": ("card", "UnbindCard"),
    "replace_card": ("card", "ReplaceCard"),
    "place_claim": ("claim", "PlaceClaim"),
    "continue_claim": ("claim", "ContinueClaim"),
    "release_claim": ("claim", "ReleaseClaim"),
    "deduct_claim": ("claim", "DeductClaim"),
    "open_feedback": ("claim", "OpenFeedback"),
    "give_feedback": ("claim", "GiveFeedback"),
    "open_product": ("product", "OpenProduct"),
    "close_product": ("product", "CloseProduct"),
    "subscribe": ("product", "Subscribe"),
    "redeem": ("product", "Redeem"),
    "publish_price": ("product", "PublishPrice"),
    "open_bank_statement": ("bankstatement", "OpenBankStatement"),
    "add_statement_line": ("bankstatement", "AddStatementLine"),
    "close_bank_statement": ("bankstatement", "CloseBankStatement"),
    "match_statement_line": ("bankstatement", "MatchStatementLine"),
    "undo_match": ("bankstatement", "UndoMatch"),
    "open_lump": ("lump", "OpenLump"),
    "allocate_line": ("lump", "AllocateLine"),
    "close_lump": ("lump", "CloseLump"),
    "return_suspense": ("suspense", "ReturnSuspense"),
    "adopt_suspense": ("suspense", "AdoptSuspense"),
    "open_acquirer": ("acquirer", "OpenAcquirer"),
    "set_acquirer": ("acquirer", "SetAcquirer"),
    "book_promise": ("acquirer", "BookPromise"),
    "cancel_promise": ("acquirer", "CancelPromise"),
    "open_settlement": ("acquirer", "OpenSettlement"),
    "settle_line": ("acquirer", "SettleLine"),
    "close_settlement": ("acquirer", "CloseSettlement"),
    "close_difference": ("acquirer", "CloseDifference"),
    "withdraw": ("funds", "Withdraw"),
    "confirm_payout": ("funds", "ConfirmPayout"),
    "intercept_payout": ("funds", "InterceptPayout"),
    "place_hold": ("hold", "PlaceHold"),
    "confirm_hold": ("hold", "ConfirmHold"),
    "cancel_hold": ("hold", "CancelHold"),
    "place_freeze": ("freeze", "PlaceFreeze"),
    "lift_freeze": ("freeze", "LiftFreeze"),
    "expire": ("funds", "Expire"),
    "reverse": ("correction", "Reverse"),
    "propose_adjustment": ("correction", "ProposeAdjustment"),
    "approve_adjustment": ("correction", "ApproveAdjustment"),
    "withdraw_adjustment": ("correction", "WithdrawAdjustment"),
    "adjust": ("correction", "Adjust"),
    "set_account_policy": ("ledger", "SetAccountPolicy"),
    "set_approval_policy": ("proposal", "SetApprovalPolicy"),
    "grant_mandate": ("mandate", "GrantMandate"),
    "end_mandate": ("mandate", "EndMandate"),
    "set_proof_policy": ("proof", "SetProofPolicy"),
    "propose": ("proposal", "Propose"),
    "approve": ("proposal", "Approve"),
    "withdraw_proposal": ("proposal", "WithdrawProposal"),
    "create_caller": ("caller", "CreateCaller"),
    "update_caller": ("caller", "UpdateCaller"),
    "reveal": ("reveal", "Reveal"),
}

_serials = itertools.count(1)


def open_channel(target, credentials=None, options=()):
    """A channel of its own connection that comes back quickly after a lost one."""
    options = [
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.initial_reconnect_backoff_ms", 50),
        ("grpc.min_reconnect_backoff_ms", 10000),
        ("grpc.max_reconnect_backoff_ms", 500),
        ("grpc.max_receive_message_length", 64 * 1024 * 1024),
        ("grpc.enable_retries", 0),
        *options,
    ]
    if credentials is None:
        return grpc.insecure_channel(target, options=options)
    return grpc.secure_channel(target, credentials, options=options)


class Client:
    """Calls a server over one channel."""

    def __init__(self, protos, target, channel_name="TEST", credentials=None, options=()):
        self.protos = protos
        self.channel_name = channel_name
        self.is_closed = False
        self.channel = open_channel(target, credentials, options)
        for name, service in protos.services.items():
            setattr(self, name, service(self.channel))
        self._health = self.channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=protos.health.HealthCheckRequest.SerializeToString,
            response_deserializer=protos.health.HealthCheckResponse.FromString)

    def close(self):
        """Closes the connection."""
        self.is_closed = True
        self.channel.close()

    @contextlib.contextmanager
    def listening(self):
        """The client hears what the server says on its own, which gRPC for Python otherwise does
        only while somebody waits for an answer."""
        def hear(_):
            pass
        if not self.is_closed:
            self.channel.subscribe(hear)
        yield
        if not self.is_closed:
            self.channel.unsubscribe(hear)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- requests ----

    def key(self, serial=None, date=DATE, channel=None):
        """A request key, never used before unless the serial is given."""
        return self.protos.common.RequestKey(
            channel=channel or self.channel_name, business_date=date,
            serial=serial or f"S{next(_serials):08d}")

    def party(self, name="Zhang San", account_number="6216261000000000018",
              bank_code="308584000013"):
        """A payer or a destination."""
        return self.protos.common.Party(
            name=name, account_number=account_number, bank_code=bank_code)

    def request(self, command, /, **fields):
        """The request message of a command; a missing key, payer or destination is filled in.
        A ledger is opened unchecked.

        Payees are given as pairs of account and amount, revealed commands as their sequences.
        """
        message_class = self.protos.message(COMMANDS[command][1] + "Request")
        if fields.get("key") is None:
            fields["key"] = self.key()
        if command == "open_ledger":
            fields.setdefault("policy", "ACCOUNT_POLICY_PRESET_UNCHECKED")
        if command == "book_receipt":
            fields.setdefault("payer", self.party())
        if command == "withdraw":
            fields.setdefault("destination", self.party())
        if command in ("pay", "confirm_hold", "refund", "allocate_suspense", "undo_allocation"):
            fields["payees"] = [self.protos.common.Payee(account_id=account, amount_minor=amount)
                                for account, amount in fields.get("payees", [])]
        if command == "reveal":
            fields["commands"] = [self.protos.reveal.RevealedCommand(sequence=sequence)
                                  for sequence in fields["commands"]]
        return message_class(**fields)

    def item(self, command, /, **fields):
        """The same as an item of a batch."""
        return self.protos.funds.BatchItem(**{command: self.request(command, **fields)})

    def with_proof(self, item, reference, **fields):
        """The item with a proof of its customer's instruction, a right one but for these fields."""
        command = item.WhichOneof("command")
        request = getattr(item, command)
        said = {"kind": "PROOF_KIND_SMS_CODE", "result": "PROOF_RESULT_RIGHT",
                "reference": reference, "issued_at_us": 1, "expires_at_us": 4102444800000000}
        if command == "pay":
            said["account_id"] = request.payer_account_id
            said["amount_minor"] = request.fee_minor + sum(one.amount_minor
                                                           for one in request.payees)
            if len(request.payees) == 1:
                said["payee_account_id"] = request.payees[0].account_id
            else:
                said["order_number"] = request.order_number
        elif command == "withdraw":
            said["account_id"] = request.account_id
            said["amount_minor"] = request.amount_minor + (
                request.fee_minor if request.fee_mode == 1 else 0)
            said["payee_account_number"] = request.destination.account_number
            said["card_id"] = request.card_id
        elif command == "place_hold":
            said["account_id"] = request.payer_account_id
            said["amount_minor"] = request.amount_minor
            said["order_number"] = request.order_number
        elif command == "bind_card":
            said["member_id"] = request.member_id
            said["payee_account_number"] = request.number
        else:
            said["card_id"] = getattr(request, "new_card_id", 0) or request.card_id
        request.proof.CopyFrom(self.protos.proof.InstructionProof(**{**said, **fields}))
        return item

    def inside(self, command, /, **fields):
        """The same without what only its approval has, to be proposed."""
        request = self.request(command, **fields)
        request.ClearField("key")
        request.ClearField("ledger_id")
        return self.protos.funds.BatchItem(**{command: request})

    def by_two(self, command, /, expect="ACCEPTED", *, ledger_id, channel="SECOND", **fields):
        """Proposed, and approved by another channel; the approval's answer."""
        proposal_id = self.command(
            "propose", ledger_id=ledger_id, command=self.inside(command, **fields),
            expires_at_us=4102444800000000).proposal_id
        return self.command("approve", expect, key=self.key(channel=channel), ledger_id=ledger_id,
                            proposal_id=proposal_id)

    # ---- commands ----

    def send(self, command, request, expect="ACCEPTED"):
        """Sends a request message by its unary call."""
        service, method = COMMANDS[command]
        answer = getattr(getattr(self, service), method)(request, timeout=TIMEOUT_S)
        if expect is not None:
            got = self.protos.outcome_name(answer.result.outcome)
            assert got == expect, f"{command}: {got}, expected {expect}: {answer.result.text}"
        return answer

    def command(self, command, /, expect="ACCEPTED", **fields):
        """Makes and sends a command."""
        return self.send(command, self.request(command, **fields), expect)

    def plain(self, ledger_id, *sequences, **fields):
        """The plain values of commands, by sequence and field."""
        answer = self.command("reveal", ledger_id=ledger_id, commands=sequences, reason="test",
                              **fields)
        return {(value.sequence, value.field): value.value for value in answer.values}

    def batch(self, items, atomic=False, dry_run=False):
        """Sends a batch and gives the results of its items."""
        answer = self.funds.SubmitBatch(self.protos.funds.SubmitBatchRequest(
            items=items, atomic=atomic, dry_run=dry_run), timeout=TIMEOUT_S)
        assert len(answer.results) == len(items)
        return answer.results

    def batch_outcomes(self, items, **options):
        """The names of the outcomes of a batch."""
        return [self.protos.outcome_name(result.result.outcome)
                for result in self.batch(items, **options)]

    # ---- reads ----

    def read(self, service, method, **fields):
        """Any unary read by its name."""
        request = self.protos.message(method + "Request")(**fields)
        return getattr(getattr(self, service), method)(request, timeout=TIMEOUT_S)

    def pages(self, service, method, **fields):
        """The pages of a list, by their tokens."""
        token = ""
        while True:
            page = self.read(service, method, page_token=token, **fields)
            yield page
            token = page.next_page_token
            if not token:
                return

    def list_all(self, service, method, **fields):
        """Every record of a list, page by page."""
        return [record for page in self.pages(service, method, **fields)
                for record in getattr(page, page.DESCRIPTOR.fields[0].name)]

    def tie_out(self, ledger_id):
        """The proof of a ledger."""
        return self.ledger.GetTieOut(
            self.protos.ledger.GetTieOutRequest(ledger_id=ledger_id), timeout=TIMEOUT_S)

    def get_ledger(self, ledger_id):
        """A ledger."""
        return self.ledger.GetLedger(
            self.protos.ledger.GetLedgerRequest(ledger_id=ledger_id), timeout=TIMEOUT_S).ledger

    def get_account(self, ledger_id, **name):
        """An account by `account_id` or `receiving_number`."""
        return self.account.GetAccount(self.protos.account.GetAccountRequest(
            ledger_id=ledger_id, **name), timeout=TIMEOUT_S).account

    def get_member(self, ledger_id, **name):
        """A member by `member_id` or `platform_member_id`."""
        return self.member.GetMember(self.protos.member.GetMemberRequest(
            ledger_id=ledger_id, **name), timeout=TIMEOUT_S).member

    def get_payout(self, ledger_id, payout_id):
        """A payout."""
        return self.funds.GetPayout(self.protos.payout.GetPayoutRequest(
            ledger_id=ledger_id, payout_id=payout_id), timeout=TIMEOUT_S).payout

    def balances(self, ledger_id, *account_ids):
        """[(available, pending in, pending out, frozen)] of accounts."""
        answer = self.account.GetBalances(self.protos.account.GetBalancesRequest(
            ledger_id=ledger_id, account_ids=account_ids), timeout=TIMEOUT_S)
        assert [one.account_id for one in answer.accounts] == list(account_ids)
        return [(one.balances.available_minor, one.balances.pending_in_minor,
                 one.balances.pending_out_minor, one.balances.frozen_minor)
                for one in answer.accounts]

    def available(self, ledger_id, account_id):
        """The available balance of one account."""
        return self.balances(ledger_id, account_id)[0][0]

    def find_command(self, **name):
        """The journal's entry of a `key` or `sequence`, None where there is none."""
        try:
            return self.journal.GetCommand(
                self.protos.journal.GetCommandRequest(**name), timeout=TIMEOUT_S).entry
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return None
            raise

    def statement_page(self, ledger_id, account_id, **fields):
        """One page of a statement."""
        return self.account.ListStatementLines(self.protos.account.ListStatementLinesRequest(
            ledger_id=ledger_id, account_id=account_id, **fields), timeout=TIMEOUT_S)

    def statement(self, ledger_id, account_id, oldest_first=True, page_size=100, **fields):
        """All lines of a statement, page by page."""
        order = "STATEMENT_ORDER_OLDEST_FIRST" if oldest_first else "STATEMENT_ORDER_NEWEST_FIRST"
        lines = []
        for page in self.pages("account", "ListStatementLines", ledger_id=ledger_id,
                               account_id=account_id, order=order, page_size=page_size, **fields):
            assert len(page.lines) <= page_size
            lines.extend(page.lines)
        return lines

    def events(self, from_sequence=1, timeout_s=TIMEOUT_S, **fields):
        """The stream of events; iterate and cancel()."""
        return self.event.StreamEvents(self.protos.event.StreamEventsRequest(
            from_sequence=from_sequence, **fields), timeout=timeout_s)

    def entries(self, first, last, **fields):
        """The entries of the stream from one position to another."""
        stream = self.events(first, **fields)
        found = []
        for message in stream:
            if message.HasField("entry"):
                if message.entry.sequence > last:
                    break
                found.append(message.entry)
                if message.entry.sequence == last:
                    break
            elif message.reached_sequence >= last:
                break
        stream.cancel()
        return found

    def health(self, service=""):
        """SERVING, NOT_SERVING, or the gRPC status as text when there is no answer."""
        try:
            answer = self._health(
                self.protos.health.HealthCheckRequest(service=service), timeout=5)
        except grpc.RpcError as error:
            return error.code().name
        return self.protos.health.HealthCheckResponse.ServingStatus.Name(answer.status)

    def identity(self, member_id, number="11010519491231002X", name="\u5f20\u4e09", **fields):
        """Fields of an IdentifyMember: a person by a citizen's card, without end."""
        m = self.protos.member
        holder = {"name": name, "document_kind": 1, "number": number,
                  "valid_from_date": 20200101, **fields.pop("holder", {})}
        check = m.IdentityCheck(checked_by="id-check", checked_at_us=1_600_000_000_000_000,
                                result_code="0000", reference="17")
        return {"member_id": member_id, "subject": 1, "holder": m.Identification(**holder),
                "check": check, **fields}

    # ---- a small platform to play on ----

    def open_platform(self, prefix, accounts=2, date=DATE, **fields):
        """Opens a ledger with some users of one account each: a Platform."""
        opened = self.command(
            "open_ledger", platform_name="Test Market", escrow_account_number="110060001",
            currency="CNY", receiving_prefix=str(prefix), first_accounting_date=date,
            key=self.key(date=date), **fields)
        return Platform(self, opened, accounts, date)


class Platform:
    """A ledger of a test with its accounts."""

    def __init__(self, client, opened, accounts, date):
        self.ledger_id = opened.ledger_id
        self.control = opened.control_accounts
        self.accounts = []
        self.members = []
        self.receiving_numbers = []
        for index in range(accounts):
            member = client.command(
                "open_member", ledger_id=self.ledger_id, kind="MEMBER_KIND_USER",
                platform_member_id=f"U{index}", key=client.key(date=date))
            account = client.command(
                "open_account", ledger_id=self.ledger_id, member_id=member.member_id,
                key=client.key(date=date))
            self.members.append(member.member_id)
            self.accounts.append(account.account_id)
            self.receiving_numbers.append(account.receiving_number)
