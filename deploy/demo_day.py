"""demo_day.py: plays a small day on a running vsld through vslctl, for deploy/quickstart.

Called as `demo_day.py SERVER FOLDER`: the server's address as vslctl takes it, and the folder of
its database, where the day is remembered. The first call fixes the date; every request has a key
made of that date and the name of its step, so that calling again is safe: what was done is answered
again and booked once. Shows each call as one could type it, then the balances, and ends with
`escrow tie-out: balanced`.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import os
import pathlib
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
TOOLS = TOP / "build/tools"
CHANNEL = "demo"
PREFIX = "880001"
PAYOUT_DEADLINE_S = 60


class Day:
    """The calls of one day, all with keys of the same date."""

    def __init__(self, server, folder):
        self._server = server
        remembered = pathlib.Path(folder) / "demo-date"
        if not remembered.exists():
            remembered.write_text(datetime.date.today().strftime("%Y-%m-%d") + "\n")
        self.date = remembered.read_text().strip()

    def _run(self, *arguments):
        done = subprocess.run(
            [TOOLS / "vslctl/vslctl", "--server", self._server, "--json", *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"vslctl {shlex.join(map(str, arguments))} ended with status "
                     f"{done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def ask(self, *arguments):
        """A query; gives its answer."""
        return self._run(*arguments)

    def do(self, step, *arguments):
        """A command under the key of its step; shows it and gives its answer."""
        answer = self._run(*arguments, "--channel", CHANNEL, "--business-date", self.date,
                           "--serial", step)
        again = " (answered again)" if answer["result"]["replayed"] else ""
        print(f"  vslctl {shlex.join(map(str, arguments))}{again}", flush=True)
        return answer


def pay_out(server, ledger):
    """Lets the bank stand-in pay what was requested up to now."""
    arguments = ["--ledger", str(ledger), "--once"]
    print(f"  bankstub {shlex.join(arguments)}", flush=True)
    done = subprocess.run([TOOLS / "bankstub/bankstub", "--server", server, *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=PAYOUT_DEADLINE_S)
    if done.returncode != 0:
        sys.exit(f"bankstub ended with status {done.returncode}:\n{done.stdout}{done.stderr}")


def money(minor):
    """Minor units as an amount with two decimals."""
    minor = int(minor)
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def print_balances(day, ledger, names):
    """A table of accounts: {account id: name}."""
    answer = day.ask("account", "balances", "--ledger", ledger, "--account",
                     ",".join(map(str, names)))
    row = "  {:<24} {:>7} {:>14} {:>12} {:>12} {:>12}"
    print()
    print(row.format("account", "id", "available", "pending in", "pending out", "frozen"))
    for one in answer["accounts"]:
        balances = one["balances"]
        print(row.format(
            names[int(one["account_id"])], one["account_id"],
            money(balances["available_minor"]), money(balances["pending_in_minor"]),
            money(balances["pending_out_minor"]), money(balances["frozen_minor"])))
    print()


def play(server, folder):
    """The day; gives whether the ledger ties out."""
    day = Day(server, folder)
    print(f"the demo day, {day.date}:")
    opened = day.do("open-ledger", "ledger", "open", "--platform", "Example Mall", "--escrow",
                    "62220001", "--currency", "CNY", "--prefix", PREFIX, "--date", day.date)
    ledger = opened["ledger_id"]
    accounts = {}
    for name, kind in (("shop-17", "merchant"), ("anna", "user"), ("bert", "user")):
        member = day.do(f"open-{name}", "member", "open", "--ledger", ledger, "--kind", kind,
                        "--id", name)
        accounts[name] = day.do(f"account-{name}", "account", "open", "--ledger", ledger,
                                "--member", member["member_id"])
    account = {name: answer["account_id"] for name, answer in accounts.items()}
    for name, payer, amount in (("anna", "Anna Wang", "500.00"), ("bert", "Bert Li", "320.50")):
        day.do(f"receipt-{name}", "receipt", "--ledger", ledger, "--receiving-number",
               accounts[name]["receiving_number"], "--amount", amount, "--payer-name", payer,
               "--payer-account", "6216261000000000018")
    day.do("pay-1", "pay", "--ledger", ledger, "--from", account["anna"], "--payee",
           f"{account['shop-17']}:199.00", "--fee", "1.99", "--order", "A-1001")
    day.do("pay-2", "pay", "--ledger", ledger, "--from", account["bert"], "--payee",
           f"{account['shop-17']}:58.00", "--fee", "0.58", "--order", "A-1002")
    day.do("pay-3", "pay", "--ledger", ledger, "--from", account["anna"], "--payee",
           f"{account['bert']}:20.00", "--remark", "for the ticket")
    payout = day.do("withdraw-shop", "withdraw", "--ledger", ledger, "--account",
                    account["shop-17"], "--amount", "150.00", "--fee", "3.00", "--fee-mode",
                    "outside", "--to-name", "Shop 17", "--to-account", "6226090000000048")
    pay_out(server, ledger)
    paid = day.ask("payout", "get", "--ledger", ledger, "--payout", payout["payout_id"])["payout"]
    if paid["status"] != "PAYOUT_STATUS_PAID":
        sys.exit(f"the payout is not paid: {paid}")

    control = opened["control_accounts"]
    names = {int(account[name]): name for name in account}
    names[int(control["unallocated_account_id"])] = "UNALLOCATED"
    names[int(control["fee_account_id"])] = "FEE"
    names[int(control["escrow_account_id"])] = "ESCROW (minus the book)"
    print_balances(day, ledger, names)
    return day.ask("ledger", "tie-out", "--ledger", ledger)["balanced"]


def main():
    """See the head of this file."""
    server, folder = sys.argv[1:3]
    is_balanced = play(server, folder)
    hints = os.environ.get("DEMO_HINTS")
    if hints:
        print(hints)
    print(f"escrow tie-out: {'balanced' if is_balanced else 'NOT BALANCED'}", flush=True)
    sys.exit(0 if is_balanced else 1)


if __name__ == "__main__":
    main()
