"""Backgrounds against Source Extractor, SEP, photutils, and LSST's formulas in numpy."""
import os

import numpy as np
import pytest
from astropy.io import fits

import frames
from once import numbers_only

pytestmark = numbers_only("command/test_background.py")

FRAME = frames.shared("background", "image.fits")


@pytest.mark.skipif(not os.path.exists(FRAME),
                    reason="no frame with Source Extractor's maps: set WELKIN_SHARED")
def test_source_extractors_maps(tmp_path):
    """1e-3 of the rms: the maps are float32 of some 6,800, whose unit is 5e-4 of 65 counts rms
    over 64."""
    _, model, rms, _ = frames.background(tmp_path, (FRAME,), "--preset", "sextractor")
    noise = np.median(rms)
    worst = {}
    for name, mine, theirs in (("background", model, "sextractor_background.fits"),
                               ("rms", rms, "sextractor_rms.fits")):
        map_of = fits.getdata(frames.shared("background", theirs)).astype(float)
        worst[name] = np.max(np.abs(mine - map_of)) / noise
    print("\nSource Extractor: largest difference %.2g rms of the level, %.2g rms of the rms"
          % (worst["background"], worst["rms"]))
    assert max(worst.values()) < 1e-3


def seps(data, flags, box, window):
    sep = pytest.importorskip("sep")
    mask = None if flags is None else flags > 0
    found = sep.Background(data, mask=mask, bw=box[0], bh=box[1], fw=window, fh=window)
    return found.back().astype(float), found.rms().astype(float)


def check_sep(tmp_path, data, flags, box, window):
    words = frames.write(tmp_path, data, flags)
    _, model, rms, _ = frames.background(
        tmp_path, words, "--preset", "sextractor", "--box", "%dx%d" % box, "--filter", window)
    level, noise = seps(data, flags, box, window)
    unit = np.median(noise)
    worst = [np.max(np.abs(a - b)) / unit for a, b in ((model, level), (rms, noise))]
    print("\nSEP, %dx%d, box %dx%d: %.2g and %.2g rms" % (*data.shape[::-1], *box, *worst))
    # float32 of levels of 1,000 to 7,000 with noise of 10 to 65: a unit is some 1e-5 rms, and
    # SEP's spline takes some ten steps in it
    assert max(worst) < 1e-4


@pytest.mark.skipif(not os.path.exists(FRAME), reason="no real frame: set WELKIN_SHARED")
@pytest.mark.parametrize("box", [(64, 64), (32, 32), (50, 30)])
def test_sep_on_a_real_frame(tmp_path, box):
    data = fits.getdata(FRAME).astype(np.float32)
    check_sep(tmp_path, np.ascontiguousarray(data), None, box, 3)


@pytest.mark.parametrize("shape, box, window", [
    ((256, 256), (64, 64), 3), ((300, 411), (64, 64), 3), ((257, 130), (64, 64), 1),
    ((512, 500), (32, 48), 5), ((90, 700), (100, 31), 3), ((40, 50), (64, 64), 3),
    ((66, 130), (64, 64), 3)])
@pytest.mark.parametrize("masked", [False, True])
def test_sep_on_simulated_frames(tmp_path, shape, box, window, masked):
    """No cell of one pixel, which SEP 1.2 gives twice its value."""
    data, flags = frames.frame(shape, seed=sum(shape))
    check_sep(tmp_path, data, flags if masked else None, box, window)


def photutilss(data, flags, box, window):
    background = pytest.importorskip("photutils.background")
    stats = pytest.importorskip("astropy.stats")
    return background.Background2D(
        data.astype(float), (box[1], box[0]), mask=None if flags is None else flags > 0,
        filter_size=window, exclude_percentile=10, sigma_clip=stats.SigmaClip(3, maxiters=10),
        bkg_estimator=background.SExtractorBackground(sigma_clip=None),
        bkgrms_estimator=background.StdBackgroundRMS(sigma_clip=None))


@pytest.mark.parametrize("shape, box, masked", [
    ((512, 512), (32, 32), False), ((500, 611), (40, 35), False), ((512, 512), (32, 32), True),
    ((300, 257), (64, 50), True), ((260, 384), (20, 30), False), ((100, 90), (128, 64), False),
    ((100, 90), (128, 128), True)])
