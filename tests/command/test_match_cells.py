"""welkin match --compare cells: levels, planes, what is written and what is refused."""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import SANITIZED, ask, fail, noise, plain, run, skies, tan
from written import check_valid

CELLS = ("--compare", "cells", "--method", "match", "--anchor", "mean")
SIDE = 120
LEVELS = np.array([100.0, 103.5, 98.25, 110.0, 101.0])
SLOPES = np.array([[3, -2], [-1, 4], [0, 2], [5, 5], [-3, 0.0]])
# 0.2 px steps between grids: cells sample the sky differently
PLACES = [(0, 0), (60.2, 4), (8, 61), (64, 58.4), (30, 30)]


def plane(levels, index):
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    terms = 1, (2 * x + 1) / SIDE - 1, (2 * y + 1) / SIDE - 1
    return sum(c * t for c, t in zip((levels[index], *SLOPES[index]), terms))


def nebula(x, y):
    return 5 * np.exp(-((x - 90) ** 2 + (y - 80) ** 2) / 1600.0)


def make(folder, slope=0.0, sigma=1.0, kind=np.float32):
    paths = []
    for i, (left, low) in enumerate(PLACES):
        y, x = np.mgrid[0:SIDE, 0:SIDE]
        data = noise((SIDE, SIDE), 0, sigma, seed=70 + i) + nebula(x + left, y + low)
        data += slope * (plane(LEVELS, i) - LEVELS[i]) + LEVELS[i]
        data[10 + 20 * i:22 + 20 * i, 30:50] = np.nan
        paths.append(plain(folder / f"c{i}.fits", data.astype(kind), tan(left, low)))
    return paths


def test_levels(folder):
    """Noise 1, some 3000 pixels for an overlap: errors of some hundredths, five of them."""
    answer = ask("match", *make(folder), *CELLS)
    assert (answer["compare"], answer["order"], answer["components"]) == ("cells", 0, 1)
    left = skies(answer) - (LEVELS - LEVELS.mean())
    errors = np.array([e["error"] for e in answer["exposures"]])
    assert (np.abs(left) < 5 * errors).all() and (errors < 0.05).all() and (errors > 0.005).all()
    assert all(e["valid"] and e["coefficients"] == [] for e in answer["exposures"])
    assert answer["rms_after"] < 0.05 < answer["rms_before"] and answer["warnings"] == []
    assert 0.7 < answer["chi2"] / answer["dof"] < 1.3
    assert sum(o["cells"] for o in answer["overlaps"]) >= answer["cells"]
    assert answer["rank"] == 4


@pytest.mark.parametrize("unit, how", [(1e-17, ("--method", "match")), (1e-17, CELLS),
                                       (1e-6, CELLS)])
def test_printed_levels(folder, unit, how):
    """Images in small units: the table shows levels and errors, not zeros."""
    paths = make(folder, kind=np.float64)
    for path in paths:
        with fits.open(path, mode="update") as file:
            file[0].data *= unit
    lines = run("match", *paths, *how).stdout.splitlines()[1:6]
    for line, e in zip(lines, ask("match", *paths, *how)["exposures"]):
        sky, error = (float(word) for word in line.split()[1:3])
        assert sky == pytest.approx(e["sky"], abs=e["error"] / 10)
        assert error == pytest.approx(e["error"], rel=0.01)


def test_fill_pixels(folder):
    """Cells of fill pixels overflow when the flux is taken; the others are matched."""
    paths = make(folder, kind=np.float64)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for (left, low), path in zip(PLACES, paths):
        with fits.open(path, mode="update") as file:
            file[0].data /= 1000
            filled = (np.hypot(x + left - 90, y + low - 90) < 20) & (y % 2 == 0)  # of all alike
            file[0].data[filled] = 3.4e38
            file[0].header["GAIN"] = 1000
    offsets = skies(ask("match", *paths, *CELLS, "--flux-keyword", "GAIN")) * 1000 - LEVELS
    assert np.abs(offsets - offsets.mean()).max() < 0.2


