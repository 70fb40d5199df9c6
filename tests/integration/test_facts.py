"""What has arrived can be booked, whatever payers and banks wrote.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import re
import unicodedata
import xml.etree.ElementTree

NAME, ACCOUNT, BANK, REFERENCE, RECEIVING, REMARK = 140, 40, 35, 64, 140, 500


def receipts(client, ledger_id, rows):
    """Books a receipt of each row of texts, as long as its field takes; all must be booked. A
    reference that is like another one is left out: a movement is booked once."""
    items = []
    seen = set()
    for row in rows:
        name, account, bank, reference, receiving, remark = row
        like = re.sub(r"\W", "", unicodedata.normalize("NFKC", reference[:REFERENCE]))
        reference = "" if like in seen else reference
        seen.add(like)
        items.append(client.item(
            "book_receipt", ledger_id=ledger_id, amount_minor=1,
            receiving_number=receiving[:RECEIVING],
            payer=client.party(name[:NAME], account[:ACCOUNT], bank[:BANK]),
            bank_reference=reference[:REFERENCE], remark=remark[:REMARK]))
    assert items
    for first in range(0, len(items), 1000):
        outcomes = client.batch_outcomes(items[first:first + 1000])
        assert set(outcomes) <= {"ACCEPTED", "ACCEPTED_UNALLOCATED"}
    return len(items)


def test_the_largest_and_the_oddest_facts_are_booked(client):
    day = client.open_platform(7101, accounts=1)
    number = day.receiving_numbers[0]
    wide = number.translate({ord("0") + i: 0xFF10 + i for i in range(10)})
    everything = "𠀀" * 500
    for receiving, outcome in [
            (number, "ACCEPTED"), (wide, "ACCEPTED"),
            (f" {number[:4]} {number[4:9]}-{wide[9:]}\u3000", "ACCEPTED"),
            ("", "ACCEPTED_UNALLOCATED"), ("请付给张三的店，谢谢", "ACCEPTED_UNALLOCATED"),
            (everything[:RECEIVING], "ACCEPTED_UNALLOCATED")]:
        client.command("book_receipt", outcome, ledger_id=day.ledger_id, amount_minor=1,
                       receiving_number=receiving)
    for number, payer in enumerate([
            client.party("示例" * 23 + "店", "19-2000145399/0800"), client.party("", "", ""),
            client.party(everything[:NAME], everything[:ACCOUNT], everything[:BANK])]):
        done = client.command(
            "book_receipt", "ACCEPTED", ledger_id=day.ledger_id, amount_minor=1,
            account_id=day.accounts[0], payer=payer, bank_reference=everything[:REFERENCE - number],
            remark=everything)
        kept = client.find_command(sequence=done.result.sequence).book_receipt
        plain = client.plain(day.ledger_id, done.result.sequence)
        assert [plain.get((done.result.sequence, f"payer.{field}"), "")
                for field in ("name", "account_number")] == [payer.name, payer.account_number]
        assert (kept.payer.bank_code, kept.remark) == (payer.bank_code, everything)


def test_its_own_name_in_another_width_is_its_own(client):
    day = client.open_platform(7102, accounts=1)
    own = day.control.platform_own_account_id
    client.command("set_terms", ledger_id=day.ledger_id,
                   own_account=client.party("示例商城（上海）有限公司", "6222-0001"))
    for name, outcome in [("示例商城(上海)有限公司", "ACCEPTED"),
                          ("示例商城 (上海) 有限公司", "ACCEPTED"),
                          ("示例商城(北京)有限公司", "PLATFORM_ACCOUNT_MISMATCH")]:
        client.command("book_receipt", outcome, ledger_id=day.ledger_id, account_id=own,
                       amount_minor=1, payer=client.party(name, "６２２２ 0001"))


def texts_of(path):
    """Every text in a file of a bank, as far as it can be read."""
    raw = path.read_bytes()
    if path.suffix == ".xml":
        for element in xml.etree.ElementTree.fromstring(raw).iter():
            yield element.text or ""
        return
    for encoding in ("utf-8-sig", "gb18030", "latin-1"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    text = text.replace("\0", " ")
    if path.suffix == ".csv":
        for row in csv.reader(text.splitlines()):
            yield from row
        return
    yield from re.split(r"\r?\n(?=:)", text)  # tags, with the lines that belong to them
    yield from text.splitlines()


def test_every_text_of_real_statements_can_be_booked(client, shared_data):
    """Each text in each field: nothing that a bank has sent is refused for what it says."""
    day = client.open_platform(7103, accounts=1)
    rows = []
    for path in sorted((shared_data / "statements").rglob("*")):
        if path.suffix in (".xml", ".csv", ".sta", ".mt940", ".bai2"):
            rows += [[text] * 6 for text in texts_of(path) if text]
    count = receipts(client, day.ledger_id, rows)
    print(f"{count} texts booked")
    assert count > 3_000


def test_every_counterparty_of_a_real_bank_can_be_booked(client, shared_data):
    day = client.open_platform(7104, accounts=1)
    with open(shared_data / "berka/transactions.csv", encoding="utf-8") as file:
        partners = {(row["partner_account"], row["partner_bank"], row["purpose"])
                    for row in csv.DictReader(file)}
    count = receipts(client, day.ledger_id, [
        ["", account, bank, "", f"{account}/{bank}", purpose]
        for account, bank, purpose in sorted(partners)])
    print(f"{count} counterparties booked")
    assert count > 800
