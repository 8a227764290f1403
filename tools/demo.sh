#!/bin/sh
# Simulate nine overlapping exposures with known sky levels, match them, show what came out.
set -eu
welkin=$1
out=$2
rm -rf "$out"
mkdir -p "$out/matched"
echo "Simulating 9 exposures of 1024 x 1024 pixels ..."
"$welkin" simulate --output-dir "$out/exposures" --exposures 9 --size 1024 --distortion sip --seed 7
echo "Matching their skies ..."
"$welkin" match "$out"/exposures/*.fits --subtract --output-dir "$out/matched" \
    --ledger "$out/ledger.json" --figure "$out/match.png"
python3 "$(dirname "$0")/compare_truth.py" "$out/exposures/truth.json" "$out/ledger.json"
echo "Modelling the background of one of them ..."
"$welkin" background "$out/exposures/exposure_0001.fits" --mask-sources --model "$out/background.fits" \
    --figure "$out/background.png"
echo
echo "The picture:             $out/match.png"
echo "The whole solution:      $out/ledger.json"
echo "Exposures, sky matched:  $out/matched/"
echo "A background:            $out/background.png, $out/background.fits"
