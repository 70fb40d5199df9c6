/* role_sets.h: the sets of roles that rows of command_list.h and read_list.h name.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_ROLE_SETS_H
#define VSL_COMMAND_ROLE_SETS_H

#include "model/records/callers.h"

struct command;

/* Who reads the books of his ledgers, in which names and account numbers are masked. The platform
 * does not see who of the bank did something, nor that somebody looked (enum kept). */
#define ROLES_READING (ROLES_READING_INSIDE | ROLE_PLATFORM)
/* Who reads what the bank discusses. */
#define ROLES_READING_INSIDE                                                                       \
    (ROLE_FRONT | ROLE_ADAPTER | ROLE_RECONCILIATION | ROLE_JUDICIAL | ROLE_OPERATOR |             \
        ROLE_APPROVER | ROLE_AUDITOR)

/* Who may have a plain value: the adapter sends payouts to the bank, the operator looks for the
 * owners of money in UNALLOCATED, courts and auditors ask. Not those who sent the value, nor the
 * platform. */
/* Who may hear of claims: a member or platform that does could take its money away before the next
 * paper comes. */
#define ROLES_READING_CLAIMS (ROLE_JUDICIAL | ROLE_OPERATOR | ROLE_AUDITOR)
#define ROLES_REVEALING (ROLE_ADAPTER | ROLE_JUDICIAL | ROLE_OPERATOR | ROLE_AUDITOR)
/* Who may have what a proposal holds: who decides it must be able to read it. */
#define ROLES_REVEALING_PROPOSED (ROLES_REVEALING | ROLE_APPROVER)

/* Who reads what the bank wrote of a movement: who it was paid to, and why, names the court whose
 * claim a payout was for. Those outside of the bank, and who acts for them, read the amount. */
#define ROLES_READING_WORDS (ROLES_READING_INSIDE & ~ROLE_FRONT)

/* Who reads deny lists and hits: nobody else, so that nobody is warned. */
#define ROLES_SCREENING (ROLE_OPERATOR | ROLE_APPROVER | ROLE_AUDITOR)

/* What of the journal is kept from who reads it, a set: what a role may not read of records it does
 * not read of the commands that made them either. */
enum kept {
    /* What is discussed in the bank, that somebody looked, who did something, and business freezes,
     * which look like claims: from the platform. */
    KEPT_AFFAIRS = 1,
    KEPT_CLAIMS = 2, /* not from who approves what is proposed of them, or pays what is deducted */
    KEPT_LISTS = 4,  /* deny lists, and what was decided of hits */
    KEPT_WORDS = 8,  /* what the bank wrote of a statement's line */
    KEPT_ALL = 15,
};

/* From callers with these roles. */
uint8_t kept_from(int32_t roles);
/* Of which of them a command is; 0: of none. Without what an Expire ends, and a Propose holds. */
uint8_t kept_of_kind(int kind);
/* With what an Expire ends. */
uint8_t kept_of_command(const struct command *command);

/* A method as texts name it, "FundsService.Pay", and who may call it. */
struct method_roles {
    const char *method;
    int32_t roles;
};

/* Every command, then every read. */
extern const struct method_roles method_roles[];
extern const uint32_t method_roles_count;

/* Who sends commands at all; of a proposal the role of the proposed command's method is asked for,
 * too. */
#define ROLES_SENDING                                                                              \
    (ROLE_FRONT | ROLE_ADAPTER | ROLE_RECONCILIATION | ROLE_JUDICIAL | ROLE_OPERATOR |             \
        ROLE_APPROVER)

/* By kind of command and of read. */
int32_t command_roles(int kind);
/* The same of one command: an Expire of what is kept from others is for who reads it. */
int32_t command_sender_roles(const struct command *command);
int32_t read_roles(int kind);

#endif
