"""demo_day.py: plays a small day on a running vsld through vslctl, for deploy/quickstart.

A split with a refund, a guaranteed payment that is confirmed and cancelled in parts, a sum that is
allocated line by line, promises of a payment company and what it pays, and payouts that arrive,
fail and come back; cards are checked; a court claims money; a deny list is loaded.

Called as `demo_day.py SERVER FOLDER DATABASE`: the server's address as vslctl takes it, a folder
where the day is remembered, and the connection string of its database. SERVER may be `profiles`:
then vslctl.conf has the profiles default, chief, second and mall of a server that asks for
certificates, and the day begins with its callers and shows what takes two of them and what a
platform may. The first call fixes the date; every request has a key made of that date and the name
of its step, so that calling again is safe: what was done is answered again and booked once. Shows
each call as one could type it, then the balances and the sums of the orders, what the bank's
statement has that nobody booked, and ends with `escrow tie-out: balanced`.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import os
import pathlib
import shlex
import subprocess
import sys

from demo_recon import reconcile
from demo_screen import screen

TOP = pathlib.Path(__file__).resolve().parents[1]
TOOLS = pathlib.Path(os.environ.get("VSL_BUILD", TOP / "build")) / "tools"
CHANNEL = "demo"
PREFIX = "880001"
PAYOUT_DEADLINE_S = 60
PROFILES = "profiles"
# What a vslctl reads beside its profile.
NAMED = ("VSL_PROFILE", "VSL_SERVER", "VSL_TLS_CA", "VSL_TLS_CERT", "VSL_TLS_KEY", "VSL_TLS_NAME")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in NAMED}


class Day:
    """The calls of one day, all with keys of the same date."""

    def __init__(self, server, folder, database):
        self.has_callers = server == PROFILES
        self.is_again = False  # the last command was done when the day was played before
        self.where = [] if self.has_callers else ["--server", server]
        self.database = database
        self.folder = folder
        self.bank_state = pathlib.Path(folder) / "demo-bank.state"
        remembered = pathlib.Path(folder) / "demo-date"
        if not remembered.exists():
            # Whole or not at all, and on the disk before the first request: every key has this
            # date.
            new = remembered.with_suffix(".new")
            with open(new, "w", encoding="ascii") as out:
                out.write(datetime.date.today().strftime("%Y-%m-%d") + "\n")
                out.flush()
                os.fsync(out.fileno())
            new.replace(remembered)
        self.date = remembered.read_text(encoding="ascii").strip()

    def later(self, days):
        """A time so many days after the day, which is the same whenever it is played."""
        return f"{datetime.date.fromisoformat(self.date) + datetime.timedelta(days)}T00:00+08:00"

    def run(self, tool, *arguments, **options):
        """One of the tools, to its end."""
        return subprocess.run([TOOLS / tool / tool, *self.where, *map(str, arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, env=ENVIRONMENT, **options)

    def _run(self, *arguments):
        done = self.run("vslctl", "--json", *arguments)
        if done.returncode != 0:
            sys.exit(f"vslctl {shlex.join(map(str, arguments))} ended with status "
                     f"{done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def ask(self, *arguments):
        """A query; gives its answer."""
        return self._run(*arguments)

    def do(self, step, *arguments, channel=CHANNEL):
        """A command under the key of its step; shows it and gives its answer."""
        answer = self._run(*arguments, "--channel", channel, "--business-date", self.date,
                           "--serial", step)
        self.is_again = answer["result"]["replayed"]
        again = " (answered again)" if self.is_again else ""
        print(f"  vslctl {shlex.join(map(str, arguments))}{again}", flush=True)
        return answer

    def be_refused(self, step, words, *arguments):
        """A command that must end with these words; shows both. Under the key of its step it is
        refused again when the day is played again, whatever would be allowed by then."""
        print(f"  vslctl {shlex.join(map(str, arguments))}", flush=True)
        done = self.run("vslctl", *arguments, "--channel", CHANNEL, "--business-date", self.date,
                        "--serial", step)
        said = [line for line in (done.stdout + done.stderr).splitlines() if words in line]
        if done.returncode == 0 or not said:
            sys.exit(f"it was not refused:\n{done.stdout}{done.stderr}")
        print(f"    {said[0].removeprefix('vslctl: ')}")


def let_in(day):
    """The administrator, whom the settings name, the bank's desk, and who approves."""
    day.do("caller-chief", "--profile", "chief", "caller", "create", "--name",
           "chief.bank.example", "--roles-administrator", "--any-channel")
    day.do("caller-desk", "--profile", "chief", "caller", "create", "--name", "desk.bank.example",
           "--roles-operator", "--roles-front", "--roles-adapter", "--roles-judicial",
           "--roles-reconciliation", "--all-ledgers", "--any-channel")
    day.do("caller-second", "--profile", "chief", "caller", "create", "--name",
           "second.bank.example", "--roles-approver", "--all-ledgers", "--any-channel")


