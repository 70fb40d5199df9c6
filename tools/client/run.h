/* run.h: what makes a run of a tool its own: letters in its serials, a ledger nobody else uses.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_CLIENT_RUN_H
#define VSL_TOOLS_CLIENT_RUN_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

/* Draws letters and digits, 36 of them each as likely as another but for a little; NUL-ended. */
void run_draw_letters(char *ret_text, size_t count);

/* The ledger of a run. Its keys and its receiving prefix follow from the run's letters, so that a
 * run that is repeated finds the ledger that it has opened. */
struct run_ledger {
    const char *tool;     /* before messages */
    const char *channel;  /* of the keys */
    const char *run_id;   /* before the serials */
    const char *platform; /* its name */
    const char *currency;
    int32_t date; /* of the keys, and its first accounting date, YYYYMMDD */
    /* Calls the service; NULL when a message about it has been printed. */
    ProtobufCMessage *(*call)(void *context, const ProtobufCServiceDescriptor *service,
        const char *method, const ProtobufCMessage *request);
    void *context;
};

/* Opens it, unchecked, with another prefix when one is taken. 0, or -1 with a message.
 * `ret_sequence` is that of the command. */
int run_open_ledger(const struct run_ledger *wanted, int64_t *ret_ledger_id, int64_t *ret_sequence);

#endif
