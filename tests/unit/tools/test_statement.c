/* test_statement.c: what a sink hears of the entries of each format: references, counterparties,
 * texts, dates, signs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "suites.h"

#include "statement/statement.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ENTRIES_MAX 8
#define LINE_BYTES 512

/* What was heard, a line for each call. */
struct heard {
    char lines[ENTRIES_MAX][LINE_BYTES];
    int count;
};

static bool on_detail(void *context, const struct statement *statement,
    const struct statement_detail *detail, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct heard *heard = context;
    (void)statement;
    (void)ret_reason;
    ck_assert_int_lt(heard->count, ENTRIES_MAX);
    snprintf(heard->lines[heard->count++], LINE_BYTES, "detail %d %lld%s|%s|%s|%s|%s|%s|%s|%s",
        detail->has_amount, (long long)detail->amount_minor, detail->currency,
        detail->bank_reference, detail->reference, detail->end_to_end, detail->return_reason,
        detail->counterparty, detail->counterparty_account, detail->text);
    return true;
}

static bool on_entry(void *context, const struct statement *statement,
    const struct statement_entry *entry, char ret_reason[STATEMENT_REASON_BYTES])
{
    struct heard *heard = context;
    (void)statement;
    (void)ret_reason;
    ck_assert_int_lt(heard->count, ENTRIES_MAX);
    snprintf(heard->lines[heard->count++], LINE_BYTES, "%d %d %d %d %lld%s %s|%s|%s|%s|%s|%s|%s|%s",
        entry->booking_date, entry->value_date, entry->status, entry->is_reversal,
        (long long)entry->amount_minor, entry->currency, entry->kind, entry->bank_reference,
        entry->reference, entry->end_to_end, entry->return_reason, entry->counterparty,
        entry->counterparty_account, entry->text);
    return true;
}

