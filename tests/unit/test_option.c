#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "common.h"
#include "option.h"
#include "option_value.h"

static const cli_option records[] = {
    {.name = "method", .type = CLI_CHOICE, .argument = "a|b+c|FILE", .initial = "b+c", .help = "h"},
    {.name = "strict", .type = CLI_CHOICE, .argument = "x|y", .help = "h"},
    {.name = "up", .type = CLI_SWITCH, .opposite = "down", .help = "h"},
    {.name = "dither", .type = CLI_SWITCH, .initial = "true", .help = "h"},
    {.name = "output", .letter = 'o', .type = CLI_OUTPUT, .argument = "PATH", .help = "h"},
    {.name = "verbose", .letter = 'v', .type = CLI_SWITCH, .help = "h"},
    {.name = "nclip",
     .type = CLI_INTEGER,
     .argument = "N",
     .initial = "5",
     .high = 100,
     .help = "h"},
    {.name = "lower", .type = CLI_REAL, .argument = "X", .help = "h"},
    {.name = "memory", .type = CLI_SIZE, .argument = "SIZE", .initial = "1G", .help = "h"},
    {.name = "sky", .type = CLI_RANGE, .argument = "LO,HI", .initial = "1,2", .help = "h"},
    {.name = "size", .type = CLI_EXTENT, .argument = "N", .initial = "8", .help = "h"},
    {.name = "bits", .type = CLI_TEXT, .argument = "BITS", .help = "h"},
    {.name = "hidden", .type = CLI_TEXT, .argument = "X"},
    {.name = NULL},
};
static const cli_section section = {"Options", records, 0, 1};
static const cli_section *const sections[] = {&section, NULL};

static wk_error error;
static cli_options options;

static int make_options(void **state)
{
    (void)state;
    error = (wk_error){0};
    return cli_options_create(&options, sections, &error);
}

static int free_options(void **state)
{
    (void)state;
    cli_options_free(&options);
    return 0;
}

/* Parse words; those that are no options come back in rest. */
static wk_status parse(char **words, char **rest, size_t *count)
{
    int argc = 0;
    while (words[argc])
        argc++;
    return cli_options_parse(&options, argc, words, rest, count, &error);
}

#define PARSE(...)                                                                                 \
    char *words[] = {"welkin", __VA_ARGS__, NULL};                                                 \
    char *rest[16];                                                                                \
    size_t count;                                                                                  \
    wk_status status = parse(words, rest, &count)

static void has_defaults(void **state)
{
    (void)state;
    double range[2];
    int64_t extent[2];
    cli_get_range(range, &options, "sky");
    cli_get_extent(extent, &options, "size");
    assert_int_equal(cli_get_choice(&options, "method"), 1);
    assert_int_equal(cli_get_choice(&options, "strict"), -1);
    assert_int_equal(cli_get_switch(&options, "up"), 0);
    assert_int_equal(cli_get_switch(&options, "dither"), 1);
    assert_int_equal(cli_get_integer(&options, "nclip"), 5);
    assert_true(isnan(cli_get_real(&options, "lower")));
    assert_int_equal(cli_get_size(&options, "memory"), (size_t)1 << 30);
    assert_true(range[0] == 1 && range[1] == 2);
    assert_true(extent[0] == 8 && extent[1] == 8);
    assert_null(cli_get_text(&options, "output"));
}

static void parses_all_types(void **state)
{
    (void)state;
    double range[2];
    int64_t extent[2];
    PARSE("--method", "a", "--up", "--no-dither", "-o", "x.fits", "--nclip=0", "--lower", "-2.5",
          "--memory", "512M", "--sky", "-1,1e3", "--size", "20x30", "--bits", "~4", "-v");
    assert_int_equal(status, WK_OK);
    assert_int_equal(count, 0);
    cli_get_range(range, &options, "sky");
    cli_get_extent(extent, &options, "size");
    assert_int_equal(cli_get_choice(&options, "method"), 0);
    assert_int_equal(cli_get_switch(&options, "up"), 1);
    assert_int_equal(cli_get_switch(&options, "dither"), 0);
    assert_int_equal(cli_get_switch(&options, "verbose"), 1);
    assert_string_equal(cli_get_text(&options, "output"), "x.fits");
    assert_int_equal(cli_get_integer(&options, "nclip"), 0);
    assert_true(cli_get_real(&options, "lower") == -2.5);
    assert_int_equal(cli_get_size(&options, "memory"), 512 << 20);
    assert_true(range[0] == -1 && range[1] == 1000);
    assert_true(extent[0] == 20 && extent[1] == 30);
    assert_string_equal(cli_get_text(&options, "bits"), "~4");
}

static void collects_other_words(void **state)
{
    (void)state;
    PARSE("a.fits", "--up", "b.fits", "--", "--down");
    assert_int_equal(status, WK_OK);
    assert_int_equal(count, 3);
    assert_string_equal(rest[0], "a.fits");
    assert_string_equal(rest[1], "b.fits");
    assert_string_equal(rest[2], "--down");
    assert_int_equal(cli_get_switch(&options, "up"), 1);
}

