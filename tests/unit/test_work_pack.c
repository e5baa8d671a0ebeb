/* links: slipway_work PkgConfig::libarchive */

/* Goal: the same model gives the same ZIP, whatever it came in, and an archive can write nowhere.
 */

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"
#include "work/digest.h"
#include "work/folder.h"
#include "work/pack.h"
#include "work/zip.h"

static char folder[64], source[128], unpacked[128], zip[128];
static struct error e;

static void
begin(void)
{
    snprintf(folder, sizeof(folder), "/tmp/test_work_pack.%ld", (long)getpid());
    snprintf(source, sizeof(source), "%s/source", folder);
    snprintf(unpacked, sizeof(unpacked), "%s/unpacked", folder);
    snprintf(zip, sizeof(zip), "%s/out.zip", folder);
    ck_assert(folder_remove(folder));
    ck_assert(folder_make(folder, &e));
    ck_assert(folder_make(unpacked, &e));
}

static void
end(void)
{
    ck_assert(folder_remove(folder));
}

/* One entry of an archive to be made. */
struct made {
    const char *name, *content, *link;
    int type; /* AE_IF...; 0: a regular file. */
    int mode;
    time_t at;
};

static void
add(struct archive *a, const struct made *m)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, m->name);
    archive_entry_set_filetype(entry, m->type != 0 ? (unsigned)m->type : AE_IFREG);
    archive_entry_set_perm(entry, (unsigned)(m->mode != 0 ? m->mode : 0600));
    archive_entry_set_mtime(entry, m->at, 0);
    archive_entry_set_size(entry, m->content != NULL ? (int64_t)strlen(m->content) : 0);
    if (m->link != NULL && m->type == AE_IFLNK)
        archive_entry_set_symlink(entry, m->link);
    else if (m->link != NULL)
        archive_entry_set_hardlink(entry, m->link);
    ck_assert_int_eq(archive_write_header(a, entry), ARCHIVE_OK);
    if (m->content != NULL)
        archive_write_data(a, m->content, strlen(m->content));
    archive_entry_free(entry);
}

static void
make_tar_gz(const struct made *entries, size_t count)
{
    struct archive *a = archive_write_new();

    archive_write_add_filter_gzip(a);
    archive_write_set_format_pax_restricted(a);
    ck_assert_int_eq(archive_write_open_filename(a, source), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++)
        add(a, &entries[i]);
    ck_assert_int_eq(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

static void
make_file(struct str content)
{
    ck_assert_msg(file_write(source, content, &e), "%s", e.text);
}

static bool
pack_as(const char *name, int64_t bytes_max, char sha256[DIGEST_SIZE])
{
    struct pack_settings s = {
        .source = source, .name = name, .folder = unpacked, .output = zip, .bytes_max = bytes_max
    };
    struct pack *p;
    bool finished = false, ok = true;

    ck_assert(folder_remove(unpacked) && folder_make(unpacked, &e));
    p = pack_new(&s);
    while (ok && !finished)
        ok = pack_step(p, &finished, &e);
    if (ok) {
        struct stat seen;

        pack_sha256(p, sha256);
        ck_assert_int_eq(stat(zip, &seen), 0);
        ck_assert_int_eq(seen.st_size, pack_bytes(p));
    }
    pack_free(p);
    return ok;
}

static const char *
packed(const char *name)
{
    static char sha256[4][DIGEST_SIZE];
    static size_t next;
    char *to = sha256[next++ % 4];

    ck_assert_msg(pack_as(name, 1 << 20, to), "%s", e.text);
    return to;
}

static void
is_refused(const struct made *entry, const char *why)
{
    char sha256[DIGEST_SIZE];

    make_tar_gz(entry, 1);
    ck_assert(!pack_as("model.tar.gz", 1 << 20, sha256));
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    ck_assert_msg(strstr(e.text, why) != NULL, "%s", e.text);
}

/* "name=content;" of every entry of the ZIP, as libarchive reads it. */
static const char *
listed(void)
{
    static char text[4096];
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    size_t len = 0;

    archive_read_support_format_zip_seekable(a);
    ck_assert_int_eq(archive_read_open_filename(a, zip, 65536), ARCHIVE_OK);
    text[0] = '\0';
    while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "%s:%o=", archive_entry_pathname(entry),
                                (unsigned)archive_entry_perm(entry));
        len += (size_t)archive_read_data(a, text + len, sizeof(text) - len - 2);
        text[len++] = ';';
        text[len] = '\0';
    }
    archive_read_free(a);
    return text;
}

