/* figures.c: what a relay does, for whoever watches it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslrelay/figures.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void figures_log(const struct figures *figures)
{
    log_info("relayed up_to=%" PRId64 " last=%" PRId64 " confirmed=%" PRIu64 " refused=%" PRIu64
             " unconfirmed=%zu waiting=%zu bytes=%zu broker=%s stream=%s",
        figures->window.reached, figures->window.published, figures->window.confirmed_total,
        figures->window.refused_total, figures->window.sent_count,
        figures->window.count - figures->window.sent_count, figures->window.bytes,
        !figures->broker.is_connected ? "away"
        : figures->broker.is_blocked  ? "blocked"
                                      : "up",
        figures->is_streaming ? "up" : "away");
}

static void line(FILE *out, const char *name, const char *type, const char *help, double value)
{
    fprintf(out, "# HELP vslrelay_%s %s\n# TYPE vslrelay_%s %s\nvslrelay_%s %.17g\n", name, help,
        name, type, name, value);
}

void figures_write(const char *file, const struct figures *figures)
{
    static bool is_failing;
    char temporary[PATH_MAX];
    snprintf(temporary, sizeof temporary, "%.4000s.new", file);
    FILE *out = fopen(temporary, "we");
    bool is_written = out != NULL;
    if (out) {
        line(out, "written_seconds", "gauge", "When this was written, seconds since 1970.",
            (double)time(NULL));
        line(out, "position", "gauge", "Everything up to this sequence number is published.",
            (double)figures->window.reached);
        line(out, "saved_position", "gauge", "The same, as the position file has it.",
            (double)figures->saved_sequence);
        line(out, "position_failing", "gauge", "1: the position file cannot be written.",
            figures->is_save_failing);
        line(out, "confirmed_total", "counter", "Messages that the broker has confirmed.",
            (double)figures->window.confirmed_total);
        line(out, "refused_total", "counter", "Messages that it refused or no queue took.",
            (double)figures->window.refused_total);
        line(out, "unconfirmed", "gauge", "Messages sent and not answered.",
            (double)figures->window.sent_count);
        line(out, "waiting_bytes", "gauge", "Bytes of messages here; full at 8388608.",
            (double)figures->window.bytes);
        line(out, "broker_connected", "gauge", "1: there is a connection to the broker.",
            figures->broker.is_connected);
        line(out, "broker_blocked", "gauge", "1: the broker takes nothing for now.",
            figures->broker.is_blocked);
        line(out, "broker_connections_total", "counter", "Connections that came about.",
            (double)figures->broker.connected_total);
        line(out, "stream_connected", "gauge", "1: the event stream comes.", figures->is_streaming);
        is_written = !ferror(out);
        is_written = fclose(out) == 0 && is_written;
    }
    is_written = is_written && rename(temporary, file) == 0;
    if (!is_written && !is_failing)
        log_warning("could not write the figures: %s", strerror(errno));
    is_failing = !is_written;
}
