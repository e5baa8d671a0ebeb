/* The table, third part: the settings of the stages before the approval. */

#include "config/formats.h"
#include "config/setting.h"

#define LONGEST DAYS(30)

/* ---- compile -------------------------------------------------------------------------------- */

static const char *const compile_drivers[] = { [COMPILE_NONE] = "none",
                                               [COMPILE_NEO] = "neo",
                                               [COMPILE_COMMAND] = "command",
                                               [COMPILE_COMMAND + 1] = NULL };
/* TargetDevice, Os, Arch, Accelerator and Framework of CreateCompilationJob. */
static const char *const devices[] = {
    "lambda",    "ml_m4",     "ml_m5",      "ml_m6g",     "ml_c4",        "ml_c5",
    "ml_c6g",    "ml_p2",     "ml_p3",      "ml_g4dn",    "ml_inf1",      "ml_inf2",
    "ml_trn1",   "ml_eia2",   "jetson_tx1", "jetson_tx2", "jetson_nano",  "jetson_xavier",
    "rasp3b",    "rasp4b",    "imx8qm",     "deeplens",   "rk3399",       "rk3288",
    "aisage",    "sbe_c",     "qcs605",     "qcs603",     "sitara_am57x", "amba_cv2",
    "amba_cv22", "amba_cv25", "x86_win32",  "x86_win64",  "coreml",       "jacinto_tda4vm",
    "imx8mplus", NULL
};
static const char *const neo_systems[] = { "LINUX", "ANDROID", NULL };
static const char *const neo_processors[] = { "X86_64",   "X86",        "ARM64",
                                              "ARM_EABI", "ARM_EABIHF", NULL };
static const char *const neo_accelerators[] = { "INTEL_GRAPHICS", "MALI", "NVIDIA", "NNA", NULL };
static const char *const frameworks[] = { "TENSORFLOW", "KERAS",  "MXNET",   "ONNX",    "PYTORCH",
                                          "XGBOOST",    "TFLITE", "DARKNET", "SKLEARN", NULL };

