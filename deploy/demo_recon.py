"""demo_recon.py: how the demo day of demo_day.py ends: with the bank's statement of the escrow
account, in which is one movement that nobody has booked.

SPDX-License-Identifier: Apache-2.0
"""
import datetime
import json
import pathlib
import shlex
import sys

FEE_MINOR = 1200


def mt940(minor):
    """An amount as MT940 writes it, with its mark."""
    return f"{'D' if minor < 0 else 'C'}{abs(minor) // 100},{abs(minor) % 100:02}"


def make_statement(day, ledger, escrow):
    """What the bank moved on the escrow account, as it tells it, and the fee that it took."""
    date = datetime.date.fromisoformat(day.date).strftime("%y%m%d")
    lines = [":20:DEMO", ":25:62220001", ":28C:1/1", f":60F:C{date}CNY0,00"]
    closing = 0

    def add(minor, reference, text):
        nonlocal closing
        closing += minor
        lines.extend([f":61:{date}{date[2:]}{mt940(minor)}NTRFNONREF//{reference}", f":86:{text}"])

    for line in day.ask("account", "statement", "--ledger", ledger, "--account", escrow, "--all",
                        "--direction", "oldest-first")["lines"]:
        entry = day.ask("command", "get", "--sequence", line["sequence"])["entry"]
        paid = entry.get("confirm_payout", {})
        said = paid or entry.get("book_receipt", {})
        # What the ledger has of the escrow account has the other sign than the bank's own book.
        add(-int(line["amount_minor"]), said.get("bank_reference") or "NONREF",
            "PAYMENT OUT" if paid else "PAYMENT IN")
    add(-FEE_MINOR, "FEE-1", "ACCOUNT FEE")
    mark = mt940(closing)
    return "\n".join([*lines, f":62F:{mark[0]}{date}CNY{mark[1:]}", "-", ""])


def call(day, *words):
    """A call of vslctl, shown; what it says. It finds something open: that is status 1."""
    print(f"  vslctl {shlex.join(map(str, words))}", flush=True)
    done = day.run("vslctl", "--json", *words)
    if done.returncode not in (0, 1):
        sys.exit(f"it ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def reconcile(day, ledger, escrow, folder, money):
    """Loads the statement, finds what its lines are, and lists what is left."""
    print("\nwhat the bank says of the escrow account, and what nobody has booked:")
    path = pathlib.Path(folder) / "demo-statement.sta"
    if not path.exists():
        # Whole or not at all: the same file when the day is played again.
        new = path.with_suffix(".new")
        new.write_text(make_statement(day, ledger, escrow), encoding="ascii")
        new.replace(path)
    loaded = json.loads(call(day, "statement", "load", "--ledger", ledger, path))
    print(f"    statement {loaded['statement_id']}, {loaded['lines']} lines: {loaded['end']}")
    told = json.loads(call(day, "recon", "match", "--ledger", ledger, "--database",
                           day.database))
    for rule in told["rules"]:
        if rule["lines"]:
            print(f"    {rule['lines']} lines by {rule['rule']}")
    told = json.loads(call(day, "recon", "list", "--ledger", ledger, "--days", "0", "--database",
                           day.database))
    for found in told["breaks"]:
        print(f"    {found['break']}: {found['kind']} {found['id']} of "
              f"{money(found['amount_minor'])}, {found['day']}")
    if not any(found["break"] == "FEE" and int(found["amount_minor"]) == -FEE_MINOR
               for found in told["breaks"]):
        sys.exit(f"the bank's fee was not found: {told}")
    told = json.loads(call(day, "recon", "tie-out", "--ledger", ledger, "--database",
                           day.database))
    print(f"    the bank has {money(told['bank_minor'])}, the books {money(told['books_minor'])}")
    for cause, found in told["explained"].items():
        if found["count"]:
            print(f"    {cause}: {money(found['amount_minor'])}")
    if told["unexplained_minor"] != "0":
        sys.exit(f"bank and books do not tie out: {told}")
