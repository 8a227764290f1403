"""welkin get where a repository, a data ID or an output is not as it should be."""
import os
import sqlite3

import pytest
from astropy.io import fits

from helpers import call, fail, names, run, state
from repository import CALEXPS, COADDS, DEFAULTS, INSTRUMENT, MANAGERS, OLD, TAGGED, TOP, build

VISIT = 703697
WORDS = ("calexp", f"visit={VISIT}", "detector=80")
COADD = ("tract=4226", "patch=17", "band=r")


@pytest.fixture(name="repo", scope="module")
def make_repository(tmp_path_factory):
    return build(tmp_path_factory.mktemp("repo"), visits=5)


@pytest.fixture(name="own")
def make_own_repository(repo, tmp_path):
    """One that a test may spoil."""
    return repo.copy(tmp_path / "repo")


def refused(status, repo, *words):
    """The one sentence, and nothing of the repository has changed."""
    files = sorted(p for p in repo.folder.rglob("*") if p.is_file() and not p.is_symlink())
    before = state(files)
    said = fail(status, "get", "--repo", repo.folder, *words)
    assert state(files) == before
    assert sorted(p for p in repo.folder.rglob("*") if p.is_file() and not p.is_symlink()) == files
    return said


def change(repo, *statements):
    with sqlite3.connect(repo.registry) as database:
        for statement in statements:
            database.execute(*((statement,) if isinstance(statement, str) else statement))
    database.close()


DATA_IDS = [
    (2, ("calexxp", f"visit={VISIT}"), ["calexxp", "similar: calexp"]),
    (2, ("Calexp", f"visit={VISIT}"), ["similar: calexp"]),
    (2, ("background", f"visit={VISIT}"), ["calexpBackground", "deepCoadd_calexp_background"]),
    (2, ("nothing_like_it_at_all",), ["nothing_like_it_at_all"]),
    (2, ("calexp",), ["detector, visit are missing"]),
    (2, ("calexp", "detector=80"), ["visit is missing"]),
    (2, ("calexp", "detector=80", "band=r"), ["visit is missing"]),
    (2, ("calexp", f"visit={VISIT}", "detector=80", "tract=1"), ["tract", "instrument, detector"]),
    (2, ("deepCoadd", *COADD, "physical_filter=r_sim_1.4"), ["physical_filter", "no such key"]),
    (2, ("calexp", f"visit={VISIT}", "80"), ["80", "KEY=VALUE"]),
    (2, ("calexp", f"visit={VISIT}", "=80"), ["KEY=VALUE"]),
    (2, ("calexp", f"visit={VISIT}", "detector="), ["detector", "no value"]),
    (2, ("calexp", "visit=7036.97", "detector=80"), ["visit", "7036.97 is no integer"]),
    (2, ("calexp", "visit=7e5", "detector=80"), ["no integer"]),
    (2, ("calexp", "visit=0x1", "detector=80"), ["no integer"]),
    (2, ("calexp", "visit= 703697", "detector=80"), ["no integer"]),
    (2, ("calexp", "visit=99999999999999999999", "detector=80"), ["no integer"]),
    (2, ("calexp", f"visit={VISIT}", "detector=R99_S99"), ["R99_S99", "detector"]),
    (2, ("calexp", f"visit={VISIT}", "visit=1", "detector=80"), ["twice", "703697 and 1"]),
    (2, ("calexp", f"visit={VISIT}", "detector=80", "band=g"), ["band", "g contradicts", " r"]),
    (2, ("calexp", f"visit={VISIT}", "detector=80", "physical_filter=i_sim_1.4"), ["contradicts"]),
    (1, ("calexp", "visit=1", "detector=80"), ["calexp", "visit=1", "detector=80", TOP]),
    (1, ("calexp", f"visit={VISIT}", "detector=80", "instrument=HSC"), ["instrument=HSC"]),
    (1, ("calexp", "visit=-703697", "detector=80"), ["visit=-703697"]),
    (1, ("skyMap",), ["skyMap", "skymap=DC2"]),
    (1, (*WORDS, "--collection", COADDS, f"instrument={INSTRUMENT}"), [COADDS]),
    # SQL in a value, a key, a type
    (2, ("calexp", "visit=1; DROP TABLE visit", "detector=80"), ["no integer"]),
    (1, ("deepCoadd", "tract=4226", "patch=17", "band=r' OR '1'='1"), ["band=r' OR '1'='1"]),
    (2, ("calexp", f"visit={VISIT}", "detector=80' OR '1'='1"), ["detector"]),
    (2, ("calexp", f"visit={VISIT}", "detector=80", "band=r' OR '1'='1"), ["contradicts"]),
    (2, ("calexp", 't."visit"=1 OR 1=1 --', "detector=80"), ["no such key"]),
    (2, ("calexp' OR '1'='1", f"visit={VISIT}", "detector=80"), ["no dataset type"]),
    (1, ("--all", "calexp", "band=r' OR '1'='1"), ["band=r'"]),
    (1, ("--all", "calexp", "physical_filter=r'; DROP TABLE visit; --"), ["DROP TABLE"]),
    # collections
    (2, (*WORDS, "--collection", "2.2i/runs/DP0.3"), ["no collection", f"similar: {TOP}"]),
    (2, (*WORDS, "--collection", f"{TOP},"), ["no collection"]),
    (2, (*WORDS, "--collection", "x' OR '1'='1"), ["no collection"]),
    (2, (*WORDS, "--collection", "2.2i/calib"), ["CALIBRATION"]),
    (2, ("--list", "--collection", "nosuch"), ["no collection nosuch"]),
]


