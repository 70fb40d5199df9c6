/* account_print_form.c: an account's statement as text, as CSV and as pages of HTML.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/account_print.h"

#include "base/check.h"
#include "client/terminal.h"
#include "text/capitals.h"
#include "text/csv.h"
#include "text/format.h"
#include "text/html.h"

#include "vsl/v1/common.pb-c.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of a page of A4, heads and foots left out; a cell takes so many half-width characters a line. */
#define PAGE_LINES_MAX 24
#define CELL_COLUMNS 22

#define KIND(name) VSL__V1__COMMAND_KIND__COMMAND_KIND_##name

static const struct paper_name measure = {KIND(BANK_MEASURE), "银行措施", "bank measure"};

static const struct paper_name names[] = {
    {KIND(BOOK_RECEIPT), "收款", "receipt"},
    {KIND(BOOK_INTEREST), "结息", "interest"},
    {KIND(CHARGE_FEE), "收取手续费", "fee"},
    {KIND(COLLECT_FEES), "手续费归集", "fees collected"},
    {KIND(ALLOCATE_SUSPENSE), "挂账入账", "allocated"},
    {KIND(UNDO_ALLOCATION), "撤销入账", "allocation undone"},
    {KIND(RETURN_SUSPENSE), "挂账退汇", "returned to sender"},
    {KIND(ALLOCATE_LINE), "批量入账", "allocated by a file"},
    {KIND(PAY), "支付", "payment"},
    {KIND(REFUND), "退款", "refund"},
    {KIND(BOOK_PROMISE), "渠道待入账", "promised by a channel"},
    {KIND(CANCEL_PROMISE), "渠道待入账撤销", "promise cancelled"},
    {KIND(OPEN_SETTLEMENT), "渠道结算", "settlement"},
    {KIND(SETTLE_LINE), "渠道入账", "settled by a channel"},
    {KIND(CLOSE_SETTLEMENT), "渠道结算结束", "settlement closed"},
    {KIND(CLOSE_DIFFERENCE), "差异处理", "difference closed"},
    {KIND(WITHDRAW), "提现", "withdrawal"},
    {KIND(CONFIRM_PAYOUT), "出款结果", "result of a payout"},
    {KIND(INTERCEPT_PAYOUT), "出款拦截", "payout intercepted"},
    {KIND(PLACE_HOLD), "担保冻结", "hold"},
    {KIND(CONFIRM_HOLD), "担保确认", "hold confirmed"},
    {KIND(CANCEL_HOLD), "担保撤销", "hold cancelled"},
    {KIND(EXPIRE), "到期", "expired"},
    {KIND(REVERSE), "冲正", "reversal"},
    {KIND(ADJUST), "调账", "adjustment"},
    {KIND(APPROVE_ADJUSTMENT), "调账", "adjustment"},
    {KIND(PLACE_FREEZE), NULL, NULL},
    {KIND(LIFT_FREEZE), NULL, NULL},
    {KIND(PLACE_CLAIM), NULL, NULL},
    {KIND(CONTINUE_CLAIM), NULL, NULL},
    {KIND(RELEASE_CLAIM), NULL, NULL},
    {KIND(DEDUCT_CLAIM), NULL, NULL},
    {KIND(BANK_MEASURE), NULL, NULL},
};

const struct paper_name *paper_name_of(int kind, bool has_order)
{
    /* What expires without an order is no hold: a freeze or a claim. */
    if (kind == KIND(EXPIRE) && !has_order)
        return &measure;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].kind == kind)
            return names[i].chinese ? &names[i] : &measure;
    }
    return NULL;
}

const char *paper_bucket(int bucket)
{
    static const char *const buckets[] = {"available", "pending_in", "pending_out", "frozen"};
    CHECK(bucket >= 0 && bucket < PAPER_BUCKETS);
    return buckets[bucket];
}

