#!/usr/bin/python3
"""split_payment.py: a first call from Python: opens a platform, books a receipt, splits a payment.

From the top of the clone, with Debian's packages (proto/README.md has the same with pip):

    mkdir -p tools/examples/python/gen
    protoc -I proto -I /usr/include --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin \\
        --python_out=tools/examples/python/gen --grpc_out=tools/examples/python/gen \\
        proto/vsl/v1/*.proto proto/google/rpc/*.proto
    PYTHONPATH=tools/examples/python/gen python3 tools/examples/python/split_payment.py \\
        127.0.0.1:7450 python 770001

With VSL_TLS_CA, VSL_TLS_CERT and VSL_TLS_KEY (PEM files) it calls over TLS with a client
certificate.

Run it again with the same name: every request has the key that it had, so it is answered again and
nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import sys
import time

import grpc
from google.rpc import error_details_pb2, status_pb2
from vsl.v1 import account_pb2, account_pb2_grpc, account_policy_pb2, common_pb2
from vsl.v1 import funds_pb2, funds_pb2_grpc, ledger_pb2, ledger_pb2_grpc, member_pb2
from vsl.v1 import member_pb2_grpc, outcome_pb2

BUSINESS_DATE = 20260105
TRY_FOR_S = 120
# Statuses that leave open what became of a command, or may be gone soon.
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
             grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED,
             grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.ABORTED,
             grpc.StatusCode.DATA_LOSS)
# Reasons that leave it open, whatever the status: tell the operator, too.
NOT_KNOWN = ("PERHAPS_DECIDED", "SEAL_KEY_MISSING", "STORED_ROW_DAMAGED")
# Reasons that the same request meets again for ever, whatever the status.
NEVER_AGAIN = ("BAD_CALL", "ORDER_TOO_LARGE", "TOO_MANY_FREEZES", "HISTORY_REFUSED")


def key(run, name):
    """A request's key. A real caller stores it with its own order before the first call."""
    return common_pb2.RequestKey(channel="example", business_date=BUSINESS_DATE,
                                 serial=f"{run}-{name}")


def why(error):
    """What the service says of a call that failed: its reason, and the fields that break a rule."""
    reason, fields = "", []
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    for detail in status_pb2.Status.FromString(packed).details:
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(request):
            fields = [(broken.field, broken.description) for broken in request.field_violations]
    return reason, fields


def call(method, request):
    """Sends the request until it is answered: with the same key it takes effect once."""
    ends, pause = time.monotonic() + TRY_FOR_S, 0.1
    while True:
        try:
            # Waits for a connection instead of failing as long as the server is not back.
            return method(request, timeout=10, wait_for_ready=True)
        except grpc.RpcError as error:
            reason, _ = why(error)
            is_open = error.code() in TRY_AGAIN and reason not in NEVER_AGAIN
            if not is_open and reason not in NOT_KNOWN:
                raise
            if time.monotonic() >= ends:
                # Not an answer: the command was perhaps carried out. A real caller keeps the order
                # open with its key, and a job sends the same request again, for days if need be.
                sys.exit(f"no answer, send it again with the same key: {error.details()}")
        time.sleep(pause)
        pause = min(2 * pause, 5)


def accepted(answer):
    """The answer to a command; ends the program with the service's own words when refused."""
    if answer.result.outcome >= 100:
        outcome = answer.result.outcome
        # A newer service may have outcomes that this program does not know.
        name = outcome_pb2.Outcome.Name(outcome) if outcome in outcome_pb2.Outcome.values() \
            else f"outcome {outcome}"
        sys.exit(f"{name} {answer.result.field}: {answer.result.text}")
    return answer


def connect(address):
    """A channel: over TLS with a certificate that says who calls, else plaintext."""
    # At most so long the library pauses between two attempts to connect; else up to two minutes.
    options = [("grpc.max_reconnect_backoff_ms", 5000)]
    if "VSL_TLS_CA" not in os.environ:
        return grpc.insecure_channel(address, options)
    authority, key_file, certificate = (pathlib.Path(os.environ[name]).read_bytes() for name in
                                        ("VSL_TLS_CA", "VSL_TLS_KEY", "VSL_TLS_CERT"))
    return grpc.secure_channel(
        address, grpc.ssl_channel_credentials(authority, key_file, certificate), options)


def main(address, run, prefix):
    """Plays the example against the service at `address`."""
    channel = connect(address)
    ledgers = ledger_pb2_grpc.LedgerServiceStub(channel)
    members = member_pb2_grpc.MemberServiceStub(channel)
    accounts = account_pb2_grpc.AccountServiceStub(channel)
    funds = funds_pb2_grpc.FundsServiceStub(channel)

    ledger = accepted(call(ledgers.OpenLedger, ledger_pb2.OpenLedgerRequest(
        key=key(run, "ledger"), platform_name="Example Mall", escrow_account_number="62220001",
        currency="CNY", receiving_prefix=prefix, first_accounting_date=BUSINESS_DATE,
        # A trial: else members are identified before they receive.
        policy=account_policy_pb2.ACCOUNT_POLICY_PRESET_UNCHECKED))).ledger_id
    opened = []
    for name in ("buyer", "shop", "courier"):
        kind = member_pb2.MEMBER_KIND_USER if name == "buyer" else member_pb2.MEMBER_KIND_MERCHANT
        member = accepted(call(members.OpenMember, member_pb2.OpenMemberRequest(
            key=key(run, name), ledger_id=ledger, kind=kind, platform_member_id=name)))
        opened.append(accepted(call(accounts.OpenAccount, account_pb2.OpenAccountRequest(
            key=key(run, f"{name}-account"), ledger_id=ledger,
            member_id=member.member_id))).account_id)
    buyer, shop, courier = opened

    accepted(call(funds.BookReceipt, funds_pb2.BookReceiptRequest(
        key=key(run, "receipt"), ledger_id=ledger, account_id=buyer, amount_minor=20000,
        payer=common_pb2.Party(name="Li Ming", account_number="6222001"))))
    payment = funds_pb2.PayRequest(
        key=key(run, "payment"), ledger_id=ledger, payer_account_id=buyer, order_number="A-1001",
        payees=[common_pb2.Payee(account_id=shop, amount_minor=10000),
                common_pb2.Payee(account_id=courier, amount_minor=800)])
    paid = accepted(call(funds.Pay, payment)).result
    again = accepted(call(funds.Pay, payment)).result
    assert again.replayed and again.sequence == paid.sequence

    balances = call(accounts.GetBalances, account_pb2.GetBalancesRequest(
        ledger_id=ledger, account_ids=opened))
    print(f"paid once, as command {paid.sequence}; available:",
          " ".join(str(account.balances.available_minor) for account in balances.accounts))

    # What is malformed is not recorded: the details name each field, and the key stays free.
    payment.key.CopyFrom(key(run, "malformed"))
    payment.payees[0].amount_minor = 0
    try:
        call(funds.Pay, payment)
    except grpc.RpcError as error:
        reason, fields = why(error)
        print(f"{reason}:", " ".join(field for field, _ in fields))


if __name__ == "__main__":
    main(*(sys.argv[1:] + ["127.0.0.1:7450", "first", "770099"][len(sys.argv) - 1:]))
