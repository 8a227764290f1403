"""Any number of threads gives the same bytes: JSON, ledgers, FITS."""
import itertools
import json
import pathlib

import numpy as np
import pytest

from helpers import SANITIZED, lsst, names, noise, plain, run, tan

THREADS = (1, 7) if SANITIZED else (1, 2, 3, 7)


def contents(folder):
    """Every file's bytes by name."""
    return {name: (folder / name).read_bytes() for name in names(folder)
            if (folder / name).is_file()}


def check_same(found):
    """One answer, and one that says something."""
    first = found[0]
    for other in found[1:]:
        assert other[0] == first[0]
        assert other[1].keys() == first[1].keys()
        for name in first[1]:
            assert other[1][name] == first[1][name], name
    assert first[0] or first[1]


def run_each(folder, *arguments):
    """stdout and outputs by thread count."""
    found = []
    for threads in THREADS:
        out = folder / f"threads{threads}"
        done = run(*(str(a).replace("OUT", str(out)) for a in arguments), "--threads", threads)
        found.append((done.stdout.replace(str(out), "OUT"), contents(out)))
    return found


SCENES = {
    "groups": ("--exposures", 4, "--detectors", 3, "--size", "90x120", "--distortion", "sip"),
    "tpv": ("--exposures", 5, "--size", 130, "--distortion", "tpv", "--layout", "lsst",
            "--gradient", 3, "--overlap", 0.4),
    "plain": ("--exposures", 6, "--size", 110, "--layout", "plain", "--rotation", 5),
}


@pytest.fixture(scope="module", params=SCENES)
def scene(request, shared_folder):
    """A simulated set."""
    folder = shared_folder / request.param
    run("simulate", "--output-dir", folder, "--seed", 3, *SCENES[request.param])
    return sorted(folder.glob("*.fits"))


@pytest.mark.parametrize("kind", SCENES)
def test_simulate(folder, kind):
    check_same(run_each(folder, "simulate", "--output-dir", "OUT", "--json", *SCENES[kind]))


MATCHES = [("--method", "global+match"), ("--group", "exposure"),
           ("--method", "match", "--weights", "variance"),
           ("--method", "local", "--statistic", "mode"), ("--statistic", "midpt", "--up")]


@pytest.mark.parametrize("options", MATCHES, ids=" ".join)
def test_match(folder, scene, options):
    """The JSON on stdout and in the ledger, written images, the figure."""
    found = []
    for threads in THREADS:
        out = folder / f"threads{threads}"
        out.mkdir()
        done = run("match", *scene, *options, "--subtract", "--output-dir", out, "--json",
                   "--ledger", out / "ledger.json", "--figure", out / "figure.svg",
                   "--threads", threads)
        found.append((done.stdout, contents(out)))
        assert done.stdout == (out / "ledger.json").read_text()
    assert len(found[0][1]) == len(scene) + 2
    check_same(found)


def test_two_components(folder):
    """Parts that do not touch, an exposure without pixels, random noise."""
    places = [0, 40, 80, 300, 330, 700]
    paths = [plain(folder / f"{i}.fits", noise((60, 60), 10 * i, seed=i), tan(x))
             for i, x in enumerate(places)]
    paths.append(plain(folder / "empty.fits", noise((60, 60)) * float("nan"), tan(20)))
    for anchor in ((), ("--anchor", "mean")):
        found = [run("match", *paths, *anchor, "--threads", n, "--json") for n in THREADS]
        assert len({done.stdout for done in found}) == 1
        assert len({done.stderr for done in found}) == 1


def test_apply(folder, scene):
    ledger = folder / "ledger.json"
    run("match", *scene, "--ledger", ledger)
    found = []
    for threads in THREADS:
        out = folder / f"threads{threads}"
        done = run("apply", "--ledger", ledger, *scene, "--output-dir", out, "--json",
                   "--threads", threads)
        found.append((done.stdout, contents(out)))
    assert len(found[0][1]) == len(scene)
    check_same(found)


