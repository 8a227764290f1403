#!/usr/bin/env python3
"""Times welkin show against astropy and matplotlib's imsave, and against merely reading the file.

    bench/show.py [--build build] [--runs 3] [--size 8192] [--folder DIR]

Every run is a whole process that reads one float32 image, finds zscale's limits and writes a PNG
in grey.  imsave writes every pixel; welkin does so, too (--size), and besides draws its default
picture of 1000 pixels, binned by the mean, without and with axes and bar.  Needs numpy, astropy and
matplotlib.
"""
import argparse
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, missing_packages, print_asked, print_machine,
                     print_usages, run)

FASTER = 8
PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))


def compare(options, folder):
    image, size = str(Path(folder, "image.fits")), str(options.size)
    run([sys.executable, "-B", FIELD, "statistic", size, folder])
    welkin = str(Path(options.build, "cli", "welkin").resolve())

    def show(name, *words):
        picture = str(Path(folder, name.replace(" ", "_") + ".png"))
        return Contender("welkin show" + name, [[welkin, "show", image, "-o", picture,
                                                 "--overwrite", *words]], [], options.runs)
    bare = show(", 1000 pixels", "--axes", "none")
    axes = show(", with axes and bar", "--colorbar")
    full = show(", every pixel", "--axes", "none", "--size", size)
    reader = str(Path(options.build, "bench", "bench_read").resolve())
    read = Contender("CFITSIO reads the file", [[reader, image]], [], options.runs)
    imsave = Contender("astropy, matplotlib's imsave",
                       [[sys.executable, "-B", PEERS, "imsave", image, str(Path(folder, "i.png"))]],
                       [], options.runs)
    contenders = [bare, axes, full, read, imsave]
    compete(contenders)
    print_usages(f"An image of {size} x {size}, float32, in {folder}", contenders)
    rows = []
    for our in (bare, axes, full):
        ratio = imsave.median("wall") / our.median("wall")
        rows.append(ask(f"imsave / {our.name}, wall", f"{ratio:.1f}", f">= {FASTER}",
                        ratio >= FASTER))
    rows.append([f"{bare.name} / reading, wall",
                 f"{bare.median('wall') / read.median('wall'):.2f}", "", ""])
    print_asked(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs")
    parser.add_argument("--size", type=int, default=8192)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    missing = missing_packages(["numpy", "astropy", "matplotlib"])
    if missing:
        print(f"The table is left out: {missing}")
        return
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)


if __name__ == "__main__":
    main()
