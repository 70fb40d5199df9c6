/* sealing.c: personal values on their way in and out; see command/sealing.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/sealing.h"

#include "base/fold.h"
#include "base/log.h"
#include "command/normalize.h"
#include "flow/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OPENED_BYTES SEALED_BYTES(SEAL_PLAIN_BYTES_MAX)

bool flow_seal(
    struct flow *flow, struct wire_call *call, struct command *command, struct arena *arena)
{
    const struct ledger *ledger = engine_find_ledger(flow->engine, command->ledger_id);
    struct text prefix = {0};
    if (ledger)
        prefix = (struct text){ledger->receiving_prefix, ledger->receiving_prefix_length};
    if (command_seal(command, prefix, flow->sealer, arena) == 0)
        return true;
    static const struct wire_violation violation = {.field = "",
        .description = {"takes more memory than a request may; send it in parts",
            "占用的内存超过单个请求的上限；请分次发送"}};
    wire_fail_fields(call, WIRE_INVALID_ARGUMENT, REASON_MALFORMED_REQUEST, &violation, 1);
    return false;
}

/* ---- what does not open ---- */

static int32_t lost_key_of(struct flow *flow, const struct command_record *record, struct text path)
{
    struct command_elements elements;
    struct command command;
    int result = command_body_decode(
        (enum command_kind)record->kind, record->body, record->body_length, &elements, &command);
    CHECK(result == 0);
    return command_lost_key(&command, record->ledger_id, path, flow->sealer);
}

static int32_t lost_key_of_revealed(
    struct flow *flow, const struct command *command, const struct lookups *lookups)
{
    const struct reveal *asked = &command->reveal;
    int32_t lost = 0;
    for (uint32_t i = 0; i < asked->command_count && lost == 0; i++) {
        const struct command_record *record =
            flow_find_revealed(flow, lookups, asked->commands[i].sequence);
        /* Another ledger's is refused. */
        if (record && record->ledger_id == command->ledger_id)
            lost = lost_key_of(flow, record, asked->field);
    }
    return lost;
}

/* The key that does not open what number `index` of the call needs; 0: all that it needs opens. */
static int32_t lost_key(
    struct flow *flow, const struct command *command, const struct lookups *lookups, uint32_t index)
{
    static const struct text any = {0};
    if (command->kind == COMMAND_REVEAL)
        return lost_key_of_revealed(flow, command, lookups);
    if (command->kind == COMMAND_PROPOSE || command_has_personal((int)command->kind, any)) {
        const struct command_record *record = flow_find_first(flow, command, lookups, index);
        return record && record->kind == command->kind ? lost_key_of(flow, record, any) : 0;
    }
    if (command->kind == COMMAND_APPROVE && !flow_find_first(flow, command, lookups, index) &&
        engine_check_approval(flow->engine, flow->now_us, command) == OUTCOME_ACCEPTED &&
        flow_find_approved(flow, command, lookups, index, &flow->approved))
        return command_lost_key(&flow->approved.command, command->ledger_id, any, flow->sealer);
    return 0;
}

bool flow_opens(struct flow *flow, struct waiting_call *waiting, const struct command *commands,
    uint32_t begin, uint32_t end)
{
    char english[256], chinese[256];
    int32_t lost = 0;
    for (uint32_t i = begin; i < end && lost == 0; i++)
        lost = lost_key(flow, &commands[i], waiting->lookups, i);
    if (lost == 0)
        return true;
    log_error("could not open a sealed value that a request needs key=%" PRId32
              ": the key ring has not this key, or another one under its number",
        lost);
    snprintf(english, sizeof english,
        "a recorded value that the request needs is sealed by key %" PRId32 ", which the key ring "
        "of the server has not; tell the operator, and send the same request again then",
        lost);
    snprintf(chinese, sizeof chinese,
        "本请求所需的一项记录以密钥 %" PRId32
        " 加密，而服务器的密钥环中没有该密钥；请联系运维人员，"
        "其后重发同一请求",
        lost);
    struct wire_details details = {.reason = REASON_SEAL_KEY_MISSING};
    flow_fail_call(waiting, WIRE_FAILED_PRECONDITION, WORDING(english, chinese), &details);
    return false;
}

