"""Variance planes: the factor, and copies whose variances, weights or errors are scaled by it."""
import json
import os

import numpy as np
import pytest
from astropy.io import fits

from helpers import (ask, des, fail, lsst, names, noise, plain, run, state, stsci, tan, write)
from written import headers_and_data, key, open_checked, verdict

SHAPE = (100, 120)
PLANES = {"BAD": 0, "SAT": 1, "INTRP": 2, "CR": 3, "EDGE": 4, "DETECTED": 5,
          "DETECTED_NEGATIVE": 6, "NO_DATA": 8}
TRUE = 2.5  # by this the variances below are too small
SIGMA = 2.0


def image(seed=1):
    return noise(SHAPE, 50, SIGMA, seed=seed)


def plane(value):
    return np.full(SHAPE, value, "f4")


def flags():
    mask = np.zeros(SHAPE, np.int32)
    mask[10:20, 10:20] = 1 << PLANES["DETECTED"]
    mask[30:40, 30:50] = 1 << PLANES["EDGE"]
    return mask


def lsst_file(folder, name="a.fits", data=None, mask=None, variance=None):
    return lsst(folder / name, image() if data is None else data,
                flags() if mask is None else mask,
                plane(SIGMA ** 2 / TRUE) if variance is None else variance, tan(), PLANES)


def masked_but(*good):
    mask = np.full(SHAPE, 1, np.int32)
    for place in good:
        mask[place] = 0
    return mask


def refused(folder, status, *words, **options):
    """One sentence, no output, inputs as they were."""
    there = [p for p in folder.rglob("*") if p.is_file()]
    before, listed = state(there), names(folder)
    said = fail(status, "variance", *words, "-q", **options)
    assert names(folder) == listed and state(there) == before
    return said


def outputs(folder):
    return "-o", folder / "o.fits", "--figure", folder / "f.png"


# 12,000 pixels: 2.33 / sqrt N, 5 times; the background takes 20 of as many degrees of freedom
NEAR = pytest.approx(TRUE * 0.9964927, rel=5 * 2.33 / np.sqrt(11800))


def test_json(folder):
    path = lsst_file(folder)
    document = ask("variance", path)
    assert list(document) == ["provenance", "images"]
    found, = document["images"]
    assert found["file"] == str(path) and found["used"] == "pixel" and found["hdu"] == 3
    # EDGE is not among the planes that make a pixel bad here
    assert found["masked"] == 100 and found["good"] == SHAPE[0] * SHAPE[1] - 100
    assert found["factor"] == found["pixel_factor"] == NEAR and found["image_factor"] == NEAR
    assert found["factor_error"] == pytest.approx(
        2.33 / np.sqrt(found["good"]) * found["factor"], rel=0.01)
    background = found["background"]
    assert list(background) == ["nx", "ny", "mean", "min", "max"]
    assert (background["nx"], background["ny"]) == (4, 4)
    assert background["min"] < background["mean"] < background["max"]
    assert background["mean"] == pytest.approx(50, abs=5 * 2 / 110)
    for options, cells in ((("--box", "60x50"), (2, 2)), (("--box", 40), (3, 3)),
                           (("--box", 40, "--bins", "floor+1"), (4, 3))):
        found, = ask("variance", path, *options)["images"]
        assert (found["background"]["nx"], found["background"]["ny"]) == cells


def test_masks(folder):
    path = lsst_file(folder)
    for options, masked in ((("--bad-bits", "DETECTED,EDGE"), 300), (("--bad-bits", "SAT"), 0),
                            (("--bad-bits", "EDGE"), 200)):
        assert ask("variance", path, *options)["images"][0]["masked"] == masked


