"""demo_screen.py: the part of the demo day of demo_day.py in which a deny list is loaded from a
file, and a second person decides who of those that it finds was meant.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import shlex
import sys

LIST = """\
source,name,document_kind,document_number,account_number,reason,from_date,expires
police,王小明,,,,notice 2024-17,2024-01-05,
law,,citizen_card,110101199003070038,,list of 2024-01,2024-01-01,
bank,,,,6222029999999999999,fraud desk 4711,,
"""
# Anybody may be called 王小明; a number is one person's.
PERSONS = {"finn": ("王小明", "110101199003070011"), "gina": ("赵六", "110101199003070038")}


def open_account(day, ledger, name):
    """An identified user with some money; the member and the account."""
    who, number = PERSONS[name]
    member = day.do(f"open-{name}", "member", "open", "--ledger", ledger, "--kind", "user",
                    "--id", name)["member_id"]
    account = day.do(f"account-{name}", "account", "open", "--ledger", ledger, "--member",
                     member)["account_id"]
    day.do(f"identify-{name}", "member", "identify", "--ledger", ledger, "--member", member,
           "--subject", "person", "--holder-name", who, "--holder-document-kind", "citizen-card",
           "--holder-number", number, "--holder-valid-from-date", "20200101", "--check-by",
           "id-check-1", "--check-at", "2024-01-05T10:00:00+08:00", "--check-result-code", "0000",
           "--check-reference", "2024-18")
    day.do(f"receipt-{name}", "receipt", "--ledger", ledger, "--account", account, "--amount",
           "30.00", "--payer-name", who, "--payer-account", "6216261000000000018",
           "--bank-reference", f"SCREEN-{name}".upper())
    return member, account


def load_list(day, ledger, folder):
    """The bank's list, from a file; given again it is known."""
    path = pathlib.Path(folder) / "demo-list.csv"
    if not path.exists():
        new = path.with_suffix(".new")
        new.write_text(LIST, encoding="utf-8")
        new.replace(path)
    words = ("denied", "load", "--ledger", ledger, "--channel", "demo", path)
    print(f"  vslctl {shlex.join(map(str, words))}", flush=True)
    done = day.run("vslctl", "--json", *words)
    if done.returncode != 0:
        sys.exit(f"it ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    told = json.loads(done.stdout)
    print(f"    {told['accepted']} of {told['lines']} lines are listed")


def decide(day, ledger, hit, decision, reason):
    """What a second person says of a hit: another caller, or where none is known a channel."""
    words = ("hit", "decide", "--ledger", ledger, "--hit", hit, "--decision", decision, "--reason",
             reason, "--evidence", "file 4711")
    day.be_refused(f"decide-own-{hit}", "refused: same_caller", *words)
    second = ("--profile", "second") if day.has_callers else ()
    day.do(f"decide-{hit}", *second, *words, channel="demo-second")


def screen(day, ledger, account):
    """Two of a name or number on the list rest; one is another person, one is who was meant."""
    print("\nwho is on a deny list rests, until a second person has looked:")
    (finn, finns), (gina, ginas) = (open_account(day, ledger, name) for name in PERSONS)
    load_list(day, ledger, day.folder)
    hits = {}
    for name, member in (("finn", finn), ("gina", gina)):
        hit = day.ask("hit", "list", "--ledger", ledger, "--member", member)["hits"][0]
        hits[name] = hit["hit_id"]
        print(f"    hit {hit['hit_id']}: {name}, by entry {hit['denied_id']}")
    pay = ("pay", "--ledger", ledger, "--payee", f"{account['shop-17']}:5.00", "--from")
    day.be_refused("finn-rests", "refused: account_restricted_out", *pay, finns)
    waits = day.do("receipt-waits", "receipt", "--ledger", ledger, "--account", finns, "--amount",
                   "20.00", "--payer-name", "李四", "--payer-account", "6216261000000000026")
    item = waits["result"]["suspense_id"]
    print(f"    20.00 for Finn waits as item {item}")
    day.be_refused("listed-payee", "refused: party_restricted", "withdraw", "--ledger", ledger,
                   "--account", account["anna"], "--amount", "1.00", "--to-name", "李四",
                   "--to-account", "6222029999999999999")
    decide(day, ledger, hits["finn"], "cleared", "another birthday")
    decide(day, ledger, hits["gina"], "confirmed", "the same person")
    day.do("finn-gets", "suspense", "allocate", "--ledger", ledger, "--suspense", item, "--payee",
           f"{finns}:20.00")
    day.do("finn-pays", *pay, finns)
    day.be_refused("gina-rests", "refused: account_restricted_out", *pay, ginas)
    words = ("member", "show", "--ledger", ledger, "--member", gina)
    print(f"  vslctl {shlex.join(map(str, words))}")
    shown = day.ask(*words)
    print(f"    hits: {[hit['status'] for hit in shown['hits']]}, of "
          f"{shown['member']['identity']['holder']['name']}")
