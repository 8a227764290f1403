"""welkin match --compare cells --reference IMAGE: absolute backgrounds, what is joined, what is not.

The sky is a nebula in units of exposure pixels; the reference has pixels three times as wide, which hold the
mean of it, for the units are those of surface brightness.
"""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, call, fail, noise, plain, run, skies, stsci, tan
from test_match_cells import LEVELS, PLACES, SIDE, SLOPES, nebula, plane

CELLS = ("--compare", "cells", "--method", "match")
COARSE = 3


def sky_of(x, y):
    """A bright nebula on a gradient: what no gauge could tell from backgrounds."""
    return nebula(x, y) + 0.02 * x - 0.01 * y + 7


def take(folder, index, left, low, slope=0.0, sigma=1.0, shape=(SIDE, SIDE), name=None, level=None):
    y, x = np.mgrid[0:shape[0], 0:shape[1]]
    data = noise(shape, 0, sigma, seed=70 + index) + sky_of(x + left, y + low)
    data += LEVELS[index % 5] if level is None else level
    if slope:
        data += slope * (plane(LEVELS, index % 5) - LEVELS[index % 5])
    return plain(folder / (name or f"c{index}.fits"), data.astype(np.float32), tan(left, low))


def make(folder, slope=0.0, sigma=1.0):
    return [take(folder, i, *place, slope, sigma) for i, place in enumerate(PLACES)]


def coarse_header(left, low):
    """Pixel (0, 0) covers pixels 0 to 2 from (left, low) on: its middle is pixel 1."""
    header = tan(0, 0, scale=0.5 * COARSE)
    header["CRPIX1"] = (100 - left - 1) / COARSE + 1
    header["CRPIX2"] = (80 - low - 1) / COARSE + 1
    return header


def coarse(left, low, width, height, sigma=0.5, seed=9):
    y, x = np.mgrid[0:height * COARSE, 0:width * COARSE]
    fine = sky_of(x + left, y + low).reshape(height, COARSE, width, COARSE)
    return (fine.mean(axis=(1, 3)) + noise((height, width), 0, sigma, seed=seed)).astype(np.float32)


def survey(folder, left=-60, low=-60, width=110, height=110, sigma=0.5, name="survey.fits",
           **cards):
    return plain(folder / name, coarse(left, low, width, height, sigma), coarse_header(left, low),
                 **cards)


def test_levels_are_absolute(folder):
    """What is subtracted is the level itself: no gauge, whatever the anchor.  The reference has some
    20 cells of 8 px of 1.5 arcsec over an exposure, 0.5 / 8 each."""
    paths, reference = make(folder), survey(folder)
    answer = ask("match", *paths, *CELLS, "--reference", reference)
    left = skies(answer) - LEVELS
    errors = np.array([e["error"] for e in answer["exposures"]])
    assert (np.abs(left) < 5 * errors).all() and (errors < 0.1).all() and (errors > 0.003).all()
    assert answer["pitch"] == pytest.approx(2 ** (14 / 4))  # 12 arcsec
    assert (answer["components"], answer["rank"], answer["warnings"]) == (1, 5, [])
    assert 0.6 < answer["chi2"] / answer["dof"] < 1.4
    seen = answer["reference"]
    assert seen["file"].endswith("survey.fits")
    assert (seen["exposures"], seen["component"]) == (1, 0) and seen["cells"] > 40
    assert [o["a"] for o in seen["overlaps"]] == [0, 1, 2, 3, 4]
    for o in seen["overlaps"]:
        # means over the same cells: the difference is the level
        found = o["value_a"] - o["value_reference"]
        assert found == pytest.approx(LEVELS[o["a"]], abs=0.2)
        assert o["residual"] == pytest.approx(found - skies(answer)[o["a"]], abs=1e-9)
    assert len(answer["exposures"]) == 5 and all(o["b"] < 5 for o in answer["overlaps"])
    for words in (("--anchor", "minimum"), ("--method", "global+match"), ("--up",)):
        again = ask("match", *paths, "--compare", "cells", "--method", "match", *words,
                    "--reference", reference)
        np.testing.assert_array_equal(skies(again), skies(answer))


@pytest.mark.parametrize("order", [1, 2])
def test_planes_are_absolute(folder, order):
    """Each coefficient alone, which without the reference has the sky's gradient in it.  Cells of 24
    px: 25 over an exposure, errors of 0.06 each; a slope's error is 0.03."""
    answer = ask("match", *make(folder, slope=1.0), *CELLS, "--order", order, "--reference",
                 survey(folder))
    truth = np.column_stack([LEVELS, SLOPES])
    found = np.array([e["coefficients"][:3] for e in answer["exposures"]])
    assert np.abs(found - truth).max() < (0.2 if order == 1 else 0.4)
    assert answer["rank"] == 5 * (3 if order == 1 else 6)  # nothing is lost
    assert answer["warnings"] == []