def test_memory_and_quiet_change_nothing(scene):
    """Nor do the other options that only say how the work is done."""
    found = {run("match", *scene, "--json", *options).stdout for options in
             itertools.chain([()], [("-q",), ("-v",), ("--memory", "64M"), ("--threads", 0)])}
    assert len(found) == 1


def test_relative_paths(scene):
    """The folder one stands in changes the files' names only."""
    folder = pathlib.Path(scene[0]).parent
    absolute = run("match", *scene, "--json").stdout
    relative = run("match", *(path.name for path in scene), "--json", cwd=folder).stdout
    assert absolute.replace(f"{folder}/", "") == relative


PRESETS = [("--preset", "welkin", "--box", 30), ("--preset", "lsst", "--box", "25x40"),
           ("--preset", "sextractor", "--box", 32), ("--preset", "photutils", "--box", 20, "--minimum-good", 0.1),
           ("--interpolate", "chebyshev:3", "--box", 24, "--statistic", "biweight"),
           ("--box", 40, "--mask-sources", "--source-sigma", 10, "--source-grow", 1, "--statistic",
            "median", "--minimum-good", 0)]
LESS = ("--memory", "8M")


@pytest.mark.parametrize("options", PRESETS, ids=lambda options: " ".join(map(str, options)))
def test_background(folder, scene, options):
    """Every output but the BackgroundList, and that of one exposure alone."""
    found = []
    for more in [("--threads", n) for n in THREADS] + [(*LESS, "--threads", 4)]:
        out = folder / "-".join(map(str, more))
        out.mkdir()
        done = run("background", *scene, *options, "--output-dir", out, "--json", "--model",
                   out / "m.fits", "--rms", out / "r.fits", "--mesh", out / "c.fits", *more)
        # what says how it was done may differ, what was found may not
        found.append((json.loads(done.stdout)["images"], contents(out)))
    assert len(found[0][1]) == len(scene) + 3
    check_same(found)


def test_background_list(folder):
    """Fitted, drawn, evaluated and brought back."""
    path = plain(folder / "a.fits", noise((300, 310), 50, 3), tan())
    found = []
    for more in [("--threads", n) for n in THREADS] + [(*LESS, "--threads", 4)]:
        out = folder / "-".join(map(str, more))
        out.mkdir()
        # the outputs' history names the inputs
        run("background", path, "--box", 20, "--background-list", "l.fits", "--figure", "f.svg",
            "-o", "o.fits", *more, cwd=out)
        done = run("background", "--evaluate", "l.fits", "-o", "m.fits", "--json", *more, cwd=out)
        run("background", "--restore", "l.fits", "o.fits", "-o", "b.fits", *more, cwd=out)
        found.append((json.loads(done.stdout)["level"], contents(out)))
    assert len(found[0][1]) == 5
    check_same(found)


@pytest.mark.parametrize("options", [(), ("--method", "image", "--box", 16), ("--no-background",),
                                     ("--per", "box", "--factor-box", 40),
                                     ("--per", "amplifier", "--amplifiers", "2x2")],
                         ids=lambda options: " ".join(map(str, options)))
def test_variance(folder, options):
    """Exposures of three detectors with errors: answers and copies."""
    run("simulate", "--output-dir", folder / "in", "--seed", 3, *SCENES["groups"])
    scene = sorted((folder / "in").glob("*.fits"))
    found = []
    for more in [("--threads", n) for n in THREADS] + [(*LESS, "--threads", 4)]:
        out = folder / "-".join(map(str, more))
        done = run("variance", *scene, *options, "--limit", 1000, "--output-dir", out, "--json",
                   *more)
        found.append((json.loads(done.stdout)["images"], contents(out)))
    assert len(found[0][1]) == len(scene)
    check_same(found)


def test_variance_figure(folder):
    path = lsst(folder / "a.fits", noise((300, 310), 50, 3), np.zeros((300, 310), np.int32),
                np.full((300, 310), 5, "f4"), tan(), {"BAD": 0})
    found = []
    for more in [("--threads", n) for n in THREADS] + [(*LESS, "--threads", 4)]:
        run("variance", path, "--figure", folder / "f.svg", "-o", folder / "o.fits", "--overwrite",
            *more)
        found.append((None, contents(folder)))
    check_same(found)
