/* figures.h: what a relay does, for whoever watches it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLRELAY_FIGURES_H
#define VSL_TOOLS_VSLRELAY_FIGURES_H

#include "vslrelay/broker.h"
#include "vslrelay/window.h"

struct figures {
    struct window_figures window;
    struct broker_figures broker;
    bool is_streaming;
    int64_t saved_sequence;
    bool is_save_failing;
};

/* One line of log. */
void figures_log(const struct figures *figures);

/* The whole file, in Prometheus' text format, as node_exporter's textfile collector reads it:
 * written beside and renamed. A file that cannot be written is logged. */
void figures_write(const char *file, const struct figures *figures);

#endif
