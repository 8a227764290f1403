"""Offset arrays from tables of stars: the files, their forms, and what is said of them."""
import json
import re
import shutil

import numpy as np
import pytest
from astropy.io import fits

from helpers import ask, call, names, noise, packed, plain, run, state, write
from stars import COLUMNS, camera_file, data_of, field, maps, only, scatter, table
from written import open_checked, verdict

SIZE = ("--size", "90,70")
SHAPE = (70, 90)
# as many as the rounding of float32 allows of numbers below 16
NARROW = 1e-6


@pytest.fixture(scope="module")
def catalogue(shared_folder):
    return table(shared_folder / "a.offsets_table.fits")


def valid(path):
    """Right sums, no warning of any program."""
    open_checked(path).close()
    assert verdict(path) in ((0, 0), None)
    return path


def made(path, *words):
    """Write offsets, and check the file as a file."""
    run("offsets", *words, "-o", path, "-q")
    return valid(path)


def test_images(folder, catalogue):
    path = made(folder / "o.fits", catalogue, *SIZE)
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "XOFF", "YOFF"]
        assert hdus[0].data is None and hdus[0].header["NAXIS"] == 0
        assert [hdu.header["BAND"] for hdu in hdus[1:]] == ["X offsets", "Y offsets"]
        for hdu in hdus[1:]:
            assert hdu.data.dtype == np.dtype(">f4") and hdu.data.shape == SHAPE
            assert hdu.header["MODEL"] == "nearest" and hdu.header["NSTARS"] == 60
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    # four stars about 8 pixels away, in a field that changes by 0.01 a pixel; at the borders less
    assert np.abs(maps(path) - field(x, y)).max() < 0.5


def test_double(folder, catalogue):
    narrow = maps(made(folder / "o.fits", catalogue, *SIZE))
    path = made(folder / "d.fits", catalogue, *SIZE, "--double")
    with fits.open(path) as hdus:
        assert hdus[1].data.dtype == hdus[2].data.dtype == np.dtype(">f8")
    assert 0 < np.abs(maps(path) - narrow).max() < NARROW
    assert (maps(path).astype("f4") == narrow).all()


def inside_hull(stars, x, y):
    """Whether pixels are within the hull of the stars: on the left of all its sides."""
    points = sorted(map(tuple, stars[:2].T))

    def chain(points):
        kept = []
        for p in points:
            while len(kept) > 1 and ((kept[-1][0] - kept[-2][0]) * (p[1] - kept[-2][1])
                                     <= (kept[-1][1] - kept[-2][1]) * (p[0] - kept[-2][0])):
                kept.pop()
            kept.append(p)
        return kept[:-1]

    hull = chain(points) + chain(points[::-1])
    within = np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(hull, hull[1:] + hull[:1]):
        within &= (bx - ax) * (y - ay) >= (by - ay) * (x - ax)
    return within


def test_error_planes(folder, catalogue):
    """They change nothing of the offsets; flags and distances are those of geometry."""
    plain_maps = maps(made(folder / "p.fits", catalogue, *SIZE))
    path = made(folder / "o.fits", catalogue, *SIZE, "--errors")
    stars = scatter()
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    dx, dy = x[..., None] - stars[0], y[..., None] - stars[1]
    quadrants = [((sx * dx > 0) & (sy * dy > 0)).any(-1) for sx in (1, -1) for sy in (1, -1)]
    with fits.open(path) as hdus:
        assert [hdu.name for hdu in hdus[3:]] == ["XERR", "YERR", "FLAG", "DISTANCE"]
        flag = hdus["FLAG"].data
        assert flag.dtype == np.uint8 and flag.shape == SHAPE
        assert (((flag & 1) == 0) == inside_hull(stars, x, y)).all()
        assert (((flag & 2) == 0) == np.all(quadrants, axis=0)).all()
        assert (flag & ~3 == 0).all()
        np.testing.assert_allclose(hdus["DISTANCE"].data, np.hypot(dx, dy).min(-1), rtol=1e-6)
        for name in ("XERR", "YERR"):
            assert hdus[name].data.dtype == np.dtype(">f4")
            assert (hdus[name].data > 0).all() and (hdus[name].data < 1).all()
    assert (maps(path) == plain_maps).all()
    entry = only(catalogue, *SIZE, "--errors")
    assert entry["outside_hull"] == (flag & 1).sum() and 0 < entry["error"]["x"] < 1


