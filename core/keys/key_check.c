/* key_check.c: see key_check in keys.h.
 *
 * The journal's codes and the keys that are derived to seal are made with the same secret over
 * other texts: none of them begins like this one, so none says anything of the other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "keys/keys.h"
#include "keys/read.h"

#include <gcrypt.h>
#include <string.h>

void key_check(const struct ring_key *key, uint8_t ret_check[KEY_CHECK_BYTES])
{
    static const char label[] = "vsl key check 1";
    const char *purpose = key_purpose_name(key->purpose);
    gcry_md_hd_t mac;
    keys_prepare_library();
    gcry_error_t rc = gcry_md_open(&mac, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC | GCRY_MD_FLAG_SECURE);
    CHECK(rc == 0);
    rc = gcry_md_setkey(mac, key->secret, KEY_SECRET_BYTES);
    CHECK(rc == 0);
    gcry_md_write(mac, label, sizeof label);
    gcry_md_write(mac, purpose, strlen(purpose) + 1);
    gcry_md_write(mac, key->algorithm, strlen(key->algorithm) + 1);
    memcpy(ret_check, gcry_md_read(mac, GCRY_MD_SHA256), KEY_CHECK_BYTES);
    gcry_md_close(mac);
}
