"""Offsets against golden values of the notebook that makes them, their definitions written out
plainly (offset_reference), and astropy's filling of gaps."""
import hashlib
import json
import os
import pathlib
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

import offset_reference as reference

WELKIN = os.environ.get("WELKIN", "welkin")
SHARED = pathlib.Path(os.environ.get("WELKIN_SHARED",
                                     pathlib.Path(__file__).resolve().parents[3] / "shared"))
FOLDER = SHARED / "cases" / "offsets"
GOLDEN = FOLDER / "golden.json"
COLUMNS = ("xcentroid", "ycentroid", "xoffset", "yoffset")
EXACT = ("--quadrants", "strict")
SEED = ("--model", "seed")
# means of some dozens of numbers of at most 500 in double: the order of summation shows at 1e-12
TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}


def golden():
    return json.loads(GOLDEN.read_text())["cases"] if GOLDEN.exists() else {}


def measure(folder, path, width, height, *words):
    """The maps, and what was said on stderr."""
    out = folder / "out.fits"
    done = subprocess.run([WELKIN, "offsets", str(path), "--size", f"{width},{height}", "--double",
                           "-o", str(out), "--overwrite", *map(str, words)], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    with fits.open(out) as hdus:
        return np.array([hdus[1].data, hdus[2].data], float), done.stderr


def of_stars(folder, stars, width, height, *words):
    path = folder / "stars.fits"
    Table(dict(zip(COLUMNS, stars))).write(path, overwrite=True)
    return measure(folder, path, width, height, *words)[0]


def numbers(values):
    return np.array([[np.nan if v is None else v for v in row] for row in values], float)


def check_plane(plane, want):
    """The whole array where it is kept, else a sample and what sums tell of the rest."""
    if "values" in want:
        np.testing.assert_allclose(plane, numbers(want["values"]), **TOLERANCE)
    else:
        step = want["sample_step"]
        np.testing.assert_allclose(plane[::step, ::step], numbers(want["sample"]), **TOLERANCE)
        for key, part in (("first_row", plane[0]), ("last_row", plane[-1]),
                          ("last_column", plane[:, -1])):
            if key in want:
                np.testing.assert_allclose([part], numbers([want[key]]), **TOLERANCE)
    assert np.isnan(plane).sum() == want["n_nan"] and (plane == 0).sum() == want["n_zero"]
    if np.isfinite(plane).any():
        # the file has 11 digits
        assert np.nansum(plane) == pytest.approx(want["sum"], rel=1e-9, abs=1e-9)
        assert np.nansum(plane ** 2) == pytest.approx(want["sumsq"], rel=1e-9, abs=1e-9)
        assert np.nanmin(plane) == pytest.approx(want["min"], rel=1e-9, abs=1e-9)
        assert np.nanmax(plane) == pytest.approx(want["max"], rel=1e-9, abs=1e-9)


needs_golden = pytest.mark.skipif(not GOLDEN.exists(), reason=f"no golden values: {GOLDEN}")


@needs_golden
@pytest.mark.parametrize("name", sorted(golden()))
@pytest.mark.parametrize("kind, words", [("seed", SEED), ("exact", EXACT)])
def test_golden(tmp_path, name, kind, words):
    case, path = golden()[name], FOLDER / "data" / f"{name}.offsets_table.fits"
    columns = np.array([fits.getdata(path)[c] for c in COLUMNS], "<f8")
    assert hashlib.sha256(columns.tobytes()).hexdigest() == case["table_sha256"]
    found, said = measure(tmp_path, path, case["nx"], case["ny"], *words)
    if name == "nan_star":
        assert "no number" in said or "finite" in said
    if name == "nan_star" and kind == "seed":
        # zeros without a word are not taken over: the star is left out, as if it were not there
        whole = columns[:, np.isfinite(columns).all(0)]
        np.testing.assert_allclose(found, reference.notebook(whole, case["nx"], case["ny"]),
                                   **TOLERANCE)
        assert (found != 0).any()
        return
    for plane, axis in zip(found, "xy"):
        check_plane(plane, case[kind][axis])


@needs_golden
@pytest.mark.parametrize("name", sorted(golden()))
def test_reference_is_golden(name):
    """The definitions beside this file are the notebook's, so that they stand for it elsewhere."""
    case = golden()[name]
    if name == "nan_star":
        pytest.skip("the notebook fails there")
    table = fits.getdata(FOLDER / "data" / f"{name}.offsets_table.fits")
    stars = np.array([table[c] for c in COLUMNS], float)
    size = case["nx"], case["ny"]
    for kind, maps in (("seed", reference.notebook(stars, *size)),
                       ("exact", reference.exact(stars, *size, False))):
        for plane, axis in zip(maps, "xy"):
            check_plane(plane, case[kind][axis])


# name: width, height, and what makes stars of a generator
def anywhere(count, margin=4.0):
    def make(rng, width, height):
        return rng.uniform(-margin, width - 1 + margin, count), \
            rng.uniform(-margin, height - 1 + margin, count)
    return make


def on_lattice(rng, width, height):
    """On pixels and half pixels: on rows and columns of pixels, at equal distances, twice at one
    place."""
    x, y = rng.integers(0, 2 * width, 40) / 2, rng.integers(0, 2 * height, 40) / 2
    return np.append(x, x[:8]), np.append(y, y[:8])


def on_coarse_lattice(rng, width, height):
    """A regular grid: every pixel between has several stars at one distance."""
    y, x = (v.ravel().astype(float) for v in np.mgrid[0:height:6, 0:width:6])
    order = rng.permutation(x.size)
    return x[order], y[order]


def clustered(rng, width, height):
    x, y = rng.normal(0.3 * width, 1.5, 30), rng.normal(0.6 * height, 1.5, 30)
    return np.append(x, rng.uniform(0, width, 3)), np.append(y, rng.uniform(0, height, 3))


def on_row(rng, width, height):
    return rng.permutation(width).astype(float), np.full(width, float(height // 2))


def on_slope(rng, width, height):
    x = rng.permutation(np.linspace(0, width - 1, 17))
    return x, x * (height - 1) / (width - 1)


def in_corner(rng, width, height):
    return rng.uniform(width - 4, width - 1, 12), rng.uniform(0, 3, 12)


CASES = {"anywhere": (37, 29, anywhere(25)), "even": (48, 21, anywhere(25)),
         "narrow": (7, 31, anywhere(9)), "one column": (1, 20, anywhere(6)),
         "one row": (41, 1, anywhere(6)), "one pixel": (1, 1, anywhere(5)),
         "far outside": (24, 18, anywhere(30, 200.0)), "many": (45, 33, anywhere(400)),
         "lattice": (33, 26, on_lattice), "coarse lattice": (40, 31, on_coarse_lattice),
         "cluster": (43, 30, clustered), "row": (25, 17, on_row), "slope": (27, 22, on_slope),
         "corner": (35, 27, in_corner), "two": (25, 19, anywhere(2)), "one": (26, 13, anywhere(1))}


def case(name, seed=0, zeros=0.0):
    """Stars, width, height.  Offsets with a true 0 in some of them where wanted."""
    width, height, make = CASES[name]
    rng = np.random.default_rng([seed, sorted(CASES).index(name)])
    x, y = make(rng, width, height)
    offsets = rng.normal([[2.0], [-440.0]], 3, (2, len(x)))
    offsets[:, rng.random(len(x)) < zeros] = 0
    return np.array([x, y, *offsets]), width, height


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("words, half_open, power", [
    ((), True, 1), (EXACT, False, 1), (("--power", 2), True, 2),
    ((*EXACT, "--power", 3.5), False, 3.5)],
    ids=["half-open", "strict", "power 2", "strict, power 3.5"])
def test_nearest(tmp_path, name, words, half_open, power):
    stars, width, height = case(name)
    found = of_stars(tmp_path, stars, width, height, *words)
    want = reference.exact(stars, width, height, half_open, power)
    np.testing.assert_allclose(found, want, **TOLERANCE)
    assert half_open == (not np.isnan(found).any()) or not np.isnan(want).any()


QUIRKS = [((), {}), (("--sections", 1), {"sections": 1}), (("--sections", 5), {"sections": 5}),
          (("--stride", 1), {"stride": 1}), (("--stride", 2), {"stride": 2}),
          (("--stride", 4, "--sections", 3), {"stride": 4, "sections": 3}),
          (("--keep-first",), {"lose_first": False}),
          (("--border", "ignore"), {"zero_border": False}),
          (("--keep-first", "--border", "ignore", "--sections", 1, "--stride", 2),
           {"lose_first": False, "zero_border": False, "sections": 1, "stride": 2})]


@pytest.mark.parametrize("words, quirks", QUIRKS, ids=lambda v: " ".join(map(str, v))
                         if isinstance(v, tuple) else "")
@pytest.mark.parametrize("name", ["anywhere", "even", "narrow", "lattice", "cluster", "corner",
                                  "two", "one", "one row"])
def test_notebook(tmp_path, name, words, quirks):
    stars, width, height = case(name, zeros=0.2)
    found = of_stars(tmp_path, stars, width, height, *SEED, *words)
    np.testing.assert_allclose(found, reference.notebook(stars, width, height, **quirks),
                               **TOLERANCE)


@pytest.mark.parametrize("zero_border", [True, False])
def test_filling_is_astropys(tmp_path, zero_border):
    """interpolate_replace_nans with a Gaussian of sigma 1, as the notebook calls it."""
    convolution = pytest.importorskip("astropy.convolution")
    stars, width, height = case("anywhere")
    words = () if zero_border else ("--border", "ignore")
    found = of_stars(tmp_path, stars, width, height, *SEED, *words)
    kernel = convolution.Gaussian2DKernel(1)
    assert kernel.array.shape == (9, 9)
    for plane, samples in zip(found, reference.notebook_samples(stars, width, height)):
        samples[samples == 0] = np.nan
        border = {"boundary": "fill", "fill_value": 0.0 if zero_border else np.nan}
        want = convolution.interpolate_replace_nans(samples, kernel, **border)
        np.testing.assert_allclose(plane, np.nan_to_num(want), **TOLERANCE)
