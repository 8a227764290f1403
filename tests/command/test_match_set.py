"""welkin match: groups, components, anchors, what is written beside the answer."""
import itertools
import json

import numpy as np
import pytest
from astropy.io import fits

import reference
from helpers import SANITIZED, ask, call, fail, names, noise, plain, row, run, skies, stsci, tan
from reference import Window

CLOSE = 2e-5
EXPOSURE_KEYS = {"file", "detector", "group", "component", "sky", "coefficients", "error", "valid",
                 "pixels"}
OVERLAP_KEYS = {"a", "b", "value_a", "value_b", "pixels_a", "pixels_b", "area", "residual"}
KEYS = {"method", "compare", "order", "exposures", "overlaps", "components", "rank", "rms_before",
        "rms_after", "warnings"}


def test_keys(folder):
    answer = ask("match", *row(folder, [1, 2]))
    assert KEYS <= set(answer) and "groups" not in answer
    for exposure in answer["exposures"]:
        assert EXPOSURE_KEYS <= set(exposure) and exposure["group"] is None
        assert exposure["coefficients"] == []
    for overlap in answer["overlaps"]:
        assert OVERLAP_KEYS <= set(overlap)
    grouped = ask("match", *row_of(folder), "--group", "exposure")
    assert {"exposures", "sky", "error", "valid"} <= set(grouped["groups"][0])


def row_of(folder):
    """Two files of two detectors each, four levels."""
    paths = []
    for n in range(2):
        detectors = []
        for d in range(2):
            data = noise((50, 50), 30 + 4 * n, seed=10 * n + d)
            detectors.append((data, np.ones_like(data), np.zeros((50, 50), np.int16),
                              tan(60 * d + 20 * n, 10 * n)))
        paths.append(stsci(folder / f"g{n}.fits", detectors))
    return paths


def group_windows(paths):
    """The windows by file."""
    return [[Window(fits.getdata(path, ("SCI", d + 1)), 60 * d + 20 * n, 10 * n) for d in (0, 1)]
            for n, path in enumerate(paths)]


def group_side(members, others):
    """Level of one group over its overlap with another: pixels of each member weigh it."""
    value, count = 0.0, 0
    for member in members:
        covered = np.full(member.data.shape, np.nan, member.data.dtype)
        for other in others:
            shared = member.shared(other)
            if shared.size:
                y, x = max(other.y - member.y, 0), max(other.x - member.x, 0)
                covered[y:y + shared.shape[0], x:x + shared.shape[1]] = shared
        level, pixels = reference.measure(covered)
        if pixels:
            value, count = value + level * pixels, count + pixels
    return value / count, count


def test_groups(folder):
    """One level a file, from all its detectors."""
    paths = row_of(folder)
    first, second = group_windows(paths)
    value_a, pixels_a = group_side(first, second)
    value_b, pixels_b = group_side(second, first)
    answer = ask("match", *paths, "--group", "exposure", "--method", "match")
    overlap, = answer["overlaps"]
    assert (overlap["a"], overlap["b"]) == (0, 1)
    assert (overlap["pixels_a"], overlap["pixels_b"]) == (pixels_a, pixels_b)
    assert overlap["value_a"] == pytest.approx(value_a, abs=CLOSE)
    assert overlap["value_b"] == pytest.approx(value_b, abs=CLOSE)
    np.testing.assert_allclose(skies(answer), [0, 0] + [value_b - value_a] * 2, atol=CLOSE)
    assert [g["exposures"] for g in answer["groups"]] == [[0, 1], [2, 3]]
    assert [g["sky"] for g in answer["groups"]] == skies(answer)[::2].tolist()
    assert answer["rank"] == 1 and answer["components"] == 1


def test_group_own_level_is_least(folder):
    """local: the least of the members' levels."""
    paths = row_of(folder)
    answer = ask("match", *paths, "--group", "exposure", "--method", "local")
    least = [min(reference.local(windows)) for windows in group_windows(paths)]
    np.testing.assert_allclose(skies(answer)[::2], least, atol=CLOSE)


def test_group_keyword(folder):
    """Files of one value share a level; a file without the keyword stands alone."""
    paths = row(folder, [5, 5, 9, 9, 2], sigma=0.5)
    for path, value in zip(paths, ["A", "A", "B", "B"]):
        fits.setval(path, "NIGHT", value=value)
    answer = ask("match", *paths, "--group", "NIGHT")
    sky = skies(answer)
    assert sky[0] == sky[1] and sky[2] == sky[3] and len(set(sky)) == 3
    assert [e["group"] for e in answer["exposures"]] == ["A", "A", "B", "B", None]
    assert [g["exposures"] for g in answer["groups"]] == [[0, 1], [2, 3], [4]]
    assert [(o["a"], o["b"]) for o in answer["overlaps"]] == [(0, 1), (1, 2)]


