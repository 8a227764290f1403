#include <math.h>
#include <string.h>

#include "catalog.h"
#include "log.h"
#include "memory.h"
#include "outline.h"
#include "parallel.h"
#include "status.h"

enum {
    batch_files = 1000,     /* of one transaction, at most */
    batch_exposures = 8000, /* after which it ends, so that memory is bounded */
    slice_files = 100,      /* between two signs of progress */
};

/* One file on its way into the catalogue. */
typedef struct entry {
    const char *path;
    wk_catalog_file file;
    wk_catalog_state state;
    wk_exposure **exposures;
    size_t count;
    wk_catalog_row *rows;
    int imageless;
    wk_status status;
    wk_error error;
    int64_t unplaced;
    wk_error unplaced_error; /* of the first exposure without coordinates */
} entry;

typedef struct adding {
    wk_catalog *catalog;
    wk_catalog_writer writer;
    wk_catalog_report *report;
    const wk_context *context;
    int64_t done, total;
    entry *entries; /* of the present batch */
    size_t count;
} adding;

static void entry_release(entry *one)
{
    wk_exposures_free(one->exposures, one->count);
    wk_memory_free(one->file.stored);
    for (size_t i = 0; one->rows && i < one->count; i++)
        wk_memory_free((void *)one->rows[i].outline);
    wk_memory_free(one->rows);
    memset(one, 0, sizeof *one);
}

/* Whether a file that is no exposure holds no image at all, as a table does. */
static int has_no_image(const char *path)
{
    wk_exposure_options plain = wk_exposure_options_default();
    wk_exposure **exposures;
    size_t count;
    plain.layout = WK_LAYOUT_PLAIN;
    plain.no_mask = 1;
    wk_status status = wk_exposures_open(&exposures, &count, path, &plain, NULL);
    if (status == WK_OK)
        wk_exposures_free(exposures, count);
    return status == WK_HEADER;
}

static wk_status fill_row(wk_catalog_row *row, const wk_footprint *footprint,
                          const wk_wcs_summary *summary, wk_error *error)
{
    double outline[wk_outline_most];
    size_t count = wk_outline_write(outline, footprint);
    double *copy = wk_memory_new(count, sizeof *copy, error);
    if (!copy)
        return WK_MEMORY;
    memcpy(copy, outline, count * sizeof *copy);
    memcpy(row->centre, summary->centre, sizeof row->centre);
    row->pixel_scale = summary->pixel_scale;
    row->outline = copy;
    row->outline_count = count;
    wk_cap_box(row->box, footprint->centre, footprint->radius);
    return WK_OK;
}

/* Where an exposure lies; WK_WCS leaves the row without a place. */
static wk_status place_row(wk_catalog_row *row, const wk_exposure *exposure, wk_error *error)
{
    wk_wcs *wcs = NULL;
    wk_wcs_summary summary;
    wk_footprint footprint = {0};
    wk_status status = wk_exposure_wcs(&wcs, exposure, error);
    if (!status)
        status =
            wk_footprint_create(&footprint, wcs, row->header->width, row->header->height, error);
    if (!status)
        status = wk_wcs_describe(&summary, wcs, row->header->width, row->header->height, error);
    if (!status)
        status = fill_row(row, &footprint, &summary, error);
    wk_footprint_release(&footprint);
    wk_wcs_free(wcs);
    return status;
}

static wk_status describe(entry *one, wk_error *error)
{
    one->rows = wk_memory_new(one->count, sizeof *one->rows, error);
    wk_status status = one->rows ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < one->count && !status; i++) {
        wk_catalog_row *row = &one->rows[i];
        wk_error local;
        memset(&local, 0, sizeof local);
        row->header = wk_exposure_describe(one->exposures[i]);
        row->centre[0] = row->centre[1] = row->pixel_scale = (double)NAN;
        status = place_row(row, one->exposures[i], &local);
        if (status == WK_WCS) {
            if (one->unplaced++ == 0)
                one->unplaced_error = local;
            wk_error_subject(&one->unplaced_error, wk_exposure_name(one->exposures[i]));
            status = WK_OK;
        } else if (status && error) {
            *error = local;
        }
    }
    one->file.rows = one->rows;
    one->file.count = one->count;
    return status;
}

/* Only what no other file can do better ends the work; the rest is this file's own failure. */
static wk_status read_entry(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    entry *one = (entry *)payload + index;
    (void)worker, (void)bytes;
    if (one->status || one->state == WK_CATALOG_SAME)
        return WK_OK;
    one->status = wk_exposures_open(&one->exposures, &one->count, one->path, NULL, &one->error);
    if (!one->status)
        one->status = describe(one, &one->error);
    if (one->status == WK_HEADER && !one->exposures)
        one->imageless = has_no_image(one->path);
    if (one->status == WK_MEMORY && error)
        *error = one->error;
    return one->status == WK_MEMORY ? WK_MEMORY : WK_OK;
}

static wk_status check_path(const char *path, wk_error *error)
{
    size_t length = strlen(path);
    if (length && path[length - 1] == ']')
        return wk_error_set(
            error, WK_ARGUMENT, path,
            "files are added whole, with all their exposures: leave the bracket out");
    return WK_OK;
}

