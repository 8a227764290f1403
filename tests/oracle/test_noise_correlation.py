"""The noise of real frames: LSST's noise correlation, and neighbours on DECam.

Set WELKIN_SHARED to a folder with data/lsst of LSST's test data and data/decam of legacypipe's.
"""
import glob
import os

import numpy as np
import pytest
from astropy.io import fits

import frames

HSC = frames.shared("lsst", "HSC-0908120-056-small.fits")
DECAM = sorted(glob.glob(frames.shared("decam", "*_ooi_*.fits")))
PLANES = ("DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT", "NO_DATA", "INTRP")
BITS = ("--bad-bits", ",".join(PLANES))
LAG = 5
# pixels from the galaxy that the cut-outs show: beyond, means of four rings vary by 0.06 to 0.23 of
# the noise, which adds about 0.01 to every lag of the frames together
GALAXY = 21


def normalised(path, model):
    """Values less the background in units of their noise, NaN where LSST's rule says bad."""
    with fits.open(path) as hdus:
        header, flags = hdus[2].header, hdus[2].data
        image, variance = (hdus[k].data.astype(float) for k in (1, 3))
    bits = sum(1 << header["MP_" + name] for name in PLANES if "MP_" + name in header)
    good = (flags & bits) == 0
    good &= np.isfinite(image) & np.isfinite(variance) & (variance > 0)
    values = image - fits.getdata(model).astype(float)
    return np.where(good, values, np.nan) / np.sqrt(np.where(good, variance, 1.0))


def overlap(values, dy, dx):
    """First and second members of the pairs at one lag, flat."""
    height, width = values.shape
    first, second = values[:height - dy, :width - dx], values[dy:, dx:]
    both = np.isfinite(first) & np.isfinite(second)
    return first[both], second[both]


def less_bias(product, pairs):
    """LSST's correction of a coefficient's bias in a small sample."""
    return product * (1 + 0.5 * (1 - product ** 2) / pairs)


def assert_matrix(found):
    """What any correlation matrix is."""
    matrix = np.array(found["correlation"])
    assert (matrix == matrix[::-1, ::-1]).all() and matrix[found["lag"], found["lag"]] == 1
    assert np.abs(matrix).max() <= 1
    return matrix


def show(title, matrix):
    print("\n" + title)
    for row in matrix:
        print("  " + " ".join("%8.5f" % value for value in row))


@pytest.fixture(name="hsc", scope="module")
def fixture_hsc(tmp_path_factory):
    """What welkin finds, and LSST's normalised values."""
    if not os.path.exists(HSC):
        pytest.skip("no HSC frame: set WELKIN_SHARED")
    model = tmp_path_factory.mktemp("hsc") / "model.fits"
    frames.run("background", HSC, "--preset", "lsst", "--box", 32, *BITS, "--model", model)
    return correlate(model), normalised(HSC, model)


def correlate(model):
    found, = frames.run("correlate", HSC, "--weighted", "--background", model, "--lag", LAG,
                        *BITS)["images"]
    return found


def test_the_pixels_are_the_same(hsc):
    """Rounding alone: both in double, of the same float32 planes."""
    found, values = hsc
    assert found["good"] == np.isfinite(values).sum()
    assert found["mean"] == pytest.approx(np.nanmean(values), abs=1e-7)
    assert found["variance"] == pytest.approx(np.nanvar(values), rel=1e-6)


def lsst(found, values):
    """LSST's matrix of one quadrant; ours with and without the pairs' own means."""
    covariance, mean = np.array(found["covariance"]), found["mean"]
    pairs = np.array(found["pairs"])
    theirs, exact, ours = np.zeros((3, LAG + 1, LAG + 1))
    for dy in range(LAG + 1):
        for dx in range(LAG + 1):
            first, second = overlap(values, dy, dx)
            at = LAG + dy, LAG + dx
            assert pairs[at] == first.size
            theirs[dy, dx] = less_bias(np.mean(first * second), first.size)
            edges = mean * (first.mean() + second.mean()) - mean ** 2
            exact[dy, dx] = less_bias(covariance[at] + edges, pairs[at])
            ours[dy, dx] = less_bias(covariance[at] + mean ** 2, pairs[at])
    return theirs, exact, ours


