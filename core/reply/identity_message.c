/* identity_message.c: who a member is, as a message.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "model/date.h"
#include "model/document.h"
#include "reply/pack.h"
#include "reply/record_message.h"

#include <assert.h>

#define SAME(proto, own) static_assert((int)VSL__V1__##proto == (int)(own), #own)
SAME(IDENTITY_STATUS__IDENTITY_STATUS_VALID, IDENTITY_VALID);
SAME(IDENTITY_STATUS__IDENTITY_STATUS_EXPIRED, IDENTITY_EXPIRED);
SAME(IDENTITY_STATUS__IDENTITY_STATUS_CLOSED, IDENTITY_CLOSED);
SAME(IDENTITY_STATUS__IDENTITY_STATUS_REPLACED, IDENTITY_REPLACED);
SAME(IDENTITY_LEVEL__IDENTITY_LEVEL_OPENED, LEVEL_OPENED);
SAME(IDENTITY_LEVEL__IDENTITY_LEVEL_IDENTITY_CHECKED, LEVEL_IDENTITY_CHECKED);
SAME(IDENTITY_LEVEL__IDENTITY_LEVEL_CARD_CHECKED, LEVEL_CARD_CHECKED);
#undef SAME

static int32_t date_of(int32_t days)
{
    return days != 0 ? date_to_yyyymmdd(days) : 0;
}

/* NULL: nobody is named. */
static Vsl__V1__Identification *fill_identified(
    struct identification_message *m, const struct identified *person)
{
    if (person->document_kind == 0)
        return NULL;
    vsl__v1__identification__init(&m->message);
    m->message.name = pack_text(person->name, m->name, sizeof m->name);
    m->message.document_kind = (Vsl__V1__DocumentKind)person->document_kind;
    m->message.number = pack_text(person->number, m->number, sizeof m->number);
    m->message.valid_from_date = date_of(person->valid_from_date);
    m->message.valid_until_date = date_of(person->valid_until_date);
    return &m->message;
}

void fill_identity(struct identity_message *m, const struct shown_identity *shown)
{
    const struct identity *identity = shown->identity;
    const struct identify_member *evidence = shown->evidence;
    Vsl__V1__Identity *message = &m->message;
    CHECK(identity->document_kind >= 1 && identity->document_kind <= DOCUMENT_KINDS);
    vsl__v1__identity__init(message);
    message->identity_id = identity->id;
    message->status = (Vsl__V1__IdentityStatus)identity->status;
    message->level = (Vsl__V1__IdentityLevel)shown->level;
    message->subject = (Vsl__V1__SubjectKind)identity->subject;
    message->document_kind = (Vsl__V1__DocumentKind)identity->document_kind;
    message->valid_until_date = date_of(identity->valid_until_date);
    message->recheck_date = date_of(identity->recheck_date);
    message->notice_given = identity->is_noticed;
    message->person_id = identity->person_id;
    message->n_other_member_ids = shown->other_count;
    /* Declared as writable, never written to. */
    message->other_member_ids = (int64_t *)(uintptr_t)shown->other_member_ids;
    message->checked_sequence = identity->checked_sequence;
    message->changed_sequence = identity->changed_sequence;
    message->holder = fill_identified(&m->holder, &evidence->holder);
    message->legal_representative = fill_identified(&m->representative, &evidence->representative);
    message->handler = fill_identified(&m->handler, &evidence->handler);
    Vsl__V1__IdentityCheck *check = &m->check;
    vsl__v1__identity_check__init(check);
    check->checked_by = pack_text(evidence->check.checked_by, m->checked_by, sizeof m->checked_by);
    check->checked_at_us = evidence->check.checked_at_us;
    check->result_code =
        pack_text(evidence->check.result_code, m->result_code, sizeof m->result_code);
    check->reference = pack_text(evidence->check.reference, m->reference, sizeof m->reference);
    message->check = check;
}
