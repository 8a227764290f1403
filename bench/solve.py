#!/usr/bin/env python3
"""Times welkin's solver and Montage's mBgModel -l on the same differences of a grid of exposures.

    bench/solve.py [--build build] [--sizes 100,1000,10000,100000] [--neighbours 8]
                   [--montage-most 10000]

Exposures of 100 x 100 pixels lie 70 pixels apart, so that mBgModel leaves no corner out; every
overlap's difference is that of the true levels (uniform in 0..100) plus noise of 0.01.  mBgModel
is timed as a whole process with its default number of sweeps.  For bench_solve both are printed:
the whole process, which reads the differences as text, too, and the solve alone.  Each prints the
rms of its levels against the truth; both solve for levels up to one constant.  Needs numpy.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from measure import ask, print_asked, print_machine

SIZE, STEP, NOISE = 100, 70, 0.01
IMAGES = ["cntr", "nl", "ns", "crpix1", "crpix2", "fname"]
FITS = ("plus minus a b c crpix1 crpix2 xmin xmax ymin ymax xcenter ycenter npixel rms boxx boxy "
        "boxwidth boxheight boxang").split()


def make_problem(count, neighbours):
    """Positions, true levels, and for every pair its members and difference."""
    random = np.random.default_rng(20260101 + count)
    side = int(np.ceil(np.sqrt(count)))
    index = np.arange(count)
    truth = random.uniform(0, 100, count)
    pairs = []
    for dx, dy in [(1, 0), (0, 1), (1, 1), (-1, 1)][:neighbours // 2]:
        x, y = index % side + dx, index // side + dy
        other = y * side + x
        good = (x >= 0) & (x < side) & (other < count)
        pairs.append(np.stack([index[good], other[good]], axis=1))
    pairs = np.concatenate(pairs)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    value = truth[pairs[:, 0]] - truth[pairs[:, 1]] + random.normal(0, NOISE, len(pairs))
    return side, truth, pairs, value


def write_text(path, truth, pairs, value):
    rows = "".join(f"{a} {b} {v:.17g}\n" for (a, b), v in zip(pairs, value))
    path.write_text(f"{len(truth)}\n{rows}")
    Path(f"{path}.truth").write_text("".join(f"{v:.17g}\n" for v in truth))


def write_ipac(path, names, rows):
    """A table of fixed columns, as Montage reads them."""
    def line(cells, edge):
        return edge + edge.join(f"{cell:>18}" for cell in cells) + edge + "\n"
    kinds = ["char" if name == "fname" else "double" for name in names]
    with open(path, "w") as out:
        out.write(line(names, "|") + line(kinds, "|"))
        out.writelines(line(row, " ") for row in rows)


def write_montage(folder, side, count, pairs, value):
    """images.tbl and fits.tbl: one frame of pixels, reference pixels say where an image lies."""
    x0, y0 = STEP * (np.arange(count) % side), STEP * (np.arange(count) // side)
    write_ipac(folder / "images.tbl", IMAGES,
               ([i, SIZE, SIZE, -x0[i], -y0[i], f"{i}.fits"] for i in range(count)))
    rows = []
    for (a, b), difference in zip(pairs, value):
        left, right = max(x0[a], x0[b]), min(x0[a], x0[b]) + SIZE
        low, high = max(y0[a], y0[b]), min(y0[a], y0[b]) + SIZE
        x, y, width, height = (left + right) / 2, (low + high) / 2, right - left, high - low
        rows.append([a, b, 0, 0, f"{difference:.12f}", 0, 0, left, right, low, high, x, y,
                     width * height, NOISE, x, y, width, height, 0])
    write_ipac(folder / "fits.tbl", FITS, rows)


def read_corrections(path, count):
    """mBgModel's constants c by image; they are subtracted from the images."""
    levels = np.full(count, np.nan)
    with open(path) as table:
        names = next(table).strip().strip("|").replace("|", " ").split()
        for row in table:
            if row[0] not in "|\\":
                cells = row.split()
                levels[int(float(cells[0]))] = float(cells[names.index("c")])
    return levels