const char *paper_bucket_chinese(int bucket)
{
    static const char *const buckets[] = {"可用", "待入账", "出款在途", "冻结"};
    CHECK(bucket >= 0 && bucket < PAPER_BUCKETS);
    return buckets[bucket];
}

static void amount_text(
    const struct paper_writer *writer, int64_t minor, char ret_text[FORMAT_BYTES_MAX])
{
    format_amount(minor, writer->paper->decimals, ret_text);
}

static void period(const struct paper *paper, char ret_text[64])
{
    snprintf(ret_text, 64, "%.12s - %.12s", paper->from, paper->to);
}

/* ---- text ---- */

static void text_fact(const struct paper_writer *writer, const char *name, const char *value)
{
    char *shown = terminal_escaped(value);
    fprintf(writer->out, "%-18s %s\n", name, shown);
    free(shown);
}

static void text_begin(struct paper_writer *writer)
{
    const struct paper *paper = writer->paper;
    char text[64];
    fprintf(writer->out, "对账单 Statement of account\n\n");
    text_fact(writer, "platform", paper->platform_name);
    snprintf(text, sizeof text, "%" PRId64, paper->ledger_id);
    text_fact(writer, "ledger", text);
    snprintf(text, sizeof text, "%" PRId64, paper->account_id);
    text_fact(writer, "account", text);
    text_fact(writer, "receiving number", paper->receiving_number);
    text_fact(writer, "member", paper->platform_member_id);
    text_fact(writer, "currency", paper->currency);
    period(paper, text);
    text_fact(writer, "accounting dates", text);
}

static void text_begin_section(struct paper_writer *writer, int bucket)
{
    char opening[FORMAT_BYTES_MAX];
    amount_text(writer, writer->paper->sections[bucket].opening_minor, opening);
    fprintf(writer->out, "\n%s %s\n%-10s  %-26s  %-22s %22s  %22s\n", paper_bucket_chinese(bucket),
        paper_bucket(bucket), "date", "recorded (UTC)", "what", "amount", "balance");
    fprintf(writer->out, "%-10s  %-26s  %-22s %22s  %22s\n", "", "", "opening", "", opening);
}

static void text_line(struct paper_writer *writer, const struct paper_line *line)
{
    char amount[FORMAT_BYTES_MAX], balance[FORMAT_BYTES_MAX];
    char *order = terminal_escaped(line->order_number);
    char *remark = terminal_escaped(line->remark);
    amount_text(writer, line->amount_minor, amount);
    amount_text(writer, line->balance_minor, balance);
    fprintf(writer->out, "%-10s  %-26s  %-22s %22s  %22s%s%s%s%s%s%s\n", line->date, line->time,
        line->english, amount, balance, line->other[0] ? "  account " : "", line->other,
        order[0] ? "  order " : "", order, remark[0] ? "  " : "", remark);
    free(order);
    free(remark);
}

static void text_end_section(struct paper_writer *writer)
{
    const struct paper_section *section = &writer->paper->sections[writer->bucket];
    static const char *const titles[] = {"out", "in", "closing"};
    const int64_t amounts[] = {
        section->debits_minor, section->credits_minor, section->closing_minor};
    char text[FORMAT_BYTES_MAX];
    for (int i = 0; i < 3; i++) {
        amount_text(writer, amounts[i], text);
        fprintf(writer->out, "%-10s  %-26s  %-22s %22s  %22s\n", "", "", titles[i],
            i < 2 ? text : "", i < 2 ? "" : text);
    }
}

static void text_end(struct paper_writer *writer)
{
    if (writer->paper->is_provisional)
        fprintf(writer->out,
            "\n未日终，仅供参考 Provisional: %s is not closed; up to command %" PRId64 "\n",
            writer->paper->to, writer->paper->as_of_sequence);
}

const struct paper_form paper_text = {
    text_begin, text_begin_section, text_line, text_end_section, text_end};

/* ---- CSV: a row a line, and one for each opening and closing ---- */

