/* tls.c: OpenSSL's settings for HTTP/2.
 *
 * TLS 1.2 at least, AEAD suites only (RFC 9113, appendix A forbids the others), ALPN must be h2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire/tls.h"

#include "base/check.h"
#include "base/secret_file.h"
#include "wire/call.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_length,
    const unsigned char *in, unsigned int in_length, void *context)
{
    (void)ssl;
    (void)context;
    unsigned int i = 0;
    while (i < in_length) {
        unsigned int length = in[i];
        if (length > in_length - i - 1)
            break;
        if (length == 2 && memcmp(in + i + 1, "h2", 2) == 0) {
            *out = in + i + 1;
            *out_length = 2;
            return SSL_TLSEXT_ERR_OK;
        }
        i += 1 + length;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int fail(SSL_CTX *tls, char *ret_error, size_t error_bytes, const char *what)
{
    /* The text of OpenSSL names files and reasons, never content. The first error is the cause. */
    unsigned long error = ERR_peek_error();
    const char *reason =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
    snprintf(ret_error, error_bytes, "%s: %s", what, reason ? reason : "unknown reason");
    ERR_clear_error();
    SSL_CTX_free(tls);
    return -1;
}

/* A key under a pass phrase is refused: OpenSSL would ask at the terminal and wait for ever. */
static int refuse_pass_phrase(char *out, int out_bytes, int for_writing, void *context)
{
    (void)out;
    (void)out_bytes;
    (void)for_writing;
    (void)context;
    return -1;
}

/* Like the key ring it is refused when others may read it. -1 with a sentence. */
static int load_key(SSL_CTX *tls, const char *path, char *ret_error, size_t error_bytes)
{
    struct stat about;
    /* A pipe that nobody writes to is not waited for. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "r") : NULL;
    const char *wrong =
        !file || fstat(descriptor, &about) != 0 ? strerror(errno) : secret_file_wrong(&about);
    EVP_PKEY *key = NULL;
    if (!wrong) {
        key = PEM_read_PrivateKey(file, NULL, refuse_pass_phrase, NULL);
        if (!key)
            wrong = "it is no private key in PEM without a pass phrase";
    }
    if (file)
        fclose(file);
    if (!wrong && SSL_CTX_use_PrivateKey(tls, key) != 1) {
        unsigned long error = ERR_peek_error();
        wrong = ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH
                    ? "it does not belong to tls.certificate (key values mismatch)"
                    : "OpenSSL does not take it";
    }
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (wrong)
        snprintf(ret_error, error_bytes, "tls.key %s is refused: %s", path, wrong);
    return wrong ? -1 : 0;
}

static int load_client_ca(SSL_CTX *tls, const struct wire_config *config)
{
    static const unsigned char session_context[] = "vsl";
    int mode =
        SSL_VERIFY_PEER | (config->tls_client_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT);

    if (SSL_CTX_load_verify_locations(tls, config->tls_client_ca_file, NULL) != 1)
        return -1;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(config->tls_client_ca_file);
    if (!names)
        return -1;
    SSL_CTX_set_client_CA_list(tls, names);
    SSL_CTX_set_verify(tls, mode, NULL);
    return SSL_CTX_set_session_id_context(tls, session_context, sizeof session_context - 1) == 1
               ? 0
               : -1;
}

SSL_CTX *tls_create(const struct wire_config *config, struct revocations *ret_revocations,
    char *ret_error, size_t error_bytes)
{
    CHECK(config->tls_certificate_file != NULL);
    CHECK(config->tls_key_file != NULL);
    ERR_clear_error();
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    CHECK(tls != NULL);
    SSL_CTX_set_options(tls, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(tls, select_alpn, NULL);
    SSL_CTX_set_default_passwd_cb(tls, refuse_pass_phrase);
    if (SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(tls, TLS12_CIPHERS) != 1) {
        fail(tls, ret_error, error_bytes, "could not restrict TLS to version 1.2 and safe ciphers");
        return NULL;
    }
    if (SSL_CTX_use_certificate_chain_file(tls, config->tls_certificate_file) != 1) {
        fail(tls, ret_error, error_bytes, "could not read the file of tls.certificate (PEM chain)");
        return NULL;
    }
    if (load_key(tls, config->tls_key_file, ret_error, error_bytes) < 0) {
        SSL_CTX_free(tls);
        return NULL;
    }
    if (SSL_CTX_check_private_key(tls) != 1) {
        fail(tls, ret_error, error_bytes, "tls.key does not belong to tls.certificate");
        return NULL;
    }
    if (config->tls_client_ca_file && load_client_ca(tls, config) < 0) {
        fail(tls, ret_error, error_bytes, "could not read the file of tls.client_ca (PEM)");
        return NULL;
    }
    *ret_revocations = (struct revocations){0};
    if (config->tls_client_crl_file &&
        revocations_load(tls, config->tls_client_crl_file, config->tls_crl_may_be_over,
            ret_revocations, ret_error, error_bytes) < 0) {
        SSL_CTX_free(tls);
        return NULL;
    }
    return tls;
}

bool tls_is_h2(const SSL *ssl)
{
    const unsigned char *protocol = NULL;
    unsigned int length = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &length);
    return length == 2 && memcmp(protocol, "h2", 2) == 0;
}

void tls_say_goodbye(SSL *ssl)
{
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
    (void)SSL_shutdown(ssl);
    ERR_clear_error();
}

/* The first alternative name of that type, in bytes that are the certificate's; NULL: none. */
static const ASN1_STRING *find_alternative(const GENERAL_NAMES *names, int type)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == type)
            return type == GEN_URI ? name->d.uniformResourceIdentifier : name->d.dNSName;
    }
    return NULL;
}

static const ASN1_STRING *find_common_name(const X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return index < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
}

/* A NUL inside would let a certificate pose as a shorter name. */
static const char *find_fault(const unsigned char *name, int length)
{
    if (length == 0)
        return "the name is empty";
    if (length > TLS_NAME_BYTES_MAX)
        return "the name is longer than 200 bytes";
    for (int i = 0; i < length; i++) {
        if (name[i] < 0x20 || name[i] == 0x7f)
            return "the name has control characters";
    }
    if (strncmp((const char *)name, UNIX_USER_PREFIX, strlen(UNIX_USER_PREFIX)) == 0)
        return "the name is that of a user on a Unix socket";
    return NULL;
}

const char *tls_failure(const SSL *ssl, unsigned long error)
{
    long verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    return error != 0 ? ERR_reason_error_string(error) : NULL;
}

int tls_peer(const SSL *ssl, struct peer **ret_peer, const char **ret_reason)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    *ret_peer = NULL;
    if (!certificate)
        return 0;
    *ret_reason = "the certificate was not verified";
    if (SSL_get_verify_result(ssl) != X509_V_OK)
        return -1;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const ASN1_STRING *found = find_alternative(names, GEN_URI);
    if (!found)
        found = find_alternative(names, GEN_DNS);
    if (!found)
        found = find_common_name(certificate);
    unsigned char *name = NULL;
    int length = found ? ASN1_STRING_to_UTF8(&name, found) : -1;
    GENERAL_NAMES_free(names);
    ERR_clear_error();
    *ret_reason = length < 0 ? "it has no name that can be read" : find_fault(name, length);
    if (!*ret_reason)
        *ret_peer = peer_create((const char *)name);
    OPENSSL_free(name);
    return *ret_reason ? -1 : 0;
}

int64_t tls_peer_end_us(const SSL *ssl)
{
    struct tm end;
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
        return 0;
    return (int64_t)timegm(&end) * 1000000;
}
