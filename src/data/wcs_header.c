#include "wcs_header.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <wcslib/prj.h>

#include "memory.h"
#include "status.h"
#include "wcs_record.h"

static wk_status fail(const wk_wcs_reading *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static wk_status fail(const wk_wcs_reading *in, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return wk_error_set(in->error, WK_WCS, in->subject, "%s", message);
}

static wk_status collect(wk_wcs_reading *in, const char *header, int64_t records)
{
    for (int64_t i = 0; i < records; i++) {
        const char *record = header + 80 * i;
        if (memcmp(record, "END     ", 8) == 0)
            return WK_OK;
        if (in->count == in->room) {
            int64_t room = 2 * in->room + 32;
            wk_status status =
                wk_memory_grow((void **)&in->cards, (size_t)room, sizeof(wk_card), in->error);
            if (status < 0)
                return status;
            in->room = room;
        }
        in->count += wk_card_read(&in->cards[in->count], record);
    }
    return WK_OK;
}

static void copy_upper(char *out, size_t room, const char *text)
{
    size_t i = 0;
    for (; i + 1 < room && text[i]; i++)
        out[i] = (char)toupper((unsigned char)text[i]);
    out[i] = '\0';
}

/* The number of the axis whose CTYPE starts with name, 0 if there is none. */
static int axis_named(const wk_wcs_reading *in, const char *name)
{
    int found = 0;
    size_t length = strlen(name);
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        if (card->kind == WK_CARD_CTYPE && strncasecmp(card->value, name, length) == 0 &&
            (card->value[length] == '-' || card->value[length] == '\0'))
            found = card->a;
    }
    return found;
}

static wk_status no_pair(const wk_wcs_reading *in)
{
    char list[160] = "";
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        size_t used = strlen(list);
        if (card->kind == WK_CARD_CTYPE)
            snprintf(list + used, sizeof list - used, "%sCTYPE%d is '%.20s'", used ? ", " : "",
                     card->a, card->value);
    }
    if (!list[0])
        return fail(in, "no world coordinates: the header has no CTYPE");
    return fail(in, "no celestial pair of axes: %s", list);
}

static wk_status find_pair(wk_wcs_reading *in, wk_wcs_header *out)
{
    static const char *const pairs[][2] = {{"RA", "DEC"}, {"GLON", "GLAT"}, {"ELON", "ELAT"}};
    static const wk_wcs_system systems[] = {WK_WCS_EQUATORIAL, WK_WCS_GALACTIC, WK_WCS_ECLIPTIC};
    for (int i = 0; i < 3; i++) {
        int longitude = axis_named(in, pairs[i][0]);
        int latitude = axis_named(in, pairs[i][1]);
        if (longitude > 0 && latitude > 0) {
            in->longitude = longitude > latitude;
            in->axis[in->longitude] = longitude;
            in->axis[!in->longitude] = latitude;
            out->system = systems[i];
            out->latitude = !in->longitude;
            return WK_OK;
        }
    }
    return no_pair(in);
}

