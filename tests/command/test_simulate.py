"""welkin simulate: what is in the files is what truth.json says."""
import json

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from helpers import ask, fail, names, run, skies

QUIET = ("--stars", 0, "--galaxies", 0, "--nebula", 0, "--no-mask")
LAYOUTS = {"stsci": {"image": 1, "mask": 3, "variance": 2},
           "lsst": {"image": 1, "mask": 2, "variance": 3},
           "plain": {"image": 0, "mask": None, "variance": None}}


def simulate(out, *options):
    """The truth, and the files in its order."""
    run("simulate", "--output-dir", out, *options)
    truth = json.loads((out / "truth.json").read_text())
    return truth, [out / exposure["file"] for exposure in truth["exposures"]]


def image(path):
    """Pixels and header of the first image."""
    with fits.open(path) as hdus:
        hdu = next(h for h in hdus if h.data is not None)
        return hdu.data.astype(np.float64), hdu.header.copy()


def everything(folder):
    return {name: (folder / name).read_bytes() for name in names(folder)}



def test_truth_lists_every_file(folder):
    truth, paths = simulate(folder / "s", "--exposures", 5, "--size", "70x50", "--seed", 8)
    assert names(folder / "s") == sorted([p.name for p in paths] + ["truth.json"])
    assert truth["seed"] == 8 and len(paths) == 5
    for exposure in truth["exposures"]:
        assert 100 <= exposure["sky"] <= 1000 and len(exposure["gradient"]) == 2
    assert all({"ra", "dec", "flux"} <= set(source) for source in truth["sources"])
    assert [(e["width"], e["height"]) for e in ask("info", *paths)["exposures"]] == [(70, 50)] * 5


def test_quiet(folder):
    done = run("simulate", "--output-dir", folder / "q", "--exposures", 2, "--size", 40, "-q")
    assert done.stdout == done.stderr == "" and len(names(folder / "q")) == 3


def test_level_gradient_and_noise(folder):
    """A plane fitted to a bare sky: within 5 sigma of the truth."""
    truth, paths = simulate(folder / "s", "--exposures", 3, "--size", 100, "--noise", 2,
                            "--gradient", 8, *QUIET)
    y, x = np.mgrid[0:100, 0:100] - 49.5
    for path, exposure in zip(paths, truth["exposures"]):
        pixels, _ = image(path)
        assert abs(pixels.mean() - exposure["sky"]) < 5 * 2 / 100
        slope = [(pixels * axis).sum() / (axis ** 2).sum() for axis in (x, y)]
        error = 2 / np.sqrt((x ** 2).sum())
        assert np.allclose(slope, exposure["gradient"], rtol=0, atol=5 * error)
        left = pixels - pixels.mean() - slope[0] * x - slope[1] * y
        assert abs(left.std() - 2) < 5 * 2 / np.sqrt(2 * 100 * 100)
        assert np.hypot(*exposure["gradient"]) * 100 <= 8 * np.sqrt(2)


def test_pointing_and_scale(folder):
    truth, paths = simulate(folder / "s", "--exposures", 4, "--size", 80, "--pixel-scale", 0.8,
                            "--ra", 10, "--dec", -30, "--rotation", 20)
    for exposure, found in zip(truth["exposures"], ask("info", *paths)["exposures"]):
        assert found["wcs"]["centre"] == pytest.approx([exposure["ra"], exposure["dec"]], abs=1e-5)
        assert found["wcs"]["pixel_scale"] == pytest.approx(0.8, rel=1e-4)


@pytest.mark.parametrize("distortion, close", [("none", 0.01), ("sip", 0.1)])
def test_stars_are_where_the_catalogue_says(folder, distortion, close):
    """Flux and centroid of every lone star; a distorted pixel's area is some percent off."""
    truth, paths = simulate(folder / "s", "--exposures", 1, "--size", 200, "--stars", 25,
                            "--galaxies", 0, "--nebula", 0, "--noise", 0, "--no-mask",
                            "--distortion", distortion)
    pixels, header = image(paths[0])
    pixels -= truth["exposures"][0]["sky"]
    sky = np.array([(s["ra"], s["dec"]) for s in truth["sources"]])
    places = np.transpose(WCS(header).all_world2pix(*sky.T, 0))
    inside = [i for i, place in enumerate(places) if np.all(np.abs(place - 99.5) < 90)]
    y, x = np.mgrid[0:200, 0:200]
    tested = 0
    for i in inside:
        distances = np.hypot(*(places - places[i]).T)
        if np.sum(distances < 30) > 1:
            continue
        near = np.hypot(x - places[i][0], y - places[i][1]) < 12
        flux = pixels[near].sum()
        assert flux == pytest.approx(truth["sources"][i]["flux"], rel=close)
        centroid = [(axis * pixels)[near].sum() / flux for axis in (x, y)]
        assert centroid == pytest.approx(places[i], abs=0.05)
        tested += 1
    assert tested >= 3


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("distortion", ["none", "sip", "tpv"])
def test_every_kind_opens(folder, layout, distortion):
    _, paths = simulate(folder / "s", "--exposures", 2, "--size", 60, "--layout", layout,
                        "--distortion", distortion, "--detectors", 1 if layout != "stsci" else 2)
    found = ask("info", *paths)["exposures"]
    assert len(found) == (4 if layout == "stsci" else 2)
    for exposure in found:
        assert exposure["layout"] == layout
        assert exposure["wcs"]["distortion"] == {"none": "none"}.get(distortion, distortion.upper())
        assert exposure["bad_pixels"] > 0 and exposure["filter"] and exposure["exposure_time"] > 0
    assert found[0]["hdu"] == LAYOUTS[layout]
    for path in paths:
        check_file(path)