def test_photutilss_cells(tmp_path, shape, box, masked):
    """Unfiltered cells that neither leaves out: the same clipping of the same pixels, in double."""
    data, flags = frames.frame(shape, seed=5)
    theirs = photutilss(data, flags if masked else None, box, 1)
    words = frames.write(tmp_path, data, flags if masked else None)
    _, _, _, mesh = frames.background(tmp_path, words, "--preset", "photutils", "--box",
                                      "%dx%d" % box, "--filter", 1)
    used = np.isfinite(mesh["MEASURED"])
    assert used.mean() >= 0.5 and mesh["MEASURED"].shape == theirs.background_mesh.shape
    np.testing.assert_allclose(mesh["MEASURED"][used], theirs.background_mesh[used], rtol=1e-5)
    np.testing.assert_allclose(mesh["MEASRMS"][used], theirs.background_rms_mesh[used], rtol=1e-5)


@pytest.mark.parametrize("shape, box", [((520, 480), (40, 40)), ((600, 700), (50, 40)),
                                        ((512, 832), (64, 32))])
def test_photutilss_maps(tmp_path, shape, box):
    """Whole boxes, none left out, and 12 or more an axis: with fewer scipy's start of the spline's
    recursion shows (test_surface.py).  Boxes left out are filled from their 10 nearest, where
    photutils breaks ties as they come."""
    data, flags = frames.frame(shape, seed=6, sky=100.0, area=40000)
    data[flags == 2] = data[flags == 0].mean()
    theirs = photutilss(data, None, box, 3)
    answer, model, rms, _ = frames.background(
        tmp_path, frames.write(tmp_path, data), "--preset", "photutils", "--box", "%dx%d" % box)
    unit = np.median(rms)
    worst = [np.max(np.abs(a - b)) / unit for a, b in ((model, theirs.background),
                                                       (rms, theirs.background_rms))]
    print("\nphotutils, %dx%d, box %dx%d: %.2g and %.2g rms" % (*shape[::-1], *box, *worst))
    assert answer["mesh"]["empty"] == 0
    # both are rounded to float32, whose unit is 1.5e-6 rms at a level of 200
    assert max(worst) < 1e-5


STYLES = ["spline", "akima", "linear", "chebyshev:0", "chebyshev:3", "chebyshev:6"]


def holed(shape, seed):
    """A masked frame with two cells' worth of NaN besides."""
    data, flags = frames.frame(shape, seed)
    data[shape[0] // 2:shape[0] // 2 + 70, shape[1] // 3:shape[1] // 3 + 90] = np.nan
    return data, flags


@pytest.mark.parametrize("shape, box, rule", [
    ((320, 256), 32, "ceil"), ((320, 256), 32, "floor+1"), ((301, 420), 50, "ceil"),
    ((301, 420), 50, "floor+1"), ((200, 130), 64, "ceil")])
@pytest.mark.parametrize("style", STYLES)
def test_lsst(tmp_path, shape, box, rule, style):
    lsst = pytest.importorskip("lsst_background", reason="no scipy")
    data, flags = holed(shape, seed=11)
    level, error, y, x = lsst.measure(data, (flags == 0) & np.isfinite(data), box, rule)
    answer, model, _, mesh = frames.background(
        tmp_path, frames.write(tmp_path, data, flags), "--preset", "lsst", "--box", box,
        "--bins", rule, "--interpolate", style)
    assert (answer["mesh"]["ny"], answer["mesh"]["nx"]) == level.shape
    assert answer["mesh"]["empty"] == np.isnan(level).sum()
    # two float32 roundings of the same sums; an error is a root of a small difference of them
    np.testing.assert_allclose(mesh["MEASURED"], level, rtol=1.2e-7)
    np.testing.assert_allclose(mesh["ERROR"], error, rtol=1e-5)
    if style.startswith("chebyshev"):
        want = lsst.chebyshev(level, error, y, x, int(style[10:]), shape)
    else:
        want = lsst.interpolate(level, y, x, style, shape)
    # cells and model are rounded to float32, half a unit is 6e-8 of the level; over half a cell
    # beyond the last one a parabola makes five times as much of it
    np.testing.assert_allclose(model, want, rtol=5e-7)
    assert answer["level"]["mean"] == pytest.approx(want.mean(), rel=1e-6)
    assert answer["level"]["std"] == pytest.approx(want.std(), rel=1e-4)
