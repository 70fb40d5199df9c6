#!/usr/bin/python3
"""split_payment.py: a first call from Python: opens a platform, books a receipt, splits a payment.

    protoc -I ../../../proto -I /usr/include --python_out=gen --grpc_out=gen \\
        --plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin ../../../proto/vsl/v1/*.proto
    PYTHONPATH=gen ./split_payment.py 127.0.0.1:7450 first

Run it again with the same name: every request has the key that it had, so it is answered again and
nothing is booked twice. proto/README.md explains keys, dates and what to do without an answer.

SPDX-License-Identifier: Apache-2.0
"""
import sys
import time

import grpc
from vsl.v1 import account_pb2, account_pb2_grpc, common_pb2, funds_pb2, funds_pb2_grpc
from vsl.v1 import ledger_pb2, ledger_pb2_grpc, member_pb2, member_pb2_grpc, outcome_pb2

BUSINESS_DATE = 20260105
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
             grpc.StatusCode.RESOURCE_EXHAUSTED)


def key(run, name):
    """A request's key. A real caller stores it with its own order before the first call."""
    return common_pb2.RequestKey(channel="example", business_date=BUSINESS_DATE,
                                 serial=f"{run}-{name}")


def call(method, request):
    """Sends the request until it is answered: with the same key it takes effect once."""
    for pause in (0.1, 0.5, 2.0, 5.0, None):
        try:
            return method(request, timeout=10)
        except grpc.RpcError as error:
            if error.code() not in TRY_AGAIN or pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("the last pause is none")


def accepted(answer):
    """The answer to a command; ends the program with the service's own words when refused."""
    if answer.result.outcome >= 100:
        sys.exit(f"{outcome_pb2.Outcome.Name(answer.result.outcome)}: {answer.result.text}")
    return answer


def main(address, run, prefix):
    """Plays the example against the service at `address`."""
    channel = grpc.insecure_channel(address)
    ledgers = ledger_pb2_grpc.LedgerServiceStub(channel)
    members = member_pb2_grpc.MemberServiceStub(channel)
    accounts = account_pb2_grpc.AccountServiceStub(channel)
    funds = funds_pb2_grpc.FundsServiceStub(channel)

    ledger = accepted(call(ledgers.OpenLedger, ledger_pb2.OpenLedgerRequest(
        key=key(run, "ledger"), platform_name="Example Mall", escrow_account_number="62220001",
        currency="CNY", receiving_prefix=prefix, first_accounting_date=BUSINESS_DATE))).ledger_id
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


if __name__ == "__main__":
    main(*(sys.argv[1:] + ["127.0.0.1:7450", "first", "880099"][len(sys.argv) - 1:]))
