#include "fits_gzip.h"

#include <fcntl.h>

#include "fits_case.h"

enum { SIZE = 400000 }; /* several pieces */

/* Bytes that pack a little, not well. */
static unsigned char *make_bytes(void)
{
    unsigned char *bytes = malloc(SIZE);
    uint32_t x = 5;
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 27);
    return bytes;
}

static void check_round(const unsigned char *bytes, size_t size)
{
    wk_bytes packed = {0}, back = {0};
    assert_int_equal(wk_gzip_pack(&packed, bytes, size, NULL), WK_OK);
    assert_int_equal(wk_gzip_unpack(&back, packed.data, packed.size, size, "x", NULL), WK_OK);
    assert_int_equal(back.size, size);
    if (size > 0)
        assert_memory_equal(back.data, bytes, size);
    wk_bytes_free(&packed);
    wk_bytes_free(&back);
}

static void test_round(void **state)
{
    unsigned char *bytes = make_bytes();
    (void)state;
    check_round(bytes, SIZE);
    check_round(bytes, 1);
    check_round(bytes, 0);
    free(bytes);
}

static void test_damage(void **state)
{
    unsigned char *bytes = make_bytes();
    wk_bytes packed = {0}, back = {0};
    wk_error error;
    (void)state;
    wk_gzip_pack(&packed, bytes, SIZE, NULL);
    assert_int_equal(wk_gzip_unpack(&back, packed.data, packed.size, SIZE - 1, "x", NULL), WK_FILE);
    assert_int_equal(wk_gzip_unpack(&back, packed.data, packed.size / 2, SIZE, "x", NULL), WK_FILE);
    assert_int_equal(wk_gzip_unpack(&back, packed.data, 0, SIZE, "x", NULL), WK_FILE);
    packed.data[packed.size / 2] ^= 0x55;
    assert_int_equal(wk_gzip_unpack(&back, packed.data, packed.size, SIZE, "x", &error), WK_FILE);
    assert_string_equal(error.subject, "x");
    wk_bytes_free(&packed);
    wk_bytes_free(&back);
    free(bytes);
}

static void write_packed(const char *path, const unsigned char *bytes, int members, size_t tail)
{
    wk_bytes packed = {0};
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < members; i++) {
        wk_gzip_pack(&packed, bytes + i * (SIZE / members), (size_t)(SIZE / members), NULL);
        fwrite(packed.data, 1, packed.size, file);
    }
    for (; tail > 0; tail--)
        fputc(0, file);
    fclose(file);
    wk_bytes_free(&packed);
}

static wk_status unpack_to(const char *from, const char *to)
{
    wk_output output;
    int fd = open(from, O_RDONLY);
    assert_true(wk_gzip_is_file(fd));
    assert_int_equal(wk_output_begin(&output, to, 1, 0, NULL), WK_OK);
    wk_status status = wk_gzip_unpack_file(fd, from, &output, NULL);
    if (status == WK_OK)
        status = wk_output_commit(&output, NULL);
    wk_output_abandon(&output);
    close(fd);
    return status;
}

/* As one member, as several, and with zeros behind. */
static void test_files(void **state)
{
    unsigned char *bytes = make_bytes();
    const char *plain = case_path("plain"), *packed = case_path("packed"), *back = case_path("b");
    (void)state;
    case_write(plain, bytes, SIZE);
    for (int members = 1; members <= 4; members *= 2)
        for (size_t tail = 0; tail < 2000; tail += 1000) {
            write_packed(packed, bytes, members, tail);
            assert_int_equal(unpack_to(packed, back), WK_OK);
            case_same(plain, back);
        }
    size_t size;
    unsigned char *half = case_bytes(packed, &size);
    case_write(packed, half, size / 2);
    assert_int_equal(unpack_to(packed, back), WK_FILE);
    free(half);
    free(bytes);
}

static void test_pack_file(void **state)
{
    unsigned char *bytes = make_bytes();
    const char *plain = case_path("plain"), *packed = case_path("packed"), *back = case_path("b");
    wk_output output;
    (void)state;
    case_write(plain, bytes, SIZE);
    int fd = open(plain, O_RDONLY);
    assert_false(wk_gzip_is_file(fd));
    assert_int_equal(wk_output_begin(&output, packed, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_gzip_pack_file(fd, plain, &output, NULL), WK_OK);
    assert_int_equal(wk_output_commit(&output, NULL), WK_OK);
    close(fd);
    assert_int_equal(unpack_to(packed, back), WK_OK);
    case_same(plain, back);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_pack_file),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
