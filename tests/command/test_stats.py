"""The numbers of welkin stats against numpy's on the same values as float64."""
import numpy as np
import pytest
from astropy.io import fits
from astropy.stats import sigma_clipped_stats

from helpers import (ask, des, fail, lsst, noise, packed, plain, run, stsci, tan, write)

SHAPE = (70, 90)


def strange(values):
    values = values.copy()
    values[3, 4], values[60, 80], values[10, 11] = np.inf, 1e6, -3000
    return values


def unknown(values):
    values = strange(values)
    values[5, 5:9] = np.nan
    return values


def mask():
    flags = np.zeros(SHAPE, np.int32)
    flags[20:30, 20:40] = 2
    return flags


def sky(seed=1):
    return noise(SHAPE, 1000, 12, seed=seed)


def level_of(values):
    """What leaves small numbers: numpy's std is about a mean whose digits are rounded away."""
    median = np.median(values)
    return median if np.ptp(values) < 1e-3 * abs(median) else 0


def line(values):
    with np.errstate(all="ignore"):
        return dict(min=values.min(), max=values.max(), mean=values.mean(),
                    median=np.median(values),
                    std=(values - level_of(values)).std()) if values.size else {}


def check_line(found, values):
    for name in ("min", "max", "mean", "median", "std"):
        wanted = line(values).get(name, np.nan)
        if not np.isfinite(wanted):
            assert found[name] is None, name
        elif name in ("mean", "std"):
            lost = 1e-15 * np.abs(values).max() if name == "mean" else 0
            np.testing.assert_allclose(found[name], wanted, err_msg=name, rtol=1e-14, atol=lost)
        else:
            assert found[name] == wanted, name


def check(found, values, good, bins=20):
    values = np.asarray(values, "f8").ravel()
    finite = values[np.isfinite(values)]
    assert found["pixels"] == values.size
    assert found["nan"] == np.isnan(values).sum()
    assert found["nonfinite"] == values.size - finite.size
    check_line(found["plain"], values)
    check_line(found["finite"], finite)
    kept = values[np.isfinite(values) & np.asarray(good).ravel()]
    check_line(found["good"], kept)
    if kept.size:
        level = level_of(kept)
        mean, median, std = sigma_clipped_stats(kept - level, sigma=3, maxiters=5)
        clipped = found["clipped"]
        assert clipped["median"] == median + level
        np.testing.assert_allclose([clipped["mean"], clipped["std"]], [mean + level, std],
                                   rtol=1e-11)  # astropy sums in order
    if finite.size and finite.max() + 0.5 > finite.min() - 0.5:
        counts, edges = np.histogram(finite, bins, (finite.min() - 0.001, finite.max() + 0.001))
        np.testing.assert_array_equal(found["histogram"]["edges"], edges)
        np.testing.assert_array_equal(found["histogram"]["counts"], counts)


def only(path, *options):
    images = ask("stats", path, *options)["images"]
    assert len(images) == 1
    return images[0]


