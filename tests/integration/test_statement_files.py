"""Published statements, read by `vslctl statement check`: what the data's READMEs say of each file,
and the figures as a naive reader of a few lines finds them.

SPDX-License-Identifier: Apache-2.0
"""
import decimal
import json
import re

import pytest

LINE = re.compile(r"(?P<file>\S+) account=(?P<account>.*) opening=(?P<opening>\S+) "
                  r"entries=(?P<entries>\d+) closing=(?P<closing>\S+) adds-up=(?P<adds_up>yes|no)")
# Statements that add up, as the READMEs say: y, n, or r and a pattern of the reason, which ends it.
MT940 = {
    "mt940/betterplace-sepa.sta": "y" * 26,
    "mt940/danskebank-dk.sta": "y" * 15,
    "mt940/danskebank-se.sta": "y" * 12,
    "mt940/sns.sta": "yy",
    "mt940/sparkasse.sta": "yy",
    "mt940/volksbanken.sta": "y" * 8,
    "mt940-deviations/empty_86.sta": "r:86: stands outside",
    "mt940-deviations/empty_entry_date.sta": "r:61: stands outside",
    "mt940-deviations/empty_non_swift.sta": "rno statement",
    "mt940-deviations/february_30.sta": "y",
    "mt940-deviations/long_statement_number.sta": "y",
    "mt940-deviations/missing_crlf_at_end.sta": "r:62F: stands outside",
    "mt940-deviations/whitespace.sta": "n",
    "more/mt940-asnb.sta": "y" * 31,
    "more/mt940-bug-core-5401.sta": "n",
    "more/mt940-citi.sta": "y",
    "more/mt940-ing.sta": "n",
    "more/mt940-invalid-utf8.sta": "n",
    "more/mt940-k4262927.sta": "rwithout a closing balance",
    "more/mt940-knab-broken.sta": "yn",
    "more/mt940-knab-swift-headers.mt940": "yy",
    "more/mt940-knab.sta": "yn",
    "more/mt940-lbbw.sta": "y",
    "more/mt940-mbank-newline-in-tnr.sta": "n",
    "more/mt940-multiline.sta": "yr:61: stands outside",
    "more/mt940-oldenburg-dash.sta": "n",
    "more/mt940-pl-ns-tag-two-pages.mt940": "yy",
    "more/mt940-pl-two-pages.mt940": "yy",
    "more/mt940-sepa-snippet-broken.sta": "r:25: is a second account",
    "more/mt940-sepa-snippet.sta": "yn",
    "more/mt940-sparkasse-interim.sta": "yyy",
    "more/mt940-swift-trailer-mac.mt940": "yy",
    "more/mt940-unexpected-tag.sta": "rno account",
    "more/mt940-unknown-tag.sta": "y",
    "more/mt940-wrapped-timestamp.sta": "y",
    "more/mt942-generic.sta": "yy",
}
# By how much, as more/README.md has it.
OFF_BY = {
    "more/mt940-bug-core-5401.sta": "-50.00",
    "more/mt940-ing.sta": "49.06",
    "more/mt940-invalid-utf8.sta": "1123264.00",
    "more/mt940-knab.sta": "4500.00",
    "more/mt940-mbank-newline-in-tnr.sta": "770.71",
    "more/mt940-oldenburg-dash.sta": "-281725.57",
    "more/mt940-sepa-snippet.sta": "300.08",
    "more/camt053-v2-all-balance-types.xml": "-5.82",
}
# Account, opening, entries, closing, whether it adds up.
WRITTEN = {
    "camt/camt053-v2-multi.xml": ["NL26VAYB8060476890 18.15 1 27.00 yes",
                                  "NL26VAYB8060476890 27.00 1 20.00 yes"],
    "camt/camt053-v8.xml": ["NL26VAYB8060476890 18.15 1 -27.00 no"],
    "camt/fi-camt053.xml": ["FI7433010001222090 10000.00 10 23644.83 yes"],
    "more/camt052-fi.xml": ["FI7433010001222090 - 1 - yes",
                             "FI7433010001222090 1000.00 1 1100.00 yes"],
    "more/camt052-v1.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt052-v2.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt052-v4.xml": ["CH2801234000123456789 - 1 10022.15 yes"],
    "more/camt052-v6-Amt-zero.xml": ["CH2801234000123456789 - 1 10022.15 yes"],
    "more/camt052-v6.xml": ["CH2801234000123456789 - 1 10022.15 yes"],
    "more/camt052-v8.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt053-v2-all-balance-types.xml": ["CH2801234000123456789 1.01 1 4.04 no"],
    "more/camt054-fi.xml": ["FI7433010001222090 - 6 - yes"],
    "more/camt054-postfinance-debit.xml": ["CH2909000000250094239 - 1 - yes"],
    "more/camt054-postfinance-epo.xml": ["CH5109000000250092291 - 1 - yes"],
    "more/camt054-postfinance-esr.xml": ["CH2909000000250094239 - 2 - yes"],
    "more/camt054-postfinance-returns.xml": ["CH2909000000250094239 - 1 - yes"],
    "more/camt054-v2.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt054-v4.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt054-v8-with-UETR.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/camt054-v8.xml": ["CH2801234000123456789 - 1 - yes"],
    "more/mt942-special.sta": ["GJB0291077111 - 1 - no"],
    "more/bai2-citi.bai2": ["77777777 100.00 1 100.00 no"],
    "more/bai2-lockbox.bai2": ["0123456789 43500.00 1 - yes", "9876543210 -5000.00 1 - yes",
                               "4589761203 100000.00 2 - yes", "0975312468 5000.00 0 - yes",
                               "7890654321 8000.00 0 - yes"],
    "more/bai2-one-line-records.bai2": [
        "1111111 -35.00 6 -36.00 yes", "1111111 0.00 0 0.00 yes", "1111111 0.00 0 0.00 yes",
        "1111111 -557.03 2 -864.06 yes", "1111111 985.47 0 985.47 yes", "1111111 0.00 0 0.00 yes",
        "1111111 0.00 0 0.00 yes", "11111111 6252.66 6 6103.15 yes",
        "11111111 -731.35 4 -787.59 yes", "11111111 -40.78 8 275.95 yes",
        *["11111111 0.00 0 0.00 yes"] * 5],
    "more/bai2-rbc-cad.bai2": ["10200123456 - 11 - yes", "10200123456 - 6 - yes"],
    # Of tables the opening is the oldest balance less its amount; without balances counts alone.
    "more/cn-abc-debit.csv": ["- 1000.00 5 123.35 no"],
    "more/cn-alipay-gbk.csv": ["- - 10 - no"],
    "more/cn-boc-credit.csv": ["- - 13 - yes", "- - 1 - yes"],
    "more/cn-boc-debit.csv": ["- 2813.58 17 3240.28 yes"],
    "more/cn-bocom-debit.csv": ["- 1333.40 6 3154.93 no"],
    "more/cn-ccb-debit.xls": ["xxxxx*********xxxx 2243.91 6 1494.65 no"],
    "more/cn-cgb-credit.csv": ["- - 4 - yes"],
    "more/cn-cmb-credit.csv": ["- - 6 - yes"],
    "more/cn-cmb-debit.csv": ["- 37.66 5 1218.24 no"],
    "more/cn-hsbchk-debit.csv": ["- 10555.88 9 3612.17 no", "- 0.00 1 12500.00 yes"],
    "more/cn-hxsec-gbk.xls": ["114514114514 0.00 13 332.30 no"],
    "more/cn-jd.csv": ["- - 26 - yes"],
    "more/cn-meituan.csv": ["- - 29 - yes"],
    "more/cn-spdb-debit.xls": ["6200000000001230 1985.21 4 1983.57 yes"],
    "more/cn-wechat.csv": ["- - 27 - no"],
}
# Of tables: what does not add up, where.
TOLD = {
    "more/cn-abc-debit.csv": "line 3: .* so it is in 3 of the rows",
    "more/cn-cmb-debit.csv": "so it is in 3 of the rows",
    "more/cn-ccb-debit.xls": "line 10: .* so it is in 1 of the rows",
    "more/cn-hsbchk-debit.csv": "line 9: .* so it is in 1 of the rows",
    "more/cn-alipay-gbk.csv": "line 8: .* tells of 66 entries and has 10",
    "more/cn-wechat.csv": "line 7: .* tells of 43 entries and has 27",
    "more/bai2-citi.bai2": "off by -0.01",
}
REFUSED = {
    "camt/camt053-v2-wrong.xml": "camt.053 without a statement",
    "camt/pain002-postfinance.xml": "pain.002",
    # The balance is masked.
    "more/cn-icbc-debit-v1.csv": "line 8: column 余额 \\(balance\\) is no amount",
    "more/cn-icbc-debit-v2.csv": "line 8: column 余额 \\(balance\\) is no amount",
    "more/pain001-lt-rub.xml": "pain.001",
    "more/pain001-lt-sepa.xml": "pain.001",
    "more/pain001-six-muster.xml": "pain.001",
    "more/pain002-postfinance-chdd.xml": "pain.002",
    "more/pain002-postfinance-epo.xml": "pain.002",
    "more/pain002-postfinance-part.xml": "pain.002",
}


