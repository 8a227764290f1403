"""Written images: pixels less their level, everything else as it was."""
import gzip
import os
import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits

from helpers import (ask, des, fail, lsst, names, noise, packed, plain, row, run, state, stsci,
                     tan, write)
from written import check_kept, check_valid, open_checked

SHAPE = (50, 64)
NAN = (slice(3, 9), slice(20, 31))


def image(seed=1, level=300.0):
    data = noise(SHAPE, level, seed=seed)
    data[NAN] = np.nan
    return data


def subtract(folder, *paths, options=()):
    """Take local levels off; the levels in the order of the exposures."""
    before = state(paths)
    answer = ask("match", *paths, "--method", "local", "--subtract", "--output-dir",
                 folder / "out", *options)
    assert state(paths) == before
    return [e["sky"] for e in answer["exposures"]]


def less(data, level):
    """The difference in double, rounded once."""
    return (data.astype(np.float64) - level).astype(data.dtype)


def check_cards(header, level, done=True, method="local"):
    assert header["BKGMETH"] == method and header["BKGSUB"] is done
    assert header["BKGLEVEL"] == level
    assert any("welkin" in line for line in header["HISTORY"])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_plain_floats(folder, dtype):
    header = tan()
    header["HISTORY"] = "taken at night"
    header["COMMENT"] = "second to none"
    header["LONGTEXT"] = "x" * 150
    path = plain(folder / "a.fits", image().astype(dtype), header)
    level, = subtract(folder, path)
    out = folder / "out" / "a.fits"
    check_valid(path, out)
    check_kept(path, out, {0})
    with open_checked(out) as hdus:
        expected = less(fits.getdata(path), level)
        np.testing.assert_array_equal(hdus[0].data, expected)
        assert np.isnan(hdus[0].data[NAN]).all() and hdus[0].data.dtype == expected.dtype
        check_cards(hdus[0].header, level)


def test_other_hdus(folder):
    """A table, a second image and flags pass through bit for bit."""
    table = fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(9))])
    path = write(folder / "a.fits", fits.ImageHDU(image(), tan(), name="FIRST"), table,
                 fits.ImageHDU(image(2), tan()), fits.ImageHDU(np.ones(SHAPE, "u1")))
    subtract(folder, path)
    check_kept(path, folder / "out" / "a.fits", {1})
    check_valid(path, folder / "out" / "a.fits")


def test_stsci(folder):
    """Each detector loses its own level."""
    flags = np.zeros(SHAPE, np.int16)
    path = stsci(folder / "a.fits", [(image(n, 100.0 * n), image(n), flags, tan(80 * n))
                                     for n in (1, 2)], EXPTIME=3.0)
    levels = subtract(folder, path)
    out = folder / "out" / "a.fits"
    check_kept(path, out, {1, 4})
    check_valid(path, out)
    with open_checked(out) as hdus:
        for version, level in enumerate(levels, 1):
            np.testing.assert_array_equal(hdus["SCI", version].data,
                                          less(fits.getdata(path, ("SCI", version)), level))
            check_cards(hdus["SCI", version].header, level)


def test_lsst(folder):
    path = lsst(folder / "a.fits", image(), np.zeros(SHAPE, np.int32), np.ones(SHAPE, "f4"), tan(),
                {"BAD": 0, "SAT": 1})
    level, = subtract(folder, path)
    check_kept(path, folder / "out" / "a.fits", {1})
    check_valid(path, folder / "out" / "a.fits")
    np.testing.assert_array_equal(fits.getdata(folder / "out" / "a.fits", "IMAGE"),
                                  less(image(), level))


@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "u4", "i8"])
def test_integers_keep_stored_numbers(folder, kind):
    stored = np.random.default_rng(3).integers(0, 250, SHAPE).astype(kind)
    path = plain(folder / "a.fits", stored, tan())
    level, = subtract(folder, path)
    out = folder / "out" / "a.fits"
    check_kept(path, out, {0}, {"BZERO", "BSCALE"})
    check_valid(path, out)
    with fits.open(path, do_not_scale_image_data=True) as was, \
            fits.open(out, do_not_scale_image_data=True) as now:
        np.testing.assert_array_equal(was[0].data, now[0].data)
        zero = was[0].header.get("BZERO", 0) - level
        assert now[0].header["BZERO"] == pytest.approx(zero, rel=1e-15)
    np.testing.assert_allclose(fits.getdata(out), stored.astype(float) - level, rtol=0, atol=1e-4)


