"""Correlations of the images of a DES tile: which pixels, which images, what is passed over."""
import json
import os

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, call, fail, names, plain, run, state
from lags import IMAGE, Tile, check, numbers


def images(tile, *words, **options):
    return ask("correlate", "--tile", tile.info(), *words, **options)["images"]


@pytest.mark.parametrize("suffix", [".fits", ".fits.fz"])
def test_values(folder, suffix):
    """(image - background) scale, where coadd and image say that it is sky; lags to 3."""
    tile = Tile(folder, 3, suffix)
    before = state([tile.info(), *folder.glob("*.f*")])
    document = ask("correlate", "--tile", tile.info(), "--lag", 3)
    assert list(document) == ["provenance", "images", "stack", "skipped"]
    assert document["skipped"] == [] and document["stack"]["images"] == 3
    assert len(document["images"]) == 3
    for index, found in enumerate(document["images"]):
        assert found["file"] == str(folder / tile.name(f"se{index}"))
        assert (found["index"], found["expnum"], found["ccdnum"], found["band"]) == \
            (index, 100 + index // 2, 1 + index % 2, "r")
        check(found, tile.values[index], tile.good[index], 3)
        assert found["nonfinite"] == 0
    assert {k: v for k, v in state([tile.info(), *folder.glob("*.f*")]).items()
            if not k.endswith("info.yaml")} == {k: v for k, v in before.items()
                                                if not k.endswith("info.yaml")}


def test_not_finite(folder):
    """Counted where the planes call them good, and left out."""
    tile = Tile(folder, 1)
    with fits.open(folder / "se0.fits", mode="update") as hdus:
        hdus["SCI"].data[3, 3:6] = np.nan
        hdus["SCI"].data[22, 2] = np.nan       # its weight is 0
        hdus["SCI"].data[55, 20] = np.inf
    tile.good[0][3, 3:6] = tile.good[0][55, 20] = False
    found, = images(tile)
    assert found["nonfinite"] == 4
    check(found, tile.values[0], tile.good[0])


def test_spellings(folder):
    """Numbers of extensions, cases of letters, absolute paths: all are read."""
    tile = Tile(folder, 1)
    want = images(tile)
    tile.sources[0].update(image_ext=1, bmask_ext="MSK", weight_path=folder / "se0.fits")
    tile.top["image_ext"] = 1
    assert images(tile) == want


def test_variables(folder):
    """$NAME and ${NAME} of the environment; one that is not set is named, with the line."""
    tile = Tile(folder, 1)
    want = images(tile)
    tile.sources[0].update(image_path="$MEDS_DIR/se0.fits", bkg_path="${MEDS_DIR}/bkg0.fits")
    assert images(tile, env={**os.environ, "MEDS_DIR": str(folder)}) == want
    clean = {k: v for k, v in os.environ.items() if k != "MEDS_DIR"}
    said = fail(3, "correlate", "--tile", tile.info(), env=clean)
    line = tile.text().splitlines().index("- image_path: $MEDS_DIR/se0.fits") + 1
    assert "MEDS_DIR" in said and f"line {line}" in said and "info.yaml" in said


def test_relative_paths(folder):
    """They begin at the info file, not where the program runs."""
    tile = Tile(folder, 1)
    want, = images(tile)
    done = run("correlate", "--tile", "info.yaml", "--json", cwd=folder)
    found, = json.loads(done.stdout)["images"]
    assert found == {**want, "file": "se0.fits"}
    (folder / "sub").mkdir()
    done = run("correlate", "--tile", "../info.yaml", "--json", cwd=folder / "sub")
    assert json.loads(done.stdout)["images"] == [{**want, "file": "../se0.fits"}]


def test_subset(folder):
    tile = Tile(folder, 3)
    every = images(tile)
    assert images(tile, "--subset", "2,0") == [every[0], every[2]]
    assert images(tile, "--subset", 1) == [every[1]]
    for wrong in ("3", "-1", "x", "0,", "0;1", "1.5", "", "0,,1", "99999999999999999999"):
        said = fail(2, "correlate", "--tile", tile.info(), "--subset", wrong)
        assert "subset" in said


def test_flags(folder):
    """Images that should not be used are named, unless they are asked for."""
    tile = Tile(folder, 3)
    every = images(tile)
    tile.sources[1]["image_flags"] = 8
    document = ask("correlate", "--tile", tile.info())
    assert document["images"] == [every[0], every[2]]
    skipped, = document["skipped"]
    assert (skipped["file"], skipped["index"]) == (str(folder / "se1.fits"), 1)
    assert "image_flags" in skipped["reason"] and "8" in skipped["reason"]
    assert images(tile, "--all-flags") == every
    for source in tile.sources:
        source["image_flags"] = 1
    assert "info.yaml" in fail(1, "correlate", "--tile", tile.info())


def spoil(tile, kind):
    """Make the second image unreadable; a word that the reason has to hold."""
    folder, path = tile.folder, tile.folder / "se1.fits"
    if kind == "missing":
        path.unlink()
        return "se1.fits"
    if kind == "truncated":
        os.truncate(path, 2880 * 3)
        return "se1.fits"
    if kind == "text":
        path.write_text("no image\n" * 1000)
        return "se1.fits"
    if kind == "extension":
        tile.sources[1]["bmask_ext"] = "nosuch"
        return "nosuch"
    if kind == "weight of another size":
        plain(folder / "w.fits", np.ones((5, 6), "f4"))
        tile.sources[1].update(weight_path="w.fits", weight_ext=0)
        return "6 x 5"
    if kind == "background of another size":
        plain(folder / "b.fits", np.ones(IMAGE[::-1], "f4"))
        tile.sources[1].update(bkg_path="b.fits", bkg_ext=0)
        return f"{IMAGE[0]} x {IMAGE[1]}"
    if kind == "no coordinates":
        with fits.open(path, mode="update") as hdus:
            del hdus["SCI"].header["CTYPE1"]
            del hdus["SCI"].header["CTYPE2"]
        return "se1.fits"
    if kind == "masked":
        with fits.open(path, mode="update") as hdus:
            hdus["MSK"].data[:] = 1
        return "is good"
    if kind == "null":
        tile.sources[1]["bkg_path"] = "null"
        return "bkg_path"
    raise AssertionError(kind)


KINDS = ("missing", "truncated", "text", "extension", "weight of another size",
         "background of another size", "no coordinates", "masked", "null")


@pytest.mark.parametrize("kind", KINDS)
def test_unreadable_image(folder, kind):
    """It is told of and the others go on; with --strict nothing does."""
    tile = Tile(folder, 3)
    every = images(tile)
    word = spoil(tile, kind)
    done = run("correlate", "--tile", tile.info(), "--json")
    document = json.loads(done.stdout)
    assert document["images"] == [every[0], every[2]]
    skipped, = document["skipped"]
    assert skipped["index"] == 1 and word in skipped["reason"]
    line, = done.stderr.splitlines()
    assert "warning" in line and "image 1" in line and skipped["reason"] in line
    listed = names(folder)
    status = 1 if kind in ("masked", "no coordinates") else 3
    said = fail(status, "correlate", "--tile", tile.info(), "--strict", "-o", folder / "o.json",
                "--table", folder / "t.fits")
    assert word in said and names(folder) == listed
    # none at all
    assert "info.yaml" in fail(1, "correlate", "--tile", tile.info(), "--subset", 1, "-q")


def test_stack_and_groups(folder):
    """Of what could be measured only."""
    tile = Tile(folder, 4)
    spoil(tile, "missing")
    document = ask("correlate", "--tile", tile.info(), "--group", "expnum", "-q")
    assert document["stack"]["images"] == 3
    first, second = document["groups"]
    assert first == {"group": "100", "images": 1}
    assert (second["group"], second["images"]) == ("101", 2)
    found = document["images"][1:]
    pairs = np.array([numbers(i["pairs"]) for i in found])
    rho = np.array([numbers(i["correlation"]) for i in found])
    np.testing.assert_allclose(numbers(second["pairs_mean"]), (pairs * rho).sum(0) / pairs.sum(0),
                               rtol=1e-9)


def test_outputs(folder):
    """Rows and planes are those of images that were measured."""
    tile = Tile(folder, 3)
    spoil(tile, "missing")
    found = images(tile, "-q", "--table", folder / "t.fits", "--cube", folder / "c.fits",
                   "--figure", folder / "f.png", "-o", folder / "o.json")
    assert fits.getdata(folder / "t.fits")["INDEX"].tolist() == [0, 2]
    np.testing.assert_array_equal(fits.getdata(folder / "c.fits"),
                                  [i["correlation"] for i in found])
    assert (folder / "f.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((folder / "o.json").read_text())["images"] == found


def test_regions_and_box(folder):
    tile = Tile(folder, 1)
    found, = images(tile, "--regions", "2x1")
    for region, part in zip(found["regions"], (np.s_[:, :35], np.s_[:, 35:])):
        check(region, tile.values[0][part], tile.good[0][part])
    images(tile, "--box", 20)


@pytest.mark.parametrize("words", [(), ("--lag", 5, "--regions", "2x1")], ids=str)
def test_threads(folder, words):
    tile = Tile(folder, 2)
    path = tile.info()
    assert len({run("correlate", "--tile", path, *words, "--json", "--threads", n).stdout
                for n in (1, 2, 7)}) == 1


def test_image_off_the_coadd(folder):
    """Not a pixel of it is on the coadd: there is no sky to measure."""
    tile = Tile(folder, 2)
    with fits.open(folder / "se1.fits", mode="update") as hdus:
        hdus["SCI"].header["CRVAL1"] += 180
    document = ask("correlate", "--tile", tile.info())
    assert [i["index"] for i in document["images"]] == [0]
    assert "is good" in document["skipped"][0]["reason"]


def rules(folder):
    """A tile whose names keep pizza-cutter's rules; only its info file is read."""
    tile = Tile(folder, 1)
    start = "DES0000_r2590p01_r"
    tile.top.update(image_path=f"{start}.fits.fz", weight_path=f"{start}.fits.fz",
                    bmask_path=f"{start}.fits.fz", seg_path=f"{start}_segmap.fits",
                    cat_path=f"{start}_cat.fits", psf_path=f"{start}_psfcat.psf")
    slug = "D00000100_r_c01_r2590p01"
    tile.sources[0].update(image_path=f"{slug}_immasked.fits.fz",
                           weight_path=f"{slug}_immasked.fits.fz",
                           bmask_path=f"{slug}_immasked.fits.fz", bkg_path=f"{slug}_bkg.fits.fz",
                           head_path="DES0000_r2590p01_r_c01_scamp.ohead")
    return tile


def test_check_tile(folder):
    """Nothing is said of a file that keeps the rules; else a line a rule, with its line."""
    tile = rules(folder)
    done = run("correlate", "--tile", tile.info(), "--check-tile")
    assert (done.stdout, done.stderr) == ("", "")
    assert ask("correlate", "--tile", tile.info(), "--check-tile")["problems"] == []
    tile.sources[0]["band"] = "g"
    tile.top["scale"] = 2.0
    done = run("correlate", "--tile", tile.info(), "--check-tile", status=3)
    lines = tile.text().splitlines()
    for where in (lines.index("scale: 2.0") + 1, lines.index("  band: g") + 1):
        assert f"(line {where})" in done.stdout
    count = done.stdout.count("\n")
    assert "info.yaml" in done.stderr and f"breaks {count} rules" in done.stderr
    other = run("correlate", "--tile", tile.info(), "--check-tile", "--json", status=3)
    assert json.loads(other.stdout)["problems"] == done.stdout.splitlines()
    assert other.stderr == done.stderr
    path = plain(folder / "a.fits", np.ones(IMAGE))
    assert call("correlate", "--check-tile", path).returncode == 2
