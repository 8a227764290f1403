"""welkin match --detector-offsets: what detectors add in all exposures, beside their skies."""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, fail, noise, plain, run, skies, tan, write
from written import check_valid

CELLS = ("--compare", "cells", "--method", "match", "--anchor", "mean", "--group", "VISIT")
WIDTH, HEIGHT, PITCH = 100, 80, 110
# steps of no whole detector, else a slope over the detectors could be one over the visits
DITHERS = [(0, 0), (37.2, 12), (75, -15.4), (141, 8)]
LEVELS = np.array([100.0, 103.0, 96.0, 101.0])
OFFSETS = np.array([2.0, -3.0, 1.0])
SLOPES = np.array([[4, 0], [-3, 2], [0, -5], [2, 3.0]])  # over a visit's 320 px


def nebula(x, y):
    return 5 * np.exp(-((x - 190) ** 2 + (y - 50) ** 2) / 3600.0)


def make(folder, slope=0.0, dithers=DITHERS, sigma=1.0, kind=np.float32, amplifier=0.0, **cards):
    """Each visit's detectors beside each other; amplifier: half the step in a detector's middle."""
    paths = []
    for v, (left, low) in enumerate(dithers):
        for d, offset in enumerate(OFFSETS):
            y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
            data = noise((HEIGHT, WIDTH), 0, sigma, seed=10 * v + d) + LEVELS[v] + offset
            data += nebula(x + left + PITCH * d, y + low)
            data += slope * (SLOPES[v, 0] * (x + PITCH * d - 160) + SLOPES[v, 1] * (y - 40)) / 160
            data += np.where(x < 40, -1, 1) * amplifier * (d + 1)
            data[10 + 15 * v:22 + 15 * v, 30:50] = np.nan
            header = tan(left + PITCH * d, low)
            header["VISIT"], header["DETECTOR"] = f"v{v}", f"D{d}"
            header.update(cards)
            paths.append(plain(folder / f"v{v}d{d}.fits", data.astype(kind), header))
    return paths


def column(answer, key, part="offsets"):
    return np.array([np.nan if e[key] is None else e[key] for e in answer[part]])


def test_levels(folder):
    """Offsets without the constant that all have in common; levels with them are the skies."""
    answer = ask("match", *make(folder), *CELLS, "--detector-offsets")
    assert [(o["detector"], o["amplifier"], o["valid"]) for o in answer["offsets"]] == [
        (f"D{d}", None, True) for d in range(3)]
    assert answer["warnings"] == [] and answer["components"] == 1
    found, errors = column(answer, "offset"), column(answer, "error")
    # some hundred cells of 64 pixels join two detectors: 0.02
    assert (errors > 0.003).all() and (errors < 0.05).all() and (column(answer, "cells") > 100).all()
    left = found - OFFSETS
    assert (np.abs(left - left.mean()) < 5 * errors).all()
    # their mean, weighted by what joins them, is 0
    assert abs(found.mean()) < 2
    sky = skies(answer).reshape(4, 3)
    own = np.array([e["detector_offset"] for e in answer["exposures"]]).reshape(4, 3)
    np.testing.assert_array_equal(own, np.broadcast_to(found, (4, 3)))
    level = np.array([g["sky"] for g in answer["groups"]])
    np.testing.assert_allclose(sky, level[:, None] + found, rtol=0, atol=1e-12)
    left = sky - (LEVELS[:, None] + OFFSETS)
    errors = column(answer, "error", "exposures").reshape(4, 3)
    assert (np.abs(left - left.mean()) < 5 * errors).all() and (errors < 0.05).all()
    assert answer["rank"] == 3 + 2 and answer["rms_after"] < 0.1
    assert 0.7 < answer["chi2"] / answer["dof"] < 1.3
    # without offsets the detectors' steps remain
    plainly = ask("match", *make_again(folder), *CELLS)
    assert "offsets" not in plainly and "detector_offset" not in plainly["exposures"][0]
    assert plainly["chi2"] / plainly["dof"] > 20


def make_again(folder):
    return sorted(folder.glob("v?d?.fits"))


