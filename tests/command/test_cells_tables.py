"""welkin cells and match --cells: the same answer as in one go, and what is refused."""

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, fail, noise, plain, run, tan

SIDE = 110
PLACES = [(0, 0), (60.2, 4), (8, 61), (64, 58.4), (30, 30), (90.7, 33)]
PITCH = ("--pitch", "2.83")


def make(folder):
    paths = []
    for i, (left, low) in enumerate(PLACES):
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        data = noise((SIDE, SIDE), 10.0 * i, 1.0, seed=40 + i)
        data += 5 * np.exp(-((x + left - 90) ** 2 + (y + low - 80) ** 2) / 900.0) + 0.02 * i * x
        data[10 + 12 * i:22 + 12 * i, 30:50] = np.nan
        header = tan(left, low)
        header["NIGHT"] = f"n{i // 2}"
        header["GAIN"] = 1 + i / 8
        paths.append(plain(folder / f"c{i}.fits", data.astype(np.float32), header))
    return paths


def tables(folder, paths, *options, pieces=3):
    out = []
    for k in range(pieces):
        out.append(folder / f"cells{k}.fits")
        run("cells", *paths[k * 6 // pieces:(k + 1) * 6 // pieces], "-o", out[-1], "--overwrite",
            *PITCH, *options)
    return out


def same(first, other):
    for key in first:
        if key != "provenance":
            assert first[key] == other[key], key


@pytest.mark.parametrize("options", [
    ("--method", "match"), ("--order", "1"), ("--order", "2", "--loss", "square"),
    ("--anchor", "c3.fits", "--up"), ("--method", "match", "--anchor", "minimum")], ids=" ".join)
@pytest.mark.parametrize("pieces", [1, 2, 6])
def test_same_to_the_bit(folder, options, pieces):
    paths = make(folder)
    parts = tables(folder, paths, pieces=pieces)
    want = ask("match", *paths, "--compare", "cells", *PITCH, *options)
    same(want, ask("match", "--cells", *parts, *options))
    # any threads, and lists that lie on the disk
    same(want, ask("match", "--cells", *parts, *options, "--threads", 1, "--memory", "1K"))
    turned = ask("match", "--cells", *parts[::-1], *options)
    assert turned["chi2"] == want["chi2"] and turned["rms_after"] == want["rms_after"]


def test_groups_and_flux(folder):
    paths = make(folder)
    options = ("--group", "NIGHT", "--flux-keyword", "GAIN", "--statistic", "mode")
    want = ask("match", *paths, "--compare", "cells", *PITCH, *options)
    same(want, ask("match", "--cells", *tables(folder, paths, *options)))
    assert [e["group"] for e in want["exposures"]] == ["n0", "n0", "n1", "n1", "n2", "n2"]


def test_detectors(folder):
    """The tables know detectors by name."""
    paths = make(folder)
    for i, path in enumerate(paths):
        fits.setval(path, "DETECTOR", value=f"d{i % 2}")
    options = ("--detector-offsets", "--order", "1")
    want = ask("match", *paths, "--compare", "cells", *PITCH, *options, "--group", "NIGHT")
    parts = tables(folder, paths, "--group", "NIGHT")
    same(want, ask("match", "--cells", *parts, *options))
    assert [o["detector"] for o in want["offsets"]] == ["d0", "d1"]
    assert "amplifier" in fail(2, "match", "--cells", *parts, *options, "--per", "amplifier")


def test_reference(folder):
    """Tables of a reference, wherever they stand among the others."""
    paths = make(folder)
    wide = plain(folder / "b_wide.fits", noise((300, 300), 0, 0.2, seed=3).astype(np.float32),
                 tan(-20, -20))
    want = ask("match", *paths, "--compare", "cells", *PITCH, "--order", 1, "--reference", wide)
    run("cells", wide, "-o", folder / "wide.cells", *PITCH, "--as-reference")
    parts = tables(folder, paths)
    for order in ([folder / "wide.cells", *parts], [*parts, folder / "wide.cells"]):
        same(want, ask("match", "--cells", *order, "--order", 1))
    assert want["reference"]["file"] == str(wide) and len(want["exposures"]) == 6
    assert "beside the reference" in fail(2, "match", "--cells", folder / "wide.cells")
    assert "--group" in fail(2, "cells", wide, "-o", folder / "x", "--as-reference", "--group",
                             "exposure")
    assert "--as-reference" in fail(2, "match", "--cells", *parts, "--reference", wide)


def test_ledger_serves_apply(folder):
    """Tables have no images: apply subtracts what the ledger says."""
    paths, ledger = make(folder), folder / "ledger.json"
    run("match", "--cells", *tables(folder, paths), "--order", "1", "--ledger", ledger)
    run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "a")
    run("match", *paths, "--compare", "cells", *PITCH, "--order", "1", "--subtract",
        "--output-dir", folder / "b")
    for path in paths:
        np.testing.assert_array_equal(fits.getdata(folder / "a" / path.name),
                                      fits.getdata(folder / "b" / path.name))


