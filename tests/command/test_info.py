"""welkin info: planes, masks, kinds of pixels."""
import gzip
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, des, fail, info, lsst, noise, packed, plain, run, stsci, tan, write

SHAPE = (50, 64)
PLANES = {"BAD": 0, "SAT": 1, "INTRP": 2, "CR": 3, "DETECTED": 5, "NO_DATA": 8}
KEYS = {"file", "layout", "hdu", "detector", "filter", "exposure_time", "width", "height",
        "bad_pixels", "mask_planes", "wcs"}
WCS_KEYS = {"ctype", "distortion", "pixel_scale", "centre", "corners"}


def scatter(count, seed, shape=SHAPE):
    """True at this many places."""
    where = np.zeros(shape, bool)
    where.flat[np.random.default_rng(seed).choice(where.size, count, replace=False)] = True
    return where


def holed(seed=3, count=17):
    data = noise(SHAPE, 100)
    data[scatter(count, seed)] = np.nan
    return data


def flags(bits=(0, 1, 2, 3, 5, 8), dtype=np.int32):
    mask = np.zeros(SHAPE, dtype)
    for bit in bits:
        mask[scatter(20 + bit, 50 + bit)] |= dtype(1 << bit)
    return mask


def test_plain_primary(folder):
    data = holed()
    found = info(plain(folder / "a.fits", data, tan(), FILTER="r", EXPTIME=30.5, DETECTOR="N1"))
    assert KEYS <= set(found) and WCS_KEYS <= set(found["wcs"])
    assert found["file"] == str(folder / "a.fits") and found["layout"] == "plain"
    assert found["hdu"] == {"image": 0, "mask": None, "variance": None}
    assert (found["width"], found["height"]) == (64, 50)
    assert found["bad_pixels"] == 17 == np.isnan(data).sum()
    assert (found["filter"], found["exposure_time"], found["detector"]) == ("r", 30.5, "N1")
    assert found["mask_planes"] == {} and found["wcs"]["distortion"] == "none"


def test_plain_extension(folder):
    path = write(folder / "a.fits", fits.BinTableHDU.from_columns([]),
                 fits.ImageHDU(holed(), tan()), fits.ImageHDU(noise((8, 8)), tan()))
    found = info(path)
    assert found["hdu"]["image"] == 2 and found["width"] == 64 and found["bad_pixels"] == 17
    assert found["exposure_time"] is None and found["filter"] == ""


def test_stsci_two_detectors(folder):
    first, second = flags(dtype=np.int16), flags((4,), dtype=np.int16)
    path = stsci(folder / "a.fits", [(holed(), noise(SHAPE, 5), first, tan()),
                                     (noise(SHAPE), noise(SHAPE, 5), second, tan(80))],
                 EXPTIME=9.0, FILTER="F200W")
    found = ask("info", path)["exposures"]
    assert [e["layout"] for e in found] == ["stsci", "stsci"]
    assert [e["hdu"] for e in found] == [{"image": 1, "mask": 3, "variance": 2},
                                         {"image": 4, "mask": 6, "variance": 5}]
    assert found[0]["bad_pixels"] == (np.isnan(holed()) | (first != 0)).sum()
    assert found[1]["bad_pixels"] == (second != 0).sum()
    assert found[0]["detector"] != found[1]["detector"]
    assert {e["exposure_time"] for e in found} == {9.0} and {e["filter"] for e in found} == {"F200W"}


def test_jwst_defaults(folder):
    mask = np.zeros(SHAPE, np.uint32)
    mask[:10] = 1                                   # DO_NOT_USE
    mask[10:15] = 512                               # NON_SCIENCE
    mask[15:30] = 4 | 2                             # JUMP_DET and SATURATED do no harm
    path = stsci(folder / "a.fits", [(noise(SHAPE), noise(SHAPE, 5), mask, tan())], TELESCOP="JWST")
    assert info(path)["bad_pixels"] == 15 * 64
    planes = info(path)["mask_planes"]
    assert (planes["DO_NOT_USE"], planes["NON_SCIENCE"], planes["JUMP_DET"]) == (0, 9, 2)
    assert info(path, "--bad-bits", "JUMP_DET")["bad_pixels"] == 15 * 64
    assert info(path, "--bad-bits", "~0")["bad_pixels"] == 30 * 64


@pytest.fixture
def lsst_file(folder):
    variance = np.full(SHAPE, 4, np.float32)
    variance[:2, :3] = 0
    variance[2, 0] = np.nan
    return lsst(folder / "a.fits", holed(), flags(), variance, tan(), PLANES), variance


def bad_lsst(variance, bits):
    mask = flags()
    return (np.isnan(holed()) | ~(variance > 0) | (mask & sum(1 << b for b in bits) != 0)).sum()


def test_lsst_planes(lsst_file):
    path, variance = lsst_file
    found = info(path)
    assert found["layout"] == "lsst" and found["mask_planes"] == PLANES
    assert found["hdu"] == {"image": 1, "mask": 2, "variance": 3}
    assert found["bad_pixels"] == bad_lsst(variance, (0, 1, 2, 5, 8))


