"""welkin get on repositories of the Butler: what is found, listed, copied and evaluated."""
import json
import os
import pathlib
import sqlite3

import numpy as np
import pytest
from astropy.io import fits

from helpers import SOURCE, ask, call, fail, names, run
from repository import (CALEXPS, CALIB, COADD_LEVEL, DEFAULTS, I_VISIT, INSTRUMENT, OLD, OLD_VISIT,
                        TAGGED, TOP, TYPES, build)

SHARED = pathlib.Path(os.environ.get("WELKIN_SHARED", SOURCE.parent / "shared"))
VISIT = 703697
COADD = ("tract=4226", "patch=17", "band=r")


@pytest.fixture(name="repo", scope="module")
def make_repository(tmp_path_factory):
    return build(tmp_path_factory.mktemp("repo"))


@pytest.fixture(name="own")
def make_own_repository(repo, tmp_path):
    """One that a test may change."""
    return repo.copy(tmp_path / "repo")


def get(repo, *words, **options):
    return run("get", "--repo", repo.folder, *words, **options).stdout


def tell(repo, *words):
    return ask("get", "--repo", repo.folder, *words)


def test_path(repo):
    path = get(repo, "calexp", f"visit={VISIT}", "detector=80")
    assert path == f"{repo.folder}/{repo.paths['calexp', VISIT, CALEXPS]}\n"
    assert fits.getval(path.strip(), "FILTER") == "r_sim_1.4"


@pytest.mark.parametrize("words", [
    ("visit=0703697", "detector=+80"), ("detector=R20_S22", f"visit={VISIT}"),
    (f"visit={VISIT}", "detector=80", "band=r"), (f"visit={VISIT}", "detector=80", "detector=80"),
    (f"visit={VISIT}", "detector=80", "physical_filter=r_sim_1.4", f"instrument={INSTRUMENT}")])
def test_one_dataset_by_many_ways(repo, words):
    expected = get(repo, "calexp", f"visit={VISIT}", "detector=80")
    assert get(repo, "calexp", *words) == expected


def test_document(repo):
    """What the registry has, by sqlite3."""
    told = tell(repo, "calexp", f"visit={VISIT}", "detector=80")
    with sqlite3.connect(repo.registry) as database:
        identity, path, formatter, size = database.execute(
            "SELECT r.dataset_id, path, formatter, file_size FROM file_datastore_records r "
            "JOIN dataset_tags_00000001 t USING (dataset_id) JOIN collection c USING (collection_id) "
            "JOIN dataset_type y ON y.id = t.dataset_type_id "
            "WHERE y.name = 'calexp' AND c.name = ? AND visit = ? AND detector = 80",
            (CALEXPS, VISIT)).fetchone()
    assert told["data_id"] == {"instrument": INSTRUMENT, "visit": VISIT, "detector": 80,
                               "physical_filter": "r_sim_1.4", "band": "r"}
    assert told["id"].replace("-", "") == identity and told["id"].count("-") == 4
    assert told["path"] == str(repo.folder / path) and told["size"] == size
    assert (told["formatter"], told["storage_class"], told["run"], told["dataset_type"]) == (
        formatter, "ExposureF", CALEXPS, "calexp")
    told = tell(repo, "deepCoadd", *COADD)["data_id"]
    assert told == {"skymap": "DC2", "tract": 4226, "patch": 17, "band": "r"}


def test_butler_yaml_stands_for_its_folder(repo, tmp_path):
    words = ("calexp", f"visit={VISIT}", "detector=80")
    path = repo.paths["calexp", VISIT, CALEXPS]
    assert run("get", "--repo", repo.folder / "butler.yaml", *words).stdout == get(repo, *words)
    assert run("get", "--repo", ".", *words, cwd=repo.folder).stdout == f"./{path}\n"
    assert run("get", "--repo", "butler.yaml", *words, cwd=repo.folder).stdout == f"./{path}\n"
    assert run("get", "--repo", f"{repo.folder}//", *words).stdout == get(repo, *words)


