"""What welkin match --compare cells says of its own answer, against numpy."""
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from helpers import ask, fail, noise, plain, run, tan

CELLS = ("--compare", "cells", "--method", "match", "--anchor", "mean")
SIDE = 120
LEVELS = np.array([100.0, 103.5, 98.25, 110.0, 101.0, 97.0])
SLOPES = np.array([[3, -2], [-1, 4], [0, 2], [5, 5], [-3, 0.0], [1, 1]])
PLACES = np.array([(0, 0), (60.2, 4), (8, 61), (64, 58.4), (30, 30), (110.5, 33)])


def terms_at(x, y, size):
    u, v = (2 * x + 1) / SIDE - 1, (2 * y + 1) / SIDE - 1
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v][:size], axis=-1)


def cell_terms(cells, size):
    """Means over a cell's pixels, which lie (PIXELS + 1) / 12 about their mean place."""
    terms = terms_at(cells["X"], cells["Y"], size)
    if size == 6:
        terms[:, 3::2] += ((cells["PIXELS"] + 1) / 12 / (SIDE / 2) ** 2)[:, None]
    return terms


def make(folder, slope=1.0):
    paths = []
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for i, (left, low) in enumerate(PLACES):
        data = terms_at(x, y, 3) @ np.array([LEVELS[i], *slope * SLOPES[i]])
        data += noise((SIDE, SIDE), 0, 1, seed=170 + i)
        data[10 + 15 * i:22 + 15 * i, 30:50] = np.nan
        paths.append(plain(folder / f"r{i}.fits", data.astype(np.float32), tan(left, low)))
    return paths


def report(folder, *more, order=1, slope=1.0):
    paths = make(folder, slope)
    answer = ask("match", *paths, *CELLS, "--order", order, "--check", folder / "c.fits", *more)
    with fits.open(folder / "c.fits") as file:
        return paths, answer, file[0].header, *[file[k].data.copy() for k in (1, 2, 3)]


def normal_equations(cells, size):
    """Of all backgrounds, the sky of every cell eliminated, as dense arrays."""
    count = len(PLACES) * size
    rows = np.zeros((len(cells), count))
    terms = cell_terms(cells, size)
    for i in range(len(cells)):
        rows[i, cells["EXPOSURE"][i] * size:][:size] = terms[i]
    weight = 1 / cells["ERROR"] ** 2
    _, cell = np.unique(cells["KEY"], return_inverse=True)
    total = np.bincount(cell, weight)

    def less_mean(values):
        means = np.stack([np.bincount(cell, weight * v) / total for v in values.T], axis=1)
        return values - means[cell]

    centred = less_mean(rows)
    value = less_mean(cells["VALUE"][:, None])[:, 0]
    return centred.T @ (weight[:, None] * centred), centred.T @ (weight * value)


def common(size):
    """Planes that all have in common: on these small fields the same as of pixels."""
    modes = np.zeros((len(PLACES), size, size))
    modes[:, 0, 0] = 1
    for k in range(1, size):
        modes[:, 0, k] = (PLACES[:, k - 1] + SIDE / 2) / (SIDE / 2)
        modes[:, k, k] = 1
    return modes.reshape(-1, size)


def inflation(cells, dof):
    """Of the variances after least squares: squares of scores over the information, with 10 values
    at the nominal errors, times what whole pixels have beyond shared ones."""
    weight = 1 / cells["ERROR"].astype(float) ** 2
    _, index = np.unique(cells["KEY"], return_inverse=True)
    told = weight * (1 - weight / np.bincount(index, weight)[index])
    many = dof * told.sum() ** 2 / (len(cells) * (told ** 2).sum())
    scatter = np.sum((weight * cells["RESIDUAL"]) ** 2) / told.sum()
    whole = np.average((1 - 1 / (3 * np.sqrt(cells["PIXELS"]))) ** -2, weights=told)
    return (scatter * many + 10) / (many + 10) * whole


