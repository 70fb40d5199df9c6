/* call.c: how calls begin, ask the database and end: with an answer, a refusal or a failure, each
 * with its status and details.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/log.h"
#include "query/internal.h"
#include "query/statements.h"
#include "wire/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RETRY_US 1000000

struct failure {
    enum wire_status status;
    const char *reason;
    struct wording message;
    int64_t retry_after_us; /* 0: do not retry as it is */
};

static const struct failure DAMAGED = {WIRE_DATA_LOSS, REASON_STORED_ROW_DAMAGED,
    {"a stored row is damaged; tell the operator", "存储的数据已损坏；请联系运维人员"}, 0};

/* By enum pool_end. */
static const struct failure FAILURES[] = {
    [POOL_UNAVAILABLE] = {WIRE_UNAVAILABLE, REASON_HISTORY_UNAVAILABLE,
        {"the database that holds the history does not answer; try again",
            "历史数据库没有应答；请重试"},
        RETRY_US},
    [POOL_LATE] = {WIRE_DEADLINE_EXCEEDED, REASON_DEADLINE_EXCEEDED,
        {"the deadline passed before the database was free; try again with a later one",
            "数据库空闲前期限已过；请以更长的期限重试"},
        RETRY_US},
    [POOL_TOO_LONG] = {WIRE_UNAVAILABLE, REASON_HISTORY_TOO_SLOW,
        {"the database took too long; ask for a narrower range or try again later",
            "数据库处理时间过长；请缩小查询范围或稍后重试"},
        RETRY_US},
    [POOL_REFUSED] = {WIRE_INTERNAL, REASON_HISTORY_REFUSED,
        {"the database refused a statement; tell the operator", "数据库拒绝了语句；请联系运维人员"},
        0},
    [POOL_GONE] = {WIRE_CANCELLED, REASON_CALL_GONE, {"the caller is gone", "调用方已离开"}, 0},
};

static void fail_with(struct wire_call *call, const struct failure *failure)
{
    struct wire_details details = {
        .reason = failure->reason, .retry_after_us = failure->retry_after_us};
    wire_fail(call, failure->status, failure->message, &details);
}

static const struct failure *failure_of(enum pool_end end)
{
    CHECK(end > POOL_DONE && end <= POOL_GONE);
    return &FAILURES[end];
}

static void end_call(struct query *query)
{
    CHECK(query->calls_open > 0);
    query->calls_open--;
}

bool is_of_journal(const struct query *query, const struct journal_identity *identity)
{
    return identity_equal(identity, &query->lives.items[0].identity);
}

static void refuse_identity(const struct query *query, struct wire_call *call, struct wording holds,
    const struct journal_identity *identity)
{
    char english[320], chinese[320];
    int64_t differ_from = journal_lives_differ_from(&query->lives, identity);
    CHECK(differ_from < INT64_MAX);
    if (differ_from > 0) {
        snprintf(english, sizeof english,
            "%s is of a journal that was restored: sequence numbers from %" PRId64
            " on were given out again; drop what you keep from there on and begin there anew, with "
            "the journal_identity %s",
            holds.english, differ_from, query->identity_text);
        snprintf(chinese, sizeof chinese,
            "%s属于一份已恢复的日志：自 %" PRId64
            " 起的序号已重新分配；请丢弃此后的内容，并从该处以 "
            "journal_identity %s 重新开始",
            holds.chinese, differ_from, query->identity_text);
    } else {
        snprintf(english, sizeof english,
            "%s is of another journal, or of one that was restored to before that identity was "
            "made; compare from the first entry on, with the journal_identity %s",
            holds.english, query->identity_text);
        snprintf(chinese, sizeof chinese,
            "%s属于另一份日志，或已恢复到该标识产生之前的日志；请以 journal_identity %s 从第一条起"
            "比对",
            holds.chinese, query->identity_text);
    }
    struct wire_details details = {.reason = REASON_JOURNAL_IDENTITY_CHANGED};
    wire_fail(call, WIRE_FAILED_PRECONDITION, WORDING(english, chinese), &details);
}