def test_planes(folder):
    """Differences of planes at the middle of each overlap, which no gauge changes."""
    answer = ask("match", *make(folder, slope=1.0), *CELLS, "--order", "1")
    assert answer["rank"] == 3 * 5 - 3  # a plane is common to all
    for exposure in answer["exposures"]:
        assert exposure["terms"] == ["1", "x", "y"]
        assert exposure["coefficients"][0] == exposure["sky"]
        assert exposure["centre"] == [59.5, 59.5] and exposure["scale"] == [60, 60]
    found = np.array([e["coefficients"] for e in answer["exposures"]])
    truth = np.column_stack([LEVELS, SLOPES])
    for o in answer["overlaps"]:
        a, b = o["a"], o["b"]
        middle = (np.array(PLACES[a]) + PLACES[b]) / 2
        terms = [[1, *((middle - PLACES[k]) / (SIDE / 2))] for k in (a, b)]
        left = found - truth
        # some hundred cells of error 0.13: 0.02 for the difference in their middle
        assert abs(left[a] @ terms[0] - left[b] @ terms[1]) < 0.1
    assert answer["rms_after"] < 0.1


def test_gauge_is_the_smallest(folder):
    """A surface common to all, added to the backgrounds, makes them larger."""
    answer = ask("match", *make(folder, slope=1.0), *CELLS, "--order", "1")
    found = np.array([e["coefficients"] for e in answer["exposures"]])
    for k in (0, 1):
        mode = np.zeros((5, 3))
        mode[:, 0] = [(p[k] - 32) / 60 for p in PLACES]
        mode[:, 1 + k] = 1
        assert abs(np.sum(mode * found)) < 1e-3 * np.linalg.norm(mode) * np.linalg.norm(found)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_order_of_files_and_threads(folder, order):
    paths = make(folder, slope=1.0)
    first = ask("match", *paths, *CELLS, "--order", order, "--threads", 1)
    turned = ask("match", *paths[::-1], *CELLS, "--order", order, "--threads", 3)
    keys = "sky", "error", "coefficients"
    assert [[e[k] for k in keys] for e in first["exposures"]] == [
        [e[k] for k in keys] for e in turned["exposures"][::-1]]
    for key in ("chi2", "cells", "rms_after", "rms_before"):
        assert first[key] == turned[key]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_subtract(folder, kind, order):
    """The copy is the input less the surface, rounded once; apply makes the same."""
    paths, ledger = make(folder, slope=1.0, kind=kind), folder / "ledger.json"
    answer = ask("match", *paths, "--compare", "cells", "--order", order, "--subtract",
                 "--output-dir", folder / "out", "--ledger", ledger)
    run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "again")
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for path, exposure in zip(paths, answer["exposures"]):
        c = exposure["coefficients"]
        a, b = (x - 59.5) / 60, (y - 59.5) / 60
        surface = sum(k * t for k, t in zip(c, (1, a, b, a * a, a * b, b * b)))
        want = fits.getdata(path).astype(float) - surface
        found = fits.getdata(folder / "out" / path.name)
        assert found.dtype.itemsize == np.dtype(kind).itemsize
        np.testing.assert_allclose(found, want, rtol=0, atol=1e-5 if kind == np.float32 else 1e-12)
        np.testing.assert_array_equal(found, fits.getdata(folder / "again" / path.name))
        header = fits.getheader(folder / "out" / path.name)
        assert (header["BKGMETH"], header["BKGSUB"]) == ("global+match", True)
        names = ["BKGLEVEL"] + [f"BKGC{k}" for k in range(1, len(c))]
        assert [header[k] for k in names] == pytest.approx(c, rel=1e-14)
        check_valid(path, folder / "out" / path.name)


def test_keywords_alone(folder):
    paths = make(folder, slope=1.0)
    run("match", *paths, *CELLS, "--order", "2", "--output-dir", folder / "out")
    header = fits.getheader(folder / "out" / "c0.fits")
    assert header["BKGSUB"] is False and "BKGC5" in header
    np.testing.assert_array_equal(fits.getdata(folder / "out" / "c0.fits"), fits.getdata(paths[0]))


def test_levels_are_written_as_before(folder):
    """Order 0 keeps the stored numbers of integers."""
    paths = []
    for i in range(2):
        data = np.round(noise((90, 90), 100 + 10 * i, 3, seed=i)).astype(np.int16)
        paths.append(plain(folder / f"i{i}.fits", data, tan(30 * i)))
    run("match", *paths, "--compare", "cells", "--subtract", "--output-dir", folder / "out")
    with fits.open(folder / "out" / "i1.fits", do_not_scale_image_data=True) as out:
        np.testing.assert_array_equal(out[0].data, fits.getdata(paths[1]))


