"""Correlations of neighbouring pixels: every number against numpy, at every option."""
import itertools
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, des, lsst, names, noise, packed, plain, run, state, stsci, tan, write
from lags import CLOSE, SHAPE, check, flags, masked, measure, numbers, one, single, smooth

MEMBERS = ["file", "index", "expnum", "ccdnum", "band", "good", "nonfinite", "mean", "variance",
           "lag", "pairs", "covariance", "correlation", "error", "error_white", "error_bartlett",
           "error_jackknife", "chi2", "dof", "p_value", "area_factor", "area_factor_error",
           "box_factors", "sky_residual", "correlation_floor"]


def test_json(folder):
    values, good = masked()
    path, options = single(folder, values, good)
    before = state([path])
    document = ask("correlate", path, *options)
    assert list(document) == ["provenance", "images", "skipped"] and document["skipped"] == []
    found, = document["images"]
    assert list(found) == MEMBERS
    assert found["file"] == str(path) and (found["index"], found["nonfinite"]) == (0, 0)
    assert found["expnum"] is found["ccdnum"] is None and found["band"] == ""
    check(found, values, good)
    assert state([path]) == before and names(folder) == ["a.fits", "mask-a.fits"]


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
def test_all_lags(folder, lag):
    values, good = masked(2)
    path, options = single(folder, values, good)
    check(one(path, *options, "--lag", lag), values, good, lag)


# what a file can store, with a level of a million under a scatter of some units
def stored(kind):
    values, good = masked(3)
    high = 1e6 + 3 * values
    data = {"float32": values.astype("f4"), "float64": 1e6 + 1e-3 * values,
            "int16": np.round(1000 * values / 3).astype("i2"), "int32": np.round(high).astype("i4"),
            "int64": np.round(high).astype("i8"), "uint8": np.round(128 + 20 * values).astype("u1")}
    return data[kind], good


@pytest.mark.parametrize("kind", ["float32", "float64", "int16", "int32", "int64", "uint8"])
def test_types(folder, kind):
    """No digit is lost, of levels a million above the scatter neither."""
    data, good = stored(kind)
    path, options = single(folder, data, good)
    assert fits.getheader(path)["BITPIX"] == {"f": -8, "i": 8, "u": 8}[data.dtype.kind] * \
        data.dtype.itemsize
    check(one(path, *options, "--lag", 3), data, good, 3)


@pytest.mark.parametrize("bitpix", ["i2", "i4"])
def test_scaled_integers(folder, bitpix):
    """Numbers are astropy's: a factor on 16 bits gives float32, on 32 bits all digits; BLANK is
    no number."""
    values, good = masked(4)
    raw = np.round(values * 2000).astype(bitpix)
    raw[2, 2:5], good[2, 2:5] = -9999, True
    path = write(folder / "a.fits", fits.PrimaryHDU(raw, tan()))
    with fits.open(path, mode="update", do_not_scale_image_data=True) as hdus:
        hdus[0].header["BSCALE"], hdus[0].header["BZERO"] = 0.001, 1e6 if bitpix == "i4" else 100.0
        hdus[0].header["BLANK"] = -9999
    mask = plain(folder / "m.fits", flags(good))
    found = one(path, "--mask-file", mask, "--lag", 2)
    check(found, fits.getdata(path).astype(float), good, 2)
    assert found["nonfinite"] == 3


@pytest.mark.parametrize("kind", ["u2", "u4"])
def test_unsigned_integers(folder, kind):
    """As FITS has them, with a zero point."""
    values, good = masked(4)
    data = np.round(values * 500 + (4e9 if kind == "u4" else 4e4)).astype(kind)
    path, options = single(folder, data, good)
    check(one(path, *options), data.astype(float), good)


@pytest.mark.parametrize("kind", ["f4", "f8", "i2", "i4"])
def test_compressed(folder, kind):
    """The same document but for the name, whether or not the tiles are compressed."""
    values, good = masked(5)
    data = (values * 50 + 1000).astype(kind)
    path = write(folder / "a.fits.fz", packed(data, tan(), "SCI"), packed(flags(good), None, "MSK"),
                 packed(np.ones(SHAPE, "f4"), None, "WGT"))
    found = one(path, "--lag", 2)
    check(found, data, good, 2)
    loose = des(folder / "b.fits", data, flags(good), np.ones(SHAPE, "f4"), tan())
    assert one(loose, "--lag", 2) == {**found, "file": str(loose)}