static const struct setting compile_settings[] = {
    { .key = "driver",
      .type = SETTING_CHOICE,
      .words = compile_drivers,
      .initial = "none",
      .at = offsetof(struct compile_settings, driver),
      .meaning =
          "`none` passes the model on as it is, `neo` has SageMaker Neo compile it, `command` "
          "runs a local program." },
    { .key = "argv",
      .type = SETTING_ARGV,
      .required = true,
      .only = "command",
      .least = 1,
      .most = 100,
      .placeholders = compile_placeholders,
      .at = offsetof(struct compile_settings, command.argv),
      .example = "[/usr/local/bin/compile, \"{input}\", \"{output}\", \"{target}\"]",
      .meaning = "The program, by its absolute path, and its arguments; no shell reads them." },
    { .key = "environment",
      .type = SETTING_ENVIRONMENT,
      .numbers = true,
      .only = "command",
      .most = 100,
      .at = offsetof(struct compile_settings, command.environment),
      .example = "{ OMP_NUM_THREADS: 2 }",
      .meaning = "The program's environment; besides it there is only PATH." },
    { .key = "role_arn",
      .type = SETTING_TEXT,
      .required = true,
      .only = "neo",
      .format = &format_role,
      .least = 20,
      .most = 2048,
      .at = offsetof(struct compile_settings, role_arn),
      .meaning = "The role that SageMaker assumes to read the model and write the result." },
    { .key = "output",
      .type = SETTING_TEXT,
      .required = true,
      .only = "neo",
      .format = &format_s3_uri,
      .most = 1024,
      .at = offsetof(struct compile_settings, output),
      .meaning = "Where Neo leaves its results." },
    { .key = "target_device",
      .type = SETTING_WORD,
      .only = "neo",
      .choice = "target",
      .words = devices,
      .at = offsetof(struct compile_settings, target_device),
      .example = "rasp4b",
      .meaning = "The device compiled for." },
    { .key = "target_os",
      .type = SETTING_WORD,
      .only = "neo",
      .choice = "target",
      .words = neo_systems,
      .with = "target_arch",
      .at = offsetof(struct compile_settings, target_os),
      .example = "LINUX",
      .meaning = "The operating system compiled for." },
    { .key = "target_arch",
      .type = SETTING_WORD,
      .only = "neo",
      .words = neo_processors,
      .with = "target_os",
      .at = offsetof(struct compile_settings, target_arch),
      .example = "ARM64",
      .meaning = "The processor compiled for." },
    { .key = "target_accelerator",
      .type = SETTING_WORD,
      .only = "neo",
      .words = neo_accelerators,
      .with = "target_os",
      .at = offsetof(struct compile_settings, target_accelerator),
      .example = "NVIDIA",
      .meaning = "The accelerator compiled for." },
    { .key = "framework",
      .type = SETTING_WORD,
      .only = "neo",
      .words = frameworks,
      .at = offsetof(struct compile_settings, framework),
      .example = "ONNX",
      .meaning =
          "The framework the model was made with. Left out, Neo is told of the model package "
          "and finds out." },
    { .key = "framework_version",
      .type = SETTING_TEXT,
      .numbers = true,
      .only = "neo",
      .with = "framework",
      .format = &format_framework_version,
      .least = 3,
      .most = 10,
      .at = offsetof(struct compile_settings, framework_version),
      .meaning = "Its version." },
    { .key = "input_shape",
      .type = SETTING_TEXT,
      .only = "neo",
      .with = "framework",
      .format = &format_json,
      .most = 16384,
      .at = offsetof(struct compile_settings, input_shape),
      .meaning =
          "Names and shapes of the model's inputs as Neo wants them (DataInputConfig), a JSON "
          "text." },
    { .key = "timeout",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = LONGEST,
      .initial = "30m",
      .at = offsetof(struct compile_settings, timeout_ms),
      .meaning = "How long one try may last." },
    { .key = "poll",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = HOURS(1),
      .initial = "15s",
      .only = "neo",
      .at = offsetof(struct compile_settings, poll_ms),
      .meaning = "Time between two looks at the compilation job." },
    { .key = "tries",
      .type = SETTING_INTEGER,
      .least = 1,
      .most = 10,
      .initial = "2",
      .at = offsetof(struct compile_settings, tries),
      .meaning = "How often a compilation that fails is run in all." },
};
const struct section compile_section = { "pipelines[].compile", "Making the model fit its hardware",
                                         sizeof(struct compile_settings), compile_settings,
                                         ARRAY_LEN(compile_settings) };

/* ---- package -------------------------------------------------------------------------------- */

/* Platform of a recipe, https://docs.aws.amazon.com/greengrass/v2/developerguide/
 * component-recipe-reference.html */
static const char *const systems[] = { "linux", "windows", "darwin", "*", NULL };
static const char *const architectures[] = { "amd64", "arm", "aarch64", "x86", "*", NULL };
static const char *const runtimes[] = { "*", "aws_nucleus_lite", "", NULL };

