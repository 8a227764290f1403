"""Offsets that cannot be: the right status, one sentence that says of what, and no output.
And what is told in a warning."""
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from helpers import SANITIZED, WELKIN, ask, fail, names, noise, plain, run, state, tan, write
from stars import COLUMNS, camera_file, maps, only, scatter, table

SIZE = ("--size", "90,70")


def outputs(folder):
    """Everything that may be written."""
    return ("-o", folder / "o.fits", "--table", folder / "t.fits", "--figure", folder / "f.png")


def refused(folder, status, *words, **options):
    """One sentence, no output, inputs as they were."""
    there = [p for p in folder.rglob("*") if p.is_file()]
    before, listed = state(there), names(folder)
    said = fail(status, "offsets", *words, **options)
    assert said.startswith("welkin offsets: ")
    assert names(folder) == listed and state(there) == before
    return said


def warned(*words):
    """The lines on stderr of a run that succeeds."""
    return run("offsets", *words).stderr.splitlines()


def good(folder, name="a.fits", **more):
    return table(folder / name, **more)


def stars(count, seed=1):
    return scatter(count, seed=seed)


# tables

def test_no_star(folder):
    for name in ("a.fits", "a.csv", "a.ecsv"):
        path = table(folder / name, np.zeros((4, 0)))
        said = refused(folder, 1, path, *SIZE, *outputs(folder))
        assert str(path) in said and "no star" in said
    nothing = table(folder / "nan.fits", np.full((4, 5), np.nan))
    said = refused(folder, 1, nothing, *SIZE, *outputs(folder))
    assert str(nothing) in said and "none of the 5" in said
    fine = good(folder, "fine.fits")
    for words in ((fine, nothing), (nothing, fine)):
        assert str(nothing) in refused(folder, 1, *words, *SIZE, "--output-dir", folder / "out")


def test_one_star(folder):
    path = table(folder / "a.fits", [[40], [30], [2.5], [-3]])
    said, = warned(path, *SIZE, "-o", folder / "o.fits")
    assert str(path) in said and "one star" in said
    assert (maps(folder / "o.fits") == [[[2.5]], [[-3]]]).all()


def test_one_star_of_the_notebook(folder):
    """It never uses the first."""
    path = table(folder / "a.fits", [[40], [30], [2.5], [-3]])
    said, = warned(path, *SIZE, "--model", "seed", "-o", folder / "o.fits")
    assert str(path) in said and "first star" in said
    assert (maps(folder / "o.fits") == 0).all()


def test_fewer_columns_than_sections(folder):
    path = good(folder)
    lines = warned(path, "--size", "7,30", "--model", "seed", "-o", folder / "o.fits")
    assert any("7 columns" in said and "8 sections" in said for said in lines)
    assert (maps(folder / "o.fits") == 0).all()


def test_all_outside(folder):
    moved = stars(20)
    moved[0] += 200
    path = table(folder / "a.fits", moved)
    lines = warned(path, *SIZE)
    assert len(lines) == 1 and str(path) in lines[0] and "outside" in lines[0]
    assert only(path, *SIZE)["outside"] == 20
    one = moved.copy()
    one[0, 0] = 5
    assert warned(table(folder / "b.fits", one), *SIZE) == []


def test_duplicates(folder):
    """Counted, the first of them counts."""
    found = stars(20)
    found[:2, 3] = np.round(found[:2, 3])
    found[:2, 12] = found[:2, 15] = found[:2, 3]
    path = table(folder / "a.fits", found)
    said, = warned(path, *SIZE, "--double", "-o", folder / "o.fits")
    assert str(path) in said and "2 stars stand at the place of an earlier one" in said
    assert only(path, *SIZE)["duplicates"] == 2
    x, y = found[:2, 3].astype(int)
    assert (maps(folder / "o.fits")[:, y, x] == found[2:, 3]).all()
    for model in ("spline", "polynomial:2", "auto"):
        assert only(path, *SIZE, "--model", model)["duplicates"] == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_rows_without_numbers(folder, value):
    """As if they were not there."""
    found = stars(20)
    for column, row in enumerate((2, 5, 9, 13)):
        found[column, row] = value
    path = table(folder / "a.fits", found)
    rest = table(folder / "b.fits", np.delete(found, [2, 5, 9, 13], axis=1))
    for model in ("nearest", "seed", "polynomial:2", "spline"):
        said = warned(path, *SIZE, "--model", model, "-o", folder / f"{model}.fits")[0]
        assert f"{path}: " in said and ("dropped" in said or "left out" in said)
        run("offsets", rest, *SIZE, "--model", model, "-o", folder / f"{model}.b.fits")
        assert (maps(folder / f"{model}.fits") == maps(folder / f"{model}.b.fits")).all()
    assert "4 of 20 rows" in warned(path, *SIZE)[0]
    entry = only(path, *SIZE)
    assert entry["dropped"] == 4 and entry["stars"] == 16


