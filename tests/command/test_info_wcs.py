"""welkin info: world coordinates against astropy, within 0.01 arcsec."""
import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from helpers import ask, fail, info, plain, run

WIDTH, HEIGHT = 120, 90
CLOSE = 0.01


def frame(projection="TAN", ra=150.0, dec=2.0, matrix="CD", angle=0.4, scale=0.3):
    """A rotated frame, its matrix written in one of the ways."""
    header = fits.Header()
    prefix = ("GLON-", "GLAT-") if matrix == "galactic" else ("RA---", "DEC--")
    header["CTYPE1"], header["CTYPE2"] = prefix[0] + projection, prefix[1] + projection
    header["CRVAL1"], header["CRVAL2"] = ra, dec
    header["CRPIX1"], header["CRPIX2"] = 71.3, 33.8
    put_matrix(header, matrix, angle, scale / 3600)
    return header


def put_matrix(header, matrix, angle, step):
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.array([[-cosine, -sine], [-sine, cosine]])
    if matrix == "CROTA":
        header["CDELT1"], header["CDELT2"], header["CROTA2"] = -step, step, np.degrees(angle)
        return
    if matrix == "PC":
        header["CDELT1"], header["CDELT2"] = step, 2 * step
        turned[1] /= 2
    for i in (1, 2):
        for j in (1, 2):
            name = "PC" if matrix == "PC" else "CD"
            header[f"{name}{i}_{j}"] = turned[i - 1, j - 1] * (1 if name == "PC" else step)


def positions(header, pixels):
    """ICRS positions of pixels counted from 0, from astropy."""
    return WCS(header).pixel_to_world(*np.transpose(pixels)).icrs


def separation(found, expected):
    found = np.atleast_2d(found)
    return SkyCoord(found[:, 0] * u.deg, found[:, 1] * u.deg).separation(expected).arcsec.max()


def check(folder, header, reference=None):
    """Centre and corners; what info found."""
    path = plain(folder / "a.fits", np.zeros((HEIGHT, WIDTH), "f4"), header)
    found = info(path)["wcs"]
    reference = reference or fits.getheader(path)
    right, top = WIDTH - 0.5, HEIGHT - 0.5
    corners = [(-0.5, -0.5), (right, -0.5), (right, top), (-0.5, top)]
    centre = [((WIDTH - 1) / 2, (HEIGHT - 1) / 2)]
    assert separation(found["centre"], positions(reference, centre)) < CLOSE
    assert separation(found["corners"], positions(reference, corners)) < CLOSE
    assert all(0 <= corner[0] < 360 for corner in found["corners"])
    return found


def area_scale(header):
    """Root of the central pixel's area on the sky, from its corners, in arcsec."""
    x, y = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
    corners = positions(header, [(x - .5, y - .5), (x + .5, y - .5), (x + .5, y + .5),
                                 (x - .5, y + .5)])
    across = corners[0].spherical_offsets_to(corners)
    px, py = across[0].arcsec, across[1].arcsec
    return np.sqrt(abs(np.dot(px, np.roll(py, -1)) - np.dot(py, np.roll(px, -1))) / 2)


@pytest.mark.parametrize("matrix", ["CD", "PC", "CROTA", "galactic"])
@pytest.mark.parametrize("projection", ["TAN", "SIN", "CAR", "ZPN", "STG", "ARC"])
def test_projections(folder, matrix, projection):
    header = frame(projection, matrix=matrix, dec=12.0 if projection != "CAR" else 0.0)
    if projection == "ZPN":
        header["PV2_1"], header["PV2_3"] = 1.0, 42.0
    found = check(folder, header)
    assert found["ctype"] == [header["CTYPE1"], header["CTYPE2"]]
    assert found["distortion"] == "none"
    # 1e-5: the pixel's corners are differences of positions good to 1e-10 degrees
    assert found["pixel_scale"] == pytest.approx(area_scale(header), rel=1e-5)


@pytest.mark.parametrize("ra, dec", [(0.0, 0.0), (359.9999, -45.0), (10.0, 89.995), (200.0, -90.0)])
def test_places(folder, ra, dec):
    check(folder, frame(ra=ra, dec=dec))


