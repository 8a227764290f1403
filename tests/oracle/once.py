"""Comparisons of numbers alone are made once, in the build without sanitizers."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "house"))
from project import sanitized  # noqa: E402


def numbers_only(elsewhere):
    """Mark what compares numbers of code that runs sanitized elsewhere, too."""
    return pytest.mark.skipif(sanitized(), reason="numbers, compared in the build without "
                              "sanitizers; sanitized, their code runs in " + elsewhere)
