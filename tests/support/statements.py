"""Bank statements of any length that add up, made line by line, for tests of size and memory.

    python3 tests/support/statements.py camt053 2000000 >big.xml     about 900 MB
    vslctl statement check big.xml

SPDX-License-Identifier: Apache-2.0
"""
import sys


def amounts(count):
    """Amounts in minor units, no two of them alike in a row, and what they add up to."""
    for i in range(count):
        yield (i * 7919) % 100_000 + 1 if i % 3 else -((i * 104_729) % 90_000 + 1)


def mt(amount):
    """An amount as MT940 writes it, with its mark."""
    return f"{'D' if amount < 0 else 'C'}{abs(amount) // 100},{abs(amount) % 100:02}"


def mt940(count):
    """An MT940 of one statement."""
    yield ":20:GENERATED\n:25:12345/678\n:28C:1/1\n:60F:C260101CNY0,00\n"
    total = 0
    for i, amount in enumerate(amounts(count)):
        total += amount
        yield (f":61:2601020102{mt(amount)}NTRFREF{i}//BANK{i}\n"
               f":86:166?00TRANSFER?20EREF+E{i} SVWZ+Order {i}?31DE00{i:018}?32Somebody {i}\n")
    mark = mt(total)
    yield f":62F:{mark[0]}260102CNY{mark[1:]}\n-\n"


def decimal(amount):
    """Minor units with a point, without a sign."""
    return f"{abs(amount) // 100}.{abs(amount) % 100:02}"


def sign(amount):
    """The sign as ISO 20022 writes it."""
    return "DBIT" if amount < 0 else "CRDT"


def camt_balance(kind, amount):
    """A balance of a camt statement."""
    return (f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>{decimal(amount)}"
            f"</Amt><CdtDbtInd>{sign(amount)}</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>\n")


def camt053(count):
    """A camt.053 of one statement."""
    yield ("<?xml version='1.0' encoding='UTF-8'?>\n"
           "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt>\n"
           "<Stmt><Id>GENERATED</Id><Acct><Id><Othr><Id>12345</Id></Othr></Id></Acct>\n")
    yield camt_balance("OPBD", 0) + camt_balance("CLBD", sum(amounts(count)))
    for i, amount in enumerate(amounts(count)):
        party = "Cdtr" if amount < 0 else "Dbtr"
        yield (f"<Ntry><Amt Ccy='CNY'>{decimal(amount)}</Amt><CdtDbtInd>{sign(amount)}</CdtDbtInd>"
               "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-02</Dt></BookgDt>"
               f"<AcctSvcrRef>BANK{i}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>E{i}"
               f"</EndToEndId></Refs><RltdPties><{party}><Pty><Nm>Somebody {i}</Nm></Pty></{party}>"
               f"</RltdPties><RmtInf><Ustrd>Order {i}</Ustrd></RmtInf></TxDtls></NtryDtls>"
               "</Ntry>\n")
    yield "</Stmt></BkToCstmrStmt></Document>\n"


def bai2(count):
    """A BAI2 file of one account."""
    closing = sum(amounts(count))
    control = closing + sum(abs(amount) for amount in amounts(count))
    yield ("01,BANK,US,260102,0100,1,80,1,2/\n02,US,BANK,1,260102,2400,CNY,2/\n"
           f"03,12345,,010,0,,,015,{closing},,/\n")
    for i, amount in enumerate(amounts(count)):
        yield (f"16,{'495' if amount < 0 else '195'},{abs(amount)},,BANK{i},REF{i},Somebody {i}\n"
               f"88,Order {i}\n")
    yield (f"49,{control},{2 * count + 2}/\n98,{control},1,{2 * count + 4}/\n"
           f"99,{control},1,{2 * count + 6}/\n")


def csv(count):
    """A CSV of the built-in profile boc-debit, the newest row first, in UTF-8."""
    balance = sum(amounts(count)) + 10**12
    yield "中国银行交易流水明细单\n记账日期,记账时间,币别,金额,余额,交易名称,对方账户名,附言\n"
    for i, amount in enumerate(amounts(count)):
        yield (f"2026-01-02,10:00:00,人民币,\"{'-' if amount < 0 else ''}{decimal(amount)}\","
               f"{decimal(balance)},转账,某人{i},订单{i}\n")
        balance -= amount


MAKERS = {"mt940": mt940, "camt053": camt053, "bai2": bai2, "csv": csv}


def main():
    """Writes one to standard output."""
    if len(sys.argv) != 3 or sys.argv[1] not in MAKERS:
        sys.exit(f"usage: statements.py {'|'.join(MAKERS)} ENTRIES")
    for text in MAKERS[sys.argv[1]](int(sys.argv[2])):
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
