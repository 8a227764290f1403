/* Inside a ledger: text while it is written, a tree when it was read. */
#ifndef WELKIN_DATA_LEDGER_H
#define WELKIN_DATA_LEDGER_H

#include "welkin/ledger.h"

enum { WK_LEDGER_DEPTH = 64 };

/* One open object or array. */
typedef struct wk_ledger_level {
    char end;      /* '}' or ']' */
    char broken;   /* nonzero: its last value stands on a line of its own */
    int64_t count; /* values so far */
} wk_ledger_level;

/* What is written goes straight to text: a solution of 100,000 exposures would be some hundred
 * times larger as a tree.  The last closing brace is left to printing. */
struct wk_ledger {
    char *text; /* not terminated */
    size_t length, room;
    wk_ledger_level levels[WK_LEDGER_DEPTH];
    int depth;           /* 0: not open for writing */
    wk_error error;      /* the first failure */
    struct json_t *tree; /* of a document that was read, else NULL */
};

/* Let the tree go. */
void wk_ledger_release_tree(wk_ledger *ledger);

/* Put everything the tree of source holds into ledger, which is new. */
void wk_ledger_replay(wk_ledger *ledger, const wk_ledger *source);

#endif
