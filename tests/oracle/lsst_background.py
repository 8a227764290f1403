"""LSST's background in plain numpy, made from a description of its formulas: cells, clipped means,
and models through them.  Double throughout, but the cells, which LSST keeps in float32."""
import numpy as np
from scipy.interpolate import CubicSpline

IQR_TO_STDDEV = 0.741301109252802


def count_cells(size, box, rule):
    return -(-size // box) if rule == "ceil" else size // box + 1


def cut(size, count):
    """Where the cells begin and end."""
    ends = np.minimum((np.arange(1, count + 1) * size + count // 2) // count, size)
    return np.concatenate([[0], ends[:-1]]), ends


def meanclip(values, sigma=3.0, iterations=3):
    """Mean of what is left, and its error; every round begins with all values."""
    if values.size == 0:
        return np.nan, np.nan
    low, centre, high = np.percentile(values, [25, 50, 75])
    width = sigma * IQR_TO_STDDEV * (high - low)
    for _ in range(iterations):
        left = values[np.abs(values - centre) <= width]
        mean = left.mean()
        variance = left.var(ddof=1) if left.size > 1 else np.nan
        centre, width = mean, sigma * np.sqrt(variance)
        if values.size == 1:
            width = 0.0
    return mean, np.sqrt(variance / left.size)


def measure(data, good, box, rule):
    """Levels, errors, and the centres in y and x."""
    (ya, yb), (xa, xb) = (cut(n, count_cells(n, box, rule)) for n in data.shape)
    cells = [[meanclip(data[a:b, c:d][good[a:b, c:d]].astype(float)) for c, d in zip(xa, xb)]
             for a, b in zip(ya, yb)]
    level, error = np.array(cells, dtype=np.float32).astype(float).transpose(2, 0, 1)
    return level, error, 0.5 * (ya + yb) - 0.5, 0.5 * (xa + xb) - 0.5


def akima_pieces(x, y):
    """Coefficients of dx, dx^2, dx^3 of each interval."""
    m = np.diff(y) / np.diff(x)
    m = np.concatenate([[3 * m[0] - 2 * m[1], 2 * m[0] - m[1]], m,
                        [2 * m[-1] - m[-2], 3 * m[-1] - 2 * m[-2]]])
    b, c, d = [], [], []
    for i, h in enumerate(np.diff(x)):
        j = i + 2  # m[j] is the slope of this interval
        before, after = abs(m[j - 1] - m[j - 2]), abs(m[j + 1] - m[j])
        if before + after == 0:
            b, c, d = [*b, m[j]], [*c, 0.0], [*d, 0.0]
            continue
        a = before / (before + after)
        left = (1 - a) * m[j - 1] + a * m[j]
        before, after = abs(m[j] - m[j - 1]), abs(m[j + 2] - m[j + 1])
        right = m[j]
        if before + after > 0:
            a = before / (before + after)
            right = (1 - a) * m[j] + a * m[j + 1]
        b.append(left)
        c.append((3 * m[j] - 2 * left - right) / h)
        d.append((left + right - 2 * m[j]) / h ** 2)
    return np.array([b, c, d])


def pieces(x, y, style):
    if style == "akima":
        return akima_pieces(x, y)
    if style == "linear":
        slopes = np.diff(y) / np.diff(x)
        return np.array([slopes, 0 * slopes, 0 * slopes])
    return CubicSpline(x, y, bc_type="natural").c[2::-1]


def best(count):
    return "linear" if count == 2 else "spline" if count < 5 else "akima"


def curve(x, y, style, at):
    """One line through the nodes that have a value; a parabola from the ends outwards."""
    known = np.isfinite(y)
    x, y = x[known], y[known]
    if x.size < 2:
        return np.full(at.shape, y[0] if x.size else np.nan)
    if x.size < {"linear": 2, "spline": 3, "akima": 5}[style]:
        style = best(x.size)
    b, c, d = pieces(x, y, style)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, x.size - 2)
    dx = at - x[i]
    out = y[i] + dx * (b[i] + dx * (c[i] + dx * d[i]))
    h = x[-1] - x[-2]
    first, second = b[-1] + h * (2 * c[-1] + 3 * d[-1] * h), 2 * c[-1] + 6 * d[-1] * h
    dx = at - x[-1]
    out = np.where(dx > 0, y[-1] + dx * (first + 0.5 * dx * second), out)
    dx = at - x[0]
    return np.where(dx < 0, y[0] + dx * (b[0] + dx * c[0]), out)


def interpolate(level, y, x, style, shape):
    """Columns first, then rows."""
    need = {"linear": 2, "spline": 3, "akima": 5}[style]
    if min(level.shape) < need:
        style = best(min(level.shape))
    tall = np.array([curve(y, column, style, np.arange(shape[0])) for column in level.T]).T
    return np.array([curve(x, row, style, np.arange(shape[1])) for row in tall])


def terms(order, y, x, shape):
    """T_a(x) T_b(y) with a + b <= order, at the points of a grid."""
    v = 2 * (np.asarray(y) + 0.5) / shape[0] - 1
    u = 2 * (np.asarray(x) + 0.5) / shape[1] - 1
    across, up = (np.cos(np.arange(order + 1)[:, None] * np.arccos(w)) for w in (u, v))
    return np.array([np.outer(up[total - a], across[a]) for total in range(order + 1)
                     for a in range(total, -1, -1)])


def chebyshev(level, error, y, x, order, shape):
    order = min(order, min(level.shape) - 1)
    with np.errstate(divide="ignore"):
        weight = 1 / error
    used = np.isfinite(level + weight)
    basis = terms(order, y, x, shape)[:, used].T
    root = np.sqrt(weight[used])
    found = np.linalg.lstsq(basis * root[:, None], level[used] * root, rcond=None)[0]
    return np.tensordot(found, terms(order, np.arange(shape[0]), np.arange(shape[1]), shape), 1)