static int known_projection(const char *code)
{
    static const char *const others[] = {"TPV", "TNX", "ZPX", "GLS", "NCP"};
    for (int i = 0; i < prj_ncode; i++)
        if (strcmp(code, prj_codes[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(code, others[i]) == 0)
            return 1;
    return 0;
}

static wk_status read_types(wk_wcs_reading *in, wk_wcs_header *out)
{
    for (int i = 0; i < 2; i++) {
        const wk_card *card = wk_wcs_reading_find(in, WK_CARD_CTYPE, "CTYPE", in->axis[i], 0);
        copy_upper(in->code[i], sizeof in->code[i], card->value);
        snprintf(out->ctype[i], sizeof out->ctype[i], "%.15s", card->value);
        if (strlen(in->code[i]) < 8)
            return fail(in, "CTYPE%d '%.20s' names no projection", in->axis[i], card->value);
        char code[4] = {0};
        memcpy(code, in->code[i] + 5, 3);
        if (in->code[i][4] != '-' || !known_projection(code))
            return fail(in, "CTYPE%d '%.20s' has an unknown projection", in->axis[i], card->value);
        if (i == 1 && strcmp(in->algorithm, code) != 0)
            return fail(in, "the axes have two projections: '%s' and '%s'", out->ctype[0],
                        out->ctype[1]);
        memcpy(in->algorithm, code, sizeof code);
    }
    return WK_OK;
}

static wk_status check_number(const wk_wcs_reading *in, const wk_card *card)
{
    char name[16];
    wk_card_name(name, card);
    int needed = card->kind == WK_CARD_MATRIX ||
                 (card->kind == WK_CARD_AXIS && strcmp(card->name, "CROTA") != 0);
    if (card->state == WK_CARD_INFINITE)
        return fail(in, "%s is not finite: %s", name, card->value);
    if (card->state == WK_CARD_WORD && card->kind != WK_CARD_NUMBER)
        return fail(in, "%s is not a number: '%.30s'", name, card->value);
    if (card->state == WK_CARD_EMPTY && needed)
        return fail(in, "%s has no value", name);
    return WK_OK;
}

static wk_status check_coupling(const wk_wcs_reading *in, const wk_card *card)
{
    char name[16];
    wk_card_name(name, card);
    if (card->kind != WK_CARD_MATRIX ||
        wk_wcs_reading_has(in, card->a) == wk_wcs_reading_has(in, card->b))
        return WK_OK;
    if (card->state != WK_CARD_GOOD || wk_card_is_zero(card))
        return WK_OK;
    return fail(in, "%s mixes the celestial axes with another one", name);
}

static wk_status check_cards(const wk_wcs_reading *in)
{
    for (int64_t i = 0; i < in->count; i++) {
        wk_status status = check_coupling(in, &in->cards[i]);
        if (status == WK_OK && wk_wcs_reading_uses(in, &in->cards[i]))
            status = check_number(in, &in->cards[i]);
        if (status < 0)
            return status;
    }
    return WK_OK;
}

/* The zero scale of a CDELT that no CD matrix replaces would be called a singular matrix. */
static wk_status check_scale(const wk_wcs_reading *in)
{
    for (int i = 0; i < 2 && (in->matrix_pc || !in->matrix); i++) {
        const wk_card *card = wk_wcs_reading_find(in, WK_CARD_AXIS, "CDELT", in->axis[i], 0);
        if (card && card->state == WK_CARD_GOOD && wk_card_is_zero(card))
            return fail(in, "CDELT%d is zero: the matrix is singular", in->axis[i]);
    }
    return WK_OK;
}

static int order_of(const wk_wcs_reading *in, const char *name)
{
    const wk_card *card = wk_wcs_reading_find(in, WK_CARD_ORDER, name, 0, 0);
    return card && card->state == WK_CARD_GOOD && !wk_card_is_zero(card);
}

static int scamp_terms(const wk_wcs_reading *in)
{
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        if (card->kind != WK_CARD_PARAMETER || !wk_wcs_reading_has(in, card->a))
            continue;
        if (card->a != in->axis[in->longitude] || card->b >= 5)
            return 1;
    }
    return 0;
}

static void find_matrix(wk_wcs_reading *in)
{
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        if (card->kind != WK_CARD_MATRIX || !wk_wcs_reading_uses(in, card))
            continue;
        in->matrix_pc |= strcmp(card->name, "PC") == 0;
        in->matrix |= strcmp(card->name, "CD") == 0;
    }
}

static void choose_distortion(wk_wcs_reading *in, wk_wcs_header *out)
{
    static const char *const own[] = {"TPV", "TNX", "ZPX"};
    const char *name = "none";
    for (int i = 0; i < 3; i++)
        if (strcmp(in->algorithm, own[i]) == 0)
            name = own[i];
    if (strcmp(name, "none") == 0 && (order_of(in, "A_ORDER") || order_of(in, "B_ORDER")))
        name = "SIP";
    if (strcmp(in->algorithm, "TAN") == 0 && strcmp(name, "none") == 0 && scamp_terms(in))
        name = "TPV";
    in->sip = strcmp(name, "SIP") == 0;
    in->tpv = strcmp(name, "TPV") == 0;
    snprintf(out->distortion, sizeof out->distortion, "%s", name);
}

