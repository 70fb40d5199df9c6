/* message.c: an entry of the journal as a message for the broker.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/message.h"

#include "base/check.h"
#include "text/format.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const struct settings *settings, int64_t account_id)
{
    for (size_t i = 0; i < settings->account_count; i++) {
        if (settings->accounts[i] == account_id)
            return true;
    }
    return false;
}

bool message_is_wanted(const struct settings *settings, const Vsl__V1__JournalEntry *entry)
{
    /* One account is the server's filter. */
    bool is_wanted = settings->account_count <= 1;
    for (size_t i = 0; i < entry->n_postings && !is_wanted; i++)
        is_wanted = is_one_of(settings, entry->postings[i]->debit_account_id) ||
                    is_one_of(settings, entry->postings[i]->credit_account_id);
    for (size_t i = 0; i < entry->n_members && !is_wanted; i++)
        is_wanted = is_one_of(settings, entry->members[i]->account_id);
    /* A fee account is nobody's, so no member stands for it. */
    return is_wanted || (entry->request_case == VSL__V1__JOURNAL_ENTRY__REQUEST_OPEN_FEE_ACCOUNT &&
                            is_one_of(settings, entry->subject_id));
}

static struct message *as_json(const Vsl__V1__JournalEntry *entry)
{
    json_t *json = json_of_message(&entry->base);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    CHECK(text != NULL);
    struct message *message = message_create(strlen(text));
    memcpy(message->body, text, message->length);
    free(text);
    json_decref(json);
    return message;
}

static struct message *as_protobuf(const Vsl__V1__JournalEntry *entry)
{
    struct message *message = message_create(vsl__v1__journal_entry__get_packed_size(entry));
    CHECK(vsl__v1__journal_entry__pack(entry, message->body) == message->length);
    return message;
}

struct message *message_of_entry(
    const struct settings *settings, const Vsl__V1__JournalEntry *entry)
{
    char kind[FORMAT_BYTES_MAX];
    struct message *message = settings->is_json ? as_json(entry) : as_protobuf(entry);
    message->sequence = entry->sequence;
    message->ledger_id = entry->ledger_id;
    message->recorded_at_us = entry->recorded_at_us;
    format_enum(&vsl__v1__command_kind__descriptor, (int64_t)entry->kind, kind);
    snprintf(message->kind, sizeof message->kind, "%s", kind);
    return message;
}
