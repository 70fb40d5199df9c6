/* bind.c: binds the field tables to protobuf-c's descriptors by name.
 *
 * A message that lacks a field, a row that lacks one, or a type that differs is a defect of the
 * build, found by the first request of any kind and by the tests.
 * SPDX-License-Identifier: Apache-2.0 */
#include "command/bind.h"

#include "base/check.h"
#include "ceilings.h"
#include "command/message.h"
#include "command/rawcheck.h"
#include "model/document.h"
#include "model/records.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/journal.pb-c.h"

#include <assert.h>
#include <string.h>

/* Numbers of enums are the same in the protos as inside, so that they pass through as they are. */
#define COMMAND(number, NAME, name, Service, Method, answer, roles)                                \
    static_assert((int)VSL__V1__COMMAND_KIND__COMMAND_KIND_##NAME == (number), #NAME);
#include "command/command_list.h"

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(FEE_MODE__FEE_MODE_OUTSIDE, FEE_OUTSIDE);
SAME(FEE_MODE__FEE_MODE_INSIDE, FEE_INSIDE);
SAME(PROOF_KIND__PROOF_KIND_SMS_CODE, PROOF_SMS_CODE);
SAME(PROOF_KIND__PROOF_KIND_PASSWORD, PROOF_PASSWORD);
SAME(PROOF_KIND__PROOF_KIND_SIGNATURE, PROOF_SIGNATURE);
SAME(PROOF_RESULT__PROOF_RESULT_RIGHT, PROOF_RIGHT);
SAME(PROOF_RESULT__PROOF_RESULT_WRONG, PROOF_WRONG);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_PAID, PAYOUT_RESULT_PAID);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_FAILED, PAYOUT_RESULT_FAILED);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_RETURNED, PAYOUT_RESULT_RETURNED);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_SENT, PAYOUT_RESULT_SENT);
SAME(PAYOUT_RESULT__PAYOUT_RESULT_UNKNOWN, PAYOUT_RESULT_UNKNOWN);
SAME(FEE_MODE__FEE_MODE_BORNE_BY_ANOTHER, FEE_BORNE_BY_ANOTHER);
SAME(FEE_BEARER__FEE_BEARER_PAYER, FEE_BEARER_PAYER);
SAME(FEE_BEARER__FEE_BEARER_PAYEES, FEE_BEARER_PAYEES);
SAME(FEE_ROUNDING__FEE_ROUNDING_HALF_UP, FEE_ROUNDING_HALF_UP);
SAME(FEE_ROUNDING__FEE_ROUNDING_UP, FEE_ROUNDING_UP);
SAME(FEE_ROUNDING__FEE_ROUNDING_DOWN, FEE_ROUNDING_DOWN);
SAME(FEE_REFUND__FEE_REFUND_NONE, FEE_REFUND_NONE);
SAME(FEE_REFUND__FEE_REFUND_PROPORTIONAL, FEE_REFUND_PROPORTIONAL);
SAME(FEE_REFUND__FEE_REFUND_ON_FULL, FEE_REFUND_ON_FULL);
SAME(PAYOUT_FEE__PAYOUT_FEE_BACK, PAYOUT_FEE_BACK);
SAME(PAYOUT_FEE__PAYOUT_FEE_KEPT, PAYOUT_FEE_KEPT);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_UNCHECKED, ACCOUNT_POLICY_UNCHECKED);
SAME(ACCOUNT_POLICY_PRESET__ACCOUNT_POLICY_PRESET_CUSTOM, ACCOUNT_POLICY_CUSTOM);
SAME(EXPIRY_KIND__EXPIRY_KIND_HOLD, EXPIRY_HOLD);
SAME(EXPIRY_KIND__EXPIRY_KIND_FREEZE, EXPIRY_FREEZE);
SAME(EXPIRY_KIND__EXPIRY_KIND_ADJUSTMENT, EXPIRY_ADJUSTMENT);
SAME(EXPIRY_KIND__EXPIRY_KIND_PROPOSAL, EXPIRY_PROPOSAL);
SAME(EXPIRY_KIND__EXPIRY_KIND_SUSPENSE, EXPIRY_SUSPENSE);
SAME(EXPIRY_KIND__EXPIRY_KIND_PROMISE, EXPIRY_PROMISE);
SAME(EXPIRY_KIND__EXPIRY_KIND_IDENTITY, EXPIRY_IDENTITY);
SAME(SUBJECT_KIND__SUBJECT_KIND_PERSON, SUBJECT_PERSON);
SAME(SUBJECT_KIND__SUBJECT_KIND_COMPANY, SUBJECT_COMPANY);
SAME(SUBJECT_KIND__SUBJECT_KIND_INDIVIDUAL_BUSINESS, SUBJECT_INDIVIDUAL_BUSINESS);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_CITIZEN_CARD, DOCUMENT_CITIZEN_CARD);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_HOUSEHOLD_REGISTER, DOCUMENT_HOUSEHOLD_REGISTER);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_MILITARY, DOCUMENT_MILITARY);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_ARMED_POLICE, DOCUMENT_ARMED_POLICE);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_HONG_KONG_MACAU_PERMIT, DOCUMENT_HONG_KONG_MACAU_PERMIT);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_TAIWAN_PERMIT, DOCUMENT_TAIWAN_PERMIT);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_RESIDENCE_PERMIT, DOCUMENT_RESIDENCE_PERMIT);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_CHINESE_PASSPORT, DOCUMENT_CHINESE_PASSPORT);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_FOREIGN_PASSPORT, DOCUMENT_FOREIGN_PASSPORT);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_PERMANENT_RESIDENCE, DOCUMENT_PERMANENT_RESIDENCE);
SAME(DOCUMENT_KIND__DOCUMENT_KIND_SOCIAL_CREDIT_CODE, DOCUMENT_SOCIAL_CREDIT_CODE);
SAME(EXPIRY_KIND__EXPIRY_KIND_CARD, EXPIRY_CARD);
SAME(EXPIRY_KIND__EXPIRY_KIND_DENIED, EXPIRY_DENIED);
SAME(HIT_DECISION__HIT_DECISION_CLEARED, HIT_DECISION_CLEARED);
SAME(HIT_DECISION__HIT_DECISION_CONFIRMED, HIT_DECISION_CONFIRMED);
SAME(DENIED_SOURCE__DENIED_SOURCE_LAW, DENIED_BY_LAW);
SAME(DENIED_SOURCE__DENIED_SOURCE_PLATFORM, DENIED_BY_PLATFORM);
SAME(EXPIRY_KIND__EXPIRY_KIND_CLAIM, EXPIRY_CLAIM);
SAME(EXPIRY_KIND__EXPIRY_KIND_FEEDBACK, EXPIRY_FEEDBACK);
SAME(PRODUCT_KIND__PRODUCT_KIND_FUND, PRODUCT_FUND);
SAME(PRODUCT_KIND__PRODUCT_KIND_OTHER, PRODUCT_OTHER);
SAME(PRODUCT_ROUNDING__PRODUCT_ROUNDING_HALF_UP, PRODUCT_ROUNDING_HALF_UP);
SAME(PRODUCT_ROUNDING__PRODUCT_ROUNDING_DOWN, PRODUCT_ROUNDING_DOWN);
SAME(PRODUCT_REST__PRODUCT_REST_TO_ISSUER, PRODUCT_REST_TO_ISSUER);
SAME(PRODUCT_REST__PRODUCT_REST_TO_HOLDER, PRODUCT_REST_TO_HOLDER);
SAME(CALLER_STATUS__CALLER_STATUS_ACTIVE, CALLER_ACTIVE);
SAME(CALLER_STATUS__CALLER_STATUS_SUSPENDED, CALLER_SUSPENDED);
SAME(MEMBER_KIND__MEMBER_KIND_MERCHANT, MEMBER_MERCHANT);
SAME(MEMBER_KIND__MEMBER_KIND_USER, MEMBER_USER);
#undef SAME

