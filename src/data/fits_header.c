#include "fits_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "status.h"

static void copy_trimmed(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
    size_t length = strlen(out);
    while (length > 0 && out[length - 1] == ' ')
        out[--length] = '\0';
}

int wk_fits_text(char *value, size_t size, wk_fits *fits, const char *keyword)
{
    char *text = NULL;
    int status = 0, freed = 0;
    value[0] = '\0';
    if (fits_read_key_longstr(fits->file, keyword, &text, NULL, &status) == 0 && text)
        copy_trimmed(value, size, text);
    if (status)
        fits_clear_errmsg();
    if (text)
        fits_free_memory(text, &freed);
    return status == 0;
}

int wk_fits_number(double *value, wk_fits *fits, const char *keyword)
{
    double number = 0.0;
    int status = 0;
    if (fits_read_key(fits->file, TDOUBLE, keyword, &number, NULL, &status)) {
        fits_clear_errmsg();
        return 0;
    }
    *value = number;
    return 1;
}

wk_status wk_fits_records(char **text, int64_t *records, wk_fits *fits, wk_error *error)
{
    char *header = NULL;
    int count = 0, status = 0, freed = 0;
    wk_status result = WK_OK;
    if (fits_convert_hdr2str(fits->file, 1, NULL, 0, &header, &count, &status))
        result = wk_fits_fail(fits->path, fits->hdu, status, "read the header", error);
    else if (!(*text = wk_memory_text(header, error)))
        result = WK_MEMORY;
    else
        *records = count;
    if (header)
        fits_free_memory(header, &freed);
    return result;
}

/* One record: nonzero and filled when it names a mask plane. */
static int read_plane(wk_mask_plane *plane, wk_fits *fits, int record)
{
    char keyword[FLEN_KEYWORD] = "", value[FLEN_VALUE] = "";
    int status = 0;
    char *end = NULL;
    if (fits_read_keyn(fits->file, record, keyword, value, NULL, &status)) {
        fits_clear_errmsg();
        return 0;
    }
    if (strncmp(keyword, "MP_", 3) != 0 || keyword[3] == '\0' || value[0] == '\0')
        return 0;
    long bit = strtol(value, &end, 10);
    if (*end != '\0' || bit < 0 || bit > 63 || strlen(keyword + 3) >= sizeof plane->name)
        return 0;
    memset(plane, 0, sizeof *plane);
    snprintf(plane->name, sizeof plane->name, "%.*s", (int)sizeof plane->name - 1, keyword + 3);
    plane->bit = (int)bit;
    return 1;
}

static int by_bit(const void *a, const void *b)
{
    const wk_mask_plane *first = a, *second = b;
    if (first->bit != second->bit)
        return first->bit < second->bit ? -1 : 1;
    return strcmp(first->name, second->name);
}

wk_status wk_fits_mask_planes(wk_mask_plane **planes, size_t *count, wk_fits *fits, wk_error *error)
{
    wk_mask_plane *list = NULL, plane;
    size_t used = 0;
    int records = 0, status = 0;
    if (fits_get_hdrspace(fits->file, &records, NULL, &status))
        return wk_fits_fail(fits->path, fits->hdu, status, "read the header", error);
    for (int record = 1; record <= records; record++) {
        if (!read_plane(&plane, fits, record))
            continue;
        if (wk_memory_grow((void **)&list, used + 1, sizeof *list, error) != WK_OK) {
            wk_memory_free(list);
            return WK_MEMORY;
        }
        list[used++] = plane;
    }
    if (used > 1)
        qsort(list, used, sizeof *list, by_bit);
    *planes = list;
    *count = used;
    return WK_OK;
}
