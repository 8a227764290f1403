"""welkin match --compare cells against numpy: the same equations, dense; a real sky; true errors."""
import os
import sys

import numpy as np
import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "command"))
sys.path.insert(0, os.path.dirname(__file__))
import cells  # noqa: E402
from helpers import SANITIZED, WELKIN  # noqa: E402

SKY = "data/sky/spitzer_example_image.fits"
DRAWS = 3 if SANITIZED else 12


@pytest.fixture(name="image", scope="module")
def find_image():
    folder = os.environ.get("WELKIN_SHARED", "")
    path = os.path.join(folder, SKY)
    if not folder or not os.path.exists(path):
        pytest.skip("no shared folder with " + SKY)
    return cells.read_image(path)


def smooth(seed):
    """Sources on a slope, for tests without the shared folder."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:513, 0:1025]
    out = 0.02 * x
    for _ in range(60):
        left, low, width = draw.uniform(0, 1025), draw.uniform(0, 513), draw.uniform(4, 20)
        out += draw.uniform(2, 40) * np.exp(-((x - left) ** 2 + (y - low) ** 2) / width ** 2)
    return out


@pytest.mark.parametrize("terms", [1, 3])
def test_same_equations(tmp_path, terms):
    """The answer satisfies the normal equations that numpy makes from exact coordinates.  Parts of
    pixels may be off by the 1e-3 px that interpolated coordinates may be: they move values by less
    than 1e-3 of their errors."""
    exposures = cells.draw_exposures(smooth(3), 3, slope=8.0 if terms > 1 else 0.0)
    answer = cells.match(WELKIN, tmp_path, exposures, "--loss", "square",
                         "--order", str(terms // 2))
    matrix, right, shared = cells.dense_equations(exposures, answer, terms)
    assert shared == answer["cells"]
    found = cells.coefficients(answer, terms)
    # of all answers the one without common surfaces
    free = np.linalg.svd(cells.common(exposures, terms))[0][:, terms:]
    inverse = free @ np.linalg.inv(free.T @ matrix @ free) @ free.T
    left = found.ravel() - inverse @ right
    left -= np.repeat([[left[::terms].mean()] + [0] * (terms - 1)], len(exposures), 0).ravel()
    # in the metric of the equations: the square is in errors squared
    assert left @ matrix @ left < 1e-3 ** 2 * left.size
    # errors: the diagonal of that inverse, times what the scatter says; single values may differ
    errors = np.array([e["error"] for e in answer["exposures"]])
    nominal = np.sqrt(np.diag(inverse))[::terms]
    scale = cells.inflation(exposures, answer, found)
    assert errors / nominal == pytest.approx(np.sqrt(scale), rel=1e-3)


@pytest.mark.parametrize("slope", [0.0, 8.0])
def test_real_sky(tmp_path, image, slope):
    """On strong emission with differing masks: nearly as good as all pixels, far better than whole
    overlaps.  The ratio to pixels is 0.96 and 0.81 over 24 draws; of two rms of 12 draws with 9
    degrees of freedom, that move together, the ratio scatters by about 0.1."""
    rows = [cells.compare(WELKIN, tmp_path, image, seed, slope) for seed in range(DRAWS)]
    total = {name: cells.rms([row[name] for row in rows]) for name in rows[0]}
    assert total["cells"] < (1.5 if not SANITIZED else 2.5) * total["pixels"]
    assert total["cells"] < 0.1 * total["means"]
    assert total["cells"] < (0.8 if slope == 0.0 else 0.1) * total["medians"]
    # errors are true to a tenth on this sky; levels of a draw have some 4 degrees of freedom, at the
    # centres of planes 1.8
    scatter = 1 / np.sqrt(2 * DRAWS * (1.8 if slope else 4.0))
    width = 0.1 + 3 * scatter
    assert max(0.5, 1 - width) < total["pulls"] < (min(1.5, 1 + width) if not SANITIZED else 1 + width)


@pytest.mark.parametrize("slope", [0.0, 8.0])
def test_pulls(tmp_path, slope):
    """Errors are true: rms of pulls of levels over draws of noise, masks and places, with sources
    of several pixels' width.  For planes the levels of one draw move together, in three patterns
    or so: 12 draws have about 36 degrees of freedom, the rms scatters by 0.12; for levels 108."""
    squares = []
    for seed in range(DRAWS):
        exposures = cells.draw_exposures(smooth(seed), 100 + seed, slope)
        terms = 3 if slope else 1
        answer = cells.match(WELKIN, tmp_path, exposures, "--order", "1" if slope else "0")
        truth = np.array([e.background[:terms] for e in exposures])
        left = cells.without_common(exposures, cells.coefficients(answer, terms) - truth)[:, 0]
        errors = np.array([e["error"] for e in answer["exposures"]])
        assert np.abs(left / errors).max() < 5
        squares.append(np.mean((left / errors) ** 2))
    freedom = DRAWS * (3 if slope else 9)
    assert abs(np.sqrt(np.mean(squares)) - 1) < 0.1 + 5 / np.sqrt(2 * freedom)
