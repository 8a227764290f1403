"""Real DECam exposures of one patch in g, r and z: coordinates as astropy's, levels that agree.

Set WELKIN_SHARED to a folder with data/decam of the legacypipe test data.
"""
import glob
import json
import math
import os
import subprocess
import warnings

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

SHARED = os.environ.get(
    "WELKIN_SHARED", os.path.join(os.environ.get("WELKIN_SOURCE", "."), "..", "shared"))
FRAMES = sorted(glob.glob(os.path.join(SHARED, "data", "decam", "*_ooi_*.fits")))

pytestmark = pytest.mark.skipif(not FRAMES, reason="no DECam frames here")


def run(*words):
    done = subprocess.run([os.environ["WELKIN"], *words, "--json", "-q"], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def separation(a, b):
    """Arcsec between two close positions."""
    dec = math.radians(0.5 * (a[1] + b[1]))
    return 3600 * math.hypot((a[0] - b[0]) * math.cos(dec), a[1] - b[1])


def test_coordinates():
    worst = 0.0
    for exposure in run("info", *FRAMES)["exposures"]:
        assert exposure["layout"] == "decam" and exposure["wcs"]["distortion"] == "TPV"
        with fits.open(exposure["file"]) as hdus, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wcs = WCS(hdus[exposure["hdu"]["image"]].header)
        nx, ny = exposure["width"], exposure["height"]
        places = [((nx - 1) / 2, (ny - 1) / 2), (-0.5, -0.5), (nx - 0.5, -0.5),
                  (nx - 0.5, ny - 0.5), (-0.5, ny - 0.5)]
        found = [exposure["wcs"]["centre"], *exposure["wcs"]["corners"]]
        for place, sky in zip(places, found):
            worst = max(worst, separation(wcs.all_pix2world([place], 0)[0], sky))
    print("\n%d DECam frames: centre and corners within %.2g arcsec of astropy"
          % (len(FRAMES), worst))
    assert worst < 0.01


@pytest.mark.parametrize("band", "grz")
def test_levels(band):
    files = [f for f in FRAMES if "_ooi_%s_" % band in f]
    answer = run("match", *files)
    assert len(files) > 1 and all(e["valid"] for e in answer["exposures"])
    worst = 0.0
    for overlap in answer["overlaps"]:
        a, b = (answer["exposures"][overlap[k]] for k in "ab")
        noise = math.hypot(pixel_noise(a), pixel_noise(b))
        # the error of the difference of two medians of white noise
        error = 1.2533 * noise / math.sqrt(min(overlap["pixels_a"], overlap["pixels_b"]))
        worst = max(worst, abs(overlap["residual"]) / error)
    print("\n%s: %d overlaps, rms %.4g before and %.3g after; largest residual %.2f sigma"
          % (band, len(answer["overlaps"]), answer["rms_before"], answer["rms_after"], worst))
    assert worst < 3


def pixel_noise(exposure):
    """From neighbouring pixels, here in numpy: 1.4826 MAD of differences / sqrt 2."""
    with fits.open(exposure["file"]) as hdus:
        data = hdus[exposure["hdu"]].data.astype(float)
    return 1.4826 * np.median(np.abs(np.diff(data, axis=1))) / math.sqrt(2)