def show_two_persons(day, ledger, account):
    """What needs two persons is refused alone, proposed, and decided when the other approves."""
    print("\nwhat takes two persons:")
    day.do("policy", "policy", "set", "--ledger", ledger, "--rule", "pay:200.00")
    payment = ["pay", "--ledger", ledger, "--from", account["anna"], "--payee",
               f"{account['bert']}:250.00"]
    day.be_refused("alone", "refused: approval_needed", *payment)
    proposed = day.do("propose", *payment, "--propose", "tickets for all")
    day.be_refused("approve-own", "PERMISSION_DENIED", "proposal", "approve", "--ledger", ledger,
                   "--proposal", proposed["proposal_id"])
    approved = day.do("approve", "--profile", "second", "proposal", "approve", "--ledger", ledger,
                      "--proposal", proposed["proposal_id"])
    sequence = approved["result"]["sequence"]
    entry = day.ask("command", "get", "--sequence", sequence)["entry"]
    print(f"    paid as command {sequence}, proposed by {entry['maker_caller_name']}, approved by "
          f"{entry['caller_name']}")


def show_names(day, ledger, receipt):
    """Names and numbers are masked in every answer; who needs one says why, and it is on record."""
    print("\nwho paid in:")
    asked = ["command", "get", "--sequence", receipt]
    print(f"  vslctl {shlex.join(map(str, asked))}")
    payer = day.ask(*asked)["entry"]["book_receipt"]["payer"]
    print(f"    payer.name {payer['name']}, payer.account_number {payer['account_number']}")
    revealed = day.do("reveal", "reveal", "--ledger", ledger, "--command", receipt, "--reason",
                      "the payer asks for his money")
    values = {value["field"]: value["value"] for value in revealed["values"]}
    if set(values.values()) & set(payer.values()):
        sys.exit(f"it was not masked: {payer}")
    print("    " + ", ".join(f"{field} {value}" for field, value in values.items()))


def show_platform(day, ledger, account, receipt):
    """A platform reads its own ledger, and that is all."""
    print("\nthe platform, which may read its own ledger only:")
    day.do("caller-mall", "--profile", "chief", "caller", "create", "--name", "mall.example",
           "--roles-platform", "--for-ledger", ledger)
    asked = ["--profile", "mall", "account", "balances", "--ledger", ledger, "--account",
             account["shop-17"]]
    print(f"  vslctl {shlex.join(map(str, asked))}")
    balances = day.ask(*asked)["accounts"][0]["balances"]
    print(f"    available {money(balances['available_minor'])}")
    day.be_refused("mall-pay", "PERMISSION_DENIED", "--profile", "mall", "pay", "--ledger", ledger,
                   "--from", account["anna"], "--payee", f"{account['shop-17']}:1.00")
    day.be_refused("mall-reveal", "PERMISSION_DENIED", "--profile", "mall", "reveal", "--ledger",
                   ledger, "--command", receipt, "--reason", "we would like to know")


