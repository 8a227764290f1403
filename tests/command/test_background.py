"""Backgrounds: what is said of them, what is written, and that it can be taken back."""
import json

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, names, noise, plain, run, state, tan, write
from written import open_checked, verdict

SHAPE = (150, 180)
HOLE = (slice(30, 52), slice(70, 101))


def slope(shape=SHAPE):
    y, x = np.mgrid[:shape[0], :shape[1]]
    return 500 + 0.1 * x - 0.05 * y


def image(seed=1, sigma=4.0, dtype=np.float32):
    """A tilted sky with noise and a hole."""
    data = slope() + np.random.default_rng(seed).normal(0, sigma, SHAPE)
    data[HOLE] = np.nan
    return data.astype(dtype)


def fit(folder, path, *options):
    """The answer, and every output but the figure's name."""
    out = {name: folder / f"out_{name}.fits"
           for name in ("output", "model", "rms", "mesh", "background-list")}
    before = state([path])
    answer, = ask("background", path, *options, *(w for name, place in out.items()
                                                  for w in (f"--{name}", place)))["images"]
    assert state([path]) == before
    return answer, out


def read(path, hdu=0):
    with open_checked(path) as hdus:
        return np.array(hdus[hdu].data), hdus[hdu].header.copy()


def test_json(folder):
    path = plain(folder / "a.fits", image(), tan())
    document = ask("background", path, "--box", "40x30")
    assert list(document) == ["provenance", "images"]
    found, = document["images"]
    holes = image().size - np.isfinite(image()).sum()
    assert found["file"] == str(path) and found["hdu"] == 0 and found["preset"] == "welkin"
    assert found["mesh"] == {"nx": 5, "ny": 5, "empty": 0}
    assert found["good"] == image().size - holes and found["masked"] == holes
    assert list(found["level"]) == ["mean", "median", "min", "max", "std"]
    # the error of all pixels' mean is 4 / sqrt(26000); an estimator may lose half of that
    assert found["level"]["mean"] == pytest.approx(slope().mean(), abs=5 * 4 / 160)
    # Gaussian noise clipped at 3 sigma is 1.3 % narrower, and the slope adds 1.2^2 to 4^2
    assert list(found["rms"]) == ["median"] and found["rms"]["median"] == pytest.approx(4, rel=0.1)


def test_level_is_that_of_the_model(folder):
    path = plain(folder / "a.fits", image(), tan())
    for preset in ("welkin", "lsst", "sextractor", "photutils"):
        model = folder / f"{preset}.fits"
        found, = ask("background", path, "--preset", preset, "--model", model)["images"]
        pixels = read(model)[0].astype(float)
        assert pixels.shape == SHAPE and found["preset"] == preset
        for name in ("mean", "median", "min", "max", "std"):
            # float32 pixels of 500, summed in double; the spread of 1e-4 of them loses 4 digits
            assert found["level"][name] == pytest.approx(getattr(np, name)(pixels), rel=1e-6)


def test_outputs(folder):
    """What is taken off is the model to float32's rounding, and all is FITS."""
    path = plain(folder / "a.fits", image(), tan(), BUNIT="adu")
    found, out = fit(folder, path, "--box", "32", "--preset", "lsst")
    less, header = read(out["output"])
    model, about = read(out["model"])
    rms = read(out["rms"])[0]
    assert {p.dtype.name for p in (less, model, rms)} == {"float32"}
    np.testing.assert_array_equal(less, (image().astype(float) - model).astype(np.float32))
    assert np.isnan(less[HOLE]).all() and np.isfinite(model).all() and np.all(rms > 0)
    assert header["BGMEAN"] == found["level"]["mean"] and header["BUNIT"] == "adu"
    assert header["BGVAR"] == pytest.approx(model.astype(float).var(ddof=1), rel=1e-6)
    given = fits.getheader(path)
    assert all(about[k] == given[k] for k in ("CRVAL1", "CRPIX1", "CD2_2", "CTYPE1"))
    for place in out.values():
        assert verdict(place) in (None, (0, 0)), place
    assert not [n for n in names(folder) if not n.endswith(".fits")]


