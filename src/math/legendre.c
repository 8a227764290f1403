#include "legendre.h"

#include <math.h>

#include "memory.h"
#include "status.h"

static const double least_length = 1e-8;

int wk_legendre_terms(int order)
{
    return (order + 1) * (order + 2) / 2;
}

static void polynomials(double *p, double x, int order)
{
    p[0] = 1;
    p[1] = x;
    for (int k = 2; k <= order; k++)
        p[k] = ((2 * k - 1) * x * p[k - 1] - (k - 1) * p[k - 2]) / k;
}

static double place(const wk_legendre *fit, int axis, double at)
{
    return (at - fit->centre[axis]) / fit->half[axis];
}

/* All terms at a place, by total degree, within a degree with the power of x falling. */
static void terms_at(double *f, const wk_legendre *fit, double x, double y)
{
    double px[WK_LEGENDRE_MOST + 2], py[WK_LEGENDRE_MOST + 2];
    polynomials(px, place(fit, 0, x), fit->order);
    polynomials(py, place(fit, 1, y), fit->order);
    for (int degree = 0, j = 0; degree <= fit->order; degree++)
        for (int b = 0; b <= degree; b++)
            f[j++] = px[degree - b] * py[b];
}

static void set_scale(wk_legendre *fit, const wk_legendre_points *points)
{
    const double *const at[2] = {points->x, points->y};
    for (int axis = 0; axis < 2; axis++) {
        double low = INFINITY, high = -INFINITY;
        for (int64_t i = 0; i < points->count; i++)
            if (points->used[i]) {
                low = fmin(low, at[axis][i]);
                high = fmax(high, at[axis][i]);
            }
        fit->centre[axis] = 0.5 * (low + high);
        fit->half[axis] = high > low ? 0.5 * (high - low) : 1;
    }
}

/* The columns of the used points' terms; used of them are numbered through. */
static void fill_columns(double *columns, int64_t rows, const wk_legendre *fit,
                         const wk_legendre_points *points)
{
    double f[WK_LEGENDRE_TERMS];
    for (int64_t i = 0, row = 0; i < points->count; i++) {
        if (!points->used[i])
            continue;
        terms_at(f, fit, points->x[i], points->y[i]);
        for (int j = 0; j < fit->terms; j++)
            columns[j * rows + row] = f[j];
        row++;
    }
}