def test_table(folder):
    """What is in the file, and what the command says of it; figures need no image."""
    paths, out = make(folder), folder / "cells.fits"
    answer = ask("cells", *paths, "-o", out, *PITCH)
    assert answer["pitch"] == pytest.approx(2 ** 1.5, rel=1e-15)
    with fits.open(out) as file:
        file.verify("exception")
        assert [hdu.name for hdu in file] == ["PRIMARY", "EXPOSURES", "OUTLINES", "CELLS"]
        assert file[0].header["CELLVERS"] == 1 and file[0].header["PITCH"] == answer["pitch"]
        rows, cells = file["EXPOSURES"].data, file["CELLS"].data
        assert [e["cells"] for e in answer["exposures"]] == list(rows["CELLS"])
        assert list(rows["FILE"]) == [str(p) for p in paths] and len(cells) == rows["CELLS"].sum()
        first = cells[:rows["CELLS"][0]]
        assert (np.diff(first["KEY"]) > 0).all()
        # a mean of 60 pixels of noise 1 about the smooth sky; the whole's median
        assert np.median(first["ERROR"]) == pytest.approx(1 / np.sqrt(np.median(first["PIXELS"])),
                                                          rel=0.15)
        data = fits.getdata(paths[0])
        assert rows["WHOLE"][0] == pytest.approx(np.nanmedian(data), abs=0.1)
        assert rows["GOOD"][0] == np.isfinite(data).sum()
    run("match", "--cells", out, "--figure", folder / "f.png")
    assert (folder / "f.png").stat().st_size > 10000
    assert "exists" in fail(3, "cells", *paths, "-o", out)


def change(table, hdu, key, value):
    with fits.open(table, mode="update") as file:
        file[hdu].header[key] = value


REFUSED = [
    (("--pitch", "3"), "--pitch belongs to welkin cells"),
    (("--cell", "4"), "--cell belongs to welkin cells"),
    (("--group", "exposure"), "--group belongs to welkin cells"),
    (("--subtract", "-o", "x.fits"), "welkin apply"),
    (("--flux-keyword", "GAIN"), "--flux-keyword belongs to welkin cells"),
    (("--statistic", "mode"), "another statistic"),
    (("--anchor", "none.fits"), "no exposure of the tables")]


@pytest.mark.parametrize("words, said", REFUSED, ids=lambda w: " ".join(w) if w else "")
def test_refused(folder, words, said):
    out, = tables(folder, make(folder), pieces=1)
    assert said in fail(2, "match", "--cells", out, *words)