/* ---- the engine's question ---- */

/* Opens a value; false when it cannot be. */
static bool try_open(struct flow *flow, enum personal_kind kind, int64_t ledger_id,
    struct text value, char memory[OPENED_BYTES], struct text *ret_plain)
{
    uint32_t length;
    CHECK(value.length <= OPENED_BYTES);
    enum opening end = sealer_open(flow->sealer, (uint8_t)kind, ledger_id, value, memory, &length);
    *ret_plain = (struct text){memory, length};
    if (end == OPENING_CLEAR || end == OPENING_DONE)
        return true;
    log_error("could not open a sealed value ledger=%" PRId64 " key=%" PRId32 ": %s", ledger_id,
        sealed_key(value), end == OPENING_NO_KEY ? "the key is not in the ring" : "it is damaged");
    return false;
}

bool flow_same_party(void *context, int64_t ledger_id, const struct party *party, struct text name,
    struct text number)
{
    struct flow *flow = context;
    char memory[4][OPENED_BYTES];
    struct text plain[4];
    bool is_same =
        try_open(flow, PERSONAL_NAME, ledger_id, party->name, memory[0], &plain[0]) &&
        try_open(flow, PERSONAL_ACCOUNT_NUMBER, ledger_id, party->account_number, memory[1],
            &plain[1]) &&
        try_open(flow, PERSONAL_NAME, ledger_id, name, memory[2], &plain[2]) &&
        try_open(flow, PERSONAL_ACCOUNT_NUMBER, ledger_id, number, memory[3], &plain[3]) &&
        fold_same_party(plain[0], plain[1], plain[2], plain[3]);
    explicit_bzero(memory, sizeof memory);
    return is_same;
}

/* A ledger's own number was sealed before the ledger had an id. */
bool flow_is_escrow_account(void *context, int64_t ledger_id, struct text number, struct text own)
{
    struct flow *flow = context;
    char memory[2][OPENED_BYTES];
    struct text plain[2];
    bool is_its =
        try_open(flow, PERSONAL_ACCOUNT_NUMBER, ledger_id, number, memory[0], &plain[0]) &&
        try_open(flow, PERSONAL_ACCOUNT_NUMBER, 0, own, memory[1], &plain[1]) &&
        fold_same_number(plain[0], plain[1]);
    explicit_bzero(memory, sizeof memory);
    return is_its;
}

/* A card's number was brought into one form before it was sealed; a payer's or a destination's is
 * as it was written. */
static struct text as_card_number(struct flow *flow, int64_t ledger_id, struct text value,
    char digits[NORMAL_DIGITS_MAX], char sealed[SEALED_BYTES(NORMAL_DIGITS_MAX)])
{
    char memory[OPENED_BYTES];
    struct text plain;
    if (!try_open(flow, PERSONAL_ACCOUNT_NUMBER, ledger_id, value, memory, &plain))
        return value;
    uint32_t length = normalize_card(plain, digits);
    bool is_other = length > 0 && !text_equals(plain, (struct text){digits, length});
    explicit_bzero(memory, sizeof memory);
    int32_t key = sealed_key(value);
    if (!is_other || key == 0)
        return is_other ? (struct text){digits, length} : value;
    return (struct text){sealed, sealer_seal(flow->sealer, key, PERSONAL_ACCOUNT_NUMBER, ledger_id,
                                     (struct text){digits, length}, sealed)};
}

/* As command/unpack.c has it of fields that are kept so; as it is, where it has no such form. */
static struct text normal_form(
    enum personal_kind kind, struct text written, char memory[NORMAL_NAME_BYTES_MAX])
{
    uint32_t length = 0;
    if (kind == PERSONAL_NAME)
        length = normalize_name(written, memory, NORMAL_NAME_BYTES_MAX);
    else if (kind == PERSONAL_ACCOUNT_NUMBER)
        length = normalize_card(written, memory);
    return length > 0 ? (struct text){memory, length} : written;
}

