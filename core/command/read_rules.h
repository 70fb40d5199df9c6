/* read_rules.h: what the rows of reads' fields (read.c) do not say; internal to command.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_COMMAND_READ_RULES_H
#define VSL_COMMAND_READ_RULES_H

#include "command/decode.h"

struct ProtobufCMessage;

/* Fields that have no row, and closer looks at fields that have one: 0, or -1 with `ret_error`.
 * What a row has refused is zero or empty in the request. */
typedef int read_rest(const struct ProtobufCMessage *message, struct read_request *request,
    struct decode_error *ret_error);
read_rest read_account_ids;
read_rest read_command_key;
read_rest read_list_commands;
read_rest read_identity;
read_rest read_stream;

/* The rules that tie fields together: adds those that are broken. And what follows from the fields,
 * which nobody looks at when something is broken. */
typedef void read_check(struct read_request *request, struct decode_error *all);
read_check check_member;
read_check check_account;
read_check check_quote_withdraw;
read_check check_lines;
read_check check_command;
read_check check_list_commands;
read_check check_list_members;
read_check check_list_suspense;
read_check check_stream;

#endif
