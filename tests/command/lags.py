"""Covariances of neighbours in plain numpy, and a small tile whose pixels are known."""
import numpy as np
from astropy.io import fits

from helpers import ask, noise, packed, plain, tan, write

# what the estimator promises, of the variance
CLOSE = 1e-9
SHAPE = (50, 64)


def smooth(shape, seed=1, share=0.5):
    """Noise of which neighbours in x and, less so, in y have a share in common."""
    z = np.random.default_rng(seed).standard_normal((shape[0] + 1, shape[1] + 1))
    return z[1:, 1:] + share * z[1:, :-1] + share / 2 * z[:-1, 1:]


def masked(seed=1):
    """Values and which are good: one in ten is not, and a block."""
    good = np.random.default_rng(seed + 100).random(SHAPE) > 0.1
    good[10:20, 30:50] = False
    return smooth(SHAPE, seed), good


def flags(good):
    return np.where(good, 0, 4).astype(np.int32)


def single(folder, data, good=None, name="a.fits", header=None):
    """A plain image; the options that name its mask."""
    path = plain(folder / name, data, header if header is not None else tan())
    if good is None:
        return path, ()
    mask = plain(folder / f"mask-{name}", flags(good))
    return path, ("--mask-file", mask)


def one(*words):
    found, = ask("correlate", *words)["images"]
    return found


def shifted(field, dy, dx):
    """The pixels p and p + D that are both in the image."""
    height, width = field.shape
    here = field[max(-dy, 0):height - max(dy, 0), max(-dx, 0):width - max(dx, 0)]
    there = field[max(dy, 0):height - max(-dy, 0), max(dx, 0):width - max(-dx, 0)]
    return here, there


def measure(values, good=None, lag=1):
    """Mean, variance, pairs and covariances; NaN where there are no pairs."""
    values = np.asarray(values, np.float64)
    good = np.isfinite(values) & (True if good is None else good)
    mean = np.mean(values[good].astype(np.longdouble))
    less = np.where(good, values - mean, 0).astype(np.float64)
    size = 2 * lag + 1
    pairs, covariance = np.zeros((size, size), int), np.full((size, size), np.nan)
    height, width = values.shape
    for dy in range(-lag, lag + 1):
        for dx in range(-lag, lag + 1):
            if abs(dy) >= height or abs(dx) >= width:
                continue
            a, b = shifted(good, dy, dx)
            v, w = shifted(less, dy, dx)
            pairs[dy + lag, dx + lag] = n = np.count_nonzero(a & b)
            if n:
                covariance[dy + lag, dx + lag] = np.sum(v * w) / n
    return {"good": int(good.sum()), "mean": float(mean), "variance": covariance[lag, lag],
            "pairs": pairs, "covariance": covariance}


def numbers(matrix):
    """A matrix of the document, null made NaN."""
    return np.array(matrix, float)


def check(found, values, good=None, lag=1):
    """An entry of the document against numpy."""
    want = measure(values, good, lag)
    scale = want["variance"] or 1.0
    assert (found["good"], found["lag"]) == (want["good"], lag)
    assert found["mean"] == float(np.float64(found["mean"]))
    np.testing.assert_allclose(found["mean"], want["mean"], rtol=1e-12,
                               atol=CLOSE * np.sqrt(scale))
    assert abs(found["variance"] - want["variance"]) <= CLOSE * scale
    np.testing.assert_array_equal(found["pairs"], want["pairs"])
    covariance, correlation = numbers(found["covariance"]), numbers(found["correlation"])
    np.testing.assert_allclose(covariance, want["covariance"], rtol=0, atol=CLOSE * scale)
    np.testing.assert_array_equal(covariance, covariance[::-1, ::-1])
    if want["variance"] > 0:
        np.testing.assert_allclose(correlation, want["covariance"] / scale, rtol=0, atol=CLOSE)
        assert correlation[lag, lag] == 1
    return want


# the tile: pixel (x, y) of an image is pixel (x + 10, y + 8) of the coadd, to the pixel
COADD, IMAGE = (100, 120), (60, 70)
PLANES = ("image", "weight", "bmask")


class Tile:
    """A coadd and images on the disk; what its info file says stays to be changed."""

    def __init__(self, folder, count=2, suffix=".fits"):
        self.folder, self.suffix = folder, suffix
        self.seg = np.zeros(COADD, np.int32)
        self.seg[30:50, 40:60] = 7
        self.coadd_flags = np.zeros(COADD, np.int32)
        self.coadd_flags[:, 70] = 4
        self.coadd_weight = np.ones(COADD, np.float32)
        self.coadd_weight[9, :] = 0
        self.store("coadd", (noise(COADD), tan()), (self.coadd_weight, None),
                   (self.coadd_flags, None))
        self.store("seg", (self.seg, None))
        self.top = {"band": "r", "tilename": "DES0000", "scale": 1.0,
                    **self.planes("coadd"), **self.plane("seg", "seg", "sci")}
        self.values, self.good, self.sources = [], [], []
        for index in range(count):
            self.add(index)

    def name(self, stem):
        return f"{stem}{self.suffix}"

    def store(self, stem, *planes):
        names = ("SCI", "WGT", "MSK")
        make = packed if self.suffix.endswith(".fz") else fits.ImageHDU
        write(self.folder / self.name(stem),
              *(make(data, header, name=n) for (data, header), n in zip(planes, names)))

    def plane(self, key, stem, ext):
        return {f"{key}_path": self.name(stem), f"{key}_ext": ext}

    def planes(self, stem):
        return {k: v for key, ext in zip(PLANES, ("sci", "wgt", "msk"))
                for k, v in self.plane(key, stem, ext).items()}

    def add(self, index):
        stem, scale = f"se{index}", 0.5 + index
        data = (1000 + smooth(IMAGE, seed=index + 10)).astype(np.float32)
        weight, flags = np.ones(IMAGE, np.float32), np.zeros(IMAGE, np.int32)
        weight[20:25, :10], flags[50, 5:40] = 0, 2
        back = np.full(IMAGE, 1000.25, np.float32)
        self.store(stem, (data, tan(10, 8)), (weight, None), (flags, None))
        self.store(f"bkg{index}", (back, None))
        window = np.s_[8:8 + IMAGE[0], 10:10 + IMAGE[1]]
        self.values.append((data.astype(float) - back) * scale)
        self.good.append((weight > 0) & (flags == 0) & (self.seg[window] == 0)
                         & (self.coadd_flags[window] == 0) & (self.coadd_weight[window] > 0))
        self.sources.append({**self.planes(stem), **self.plane("bkg", f"bkg{index}", "sci"),
                             "scale": scale, "expnum": 100 + index // 2, "ccdnum": 1 + index % 2,
                             "band": "r", "tilename": "DES0000", "image_flags": 0})

    def text(self):
        lines = [f"{key}: {value}" for key, value in self.top.items()] + ["src_info:"]
        for source in self.sources:
            lines += [("- " if i == 0 else "  ") + f"{key}: {value}"
                      for i, (key, value) in enumerate(source.items())]
        return "\n".join(lines) + "\n"

    def info(self, text=None):
        path = self.folder / "info.yaml"
        path.write_text(self.text() if text is None else text)
        return path
