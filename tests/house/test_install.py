"""What meson install gives is enough to run the command and to build the README's program."""
import json
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from project import BUILD, HEADERS, SOURCE, build_option, need, plain_build_only, run

pytestmark = plain_build_only


@pytest.fixture(name="root", scope="module")
def install(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root)
    return root


@pytest.fixture(name="prefix", scope="module")
def find_prefix(root):
    return root / build_option("prefix").lstrip("/")


@pytest.fixture(name="exposures", scope="module")
def simulate(prefix, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exposures")
    run(prefix / "bin" / "welkin", "simulate", "--output-dir", folder, "--exposures", 4,
        "--size", 256, "--stars", 20, env=plain_environment())
    return folder


def library_folder(prefix):
    return prefix / build_option("libdir")


def plain_environment():
    """The installed command needs nobody to say where its library is."""
    return {k: v for k, v in os.environ.items() if k != "LD_LIBRARY_PATH"}


def environment(prefix):
    """For programs linked to a library in a folder that the loader does not know."""
    return dict(os.environ, LD_LIBRARY_PATH=str(library_folder(prefix)))


def pkg_config(root, prefix, *words):
    need("pkg-config")
    found = dict(os.environ, PKG_CONFIG_SYSROOT_DIR=str(root),
                 PKG_CONFIG_LIBDIR=str(library_folder(prefix) / "pkgconfig"))
    return run("pkg-config", *words, env=found).split()


def readme_program():
    """The complete C program of the README."""
    text = (SOURCE / "README.md").read_text(encoding="utf-8")
    programs = [p for p in re.findall(r"```c\n(.*?)```", text, re.S) if "int main(" in p]
    assert len(programs) == 1
    return programs[0]


def test_files(prefix):
    libraries = library_folder(prefix)
    assert (prefix / "bin" / "welkin").is_file()
    assert os.readlink(libraries / "libwelkin.so") == "libwelkin.so.0"
    assert (libraries / os.readlink(libraries / "libwelkin.so.0")).is_file()
    assert (prefix / build_option("mandir") / "man1" / "welkin.1").stat().st_size > 1000
    completions = prefix / build_option("datadir") / "bash-completion" / "completions"
    assert any(f.stat().st_size > 100 for f in completions.iterdir())


def test_headers(prefix):
    installed = sorted((prefix / "include" / "welkin").iterdir())
    assert [f.name for f in installed] == [f.name for f in HEADERS]
    for ours, theirs in zip(HEADERS, installed):
        assert ours.read_bytes() == theirs.read_bytes()


def test_command(prefix):
    said = run(prefix / "bin" / "welkin", "--version", env=plain_environment())
    assert re.fullmatch(r"welkin \d+\.\d+\.\d+\n", said)


def test_command_finds_its_own_library(prefix):
    need("ldd")
    said = run("ldd", prefix / "bin" / "welkin", env=plain_environment())
    found = re.search(r"libwelkin\.so\.0 => (\S+)", said).group(1)
    assert os.path.samefile(found, library_folder(prefix) / "libwelkin.so.0")


def test_manual_is_a_manual(prefix):
    need("man")
    run("man", "--warnings", "-l", prefix / build_option("mandir") / "man1" / "welkin.1",
        env=dict(os.environ, MANPAGER="cat", LC_ALL="C.UTF-8"))


def test_version(root, prefix):
    said = pkg_config(root, prefix, "--modversion", "welkin")
    assert said == [run(prefix / "bin" / "welkin", "--version",
                        env=plain_environment()).split()[1]]


@pytest.mark.parametrize("compiler, language, standard", [
    ("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++11"),
    ("clang++", "c++", "c++11")])
def test_readme_program(root, prefix, exposures, tmp_path, compiler, language, standard):
    need(compiler)
    (tmp_path / "match.c").write_text(readme_program(), encoding="utf-8")
    run(compiler, "-std=" + standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        "-x", language, tmp_path / "match.c", "-x", "none", "-o", tmp_path / "match",
        *pkg_config(root, prefix, "--cflags", "--libs", "welkin"))
    files = sorted(exposures.glob("*.fits"))
    lines = run(tmp_path / "match", *files, env=environment(prefix)).splitlines()
    truth = json.loads((exposures / "truth.json").read_text(encoding="utf-8"))["exposures"]
    assert len(lines) == len(truth) == 4
    # noise is 1 a pixel and an overlap has thousands: an error of a level is below 0.1
    off = [float(line.split()[1]) - t["sky"] for line, t in zip(lines, truth)]
    assert max(off) - min(off) < 0.5
    for line, file in zip(lines, files):
        assert line.startswith(str(file))
        assert 0.0 < float(line.split()[3]) < 0.1
