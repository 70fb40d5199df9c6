"""honest.py: a client that goes on as if alone: it pays a cent and reads balances, again and again.

A process of its own, since in that of the test it would wait for the interpreter's lock beside
whoever attacks, and that would be taken for the server's doing. The first of each call, which makes
the connection, is not counted.

    honest.py PROTOS_FOLDER TARGET LEDGER_ID PAYER_ID PAYEE_ID

Prints how long each payment and each read took, in milliseconds, a pair a line, until it is
terminated; a fault ends it with status 1.

SPDX-License-Identifier: Apache-2.0
"""
import sys
import time

import grpc

from client import Client
from protos import Protos


def main():
    """Goes on until a signal."""
    folder, target, *ids = sys.argv[1:]
    ledger_id, payer_id, payee_id = map(int, ids)
    client = Client(Protos(folder), target, channel_name="HONEST")
    is_first = True
    while True:
        began = time.monotonic()
        try:
            client.command("pay", ledger_id=ledger_id, payer_account_id=payer_id,
                           payees=[(payee_id, 1)])
            middle = time.monotonic()
            client.balances(ledger_id, payee_id)
        except (grpc.RpcError, AssertionError) as fault:
            sys.exit(repr(fault))
        if not is_first:
            print(f"{(middle - began) * 1000:.3f} {(time.monotonic() - middle) * 1000:.3f}",
                  flush=True)
        is_first = False
        time.sleep(0.002)


if __name__ == "__main__":
    main()
