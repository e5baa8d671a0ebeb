#include <stdio.h>
#include <string.h>

#include "cli_internal.h"

#define LOOKS (WITH_CONFIG | WITH_STORE | WITH_JSON | WITH_HELP)
#define DECIDES                                                                             \
    (WITH_CONFIG | WITH_URL | WITH_AS | WITH_KEY | WITH_DIGEST | WITH_COMMENT | WITH_JSON | \
     WITH_HELP)

static int run_version(const struct command *c, const struct arguments *a);
static int run_help(const struct command *c, const struct arguments *a);

#define HOW_TO_SIGN                                                                         \
    "The daemon is asked for the deployment first. Then the decision is signed with your\n" \
    "key and sent. Nothing is sent if the digest the daemon shows is not the one you name."

static const struct command COMMANDS[] = {
    { "check", "[FILE]", 0, 1, WITH_CONFIG | WITH_JSON | WITH_HELP, "check a configuration file",
      "Reads FILE (else the configuration that slipwayd would read) as the daemon does at its\n"
      "start, and says every problem with its line and column.\n\n"
      "  slipway check /etc/slipway/slipway.yaml\n",
      run_check },
    { "list", "", 0, 0, LOOKS | WITH_LIMIT | WITH_BEFORE | WITH_OPEN,
      "list deployments, newest first",
      "  slipway list --open             what is under way, and what each waits for\n"
      "  slipway list --json --limit 5   the five newest, as the API shows them\n",
      run_list },
    { "show", "ID", 1, 1, LOOKS, "show everything about one deployment",
      "Its state and why, the gates, what the devices of each wave reported, who decided what,\n"
      "and its whole history.\n\n"
      "  slipway show 7\n",
      run_show },
    { "why", "ID", 1, 1, LOOKS, "say in one sentence what a deployment waits for, or why it ended",
      "  slipway why 7\n", run_why },
    { "approve", "ID", 1, 1, DECIDES, "approve the rollout of exactly one digest",
      HOW_TO_SIGN
      " On a\n"
      "terminal you may leave --digest out: you are shown what you approve and type how its\n"
      "digest begins.\n\n"
      "  slipway approve 7 --as ada --key ~/.slipway/ada.key\n"
      "  slipway approve 7 --digest 5891b5b5...be03 --as ada --key ada.key --comment \"looks "
      "good\"\n",
      run_decision },
    { "reject", "ID", 1, 1, DECIDES, "reject it, also while it is being rolled out",
      HOW_TO_SIGN "\n"
                  "A rollout under way is halted and rolled back.\n\n"
                  "  slipway reject 7 --as ada --key ada.key --comment \"wrong labels\"\n",
      run_decision },
    { "cancel", "ID", 1, 1, DECIDES, "stop it wherever it is",
      HOW_TO_SIGN
      "\n"
      "Before the fleet it just ends; a rollout under way is halted and rolled back.\n\n"
      "  slipway cancel 7 --as ada --key ada.key\n",
      run_decision },
    { "retry", "ID", 1, 1, DECIDES, "go on after a failure, a halt or an expiry",
      HOW_TO_SIGN
      "\n"
      "A failed stage is run again; a halted wave goes on; an expired approval is asked anew.\n\n"
      "  slipway retry 7 --as ada --key ada.key\n",
      run_decision },
    { "rollback", "ID", 1, 1, DECIDES, "restore the last known good version on the fleet",
      HOW_TO_SIGN "\n"
                  "Every thing group the rollout has reached gets the version it had before.\n\n"
                  "  slipway rollback 7 --as ada --key ada.key\n",
      run_decision },
    { "verify-audit", "", 0, 0, LOOKS | WITH_ANCHOR, "check that the history was not tampered with",
      "Every record holds the hash of the one before. The command follows the chain from the\n"
      "first record to the last and prints the last hash. Note it somewhere else: with\n"
      "--anchor HASH a history cut short or written anew is found out too.\n\n"
      "  slipway verify-audit --anchor 1d2f...09\n",
      run_verify_audit },
    { "dump", "", 0, 0, WITH_CONFIG | WITH_STORE | WITH_CANONICAL | WITH_HELP,
      "print the whole state, so that two can be compared",
      "JSON, sorted, without times and numbers that depend on chance: two runs that learnt the\n"
      "same print the same.\n\n"
      "  slipway dump --canonical --store slipway.db\n",
      run_dump },
    { "config", "schema|reference", 1, 1, WITH_HELP,
      "print the JSON Schema or the reference of the configuration",
      "  slipway config schema > slipway.schema.json    for your editor\n"
      "  slipway config reference                       every setting, in Markdown\n",
      run_config },
    { "version", "", 0, 0, WITH_HELP, "print the version", "", run_version },
    { "help", "[COMMAND]", 0, 1, WITH_HELP, "print this, or what a command does", "", run_help },
};

