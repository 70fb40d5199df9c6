"""test_products.py: products of which accounts hold units, and their prices: over kills, by vslctl,
and the sums over the journal.

SPDX-License-Identifier: Apache-2.0
"""
import json

from client import DATE

FUND, DOWN, HALF_UP, ISSUER, HOLDER = 1, 2, 1, 1, 2
ONE = 100_000_000
PAPER = {"authority_code": "T-1", "authority_name": "税务局", "case_number": "(2026) 17",
         "number": "17-1"}
OPEN = {"kind": FUND, "scale": 2, "unit_rounding": HALF_UP, "money_rounding": HALF_UP,
        "rest": ISSUER}


def test_products_and_prices(make_server, database, tools):
    """Versions of a date, what a product shows of them, and the same after each kill."""
    server = make_server(database.url).start()
    client = server.connect()
    shop = client.open_platform(7501, accounts=2)
    on = {"ledger_id": shop.ledger_id}
    fund = client.command("open_product", code="000198", name="余额宝",
                          cash_account_id=shop.accounts[0], **OPEN, **on).product_id
    client.command("open_product", "PRODUCT_CODE_TAKEN", code="000198", name="n",
                   cash_account_id=shop.accounts[1], **OPEN, **on)

    def publish(price, date, expect="ACCEPTED", corrects=0):
        return client.command("publish_price", expect, product_id=fund, price_date=date,
                              price_e8=price, corrects_price_id=corrects, **on).price_id

    def shown():
        one = client.read("product", "GetProduct", product_id=fund, **on).product
        return one.price_id, one.price_e8, one.price_date, one.price_version

    assert shown() == (0, 0, 0, 0)
    first = publish(ONE, DATE - 1)
    assert shown() == (first, ONE, DATE - 1, 1)
    server.kill()
    server.start()
    client = server.connect()
    # The version that it corrects may have left memory meanwhile.
    second = publish(ONE + 1, DATE - 1, corrects=first)
    publish(ONE, DATE - 1, "PRICE_REPLACED", corrects=first)
    publish(ONE, DATE - 1, "PRICE_DATE_PASSED")
    publish(ONE, 20240301, "PRICE_DATE_AHEAD")
    third = publish(2 * ONE, DATE)
    fourth = publish(3 * ONE, DATE - 1, corrects=second)
    assert shown() == (third, 2 * ONE, DATE, 1)
    server.kill()
    server.start()
    client = server.connect()
    assert shown() == (third, 2 * ONE, DATE, 1)
    listed = client.list_all("product", "ListPrices", product_id=fund, **on)
    found = [(one.price_id, one.price_date, one.version, one.price_e8, one.status)
             for one in listed]
    assert found == [
        (first, DATE - 1, 1, ONE, 2), (second, DATE - 1, 2, ONE + 1, 2),
        (third, DATE, 1, 2 * ONE, 1), (fourth, DATE - 1, 3, 3 * ONE, 1)]
    account = client.read("product", "GetProduct", product_id=fund, **on).product.account_id
    issuer = client.read("account", "GetAccount", account_id=account, **on).account
    assert (issuer.kind, issuer.member_id) == (9, 0)
    client.command("book_receipt", account_id=shop.accounts[1], amount_minor=100, **on)
    client.command("pay", "NOT_A_MEMBER_ACCOUNT", payer_account_id=shop.accounts[1],
                   payees=[(account, 1)], **on)
    client.command("close_account", "ACCOUNT_OF_PRODUCT", account_id=shop.accounts[0], **on)

    def vslctl(*arguments):
        done = tools.vslctl(*arguments, "--server", server.target, "--ledger", str(shop.ledger_id))
        assert done.returncode == 0, done
        return done.stdout

    made = json.loads(vslctl("product", "open", "--code", "W1", "--name", "Steady", "--kind",
                             "wealth", "--scale", "4", "--cash-account", str(shop.accounts[1]),
                             "--unit-rounding", "down", "--money-rounding", "half-up", "--rest",
                             "to-holder", "--json"))
    vslctl("price", "publish", "--product", made["product_id"], "--date", "2024-02-28",
           "--price-e8", "123456789")
    shown_by = json.loads(vslctl("product", "list", "--json"))["products"]
    assert [one["code"] for one in shown_by] == ["000198", "W1"]
    assert "123456789" in vslctl("price", "list", "--product", made["product_id"])
    vslctl("product", "close", "--product", made["product_id"])
    client.command("close_product", product_id=fund, **on)
    client.command("close_account", account_id=shop.accounts[0], **on)
    tools.check_database(database.url)


