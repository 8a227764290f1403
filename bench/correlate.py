#!/usr/bin/env python3
"""Times welkin's pixel correlations against the DES notebook's way, in numba, numpy and astropy.

    bench/correlate.py [--build build] [--runs 3] [--size 4096] [--coadd 10000] [--folder DIR]

Four questions: how fast the kernel is once pixels are in memory; how fast whole programs are; how
fast it is told which pixels of a DES image are sky; and whether memory is bounded however many
images a tile has.  Needs numpy and astropy; numba's rows are left out when it is not installed.
"""
import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, free_bytes, missing_packages, print_asked,
                     print_machine, print_table, print_usages, run)

LOOP, SLICES, WHOLE, LAGS, MASK = 15, 12, 10, 20, 25
AGREE = 1e-9
LAG, PIECE = 16, 256
IMAGES = (2, 20)
PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))


class Setting:
    """Where programs and inputs are."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.runs, self.size = options.runs, options.size
        self.welkin = str(Path(options.build, "cli", "welkin").resolve())
        self.reader, self.program = (str(Path(options.build, "bench", name).resolve())
                                     for name in ("bench_read", "bench_correlate"))
        self.exposure = str(Path(folder, "exposure.fits"))

    def contender(self, name, command, runs=None, warm=True):
        return Contender(name, [list(map(str, command))], [], runs or self.runs, warm)

    def peer(self, name, words, runs=None, warm=True):
        return self.contender(name, [sys.executable, "-B", PEERS, *words], runs, warm)

    def kernel(self, lag, threads):
        return self.contender(f"wk_correlation_measure, {threads} thread{'s' * (threads > 1)}",
                              [self.program, "measure", self.exposure, lag, 3, threads])


def answers(contender):
    """Of every process; a tile's is a list, of one image here."""
    found = [json.loads(usage.text) for usage in contender.taken]
    return [answer[0] if isinstance(answer, list) else answer for answer in found]


def seconds(contender):
    """Of every run within every process."""
    return [each for answer in answers(contender) for each in answer["seconds"]]


def middle(contender):
    return statistics.median(seconds(contender))


def print_seconds(title, contenders, scales=None):
    rows = []
    for contender in contenders:
        taken = [value * (scales or {}).get(contender.name, 1) for value in seconds(contender)]
        rows.append([contender.name, f"{statistics.median(taken):.4f}",
                     f"{min(taken):.4f}..{max(taken):.4f}", len(taken),
                     f"{contender.median('other'):.2f}"])
    print_table(title, ["", "s", "range", "runs", "other load"], rows)


def faster(peer, ours, ratio, least):
    return ask(f"{peer} / {ours}", f"{ratio:.1f}", f">= {least}", ratio >= least)


def same_row(name, ours, theirs):
    """The covariances' largest difference; sums of doubles in another order."""
    ours, theirs = ours["covariance"], theirs["covariance"]
    off = max(abs(a - b) for a, b in zip(ours, theirs)) / max(theirs)
    return ask(f"difference from {name} / variance", f"{off:.1e}", f"<= {AGREE:g}", off <= AGREE)


def compare_kernels(setting):
    """Seconds within processes: pixels are in memory, numba has compiled."""
    ours = [setting.kernel(1, threads) for threads in (2, 1)]
    slices = setting.peer("numpy's slices", ["slices", setting.exposure, 3])
    peers = [slices]
    if setting.options.numba:
        peers.insert(0, setting.peer("numba's loop", ["numba", setting.exposure, 1, 3]))
    compete(ours + peers)
    print_seconds(f"In process: 3 x 3 lags of {setting.size} x {setting.size} masked float32 "
                  "pixels", ours + peers)
    rows = []
    for peer in peers:
        least = SLICES if peer is slices else LOOP
        rows += [faster(peer.name, our.name, middle(peer) / middle(our), least) for our in ours]
        rows.append(same_row(peer.name, answers(ours[0])[0], answers(peer)[0]))
    print_asked(rows)


def compare_lags(setting):
    """All 33 x 33 lags take numba's loop minutes: it is timed on some rows, and scaled."""
    ours = [setting.kernel(LAG, threads) for threads in (2, 1)]
    contenders, scales, rows = list(ours), {}, []
    if setting.options.numba:
        piece = min(PIECE, setting.size)
        peer = setting.peer(f"numba's loop, from {piece} rows", ["numba", setting.exposure, LAG, 1,
                                                                 piece], warm=False)
        contenders.append(peer)
        scales[peer.name] = setting.size / piece
    compete(contenders)
    print_seconds(f"In process: lags to {LAG}", contenders, scales)
    for peer in contenders[2:]:
        rows += [faster(peer.name, our.name, middle(peer) * scales[peer.name] / middle(our), LAGS)
                 for our in ours]
    print_asked(rows)


