#include "fits_fixture.h"

#include <locale.h>

#include "tile_yaml.h"

static wk_status read_text(wk_yaml *tree, const char *text, wk_error *error)
{
    fixture_bytes("a.yaml", text, strlen(text));
    return wk_yaml_read(tree, fixture_path("a.yaml"), error);
}

static void check_refused(const char *text, wk_status expected, const char *words)
{
    wk_yaml tree;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(read_text(&tree, text, &error), expected);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
    wk_yaml_release(&tree);
}

static void test_builds_a_tree_with_lines(void **state)
{
    (void)state;
    wk_yaml tree;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(read_text(&tree,
                               "# a tile\nband: Y\nshape:\n- 4096\n- 2048\nsrc:\n- a: 1\n  b: "
                               "{c: 'x: y', d: \"\\u00e9\"}\n- a: 2\n",
                               &error),
                     WK_OK);
    const wk_yaml_node *root = tree.root;
    assert_int_equal(root->kind, WK_YAML_MAP);
    assert_int_equal(root->count, 3);
    assert_int_equal(root->line, 2);
    assert_string_equal(wk_yaml_find(root, "band")->text, "Y");
    const wk_yaml_node *shape = wk_yaml_find(root, "shape");
    assert_int_equal(shape->kind, WK_YAML_LIST);
    assert_int_equal(shape->line, 4);
    assert_string_equal(shape->first->text, "4096");
    assert_string_equal(shape->end->text, "2048");
    const wk_yaml_node *first = wk_yaml_find(root, "src")->first;
    assert_int_equal(first->line, 7);
    assert_int_equal(first->next->line, 9);
    assert_null(first->next->next);
    const wk_yaml_node *inner = wk_yaml_find(first, "b");
    assert_string_equal(wk_yaml_find(inner, "c")->text, "x: y");
    assert_string_equal(wk_yaml_find(inner, "d")->text, "\xc3\xa9");
    assert_null(wk_yaml_find(inner, "e"));
    assert_null(wk_yaml_find(shape, "e"));
    assert_null(wk_yaml_find(NULL, "e"));
    wk_yaml_release(&tree);
}

static void test_tells_nothing_from_empty_texts(void **state)
{
    (void)state;
    wk_yaml tree;
    assert_int_equal(read_text(&tree, "a: null\nb: ~\nc:\nd: ''\ne: 'null'\nf: N\ng: no\n", NULL),
                     WK_OK);
    const wk_yaml_kind kinds[] = {WK_YAML_NULL, WK_YAML_NULL, WK_YAML_NULL, WK_YAML_TEXT,
                                  WK_YAML_TEXT, WK_YAML_TEXT, WK_YAML_TEXT};
    const wk_yaml_node *node = tree.root->first;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++, node = node->next)
        assert_int_equal(node->kind, kinds[i]);
    assert_string_equal(wk_yaml_find(tree.root, "f")->text, "N");
    assert_string_equal(wk_yaml_find(tree.root, "g")->text, "no");
    wk_yaml_release(&tree);
    assert_int_equal(read_text(&tree, "# nothing\n", NULL), WK_OK);
    assert_null(tree.root);
    wk_yaml_release(&tree);
}

static void check_number(const char *text, int is_one, double expected)
{
    wk_yaml_node node = {.kind = WK_YAML_TEXT, .text = text};
    double value = -1.0;
    assert_int_equal(wk_yaml_number(&value, &node), is_one);
    assert_true(value == (is_one ? expected : -1.0));
}

static void test_reads_numbers(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where there is one, it has a comma for the point */
    check_number("0.22373922348019604", 1, 0.22373922348019604);
    check_number("1.0e-3", 1, 1e-3);
    check_number("-5", 1, -5.0);
    check_number(".5", 1, 0.5);
    check_number("1.0.0", 0, 0.0);
    check_number("0x10", 0, 0.0);
    check_number("1e999", 0, 0.0);
    check_number("nan", 0, 0.0);
    check_number("", 0, 0.0);
    check_number("e", 0, 0.0);
    setlocale(LC_ALL, "C");
}

static void test_reads_integers(void **state)
{
    (void)state;
    wk_yaml_node node = {.kind = WK_YAML_TEXT, .text = "1073741824"};
    int64_t value = 0;
    assert_true(wk_yaml_integer(&value, &node));
    assert_int_equal(value, 1073741824);
    const char *const wrong[] = {"1.0", "", "-", "99999999999999999999", "Y"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        node.text = wrong[i];
        assert_false(wk_yaml_integer(&value, &node));
    }
    assert_false(wk_yaml_integer(&value, NULL));
    node.kind = WK_YAML_LIST;
    assert_false(wk_yaml_integer(&value, &node));
}

