/* replay.c: runs a fuzzer over the files of its corpus, one TAP case each, as an ordinary test.
 *
 * Every input that once broke a decoder lies in the corpus and is run with the sanitizers at each
 * build. A file that makes the decoder abort ends the process, and with it the test. Besides each
 * file as it is, its halves, and copies with single bytes changed, are tried, by a fixed seed.
 *
 * Called by meson with the folder of the corpus. With libFuzzer (meson option `fuzzers`) this file
 * is not linked.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (8U * 1024 * 1024)
#define FILES_MAX 4096
#define MUTATIONS_PER_FILE 200
#define MUTATION_SEED 20240229U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the files in a folder, sorted, so that a run is repeatable. */
static size_t list_files(const char *folder, char **ret_names)
{
    DIR *stream = opendir(folder);
    if (stream == NULL) {
        perror(folder);
        exit(1);
    }
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL && count < FILES_MAX) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        ret_names[count] = strdup(entry->d_name);
        if (ret_names[count] == NULL) {
            abort();
        }
        count++;
    }
    closedir(stream);
    qsort(ret_names, count, sizeof *ret_names, compare_names);
    return count;
}

/* The decoder gets memory of exactly the input's size, so that reading one byte beyond it is seen.
 */
static void run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_mutations(uint8_t *data, size_t size)
{
    run_copy(data, size / 2);
    run_copy(data + size / 2, size - size / 2);
    uint32_t state = MUTATION_SEED;
    for (int i = 0; i < MUTATIONS_PER_FILE && size > 0; i++) {
        state = state * 1664525U + 1013904223U;
        const size_t at = (state >> 8) % size;
        const uint8_t before = data[at];
        state = state * 1664525U + 1013904223U;
        data[at] = (uint8_t)(state >> 24);
        run_copy(data, size);
        data[at] = before;
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    static char *names[FILES_MAX];
    const size_t count = list_files(argv[1], names);
    uint8_t *data = malloc(FILE_BYTES_MAX);
    if (data == NULL || count == 0) {
        (void)fprintf(stderr, "%s: no corpus in %s\n", argv[0], argv[1]);
        return 1;
    }
    (void)printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], names[i]);
        FILE *file = fopen(path, "rb");
        if (file == NULL) {
            perror(path);
            return 1;
        }
        const size_t size = fread(data, 1, FILE_BYTES_MAX, file);
        (void)fclose(file);
        run_copy(data, size);
        run_mutations(data, size);
        (void)printf("ok %zu - %s\n", i + 1, names[i]);
        (void)fflush(stdout);
        free(names[i]);
    }
    free(data);
    return 0;
}