static const struct setting package_settings[] = {
    { .key = "component",
      .type = SETTING_TEXT,
      .required = true,
      .format = &format_component,
      .most = 128,
      .at = offsetof(struct package_settings, component),
      .meaning = "Name of the Greengrass component that the model becomes." },
    { .key = "bucket",
      .type = SETTING_TEXT,
      .required = true,
      .format = &format_bucket,
      .at = offsetof(struct package_settings, bucket),
      .meaning = "The bucket artifacts are put into; the devices' role must be able to read it." },
    { .key = "prefix",
      .type = SETTING_TEXT,
      .format = &format_prefix,
      .most = 256,
      .initial = "slipway",
      .at = offsetof(struct package_settings, prefix),
      .meaning =
          "What the keys of artifacts begin with; the artifact's SHA-256 and its name follow." },
    { .key = "os",
      .type = SETTING_WORD,
      .words = systems,
      .initial = "linux",
      .at = offsetof(struct package_settings, os),
      .meaning = "The operating system the component is for; `*` for any." },
    { .key = "architecture",
      .type = SETTING_WORD,
      .words = architectures,
      .initial = "*",
      .at = offsetof(struct package_settings, architecture),
      .meaning = "The processor the component is for; `*` for any." },
    { .key = "runtime",
      .type = SETTING_WORD,
      .words = runtimes,
      .initial = "*",
      .at = offsetof(struct package_settings, runtime),
      .meaning =
          "Which nucleus takes the component: `*` both, `aws_nucleus_lite` only the lite one; "
          "the empty text leaves the field out, which the lite one refuses." },
    { .key = "version",
      .type = SETTING_TEXT,
      .format = &format_version,
      .most = 80,
      .initial = "1.0.{version}",
      .at = offsetof(struct package_settings, version),
      .meaning = "The component's version; `{version}` is the number of the model package." },
    { .key = "description",
      .type = SETTING_TEXT,
      .most = 512,
      .at = offsetof(struct package_settings, description),
      .example = "Reads handwritten digits",
      .meaning = "The component's description." },
    { .key = "publisher",
      .type = SETTING_TEXT,
      .most = 256,
      .at = offsetof(struct package_settings, publisher),
      .example = "Example Corp",
      .meaning = "The component's publisher." },
    { .key = "poll",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = HOURS(1),
      .initial = "5s",
      .at = offsetof(struct package_settings, poll_ms),
      .meaning = "Time between two looks at whether the component version is deployable." },
    { .key = "timeout",
      .type = SETTING_DURATION,
      .least = SECONDS(1),
      .most = LONGEST,
      .initial = "15m",
      .at = offsetof(struct package_settings, timeout_ms),
      .meaning = "How long it may take until it is." },
    { .key = "tries",
      .type = SETTING_INTEGER,
      .least = 1,
      .most = 10,
      .initial = "3",
      .at = offsetof(struct package_settings, tries),
      .meaning = "How often packaging that fails is run in all." },
};
const struct section package_section = { "pipelines[].package", "Making it a Greengrass component",
                                         sizeof(struct package_settings), package_settings,
                                         ARRAY_LEN(package_settings) };

/* ---- twin ----------------------------------------------------------------------------------- */

static const char *const twin_drivers[] = {
    [TWIN_COMMAND] = "command", [TWIN_GREENGRASS] = "greengrass", [TWIN_GREENGRASS + 1] = NULL
};

#define COMMAND_SETTINGS                                                                         \
    { .key = "argv",                                                                             \
      .type = SETTING_ARGV,                                                                      \
      .required = true,                                                                          \
      .least = 1,                                                                                \
      .most = 100,                                                                               \
      .placeholders = twin_placeholders,                                                         \
      .at = offsetof(struct command_settings, argv),                                             \
      .example = "[/usr/local/bin/twin, \"{artifact}\", \"{output}\"]",                          \
      .meaning = "The program, by its absolute path, and its arguments; no shell reads them." }, \
        { .key = "environment",                                                                  \
          .type = SETTING_ENVIRONMENT,                                                           \
          .numbers = true,                                                                       \
          .most = 100,                                                                           \
          .at = offsetof(struct command_settings, environment),                                  \
          .example = "{ OMP_NUM_THREADS: 2 }",                                                   \
          .meaning = "The program's environment; besides it there is only PATH." },              \
    {                                                                                            \
        .key = "timeout", .type = SETTING_DURATION, .least = SECONDS(1), .most = LONGEST,        \
        .initial = "10m", .at = offsetof(struct command_settings, timeout_ms),                   \
        .meaning = "How long one run may last."                                                  \
    }

static const struct setting command_settings[] = { COMMAND_SETTINGS };
static const struct section deploy_section = { "pipelines[].twin.deploy",
                                               "Bringing the artifact to a local twin",
                                               sizeof(struct command_settings), command_settings,
                                               ARRAY_LEN(command_settings) };