def test_blank_stays(folder):
    hdu = fits.PrimaryHDU(np.arange(3200, dtype=np.int16).reshape(SHAPE), tan())
    hdu.header["BLANK"], hdu.header["BSCALE"] = 77, 0.5
    hdu.writeto(folder / "a.fits")
    subtract(folder, folder / "a.fits")
    check_kept(folder / "a.fits", folder / "out" / "a.fits", {0}, {"BZERO"})
    found = fits.getdata(folder / "out" / "a.fits")
    assert np.isnan(found).sum() == 1 and np.isnan(found.flat[77])


@pytest.mark.parametrize("algorithm", ["GZIP_1", "GZIP_2"])
def test_packed_floats(folder, algorithm):
    path = write(folder / "a.fits.fz", packed(image(), tan(), "SCI", compression_type=algorithm))
    level, = subtract(folder, path)
    out = folder / "out" / "a.fits.fz"
    check_valid(path, out)
    with open_checked(out) as hdus:
        np.testing.assert_array_equal(hdus[1].data, less(image(), level))
        check_cards(hdus[1].header, level)
    assert fits.open(out, disable_image_compression=True)[1].header["ZCMPTYPE"] == algorithm


def test_packed_integers(folder):
    stored = np.random.default_rng(3).integers(0, 250, SHAPE).astype("i4")
    path = write(folder / "a.fits.fz", packed(stored, tan(), "SCI"))
    level, = subtract(folder, path)
    out = folder / "out" / "a.fits.fz"
    check_valid(path, out)
    np.testing.assert_allclose(fits.getdata(out), stored - level, rtol=0, atol=1e-4)
    assert fits.open(out, disable_image_compression=True)[1].header["ZCMPTYPE"] == "RICE_1"


def unpacked(path):
    """Pixels as CFITSIO unpacks them."""
    subprocess.run(["funpack", "-O", str(path) + ".plain", str(path)], check=True)
    return fits.getdata(str(path) + ".plain")


@pytest.mark.skipif(not shutil.which("fpack"), reason="no fpack")
@pytest.mark.parametrize("options", [["-r"], ["-r", "-q", "16"], ["-g", "-q", "4"],
                                     ["-r", "-q", "-0.1"], ["-h"], ["-r", "-qz", "8"]])
def test_quantised(folder, options):
    """Stored numbers stay: exactly the level is gone from what the input unpacks to."""
    plain(folder / "a.fits", image(), tan())
    subprocess.run(["fpack", *options, str(folder / "a.fits")], check=True)
    path, out = folder / "a.fits.fz", folder / "out" / "a.fits.fz"
    level, = subtract(folder, path)
    check_valid(path, out)
    before, after = unpacked(path), unpacked(out)
    # two float32 roundings near 300, half a unit of 3e-5 each
    np.testing.assert_allclose(after, before.astype(np.float64) - level, rtol=0, atol=6.2e-5)
    assert np.isnan(after[NAN]).all() and np.isnan(after).sum() == 66


def test_packed_other_planes(folder):
    path = des(folder / "a.fits.fz", image(), np.zeros(SHAPE, "i2"), np.ones(SHAPE, "f4"), tan())
    subtract(folder, path)
    check_kept(path, folder / "out" / "a.fits.fz", {1}, {
        "ZHECKSUM", "ZDATASUM", "THEAP", "PCOUNT", "TFORM1", "TFORM2", "NAXIS1"})


def test_gzipped(folder):
    path = plain(folder / "a.fits", image(), tan())
    with gzip.open(folder / "a.fits.gz", "wb") as out:
        out.write(path.read_bytes())
    level, = subtract(folder, folder / "a.fits.gz")
    out = folder / "out" / "a.fits.gz"
    assert out.read_bytes()[:2] == b"\x1f\x8b"
    np.testing.assert_array_equal(open_checked(out)[0].data, less(image(), level))


def test_keywords_only(folder):
    path = plain(folder / "a.fits", image(), tan())
    answer = ask("match", path, "--method", "local", "--output-dir", folder / "out")
    out = folder / "out" / "a.fits"
    check_kept(path, out, {0})
    check_valid(path, out)
    np.testing.assert_array_equal(fits.getdata(out), image())
    check_cards(fits.getheader(out), answer["exposures"][0]["sky"], done=False)


def test_cards_are_replaced(folder):
    """A second run on an output leaves one set of keywords, and right sums."""
    subtract(folder, plain(folder / "a.fits", image(), tan()))
    level, = subtract(folder, folder / "out" / "a.fits", options=("--suffix", "_b"))
    out = folder / "out" / "a_b.fits"
    check_valid(folder / "out" / "a.fits", out)
    header = fits.getheader(out)
    assert abs(level) < 0.1 and header.count("BKGLEVEL") == 1 and header["BKGLEVEL"] == level


