#include "welkin/check.h"

#include <stdio.h>
#include <string.h>

#include "fits_write.h"
#include "memory.h"

enum { card = 80, bits = 31 };

/* The cards of one image. */
typedef struct cards {
    char text[card * (bits + 2)];
    int64_t count;
} cards;

static void add_card(cards *out, const char *line)
{
    char *place = out->text + card * out->count++;
    memset(place, ' ', card);
    size_t length = strlen(line);
    memcpy(place, line, length < card ? length : card);
}

/* A text in quotes, those within it doubled, cut to what a card holds. */
static void add_text(cards *out, const char *keyword, const char *text)
{
    char quoted[70];
    size_t length = 0;
    for (; *text && length < 66; text++) {
        if (*text == '\'')
            quoted[length++] = '\'';
        quoted[length++] = *text >= ' ' && *text <= '~' ? *text : '?';
    }
    quoted[length] = '\0';
    char line[2 * card];
    snprintf(line, sizeof line, "%-8.8s= '%s'", keyword, quoted);
    add_card(out, line);
}

static void add_overlaps(cards *out, const wk_overlaps *overlaps, size_t item)
{
    int bit = 0;
    for (size_t i = 0; i < wk_overlaps_count(overlaps) && bit < bits; i++) {
        const wk_overlap *overlap = wk_overlaps_get(overlaps, i);
        if (overlap->a != item && overlap->b != item)
            continue;
        char line[2 * card];
        snprintf(line, sizeof line, "BIT%-5d= %20zu / overlap with item %zu", bit++, i,
                 overlap->a == item ? overlap->b : overlap->a);
        add_card(out, line);
    }
}

static wk_status append_field(wk_fits_writer *writer, const wk_overlaps *overlaps, size_t field,
                              const char *name, const int64_t size[2], wk_field_load load,
                              void *payload, wk_error *error)
{
    int32_t *mask = wk_memory_raw((size_t)(size[0] * size[1]), sizeof *mask, error);
    if (!mask)
        return WK_MEMORY;
    wk_status status = wk_overlaps_mask(mask, overlaps, field, load, payload, error);
    if (status >= 0) {
        cards records;
        memset(&records, 0, sizeof records);
        add_text(&records, "EXPOSURE", name);
        add_overlaps(&records, overlaps, wk_overlaps_item(overlaps, field));
        status = wk_fits_append_image(writer, records.text, records.count, "OVERLAPS",
                                      (int)field + 1, 32, size[0], size[1], mask, error);
    }
    wk_memory_free(mask);
    return status;
}

wk_status wk_check_match(const char *path, const wk_overlaps *overlaps, const char *const *names,
                         const int64_t (*sizes)[2], size_t fields, wk_field_load load,
                         void *payload, int overwrite, wk_error *error)
{
    wk_fits_writer *writer = NULL;
    wk_status status = wk_fits_create(&writer, path, overwrite, 0, error);
    if (status < 0)
        return status;
    status = wk_fits_append_primary(writer, NULL, 0, error);
    for (size_t i = 0; i < fields && status >= 0; i++)
        status = append_field(writer, overlaps, i, names[i], sizes[i], load, payload, error);
    if (status < 0) {
        wk_fits_abandon(writer);
        return status;
    }
    return wk_fits_finish(writer, error);
}
