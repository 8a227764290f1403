#include "butler_path.h"

#include "butler_case.h"

static void joined(const char *folder, const char *name, const char *expected)
{
    char *path = wk_path_join(folder, name, NULL);
    assert_string_equal(path, expected);
    wk_memory_free(path);
}

static void test_parts(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"a/b/c", "a/b"}, {"/a", "/"}, {"a", "."}, {"a/", "a"}, {"/a/b", "/a"}};
    joined("a", "b", "a/b");
    joined("a/", "b", "a/b");
    joined("/", "b", "/b");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = wk_path_folder(cases[i][0], NULL);
        assert_string_equal(folder, cases[i][1]);
        wk_memory_free(folder);
    }
}

static void test_schemes(void **state)
{
    (void)state;
    assert_int_equal(wk_uri_scheme("s3://bucket/a"), 2);
    assert_int_equal(wk_uri_scheme("file:///a"), 4);
    assert_int_equal(wk_uri_scheme("file:/a"), 4);
    assert_int_equal(wk_uri_scheme("a/b://c"), 0);
    assert_int_equal(wk_uri_scheme("a:b"), 0);
    assert_int_equal(wk_uri_scheme("://"), 0);
    assert_int_equal(wk_uri_scheme(""), 0);
    assert_int_equal(wk_uri_scheme("1a://b"), 0);
}

static void test_decoding(void **state)
{
    (void)state;
    const char *const cases[][2] = {
        {"a%20b", "a b"}, {"%41%4a%4A", "AJJ"}, {"100%", "100%"}, {"%", "%"},      {"%4", "%4"},
        {"%4g", "%4g"},   {"%%41", "%A"},       {"", ""},         {"%2541", "%41"}};
    char *out = NULL;
    wk_error error = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(wk_uri_decode(&out, cases[i][0], "s", &error), WK_OK);
        assert_string_equal(out, cases[i][1]);
        wk_memory_free(out);
    }
    case_failed(wk_uri_decode(&out, "a%00b", "s", &error), WK_HEADER, &error, "zero byte");
}

static void test_local_uris(void **state)
{
    (void)state;
    const char *const good[][2] = {
        {"file:///a%20b", "/a b"}, {"file:/a", "/a"}, {"file://localhost/a", "/a"}};
    const char *const bad[] = {"http://a/b", "file://host/a", "file://", "files:///a"};
    char *out = NULL;
    wk_error error = {0};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(wk_uri_path(&out, good[i][0], "s", &error), WK_OK);
        assert_string_equal(out, good[i][1]);
        wk_memory_free(out);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(wk_uri_path(&out, bad[i], "s", &error), WK_HEADER);
}

static void found(const char *root, const char *stored, const char *expected, int64_t bytes)
{
    char *out = NULL;
    int64_t size = -1;
    wk_error error = {0};
    if (wk_butler_path(&out, &size, root, stored, "s", &error))
        fail_msg("%s: %s", stored, error.message);
    assert_string_equal(out, expected);
    assert_int_equal(size, bytes);
    wk_memory_free(out);
}

static void refused(const char *root, const char *stored, wk_status expected, const char *said)
{
    char *out = NULL;
    int64_t size;
    wk_error error = {0};
    case_failed(wk_butler_path(&out, &size, root, stored, "s", &error), expected, &error, said);
    assert_null(out);
}

static void test_records(void **state)
{
    (void)state;
    char root[300], uri[400];
    snprintf(root, sizeof root, "%s", case_path("store"));
    mkdir(root, 0777);
    case_file("store/a b#.fits", "xyz");
    case_file("outside", "1");
    const char *path = case_path("store/a b#.fits");
    found(root, "a b#.fits", path, 3);
    found(root, "./a b#.fits", case_path("store/./a b#.fits"), 3);
    found(root, "a%20b%23.fits", path, 3);
    found(root, path, path, 3);
    snprintf(uri, sizeof uri, "file://%s", case_path("outside"));
    found(root, uri, case_path("outside"), 1);
    refused(root, "../outside", WK_HEADER, "out of the datastore");
    refused(root, "%2e./outside", WK_HEADER, "out of the datastore");
    refused(root, "x/../../outside", WK_HEADER, "out of the datastore");
    refused(root, "none", WK_FILE, "not there");
    refused(root, "none#part", WK_HEADER, "part of a file");
    refused(root, "", WK_FILE, "no regular file");
    refused(root, "s3://b/c", WK_HEADER, "not on this system");
    assert_int_equal(symlink("../outside", case_path("store/link")), 0);
    refused(root, "link", WK_HEADER, "out of the datastore");
    assert_int_equal(symlink("a b#.fits", case_path("store/good")), 0);
    found(root, "good", case_path("store/good"), 3);
    /* a folder whose name only begins like the root's */
    mkdir(case_path("store2"), 0777);
    case_file("store2/c", "1");
    assert_int_equal(symlink("../store2/c", case_path("store/other")), 0);
    refused(root, "other", WK_HEADER, "out of the datastore");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_decoding), cmocka_unit_test(test_local_uris),
        cmocka_unit_test(test_records),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
