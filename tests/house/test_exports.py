"""What libwelkin exports: the functions of the public headers, as listed, and nothing else."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from project import BUILD, HEADERS, SOURCE, need, plain_build_only, run

pytestmark = plain_build_only


def exported():
    need("nm")
    lines = run("nm", "-D", "--defined-only", BUILD / "libwelkin.so").splitlines()
    return sorted(line.split()[-1].split("@")[0] for line in lines)


def declared():
    """Names that follow WK_API in the headers, comments left out."""
    names = []
    for header in HEADERS:
        text = re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.S)
        for declaration in re.findall(r"^WK_API\b([^;]*);", text, re.M):
            names.append(re.search(r"\b(wk_\w+)\s*\(", declaration).group(1))
    return sorted(names)


def listed():
    return (SOURCE / "tools" / "exports.txt").read_text(encoding="utf-8").split()


def test_list_is_sorted():
    assert listed() == sorted(set(listed()))


def test_library_exports_the_list():
    assert exported() == listed()


def test_headers_declare_the_list():
    assert declared() == listed()