def check_file(path):
    """astropy finds no fault, and the same place for the image's centre."""
    found = ask("info", path)["exposures"][0]["wcs"]["centre"]
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
    pixels, header = image(path)
    centre = [(n - 1) / 2 for n in pixels.shape[::-1]]
    world = WCS(header).all_pix2world([centre], 0)[0]
    assert found == pytest.approx(world, abs=1e-6)


def test_masks_and_noise_planes(folder):
    _, (path, *_) = simulate(folder / "s", "--exposures", 1, "--size", 120, "--noise", 3)
    with fits.open(path) as hdus:
        bad = (hdus["DQ"].data != 0) | ~np.isfinite(hdus["SCI"].data)
        assert np.nanmedian(hdus["ERR"].data) == pytest.approx(3)
    assert ask("info", path)["exposures"][0]["bad_pixels"] == bad.sum()


def test_same_seed_same_bytes(folder):
    options = ("--exposures", 3, "--size", 70, "--distortion", "tpv")
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(folder / name, *options, "--seed", seed)
    assert everything(folder / "a") == everything(folder / "b")
    first, third = everything(folder / "a"), everything(folder / "c")
    assert first.keys() == third.keys()
    assert all(first[name] != third[name] for name in first)


@pytest.mark.parametrize("options", [(), ("--distortion", "sip"), ("--layout", "lsst"),
                                     ("--gradient", 0, "--distortion", "tpv")], ids=str)
def test_match_recovers_the_levels(folder, options):
    """Levels less their mean against the truth's, within 5 of the reported errors."""
    truth, paths = simulate(folder / "s", "--exposures", 9, "--size", 150, "--overlap", 0.3,
                            "--seed", 11, *options)
    answer = ask("match", *paths, "--method", "match")
    true = np.array([e["sky"] for e in truth["exposures"]])
    found, errors = skies(answer), np.array([e["error"] for e in answer["exposures"]])
    pulls = ((found - found.mean()) - (true - true.mean())) / errors
    assert np.abs(pulls).max() < 5
    assert errors.max() < 0.5                        # an error of anything would allow anything


def test_levels_by_group(folder):
    """--group GROUPID: one level for the detectors of an exposure."""
    truth, paths = simulate(folder / "s", "--exposures", 4, "--size", 100, "--detectors", 2,
                            "--overlap", 0.3)
    answer = ask("match", *paths, "--group", "GROUPID")
    sky = skies(answer).reshape(4, 2)
    assert (sky[:, 0] == sky[:, 1]).all()
    true = np.array([e["sky"] for e in truth["exposures"]])
    errors = [g["error"] for g in answer["groups"]]
    assert (np.abs((sky[:, 0] - sky[:, 0].mean()) - (true - true.mean())) < 5 * np.array(errors)).all()


def test_overwrite(folder):
    out = folder / "s"
    simulate(out, "--exposures", 2, "--size", 40)
    before = everything(out)
    assert str(out) in fail(3, "simulate", "--output-dir", out, "--exposures", 3, "--size", 40)
    assert everything(out) == before
    simulate(out, "--exposures", 2, "--size", 40, "--seed", 5, "--overwrite")
    assert names(out) == sorted(before) and everything(out) != before


@pytest.mark.parametrize("options", [
    ("--exposures", 0), ("--exposures", -1), ("--size", 0), ("--size", "10x"), ("--size", "a"),
    ("--overlap", 1), ("--overlap", -0.1), ("--sky", 5), ("--sky", "9,1"), ("--sky", "1,x"),
    ("--layout", "des"), ("--distortion", "x"), ("--noise", -1), ("--stars", -1), ("--dec", 91),
    ("--seed", -1), ("--seed", "x"), ("--pixel-scale", 0), ("--rotation", "nan"),
    ("file.fits",)], ids=str)
def test_wrong_options(folder, options):
    out = folder / "s"
    assert options[0].lstrip("-") in fail(2, "simulate", "--output-dir", out, *options).replace(
        "pixel_scale", "pixel-scale")
    assert not out.exists()


def test_output_dir_is_needed():
    assert "output-dir" in fail(2, "simulate", "--size", 30)
