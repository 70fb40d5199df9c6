"""vslctl account print: an account's statement as a paper says what the events say, whatever form
it is in, whoever asks, and whatever others have written.

SPDX-License-Identifier: Apache-2.0
"""
import csv
import io
import random
import re
from collections import defaultdict

from books_rules import add_days
from client import DATE
from test_certificate import Page, day

NAMES = {1: "available", 2: "pending_in", 3: "pending_out", 4: "frozen"}


class Papers:
    """Prints statements of one ledger."""

    def __init__(self, tools, target, ledger_id, *options):
        self.tools, self.ledger_id = tools, ledger_id
        self.options = ["--server", target, *options]

    def text(self, account, *options, status=0):
        """What it prints, or says."""
        done = self.tools.vslctl("account", "print", "--ledger", self.ledger_id, "--account",
                                 account, *self.options, *options, status=status)
        return done.stderr if status else done.stdout

    def rows(self, account, first, last):
        """{bucket: (opening, lines, closing)} of some dates, which add up; how they end."""
        text = self.text(account, "--csv", *dates(first, last))
        found, ends = {}, set()
        for row in csv.DictReader(io.StringIO(text)):
            assert row["account_id"] == str(account)
            balance = int(row["balance_after_minor"])
            if row["row"] == "opening":
                assert row["bucket"] not in found
                found[row["bucket"]] = [balance, [], None]
                continue
            one = found[row["bucket"]]
            if row["row"] == "line":
                assert balance == int(row["amount_minor"]) + (
                    one[1][-1][-1] if one[1] else one[0])
                one[1].append((int(row["sequence"]), int(row["line"]), int(row["amount_minor"]),
                               balance))
                continue
            assert one[2] is None and balance == (one[1][-1][-1] if one[1] else one[0])
            one[2] = balance
            ends.add(row["row"])
        assert list(found) == list(NAMES.values()) and len(ends) == 1
        return found, ends.pop()


def dates(first, last):
    """Options."""
    return ["--from", day(first), "--to", day(last)]


def check_papers(tools, target, naive, ledger_id):
    """Of accounts drawn by lot and all dates that are closed, one and several."""
    papers = Papers(tools, target, ledger_id)
    ends = sorted(naive.ends)
    accounts = sorted({key[0] for key in naive.ends[ends[-1]][0]})
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for account in dice.sample(accounts, min(6, len(accounts))):
        for first, last in {(ends[0], ends[-1]), *((date, date) for date in ends[-2:])}:
            found, end = papers.rows(account, first, last)
            assert end == "closing"
            before = naive.ends[max(date for date in ends if date < first)][0] \
                if first > ends[0] else {}
            for number, bucket in NAMES.items():
                assert found[bucket] == [
                    before.get((account, number), 0),
                    [(line[0], line[1], line[4], line[5]) for date in ends if first <= date <= last
                     for line in naive.lines[date] if line[2:4] == (account, bucket)],
                    naive.ends[last][0].get((account, number), 0)]


def pages_of(text):
    """The pages; each has its own total."""
    pages = text.split("<section class=page>")[1:]
    for number, page in enumerate(pages, 1):
        assert f"page {number}</i>" in page
    for page in pages[:-1]:
        body, foot = page.split("<tfoot>")
        sums = defaultdict(int)
        for row in re.findall(r"<tr>(.*?)</tr>", body)[2:]:
            cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
            for place in (-3, -2):
                sums[place] += minor(cells[place])
        said = re.findall(r"<td class=n>(.*?)</td>", foot)
        assert [sums[-3], sums[-2]] == [minor(said[0]), minor(said[1])]
    return pages


def minor(text):
    """1,234.56 in minor units."""
    return int(text.replace(",", "").replace(".", "") or 0)


