/* format.h: amounts, dates, times and enum values as people write them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_TEXT_FORMAT_H
#define VSL_TOOLS_TEXT_FORMAT_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_BYTES_MAX 64

/* Decimal places of a currency's minor unit (ISO 4217); 2 for one that is not listed. */
int currency_decimals(const char *currency);

/* 123456789 with 2 decimals: "1,234,567.89"; negative numbers with '-'. */
void format_amount(int64_t amount_minor, int decimals, char ret_text[FORMAT_BYTES_MAX]);

/* 1234567: "1,234,567". */
void format_count(int64_t count, char ret_text[FORMAT_BYTES_MAX]);

/* 20261122: "2026-11-22"; 0: "". */
void format_date(int32_t yyyymmdd, char ret_text[FORMAT_BYTES_MAX]);

/* Microseconds since 1970-01-01 UTC: "2026-11-22 12:00:00.123456"; 0: "". */
void format_time(int64_t time_us, char ret_text[FORMAT_BYTES_MAX]);

/* "PAYOUT_RESULT_PAID" of PayoutResult: "paid"; a number that has no name: the number. */
void format_enum(
    const ProtobufCEnumDescriptor *descriptor, int64_t number, char ret_text[FORMAT_BYTES_MAX]);

/* "12", "12.5", "1,200.50" in the currency's major unit, to minor units. False: not such a number
 * (commas elsewhere than before three digits), more decimals than the currency has, or beyond 64
 * bits. */
bool parse_amount(const char *text, int decimals, int64_t *ret_amount_minor);

/* "2026-11-22" or "20261122" to 20261122; false when it is no day that the service takes. */
bool parse_date(const char *text, int32_t *ret_yyyymmdd);

/* The day before, both as 20261122; 0 of the first day that the service takes, and of 0. */
int32_t day_before(int32_t yyyymmdd);

enum time_fault {
    TIME_IS_RIGHT,
    TIME_IS_NONE,    /* not written as a time */
    TIME_IS_TOO_FAR, /* a duration that ends behind 2199-12-31, the service's last day */
};

/* A time to microseconds since 1970-01-01 UTC:
 *     2026-11-22T12:00:00Z, 2026-11-22T20:00+08:00     ISO 8601; seconds may be left out
 *     2026-11-22 12:00:00                              without a zone: UTC, as times are printed
 *     +90s, +30m, +2h, +7d, +1d12h                     from now_us on */
enum time_fault read_time(const char *text, int64_t now_us, int64_t *ret_time_us);

/* Whether a text that could not be read as a number or amount is made of digits, so that what is
 * wrong with it is its size or its decimals and not its spelling. */
bool is_number_too_large(const char *text);

/* "0.6%" or "6000ppm" to 6000 parts per million; at most 100 %. False: neither, or finer than a
 * part per million. The unit must be written: a bare 6000 would leave a factor of 10,000 open. */
bool parse_rate(const char *text, int64_t *ret_ppm);

/* 6000: "0.6%". */
void format_rate(int64_t ppm, char ret_text[FORMAT_BYTES_MAX]);

/* A whole number in the range; false else. */
bool parse_integer(const char *text, int64_t low, int64_t high, int64_t *ret_number);

/* "paid", "PAID" or "PAYOUT_RESULT_PAID" to its number; false when it is none of the enum's. */
bool parse_enum(const ProtobufCEnumDescriptor *descriptor, const char *text, int32_t *ret_number);

/* "paid, failed or returned": what parse_enum takes, without the zero value. */
void list_enum(const ProtobufCEnumDescriptor *descriptor, char *ret_text, size_t text_bytes);

#endif
