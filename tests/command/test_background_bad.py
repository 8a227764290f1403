"""Backgrounds that cannot be: the right status, one sentence that says of what, and no output."""
import os
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, fail, lsst, names, noise, plain, run, state, stsci, tan, write

SHAPE = (50, 60)


def outputs(folder):
    """Everything that a fit may write."""
    return [word for option, name in (("-o", "o.fits"), ("--model", "m.fits"),
                                      ("--rms", "r.fits"), ("--mesh", "c.fits"),
                                      ("--background-list", "l.fits"), ("--figure", "f.png"))
            for word in (option, folder / name)]


def refused(folder, status, *words, **options):
    """One sentence, no output, inputs as they were."""
    there = [p for p in folder.rglob("*") if p.is_file()]
    before, listed = state(there), names(folder)
    said = fail(status, "background", *words, **options)
    assert names(folder) == listed and state(there) == before
    return said


def good(folder, name="a.fits"):
    return plain(folder / name, noise(SHAPE, 5), tan())


def everywhere(value):
    return np.full(SHAPE, value, "f4")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("preset", ["welkin", "lsst", "sextractor", "photutils"])
def test_nothing_finite(folder, value, preset):
    path = plain(folder / "a.fits", everywhere(value), tan())
    said = refused(folder, 1, path, "--preset", preset, *outputs(folder)[:10])
    assert f"{path}[0]" in said and "no good pixel" in said


def test_nothing_good(folder):
    """All masked, by flags and by planes with names."""
    path = stsci(folder / "a.fits", [(noise(SHAPE, 5), noise(SHAPE, 5), np.ones(SHAPE, "i2"),
                                      tan())])
    assert f"{path}[1]" in refused(folder, 1, path, *outputs(folder))
    mask = np.full(SHAPE, 1 << 5, np.int32)
    path = lsst(folder / "b.fits", noise(SHAPE, 5), mask, noise(SHAPE, 5), tan(),
                {"SAT": 1, "DETECTED": 5})
    assert f"{path}[1]" in refused(folder, 1, path, *outputs(folder))
    found, = ask("background", path, "--bad-bits", "SAT")["images"]
    assert found["good"] == SHAPE[0] * SHAPE[1]


def test_the_second_of_two(folder):
    """What was written of the first one does not stay, nor does the folder."""
    paths = [good(folder), plain(folder / "b.fits", everywhere(np.nan), tan())]
    said = refused(folder, 1, *paths, "--output-dir", folder / "out", "--model",
                   folder / "m.fits", "-q")
    assert f"{paths[1]}[0]" in said


def test_one_good_pixel(folder):
    """It is the level of its cell and of all; its scatter is not known."""
    data = everywhere(np.nan)
    data[20, 30] = 7
    path = plain(folder / "a.fits", data, tan())
    found, = ask("background", path, "--preset", "lsst", *outputs(folder))["images"]
    assert found["good"] == 1 and found["mesh"] == {"nx": 1, "ny": 1, "empty": 0}
    assert found["level"]["min"] == found["level"]["max"] == 7 and found["rms"]["median"] is None
    assert np.nansum(fits.getdata(folder / "o.fits")) == 0
    assert np.all(fits.getdata(folder / "m.fits") == 7)
    found, = ask("background", path, "--preset", "lsst", "--box", 10)["images"]
    assert found["level"]["min"] == found["level"]["max"] == 7 and found["mesh"]["empty"] == 29
    found, = ask("background", path, "--minimum-good", 0)["images"]
    assert found["level"]["mean"] == 7
    for preset in ("welkin", "sextractor", "photutils"):
        said = refused(folder, 1, path, "--preset", preset)
        assert f"{path}[0]" in said and "no cell has enough" in said


@pytest.mark.parametrize("preset", ["welkin", "lsst", "sextractor", "photutils"])
@pytest.mark.parametrize("box", [10, 16, 500])
def test_constant(folder, preset, box):
    path = plain(folder / "a.fits", everywhere(5), tan())
    found, = ask("background", path, "--preset", preset, "--box", box, "-o",
                 folder / "o.fits")["images"]
    # splines take some roundings of float32, whose unit is 4.8e-7 at 5
    assert np.abs(fits.getdata(folder / "o.fits")).max() < 2e-6
    assert found["rms"]["median"] == 0