def test_group_keyword_of_the_primary(folder):
    paths = row_of(folder)
    for path in paths:
        fits.setval(path, "GROUPID", value="one", ext=0)
    fits.setval(paths[1], "GROUPID", value="two", ext=4)
    groups = [e["group"] for e in ask("match", *paths, "--group", "GROUPID")["exposures"]]
    assert groups == ["one", "one", "one", "two"]


def test_unknown_group_keyword(folder):
    done = run("match", *row(folder, [1, 2]), "--group", "NOSUCH", "--json")
    assert "NOSUCH" in done.stderr
    assert [e["group"] for e in json.loads(done.stdout)["exposures"]] == [None, None]


@pytest.fixture
def parts(folder):
    """Two pairs that do not touch, and one alone."""
    places, levels = [0, 30, 200, 230, 400], [10.0, 14.0, 3.0, 1.0, 50.0]
    return [plain(folder / f"p{i}.fits", np.full((50, 50), level, "f4"), tan(place))
            for i, (place, level) in enumerate(zip(places, levels))]


def test_components(parts):
    answer = ask("match", *parts, "--method", "match")
    assert answer["components"] == 3 and answer["rank"] == 2
    assert [e["component"] for e in answer["exposures"]] == [0, 0, 1, 1, 2]
    # each pair has zero mean: -2, 2, 1, -1; the least of all is taken off
    np.testing.assert_allclose(skies(answer), [0, 4, 3, 1, np.nan], atol=1e-9)
    assert [e["valid"] for e in answer["exposures"]] == [True] * 4 + [False]
    said = " ".join(answer["warnings"])
    assert "p4.fits" in said and "p0.fits" in said and "p2.fits" in said and "2" in said
    stderr = run("match", *parts, "--method", "match").stderr
    assert all(warning in stderr for warning in answer["warnings"])
    assert run("match", *parts, "--method", "match", "-q").stderr == ""


def test_lookup_distortion(folder):
    """Tables that are not applied are said once, with five names; -q keeps silent."""
    paths = row(folder, [4] * 7, step=20)
    assert run("match", *paths).stderr == ""
    for path in paths[1:]:
        fits.setval(path, "CPDIS1", value="LOOKUP")
    for count in (1, 5, 6):
        said = run("match", *paths[:count + 1]).stderr
        assert said.count("lookup") == said.count("\n") == 1 and f" {count} exposure" in said
        named = [path.name in said for path in paths]
        assert named == [0 < i <= min(count, 5) for i in range(7)]
    assert run("match", *paths, "-q").stderr == ""


ANCHORS = {
    "minimum": [0, 4, 2, 0], "maximum": [-4, 0, 0, -2], "mean": [-2, 2, 1, -1],
    "p1.fits": [-4, 0, 2, 0], "p3.fits": [0, 4, 2, 0]}


@pytest.mark.parametrize("anchor", ANCHORS)
def test_anchors(parts, anchor):
    answer = ask("match", *parts, "--method", "match", "--anchor", anchor)
    np.testing.assert_allclose(skies(answer), ANCHORS[anchor] + [np.nan], atol=1e-9)


def test_anchor_by_path(parts):
    answer = ask("match", *parts, "--method", "match", "--anchor", parts[1])
    assert skies(answer)[1] == 0
    assert "nosuch" in fail(2, "match", *parts, "--anchor", "nosuch.fits")


def test_global_match_of_components(parts):
    """The common level is the least of what the match levels leave."""
    windows = [Window(fits.getdata(p), x) for p, x in zip(parts, (0, 30, 200, 230, 400))]
    np.testing.assert_allclose(skies(ask("match", *parts)), reference.both(windows), atol=1e-9)


def test_masked_exposure(folder):
    """An exposure without pixels is skipped and named, the others are matched."""
    paths = row(folder, [4, 6, 9], step=20)
    with fits.open(paths[1], "update") as hdus:
        hdus[0].data[:] = np.nan
    for method in ("match", "global+match", "local", "global"):
        done = run("match", *paths, "--method", method, "--json")
        answer = json.loads(done.stdout)
        empty = answer["exposures"][1]
        assert (empty["sky"], empty["valid"]) == (None, False), method
        assert empty["pixels"] in (0, None)
        assert any("row1.fits" in warning for warning in answer["warnings"])
        assert "row1.fits" in done.stderr
        rest = skies(answer)[[0, 2]]
        expected = {"match": [0, 5], "global+match": [4, 9], "local": [4, 9], "global": [4, 4]}
        np.testing.assert_allclose(rest, expected[method], atol=1e-6)


