/* Thin plates for tests against another program.
 *
 * thin_plate: reads "points places lambda dense knots drift", then points "x y value value", then
 * places "x y"; prints for each place both values and both standard errors, then both lambdas and
 * the degree.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "thin_plate.h"

static double *numbers(int64_t rows, int columns)
{
    double *all = calloc((size_t)(rows * columns) + 1, sizeof *all);
    for (int64_t i = 0; all && i < rows; i++)
        for (int c = 0; c < columns; c++)
            if (scanf("%lf", &all[c * rows + i]) != 1)
                exit(2);
    if (!all)
        exit(2);
    return all;
}

int main(void)
{
    int64_t rows, places;
    wk_plate_options options = wk_plate_options_default();
    if (scanf("%" SCNd64 "%" SCNd64 "%lf%" SCNd64 "%" SCNd64 "%d", &rows, &places, &options.smooth,
              &options.dense, &options.knots, &options.drift) != 6)
        return 2;
    double *in = numbers(rows, 4), *at = numbers(places, 2);
    wk_plate_points points = {in, in + rows, {in + 2 * rows, in + 3 * rows}, rows};
    wk_plate *plate;
    wk_error error;
    if (wk_plate_create(&plate, &points, &options, NULL, &error) < 0) {
        fprintf(stderr, "thin_plate: %s\n", error.message);
        return 1;
    }
    double *room = calloc((size_t)wk_plate_room(plate) + 1, sizeof *room);
    for (int64_t i = 0; room && i < places; i++) {
        double value[2], scatter[2];
        wk_plate_value(value, scatter, plate, at[i], at[places + i], room);
        printf("%.17g %.17g %.17g %.17g\n", value[0], value[1], scatter[0], scatter[1]);
    }
    const wk_plate_report *report = wk_plate_reported(plate);
    printf("%.17g %.17g %d\n", report->lambda[0], report->lambda[1], report->drift);
    wk_plate_free(plate);
    free(room);
    free(in);
    free(at);
    return 0;
}