static void test_refuses_what_stands_for_something_else(void **state)
{
    (void)state;
    check_refused("a: 1\nb: &x [1]\n", WK_HEADER, "line 2: an anchor");
    check_refused("a: &x [*x]\n", WK_HEADER, "line 1: an anchor");
    check_refused("a: 1\nb: *x\n", WK_HEADER, "line 2: an alias");
    check_refused("a: !!python/object:os.system x\n", WK_HEADER, "line 1: a tag");
    check_refused("a: !x {}\n", WK_HEADER, "line 1: a tag");
}

static void test_refuses_what_is_malformed(void **state)
{
    (void)state;
    check_refused("a: 1\nb: [1,\n", WK_FILE, "line 3");
    check_refused("a: 1\nc: 3\na: 2\n", WK_FILE, "line 3: a is given twice");
    check_refused("[a]: 1\n", WK_FILE, "line 1: a key is not a text");
    check_refused("a: 1\n---\nb: 1\n", WK_FILE, "line 2: a second document");
    check_refused("a: \"x\\0y\"\n", WK_FILE, "line 1: a text holds a zero byte");
    check_refused("a: \x01\n", WK_FILE, "line 1");
    check_refused("a: \xff\n", WK_FILE, "line 1");
}

/* 32 lists in each other are read, 33 are not. */
static void test_bounds_the_depth(void **state)
{
    (void)state;
    char text[256];
    wk_yaml tree;
    for (int depth = 31; depth <= 32; depth++) {
        int at = snprintf(text, sizeof text, "a: ");
        memset(text + at, '[', (size_t)depth);
        memset(text + at + depth, ']', (size_t)depth);
        text[at + 2 * depth] = '\0';
        if (depth == 31) {
            assert_int_equal(read_text(&tree, text, NULL), WK_OK);
            wk_yaml_release(&tree);
        } else {
            check_refused(text, WK_FILE, "line 1: lists and maps are nested more than 32 deep");
        }
    }
}

/* Files that would fill the memory are left at the first sign. */
static void test_bounds_the_size(void **state)
{
    (void)state;
    size_t count = 3 << 20;
    char *text = malloc(count + 1);
    assert_non_null(text);
    memset(text, '[', count);
    text[count] = '\0';
    check_refused(text, WK_FILE, "nested more than 32 deep");
    for (size_t i = 0; i + 3 < count; i += 3)
        memcpy(text + i, "- \n", 3);
    text[count / 3 * 3] = '\0';
    check_refused(text, WK_FILE, "line 500000: the file holds more than 500000 values");
    free(text);
    wk_yaml tree;
    wk_error error = {WK_OK, "", ""};
    FILE *file = fopen(fixture_path("large.yaml"), "wb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 100 << 20, SEEK_SET), 0);
    fputs("a: 1\n", file);
    fclose(file);
    assert_int_equal(wk_yaml_read(&tree, fixture_path("large.yaml"), &error), WK_FILE);
    assert_string_equal(error.message, "is larger than 64 MB: no info file is");
    wk_yaml_release(&tree);
}

static void test_refuses_what_is_no_file(void **state)
{
    (void)state;
    wk_yaml tree;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_yaml_read(&tree, "/nonexistent/a.yaml", &error), WK_FILE);
    assert_non_null(strstr(error.message, "No such file"));
    assert_int_equal(wk_yaml_read(&tree, fixture_folder, &error), WK_FILE);
    assert_non_null(strstr(error.message, "is a folder"));
    wk_yaml_release(&tree);
}

/* Room larger than a block, and room behind it. */
static void test_gives_room(void **state)
{
    (void)state;
    wk_yaml tree = {.root = NULL};
    for (size_t size = 1; size < 1000000; size *= 10) {
        char *room = wk_yaml_room(&tree, size, NULL);
        assert_non_null(room);
        memset(room, 1, size);
    }
    wk_yaml_release(&tree);
    assert_null(tree.blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builds_a_tree_with_lines),
        cmocka_unit_test(test_tells_nothing_from_empty_texts),
        cmocka_unit_test(test_reads_numbers),
        cmocka_unit_test(test_reads_integers),
        cmocka_unit_test(test_refuses_what_stands_for_something_else),
        cmocka_unit_test(test_refuses_what_is_malformed),
        cmocka_unit_test(test_bounds_the_depth),
        cmocka_unit_test(test_bounds_the_size),
        cmocka_unit_test(test_refuses_what_is_no_file),
        cmocka_unit_test(test_gives_room),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
