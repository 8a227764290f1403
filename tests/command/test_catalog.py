"""Catalogues: adding, choosing by header and sky, commands that take exposures from them."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from helpers import (SANITIZED, WELKIN, ask, call, fail, names, noise, plain, row, run, skies, state,
                     stsci, tan)

DB = "welkin.sqlite3"
ROOT = os.geteuid() == 0


@pytest.fixture(name="six")
def make_six(folder):
    """Six plain exposures: filters r, g, r, ..., visits 101 to 106, 1 degree apart in RA."""
    data = folder / "data"
    data.mkdir()
    for i in range(6):
        header = tan(ra=(359 + i) % 360, dec=-20)
        header["FILTER"], header["EXPNUM"] = "rg"[i % 2], 101 + i
        header["EXPTIME"], header["DATE-OBS"] = 10.0 * (i + 1), f"2026-01-0{i + 1}T00:00:00"
        plain(data / f"e{i}.fits", noise((160, 200), seed=i + 1), header)
    return folder


def add(folder, *words, **options):
    return json.loads(run("catalog", "add", *words, "--json", cwd=folder, **options).stdout)


def listed(folder, *words):
    """Names that list or overlaps prints."""
    words = words or ("list",)
    return run("catalog", *words, "--names", cwd=folder).stdout.split()


def bases(paths):
    return "".join(os.path.basename(p)[1] for p in paths)


@pytest.mark.filterwarnings("ignore::astropy.wcs.FITSFixedWarning")
def test_what_is_stored(six):
    """Against the headers as astropy reads them, and coordinates as astropy computes them."""
    assert add(six, "data")["added"] == 6
    answer = json.loads(run("catalog", "list", "--json", cwd=six).stdout)
    assert answer["catalog"] == DB and len(answer["exposures"]) == 6
    for i, found in enumerate(answer["exposures"]):
        path = six / found["file"]
        header = fits.getheader(path)
        assert found["file"] == f"data/e{i}.fits" and found["hdu"] == 0
        assert (found["filter"], found["visit"]) == (header["FILTER"], str(header["EXPNUM"]))
        assert (found["exposure_time"], found["date"]) == (header["EXPTIME"], header["DATE-OBS"])
        assert (found["width"], found["height"]) == (200, 160)
        assert found["layout"] == "plain" and found["size"] == path.stat().st_size
        wcs = WCS(header)
        centre = wcs.pixel_to_world(99.5, 79.5)
        # 1e-9 degrees: both programs compute the same projection in double
        assert found["centre"] == pytest.approx([centre.ra.deg, centre.dec.deg], abs=1e-9)
        corners = wcs.pixel_to_world([-0.5, 199.5, 199.5, -0.5], [-0.5, -0.5, 159.5, 159.5])
        assert np.array(found["footprint"]) == pytest.approx(
            np.transpose([corners.ra.deg, corners.dec.deg]), abs=1e-9)


def test_again_and_changed(six):
    first = add(six, "data")
    assert (first["added"], first["exposures"]) == (6, 6)
    content = (six / DB).read_bytes()
    again = add(six, "data", "data/e1.fits", "./data/../data")
    assert (again["added"], again["unchanged"]) == (0, 13)
    assert (six / DB).read_bytes() == content
    with fits.open(six / "data/e3.fits", mode="update") as file:
        file[0].header["FILTER"] = "z"
        file[0].header["COMMENT"] = "changed"
    os.utime(six / "data/e3.fits", ns=(1, 1))
    assert add(six, "data")["replaced"] == 1
    assert bases(listed(six, "list", "--where", "filter = 'z'")) == "3"
    assert len(listed(six)) == 6


CASES = [("filter = 'r'", "filter = 'r'"), ("visit in (102, 104) or ra > 100", None),
         ("not (filter = 'r' or exposure_time >= 40)", None), ("ra between 0.5 and 2.5", None),
         ("file like '%E4%' and dec < 0", "path like '%E4%' and dec < 0"),
         ("visit != 101 and filter is not null and hdu = 0", None), ("detector is null", None),
         ("date > '2026-01-03' and date <= '2026-01-05T00:00:00'", None)]


@pytest.mark.parametrize("where, sql", CASES, ids=[c[0] for c in CASES])
def test_where_is_what_sqlite_says(six, where, sql):
    """The same condition given as SQL to Python's sqlite3."""
    add(six, "data")
    with sqlite3.connect(six / DB) as database:
        rows = database.execute("SELECT path FROM exposure JOIN file ON file.id = exposure.file "
                                f"WHERE {sql or where} ORDER BY path").fetchall()
    assert listed(six, "list", "--where", where) == [path for path, in rows]
    assert 0 < len(rows) <= 6


