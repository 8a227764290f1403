"""Rules of the house that a compiler or a search can check.

Layers need no search: an include that points outward does not compile.
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from project import HEADERS, SOURCE, need, plain_build_only, run

pytestmark = plain_build_only

LIBRARY = sorted((SOURCE / "src").rglob("*.[ch]"))
COMMAND = sorted((SOURCE / "cli").rglob("*.[ch]"))
TESTS = [f for f in sorted((SOURCE / "tests").rglob("*")) + sorted((SOURCE / "bench").rglob("*"))
         if f.suffix in (".c", ".h", ".py", ".sh")]

# a library's header, and the only files that may include it
ROOMS = [
    (r"fitsio2?\.h", r"src/data/fits\w*\.[ch]"),
    (r"zlib\.h", r"src/data/fits\w*\.[ch]"),
    (r"(wcslib/|erfa)\w*\.h|(wcs|wcshdr|wcserr|cel|prj|lin|dis|spc|tab|sph)\.h",
     r"src/data/wcs\w*\.[ch]"),
    (r"jansson\.h", r"src/data/ledger\w*\.[ch]"),
    (r"yaml\.h", r"src/data/(config|tile\w*|table_ecsv)\.c"),
    (r"(libraw/)?libraw\w*\.h", r"src/data/raw\.c"),
    (r"sqlite3\w*\.h", r"src/data/database\.c"),
    (r"cairo\w*\.h|cairo/.*", r"src/report/\w+\.[ch]"),
    (r"png\w*\.h", r"src/report/indexed_png\.c"),
    (r"(suitesparse/)?(ldl|amd|SuiteSparse_config)\.h", r"src/math/solve\w*\.[ch]"),
    (r"omp\.h|pthread\.h|threads\.h", r"src/base/parallel\.c"),
]

# the library neither prints nor ends the program nor looks at the surroundings
FORBIDDEN = ["printf", "vprintf", "puts", "putchar", "perror", "exit", "_exit", "abort", "getenv",
             "secure_getenv", "setenv", "setlocale", "signal", "sigaction"]
ALLOCATE = ["malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf"]


def name(path):
    return path.relative_to(SOURCE).as_posix()


def code(path):
    """The text without comments and without the insides of strings; lines stay lines."""
    text = path.read_text(encoding="utf-8")

    def blank(match):
        word = match.group(0)
        return '""' if word[0] == '"' else re.sub(r"[^\n]", " ", word)

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def includes(path):
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(encoding="utf-8"),
                      re.M)


def calls(path, words):
    found = re.findall(r"(?<![\w.>])(%s)\s*\(" % "|".join(map(re.escape, words)), code(path))
    return sorted(set(found))


@pytest.mark.parametrize("compiler, language, standard", [
    ("gcc", "c", "c11"), ("clang", "c", "c11"), ("g++", "c++", "c++11"),
    ("clang++", "c++", "c++11")])
def test_public_headers_compile_alone(compiler, language, standard, tmp_path):
    need(compiler)
    for header in HEADERS:
        alone = tmp_path / (header.stem + ".c")
        alone.write_text('#include "welkin/%s"\n#include "welkin/%s"\n'
                         'typedef int not_empty;\n' % (header.name, header.name), encoding="utf-8")
        run(compiler, "-x", language, "-std=" + standard, "-Wall", "-Wextra", "-Wpedantic",
            "-Werror", "-fsyntax-only", "-I", SOURCE / "include", alone)


def test_public_headers_hold_no_more_than_languages_can_read():
    """Enums, structs, functions; of macros only guards and WK_API; no inline code."""
    for header in HEADERS:
        text = code(header)
        macros = re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M)
        guard = "WELKIN_%s_H" % header.stem.upper()
        assert set(macros) <= {guard, "WK_API"}, name(header)
        assert not re.search(r"\b(inline|static|extern)\b(?!\s*\"\")", text), name(header)


def test_welkin_h_includes_every_public_header():
    rest = sorted("welkin/" + h.name for h in HEADERS if h.name != "welkin.h")
    assert sorted(includes(SOURCE / "include" / "welkin" / "welkin.h")) == rest


@pytest.mark.parametrize("header, room", ROOMS, ids=lambda text: re.sub(r"\W+", "_", text)[:24])
def test_each_library_has_one_room(header, room):
    guests = [f for f in LIBRARY + COMMAND if any(re.fullmatch(header, i) for i in includes(f))]
    assert [name(f) for f in guests if not re.fullmatch(room, name(f))] == []


def test_threads_start_in_one_place():
    users = [name(f) for f in LIBRARY + COMMAND if re.search(r"#\s*pragma\s+omp\b", code(f))]
    assert users in ([], ["src/base/parallel.c"])


def test_library_is_silent():
    loud = {name(f): calls(f, FORBIDDEN) for f in LIBRARY}
    assert {f: found for f, found in loud.items() if found} == {}
    streams = [name(f) for f in LIBRARY if re.search(r"\bstd(out|err)\b", code(f))]
    assert streams == []


def test_library_allocates_in_one_place():
    found = {name(f): calls(f, ALLOCATE) for f in LIBRARY if name(f) != "src/base/memory.c"}
    assert {f: words for f, words in found.items() if words} == {}


def test_command_uses_public_headers_only():
    own = {f.name for f in COMMAND}
    for file in COMMAND:
        for header in re.findall(r'#\s*include\s*"([^"]+)"', file.read_text(encoding="utf-8")):
            assert header in own or header.startswith("welkin/"), "%s: %s" % (name(file), header)


def test_public_names_stay_public():
    """WK_API stands in the public headers only."""
    assert [name(f) for f in LIBRARY if re.search(r"\bWK_API\b", code(f))] == []


def test_every_source_file_has_its_test():
    units = {f.stem for f in (SOURCE / "tests" / "unit").glob("test_*.c")}
    without = [name(f) for f in LIBRARY if f.suffix == ".c" and "test_" + f.stem not in units]
    assert not without, "without a unit test: " + ", ".join(without)


def test_no_file_is_long():
    lengths = {name(f): len(f.read_text(encoding="utf-8").splitlines())
               for f in LIBRARY + COMMAND + TESTS + HEADERS}
    assert {f: n for f, n in lengths.items() if n > 500} == {}


def functions(path):
    """Name and number of lines of each function; a brace alone in the first column begins it."""
    lines = code(path).splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            first = number
            while first > 0 and not re.fullmatch(r"\s*|.*[;}]\s*|#.*", lines[first - 1]):
                first -= 1
            start = first
        elif line == "}" and start is not None:
            head = re.search(r"(\w+)\s*\(", " ".join(lines[start:number]))
            yield head.group(1) if head else "?", number - start + 1
            start = None


def test_no_function_is_long():
    sources = [f for f in LIBRARY + COMMAND + TESTS if f.suffix in (".c", ".h")]
    long = {"%s: %s" % (name(f), what): n for f in sources for what, n in functions(f) if n > 80}
    assert long == {}


def test_functions_are_found():
    counts = [n for f in LIBRARY for _, n in functions(f)]
    assert len(counts) > 300
    assert sorted(counts)[len(counts) // 2] <= 20


def test_format():
    need("clang-format-14")  # another version breaks lines elsewhere
    sources = [f for f in LIBRARY + COMMAND + TESTS + HEADERS if f.suffix in (".c", ".h")]
    run("clang-format-14", "--dry-run", "-Werror", *sources, cwd=SOURCE)


def test_no_promises():
    """No word that puts work off, in any file."""
    words = re.compile(r"\b(%s)\b" % "|".join(["TO" + "DO", "FIX" + "ME", "st" + "ubs?",
                                               "place" + "holders?"]), re.I)
    found = {name(f): words.findall(f.read_text(encoding="utf-8"))
             for f in LIBRARY + COMMAND + TESTS + HEADERS}
    assert {f: w for f, w in found.items() if w} == {}
