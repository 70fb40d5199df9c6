/* payout_order_form.c: payouts as ISO 20022 pain.001.001.03, CustomerCreditTransferInitiation.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/utf8.h"
#include "vslctl/files/payout_order.h"

#include <inttypes.h>
#include <string.h>

bool order_text_is_right(const char *text, size_t characters_max)
{
    size_t characters = 0;
    if (!utf8_is_valid((const uint8_t *)text, strlen(text)))
        return false;
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
        characters += (*byte & 0xc0) != 0x80;
        /* XML has no such characters, whatever they are written as. */
        if (*byte < 0x20 || (byte[0] == 0xef && byte[1] == 0xbf && byte[2] >= 0xbe))
            return false;
    }
    return characters > 0 && characters <= characters_max;
}

const char *order_fault(const struct order_payout *payout)
{
    if (!order_text_is_right(payout->name, ORDER_NAME_CHARACTERS))
        return "the payee's name is missing, longer than 140 characters, or none for XML";
    if (!order_text_is_right(payout->account_number, ORDER_ACCOUNT_BYTES - 1))
        return "the payee's account number is missing or longer than 34 characters";
    if (payout->bank_code[0] != '\0' && !order_text_is_right(payout->bank_code, 35))
        return "the code of the payee's bank is longer than 35 characters";
    if (payout->end_to_end_id[0] != '\0' && !order_text_is_right(payout->end_to_end_id, 35))
        return "its end-to-end id is none for XML";
    return "";
}

static void put_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static void put(FILE *out, const char *before, const char *text, const char *behind)
{
    fputs(before, out);
    put_text(out, text);
    fputs(behind, out);
}

/* 1234 with 2 decimals: 12.34. */
static void put_amount(FILE *out, int64_t minor, int decimals)
{
    int64_t unit = 1;
    CHECK(minor > 0);
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    fprintf(out, "%" PRId64, minor / unit);
    if (decimals > 0)
        fprintf(out, ".%0*" PRId64, decimals, minor % unit);
}

static void put_bank(FILE *out, const char *element, const char *code)
{
    if (code[0] == '\0')
        return;
    fprintf(out, "<%s><FinInstnId><ClrSysMmbId><MmbId>", element);
    put_text(out, code);
    fprintf(out, "</MmbId></ClrSysMmbId></FinInstnId></%s>", element);
}

static void put_payout(
    FILE *out, const struct order_message *message, const struct order_payout *payout)
{
    char id[32];
    snprintf(id, sizeof id, "P%" PRId64, payout->payout_id);
    put(out, "<CdtTrfTxInf><PmtId><InstrId>", id, "</InstrId>");
    put(out, "<EndToEndId>", payout->end_to_end_id[0] ? payout->end_to_end_id : id,
        "</EndToEndId></PmtId>");
    put(out, "<Amt><InstdAmt Ccy=\"", message->currency, "\">");
    put_amount(out, payout->amount_minor, message->decimals);
    fputs("</InstdAmt></Amt>", out);
    put_bank(out, "CdtrAgt", payout->bank_code);
    put(out, "<Cdtr><Nm>", payout->name, "</Nm></Cdtr>");
    put(out, "<CdtrAcct><Id><Othr><Id>", payout->account_number,
        "</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>\n");
}

void order_write(FILE *out, const struct order_message *message)
{
    size_t count = 0;
    int64_t sum_minor = 0;
    for (size_t i = 0; i < message->count; i++) {
        if (message->payouts[i].is_out)
            continue;
        count++;
        CHECK(!__builtin_add_overflow(sum_minor, message->payouts[i].amount_minor, &sum_minor));
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"><CstmrCdtTrfInitn>\n",
        out);
    put(out, "<GrpHdr><MsgId>", message->message_id, "</MsgId>");
    put(out, "<CreDtTm>", message->created_at, "</CreDtTm>");
    fprintf(out, "<NbOfTxs>%zu</NbOfTxs><CtrlSum>", count);
    put_amount(out, sum_minor, message->decimals);
    put(out, "</CtrlSum><InitgPty><Nm>", message->debtor_name, "</Nm></InitgPty></GrpHdr>\n");
    put(out, "<PmtInf><PmtInfId>", message->message_id, "</PmtInfId><PmtMtd>TRF</PmtMtd>");
    fprintf(out, "<NbOfTxs>%zu</NbOfTxs><CtrlSum>", count);
    put_amount(out, sum_minor, message->decimals);
    put(out, "</CtrlSum><ReqdExctnDt>", message->execution_date, "</ReqdExctnDt>");
    put(out, "<Dbtr><Nm>", message->debtor_name, "</Nm></Dbtr>");
    put(out, "<DbtrAcct><Id><Othr><Id>", message->debtor_account, "</Id></Othr></Id>");
    put(out, "<Ccy>", message->currency, "</Ccy></DbtrAcct>");
    if (message->debtor_bank[0])
        put_bank(out, "DbtrAgt", message->debtor_bank);
    else
        fputs("<DbtrAgt><FinInstnId></FinInstnId></DbtrAgt>", out);
    fputs("\n", out);
    for (size_t i = 0; i < message->count; i++) {
        if (!message->payouts[i].is_out)
            put_payout(out, message, &message->payouts[i]);
    }
    fputs("</PmtInf></CstmrCdtTrfInitn></Document>\n", out);
}