def test_infinite_values(folder):
    """They count as bad, and stay what they are."""
    data = noise(SHAPE, 5)
    data[3, 4], data[5, 6], data[7, 8] = np.inf, -np.inf, np.nan
    path = plain(folder / "a.fits", data, tan())
    for preset in ("welkin", "lsst", "sextractor", "photutils"):
        found, = ask("background", path, "--preset", preset, "--box", 25, "-o",
                     folder / "o.fits", "--overwrite")["images"]
        less = fits.getdata(folder / "o.fits")
        assert found["masked"] == 3 and abs(found["level"]["mean"] - 5) < 0.2
        assert (less[3, 4], less[5, 6]) == (np.inf, -np.inf) and np.isnan(less[7, 8])
        assert np.isfinite(less).sum() == data.size - 3


def test_huge_values(folder):
    """Levels near the end of float32 neither overflow nor become NaN."""
    path = plain(folder / "a.fits", (noise(SHAPE, 5) * 1e37).astype("f4"), tan())
    for preset in ("welkin", "lsst", "photutils"):
        found, = ask("background", path, "--preset", preset)["images"]
        assert found["level"]["mean"] == pytest.approx(5e37, rel=0.05)


@pytest.mark.parametrize("preset", ["welkin", "lsst", "sextractor", "photutils"])
def test_box_larger_than_the_image(folder, preset):
    """One cell, one level: 5 errors of a mean of 3,000 pixels."""
    path = good(folder)
    found, = ask("background", path, "--preset", preset, "--box", 1000, "--minimum-good", 0,
                 "-o", folder / "o.fits")["images"]
    assert found["mesh"] == {"nx": 1, "ny": 1, "empty": 0}
    assert found["level"]["min"] == found["level"]["max"] == pytest.approx(5, abs=5 * 1.5 / 54)


def test_box_of_one_pixel(folder):
    """Cells are pixels: LSST's rules go through them all."""
    path = good(folder)
    for style in ("akima", "spline", "linear"):
        found, = ask("background", path, "--preset", "lsst", "--box", 1, "--interpolate", style,
                     "-o", folder / "o.fits", "--overwrite")["images"]
        assert found["mesh"] == {"nx": 60, "ny": 50, "empty": 0}
        assert np.abs(fits.getdata(folder / "o.fits")).max() < 1e-6
    for preset in ("welkin", "sextractor", "photutils"):
        found, = ask("background", path, "--preset", preset, "--box", 1, "--filter",
                     3)["images"]
        assert (found["mesh"]["nx"], found["mesh"]["ny"]) == (60, 50)
        assert abs(found["level"]["mean"] - 5) < 0.2


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_tiny_images(folder, size):
    path = plain(folder / "a.fits", noise(size, 5), tan())
    for preset in ("welkin", "lsst", "sextractor"):
        run("background", path, "--preset", preset, "-o", folder / "o.fits", "--model",
            folder / "m.fits", "--overwrite")
        assert fits.getdata(folder / "m.fits").shape == size


def test_too_few_cells(folder):
    """3 x 2 cells: orders and styles are reduced, or refused."""
    path = good(folder)
    few = ("--preset", "lsst", "--box", 25)
    level = {order: ask("background", path, *few, "--interpolate", f"chebyshev:{order}")
             ["images"][0]["level"] for order in (1, 2, 6)}
    assert level[1] == level[2] == level[6]
    for order, word in ((6, "6"), (2, "2")):
        said = refused(folder, 1, path, *few, "--interpolate", f"chebyshev:{order}",
                       "--undersample", "fail", *outputs(folder))
        assert f"{path}[0]" in said and f"order {word}" in said
    run("background", path, *few, "--interpolate", "chebyshev:1", "--undersample", "fail")
    linear = ask("background", path, *few, "--interpolate", "linear")["images"]
    for style in ("akima", "spline"):
        assert ask("background", path, *few, "--interpolate", style)["images"] == linear
        said = refused(folder, 1, path, *few, "--interpolate", style, "--undersample", "fail",
                       *outputs(folder))
        assert f"{path}[0]" in said and "3 x 2" in said


def stored(folder):
    path = good(folder)
    run("background", path, "--preset", "lsst", "--box", 10, "--background-list",
        folder / "l.fits")
    return path, folder / "l.fits"


def damage(listed, kind):
    """A bad copy of a list."""
    bad = listed.parent / "bad.fits"
    with fits.open(listed) as hdus:
        several = [hdu.copy() for hdu in hdus]
    if kind == "two HDUs":
        write(bad, *several[:2])
    elif kind == "four HDUs":
        write(bad, *several, fits.ImageHDU(several[0].data))
    elif kind == "truncated":
        bad.write_bytes(listed.read_bytes()[:-3000])
    elif kind == "an image":
        plain(bad, noise(SHAPE))
    elif kind == "text":
        bad.write_text("no list\n" * 400)
    elif kind != "missing":
        keyword, value = kind
        for hdu in several:
            if value is None:
                del hdu.header[keyword]
            else:
                hdu.header[keyword] = value
        write(bad, *several)
    return bad


