#!/bin/sh
# Run every benchmark with the peers that are installed:  bench/run.sh [BUILD]
# A ratio that misses what was asked is printed as such and fails nothing; a crash does.
set -eu

build=${1:-build}
here=$(dirname "$0")

if [ ! -x "$build/cli/welkin" ] || [ ! -x "$build/bench/bench_read" ]; then
    echo "bench/run.sh: $build is not built: ninja -C $build" >&2
    exit 2
fi

# Debian's own python has Debian's numpy, and need not be the first on the path.
python=
for candidate in /usr/bin/python3 python3; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    [ -n "$python" ] || python=$candidate
    if "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "bench/run.sh: no python3 is installed" >&2
    exit 2
fi

failed=0
job() {
    title=$1
    shift
    printf '== %s ==\n\n' "$title"
    "$python" -B "$@" || failed=1
}

"$build/cli/welkin" --version
job "Background of one exposure" "$here/background.py" --build "$build"
job "Scale of a variance plane" "$here/variance.py" --build "$build"
job "Clipped statistics" "$here/statistic.py" --build "$build"
job "What the pixels are like" "$here/stats.py" --build "$build"
job "Correlations of pixels" "$here/correlate.py" --build "$build"
job "Offsets of every pixel" "$here/offsets.py" --build "$build"
job "Pictures" "$here/show.py" --build "$build"
job "Catalogue of exposures" "$here/catalog.py" --build "$build"
job "Matching and subtracting 25 exposures" "$here/match.py" --build "$build"
job "Planes by cells" "$here/cells.py" --build "$build"
job "Many exposures" "$here/scale.py" --build "$build"
if "$python" -c 'import numpy' 2>/dev/null; then
    job "The solver alone" "$here/solve.py" --build "$build"
else
    echo "The solver's table is left out: numpy is not installed (Debian's package is python3-numpy)."
fi
exit $failed