def test_layouts(folder):
    """Bad pixels as all commands have them; a detector is an image."""
    values, good = masked(6)
    data = values.astype("f4")
    error = np.ones(SHAPE, "f4")
    path = stsci(folder / "s.fits", [(data, error, flags(good), tan()),
                                     (data[::-1].copy(), error, flags(good[::-1]), tan(200))])
    first, second = ask("correlate", path)["images"]
    check(first, data, good)
    check(second, data[::-1], good[::-1])
    assert (first["index"], second["index"]) == (0, 1)
    # a lag along y has changed its sign, and the corners with it
    np.testing.assert_allclose(numbers(second["covariance"]), numbers(first["covariance"])[::-1],
                               rtol=0, atol=CLOSE * first["variance"])
    path = lsst(folder / "l.fits", data, flags(good), error, tan(), {"BAD": 0, "CR": 2})
    check(one(path, "--bad-bits", "CR"), data, good)
    check(one(path, "--bad-bits", "BAD"), data)
    check(one(path, "--no-mask"), data)


def test_several_files(folder):
    paths = [single(folder, masked(n)[0].astype("f4"), name=f"{n}.fits")[0] for n in (3, 1, 2)]
    answers = ask("correlate", *paths)["images"]
    assert [a["file"] for a in answers] == list(map(str, paths))
    assert [a["index"] for a in answers] == [0, 1, 2]
    for path, answer in zip(paths, answers):
        assert one(path) == {**answer, "index": 0}
    (folder / "list.txt").write_text("\n".join(map(str, paths)))
    assert ask("correlate", f"@{folder}/list.txt")["images"] == answers


def test_several_sizes(folder):
    """And types: what is reused from image to image holds nothing of the last one."""
    kinds = [((50, 64), "f4"), ((20, 30), "f8"), ((70, 90), "i2"), ((5, 6), "f4"), ((80, 90), "f8")]
    paths, want = [], []
    for n, (shape, kind) in enumerate(kinds):
        data = (100 * smooth(shape, n)).astype(kind)
        flag = np.zeros(shape, "i2")
        flag[n:n + 2] = 1
        paths.append(stsci(folder / f"{n}.fits", [(data, np.full(shape, 3, "f4"), flag, tan())]))
        want.append((data, flag == 0))
    for words, scale in (((), 1), (("--weighted",), 3)):
        for found, (data, good) in zip(ask("correlate", *paths, *words, "-q")["images"], want):
            check(found, data.astype(float) / scale, good)


def test_not_finite(folder):
    """They are left out and counted where nothing else makes them bad."""
    values, good = masked(7)
    values[0, :3], values[5, 5], values[15, 40] = np.nan, np.inf, np.nan
    good[0, 0], good[0, 1:3], good[5, 5] = False, True, True
    path, options = single(folder, values.astype("f4"), good)
    found = one(path, *options, "--lag", 2)
    check(found, values.astype("f4"), good, 2)
    assert found["nonfinite"] == 3


def test_errors_and_chi2(folder):
    values, good = masked(8)
    path, options = single(folder, noise(SHAPE, 9, 2.0), good)
    lag, size = 2, 5
    found = one(path, *options, "--lag", lag)
    pairs, rho = numbers(found["pairs"]), numbers(found["correlation"])
    beside = np.ones((size, size), bool)
    beside[lag, lag] = False
    np.testing.assert_allclose(numbers(found["error_white"])[beside], pairs[beside] ** -0.5,
                               rtol=1e-12)
    half = beside & (np.arange(size * size).reshape(size, size) < lag * size + lag)
    chi2 = np.sum(pairs[half] * (rho[half] + 1 / found["good"]) ** 2)
    assert found["chi2"] == pytest.approx(chi2, rel=1e-9) and found["dof"] == 12
    chance = pytest.importorskip("scipy.stats").chi2.sf(chi2, 12)
    assert found["p_value"] == pytest.approx(chance, rel=1e-8)
    assert found["area_factor"] == pytest.approx(rho.sum(), rel=1e-12)
    for n, factor in enumerate(found["box_factors"], 1):
        ramp = np.maximum(1 - np.abs(np.arange(-lag, lag + 1)) / n, 0)
        assert factor == pytest.approx(np.sum(rho * np.outer(ramp, ramp)), rel=1e-12)
    assert len(found["box_factors"]) == 2 * (lag + 1)
    # white noise: Bartlett's is the white one but for products of small lags; a jackknife of 32
    # blocks scatters by 1 / sqrt(62) of itself
    bartlett = numbers(found["error_bartlett"])[beside]
    np.testing.assert_allclose(bartlett, pairs[beside] ** -0.5, rtol=0.1)
    blocks = numbers(found["error_jackknife"])[beside]
    np.testing.assert_allclose(blocks, pairs[beside] ** -0.5, rtol=5 / np.sqrt(62))
    assert found["error"] == found["error_jackknife"] and found["area_factor_error"] > 0


