#!/usr/bin/env python3
"""Times `welkin offsets` against the notebook that it replaces.

    bench/offsets.py [--build build] [--runs 3] [--size 6000x4000] [--stars 500,5000]
                     [--piece 300] [--folder DIR]

The notebook's loop (every third pixel, all stars looked at four times each) runs over a piece of
the image and is scaled to the whole; its filling by astropy runs whole.  Both maps are written.
Needs numpy and astropy.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, missing_packages, print_asked, print_machine,
                     print_table, print_usages, run)

PEERS, FIELD = (str(Path(__file__).with_name(name)) for name in ("peers.py", "field.py"))
FASTER, SEED_FASTER, GROWTH, MEMORY, AGREE = 200, 50, 2, 250, 1e-9


def contenders_for(options, folder, stars):
    """welkin's models by name; all write both maps as float32."""
    table = str(Path(folder, f"stars_{stars}.fits"))
    program = str(Path(options.build, "cli", "welkin").resolve())
    size = options.size.replace("x", ",")
    out = str(Path(folder, "out"))

    def make(name, *words):
        command = [program, "offsets", table, "--size", size, "-q", "-o", out + "/maps.fits",
                   *words]
        return Contender(f"{name}, {stars} stars", [command], [out], options.runs)

    return {"nearest": make("nearest"), "one": make("nearest, 1 thread", "--threads", "1"),
            "small": make("nearest, --memory 16M", "--memory", "16M"),
            "seed": make("seed", "--model", "seed"),
            "fade": make("nearest, --smooth 0", "--smooth", "0"),
            "polynomial": make("polynomial:3", "--model", "polynomial:3"),
            "spline": make("spline", "--model", "spline"),
            "auto": make("auto", "--model", "auto")}


def measure_notebook(options, folder, stars):
    """Seconds of the whole loop and of both fillings."""
    width, height = options.size.split("x")
    table = str(Path(folder, f"stars_{stars}.fits"))
    loop = json.loads(run([sys.executable, "-B", PEERS, "notebook", table, width, height,
                           str(options.piece)]).text)
    fill = json.loads(run([sys.executable, "-B", PEERS, "fill", width, height]).text)
    samples = (int(width) // 3) * (int(height) // 3)
    whole = loop["seconds"] * samples / ((options.piece + 2) // 3) ** 2
    return loop, whole, 2 * fill["seconds"]


def difference(options, folder, stars, loop):
    """Of welkin's strict quadrants from the notebook's samples, where star 0 plays no part."""
    out = str(Path(folder, "check.fits"))
    run([str(Path(options.build, "cli", "welkin").resolve()), "offsets",
         str(Path(folder, f"stars_{stars}.fits")), "--size", options.size.replace("x", ","), "-q",
         "--model", "seed", "--sections", "1", "--double", "-o", out, "--overwrite"])
    code = ("import sys, json\nfrom astropy.io import fits\nloop = json.load(open(sys.argv[2]))\n"
            "maps = fits.getdata(sys.argv[1], 1)\nn = int(sys.argv[3])\n"
            "ours = maps[loop['low']:, loop['left']:][:n:3, :n:3].ravel()\n"
            "print(max(abs(ours - loop['x'])))\n")
    Path(folder, "loop.json").write_text(json.dumps(loop), encoding="ascii")
    text = run([sys.executable, "-c", code, out, str(Path(folder, "loop.json")),
                str(options.piece)]).text
    return float(text)


def compare(options, folder):
    run([sys.executable, "-B", FIELD, "offsets", options.size, folder, options.stars])
    counts = options.stars.split(",")
    ours = {stars: contenders_for(options, folder, stars) for stars in counts}
    everyone = [contender for stars in counts for contender in ours[stars].values()]
    compete(everyone)
    print_usages(f"An image of {options.size}, both maps written, in {folder}", everyone)
    rows, peers = [], []
    for stars in counts:
        loop, whole, fill = measure_notebook(options, folder, stars)
        peers.append([f"{stars} stars", f"{loop['seconds']:.2f}", f"{whole:.0f}", f"{fill:.1f}",
                      f"{whole + fill:.0f}"])
        for name, asked in (("nearest", FASTER), ("seed", SEED_FASTER)):
            ratio = (whole + fill) / ours[stars][name].median("wall")
            rows.append(ask(f"notebook / {name}, {stars} stars, wall", f"{ratio:.0f}",
                            f">= {asked}", ratio >= asked))
        off = difference(options, folder, stars, loop)
        rows.append(ask(f"difference from the notebook's loop, {stars} stars", f"{off:.1e}",
                        f"<= {AGREE:g}", off <= AGREE))
        peak = ours[stars]["nearest"].peak()
        rows.append(ask(f"peak MB, {stars} stars", f"{peak:.0f}", f"< {MEMORY}", peak < MEMORY))
    print_table("The notebook, one process",
                ["", f"loop over {options.piece}^2, s", "scaled to all, s", "filling both, s",
                 "together"], peers)
    if len(counts) > 1:
        growth = (ours[counts[-1]]["nearest"].median("wall") /
                  ours[counts[0]]["nearest"].median("wall"))
        rows.append(ask(f"nearest, {counts[-1]} stars / {counts[0]} stars, wall", f"{growth:.2f}",
                        f"< {GROWTH}", growth < GROWTH))
    print_asked(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=3, help="counted runs")
    parser.add_argument("--size", default="6000x4000", help="WIDTHxHEIGHT")
    parser.add_argument("--stars", default="500,5000", help="numbers of stars")
    parser.add_argument("--piece", type=int, default=300, help="side of the notebook's piece")
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
