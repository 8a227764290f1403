"""Pictures of welkin show against stored ones, as an eye compares them.

Fonts and line drawing differ a little from machine to machine: both pictures are averaged over
squares of 8 pixels, and then hardly any square may look different.  WELKIN_GOLDEN=1 draws the
stored ones anew, which must then be looked at.
"""
import os
import pathlib

import numpy as np
import pytest

import png
from helpers import lsst, noise, plain, run, tan

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
SHAPE = (180, 240)
PLANES = {"BAD": 0, "SAT": 1, "DETECTED": 5, "NO_DATA": 8}


def sky():
    """Stars on a slope, a bad column, a hole."""
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    values = noise(SHAPE, 100, 4, seed=5) + 0.1 * x
    rng = np.random.default_rng(6)
    mask = np.zeros(SHAPE, "i4")
    for _ in range(25):
        spot = rng.exponential(800) * np.exp(-0.5 * ((x - rng.uniform(0, 240)) ** 2 +
                                                     (y - rng.uniform(0, 180)) ** 2) / 6)
        values += spot
        mask[spot > 8] |= 32
    mask[values > 1200] |= 2
    mask[:, 70] |= 1
    values[120:150, 160:200] = np.nan
    mask[120:150, 160:200] |= 256
    return values.astype("f4"), mask


def exposure(folder):
    values, mask = sky()
    header = tan(scale=2.0, ra=10.0, dec=-31.0)
    header["BUNIT"] = "nJy"
    return lsst(folder / "calexp.fits", values, mask, np.ones(SHAPE, "f4"), header, PLANES)


def marks(folder):
    (folder / "stars.csv").write_text("x,y\n30,40\n120,100\n200,20\n")
    return folder / "stars.csv"


CASES = {
    "sky": lambda f: (exposure(f), "--scale", "asinh", "--axes", "sky", "--colorbar",
                      "--mask-overlay", "--size", "480"),
    "pixel": lambda f: (exposure(f), "--colormap", "viridis", "--scale", "log", "--limits",
                        "percentile:1,99.8", "--axes", "pixel", "--colorbar", "--marks", marks(f),
                        "--size", "300"),
    "panel": lambda f: (exposure(f), plain(f / "flat.fits", np.full(SHAPE, 130, "f4"), tan(scale=2)),
                        plain(f / "none.fits", np.full(SHAPE, np.nan, "f4"), tan(scale=2)),
                        "--panel", "--colormap", "magma", "--colorbar", "--axes", "pixel",
                        "--limits", "90,150", "--size", "130"),
    "signed": lambda f: (plain(f / "rest.fits", noise(SHAPE, 0.5, 2, seed=8)), "--colormap", "RdBu",
                         "--axes", "none", "--colorbar", "--limits", "minmax", "--size", "120"),
    "bare": lambda f: (exposure(f), "--scale", "histeq", "--axes", "none", "--size", "240x180"),
}


def squares(pixels, side=8):
    height, width = (n // side * side for n in pixels.shape[:2])
    parts = pixels[:height, :width].astype(float)
    return parts.reshape(height // side, side, width // side, side, 3).mean(axis=(1, 3)) / 255


@pytest.mark.parametrize("name", CASES)
def test_golden(folder, name):
    run("show", *CASES[name](folder), "-o", folder / "a.png")
    stored = GOLDEN / f"show_{name}.png"
    if os.environ.get("WELKIN_GOLDEN"):
        stored.write_bytes((folder / "a.png").read_bytes())
    drawn, wanted = png.read(folder / "a.png"), png.read(stored)
    assert drawn.shape == wanted.shape
    off = np.abs(squares(drawn) - squares(wanted)).max(axis=2)
    # letters of another font fill a square differently; they are a small part of the picture
    assert np.mean(off > 0.12) < 0.01
    assert off.mean() < 0.01


def test_the_measure_sees_a_difference(folder):
    """Another stretch of the same image is far outside of what is let pass."""
    given = CASES["bare"](folder)
    run("show", *given, "-o", folder / "a.png")
    run("show", given[0], "--scale", "linear", *given[3:], "-o", folder / "b.png")
    off = np.abs(squares(png.read(folder / "a.png")) - squares(png.read(folder / "b.png")))
    assert off.mean() > 0.05
