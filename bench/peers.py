#!/usr/bin/env python3
"""What the Python packages do for one file, as whole programs for the runners to time.

    bench/peers.py photutils|sep EXPOSURE MODEL RMS   mesh of 64 x 64 pixels, filter of 3 x 3
    bench/peers.py variance EXPOSURE                  the two factors of welkin variance
    bench/peers.py clip IMAGE [float64]               mean, median, standard deviation
    bench/peers.py stats IMAGE|EXPOSURE               the numbers of welkin stats, in float64
    bench/peers.py across IMAGE ...                   mean, standard deviation, extremes by pixel
    bench/peers.py numba EXPOSURE LAG RUNS [ROWS]     covariances of neighbours in a double loop, of
                                                      the first ROWS rows; RUNS 0: one, compiling
    bench/peers.py slices EXPOSURE RUNS               the same for lag 1 by numpy's slices
    bench/peers.py tile FOLDER                        sky pixels of a DES image, lag 1
    bench/peers.py notebook TABLE NX NY PIECE         offsets of a PIECE x PIECE part, every third
                                                      pixel, as the notebook Offsets_3 loops
    bench/peers.py imsave IMAGE PICTURE               zscale and matplotlib's imsave, in grey
    bench/peers.py fill NX NY                         its filling of the other pixels, one map

Each imports what it needs and nothing else, since imports count.
"""
import json
import sys
import time

import numpy as np
from astropy.io import fits

BOX, FILTER = 64, 3


def read_exposure(path):
    """Pixels in the machine's byte order, which the compiled parts of the packages want."""
    with fits.open(path, memmap=False) as hdus:
        return hdus["SCI"].data.astype(np.float32), hdus["DQ"].data != 0


def run_photutils(path, model, rms):
    from photutils.background import Background2D, SExtractorBackground, StdBackgroundRMS
    image, mask = read_exposure(path)
    background = Background2D(image, BOX, mask=mask, filter_size=FILTER,
                              bkg_estimator=SExtractorBackground(),
                              bkgrms_estimator=StdBackgroundRMS())
    fits.writeto(model, background.background.astype(np.float32))
    fits.writeto(rms, background.background_rms.astype(np.float32))


def run_sep(path, model, rms):
    import sep
    image, mask = read_exposure(path)
    background = sep.Background(image, mask=mask, bw=BOX, bh=BOX, fw=FILTER, fh=FILTER)
    fits.writeto(model, background.back())
    fits.writeto(rms, background.rms())


def run_variance(path):
    """LSST's recipe, without a background."""
    with fits.open(path, memmap=False) as hdus:
        image, variance = (hdus[name].data.astype(np.float32) for name in ("IMAGE", "VARIANCE"))
        header, mask = hdus["MASK"].header, hdus["MASK"].data
        names = ["DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT", "NO_DATA", "INTRP"]
        bits = sum(1 << header["MP_" + name] for name in names if "MP_" + name in header)
    good = ((mask & bits) == 0) & np.isfinite(image) & np.isfinite(variance) & (variance > 0)
    image, variance = image[good], variance[good]
    low, high = np.percentile(image / np.sqrt(variance), [25, 75])
    pixel = (0.74 * (float(high) - float(low))) ** 2
    low, high = np.percentile(image, [25, 75])
    wide = (0.74 * (float(high) - float(low))) ** 2 / float(np.median(variance))
    print(f"{pixel:.17g} {wide:.17g} {image.size}")


def run_clip(path, kind="float32"):
    from astropy.stats import sigma_clipped_stats
    image = fits.getdata(path, memmap=False).astype(kind)
    print(*(f"{float(value):.17g}" for value in sigma_clipped_stats(image, sigma=3, maxiters=5)))


def numbers(values):
    return {name: float(getattr(np, name)(values))
            for name in ("min", "max", "mean", "median", "std")}


