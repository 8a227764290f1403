"""Exposures cut from an image of the sky, and what numpy makes of them: pixels, cells, backgrounds.

Used by test_cells.py; by itself it prints the table of docs/methods/cell.md:

    cells.py WELKIN IMAGE.fits [--draws 10]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

SIDE = 240
HALF = (SIDE - 1) / 2
SCALE = 1.2 / 3600
ARCSEC = np.pi / 180 / 3600


def bilinear(image, x, y):
    i = np.clip(np.floor(x).astype(int), 0, image.shape[1] - 2)
    j = np.clip(np.floor(y).astype(int), 0, image.shape[0] - 2)
    a, b = x - i, y - j
    return ((1 - b) * ((1 - a) * image[j, i] + a * image[j, i + 1])
            + b * ((1 - a) * image[j + 1, i] + a * image[j + 1, i + 1]))


class Exposure:
    """A window turned by some angle about its place (cx, cy) in the image; planes in -1..1."""

    def __init__(self, image, place, angle, background, draw):
        self.cx, self.cy = place
        self.cos, self.sin = np.cos(angle), np.sin(angle)
        self.background = np.asarray(background, float)
        y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
        self.terms = np.stack([np.ones_like(x), (x - HALF) / (SIDE / 2), (y - HALF) / (SIDE / 2)], -1)
        self.x = self.cx + self.cos * (x - HALF) - self.sin * (y - HALF)
        self.y = self.cy + self.sin * (x - HALF) + self.cos * (y - HALF)
        self.data = (bilinear(image, self.x, self.y) + self.terms @ self.background
                     + draw.normal(size=x.shape)).astype(np.float32)
        self.bad = np.zeros(x.shape, bool)
        for _ in range(draw.integers(2, 5)):
            left, low = draw.uniform(0, SIDE, 2)
            self.bad |= (x - left) ** 2 + (y - low) ** 2 < (draw.uniform(12, 34) / 2) ** 2

    def pixels(self, x, y):
        """From places in the image to own pixels."""
        dx, dy = x - self.cx, y - self.cy
        return HALF + self.cos * dx + self.sin * dy, HALF - self.sin * dx + self.cos * dy

    def header(self):
        out = fits.Header()
        x, y = self.pixels(np.array(512.0), np.array(256.0))
        cards = dict(CTYPE1="RA---TAN", CTYPE2="DEC--TAN", CRVAL1=150.0, CRVAL2=2.03,
                     CRPIX1=x + 1, CRPIX2=y + 1, CD1_1=-SCALE * self.cos, CD1_2=SCALE * self.sin,
                     CD2_1=SCALE * self.sin, CD2_2=SCALE * self.cos)
        out.update({key: value if isinstance(value, str) else float(value)
                    for key, value in cards.items()})
        return out

    def write(self, path):
        data = np.where(self.bad, np.float32(np.nan), self.data)
        fits.PrimaryHDU(data, self.header()).writeto(path, overwrite=True)


def draw_exposures(image, seed, slope=0.0, columns=5, rows=2):
    """Two rows that overlap each other and themselves; levels 0 to 60, noise 1."""
    draw, out = np.random.default_rng(seed), []
    for k in range(columns * rows):
        cx = np.clip(130 + (k % columns) * 191.25 + draw.uniform(-8.5, 8.5), 130, 894.5)
        cy = 180 + (k // columns) * 150 + draw.uniform(-8.5, 8.5)
        background = [draw.uniform(0, 60), *draw.uniform(-slope, slope, 2)]
        out.append(Exposure(image, (cx, cy), np.radians(draw.uniform(-1.5, 1.5)), background, draw))
    return out


def common(exposures, terms):
    """Surfaces that all can mimic: [exposures * terms, terms]."""
    modes = np.zeros((terms, len(exposures), terms))
    for i, e in enumerate(exposures):
        full = np.array([[1, 0, 0],
                         [(e.cx - 512) / 500, e.cos * SIDE / 1000, -e.sin * SIDE / 1000],
                         [(e.cy - 256) / 500, e.sin * SIDE / 1000, e.cos * SIDE / 1000]])
        modes[:, i] = full[:terms, :terms]
    return modes.reshape(terms, -1).T


def without_common(exposures, x):
    """Take them off; x: coefficients [exposures, 1 or 3]."""
    basis, flat = common(exposures, x.shape[1]), x.ravel()
    return (flat - basis @ np.linalg.lstsq(basis, flat, rcond=None)[0]).reshape(x.shape)


def pixel_backgrounds(exposures, terms):
    """Least squares over all pairs of pixels, the second exposure interpolated at the first's."""
    n = len(exposures) * terms
    matrix, right = np.zeros((n, n)), np.zeros(n)
    for i, a in enumerate(exposures):
        for j, b in list(enumerate(exposures))[i + 1:]:
            x, y = b.pixels(a.x, a.y)
            use = (x >= 0) & (x < SIDE - 1) & (y >= 0) & (y < SIDE - 1) & ~a.bad
            use &= bilinear(b.bad.astype(float), x, y) == 0
            if use.sum() < 50:
                continue
            x, y = x[use], y[use]
            there = np.stack([np.ones_like(x), (x - HALF) / (SIDE / 2), (y - HALF) / (SIDE / 2)], -1)
            rows = np.zeros((use.sum(), n))
            rows[:, i * terms:(i + 1) * terms] = a.terms[use][:, :terms]
            rows[:, j * terms:(j + 1) * terms] = -there[:, :terms]
            matrix += rows.T @ rows
            right += rows.T @ (a.data[use].astype(float) - bilinear(b.data.astype(float), x, y))
    return (np.linalg.pinv(matrix, rcond=1e-9) @ right).reshape(-1, terms)