/* Fields that every command has besides its own: key, dry_run, ledger_id. */
#define COMMON_FIELD_COUNT 3

/* Lists in all kinds together. */
#define LISTS_MAX 16

#define ITEMS_FIELD_NUMBER 1

static struct bound_list lists[LISTS_MAX];
static uint32_t list_count;
/* The items of a batch, the lists, and the end. */
static struct raw_limit limits[LISTS_MAX + 2];

/* The field with that name, which must be there. */
static const ProtobufCFieldDescriptor *get_by_name(
    const ProtobufCMessageDescriptor *descriptor, const char *name, size_t length)
{
    const ProtobufCFieldDescriptor *fields = descriptor->fields;
    unsigned i = 0;
    while (i < descriptor->n_fields &&
           (strlen(fields[i].name) != length || memcmp(fields[i].name, name, length) != 0))
        i++;
    CHECK(i < descriptor->n_fields);
    return &fields[i];
}

static ProtobufCType proto_type_of(const struct field *field)
{
    if (field->type == FIELD_TEXT && field->rule == TEXT_COMMAND)
        return PROTOBUF_C_TYPE_MESSAGE;
    switch ((enum field_type)field->type) {
    case FIELD_INT64:
        return PROTOBUF_C_TYPE_INT64;
    case FIELD_INT32:
    case FIELD_DATE:
        return PROTOBUF_C_TYPE_INT32;
    case FIELD_ENUM:
        return PROTOBUF_C_TYPE_ENUM;
    case FIELD_BOOL:
        return PROTOBUF_C_TYPE_BOOL;
    case FIELD_TEXT:
        return PROTOBUF_C_TYPE_STRING;
    case FIELD_LIST:
        return PROTOBUF_C_TYPE_MESSAGE;
    }
    CHECK(false);
    return PROTOBUF_C_TYPE_INT64;
}