def test_mesh(folder):
    """Cells are their pixels' clipped means, counts and scatters."""
    path = plain(folder / "a.fits", image(), tan())
    found, out = fit(folder, path, "--box", "30x25", "--preset", "lsst")
    with open_checked(out["mesh"]) as hdus:
        mesh = {hdu.name: hdu.data for hdu in hdus if hdu.data is not None}
    assert list(mesh) == ["LEVEL", "ERROR", "COUNT", "RMS", "MEASURED", "MEASRMS"]
    cells = image().reshape(6, 25, 6, 30).swapaxes(1, 2).reshape(6, 6, -1)
    assert mesh["LEVEL"].shape == (6, 6) and found["mesh"]["empty"] == 0
    # 5 errors of a mean of 750 pixels; some are in the hole
    assert np.abs(mesh["MEASURED"] - np.nanmedian(cells, axis=2)).max() < 5 * 1.6 * 4 / 10
    assert np.all(mesh["COUNT"] <= np.isfinite(cells).sum(axis=2))
    assert np.all(mesh["COUNT"] > 0.97 * np.isfinite(cells).sum(axis=2))
    np.testing.assert_array_equal(mesh["LEVEL"], mesh["MEASURED"])
    np.testing.assert_allclose(mesh["ERROR"], mesh["MEASRMS"] / np.sqrt(mesh["COUNT"]), rtol=0.01)


KEYWORDS = {"INTERPSTYLE": 5, "UNDERSAMPLESTYLE": 1, "APPROXSTYLE": -1, "APPROXORDERX": 1,
            "APPROXORDERY": -1, "APPROXWEIGHTING": True, "BKGD_X0": 0, "BKGD_Y0": 0,
            "BKGD_WIDTH": 180, "BKGD_HEIGHT": 150}
STYLES = {"akima": {}, "spline": {"INTERPSTYLE": 2}, "linear": {"INTERPSTYLE": 1},
          "smooth": {"INTERPSTYLE": 2}, "constant": {"INTERPSTYLE": 0},
          "chebyshev:3": {"APPROXSTYLE": 0, "APPROXORDERX": 3, "APPROXORDERY": 3}}
STANDARD = {"SIMPLE", "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "PCOUNT",
            "GCOUNT", "CHECKSUM", "DATASUM", "COMMENT"}
PARENT = {f"{k}{n}A" for k in ("CTYPE", "CRPIX", "CRVAL", "CUNIT") for n in (1, 2)} | {"WCSAXESA"}


@pytest.mark.parametrize("style", STYLES)
def test_background_list(folder, style):
    """Three HDUs, the first one the primary, with LSST's keywords and no others of weight."""
    path = plain(folder / "a.fits", image(), tan())
    _, out = fit(folder, path, "--preset", "lsst", "--box", 32, "--interpolate", style)
    with open_checked(out["background-list"]) as hdus:
        assert len(hdus) == 3
        assert [hdu.data.dtype.name for hdu in hdus] == ["float32", "int32", "float32"]
        assert [hdu.data.shape for hdu in hdus] == [(5, 6)] * 3 and not hdus[1].data.any()
        for hdu in hdus:
            found = {k: hdu.header[k] for k in KEYWORDS}
            if "APPROXSTYLE" in STYLES[style]:
                found["INTERPSTYLE"] = KEYWORDS["INTERPSTYLE"]
            assert found == KEYWORDS | STYLES[style]
            assert hdu.header["CTYPE1A"] == "LINEAR" and hdu.header["CRVAL2A"] == 0
            others = {k for k in hdu.header if not k.startswith("MP_")}
            assert others <= STANDARD | PARENT | set(KEYWORDS), others
        assert hdus[1].header["MP_NO_DATA"] == 8 and "MP_BAD" not in hdus[0].header
        with fits.open(out["mesh"]) as mesh:
            np.testing.assert_array_equal(hdus[0].data, mesh["LEVEL"].data)