def turned(left, low, turn):
    header, angle = tan(left, low), np.radians(turn)
    header["CD1_1"], header["CD1_2"], header["CD2_1"], header["CD2_2"] = (
        header["CD2_2"] * np.array([-np.cos(angle), np.sin(angle), np.sin(angle), np.cos(angle)]))
    return header


def bent(folder, bends, turn, parts):
    """Exposures of quadratic surfaces alone, whole or cut into two parts of one visit."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    u, v = (2 * x + 1) / SIDE - 1, (2 * y + 1) / SIDE - 1
    paths, width = [], SIDE // parts
    for i, place in enumerate(((0, 0), (30.3, 10), (12, 40.6))):
        data = noise((SIDE, SIDE), 10 * i, 0.01, seed=i)
        data += sum(a * t for a, t in zip(bends[i], (u * u, u * v, v * v)))
        for k in range(parts):
            header = turned(*place, turn * (i + 1))
            header["CRPIX1"] -= width * k
            header["VISIT"] = f"v{i}"
            paths.append(plain(folder / f"q{i}{k}.fits", data[:, width * k:][:, :width], header))
    return paths


@pytest.mark.parametrize("turn", [0, 20])
@pytest.mark.parametrize("cell", [8, 16])
@pytest.mark.parametrize("parts", [1, 2])
def test_curvature(folder, cell, turn, parts):
    """The mean of x^2 over a cell is not the square of its mean: 300 x^2 in cells of 8 and 16 px
    would give 0.44 and 1.8 to the level.  Pixels shared at a cell's border vary in it by a sixth
    of a pixel's square: 0.014."""
    bends = [(300, 100, 50), (-200, 0, 300), (100, -200, -150)]
    paths = bent(folder, bends, turn, parts)
    reference = plain(folder / "flat.fits", noise((300, 300), 0, 0.01, seed=9), tan(-90, -90))
    answer = ask("match", *paths, *CELLS, "--order", 2, "--cell", cell, "--reference", reference,
                 *(("--group", "VISIT") if parts > 1 else ()))
    for k, e in enumerate(answer["exposures"]):
        # the middle of a half is at x = -0.5 or 0.5
        level = 10 * (k // parts) + (bends[k // parts][0] / 4 if parts > 1 else 0)
        assert abs(e["sky"] - level) < min(5 * e["error"], 0.02) and e["error"] < 0.2


def test_subtract(folder):
    """The copies are the sky itself."""
    paths = make(folder, slope=1.0)
    reference, ledger = survey(folder), folder / "ledger.json"
    run("match", *paths, "--compare", "cells", "--order", "1", "--reference", reference,
        "--subtract", "--output-dir", folder / "out", "--ledger", ledger)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for i, (left, low) in enumerate(PLACES):
        copy = fits.getdata(folder / "out" / f"c{i}.fits")
        rest = copy - sky_of(x + left, y + low)
        for part in (rest[:60, :60], rest[60:, :60], rest[:60, 60:], rest[60:, 60:]):
            # noise of 60 x 60 px 0.017, slopes of error 0.03 and levels
            assert abs(np.nanmean(part)) < 0.2
    assert sorted(p.name for p in (folder / "out").iterdir()) == [f"c{i}.fits" for i in range(5)]
    run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "again")
    for path in paths:
        np.testing.assert_array_equal(fits.getdata(folder / "out" / path.name),
                                      fits.getdata(folder / "again" / path.name))


def test_errors_are_true(folder):
    """Pulls of planes' levels and slopes over 8 skies of noise: rms 1, 40 values that exposures of a
    mosaic have partly in common."""
    pulls = []
    for k in range(8):
        paths = [take(folder, 5 * k + i, *place, 1.0, name=f"p{k}{i}.fits")
                 for i, place in enumerate(PLACES)]
        reference = plain(folder / f"s{k}.fits", coarse(-60, -60, 110, 110, 0.5, 200 + k),
                          coarse_header(-60, -60))
        answer = ask("match", *paths, *CELLS, "--order", "1", "--reference", reference)
        errors = np.array([e["error"] for e in answer["exposures"]])
        pulls.append((skies(answer) - LEVELS) / errors)
    assert 0.6 < np.sqrt(np.mean(np.square(pulls))) < 1.5