def test_missing_values_of_text(folder):
    path = folder / "a.csv"
    path.write_text("xcentroid,ycentroid,xoffset,yoffset\n10,10,1,2\n50,,1,2\n30,40,3,4\n")
    assert only(path, *SIZE)["dropped"] == 1


@pytest.mark.parametrize("end", [".fits", ".csv", ".ecsv"])
def test_missing_columns(folder, end):
    path = table(folder / f"a{end}", names=("xcentroid", "ycentroid", "dx", "yoffset"))
    said = refused(folder, 3, path, *SIZE, *outputs(folder))
    assert str(path) in said and "xoffset" in said and "dx" in said
    said = refused(folder, 3, path, *SIZE, "--columns", "xcentroid,why,dx,yoffset")
    assert "why" in said and "ycentroid" in said


@pytest.mark.parametrize("end", [".fits", ".ecsv"])
def test_text_column(folder, end):
    columns = Table({**dict(zip(COLUMNS, stars(9))), "xoffset": ["a"] * 9})
    path = folder / f"a{end}"
    columns.write(path, format="fits" if end == ".fits" else "ascii.ecsv")
    said = refused(folder, 3, path, *SIZE, *outputs(folder))
    assert str(path) in said and "xoffset" in said


def test_vector_column(folder):
    path = folder / "a.fits"
    Table({**dict(zip(COLUMNS, stars(9))), "xoffset": np.zeros((9, 2))}).write(path)
    assert "xoffset" in refused(folder, 3, path, *SIZE, *outputs(folder))


FILES = {"missing": lambda path: None, "folder": lambda path: path.mkdir(),
         "empty": lambda path: path.write_bytes(b""),
         "zeros": lambda path: path.write_bytes(bytes(2880 * 3)),
         "prose": lambda path: path.write_text("no table\nat all, is here\n" * 9),
         "image": lambda path: plain(path, noise((9, 9)), tan()),
         "binary": lambda path: path.write_bytes(bytes(range(256)) * 40)}


@pytest.mark.parametrize("kind", FILES)
def test_no_table(folder, kind):
    bad = folder / "bad.fits"
    FILES[kind](bad)
    assert str(bad) in refused(folder, 3, bad, *SIZE, *outputs(folder))
    fine = good(folder, "fine.fits")
    assert str(bad) in refused(folder, 3, fine, bad, *SIZE, "--output-dir", folder / "out")


@pytest.mark.parametrize("size", [100, 2880, 5760 + 80, 2880 * 3 + 200])
def test_truncated_table(folder, size):
    path = table(folder / "a.fits", stars(500))
    os.truncate(path, size)
    assert str(path) in refused(folder, 3, path, *SIZE, *outputs(folder))


def test_truncated_text(folder):
    """A row with half its columns."""
    path = good(folder, "a.ecsv")
    text = path.read_text().rstrip("\n")
    path.write_text(text[:text.rindex(" ", 0, -20)])
    assert str(path) in refused(folder, 3, path, *SIZE, *outputs(folder))


def test_no_such_extension(folder):
    path = good(folder)
    for bracket in ("[NOSUCH]", "[7]", "[0]"):
        assert "a.fits" in refused(folder, 3, f"{path}{bracket}", *SIZE, *outputs(folder))


