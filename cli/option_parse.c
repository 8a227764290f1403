#include "option.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "welkin/config.h"

/* What getopt answers for the first long option; letters are below. */
enum { ROWS = 256 };

/* getopt's view of the records: every option, and every switch's opposite. */
typedef struct getopt_table {
    struct option *longs;
    char (*names)[64]; /* of the opposites made here */
    char *letters;
} getopt_table;

static void table_free(getopt_table *table)
{
    free(table->longs);
    free(table->names);
    free(table->letters);
}

/* Rows differ in their answer, or getopt would take an ambiguous beginning for the first of them.
 */
static struct option make_row(const getopt_table *table, const struct option *row, const char *name,
                              int takes)
{
    return (struct option){name, takes, NULL, ROWS + (int)(row - table->longs)};
}

static void fill_table(getopt_table *table, const cli_options *options)
{
    struct option *row = table->longs;
    char *letter = table->letters;
    *letter++ = '-'; /* words come one by one, in their order */
    *letter++ = ':';
    for (size_t i = 0; i < options->count; i++) {
        const cli_option *option = options->values[i].option;
        int takes = option->type == CLI_SWITCH ? no_argument : required_argument;
        *row = make_row(table, row, option->name, takes);
        row++;
        if (option->letter) {
            *letter++ = option->letter;
            if (takes == required_argument)
                *letter++ = ':';
        }
        if (option->type != CLI_SWITCH)
            continue;
        snprintf(table->names[i], sizeof table->names[i], "no-%s", option->name);
        *row = make_row(table, row, option->opposite ? option->opposite : table->names[i], takes);
        row++;
    }
}

static wk_status table_create(getopt_table *table, const cli_options *options, wk_error *error)
{
    table->longs = cli_new(2 * options->count + 1, sizeof *table->longs, error);
    table->names = cli_new(options->count, sizeof *table->names, error);
    table->letters = cli_new(2 * options->count + 3, 1, error);
    if (!table->longs || !table->names || !table->letters) {
        table_free(table);
        return WK_MEMORY;
    }
    fill_table(table, options);
    return WK_OK;
}

static const char *name_of_letter(const cli_options *options, int letter)
{
    for (size_t i = 0; i < options->count; i++)
        if (options->values[i].option->letter == letter)
            return options->values[i].option->name;
    return "";
}

/* getopt keeps its place in globals: start anew, whatever an earlier call left. */
static void restart_getopt(void)
{
    opterr = 0;
#ifdef __GLIBC__
    optind = 0;
#else
    optind = 1;
#endif
}

/* How many long options a word may stand for. */
static int count_candidates(const getopt_table *table, const char *word)
{
    int count = 0;
    size_t length = strcspn(word, "=");
    for (const struct option *row = table->longs; row->name; row++) {
        int same = !strncmp(row->name, word, length);
        if (same && row->name[length] == '\0')
            return 1;
        count += same;
    }
    return count;
}

static wk_status refuse(const getopt_table *table, int answer, const char *word, wk_error *error)
{
    if (answer == ':')
        return cli_fail(error, WK_ARGUMENT, "", "option %s needs a value", word);
    if (strncmp(word, "--", 2))
        return cli_fail(error, WK_ARGUMENT, "", "unknown option -%c", optopt);
    int count = count_candidates(table, word + 2);
    return cli_fail(error, WK_ARGUMENT, "", "%s %s",
                    count == 0   ? "unknown option"
                    : count == 1 ? "no value can be given to"
                                 : "several options begin with",
                    word);
}

/* The word getopt has just looked at. */
static const char *last_word(int argc, char **argv)
{
    return optind >= 1 && optind <= argc ? argv[optind - 1] : "";
}

/* No option is a digit: where an option may stand, -2.5 is a word, as a declination is. */
static int is_negative_number(const char *word)
{
    char *end;
    if (word[0] != '-' || !strchr(".0123456789", word[1]) || !word[1])
        return 0;
    strtod(word, &end);
    return end > word + 1;
}

/* optind is 0 until getopt has begun, and then never within such a number. */
static int take_number(int argc, char **argv, char **words, size_t *word_count)
{
    if (optind < 1 || optind >= argc || !is_negative_number(argv[optind]))
        return 0;
    words[(*word_count)++] = argv[optind++];
    return 1;
}

static wk_status parse_all(cli_options *options, const getopt_table *table, int argc, char **argv,
                           char **words, size_t *word_count, wk_error *error)
{
    enum { WORD = 1 };
    wk_status status = WK_OK;
    restart_getopt();
    while (!status) {
        if (take_number(argc, argv, words, word_count))
            continue;
        int answer = getopt_long(argc, argv, table->letters, table->longs, NULL);
        if (answer == -1)
            break;
        if (answer == '?' || answer == ':')
            return refuse(table, answer, last_word(argc, argv), error);
        if (answer == WORD) {
            words[(*word_count)++] = optarg;
            continue;
        }
        const char *name =
            answer < ROWS ? name_of_letter(options, answer) : table->longs[answer - ROWS].name;
        status = cli_options_set(options, name, optarg, CLI_LINE, error);
        if (!status && optarg && !*optarg)
            status = cli_fail(error, WK_ARGUMENT, "", "option --%s needs a value", name);
    }
    return status;
}

wk_status cli_options_parse(cli_options *options, int argc, char **argv, char **words,
                            size_t *word_count, wk_error *error)
{
    getopt_table table = {0};
    *word_count = 0;
    wk_status status = table_create(&table, options, error);
    if (status)
        return status;
    status = parse_all(options, &table, argc, argv, words, word_count, error);
    for (int i = optind; i < argc && !status; i++)
        words[(*word_count)++] = argv[i];
    table_free(&table);
    return status;
}

wk_status cli_options_read(cli_options *options, const char *path, wk_error *error)
{
    wk_setting *settings;
    size_t count;
    wk_status status = wk_settings_read(&settings, &count, path, error);
    for (size_t i = 0; i < count && !status; i++) {
        status = cli_options_set(options, settings[i].name, settings[i].value, CLI_CONFIG, error);
        if (status == WK_ARGUMENT)
            snprintf(error->subject, sizeof error->subject, "%s", path);
    }
    wk_settings_free(settings, count);
    return status;
}

static void print_quoted(const char *text, FILE *out)
{
    fputc('"', out);
    for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
        if (*s < 0x20)
            fprintf(out, "\\x%02x", *s);
        else if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else
            fputc(*s, out);
    }
    fputc('"', out);
}

void cli_options_print(const cli_options *options, FILE *out)
{
    for (size_t i = 0; i < options->count; i++) {
        const cli_option *option = options->values[i].option;
        const char *text = cli_value_text(&options->values[i]);
        if (!option->help || !strcmp(option->name, "help") || strstr(option->name, "config"))
            continue;
        fprintf(out, "%s: ", option->name);
        if (option->type == CLI_SWITCH)
            fputs(text ? text : "false", out);
        else if (!text)
            fputs("null", out);
        else if (option->type == CLI_INTEGER || option->type == CLI_REAL)
            fputs(text, out);
        else
            print_quoted(text, out);
        fputc('\n', out);
    }
}
