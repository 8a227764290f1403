#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "show_task.h"
#include "welkin/table.h"

enum { TEXT = 80 };

/* What a pair of columns holds. */
typedef enum kind { PIXELS, PIXELS_FROM_1, DEGREES } kind;

static const struct pair {
    const char *x, *y;
    kind kind;
} pairs[] = {{"xcentroid", "ycentroid", PIXELS},      {"x", "y", PIXELS},
             {"X_IMAGE", "Y_IMAGE", PIXELS_FROM_1},   {"ra", "dec", DEGREES},
             {"ALPHA_J2000", "DELTA_J2000", DEGREES}, {"coord_ra", "coord_dec", DEGREES}};

enum { PAIRS = sizeof pairs / sizeof *pairs };

/* Columns of other names hold pixels. */
static kind kind_of(const char *x)
{
    for (int k = 0; k < PAIRS; k++)
        if (!strcasecmp(x, pairs[k].x))
            return pairs[k].kind;
    return !strncasecmp(x, "ra", 2) ? DEGREES : PIXELS;
}

static wk_status name_columns(char x[TEXT], char y[TEXT], const char *wanted, const wk_table *table,
                              const char *path, wk_error *error)
{
    const char *comma = wanted ? strchr(wanted, ',') : NULL;
    if (wanted) {
        size_t length = comma ? (size_t)(comma - wanted) : 0;
        if (!length || length >= TEXT || !comma[1] || strlen(comma + 1) >= TEXT ||
            strchr(comma + 1, ','))
            return cli_fail(error, WK_ARGUMENT, "--mark-columns",
                            "\"%s\" is not two names with a comma between", wanted);
        memcpy(x, wanted, length);
        x[length] = '\0';
        strcpy(y, comma + 1);
        return WK_OK;
    }
    for (int k = 0; k < PAIRS; k++)
        if (wk_table_find(table, pairs[k].x) >= 0 && wk_table_find(table, pairs[k].y) >= 0) {
            strcpy(x, pairs[k].x);
            strcpy(y, pairs[k].y);
            return WK_OK;
        }
    return cli_fail(error, WK_HEADER, path,
                    "has no columns xcentroid and ycentroid, x and y, X_IMAGE and Y_IMAGE, or ra "
                    "and dec: name two with --mark-columns");
}

typedef struct places {
    double *xy; /* [count][2] as in the table */
    int64_t count;
    kind kind;
} places;

static wk_status read_places(places *out, const show_task *task, const char *path, wk_error *error)
{
    char names[2][TEXT];
    wk_table *table;
    wk_status status = wk_table_open(&table, path, error);
    if (status)
        return status;
    out->count = wk_table_rows(table);
    status = name_columns(names[0], names[1], cli_get_text(&task->session->options, "mark-columns"),
                          table, path, error);
    double *values = cli_new((size_t)out->count + 1, sizeof *values, error);
    out->xy = cli_new(2 * (size_t)out->count + 1, sizeof *out->xy, error);
    if (!status && (!values || !out->xy))
        status = WK_MEMORY;
    for (int k = 0; k < 2 && !status; k++) {
        status = wk_table_numbers(values, table, names[k], error);
        for (int64_t i = 0; i < out->count && !status; i++)
            out->xy[2 * i + k] = values[i];
    }
    if (!status)
        out->kind = kind_of(names[0]);
    free(values);
    wk_table_free(table);
    return status;
}

static wk_status place_marks(show_source *source, const places *from, wk_error *error)
{
    source->marks = cli_new(2 * (size_t)from->count + 1, sizeof *source->marks, error);
    if (!source->marks)
        return WK_MEMORY;
    source->mark_count = from->count;
    if (from->kind != DEGREES) {
        for (int64_t i = 0; i < 2 * from->count; i++)
            source->marks[i] = from->xy[i] - (from->kind == PIXELS_FROM_1);
        return WK_OK;
    }
    if (!source->wcs)
        return cli_fail(error, WK_WCS, source->path,
                        "has no world coordinates to place the marks with");
    return wk_wcs_to_pixel(source->wcs, from->count, from->xy, source->marks, error);
}

wk_status show_read_marks(show_task *task, wk_error *error)
{
    const char *path = cli_get_text(&task->session->options, "marks");
    places from = {0};
    if (!path)
        return WK_OK;
    wk_status status = read_places(&from, task, path, error);
    if (status && !error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", path);
    for (size_t i = 0; i < task->count && !status; i++)
        status = place_marks(&task->sources[i], &from, error);
    free(from.xy);
    return status;
}