static const struct section test_section = { "pipelines[].twin.test", "Testing it there",
                                             sizeof(struct command_settings), command_settings,
                                             ARRAY_LEN(command_settings) };

static const struct setting twin_settings[] = {
    { .key = "driver",
      .type = SETTING_CHOICE,
      .required = true,
      .words = twin_drivers,
      .at = offsetof(struct twin_settings, driver),
      .example = "greengrass",
      .meaning = "`greengrass` deploys to the twin's thing group, `command` to a local twin." },
    { .key = "thing_group",
      .type = SETTING_TEXT,
      .required = true,
      .only = "greengrass",
      .format = &format_thing_group,
      .most = 128,
      .at = offsetof(struct twin_settings, thing_group),
      .example = "twin",
      .meaning = "The thing group of the twin devices; no wave may name it." },
    { .key = "deploy_timeout",
      .type = SETTING_DURATION,
      .only = "greengrass",
      .least = SECONDS(1),
      .most = LONGEST,
      .initial = "15m",
      .at = offsetof(struct twin_settings, deploy_timeout_ms),
      .meaning = "How long the deployment to the twin may last." },
    { .key = "poll",
      .type = SETTING_DURATION,
      .only = "greengrass",
      .least = SECONDS(1),
      .most = HOURS(1),
      .initial = "5s",
      .at = offsetof(struct twin_settings, poll_ms),
      .meaning = "Time between two looks at that deployment." },
    { .key = "deploy",
      .type = SETTING_SECTION,
      .only = "command",
      .section = &deploy_section,
      .at = offsetof(struct twin_settings, deploy),
      .meaning =
          "A command that brings the artifact to the twin. Left out, there is nothing to do." },
    { .key = "test",
      .type = SETTING_SECTION,
      .required = true,
      .section = &test_section,
      .at = offsetof(struct twin_settings, test),
      .meaning = "The command that tests it and writes the slipway.twin-result/1 document." },
    { .key = "tries",
      .type = SETTING_INTEGER,
      .least = 1,
      .most = 10,
      .initial = "2",
      .at = offsetof(struct twin_settings, tries),
      .meaning =
          "How often a test that crashed or told nothing is run in all; one that failed is not "
          "run again." },
};
const struct section twin_section = { "pipelines[].twin", "The pre-production twin",
                                      sizeof(struct twin_settings), twin_settings,
                                      ARRAY_LEN(twin_settings) };

/* ---- gates ---------------------------------------------------------------------------------- */

static const char *const gate_modes[] = {
    [GATE_REQUIRE] = "require", [GATE_WARN] = "warn", [GATE_WARN + 1] = NULL
};

static const struct setting gate_settings[] = {
    { .key = "name",
      .type = SETTING_TEXT,
      .required = true,
      .format = &format_name,
      .at = offsetof(struct gate_settings, name),
      .example = "accuracy",
      .meaning = "What the gate is called, once in its pipeline." },
    { .key = "pattern",
      .type = SETTING_PATTERN,
      .required = true,
      .at = offsetof(struct gate_settings, pattern),
      .example = "{ metrics: { accuracy: { value: [{ numeric: [\">=\", 0.95] }] } } }",
      .meaning = "What the test's result must match; see Patterns. `exists: false` belongs into "
                 "`when`." },
    { .key = "when",
      .type = SETTING_PATTERN,
      .at = offsetof(struct gate_settings, when),
      .example = "{ subject: { target: [linux-amd64] } }",
      .meaning = "The gate counts only if the result matches this. Left out, always." },
    { .key = "mode",
      .type = SETTING_CHOICE,
      .words = gate_modes,
      .initial = "require",
      .at = offsetof(struct gate_settings, mode),
      .meaning =
          "`require` stops a deployment that fails the gate, `warn` tells whoever approves." },
};
const struct section gate_section = { "pipelines[].gates[]", "What a test must show",
                                      sizeof(struct gate_settings), gate_settings,
                                      ARRAY_LEN(gate_settings) };