BAD = [("filtr = 'r'", "filter"), ("filter = \"r\"", "single quotes"), ("filter = r", "expected"),
       ("filter = 'r'; DROP TABLE file", "no meaning"), ("1 = 1", "name of a column"),
       ("filter = 'r' --", "no meaning"), ("", "value"), ("filter = 'r' union select 1", "end"),
       ("ra = 'x'", "numbers"), ("path = 'x'", "there is no column path"),
       ("filter = (select 1)", "expected"), ("filter = 'r", "closing quote")]


@pytest.mark.parametrize("where, cause", BAD, ids=[b[0] for b in BAD])
def test_where_is_no_sql(six, where, cause):
    add(six, "data")
    content = (six / DB).read_bytes()
    assert cause in fail(2, "catalog", "list", "--where", where, cwd=six)
    assert cause in fail(2, "info", "--catalog", DB, "--where", where, cwd=six)
    if where:
        assert cause in fail(2, "catalog", "remove", "--where", where, cwd=six)
    assert (six / DB).read_bytes() == content
    text = "'; DROP TABLE file; --"
    fail(1, "info", "--catalog", DB, "--where", "filter = '" + text.replace("'", "''") + "'",
         cwd=six)
    assert (six / DB).read_bytes() == content


def test_overlaps(six):
    """By astropy's separations: an exposure reaches 80 px of 0.5 arcsec north of its centre, which
    is not its reference pixel; half a pixel to either side decides."""
    add(six, "data")
    found = json.loads(run("catalog", "list", "--json", cwd=six).stdout)["exposures"]
    centre = found[2]["centre"]
    reach = 80 * 0.5 / 3600
    north = [centre[0], centre[1] + 0.3]
    for pixels, expected in ((-0.5, ""), (0.5, "2")):
        radius = 0.3 - reach + pixels * 0.5 / 3600
        words = ("overlaps", str(north[0]), str(north[1]))
        assert bases(listed(six, *words, f"{radius:.9f}")) == expected
        assert bases(listed(six, *words, f"{60 * radius:.9f}'")) == expected
        assert bases(listed(six, *words, f'{3600 * radius:.9f}"')) == expected
        assert bases(listed(six, *words, f"{radius:.9f}d")) == expected
    centres = SkyCoord([e["centre"] for e in found], unit="deg")
    for ra, radius in ((0, 1.5), (359.5, 2.6), (180, 10), (2, 30)):
        distance = centres.separation(SkyCoord(ra, -20, unit="deg")).deg
        # exposures are 1 degree apart, and reach 0.02 degrees at most
        sure = "".join(str(i) for i in range(6) if distance[i] < radius)
        assert bases(listed(six, "overlaps", ra, "-20", radius)) == sure
    assert bases(listed(six, "overlaps", 0, "-20", 3, "--where", "filter = 'g'")) == "13"


def test_overlaps_of_a_file(folder):
    paths = row(folder, [1, 2, 3, 4])
    add(folder, *paths[:3])
    assert listed(folder, "overlaps", paths[0]) == ["row0.fits", "row1.fits"]
    assert listed(folder, "overlaps", paths[3]) == ["row2.fits"]
    assert listed(folder, "overlaps", f"{paths[1]}[0]") == ["row0.fits", "row1.fits", "row2.fits"]
    plain(folder / "nowcs.fits", noise((9, 9)))
    fail(1, "catalog", "overlaps", "nowcs.fits", cwd=folder)
    fail(3, "catalog", "overlaps", "nosuch.fits", cwd=folder)


