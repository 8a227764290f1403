#include "welkin/wcs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>
#include <wcslib/wcsmath.h>

#include "memory.h"
#include "status.h"
#include "wcs_distortion.h"
#include "wcs_frame.h"
#include "wcs_header.h"

/* Positions mapped in one call of WCSLIB: the scratch below stays in a first-level cache. */
enum { BLOCK = 256 };

/* Bytes; a header with all of the eighty TPV terms takes 250 kB for a moment. */
enum { WCSLIB_ROOM = 500000 };

/* What the mapping functions write to.  It is made when positions are first mapped: an object that
 * only waits to be copied, one of a hundred thousand, is some kilobytes without it. */
typedef struct scratch {
    double pixel[2 * BLOCK], image[2 * BLOCK], world[2 * BLOCK], place[2 * BLOCK];
    double phi[BLOCK], theta[BLOCK];
    int stat[BLOCK], valid[BLOCK];
} scratch;

/* WCSLIB's parameters and what WCSLIB writes to.
 *
 * Several threads may create, and copy one object: the parsers of WCSLIB 7.12 are reentrant and
 * keep no writable statics, and its functions that print or set options for all are not called. */
struct wk_wcs {
    struct wcsprm prm;
    wk_wcs_frame frame;
    char ctype[2][16];
    char distortion[8];
    int ignored_lookup;
    int distorted; /* the pixels found by WCSLIB are to be checked */
    scratch *work; /* NULL until positions are mapped */
};

static wk_status no_memory(const char *subject, wk_error *error)
{
    return wk_error_set(error, WK_MEMORY, subject, "no memory for world coordinates");
}

/* WCSLIB does not survive a failed allocation in its parsers: make sure beforehand that there is
 * room for all that it asks for. */
static wk_status find_room(wk_error *error)
{
    void *room = wk_memory_raw(WCSLIB_ROOM, 1, error);
    wk_memory_free(room);
    return room ? WK_OK : WK_MEMORY;
}

static wk_wcs *new_wcs(wk_error *error)
{
    wk_wcs *wcs = find_room(error) == WK_OK ? wk_memory_new(1, sizeof *wcs, error) : NULL;
    if (wcs)
        wcs->prm.flag = -1;
    return wcs;
}

static wk_status parse(wk_wcs *wcs, wk_wcs_header *header, const char *subject, wk_error *error)
{
    int rejected = 0, count = 0;
    struct wcsprm *found = NULL;
    int failed =
        wcspih(header->text, (int)header->records, WCSHDR_all, 0, &rejected, &count, &found);
    wk_status status = WK_OK;
    /* only the texts of TNX, ZPX and draft distortions reach the parser as they are: with the other
     * cards it fails for want of memory alone */
    if (failed && header->has_texts && failed != WCSHDRERR_MEMORY)
        status = wk_error_set(error, WK_WCS, subject,
                              "the terms of the distortion %s are malformed", header->distortion);
    else if (failed)
        status = no_memory(subject, error);
    else if (count < 1)
        status = wk_error_set(error, WK_WCS, subject, "no world coordinates in the header");
    else if (wcssub(1, found, NULL, NULL, &wcs->prm) != 0)
        status = no_memory(subject, error);
    wcsvfree(&count, &found);
    return status;
}

/* Units are left out of the cards, so that WCSLIB need not parse them for every copy. */
static void scale_units(struct wcsprm *prm, const double unit[2])
{
    for (int i = 0; i < 2; i++) {
        prm->crval[i] *= unit[i];
        prm->cdelt[i] *= unit[i];
        prm->cd[2 * i] *= unit[i];
        prm->cd[2 * i + 1] *= unit[i];
    }
}

/* The matrix from pixels to intermediate coordinates, whichever of its forms the header has; PC
 * goes before CD and CD before CROTA, as in WCSLIB. */
static void read_matrix(const struct wcsprm *prm, int latitude, double m[4])
{
    const double *scale = prm->cdelt;
    int longitude = !latitude, form = prm->altlin;
    double angle = prm->crota[latitude] * D2R;
    for (int i = 0; i < 4; i++)
        m[i] = !(form & 1) && (form & 2) ? prm->cd[i] : scale[i / 2] * prm->pc[i];
    if ((form & 7) != 4)
        return;
    m[3 * longitude] = scale[longitude] * cos(angle);
    m[3 * latitude] = scale[latitude] * cos(angle);
    m[2 * longitude + latitude] = -scale[latitude] * sin(angle);
    m[2 * latitude + longitude] = scale[longitude] * sin(angle);
}

/* TPV, TNX and ZPX are defined in degrees, that is after a CD matrix, but WCSLIB applies them
 * before CDELT: bring the other forms of the matrix to CD. */
