/* histogram.c: counts durations in buckets that grow with the value.
 * SPDX-License-Identifier: Apache-2.0 */
#include "vslload/histogram.h"

#include "base/check.h"

#define SUB_BUCKETS (1 << HISTOGRAM_SUB_BITS)

uint32_t histogram_bucket(int64_t value)
{
    if (value < 0)
        value = 0;
    if (value >= INT64_C(1) << HISTOGRAM_VALUE_BITS)
        return HISTOGRAM_BUCKETS - 1;
    if (value < SUB_BUCKETS)
        return (uint32_t)value;
    /* The highest bit tells the power of two, the bits behind it the bucket within. */
    uint32_t highest = 63 - (uint32_t)__builtin_clzll((uint64_t)value);
    uint32_t shift = highest - HISTOGRAM_SUB_BITS;
    uint32_t sub = (uint32_t)(value >> shift) - SUB_BUCKETS;
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + sub;
}

int64_t histogram_bucket_maximum(uint32_t bucket)
{
    CHECK(bucket < HISTOGRAM_BUCKETS);
    if (bucket < SUB_BUCKETS)
        return bucket;
    uint32_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    int64_t sub = bucket & (SUB_BUCKETS - 1);
    return ((SUB_BUCKETS + sub + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t value, uint64_t weight)
{
    histogram->counts[histogram_bucket(value)] += weight;
    histogram->total += weight;
    if (weight > 0 && value > histogram->maximum)
        histogram->maximum = value;
}

int64_t histogram_percentile(const struct histogram *histogram, double share)
{
    if (histogram->total == 0)
        return 0;
    double exact = share * (double)histogram->total;
    uint64_t wanted = (uint64_t)exact;
    if ((double)wanted < exact || wanted == 0)
        wanted++;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen >= wanted) {
            int64_t value = histogram_bucket_maximum(i);
            return value < histogram->maximum ? value : histogram->maximum;
        }
    }
    return histogram->maximum;
}