/* A declination is no option, but what begins with a letter or is no number may be one. */
static void takes_negative_numbers_for_words(void **state)
{
    (void)state;
    PARSE("overlaps", "150", "-2.5", "-v", "-.5", "--lower", "-7", "--", "-o");
    assert_int_equal(status, WK_OK);
    assert_int_equal(count, 5);
    assert_string_equal(rest[2], "-2.5");
    assert_string_equal(rest[3], "-.5");
    assert_string_equal(rest[4], "-o");
    assert_int_equal(cli_get_switch(&options, "verbose"), 1);
    assert_true(cli_get_real(&options, "lower") == -7);
    char *wrong[] = {"welkin", "x", "-.", NULL};
    assert_int_equal(parse(wrong, rest, &count), WK_ARGUMENT);
}

static void lets_the_last_word_win(void **state)
{
    (void)state;
    PARSE("--up", "--down", "--nclip", "1", "--nclip", "2");
    assert_int_equal(status, WK_OK);
    assert_int_equal(cli_get_switch(&options, "up"), 0);
    assert_int_equal(cli_get_integer(&options, "nclip"), 2);
}

static void takes_any_text_for_capitals(void **state)
{
    (void)state;
    PARSE("--method", "some.fits");
    assert_int_equal(status, WK_OK);
    assert_int_equal(cli_get_choice(&options, "method"), 2);
}

static void check_refused(const char *name, const char *value, const char *part)
{
    char *words[] = {"welkin", (char *)name, (char *)value, NULL};
    char *rest[4];
    size_t count;
    error = (wk_error){0};
    assert_int_equal(parse(words, rest, &count), WK_ARGUMENT);
    if (!strstr(error.message, part))
        fail_msg("\"%s\" does not say \"%s\"", error.message, part);
}

static void refuses_wrong_values(void **state)
{
    (void)state;
    check_refused("--nclip", "-1", "-1 is not a whole number of 0 to 100");
    check_refused("--nclip", "101", "101");
    check_refused("--nclip", "2.5", "2.5");
    check_refused("--nclip", "99999999999999999999", "9999");
    check_refused("--lower", "x", "x is not a number");
    check_refused("--lower", "nan", "nan");
    check_refused("--memory", "2X", "2X");
    check_refused("--memory", "-1", "-1");
    check_refused("--sky", "2,1", "2,1");
    check_refused("--sky", "2", "LO,HI");
    check_refused("--size", "0", "0 is not");
    check_refused("--size", "3x", "3x");
    check_refused("--strict", "z", "z is not one of x|y");
    check_refused("--output", "", "needs a value");
}

static void refuses_unknown_options(void **state)
{
    (void)state;
    check_refused("--nonsense", NULL, "unknown option --nonsense");
    check_refused("-x", NULL, "unknown option -x");
    check_refused("--up=3", NULL, "no value can be given to --up");
    check_refused("--nclip", NULL, "--nclip needs a value");
    check_refused("-o", NULL, "-o needs a value");
    check_refused("--s", NULL, "several options begin with --s");
}

static void reads_sizes(void **state)
{
    (void)state;
    size_t size;
    assert_false(cli_parse_size(&size, "100") || size != 100);
    assert_false(cli_parse_size(&size, "2k") || size != 2048);
    assert_false(cli_parse_size(&size, "1.5G") || size != 1610612736);
    assert_false(cli_parse_size(&size, "3MiB") || size != 3 << 20);
    assert_true(cli_parse_size(&size, "1e300") != 0);
    assert_true(cli_parse_size(&size, "inf") != 0);
}

static void keeps_the_stronger_source(void **state)
{
    (void)state;
    assert_int_equal(cli_options_set(&options, "nclip", "7", CLI_LINE, &error), WK_OK);
    assert_int_equal(cli_options_set(&options, "nclip", "9", CLI_CONFIG, &error), WK_OK);
    assert_int_equal(cli_get_integer(&options, "nclip"), 7);
    assert_int_equal(cli_options_set(&options, "down", "false", CLI_CONFIG, &error), WK_OK);
    assert_int_equal(cli_get_switch(&options, "up"), 1);
    assert_int_equal(cli_options_set(&options, "down", "maybe", CLI_CONFIG, &error), WK_ARGUMENT);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What is printed reads back to the same values, texts with quotes and blanks included. */
static void prints_what_reads_back(void **state)
{
    (void)state;
    char path[] = "/tmp/welkin-option-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    PARSE("--bits", " a \"b\" \\ #c: d", "--no-dither", "--nclip", "3", "--lower", "-1e-3",
          "--method", "null", "--sky", "3,4");
    assert_int_equal(status, WK_OK);
    FILE *file = fdopen(fd, "w");
    cli_options_print(&options, file);
    fclose(file);
    cli_options_free(&options);
    assert_int_equal(make_options(state), 0);
    assert_int_equal(cli_options_read(&options, path, &error), WK_OK);
    unlink(path);
    assert_string_equal(cli_get_text(&options, "bits"), " a \"b\" \\ #c: d");
    assert_string_equal(cli_get_text(&options, "method"), "null");
    assert_string_equal(cli_get_text(&options, "sky"), "3,4");
    assert_int_equal(cli_get_switch(&options, "dither"), 0);
    assert_int_equal(cli_get_integer(&options, "nclip"), 3);
    assert_true(cli_get_real(&options, "lower") == -1e-3);
    assert_null(cli_get_text(&options, "output"));
}

