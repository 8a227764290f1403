"""Bad input: the right status, one sentence that names the file, and nothing left behind."""
import gzip
import os
import random
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from helpers import (SANITIZED, WELKIN, ask, call, fail, names, noise, packed, plain, row, skies,
                     state, stsci, tan, write)

SHAPE = (40, 40)
GOOD = 20 * 2880


def good(path):
    return plain(path, noise(SHAPE, 5), tan())


def cut(path, size):
    """Keep the first bytes of a good file."""
    good(path)
    os.truncate(path, size)


def cut_packed(path):
    whole = write(path.with_suffix(".whole"), packed(noise((200, 200)), tan()))
    content = whole.read_bytes()
    whole.unlink()
    path.write_bytes(content[:len(content) // 2])


def cut_gzip(path):
    whole = good(path.with_suffix(".whole"))
    content = gzip.compress(whole.read_bytes())
    whole.unlink()
    path.write_bytes(content[:len(content) // 2])


def patch(path, old, new):
    """A good file with a card changed, whatever the standard says."""
    good(path)
    raw = path.read_bytes()
    assert raw.count(old) == 1
    path.write_bytes(raw.replace(old, new.ljust(len(old))[:len(old)]))


def table(path):
    write(path, fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(9))]))


def odd_mask(path):
    stsci(path, [(noise(SHAPE), noise(SHAPE, 5), np.zeros((40, 41), np.int16), tan())])


def masked(path):
    stsci(path, [(noise(SHAPE), noise(SHAPE, 5), np.ones(SHAPE, np.int16), tan())])


def axis(size):
    return b"NAXIS1  =" + str(size).encode().rjust(21)


# what makes the file, the status of info and of match, the HDU that match can name
FILES = {
    "missing": (lambda path: None, 3, 3, ""),
    "directory": (lambda path: path.mkdir(), 3, 3, ""),
    "empty": (lambda path: path.write_bytes(b""), 3, 3, ""),
    "text": (lambda path: path.write_text("no image\n" * 999), 3, 3, ""),
    "zeros": (lambda path: path.write_bytes(bytes(2880 * 9)), 3, 3, ""),
    "cut in the first card": (lambda path: cut(path, 50), 3, 3, ""),
    "cut header": (lambda path: cut(path, 1000), 3, 3, ""),
    "header alone": (lambda path: cut(path, 2880), 3, 3, ""),
    "cut data": (lambda path: cut(path, 2880 + 3000), 3, 3, ""),
    "cut packed": (cut_packed, 3, 3, ""),
    "cut gzip": (cut_gzip, 3, 3, ""),
    "zero size": (lambda path: plain(path, np.zeros((0, 5), "f4"), tan()), 3, 3, "[0]"),
    "one axis": (lambda path: plain(path, np.zeros(50, "f4")), 3, 3, "[0]"),
    "no pixels": (lambda path: fits.PrimaryHDU().writeto(path), 3, 3, ""),
    "table": (table, 3, 3, ""),
    "cube": (lambda path: plain(path, np.zeros((2, 9, 9), "f4"), tan()), 3, 3, "[0]"),
    "huge": (lambda path: patch(path, axis(40), axis(2 ** 40)), 3, 3, ""),
    "negative": (lambda path: patch(path, axis(40), axis(-40)), 3, 3, ""),
    "axis of text": (lambda path: patch(path, axis(40), axis("'a'")), 3, 3, ""),
    "bits": (lambda path: patch(path, b"BITPIX  =                  -32",
                                b"BITPIX  =                   17"), 3, 3, ""),
    "NaN": (lambda path: plain(path, np.full(SHAPE, np.nan, "f4"), tan()), 0, 1, "[0]"),
    "masked": (masked, 0, 1, "[1]"),
    "odd mask": (odd_mask, 3, 3, "[3]"),
    "no coordinates": (lambda path: plain(path, noise(SHAPE)), 0, 1, "[0]"),
    "NaN coordinates": (lambda path: patch(path, b"CRVAL1  =                150.0",
                                           b"CRVAL1  =                  NaN"), 0, 1, "[0]"),
}


def outputs(folder):
    return ("--subtract", "--output-dir", folder / "out", "--ledger", folder / "ledger.json",
            "--figure", folder / "figure.png", "--check", folder / "check.fits")


@pytest.mark.parametrize("kind", FILES)
def test_files(folder, kind):
    make, info_status, match_status, hdu = FILES[kind]
    bad, fine = folder / "bad.fits", good(folder / "fine.fits")
    make(bad)
    there = names(folder)
    if info_status:
        assert str(bad) in fail(info_status, "info", fine, bad, "--json")
    for order in ((bad, fine), (fine, bad)):
        said = fail(match_status, "match", *order, *outputs(folder), "--json")
        assert f"{bad}{hdu}" in said and said.count("bad.fits") == 1
        assert names(folder) == there
    if info_status:
        ledger = folder / "ledger.json"
        ledger.write_text('{"method": "x", "exposures": []}')
        assert str(bad) in fail(info_status, "apply", "--ledger", ledger, bad, "--output-dir",
                                folder / "out")
        assert names(folder) == sorted(there + ["ledger.json"])


def test_planes_of_other_files(folder):
    image = good(folder / "a.fits")
    small = plain(folder / "m.fits", np.zeros((9, 9), "i2"))
    floating = plain(folder / "f.fits", np.zeros(SHAPE, "f4"))
    assert f"{small}[0]" in fail(3, "info", image, "--mask-file", small)
    assert f"{floating}[0]" in fail(3, "info", image, "--mask-file", floating)
    assert f"{small}[0]" in fail(3, "info", image, "--weight-file", small)
    assert "nosuch" in fail(3, "info", image, "--mask-file", folder / "nosuch.fits")
    assert "NOSUCH" in fail(3, "info", image, "--mask-ext", "NOSUCH")
    assert "7" in fail(3, "info", image, "--image-ext", "7")


def test_no_overlap(folder):
    paths = [plain(folder / f"{n}.fits", noise(SHAPE, 5), tan(x=100 * n)) for n in range(3)]
    there = names(folder)
    for method in ("match", "global+match"):
        assert str(paths[0]) in fail(1, "match", *paths, "--method", method, *outputs(folder))
        assert names(folder) == there


def test_all_nan(folder):
    paths = [plain(folder / f"{n}.fits", np.full(SHAPE, np.nan, "f4"), tan()) for n in range(3)]
    for method in ("local", "global", "match", "global+match"):
        assert str(paths[0]) in fail(1, "match", *paths, "--method", method, *outputs(folder))
    assert names(folder) == ["0.fits", "1.fits", "2.fits"]


def test_same_file_twice(folder):
    path, other = good(folder / "a.fits"), good(folder / "b.fits")
    os.symlink(path, folder / "link.fits")
    for twin in (path, f"{folder}/./a.fits", f"{path}[0]", folder / "link.fits"):
        said = fail(2, "match", other, path, twin, *outputs(folder))
        assert "a.fits" in said or "link.fits" in said
    assert names(folder) == ["a.fits", "b.fits", "link.fits"]


@pytest.mark.parametrize("taken", ["out/row1.fits", "ledger.json", "figure.png"])
def test_output_exists(folder, taken):
    paths = row(folder, [4, 6])
    (folder / "out").mkdir()
    (folder / taken).write_text("mine")
    there = names(folder)
    assert taken in fail(3, "match", *paths, *outputs(folder))
    assert (folder / taken).read_text() == "mine" and names(folder) == there


def test_two_outputs_of_one_name(folder):
    """The second would replace the first."""
    paths = row(folder, [4, 6])
    there = names(folder)
    for words in (("--ledger", "x.png", "--figure", "x.png"), ("--ledger", "x", "--check", "x"),
                  ("--subtract", "--suffix", "_m", "--check", folder / "row1_m.fits")):
        said = fail(2, "match", *paths, *words, cwd=folder)
        assert str(words[-1]) in said and "two outputs" in said and names(folder) == there


@pytest.mark.parametrize("option, name, named", [
    ("--output-dir", "file", "file"), ("--output-dir", "file/out", "file"),
    ("--output-dir", "no/such/out", "no/such"), ("--ledger", "file/l.json", "file"),
    ("--ledger", "no/l.json", "no"), ("--figure", "no/f.png", "no"),
    ("--ledger", "out", "out"), ("--figure", "out/x.png", "out/x.png")])
def test_unwritable(folder, option, name, named):
    """A file where a folder must be, a folder where a file must be, no parent: seen before work."""
    paths = row(folder, [4, 6])
    (folder / "file").write_text("mine")
    (folder / "out" / "x.png").mkdir(parents=True)
    there = names(folder)
    said = fail(3, "match", *paths, "--overwrite", *["--subtract"][:option == "--output-dir"],
                option, folder / name)
    assert f"{folder / named}" in said and names(folder) == there


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(folder):
    paths = row(folder, [4, 6])
    (folder / "out").mkdir(mode=0o555)
    assert "out" in fail(3, "match", *paths, *outputs(folder))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_full_standard_output(folder):
    paths = row(folder, [4, 6])
    for words in (["match", *paths, "--json"], ["info", *paths], ["--help"], ["match", *paths]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([WELKIN, *map(str, words), *["-q"][:words[0] == "match"]],
                                  stdout=full, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 3 and done.stderr.count("\n") == 1, words


def limit_files(size):
    import resource
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_file_size_limit(folder):
    """The disk is full as far as this process goes: outputs, ledger, figure, simulation.

    The OpenMP of clang makes a small file of its own at the start, which the limits must allow;
    the ledger is longer than they are, for 12 exposures have 66 overlaps."""
    paths = [plain(folder / f"{n}.fits", noise((200, 200), n), tan()) for n in range(12)]
    before, there = state(paths), names(folder)
    said = fail(3, "match", *paths, "--subtract", "--output-dir", folder / "out", "-q",
                preexec_fn=limit_files(100000))
    assert "out/" in said
    for option, name in (("--ledger", "l.json"), ("--figure", "f.png")):
        assert name in fail(3, "match", *paths, "-q", option, folder / name,
                            preexec_fn=limit_files(8192))
    fail(3, "simulate", "--output-dir", folder / "sim", "--size", 300, "--exposures", 2,
         preexec_fn=limit_files(100000))
    assert names(folder) == there and state(paths) == before


@pytest.fixture
def tiny_disk(folder):
    """A file system of 200 kB, where that may be had."""
    place = folder / "disk"
    place.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "welkin", str(place)],
                           capture_output=True, check=False)
    if mount.returncode:
        pytest.skip("no tmpfs can be mounted: " + mount.stderr.decode().strip())
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_full_disk(folder, tiny_disk):
    """Four images of 163 kB for a disk of 200 kB: none of them stays."""
    paths = [plain(folder / f"{n}.fits", noise((200, 200), n), tan()) for n in range(4)]
    for options in ((), ("--durable", "--threads", 1)):
        said = fail(3, "match", *paths, "--subtract", "--output-dir", tiny_disk, "-q", *options)
        assert "No space left" in said and str(tiny_disk) in said
        assert names(tiny_disk) == []


def tile_row(folder, count):
    """Copies of one tiny file in a row; the list that names them."""
    raw = plain(folder / "t.fits", np.zeros((8, 8), "f4"), tan()).read_bytes()
    (folder / "t.fits").unlink()
    place, data = raw.index(b"CRPIX1  ="), 2880
    lines = []
    for i in range(count):
        card = f"CRPIX1  = {12600.0 - 5 * i:20.1f}".encode()
        pixels = np.full(64, i % 7, ">f4").tobytes()
        (folder / f"{i}.fits").write_bytes(raw[:place] + card + raw[place + 30:data] + pixels
                                           + raw[data + 256:])
        lines.append(f"{folder}/{i}.fits")
    (folder / "list.txt").write_text("\n".join(lines) + "\n")
    return folder / "list.txt"


def limit_descriptors():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))


