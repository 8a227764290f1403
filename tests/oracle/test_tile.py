"""Background pixels of DES tiles: golden values of the seed's own rule, and astropy's coordinates.

The mask must be astropy's pixel for pixel: both evaluate WCSLIB in double, whose places agree to
1e-9 px, and no pixel of these frames lies closer to a rounding boundary than 5e-9 px (asserted).
Golden covariances carry 12 digits; 1e-9 of the variance leaves room for another order of summing.
"""
import json
import os
import pathlib
import subprocess
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from once import numbers_only

PROGRAM = os.environ.get("WELKIN_TILE_PIXELS", "tile_pixels")
SHARED = pathlib.Path(os.environ.get("WELKIN_SHARED",
                                     pathlib.Path(__file__).resolve().parents[3] / "shared"))
CASES = SHARED / "cases" / "correlation"
GOLDEN = CASES / "golden.json"

needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason=f"no golden values: {GOLDEN}")


def run(info, folder, **variables):
    """The program's document, and values and bad pixels of every image."""
    done = subprocess.run([PROGRAM, str(info), str(folder)], capture_output=True, text=True,
                          check=False, env={**os.environ, **variables})
    answer = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    assert done.returncode == 0, done.stdout + done.stderr
    planes = []
    for index, image in enumerate(answer["images"]):
        planes.append((np.fromfile(folder / f"{index}.values").reshape(image["shape"]),
                       np.fromfile(folder / f"{index}.bad", dtype=np.uint8).reshape(image["shape"])))
    return answer, planes


