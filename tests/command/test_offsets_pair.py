"""Offsets of two catalogues of stars, and of the coordinates of two images."""
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from helpers import DEGREE, ask, names, noise, packed, plain, run, state, tan
from stars import maps, only, table
from written import open_checked, verdict

SIZE = ("--size", "400,300")
TURN, SCALE, SHIFT = 12.0, 1.004, (35.0, -20.0)  # the current image of the reference


def turned(x, y):
    """Where places of the reference are in the current image."""
    c, s = np.cos(np.radians(TURN)), np.sin(np.radians(TURN))
    return SHIFT[0] + SCALE * (c * x - s * y), SHIFT[1] + SCALE * (s * x + c * y)


def pair_of_lists(seed=3, sigma=0.02):
    """Stars of both images in orders of their own, some in one alone; (x, y, flux) each, and for
    each current star its row in the reference, -1: none."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, 400, 120), generator.uniform(0, 300, 120)
    flux = generator.exponential(1000, 120)
    reference = np.array([x, y, flux])[:, :110]
    current = np.array([*turned(x, y), flux])[:, 10:]
    current[:2] += generator.normal(0, sigma, (2, 110))
    order = [generator.permutation(110) for _ in range(2)]
    place = np.full(120, -1)
    place[order[1]] = np.arange(110)
    rows = place[np.arange(10, 120)[order[0]]]
    return current[:, order[0]], reference[:, order[1]], rows


def write_lists(folder, lists, names_of=("xcentroid", "ycentroid", "flux"), end=".fits"):
    return [table(folder / f"{name}{end}", columns, names_of)
            for name, columns in zip(("current.x", "reference"), lists)]


def test_catalogues(folder):
    current, reference, rows = pair_of_lists()
    paths = write_lists(folder, (current, reference))
    before = state(paths)
    entry = only("--from-catalogues", *paths, *SIZE, "--model", "polynomial:1", "--table",
                 folder / "t.fits", "--output-dir", folder / "out")
    assert names(folder / "out") == ["current.offsets.fits"] and state(paths) == before
    match = entry["match"]
    assert entry["file"] == str(paths[0]) and match["reference"] == str(paths[1])
    # noise of 0.02 px of 100 stars some 100 px from the middle: 2e-5 of scale and angle
    assert match["pairs"] == entry["stars"] == 100
    assert match["scale"] == pytest.approx(SCALE, abs=1e-4)
    assert match["rotation"] == pytest.approx(TURN, abs=0.006)
    assert match["shift"]["x"] == pytest.approx(SHIFT[0], abs=0.03)
    assert match["shift"]["y"] == pytest.approx(SHIFT[1], abs=0.03)
    assert match["rms"] == pytest.approx(0.02 * np.sqrt(2), rel=0.3)
    found = fits.getdata(folder / "t.fits", "OFFSETS")
    open_checked(folder / "t.fits").close()
    assert verdict(folder / "t.fits") in ((0, 0), None)
    assert sorted(found["row"]) == list(np.flatnonzero(rows >= 0))
    assert (rows[found["row"]] == found["ref_row"]).all()
    for name, axis in (("x", 0), ("y", 1)):
        assert (found[f"{name}centroid"] == current[axis, found["row"]]).all()
        assert (found[f"{name}offset"] == current[axis, found["row"]]
                - reference[axis, found["ref_row"]]).all()
    # truth: pixels go back by the inverse of the turn
    y, x = np.mgrid[:300, :400]
    c, s = np.cos(np.radians(TURN)) / SCALE, np.sin(np.radians(TURN)) / SCALE
    u, v = x - SHIFT[0], y - SHIFT[1]
    want = np.array([x - (c * u + s * v), y - (-s * u + c * v)])
    assert np.abs(maps(folder / "out" / "current.offsets.fits") - want).max() < 0.05


def test_table_of_a_match_is_a_table(folder):
    """The pairs, given as a table of offsets, make the same map."""
    paths = write_lists(folder, pair_of_lists()[:2])
    run("offsets", "--from-catalogues", *paths, *SIZE, "--table", folder / "t.fits", "-o",
        folder / "a.fits", "-q")
    run("offsets", folder / "t.fits", *SIZE, "-o", folder / "b.fits", "-q")
    assert (maps(folder / "a.fits") == maps(folder / "b.fits")).all()


def matched(folder, lists, columns, *words, end=".fits"):
    paths = write_lists(folder, lists, columns, end)
    entry = only("--from-catalogues", *paths, *SIZE, *words)
    for path in paths:
        path.unlink()
    del entry["file"], entry["match"]["reference"]
    return entry, entry["match"]


def test_brightness(folder):
    """Flux, magnitudes, a column that is named, or the order of rows: one result."""
    current, reference, _ = pair_of_lists()
    columns = ("xcentroid", "ycentroid")
    wanted = matched(folder, (current, reference), (*columns, "flux"))
    magnitudes = [np.array([*c[:2], -2.5 * np.log10(c[2])]) for c in (current, reference)]
    sorted_ones = [c[:, np.argsort(-c[2])] for c in (current, reference)]
    assert matched(folder, magnitudes, (*columns, "mag")) == wanted
    assert matched(folder, magnitudes, (*columns, "m"), "--brightness", "-m") == wanted
    assert matched(folder, (current, reference), (*columns, "peak"), "--brightness",
                   "peak") == wanted
    assert matched(folder, (current, reference), ("X", "Y", "flux"), "--columns", "X,Y",
                   end=".ecsv") == wanted
    entry, match = matched(folder, [c[:2] for c in sorted_ones], columns)
    assert match["pairs"] == 100 and match["rotation"] == pytest.approx(wanted[1]["rotation"])


def test_catalogues_and_threads(folder):
    paths = write_lists(folder, pair_of_lists()[:2])
    wanted = None
    for threads in (1, 2, 7):
        out = folder / f"{threads}.fits"
        run("offsets", "--from-catalogues", *paths, *SIZE, "-o", out, "--threads", threads, "-q")
        wanted = wanted or out.read_bytes()
        assert out.read_bytes() == wanted


def test_radius(folder):
    """Stars farther than the radius are no pairs."""
    current, reference, rows = pair_of_lists()
    current[0, np.flatnonzero(rows >= 0)[40]] += 2
    paths = write_lists(folder, (current, reference))
    pairs = [only("--from-catalogues", *paths, *SIZE, "--radius", r)["stars"] for r in (1, 3)]
    assert pairs == [99, 100]


def sip(path, angle, scale, shape, reference_pixel, bend, wrap=plain):
    """Coordinates with SIP distortion of some pixels."""
    header = fits.Header()
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN-SIP", "DEC--TAN-SIP"
    header["CRVAL1"], header["CRVAL2"] = 150.0, 2.0
    header["CRPIX1"], header["CRPIX2"] = reference_pixel
    c, s = (f(np.radians(angle)) * scale * DEGREE for f in (np.cos, np.sin))
    header["CD1_1"], header["CD1_2"], header["CD2_1"], header["CD2_2"] = -c, s, s, c
    for axis in "AB":
        header[f"{axis}_ORDER"] = 3
        header[f"{axis}_2_0"], header[f"{axis}_0_2"] = bend, -0.7 * bend
        header[f"{axis}_3_0"], header[f"{axis}_1_2"] = 0.01 * bend, 0.008 * bend
    header["CUNIT1"] = header["CUNIT2"] = "deg"
    return wrap(path, noise(shape), header)


def test_wcs(folder):
    """Every pixel as astropy has it."""
    shape = (60, 80)
    image = sip(folder / "a.b.fits", 7.0, 0.5, shape, (38.0, 33.0), 4e-4)
    reference = sip(folder / "r.fits", -3.0, 0.52, (90, 50), (51.0, 20.0), -3e-4)
    entry = only("--from-wcs", image, reference, "--double", "-o", folder / "o.fits")
    assert entry["model"] == "wcs" and (entry["width"], entry["height"]) == (80, 60)
    y, x = np.mgrid[:shape[0], :shape[1]]
    sky = WCS(fits.getheader(image)).all_pix2world(x, y, 0)
    want = np.array(WCS(fits.getheader(reference)).all_world2pix(*sky, 0, tolerance=1e-9))
    found = maps(folder / "o.fits")
    # the command promises 1e-4 px
    np.testing.assert_allclose(found, np.array([x, y]) - want, rtol=0, atol=2e-4)
    assert np.ptp(found[0]) > 5
    assert verdict(folder / "o.fits") in ((0, 0), None)
    run("offsets", "--from-wcs", image, reference, "--format", "pixmap", "-o", folder / "p.fits",
        "-q")
    np.testing.assert_allclose(np.moveaxis(fits.getdata(folder / "p.fits"), 2, 0),
                               np.array([x, y]) - found, rtol=0, atol=1e-12)
    run("offsets", "--from-wcs", image, reference, "--output-dir", folder / "out", "-q",
        "--figure", folder / "f.png")
    assert names(folder / "out") == ["a.offsets.fits"]


def test_wcs_of_one_plane(folder):
    """Windows of one plane differ by whole pixels."""
    a = plain(folder / "a.fits", noise((50, 60)), tan(x=17, y=-9))
    b = plain(folder / "b.fits", noise((30, 40)), tan(x=5, y=4))
    entry = only("--from-wcs", a, b)
    for axis, offset in (("x", -12), ("y", 13)):
        assert [entry[axis][k] for k in ("min", "max", "mean")] == \
            pytest.approx([offset] * 3, abs=1e-4)
    assert entry["largest_jump"] < 1e-4
    zero = only("--from-wcs", a, a)
    assert max(abs(zero[axis][k]) for axis in "xy" for k in ("min", "max")) < 1e-4


def test_wcs_files(folder):
    """Compressed images and extensions; the same bytes with any number of threads."""
    a = plain(folder / "a.fits", noise((300, 400)), tan(scale=0.5))
    b = plain(folder / "b.fits", noise((30, 40)), tan(x=30, y=20, scale=0.6))
    packed_a = folder / "c.fits.fz"
    fits.HDUList([fits.PrimaryHDU(), packed(noise((300, 400)), tan(scale=0.5))]).writeto(packed_a)
    wanted = None
    for image, threads in ((a, 1), (a, 2), (a, 7), (f"{a}[0]", 2), (packed_a, 2),
                           (f"{packed_a}[1]", 2)):
        out = folder / "o.fits"
        run("offsets", "--from-wcs", image, b, "-o", out, "--threads", threads, "-q")
        wanted = wanted or out.read_bytes()
        assert out.read_bytes() == wanted
        out.unlink()
    errors = ask("offsets", "--from-wcs", a, b, "--errors", "-o", folder / "e.fits")["tables"][0]
    assert errors["model"] == "wcs"
