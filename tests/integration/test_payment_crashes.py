"""Crashes in the middle of every command of a marketplace: what was answered stays, what was not
has one effect when it is sent again, and every record is the same after the journal was read back.

SPDX-License-Identifier: Apache-2.0
"""
import random
import signal

import pytest

from payment_load import PaymentLoad, now_us, open_shop
from test_crashes import FAULT_POINTS, prove
from waiting import wait_until

LISTS = [("hold", "ListHolds"), ("freeze", "ListFreezes"), ("funds", "ListPayouts"),
         ("funds", "ListDebts"), ("proposal", "ListProposals"), ("fee", "ListFeeRules")]


def wait_quiet(client, ledger_id, ahead_us=30_000_000):
    """Waits until nothing runs out within the next half minute."""
    def is_flagged_or_young(soon):
        one = client.get_ledger(ledger_id)
        age_us = one.terms.suspense_age_s * 1_000_000
        return (not age_us or not one.suspense_oldest_id or one.suspense_overdue_since_us > 0 or
                one.suspense_oldest_at_us + age_us > soon)

    def is_quiet():
        soon = now_us() + ahead_us
        if not is_flagged_or_young(soon):
            return False
        late = client.list_all("acquirer", "ListPromises", ledger_id=ledger_id, page_size=1000,
                               late_only=True)
        if any(one.told_late_at_us == 0 for one in late):
            return False
        freezes = client.list_all("freeze", "ListFreezes", ledger_id=ledger_id, page_size=1000,
                                  status="FREEZE_STATUS_LIVE")
        proposals = client.list_all("proposal", "ListProposals", ledger_id=ledger_id,
                                    page_size=1000, status="PROPOSAL_STATUS_OPEN")
        return not any(0 < one.expires_at_us < soon for one in [*freezes, *proposals]) and not (
            client.list_all("hold", "ListHolds", ledger_id=ledger_id, page_size=1000,
                            status="HOLD_STATUS_LIVE", expires_before_us=soon))
    wait_until(is_quiet, "what runs out to have run out")


def state_of(client, shop):
    """Everything that can be read of the records of a shop."""
    lists = {method: client.list_all(service, method, ledger_id=shop.ledger_id, page_size=1000)
             for service, method in LISTS}
    control = shop.control
    accounts = [*shop.accounts, shop.partner, control.fee_account_id,
                control.platform_own_account_id, control.unallocated_account_id]
    return {
        **lists, "ledger": client.get_ledger(shop.ledger_id),
        "accounts": [client.get_account(shop.ledger_id, account_id=one) for one in accounts],
        "frozen": [client.read("freeze", "GetFrozen", ledger_id=shop.ledger_id,
                               account_id=one).purposes for one in shop.accounts]}


def wait_variety(client, shop):
    """Waits until the load has made something of each kind."""
    wait_until(lambda: all(client.list_all(service, method, ledger_id=shop.ledger_id)
                           for service, method in LISTS[:3]), "holds, freezes and payouts")


def prove_shop(load, shop, server, database, tools):
    """What prove() shows, and that a server that reads everything back knows the same."""
    client = server.connect()
    load.check_atomic(client)
    load.resend_unknown(client)
    wait_quiet(client, shop.ledger_id)
    before = state_of(client, shop)
    assert all(before[method] for _, method in LISTS[:3]), "too little happened"
    assert server.terminate() == 0
    server.start()
    client = server.connect()
    after = state_of(client, shop)
    for name, records in before.items():
        assert records == after[name], f"{name} after a restart"
    prove(load, server, database, tools)


@pytest.mark.parametrize("point, visit", zip(FAULT_POINTS, [40, 20, 3, 12, 30]))
def test_server_is_killed_amid_payments(make_server, database, tools, point, visit):
    """kill -9 at every fault point of the way of a command."""
    server = make_server(database.url).start()
    shop = open_shop(server.connect(), 9201, money=150_000)
    assert server.terminate() == 0
    server.start(fault=f"{point}:{visit}")
    load = PaymentLoad(server, shop, seed=visit, batch_max=60).start()
    assert server.wait_end() == -signal.SIGKILL, "the fault point was not reached"
    load.stop()
    assert any(call.answers is None for call in load.sent), "nobody waited for an answer"
    server.start()
    more = PaymentLoad(server, shop, seed=visit + 1, batch_max=60).start()
    more.wait_calls(25)
    wait_variety(server.connect(), shop)
    more.stop()
    prove_shop(load.absorb(more), shop, server, database, tools)


def test_server_is_killed_amid_payments_at_any_moment(make_server, database, tools):
    """Five kills by chance, and small segments, so that refunds look some originals up."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    dice = random.Random(seed)
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    shop = open_shop(server.connect(), 9202, money=150_000)
    everything = load = PaymentLoad(server, shop, workers=0, seed=seed)
    for _ in range(5):
        load = PaymentLoad(server, shop, seed=dice.randrange(1 << 30)).know(load).start()
        load.wait_calls(dice.randint(5, 40))
        server.kill()
        load.stop()
        server.start()
        load.check_atomic(server.connect())
        load.resend_unknown(server.connect())
        everything.absorb(load)
    load = PaymentLoad(server, shop, seed=dice.randrange(1 << 30)).know(load).start()
    wait_variety(server.connect(), shop)
    everything.absorb(load.stop())
    prove_shop(everything, shop, server, database, tools)
