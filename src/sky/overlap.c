#include "overlap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "polygon.h"
#include "status.h"
#include "tree.h"

static int compare_members(const void *left, const void *right)
{
    const wk_member *a = left;
    const wk_member *b = right;
    return strcmp(a->field.name, b->field.name);
}

/* References stand last, so that what is told of the others counts without them. */
static wk_status check_references(const wk_field *fields, size_t count, wk_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && fields[i - 1].reference && !fields[i].reference)
            return wk_error_set(error, WK_ARGUMENT, fields[i].name, "it stands behind a reference");
        if (fields[i].reference && fields[i].group)
            return wk_error_set(error, WK_ARGUMENT, fields[i].name, "a reference has no group");
    }
    if (count > 0 && fields[0].reference)
        return wk_error_set(error, WK_ARGUMENT, fields[0].name,
                            "there is no exposure beside the reference");
    return WK_OK;
}

static wk_status check_fields(const wk_field *fields, size_t count, int with_wcs, wk_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const wk_field *field = &fields[i];
        if (!field->name || !field->name[0])
            return wk_error_set(error, WK_ARGUMENT, "", "exposure %zu has no name", i);
        if (with_wcs && !field->wcs)
            return wk_error_set(error, WK_WCS, field->name, "it has no world coordinates");
        if (field->width < 1 || field->height < 1)
            return wk_error_set(error, WK_ARGUMENT, field->name, "its size is %lld x %lld",
                                (long long)field->width, (long long)field->height);
        if (!(field->flux > 0.0) || !isfinite(field->flux))
            return wk_error_set(error, WK_ARGUMENT, field->name,
                                "its conversion factor is %g; it must be positive", field->flux);
    }
    return check_references(fields, count, error);
}

static wk_status sort_members(wk_overlaps *all, const wk_field *fields, wk_error *error)
{
    for (size_t i = 0; i < all->count; i++) {
        all->members[i].field = fields[i];
        all->members[i].input = i;
        all->members[i].good = -1;
        all->members[i].noise = (double)NAN;
        all->references += fields[i].reference != 0;
    }
    qsort(all->members, all->count, sizeof *all->members, compare_members);
    for (size_t i = 0; i < all->count; i++) {
        const char *name = all->members[i].field.name;
        if (i > 0 && strcmp(all->members[i - 1].field.name, name) == 0)
            return wk_error_set(error, WK_ARGUMENT, name, "the exposure is given twice");
        all->ranks[all->members[i].input] = i;
    }
    return WK_OK;
}

typedef struct grouped {
    const char *group;
    size_t member;
} grouped;

static int compare_grouped(const void *left, const void *right)
{
    const grouped *a = left;
    const grouped *b = right;
    int order = strcmp(a->group, b->group);
    return order ? order : (a->member > b->member) - (a->member < b->member);
}

/* Give every member the first member of its group as item, for now; references are a group. */
static wk_status find_leaders(wk_overlaps *all, wk_error *error)
{
    grouped *list = wk_memory_new(all->count, sizeof *list, error);
    if (!list)
        return WK_MEMORY;
    size_t count = 0, reference = all->count;
    for (size_t i = 0; i < all->count; i++) {
        all->members[i].item = i;
        if (all->members[i].field.reference)
            all->members[i].item = reference = reference < i ? reference : i;
        if (all->members[i].field.group)
            list[count++] = (grouped){all->members[i].field.group, i};
    }
    qsort(list, count, sizeof *list, compare_grouped);
    for (size_t k = 1; k < count; k++)
        if (strcmp(list[k].group, list[k - 1].group) == 0)
            all->members[list[k].member].item = all->members[list[k - 1].member].item;
    wk_memory_free(list);
    return WK_OK;
}

/* Number the items: ours by their first member, the caller's by their first field. */
static wk_status number_items(wk_overlaps *all, wk_error *error)
{
    wk_status status = find_leaders(all, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < all->count; i++) {
        wk_member *member = &all->members[i];
        member->item = member->item == i ? all->items++ : all->members[member->item].item;
    }
    all->item_numbers = wk_memory_new(all->items, sizeof *all->item_numbers, error);
    if (!all->item_numbers)
        return WK_MEMORY;
    memset(all->item_numbers, 0xff, all->items * sizeof *all->item_numbers);
    size_t next = 0;
    for (size_t i = 0; i < all->count; i++) {
        size_t item = all->members[all->ranks[i]].item;
        if (all->item_numbers[item] == SIZE_MAX)
            all->item_numbers[item] = next++;
    }
    return WK_OK;
}

static wk_status make_footprint(int64_t index, int worker, void *payload, int64_t *bytes,
                                wk_error *error)
{
    (void)worker;
    (void)bytes;
    wk_overlaps *all = payload;
    wk_member *member = &all->members[index];
    wk_wcs *wcs = NULL;
    wk_status status = wk_wcs_copy(&wcs, member->field.wcs, error);
    if (status == WK_OK)
        status = wk_footprint_create(&member->footprint, wcs, member->field.width,
                                     member->field.height, error);
    wk_wcs_free(wcs);
    if (status < 0)
        wk_error_subject(error, member->field.name);
    return status;
}