@pytest.mark.parametrize("order", [0, 1])
def test_against_dense(folder, order):
    """Coefficients, covariances and weak modes from the table of cells alone.  Common surfaces
    bend by 1e-5 of a plane's edge, and meet equations that do not bind them: 1e-3 is left."""
    size = (1, 3)[order]
    _, answer, _, cells, exposures, _ = report(folder, "--loss", "square", order=order,
                                               slope=float(order))
    matrix, right = normal_equations(cells, size)
    modes = common(size) * np.sqrt(np.trace(matrix))
    whole = np.block([[matrix, modes], [modes.T, np.zeros((size, size))]])
    inverse = np.linalg.inv(whole)[:len(matrix), :len(matrix)]
    inverse *= inflation(cells, answer["dof"])
    found = exposures["COEFFICIENTS"].reshape(-1, size).astype(float)
    errors = np.sqrt(np.diag(inverse)).reshape(-1, size)
    solved = np.linalg.solve(whole, np.concatenate([right, np.zeros(size)]))[:len(matrix)]
    assert (np.abs(found - solved.reshape(-1, size)) < 0.02 * errors).all()
    for i, e in enumerate(answer["exposures"]):
        block = inverse[i * size:(i + 1) * size, i * size:(i + 1) * size]
        np.testing.assert_allclose(e["covariance"], block, rtol=0, atol=2e-3 * np.max(block))
        assert e["covariance"][0][0] == pytest.approx(e["error"] ** 2, rel=1e-12)
        np.testing.assert_array_equal(np.reshape(exposures["COVARIANCE"][i], (size, size)),
                                      e["covariance"])
    values, vectors = np.linalg.eigh(inverse[::size, ::size])
    assert len(answer["weak_modes"]) == 4
    for k, mode in enumerate(answer["weak_modes"]):
        assert mode["error"] == pytest.approx(np.sqrt(values[-1 - k] / 6), rel=0.005)
        apart = min(abs(values[-1 - k] - v) for j, v in enumerate(values[::-1]) if j != k)
        if apart > 0.1 * values[-1 - k]:
            assert abs(np.dot(mode["pattern"], vectors[:, -1 - k])) / np.sqrt(6) > 0.99


def test_quadratics_against_dense(folder):
    """Whatever the gauge, the equations from the table of cells are satisfied."""
    _, answer, _, cells, exposures, _ = report(folder, "--loss", "square", order=2)
    found = exposures["COEFFICIENTS"].astype(float)
    surface = np.sum(cell_terms(cells, 6) * found[cells["EXPOSURE"]], axis=1)
    np.testing.assert_allclose(cells["BACKGROUND"], surface, rtol=0, atol=1e-6)
    assert np.abs(terms_at(cells["X"], cells["Y"], 6) - cell_terms(cells, 6)).max() > 1e-3
    matrix, right = normal_equations(cells, 6)
    left = matrix @ found.ravel() - right
    assert (np.abs(left) < 1e-3 * np.sqrt(np.diag(matrix))).all()  # of their errors


