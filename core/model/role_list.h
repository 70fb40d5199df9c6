/* role_list.h: every role of callers, once; no header of its own, but rows to be expanded.
 *
 * ROLE(number, NAME, name): define it, include this file, and the row of each role is expanded by
 * it; it is undefined again at the end.
 *
 *   number  of its field in proto's CallerRoles, and of its bit in caller.roles, from 1 on. Stored
 *           in the journal: never reuse one
 *   NAME    ROLE_NAME is the bit
 *   name    what it is called by people, and its field
 * SPDX-License-Identifier: Apache-2.0 */

/* clang-format off */
ROLE(1, FRONT, front)
ROLE(2, ADAPTER, adapter)
ROLE(3, RECONCILIATION, reconciliation)
ROLE(4, JUDICIAL, judicial)
ROLE(5, OPERATOR, operator)
ROLE(6, APPROVER, approver)
ROLE(7, PLATFORM, platform)
ROLE(8, AUDITOR, auditor)
ROLE(9, ADMINISTRATOR, administrator)
/* clang-format on */

#undef ROLE
