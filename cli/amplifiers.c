#include "amplifiers.h"

#include <stdio.h>
#include <string.h>

#include "common.h"

enum { AMPLIFIERS_MOST = 26 };

static wk_status add(wk_rect **list, size_t *count, wk_rect rect, wk_error *error)
{
    wk_status status = cli_grow((void **)list, *count + 1, sizeof **list, error);
    if (!status)
        (*list)[(*count)++] = rect;
    return status;
}

wk_status cli_image_divide(wk_rect **list, size_t *count, const wk_exposure_header *header,
                           int64_t nx, int64_t ny, wk_error *error)
{
    int64_t width = header->width, height = header->height;
    wk_status status = WK_OK;
    if (nx > width || ny > height)
        return cli_fail(error, WK_ARGUMENT, header->file,
                        "an image of %lld x %lld pixels cannot have %lld x %lld amplifiers",
                        (long long)width, (long long)height, (long long)nx, (long long)ny);
    for (int64_t j = 0; j < ny && !status; j++)
        for (int64_t i = 0; i < nx && !status; i++) {
            int64_t x0 = (i * width + nx / 2) / nx, x1 = ((i + 1) * width + nx / 2) / nx;
            int64_t y0 = (j * height + ny / 2) / ny, y1 = ((j + 1) * height + ny / 2) / ny;
            status = add(list, count, (wk_rect){x0, y0, x1 - x0, y1 - y0}, error);
        }
    return status;
}

/* A section "[x0:x1,y0:y1]", counted from 1, ends included; 0: it is none. */
static int read_section(wk_rect *rect, const char *text)
{
    long long x0, x1, y0, y1;
    if (sscanf(text, "[%lld:%lld,%lld:%lld]", &x0, &x1, &y0, &y1) != 4 || x0 < 1 || y0 < 1 ||
        x1 < x0 || y1 < y0)
        return 0;
    *rect = (wk_rect){x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1};
    return 1;
}

/* What is left of it in this image. */
static wk_rect within(wk_rect rect, const wk_exposure_header *header)
{
    int64_t x1 = rect.x + rect.width < header->width ? rect.x + rect.width : header->width;
    int64_t y1 = rect.y + rect.height < header->height ? rect.y + rect.height : header->height;
    return x1 > rect.x && y1 > rect.y ? (wk_rect){rect.x, rect.y, x1 - rect.x, y1 - rect.y}
                                      : (wk_rect){0, 0, 0, 0};
}

static wk_status read_sections(wk_rect **list, size_t *count, const wk_exposure *exposure,
                               wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int64_t pixels = 0;
    wk_status status = WK_OK;
    for (int i = 0; i < AMPLIFIERS_MOST && !status; i++) {
        char keyword[16], text[80];
        wk_rect rect = {0, 0, 0, 0};
        snprintf(keyword, sizeof keyword, "DATASEC%c", 'A' + i);
        status = wk_exposure_keyword(text, sizeof text, exposure, keyword, error);
        if (status == WK_HEADER) {
            status = WK_OK;
            break;
        }
        if (!status && !read_section(&rect, text))
            status = cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                              "%s = %.60s is no section of an image", keyword, text);
        if (!status)
            status = add(list, count, within(rect, header), error);
        if (!status)
            pixels += (*list)[*count - 1].width;
    }
    if (!status && pixels == 0)
        status = cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                          "no DATASECA, ... says where its amplifiers are: give --amplifiers");
    return status;
}

wk_status cli_amplifiers_find(wk_rect **list, size_t *count, const wk_exposure *exposure,
                              const cli_options *options, wk_error *error)
{
    int64_t size[2];
    *list = NULL;
    *count = 0;
    if (!cli_get_text(options, "amplifiers"))
        return read_sections(list, count, exposure, error);
    cli_get_extent(size, options, "amplifiers");
    return cli_image_divide(list, count, wk_exposure_describe(exposure), size[0], size[1], error);
}