def add_sip(header):
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN-SIP", "DEC--TAN-SIP"
    header["A_ORDER"], header["B_ORDER"] = 3, 2
    header["A_2_0"], header["A_1_1"], header["A_0_3"] = 3e-4, -2e-4, 4e-6
    header["B_0_2"], header["B_1_1"] = -2.5e-4, 1e-4
    return header


def test_sip(folder):
    header = add_sip(frame())
    found = check(folder, header)
    assert found["distortion"] == "SIP" and found["ctype"][0] == "RA---TAN-SIP"
    assert found["pixel_scale"] == pytest.approx(area_scale(header), rel=1e-5)


def test_sip_moves_positions(folder):
    """The same header without its terms is far off: the comparison can fail."""
    header = add_sip(frame())
    bare = frame()
    corners = [(-0.5, -0.5), (WIDTH - 0.5, HEIGHT - 0.5)]
    assert positions(header, corners).separation(positions(bare, corners)).arcsec.min() > 10 * CLOSE


def add_pv(header):
    terms = {"PV1_0": 1e-5, "PV1_1": 1.001, "PV1_2": 2e-4, "PV1_4": 0.03, "PV1_5": 0.02,
             "PV1_7": 0.5, "PV2_0": -2e-5, "PV2_1": 0.999, "PV2_2": -1e-4, "PV2_4": 0.01,
             "PV2_6": -0.04, "PV2_10": 0.7}
    header.update(terms)
    return header


def test_tpv(folder):
    header = add_pv(frame("TPV"))
    found = check(folder, header)
    assert found["distortion"] == "TPV" and found["ctype"] == ["RA---TPV", "DEC--TPV"]


def test_tan_with_pv_is_tpv(folder):
    """Old SCAMP headers: TAN in name, TPV in deed."""
    found = check(folder, add_pv(frame("TAN")), add_pv(frame("TPV")))
    assert found["distortion"] == "TPV"


@pytest.mark.parametrize("radesys, equinox", [("ICRS", None), ("FK5", 2000.0), ("FK5", 1975.0),
                                              ("FK4", 1950.0)])
def test_frames(folder, radesys, equinox):
    header = frame()
    header["RADESYS"] = radesys
    if equinox:
        header["EQUINOX"] = equinox
    check(folder, header)


def test_numbers_as_texts(folder):
    """Quoted numbers, as some writers leave them."""
    reference = frame()
    header = reference.copy()
    header["CRVAL1"] = "150.0"
    check(folder, header, reference)


def wreck(header, **cards):
    for name, value in cards.items():
        if value is None:
            del header[name]
        else:
            header[name] = value
    return header


BROKEN = {
    "none": dict(CTYPE1=None, CTYPE2=None, CRVAL1=None, CRVAL2=None, CRPIX1=None, CRPIX2=None,
                 CD1_1=None, CD1_2=None, CD2_1=None, CD2_2=None),
    "singular": dict(CD1_1=0.0, CD1_2=0.0),
    "unknown": dict(CTYPE1="RA---XYZ", CTYPE2="DEC--XYZ"),
    "linear": dict(CTYPE1="LINEAR", CTYPE2="LINEAR"),
    "text": dict(CRVAL1="NaN"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_coordinates(folder, kind):
    """info tells the rest of the exposure; matching cannot do without."""
    path = plain(folder / "a.fits", np.zeros((20, 30), "f4"), wreck(frame(), **BROKEN[kind]))
    done = run("info", path, "--json")
    assert done.stderr.count("\n") == 1 and f"{path}[0]" in done.stderr
    assert info(path)["wcs"] is None and info(path)["width"] == 30
    assert f"{path}[0]" in fail(1, "match", path, "--method", "local")


def test_several_files(folder):
    """One entry an exposure, in the order of the arguments."""
    paths = [plain(folder / f"{n}.fits", np.zeros((HEIGHT, WIDTH), "f4"), frame(ra=10.0 * n))
             for n in (3, 1, 2)]
    found = ask("info", *paths)["exposures"]
    assert [e["file"] for e in found] == [str(p) for p in paths]
    assert [round(e["wcs"]["centre"][0]) for e in found] == [30, 10, 20]