def refusal(info, folder):
    """What the program says of a tile that it cannot read."""
    done = subprocess.run([PROGRAM, str(info), str(folder)], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


def covariance(values, good):
    """Pairs and mean products for lags -1..1, first index the row's."""
    mean = values[good].mean() if good.any() else np.nan
    deviation = np.where(good, values - mean, 0.0)
    cov, nrm = np.full((3, 3), np.nan), np.zeros((3, 3), int)
    height, width = good.shape
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            here = (slice(max(0, -dy), height - max(0, dy)), slice(max(0, -dx), width - max(0, dx)))
            there = (slice(max(0, dy), height + min(0, dy)), slice(max(0, dx), width + min(0, dx)))
            nrm[dy + 1, dx + 1] = np.count_nonzero(good[here] & good[there])
            if nrm[dy + 1, dx + 1]:
                cov[dy + 1, dx + 1] = (deviation[here] * deviation[there]).sum() / nrm[dy + 1, dx + 1]
    return mean, cov, nrm


def plane(path, ext):
    """Pixels and header of an extension, whatever the case of its name."""
    with fits.open(path) as hdus:
        for hdu in hdus:
            if hdu.name.lower() == ext:
                return hdu.data.copy(), hdu.header.copy()
    raise KeyError(ext)


def coordinates(header):
    """World coordinates; of a TAN with PV terms those of TPV, as old SCAMP meant them."""
    header = header.copy()
    if "PV1_1" in header and header["CTYPE1"].endswith("TAN"):
        header["CTYPE1"], header["CTYPE2"] = "RA---TPV", "DEC--TPV"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return WCS(header)


def expected_bad(image, coadd):
    """The rule by astropy.  Given: dictionaries of planes with their headers."""
    height, width = image["image"][0].shape
    y, x = np.mgrid[:height, :width]
    sky = coordinates(image["image"][1]).all_pix2world(x.ravel(), y.ravel(), 0)
    frame = coordinates(coadd["image"][1])
    if frame.sip is None:
        place = np.array(frame.wcs_world2pix(*sky, 0))
    else:
        place = np.array(frame.all_world2pix(*sky, 0, tolerance=1e-10, maxiter=50, quiet=True))
    margin = np.abs(place - np.floor(place) - 0.5)[:, np.isfinite(place).all(axis=0)]
    assert margin.size == 0 or margin.min() > 5e-9
    rows, columns = coadd["seg"][0].shape
    cx, cy = np.floor(place + 0.5)
    on = (cx >= 0) & (cx < columns) & (cy >= 0) & (cy < rows)
    cy, cx = np.where(on, cy, 0).astype(int), np.where(on, cx, 0).astype(int)
    free = (coadd["seg"][0] == 0) & (coadd["bmask"][0] == 0) & (coadd["weight"][0] > 0)
    good = (on & free[cy, cx]).reshape(height, width)
    return ~(good & (image["bmask"][0] == 0) & (image["weight"][0] > 0))


@needs_golden
def test_golden_tile(tmp_path):
    meds = CASES / "meds"
    golden = json.loads(GOLDEN.read_text())["tiles"]["DES0124-3332"]
    info = meds / "test-conf" / "pizza_cutter_info" / golden["yaml"]
    answer, planes = run(info, tmp_path, MEDS_DIR=str(meds))
    assert answer["problems"] == []
    assert len(answer["images"]) == len(golden["images"]) == 5
    for image, (values, bad), result in zip(answer["images"], planes, golden["images"]):
        assert (image["expnum"], image["ccdnum"]) == (result["expnum"], result["ccdnum"])
        assert image["n_good"] == result["n_good"] == np.count_nonzero(bad == 0)
        mean, cov, nrm = covariance(values, bad == 0)
        assert nrm.tolist() == result["nrm"]
        if result["n_good"] == 0:
            continue
        variance = result["cov"][1][1]
        assert abs(mean - result["mean"]) < 1e-9 * variance ** 0.5
        assert np.abs(cov - np.array(result["cov"])).max() < 1e-9 * variance


def named(text):
    """Keys and values of the plain scalars of one map, enough for the files of these tests."""
    pairs = (line.strip("- ").split(": ", 1) for line in text.splitlines() if ": " in line)
    return {key.strip(): value for key, value in pairs}


def planes_of(text, meds, keys):
    values = named(text)
    return {key: plane(values[f"{key}_path"].replace("$MEDS_DIR", str(meds)), values[f"{key}_ext"])
            for key in keys}


@needs_golden
def test_golden_masks_are_astropys(tmp_path):
    meds = CASES / "meds"
    info = meds / "test-conf" / "pizza_cutter_info" / "DES0124-3332_i_pizza_cutter_info.yaml"
    _, planes = run(info, tmp_path, MEDS_DIR=str(meds))
    head, *items = info.read_text().split("\n- band: ")
    last, tail = items[-1].rsplit("\ntilename: ", 1)
    coadd = planes_of(head + "\ntilename: " + tail, meds, ("image", "seg", "bmask", "weight"))
    for item, (values, bad) in zip([*items[:-1], last], planes):
        image = planes_of(item, meds, ("image", "bkg", "bmask", "weight"))
        assert np.array_equal(bad != 0, expected_bad(image, coadd))
        stored = [image[key][0].astype(float) for key in ("image", "bkg")]
        assert np.array_equal(values, (stored[0] - stored[1]) * float(named(item)["scale"]))


def header(kind, centre, middle, scale, angle, terms=()):
    """A header of an image about a point of the sky."""
    out = fits.Header()
    cosine, sine = scale * np.cos(np.deg2rad(angle)), scale * np.sin(np.deg2rad(angle))
    out["CTYPE1"], out["CTYPE2"] = f"RA---{kind}", f"DEC--{kind}"
    for axis in (1, 2):
        out[f"CRVAL{axis}"], out[f"CRPIX{axis}"] = centre[axis - 1], middle[axis - 1]
        out[f"CUNIT{axis}"] = "deg"
    out["CD1_1"], out["CD1_2"], out["CD2_1"], out["CD2_2"] = -cosine, sine, sine, cosine
    out["RADESYS"] = "ICRS"
    out.update(terms)
    return out


TPV = {"PV1_0": -2e-4, "PV1_1": 1.006, "PV1_2": -0.0035, "PV1_4": -0.004, "PV1_5": 0.009,
       "PV1_6": -0.0047, "PV1_7": 0.0046, "PV1_8": -0.0098, "PV1_9": 0.0077, "PV1_10": -0.003,
       "PV2_0": 2e-4, "PV2_1": 1.004, "PV2_2": -0.004, "PV2_4": -0.009, "PV2_5": 0.006,
       "PV2_6": -0.004, "PV2_7": 0.0091, "PV2_8": -0.0073, "PV2_9": 0.0046, "PV2_10": -0.0019}
SIP = {"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 2e-6, "A_1_1": -1e-6, "B_0_2": -1.5e-6, "B_2_0": 1e-6}


def write_tile(folder, coadd_header, image_header, shape=(700, 600), image_shape=(256, 512)):
    """A coadd with random blemishes and one image; returns the info file."""
    generator = np.random.default_rng(5)

    def blemished(size, kind):
        return (generator.uniform(size=size) < 0.1).astype(kind)

    def write(name, size, head):
        pixels = generator.normal(size=size).astype(np.float32)
        weight = np.where(blemished(size, bool), 0.0, 2.5).astype(np.float32)
        fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(pixels, head, name="SCI"),
                      fits.ImageHDU(blemished(size, np.int32), name="MSK"),
                      fits.ImageHDU(weight, name="WGT")]).writeto(folder / name)

    write("DES_i.fits", shape, coadd_header)
    write("se.fits", image_shape, image_header)
    fits.PrimaryHDU(blemished(shape, np.int32)).writeto(folder / "seg.fits")
    fits.PrimaryHDU(np.full(image_shape, 3.25, np.float32)).writeto(folder / "bkg.fits")
    info = folder / "info.yaml"

    def three(name):
        return "".join(f"  {key}_path: {name}\n  {key}_ext: {ext}\n" for key, ext in (
            ("image", "sci"), ("weight", "wgt"), ("bmask", "msk")))

    info.write_text(three("DES_i.fits").replace("  ", "") + "seg_path: seg.fits\nseg_ext: null\n"
                    "src_info:\n-" + three("se.fits")[1:] +
                    "  bkg_path: bkg.fits\n  bkg_ext: '0'\n  scale: 1.5\n")
    return info