@pytest.mark.parametrize("text, bits", [
    ("8", (3,)), ("0x28", (3, 5)), ("0", ()), ("~8", (0, 1, 2, 5, 8)), ("~0", (0, 1, 2, 3, 5, 8)),
    ("CR", (3,)), ("BAD,SAT", (0, 1)), ("DETECTED,CR,NO_DATA", (3, 5, 8))])
def test_bad_bits(lsst_file, text, bits):
    path, variance = lsst_file
    assert info(path, "--bad-bits", text)["bad_pixels"] == bad_lsst(variance, bits)


def test_no_mask(lsst_file):
    assert info(lsst_file[0], "--no-mask")["bad_pixels"] == 17


@pytest.mark.parametrize("text", ["NOSUCH", "BAD,", "~", "3x", ""])
def test_wrong_bad_bits(lsst_file, text):
    run("info", lsst_file[0], "--bad-bits", text, status=3 if text == "NOSUCH" else 2)


@pytest.mark.parametrize("name", ["a.fits", "a.fits.fz"])
def test_des(folder, name):
    weight = np.full(SHAPE, 0.5, np.float32)
    weight[20:23] = 0
    mask = flags((1, 4), np.int16)
    found = info(des(folder / name, holed(), mask, weight, tan()))
    assert found["layout"] == "des" and found["hdu"] == {"image": 1, "mask": 2, "variance": 3}
    assert found["bad_pixels"] == (np.isnan(holed()) | (mask != 0) | (weight <= 0)).sum()


def write_decam(folder, kind, ending):
    """Two CCDs: flags in ood, weights in oow; returns the image's path."""
    images = {"ooi": [holed(), noise(SHAPE)], "ood": [flags((3,)), flags((6, 7))],
              "oow": [np.full(SHAPE, 2, np.float32) * ~scatter(5 + n, n) for n in (11, 12)]}
    for letter, planes in images.items():
        hdus = [packed(data, tan(80 * n), f"N{n}") if kind == "fz" else
                fits.ImageHDU(data, tan(80 * n), name=f"N{n}") for n, data in enumerate(planes, 4)]
        for hdu, number in zip(hdus, (35, 36)):
            hdu.header["CCDNUM"] = number
        path = write(folder / f"c4d_1_{letter}_r_v1.fits{ending if kind == 'fz' else ''}", *hdus)
        if kind == "gz":
            with open(path, "rb") as plain_file, gzip.open(f"{path}.gz", "wb") as out:
                shutil.copyfileobj(plain_file, out)
            path.unlink()
    bad = [(np.isnan(images["ooi"][n]) | (images["ood"][n] != 0) | (images["oow"][n] <= 0)).sum()
           for n in (0, 1)]
    return folder / f"c4d_1_ooi_r_v1.fits{ending}", bad


@pytest.mark.parametrize("kind, ending", [("plain", ""), ("fz", ".fz"), ("gz", ".gz")])
def test_decam_siblings(folder, kind, ending):
    path, bad = write_decam(folder, kind, ending)
    found = ask("info", path)["exposures"]
    assert [e["layout"] for e in found] == ["decam"] * 2
    assert [e["detector"] for e in found] == ["35", "36"]
    assert [e["bad_pixels"] for e in found] == bad
    assert [e["hdu"] for e in found] == [{"image": n, "mask": n, "variance": n} for n in (1, 2)]


@pytest.fixture
def mixed(folder):
    """Planes under names that no layout knows."""
    return write(folder / "a.fits", fits.PrimaryHDU(noise((5, 5))),
                 fits.ImageHDU(noise(SHAPE), tan(), name="PIX", ver=1),
                 fits.ImageHDU(holed(), tan(), name="PIX", ver=2),
                 fits.ImageHDU(flags((1,)), name="FLAG"),
                 fits.ImageHDU(np.where(scatter(9, 1), 0, 2).astype("f4"), name="NOISE"))


def test_extension_options(mixed):
    found = info(mixed, "--image-ext", "PIX,2", "--mask-ext", "FLAG", "--variance-ext", "4")
    assert found["hdu"] == {"image": 2, "mask": 3, "variance": 4}
    bad = np.isnan(holed()) | (flags((1,)) != 0)
    assert found["bad_pixels"] == (bad | scatter(9, 1)).sum()
    found = info(mixed, "--image-ext", "2", "--mask-ext", "FLAG", "--error-ext", "NOISE")
    assert found["bad_pixels"] == bad.sum()          # errors are not judged
    found = info(mixed, "--image-ext", "PIX", "--weight-ext", "NOISE")
    assert found["hdu"] == {"image": 1, "mask": None, "variance": 4}
    assert found["bad_pixels"] == 9


def test_plane_files(folder, mixed):
    mask = plain(folder / "mask.fits", flags((1,)))
    weight = write(folder / "weight.fits", packed(np.where(scatter(9, 1), 0, 2).astype("f4")))
    found = info(mixed, "--image-ext", "2", "--mask-file", mask, "--weight-file", weight)
    assert found["bad_pixels"] == (np.isnan(holed()) | (flags((1,)) != 0) | scatter(9, 1)).sum()
    found = info(mixed, "--image-ext", "2", "--mask-file", mixed, "--mask-ext", "FLAG")
    assert found["hdu"]["mask"] == 3


