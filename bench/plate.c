/* Times thin plates through stars whose offsets are known.
 *
 * bench_plate N [--dense N] [--knots N] [--threads N] [--drift DEGREE] [--map BOUND] [--noise PX]
 *
 * N stars of an image of 6000 x 4000 px, offsets of a rotation and a cubic radial distortion, 30 px
 * at the corners, noise 0.05 px; prints one JSON line.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "thin_plate.h"
#include "thin_plate_map.h"

enum { WIDTH = 6000, HEIGHT = 4000, PLACES = 400 };

static double uniform(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t i)
{
    return sqrt(-2.0 * log(uniform(2 * i))) * cos(6.283185307179586 * uniform(2 * i + 1));
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double megabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024.0;
}

static void truth(double offset[2], double x, double y)
{
    double u = x - 0.5 * WIDTH, v = y - 0.5 * HEIGHT;
    double corner = 0.25 * (WIDTH * (double)WIDTH + HEIGHT * (double)HEIGHT);
    double radial = 15.0 * (u * u + v * v) / corner / sqrt(corner), turn = 15.0 / sqrt(corner);
    offset[0] = radial * u - turn * v;
    offset[1] = radial * v + turn * u;
}

static double number(int count, char **words, const char *name, double otherwise)
{
    for (int i = 2; i + 1 < count; i++)
        if (strcmp(words[i], name) == 0)
            return atof(words[i + 1]);
    return otherwise;
}

static wk_plate_points points_make(int64_t n, double noise)
{
    double *all = malloc((size_t)(4 * n) * sizeof *all);
    if (!all)
        exit(2);
    for (int64_t i = 0; i < n; i++) {
        uint64_t k = (uint64_t)i;
        double offset[2];
        all[i] = WIDTH * uniform(2 * k + 1000000), all[n + i] = HEIGHT * uniform(2 * k + 1000001);
        truth(offset, all[i], all[n + i]);
        all[2 * n + i] = offset[0] + noise * normal(2 * k + 5000000);
        all[3 * n + i] = offset[1] + noise * normal(2 * k + 5000001);
    }
    return (wk_plate_points){all, all + n, {all + 2 * n, all + 3 * n}, n};
}

/* rms of the difference from the truth, and of that in units of the error. */
static void compare(double *rms, double *pull, const wk_plate *plate)
{
    double *room = malloc((size_t)(wk_plate_room(plate) + 1) * sizeof *room);
    *rms = *pull = 0.0;
    for (uint64_t i = 0; room && i < PLACES; i++) {
        double x = WIDTH * uniform(7000000 + 2 * i), y = HEIGHT * uniform(7000001 + 2 * i);
        double value[2], error[2], known[2];
        wk_plate_value(value, error, plate, x, y, room);
        truth(known, x, y);
        for (int q = 0; q < 2; q++) {
            *rms += pow(value[q] - known[q], 2.0) / (2.0 * PLACES);
            *pull += pow((value[q] - known[q]) / error[q], 2.0) / (2.0 * PLACES);
        }
    }
    *rms = sqrt(*rms), *pull = sqrt(*pull);
    free(room);
}

static void map_time(const wk_plate *plate, double bound, const wk_context *context)
{
    wk_plate_map *map;
    double *room = malloc(4 * WIDTH * sizeof *room), begin = seconds(), sum = 0.0;
    if (!room || wk_plate_map_create(&map, plate, WIDTH, HEIGHT, bound, 1, context, NULL) < 0)
        exit(1);
    double made = seconds() - begin;
    begin = seconds();
    for (int64_t row = 0; row < HEIGHT; row++) {
        wk_plate_map_row(room, room + WIDTH, room + 2 * WIDTH, room + 3 * WIDTH, map, row, 0,
                         WIDTH);
        sum += room[row];
    }
    const wk_plate_map_report *report = wk_plate_map_reported(map);
    printf("{\"map_seconds\": %.3f, \"rows_seconds\": %.3f, \"step\": %lld, \"error_step\": %lld, "
           "\"reached\": %.3g, \"megabytes\": %.1f, \"sum\": %.6g}\n",
           made, seconds() - begin, (long long)report->step, (long long)report->error_step,
           report->reached, megabytes(), sum);
    wk_plate_map_free(map);
    free(room);
}

int main(int count, char **words)
{
    int64_t n = count > 1 ? atoll(words[1]) : 0;
    wk_plate_points points = points_make(n, number(count, words, "--noise", 0.05));
    wk_plate_options options = wk_plate_options_default();
    options.dense = (int64_t)number(count, words, "--dense", (double)options.dense);
    options.knots = (int64_t)number(count, words, "--knots", (double)options.knots);
    options.drift = (int)number(count, words, "--drift", 0.0);
    wk_context context = {.threads = (int)number(count, words, "--threads", 0.0)};
    wk_error error;
    wk_plate *plate;
    double begin = seconds(), rms, pull;
    if (wk_plate_create(&plate, &points, &options, &context, &error) < 0) {
        fprintf(stderr, "bench_plate: %s\n", error.message);
        return 1;
    }
    double fitted = seconds() - begin, memory = megabytes();
    begin = seconds();
    compare(&rms, &pull, plate);
    const wk_plate_report *report = wk_plate_reported(plate);
    printf("{\"points\": %lld, \"centres\": %lld, \"drift\": %d, \"seconds\": %.3f, \"megabytes\": "
           "%.1f, "
           "\"seconds_a_value\": %.3g, \"rms\": %.5f, \"pull\": %.3f, \"effective\": [%.2f, %.2f], "
           "\"sigma\": [%.4f, %.4f], \"lambda\": [%.3g, %.3g]}\n",
           (long long)n, (long long)report->centres, report->drift, fitted, memory,
           (seconds() - begin) / PLACES, rms, pull, report->effective[0], report->effective[1],
           report->sigma[0], report->sigma[1], report->lambda[0], report->lambda[1]);
    double bound = number(count, words, "--map", 0.0);
    if (bound > 0.0)
        map_time(plate, bound, &context);
    wk_plate_free(plate);
    free((void *)(uintptr_t)points.x);
    return 0;
}