def test_methods(folder):
    """Half of the variances too large by 9: only what looks at pixels sees it."""
    variance = plane(SIGMA ** 2)
    variance[:40] *= 9
    path = lsst_file(folder, variance=variance)
    for method in ("pixel", "image"):
        found, = ask("variance", path, "--method", method)["images"]
        assert found["used"] == method and found["factor"] == found[f"{method}_factor"]
        assert found["agreement"] == pytest.approx(
            found["pixel_factor"] / found["image_factor"] - 1)
    assert found["image_factor"] == pytest.approx(0.9965, rel=0.11)
    assert found["pixel_factor"] < 0.75
    # the constant is 0.74 by default
    exact, = ask("variance", path, "--constant", "exact")["images"]
    assert exact["pixel_factor"] / found["pixel_factor"] == pytest.approx(
        (0.741301109252802 / 0.74) ** 2, rel=1e-12)


def test_auto_falls_back(folder):
    """Variances near 0 in 2 of 5 pixels: the quartiles of the others are their 1st and 9th tenth, a
    factor of 3.  The image factor goes by the median variance, which is right."""
    variance = plane(SIGMA ** 2)
    variance[:40] = 1e-5
    path = lsst_file(folder, variance=variance)
    done = run("variance", path, "--limit", 2, "-o", folder / "o.fits", "--json")
    found, = json.loads(done.stdout)["images"]
    assert found["pixel_factor"] > 2 > found["image_factor"]
    assert found["factor"] == found["image_factor"] and found["used"] == "image"
    assert "warning" in done.stderr and str(path) in done.stderr
    said = refused(folder, 1, path, "--method", "pixel", "--limit", 2, "-o", folder / "x.fits")
    assert f"{path}[1]" in said and "limit" in said


def test_limit(folder):
    """Above it: no output, the file and the factor named.  A floor raises what is below."""
    path = lsst_file(folder, variance=plane(0.1))
    for method in ("auto", "pixel", "image"):
        said = refused(folder, 1, path, "--method", method, *outputs(folder))
        assert f"{path}[1]" in said and "10" in said
    found, = ask("variance", path, "--limit", 50)["images"]
    assert 30 < found["factor"] < 50
    other = lsst_file(folder, "b.fits")
    said = refused(folder, 1, other, path, "--output-dir", folder / "out")
    assert f"{path}[1]" in said
    done = run("variance", other, "--floor", 4, "--json", "-o", folder / "o.fits")
    found, = json.loads(done.stdout)["images"]
    assert found["factor"] == 4 and found["pixel_factor"] == NEAR
    assert "warning" in done.stderr and str(other) in done.stderr
    with open_checked(folder / "o.fits") as hdus:
        np.testing.assert_array_equal(hdus[3].data, np.float32(SIGMA ** 2 / TRUE) * np.float32(4))


def check_kept(before, after, touched, replaced=("VARIANCE_SCALE",)):
    """Other HDUs are the same bytes; touched ones only gain our cards."""
    old, new = headers_and_data(before), headers_and_data(after)
    assert len(old) == len(new)

    def rest(records):
        return [r for r in records if key(r) not in ("CHECKSUM", "DATASUM", "HISTORY")
                and not any(name.encode() in r for name in replaced)]

    for number, (was, now) in enumerate(zip(old, new)):
        if number not in touched:
            assert was == now, number
            continue
        assert rest(was[0]) == rest(now[0]), number
        assert any(b"VARIANCE_SCALE" in r and r.startswith(b"HIERARCH") for r in now[0])
    assert verdict(after) in (None, (0, 0))