/* Which files of the batch are new. */
static wk_status look(adding *all, const char *const *paths, wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; i < all->count && !status; i++) {
        entry *one = &all->entries[i];
        one->path = paths[i];
        status = check_path(paths[i], error);
        if (!status)
            one->status = wk_catalog_locate(&one->file, all->catalog, paths[i], &one->error);
        if (!status && !one->status)
            status = wk_catalog_look(&one->state, &all->writer, &one->file, error);
        if (one->status == WK_MEMORY)
            status = wk_error_set(error, WK_MEMORY, paths[i], "%s", one->error.message);
    }
    return status;
}

static wk_status tell_progress(adding *all, size_t files, wk_error *error)
{
    const wk_context *context = all->context;
    all->done += (int64_t)files;
    wk_progress progress = {"add", all->done, all->total, 0};
    if (context && context->progress && context->progress(&progress, context->payload))
        return wk_error_set(error, WK_CANCELLED, "", "cancelled");
    return WK_OK;
}

/* The batch ends early where files hold many exposures. */
static wk_status read_batch(adding *all, wk_error *error)
{
    wk_status status = WK_OK;
    size_t files = 0, exposures = 0;
    while (files < all->count && exposures < batch_exposures && !status) {
        size_t rest = all->count - files;
        size_t slice = rest < slice_files ? rest : slice_files;
        status = wk_parallel_for((int64_t)slice, NULL, read_entry, all->entries + files,
                                 all->context, error);
        for (size_t i = files; i < files + slice; i++)
            exposures += all->entries[i].count;
        files += slice;
        if (!status)
            status = tell_progress(all, slice, error);
    }
    for (size_t i = files; i < all->count; i++)
        entry_release(&all->entries[i]);
    all->count = files;
    return status;
}

/* Another program may have been faster with the same file. */
static wk_status put_entry(adding *all, entry *one, wk_error *error)
{
    wk_status status = wk_catalog_look(&one->state, &all->writer, &one->file, error);
    if (!status && one->state != WK_CATALOG_SAME)
        status = wk_catalog_put(&all->writer, &one->file, error);
    return status;
}

static wk_status put_batch(adding *all, wk_error *error)
{
    size_t news = 0;
    for (size_t i = 0; i < all->count; i++)
        news += !all->entries[i].status && all->entries[i].state != WK_CATALOG_SAME;
    if (news == 0)
        return WK_OK;
    wk_status status = wk_database_begin(all->catalog->database, error);
    for (size_t i = 0; i < all->count && !status; i++) {
        entry *one = &all->entries[i];
        if (!one->status && one->state != WK_CATALOG_SAME)
            status = put_entry(all, one, error);
    }
    if (!status)
        status = wk_database_commit(all->catalog->database, error);
    if (status)
        wk_database_undo(all->catalog->database);
    return status;
}

static void note_failure(adding *all, const entry *one)
{
    wk_catalog_report *report = all->report;
    const wk_error *error = &one->error;
    if (report->failed++ == 0)
        report->first = *error;
    else
        wk_log(all->context, WK_LOG_WARNING, "%s%s%s", error->subject,
               error->subject[0] ? ": " : "", error->message);
}

static void count_new(adding *all, const entry *one)
{
    wk_catalog_report *report = all->report;
    *(one->state == WK_CATALOG_NEW ? &report->added : &report->replaced) += 1;
    report->exposures += (int64_t)one->count;
    report->unplaced += one->unplaced;
    if (one->unplaced)
        wk_log(all->context, WK_LOG_WARNING, "%s: %s; it has no place on the sky",
               one->unplaced_error.subject, one->unplaced_error.message);
}

static void count_batch(adding *all)
{
    wk_catalog_report *report = all->report;
    for (size_t i = 0; i < all->count; i++) {
        const entry *one = &all->entries[i];
        if (one->imageless)
            report->imageless++;
        else if (one->status)
            note_failure(all, one);
        else if (one->state == WK_CATALOG_SAME)
            report->unchanged++;
        else
            count_new(all, one);
    }
}

/* all->count is how many of the files were dealt with. */
static wk_status add_batch(adding *all, const char *const *paths, size_t count, wk_error *error)
{
    all->count = count;
    wk_status status = look(all, paths, error);
    if (!status)
        status = read_batch(all, error);
    if (!status)
        status = put_batch(all, error);
    if (!status)
        count_batch(all);
    for (size_t i = 0; i < all->count; i++)
        entry_release(&all->entries[i]);
    return status;
}

wk_status wk_catalog_add(wk_catalog_report *report, wk_catalog *catalog, const char *const *paths,
                         size_t count, const wk_context *context, wk_error *error)
{
    adding all = {
        .catalog = catalog, .report = report, .context = context, .total = (int64_t)count};
    memset(report, 0, sizeof *report);
    wk_status status = wk_catalog_writer_open(&all.writer, catalog, error);
    if (!status && !(all.entries = wk_memory_new(batch_files, sizeof *all.entries, error)))
        status = WK_MEMORY;
    for (size_t from = 0; from < count && !status; from += all.count) {
        size_t rest = count - from;
        status = add_batch(&all, paths + from, rest < batch_files ? rest : batch_files, error);
    }
    wk_memory_free(all.entries);
    wk_catalog_writer_close(&all.writer);
    return status;
}
