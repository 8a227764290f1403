#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "log.h"

typedef struct heard {
    wk_level level;
    char message[4096];
    int count;
} heard;

static void hear(wk_level level, const char *message, void *payload)
{
    heard *all = payload;
    all->level = level;
    assert_true(strlen(message) < sizeof all->message);
    strcpy(all->message, message);
    all->count++;
}

static void test_level_and_format(void **state)
{
    (void)state;
    heard all = {WK_LOG_DEBUG, "", 0};
    wk_context context = {.log = hear, .payload = &all};
    const wk_level levels[] = {WK_LOG_WARNING, WK_LOG_DEBUG, WK_LOG_INFO};
    for (int i = 0; i < 3; i++) {
        wk_log(&context, levels[i], "%s has %d of %.2f %%", "it", i, 1.5);
        assert_int_equal(all.level, levels[i]);
    }
    assert_string_equal(all.message, "it has 2 of 1.50 %");
    assert_int_equal(all.count, 3);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    wk_context deaf = {.threads = 1};
    wk_log(NULL, WK_LOG_INFO, "%d", 1);
    wk_log(&deaf, WK_LOG_INFO, "%d", 1);
}

static void test_long_messages_are_cut(void **state)
{
    (void)state;
    heard all = {WK_LOG_DEBUG, "", 0};
    wk_context context = {.log = hear, .payload = &all};
    char text[5000];
    memset(text, 'y', sizeof text);
    text[sizeof text - 1] = '\0';
    wk_log(&context, WK_LOG_INFO, "%s", text);
    assert_int_equal(all.count, 1);
    assert_in_range(strlen(all.message), 500, 4095);
    assert_memory_equal(all.message, text, strlen(all.message));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_level_and_format),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_long_messages_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
