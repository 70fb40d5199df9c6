/* stage.h: ledgers with everything that a rule can be about, to try one command at a time on.
 *
 * The engine and the naive model hold the same. Ids are fixed, so that tables can name them.
 * L_MAIN to L_LATE are about accounts and plain money; L_SHOP (stage_shop.c) has terms, fee rules,
 * holds, freezes, refunds and proposals in every state, and L_PLAIN has none of the terms.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_STAGE_H
#define VSL_TESTS_ENGINE_STAGE_H

#include "commands.h"
#include "engine/engine.h"
#include "naive_model.h"
#include "shop.h"

/* When the rows of the tables are tried: noon of TEST_DATE. */
#define HOUR_US INT64_C(3600000000)
#define STAGE_NOW_US (TEST_DATE * 24 * HOUR_US + 12 * HOUR_US)
#define AN_HOUR_AHEAD (STAGE_NOW_US + HOUR_US)

/* Accounting date TEST_DATE, window of 3 dates, where nothing else is said. */
enum stage_ledger {
    L_MAIN = 1,
    L_OTHER = 2, /* its cards need a proof, payments above 900, withdrawals above 950 */
    L_CLOSED = 3,
    L_EMPTY = 4, /* nothing in it, so that it can be closed */
    L_FULL = 5,  /* its escrow account holds INT64_MAX */
    L_LATE = 6,  /* after three day cuts, at TEST_DATE + 3 */
    L_SHOP = 7,  /* after a day cut, at SHOP_DATE */
    L_PLAIN = 8, /* no account of the platform, no advances */
    L_DENY = 9,  /* with a deny list */
    L_NONE = 10, /* there is no such ledger */
};

#define SHOP_DATE (TEST_DATE + 2)

/* Control accounts of L_MAIN; the ledgers' follow each other. */
enum stage_control_account {
    ESCROW = 1,
    UNALLOCATED = 2,
    FEE = 3,
    PLATFORM_OWN = 4,
    INTEREST = 5,
    ENFORCEMENT = 6,
    ESCROW_OTHER = 7,
    OTHER_FEE = 9,
    OTHER_OWN = 10,
    ESCROW_FULL = 25,
    FEE_FULL = 27,
    SHOP_ESCROW = 47,
    SHOP_UNALLOCATED = 48, /* what is open of its items */
    SHOP_FEE = 49,         /* SHOP_FEE_MINOR available */
    SHOP_OWN = 50,         /* OWN_MINOR available */
    SHOP_INTEREST = 51,
    SHOP_ENFORCEMENT = 52,
    PLAIN_ESCROW = 53,
    PLAIN_FEE = 55,
    PLAIN_OWN = 56,
};

enum stage_member {
    M_OWNER = 1,   /* of the accounts of L_MAIN that are open */
    M_EMPTY = 2,   /* no account yet */
    M_CLOSED = 3,  /* closed */
    M_LEAVING = 4, /* its account is closed: it can be closed too */
    M_OTHER = 5,   /* of L_OTHER */
    M_FULL = 6,    /* of L_FULL */
    M_LATE = 7,    /* of L_LATE */
    M_SHOP = 8,    /* of L_SHOP: B_PAYER's; those behind it up to B_BEARER have the next ones */
    M_PLAIN = 26,  /* of L_PLAIN */
    /* Of L_MAIN, users, where nothing else is said: */
    M_USER = 27,        /* I_USER */
    M_TWICE = 28,       /* the same person */
    M_MERCHANT = 29,    /* a merchant that nobody has checked */
    M_COMPANY = 30,     /* a merchant: I_COMPANY */
    M_OVER = 31,        /* I_OVER */
    M_DUE = 32,         /* I_DUE */
    M_SOON = 33,        /* I_SOON */
    M_NOTICED = 34,     /* I_NOTICED */
    M_STRICT = 35,      /* of L_OTHER: I_STRICT */
    M_STRICT_TWO = 36,  /* of L_OTHER, nobody has checked */
    M_STRICT_SHOP = 37, /* a merchant of L_OTHER that nobody has checked */
    M_CARDS = 38,       /* of L_MAIN, a user with the cards up to Y_NEARLY */
    M_TRADER = 39,      /* of L_MAIN, a merchant */
    M_PAYS = 40,        /* of L_MAIN, a merchant with a payout under way */
    M_GOES = 41,        /* of L_MAIN, with cards and no account */
    /* Of L_DENY, users: */
    M_HIT = 42,       /* W_OPEN */
    M_CLEARED = 43,   /* W_CLEARED: called as M_HIT */
    M_CONFIRMED = 44, /* W_CONFIRMED */
    M_CARRIES = 45,   /* W_CARD */
    M_CLEAN = 46,
    M_NONE = 47,
};

