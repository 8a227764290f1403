#!/usr/bin/env python3
"""Makes the exposures of the benchmarks: a sloped sky, noise and stars, with their masks.

    bench/field.py background SIZE FOLDER   exposure.fits (SCI, DQ); the same image as image.fits
                                            with weight.fits, and as blank.fits with NaN
    bench/field.py variance SIZE FOLDER     exposure.fits (IMAGE, MASK, VARIANCE as LSST has them)
    bench/field.py statistic SIZE FOLDER    image.fits
    bench/field.py correlate SIZE FOLDER    exposure.fits (SCI, DQ)
    bench/field.py stats SIZE FOLDER        image.fits, noise.fits, exposure.fits (SCI, DQ)
    bench/field.py across COUNT FOLDER      image0.fits, ... of 1024 x 1024 pixels
    bench/field.py tile SIZE FOLDER         coadd.fits of SIZE x SIZE pixels, image.fits of 2048 x
                                            4096, and files that name the image 1, 2 and 20 times
    bench/field.py truth SIZE FILE,HDU ...  median and rms of images of backgrounds less the sky;
                                            HDU "": the first with an image

The sky is PEDESTAL and slopes of 3 and 2 times the noise across the image, with 400 stars in a
million pixels; one pixel in 200, 12 columns and one square are bad.  The same seed, the same bytes.

A program of its own, and no module: the kernel counts the memory of whoever starts a process as
that process's own, so that the runners must stay small.  Needs numpy and astropy.
"""
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits

PEDESTAL, NOISE, STARS = 200.0, 10.0, 400e-6
STAMP = 15


def make_stars(image, rng):
    """Gaussian stars of 3 pixels' width whose fluxes follow a power law."""
    size = image.shape[0]
    count, half = int(STARS * size * size), STAMP // 2
    places = rng.uniform(half, size - 1 - half, (count, 2))
    fluxes = 500.0 * rng.pareto(1.0, count).clip(0, 2000) + 500.0
    grid = np.arange(STAMP) - half
    for (y, x), flux in zip(places, fluxes):
        row, column = int(round(y)), int(round(x))
        across = np.exp(-0.5 * ((grid + column - x) / 1.3) ** 2)
        along = np.exp(-0.5 * ((grid + row - y) / 1.3) ** 2)
        stamp = flux / (2 * np.pi * 1.3 ** 2) * np.outer(along, across)
        image[row - half:row + half + 1, column - half:column + half + 1] += stamp


def make_image(size, seed=1):
    """float32[size, size]."""
    rng = np.random.default_rng(seed)
    image = rng.standard_normal((size, size), dtype=np.float32)
    image *= np.float32(NOISE)
    slope = np.linspace(0, NOISE, size, dtype=np.float32)
    image += np.float32(PEDESTAL) + 2 * slope[:, None] + 3 * slope
    make_stars(image, rng)
    return image


def true_sky(size):
    slope = np.linspace(0, NOISE, size)
    return PEDESTAL + 2 * slope[:, None] + 3 * slope


def make_mask(size, seed=2):
    """int32[size, size]: bit 0 in one pixel of 200, bit 1 in 12 columns, bit 2 in a square."""
    rng = np.random.default_rng(seed)
    mask = (rng.random((size, size), dtype=np.float32) < 0.005).astype(np.int32)
    mask[:, rng.integers(0, size, 12)] |= 2
    begin, end = size // 3, size // 3 + size // 16
    mask[begin:end, begin:end] |= 4
    return mask


def write(path, planes, keywords=()):
    """An empty primary and one image extension for each name."""
    hdus = [fits.PrimaryHDU()]
    for name, pixels in planes.items():
        hdus.append(fits.ImageHDU(pixels, name=name))
        if name == "MASK":
            hdus[-1].header.update(keywords)
    fits.HDUList(hdus).writeto(path)


def make_background(size, folder):
    image, mask = make_image(size), make_mask(size)
    write(folder / "exposure.fits", {"SCI": image, "DQ": mask})
    fits.writeto(folder / "image.fits", image)
    fits.writeto(folder / "weight.fits", (mask == 0).astype(np.float32))
    image[mask != 0] = np.nan
    fits.writeto(folder / "blank.fits", image)


def make_variance(size, folder):
    """The sky is taken off; the variance plane promises four fifths of what is there."""
    image, sky = make_image(size), true_sky(size).astype(np.float32)
    variance = np.float32(0.8 * NOISE ** 2 / PEDESTAL) * sky
    image = (image - sky) * np.sqrt(sky / np.float32(PEDESTAL))
    write(folder / "exposure.fits", {"IMAGE": image, "MASK": make_mask(size), "VARIANCE": variance},
          {"MP_BAD": 0, "MP_SAT": 1, "MP_NO_DATA": 2})


def make_statistic(size, folder):
    fits.writeto(folder / "image.fits", make_image(size))


def make_stats(size, folder):
    image = make_image(size)
    fits.writeto(folder / "image.fits", image)
    write(folder / "exposure.fits", {"SCI": image, "DQ": make_mask(size)})
    noise = np.random.default_rng(3).standard_normal((size, size), dtype=np.float32)
    fits.writeto(folder / "noise.fits", noise * np.float32(NOISE) + np.float32(PEDESTAL))


def make_across(count, folder):
    image = make_image(1024)
    for n in range(count):
        fits.writeto(folder / f"image{n}.fits", np.roll(image, 7 * n, axis=1) + np.float32(n))


def make_correlate(size, folder):
    write(folder / "exposure.fits", {"SCI": make_image(size), "DQ": make_mask(size)})