def test_tables_that_do_not_fit(folder):
    paths = make(folder)
    first, second = tables(folder, paths, pieces=2)
    said = fail(2, "match", "--cells", first, second, first)
    assert "given twice" in said and "cells0.fits: the exposure" in said and "c0.fits" in said
    run("cells", *paths[2:], "-o", second, "--overwrite", *PITCH)
    said = fail(2, "match", "--cells", first, second)
    assert "c2.fits" in said and "cells0.fits" in said and "cells1.fits" in said
    run("cells", *paths[3:], "-o", second, "--overwrite", "--pitch", "5")
    assert "4.75683 arcsec wide" in (said := fail(2, "match", "--cells", first, second))
    assert "2.82843" in said and "cells1.fits" in said
    run("cells", *paths[3:], "-o", second, "--overwrite", *PITCH, "--nclip", "3")
    assert "another statistic" in fail(2, "match", "--cells", first, second)
    run("cells", *paths[3:], "-o", second, "--overwrite", *PITCH, "--no-whole")
    for order in ([first, second], [second, first]):
        said = fail(2, "match", "--cells", *order)
        assert "cells1.fits: it was measured without whole exposures" in said
    assert "whole exposures" in fail(2, "match", "--cells", second)
    assert ask("match", "--cells", second, "--method", "match")["components"] == 1