/* Of L_MAIN where nothing else is said. */
enum stage_identity {
    I_USER = 1,    /* valid for years */
    I_TWICE = 2,   /* the same number; without end */
    I_COMPANY = 3, /* to be checked again 30 days after TEST_DATE */
    I_OVER = 4,    /* expired */
    I_DUE = 5,     /* its last day was the one before TEST_DATE; that is not carried out yet */
    I_SOON = 6,    /* its last day is 29 days after TEST_DATE; no notice was given yet */
    I_NOTICED = 7, /* the same; the notice was given */
    I_STRICT = 8,  /* of L_OTHER, where a person has one member of a kind: the number of I_USER */
    I_NONE = 19,   /* five are of those with cards, five of L_DENY */
};

#define OVER_NUMBER "360426199101010071"
#define DUE_NUMBER "44011320141005001X"

enum stage_mandate {
    N_PAYS = 1,  /* of L_MAIN: A_RICH to A_POOR, 100 each, 250 in all; 100 are used */
    N_CARD = 2,  /* of L_MAIN: A_PAYS to Y_PAYS, 100 each, 250 in all */
    N_SPENT = 3, /* of L_MAIN: A_RICH to A_POOR, once, which is used */
    N_ENDED = 4, /* of L_MAIN: A_RICH to A_POOR, ended */
    N_LATER = 5, /* of L_MAIN: A_RICH to A_POOR, begins a microsecond after the rows */
    N_DUE = 6,   /* of L_MAIN: A_RICH to A_POOR, over at the instant of the rows */
    N_NONE = 7,
};

enum stage_account {
    A_RICH = 37,    /* RICH_MINOR available, PENDING_RICH_MINOR pending out */
    A_POOR = 38,    /* open, nothing in it */
    A_NO_IN = 39,   /* takes nothing; 500 available, 20 pending out */
    A_NO_OUT = 40,  /* gives nothing; 500 available */
    A_BOTH = 41,    /* neither; 500 available */
    A_PENDING = 42, /* nothing available, 100 pending out */
    A_CLOSED = 43,  /* of M_LEAVING */
    A_OTHER = 44,   /* of L_OTHER; 1,000 available, 10 pending out */
    A_FULL = 45,    /* of L_FULL; everything but what is in FEE_FULL */
    A_LATE = 46,    /* of L_LATE; 100 available */

    B_PAYER = 59,      /* of L_SHOP like the others; PAYER_MINOR available */
    B_ONE = 60,        /* PAYEE_MINOR available */
    B_TWO = 61,        /* PAYEE_MINOR available */
    B_SHORT = 62,      /* SHORT_MINOR available of 500 that it was paid */
    B_DEBTOR = 63,     /* nothing available; owes 70 and 60 */
    B_MANY = 64,       /* nothing available; owes 1 nine times */
    B_DEBTOR_OUT = 65, /* gives nothing; nothing available; owes 100 */
    B_NO_IN = 66,      /* takes nothing; 500 available */
    B_NO_OUT = 67,     /* gives nothing; 500 available, 70 held */
    B_CLOSED = 68,     /* closed since it was paid */
    B_GONE = 69,       /* closed since it paid */
    B_OTHER = 70,      /* another payer, 940 available, 60 held */
    B_NEXT = 71,       /* 1,000 available, 400 of them withdrawable from the next date on */
    B_PAST = 72,       /* 300 available that were so on an earlier date */
    B_FROZEN = 73,     /* 1,000 available, and frozen */
    B_OUT = 74,        /* OUT_MINOR available, and payouts */
    B_EMPTY = 75,      /* nothing */
    B_BEARER = 76,     /* closed since it bore a fee */
    F_MINE = 77,       /* a fee account; SHARE_MINOR available */
    F_YOURS = 78,      /* a fee account; SHARE_MINOR available */
    F_EMPTY = 79,      /* a fee account; everything was collected */
    B_PLAIN = 80,      /* of L_PLAIN; 1,000 available, 90 held, 30 frozen */
    B_PLAIN_TWO = 81,  /* of L_PLAIN; 40 available of 100 that it was paid */
    B_SHUT = 82,       /* nothing; gives no money */
    SHOP_ALLPAY = 83,  /* of G_ALLPAY, likewise the others */
    SHOP_KEEPER = 84,
    SHOP_STOPPED = 85,
    SHOP_LATER = 86,
    PLAIN_PAY = 87,
    A_LINES = 88, /* of L_MAIN: 150 of lines */
    A_SPENT = 89, /* of L_MAIN: nothing; it had a line */
    SHOP_PAYS = 90,
    SHOP_NETS = 91,
    B_SETTLED = 92, /* what acquirers paid */
    B_STOPPED = 93, /* 100; takes no money */
    B_LEFT = 94,    /* closed */
    A_PAYS = 95,    /* of M_PAYS: 10 on their way out */
    DENY_ESCROW = 96,
    DENY_UNALLOCATED = 97,
    DENY_INTEREST = 100,
    A_HIT = 102,       /* of M_HIT: 70, 20 held, 10 on their way out */
    A_CLEARED = 103,   /* of M_CLEARED: 100 */
    A_CONFIRMED = 104, /* of M_CONFIRMED: 100 */
    A_CARRIES = 105,   /* of M_CARRIES: 100 */
    A_CLEAN = 106,     /* of M_CLEAN: 100 */
    DENY_PAYS = 107,   /* of G_DENY */
    A_NONE = 108,
};

