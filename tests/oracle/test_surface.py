"""Surfaces through a mesh against scipy's zoom, photutils's interpolator and SEP.

SEP does not take a mesh: it is given images whose cells are constant, so that the mesh is known.
"""
import os
import subprocess
import types

import numpy as np
import pytest

from once import numbers_only

pytestmark = numbers_only("unit/test_surface.c and unit/test_spline.c")

PROGRAM = os.environ.get("WELKIN_SURFACE_MESH", "surface_mesh")
BICUBIC, ZOOM = 5, 6


def surface(style, mesh, box, shape):
    """The program's image; box and shape are (y, x)."""
    ny, nx = mesh.shape
    head = f"{style} {shape[1]} {shape[0]} {nx} {ny} {box[1]} {box[0]} 0\n"
    text = head + " ".join(f"{v:.9g}" for v in mesh.ravel().tolist()) + "\n"
    run = subprocess.run([PROGRAM], input=text, capture_output=True, text=True, check=True)
    assert not run.stdout.startswith("failed"), run.stdout
    out = np.array([row.split() for row in run.stdout.splitlines()], dtype=np.float32)
    assert out.shape == tuple(shape)
    return out


def random_mesh(seed, ny, nx):
    return np.random.default_rng(seed).normal(100.0, 10.0, (ny, nx)).astype(np.float32)


MESHES = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 7), (3, 1), (3, 3), (2, 9), (5, 4), (17, 23)]
BOXES = [(8, 8), (7, 13), (1, 4), (64, 31)]


def zoomed(mesh, box, least):
    """scipy's image of the mesh, with whole mirror images to each side until an axis has more than
    twice `least` nodes, cut to the mesh."""
    ndimage = pytest.importorskip("scipy.ndimage")
    pad = [-(-least // n) * n for n in mesh.shape]
    out = ndimage.zoom(np.pad(mesh.astype(float), [(p, p) for p in pad], mode="symmetric"), box,
                       order=3, mode="reflect", grid_mode=True)
    rows, columns = (slice(p * b, (p + n) * b) for p, n, b in zip(pad, mesh.shape, box))
    return np.clip(out[rows, columns], mesh.min(), mesh.max())


@pytest.mark.parametrize("nodes", MESHES)
@pytest.mark.parametrize("box", BOXES)
def test_zoom_is_scipys(nodes, box):
    """Mirror images change nothing but scipy's start of its recursion, which is not quite that of
    mirrored nodes: wrong by some 3.5 * 0.268^(2 n) of the scatter, nothing from n = 12 on."""
    mesh = random_mesh(3, *nodes)
    want = zoomed(mesh, box, 12)
    got = surface(ZOOM, mesh, box, want.shape)
    # both are the exact spline in double; ours is rounded once, to half a unit of float32
    assert np.max(np.abs(got - want) / np.abs(want)) < 6.0e-8
    scatter, fewest = 15.0, min((n for n in nodes if n > 1), default=12)
    wrong = 3.5 * scatter * 0.268**(2 * fewest)
    assert np.max(np.abs(zoomed(mesh, box, 0) - want)) < 2 * wrong + 1e-11


@pytest.mark.parametrize("nodes", [(1, 1), (12, 13), (30, 15)])
def test_zoom_is_photutilss(nodes):
    background = pytest.importorskip("photutils.background")
    mesh, box = random_mesh(4, *nodes), np.array([16, 21])
    shape = (nodes[0] * 16 - 5, nodes[1] * 21 - 20)
    fitted = types.SimpleNamespace(data=np.zeros(shape), edge_method="pad", box_size=box)
    want = background.BkgZoomInterpolator()(mesh, fitted)
    # theirs is float32, too: the same number rounded after another order of operations
    np.testing.assert_allclose(surface(ZOOM, mesh, box, shape), want, rtol=1.2e-7)


@pytest.mark.parametrize("nodes", MESHES)
@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("short", [(0, 0), (3, 5)])
def test_bicubic_is_seps(nodes, box, short):
    sep = pytest.importorskip("sep")
    shape = [n * b - s for n, b, s in zip(nodes, box, short)]
    if any(s >= b for s, b in zip(short, box)):
        pytest.skip(f"cells of {box} cannot be {short} pixels short")
    mesh = random_mesh(5, *nodes)
    image = np.repeat(np.repeat(mesh, box[0], axis=0), box[1], axis=1)[:shape[0], :shape[1]]
    theirs = sep.Background(np.ascontiguousarray(image), bw=box[1], bh=box[0], fw=1, fh=1).back()
    got = surface(BICUBIC, mesh, box, shape)
    # SEP works in float32: some ten roundings of up to 6e-8
    assert np.max(np.abs(got - theirs)) < 6e-7 * np.max(np.abs(theirs))
