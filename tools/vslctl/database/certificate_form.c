/* certificate_form.c: a certificate of ownership as JSON and as HTML.
 *
 * Texts of others are escaped twice: characters that steer a terminal or turn the direction of what
 * follows are shown as \u202e, and what HTML or JSON would take for its own is quoted.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "base/check.h"
#include "base/text.h"
#include "client/terminal.h"
#include "model/receiving_number.h"
#include "text/format.h"
#include "text/html.h"
#include "vslctl/database/certificate.h"

#include "vsl/v1/account.pb-c.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums ---- */

int64_t certificate_held(const struct certificate_sums *sums)
{
    return sums->balance_minor[BUCKET_AVAILABLE] + sums->balance_minor[BUCKET_FROZEN] +
           sums->balance_minor[BUCKET_PENDING_OUT];
}

int64_t certificate_escrow(const struct certificate *certificate)
{
    int64_t escrow = 0;
    for (int i = 0; i < certificate->kind_count; i++) {
        if (certificate->kinds[i].kind == ACCOUNT_ESCROW)
            escrow -= certificate_held(&certificate->kinds[i].sums);
    }
    return escrow;
}

struct certificate_sums certificate_total(const struct certificate *certificate)
{
    struct certificate_sums total = {0};
    for (int i = 0; i < certificate->kind_count; i++) {
        const struct certificate_kind *kind = &certificate->kinds[i];
        for (int b = 0; b < 4 && kind->kind != ACCOUNT_ESCROW; b++) {
            /* What payment companies owe is what is pending in at others, and held by nobody. */
            if (kind->kind != ACCOUNT_ACQUIRER || b != BUCKET_PENDING_IN)
                total.balance_minor[b] += kind->sums.balance_minor[b];
        }
    }
    return total;
}

/* The number that payers write to reach an account; control accounts have none. */
static void receiving_number(const struct certificate *certificate,
    const struct certificate_account *account, char ret_number[RECEIVING_NUMBER_BYTES_MAX])
{
    ret_number[0] = '\0';
    if (account->kind == ACCOUNT_MEMBER)
        receiving_number_format(
            text_of(certificate->receiving_prefix), account->account_id, ret_number);
}

/* ---- JSON ---- */

static void json_text(FILE *out, const char *name, const char *value, const char *behind)
{
    struct buffer escaped = {0};
    json_t *json = json_string(value);
    char *text = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;
    CHECK(text != NULL);
    terminal_escape(text, strlen(text), &escaped);
    fprintf(out, "\"%s\": %.*s%s", name, (int)escaped.length, (const char *)escaped.bytes, behind);
    buffer_finish(&escaped);
    free(text);
    json_decref(json);
}

/* As in answers of the API: what may be beyond 53 bits is a text. */
static void json_number(FILE *out, const char *name, int64_t value, const char *behind)
{
    fprintf(out, "\"%s\": \"%" PRId64 "\"%s", name, value, behind);
}

static void json_sums(FILE *out, const struct certificate_sums *sums)
{
    json_number(out, "available_minor", sums->balance_minor[BUCKET_AVAILABLE], ", ");
    json_number(out, "frozen_minor", sums->balance_minor[BUCKET_FROZEN], ", ");
    json_number(out, "pending_out_minor", sums->balance_minor[BUCKET_PENDING_OUT], ", ");
    json_number(out, "held_minor", certificate_held(sums), ", ");
    json_number(out, "pending_in_minor", sums->balance_minor[BUCKET_PENDING_IN], "");
}

static void kind_name(int32_t kind, char ret_name[FORMAT_BYTES_MAX])
{
    format_enum(&vsl__v1__account_kind__descriptor, kind, ret_name);
}

