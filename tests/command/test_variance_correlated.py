"""Variances of areas: factors times the sum of the correlations, and copies scaled by both."""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, des, fail, lsst, names, run, state, stsci, tan
from lags import measure, smooth

SHAPE = (100, 120)
SIGMA, LEVEL = 2.0, 50
# what the command variance takes as bad in files of LSST
BITS = "DETECTED,DETECTED_NEGATIVE,BAD,SAT,NO_DATA,INTRP"
PLANES = {"BAD": 0, "SAT": 1, "INTRP": 2, "DETECTED": 5, "DETECTED_NEGATIVE": 6, "NO_DATA": 8}


def planes(seed=1):
    """Correlated noise whose variance grows along x, and some pixels that are bad."""
    variance = np.linspace(1, 3, SHAPE[1]) * np.ones((SHAPE[0], 1)) * SIGMA ** 2
    data = LEVEL + smooth(SHAPE, seed) * np.sqrt(variance)
    mask = np.where(np.random.default_rng(seed).random(SHAPE) < 0.1, 1, 0).astype("i4")
    mask[40:50, 40:70] = 1 << PLANES["DETECTED"]
    return data.astype("f4"), mask, variance.astype("f4")


def lsst_file(folder, name="a.fits", seed=1):
    data, mask, variance = planes(seed)
    return lsst(folder / name, data, mask, variance, tan(), PLANES)


def one(*words):
    found, = ask("variance", *words)["images"]
    return found


def refused(folder, status, *words):
    there = [p for p in folder.rglob("*") if p.is_file()]
    before, listed = state(there), names(folder)
    said = fail(status, "variance", *words, "-q")
    assert names(folder) == listed and state(there) == before
    return said


@pytest.mark.parametrize("lag", [0, 1, 2, 5])
def test_factor(folder, lag):
    """The factor without it, times the sum of the correlations: numpy's, and correlate's."""
    path = lsst_file(folder)
    data, mask, variance = planes()
    without = one(path, "--no-background")
    found = one(path, "--no-background", "--correlated", lag)
    want = measure(data.astype(float) / np.sqrt(variance.astype(float)), mask == 0, lag)
    total = want["covariance"].sum() / want["variance"]
    assert found["correlation_factor"] == pytest.approx(total, rel=1e-8)
    other, = ask("correlate", path, "--weighted", "--lag", lag, "--bad-bits", BITS, "-q")["images"]
    assert found["correlation_factor"] == other["area_factor"]
    assert found["correlation_error"] == other["area_factor_error"]
    assert found["factor"] == pytest.approx(without["factor"] * total, rel=1e-8)
    assert "correlation_factor" not in without
    # factors of single pixels stay as they were
    assert {k: found[k] for k in ("pixel_factor", "image_factor", "good", "masked", "used")} == \
        {k: without[k] for k in ("pixel_factor", "image_factor", "good", "masked", "used")}
    if lag == 0:
        assert found["correlation_factor"] == 1
    else:
        # both relative errors, for they are of the same pixels but of other things
        relative = np.hypot(without["factor_error"] / without["factor"],
                            found["correlation_error"] / total)
        assert found["factor_error"] == pytest.approx(relative * found["factor"], rel=1e-8)


def test_less_the_background(folder):
    """The model of the command background with LSST's rules and cells is what is taken off."""
    path = lsst_file(folder)
    run("background", path, "--preset", "lsst", "--box", 32, "--bad-bits", BITS, "--model",
        folder / "m.fits")
    other, = ask("correlate", path, "--weighted", "--lag", 2, "--bad-bits", BITS, "--background",
                 folder / "m.fits")["images"]
    found = one(path, "--correlated", 2)
    # differences of float32 at 50 sigma: 4e-6 of a value, and that squared of a sum
    assert found["correlation_factor"] == pytest.approx(other["area_factor"], rel=1e-5)
    assert found["factor"] == pytest.approx(one(path)["factor"] * found["correlation_factor"],
                                            rel=1e-12)


def test_true_variance_of_areas(folder):
    """Sums over boxes scatter by the scaled variance.  Of noise z(y,x) + z(y,x-1)/2 + z(y-1,x)/4
    the area factor is (1 + 1/2 + 1/4)^2 / (1 + 1/4 + 1/16)."""
    shape = (400, 480)
    data = smooth(shape, 9).astype("f4")
    variance = np.full(shape, 21 / 16, "f4")
    path = lsst(folder / "a.fits", data, np.zeros(shape, "i4"), variance, tan(), PLANES)
    found = one(path, "--correlated", 2, "--no-background", "-o", folder / "o.fits")
    truth = (7 / 4) ** 2 / (21 / 16)
    assert found["correlation_factor"] == pytest.approx(truth, abs=5 * found["correlation_error"])
    assert found["correlation_error"] < 0.05
    scaled = fits.getdata(folder / "o.fits", 3).astype(float)
    # 80 x 96 boxes of 5 x 5: sums have what a box that small loses at its edges, the lag of one
    # in five along each axis
    sums = data.astype(float).reshape(80, 5, 96, 5).sum((1, 3))
    promised = scaled.reshape(80, 5, 96, 5).sum((1, 3)).mean()
    rho = measure(data, None, 2)
    ramp = 1 - np.abs(np.arange(-2, 3)) / 5
    lost = np.sum(rho["covariance"] * np.outer(ramp, ramp)) / rho["covariance"].sum()
    assert sums.var() == pytest.approx(promised * lost, rel=5 * np.sqrt(2 / sums.size) + 0.05)


