"""welkin match --compare cells where the truth is known: a nebula, a large galaxy, stars, some of
them variable, masks that differ, satellites, gradients.  Levels, planes and their errors."""
import concurrent.futures
import os
import sys
import tempfile

import numpy as np
import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "command"))
sys.path.insert(0, os.path.dirname(__file__))
import cells  # noqa: E402
from helpers import SANITIZED, WELKIN  # noqa: E402

SEEDS = 3 if SANITIZED else 50


def stamp(image, x, y, flux, sigma=1.5, half=8):
    """Add a Gaussian star."""
    i, j = int(round(float(x))), int(round(float(y)))
    u = np.arange(max(i - half, 0), min(i + half + 1, image.shape[1]))
    v = np.arange(max(j - half, 0), min(j + half + 1, image.shape[0]))
    if u.size and v.size:
        along, up = (np.exp(-(k - c) ** 2 / (2 * sigma ** 2)) for k, c in ((u, x), (v, y)))
        image[v[0]:v[-1] + 1, u[0]:u[-1] + 1] += flux / (2 * np.pi * sigma ** 2) * np.outer(up, along)


def draw_sky(draw):
    """A nebula with lanes, a galaxy of scale length 20 px (half of its light within 34 px) up to 100
    times the noise, and 150 stars of sigma 1.5 px."""
    y, x = np.mgrid[0:513, 0:1025].astype(float)
    sky = 5.0 + 0.01 * x + 0.02 * y
    for period in (700.0, 400.0, 220.0, 120.0):
        angle, phase = draw.uniform(0, np.pi), draw.uniform(0, 2 * np.pi)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period + phase)
        sky += 0.01 * period * np.abs(wave) ** 1.5
    left, low, turn = draw.uniform(250, 775), draw.uniform(150, 363), draw.uniform(0, np.pi)
    along = (x - left) * np.cos(turn) + (y - low) * np.sin(turn)
    across = ((y - low) * np.cos(turn) - (x - left) * np.sin(turn)) / 0.6
    sky += 100 * np.exp(-np.hypot(along, across) / 20)
    for _ in range(150):
        stamp(sky, draw.uniform(0, 1025), draw.uniform(0, 513), 30 * draw.pareto(1.0) + 30)
    return sky


def add_variables(exposures, draw):
    """30 stars whose flux is another one in each exposure; a third of them masked there."""
    y, x = np.mgrid[0:cells.SIDE, 0:cells.SIDE]
    for _ in range(30):
        place, flux = (draw.uniform(0, 1025), draw.uniform(0, 513)), draw.uniform(100, 3000)
        for e in exposures:
            u, v = e.pixels(*map(np.array, place))
            if -8 < u < cells.SIDE + 8 and -8 < v < cells.SIDE + 8:
                stamp(e.data, u, v, flux * draw.uniform(0.5, 1.5))
                if draw.uniform() < 1 / 3:
                    e.bad |= (x - u) ** 2 + (y - v) ** 2 < 6 ** 2


def add_satellites(exposures, draw):
    """Lines of sigma 1.5 px, 20 to 500 times the noise, unmasked, in a third of the exposures."""
    y, x = np.mgrid[0:cells.SIDE, 0:cells.SIDE]
    for e in exposures:
        if draw.uniform() < 1 / 3:
            angle, away = draw.uniform(0, np.pi), draw.uniform(-80, 80)
            distance = (x - cells.HALF) * np.sin(angle) - (y - cells.HALF) * np.cos(angle) - away
            e.data += (draw.uniform(20, 500) * np.exp(-distance ** 2 / 4.5)).astype(np.float32)


def draw_exposures(seed):
    draw = np.random.default_rng(7000 + seed)
    exposures = cells.draw_exposures(draw_sky(draw), 8000 + seed)
    add_variables(exposures, draw)
    add_satellites(exposures, draw)
    return exposures


def add_slopes(exposures, draw):
    """Planes of up to 8 times the noise either way."""
    for e in exposures:
        e.background[1:] = draw.uniform(-8, 8, 2)
        e.data += (e.terms[..., 1:] @ e.background[1:]).astype(np.float32)


def measure(seed, welkin=WELKIN):
    """For both orders what coefficients are off by, surfaces common to all taken off, and the
    errors of levels that were told."""
    exposures, out = draw_exposures(seed), []
    for terms in (1, 3):
        if terms == 3:
            add_slopes(exposures, np.random.default_rng(9000 + seed))
        with tempfile.TemporaryDirectory(prefix="welkin-truth-") as folder:
            answer = cells.match(welkin, folder, exposures, "--order", str(terms // 2))
        truth = np.array([e.background[:terms] for e in exposures])
        out.append((cells.without_common(exposures, cells.coefficients(answer, terms) - truth),
                    np.array([e["error"] for e in answer["exposures"]])))
    return out


@pytest.fixture(name="draws", scope="module")
def measure_all():
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(measure, range(SEEDS)))


@pytest.mark.parametrize("order", [0, 1])
def test_truth(draws, order):
    """Every level is within 5 sigma.  So is every slope: the document has no errors of theirs; with
    cells all over an exposure, x from -1 to 1 has a mean square of 1/3, so that a slope's error is
    sqrt 3 of a level's at least.

    Rms of pulls over all draws: from 0.85 to 1.15, and 3 standard deviations of it more.  Levels of
    a draw move together: by the scatter of the draws' mean squares they have 4 degrees of freedom
    a draw, and at the centres of planes 1.8, so that the rms of 50 draws scatters by 0.05 and
    0.075, that of 3 by 0.20 and 0.30."""
    pulls = np.array([draw[order][0][:, 0] / draw[order][1] for draw in draws])
    assert np.abs(pulls).max() < 5
    for left, errors in (draw[order] for draw in draws):
        assert np.abs(left[:, 1:]).max(initial=0) < 5 * np.sqrt(3) * errors.max()
    scatter = 1 / np.sqrt(2 * SEEDS * (1.8 if order else 4.0))
    assert 0.85 - 3 * scatter < cells.rms(pulls) < 1.15 + 3 * scatter
