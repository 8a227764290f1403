#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "correlate_task.h"
#include "provenance.h"
#include "table.h"

void correlate_key(char *key, size_t size, const correlate_image *image, int kind)
{
    int64_t number = kind == 1 ? image->ccdnum : image->expnum;
    if (kind == 3)
        snprintf(key, size, "%s", image->band);
    else if (number < 0)
        snprintf(key, size, "%s", "");
    else
        snprintf(key, size, "%lld", (long long)number);
}

wk_status correlate_collect(const wk_correlation ***out, size_t *count, const correlate_task *task,
                            const char *group, wk_error *error)
{
    int kind = cli_get_choice(&task->session->options, "group");
    *count = 0;
    *out = cli_new(task->count, sizeof **out, error);
    if (!*out)
        return WK_MEMORY;
    for (size_t i = 0; i < task->count; i++) {
        char key[32];
        correlate_key(key, sizeof key, &task->images[i], kind);
        if (task->images[i].whole && (!group || !strcmp(key, group)))
            (*out)[(*count)++] = task->images[i].whole;
    }
    return WK_OK;
}

static void put_matrix(wk_ledger *ledger, const char *key, const double *values, int64_t size)
{
    wk_ledger_open_array(ledger, key);
    for (int64_t y = 0; y < size; y++) {
        wk_ledger_open_array(ledger, NULL);
        for (int64_t x = 0; x < size; x++)
            wk_ledger_number(ledger, NULL, values[y * size + x]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_pairs(wk_ledger *ledger, const wk_correlation *c)
{
    wk_ledger_open_array(ledger, "pairs");
    for (int64_t y = 0; y < c->size; y++) {
        wk_ledger_open_array(ledger, NULL);
        for (int64_t x = 0; x < c->size; x++)
            wk_ledger_integer(ledger, NULL, c->pairs[y * c->size + x]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

const double *correlate_errors(const wk_correlation *c)
{
    for (int64_t i = 0; i < c->size * c->size; i++)
        if (isfinite(c->jackknife[i]) && i != c->lag * c->size + c->lag)
            return c->jackknife;
    return c->bartlett;
}

static void put_correlation(wk_ledger *ledger, const wk_correlation *c)
{
    wk_ledger_integer(ledger, "good", c->good);
    wk_ledger_integer(ledger, "nonfinite", c->nonfinite);
    wk_ledger_number(ledger, "mean", c->mean);
    wk_ledger_number(ledger, "variance", c->variance);
    wk_ledger_integer(ledger, "lag", c->lag);
    put_pairs(ledger, c);
    put_matrix(ledger, "covariance", c->covariance, c->size);
    put_matrix(ledger, "correlation", c->correlation, c->size);
    put_matrix(ledger, "error", correlate_errors(c), c->size);
    put_matrix(ledger, "error_white", c->white, c->size);
    put_matrix(ledger, "error_bartlett", c->bartlett, c->size);
    put_matrix(ledger, "error_jackknife", c->jackknife, c->size);
    wk_ledger_number(ledger, "chi2", c->chi2);
    wk_ledger_integer(ledger, "dof", c->dof);
    wk_ledger_number(ledger, "p_value", c->p_value);
    wk_ledger_number(ledger, "area_factor", c->area_factor);
    wk_ledger_number(ledger, "area_factor_error", c->area_error);
    wk_ledger_open_array(ledger, "box_factors");
    for (int64_t n = 1; n <= 2 * (c->lag + 1); n++)
        wk_ledger_number(ledger, NULL, wk_correlation_box_factor(c, n));
    wk_ledger_close(ledger);
}

static void put_number(wk_ledger *ledger, const char *key, int64_t number)
{
    if (number < 0)
        wk_ledger_null(ledger, key);
    else
        wk_ledger_integer(ledger, key, number);
}

static void put_image(wk_ledger *ledger, const correlate_image *image)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", image->file);
    wk_ledger_integer(ledger, "index", image->index);
    put_number(ledger, "expnum", image->expnum);
    put_number(ledger, "ccdnum", image->ccdnum);
    wk_ledger_text(ledger, "band", image->band);
    put_correlation(ledger, image->whole);
    wk_ledger_number(ledger, "sky_residual", image->residual);
    wk_ledger_number(ledger, "correlation_floor", image->floor);
    if (image->region_count)
        wk_ledger_open_array(ledger, "regions");
    for (size_t i = 0; i < image->region_count; i++) {
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_integer(ledger, "x", image->rects[i].x);
        wk_ledger_integer(ledger, "y", image->rects[i].y);
        wk_ledger_integer(ledger, "width", image->rects[i].width);
        wk_ledger_integer(ledger, "height", image->rects[i].height);
        if (image->regions[i])
            put_correlation(ledger, image->regions[i]);
        else
            wk_ledger_integer(ledger, "good", 0);
        wk_ledger_close(ledger);
    }
    if (image->region_count)
        wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

static void put_stack(wk_ledger *ledger, const wk_correlation_stack *stack)
{
    wk_ledger_integer(ledger, "images", (int64_t)stack->count);
    put_matrix(ledger, "pairs_mean", stack->pairs_mean, stack->size);
    put_matrix(ledger, "correlation", stack->weighted, stack->size);
    put_matrix(ledger, "error", stack->weighted_error, stack->size);
    put_matrix(ledger, "median", stack->median, stack->size);
    put_matrix(ledger, "scatter", stack->scatter, stack->size);
}

/* Images whose correlations are far from the others'. */
static void put_outliers(wk_ledger *ledger, const correlate_task *task)
{
    size_t at = 0;
    wk_ledger_open_array(ledger, "outliers");
    for (size_t i = 0; i < task->count; i++) {
        if (!task->images[i].whole)
            continue;
        double deviation = task->stack->outlier[at++];
        if (!(deviation > 5))
            continue;
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "file", task->images[i].file);
        wk_ledger_integer(ledger, "index", task->images[i].index);
        wk_ledger_number(ledger, "deviation", deviation);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_groups(wk_ledger *ledger, const correlate_task *task)
{
    wk_ledger_open_array(ledger, "groups");
    for (size_t g = 0; g < task->group_count; g++) {
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "group", task->groups[g].key);
        if (task->groups[g].stack)
            put_stack(ledger, task->groups[g].stack);
        else
            wk_ledger_integer(ledger, "images", (int64_t)task->groups[g].count);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_skipped(wk_ledger *ledger, const correlate_task *task)
{
    wk_ledger_open_array(ledger, "skipped");
    for (size_t i = 0; i < task->count; i++) {
        if (task->images[i].whole)
            continue;
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "file", task->images[i].file);
        wk_ledger_integer(ledger, "index", task->images[i].index);
        wk_ledger_text(ledger, "reason", task->images[i].reason);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

wk_status correlate_ledger(wk_ledger **out, const correlate_task *task, wk_error *error)
{
    wk_status status = wk_ledger_create(out, error);
    if (status)
        return status;
    cli_provenance_put(*out, task->session);
    wk_ledger_open_array(*out, "images");
    for (size_t i = 0; i < task->count; i++)
        if (task->images[i].whole)
            put_image(*out, &task->images[i]);
    wk_ledger_close(*out);
    if (task->stack) {
        wk_ledger_open_object(*out, "stack");
        put_stack(*out, task->stack);
        put_outliers(*out, task);
        wk_ledger_close(*out);
    }
    if (task->group_count)
        put_groups(*out, task);
    put_skipped(*out, task);
    return WK_OK;
}

static void print_matrix(const wk_correlation *c)
{
    for (int64_t y = 0; y < c->size; y++) {
        for (int64_t x = 0; x < c->size; x++)
            printf(" %8.5f", c->correlation[y * c->size + x]);
        printf("\n");
    }
}

static void add_row(cli_table *table, const correlate_image *image)
{
    const wk_correlation *c = image->whole;
    int64_t middle = c->lag * c->size + c->lag;
    int near = c->lag > 0;
    cli_table_add(table, "%s", cli_base_name(image->file));
    cli_table_add(table, "%lld", (long long)c->good);
    cli_table_add(table, "%.6g", c->variance);
    cli_table_number(table, near ? c->correlation[middle + 1] : (double)NAN, 5);
    cli_table_number(table, near ? c->correlation[middle + c->size] : (double)NAN, 5);
    cli_table_number(table, near ? c->correlation[middle + c->size + 1] : (double)NAN, 5);
    cli_table_number(table, near ? c->correlation[middle + c->size - 1] : (double)NAN, 5);
    cli_table_number(table, near ? correlate_errors(c)[middle + 1] : (double)NAN, 5);
    cli_table_number(table, c->area_factor, 4);
}

wk_status correlate_print_table(const correlate_task *task, wk_error *error)
{
    static const char *const titles[] = {"image", "good", "variance", "x",          "y",
                                         "xy",    "-xy",  "error",    "area factor"};
    cli_table table = {.align = "lrrrrrrrr", .error = error};
    const wk_correlation *only = NULL;
    size_t measured = 0;
    for (int i = 0; i < 9; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (size_t i = 0; i < task->count; i++)
        if (task->images[i].whole) {
            only = task->images[i].whole;
            measured++;
            add_row(&table, &task->images[i]);
        }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    if (!status && measured == 1 && only->lag <= 4) {
        printf("\ncorrelation; the first row is the lag %lld along y\n", -(long long)only->lag);
        print_matrix(only);
    }
    return status;
}
