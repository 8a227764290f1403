#include "command.h"

#include <string.h>

/* Text as troff wants it: a hyphen that is typed is \-, and no line begins with a control. */
static void print_text(const char *text, FILE *out)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

static void print_paragraph(const char *text, FILE *out)
{
    print_text(text, out);
    fputc('\n', out);
}

static void print_option(const cli_option *option, FILE *out)
{
    char limits[64];
    cli_limits_text(limits, sizeof limits, option);
    fputs(".TP\n\\fB", out);
    if (option->letter)
        fprintf(out, "\\-%c\\fR, \\fB", option->letter);
    fprintf(out, "\\-\\-%s", option->type == CLI_SWITCH && option->initial ? "[no\\-]" : "");
    print_text(option->name, out);
    fputs("\\fR", out);
    if (option->argument) {
        fputs(" \\fI", out);
        print_text(option->argument, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    print_text(option->help, out);
    if (option->unit)
        fprintf(out, "; %s", option->unit);
    if (limits[0])
        fprintf(out, "; %s", limits);
    if (option->initial) {
        fputs("; default ", out);
        print_text(option->initial, out);
    }
    fputs(".\n", out);
}

static void print_section(const cli_section *section, FILE *out)
{
    for (const cli_option *option = section->options; option->name; option++)
        if (option->help)
            print_option(option, out);
}

static void print_command(const cli_command *command, FILE *out)
{
    fprintf(out, ".SS welkin %s \\fR[\\fIoptions\\fR] \\fI%s\\fR\n", command->name,
            command->arguments);
    print_paragraph(command->detail, out);
    for (const cli_section *const *section = command->sections; *section; section++) {
        if (!(*section)->shared)
            print_section(*section, out);
    }
    fputs(".PP\nAlso:", out);
    const char *between = " ";
    for (const cli_section *const *section = command->sections; *section; section++) {
        if ((*section)->shared) {
            fprintf(out, "%s", between);
            print_text((*section)->title, out);
            between = ", ";
        }
    }
    fputs(".\n", out);
}

static int has_section(const cli_command *command, const cli_section *wanted)
{
    for (const cli_section *const *section = command->sections; *section; section++)
        if (*section == wanted)
            return 1;
    return 0;
}

/* A shared section is printed with the first command that has it. */
static void print_shared(const cli_command *const *command, FILE *out)
{
    for (const cli_section *const *section = (*command)->sections; *section; section++) {
        int seen = !(*section)->shared;
        for (const cli_command *const *earlier = cli_commands; earlier < command; earlier++)
            seen |= has_section(*earlier, *section);
        if (seen)
            continue;
        fprintf(out, ".SS %s\n", (*section)->title);
        print_section(*section, out);
    }
}

static void print_end(FILE *out)
{
    fputs(
        ".SH EXIT STATUS\n"
        ".TP\n0\ndone; a warning changes nothing\n"
        ".TP\n1\nthe science failed: no overlap, no good pixels, no world coordinates\n"
        ".TP\n2\nwrong usage\n"
        ".TP\n3\ninput or output failed: missing, truncated, not FITS, disk full, output exists\n"
        ".TP\n4\nout of memory\n"
        ".TP\n130\ncancelled; no partial output is left\n"
        ".SH NOTES\n"
        "Inputs are never changed. An output appears under its name when it is whole, or not at "
        "all.\nA file may be given as \\fIfile\\fR[\\fIn\\fR], \\fIfile\\fR[\\fINAME\\fR] or "
        "\\fIfile\\fR[\\fINAME,EXTVER\\fR] to pick one image;\n@\\fIlist\\fR stands for the files "
        "named in \\fIlist\\fR, one a line.\n",
        out);
}

void cli_manual_print(FILE *out)
{
    fprintf(out, ".TH WELKIN 1 \"\" \"welkin %s\" \"User Commands\"\n", wk_version());
    fputs(".SH NAME\nwelkin \\- even out the sky background of astronomical exposures\n"
          ".SH SYNOPSIS\n.B welkin\n.I COMMAND\n[\\fIoptions\\fR] \\fIFILE\\fR...\n"
          ".SH DESCRIPTION\nMeasures, evens out and explains the sky background and the noise of "
          "astronomical\nexposures, so that they can be combined.\n.SH COMMANDS\n",
          out);
    for (const cli_command *const *command = cli_commands; *command; command++)
        print_command(*command, out);
    fputs(".SH SHARED OPTIONS\n", out);
    for (const cli_command *const *command = cli_commands; *command; command++)
        print_shared(command, out);
    print_end(out);
}
