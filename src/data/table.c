#include "welkin/table.h"

#include "fits_table_write.h"

static wk_status append(wk_fits_writer *writer, const char *name, const wk_table_column *columns,
                        size_t column_count, int64_t rows, const char *const *cards,
                        wk_error *error)
{
    wk_cards history = {0};
    wk_status status = wk_cards_histories(&history, cards, error);
    if (status == WK_OK)
        status = wk_fits_append_primary(writer, NULL, 0, error);
    if (status == WK_OK)
        status = wk_fits_append_table(writer, history.text, (int64_t)history.count, name, columns,
                                      column_count, rows, error);
    wk_cards_free(&history);
    return status;
}

wk_status wk_table_write(const char *path, const char *name, const wk_table_column *columns,
                         size_t column_count, int64_t rows, const char *const *cards, int overwrite,
                         int durable, wk_error *error)
{
    wk_fits_writer *writer;
    wk_status status = wk_fits_create(&writer, path, overwrite, durable, error);
    if (status != WK_OK)
        return status;
    status = append(writer, name, columns, column_count, rows, cards, error);
    if (status == WK_OK)
        return wk_fits_finish(writer, error);
    wk_fits_abandon(writer);
    return status;
}