def naive_mt940(text):
    """Account, opening, entries and closing of each statement, by the tags alone."""
    found = []
    for part in re.split(r"^:20:", text, flags=re.MULTILINE)[1:]:
        def balance(tag, part=part):
            match = re.search(rf"^:{tag}[FM]:([CD])\d{{6}}[A-Z]{{3}}([\d,]+)", part, re.MULTILINE)
            if not match:
                return None
            amount = decimal.Decimal(match[2].replace(",", ".")).quantize(decimal.Decimal("0.01"))
            return str(-amount if match[1] == "D" and amount else amount)
        account = re.search(r"^:25:(.*?)\r?$", part, re.MULTILINE)
        body = part.split(":62")[0]
        found.append((account and account[1].strip(), balance("60"),
                      str(len(re.findall(r"^:61:", body, re.MULTILINE))), balance("62")))
    return found


def check(tools, path, status):
    """The printed lines of a file."""
    done = tools.vslctl("statement", "check", path, status=status)
    assert not done.stderr or done.stderr.startswith("vslctl: ")
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize("name", MT940)
def test_mt940(tools, shared_data, name):
    path = shared_data / "statements" / name
    verdicts, _, reason = MT940[name].partition("r")
    lines, errors = check(tools, path, 2 if reason else 1 if "n" in verdicts else 0)
    if reason:
        assert re.fullmatch(rf"{re.escape(str(path))} refused: .*{reason}.*", lines.pop()), lines
    naive = naive_mt940(path.read_bytes().decode("latin-1"))
    assert len(lines) == len(verdicts)
    for line, verdict, expected in zip(lines, verdicts, naive):
        found = LINE.fullmatch(line)
        assert found and found["file"] == str(path), line
        assert (found["account"], found["opening"], found["entries"], found["closing"]) == expected
        assert found["adds_up"][0] == verdict, line
    if name in OFF_BY:
        assert f"off by {OFF_BY[name]}\n" in errors
    elif "n" not in verdicts:
        assert "does not add up" not in errors