def test_commands_take_exposures(folder):
    """Each answers as if the files had been named; the catalogue's come after those named."""
    paths = row(folder, [4, 6, 9])
    add(folder, *paths)
    chosen = ("--catalog", DB, "--where", "file != 'row0.fits'")
    for command in ("info", "stats", "background", "correlate"):
        assert (run(command, *chosen, "--json", cwd=folder).stdout.replace("./", "") ==
                run(command, "row1.fits", "row2.fits", "--json", cwd=folder).stdout)
    answer = ask("match", "row0.fits", *chosen, cwd=folder)
    assert [e["file"] for e in answer["exposures"]] == ["row0.fits", "row1.fits", "row2.fits"]
    assert skies(answer).tolist() == [4, 6, 9]
    (folder / "l.json").write_text(json.dumps(answer))
    run("apply", "--ledger", "l.json", *chosen, "--output-dir", "out", cwd=folder)
    assert names(folder / "out") == ["row1.fits", "row2.fits"]
    assert "twice" in fail(2, "info", "row1.fits", *chosen, cwd=folder)
    assert "--catalog" in fail(2, "info", "row1.fits", "--where", "hdu = 0", cwd=folder)


def test_detectors_of_a_file(folder):
    """FILE[HDU] for some of a file's detectors, FILE for all."""
    shape = (50, 60)
    detectors = [(noise(shape, seed=i), np.ones(shape, np.float32), np.zeros(shape, np.int32),
                  tan(x=i * 40)) for i in range(3)]
    stsci(folder / "m.fits", detectors, ROOTNAME="jbf801ndq")
    assert add(folder, "m.fits")["exposures"] == 3
    assert listed(folder) == ["m.fits"]
    assert listed(folder, "list", "--where", "detector in (1, 3)") == ["m.fits[1]", "m.fits[7]"]
    assert listed(folder, "list", "--where", "visit = 'jbf801ndq'") == ["m.fits"]
    found = ask("info", "--catalog", DB, "--where", "detector = '3'", cwd=folder)["exposures"]
    assert [(e["file"], e["detector"], e["hdu"]["mask"]) for e in found] == [("m.fits", "3", 9)]
    lists = folder / "list.txt"
    lists.write_text(run("catalog", "list", "--names", "--where", "detector != 2",
                         cwd=folder).stdout)
    assert len(ask("info", f"@{lists}", cwd=folder)["exposures"]) == 2


def test_variance_takes_exposures(folder):
    shape = (64, 64)
    detectors = [(noise(shape, seed=3), np.ones(shape, np.float32), np.zeros(shape, np.int32),
                  tan())]
    stsci(folder / "v.fits", detectors)
    add(folder, "v.fits")
    chosen = ask("variance", "--catalog", DB, cwd=folder)
    assert chosen == ask("variance", "v.fits", cwd=folder)


def test_nothing_chosen(six):
    add(six, "data")
    said = fail(1, "stats", "--catalog", DB, "--where", "filter = 'y'", cwd=six)
    assert DB in said and "filter = 'y'" in said
    run("catalog", "remove", "--where", "hdu = 0", cwd=six)
    assert "no exposure" in fail(1, "stats", "--catalog", DB, cwd=six)
    assert listed(six) == []