static void json_begin(FILE *out, const struct certificate *certificate)
{
    char kind[FORMAT_BYTES_MAX];
    struct certificate_sums total = certificate_total(certificate);
    fputs("{\n  \"certificate\": \"vsl ownership 1\",\n  ", out);
    json_number(out, "ledger_id", certificate->ledger_id, ",\n  ");
    json_text(out, "platform_name", certificate->platform_name, ",\n  ");
    json_text(out, "escrow_account_number", certificate->escrow_account_number, ",\n  ");
    json_text(out, "currency", certificate->currency, ",\n  ");
    json_number(out, "as_of_sequence", certificate->as_of_sequence, ",\n  ");
    json_text(out, "recorded_at", certificate->recorded_at, ",\n  ");
    json_text(out, "accounting_date", certificate->date, ",\n  ");
    fprintf(out, "\"is_end_of_date\": %s,\n  ", certificate->is_end_of_date ? "true" : "false");
    json_text(out, "journal", certificate->journal, ",\n  ");
    json_text(out, "journal_life", certificate->journal_life, ",\n  ");
    fputs("\"batch\": {", out);
    json_number(out, "batch_number", certificate->batch_number, ", ");
    json_number(out, "first_sequence", certificate->batch_first_sequence, ", ");
    json_number(out, "last_sequence", certificate->batch_last_sequence, ",\n    ");
    json_text(out, "digest", certificate->digest, ",\n    ");
    json_text(out, "previous_digest", certificate->previous_digest, "},\n  ");
    json_number(out, "escrow_book_minor", certificate_escrow(certificate), ",\n  ");
    fputs("\"kinds\": [", out);
    const char *before = "\n    {";
    for (int i = 0; i < certificate->kind_count; i++) {
        const struct certificate_kind *item = &certificate->kinds[i];
        if (item->kind == ACCOUNT_ESCROW)
            continue;
        kind_name(item->kind, kind);
        fputs(before, out);
        before = ",\n    {";
        json_text(out, "kind", kind, ", ");
        json_number(out, "accounts", item->count, ", ");
        json_number(out, "open_accounts", item->open_count, ", ");
        json_sums(out, &item->sums);
        fputs("}", out);
    }
    fputs("],\n  \"total\": {", out);
    json_sums(out, &total);
    fputs("},\n  ", out);
    json_number(
        out, "difference_minor", certificate_escrow(certificate) - certificate_held(&total), "");
    if (certificate->has_accounts)
        fputs(",\n  \"accounts\": [", out);
}

static void json_account(FILE *out, const struct certificate *certificate,
    const struct certificate_account *account, bool is_first)
{
    char kind[FORMAT_BYTES_MAX];
    char number[RECEIVING_NUMBER_BYTES_MAX];
    kind_name(account->kind, kind);
    receiving_number(certificate, account, number);
    fputs(is_first ? "\n    {" : ",\n    {", out);
    json_number(out, "account_id", account->account_id, ", ");
    json_text(out, "receiving_number", number, ", ");
    json_text(out, "kind", kind, ", ");
    fprintf(out, "\"is_open\": %s, ", account->is_open ? "true" : "false");
    json_number(out, "member_id", account->member_id, ", ");
    json_text(out, "platform_member_id", account->platform_member_id, ", ");
    json_sums(out, &account->sums);
    fputs("}", out);
}

static void json_end(FILE *out, const struct certificate *certificate)
{
    if (certificate->has_accounts)
        fputs("]", out);
    fputs("\n}\n", out);
}

const struct certificate_form certificate_json = {json_begin, json_account, json_end};

/* ---- HTML ---- */

/* What kinds of accounts are called by people; one that is not here has its name only. */
static const struct {
    int32_t kind;
    const char *chinese;
    const char *english;
} kind_labels[] = {
    {ACCOUNT_MEMBER, "会员资金(商户与用户)", "members: merchants and users"},
    {ACCOUNT_ESCROW, "专用账户", "escrow account"},
    {ACCOUNT_UNALLOCATED, "挂账(到账待查明归属)", "unallocated: arrived, owner not known yet"},
    {ACCOUNT_FEE, "手续费", "fees earned"},
    {ACCOUNT_PLATFORM_OWN, "平台自有资金", "the platform's own money"},
    {ACCOUNT_INTEREST, "待分配利息", "interest on its way to its owners"},
    {ACCOUNT_ENFORCEMENT, "执行款", "deducted under a claim, on its way to the court"},
    {ACCOUNT_ACQUIRER, "支付渠道(结算款已到账待分配; 应付未付的在途款以负数列示)",
        "payment companies: arrived and not given out yet; what they still owe is pending in, "
        "minus"},
};