@pytest.mark.parametrize("name", WRITTEN)
def test_written_down(tools, shared_data, name):
    path = shared_data / "statements" / name
    status = 1 if any(line.endswith(" no") for line in WRITTEN[name]) else 0
    lines, errors = check(tools, path, status)
    assert [" ".join(LINE.fullmatch(line).groups()[1:]) for line in lines] == WRITTEN[name]
    if name in OFF_BY:
        assert f"off by {OFF_BY[name]}\n" in errors
    if name in TOLD:
        assert re.search(TOLD[name], errors), errors


@pytest.mark.parametrize("name", ["more/bai2-continuations.bai2", "more/bai2-issue113.bai2"])
def test_records_that_are_missing(tools, shared_data, name):
    """The account whose records are not there does not add up, and the file is refused by 98."""
    lines, errors = check(tools, shared_data / "statements" / name, 2)
    assert [line[-3:] for line in lines[:-1]] == ["yes", "=no", "=no", "yes", "yes"]
    assert "account=107049932 opening=- entries=3 closing=- adds-up=no" in lines[1]
    assert "record 49 tells of 26 records, there are 18" in errors
    assert re.search(r"refused: line \d+: record 98: control total", lines[-1])


def test_every_file_has_its_row(shared_data):
    files = {str(path.relative_to(shared_data / "statements"))
             for path in (shared_data / "statements").rglob("*")
             if path.is_file() and path.suffix not in {".md", ".txt"}}
    rows = {*MT940, *WRITTEN, *REFUSED, "more/bai2-continuations.bai2", "more/bai2-issue113.bai2"}
    assert rows == files


