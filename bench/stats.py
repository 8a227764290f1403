#!/usr/bin/env python3
"""Times `welkin stats` against reading the file once and against numpy with astropy.

    bench/stats.py [--build build] [--runs 5] [--slow-runs 1] [--size 8192] [--files 100]
                   [--folder DIR]

Three images: stars on a sky, the same with a mask, and noise alone, whose histogram has its edges
among the bulk of the pixels and takes a second reading.  Then --across: as many images and lists
of backgrounds of 1024 x 1024 pixels.  Needs numpy and astropy.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, missing_packages, print_asked, print_machine,
                     print_usages, run)

PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))
READING, AGREE, MEMORY, GROWTH = 3, 1e-12, 200, 8
IMAGES = {"stars": "image.fits", "mask": "exposure.fits", "noise": "noise.fits"}


def make_contenders(options, folder):
    """For each image welkin, the ways to read it once, and the peer, by name."""
    build = Path(options.build).resolve()
    out = {}
    for kind, file in IMAGES.items():
        path = str(Path(folder, file))
        stats = [str(build / "cli" / "welkin"), "stats", path, "-q", "--json", "--threads"]
        rows = [str(build / "bench" / "bench_rows"), path]
        out[kind] = {
            "two": Contender(f"{kind}: welkin, 2 threads", [stats + ["2"]], [], options.runs),
            "rows": Contender(f"{kind}: rows once, 2 threads", [rows + ["2"]], [], options.runs),
            "one": Contender(f"{kind}: welkin, 1 thread", [stats + ["1"]], [], options.runs),
            "row": Contender(f"{kind}: rows once, 1 thread", [rows + ["1"]], [], options.runs),
            "small": Contender(f"{kind}: welkin, --memory 32M", [stats + ["2", "--memory", "32M"]],
                               [], options.runs),
            "read": Contender(f"{kind}: CFITSIO reads the file",
                              [[str(build / "bench" / "bench_read"), path]], [], options.runs),
            "cat": Contender(f"{kind}: cat", [["sh", "-c", 'cat "$0" >/dev/null', path]], [],
                             options.runs),
            "peer": Contender(f"{kind}: numpy and astropy", [[sys.executable, "-B", PEERS, "stats",
                                                              path]], [], options.slow_runs,
                              warm=False)}
    return out


def difference(ours, peer):
    """Largest relative difference of any number; counts must be the same."""
    ours, peer = (json.loads(contender.taken[-1].text) for contender in (ours, peer))
    image, off = ours["images"][0], 0.0
    for kind in ("finite", "good", "clipped"):
        for name, value in peer[kind].items():
            off = max(off, abs(image[kind][name] / value - 1))
    same = image["histogram"]["counts"] == peer["counts"]
    return ask("difference from numpy and astropy", f"{off:.1e}", f"<= {AGREE:g}, same counts",
               off <= AGREE and same)


def least(contender, what):
    """Other work only adds: the least of several runs is nearest to the truth."""
    return min(getattr(usage, what) for usage in contender.taken)


def compare_images(options, folder):
    run([sys.executable, "-B", FIELD, "stats", str(options.size), folder])
    everyone = make_contenders(options, folder)
    compete([contender for kind in everyone.values() for contender in kind.values()])
    rows = []
    for kind, own in everyone.items():
        print_usages(f"{kind}, {options.size} x {options.size}, in {folder}", own.values())
        for ours, read, asked in (("two", "rows", 1), ("one", "row", 1), ("two", "read", 1),
                                  ("one", "read", 1), ("two", "cat", 0), ("one", "cat", 0)):
            ratio = least(own[ours], "wall") / least(own[read], "wall")
            names = own[ours].name, own[read].name.split(": ")[1]
            rows.append(ask(f"{names[0]} / {names[1]}, least wall", f"{ratio:.2f}",
                            f"<= {READING}", ratio <= READING) if asked else
                        [f"{names[0]} / {names[1]}, least wall", f"{ratio:.2f}", "", ""])
        ratio = own["peer"].median("wall") / own["two"].median("wall")
        rows.append([f"{own['peer'].name} / welkin, wall", f"{ratio:.1f}", "", ""])
        rows.append(ask(f"{kind}: peak MB", f"{own['two'].peak():.0f}", f"< {MEMORY}",
                        own["two"].peak() < MEMORY))
        rows.append(difference(own["two"], own["peer"]))
    print_asked(rows)


def compare_across(options, folder):
    """Reading the same files once is the floor; memory must not grow with them."""
    program = str(Path(options.build, "cli", "welkin").resolve())
    run([sys.executable, "-B", FIELD, "across", str(options.files), folder])
    images = [str(Path(folder, f"image{n}.fits")) for n in range(options.files)]
    lists = [str(Path(folder, f"list{n}.fits")) for n in range(options.files)]
    for image, target in zip(images, lists):
        run([program, "background", image, "-q", "--preset", "lsst", "--box", "128",
             "--background-list", target])
    out, few = str(Path(folder, "out")), max(2, options.files // 4)

    def make(name, files):
        command = [program, "stats", "--across", *files, "-q", "-o", out + "/out.fits"]
        return Contender(name, [command], [out], options.runs)

    ours = make(f"{options.files} images", images)
    less = make(f"{few} images", images[:few])
    listed = make(f"{options.files} lists", lists)
    read = Contender("CFITSIO reads the images",
                     [[str(Path(options.build, "bench", "bench_read").resolve()), *images]], [],
                     options.runs)
    peer = Contender("numpy, the images",
                     [[sys.executable, "-B", PEERS, "across", *images]], [], options.slow_runs,
                     warm=False)
    contenders = [ours, less, listed, read, peer]
    compete(contenders)
    print_usages("welkin stats --across, 1024 x 1024 pixels, planes written", contenders)
    growth = ours.peak() - less.peak()
    rows = [[f"{ours.name} / reading, wall",
             f"{ours.median('wall') / read.median('wall'):.2f}", "", ""],
            [f"numpy / {ours.name}, wall",
             f"{peer.median('wall') / ours.median('wall'):.1f}", "", ""],
            ask(f"peak MB, {options.files} images less {few}", f"{growth:.1f}", f"<= {GROWTH}",
                growth <= GROWTH)]
    print_asked(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=5, help="counted runs")
    parser.add_argument("--slow-runs", type=int, default=1, help="counted runs of the peers")
    parser.add_argument("--size", type=int, default=8192)
    parser.add_argument("--files", type=int, default=100, help="of --across")
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    missing = missing_packages(["numpy", "astropy"])
    if missing:
        print(f"The table is left out: {missing}")
        return
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare_images(options, folder)
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare_across(options, folder)


if __name__ == "__main__":
    main()