static void html_kind(FILE *out, int32_t kind)
{
    char name[FORMAT_BYTES_MAX];
    for (size_t i = 0; i < sizeof kind_labels / sizeof kind_labels[0]; i++) {
        if (kind_labels[i].kind == kind) {
            fprintf(out, "%s<br><i>%s</i>", kind_labels[i].chinese, kind_labels[i].english);
            return;
        }
    }
    kind_name(kind, name);
    html_write(out, name);
}

static void html_amount(FILE *out, const struct certificate *certificate, int64_t amount_minor)
{
    char amount[FORMAT_BYTES_MAX];
    format_amount(amount_minor, currency_decimals(certificate->currency), amount);
    fprintf(out, "<td class=n>%s</td>", amount);
}

static void html_sums(
    FILE *out, const struct certificate *certificate, const struct certificate_sums *sums)
{
    html_amount(out, certificate, sums->balance_minor[BUCKET_AVAILABLE]);
    html_amount(out, certificate, sums->balance_minor[BUCKET_FROZEN]);
    html_amount(out, certificate, sums->balance_minor[BUCKET_PENDING_OUT]);
    html_amount(out, certificate, certificate_held(sums));
    html_amount(out, certificate, sums->balance_minor[BUCKET_PENDING_IN]);
}

static void html_fact(FILE *out, const char *chinese, const char *english, const char *value)
{
    fprintf(out, "<tr><th>%s<br><i>%s</i></th><td><bdi>", chinese, english);
    html_write(out, value);
    fputs("</bdi></td></tr>\n", out);
}

static void html_number(FILE *out, const char *chinese, const char *english, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    html_fact(out, chinese, english, text);
}

static void html_facts(FILE *out, const struct certificate *certificate)
{
    char amount[FORMAT_BYTES_MAX];
    char range[64];
    format_amount(
        certificate_escrow(certificate), currency_decimals(certificate->currency), amount);
    snprintf(range, sizeof range, "%" PRId64 " - %" PRId64, certificate->batch_first_sequence,
        certificate->batch_last_sequence);
    fputs("<table class=f>\n", out);
    html_fact(out, "平台", "platform", certificate->platform_name);
    html_fact(out, "专用账户账号", "escrow account", certificate->escrow_account_number);
    html_number(out, "台账编号", "ledger", certificate->ledger_id);
    html_fact(out, certificate->is_end_of_date ? "会计日期(日终)" : "会计日期",
        certificate->is_end_of_date ? "accounting date, at its end" : "accounting date in force",
        certificate->date);
    html_number(out, "截至流水序号", "as of the command with the sequence number",
        certificate->as_of_sequence);
    html_fact(out, "该流水记账时间", "which was recorded at", certificate->recorded_at);
    html_fact(out, "币种", "currency", certificate->currency);
    html_fact(out, "专用账户账面余额", "the escrow account must hold", amount);
    html_fact(out, "日志标识", "journal", certificate->journal);
    html_fact(out, "日志标识(当期)", "journal, its present life", certificate->journal_life);
    html_number(out, "批次号", "batch", certificate->batch_number);
    html_fact(out, "批次流水范围", "commands of the batch", range);
    html_fact(out, "批次摘要(SHA-256)", "digest of the batch", certificate->digest);
    html_fact(out, "前一批次摘要", "digest of the batch before", certificate->previous_digest);
    fputs("</table>\n", out);
}

/* The heads of the columns of amounts. */
static const char amount_heads[] =
    "<th>可用<br><i>available</i></th><th>冻结<br><i>frozen</i></th>"
    "<th>出款在途<br><i>pending out</i></th><th>专用账户持有<br><i>held</i></th>"
    "<th>待入账(未计入)<br><i>pending in, not held</i></th>";

