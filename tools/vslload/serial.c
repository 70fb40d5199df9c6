/* serial.c: the serials of request keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslload/workload.h"

#include "base/check.h"

#include <string.h>

/* Printf would cost more than the payment's bytes. */
void load_serial(const struct load *load, char phase, uint64_t number, char *ret_serial)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(load->run_id);
    memcpy(ret_serial, load->run_id, length);
    ret_serial[length++] = '-';
    ret_serial[length++] = phase;
    for (int shift = 36; shift >= 0; shift -= 4)
        ret_serial[length++] = digits[number >> shift & 15];
    ret_serial[length] = '\0';
    CHECK(length < SERIAL_BYTES);
}