def pay_out(day, ledger, state):
    """Lets the bank stand-in execute what was requested up to now; says by the last digits of the
    amount what becomes of it. It keeps its book beside the day's date: called again after an
    interruption it says what it said before, and pays nothing twice."""
    arguments = ["--ledger", str(ledger), "--once", "--rule",
                 "amount-ends-with=66:failed,amount-ends-with=77:returned"]
    print(f"  bankstub {shlex.join(arguments)}", flush=True)
    done = day.run("bankstub", "--state", state, *arguments, timeout=PAYOUT_DEADLINE_S)
    if done.returncode != 0:
        sys.exit(f"bankstub ended with status {done.returncode}:\n{done.stdout}{done.stderr}")


def expect_payout(day, ledger, payout, status):
    """Shows what became of a payout; ends the day when it is something else."""
    now = day.ask("payout", "get", "--ledger", ledger, "--payout", payout["payout_id"])["payout"]
    name = now["status"].removeprefix("PAYOUT_STATUS_").lower()
    if name != status:
        sys.exit(f"the payout is {name} and not {status}: {now}")
    print(f"    payout {now['payout_id']} of {money(now['amount_minor'])} is {name}; "
          f"its evidence is command {now['evidence_sequence']}")


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


def set_terms(day, ledger, control):
    """What the bank agreed with the platform, its own money, and the fee rules."""
    own = ("Example Mall Ltd", "6222020000000000094")
    day.do("terms", "terms", "set", "--ledger", ledger, "--own-name", own[0], "--own-account",
           own[1], "--advance-refunds", "--payout-return-days", "7")
    day.do("receipt-own", "receipt", "--ledger", ledger, "--account",
           control["platform_own_account_id"], "--amount", "100.00", "--payer-name", own[0],
           "--payer-account", own[1])
    day.do("rule-market", "fee-rule", "set", "--ledger", ledger, "--name", "market", "--effective",
           day.date, "--rounding", "half-up", "--refund", "proportional", "--on-payout-failed",
           "back", "--on-payout-returned", "kept", "--tier", "from=0,rate=1%,min=0.10", "--tier",
           "from=1000,rate=0.6%")
    day.do("rule-payout", "fee-rule", "set", "--ledger", ledger, "--name", "payout", "--effective",
           day.date, "--rounding", "half-up", "--refund", "none", "--on-payout-failed", "back",
           "--on-payout-returned", "kept", "--tier", "from=0,flat=3")


def trade(day, ledger, account):
    """A split with a refund, and a guaranteed payment that is confirmed and cancelled in parts."""
    paid = day.do("pay-1", "pay", "--ledger", ledger, "--from", account["anna"], "--payee",
                  f"{account['shop-17']}:180.00", "--payee", f"{account['courier-4']}:19.00",
                  "--fee-rule", "market", "--fee-bearer", "payees", "--order", "A-1001")
    day.do("refund-1", "refund", "--ledger", ledger, "--original", paid["result"]["sequence"],
           "--order", "A-1001", "--payee", f"{account['shop-17']}:50.00", "--remark", "one of two")
    day.do("hold-2", "hold", "place", "--ledger", ledger, "--from", account["bert"], "--amount",
           "120.00", "--order", "A-1002", "--expires", day.later(30))
    day.do("confirm-2", "hold", "confirm", "--ledger", ledger, "--from", account["bert"], "--order",
           "A-1002", "--payee", f"{account['shop-17']}:80.00", "--fee-rule", "market")
    day.do("cancel-2", "hold", "cancel", "--ledger", ledger, "--from", account["bert"], "--order",
           "A-1002", "--amount", "15.00")
    day.do("pay-3", "pay", "--ledger", ledger, "--from", account["anna"], "--payee",
           f"{account['bert']}:20.00", "--remark", "for the ticket")


