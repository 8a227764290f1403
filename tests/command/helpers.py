"""Write exposures, run the command, read what it answers."""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
from astropy.io import fits

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "house"))
from project import sanitized  # noqa: E402

SOURCE = pathlib.Path(os.environ.get("WELKIN_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("WELKIN_BUILD", SOURCE / "build"))
WELKIN = os.environ.get("WELKIN", str(BUILD / "cli" / "welkin"))
DEGREE = 1 / 3600.0
# several times slower: there each path is wanted once
SANITIZED = sanitized()


def call(*arguments, **options):
    """Run the command, whatever becomes of it."""
    command = [WELKIN, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, **options)


def run(*arguments, status=0, **options):
    """Run the command, which must end with this status."""
    done = call(*arguments, **options)
    assert done.returncode == status, f"status {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def ask(*arguments, **options):
    """The one JSON document that the command prints."""
    return json.loads(run(*arguments, "--json", **options).stdout, parse_constant=refuse)


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


def fail(status, *arguments, **options):
    """Run into an error: the one sentence on stderr, nothing on stdout."""
    done = run(*arguments, status=status, **options)
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("welkin"), done.stderr
    return lines[0]


def info(path, *options):
    """The only exposure of a file."""
    exposures = ask("info", path, *options)["exposures"]
    assert len(exposures) == 1
    return exposures[0]


def tan(x=0, y=0, scale=0.5, ra=150.0, dec=2.0):
    """Coordinates of a window whose first pixel is pixel (x, y) of one plane on the sky."""
    header = fits.Header()
    header["CTYPE1"], header["CTYPE2"] = "RA---TAN", "DEC--TAN"
    header["CRVAL1"], header["CRVAL2"] = ra, dec
    header["CRPIX1"], header["CRPIX2"] = 101.0 - x, 81.0 - y
    header["CD1_1"], header["CD1_2"] = -scale * DEGREE, 0.0
    header["CD2_1"], header["CD2_2"] = 0.0, scale * DEGREE
    return header


def noise(shape, level=0.0, sigma=1.0, seed=1):
    """Gaussian float32 pixels."""
    return np.random.default_rng(seed).normal(level, sigma, shape).astype(np.float32)


def write(path, *hdus):
    """Write HDUs, with an empty primary where the first is an extension."""
    hdus = list(hdus)
    if not isinstance(hdus[0], fits.PrimaryHDU):
        hdus.insert(0, fits.PrimaryHDU())
    fits.HDUList(hdus).writeto(path, output_verify="exception")
    return path


def plain(path, data, header=None, **cards):
    """One image in the primary HDU."""
    hdu = fits.PrimaryHDU(data, header)
    hdu.header.update(cards)
    return write(path, hdu)


def stsci(path, detectors, **cards):
    """Detectors (data, error, flags, header); the cards go to the primary header."""
    primary = fits.PrimaryHDU()
    primary.header.update(cards)
    hdus = [primary]
    for version, (data, error, flags, header) in enumerate(detectors, 1):
        hdus.append(fits.ImageHDU(data, header, name="SCI", ver=version))
        hdus.append(fits.ImageHDU(error, name="ERR", ver=version))
        hdus.append(fits.ImageHDU(flags, name="DQ", ver=version))
    return write(path, *hdus)


def lsst(path, data, mask, variance, header, planes):
    """IMAGE, MASK with named planes, VARIANCE."""
    flags = fits.ImageHDU(mask, name="MASK")
    for name, bit in planes.items():
        flags.header[f"HIERARCH MP_{name}"] = bit
    return write(path, fits.ImageHDU(data, header, name="IMAGE"), flags,
                 fits.ImageHDU(variance, name="VARIANCE"))


def des(path, data, mask, weight, header):
    """SCI, MSK, WGT, all compressed when the name ends in .fz."""
    planes = (("SCI", data, header), ("MSK", mask, None), ("WGT", weight, None))
    if str(path).endswith(".fz"):
        return write(path, *(packed(plane, head, name) for name, plane, head in planes))
    return write(path, *(fits.ImageHDU(plane, head, name=name) for name, plane, head in planes))


def packed(data, header=None, name=None, **options):
    """A tile-compressed image without loss."""
    floating = np.asarray(data).dtype.kind == "f"
    options.setdefault("compression_type", "GZIP_1" if floating else "RICE_1")
    if floating:
        options.setdefault("quantize_level", 0.0)
    return fits.CompImageHDU(data, header, name=name, **options)


def row(folder, levels, side=60, step=40, sigma=0.0, **cards):
    """A row of plain exposures, each with its level, on one grid of pixels."""
    return [plain(folder / f"row{i}.fits", noise((side, side), level, sigma, seed=i + 1),
                  tan(x=i * step), **cards) for i, level in enumerate(levels)]


def skies(answer):
    """The levels, None made NaN."""
    return np.array([np.nan if e["sky"] is None else e["sky"] for e in answer["exposures"]])


def names(folder):
    """All that is in a folder, hidden files included."""
    return sorted(p.relative_to(folder).as_posix() for p in pathlib.Path(folder).rglob("*"))


def state(paths):
    """What must not change of a file."""
    return {str(p): (pathlib.Path(p).read_bytes(), os.stat(p).st_mtime_ns) for p in paths}
