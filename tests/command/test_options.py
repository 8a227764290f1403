"""Options: help, configuration files, lists, what is refused."""
import json
import shutil
import subprocess

import pytest
import yaml
from astropy.io import fits

from helpers import WELKIN, ask, call, fail, names, noise, plain, row, run, skies, tan

COMMON = ("json", "quiet", "verbose", "threads", "memory", "config", "print-config", "help")
PLANES = ("layout", "image-ext", "mask-ext", "variance-ext", "error-ext", "weight-ext", "mask-file",
          "weight-file", "bad-bits", "no-mask", "catalog", "where")
OUTPUTS = ("output", "output-dir", "suffix", "overwrite", "durable")
MATCH = ("method", "down", "up", "subtract", "group", "flux-keyword", "statistic", "lower", "upper",
         "nclip", "lsigma", "usigma", "bin-width", "compat", "sky-list", "weights", "anchor",
         "compare", "order", "cell", "pitch", "cells", "loss",
         "reference", "detector-offsets", "per", "amplifiers", "ledger", "figure", "check",
         "outliers", "weak-modes")
CELLS = ("cell", "pitch", "group", "flux-keyword", "as-reference", "whole", "statistic", "lower", "upper", "nclip",
         "lsigma", "usigma", "bin-width", "compat", "output", "overwrite", "durable")
SIMULATE = ("output-dir", "exposures", "size", "overlap", "dither", "rotation", "distortion", "sky",
            "gradient", "stars", "galaxies", "noise", "mask", "layout", "seed")
BACKGROUND = ("preset", "box", "bins", "statistic", "clip", "sigma", "iterations", "minimum-good",
              "filter", "interpolate", "weights", "undersample", "mask-sources", "source-rounds",
              "source-sigma", "source-fwhm", "source-grow", "model", "rms", "mesh",
              "background-list", "figure", "evaluate", "restore")
VARIANCE = ("method", "limit", "floor", "constant", "no-background", "box", "bins", "per",
            "factor-box", "amplifiers", "correlated", "figure")
CORRELATE = ("lag", "tile", "subset", "all-flags", "check-tile", "strict", "background",
             "source-mask", "box", "weighted", "correct-mean", "jackknife", "regions", "group",
             "figure", "table", "cube", "output", "overwrite", "durable")
OFFSETS = ("like", "size", "columns", "model", "quadrants", "power", "smooth", "clip", "format",
           "double", "errors", "from-catalogues", "brightness", "radius", "brightest", "from-wcs",
           "sections", "stride", "keep-first", "keep-zero", "border", "allow-empty", "table",
           "figure")
STATS = ("sigma", "iterations", "bins", "compare", "histogram", "across", "output", "durable",
         "overwrite")
SHOW = ("output", "scale", "limits", "q", "colormap", "colorbar", "axes", "mask-overlay", "planes",
        "marks", "mark-columns", "minus", "panel", "size", "overwrite")
CATALOG = ("catalog", "where", "levels", "names", "wait")
GET = ("repo", "collection", "list", "collections", "all", "inputs", "output", "copy", "overwrite",
       "durable")
OWN = {"info": PLANES, "match": MATCH + OUTPUTS + PLANES, "cells": CELLS + PLANES,
       "apply": ("ledger",) + OUTPUTS + PLANES,
       "background": BACKGROUND + OUTPUTS + PLANES, "variance": VARIANCE + OUTPUTS + PLANES,
       "correlate": CORRELATE + PLANES, "offsets": OFFSETS + OUTPUTS, "stats": STATS + PLANES,
       "show": SHOW + PLANES, "catalog": CATALOG, "get": GET,
       "simulate": SIMULATE}


def check_named(text, options):
    """A switch that is on by itself stands as --[no-]NAME."""
    for option in options:
        assert f"--{option}" in text or f"--[no-]{option}" in text, option


@pytest.mark.parametrize("command", OWN)
def test_help(command):
    """Every option by its name, in lines that a terminal holds."""
    done = run(command, "--help")
    assert done.stderr == "" and run(command, "-h").stdout == done.stdout
    check_named(done.stdout, OWN[command] + COMMON)
    assert "-q," in done.stdout and "-v," in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert run(command, "--help", "nosuch.fits", "--json").stdout == done.stdout


def test_overview():
    out = run("--help").stdout
    assert all(f"\n  {command} " in out for command in OWN) and out == run("-h").stdout


def test_version():
    name, version = run("--version").stdout.split()
    assert name == "welkin" and version.count(".") == 2