def find_owner(day, ledger, account, number):
    """A receipt whose number has a wrong last digit waits, until somebody finds whose it is."""
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    receipt = day.do("receipt-wrong", "receipt", "--ledger", ledger, "--receiving-number", wrong,
                     "--amount", "30.00", "--payer-name", "Anna Wang", "--payer-account",
                     "6216261000000000018")
    asked = ["suspense", "list", "--ledger", ledger, "--origin", receipt["result"]["sequence"]]
    print(f"  vslctl {shlex.join(map(str, asked))}")
    item = day.ask(*asked)["suspense"][0]
    reason = item["reason"].removeprefix("SUSPENSE_REASON_").lower()
    print(f"    item {item['suspense_id']} of {money(item['amount_minor'])}, {reason}")
    day.do("allocate-wrong", "suspense", "allocate", "--ledger", ledger, "--suspense",
           item["suspense_id"], "--payee", f"{account['anna']}:30.00", "--remark", "she asked")


def receive_sum(day, ledger, step, amount, payer):
    """Money for many; gives the item of suspense that it waits as."""
    receipt = day.do(step, "receipt", "--ledger", ledger, "--amount", amount, "--payer-name", payer,
                     "--payer-account", "110060099")
    return day.ask("suspense", "list", "--ledger", ledger, "--origin",
                   receipt["result"]["sequence"])["suspense"][0]["suspense_id"]


def share_out(day, ledger, account, folder):
    """The platform has no cashier: it sends one sum for four orders, and a file that says whose
    each part is."""
    item = receive_sum(day, ledger, "receipt-sum", "140.00", "Demo Mall Ltd")
    lines = pathlib.Path(folder) / "demo-lump.csv"
    lines.write_text(
        "source_order,account_id,receiving_number,amount,payer_name,payer_account,payer_bank,"
        "order_number,remark,fee_rule\n"
        f"T-1,{account['anna']},,10.00,Anna Wang,6216261000000000018,,,,\n"
        f"T-2,{account['bert']},,20.00,Bert Li,,,,,\n"
        f"T-3,{account['shop-17']},,30.00,,,,,share of May,\n"
        f"T-4,{account['dora']},,80.00,Dora Sun,,,,,\n", encoding="utf-8")
    words = ["lump", "--ledger", ledger, "--suspense", item, "--channel", CHANNEL,
             "--business-date", day.date, "--serial", "lump", lines]
    print(f"  vslctl {shlex.join(map(str, words))}")
    done = day.run("vslctl", *words)
    if done.returncode != 0:
        sys.exit(f"it was not allocated:\n{done.stdout}{done.stderr}")
    print(f"    {done.stdout.splitlines()[0]}")


def settle(day, ledger, account):
    """A payment company promises what its customers paid, and pays it in one sum the next day; of
    one promise less comes than it owes."""
    acquirer = day.do("acquirer", "acquirer", "open", "--ledger", ledger, "--name", "allpay",
                      "--settlement-days", "1", "--ceiling", "10000.00")["acquirer_id"]
    for name, amount in (("emil", "80.00"), ("bert", "12.00")):
        day.do(f"promise-{name}", "promise", "book", "--ledger", ledger, "--acquirer", acquirer,
               "--account", account[name], "--amount", amount, "--reference", f"AP-{name}")
    item = receive_sum(day, ledger, "receipt-allpay", "91.50", "AllPay Ltd")
    settlement = day.do("settlement", "settlement", "open", "--ledger", ledger, "--acquirer",
                        acquirer, "--suspense", item, "--count", "2", "--total", "91.50")[
                            "settlement_id"]
    for name, amount in (("emil", "80.00"), ("bert", "11.50")):
        line = day.do(f"settle-{name}", "settlement", "line", "--ledger", ledger, "--settlement",
                      settlement, "--reference", f"AP-{name}", "--gross", amount)
    day.do("settled", "settlement", "close", "--ledger", ledger, "--settlement", settlement)
    found = day.ask("difference", "show", "--ledger", ledger, "--difference",
                    line["difference_id"])["difference"]
    kind = found["kind"].removeprefix("DIFFERENCE_KIND_").lower()
    print(f"    difference {found['difference_id']}, {kind}: {money(found['amount_minor'])}")
    end = ["difference", "close", "--ledger", ledger, "--difference", line["difference_id"],
           "--ended-by"]
    if not day.has_callers:
        day.do("expected", *end, "expected")
        return
    proposed = day.do("borne", *end, "borne", "--propose", "AllPay kept it")
    day.do("bear", "--profile", "second", "proposal", "approve", "--ledger", ledger,
           "--proposal", proposed["proposal_id"])


