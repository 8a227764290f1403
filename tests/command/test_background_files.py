"""Backgrounds of every kind of file, several at once, and what other HDUs keep."""
import gzip
import shutil

import numpy as np
import pytest
from astropy.io import fits

from helpers import (ask, des, fail, lsst, names, noise, packed, plain, run, state, stsci, tan,
                     write)
from written import headers_and_data, key, open_checked, verdict

SHAPE = (90, 100)
PLANES = {"BAD": 0, "SAT": 1, "INTRP": 2, "CR": 3, "EDGE": 4, "DETECTED": 5, "NO_DATA": 8}
BOX = ("--preset", "lsst", "--box", 30)


def image(seed=1, level=300.0):
    data = noise(SHAPE, level, 5, seed=seed)
    data[3:9, 20:31] = np.nan
    return data


def subtract(folder, *paths, options=BOX):
    """Answers and, from their lists, what was taken off each of them."""
    before = state(paths)
    answer = ask("background", *paths, *options, "--output-dir", folder / "out", "--model",
                 folder / "models.fits")["images"]
    assert state(paths) == before
    with open_checked(folder / "models.fits") as hdus:
        models = [np.array(hdu.data) for hdu in hdus if hdu.data is not None]
        if len(models) > 1:
            assert [h.header["EXTVER"] for h in hdus[1:]] == list(range(1, len(models) + 1))
    assert len(models) == len(answer)
    return answer, models


def less(data, model):
    return data.astype(float) - model.astype(float)


def check_kept(before, after, touched):
    """Other HDUs are the same bytes; touched ones only gain our cards."""
    old, new = headers_and_data(before), headers_and_data(after)
    ours = {"BGMEAN", "BGVAR", "CHECKSUM", "DATASUM", "HISTORY"}
    assert len(old) == len(new)
    for number, (was, now) in enumerate(zip(old, new)):
        if number not in touched:
            assert was == now, number
            continue
        rest = [r for r in now[0] if key(r) not in ours]
        assert rest == [r for r in was[0] if key(r) not in ours]
        assert any(r.startswith(b"HISTORY welkin ") for r in now[0])
    assert verdict(after) in (None, (0, 0))


def check_cards(header, answer):
    assert header["BGMEAN"] == answer["level"]["mean"]
    assert header["BGVAR"] == pytest.approx(answer["level"]["std"] ** 2, rel=1e-3)


def test_float64(folder):
    path = plain(folder / "a.fits", image().astype("f8"), tan())
    (answer,), (model,) = subtract(folder, path)
    check_kept(path, folder / "out" / "a.fits", {0})
    with open_checked(folder / "out" / "a.fits") as hdus:
        assert hdus[0].data.dtype.name == "float64"
        np.testing.assert_array_equal(hdus[0].data, less(fits.getdata(path), model))
        check_cards(hdus[0].header, answer)


@pytest.mark.parametrize("kind", ["i2", "i4", "u2", "scaled"])
def test_integers_become_float32(folder, kind):
    data = np.nan_to_num(image(), nan=300).round()
    hdu = fits.PrimaryHDU(data.astype("i2" if kind == "scaled" else kind), tan())
    if kind == "scaled":
        hdu.header["BSCALE"], hdu.header["BZERO"] = 0.5, 100.0
        data = 0.5 * data + 100
    path = folder / "a.fits"
    hdu.writeto(path)
    if kind == "scaled":
        with fits.open(path, mode="update", do_not_scale_image_data=True) as hdus:
            hdus[0].header["BSCALE"], hdus[0].header["BZERO"] = 0.5, 100.0
        data = fits.getdata(path).astype(float)
    _, (model,) = subtract(folder, path)
    with open_checked(folder / "out" / "a.fits") as hdus:
        assert hdus[0].data.dtype.name == "float32"
        assert not {"BSCALE", "BZERO"} & set(hdus[0].header)
        np.testing.assert_array_equal(hdus[0].data, less(data, model).astype(np.float32))


def test_stsci(folder):
    """Each detector loses its own model; flagged pixels count for nothing but lose it, too."""
    flags = np.zeros(SHAPE, np.int16)
    flags[40:60, 10:30] = 4
    data = [image(n, 100.0 * n) for n in (1, 2)]
    for plane in data:
        plane[flags > 0] += 5000
    path = stsci(folder / "a.fits", [(d, image(3), flags, tan(80 * n))
                                     for n, d in enumerate(data)], EXPTIME=3.0)
    answers, models = subtract(folder, path)
    check_kept(path, folder / "out" / "a.fits", {1, 4})
    with open_checked(folder / "out" / "a.fits") as hdus:
        for i, hdu in enumerate((1, 4)):
            assert answers[i]["hdu"] == hdu and answers[i]["masked"] == 66 + 400
            # 5 errors of a cell's mean
            assert answers[i]["level"]["max"] < 100 * (i + 1) + 5 * 5
            np.testing.assert_array_equal(hdus[hdu].data, less(data[i], models[i])
                                          .astype(np.float32))
            check_cards(hdus[hdu].header, answers[i])
        assert "BGMEAN" not in hdus[0].header