@pytest.mark.parametrize("words", [(), ("nosuch",), ("--nosuch",), ("correlates",), ("-x",), ("",),
                                   ("--completion",), ("--completion", "tcsh")])
def test_no_command(words):
    said = fail(2, *words)
    assert "--help" in said or "--completion" in said


@pytest.mark.parametrize("command", ["info", "match", "cells", "apply", "background", "variance", "correlate",
                                     "offsets", "stats", "catalog"])
def test_no_file(command):
    fail(2, command)


BAD = [("--nosuch",), ("--nclip", "-1"), ("--nclip", "x"), ("--nclip", "1.5"), ("--nclip", ""),
       ("--nclip",), ("--lsigma", "0"), ("--usigma", "-3"), ("--lsigma", "nan"),
       ("--bin-width", "0"), ("--bin-width", "-1"), ("--lower", "x"), ("--lower", "inf"),
       ("--lower", "5", "--upper", "4"), ("--method", "nosuch"), ("--method", "Local"),
       ("--statistic", "meanx"), ("--weights", "x"), ("--compat", "x"), ("--threads", "-1"),
       ("--threads", "99999999999999999999"), ("--memory", "2X"), ("--memory", "-1"),
       ("--memory", "G"), ("--layout", "x"), ("--json=yes",), ("-z",),
       ("--compare", "x"), ("--order", "1"), ("--order", "3"), ("--cell", "8"), ("--cell", "1"),
       ("--loss", "huber"), ("--loss", "x"), ("--output",), ("-o", ""), ("--no-mas=1",)]


@pytest.mark.parametrize("options", BAD, ids=" ".join)
def test_refused(folder, options):
    """Refused before anything is read: the file that is named does not exist."""
    said = fail(2, "match", folder / "nosuch.fits", *options)
    word = options[0].split("=")[0].lstrip("-").split("-")[0]
    assert word[0] in said and "nosuch.fits" not in said
    assert names(folder) == []


@pytest.mark.parametrize("size", ["2G", "512M", "1.5G", "2GiB", "300000000", "2g", "800MB"])
def test_memory(folder, size):
    paths = row(folder, [4, 6])
    assert skies(ask("match", *paths, "--memory", size)).tolist() == [4, 6]


@pytest.mark.parametrize("words", [("--statistic=mean",), ("--stat", "mean"), ("--statistic", "median",
                                                                            "--statistic", "mean")])
def test_spellings(folder, words):
    """GNU's ways: =, clear beginnings, the last one wins."""
    paths = [plain(folder / f"{n}.fits", noise((40, 40), 9, seed=n), tan(n)) for n in range(2)]
    plainly = ask("match", *paths, "--statistic", "mean")
    assert skies(ask("match", *words, *paths)).tolist() == skies(plainly).tolist()


def test_options_after_files_and_two_dashes(folder):
    paths = row(folder, [4, 6])
    odd = paths[0].rename(folder / "--up")
    answer = json.loads(run("match", "--json", "--", odd.name, paths[1].name, cwd=folder).stdout)
    assert [e["file"] for e in answer["exposures"]] == ["--up", "row1.fits"]