#define RICH_MINOR 1000000
#define PENDING_RICH_MINOR 97
#define PAYER_MINOR 1000000
#define PAYEE_MINOR 100000
#define SHORT_MINOR 200
#define OUT_MINOR 1000
#define OWN_MINOR 20000
#define SHOP_FEE_MINOR 1000
#define SHARE_MINOR 20

enum stage_payout {
    P_REQUESTED = 1,  /* of A_RICH: 97, fee 3 */
    P_PAID = 2,       /* of A_RICH: 200 */
    P_FAILED = 3,     /* of A_RICH */
    P_RETURNED = 4,   /* of A_RICH */
    P_CLOSED = 5,     /* of A_CLOSED: 50, paid */
    P_OTHER = 6,      /* of A_OTHER: 10, requested */
    P_PENDING = 7,    /* of A_PENDING: 100, requested */
    P_NO_IN = 8,      /* of A_NO_IN: 20, fee 2, requested */
    P_NO_IN_PAID = 9, /* of A_NO_IN: 30, paid */
    P_FULL = 10,      /* of A_FULL: 10, paid; the ledger was filled up again since */
    /* of B_OUT where nothing else is said */
    P_FINAL = 11,     /* 100, paid; could return until the day before SHOP_DATE */
    P_LAST_DAY = 12,  /* 100, paid; can return until SHOP_DATE */
    P_PART = 13,      /* 100, paid, 40 returned; fee 7 */
    P_PART_FEE = 14,  /* 1,000, paid, 334 returned; fee 30 by "split", 10 returned; order W-2 */
    P_SENT = 15,      /* 50, fee 2 */
    P_UNKNOWN = 16,   /* 60, fee 2 */
    P_CANCELLED = 17, /* 70 */
    P_RULE = 18,      /* 1,000, fee 30 by "split", requested; order W-1 */
    P_KEPT = 19,      /* 50, fee 5 by "kept", requested */
    P_KEPT_PAID = 20, /* 200, fee 5 by "kept", paid */
    P_BORNE = 21,     /* 40, fee 4 borne by B_TWO, requested */
    P_BORNE_OWN = 22, /* 40, fee 4 borne by SHOP_OWN, requested */
    P_OWN = 23,       /* of SHOP_OWN: 25, requested */
    P_OWN_PAID = 24,  /* of SHOP_OWN: 26, paid */
    P_BEARER = 25,    /* 30, fee 3 borne by B_BEARER, requested */
    P_GONE = 26,      /* 30, fee 10 by "gone", requested */
    P_FULL_RULE = 27, /* 200, fee 2 by "full", paid */
    P_BACK = 28,      /* of SHOP_UNALLOCATED: 10, back to the sender of X_MORE */
    P_CARDS = 29,     /* of A_PAYS in L_MAIN: 10 */
    P_HIT = 30,       /* of A_HIT in L_DENY: 10 */
    P_NONE = 31,
};

/* Fee rules of L_SHOP. */
enum stage_fee_rule {
    R_FLAT = 1,    /* "flat": 3; nothing back with a refund, with a return kept */
    R_SPLIT = 2,   /* "split": 3 %, to SHOP_FEE, F_MINE, F_YOURS; all comes back in proportion */
    R_FULL = 3,    /* "full": 1 % rounded up; back with a full refund; payouts: kept */
    R_TIERS = 4,   /* "tiers": 1; from 100 on 5 % rounded down; from 1,000 on 10 */
    R_GROWS_1 = 5, /* "grows": 1, to SHOP_FEE */
    R_GROWS_2 = 6, /* 2, to F_MINE, in force since SHOP_DATE */
    R_GROWS_3 = 7, /* 3, not in force yet */
    R_LATER = 8,   /* "later": 1, from the day after SHOP_DATE on */
    R_FREE = 9,    /* "free": 0 */
    R_BOUND = 10,  /* "bound": 1 %, at least 2, at most 50 */
    R_KEPT = 11,   /* "kept": 5; payouts: kept when failed, back when returned */
    R_GONE = 12,   /* "gone": 10, to F_EMPTY; all comes back in proportion */
    R_PLAIN = 13,  /* "plain" of L_PLAIN: 3 */
    R_NONE = 14,
};

