"""What every command test shares."""
import pathlib
import tempfile

import pytest


@pytest.fixture
def folder():
    """An empty folder that is removed with all that is in it."""
    with tempfile.TemporaryDirectory(prefix="welkin-") as name:
        yield pathlib.Path(name).resolve()


@pytest.fixture(scope="module")
def shared_folder():
    """The same, for all tests of a file."""
    with tempfile.TemporaryDirectory(prefix="welkin-") as name:
        yield pathlib.Path(name).resolve()