static void csv_number(const struct paper_writer *writer, int64_t number, bool is_last)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    csv_write_field(writer->out, text, is_last);
}

static void csv_begin(struct paper_writer *writer)
{
    static const char *const columns[] = {"row", "account_id", "bucket", "accounting_date",
        "recorded_at", "sequence", "line", "what", "amount_minor", "balance_after_minor",
        "counter_account_id", "order_number", "remark"};
    size_t count = sizeof columns / sizeof *columns;
    for (size_t i = 0; i < count; i++)
        csv_write_field(writer->out, columns[i], i + 1 == count);
}

static void csv_row(struct paper_writer *writer, const char *row, const struct paper_line *line,
    int64_t balance_minor)
{
    csv_write_field(writer->out, row, false);
    csv_number(writer, writer->paper->account_id, false);
    csv_write_field(writer->out, paper_bucket(writer->bucket), false);
    if (line) {
        csv_write_field(writer->out, line->date, false);
        csv_write_field(writer->out, line->time, false);
        csv_number(writer, line->sequence, false);
        csv_number(writer, line->line, false);
        csv_write_field(writer->out, line->what, false);
        csv_number(writer, line->amount_minor, false);
    } else {
        bool is_opening = strcmp(row, "opening") == 0;
        csv_write_field(writer->out, is_opening ? writer->paper->from : writer->paper->to, false);
        for (int i = 0; i < 5; i++)
            csv_write_field(writer->out, "", false);
    }
    csv_number(writer, balance_minor, false);
    csv_write_field(writer->out, line ? line->other : "", false);
    csv_write_text(writer->out, line ? line->order_number : "", false);
    csv_write_text(writer->out, line ? line->remark : "", true);
}

static void csv_begin_section(struct paper_writer *writer, int bucket)
{
    csv_row(writer, "opening", NULL, writer->paper->sections[bucket].opening_minor);
}

static void csv_line(struct paper_writer *writer, const struct paper_line *line)
{
    csv_row(writer, "line", line, line->balance_minor);
}

static void csv_end_section(struct paper_writer *writer)
{
    bool is_provisional = writer->paper->is_provisional;
    csv_row(writer, is_provisional ? "provisional" : "closing", NULL,
        writer->paper->sections[writer->bucket].closing_minor);
}

static void csv_end(struct paper_writer *writer)
{
    (void)writer;
}

const struct paper_form paper_csv = {
    csv_begin, csv_begin_section, csv_line, csv_end_section, csv_end};

/* ---- HTML ---- */

static void html_amount(const struct paper_writer *writer, int64_t minor)
{
    char text[FORMAT_BYTES_MAX];
    amount_text(writer, minor, text);
    fprintf(writer->out, "<td class=n>%s</td>", text);
}

static void html_text_cell(const struct paper_writer *writer, const char *text)
{
    fputs("<td><bdi>", writer->out);
    html_write(writer->out, text);
    fputs("</bdi></td>", writer->out);
}

static void html_fact(
    const struct paper_writer *writer, const char *chinese, const char *english, const char *value)
{
    fprintf(writer->out, "<tr><th>%s <i>%s</i></th>", chinese, english);
    html_text_cell(writer, value);
    fputs("</tr>\n", writer->out);
}

static void html_begin(struct paper_writer *writer)
{
    fputs("<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<title>对账单 / Statement of account</title>\n<style>\n"
          "@page{size:A4;margin:12mm}\n"
          "body{font-family:serif;font-size:9pt;color:#000;background:#fff;margin:0}\n"
          ".page{break-after:page;min-height:250mm}\n.page:last-child{break-after:auto}\n"
          "table{border-collapse:collapse;width:100%;margin:2mm 0}\n"
          "th,td{border:1px solid #666;padding:.6mm 1mm;text-align:left;vertical-align:top}\n"
          "td{overflow-wrap:anywhere}\n.n{text-align:right;white-space:nowrap}\n"
          "thead{display:table-header-group}\ntr{break-inside:avoid}\ni{font-size:smaller}\n"
          "tfoot td,tfoot th{font-weight:bold}\n.f th{width:30%}\n"
          ".stamp{float:right;width:60mm;height:40mm;border:1px dashed #666;padding:2mm;margin:4mm "
          "0}\n"
          "</style>\n</head>\n<body>\n",
        writer->out);
}

