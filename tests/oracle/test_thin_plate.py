"""Thin plates against scipy's RBFInterpolator."""
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "house"))
from project import sanitized  # noqa: E402

pytest.importorskip("scipy", minversion="1.7")
interpolate = pytest.importorskip("scipy.interpolate")

PROGRAM = os.environ.get("WELKIN_THIN_PLATE", "thin_plate")


def mine(points, values, places, smooth="nan", dense=2000, knots=500, drift=0):
    text = f"{len(points)} {len(places)} {smooth} {dense} {knots} {drift}\n"
    text += "\n".join(" ".join(repr(float(v)) for v in row)
                      for row in np.hstack([points, values]).tolist() + places.tolist())
    run = subprocess.run([PROGRAM], input=text + "\n", capture_output=True, text=True, check=True)
    rows = [[float(word) for word in line.split()] for line in run.stdout.splitlines()]
    return np.array(rows[:-1]), rows[-1]


def theirs(points, values, places, smooth, degree=1):
    """Their smoothing is 8 pi lambda; they solve in scaled coordinates with the same meaning."""
    return interpolate.RBFInterpolator(points, values, kernel="thin_plate_spline", degree=degree,
                                       smoothing=8 * np.pi * smooth)(places)


def field(n, seed):
    random = np.random.default_rng(seed)
    points = random.uniform((0, 0), (6000, 4000), (n, 2))
    u, v = (points / 2000 - (1.5, 1)).T
    values = np.stack([20 * u * v - 3 * u ** 3, 5 * np.sin(u + v)], axis=1)
    places = random.uniform((-500, -500), (6500, 4500), (200, 2))
    return points, values + random.normal(0, 0.3, (n, 2)), places


SIZES = [(4, 1), (10, 1), (100, 1), (700, 1), (7, 2), (100, 2), (700, 2), (11, 3), (100, 3),
         (700, 3)]
# more than 400 points go other ways through the tridiagonal form than few; what smoothing does
# is the same for few
CASES = [(n, drift, smooth) for smooth in (0.0, 10.0, 1e4, 1e7) for n, drift in SIZES
         if not sanitized() or n < 700 or smooth == 10.0]


@pytest.mark.parametrize("n, drift, smooth", CASES)
def test_values(n, drift, smooth):
    points, values, places = field(n, n)
    got, last = mine(points, values, places, smooth, drift=drift)
    want = theirs(points, values, places, smooth, drift)
    # both lose to the condition of the kernels, which grows as n^2 without smoothing, and of the
    # terms where these are hardly fewer than the points and values reach 1e4 beyond them
    assert np.allclose(got[:, :2], want, rtol=1e-9, atol=2e-7)
    assert last[2] == drift


def test_chosen_lambda_is_lambda():
    points, values, places = field(150, 5)
    got, last = mine(points, values, places)
    for q in range(2):
        want = theirs(points, values[:, q:q + 1], places, last[q], int(last[2]))[:, 0]
        assert np.allclose(got[:, q], want, rtol=0, atol=1e-8)


def test_knots_are_near():
    """Kernels at a third of the points do the work of all within the errors given.  More than 512
    points are more than one block of them."""
    count = 600 if sanitized() else 900
    points, values, places = field(count, 6)
    got, _ = mine(points, values, places, dense=100, knots=count // 3)
    exact, _ = mine(points, values, places)
    assert np.sqrt(np.mean(((got - exact)[:, :2] / exact[:, 2:]) ** 2)) < 0.5
