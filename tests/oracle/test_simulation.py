"""Simulated exposures: recovered levels and their errors against the truth.

Each tolerance is 5 of the scatters that the seeds themselves show; the range 0.8 to 1.2 is what a
user may ask of an error.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import pulls  # noqa: E402
from once import numbers_only  # noqa: E402

pytestmark = numbers_only("command/test_simulate.py and command/test_match.py")
WELKIN = os.environ["WELKIN"]


@pytest.mark.parametrize("words", [
    ["--distortion", "sip"],
    ["--distortion", "tpv", "--statistic", "mean", "--stars", "0", "--galaxies", "0"],
    ["--distortion", "none", "--weights", "variance"],
])
def test_mosaic(tmp_path, words):
    rms, largest = pulls.main([WELKIN, "--seeds", "20", "--exposures", "9", "--size", "200",
                               "--folder", str(tmp_path), *words])
    assert 0.8 < rms < 1.2
    assert largest < 5


def test_stack(tmp_path):
    """Nine exposures of nearly one field share most of their noise among the overlaps."""
    rms, largest = pulls.main([WELKIN, "--seeds", "30", "--exposures", "9", "--size", "100",
                               "--overlap", "0.95", "--stars", "0", "--galaxies", "0",
                               "--nebula", "0", "--folder", str(tmp_path)])
    assert 0.8 < rms < 1.2
    assert largest < 5
