"""What correlate writes and prints: document, table, cube, figure; the same bytes always."""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import SANITIZED, ask, names, plain, run, state, tan
from lags import SHAPE, masked, numbers, one, single, smooth


def test_output(folder):
    """The document with -o and with --json is one; with both, both."""
    path, _ = single(folder, smooth(SHAPE))
    done = run("correlate", path, "-o", folder / "o.json", "--json")
    assert (folder / "o.json").read_text() == done.stdout
    plainly = run("correlate", path, "-o", folder / "p.json").stdout
    assert not plainly.startswith("{") and "area factor" in plainly
    assert json.loads((folder / "p.json").read_text())["images"] == \
        json.loads(done.stdout)["images"]
    assert names(folder) == ["a.fits", "o.json", "p.json"]


def test_printed(folder):
    """A line an image, and the matrix of a single one."""
    path, _ = single(folder, smooth(SHAPE))
    found = one(path)
    lines = run("correlate", path).stdout.splitlines()
    assert len(lines) == 7 and lines[1].startswith("a.fits")
    matrix = np.array([line.split() for line in lines[-3:]], float)
    np.testing.assert_allclose(matrix, numbers(found["correlation"]), rtol=0, atol=0.51e-5)
    other, _ = single(folder, smooth(SHAPE, 2), name="b.fits")
    assert len(run("correlate", path, other).stdout.splitlines()) == 3


def test_table(folder):
    """astropy reads it: a row an image, matrices with their shape."""
    paths = [single(folder, smooth(SHAPE, n), name=f"{n}.fits", header=tan())[0] for n in range(3)]
    with fits.open(paths[1], mode="update") as hdus:
        hdus[0].header["CCDNUM"], hdus[0].header["EXPNUM"] = 31, 229650
        hdus[0].header["FILTER"] = "r"
    images = ask("correlate", *paths, "--lag", 2, "--table", folder / "t.fits")["images"]
    with fits.open(folder / "t.fits", checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus[1].name == "CORRELATION"
        rows, header = hdus[1].data, hdus[1].header
        assert set(rows.names) == {
            "FILE", "BAND", "INDEX", "EXPNUM", "CCDNUM", "GOOD", "NONFINITE", "DOF", "MEAN",
            "VARIANCE", "CHI2", "P_VALUE", "AREA_FACTOR", "AREA_ERROR", "SKY_RESIDUAL",
            "COVARIANCE", "CORRELATION", "ERROR", "PAIRS"}
        assert list(rows["FILE"]) == list(map(str, paths)) and list(rows["BAND"]) == ["", "r", ""]
        assert rows["CCDNUM"].tolist() == [-1, 31, -1]
        assert rows["EXPNUM"].tolist() == [-1, 229650, -1]
        for name in ("index", "good", "nonfinite", "dof", "mean", "variance", "chi2", "p_value",
                     "area_factor", "covariance", "correlation", "error", "pairs"):
            np.testing.assert_array_equal(rows[name.upper()],
                                          [numbers(i[name]) for i in images], err_msg=name)
        dims = {header[f"TTYPE{n}"]: header.get(f"TDIM{n}")
                for n in range(1, header["TFIELDS"] + 1)}
        assert all(dims[name] == "(5,5)"
                   for name in ("COVARIANCE", "CORRELATION", "ERROR", "PAIRS"))


def test_cube(folder):
    """A plane an image, or a region of one."""
    paths = [single(folder, smooth(SHAPE, n), name=f"{n}.fits")[0] for n in range(2)]
    images = ask("correlate", *paths, "--cube", folder / "c.fits")["images"]
    np.testing.assert_array_equal(fits.getdata(folder / "c.fits"),
                                  [i["correlation"] for i in images])
    images = ask("correlate", *paths, "--regions", "2x1", "--cube", folder / "r.fits")["images"]
    np.testing.assert_array_equal(fits.getdata(folder / "r.fits"),
                                  [r["correlation"] for i in images for r in i["regions"]])
    with fits.open(folder / "r.fits", checksum=True) as hdus:
        hdus.verify("exception")


@pytest.mark.parametrize("kind, magic", [("png", b"\x89PNG"), ("svg", b"<"), ("pdf", b"%PDF")])
def test_figure(folder, kind, magic):
    paths = [single(folder, smooth(SHAPE, n), name=f"{n}.fits")[0] for n in range(2)]
    for number, given in enumerate((paths[:1], paths)):
        run("correlate", *given, "--figure", folder / f"{number}.{kind}")
        assert (folder / f"{number}.{kind}").read_bytes().startswith(magic)


@pytest.mark.parametrize("words", [("--lag", 3), ("--lag", 25, "--jackknife", 1),
                                   ("--box", 16, "--regions", "2x2")], ids=str)
def test_threads(folder, words):
    """Any number gives the same bytes, on paper and in files."""
    for n in (1, 2):
        single(folder, *masked(n), f"{n}.fits")
    outputs = ("--table", "t.fits", "--cube", "c.fits", "-o", "o.json", "--figure", "f.svg")
    found = []
    for threads in (1, 7) if SANITIZED else (1, 2, 7):
        place = folder / f"threads{threads}"
        place.mkdir()
        done = run("correlate", "../1.fits", "../2.fits", *words, *outputs, "--json", "--threads",
                   threads, cwd=place)
        found.append((done.stdout, [(place / name).read_bytes() for name in outputs[1::2]]))
    assert all(other == found[0] for other in found[1:])


def test_inputs_do_not_change(folder):
    """Nor does anything that is read beside them."""
    values, good = masked()
    path, options = single(folder, values, good)
    back = plain(folder / "back.fits", np.zeros(SHAPE))
    there = [path, options[1], back]
    before = state(there)
    run("correlate", path, *options, "--background", back, "--source-mask", back, "--box", 25,
        "--table", folder / "t.fits")
    assert state(there) == before


def test_config(folder):
    path, _ = single(folder, smooth(SHAPE))
    options = ("--lag", 2, "--jackknife", "4x2", "--regions", "2x1", "--correct-mean")
    config = folder / "config.yaml"
    config.write_text(run("correlate", path, *options, "--print-config").stdout)
    want = ask("correlate", path, *options)["images"]
    assert ask("correlate", path, "--config", config)["images"] == want
    assert ask("correlate", path, "--config", config, "--lag", 1)["images"] != want