static uint32_t written_fingerprints(struct flow *flow, enum personal_kind kind, int64_t ledger_id,
    struct text value, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX])
{
    char opened[OPENED_BYTES];
    char normal[NORMAL_NAME_BYTES_MAX];
    struct text plain;
    uint32_t count;
    if (try_open(flow, kind, ledger_id, value, opened, &plain))
        count = sealer_fingerprints(flow->sealer, (uint8_t)kind, ledger_id,
            normal_form(kind, plain, normal), ret_fingerprints);
    else
        count =
            sealer_fingerprints(flow->sealer, (uint8_t)kind, ledger_id, value, ret_fingerprints);
    explicit_bzero(opened, sizeof opened);
    explicit_bzero(normal, sizeof normal);
    return count;
}

uint32_t flow_fingerprints(void *context, int64_t ledger_id, enum personal_kind kind,
    struct text value, bool is_written, struct fingerprint ret_fingerprints[FINGERPRINTS_MAX])
{
    struct flow *flow = context;
    if (is_written)
        return written_fingerprints(flow, kind, ledger_id, value, ret_fingerprints);
    char digits[NORMAL_DIGITS_MAX];
    char sealed[SEALED_BYTES(NORMAL_DIGITS_MAX)];
    if (kind == PERSONAL_ACCOUNT_NUMBER && value.length > 0)
        value = as_card_number(flow, ledger_id, value, digits, sealed);
    return sealer_fingerprints(flow->sealer, (uint8_t)kind, ledger_id, value, ret_fingerprints);
}

/* ---- out ---- */

/* The personal values of a ledger's record. */
enum { OWN_VALUES = 4 };
struct own_value {
    enum personal_kind kind;
    int64_t ledger_id; /* that it is sealed for */
    char *bytes;
    size_t bytes_max;
    uint16_t *length;
};

/* Platform and escrow account are sealed before the ledger has a number. */
static void find_own_values(struct ledger *ledger, struct own_value ret_values[OWN_VALUES])
{
    ret_values[0] = (struct own_value){PERSONAL_NAME, 0, ledger->platform_name,
        sizeof ledger->platform_name, &ledger->platform_name_length};
    ret_values[1] = (struct own_value){PERSONAL_ACCOUNT_NUMBER, 0, ledger->escrow_account_number,
        sizeof ledger->escrow_account_number, &ledger->escrow_account_number_length};
    ret_values[2] = (struct own_value){PERSONAL_NAME, ledger->id, ledger->own_account_name,
        sizeof ledger->own_account_name, &ledger->own_account_name_length};
    ret_values[3] =
        (struct own_value){PERSONAL_ACCOUNT_NUMBER, ledger->id, ledger->own_account_number,
            sizeof ledger->own_account_number, &ledger->own_account_number_length};
}

/* What waits in its UNALLOCATED. */
static void show_waiting(const struct engine *engine, struct shown_ledger *shown)
{
    const struct watch *watch = engine_find_watch(engine, shown->ledger.id);
    const struct suspense *oldest = engine_oldest_suspense(engine, shown->ledger.id);
    if (watch) {
        shown->suspense_age_s = watch->suspense_age_s;
        shown->one_membership = watch->one_membership;
        shown->same_card = watch->same_card;
        shown->overdue_since_us = watch->overdue_at_us;
        shown->overdue_id = watch->suspense_id;
    }
    if (oldest) {
        shown->oldest_id = oldest->id;
        shown->oldest_at_us = oldest->opened_at_us;
    }
}

struct shown_ledger flow_show_ledger(struct flow *flow, const struct ledger *ledger)
{
    struct shown_ledger shown = {.ledger = *ledger};
    struct own_value values[OWN_VALUES];
    show_waiting(flow->engine, &shown);
    find_own_values(&shown.ledger, values);
    for (int i = 0; i < OWN_VALUES; i++) {
        char memory[PERSONAL_SHOWN_BYTES(SEALED_NAME_BYTES_MAX)];
        struct text text = personal_show(flow->sealer, values[i].kind, values[i].ledger_id,
            (struct text){values[i].bytes, *values[i].length}, memory);
        CHECK(text.length <= values[i].bytes_max);
        if (text.length > 0)
            memcpy(values[i].bytes, text.bytes, text.length);
        *values[i].length = (uint16_t)text.length;
    }
    return shown;
}

/* ---- the keys ---- */