/* The head of a page, which says of what it is one. */
static void begin_page(struct paper_writer *writer)
{
    const struct paper *paper = writer->paper;
    char text[64];
    writer->page++;
    writer->used = 0;
    writer->page_debits_minor = writer->page_credits_minor = 0;
    fprintf(writer->out,
        "<section class=page>\n<h2>对账单 <i>Statement of account</i></h2>\n<p>账户 <i>account</i> "
        "%" PRId64 " (",
        paper->account_id);
    html_write(writer->out, paper->receiving_number);
    period(paper, text);
    fprintf(writer->out,
        ") · 会计日期 <i>accounting dates</i> %s · 币种 <i>currency</i> %s · 第 %d 页 <i>page "
        "%d</i></p>\n",
        text, paper->currency, writer->page, writer->page);
    if (paper->is_provisional)
        fputs("<p>未日终，仅供参考 <i>provisional: the last day is not closed</i></p>\n",
            writer->out);
}

static void begin_lines(struct paper_writer *writer)
{
    fprintf(writer->out,
        "<h3>%s <i>%s</i></h3>\n<table>\n<thead><tr><th>会计日期<br><i>date</i></th>"
        "<th>流水号<br><i>sequence</i></th><th>摘要<br><i>what</i></th><th>对方账户<br><i>other "
        "account</i></th><th>订单号<br><i>order</i></th><th>附言<br><i>remark</i></th>"
        "<th>收入<br><i>in</i></th><th>支出<br><i>out</i></th><th>余额<br><i>balance</i></th></tr>"
        "</thead>\n<tbody>\n<tr><td colspan=8>%s <i>%s</i></td>",
        paper_bucket_chinese(writer->bucket), paper_bucket(writer->bucket),
        writer->paper->sections[writer->bucket].lines <= 1 ? "期初余额" : "承前页",
        writer->paper->sections[writer->bucket].lines <= 1 ? "opening balance" : "carried forward");
    html_amount(writer, writer->balance_minor);
    fputs("</tr>\n", writer->out);
}

static void end_page(struct paper_writer *writer)
{
    fputs(
        "</tbody>\n<tfoot><tr><th colspan=6>本页合计 <i>total of this page</i></th>", writer->out);
    html_amount(writer, writer->page_credits_minor);
    html_amount(writer, writer->page_debits_minor);
    html_amount(writer, writer->balance_minor);
    fputs("</tr></tfoot>\n</table>\n</section>\n", writer->out);
}

static void html_begin_section(struct paper_writer *writer, int bucket)
{
    writer->balance_minor = writer->paper->sections[bucket].opening_minor;
}

/* How many lines a text takes in its cell; what is not ASCII is taken for wide. */
static int rows_of(const char *text)
{
    int columns = 0;
    for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++)
        columns += *byte < 0x80 ? 1 : (*byte & 0xc0) == 0xc0 ? 2 : 0;
    return columns / CELL_COLUMNS + 1;
}