@pytest.mark.parametrize("status, words, said", DATA_IDS, ids=lambda value: str(value)[:60])
def test_data_ids(repo, status, words, said):
    message = refused(status, repo, *words)
    assert all(word in message for word in said), message


def test_two_instruments(own):
    """The one that is meant cannot be guessed."""
    change(own, ("INSERT INTO collection_summary_instrument VALUES (?, 'HSC')",
                 (own.collections[CALEXPS],)))
    said = refused(2, own, *WORDS)
    assert "instrument" in said and "HSC" in said and INSTRUMENT in said
    assert run("get", "--repo", own.folder, *WORDS, f"instrument={INSTRUMENT}").stdout


def test_detectors_of_one_name(own):
    """Without the instrument, which two have a detector of this name and unlike numbers."""
    change(own, "INSERT INTO detector VALUES ('HSC', 5, 'R20_S22', 'S22', 'R20', 'SCIENCE')",
           "DROP TABLE collection_summary_instrument")
    said = refused(2, own, "--all", "calexp", "detector=R20_S22")
    assert "R20_S22" in said and "instrument" in said


USAGE = [
    ((), "--repo"), (("calexp", "visit=1"), "--repo"), (("--list",), "--repo"),
    (("--inputs",), "FILE"), (("--inputs", "a.fits", "b.fits"), "FILE"),
    (("--inputs", "a.fits", "--collection", "x"), "--repo"),
    (("--repo", "REPO"), "dataset type"), (("--repo", "REPO", "--all"), "dataset type"),
    (("--repo", "REPO", "--inputs"), "dataset type"),
    (("--repo", "REPO", "--list", "a", "b"), "b"), (("--repo", "REPO", "--collections", "a"), "a"),
    (("--repo", "REPO", "--list", "--all"), "--list"),
    (("--repo", "REPO", "--collections", "--inputs"), "--inputs"),
    (("--repo", "REPO", "--all", "calexp", "-o", "x.fits"), "--output"),
    (("--repo", "REPO", *WORDS, "--copy"), "--output"), (("--nosuch",), "nosuch"),
]


@pytest.mark.parametrize("words, said", USAGE, ids=lambda value: str(value)[:60])
def test_usage(repo, words, said):
    words = [repo.folder if word == "REPO" else word for word in words]
    assert said in fail(2, "get", *words)


def test_no_repository(tmp_path):
    assert "nosuch" in fail(3, "get", "--repo", tmp_path / "nosuch", *WORDS)
    assert "butler.yaml" in fail(3, "get", "--repo", tmp_path, *WORDS)
    assert "this system" in fail(3, "get", "--repo", "s3://bucket/repo", *WORDS)
    (tmp_path / "butler.yaml").mkdir()
    assert "directory" in fail(3, "get", "--repo", tmp_path, *WORDS)


