/* fee_text.c: payees, fee tiers and fee shares as people write them on a command line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/fee_text.h"

#include "ceilings.h"
#include "text/format.h"

#include <stdio.h>
#include <string.h>

#define PIECE_BYTES_MAX 64
#define WANTED_BYTES_MAX 96

bool read_unit_amount(const struct amount_unit *unit, const char *text, int64_t *ret_amount_minor)
{
    return unit->is_minor ? parse_integer(text, 0, INT64_MAX, ret_amount_minor)
                          : parse_amount(text, unit->decimals, ret_amount_minor);
}

/* "an amount such as 12.50, with at most 2 decimals" */
static void say_amount(const struct amount_unit *unit, char *ret_text, size_t text_bytes)
{
    if (unit->is_minor)
        snprintf(ret_text, text_bytes, "a whole number of minor units, 64 bits at most");
    else if (unit->decimals == 0)
        snprintf(ret_text, text_bytes, "an amount such as 12, without decimals, 64 bits at most");
    else
        snprintf(ret_text, text_bytes,
            "an amount such as 12.50, with at most %d decimals and 64 bits of minor units",
            unit->decimals);
}

/* Takes "ID:" off; the rest, or NULL. */
static const char *read_account(const char *text, int64_t *ret_account_id)
{
    char id[PIECE_BYTES_MAX];
    size_t length = strcspn(text, ":");
    if (text[length] == '\0' || length >= sizeof id)
        return NULL;
    memcpy(id, text, length);
    id[length] = '\0';
    return parse_integer(id, 1, INT64_MAX, ret_account_id) ? text + length + 1 : NULL;
}

bool read_payee(const struct amount_unit *unit, const char *text, Vsl__V1__Payee *ret_payee,
    char *ret_error, size_t error_bytes)
{
    char wanted[WANTED_BYTES_MAX];
    const char *amount = read_account(text, &ret_payee->account_id);
    if (!amount) {
        snprintf(ret_error, error_bytes,
            "'%s': write an account's id, a colon and an amount, such as 9:12.50", text);
        return false;
    }
    if (!read_unit_amount(unit, amount, &ret_payee->amount_minor)) {
        say_amount(unit, wanted, sizeof wanted);
        snprintf(ret_error, error_bytes, "'%s': behind the colon stands %s", text, wanted);
        return false;
    }
    return true;
}

bool read_share(const char *text, Vsl__V1__FeeShare *ret_share, char *ret_error, size_t error_bytes)
{
    const char *rate = read_account(text, &ret_share->account_id);
    if (!rate || !parse_rate(rate, &ret_share->share_ppm)) {
        snprintf(ret_error, error_bytes,
            "'%s': write a fee account's id, a colon and its part of the fee in %% or ppm, such as "
            "12:70%% or 12:700000ppm; all shares together are 100%%",
            text);
        return false;
    }
    return true;
}

bool read_tier(const struct amount_unit *unit, const char *text, Vsl__V1__FeeTier *ret_tier,
    char *ret_error, size_t error_bytes)
{
    struct {
        const char *name;
        int64_t *field; /* NULL: the rate */
        bool is_given;
    } parts[] = {{"from", &ret_tier->from_minor, false}, {"flat", &ret_tier->flat_minor, false},
        {"rate", NULL, false}, {"min", &ret_tier->minimum_minor, false},
        {"max", &ret_tier->maximum_minor, false}};
    const size_t count = sizeof parts / sizeof parts[0];
    do {
        char piece[PIECE_BYTES_MAX];
        char wanted[WANTED_BYTES_MAX];
        size_t length = strcspn(text, ",");
        snprintf(piece, sizeof piece, "%.*s", (int)length, text);
        size_t name_length = strcspn(piece, "=");
        size_t i = 0;
        while (i < count && (strlen(parts[i].name) != name_length ||
                                strncmp(piece, parts[i].name, name_length) != 0))
            i++;
        if (length >= sizeof piece || i == count || piece[name_length] == '\0') {
            snprintf(ret_error, error_bytes,
                "'%s' is no part of a tier: write from=AMOUNT, flat=AMOUNT, rate=0.6%%, min=AMOUNT "
                "and max=AMOUNT, those that you need, with commas between and none in an amount",
                piece);
            return false;
        }
        if (parts[i].is_given) {
            snprintf(ret_error, error_bytes, "%s= is given twice", parts[i].name);
            return false;
        }
        parts[i].is_given = true;
        const char *value = piece + name_length + 1;
        if (!parts[i].field && !parse_rate(value, &ret_tier->rate_ppm)) {
            snprintf(ret_error, error_bytes,
                "'%s': a rate is written in %% or ppm, such as rate=0.6%% or rate=6000ppm, at most "
                "100%%, no finer than a part per million",
                piece);
            return false;
        }
        if (parts[i].field && !read_unit_amount(unit, value, parts[i].field)) {
            say_amount(unit, wanted, sizeof wanted);
            snprintf(
                ret_error, error_bytes, "'%s': behind %s= stands %s", piece, parts[i].name, wanted);
            return false;
        }
        text += length;
    } while (*text++ == ',');
    return true;
}