def lsst_file(folder, name="a.fits"):
    mask = np.zeros(SHAPE, np.int32)
    mask[5:25, 5:25] = 1 << PLANES["DETECTED"]
    mask[30:50, 30:50] = 1 << PLANES["SAT"]
    mask[60:70, 60:70] = 1 << PLANES["NO_DATA"]
    return lsst(folder / name, image(), mask, np.full(SHAPE, 25, "f4"), tan(), PLANES)


def test_lsst(folder):
    """BAD, EDGE, DETECTED and NO_DATA are bad, SAT is not; the primary says what was taken off."""
    path = lsst_file(folder)
    (answer,), (model,) = subtract(folder, path)
    holes = np.isnan(image())
    assert answer["masked"] == 400 + 100 + holes.sum() - holes[5:25, 5:25].sum()
    with open_checked(folder / "out" / "a.fits") as hdus:
        check_cards(hdus[0].header, answer)
        np.testing.assert_array_equal(hdus[1].data, less(image(), model).astype(np.float32))
        for hdu in (2, 3):
            np.testing.assert_array_equal(hdus[hdu].data, fits.getdata(path, hdu))
    assert verdict(folder / "out" / "a.fits") in (None, (0, 0))
    (other,) = ask("background", path, "--bad-bits", "SAT")["images"]
    assert other["masked"] == 400 + holes.sum()
    (other,) = ask("background", path, "--no-mask")["images"]
    assert other["masked"] == holes.sum()


def decam(folder):
    """Image, weight and flags in sibling files of two CCDs."""
    paths = {}
    for kind, plane in (("i", lambda n: image(n, 100.0 * n)), ("w", lambda n: np.full(SHAPE, 0.04,
                                                                                     "f4")),
                        ("d", lambda n: np.zeros(SHAPE, np.int32))):
        paths[kind] = write(folder / f"c4d_180101_000000_oo{kind}_g_v1.fits",
                            *(fits.ImageHDU(plane(n), tan(200 * n), name=f"N{n}")
                              for n in (1, 2)))
    return paths


def test_decam(folder):
    paths = decam(folder)
    before = state(paths.values())
    answers, models = subtract(folder, paths["i"])
    assert state(paths.values()) == before and names(folder / "out") == [paths["i"].name]
    check_kept(paths["i"], folder / "out" / paths["i"].name, {1, 2})
    for n in (1, 2):
        assert answers[n - 1]["detector"] == f"N{n}"
        assert answers[n - 1]["level"]["mean"] == pytest.approx(100 * n, abs=1)
        np.testing.assert_array_equal(fits.getdata(folder / "out" / paths["i"].name, n),
                                      less(image(n, 100.0 * n), models[n - 1]).astype("f4"))


def test_des(folder):
    mask = np.zeros(SHAPE, np.int16)
    mask[50:60, 50:60] = 8
    weight = np.ones(SHAPE, "f4")
    weight[70:80, 70:80] = 0
    path = des(folder / "a.fits", image(), mask, weight, tan())
    (answer,), (model,) = subtract(folder, path)
    assert answer["masked"] == 66 + 200
    check_kept(path, folder / "out" / "a.fits", {1})
    np.testing.assert_array_equal(fits.getdata(folder / "out" / "a.fits", 1),
                                  less(image(), model).astype("f4"))


def test_compressed(folder):
    """Tiles and gzip are read as the plain file is, and written again as what they were."""
    plane = plain(folder / "a.fits", image(), tan())
    (want,), (model,) = subtract(folder, plane)
    (folder / "models.fits").unlink()
    tiled = write(folder / "b.fits.fz", packed(image(), tan()))
    zipped = folder / "c.fits.gz"
    zipped.write_bytes(gzip.compress(plane.read_bytes()))
    answers, models = subtract(folder, tiled, zipped)
    for answer, other in zip(answers, models):
        assert {k: answer[k] for k in ("level", "mesh", "rms", "good")} == \
            {k: want[k] for k in ("level", "mesh", "rms", "good")}
        np.testing.assert_array_equal(other, model)
    for name, hdu in (("b.fits.fz", 1), ("c.fits.gz", 0)):
        np.testing.assert_array_equal(fits.getdata(folder / "out" / name, hdu),
                                      less(image(), model).astype("f4"))
    assert (folder / "out" / "c.fits.gz").read_bytes()[:2] == b"\x1f\x8b"
    # pixels of which each has a value of its own do not go into tiles again
    with open_checked(folder / "out" / "b.fits.fz") as hdus:
        assert type(hdus[1]) is fits.ImageHDU and hdus[1].header["CRPIX1"] == 101