def pairs(folder, gap=400):
    """Two mosaics of two exposures each, with gap between them."""
    return [take(folder, i, x, 0, level=10.0 * i + 3) for i, x in enumerate((0, 50, gap, gap + 50))]


def test_two_mosaics(folder):
    """Joined with a reference that covers both, two components without."""
    paths = pairs(folder)
    apart = ask("match", *paths, *CELLS)
    assert apart["components"] == 2 and any("unconnected" in w for w in apart["warnings"])
    answer = ask("match", *paths, *CELLS, "--reference", survey(folder, width=220, height=80))
    assert (answer["components"], answer["rank"], answer["warnings"]) == (1, 4, [])
    assert [e["component"] for e in answer["exposures"]] == [0] * 4
    assert skies(answer) == pytest.approx([3, 13, 23, 33], abs=0.15)


def test_detectors_of_the_reference_are_one(folder):
    """A reference in two images that do not meet each other joins as one image does."""
    parts = []
    for k, left in enumerate((-30, 370)):
        data = coarse(left, -30, 80, 60, seed=30 + k)
        parts.append((data, np.full_like(data, 0.5), np.zeros(data.shape, np.int16),
                      coarse_header(left, -30)))
    reference = stsci(folder / "detectors.fits", parts)
    paths = pairs(folder)
    for words in ((), ("--order", "1")):
        answer = ask("match", *paths, *CELLS, "--reference", reference, *words)
        assert (answer["components"], answer["reference"]["exposures"]) == (1, 2)
        assert skies(answer) == pytest.approx([3, 13, 23, 33], abs=0.3)


def test_one_reached(folder):
    """The other mosaic follows the anchor as ever and is named; what stands alone has no number."""
    paths = pairs(folder, gap=600) + [take(folder, 4, 2000, 0)]
    answer = ask("match", *paths, *CELLS, "--anchor", "mean", "--reference", survey(folder))
    assert [e["component"] for e in answer["exposures"]] == [0, 0, 1, 1, 2]
    assert (answer["components"], answer["reference"]["component"]) == (3, 0)
    assert skies(answer)[:4] == pytest.approx([3, 13, -5, 5], abs=0.2)
    assert answer["exposures"][4]["sky"] is None
    said = [w for w in answer["warnings"] if "reference is not reached" in w]
    assert len(said) == 1 and "c2.fits" in said[0] and "c4.fits" in said[0]
    assert "c0.fits" not in said[0]
    parts = [w for w in answer["warnings"] if "unconnected" in w]
    assert len(parts) == 1 and "survey" not in parts[0]
    assert "c0.fits" in parts[0] and "c2.fits" in parts[0]
    least = ask("match", *paths, *CELLS, "--reference", survey(folder, name="again.fits"))
    assert skies(least)[:4] == pytest.approx([3, 13, 0, 10], abs=0.2)
    both = ask("match", *paths, "--compare", "cells", "--reference",
               survey(folder, name="both.fits"))
    assert skies(both)[:2] == pytest.approx([3, 13], abs=0.2)
    # the least of own - x among the others: c2's own level is its sky's median and 23
    middle = np.median(sky_of(*np.meshgrid(np.arange(SIDE) + 2000, np.arange(SIDE))))
    assert skies(both)[3] - skies(both)[2] == pytest.approx(10, abs=0.2)
    assert skies(both)[4] <= LEVELS[4] + middle + 0.5


def test_chain(folder):
    """An exposure that the reference does not touch hangs on one that it does."""
    paths = [take(folder, i, x, 0, 1.0) for i, x in enumerate((0, 60, 120))]
    reference = survey(folder, left=-60, width=45)  # up to pixel 75
    answer = ask("match", *paths, *CELLS, "--reference", reference)
    assert [o["a"] for o in answer["reference"]["overlaps"]] == [0]
    errors = [e["error"] for e in answer["exposures"]]
    assert answer["components"] == 1 and errors == sorted(errors)


def test_one_exposure(folder):
    """No second exposure is needed."""
    answer = ask("match", take(folder, 0, 0, 0, 1.0), *CELLS, "--order", "1", "--reference",
                 survey(folder))
    assert answer["exposures"][0]["coefficients"] == pytest.approx([100, 3, -2], abs=0.3)
    assert answer["overlaps"] == [] and answer["rms_before"] is None
    assert answer["rank"] == 3 and answer["dof"] == answer["cells"] - 3