typedef struct neighbour_list {
    size_t *found;
    size_t count, room;
} neighbour_list;

typedef struct neighbour_search {
    const wk_overlaps *all;
    const wk_tree *tree;
    size_t self;
    neighbour_list others, companions; /* of other items, of the same one */
    wk_error *error;
} neighbour_search;

static int visit_candidate(int64_t index, void *payload)
{
    neighbour_search *search = payload;
    const wk_member *self = &search->all->members[search->self];
    const wk_member *other = &search->all->members[index];
    neighbour_list *list = other->item == self->item ? &search->companions : &search->others;
    if (other == self)
        return 0;
    /* asked in one order, so that both sides agree */
    const wk_member *first = self < other ? self : other;
    const wk_member *second = self < other ? other : self;
    if (!wk_footprint_meet(&first->footprint, &second->footprint))
        return 0;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        if (wk_memory_grow((void **)&list->found, room, sizeof *list->found, search->error))
            return WK_MEMORY;
        list->room = room;
    }
    list->found[list->count++] = (size_t)index;
    return 0;
}

static wk_ball cap_ball(const wk_footprint *footprint)
{
    wk_ball ball;
    memcpy(ball.centre, footprint->centre, sizeof ball.centre);
    ball.radius = 2.0 * sin(0.5 * fmin(footprint->radius, 3.14159265358979323846));
    return ball;
}

typedef struct neighbour_work {
    wk_overlaps *all;
    const wk_tree *tree;
} neighbour_work;

static int compare_sizes(const void *left, const void *right)
{
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;
    return (a > b) - (a < b);
}

/* Insertion sort by item: the numbers are sorted already and the runs of an item are few. */
static void sort_by_item(const wk_overlaps *all, size_t *found, size_t count)
{
    qsort(found, count, sizeof *found, compare_sizes);
    for (size_t i = 1; i < count; i++) {
        size_t moved = found[i];
        size_t k = i;
        for (; k > 0 && all->members[found[k - 1]].item > all->members[moved].item; k--)
            found[k] = found[k - 1];
        found[k] = moved;
    }
}

static wk_status find_neighbours(int64_t index, int worker, void *payload, int64_t *bytes,
                                 wk_error *error)
{
    (void)worker;
    (void)bytes;
    neighbour_work *work = payload;
    wk_member *member = &work->all->members[index];
    neighbour_search search = {
        .all = work->all, .tree = work->tree, .self = (size_t)index, .error = error};
    wk_ball ball = cap_ball(&member->footprint);
    int answer = wk_tree_search(work->tree, &ball, visit_candidate, &search);
    member->neighbours = search.others.found;
    member->companions = search.companions.found;
    if (answer != 0)
        return WK_MEMORY;
    member->neighbour_count = search.others.count;
    member->companion_count = search.companions.count;
    if (member->neighbour_count > 0)
        sort_by_item(work->all, member->neighbours, member->neighbour_count);
    if (member->companion_count > 0)
        sort_by_item(work->all, member->companions, member->companion_count);
    return WK_OK;
}

static wk_status find_all_neighbours(wk_overlaps *all, const wk_context *context, wk_error *error)
{
    wk_ball *balls = wk_memory_new(all->count, sizeof *balls, error);
    if (!balls)
        return WK_MEMORY;
    for (size_t i = 0; i < all->count; i++)
        balls[i] = cap_ball(&all->members[i].footprint);
    neighbour_work work = {all, NULL};
    wk_tree *tree = NULL;
    wk_status status = wk_tree_create(&tree, balls, (int64_t)all->count, error);
    wk_memory_free(balls);
    work.tree = tree;
    if (status == WK_OK)
        status = wk_parallel_for((int64_t)all->count, NULL, find_neighbours, &work, context, error);
    wk_tree_free(tree);
    return status;
}

static void take_footprints(wk_overlaps *all, wk_footprint *footprints)
{
    for (size_t i = 0; i < all->count; i++) {
        wk_footprint *from = &footprints[all->members[i].input];
        all->members[i].footprint = *from;
        memset(from, 0, sizeof *from);
    }
}

/* footprints NULL: they are made from the coordinates. */
static wk_status find_overlaps(wk_overlaps *all, const wk_field *fields, wk_footprint *footprints,
                               const wk_context *context, wk_error *error)
{
    wk_status status = sort_members(all, fields, error);
    if (status == WK_OK)
        status = number_items(all, error);
    if (status == WK_OK && footprints)
        take_footprints(all, footprints);
    else if (status == WK_OK)
        status = wk_parallel_for((int64_t)all->count, NULL, make_footprint, all, context, error);
    if (status == WK_OK)
        status = find_all_neighbours(all, context, error);
    if (status == WK_OK)
        status = wk_overlaps_join(all, error);
    return status;
}

