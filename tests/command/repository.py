"""Make a small Butler repository (generation 3, SQLite) with exposures whose backgrounds are known.

    python3 tests/command/repository.py DIR [--size WxH] [--visits N] [--bin N] [--seed N]

Tables, columns and names are those of Rubin's DP0.2, pixels are drawn here. DIR gets butler.yaml,
gen3.sqlite3, the files of the datasets and truth.npz:

    background_VISIT   float64, the sky of that visit, analytic
    raw_VISIT          float64, sources + noise + sky: what calexp and its background add up to
    deepCoadd          float32, NaN at the edges
    coadd_background   the constant that deepCoadd_calexp lacks

Same arguments, same bytes.
"""
import argparse
import copy
import pathlib
import shutil
import sqlite3
import uuid

import numpy as np

from repository_files import background_list, exposure, plane

INSTRUMENT, SKYMAP, TRACT, PATCH, DETECTOR = "LSSTCam-imSim", "DC2", 4226, 17, 80
TOP = "2.2i/runs/DP0.2"
COADDS, CALEXPS, TAGGED = f"{TOP}/step3", f"{TOP}/step1", f"{TOP}/tagged"
OLD, CALIB, DEFAULTS = "2.2i/runs/old", "2.2i/calib", "2.2i/defaults"
RUN, TAG, CHAIN, CALIBRATION = 1, 2, 3, 4
R_VISITS = (703697, 214433, 242873, 257797, 301248, 466756, 680286, 731776, 896811, 1184956)
I_VISIT, OLD_VISIT = 192350, 159494
FILTERS = {"r": "r_sim_1.4", "i": "i_sim_1.4"}
DETECTORS = {79: "R20_S21", 80: "R20_S22"}
# no fraction of a power of two, so that taking it off rounds; stored as float32
COADD_LEVEL = float(np.float32(0.61803))

# name: storage class, required dimensions in the order of the table
TYPES = {
    "calexp": ("ExposureF", "visit"),
    "calexpBackground": ("Background", "visit"),
    "goodSeeingDiff_differenceExp": ("ExposureF", "visit"),
    "deepCoadd": ("ExposureF", "patch"),
    "deepCoadd_calexp": ("ExposureF", "patch"),
    "deepCoadd_calexp_background": ("Background", "patch"),
    "skyMap": ("SkyMap", "skymap"),
}
DIMENSIONS = {
    "visit": (1, {"instrument": "VARCHAR(16)", "detector": "BIGINT", "visit": "BIGINT"}),
    "patch": (2, {"band": "VARCHAR(32)", "skymap": "VARCHAR(64)", "tract": "BIGINT",
                  "patch": "BIGINT"}),
    "skymap": (3, {"skymap": "VARCHAR(64)"}),
}
MANAGERS = {
    "attributes": ("attributes.DefaultButlerAttributeManager", "1.0.1"),
    "opaque": ("opaque.ByNameOpaqueTableStorageManager", "0.2.0"),
    "dimensions": ("dimensions.static.StaticDimensionRecordStorageManager", "6.0.2"),
    "collections": ("collections.synthIntKey.SynthIntKeyCollectionManager", "2.0.0"),
    "datasets": ("datasets.byDimensions._manager.ByDimensionsDatasetRecordStorageManagerUUID",
                 "1.0.0"),
    "datastores": ("bridge.monolithic.MonolithicDatastoreRegistryBridgeManager", "0.2.1"),
}
FORMATTERS = {"Background": "lsst.obs.base.formatters.fitsGeneric.FitsGenericFormatter"}
FORMATTER = "lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter"

