/* value_text.c: what the values of enums in answers say, by the comments of the protos.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslctl/api/api.h"

const char *api_value_text(const ProtobufCEnumDescriptor *descriptor, int number)
{
    for (const struct api_value_text *row = api_value_texts; row->descriptor; row++) {
        if (row->descriptor == descriptor && row->number == number)
            return row->text;
    }
    return "what this vslctl does not know; see --json";
}