def test_order_of_collections(repo):
    """The first that has it wins; each alone has its own."""
    words = ("calexp", f"visit={VISIT}", "detector=80")
    assert tell(repo, *words)["run"] == CALEXPS
    assert tell(repo, *words, "--collection", TOP)["run"] == CALEXPS
    assert tell(repo, *words, "--collection", OLD)["run"] == OLD
    assert tell(repo, *words, "--collection", TAGGED)["run"] == OLD
    assert tell(repo, *words, "--collection", f"{OLD},{TOP}")["run"] == OLD
    assert tell(repo, *words, "--collection", f"{TOP},{OLD}")["run"] == CALEXPS
    assert tell(repo, *words, "--collection", DEFAULTS)["run"] == CALEXPS
    tagged = tell(repo, "calexp", f"visit={OLD_VISIT}", "detector=80")
    assert tagged["run"] == OLD


def test_default_collection(own):
    words = ("calexp", f"visit={VISIT}", "detector=80")
    with sqlite3.connect(own.registry) as database:
        database.execute("DELETE FROM collection_chain WHERE child = ?",
                         (own.collections[DEFAULTS],))
    said = fail(2, "get", "--repo", own.folder, *words)
    assert TOP in said and DEFAULTS in said and OLD not in said
    with sqlite3.connect(own.registry) as database:
        database.execute("DELETE FROM collection_chain")
        database.execute("DELETE FROM collection WHERE name NOT IN (?, ?)", (CALEXPS, CALIB))
    assert tell(own, *words)["run"] == CALEXPS


def test_all(repo):
    """The same visits as an SQL query over the collections in their order."""
    lines = get(repo, "--all", "calexpBackground", "detector=80", "band=r").splitlines()
    visits = [int(dict(w.split("=") for w in line.split()[:3])["visit"]) for line in lines]
    assert visits == sorted([*repo.visits, OLD_VISIT])
    assert all(fits.getdata(line.split()[3]).ndim == 2 for line in lines)
    told = tell(repo, "--all", "calexpBackground")["datasets"]
    assert len(told) == len(repo.visits) + 3
    assert [d["run"] for d in told].count(OLD) == 1
    assert [d["data_id"]["visit"] for d in told if d["data_id"]["band"] == "i"] == [I_VISIT]
    one = tell(repo, "--all", "calexp", f"visit={VISIT}", "detector=R20_S21")["datasets"]
    assert [d["data_id"]["detector"] for d in one] == [79]
    physical = tell(repo, "--all", "calexp", "physical_filter=i_sim_1.4")["datasets"]
    assert [d["data_id"]["visit"] for d in physical] == [I_VISIT]
    assert "no" in fail(1, "get", "--repo", repo.folder, "--all", "calexp", "band=z")


def test_list(repo):
    told = tell(repo, "--list")["dataset_types"]
    with sqlite3.connect(repo.registry) as database:
        counts = dict(database.execute(
            "SELECT y.name, count(d.id) FROM dataset_type y LEFT JOIN dataset d "
            "ON d.dataset_type_id = y.id GROUP BY y.name"))
    assert {t["name"]: t["datasets"] for t in told} == counts
    assert [t["name"] for t in told] == sorted(TYPES)
    assert {t["name"]: t["storage_class"] for t in told} == {n: s for n, (s, _) in TYPES.items()}
    assert told[0]["dimensions"] == ["instrument", "detector", "visit"]
    lines = get(repo, "--list", "deepCoadd*").splitlines()
    assert [line.split()[0] for line in lines[1:]] == sorted(t for t in TYPES if "Coadd" in t)
    inside = tell(repo, "--list", "calexp", "--collection", TOP)["dataset_types"]
    assert [t["datasets"] for t in inside] == [len(repo.visits) + 3]
    assert get(repo, "--list", "nosuch").splitlines()[1:] == []