SCHEMA = """
CREATE TABLE butler_attributes (name VARCHAR(1024) PRIMARY KEY, value VARCHAR(65535) NOT NULL);
CREATE TABLE collection (collection_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(64) NOT NULL UNIQUE, type SMALLINT NOT NULL, doc TEXT);
CREATE TABLE run (collection_id INTEGER PRIMARY KEY, timespan_begin BIGINT, timespan_end BIGINT,
    host VARCHAR(128));
CREATE TABLE collection_chain (parent INTEGER NOT NULL, position SMALLINT NOT NULL,
    child INTEGER NOT NULL, PRIMARY KEY (parent, position));
CREATE TABLE dataset_type (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(128) NOT NULL UNIQUE,
    storage_class VARCHAR(64) NOT NULL, dimensions_key BIGINT NOT NULL,
    tag_association_table VARCHAR(128) NOT NULL, calibration_association_table VARCHAR(128));
CREATE TABLE dataset (id CHAR(32) PRIMARY KEY, dataset_type_id BIGINT NOT NULL,
    ingest_date TIMESTAMP NOT NULL, run_id INTEGER NOT NULL);
CREATE TABLE dataset_location (datastore_name VARCHAR(256) NOT NULL, dataset_id CHAR(32) NOT NULL,
    PRIMARY KEY (datastore_name, dataset_id));
CREATE TABLE file_datastore_records (dataset_id CHAR(32) NOT NULL, path VARCHAR(256) NOT NULL,
    formatter VARCHAR(128) NOT NULL, storage_class VARCHAR(64) NOT NULL,
    component VARCHAR(32) NOT NULL, checksum VARCHAR(128), file_size BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, component));
CREATE TABLE dimension_graph_key (id BIGINT PRIMARY KEY);
CREATE TABLE dimension_graph_definition (dimension_graph_id BIGINT NOT NULL,
    dimension_name TEXT NOT NULL, PRIMARY KEY (dimension_graph_id, dimension_name));
CREATE TABLE collection_summary_dataset_type (collection_id INTEGER NOT NULL,
    dataset_type_id BIGINT NOT NULL, PRIMARY KEY (collection_id, dataset_type_id));
CREATE TABLE collection_summary_instrument (collection_id INTEGER NOT NULL,
    instrument VARCHAR(16) NOT NULL, PRIMARY KEY (collection_id, instrument));
CREATE TABLE collection_summary_skymap (collection_id INTEGER NOT NULL,
    skymap VARCHAR(64) NOT NULL, PRIMARY KEY (collection_id, skymap));
CREATE TABLE instrument (name VARCHAR(16) PRIMARY KEY, visit_max BIGINT, exposure_max BIGINT,
    detector_max BIGINT, class_name VARCHAR(64));
CREATE TABLE skymap (name VARCHAR(64) PRIMARY KEY, hash BLOB, tract_max BIGINT);
CREATE TABLE physical_filter (instrument VARCHAR(16) NOT NULL, name VARCHAR(32) NOT NULL,
    band VARCHAR(32), PRIMARY KEY (instrument, name));
CREATE TABLE detector (instrument VARCHAR(16) NOT NULL, id BIGINT NOT NULL, full_name VARCHAR(32),
    name_in_raft VARCHAR(32), raft VARCHAR(32), purpose VARCHAR(32), PRIMARY KEY (instrument, id));
CREATE TABLE visit (instrument VARCHAR(16) NOT NULL, id BIGINT NOT NULL, name VARCHAR(64),
    physical_filter VARCHAR(32), visit_system BIGINT, day_obs BIGINT, exposure_time DOUBLE,
    PRIMARY KEY (instrument, id));
"""

CONFIG = """# a repository for tests
datastore:
  cls: lsst.daf.butler.datastores.fileDatastore.FileDatastore
  records:
    table: file_datastore_records
  root: <butlerRoot>
registry:
  db: sqlite:///<butlerRoot>/gen3.sqlite3
"""