/* Reads a text and compares what was heard with the lines, a NULL-ended list. */
static void expect(const char *content, const char *const *lines)
{
    struct heard heard = {0};
    struct statement_sink sink = {.context = &heard, .detail = on_detail, .entry = on_entry};
    struct statement_outcome outcome;
    int fd = memfd_create("statement", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    int status = statement_read(fd, &(struct statement_options){0}, &sink, &outcome);
    close(fd);
    ck_assert_str_eq(outcome.reason, "");
    ck_assert_int_eq(status, 0);
    for (int i = 0; lines[i]; i++) {
        ck_assert_int_lt(i, heard.count);
        ck_assert_str_eq(heard.lines[i], lines[i]);
        ck_assert(lines[i + 1] || heard.count == i + 1);
    }
}

#define MT(entries) ":20:S\n:25:1\n:28C:1\n:60F:C260101CNY9,\n" entries ":62F:C260102CNY9,\n-\n"

START_TEST(mt940_structured)
{
    expect(MT(":61:2601020102DR2,50NTRFKREF+//BANK1\nEXTRA\n"
              ":86:166?00UEBERWEISUNG?109?20EREF+E-17 SVWZ+Rech?21nung 4?30BIC?31DE001\n"
              "23?32Li ?33Ming?34914\n"),
        (const char *const[]){"20260102 20260102 1 0 -250CNY NTRF|BANK1|KREF+|E-17|914|Li Ming|"
                              "DE00123|EXTRA\nUEBERWEISUNG\nEREF+E-17 SVWZ+Rechnung 4",
            NULL});
    expect(MT(":61:260103RC2,50NMSCNONREF\n:86:>20Fee>32Bank\n"),
        (const char *const[]){"20260103 20260103 1 1 -250CNY NMSC|||||Bank||Fee", NULL});
}
END_TEST

START_TEST(mt940_coded_and_free)
{
    expect(MT(":61:2601021231C1,NTRFREF\n:86:/TRCD/00100/EREF/E2/NAME/LI MING/IBAN/NL1\n2/REMI/X/\n"
              ":86:/RTRN/AC01/\n"),
        (const char *const[]){"20251231 20260102 1 0 100CNY NTRF||REF|E2|AC01|LI MING|NL12|"
                              "/TRCD/00100/EREF/E2/NAME/LI MING/IBAN/NL1\n2/REMI/X/\n/RTRN/AC01/",
            NULL});
    expect(MT(":61:260102RD1,NTRFREF\n:86:hello\n there\n"),
        (const char *const[]){"20260102 20260102 1 1 100CNY NTRF||REF|||||hello\n there", NULL});
}
END_TEST

#define CAMT(entries)                                                                              \
    "<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Id>I</Id><Acct><Id><IBAN>A</IBAN></Id></Acct>"      \
    "<Ntry><Amt Ccy='CNY'>3.00</Amt>" entries                                                      \
    "</Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"

START_TEST(camt_of_one_payment)
{
    expect(CAMT("<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-02</Dt>"
                "</BookgDt><AcctSvcrRef>B</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT"
                "</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
                "<InstrId>R</InstrId><EndToEndId>E</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Li"
                "</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>6</Id></Othr></Id></DbtrAcct><Cdtr><Nm>"
                "Own</Nm></Cdtr></RltdPties><RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd></RmtInf>"
                "</TxDtls></NtryDtls>"),
        (const char *const[]){"detail 0 0||R|E||Li|6|one\ntwo",
            "20260102 20260102 1 0 300CNY PMNT/RCDT/ESCT|B|R|E||Li|6|one\ntwo", NULL});
    /* A payment of ours that came back: the money is in, and the other side is who had got it. */
    expect(CAMT("<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>PDNG</Sts><ValDt><DtTm>"
                "2026-01-02T23:00:00Z</DtTm></ValDt><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED"
                "</EndToEndId></Refs><RltdPties><Dbtr><Nm>Own</Nm></Dbtr><Cdtr><Nm>Li</Nm></Cdtr>"
                "</RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"),
        (const char *const[]){
            "detail 0 0||||AC04|Li||", "20260102 20260102 2 1 300CNY ||||AC04|Li||", NULL});
}
END_TEST

START_TEST(camt_of_two_payments)
{
    expect(CAMT("<CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><ValDt><Dt>2026-01-02</Dt></ValDt>"
                "<NtryDtls><Btch><PmtInfId>P1</PmtInfId></Btch><TxDtls><Refs><EndToEndId>E1"
                "</EndToEndId></Refs><Amt Ccy='CNY'>1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
                "<RltdPties><Cdtr><Nm>Li</Nm></Cdtr></RltdPties></TxDtls><TxDtls><Refs><EndToEndId>"
                "E2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy='CNY'>2.00</Amt></TxAmt></AmtDtls>"
                "<RltdPties><Cdtr><Nm>Wu</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>"
                "<AddtlNtryInf>batch</AddtlNtryInf>"),
        (const char *const[]){"detail 1 -100CNY|||E1||Li||", "detail 1 -200CNY|||E2||Wu||",
            "20260102 20260102 1 0 -300CNY ||P1|||||batch", NULL});
}
END_TEST

START_TEST(bai2_and_table)
{
    expect("01,A,B,260102,0100,1,80,1,2/\n02,B,A,1,260102,2400,CNY,2/\n03,1,,010,0,,/\n"
           "16,475,250,V,260105,,BANK,OWN,a, b\n88,c/\n49,250,4/\n98,250,1,6/\n99,250,1,8/\n",
        (const char *const[]){"20260102 20260105 1 0 -250CNY 475|BANK|OWN|||||a, b\nc", NULL});
    expect("date,amount,currency,bank-reference,reference,end-to-end,counterparty,"
           "counterparty-account,text,value-date\n"
           "2026-01-02,\"-1,000.5\",CNY,B,R,E,Li,6,\"a, \"\"b\"\"\",2026-01-03\n",
        (const char *const[]){"20260102 20260103 1 0 -100050CNY |B|R|E||Li|6|a, \"b\"", NULL});
}
END_TEST

Suite *statement_suite(void)
{
    Suite *suite = suite_create("statement");
    TCase *all = tcase_create("entries");
    tcase_add_test(all, mt940_structured);
    tcase_add_test(all, mt940_coded_and_free);
    tcase_add_test(all, camt_of_one_payment);
    tcase_add_test(all, camt_of_two_payments);
    tcase_add_test(all, bai2_and_table);
    suite_add_tcase(suite, all);
    return suite;
}
