#!/usr/bin/env python3
"""Times `welkin catalog`: adding files, and asking 100,000 footprints what overlaps a circle.

    bench/catalog.py [--build build] [--runs 5] [--visits 1613] [--files 10000] [--folder DIR]

Footprints are made within `bench_catalog` (62 to a visit) and put in without any file; the files
that are added are names of one small exposure that `welkin simulate` makes.
"""
import argparse
import json
import os
import tempfile
from pathlib import Path

from measure import (Contender, ask, compete, print_asked, print_machine, print_table,
                     print_usages, run)

INSIDE_MS, ROWS, FILES, MEMORY = 10, 5000, 500, 100


def fill(options, folder):
    """What the helper says of putting rows in, and of small and large circles."""
    program, database = str(Path(options.build, "bench", "bench_catalog")), f"{folder}/sky.sqlite3"
    words = [program, database, "--visits", str(options.visits), "--queries", "1000"]
    answers = [json.loads(run(words + ["--radius", radius]).text) for radius in ("0.1", "1")]
    rows = [[f"radius {radius}", f"{a['found']:.0f}", f"{a['median_ms']:.3f}", f"{a['p99_ms']:.3f}",
             f"{a['worst_ms']:.3f}"] for radius, a in zip(("0.1 deg", "1 deg"), answers)]
    print_table(f"Circles within the process, {answers[0]['rows']} footprints, 1000 of each",
                ["", "found", "median ms", "99 % ms", "worst ms"], rows)
    return database, answers


def make_files(options, folder):
    """Hard links: to the catalogue each name is a file of its own."""
    program = str(Path(options.build, "cli", "welkin").resolve())
    run([program, "simulate", "--output-dir", f"{folder}/one", "--exposures", "1", "--size", "64",
         "-q"])
    source = next(Path(folder, "one").glob("*.fits"))
    Path(folder, "many").mkdir()
    for i in range(options.files):
        os.link(source, Path(folder, "many", f"exposure_{i:06}.fits"))
    return program


def compare(options, folder):
    database, answers = fill(options, folder)
    program = make_files(options, folder)
    small = [program, "catalog", "overlaps", "10.3", "-20.1", "0.5", "--catalog", database]
    adding = [program, "catalog", "add", f"{folder}/many", "-q", "--catalog"]
    start = Contender("welkin --version", [[program, "--version"]], runs=options.runs)
    overlaps = Contender("overlaps, radius 0.5 deg", [small], runs=options.runs)
    # the folder of the catalogue is emptied before each run
    fresh = Contender(f"add {options.files} files", [adding + [f"{folder}/new/a.sqlite3"]],
                      [f"{folder}/new"], options.runs)
    serial = Contender(f"add {options.files} files, 1 thread",
                       [adding + [f"{folder}/serial/a.sqlite3", "--threads", "1"]],
                       [f"{folder}/serial"], options.runs)
    run(adding + [f"{folder}/again.sqlite3"])
    again = Contender(f"add {options.files} files again", [adding + [f"{folder}/again.sqlite3"]],
                      runs=options.runs)
    everyone = [start, overlaps, fresh, serial, again]
    compete(everyone)
    print_usages(f"Whole processes, {answers[0]['rows']} footprints, in {folder}", everyone)
    rate = answers[0]["rows"] / answers[0]["seconds"]
    files = options.files / fresh.median("wall")
    worst = max(a["p99_ms"] for a in answers[:1])
    # the fastest of each: starting a process varies by more than what is asked for
    whole = 1e3 * (min(usage.wall for usage in overlaps.taken) -
                   min(usage.wall for usage in start.taken))
    print_asked([
        ask("rows put in a second", f"{rate:.0f}", f">= {ROWS}", rate >= ROWS),
        ask("circle of 0.1 deg within the process, ms, 99 %", f"{worst:.3f}", f"< {INSIDE_MS}",
            worst < INSIDE_MS),
        ask("overlaps less the start of a process, ms", f"{whole:.1f}", f"< {INSIDE_MS}",
            whole < INSIDE_MS),
        ask("files added a second, 2 cores", f"{files:.0f}", f">= {FILES}", files >= FILES),
        ask("peak MB of adding", f"{fresh.peak():.0f}", f"< {MEMORY}", fresh.peak() < MEMORY)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--runs", type=int, default=5, help="counted runs")
    parser.add_argument("--visits", type=int, default=1613, help="visits of 62 footprints")
    parser.add_argument("--files", type=int, default=10000, help="files to add")
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        compare(options, folder)


if __name__ == "__main__":
    main()