static void use_cd_matrix(struct wcsprm *prm, const double m[4])
{
    memcpy(prm->cd, m, 4 * sizeof *m);
    prm->cdelt[0] = prm->cdelt[1] = 1;
    prm->altlin = 2;
}

static int is_sequent(const char *distortion)
{
    return strcmp(distortion, "TPV") == 0 || strcmp(distortion, "TNX") == 0 ||
           strcmp(distortion, "ZPX") == 0;
}

static wk_status explain(int code, const wk_wcs *wcs, const char *subject, wk_error *error)
{
    if (code == WCSERR_MEMORY)
        return no_memory(subject, error);
    if (code == WCSERR_SINGULAR_MTX)
        return wk_error_set(error, WK_WCS, subject,
                            "the matrix from pixels to the sky is singular");
    if (code == WCSERR_BAD_CTYPE)
        return wk_error_set(error, WK_WCS, subject, "CTYPE '%s' and '%s' are not understood",
                            wcs->ctype[0], wcs->ctype[1]);
    return wk_error_set(error, WK_WCS, subject,
                        "the parameters of the projection %s make no sense (%s)", wcs->ctype[0],
                        wcs_errmsg[code]);
}

/* Before WCSLIB does, which takes a matrix for singular only when it cannot divide at all. */
static wk_status check_matrix(const double m[4], const char *subject, wk_error *error)
{
    double determinant = fabs(m[0] * m[3] - m[1] * m[2]);
    double size = hypot(m[0], m[1]) * hypot(m[2], m[3]);
    if (size > 0 && determinant > 1e-10 * size && isfinite(size))
        return WK_OK;
    return wk_error_set(error, WK_WCS, subject,
                        "the matrix from pixels to the sky is singular: %g %g, %g %g degrees", m[0],
                        m[1], m[2], m[3]);
}

static wk_status check_reference(const struct wcsprm *prm, int latitude, const char *subject,
                                 wk_error *error)
{
    if (fabs(prm->crval[latitude]) <= 90 && fabs(prm->crval[!latitude]) <= 1e6)
        return WK_OK;
    return wk_error_set(error, WK_WCS, subject,
                        "CRVAL is not on the sky: longitude %g, latitude %g", prm->crval[!latitude],
                        prm->crval[latitude]);
}

static wk_status set_up(wk_wcs *wcs, const wk_wcs_header *header, const char *subject,
                        wk_error *error)
{
    struct wcsprm *prm = &wcs->prm;
    scale_units(prm, header->unit);
    double matrix[4];
    read_matrix(prm, header->latitude, matrix);
    wk_status status = check_matrix(matrix, subject, error);
    if (status == WK_OK)
        status = check_reference(prm, header->latitude, subject, error);
    if (status < 0)
        return status;
    if (is_sequent(header->distortion))
        use_cd_matrix(prm, matrix);
    /* the AIPS projections GLS and NCP become SFL and SIN */
    celfix(prm);
    int code = wcsset(prm);
    if (code)
        return explain(code, wcs, subject, error);
    if (prm->lng < 0 || prm->lat < 0)
        return wk_error_set(error, WK_WCS, subject, "no celestial pair of axes: '%s' and '%s'",
                            wcs->ctype[0], wcs->ctype[1]);
    wcs->distorted = prm->lin.dispre || prm->lin.disseq;
    double equinox = undefined(prm->equinox) ? (double)NAN : prm->equinox;
    return wk_wcs_frame_choose(&wcs->frame, header->system, header->radesys, equinox, subject,
                               error);
}

static wk_status build(wk_wcs *wcs, wk_wcs_header *header, const char *subject, wk_error *error)
{
    memcpy(wcs->ctype, header->ctype, sizeof wcs->ctype);
    memcpy(wcs->distortion, header->distortion, sizeof wcs->distortion);
    wcs->ignored_lookup = header->ignored_lookup;
    wk_status status = parse(wcs, header, subject, error);
    return status == WK_OK ? set_up(wcs, header, subject, error) : status;
}

wk_status wk_wcs_create(wk_wcs **out, const char *header, int64_t records, const char *subject,
                        wk_error *error)
{
    wk_wcs_header cards;
    *out = NULL;
    wk_status status = wk_wcs_header_read(&cards, header, records, subject, error);
    wk_wcs *wcs = status == WK_OK ? new_wcs(error) : NULL;
    if (status == WK_OK)
        status = wcs ? build(wcs, &cards, subject, error) : WK_MEMORY;
    wk_wcs_header_free(&cards);
    if (status == WK_OK)
        *out = wcs;
    else
        wk_wcs_free(wcs);
    return status;
}

