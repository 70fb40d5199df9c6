/* workload.h: what the kinds of work share; internal to vslload.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLLOAD_WORKLOAD_H
#define VSL_TOOLS_VSLLOAD_WORKLOAD_H

#include "vslload/load.h"

#define SERIAL_BYTES 33

/* serial.c: "<run>-<phase><number in hex>"; commands of the measured phase have the letter p. */
void load_serial(const struct load *load, char phase, uint64_t number, char *ret_serial);

/* mixed.c: the functions of struct work. */
uint32_t mixed_fill(void *context, struct slot *slot);
void mixed_take(void *context, struct slot *slot, uint32_t index, enum load_end end,
    const Vsl__V1__CommandResult *result, const Vsl__V1__BatchItemResult *item);

#endif
