"""welkin match: levels against numpy on exposures that share one grid of pixels."""
import numpy as np
import pytest
from astropy.io import fits

import reference
from helpers import ask, fail, noise, plain, run, skies, stsci, tan
from reference import Window

# levels are float32 statistics near 100, half a unit in the last place of which is 4e-6
CLOSE = 2e-5
PLACES = [(0, 0), (35, 4), (8, 41), (44, 38), (20, 20)]
LEVELS = [100.0, 103.5, 98.25, 110.0, 101.0]


@pytest.fixture
def scene(folder):
    """Five exposures of one nebula: windows and files."""
    y, x = np.mgrid[0:120, 0:120]
    nebula = 5 * np.exp(-((x - 50) ** 2 + (y - 40) ** 2) / 900.0)
    windows, paths = [], []
    for i, ((left, low), level) in enumerate(zip(PLACES, LEVELS)):
        data = noise((56, 60), level, seed=40 + i) + nebula[low:low + 56, left:left + 60]
        data = data.astype(np.float32)
        data[5 + i, 3:20] = np.nan
        data[30, 7 * i:7 * i + 3] += 500
        windows.append(Window(data, left, low))
        paths.append(plain(folder / f"e{i}.fits", data, tan(left, low)))
    return windows, paths


def check(answer, expected):
    np.testing.assert_allclose(skies(answer), expected, rtol=0, atol=CLOSE)


METHODS = {
    "local": reference.local, "match": reference.match, "global+match": reference.both,
    "global": lambda windows, **o: np.full(len(windows), reference.local(windows, **o).min())}


@pytest.mark.parametrize("statistic", ["mean", "median"])
@pytest.mark.parametrize("method", METHODS)
def test_methods(scene, method, statistic):
    windows, paths = scene
    answer = ask("match", *paths, "--method", method, "--statistic", statistic)
    assert answer["method"] == method and answer["compare"] == "regions" and answer["order"] == 0
    check(answer, METHODS[method](windows, statistic=statistic))
    assert all(e["valid"] and e["error"] > 0 for e in answer["exposures"])


@pytest.mark.parametrize("method", ["match", "global+match"])
def test_up(scene, method):
    windows, paths = scene
    check(ask("match", *paths, "--method", method, "--up"), METHODS[method](windows, up=True))
    assert np.nanmax(skies(ask("match", *paths, "--method", "match", "--up"))) == 0
    down = run("match", *paths, "--down", "--json").stdout
    assert down == run("match", *paths, "--json").stdout


def test_overlaps(scene):
    """Every number of an overlap."""
    windows, paths = scene
    answer = ask("match", *paths)
    expected = reference.pairs(windows)
    assert [(o["a"], o["b"]) for o in answer["overlaps"]] == [edge[:2] for edge in expected]
    sky = skies(answer)
    for overlap, (a, b, value_a, value_b, pixels_a, pixels_b) in zip(answer["overlaps"], expected):
        assert (overlap["pixels_a"], overlap["pixels_b"]) == (pixels_a, pixels_b)
        assert overlap["value_a"] == pytest.approx(value_a, abs=CLOSE)
        assert overlap["value_b"] == pytest.approx(value_b, abs=CLOSE)
        area = windows[a].shared(windows[b]).size * 0.25
        assert overlap["area"] == pytest.approx(area, rel=1e-6)      # a field of one arcmin is flat
        left = (value_a - sky[a]) - (value_b - sky[b])
        assert overlap["residual"] == pytest.approx(left, abs=CLOSE)
    check_summary(answer)


def check_summary(answer):
    before = [o["value_a"] - o["value_b"] for o in answer["overlaps"]]
    after = [o["residual"] for o in answer["overlaps"]]
    assert answer["rms_before"] == pytest.approx(np.sqrt(np.mean(np.square(before))), rel=1e-9)
    assert answer["rms_after"] == pytest.approx(np.sqrt(np.mean(np.square(after))), rel=1e-6)
    assert (answer["components"], answer["rank"], answer["warnings"]) == (1, 4, [])