enum stage_hold {
    H_LIVE = 1,      /* of B_PAYER like the others; H-1: 1,000 */
    H_CHAIN_A = 2,   /* H-2: 300 */
    H_CHAIN_B = 3,   /* H-2: 200 */
    H_DUE_FIRST = 4, /* H-3: 100, its time is over, not carried out yet */
    H_DUE_REST = 5,  /* H-3: 50, live */
    H_DUE = 6,       /* H-4: 80, its time is over, not carried out yet */
    H_FINISHED = 7,  /* O-20: 309, confirmed by S_CONFIRM */
    H_EXPIRED = 8,   /* H-6: 40 */
    H_CANCELLED = 9, /* H-7: 40 */
    H_PART = 10,     /* H-8: 100, 30 confirmed, 20 cancelled */
    H_OTHER = 11,    /* of B_OTHER; H-1: 60 */
    H_NO_OUT = 12,   /* of B_NO_OUT; H-9: 70 */
    H_EDGE = 13,     /* H-10: 10, its time ends now */
    H_NEARLY = 14,   /* H-11: 10, its time ends in a microsecond */
    H_PLAIN = 15,    /* of B_PLAIN in L_PLAIN; H-1: 90 */
    H_MOST = 16,     /* H-32: the first of 32 of 1 each */
    H_ALMOST = 48,   /* H-31: the first of 31 of 1 each */
    H_HIT = 79,      /* of A_HIT in L_DENY; D-1: 20 */
    H_NONE = 80,
};

/* Of B_FROZEN, owner "t", where nothing else is said. */
enum stage_freeze {
    Z_LIVE = 1,    /* 500 for ever */
    Z_OTHERS = 2,  /* 300, owner "u" */
    Z_DUE = 3,     /* 50, its time ends now */
    Z_NEARLY = 4,  /* 60, its time ends in a microsecond */
    Z_LIFTED = 5,  /* 10 */
    Z_EXPIRED = 6, /* 20 */
    Z_PART = 7,    /* 100, 40 lifted */
    Z_PLAIN = 8,   /* of B_PLAIN in L_PLAIN: 30 */
    Z_CALLER = 9,  /* of A_LATE in L_LATE: 3, by U_CLERK */
    Z_NONE = 10,
};

/* Of before 0.3.0. */
enum stage_adjustment {
    J_NONE = 1,
};

/* Of L_SHOP where nothing else is said. */
enum stage_item {
    X_NOBODY = 1,   /* 33, by S_RECEIPT_NOBODY */
    X_MOVEMENT = 2, /* 3, by S_MOVEMENT_NOBODY */
    X_GONE = 3,     /* 5, by S_ADJUST_GONE */
    X_PART = 4,     /* 100, of which 25 are allocated by S_ALLOCATE */
    X_DONE = 5,     /* 40, all allocated */
    X_MORE = 6,     /* 60, of which 16 are allocated, and 10 on their way back */
    X_PLAIN = 7,    /* of L_PLAIN: 9 */
    X_OPEN = 8,     /* of L_MAIN, as those that follow; 300, of K_OPEN */
    X_FULL = 9,     /* 70, of K_FULL */
    X_SHUT = 10,    /* 100, of K_SHUT and K_CANCELLED; 60 are free */
    X_NEW = 11,     /* 50, of K_NEW */
    X_ALL = 12,     /* 80, of K_ALL */
    X_WRONG = 13,   /* 90, of K_WRONG */
    X_FREE = 14,    /* 20, of no lump */
    X_PAYS = 15,    /* of L_SHOP: 3,020, settled by G_PAYS */
    X_NETS = 16,    /* of L_SHOP: 5,060, settled by G_NETS and G_ALLPAY */
    X_PAID = 17,    /* of L_PLAIN: 7, settled by G_PLAIN */
    X_KEPT = 18,    /* of L_DENY: 40, of a payer with W_PAYER, for A_CLEAN */
    X_FREED = 19,   /* of L_DENY: 30, likewise with W_FREED */
    X_SPARE = 20,   /* of L_DENY: 50 of nobody, of K_DENY */
    X_NONE = 21,
};

/* Of L_MAIN where nothing else is said. */
enum stage_statement {
    ST_FIRST = 1,     /* of L_MAIN: number 5, 100 to 130, closed; its line is E-1 */
    ST_OPEN = 2,      /* of L_MAIN: number 8, 130 to 150, open; two of 4 lines, 5 of E-2 and -10 */
    ST_SHOP = 3,      /* of L_SHOP: -41 to 0, closed; LN_IN to LN_PAID */
    ST_EMPTY = 4,     /* of L_SHOP: 0 to 7, open; no line, and none to come */
    ST_WHOLE = 5,     /* of L_PLAIN: 10 to 15, without a name, open; its line is E-1 */
    ST_CANCELLED = 6, /* of L_OTHER, 9 to 9 */
    ST_LAST = 7,      /* of L_DENY: number 12, -5 to 20, closed; its line is E-6 */
    ST_NONE = 8,
};

/* Of ST_SHOP where nothing else is said. */
enum stage_statement_line {
    LN_MAIN = 1,   /* 30 of ST_FIRST */
    LN_OPEN = 2,   /* 5 of ST_OPEN */
    LN_IN = 4,     /* 70 */
    LN_OUT = 5,    /* -100 */
    LN_BACK = 6,   /* 40 */
    LN_PART = 7,   /* 50, MT_PART */
    LN_DONE = 8,   /* 4, MT_DONE */
    LN_UNDONE = 9, /* 3, MT_UNDONE */
    LN_PAID = 10,  /* -26, MT_PAID */
    LN_NONE = 13,
};

