#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

/* A signal handler can reach nothing but a global. */
static volatile sig_atomic_t stop;

static void ask_to_stop(int number)
{
    (void)number;
    stop = 1;
}

static void set_action(int number, void (*action)(int), struct sigaction *before)
{
    struct sigaction now = {.sa_handler = action, .sa_flags = SA_RESTART};
    sigemptyset(&now.sa_mask);
    sigaction(number, &now, before);
}

void cli_signals_begin(cli_signals *before)
{
    stop = 0;
    set_action(SIGINT, ask_to_stop, &before->interrupt);
    set_action(SIGTERM, ask_to_stop, &before->terminate);
    set_action(SIGPIPE, SIG_IGN, &before->pipe);
    set_action(SIGXFSZ, SIG_IGN, &before->size);
}

void cli_signals_end(const cli_signals *before)
{
    sigaction(SIGINT, &before->interrupt, NULL);
    sigaction(SIGTERM, &before->terminate, NULL);
    sigaction(SIGPIPE, &before->pipe, NULL);
    sigaction(SIGXFSZ, &before->size, NULL);
}

wk_status cli_check_cancel(wk_error *error)
{
    return stop ? cli_fail(error, WK_CANCELLED, "", "cancelled") : WK_OK;
}

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

static void draw(cli_progress *bar, const wk_progress *progress, double seconds)
{
    double percent = 100.0 * (double)progress->done / (double)progress->total;
    int64_t bytes = progress->bytes - bar->start_bytes;
    fprintf(stderr, "\r\033[K%s %" PRId64 "/%" PRId64 "  %.0f%%", progress->stage, progress->done,
            progress->total, percent);
    if (bytes > 0 && seconds > 0)
        fprintf(stderr, "  %.0f MB/s", (double)bytes / seconds / 1e6);
    fflush(stderr);
    bar->drawn = 1;
}

void cli_progress_clear(cli_progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = 0;
}

int cli_progress_show(const wk_progress *progress, void *payload)
{
    cli_progress *bar = payload;
    if (bar->bar && progress->total > 0) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (strncmp(bar->stage, progress->stage, sizeof bar->stage - 1)) {
            snprintf(bar->stage, sizeof bar->stage, "%s", progress->stage);
            bar->start = now;
            bar->start_bytes = progress->bytes;
        }
        /* results may follow a finished stage; ten times a second is as much as an eye can use */
        if (progress->done == progress->total) {
            cli_progress_clear(bar);
        } else if (seconds_between(&bar->last, &now) > 0.1) {
            draw(bar, progress, seconds_between(&bar->start, &now));
            bar->last = now;
        }
    }
    return stop;
}

void cli_progress_log(wk_level level, const char *message, void *payload)
{
    cli_progress *bar = payload;
    if (bar->silent || level < bar->least)
        return;
    cli_progress_clear(bar);
    fprintf(stderr, "welkin %s: %s%s\n", bar->command, level == WK_LOG_WARNING ? "warning: " : "",
            message);
}