@pytest.mark.parametrize("file", ["registry.sqlite3", "_mapper", "repositoryCfg.yaml"])
def test_generation_2(tmp_path, file):
    (tmp_path / file).write_text("x")
    said = fail(3, "get", "--repo", tmp_path, *WORDS)
    assert "generation 2" in said and file in said


def test_generation_2_registry(own):
    own.registry.unlink()
    change(own, "CREATE TABLE raw (id INTEGER, visit INTEGER)",
           "CREATE TABLE raw_visit (visit INTEGER)")
    assert "generation" in refused(3, own, *WORDS)


CONFIGS = [
    ("registry: {db: 'postgresql://user:secret@host/db'}\n", ["postgresql", "SQLite"]),
    ("registry: {db: 'sqlite://'}\n", ["sqlite"]),
    ("registry: {db: 'sqlite:///:memory:'}\n", ["memory"]),
    ("registry: {db: 'sqlite:///<butlerRoot>/nosuch.sqlite3'}\n", ["nosuch.sqlite3"]),
    ("registry: {db: 'sqlite:///<butlerRoot>'}\n", ["folder"]),
    ("cls: lsst.daf.butler.remote_butler.RemoteButler\nremote_butler: {url: 'https://x'}\n",
     ["remote"]),
    ("datastore: {cls: lsst.daf.butler.datastores.inMemoryDatastore.InMemoryDatastore}\n",
     ["InMemoryDatastore"]),
    ("datastore: {cls: x.ChainedDatastore, datastores: [{cls: x.InMemoryDatastore}]}\n",
     ["no FileDatastore"]),
    ("datastore: {root: 's3://bucket/x'}\n", ["s3://bucket/x"]),
    ("root: 'https://host/x'\n", ["https://host/x"]),
    ("root: 'file://elsewhere/x'\n", ["another machine"]),
    ("datastore: {records: {table: 'x; DROP TABLE visit'}}\n", ["no name of a table"]),
    ("datastore: {records: {table: nosuch}}\n", ["nosuch"]),
    ("includeConfigs: [other.yaml]\n", ["includeConfigs"]),
    ("registry: !include other.yaml\n", ["line 1", "tag"]),
    ("- a\n- b\n", ["butler.yaml"]), ("a: b: c\n", ["line 1"]), ("a: [1\n", ["line"]),
    ("registry: {db: 'sqlite:///<butlerRoot>/butler.yaml'}\n", ["not an SQLite database"]),
]


@pytest.mark.parametrize("text, said", CONFIGS, ids=lambda value: str(value)[:50])
def test_configurations(own, text, said):
    (own.folder / "butler.yaml").write_text(text)
    message = refused(3, own, *WORDS)
    assert all(word in message for word in said) and "secret" not in message, message


