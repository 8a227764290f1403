"""Tables of stars with offsets, camera files, and the maps that the command makes of them."""
import struct

import numpy as np
from astropy.io import fits
from astropy.table import Table

from helpers import ask

COLUMNS = ("xcentroid", "ycentroid", "xoffset", "yoffset")


def field(x, y):
    """A shift, a turn and a bend: offsets of some pixels."""
    return (3.5 + 0.01 * y - 0.002 * x + 1e-5 * x * y, -7.25 - 0.01 * x + 2e-5 * y * y)


def scatter(count=60, width=90, height=70, seed=1):
    """Stars anywhere in the image, [4][count]."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(0, width - 1, count), generator.uniform(0, height - 1, count)
    return np.array([x, y, *field(x, y)])


def table(path, stars=None, names=COLUMNS, **more):
    """The form of the file is that of its name: .fits, .ecsv or .csv."""
    stars = scatter() if stars is None else np.asarray(stars, float)
    columns = Table({**dict(zip(names, stars)), **more})
    formats = {".fits": "fits", ".ecsv": "ascii.ecsv", ".csv": "ascii.csv"}
    columns.write(path, format=formats[path.suffix])
    return path


def camera_file(path, width, height, active=None):
    """A DNG with no more in it than its size; the pixels are a hole in it."""
    entries, behind, tail = [], b"", 400

    def tag(number, kind, *values):
        nonlocal behind
        data = struct.pack("<%d%s" % (len(values), " BBHI"[kind]), *values)
        if len(data) > 4:
            place, behind = tail + len(behind), behind + data + b"\0" * (len(data) % 2)
            data = struct.pack("<I", place)
        entries.append(struct.pack("<HHI", number, kind, len(values)) + data.ljust(4, b"\0"))

    for number, kind, value in (
            (254, 4, 0), (256, 4, width), (257, 4, height), (258, 3, 16), (259, 3, 1),
            (262, 3, 32803)):
        tag(number, kind, value)
    tag(271, 2, *b"welkin\0")
    tag(272, 2, *b"test\0")
    for number, kind, value in ((273, 4, 1024), (274, 3, 6), (277, 3, 1), (278, 4, height),
                                (279, 4, 2 * width * height), (284, 3, 1)):
        tag(number, kind, value)
    tag(33421, 3, 2, 2)
    tag(33422, 1, 0, 1, 1, 2)
    tag(50706, 1, 1, 4, 0, 0)
    tag(50708, 2, *b"test\0")
    if active:  # top, left, bottom, right
        tag(50829, 4, *active)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries)
    path.write_bytes(head.ljust(tail, b"\0") + behind)
    with open(path, "r+b") as file:
        file.truncate(1024 + 2 * width * height)
    return path


def only(*words, **options):
    """What is said of the one table."""
    found = ask("offsets", *words, **options)["tables"]
    assert len(found) == 1
    return found[0]


def maps(path):
    """X and Y offsets, [2][ny][nx]."""
    with fits.open(path) as hdus:
        return np.array([hdus[1].data, hdus[2].data], float)


def data_of(path):
    """What remains equal when the same offsets come out of another file: all but HISTORY."""
    found = []
    with fits.open(path) as hdus:
        for hdu in hdus:
            cards = [str(c) for c in hdu.header.cards
                     if c.keyword not in ("HISTORY", "CHECKSUM", "DATE")]
            found.append((cards, None if hdu.data is None else hdu.data.tobytes()))
    return found
