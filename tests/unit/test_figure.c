#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figure.h"

static char folder[64], path[128];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/welkin-figure-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* Whatever is left in the folder, hidden files included. */
static int entries(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Removes one known file, then the folder: a forgotten temporary file makes it fail. */
static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"a.png", "a.svg", "a.pdf", "b.PNG", "b.svg", "b.pdf"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        remove(in_folder(names[k]));
    return rmdir(folder);
}

static wk_status draw(const char *name, int overwrite, wk_error *error)
{
    wk_figure *figure;
    wk_status status = wk_figure_open(&figure, in_folder(name), 320, 200, overwrite, error);
    if (status != WK_OK) {
        assert_null(figure);
        return status;
    }
    wk_figure_colour(figure, wk_colour_hex(0xff0000), 1);
    wk_figure_disc(figure, 100, 100, 50);
    wk_figure_text(figure, 200, 100, 0.5, 0.5, "text −1°");
    return wk_figure_close(figure, error);
}

static size_t read_all(const char *name, char *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

static void test_png(void **state)
{
    (void)state;
    assert_int_equal(draw("a.png", 0, NULL), WK_OK);
    cairo_surface_t *image = cairo_image_surface_create_from_png(in_folder("a.png"));
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(image), 320);
    assert_int_equal(cairo_image_surface_get_height(image), 200);
    const unsigned char *row = cairo_image_surface_get_data(image);
    row += 100 * cairo_image_surface_get_stride(image);
    assert_int_equal(row[4 * 100 + 2], 255); /* red inside the disc */
    assert_int_equal(row[4 * 100 + 1], 0);
    assert_int_equal(row[4 * 5 + 1], 255); /* white outside */
    cairo_surface_destroy(image);
    assert_int_equal(entries(), 1);
}

static void expect_start(const char *name, const char *start)
{
    char bytes[16] = "";
    assert_int_equal(draw(name, 0, NULL), WK_OK);
    read_all(name, bytes, sizeof bytes);
    assert_memory_equal(bytes, start, strlen(start));
}

static void test_kinds(void **state)
{
    (void)state;
    expect_start("a.svg", "<?xml");
    expect_start("a.pdf", "%PDF-");
    expect_start("b.PNG", "\x89PNG");
}

/* In a process of its own: Cairo numbers the parts of an SVG by all that the process drew before.
 */
static int draw_apart(const char *name)
{
    int result = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(draw(name, 0, NULL) == WK_OK ? 0 : 1);
    waitpid(child, &result, 0);
    return result;
}

/* Without any font text is drawn by Cairo's own strokes. */
static int draw_without_fonts(const char *name)
{
    int result = -1;
    pid_t child = fork();
    if (child == 0) {
        setenv("FONTCONFIG_FILE", "/nonexistent/fonts.conf", 1);
        _exit(draw(name, 0, NULL) == WK_OK ? 0 : 1);
    }
    waitpid(child, &result, 0);
    return result;
}

static void test_no_font(void **state)
{
    (void)state;
    assert_int_equal(draw_without_fonts("a.png"), 0);
    assert_int_equal(draw_without_fonts("a.pdf"), 0);
}

static void expect_same_bytes(const char *first, const char *second)
{
    enum { ROOM = 1 << 20 };
    char *bytes = malloc(2 * ROOM);
    assert_int_equal(draw_apart(first), 0);
    usleep(1100000); /* dates in files count seconds */
    assert_int_equal(draw_apart(second), 0);
    size_t length = read_all(first, bytes, ROOM), again = read_all(second, bytes + ROOM, ROOM);
    assert_true(length > 100 && length < ROOM);
    assert_int_equal(length, again);
    assert_memory_equal(bytes, bytes + ROOM, length);
    free(bytes);
}

static void test_same_bytes(void **state)
{
    (void)state;
    expect_same_bytes("a.pdf", "b.pdf");
    expect_same_bytes("a.svg", "b.svg");
    expect_same_bytes("a.png", "b.PNG");
}

static void test_unknown_ending(void **state)
{
    (void)state;
    wk_error error = {0};
    static const char *const names[] = {"a.jpg", "png", "a.png.gz", "a.", "a"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        assert_int_equal(draw(names[k], 0, &error), WK_ARGUMENT);
        assert_string_equal(error.subject, path);
    }
    assert_int_equal(entries(), 0);
}

static void test_exists(void **state)
{
    (void)state;
    wk_error error = {0};
    assert_int_equal(draw("a.svg", 0, NULL), WK_OK);
    assert_int_equal(draw("a.svg", 0, &error), WK_EXISTS);
    assert_int_equal(draw("a.svg", 1, &error), WK_OK);
    assert_int_equal(entries(), 1);
}

static void test_no_folder(void **state)
{
    (void)state;
    wk_error error = {0};
    assert_int_equal(draw("missing/a.png", 0, &error), WK_FILE);
    assert_true(strlen(error.message) > 0);
}

static void test_abandon(void **state)
{
    (void)state;
    wk_figure *figure;
    static const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(wk_figure_open(&figure, in_folder(names[k]), 99, 99, 0, NULL), WK_OK);
        wk_figure_disc(figure, 50, 50, 20);
        wk_figure_abandon(figure);
    }
    wk_figure_abandon(NULL);
    assert_int_equal(entries(), 0);
}

/* A limit of the file size stands for a full disk. */
static void test_full(void **state)
{
    (void)state;
    wk_error error = {0};
    struct rlimit before, small;
    static const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &small);
    wk_status status[3];
    for (int k = 0; k < 3; k++)
        status[k] = draw(names[k], 0, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    for (int k = 0; k < 3; k++)
        assert_int_equal(status[k], WK_FILE);
    assert_non_null(strstr(error.message, "File too large"));
    assert_int_equal(entries(), 0);
}

/* Vector files take the box as an image; all kinds still close well. */
static void test_raster(void **state)
{
    (void)state;
    wk_figure *figure;
    wk_box box = {10, 10, 80, 80};
    static const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(wk_figure_open(&figure, in_folder(names[k]), 99, 99, 0, NULL), WK_OK);
        cairo_t *vector = wk_figure_cairo(figure);
        wk_figure_raster_begin(figure, box);
        assert_int_equal(wk_figure_cairo(figure) == vector, k == 0);
        wk_figure_disc(figure, 50, 50, 20);
        wk_figure_raster_end(figure);
        assert_ptr_equal(wk_figure_cairo(figure), vector);
        assert_int_equal(wk_figure_close(figure, NULL), WK_OK);
    }
    char bytes[4000] = "";
    read_all("a.svg", bytes, sizeof bytes - 1);
    assert_non_null(strstr(bytes, "<image"));
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* first: fontconfig reads its settings once, and children inherit them */
        FIGURE_TEST(test_no_font),    FIGURE_TEST(test_png),     FIGURE_TEST(test_kinds),
        FIGURE_TEST(test_same_bytes), FIGURE_TEST(test_exists),  FIGURE_TEST(test_unknown_ending),
        FIGURE_TEST(test_no_folder),  FIGURE_TEST(test_abandon), FIGURE_TEST(test_full),
        FIGURE_TEST(test_raster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