def test_apart(folder):
    """Two pairs and one alone: no number is invented between them."""
    paths = [plain(folder / f"a{i}.fits", noise((90, 90), 10.0 * i, seed=i), tan(x))
             for i, x in enumerate((0, 40, 1000, 1040, 5000))]
    answer = ask("match", *paths, *CELLS)
    assert [e["component"] for e in answer["exposures"]] == [0, 0, 1, 1, 2]
    assert skies(answer)[:4] == pytest.approx([-5, 5, -5, 5], abs=0.2)
    assert answer["exposures"][4]["sky"] is None and not answer["exposures"][4]["valid"]
    assert any("unconnected" in w for w in answer["warnings"])
    assert any("not matched" in w for w in answer["warnings"])


def test_robust(folder):
    """A satellite's trail, stars that vary and a ghost move least squares, hardly the default."""
    paths = make(folder)
    with fits.open(paths[1], mode="update") as file:
        for k in range(SIDE):
            file[0].data[k, max(k - 2, 0):k + 3] += 200
        file[0].data[60:64, 20:24] += 1000
        file[0].data[40:80, 5:45] += 50
    robust = skies(ask("match", *paths, *CELLS)) - (LEVELS - LEVELS.mean())
    square = skies(ask("match", *paths, *CELLS, "--loss", "square")) - (LEVELS - LEVELS.mean())
    # a tenth of the cells pull at 2 sigma of theirs, 0.13 and the structure's part
    assert np.abs(robust).max() < 0.15 and np.abs(square).max() > 1


def test_few_cells(folder):
    """One strip of cells: a level, and a warning that says so."""
    paths = [plain(folder / f"f{i}.fits", noise((40, 90), 10.0 * i, seed=i), tan(75 * i))
             for i in range(2)]
    answer = ask("match", *paths, *CELLS, "--order", "1")
    assert any("a level is fitted" in w for w in answer["warnings"])
    assert [e["terms"] for e in answer["exposures"]] == [["1"], ["1"]]
    assert skies(answer) == pytest.approx([-5, 5], abs=0.5)


def make_grouped(folder, bend=0.0):
    """Three visits with two detectors 10 px apart each; a plane (and a bend) over each visit."""
    paths, places = [], []
    for i, (left, low) in enumerate([(0, 0), (60.2, 4), (33, 51)]):
        for k in range(2):
            y, x = np.mgrid[0:80, 0:SIDE] + np.array([low, left + 130 * k]).reshape(2, 1, 1)
            across, up = (x - left - 124.5) / 125, (y - low - 39.5) / 125
            data = 50.0 * i + 3 * (i - 1) * across - 2 * i * up + bend * (i - 1) * across * up
            data += noise(data.shape, 0, 0.5, seed=90 + 2 * i + k) + nebula(x, y)
            header = tan(left + 130 * k, low)
            header["VISIT"] = f"v{i}"
            paths.append(plain(folder / f"g{k}{i}.fits", data.astype(np.float32), header))
            places.append((left + 130 * k, low))
    return paths, places


@pytest.mark.parametrize("order", [0, 1, 2])
def test_groups(folder, order):
    """Exposures of a visit share one surface: both detectors' polynomials are the same on the sky.
    Levels: some thousand cells' pixels each, sigma 0.5, errors near 0.02."""
    paths, places = make_grouped(folder, 4.0 if order == 2 else 0.0)
    answer = ask("match", *paths, *CELLS, "--order", order, "--group", "VISIT")
    assert len(answer["groups"]) == 3
    if order == 0:
        found = skies(answer)
        np.testing.assert_array_equal(found[::2], found[1::2])
        # slopes of 3 over 125 px remain in levels; visits overlap by halves
        assert found[::2] == pytest.approx([-50, 0, 50], abs=3)
        return
    centres = []
    for i in range(3):
        x, y = np.meshgrid(np.arange(0, 250, 25.0), np.arange(0, 80, 20.0))
        sky = []
        for k in range(2):
            e = answer["exposures"][2 * i + k]
            u = (x - 130 * k - e["centre"][0]) / e["scale"][0]
            v = (y - e["centre"][1]) / e["scale"][1]
            terms = [np.ones_like(u), u, v, u * u, u * v, v * v][:len(e["terms"])]
            sky.append(sum(c * t for c, t in zip(e["coefficients"], terms)))
            assert e["sky"] == e["coefficients"][0]
        # affine maps of fields of 0.1 degrees: the tangent planes differ by 1e-5
        np.testing.assert_allclose(sky[0], sky[1], rtol=0, atol=2e-3)
        centres.append(sky[0])
    assert answer["rms_after"] < 0.1 < answer["rms_before"]
    # middle of the first and second visits' overlap: the difference of their surfaces is known
    across = (np.array([155, 155 - 60.2]) - 124.5) / 125
    up = (np.array([42, 42 - 4]) - 39.5) / 125
    truth = [50.0 * i + 3 * (i - 1) * a - 2 * i * u + (4.0 if order == 2 else 0) * (i - 1) * a * u
             for i, (a, u) in enumerate(zip(across, up))]
    found = []
    for i in range(2):
        e = answer["exposures"][2 * i + 1]
        u = (155 - places[2 * i + 1][0] - e["centre"][0]) / e["scale"][0]
        v = (42 - places[2 * i + 1][1] - e["centre"][1]) / e["scale"][1]
        found.append(np.dot([1, u, v, u * u, u * v, v * v][:len(e["terms"])], e["coefficients"]))
    assert found[1] - found[0] == pytest.approx(truth[1] - truth[0], abs=0.1)