class Repository:
    """A repository that is being built, or was: folder, truth, ids of collections and types."""

    def __init__(self, folder, size=(200, 160), visits=6, bin_size=32, seed=1):
        self.folder = pathlib.Path(folder)
        self.width, self.height = size
        self.visits = R_VISITS[:visits]
        self.bin_size = bin_size
        self.seed = seed
        self.truth = {}
        self.paths = {}         # (type, visit or "coadd", run) -> path relative to the folder
        self.collections, self.types = {}, {}
        self.sources = draw_sources(self.width, self.height, seed)

    @property
    def registry(self):
        return self.folder / "gen3.sqlite3"

    # registry

    def make_tables(self):
        self.database.executescript(SCHEMA)
        for key, columns in DIMENSIONS.values():
            fields = "".join(f", {name} {kind} NOT NULL" for name, kind in columns.items())
            self.database.execute(
                f"CREATE TABLE dataset_tags_{key:08d} (dataset_type_id BIGINT NOT NULL, "
                f"dataset_id CHAR(32) NOT NULL, collection_id INTEGER NOT NULL{fields}, "
                f"PRIMARY KEY (dataset_id, collection_id), UNIQUE (dataset_type_id, collection_id, "
                f"{', '.join(columns)}))")
            self.insert("dimension_graph_key", key)
            for name in columns:
                self.insert("dimension_graph_definition", key, name)
        for role, (name, version) in MANAGERS.items():
            name = "lsst.daf.butler.registry." + name
            self.insert("butler_attributes", f"config:registry.managers.{role}", name)
            self.insert("butler_attributes", f"version:{name}", version)
        self.insert("butler_attributes", "config:dimensions.json", "{}")

    def insert(self, table, *values):
        marks = ", ".join("?" * len(values))
        return self.database.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid

    def collection(self, name, kind, *children):
        self.collections[name] = self.insert("collection", None, name, kind, None)
        for position, child in enumerate(children):
            self.insert("collection_chain", self.collections[name], position,
                        self.collections[child])

    def make_collections(self):
        for name in (COADDS, CALEXPS, OLD):
            self.collection(name, RUN)
            self.insert("run", self.collections[name], None, None, None)
        self.collection(TAGGED, TAG)
        self.collection(CALIB, CALIBRATION)
        self.collection(DEFAULTS, CHAIN, CALIB, CALEXPS)
        self.collection(TOP, CHAIN, COADDS, CALEXPS, TAGGED, DEFAULTS)

    def make_types(self):
        for name, (storage, kind) in TYPES.items():
            key = DIMENSIONS[kind][0]
            self.types[name] = self.insert("dataset_type", None, name, storage, key,
                                           f"dataset_tags_{key:08d}", None)

    def make_records(self):
        self.insert("instrument", INSTRUMENT, 10**7, 10**7, 188, "lsst.obs.lsst.LsstCamImSim")
        self.insert("skymap", SKYMAP, b"\0", 18938)
        for band, name in FILTERS.items():
            self.insert("physical_filter", INSTRUMENT, name, band)
        for number, name in DETECTORS.items():
            raft, sensor = name.split("_")
            self.insert("detector", INSTRUMENT, number, name, sensor, raft, "SCIENCE")
        for visit in (*self.visits, I_VISIT, OLD_VISIT):
            band = "i" if visit == I_VISIT else "r"
            self.insert("visit", INSTRUMENT, visit, str(visit), FILTERS[band], 0, 20240101, 30.0)

    def tag(self, name, identity, collection, data_id):
        """Make a dataset a member of a collection, and of its summaries."""
        key, columns = DIMENSIONS[TYPES[name][1]]
        number = self.collections[collection]
        self.insert(f"dataset_tags_{key:08d}", self.types[name], identity, number,
                    *(data_id[column] for column in columns))
        for table, value in (("dataset_type", self.types[name]),
                             ("instrument", data_id.get("instrument")),
                             ("skymap", data_id.get("skymap"))):
            if value is not None:
                self.database.execute(f"INSERT OR IGNORE INTO collection_summary_{table} "
                                      "VALUES (?, ?)", (number, value))

    def put(self, name, run, data_id, hdus, component="__NULL_STRING__", storage=None):
        """Write a file and register it; the id of its dataset."""
        kind = TYPES[name][1]
        words = [str(data_id[k]) for k in DIMENSIONS[kind][1]]
        text = f"{self.seed}/{name}/{run}/" + "/".join(words)
        identity = uuid.uuid5(uuid.NAMESPACE_URL, text).hex
        part = "" if component == "__NULL_STRING__" else "." + component
        where = str(data_id["visit"]) if kind == "visit" else "/".join(words[-2:])
        path = f"{run}/{name}{part}/{where}/{name}{part.replace('.', '_')}_{'_'.join(words)}.fits"
        full = self.folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        hdus.writeto(full, output_verify="exception")
        known = self.database.execute("SELECT 1 FROM dataset WHERE id = ?", (identity,)).fetchone()
        if not known:
            self.insert("dataset", identity, self.types[name], "2022-06-01 00:00:00",
                        self.collections[run])
            self.insert("dataset_location", "FileDatastore@<butlerRoot>", identity)
            self.tag(name, identity, run, data_id)
        self.insert("file_datastore_records", identity, path,
                    FORMATTERS.get(TYPES[name][0], FORMATTER),
                    storage or TYPES[name][0], component, None, full.stat().st_size)
        if data_id.get("detector", DETECTOR) == DETECTOR:
            self.paths[name + part, data_id.get("visit", "coadd"), run] = path
        return identity

    # pixels

    def sky(self, visit):
        """Level, plane and curvature of a visit's sky, unlike those of the others: three functions
        of pixel coordinates, of which the list of backgrounds keeps the sums."""
        rng = np.random.default_rng([self.seed, visit])
        level, sx, sy = rng.uniform(650, 950), *rng.uniform(-20, 20, 2)
        curve, tx, ty = rng.uniform(-15, 15), *rng.uniform(-3, 3, 2)

        def broad(x, y):
            u, v = 2 * x / self.width - 1, 2 * y / self.height - 1
            return level + sx * u + sy * v + curve * (u * u + 0.5 * u * v)

        def fine(x, y):
            return tx * (2 * x / self.width - 1) + ty * (2 * y / self.height - 1)

        return broad, fine

    def visit_planes(self, visit):
        """Image without sky, mask, variance, and the sky."""
        rng = np.random.default_rng([self.seed, visit, 7])
        y, x = np.mgrid[:self.height, :self.width].astype(float)
        broad, fine = self.sky(visit)
        sky = broad(x, y) + fine(x, y)
        variance = (sky + self.sources) / 0.7 + 25
        image = (self.sources + rng.normal(0, np.sqrt(variance))).astype(np.float32)
        mask = np.where(self.sources > 2 * np.sqrt(variance), 1 << 5, 0).astype(np.int32)
        mask[:4], mask[-4:], mask[:, :4], mask[:, -4:] = 16, 16, 16, 16
        bad = int(rng.integers(10, self.width - 10))
        mask[:, bad] |= 1
        return image, mask, variance.astype(np.float32), sky

    def make_visit(self, visit, run, detector=DETECTOR):
        data_id = {"instrument": INSTRUMENT, "detector": detector, "visit": visit}
        image, mask, variance, sky = self.visit_planes(visit)
        band = "i" if visit == I_VISIT else "r"
        cards = {"FILTER": FILTERS[band], "EXPTIME": 30.0, "BGMEAN": float(sky.mean()),
                 "BGVAR": float(sky.var()), "DETNAME": DETECTORS[detector]}
        identity = self.put("calexp", run, data_id,
                            exposure(image, mask, variance, (0, 0), cards, unit="adu"))
        broad, fine = self.sky(visit)
        size = (self.width, self.height)
        elements = [(broad, self.bin_size, "chebyshev"), (fine, 2 * self.bin_size, "linear")]
        background = self.put("calexpBackground", run, data_id,
                              background_list(elements, size, (0, 0)))
        if detector == DETECTOR and run != OLD:
            self.truth[f"background_{visit}"] = sky
            self.truth[f"raw_{visit}"] = image.astype(float) + sky
        return data_id, identity, background

    def make_parts(self, visit):
        """A dataset in a file for each component."""
        image, mask, variance, _ = self.visit_planes(visit)
        data_id = {"instrument": INSTRUMENT, "detector": DETECTOR, "visit": visit}
        for component, data, storage in (("image", image, "ImageF"), ("mask", mask, "Mask"),
                                         ("variance", variance, "ImageF")):
            self.put("goodSeeingDiff_differenceExp", CALEXPS, data_id, plane(data, (0, 0)),
                     component, storage)

    def make_coadd(self):
        data_id = {"band": "r", "skymap": SKYMAP, "tract": TRACT, "patch": PATCH}
        corner = (11900, 7900)
        image = (np.mean([self.visit_planes(v)[0] for v in self.visits], axis=0, dtype=float)
                 + COADD_LEVEL).astype(np.float32)
        variance = np.full(image.shape, 1100 / len(self.visits), np.float32)
        mask = np.where(self.sources > 60, 1 << 5, 0).astype(np.int32)
        edge = max(3, self.width // 40)
        for where in (np.s_[:, :edge], np.s_[-edge:]):
            image[where], variance[where], mask[where] = np.nan, np.inf, 1 << 8
        inputs = [(v, 1 / 1100 + 1e-5 * n, FILTERS["r"], DETECTOR)
                  for n, v in enumerate(self.visits)]
        cards = {"FILTER": "r"}
        self.put("deepCoadd", COADDS, data_id,
                 exposure(image, mask, variance, corner, cards, inputs=inputs, unit="nJy"))
        self.put("deepCoadd_calexp", COADDS, data_id,
                 exposure(image - np.float32(COADD_LEVEL), mask, variance * np.float32(1.02), corner,
                          {**cards, "VARIANCE_SCALE": 1.02}, inputs=inputs, unit="nJy"))
        self.put("deepCoadd_calexp_background", COADDS, data_id,
                 background_list([(lambda x, y: COADD_LEVEL + 0 * x, 10**9, "level")],
                                 (self.width, self.height), corner))
        self.truth |= {"deepCoadd": image, "coadd_background": np.array(COADD_LEVEL)}

    def build(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "butler.yaml").write_text(CONFIG)
        self.database = sqlite3.connect(self.registry)
        with self.database:
            self.make_tables()
            self.make_collections()
            self.make_types()
            self.make_records()
            for visit in (*self.visits, I_VISIT):
                self.make_visit(visit, CALEXPS)
            self.make_visit(self.visits[0], CALEXPS, detector=79)
            # an older run, of which some are tagged: one visit that step1 has, and one of its own
            for visit in (self.visits[0], OLD_VISIT):
                data_id, identity, background = self.make_visit(visit, OLD)
                self.tag("calexp", identity, TAGGED, data_id)
                self.tag("calexpBackground", background, TAGGED, data_id)
            self.make_parts(self.visits[0])
            self.make_coadd()
        self.database.close()
        self.database = None
        np.savez(self.folder / "truth.npz", **self.truth)
        return self

    def copy(self, folder):
        """The same in another folder, which must not be there."""
        other = copy.copy(self)
        other.folder = pathlib.Path(shutil.copytree(self.folder, folder))
        return other


def draw_sources(width, height, seed, count=60):
    """Round Gaussian stars of many brightnesses, float64."""
    rng = np.random.default_rng([seed, 11])
    y, x = np.mgrid[:height, :width].astype(float)
    image = np.zeros((height, width))
    for _ in range(count * width * height // 32000 + 1):
        cx, cy, flux = rng.uniform(0, width), rng.uniform(0, height), rng.pareto(1.2) * 100
        low, high = max(0, int(cy) - 12), int(cy) + 13
        left, right = max(0, int(cx) - 12), int(cx) + 13
        part = np.s_[low:high, left:right]
        image[part] += min(flux, 2e4) * np.exp(-((x[part] - cx)**2 + (y[part] - cy)**2) / 8)
    return image


def build(folder, **options):
    """A repository in a new or empty folder."""
    return Repository(folder, **options).build()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--size", default="200x160", metavar="WxH")
    parser.add_argument("--visits", type=int, default=6, metavar="N", help="5 to 10 of band r")
    parser.add_argument("--bin", type=int, default=32, metavar="N", help="pixels of a bin")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    given = parser.parse_args()
    size = tuple(map(int, given.size.split("x")))
    build(given.folder, size=size, visits=given.visits, bin_size=given.bin, seed=given.seed)
    print(given.folder)


if __name__ == "__main__":
    main()
