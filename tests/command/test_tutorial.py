"""docs/tutorial-backgrounds.md as it stands: every command of it, its pictures, its numbers."""
import json
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest
from astropy.io import fits

import png
import repository
from helpers import SOURCE, WELKIN, ask, run

PAGE = SOURCE / "docs" / "tutorial-backgrounds.md"
VISIT, PATCH = ("visit=703697", "detector=80"), ("tract=4226", "patch=17", "band=r")


class Followed:
    """The page's commands run in a folder with a repository."""

    def __init__(self, folder):
        self.folder = folder
        made = repository.build(folder / "repo", size=(300, 240))
        self.truth, self.visits = made.truth, made.visits
        text = PAGE.read_text(encoding="utf-8")
        self.blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        environment = {**os.environ, "PATH": f"{pathlib.Path(WELKIN).parent}:{os.environ['PATH']}"}
        self.done = subprocess.run(["sh", "-eu", "-c", "".join(self.blocks)], cwd=folder, text=True,
                                   capture_output=True, env=environment, timeout=600)

    def get(self, *words):
        """The pixels that a dataset holds."""
        path = ask("get", "--repo", self.folder / "repo", *words)["path"]
        with fits.open(path) as hdus:
            return hdus[1].data.astype("f4")

    def stats(self, *words):
        return ask("stats", *words)["images"][0]


@pytest.fixture(scope="module")
def page(shared_folder):
    return Followed(shared_folder)


def test_it_runs(page):
    assert page.done.returncode == 0, page.done.stderr
    assert len(page.blocks) == 8


def test_every_picture_that_is_named_is_there(page):
    names = set(re.findall(r"-o (\S+\.png)|--histogram (\S+\.png)", "".join(page.blocks)))
    names = {a or b for a, b in names}
    assert len(names) == 14
    for name in names:
        assert min(png.size(page.folder / name)) >= 200, name


def test_what_is_listed(page):
    for word in ("calexpBackground", "deepCoadd_calexp_background", "CHAINED", "2.2i/runs/DP0.2"):
        assert word in page.done.stdout
    for visit in page.visits:
        assert re.search(rf"^ *{visit} ", page.done.stdout, re.M)


def test_numbers_of_the_background(page):
    values = fits.getdata(page.folder / "background.fits").astype(float)
    np.testing.assert_allclose(values, page.truth["background_703697"], rtol=0, atol=1e-3)
    found = page.stats(page.folder / "background.fits")
    for name in ("min", "max", "mean", "median", "std"):
        np.testing.assert_allclose(found["plain"][name], getattr(np, name)(values), rtol=1e-13)
        assert "%.10g" % found["plain"][name] in page.done.stdout
    edges = (values.min() - 0.001, values.max() + 0.001)
    counts, _ = np.histogram(values, 20, edges)
    assert found["histogram"]["counts"] == counts.tolist()


def test_the_coadds_differ_by_the_background(page):
    deep, coadd = page.get("deepCoadd", *PATCH), page.get("deepCoadd_calexp", *PATCH)
    level = fits.getdata(page.folder / "coadd-background.fits")
    assert np.ptp(level) == 0 and level[0, 0] == np.float32(page.truth["coadd_background"])
    difference = deep.astype(float) - coadd
    # the subtraction is rounded once, to the nearest float32
    bound = 0.5 * np.spacing(np.maximum(np.abs(deep), np.abs(coadd))).astype(float)
    off = np.abs(difference - float(level[0, 0]))
    finite = np.isfinite(off)
    assert finite.any() and not finite.all()
    assert (off[finite] <= bound[finite]).all()
    paths = [ask("get", "--repo", page.folder / "repo", name, *PATCH)["path"]
             for name in ("deepCoadd", "deepCoadd_calexp")]
    found = page.stats(paths[0], "--compare", paths[1])
    assert found["plain"]["mean"] is None
    np.testing.assert_allclose(found["finite"]["mean"], difference[finite].mean(), rtol=1e-12)
    np.testing.assert_allclose(found["finite"]["std"], difference[finite].std(), rtol=1e-6)
    assert 0 < found["finite"]["std"] < 1e-4


def test_backgrounds_across_visits(page):
    """Against numpy on the images of the same lists, each evaluated by itself."""
    listed = (page.folder / "backgrounds.txt").read_text().split()
    assert len(listed) > len(page.visits)  # one more in an older run
    stack = []
    for k, path in enumerate(listed):
        run("background", "--evaluate", page.folder / path, "-o", page.folder / f"b{k}.fits")
        stack.append(fits.getdata(page.folder / f"b{k}.fits").astype(float))
    with fits.open(page.folder / "across.fits") as hdus:
        assert (hdus["COUNT"].data == len(listed)).all()
        # float32 planes
        np.testing.assert_allclose(hdus["MEAN"].data, np.mean(stack, axis=0), rtol=1e-7)
        np.testing.assert_allclose(hdus["STD"].data, np.std(stack, axis=0), rtol=1e-7)
        np.testing.assert_array_equal(hdus["MIN"].data, np.min(stack, axis=0).astype("f4"))
        np.testing.assert_array_equal(hdus["MAX"].data, np.max(stack, axis=0).astype("f4"))


def test_the_rounding_follows_the_brightness(page):
    """What the page says at its end: bright pixels scatter, and restoring loses a last digit."""
    deep, coadd = page.get("deepCoadd", *PATCH), page.get("deepCoadd_calexp", *PATCH)
    finite = np.isfinite(deep)
    off = (deep.astype(float) - coadd - page.truth["coadd_background"])[finite]
    bright = np.abs(deep[finite]) > np.percentile(np.abs(deep[finite]), 99)
    assert np.std(off[bright]) > 3 * np.std(off[~bright])
    with fits.open(page.folder / "restored.fits") as hdus:
        rest = np.abs(deep.astype(float) - hdus[1].data)[finite]
    # two roundings, each by half a step of the largest number on the way
    largest = np.maximum(np.abs(deep), np.abs(coadd))[finite]
    assert (rest <= np.spacing(largest).astype(float)).all()


def test_the_page_prints_what_json_has(page):
    found = json.loads(subprocess.run(
        [WELKIN, "show", page.folder / "background.fits", "--limits", "minmax", "--json"],
        capture_output=True, text=True, check=True).stdout)
    assert "limits %.9g %.9g" % tuple(found["limits"]) in page.done.stdout
