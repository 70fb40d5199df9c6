/* api_request.c: from the options of a call to its request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api_parts.h"

#include "base/check.h"
#include "text/fields.h"
#include "text/format.h"
#include "vsl/v1/caller.pb-c.h"
#include "vsl/v1/funds.pb-c.h"
#include "vsl/v1/proposal.pb-c.h"
#include "vsl/v1/reveal.pb-c.h"
#include "vslctl/api/fee_text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int refuse(const struct parameter *parameter, const char *rule)
{
    fprintf(stderr, "vslctl: --%s %s\n", parameter->name, rule);
    return -1;
}

/* The message that holds the last field of a path, made on the way. */
static ProtobufCMessage *reach(struct context *context, ProtobufCMessage *message, const char *path,
    const ProtobufCFieldDescriptor **ret_field)
{
    for (;;) {
        char name[FORMAT_BYTES_MAX];
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        const ProtobufCFieldDescriptor *field = field_find(message->descriptor, name);
        CHECK(field != NULL);
        if (path[length] == '\0') {
            *ret_field = field;
            return message;
        }
        void *slot = field_slot(message, field);
        ProtobufCMessage *inner;
        memcpy(&inner, slot, sizeof inner);
        if (!inner) {
            inner = message_new(field->descriptor, &context->arena);
            memcpy(slot, &inner, sizeof inner);
        }
        message = inner;
        path += length + 1;
    }
}

/* What amounts are written in; -2 when the ledger could not be asked. */
static int find_unit(
    struct context *context, const struct given *given, struct amount_unit *ret_unit)
{
    *ret_unit = (struct amount_unit){.is_minor = given->is_minor};
    if (given->is_minor)
        return 0;
    if (context_ask_ledger(context, given->ledger_id) != 0)
        return -2;
    ret_unit->decimals = context->ledger.decimals;
    return 0;
}

static int read_amount(struct context *context, const struct given *given,
    const struct parameter *parameter, const char *text, int64_t *ret_amount_minor)
{
    struct amount_unit unit;
    int fault = find_unit(context, given, &unit);
    if (fault)
        return fault;
    if (read_unit_amount(&unit, text, ret_amount_minor))
        return 0;
    return refuse(parameter, unit.is_minor
                                 ? "takes a whole number of minor units, 64 bits at most"
                                 : "takes an amount such as 12.50, with no more decimals than the "
                                   "ledger's currency has and 64 bits of minor units at most");
}

static bool read_element(struct context *context, const struct parameter *parameter,
    const struct amount_unit *unit, const char *text, ProtobufCMessage *element, char *ret_error,
    size_t error_bytes)
{
    Vsl__V1__CallerLedger *ledger = (Vsl__V1__CallerLedger *)element;
    switch (parameter->kind) {
    case PARAMETER_PAYEES:
        return read_payee(unit, text, (Vsl__V1__Payee *)element, ret_error, error_bytes);
    case PARAMETER_TIERS:
        return read_tier(unit, text, (Vsl__V1__FeeTier *)element, ret_error, error_bytes);
    case PARAMETER_SHARES:
        return read_share(text, (Vsl__V1__FeeShare *)element, ret_error, error_bytes);
    case PARAMETER_COMMANDS:
        if (parse_integer(text, 1, INT64_MAX, &((Vsl__V1__RevealedCommand *)element)->sequence))
            return true;
        snprintf(ret_error, error_bytes, "'%s': write a command's sequence, 1 or more", text);
        return false;
    case PARAMETER_LEDGERS:
        if (parse_integer(text, 1, INT64_MAX, &ledger->ledger_id))
            return true;
        snprintf(ret_error, error_bytes, "'%s': write a ledger's id, 1 or more", text);
        return false;
    case PARAMETER_LEVELS:
        return read_level(
            unit, text, (Vsl__V1__AccountPolicyLevel *)element, ret_error, error_bytes);
    case PARAMETER_RULES:
        return read_rule(unit, text, (Vsl__V1__ApprovalRule *)element, ret_error, error_bytes);
    case PARAMETER_PROOF_RULES:
        return read_proof_rule(unit, text, (Vsl__V1__ProofRule *)element, ret_error, error_bytes);
    default:
        ((Vsl__V1__CallerChannel *)element)->channel =
            arena_text(&context->arena, text, strlen(text));
        return true;
    }
}