def test_planes(folder):
    """A plane over each visit; differences of what is subtracted where two exposures meet."""
    answer = ask("match", *make(folder, slope=1.0), *CELLS, "--detector-offsets", "--order", "1")
    found, errors = column(answer, "offset"), column(answer, "error")
    left = found - OFFSETS
    assert (np.abs(left - left.mean()) < 5 * errors).all() and (errors < 0.1).all()
    assert answer["rank"] == 3 * 4 - 3 + 2
    e = answer["exposures"]
    for a, b in ((0, 5), (1, 3), (4, 6), (4, 8)):  # not the same detector
        backgrounds = []
        middle = (np.add(corner(a), corner(b)) + (WIDTH, HEIGHT)) / 2
        for k in (a, b):
            x, y = middle - corner(k)
            v, d = divmod(k, 3)
            truth = LEVELS[v] + OFFSETS[d] + SLOPES[v] @ (x + PITCH * d - 160, y - 40) / 160
            c = e[k]["coefficients"]
            assert c[0] == e[k]["sky"]
            place = (np.array([x, y]) - e[k]["centre"]) / e[k]["scale"]
            backgrounds.append(c[0] + c[1:] @ place - truth)
        assert backgrounds[0] == pytest.approx(backgrounds[1], abs=0.15)


def corner(index):
    v, d = divmod(index, 3)
    return DITHERS[v][0] + PITCH * d, DITHERS[v][1]


def test_pulls(folder):
    """Errors against the scatter about the truth, less what all have in common."""
    pulls = []
    generator = np.random.default_rng(5)
    paths = make(folder)
    for _ in range(8):
        for path in paths:
            with fits.open(path, mode="update") as file:
                bad = np.isnan(file[0].data)
                v, d = int(path.name[1]), int(path.name[3])
                file[0].data[:] = generator.normal(LEVELS[v] + OFFSETS[d], 1, bad.shape)
                file[0].data[bad] = np.nan
        answer = ask("match", *paths, *CELLS, "--detector-offsets", "--loss", "square")
        weights = 1 / column(answer, "error") ** 2
        left = column(answer, "offset") - OFFSETS
        pulls.extend((left - np.average(left, weights=weights)) / column(answer, "error"))
        left = skies(answer) - np.add.outer(LEVELS, OFFSETS).ravel()
        pulls.extend((left - left.mean()) / column(answer, "error", "exposures"))
    # 8 draws of 15 numbers of which 5 are free: the variance is known to a third
    assert 0.5 < np.mean(np.square(pulls)) < 2


def bounds(free):
    """Of the mean square of so many free normal numbers at 4 sigma (Wilson and Hilferty)."""
    return [(1 - 2 / (9 * free) + z * np.sqrt(2 / (9 * free))) ** 3 for z in (-4, 4)]


def test_pulls_of_planes(folder):
    """Dithers by nearly whole detectors tell the offsets badly, and with them a plane's level at
    each detector.  Noise alone, so that what is undetermined is 0 in every draw."""
    draws, generator = 16, np.random.default_rng(1)
    paths, found, covariances = [], [], []
    for v, (left, low) in enumerate([(0, 0), (70, 7.2), (135.3, -9.4), (62, 5), (-63.6, 12.6)]):
        for d in range(3):
            header = tan(left + 66 * d, low)
            header["VISIT"], header["DETECTOR"] = f"v{v}", f"D{d}"
            paths.append(plain(folder / f"v{v}d{d}.fits", np.zeros((60, 60), np.float32), header))
    for _ in range(draws):
        for path in paths:
            with fits.open(path, mode="update") as file:
                file[0].data[:] = generator.normal(size=(60, 60))
        answer = ask("match", *paths, *CELLS, "--detector-offsets", "--loss", "square", "--order", 1)
        found.append([e["coefficients"] for e in answer["exposures"]])
        covariances.append([np.reshape(e["covariance"], (3, 3)) for e in answer["exposures"]])
        np.testing.assert_allclose(np.array(covariances[-1])[:, 0, 0],
                                   column(answer, "error", "exposures") ** 2, rtol=1e-12)
    assert answer["rank"] == 4 * 3 + 1
    for terms in TERMS_OF_PLANES:
        variances = np.einsum("i,deij,j->de", terms, covariances, terms)
        squares = np.mean((np.array(found) @ terms) ** 2 / variances, axis=0)
        low, high = bounds(draws)
        assert ((squares > low) & (squares < high)).all(), squares
        # exposures move together; three patterns of them at least are free
        low, high = bounds(3 * draws)
        assert low < squares.mean() < high


# the level at the centre, the slopes, levels at edges and corners
TERMS_OF_PLANES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, -1, 0],
                            [1, 1, 1], [1, -1, 1]])