def tile_header(ctype, centre, reference, matrix, terms=()):
    header = fits.Header({"CTYPE1": "RA---" + ctype, "CTYPE2": "DEC--" + ctype,
                          "CRVAL1": centre[0], "CRVAL2": centre[1],
                          "CRPIX1": reference[0], "CRPIX2": reference[1]})
    header.update({f"CD{i // 2 + 1}_{i % 2 + 1}": value for i, value in enumerate(matrix)})
    header.update(terms)
    return header


def make_coadd(size, folder):
    """A TAN image with one pixel in five in squares of sources; compressed without loss."""
    rng = np.random.default_rng(3)
    segmentation = np.zeros((size, size), np.int32)
    for number in range(size * size // 1600):
        y, x = rng.integers(0, size, 2)
        radius = rng.integers(3, 16)
        segmentation[max(y - radius, 0):y + radius, max(x - radius, 0):x + radius] = number + 1
    step = 0.263 / 3600
    header = tile_header("TAN", (21.0, -33.5), (0.5 * size + 0.5,) * 2, (-step, 0, 0, step))
    flags = np.zeros((size, size), np.int16)
    weight = np.ones((size, size), np.int16)
    flags[rng.integers(0, size, size * 20), rng.integers(0, size, size * 20)] = 4
    weight[:, :size // 50] = 0
    planes = {"SCI": np.zeros_like(flags), "MSK": flags, "WGT": weight, "SEG": segmentation}
    fits.HDUList([fits.PrimaryHDU()] + [
        fits.CompImageHDU(pixels, header=header, name=name, compression_type="RICE_1")
        for name, pixels in planes.items()]).writeto(folder / "coadd.fits")


def make_source(folder):
    """A CCD of 2048 x 4096 pixels as DECam has them: axes exchanged, TPV."""
    rng = np.random.default_rng(4)
    shape = (4096, 2048)
    step = 0.263 / 3600
    terms = {}
    for axis in (1, 2):
        for k, value in {0: 2e-4, 1: 1.0008, 2: -7e-4, 4: -9e-4, 5: 4e-4, 6: 3e-4, 7: 1.9e-3,
                         8: -1e-4, 9: 1.2e-3, 10: 2e-4}.items():
            terms[f"PV{axis}_{k}"] = value * (1 if k < 2 or axis == 1 else -0.8)
    header = tile_header("TPV", (21.02, -33.47), (2500.5, 3400.5), (1e-3 * step, step, -step, 0),
                         terms)
    image = rng.normal(100, 5, shape).astype(np.float32)
    flags = (rng.random(shape, dtype=np.float32) < 0.01).astype(np.int16)
    weight = np.full(shape, 0.04, np.float32)
    weight[:, :15] = 0
    planes = {"SCI": image, "MSK": flags, "WGT": weight,
              "BKG": np.full(shape, 100, np.float32)}
    fits.HDUList([fits.PrimaryHDU()] + [fits.ImageHDU(pixels, header=header, name=name)
                                        for name, pixels in planes.items()]).writeto(
                                            folder / "image.fits")


def tile_lines(file, names, indent=""):
    return [f"{indent}{key}_{what}: {value}" for key, name in names.items()
            for what, value in (("ext", name), ("path", file))]


def make_tile(size, folder):
    make_coadd(size, folder)
    make_source(folder)
    names = {"image": "sci", "weight": "wgt", "bmask": "msk"}
    source = tile_lines("image.fits", {**names, "bkg": "bkg"}, "  ") + ["  scale: 0.25"]
    for count in (1, 2, 20):
        lines = tile_lines("coadd.fits", {**names, "seg": "seg"}) + ["scale: 1.0", "src_info:"]
        for _ in range(count):
            lines += ["- " + source[0].strip()] + source[1:]
        (folder / f"info_{count}.yaml").write_text("\n".join(lines) + "\n", encoding="ascii")


def print_truth(size, name):
    """Every fourth row and column; aststatistics leaves cells without pixels empty."""
    path, hdu = name.rsplit(",", 1)
    with fits.open(path) as hdus:
        number = int(hdu) if hdu else next(i for i, each in enumerate(hdus)
                                           if each.header["NAXIS"] == 2)
        off = hdus[number].data[2::4, 2::4] - true_sky(size)[2::4, 2::4]
    print(f"{np.nanmedian(off):+.3f} {np.sqrt(np.nanmean(off ** 2)):.3f}")


def distortion(x, y, width, height):
    """Rotation, scale and a cubic radial term of 30 px at a radius of 0.6 widths."""
    u, v = (x - width / 2) / (0.6 * width), (y - height / 2) / (0.6 * width)
    square = u * u + v * v
    return 40 + 10 * v + 30 * u * square, -12 - 10 * u + 30 * v * square


def make_offsets(size, folder, counts):
    width, height = (int(side) for side in size.split("x"))
    for count in counts.split(","):
        generator = np.random.default_rng(int(count))
        x, y = (generator.uniform(0, side, int(count)) for side in (width, height))
        offsets = [truth + generator.normal(0, 0.05, int(count))
                   for truth in distortion(x, y, width, height)]
        columns = [fits.Column(name, "D", array=values) for name, values in
                   zip(("xcentroid", "ycentroid", "xoffset", "yoffset"), (x, y, *offsets))]
        fits.BinTableHDU.from_columns(columns).writeto(folder / f"stars_{count}.fits")


MAKERS = {"background": make_background, "variance": make_variance, "statistic": make_statistic,
          "correlate": make_correlate, "tile": make_tile, "stats": make_stats,
          "across": make_across}


def main(job, size, *names):
    if job == "offsets":
        make_offsets(size, Path(names[0]), names[1])
    elif job == "truth":
        for name in names:
            print_truth(int(size), name)
    else:
        MAKERS[job](int(size), Path(names[0]))


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in [*MAKERS, "truth", "offsets"]:
        sys.exit(__doc__)
    main(*sys.argv[1:])