@pytest.mark.parametrize("order", [1, 2])
def test_few_cells(folder, order):
    """A corner of the reference fixes the level, and slopes are as without it: the cells' pull on
    them is small.  The sky's gradient of 1.2 and -0.6 for half an exposure remains in them."""
    paths = make(folder, slope=1.0)
    reference = survey(folder, left=-60, low=-60, width=40, height=40)
    words = "--order", order, "--pitch", "12"
    answer = ask("match", *paths, *CELLS, *words, "--reference", reference)
    size = 3 if order == 1 else 6
    assert 0 < answer["reference"]["cells"] < 2 * size
    assert any("fixes the level there, and no slope" in w for w in answer["warnings"])
    assert answer["rank"] == 5 * size - size + 1
    free = ask("match", *paths, *CELLS, *words)
    assert free["rank"] == 5 * size - size
    found, plain_slopes = (np.array([e["coefficients"] for e in s["exposures"]])
                           for s in (answer, free))
    np.testing.assert_allclose(found[:, 1:], plain_slopes[:, 1:], rtol=0, atol=0.3)
    # one level for all, as the reference's cells have it
    shift = found[:, 0] - plain_slopes[:, 0]
    assert np.ptp(shift) < 0.3 and shift.mean() > 90
    # its two cells are 24 px apart, the gradient that remains makes 0.5 of that
    assert abs(answer["reference"]["overlaps"][0]["residual"]) < 0.5
    assert answer["rms_after"] < 0.15


def test_exposure_with_few_cells(folder):
    """A strip too narrow for a plane gets a level, as ever."""
    paths = [take(folder, 0, 0, 0), take(folder, 1, 118, 0)]
    reference = survey(folder, left=-60, low=-60, width=73, height=110)  # up to pixel 159
    answer = ask("match", *paths, *CELLS, "--order", "1", "--reference", reference)
    assert [len(e["terms"]) for e in answer["exposures"]] == [3, 1]
    assert any("a level is fitted" in w for w in answer["warnings"])
    assert skies(answer) == pytest.approx(LEVELS[:2], abs=0.3)


def test_groups(folder):
    """Both detectors of a visit share a plane; one of them alone meets the reference."""
    paths = []
    for k in range(2):
        y, x = np.mgrid[0:80, 0:SIDE] + np.array([0, 130 * k]).reshape(2, 1, 1)
        data = noise(x.shape, 0, 0.5, seed=40 + k) + sky_of(x, y) + 20 + 4 * (x - 124.5) / 125
        paths.append(plain(folder / f"g{k}.fits", data.astype(np.float32), tan(130 * k), VISIT="a"))
    reference = survey(folder, left=-60, width=60, height=70, sigma=0.1)  # up to pixel 120
    answer = ask("match", *paths, *CELLS, "--order", "1", "--group", "VISIT", "--reference",
                 reference)
    assert len(answer["groups"]) == 1 and answer["reference"]["overlaps"][0]["a"] == 0
    # middles at 59.5 and 189.5; the second is reached by extrapolation of a slope of error 0.03
    assert skies(answer) == pytest.approx([20 - 4 * 65 / 125, 20 + 4 * 65 / 125], abs=0.3)


def test_flux(folder):
    """Each image by its own factor; one without is refused."""
    paths = []
    for i, place in enumerate(PLACES[:2]):
        path = take(folder, i, *place)
        with fits.open(path, mode="update") as file:
            file[0].data /= 2
            file[0].header["PHOT"] = 2.0
        paths.append(path)
    reference = survey(folder)
    words = *CELLS, "--flux-keyword", "PHOT", "--reference", reference
    assert "PHOT" in fail(3, "match", *paths, *words)
    with fits.open(reference, mode="update") as file:
        file[0].data *= 4
        file[0].header["PHOT"] = 0.25
    assert skies(ask("match", *paths, *words)) == pytest.approx(LEVELS[:2] / 2, abs=0.1)


def test_mask_of_the_reference(folder):
    """Its bad pixels are left out: a plane that disagrees is seen where it is not masked."""
    data, bad = coarse(-60, -60, 110, 110), np.zeros((110, 110), np.int16)
    data[:, :45] += 50
    bad[:, :45] = 1
    header = coarse_header(-60, -60)
    reference = stsci(folder / "m.fits", [(data, np.full_like(data, 0.5), bad, header)])
    found = skies(ask("match", *make(folder), *CELLS, "--reference", reference))
    assert found == pytest.approx(LEVELS, abs=0.2)
    wrong = skies(ask("match", *make(folder_of(folder, "w")), *CELLS, "--no-mask", "--reference",
                      reference))
    assert np.abs(wrong - LEVELS).max() > 1


def folder_of(folder, name):
    (folder / name).mkdir()
    return folder / name


