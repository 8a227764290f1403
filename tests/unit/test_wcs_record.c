#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wcs_cards.h"
#include "wcs_header.h"
#include "wcs_record.h"

static wk_wcs_header mended(const char *lines)
{
    int64_t count;
    wk_wcs_header header;
    char *records = records_of(lines, &count);
    assert_int_equal(wk_wcs_header_read(&header, records, count, NULL, NULL), WK_OK);
    free(records);
    return header;
}

/* The value of a card among the mended ones, "" if there is none. */
static void value_of(char value[72], const wk_wcs_header *header, const char *name)
{
    value[0] = '\0';
    for (int64_t i = 0; i < header->records; i++) {
        char record[81] = ""; /* the text has no end that sscanf would know */
        memcpy(record, header->text + 80 * i, 80);
        if (strncmp(record, name, strlen(name)) == 0 && strchr(" =", record[strlen(name)]))
            sscanf(record + 10, " %71s", value);
    }
}

static void expect(const char *lines, const char *name, const char *value)
{
    char found[72];
    wk_wcs_header header = mended(lines);
    value_of(found, &header, name);
    assert_string_equal(found, value);
    wk_wcs_header_free(&header);
}

static void types_are_made_plain(void **state)
{
    (void)state;
    expect("CTYPE1  = 'ra---tan'\nCTYPE2  = 'dec--tan'", "CTYPE1", "'RA---TAN'");
    expect(TAN_CARDS "A_ORDER = 2\nA_2_0   = 1E-5", "CTYPE1", "'RA---TAN-SIP'");
    expect(TAN_CARDS "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'", "CTYPE2", "'DEC--TAN'");
    expect(TAN_CARDS "PV2_2   = 0.1", "CTYPE1", "'RA---TPV'");
    expect(TAN_CARDS, "WCSAXES", "2");
}

static void axes_get_new_numbers(void **state)
{
    (void)state;
    const char *cube = "CTYPE1  = 'FREQ'\nCTYPE2  = 'RA---SIN'\nCTYPE3  = 'DEC--SIN'\n"
                       "CRVAL1  = 1.4E9\nCRVAL2  = 150.\nCRPIX3  = 7.\nPC2_3   = 0.25\n"
                       "PC1_1   = 3.\nPV3_1   = 0.5\n";
    expect(cube, "CTYPE1", "'RA---SIN'");
    expect(cube, "CRVAL1", "150.");
    expect(cube, "CRPIX2", "7.");
    expect(cube, "PC1_2", "0.25");
    expect(cube, "PC1_1", "");
    expect(cube, "PV2_1", "0.5");
    expect(cube, "CRVAL3", "");
}

static void what_would_mislead_is_dropped(void **state)
{
    (void)state;
    const char *both = TAN_CARDS "CD1_1   = 1E-4\nCD2_2   = 1E-4\nCROTA2  = 10.";
    expect(both, "CD1_1", "1E-4");
    expect(both, "CDELT1", "");
    expect(both, "CROTA2", "");
    expect(TAN_CARDS "PC1_1   = 1.", "CDELT1", "-3.0E-4");
    expect(TAN_CARDS "PV1_1   = 1.\nA_ORDER = 2\nA_2_0   = 1E-5", "PV1_1", "");
    expect(TAN_CARDS "A_2_0   = 1E-5", "A_2_0", "");
    expect(TAN_CARDS "LONPOLE =", "LONPOLE", "");
    expect(TAN_CARDS "DP1     = 'EXTVER: 1'", "DP1", "");
    expect(TAN_CARDS "CPDIS1  = 'TPD'\nDP1     = 'NAXES: 2'", "DP1", "'NAXES:");
    expect(TAN_CARDS "WAT1_001= 'wtype=tpv axtype=ra'", "WAT1_001", "");
}

static void numbers_are_made_plain(void **state)
{
    (void)state;
    expect(TAN_CARDS "CRVAL1  = '1.5D2'", "CRVAL1", "1.5E2");
    expect(TAN_CARDS "A_ORDER = 2.0\nA_2_0   = 1E-5", "A_ORDER", "2");
    expect(TAN_CARDS "PC001002= 0.5", "PC1_2", "0.5");
    expect(TAN_CARDS "EQUINOX = 'J2000.0'", "EQUINOX", "2000.0");
}

/* SCAMP leaves out the scale of 1, which the parser would take for 0. */
static void scale_of_tpv_is_written(void **state)
{
    (void)state;
    expect(TAN_CARDS "PV1_5   = 0.1", "PV1_1", "1.0");
    expect(TAN_CARDS "PV1_5   = 0.1", "PV2_1", "1.0");
    expect(TAN_CARDS "PV2_1   = 0.9", "PV2_1", "0.9");
    expect(TAN_CARDS, "PV1_1", "");
}

static void plate_is_kept(void **state)
{
    (void)state;
    const char *plate = "PPO3    = 1.7E5\nAMDX1   = 67.2\nAMDY1   = 67.1\nPLTRAH  = 8";
    wk_wcs_header header = mended(plate);
    assert_string_equal(header.distortion, "DSS");
    assert_int_equal(header.records, 4);
    wk_wcs_header_free(&header);
    header = mended(TAN_CARDS "PPO3    = 1.7E5\nAMDX1   = 67.2\nAMDY1   = 67.1");
    assert_string_equal(header.distortion, "none");
    wk_wcs_header_free(&header);
}

static void strange_characters_go(void **state)
{
    (void)state;
    wk_wcs_header header = mended("PPO3    = 1.7E5 / \xb5m\nAMDX1   = 1.\nAMDY1   = 1.");
    for (int64_t i = 0; i < 80 * header.records; i++)
        assert_in_range(header.text[i], 0x20, 0x7e);
    wk_wcs_header_free(&header);
}

static void last_card_counts(void **state)
{
    (void)state;
    wk_card cards[2] = {{.kind = WK_CARD_AXIS, .a = 1, .name = "CRVAL"},
                        {.kind = WK_CARD_AXIS, .a = 1, .name = "CRVAL"}};
    wk_wcs_reading in = {.cards = cards, .count = 2, .axis = {1, 3}};
    assert_ptr_equal(wk_wcs_reading_find(&in, WK_CARD_AXIS, "CRVAL", 1, 0), &cards[1]);
    assert_null(wk_wcs_reading_find(&in, WK_CARD_AXIS, "CRVAL", 2, 0));
    assert_true(wk_wcs_reading_has(&in, 3));
    assert_false(wk_wcs_reading_has(&in, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_made_plain),          cmocka_unit_test(axes_get_new_numbers),
        cmocka_unit_test(what_would_mislead_is_dropped), cmocka_unit_test(numbers_are_made_plain),
        cmocka_unit_test(scale_of_tpv_is_written),       cmocka_unit_test(plate_is_kept),
        cmocka_unit_test(strange_characters_go),         cmocka_unit_test(last_card_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
