#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_choice.h"
#include "catalog_task.h"
#include "common.h"
#include "info.h"
#include "provenance.h"

wk_status catalog_listing_begin(catalog_listing *listing, catalog_task *task, wk_error *error)
{
    static const char *const plain[] = {"exposure", "layout", "detector", "filter", "visit",
                                        "date",     "time",   "size",     "ra",     "dec"};
    static const char *const levels[] = {"exposure", "run", "time", "method", "sky", "error"};
    const cli_options *values = &task->session->options;
    listing->task = task;
    listing->levels = cli_get_switch(values, "levels");
    if (cli_get_switch(values, "names")) {
        listing->names = cli_new(1, sizeof(cli_names), error);
        return listing->names ? WK_OK : WK_MEMORY;
    }
    if (task->json) {
        wk_status status = wk_ledger_create(&listing->ledger, error);
        if (status)
            return status;
        wk_ledger_text(listing->ledger, "catalog", task->path);
        wk_ledger_open_array(listing->ledger, listing->levels ? "levels" : "exposures");
        return WK_OK;
    }
    const char *const *titles = listing->levels ? levels : plain;
    size_t count = listing->levels ? sizeof levels / sizeof *levels : sizeof plain / sizeof *plain;
    listing->table =
        (cli_table){.align = listing->levels ? "lrllrr" : "llllllrrrr", .error = error};
    for (size_t i = 0; i < count; i++)
        cli_table_add(&listing->table, "%s", titles[i]);
    return WK_OK;
}

static void put_border(wk_ledger *ledger, const wk_catalog_entry *entry)
{
    wk_ledger_open_array(ledger, "footprint");
    for (int64_t i = 0; i < entry->vertices; i++) {
        wk_ledger_open_array(ledger, NULL);
        wk_ledger_number(ledger, NULL, entry->border[2 * i]);
        wk_ledger_number(ledger, NULL, entry->border[2 * i + 1]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_exposure(wk_ledger *ledger, const wk_catalog_entry *entry)
{
    wk_ledger_text(ledger, "layout", info_layout_name(entry->layout));
    wk_ledger_text(ledger, "detector", entry->detector);
    wk_ledger_text(ledger, "filter", entry->filter);
    wk_ledger_text(ledger, "visit", entry->visit);
    wk_ledger_text(ledger, "date", entry->date);
    wk_ledger_number(ledger, "exposure_time", entry->exposure_time);
    wk_ledger_integer(ledger, "width", entry->width);
    wk_ledger_integer(ledger, "height", entry->height);
    wk_ledger_number(ledger, "pixel_scale", entry->pixel_scale);
    wk_ledger_open_array(ledger, "centre");
    wk_ledger_number(ledger, NULL, entry->centre[0]);
    wk_ledger_number(ledger, NULL, entry->centre[1]);
    wk_ledger_close(ledger);
    put_border(ledger, entry);
    wk_ledger_integer(ledger, "size", entry->size);
}

static void put_level(wk_ledger *ledger, const wk_catalog_entry *entry)
{
    const wk_catalog_level *level = entry->level;
    wk_ledger_text(ledger, "detector", entry->detector);
    wk_ledger_integer(ledger, "run", level->run);
    wk_ledger_text(ledger, "time", level->time);
    wk_ledger_text(ledger, "ledger", level->ledger);
    wk_ledger_text(ledger, "method", level->method);
    wk_ledger_number(ledger, "sky", level->sky);
    wk_ledger_number(ledger, "error", level->error);
    wk_ledger_boolean(ledger, "valid", level->valid);
}

static void put_entry(wk_ledger *ledger, const wk_catalog_entry *entry)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", entry->file);
    wk_ledger_integer(ledger, "hdu", entry->hdu);
    if (entry->level)
        put_level(ledger, entry);
    else
        put_exposure(ledger, entry);
    wk_ledger_close(ledger);
}

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

static void add_exposure(cli_table *table, const wk_catalog_entry *entry)
{
    cli_table_add(table, "%s", info_layout_name(entry->layout));
    cli_table_add(table, "%s", or_dash(entry->detector));
    cli_table_add(table, "%s", or_dash(entry->filter));
    cli_table_add(table, "%s", or_dash(entry->visit));
    cli_table_add(table, "%s", or_dash(entry->date));
    cli_table_number(table, entry->exposure_time, 1);
    cli_table_add(table, "%" PRId64 "x%" PRId64, entry->width, entry->height);
    cli_table_number(table, entry->centre[0], 6);
    cli_table_number(table, entry->centre[1], 6);
}

static void add_level(cli_table *table, const wk_catalog_level *level)
{
    cli_table_add(table, "%" PRId64, level->run);
    cli_table_add(table, "%s", level->time);
    cli_table_add(table, "%s", level->method);
    cli_table_number(table, level->sky, 4);
    cli_table_number(table, level->error, 4);
}

wk_status catalog_listing_take(const wk_catalog_entry *entry, void *payload, wk_error *error)
{
    catalog_listing *listing = payload;
    if (listing->names)
        return cli_names_take(entry, listing->names, error);
    if (listing->ledger) {
        put_entry(listing->ledger, entry);
        return WK_OK;
    }
    cli_table_add(&listing->table, "%s[%d]", entry->file, entry->hdu);
    if (entry->level)
        add_level(&listing->table, entry->level);
    else
        add_exposure(&listing->table, entry);
    return listing->table.status;
}

static void print_names(cli_names *names)
{
    cli_names_end(names);
    for (size_t i = 0; i < names->count; i++)
        puts(names->names[i]);
}

wk_status catalog_listing_end(catalog_listing *listing, wk_error *error)
{
    if (listing->names) {
        print_names(listing->names);
        return WK_OK;
    }
    if (!listing->ledger)
        return cli_table_print(&listing->table, stdout);
    wk_ledger_close(listing->ledger);
    return cli_ledger_print(listing->ledger, error);
}

void catalog_listing_free(catalog_listing *listing)
{
    if (listing->names)
        cli_names_free(listing->names);
    free(listing->names);
    cli_table_free(&listing->table);
    wk_ledger_free(listing->ledger);
}
