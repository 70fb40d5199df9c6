"""Searches of the journal: what they find is what the stream of events says that there is.

SPDX-License-Identifier: Apache-2.0
"""
import json

from waiting import wait_until

DAYS = (20240229, 20240301, 20240302)
PAYER = {"name": "Somebody", "account_number": "6222"}
# By outcome.proto, refusals begin here.
REFUSED_MIN = 100
CHANGES_OF_ACCOUNTS = ("OPEN_ACCOUNT", "CLOSE_ACCOUNT", "RESTRICT_ACCOUNT", "OPEN_FEE_ACCOUNT")


def search(client, ledger_id, **fields):
    """All pages together."""
    return client.list_all("journal", "ListCommands", ledger_id=ledger_id, **fields)


def kind_of(client, entry):
    """"PAY"."""
    name = client.protos.common.CommandKind.Name(entry.kind)
    return name.removeprefix("COMMAND_KIND_")


def reference_of(entry):
    """What the bank called it."""
    which = entry.WhichOneof("request")
    if which not in ("book_receipt", "confirm_payout"):
        return ""
    return getattr(entry, which).bank_reference


def pays(entry):
    """Whether the payer of the test stands there, as an answer shows him."""
    return entry.HasField("book_receipt") and entry.book_receipt.payer.name == "*******y"


def concerns(client, entry, account_id):
    """Whether it moved the account's money or changed the account."""
    if kind_of(client, entry) in CHANGES_OF_ACCOUNTS and entry.subject_id == account_id:
        return True
    return any(account_id in (posting.debit_account_id, posting.credit_account_id)
               for posting in entry.postings)


def searches_of(client, shop):
    """Filters, each with the naive one."""
    account = shop.accounts[0]
    kinds = ["COMMAND_KIND_PAY", "COMMAND_KIND_RESTRICT_ACCOUNT"]
    return [
        ({}, lambda entry: True),
        ({"page_size": 7, "account_id": account},
         lambda entry: concerns(client, entry, account)),
        ({"kinds": kinds},
         lambda entry: kind_of(client, entry) in ("PAY", "RESTRICT_ACCOUNT")),
        ({"accepted_only": True}, lambda entry: entry.outcome < REFUSED_MIN),
        ({"refused_only": True}, lambda entry: entry.outcome >= REFUSED_MIN),
        ({"amount_from_minor": 500, "amount_to_minor": 900}, lambda entry: any(
            500 <= posting.amount_minor <= 900 for posting in entry.postings)),
        ({"bank_reference": "R-2"}, lambda entry: reference_of(entry) == "R-2"),
        ({"party_account_number": PAYER["account_number"]}, pays),
        ({"party_name": PAYER["name"], "party_account_number": PAYER["account_number"]}, pays),
        ({"party_name": PAYER["name"], "amount_from_minor": 500}, lambda entry: pays(entry) and any(
            posting.amount_minor >= 500 for posting in entry.postings)),
        ({"order_number": "S-1"}, lambda entry: entry.order_number == "S-1"),
        ({"order_number": "S-1", "account_id": account, "kinds": kinds},
         lambda entry: entry.order_number == "S-1" and concerns(client, entry, account)
         and kind_of(client, entry) in ("PAY", "RESTRICT_ACCOUNT")),
        ({"from_date": DAYS[1], "to_date": DAYS[1]},
         lambda entry: entry.accounting_date == DAYS[1]),
        ({"to_date": DAYS[0], "account_id": account},
         lambda entry: entry.accounting_date <= DAYS[0] and concerns(client, entry, account)),
        ({"from_date": DAYS[2], "refused_only": True},
         lambda entry: entry.accounting_date >= DAYS[2] and entry.outcome >= REFUSED_MIN),
    ]


def play(client, shop, day):
    """A day with something of everything."""
    ledger, accounts = shop.ledger_id, shop.accounts
    for number in range(4):
        client.command("book_receipt", ledger_id=ledger, account_id=accounts[number % 2],
                       amount_minor=100_000, payer=PAYER, remark="R-2",
                       bank_reference=f"R-{number}" if day == 0 else f"R-{day}-{number}")
    client.command("book_receipt", "BANK_REFERENCE_USED", ledger_id=ledger, amount_minor=1,
                   account_id=accounts[0], bank_reference="R-2")
    client.command("restrict_account", ledger_id=ledger, account_id=accounts[0], no_in=True)
    client.command("pay", "ACCOUNT_RESTRICTED_IN", ledger_id=ledger, payer_account_id=accounts[1],
                   payees=[(accounts[0], 600)], order_number="S-1")
    client.command("restrict_account", ledger_id=ledger, account_id=accounts[0])
    client.batch([client.item("pay", ledger_id=ledger, payer_account_id=accounts[1 + number % 3],
                              payees=[(accounts[number % 7 // 6], 1 + number)],
                              order_number=f"S-{number % 50}") for number in range(900)])
    if day < 2:
        client.command("cut_day", ledger_id=ledger, accounting_date=DAYS[day + 1])


def expect_all(client, shop):
    """Each search against the entries of the stream; gives how many each has found."""
    last = search(client, shop.ledger_id, page_size=1000)[0].sequence
    entries = [entry for entry in client.entries(1, last) if entry.ledger_id == shop.ledger_id]
    counts = []
    for fields, is_wanted in searches_of(client, shop):
        wanted = [entry for entry in reversed(entries) if is_wanted(entry)]
        assert search(client, shop.ledger_id, **fields) == wanted, fields
        counts.append(len(wanted))
    return counts


def test_searches_give_what_the_stream_gives(make_server, database, tools):
    """Over indexed segments and memory, before and after a restart."""
    server = make_server(database.url, {"journal.segment_commands": "1000"}).start()
    client = server.connect()
    shop = client.open_platform(8701, accounts=8)
    for day in range(3):
        play(client, shop, day)
    wait_until(lambda: database.one(
        "select count(*) from vsl.segment where state = 3") >= 2, "indexed segments")
    counts = expect_all(client, shop)
    assert all(count > 0 for count in counts), counts
    server.kill()
    server.start()
    client = server.connect()
    assert expect_all(client, shop) == counts

    asked = ["command", "list", "--server", f"127.0.0.1:{server.port}", "--ledger",
             str(shop.ledger_id)]
    said = json.loads(tools.vslctl(*asked, "--bank-reference", "R-2", "--json").stdout)
    assert len(said["entries"]) == counts[6]
    said = json.loads(tools.vslctl(*asked, "--outcome", "account-restricted-in", "--json").stdout)
    assert len(said["entries"]) == 3
    page = tools.vslctl(*asked, "--account", str(shop.accounts[0]), "--limit", "2").stdout
    assert "more: --page-token " in page
    assert server.terminate() == 0
    tools.check_database(database.url)
