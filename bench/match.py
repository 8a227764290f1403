#!/usr/bin/env python3
"""Times welkin match against Montage's chain and against merely reading the files.

    bench/match.py [--build build] [--runs 3] [--montage-runs 2] [--folder DIR] [--exposures 25]
                   [--size 2048] [--tmpfs auto|no]

Every run is a whole process (for Montage: six, one after the other) on the same files, in turn,
after an uncounted first round.  Needs no package; a peer that is not installed is left out.
"""
import argparse
import json
import math
import os
import shutil
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, free_bytes, print_asked, print_machine, print_table,
                     print_usages, run)

CHAIN = ["mImgtbl", "mMakeHdr", "mOverlaps", "mDiffFitExec", "mBgModel", "mBgExec"]
ALIGNED = ["--layout", "plain", "--no-mask", "--no-dither", "--rotation", "0",
           "--distortion", "none"]
DISTORTED = ["--layout", "stsci", "--distortion", "sip"]
FASTER, READS, MEGABYTES = 20, 3, 100


class Setting:
    """Where the programs, the inputs and the outputs of one table are."""

    def __init__(self, options, folder, name, layout):
        self.options, self.name = options, name
        self.welkin = str(Path(options.build, "cli", "welkin").resolve())
        self.reader = str(Path(options.build, "bench", "bench_read").resolve())
        self.inputs, self.work = Path(folder, name), Path(folder, name + "_work")
        run([self.welkin, "simulate", "--output-dir", str(self.inputs), "--quiet",
             "--exposures", str(options.exposures), "--size", str(options.size)] + layout)
        self.files = sorted(map(str, self.inputs.glob("*.fits")))
        self.work.mkdir()

    def truth(self):
        with open(self.inputs / "truth.json", encoding="utf-8") as file:
            return {Path(e["file"]).name: e["sky"] for e in json.load(file)["exposures"]}

    def ledger(self):
        return self.work / "ledger.json"

    def match(self, threads, subtract, method=None, options=()):
        """welkin match, writing the subtracted images or only the ledger."""
        output = self.work / f"matched_{method or ''}{threads}"
        command = [self.welkin, "match", "--quiet", "--threads", str(threads),
                   "--ledger", str(self.ledger()), "--overwrite"]
        command += list(options)
        if method:
            command += ["--method", method]
        if subtract:
            command += ["--subtract", "--output-dir", str(output)]
        words = "".join(f" {word}" for word in options)
        words += (f" --method {method}" if method else "") + (" --subtract" if subtract else "")
        name = f"welkin match{words}, {threads} thread"
        return Contender(name + "s" * (threads > 1), [command + self.files],
                         [output] if subtract else [], self.options.runs)

    def apply(self, threads):
        output = self.work / "applied"
        command = [self.welkin, "apply", "--quiet", "--threads", str(threads), "--ledger",
                   str(self.ledger()), "--output-dir", str(output)]
        return Contender(f"welkin apply, {threads} thread{'s' * (threads > 1)}",
                         [command + self.files], [output], self.options.runs)

    def read(self):
        return Contender("CFITSIO reads the files", [[self.reader] + self.files], [],
                         max(5, self.options.runs))

    def montage(self, level=("-l",)):
        """The chain for levels alone (or planes), without area images and without reprojection."""
        step = self.work / "montage"
        step.mkdir()
        inputs = str(self.inputs)
        commands = [
            ["mImgtbl", inputs, "images.tbl"],
            ["mMakeHdr", "images.tbl", "template.hdr"],
            ["mOverlaps", "images.tbl", "differences.tbl"],
            ["mDiffFitExec", "-n", *level, "-p", inputs, "differences.tbl", "template.hdr",
             "differences", "fits.tbl"],
            ["mBgModel", *level, "images.tbl", "fits.tbl", "corrections.tbl"],
            ["mBgExec", "-n", "-p", inputs, "images.tbl", "corrections.tbl", "corrected"],
        ]
        return Contender("Montage, six processes", commands,
                         [step / "differences", step / "corrected"],
                         self.options.montage_runs, warm=False, folder=step)

    def clear(self):
        shutil.rmtree(self.inputs)
        shutil.rmtree(self.work)


def read_ipac(path):
    """The rows of a Montage table as dictionaries; its columns have fixed widths."""
    rows, edges, names = [], [], []
    with open(path, encoding="ascii") as table:
        for line in table:
            if line.startswith("|") and not names:
                edges = [i for i, letter in enumerate(line) if letter == "|"]
                names = [line[a + 1:b].strip() for a, b in zip(edges, edges[1:])]
            elif line[0] not in "\\|":
                rows.append({name: line[a:b].strip()
                             for name, a, b in zip(names, edges, edges[1:])})
    return rows


def montage_levels(step):
    names = {row["cntr"]: Path(row["fname"]).name for row in read_ipac(step / "images.tbl")}
    return {names[row["id"]]: float(row["c"]) for row in read_ipac(step / "corrections.tbl")}


def ledger_levels(path):
    with open(path, encoding="utf-8") as file:
        ledger = json.load(file)
    levels = {Path(e["file"]).name: e["sky"] for e in ledger["exposures"]}
    return levels, len(ledger["overlaps"])