enum stage_match {
    MT_PART = 1,   /* 20 of LN_PART and S_RECEIPT_MORE */
    MT_DONE = 2,   /* LN_DONE and S_MOVEMENT */
    MT_UNDONE = 3, /* LN_UNDONE and S_MOVEMENT_NOBODY, undone */
    MT_PAID = 4,   /* LN_PAID and P_OWN_PAID */
    MT_NONE = 5,
};

enum stage_lump {
    K_OPEN = 1,      /* 4 lines of 200 in all; S_LINE, S_LINE_SPENT and S_LINE_BACK, taken back */
    K_FULL = 2,      /* 1 line of 60, S_LINE_FULL */
    K_SHUT = 3,      /* closed: 1 line of 40, S_LINE_SHUT */
    K_NEW = 4,       /* 2 lines of 50 in all, none is there */
    K_ALL = 5,       /* all or nothing: 1 line of 80 */
    K_WRONG = 6,     /* 1 line of 90; it is of 80, S_LINE_WRONG */
    K_CANCELLED = 7, /* 1 line of 60 */
    K_PLAIN = 8,     /* of L_PLAIN: 1 line of 9 */
    K_DENY = 9,      /* of L_DENY: 1 line of 50, of X_SPARE */
    K_NONE = 10,
};

/* Payment companies of L_SHOP where nothing else is said; ceiling 10,000. */
enum stage_acquirer {
    G_ALLPAY = 1,  /* "allpay": 1 day; fee by "split" */
    G_KEEPER = 2,  /* "keeper": 0 days; fee by "full", which it keeps; for the next date */
    G_STOPPED = 3, /* "stopped"; no fee */
    G_LATER = 4,   /* "later": fee by "grows" */
    G_PLAIN = 5,   /* "allpay" of L_PLAIN: 366 days; no fee, no ceiling to speak of */
    G_PAYS = 6,    /* "pays": 1 day; no fee; ceiling 100,000 */
    G_NETS = 7,    /* "nets": 0 days; fee by "full", which it keeps; for the next date */
    G_DENY = 8,    /* "denypay" of L_DENY */
    G_NONE = 9,
};

/* Of G_ALLPAY where nothing else is said. */
enum stage_promise {
    T_OPEN = 1,      /* "T-1" of order T-1: 1,000 for B_ONE, fee 30 */
    T_PART = 2,      /* "T-2": 1,000 for B_TWO, fee 30; 400 are cancelled, fee 12 */
    T_CANCELLED = 3, /* "T-3": 50 for B_ONE; all cancelled */
    T_KEPT = 4,      /* "T-1" of G_KEEPER: 1,000 for B_TWO; it keeps 10 */
    T_STOPPED = 5,   /* "T-1" of G_STOPPED: 70 for B_NO_OUT */
    T_PLAIN = 6,     /* "T-1" of G_PLAIN: 90 for B_PLAIN */
    /* Of G_PAYS for B_SETTLED, where nothing else is said. */
    T_DUE = 7,       /* "D-1" of order D-1: 1,000 */
    T_HALF = 8,      /* "D-2": 1,000; 410 are paid */
    T_SHORT = 9,     /* "D-3": 1,000; 900 are paid, D_SHORT */
    T_PAID = 10,     /* "D-4": 100, paid */
    T_GONE = 11,     /* "D-5": 80, all cancelled */
    T_STOP = 12,     /* "D-6": 100 for B_STOPPED, paid */
    T_LEFT = 13,     /* "D-7": 100 for B_LEFT, paid */
    T_BIG = 14,      /* "D-8": 30,000; 1 is paid, D_BIG */
    T_NETS = 15,     /* "E-1" of G_NETS: 1,000; it keeps 10 */
    T_NETS_FEE = 16, /* "E-2" of G_NETS: 2,000; it keeps 20; 1,970 are paid, D_FEE */
    T_SMALL = 17,    /* "D-9": 32 */
    T_NONE = 18,
};

/* Of G_PAYS in L_SHOP where nothing else is said. */
enum stage_settlement {
    C_OPEN = 1,      /* 20 lines of 3,000 in all; 9 of 1,724 */
    C_WHOLE = 2,     /* 1 line of 10, which is there */
    C_CLOSED = 3,    /* 1 line of 10 */
    C_NETS = 4,      /* of G_NETS: 3 lines of 3,000 in all; 1 of 1,970 */
    C_ABANDONED = 5, /* of G_NETS: 1 line of 60 */
    C_FULL = 6,      /* of G_NETS: 1 line of 60; it is of 50 */
    C_PLAIN = 7,     /* of G_PLAIN: 1 line of 7 */
    C_ALLPAY = 8,    /* of G_ALLPAY: 5 lines of 2,000 in all, none is there */
    C_NONE = 9,
};

