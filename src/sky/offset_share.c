#include <math.h>

#include "memory.h"
#include "offset_nearest.h"

wk_status wk_share_list_make(wk_share_list *list, int64_t stars, wk_error *error)
{
    *list = (wk_share_list){.starts = wk_memory_new((size_t)stars + 1, sizeof(int64_t), error)};
    return list->starts ? WK_OK : WK_MEMORY;
}

void wk_share_list_release(wk_share_list *list)
{
    wk_memory_free(list->starts);
    wk_memory_free(list->star);
    wk_memory_free(list->weight);
    *list = (wk_share_list){0};
}

wk_status wk_share_list_put(wk_share_list *list, int64_t i, const int64_t *star,
                            const double *weight, int64_t count, wk_error *error)
{
    size_t used = (size_t)list->starts[i], need = used + (size_t)count;
    if (need > list->room) {
        size_t room = 2 * need + 64;
        wk_status status = wk_memory_grow((void **)&list->star, room, sizeof *list->star, error);
        if (status == WK_OK)
            status = wk_memory_grow((void **)&list->weight, room, sizeof *list->weight, error);
        if (status != WK_OK)
            return status;
        list->room = room;
    }
    for (int64_t k = 0; k < count; k++) {
        list->star[used + (size_t)k] = star[k];
        list->weight[used + (size_t)k] = weight[k];
    }
    list->starts[i + 1] = (int64_t)need;
    return WK_OK;
}

wk_status wk_share_list_judge(wk_offset_noise noise[2], wk_offset *offset,
                              const wk_share_list *list, wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    wk_status status = WK_OK;
    for (int axis = 0; axis < 2 && status == WK_OK; axis++) {
        const double *value = p->value[axis];
        for (int64_t i = 0; i < p->count; i++) {
            double sum = 0;
            for (int64_t k = list->starts[i]; k < list->starts[i + 1]; k++)
                sum += list->weight[k] * value[list->star[k]];
            offset->residual[axis][i] =
                list->starts[i] < list->starts[i + 1] ? value[i] - sum : (double)NAN;
        }
        wk_offset_shares shares = {p->x,         p->y,       value,       p->count,
                                   list->starts, list->star, list->weight};
        status = wk_offset_noise_fit(&noise[axis], offset->residual[axis], &shares, error);
        offset->facts.noise[axis] = sqrt(noise[axis].star);
    }
    offset->facts.parameters = (double)(p->count - offset->facts.duplicates);
    return status;
}

/* The first star of the table is put last: it stays. */
void wk_offset_put_stars(const wk_offset_planes *planes, const wk_offset *offset,
                         const wk_offset_noise noise[2], int64_t row)
{
    const wk_offset_points *p = &offset->points;
    for (int64_t k = 0; k < p->touching_count; k++) {
        const int64_t star = p->touching[k], column = llrint(p->x[star]);
        if (llrint(p->y[star]) != row)
            continue;
        planes->x[column] = p->value[0][star];
        planes->y[column] = p->value[1][star];
        if (planes->error_x) {
            planes->error_x[column] = sqrt(noise[0].star);
            planes->error_y[column] = sqrt(noise[1].star);
        }
    }
}
