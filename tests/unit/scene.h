/* Exposures in memory, for the tests of finding, measuring and matching. */
#ifndef WELKIN_TESTS_SCENE_H
#define WELKIN_TESTS_SCENE_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"
#include "welkin/welkin.h"

enum { scene_most = 64 };

typedef struct scene_exposure {
    int64_t width, height;
    double ra, dec;      /* of the reference pixel, which is the middle */
    double shift[2];     /* of the reference pixel from the middle */
    double scale;        /* degrees a pixel */
    double rotation;     /* degrees */
    int sip;             /* nonzero: bowed by some pixels */
    double level, slope; /* pixel values: level + slope x */
    double noise;
    int all_bad;
    const char *group;
    int reference;
    const char *detector;
    const wk_rect *amplifiers;
    size_t amplifier_count;
} scene_exposure;

typedef struct scene {
    size_t count;
    scene_exposure exposures[scene_most];
    wk_field fields[scene_most];
    char names[scene_most][16];
    wk_wcs *wcs[scene_most];
    int loads[scene_most];
} scene;

static inline void scene_card(char *header, int *cards, const char *format, ...)
{
    char card[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(card, sizeof card, format, arguments);
    va_end(arguments);
    char padded[128];
    snprintf(padded, sizeof padded, "%-80.80s", card);
    memcpy(header + 80 * (*cards)++, padded, 80);
}

static inline wk_wcs *scene_make_wcs(const scene_exposure *e)
{
    char header[80 * 32];
    int cards = 0;
    double c = e->scale * cos(e->rotation * 0.017453292519943295);
    double s = e->scale * sin(e->rotation * 0.017453292519943295);
    const char *tail = e->sip ? "-SIP" : "";
    scene_card(header, &cards, "CTYPE1  = 'RA---TAN%s'", tail);
    scene_card(header, &cards, "CTYPE2  = 'DEC--TAN%s'", tail);
    scene_card(header, &cards, "CRVAL1  = %.15g", e->ra);
    scene_card(header, &cards, "CRVAL2  = %.15g", e->dec);
    scene_card(header, &cards, "CRPIX1  = %.15g", 0.5 * (double)(e->width + 1) + e->shift[0]);
    scene_card(header, &cards, "CRPIX2  = %.15g", 0.5 * (double)(e->height + 1) + e->shift[1]);
    scene_card(header, &cards, "CD1_1   = %.15g", -c);
    scene_card(header, &cards, "CD1_2   = %.15g", s);
    scene_card(header, &cards, "CD2_1   = %.15g", s);
    scene_card(header, &cards, "CD2_2   = %.15g", c);
    if (e->sip) {
        scene_card(header, &cards, "A_ORDER = 3");
        scene_card(header, &cards, "B_ORDER = 3");
        scene_card(header, &cards, "A_2_0   = 2.0E-4");
        scene_card(header, &cards, "A_1_1   = -1.5E-4");
        scene_card(header, &cards, "B_0_2   = 1.5E-4");
        scene_card(header, &cards, "B_2_0   = -2.5E-4");
        scene_card(header, &cards, "A_1_2   = 4.0E-7");
        scene_card(header, &cards, "B_2_1   = -3.0E-7");
    }
    wk_wcs *wcs = NULL;
    wk_error error = {WK_OK, "", ""};
    if (wk_wcs_create(&wcs, header, cards, "scene", &error) != WK_OK)
        fail_msg("%s", error.message);
    return wcs;
}

static inline void scene_open(scene *all)
{
    for (size_t i = 0; i < all->count; i++) {
        const scene_exposure *e = &all->exposures[i];
        if (!all->names[i][0])
            snprintf(all->names[i], sizeof all->names[i], "e%02u", (unsigned)i % 100U);
        all->wcs[i] = scene_make_wcs(e);
        all->fields[i] = (wk_field){.name = all->names[i],
                                    .group = e->group,
                                    .wcs = all->wcs[i],
                                    .width = e->width,
                                    .height = e->height,
                                    .flux = 1.0,
                                    .reference = e->reference,
                                    .detector = e->detector,
                                    .amplifiers = e->amplifiers,
                                    .amplifier_count = e->amplifier_count};
    }
}

static inline void scene_close(scene *all)
{
    for (size_t i = 0; i < all->count; i++)
        wk_wcs_free(all->wcs[i]);
}

/* Noise that looks Gaussian: the sum of 12 numbers of a small generator, as in the peer's lists. */
static inline double scene_gauss(uint32_t *state)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        *state = *state * 1664525U + 1013904223U;
        sum += *state / 4294967296.0;
    }
    return sum;
}

static inline wk_status scene_load(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    scene *all = payload;
    const scene_exposure *e = &all->exposures[index];
    wk_status status = wk_pixels_reserve(pixels, e->width, e->height, 0, error);
    if (status < 0)
        return status;
    uint32_t state = 12345U + 7919U * (uint32_t)(all->names[index][1] * 64 + all->names[index][2]);
    for (int64_t y = 0; y < e->height; y++)
        for (int64_t x = 0; x < e->width; x++) {
            double noise = e->noise != 0.0 ? e->noise * scene_gauss(&state) : 0.0;
            pixels->data[y * e->width + x] = (float)(e->level + e->slope * (double)x + noise);
            pixels->bad[y * e->width + x] = (uint8_t)(e->all_bad != 0);
        }
    pixels->good = e->all_bad ? 0 : e->width * e->height;
    all->loads[index]++;
    return WK_OK;
}

/* n exposures of width x height in a row on the equator of its own, overlapping by half. */
static inline void scene_row(scene *all, size_t n, int64_t width, int64_t height)
{
    memset(all, 0, sizeof *all);
    all->count = n;
    for (size_t i = 0; i < n; i++) {
        scene_exposure *e = &all->exposures[i];
        e->width = width;
        e->height = height;
        e->scale = 1e-4;
        e->ra = 150.0 - 0.5 * (double)width * e->scale * (double)i;
        e->dec = 0.0;
        e->level = 10.0 + 3.0 * (double)i;
    }
}

#endif