static int names_lookup(const wk_card *card)
{
    return strncasecmp(card->value, "lookup", 6) == 0;
}

/* Distortion by the draft of paper IV: kept unless it is a lookup table. */
static void choose_draft(wk_wcs_reading *in, wk_wcs_header *out)
{
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        if (card->kind == WK_CARD_LOOKUP ||
            (card->kind == WK_CARD_DISTORTION && names_lookup(card)))
            out->ignored_lookup = 1;
        else if (card->kind == WK_CARD_DISTORTION && strcmp(out->distortion, "none") == 0)
            copy_upper(out->distortion, sizeof out->distortion, card->value);
        in->draft |= card->kind == WK_CARD_DISTORTION;
    }
    in->draft = in->draft && !out->ignored_lookup;
}

static wk_status read_unit(const wk_wcs_reading *in, wk_wcs_header *out, int i)
{
    static const struct {
        const char *name;
        double degrees;
    } units[] = {{"", 1},
                 {"deg", 1},
                 {"degree", 1},
                 {"degrees", 1},
                 {"arcmin", 1 / 60.0},
                 {"arcsec", 1 / 3600.0},
                 {"mas", 1 / 3.6e6},
                 {"rad", 57.295779513082320877}};
    const wk_card *card = wk_wcs_reading_find(in, WK_CARD_CUNIT, "CUNIT", in->axis[i], 0);
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        if (!card || strcasecmp(card->value, units[k].name) == 0) {
            out->unit[i] = units[k].degrees;
            return WK_OK;
        }
    }
    return fail(in, "CUNIT%d '%.20s' is not an angle", in->axis[i], card->value);
}

static void read_radesys(const wk_wcs_reading *in, wk_wcs_header *out)
{
    const wk_card *card = wk_wcs_reading_find(in, WK_CARD_RADESYS, "RADESYS", 0, 0);
    if (!card || !card->value[0])
        card = wk_wcs_reading_find(in, WK_CARD_RADECSYS, "RADECSYS", 0, 0);
    if (card)
        copy_upper(out->radesys, sizeof out->radesys, card->value);
}

static int is_plate(const wk_wcs_reading *in)
{
    int types = 0;
    for (int64_t i = 0; i < in->count; i++)
        types |= in->cards[i].kind == WK_CARD_CTYPE;
    return !types && wk_wcs_reading_find(in, WK_CARD_PLATE, "AMDX", 1, 0) &&
           wk_wcs_reading_find(in, WK_CARD_PLATE, "AMDY", 1, 0) &&
           wk_wcs_reading_find(in, WK_CARD_PLATE, "PPO", 3, 0);
}

static wk_status read_pair(wk_wcs_reading *in, wk_wcs_header *out)
{
    wk_status status = find_pair(in, out);
    if (status == WK_OK)
        status = read_types(in, out);
    if (status < 0)
        return status;
    find_matrix(in);
    choose_distortion(in, out);
    choose_draft(in, out);
    status = check_cards(in);
    if (status == WK_OK)
        status = check_scale(in);
    for (int i = 0; i < 2 && status == WK_OK; i++)
        status = read_unit(in, out, i);
    return status == WK_OK ? wk_wcs_record_pair(in, out) : status;
}

wk_status wk_wcs_header_read(wk_wcs_header *out, const char *header, int64_t records,
                             const char *subject, wk_error *error)
{
    wk_wcs_reading in = {.subject = subject, .error = error};
    memset(out, 0, sizeof *out);
    out->unit[0] = out->unit[1] = 1;
    wk_status status = collect(&in, header, records);
    if (status == WK_OK) {
        read_radesys(&in, out);
        status = is_plate(&in) ? wk_wcs_record_plate(&in, out) : read_pair(&in, out);
    }
    wk_memory_free(in.cards);
    return status;
}

void wk_wcs_header_free(wk_wcs_header *header)
{
    wk_memory_free(header->text);
    header->text = NULL;
}