def test_quantised_tiles(folder):
    """What lossy tiles hold less the model, in float32."""
    path = write(folder / "b.fits.fz", packed(noise(SHAPE, 300, 5), tan(), quantize_level=16,
                                              compression_type="RICE_1"))
    _, (model,) = subtract(folder, path)
    # astropy takes a tile's values from its steps in double, CFITSIO in an order of its own
    np.testing.assert_allclose(fits.getdata(folder / "out" / "b.fits.fz", 1),
                               less(fits.getdata(path, 1), model), rtol=0, atol=6e-5)


def test_several_files(folder):
    """One answer an exposure in the order of the arguments, one output a file."""
    paths = [plain(folder / f"{n}.fits", image(n, 100.0 * n), tan()) for n in (1, 2, 3)]
    paths.insert(1, stsci(folder / "s.fits", [(image(n), image(n), np.zeros(SHAPE, "i2"), tan())
                                              for n in (5, 6)]))
    answers, models = subtract(folder, *paths)
    assert [a["file"] for a in answers] == [str(paths[i]) for i in (0, 1, 1, 2, 3)]
    assert names(folder / "out") == ["1.fits", "2.fits", "3.fits", "s.fits"]
    for place in (folder / "models.fits", *(folder / "out").iterdir()):
        assert verdict(place) in (None, (0, 0))
    single = [ask("background", path, *BOX)["images"] for path in paths]
    assert [a for one in single for a in one] == answers
    run("background", *paths, *BOX, "--rms", folder / "r.fits", "--mesh", folder / "mesh.fits",
        "--suffix", "_flat")
    with open_checked(folder / "r.fits") as hdus:
        assert len(hdus) == 6
    with open_checked(folder / "mesh.fits") as hdus:
        assert [(h.name, h.ver) for h in hdus if h.name == "LEVEL"] == [("LEVEL", n)
                                                                        for n in range(1, 6)]
    np.testing.assert_array_equal(fits.getdata(folder / "3_flat.fits"),
                                  fits.getdata(folder / "out" / "3.fits"))
    (folder / "list.txt").write_text("\n".join(map(str, paths)))
    assert ask("background", f"@{folder}/list.txt", *BOX)["images"] == answers


def test_one_of_several(folder):
    """A detector by name: others of its file are left alone; a list for it alone."""
    path = stsci(folder / "s.fits", [(image(n, 100.0 * n), image(n), np.zeros(SHAPE, "i2"), tan())
                                     for n in (1, 2)])
    both = ask("background", path, *BOX)["images"]
    found, = ask("background", f"{path}[SCI,2]", *BOX, "-o", folder / "o.fits",
                 "--background-list", folder / "l.fits", "--figure", folder / "f.png")["images"]
    assert found["level"] == both[1]["level"]
    check_kept(path, folder / "o.fits", {4})
    for option in ("--background-list", "--figure"):
        said = fail(2, "background", path, option, folder / "x.png")
        assert f"{folder}/x.png" in said and option in said


def test_restore_several(folder):
    """One list to every file of its size."""
    paths = [plain(folder / f"{n}.fits", image(n), tan()) for n in (1, 2)]
    run("background", paths[0], *BOX, "--background-list", folder / "l.fits")
    before = state([*paths, folder / "l.fits"])
    answer = ask("background", "--restore", *paths, folder / "l.fits", "--output-dir",
                 folder / "out")
    assert answer["file"] == str(folder / "l.fits") and answer["elements"] == 1
    assert [i["file"] for i in answer["images"]] == list(map(str, paths))
    run("background", "--evaluate", folder / "l.fits", "-o", folder / "m.fits")
    assert state([*paths, folder / "l.fits"]) == before
    model = fits.getdata(folder / "m.fits").astype(float)
    for path in paths:
        np.testing.assert_array_equal(fits.getdata(folder / "out" / path.name),
                                      (fits.getdata(path) + model).astype("f4"))


def test_overwrite(folder):
    path = plain(folder / "a.fits", image(), tan())
    outputs = ("-o", folder / "o.fits", "--model", folder / "m.fits", "--background-list",
               folder / "l.fits", "--figure", folder / "f.svg")
    run("background", path, *BOX, *outputs)
    first = {n: (folder / n).read_bytes() for n in names(folder)}
    for name in names(folder):
        if name != "a.fits":
            shutil.copy(path, folder / name)
    run("background", path, *BOX, *outputs, "--overwrite", "--durable")
    second = {n: (folder / n).read_bytes() for n in names(folder)}
    assert first.keys() == second.keys()
    for name in ("a.fits", "l.fits", "f.svg"):
        assert first[name] == second[name]
    for name in ("m.fits", "o.fits"):
        np.testing.assert_array_equal(fits.getdata(folder / name),
                                      fits.open(gzip.io.BytesIO(first[name]))[0].data)
