"""Tables that astropy wrote, read to the same bits."""
import os
import subprocess
import warnings

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import MaskedColumn, Table

PROGRAM = os.environ.get("WELKIN_TABLE_COLUMNS", "table_columns")


def columns(path):
    """Each column's numbers, or the text why there are none."""
    done = subprocess.run([PROGRAM, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stdout + done.stderr
    found = {}
    for line in done.stdout.splitlines():
        name, values = line.split("\t")
        found[name] = values if values.startswith("!") else np.array(values.split(), dtype=float)
    return found


def expected(column):
    values = np.array(np.ma.getdata(column), dtype=float)
    values[np.ma.getmaskarray(column)] = np.nan
    return values


def check_same(path, table):
    found = columns(path)
    assert list(found) == table.colnames
    for name in table.colnames:
        column = table[name]
        if column.ndim > 1 or column.dtype.kind not in "biuf":
            assert isinstance(found[name], str) and "not one number a row" in found[name]
        else:
            np.testing.assert_array_equal(found[name], expected(column), err_msg=name)


def integer_extremes(table):
    for kind in "i1 i2 i4 i8 u1 u2 u4 u8".split():
        limits = np.iinfo(kind)
        table["n_" + kind] = np.array([limits.min, 0, 1, limits.max], dtype=kind)


def make_table():
    random = np.random.default_rng(20240607)
    table = Table(meta={"comments": ["one: two", "three"], "note": "it's\nof \"several\" lines",
                        "list": [1, {"a": None}], "long": "word " * 60})
    integer_extremes(table)
    table["x"] = random.normal(0.0, 1e3, 4) * units.pix
    table["tiny"] = np.array([5e-324, 1.7976931348623157e308, -0.1, 0.1 + 0.2])
    table["f4"] = random.normal(0.0, 1.0, 4).astype("f4")
    table["special"] = [np.nan, np.inf, -np.inf, -0.0]
    table["truth"] = [True, False, False, True]
    table["masked"] = MaskedColumn([1.5, 2.5, 3.5, 4.5], mask=[0, 1, 0, 1])
    table["masked_n"] = MaskedColumn([1, 2, 3, 4], mask=[1, 0, 0, 0], dtype="i4")
    table["a name"] = ["NGC 1", "say \"no\"", "", "a,b;c"]
    table["x"].description = "place: the first"
    return table


@pytest.mark.parametrize("ending", ["fits", "fits.gz"])
def test_fits(tmp_path, ending):
    table = make_table()
    table["vector"] = np.zeros((4, 2))
    table["complex"] = np.zeros(4, dtype=complex)
    path = tmp_path / ("table." + ending)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # meta that a header cannot hold
        table.meta.clear()
        table.remove_column("n_i1")  # astropy makes truth values of it
        table.write(path)
    check_same(path, table)


def test_fits_scaled_and_undefined(tmp_path):
    stored = np.array([-5, 0, 7, 99], dtype="i2")
    hdu = fits.BinTableHDU.from_columns([
        fits.Column("scaled", "I", bscale=0.25, bzero=10.0),
        fits.Column("null", "J", array=stored.astype("i4"), null=99),
        fits.Column("bits", "9X", array=np.zeros((4, 9), dtype=bool)),
        fits.Column("lists", "PE()", array=np.array([[1.0], [2.0, 3.0], [], [4.0]], dtype=object)),
        fits.Column("truth", "L", array=np.array([1, 0, 0, 1], dtype=bool))])
    hdu.data["scaled"] = stored * 0.25 + 10.0
    hdu.writeto(tmp_path / "a.fits")
    found = columns(tmp_path / "a.fits")
    np.testing.assert_array_equal(found["scaled"], stored * 0.25 + 10.0)
    np.testing.assert_array_equal(found["null"], [-5, 0, 7, np.nan])
    np.testing.assert_array_equal(found["truth"], [1, 0, 0, 1])
    assert "bits" in found["bits"] and "variable length" in found["lists"]


def test_fits_ascii(tmp_path):
    hdu = fits.TableHDU.from_columns(fits.ColDefs([
        fits.Column("n", "I8", array=np.array([1, -99, 3]), ascii=True),
        fits.Column("d", "D25.17", array=np.array([0.1, -1e-200, 3e200]), ascii=True),
        fits.Column("t", "A4", array=np.array(["a", "b", "c"]), ascii=True)]))
    hdu.header["TNULL1"] = "-99"
    hdu.writeto(tmp_path / "a.fits")
    found = columns(tmp_path / "a.fits")
    np.testing.assert_array_equal(found["n"], [1, np.nan, 3])
    # CFITSIO sums digits up one by one: some units of the last place of 53 bits
    np.testing.assert_allclose(found["d"], [0.1, -1e-200, 3e200], rtol=1e-13)
    assert "texts" in found["t"]


@pytest.mark.parametrize("delimiter", [" ", ","])
def test_ecsv(tmp_path, delimiter):
    table = make_table()
    table["vector"] = np.arange(8.0).reshape(4, 2)
    table["complex"] = np.zeros(4, dtype=complex)
    table.write(tmp_path / "a.dat", format="ascii.ecsv", delimiter=delimiter)
    check_same(tmp_path / "a.dat", table)


def test_ecsv_of_every_value_masked(tmp_path):
    table = Table({"x": MaskedColumn([1.0, 2.0], mask=True)})
    table.write(tmp_path / "a.ecsv")
    np.testing.assert_array_equal(columns(tmp_path / "a.ecsv")["x"], [np.nan, np.nan])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " "])
def test_plain(tmp_path, delimiter):
    table = make_table()
    table.remove_column("truth")  # plain text does not say that True is one
    table.write(tmp_path / "a.csv", format="ascii.basic", delimiter=delimiter,
                fill_values=[("--", "")], comment="# ")
    check_same(tmp_path / "a.csv", table)


def test_csv(tmp_path):
    table = make_table()
    table.remove_column("truth")
    table.write(tmp_path / "a.csv", format="ascii.csv")
    check_same(tmp_path / "a.csv", table)
