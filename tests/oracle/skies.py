"""Simulated skies whose background is known: scenes for comparing background models.

Every scene is a Scene: image (float32), mask (bool, True is bad; or None), truth (float64, the sky
without noise and without sources), noise (standard deviation of a pixel) and edge (pixels along the
image's edges whose error is counted once more; 0: none).  The same seed gives the same scene.
"""
import collections

import numpy

Scene = collections.namedtuple("Scene", "name seed image mask truth noise edge")

SIZE = 1024
NOISE = 10.0
LEVEL = 1000.0
FWHM = 4.0
NAMES = ("flat", "gradient", "crowded", "galaxies", "nebula", "masked", "edges")


def grid(size):
    """Coordinates from -1 to 1 across the image: columns x, rows y."""
    line = (numpy.arange(size) + 0.5) * 2.0 / size - 1.0
    return line[None, :], line[:, None]


def finish(name, seed, random, truth, light=0.0, mask=None, edge=0):
    noise = random.normal(0.0, NOISE, truth.shape)
    image = (truth + light + noise).astype(numpy.float32)
    return Scene(name, seed, image, mask, truth, NOISE, edge)


def plane(random, size, slope):
    x, y = grid(size)
    angle = random.uniform(0.0, 2.0 * numpy.pi)
    return slope * (numpy.cos(angle) * x + numpy.sin(angle) * y)


def curve(random, size, depth):
    """A mild quadratic with its extreme somewhere in the image."""
    x, y = grid(size)
    x0, y0 = random.uniform(-0.5, 0.5, 2)
    return depth * ((x - x0) ** 2 + random.uniform(0.3, 1.0) * (y - y0) ** 2)


def add_stamp(light, stamp, x, y):
    """Add a stamp whose pixel (0, 0) lies on (x, y) of the image, cut at the edges."""
    height, width = light.shape
    left, low = max(x, 0), max(y, 0)
    right, high = min(x + stamp.shape[1], width), min(y + stamp.shape[0], height)
    if left < right and low < high:
        light[low:high, left:right] += stamp[low - y:high - y, left - x:right - x]


def moffat(x, y, flux, fwhm=FWHM, beta=3.5):
    core = fwhm / (2.0 * numpy.sqrt(2.0 ** (1.0 / beta) - 1.0))
    return flux * (beta - 1.0) / (numpy.pi * core ** 2) * (1.0 + (x ** 2 + y ** 2) / core ** 2) ** -beta


def stars(random, size, density, faintest=150.0, brightest=3e5, slope=1.0):
    """density: stars per megapixel; N(brighter than F) falls as F to the power of -slope."""
    light = numpy.zeros((size, size))
    count = random.poisson(density * size * size / 1e6)
    least = (faintest / brightest) ** slope
    fluxes = faintest * random.uniform(least, 1.0, count) ** (-1.0 / slope)
    places = random.uniform(-10.0, size + 9.0, (count, 2))
    for flux, (x, y) in zip(fluxes, places):
        radius = int(min(150, max(8, 6.0 * (flux / 100.0) ** (1.0 / 5.0) * FWHM / 2.0)))
        left, low = int(round(x)) - radius, int(round(y)) - radius
        step = numpy.arange(2 * radius + 1)
        add_stamp(light, moffat(left + step[None, :] - x, low + step[:, None] - y, flux), left, low)
    return light


def galaxy(random, size, scale, peak, bulge):
    """A disc exp(-r / scale) with a de Vaucouleurs bulge whose share of the peak is bulge."""
    x, y = (numpy.arange(size) - random.uniform(0.15, 0.85) * size for _ in range(2))
    angle, axis = random.uniform(0.0, numpy.pi), random.uniform(0.4, 1.0)
    along = numpy.cos(angle) * x[None, :] + numpy.sin(angle) * y[:, None]
    across = (numpy.cos(angle) * y[:, None] - numpy.sin(angle) * x[None, :]) / axis
    radius = numpy.hypot(along, across)
    disc = numpy.exp(-radius / scale)
    spheroid = numpy.exp(-7.67 * (numpy.maximum(radius, 0.5) / (0.8 * scale)) ** 0.25) * 20.0
    return peak * ((1.0 - bulge) * disc + bulge * spheroid)


