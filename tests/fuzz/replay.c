/*
 * What stands in for libFuzzer in ordinary builds: gives a fuzz target the files of its corpus,
 * and inputs made from them by changes that are the same in every run.
 *
 *     fuzz_json CORPUS
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_MAX 65536U
#define SEEDS_MAX 256U

struct input {
    uint8_t *bytes;
    size_t size;
};

static struct input seeds[SEEDS_MAX];
static size_t seed_count;

static uint64_t
draw(uint64_t below)
{
    static uint64_t state = 88172645463325252U;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return below > 0 ? state % below : 0;
}

/* The bytes are exactly as long as what was read, so that a sanitizer sees a step beyond them. */
static void
run(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size > 0 ? size : 1);

    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void
read_seed(const char *folder, const char *name)
{
    static char path[4096];
    struct input *s = &seeds[seed_count];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    s->bytes = malloc(SEED_MAX);
    if (f == NULL || s->bytes == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(EXIT_FAILURE);
    }
    s->size = fread(s->bytes, 1, SEED_MAX, f);
    fclose(f);
    seed_count++;
}

static void
read_corpus(const char *folder)
{
    DIR *dir = opendir(folder);

    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL;
         entry = readdir(dir))
        if (entry->d_name[0] != '.' && seed_count < SEEDS_MAX)
            read_seed(folder, entry->d_name);
    if (dir != NULL)
        closedir(dir);
    if (seed_count == 0) {
        fprintf(stderr, "%s: no corpus there\n", folder);
        exit(EXIT_FAILURE);
    }
}

/* One to eight changes: a bit, a byte, a piece left out, doubled, or taken from another seed. */
static size_t
change(uint8_t *bytes, size_t size)
{
    for (uint64_t left = 1 + draw(8); left > 0 && size > 0; left--) {
        size_t at = draw(size), len = 1 + draw(size - at < 32 ? size - at : 32);
        const struct input *other = &seeds[draw(seed_count)];

        switch (draw(5)) {
        case 0:
            bytes[at] ^= (uint8_t)(1U << draw(8));
            break;
        case 1:
            bytes[at] = (uint8_t)draw(256);
            break;
        case 2:
            memmove(bytes + at, bytes + at + len, size - at - len);
            size -= len;
            break;
        case 3:
            if (size + len <= SEED_MAX) {
                memmove(bytes + at + len, bytes + at, size - at);
                size += len;
            }
            break;
        default:
            if (other->size > 0 && at + len <= other->size)
                memcpy(bytes + at, other->bytes + at, len);
            break;
        }
    }
    return size;
}

int
main(int argc, char **argv)
{
    static uint8_t bytes[SEED_MAX];
    long count = getenv("SLIPWAY_LONG") != NULL ? 200000 : 5000;

    if (argc < 2) {
        fprintf(stderr, "use: %s CORPUS\n", argv[0]);
        return 2;
    }
    read_corpus(argv[1]);
    for (size_t i = 0; i < seed_count; i++)
        run(seeds[i].bytes, seeds[i].size);
    for (long i = 0; i < count; i++) {
        const struct input *s = &seeds[draw(seed_count)];

        memcpy(bytes, s->bytes, s->size);
        run(bytes, change(bytes, s->size));
    }
    printf("%zu seeds, %ld inputs made from them\n", seed_count, count);
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    return EXIT_SUCCESS;
}
