/* callers.c: who asks, and whether he may: once for each call, before anything is decided or looked
 * up.
 *
 * A caller is who the client's certificate proves; his record says the rest. A server that asks for
 * no certificates is run open: whoever connects may do everything. Until the journal has an active
 * administrator, the one that the settings name is one.
 *
 * A ledger that is not the caller's is not there for him: nothing that he is told differs from what
 * he would be told of one that nobody has.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "flow/internal.h"

#include <inttypes.h>
#include <stdio.h>

/* So often a line of the log says that callers are refused. */
#define REFUSAL_LINE_US (INT64_C(10) * 1000000)

/* Of no ledger. */
#define NO_LEDGER_ID INT64_MAX

struct standing {
    enum wire_status status; /* WIRE_OK: he may ask */
    const char *reason;
    struct wording message;
};

static bool is_first_administrator(const struct flow *flow, const char *name)
{
    const char *first = flow->config.first_administrator;
    return first && strcmp(first, name) == 0 && !engine_has_administrator(flow->engine);
}

static struct standing look_up(
    const struct flow *flow, const struct wire_call *call, struct asker *ret_asker)
{
    static const struct standing good = {WIRE_OK, NULL, {NULL, NULL}};
    static const struct standing nameless = {WIRE_UNAUTHENTICATED, REASON_NO_CERTIFICATE,
        {"a client certificate is required: it says who calls",
            "须提供客户端证书：以此识别调用方"}};
    static const struct standing unknown = {WIRE_PERMISSION_DENIED, REASON_CALLER_UNKNOWN,
        {"nobody is known by the name of this client certificate; an administrator makes callers "
         "with CreateCaller",
            "没有以此客户端证书名称登记的调用方；由管理员用 CreateCaller 登记"}};
    static const struct standing suspended = {WIRE_PERMISSION_DENIED, REASON_CALLER_SUSPENDED,
        {"the caller is suspended; an administrator changes that with UpdateCaller",
            "调用方已停用；由管理员用 UpdateCaller 恢复"}};
    *ret_asker = (struct asker){.roles = ROLES_ALL};
    if (!flow->config.has_callers)
        return good;
    const char *name = wire_call_peer_name(call);
    if (!name)
        return nameless;
    const struct caller *caller = engine_find_caller(flow->engine, text_of(name));
    bool is_first = is_first_administrator(flow, name);
    if (!caller && !is_first)
        return unknown;
    if (!is_first && caller->status != CALLER_ACTIVE)
        return suspended;
    *ret_asker = (struct asker){
        .caller_id = caller ? caller->id : FIRST_ADMINISTRATOR_ID,
        .roles = (caller ? caller->roles : 0) | (is_first ? ROLE_ADMINISTRATOR : 0),
        .caller = caller,
    };
    return good;
}

bool flow_keeps_connections(void *context, const char *name)
{
    const struct flow *flow = context;
    if (!flow->config.has_callers || flow->state == FLOW_LOADING)
        return true;
    /* Who is not known yet may be made in a moment; each of his calls is refused. */
    const struct caller *caller = engine_find_caller(flow->engine, text_of(name));
    return !caller || caller->status == CALLER_ACTIVE || is_first_administrator(flow, name);
}

/* ---- refusing ---- */

/* Counts it, and says so now and then: with the caller's number, never his name. */
static void note_refusal(
    struct flow *flow, const struct asker *asker, const char *reason, const char *method)
{
    flow->callers_refused++;
    if (flow->now_monotonic_us - flow->caller_refusal_us < REFUSAL_LINE_US)
        return;
    flow->caller_refusal_us = flow->now_monotonic_us;
    flow->callers_refused_said = flow->callers_refused;
    log_warning("refused a call reason=%s method=%s caller=%" PRId64 " refused=%" PRIu64, reason,
        method, asker->caller_id, flow->callers_refused);
}

void flow_tell_refusals(struct flow *flow, bool is_last)
{
    uint64_t unsaid = flow->callers_refused - flow->callers_refused_said;
    if (unsaid == 0 ||
        (!is_last && flow->now_monotonic_us - flow->caller_refusal_us < REFUSAL_LINE_US))
        return;
    flow->caller_refusal_us = flow->now_monotonic_us;
    flow->callers_refused_said = flow->callers_refused;
    log_warning("refused more calls for who asked or what he may not count=%" PRIu64
                " refused=%" PRIu64,
        unsaid, flow->callers_refused);
}

static const char *method_of(const struct wire_call *call)
{
    return methods[wire_call_tag(call)].path + strlen("/vsl.v1.");
}

