/* cards.h: the bank cards and companies' accounts that members are paid out to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_RECORDS_CARDS_H
#define VSL_MODEL_RECORDS_CARDS_H

#include "base/fingerprint.h"
#include "ceilings.h"

#include <stdbool.h>
#include <stdint.h>

enum card_kind {
    CARD_PERSONAL = 1,  /* a bank card of a natural person */
    CARD_CORPORATE = 2, /* an account of a company or an individual business */
};

/* What becomes of it by what stands in model/card.c. */
enum card_status {
    CARD_BOUND = 1,    /* not checked */
    CARD_CHECKING = 2, /* waits for the result of a check, until check_expires_at_us */
    CARD_CHECKED = 3,  /* the member's */
    CARD_UNBOUND = 4,  /* final */
    CARD_REPLACED = 5, /* final */
    /* Bound, and not to be checked before the next accounting date. Never recorded: it follows from
     * the counts of all cards with the number. */
    CARD_LOCKED = 6,
};

enum card_check_way {
    CARD_FOUR_FACTOR = 1,  /* the bank compares name, document, card and mobile */
    CARD_SMALL_AMOUNT = 2, /* the bank pays a small amount, and the member says which */
};

enum card_check_result {
    CARD_CHECK_RIGHT = 1,
    CARD_CHECK_WRONG = 2,
    CARD_CHECK_UNKNOWN = 3, /* the bank did not say; counts for the checks of the date only */
};

/* Why it is bound no more. */
enum card_end_reason {
    CARD_END_BY_MEMBER = 1,
    CARD_END_LOST = 2,
    CARD_END_CLOSED_AT_BANK = 3,
    CARD_END_MISTAKE = 4,
    CARD_END_MEMBER_CLOSED = 5, /* of CloseMember only */
};

/* Number, holder and mobile stand sealed in the body of the command that bound it. */
struct card {
    int64_t id;
    int64_t ledger_id;
    int64_t member_id;
    int64_t bound_sequence;
    int64_t check_sequence;      /* the last CheckCard; 0: there was none */
    int64_t checked_sequence;    /* the command that said it is right; 0: none did */
    int64_t check_expires_at_us; /* 0: no check is under way */
    int64_t replaced_by;         /* the card that took its place; 0: none did */
    int64_t changed_sequence;
    struct fingerprint number;
    int32_t checks_date;  /* of the last check, days; 0: there was none */
    int32_t locked_date;  /* days: the accounting date on which it was locked; 0: none */
    uint8_t amount_minor; /* to be paid for the check under way; 0: none, or four factors */
    uint8_t checks;       /* on checks_date */
    uint8_t wrong_in_row; /* since the last right one or lock */
    uint8_t way;          /* enum card_check_way of the last check; 0: there was none */
    uint8_t end_reason;   /* enum card_end_reason; 0: it is bound */
    uint8_t kind;         /* enum card_kind */
    uint8_t status;       /* enum card_status */
    bool is_main;         /* one of the member's checked ones is */
    char bank_code[BANK_CODE_BYTES_MAX];
    uint8_t bank_code_length; /* 0: not given */
};

/* What an account got from a card of its member's and paid out to it, while the ledger's terms say
 * same_card or such a record is there (model/card_flow.h). A card has one for each account that
 * it was used with. */
struct card_flow {
    int64_t id;
    int64_t ledger_id;
    int64_t account_id;
    int64_t card_id;
    int64_t in_minor;      /* that came from it, less what was undone */
    int64_t out_minor;     /* that went to it or is on its way, less what failed or came back */
    int64_t pending_minor; /* of that, on its way */
    int64_t moved_minor; /* owed to cards that it replaced; below 0: to the one that replaced it */
    int64_t owed_sequence; /* the command since which it is owed something; 0: it is owed nothing */
    int64_t opened_sequence;
    int64_t ended_sequence; /* the command since which its card is bound no more; 0: it is bound */
    int64_t successor_id;   /* the flow of the card that took its place; 0: none did */
    int64_t changed_sequence;
    struct fingerprint number; /* the card's */
};

#endif