/* Sets a repeated field from the texts of its option. */
static int set_list(struct context *context, const struct given *given,
    const struct parameter *parameter, const ProtobufCFieldDescriptor *field,
    ProtobufCMessage *message)
{
    const struct given_list *list = &given->lists[parameter - given->call->parameters];
    ProtobufCMessage **slots = field_slots(message, field, list->count, &context->arena);
    struct amount_unit unit = {0};
    bool has_amounts = parameter->kind == PARAMETER_PAYEES || parameter->kind == PARAMETER_TIERS ||
                       parameter->kind == PARAMETER_RULES || parameter->kind == PARAMETER_LEVELS ||
                       parameter->kind == PARAMETER_PROOF_RULES;
    int fault = has_amounts ? find_unit(context, given, &unit) : 0;
    for (size_t i = 0; fault == 0 && i < list->count; i++) {
        char error[512];
        const char *text = list->values[i];
        slots[i] = message_new(field->descriptor, &context->arena);
        if (!read_element(context, parameter, &unit, text, slots[i], error, sizeof error)) {
            fprintf(stderr, "vslctl: --%s %s\n", parameter->name, error);
            fault = -1;
        }
    }
    return fault;
}

static int read_enum(const struct parameter *parameter, const ProtobufCFieldDescriptor *field,
    const char *text, int32_t *ret_number)
{
    if (parse_enum(field->descriptor, text, ret_number))
        return 0;
    char names[4096];
    list_enum(field->descriptor, names, sizeof names);
    fprintf(stderr, "vslctl: --%s takes %s\n", parameter->name, names);
    return -1;
}

static int set_enums(struct context *context, const struct given *given,
    const struct parameter *parameter, const ProtobufCFieldDescriptor *field,
    ProtobufCMessage *message)
{
    const struct given_list *list = &given->lists[parameter - given->call->parameters];
    int32_t *slots = field_slots(message, field, list->count, &context->arena);
    int fault = 0;
    for (size_t i = 0; fault == 0 && i < list->count; i++)
        fault = read_enum(parameter, field, list->values[i], &slots[i]);
    return fault;
}