def test_collections(repo):
    lines = get(repo, "--collections").splitlines()
    assert [line.split() for line in lines[1:4]] == [
        [TOP, "CHAINED"], ["2.2i/runs/DP0.2/step3", "RUN"], [CALEXPS, "RUN"]]
    assert f"    {CALIB}" in lines[6] and "CALIBRATION" in lines[6]
    told = {c["name"]: c for c in tell(repo, "--collections")["collections"]}
    assert told[DEFAULTS]["children"] == [CALIB, CALEXPS] and told[TAGGED]["type"] == "TAGGED"
    part = get(repo, "--collections", "--collection", DEFAULTS).splitlines()
    assert len(part) == 4 and part[1].startswith(DEFAULTS)
    part = tell(repo, "--collections", "--collection", DEFAULTS)["collections"]
    assert {c["name"] for c in part} == {DEFAULTS, CALIB, CALEXPS}


def test_components(repo):
    words = ("goodSeeingDiff_differenceExp", f"visit={VISIT}", "detector=80")
    told = tell(repo, *words)
    assert "path" not in told
    assert [p["component"] for p in told["paths"]] == ["image", "mask", "variance"]
    assert [p["storage_class"] for p in told["paths"]] == ["ImageF", "Mask", "ImageF"]
    lines = get(repo, *words).splitlines()
    assert lines == [f"{p['component']} {p['path']}" for p in told["paths"]]
    mask = get(repo, words[0] + ".mask", *words[1:]).split()
    assert mask == ["mask", told["paths"][1]["path"]]
    said = fail(2, "get", "--repo", repo.folder, words[0] + ".wcs", *words[1:])
    assert "image, mask, variance" in said
    assert "one file" in fail(2, "get", "--repo", repo.folder, "calexp.mask", *words[1:])


def test_copy(repo, tmp_path):
    words = ("calexp", f"visit={VISIT}", "detector=80")
    out = tmp_path / "out.fits"
    assert get(repo, *words, "-o", out) == ""
    source = repo.folder / repo.paths["calexp", VISIT, CALEXPS]
    assert out.read_bytes() == source.read_bytes()
    assert "exists" in fail(3, "get", "--repo", repo.folder, *words, "-o", out)
    out.write_text("old")
    assert tell(repo, *words, "-o", out, "--overwrite", "--durable")["output"] == str(out)
    assert out.read_bytes() == source.read_bytes()
    component = tmp_path / "mask.fits"
    get(repo, "goodSeeingDiff_differenceExp.mask", *words[1:], "-o", component)
    assert fits.getdata(component).dtype.kind == "i"
    whole = "goodSeeingDiff_differenceExp"
    assert "3 files" in fail(2, "get", "--repo", repo.folder, whole, *words[1:], "-o",
                             tmp_path / "no.fits")
    assert names(tmp_path) == ["mask.fits", "out.fits"]


def test_background_is_evaluated(repo, tmp_path):
    """The sky that the list was made from. Levels lie below 1000, where float32 has steps of 6e-5:
    two elements, their bins and their sum are rounded."""
    for visit in repo.visits:
        out = tmp_path / f"{visit}.fits"
        told = tell(repo, "calexpBackground", f"visit={visit}", "detector=80", "-o", out)
        image, truth = fits.getdata(out), repo.truth[f"background_{visit}"]
        assert image.dtype == ">f4" and np.abs(image - truth).max() < 3e-4
        assert told["level"]["mean"] == pytest.approx(truth.mean(), abs=3e-4)
        history = list(fits.getheader(out)["HISTORY"])
        assert history[0].startswith("welkin")
        assert {"dataset calexpBackground", f"visit {visit}", "detector 80",
                f"run {CALEXPS}", f"id {told['id']}"} <= set(history)
        calexp = get(repo, "calexp", f"visit={visit}", "detector=80").strip()
        raw = fits.getdata(calexp, 1).astype(float) + image
        assert np.abs(raw - repo.truth[f"raw_{visit}"]).max() < 3e-4