def emission(random, size, strength):
    """Extended emission: Gaussian clouds of 150 to 600 pixels full width, and a filament."""
    step = numpy.arange(size)
    light = numpy.zeros((size, size))
    for _ in range(14):
        width = numpy.exp(random.uniform(numpy.log(150.0), numpy.log(600.0))) / 2.3548
        x, y = random.uniform(-0.1 * size, 1.1 * size, 2)
        light += (strength * random.uniform(0.3, 1.0)
                  * numpy.exp(-0.5 * ((step[None, :] - x) / width) ** 2)
                  * numpy.exp(-0.5 * ((step[:, None] - y) / width) ** 2))
    middle = size * (0.5 + 0.2 * numpy.sin(2.0 * numpy.pi * step / size * random.uniform(0.5, 1.0)
                                           + random.uniform(0.0, 6.28)))
    return light + 0.5 * strength * numpy.exp(-0.5 * ((step[:, None] - middle[None, :]) / 80.0) ** 2)


def flat(seed, size=SIZE):
    random = numpy.random.default_rng([seed, 1])
    return finish("flat", seed, random, numpy.full((size, size), LEVEL))


def gradient(seed, size=SIZE):
    random = numpy.random.default_rng([seed, 2])
    return finish("gradient", seed, random,
                  LEVEL + plane(random, size, 60.0) + curve(random, size, 15.0))


def crowded(seed, size=SIZE):
    random = numpy.random.default_rng([seed, 3])
    truth = LEVEL + plane(random, size, 20.0) + numpy.zeros((size, size))
    return finish("crowded", seed, random, truth, stars(random, size, 6000.0))


def galaxies(seed, size=SIZE):
    """Large galaxies over a tilted sky; the truth holds nothing of them."""
    random = numpy.random.default_rng([seed, 4])
    truth = LEVEL + plane(random, size, 20.0) + numpy.zeros((size, size))
    light = stars(random, size, 500.0)
    for scale, peak, bulge in ((45.0, 300.0, 0.3), (30.0, 500.0, 0.0), (25.0, 400.0, 1.0),
                               (15.0, 800.0, 0.2)):
        light += galaxy(random, size, scale, peak, bulge)
    return finish("galaxies", seed, random, truth, light)


def nebula(seed, size=SIZE):
    """Emission that counts as sky, with stars in front of it."""
    random = numpy.random.default_rng([seed, 5])
    truth = LEVEL + emission(random, size, 80.0)
    return finish("nebula", seed, random, truth, stars(random, size, 500.0))


def masked(seed, size=SIZE):
    """The left half is masked, and discs, columns and single pixels of the right one."""
    random = numpy.random.default_rng([seed, 6])
    truth = LEVEL + plane(random, size, 60.0) + emission(random, size, 40.0)
    mask = random.uniform(size=(size, size)) < 0.01
    step = numpy.arange(size)
    for _ in range(40):
        x, y, radius = random.uniform(0, size), random.uniform(0, size), random.uniform(5, 60)
        mask |= (step[None, :] - x) ** 2 + (step[:, None] - y) ** 2 < radius ** 2
    mask[:, random.integers(0, size, 8)] = True
    mask[:, :size // 2] = True
    return finish("masked", seed, random, truth, stars(random, size, 500.0), mask)


def edges(seed, size=SIZE):
    """Vignetting and a strong gradient, steepest at the edges."""
    random = numpy.random.default_rng([seed, 7])
    x, y = grid(size)
    x0, y0 = random.uniform(-0.2, 0.2, 2)
    square = ((x - x0) ** 2 + (y - y0) ** 2) / 2.0
    truth = (LEVEL + plane(random, size, 100.0)) * (1.0 - 0.12 * square - 0.12 * square ** 2)
    return finish("edges", seed, random, truth, stars(random, size, 500.0), edge=64)


def scene(name, seed, size=SIZE):
    return globals()[name](seed, size)


def scenes(seeds=(1, 2, 3), names=NAMES, size=SIZE):
    """Each scene for each seed, one at a time."""
    for name in names:
        for seed in seeds:
            yield scene(name, seed, size)