def timed(command):
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return time.perf_counter() - start, done.stdout


def rms_error(levels, truth):
    off = levels - truth
    return float(np.sqrt(np.mean((off - off.mean()) ** 2)))


def run_montage(folder, truth):
    output = folder / "corrections.tbl"
    seconds, answer = timed(["mBgModel", "-l", str(folder / "images.tbl"),
                             str(folder / "fits.tbl"), str(output)])
    if 'stat="OK"' not in answer:
        sys.exit(f"mBgModel failed: {answer.strip()}")
    return seconds, rms_error(read_corrections(output, len(truth)), truth)


def compare(runner, count, neighbours, with_montage):
    with tempfile.TemporaryDirectory(prefix="welkin_bench_") as name:
        folder = Path(name)
        side, truth, pairs, value = make_problem(count, neighbours)
        write_text(folder / "pairs", truth, pairs, value)
        command = [runner, "--table", str(folder / "pairs")]
        timed(command)
        whole, answer = timed(command)
        result = json.loads(answer)
        result["whole"] = whole
        result["errors"] = json.loads(timed(command + ["--errors"])[1])["seconds"]
        if with_montage:
            write_montage(folder, side, count, pairs, value)
            result["montage"], result["montage_rms"] = run_montage(folder, truth)
        return result


def print_row(r):
    ours = (f"  {r['nodes']:>7} {r['pairs']:>7} | {r['seconds']:>9.5f} {r['errors']:>9.5f}"
            f" {r['whole']:>9.4f} {r['rms']:>8.5f} |")
    theirs = "" if "montage" not in r else (
        f" {r['montage']:>10.3f} {r['montage_rms']:>8.5f} | {r['montage'] / r['whole']:>6.0f}")
    print(ours + theirs, flush=True)


def asked_rows(results):
    """What is asked of 10,000 and of 100,000 exposures, both against mBgModel's 10,000."""
    few, many = results.get(10000, {}), results.get(100000)
    if "montage" not in few:
        return []
    ratio, closer = few["montage"] / few["whole"], few["montage_rms"] / few["rms"]
    rows = [ask("mBgModel -l / welkin, 10,000 exposures, whole processes", f"{ratio:.0f}",
                ">= 100", ratio >= 100),
            ask("the same, rms error of the levels", f"{closer:.1f}", "> 1", closer > 1)]
    if many:
        ratio = few["montage"] / many["whole"]
        rows.append(ask("mBgModel -l of 10,000 / welkin of 100,000, whole processes",
                        f"{ratio:.0f}", ">= 10", ratio >= 10))
    return rows


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--sizes", default="100,1000,10000,100000")
    parser.add_argument("--neighbours", type=int, choices=[4, 8], default=8)
    parser.add_argument("--montage-most", type=int, default=10000,
                        help="larger fields are welkin's alone: mBgModel's time grows with them")
    return parser.parse_args()


def main():
    options = parse()
    runner = str(Path(options.build, "bench", "bench_solve").resolve())
    installed = shutil.which("mBgModel")
    print_machine()
    if not installed:
        print("mBgModel's columns are left out: it is not installed "
              "(Debian's package is montage).\n")
    print(f"  {'N':>7} {'pairs':>7} | {'levels s':>9} {'+errors s':>9} {'process s':>9} {'rms':>8} |"
          f" {'mBgModel s':>10} {'rms':>8} | {'ratio':>6}", flush=True)
    results = {}
    for size in map(int, options.sizes.split(",")):
        with_montage = installed and size <= options.montage_most
        results[size] = compare(runner, size, options.neighbours, with_montage)
        print_row(results[size])
    print()
    print_asked(asked_rows(results))


if __name__ == "__main__":
    main()
