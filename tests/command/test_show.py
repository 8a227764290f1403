"""The limits and shades of welkin show against formulas written anew here, and against astropy."""
import os
import pathlib

import numpy as np
import pytest
from astropy.io import fits
from astropy.visualization import ZScaleInterval

import png
from helpers import SANITIZED, SOURCE, ask, des, lsst, noise, packed, plain, run, stsci, tan, write

SHAPE = (70, 90)
PLANES = {"BAD": 0, "DETECTED": 5}
SHARED = pathlib.Path(os.environ.get("WELKIN_SHARED", SOURCE.parent / "shared"))


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def masked(path, values, mask, header=None):
    return stsci(path, [(values, np.ones(values.shape, "f4"), mask, header)])


def afw_sample(values):
    """Every stride-th pixel of every stride-th row; finer until it has more than 800 finite ones."""
    for stride in range(max(1, int(np.sqrt(values.size / 1000))), 0, -1):
        sample = values[::stride, ::stride]
        sample = np.sort(sample[np.isfinite(sample)]).astype(float)
        if sample.size > 800:
            break
    return sample


def afw_limits(values, letter=False):
    """LSST's zscale by its published formulas."""
    v = afw_sample(values)
    n, c = v.size, v.size // 2
    x = np.linspace(-1, 1, n)
    good = np.ones(n, bool)
    grow, least, before = max(1, n // 100), max(5, n // 2), n + 1
    slope = 0
    for _ in range(5):
        if good.sum() < least or good.sum() >= before:
            break
        before = good.sum()
        line = np.polyfit(x[good], v[good], 1)
        rest = v - np.polyval(line, x)
        bad = ~good | (np.abs(rest) > 2.5 * np.std(rest[good], ddof=1))
        good = ~np.array([bad[max(0, i - grow + 1):i + 1].any() for i in range(n)])
        slope = line[0] * 2 / (n - 1) / 0.25
    if good.sum() < least:
        return v[0], v[-1]
    middle = np.median(v)
    if letter and n % 2 == 0:
        middle = (v[c] + v[c + 1]) / 2
    return max(v[0], middle - c * slope), min(v[-1], middle + (n - c - 1) * slope)


def close(found, wanted):
    """To 1e-6 of the range: float32 pixels, and fits by other formulas."""
    np.testing.assert_allclose(found, wanted, rtol=0,
                               atol=1e-6 * max(np.ptp(wanted), 1e-30) + 1e-7 * np.max(np.abs(wanted)))


def frame(kind, seed=1):
    """Skies with stars, gradients, holes."""
    rng = np.random.default_rng(seed)
    shape = {"odd": (301, 217), "wide": (40, 3000), "small": (9, 7)}.get(kind, (256, 320))
    sky = rng.normal(200, 7, shape) + np.linspace(0, 30, shape[1])
    if kind != "small":
        for _ in range(60):
            y, x = (rng.integers(0, s) for s in shape)
            sky[max(y - 2, 0):y + 3, max(x - 2, 0):x + 3] += rng.exponential(900)
    if kind == "holes":
        sky[rng.random(shape) < 0.9] = np.nan
    if kind == "few":
        sky[rng.random(shape) < 0.999] = np.inf
    if kind == "equal":
        sky[:, :200] = 5
    return sky.astype("f4")


KINDS = ("plain", "odd", "wide", "small", "holes", "few", "equal")


@pytest.mark.parametrize("kind", KINDS)
def test_zscale(folder, kind):
    values = frame(kind)
    path = plain(folder / "a.fits", values)
    close(ask("show", path)["limits"], afw_limits(values))
    close(ask("show", path, "--limits", "zscale:afw")["limits"], afw_limits(values, letter=True))
    close(ask("show", path, "--limits", "zscale:iraf")["limits"],
          ZScaleInterval().get_limits(values))


REAL = ("sky/spitzer_example_image.fits", "sky/M6707HH.fits", "lsst/calexp.fits[1]",
        "lsst/HSC-0908120-056-small.fits[1]", "lsst/scienceMI.fits[1]", "background/image.fits")


@pytest.mark.parametrize("name", REAL)
def test_zscale_of_real_frames(name):
    path = shared("data/" + name.split("[")[0])
    with fits.open(path) as hdus:
        values = hdus[int(name[-2]) if name.endswith("]") else 0].data.astype("f4")
    given = str(path) + ("[%s]" % name[-2] if name.endswith("]") else "")
    close(ask("show", given)["limits"], afw_limits(values))
    close(ask("show", given, "--limits", "zscale:iraf")["limits"],
          ZScaleInterval().get_limits(values))


def test_other_limits(folder):
    values = frame("holes")
    finite = values[np.isfinite(values)].astype(float)
    path = plain(folder / "a.fits", values)
    assert ask("show", path, "--limits", "minmax")["limits"] == [finite.min(), finite.max()]
    found = ask("show", path, "--limits", "percentile:2.5,99")["limits"]
    np.testing.assert_allclose(found, np.percentile(finite, [2.5, 99]), rtol=1e-12)
    assert ask("show", path, "--limits", "-3.5,1e4")["limits"] == [-3.5, 1e4]
    found = ask("show", path, "--limits", "minmax", "--colormap", "RdBu")["limits"]
    assert found == [-finite.max(), finite.max()]


def test_masked_pixels_set_no_limits(folder):
    values = frame("plain")
    mask = (values > 400).astype("i4") * 4
    path = masked(folder / "a.fits", values, mask)
    good = values[mask == 0].astype(float)
    assert ask("show", path, "--limits", "minmax")["limits"] == [good.min(), good.max()]
    found = ask("show", path, "--limits", "percentile:0,100")["limits"]
    assert found == [good.min(), good.max()]
    found = ask("show", path, "--limits", "minmax", "--no-mask")["limits"]
    assert found[1] == values.max()


def shade(values, low, high, scale):
    x = (values - low) / (high - low)
    inside = np.clip(x, 0, 1)
    if scale == "asinh":
        return np.where(x <= 0, 0, np.minimum(np.arcsinh(8 * x) * 0.1 / np.arcsinh(0.8), 1))
    return {"linear": inside, "sqrt": np.sqrt(inside),
            "log": np.log1p(1000 * inside) / np.log(1001)}[scale]


@pytest.mark.parametrize("scale", ["linear", "asinh", "sqrt", "log"])
@pytest.mark.parametrize("times", [1, 3])
def test_grey_levels(folder, scale, times):
    """To one level, by either way of writing: with masks' legend it is cairo's."""
    values = frame("plain")[:60, :80]
    path = masked(folder / "a.fits", values, np.zeros(values.shape, "i4"))
    size = f"{80 * times}x{60 * times}"
    for more in ((), ("--mask-overlay",)):
        picture = folder / "a.png"
        run("show", path, "-o", picture, "--scale", scale, "--limits", "180,320", "--axes", "none",
            "--size", size, "--overwrite", *more)
        drawn = png.read(picture).astype(int)
        if more:
            drawn = drawn[28:28 + 60 * times, 28:28 + 80 * times]
        assert drawn.shape == (60 * times, 80 * times, 3)
        assert (np.ptp(drawn, axis=2) == 0).all()
        wanted = 255 * shade(values.astype(float), 180, 320, scale)[::-1]
        wanted = wanted.repeat(times, axis=0).repeat(times, axis=1)
        assert np.abs(drawn[:, :, 0] - wanted).max() <= 1.01


def test_asinh_of_the_published_table(folder):
    values = np.array([[-10, 0, 1, 10, 50, 100, 500, 1000, 9600]], "f4")
    path = plain(folder / "a.fits", values)
    run("show", path, "-o", folder / "a.png", "--axes", "none", "--scale", "asinh", "--limits",
        "0,100", "--size", "9x1")
    wanted = 255 * np.array([0, 0, 0.010907, 0.1, 0.285902, 0.378954, 0.598113, 0.692703, 1])
    assert np.abs(png.read(folder / "a.png")[0, :, 0] - wanted).max() <= 1


def test_histeq(folder):
    """Equally many pixels of every shade."""
    values = frame("odd")
    path = plain(folder / "a.fits", values)
    run("show", path, "-o", folder / "a.png", "--axes", "none", "--scale", "histeq", "--limits",
        "minmax", "--size", "217x301")
    counts, _ = np.histogram(png.read(folder / "a.png")[:, :, 0], 16, (0, 256))
    assert np.ptp(counts) < 0.1 * counts.mean()


@pytest.mark.parametrize("factor, size", [(2, "100x80"), (3, "60"), (7, "30x23"), (160, "1")])
def test_binning_is_by_means(folder, factor, size):
    values = frame("plain")[:160, :160].copy()
    values[40:60, 40:60] = np.nan
    path = plain(folder / "a.fits", values)
    found = ask("show", path, "-o", folder / "a.png", "--axes", "none", "--limits", "150,300",
                "--size", size)["images"][0]
    assert found["binning"] == factor and found["enlarging"] == 1
    drawn = png.read(folder / "a.png").astype(int)
    cells = -(-160 // factor)
    assert drawn.shape[:2] == (cells, cells)
    for j in range(cells):
        for i in range(cells):
            block = values[j * factor:(j + 1) * factor, i * factor:(i + 1) * factor].astype(float)
            pixel = drawn[cells - 1 - j, i]
            if np.isfinite(block).any():
                level = 255 * np.clip((np.nanmean(block) - 150) / 150, 0, 1)
                assert abs(pixel[0] - level) <= 1.01 and np.ptp(pixel) == 0
            else:
                assert pixel[0] > pixel[2] + 20  # no grey


def test_all_layouts_and_kinds(folder):
    """The same pixels, however they are stored, give the same picture."""
    values = noise(SHAPE, 1000, 12)
    mask = np.zeros(SHAPE, "i4")
    mask[20:30, 20:40] = 2
    one = np.ones(SHAPE, "f4")
    files = [plain(folder / "plain.fits", values), plain(folder / "whole.fits.gz", values),
             masked(folder / "stsci.fits", values, mask),
             lsst(folder / "lsst.fits", values, mask, one, None, PLANES),
             des(folder / "des.fits", values, mask, one, None),
             des(folder / "packed.fits.fz", values, mask, one, None),
             write(folder / "tiles.fits", packed(values))]
    pictures = []
    for path in files:
        picture = folder / (path.name.split(".")[0] + ".png")
        run("show", path, "-o", picture, "--axes", "none")
        pictures.append(picture.read_bytes())
    assert len(set(pictures)) == 1


def test_threads_and_memory_change_nothing(folder):
    values = frame("plain")
    path = masked(folder / "a.fits", values, (values > 300).astype("i4"), tan())
    pictures = set()
    for threads in (1, 7) if SANITIZED else (1, 2, 3, 7):
        run("show", path, "-o", folder / "a.png", "--overwrite", "--mask-overlay", "--colorbar",
            "--limits", "percentile:1,99", "--threads", threads, "--size", "100")
        pictures.add((folder / "a.png").read_bytes())
    assert len(pictures) == 1


def test_minus(folder):
    a, b = noise(SHAPE, 5, 1, seed=1), noise(SHAPE, 3, 1, seed=2)
    for k, values in enumerate((a, b)):
        plain(folder / f"{k}.fits", values)
    found = ask("show", folder / "0.fits", "--minus", folder / "1.fits", "--limits", "minmax")
    difference = (a.astype(float) - b).astype("f4")
    assert found["limits"] == [difference.min(), difference.max()]


def test_masks_are_counted_by_name(folder):
    mask = np.zeros(SHAPE, "i4")
    mask[:2] = 1
    mask[5, 5:9] |= 32
    path = lsst(folder / "a.fits", noise(SHAPE), mask, np.ones(SHAPE, "f4"), None, PLANES)
    found = ask("show", path, "--mask-overlay", "-o", folder / "a.png")["images"][0]
    assert found["mask_planes"] == {"BAD": 180, "DETECTED": 4}
    found = ask("show", path, "--mask-overlay", "--planes", "DETECTED")["images"][0]
    assert found["mask_planes"] == {"DETECTED": 4}
    path = masked(folder / "b.fits", noise(SHAPE), mask)
    found = ask("show", path, "--mask-overlay")["images"][0]
    assert found["mask_planes"] == {"bit 0": 180, "bit 5": 4}


def test_marks(folder):
    """By pixels from 0 and from 1, and by positions on the sky."""
    path = plain(folder / "a.fits", noise(SHAPE), tan())
    (folder / "x.csv").write_text("xcentroid,ycentroid\n0,0\n89.4,69.4\n90,3\n,4\n")
    (folder / "image.csv").write_text("X_IMAGE,Y_IMAGE\n0.6,1\n0.4,1\n90.4,70.4\n")
    (folder / "sky.csv").write_text("id,ra,dec\n1,150.005,1.998\n2,150.0,2.0\n3,300,-5\n")
    (folder / "own.csv").write_text("a,b\n1,2\n3,4\n")
    for table, count, more in (("x", 2, ()), ("image", 2, ()), ("sky", 1, ()),
                               ("own", 2, ("--mark-columns", "a,b"))):
        found = ask("show", path, "--marks", folder / f"{table}.csv", "-o", folder / "m.png",
                    "--overwrite", *more)
        assert found["images"][0]["marks"] == count, table


def test_background_lists(folder):
    """A stored list of backgrounds is shown as the image that it is evaluated to."""
    path = plain(folder / "a.fits", noise((300, 400), 100, 3))
    run("background", path, "--box", "64", "--background-list", folder / "list.fits")
    run("background", "--evaluate", folder / "list.fits", "-o", folder / "image.fits")
    values = fits.getdata(folder / "image.fits")
    found = ask("show", folder / "list.fits", "--limits", "minmax")
    assert found["limits"] == [values.min(), values.max()]
    assert found["images"][0]["hdu"] is None
    rest = ask("show", folder / "image.fits", "--minus", folder / "list.fits", "--limits", "minmax")
    assert rest["limits"] == [0, 0]


def test_panels_share_limits(folder):
    a, b = noise(SHAPE, 0, 1, seed=1), noise(SHAPE, 40, 1, seed=2)
    paths = [plain(folder / f"{k}.fits", v) for k, v in enumerate((a, b))]
    found = ask("show", *paths, "--panel", "-o", folder / "p.png", "--limits", "minmax")
    assert found["limits"] == [min(a.min(), b.min()), max(a.max(), b.max())]
    assert len(found["images"]) == 2


def test_plain_output(folder):
    path = plain(folder / "a.fits", np.arange(100, dtype="f4").reshape(10, 10))
    assert run("show", path, "--limits", "minmax").stdout == "limits 0 99\n"
    path = plain(folder / "b.fits", np.full((10, 10), np.nan, "f4"))
    assert run("show", path).stdout == "limits unknown: no pixel is finite\n"
    assert ask("show", path)["limits"] == [None, None]