/* Open ones of L_SHOP where nothing else is said. */
enum stage_difference {
    D_SHORT = 1,   /* T_SHORT: 100 are missing */
    D_OVER = 2,    /* T_PAID: 5 too much */
    D_TWICE = 3,   /* T_PAID: 50 */
    D_LATE = 4,    /* T_GONE: 20 */
    D_STOP = 5,    /* T_STOP: 7 too much */
    D_LEFT = 6,    /* T_LEFT: 8 too much */
    D_UNKNOWN = 7, /* 33 */
    D_BIG = 8,     /* T_BIG: 29,999 are missing */
    D_WHOLE = 9,   /* 10, nobody knows for what */
    D_DONE = 10,   /* 10, which T_HALF got */
    D_FEE = 11,    /* T_NETS_FEE: 10 are missing */
    D_FULL = 12,   /* of G_NETS: 50, nobody knows for what */
    D_PLAIN = 13,  /* of L_PLAIN: 7, nobody knows for what */
    D_NONE = 14,
};

/* Of L_MAIN where nothing else is said. */
enum stage_card {
    Y_BOUND = 1,     /* not checked */
    Y_FOUR = 2,      /* four factors are being checked, by S_CHECK_FOUR */
    Y_SMALL = 3,     /* 17 is being paid, by S_CHECK_SMALL */
    Y_TRIED = 4,     /* the same, and two amounts were wrong, by S_CHECK_TRIED */
    Y_MAIN = 5,      /* checked, the main card */
    Y_NEXT = 6,      /* checked */
    Y_LAST = 7,      /* checked */
    Y_UNBOUND = 8,   /* unbound */
    Y_REPLACED = 9,  /* replaced by Y_NEXT */
    Y_LOCKED = 10,   /* three results were wrong */
    Y_OFTEN = 11,    /* ten checks of this date were not answered */
    Y_DUE = 12,      /* the time of its check is over now */
    Y_NEARLY = 13,   /* likewise in a microsecond */
    Y_TRADER = 14,   /* of M_TRADER: a corporate account, not checked */
    Y_PAYS = 15,     /* of M_PAYS: checked, the main card */
    Y_PAYS_TWO = 16, /* of M_PAYS: checked */
    Y_GOES = 17,     /* of M_GOES: checked, the main card */
    Y_GOES_TWO = 18, /* of M_GOES: four factors are being checked */
    Y_NINE = 19,     /* of M_TRADER: the tenth check of this date, by S_CHECK_NINE */
    Y_WRONG = 20,    /* of M_TRADER: a check after two wrong ones, by S_CHECK_WRONG */
    Y_OTHER = 21,    /* of M_OTHER in L_OTHER, not checked */
    Y_TWICE = 22,    /* of M_TWICE, not checked */
    Y_CARRIES = 23,  /* of M_CARRIES in L_DENY, not checked; its number is listed */
    Y_NONE = 24,
};

/* Of L_DENY where nothing else is said. */
enum stage_denied {
    V_NAME = 1,     /* a name */
    V_DOCUMENT = 2, /* a number of a document */
    V_ACCOUNT = 3,  /* the number of Y_CARRIES */
    V_PAYER = 4,    /* a name that no member has */
    V_ENDED = 5,    /* ended */
    V_EXPIRED = 6,  /* expired */
    V_DUE = 7,      /* its time is over now */
    V_NEARLY = 8,   /* likewise in a microsecond */
    V_OTHER = 9,    /* of L_OTHER: a name */
    V_NONE = 10,
};

/* Of L_DENY; found by channel t, as what is listed is. */
enum stage_hit {
    W_OPEN = 1,      /* of M_HIT by V_NAME */
    W_CLEARED = 2,   /* of M_CLEARED by V_NAME: cleared */
    W_CONFIRMED = 3, /* of M_CONFIRMED by V_DOCUMENT: confirmed */
    W_CARD = 4,      /* of M_CARRIES by V_ACCOUNT */
    W_PAYER = 5,     /* of the payer of X_KEPT */
    W_FREED = 6,     /* of the payer of X_FREED: cleared */
    W_NONE = 7,
};

/* Of no ledger. */
enum stage_caller {
    U_CHIEF = 1, /* the only active administrator */
    U_CLERK = 2, /* an auditor who sends money, too */
    U_GONE = 3,  /* an administrator, suspended */
    U_AWAY = 4,  /* sends money, in L_MAIN only */
    U_NONE = 5,  /* no caller has it, but the next one will */
};