def test_without_dithers(folder):
    """The same detectors see the same sky in all visits: nothing is told, 0 is taken."""
    paths = make(folder, dithers=[(0, 0)] * 4)
    answer = ask("match", *paths, *CELLS, "--detector-offsets")
    assert any("undetermined" in w for w in answer["warnings"])
    for offset in answer["offsets"]:
        assert (offset["offset"], offset["error"], offset["valid"]) == (0, None, False)
    plainly = ask("match", *paths, *CELLS)
    np.testing.assert_allclose(skies(answer), skies(plainly), rtol=0, atol=1e-9)


def test_without_groups(folder):
    """Each exposure's own level takes its detector's offset up."""
    paths = make(folder)
    words = [w for w in CELLS if w not in ("--group", "VISIT")]
    answer = ask("match", *paths, *words, "--detector-offsets")
    assert any("undetermined" in w for w in answer["warnings"])
    assert not any(o["valid"] or o["offset"] for o in answer["offsets"])
    np.testing.assert_array_equal(skies(answer), skies(ask("match", *paths, *words)))


def test_whole_detectors_as_steps(folder):
    """Dithers by whole detectors: a slope over the detectors could be one over the visits."""
    paths = make(folder, dithers=[(0, 0), (PITCH, 0), (2 * PITCH, 0), (PITCH, 0)])
    answer = ask("match", *paths, *CELLS, "--detector-offsets")
    assert any("1 of 2 combinations" in w for w in answer["warnings"])
    # the curvature is known: 2 - 2 (-3) + 1
    assert column(answer, "offset") @ [1, -2, 1] == pytest.approx(9, abs=0.3)
    # of slopes the least: by weights that are alike for the outer two
    assert abs(column(answer, "offset") @ [1, 0, -1]) < 1


def test_one_apart(folder):
    """A detector that meets no other has no offset, the others do not care."""
    paths = make(folder)
    for i, path in enumerate(paths):
        if i % 3 == 2:
            fits.setval(path, "CRVAL1", value=151.0)
    answer = ask("match", *paths, *CELLS, "--detector-offsets")
    assert [o["valid"] for o in answer["offsets"]] == [True, True, False]
    assert any("1 of 2 combinations" in w for w in answer["warnings"])
    found = column(answer, "offset")
    assert found[0] - found[1] == pytest.approx(5, abs=0.3) and found[2] == 0


def test_global_match(folder):
    """The least of the exposures' own skies, less their detectors' offsets, is what all share."""
    paths = make(folder, sigma=0.5)
    words = ["global+match" if w == "match" else w for w in CELLS]
    words = [w for w in words if w not in ("--anchor", "mean")]
    answer = ask("match", *paths, *words, "--detector-offsets")
    truth = np.add.outer(LEVELS, OFFSETS).ravel()
    left = skies(answer) - truth
    # the least median lies where the nebula is weak
    assert np.ptp(left) < 0.1 and -0.1 < left.mean() < 1


def test_flux(folder):
    """Offsets are in compared units, skies in each image's own."""
    paths = make(folder)
    for i, path in enumerate(paths):
        factor = 1.0 + i // 3
        with fits.open(path, mode="update") as file:
            file[0].data /= factor
            file[0].header["FLUX"] = factor
    answer = ask("match", *paths, *CELLS, "--detector-offsets", "--flux-keyword", "FLUX")
    left = column(answer, "offset") - OFFSETS
    assert np.ptp(left) < 0.2
    factors = np.repeat([1, 2, 3, 4], 3)
    own = np.array([e["detector_offset"] for e in answer["exposures"]])
    np.testing.assert_allclose(own * factors, np.tile(column(answer, "offset"), 4), rtol=1e-14)
    left = skies(answer) * factors - np.add.outer(LEVELS, OFFSETS).ravel()
    assert np.ptp(left) < 0.3


@pytest.mark.parametrize("words", [(), ("--order", "1"), ("--per", "amplifier", "--amplifiers", "2x1")])
def test_order_of_files_and_threads(folder, words):
    paths = make(folder, slope=1.0)
    words = (*CELLS, "--detector-offsets", *words)
    first = ask("match", *paths, *words, "--threads", 1)
    turned = ask("match", *paths[::-1], *words, "--threads", 3, "--memory", "8M")
    keys = "sky", "error", "coefficients", "detector_offset", "amplifiers"
    assert [[e.get(k) for k in keys] for e in first["exposures"]] == [
        [e.get(k) for k in keys] for e in turned["exposures"][::-1]]
    for key in ("offsets", "chi2", "dof", "rank"):
        assert first[key] == turned[key]