def test_lsst_output(folder):
    """Every variance, that of masked pixels, too; the factor in its header and the primary's."""
    variance = plane(SIGMA ** 2 / TRUE)
    variance[0, :5] = [0, -1, np.nan, np.inf, 7]
    path = lsst_file(folder, variance=variance)
    before = state([path])
    found, = ask("variance", path, "-o", folder / "o.fits")["images"]
    assert state([path]) == before and names(folder) == ["a.fits", "o.fits"]
    check_kept(path, folder / "o.fits", {0, 3})
    with open_checked(folder / "o.fits") as hdus:
        assert hdus[0].header["VARIANCE_SCALE"] == found["factor"]
        assert hdus[3].header["VARIANCE_SCALE"] == found["factor"]
        assert "VARIANCE_SCALE" not in hdus[1].header
        np.testing.assert_array_equal(
            hdus[3].data, (variance.astype(float) * found["factor"]).astype("f4"))
        back = hdus[3].data.astype(float) / hdus[3].header["VARIANCE_SCALE"]
        # one rounding to float32
        np.testing.assert_allclose(back, variance, rtol=6.0e-8)
    again, = ask("variance", folder / "o.fits", "-o", folder / "p.fits")["images"]
    # of the scaled variance nothing is left to mend, but for the roundings of its pixels
    assert again["factor"] == pytest.approx(1, rel=1e-6)
    assert fits.getheader(folder / "p.fits")["VARIANCE_SCALE"] == again["factor"]


def test_errors(folder):
    """stsci: errors by the root of the factor, each detector by its own."""
    zero = np.zeros(SHAPE, np.int16)
    path = stsci(folder / "a.fits", [(image(n), plane(SIGMA / np.sqrt(TRUE * n)), zero, tan())
                                     for n in (1, 2)])
    before = state([path])
    answers = ask("variance", path, "-o", folder / "o.fits")["images"]
    assert state([path]) == before
    check_kept(path, folder / "o.fits", {2, 5})
    with open_checked(folder / "o.fits") as hdus:
        for n, hdu in ((1, 2), (2, 5)):
            factor = answers[n - 1]["factor"]
            assert answers[n - 1]["hdu"] == hdu and factor / n == NEAR
            error = fits.getdata(path, hdu).astype(float)
            np.testing.assert_array_equal(hdus[hdu].data, (error * np.sqrt(factor)).astype("f4"))
            np.testing.assert_allclose(hdus[hdu].data / np.sqrt(factor), error, rtol=1.2e-7)
            assert hdus[hdu].header["VARIANCE_SCALE"] == factor
        assert "VARIANCE_SCALE" not in hdus[0].header


def test_weights(folder):
    """des: weights are divided; a weight of 0 is a bad pixel and stays 0."""
    weight = plane(TRUE / SIGMA ** 2)
    weight[40:50, 40:50] = 0
    path = des(folder / "a.fits", image(), np.zeros(SHAPE, np.int16), weight, tan())
    found, = ask("variance", path, "-o", folder / "o.fits")["images"]
    assert found["factor"] == NEAR and found["masked"] == 100
    check_kept(path, folder / "o.fits", {3})
    with open_checked(folder / "o.fits") as hdus:
        np.testing.assert_array_equal(hdus[3].data,
                                      (weight.astype(float) / found["factor"]).astype("f4"))
        np.testing.assert_allclose(hdus[3].data * found["factor"], weight, rtol=1.2e-7)


def test_decam(folder):
    """The weights' own file is what is copied, under its own name."""
    paths = {}
    for kind, make in (("i", image), ("w", lambda n: plane(TRUE * n / SIGMA ** 2)),
                       ("d", lambda n: np.zeros(SHAPE, np.int32))):
        paths[kind] = write(folder / f"c4d_180101_000000_oo{kind}_g_v1.fits",
                            *(fits.ImageHDU(make(n), tan(200 * n), name=f"N{n}") for n in (1, 2)))
    before = state(paths.values())
    answers = ask("variance", paths["i"], "--output-dir", folder / "out")["images"]
    assert state(paths.values()) == before
    assert names(folder / "out") == [paths["w"].name]
    out = folder / "out" / paths["w"].name
    check_kept(paths["w"], out, {1, 2})
    for n in (1, 2):
        factor = answers[n - 1]["factor"]
        assert answers[n - 1]["detector"] == f"N{n}" and factor / n == NEAR
        np.testing.assert_array_equal(
            fits.getdata(out, n), (fits.getdata(paths["w"], n).astype(float) / factor).astype("f4"))
        assert fits.getheader(out, n)["VARIANCE_SCALE"] == factor
    for target in paths.values():
        said = refused(folder, 2, paths["i"], "-o", target, "--overwrite")
        assert str(target) in said
    one, = ask("variance", f"{paths['i']}[2]", "-o", folder / "one.fits")["images"]
    assert one == {**answers[1], "file": one["file"]}
    check_kept(paths["w"], folder / "one.fits", {2})


