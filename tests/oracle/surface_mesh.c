/* Evaluate surfaces through meshes of equal cells, for comparison with other programs.
 *
 * Standard input, for each mesh: style (a number of wk_surface_style), width and height of the
 * image, nx and ny of the mesh, size of a cell in x and y, order, then ny rows of nx values.
 * Standard output: the pixels, a row a line, or "failed" and why.
 */
#include <stdio.h>
#include <stdlib.h>

#include "surface.h"

static int read_nodes(wk_surface_nodes *nodes, int *style)
{
    long long n[6];
    if (scanf("%d %lld %lld %lld %lld %lld %lld %d", style, &n[0], &n[1], &n[2], &n[3], &n[4],
              &n[5], &nodes->order) != 8)
        return 0;
    nodes->width = n[0];
    nodes->height = n[1];
    nodes->nx = n[2];
    nodes->ny = n[3];
    nodes->box[0] = n[4];
    nodes->box[1] = n[5];
    float *values = malloc((size_t)(n[2] * n[3]) * sizeof *values);
    nodes->values = values;
    for (long long i = 0; values && i < n[2] * n[3]; i++)
        if (scanf("%f", &values[i]) != 1)
            return 0;
    return values != NULL;
}

/* Places of n cells of one size. */
static double *centres(int64_t n, int64_t box)
{
    double *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; x && i < n; i++)
        x[i] = (double)(i * box) + 0.5 * (double)(box - 1);
    return x;
}

static void print_surface(const wk_surface *surface, const wk_surface_nodes *nodes)
{
    float *row = malloc((size_t)nodes->width * sizeof *row);
    double *room = malloc(wk_surface_room(surface) * sizeof *room);
    for (int64_t y = 0; row && room && y < nodes->height; y++) {
        wk_surface_row(row, surface, y, 0, nodes->width, room);
        for (int64_t x = 0; x < nodes->width; x++)
            printf(x + 1 < nodes->width ? "%.9g " : "%.9g\n", (double)row[x]);
    }
    free(row);
    free(room);
}

int main(void)
{
    wk_surface_nodes nodes = {.values = NULL};
    int style;
    while (read_nodes(&nodes, &style)) {
        double *x = centres(nodes.nx, nodes.box[0]);
        double *y = centres(nodes.ny, nodes.box[1]);
        nodes.x = x;
        nodes.y = y;
        wk_surface *surface = NULL;
        wk_error error;
        if (wk_surface_create(&surface, &nodes, (wk_surface_style)style, &error) == WK_OK)
            print_surface(surface, &nodes);
        else
            printf("failed %s\n", error.message);
        wk_surface_free(surface);
        free(x);
        free(y);
        free((void *)(uintptr_t)nodes.values);
        nodes.values = NULL;
    }
    return 0;
}
