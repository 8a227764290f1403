/* The lines of a text file and the fields in them. */
#ifndef WELKIN_DATA_TABLE_RECORD_H
#define WELKIN_DATA_TABLE_RECORD_H

#include <stdio.h>

#include "welkin/status.h"

enum {
    WK_RECORD_BYTES = 16 << 20, /* of the longest record that is read */
    WK_RECORD_FIELDS = 1 << 16  /* of one record, at most */
};

/* One field; the byte after it belongs to no field. */
typedef struct wk_record_field {
    size_t start, length; /* in text; of a quoted field what is within the quotes */
    int quoted;
} wk_record_field;

/* Start from all zero bytes. */
typedef struct wk_record {
    const char *path;
    FILE *file;
    const char *text; /* the line or record as it is, without its end */
    size_t length;
    int64_t line; /* where it begins, from 1 */
    wk_record_field *fields;
    size_t count;
    /* the reader's own */
    int64_t lines;
    char *buffer;
    size_t room, used, start, next, field_room;
    int ended;
} wk_record;

/* A byte order mark is passed over.
 * Status   WK_FILE */
wk_status wk_record_open(wk_record *record, const char *path, wk_error *error);
void wk_record_close(wk_record *record);

/* Go to the next line; its end may be CR LF.
 * Returned   more   0: there was none
 * Status     WK_FILE   too long, a zero byte */
wk_status wk_record_next(int *more, wk_record *record, wk_error *error);

/* Nonzero: nothing but blanks, or a comment. */
int wk_record_blank(const wk_record *record);
int wk_record_comment(const wk_record *record);

/* What stands most often between the fields of the line: comma, semicolon or tab; ' ': blanks. */
char wk_record_delimiter(const wk_record *record);

/* Find the fields of the line.  Quoted ones may hold delimiters and ends of lines, and quotes
 * twice; the record then goes on in the lines that follow.  Blanks around a field are none of it.
 * Given    delimiter   ' ': any number of blanks and tabs
 * Status   WK_FILE     a quote is not closed, or text follows it */
wk_status wk_record_split(wk_record *record, char delimiter, wk_error *error);

/* A field's text, quotes undone.  Caller frees; NULL: WK_MEMORY. */
char *wk_record_text(const wk_record *record, size_t field, wk_error *error);

#endif
