"""tools/setup.sh and the counting of tests: what they say and how they end."""
import json
import os
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from project import SOURCE, need, plain_build_only, run

pytestmark = plain_build_only

SETUP = SOURCE / "tools" / "setup.sh"
SCRIPTS = sorted((SOURCE / "tools").glob("*.sh")) + sorted((SOURCE / "bench").glob("*.sh"))


def call(*words, **options):
    return subprocess.run([str(SETUP), *words], capture_output=True, text=True, check=False,
                          **options)


def folder_of(tmp_path, programs):
    """A PATH with these programs only; those of which a text is given are made of it."""
    for name, text in programs.items():
        if text is None:
            (tmp_path / name).symlink_to(shutil.which(name))
        else:
            (tmp_path / name).write_text("#!/bin/sh\n" + text, encoding="utf-8")
            (tmp_path / name).chmod(0o755)
    path = dict(os.environ, PATH=str(tmp_path))
    path.pop("CC", None)
    return path


INSTALLED = "echo 'install ok installed'\n"
ABSENT = "exit 1\n"


def test_check_reports(tmp_path):
    path = folder_of(tmp_path, {"dpkg-query": INSTALLED, "grep": None})
    done = call("--check", env=path)
    assert (done.returncode, done.stdout) == (0, "all packages are installed\n")


def test_check_names_what_is_missing_and_installs_nothing(tmp_path):
    some = 'case "$*" in *meson*) exit 1;; esac\n' + INSTALLED
    path = folder_of(tmp_path, {"dpkg-query": some, "grep": None,
                                "apt-get": "echo ran >&2; exit 9\n"})
    done = call("--check", env=path)
    assert (done.returncode, done.stderr) == (1, "missing: meson\n")


def test_nothing_to_do_the_second_time(tmp_path):
    path = folder_of(tmp_path, {"dpkg-query": INSTALLED, "grep": None,
                                "apt-get": "echo ran >&2; exit 9\n"})
    done = call(env=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_installs_what_is_missing_without_questions(tmp_path):
    apt = 'echo "$DEBIAN_FRONTEND $*"\n'
    path = folder_of(tmp_path, {"dpkg-query": ABSENT, "grep": None, "env": None, "sh": None,
                                "id": "echo 0\n", "apt-get": apt})
    path.pop("DEBIAN_FRONTEND", None)
    done = call(env=path)
    assert done.returncode == 0
    update, install = done.stdout.splitlines()
    assert update.strip() == "update"
    assert install.startswith("noninteractive install -y --no-install-recommends build-essential ")
    assert "libcfitsio-dev" in install.split()


def test_clang_needs_its_own_libraries(tmp_path):
    path = folder_of(tmp_path, {"dpkg-query": ABSENT, "grep": None, "sed": None,
                                "apt-cache": "echo '  Depends: clang-14'\n"})
    done = call("--check", env=dict(path, CC="clang"))
    assert done.returncode == 1
    assert done.stderr.endswith(" clang libomp-dev libclang-rt-14-dev\n")


def test_without_rights_it_says_what_to_run(tmp_path):
    path = folder_of(tmp_path, {"dpkg-query": ABSENT, "grep": None, "id": "echo 1000\n"})
    done = call(env=path)
    assert done.returncode == 1
    assert "apt-get install build-essential" in done.stderr


def test_elsewhere_it_says_what_to_install(tmp_path):
    done = call(env=folder_of(tmp_path, {"grep": None}))
    assert done.returncode == 1
    assert "libcfitsio-dev" in done.stderr and "meson" in done.stderr


def test_wrong_usage():
    assert call("--chekc").returncode == 2


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck(script):
    run(need("shellcheck"), script)


def count(tmp_path, *entries):
    log = tmp_path / "testlog.json"
    log.write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")
    done = subprocess.run([sys.executable, SOURCE / "tools" / "count_tests.py", log],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


TAP = {"result": "OK", "stdout": "1..3\nok 1 - a\nok 2 - b\nok 3 # SKIP c\n"}


def test_count_of_tap_and_pytest(tmp_path):
    suite = {"result": "OK", "stdout": "..s\n2 passed, 1 skipped in 0.10s\n"}
    assert count(tmp_path, TAP, suite) == (0, "4 passed, 0 failed, 2 skipped\n")


def test_count_of_failures(tmp_path):
    tap = {"name": "unit / b", "result": "FAIL", "stdout": "ok 1 - a\nnot ok 2 - b\n"}
    suite = {"name": "command / c", "result": "FAIL",
             "stdout": "F.\nE   assert 1 == 2\n1 failed, 1 passed in 2.00s\n"}
    status, said = count(tmp_path, TAP, tap, suite)
    lines = said.splitlines()
    assert status == 1 and lines[-1] == "4 passed, 2 failed, 1 skipped"
    # the programs and their words, for logs of which the end alone is kept
    assert lines[0].startswith("FAIL: unit / b in ") and lines[1] == "    not ok 2 - b"
    assert lines[2].startswith("FAIL: command / c in ") and lines[3] == "    E   assert 1 == 2"


@pytest.mark.parametrize("entry", [
    {"result": "FAIL", "stdout": "1..2\nok 1 - a\n"},  # died on its way
    {"result": "TIMEOUT", "stdout": ""},
    {"result": "ERROR"}])
def test_what_ends_badly_counts_as_failed(tmp_path, entry):
    status, said = count(tmp_path, TAP, entry)
    assert status == 1 and ", 1 failed, " in said


def test_no_test_is_a_failure(tmp_path):
    assert count(tmp_path)[0] == 1