START_TEST(the_order_and_the_times_of_an_archive_do_not_matter)
{
    static const struct made one[] = { { .name = "b.txt", .content = "B", .at = 1000000000 },
                                       { .name = "./a/lib.so", .content = "A", .mode = 0755 } };
    static const struct made two[] = { { .name = "a/", .type = AE_IFDIR, .mode = 0700 },
                                       { .name = "a//lib.so", .content = "A", .mode = 0711 },
                                       { .name = "b.txt", .content = "B", .at = 5, .mode = 0640 } };
    const char *first, *second;

    begin();
    make_tar_gz(one, ARRAY_LEN(one));
    first = packed("model.tar.gz");
    make_tar_gz(two, ARRAY_LEN(two));
    second = packed("other.tar.gz");
    ck_assert_str_eq(first, second);
    ck_assert_str_eq(listed(), "a/lib.so:755=A;b.txt:644=B;");
    end();
}
END_TEST

/* The digest is that of the bytes described in PKWARE's APPNOTE, written down by hand once. */
START_TEST(a_single_file_is_packed_under_its_name_and_the_bytes_never_change)
{
    struct buf bytes = { .max = 65536 };
    char hex[DIGEST_SIZE];
    const char *sha256;

    begin();
    make_file(STR("hello"));
    sha256 = packed("digits.onnx");
    ck_assert_str_eq(listed(), "digits.onnx:644=hello;");
    ck_assert(file_read(zip, &bytes, &e));
    ck_assert_uint_eq(bytes.len, 30 + 11 + 5 + 46 + 11 + 22);
    ck_assert_str_eq(digest_of(buf_str(&bytes), hex), sha256);
    ck_assert_str_eq(sha256, "b72e0e111da85cf617ab9cbf25df293b88d619765c6741f727efaff02e943b21");
    buf_free(&bytes);
    end();
}
END_TEST

START_TEST(a_zip_is_unpacked_only_if_it_is_called_so)
{
    char copy[160];

    begin();
    make_file(STR("hello"));
    packed("digits.onnx");
    snprintf(copy, sizeof(copy), "%s", zip);
    ck_assert_int_eq(rename(zip, source), 0);
    packed("model.pt");
    ck_assert_int_eq(strncmp(listed(), "model.pt:644=PK", 15), 0);
    packed("model.zip");
    ck_assert_str_eq(listed(), "digits.onnx:644=hello;");
    end();
}
END_TEST

START_TEST(an_archive_leads_nowhere_else)
{
    /* clang-format off */
    static const struct { struct made entry; const char *why; } BAD[] = {
        { { .name = "/etc/passwd", .content = "x" },                              "absolute" },
        { { .name = "../x", .content = "x" },                                     "leads out" },
        { { .name = "a/../../x", .content = "x" },                                "leads out" },
        { { .name = "a\\b", .content = "x" },                                     "plain UTF-8" },
        { { .name = "a\nb", .content = "x" },                                     "plain UTF-8" },
        { { .name = "l", .type = AE_IFLNK, .link = "/etc/passwd" },               "link" },
        { { .name = "h", .link = "/etc/passwd" },                                 "link" },
        { { .name = "p", .type = AE_IFIFO },                                      "no regular file" },
        { { .name = "d/", .type = AE_IFDIR },                                     "without any file" },
    };
    /* clang-format on */

    begin();
    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        is_refused(&BAD[i].entry, BAD[i].why);
    end();
}
END_TEST

