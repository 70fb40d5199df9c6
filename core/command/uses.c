/* uses.c: what a command says in some field, whichever it is: by the `use` of its rows.
 *
 * Where such a field lies is found once for every kind, so that asking costs as much as reading it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "base/fold.h"
#include "command/fields.h"
#include "command/role_sets.h"
#include "model/record_table.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Offsets in struct command; 0, where its kind is: the kind has no such field. */
struct uses {
    uint16_t offsets[USE_PROOF + 1]; /* but of USE_RECORD: a kind may have several */
    char mark;                       /* before the reference; 0: it is folded, as a bank wrote it */
    uint32_t record_count;
    struct {
        uint16_t offset;
        uint8_t kind; /* enum record_kind */
    } records[NAMED_RECORDS_MAX];
};

/* What stands before a reference that is not the bank's, see vsl.booked_reference. */
#define LINE_MARK '\1'
#define PROOF_MARK '\2'
#define ENTRY_MARK '\3'

static struct uses uses[COMMAND_KIND_MAX + 1];
static bool is_found;

static void find_all(void)
{
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        const struct field_table *table = command_fields(kind);
        for (uint32_t i = 0; table && i < table->count; i++) {
            const struct field *field = &table->fields[i];
            if (field->use == USE_NONE || field->use == USE_AMOUNT)
                continue;
            if (field->use == USE_RECORD) {
                uint32_t count = uses[kind].record_count++;
                CHECK(count < NAMED_RECORDS_MAX);
                uses[kind].records[count].offset = field->offset;
                uses[kind].records[count].kind = field->names;
                continue;
            }
            CHECK(uses[kind].offsets[field->use] == 0);
            uses[kind].offsets[field->use] = field->offset;
            if (field->use == USE_REFERENCE)
                uses[kind].mark = field->rule == TEXT_FACT ? '\0' : LINE_MARK;
        }
        if (uses[kind].offsets[USE_PROOF] != 0)
            uses[kind].mark = PROOF_MARK;
        if (kind == COMMAND_ADD_STATEMENT_LINE)
            uses[kind].mark = ENTRY_MARK;
    }
    is_found = true;
}

/* Where commands of the kind have such a field; 0: nowhere. */
static uint16_t offset_of(int kind, enum field_use use)
{
    if (!is_found)
        find_all();
    return kind < 0 || kind > COMMAND_KIND_MAX ? 0 : uses[kind].offsets[use];
}

/* NULL: a command of its kind has no such field. */
static const void *used(const struct command *command, enum field_use use)
{
    CHECK(command->kind <= (unsigned)COMMAND_KIND_MAX);
    uint16_t offset = offset_of((int)command->kind, use);
    return offset == 0 ? NULL : (const uint8_t *)command + offset;
}

static struct text used_text(const struct command *command, enum field_use use)
{
    const void *field = used(command, use);
    struct text text = {0};
    if (field)
        memcpy(&text, field, sizeof text);
    return text;
}

static int64_t used_number(const struct command *command, enum field_use use)
{
    const void *field = used(command, use);
    int64_t number = 0;
    if (field)
        memcpy(&number, field, sizeof number);
    return number;
}

struct text command_order_number(const struct command *command)
{
    return used_text(command, USE_ORDER_NUMBER);
}

struct text command_remark(const struct command *command)
{
    return used_text(command, USE_REMARK);
}

struct text command_reference(const struct command *command)
{
    return used_text(command, USE_REFERENCE);
}

static_assert(offsetof(struct instruction_proof, kind) == 0, "a proof begins with its kind");

const struct instruction_proof *command_proof(const struct command *command)
{
    return used(command, USE_PROOF);
}

int64_t command_mandate_id(const struct command *command)
{
    if (command->kind == COMMAND_PAY)
        return command->pay.mandate_id;
    return command->kind == COMMAND_WITHDRAW ? command->withdraw.mandate_id : 0;
}

bool command_has_proof(int kind)
{
    return offset_of(kind, USE_PROOF) != 0;
}

bool command_has_reference(int kind)
{
    return offset_of(kind, USE_REFERENCE) != 0;
}