def show_three_ways(day, ledger, account):
    """Who paid in by a receiving number, in a lump and through a payment company, and bought the
    same, has the same."""
    print("\nthree ways in, and then the same:")
    left = {}
    for name in ("carl", "dora", "emil"):
        paid = day.do(f"pay-{name}", "pay", "--ledger", ledger, "--from", account[name], "--payee",
                      f"{account['shop-17']}:55.00")
        # What was left then: played again, the day has gone on.
        entry = day.ask("command", "get", "--sequence", paid["result"]["sequence"])["entry"]
        left[name] = entry["postings"][0]["debit_balance_minor"]
    print("    " + ", ".join(f"{name} {money(minor)}" for name, minor in left.items()))
    if len(set(left.values())) != 1:
        sys.exit(f"they have not the same: {left}")


def withdraw(day, ledger, account):
    """Three payouts: one arrives, one fails, one comes back."""
    payouts = [
        (day.do(f"withdraw-{name}-{status}", "withdraw", "--ledger", ledger, "--account",
                account[name], "--amount", amount, "--fee-rule", "payout", "--fee-mode", "outside",
                "--to-name", holder, "--to-account", number), status)
        for name, amount, status, holder, number in (
            ("shop-17", "150.00", "paid", "Shop 17", "6226090000000048"),
            ("shop-17", "20.66", "failed", "Shop 17", "6226090000000049"),
            ("courier-4", "10.77", "returned", "Courier Four", "6226090000000055"))]
    pay_out(day, ledger, day.bank_state)
    for payout, status in payouts:
        expect_payout(day, ledger, payout, status)


def check_cards(day, ledger, member):
    """Two cards of Anna's: the bank compares the four factors of one, and pays a small amount to
    the other, of which only its adapter is told; Anna reads it at her bank."""
    print("\ncards, checked in both ways:")
    cards = []
    for way, number in (("four-factor", "6216261000000000018"),
                        ("small-amount", "6226090000000048")):
        card = day.do(f"bind-{way}", "card", "bind", "--ledger", ledger, "--member", member,
                      "--kind", "personal", "--number", number, "--holder", "欧阳娜娜",
                      "--mobile", "13552535506")["card_id"]
        asked = day.do(f"check-{way}", "card", "check", "--ledger", ledger, "--card", card,
                       "--way", way)
        cards.append(card)
    pay_out(day, ledger, day.bank_state)
    sequence = int(asked["result"]["sequence"])
    told = day.run("vslctl", "--json", "events", "--ledger", ledger, "--from", sequence)
    entry = json.loads(told.stdout.splitlines()[0])
    amount = int(entry.get("entry", entry)["check_amount_minor"])
    print(f"    the adapter's event {sequence} tells it to pay {money(amount)}")
    for step, said in (("wrong", amount + 1), ("right", amount)):
        day.do(f"amount-{step}", "card", "amount", "--ledger", ledger, "--card", cards[1],
               "--amount", money(said))
    for card in day.ask("card", "list", "--ledger", ledger, "--member", member)["cards"]:
        status = card["status"].removeprefix("CARD_STATUS_").lower()
        print(f"    card {card['card_id']} is {status}" +
              (", the main card" if card["main_card"] else ""))
        if status != "checked":
            sys.exit(f"it is not checked: {card}")


