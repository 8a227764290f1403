#include "wcs_record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

const wk_card *wk_wcs_reading_find(const wk_wcs_reading *in, wk_card_kind kind, const char *name,
                                   int a, int b)
{
    const wk_card *found = NULL;
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        if (card->kind == kind && card->a == a && card->b == b && strcmp(card->name, name) == 0)
            found = card;
    }
    return found;
}

int wk_wcs_reading_has(const wk_wcs_reading *in, int axis)
{
    return axis == in->axis[0] || axis == in->axis[1];
}

/* A new number of an old axis. */
static int renumbered(const wk_wcs_reading *in, int axis)
{
    return axis == in->axis[0] ? 1 : 2;
}

int wk_wcs_reading_uses(const wk_wcs_reading *in, const wk_card *card)
{
    switch (card->kind) {
    case WK_CARD_AXIS:
    case WK_CARD_PARAMETER:
        return wk_wcs_reading_has(in, card->a);
    case WK_CARD_MATRIX:
        return wk_wcs_reading_has(in, card->a) && wk_wcs_reading_has(in, card->b);
    case WK_CARD_NUMBER:
        return 1;
    case WK_CARD_ORDER:
    case WK_CARD_SIP:
        return in->sip;
    default:
        return 0;
    }
}

static wk_status append(wk_wcs_reading *in, wk_wcs_header *out, const char *record)
{
    if (out->records == in->output_room) {
        int64_t room = 2 * out->records + 48;
        wk_status status = wk_memory_grow((void **)&out->text, (size_t)room, 80, in->error);
        if (status < 0)
            return status;
        in->output_room = room;
    }
    char *place = out->text + 80 * out->records++;
    size_t length = strlen(record);
    memset(place, ' ', 80);
    for (size_t i = 0; i < 80 && i < length; i++)
        place[i] = isprint((unsigned char)record[i]) ? record[i] : ' ';
    return WK_OK;
}

static wk_status append_value(wk_wcs_reading *in, wk_wcs_header *out, const char *name,
                              const char *value)
{
    char record[96];
    snprintf(record, sizeof record, "%-8.8s= %20.70s", name, value);
    return append(in, out, record);
}

static wk_status append_raw(wk_wcs_reading *in, wk_wcs_header *out, const wk_card *card)
{
    char record[81];
    out->has_texts = 1;
    memcpy(record, card->raw, 80);
    record[80] = '\0';
    return append(in, out, record);
}

static wk_status append_types(wk_wcs_reading *in, wk_wcs_header *out)
{
    wk_status status = append_value(in, out, "WCSAXES", "2");
    for (int i = 0; i < 2 && status == WK_OK; i++) {
        char name[8], value[32];
        snprintf(name, sizeof name, "CTYPE%d", i + 1);
        snprintf(value, sizeof value, "'%.5s%s%s'", in->code[i], in->tpv ? "TPV" : in->algorithm,
                 in->sip ? "-SIP" : "");
        status = append_value(in, out, name, value);
    }
    return status;
}

static int is_dropped(const wk_wcs_reading *in, const wk_card *card)
{
    if (!wk_wcs_reading_uses(in, card) || card->state != WK_CARD_GOOD)
        return 1;
    int scale = strcmp(card->name, "CDELT") == 0 || strcmp(card->name, "CROTA") == 0;
    if (scale && in->matrix && !in->matrix_pc)
        return 1;
    int tan = strcmp(in->algorithm, "TAN") == 0;
    return card->kind == WK_CARD_PARAMETER && in->sip && tan;
}

static wk_status append_number(wk_wcs_reading *in, wk_wcs_header *out, const wk_card *card)
{
    char name[40], value[72];
    if (is_dropped(in, card))
        return WK_OK;
    snprintf(value, sizeof value, "%s", card->value);
    if (card->kind == WK_CARD_ORDER)
        value[strcspn(value, ".E")] = '\0';
    if (card->kind == WK_CARD_AXIS)
        snprintf(name, sizeof name, "%s%d", card->name, renumbered(in, card->a));
    else if (card->kind == WK_CARD_MATRIX)
        snprintf(name, sizeof name, "%s%d_%d", card->name, renumbered(in, card->a),
                 renumbered(in, card->b));
    else if (card->kind == WK_CARD_PARAMETER)
        snprintf(name, sizeof name, "%s%d_%d", card->name, renumbered(in, card->a), card->b);
    else
        wk_card_name(name, card);
    return append_value(in, out, name, value);
}

static int kept_raw(const wk_wcs_reading *in, const wk_wcs_header *out, const wk_card *card)
{
    int wat = strcmp(out->distortion, "TNX") == 0 || strcmp(out->distortion, "ZPX") == 0;
    int draft = card->kind == WK_CARD_DISTORTION || card->kind == WK_CARD_RECORD;
    if (card->kind == WK_CARD_WAT)
        return wat && card->a > 0;
    return draft && in->draft;
}

static wk_status append_scale(wk_wcs_reading *in, wk_wcs_header *out)
{
    wk_status status = WK_OK;
    for (int i = 0; i < 2 && in->tpv && status == WK_OK; i++) {
        char name[8];
        snprintf(name, sizeof name, "PV%d_1", i + 1);
        if (!wk_wcs_reading_find(in, WK_CARD_PARAMETER, "PV", in->axis[i], 1))
            status = append_value(in, out, name, "1.0");
    }
    return status;
}

wk_status wk_wcs_record_pair(wk_wcs_reading *in, wk_wcs_header *out)
{
    wk_status status = append_types(in, out);
    for (int64_t i = 0; i < in->count && status == WK_OK; i++) {
        const wk_card *card = &in->cards[i];
        status = kept_raw(in, out, card) ? append_raw(in, out, card) : append_number(in, out, card);
    }
    return status == WK_OK ? append_scale(in, out) : status;
}

wk_status wk_wcs_record_plate(wk_wcs_reading *in, wk_wcs_header *out)
{
    out->latitude = 1;
    strcpy(out->distortion, "DSS");
    strcpy(out->ctype[0], "RA---TAN");
    strcpy(out->ctype[1], "DEC--TAN");
    for (int64_t i = 0; i < in->count; i++) {
        const wk_card *card = &in->cards[i];
        wk_status status = WK_OK;
        if (card->kind == WK_CARD_PLATE)
            status = append_raw(in, out, card);
        else if (card->kind == WK_CARD_NUMBER)
            status = append_number(in, out, card);
        if (status < 0)
            return status;
    }
    return WK_OK;
}
