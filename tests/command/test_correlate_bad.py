"""Correlations that cannot be: the right status, one sentence that says of what, and no output."""
import os
import subprocess

import numpy as np
import pytest

from helpers import WELKIN, fail, lsst, names, noise, plain, run, state, stsci, tan
from lags import COADD, Tile, smooth

SHAPE = (40, 50)


def outputs(folder):
    """Everything that may be written."""
    return [word for option, name in (("-o", "o.json"), ("--table", "t.fits"),
                                      ("--cube", "c.fits"), ("--figure", "f.png"))
            for word in (option, folder / name)]


def refused(folder, status, *words, **options):
    """One sentence, no output, inputs as they were."""
    there = [p for p in folder.rglob("*") if p.is_file()]
    before, listed = state(there), names(folder)
    said = fail(status, "correlate", *words, **options)
    assert said.startswith("welkin correlate: ")
    assert names(folder) == listed and state(there) == before
    return said


def good(folder, name="a.fits"):
    return plain(folder / name, smooth(SHAPE).astype("f4"), tan())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nothing_finite(folder, value):
    path = plain(folder / "a.fits", np.full(SHAPE, value, "f4"), tan())
    assert f"{path}" in refused(folder, 1, path, *outputs(folder))


def test_all_masked(folder):
    path = stsci(folder / "a.fits", [(noise(SHAPE), noise(SHAPE), np.ones(SHAPE, "i2"), tan())])
    said = refused(folder, 1, path, *outputs(folder))
    assert str(path) in said and "is good" in said
    fine = good(folder, "b.fits")
    assert str(path) in refused(folder, 1, fine, path, *outputs(folder))
    everything = plain(folder / "s.fits", np.ones(SHAPE, "i2"))
    assert str(fine) in refused(folder, 1, fine, "--source-mask", everything, *outputs(folder))


def test_constant_figure(folder):
    """There is no spectrum of nothing; the numbers alone are written without complaint."""
    path = plain(folder / "a.fits", np.full(SHAPE, 3, "f4"), tan())
    assert "a.fits" in refused(folder, 1, path, *outputs(folder))
    run("correlate", path, *outputs(folder)[:6])
    run("correlate", path, good(folder, "b.fits"), "--figure", folder / "f.png")


def test_missing_and_no_images(folder):
    assert "nosuch.fits" in refused(folder, 3, folder / "nosuch.fits", *outputs(folder))
    text = folder / "text.fits"
    text.write_text("no image\n" * 500)
    assert str(text) in refused(folder, 3, text, *outputs(folder))
    path = good(folder)
    os.truncate(path, 2880 + 3000)
    assert str(path) in refused(folder, 3, path, *outputs(folder))
    assert str(path) in refused(folder, 3, good(folder, "b.fits"), path, *outputs(folder))


def test_beside(folder):
    """Background and mask: missing, of another size, several images."""
    path = good(folder)
    other = plain(folder / "other.fits", np.zeros((7, 9), "f4"))
    detector = (noise(SHAPE), noise(SHAPE), np.zeros(SHAPE, "i2"), tan())
    two = stsci(folder / "two.fits", [detector, detector])
    for option in ("--background", "--source-mask"):
        said = refused(folder, 3, path, option, other, *outputs(folder))
        assert str(other) in said and "9 x 7" in said and "50 x 40" in said
        assert "nosuch" in refused(folder, 3, path, option, folder / "nosuch", *outputs(folder))
        said = refused(folder, 2, path, option, two, *outputs(folder))
        assert str(two) in said and "2 images" in said
        run("correlate", path, option, f"{two}[3]")


def test_weighted_without_a_plane(folder):
    path = good(folder)
    said = refused(folder, 3, path, "--weighted", *outputs(folder))
    assert f"{path}[0]" in said and "--weighted" in said
    bad = lsst(folder / "l.fits", noise(SHAPE), np.zeros(SHAPE, "i4"), np.zeros(SHAPE, "f4"), tan(),
               {"BAD": 0})
    assert str(bad) in refused(folder, 1, bad, "--weighted", *outputs(folder))
    tile = Tile(folder, 1)
    refused(folder, 2, "--tile", tile.info(), "--weighted")


WRONG = [("--lag", "-1"), ("--lag", "1025"), ("--lag", "x"), ("--lag", "1.5"), ("--lag",),
         ("--jackknife", "0"), ("--jackknife", "x"), ("--jackknife", "4x"),
         ("--jackknife", "1000000"), ("--subset", "0"),
         ("--regions", "0x1"), ("--regions", "51x1"), ("--regions", "1x41"), ("--box", "0"),
         ("--box", "-3"), ("--group", "nosuch"), ("--figure", "f.gif"), ("--nosuch",),
         ("--table", "x", "--cube", "x"), ("--table", "x", "-o", "x"),
         ("--figure", "x.png", "-o", "x.png"), ("--check-tile",), ("--tile", "info.yaml"),
         ("--threads", "-1"), ("--memory", "much")]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(folder, words):
    Tile(folder, 1).info()
    refused(folder, 2, good(folder), *words, cwd=folder)