@pytest.mark.parametrize("order", [0, 1])
def test_order_of_files_and_threads(folder, order):
    paths, reference = make(folder, slope=1.0), survey(folder)
    words = *CELLS, "--order", order, "--reference", reference
    first = ask("match", *paths, *words, "--threads", 1)
    turned = ask("match", *paths[::-1], *words, "--threads", 3, "--memory", "1K")
    keys = "sky", "error", "coefficients", "component"
    assert [[e[k] for k in keys] for e in first["exposures"]] == [
        [e[k] for k in keys] for e in turned["exposures"][::-1]]
    for key in ("chi2", "cells", "rms_after", "rms_before", "rank", "dof"):
        assert first[key] == turned[key]
    assert [{**o, "a": 0} for o in first["reference"]["overlaps"]] == [
        {**o, "a": 0} for o in turned["reference"]["overlaps"][::-1]]


def test_table_and_figure(folder):
    done = run("match", *make(folder), *CELLS, "--reference", survey(folder), "--figure",
               folder / "f.svg")
    assert "reference: " in done.stdout and "survey.fits" not in done.stdout
    assert "survey" not in (folder / "f.svg").read_text()


def test_anchor_is_not_used(folder):
    paths, reference = make(folder), survey(folder)
    answer = ask("match", *paths, *CELLS, "--anchor", paths[1], "--reference", reference)
    assert any("c1.fits" in w and "anchor is not used" in w for w in answer["warnings"])
    assert skies(answer) == pytest.approx(LEVELS, abs=0.2)


def test_no_overlap(folder):
    """One sentence that names it, and no output; so for one that meets footprints in no cell."""
    paths = make(folder)
    for name, left in (("far.fits", 5000), ("edge.fits", 182)):
        reference = survey(folder, left=left, name=name)
        said = fail(1, "match", *paths, *CELLS, "--subtract", "--output-dir", folder / "out",
                    "--ledger", folder / "l.json", "--reference", reference)
        assert name in said and "reference" in said
        assert not (folder / "out").exists() and not (folder / "l.json").exists()
    empty = plain(folder / "empty.fits", np.full((110, 110), np.nan, np.float32),
                  coarse_header(-60, -60))
    said = fail(1, "match", *paths, *CELLS, "--reference", empty)
    assert "empty.fits" in said and "no good pixel" in said


def test_bad_reference(folder):
    paths = make(folder)
    assert "none.fits" in fail(3, "match", *paths, *CELLS, "--reference", folder / "none.fits")
    text = folder / "text.fits"
    text.write_text("no image")
    assert "text.fits" in fail(3, "match", *paths, *CELLS, "--reference", text)
    bare = plain(folder / "bare.fits", coarse(-60, -60, 110, 110))
    assert "bare.fits" in fail(1, "match", *paths, *CELLS, "--reference", bare)
    said = fail(2, "match", *paths, *CELLS, "--reference", paths[2])
    assert "c2.fits" in said and "among the exposures" in said
    (folder / "link.fits").symlink_to(paths[0])
    said = fail(2, "match", *paths, *CELLS, "--reference", folder / "link.fits")
    assert "among the exposures" in said
    reference = survey(folder)
    assert "--reference needs --compare cells" in fail(2, "match", *paths, "--reference", reference)
    said = fail(2, "match", *paths, *CELLS, "--pitch", "2.9", "--reference", reference)
    assert "survey.fits" in said and "two pixels" in said
    assert call("match", *paths, *CELLS, "--pitch", "3.1", "--reference", reference).returncode == 0


def test_reference_is_not_written(folder):
    """Neither a copy nor a document may take its place."""
    paths = make(folder)
    out = folder_of(folder, "out")
    reference = survey(out, name="c0.fits")
    before = reference.read_bytes()
    for words in (("--output-dir", out), ("--ledger", reference), ("--figure", out / "f.svg")):
        done = call("match", *paths, *CELLS, "--reference", reference, "--overwrite", *words)
        assert done.returncode == (0 if "--figure" in words else 2), done.stderr
        assert reference.read_bytes() == before
    assert not (out / "c1.fits").exists()


def test_configuration(folder):
    """In the configuration and in the provenance, as any option."""
    paths, reference = make(folder), survey(folder)
    config = folder / "c.yaml"
    config.write_text(f"compare: cells\nmethod: match\nreference: {reference}\n")
    answer = ask("match", *paths, "--config", config)
    assert skies(answer) == pytest.approx(LEVELS, abs=0.2)
    assert "survey.fits" in json.dumps(answer)