ALL = np.ones(SHAPE, bool)
IMAGES = {
    "float32": sky(),
    "strange": strange(sky()),
    "unknown": unknown(sky()),
    "float64": np.random.default_rng(2).normal(1e9, 1e-3, SHAPE),
    "int16": np.random.default_rng(3).integers(-5, 5, SHAPE).astype("i2"),
    "int32": np.random.default_rng(4).integers(-2**31, 2**31, SHAPE).astype("i4"),
    "uint8": np.random.default_rng(5).integers(0, 2, SHAPE).astype("u1"),
    "constant": np.full(SHAPE, 7.25, "f4"),
    "huge": np.full(SHAPE, 1e25, "f4"),
    "nothing": np.full(SHAPE, np.nan, "f4"),
    "ends": np.where(sky() > 1000, np.inf, -np.inf).astype("f4"),
    "zeros": np.where(sky() > 1000, 0.0, -0.0).astype("f4"),
    "wide": (10.0 ** np.random.default_rng(6).uniform(-30, 30, SHAPE)).astype("f8"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_plain(tmp_path, name):
    check(only(plain(tmp_path / "a.fits", IMAGES[name])), IMAGES[name], ALL)


def test_layouts(tmp_path):
    data, flags, weight = unknown(sky()), mask(), np.ones(SHAPE, "f4")
    weight[50:60] = 0
    good, kept = flags == 0, (flags == 0) & (weight > 0)
    check(only(des(tmp_path / "a.fits", data, flags, weight, tan())), data, kept)
    check(only(des(tmp_path / "b.fits.fz", data, flags, weight, tan())), data, kept)
    check(only(tmp_path / "a.fits", "--no-mask"), data, ALL)
    check(only(lsst(tmp_path / "c.fits", data, flags, weight, tan(), {"BAD": 1})), data, kept)
    detectors = [(sky(2), weight, flags, tan()), (sky(3), weight, flags, tan())]
    path = stsci(tmp_path / "d.fits", detectors)
    images = ask("stats", path)["images"]
    assert [image["hdu"] for image in images] == [1, 4]
    for image, detector in zip(images, detectors):
        check(image, detector[0], good)


def test_decam(tmp_path):
    """Sibling files of images, flags and weights; every extension is a CCD."""
    weight = np.ones(SHAPE, "f4")
    weight[:5] = 0
    planes = {"ooi": [unknown(sky(4)), sky(5)], "ood": [mask(), np.zeros(SHAPE, "i4")],
              "oow": [weight, np.ones(SHAPE, "f4")]}
    for letter, images in planes.items():
        write(tmp_path / f"c4d_1_{letter}_r_v1.fits",
              *(fits.ImageHDU(image, tan(), name=f"N{n}") for n, image in enumerate(images)))
    found = ask("stats", tmp_path / "c4d_1_ooi_r_v1.fits")["images"]
    assert [image["hdu"] for image in found] == [1, 2]
    check(found[0], planes["ooi"][0], (mask() == 0) & (weight > 0))
    check(found[1], planes["ooi"][1], ALL)


def test_stored_forms(tmp_path):
    scaled = fits.PrimaryHDU(np.arange(6300).reshape(SHAPE).astype("f4"))
    scaled.scale("int16", bscale=0.25, bzero=100)
    write(tmp_path / "a.fits", scaled)
    check(only(tmp_path / "a.fits"), fits.getdata(tmp_path / "a.fits"), ALL)
    write(tmp_path / "b.fits.fz", packed(IMAGES["int16"]))
    check(only(tmp_path / "b.fits.fz"), IMAGES["int16"], ALL)
    plain(tmp_path / "c.fits.gz", sky())
    check(only(tmp_path / "c.fits.gz"), sky(), ALL)


def test_same_bits(tmp_path):
    data = np.tile(unknown(sky()), (6, 5))
    path = plain(tmp_path / "a.fits", data)
    check(only(path), data, np.ones(data.shape, bool))
    texts = {str(only(path, "--threads", n)) for n in (1, 2, 3, 7)}
    assert len(texts) == 1


def printed(path, *options):
    """The numbers of a table by the kind of pixels."""
    rows = [line.split() for line in run("stats", path, *options).stdout.splitlines()[1:]]
    return {row[-7]: row[-6:] for row in rows}


def ten(values):
    return [str(values.size)] + ["-" if np.isnan(value) else f"{value:.10g}"
                                 for value in line(values).values()]


def test_every_digit(tmp_path):
    """Ten files of all layouts: what is printed is numpy's, digit by digit."""
    flags, weight = mask(), np.where(np.arange(SHAPE[1]) < 80, 1, 0) * np.ones(SHAPE, "f4")
    data, good = unknown(sky(31)), mask() == 0
    planes = tmp_path / "c4d_1_ooi_g_v1.fits"
    for letter, plane in (("ooi", data), ("ood", flags), ("oow", weight)):
        write(tmp_path / f"c4d_1_{letter}_g_v1.fits", fits.ImageHDU(plane, tan(), name="N4"))
    ints = np.random.default_rng(32).integers(-2**31, 2**31, SHAPE).astype("i4")
    files = [
        (plain(tmp_path / "1.fits", sky(33)), sky(33), ALL),
        (plain(tmp_path / "2.fits", data), data, ALL),
        (plain(tmp_path / "3.fits", ints), ints, ALL),
        (plain(tmp_path / "4.fits", IMAGES["int16"]), IMAGES["int16"], ALL),
        (plain(tmp_path / "5.fits", IMAGES["float64"]), IMAGES["float64"], ALL),
        (write(tmp_path / "6.fits.fz", packed(strange(sky(34)))), strange(sky(34)), ALL),
        (des(tmp_path / "7.fits.fz", data, flags, weight, tan()), data, good & (weight > 0)),
        (stsci(tmp_path / "8.fits", [(data, weight, flags, tan())]), data, good),
        (lsst(tmp_path / "9.fits", data, flags, np.ones(SHAPE, "f4"), tan(), {"BAD": 1}), data,
         good),
        (planes, data, good & (weight > 0)),
    ]
    for path, values, usable in files:
        values = np.asarray(values, "f8")
        finite = np.isfinite(values)
        rows = printed(path)
        wanted = {"all": values.ravel(), "finite": values[finite], "good": values[finite & usable]}
        for kind, kept in wanted.items():
            assert rows[kind] == ten(kept), (path.name, kind)
        kept = numpy_clipped(wanted["good"], 3, 5)
        n, _, _, *numbers = ten(kept)
        assert rows["clipped"] == [n, "-", "-", *numbers], path.name
        check(only(path), values, usable)


LARGE = (330, 410)  # more pixels than are all kept: most have sums only


def bulk(seed=20):
    return np.random.default_rng(seed).normal(1000, 12, LARGE)


def dice(share, seed=21):
    return np.random.default_rng(seed).random(LARGE) < share


ODD = {
    "usual": bulk().astype("f4"),
    "stars": np.where(dice(.02), bulk() * 7, bulk()).astype("f4"),
    "slope": (bulk() + np.arange(LARGE[1])).astype("f4"),
    "steps": np.round(bulk()).astype("i2"),
    "constant": np.full(LARGE, 5, "f4"),
    "half": np.where(dice(.5), 0, bulk()).astype("f4"),
    "even": np.random.default_rng(22).integers(0, 255, LARGE).astype("u1"),
    "wide": 10.0 ** np.random.default_rng(23).uniform(-30, 30, LARGE),
    "digits": bulk() * 1e-3 + 1e9,
    "integers": np.random.default_rng(24).integers(-1000, 1000, LARGE) * 2**40,
    "holes": np.where(dice(.6), np.nan, bulk()).astype("f4"),
    "late": np.where(np.arange(LARGE[0])[:, None] < 200, np.nan, bulk()).astype("f4"),
    "minus": np.where(dice(.1), -np.inf, bulk()).astype("f4"),
    "plus": np.where(dice(.55), np.inf, bulk()).astype("f4"),
    "cauchy": np.random.default_rng(25).standard_cauchy(LARGE).astype("f4"),
    "sorted": np.sort(bulk().ravel()).reshape(LARGE).astype("f4"),
}


@pytest.mark.parametrize("name", ODD)
def test_large(tmp_path, name):
    """Whether or not the sample tells where limits and medians are; the same bits always."""
    data = ODD[name]
    path = plain(tmp_path / "a.fits", data)
    check(only(path), data, np.ones(LARGE, bool))
    texts = {str(only(path, "--threads", n, "--memory", m)) for n, m in ((1, "1G"), (5, "1M"))}
    assert len(texts) == 1
    flags = dice(.2).astype("i4")
    check(only(lsst(tmp_path / "b.fits", data, flags, np.ones(LARGE, "f4"), tan(), {"BAD": 0})),
          data, flags == 0)


def numpy_clipped(values, sigma, rounds):
    """numpy's way, on small numbers."""
    level = level_of(values)
    values = values - level
    for _ in range(rounds):
        median, std = np.median(values), values.std()
        kept = values[(values >= median - sigma * std) & (values <= median + sigma * std)]
        if kept.size == values.size:
            break
        values = kept
    return values + level


@pytest.mark.parametrize("name", ["usual", "stars", "slope", "steps", "even", "cauchy"])
@pytest.mark.parametrize("sigma, rounds", [(0.7, 5), (2, 50), (3, 0)])
def test_clipping(tmp_path, name, sigma, rounds):
    """Limits far within what a sample is trusted for, and many rounds."""
    data = ODD[name].astype("f8").ravel()
    kept = numpy_clipped(data, sigma, rounds)
    clipped = only(plain(tmp_path / "a.fits", ODD[name]), "--sigma", sigma, "--iterations",
                   rounds)["clipped"]
    assert clipped["n"] == kept.size and clipped["median"] == np.median(kept)
    np.testing.assert_allclose([clipped["mean"], clipped["std"]], [kept.mean(), kept.std()],
                               rtol=1e-13, atol=1e-13 * np.abs(kept).max())


def test_bins(tmp_path):
    path = plain(tmp_path / "a.fits", sky())
    check(only(path, "--bins", 333), sky(), ALL, 333)
    # edges that are values: all of them multiples of 0.001
    values = (np.arange(6300).reshape(SHAPE) % 2001 * 0.001).astype("f8")
    check(only(plain(tmp_path / "b.fits", values), "--bins", 2003), values, ALL, 2003)


def test_printed(tmp_path):
    path = plain(tmp_path / "a.fits", sky())
    words = run("stats", path).stdout.splitlines()[1].split()
    values = line(sky().astype("f8"))
    assert words[-5:] == [f"{values[name]:.10g}" for name in values]


def test_compare(tmp_path):
    data, other = unknown(sky()), np.random.default_rng(9).normal(1000, 1, SHAPE)
    a, b = plain(tmp_path / "a.fits", data), plain(tmp_path / "b.fits", other)
    check(only(a, "--compare", b), data.astype("f8") - other, ALL)
    check(only(b, "--compare", a), other - data.astype("f8"), ALL)
    small = plain(tmp_path / "c.fits", other[:50])
    assert "90 x 50" in fail(3, "stats", a, "--compare", small)
    two = stsci(tmp_path / "d.fits", [(sky(2), sky(), mask(), tan())] * 2)
    assert "2 images" in fail(2, "stats", a, "--compare", two)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_figure(tmp_path, ending):
    path, figure = plain(tmp_path / "a.fits", unknown(sky())), tmp_path / f"a.{ending}"
    run("stats", path, "--histogram", figure)
    assert figure.stat().st_size > 1000
    fail(3, "stats", path, "--histogram", figure)
    run("stats", path, "--histogram", figure, "--overwrite")
    nothing = plain(tmp_path / "b.fits", IMAGES["nothing"])
    run("stats", nothing, "--histogram", figure, "--overwrite")


def test_failures(tmp_path):
    path = plain(tmp_path / "a.fits", sky())
    fail(2, "stats", path, "--bins", 0)
    fail(2, "stats", path, "--sigma", 0)
    fail(2, "stats", path, "--histogram", tmp_path / "a.txt")
    fail(3, "stats", tmp_path / "none.fits")
    fail(3, "stats", path, "--compare", tmp_path / "none.fits")
    broken = tmp_path / "broken.fits"
    broken.write_bytes(path.read_bytes()[:8640])
    fail(3, "stats", broken)
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.zeros(3))])
    write(tmp_path / "t.fits", table)
    fail(3, "stats", tmp_path / "t.fits")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.fits", "broken.fits", "t.fits"]