def keep_to_cards(day, ledger, account):
    """Money leaves by the card that it came by: another's waits and goes back to its sender, and
    Anna is paid to her own cards, to each what came by it."""
    print("\nsame card in, same card out:")
    day.do("terms-same-card", "terms", "set", "--ledger", ledger, "--same-card")
    for step, amount, number in (("card", "60.00", "6226090000000048"),
                                 ("foreign", "40.00", "6222021001123456789")):
        receipt = day.do(f"receipt-{step}", "receipt", "--ledger", ledger, "--account",
                         account["anna"], "--amount", amount, "--payer-name", "欧阳娜娜",
                         "--payer-account", number)
    origin = receipt["result"]["sequence"]
    item = day.ask("suspense", "list", "--ledger", ledger, "--origin", origin)["suspense"][0]
    reason = item["reason"].removeprefix("SUSPENSE_REASON_").lower()
    print(f"    item {item['suspense_id']} of {money(item['amount_minor'])}, {reason}")
    day.do("return-foreign", "suspense", "return", "--ledger", ledger, "--suspense",
           item["suspense_id"], "--original", origin)
    words = ("withdraw", "--ledger", ledger, "--account", account["anna"], "--amount")
    day.be_refused("other-card", "refused: destination_not_own_card", *words, "10.00", "--to-name",
                   "欧阳娜娜", "--to-account", "6222021001123456789")
    for card in day.ask("quote", "withdraw", "--ledger", ledger, "--account",
                        account["anna"])["cards"]:
        print(f"    by card {card['card_id']} {money(card['withdrawable_minor'])} may leave; "
              f"{money(card['owed_minor'])} came by it and did not")
    paid = day.do("withdraw-cards", *words, "70.00")
    for payout in paid["payouts"]:
        print(f"    payout {payout['payout_id']} of {money(payout['amount_minor'])} goes to card "
              f"{payout['card_id']}")
    pay_out(day, ledger, day.bank_state)


def claim(day, ledger, account):
    """A court claims more than Dora has: the next receipt is captured; a tax authority queues
    behind it, and takes its place when it releases. It deducts a part, and releases the rest.
    The police freezes what is a victim's, and returns it."""
    print("\na court claims Dora's money, and a tax authority queues behind it:")

    def paper(organ, number):
        name, code = {"court": ("Haidian Court", "1101"), "tax": ("Haidian Tax Bureau", "2201"),
                      "police": ("Haidian Police", "P110108")}[organ]
        return ("--paper-authority-code", code, "--paper-authority-name", name,
                "--paper-case-number", "(2026) 17", "--paper-number", number)

    def show(when):
        if day.is_again:
            return []  # it is not so any more
        balance = day.ask("account", "balances", "--ledger", ledger, "--account",
                          account["dora"])["accounts"][0]["balances"]
        claims = day.ask("claim", "list", "--ledger", ledger, "--account", account["dora"],
                         "--status", "live")["claims"]
        print(f"    {when}: available {money(balance['available_minor'])}, frozen "
              f"{money(balance['frozen_minor'])}" + "".join(
                  f"; claim {one['claim_id']} covers {money(one['covered_minor'])} of "
                  f"{money(one['limit_minor'])}" for one in claims))
        return [money(one["covered_minor"]) for one in claims]

    place = ("claim", "place", "--ledger", ledger, "--account", account["dora"], "--ground",
             "ordinary", "--amount")
    court = day.do("claim-court", *place, "100.00", "--authority", "court", "--ends",
                   day.later(360)[:10], *paper("court", "17-1"))["claim_id"]
    tax = day.do("claim-tax", *place, "50.00", "--authority", "tax",
                 *paper("tax", "8-1"))["claim_id"]
    show("queued")
    day.do("receipt-dora", "receipt", "--ledger", ledger, "--account", account["dora"],
           "--amount", "90.00", "--payer-name", "Dora Sun", "--payer-account",
           "6216261000000000018")
    covered = show("90.00 came in")
    day.do("release-court", "claim", "release", "--ledger", ledger, "--claim", court,
           *paper("court", "17-2"))
    promoted = show("the court released")
    if not day.is_again and (len(covered) != 2 or len(promoted) != 1):
        sys.exit(f"not the claims that were placed: {covered}, {promoted}")
    deduct = ("claim", "deduct", "--ledger", ledger, "--payee-bank", "301100000015")
    taken = day.do("deduct-tax", *deduct, "--claim", tax, "--amount", "30.00", "--payee-name",
                   "Haidian Tax Bureau", "--payee-account", "110060149018170012345",
                   *paper("tax", "8-2"))
    pay_out(day, ledger, day.bank_state)
    expect_payout(day, ledger, taken, "paid")
    show("the tax authority deducted 30.00")
    day.do("release-tax", "claim", "release", "--ledger", ledger, "--claim", tax,
           *paper("tax", "8-3"))
    police = day.do("claim-police", *place, "20.00", "--authority", "police", "--ends",
                    day.later(90)[:10], *paper("police", "33-1"))["claim_id"]
    back = day.do("return-victim", *deduct, "--claim", police, "--amount", "15.00", "--to-victim",
                  "--payee-name", "Zhao Liu", "--payee-account", "6222020200012345678",
                  *paper("police", "33-2"))
    pay_out(day, ledger, day.bank_state)
    expect_payout(day, ledger, back, "paid")
    show("15.00 are back at their victim")
    day.do("release-police", "claim", "release", "--ledger", ledger, "--claim", police,
           *paper("police", "33-3"))