wk_status wk_wcs_copy(wk_wcs **out, const wk_wcs *wcs, wk_error *error)
{
    *out = NULL;
    wk_wcs *copy = new_wcs(error);
    if (!copy)
        return WK_MEMORY;
    *copy = *wcs;
    copy->work = NULL;
    memset(&copy->prm, 0, sizeof copy->prm);
    copy->prm.flag = -1;
    /* wcssub only reads from parameters that are set, whatever its prototype says */
    int code = wcssub(1, (struct wcsprm *)&wcs->prm, NULL, NULL, &copy->prm);
    if (code || (code = wcsset(&copy->prm)) != 0) {
        wk_wcs_free(copy);
        return no_memory("", error);
    }
    *out = copy;
    return WK_OK;
}

void wk_wcs_free(wk_wcs *wcs)
{
    if (!wcs)
        return;
    wcsfree(&wcs->prm);
    wk_memory_free(wcs->work);
    wk_memory_free(wcs);
}

/* Beyond this WCSLIB would spend its time bringing angles into range. */
static int is_sane(double a, double b)
{
    return fabs(a) < 1e9 && fabs(b) < 1e9;
}

static void give(int valid, const double from[2], double to[2])
{
    to[0] = valid ? from[0] : (double)NAN;
    to[1] = valid ? from[1] : (double)NAN;
}

static wk_status block_to_sky(wk_wcs *wcs, int n, const double *xy, double *sky, wk_error *error)
{
    struct wcsprm *prm = &wcs->prm;
    for (int i = 0; i < n; i++) {
        wcs->work->valid[i] = is_sane(xy[2 * i], xy[2 * i + 1]);
        for (int k = 0; k < 2; k++)
            wcs->work->pixel[2 * i + k] = wcs->work->valid[i] ? xy[2 * i + k] + 1 : prm->crpix[k];
    }
    int code = wcsp2s(prm, n, 2, wcs->work->pixel, wcs->work->image, wcs->work->phi,
                      wcs->work->theta, wcs->work->world, wcs->work->stat);
    if (code == WCSERR_MEMORY)
        return no_memory("", error);
    int failed = code != 0 && code != WCSERR_BAD_PIX;
    for (int i = 0; i < n; i++) {
        double ra = wcs->work->world[2 * i + prm->lng];
        ra += ra < 0 ? 360 : 0;
        double place[2] = {ra < 360 ? ra : ra - 360, wcs->work->world[2 * i + prm->lat]};
        give(!failed && wcs->work->valid[i] && !wcs->work->stat[i], place, sky + 2 * i);
    }
    wk_wcs_frame_to_icrs(&wcs->frame, n, sky);
    return WK_OK;
}

static void fill_world(wk_wcs *wcs, int n, const double *sky)
{
    const struct wcsprm *prm = &wcs->prm;
    for (int i = 0; i < n; i++) {
        double ra = sky[2 * i], dec = sky[2 * i + 1];
        wcs->work->valid[i] = is_sane(ra, dec) && fabs(dec) <= 90;
        wcs->work->place[2 * i] = wcs->work->valid[i] ? fmod(ra, 360) : 0;
        wcs->work->place[2 * i + 1] = wcs->work->valid[i] ? dec : 0;
    }
    wk_wcs_frame_from_icrs(&wcs->frame, n, wcs->work->place);
    for (int i = 0; i < n; i++) {
        wcs->work->world[2 * i + prm->lng] = wcs->work->place[2 * i];
        wcs->work->world[2 * i + prm->lat] = wcs->work->place[2 * i + 1];
    }
}

/* WCSLIB's own inverse of a distortion gives up a whole vector for one position without an answer;
 * here each position's answer does not depend on its neighbours. */
static int undistort(wk_wcs *wcs, int n)
{
    struct wcsprm *prm = &wcs->prm;
    int code = cels2x(&prm->cel, n, 0, 2, 2, wcs->work->world + prm->lng,
                      wcs->work->world + prm->lat, wcs->work->phi, wcs->work->theta,
                      wcs->work->image + prm->lng, wcs->work->image + prm->lat, wcs->work->stat);
    if (code != 0 && code != CELERR_BAD_WORLD)
        return WCSERR_BAD_PARAM;
    wk_wcs_distortion_invert(&prm->lin, n, wcs->work->image, wcs->work->pixel, wcs->work->stat);
    return 0;
}

