/* main.c: vslctl, the operator's tool: finds the subcommand and runs it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/options.h"
#include "client/profile.h"
#include "client/terminal.h"
#include "client/text_file.h"
#include "vslctl/api/api.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *argp_program_version = "vslctl " VSL_VERSION;
error_t argp_err_exit_status = EXIT_USAGE;

/* Subcommands that are more than one call of the API. */
static const struct {
    const char *group;
    const char *name;
    const char *summary;
    int (*run)(struct common_options *options, int count, char **arguments);
} tools[] = {
    {"batch", NULL, "Sends commands from a JSON file in bulk.", run_batch},
    {"lump", NULL, "Allocates a sum for many by the lines of a file.", run_lump},
    {"settlement", NULL, "Settles what a payment company pays, by a file.", run_settlement},
    {"statement", "check", "Says whether bank statements add up.", run_statement_check},
    {"statement", "load", "Loads the bank's statements into a ledger.", run_statement_load},
    {"member", "show", "Shows all that there is of one member.", run_member_show},
    {"denied", "load", "Lists what the lines of a file name.", run_denied_load},
    {"account", "as-of", "Tells what accounts had at a past instant.", run_account_as_of},
    {"account", "print", "Prints an account's statement as a paper.", run_account_print},
    {"call", NULL, "Calls any method with a request in JSON.", run_call},
    {"events", NULL, "Shows the event stream from any position.", run_events},
    {"role", "list", "Lists which roles may call which method.", run_role_list},
    {"migrate", NULL, "Brings the database to this version's schema.", run_migrate},
    {"identity", "show", "Shows the journal's identity and those before.", run_identity_show},
    {"identity", "new", "Gives the journal a new identity after a restore.", run_identity_new},
    {"identity", "keep", "Keeps the identity in another PostgreSQL cluster.", run_identity_keep},
    {"check", NULL, "Runs the checks of the books in the database.", run_check},
    {"verify", NULL, "Recomputes the journal's digest chain from its rows.", run_verify},
    {"anchor", NULL, "Signs the last batch, to prove the journal by.", run_anchor},
    {"certificate", NULL, "Certifies whose money the escrow account held.", run_certificate},
    {"report", NULL, "Makes the reports of an accounting date.", run_report},
    {"day", "files", "Makes the files of an accounting date.", run_day_files},
    {"day", "verify", "Proves files of an accounting date.", run_day_verify},
    {"recon", "book", "Books what only the bank has, to wait.", run_recon_book},
    {"payout", "order", "Tells the bank of payouts by a file (pain.001).", run_payout_order},
    {"payout", "status", "Says of payouts what the bank says (pain.002).", run_payout_status},
    {"recon", "confirm", "Confirms payouts that statements show.", run_recon_confirm},
    {"recon", "follow", "Matches whenever there is something new.", run_recon_follow},
    {"recon", "list", "Lists what is open between bank and books.", run_recon_list},
    {"recon", "match", "Finds what the lines of statements are.", run_recon_match},
    {"recon", "tie-out", "Explains the bank's balance by the books.", run_recon_tie_out},
    {"key", "new", "Makes a key and adds it to the key ring.", run_key_new},
    {"key", "rotate", "Makes a newer key that seals personal data.", run_key_rotate},
    {"key", "list", "Lists the keys of the ring, without secrets.", run_key_list},
    {"key", "public", "Prints the public key of anchors.", run_key_public},
    {"key", "adopt", "Takes a journal without codes as it is.", run_key_adopt},
    {"replay", NULL, "Replays real transactions and compares every balance.", run_replay},
};
#define TOOL_COUNT (sizeof tools / sizeof tools[0])
#define NAME_BYTES_MAX 63
#define GUESS_LETTERS_MAX 2 /* so much may be wrong in a word that is taken for another */

struct main_arguments {
    struct common_options options;
    int first; /* index of the subcommand; 0: none */
};

static void print_line(FILE *out, const char *group, const char *name, const char *summary)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s%s", group, name ? " " : "", name ? name : "");
    fprintf(out, "  %-20s %s\n", full, summary);
}

/* Lists the subcommands, of one group or all (NULL); returns how many there are. */
static int list(FILE *out, const char *group)
{
    int count = 0;
    for (const struct api_call *call = api_calls; call->group; call++) {
        if (!group || strcmp(group, call->group) == 0) {
            print_line(out, call->group, call->name, call->summary);
            count++;
        }
    }
    for (size_t i = 0; i < TOOL_COUNT; i++) {
        if (!group || strcmp(group, tools[i].group) == 0) {
            print_line(out, tools[i].group, tools[i].name, tools[i].summary);
            count++;
        }
    }
    return count;
}