def test_lsst_noise_correlation(hsc):
    """LSST averages n(p) n(p + D) and takes no mean off.  With our mean mu, and the means f and s
    of the first and second members of the pairs,

        C(D) = cov(D) + mu (f + s) - mu^2,

    exactly.  f and s are mu but for the pixels without a partner, and welkin does not tell them:
    its numbers alone give cov + mu^2, which is off by mu (f + s - 2 mu).  Here mu is -0.0037; a
    sixth of 34610 pixels have no partner at the largest lag, and move f and s by some
    sqrt(1/6 / 34610) = 0.0022 each; five of that are 8e-5, a sixtieth of a lag's error."""
    found, values = hsc
    theirs, exact, ours = lsst(found, values)
    show("HSC, lags 0 to 5, rows down:", theirs)
    print("mean %.5f; furthest %.2g with the pairs' own means, %.2g without"
          % (found["mean"], np.abs(exact - theirs).max(), np.abs(ours - theirs).max()))
    # an identity but for rounding
    assert exact == pytest.approx(theirs, abs=1e-9)
    assert ours == pytest.approx(theirs, abs=8e-5)


def test_lsst_noise_correlation_without_level(hsc, tmp_path):
    """The mean is put into the model, mu sqrt(V): then no mean is left, C(D) = cov(D), and welkin's
    numbers alone are LSST's.  The model is float32, which leaves next to nothing of a mean."""
    model = tmp_path / "model.fits"
    frames.run("background", HSC, "--preset", "lsst", "--box", 32, *BITS, "--model", model)
    level = fits.getdata(model) + hsc[0]["mean"] * np.sqrt(fits.getdata(HSC, 3))
    fits.writeto(tmp_path / "level.fits", level.astype(np.float32))
    found = correlate(tmp_path / "level.fits")
    theirs, _, ours = lsst(found, normalised(HSC, tmp_path / "level.fits"))
    print("\nmean %.2g, furthest %.2g" % (found["mean"], np.abs(ours - theirs).max()))
    assert abs(found["mean"]) < 1e-6
    # 1e-5 would do
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_hsc_frame(hsc):
    """A warped or stacked frame would show neighbours of tenths; this is one CCD's image, and its
    noise is nearly white: no lag above 0.017 +- 0.006.  Most are positive, 0.0034 in the mean."""
    matrix = assert_matrix(hsc[0])
    show("HSC, all lags:", matrix)
    others = np.delete(matrix.ravel(), matrix.size // 2)
    error = np.delete(np.ravel(hsc[0]["error"]), matrix.size // 2)
    print("mean of the others %.4f, largest %.4f, errors near %.4f; area factor %.2f +- %.2f"
          % (others.mean(), np.abs(others).max(), np.median(error), hsc[0]["area_factor"],
             hsc[0]["area_factor_error"]))
    assert np.abs(others).max() < 0.05
    # the frame's undetected sources and what the background left make most of them positive
    assert others.mean() > 0


@pytest.mark.skipif(not DECAM, reason="no DECam frames here")
def test_decam_with_the_galaxy():
    """A galaxy fills each cut-out of 41 x 51 pixels, and its light is what correlates."""
    for found in frames.run("correlate", *DECAM)["images"]:
        matrix = assert_matrix(found)
        show(os.path.basename(found["file"]), matrix)
        assert matrix.min() > 0.5


@pytest.mark.skipif(not DECAM, reason="no DECam frames here")
def test_decam_sky(tmp_path):
    """Beyond 5.5 arcsec of the galaxy 700 pixels are left of each frame: lags to 0.04.  No frame
    shows a lag that cannot be chance (5 of its errors).  Together they have 0.034 +- 0.014 along
    rows, where all eight are positive, and 0.016 +- 0.014 along columns: small and hardly certain,
    as the galaxy's wings may add 0.01; beyond 4.7 arcsec they still make it 0.093 +- 0.013."""
    stacked, weights, rows = np.zeros((3, 3)), np.zeros((3, 3)), []
    for path in DECAM:
        shape = fits.getdata(path).shape
        y, x = np.mgrid[:shape[0], :shape[1]]
        mask = np.hypot(y - shape[0] / 2, x - shape[1] / 2) < GALAXY
        fits.writeto(tmp_path / "mask.fits", mask.astype(np.int16), overwrite=True)
        found, = frames.run("correlate", path, "--source-mask", tmp_path / "mask.fits")["images"]
        matrix, error = assert_matrix(found), np.array(found["error_bartlett"])
        error[1, 1] = 1
        show("%s, %d pixels:" % (os.path.basename(path), found["good"]), matrix)
        assert (np.abs(matrix - (error == 1)) < 5 * error).all()
        stacked += matrix / error ** 2
        weights += 1 / error ** 2
        rows.append(matrix[1, 2])
    show("together:", stacked / weights)
    show("errors:", weights ** -0.5)
    assert min(rows) > 0
    others = np.delete((stacked / weights).ravel(), 4)
    assert np.abs(others).max() < 0.05