def test_a_paper_for_the_member(server, client, tools, tmp_path):
    """Pages with their totals, capitals, texts of others, open days, measures of the bank."""
    shop = client.open_platform(7877, accounts=1)
    on = {"ledger_id": shop.ledger_id}
    hostile = "=<script>alert('1')</script>\u202e&"
    member = client.command("open_member", kind="MEMBER_KIND_USER", platform_member_id=hostile,
                            **on).member_id
    one, two = shop.accounts[0], client.command("open_account", member_id=member,
                                                **on).account_id
    papers = Papers(tools, server.target, shop.ledger_id)
    client.command("book_receipt", account_id=one, amount_minor=10_000_000, **on)
    for i in range(60):
        client.command("pay", payer_account_id=one, payees=[(two, 100 + i)], order_number=f"O{i}",
                       remark=hostile if i == 7 else "备注" * 30 if i % 9 == 0 else "", **on)
    client.command("pay", payer_account_id=two, payees=[(one, 1)], order_number=hostile, **on)
    client.command("place_freeze", account_id=two, amount_minor=300, purpose="RISK",
                   reason="looked into", **on)
    whole = papers.text(two, "--html")
    assert "未日终" in whole and "RISK" not in whole and "银行措施" in whole
    assert "provisional" in papers.text(two, "--csv", "--to", day(add_days(DATE, 40)))
    client.command("cut_day", accounting_date=add_days(DATE, 1), **on)
    on_date = dates(DATE, DATE)
    text = papers.text(two, "--html", *on_date)
    page = Page(text)
    assert "script" not in page.tags and "\u202e" not in text and "http" not in text
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert hostile.replace("\u202e", "\\u202e") in page.cells
    pages = pages_of(text)
    assert len(pages) >= 5 and "承前页" in pages[1] and "期初余额" in pages[0]
    held = client.available(shop.ledger_id, two)
    assert held == sum(range(100, 160)) - 1 - 300 == 7469
    assert "人民币柒拾肆元陆角玖分" in pages[-1] and "银行盖章" in pages[-1]
    assert "bank measure" in text and "未日终" not in text and "RISK" not in text
    rows, end = papers.rows(two, DATE, DATE)
    assert end == "closing" and rows["frozen"][2] == 300 and rows["available"][2] == held
    spreadsheet = papers.text(two, "--csv", *on_date)
    assert f"\"'{hostile[:8]}" in spreadsheet and ",\"=" not in spreadsheet
    plain = papers.text(two, *on_date)
    assert "74.69" in plain and "银" not in plain and "bank measure" in plain
    assert "\u202e" not in plain and "\\u202e" in plain
    # Whatever comes later it is the same, also as a file; and of a date without a line.
    client.command("pay", payer_account_id=two, payees=[(one, 5)], **on)
    for form, made in (("--html", text), ("--csv", spreadsheet)):
        papers.text(two, form, *on_date, "--output", tmp_path / "paper")
        # What is printed cannot steer a terminal.
        assert (tmp_path / "paper").read_text().replace("\u202e", "\\u202e") == made
    client.command("cut_day", accounting_date=add_days(DATE, 2), **on)
    client.command("cut_day", accounting_date=add_days(DATE, 3),
                   key=client.key(date=add_days(DATE, 1)), **on)
    rows, end = papers.rows(two, add_days(DATE, 2), add_days(DATE, 2))
    assert rows["available"] == [held - 5, [], held - 5] and rows["frozen"][0] == 300
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]
    # What cannot be.
    assert "has not begun" in papers.text(two, "--from", day(add_days(DATE, 9)), status=1)
    assert "behind --to" in papers.text(two, *dates(add_days(DATE, 1), DATE), status=2)
    papers.text(99, status=1)
    assert "could not write" in papers.text(two, "--output", tmp_path / "no/paper", status=2)
    assert "--csv" in papers.text(two, "--json", status=2)


def test_a_foreign_clerk_prints_nothing(house, tools):
    maker = house.let_in("maker", ["front", "operator", "adapter"])
    mine, other = (maker.open_platform(prefix, accounts=1) for prefix in (7878, 7879))
    maker.command("book_receipt", ledger_id=mine.ledger_id, account_id=mine.accounts[0],
                  amount_minor=7)
    house.let_in("clerk", ["platform"], ledgers=[other.ledger_id])
    certificate, key = house.authority.sign("clerk")
    key.chmod(0o600)
    secured = ["--tls-ca", house.authority.certificate, "--tls-cert", certificate, "--tls-key", key,
               "--tls-name", "localhost"]
    for ledger, status in ((mine, 1), (other, 0)):
        papers = Papers(tools, house.server.target, ledger.ledger_id, *secured)
        papers.text(ledger.accounts[0], status=status)
