"""Runs commands in turn, counts their time and memory, prints tables.  Standard library only."""
import contextlib
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QUIET = 0.2  # cores busy with other work


class Usage:
    """What one run took: wall and CPU seconds, largest resident MB, cores busy with other work."""

    def __init__(self, wall=0.0, cpu=0.0, peak=0.0, other=0.0, text=""):
        self.wall, self.cpu, self.peak, self.other, self.text = wall, cpu, peak, other, text


def busy_seconds():
    """CPU seconds that the whole machine has worked since it started."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            cells = [int(cell) for cell in stat.readline().split()[1:9]]
    except OSError:
        return 0.0
    return (sum(cells) - cells[3] - cells[4]) / os.sysconf("SC_CLK_TCK")


def run(command, folder=None):
    """Run one process to its end; a failure ends the benchmark with what the process said.

    The kernel counts the peak from the moment of the fork, when the child is still this
    interpreter: a peak below its own 10 to 15 MB cannot be seen.
    """
    with tempfile.TemporaryFile() as out:
        busy, start = busy_seconds(), time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT,
                                 stdin=subprocess.DEVNULL, cwd=folder)
        _, status, rusage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        cpu = rusage.ru_utime + rusage.ru_stime
        other = max(0.0, (busy_seconds() - busy - cpu) / wall)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode(errors="replace")
    if child.returncode or 'stat="ERROR"' in text:
        sys.exit(f"{' '.join(map(str, command[:4]))} ... failed ({child.returncode}):\n{text}")
    per_mb = 1e6 if platform.system() == "Darwin" else 1e6 / 1024
    return Usage(wall, cpu, rusage.ru_maxrss / per_mb, other, text)


def run_chain(commands, folder=None):
    """Run processes one after the other: times add up, the largest peak counts."""
    parts = [run(command, folder) for command in commands]
    wall = sum(part.wall for part in parts)
    other = sum(part.other * part.wall for part in parts) / wall
    return Usage(wall, sum(part.cpu for part in parts), max(part.peak for part in parts), other,
                 "".join(part.text for part in parts))


class Contender:
    """One row: a name, what to run, what to clear away before each run, how often it runs."""

    def __init__(self, name, commands, outputs=(), runs=3, warm=True, folder=None):
        self.name, self.commands, self.outputs = name, commands, outputs
        self.runs, self.warm, self.folder = runs, warm, folder
        self.taken = []

    def go(self):
        for output in self.outputs:
            shutil.rmtree(output, ignore_errors=True)
            os.makedirs(output)
        # what earlier runs wrote must not reach the disk at this one's expense
        os.sync()
        return run_chain(self.commands, self.folder)

    def median(self, what):
        return statistics.median(getattr(usage, what) for usage in self.taken)

    def peak(self):
        return max(usage.peak for usage in self.taken)


def compete(contenders):
    """One uncounted round to fill caches, then A B C A B C ... until each has its runs."""
    for contender in contenders:
        if contender.warm:
            contender.go()
    for turn in range(max(contender.runs for contender in contenders)):
        for contender in contenders:
            if turn < contender.runs:
                contender.taken.append(contender.go())


def print_table(title, head, rows):
    """Text to the left, everything else to the right."""
    cells = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    if title:
        print(title)
    for row in cells:
        print("  " + "  ".join([row[0].ljust(widths[0])] +
                               [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]))
    print(flush=True)


def print_usages(title, contenders):
    rows = []
    for contender in contenders:
        walls = [usage.wall for usage in contender.taken]
        rows.append([contender.name, f"{contender.median('wall'):.3f}",
                     f"{min(walls):.3f}..{max(walls):.3f}", f"{contender.median('cpu'):.3f}",
                     f"{contender.peak():.0f}", f"{contender.median('other'):.2f}",
                     len(walls)])
    print_table(title, ["", "wall s", "range", "CPU s", "peak MB", "other load", "runs"], rows)
    if any(contender.median("other") > QUIET for contender in contenders):
        print("  The machine had other work to do: wall times, above all those of two threads, are\n"
              "  too long. CPU times suffer less; for the claims run this again on a quiet one.\n")


def ask(name, value, asked, holds):
    """A row of the table of ratios: what was measured, what was asked, whether it holds."""
    return [name, value, asked, "yes" if holds else "NO"]


def print_asked(rows):
    if rows:
        print_table("", ["ratio", "measured", "asked", "holds"], rows)


def print_machine():
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError, StopIteration), open("/proc/cpuinfo", encoding="ascii",
                                                           errors="replace") as cpus:
        model = next(line.split(":")[1].strip() for line in cpus if line.startswith("model name"))
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} cores, {model}, {platform.system()} {platform.release()}; "
          f"load {load}; {time.strftime('%Y-%m-%d %H:%M')}\n", flush=True)


def free_bytes(folder):
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def missing_packages(names):
    """A sentence, or nothing; imports none of them, which would cost the runner memory."""
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ""
    packages = ", ".join("python3-" + name for name in missing)
    return f"{', '.join(missing)} not installed (in Debian: {packages})."