def test_levels(folder):
    paths = row(folder, [4, 6, 9], sigma=1.0)
    add(folder, *paths)
    before = (folder / DB).read_bytes()
    answer = ask("match", "--catalog", DB, "--ledger", "l.json", cwd=folder)
    assert (folder / DB).read_bytes() == before            # match itself records nothing
    assert json.loads(run("catalog", "record", "l.json", "--json",
                          cwd=folder).stdout)["recorded"] == 3
    for _ in range(2):                                     # the same ledger is the same run
        run("catalog", "record", "l.json", cwd=folder)
    levels = json.loads(run("catalog", "list", "--levels", "--json", cwd=folder).stdout)["levels"]
    assert [(e["file"], e["sky"], e["error"]) for e in levels] == [
        (e["file"], e["sky"], e["error"]) for e in answer["exposures"]]
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(os.stat(folder / "l.json").st_mtime))
    assert {(e["time"], e["method"]) for e in levels} == {(stamp, answer["method"])}
    run("match", *paths[:2], "--ledger", "l2.json", cwd=folder)
    run("catalog", "record", "l2.json", cwd=folder)
    text = run("catalog", "list", "--levels", "--where", "file = 'row0.fits'", cwd=folder).stdout
    assert len(text.splitlines()) == 3
    run("catalog", "remove", "--where", "file = 'row2.fits'", cwd=folder)
    assert "row2.fits[0]" in fail(2, "catalog", "record", "l.json", cwd=folder)
    (folder / "other.json").write_text("{}")
    fail(3, "catalog", "record", "other.json", cwd=folder)


def test_moved_with_its_files(six):
    add(six, "data")
    (six / "new").mkdir()
    shutil.move(six / DB, six / "new" / DB)
    shutil.move(six / "data", six / "new" / "data")
    db = f"new/{DB}"
    assert len(ask("info", "--catalog", db, cwd=six)["exposures"]) == 6
    assert run("catalog", "list", "--names", "--catalog", db,
               cwd=six).stdout.split()[0] == "new/data/e0.fits"
    shutil.move(six / "new" / DB, six / DB)
    said = fail(3, "match", "--catalog", DB, cwd=six)
    assert "data/e0.fits" in said and DB in said and "forget" in said
    assert "6 exposures" in run("catalog", "forget", cwd=six).stdout
    assert listed(six) == []


def test_files_elsewhere_have_absolute_paths(six):
    (six / "sub").mkdir()
    add(six, "data", "--catalog", f"sub/{DB}")
    assert run("catalog", "list", "--names", "--catalog", f"sub/{DB}",
               cwd=six).stdout.split()[0] == str((six / "data/e0.fits").resolve())


def test_a_vanished_file(six):
    add(six, "data")
    (six / "data/e4.fits").unlink()
    said = fail(3, "stats", "--catalog", DB, cwd=six)
    assert "data/e4.fits" in said and DB in said
    assert len(ask("info", "--catalog", DB, "--where", "visit < 105", cwd=six)["exposures"]) == 4
    assert "1 exposure " in run("catalog", "forget", cwd=six).stdout
    assert bases(listed(six)) == "01235"


def test_folders(six):
    """Only FITS files, not hidden ones, not decam's planes; tables are passed over."""
    data = six / "data"
    (data / "below" / "deep").mkdir(parents=True)
    shutil.copy(data / "e0.fits", data / "below" / "deep" / "x.fit")
    shutil.copy(data / "e0.fits", data / ".hidden.fits")
    (data / "notes.txt").write_text("no FITS")
    (data / "loop").symlink_to(data)
    (data / "table.fits").write_bytes(b"")
    fits.BinTableHDU.from_columns([fits.Column("a", "E", array=[1.0])]).writeto(
        data / "table.fits", overwrite=True)
    before = state(data.glob("*.fits"))
    report = add(six, "data")
    assert (report["added"], report["imageless"]) == (7, 1)
    assert state(data.glob("*.fits")) == before
    (six / "empty").mkdir()
    assert "no FITS file" in fail(1, "catalog", "add", "empty", cwd=six)
    fresh = ("--catalog", "fresh.sqlite3")
    assert "nosuch" in fail(3, "catalog", "add", "empty2/nosuch.fits", *fresh, cwd=six)
    assert not (six / fresh[1]).exists()


def test_a_bad_file_among_good_ones(six):
    """What is good is added, what is bad is named, and the command fails."""
    os.truncate(six / "data/e2.fits", 5000)
    error = fail(3, "catalog", "add", "data", cwd=six)
    assert "e2.fits" in error and "1 of 6" in error
    assert bases(listed(six)) == "01345"
    os.truncate(six / "data/e4.fits", 5000)
    done = run("catalog", "add", "data", status=3, cwd=six)
    assert done.stdout == ""
    warning, error = done.stderr.splitlines()
    assert "e2.fits" in error and "2 of 6" in error
    assert "warning" in warning and "e4.fits" in warning
    assert bases(listed(six)) == "01345"                   # what was known of e4 stays
    assert "bracket" in fail(2, "catalog", "add", "data/e1.fits[1]", "data", cwd=six)


