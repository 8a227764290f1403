#!/usr/bin/env python3
"""Planes by cells (welkin match --compare cells) against Montage's chain, and what they cost.

    bench/cells.py [--build build] [--runs 3] [--montage-runs 2] [--exposures 25] [--size 2048]
                   [--sizes 1000,10000,100000] [--montage-most 10000]
                   [--image IMAGE.fits] [--draws 12] [--many 100] [--folder DIR] [--only speed,...]

Four tables: speed (whole processes on aligned frames with gradients), solver (planes on a grid,
against mBgModel on the same differences), sky (errors on windows of a real image; needs numpy,
astropy and an image, --image or WELKIN_SHARED), memory (of many exposures).
"""
import argparse
import json
import math
import os
import shutil
import sys
import tempfile
from pathlib import Path

from match import Setting, leave_out_missing, read_ipac
from measure import (Contender, ask, compete, free_bytes, missing_packages, print_asked,
                     print_machine, print_table, print_usages, run)

ALIGNED = ["--layout", "plain", "--no-mask", "--no-dither", "--rotation", "0",
           "--distortion", "none", "--gradient", "40"]
PLANES = ["--compare", "cells", "--order", "1"]
TABLES = ["speed", "solver", "sky", "memory"]
FASTER, READS, SOLVES, MEGABYTES, ASKED_OF = 15, 4, 30, 400, 400
# solutions of one fit beside the factor: the gauge of planes, and rounds of Huber's loss
GAUGE, ROUNDS = 6, 10


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def without(vector, modes):
    """Take the part of a vector that the modes span off (Gram and Schmidt)."""
    basis = []
    for mode in modes:
        for other in basis:
            mode = [x - dot(mode, other) * y for x, y in zip(mode, other)]
        length = math.sqrt(dot(mode, mode))
        basis.append([x / length for x in mode])
    for mode in basis:
        part = dot(vector, mode)
        vector = [x - part * y for x, y in zip(vector, mode)]
    return vector


def rms(values):
    values = list(values)
    return math.sqrt(math.fsum(x * x for x in values) / len(values))


class Frames:
    """Aligned exposures with their planes: (level at the centre, slopes a half side)."""

    def __init__(self, folder):
        with open(folder / "truth.json", encoding="utf-8") as file:
            entries = json.load(file)["exposures"]
        self.centres, self.truth = {}, {}
        for entry in entries:
            header = read_header(folder / entry["file"])
            half = [float(header[f"NAXIS{k}"]) / 2 for k in (1, 2)]
            self.half = half
            self.centres[entry["file"]] = [half[k] + 0.5 - float(header[f"CRPIX{k + 1}"])
                                           for k in (0, 1)]
            slopes = [entry["gradient"][k] * half[k] for k in (0, 1)]
            self.truth[entry["file"]] = [entry["sky"], *slopes]
        self.names = sorted(self.truth)

    def error(self, planes):
        """Rms errors of levels at the centres, and of differences at the overlaps' middles."""
        left = {name: [a - b for a, b in zip(planes[name], self.truth[name])]
                for name in self.names}
        flat = without([x for name in self.names for x in left[name]], self.common())
        between = [self.at(left, a, b) - self.at(left, b, a)
                   for i, a in enumerate(self.names) for b in self.names[i + 1:]
                   if all(abs(x - y) < 2 * h for x, y, h in
                          zip(self.centres[a], self.centres[b], self.half))]
        return rms(flat[::3]), rms(between)

    def common(self):
        """What a level and slopes common to all make of the coefficients."""
        columns = [[], [], []]
        for name in self.names:
            x, y = (c / h for c, h in zip(self.centres[name], self.half))
            for column, part in zip(columns, ([1, 0, 0], [x, 1, 0], [y, 0, 1])):
                column += part
        return columns

    def at(self, left, own, other):
        """What is left of a plane in the middle between two exposures."""
        steps = [(b - a) / 2 / h for a, b, h in
                 zip(self.centres[own], self.centres[other], self.half)]
        return left[own][0] + left[own][1] * steps[0] + left[own][2] * steps[1]

    def of_montage(self, step):
        """a x + b y + c of the common pixels, whose origin is the reference point."""
        names = {row["cntr"]: Path(row["fname"]).name for row in read_ipac(step / "images.tbl")}
        planes = {}
        for row in read_ipac(step / "corrections.tbl"):
            name, (a, b, c) = names[row["id"]], (float(row[k]) for k in "abc")
            x, y = self.centres[name]
            planes[name] = [c + a * x + b * y, a * self.half[0], b * self.half[1]]
        return planes


def read_header(path):
    """The cards of a primary header as texts."""
    cards = {}
    with open(path, "rb") as file:
        while True:
            card = file.read(80).decode("ascii")
            if card[:8].strip() == "END":
                return cards
            if card[8:10] == "= ":
                cards[card[:8].strip()] = card[10:].split("/")[0].strip()


def ledger_planes(path):
    with open(path, encoding="utf-8") as file:
        ledger = json.load(file)
    return {Path(e["file"]).name: e["coefficients"] for e in ledger["exposures"]}