def test_weight_file(folder):
    """A weight plane that a user names: a plain file of its own."""
    path = plain(folder / "a.fits", image(), tan())
    weight = plain(folder / "w.fits", plane(TRUE / SIGMA ** 2))
    found, = ask("variance", path, "--weight-file", weight, "-o", folder / "o.fits")["images"]
    assert found["factor"] == NEAR
    check_kept(weight, folder / "o.fits", {0})
    np.testing.assert_array_equal(
        fits.getdata(folder / "o.fits"),
        (np.float64(np.float32(TRUE / SIGMA ** 2)) / found["factor"]).astype("f4") * plane(1))


def halves(folder):
    """The right half of the image twice as noisy as its variances say."""
    data = image()
    data[:, 60:] = 50 + 2 * (data[:, 60:] - 50)
    return lsst_file(folder, data=data, mask=np.zeros(SHAPE, np.int32),
                     variance=plane(SIGMA ** 2))


# 6,000 pixels, and the half's background
HALF = 5 * 2.33 / np.sqrt(5800)


def test_amplifiers(folder):
    """Each half by its own factor; the header says how many, or where they are."""
    path = halves(folder)
    found, = ask("variance", path, "--per", "amplifier", "--amplifiers", "2x1", "-o",
                 folder / "o.fits")["images"]
    assert [(r["x"], r["y"], r["width"], r["height"]) for r in found["regions"]] == \
        [(0, 0, 60, 100), (60, 0, 60, 100)]
    factors = [r["factor"] for r in found["regions"]]
    assert factors == [pytest.approx(0.9965, rel=HALF), pytest.approx(4 * 0.9965, rel=HALF)]
    assert factors[0] < found["factor"] < factors[1]
    assert all(r["usable"] and r["good"] == 6000 for r in found["regions"])
    scaled = fits.getdata(folder / "o.fits", 3)
    np.testing.assert_array_equal(scaled[:, :60], (4 * factors[0] * plane(1)[:, :60]))
    np.testing.assert_array_equal(scaled[:, 60:], (4 * factors[1] * plane(1)[:, 60:]))
    assert fits.getheader(folder / "o.fits", 3)["VARIANCE_SCALE"] == found["factor"]
    said = refused(folder, 3, path, "--per", "amplifier", "-o", folder / "x.fits")
    assert f"{path}[1]" in said and "--amplifiers" in said
    refused(folder, 2, path, "--per", "amplifier", "--amplifiers", "121x1")
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["DATASECA"] = "[1:60,1:100]"
        hdus[1].header["DATASECB"] = "[61:120,1:100]"
    named, = ask("variance", path, "--per", "amplifier")["images"]
    assert named["regions"] == found["regions"]
    with fits.open(path, mode="update") as hdus:
        hdus[1].header["DATASECB"] = "right half"
    assert "DATASECB" in refused(folder, 3, path, "--per", "amplifier")


def test_boxes(folder):
    """A factor a box, joined by straight lines."""
    path = halves(folder)
    found, = ask("variance", path, "--per", "box", "--factor-box", "60x100", "-o",
                 folder / "o.fits")["images"]
    factors = [r["factor"] for r in found["regions"]]
    assert factors == [pytest.approx(0.9965, rel=HALF), pytest.approx(4 * 0.9965, rel=HALF)]
    scaled = fits.getdata(folder / "o.fits", 3).astype(float)
    # centres are at 29.5 and 89.5; beyond them it stays; float32 in between
    want = 4 * np.interp(np.arange(120), [29.5, 89.5], factors)
    np.testing.assert_allclose(scaled, np.tile(want, (100, 1)), rtol=1e-6)
    whole, = ask("variance", path, "--per", "box")["images"]
    assert len(whole["regions"]) == 1 and whole["regions"][0]["factor"] == whole["factor"]
    small, = ask("variance", path, "--per", "box", "--factor-box", 50)["images"]
    assert len(small["regions"]) == 6