static wk_status find(wk_overlaps **out, const wk_field *fields, wk_footprint *footprints,
                      size_t count, const wk_context *context, wk_error *error)
{
    *out = NULL;
    wk_status status = check_fields(fields, count, !footprints, error);
    if (status < 0)
        return status;
    wk_overlaps *all = wk_memory_new(1, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    all->members = wk_memory_new(count, sizeof *all->members, error);
    all->ranks = wk_memory_new(count, sizeof *all->ranks, error);
    all->count = all->members ? count : 0;
    status = all->members && all->ranks ? find_overlaps(all, fields, footprints, context, error)
                                        : WK_MEMORY;
    if (status < 0)
        wk_overlaps_free(all);
    else
        *out = all;
    return status;
}

wk_status wk_overlaps_find(wk_overlaps **out, const wk_field *fields, size_t count,
                           const wk_context *context, wk_error *error)
{
    return find(out, fields, NULL, count, context, error);
}

wk_status wk_overlaps_restore(wk_overlaps **out, const wk_field *fields, wk_footprint *footprints,
                              size_t count, const wk_context *context, wk_error *error)
{
    return find(out, fields, footprints, count, context, error);
}

wk_status wk_overlaps_create(wk_overlaps **out, size_t items, const wk_overlap *edges, size_t count,
                             wk_error *error)
{
    *out = NULL;
    for (size_t i = 0; i < count; i++)
        if (edges[i].a >= edges[i].b || edges[i].b >= items)
            return wk_error_set(error, WK_ARGUMENT, "",
                                "overlap %zu joins items %zu and %zu of %zu; it needs a < b", i,
                                edges[i].a, edges[i].b, items);
    wk_overlaps *all = wk_memory_new(1, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    all->items = items;
    all->measured = 1;
    all->item_numbers = wk_memory_new(items, sizeof *all->item_numbers, error);
    all->edges = wk_memory_new(count, sizeof *all->edges, error);
    if (!all->item_numbers || !all->edges) {
        wk_overlaps_free(all);
        return WK_MEMORY;
    }
    for (size_t i = 0; i < items; i++)
        all->item_numbers[i] = i;
    for (size_t i = 0; i < count; i++) {
        all->edges[i] = edges[i];
        all->edges[i].residual = (double)NAN;
        all->edges[i].used =
            edges[i].side_a.measure.pixels > 0 && edges[i].side_b.measure.pixels > 0;
    }
    all->edge_count = count;
    *out = all;
    return WK_OK;
}

size_t wk_overlaps_count(const wk_overlaps *overlaps)
{
    return overlaps->edge_count;
}

const wk_overlap *wk_overlaps_get(const wk_overlaps *overlaps, size_t index)
{
    return index < overlaps->edge_count ? &overlaps->edges[index] : NULL;
}

size_t wk_overlaps_item(const wk_overlaps *overlaps, size_t field)
{
    if (field >= overlaps->count)
        return field;
    return overlaps->item_numbers[overlaps->members[overlaps->ranks[field]].item];
}

const double *wk_overlaps_footprint(const wk_overlaps *overlaps, size_t field, size_t *count)
{
    *count = 0;
    if (field >= overlaps->count)
        return NULL;
    const wk_footprint *footprint = &overlaps->members[overlaps->ranks[field]].footprint;
    if (footprint->count > 0)
        *count = (size_t)footprint->count + 1;
    return footprint->sky;
}

void wk_member_forget_sets(wk_member *member)
{
    for (size_t k = 0; k < member->set_count; k++)
        wk_memory_free(member->sets[k].sides);
    wk_memory_free(member->sets);
    member->sets = NULL;
    member->set_count = 0;
}

void wk_overlaps_free(wk_overlaps *overlaps)
{
    if (!overlaps)
        return;
    for (size_t i = 0; i < overlaps->count; i++) {
        wk_footprint_release(&overlaps->members[i].footprint);
        wk_memory_free(overlaps->members[i].neighbours);
        wk_memory_free(overlaps->members[i].companions);
        wk_memory_free(overlaps->members[i].sides);
        wk_member_forget_sets(&overlaps->members[i]);
    }
    wk_memory_free(overlaps->members);
    wk_memory_free(overlaps->ranks);
    wk_memory_free(overlaps->item_numbers);
    wk_memory_free(overlaps->edges);
    wk_memory_free(overlaps);
}

wk_status wk_member_load(wk_pixels *pixels, const wk_member *member, wk_field_load load,
                         void *payload, int64_t *bytes, wk_error *error)
{
    wk_status status = load(payload, member->input, pixels, error);
    if (status < 0)
        return status;
    if (pixels->width != member->field.width || pixels->height != member->field.height)
        return wk_error_set(error, WK_ARGUMENT, member->field.name,
                            "%lld x %lld pixels were loaded where %lld x %lld were announced",
                            (long long)pixels->width, (long long)pixels->height,
                            (long long)member->field.width, (long long)member->field.height);
    *bytes = pixels->width * pixels->height * (int64_t)sizeof *pixels->data;
    return WK_OK;
}