def planes_in(folder, name):
    return {key: plane(folder / name, ext) for key, ext in (
        ("image", "sci"), ("weight", "wgt"), ("bmask", "msk"))}


def compare(folder):
    """The program's mask of the tile in a folder with astropy's; returns the good pixels."""
    coadd = {**planes_in(folder, "DES_i.fits"), "seg": plane(folder / "seg.fits", "primary")}
    image = planes_in(folder, "se.fits")
    answer, ((values, bad),) = run(folder / "info.yaml", folder)
    assert np.array_equal(bad != 0, expected_bad(image, coadd))
    assert np.array_equal(values, (image["image"][0].astype(float) - 3.25) * 1.5)
    assert answer["images"][0]["n_good"] == np.count_nonzero(bad == 0)
    return answer["images"][0]["n_good"]


@numbers_only("test_golden_tile and unit/test_tile_pixels.c")
@pytest.mark.parametrize("centre, moved", [((21.2, -33.5), (21.21, -33.49)),
                                           ((0.003, 1.5), (359.998, 1.49)),
                                           ((150.0, 89.2), (149.5, 89.205))])
@pytest.mark.parametrize("coadd_kind, coadd_terms", [("TAN", {}), ("TAN-SIP", SIP)])
@pytest.mark.parametrize("kind, terms", [("TPV", TPV), ("TAN", TPV), ("TAN-SIP", SIP)])
def test_masks_are_astropys(tmp_path, centre, moved, coadd_kind, coadd_terms, kind, terms):
    """A frame of distorted coordinates on a coadd, across 0h too, and near the pole."""
    write_tile(tmp_path, header(coadd_kind, centre, (300.5, 350.5), 7.3e-5, 0.0, coadd_terms),
               header(kind, moved, (250.3, 130.2), 7.2e-5, 90.3, terms))
    assert compare(tmp_path) > 20000


def test_an_image_that_misses_the_coadd(tmp_path):
    write_tile(tmp_path, header("TAN", (21.2, -33.5), (300.5, 350.5), 7.3e-5, 0.0),
               header("TPV", (22.2, -33.5), (250.3, 130.2), 7.2e-5, 90.3, TPV))
    assert compare(tmp_path) == 0


def test_the_far_side_of_the_sky(tmp_path):
    """A tangent plane has no place for what is 90 degrees away; nor does it for the antipode."""
    write_tile(tmp_path, header("TAN", (21.2, -33.5), (300.5, 350.5), 7.3e-5, 0.0),
               header("TAN", (201.2, 33.5), (250.3, 130.2), 7.2e-5, 90.3))
    answer, _ = run(tmp_path / "info.yaml", tmp_path)
    assert answer["images"][0]["n_good"] == 0


def test_bad_inputs(tmp_path):
    info = write_tile(tmp_path, header("TAN", (21.2, -33.5), (300.5, 350.5), 7.3e-5, 0.0),
                      header("TAN", (21.2, -33.5), (250.3, 130.2), 7.2e-5, 90.3))
    text = info.read_text()

    def said(changed):
        info.write_text(changed)
        answer = refusal(info, tmp_path)
        assert "\n" not in answer["message"]
        return answer["message"]

    line = 1 + text.splitlines().index("- image_path: se.fits")
    assert f"src_info[0] has no bkg_path (line {line})" in said(
        text.replace("bkg_path", "background_path"))
    assert "there is no such file" in said(text.replace("se.fits", "none.fits"))
    assert "the variable NO_SUCH_VARIABLE" in said(text.replace("se.fits", "$NO_SUCH_VARIABLE/a"))
    assert "has no image extension 'wt'" in said(text.replace("wgt", "wt"))
    assert "an anchor (&name) is not understood here" in said("cycle: &a [*a]\n" + text)
    assert "nested more than 32 deep" in said(text + "deep: " + "[" * 1000000)
    fits.PrimaryHDU(np.zeros((700, 601), np.int32)).writeto(tmp_path / "seg.fits", overwrite=True)
    assert "is 601 x 700 pixels, not 600 x 700" in said(text)
    fits.PrimaryHDU(np.zeros((700, 600), np.int32)).writeto(tmp_path / "seg.fits", overwrite=True)
    fits.PrimaryHDU(np.zeros((255, 512), np.float32)).writeto(tmp_path / "bkg.fits", overwrite=True)
    assert "is 512 x 255 pixels, not 512 x 256" in said(text)