/* 0, -1 for usage, -2 when the server could not be asked. */
static int set_parameter(struct context *context, const struct given *given,
    const struct parameter *parameter, const char *text, ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *field;
    ProtobufCMessage *message = reach(context, request, parameter->field, &field);
    int64_t number = 0;
    int32_t narrow = 0;
    protobuf_c_boolean truth = parameter->kind == PARAMETER_FLAG;
    ProtobufCMessage *empty;
    enum time_fault time_fault;
    int fault = 0;
    switch (parameter->kind) {
    case PARAMETER_TEXT:
        text = arena_text(&context->arena, text, strlen(text));
        memcpy(field_slot(message, field), &text, sizeof text);
        return 0;
    case PARAMETER_IDS:
        memcpy(field_slots(message, field, given->id_count, &context->arena), given->ids,
            given->id_count * sizeof *given->ids);
        return 0;
    case PARAMETER_PAYEES:
    case PARAMETER_TIERS:
    case PARAMETER_SHARES:
    case PARAMETER_LEDGERS:
    case PARAMETER_CHANNELS:
    case PARAMETER_LEVELS:
    case PARAMETER_PROOF_RULES:
    case PARAMETER_RULES:
    case PARAMETER_COMMANDS:
        return set_list(context, given, parameter, field, message);
    case PARAMETER_FLAG:
        memcpy(field_slot(message, field), &truth, sizeof truth);
        return 0;
    case PARAMETER_EMPTY:
        return 0;
    case PARAMETER_UNSET:
        if (field_is_set(message, field))
            return refuse(parameter, "excludes the option that sets the same: give one of them");
        if (field->type == PROTOBUF_C_TYPE_BOOL) {
            memcpy(field_slot(message, field), &truth, sizeof truth);
            return 0;
        }
        empty = message_new(field->descriptor, &context->arena);
        memcpy(field_slot(message, field), &empty, sizeof empty);
        return 0;
    case PARAMETER_DATE:
        if (!parse_date(text, &narrow))
            return refuse(parameter, "takes a day as YYYY-MM-DD");
        number = narrow;
        break;
    case PARAMETER_TIME:
        time_fault = read_time(text, given->now_us, &number);
        if (time_fault == TIME_IS_TOO_FAR)
            return refuse(parameter,
                "ends behind 2199-12-31, the last day that there is: give a shorter duration");
        if (time_fault != TIME_IS_RIGHT)
            return refuse(parameter,
                "takes a time such as 2026-11-22T20:00+08:00 or '2026-11-22 12:00' (UTC), or a "
                "duration from now such as +30m, +2h or +7d");
        break;
    case PARAMETER_ENUM:
        if (read_enum(parameter, field, text, &narrow) != 0)
            return -1;
        number = narrow;
        break;
    case PARAMETER_ENUMS:
        return set_enums(context, given, parameter, field, message);
    case PARAMETER_ID:
        if (!parse_integer(text, 1, INT64_MAX, &number))
            return refuse(
                parameter, is_number_too_large(text)
                               ? "takes an id, a whole number from 1 to 9223372036854775807"
                               : "takes an id, which is a whole number");
        break;
    case PARAMETER_INTEGER:
        if (!parse_integer(text, 0, INT32_MAX, &number))
            return refuse(parameter, "takes a whole number from 0 to 2147483647");
        break;
    case PARAMETER_AMOUNT:
        fault = read_amount(context, given, parameter, text, &number);
        if (fault)
            return fault;
        break;
    }
    narrow = (int32_t)number;
    if (field_value_bytes(field) == 8)
        memcpy(field_slot(message, field), &number, sizeof number);
    else
        memcpy(field_slot(message, field), &narrow, sizeof narrow);
    return 0;
}