def run_stats(path):
    from astropy.stats import sigma_clipped_stats
    with fits.open(path, memmap=False) as hdus:
        masked = "DQ" in hdus
        values = hdus["SCI" if masked else 0].data.astype(np.float64)
        good = hdus["DQ"].data == 0 if masked else np.ones(values.shape, bool)
    finite = values[np.isfinite(values)]
    usable = values[good & np.isfinite(values)]
    clipped = sigma_clipped_stats(usable, sigma=3, maxiters=5)
    counts, _ = np.histogram(finite, 20, (finite.min() - 0.001, finite.max() + 0.001))
    print(json.dumps({"plain": numbers(values), "finite": numbers(finite), "good": numbers(usable),
                      "clipped": dict(zip(("mean", "median", "std"), map(float, clipped))),
                      "counts": counts.tolist()}))


def run_across(*paths):
    """Two sums, as one would write it: fast, and without digits where the level is high."""
    first = fits.getdata(paths[0], memmap=False).astype(np.float64)
    total, square, count = (np.zeros(first.shape) for _ in range(3))
    low, high = np.full(first.shape, np.inf), np.full(first.shape, -np.inf)
    for path in paths:
        image = fits.getdata(path, memmap=False).astype(np.float64) - first
        good = np.isfinite(image)
        image[~good] = 0
        total += image
        square += image * image
        count += good
        low, high = np.fmin(low, image + first), np.fmax(high, image + first)
    mean = total / count
    print(f"{np.mean(mean + first):.9g} {np.mean(np.sqrt(square / count - mean * mean)):.9g}")


def print_covariance(seconds, good, covariance):
    print(json.dumps({"seconds": seconds, "good": int(good),
                      "covariance": covariance.ravel().tolist()}))


def double_loop():
    """The loop over pixels and over their neighbours that the DES notebook compiles with numba."""
    import numba

    @numba.njit()
    def add_products(values, good, lag, sums, pairs):
        rows, columns = values.shape
        for y in range(rows):
            for x in range(columns):
                if not good[y, x]:
                    continue
                for v in range(max(y - lag, 0), min(y + lag, rows - 1) + 1):
                    for u in range(max(x - lag, 0), min(x + lag, columns - 1) + 1):
                        if good[v, u]:
                            sums[v - y + lag, u - x + lag] += values[y, x] * values[v, u]
                            pairs[v - y + lag, u - x + lag] += 1

    def covariance(image, good, lag):
        sums, pairs = np.zeros((2, 2 * lag + 1, 2 * lag + 1))
        mean = image[good].mean(dtype=np.float64)
        add_products(image.astype(np.float64) - mean, good, lag, sums, pairs)
        return sums / pairs

    return covariance


def run_numba(path, lag, runs, rows=None):
    covariance = double_loop()
    image, mask = read_exposure(path)
    rows = int(rows) if rows else image.shape[0]
    image, good = image[:rows], ~mask[:rows]
    if int(runs):
        covariance(image[:64, :64], good[:64, :64], int(lag))  # compiles
    seconds = []
    for _ in range(max(int(runs), 1)):
        start = time.perf_counter()
        found = covariance(image, good, int(lag))
        seconds.append(time.perf_counter() - start)
    print_covariance(seconds, good.sum(), found)


def slice_covariance(image, good):
    """Of the lags of one half plane; the other's are the same."""
    image = image.astype(np.float64)
    values = np.where(good, image - image[good].mean(), 0.0)
    found = np.zeros((3, 3))
    height, width = values.shape
    for y, x in ((0, 0), (0, 1), (1, -1), (1, 0), (1, 1)):
        here = np.s_[:height - y, max(-x, 0):width - max(x, 0)]
        there = np.s_[y:, max(x, 0):width + min(x, 0)]
        pairs = np.count_nonzero(good[here] & good[there])
        found[1 + y, 1 + x] = found[1 - y, 1 - x] = (values[here] * values[there]).sum() / pairs
    return found


def run_slices(path, runs):
    image, mask = read_exposure(path)
    seconds = []
    for _ in range(int(runs)):
        start = time.perf_counter()
        found = slice_covariance(image, ~mask)
        seconds.append(time.perf_counter() - start)
    print_covariance(seconds, (~mask).sum(), found)


def read_planes(path):
    with fits.open(path, memmap=False) as hdus:
        return {hdu.name: hdu.data for hdu in hdus[1:]}, hdus["SCI"].header


