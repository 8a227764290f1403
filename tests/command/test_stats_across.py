"""welkin stats --across against numpy on the pixels of all images."""
import resource
import signal
import subprocess
import time

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from helpers import SANITIZED, WELKIN, ask, des, fail, names, noise, plain, run, stsci, tan
from written import open_checked

SHAPE = (50, 70)
PLANES = ("MEAN", "STD", "MIN", "MAX", "COUNT")


def images(count=6):
    """Of several levels; some NaN and infinite, one pixel in all."""
    out = [noise(SHAPE, 100 + n, 5, seed=n) for n in range(count)]
    for n, image in enumerate(out):
        image[n, n:20] = np.nan
        image[40, n] = np.inf
        image[7, 7] = np.nan
    return out


def wanted(stack, good=None):
    """numpy's numbers of the good pixels in float64."""
    stack = np.asarray(stack, "f8")
    bad = ~np.isfinite(stack) if good is None else ~(np.isfinite(stack) & np.asarray(good))
    values = np.ma.MaskedArray(stack, bad)
    found = [values.mean(0), values.std(0), values.min(0), values.max(0)]
    return dict(zip(PLANES, [plane.filled(np.nan) for plane in found] + [values.count(0)]))


def check(path, planes, wide=False):
    """float32 rounds to half of 1.2e-7; Welford's sums lose some units of the largest value's last
    place."""
    lost = 4 * np.finfo(float).eps * np.nanmax(np.abs([planes["MIN"], planes["MAX"]]))
    with open_checked(path) as hdus:
        assert [hdu.name for hdu in hdus[1:]] == list(PLANES)
        for name in PLANES:
            data = hdus[name].data
            kind = "i4" if name == "COUNT" else "f8" if wide else "f4"
            assert data.dtype.newbyteorder("=") == np.dtype(kind)
            if name in ("MEAN", "STD"):
                np.testing.assert_allclose(data, planes[name], rtol=1e-13 if wide else 1e-7,
                                           atol=lost)
            else:
                np.testing.assert_array_equal(data, planes[name].astype(kind))


def check_told(told, path):
    """The printed lines are those of the planes that were written."""
    for name in PLANES:
        values = fits.getdata(path, name).astype("f8")
        values = values[np.isfinite(values)]
        line = told[name.lower()]
        if not values.size:
            assert set(line.values()) == {None}
            continue
        assert line["min"] == values.min() and line["max"] == values.max()
        assert line["median"] == np.median(values)
        np.testing.assert_allclose([line["mean"], line["std"]], [values.mean(), values.std()],
                                   rtol=1e-12, atol=1e-13)


def test_images(folder):
    stack = images()
    paths = [plain(folder / f"{n}.fits", image, tan(), BUNIT="electron", OBJECT="first")
             for n, image in enumerate(stack)]
    out = folder / "out.fits"
    told = ask("stats", "--across", *paths, "-o", out)["across"]
    check(out, wanted(stack))
    check_told(told, out)
    assert (told["files"], told["images"], told["width"], told["height"]) == (6, 6, 70, 50)
    assert told["empty"] == np.isnan(wanted(stack)["MEAN"]).sum() > 0
    assert ask("stats", "--across", *paths)["across"] == told
    with fits.open(out) as hdus:
        assert hdus[0].header["NIMAGES"] == 6 and "welkin" in str(hdus[0].header["HISTORY"])
        assert hdus["MEAN"].header["BUNIT"] == "electron" and "BUNIT" not in hdus["COUNT"].header
        assert "OBJECT" not in hdus["MEAN"].header
        for name in PLANES:
            np.testing.assert_allclose(WCS(hdus[name].header).wcs_pix2world(3, 4, 0),
                                       WCS(tan()).wcs_pix2world(3, 4, 0), rtol=1e-14)


def test_same_bytes(folder):
    """Any number of threads, and any bands; the order of the files stays.  Sanitized, 15 MB of
    pixels are some bands yet."""
    stack, times = images(), (20 if SANITIZED else 60, 9)
    paths = [plain(folder / f"{n}.fits", np.tile(image, times), tan())
             for n, image in enumerate(stack)]
    out, found = folder / "out.fits", set()
    for options in (("--threads", 1), ("--threads", 7), ("--memory", "1M"),
                    ("--memory", "9M", "--threads", 3)):
        run("stats", "--across", *paths, "-o", out, "--overwrite", *options)
        found.add(out.read_bytes())
    assert len(found) == 1
    check(out, {name: np.tile(plane, times) for name, plane in wanted(stack).items()})


def test_layouts(folder):
    """Masks and weights count; a file may have several images."""
    a, b, c, d = images(4)
    flags, weight = np.zeros(SHAPE, np.int32), np.ones(SHAPE, "f4")
    flags[10:20, 30:40], weight[:, 60:] = 2, 0
    clean, unused = np.zeros(SHAPE, np.int32), np.ones(SHAPE, "f4")
    paths = [des(folder / "a.fits", a, flags, weight, tan()),
             stsci(folder / "b.fits", [(b, unused, flags, tan()), (c, unused, clean, tan())]),
             plain(folder / "c.fits.gz", d)]
    out = folder / "out.fits"
    told = ask("stats", "--across", *paths, "-o", out)["across"]
    assert (told["files"], told["images"]) == (3, 4)
    good = [(flags == 0) & (weight > 0), flags == 0, clean == 0, clean == 0]
    check(out, wanted([a, b, c, d], good))
    check_told(told, out)


