#!/usr/bin/env python3
"""Errors of background models on simulated skies: welkin's presets beside other programs.

    python3 bench/models.py [--welkin BINARY] [--box 64] [--seeds 1,2,3] [--scenes flat,nebula]

Each model is made by a process or an import of its own from the same files and compared with the
sky that went into them.  The table gives bias and rms of (model - sky) over all pixels, rms values
of several seeds being joined in the square.  "masked: seen" is the half of that scene which is not
masked as a whole, "edges: rim" the outer 64 pixels.  The total joins the scenes, with what is seen
of the masked one: what a model says about half an image without a pixel is a guess.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import numpy
from astropy.io import fits

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "oracle"))
import skies  # noqa: E402

COLUMNS = skies.NAMES[:6] + ("masked: seen", "edges", "edges: rim")
TOTAL = ("flat", "gradient", "crowded", "galaxies", "nebula", "masked: seen", "edges")


class Missing(Exception):
    pass


def write(scene, folder):
    """STScI's layout: SCI and DQ; beside it a weight map, for programs that want one."""
    path = os.path.join(folder, "sky.fits")
    mask = numpy.zeros(scene.image.shape, bool) if scene.mask is None else scene.mask
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(scene.image, name="SCI"),
                  fits.ImageHDU(mask.astype(numpy.int32), name="DQ")]).writeto(path, overwrite=True)
    fits.writeto(os.path.join(folder, "plain.fits"), scene.image, overwrite=True)
    fits.writeto(os.path.join(folder, "weight.fits"), 1.0 - mask.astype(numpy.float32), overwrite=True)
    return path


def run(arguments, folder):
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise Missing("%s failed: %s" % (" ".join(arguments), done.stderr.strip()[-300:]))


def welkin(*options):
    def model(scene, folder, set_up):
        if not os.access(set_up.welkin, os.X_OK):
            raise Missing("no program %s" % set_up.welkin)
        out = os.path.join(folder, "model.fits")
        run([set_up.welkin, "background", write(scene, folder), "--box", str(set_up.box),
             "--model", out, "--overwrite", *options], folder)
        with fits.open(out) as hdus:
            return next(hdu.data for hdu in hdus if hdu.data is not None).astype(float)
    return model


def python_sep(scene, folder, set_up):
    try:
        import sep
    except ImportError:
        raise Missing("python's sep is not installed")
    return sep.Background(scene.image, mask=scene.mask, bw=set_up.box, bh=set_up.box,
                          fw=3, fh=3).back().astype(float)


def source_extractor(scene, folder, set_up):
    program = shutil.which("source-extractor") or shutil.which("sex")
    if not program:
        raise Missing("source-extractor is not installed")
    write(scene, folder)
    with open(os.path.join(folder, "few.param"), "w") as file:
        file.write("NUMBER\n")
    weights = [] if scene.mask is None else ["-WEIGHT_TYPE", "MAP_WEIGHT", "-WEIGHT_IMAGE", "weight.fits"]
    run([program, "plain.fits", "-c", "/dev/null", "-PARAMETERS_NAME", "few.param", "-FILTER", "N",
         "-DETECT_THRESH", "1e9", "-ANALYSIS_THRESH", "1e9", "-CATALOG_TYPE", "NONE",
         "-CHECKIMAGE_TYPE", "BACKGROUND", "-CHECKIMAGE_NAME", "back.fits",
         "-BACK_SIZE", str(set_up.box), "-BACK_FILTERSIZE", "3", "-STARNNW_NAME", "/dev/null",
         *weights], folder)
    return fits.getdata(os.path.join(folder, "back.fits")).astype(float)


def photutils(scene, folder, set_up):
    try:
        from astropy.stats import SigmaClip
        from photutils.background import Background2D, SExtractorBackground
    except ImportError:
        raise Missing("photutils is not installed")
    return Background2D(scene.image.astype(float), set_up.box, mask=scene.mask, filter_size=3,
                        sigma_clip=SigmaClip(3.0), exclude_percentile=90.0,
                        bkg_estimator=SExtractorBackground()).background


CONTENDERS = {
    "welkin": welkin("--preset", "welkin"),
    "welkin, sources masked": welkin("--preset", "welkin", "--mask-sources"),
    "welkin as lsst": welkin("--preset", "lsst"),
    "welkin as lsst, chebyshev 6": welkin("--preset", "lsst", "--interpolate", "chebyshev:6"),
    "welkin as sextractor": welkin("--preset", "sextractor"),
    "welkin as photutils": welkin("--preset", "photutils"),
    "sep": python_sep,
    "source-extractor": source_extractor,
    "photutils": photutils,
}


def columns(scene):
    """Name of a column and the pixels that count in it."""
    yield scene.name, numpy.s_[:, :]
    if scene.name == "masked":
        yield "masked: seen", numpy.s_[:, scene.image.shape[1] // 2:]
    if scene.edge:
        rim = numpy.ones(scene.image.shape, bool)
        rim[scene.edge:-scene.edge, scene.edge:-scene.edge] = False
        yield scene.name + ": rim", rim


def errors(set_up, contenders):
    """(contender, column) to a list of (bias, mean square), and what could not run."""
    found, missing = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for scene in skies.scenes(set_up.seeds, set_up.scenes):
            for name in contenders:
                if name in missing:
                    continue
                try:
                    difference = contenders[name](scene, folder, set_up) - scene.truth
                except Missing as why:
                    missing[name] = str(why)
                    continue
                for column, where in columns(scene):
                    part = difference[where]
                    found.setdefault((name, column), []).append((part.mean(), (part ** 2).mean()))
    return found, missing


def table(found, missing, contenders):
    def figures(name, column):
        values = numpy.array(found.get((name, column), [(numpy.nan, numpy.nan)]))
        return values[:, 0].mean(), values[:, 1].mean()

    width = max(map(len, contenders)) + 2
    lines = [" " * width + "".join("%16s" % column for column in COLUMNS) + "     total"]
    for name in contenders:
        if name in missing:
            continue
        cells = ["%+8.2f%8.2f" % (bias, square ** 0.5)
                 for bias, square in (figures(name, column) for column in COLUMNS)]
        total = numpy.sqrt(numpy.nanmean([figures(name, column)[1] for column in TOTAL]))
        lines.append(name.ljust(width) + "".join(cells) + "%10.3f" % total)
    return lines + ["%s is left out: %s." % item for item in missing.items()]


def main():
    parser = argparse.ArgumentParser(description="Errors of background models on simulated skies.")
    parser.add_argument("--welkin", default=os.path.join(ROOT, "build", "cli", "welkin"))
    parser.add_argument("--box", type=int, default=64)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--scenes", default=",".join(skies.NAMES))
    set_up = parser.parse_args()
    set_up.welkin = os.path.abspath(set_up.welkin)
    set_up.seeds = [int(seed) for seed in set_up.seeds.split(",")]
    set_up.scenes = set_up.scenes.split(",")
    print("bias and rms of model - sky; noise %g a pixel, box %d, %d seeds"
          % (skies.NOISE, set_up.box, len(set_up.seeds)))
    print("\n".join(table(*errors(set_up, CONTENDERS), CONTENDERS)))


if __name__ == "__main__":
    main()
