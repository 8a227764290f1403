#include "command.h"

#include <string.h>

enum { MARGIN = 26, WIDTH = 80 };

/* Words from column on, wrapped to the width and indented. */
static void print_wrapped(const char *text, int column, int indent, FILE *out)
{
    for (const char *word = text + strspn(text, " "); *word; word += strspn(word, " ")) {
        int length = (int)strcspn(word, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", length, word);
        column += length;
        word += length;
    }
    fputc('\n', out);
}

/* What follows the help of an option: its default, unit and limits. */
static void describe_value(char *text, size_t size, const cli_option *option)
{
    char limits[64];
    cli_limits_text(limits, sizeof limits, option);
    const char *initial = option->initial;
    snprintf(text, size, "%s%s%s%s%s%s%s", option->unit ? "; " : "",
             option->unit ? option->unit : "", limits[0] ? "; " : "", limits, initial ? " [" : "",
             initial ? initial : "", initial ? "]" : "");
}

/* A switch that is on by default is shown with what turns it off. */
static void name_option(char *text, size_t size, const cli_option *option)
{
    int on = option->type == CLI_SWITCH && option->initial;
    char letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(text, size, "  %s--%s%s%s%s", letter, on ? "[no-]" : "", option->name,
             option->argument ? " " : "", option->argument ? option->argument : "");
}

static void print_option(const cli_option *option, FILE *out)
{
    char name[160], text[512];
    name_option(name, sizeof name, option);
    int column = fprintf(out, "%s", name);
    if (column > MARGIN - 2) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", MARGIN - column, "");
    int used = snprintf(text, sizeof text, "%s", option->help);
    describe_value(text + used, sizeof text - (size_t)used, option);
    print_wrapped(text, MARGIN, MARGIN, out);
}

void cli_help_print(const cli_command *command, FILE *out)
{
    fprintf(out, "Usage: welkin %s [options]%s%s\n\n", command->name,
            *command->arguments ? " " : "", command->arguments);
    print_wrapped(command->detail, 0, 0, out);
    for (const cli_section *const *section = command->sections; *section; section++) {
        fprintf(out, "\n%s:\n", (*section)->title);
        for (const cli_option *option = (*section)->options; option->name; option++)
            if (option->help)
                print_option(option, out);
    }
}

void cli_overview_print(FILE *out)
{
    fprintf(out, "Usage: welkin COMMAND [options] FILE...\n\n");
    print_wrapped("Measures, evens out and explains the sky background and the noise of "
                  "astronomical exposures. @LIST stands for the files named in LIST, one a line.",
                  0, 0, out);
    fprintf(out, "\nCommands:\n");
    for (const cli_command *const *command = cli_commands; *command; command++)
        fprintf(out, "  %-10s  %s\n", (*command)->name, (*command)->summary);
    fprintf(out, "\nOptions:\n"
                 "  --help             print this; welkin COMMAND --help explains a command\n"
                 "  --version          print the version\n"
                 "  --man              print the manual page\n"
                 "  --completion bash  print a completion script\n"
                 "\nExit status: 0 done, 1 the science failed, 2 wrong usage, 3 input or output\n"
                 "failed, 4 out of memory, 130 cancelled.\n");
}