static wk_status block_to_pixel(wk_wcs *wcs, int n, const double *sky, double *xy, wk_error *error)
{
    struct wcsprm *prm = &wcs->prm;
    int code;
    fill_world(wcs, n, sky);
    if (wcs->distorted)
        code = undistort(wcs, n);
    else
        code = wcss2p(prm, n, 2, wcs->work->world, wcs->work->phi, wcs->work->theta,
                      wcs->work->image, wcs->work->pixel, wcs->work->stat);
    if (code == WCSERR_MEMORY)
        return no_memory("", error);
    int failed = code != 0 && code != WCSERR_BAD_WORLD;
    for (int i = 0; i < n; i++) {
        double place[2] = {wcs->work->pixel[2 * i] - 1, wcs->work->pixel[2 * i + 1] - 1};
        give(!failed && wcs->work->valid[i] && !wcs->work->stat[i], place, xy + 2 * i);
    }
    return WK_OK;
}

static wk_status reserve_work(wk_wcs *wcs, wk_error *error)
{
    if (!wcs->work)
        wcs->work = wk_memory_raw(1, sizeof *wcs->work, error);
    return wcs->work ? WK_OK : WK_MEMORY;
}

wk_status wk_wcs_to_sky(wk_wcs *wcs, int64_t n, const double *xy, double *sky, wk_error *error)
{
    if (reserve_work(wcs, error) < 0)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i += BLOCK) {
        int count = n - i < BLOCK ? (int)(n - i) : BLOCK;
        wk_status status = block_to_sky(wcs, count, xy + 2 * i, sky + 2 * i, error);
        if (status < 0)
            return status;
    }
    return WK_OK;
}

wk_status wk_wcs_to_pixel(wk_wcs *wcs, int64_t n, const double *sky, double *xy, wk_error *error)
{
    if (reserve_work(wcs, error) < 0)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i += BLOCK) {
        int count = n - i < BLOCK ? (int)(n - i) : BLOCK;
        wk_status status = block_to_pixel(wcs, count, sky + 2 * i, xy + 2 * i, error);
        if (status < 0)
            return status;
    }
    return WK_OK;
}

static void to_vector(const double sky[2], double v[3])
{
    double ra = sky[0] * D2R, dec = sky[1] * D2R;
    v[0] = cos(dec) * cos(ra);
    v[1] = cos(dec) * sin(ra);
    v[2] = sin(dec);
}

/* The area of a pixel from the middles of its edges: left, right, lower, upper. */
static double area_of(double edges[4][2])
{
    double v[4][3], across[3], up[3];
    for (int i = 0; i < 4; i++)
        to_vector(edges[i], v[i]);
    for (int k = 0; k < 3; k++) {
        across[k] = v[1][k] - v[0][k];
        up[k] = v[3][k] - v[2][k];
    }
    double x = across[1] * up[2] - across[2] * up[1];
    double y = across[2] * up[0] - across[0] * up[2];
    double z = across[0] * up[1] - across[1] * up[0];
    return sqrt(x * x + y * y + z * z);
}

static void fill_summary(wk_wcs_summary *out, const wk_wcs *wcs, double sky[9][2])
{
    memset(out, 0, sizeof *out);
    memcpy(out->ctype, wcs->ctype, sizeof out->ctype);
    memcpy(out->distortion, wcs->distortion, sizeof out->distortion);
    memcpy(out->frame, wcs->frame.name, sizeof out->frame);
    out->ignored_lookup = wcs->ignored_lookup;
    memcpy(out->centre, sky[0], sizeof out->centre);
    memcpy(out->corners, sky[1], sizeof out->corners);
    out->pixel_scale = sqrt(area_of(sky + 5)) * R2D * 3600;
}

wk_status wk_wcs_describe(wk_wcs_summary *out, const wk_wcs *wcs, int64_t width, int64_t height,
                          wk_error *error)
{
    if (width < 1 || height < 1)
        return wk_error_set(error, WK_ARGUMENT, "", "an image of %lld x %lld pixels has no centre",
                            (long long)width, (long long)height);
    double right = (double)width - 0.5, top = (double)height - 0.5;
    double x = 0.5 * (right - 0.5), y = 0.5 * (top - 0.5);
    const double pixel[9][2] = {{x, y},       {-0.5, -0.5}, {right, -0.5},
                                {right, top}, {-0.5, top},  {x - 0.5, y},
                                {x + 0.5, y}, {x, y - 0.5}, {x, y + 0.5}};
    double sky[9][2];
    wk_wcs *copy = NULL;
    wk_status status = wk_wcs_copy(&copy, wcs, error);
    if (status == WK_OK)
        status = wk_wcs_to_sky(copy, 9, pixel[0], sky[0], error);
    if (status == WK_OK)
        fill_summary(out, wcs, sky);
    wk_wcs_free(copy);
    return status;
}