BAD_LISTS = {"two HDUs": "three", "four HDUs": "three", "truncated": "bad.fits[",
             "an image": "three", "text": "", "missing": "no such file",
             ("BKGD_WIDTH", None): "BKGD_WIDTH", ("BKGD_X0", None): "BKGD_X0",
             ("INTERPSTYLE", None): "INTERPSTYLE", ("INTERPSTYLE", 77): "77",
             ("UNDERSAMPLESTYLE", 9): "9", ("APPROXSTYLE", 3): "3", ("BKGD_WIDTH", -4): "-4",
             ("BKGD_HEIGHT", 3): "3", ("BKGD_WIDTH", 10 ** 15): "1000000000000000"}


@pytest.mark.parametrize("kind", BAD_LISTS, ids=str)
def test_bad_lists(folder, kind):
    path, listed = stored(folder)
    bad = damage(listed, kind)
    said = refused(folder, 3, "--evaluate", bad, "-o", folder / "x.fits")
    assert str(bad) in said and BAD_LISTS[kind] in said
    said = refused(folder, 3, "--evaluate", bad, "--restore", path, "-o", folder / "x.fits")
    assert str(bad) in said and BAD_LISTS[kind] in said


def test_old_lists(folder):
    """Keywords that came later have defaults."""
    path, listed = stored(folder)
    with fits.open(listed, mode="update") as hdus:
        for hdu in hdus:
            for keyword in ("APPROXSTYLE", "APPROXORDERX", "APPROXORDERY", "APPROXWEIGHTING"):
                del hdu.header[keyword]
    run("background", path, "--preset", "lsst", "--box", 10, "--model", folder / "m.fits")
    run("background", "--evaluate", listed, "-o", folder / "x.fits")
    np.testing.assert_array_equal(fits.getdata(folder / "x.fits"), fits.getdata(folder / "m.fits"))


def test_list_of_another_size(folder):
    _, listed = stored(folder)
    other = plain(folder / "b.fits", noise((20, 30)), tan())
    said = refused(folder, 3, "--restore", listed, other, "-o", folder / "x.fits")
    assert f"{other}[0]" in said and "30 x 20" in said and "60 x 50" in said


def test_wrong_use_of_lists(folder):
    path, listed = stored(folder)
    out = ("-o", folder / "x.fits")
    for words in (["--restore", path, *out], ["--restore", listed, listed, path, *out],
                  ["--restore", "--evaluate", listed, *out], ["--restore", listed, path],
                  ["--evaluate", listed], ["--evaluate", listed, path, *out],
                  ["--evaluate", listed, "--output-dir", folder / "out"],
                  ["--evaluate", listed, *out, "--model", folder / "m.fits"],
                  ["--restore", listed, path, *out, "--figure", folder / "f.png"],
                  ["--evaluate", listed, "-o", listed, "--overwrite"],
                  ["--restore", listed, path, "-o", listed, "--overwrite"],
                  ["--restore", listed, path, "-o", path, "--overwrite"]):
        refused(folder, 2, *words)


def test_truncated(folder):
    path = good(folder)
    os.truncate(path, 2880 + 3000)
    assert str(path) in refused(folder, 3, path, *outputs(folder))
    fine = good(folder, "b.fits")
    said = refused(folder, 3, fine, path, "--output-dir", folder / "out", "--model",
                   folder / "m.fits")
    assert str(path) in said


@pytest.mark.parametrize("taken", ["o.fits", "m.fits", "r.fits", "c.fits", "l.fits", "f.png"])
def test_output_exists(folder, taken):
    path = good(folder)
    (folder / taken).write_text("mine")
    assert str(folder / taken) in refused(folder, 3, path, *outputs(folder))
    assert (folder / taken).read_text() == "mine"


@pytest.mark.parametrize("option", ["-o", "--output-dir", "--model", "--rms", "--mesh",
                                    "--background-list", "--figure"])
@pytest.mark.parametrize("place", ["no/such/x.png", "file/x.png"])
def test_unwritable(folder, option, place):
    path = good(folder)
    (folder / "file").write_text("mine")
    said = refused(folder, 3, path, option, folder / place, "--overwrite")
    assert str(folder / place.split("/")[0]) in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(folder):
    path = good(folder)
    (folder / "out").mkdir(mode=0o555)
    assert "out" in refused(folder, 3, path, *outputs(folder / "out"))