bool call_is_gone(void *call)
{
    return wire_call_is_gone(call);
}

bool call_begin(struct query *query, struct wire_call *call, const struct read_request *request)
{
    if (query->is_closing) {
        fail_with(call, failure_of(POOL_UNAVAILABLE));
        return false;
    }
    if (query->calls_open >= query->config.calls_waiting_max) {
        static const struct failure too_many = {WIRE_RESOURCE_EXHAUSTED, REASON_TOO_MANY_READS,
            {"too many reads of history at a time; try again", "同时进行的历史查询过多；请重试"},
            RETRY_US};
        fail_with(call, &too_many);
        return false;
    }
    query->calls_open++;
    if (request->has_identity && !is_of_journal(query, &request->identity)) {
        call_refuse_identity(
            query, call, WORDING("the place to go on from", "续读位置"), &request->identity);
        return false;
    }
    return true;
}

/* What a page's token says; false: it is refused, and the call answered. */
static bool open_token(const struct query *query, struct wire_call *call,
    const struct read_request *request, struct page_token *ret_token)
{
    struct wire_violation violation = {.field = "page_token",
        .description = {"must be next_page_token of the page before, with every other field as it "
                        "was then (page_size may differ)",
            "须为上一页的 next_page_token，其他字段须与当时一致（page_size 可以不同）"}};
    if (!page_token_try_decode(query->token_key, request, ret_token)) {
        wire_fail_fields(call, WIRE_INVALID_ARGUMENT, REASON_MALFORMED_REQUEST, &violation, 1);
        return false;
    }
    if (!is_of_journal(query, &ret_token->identity)) {
        refuse_identity(query, call, WORDING("the page token", "分页标记"), &ret_token->identity);
        return false;
    }
    /* No instant of this journal gave it. */
    if (ret_token->as_of_sequence > query->recent.durable_sequence(query->recent.context)) {
        wire_fail_fields(call, WIRE_INVALID_ARGUMENT, REASON_MALFORMED_REQUEST, &violation, 1);
        return false;
    }
    return true;
}

bool call_begin_page(struct query *query, struct wire_call *call,
    const struct read_request *request, struct page_token *ret_token)
{
    if (!call_begin(query, call, request))
        return false;
    if (request->page_token.length == 0 || open_token(query, call, request, ret_token))
        return true;
    end_call(query);
    return false;
}

void page_next(const struct query *query, const struct read_request *request, int64_t as_of,
    const struct line_place *place, char ret_text[PAGE_TOKEN_CHARS + 1])
{
    struct page_token next = {
        .identity = query->lives.items[0].identity, .as_of_sequence = as_of, .place = *place};
    page_token_encode(query->token_key, request, &next, ret_text);
}

bool query_page_after(struct query *query, struct wire_call *call,
    const struct read_request *request, int64_t *ret_after_id)
{
    struct page_token token;
    if (request->page_token.length == 0) {
        *ret_after_id = request->after_id;
        return true;
    }
    if (!open_token(query, call, request, &token))
        return false;
    *ret_after_id = token.place.sequence;
    return true;
}

void query_page_token(const struct query *query, const struct read_request *request, int64_t as_of,
    int64_t after_id, char ret_text[PAGE_TOKEN_CHARS + 1])
{
    struct line_place place = {.sequence = after_id};
    ret_text[0] = '\0';
    if (after_id != 0)
        page_next(query, request, as_of, &place, ret_text);
}

static void keep_text(struct text *text, char **texts)
{
    if (text->length > 0)
        memcpy(*texts, text->bytes, text->length);
    text->bytes = *texts;
    *texts += text->length;
}

