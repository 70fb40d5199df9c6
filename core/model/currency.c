/* currency.c: the table of ISO 4217.
 *
 * Source: the codes of Debian's iso-codes 4.15.0 (2023-04-27, ISO 4217:2015, list one), without
 * those withdrawn by then or since (HRK, CUC, SLL, ZWL, ANG of 2025-04, BGN of 2026-01), with those
 * that came (ZWG of 2024, XCG of 2025); digits of minor units by the same list. Codes whose minor
 * unit is "N.A." are left out. A change of the list is a change of this table; ledgers that are
 * there stay.
 * SPDX-License-Identifier: Apache-2.0 */
#include "model/currency.h"

#include <stddef.h>

#define CODE_BYTES 3

/* By digits; a blank behind each code. */
static const char *const codes_by_digits[CURRENCY_DIGITS_MAX + 1] = {
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
    NULL,
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR "
    "FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
    "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR "
    "SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
    "USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ",
    "BHD IQD JOD KWD LYD OMR TND ",
    "CLF UYW ",
};

int currency_digits(struct text code)
{
    if (code.length != CODE_BYTES)
        return -1;
    for (int digits = 0; digits <= CURRENCY_DIGITS_MAX; digits++) {
        const char *at = codes_by_digits[digits];
        for (; at && *at != '\0'; at += CODE_BYTES + 1) {
            if (memcmp(at, code.bytes, CODE_BYTES) == 0)
                return digits;
        }
    }
    return -1;
}