static double dot(const double *a, const double *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Make column j orthogonal to those before it, and of length 1; column = sum of r * columns. */
static int orthogonalise(double *columns, int64_t rows, int j, double r[WK_LEGENDRE_TERMS])
{
    double *column = columns + j * rows, before = sqrt(dot(column, column, rows));
    for (int k = 0; k < j; k++)
        r[k] = 0;
    for (int round = 0; round < 2; round++)
        for (int k = 0; k < j; k++) {
            const double *other = columns + k * rows;
            double part = dot(other, column, rows);
            r[k] += part;
            for (int64_t i = 0; i < rows; i++)
                column[i] -= part * other[i];
        }
    r[j] = sqrt(dot(column, column, rows));
    if (!(r[j] > least_length * before))
        return 0;
    for (int64_t i = 0; i < rows; i++)
        column[i] /= r[j];
    return 1;
}

/* With columns = Q R, row j of root is that of the inverse of R's transpose. */
static void invert(wk_legendre *fit, double r[WK_LEGENDRE_TERMS][WK_LEGENDRE_TERMS])
{
    const int n = fit->terms;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            fit->root[j][i] = 0;
    for (int i = 0; i < n; i++) /* column i: solve R' z = e_i, forward; r[j][k] is R[k][j] */
        for (int j = i; j < n; j++) {
            double sum = i == j;
            for (int k = i; k < j; k++)
                sum -= r[j][k] * fit->root[k][i];
            fit->root[j][i] = sum / r[j][j];
        }
}

/* c = R^-1 Q' v: root is the transpose of R^-1. */
static void solve(wk_legendre *fit, const double *columns, int64_t rows, const double *value[2],
                  const unsigned char *used, int64_t count)
{
    for (int axis = 0; axis < 2; axis++) {
        for (int i = 0; i < fit->terms; i++)
            fit->c[axis][i] = 0;
        for (int j = 0; j < fit->terms; j++) {
            double part = 0;
            for (int64_t i = 0, row = 0; i < count; i++)
                if (used[i])
                    part += columns[j * rows + row++] * value[axis][i];
            for (int i = 0; i <= j; i++)
                fit->c[axis][i] += fit->root[j][i] * part;
        }
    }
}

static void set_leverage(double *leverage, const double *columns, int64_t rows, int terms,
                         const wk_legendre_points *points)
{
    for (int64_t i = 0, row = 0; i < points->count; i++) {
        leverage[i] = 0;
        if (!points->used[i])
            continue;
        for (int j = 0; j < terms; j++)
            leverage[i] += columns[j * rows + row] * columns[j * rows + row];
        row++;
    }
}

static wk_status decompose(wk_legendre *fit, double *columns, int64_t rows, wk_error *error)
{
    double r[WK_LEGENDRE_TERMS][WK_LEGENDRE_TERMS];
    for (int j = 0; j < fit->terms; j++)
        if (!orthogonalise(columns, rows, j, r[j]))
            return wk_error_set(error, WK_NO_DATA, "",
                                "the stars' places do not determine all %d terms of a polynomial "
                                "of order %d",
                                fit->terms, fit->order);
    invert(fit, r);
    return WK_OK;
}

wk_status wk_legendre_fit(wk_legendre *out, double *leverage, const wk_legendre_points *points,
                          int order, wk_error *error)
{
    int64_t rows = 0;
    out->order = order;
    out->terms = wk_legendre_terms(order);
    for (int64_t i = 0; i < points->count; i++)
        rows += points->used[i] != 0;
    if (rows < out->terms)
        return wk_error_set(error, WK_NO_DATA, "",
                            "a polynomial of order %d needs %d stars, there are %lld", order,
                            out->terms, (long long)rows);
    double *columns = wk_memory_raw((size_t)rows, (size_t)out->terms * sizeof *columns, error);
    if (!columns)
        return WK_MEMORY;
    set_scale(out, points);
    fill_columns(columns, rows, out, points);
    wk_status status = decompose(out, columns, rows, error);
    if (status == WK_OK) {
        const double *value[2] = {points->value[0], points->value[1]};
        solve(out, columns, rows, value, points->used, points->count);
        set_leverage(leverage, columns, rows, out->terms, points);
    }
    wk_memory_free(columns);
    return status;
}

void wk_legendre_value(double value[2], const wk_legendre *fit, double x, double y)
{
    double f[WK_LEGENDRE_TERMS];
    terms_at(f, fit, x, y);
    for (int axis = 0; axis < 2; axis++)
        value[axis] = dot(f, fit->c[axis], fit->terms);
}

/* Powers of x' from Legendre polynomials in x'. */
static void to_powers(double *power, const double *c, int order)
{
    double before[WK_LEGENDRE_MOST + 1] = {1}, at[WK_LEGENDRE_MOST + 1] = {0, 1};
    for (int k = 0; k <= order; k++)
        power[k] = 0;
    for (int degree = 0; degree <= order; degree++) {
        for (int k = 0; k <= degree; k++)
            power[k] += c[degree] * before[k];
        for (int k = degree + 2; k >= 0 && degree + 2 <= WK_LEGENDRE_MOST; k--) {
            double up = k > 0 ? at[k - 1] : 0, next = degree + 2;
            double value = ((2 * next - 1) * up - (next - 1) * before[k]) / next;
            before[k] = value; /* the next but one, in place: at is still whole */
        }
        for (int k = 0; k <= WK_LEGENDRE_MOST; k++) {
            double swap = before[k];
            before[k] = at[k];
            at[k] = swap;
        }
    }
}

/* Powers of x' that a row's terms with coefficients c add up to. */
static void row_powers(double *power, const double *c, const wk_legendre *fit, const double *py)
{
    double along[WK_LEGENDRE_MOST + 1] = {0};
    for (int degree = 0, j = 0; degree <= fit->order; degree++)
        for (int b = 0; b <= degree; b++)
            along[degree - b] += c[j++] * py[b];
    to_powers(power, along, fit->order);
}

/* Horner's rule, all pixels at once. */
static void evaluate(double *out, const double *x, const double *power, int order, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = power[order];
    for (int k = order - 1; k >= 0; k--)
        for (int64_t i = 0; i < count; i++)
            out[i] = out[i] * x[i] + power[k];
}

void wk_legendre_row(double *first, double *second, double *factor, const wk_legendre *fit,
                     double y, int64_t count, double *room)
{
    double py[WK_LEGENDRE_MOST + 2], power[WK_LEGENDRE_MOST + 1];
    double *x = room, *part = room + count;
    polynomials(py, place(fit, 1, y), fit->order);
    for (int64_t i = 0; i < count; i++)
        x[i] = place(fit, 0, (double)i);
    row_powers(power, fit->c[0], fit, py);
    evaluate(first, x, power, fit->order, count);
    row_powers(power, fit->c[1], fit, py);
    evaluate(second, x, power, fit->order, count);
    for (int64_t i = 0; factor && i < count; i++)
        factor[i] = 0;
    for (int j = 0; factor && j < fit->terms; j++) {
        row_powers(power, fit->root[j], fit, py);
        evaluate(part, x, power, fit->order, count);
        for (int64_t i = 0; i < count; i++)
            factor[i] += part[i] * part[i];
    }
}
