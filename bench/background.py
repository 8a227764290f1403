#!/usr/bin/env python3
"""Times welkin background against Source Extractor, photutils, sep and gnuastro.

    bench/background.py [--build build] [--runs 3] [--slow-runs 1] [--large-runs 2] [--all]
                        [--size 4096] [--large-size 8192] [--folder DIR]

Every run is a whole process that reads one exposure, and writes the image of the background and
that of its noise: boxes of 64 x 64 pixels, median filter of 3 x 3.  Needs numpy and astropy for the
inputs; a peer that is not installed is left out.
"""
import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, free_bytes, missing_packages, print_asked,
                     print_machine, print_table, print_usages, run)

BOX = 64
FASTER = {"source-extractor": 4, "photutils": 15, "aststatistics": 6}
MEGABYTES, SMALL_MEGABYTES = 400, 64
PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))

# Detection is what Source Extractor is for; here it must find nothing.
CONFIGURATION = """\
CATALOG_TYPE NONE
PARAMETERS_NAME {folder}/columns
DETECT_TYPE CCD
THRESH_TYPE RELATIVE
DETECT_THRESH 1e9
ANALYSIS_THRESH 1e9
FILTER N
CLEAN N
WEIGHT_TYPE MAP_WEIGHT
BACK_TYPE AUTO
BACK_SIZE {box}
BACK_FILTERSIZE 3
CHECKIMAGE_TYPE BACKGROUND,BACKGROUND_RMS
VERBOSE_TYPE QUIET
"""


class Setting:
    """The inputs of one size, and a folder for what is made of them."""

    def __init__(self, options, folder, size):
        self.options, self.size = options, size
        self.welkin = str(Path(options.build, "cli", "welkin").resolve())
        self.reader = str(Path(options.build, "bench", "bench_read").resolve())
        self.work = Path(folder, str(size))
        self.work.mkdir()
        self.outputs = {}
        run([sys.executable, "-B", FIELD, "background", str(size), str(self.work)])

    def path(self, name):
        return str(self.work / f"{name}.fits")

    def folder(self, name):
        return self.work / ("out_" + "".join(c for c in name if c.isalnum()))

    def contender(self, name, command, model, runs, hdu="0", **how):
        """model: the name of the file, within the contender's folder, that holds the background."""
        output = self.folder(name)
        self.outputs[name] = f"{output / model},{hdu}"
        return Contender(name, [command], [output], runs, **how)

    def background(self, runs, preset="welkin", threads=2, memory=None):
        name = f"welkin, {preset}" if preset != "welkin" else "welkin"
        name += f", --memory {memory}" if memory else ""
        name += f", {threads} thread{'s' * (threads > 1)}"
        output = self.folder(name)
        command = [self.welkin, "background", self.path("exposure"), "--quiet", "--box", str(BOX),
                   "--filter", "3", "--preset", preset, "--threads", str(threads),
                   "--model", str(output / "model.fits"), "--rms", str(output / "rms.fits")]
        command += ["--memory", memory] if memory else []
        return self.contender(name, command, "model.fits", runs, hdu="")

    def read(self, runs):
        return Contender("CFITSIO reads the file", [[self.reader, self.path("exposure")]], [], runs)

    def source_extractor(self, runs):
        output = self.folder("source-extractor")
        (self.work / "columns").write_text("NUMBER\n", encoding="ascii")
        (self.work / "sextractor").write_text(
            CONFIGURATION.format(folder=self.work, box=BOX), encoding="ascii")
        command = [shutil.which("source-extractor") or shutil.which("sex"), self.path("image"),
                   "-c", str(self.work / "sextractor"), "-WEIGHT_IMAGE", self.path("weight"),
                   "-CHECKIMAGE_NAME", f"{output}/model.fits,{output}/rms.fits"]
        return self.contender("source-extractor", command, "model.fits", runs)

    def python(self, name, runs):
        output = self.folder(name)
        command = [sys.executable, "-B", PEERS, name, self.path("exposure"),
                   str(output / "model.fits"), str(output / "rms.fits")]
        return self.contender(name, command, "model.fits", runs, warm=name == "sep")

    def gnuastro(self, runs):
        output = self.folder("aststatistics")
        command = ["aststatistics", self.path("blank"), "--hdu=0", "--sky", "--quiet",
                   f"--tilesize={BOX},{BOX}", "--numthreads=2",
                   f"--output={output / 'sky.fits'}"]
        return self.contender("aststatistics", command, "sky_sky.fits", runs, hdu="1", warm=False)

    def peers(self, runs, slow_runs, slow=True):
        """Those that are installed, the quick ones first."""
        found = []
        if self.options.extractor:
            found.append(self.source_extractor(runs))
        if slow and self.options.sep:
            found.append(self.python("sep", runs))
        if slow and self.options.gnuastro:
            found.append(self.gnuastro(slow_runs))
        if slow and self.options.photutils:
            found.append(self.python("photutils", slow_runs))
        return found

    def clear(self):
        shutil.rmtree(self.work)