@pytest.mark.parametrize("name", REFUSED)
def test_no_statement(tools, shared_data, name):
    path = shared_data / "statements" / name
    lines, errors = check(tools, path, 2)
    assert len(lines) == 1 and re.fullmatch(
        rf"{re.escape(str(path))} refused: .*{REFUSED[name]}.*", lines[0]), lines
    assert errors == ""


def test_what_deviates_is_told_by_line(tools, shared_data):
    folder = shared_data / "statements"
    _, errors = check(tools, folder / "more/mt940-knab-swift-headers.mt940", 0)
    assert "line 12: opening 3058.98 is not closing 500.00 of the statement before it" in errors
    _, errors = check(tools, folder / "more/mt940-sparkasse-interim.sta", 0)
    assert "line 22: the statement begins with a later page" in errors
    _, errors = check(tools, folder / "mt940-deviations/february_30.sta", 0)
    assert "line 6: :61: has value date behind the end of February" in errors


def test_json_and_several_files(tools, shared_data):
    folder = shared_data / "statements"
    names = [folder / "camt/fi-camt053.xml", folder / "more/mt940-knab.sta",
             folder / "more/pain001-lt-sepa.xml", folder / "camt/fi-camt053.xml"]
    done = tools.vslctl("statement", "check", "--json", *names, status=2)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["file"] for one in told] == [str(names[i]) for i in (0, 1, 1, 2, 3)]
    assert told[0] | {"findings": []} == {
        "file": str(names[0]), "format": "camt.053", "profile": "", "encoding": "",
        "line": told[0]["line"],
        "account": "FI7433010001222090", "currency": "EUR", "id": "BANKSTMTID0972009",
        "sequence": "120", "page": "0", "opening_minor": "1000000", "entries": "10",
        "closing_minor": "2364483", "adds_up": True, "finding_count": 0, "findings": []}
    assert [one.get("adds_up") for one in told] == [True, True, False, None, True]
    assert "pain.001" in told[3]["refused"]
    # The same file again: the statement and each entry are named as twins.
    assert told[4]["finding_count"] == 11
    assert "there twice" in told[4]["findings"][-1]["text"]
    assert done.stderr == ""


@pytest.mark.parametrize("name, profile, encoding", [
    ("cn-alipay-gbk.csv", "alipay", "GB18030"), ("cn-boc-credit.csv", "boc-credit", "UTF-8"),
    ("cn-hxsec-gbk.xls", "hxsec", "GB18030"), ("cn-meituan.csv", "meituan", "UTF-8"),
    ("cn-spdb-debit.xls", "spdb-debit", "")])
def test_profile_and_encoding_are_told(tools, shared_data, name, profile, encoding):
    path = shared_data / "statements/more" / name
    done = tools.vslctl("statement", "check", "--json", path,
                        status=1 if "n" in WRITTEN[f"more/{name}"][0][-2:] else 0)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        assert (told["format"], told["profile"], told["encoding"]) == ("table", profile, encoding)


def test_nobody_is_named(tools, shared_data):
    """What is printed of all files holds no name, text or account of a counterparty."""
    files = sorted(path for path in (shared_data / "statements").rglob("*")
                   if path.suffix in {".sta", ".mt940", ".xml", ".bai2", ".csv", ".xls"})
    assert len(files) > 80
    done = tools.vslctl("statement", "check", *files, status=2)
    said = done.stdout + done.stderr
    assert said.count("\n") > 200
    for name in ("PICQER", "Kaufmann", "Richter", "KAUFMANN", "Renate", "Mustermann", "ARAL",
                 "Marechal", "SAMPLE INC", "DOE JO", "张三", "李四", "微信支付", "DE41292500000123456789"):
        assert name not in said, name
