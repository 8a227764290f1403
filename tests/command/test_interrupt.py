"""Ctrl-C and kill -9 in the middle of the work."""
import os
import random
import signal
import subprocess
import time

import numpy as np
import pytest
from astropy.io import fits

from helpers import SANITIZED, WELKIN, names, noise, plain, run, state, tan
from written import open_checked

COPIES = 16
TRIES = 12
SIDE = 400 if SANITIZED else 800  # slow work lasts as long with fewer pixels


@pytest.fixture(scope="module")
def paths(shared_folder):
    """Links to one image: every exposure overlaps with every other, so that measuring is long."""
    first = plain(shared_folder / "x0.fits", noise((SIDE, SIDE), 50), tan())
    for n in range(1, COPIES):
        os.link(first, shared_folder / f"x{n}.fits")
    return [shared_folder / f"x{n}.fits" for n in range(COPIES)]


def start(*arguments):
    return subprocess.Popen([WELKIN, *map(str, arguments)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def wait_until(happened, process):
    """False when the process ended before."""
    while not happened():
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    return True


def appeared(folder, count=1):
    """So many files, hidden or not."""
    return lambda: folder.exists() and len(os.listdir(folder)) >= count


def check_cancelled(process):
    out, err = process.communicate(timeout=120)
    assert out == "" and err.splitlines() == ["welkin match: cancelled"]


def test_interrupt_while_measuring(folder, paths):
    before = state(paths)
    for attempt in range(TRIES):
        process = start("match", *paths, "-q", "--ledger", folder / "l.json", "--subtract",
                        "--output-dir", folder / "out", "--figure", folder / "f.png")
        time.sleep(0.3 / (attempt + 1))
        process.send_signal(signal.SIGINT)
        if process.wait(timeout=120) == 130:
            break
        for name in names(folder)[::-1]:
            (folder / name).rmdir() if name == "out" else (folder / name).unlink()
    else:
        pytest.skip("measuring ended before it could be interrupted")
    check_cancelled(process)
    assert names(folder) == [] and state(paths) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_while_writing(folder, paths, number):
    """Not even the files that are whole stay: half a set would be taken for all of it."""
    before = state(paths)
    for attempt in range(TRIES):
        out = folder / f"out{attempt}"
        process = start("match", *paths, "-q", "--method", "local", "--subtract", "--threads", 1,
                        "--output-dir", out)
        if wait_until(appeared(out, 1 + attempt % 5), process):
            process.send_signal(number)
            if process.wait(timeout=120) == 130:
                break
    else:
        pytest.skip("writing ended before it could be interrupted")
    check_cancelled(process)
    assert not out.exists() and state(paths) == before


def test_interrupt_while_simulating(folder):
    for attempt in range(TRIES):
        out = folder / f"sim{attempt}"
        process = start("simulate", "--output-dir", out, "--exposures", 40, "--size", 500,
                        "--threads", 1)
        if wait_until(appeared(out, 2), process):
            process.send_signal(signal.SIGINT)
            if process.wait(timeout=120) == 130:
                break
    else:
        pytest.skip("simulating ended before it could be interrupted")
    assert not out.exists()


def final(folder):
    """The files under their final names."""
    return [folder / name for name in names(folder) if not name.startswith(".")]


def check_whole(path):
    with open_checked(path) as hdus:
        assert hdus[0].data.shape == (SIDE, SIDE) and hdus[0].header["BKGSUB"]
        assert abs(np.median(hdus[0].data)) < 0.01


def test_kill_while_writing(folder, paths):
    """Every file under its final name is whole; what is left over is hidden."""
    generator = random.Random(5)
    before, hits = state(paths), 0
    for attempt in range(TRIES):
        out = folder / f"out{attempt}"
        process = start("match", *paths, "-q", "--method", "local", "--subtract",
                        "--output-dir", out)
        if wait_until(appeared(out, generator.randrange(1, COPIES // 2)), process):
            time.sleep(generator.random() * 0.003)
            process.kill()
        process.communicate(timeout=120)
        done = final(out) if out.exists() else []
        hits += process.returncode == -signal.SIGKILL and len(done) < COPIES
        for path in done:
            check_whole(path)
        if hits == 3:
            break
    if hits == 0:
        pytest.skip("writing ended before it could be killed")
    assert state(paths) == before


def test_leftovers_do_no_harm(folder, paths):
    """After a kill the same command, run again with --overwrite, succeeds."""
    out = folder / "out"
    command = ("match", *paths[:6], "-q", "--method", "local", "--subtract", "--output-dir", out)
    process = start(*command)
    wait_until(appeared(out), process)
    process.kill()
    process.communicate(timeout=120)
    run(*command, "--overwrite")
    assert len(final(out)) == 6
    for path in final(out):
        check_whole(path)


def test_closed_pipe(paths):
    """A reader that goes away is no crash."""
    process = start("info", *paths, "--json")
    process.stdout.close()
    process.wait(timeout=120)
    assert process.returncode in (0, 3)
    assert len(process.stderr.read().splitlines()) == (process.returncode == 3)
    process.stderr.close()
    assert fits.getheader(paths[0])["NAXIS"] == 2


def test_interrupt_of_correlate(folder, paths):
    """Between two images; nothing is left."""
    before = state(paths)
    for attempt in range(TRIES):
        process = start("correlate", *paths, "-q", "--lag", 9, "-o", folder / "o.json", "--table",
                        folder / "t.fits", "--cube", folder / "c.fits")
        time.sleep(0.3 / (attempt + 1))
        process.send_signal(signal.SIGINT)
        if process.wait(timeout=120) == 130:
            break
        for name in names(folder):
            (folder / name).unlink()
    else:
        pytest.skip("measuring ended before it could be interrupted")
    out, err = process.communicate(timeout=120)
    assert out == "" and err.splitlines() == ["welkin correlate: cancelled"]
    assert names(folder) == [] and state(paths) == before