def test_no_file(folder):
    refused(folder, 2)
    path = good(folder)
    assert "given twice" in refused(folder, 2, path, f"{path}[0]")


@pytest.mark.parametrize("option, name", [("-o", "o.json"), ("--table", "t.fits"),
                                          ("--cube", "c.fits"), ("--figure", "f.png")])
def test_output_exists(folder, option, name):
    """It stays as it is, and none of the others is left; --overwrite replaces it."""
    path = good(folder)
    (folder / name).write_text("mine")
    assert str(folder / name) in refused(folder, 3, path, *outputs(folder))
    run("correlate", path, option, folder / name, "--overwrite")
    assert (folder / name).read_bytes() != b"mine"
    for place in ("no/such/x.png", f"{name}/x.png"):
        assert str(folder / place.split("/")[0]) in refused(folder, 3, path, option, folder / place)


@pytest.mark.parametrize("option", ["-o", "--table", "--cube", "--figure"])
def test_inputs_are_not_replaced(folder, option):
    """Nor what is read beside them."""
    path = plain(folder / "a.png", smooth(SHAPE), tan())
    mask = plain(folder / "mask.png", np.zeros(SHAPE, "i2"))
    back = plain(folder / "back.png", np.zeros(SHAPE))
    os.symlink(back, folder / "link.png")
    for target in (path, mask, back, folder / "link.png"):
        for beside in ("--background", "--source-mask"):
            for name in (back, f"{back}[0]"):
                said = refused(folder, 2, path, "--mask-file", mask, beside, name, option, target,
                               "--overwrite")
                assert str(target) in said


@pytest.mark.parametrize("option", ["-o", "--table", "--cube"])
def test_files_of_the_tile_are_not_replaced(folder, option):
    tile = Tile(folder, 2)
    path = tile.info()
    for target in ("info.yaml", "coadd.fits", "seg.fits", "se0.fits", "bkg1.fits"):
        for subset in ((), ("--subset", 0)):
            said = refused(folder, 2, "--tile", path, option, folder / target, "--overwrite",
                           *subset)
            assert target in said


def limit_files():
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def test_file_size_limit(folder):
    """The disk is full as far as this process goes: what was written before does not stay."""
    path = good(folder)
    for option, name, more in (("-o", "o.json", ("--lag", 9)), ("--table", "t.fits", ()),
                               ("--cube", "c.fits", ("--lag", 40)), ("--figure", "f.png", ())):
        said = refused(folder, 3, path, option, folder / name, *more, preexec_fn=limit_files)
        assert name in said
    said = refused(folder, 3, path, "--cube", folder / "c.fits", "-o", folder / "o.json", "--lag",
                   10, preexec_fn=limit_files)
    assert "o.json" in said or "c.fits" in said


# the coadd's failures are those of all images

def test_missing_coadd(folder):
    tile = Tile(folder, 2)
    (folder / "coadd.fits").unlink()
    assert "coadd.fits" in refused(folder, 3, "--tile", tile.info(), *outputs(folder))


@pytest.mark.parametrize("key", ["image", "weight", "bmask", "seg"])
def test_coadd_planes(folder, key):
    """No such file, no such extension, another size than the coadd's image."""
    tile = Tile(folder, 1)
    kept = dict(tile.top)
    tile.top[f"{key}_path"] = "nosuch.fits"
    assert "nosuch.fits" in refused(folder, 3, "--tile", tile.info())
    tile.top = {**kept, f"{key}_ext": "nosuch"}
    assert "nosuch" in refused(folder, 3, "--tile", tile.info())
    plain(folder / "odd.fits", np.ones((COADD[0], COADD[1] - 1), "i4"), tan())
    tile.top = {**kept, f"{key}_path": "odd.fits", f"{key}_ext": 0}
    said = refused(folder, 3, "--tile", tile.info())
    assert "119 x 100" in said and "120 x 100" in said
    tile.top = {**kept, f"{key}_path": "null"}
    assert f"{key}_path" in refused(folder, 3, "--tile", tile.info())


TOP = ("image_path", "weight_path", "bmask_path", "seg_path", "image_ext", "seg_ext")
SOURCE = ("image_path", "weight_path", "bmask_path", "bkg_path", "weight_ext", "bkg_ext", "scale")


@pytest.mark.parametrize("key", TOP)
def test_coadd_without_a_key(folder, key):
    """The key is named, and where what should have it begins."""
    tile = Tile(folder, 2)
    del tile.top[key]
    said = refused(folder, 3, "--tile", tile.info(), *outputs(folder))
    assert key in said and "line 1)" in said and "info.yaml" in said


@pytest.mark.parametrize("key", SOURCE)
def test_image_without_a_key(folder, key):
    tile = Tile(folder, 2)
    del tile.sources[1][key]
    said = refused(folder, 3, "--tile", tile.info(), *outputs(folder))
    starts = [n for n, line in enumerate(tile.text().splitlines(), 1) if line.startswith("- ")]
    assert f"src_info[1] has no {key}" in said and f"line {starts[1]})" in said


