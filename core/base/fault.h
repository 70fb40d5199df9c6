/* fault.h: named places where a test may kill the process.
 *
 * `VSL_FAULT=name:n` in the environment kills the process with SIGKILL at the n-th visit of the
 * place `name`. Built only with the meson option `faults` (tests/run sets it); in a release build
 * FAULT_POINT is nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_BASE_FAULT_H
#define VSL_BASE_FAULT_H

#ifdef VSL_FAULTS
void fault_visit(const char *name);
#define FAULT_POINT(name) fault_visit(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