static void print_help(void)
{
    printf("Usage: vslctl [OPTION...] SUBCOMMAND [OPTION...]\n"
           "Operates a virtual subledger: every command and query of its API, and its database.\n"
           "\n"
           "Subcommands:\n");
    list(stdout, NULL);
    printf(
        "\n"
        "Options before or behind the subcommand:\n"
        "  -s, --server=ADDR    where vsld listens: HOST:PORT or unix:PATH\n"
        "                       (default: $VSL_SERVER, else " CLIENT_DEFAULT_ADDRESS ")\n"
        "      --profile=NAME   take server and TLS files from a profile, see below\n"
        "  --tls-ca=FILE, --tls-cert=FILE, --tls-key=FILE, --tls-name=NAME\n"
        "                       speak TLS (default: $VSL_TLS_CA, $VSL_TLS_CERT, $VSL_TLS_KEY,\n"
        "                       $VSL_TLS_NAME)\n"
        "  --json               print answers as JSON, amounts in minor units\n"
        "  --timeout=S          wait so many seconds for an answer (default 30)\n"
        "\n"
        "Amounts are written in the currency's major unit (12.50), times as "
        "2026-11-22T20:00+08:00\n"
        "or as a duration from now (+2h, +7d). $VSL_LEDGER stands in for --ledger.\n"
        "'vslctl SUBCOMMAND --help' tells more, with examples. A first day:\n"
        "\n"
        "  vslctl ledger open --platform 'Example Mall' --escrow 62220001 --currency CNY \\\n"
        "      --prefix 770100 --date 2026-11-22 --policy unchecked\n"
        "  vslctl member open --ledger L --kind user --id user-4711\n"
        "  vslctl account open --ledger L --member M\n"
        "  vslctl receipt --ledger L --account A --amount 100.00 --payer-name 'Li Ming' \\\n"
        "      --payer-account 6222001\n"
        "  vslctl account statement --ledger L --account A\n"
        "  vslctl ledger tie-out --ledger L\n"
        "\n"
        "where L, M and A are the ids that the calls before have answered. The prefix is one that\n"
        "no other ledger has. Without --policy unchecked members must be identified first.\n"
        "\n"
        "A profile saves the command line from saying where the server is and as whom to call.\n"
        "~/.config/vsl/vslctl.conf, or /etc/vsl/vslctl.conf for all users:\n"
        "\n"
        "  [bank]\n"
        "  server = vsl.bank.example:7450\n"
        "  tls-ca = ca.pem                  a file beside vslctl.conf, or /a/whole/path\n"
        "  tls-cert = chief.pem\n"
        "  tls-key = chief.key              chmod 600\n"
        "\n"
        "then 'vslctl --profile bank ledger list', or VSL_PROFILE=bank. [default] counts where\n"
        "nothing is named. An option comes first, then --profile, then $VSL_SERVER and "
        "$VSL_TLS_...,\n"
        "then $VSL_PROFILE, then [default]; a server named without --profile goes without one.\n"
        "\n"
        "Exit status: 0 accepted or found; 1 refused by the business rules, not found, or a\n"
        "comparison that fails; 2 usage or a malformed request; 3 the server or the database\n"
        "could not be asked or failed, and nothing was done; 4 a command was sent and not "
        "answered:\n"
        "it was perhaps carried out, repeat it with its key (or the answer could not be "
        "written).\n");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct main_arguments *given = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &given->options;
        return 0;
    case '?':
    case 'h':
        print_help();
        exit(EXIT_SUCCESS);
    case 'V':
        printf("%s\n", argp_program_version);
        exit(EXIT_SUCCESS);
    case ARGP_KEY_ARG:
        /* The rest belongs to the subcommand. */
        given->first = state->next - 1;
        state->next = state->argc;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The call of these words; NULL: none. A call that is a group alone stands behind those of the
 * group that have a name. One thing is read by "show", and by "get", as the API calls it. */
static const struct api_call *find_call(const char *group, const char *name)
{
    const char *const names[] = {name, name && strcmp(name, "get") == 0 ? "show" : name};
    for (size_t i = 0; i < 2; i++) {
        for (const struct api_call *call = api_calls; call->group; call++) {
            if (strcmp(group, call->group) == 0 &&
                (!call->name || (name && strcmp(names[i], call->name) == 0)))
                return call;
        }
    }
    return NULL;
}

/* How many letters are put in, left out, exchanged or swapped with the next between two words. */
static size_t word_distance(const char *left, const char *right)
{
    size_t rows[3][NAME_BYTES_MAX + 1];
    size_t length = strlen(right);
    if (strlen(left) > NAME_BYTES_MAX || length > NAME_BYTES_MAX)
        return NAME_BYTES_MAX;
    for (size_t j = 0; j <= length; j++)
        rows[0][j] = j;
    for (size_t i = 1; left[i - 1] != '\0'; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t best = above[j - 1] + (left[i - 1] != right[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < best)
                best = rows[(i - 2) % 3][j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[strlen(left) % 3][length];
}

/* Looks whether a subcommand is nearer to the words than those before. */
static void look_nearer(
    const char *given, const char *group, const char *name, char *nearest, size_t *distance)
{
    char full[NAME_BYTES_MAX + 1];
    snprintf(full, sizeof full, "%s%s%s", group, name ? " " : "", name ? name : "");
    size_t found = word_distance(given, full);
    if (found >= *distance)
        return;
    *distance = found;
    memcpy(nearest, full, sizeof full);
}

/* Whether the word is meant to read: then nothing that changes is a near miss, however few letters
 * are between them. */
static bool is_reading(const char *word)
{
    static const char *const words[] = {"get", "show", "list"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (word_distance(word, words[i]) <= 1)
            return true;
    }
    return false;
}

/* Says that there is no such subcommand, and which one may be meant. */
static void refuse_words(const char *group, const char *name)
{
    char given[NAME_BYTES_MAX + 1];
    char nearest[NAME_BYTES_MAX + 1] = "";
    size_t distance = GUESS_LETTERS_MAX + 1;
    bool has_name = name && name[0] != '-';
    const char *meant = has_name && strcmp(name, "get") == 0 ? "show" : name;
    for (int words = has_name ? 2 : 1; words > 0; words--) {
        /* What stands behind "pya" may be no word of it. */
        snprintf(
            given, sizeof given, "%s%s%s", group, words > 1 ? " " : "", words > 1 ? meant : "");
        for (const struct api_call *call = api_calls; call->group; call++) {
            if (!has_name || !call->is_command || !is_reading(name))
                look_nearer(given, call->group, call->name, nearest, &distance);
        }
        for (size_t i = 0; i < TOOL_COUNT; i++) {
            if (!has_name || !is_reading(name) || (tools[i].name && is_reading(tools[i].name)))
                look_nearer(given, tools[i].group, tools[i].name, nearest, &distance);
        }
    }
    fprintf(stderr, "vslctl: '%s%s%s' is no subcommand", group, has_name ? " " : "",
        has_name ? name : "");
    if (nearest[0])
        fprintf(stderr, "; did you mean '%s'? 'vslctl --help' lists them\n", nearest);
    else
        fprintf(stderr, "; 'vslctl --help' lists them\n");
    list(stderr, group);
}

static int run_subcommand(struct main_arguments *given, int count, char **arguments)
{
    const char *group = arguments[0];
    const char *name = count > 1 ? arguments[1] : NULL;
    char full[128];
    /* What has both words comes before a call that takes "show" for "get". */
    for (size_t i = 0; i < TOOL_COUNT; i++) {
        if (name && tools[i].name && strcmp(group, tools[i].group) == 0 &&
            strcmp(name, tools[i].name) == 0)
            return tools[i].run(&given->options, count - 1, arguments + 1);
    }
    const struct api_call *call = find_call(group, name);
    if (call) {
        int skip = call->name ? 1 : 0;
        snprintf(full, sizeof full, "vslctl %s%s%s", group, skip ? " " : "",
            call->name ? call->name : "");
        return api_run(call, full, &given->options, count - skip, arguments + skip);
    }
    for (size_t i = 0; i < TOOL_COUNT; i++) {
        if (strcmp(group, tools[i].group) == 0 && !tools[i].name)
            return tools[i].run(&given->options, count, arguments);
    }
    bool wants_help = name && (strcmp(name, "--help") == 0 || strcmp(name, "-?") == 0);
    if (wants_help && list(stdout, group) > 0)
        return EXIT_SUCCESS;
    refuse_words(group, name);
    return EXIT_USAGE;
}

/* "help pay" and "pay -h" mean "pay --help". */
static int run_words(struct main_arguments *given, int count, char **arguments)
{
    static char help[] = "--help";
    if (strcmp(arguments[0], "help") == 0) {
        char *asked[] = {arguments[1], count > 2 ? arguments[2] : help, help, NULL};
        return run_subcommand(given, count > 2 ? 3 : 2, asked);
    }
    /* Behind an option it may be the option's value. */
    for (int i = 1; i < count && i <= 2 && arguments[i - 1][0] != '-'; i++) {
        if (strcmp(arguments[i], "-h") == 0)
            arguments[i] = help;
    }
    return run_subcommand(given, count, arguments);
}

int main(int count, char **arguments)
{
    static const struct argp_option options[] = {
        {"help", '?', 0, 0, 0, 0},
        {NULL, 'h', 0, 0, 0, 0},
        {"version", 'V', 0, 0, 0, 0},
        {0},
    };
    static const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {.options = options, .parser = parse, .children = children};
    static struct main_arguments given;
    terminal_guard(EXIT_UNKNOWN);
    arguments_check("vslctl", count, arguments, EXIT_USAGE);
    /* The examples are wider than argp's 79 columns, and must not be wrapped. */
    setenv("ARGP_HELP_FMT", "rmargin=100", 0);
    argp_parse(&argp, count, arguments, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, &given);
    bool is_help_alone = given.first == count - 1 && strcmp(arguments[given.first], "help") == 0;
    if (given.first == 0 || is_help_alone) {
        print_help();
        return given.first == 0 ? EXIT_USAGE : EXIT_SUCCESS;
    }
    return run_words(&given, count - given.first, arguments + given.first);
}