def test_pixmap(folder, catalogue):
    offsets = maps(made(folder / "o.fits", catalogue, *SIZE, "--double"))
    path = made(folder / "p.fits", catalogue, *SIZE, "--format", "pixmap")
    pixmap = fits.getdata(path)
    assert pixmap.shape == (*SHAPE, 2) and pixmap.dtype == np.dtype(">f8")
    y, x = np.mgrid[:SHAPE[0], :SHAPE[1]]
    assert (pixmap[..., 0] == x - offsets[0]).all() and (pixmap[..., 1] == y - offsets[1]).all()
    assert fits.getheader(path)["CONTENT"] == "PIXMAP"


@pytest.mark.parametrize("wide", [(), ("--double",)])
def test_dgeo(folder, catalogue, wide):
    """SWarp's array: the offsets as a function of where the stars would be without them."""
    path = made(folder / "d.fits", catalogue, *SIZE, "--format", "dgeo", *wide)
    cube, header = fits.getdata(path), fits.getheader(path)
    assert cube.shape == (2, *SHAPE) and cube.dtype == np.dtype(">f8" if wide else ">f4")
    assert header["DGEO_TYPE"] == "PIXEL"
    stars = scatter()
    moved = table(folder / "moved.fits", [*(stars[:2] - stars[2:]), *stars[2:]])
    assert (cube == maps(made(folder / "o.fits", moved, *SIZE, *wide))).all()


def test_answer(folder, catalogue):
    answer = ask("offsets", catalogue, *SIZE, "--double", "-o", folder / "o.fits")
    assert answer["provenance"]["command"] == "offsets"
    assert answer["provenance"]["options"]["size"] == "90,70"
    entry, = answer["tables"]
    offsets = maps(folder / "o.fits")
    assert entry["file"] == str(catalogue) and entry["output"] == str(folder / "o.fits")
    assert (entry["stars"], entry["dropped"], entry["duplicates"], entry["outside"]) == (60, 0, 0, 0)
    assert (entry["width"], entry["height"], entry["model"]) == (90, 70, "nearest")
    for name, plane in zip("xy", offsets):
        assert entry[name]["min"] == plane.min() and entry[name]["max"] == plane.max()
        assert entry[name]["mean"] == pytest.approx(plane.mean(), rel=1e-12)
    right, up = np.abs(np.diff(offsets, axis=2)).max(0), np.abs(np.diff(offsets, axis=1)).max(0)
    assert entry["largest_jump"] == max(right.max(), up.max())
    x, y = entry["largest_jump_at"]
    assert entry["largest_jump"] in (right[y, x:x + 1], up[y:y + 1, x])
    bend = np.abs(offsets[:, 1:-1, :-2] + offsets[:, 1:-1, 2:] + offsets[:, :-2, 1:-1]
                  + offsets[:, 2:, 1:-1] - 4 * offsets[:, 1:-1, 1:-1]).max()
    assert entry["largest_bend"] == pytest.approx(bend, rel=1e-9)
    # the numbers are the same whether a file is written or not
    alone = only(catalogue, *SIZE)
    assert alone == {k: v for k, v in entry.items() if k != "output"}


def test_left_out(folder):
    """Each star from a table without it: what leave-one-out means."""
    stars = np.round(scatter(12, 30, 25))
    path = table(folder / "all.fits", stars)
    entry = only(path, "--size", "30,25", "--table", folder / "t.fits")
    found = fits.getdata(folder / "t.fits")
    residuals = []
    for i in range(stars.shape[1]):
        rest = table(folder / f"{i}.fits", np.delete(stars, i, axis=1))
        run("offsets", rest, "--size", "30,25", "--double", "-o", folder / "o.fits", "--overwrite",
            "-q")
        x, y = stars[:2, i].astype(int)
        residuals.append(stars[2:, i] - maps(folder / "o.fits")[:, y, x])
    residuals = np.array(residuals).T
    np.testing.assert_allclose([found["xresidual"], found["yresidual"]], residuals, atol=1e-12)
    rms = np.sqrt((residuals ** 2).mean(1))
    assert [entry["leave_one_out_rms"][k] for k in "xy"] == pytest.approx(list(rms), rel=1e-9)


