"""What welkin show refuses: one sentence, the status, no picture."""
import os
import subprocess
import signal
import time

import numpy as np
import pytest
from astropy.io import fits

from helpers import SANITIZED, WELKIN, fail, lsst, names, noise, plain, run, state, stsci, tan

SHAPE = (40, 50)


def image(folder, name="a.fits", header=None):
    return plain(folder / name, noise(SHAPE), header)


@pytest.mark.parametrize("words, said", [
    (("--limits", "zscal"), "none of zscale"),
    (("--limits", "5,1"), "below the second"),
    (("--limits", "1,1"), "below the second"),
    (("--limits", "1,nan"), "none of zscale"),
    (("--limits", "percentile:5"), "none of zscale"),
    (("--limits", "percentile:-1,50"), "0 to 100"),
    (("--limits", "percentile:1,101"), "0 to 100"),
    (("--scale", "cubic"), "--scale"),
    (("--colormap", "jet"), "--colormap"),
    (("--axes", "polar"), "--axes"),
    (("--size", "0"), "--size"),
    (("--size", "40000"), "1 to 32768"),
    (("--q", "x"), "--q"),
    (("--planes", "BAD"), "--mask-overlay"),
    (("--mark-columns", "x,y"), "--marks"),
])
def test_usage(folder, words, said):
    path = image(folder)
    message = fail(2, "show", path, "-o", folder / "a.png", *words)
    assert said in message
    assert names(folder) == ["a.fits"]


def test_names_of_pictures(folder):
    path = image(folder)
    assert ".png, .svg or .pdf" in fail(2, "show", path, "-o", folder / "a.jpg")
    assert "a.fits" in fail(2, "show", path, "-o", path)
    (folder / "a.png").write_bytes(b"mine")
    assert "a.png" in fail(3, "show", path, "-o", folder / "a.png")
    assert (folder / "a.png").read_bytes() == b"mine"
    assert "nowhere" in fail(3, "show", path, "-o", folder / "nowhere" / "a.png")
    run("show", path, "-o", folder / "a.png", "--overwrite")
    assert (folder / "a.png").read_bytes()[:4] == b"\x89PNG"


def test_an_input_is_never_replaced(folder):
    """Neither a table of marks nor what is taken off, whatever its name is."""
    path, other = image(folder), image(folder, "b.png")
    (folder / "stars.svg").write_text("x,y\n1,2\n")
    before = state([path, other, folder / "stars.svg"])
    assert "input" in fail(2, "show", path, "--minus", other, "-o", other, "--overwrite")
    assert "input" in fail(2, "show", path, "--marks", folder / "stars.svg", "-o",
                           folder / "stars.svg", "--overwrite")
    assert state([path, other, folder / "stars.svg"]) == before


def test_no_files_and_too_many(folder):
    assert "no file" in fail(2, "show")
    path = stsci(folder / "two.fits", [(noise(SHAPE), None, None, None)] * 2)
    assert "--panel" in fail(2, "show", path, "-o", folder / "a.png")
    many = stsci(folder / "many.fits", [(noise((4, 4)), None, None, None)] * 65)
    assert "65 images" in fail(2, "show", many, "--panel", "-o", folder / "a.png")


def test_files_that_are_none(folder):
    path = image(folder)
    cut = folder / "cut.fits"
    cut.write_bytes(path.read_bytes()[:6000])
    (folder / "text.fits").write_text("hello")
    (folder / "empty.fits").write_bytes(b"")
    fits.HDUList([fits.PrimaryHDU()]).writeto(folder / "none.fits")
    for name in ("cut.fits", "text.fits", "empty.fits", "none.fits", "gone.fits", "."):
        message = fail(3, "show", folder / name, "-o", folder / "a.png")
        assert name in message or "directory" in message
    assert "a.png" not in names(folder)


def test_coordinates_that_are_missing(folder):
    path = image(folder)
    message = fail(1, "show", path, "--axes", "sky", "-o", folder / "a.png")
    assert "a.fits" in message
    (folder / "s.csv").write_text("ra,dec\n1,2\n")
    assert "a.fits" in fail(1, "show", path, "--marks", folder / "s.csv", "-o", folder / "a.png")
    assert sorted(names(folder)) == ["a.fits", "s.csv"]


def test_masks_that_are_missing(folder):
    path = image(folder)
    assert "no mask" in fail(3, "show", path, "--mask-overlay", "-o", folder / "a.png")
    path = lsst(folder / "l.fits", noise(SHAPE), np.zeros(SHAPE, "i4"), np.ones(SHAPE, "f4"), None,
                {"BAD": 0})
    assert '"WORSE"' in fail(2, "show", path, "--mask-overlay", "--planes", "BAD,WORSE")


def test_marks_that_are_none(folder):
    path = image(folder, header=tan())
    (folder / "t.csv").write_text("a,b\n1,2\n")
    assert "--mark-columns" in fail(3, "show", path, "--marks", folder / "t.csv")
    assert "c" in fail(3, "show", path, "--marks", folder / "t.csv", "--mark-columns", "a,c")
    assert "two names" in fail(2, "show", path, "--marks", folder / "t.csv", "--mark-columns", "a")
    assert "gone.csv" in fail(3, "show", path, "--marks", folder / "gone.csv")


def test_what_is_taken_off_must_fit(folder):
    path = image(folder)
    other = plain(folder / "b.fits", noise((40, 51)))
    assert "51 x 40" in fail(3, "show", path, "--minus", other)
    two = stsci(folder / "two.fits", [(noise(SHAPE), None, None, None)] * 2)
    assert "2 images" in fail(2, "show", path, "--minus", two)


def test_a_full_disk(folder):
    path = image(folder)
    done = subprocess.run(["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", WELKIN, "show", path, "-o",
                           folder / "a.png", "--colorbar"], capture_output=True, text=True)
    assert done.returncode == 3 and done.stdout == ""
    assert "a.png" in done.stderr and len(done.stderr.splitlines()) == 1
    done = subprocess.run(["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", WELKIN, "show", path, "-o",
                           folder / "a.png", "--axes", "none", "--size", "4000"],
                          capture_output=True, text=True)
    assert done.returncode == 3 and names(folder) == ["a.fits"]


@pytest.mark.skipif(SANITIZED, reason="tested once, in the plain build")
def test_interrupt(folder):
    """Ctrl-C while pixels are read: status 130, nothing left."""
    path = folder / "big.fits"
    fits.writeto(path, noise((6000, 6000)))
    command = [WELKIN, "show", path, "-o", folder / "a.png", "--axes", "none", "--size", "6000",
               "--threads", "1"]
    for wait in (0.02, 0.08, 0.3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode in (130, 0, -signal.SIGINT)
        if process.returncode == 0:
            os.remove(folder / "a.png")
        assert names(folder) == ["big.fits"]