@pytest.mark.parametrize("key, value", [("scale", "x"), ("scale", 0), ("scale", -1),
                                        ("scale", ".nan"), ("scale", "[1]"), ("ccdnum", "one"),
                                        ("image_flags", 1.5), ("expnum", "1e400"),
                                        ("image_path", "[a, b]"), ("image_path", "{a: b}")])
def test_wrong_values(folder, key, value):
    """The line of the value, and what it should be."""
    tile = Tile(folder, 2)
    tile.sources[1][key] = value
    said = refused(folder, 3, "--tile", tile.info())
    lines = tile.text().splitlines()
    text = ("- " if key == "image_path" else "  ") + f"{key}: {value}"
    where = len(lines) - lines[::-1].index(text)
    assert f"src_info[1]: {key}" in said and f"line {where})" in said


TEXTS = {"a: b: c\n": "line 1", "": "info.yaml", "- 1\n- 2\n": "not the map of a tile",
         "just text\n": "not the map of a tile", "a: [1, 2\n": "line", "a: 'x\n": "line",
         "a: 1\na: 2\n": "line 2: a is given twice", "a: \x01\n": "line 1",
         "---\na: 1\n---\nb: 2\n": "second document", "? [a, b]\n: 1\n": "key is not a text",
         "a: &x [*x]\n": "line 1", "a: &x\n  b: *x\n": "anchor", "a: *x\n": "alias",
         "a: !!python/object:os.system x\n": "tag", "src_info: 3\nimage_path: x\nimage_ext: y\n"
         "weight_path: x\nweight_ext: y\nbmask_path: x\nbmask_ext: y\nseg_path: x\nseg_ext: y\n":
         "src_info is '3'", "\t- x\n": "line 1"}


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_wrong_texts(folder, text):
    """Anchors that hold themselves are refused with all the others."""
    path = folder / "info.yaml"
    path.write_text(text)
    said = refused(folder, 3, "--tile", path, *outputs(folder))
    assert str(path) in said and TEXTS[text] in said


def test_not_utf8(folder):
    path = folder / "info.yaml"
    path.write_bytes(b"a: \xff\xfe\x80\n")
    assert str(path) in refused(folder, 3, "--tile", path)
    path.write_bytes(b"\x00" * 100)
    assert str(path) in refused(folder, 3, "--tile", path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    assert str(path) in refused(folder, 3, "--tile", path)


def test_no_info_file(folder):
    assert "nosuch.yaml" in refused(folder, 3, "--tile", folder / "nosuch.yaml")
    assert "folder" in refused(folder, 3, "--tile", folder)
    tile = Tile(folder, 0)
    text = tile.text().replace("src_info:", "src_info: []")
    assert "info.yaml" in refused(folder, 1, "--tile", tile.info(text), *outputs(folder))


def peak(*words):
    """Status, stderr and the most memory that the command had, in MB."""
    with subprocess.Popen([WELKIN, *map(str, words)], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, text=True) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss / 1024


def least(folder):
    """What the program needs for an info file of a few bytes."""
    (folder / "few.yaml").write_text("a: 1\n")
    return peak("correlate", "--tile", folder / "few.yaml")[2]


def hostile(kind, size):
    """A text of about this many bytes."""
    if kind == "nested lists":
        return "a: " + "[" * size
    if kind == "nested lists, closed":
        return "a: " + "[" * (size // 2) + "]" * (size // 2)
    if kind == "nested maps":
        return "a: " + "{b: " * (size // 4)
    if kind == "nested blocks":
        return "".join(" " * n + "a:\n" for n in range(int(np.sqrt(2 * size))))
    if kind == "many values":
        return "a: [" + "1, " * (size // 3) + "1]\n"
    return "a: '" + "x" * size + "'\n"


KINDS = ("nested lists", "nested lists, closed", "nested maps", "nested blocks", "many values",
         "long text")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [200, 20000, 4000000])
def test_hostile_texts(folder, kind, size):
    """No more memory than some times the text's, or what half a million values need."""
    path = folder / "info.yaml"
    path.write_text(hostile(kind, size))
    status, said, most = peak("correlate", "--tile", path)
    assert status == 3 and said.count("\n") == 1 and str(path) in said, said
    if kind.startswith("nested") and size > 200:
        assert "nested more than 32 deep" in said or "more than" in said
    assert most < least(folder) + 100 + 8e-6 * size


def test_large_file(folder):
    """A hundred megabytes are refused for their size alone; they take no room on the disk."""
    path = folder / "info.yaml"
    path.touch()
    os.truncate(path, 100 << 20)
    status, said, most = peak("correlate", "--tile", path)
    assert status == 3 and "64 MB" in said and said.count("\n") == 1
    assert most < least(folder) + 50


def test_deep_large_file(folder):
    """60 MB of opening brackets: read until they are too deep."""
    path = folder / "info.yaml"
    path.write_text("[" * (60 << 20))
    status, said, most = peak("correlate", "--tile", path)
    assert status == 3 and "nested more than 32 deep" in said
    assert most < least(folder) + 50