@pytest.mark.parametrize("options", [("-o", "o.fits"), ("--model", "m.fits"),
                                     ("--rms", "r.fits"), ("--mesh", "c.fits", "--box", "1"),
                                     ("--background-list", "l.fits", "--box", "1"),
                                     ("--figure", "f.png")], ids=str)
def test_file_size_limit(folder, options):
    """The disk is full as far as this process goes."""
    import resource
    path = plain(folder / "a.fits", noise((200, 200), 5), tan())
    said = refused(folder, 3, path, options[0], folder / options[1], *options[2:], "-q",
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    assert options[1] in said


@pytest.fixture
def tiny_disk(folder):
    """A file system of 200 kB, where that may be had."""
    place = folder / "disk"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "welkin", str(place)],
                           capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("no tmpfs can be mounted: " + mount.stderr.decode().strip())
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk(folder, tiny_disk):
    """The first output of 163 kB fits, the second does not: neither stays."""
    path = plain(folder / "a.fits", noise((200, 200), 5), tan())
    for more in ((), ("--durable", "--threads", 1)):
        said = refused(folder, 3, path, "-o", tiny_disk / "o.fits", "--model",
                       tiny_disk / "m.fits", "-q", *more)
        assert "No space left" in said and "m.fits" in said and names(tiny_disk) == []


WRONG = [("--box", "0"), ("--box", "-3"), ("--box", "2x"), ("--box", "x"), ("--filter", "2"),
         ("--filter", "0"), ("--filter", "3x4"), ("--sigma", "0"), ("--sigma", "-1"),
         ("--sigma", "nan"), ("--iterations", "0"), ("--minimum-good", "2"),
         ("--minimum-good", "-0.1"), ("--interpolate", "chebyshev:33"),
         ("--interpolate", "chebyshev:"), ("--interpolate", "chebyshev:-1"),
         ("--interpolate", "chebyshev:2x"), ("--interpolate", "cubic"), ("--bins", "floor"),
         ("--preset", "iraf"), ("--statistic", "mod"), ("--weights", "a"), ("--clip", "3"),
         ("--undersample", "increase"), ("--source-grow", "-1"), ("--source-rounds", "0"),
         ("--mask-sources", "--source-sigma", "0"), ("--mask-sources", "--source-fwhm", "0"),
         ("--bins", "ceil", "--interpolate", "zoom"), ("--memory", "much"), ("--threads", "-1"),
         ("--bins", "floor+1", "--interpolate", "bicubic"), ("--nosuch",), ("--box",),
         ("--figure", "f.gif"), ("--interpolate", "bicubic"), ("--preset", "sextractor"),
         ("--preset", "photutils"), ("--output-dir", "out"), ("--rms", "o.fits")]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(folder, words):
    """The last ones: models that no BackgroundList can hold, two outputs of one name."""
    path = good(folder)
    said = refused(folder, 2, path, "-o", "o.fits", "--model", "m.fits", "--background-list",
                   "l.fits", *words, cwd=folder)
    assert "welkin background: " in said


def test_no_files(folder):
    refused(folder, 2)
    paths = [good(folder), good(folder, "b.fits")]
    assert "o.fits" in refused(folder, 2, *paths, "-o", folder / "o.fits")
    assert "given twice" in refused(folder, 2, paths[0], f"{paths[0]}[0]")


@pytest.mark.parametrize("option", ["-o", "--model", "--rms", "--mesh", "--background-list"])
def test_inputs_are_not_replaced(folder, option):
    """Nor are masks and weights in files of their own."""
    path = good(folder)
    mask = plain(folder / "mask.fits", np.zeros(SHAPE, "i2"))
    weight = plain(folder / "weight.fits", np.ones(SHAPE, "f4"))
    os.symlink(mask, folder / "link.fits")
    for target in (path, mask, weight, folder / "link.fits"):
        said = refused(folder, 2, path, "--mask-file", mask, "--weight-file", weight, option,
                       target, "--overwrite")
        assert str(target) in said


def test_memory(folder):
    """48 MB for an image of 36 MB with its model; what does not fit is said."""
    path = plain(folder / "a.fits", noise((3000, 3000), 5), tan())
    want, = ask("background", path, "--model", folder / "m.fits")["images"]
    found, = ask("background", path, "--memory", "48M", "--model", folder / "n.fits", "-o",
                 folder / "o.fits")["images"]
    assert found == want
    np.testing.assert_array_equal(fits.getdata(folder / "n.fits"), fits.getdata(folder / "m.fits"))
    said = refused(folder, 4, path, "--box", 3000, "--memory", "8M", "-o", folder / "x.fits")
    assert f"{path}[0]" in said and "3000 x 3000" in said