def test_copies(folder):
    """Variances, errors and weights are scaled by the whole factor, and headers say so."""
    data, mask, variance = planes()
    path = lsst_file(folder)
    found = one(path, "--correlated", 2, "-o", folder / "o.fits")
    with fits.open(folder / "o.fits", checksum=True) as hdus:
        assert hdus[0].header["VARIANCE_SCALE"] == hdus[3].header["VARIANCE_SCALE"] == \
            found["factor"]
        np.testing.assert_array_equal(
            hdus[3].data, (variance.astype(float) * found["factor"]).astype("f4"))
    error = np.sqrt(variance)
    path = stsci(folder / "s.fits", [(data, error, mask.astype("i2"), tan())])
    found = one(path, "--correlated", 2, "-o", folder / "so.fits")
    np.testing.assert_array_equal(
        fits.getdata(folder / "so.fits", 2),
        (error.astype(float) * np.sqrt(found["factor"])).astype("f4"))
    path = des(folder / "d.fits", data, mask.astype("i2"), 1 / variance, tan())
    found = one(path, "--correlated", 2, "-o", folder / "do.fits")
    np.testing.assert_array_equal(
        fits.getdata(folder / "do.fits", 3),
        ((1 / variance).astype(float) / found["factor"]).astype("f4"))


def test_parts(folder):
    """Every part's factor is multiplied by the one sum of the image."""
    path = lsst_file(folder)
    words = ("--per", "amplifier", "--amplifiers", "2x1")
    plainly = one(path, *words)
    found = one(path, *words, "--correlated", 2, "-o", folder / "o.fits")
    total = found["correlation_factor"]
    for was, now in zip(plainly["regions"], found["regions"]):
        assert now["factor"] == pytest.approx(was["factor"] * total, rel=1e-12)
    scaled, (_, _, variance) = fits.getdata(folder / "o.fits", 3), planes()
    for part, region in zip((np.s_[:, :60], np.s_[:, 60:]), found["regions"]):
        np.testing.assert_array_equal(
            scaled[part], (variance[part].astype(float) * region["factor"]).astype("f4"))
    words = ("--per", "box", "--factor-box", "60x100")
    run("variance", path, *words, "-o", folder / "p.fits")
    run("variance", path, *words, "--correlated", 2, "-o", folder / "q.fits")
    # two roundings to float32
    np.testing.assert_allclose(fits.getdata(folder / "q.fits", 3),
                               fits.getdata(folder / "p.fits", 3) * total, rtol=2.4e-7)


def test_no_sum(folder):
    """Where neighbours are opposed the sum may be no variance: nothing is written."""
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    data = (LEVEL + (-1.0) ** (x + y) * 5).astype("f4") + smooth(SHAPE).astype("f4") / 9
    path = lsst(folder / "a.fits", data, np.zeros(SHAPE, "i4"), np.full(SHAPE, 25, "f4"), tan(),
                PLANES)
    # of a chessboard: 1 - 4 + 4 up to lag 1; with rows alone 1 - 2
    rows = (LEVEL + (-1.0) ** x * 5).astype("f4") + smooth(SHAPE).astype("f4") / 9
    other = lsst(folder / "b.fits", rows, np.zeros(SHAPE, "i4"), np.full(SHAPE, 25, "f4"), tan(),
                 PLANES)
    assert one(path, "--correlated", 1, "--no-background")["correlation_factor"] == \
        pytest.approx(1, abs=0.1)
    said = refused(folder, 1, other, "--correlated", 1, "--no-background", "-o",
                   folder / "o.fits", "--figure", folder / "f.png")
    assert f"{other}[1]" in said and "lag 1" in said
    said = refused(folder, 1, path, other, "--correlated", 1, "--no-background", "--output-dir",
                   folder / "out")
    assert f"{other}[1]" in said


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pixels(folder, count):
    """A factor of 1 and no sum."""
    data, mask, variance = planes()
    mask[:] = 1
    mask[5, 6] = 1 - count
    path = lsst(folder / "a.fits", data, mask, variance, tan(), PLANES)
    done = run("variance", path, "--no-background", "--correlated", 2, "--json")
    found, = json.loads(done.stdout)["images"]
    assert found["factor"] == 1 and "warning" in done.stderr


@pytest.mark.parametrize("lag", ["-1", "1025", "x", "1.5", ""])
def test_wrong_lags(folder, lag):
    assert "correlated" in refused(folder, 2, lsst_file(folder), "--correlated", lag)


def test_threads_and_config(folder):
    paths = [lsst_file(folder, f"{n}.fits", n) for n in (1, 2)]
    assert len({run("variance", *paths, "--correlated", 3, "--json", "--threads", n).stdout
                for n in (1, 2, 7)}) == 1
    config = folder / "config.yaml"
    config.write_text(run("variance", "--correlated", 3, "--print-config").stdout)
    assert ask("variance", *paths, "--config", config)["images"] == \
        ask("variance", *paths, "--correlated", 3)["images"]