def rms_error(levels, truth):
    """Levels are known up to one constant, which the mean takes away."""
    off = [levels[name] - truth[name] for name in truth]
    mean = math.fsum(off) / len(off)
    return math.sqrt(math.fsum((x - mean) ** 2 for x in off) / len(off))


def print_levels(setting, montage):
    """Both must have solved the same problem."""
    levels, overlaps = ledger_levels(setting.ledger())
    rows = [["welkin", f"{rms_error(levels, setting.truth()):.5f}", overlaps,
             len(list((setting.work / "matched_2").glob("*.fits")))]]
    if montage:
        step = setting.work / "montage"
        rows.append(["Montage", f"{rms_error(montage_levels(step), setting.truth()):.5f}",
                     len(read_ipac(step / "fits.tbl")),
                     len(list((step / "corrected").glob("*.fits")))])
    print_table("Levels against the truth, about the mean; the noise of a pixel is 1",
                ["", "rms", "overlaps", "images written"], rows)


def ratio_rows(montage, two, others):
    """How many times faster than the chain: by the clock, which is asked, and by the work done."""
    ratio = montage.median("wall") / two.median("wall")
    rows = [ask(f"Montage / {two.name}, wall", f"{ratio:.1f}", f">= {FASTER}", ratio >= FASTER)]
    for what, contender in [("wall", other) for other in others] + [("cpu", two)]:
        ratio = montage.median(what) / contender.median(what)
        name = f"Montage / {contender.name}, {'CPU' if what == 'cpu' else what}"
        rows.append([name, f"{ratio:.1f}", "", ""])
    return rows


def read_rows(matched, read):
    """The bare reading is one thread's, so CPU is the comparison that threads do not flatter."""
    wall = matched.median("wall") / read.median("wall")
    cpu = matched.median("cpu") / read.median("cpu")
    return [ask("welkin match, 2 threads / CFITSIO reading, wall", f"{wall:.2f}",
                f"<= {READS}", wall <= READS),
            ["welkin match, 2 threads / CFITSIO reading, CPU", f"{cpu:.2f}", "", ""]]


def memory_row(contender):
    peak = contender.peak()
    return ask(f"peak MB, {contender.name}", f"{peak:.0f}", f"< {MEGABYTES}", peak < MEGABYTES)


def compare_aligned(options, folder, place):
    setting = Setting(options, folder, "aligned", ALIGNED)
    two, one = setting.match(2, True), setting.match(1, True)
    like, dry, read = setting.match(2, True, "match"), setting.match(2, False), setting.read()
    montage = setting.montage() if options.montage_runs else None
    contenders = [two, one, like, dry, setting.match(1, False), setting.apply(2), read]
    compete(contenders + ([montage] if montage else []))
    size = f"{options.exposures} plain exposures of {options.size} x {options.size}"
    print_usages(f"{size}, one common pixel grid, in {place}",
                 contenders + ([montage] if montage else []))
    print_asked((ratio_rows(montage, two, [one, like]) if montage else []) + read_rows(dry, read) +
                [memory_row(two)])
    print_levels(setting, montage)
    setting.clear()


def compare_distorted(options, folder, place):
    setting = Setting(options, folder, "distorted", DISTORTED)
    two, one, read = setting.match(2, False), setting.match(1, False), setting.read()
    subtract = setting.match(2, True)
    compete([two, read, one, subtract])
    size = f"{options.exposures} exposures of {options.size} x {options.size}"
    print_usages(f"{size}, SCI + ERR + DQ, SIP, dithered and rotated, in {place}",
                 [two, one, subtract, read])
    print_asked(read_rows(two, read) + [memory_row(two), memory_row(subtract)])
    setting.clear()


def leave_out_missing(options):
    missing = [name for name in CHAIN if not shutil.which(name)]
    if missing and options.montage_runs:
        print(f"Montage's rows are left out: {', '.join(missing)} not installed "
              "(Debian's package is montage).\n")
        options.montage_runs = 0


def room_needed(options):
    """Inputs and outputs: three planes in, three out; Montage's differences are smaller."""
    return 30 * options.exposures * options.size ** 2


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of welkin")
    parser.add_argument("--montage-runs", type=int, default=2, help="counted runs of Montage")
    parser.add_argument("--exposures", type=int, default=25)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    parser.add_argument("--tmpfs", choices=["auto", "no"], default="auto",
                        help="repeat the first table in /dev/shm when it has room")
    options = parser.parse_args()
    leave_out_missing(options)
    return options


def main():
    options = parse()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        place = os.path.dirname(folder)
        compare_aligned(options, folder, place)
        compare_distorted(options, folder, place)
    if options.tmpfs == "no" or place.startswith("/dev/shm"):
        return
    if free_bytes("/dev/shm") < max(4e9, room_needed(options)):
        print("The table in memory is left out: /dev/shm has less than 4 GB free.")
        return
    print("The same in memory: writing to a disk is what varies most from run to run, and all of\n"
          "what Montage and welkin write is written here without one.\n")
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir="/dev/shm") as folder:
        compare_aligned(options, folder, "/dev/shm")


if __name__ == "__main__":
    main()