def test_layout_option(folder):
    mask = flags((2,))
    path = stsci(folder / "a.fits", [(holed(), noise(SHAPE, 5), mask, tan())])
    assert info(path, "--layout", "plain")["bad_pixels"] == 17
    assert info(path, "--layout", "stsci")["bad_pixels"] == (np.isnan(holed()) | (mask != 0)).sum()
    assert "image" in fail(3, "info", path, "--layout", "lsst")


@pytest.mark.parametrize("bracket, hdu", [("[1]", 1), ("[PIX,2]", 2), ("[pix]", 1), ("[NOISE]", 4)])
def test_brackets(mixed, bracket, hdu):
    found = info(f"{mixed}{bracket}")
    assert found["hdu"]["image"] == hdu and found["file"] == str(mixed)


@pytest.mark.parametrize("bracket, status", [("[9]", 3), ("[NOSUCH]", 3), ("[PIX,3]", 3),
                                             ("[]", 2), ("[1:3,4:5]", 2), ("[1][2]", 2)])
def test_wrong_brackets(mixed, bracket, status):
    assert mixed.name in fail(status, "info", f"{mixed}{bracket}")


def test_integers(folder):
    """BLANK, and unsigned integers through BZERO."""
    data = np.arange(SHAPE[0] * SHAPE[1], dtype=np.int16).reshape(SHAPE)
    data[scatter(6, 2)] = -999
    hdu = fits.PrimaryHDU(data, tan())
    hdu.header["BLANK"] = -999
    assert info(write(folder / "blank.fits", hdu))["bad_pixels"] == 6
    unsigned = fits.PrimaryHDU((data.astype(np.int32) + 40000).astype(np.uint16), tan())
    assert info(write(folder / "u.fits", unsigned))["bad_pixels"] == 0
    answer = ask("match", folder / "u.fits", "--method", "local", "--nclip", 0)
    assert answer["exposures"][0]["sky"] == np.median(data.astype(np.int32) + 40000)


@pytest.mark.parametrize("scale", [0.25, 1.0])
def test_kinds_of_pixels(folder, scale):
    """The level is the same number however pixels are stored."""
    stored = np.random.default_rng(4).integers(0, 200, SHAPE)
    expected = float(np.float32(np.median(stored * scale + 7)))
    for kind in ("u1", "i2", "i4", "i8"):
        hdu = fits.PrimaryHDU(stored.astype(kind), tan())
        hdu.header["BSCALE"], hdu.header["BZERO"] = scale, 7.0
        path = folder / f"{kind}.fits"
        hdu.writeto(path)
        levels = ask("match", path, "--method", "local", "--nclip", 0)["exposures"]
        assert levels[0]["sky"] == expected, kind
    for kind in ("f4", "f8"):
        path = plain(folder / f"{kind}.fits", (stored * scale + 7).astype(kind), tan())
        levels = ask("match", path, "--method", "local", "--nclip", 0)["exposures"]
        assert levels[0]["sky"] == expected, kind


def test_double_keeps_nan(folder):
    data = holed().astype(np.float64)
    data[0, 0] = np.inf
    assert info(plain(folder / "a.fits", data, tan()))["bad_pixels"] == (~np.isfinite(data)).sum()


def test_degenerate_cube(folder):
    header = tan()
    path = plain(folder / "a.fits", holed()[None, None], header)
    with fits.open(path, "update") as hdus:
        hdus[0].header.update({"CTYPE3": "FREQ", "CRVAL3": 1.4e9, "CDELT3": 1e6, "CRPIX3": 1.0})
    found = info(path)
    assert (found["width"], found["height"], found["bad_pixels"]) == (64, 50, 17)
    assert found["wcs"]["ctype"] == ["RA---TAN", "DEC--TAN"]
    assert "3" in fail(3, "info", plain(folder / "cube.fits", np.zeros((3, 8, 8), "f4"), tan()))


@pytest.mark.skipif(not shutil.which("fpack"), reason="no fpack")
@pytest.mark.parametrize("options", [["-r"], ["-g"], ["-g1", "-q", "0"], ["-h", "-q", "8"]])
def test_packed_by_fpack(folder, options):
    """NaN survive each algorithm that holds floats."""
    path = plain(folder / "a.fits", holed(), tan())
    subprocess.run(["fpack", *options, str(path)], check=True)
    found = info(folder / "a.fits.fz")
    assert found["bad_pixels"] == 17 and (found["width"], found["height"]) == (64, 50)


def test_table_for_people(folder):
    path = plain(folder / "a.fits", holed(), tan(), FILTER="r", EXPTIME=30.5)
    out = run("info", path).stdout.splitlines()
    assert out[0].split()[:4] == ["exposure", "layout", "detector", "filter"]
    assert out[1].split()[0] == f"{path}[0]" and "64x50" in out[1] and "0.53%" in out[1]
