/* revocations.c: see revocations.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/revocations.h"

#include "base/log.h"

#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
/* Of their time the lists are in the last part when they are warned of. */
#define LAST_PART 4
/* A line about them so often in their time, but not oftener nor more seldom than that. */
#define LINES 16
#define LINE_US_MIN (10 * SECOND_US)
#define LINE_US_MAX (3600 * SECOND_US)

enum level { LEVEL_GOOD = 1, LEVEL_SOON, LEVEL_OVER };

static int64_t time_us(const ASN1_TIME *time)
{
    struct tm parts;
    return time && ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * SECOND_US : 0;
}

static void describe_time(int64_t us, char text[32])
{
    time_t seconds = us / SECOND_US;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* Whether one of the context's authorities has signed the list. */
static bool is_of_authority(STACK_OF(X509_OBJECT) * objects, X509_CRL *list)
{
    bool is_signed = false;
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509 *authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (authority &&
            X509_NAME_cmp(X509_get_subject_name(authority), X509_CRL_get_issuer(list)) == 0)
            is_signed |= X509_CRL_verify(list, X509_get0_pubkey(authority)) == 1;
    }
    ERR_clear_error();
    return is_signed;
}

/* The list of the same authority that ends last. */
static X509_CRL *find_newest(STACK_OF(X509_OBJECT) * objects, X509_CRL *list)
{
    X509_CRL *newest = list;
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_CRL *other = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (!other || X509_NAME_cmp(X509_CRL_get_issuer(other), X509_CRL_get_issuer(list)) != 0)
            continue;
        int64_t end_us = time_us(X509_CRL_get0_nextUpdate(other));
        if (end_us == 0 || end_us > time_us(X509_CRL_get0_nextUpdate(newest)))
            newest = other;
    }
    return newest;
}

/* Whether the list is one to believe; else why not. */
static bool is_good(STACK_OF(X509_OBJECT) * objects, X509_CRL *list, const char *file, int number,
    bool may_be_over, char *ret_error, size_t error_bytes)
{
    char text[32];
    int64_t now_us = (int64_t)time(NULL) * SECOND_US;
    int64_t begin_us = time_us(X509_CRL_get0_lastUpdate(list));
    int64_t end_us = time_us(X509_CRL_get0_nextUpdate(find_newest(objects, list)));
    if (!is_of_authority(objects, list)) {
        snprintf(ret_error, error_bytes,
            "tls.client_crl %s: list number %d is of none of the authorities in tls.client_ca, so "
            "no client would be let in: give the list of that authority, or add its certificate",
            file, number);
        return false;
    }
    if (begin_us > now_us) {
        describe_time(begin_us, text);
        snprintf(ret_error, error_bytes,
            "tls.client_crl %s: list number %d holds from %s on, and until then no client would be "
            "let in: look at the clock, or give the list before it",
            file, number, text);
        return false;
    }
    if (!may_be_over && end_us != 0 && end_us <= now_us) {
        describe_time(end_us, text);
        snprintf(ret_error, error_bytes,
            "tls.client_crl %s: list number %d has expired at %s (nextUpdate), so no client would "
            "be let in: get a newer one of its authority",
            file, number, text);
        return false;
    }
    return true;
}

/* Keeps the time of the list that ends first. */
static void note_time(struct revocations *revocations, const X509_CRL *list)
{
    int64_t end_us = time_us(X509_CRL_get0_nextUpdate(list));
    if (end_us == 0 || (revocations->end_us != 0 && revocations->end_us <= end_us))
        return;
    revocations->begin_us = time_us(X509_CRL_get0_lastUpdate(list));
    revocations->end_us = end_us;
}

int revocations_load(SSL_CTX *tls, const char *file, bool may_be_over,
    struct revocations *ret_revocations, char *ret_error, size_t error_bytes)
{
    X509_STORE *store = SSL_CTX_get_cert_store(tls);
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    *ret_revocations = (struct revocations){0};
    if (!lookup || X509_load_crl_file(lookup, file, X509_FILETYPE_PEM) < 1 ||
        X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) != 1) {
        const char *reason = ERR_reason_error_string(ERR_peek_error());
        snprintf(ret_error, error_bytes, "could not read the file of tls.client_crl (PEM) %s: %s",
            file, reason ? reason : "unknown reason");
        ERR_clear_error();
        return -1;
    }
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    int number = 0;
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_CRL *list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (!list)
            continue;
        if (!is_good(objects, list, file, ++number, may_be_over, ret_error, error_bytes))
            return -1;
        note_time(ret_revocations, find_newest(objects, list));
    }
    return 0;
}

