/* The inside of an open repository, for src/data/butler*.c only. */
#ifndef WELKIN_DATA_BUTLER_REGISTRY_H
#define WELKIN_DATA_BUTLER_REGISTRY_H

#include "butler_collection.h"
#include "butler_config.h"
#include "database.h"

/* Tables that a registry need not have; nonzero: it has what is read of them. */
typedef struct wk_butler_optional {
    int dataset, visit, exposure, physical_filter, detector, graph;
    int instrument_summary, skymap_summary;
} wk_butler_optional;

struct wk_butler {
    wk_butler_config config;
    wk_database *database;
    wk_collections collections;
    wk_search search;
    wk_butler_optional has;
};

#endif