def prove(day, ledger, account):
    """A payment above a bound needs a proof of its customer; there and back, as it was before."""
    print("\nproofs: what was checked of the customer's instruction comes with the payment:")
    day.do("proofs", "proof", "set", "--ledger", ledger, "--rule", "pay:1.00=code,password")
    for step, payer, payee in (("there", "anna", "bert"), ("back", "bert", "anna")):
        payment = ("pay", "--ledger", ledger, "--from", account[payer], "--payee",
                   f"{account[payee]}:1.01")
        proof = ("--proof-kind", "sms-code", "--proof-result", "right", "--proof-reference",
                 f"sms-{step}", "--proof-amount", "1.01", "--proof-account", account[payer],
                 "--proof-payee-account", account[payee], "--proof-issued",
                 "2024-01-05T10:00:00+08:00", "--proof-expires", "2099-01-05T10:00:00+08:00")
        day.be_refused(f"bare-{step}", "refused: proof_needed", *payment)
        day.do(f"proved-{step}", *payment, *proof)
        day.be_refused(f"used-{step}", "refused: proof_used", *payment, *proof)
    day.do("no-proofs", "proof", "set", "--ledger", ledger, "--no-rules")


def print_order(day, ledger, number):
    """The sums of an order and what they prove."""
    answer = day.ask("order", "show", "--ledger", ledger, "--order", number)
    sums = answer["sums"]
    print(f"  order {number}: paid {money(sums['paid_minor'])} = confirmed "
          f"{money(sums['confirmed_minor'])} + refunded {money(sums['refunded_minor'])} + held "
          f"{money(sums['held_minor'])}; fees {money(sums['fees_minor'])}")
    if not answer["balanced"]:
        sys.exit(f"order {number} does not add up: {answer}")


def identify(day, ledger, members):
    """Who a user and a merchant are, as somebody has checked it; shown masked."""
    check = ("--check-by", "id-check-1", "--check-at", "2024-01-05T10:00:00+08:00",
             "--check-result-code", "0000", "--check-reference", "2024-17")

    def said(who, name, kind, number):
        return (f"--{who}-name", name, f"--{who}-document-kind", kind, f"--{who}-number", number,
                f"--{who}-valid-from-date", "20200101")

    day.do("identify-anna", "member", "identify", "--ledger", ledger, "--member", members["anna"],
           "--subject", "person",
           *said("holder", "欧阳娜娜", "citizen-card", "11010519491231002X"), *check)
    day.do("identify-shop-17", "member", "identify", "--ledger", ledger, "--member",
           members["shop-17"], "--subject", "company",
           *said("holder", "示例商贸（上海）", "social-credit-code", "91110000600037341L"),
           *said("legal-representative", "𠮷野·㐱", "citizen-card", "440524188001010014"),
           *check)
    for name in ("anna", "shop-17"):
        asked = ("member", "get", "--ledger", ledger, "--member", members[name])
        holder = day.ask(*asked)["member"]["identity"]["holder"]
        print(f"  vslctl {shlex.join(map(str, asked))}: {holder['name']} {holder['number']}",
              flush=True)


