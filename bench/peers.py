#!/usr/bin/env python3
"""What the Python packages do for one file, as whole programs for the runners to time.

    bench/peers.py photutils|sep EXPOSURE MODEL RMS   mesh of 64 x 64 pixels, filter of 3 x 3
    bench/peers.py variance EXPOSURE                  the two factors of welkin variance
    bench/peers.py clip IMAGE [float64]               mean, median, standard deviation

Each imports what it needs and nothing else, since imports count.
"""
import sys

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


JOBS = {"photutils": run_photutils, "sep": run_sep, "variance": run_variance, "clip": run_clip}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in JOBS:
        sys.exit(__doc__)
    JOBS[sys.argv[1]](*sys.argv[2:])
