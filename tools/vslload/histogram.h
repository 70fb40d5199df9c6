/* histogram.h: counts durations in buckets that grow with the value, for percentiles.
 *
 * 64 buckets per power of two: a value is known to 1.6 % whatever its size, from 1 us to 2^40 us
 * (12 days). Values beyond are counted in the last bucket.
 * Source of the idea: HdrHistogram (Tene).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef VSL_TOOLS_VSLLOAD_HISTOGRAM_H
#define VSL_TOOLS_VSLLOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 6
#define HISTOGRAM_VALUE_BITS 40
#define HISTOGRAM_BUCKETS ((HISTOGRAM_VALUE_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
    int64_t maximum; /* exact */
};

/* Counts a value `weight` times; negative values count as 0. */
void histogram_add(struct histogram *histogram, int64_t value, uint64_t weight);

/* The smallest value that at least this share (0..1) of the counted values does not exceed, as the
 * upper end of its bucket, never above the maximum; 0 when nothing was counted. */
int64_t histogram_percentile(const struct histogram *histogram, double share);

/* The bucket of a value, and the largest value of a bucket. */
uint32_t histogram_bucket(int64_t value);
int64_t histogram_bucket_maximum(uint32_t bucket);

#endif