def test_printed_table(catalogue):
    said = run("offsets", catalogue, *SIZE).stdout.splitlines()
    assert said[0].split()[:3] == ["table", "stars", "model"]
    assert said[1].split()[0] == str(catalogue) and "nearest" in said[1]
    chosen = run("offsets", catalogue, *SIZE, "--model", "auto").stdout
    # the field is a polynomial of order 2, without noise
    assert "polynomial:2 (taken)" in chosen and "spline" in chosen


def test_auto(catalogue):
    entry = only(catalogue, *SIZE, "--model", "auto")
    tried = {(m["model"], m.get("fading")): m for m in entry["models"]}
    assert set(tried) == {("spline", None), ("nearest", True), ("nearest", False),
                          *((f"polynomial:{n}", None) for n in range(1, 6))}
    assert entry["model"] == entry["models"][0]["model"] == "polynomial:2"
    assert entry["leave_one_out_rms"]["x"] < 1e-12 and all(m["fitted"] for m in tried.values())
    few = ask("offsets", catalogue, *SIZE)["tables"][0]
    assert "models" not in few


MODELS = [("--model", "nearest", "--smooth", 0), ("--model", "nearest", "--power", 2.5),
          ("--model", "nearest", "--smooth", 20, "--power", 3), ("--model", "polynomial:3"),
          ("--model", "polynomial:2", "--clip", 0), ("--model", "spline"),
          ("--model", "spline", "--smooth", 0), ("--model", "auto"), ("--quadrants", "strict"),
          ("--model", "seed")]


@pytest.mark.parametrize("words", MODELS, ids=lambda words: " ".join(map(str, words[1:])))
def test_threads(folder, catalogue, words):
    """The same bytes; all models make every plane."""
    wanted = None
    for threads in (1, 2, 7):
        path = folder / f"{threads}.fits"
        run("offsets", catalogue, *SIZE, *words, "--errors", "--threads", threads, "-o", path, "-q",
            "--figure", folder / f"{threads}.svg", "--table", folder / f"{threads}.t.fits")
        got = [path.read_bytes(), *((folder / f"{threads}{e}").read_bytes()
                                    for e in (".svg", ".t.fits"))]
        wanted = wanted or got
        assert got == wanted
    with fits.open(path) as hdus:
        assert len(hdus) == 7 and all(hdu.data.shape == SHAPE for hdu in hdus[1:])


def test_several_tables(folder):
    """NAME up to the first dot; each file as if it were alone."""
    (folder / "in").mkdir()
    paths = [table(folder / "in" / f"{name}.fits", scatter(seed=n)) for n, name in
             enumerate(("one.offsets_table", "two", ".three.x"))]
    before = state(paths)
    for kind, more in (("offsets", ()), ("pixmap", ("--format", "pixmap")),
                       ("dgeo", ("--format", "dgeo"))):
        out = folder / kind
        answer = ask("offsets", *paths, *SIZE, "--output-dir", out, *more)
        assert names(out) == sorted(f"{n}.{kind}.fits" for n in ("one", "two", ".three"))
        assert [e["output"] for e in answer["tables"]] == \
            [f"{out}/{n}.{kind}.fits" for n in ("one", "two", ".three")]
        assert [e["file"] for e in answer["tables"]] == list(map(str, paths))
    for path, name in zip(paths, ("one", "two", ".three")):
        alone = made(folder / f"{name}.alone.fits", path, *SIZE)
        assert data_of(alone) == data_of(folder / "offsets" / f"{name}.offsets.fits")
    run("offsets", *paths, *SIZE, "--suffix", "_off", "-q")
    assert {"one_off.fits", "two_off.fits", ".three_off.fits"} < set(names(folder / "in"))
    run("offsets", *paths, *SIZE, "--suffix", "_s", "--output-dir", f"{folder / 's'}/", "-q")
    assert names(folder / "s") == [".three_s.fits", "one_s.fits", "two_s.fits"]
    assert state(paths) == before


