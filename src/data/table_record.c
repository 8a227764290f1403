#include "table_record.h"

#include <errno.h>
#include <string.h>

#include "input.h"
#include "memory.h"
#include "status.h"

enum { CHUNK = 1 << 18 };

static wk_status refuse(const wk_record *record, int64_t line, const char *problem, wk_error *error)
{
    return wk_error_set(error, WK_FILE, record->path, "line %lld %s", (long long)line, problem);
}

/* Read more behind what is there, which moves to the front; a zero byte ends it always. */
static wk_status fill(wk_record *record, wk_error *error)
{
    memmove(record->buffer, record->buffer + record->start, record->used - record->start);
    record->used -= record->start;
    record->next -= record->start;
    record->start = 0;
    if (record->used > WK_RECORD_BYTES)
        return wk_error_set(error, WK_FILE, record->path,
                            "line %lld: more than %d MB belong to one record; no table has such",
                            (long long)record->line, WK_RECORD_BYTES >> 20);
    if (record->room - record->used < CHUNK + 1) {
        size_t room = 2 * record->room + CHUNK + 1;
        wk_status status = wk_memory_grow((void **)&record->buffer, room, 1, error);
        if (status != WK_OK)
            return status;
        record->room = room;
    }
    size_t got = fread(record->buffer + record->used, 1, CHUNK, record->file);
    record->used += got;
    record->buffer[record->used] = '\0';
    record->ended = got < CHUNK;
    if (ferror(record->file))
        return wk_error_set(error, WK_FILE, record->path, "cannot be read: %s",
                            wk_input_cause(errno));
    return WK_OK;
}

wk_status wk_record_open(wk_record *record, const char *path, wk_error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    record->path = path;
    record->file = fopen(path, "rb");
    if (!record->file)
        return wk_error_set(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, path,
                            "cannot be opened: %s", wk_input_cause(errno));
    record->room = CHUNK + 1;
    record->buffer = wk_memory_raw(record->room, 1, error);
    if (!record->buffer)
        return WK_MEMORY;
    wk_status status = fill(record, error);
    if (status == WK_OK && strncmp(record->buffer, mark, sizeof mark - 1) == 0)
        record->next = sizeof mark - 1;
    return status;
}

void wk_record_close(wk_record *record)
{
    if (record->file)
        fclose(record->file);
    wk_memory_free(record->buffer);
    wk_memory_free(record->fields);
    memset(record, 0, sizeof *record);
}

/* Take the bytes up to the end of a line to the record. */
static wk_status take_line(wk_record *record, wk_error *error)
{
    size_t searched = record->next - record->start;
    size_t begin = searched;
    char *end = NULL;
    for (;;) {
        char *from = record->buffer + record->start + searched;
        end = memchr(from, '\n', record->used - record->start - searched);
        if (end || record->ended)
            break;
        searched = record->used - record->start;
        wk_status status = fill(record, error);
        if (status != WK_OK)
            return status;
    }
    size_t stop = end ? (size_t)(end - record->buffer) : record->used;
    record->next = end ? stop + 1 : stop;
    record->text = record->buffer + record->start;
    record->length = stop - record->start;
    if (record->length > begin && record->text[record->length - 1] == '\r')
        record->length--;
    record->lines++;
    if (memchr(record->text + begin, '\0', record->length - begin))
        return refuse(record, record->lines, "holds a zero byte: the file is neither FITS nor text",
                      error);
    return WK_OK;
}

wk_status wk_record_next(int *more, wk_record *record, wk_error *error)
{
    record->start = record->next;
    record->line = record->lines + 1;
    record->count = 0;
    *more = !record->ended || record->next < record->used;
    if (!*more)
        return WK_OK;
    wk_status status = take_line(record, error);
    if (record->length == 0 && record->ended && record->next == record->start)
        *more = 0; /* the last fill brought nothing */
    return status;
}

static int is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

/* Pass blanks, but not the delimiter, which may be a tab. */
static size_t skip_blanks(const wk_record *record, size_t at, char delimiter)
{
    char keep = delimiter == ' ' ? '\0' : delimiter;
    while (at < record->length && is_blank(record->text[at]) && record->text[at] != keep)
        at++;
    return at;
}

