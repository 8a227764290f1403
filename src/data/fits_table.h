/* The layout of a binary table with a heap: columns, descriptors, cells. */
#ifndef WELKIN_DATA_FITS_TABLE_H
#define WELKIN_DATA_FITS_TABLE_H

#include "fits_card.h"

/* One column; the cells of those of variable length are descriptors, which point into the heap. */
typedef struct wk_fits_column {
    char name[72];
    int64_t place; /* in the row */
    int64_t width;
    char code;       /* the type's letter; P and Q: variable length */
    char element;    /* then that of the elements */
    int64_t longest; /* cell written, for the new TFORM; counted by the user */
} wk_fits_column;

typedef struct wk_fits_table {
    int64_t row, rows; /* bytes of a row, number of rows */
    int64_t gap, heap; /* bytes between rows and heap, bytes of the heap */
    wk_fits_column *columns;
    int count;
} wk_fits_table;

/* WK_HEADER if the keywords make no sense.  Free it also after a failure. */
wk_status wk_fits_table_open(wk_fits_table *table, const wk_cards *cards, const char *subject,
                             wk_error *error);
void wk_fits_table_free(wk_fits_table *table);

/* The column of that name; -1 if there is none. */
int wk_fits_table_find(const wk_fits_table *table, const char *name);

int wk_fits_column_variable(const wk_fits_column *column);

/* Bytes of one element in the heap. */
int64_t wk_fits_column_element(const wk_fits_column *column);

/* A descriptor: number of elements and the place in the heap in bytes.  put gives zero if they do
 * not fit into the descriptor's bits. */
void wk_fits_column_get(const wk_fits_column *column, const unsigned char *row, int64_t *length,
                        int64_t *place);
int wk_fits_column_put(const wk_fits_column *column, unsigned char *row, int64_t length,
                       int64_t place);

/* Set PCOUNT, THEAP where there is one, and the TFORMs after the heap was written anew behind the
 * rows with heap bytes in all. */
wk_status wk_fits_table_heap(const wk_fits_table *table, wk_cards *cards, int64_t heap,
                             wk_error *error);

#endif
