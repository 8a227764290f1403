#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog_choice.h"
#include "common.h"

const cli_command *const cli_commands[] = {
    &cli_info,     &cli_match,     &cli_cells,    &cli_apply, &cli_background,
    &cli_variance, &cli_correlate, &cli_offsets,  &cli_stats, &cli_show,
    &cli_get,      &cli_catalog,   &cli_simulate, NULL};

void cli_log(cli_session *session, wk_level level, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cli_progress_log(level, message, &session->progress);
}

static wk_status add_files(cli_session *session, char *const *paths, size_t count, wk_error *error)
{
    wk_status status = cli_grow((void **)&session->files, session->file_count + count + 1,
                                sizeof *session->files, error);
    for (size_t i = 0; i < count && !status; i++) {
        char *copy = cli_copy(paths[i], error);
        if (copy)
            session->files[session->file_count++] = copy;
        else
            status = WK_MEMORY;
    }
    return status;
}

/* Take the words for files, each @list replaced by the files it names. */
static wk_status take_files(cli_session *session, char *const *words, size_t count, wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; i < count && !status; i++) {
        char **lines;
        size_t line_count;
        if (words[i][0] != '@') {
            status = add_files(session, &words[i], 1, error);
            continue;
        }
        status = cli_lines_read(&lines, &line_count, words[i] + 1, error);
        if (!status) {
            status = add_files(session, lines, line_count, error);
            cli_lines_free(lines, line_count);
        }
    }
    return status;
}

static void set_context(cli_session *session)
{
    const cli_options *options = &session->options;
    session->progress.command = session->command->name;
    session->progress.silent = cli_get_switch(options, "quiet");
    session->progress.least = cli_get_switch(options, "verbose") ? WK_LOG_DEBUG : WK_LOG_WARNING;
    session->progress.bar = !session->progress.silent && isatty(STDERR_FILENO);
    session->context = (wk_context){.threads = (int)cli_get_integer(options, "threads"),
                                    .memory = cli_get_size(options, "memory"),
                                    .progress = cli_progress_show,
                                    .log = cli_progress_log,
                                    .payload = &session->progress};
}

static wk_status check_words(const cli_session *session, size_t count, char *const *words,
                             wk_error *error)
{
    if (count && !*session->command->arguments)
        return cli_fail(error, WK_ARGUMENT, words[0], "this command takes no file");
    if (!count && *session->command->arguments && session->command->arguments[0] != '[')
        return cli_fail(error, WK_ARGUMENT, "", "no %s is given",
                        session->command == &cli_catalog ? "action" : "file");
    return WK_OK;
}

/* Everything after the options are known. */
static wk_status run_with_words(cli_session *session, char *const *words, size_t count,
                                wk_error *error)
{
    const char *config = cli_get_text(&session->options, "config");
    if (cli_get_switch(&session->options, "help")) {
        cli_help_print(session->command, stdout);
        return WK_OK;
    }
    wk_status status = config ? cli_options_read(&session->options, config, error) : WK_OK;
    if (!status && cli_get_switch(&session->options, "print-config")) {
        cli_options_print(&session->options, stdout);
        return WK_OK;
    }
    if (!status)
        status = take_files(session, words, count, error);
    if (!status && cli_takes_catalog(session->command))
        status = cli_catalog_choose(session, error);
    if (!status)
        status = check_words(session, session->file_count, session->files, error);
    if (!status) {
        set_context(session);
        status = session->command->run(session, error);
    }
    return status;
}

static wk_status run_command(cli_session *session, int argc, char **argv, wk_error *error)
{
    size_t count;
    /* getopt may sort its array: it gets one of its own */
    char **copy = cli_new((size_t)argc + 1, sizeof *copy, error);
    char **words = cli_new((size_t)argc + 1, sizeof *words, error);
    wk_status status = copy && words ? WK_OK : WK_MEMORY;
    if (!status)
        status = cli_options_create(&session->options, session->command->sections, error);
    if (!status) {
        memcpy(copy, argv, (size_t)argc * sizeof *copy);
        status = cli_options_parse(&session->options, argc, copy, words, &count, error);
    }
    if (!status)
        status = run_with_words(session, words, count, error);
    free(copy);
    free(words);
    return status;
}

/* "welkin COMMAND: SUBJECT: message" */
static int report(const char *command, wk_status status, const wk_error *error)
{
    fprintf(stderr, "welkin%s%s: %s%s%s\n", *command ? " " : "", command, error->subject,
            error->subject[0] ? ": " : "", error->message);
    return cli_exit_status(status);
}

/* Results that did not reach their reader are no success. */
static int finish_stdout(const char *command)
{
    wk_error error = {0};
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    cli_fail(&error, WK_FILE, "standard output", "cannot be written: %s", strerror(errno));
    clearerr(stdout);
    return report(command, error.code, &error);
}

static int run_session(const cli_command *command, int argc, char **argv)
{
    wk_error error = {0};
    cli_session session = {.command = command};
    wk_status status = run_command(&session, argc, argv, &error);
    cli_progress_clear(&session.progress);
    int code = status < 0 ? report(command->name, status, &error) : finish_stdout(command->name);
    cli_options_free(&session.options);
    cli_lines_free(session.files, session.file_count);
    return code;
}

/* The options that stand in the place of a command; -1 if it is none of them. */
static int run_without_command(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        cli_overview_print(stdout);
    else if (!strcmp(word, "--version"))
        printf("welkin %s\n", wk_version());
    else if (!strcmp(word, "--man"))
        cli_manual_print(stdout);
    else if (!strcmp(word, "--completion") && argc == 3 && !strcmp(argv[2], "bash"))
        cli_completion_print(stdout);
    else
        return -1;
    return finish_stdout("");
}

static int refuse(int argc, char **argv)
{
    wk_error error = {0};
    if (argc < 2)
        cli_fail(&error, WK_ARGUMENT, "", "no command is given (see welkin --help)");
    else if (!strcmp(argv[1], "--completion"))
        cli_fail(&error, WK_ARGUMENT, "", "--completion knows one shell: bash");
    else
        cli_fail(&error, WK_ARGUMENT, "", "unknown %s %s (see welkin --help)",
                 argv[1][0] == '-' ? "option" : "command", argv[1]);
    return report("", error.code, &error);
}

static int dispatch(int argc, char **argv)
{
    int code = run_without_command(argc, argv);
    if (code >= 0)
        return code;
    for (const cli_command *const *command = cli_commands; *command && argc > 1; command++)
        if (!strcmp(argv[1], (*command)->name))
            return run_session(*command, argc - 1, argv + 1);
    return refuse(argc, argv);
}

int welkin_main(int argc, char **argv)
{
    cli_signals signals;
    cli_signals_begin(&signals);
    int code = dispatch(argc, argv);
    cli_signals_end(&signals);
    return code;
}