static void names_the_file_of_an_unknown_name(void **state)
{
    (void)state;
    char path[] = "/tmp/welkin-option-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, "nclip: 3\nnonsense: 4\n");
    assert_int_equal(cli_options_read(&options, path, &error), WK_ARGUMENT);
    unlink(path);
    assert_string_equal(error.subject, path);
    assert_non_null(strstr(error.message, "nonsense"));
}

static void reads_lines(void **state)
{
    (void)state;
    char path[] = "/tmp/welkin-option-XXXXXX", **lines;
    size_t count;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, "# all\n a b.fits \r\n\n\tc#d.fits  # one\n   \ne.fits[1]");
    assert_int_equal(cli_lines_read(&lines, &count, path, &error), WK_OK);
    unlink(path);
    assert_int_equal(count, 3);
    assert_string_equal(lines[0], "a b.fits");
    assert_string_equal(lines[1], "c#d.fits");
    assert_string_equal(lines[2], "e.fits[1]");
    cli_lines_free(lines, count);
    assert_int_equal(cli_lines_read(&lines, &count, "/nonexistent/x", &error), WK_FILE);
}

static void finds_stems(void **state)
{
    (void)state;
    assert_int_equal(cli_stem_length("a.fits"), 1);
    assert_int_equal(cli_stem_length("a.b.fits.fz"), 3);
    assert_int_equal(cli_stem_length("a.FIT.GZ"), 1);
    assert_int_equal(cli_stem_length("a"), 1);
    assert_int_equal(cli_stem_length(".fits"), 5);
    assert_string_equal(cli_base_name("/x/y/z.fits"), "z.fits");
}

static void maps_every_status(void **state)
{
    (void)state;
    static const struct {
        wk_status status;
        int code;
    } pairs[] = {{WK_OK, 0},
                 {WK_DISCONNECTED, 0},
                 {WK_SPARSE, 0},
                 {WK_MEMORY, 4},
                 {WK_ARGUMENT, 2},
                 {WK_FILE, 3},
                 {WK_HEADER, 3},
                 {WK_EXISTS, 3},
                 {WK_WCS, 1},
                 {WK_NO_DATA, 1},
                 {WK_NO_OVERLAP, 1},
                 {WK_CANCELLED, 130},
                 {WK_NO_CONVERGENCE, 1}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_int_equal(cli_exit_status(pairs[i].status), pairs[i].code);
}

/* Every default in the tables is a value its option can have, and names are not used twice. */
static void has_sound_tables(void **state)
{
    (void)state;
    for (const cli_command *const *command = cli_commands; *command; command++) {
        cli_options all;
        assert_int_equal(cli_options_create(&all, (*command)->sections, &error), WK_OK);
        for (size_t i = 0; i < all.count; i++) {
            const cli_option *option = all.values[i].option;
            if (option->initial)
                assert_int_equal(cli_check_value(option, option->initial, &error), WK_OK);
            assert_true((option->type == CLI_SWITCH) == (option->argument == NULL));
            for (size_t j = 0; j < i; j++) {
                assert_string_not_equal(option->name, all.values[j].option->name);
                assert_false(option->letter && option->letter == all.values[j].option->letter);
            }
        }
        cli_options_free(&all);
    }
}

#define OPTION_TEST(f) cmocka_unit_test_setup_teardown(f, make_options, free_options)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPTION_TEST(has_defaults),
        OPTION_TEST(parses_all_types),
        OPTION_TEST(collects_other_words),
        OPTION_TEST(takes_negative_numbers_for_words),
        OPTION_TEST(lets_the_last_word_win),
        OPTION_TEST(takes_any_text_for_capitals),
        OPTION_TEST(refuses_wrong_values),
        OPTION_TEST(refuses_unknown_options),
        OPTION_TEST(reads_sizes),
        OPTION_TEST(keeps_the_stronger_source),
        OPTION_TEST(prints_what_reads_back),
        OPTION_TEST(names_the_file_of_an_unknown_name),
        OPTION_TEST(reads_lines),
        OPTION_TEST(finds_stems),
        OPTION_TEST(maps_every_status),
        OPTION_TEST(has_sound_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