def left_out(values, blocks):
    """The jackknife of one lag along x in plain numpy."""
    less = values - values.mean()
    products, squares = less[:, :-1] * less[:, 1:], less ** 2
    height, width = values.shape
    of = (np.arange(height)[:, None] * blocks[1] // height * blocks[0]
          + np.arange(width) * blocks[0] // width)
    count = blocks[0] * blocks[1]
    found = []
    for block in range(count):
        keep = of != block
        found.append(products[keep[:, :-1]].mean() / squares[keep].mean())
    found = np.array(found)
    return np.sqrt((count - 1) / count * np.sum((found - found.mean()) ** 2))


def test_jackknife(folder):
    """Blocks that divide the image; without them Bartlett's error stands."""
    values = smooth((48, 64), 9)
    path, _ = single(folder, values)
    for words, blocks in (((), (8, 4)), (("--jackknife", "4x2"), (4, 2)),
                          (("--jackknife", "2x3"), (2, 3))):
        found = one(path, *words)
        # about the estimate itself or the mean of the replicas: a difference of second order
        assert found["error"][1][2] == pytest.approx(left_out(values, blocks), rel=0.02)
    found = one(path, "--jackknife", 1)
    assert found["error"] == found["error_bartlett"]
    assert all(e is None for row in found["error_jackknife"] for e in row) or \
        found["error_jackknife"][1][2] is None
    assert found["area_factor_error"] > 0


def test_correct_mean(folder):
    """Adds the variance of the mean, as the lags have it, to each of them."""
    values = smooth((12, 15), 3)
    path, _ = single(folder, values)
    without, found = one(path, "--lag", 2), one(path, "--lag", 2, "--correct-mean")
    gain = numbers(found["covariance"]) - numbers(without["covariance"])
    assert gain.min() > 0
    np.testing.assert_allclose(gain, gain[0, 0], rtol=1e-9)
    # Var(m) = sum of pairs x covariance / N^2
    pairs, cov = numbers(found["pairs"]), numbers(without["covariance"])
    assert gain[0, 0] == pytest.approx(np.sum(pairs * cov) / found["good"] ** 2, rel=1e-9)


def test_weighted(folder):
    """Values over the root of their variance; pixels without one are left out."""
    values, good = masked(11)
    variance = np.linspace(1, 9, SHAPE[1]) * np.ones((SHAPE[0], 1))
    variance[3, 3:7] = [0, -1, np.nan, np.inf]
    data, variance = (values * np.sqrt(np.abs(variance))).astype("f4"), variance.astype("f4")
    data[3, 3:7] = 5
    path = lsst(folder / "l.fits", data, flags(good), variance, tan(), {"CR": 2})
    found = one(path, "--weighted", "--bad-bits", "CR", "--lag", 2)
    use = good & (variance > 0) & np.isfinite(variance)
    with np.errstate(all="ignore"):
        reduced = data.astype(float) / np.sqrt(variance.astype(float))
    check(found, np.where(use, reduced, 0), use, 2)
    error = np.sqrt(np.where(use, variance, 0))
    path = stsci(folder / "s.fits", [(data, error, flags(good), tan())])
    found = one(path, "--weighted")
    # the error is squared in float32
    want = measure(np.where(use, reduced, 0), use)
    assert found["good"] == want["good"]
    np.testing.assert_allclose(numbers(found["covariance"]), want["covariance"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_background(folder, kind):
    """Another image is taken off, in the digits that it has."""
    values, good = masked(12)
    slope = 1e6 + 0.37 * np.arange(SHAPE[1]) * np.ones((SHAPE[0], 1))
    data, back = (slope + values).astype(kind), slope.astype(kind)
    path, options = single(folder, data, good)
    model = plain(folder / "back.fits", back)
    found = one(path, *options, "--background", model)
    check(found, data.astype(float) - back, good)


def test_source_mask(folder):
    """What is not 0 there is left out, NaN and numbers of objects alike."""
    values, good = masked(13)
    path, options = single(folder, values, good)
    sources = np.zeros(SHAPE, "f4")
    sources[30:40, :20], sources[0, 0], sources[1, 1] = 812, np.nan, -1
    found = one(path, *options, "--source-mask", plain(folder / "s.fits", sources))
    check(found, values, good & (sources == 0))
    found = one(path, *options, "--source-mask", plain(folder / "i.fits",
                                                        (sources == 812).astype("i2")))
    check(found, values, good & (sources != 812))


def tilted(level=0.0):
    """White noise on a sky that varies by more than it."""
    shape = (256, 256)
    y, x = np.mgrid[:shape[0], :shape[1]] / 256
    return level + noise(shape, 0, 1.0, seed=5).astype(float) + 4 * np.sin(3 * x) * (1 + y)


def test_sky_that_varies(folder):
    """It adds its variance to every lag, and a warning says so; --box takes it off."""
    path, _ = single(folder, tilted())
    done = run("correlate", path, "--json")
    found, = json.loads(done.stdout)["images"]
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and "warning" in lines[0] and str(path) in lines[0]
    assert "--box" in lines[0]
    rho = numbers(found["correlation"])
    assert found["correlation_floor"] == pytest.approx(rho[1, 2], rel=0.2)
    assert found["sky_residual"] == pytest.approx(np.sqrt(found["correlation_floor"]), rel=1e-12)
    assert run("correlate", path, "-q").stderr == ""
    done = run("correlate", path, "--box", 32, "--json")
    assert done.stderr == ""
    found, = json.loads(done.stdout)["images"]
    # 5 errors of 65,536 pixels, and what a mesh of 8 x 8 cells takes off of each lag
    assert np.abs(numbers(found["correlation"])[0]).max() < 5 / 256 + 64 / 65536
    assert found["correlation_floor"] < 1e-3


def test_box_keeps_digits(folder):
    """A level of 1e9 changes nothing: int32 has the digits."""
    data = np.round(30 * tilted())
    low, _ = single(folder, data.astype("i4"), name="low.fits")
    high, _ = single(folder, (data + 1e9).astype("i4"), name="high.fits")
    want, found = one(low, "--box", 32), one(high, "--box", 32)
    np.testing.assert_allclose(numbers(found["covariance"]), numbers(want["covariance"]), rtol=0,
                               atol=1e-4 * want["variance"])
    assert found["sky_residual"] == pytest.approx(want["sky_residual"], abs=1e-2)


def test_box_is_the_background(folder):
    """The same as taking off the model that the command background makes."""
    data = tilted(50).astype("f4")
    path, _ = single(folder, data)
    run("background", path, "--box", 32, "--model", folder / "m.fits")
    want = one(path, "--background", folder / "m.fits")
    found = one(path, "--box", 32)
    # model pixels are rounded to float32 on the way
    np.testing.assert_allclose(numbers(found["covariance"]), numbers(want["covariance"]), rtol=0,
                               atol=1e-5)


def test_regions(folder):
    """Each part is as if it were the image."""
    values, good = masked(14)
    path, options = single(folder, values, good)
    whole = one(path, *options, "--lag", 2)
    found = one(path, *options, "--lag", 2, "--regions", "2x1")
    regions = found.pop("regions")
    assert found == whole
    assert [(r["x"], r["y"], r["width"], r["height"]) for r in regions] == \
        [(0, 0, 32, 50), (32, 0, 32, 50)]
    for region in regions:
        part = np.s_[:, region["x"]:region["x"] + 32]
        check(region, values[part], good[part], 2)
    parts = one(path, *options, "--regions", "3x2")["regions"]
    assert [(r["x"], r["width"], r["y"], r["height"]) for r in parts] == \
        [(x, w, y, 25) for y in (0, 25) for x, w in ((0, 21), (21, 21), (42, 22))]
    good[:, 32:] = False
    other, options = single(folder, values, good, "b.fits")
    assert one(other, *options, "--regions", "2x1")["regions"][1] == \
        {"x": 32, "y": 0, "width": 32, "height": 50, "good": 0}


def stacked(images):
    """What a stack has to be, of its images."""
    rho = np.array([numbers(i["correlation"]) for i in images])
    pairs = np.array([numbers(i["pairs"]) for i in images])
    error = np.array([numbers(i["error"]) for i in images])
    middle = np.median(rho, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = error ** -2
        mean, mean_error = (rho * weight).sum(0) / weight.sum(0), weight.sum(0) ** -0.5
    size = rho.shape[1]
    mean[size // 2, size // 2], mean_error[size // 2, size // 2] = 1, 0
    return {"pairs_mean": (rho * pairs).sum(0) / pairs.sum(0), "median": middle,
            "scatter": np.median(np.abs(rho - middle), axis=0) / 0.6744897501960817,
            "correlation": mean, "error": mean_error}


def check_stack(stack, images):
    assert stack["images"] == len(images)
    for key, want in stacked(images).items():
        np.testing.assert_allclose(numbers(stack[key]), want, rtol=1e-9, atol=1e-12, err_msg=key)


def test_stack(folder):
    """Of six images; the one that is not like the others is named."""
    paths = [single(folder, smooth(SHAPE, n, 0.5 if n else 2.0), name=f"{n}.fits")[0]
             for n in range(6)]
    document = ask("correlate", *paths)
    assert list(document) == ["provenance", "images", "stack", "skipped"]
    check_stack(document["stack"], document["images"])
    outlier, = document["stack"]["outliers"]
    assert outlier["file"] == str(paths[0]) and outlier["index"] == 0 and outlier["deviation"] > 5


@pytest.mark.parametrize("kind, keys", [("ccdnum", ["1", "2"]), ("expnum", ["7", "8"]),
                                        ("band", ["r", "g"])])
def test_groups(folder, kind, keys):
    cards = [dict(CCDNUM=1, EXPNUM=7, FILTER="r"), dict(CCDNUM=2, EXPNUM=8, FILTER="g"),
             dict(CCDNUM=1, EXPNUM=7, FILTER="r")]
    paths = [plain(folder / f"{n}.fits", smooth(SHAPE, n), tan(), **c)
             for n, c in enumerate(cards)]
    document = ask("correlate", *paths, "--group", kind)
    images = document["images"]
    assert [i["ccdnum"] for i in images] == [1, 2, 1] and images[0]["expnum"] == 7
    first, second = document["groups"]
    assert [first["group"], second["group"]] == keys
    check_stack(first, [images[0], images[2]])
    assert second == {"group": keys[1], "images": 1}
    check_stack(document["stack"], images)
    bare = [single(folder, smooth(SHAPE, n), name=f"bare{n}.fits")[0] for n in range(2)]
    group, = ask("correlate", *bare, "--group", kind)["groups"]
    assert (group["group"], group["images"]) == ("", 2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (2, 40)])
def test_thin_images(folder, shape):
    """Lags without pairs are null; nothing else is wrong with them."""
    values = smooth(shape, 5)
    path, _ = single(folder, values)
    outputs = [w for n in ("table", "cube", "output") for w in (f"--{n}", folder / n)]
    found = one(path, "--lag", 2, *outputs)
    want = check(found, values, None, 2)
    for name in ("covariance", "correlation", "error", "error_white", "error_bartlett"):
        rows = found[name]
        for y, x in itertools.product(range(5), repeat=2):
            if want["pairs"][y][x] == 0:
                assert rows[y][x] is None, name
    assert found["dof"] == (np.count_nonzero(want["pairs"]) - 1) // 2
    if values.size > 1:
        run("correlate", path, "--lag", 2, "--figure", folder / "f.png")


def test_constant(folder):
    """No variance: covariances of 0, correlations of nothing."""
    path, _ = single(folder, np.full(SHAPE, 7.0))
    found = one(path)
    assert found["mean"] == 7 and found["variance"] == 0
    assert np.all(numbers(found["covariance"]) == 0)
    assert found["correlation"] == [[None] * 3] * 3
    assert found["area_factor"] is None and found["p_value"] is None


def test_lag_larger_than_the_image(folder):
    values = smooth((6, 9), 3)
    path, _ = single(folder, values)
    check(one(path, "--lag", 12), values, None, 12)