int wk_record_blank(const wk_record *record)
{
    return skip_blanks(record, 0, ' ') == record->length;
}

int wk_record_comment(const wk_record *record)
{
    size_t at = skip_blanks(record, 0, ' ');
    return at < record->length && record->text[at] == '#';
}

char wk_record_delimiter(const wk_record *record)
{
    static const char delimiters[] = {',', ';', '\t'};
    size_t counts[3] = {0, 0, 0}, best = 0;
    int within = 0;
    for (size_t i = 0; i < record->length; i++) {
        within ^= record->text[i] == '"';
        for (size_t k = 0; !within && k < 3; k++)
            counts[k] += record->text[i] == delimiters[k];
    }
    for (size_t k = 1; k < 3; k++)
        best = counts[k] > counts[best] ? k : best;
    return counts[best] > 0 ? delimiters[best] : ' ';
}

/* The quoted field that begins at *at, which goes to what follows its last quote. */
static wk_status take_quoted(wk_record_field *field, wk_record *record, size_t *at, wk_error *error)
{
    size_t i = *at + 1;
    field->start = i;
    field->quoted = 1;
    for (;; i++) {
        while (i >= record->length) {
            int64_t begin = record->line;
            if (record->ended && record->next >= record->used)
                return refuse(record, begin, "opens a quote that is never closed", error);
            record->length = record->next - record->start; /* the end of the line is text */
            wk_status status = take_line(record, error);
            if (status != WK_OK)
                return status;
        }
        if (record->text[i] != '"')
            continue;
        if (i + 1 >= record->length || record->text[i + 1] != '"')
            break;
        i++;
    }
    field->length = i - field->start;
    *at = i + 1;
    return WK_OK;
}

static void take_plain(wk_record_field *field, const wk_record *record, size_t *at, char delimiter)
{
    const char *text = record->text;
    size_t i = *at;
    field->start = i;
    field->quoted = 0;
    if (delimiter == ' ')
        while (i < record->length && !is_blank(text[i]))
            i++;
    else
        while (i < record->length && text[i] != delimiter)
            i++;
    *at = i;
    while (i > field->start && is_blank(text[i - 1]))
        i--;
    field->length = i - field->start;
}

/* Go from the end of a field to the next one; more is 0 when there is none. */
static wk_status pass_delimiter(int *more, const wk_record *record, size_t *at, char delimiter,
                                wk_error *error)
{
    size_t end = *at;
    *at = skip_blanks(record, end, delimiter);
    *more = *at < record->length;
    if (!*more)
        return WK_OK;
    if (delimiter != ' ' && record->text[*at] == delimiter)
        ++*at;
    else if (delimiter != ' ' || *at == end)
        return refuse(record, record->lines, "has text behind a closing quote", error);
    return WK_OK;
}

wk_status wk_record_split(wk_record *record, char delimiter, wk_error *error)
{
    int more = 1;
    record->count = 0;
    for (size_t at = 0; more;) {
        wk_status status = WK_OK;
        at = skip_blanks(record, at, delimiter);
        if (delimiter == ' ' && at == record->length)
            break;
        if (record->count == WK_RECORD_FIELDS)
            return refuse(record, record->line, "has more than 65536 fields", error);
        if (record->count == record->field_room)
            status = wk_memory_reserve((void **)&record->fields, &record->field_room,
                                       2 * record->field_room + 16, sizeof *record->fields, error);
        if (status != WK_OK)
            return status;
        wk_record_field *field = &record->fields[record->count++];
        if (at < record->length && record->text[at] == '"')
            status = take_quoted(field, record, &at, error);
        else
            take_plain(field, record, &at, delimiter);
        if (status == WK_OK)
            status = pass_delimiter(&more, record, &at, delimiter, error);
        if (status != WK_OK)
            return status;
    }
    return WK_OK;
}

char *wk_record_text(const wk_record *record, size_t field, wk_error *error)
{
    const wk_record_field *from = &record->fields[field];
    char *text = wk_memory_raw(from->length + 1, 1, error);
    size_t used = 0;
    if (!text)
        return NULL;
    for (size_t i = 0; i < from->length; i++) {
        char letter = record->text[from->start + i];
        text[used++] = letter;
        i += from->quoted && letter == '"';
    }
    text[used] = '\0';
    return text;
}
