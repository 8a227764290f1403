"""Any number of threads gives the same bytes: JSON, ledgers, FITS."""
import itertools
import pathlib

import pytest

from helpers import names, noise, plain, run, tan

THREADS = (1, 2, 3, 7)


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