static void html_line(struct paper_writer *writer, const struct paper_line *line)
{
    int rows = rows_of(line->order_number);
    rows = rows_of(line->remark) > rows ? rows_of(line->remark) : rows;
    bool is_first = writer->paper->sections[writer->bucket].lines <= 1;
    if (!is_first && writer->used + rows > PAGE_LINES_MAX)
        end_page(writer);
    if (is_first || writer->used + rows > PAGE_LINES_MAX) {
        begin_page(writer);
        begin_lines(writer);
    }
    writer->used += rows;
    writer->balance_minor = line->balance_minor;
    int64_t *moved =
        line->amount_minor < 0 ? &writer->page_debits_minor : &writer->page_credits_minor;
    *moved += line->amount_minor;
    fprintf(writer->out, "<tr><td>%s</td><td class=n>%" PRId64 ".%" PRId32 "</td><td>%s<br><i>",
        line->date, line->sequence, line->line, line->chinese);
    html_write(writer->out, line->english);
    fprintf(writer->out, "</i></td><td>%s</td>", line->other);
    html_text_cell(writer, line->order_number);
    html_text_cell(writer, line->remark);
    if (line->amount_minor < 0)
        fputs("<td></td>", writer->out);
    html_amount(writer, line->amount_minor);
    if (line->amount_minor >= 0)
        fputs("<td></td>", writer->out);
    html_amount(writer, line->balance_minor);
    fputs("</tr>\n", writer->out);
}

static void html_end_section(struct paper_writer *writer)
{
    if (writer->paper->sections[writer->bucket].lines > 0)
        end_page(writer);
}

static void html_facts(const struct paper_writer *writer)
{
    const struct paper *paper = writer->paper;
    char text[64];
    fputs("<table class=f>\n", writer->out);
    html_fact(writer, "平台", "platform", paper->platform_name);
    snprintf(text, sizeof text, "%" PRId64, paper->ledger_id);
    html_fact(writer, "台账编号", "ledger", text);
    html_fact(writer, "收款账号", "receiving number", paper->receiving_number);
    html_fact(writer, "平台会员号", "the platform's member", paper->platform_member_id);
    if (paper->is_provisional) {
        snprintf(text, sizeof text, "%" PRId64, paper->as_of_sequence);
        html_fact(writer, "截至流水序号", "up to the command", text);
    }
    fputs("</table>\n", writer->out);
}

/* The last page: each bucket as a whole, what is available in capitals, room for the stamp. */
static void html_end(struct paper_writer *writer)
{
    const struct paper *paper = writer->paper;
    char capitals[CAPITALS_BYTES_MAX];
    begin_page(writer);
    html_facts(writer);
    fputs(
        "<table>\n<thead><tr><th></th><th>期初<br><i>opening</i></th><th>笔数<br><i>lines</i></th>"
        "<th>收入合计<br><i>in</i></th><th>支出合计<br><i>out</i></th><th>期末<br><i>closing</i>"
        "</th></tr></thead>\n<tbody>\n",
        writer->out);
    for (int bucket = 0; bucket < PAPER_BUCKETS; bucket++) {
        const struct paper_section *section = &paper->sections[bucket];
        fprintf(writer->out, "<tr><th>%s <i>%s</i></th>", paper_bucket_chinese(bucket),
            paper_bucket(bucket));
        html_amount(writer, section->opening_minor);
        fprintf(writer->out, "<td class=n>%" PRId64 "</td>", section->lines);
        html_amount(writer, section->credits_minor);
        html_amount(writer, section->debits_minor);
        html_amount(writer, section->closing_minor);
        fputs("</tr>\n", writer->out);
    }
    fputs("</tbody>\n</table>\n", writer->out);
    if (capitals_write(paper->sections[0].closing_minor, paper->decimals, capitals))
        fprintf(writer->out,
            "<p>期末可用余额（大写） <i>available at the end, in capitals</i>：%s%s</p>\n",
            strcmp(paper->currency, "CNY") == 0 ? "人民币" : paper->currency, capitals);
    fprintf(writer->out,
        "<div class=stamp>银行盖章 <i>stamp of the bank</i></div>\n<p>共 %d 页 <i>%d "
        "pages</i></p>\n"
        "</section>\n</body>\n</html>\n",
        writer->page, writer->page);
}

const struct paper_form paper_html = {
    html_begin, html_begin_section, html_line, html_end_section, html_end};