def test_list_of_files(folder):
    table(folder / "a.fits")
    table(folder / "b.fits", scatter(seed=2))
    (folder / "list.txt").write_text(f"{folder}/a.fits\n{folder}/b.fits\n")
    assert len(ask("offsets", f"@{folder}/list.txt", *SIZE)["tables"]) == 2


@pytest.mark.parametrize("end", [".ecsv", ".csv"])
def test_text_tables(folder, catalogue, end):
    """Text has all the digits."""
    text = table(folder / f"a{end}")
    assert made(folder / "t.fits", text, *SIZE).read_bytes() == \
        made(folder / "f.fits", catalogue, *SIZE).read_bytes()


def test_columns(folder, catalogue):
    """Others' names in any order, among columns that do not matter."""
    stars = scatter()
    path = table(folder / "a.ecsv", stars[[3, 0, 2, 1]], ("dy", "x", "dx", "y"), name=["a"] * 60,
                 id=np.arange(60))
    assert data_of(made(folder / "o.fits", path, *SIZE, "--columns", "x,y,dx,dy")) == \
        data_of(made(folder / "f.fits", catalogue, *SIZE))


def test_notebook_table(folder, catalogue):
    """The notebook's tables have more columns, among them integers."""
    rows = np.arange(60)
    path = table(folder / "a.fits", xoffset_prev=rows * 0.0, yoffset_prev=rows * 0.0, ref_row=rows,
                 prev_row=rows)
    assert made(folder / "o.fits", path, *SIZE).read_bytes() == \
        made(folder / "f.fits", catalogue, *SIZE).read_bytes()


def test_bracket(folder, catalogue):
    """The first table, one by number, one by name."""
    other = table(folder / "b.fits", scatter(seed=5))
    path = write(folder / "two.x.fits", fits.ImageHDU(noise((5, 5))),
                 *(fits.BinTableHDU(fits.getdata(p, 1), name=n)
                   for p, n in ((catalogue, "ONE"), (other, "TWO"))))
    one = made(folder / "one.fits", catalogue, *SIZE).read_bytes()
    two = made(folder / "two.fits", other, *SIZE).read_bytes()
    assert one != two
    for bracket, wanted in (("", one), ("[2]", one), ("[ONE]", one), ("[3]", two), ("[TWO]", two)):
        made(folder / "o.fits", f"{path}{bracket}", *SIZE)
        assert (folder / "o.fits").read_bytes() == wanted
        (folder / "o.fits").unlink()
    out = folder / "out"
    run("offsets", f"{path}[TWO]", *SIZE, "--output-dir", out, "-q")
    assert names(out) == ["two.offsets.fits"]


def test_like(folder, catalogue):
    """Only the size counts: FITS, tile-compressed, an extension, raw with margins and turned."""
    wanted = data_of(made(folder / "f.fits", catalogue, *SIZE))
    two = write(folder / "e.fits", fits.ImageHDU(noise((9, 9))),
                fits.ImageHDU(noise(SHAPE), name="SCI"))
    likes = [plain(folder / "i.fits", np.full(SHAPE, np.nan, "f4")),
             write(folder / "c.fits.fz", packed(noise(SHAPE))), f"{two}[SCI]",
             camera_file(folder / "a.dng", 90, 70),
             camera_file(folder / "b.ARW", 100, 90, active=(12, 8, 82, 98))]
    for n, like in enumerate(likes):
        assert data_of(made(folder / f"{n}.o.fits", catalogue, "--like", like)) == wanted


def test_size_forms(folder, catalogue):
    assert data_of(made(folder / "a.fits", catalogue, "--size", "90x70")) == \
        data_of(made(folder / "b.fits", catalogue, *SIZE))