static uint16_t offset_of(const ProtobufCFieldDescriptor *field, ProtobufCType type)
{
    CHECK(field->type == type);
    CHECK(field->label == PROTOBUF_C_LABEL_NONE);
    CHECK(field->offset > 0 && field->offset <= UINT16_MAX);
    return (uint16_t)field->offset;
}

/* A field that is no list. */
static struct bound_field bind_single(
    const struct field *row, const ProtobufCMessageDescriptor *descriptor)
{
    struct bound_field bound = {0};
    const char *name = row->name;
    uint32_t number = row->number;
    const char *dot = strchr(name, '.');
    if (dot) {
        const ProtobufCFieldDescriptor *outer = get_by_name(descriptor, name, (size_t)(dot - name));
        bound.outer_offset = offset_of(outer, PROTOBUF_C_TYPE_MESSAGE);
        CHECK(outer->id == number / OUTER_NUMBER_FACTOR ||
              outer->id == number / OUTER_NUMBER_FACTOR + OUTER_NUMBER_FACTOR);
        bound.outer = outer->descriptor;
        descriptor = outer->descriptor;
        name = dot + 1;
        number %= OUTER_NUMBER_FACTOR;
    }
    const ProtobufCFieldDescriptor *field = get_by_name(descriptor, name, strlen(name));
    bound.offset = offset_of(field, proto_type_of(row));
    CHECK(field->id == number);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        /* A oneof of this field only; what is in a party is named by the party. */
        CHECK(!dot && field->quantifier_offset > 0 && field->quantifier_offset <= UINT16_MAX);
        bound.case_offset = (uint16_t)field->quantifier_offset;
    }
    return bound;
}

/* How many fields a message and its sub-messages other than the key, lists and a command hold. */
static uint32_t count_leaves(const ProtobufCMessageDescriptor *descriptor)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        const ProtobufCMessageDescriptor *inner = field->descriptor;
        bool is_party =
            field->type == PROTOBUF_C_TYPE_MESSAGE && field->label == PROTOBUF_C_LABEL_NONE &&
            inner != &vsl__v1__request_key__descriptor && inner != &vsl__v1__batch_item__descriptor;
        count += is_party ? inner->n_fields : 1;
    }
    return count;
}

static struct bound_field bind_list(
    const struct field *row, const ProtobufCMessageDescriptor *descriptor)
{
    const ProtobufCFieldDescriptor *field = get_by_name(descriptor, row->name, strlen(row->name));
    const struct field_table *table = &row->list->table;
    CHECK(field->type == PROTOBUF_C_TYPE_MESSAGE);
    CHECK(field->label == PROTOBUF_C_LABEL_REPEATED);
    CHECK(field->id == row->number);
    CHECK(field->offset > 0 && field->offset <= UINT16_MAX);
    CHECK(field->quantifier_offset > 0 && field->quantifier_offset <= UINT16_MAX);
    CHECK(table->count <= FIELDS_PER_KIND_MAX);
    CHECK(count_leaves(field->descriptor) == table->count);
    CHECK(list_count < LISTS_MAX);
    struct bound_list *list = &lists[list_count++];
    list->element = field->descriptor;
    list->count_offset = (uint16_t)field->quantifier_offset;
    for (uint32_t i = 0; i < table->count; i++) {
        CHECK(table->fields[i].type != FIELD_LIST);
        list->fields[i] = bind_single(&table->fields[i], field->descriptor);
    }
    limits[list_count] = (struct raw_limit){descriptor, field->id, (uint32_t)row->max};
    return (struct bound_field){.offset = (uint16_t)field->offset, .list = list};
}

void bind_fields(const struct field_table *table, const ProtobufCMessageDescriptor *descriptor,
    struct bound_field *ret_fields)
{
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *row = &table->fields[i];
        ret_fields[i] =
            row->type == FIELD_LIST ? bind_list(row, descriptor) : bind_single(row, descriptor);
    }
}

