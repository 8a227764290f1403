"""What resampling does to white noise: the formula of drizzled noise, and that of a bilinear shift.

Drizzle's own program is Debian's python3-drizzle.
"""
import numpy as np
import pytest
from astropy.io import fits

import frames
from once import numbers_only

pytestmark = numbers_only("command/test_correlate.py")

EXPOSURES = 10  # along each axis of a pixel


def correlate(folder, image, lag):
    fits.writeto(folder / "image.fits", image.astype(np.float32), overwrite=True)
    found, = frames.run("correlate", folder / "image.fits", "--lag", lag)["images"]
    return found, np.array(found["covariance"])


def drizzle(side, pixfrac, scale, seed):
    """Exposures of unit noise, dithered at random within a pixel: one in each of 10 x 10 parts
    of it, so that all phases are as frequent.  Edges, which some exposures miss, are cut off."""
    cdrizzle = pytest.importorskip("drizzle.cdrizzle", reason="python3-drizzle is not installed")
    if not hasattr(cdrizzle, "tdriz"):
        pytest.skip("this drizzle has no tdriz")
    rng = np.random.default_rng(seed)
    size = int((side + 1) / scale) + 6
    image, weight = np.zeros((2, size, size), np.float32)
    context = np.zeros((size, size), np.int32)
    y, x = np.mgrid[:side, :side].astype(float)
    for part in range(EXPOSURES ** 2):
        down, right = (np.array(divmod(part, EXPOSURES)) + rng.random(2)) / EXPOSURES
        places = np.stack([(x + right) / scale + 2, (y + down) / scale + 2], axis=-1)
        noise = rng.standard_normal((side, side), dtype=np.float32)
        # turbo is the square kernel where axes are parallel
        cdrizzle.tdriz(noise, np.ones_like(noise), places, image, weight, context, uniqid=1,
                       xmin=0, xmax=side - 1, ymin=0, ymax=side - 1, scale=scale, pixfrac=pixfrac,
                       kernel="turbo", in_units="cps", expscale=1.0, wtscale=1.0, fillstr="INDEF")
    inside = np.s_[8:-8, 8:-8]
    assert weight[inside].min() > 0
    return image[inside]


def noise_ratio(r):
    """True noise of a large area's sum over what the pixels' noise lets expect; r: drop / pixel."""
    return r / (1 - 1 / (3 * r)) if r >= 1 else 1 / (1 - r / 3)


# Drops reach r + 1 pixels: lags beyond that are zero.
@pytest.mark.parametrize("pixfrac, scale, side, lag", [
    (0.5, 1.0, 900, 1), (1.0, 1.0, 900, 1), (0.8, 0.6, 500, 2), (1.0, 0.5, 500, 2)])
def test_drizzled_noise(tmp_path, pixfrac, scale, side, lag):
    """2 %: at least four times the statistical error.  That is (2 lag + 1) / sqrt(2 N) of N
    pixels, 0.24 % for lag 1 and 0.36 to 0.43 % for lag 2; and that of the dithers' finite number,
    0.4 % where an output pixel is as large as a pixel (400 sets of 25 scatter by 1.6 %, and it
    falls as one over their number), less for smaller ones, which see several phases of each."""
    image = drizzle(side, pixfrac, scale, seed=11)
    found, _ = correlate(tmp_path, image, lag)
    want, ratio = noise_ratio(pixfrac / scale), np.sqrt(found["area_factor"])
    error = 0.5 * found["area_factor_error"] / found["area_factor"]
    print("\npixfrac %g, scale %g: noise ratio %.4f, formula %.4f (%+.2f %%), error by blocks "
          "%.2f %%" % (pixfrac, scale, ratio, want, 100 * (ratio / want - 1), 100 * error))
    assert (2 * lag + 1) / np.sqrt(2 * image.size) < 0.005
    assert ratio == pytest.approx(want, rel=0.02)
    # 32 blocks know an error to an eighth
    assert 0.3 < error / ((2 * lag + 1) / np.sqrt(2 * image.size)) < 2


@pytest.mark.parametrize("shift", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("axes", ["x", "y", "xy"])
def test_bilinear_shift(tmp_path, shift, axes):
    """1 % of what is not zero: 2000 x 2000 values of noise fix a variance to 0.1 % and a covariance
    to 0.05 % of the variance, which is 0.5 % of the least in one axis, 0.09."""
    values = np.random.default_rng(12).normal(0, 1, (2001, 2001))
    if "x" in axes:
        values = (1 - shift) * values[:, :-1] + shift * values[:, 1:]
    if "y" in axes:
        values = (1 - shift) * values[:-1] + shift * values[1:]
    _, found = correlate(tmp_path, values, 1)
    mixed = np.array([shift * (1 - shift), (1 - shift) ** 2 + shift ** 2, shift * (1 - shift)])
    plain = np.array([0.0, 1.0, 0.0])
    want = np.outer(mixed if "y" in axes else plain, mixed if "x" in axes else plain)
    # five standard deviations for diagonal lags and those that are zero
    noise = 5 * want[1, 1] / np.sqrt(values.size)
    print("\nshift %g along %s: C(0) %.5f (%.5f), C(1) along x %.5f (%.5f), y %.5f (%.5f)"
          % (shift, axes, found[1, 1], want[1, 1], found[1, 2], want[1, 2], found[2, 1],
             want[2, 1]))
    assert found[1, 1] == pytest.approx(want[1, 1], rel=0.01)
    assert found[1, 2] == pytest.approx(want[1, 2], rel=0.01, abs=0 if "x" in axes else noise)
    assert found[2, 1] == pytest.approx(want[2, 1], rel=0.01, abs=0 if "y" in axes else noise)
    assert found == pytest.approx(want, rel=0.01, abs=noise)
