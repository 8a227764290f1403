"""What the documents name is there: files, options, the version."""
import json
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from project import SOURCE, WELKIN, plain_build_only, run

pytestmark = plain_build_only

DOCUMENTS = sorted(SOURCE.glob("*.md")) + sorted((SOURCE / "docs").rglob("*.md"))
COMMANDS = ("info", "match", "cells", "apply", "background", "variance", "correlate", "offsets", "stats",
            "show", "get", "catalog", "simulate")
# of other programs, or of what the changes say is not there
OTHERS = {"README.md": {"cflags", "libs"},
          "acceptance.md": {"build", "sizes", "suite"}}


def text_of(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links(document):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text_of(document)):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths(document):
    """Files of the project that are named with their folder."""
    named = re.findall(r"\b((?:src|tests|tools|bench|docs|include)/[\w/]+\.\w+)", text_of(document))
    missing = [n for n in named if "NOUN" not in n and not (SOURCE / n).exists()]
    assert not missing, "named but not there: " + ", ".join(missing)


@pytest.fixture(name="options", scope="module")
def list_options():
    """Long names as the help of the commands has them."""
    helps = run(WELKIN, "--help") + "".join(run(WELKIN, c, "--help") for c in COMMANDS)
    names = set(re.findall(r"--([a-z][\w-]*\w)", helps))
    return names | {"no-" + name for name in re.findall(r"--\[no-\]([a-z][\w-]*)", helps)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_options(document, options):
    named = set(re.findall(r"(?<![\w-])--([a-z][\w-]*\w)", text_of(document)))
    named -= {"check"} if "setup.sh --check" in text_of(document) else set()
    assert sorted(named - options - OTHERS.get(document.name, set())) == []


def test_version():
    version = re.search(r"version: '([\d.]+)'", text_of(SOURCE / "meson.build")).group(1)
    assert "\nversion: %s\n" % version in text_of(SOURCE / "CITATION.cff")
    assert run(WELKIN, "--version") == "welkin %s\n" % version


def test_citation_is_valid():
    """What the Citation File Format 1.2.0 demands."""
    yaml = pytest.importorskip("yaml")
    entry = yaml.safe_load(text_of(SOURCE / "CITATION.cff"))
    assert entry["cff-version"] == "1.2.0" and entry["title"] and entry["message"]
    assert all(a.get("name") or a.get("family-names") for a in entry["authors"])


def test_picture_is_small():
    assert 10000 < (SOURCE / "docs" / "match.png").stat().st_size < 300000


@pytest.fixture(name="ledger", scope="module")
def run_demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    run(SOURCE / "tools" / "demo.sh", WELKIN, "demo", cwd=folder)
    return json.loads(text_of(folder / "demo" / "ledger.json"))


def test_example_is_what_the_demo_gives(ledger):
    """Numbers to 1e-6, for they go through the machine's mathematics library; residuals are small
    differences of large values."""
    shown = [json.loads(s) for s in re.findall(r"```json\n(.*?)```",
                                               text_of(SOURCE / "README.md"), re.S)]
    assert len(shown) == 2
    for example, found in zip(shown, (ledger["exposures"][0], ledger["overlaps"][0])):
        assert list(example) == list(found)
        for key, value in example.items():
            close = isinstance(value, float)
            assert found[key] == (pytest.approx(value, rel=1e-6, abs=1e-6) if close else value)
