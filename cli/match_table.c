#include "match_task.h"

#include <math.h>

/* Decimals that show two digits of the smallest error, 2 to 6; where that is too few, less than 0:
 * significant digits of the largest level that do. */
static int choose_decimals(const wk_solution *solution)
{
    double least = HUGE_VAL, most = 0.0;
    for (size_t i = 0; i < solution->fields; i++) {
        if (solution->levels[i].error > 0 && solution->levels[i].error < least)
            least = solution->levels[i].error;
        if (fabs(solution->levels[i].sky) > most)
            most = fabs(solution->levels[i].sky);
    }
    if (!isfinite(least))
        return most > 0 && most < 1e-5 ? -6 : 4;
    double digits = 1 - floor(log10(least));
    if (digits <= 6)
        return digits < 2 ? 2 : (int)digits;
    digits += most > 0 ? 1 + floor(log10(most)) : 0;
    return digits < 3 ? -3 : digits > 12 ? -12 : -(int)digits;
}

static void add_titles(cli_table *table, int grouped)
{
    cli_table_add(table, "exposure");
    cli_table_add(table, "sky");
    cli_table_add(table, "error");
    cli_table_add(table, "component");
    if (grouped)
        cli_table_add(table, "group");
}

static void add_row(cli_table *table, const match_task *task, size_t index, int decimals)
{
    const wk_level_result *level = &task->solution->levels[index];
    cli_table_add(table, "%s", task->exposures[index].name);
    cli_table_number(table, level->sky, decimals);
    cli_table_number(table, level->error, decimals < 0 ? -3 : decimals);
    cli_table_add(table, "%zu", level->component);
    if (task->grouped)
        cli_table_add(table, "%s", task->groups[index] ? task->groups[index] : "-");
}

static void print_summary(const wk_solution *solution)
{
    size_t used = 0;
    for (size_t i = 0; i < solution->overlap_count; i++)
        used += solution->overlaps[i].used != 0;
    printf("\n%zu overlaps, %zu component%s\n", used, solution->components,
           solution->components == 1 ? "" : "s");
    if (solution->reference_component >= 0)
        printf("reference: %lld cells shared, gives component %lld its level\n",
               (long long)solution->reference_cells, (long long)solution->reference_component);
    if (isfinite(solution->rms_before))
        printf("rms of overlap differences: %.6g before, %.6g after\n", solution->rms_before,
               solution->rms_after);
}

wk_status match_print_table(const match_task *task, wk_error *error)
{
    const wk_solution *solution = task->solution;
    cli_table table = {.align = task->grouped ? "lrrrl" : "lrrr", .error = error};
    cli_table offsets = {.error = error};
    int decimals = choose_decimals(solution);
    add_titles(&table, task->grouped);
    for (size_t i = 0; i < solution->fields; i++)
        add_row(&table, task, i, decimals);
    /* nothing is printed before all of it is there */
    match_list_offsets(&offsets, solution, decimals);
    wk_status status = offsets.status ? offsets.status : cli_table_print(&table, stdout);
    if (!status)
        print_summary(solution);
    if (!status && solution->offset_count) {
        printf("\n");
        status = cli_table_print(&offsets, stdout);
    }
    cli_table_free(&table);
    cli_table_free(&offsets);
    return status;
}