def copy_contender(setting):
    output = setting.work / "copied"
    return Contender("cp of the files", [["cp", *setting.files, str(output)]], [output],
                     setting.options.runs)


def compare_speed(options, folder, place):
    setting = Setting(options, folder, "planes", ALIGNED)
    two, dry = (setting.match(2, subtract, "match", PLANES) for subtract in (True, False))
    one, dry_one = (setting.match(1, subtract, "match", PLANES) for subtract in (True, False))
    read, copy = setting.read(), copy_contender(setting)
    # apply takes off what the ledger of the contender before it says
    contenders = [two, dry, one, dry_one, setting.apply(2), setting.match(2, False, "match"), read,
                  copy]
    for contender in contenders:
        contender.name = contender.name.replace(" ".join(PLANES + ["--method", "match"]), "planes")
    montage = setting.montage(()) if options.montage_runs else None
    compete(contenders + ([montage] if montage else []))
    print_usages(f"Planes of {options.exposures} plain exposures of {options.size} x "
                 f"{options.size}, one common pixel grid, in {place}",
                 contenders + ([montage] if montage else []))
    print_asked(speed_rows(montage, two, dry, one, dry_one, read))
    print_planes(setting, montage, dry)
    setting.clear()


def speed_rows(montage, two, dry, one, dry_one, read):
    rows = []
    if montage:
        ratio = montage.median("wall") / two.median("wall")
        rows.append(ask(f"Montage / {two.name}, wall", f"{ratio:.1f}", f">= {FASTER}",
                        ratio >= FASTER))
        rows += [[f"Montage / {other.name}, CPU",
                  f"{montage.median('cpu') / other.median('cpu'):.1f}", "", ""]
                 for other in (two, one)]
    ratio = dry.median("wall") / read.median("wall")
    rows.append(ask(f"{dry.name} / CFITSIO reading, wall", f"{ratio:.2f}", f"<= {READS}",
                    ratio <= READS))
    rows += [[f"{other.name} / CFITSIO reading, CPU",
              f"{other.median('cpu') / read.median('cpu'):.2f}", "", ""]
             for other in (dry, dry_one)]
    return rows


def print_planes(setting, montage, dry):
    """The ledger is rewritten, as the last contender's was one of levels."""
    run(dry.commands[0])
    frames = Frames(setting.inputs)
    rows = [["welkin", ledger_planes(setting.ledger())]]
    if montage:
        rows.append(["Montage", frames.of_montage(setting.work / "montage")])
    print_table("Planes against the truth, surfaces common to all taken off; noise of a pixel 1",
                ["", "rms at centres", "rms between neighbours"],
                [[name] + [f"{x:.5f}" for x in frames.error(planes)] for name, planes in rows])


def solve_one(runner, size, with_montage, folder):
    """One row's numbers: of bench_cells, and of mBgModel on planes fitted to the same cells."""
    usage = run([runner, str(size), "--errors"])
    row = json.loads(usage.text)
    row["process"], row["peak"] = usage.cpu, usage.peak
    row["together"] = row["factor"] + (GAUGE + ROUNDS) * row["solve"] + row["errors"]
    if with_montage:
        step = Path(folder, f"grid{size}")
        step.mkdir()
        run([runner, str(size), "--write", str(step)])
        peer = run(["mBgModel", "images.tbl", "fits.tbl", "corrections.tbl"], step)
        row["peer"] = json.loads(run([runner, str(size), "--read",
                                      str(step / "corrections.tbl")]).text)
        row["peer"].update(cpu=peer.cpu, peak=peer.peak)
        shutil.rmtree(step)
    return row


def solver_line(size, row):
    peer = row.get("peer")
    line = [f"{size:,}", f"{row['factor']:.3f}", f"{row['solve']:.4f}", f"{row['errors']:.3f}",
            f"{row['together']:.3f}", f"{row['process']:.2f}", f"{row['peak']:.0f}",
            f"{row['centres']:.4f}", f"{row['between']:.5f}"]
    if not peer:
        return line + [""] * 5
    return line + [f"{peer['cpu']:.2f}", f"{peer['peak']:.0f}", f"{peer['centres']:.4f}",
                   f"{peer['between']:.5f}", f"{peer['cpu'] / row['together']:.0f}"]


def compare_solvers(options, folder, _):
    runner = str(Path(options.build, "bench", "bench_cells").resolve())
    installed = options.montage_runs and shutil.which("mBgModel")
    # the whole step from files of cells belongs beside these rows once welkin match reads them
    rows = {size: solve_one(runner, size, installed and size <= options.montage_most, folder)
            for size in map(int, options.sizes.split(","))}
    print_table(
        "Planes on a grid with eight neighbours, 25 cells of noise 0.01 in each overlap.\n"
        f"together: factor, {GAUGE} solutions for the gauge, {ROUNDS} for Huber's rounds, errors;\n"
        "process: with making the problem, and one solution; rms: levels at the centres without\n"
        "common planes, differences between neighbours.  mBgModel: whole process, its default\n"
        "number of sweeps, planes fitted to the same cells.  Seconds of CPU: both are serial.",
        ["N", "factor s", "solution s", "errors s", "together s", "process s", "peak MB", "rms",
         "between", "mBgModel s", "peak MB", "rms", "between", "ratio"],
        [solver_line(size, row) for size, row in rows.items()])
    print_asked(solver_rows(rows))


