"""welkin apply: a stored solution, taken off again."""
import json
import shutil

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, fail, names, noise, plain, row, run, state, stsci, tan
from written import check_kept, check_valid


@pytest.fixture
def solved(folder):
    """Four exposures and their ledger."""
    paths, ledger = row(folder, [40, 60, 90, 10], step=30, sigma=1.0), folder / "ledger.json"
    run("match", *paths, "--ledger", ledger, "--subtract", "--output-dir", folder / "match")
    return paths, ledger


def apply(ledger, *paths, out, options=()):
    return ask("apply", "--ledger", ledger, *paths, "--output-dir", out, *options)


def test_same_pixels_as_match(folder, solved):
    paths, ledger = solved
    before = state(paths)
    answer = apply(ledger, *paths, out=folder / "apply")
    assert state(paths) == before
    stored = json.loads(ledger.read_text())
    assert [e["sky"] for e in answer["exposures"]] == [e["sky"] for e in stored["exposures"]]
    for path in paths:
        match, out = folder / "match" / path.name, folder / "apply" / path.name
        np.testing.assert_array_equal(fits.getdata(match), fits.getdata(out))
        for key in ("BKGMETH", "BKGLEVEL", "BKGSUB"):
            assert fits.getval(match, key) == fits.getval(out, key)
        check_kept(path, out, {0})
        check_valid(path, out)


def test_other_order_and_folder(folder, solved):
    """Files are found by path, else by name."""
    paths, ledger = solved
    (folder / "moved").mkdir()
    moved = [shutil.copy(path, folder / "moved" / path.name) for path in reversed(paths[:3])]
    apply(ledger, *moved, out=folder / "apply")
    assert names(folder / "apply") == ["row0.fits", "row1.fits", "row2.fits"]
    for path in paths[:3]:
        np.testing.assert_array_equal(fits.getdata(folder / "match" / path.name),
                                      fits.getdata(folder / "apply" / path.name))


def test_detectors(folder):
    """Each detector finds its own level."""
    flags = np.zeros((40, 40), np.int16)
    paths = []
    for n in range(2):
        planes = [noise((40, 40), 10 * n + 100 * d, seed=n + 9 * d) for d in range(2)]
        paths.append(stsci(folder / f"s{n}.fits", [(p, p, flags, tan(35 * d + 5 * n))
                                                   for d, p in enumerate(planes)]))
    ledger = folder / "ledger.json"
    sky = [e["sky"] for e in ask("match", *paths, "--ledger", ledger)["exposures"]]
    answer = apply(ledger, paths[1], out=folder / "out")
    assert [e["sky"] for e in answer["exposures"]] == sky[2:]
    for d in (1, 2):
        expected = fits.getdata(paths[1], ("SCI", d)).astype("f8") - sky[1 + d]
        np.testing.assert_array_equal(fits.getdata(folder / "out" / "s1.fits", ("SCI", d)),
                                      expected.astype("f4"))


def test_null_is_copied(folder, solved):
    paths, ledger = solved
    text = json.loads(ledger.read_text())
    text["exposures"][2]["sky"] = None
    ledger.write_text(json.dumps(text))
    done = run("apply", "--ledger", ledger, *paths, "--output-dir", folder / "out")
    assert "row2.fits" in done.stderr
    assert (folder / "out" / "row2.fits").read_bytes() == paths[2].read_bytes()


def test_edited_ledger(folder, solved):
    """A ledger is a file that people may write: a few keys are enough."""
    paths, ledger = solved
    ledger.write_text(json.dumps({"method": "mine", "exposures": [
        {"file": paths[0].name, "detector": "", "sky": 12.5}]}))
    apply(ledger, paths[0], out=folder / "out")
    out = folder / "out" / "row0.fits"
    assert fits.getval(out, "BKGMETH") == "mine" and fits.getval(out, "BKGLEVEL") == 12.5
    np.testing.assert_array_equal(fits.getdata(out), fits.getdata(paths[0]) - np.float32(12.5))


def test_output_and_suffix(folder, solved):
    paths, ledger = solved
    run("apply", "--ledger", ledger, paths[0], "-o", folder / "new.fits")
    run("apply", "--ledger", ledger, *paths[1:], "--suffix", "_flat")
    assert {"new.fits", "row1_flat.fits", "row2_flat.fits", "row3_flat.fits"} <= set(names(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"exposures": []}',
                                  '{"method": "x", "exposures": [{}]}',
                                  '{"method": "x", "exposures": [{"file": "row0.fits", '
                                  '"detector": "", "sky": "a"}]}',
                                  '{"method": "x", "exposures": 3}'])
def test_wrong_ledgers(folder, solved, text):
    paths, ledger = solved
    ledger.write_text(text)
    assert "ledger.json" in fail(3, "apply", "--ledger", ledger, paths[0], "--output-dir",
                                 folder / "out")
    assert not (folder / "out").exists()


def test_wrong_use(folder, solved):
    paths, ledger = solved
    out = ("--output-dir", folder / "out")
    stranger = plain(folder / "other.fits", noise((9, 9)), tan())
    assert "other.fits" in fail(2, "apply", "--ledger", ledger, stranger, *out)
    assert "ledger" in fail(2, "apply", paths[0], *out)
    fail(2, "apply", "--ledger", ledger, paths[0])
    assert "nosuch" in fail(3, "apply", "--ledger", folder / "nosuch", paths[0], *out)
    assert not (folder / "out").exists()
    assert "row1.fits" in fail(3, "apply", "--ledger", ledger, *paths, "--output-dir",
                               folder / "match").replace("row0.fits", "row1.fits")
