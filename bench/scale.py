#!/usr/bin/env python3
"""Peak memory and time of welkin match as exposures are added: memory must not grow with them.

    bench/scale.py [--build build] [--counts 25,100,400] [--size 512] [--threads 1,2] [--runs 3]

Exposures with masks and SIP distortion; only the ledger is written.  Needs no package.
"""
import argparse
import tempfile
from pathlib import Path

from measure import Contender, ask, compete, print_asked, print_machine, print_table, run

KILOBYTES = 16  # an exposure's name, coordinates, footprint and results, with some room


def make_inputs(welkin, folder, count, size):
    inputs = Path(folder, str(count))
    run([welkin, "simulate", "--output-dir", str(inputs), "--quiet", "--exposures", str(count),
         "--size", str(size), "--layout", "stsci", "--distortion", "sip"])
    return sorted(map(str, inputs.glob("*.fits")))


def make_contenders(options, folder):
    """One for every count and number of threads."""
    welkin = str(Path(options.build, "cli", "welkin").resolve())
    contenders = {}
    for count in options.counts:
        files = make_inputs(welkin, folder, count, options.size)
        for threads in options.threads:
            ledger = str(Path(folder, "ledger.json"))
            command = [welkin, "match", "--quiet", "--overwrite", "--ledger", ledger,
                       "--threads", str(threads)]
            contenders[count, threads] = Contender(f"{count} exposures", [command + files],
                                                   runs=options.runs)
    return contenders


def usage_row(count, threads, contender):
    wall, cpu = contender.median("wall"), contender.median("cpu")
    return [str(count), threads, f"{wall:.3f}", f"{cpu:.3f}", f"{1e3 * cpu / count:.2f}",
            f"{contender.peak():.1f}", f"{contender.median('other'):.2f}"]


def growth_row(options, contenders, threads):
    """Between the two largest counts, where what is allocated once no longer matters."""
    few, many = options.counts[-2:]
    peaks = [contenders[count, threads].peak() for count in (few, many)]
    growth = 1e3 * (peaks[1] - peaks[0]) / (many - few)
    name = f"KB an exposure from {few} to {many}, {threads} thread{'s' * (threads > 1)}"
    return ask(name, f"{growth:.1f}", f"<= {KILOBYTES}", growth <= KILOBYTES)


def whole_numbers(text):
    return sorted(int(word) for word in text.split(","))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build", help="Meson's build folder")
    parser.add_argument("--counts", type=whole_numbers, default=[25, 100, 400])
    parser.add_argument("--threads", type=whole_numbers, default=[1, 2])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where the work folder is made (default $TMPDIR or /tmp)")
    return parser.parse_args()


def main():
    options = parse()
    print_machine()
    with tempfile.TemporaryDirectory(prefix="welkin_bench_", dir=options.folder) as folder:
        contenders = make_contenders(options, folder)
        compete(list(contenders.values()))
    # the peak is what is looked at; times are beside it to show that they grow no faster than N
    print_table(f"welkin match, exposures of {options.size} x {options.size}, SCI + ERR + DQ, SIP",
                ["exposures", "threads", "wall s", "CPU s", "CPU ms each", "peak MB", "other load"],
                [usage_row(*key, contender) for key, contender in contenders.items()])
    if len(options.counts) > 1:
        print_asked([growth_row(options, contenders, threads) for threads in options.threads])


if __name__ == "__main__":
    main()
