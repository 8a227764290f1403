#include "command.h"

#include <ctype.h>
#include <string.h>

/* The words of a choice; one in capitals stands for a text nobody can complete. */
static void print_words(const char *choices, FILE *out)
{
    for (const char *word = choices; *word;) {
        size_t length = strcspn(word, "|");
        if (!isupper((unsigned char)*word))
            fprintf(out, "%s%.*s", word == choices ? "" : " ", (int)length, word);
        word += length;
        word += *word == '|';
    }
}

static void print_choices(const cli_command *command, FILE *out)
{
    fputs("        case $previous in\n", out);
    for (const cli_section *const *section = command->sections; *section; section++)
        for (const cli_option *option = (*section)->options; option->name; option++) {
            if (!option->help || option->type != CLI_CHOICE)
                continue;
            fprintf(out, "        --%s) words=\"", option->name);
            print_words(option->argument, out);
            fputs("\" ;;\n", out);
        }
    fputs("        esac\n", out);
}

static void print_names(const cli_command *command, FILE *out)
{
    fputs("        options=\"", out);
    for (const cli_section *const *section = command->sections; *section; section++)
        for (const cli_option *option = (*section)->options; option->name; option++)
            if (option->help)
                fprintf(out, "--%s%s ", option->type == CLI_SWITCH && option->initial ? "no-" : "",
                        option->name);
    fputs("\"\n", out);
}

void cli_completion_print(FILE *out)
{
    fputs("# bash completion of welkin\n_welkin()\n{\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local options= words=\n    COMPREPLY=()\n"
          "    if ((COMP_CWORD == 1)); then\n        words=\"",
          out);
    for (const cli_command *const *command = cli_commands; *command; command++)
        fprintf(out, "%s ", (*command)->name);
    fputs("--help --version --man --completion\"\n    fi\n    case ${COMP_WORDS[1]} in\n", out);
    for (const cli_command *const *command = cli_commands; *command; command++) {
        fprintf(out, "    %s)\n", (*command)->name);
        print_choices(*command, out);
        print_names(*command, out);
        fputs("        ;;\n", out);
    }
    fputs("    esac\n"
          "    [[ -z $words && $current == -* ]] && words=$options\n"
          "    [[ -n $words ]] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "}\ncomplete -o default -F _welkin welkin\n",
          out);
}