@pytest.mark.parametrize("loss", ["square", "huber"])
def test_cells(folder, loss):
    paths, answer, header, cells, exposures, overlaps = report(folder, "--loss", loss)
    assert header["PITCH"] == answer["pitch"] and header["ORDER"] == 1
    assert header["SCALE"] == answer["scale"] == pytest.approx(1, abs=0.1)
    keys, count = np.unique(cells["KEY"], return_counts=True)
    assert len(keys) == answer["cells"] and count.min() >= 2
    assert (np.diff(cells["KEY"]) >= 0).all()
    which, weight = cells["EXPOSURE"], 1 / cells["ERROR"] ** 2
    found = np.array([e["coefficients"] for e in answer["exposures"]])
    surface = np.sum(terms_at(cells["X"], cells["Y"], 3) * found[which], axis=1)
    np.testing.assert_allclose(cells["BACKGROUND"], surface, rtol=0, atol=1e-9)
    left = cells["VALUE"] - cells["BACKGROUND"] - cells["SKY"]
    np.testing.assert_allclose(cells["RESIDUAL"], left, rtol=0, atol=1e-9)
    # of a residual from a mean that the value has its part in
    total = np.array([weight[cells["KEY"] == k].sum() for k in cells["KEY"]])
    sigma = answer["scale"] * cells["ERROR"] * np.sqrt(1 - weight / total)
    np.testing.assert_allclose(cells["SIGMA"], sigma, rtol=1e-6)
    size = np.abs(left) / sigma
    cut = np.minimum(1, 2 / np.maximum(size, 1e-9)) if loss == "huber" else np.ones(len(cells))
    np.testing.assert_allclose(cells["WEIGHT"], cut, rtol=1e-5)
    for i, path in enumerate(paths):
        own = which == i
        sky = WCS(fits.getheader(path)).all_world2pix(cells["RA"][own], cells["DEC"][own], 0)
        # the mean place of nine tenths of a cell of 8 px, or of less where a zone's border cuts
        assert np.hypot(sky[0] - cells["X"][own], sky[1] - cells["Y"][own]).max() < 2
        e = answer["exposures"][i]
        assert e["cells"] == own.sum() == exposures["CELLS"][i]
        scaled = (size[own] * answer["scale"]) ** 2
        assert e["chi2"] == pytest.approx(scaled.sum(), rel=1e-5)
        assert abs(e["chi2"] - e["chi2_expected"]) < 5 * np.sqrt(2 * e["cells"])
        mean = np.average(left[own], weights=weight[own])
        spread = np.sqrt(np.sum((weight[own] * sigma[own]) ** 2)) / weight[own].sum()
        assert e["pull"] == pytest.approx(mean / spread, abs=1e-4)
        assert e["outliers"] == (size[own] > 5).sum()
    assert answer["outlying_values"] == (size > 5).sum()
    dof = answer["dof"]
    assert answer["chi2_uncut"] == pytest.approx(
        np.mean((size * answer["scale"]) ** 2) * dof, rel=1e-5)
    assert answer["chi2"] <= answer["chi2_uncut"] * (1 + 1e-12)
    assert list(exposures["NAME"]) == [f"{p}[0]" for p in paths]
    assert list(overlaps["CELLS"]) == [o["cells"] for o in answer["overlaps"]]


def test_overlaps(folder):
    """The pull: what is left of the mean difference, over its error."""
    _, answer, _, cells, _, _ = report(folder)
    for o in answer["overlaps"]:
        if o["cells"] == 0:  # a strip that holds no whole cell
            assert o["residual"] is None and o["pull"] is None and o["chi2_per_cell"] is None
            continue
        sides = [cells[cells["EXPOSURE"] == o[k]] for k in "ab"]
        keys, a, b = np.intersect1d(sides[0]["KEY"], sides[1]["KEY"], return_indices=True)
        left = [s["VALUE"][at] - s["BACKGROUND"][at] for s, at in zip(sides, (a, b))]
        variance = sides[0]["ERROR"][a] ** 2 + sides[1]["ERROR"][b] ** 2
        mean = np.average(left[0] - left[1], weights=1 / variance)
        assert len(keys) == o["cells"]
        assert o["residual"] == pytest.approx(mean, abs=1e-9)
        error = answer["scale"] / np.sqrt(np.sum(1 / variance))
        assert o["pull"] == pytest.approx(mean / error, rel=1e-4, abs=1e-6)
        chi2 = np.sum((left[0] - left[1]) ** 2 / variance)
        assert o["chi2"] == pytest.approx(chi2, rel=1e-5)
        assert o["chi2_per_cell"] == pytest.approx(chi2 / len(keys), rel=1e-5)
        assert abs(o["pull"]) < 5
    assert answer["outlying_overlaps"] == []