# sizes

WRONG_SIZES = ["", "5", "5,", ",5", "5;5", "5,5,5", "5,5x", "a,b", "5.5,5", "-5,5", "5,-5", "0,5",
               "5,0", "100001,100000", "9223372036854775807,2", "99999999999999999999,1"]


@pytest.mark.parametrize("size", WRONG_SIZES)
def test_wrong_size(folder, size):
    said = refused(folder, 2, good(folder), f"--size={size}", *outputs(folder))
    assert "size" in said or "10^10" in said


def test_no_size(folder):
    path = good(folder)
    assert "--size" in refused(folder, 2, path, *outputs(folder))
    like = plain(folder / "i.fits", noise((9, 9)))
    assert "--like" in refused(folder, 2, path, "--like", like, *SIZE, *outputs(folder))


def test_wrong_like(folder):
    path, like = good(folder), folder / "like.ARW"
    assert str(like) in refused(folder, 3, path, "--like", like)
    for content in (b"", b"just text\n" * 99, b"II*\0\x08\0\0\0" + bytes(5000), bytes(9999)):
        like.write_bytes(content)
        assert str(like) in refused(folder, 3, path, "--like", like, *outputs(folder))
    camera_file(like, 90, 70)
    os.truncate(like, 300)  # within its tags: pixels do not matter
    assert str(like) in refused(folder, 3, path, "--like", like, *outputs(folder))
    assert str(path) in refused(folder, 3, path, "--like", path, *outputs(folder))
    huge = fits.Header([("SIMPLE", True), ("BITPIX", 8), ("NAXIS", 2), ("NAXIS1", 2 ** 40),
                        ("NAXIS2", 2 ** 40)])
    (folder / "huge.fits").write_bytes(huge.tostring().encode())
    refused(folder, 3, path, "--like", folder / "huge.fits", *outputs(folder))


# models

@pytest.mark.parametrize("model, count", [("polynomial:5", 20), ("polynomial:1", 2), ("spline", 2),
                                          ("polynomial:9", 54), ("spline", 1)])
def test_too_few_stars(folder, model, count):
    path = table(folder / "a.fits", stars(count))
    said = refused(folder, 1, path, *SIZE, "--model", model, *outputs(folder))
    assert str(path) in said and str(count) in said


@pytest.mark.parametrize("model", ["spline", "polynomial:1", "polynomial:3"])
def test_stars_on_a_line(folder, model):
    found = stars(30)
    found[1] = 3 + 0.5 * found[0]
    path = table(folder / "a.fits", found)
    assert str(path) in refused(folder, 1, path, *SIZE, "--model", model, *outputs(folder))
    assert only(path, *SIZE, "--model", "auto")["model"] == "nearest"


WRONG = [("--model", "nosuch"), ("--model", "polynomial"), ("--model", "polynomial:"),
         ("--model", "polynomial:10"), ("--model", "polynomial:-1"), ("--model", "polynomial:2x"),
         ("--model", "wcs"), ("--power", "0"), ("--power", "0.1"), ("--power", "17"),
         ("--power", "-1"), ("--power", "x"), ("--power", "nan"), ("--smooth", "-1"),
         ("--smooth", "inf"), ("--smooth", "x"), ("--clip", "-1"), ("--quadrants", "open"),
         ("--format", "fits"), ("--sections", "0"), ("--sections", "4097"), ("--stride", "0"),
         ("--stride", "5"), ("--border", "one"), ("--columns", "a,b,c"), ("--columns", "a,b,c,d,e"),
         ("--columns", "a,,c,d"), ("--columns", ""), ("--figure", "f.gif"), ("--figure", "f"),
         ("--errors", "--format", "pixmap"), ("--errors", "--format", "dgeo"), ("--nosuch",),
         ("--from-catalogues",), ("--from-wcs",), ("--from-catalogues", "--from-wcs"),
         ("--radius", "0"), ("--brightest", "2"), ("-o", "x.fits", "--output-dir", "out"),
         ("-o", "x.fits", "--suffix", "_x"), ("-o", "x.fits", "--table", "x.fits"),
         ("--figure", "x.png", "--table", "x.png"), ("--threads", "-1")]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(folder, words):
    size = () if "--from-wcs" in words else SIZE
    refused(folder, 2, good(folder), *size, *words, cwd=folder)


