/* A FITS header as its 80-character cards, changed one at a time; all others stay as they are. */
#ifndef WELKIN_DATA_FITS_CARD_H
#define WELKIN_DATA_FITS_CARD_H

#include "welkin/status.h"

enum { WK_FITS_CARD = 80, WK_FITS_BLOCK = 2880 };

/* The cards before END; zeroed: none. */
typedef struct wk_cards {
    char *text; /* count times 80 characters, not terminated */
    size_t count;
    size_t room;
} wk_cards;

void wk_cards_free(wk_cards *cards);

/* Add one card of exactly 80 characters at the end. */
wk_status wk_cards_append(wk_cards *cards, const char *card, wk_error *error);

/* The first card of that keyword, be it plain or HIERARCH; cards->count if there is none. */
size_t wk_cards_find(const wk_cards *cards, const char *keyword);

/* Take out all cards of that keyword, with the CONTINUE cards behind them. */
void wk_cards_remove(wk_cards *cards, const char *keyword);

/* The keyword's value.  1: found; 0: absent, the value is as it was; -1: not of that type. */
int wk_cards_integer(const wk_cards *cards, const char *keyword, int64_t *value);
int wk_cards_real(const wk_cards *cards, const char *keyword, double *value);
int wk_cards_text(const wk_cards *cards, const char *keyword, char *value, size_t size);

/* Nonzero if the keyword is there and T. */
int wk_cards_true(const wk_cards *cards, const char *keyword);

/* Write a keyword in its place, or at the end if it is new.  A real is written so that it reads
 * back as the same number; a text holds at most 68 printable characters (quotes count twice).
 * A name of more than 8 characters makes the card HIERARCH NAME = value; WK_ARGUMENT where name and
 * value do not fit into one card. */
wk_status wk_cards_set_integer(wk_cards *cards, const char *keyword, int64_t value,
                               const char *comment, wk_error *error);
wk_status wk_cards_set_real(wk_cards *cards, const char *keyword, double value, const char *comment,
                            wk_error *error);
wk_status wk_cards_set_logical(wk_cards *cards, const char *keyword, int value, const char *comment,
                               wk_error *error);
wk_status wk_cards_set_text(wk_cards *cards, const char *keyword, const char *value,
                            const char *comment, wk_error *error);

/* Add HISTORY cards for one line: long ones are broken, what FITS does not allow becomes '?'. */
wk_status wk_cards_history(wk_cards *cards, const char *line, wk_error *error);

/* The same for several, NULL-terminated; lines may be NULL. */
wk_status wk_cards_histories(wk_cards *cards, const char *const *lines, wk_error *error);

/* The header's size in bytes: whole blocks, with END. */
size_t wk_cards_size(const wk_cards *cards);

/* Write the header, END and the padding into wk_cards_size bytes. */
void wk_cards_fill(const wk_cards *cards, char *header);

#endif
