"""Where the project, its build and its program are, for the house's own tests."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ.get("WELKIN_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("WELKIN_BUILD", SOURCE / "build"))
WELKIN = os.environ.get("WELKIN", str(BUILD / "cli" / "welkin"))
HEADERS = sorted((SOURCE / "include" / "welkin").glob("*.h"))


def build_option(name):
    text = (BUILD / "meson-info" / "intro-buildoptions.json").read_text(encoding="utf-8")
    return next(o["value"] for o in json.loads(text) if o["name"] == name)


def sanitized():
    return build_option("b_sanitize") not in ("none", [], "")


# what does not depend on how it was built is checked once
plain_build_only = pytest.mark.skipif(sanitized(), reason="checked in the build without sanitizers")


def need(program):
    if not shutil.which(program):
        pytest.skip("no %s" % program)
    return program


def run(*command, **options):
    """Run to the end; what a command said is in the failure if it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, **options)
    assert done.returncode == 0, "%s\n%s%s" % (" ".join(map(str, command)), done.stdout,
                                               done.stderr)
    return done.stdout