static bool opens(const struct flow *flow, const struct own_value *value, struct text sealed)
{
    char memory[OPENED_BYTES];
    uint32_t length;
    CHECK(sealed.length <= OPENED_BYTES);
    enum opening end =
        sealer_open(flow->sealer, (uint8_t)value->kind, value->ledger_id, sealed, memory, &length);
    explicit_bzero(memory, sizeof memory);
    return end == OPENING_DONE;
}

/* Whether the ring has the keys of all fingerprints of a kind of record. */
static bool has_keys_of(const struct flow *flow, enum record_kind kind)
{
    const struct record_table *table = &record_tables[kind];
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct record_column *column = &table->columns[i];
        if (column->type != COLUMN_FINGERPRINT)
            continue;
        int64_t id = 0;
        while ((id = engine_next_record(flow->engine, kind, id)) != 0) {
            const uint8_t *record = engine_find_record(flow->engine, kind, id);
            int32_t key =
                ((const struct fingerprint *)(const void *)(record + column->offset))->key;
            if (key == 0 || sealer_has_key(flow->sealer, key))
                continue;
            log_error("the key ring has not the key=%" PRId32 " that %s=%" PRId64
                      " was recorded under: who comes again would not be found; give vsld the "
                      "ring that has it (keys.file)",
                key, table->name, id);
            return false;
        }
    }
    return true;
}

bool flow_can_open(const struct flow *flow)
{
    for (int kind = 1; kind <= RECORD_KINDS; kind++) {
        if (!has_keys_of(flow, (enum record_kind)kind))
            return false;
    }
    for (int64_t id = 1; id <= engine_last_ledger_id(flow->engine); id++) {
        struct ledger ledger = *engine_find_ledger(flow->engine, id);
        struct own_value values[OWN_VALUES];
        find_own_values(&ledger, values);
        for (int i = 0; i < OWN_VALUES; i++) {
            struct text value = {values[i].bytes, *values[i].length};
            int32_t key = sealed_key(value);
            if (key == 0)
                continue;
            if (sealer_has_key(flow->sealer, key) && !opens(flow, &values[i], value)) {
                log_error("the names of ledger=%" PRId64 " do not open by the key=%" PRId32
                          " of the key ring: another secret stands under its number; give vsld "
                          "the ring that it had (keys.file)",
                    id, key);
                return false;
            }
            if (sealer_has_key(flow->sealer, key))
                continue;
            log_error("the key ring has not the key=%" PRId32 " that the names of ledger=%" PRId64
                      " are sealed by; give vsld the ring that has it (keys.file)",
                key, id);
            return false;
        }
    }
    return true;
}

bool flow_try_reseal(struct flow *flow, int64_t ledger_id, struct ledger *ret_ledger)
{
    const struct ledger *ledger = engine_find_ledger(flow->engine, ledger_id);
    int32_t key = sealer_key(flow->sealer);
    bool is_other = false;
    if (!ledger || key == 0)
        return false;
    struct own_value values[OWN_VALUES];
    *ret_ledger = *ledger;
    find_own_values(ret_ledger, values);
    for (int i = 0; i < OWN_VALUES; i++) {
        struct text sealed = {values[i].bytes, *values[i].length};
        char memory[OPENED_BYTES];
        struct text plain;
        if (sealed.length == 0 || sealed_key(sealed) == key ||
            !try_open(flow, values[i].kind, values[i].ledger_id, sealed, memory, &plain))
            continue;
        CHECK(SEALED_BYTES(plain.length) <= values[i].bytes_max);
        memset(values[i].bytes, 0, values[i].bytes_max);
        *values[i].length = (uint16_t)sealer_seal(flow->sealer, key, (uint8_t)values[i].kind,
            values[i].ledger_id, plain, values[i].bytes);
        explicit_bzero(memory, sizeof memory);
        is_other = true;
    }
    return is_other;
}

bool flow_note_keys(struct flow *flow, const struct proof_check *checks, size_t check_count,
    void (*on_done)(void *context, int32_t wrong_number), void *context)
{
    return store_note_keys(flow->store, checks, check_count, on_done, context);
}

void flow_set_sealer(struct flow *flow, struct sealer *sealer)
{
    flow->sealer = sealer;
    query_set_sealer(flow->query, sealer);
}