/* ---- a newer list stays ---- */

/* The list's number (RFC 5280, 5.2.3); NULL: it has none. */
static ASN1_INTEGER *number_of(const X509_CRL *list)
{
    return X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
}

/* Below 0, 0, above 0; 0 also when one has none. */
static int compare_numbers(const X509_CRL *list, const X509_CRL *other)
{
    ASN1_INTEGER *own = number_of(list);
    ASN1_INTEGER *others = number_of(other);
    int order = own && others ? ASN1_INTEGER_cmp(own, others) : 0;
    ASN1_INTEGER_free(own);
    ASN1_INTEGER_free(others);
    return order;
}

/* Whether it was made before the other one. An authority whose clock was set back counts on, one
 * with a new key may count anew: what is greater in one of the two is not older. */
static bool is_older(const X509_CRL *list, const X509_CRL *other)
{
    int64_t own_us = time_us(X509_CRL_get0_lastUpdate(list));
    int64_t others_us = time_us(X509_CRL_get0_lastUpdate(other));
    int order = compare_numbers(list, other);
    return own_us < others_us ? order <= 0 : own_us == others_us && order < 0;
}

/* The list of the authority that was made last; NULL: there is none of it. */
static X509_CRL *find_last_made(STACK_OF(X509_OBJECT) * objects, const X509_NAME *authority)
{
    X509_CRL *last = NULL;
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_CRL *list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (list && X509_NAME_cmp(X509_CRL_get_issuer(list), authority) == 0 &&
            (!last || is_older(last, list)))
            last = list;
    }
    return last;
}

int revocations_check_newer(const SSL_CTX *used, const SSL_CTX *fresh, const char *file,
    char *ret_error, size_t error_bytes)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(used));
    STACK_OF(X509_OBJECT) *others = X509_STORE_get0_objects(SSL_CTX_get_cert_store(fresh));
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_CRL *list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        X509_CRL *last = list ? find_last_made(others, X509_CRL_get_issuer(list)) : NULL;
        if (!last || !is_older(last, list))
            continue;
        char given[32], kept[32];
        describe_time(time_us(X509_CRL_get0_lastUpdate(last)), given);
        describe_time(time_us(X509_CRL_get0_lastUpdate(list)), kept);
        snprintf(ret_error, error_bytes,
            "tls.client_crl %s: the list is of %s (lastUpdate), older than the one in use, of %s, "
            "so who was revoked since would be let in: get the newest one of its authority",
            file, given, kept);
        return -1;
    }
    return 0;
}

bool revocations_name(const SSL_CTX *tls, const SSL *ssl)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(tls));
    bool is_revoked = false;
    for (int i = 0; certificate && i < sk_X509_OBJECT_num(objects); i++) {
        X509_REVOKED *entry;
        X509_CRL *list = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
        if (list &&
            X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_issuer_name(certificate)) == 0)
            is_revoked |= X509_CRL_get0_by_cert(list, &entry, certificate) == 1;
    }
    return is_revoked;
}

void revocations_tick(struct revocations *revocations, int64_t wall_us)
{
    if (revocations->end_us == 0)
        return;
    int64_t all_us = revocations->end_us - revocations->begin_us;
    int64_t left_us = revocations->end_us - wall_us;
    int level = left_us <= 0 ? LEVEL_OVER : left_us < all_us / LAST_PART ? LEVEL_SOON : LEVEL_GOOD;
    int64_t pause_us = all_us / LINES;
    pause_us = pause_us < LINE_US_MIN ? LINE_US_MIN : pause_us;
    pause_us = pause_us > LINE_US_MAX ? LINE_US_MAX : pause_us;
    int64_t since_us = wall_us - revocations->told_us;
    if (level <= revocations->told_level && since_us >= 0 && since_us < pause_us)
        return;
    revocations->told_us = wall_us;
    revocations->told_level = level;
    int64_t left_s = left_us / SECOND_US;
    if (level == LEVEL_GOOD)
        log_info("tls.client_crl holds seconds_left=%" PRId64, left_s);
    else if (level == LEVEL_SOON)
        log_warning("tls.client_crl ends soon, and then no client is let in: put a newer list "
                    "there and reload seconds_left=%" PRId64,
            left_s);
    else
        log_error("tls.client_crl has expired, and no client is let in: put a newer list there "
                  "and reload seconds_left=%" PRId64,
            left_s);
}