def test_no_file(folder):
    refused(folder, 2, *SIZE)


# outputs

@pytest.mark.parametrize("option, name", [
    ("-o", "o.fits"), ("--table", "t.fits"), ("--figure", "f.png"),
    ("--output-dir", "a.offsets.fits")])
def test_output_exists(folder, option, name):
    """It stays as it is, and none of the others is left; --overwrite replaces it."""
    (folder / "in").mkdir()
    path = good(folder / "in")
    (folder / name).write_text("mine")
    words = (option, folder if option == "--output-dir" else folder / name)
    others = () if option == "--output-dir" else outputs(folder)
    assert str(folder / name) in refused(folder, 3, path, *SIZE, *others, *words)
    run("offsets", path, *SIZE, *words, "--overwrite", "-q")
    assert (folder / name).read_bytes() != b"mine"


def test_unwritable(folder):
    path = good(folder)
    (folder / "file").write_text("mine")
    for option, name in (("-o", "file/o.fits"), ("-o", "no/such/o.fits"), ("-o", "."),
                         ("--output-dir", "file"), ("--output-dir", "no/such/out"),
                         ("--table", "no/t.fits"), ("--figure", "no/f.png")):
        refused(folder, 3, path, *SIZE, option, folder / name)


@pytest.mark.parametrize("option", ["-o", "--table", "--figure"])
def test_inputs_are_not_replaced(folder, option):
    path = table(folder / "a.fits", stars(9))
    named = folder / "a.png"
    path.rename(named)
    like = plain(folder / "like.png", noise((9, 9)))
    os.symlink(named, folder / "link.png")
    for target in (named, folder / "link.png", like):
        for given in (named, f"{named}[1]"):
            said = refused(folder, 2, given, "--like", like, option, target, "--overwrite")
            assert str(target) in said
    fitting = table(folder / "x.offsets.fits", stars(9))
    assert "x.offsets.fits" in refused(folder, 2, fitting, *SIZE, "--output-dir", folder,
                                       "--overwrite")


def test_several_tables(folder):
    a, b = good(folder, "a.one.fits"), good(folder, "a.two.fits")
    for words in (("-o", folder / "o.fits"), ("--table", folder / "t.fits"),
                  ("--figure", folder / "f.png"), ("--output-dir", folder / "out")):
        said = refused(folder, 2, a, b, *SIZE, *words)
        assert str(words[1]) in said


def test_none_of_a_set(folder):
    """The first map does not stay when the second cannot be."""
    few = table(folder / "b.fits", stars(5))
    said = refused(folder, 1, good(folder), few, *SIZE, "--model", "polynomial:3", "--output-dir",
                   folder / "out")
    assert str(few) in said