def run_tile(folder):
    """The notebook's rule, with astropy's coordinates; the coadd is there when the clock starts."""
    from astropy.wcs import WCS
    with fits.open(folder + "/coadd.fits", memmap=False) as hdus:
        sky = (hdus["SEG"].data == 0) & (hdus["MSK"].data == 0) & (hdus["WGT"].data > 0)
        coadd = WCS(hdus["WGT"].header)
    start = time.perf_counter()
    planes, header = read_planes(folder + "/image.fits")
    image = (planes["SCI"] - planes["BKG"]) * 0.25
    y, x = np.indices(image.shape).reshape(2, -1)
    x, y = coadd.wcs_world2pix(*WCS(header).all_pix2world(x, y, 0), 0)
    x, y = np.floor(x + 0.5).astype(np.int32), np.floor(y + 0.5).astype(np.int32)
    inside = (x >= 0) & (x < sky.shape[1]) & (y >= 0) & (y < sky.shape[0])
    found = sky[np.clip(y, 0, sky.shape[0] - 1), np.clip(x, 0, sky.shape[1] - 1)] & inside
    good = found.reshape(image.shape) & (planes["MSK"] == 0) & (planes["WGT"] > 0)
    seconds = time.perf_counter() - start
    print_covariance([seconds], good.sum(), slice_covariance(image, good))


def nearest_in_quadrant(dx, dy, right, above):
    """All stars are looked at, those outside the quadrant at distance 0, as there."""
    inside = np.where(dx > 0 if right else dx < 0, 1, 0) * np.where(dy > 0 if above else dy < 0, 1, 0)
    distance = np.sqrt(dx * dx + dy * dy) * inside
    some = np.nonzero(distance)
    if some[0].size == 0:
        return -1, 0.0
    least = np.min(distance[some])
    return np.where(distance == least)[0][0], least


def run_notebook(table, nx, ny, piece):
    """A part in the middle of the image; one process, where the notebook has eight."""
    from astropy.table import Table
    stars = Table.read(table)
    x, y, *offsets = (np.asarray(stars[name]) for name in
                      ("xcentroid", "ycentroid", "xoffset", "yoffset"))
    left, low, piece = (int(nx) - int(piece)) // 2, (int(ny) - int(piece)) // 2, int(piece)
    left, low = left - left % 3, low - low % 3
    maps = np.zeros((2, piece, piece))
    start = time.perf_counter()
    for i in range(0, piece, 3):
        for j in range(0, piece, 3):
            dx, dy = left + i - x, low + j - y
            found = [nearest_in_quadrant(dx, dy, *signs)
                     for signs in ((1, 1), (0, 1), (1, 0), (0, 0))]
            total = sum(1 / distance for _, distance in found if distance > 0)
            for star, distance in found:
                if star > 0:
                    for axis in (0, 1):
                        maps[axis, j, i] += offsets[axis][star] * (1 / distance / total)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "left": left, "low": low,
                      "x": maps[0, ::3, ::3].ravel().tolist()}))


def run_fill(nx, ny):
    from astropy.convolution import Gaussian2DKernel, interpolate_replace_nans
    image = np.full((int(ny), int(nx)), np.nan)
    image[::3, ::3] = 10.0
    start = time.perf_counter()
    filled = interpolate_replace_nans(image, Gaussian2DKernel(x_stddev=1))
    print(json.dumps({"seconds": time.perf_counter() - start, "mean": float(np.mean(filled))}))


def run_imsave(path, picture):
    import matplotlib
    matplotlib.use("Agg")
    from astropy.visualization import ZScaleInterval
    from matplotlib import pyplot
    image = fits.getdata(path)
    low, high = ZScaleInterval().get_limits(image)
    pyplot.imsave(picture, image, vmin=low, vmax=high, cmap="gray", origin="lower")


JOBS = {"photutils": run_photutils, "sep": run_sep, "variance": run_variance, "clip": run_clip,
        "stats": run_stats, "across": run_across,
        "numba": run_numba, "slices": run_slices, "tile": run_tile, "notebook": run_notebook, "fill": run_fill,
        "imsave": run_imsave}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in JOBS:
        sys.exit(__doc__)
    JOBS[sys.argv[1]](*sys.argv[2:])
