"""What a written file has to keep of the file it was made from."""
import re
import shutil
import subprocess
import warnings

from astropy.io import fits

ADDED = ("BKGMETH", "BKGLEVEL", "BKGSUB", "CHECKSUM", "DATASUM")


def headers_and_data(path):
    """The raw bytes of every HDU: header records, data unit."""
    raw = path.read_bytes()
    with fits.open(path, disable_image_compression=True) as hdus:
        places = [hdu.fileinfo() for hdu in hdus]
    found = []
    for place in places:
        header = raw[place["hdrLoc"]:place["datLoc"]]
        records = [header[i:i + 80] for i in range(0, len(header), 80)]
        found.append(([r for r in records if r.strip() and r[:8] != b"END     "],
                      raw[place["datLoc"]:place["datLoc"] + place["datSpan"]]))
    return found


def key(record):
    return record[:8].decode().strip()


def told(record):
    """A HISTORY record of ours."""
    return record.startswith(b"HISTORY welkin ")


def check_kept(before, after, touched, replaced=()):
    """HDUs not touched are the same bytes; touched ones keep all cards but ours and replaced."""
    old, new = headers_and_data(before), headers_and_data(after)
    assert len(old) == len(new)
    for number, (was, now) in enumerate(zip(old, new)):
        if number not in touched:
            assert was == now, f"HDU {number} changed"
            continue
        mine = set(ADDED) | set(replaced)
        assert [r for r in was[0] if key(r) not in mine] == \
            [r for r in now[0] if key(r) not in mine and not told(r)]
        assert {"BKGMETH", "BKGLEVEL", "BKGSUB", "CHECKSUM", "DATASUM"} <= {key(r) for r in now[0]}
        assert all(sum(key(r) == name for r in now[0]) == 1 for name in ADDED)
        assert any(told(r) for r in now[0])


def open_checked(path):
    """All HDUs read, any wrong sum or malformed card is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path, checksum=True) as hdus:
            hdus.verify("exception")
            for hdu in hdus:
                hdu.data
        return fits.open(path)


def verdict(path):
    """Warnings and errors that fitsverify finds; None where there is no such program."""
    if not shutil.which("fitsverify"):
        return None
    out = subprocess.run(["fitsverify", str(path)], capture_output=True, text=True).stdout
    return tuple(map(int, re.search(r"found (\d+) warning\(s\) and (\d+) error", out).groups()))


def check_valid(before, after):
    """Right sums, no error, and no warning that the input had not."""
    open_checked(after).close()
    old, new = verdict(before), verdict(after)
    if new is not None:
        assert new[1] == 0 and new[0] <= old[0]
