/* wording.h: a text for people, in each language that they can have it in.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_WORDING_H
#define VSL_BASE_WORDING_H

/* Both are UTF-8 and there, or neither is: nothing is said. */
struct wording {
    const char *english;
    const char *chinese;
};

#define WORDING(english, chinese) ((struct wording){(english), (chinese)})

#endif