static void bind_kind(const struct field_table *table, const ProtobufCFieldDescriptor *request,
    struct bound_kind *bound)
{
    const ProtobufCMessageDescriptor *descriptor = request->descriptor;
    CHECK(strcmp(request->name, table->name) == 0);
    CHECK(table->count <= FIELDS_PER_KIND_MAX);
    bound->table = table;
    bound->descriptor = descriptor;
    bound->key_offset = offset_of(get_by_name(descriptor, "key", 3), PROTOBUF_C_TYPE_MESSAGE);
    bound->dry_run_offset = offset_of(get_by_name(descriptor, "dry_run", 7), PROTOBUF_C_TYPE_BOOL);
    bound->ledger_id_offset =
        offset_of(get_by_name(descriptor, "ledger_id", 9), PROTOBUF_C_TYPE_INT64);
    bind_fields(table, descriptor, bound->fields);
    bool can_keep = fields_named_offset(table) != 0;
    for (uint32_t i = 0; i < table->count; i++)
        CHECK(can_keep ? bound->fields[i].outer || bound->fields[i].case_offset
                       : !bound->fields[i].case_offset);
    CHECK(count_leaves(descriptor) == table->count + COMMON_FIELD_COUNT);
}

static struct bound_kind kinds[COMMAND_KIND_MAX + 1];
static bool is_bound;

static void bind_all(void)
{
    const ProtobufCMessageDescriptor *items = &vsl__v1__batch_item__descriptor;
    const ProtobufCMessageDescriptor *entry = &vsl__v1__journal_entry__descriptor;
    uint32_t found = 0;
    for (int kind = 0; kind <= COMMAND_KIND_MAX; kind++) {
        const struct field_table *table = command_fields(kind);
        if (!table)
            continue;
        const ProtobufCFieldDescriptor *request = protobuf_c_message_descriptor_get_field(
            entry, (unsigned)JOURNAL_ENTRY_REQUEST_CASE(kind));
        CHECK(request);
        bind_kind(table, request, &kinds[kind]);
        /* Not every kind comes in batches. */
        const ProtobufCFieldDescriptor *item =
            protobuf_c_message_descriptor_get_field(items, (unsigned)kind);
        CHECK(!item || item->descriptor == request->descriptor);
        found += item != NULL;
    }
    CHECK(found == items->n_fields);
    limits[0] = (struct raw_limit){
        &vsl__v1__submit_batch_request__descriptor, ITEMS_FIELD_NUMBER, BATCH_COMMANDS_MAX};
    is_bound = true;
}

const struct bound_kind *bound_kind_get(int kind)
{
    if (!is_bound)
        bind_all();
    CHECK(kind >= 0 && kind <= COMMAND_KIND_MAX);
    CHECK(kinds[kind].table);
    return &kinds[kind];
}

const struct raw_limit *bound_limits(void)
{
    if (!is_bound)
        bind_all();
    return limits;
}

bool message_names(const void *message, const struct bound_field *bound)
{
    uint32_t number;
    if (bound->outer)
        return message_pointer(message, bound->outer_offset) != NULL;
    CHECK(bound->case_offset > 0);
    memcpy(&number, (const unsigned char *)message + bound->case_offset, sizeof number);
    return number != 0;
}

int64_t message_number(const void *message, uint16_t offset, enum field_type type)
{
    const unsigned char *member = (const unsigned char *)message + offset;
    if (type == FIELD_INT64) {
        int64_t wide;
        memcpy(&wide, member, sizeof wide);
        return wide;
    }
    /* int32_t, enums and protobuf_c_boolean are all as wide as an int32_t. */
    static_assert(sizeof(protobuf_c_boolean) == sizeof(int32_t), "a boolean is an int");
    static_assert(sizeof(Vsl__V1__FeeMode) == sizeof(int32_t), "an enum is an int");
    CHECK(type != FIELD_TEXT && type != FIELD_LIST);
    int32_t narrow;
    memcpy(&narrow, member, sizeof narrow);
    return narrow;
}

struct text message_text(const void *message, uint16_t offset)
{
    const char *string;
    memcpy(&string, (const unsigned char *)message + offset, sizeof string);
    return string ? text_of(string) : (struct text){0};
}

void *message_pointer(const void *message, uint16_t offset)
{
    void *pointer;
    memcpy(&pointer, (const unsigned char *)message + offset, sizeof pointer);
    return pointer;
}

void *const *message_elements(
    const void *message, const struct bound_field *bound, size_t *ret_count)
{
    CHECK(bound->list);
    memcpy(
        ret_count, (const unsigned char *)message + bound->list->count_offset, sizeof *ret_count);
    return message_pointer(message, bound->offset);
}