/* Of L_LATE where nothing else is said, made by the channel "t". */
enum stage_proposal {
    Q_SHOP = 1,      /* of L_SHOP: of an adjustment of 25 from B_ONE to B_TWO */
    Q_OPEN = 5,      /* of a fee of 20 */
    Q_CALLER = 6,    /* of a fee of 20, by U_CLERK */
    Q_APPROVED = 7,  /* of a fee of 5 */
    Q_WITHDRAWN = 8, /* of a fee of 5 */
    Q_EXPIRED = 9,   /* of a fee of 5 */
    Q_DUE = 10,      /* of a fee of 5; its time is over */
    Q_MAIN = 11,     /* of L_MAIN: of a payment of 10 */
    Q_GONE = 12,     /* of a fee of 20, by U_GONE */
    Q_LESS = 13,     /* of a fee of 20, by U_CHIEF */
    Q_AWAY = 14,     /* of a fee of 20, by U_AWAY */
    Q_ENDED = 15,    /* of L_DENY: approved */
    Q_DENY = 16,     /* of L_DENY: open */
    Q_NONE = 17,
};

/* Sequences of commands that rows name as an original: of B_PAYER, paid to B_ONE, where nothing
 * else is said. */
enum stage_sequence {
    S_PAY_TWO = 3000,         /* O-1: 600, B_TWO 400 */
    S_PAY_FEE = 3100,         /* O-2: 1,000, a fee of 10 without a rule */
    S_PAY_SPLIT = 3200,       /* O-3: 600, B_TWO 401; fee 30 by "split" */
    S_PAY_BORNE = 3300,       /* O-4: 1,000, B_TWO 150; they bear 30 and 5 by "split" */
    S_PAY_FULL = 3400,        /* O-5: 250, B_TWO 250; fee 5 by "full" */
    S_PAY_FULL_BORNE = 3500,  /* O-6: 150, B_TWO 150; they bear 2 each by "full" */
    S_PAY_LAST = 3550,        /* O-21: 150; he bears 2 by "full"; 149 refunded */
    S_PAY_GROWS = 3600,       /* O-7: 10; fee 1 by the first version of "grows" */
    S_PAY_GROWS_BORNE = 3700, /* O-8: 10; he bears 1 by the first version of "grows" */
    S_PAY_SHORT = 3800,       /* O-9: B_SHORT 500, B_ONE 100 */
    S_PAY_CLOSED = 3900,      /* O-10: B_CLOSED 50, B_ONE 50 */
    S_PAY_NO_OUT = 4000,      /* O-11: B_NO_OUT 470, B_ONE 50 */
    S_PAY_NO_IN = 4100,       /* O-12: B_NO_IN pays 100 */
    S_PAY_GONE_PAYER = 4200,  /* O-13: B_GONE pays 100 */
    S_PAY_PARTLY = 4300,      /* O-14: 600, B_TWO 400; fee 30 by "split"; 100, fee 3 refunded */
    S_PAY_WHOLLY = 4400,      /* O-15: 100, all refunded */
    S_PAY_REVERSED = 4500,    /* O-16: 100, with the proof F-2; reversed */
    S_PAY_FLAT = 4600,        /* O-17: 100; fee 3 by "flat" */
    S_PAY_EMPTY = 4650,       /* O-19: B_EMPTY OWN_MINOR + 1 */
    S_PAY_EMPTY_FEE = 4660,   /* O-22: B_EMPTY OWN_MINOR - 9; fee 10 by "gone" */
    S_PAY_GONE = 4700,        /* O-18: 100; fee 10 by "gone" */
    S_PAY_DEBTOR = 4800,      /* O-30: B_DEBTOR 100, refunded by an advance */
    S_PAY_PAST = 4900,        /* N-1: B_PAST 300, withdrawable from the next date on */
    S_HOLD = 4920,            /* H_LIVE */
    S_CONFIRM = 5050,         /* O-20: 300; fee 9 by "split", out of H_FINISHED */
    S_RECEIPT = 5100,         /* 70 */
    S_RECEIPT_OWN = 5200,     /* 500 from the platform's own account */
    S_RECEIPT_NOBODY = 5300,  /* 33 to SHOP_UNALLOCATED */
    S_RECEIPT_LIMIT = 5400,   /* SHORT_MINOR to B_SHORT */
    S_RECEIPT_SPENT = 5500,   /* SHORT_MINOR + 1 to B_SHORT */
    S_RECEIPT_DEBT = 5600,    /* 30 to B_DEBTOR, who repaid with it */
    S_RECEIPT_CLOSED = 5700,  /* 10 to B_BEARER */
    S_RECEIPT_NO_OUT = 5800,  /* 100 to B_NO_OUT */
    S_MOVEMENT = 5810,        /* 4 with the bank's reference B-1 */
    S_MOVEMENT_NOBODY = 5820, /* 3 with B-2 to SHOP_UNALLOCATED */
    S_MOVEMENT_BACK = 5830,   /* 9 with B-3, reversed */
    S_MOVEMENT_AGAIN = 5840,  /* 2 with B-5, reversed, and booked again by S_MOVEMENT_STANDS */
    S_MOVEMENT_STANDS = 5842,
    S_INTEREST = 5900,      /* 5 */
    S_CHARGE = 6000,        /* B_ONE 6 */
    S_CHARGE_CLOSED = 6100, /* B_BEARER 1 */
    S_REFUND = 6200,        /* of S_PAY_WHOLLY */
    S_REVERSE = 6300,       /* of S_PAY_REVERSED */
    S_WITHDRAW = 6400,      /* P_RULE */
    S_COLLECT = 6600,       /* 1 from SHOP_FEE */
    S_ADJUST = 6700,        /* B_ONE to B_TWO, 15 */
    S_ADJUST_OWN = 6800,    /* SHOP_OWN to B_ONE, 10 */
    S_ADJUST_GONE = 6850,   /* B_GONE to SHOP_UNALLOCATED, 5 */
    S_RECEIPT_PARTS = 6860, /* X_PART */
    S_ALLOCATE = 6865,      /* W-5: of X_PART to B_ONE 20, B_TWO 10 */
    S_UNDO = 6868,          /* 5 of it from B_ONE */
    S_RECEIPT_DONE = 6870,  /* X_DONE */
    S_ALLOCATE_DONE = 6875, /* all of it: B_EMPTY 25, which it spent, B_ONE 15 */
    S_RECEIPT_MORE = 6880,  /* X_MORE */
    S_ALLOCATE_MORE = 6885, /* of it B_CLOSED 5, B_NO_OUT 10, B_ONE 1 */
    S_BACK = 6890,          /* P_BACK */
    S_PROMISE = 6900,       /* T_OPEN */
    S_PAY_NEXT = 6950,      /* N-2: B_NEXT 400, withdrawable from the next date on */
    S_REFUSED = 7000,       /* a payment, refused */
    S_PLAIN = 7100,         /* O-1 of L_PLAIN: B_PLAIN pays B_PLAIN_TWO 100 */
    S_RECEIPT_LUMP = 7500,  /* X_OPEN */
    S_LINE = 7510,          /* L-1, for W-6: A_LINES 50 */
    S_LINE_SPENT = 7515,    /* L-2: A_SPENT 30, which it spent */
    S_LINE_BACK = 7520,     /* L-3: A_LINES 7, taken back */
    S_LINE_FULL = 7530,     /* L-4: A_LINES 60 */
    S_LINE_SHUT = 7540,     /* L-5: A_LINES 40 */
    S_LINE_WRONG = 7550,    /* L-6: A_SPENT 80, which it spent */
    S_NONE = 7999,          /* no command has it */
    S_KEPT = 9010,          /* the receipt of X_KEPT */
    S_FREED = 9020,         /* of X_FREED */
    S_CHECK_FOUR = 8010,    /* of Y_FOUR */
    S_CHECK_SMALL = 8020,   /* of Y_SMALL */
    S_CHECK_TRIED = 8030,   /* of Y_TRIED */
    S_CHECK_NINE = 8130,    /* of Y_NINE */
    S_CHECK_WRONG = 8150,   /* of Y_WRONG */
    S_PROOF = 8170,         /* P_CARDS, with the proof F-1 */
};