def test_coadd(repo, tmp_path):
    """deepCoadd less deepCoadd_calexp is the stored background, but for the rounding of pixels."""
    paths = [get(repo, name, *COADD).strip() for name in ("deepCoadd", "deepCoadd_calexp")]
    coadd, calexp = (fits.getdata(p, 1).astype(float) for p in paths)
    get(repo, "deepCoadd_calexp_background", *COADD, "-o", tmp_path / "b.fits")
    background = fits.getdata(tmp_path / "b.fits")
    assert np.unique(background).tolist() == [COADD_LEVEL] and np.isnan(coadd).any()
    step = np.spacing(np.abs(coadd).astype(np.float32))
    assert np.nanmax(np.abs(coadd - calexp - background) / np.maximum(step, 1e-7)) <= 1


def test_copy_of_a_background_list(repo, tmp_path):
    words = ("calexpBackground", f"visit={VISIT}", "detector=80")
    get(repo, *words, "-o", tmp_path / "list.fits", "--copy")
    source = repo.folder / repo.paths["calexpBackground", VISIT, CALEXPS]
    assert (tmp_path / "list.fits").read_bytes() == source.read_bytes()
    run("background", "--evaluate", source, "-o", tmp_path / "a.fits")
    get(repo, *words, "-o", tmp_path / "b.fits")
    assert np.array_equal(fits.getdata(tmp_path / "a.fits"), fits.getdata(tmp_path / "b.fits"))


def test_inputs(repo):
    told = tell(repo, "--inputs", "deepCoadd", *COADD)
    path = repo.folder / repo.paths["deepCoadd", "coadd", "2.2i/runs/DP0.2/step3"]
    check_inputs(told, path)
    assert [v["id"] for v in told["visits"]] == list(repo.visits)
    assert told["data_id"]["patch"] == 17 and told["path"] == str(path)
    lines = get(repo, "--inputs", "deepCoadd", *COADD).splitlines()
    assert lines[0].split() == ["visit", "weight", "filter"]
    assert [int(line.split()[0]) for line in lines[1:]] == list(repo.visits)


def check_inputs(told, path):
    """The tables as astropy reads them, found through the index of the archive."""
    with fits.open(path) as hdus:
        first = hdus[0].header["AR_HDU"] - 1
        identity = hdus[0].header.get("ARCHIVE_ID_COADD_INPUTS", hdus[0].header["COADD_INPUTS_ID"])
        index = hdus[first].data
        rows = sorted((r for r in index if r["id"] == identity), key=lambda r: r["cat.persistable"])
        visits, ccds = (hdus[first + r["cat.archive"]].data[r["row0"]:r["row0"] + r["nrows"]]
                        for r in rows)
        filters = [*visits["filter"]] if "filter" in visits.names else [None] * len(visits)
        assert [(v["id"], v["weight"], v["filter"]) for v in told["visits"]] == list(
            zip(visits["id"], visits["weight"], filters))
        assert [(d["id"], d["visit"], d["detector"], d["weight"]) for d in told["detectors"]] == list(
            zip(ccds["id"], ccds["visit"], ccds["ccd"], ccds["weight"]))
        assert len(visits) > 0


@pytest.mark.skipif(not (SHARED / "data/lsst/coadd_with_inputs.fits").exists(),
                    reason="no coadd of LSST's own in the shared folder")
def test_inputs_of_lsst_s_own_file():
    path = SHARED / "data/lsst/coadd_with_inputs.fits"
    told = ask("get", "--inputs", path)
    check_inputs(told, path)
    assert len(told["visits"]) == 3 and told["file"] == str(path)
    # an exposure whose inputs are empty
    empty = ask("get", "--inputs", SHARED / "data/lsst/calexp.fits")
    assert empty["visits"] == [] and empty["detectors"] == []


