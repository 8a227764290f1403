/* How welkin's functions report, and what the caller lends them.
 *
 * Every function that can fail returns a wk_status and fills the caller's wk_error, if there is
 * one.  Nothing is thread-local and nothing is global: an error made in a worker thread reaches the
 * caller, and of several the one of the lowest index is kept, so that messages are reproducible.
 */
#ifndef WELKIN_STATUS_H
#define WELKIN_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "welkin/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0 is success; negative: failed, outputs are unset; positive: a warning, the result is usable. */
typedef enum wk_status {
    WK_OK = 0,
    WK_MEMORY = -1,         /* an allocation failed */
    WK_ARGUMENT = -2,       /* an argument or option is out of its range */
    WK_FILE = -3,           /* missing, unreadable, truncated, not FITS, not writable, disk full */
    WK_HEADER = -4,         /* a keyword or a plane is missing or makes no sense */
    WK_WCS = -5,            /* no world coordinates, or they cannot be inverted */
    WK_NO_DATA = -6,        /* no good pixel where some are needed */
    WK_NO_OVERLAP = -7,     /* no two exposures share a usable part of the sky */
    WK_NO_CONVERGENCE = -8, /* an iteration or a factorisation failed */
    WK_CANCELLED = -9,      /* the progress callback asked to stop */
    WK_EXISTS = -10,        /* the output exists and may not be overwritten */
    WK_DISCONNECTED = 1,    /* more than one connected component */
    WK_SPARSE = 2           /* some items could not be determined; they are marked invalid */
} wk_status;

/* What went wrong, in words for the user; lives on the caller's stack. */
typedef struct wk_error {
    wk_status code;
    char message[512]; /* one sentence with the value that was wrong */
    char subject[512]; /* which file and HDU, exposure or option */
} wk_error;

typedef enum wk_level { WK_LOG_DEBUG = 0, WK_LOG_INFO = 1, WK_LOG_WARNING = 2 } wk_level;

/* How far a stage has come; passed to wk_context.progress after each item. */
typedef struct wk_progress {
    const char *stage; /* "measure", "write", ... */
    int64_t done;      /* items done */
    int64_t total;     /* items in this stage */
    int64_t bytes;     /* bytes of pixels handled so far in this stage */
} wk_progress;

/* What the caller lends to a call.  NULL stands for all defaults (all zero).  Both callbacks are
 * called by one thread at a time, not always the same one. */
typedef struct wk_context {
    int threads;   /* workers; 0: all cores */
    size_t memory; /* bytes to work in; 0: 1 GiB.  A bound for buffers whose size can be chosen */
    int (*progress)(const wk_progress *progress, void *payload); /* nonzero cancels; may be NULL */
    void (*log)(wk_level level, const char *message, void *payload); /* may be NULL */
    void *payload;
} wk_context;

/* How many workers a call with this context may use, at most. */
WK_API int wk_context_workers(const wk_context *context);

/* A short name of a status ("no overlap"), never NULL; the text is constant. */
WK_API const char *wk_status_name(wk_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
WK_API const char *wk_version(void);

#ifdef __cplusplus
}
#endif

#endif
