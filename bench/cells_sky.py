#!/usr/bin/env python3
"""Errors of levels and planes on windows of a real image: regions, cells, pixels, Montage.

    bench/cells_sky.py WELKIN IMAGE.fits [--draws 12] [--slope 8] [--folder DIR] [--no-montage]

Windows lie on one pixel grid, so that nothing is interpolated: differences of pixels are exact, and
Montage need not reproject.  Each draw has ten of them, with levels 0 to 60, noise 1, some round
masks each, without and with planes of up to SLOPE from the middle to an edge.  Printed are rms
errors of the levels at the centres over all draws, surfaces common to all taken off.
Needs numpy and astropy.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from match import read_ipac
from measure import ask, print_asked, print_table

# cells is the oracle's module from here on, not the runner beside this file
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "oracle"))
import cells  # noqa: E402

WORSE, SHARE = 1.3, 1 / 3


class Aligned(cells.Exposure):
    """A window whose pixels are the image's."""

    def header(self):
        """Montage wants CDELT; the numbers are those of the other windows."""
        out = super().header()
        for name in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
            del out[name]
        out.update(CDELT1=-cells.SCALE, CDELT2=cells.SCALE, CROTA2=0.0)
        return out


def draw_aligned(image, seed, slope):
    """The windows of the oracle, moved to whole pixels and not turned."""
    out = []
    for k, exposure in enumerate(cells.draw_exposures(image, seed, slope)):
        place = [np.floor(c) + cells.HALF % 1 for c in (exposure.cx, exposure.cy)]
        random = np.random.default_rng([seed, k, 1])
        out.append(Aligned(image, place, 0.0, exposure.background, random))
    return out


def write_all(folder, exposures):
    paths = [folder / f"e{i:02d}.fits" for i in range(len(exposures))]
    for path, exposure in zip(paths, exposures):
        exposure.write(path)
    return paths


def welkin_coefficients(welkin, paths, terms, *words):
    done = subprocess.run([welkin, "match", "-q", "--json", "--method", "match", *words,
                           *map(str, paths)], check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    return np.array([(e["coefficients"] or [e["sky"]])[:terms] for e in answer["exposures"]])


def write_template(path, image):
    """The pixels of the whole image, which are those of every window."""
    rows, columns = image.shape
    cards = {"SIMPLE": "T", "BITPIX": -64, "NAXIS": 2, "NAXIS1": columns, "NAXIS2": rows,
             "CTYPE1": "'RA---TAN'", "CTYPE2": "'DEC--TAN'", "EQUINOX": 2000, "CRVAL1": 150.0,
             "CRVAL2": 2.03, "CRPIX1": 513.0, "CRPIX2": 257.0, "CDELT1": repr(-cells.SCALE),
             "CDELT2": repr(cells.SCALE), "CROTA2": 0.0}
    path.write_text("".join(f"{name:8}= {value}\n" for name, value in cards.items()) + "END\n")


def montage_coefficients(folder, image, exposures, terms):
    """Montage's chain up to its answer; in its pixels the origin is the reference point."""
    step = folder / "montage"
    (step / "differences").mkdir(parents=True, exist_ok=True)
    write_template(step / "template.hdr", image)
    level = ["-l"] if terms == 1 else []
    for command in (["mImgtbl", str(folder), "images.tbl"],
                    ["mOverlaps", "images.tbl", "differences.tbl"],
                    ["mDiffFitExec", "-n", *level, "-p", str(folder), "differences.tbl",
                     "template.hdr", "differences", "fits.tbl"],
                    ["mBgModel", *level, "images.tbl", "fits.tbl", "corrections.tbl"]):
        done = subprocess.run(command, cwd=step, check=True, capture_output=True, text=True)
        if 'stat="OK"' not in done.stdout:
            sys.exit(f"{command[0]} failed: {done.stdout}")
    place = {row["cntr"]: int(Path(row["fname"]).stem[1:])
             for row in read_ipac(step / "images.tbl")}
    out = np.zeros((len(exposures), terms))
    for row in read_ipac(step / "corrections.tbl"):
        i, (a, b, c) = place[row["id"]], (float(row[k]) for k in "abc")
        x, y = exposures[i].cx - 512, exposures[i].cy - 256
        half = cells.SIDE / 2
        out[i] = [c + a * x + b * y, a * half, b * half][:terms]
    return out


def ways(options, folder, image, exposures, terms):
    """(name, coefficients) of every contender on one draw."""
    paths = write_all(folder, exposures)
    order = ["--order", "1" if terms == 3 else "0"]
    for statistic in ("mean", "median", "mode"):
        yield f"regions, {statistic}", welkin_coefficients(
            options.welkin, paths, 1, "--compare", "regions", "--statistic", statistic)
    for pixels in ("8", "4"):
        yield f"cells of {pixels} px", welkin_coefficients(
            options.welkin, paths, terms, "--compare", "cells", *order, "--cell", pixels)
    yield "differences of pixels", cells.pixel_backgrounds(exposures, terms)
    if options.montage:
        yield "Montage" + ("" if terms == 3 else ", levels"), montage_coefficients(
            folder, image, exposures, terms)


def errors_of(options, image, slope):
    """Rms errors by contender, one for each draw."""
    errors, terms = {}, 3 if slope else 1
    for seed in range(options.draws):
        with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
            exposures = draw_aligned(image, seed, slope)
            truth = np.array([e.background[:terms] for e in exposures])
            for name, found in ways(options, Path(folder), image, exposures, terms):
                left = cells.without_common(exposures, found - truth[:, :found.shape[1]])
                errors.setdefault(name, []).append(cells.rms(left[:, 0]))
    return errors


def print_errors(options, slope, errors):
    what = f"planes of +-{slope:g}" if slope else "levels alone"
    print_table(f"Rms errors of levels at the centres, {what}, {options.draws} draws, noise 1",
                ["", "rms", "least", "median", "largest"],
                [[name] + [f"{x:.4f}" for x in (cells.rms(values), min(values),
                                                np.median(values), max(values))]
                 for name, values in errors.items()])
    ours, pixels = (cells.rms(errors[k]) for k in ("cells of 8 px", "differences of pixels"))
    share = ours / cells.rms(errors["regions, median"])
    print_asked([ask("cells of 8 px / differences of pixels", f"{ours / pixels:.2f}",
                     f"<= {WORSE}", ours / pixels <= WORSE),
                 ask("cells of 8 px / medians of regions", f"{share:.3f}", "<= 1/3",
                     share <= SHARE)] +
                [[f"cells of 8 px / {name}", f"{ours / cells.rms(values):.3f}", "", ""]
                 for name, values in errors.items() if name.startswith("Montage")] +
                [["cells of 4 px / differences of pixels",
                  f"{cells.rms(errors['cells of 4 px']) / pixels:.2f}", "", ""]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("welkin")
    parser.add_argument("image")
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--slope", type=float, default=8.0)
    parser.add_argument("--folder")
    parser.add_argument("--no-montage", dest="montage", action="store_false")
    options = parser.parse_args()
    image = cells.read_image(options.image)
    for slope in (0.0, options.slope):
        print_errors(options, slope, errors_of(options, image, slope))


if __name__ == "__main__":
    main()