def test_paths_that_were_quoted(repo, tmp_path):
    """%XX in a relative path, absolute file: URIs, percent signs that are part of the name."""
    repo = repo.copy(tmp_path / "a b")
    words = ("calexp", f"visit={VISIT}", "detector=80")
    plain = repo.paths["calexp", VISIT, CALEXPS]
    odd = repo.folder / "odd % name#1.fits"
    (repo.folder / plain).rename(odd)
    apart = tmp_path / "apart %41.fits"
    apart.write_bytes(odd.read_bytes())
    for stored, expected in (("odd % name#1.fits", odd), ("odd%20%25%20name%231.fits", odd),
                             (apart.as_uri(), apart), (str(apart), apart)):
        set_path(repo, plain, stored)
        assert get(repo, *words).strip() == str(expected)
        set_path(repo, stored, plain)


def set_path(repo, old, new):
    with sqlite3.connect(repo.registry) as database:
        changed = database.execute("UPDATE file_datastore_records SET path = ? WHERE path = ?",
                                   (new, old)).rowcount
    assert changed == 1


CONFIGS = {
    "empty": "",
    "absolute": "registry: {{db: 'sqlite:///{folder}/gen3.sqlite3'}}\ndatastore: {{root: {folder}}}\n",
    "uri": "root: file://{folder}\ndatastore: {{root: file://{folder}/}}\n",
    "relative": "registry: {{db: 'sqlite:///gen3.sqlite3'}}\ndatastore: {{root: .}}\n",
    "chained": ("datastore:\n  cls: lsst.daf.butler.datastores.chainedDatastore.ChainedDatastore\n"
                "  datastores:\n  - datastore: {{cls: x.InMemoryDatastore}}\n"
                "  - datastore: {{cls: x.FileDatastore, root: <butlerRoot>}}\n"),
    "chained_flat": ("datastore:\n  cls: x.ChainedDatastore\n  datastores:\n"
                     "  - {{cls: x.InMemoryDatastore}}\n"
                     "  - {{cls: x.FileDatastore, root: <butlerRoot>}}\n"),
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_configurations(own, kind):
    """Where registry and files are, said in all the ways there are."""
    (own.folder / "butler.yaml").write_text(CONFIGS[kind].format(folder=own.folder))
    if kind == "empty":      # the default of the datastore's root is a folder of its own
        (own.folder / "butler.yaml").write_text("# nothing\n{}\n")
        (own.folder / "datastore").mkdir()
        (own.folder / "2.2i").rename(own.folder / "datastore" / "2.2i")
    path = get(own, "calexp", f"visit={VISIT}", "detector=80").strip()
    assert path.endswith(own.paths["calexp", VISIT, CALEXPS])
    assert pathlib.Path(path).exists()


def test_optional_tables(own):
    """Without what a registry need not have, the data ID must be whole, and is found."""
    with sqlite3.connect(own.registry) as database:
        for table in ("dataset", "visit", "physical_filter", "detector", "dataset_location",
                      "dimension_graph_definition", "collection_summary_instrument",
                      "collection_summary_skymap", "collection_summary_dataset_type"):
            database.execute(f"DROP TABLE {table}")
    words = ("calexp", f"visit={VISIT}", "detector=80")
    assert "instrument" in fail(2, "get", "--repo", own.folder, *words)
    told = tell(own, *words, f"instrument={INSTRUMENT}")
    assert told["run"] is None and list(told["data_id"]) == ["instrument", "detector", "visit"]
    assert "band" in fail(2, "get", "--repo", own.folder, *words, "band=r")


def test_size_that_differs(own):
    """A warning, which changes no status."""
    with open(own.folder / own.paths["calexp", VISIT, CALEXPS], "ab") as file:
        file.write(bytes(2880))
    done = call("get", "--repo", own.folder, "calexp", f"visit={VISIT}", "detector=80", "--json")
    assert done.returncode == 0 and "registry" in done.stderr
    assert json.loads(done.stdout)["size"] == os.path.getsize(json.loads(done.stdout)["path"])
