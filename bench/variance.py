#!/usr/bin/env python3
"""Times welkin variance against the same recipe in numpy and against merely reading the file.

    bench/variance.py [--build build] [--runs 5] [--size 4096] [--folder DIR]

Every run is a whole process that reads one exposure of IMAGE, MASK and VARIANCE and prints the two
factors.  Needs numpy and astropy.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, missing_packages, print_asked, print_machine,
                     print_table, print_usages, run)

FASTER, AGREE = 6, 1e-5
PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))


def welkin_contender(options, exposure, name, arguments):
    welkin = str(Path(options.build, "cli", "welkin").resolve())
    return Contender(f"welkin variance{name}",
                     [[welkin, "variance", exposure, "--json"] + arguments], [], options.runs)


def factor_rows(ours, numpy):
    """Both must have found the same."""
    found = json.loads(ours.taken[-1].text)["images"][0]
    pixel, image, good = numpy.taken[-1].text.split()
    off = max(abs(found["pixel_factor"] / float(pixel) - 1),
              abs(found["image_factor"] / float(image) - 1))
    print_table("The factors", ["", "pixel", "image", "good pixels"],
                [["welkin", f"{found['pixel_factor']:.8f}", f"{found['image_factor']:.8f}",
                  found["good"]],
                 ["numpy", f"{float(pixel):.8f}", f"{float(image):.8f}", good]])
    same = off <= AGREE and found["good"] == int(good)
    return [ask("relative difference of the factors", f"{off:.1e}", f"<= {AGREE:g}", same)]


def compare(options, folder):
    run([sys.executable, "-B", FIELD, "variance", str(options.size), folder])
    exposure = str(Path(folder, "exposure.fits"))
    two = welkin_contender(options, exposure, " --no-background, 2 threads",
                           ["--no-background", "--threads", "2"])
    one = welkin_contender(options, exposure, " --no-background, 1 thread",
                           ["--no-background", "--threads", "1"])
    fitted = welkin_contender(options, exposure, ", 2 threads", ["--threads", "2"])
    reader = str(Path(options.build, "bench", "bench_read").resolve())
    read = Contender("CFITSIO reads the file", [[reader, exposure]], [], options.runs)
    numpy = Contender("numpy, the same recipe",
                      [[sys.executable, "-B", PEERS, "variance", exposure]], [], options.runs)
    compete([two, one, fitted, read, numpy])
    print_usages(f"An exposure of {options.size} x {options.size}, IMAGE + MASK + VARIANCE, in "
                 f"{folder}", [two, one, fitted, read, numpy])
    ratio = numpy.median("wall") / two.median("wall")
    rows = [ask(f"numpy / {two.name}, wall", f"{ratio:.1f}", f">= {FASTER}", ratio >= FASTER)]
    for our, what in [(one, "wall"), (two, "cpu"), (fitted, "wall")]:
        rows.append([f"numpy / {our.name}, {'CPU' if what == 'cpu' else what}",
                     f"{numpy.median(what) / our.median(what):.1f}", "", ""])
    for our in (two, one, fitted):
        rows.append([f"{our.name} / reading, wall",
                     f"{our.median('wall') / read.median('wall'):.2f}", "", ""])
    print_asked(rows + factor_rows(two, numpy))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=5, help="counted runs")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    missing = missing_packages(["numpy", "astropy"])
    if missing:
        print(f"The table is left out: {missing}")
        return
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)


if __name__ == "__main__":
    main()