def test_outliers(folder):
    """A variable star of some cells in one exposure leads the list."""
    paths = make(folder)
    with fits.open(paths[4], mode="update") as file:
        file[0].data[42:54, 58:70] += 300
    answer = ask("match", *paths, *CELLS, "--order", 1, "--outliers", 3)
    assert len(answer["outlying_cells"]) == 3 and answer["outlying_values"] >= 4
    worst = answer["outlying_cells"][0]
    assert worst["exposure"] == 4 and worst["other"] != 4 and worst["exposures"] > 2
    assert worst["residual"] > 5 * worst["sigma"] > 0 and worst["value"] > 150
    x, y = WCS(fits.getheader(paths[4])).all_world2pix(worst["ra"], worst["dec"], 0)
    assert 40 < x < 72 and 40 < y < 56 and abs(x - worst["x"]) < 2 and abs(y - worst["y"]) < 2
    sizes = [abs(c["residual"]) / c["sigma"] for c in answer["outlying_cells"]]
    assert sizes == sorted(sizes, reverse=True)
    assert answer["exposures"][4]["outliers"] >= 1
    assert answer["exposures"][4]["pull"] > 0
    none = ask("match", *paths, *CELLS, "--outliers", 0, "--weak-modes", 0)
    assert none["outlying_cells"] == [] and none["weak_modes"] == []


def test_outlying_overlap(folder):
    """A ghost over half an overlap cannot be a level: the overlap sticks out."""
    paths = make(folder, slope=0.0)
    with fits.open(paths[1], mode="update") as file:
        file[0].data[:, :62] += 2
    answer = ask("match", *paths, *CELLS)
    found = answer["outlying_overlaps"]
    assert found and all(1 in (o["a"], o["b"]) for o in found[:1])
    for o in found:
        whole = answer["overlaps"][o["overlap"]]
        assert (o["a"], o["b"], o["pull"]) == (whole["a"], whole["b"], whole["pull"])
        assert abs(o["pull"]) > 5


def test_components(folder):
    """Three and two exposures and one alone: rms of each, modes of the first."""
    paths = [plain(folder / f"a{i}.fits", noise((90, 90), 10.0 * i, seed=i), tan(x))
             for i, x in enumerate((0, 40, 1000, 1040, 80, 5000))]
    answer = ask("match", *paths, *CELLS)
    parts = answer["connected_components"]
    assert [p["exposures"] for p in parts] == [[0, 1, 4], [2, 3], [5]]
    assert parts[1]["names"] == [f"{p}[0]" for p in paths[2:4]]
    assert [p["overlaps"] for p in parts] == [2, 1, 0]  # a strip of 10 px holds no cell
    assert parts[2]["rms_before"] is None and parts[2]["rms_after"] is None
    before = [o["value_a"] - o["value_b"] for o in answer["overlaps"]
              if o["a"] in (0, 1) and o["residual"] is not None]
    assert parts[0]["rms_before"] == pytest.approx(np.sqrt(np.mean(np.square(before))))
    assert parts[1]["rms_after"] < 0.01  # one difference, two levels, some cells cut
    assert [m["component"] for m in answer["weak_modes"]] == [0, 0]
    first = answer["weak_modes"][0]
    assert len(first["pattern"]) == 3 and first["pattern"][0] * first["pattern"][2] < 0
    assert first["explained_by_plane"] > 0.99
    alone = answer["exposures"][5]
    assert (alone["cells"], alone["chi2"], alone["pull"]) == (0, 0, None)