def test_subtract(folder):
    """One number an exposure, as without offsets; apply makes the same."""
    paths, ledger = make(folder), folder / "ledger.json"
    answer = ask("match", *paths, *CELLS, "--detector-offsets", "--subtract", "--output-dir",
                 folder / "out", "--ledger", ledger)
    run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "again")
    for path, exposure in zip(paths, answer["exposures"]):
        found = fits.getdata(folder / "out" / path.name)
        np.testing.assert_allclose(found, fits.getdata(path) - exposure["sky"], rtol=0, atol=1e-5)
        np.testing.assert_array_equal(found, fits.getdata(folder / "again" / path.name))


AMPLIFIERS = {"DATASECA": "[1:40,1:80]", "DATASECB": "[41:100,1:80]"}


def test_amplifiers(folder):
    """Two unequal amplifiers a detector, from the header; the detector's mean is by area."""
    paths = make(folder, amplifier=0.75, **AMPLIFIERS)
    answer = ask("match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier")
    truth = np.array([o + s * 0.75 * (d + 1) for d, o in enumerate(OFFSETS) for s in (-1, 1)])
    assert [(o["detector"], o["amplifier"]) for o in answer["offsets"]] == [
        (f"D{d}", a) for d in range(3) for a in range(2)]
    found, errors = column(answer, "offset"), column(answer, "error")
    left = found - truth
    assert (np.abs(left - left.mean()) < 5 * errors).all() and (errors < 0.1).all()
    assert answer["rank"] == 3 + 5 and answer["warnings"] == []
    assert 0.7 < answer["chi2"] / answer["dof"] < 1.3
    for i, e in enumerate(answer["exposures"]):
        own = found[2 * (i % 3):2 * (i % 3) + 2]
        assert e["detector_offset"] == pytest.approx(0.4 * own[0] + 0.6 * own[1], abs=1e-12)
        assert [(a["x"], a["y"], a["width"], a["height"]) for a in e["amplifiers"]] == [
            (0, 0, 40, 80), (40, 0, 60, 80)]
        assert [a["offset"] for a in e["amplifiers"]] == pytest.approx(
            own - e["detector_offset"], abs=1e-12)
    # the cells in the border's reach are left out: 80 rows of 2 (0.71 pitch / 0.5 + 1) pixels of 100
    less = ask("match", *paths, *CELLS, "--detector-offsets")
    reach = 2 * (0.5 ** 0.5 * answer["pitch"] / 0.5 + 1)
    kept = 1 - sum(o["cells"] for o in answer["offsets"]) / sum(o["cells"] for o in less["offsets"])
    assert reach / 100 < kept < 2.5 * reach / 100


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_subtract_amplifiers(folder, order, kind):
    paths, ledger = make(folder, amplifier=0.75, kind=kind, slope=order), folder / "ledger.json"
    answer = ask("match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier",
                 "--amplifiers", "5x1", "--order", order, "--subtract", "--output-dir",
                 folder / "out", "--ledger", ledger)
    run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "again")
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for path, e in zip(paths, answer["exposures"]):
        surface = np.full((HEIGHT, WIDTH), e["sky"])
        if order:
            c = e["coefficients"]
            surface += c[1] * (x - 49.5) / 50 + c[2] * (y - 39.5) / 40
        assert [(a["x"], a["width"]) for a in e["amplifiers"]] == [(20 * k, 20) for k in range(5)]
        for a in e["amplifiers"]:
            surface[:, a["x"]:a["x"] + a["width"]] += a["offset"]
        found = fits.getdata(folder / "out" / path.name)
        np.testing.assert_allclose(found, fits.getdata(path).astype(float) - surface, rtol=0,
                                   atol=1e-5 if kind == np.float32 else 1e-12)
        np.testing.assert_array_equal(found, fits.getdata(folder / "again" / path.name))
        check_valid(path, folder / "out" / path.name)
        header = fits.getheader(folder / "out" / path.name)
        assert header["BKGSUB"] and header["BKGLEVEL"] == pytest.approx(e["sky"], rel=1e-14)


def test_narrow_amplifiers(folder):
    """Borders take two thirds of the cells; a slope over all of them is what dithers tell least."""
    paths = make(folder, amplifier=0.75)
    answer = ask("match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier",
                 "--amplifiers", "5x1", "--cell", "4")
    truth = np.array([o + (-0.75 if k < 2 else 0.75) * (d + 1) for d, o in enumerate(OFFSETS)
                      for k in range(5)])
    left, errors = column(answer, "offset") - truth, column(answer, "error")
    assert answer["rank"] == 3 + 14
    assert (np.abs(left - left.mean()) < 5 * errors).all()
    # neighbours meet often: their steps are known better than the slope
    assert np.abs(np.diff(left)).max() < 0.3 < 2 * errors.max()