static int32_t day_of(int64_t time_us)
{
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm day;
    gmtime_r(&seconds, &day);
    return (day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday;
}

/* The caller's day: as given; of a ledger that is being opened its first day; else the ledger's.
 * What is of no ledger has the calendar's. */
static int find_business_date(
    struct context *context, struct given *given, const ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *first =
        field_find(request->descriptor, "first_accounting_date");
    if (given->key.business_date)
        return 0;
    if (first) {
        given->key.business_date = (int32_t)field_integer(first, field_value(request, first, 0));
        return 0;
    }
    if (given->ledger_id == 0) {
        given->key.business_date = day_of(given->now_us);
        return 0;
    }
    if (context_ask_ledger(context, given->ledger_id) != 0)
        return -2;
    given->key.business_date = context->ledger.accounting_date;
    return 0;
}

static int set_key(struct context *context, struct given *given, ProtobufCMessage *request,
    char serial[SERIAL_TEXT_BYTES])
{
    int fault = find_business_date(context, given, request);
    if (fault)
        return fault;
    if (!given->key.serial) {
        make_serial(serial);
        given->key.serial = serial;
        given->is_serial_made = true;
    }
    Vsl__V1__RequestKey *key =
        (Vsl__V1__RequestKey *)message_new(&vsl__v1__request_key__descriptor, &context->arena);
    key->channel = arena_text(&context->arena, given->key.channel, strlen(given->key.channel));
    key->serial = arena_text(&context->arena, given->key.serial, strlen(given->key.serial));
    key->business_date = given->key.business_date;
    memcpy(field_slot(request, field_find(request->descriptor, "key")), &key, sizeof key);
    protobuf_c_boolean dry_run = given->is_dry_run;
    memcpy(
        field_slot(request, field_find(request->descriptor, "dry_run")), &dry_run, sizeof dry_run);
    return 0;
}

/* Its field of BatchItem; NULL: it is not of a ledger, or about proposals itself. */
static const ProtobufCFieldDescriptor *proposed_field(const struct api_call *call)
{
    const ProtobufCMessageDescriptor *items = &vsl__v1__batch_item__descriptor;
    const ProtobufCMethodDescriptor *method =
        protobuf_c_service_descriptor_get_method_by_name(call->service, call->method);
    bool is_about_proposals =
        strstr(call->method, "Proposal") || strcmp(call->method, "Approve") == 0;
    if (!call->is_command || !call->has_ledger || is_about_proposals)
        return NULL;
    for (unsigned i = 0; i < items->n_fields; i++) {
        if (items->fields[i].descriptor == method->input)
            return &items->fields[i];
    }
    return NULL;
}

bool api_is_proposable(const struct api_call *call)
{
    return proposed_field(call) != NULL;
}

/* The request, whose key and ledger it takes, as a proposal. */
static ProtobufCMessage *propose(
    struct context *context, struct given *given, ProtobufCMessage *request)
{
    static const struct parameter no_parameters[] = {{0}};
    static const struct api_call propose_call = {.group = "proposal",
        .name = "make",
        .service = &vsl__v1__proposal_service__descriptor,
        .method = "Propose",
        .is_command = true,
        .has_ledger = true,
        .parameters = no_parameters};
    Vsl__V1__ProposeRequest *made = (Vsl__V1__ProposeRequest *)message_new(
        &vsl__v1__propose_request__descriptor, &context->arena);
    Vsl__V1__BatchItem *item =
        (Vsl__V1__BatchItem *)message_new(&vsl__v1__batch_item__descriptor, &context->arena);
    static const char *const common[] = {"key", "dry_run", "ledger_id"};
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        const ProtobufCFieldDescriptor *from = field_find(request->descriptor, common[i]);
        const ProtobufCFieldDescriptor *to = field_find(made->base.descriptor, common[i]);
        memcpy(field_slot(&made->base, to), field_slot(request, from), field_value_bytes(to));
        memset(field_slot(request, from), 0, field_value_bytes(from));
    }
    memcpy(field_slot(&item->base, proposed_field(given->call)), &request, sizeof request);
    made->command = item;
    made->reason = arena_text(&context->arena, given->propose, strlen(given->propose));
    made->expires_at_us = given->propose_until_us;
    given->call = &propose_call;
    return &made->base;
}

int api_make_request(struct context *context, struct given *given, char serial[SERIAL_TEXT_BYTES],
    ProtobufCMessage **ret_request)
{
    const struct api_call *call = given->call;
    char path[RPC_PATH_BYTES_MAX];
    ProtobufCMessage *request =
        message_new(rpc_path(call->service, call->method, path)->input, &context->arena);
    if (call->has_ledger)
        memcpy(field_slot(request, field_find(request->descriptor, "ledger_id")), &given->ledger_id,
            sizeof given->ledger_id);
    for (size_t i = 0; i < api_parameter_count(call); i++) {
        const struct parameter *parameter = &call->parameters[i];
        if (!api_is_given(given, i))
            continue;
        int fault = set_parameter(context, given, parameter, given->values[i], request);
        if (fault)
            return fault;
    }
    if (call->fixed_field)
        memcpy(field_slot(request, field_find(request->descriptor, call->fixed_field)),
            &call->fixed_value, sizeof call->fixed_value);
    int fault = call->is_command ? set_key(context, given, request, serial) : 0;
    *ret_request = given->propose && fault == 0 ? propose(context, given, request) : request;
    return fault;
}
