"""Statements that are damaged, hostile or very long: what `vslctl statement check` refuses, with
the line and the field, and that memory does not grow with the file.

SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess

import pytest

from support import statements

MT = (":20:S\n:25:123\n:28C:1/1\n:60F:C260101CNY10,00\n:61:2601020102D2,50NTRFREF\n"
      ":86:SOMEBODY\n:62F:C260102CNY7,50\n-\n")
CAMT = "".join(statements.camt053(3))
BAI2 = "".join(statements.bai2(3))
CSV = "".join(statements.csv(3))
SUM = sum(statements.amounts(3))


def lines(*replaced, of):
    """A text with parts replaced, each of which is there."""
    for old, new in replaced:
        assert old in of, old
        of = of.replace(old, new)
    return of


# Name, content, what the printed lines must hold, in order; the exit status.
TABLE = [
    ("as it is", MT, ["account=123 opening=10.00 entries=1 closing=7.50 adds-up=yes"], 0),
    ("empty", "", ["refused: is empty"], 2),
    ("blanks", " \n\n", ["refused: is empty"], 2),
    ("a NUL", MT.replace("REF", "R\0F"), ["refused: line 5: has a NUL byte"], 2),
    ("a long line", MT.replace("SOMEBODY", "X" * 10_000_000),
     ["refused: line 6: is longer than 65536 bytes"], 2),
    ("a long field", MT.replace("SOMEBODY", "X\n" * 40_000),
     ["refused: line 6: :86: is longer than a field may be"], 2),
    ("cut off", MT[:MT.index(":62F")], ["ends without a closing balance"], 2),
    ("cut in an amount", MT[:MT.index("D2,5")] + "\n",
     ["refused: line 5: :61: mark is none of C, D, RC, RD, EC, ED"], 2),
    ("the file twice", MT * 2, ["adds-up=yes", "adds-up=yes"], 0),
    ("an entry twice", MT.replace(":86:SOMEBODY\n", ":86:SOMEBODY\n" + MT[MT.index(":61"):
                                                                      MT.index(":62F")]),
     ["entries=2 closing=7.50 adds-up=no"], 1),
    ("the wrong sign", lines(("D2,50", "C2,50"), of=MT), ["adds-up=no"], 1),
    ("a reversal", lines(("D2,50", "RC2,50"), of=MT), ["adds-up=yes"], 0),
    ("a reversal of a debit", lines(("D2,50", "RD2,50"), of=MT), ["adds-up=no"], 1),
    ("funds code", lines(("D2,50", "DY2,50"), of=MT), ["adds-up=yes"], 0),
    ("three decimals", lines(("D2,50", "D2,501"), of=MT),
     ["refused: line 5: :61: amount has more decimals than its currency"], 2),
    ("three decimals of zero", lines(("D2,50", "D2,5000"), of=MT), ["adds-up=yes"], 0),
    ("no decimals in yen", lines(("CNY10,00", "JPY10,"), ("D2,50", "D2,5"), ("CNY7,50", "JPY7,"),
                                 of=MT),
     ["refused: line 5: :61: amount has more decimals than its currency"], 2),
    ("the largest", lines(("CNY10,00", "CNY92233720368547758,07"), ("D2,50", "D0,"),
                          ("CNY7,50", "CNY92233720368547758,07"), of=MT),
     ["opening=92233720368547758.07 entries=1 closing=92233720368547758.07 adds-up=yes"], 0),
    ("beyond 64 bits", lines(("CNY10,00", "CNY92233720368547758,08"), of=MT),
     ["refused: line 4: :60F: amount is beyond 64 bits"], 2),
    ("a sum beyond 64 bits", lines(("CNY10,00", "CNY92233720368547758,07"), ("D2,50", "C1,"),
                                   of=MT),
     ["adds-up=no"], 1),
    ("many zeros", lines(("CNY10,00", "CNY" + "0" * 400 + "10,00"), of=MT), ["adds-up=yes"], 0),
    ("many digits", lines(("CNY10,00", "CNY" + "9" * 4000), of=MT),
     ["refused: line 4: :60F: amount is beyond 64 bits"], 2),
    ("a minus", lines(("D2,50", "D-2,50"), of=MT), ["refused: line 5: :61: amount is none"], 2),
    ("no number", lines(("D2,50", "DNaN"), of=MT), ["refused: line 5: :61: amount is none"], 2),
    ("two commas", lines(("D2,50", "D2,5,0"), of=MT), ["refused: line 5: :61: amount is none"], 2),
    ("no currency", lines(("CNY10", "XXX10"), of=MT),
     ["refused: line 4: :60F: has no currency of ISO 4217"], 2),
    ("two currencies", lines(("CNY7,50", "USD7,50"), of=MT),
     ["refused: line 7: :62F: has another currency than the statement"], 2),
    ("no such day", lines(("2601020102", "2613020102"), of=MT), ["value date is no day"], 2),
    ("30 February", lines(("2601020102", "2602300102"), of=MT), ["adds-up=yes"], 0),
    ("31 February", lines(("2601020102", "2602310102"), of=MT), ["value date is no day"], 2),
    ("31 April", lines(("2601020102", "2604310102"), of=MT), ["value date is no day"], 2),
    ("another message", "{1:F01BANKCNBJXXXX0000000000}{2:O103BANKCNBJXXXXN}{4:\n" + MT,
     ["refused: line 1: the message is no statement: block 2 says MT103"], 2),
    ("no UTF-8", MT.replace("SOMEBODY", "M\udce4DCHEN"), ["adds-up=yes"], 0),

    ("camt", CAMT, [f"opening=0.00 entries=3 closing={SUM / 100:.2f} adds-up=yes"], 0),
    ("camt cut off", CAMT[:-40], ["is no well-formed XML, or is cut off"], 2),
    ("camt without end", CAMT[:CAMT.index("<Ntry>")], ["or is cut off"], 2),
    ("entities", lines(("<Document", "<!DOCTYPE D [<!ENTITY a 'x'>]><Document"),
                       ("GENERATED", "&a;"), of=CAMT),
     ["has a document type (DOCTYPE), which no statement has"], 2),
    ("billion laughs", "<!DOCTYPE D [<!ENTITY a0 'ha'>" + "".join(
        f"<!ENTITY a{i + 1} '{f'&a{i};' * 10}'>" for i in range(20)) +
     "]><Document>&a20;</Document>",
     ["refused: line 1: "], 2),
    ("an entity of a file", "<!DOCTYPE D [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>\n"
     + CAMT[CAMT.index("<Document"):].replace("GENERATED", "&f;"), ["has a document type"], 2),
    ("a DTD of the network", "<!DOCTYPE D SYSTEM 'http://127.0.0.1:1/x.dtd'><Document/>",
     ["has a document type"], 2),
    ("an entity that is not there", CAMT.replace("GENERATED", "&f;"), ["no well-formed XML"], 2),
    ("a long prologue",
     "<?xml version='1.0'?>" + "<!-- x -->" * 200_000 + CAMT[CAMT.index("<Doc"):],
     ["has no element within its first 128 KiB"], 2),
    ("a deep tree", "<Document>" + "<a>" * 100_000, ["refused: line 1: is XML and no camt"], 2),
    ("a deep statement", CAMT[:CAMT.index("<Ntry>")] + "<a>" * 100_000,
     ["elements are nested deeper than those of a statement"], 2),
    ("a text of 65 KiB", CAMT.replace("GENERATED", "G" * 66_000), ["refused: line 3: a text"], 2),
    ("a long text", CAMT.replace("GENERATED", "G" * 10_000_000), ["of more than 128 KiB"], 2),
    ("many attributes", CAMT.replace("<Ntry>", "<Ntry " + " ".join(
        f"a{i}=''" for i in range(200_000)) + ">"), ["of more than 128 KiB"], 2),
    ("many attributes in front", "<D " + " ".join(f"a{i}=''" for i in range(200_000)) + "/>",
     ["has no element within its first 128 KiB"], 2),
    ("a long name", CAMT.replace("<Id>GEN", f"<{'N' * 5000}/><Id>GEN"), ["refused: line 3"], 2),
    ("no XML", "<Document><", ["no well-formed XML"], 2),
    ("other XML", "<a><b/></a>", ["is XML and no camt.052, camt.053 or camt.054"], 2),
    ("a page named .xls", "\n<HTML><body/></html>", ["is a web page", "save the sheet as CSV"], 2),
    ("a workbook in XML", "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?><W/>",
     ["a workbook in XML", "save the sheet as CSV"], 2),
    ("camt: the legal number", lines(("<Acct>", "<LglSeqNb>x</LglSeqNb><Acct>"), of=CAMT),
     ["refused: line 3: LglSeqNb is no number"], 2),
    ("camt: three decimals", lines(("<Amt Ccy='CNY'>0.00", "<Amt Ccy='CNY'>0.001"), of=CAMT),
     ["refused: line 4: Bal/Amt has more decimals than its currency"], 2),
    ("camt: a minus", lines(("<Amt Ccy='CNY'>0.00", "<Amt Ccy='CNY'>-0.01"), of=CAMT),
     ["refused: line 4: Bal/Amt is no amount"], 2),
    ("camt: a comma", lines(("<Amt Ccy='CNY'>0.00", "<Amt Ccy='CNY'>0,00"), of=CAMT),
     ["refused: line 4: Bal/Amt is no amount"], 2),
    ("camt: infinity", lines(("<Amt Ccy='CNY'>0.00", "<Amt Ccy='CNY'>INF"), of=CAMT),
     ["refused: line 4: Bal/Amt is no amount"], 2),
    ("camt: no sign", lines(("<CdtDbtInd>CRDT</CdtDbtInd><Dt>", "<Dt>"), of=CAMT),
     ["refused: line 4: Bal has no CdtDbtInd"], 2),
    ("camt: no status", lines(("<Sts><Cd>BOOK</Cd></Sts>", ""), of=CAMT),
     ["refused: line 6: Ntry has no status"], 2),
    ("camt: pending", lines(("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>"), of=CAMT),
     ["entries=3", "adds-up=no"], 1),
    ("camt: another currency", lines(("<Ntry><Amt Ccy='CNY'>", "<Ntry><Amt Ccy='USD'>"), of=CAMT),
     ["refused: line 6: Ntry is booked in USD, the statement is in CNY"], 2),
    ("camt: no account", lines(("<Id>12345</Id>", ""), of=CAMT), ["has no account (Acct/Id)"], 2),
    ("camt: no opening", lines((">OPBD<", ">INFO<"), of=CAMT), ["no opening balance"], 2),
    ("camt: a reversal keeps its sign", lines(("<Sts>", "<RvslInd>true</RvslInd><Sts>"), of=CAMT),
     ["adds-up=yes"], 0),
    ("camt in UTF-16", CAMT.replace("UTF-8", "UTF-16").encode("utf-16"), ["is UTF-16 text"], 2),

    ("bai2", BAI2, [f"entries=3 closing={SUM / 100:.2f} adds-up=yes"], 0),
    ("bai2 cut off", BAI2[:BAI2.index("98,")], ["adds-up=yes", "record 98 is missing"], 2),
    ("bai2 cut in an account", BAI2[:BAI2.index("49,")], ["record 49 is missing"], 2),
    ("bai2: a record less", lines(("88,Order 1\n", ""), of=BAI2),
     ["adds-up=no", "refused: line 10: record 98 tells of 1 accounts and 10 records"], 2),
    ("bai2: another version", lines(("80,1,2/", "80,1,3/"), of=BAI2), ["version 2"], 2),
    ("bai2: an amount", lines(("010,0,", "010,1.5,"), of=BAI2),
     ["record 03: amount is no amount"], 2),
    ("bai2: a type", lines(("16,195", "16,095"), of=BAI2), ["neither a credit nor a debit"], 2),
    ("bai2: out of order", BAI2[BAI2.index("03,"):], ["no known format"], 2),
    ("bai2: no record", BAI2.replace("88,Order 1\n", "88,Order 1/\nwhat\n"), ["is no record"], 2),

    ("csv", CSV, [f"entries=3 closing={(SUM + 10**12) / 100:.2f} adds-up=yes"], 0),
    ("csv in GBK", CSV.encode("gbk"), ["entries=3", "adds-up=yes"], 0),
    ("csv with a mark and CRLF", "\ufeff" + CSV.replace("\n", "\r\n"), ["adds-up=yes"], 0),
    ("csv: a row twice", CSV + CSV.splitlines(True)[-1], ["entries=4", "adds-up=no"], 1),
    ("csv: a row less", "".join(CSV.splitlines(True)[:3] + CSV.splitlines(True)[4:]),
     ["entries=2", "adds-up=no"], 1),
    ("csv: no amount", lines(('"-0.01"', '"x"'), of=CSV),
     ["refused: line 3: column 金额 (amount) is no amount"], 2),
    ("csv: two signs", lines(('"-0.01"', '"-0.01-"'), of=CSV), ["has two signs"], 2),
    ("csv: a minus behind", lines(('"-0.01"', '"0.01-"'), of=CSV), ["adds-up=yes"], 0),
    ("csv: a wrong separator", lines(('"-0.01"', '"-1,00.01"'), of=CSV),
     ["has a separator that does not stand before three digits"], 2),
    ("csv: three decimals", lines(('"-0.01"', '"-0.012"'), of=CSV), ["more decimals"], 2),
    ("csv: beyond 64 bits", lines(('"-0.01"', f'"-{"9" * 30}"'), of=CSV), ["beyond 64 bits"], 2),
    ("csv: no day", lines(("2026-01-02", "2026-02-30"), of=CSV),
     ["line 3: column 记账日期 (date) is no day in the profile's date-format"], 2),
    ("csv: no currency", lines(("人民币", "某币"), of=CSV), ["(currency-column) is no currency"], 2),
    ("csv: an open quote", CSV.replace('"-0.01"', '"-0.01'), ["quote"], 2),
    ("csv: a long row", CSV.replace("某人1", '"' + "某\n" * 40_000 + '"'), ["more than 64 KiB"], 2),
    ("csv: no head", CSV.splitlines(True)[2] * 100, ["no profile of tables fits a head"], 2),
    ("csv: a head alone", "".join(CSV.splitlines(True)[:2]), ["has a head and no row"], 2),
    ("zip", "PK\x03\x04...", ["is a ZIP archive or an XLSX workbook: unpack it"], 2),
    ("pdf", "%PDF-1.4", ["is a PDF"], 2),
    ("xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, ["is a workbook (.xls)"], 2),
]


@pytest.mark.parametrize("name, content, expected, status", TABLE, ids=[row[0] for row in TABLE])
def test_table(tools, tmp_path, name, content, expected, status):
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes)
                     else content.encode("utf-8", "surrogateescape"))
    done = tools.vslctl("statement", "check", path, status=status, timeout=60)
    at = 0
    for part in expected:
        assert part in done.stdout[at:], f"{name}: {done.stdout}{done.stderr}"
        at = done.stdout.index(part, at)
    assert "SOMEBODY" not in done.stdout + done.stderr
    # The same from a pipe, which cannot be looked at twice.
    piped = subprocess.run([tools.path("vslctl"), "statement", "check", "-"], check=False,
                           input=path.read_bytes(), capture_output=True, timeout=60)
    assert piped.returncode == status
    assert piped.stdout.decode() == done.stdout.replace(f"{path} ", "- ")


def test_names_are_the_rows(tools, tmp_path):
    """What is told besides the lines: twins, gaps, breaks."""
    path = tmp_path / "file"
    path.write_text(MT * 2)
    said = tools.vslctl("statement", "check", path).stderr
    assert "line 13: the entry has the same content as one before, in line 5" in said
    assert "line 9: the statement has the same content as one before, in line 1" in said
    assert "line 9: opening 10.00 is not closing 7.50 of the statement before it" in said
    second = lines((":28C:1/1", ":28C:4/1"), ("CNY10,00", "CNY7,50"), ("CNY7,50\n-", "CNY5,00\n-"),
                   of=MT)
    path.write_text(MT + second)
    said = tools.vslctl("statement", "check", path).stderr
    assert "line 9: statement 4 follows 1: those between are missing" in said
    assert "is not closing" not in said
    paged = lines((":62F:", ":62M:"), of=MT) + lines(
        (":28C:1/1", ":28C:1/3"), (":60F:C260101CNY10,00", ":60M:C260101CNY7,50"),
        (":62F:C260102CNY7,50", ":62F:C260102CNY5,00"), of=MT)
    path.write_text(paged)
    said = tools.vslctl("statement", "check", path).stderr
    assert "line 9: page 3 follows 1: those between are missing" in said
    # The same statement in another file.
    other = tmp_path / "other"
    other.write_text(MT)
    said = tools.vslctl("statement", "check", other, other).stderr
    assert said.count("there twice") == 2


def test_many_findings_are_counted(tools, tmp_path):
    path = tmp_path / "file"
    entry = MT[MT.index(":61"):MT.index(":62F")]
    path.write_text(MT.replace(entry, entry * 100))
    said = tools.vslctl("statement", "check", path, status=1).stderr
    assert said.count("\n") == 21
    # 99 twins and the difference.
    assert "and 80 more of this statement" in said


PROFILE = """[ours]
head = Datum,Betrag,Saldo
date = Datum
date-format = DD.MM.YYYY
amount = Betrag
balance = Saldo
decimal-point = ,
thousands = .
currency = EUR
account-pattern = Konto: {*}
encoding = ISO-8859-1
"""
OURS = ("Konto: DE123\nDatum;Betrag;Saldo;Name\n2.1.2026;-1.000,50;500,00;M\udcfcller\n"
        "01.01.2026;1.500,50;1.500,50;x\n")


@pytest.mark.parametrize("profile, expected, status", [
    (PROFILE, "account=DE123 opening=0.00 entries=2 closing=500.00 adds-up=yes", 0),
    (PROFILE + "sign = inverted\n", "adds-up=no", 1),
    (PROFILE.replace("Saldo", "Stand"), "has no head of profile ours", 2),
    (PROFILE.replace("balance = Saldo\n", ""), "opening=- entries=2 closing=- adds-up=yes", 0),
    (PROFILE + "colour = red\n", "line 12: has a key that there is not", 2),
    (PROFILE + "sign = up\n", "line 12: has a value that its key does not take", 2),
    (PROFILE + "date = Tag\n", "line 12: gives a key twice", 2),
    (PROFILE.replace("currency = EUR\n", ""), "[ours]: a profile has neither currency", 2),
    (PROFILE.replace("EUR", "XXX"), "line 9: has a currency that is not of ISO 4217", 2),
    (PROFILE.replace("amount = Betrag\n", ""), "[ours]: a profile has amount, or in and out", 2),
    (PROFILE.replace("ISO-8859-1", "KLINGON"), "encoding KLINGON of the profile is not known", 2),
    (PROFILE.replace("thousands = .", "thousands = ,"), "one character for decimal-point and", 2),
    (PROFILE.replace("Konto:", "K" * 300), "line 10: has more than 198 bytes", 2),
    ("", "there is no profile in it", 2),
])
def test_profiles_of_a_file(tools, tmp_path, profile, expected, status):
    (tmp_path / "ours.ini").write_text(profile)
    (tmp_path / "file.csv").write_bytes(OURS.encode("utf-8", "surrogateescape"))
    done = tools.vslctl("statement", "check", "--profile", tmp_path / "ours.ini",
                        tmp_path / "file.csv", status=status)
    assert expected in done.stdout + done.stderr


def test_built_in_profiles(tools, tmp_path):
    listed = tools.vslctl("statement", "check", "--profiles").stdout
    assert listed.count("\n") > 15 and "boc-debit" in listed
    said = tools.vslctl("statement", "check", "--profile", "nobody", "x", status=2).stderr
    assert "is no profile; there are abc-debit, alipay" in said
    path = tmp_path / "file.csv"
    path.write_text(CSV)
    done = tools.vslctl("statement", "check", "--profile", "boc-debit", path)
    assert "adds-up=yes" in done.stdout
    said = tools.vslctl("statement", "check", "--profile", "jd", path, status=2).stdout
    assert "has no head of profile jd" in said


ALIPAY = """#支付宝账务明细查询
#账号：[20885012345678900156]
#-----------------------------------------账务明细列表----------------------------------------
账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注
1001\t,2001\t,3001\t,书\t,2026-01-02 10:00:00\t,x\t,100.00\t, \t,100.00\t,支付宝\t,交易付款\t,\t
1002\t,2001\t,3001\t,书\t,2026-01-02 10:00:01\t,x\t, \t,-0.60\t,99.40\t,支付宝\t,收费\t,\t
#-----------------------------------------账务明细列表结束------------------------------------
#支出合计：1笔，共-0.60元
#收入合计：1笔，共100.00元
"""
WECHAT = """记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,备注,业务凭证号
`2026-01-02 10:00:00,`4200,`7001,`交易,`交易,`收入,`100.00,`1100.00,`system,`结算,`O1
`2026-01-02 10:00:01,`4200,`7002,`扣费,`扣费,`支出,`0.60,`1099.40,`system,`结算,`O1
资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
`2,`1,`100.00,`1,`0.60
"""
ICBC = """卡号: 1234****9876,"卡别名: x"
交易日期,摘要,记账金额(收入),记账金额(支出),记账币种,余额
2026-01-03     \t,"消费     \t","-     \t","13.40    \t",人民币  \t,"86.60   \t"
2026-01-02     \t,"汇入     \t","1,000.00  \t","     \t",人民币  \t,"100.00  \t"

人民币合计,,"1,000.00   \t","13.40     \t",
"""
SHOWN = {
    ALIPAY: "account=20885012345678900156 opening=0.00 entries=2 closing=99.40 adds-up=yes",
    WECHAT: "account=- opening=1000.00 entries=2 closing=1099.40 adds-up=yes",
    ICBC: "account=1234****9876 opening=-900.00 entries=2 closing=86.60 adds-up=yes",
}


@pytest.mark.parametrize("content, old, new, said", [
    (ALIPAY, "支出合计：1笔", "支出合计：2笔", "line 7: .* tells of 2 debits and has 1"),
    (ALIPAY, "共100.00", "共100.10", "tells of 100.10 as the sum of its credits"),
    (ALIPAY, ",99.40", ",99.41", "line 6: .* so it is in 1 of the rows"),
    (WECHAT, "`2,`1,`100.00,`1", "`3,`1,`100.00,`1", "tells of 3 entries and has 2"),
    (WECHAT, "`1,`100.00,`1", "`0,`100.00,`1", "tells of 0 credits and has 1"),
    (WECHAT, "`1,`100.00,`1", "`1,`99.00,`1", "tells of 99.00 as the sum of its credits"),
    (WECHAT, "`1,`0.60\n", "`2,`0.60\n", "tells of 2 debits and has 1"),
    (WECHAT, "`1,`0.60\n", "`1,`0.06\n", "tells of 0.06 as the sum of its debits"),
    (ICBC, ',"13.40     ', ',"13.50     ', "line 6: .* tells of 13.50 as the sum of its debits"),
    (ICBC, '合计,,"1,000', '合计,,"1,001', "tells of 1001.00 as the sum of its credits"),
], ids=range(10))
def test_what_tables_tell_of_themselves(tools, tmp_path, content, old, new, said):
    """Exports in the form of merchants and banks, whole and with one figure changed."""
    path = tmp_path / "file"
    for encoding in ("utf-8", "gbk"):
        path.write_bytes(content.encode(encoding))
        assert SHOWN[content] in tools.vslctl("statement", "check", path).stdout
    path.write_text(lines((old, new), of=content))
    done = tools.vslctl("statement", "check", path, status=1)
    assert re.search(said, done.stderr), done.stderr


def peak_kib(tools, path):
    """The most memory that a check of the file takes. The sanitizer keeps what was freed."""
    options = os.environ.get("ASAN_OPTIONS", "")
    process = subprocess.Popen(
        [tools.path("vslctl"), "statement", "check", path], stdout=subprocess.PIPE,
        env={**os.environ, "ASAN_OPTIONS": options + ":quarantine_size_mb=1"})
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    assert status == 0 and "adds-up=yes" in said, said
    return usage.ru_maxrss


@pytest.mark.parametrize("kind", statements.MAKERS)
def test_memory_does_not_grow_with_the_file(tools, tmp_path, kind):
    """A file ten times as long takes no more than its fingerprints, 16 bytes an entry and room for
    as many: tests/support/statements.py makes one of any size to be tried by hand."""
    peaks = {}
    for count in (4_000, 40_000):
        path = tmp_path / f"{count}"
        with path.open("w", encoding="utf-8") as out:
            out.writelines(statements.MAKERS[kind](count))
        peaks[count] = peak_kib(tools, path)
    size_kib = (tmp_path / "40000").stat().st_size // 1024
    assert size_kib > 2_000
    assert peaks[40_000] - peaks[4_000] < 4_096, peaks
