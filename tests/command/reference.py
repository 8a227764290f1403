"""What match has to find on exposures that share one grid of pixels, in plain numpy."""
import itertools

import numpy as np


class Window:
    """Pixels whose first one is pixel (x, y) of the common grid; NaN where bad."""

    def __init__(self, data, x=0, y=0):
        self.data, self.x, self.y = np.asarray(data), x, y

    def shared(self, other):
        """Own pixels that the other one covers, too."""
        height, width = self.data.shape
        top, right = other.y + other.data.shape[0], other.x + other.data.shape[1]
        return self.data[max(other.y - self.y, 0):max(min(top - self.y, height), 0),
                         max(other.x - self.x, 0):max(min(right - self.x, width), 0)]


def kept(pixels, nclip=5, lsigma=4.0, usigma=4.0, lower=-np.inf, upper=np.inf):
    """The pixels that clipping leaves, with the float32 steps of the method."""
    pixels = pixels[np.isfinite(pixels)].astype(np.float32).ravel()
    low, high = np.float32(lower), np.float32(upper)
    for last in [False] * nclip + [True]:
        left = pixels[(pixels >= low) & (pixels <= high)]
        if last or left.size < 2:
            return left
        mean = np.float32(np.mean(left, dtype=np.float64))
        spread = np.float32(np.sqrt(np.sum((left - mean).astype(np.float64) ** 2)
                                    / (left.size - 1)))
        low = np.float32(max(lower, float(mean) - lsigma * float(spread)))
        high = np.float32(min(upper, float(mean) + usigma * float(spread)))
    return None


def measure(pixels, statistic="median", **clip):
    """Level and count; the count is 0 where there is nothing."""
    left = kept(pixels, **clip)
    if left.size == 0:
        return np.nan, 0
    value = np.median(left) if statistic == "median" else np.mean(left, dtype=np.float64)
    return float(np.float32(value)), left.size


def pairs(windows, **options):
    """(a, b, value_a, value_b, pixels_a, pixels_b) of all that meet."""
    found = []
    for (a, first), (b, second) in itertools.combinations(enumerate(windows), 2):
        if first.shared(second).size == 0:
            continue
        value_a, pixels_a = measure(first.shared(second), **options)
        value_b, pixels_b = measure(second.shared(first), **options)
        found.append((a, b, value_a, value_b, pixels_a, pixels_b))
    return found


def solve(count, edges):
    """Zero-mean levels of each component, NaN without an edge: pinv of the row matrix."""
    used = [edge for edge in edges if edge[4] and edge[5]]
    rows, right = np.zeros((len(used), count)), np.zeros(len(used))
    for i, (a, b, value_a, value_b, pixels_a, pixels_b) in enumerate(used):
        weight = (pixels_a + pixels_b) / 2
        rows[i, a], rows[i, b], right[i] = weight, -weight, weight * (value_a - value_b)
    levels = np.linalg.pinv(rows) @ right
    levels[~rows.any(axis=0)] = np.nan
    return levels


def match(windows, up=False, **options):
    levels = solve(len(windows), pairs(windows, **options))
    return levels - (np.nanmax(levels) if up else np.nanmin(levels))


def local(windows, **options):
    return np.array([measure(window.data, **options)[0] for window in windows])


def both(windows, up=False, **options):
    """global+match: what exposures have in common comes from the least of what is left."""
    levels = match(windows, up, **options)
    left = local(windows, **options) - np.nan_to_num(levels)
    return np.where(np.isnan(levels), np.where(np.isnan(left), np.nan, 0), levels) + np.nanmin(left)