@pytest.mark.parametrize("options", [
    (), ("--preset", "lsst", "--box", 20), ("--preset", "lsst", "--box", 50, "--bins", "floor+1"),
    ("--interpolate", "spline", "--box", 30), ("--interpolate", "linear", "--box", 30),
    ("--interpolate", "chebyshev:2", "--box", 30, "--weights", "variance"),
    ("--interpolate", "chebyshev:4", "--box", 20, "--weights", "none"),
    ("--preset", "lsst", "--interpolate", "constant", "--box", 25)], ids=str)
def test_back_and_forth(folder, options):
    """The list's image is the model, and brings back what was taken off."""
    path = plain(folder / "a.fits", image(), tan())
    _, out = fit(folder, path, *options)
    stored, less = out["background-list"], out["output"]
    before = state([stored, less])
    again, one, other = (folder / f"{n}.fits" for n in ("again", "one", "other"))
    document = ask("background", "--evaluate", stored, "-o", again)
    model = read(out["model"])[0]
    # the inverses of our weights are stored in float32; where LSST's are, the same cells make the
    # same bits
    close = {"rtol": 1.2e-7 if "variance" in options else 0}
    np.testing.assert_allclose(read(again)[0], model, **close)
    assert document["elements"] == 1 and document["file"] == str(stored)
    assert document["level"]["mean"] == pytest.approx(model.mean(dtype=float), rel=1e-7)
    assert ask("background", "--evaluate", stored)["level"] == document["level"]
    run("background", "--evaluate", stored, "--restore", less, "-o", one)
    run("background", "--restore", stored, less, "-o", other)
    assert state([stored, less]) == before
    restored = read(one)[0]
    np.testing.assert_array_equal(restored, read(other)[0])
    # two roundings of at most half a unit of 500, which is 3.1e-5
    assert np.nanmax(np.abs(restored - image())) <= 3.1e-5
    assert np.isnan(restored[HOLE]).all() and verdict(again) in (None, (0, 0))


def test_sum_of_two_models(folder):
    """A list of two elements; and where the parent's first pixel is told apart from the cells'."""
    path = plain(folder / "a.fits", image(), tan())
    _, out = fit(folder, path, "--preset", "lsst", "--box", 30)
    with fits.open(out["background-list"]) as hdus:
        more = [fits.ImageHDU(hdu.data, hdu.header) for hdu in hdus]
        write(folder / "two.fits", hdus[0].copy(), *(h.copy() for h in hdus[1:]), *more)
    document = ask("background", "--evaluate", folder / "two.fits", "-o", folder / "sum.fits")
    model = read(out["model"])[0]
    assert document["elements"] == 2
    np.testing.assert_array_equal(read(folder / "sum.fits")[0], model + model)
    header = fits.Header([("CTYPE1A", "LINEAR"), ("CTYPE2A", "LINEAR"), ("CRPIX1A", 1.0),
                          ("CRPIX2A", 1.0), ("CRVAL1A", -7.0), ("CRVAL2A", 4000.0)])
    path = plain(folder / "b.fits", image(), header)
    run("background", path, "--background-list", folder / "b_list.fits")
    about = read(folder / "b_list.fits")[1]
    assert (about["BKGD_X0"], about["BKGD_Y0"]) == (-7, 4000)
    assert (about["CRVAL1A"], about["CRVAL2A"]) == (0, 0)


@pytest.mark.parametrize("kind, magic", [("png", b"\x89PNG"), ("svg", b"<"), ("pdf", b"%PDF")])
def test_figure(folder, kind, magic):
    path = plain(folder / "a.fits", image(), tan())
    run("background", path, "--figure", folder / f"f.{kind}")
    assert (folder / f"f.{kind}").read_bytes().startswith(magic)


@pytest.mark.parametrize("box, rule, cells", [
    ("32", "ceil", (6, 5)), ("30", "ceil", (6, 5)), ("30", "floor+1", (7, 6)),
    ("32", "floor+1", (6, 5)), ("32", "fixed", (6, 5)), ("60x50", "ceil", (3, 3)),
    ("60x50", "floor+1", (4, 4)), ("60x50", "fixed", (3, 3)), ("7x150", "fixed", (26, 1)),
    ("1000", "ceil", (1, 1)), ("1000", "floor+1", (1, 1)), ("180x150", "floor+1", (2, 2))])