def test_without_coordinates(folder):
    plain(folder / "a.fits", noise((20, 20)), FILTER="r")
    done = run("catalog", "add", "a.fits", cwd=folder)
    assert "a.fits[0]" in done.stderr and "1 of them without coordinates" in done.stdout
    found = json.loads(run("catalog", "list", "--json", cwd=folder).stdout)["exposures"][0]
    assert found["centre"] == [None, None] and found["footprint"] == []
    assert listed(folder, "list", "--where", "ra is null") == ["a.fits"]
    assert listed(folder, "overlaps", "0", "0", "180") == []


def other_database(path, statements):
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(statements)
    database.close()


def test_what_is_no_catalogue(six):
    path = six / DB
    use = (("catalog", "list"), ("catalog", "add", "data"), ("info", "--catalog", DB))
    path.write_bytes(b"SIMPLE  =                    T" * 100)
    for words in use:
        assert DB in fail(3, *words, cwd=six)
    other_database(path, "CREATE TABLE t(a); INSERT INTO t VALUES (1);")
    content = path.read_bytes()
    for words in use:
        assert "another program" in fail(3, *words, cwd=six)
    assert path.read_bytes() == content
    path.unlink()
    for words in (use[0], use[2]):
        assert "no such file" in fail(3, *words, cwd=six)
    assert not path.exists()
    path.mkdir()
    for words in use:
        assert "folder" in fail(3, *words, cwd=six)


def test_another_version(six):
    add(six, "data")
    with sqlite3.connect(six / DB) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        database.execute("PRAGMA user_version = 2")
    database.close()
    assert "version 2" in fail(3, "catalog", "list", cwd=six)
    assert "version 2" in fail(3, "catalog", "add", "data", cwd=six)


