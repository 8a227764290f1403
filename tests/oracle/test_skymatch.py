"""Levels against those of stcal.skymatch on simulated cases (the golden file says which version).

With --compat stcal every run whose overlaps are the pixel-centre ones must agree to 1e-6, and the
methods that use no overlap to 2e-7 relative.  Without it, what differs is listed by name.  Runs
over the peer's own polygon fill agree to 0.002 on flat scenes.
"""
import json
import math
import os
import subprocess
import sys
import zlib

import numpy as np
import pytest
from astropy.io import fits

from once import numbers_only, sanitized

SHARED = os.environ.get(
    "WELKIN_SHARED", os.path.join(os.environ.get("WELKIN_SOURCE", "."), "..", "shared"))
CASES = os.path.join(SHARED, "cases", "skymatch")
FLAT = ("pair", "two_components")  # scenes without structure

pytestmark = pytest.mark.skipif(not os.path.isdir(CASES), reason="no golden cases of stcal here")


@pytest.fixture(scope="module")
def golden():
    with open(os.path.join(CASES, "golden.json"), encoding="utf-8") as f:
        return json.load(f)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, golden):
    folder = tmp_path_factory.mktemp("skymatch")
    subprocess.run([sys.executable, os.path.join(CASES, "gen_cases.py"), str(folder)], check=True,
                   stdout=subprocess.DEVNULL)
    for name, case in golden["cases"].items():
        for k, crc in enumerate(case["crc"]):
            path = folder / ("%s_%d.fits" % (name, k))
            with fits.open(path) as hdus:
                data = hdus["SCI"].data.astype("<f4")
                dq = hdus["DQ"].data.astype("<i4")
            found = zlib.crc32(dq.tobytes(), zlib.crc32(data.tobytes())) & 0xFFFFFFFF
            assert found == crc, "%s: the input differs from the golden one" % path
    return folder


def arguments(run):
    words = ["--method", run["method"], "--statistic", run["stat"]]
    words.append("--down" if run["down"] else "--up")
    for key, option in (("lower", "--lower"), ("upper", "--upper"), ("nclip", "--nclip"),
                        ("lsigma", "--lsigma"), ("usigma", "--usigma")):
        if run.get(key) is not None:
            words.append("%s=%r" % (option, run[key]))
    return words


def run_match(inputs, name, case, run, *extra):
    files = [str(inputs / ("%s_%d.fits" % (name, k))) for k in range(case["nimages"])]
    words = [os.environ["WELKIN"], "match", *files, "--json", "-q", *arguments(run), *extra]
    if case.get("groups"):
        words += ["--group", "GROUPID"]
    return subprocess.run(words, capture_output=True, text=True)


def match(inputs, name, case, run, *extra):
    done = run_match(inputs, name, case, run, *extra)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def skies(answer):
    return np.array([math.nan if e["sky"] is None else e["sky"] for e in answer["exposures"]])


def runs(golden, keep):
    for name, case in golden["cases"].items():
        for run in case["runs"]:
            if keep(name, run):
                yield name, case, run


def label(name, run):
    return "%s %s %s%s" % (name, run["method"], run["stat"], "" if run["down"] else " up")


def words_of(chosen):
    """All that a run may have."""
    return {word.split("=")[0] for _, _, run in chosen for word in arguments(run)}


def test_centre_runs(golden, inputs):
    worst = 0.0
    count = 0
    for name, case, run in runs(golden, lambda n, r: r.get("overlap") == "center"):
        answer = match(inputs, name, case, run, "--compat", "stcal")
        difference = np.abs(skies(answer) - run["sky"]).max()
        assert difference < 1e-6, "%s: %.3g" % (label(name, run), difference)
        worst = max(worst, difference)
        count += 1
        if "pairs" in run:
            check_pairs(answer, run["pairs"])
    print("\n%d runs over pixel-centre overlaps: largest difference %.2g" % (count, worst))
    assert count == 30


def check_pairs(answer, pairs):
    """Statistics to 1e-6 relative (nine digits of float32 values) and pixel counts exactly."""
    found = {(o["a"], o["b"]): o for o in answer["overlaps"]}
    assert len(found) == len(pairs)
    for i, j, sky_i, npix_i, sky_j, npix_j in pairs:
        overlap = found[i, j]
        assert (overlap["pixels_a"], overlap["pixels_b"]) == (npix_i, npix_j)
        assert overlap["value_a"] == pytest.approx(sky_i, rel=1e-6)
        assert overlap["value_b"] == pytest.approx(sky_j, rel=1e-6)


def test_runs_without_overlaps(golden, inputs):
    """The peer's levels have nine digits and are float32: 2e-7 relative.  Sanitized, every fifth
    run: those have all cases, both methods, all statistics and all limits."""
    worst = 0.0
    count = failures = 0
    every = list(runs(golden, lambda n, r: r["method"] in ("local", "global")))
    taken = every[::5] if sanitized() else every
    assert {name for name, _, _ in taken} == {name for name, _, _ in every}
    assert words_of(taken) == words_of(every)
    for name, case, run in taken:
        if "1" not in run["valid"]:  # the peer has no sky for any of them and goes on with 0
            done = run_match(inputs, name, case, run, "--compat", "stcal")
            assert done.returncode == 1 and not done.stdout
            failures += 1
            continue
        found = skies(match(inputs, name, case, run, "--compat", "stcal"))
        difference = np.abs(found / run["sky"] - 1).max()
        assert difference < 2e-7, "%s: %.3g" % (label(name, run), difference)
        worst = max(worst, difference)
        count += 1
    print("\n%d runs without overlaps: largest relative difference %.2g" % (count, worst))
    assert count > (10 if sanitized() else 50) and failures > 0


@numbers_only("test_centre_runs")
def test_flat_scenes(golden, inputs):
    """The peer's polygon fill takes some other border pixels: 0.002 for mean and median."""
    worst = 0.0
    count = 0

    def keep(name, run):
        return (name in FLAT and "overlap" not in run and "match" in run["method"]
                and run["stat"] in ("mean", "median"))

    for name, case, run in runs(golden, keep):
        found = skies(match(inputs, name, case, run, "--compat", "stcal"))
        difference = np.abs(found - run["sky"]).max()
        assert difference < 0.002, "%s: %.3g" % (label(name, run), difference)
        worst = max(worst, difference)
        count += 1
    print("\n%d runs over the peer's fill of flat scenes: largest difference %.2g" % (count, worst))
    assert count > 10


@numbers_only("test_centre_runs and command/test_match.py")
def test_mended_rules(golden, inputs):
    """Without --compat mean and median stay; mode and midpt may differ, and by how much is shown."""
    print("\ndifferences of the mended rules:")
    for name, case, run in runs(golden, lambda n, r: r.get("overlap") == "center"):
        found = skies(match(inputs, name, case, run))
        difference = np.abs(found - run["sky"]).max()
        if run["stat"] in ("mean", "median"):
            assert difference < 1e-6, label(name, run)
        elif difference >= 1e-6:
            print("  %-28s %.3g" % (label(name, run), difference))