def test_any_order(folder):
    """Not a bit depends on the order of the files, or of detectors' files among groups."""
    paths = row(folder, [4, 6, 9, 1], step=17, sigma=1.0)
    found = set()
    for order in itertools.islice(itertools.permutations(paths), 0, None, 5 if SANITIZED else 1):
        answer = ask("match", *order)
        levels = {e["file"]: (e["sky"], e["error"], e["pixels"]) for e in answer["exposures"]}
        edges = frozenset(overlap_key(answer, overlap) for overlap in answer["overlaps"])
        found.add((tuple(sorted(levels.items())), edges))
    assert len(found) == 1


def overlap_key(answer, overlap):
    """An overlap by names, the sides in the order of the names."""
    sides = [(answer["exposures"][overlap[s]]["file"], overlap[f"value_{s}"], overlap[f"pixels_{s}"])
             for s in "ab"]
    return tuple(sorted(sides)), abs(overlap["residual"])


def test_user_levels(folder):
    paths = row(folder, [4, 6, 9])
    table = folder / "levels.txt"
    table.write_text(f"# name level\nrow2 9.25\n{paths[0]} -1e3\nrow1.fits 6\n")
    answer = ask("match", *paths, "--sky-list", table)
    assert answer["method"] == "user" and skies(answer).tolist() == [-1000, 6, 9.25]
    run("match", *paths, "--sky-list", table, "--subtract", "--output-dir", folder / "out")
    assert fits.getdata(folder / "out" / "row0.fits")[0, 0] == 1004
    assert fits.getval(folder / "out" / "row0.fits", "BKGMETH") == "user"


@pytest.mark.parametrize("rows", ["row0 1\nrow1 2\n", "row0 1\nrow1 2\nrow1 3\n", "",
                                  "row0 1\nrow1 2\nrow7 3\n", "row0 1\nrow1 2\nrow2 x\n",
                                  "row0 1\nrow1 2\nrow2\n", "row0 1\nrow1 2\nrow2 inf\n"])
def test_wrong_user_levels(folder, rows):
    paths = row(folder, [4, 6, 9])
    table = folder / "levels.txt"
    table.write_text(rows)
    assert "levels.txt" in fail(2, "match", *paths, "--sky-list", table) or "row7" in rows


def test_unreadable_user_levels(folder):
    paths = row(folder, [4])
    assert "nosuch.txt" in fail(3, "match", *paths, "--sky-list", folder / "nosuch.txt")


def test_ledger(folder):
    """--ledger is what --json prints; without --json a table is printed."""
    paths, ledger = row(folder, [4, 6, 9]), folder / "ledger.json"
    out = run("match", *paths, "--ledger", ledger).stdout
    assert "3 exposures" not in out and "row2.fits" in out and "2 overlaps" in out
    assert ledger.read_text() == run("match", *paths, "--json").stdout
    before = ledger.read_bytes()
    assert str(ledger) in fail(3, "match", *paths, "--ledger", ledger)
    assert ledger.read_bytes() == before
    run("match", *paths[:2], "--ledger", ledger, "--overwrite")
    assert len(json.loads(ledger.read_text())["exposures"]) == 2


@pytest.mark.parametrize("ending, magic", [("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"),
                                           ("svg", b"<?xml")])
def test_figure(folder, ending, magic):
    paths, figure = row(folder, [4, 6, 9]), folder / f"figure.{ending}"
    run("match", *paths, "--figure", figure)
    content = figure.read_bytes()
    assert content.startswith(magic) and len(content) > 2000
    assert names(folder) == sorted([f"figure.{ending}"] + [p.name for p in paths])
    assert str(figure) in fail(3, "match", *paths, "--figure", figure)
    assert figure.read_bytes() == content


def test_unknown_kind_of_figure(folder):
    assert "figure.bmp" in fail(2, "match", *row(folder, [4, 6]), "--figure", folder / "figure.bmp")
    assert names(folder) == ["row0.fits", "row1.fits"]


@pytest.mark.parametrize("method", ["local", "global", "match", "global+match"])
def test_one_exposure(folder, method):
    """Alone: measured by local, nothing to match."""
    path, = row(folder, [4])
    done = call("match", path, "--method", method, "--json")
    if method in ("local", "global"):
        assert done.returncode == 0 and json.loads(done.stdout)["exposures"][0]["sky"] == 4
    else:
        assert done.returncode == 1 and str(path) in done.stderr and done.stdout == ""