def print_truth(setting, contenders):
    """All must have made the same thing."""
    made = [contender for contender in contenders if contender.name in setting.outputs]
    files = [setting.outputs[contender.name] for contender in made]
    lines = run([sys.executable, "-B", FIELD, "truth", str(setting.size)] + files).text.split("\n")
    print_table("The background less the sky put in; the noise of a pixel is 10",
                ["", "median", "rms"],
                [[contender.name] + line.split() for contender, line in zip(made, lines)])


def ratio_rows(ours, peers):
    """By the clock, which is asked, and by the work done."""
    rows = []
    for peer in peers:
        least = FASTER.get(peer.name)
        for our in ours:
            ratio = peer.median("wall") / our.median("wall")
            name = f"{peer.name} / {our.name}"
            if least:
                rows.append(ask(f"{name}, wall", f"{ratio:.1f}", f">= {least}", ratio >= least))
            else:
                rows.append([f"{name}, wall", f"{ratio:.1f}", "", ""])
        ratio = peer.median("cpu") / ours[0].median("cpu")
        rows.append([f"{peer.name} / {ours[0].name}, CPU", f"{ratio:.1f}", "", ""])
    return rows


def read_rows(ours, read):
    return [[f"{our.name} / reading, wall", f"{our.median('wall') / read.median('wall'):.2f}",
             "", ""] for our in ours]


def compare(options, folder):
    setting = Setting(options, folder, options.size)
    ours = [setting.background(options.runs, preset)
            for preset in ("welkin", "sextractor", "photutils", "lsst")]
    single = setting.background(options.runs, "sextractor", 1)
    read = setting.read(max(5, options.runs))
    peers = setting.peers(options.runs, options.slow_runs)
    contenders = ours + [single, read] + peers
    compete(contenders)
    print_usages(f"An exposure of {options.size} x {options.size}, SCI + DQ, in {folder}",
                 contenders)
    print_asked(ratio_rows(ours[:2], peers) + read_rows(ours[:2] + [single], read))
    print_truth(setting, contenders)
    setting.clear()


def memory_row(contender, most):
    peak = contender.peak()
    return ask(f"peak MB, {contender.name}", f"{peak:.0f}", f"< {most}", peak < most)


def compare_large(options, folder):
    setting = Setting(options, folder, options.large_size)
    runs = options.large_runs
    ours = [setting.background(runs, preset) for preset in ("welkin", "sextractor")]
    small = setting.background(runs, memory="48M")
    read = setting.read(runs)
    peers = setting.peers(runs, 1, options.all)
    contenders = ours + [small, read] + peers
    compete(contenders)
    print_usages(f"An exposure of {setting.size} x {setting.size}, SCI + DQ, in {folder}",
                 contenders)
    print_asked(ratio_rows(ours, peers) + read_rows(ours + [small], read) +
                [memory_row(our, MEGABYTES) for our in ours] +
                [memory_row(small, SMALL_MEGABYTES)])
    print_truth(setting, contenders)
    setting.clear()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of the quick programs")
    parser.add_argument("--slow-runs", type=int, default=1,
                        help="counted runs of photutils and gnuastro")
    parser.add_argument("--large-runs", type=int, default=2,
                        help="counted runs with the large exposure; 0: leave it out")
    parser.add_argument("--all", action="store_true",
                        help="the slow peers with the large exposure, too (photutils takes 2.5 GB)")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--large-size", type=int, default=8192)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    return parser.parse_args()


def find_peers(options):
    """Say which peers are missing, by the package that has them."""
    options.extractor = bool(shutil.which("source-extractor") or shutil.which("sex"))
    options.gnuastro = bool(shutil.which("aststatistics"))
    options.photutils, options.sep = (not missing_packages([name]) for name in ("photutils", "sep"))
    for here, name, package in [(options.extractor, "Source Extractor", "source-extractor"),
                                (options.gnuastro, "gnuastro's aststatistics", "gnuastro"),
                                (options.photutils, "photutils", "python3-photutils"),
                                (options.sep, "sep", "python3-sep")]:
        if not here:
            print(f"The row of {name} is left out: it is not installed (Debian's package is "
                  f"{package}).\n")


def room_needed(size):
    """Five input planes, and two outputs for each of eight contenders."""
    return 24 * 4 * size * size


def main():
    options = parse()
    missing = missing_packages(["numpy", "astropy"])
    if missing:
        print(f"The tables are left out: {missing}")
        return
    find_peers(options)
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)
        if not options.large_runs:
            return
        if free_bytes(folder) < room_needed(options.large_size):
            print("The large exposure is left out: there is too little room in " + folder)
            return
        compare_large(options, folder)


if __name__ == "__main__":
    main()