def test_broken_tables(folder):
    paths = make(folder)
    table, = tables(folder, paths, pieces=1)
    whole = table.read_bytes()
    change(table, 0, "CELLVERS", 2)
    assert "of version 2" in fail(3, "match", "--cells", table)
    table.write_bytes(whole)
    change(table, 0, "PITCH", 2.9)
    assert "PITCH" in fail(3, "match", "--cells", table)
    for size in (0, 100, 3000, 9000, len(whole) // 2, len(whole) - 2880):
        table.write_bytes(whole[:size])
        assert "cells0.fits" in fail(3, "match", "--cells", table, "--ledger", folder / "l.json")
    assert not (folder / "l.json").exists()
    for column, value, said in [("KEY", 5, "row 12 of CELLS"), ("VALUE", np.nan, "row 12 of CELLS"),
                                ("ERROR", -1, "row 12 of CELLS"), ("PIXELS", 0, "row 12 of CELLS")]:
        table.write_bytes(whole)
        with fits.open(table, mode="update") as file:
            file["CELLS"].data[column][11] = value
        assert said in fail(3, "match", "--cells", table)
    for column, value in [("CELLS", 1), ("WIDTH", 0), ("FLUX", np.nan), ("CORNERS", 500)]:
        table.write_bytes(whole)
        with fits.open(table, mode="update") as file:
            file["EXPOSURES"].data[column][1] = value
        assert "EXPOSURES" in fail(3, "match", "--cells", table)
    assert "no table of cells" in fail(3, "match", "--cells", paths[0])
    text = folder / "text.fits"
    text.write_text("no FITS at all\n" * 300)
    assert "text.fits" in fail(3, "match", "--cells", text)


@pytest.fixture(scope="module")
def sound(shared_folder):
    """A table with groups."""
    table, = tables(shared_folder, make(shared_folder), "--group", "NIGHT", pieces=1)
    return table.read_bytes()


IMPOSSIBLE = [
    ("EXPOSURES", "SAMPLES", np.inf, "no place"),
    ("EXPOSURES", "SAMPLES", 1e30, "no place"),
    ("EXPOSURES", "SAMPLES", [np.nan, 2.0] * 25, "no place"),
    ("EXPOSURES", "SAMPLES", np.nan, "NaN though the outline is known"),
    ("EXPOSURES", "SAMPLES", 0, "outside of CAP"),
    ("EXPOSURES", "CAP", 0, "no unit vector"),
    ("EXPOSURES", "CAP", [1, 1, 0, 0.1, 1e-6, 1.1], "no unit vector"),
    ("EXPOSURES", "CAP", [np.nan, 0, 0, 0.1, 1e-6, 1.1], "no unit vector"),
    ("EXPOSURES", "CAP", [1, 0, 0, -0.1, 1e-6, 1.1], "from 0 to pi"),
    ("EXPOSURES", "CAP", [1, 0, 0, 3.2, 1e-6, 1.1], "from 0 to pi"),
    ("EXPOSURES", "CAP", [1, 0, 0, np.nan, 1e-6, 1.1], "from 0 to pi"),
    ("EXPOSURES", "CAP", [1, 0, 0, 0.1, np.inf, 1.1], "impossible"),
    ("EXPOSURES", "CAP", [1, 0, 0, 0.1, 1e-6, 0], "impossible"),
    ("EXPOSURES", "NOISE", -1, "NOISE is negative"),
    ("EXPOSURES", "NOISE", np.inf, "too large"),
    ("EXPOSURES", "WHOLE", np.nan, "WHOLE is not finite"),
    ("EXPOSURES", "WHOLE", -np.inf, "WHOLE is not finite"),
    ("EXPOSURES", "WHOLE_MIN", -np.inf, "WHOLE_MIN"),
    ("EXPOSURES", "WHOLE_ERROR", -1, "WHOLE_ERROR"),
    ("EXPOSURES", "WHOLE_PIXELS", 10 ** 6, "WHOLE_PIXELS"),
    ("EXPOSURES", "GOOD", 10 ** 6, "GOOD"),
    ("OUTLINES", "SKY", np.nan, "no place"),
    ("OUTLINES", "SKY", [999, 2], "no place"),
    ("OUTLINES", "SKY", [150, 91], "no place"),
    ("OUTLINES", "SKY", [150, -2], "outside of its exposure's CAP"),
    ("CELLS", "KEY", 2 ** 62, "KEY is in no zone"),
    ("CELLS", "KEY", -1, "KEY is in no zone"),
    ("CELLS", "KEY", 0, "KEY does not ascend"),
    ("CELLS", "VALUE", -np.inf, "VALUE is not finite"),
    ("CELLS", "VALUE", 1e200, "VALUE is not finite or too large"),
    ("CELLS", "ERROR", np.inf, "ERROR is negative, not finite"),
    ("CELLS", "ERROR", np.nan, "ERROR is negative, not finite"),
    ("CELLS", "ERROR", 0, "ERROR is 0 though NOISE is not"),
    ("CELLS", "X", 1.5, "X or Y")]


@pytest.mark.parametrize("hdu, column, value, said", IMPOSSIBLE,
                         ids=[f"{c}-{k}" for k, (_, c, _, _) in enumerate(IMPOSSIBLE)])
def test_impossible_values(folder, sound, hdu, column, value, said):
    """One sentence with the file, the table, the row, the column and the cause."""
    table = folder / "t.fits"
    table.write_bytes(sound)
    with fits.open(table, mode="update") as file:
        place = file[hdu].data[column]
        place[1] = np.reshape(value, place[1].shape) if np.ndim(value) else value
    answer = fail(3, "match", "--cells", table, "--order", 1)
    assert f"t.fits: row 2 of {hdu} makes no sense: " in answer
    assert column.split("_")[0] in answer and said in answer and answer.count("\n") <= 1


@pytest.mark.parametrize("key, value", [
    ("STATKIND", "foo"), ("STATKIND", 4), ("STATKIND", 1.5), ("STATKIND", None), ("STATCLIP", -3),
    ("STATCLIP", 1e30), ("STATLSIG", "x"), ("STATUSIG", 0.0), ("STATBIN", None)])
def test_impossible_statistic(folder, sound, key, value):
    table = folder / "t.fits"
    table.write_bytes(sound)
    with fits.open(table, mode="update") as file:
        file[0].header[key] = value
        if value is None:
            del file[0].header[key]
    assert "t.fits: STAT" in fail(3, "match", "--cells", table)


def test_unknown_values(folder, sound):
    """Noise, errors and whole exposures that are not known are no fault."""
    table = folder / "t.fits"
    table.write_bytes(sound)
    with fits.open(table, mode="update") as file:
        file["EXPOSURES"].data["NOISE"] = np.nan
        file["EXPOSURES"].data["WHOLE_PIXELS"][1] = 0
        file["EXPOSURES"].data["WHOLE"][1] = np.nan
        file["CELLS"].data["ERROR"][5] = 0
    assert ask("match", "--cells", table, "--order", 1, "--method", "match")["components"] == 1


def test_unknown_places(folder):
    """Half of the sky: the corners of the images are beyond it, and have no place."""
    paths = []
    for i in range(4):
        header = tan(ra=150 + 3 * i, dec=20 + 2 * i, scale=3600 * 0.3)
        header["CTYPE1"], header["CTYPE2"] = "RA---SIN", "DEC--SIN"
        header["CRPIX1"] = header["CRPIX2"] = 210
        header["NIGHT"] = f"n{i // 2}"
        paths.append(plain(folder / f"h{i}.fits", noise((420, 420), 10 * i, seed=i), header))
    words = "--pitch", 3600, "--group", "NIGHT"
    run("cells", *paths, "-o", folder / "t.fits", *words)
    rows = fits.getdata(folder / "t.fits", "EXPOSURES")
    assert np.isnan(rows["SAMPLES"]).any() and not rows["CORNERS"].any()
    for order in (0, 1):
        same(ask("match", *paths, "--compare", "cells", *words, "--order", order),
             ask("match", "--cells", folder / "t.fits", "--order", order))


@pytest.mark.parametrize("pitch, scale, width", [(3600, 300, 2 ** 11.75), (0.004, 0.0005, 2 ** -8)])
def test_ends_of_pitch(folder, pitch, scale, width):
    """The ends that are documented, though the series has none of them."""
    paths = [plain(folder / f"{i}.fits", noise((90, 90), i, seed=i), tan(20 * i, scale=scale))
             for i in range(2)]
    answer = ask("cells", *paths, "-o", folder / "t.fits", "--pitch", pitch)
    assert answer["pitch"] == pytest.approx(width, rel=1e-12)
    want = ask("match", *paths, "--compare", "cells", "--pitch", pitch)
    assert want["pitch"] == answer["pitch"] and want["cells"] > 10
    same(want, ask("match", "--cells", folder / "t.fits"))
    beyond = 2 * pitch if pitch > 1 else pitch / 2
    assert "0.004 to 3600" in fail(2, "cells", *paths, "-o", folder / "x.fits", "--pitch", beyond)


def test_cells_needs(folder):
    paths = make(folder)
    assert "--output is missing" in fail(2, "cells", *paths)
    assert "exclude each other" in fail(2, "cells", *paths, "-o", folder / "x.fits", "--cell", "8",
                                        *PITCH)
    before = paths[0].read_bytes()
    assert "input" in fail(2, "cells", *paths, "-o", paths[0], "--overwrite")
    assert paths[0].read_bytes() == before
    out, = tables(folder, paths, pieces=1)
    assert "replace an input" in fail(2, "match", "--cells", out, "--ledger", out, "--overwrite")


def test_nothing_to_compare(folder):
    """One exposure alone, one without a good pixel: tables are made, the match finds no overlap."""
    path = plain(folder / "one.fits", noise((60, 60), 1, seed=1), tan())
    empty = plain(folder / "empty.fits", np.full((60, 60), np.nan, np.float32), tan())
    for k, one in enumerate((path, empty)):
        run("cells", one, "-o", folder / f"t{k}.fits", *PITCH)
    assert "overlap" in fail(1, "match", "--cells", folder / "t0.fits", folder / "t1.fits",
                             "--method", "match")
    assert "overlap" in fail(1, "match", "--cells", folder / "t0.fits")


def test_thin_image(folder):
    """The margin of a line of pixels goes around the sky, the cap in its table does not."""
    path = plain(folder / "line.fits", noise((1, 100), 1, seed=1), tan(50, scale=3600))
    run("cells", path, "-o", folder / "t.fits", "--pitch", 3600)
    assert fits.getdata(folder / "t.fits", "EXPOSURES")["CAP"][0, 3] == np.pi
    assert "overlap" in fail(1, "match", "--cells", folder / "t.fits")