static void name_roles(int32_t roles, const char *between, char *text, size_t bytes)
{
    size_t length = 0;
    text[0] = '\0';
#define ROLE(number, NAME, name)                                                                   \
    if ((roles & ROLE_##NAME) && length < bytes)                                                   \
        length += (size_t)snprintf(                                                                \
            text + length, bytes - length, "%s%s", length > 0 ? between : "", #name);
#include "model/role_list.h"
}

/* What is refused for its role: the method as it is called by itself. */
static void refuse_role(struct flow *flow, struct wire_call *call, const struct asker *asker,
    const char *method, int32_t roles)
{
    char names[160], names_zh[160];
    char english[320], chinese[320];
    struct wire_details details = {.reason = REASON_ROLE_MISSING};
    int service_length = (int)strcspn(method, "/");
    struct wording between = WORDING(" or ", " 或 ");
    name_roles(roles, between.english, names, sizeof names);
    name_roles(roles, between.chinese, names_zh, sizeof names_zh);
    snprintf(english, sizeof english, "%.*s.%s needs the role %s, which the caller does not have",
        service_length, method, method + service_length + 1, names);
    snprintf(chinese, sizeof chinese, "%.*s.%s 需要角色 %s，调用方没有该角色", service_length,
        method, method + service_length + 1, names_zh);
    note_refusal(flow, asker, details.reason, method);
    wire_fail(call, WIRE_PERMISSION_DENIED, WORDING(english, chinese), &details);
}

bool flow_find_asker(struct flow *flow, struct wire_call *call, struct asker *ret_asker)
{
    struct standing standing = look_up(flow, call, ret_asker);
    if (standing.status == WIRE_OK)
        return true;
    struct wire_details details = {.reason = standing.reason};
    note_refusal(flow, ret_asker, standing.reason, method_of(call));
    wire_fail(call, standing.status, standing.message, &details);
    return false;
}

bool flow_has_role(
    struct flow *flow, struct wire_call *call, const struct asker *asker, int32_t roles)
{
    if (asker->roles & roles)
        return true;
    refuse_role(flow, call, asker, method_of(call), roles);
    return false;
}

/* ---- ledgers ---- */

bool flow_is_outside(const struct asker *asker)
{
    return (kept_from(asker->roles) & KEPT_AFFAIRS) != 0;
}

static struct ledger_scope scope_of(const struct asker *asker)
{
    const struct caller *caller = asker->caller;
    struct ledger_scope scope = {
        .kept = kept_from(asker->roles), .is_adapter = (asker->roles & ROLE_ADAPTER) != 0};
    scope.is_all = !caller || caller->all_ledgers;
    if (!scope.is_all) {
        scope.ids = caller->ledgers;
        scope.count = caller->ledger_count;
    }
    return scope;
}

bool flow_has_ledger(const struct asker *asker, int64_t ledger_id)
{
    struct ledger_scope scope = scope_of(asker);
    return ledger_scope_has(&scope, ledger_id);
}

bool flow_scope(void *context, const struct wire_call *call, struct ledger_scope *ret_scope)
{
    const struct flow *flow = context;
    struct asker asker;
    int32_t roles = read_roles(methods[wire_call_tag(call)].kind);
    if (look_up(flow, call, &asker).status != WIRE_OK || !(asker.roles & roles))
        return false;
    *ret_scope = scope_of(&asker);
    return true;
}

void flow_keep_to_scope(const struct asker *asker, struct read_request *request)
{
    request->kept = kept_from(asker->roles);
    if (request->ledger_id != 0 && !flow_has_ledger(asker, request->ledger_id))
        request->ledger_id = NO_LEDGER_ID;
}

/* ---- commands ---- */

static bool has_channel(const struct asker *asker, const struct request_key *key)
{
    const struct caller *caller = asker->caller;
    if (!caller || caller->any_channel)
        return true;
    const char *end = caller->channels + caller->channels_length;
    for (const char *channel = caller->channels; channel < end;) {
        const char *comma = memchr(channel, ',', (size_t)(end - channel));
        size_t length = (size_t)((comma ? comma : end) - channel);
        if (length == key->channel_length && memcmp(channel, key->channel, length) == 0)
            return true;
        channel += length + 1;
    }
    return false;
}

static void refuse_channel(struct flow *flow, struct wire_call *call, const struct asker *asker)
{
    struct wire_details details = {.reason = REASON_CHANNEL_OF_ANOTHER};
    note_refusal(flow, asker, details.reason, method_of(call));
    wire_fail(call, WIRE_PERMISSION_DENIED,
        WORDING("key.channel must be one of the caller's channels",
            "key.channel 须为该调用方的渠道之一"),
        &details);
}

/* As of a ledger that nobody has, and not on record: the record would be the other's to read. */
static void refuse_ledger(struct flow *flow, struct wire_call *call, const struct command *command,
    uint32_t index, bool is_item)
{
    struct refusal refusal = {.status = WIRE_NOT_FOUND,
        .reason = REASON_NOT_FOUND,
        .message = {"there is no ledger with this id", "没有这个编号的台账"}};
    if (is_item)
        snprintf(refusal.field, sizeof refusal.field, "items[%" PRIu32 "].%s.ledger_id", index,
            command_kind_name((int)command->kind));
    else
        strcpy(refusal.field, "ledger_id");
    flow_answer_refusal(flow, call, &refusal);
}

static const char *method_of_kind(enum command_kind kind)
{
    size_t i = 0;
    while (methods[i].group != METHOD_COMMAND || methods[i].kind != (int)kind)
        i++;
    return methods[i].path + strlen("/vsl.v1.");
}

bool flow_may_send(struct flow *flow, struct wire_call *call, const struct asker *asker,
    struct command *commands, uint32_t count)
{
    bool is_batch = methods[wire_call_tag(call)].group == METHOD_BATCH;
    for (uint32_t i = 0; i < count; i++) {
        struct command *command = &commands[i];
        int32_t roles = command_sender_roles(command);
        if (!(asker->roles & roles)) {
            refuse_role(flow, call, asker, method_of_kind(command->kind), roles);
            return false;
        }
        if (command->kind == COMMAND_PROPOSE) {
            int32_t inside = command_roles(command->propose.kind);
            if (!(asker->roles & inside)) {
                refuse_role(flow, call, asker,
                    method_of_kind((enum command_kind)command->propose.kind), inside);
                return false;
            }
        }
        if (!has_channel(asker, &command->key)) {
            refuse_channel(flow, call, asker);
            return false;
        }
        if (command_has_ledger((int)command->kind) && !flow_has_ledger(asker, command->ledger_id)) {
            refuse_ledger(flow, call, command, i, is_batch);
            return false;
        }
        command->caller_id = asker->caller_id;
    }
    return true;
}