def play(server, folder, database):
    """The day; gives whether the ledger ties out."""
    day = Day(server, folder, database)
    print(f"the demo day, {day.date}:")
    if day.has_callers:
        let_in(day)
    opened = day.do("open-ledger", "ledger", "open", "--platform", "Example Mall", "--escrow",
                    "62220001", "--currency", "CNY", "--prefix", PREFIX, "--date", day.date)
    ledger = opened["ledger_id"]
    # Not everybody is identified on this day: what is strict by default, is not here.
    day.do("unchecked", "account-policy", "set", "--ledger", ledger, "--preset", "unchecked")
    control = opened["control_accounts"]
    set_terms(day, ledger, control)
    accounts = {}
    members = {}
    for name, kind in (("shop-17", "merchant"), ("courier-4", "merchant"), ("anna", "user"),
                       ("bert", "user"), ("carl", "user"), ("dora", "user"), ("emil", "user")):
        member = day.do(f"open-{name}", "member", "open", "--ledger", ledger, "--kind", kind,
                        "--id", name)
        members[name] = member["member_id"]
        accounts[name] = day.do(f"account-{name}", "account", "open", "--ledger", ledger,
                                "--member", member["member_id"])
    identify(day, ledger, members)
    account = {name: answer["account_id"] for name, answer in accounts.items()}
    for name, payer, amount in (("anna", "Anna Wang", "500.00"), ("bert", "Bert Li", "320.50"),
                                ("carl", "Carl Zhou", "80.00")):
        paid_in = day.do(
            f"receipt-{name}", "receipt", "--ledger", ledger, "--receiving-number",
            accounts[name]["receiving_number"], "--amount", amount, "--payer-name", payer,
            "--payer-account", "6216261000000000018")
    trade(day, ledger, account)
    find_owner(day, ledger, account, accounts["anna"]["receiving_number"])
    share_out(day, ledger, account, folder)
    settle(day, ledger, account)
    show_three_ways(day, ledger, account)
    withdraw(day, ledger, account)
    check_cards(day, ledger, members["anna"])
    prove(day, ledger, account)
    claim(day, ledger, account)
    screen(day, ledger, account)
    keep_to_cards(day, ledger, account)

    names = {int(account[name]): name for name in account}
    names[int(control["unallocated_account_id"])] = "UNALLOCATED"
    names[int(control["fee_account_id"])] = "FEE"
    names[int(control["platform_own_account_id"])] = "PLATFORM_OWN"
    names[int(control["escrow_account_id"])] = "ESCROW (minus the book)"
    print_balances(day, ledger, names)
    for number in ("A-1001", "A-1002"):
        print_order(day, ledger, number)
    receipt = paid_in["result"]["sequence"]
    show_names(day, ledger, receipt)
    if day.has_callers:
        show_two_persons(day, ledger, account)
        show_platform(day, ledger, account, receipt)
    reconcile(day, ledger, control["escrow_account_id"], folder, money)
    return day.ask("ledger", "tie-out", "--ledger", ledger)["balanced"]


def main():
    """See the head of this file."""
    is_balanced = play(*sys.argv[1:4])
    hints = os.environ.get("DEMO_HINTS")
    if hints:
        print(hints)
    print(f"escrow tie-out: {'balanced' if is_balanced else 'NOT BALANCED'}", flush=True)
    sys.exit(0 if is_balanced else 1)


if __name__ == "__main__":
    main()