static void html_begin(FILE *out, const struct certificate *certificate)
{
    struct certificate_sums total = certificate_total(certificate);
    fputs("<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<title>专用账户资金权属证明 / Certificate of ownership</title>\n<style>\n"
          "body{font-family:serif;margin:2em;color:#000;background:#fff}\n"
          "table{border-collapse:collapse;margin:1em 0;width:100%}\n"
          "th,td{border:1px solid #666;padding:.25em .5em;text-align:left;vertical-align:top}\n"
          "td{overflow-wrap:anywhere}\n.n{text-align:right;white-space:nowrap}\n.f th{width:30%}\n"
          "i{font-size:smaller}\ntfoot td,tfoot "
          "th{font-weight:bold}\nthead{display:table-header-group}"
          "\ntr{break-inside:avoid}\n@page{margin:2cm}\n</style>\n</head>\n<body>\n"
          "<h1>专用账户资金权属证明<br><i>Certificate of ownership</i></h1>\n"
          "<p>根据虚拟台账日志，截至下述流水，专用账户内资金归属如下，合计与专用账户账面余额相符。<"
          "br>"
          "<i>By the journal of the virtual subledger, as of the command below, the money in the "
          "escrow account belongs as follows; the sums add up to what the account must hold.</i>"
          "</p>\n",
        out);
    html_facts(out, certificate);
    fprintf(out,
        "<table>\n<thead><tr><th>账户类别<br><i>kind of account</i></th>"
        "<th>账户数(开立中)<br><i>accounts (open)</i></th>%s</tr></thead>\n<tbody>\n",
        amount_heads);
    for (int i = 0; i < certificate->kind_count; i++) {
        const struct certificate_kind *item = &certificate->kinds[i];
        if (item->kind == ACCOUNT_ESCROW)
            continue;
        fputs("<tr><td>", out);
        html_kind(out, item->kind);
        fprintf(
            out, "</td><td class=n>%" PRId64 " (%" PRId64 ")</td>", item->count, item->open_count);
        html_sums(out, certificate, &item->sums);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n<tfoot><tr><th colspan=2>合计<br><i>total</i></th>", out);
    html_sums(out, certificate, &total);
    fputs("</tr></tfoot>\n</table>\n", out);
    if (certificate->has_accounts)
        fprintf(out,
            "<h2>逐户明细(有余额的账户)<br><i>Accounts that have money</i></h2>\n"
            "<table>\n<thead><tr><th>账户<br><i>account</i></th><th>收款账号<br><i>receiving "
            "number</i></th><th>类别<br><i>kind</i></th><th>平台会员号<br><i>the platform's "
            "member</i></th>%s</tr></thead>\n<tbody>\n",
            amount_heads);
}

static void html_account(FILE *out, const struct certificate *certificate,
    const struct certificate_account *account, bool is_first)
{
    char number[RECEIVING_NUMBER_BYTES_MAX];
    (void)is_first;
    receiving_number(certificate, account, number);
    fprintf(out, "<tr><td class=n>%" PRId64 "</td><td>", account->account_id);
    html_write(out, number);
    fputs("</td><td>", out);
    html_kind(out, account->kind);
    fputs("</td><td><bdi>", out);
    html_write(out, account->platform_member_id);
    fputs("</bdi></td>", out);
    html_sums(out, certificate, &account->sums);
    fputs("</tr>\n", out);
}

static void html_end(FILE *out, const struct certificate *certificate)
{
    if (certificate->has_accounts)
        fputs("</tbody>\n</table>\n", out);
    fputs("<p>核验：用 vslctl verify "
          "重新计算摘要链，批次摘要应与上列一致；再次生成本证明，字节应完全相同。<br>"
          "<i>To verify: vslctl verify computes the chain of digests anew, in which the batch must "
          "have the digest above; made again, this certificate is the same bytes.</i></p>\n"
          "</body>\n</html>\n",
        out);
}

const struct certificate_form certificate_html = {html_begin, html_account, html_end};
