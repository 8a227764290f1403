/* Single header cards with world coordinates: their names and values. */
#ifndef WELKIN_DATA_WCS_CARD_H
#define WELKIN_DATA_WCS_CARD_H

#include "welkin/status.h"

typedef enum wk_card_kind {
    WK_CARD_NONE = 0,
    WK_CARD_CTYPE,
    WK_CARD_CUNIT,
    WK_CARD_AXIS,      /* CRPIXa, CRVALa, CDELTa, CROTAa */
    WK_CARD_MATRIX,    /* CDa_b, PCa_b */
    WK_CARD_PARAMETER, /* PVa_b */
    WK_CARD_NUMBER,    /* LONPOLE, LATPOLE, EQUINOX, EPOCH */
    WK_CARD_RADESYS,
    WK_CARD_RADECSYS,
    WK_CARD_ORDER,      /* A_ORDER, B_ORDER */
    WK_CARD_SIP,        /* A_a_b, B_a_b */
    WK_CARD_WAT,        /* WATa_b: one piece of a text */
    WK_CARD_DISTORTION, /* CPDISa, CQDISa */
    WK_CARD_RECORD,     /* DPa, DQa */
    WK_CARD_LOOKUP,     /* D2IMDISa, D2IMARR */
    WK_CARD_PLATE       /* of the Digitized Sky Survey */
} wk_card_kind;

typedef enum wk_card_state {
    WK_CARD_GOOD = 0,
    WK_CARD_EMPTY,
    WK_CARD_INFINITE, /* NaN, an infinity, or too large for a double */
    WK_CARD_WORD      /* not a number */
} wk_card_state;

typedef struct wk_card {
    wk_card_kind kind;
    int a, b;            /* the numbers in the name; 0 where there is none */
    char name[9];        /* the letters before the numbers: "CRVAL", "CD", "A_" */
    const char *raw;     /* the 80 characters it was read from */
    char value[72];      /* unquoted, trimmed */
    wk_card_state state; /* of value as a number */
} wk_card;

/* Look at an 80-character record: nonzero if it is a card of the primary representation. */
int wk_card_read(wk_card *card, const char *record);

/* A number's text is zero: no digit before the exponent but 0. */
int wk_card_is_zero(const wk_card *card);

/* The whole name as the header has it: "CD1_2". */
void wk_card_name(char name[16], const wk_card *card);

#endif