def test_bins(folder, box, rule, cells):
    path = plain(folder / "a.fits", image(), tan())
    found, = ask("background", path, "--box", box, "--bins", rule)["images"]
    assert (found["mesh"]["nx"], found["mesh"]["ny"]) == cells


def test_presets_defaults(folder):
    """Each preset is the same as its options written out."""
    path = plain(folder / "a.fits", image(), tan())
    spelt = {
        "lsst": ("--box", 128, "--bins", "ceil", "--statistic", "meanclip", "--clip", "none",
                 "--sigma", 3, "--iterations", 3, "--minimum-good", 0, "--filter", 1,
                 "--interpolate", "akima", "--weights", "sigma", "--undersample", "reduce"),
        "sextractor": ("--box", 64, "--bins", "fixed", "--statistic", "sextractor", "--filter",
                       "3x3", "--minimum-good", 0.5, "--interpolate", "bicubic"),
        "photutils": ("--box", "64x64", "--bins", "fixed", "--statistic", "mode", "--clip",
                      "median", "--sigma", 3, "--iterations", 10, "--filter", 3,
                      "--minimum-good", 0.9, "--interpolate", "zoom"),
        "welkin": ("--box", 128, "--bins", "ceil", "--statistic", "mode", "--clip", "median",
                   "--filter", 3, "--minimum-good", 0.3, "--interpolate", "smooth")}
    for preset, options in spelt.items():
        short = ask("background", path, "--preset", preset)["images"]
        assert ask("background", path, "--preset", preset, *options)["images"] == short
    levels = {ask("background", path, "--preset", preset)["images"][0]["level"]["max"]
              for preset in spelt}
    assert len(levels) == 4


def test_statistics_of_one_cell(folder):
    """One cell: the model is the statistic, which numpy can tell."""
    data = noise((40, 50), 100, 3)
    data[0, :20] = 900
    path = plain(folder / "a.fits", data, tan())

    def level(*options):
        found, = ask("background", path, "--box", 100, "--interpolate", "constant",
                     *options)["images"]
        assert found["level"]["min"] == found["level"]["max"]
        return found["level"]["mean"]

    double = data.astype(float)
    left = double[data < 500]
    # float32 of 100
    close = {"rel": 1e-7}
    assert level("--statistic", "mean", "--clip", "none") == pytest.approx(double.mean(), **close)
    assert level("--statistic", "median", "--clip", "none") == pytest.approx(np.median(data),
                                                                             **close)
    one = left[np.abs(left - np.median(left)) < 50]
    assert level("--statistic", "mean", "--sigma", 8, "--iterations", 5) == pytest.approx(
        one.mean(), **close)
    assert level("--statistic", "mean", "--sigma", 8, "--iterations", 5, "--filter", 5,
                 "--minimum-good", 1) == pytest.approx(one.mean(), **close)
    # nothing else is beyond 8 standard deviations; biweight's own rejection moves it by less
    # than 5 errors of the mean
    for name in ("meanclip", "mode", "biweight", "sextractor"):
        assert abs(level("--statistic", name) - one.mean()) < 5 * 2 * 3 / np.sqrt(one.size), name


@pytest.mark.parametrize("style", ["smooth", "spline", "akima", "linear", "bicubic", "zoom",
                                   "chebyshev:1", "chebyshev:5", "constant"])
def test_styles_find_a_slope(folder, style):
    path = plain(folder / "a.fits", image(sigma=0.01), tan())
    run("background", path, "--box", 15, "--interpolate", style, "--filter", 1, "--statistic",
        "mean", "--clip", "none", "--model", folder / "m.fits")
    left = (read(folder / "m.fits")[0] - slope())[15:-15, 15:-15]
    # away from the hole and its neighbours, whose cells are not centred: off by 1; from edge to
    # edge of a cell it is 2.25, half of which the constant style is off
    left[:67, 40:131] = 0
    # of a mesh mirrored at the edges the kinks ring inwards
    assert np.abs(left).max() < {"constant": 1.2, "zoom": 0.2}.get(style, 0.1)