def solver_rows(rows):
    few, many = rows.get(10000, {}), rows.get(100000)
    peer = few.get("peer")
    if not peer:
        return []
    ratio = peer["cpu"] / few["together"]
    asked = [ask("mBgModel / welkin, 10,000 planes, CPU", f"{ratio:.0f}", f">= {SOLVES}",
                 ratio >= SOLVES)]
    for what, name in (("centres", "levels at the centres"), ("between", "between neighbours")):
        closer = peer[what] / few[what]
        asked.append(ask(f"the same, rms error {name}", f"{closer:.1f}", "> 1", closer > 1))
    if many:
        ratio = peer["cpu"] / many["together"]
        asked.append(ask("mBgModel of 10,000 / welkin of 100,000, CPU", f"{ratio:.1f}", "> 1",
                         ratio > 1))
    return asked


def find_image(options):
    """The Spitzer mosaic of the shared folder, unless another image is named."""
    if options.image:
        return options.image
    shared = os.environ.get("WELKIN_SHARED", "")
    path = Path(shared, "data", "sky", "spitzer_example_image.fits")
    return str(path) if shared and path.exists() else None


def compare_sky(options, folder, _):
    missing, image = missing_packages(["numpy", "astropy"]), find_image(options)
    if missing or not image:
        print(f"The table of the real sky is left out: "
              f"{missing or 'no image (--image, or WELKIN_SHARED).'}\n")
        return
    words = [sys.executable, "-B", str(Path(__file__).with_name("cells_sky.py")),
             str(Path(options.build, "cli", "welkin").resolve()), image, "--draws",
             str(options.draws), "--folder", str(folder)]
    print(run(words + ([] if options.montage_runs else ["--no-montage"])).text)


def compare_memory(options, folder, _):
    """All exposures lie on a disk and are read once."""
    welkin = str(Path(options.build, "cli", "welkin").resolve())
    needed = 1.1 * 4 * options.size ** 2 * options.many
    if free_bytes(folder) < needed:
        print(f"The table of memory is left out: {folder} has less than {needed / 1e9:.0f} GB "
              "free.\n")
        return
    inputs = Path(folder, "many")
    run([welkin, "simulate", "--output-dir", str(inputs), "--quiet", "--layout", "plain",
         "--no-mask", "--exposures", str(options.many), "--size", str(options.size),
         "--gradient", "40", "--distortion", "none"])
    files, rows, peaks = sorted(map(str, inputs.glob("*.fits"))), [], {}
    for count in sorted({max(2, options.many // 4), options.many}):
        usage = run([welkin, "match", "--quiet", "--json", "--method", "match", *PLANES,
                     "--ledger", str(Path(folder, "many.json")), "--overwrite", *files[:count]])
        peaks[count] = usage.peak
        rows.append([count, f"{usage.wall:.2f}", f"{usage.cpu:.2f}", f"{usage.peak:.0f}"])
    shutil.rmtree(inputs)
    print_table(f"{' '.join(PLANES)} of exposures of {options.size} x {options.size}",
                ["exposures", "wall s", "CPU s", "peak MB"], rows)
    few, many = min(peaks), max(peaks)
    growth = (peaks[many] - peaks[few]) / max(1, many - few)
    at = peaks[many] + growth * (ASKED_OF - many)
    name = f"peak MB of {ASKED_OF}" + ("" if many == ASKED_OF else ", if it grows on like this")
    print_asked([ask(name, f"{at:.0f}", f"< {MEGABYTES}", at < MEGABYTES),
                 ["growth of the peak, MB an exposure", f"{growth:.2f}", "", ""]])


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of welkin")
    parser.add_argument("--montage-runs", type=int, default=2,
                        help="counted runs of Montage; 0: it is left out everywhere")
    parser.add_argument("--exposures", type=int, default=25)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--sizes", default="1000,10000,100000", help="of the solver's grids")
    parser.add_argument("--montage-most", type=int, default=10000,
                        help="larger grids are welkin's alone: mBgModel's time grows with them")
    parser.add_argument("--image", help="of the real sky, 1024 x 512 pixels or more")
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--many", type=int, default=100,
                        help="exposures of the table of memory; what is asked is of 400")
    parser.add_argument("--only", default=",".join(TABLES), help="tables, with commas between")
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(TABLES)
    if unknown:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    leave_out_missing(options)
    return options


def main():
    options = parse()
    print_machine()
    makers = dict(zip(TABLES, (compare_speed, compare_solvers, compare_sky, compare_memory)))
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        for name in TABLES:
            if name in options.only.split(","):
                makers[name](options, folder, os.path.dirname(folder))


if __name__ == "__main__":
    main()