bool command_reference_fits(const struct command *command)
{
    uint32_t length = command_reference(command).length;
    uint32_t mark_bytes = uses[command->kind].mark ? 1 : 0;
    return length > 0 && length + mark_bytes <= REFERENCE_BYTES_MAX;
}

uint32_t command_folded_reference(
    const struct command *command, char ret_bytes[REFERENCE_BYTES_MAX])
{
    struct text reference = command_reference(command);
    if (reference.length == 0)
        return 0;
    CHECK(command_reference_fits(command));
    if (!uses[command->kind].mark)
        return fold_reference(reference, ret_bytes);
    ret_bytes[0] = uses[command->kind].mark;
    memcpy(ret_bytes + 1, reference.bytes, reference.length);
    return reference.length + 1;
}

static_assert(offsetof(struct party, name) == 0, "a party begins with its name");

const struct party *command_party(const struct command *command)
{
    return used(command, USE_PARTY);
}

bool command_has_party(int kind)
{
    return offset_of(kind, USE_PARTY) != 0;
}

int64_t command_earlier_sequence(const struct command *command)
{
    return used_number(command, USE_COMMAND);
}

/* Every addend is at most AMOUNT_MINOR_MAX, and there are a hundred or so: no sum overflows. */
static int64_t amounts_in(const struct field_table *table, const void *source)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        int64_t amount_minor;
        if (field->use != USE_AMOUNT)
            continue;
        memcpy(&amount_minor, (const uint8_t *)source + field->offset, sizeof amount_minor);
        sum += amount_minor;
    }
    return sum;
}

int64_t command_amount_minor(const struct command *command)
{
    const struct field_table *table = command_fields((int)command->kind);
    CHECK(table != NULL);
    int64_t sum = amounts_in(table, command);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct list *list = table->fields[i].list;
        const uint8_t *elements;
        uint32_t count;
        if (!list)
            continue;
        memcpy(&elements, (const uint8_t *)command + table->fields[i].offset, sizeof elements);
        memcpy(&count, (const uint8_t *)command + list->count_offset, sizeof count);
        for (uint32_t k = 0; k < count; k++)
            sum += amounts_in(&list->table, elements + (size_t)k * list->element_size);
    }
    return sum;
}

bool command_has_amount(int kind)
{
    const struct field_table *table = command_fields(kind);
    bool has_amount = kind == COMMAND_REVERSE || kind == COMMAND_INTERCEPT_PAYOUT ||
                      kind == COMMAND_CLOSE_DIFFERENCE;
    for (uint32_t i = 0; table && i < table->count && !has_amount; i++) {
        const struct list *list = table->fields[i].list;
        has_amount = table->fields[i].use == USE_AMOUNT;
        for (uint32_t k = 0; list && k < list->table.count && !has_amount; k++)
            has_amount = list->table.fields[k].use == USE_AMOUNT;
    }
    return has_amount;
}

uint32_t command_named_records(
    const struct command *command, struct named_record ret_records[NAMED_RECORDS_MAX])
{
    int64_t id = used_number(command, USE_EXPIRING_RECORD);
    if (id != 0) {
        ret_records[0] = (struct named_record){
            record_kind_of_expiry((enum expiry_kind)command->expire.kind), id};
        return 1;
    }
    const struct uses *kind = &uses[command->kind];
    uint32_t count = 0;
    for (uint32_t i = 0; i < kind->record_count; i++) {
        memcpy(&id, (const uint8_t *)command + kind->records[i].offset, sizeof id);
        if (id != 0)
            ret_records[count++] =
                (struct named_record){(enum record_kind)kind->records[i].kind, id};
    }
    return count;
}

int32_t command_roles(int kind)
{
    static const int32_t roles[COMMAND_KIND_MAX + 1] = {
#define COMMAND(number, NAME, name, Service, Method, answer, roles) [number] = (roles),
#include "command/command_list.h"
    };
    CHECK(kind > 0 && kind <= COMMAND_KIND_MAX && roles[kind] != 0);
    return roles[kind];
}