def compare_programs(setting):
    """Whole processes; numba compiles, as it does where the notebook is run."""
    command = [setting.welkin, "correlate", setting.exposure, "--lag", 1, "--json"]
    ours = [setting.contender("welkin correlate, 2 threads", command + ["--threads", 2]),
            setting.contender("welkin correlate, 1 thread", command + ["--threads", 1]),
            setting.contender("the same, no jackknife", command + ["--threads", 1, "--jackknife",
                                                                   1])]
    read = setting.contender("CFITSIO reads the file", [setting.reader, setting.exposure])
    peers = [setting.peer("numpy's slices", ["slices", setting.exposure, 1])]
    if setting.options.numba:
        peers.insert(0, setting.peer("numba", ["numba", setting.exposure, 1, 0]))
    compete(ours + [read] + peers)
    print_usages(f"Whole processes: an exposure of {setting.size} x {setting.size}, SCI + DQ, "
                 "lag 1", ours + [read] + peers)
    rows = []
    for peer in peers:
        for our in ours[:2]:
            ratio = peer.median("wall") / our.median("wall")
            name = f"{our.name}, wall"
            rows.append(faster(peer.name, name, ratio, WHOLE) if peer.name == "numba" else
                        [f"{peer.name} / {name}", f"{ratio:.1f}", "", ""])
        ratio = peer.median("cpu") / ours[1].median("cpu")
        rows.append([f"{peer.name} / {ours[1].name}, CPU", f"{ratio:.1f}", "", ""])
    rows += [[f"{our.name} / reading, wall", f"{our.median('wall') / read.median('wall'):.2f}", "",
              ""] for our in ours]
    print_asked(rows)


def compare_masks(setting):
    """The time is that of one image: its planes are read and judged, the coadd is there already."""
    info = str(Path(setting.folder, "info_1.yaml"))
    ours = setting.contender("wk_tile_pixels_load", [setting.program, "tile", info])
    peer = setting.peer("astropy", ["tile", setting.folder], 1, warm=False)
    compete([ours, peer])
    print_seconds(f"In process: the sky pixels of 2048 x 4096, TPV, on a coadd of "
                  f"{setting.options.coadd} x {setting.options.coadd}", [ours, peer])
    ratio = middle(peer) / middle(ours)
    mine, theirs = answers(ours)[0], answers(peer)[0]
    print_asked([faster("astropy", ours.name, ratio, MASK),
                 ask("sky pixels, difference from astropy", mine["good"] - theirs["good"], "0",
                     mine["good"] == theirs["good"]),
                 same_row("astropy", mine, theirs)])


def compare_tiles(setting):
    """Memory must not grow with the number of images."""
    ours = [setting.contender(f"welkin correlate --tile, {count} images",
                              [setting.welkin, "correlate", "--tile",
                               str(Path(setting.folder, f"info_{count}.yaml")), "--json"], 1,
                              warm=False) for count in IMAGES]
    compete(ours)
    print_usages("Whole processes: a tile", ours)
    few, many = (our.peak() for our in ours)
    print_asked([ask(f"peak MB, {IMAGES[1]} images less {IMAGES[0]}", f"{many - few:.1f}", "<= 8",
                     many - few <= 8)])


def compare(options, folder):
    setting = Setting(options, folder)
    run([sys.executable, "-B", FIELD, "correlate", str(options.size), folder])
    compare_kernels(setting)
    compare_lags(setting)
    compare_programs(setting)
    Path(setting.exposure).unlink()
    if not options.coadd:
        return
    if free_bytes(folder) < 4 * options.coadd ** 2 + 2e8:
        print("The tile is left out: there is too little room in " + folder)
        return
    run([sys.executable, "-B", FIELD, "tile", str(options.coadd), folder])
    compare_masks(setting)
    compare_tiles(setting)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted processes of each contender")
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--coadd", type=int, default=10000,
                        help="the coadd's size; 0: leave the tile out")
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    missing = missing_packages(["numpy", "astropy"])
    if missing:
        print(f"The tables are left out: {missing}")
        return
    missing = missing_packages(["numba"])
    options.numba = not missing
    if missing:
        print(f"The rows of numba are left out: {missing}\n")
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)


if __name__ == "__main__":
    main()
