#include "fits_write.h"
#include "status.h"
#include "welkin/table.h"

static wk_status check_axes(const char *path, const int64_t axes[3], int64_t *count,
                            wk_error *error)
{
    int64_t bytes;
    if (axes[0] < 1 || axes[1] < 1 || axes[2] < 1 ||
        __builtin_mul_overflow(axes[0], axes[1], count) ||
        __builtin_mul_overflow(*count, axes[2], count) ||
        __builtin_mul_overflow(*count, (int64_t)sizeof(double), &bytes))
        return wk_error_set(error, WK_ARGUMENT, path,
                            "a cube cannot have %lld x %lld x %lld pixels", (long long)axes[0],
                            (long long)axes[1], (long long)axes[2]);
    return WK_OK;
}

static wk_status fill_cards(wk_cards *cards, const int64_t axes[3], const char *const *lines,
                            wk_error *error)
{
    static const char *const names[] = {"NAXIS1", "NAXIS2", "NAXIS3"};
    static const char *const comments[] = {"columns", "rows", "planes"};
    wk_status status = wk_cards_set_logical(cards, "SIMPLE", 1, "FITS standard", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "BITPIX", -64, "bits of a pixel", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "NAXIS", 3, "axes", error);
    for (int i = 0; status == WK_OK && i < 3; i++)
        status = wk_cards_set_integer(cards, names[i], axes[i], comments[i], error);
    if (status == WK_OK)
        status = wk_cards_set_logical(cards, "EXTEND", 1, "extensions may follow", error);
    return status == WK_OK ? wk_cards_histories(cards, lines, error) : status;
}

static wk_status append(wk_fits_writer *writer, const double *values, const int64_t axes[3],
                        int64_t count, const char *const *lines, wk_error *error)
{
    const int size = (int)sizeof *values;
    uint32_t sum = 0;
    wk_cards cards = {0};
    wk_status status = fill_cards(&cards, axes, lines, error);
    if (status == WK_OK)
        status = wk_fits_begin_data(writer, &cards, count * size, error);
    if (status == WK_OK)
        status = wk_fits_put_numbers(writer, 0, values, count, size, &sum, error);
    if (status == WK_OK)
        status = wk_fits_end_data(writer, sum, error);
    wk_cards_free(&cards);
    return status;
}

wk_status wk_cube_write(const char *path, const double *values, int64_t width, int64_t height,
                        int64_t depth, const char *const *cards, int overwrite, int durable,
                        wk_error *error)
{
    const int64_t axes[3] = {width, height, depth};
    wk_fits_writer *writer;
    int64_t count = 0;
    wk_status status = check_axes(path, axes, &count, error);
    if (status == WK_OK)
        status = wk_fits_create(&writer, path, overwrite, durable, error);
    if (status != WK_OK)
        return status;
    status = append(writer, values, axes, count, cards, error);
    if (status == WK_OK)
        return wk_fits_finish(writer, error);
    wk_fits_abandon(writer);
    return status;
}
