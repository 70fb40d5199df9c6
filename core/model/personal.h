/* personal.h: what kinds of personal data there are. A kind is sealed with its value: a number is
 * never used again.
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
    /* Of an identity document, or a company's: what document_normalize (document.h) writes. */
    PERSONAL_DOCUMENT_NUMBER,
    /* Of a mobile telephone in China, 11 digits. */
    PERSONAL_MOBILE,
};

#endif