def test_units_come_and_go(make_server, database, tools):
    """Money and units in one command, rounded as the product says; the same after each kill."""
    server = make_server(database.url).start()
    client = server.connect()
    shop = client.open_platform(7502, accounts=3)
    on = {"ledger_id": shop.ledger_id}
    issuer, holder, other = shop.accounts
    funds = []
    for code, fields in (("F1", {}), ("F2", {"unit_rounding": DOWN, "rest": HOLDER, "scale": 0}),
                         ("F3", {"unit_rounding": DOWN, "money_rounding": DOWN, "scale": 8})):
        fund = client.command("open_product", code=code, name=code, cash_account_id=issuer,
                              **{**OPEN, "at_once": True, **fields}, **on).product_id
        client.command("publish_price", product_id=fund, price_date=DATE, price_e8=102_340_000,
                       **on)
        funds.append(fund)
    for account in (holder, other):
        client.command("book_receipt", account_id=account, amount_minor=30000, **on)

    def subscribe(fund, amount, account=holder, expect="ACCEPTED"):
        return client.command("subscribe", expect, account_id=account, product_id=fund,
                              amount_minor=amount, **on).position_id

    def redeem(fund, units, account=holder, expect="ACCEPTED"):
        return client.command("redeem", expect, account_id=account, product_id=fund, units=units,
                              **on)

    def held(**fields):
        return [(one.account_id, one.product_id, one.available_units, one.value_minor)
                for one in client.list_all("product", "ListPositions", **fields, **on)]

    for fund in funds:
        subscribe(fund, 10000)
    subscribe(funds[0], 5000, other)
    expected = [(holder, funds[0], 9771, 10000), (holder, funds[1], 97, 9927),
                (holder, funds[2], 9771350400, 9999), (other, funds[0], 4886, 5000)]
    assert held() == expected
    assets = client.read("account", "GetAccount", account_id=holder, **on).account.assets
    assert (assets.value_minor, assets.position_count, assets.unpriced_count, assets.partial) == (
        10000 + 9927 + 9999, 3, 0, False)
    assert [(one.product_id, one.available_units, one.value_minor, one.price_date,
             one.price_version) for one in assets.positions] == [
        (one.product_id, one.available_units, one.value_minor, one.price_date, one.price_version)
        for one in reversed(client.list_all("product", "ListPositions", account_id=holder, **on))]
    assert not any(one.HasField("assets")
                   for one in client.list_all("account", "ListAccounts", **on))
    # F2 gave back what was left of 97 whole units.
    assert client.balances(shop.ledger_id, holder)[0][0] == 30000 - 10000 - 9927 - 10000
    server.kill()
    server.start()
    client = server.connect()
    assert held() == expected
    assert held(account_id=other) == expected[3:]
    assert redeem(funds[0], 9772, expect="INSUFFICIENT_UNITS").result.limit_minor == 9771
    redeem(funds[0], 9771)
    redeem(funds[2], 9771350400)
    client.command("close_account", "ACCOUNT_NOT_EMPTY", account_id=holder, **on)
    client.command("close_product", "PRODUCT_HELD", product_id=funds[0], **on)
    claim = client.command("place_claim", account_id=other, authority=6, ground=1, amount_minor=1,
                           paper=PAPER, **on).claim_id
    redeem(funds[0], 1, other, "UNITS_KEPT")
    client.command("release_claim", claim_id=claim, paper=PAPER, **on)
    redeem(funds[0], 4886, other)
    client.command("close_product", product_id=funds[0], **on)
    server.kill()
    server.start()
    client = server.connect()
    assert [one[2] for one in held()] == [0, 97, 0, 0]
    assets = client.read("account", "GetAccount", account_id=holder, **on).account.assets
    assert [(one.product_id, one.available_units) for one in assets.positions] == [(funds[1], 97)]
    decimals = {one.product_id: one.scale
                for one in client.list_all("product", "ListProducts", **on)}
    assert {(one.product_id, one.scale) for one in client.list_all(
        "product", "ListPositions", **on)} == {(fund, decimals[fund]) for fund in funds}
    assert len(set(decimals.values())) > 1
    assert (assets.value_minor, assets.position_count) == (9927, 1)

    def vslctl(*arguments):
        return tools.vslctl(*arguments, "--server", server.target, "--ledger",
                            str(shop.ledger_id)).stdout

    vslctl("product", "subscribe", "--account", str(other), "--product", str(funds[1]),
           "--amount", "2.05")
    vslctl("product", "redeem", "--account", str(other), "--product", str(funds[1]), "--units", "1")
    shown = json.loads(vslctl("position", "list", "--account", str(other), "--json"))["positions"]
    assert [int(one.get("available_units", "0")) for one in shown] == [0, 1]
    shown = json.loads(vslctl("account", "show", "--account", str(other), "--json"))
    print(vslctl("account", "show", "--account", str(other)))
    assert shown["account"]["assets"]["position_count"] == 1, shown
    tools.check_database(database.url)
