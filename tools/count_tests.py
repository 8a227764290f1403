"""Name the programs that failed in the logs of test runs, then print one closing line.

Where a log is cut to its end, the failures stand there. A TAP program or a pytest run counts with each of its cases, any other program as one test.
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


def describe_failure(path, entry):
    """The lines that name what went wrong, or else the last ones that the program printed."""
    lines = ((entry.get("stdout") or "") + (entry.get("stderr") or "")).splitlines()
    telling = [
        line for line in lines
        if re.match(r"\s*(not ok\b|# .*error|E  |FAILED |ERROR |.*(Sanitizer|runtime error):)", line)
    ]
    title = "%s: %s in %s" % (entry["result"], entry.get("name", "a program"), path)
    return [title] + ["    " + line.strip() for line in (telling or lines)[-12:]]


def main(paths):
    totals = [0, 0, 0]
    for path in paths:
        with open(path, encoding="utf-8") as log:
            for line in log:
                entry = json.loads(line)
                counts = count_entry(entry)
                totals = [total + n for total, n in zip(totals, counts)]
                if counts[1]:
                    print("\n".join(describe_failure(path, entry)))
    print("%d passed, %d failed, %d skipped" % tuple(totals))
    return 1 if totals[1] or not totals[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