/* ---- help ----------------------------------------------------------------------------------- */

static void
print_exits(void)
{
    puts("\nExit status: 0 done; 1 refused, not found or \"no\"; 2 wrong command line;\n"
         "69 daemon or database not reachable; 78 wrong configuration.");
}

void
command_help(const struct command *c)
{
    printf("slipway %s%s%s [OPTION]...\n\n%c%s.\n", c->name, c->operands[0] != '\0' ? " " : "",
           c->operands, c->purpose[0] - 'a' + 'A', c->purpose + 1);
    if (c->details[0] != '\0')
        printf("\n%s", c->details);
    puts("\nOptions:");
    options_print(c->options);
    print_exits();
}

static void
program_help(void)
{
    puts("slipway COMMAND [ARGUMENT]... [OPTION]...\n\n"
         "Looks at and decides on deployments of models to edge fleets. The daemon is slipwayd.\n\n"
         "Commands:");
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++) {
        char left[64];

        snprintf(left, sizeof(left), "%s%s%s", COMMANDS[i].name,
                 COMMANDS[i].operands[0] != '\0' ? " " : "", COMMANDS[i].operands);
        printf("  %-24s %s\n", left, COMMANDS[i].purpose);
    }
    puts("\nslipway COMMAND --help says more about one.");
    print_exits();
}

/* ---- finding a command ---------------------------------------------------------------------- */

static const struct command *
find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static int
refuse_unknown(const char *name)
{
    const char *names[ARRAY_LEN(COMMANDS)], *near;

    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
        names[i] = COMMANDS[i].name;
    near = nearest(name, names, ARRAY_LEN(COMMANDS));
    if (near != NULL)
        complain("unknown command \"%s\"; do you mean %s?", name, near);
    else
        complain("unknown command \"%s\"; see slipway --help", name);
    return CLI_USAGE;
}

static int
run_version(const struct command *c, const struct arguments *a)
{
    (void)c;
    (void)a;
    puts("slipway " SLIPWAY_VERSION);
    return CLI_OK;
}

static int
run_help(const struct command *c, const struct arguments *a)
{
    (void)c;
    if (a->operand_count == 0) {
        program_help();
        return CLI_OK;
    }
    c = find(a->operands[0]);
    if (c == NULL)
        return refuse_unknown(a->operands[0]);
    command_help(c);
    return CLI_OK;
}

int64_t
operand_id(const struct command *c, const struct arguments *a)
{
    const char *text = a->operands[0];
    int64_t id;

    /* Pages and lists write "#7". */
    if (str_to_int(str_of(text[0] == '#' ? text + 1 : text), &id) && id > 0)
        return id;
    complain("%s: \"%s\" is not the number of a deployment", c->name, text);
    return 0;
}

int
cli_main(int argc, char **argv)
{
    const struct command *c;
    struct arguments a;

    if (argc < 2) {
        complain("a command is missing; see slipway --help");
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        program_help();
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0)
        return run_version(NULL, NULL);
    c = find(argv[1]);
    if (c == NULL)
        return refuse_unknown(argv[1]);
    if (!options_read(c, argc - 2, argv + 2, &a))
        return CLI_USAGE;
    if (a.help) {
        command_help(c);
        return CLI_OK;
    }
    return c->run(c, &a);
}
