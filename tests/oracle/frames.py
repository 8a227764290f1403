"""Frames with a known sky for the oracles, and the command's answers to them."""
import json
import os
import subprocess

import numpy as np
from astropy.io import fits

WELKIN = os.environ.get("WELKIN", "welkin")
SHARED = os.environ.get(
    "WELKIN_SHARED", os.path.join(os.environ.get("WELKIN_SOURCE", "."), "..", "shared"))


def shared(*parts):
    """The path of a reference file, which need not be there."""
    return os.path.join(SHARED, "data", *parts)


def run(*words):
    """The command's JSON document."""
    done = subprocess.run([WELKIN, *map(str, words), "--json", "-q"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def frame(shape, seed, sky=1000.0, sigma=10.0, area=4000):
    """A tilted and bent sky with noise and a star an area of so many pixels, float32; flags of a bad
    column, which is hot, of a bad corner and of scattered pixels."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:shape[0], :shape[1]] / max(shape)
    data = sky + 60 * x - 25 * y + 40 * x * y + generator.normal(0, sigma, shape)
    for _ in range(shape[0] * shape[1] // area):
        cy, cx = generator.uniform(0, shape[0]), generator.uniform(0, shape[1])
        high, wide = (int(max(c - 12, 0)) for c in (cy, cx))
        patch = (slice(high, high + 25), slice(wide, wide + 25))
        yy, xx = np.mgrid[:shape[0], :shape[1]][(slice(None), *patch)]
        data[patch] += generator.exponential(400) * np.exp(
            -((yy - cy) ** 2 + (xx - cx) ** 2) / 8.0)
    flags = (generator.uniform(size=shape) < 0.03).astype(np.int16)
    flags[:, shape[1] // 3] = 2
    flags[:shape[0] // 7, :shape[1] // 5] = 4
    data[flags == 2] = 1e5
    return data.astype(np.float32), flags


def write(folder, data, flags=None):
    """The options that name a frame and its mask."""
    fits.PrimaryHDU(data).writeto(folder / "frame.fits", overwrite=True)
    if flags is None:
        return (folder / "frame.fits",)
    fits.PrimaryHDU(flags).writeto(folder / "flags.fits", overwrite=True)
    return folder / "frame.fits", "--mask-file", folder / "flags.fits"


def background(folder, words, *options):
    """Answer, model, rms and mesh of one frame, in double."""
    paths = {name: folder / f"{name}.fits" for name in ("model", "rms", "mesh")}
    answer = run("background", *words, *options, "--overwrite",
                 *(w for name, path in paths.items() for w in (f"--{name}", path)))
    with fits.open(paths["mesh"]) as hdus:
        mesh = {hdu.name: hdu.data.astype(float) for hdu in hdus if hdu.data is not None}
    return (answer["images"][0], fits.getdata(paths["model"]).astype(float),
            fits.getdata(paths["rms"]).astype(float), mesh)
