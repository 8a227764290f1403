#include "spool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "output.h"
#include "parallel.h"
#include "status.h"

struct wk_spool {
    size_t memory;
    char *path; /* the file would lie beside it */
    wk_output file;
    int opened;
    atomic_size_t used;  /* bytes in memory */
    _Atomic int64_t end; /* of the file */
};

wk_status wk_spool_create(wk_spool **out, size_t memory, const char *folder, wk_error *error)
{
    static const char name[] = "/welkin";
    *out = NULL;
    wk_spool *spool = wk_memory_new(1, sizeof *spool, error);
    if (!spool)
        return WK_MEMORY;
    spool->memory = memory;
    spool->path = wk_memory_new(strlen(folder) + sizeof name, 1, error);
    if (!spool->path) {
        wk_memory_free(spool);
        return WK_MEMORY;
    }
    strcpy(spool->path, folder);
    strcat(spool->path, name);
    *out = spool;
    return WK_OK;
}

void wk_spool_free(wk_spool *spool)
{
    if (!spool)
        return;
    wk_output_abandon(&spool->file);
    wk_memory_free(spool->path);
    wk_memory_free(spool);
}

typedef struct opening {
    wk_spool *spool;
    wk_status status;
    wk_error *error;
} opening;

static void open_once(void *payload)
{
    opening *own = payload;
    wk_spool *spool = own->spool;
    if (spool->opened)
        return;
    own->status = wk_output_scratch(&spool->file, spool->path, own->error);
    spool->opened = own->status == WK_OK;
}

/* The file is made when it is needed for the first time. */
static wk_status open_file(wk_spool *spool, wk_error *error)
{
    opening own = {spool, WK_OK, error};
    wk_parallel_alone(open_once, &own);
    return own.status;
}

static wk_status put_into_file(wk_spool *spool, wk_spool_entry *entry, const void *block,
                               wk_error *error)
{
    wk_status status = open_file(spool, error);
    if (status < 0)
        return status;
    entry->place = atomic_fetch_add(&spool->end, (int64_t)entry->size);
    return wk_output_write_at(&spool->file, entry->place, block, entry->size, error);
}

wk_status wk_spool_give(wk_spool *spool, wk_spool_entry *entry, void **block, size_t size,
                        wk_error *error)
{
    wk_status status = WK_OK;
    void *taken = *block;
    *block = NULL;
    *entry = (wk_spool_entry){.size = size};
    if (atomic_fetch_add(&spool->used, size) + size <= spool->memory) {
        entry->memory = taken;
        return WK_OK;
    }
    atomic_fetch_sub(&spool->used, size);
    status = put_into_file(spool, entry, taken, error);
    wk_memory_free(taken);
    return status;
}

wk_status wk_spool_read(void *out, const wk_spool *spool, const wk_spool_entry *entry, size_t from,
                        size_t size, wk_error *error)
{
    char *next = out;
    off_t place = (off_t)entry->place + (off_t)from;
    if (entry->memory) {
        memcpy(out, (const char *)entry->memory + from, size);
        return WK_OK;
    }
    while (size > 0) {
        ssize_t got = pread(spool->file.fd, next, size, place);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return wk_output_failed(spool->path, "read what was put aside", got < 0 ? errno : EIO,
                                    error);
        next += got;
        place += got;
        size -= (size_t)got;
    }
    return WK_OK;
}

wk_status wk_spool_replace(const wk_spool *spool, const wk_spool_entry *entry, const void *block,
                           wk_error *error)
{
    return wk_output_write_at(&spool->file, entry->place, block, entry->size, error);
}

void wk_spool_forget(wk_spool *spool, wk_spool_entry *entry)
{
    if (entry->memory)
        atomic_fetch_sub(&spool->used, entry->size);
    wk_memory_free(entry->memory);
    *entry = (wk_spool_entry){.size = 0};
}
