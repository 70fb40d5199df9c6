/* personal.h: what kinds of personal data there are.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_MODEL_PERSONAL_H
#define VSL_MODEL_PERSONAL_H

enum personal_kind {
    PERSONAL_NONE,
    PERSONAL_NAME,
    PERSONAL_ACCOUNT_NUMBER,
    /* What a payer wrote as the account to reach. A number of ours is not personal; what is none
     * may be anything, his own card number too. */
    PERSONAL_RECEIVING_TEXT,
};

#endif