void request_keep(const struct read_request *request, struct read_request *ret_kept,
    char texts[REQUEST_TEXT_BYTES_MAX])
{
    char *end = texts;
    *ret_kept = *request;
    keep_text(&ret_kept->page_token, &end);
    keep_text(&ret_kept->order_number, &end);
    keep_text(&ret_kept->bank_reference, &end);
    CHECK(end <= texts + REQUEST_TEXT_BYTES_MAX);
}

void call_submit(struct query *query, struct wire_call *call, struct pool_job *job,
    int64_t indexed_before, pool_on_done on_done, void *context)
{
    struct pool_request request = {
        .progress = indexed_before,
        .deadline_us = wire_call_deadline_us(call),
        .source = wire_call_source(call),
        .is_gone = call_is_gone,
        .gone_context = call,
        .on_done = on_done,
        .context = context,
    };
    pool_submit(query->pool, job, &request);
}

static struct pool_job *run_job(
    const struct pg_statement *statement, const int64_t *sequences, size_t count)
{
    CHECK(count > 0);
    struct pool_job *job = pool_job_create(statement);
    pg_add_int64s(&job->parameters, sequences, count);
    pg_add_int64(&job->parameters, sequences[0]);
    pg_add_int64(&job->parameters, sequences[count - 1] + 1);
    return job;
}

struct pool_job *commands_job(const int64_t *sequences, size_t count)
{
    return run_job(&statement_commands_of, sequences, count);
}

struct pool_job *postings_job(const int64_t *sequences, size_t count)
{
    return run_job(&statement_postings_of, sequences, count);
}

uint32_t page_entries_max(const struct query *query, const struct read_request *request)
{
    uint32_t wanted = (uint32_t)request->page_size;
    return wanted < query->steps.page_entries ? wanted : query->steps.page_entries;
}

bool page_has_room(
    struct query *query, struct wire_call *call, const struct buffer *out, size_t *held)
{
    query->lines_bytes += out->length - *held;
    *held = out->length;
    return wire_call_has_room(call, query->lines_bytes);
}

void page_finish(struct query *query, struct buffer *out, size_t held)
{
    CHECK(query->lines_bytes >= held);
    query->lines_bytes -= held;
    buffer_finish(out);
}

void call_fail_crowded(struct query *query, struct wire_call *call)
{
    static const struct failure crowded = {WIRE_RESOURCE_EXHAUSTED, REASON_OVERLOADED,
        {"too many answers wait for their clients; try again", "等待客户端接收的应答过多；请重试"},
        RETRY_US};
    end_call(query);
    fail_with(call, &crowded);
}

void call_fail_too_large(struct query *query, struct wire_call *call, uint32_t entries_max)
{
    char english[160], chinese[160];
    snprintf(english, sizeof english,
        "the order has more than %u entries, or sums beyond the range of amounts; add it up in the "
        "database",
        (unsigned)entries_max);
    snprintf(chinese, sizeof chinese, "该订单超过 %u 条记录，或合计超出金额范围；请在数据库中汇总",
        (unsigned)entries_max);
    struct failure too_large = {
        WIRE_RESOURCE_EXHAUSTED, REASON_ORDER_TOO_LARGE, {english, chinese}, 0};
    end_call(query);
    fail_with(call, &too_large);
}

void call_reply(struct query *query, struct wire_call *call, const void *message, size_t length)
{
    if (!wire_call_has_room(call, length)) {
        call_fail_crowded(query, call);
        return;
    }
    end_call(query);
    wire_reply(call, message, length);
}

void call_not_found(struct query *query, struct wire_call *call, const char *field,
    const char *reason, struct wording what)
{
    end_call(query);
    stream_call_not_found(call, field, reason, what);
}

void stream_call_not_found(
    struct wire_call *call, const char *field, const char *reason, struct wording what)
{
    struct wire_violation violation = {.field = field, .description = what};
    wire_fail_fields(call, WIRE_NOT_FOUND, reason, &violation, 1);
}

void call_fail(struct query *query, struct wire_call *call, enum pool_end end)
{
    end_call(query);
    fail_with(call, failure_of(end));
}

