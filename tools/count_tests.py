"""Count single tests in the logs of test runs and print one closing line.

A TAP program or a pytest run counts with each of its cases, any other program as one test.
"""
import json
import re
import sys


def count_tap(text):
    passed = failed = skipped = 0
    for line in text.splitlines():
        if re.match(r"\s*ok\b", line):
            if re.search(r"#\s*skip", line, re.I):
                skipped += 1
            else:
                passed += 1
        elif re.match(r"\s*not ok\b", line):
            failed += 1
    return passed, failed, skipped


def count_pytest(text):
    summary = [line for line in text.splitlines() if re.search(r" in [\d.]+s", line)]
    if not summary:
        return 0, 0, 0

    def number(*words):
        return sum(int(n) for n in re.findall(r"(\d+) (?:%s)" % "|".join(words), summary[-1]))

    return number("passed"), number("failed", "errors?"), number("skipped")


def count_entry(entry):
    text = entry.get("stdout") or ""
    bad = entry["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
    counts = count_pytest(text)
    if not any(counts):
        counts = count_tap(text)
    if not any(counts):
        counts = (0, 0, 1) if entry["result"] == "SKIP" else (0 if bad else 1, 0, 0)
    passed, failed, skipped = counts
    if bad and failed == 0:
        failed = 1
    return passed, failed, skipped


def main(paths):
    totals = [0, 0, 0]
    for path in paths:
        with open(path, encoding="utf-8") as log:
            for line in log:
                for k, n in enumerate(count_entry(json.loads(line))):
                    totals[k] += n
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