def test_empty_cells(folder):
    """Cells without pixels are counted; the model spans them."""
    data = image()
    data[30:60, 30:90] = np.nan
    path = plain(folder / "a.fits", data, tan())
    for preset in ("welkin", "lsst", "sextractor", "photutils"):
        found, out = ask("background", path, "--preset", preset, "--box", 30, "--model",
                         folder / f"{preset}.fits", "--mesh", folder / "mesh.fits",
                         "--overwrite")["images"][0], read(folder / f"{preset}.fits")[0]
        mesh = read(folder / "mesh.fits", 5)[0]
        assert found["mesh"]["empty"] == np.isnan(mesh).sum() >= 2
        assert np.isnan(mesh[1, 1:3]).all() and np.isfinite(out).all()
        assert np.abs(out - slope())[30:60, 30:90].max() < 10


def test_minimum_good(folder):
    data = image()
    data[:30, :29] = np.nan
    path = plain(folder / "a.fits", data, tan())
    for least, empty in ((0, 0), (0.03, 0), (0.04, 1)):
        found, = ask("background", path, "--box", 30, "--minimum-good", least)["images"]
        assert found["mesh"]["empty"] == empty


def test_mask_sources(folder):
    """Sources over a third of the frame no longer lift the level."""
    data = image(sigma=2.0)
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    for cy in range(20, 150, 36):
        for cx in range(20, 180, 36):
            data += (300 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / 18.0)).astype(np.float32)
    path = plain(folder / "a.fits", data, tan())
    options = ("--box", 50, "--statistic", "mean", "--clip", "none", "--minimum-good", 0)
    plain_one, = ask("background", path, *options)["images"]
    masked, = ask("background", path, *options, "--mask-sources")["images"]
    rounds = [ask("background", path, *options, "--mask-sources", *more)["images"][0] for more in
              (("--source-rounds", 2), ("--source-rounds", 1), ("--source-sigma", 50),
               ("--source-fwhm", 8), ("--source-grow", 0))]
    truth = slope().mean()
    assert plain_one["sources"] == 0 and plain_one["level"]["mean"] > truth + 5
    assert abs(masked["level"]["mean"] - truth) < 1
    assert 0.1 * data.size < masked["sources"] < 0.8 * data.size
    assert rounds[0] == masked and rounds[2]["sources"] < masked["sources"]
    assert rounds[4]["sources"] < masked["sources"]
    assert len({r["sources"] for r in rounds}) == 5
    assert masked["good"] == plain_one["good"] and masked["masked"] == plain_one["masked"]


def test_config(folder):
    """--print-config is read back; the command line wins."""
    path = plain(folder / "a.fits", image(), tan())
    options = ("--preset", "lsst", "--box", "40x20", "--bins", "floor+1", "--interpolate",
               "chebyshev:2", "--sigma", "2.5", "--undersample", "fail")
    config = folder / "config.yaml"
    config.write_text(run("background", path, *options, "--print-config").stdout)
    want = ask("background", path, *options)["images"]
    assert ask("background", path, "--config", config)["images"] == want
    other = ask("background", path, "--config", config, "--box", 30)["images"]
    assert other == ask("background", path, *options, "--box", 30)["images"] != want
    (folder / "c.json").write_text(json.dumps({"preset": "lsst", "box": 50}))
    assert ask("background", path, "--config", folder / "c.json")["images"] == \
        ask("background", path, "--preset", "lsst", "--box", "50")["images"]


def test_table(folder):
    path = plain(folder / "a.fits", image(), tan())
    lines = run("background", path, "--box", 30).stdout.splitlines()
    assert len(lines) == 2 and lines[1].split()[:3] == [f"{path}[0]", "6x5", "0"]