void call_fail_damaged(struct query *query, struct wire_call *call)
{
    end_call(query);
    stream_call_fail_damaged(call);
}

void stream_call_fail(struct wire_call *call, enum pool_end end)
{
    fail_with(call, failure_of(end));
}

void stream_call_fail_damaged(struct wire_call *call)
{
    log_error("could not read history: a stored row is damaged, run vslctl check and verify");
    fail_with(call, &DAMAGED);
}

void stream_call_stop(struct wire_call *call)
{
    static const struct failure stopping = {WIRE_UNAVAILABLE, REASON_STOPPING,
        {"the service stops; connect again and go on behind the last position dealt with",
            "服务正在停止；请重新连接，并从最后处理的位置之后继续"},
        RETRY_US};
    fail_with(call, &stopping);
}

void call_refuse_identity(struct query *query, struct wire_call *call, struct wording holds,
    const struct journal_identity *identity)
{
    end_call(query);
    refuse_identity(query, call, holds, identity);
}

void stream_call_refuse_identity(
    struct query *query, struct wire_call *call, const struct journal_identity *identity)
{
    refuse_identity(query, call, WORDING("the position", "该位置"), identity);
}

void stream_call_refuse_caller(struct wire_call *call)
{
    static const struct failure refused = {WIRE_PERMISSION_DENIED, REASON_CALLER_SUSPENDED,
        {"the caller was suspended, or lost the role, while the stream went on",
            "在事件流进行中，调用方已被停用或失去角色"},
        0};
    fail_with(call, &refused);
}

void stream_call_no_ledger(struct wire_call *call)
{
    stream_call_not_found(call, "ledger_id", REASON_NOT_FOUND,
        WORDING("there is no ledger with this id", "没有这个编号的台账"));
}

void stream_call_end_changed(struct wire_call *call)
{
    static const struct failure changed = {WIRE_UNAVAILABLE, REASON_CALLER_CHANGED,
        {"the caller's ledgers or roles were changed while the stream went on; connect again and "
         "go "
         "on behind the last position dealt with",
            "在事件流进行中，调用方的台账或角色已变更；请重新连接，并从最后处理的位置之后继续"},
        RETRY_US};
    fail_with(call, &changed);
}

void stream_call_refuse_ahead(struct wire_call *call, int64_t from_sequence, int64_t durable)
{
    char english[256], chinese[256];
    snprintf(english, sizeof english,
        "from_sequence: the journal ends with %" PRId64 ", so the last position to begin at is "
        "%" PRId64 ", not %" PRId64 "; look at what you had last, and whether the journal was "
        "restored since",
        durable, durable + 1, from_sequence);
    snprintf(chinese, sizeof chinese,
        "from_sequence：日志的末尾是 %" PRId64 "，因此起始位置至多为 %" PRId64 "，而非 %" PRId64
        "；请检查最后收到的内容，以及日志此后是否恢复过",
        durable, durable + 1, from_sequence);
    struct failure ahead = {WIRE_OUT_OF_RANGE, REASON_POSITION_AHEAD, {english, chinese}, 0};
    fail_with(call, &ahead);
}

bool call_has_ledger(const struct query *query, const struct wire_call *call, int64_t ledger_id)
{
    struct ledger_scope scope;
    return query->recent.scope(query->recent.context, call, &scope) &&
           ledger_scope_has(&scope, ledger_id);
}

void stream_call_refuse_many(struct wire_call *call, uint32_t streams_max)
{
    char english[96], chinese[96];
    snprintf(english, sizeof english, "there are %u event streams already; end one or try later",
        (unsigned)streams_max);
    snprintf(chinese, sizeof chinese, "已有 %u 个事件流；请先结束一个，或稍后重试",
        (unsigned)streams_max);
    struct failure too_many = {
        WIRE_RESOURCE_EXHAUSTED, REASON_TOO_MANY_STREAMS, {english, chinese}, RETRY_US};
    fail_with(call, &too_many);
}