def test_damaged_registry(own):
    whole = own.registry.read_bytes()
    own.registry.write_bytes(b"")
    assert "empty" in refused(3, own, *WORDS)
    own.registry.write_bytes(b"no database " * 1000)
    assert "not an SQLite" in refused(3, own, *WORDS)
    own.registry.write_bytes(whole[:len(whole) // 4])
    assert "damaged" in refused(3, own, *WORDS)
    own.registry.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    assert str(own.registry) in refused(3, own, *WORDS)
    own.registry.unlink()
    assert "no such file" in refused(3, own, *WORDS)


def test_every_page_damaged(own):
    """One page at a time full of noise: an answer or a sentence, never a crash."""
    whole, page = own.registry.read_bytes(), 4096
    good = run("get", "--repo", own.folder, *WORDS).stdout
    for start in range(page, len(whole), page):
        own.registry.write_bytes(whole[:start] + b"\xa5" * page + whole[start + page:])
        done = call("get", "--repo", own.folder, *WORDS)
        assert done.returncode in (0, 1, 2, 3), (start, done.stderr)
        assert done.stdout == (good if done.returncode == 0 else "")


def test_registry_in_wal_mode(own):
    """SQLite would leave two files beside it."""
    change(own, "PRAGMA journal_mode = WAL")
    before = names(own.folder)
    run("get", "--repo", own.folder, *WORDS)
    assert names(own.folder) == before


def test_locked_registry(own):
    holder = sqlite3.connect(own.registry, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    said = fail(3, "get", "--repo", own.folder, *WORDS)
    holder.execute("ROLLBACK")
    holder.close()
    assert "locked" in said
    run("get", "--repo", own.folder, *WORDS)


def version(role, text):
    return ("UPDATE butler_attributes SET value = ? WHERE name = ?",
            (text, "version:lsst.daf.butler.registry." + MANAGERS[role][0]))


def manager(role, name):
    return ("UPDATE butler_attributes SET value = ? WHERE name = ?",
            (name, f"config:registry.managers.{role}"))


SCHEMAS = [
    (version("collections", "3.0.0"), ["collections", "3.0.0"]),
    (version("datasets", "3.1.0"), ["datasets", "3.1.0", "1.x and 2.x"]),
    (version("dimensions", "7.0.0"), ["dimensions", "7.0.0"]),
    (version("attributes", "2.0.0"), ["attributes", "2.0.0"]),
    (version("opaque", "1.0.0"), ["opaque", "1.0.0"]),
    (version("datasets", "new"), ["datasets", "new"]),
    (manager("collections", "lsst.daf.butler.registry.collections.nameKey.NameKeyCollectionManager"),
     ["NameKeyCollectionManager", "names for keys"]),
    (manager("datasets", "a.b.ByDimensionsDatasetRecordStorageManager"), ["integers for keys"]),
    (manager("datasets", "a.b.Nosuch"), ["Nosuch", "not known"]),
    ("DELETE FROM butler_attributes", ["does not say", "collections"]),
    ("DROP TABLE butler_attributes", ["generation 3"]),
    ("ALTER TABLE collection RENAME COLUMN collection_id TO collection_name", ["collection_id"]),
    ("DROP TABLE collection_chain", ["collection_chain"]),
    ("DROP TABLE dataset_type", ["dataset_type"]),
    ("DROP TABLE dataset_tags_00000001", ["dataset_tags_00000001", "calexp"]),
    ("ALTER TABLE file_datastore_records RENAME COLUMN path TO uri", ["path"]),
    ("ALTER TABLE dataset_tags_00000001 RENAME COLUMN dataset_id TO dataset",
     ["dataset_tags_00000001"]),
    ("UPDATE collection SET type = 9 WHERE collection_id = 1", ["type 9"]),
    ("INSERT INTO collection_chain VALUES (1, 7, 999)", ["999"]),
]


@pytest.mark.parametrize("statement, said", SCHEMAS, ids=lambda value: str(value)[:70])
def test_schemas(own, statement, said):
    change(own, statement)
    message = refused(3, own, *WORDS)
    assert all(word in message for word in said), message


@pytest.mark.parametrize("role, text", [("datasets", "2.0.0"), ("datasets", "1.3.7"),
                                        ("collections", "2.9.0"), ("opaque", "0.3.1")])
def test_versions_that_are_known(own, role, text):
    change(own, version(role, text))
    run("get", "--repo", own.folder, *WORDS)


@pytest.mark.parametrize("name", ["dataset_tags_1; DROP TABLE visit", 'dataset_tags_1" --', "visit",
                                  "", "sqlite_master", "dataset_tags_A", "Dataset_tags_1"])
def test_tables_that_are_no_names(own, name):
    change(own, ("UPDATE dataset_type SET tag_association_table = ? WHERE name = 'calexp'", (name,)))
    said = refused(3, own, *WORDS)
    assert "calexp" in said and f'"{name}"' in said
    refused(3, own, "--list")


def test_column_that_is_no_name(own):
    change(own, 'ALTER TABLE dataset_tags_00000001 ADD COLUMN "x; DROP TABLE visit" INTEGER',
           "DELETE FROM dimension_graph_definition")
    assert "no key" in refused(3, own, *WORDS)


def test_column_that_is_a_word_of_sql(own):
    """Dimensions may be called group."""
    change(own, "ALTER TABLE dataset_tags_00000001 RENAME COLUMN visit TO 'group'",
           "UPDATE dimension_graph_definition SET dimension_name = 'group' "
           "WHERE dimension_name = 'visit'")
    assert run("get", "--repo", own.folder, "calexp", f"group={VISIT}", "detector=80").stdout


def test_chains_that_contain_themselves(own):
    top, defaults = own.collections[TOP], own.collections[DEFAULTS]
    change(own, f"INSERT INTO collection_chain VALUES ({defaults}, 9, {top})")
    said = refused(3, own, *WORDS, "--collection", TOP)
    assert "contains itself" in said and TOP in said
    assert TOP in refused(2, own, *WORDS)      # no chain is at the top any more
    assert run("get", "--repo", own.folder, *WORDS, "--collection", CALEXPS).stdout
    shown = run("get", "--repo", own.folder, "--collections").stdout
    assert shown.count(TAGGED) == 1 and "as above" in shown
    change(own, f"DELETE FROM collection_chain WHERE child = {top}",
           f"INSERT INTO collection_chain VALUES ({defaults}, 9, {defaults})")
    assert "contains itself" in refused(3, own, *WORDS, "--collection", DEFAULTS)


def test_chains_that_are_deep_or_many(own):
    """A hundred deep at most; one that is met again and again is searched once."""
    last = max(own.collections.values())
    for depth in (60, 120):
        change(own, "DELETE FROM collection_chain WHERE parent > %d" % last,
               "DELETE FROM collection WHERE collection_id > %d" % last)
        for n in range(1, depth + 1):
            child = last + n + 1 if n < depth else own.collections[CALEXPS]
            change(own, f"INSERT INTO collection VALUES ({last + n}, 'chain{n}', 3, NULL)",
                   f"INSERT INTO collection_chain VALUES ({last + n}, 0, {child})",
                   f"INSERT INTO collection_chain VALUES ({last + n}, 1, {child})")
        if depth == 60:
            run("get", "--repo", own.folder, *WORDS, "--collection", "chain1")
            assert len(run("get", "--repo", own.folder, "--collections").stdout) < 60000
        else:
            assert "100 deep" in refused(3, own, *WORDS, "--collection", "chain1")


def set_path(repo, new):
    change(repo, ("UPDATE file_datastore_records SET path = ? WHERE path = ?",
                  (new, repo.paths["calexp", VISIT, CALEXPS])))


@pytest.mark.parametrize("path", ["../secret.fits", "2.2i/../../secret.fits", "%2e%2e/secret.fits",
                                  "a/./../..//secret.fits", "..%2Fsecret.fits"])
def test_paths_that_climb_out(own, path):
    (own.folder.parent / "secret.fits").write_text("secret")
    set_path(own, path)
    said = refused(3, own, *WORDS)
    assert "out of the datastore" in said


def test_links_that_lead_out(own):
    secret = own.folder.parent / "secret.fits"
    secret.write_text("secret")
    (own.folder / "link.fits").symlink_to(secret)
    (own.folder / "up").symlink_to(own.folder.parent)
    for path in ("link.fits", "up/secret.fits"):
        set_path(own, path)
        assert "out of the datastore" in refused(3, own, *WORDS)
        change(own, ("UPDATE file_datastore_records SET path = ? WHERE path = ?",
                     (own.paths["calexp", VISIT, CALEXPS], path)))
    # a link that stays inside
    (own.folder / "inside.fits").symlink_to(own.folder / own.paths["calexp", VISIT, CALEXPS])
    set_path(own, "inside.fits")
    assert run("get", "--repo", own.folder, *WORDS).stdout.endswith("/inside.fits\n")


@pytest.mark.parametrize("path, said", [
    ("nosuch.fits", "not there"), ("%6eosuch.fits", "not there"), ("2.2i", "no regular file"),
    ("", "no regular file"), ("s3://bucket/a.fits", "this system"), ("https://h/a", "this system"),
    ("file:///nosuch.fits", "not there"), ("file:///a.zip#unzip=b.fits", "part of a file"),
    ("a.zip#unzip=b.fits", "part of a file"), ("file://host/a.fits", "another machine"),
    ("/nosuch/a.fits", "not there"), ("a%00.fits", "zero byte"), ("x" * 5000, "not there"),
    ("butler.yaml/a.fits", "not there")])
def test_paths_that_lead_nowhere(own, path, said):
    set_path(own, path)
    message = refused(3, own, *WORDS)
    assert said in message and "calexp" in message
    refused(3, own, "--all", "calexp")


def test_missing_file(own):
    path = own.folder / own.paths["calexp", VISIT, CALEXPS]
    path.unlink()
    said = refused(3, own, *WORDS)
    assert path.name in said and "not there" in said
    change(own, "DELETE FROM file_datastore_records")
    assert "no file" in refused(3, own, *WORDS)


def test_outputs(own, tmp_path):
    """No file of the repository can be replaced, and after a failure nothing is left."""
    inside = own.folder / own.paths["calexp", VISIT, OLD]
    link = tmp_path / "link.fits"
    link.symlink_to(inside)
    for out in (own.registry, own.folder / "butler.yaml", inside, link,
                own.folder / own.paths["calexp", VISIT, CALEXPS]):
        said = refused(2, own, *WORDS, "-o", out, "--overwrite")
        assert "repository" in said
    link.unlink()
    before = names(tmp_path)
    refused(3, own, *WORDS, "-o", tmp_path / "no" / "x.fits")
    refused(3, own, *WORDS, "-o", tmp_path, "--overwrite")
    background = own.folder / own.paths["calexpBackground", VISIT, CALEXPS]
    background.write_bytes(background.read_bytes()[:2880])
    refused(3, own, "calexpBackground", *WORDS[1:], "-o", tmp_path / "b.fits", "-q")
    assert names(tmp_path) == before


def test_inputs_that_are_none(own, tmp_path):
    """Archives that make no sense."""
    assert "COADD_INPUTS" in refused(3, own, "--inputs", *WORDS)
    assert "component" in refused(2, own, "--inputs", "goodSeeingDiff_differenceExp", *WORDS[1:])
    source = own.folder / own.paths["deepCoadd", "coadd", COADDS]

    def spoil(name, edit):
        path = tmp_path / name
        with fits.open(source) as hdus:
            edit(hdus)
            hdus.writeto(path, overwrite=True)
        return fail(3, "get", "--inputs", path)

    def edit_index(column, value):
        def edit(hdus):
            hdus[4].data[column][hdus[4].data["id"] == 1] = value
        return edit

    assert "AR_HDU" in spoil("a.fits", lambda h: h[0].header.set("AR_HDU", 99))
    assert "AR_HDU" in spoil("b.fits", lambda h: h[0].header.set("AR_HDU", -1))
    assert "table" in spoil("c.fits", lambda h: h[0].header.set("AR_HDU", 2))
    assert "no archive" in spoil("d.fits", lambda h: h[0].header.remove("AR_HDU"))
    assert "no such object" in spoil("e.fits", edit_index("id", 77))
    assert "rows" in spoil("f.fits", edit_index("row0", 1000000))
    assert "rows" in spoil("g.fits", edit_index("nrows", -1))
    assert "table" in spoil("h.fits", edit_index("cat.archive", 1000))
    assert "table" in spoil("i.fits", edit_index("cat.archive", -5))
    assert "column id" in spoil("j.fits", lambda h: h[6].columns.change_name("id", "other"))
    assert "column" in spoil("k.fits", lambda h: h[4].columns.change_name("nrows", "other"))
    short = tmp_path / "short.fits"
    short.write_bytes(source.read_bytes()[:-5760])
    fail(3, "get", "--inputs", short)
    assert "nosuch.fits" in fail(3, "get", "--inputs", tmp_path / "nosuch.fits")


def test_nothing_is_written(own):
    """Whatever is asked, no byte and no file of the repository changes; its folder may be closed."""
    files = sorted(p for p in own.folder.rglob("*") if p.is_file())
    before = state(files)
    for words in (WORDS, ("--list",), ("--collections",), ("--all", "calexpBackground"),
                  ("--inputs", "deepCoadd", *COADD)):
        run("get", "--repo", own.folder, *words)
    assert state(files) == before
    assert sorted(p for p in own.folder.rglob("*") if p.is_file()) == files
    if os.geteuid() != 0:
        own.folder.chmod(0o500)
        run("get", "--repo", own.folder, *WORDS)
        own.folder.chmod(0o700)