def test_apply_refuses(folder):
    paths, ledger = make(folder, amplifier=0.75), folder / "ledger.json"
    run("match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier", "--amplifiers", "5x1",
        "--ledger", ledger)
    document = json.loads(ledger.read_text())
    header = tan()
    header["DETECTOR"] = "D0"
    plain(folder / "small.fits", np.zeros((10, 10), np.float32), header)
    document["exposures"][0]["file"] = "small.fits"
    ledger.write_text(json.dumps(document))
    assert "10 x 10 pixels" in fail(2, "apply", "--ledger", ledger, folder / "small.fits",
                                    "--output-dir", folder / "o")
    document["exposures"][0]["amplifiers"][1]["offset"] = None
    ledger.write_text(json.dumps(document))
    assert "amplifiers/1" in fail(3, "apply", "--ledger", ledger, paths[1], "--output-dir",
                                  folder / "o")


def test_table(folder):
    """The detectors stand below the exposures."""
    lines = run("match", *make(folder), *CELLS, "--detector-offsets").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.split()[:2] == ["detector", "amplifier"])
    assert [line.split()[:2] for line in lines[at + 1:at + 4]] == [["D0", "-"], ["D1", "-"],
                                                                   ["D2", "-"]]


def test_file_of_detectors(folder):
    """A visit a file, a detector an extension, as cameras store them."""
    paths = make(folder)
    files = []
    for v in range(4):
        hdus = []
        for d in range(3):
            with fits.open(paths[3 * v + d]) as file:
                hdus.append(fits.ImageHDU(file[0].data, file[0].header, name="SCI", ver=d + 1))
        files.append(write(folder / f"visit{v}.fits", *hdus))
    answer = ask("match", *files, *CELLS[:-1], "exposure", "--detector-offsets", "--layout", "stsci")
    assert np.ptp(column(answer, "offset") - OFFSETS) < 0.2 and len(answer["groups"]) == 4


def test_no_room(folder):
    said = fail(4, "match", *make(folder), *CELLS, "--detector-offsets", "--per", "amplifier",
                "--amplifiers", "10x8", "--memory", "100K")
    assert "240 offsets of detectors" in said


REFUSED = [
    (("--detector-offsets",), "--detector-offsets needs --compare cells"),
    (("--compare", "cells", "--per", "amplifier"), "--per amplifier needs --detector-offsets"),
    (("--compare", "cells", "--detector-offsets", "--amplifiers", "2x1"),
     "--amplifiers needs --per amplifier")]


@pytest.mark.parametrize("words, said", REFUSED, ids=lambda w: " ".join(w) if w else "")
def test_refused(folder, words, said):
    assert said in fail(2, "match", folder / "none.fits", *words)


def test_detectors_without_names(folder):
    paths = make(folder)
    fits.delval(paths[4], "DETECTOR")
    said = fail(3, "match", *paths, *CELLS, "--detector-offsets")
    assert "v1d1.fits" in said and "detector" in said
    fits.setval(paths[4], "DETECTOR", value="D1")
    assert "DATASECA" in fail(3, "match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier")


def test_detectors_that_differ(folder):
    """Amplifiers are numbered: a detector has as many in all exposures."""
    paths = make(folder, **AMPLIFIERS)
    fits.delval(paths[4], "DATASECB")
    said = fail(2, "match", *paths, *CELLS, "--detector-offsets", "--per", "amplifier")
    assert "amplifiers" in said and "D1" in said


def test_reference_from_tables_has_no_offset(folder):
    """Also where it names its detector as an exposure does."""
    paths = make(folder)
    header = fits.getheader(paths[1])
    sky = noise((HEIGHT, WIDTH), 0, 0.3, seed=9)
    known = plain(folder / "known.fits", sky, header)
    options = ("--method", "match", "--detector-offsets")
    pitch = ("--pitch", "4")
    direct = ask("match", *paths, "--compare", "cells", *pitch, "--group", "VISIT", "--reference",
                 known, *options)
    run("cells", *paths, "-o", folder / "t.fits", *pitch, "--group", "VISIT")
    run("cells", known, "--as-reference", "-o", folder / "r.fits", *pitch)
    tabled = ask("match", "--cells", folder / "t.fits", folder / "r.fits", *options)
    assert tabled["offsets"] == direct["offsets"] and len(direct["offsets"]) == 3
    assert skies(tabled).tolist() == skies(direct).tolist()
