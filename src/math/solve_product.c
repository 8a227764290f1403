#include "solve_product.h"

#include <stddef.h>
#include <string.h>

/* A tile of the target is kept in registers while it runs along packed strips of both factors. */
enum {
    TILE_ROWS = 8,
    TILE_COLUMNS = 4,
    INNER = 128,   /* of a strip: one of each factor is in the first cache */
    ROWS = 128,    /* of left that are packed at once, for the second cache */
    COLUMNS = 512, /* of right */
};

/* All entries of one tile's product, column by column: each is a sum of its own. */
static void multiply_narrow(double *tile, const double *left, const double *right, int64_t inner)
{
    memset(tile, 0, TILE_ROWS * TILE_COLUMNS * sizeof *tile);
    for (int64_t k = 0; k < inner; k++, left += TILE_ROWS, right += TILE_COLUMNS)
        for (int j = 0; j < TILE_COLUMNS; j++)
            for (int i = 0; i < TILE_ROWS; i++)
                tile[j * TILE_ROWS + i] += left[i] * right[j];
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/* A column of the tile: two registers. */
#define ADD(upper, rest, factor)                                                                   \
    do {                                                                                           \
        __m256d by = _mm256_broadcast_sd(factor);                                                  \
        upper = _mm256_add_pd(upper, _mm256_mul_pd(high, by));                                     \
        rest = _mm256_add_pd(rest, _mm256_mul_pd(low, by));                                        \
    } while (0)

/* The same numbers, four at a time. */
__attribute__((target("avx2"))) static void multiply_wide(double *tile, const double *left,
                                                          const double *right, int64_t inner)
{
    __m256d a = _mm256_setzero_pd(), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    for (int64_t k = 0; k < inner; k++, left += TILE_ROWS, right += TILE_COLUMNS) {
        __m256d high = _mm256_loadu_pd(left), low = _mm256_loadu_pd(left + 4);
        ADD(a, b, right);
        ADD(c, d, right + 1);
        ADD(e, f, right + 2);
        ADD(g, h, right + 3);
    }
    /* one by one: an array of them would live in memory during the loop, too */
    _mm256_storeu_pd(tile, a);
    _mm256_storeu_pd(tile + 4, b);
    _mm256_storeu_pd(tile + 8, c);
    _mm256_storeu_pd(tile + 12, d);
    _mm256_storeu_pd(tile + 16, e);
    _mm256_storeu_pd(tile + 20, f);
    _mm256_storeu_pd(tile + 24, g);
    _mm256_storeu_pd(tile + 28, h);
}

static int is_wide(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
static void multiply_wide(double *tile, const double *left, const double *right, int64_t inner)
{
    multiply_narrow(tile, left, right, inner);
}

static int is_wide(void)
{
    return 0;
}
#endif

/* Lines of a matrix in strips of width lines, entry after entry; missing lines are zeros. */
static void pack(double *to, const double *from, int64_t line, int64_t entry, int64_t lines,
                 int64_t entries, int width)
{
    for (int64_t i = 0; i < lines; i += width) {
        int64_t there = lines - i < width ? lines - i : width;
        const double *strip = from + i * line;
        for (int64_t k = 0; k < entries; k++, strip += entry, to += width) {
            if (line == 1 && there == TILE_ROWS)
                memcpy(to, strip, TILE_ROWS * sizeof *to);
            else
                for (int64_t j = 0; j < there; j++)
                    to[j] = strip[j * line];
            for (int64_t j = there; j < width; j++)
                to[j] = 0.0;
        }
    }
}

typedef struct product {
    double *target;
    int64_t stride, rows, inner, columns;
    int lower, wide;
    int64_t row, column; /* of the packed part */
    double *left, *right;
} product;

static void subtract_tile(const product *all, const double *tile, int64_t row, int64_t column)
{
    int64_t rows = all->rows - row, columns = all->columns - column;
    rows = rows < TILE_ROWS ? rows : TILE_ROWS;
    columns = columns < TILE_COLUMNS ? columns : TILE_COLUMNS;
    for (int64_t j = 0; j < columns; j++) {
        double *target = all->target + (column + j) * all->stride + row;
        int64_t first = all->lower && column + j > row ? column + j - row : 0;
        for (int64_t i = first; i < rows; i++)
            target[i] -= tile[j * TILE_ROWS + i];
    }
}

/* The product of what is packed. */
static void subtract_part(const product *all, int64_t rows, int64_t inner, int64_t columns)
{
    double tile[TILE_ROWS * TILE_COLUMNS];
    for (int64_t j = 0; j < columns; j += TILE_COLUMNS)
        for (int64_t i = 0; i < rows; i += TILE_ROWS) {
            int64_t row = all->row + i, column = all->column + j;
            if (all->lower && row + TILE_ROWS <= column)
                continue;
            (all->wide ? multiply_wide : multiply_narrow)(tile, all->left + i * inner,
                                                          all->right + j * inner, inner);
            subtract_tile(all, tile, row, column);
        }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void wk_product_subtract(double *target, int64_t stride, const wk_operand *left,
                         const wk_operand *right, int64_t rows, int64_t inner, int64_t columns,
                         int lower, double *work)
{
    product all = {.target = target,
                   .stride = stride,
                   .rows = rows,
                   .inner = inner,
                   .columns = columns,
                   .lower = lower,
                   .wide = is_wide(),
                   .left = work,
                   .right = work + ROWS * INNER};
    for (all.column = 0; all.column < columns; all.column += COLUMNS)
        for (int64_t k = 0; k < inner; k += INNER) {
            int64_t deep = least(inner - k, INNER), wide = least(columns - all.column, COLUMNS);
            pack(all.right, right->values + k * right->down + all.column * right->across,
                 right->across, right->down, wide, deep, TILE_COLUMNS);
            for (all.row = 0; all.row < rows; all.row += ROWS) {
                int64_t high = least(rows - all.row, ROWS);
                if (lower && all.row + high <= all.column)
                    continue;
                pack(all.left, left->values + all.row * left->down + k * left->across, left->down,
                     left->across, high, deep, TILE_ROWS);
                subtract_part(&all, high, deep, wide);
            }
        }
}

int64_t wk_product_work(void)
{
    return (int64_t)INNER * (ROWS + COLUMNS);
}