CONFIGS = {
    "yaml": "method: match\nup: true\nnclip: 3   # rounds\nlower: -1e3\n",
    "json": '{"method": "match", "up": true, "nclip": 3, "lower": -1e3}',
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_config(folder, kind):
    """A file's options, which the command line overrides."""
    paths, config = row(folder, [4, 6]), folder / f"c.{kind}"
    config.write_text(CONFIGS[kind])
    assert skies(ask("match", *paths, "--config", config)).tolist() == [-2, 0]
    assert skies(ask("match", *paths, "--config", config, "--down")).tolist() == [0, 2]
    assert skies(ask("match", "--method", "local", *paths, "--config", config)).tolist() == [4, 6]
    told = ask("match", *paths, "--config", config)["provenance"]["options"]
    assert (told["method"], told["nclip"], told["lower"]) == ("match", 3, -1000)


@pytest.mark.parametrize("text", ["nosuch: 1\n", "nclip: -1\n", "method: nosuch\n", "nclip: [1, 2]\n",
                                  "a: b: c\n", "up: maybe\n", "exposures: 3\n"])
def test_wrong_config(folder, text):
    """The sentence names the file, and the option where there is one."""
    config = folder / "c.yaml"
    config.write_text(text)
    done = call("match", *row(folder, [4, 6]), "--config", config)
    assert done.returncode == (3 if text == "a: b: c\n" else 2), done.stderr
    assert str(config) in done.stderr and done.stderr.count("\n") == 1 and done.stdout == ""
    if text.startswith(("nosuch", "exposures")):
        assert text.split(":")[0] in done.stderr


def test_missing_config(folder):
    assert "nosuch.yaml" in fail(3, "match", "a.fits", "--config", folder / "nosuch.yaml")


@pytest.mark.parametrize("command", OWN)
def test_print_config(folder, command):
    """What it prints is YAML, and read back it prints the same."""
    text = run(command, "--print-config").stdout
    options = yaml.safe_load(text)
    assert set(COMMON) - {"config", "print-config", "help"} <= set(options)
    config = folder / "c.yaml"
    config.write_text(text)
    assert run(command, "--config", config, "--print-config").stdout == text


def test_print_config_tells_what_is_in_force(folder):
    text = run("match", "--print-config", "--nclip", 7, "--up", "--anchor", 'a "b"\\ c: #d',
               "--lower", "0.1").stdout
    options = yaml.safe_load(text)
    assert (options["nclip"], options["up"], options["lower"]) == (7, True, 0.1)
    assert options["anchor"] == 'a "b"\\ c: #d'
    config = folder / "c.yaml"
    config.write_text(text)
    assert run("match", "--config", config, "--print-config").stdout == text


def test_lists(folder):
    """@list stands for its lines, in order, without comments and blank ones."""
    paths = row(folder, [4, 6, 9])
    listed = folder / "list.txt"
    listed.write_text(f"# all but the first\n\n{paths[2]}\n  {paths[1]}  # the middle\n")
    answer = ask("match", paths[0], f"@{listed}")
    assert [e["file"] for e in answer["exposures"]] == [str(paths[n]) for n in (0, 2, 1)]
    listed.write_text(f"{paths[0]}[0]\r\n{paths[1]}")
    assert skies(ask("match", f"@{listed}")).tolist() == [4, 6]
    assert "nosuch.txt" in fail(3, "match", f"@{folder}/nosuch.txt")
    assert str(folder) in fail(3, "match", f"@{folder}")
    listed.write_text("# nothing\n")
    fail(2, "match", f"@{listed}")


def test_quiet_and_verbose(folder):
    paths = row(folder, [4, 6])
    assert run("match", *paths, "-q").stderr == ""
    plainly, more = run("match", *paths).stderr, run("match", *paths, "-v").stderr
    assert all(line.startswith("welkin match: ") for line in more.splitlines())
    assert set(plainly.splitlines()) <= set(more.splitlines())
    assert "\r" not in plainly and "%" not in plainly      # no bar, for this is no terminal


def test_man_page(folder):
    """No complaint of the formatter, every option there."""
    page = folder / "welkin.1"
    page.write_text(run("--man").stdout)
    if not shutil.which("groff"):
        pytest.skip("no groff")
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(page)], capture_output=True,
                          text=True)
    assert done.returncode == 0 and done.stderr == ""
    text = page.read_text().replace("\\-", "-")
    for options in OWN.values():
        check_named(text, options + COMMON)
    assert not any(line.startswith("'") for line in text.splitlines())


def complete(*words):
    """What bash offers for the last word."""
    script = run("--completion", "bash").stdout
    words = ["welkin", *words]
    asked = " ".join(f"'{word}'" for word in words)
    code = (f"{script}\nCOMP_WORDS=({asked}); COMP_CWORD={len(words) - 1}; _welkin; "
            'printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(["bash", "-c", code], capture_output=True, text=True,
                          check=True).stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_completion():
    assert set(OWN) <= set(complete(""))
    assert complete("ma") == ["match"]
    assert complete("match", "--flux") == ["--flux-keyword"]
    assert complete("match", "--statistic", "m") == ["mean", "median", "mode", "midpt"]
    assert complete("simulate", "--distortion", "") == ["none", "sip", "tpv"]


def test_locale_does_not_matter(folder):
    """A decimal comma of the user's locale changes neither numbers nor files."""
    found = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    comma = [name for name in found if name.lower().startswith(("de_", "fr_", "nl_"))]
    paths = row(folder, [4.5, 6.25], sigma=1.0)
    for name in comma[:1] + ["C", "C.UTF-8"]:
        out = folder / name
        done = subprocess.run([WELKIN, "match", *map(str, paths), "--lower", "0.5", "--json",
                               "--subtract", "--output-dir", str(out)], capture_output=True,
                              text=True, env={"LC_ALL": name}, check=True)
        assert json.loads(done.stdout) == ask("match", *paths, "--lower", "0.5", "--json") | {
            "provenance": json.loads(done.stdout)["provenance"]}
        fits.getdata(out / "row0.fits")
