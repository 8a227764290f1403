#!/usr/bin/env python3
"""How much of a large galaxy's light a background model takes for sky.

    bench/galaxy.py [--welkin BINARY] [--boxes 64,128] [--radii 20,40,80] [--seeds 1,2]
                    [--brightness 60]

An exponential disc of half-light radius R lies on a flat sky of known level among faint stars.  What the
model has above the sky within 4 R is light that subtraction would take away: it is given in percent
of the galaxy's.  The same contenders as bench/models.py; peers that are not installed are left out.
"""
import argparse
import os
import tempfile

import numpy

import models as bench
from models import ROOT, skies

SIZE = 1024


def make_scene(radius, seed, brightness):
    """The galaxy's centre lies off the cells' grid.  brightness: mean surface brightness within the
    half-light radius, in units of a pixel's noise, whatever the radius."""
    random = numpy.random.default_rng([seed, radius])
    x, y = random.uniform(0.4, 0.6, 2) * SIZE
    rows, columns = numpy.mgrid[0:SIZE, 0:SIZE]
    scale = radius / 1.67835
    flux = brightness * skies.NOISE * 2 * numpy.pi * radius ** 2
    light = flux / (2 * numpy.pi * scale ** 2) * numpy.exp(-numpy.hypot(columns - x, rows - y) / scale)
    truth = numpy.full((SIZE, SIZE), skies.LEVEL)
    stars = skies.stars(random, SIZE, 100)
    scene = skies.finish("galaxy", seed, random, truth, light + stars)
    return scene, numpy.hypot(columns - x, rows - y) <= 4 * radius, light.sum()


def lost(set_up, radius, contenders):
    """Percent of the light that is lost, by contender, mean over the seeds."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in set_up.seeds:
            scene, within, total = make_scene(radius, seed, set_up.brightness)
            for name, model in contenders.items():
                try:
                    above = (model(scene, folder, set_up) - scene.truth)[within].sum()
                except bench.Missing as why:
                    print("%s is left out: %s." % (name, why))
                    continue
                found.setdefault(name, []).append(100.0 * above / total)
    return {name: numpy.mean(values) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--welkin", default=os.path.join(ROOT, "build", "cli", "welkin"))
    parser.add_argument("--boxes", default="64,128")
    parser.add_argument("--radii", default="20,40,80")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--brightness", type=float, default=60.0)
    set_up = parser.parse_args()
    set_up.welkin = os.path.abspath(set_up.welkin)
    set_up.seeds = [int(seed) for seed in set_up.seeds.split(",")]
    cases, columns = [], []
    for box in map(int, set_up.boxes.split(",")):
        set_up.box = box
        for radius in map(int, set_up.radii.split(",")):
            columns.append("R %d, box %d" % (radius, box))
            cases.append(lost(set_up, radius, bench.CONTENDERS))
    print("percent of a galaxy's light in the background within 4 half-light radii R, mean brightness "
          "%g times the noise" % set_up.brightness)
    print(" " * 30 + "".join("%15s" % column for column in columns))
    for name in bench.CONTENDERS:
        print(name.ljust(30) + "".join("%15.2f" % case.get(name, numpy.nan) for case in cases))


if __name__ == "__main__":
    main()
