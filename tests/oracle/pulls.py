"""Are the reported errors of matched levels true?

    pulls.py WELKIN [--seeds 20] [--exposures 25] [--size 2048] [--distortion sip] [--folder DIR]

Simulates, matches, compares with the truth about the mean (matching knows differences only) and
prints the largest deviation in errors, and the rms of pulls.  Errors are those of a level about
the mean too, so that the rms of pulls should be 1; the levels of one mosaic scatter together, in
large-scale patterns, and a seed counts for some independent numbers only.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile


def run(words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def pulls_of(welkin, folder, seed, options):
    files = os.path.join(folder, "exposures")
    shutil.rmtree(files, ignore_errors=True)
    run([welkin, "simulate", "-q", "--output-dir", files, "--seed", str(seed), "--exposures",
         str(options.exposures), "--size", str(options.size), "--distortion", options.distortion,
         "--sky", "100,1000", "--overlap", str(options.overlap)] + options.more)
    with open(os.path.join(files, "truth.json"), encoding="utf-8") as f:
        truth = json.load(f)["exposures"]
    paths = [os.path.join(files, e["file"]) for e in truth]
    answer = json.loads(run([welkin, "match", "-q", "--json", "--statistic", options.statistic,
                             "--weights", options.weights, *paths]))
    offsets = [e["sky"] - t["sky"] for e, t in zip(answer["exposures"], truth)]
    mean = sum(offsets) / len(offsets)
    return [(o - mean) / e["error"] for o, e in zip(offsets, answer["exposures"])]


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("welkin")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--exposures", type=int, default=25)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--overlap", type=float, default=0.1)
    parser.add_argument("--distortion", default="sip")
    parser.add_argument("--statistic", default="median")
    parser.add_argument("--weights", default="pixels")
    parser.add_argument("--folder")
    options, options.more = parser.parse_known_args(words)
    return options


def main(words):
    options = arguments(words)
    folder = options.folder or tempfile.mkdtemp(prefix="welkin-pulls-")
    os.makedirs(folder, exist_ok=True)
    squares = []
    largest = 0.0
    try:
        for seed in range(1, options.seeds + 1):
            pulls = pulls_of(options.welkin, folder, seed, options)
            largest = max(largest, max(abs(p) for p in pulls))
            squares.append(sum(p * p for p in pulls) / len(pulls))
    finally:
        if not options.folder:
            shutil.rmtree(folder)
    rms = math.sqrt(sum(squares) / len(squares))
    mean = sum(squares) / len(squares)
    spread = math.sqrt(sum((s - mean) ** 2 for s in squares) / max(len(squares) - 1, 1))
    scatter = spread / (2 * rms * math.sqrt(len(squares)))
    print("%d seeds, %d exposures of %d^2, %s, %s: largest deviation %.2f errors, rms of pulls "
          "%.3f +- %.3f (1 expected)"
          % (options.seeds, options.exposures, options.size, options.distortion,
             options.statistic, largest, rms, scatter))
    return rms, largest


if __name__ == "__main__":
    main(sys.argv[1:])
