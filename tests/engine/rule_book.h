/* rule_book.h: the rule tables as a book in Markdown, for people who know money and not C.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TESTS_ENGINE_RULE_BOOK_H
#define VSL_TESTS_ENGINE_RULE_BOOK_H

#include <stdio.h>

/* The stage, then every row of every table. */
void print_rule_book(FILE *out);

#endif