def test_deep(folder):
    """Digits that float32 lacks are kept."""
    rng = np.random.default_rng(5)
    stack = [1e9 + rng.normal(0, 1e-3, SHAPE), rng.integers(-2**31, 2**31, SHAPE).astype("i4"),
             noise(SHAPE)]
    paths = [plain(folder / f"{n}.fits", image) for n, image in enumerate(stack)]
    out = folder / "out.fits"
    told = ask("stats", "--across", *paths, "-o", out)["across"]
    check(out, wanted(stack), wide=True)
    check_told(told, out)
    run("stats", "--across", paths[0], "-o", out, "--overwrite")
    check(out, wanted(stack[:1]), wide=True)
    assert np.all(fits.getdata(out, "STD") == 0)


def test_nothing(folder):
    path = plain(folder / "a.fits", np.full(SHAPE, np.nan, "f4"))
    out = folder / "out.fits"
    told = ask("stats", "--across", path, "-o", out)["across"]
    assert told["empty"] == 3500 and told["count"]["max"] == 0 and told["mean"]["mean"] is None
    assert np.isnan(fits.getdata(out, "STD")).all() and (fits.getdata(out, "COUNT") == 0).all()


@pytest.fixture(name="lists")
def made_lists(folder):
    """BackgroundLists, and the images that welkin makes of them."""
    lists, models = [], []
    for n in range(3):
        path = plain(folder / f"sky{n}.fits", noise(SHAPE, 10 * n, 1, seed=n))
        lists.append(folder / f"list{n}.fits")
        run("background", path, "--preset", "lsst", "--box", "16", "--background-list", lists[-1])
        run("background", "--evaluate", lists[-1], "-o", folder / f"model{n}.fits")
        models.append(fits.getdata(folder / f"model{n}.fits"))
    return lists, models


def test_background_lists(folder, lists):
    paths, stack = lists
    out = folder / "out.fits"
    told = ask("stats", "--across", *paths, "-o", out)["across"]
    check(out, wanted(stack))
    check_told(told, out)
    assert "CTYPE1" not in fits.getheader(out, "MEAN")
    image = plain(folder / "x.fits", images(1)[0], tan())
    run("stats", "--across", paths[0], image, *paths[1:], "-o", out, "--overwrite")
    check(out, wanted([stack[0], images(1)[0], *stack[1:]]))
    assert "list1" in fail(2, "stats", "--across", *paths, "-o", paths[1], "--overwrite")


def test_table(folder):
    stack = images()
    paths = [plain(folder / f"{n}.fits", image) for n, image in enumerate(stack)]
    rows = [line.split() for line in run("stats", "--across", *paths).stdout.splitlines()]
    assert [row[0] for row in rows[1:]] == ["mean", "std", "min", "max", "count"]
    least = np.nanmin(wanted(stack)["MIN"])
    assert rows[3][1:4] == ["6", "3499", f"{least:.10g}"]


def test_refused(folder, lists):
    a, b = (plain(folder / f"{n}.fits", noise(SHAPE)) for n in "ab")
    small = plain(folder / "small.fits", noise((50, 60)))
    before = names(folder)
    out = folder / "out.fits"
    said = fail(3, "stats", "--across", a, b, small, "-o", out)
    assert "small.fits" in said and "60 x 50" in said and "70 x 50" in said
    assert "list0" in fail(3, "stats", "--across", small, lists[0][0], "-o", out)
    fail(2, "stats", a, "-o", out)
    fail(2, "stats", "--across", a, b, "--compare", a)
    fail(2, "stats", "--across", a, b, "--histogram", folder / "h.png")
    fail(2, "stats", "--across", a, a, "-o", out)
    fail(2, "stats", "--across", a, b, "-o", a, "--overwrite")
    fail(3, "stats", "--across", a, folder / "none.fits", "-o", out)
    fail(3, "stats", "--across", a, b, "-o", folder / "none" / "out.fits")
    said = fail(3, "stats", "--across", a, b, "-o", out, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_FSIZE, (8192, 8192)))
    assert "out.fits" in said
    assert names(folder) == before
    run("stats", "--across", a, b, "-o", out)
    kept = out.read_bytes()
    fail(3, "stats", "--across", a, "-o", out)
    assert out.read_bytes() == kept
    run("stats", "--across", a, "-o", out, "--overwrite")
    assert out.read_bytes() != kept


def test_too_large_to_print(folder):
    path = plain(folder / "a.fits", np.zeros((300, 400), "f4"))
    assert "--output" in fail(4, "stats", "--across", path, "--memory", "1M")
    run("stats", "--across", path, "--memory", "1M", "-o", folder / "out.fits")


def test_interrupt(folder):
    """Ctrl-C among many images: nothing is left."""
    path = plain(folder / "a.fits", noise((1000, 1000)))
    paths = [path] + [folder / f"{n}.fits" for n in range(300)]
    for other in paths[1:]:
        other.write_bytes(path.read_bytes())
    before = names(folder)
    for wait in (0.4, 0.2, 0.1, 0.05):
        process = subprocess.Popen([WELKIN, "stats", "--across", *map(str, paths), "-q", "-o",
                                    str(folder / "out.fits"), "--overwrite"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=120)
        if process.returncode == 130:
            assert out == "" and "cancelled" in said
            break
        (folder / "out.fits").unlink()
    else:
        pytest.skip("the work ended before it could be interrupted")
    assert names(folder) == before