def test_a_part_without_pixels(folder):
    """It gets the image's factor, with a warning."""
    mask = np.zeros(SHAPE, np.int32)
    mask[:, 60:] = 1
    path = lsst_file(folder, mask=mask)
    done = run("variance", path, "--per", "amplifier", "--amplifiers", "2x1", "--json", "-o",
               folder / "o.fits")
    found, = json.loads(done.stdout)["images"]
    assert [r["usable"] for r in found["regions"]] == [True, False]
    assert "warning" in done.stderr and f"{path}[1]" in done.stderr
    scaled = fits.getdata(folder / "o.fits", 3)
    assert scaled[0, 100] == np.float32(float(np.float32(SIGMA ** 2 / TRUE)) * found["factor"])


@pytest.mark.parametrize("value", [0, -1, np.nan])
def test_no_variance(folder, value):
    """No pixel can be measured: the factor is 1 and a warning says so."""
    path = lsst_file(folder, variance=plane(value))
    done = run("variance", path, "--json", "-o", folder / "o.fits")
    found, = json.loads(done.stdout)["images"]
    assert found["good"] == 0 and found["factor"] == found["image_factor"] == 1
    assert found["factor_error"] is None
    assert "warning" in done.stderr and f"{path}[1]" in done.stderr
    np.testing.assert_array_equal(fits.getdata(folder / "o.fits", 3), plane(value))


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_pixels(folder, count):
    mask = masked_but(*[(5, 6)][:count])
    path = lsst_file(folder, mask=mask)
    done = run("variance", path, "--no-background", "--json", "-o", folder / "o.fits")
    found, = json.loads(done.stdout)["images"]
    assert found["background"] is None and found["good"] == count
    assert found["pixel_factor"] == found["image_factor"] == found["factor"] == 1
    assert done.stderr.count("\n") == 1 and "warning" in done.stderr
    assert f"{path}[1]" in done.stderr and str(count) in done.stderr
    if count == 0:
        said = refused(folder, 1, path, *outputs(folder)[2:])
        assert f"{path}[1]" in said and "no good pixel" in said


def test_two_pixels(folder):
    """Values 1 and 5 of variance 4: quartiles 2 and 4 of them."""
    data = plane(50)
    data[3, 3], data[4, 4] = 1, 5
    path = lsst_file(folder, data=data, mask=masked_but((3, 3), (4, 4)), variance=plane(4))
    found, = ask("variance", path, "--no-background")["images"]
    assert found["good"] == 2 and found["factor"] == pytest.approx((0.74 * 2 / 2) ** 2, rel=1e-12)


def test_constant_image(folder):
    path = lsst_file(folder, data=plane(7))
    for options in ((), ("--no-background",), ("--method", "image")):
        said = refused(folder, 1, path, *options, *outputs(folder))
        assert f"{path}[1]" in said and "equal" in said
    found, = ask("variance", path, "--floor", 0.5, "-o", folder / "o.fits")["images"]
    assert found["factor"] == 0.5 and found["pixel_factor"] == 0
    assert fits.getdata(folder / "o.fits", 3)[0, 0] == np.float32(SIGMA ** 2 / TRUE) / 2


def test_no_variance_plane(folder):
    path = plain(folder / "a.fits", image(), tan())
    assert f"{path}[0]" in refused(folder, 3, path, *outputs(folder))
    refused(folder, 3, lsst_file(folder, "b.fits"), path, "--output-dir", folder / "out")


