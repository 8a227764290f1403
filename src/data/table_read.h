/* A table that has been opened: its columns, and the numbers of those of a text file. */
#ifndef WELKIN_DATA_TABLE_READ_H
#define WELKIN_DATA_TABLE_READ_H

#include "welkin/table.h"

/* What each row of a column holds; only the first two can be had as numbers. */
typedef enum wk_content {
    WK_CONTENT_NUMBER = 0,
    WK_CONTENT_LOGICAL,
    WK_CONTENT_TEXT,
    WK_CONTENT_BITS,
    WK_CONTENT_COMPLEX,
    WK_CONTENT_VECTOR,
    WK_CONTENT_VARIABLE, /* of variable length */
    WK_CONTENT_NOTHING   /* repeated no times */
} wk_content;

typedef struct wk_table_item {
    char *name;
    wk_content content;
    int declared;       /* nonzero: the file says what it holds, so that anything else is wrong */
    int single;         /* nonzero: and that these are float32, whose digits are fewer */
    double *values;     /* of a text file's numbers; of a FITS file they are read when wanted */
    size_t room;        /* of values */
    int64_t text_line;  /* of a text file's texts: where the first one is, 0: unknown */
    char text_word[24]; /* and how it begins */
} wk_table_item;

struct wk_table {
    char *path; /* the file, without bracket */
    int hdu;    /* of a FITS file; -1: a text file */
    int64_t rows;
    wk_table_item *items;
    size_t count;
};

/* One more column; it takes the name over, NULL: WK_MEMORY. */
wk_status wk_table_append(wk_table *table, char *name, wk_content content, wk_error *error);

#endif
