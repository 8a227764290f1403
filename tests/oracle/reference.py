#!/usr/bin/env python3
"""How wrong levels from a reference are when its seeing differs.

    tests/oracle/reference.py WELKIN [--draws 8]

Four exposures of a field of Gaussian stars, FWHM 2.8 px, noise 1, and a reference whose pixels are
three times as wide, noise 0.3, with broader stars.  Prints the mean error of the levels in the
noise of a pixel and the rms of error / reported error, without masks and with stars above 100
masked in the exposures.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

SIDE, WIDE, STARS, MASKED = 350, 230, 400, 100
PLACES = [(0, 0), (250, 5), (3, 251), (252, 249)]
SHARP = 1.2  # sigma in pixels of the exposures


def header(first, scale):
    cards = fits.Header()
    cards["CTYPE1"], cards["CTYPE2"], cards["CRVAL1"], cards["CRVAL2"] = "RA---TAN", "DEC--TAN", 150, 2
    cards["CRPIX1"], cards["CRPIX2"] = ((300 - f - (scale - 1) / 2) / scale + 1 for f in first)
    cards["CD1_1"], cards["CD2_2"] = -scale / 7200, scale / 7200
    return cards


def stars(side, places, light, sigma):
    """Gaussians that are small against the pixels' number: sampled at the pixels' middles."""
    out, reach = np.zeros((side, side)), int(6 * sigma) + 2
    for (x, y), total in zip(places, light):
        if min(x, y) < -reach or max(x, y) > side - 1 + reach:
            continue
        left, low = (max(int(round(v)) - reach, 0) for v in (x, y))
        v, u = np.mgrid[low:min(low + 2 * reach, side), left:min(left + 2 * reach, side)]
        out[v, u] += total * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 2 / sigma ** 2) / (
            2 * np.pi * sigma ** 2)
    return out


def draw(folder, seed, sigma, masked):
    """Files, the reference, the levels; sigma of the reference in its own pixels."""
    random, paths = np.random.default_rng(seed), []
    places = random.uniform(-60, 720, (STARS, 2))
    light = np.minimum(30 * (1 - random.uniform(size=STARS)) ** (-1 / 1.2), 2e5)
    levels = random.uniform(0, 60, len(PLACES))
    for i, first in enumerate(PLACES):
        data = stars(SIDE, places - first, light, SHARP) + random.normal(levels[i], 1, (SIDE, SIDE))
        v, u = np.mgrid[0:SIDE, 0:SIDE]
        for (x, y), total in zip(places - first, light):
            reach = 9 * sigma ** 2 * 2 * np.log(max(total / 20, 1.01))
            if masked and total > MASKED:
                data[(u - x) ** 2 + (v - y) ** 2 < reach] = np.nan
        paths.append(folder / f"e{i}.fits")
        fits.writeto(paths[-1], data.astype(np.float32), header(first, 1), overwrite=True)
    data = stars(WIDE, (places + 59) / 3, light / 9, sigma) + random.normal(0, 0.3, (WIDE, WIDE))
    fits.writeto(folder / "wide.fits", data.astype(np.float32), header((-60, -60), 3),
                 overwrite=True)
    return paths, folder / "wide.fits", levels


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("welkin")
    parser.add_argument("--draws", type=int, default=8)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for sigma in (0.7, 1.2, 2.0):
            for masked in (False, True):
                left, errors = [], []
                for seed in range(words.draws):
                    paths, wide, levels = draw(pathlib.Path(name), seed, sigma, masked)
                    answer = json.loads(subprocess.run(
                        [words.welkin, "match", *paths, "--compare", "cells", "--method", "match",
                         "--reference", wide, "--json", "-q"], check=True, capture_output=True).stdout)
                    left.append([e["sky"] for e in answer["exposures"]] - levels)
                    errors.append([e["error"] for e in answer["exposures"]])
                pull = np.sqrt(np.mean((np.array(left) / errors) ** 2))
                print(f"FWHM {3 * 2.355 * sigma:4.1f} px, {'masks' if masked else 'no masks':8}: "
                      f"mean error {np.mean(left):7.4f}, rms of pulls {pull:.2f}", flush=True)


if __name__ == "__main__":
    main()