bool read_rule(const struct amount_unit *unit, const char *text, Vsl__V1__ApprovalRule *ret_rule,
    char *ret_error, size_t error_bytes)
{
    char kind[PIECE_BYTES_MAX];
    char wanted[WANTED_BYTES_MAX];
    size_t length = strcspn(text, ":");
    int32_t number = 0;
    snprintf(kind, sizeof kind, "%.*s", (int)length, text);
    if (length >= sizeof kind || !parse_enum(&vsl__v1__command_kind__descriptor, kind, &number)) {
        snprintf(ret_error, error_bytes,
            "'%s': write a kind of command, or one with a colon and an amount, such as "
            "withdraw:10000.00",
            text);
        return false;
    }
    ret_rule->kind = (Vsl__V1__CommandKind)number;
    if (text[length] == '\0' ||
        read_unit_amount(unit, text + length + 1, &ret_rule->above_amount_minor))
        return true;
    say_amount(unit, wanted, sizeof wanted);
    snprintf(ret_error, error_bytes, "'%s': behind the colon stands %s", text, wanted);
    return false;
}

bool read_level(const struct amount_unit *unit, const char *text,
    Vsl__V1__AccountPolicyLevel *ret_level, char *ret_error, size_t error_bytes)
{
    const struct {
        const char *name;
        protobuf_c_boolean *flag;
    } flags[] = {{"receive", &ret_level->may_receive}, {"pay", &ret_level->may_pay},
        {"withdraw", &ret_level->may_withdraw}};
    const struct {
        const char *name;
        int64_t *field;
    } limits[] = {{"operation-in=", &ret_level->operation_in_minor},
        {"operation-out=", &ret_level->operation_out_minor},
        {"date-in=", &ret_level->date_in_minor}, {"date-out=", &ret_level->date_out_minor},
        {"year-in=", &ret_level->year_in_minor}, {"year-out=", &ret_level->year_out_minor},
        {"balance=", &ret_level->balance_minor}};
    bool has_level = false;
    do {
        char piece[PIECE_BYTES_MAX];
        size_t length = strcspn(text, ",");
        int64_t number = 0;
        bool is_read = false;
        snprintf(piece, sizeof piece, "%.*s", (int)length, text);
        for (size_t i = 0; length < sizeof piece && i < sizeof flags / sizeof flags[0]; i++) {
            if (strcmp(piece, flags[i].name) != 0)
                continue;
            *flags[i].flag = true;
            is_read = true;
        }
        for (size_t i = 0; length < sizeof piece && i < sizeof limits / sizeof limits[0]; i++) {
            size_t name_length = strlen(limits[i].name);
            if (strncmp(piece, limits[i].name, name_length) == 0 && *limits[i].field == 0)
                is_read = read_unit_amount(unit, piece + name_length, limits[i].field);
        }
        if (!has_level && length < sizeof piece && strncmp(piece, "level=", 6) == 0) {
            has_level = parse_integer(piece + 6, 0, MEMBER_LEVELS - 1, &number);
            is_read = has_level;
            ret_level->level = (int32_t)number;
        }
        if (!is_read) {
            snprintf(ret_error, error_bytes,
                "'%s' is no part of a level: write level=0 to 2, then receive, pay and withdraw as "
                "far as it may, and limits operation-in=AMOUNT, operation-out=, date-in=, "
                "date-out=, year-in=, year-out= and balance=, each once, with commas between",
                piece);
            return false;
        }
        text += length;
    } while (*text++ == ',');
    if (!has_level)
        snprintf(ret_error, error_bytes, "says no level: begin with level=0, 1 or 2");
    return has_level;
}

/* The names behind the equals sign, with commas between. */
static bool read_proofs(const char *text, Vsl__V1__ProofRule *ret_rule)
{
    do {
        size_t length = strcspn(text, ",");
        if (length == strlen("code") && strncmp(text, "code", length) == 0)
            ret_rule->sms_code = true;
        else if (length == strlen("password") && strncmp(text, "password", length) == 0)
            ret_rule->password = true;
        else if (length == strlen("signature") && strncmp(text, "signature", length) == 0)
            ret_rule->signature = true;
        else
            return false;
        text += length;
    } while (*text++ == ',');
    return true;
}

bool read_proof_rule(const struct amount_unit *unit, const char *text, Vsl__V1__ProofRule *ret_rule,
    char *ret_error, size_t error_bytes)
{
    char rule[PIECE_BYTES_MAX];
    size_t length = strcspn(text, "=");
    Vsl__V1__ApprovalRule read = VSL__V1__APPROVAL_RULE__INIT;
    snprintf(rule, sizeof rule, "%.*s", (int)length, text);
    if (length >= sizeof rule || text[length] == '\0' ||
        !read_proofs(text + length + 1, ret_rule)) {
        snprintf(ret_error, error_bytes,
            "'%s': write a kind of command, or one with a colon and an amount, and behind an "
            "equals sign which of code, password and signature it takes, such as "
            "withdraw:10000.00=code,signature",
            text);
        return false;
    }
    if (!read_rule(unit, rule, &read, ret_error, error_bytes))
        return false;
    ret_rule->kind = read.kind;
    ret_rule->above_amount_minor = read.above_amount_minor;
    return true;
}