def test_damaged(six):
    """Pages overwritten: no crash, and status 3 wherever the damage is met."""
    add(six, "data")
    content = (six / DB).read_bytes()
    page = int.from_bytes(content[16:18], "big")
    met = 0
    for number in range(1, len(content) // page):
        broken = bytearray(content)
        broken[number * page:(number + 1) * page] = b"\xff" * page
        (six / DB).write_bytes(broken)
        for words in (("list",), ("overlaps", "0", "-20", "5"), ("add", "data")):
            done = call("catalog", *words, cwd=six)
            assert done.returncode in (0, 3), done.stderr
            met += done.returncode == 3
            (six / DB).write_bytes(broken)
    assert met > 5
    (six / DB).write_bytes(content[:page * 3])
    assert DB in fail(3, "catalog", "list", cwd=six)


def test_locked(six):
    add(six, "data/e0.fits")
    database = sqlite3.connect(six / DB, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    assert "locked" in fail(3, "catalog", "add", "data", "--wait", "0", cwd=six)
    assert len(listed(six)) == 1                           # a writer does not keep readers out
    database.execute("ROLLBACK")
    database.close()
    assert add(six, "data", "--wait", "0")["added"] == 5


@pytest.mark.skipif(ROOT, reason="root may write everywhere")
def test_read_only(six):
    add(six, "data")
    shutil.copy(six / "data/e0.fits", six / "data/e6.fits")
    os.chmod(six / DB, 0o444)
    os.chmod(six, 0o555)
    try:
        assert len(listed(six)) == 6
        fail(3, "catalog", "add", "data", cwd=six)
        fail(3, "catalog", "add", "data", "--catalog", "new.sqlite3", cwd=six)
    finally:
        os.chmod(six, 0o755)


def test_a_folder_that_takes_no_file(six):
    assert "/proc/c.sqlite3" in fail(3, "catalog", "add", "data", "--catalog", "/proc/c.sqlite3",
                                     cwd=six)


def many(folder, count):
    """Names of one small exposure: enough for several transactions."""
    plain(folder / "one.fits", noise((8, 8)), tan())
    (folder / "many").mkdir()
    for i in range(count):
        os.link(folder / "one.fits", folder / "many" / f"f{i:05}.fits")


def test_two_writers(folder):
    """Both add the same and other files at the same time; nothing is lost, nothing is twice."""
    count = 1500 if SANITIZED else 4000
    many(folder, count)
    half = [f"many/f{i:05}.fits" for i in range(count // 3, count)]
    (folder / "half.txt").write_text("\n".join(half))
    words = [["add", "many"], ["add", "@half.txt"], ["add", "many"]]
    running = [subprocess.Popen([WELKIN, "catalog", *w, "--json"], cwd=folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for w in words]
    added = 0
    for one in running:
        out, said = one.communicate(timeout=600)
        assert one.returncode == 0, said
        answer = json.loads(out)
        assert answer["added"] + answer["unchanged"] in (count, len(half))
        added += answer["added"]
    assert added == count
    check_whole(folder, count)
    assert add(folder, "many")["unchanged"] == count


def check_whole(folder, files):
    """The tables agree with each other, as Python's SQLite sees them."""
    with sqlite3.connect(folder / DB) as database:
        one = lambda sql: database.execute(sql).fetchone()[0]
        assert one("PRAGMA integrity_check") == "ok"
        assert one("SELECT count(*) FROM pragma_foreign_key_check") == 0
        assert one("SELECT rtreecheck('footprint')") == "ok"
        assert one("SELECT count(*) FROM file") == files
        assert one("SELECT count(*) FROM exposure") == files
        assert one("SELECT count(*) FROM footprint JOIN exposure USING (id)") == files
    database.close()


@pytest.mark.parametrize("number, status", [(signal.SIGKILL, -9), (signal.SIGTERM, 130)])
def test_a_killed_writer(folder, number, status):
    """What was committed is there and whole; adding again does the rest."""
    count = 1500 if SANITIZED else 6000
    many(folder, count)
    one = subprocess.Popen([WELKIN, "catalog", "add", "many", "--threads", "1"], cwd=folder,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    database = folder / DB
    while one.poll() is None and not (database.exists() and database.stat().st_size > 200000):
        time.sleep(0.002)
    one.send_signal(number)
    assert one.wait() in (status, 0)
    there = len(listed(folder))
    assert there % 1000 == 0 or there == count
    if there:
        check_whole(folder, there)
    assert add(folder, "many")["unchanged"] == there
    check_whole(folder, count)


USAGE = [(), ("nosuch",), ("add",), ("list", "x"), ("overlaps",), ("overlaps", "1", "2"),
         ("overlaps", "1", "2", "3", "4"), ("overlaps", "x", "2", "3"), ("overlaps", "1", "95", "3"),
         ("overlaps", "1", "2", "-3"), ("overlaps", "1", "2", "3x"), ("overlaps", "1", "2", "200"),
         ("remove",), ("remove", "x", "--where", "hdu = 1"), ("forget", "x"), ("record",),
         ("record", "a", "b"), ("add", "data", "--where", "hdu = 0"), ("list", "--wait", "-1"),
         ("forget", "--names"), ("overlaps", "1", "2", "3", "--levels"),
         ("list", "--names", "--json"), ("list", "--names", "--levels")]


@pytest.mark.parametrize("words", USAGE, ids=" ".join)
def test_usage(six, words):
    add(six, "data")
    fail(2, "catalog", *words, cwd=six)


def test_many_begin_at_once(folder):
    """All open the file while one of them makes the tables: none takes it for another's."""
    many(folder, 2)
    for _ in range(3 if SANITIZED else 25):
        running = [subprocess.Popen([WELKIN, "catalog", "add", "many"], cwd=folder,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                   for _ in range(4)]
        for one in running:
            assert one.communicate(timeout=600)[1] == "" and one.returncode == 0
        check_whole(folder, 2)
        (folder / DB).unlink()