def limit_files(size):
    import resource
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_file_size_limit(folder):
    """The disk is full as far as this process goes: what was written before does not stay."""
    path = table(folder / "a.fits", stars(400))
    for words in (("-o", folder / "o.fits"), ("-o", folder / "o.fits", "--format", "pixmap"),
                  ("--output-dir", folder / "out", "--errors"), ("--table", folder / "t.fits"),
                  ("--figure", folder / "f.png"), ("--figure", folder / "f.pdf")):
        said = refused(folder, 3, path, *SIZE, *words, "-q", preexec_fn=limit_files(8192))
        assert str(folder) in said
    # the map is whole, what stands beside it is not
    few = ("--size", "9,7", "-o", folder / "o.fits", "--table", folder / "t.fits")
    assert "t.fits" in refused(folder, 3, path, *few, "-q", preexec_fn=limit_files(20000))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_full_standard_output(folder):
    path = good(folder)
    for more in (("--json",), ()):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([WELKIN, "offsets", path, *SIZE, *more], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 3 and done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt(folder, number):
    """Nothing stays, also of a set whose first maps are whole."""
    width, height = (1500, 1000) if SANITIZED else (3000, 2000)
    (folder / "in").mkdir()
    paths = [table(folder / "in" / f"{n}.fits", scatter(2000, width, height, n)) for n in range(3)]
    before, out = state(paths), folder / "out"
    for attempt in range(12):
        with subprocess.Popen([WELKIN, "offsets", *paths, "--size", f"{width},{height}",
                               "--errors", "--output-dir", out, "-q"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            # when the second map is begun, or the first
            while process.poll() is None and not (out.exists() and len(os.listdir(out)) >= 2
                                                  - attempt % 2):
                time.sleep(0.001)
            process.send_signal(number)
            said = process.communicate(timeout=120)
        if process.returncode == 130:
            break
        for path in out.glob("*") if out.exists() else ():
            path.unlink()
    else:
        pytest.skip("writing ended before it could be interrupted")
    assert said[0] == "" and said[1].splitlines() == ["welkin offsets: cancelled"]
    assert names(folder) == ["in", "in/0.fits", "in/1.fits", "in/2.fits"]
    assert state(paths) == before


# two files

def test_wcs_words(folder):
    a, b = (plain(folder / f"{n}.fits", noise((20, 30)), tan(x=3 * i)) for i, n in enumerate("ab"))
    for words in ((a,), (a, b, b), (a, b, "--format", "dgeo"), (a, b, *SIZE), (a, b, "--like", a),
                  (a, b, "--table", folder / "t.fits"), (a, b, "-o", a, "--overwrite"),
                  (a, b, "-o", b, "--overwrite"), (a, b, "--from-catalogues")):
        refused(folder, 2, "--from-wcs", *words)


def test_no_wcs(folder):
    good_one = plain(folder / "a.fits", noise((20, 30)), tan())
    without = plain(folder / "b.fits", noise((20, 30)))
    for pair in ((good_one, without), (without, good_one)):
        said = refused(folder, 1, "--from-wcs", *pair, "-o", folder / "o.fits")
        assert str(without) in said
    other_side = plain(folder / "c.fits", noise((20, 30)), tan(ra=330.0, dec=-2.0))
    refused(folder, 1, "--from-wcs", good_one, other_side, "-o", folder / "o.fits")
    assert "nosuch" in refused(folder, 3, "--from-wcs", good_one, folder / "nosuch.fits")


def test_several_detectors(folder):
    good_one = plain(folder / "a.fits", noise((20, 30)), tan())
    two = write(folder / "b.fits", *(part for n in (1, 2) for part in (
        fits.ImageHDU(noise((20, 30)), tan(), name="SCI", ver=n),
        fits.ImageHDU(noise((20, 30)), name="ERR", ver=n),
        fits.ImageHDU(np.zeros((20, 30), "i2"), name="DQ", ver=n))))
    assert "2 detectors" in refused(folder, 2, "--from-wcs", two, good_one)
    assert ask("offsets", "--from-wcs", f"{two}[SCI,2]", good_one)["tables"][0]["width"] == 30


def test_catalogues(folder):
    """Unrelated, too short, without places."""
    a, b = table(folder / "a.fits", stars(60)), table(folder / "b.fits", stars(60, seed=2))
    said = refused(folder, 1, "--from-catalogues", a, b, *SIZE, *outputs(folder))
    assert "a.fits" in said or "stars" in said
    short = table(folder / "c.fits", stars(2))
    refused(folder, 1, "--from-catalogues", a, short, *SIZE, *outputs(folder))
    refused(folder, 2, "--from-catalogues", a, *SIZE, *outputs(folder))
    refused(folder, 2, "--from-catalogues", a, a, b, *SIZE, *outputs(folder))
    placeless = table(folder / "d.fits", stars(60), ("x", "y", "xoffset", "yoffset"))
    assert "xcentroid" in refused(folder, 3, "--from-catalogues", a, placeless, *SIZE)
    assert "nosuch" in refused(folder, 3, "--from-catalogues", a, b, *SIZE, "--brightness",
                               "nosuch")
    assert str(b) in refused(folder, 2, "--from-catalogues", a, b, *SIZE, "-o", b, "--overwrite")
