/* ole2.c: the stream of a workbook out of an OLE2 file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/ole2.h"

#include <string.h>

#define HEADER_BYTES 512
#define HEADER_FAT_SECTORS 109
#define SECTORS_END 0xfffffffaU /* from here on no number of a sector */
#define ENTRY_BYTES 128
#define SMALL_STREAM_BYTES 4096

struct ole2 {
    const uint8_t *bytes;
    size_t length;
    size_t sector_bytes;
    uint32_t sector_count;
    struct buffer fat; /* as in the file: little-endian numbers of 32 bits */
};

static uint32_t number_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* A whole sector; NULL: there is no such one. */
static const uint8_t *sector_at(const struct ole2 *file, uint32_t sector)
{
    return sector < file->sector_count ? file->bytes + HEADER_BYTES + sector * file->sector_bytes
                                       : NULL;
}

/* The sector behind another; one that there is not where the chain ends or is damaged. */
static uint32_t next_of(const struct ole2 *file, uint32_t sector)
{
    size_t at = (size_t)sector * 4;
    return at + 4 <= file->fat.length ? number_at(file->fat.bytes + at) : UINT32_MAX;
}

/* Appends the sectors of a chain, `most` bytes at most. False: it leads out of the file, or does
 * not end. */
static bool take_chain(const struct ole2 *file, uint32_t sector, size_t most, struct buffer *out)
{
    uint32_t steps = 0;
    while (sector < SECTORS_END && out->length < most) {
        const uint8_t *bytes = sector_at(file, sector);
        if (!bytes || ++steps > file->sector_count)
            return false;
        buffer_append(out, bytes, file->sector_bytes);
        sector = next_of(file, sector);
    }
    return true;
}

/* Puts the sectors of the table together: 109 in the header, the rest in a chain of their own. */
static bool take_fat(struct ole2 *file)
{
    uint32_t left = number_at(file->bytes + 44);
    uint32_t more = number_at(file->bytes + 68);
    const uint8_t *list = file->bytes + 76;
    size_t count = HEADER_FAT_SECTORS;
    for (uint32_t steps = 0; left > 0 && steps <= file->sector_count; steps++) {
        for (size_t i = 0; i < count && left > 0; i++, left--) {
            const uint8_t *bytes = sector_at(file, number_at(list + 4 * i));
            if (!bytes)
                return false;
            buffer_append(&file->fat, bytes, file->sector_bytes);
        }
        list = sector_at(file, more);
        count = file->sector_bytes / 4 - 1;
        if (left > 0 && !list)
            return false;
        more = list ? number_at(list + 4 * count) : UINT32_MAX;
    }
    return left == 0;
}

/* Whether an entry of the directory is the stream of a workbook. */
static bool is_workbook(const uint8_t *entry)
{
    static const uint8_t name[] = "W\0o\0r\0k\0b\0o\0o\0k\0";
    return entry[66] == 2 && memcmp(entry, name, sizeof name) == 0;
}

static bool take_stream(const struct ole2 *file, struct buffer *out)
{
    struct buffer directory = {0};
    bool is_taken = false;
    if (take_chain(file, number_at(file->bytes + 48), SIZE_MAX, &directory)) {
        for (size_t at = 0; at + ENTRY_BYTES <= directory.length && !is_taken; at += ENTRY_BYTES) {
            const uint8_t *entry = directory.bytes + at;
            size_t size = number_at(entry + 120);
            if (!is_workbook(entry) || size < SMALL_STREAM_BYTES)
                continue;
            is_taken = take_chain(file, number_at(entry + 116), size, out) && out->length >= size;
            out->length = is_taken ? size : 0;
        }
    }
    buffer_finish(&directory);
    return is_taken;
}

bool ole2_take_workbook(const uint8_t *bytes, size_t length, struct buffer *out)
{
    struct ole2 file = {.bytes = bytes, .length = length};
    if (length < HEADER_BYTES || bytes[30] != 9 || bytes[31] != 0)
        return false;
    file.sector_bytes = (size_t)1 << bytes[30];
    file.sector_count = (uint32_t)((length - HEADER_BYTES) / file.sector_bytes);
    bool is_taken = take_fat(&file) && take_stream(&file, out);
    buffer_finish(&file.fat);
    return is_taken;
}