def test_undetermined_is_copied(folder):
    paths = row(folder, [4, 6, 9], step=20)
    with fits.open(paths[1], "update") as hdus:
        hdus[0].data[:] = np.nan
    done = run("match", *paths, "--subtract", "--output-dir", folder / "out")
    assert (folder / "out" / "row1.fits").read_bytes() == paths[1].read_bytes()
    assert "row1.fits" in done.stderr


def test_long_method_and_provenance(folder):
    """HISTORY tells the options, none of which says where or how fast it was done."""
    path = plain(folder / "a.fits", image(), tan())
    subtract(folder, path, options=("--threads", 2, "--nclip", 7, "--lower", -1e6, "--durable"))
    lines = [line for line in fits.getheader(folder / "out" / "a.fits")["HISTORY"]]
    text = "\n".join(lines)
    assert "nclip: 7" in text and "lower: -1e6" in text.replace("1000000.0", "1e6")
    assert "threads" not in text and "out" not in text.split() and str(folder) not in text


class TestNames:
    """Where outputs go."""

    def test_one_output(self, folder):
        paths = row(folder, [4, 6])
        run("match", paths[0], "--method", "local", "--subtract", "-o", folder / "new.fits")
        assert fits.getdata(folder / "new.fits")[0, 0] == 0
        assert str(folder / "x.fits") in fail(2, "match", *paths, "--subtract", "-o",
                                              folder / "x.fits")
        assert names(folder) == ["new.fits", "row0.fits", "row1.fits"]

    def test_suffix(self, folder):
        paths = row(folder, [4, 6])
        run("match", *paths, "--subtract", "--suffix", "_sky")
        assert names(folder) == ["row0.fits", "row0_sky.fits", "row1.fits", "row1_sky.fits"]
        run("match", *paths, "--subtract", "--suffix", "_s", "--output-dir", folder / "o")
        assert names(folder / "o") == ["row0_s.fits", "row1_s.fits"]

    def test_packed_suffix(self, folder):
        path = write(folder / "a.fits.fz", packed(image(), tan()))
        run("match", path, "--method", "local", "--subtract", "--suffix", "_s")
        assert names(folder) == ["a.fits.fz", "a_s.fits.fz"]

    def test_overwrite(self, folder):
        paths = row(folder, [4, 6])
        options = ("--subtract", "--output-dir", folder / "out")
        run("match", *paths, *options)
        old = state([folder / "out" / "row1.fits"])
        (folder / "out" / "row0.fits").unlink()
        assert "row1.fits" in fail(3, "match", *paths, *options)
        assert names(folder / "out") == ["row1.fits"]
        assert state([folder / "out" / "row1.fits"]) == old
        run("match", *paths, *options, "--overwrite", "--up")
        assert fits.getdata(folder / "out" / "row1.fits")[0, 0] != 0 or \
            fits.getval(folder / "out" / "row1.fits", "BKGLEVEL") == 6
        assert names(folder / "out") == ["row0.fits", "row1.fits"]

    def test_never_the_input(self, folder):
        paths = row(folder, [4, 6])
        before = state(paths)
        for options in (("--output-dir", folder), ("--output-dir", f"{folder}/./"),
                        ("--suffix", "")):
            fail(2, "match", *paths, "--subtract", *options, "--overwrite")
        os.symlink(paths[0], folder / "link.fits")
        fail(2, "match", paths[0], "--method", "local", "--subtract", "-o", folder / "link.fits",
             "--overwrite")
        assert state(paths) == before

    def test_same_names(self, folder):
        """Two inputs that would be written under one name."""
        (folder / "a").mkdir(), (folder / "b").mkdir()
        paths = row(folder / "a", [4]) + row(folder / "b", [6])
        assert "row0.fits" in fail(2, "match", *paths, "--subtract", "--output-dir", folder / "out")
        assert not (folder / "out").exists()

    def test_two_brackets_of_one_file(self, folder):
        """One output holds both levels."""
        path = write(folder / "a.fits", fits.ImageHDU(image(1), tan()),
                     fits.ImageHDU(image(2, 50), tan(30)))
        run("match", f"{path}[1]", f"{path}[2]", "--subtract", "--output-dir", folder / "out")
        check_kept(path, folder / "out" / "a.fits", {1, 2})
        assert names(folder / "out") == ["a.fits"]

    def test_subtract_needs_a_place(self, folder):
        fail(2, "match", *row(folder, [4, 6]), "--subtract")