@pytest.mark.parametrize("order", [1, 2])
def test_anchor_in_group(folder, order):
    """The anchor is 0 at its own centre, not its group at the middle; all else moves with it."""
    paths, _ = make_grouped(folder)
    words = "--compare", "cells", "--method", "match", "--group", "VISIT", "--order", order
    free = ask("match", *paths, *words, "--anchor", "mean")
    for index in (0, 3):
        answer = ask("match", *paths, *words, "--anchor", paths[index])
        found = skies(answer)
        assert found[index] == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(found, skies(free) - skies(free)[index], rtol=0, atol=1e-9)
        # slopes over the group: its middle is not 0
        assert abs(answer["groups"][index // 2]["sky"]) > 0.5
        for key in ("error", "covariance", "terms", "pull", "chi2"):
            assert [e[key] for e in answer["exposures"]] == [e[key] for e in free["exposures"]]
        for a, b in zip(answer["exposures"], free["exposures"]):
            assert a["coefficients"][0] == a["sky"] and a["coefficients"][1:] == b["coefficients"][1:]
        assert answer["rms_after"] == pytest.approx(free["rms_after"], rel=1e-9)
        assert answer["weak_modes"] == free["weak_modes"] and answer["chi2"] == free["chi2"]
        np.testing.assert_allclose([o["residual"] for o in answer["overlaps"]],
                                   [o["residual"] for o in free["overlaps"]], rtol=0, atol=1e-9)


def test_global_match_in_groups(folder):
    """The least of the exposures' own skies less their own levels becomes 0."""
    paths, _ = make_grouped(folder)
    answer = ask("match", *paths, "--compare", "cells", "--method", "global+match", "--group", "VISIT",
                 "--order", 1)
    whole = np.array([np.median(fits.getdata(path)) for path in paths])
    # the statistic is the clipped median: alike to some hundredths
    assert (whole - skies(answer)).min() == pytest.approx(0, abs=0.05)


def test_pitch(folder):
    """Arcsec, rounded to the series; what fits into no memory is put aside, with the same bits."""
    paths = make(folder, slope=1.0)
    first = ask("match", *paths, *CELLS, "--order", 1, "--pitch", 5)
    assert first["pitch"] == pytest.approx(2 ** (9 / 4))
    again = ask("match", *paths, *CELLS, "--order", 1, "--pitch", 4.6, "--memory", "1K")
    for key in ("pitch", "exposures", "overlaps", "chi2"):
        assert first[key] == again[key]


def test_no_room_to_put_aside(folder, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(folder / "nowhere"))
    said = fail(3, "match", *make(folder), *CELLS, "--memory", "1K")
    assert "nowhere" in said


def test_no_shared_cell(folder):
    paths = [plain(folder / f"n{i}.fits", noise((40, 90), 1, seed=i), tan(87 * i)) for i in range(2)]
    assert "overlap" in fail(1, "match", *paths, *CELLS)
    empty = [plain(folder / f"m{i}.fits", np.full((40, 40), np.nan, np.float32), tan())
             for i in range(2)]
    assert "no good pixel" in fail(1, "match", *empty, *CELLS)


def test_exact_pixels(folder):
    """Without noise nothing is known of errors, and no weight is infinite."""
    paths = [plain(folder / f"k{i}.fits", np.full((90, 90), 5.0 + i, np.float32), tan(30 * i))
             for i in range(3)]
    assert skies(ask("match", *paths, *CELLS)) == pytest.approx([-1, 0, 1], abs=1e-9)


REFUSED = [
    (("--order", "1"), "--order above 0 needs --compare cells"),
    (("--cell", "8"), "--cell needs --compare cells"),
    (("--loss", "huber"), "--loss needs --compare cells"),
    (("--compare", "cells", "--method", "local"), "--method match or global+match"),
    (("--pitch", "8"), "--pitch needs --compare cells"),
    (("--compare", "cells", "--pitch", "8", "--cell", "8"), "exclude each other"),
    (("--outliers", "8"), "--outliers needs --compare cells"),
    (("--weak-modes", "2"), "--weak-modes needs --compare cells")]


@pytest.mark.parametrize("words, said", REFUSED, ids=lambda w: " ".join(w) if w else "")
def test_refused(folder, words, said):
    assert said in fail(2, "match", folder / "none.fits", *words)


def test_apply_checks(folder):
    paths, ledger = make(folder, slope=1.0), folder / "ledger.json"
    run("match", *paths, *CELLS, "--order", "1", "--ledger", ledger)
    plain(paths[0].with_name("other.fits"), np.zeros((10, 10), np.float32), tan())
    document = json.loads(ledger.read_text())
    document["exposures"][0]["file"] = "other.fits"
    ledger.write_text(json.dumps(document))
    said = fail(2, "apply", "--ledger", ledger, folder / "other.fits", "--output-dir", folder / "o")
    assert "10 x 10 pixels" in said
    document["exposures"][0]["coefficients"] = [1, 2]
    ledger.write_text(json.dumps(document))
    assert "coefficients" in fail(3, "apply", "--ledger", ledger, paths[1], "--output-dir",
                                  folder / "o")


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("factor", [1e-20, 1e-9, 1e14])
def test_units(folder, order, factor):
    """Fluxes may be of any size: pixels are floats of 24 bits, each rounded by the factor."""
    paths = make(folder, slope=1.0)
    one = ask("match", *paths, *CELLS, "--order", order)
    for path in paths:
        with fits.open(path, mode="update") as hdus:
            hdus[0].data = (hdus[0].data.astype(float) * factor).astype(np.float32)
    other = ask("match", *paths, *CELLS, "--order", order)
    for a, b in zip(one["exposures"], other["exposures"]):
        assert b["sky"] / factor == pytest.approx(a["sky"], abs=0.01 * a["error"])
        assert b["error"] / factor == pytest.approx(a["error"], rel=1e-3)
        assert np.array(b["coefficients"]) / factor == pytest.approx(
            np.array(a["coefficients"]), abs=0.05 * a["error"])
    assert other["dof"] == one["dof"] and other["warnings"] == one["warnings"]


@pytest.mark.parametrize("order", [1, 2])
def test_a_strip_bends_nothing(folder, order):
    """An exposure that shares one or two rows of cells tells no slope or bending across them: it is
    held, its error is unknown, and the others keep what they have."""
    paths = make(folder, slope=1.0)
    alone = ask("match", *paths, *CELLS, "--order", order)
    low = 8 * (order + 1)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    strip = noise((SIDE, SIDE), 0, 1, seed=99) + nebula(x, y + low - SIDE) + 30 + 5 * x / SIDE
    bad = np.random.default_rng(3).random((SIDE, SIDE)) < 0.02
    paths.append(plain(folder / "strip.fits", np.where(bad, np.nan, strip).astype(np.float32),
                       tan(0, low - SIDE)))
    answer = ask("match", *paths, *CELLS, "--order", order)
    assert any("do not bind" in w and " 1 exposures" in w for w in answer["warnings"])
    strip = answer["exposures"][5]
    assert strip["error"] is None and strip["valid"]
    largest = max(np.abs(e["coefficients"]).max() for e in alone["exposures"])
    assert all(np.abs(e["coefficients"]).max() < 2 * largest + 60 for e in answer["exposures"])
    assert answer["rms_after"] < 0.3
    assert all(0 < e["error"] < 3 for e in answer["exposures"][:5])


@pytest.mark.parametrize("blind", [False, True], ids=["apart", "masked"])
def test_a_group_carries_its_surface(folder, blind):
    """To a detector that overlaps nothing, and to one without any good pixel."""
    paths, places = make_grouped(folder)
    y, x = np.mgrid[0:80, 0:SIDE] + np.array([0, 400]).reshape(2, 1, 1)
    data = 50.0 - 3 * (x - 124.5) / 125 + noise(x.shape, 0, 0.5, seed=5)
    header = tan(400, 0)
    header["VISIT"] = "v0"
    for other in paths[:2]:  # the first visit's own level is 50
        with fits.open(other, mode="update") as hdus:
            hdus[0].data += 50
    paths.append(plain(folder / "z.fits", (np.nan if blind else 1) * data.astype(np.float32), header))
    options = (*CELLS, "--order", "1", "--group", "VISIT")
    answer = ask("match", *paths, *options)
    first, last = answer["exposures"][0], answer["exposures"][-1]
    across = 400 / 125 * last["coefficients"][1] * 125 / (SIDE / 2)
    assert last["coefficients"][1] == pytest.approx(first["coefficients"][1], rel=1e-4)
    assert last["sky"] - first["sky"] == pytest.approx(across, abs=0.02)
    run("cells", *paths, "-o", folder / "t.fits", "--cell", "8", "--group", "VISIT")
    tabled = ask("match", "--cells", folder / "t.fits", "--method", "match", "--order", "1",
                 "--anchor", "mean")
    assert tabled["exposures"] == answer["exposures"]


@pytest.mark.skipif(SANITIZED, reason="tested once, in the plain build")
def test_all_sky(folder):
    """A quarter of a degree a pixel: zones lie side by side within a few of them."""
    y, x = np.mgrid[0:500, 0:500]
    inside = np.hypot(x - 249.5, y - 249.5) < 225
    paths = []
    for i in range(3):
        header = tan(scale=900, ra=100.0 + 10 * i, dec=30.0)
        header["CTYPE1"], header["CTYPE2"] = "RA---SIN", "DEC--SIN"
        header["CRPIX1"] = header["CRPIX2"] = 250.5
        data = np.where(inside, noise((500, 500), 10 * i, 1.0, seed=i), np.nan)
        paths.append(plain(folder / f"s{i}.fits", data.astype(np.float32), header))
    answer = ask("match", *paths, "--compare", "cells", "--method", "match", "--cell", "4")
    # three discs of 225 px, of which nine tenths are shared, hold some 9000 cells of 16 px
    assert answer["cells"] > 5000
    errors = np.array([e["error"] for e in answer["exposures"]])
    left = skies(answer) - [0, 10, 20]
    assert (np.abs(left - left.mean()) < 5 * errors).all() and (errors < 0.05).all()


def test_sparse_counts(folder):
    """Most pixels are 0, the noise is unknown: weights must not follow what noise did."""
    draw, paths, rates = np.random.default_rng(4), [], (0.05, 0.2, 0.1)
    for i, rate in enumerate(rates):
        counts = draw.poisson(rate, (SIDE, SIDE)).astype(np.float32)
        paths.append(plain(folder / f"p{i}.fits", counts, tan(11 * i, 5 * i)))
    answer = ask("match", *paths, *CELLS)
    left = skies(answer) - rates
    errors = np.array([e["error"] for e in answer["exposures"]])
    # some 7000 pixels are shared: 0.4 / sqrt(7000)
    assert (errors > 0.001).all() and (errors < 0.01).all()
    assert (np.abs(left - left.mean()) < 5 * errors).all()


def test_many_cells_on_any_threads(folder):
    """So many values that rounds look at parts of them at the same time: the same bits."""
    paths = [plain(folder / f"m{i}.fits", noise((300, 300), 5.0 * i, 1.0, seed=20 + i),
                   tan(7 * i, 3 * i)) for i in range(4)]
    options = (*CELLS, "--cell", 2, "--order", 1, "--weak-modes", 0)
    one = ask("match", *paths, *options, "--threads", 1)
    assert one["cells"] > 18000  # of three values and more
    for more in (("--threads", 3), ("--threads", 2, "--memory", "1M")):
        other = ask("match", *paths, *options, *more)
        for key in ("exposures", "overlaps", "chi2", "scale", "structure"):
            assert other[key] == one[key]
