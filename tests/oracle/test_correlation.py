"""Correlations against golden values of the notebook that measures them, and numpy's in float64.

Numbers of pixels and pairs must be equal, covariances agree to 1e-9 of the variance; with float32
arithmetic, as the notebook has it, to 1e-5.
"""
import json
import os
import pathlib
import subprocess

import pytest

PROGRAM = os.environ.get("WELKIN_CORRELATION_PAIR", "correlation_pair")
SHARED = pathlib.Path(os.environ.get("WELKIN_SHARED",
                                     pathlib.Path(__file__).resolve().parents[3] / "shared"))
FOLDER = SHARED / "cases" / "correlation"
GOLDEN = FOLDER / "golden.json"
WAYS = {"direct": 1, "fourier": 2}

pytestmark = pytest.mark.skipif(not GOLDEN.exists(), reason=f"no golden values: {GOLDEN}")


def golden():
    return json.loads(GOLDEN.read_text())["direct"] if GOLDEN.exists() else {}


def measure(name, lag, way):
    files = [str(FOLDER / "direct" / (name + end)) for end in (".fits", "_good.fits")]
    run = subprocess.run([PROGRAM, *files, str(lag), str(WAYS[way])], capture_output=True,
                         text=True, check=True)
    return json.loads(run.stdout)


def flat(matrix):
    return [value for row in matrix for value in row]


def assert_matrix(values, want, allowed):
    assert len(values) == len(want)
    for value, wanted in zip(values, want):
        if wanted is None:
            assert value is None
        else:
            assert abs(value - wanted) <= allowed


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("name", sorted(golden()))
def test_golden(name, way):
    case = golden()[name]
    if case["n_good"] == 0:
        assert measure(name, 1, way) == {"status": "no good pixels"}
        return
    want = case.get("finite", case)  # what is not finite is left out here
    variance = want["cov"][1][1]
    for lag, covariance, pairs in ((1, "cov", "nrm"), (3, "cov7", "nrm7")):
        got = measure(name, lag, way)
        assert got["status"] == "ok"
        assert got["n_good"] == want["n_good"]
        assert got["nonfinite"] == case["n_good"] - want["n_good"]
        # the file has 12 digits
        assert abs(got["mean"] - want["mean"]) <= 1e-11 * abs(want["mean"]) + 1e-12
        assert got["pairs"] == flat(want[pairs])
        assert_matrix(got["covariance"], flat(want[covariance]), 1e-9 * variance)


@pytest.mark.parametrize("name", [name for name, case in sorted(golden().items())
                                  if case.get("seed_float32", {}).get("mean") is not None])
def test_the_notebooks_own_arithmetic(name):
    want = golden()[name]["seed_float32"]
    got = measure(name, 1, "direct")
    assert abs(got["mean"] - want["mean"]) <= 1e-5 * max(1.0, abs(want["mean"]))
    assert_matrix(got["covariance"], flat(want["cov"]), 1e-5 * want["cov"][1][1])