OPTIONS = [
    dict(nclip=0), dict(nclip=1), dict(lsigma=2.0, usigma=1.5), dict(lower=99.0),
    dict(upper=104.0), dict(lower=97.5, upper=105.0, nclip=0), dict(lower=98.0, nclip=3, usigma=2.5)]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_statistic_options(scene, options, statistic):
    windows, paths = scene
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    answer = ask("match", *paths, "--statistic", statistic, *words)
    check(answer, reference.both(windows, statistic=statistic, **options))
    expected = reference.pairs(windows, statistic=statistic, **options)
    assert [o["pixels_a"] for o in answer["overlaps"]] == [edge[4] for edge in expected]


@pytest.mark.parametrize("statistic, spread", [("mode", 0.45), ("midpt", 0.10)])
def test_histogram_statistics(folder, statistic, spread):
    """3600 Gaussian pixels, sigma 1: mode scatters by 0.2, midpt by 0.02 about -0.025; the rms of
    eight by a quarter of that, five times."""
    paths = [plain(folder / f"{n}.fits", noise((60, 60), 50.0, seed=n), tan()) for n in range(8)]
    levels = skies(ask("match", *paths, "--method", "local", "--statistic", statistic))
    assert np.sqrt(np.mean((levels - 50) ** 2)) < spread
    wide = skies(ask("match", *paths, "--method", "local", "--statistic", statistic,
                     "--bin-width", 1))
    assert (wide != levels).all()


def test_pixel_counts(scene):
    windows, paths = scene
    pixels = [e["pixels"] for e in ask("match", *paths)["exposures"]]
    assert pixels == [int(np.isfinite(window.data).sum()) for window in windows]


@pytest.fixture
def triangle(folder):
    """Three exposures that do not quite agree, with unlike noise and overlaps."""
    places = [(0, 0), (33, 0), (12, 30)]
    return [plain(folder / f"t{i}.fits", noise((60, 60), 10 * i, sigma, seed=i), tan(*place))
            for i, (place, sigma) in enumerate(zip(places, (1.0, 1.0, 5.0)))]


def test_weights_of_pixels(triangle):
    """Round a loop the weighted residuals are one number: the equations of least squares."""
    answer = ask("match", *triangle, "--statistic", "mean")
    loop = [o["residual"] * ((o["pixels_a"] + o["pixels_b"]) / 2) ** 2 for o in answer["overlaps"]]
    np.testing.assert_allclose(np.array(loop) * [1, -1, 1], loop[0], rtol=1e-6)


def test_weights_of_variance(triangle):
    """The same with the variance of a difference of means; 10 %: sigmas come from samples."""
    answer = ask("match", *triangle, "--statistic", "mean", "--weights", "variance")
    sigma = [1.0, 1.0, 5.0]
    loop = [o["residual"] / (sigma[o["a"]] ** 2 / o["pixels_a"] + sigma[o["b"]] ** 2 / o["pixels_b"])
            for o in answer["overlaps"]]
    np.testing.assert_allclose(np.array(loop) * [1, -1, 1], loop[0], rtol=0.1)


def test_flux_keyword(folder):
    """Data in other units: levels are solved in common ones, and told in each image's own."""
    flux = [1.0, 2.0, 0.25]
    windows, paths = [], []
    for i, factor in enumerate(flux):
        data = (noise((60, 60), 80 + 3 * i, seed=i) / factor).astype(np.float32)
        windows.append(Window((data * np.float32(factor)).astype(np.float32), 30 * i, 0))
        paths.append(plain(folder / f"f{i}.fits", data, tan(30 * i), PHOT=factor))
    answer = ask("match", *paths, "--flux-keyword", "PHOT")
    np.testing.assert_allclose(skies(answer) * flux, reference.both(windows), rtol=0, atol=CLOSE)
    assert answer["overlaps"][0]["value_b"] == pytest.approx(reference.pairs(windows)[0][3],
                                                             abs=CLOSE)
    said = fail(3, "match", paths[0], "--method", "local", "--flux-keyword", "PHOTX")
    assert "PHOTX" in said and str(paths[0]) in said