def test_groups(folder):
    """Pairs of exposures share a background; the covariance is that of each one's own middle."""
    paths = make(folder)
    for i, path in enumerate(paths):
        fits.setval(path, "VISIT", value="v%d" % (i // 2))
    answer = ask("match", *paths, *CELLS, "--order", 1, "--group", "VISIT")
    for e in answer["exposures"]:
        assert e["error"] == pytest.approx(np.sqrt(e["covariance"][0][0]), rel=1e-12)
    # of pixels of the sky: the same variance seen from both exposures of a group
    first, second = answer["exposures"][:2]
    for x, y in ((60.0, 60.0), (100.0, 10.0)):
        seen = []
        for e, (left, low) in zip((first, second), PLACES):
            t = terms_at(np.array(x - left), np.array(y - low), 3)
            seen.append(t @ np.array(e["covariance"]) @ t)
        assert seen[0] == pytest.approx(seen[1], rel=1e-3)


def test_same_for_any_order(folder):
    paths = make(folder)
    first = ask("match", *paths, *CELLS, "--order", 1, "--threads", 1)
    turned = ask("match", *paths[::-1], *CELLS, "--order", 1, "--threads", 3, "--memory", "1K")
    for key in ("chi2_uncut", "scale", "outlying_values"):
        assert first[key] == turned[key]
    keys = "covariance", "chi2", "chi2_expected", "pull", "outliers"
    assert [[e[k] for k in keys] for e in first["exposures"]] == [
        [e[k] for k in keys] for e in turned["exposures"][::-1]]
    for a, b in zip(first["weak_modes"], turned["weak_modes"]):
        assert a["error"] == b["error"] and a["pattern"] == b["pattern"][::-1]
    for a, b in zip(first["outlying_cells"], turned["outlying_cells"]):
        assert (a["ra"], a["dec"], a["residual"]) == (b["ra"], b["dec"], b["residual"])
    part = first["connected_components"][0], turned["connected_components"][0]
    assert part[0]["rms_after"] == part[1]["rms_after"]


def test_check_file(folder):
    paths, *_ = report(folder)
    assert "exists" in fail(3, "match", *paths, *CELLS, "--check", folder / "c.fits")
    first = (folder / "c.fits").read_bytes()
    run("match", *paths, *CELLS, "--order", 1, "--check", folder / "c.fits", "--overwrite",
        "--memory", "1K")
    assert (folder / "c.fits").read_bytes() == first
    if shutil.which("fitsverify"):
        said = subprocess.run(["fitsverify", "-q", folder / "c.fits"], capture_output=True,
                              text=True, check=False)
        assert "verification OK" in said.stdout


def test_flux(folder):
    """Tables hold compared units, documents the image's."""
    paths = make(folder)
    for i, path in enumerate(paths):
        fits.setval(path, "GAIN", value=1.0 + i % 2)
        with fits.open(path, mode="update") as file:
            file[0].data /= 1 + i % 2
    answer = ask("match", *paths, *CELLS, "--order", 1, "--flux-keyword", "GAIN", "--check",
                 folder / "f.fits")
    cells, exposures = (fits.getdata(folder / "f.fits", k) for k in (1, 2))
    assert list(exposures["FLUX"]) == [1, 2] * 3
    found = np.array([e["coefficients"] for e in answer["exposures"]])[cells["EXPOSURE"]]
    surface = np.sum(terms_at(cells["X"], cells["Y"], 3) * found, axis=1)
    flux = exposures["FLUX"][cells["EXPOSURE"]]
    np.testing.assert_allclose(cells["BACKGROUND"], flux * surface, rtol=0, atol=1e-9)
    for e in answer["exposures"]:
        assert e["error"] == pytest.approx(np.sqrt(e["covariance"][0][0]), rel=1e-12)


@pytest.mark.parametrize("ending, first", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_figure(folder, ending, first):
    paths, path = make(folder), folder / f"f.{ending}"
    run("match", *paths, *CELLS, "--order", 1, "--figure", path)
    before = path.read_bytes()
    assert before.startswith(first) and len(before) > 10000
    assert "exists" in fail(3, "match", *paths, *CELLS, "--figure", path)
    if ending == "svg":  # parts are numbered by what was drawn before
        return
    run("match", *paths[::-1], *CELLS, "--order", 1, "--figure", path, "--overwrite",
        "--threads", 3)
    assert len(path.read_bytes()) > 10000


def test_no_mode(folder):
    """Two exposures have no weak mode; the figure shows errors instead."""
    paths = make(folder)[:2]
    answer = ask("match", *paths, *CELLS, "--figure", folder / "two.png")
    assert answer["weak_modes"] == [] and (folder / "two.png").stat().st_size > 10000


def test_with_a_reference(folder):
    """The reference is told of apart: rows of its own in CELLS have no exposure."""
    paths = make(folder)
    y, x = np.mgrid[0:2 * SIDE, 0:2 * SIDE]
    wide = plain(folder / "a_first_by_name.fits",
                 noise(x.shape, 0, 0.3, seed=9).astype(np.float32), tan(-20, -20))
    answer = ask("match", *paths, *CELLS, "--order", 1, "--reference", wide, "--figure",
                 folder / "f.png", "--check", folder / "c.fits", "--outliers", 400)
    cells, exposures = (fits.getdata(folder / "c.fits", k) for k in (1, 2))
    assert len(exposures) == len(paths) and set(cells["EXPOSURE"]) == {-1, *range(len(paths))}
    own = cells["EXPOSURE"] == -1
    assert np.abs(cells["BACKGROUND"][own]).max() < 1e-12  # but for rounding
    np.testing.assert_allclose(cells["VALUE"], cells["BACKGROUND"] + cells["SKY"]
                               + cells["RESIDUAL"], rtol=0, atol=1e-9)
    truth = np.column_stack([LEVELS, SLOPES])
    found = np.array([e["coefficients"] for e in answer["exposures"]])
    errors = np.array([np.sqrt(np.diag(e["covariance"])) for e in answer["exposures"]])
    assert (np.abs(found - truth) < 5 * errors).all()
    assert {c["exposure"] for c in answer["outlying_cells"]} & {None} or any(
        c["other"] is None for c in answer["outlying_cells"])
    assert 0.8 < answer["chi2_uncut"] / answer["dof"] < 1.2
    for e in answer["exposures"]:
        # a fifth of chi2's relative scatter for some hundred cells each, times five
        assert abs(e["chi2"] / e["chi2_expected"] - 1) < 5 * np.sqrt(2 / e["cells"])
    assert [c["exposures"] for c in answer["connected_components"]] == [list(range(len(paths)))]


def test_with_detectors(folder):
    """Offsets are part of what is subtracted, and of the residuals."""
    paths = make(folder, slope=0)
    for i, path in enumerate(paths):
        with fits.open(path, mode="update") as file:
            file[0].data += 3.0 * (i % 2)
            file[0].header["DETECTOR"], file[0].header["VISIT"] = f"d{i % 2}", f"v{i // 2}"
    answer = ask("match", *paths, *CELLS, "--group", "VISIT", "--detector-offsets", "--check",
                 folder / "c.fits", "--figure", folder / "f.png")
    cells = fits.getdata(folder / "c.fits", 1)
    found = np.array([e["sky"] for e in answer["exposures"]])[cells["EXPOSURE"]]
    np.testing.assert_allclose(cells["BACKGROUND"], found, rtol=0, atol=1e-9)
    for e in answer["exposures"]:
        assert e["error"] == pytest.approx(np.sqrt(e["covariance"][0][0]), rel=1e-12)


def test_of_tables(folder):
    """All of it without images: the same rows."""
    paths = make(folder)
    run("cells", *paths, "-o", folder / "t.fits", "--pitch", 2.83)
    for name, words in (("a", paths + ["--compare", "cells", "--pitch", 2.83]),
                        ("b", [folder / "t.fits", "--cells"])):
        run("match", *words, "--order", 1, "--method", "match", "--check", folder / f"{name}.fits",
            "--figure", folder / f"{name}.png")
    for hdu in (1, 2, 3):
        a, b = (fits.getdata(folder / f"{name}.fits", hdu) for name in "ab")
        assert a.tobytes() == b.tobytes()
    assert (folder / "a.png").read_bytes() == (folder / "b.png").read_bytes()
