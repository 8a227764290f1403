"""Print recovered against true levels: compare_truth.py truth.json ledger.json

Levels are compared about their means: matching knows differences only.
"""
import json
import math
import os
import sys


def main(truth_path, ledger_path):
    with open(truth_path, encoding="utf-8") as f:
        truth = {os.path.basename(e["file"]): e["sky"] for e in json.load(f)["exposures"]}
    with open(ledger_path, encoding="utf-8") as f:
        ledger = json.load(f)
    rows = [(os.path.basename(e["file"]), truth[os.path.basename(e["file"])], e["sky"], e["error"])
            for e in ledger["exposures"]]
    offset = sum(sky - true for _, true, sky, _ in rows) / len(rows)
    print("\n%-24s %12s %12s %10s %8s" % ("exposure", "true", "recovered", "error", "pull"))
    pulls = []
    for name, true, sky, error in rows:
        pulls.append((sky - offset - true) / error)
        print("%-24s %12.4f %12.4f %10.4f %8.2f" % (name, true, sky - offset, error, pulls[-1]))
    print("\nrecovered levels are shown less their mean offset from the truth, %.3f: "
          "the sky that all share" % offset)
    print("rms of overlap differences: %.3f before, %.4f after; rms of pulls %.2f"
          % (ledger["rms_before"], ledger["rms_after"],
             math.sqrt(sum(p * p for p in pulls) / len(pulls))))


if __name__ == "__main__":
    main(*sys.argv[1:3])