@pytest.mark.parametrize("kind, magic", [("png", b"\x89PNG"), ("svg", b"<"), ("pdf", b"%PDF")])
def test_figure(folder, kind, magic):
    path = lsst_file(folder)
    run("variance", path, "--figure", folder / f"f.{kind}")
    assert (folder / f"f.{kind}").read_bytes().startswith(magic)
    said = refused(folder, 2, path, lsst_file(folder, "b.fits"), "--figure", folder / f"x.{kind}")
    assert f"x.{kind}" in said


WRONG = [("--limit", "0"), ("--limit", "-1"), ("--limit", "x"), ("--floor", "-1"),
         ("--floor", "20"), ("--method", "both"), ("--constant", "0.74"), ("--box", "0"),
         ("--bins", "fixed"), ("--per", "ccd"), ("--per", "box", "--factor-box", "0"),
         ("--per", "amplifier", "--amplifiers", "0x2"), ("--figure", "f.gif"), ("--nosuch",),
         ("-o", "a.fits", "--overwrite"), ("--figure", "o.png", "-o", "o.png")]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(folder, words):
    path = lsst_file(folder)
    refused(folder, 2, path, *words, cwd=folder)


def test_no_file(folder):
    refused(folder, 2)
    path = lsst_file(folder)
    refused(folder, 2, path, lsst_file(folder, "b.fits"), "-o", folder / "o.fits")
    refused(folder, 3, folder / "nosuch.fits", *outputs(folder))


def test_outputs_that_cannot_be(folder):
    path = lsst_file(folder)
    (folder / "file").write_text("mine")
    for option, name in (("-o", "file"), ("--output-dir", "file"), ("-o", "no/x.fits"),
                         ("--figure", "no/x.png")):
        said = refused(folder, 3, path, option, folder / name)
        assert str(folder / name.split("/")[0]) in said
    assert (folder / "file").read_text() == "mine"
    cut = lsst_file(folder, "cut.fits")
    os.truncate(cut, os.path.getsize(cut) - 30000)
    assert str(cut) in refused(folder, 3, cut, *outputs(folder))
    assert str(cut) in refused(folder, 3, path, cut, "--output-dir", folder / "out")


def limit_files():
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def test_file_size_limit(folder):
    """The disk is full as far as this process goes."""
    path = lsst_file(folder)
    for option, name in (("-o", "o.fits"), ("--figure", "f.png")):
        said = refused(folder, 3, path, option, folder / name, preexec_fn=limit_files)
        assert name in said


def test_config(folder):
    path = lsst_file(folder)
    options = ("--method", "image", "--box", "40x20", "--bins", "floor+1", "--floor", "0.5",
               "--no-background")
    config = folder / "config.yaml"
    config.write_text(run("variance", path, *options, "--print-config").stdout)
    want = ask("variance", path, *options)["images"]
    assert ask("variance", path, "--config", config)["images"] == want
    assert ask("variance", path, "--config", config, "--background")["images"] != want


def test_several_files(folder):
    """In the order given, one output a file; a list of names does as well."""
    paths = [lsst_file(folder, f"{n}.fits", data=image(n)) for n in (3, 1, 2)]
    answers = ask("variance", *paths, "--output-dir", folder / "out", "--suffix",
                  "_scaled")["images"]
    assert [a["file"] for a in answers] == list(map(str, paths))
    assert names(folder / "out") == ["1_scaled.fits", "2_scaled.fits", "3_scaled.fits"]
    for path, answer in zip(paths, answers):
        assert ask("variance", path)["images"] == [answer]
        assert fits.getheader(folder / "out" / f"{path.stem}_scaled.fits")["VARIANCE_SCALE"] == \
            answer["factor"]
    (folder / "list.txt").write_text("\n".join(map(str, paths)))
    assert ask("variance", f"@{folder}/list.txt")["images"] == answers
    lines = run("variance", *paths).stdout.splitlines()
    assert len(lines) == 4 and lines[2].startswith(f"{paths[1]}[1]")