def test_allow_empty(folder):
    path = table(folder / "none.csv", np.zeros((4, 0)))
    done = run("offsets", path, *SIZE, "--allow-empty", "-o", folder / "o.fits", "--errors",
               "--figure", folder / "f.png", "--table", folder / "t.fits", "--json")
    assert "there is no star" in done.stderr and done.stderr.count("\n") == 1
    entry, = json.loads(done.stdout)["tables"]
    assert entry["stars"] == 0 and entry["largest_jump"] == 0
    assert (maps(folder / "o.fits") == 0).all() and len(fits.getdata(folder / "t.fits")) == 0
    # with stars the option means nothing
    full = table(folder / "full.csv")
    assert only(full, *SIZE, "--allow-empty") == only(full, *SIZE)


def test_star_table(folder):
    """Stars as given, dropped and clipped ones too; it is a table of offsets itself."""
    stars = scatter()
    stars[2, 7] += 40
    stars[0, 3] = np.nan
    path = table(folder / "a.fits", stars)
    entry = only(path, *SIZE, "--model", "polynomial:2", "--table", folder / "t.fits", "-o",
                 folder / "o.fits")
    found = fits.getdata(valid(folder / "t.fits"), "OFFSETS")
    for name, column in zip(COLUMNS, stars):
        np.testing.assert_array_equal(found[name], column)
    assert list(np.flatnonzero(found["used"] == 0)) == [3, 7]
    assert entry["clipped"] == 1 and entry["dropped"] == 1 and entry["stars"] == 59
    assert np.isnan(found["xresidual"][3]) and found["xresidual"][7] == pytest.approx(40, abs=1e-6)
    assert np.abs(np.delete(found["xresidual"], [3, 7])).max() < 1e-10
    assert only(folder / "t.fits", *SIZE, "--model", "polynomial:2")["x"] == entry["x"]
    assert any("welkin offsets model: polynomial:2" in str(c)
               for c in fits.getheader(folder / "t.fits", 1)["HISTORY"])


@pytest.mark.parametrize("end, start", [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_figure(folder, catalogue, end, start):
    for words in ((), ("--model", "spline"), ("--format", "pixmap")):
        path = folder / f"{len(words)}{words[-1:]}.{end}"
        run("offsets", catalogue, *SIZE, *words, "--figure", path, "-q")
        assert path.read_bytes()[:len(start)] == start


def test_config(folder, catalogue):
    """The same names in a file; the command line wins."""
    (folder / "c.yaml").write_text("model: polynomial:2\nsize: 90,70\nerrors: true\n")
    words = (*SIZE, "--model", "polynomial:2", "--errors")
    assert data_of(made(folder / "a.fits", catalogue, "--config", folder / "c.yaml")) == \
        data_of(made(folder / "b.fits", catalogue, *words))
    assert only(catalogue, "--config", folder / "c.yaml", "--model", "spline")["model"] == "spline"
    shown = run("offsets", catalogue, *SIZE, "--print-config").stdout
    (folder / "d.yaml").write_text(shown)
    assert only(catalogue, "--config", folder / "d.yaml") == only(catalogue, *SIZE)


def test_history(folder, catalogue):
    """Program, version and every option that was given, in every HDU."""
    path = made(folder / "o.fits", catalogue, *SIZE, "--model", "nearest", "--smooth", 12.5,
                "--threads", 2)
    version = re.search(r"\d+\.\d+\.\d+", call("--version").stdout).group()
    with fits.open(path) as hdus:
        for hdu in hdus:
            told = list(hdu.header["HISTORY"])
            assert told[0] == f"welkin {version} offsets"
            assert {"welkin offsets size: 90,70", "welkin offsets model: nearest",
                    "welkin offsets smooth: 12.5"} <= set(told)


def test_overwrite(folder, catalogue):
    path = made(folder / "o.fits", catalogue, *SIZE)
    first = data_of(path)
    made(path, catalogue, *SIZE, "--model", "polynomial:1", "--overwrite", "--durable")
    assert data_of(path) != first and names(folder) == ["o.fits"]


def test_repeated(folder, catalogue):
    """The same command, the same bytes; the name of the table is not in them."""
    other = shutil.copy(catalogue, folder / "copy.fits")
    assert made(folder / "a.fits", catalogue, *SIZE).read_bytes() == \
        made(folder / "b.fits", other, *SIZE).read_bytes()
