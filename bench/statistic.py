#!/usr/bin/env python3
"""Times wk_statistic_clip against astropy's sigma_clipped_stats and gnuastro's aststatistics.

    bench/statistic.py [--build build] [--runs 3] [--slow-runs 1] [--size 4096] [--folder DIR]

Every run is a whole process that reads one image and prints mean, median and standard deviation
after five rounds at three standard deviations.  Needs numpy and astropy; gnuastro is left out when
it is not installed.
"""
import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, missing_packages, print_asked, print_machine,
                     print_table, print_usages, run)

FASTER, AGREE = 10, 1e-10
PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))


def print_results(contenders):
    """astropy sums float32 values in float32 where bottleneck is installed: too few digits."""
    rows = []
    for contender in contenders:
        values = [float(word) for word in contender.taken[-1].text.split()[:3]]
        rows.append([contender.name] + [f"{value:.9f}" for value in values])
    print_table("The results", ["", "mean", "median", "std"], rows)


def difference(ours, double):
    """The same definition and the same values, hence the same but for rounding."""
    pairs = list(zip(ours.taken[-1].text.split(), double.taken[-1].text.split()))
    off = max(abs(float(our) / float(other) - 1) for our, other in pairs[:3])
    return ask("relative difference from astropy on float64", f"{off:.1e}", f"<= {AGREE:g}",
               off <= AGREE and float(pairs[1][0]) == float(pairs[1][1]))


def compare(options, folder):
    run([sys.executable, "-B", FIELD, "statistic", str(options.size), folder])
    image = str(Path(folder, "image.fits"))
    program, reader = (str(Path(options.build, "bench", name).resolve())
                       for name in ("bench_statistic", "bench_read"))
    clip = [sys.executable, "-B", PEERS, "clip", image]
    ours = Contender("wk_statistic_clip, 1 thread", [[program, image, "3", "5"]], [], options.runs)
    read = Contender("CFITSIO reads the file", [[reader, image]], [], options.runs)
    single = Contender("astropy on float32", [clip], [], options.runs)
    double = Contender("astropy on float64", [clip + ["float64"]], [], options.slow_runs,
                       warm=False)
    contenders = [ours, read, single, double]
    if shutil.which("aststatistics"):
        command = ["aststatistics", image, "--hdu=0", "--quiet", "--sclipparams=3,5",
                   "--sigclip-mean", "--sigclip-median", "--sigclip-std"]
        contenders.append(Contender("aststatistics", [command], [], options.slow_runs, warm=False))
    compete(contenders)
    print_usages(f"An image of {options.size} x {options.size}, in {folder}", contenders)
    rows = []
    for peer in [contender for contender in contenders if contender not in (ours, read)]:
        ratio = peer.median("wall") / ours.median("wall")
        asked = [f">= {FASTER}", "yes" if ratio >= FASTER else "NO"] if peer is single else ["", ""]
        rows.append([f"{peer.name} / wk_statistic_clip, wall", f"{ratio:.1f}"] + asked)
    ratio = ours.median("wall") / read.median("wall")
    rows.append(["wk_statistic_clip / reading, wall", f"{ratio:.2f}", "", ""])
    print_asked(rows + [difference(ours, double)])
    print_results([contender for contender in contenders if contender is not read])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs")
    parser.add_argument("--slow-runs", type=int, default=1,
                        help="counted runs of astropy on float64 and gnuastro")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    missing = missing_packages(["numpy", "astropy"])
    if missing:
        print(f"The table is left out: {missing}")
        return
    if not shutil.which("aststatistics"):
        print("The row of aststatistics is left out: it is not installed (Debian's package is "
              "gnuastro).\n")
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)


if __name__ == "__main__":
    main()
