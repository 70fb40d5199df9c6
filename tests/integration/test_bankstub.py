"""The stand-in for the bank: its rules, its state file, and payouts that are said twice.

SPDX-License-Identifier: Apache-2.0
"""


def test_payouts_end_by_rule_and_are_never_said_twice(make_server, database, tools, tmp_path):
    server = make_server(database.url).start()
    client = server.connect()
    day = client.open_platform(6101, accounts=1)
    ledger, account = day.ledger_id, day.accounts[0]
    client.command("book_receipt", ledger_id=ledger, account_id=account, amount_minor=100_000)

    def withdraw(amount):
        return client.command(
            "withdraw", ledger_id=ledger, account_id=account, amount_minor=amount).payout_id

    def bankstub(*arguments, status=0):
        return tools.run("bankstub", "--server", f"127.0.0.1:{server.port}", "--once",
                         *arguments, status=status).stderr.splitlines()

    state = tmp_path / "state"
    rule = "amount-ends-with=99:failed,amount-ends-with=98:returned"
    payouts = [withdraw(amount) for amount in (1000, 1099, 1098)]
    bankstub("--rule", rule, "--state", state)
    statuses = client.protos.funds.PayoutStatus
    assert [client.get_payout(ledger, payout).status for payout in payouts] == [
        statuses.PAYOUT_STATUS_PAID, statuses.PAYOUT_STATUS_FAILED,
        statuses.PAYOUT_STATUS_RETURNED]
    assert client.balances(ledger, account) == [(99_000, 0, 0, 0)]

    withdraw(1500)
    said = bankstub("--state", state)
    assert "withdrawals=1 paid=1" in said[-1], "it must go on where it stopped"
    state.unlink()
    said = bankstub("--rule", rule, "--state", state)
    assert "withdrawals=4" in said[-1] and "refused=0" in said[-1], said[-1]
    assert client.balances(ledger, account) == [(97_500, 0, 0, 0)]
    assert client.tie_out(ledger).balanced

    state.write_text("nothing of it\n")
    bankstub("--state", state, status=2)
    withdraw(1700)
    said = bankstub("--state", tmp_path / "no/such/folder", status=2)
    assert "could not write" in said[-1]
    assert client.balances(ledger, account)[0][2] == 1700, "nothing was answered"
    bankstub()
    assert client.balances(ledger, account)[0][2] == 0