def test_many_files(folder):
    """5,000 inputs (sanitized 600) with 256 file descriptors: each level is known exactly."""
    count = 600 if SANITIZED else 5000
    listed = tile_row(folder, count)
    answer = ask("match", f"@{listed}", "-q", "--subtract", "--output-dir", folder / "out",
                 preexec_fn=limit_descriptors)
    assert len(answer["overlaps"]) == count - 1 and answer["components"] == 1
    # 5,000 sums of numbers of a few units: some 1e-12
    np.testing.assert_allclose(skies(answer), np.arange(count) % 7, rtol=0, atol=1e-9)
    assert fits.getdata(folder / "out" / f"{count - 1}.fits").max() == 0


def test_mutations(folder):
    """Bytes changed at random places of headers and tables: an answer or a sentence, no crash.

    What goes wrong here the sanitizers see best."""
    sources = [good(folder / "a.fits").read_bytes(),
               write(folder / "b.fits", packed(noise(SHAPE, 3), tan(), "SCI")).read_bytes(),
               stsci(folder / "c.fits", [(noise(SHAPE), noise(SHAPE), np.zeros(SHAPE, "i2"),
                                          tan())]).read_bytes()]
    generator = random.Random(7)
    fine, bad, out = good(folder / "fine.fits"), folder / "bad.fits", folder / "out"
    for trial in range(120 if SANITIZED else 40):
        raw = bytearray(sources[trial % 3])
        for _ in range(generator.choice([1, 3, 20])):
            raw[generator.randrange(min(len(raw), 4 * 2880))] = generator.choice(
                b"\0 0123456789'=/-.ENDTSAX\xff")
        bad.write_bytes(raw)
        done = call("match", bad, fine, "--subtract", "--output-dir", out, "-q", "--json")
        assert done.returncode in (0, 1, 2, 3), (trial, done.stderr)
        assert bool(done.returncode) == bool(done.stderr), (trial, done.stderr)
        assert done.stderr.count("\n") <= 1, (trial, done.stderr)
        shutil.rmtree(out, ignore_errors=True)