@pytest.mark.parametrize("value", [0, -1.5, "abc"])
def test_wrong_flux(folder, value):
    path = plain(folder / "a.fits", noise((20, 20)), tan(), PHOT=value)
    said = fail(3, "match", path, "--method", "local", "--flux-keyword", "PHOT", "-q")
    assert "PHOT" in said and str(path) in said


def test_masks_and_planes(folder):
    """Flagged pixels do not count, with --no-mask they do."""
    windows, bare, paths = [], [], []
    for i in range(2):
        data, flags = noise((50, 50), 20 + i, seed=i), np.zeros((50, 50), np.int16)
        flags[10 * i:10 * i + 20] = 4
        data[flags != 0] += 30
        paths.append(stsci(folder / f"m{i}.fits", [(data, data, flags, tan(15 * i))]))
        windows.append(Window(np.where(flags, np.nan, data), 15 * i))
        bare.append(Window(data, 15 * i))
    check(ask("match", *paths), reference.both(windows))
    check(ask("match", *paths, "--no-mask"), reference.both(bare))
    check(ask("match", *paths, "--bad-bits", "~4"), reference.both(bare))


def test_rotated_truth(folder):
    """Exposures that share no grid: the flat levels come back exactly."""
    paths = []
    for i, angle in enumerate([0.0, 0.3, -1.0]):
        header = tan(10 * i, 5 * i)
        turn = 0.5 / 3600 * np.array([[-np.cos(angle), np.sin(angle)],
                                      [np.sin(angle), np.cos(angle)]])
        for j in (1, 2):
            header[f"CD{j}_1"], header[f"CD{j}_2"] = turn[j - 1]
        paths.append(plain(folder / f"r{i}.fits", np.full((70, 70), 7.5 * i, "f4"), header))
    answer = ask("match", *paths)
    assert len(answer["overlaps"]) == 3
    np.testing.assert_allclose(skies(answer), [0, 7.5, 15], atol=1e-9)


def test_errors_are_honest(folder):
    """Two exposures, mean: the error about their mean is that of half the difference."""
    side, sigma = 80, 2.0
    paths = [plain(folder / f"{n}.fits", noise((side, side), 5, sigma, n), tan()) for n in (0, 1)]
    answer = ask("match", *paths, "--method", "match", "--statistic", "mean", "--nclip", 0)
    expected = sigma * np.sqrt(2) / side / 2
    for exposure in answer["exposures"]:                # 5 %: sigma of 6400 pixels is good to 1 %
        assert exposure["error"] == pytest.approx(expected, rel=0.05)


def test_check_images(scene, folder):
    """One image an exposure; a bit for each exposure it meets, set on the good pixels they share."""
    windows, paths = scene
    answer = ask("match", *paths, "--nclip", 0, "--check", folder / "check.fits")
    with fits.open(folder / "check.fits", checksum=True) as hdus:
        assert len(hdus) == 1 + len(paths)
        found = {}
        for window, path, hdu in zip(windows, paths, hdus[1:]):
            assert hdu.header["EXPOSURE"] == f"{path}[0]" and hdu.data.shape == window.data.shape
            assert not hdu.data[~np.isfinite(window.data)].any()
            found[str(path)] = sorted(int((hdu.data >> bit & 1).sum()) for bit in range(4))
    counts = {str(path): [] for path in paths}
    for overlap in answer["overlaps"]:
        for side in "ab":
            counts[str(paths[overlap[side]])].append(overlap[f"pixels_{side}"])
    assert found == {path: sorted(pixels) for path, pixels in counts.items()}
    assert "check.fits" in fail(3, "match", *paths, "--check", folder / "check.fits")
