/* document.h: numbers of identity documents and of companies, held to the standards that make them.
 *
 * What a number says of itself is checked: its form, a day of birth that was, a check digit. What
 * only a register knows (whether it was issued, whose it is) is not: regions are checked by their
 * province alone, since those of abolished counties stay valid, and a table of them would refuse
 * people.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_DOCUMENT_H
#define VSL_MODEL_DOCUMENT_H

#include "base/must_use.h"
#include "base/text.h"
#include "base/wording.h"

#include <stdint.h>

/* What proves who somebody is (个人存款账户实名制规定 art. 5), or that a company
 * is one. */
enum document_kind {
    /* Citizens' identity card (居民身份证), GB 11643-1999: 18 characters. The form of 15
     * digits is no document any more. */
    DOCUMENT_CITIZEN_CARD = 1,
    /* Household register (户口簿), of those below 16: the number is that of the citizen. */
    DOCUMENT_HOUSEHOLD_REGISTER = 2,
    /* Of the army and of the armed police (军人, 武警身份证件): any 4 to 30 letters,
     * digits, Han. */
    DOCUMENT_MILITARY = 3,
    DOCUMENT_ARMED_POLICE = 4,
    /* Mainland travel permit of Hong Kong and Macau residents (港澳居民来往内地通行证):
     * H or M, 8 digits, formerly 2 more that count reissues. */
    DOCUMENT_HONG_KONG_MACAU_PERMIT = 5,
    /* Of Taiwan residents (台湾居民来往大陆通行证): 8 digits, formerly 2 more. */
    DOCUMENT_TAIWAN_PERMIT = 6,
    /* Residence permit of Hong Kong, Macau and Taiwan residents (港澳台居民居住证): as a
     * citizen's, with 81, 82 or 83 for the province. */
    DOCUMENT_RESIDENCE_PERMIT = 7,
    /* Passports of China: a letter or two and 7 or 8 digits; old ones 14 or 15 and 7 digits. */
    DOCUMENT_CHINESE_PASSPORT = 8,
    /* Of other countries, ICAO 9303 at the widest: 5 to 17 letters and digits. */
    DOCUMENT_FOREIGN_PASSPORT = 9,
    /* Foreigners' permanent residence card (外国人永久居留身份证): since 2023 18 digits
     * that begin with 9, with a check digit as a citizen's; before 3 letters and 12 digits. */
    DOCUMENT_PERMANENT_RESIDENCE = 10,
    /* Unified social credit code (统一社会信用代码), GB 32100-2015, with the organisation
     * code of GB 11714 inside: 18 characters. */
    DOCUMENT_SOCIAL_CREDIT_CODE = 11,
    DOCUMENT_KINDS = DOCUMENT_SOCIAL_CREDIT_CODE,
};

/* Longest number, in bytes and as it is compared. */
#define DOCUMENT_NUMBER_BYTES_MAX 120

/* Writes the number as it is compared and kept: without blanks and hyphens, half-width, capital
 * letters. Returns its length; 0: it is empty or too long. Of a permit that counts reissues they
 * are left out, for it is the same person's (see document_fault for what must hold before). */
uint32_t document_normalize(
    enum document_kind kind, struct text number, char ret_number[DOCUMENT_NUMBER_BYTES_MAX]);

/* What is wrong with a number, normalized or not, in words that do not show it; no words: nothing.
 * `today` (YYYYMMDD) is the last day on which somebody can have been born. */
MUST_USE struct wording document_fault(enum document_kind kind, struct text number, int32_t today);

/* Kinds whose numbers are the same person's when they are equal have one class: a citizen's card
 * and the household register; others are by themselves. */
enum document_kind document_class(enum document_kind kind);

/* The day of birth that a number without fault tells, YYYYMMDD; 0: its kind tells none. */
int32_t document_birth_date(enum document_kind kind, struct text number);

/* ISO 7064 MOD 11-2 over digits: '0' to '9' or 'X'. */
char check_digit_mod_11_2(const char *digits, uint32_t length);

/* Whether digits end with a right check digit by Luhn (ISO/IEC 7812-1 annex B). False for anything
 * that is not two digits at least. Numbers of old passbooks and of companies' accounts may be
 * without one: a fault is a reason to ask, none to refuse. */
bool card_number_is_luhn(struct text number);

#endif