def region_levels(exposures, statistic):
    """One value for each overlap, as match does without cells; weights are squared counts."""
    n = len(exposures)
    matrix, right = np.zeros((n, n)), np.zeros(n)
    for i, a in enumerate(exposures):
        for j, b in list(enumerate(exposures))[i + 1:]:
            values = []
            for one, other in ((a, b), (b, a)):
                x, y = other.pixels(one.x, one.y)
                inside = (x >= -.5) & (x < SIDE - .5) & (y >= -.5) & (y < SIDE - .5) & ~one.bad
                values.append(one.data[inside])
            if min(map(len, values)) < 50:
                continue
            row = np.zeros(n)
            row[i], row[j] = 1, -1
            weight = ((len(values[0]) + len(values[1])) / 2.0) ** 2
            matrix += weight * np.outer(row, row)
            right += weight * row * (statistic(values[0]) - statistic(values[1]))
    return (np.linalg.pinv(matrix, rcond=1e-9) @ right)[:, None]


def zones(ra, dec, zone=None):
    """Number, and tangent-plane position in radians, of places on the sky (degrees), in their own
    zones or all in one."""
    ring = np.clip(np.floor((dec + 90) / 4).astype(int), 0, 44)
    if zone is not None:
        ring = np.full_like(ring, zone // 1000)
    segments = np.maximum(3, np.floor(90 * np.cos(np.radians(4 * ring - 88.0))).astype(int))
    segment = np.floor(ra % 360 / 360 * segments).astype(int)
    if zone is not None:
        segment = np.full_like(ring, zone % 1000)
    centre_ra = np.radians((segment + 0.5) * 360 / segments)
    centre_dec = np.radians(4 * ring - 88.0)
    a, d = np.radians(ra) - centre_ra, np.radians(dec)
    depth = np.sin(d) * np.sin(centre_dec) + np.cos(d) * np.cos(centre_dec) * np.cos(a)
    return (ring * 1000 + segment, np.cos(d) * np.sin(a) / depth,
            (np.sin(d) * np.cos(centre_dec) - np.cos(d) * np.sin(centre_dec) * np.cos(a)) / depth)


def crossing(start, end):
    """Where between two places, 0 to 1, a whole number lies; 1 without one."""
    low = np.floor(np.minimum(start, end))
    border = np.floor(np.maximum(start, end))
    width = np.where(start == end, 1, end - start)
    return np.where(border > low, np.clip((border - start) / width, 0, 1), 1.0)


def shares(u, v):
    """Parts of pixels in cells: (pixel, column, row, part).  In the direction of u pixels are cut
    where their middle line crosses a border, in that of v shared by the distance of the centre."""
    along, up = np.gradient(u, axis=1), np.abs(np.gradient(v, axis=0)).ravel()
    start, end = (u - along / 2).ravel(), (u + along / 2).ravel()
    cut, centre = crossing(start, end), v.ravel()
    line = np.floor(centre + up / 2)
    above = np.clip((centre + up / 2 - line) / up, 0, 1)
    pieces = []
    for length, middle in ((cut, start + (end - start) * cut / 2),
                           (1 - cut, end - (end - start) * (1 - cut) / 2)):
        for part, row in ((above, line), (1 - above, line - 1)):
            pieces.append((np.arange(centre.size), np.floor(middle), row, length * part))
    pixel, column, row, part = map(np.concatenate, zip(*pieces))
    return (pixel[part > 0], column[part > 0].astype(int), row[part > 0].astype(int),
            part[part > 0])


def cells_of(exposure, pitch, factor):
    """What docs/methods/cell.md says of one exposure: {key: (value, error, x, y, pixels)}."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    wcs = WCS(exposure.header())
    ra, dec = wcs.all_pix2world(x.ravel(), y.ravel(), 0)
    both = ~exposure.bad
    steps = np.abs(np.diff(exposure.data, axis=1))[both[:, 1:] & both[:, :-1]]
    noise = 1.0483580 * np.median(steps)
    full = (pitch / 3600 / SCALE) ** 2
    border = ((x == 0) | (y == 0) | (x == SIDE - 1) | (y == SIDE - 1)).ravel()
    data, terms = exposure.data.ravel().astype(float), exposure.terms.reshape(-1, 3)
    out = {}
    number = zones(ra, dec)[0]
    for zone in np.unique(number):
        u, v = zones(ra, dec, zone)[1:]
        pixel, column, row, part = shares((u / (pitch * ARCSEC)).reshape(SIDE, SIDE),
                                          (v / (pitch * ARCSEC)).reshape(SIDE, SIDE))
        own = number[pixel] == zone
        pixel, column, row, part = pixel[own], column[own], row[own], part[own]
        keys, index = np.unique(np.stack([column, row]), axis=1, return_inverse=True)
        index, good = np.ravel(index), ~exposure.bad.ravel()[pixel]

        def total(weights, of=slice(None)):
            return np.bincount(index[of], weights[of], len(keys[0]))

        everything, edge = total(part), total(border[pixel] * 1.0) > 0
        whole = np.where(edge, np.maximum(everything, full), everything)
        n = total(part, good)
        kept = (n >= 0.9 * whole) & (everything >= np.where(edge, 0.97, 0.5) * full)
        safe = np.maximum(n, 1e-9)
        mean = total(part * data[pixel], good) / safe
        scatter = total(part * (data[pixel] - mean[index]) ** 2, good) / np.maximum(n - 1, 1e-9)
        structure = np.maximum(scatter - noise ** 2 * (1 + 2 * np.sqrt(2 / safe)), 0)
        # what the match knows: one error, and the pixels as a whole number
        pixels = np.maximum(np.rint(n), 1)
        own = noise ** 2 / pixels
        square = ((noise ** 2 + 0.2 * structure) / safe
                  + 0.3 * np.maximum(1 - n / whole, 0) ** 2 * structure)
        error = np.sqrt(np.where(square - own > own / pixels, own + factor * (square - own), square))
        places = [total(part * terms[pixel, k], good) / safe for k in (1, 2)]
        for k in np.flatnonzero(kept):
            out[(int(zone), *map(int, keys[:, k]))] = (mean[k], error[k], places[0][k], places[1][k],
                                                       pixels[k])
    return out


def shared_cells(exposures, answer, terms):
    """Of every cell that at least two have: rows of the unknowns, values, weights, pixels."""
    n = len(exposures) * terms
    lists = [cells_of(e, answer["pitch"], answer["structure"]) for e in exposures]
    for key in sorted(set().union(*lists)):
        those = [(i, cells[key]) for i, cells in enumerate(lists) if key in cells]
        if len(those) < 2:
            continue
        rows = np.zeros((len(those), n))
        for k, (i, (_, _, x, y, _)) in enumerate(those):
            rows[k, i * terms:(i + 1) * terms] = (1, x, y)[:terms]
        values, errors, pixels = (np.array([cell[k] for _, cell in those]) for k in (0, 1, 4))
        yield rows, values, 1 / errors ** 2, pixels


def dense_equations(exposures, answer, terms):
    """Normal matrix and right-hand side of backgrounds, the cells' skies eliminated; cells."""
    n = len(exposures) * terms
    matrix, right, shared = np.zeros((n, n)), np.zeros(n), 0
    for rows, values, weights, _ in shared_cells(exposures, answer, terms):
        shared += 1
        rows = rows - weights @ rows / weights.sum()
        values = values - weights @ values / weights.sum()
        matrix += rows.T @ (weights[:, None] * rows)
        right += rows.T @ (weights * values)
    return matrix, right, shared


def inflation(exposures, answer, found):
    """What variances are multiplied by after least squares: the sandwich of the scores' squares
    between two inverses of the equations, as one number; found: coefficients [exposures, terms]."""
    told, squares, whole = [], [], []
    for rows, values, weights, pixels in shared_cells(exposures, answer, found.shape[1]):
        residuals = values - rows @ found.ravel()
        residuals -= weights @ residuals / weights.sum()
        told.append(weights * (1 - weights / weights.sum()))
        squares.append((weights * residuals) ** 2)
        whole.append(told[-1] / (1 - 1 / (3 * np.sqrt(pixels))) ** 2)
    told, squares, whole = map(np.concatenate, (told, squares, whole))
    many = answer["dof"] * told.sum() ** 2 / (told.size * (told ** 2).sum())
    scatter = (squares.sum() / told.sum() * many + 10) / (many + 10)
    return scatter * whole.sum() / told.sum()


def read_image(path):
    image = fits.getdata(path).astype(float)
    return np.where(np.isfinite(image), image, np.nanmedian(image))


def match(welkin, folder, exposures, *options):
    paths = []
    for i, exposure in enumerate(exposures):
        paths.append(pathlib.Path(folder) / f"e{i:02d}.fits")
        exposure.write(paths[-1])
    done = subprocess.run([welkin, "match", "-q", "--json", "--compare", "cells", "--method", "match",
                           *options, *map(str, paths)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def coefficients(answer, terms):
    return np.array([(e["coefficients"] or [e["sky"]])[:terms] for e in answer["exposures"]])


def rms(x):
    return float(np.sqrt(np.mean(np.square(x))))


def compare(welkin, folder, image, seed, slope):
    """Rms errors of levels, common surfaces taken off, of one draw: {way: error}."""
    exposures = draw_exposures(image, seed, slope)
    terms = 3 if slope else 1
    truth = np.array([e.background[:terms] for e in exposures])
    answer = match(welkin, folder, exposures, "--order", "1" if slope else "0")
    found = coefficients(answer, terms)
    errors = np.array([e["error"] for e in answer["exposures"]])
    left = without_common(exposures, found - truth)[:, 0]
    out = {"cells": rms(left), "pulls": rms(left / errors),
           "pixels": rms(without_common(exposures, pixel_backgrounds(exposures, terms) - truth)[:, 0])}
    for name, statistic in (("medians", np.median), ("means", np.mean)):
        levels = region_levels(exposures, statistic)
        out[name] = rms(without_common(exposures, levels - truth[:, :1])[:, 0])
    return out


def main(words):
    welkin, path = words[:2]
    draws = int(words[words.index("--draws") + 1]) if "--draws" in words else 10
    image = read_image(path)
    with tempfile.TemporaryDirectory(prefix="welkin-cells-") as folder:
        for slope in (0.0, 8.0):
            rows = [compare(welkin, folder, image, seed, slope) for seed in range(draws)]
            for name in rows[0]:
                numbers = [row[name] for row in rows]
                print(f"slope {slope:g} {name:8} rms {rms(numbers):.4f}  "
                      f"{min(numbers):.4f} to {max(numbers):.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