enum { STAGE_SEQUENCES_MAX = 16384 };

struct stage {
    struct engine *engine;
    struct naive_model *model;
    int64_t now_us;
    int64_t sequence;                             /* of the last command */
    struct stage_past *past[STAGE_SEQUENCES_MAX]; /* by sequence */
    struct effects effects;
};

struct stage *stage_create(void);
/* stage_lumps.c; stage_create calls it. */
void stage_open_lumps(struct stage *stage);
void stage_open_statements(struct stage *stage);
/* stage_cards.c; after all others. */
void stage_bind_cards(struct stage *stage);
/* stage_screening.c; last. */
void stage_screen(struct stage *stage);
/* stage_settlements.c; after it. */
void stage_open_settlements(struct stage *stage);
/* stage_identities.c; last. */
void stage_identify(struct stage *stage);
void stage_destroy(struct stage *stage);

/* Executes a command on both; it must be accepted. Returns its subject. A refund or a reversal gets
 * its original. */
int64_t stage_do(struct stage *stage, struct command command);

/* The same; it makes the record with this id. */
void stage_makes(struct stage *stage, int64_t id, struct command command);
/* A new account of a new member of L_SHOP. */
int64_t stage_newcomer(struct stage *stage);

/* The command as it is decided when "u" approves it: its proposal is made. */
struct command stage_by_two(struct stage *stage, struct command command);

/* The command with its original, if its kind names one and the stage has done it. */
struct command stage_with_original(const struct stage *stage, const struct command *command);

/* From now on values are recorded under another key, and found by those of before as well: whatever
 * is asked, the answer stays what it was. */
void stage_change_keys(struct stage *stage);

/* Executes a command on both, whatever the answer, and keeps it as what may be named as an
 * original. */
enum outcome stage_try(struct stage *stage, struct command command);

/* Fills L_SHOP and L_PLAIN; stage_create calls it. */
void stage_open_shop(struct stage *stage);
/* And the payment companies of both. */
void stage_open_acquirers(struct stage *stage);

#endif