START_TEST(a_name_stands_for_one_file)
{
    static const struct made twice[] = { { .name = "a", .content = "1" },
                                         { .name = "./a", .content = "2" } };
    static const struct made both[] = { { .name = "a", .content = "1" },
                                        { .name = "a-b", .content = "3" },
                                        { .name = "a/c", .content = "2" } };
    char sha256[DIGEST_SIZE];

    begin();
    make_tar_gz(twice, 2);
    ck_assert(!pack_as("m.tar.gz", 1 << 20, sha256));
    ck_assert_ptr_nonnull(strstr(e.text, "twice"));
    make_tar_gz(both, 3);
    ck_assert(!pack_as("m.tar.gz", 1 << 20, sha256));
    ck_assert_ptr_nonnull(strstr(e.text, "in the place of a folder"));
    end();
}
END_TEST

START_TEST(size_and_damage_are_noticed)
{
    static char much[100000];
    struct made big = { .name = "big", .content = much };
    char sha256[DIGEST_SIZE];

    begin();
    memset(much, 'x', sizeof(much) - 1);
    make_tar_gz(&big, 1);
    ck_assert(!pack_as("m.tar.gz", 50000, sha256));
    ck_assert_ptr_nonnull(strstr(e.text, "50000 bytes when unpacked"));
    ck_assert_int_eq(truncate(source, 60), 0);
    ck_assert(!pack_as("m.tar.gz", 1 << 20, sha256));
    ck_assert_int_eq(e.kind, ERROR_INVALID);
    make_file(STR("no archive at all"));
    ck_assert(!pack_as("m.tar.gz", 1 << 20, sha256));
    make_file(STR(""));
    ck_assert(!pack_as("m.onnx", 1 << 20, sha256));
    ck_assert_ptr_nonnull(strstr(e.text, "is empty"));
    end();
}
END_TEST

START_TEST(a_source_with_another_digest_is_refused)
{
    struct pack_settings s = {
        .source = source,
        .name = "m.onnx",
        .sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .folder = unpacked,
        .output = zip,
        .bytes_max = 100
    };
    struct pack *p;
    bool finished;

    begin();
    make_file(STR("hello"));
    p = pack_new(&s);
    ck_assert(!pack_step(p, &finished, &e));
    ck_assert_int_eq(e.kind, ERROR_CONFLICT);
    pack_free(p);
    end();
}
END_TEST

START_TEST(a_crc_is_the_one_everybody_computes)
{
    ck_assert_uint_eq(zip_crc(0, STR("123456789")), UINT32_C(0xcbf43926));
    ck_assert_uint_eq(zip_crc(zip_crc(0, STR("1234")), STR("56789")), UINT32_C(0xcbf43926));
}
END_TEST

START_TEST(a_folder_is_removed_without_following_links)
{
    char link[160], outside[160];

    begin();
    snprintf(outside, sizeof(outside), "%s.outside", folder);
    snprintf(link, sizeof(link), "%s/link", folder);
    ck_assert(folder_make(outside, &e));
    ck_assert_int_eq(symlink(outside, link), 0);
    end();
    ck_assert_int_eq(access(outside, F_OK), 0);
    ck_assert(folder_remove(outside));
    ck_assert(folder_remove(outside));
}
END_TEST

SUITE(work_pack, the_order_and_the_times_of_an_archive_do_not_matter,
      a_single_file_is_packed_under_its_name_and_the_bytes_never_change,
      a_zip_is_unpacked_only_if_it_is_called_so, an_archive_leads_nowhere_else,
      a_name_stands_for_one_file, size_and_damage_are_noticed,
      a_source_with_another_digest_is_refused, a_crc_is_the_one_everybody_computes,
      a_folder_is_removed_without_following_links)
