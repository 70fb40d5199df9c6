"""vslrelay and vslctl events, asked for what is not there: they say so and do not move on.

SPDX-License-Identifier: Apache-2.0
"""
import re

from broker import Reader
from payment_load import open_shop
from test_identity import fixture_restored  # pylint: disable=unused-import
from test_relay import (  # pylint: disable=unused-import
    end_of, fixture_make_relay, fixture_queue, fixture_shared_broker, pay_some)
from waiting import wait_until


def test_a_position_ahead_is_refused(server, client, shared_broker, queue, make_relay, tools):
    """A typo skips nothing, and the position that was kept stays."""
    shop = open_shop(client, 7831)
    end = end_of(client, shop.ledger_id)
    relay = make_relay(server, shared_broker, queue)
    for ahead in (end + 2, end * 1000):
        for once in ([], ["--once"]):
            said = relay.run("--from", ahead, *once, status=2)
            assert f"the journal ends with {end}, " in said and "--from" in said
            assert not relay.position.exists()
    relay.run("--from", end + 1, "--once")
    assert relay.saved() == (end + 1, 0)
    whole = relay.position.read_bytes()
    relay.run("--from", end + 2, status=2)
    assert relay.position.read_bytes() == whole
    last = pay_some(client, shop, 3)
    relay.run("--once")
    assert relay.saved() == (last + 1, last) and shared_broker.depth(queue) == 3

    def events(*arguments, status=0):
        return tools.vslctl("--server", server.target, "events", *arguments, status=status)
    for ahead in (last + 2, last * 1000):
        for follow in ([], ["--follow"]):
            done = events("--from", ahead, *follow, status=1)
            assert f"the journal ends with {last}, " in done.stderr and not done.stdout
            assert "go on with" not in done.stderr and "mistyped" in done.stderr
    done = events("--from", last + 1)
    assert not done.stdout and f"go on with --from {last + 1} " in done.stderr
    for arguments in (["--from", last + 1], ["--follow"]):
        done = events("--ledger", 60000, *arguments, status=1)
        assert "there is no ledger with this id" in done.stderr and not done.stdout


def test_a_restore_without_a_new_identity_is_noticed(restored, shared_broker, queue, make_relay):
    """As long as the journal has not come to the position again: by one number, too."""
    server = restored.server
    server.settings["database.url"] = restored.original_url
    server.start()
    relay = make_relay(server, shared_broker, queue)
    relay.run("--from", 1, "--once")
    assert relay.saved() == (restored.position + 1, restored.position)
    whole = relay.position.read_bytes()
    assert server.terminate() == 0
    server.settings["database.url"] = restored.url
    client = server.start().connect()
    assert restored.position == restored.end + 5
    for number in range(restored.end, restored.position):
        for once in ([], ["--once"]):
            said = relay.run(*once, status=2)
            assert f"the journal ends with {number}, " in said and "identity new" in said
            assert relay.position.read_bytes() == whole
        client.command("book_receipt", ledger_id=restored.platform.ledger_id, amount_minor=1,
                       account_id=restored.platform.accounts[0])


def test_a_ledger_that_is_not_the_callers(house, shared_broker, queue, make_relay, protos):
    """Mistyped, not granted yet, taken away: the relay ends, and later nothing is missing."""
    boss = house.let_in("boss")
    shops = [boss.open_platform(prefix, accounts=1) for prefix in (7832, 7833)]
    one, two = (shop.ledger_id for shop in shops)

    def receipts(count=3):
        for _ in range(count):
            for shop in shops:
                boss.command("book_receipt", ledger_id=shop.ledger_id, amount_minor=9,
                             account_id=shop.accounts[0])
        return end_of(boss, one)
    end = receipts()
    mall = house.let_in("mall", ["platform"], ledgers=[one])
    certificate, key = house.authority.sign("mall")
    key.chmod(0o600)

    def make():
        relay = make_relay(house.server, shared_broker, queue)
        relay.options += ["--tls-ca", house.authority.certificate, "--tls-cert", certificate,
                          "--tls-key", key, "--tls-name", "localhost"]
        return relay
    relay = make()
    for ledger in (two, 60000):
        for once in ([], ["--once"]):
            said = relay.run("--from", 1, "--ledger", ledger, *once, status=2)
            assert "there is no ledger with this id" in said and not relay.position.exists()
    house.update("mall", "ACTIVE", ["platform"], ledgers=[one, two])
    relay.start("--from", 1, "--ledger", two)
    relay.wait_saved(end + 1)
    house.update("mall", "ACTIVE", ["platform"], ledgers=[one])
    assert "there is no ledger with this id" in relay.end(2)
    kept = relay.saved()
    assert kept[0] <= end_of(boss, one)
    end = receipts()
    relay.run("--ledger", two, "--once", status=2)
    assert relay.saved() == kept
    house.update("mall", "ACTIVE", ["platform"], ledgers=[one, two])
    relay.run("--ledger", two, "--once")
    wanted = mall.entries(1, end, ledger_id=two)
    reader = Reader().read(shared_broker, queue, wanted[-1].sequence)
    assert reader.entries(protos) == wanted and not reader.gaps

    # Of every ledger that is the caller's: it goes on by itself with what is his now.
    wide = make()
    wide.start("--from", 1)
    end = end_of(boss, one)
    wide.wait_saved(end + 1)
    house.update("mall", "ACTIVE", ["platform"], ledgers=[two])
    wide.wait_log("ledgers or roles were changed.*trying again")
    end = receipts()
    wide.wait_saved(end + 1)
    wide.stop()


def test_a_broker_that_does_not_listen(server, shared_broker, queue, make_relay):
    relay = make_relay(server, shared_broker, queue)
    relay.start("--from", 1, "--broker", "amqp://127.0.0.1:1")
    found = relay.wait_log("could not connect to the broker: ([^;]*); trying again")
    assert re.search("refused", found[1]) and "progress" not in found[1]
    wait_until(lambda: relay.log().count("trying again") >= 2, "another attempt")
    relay.stop()
