"""Read a PNG without a library: eight bits a channel, grey, palette, RGB or RGBA, not interlaced."""
import struct
import zlib

import numpy as np

CHANNELS = {0: 1, 2: 3, 3: 1, 6: 4}


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place = 8
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + size]
        assert struct.unpack(">I", data[place + 8 + size:place + 12 + size])[0] == \
            zlib.crc32(kind + body)
        yield kind, body
        place += 12 + size


def paeth(left, up, corner):
    guess = left + up - corner
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    return left if a <= b and a <= c else up if b <= c else corner


def unfilter(kind, row, above, step):
    """One line by the PNG standard, section 9."""
    if kind == 0:
        return row
    if kind == 2:
        return (row + above).astype(np.uint8)
    if kind == 1:
        return np.cumsum(row.reshape(-1, step), axis=0, dtype=np.uint8).ravel()
    out = row.astype(int)
    up = above.astype(int)
    for i in range(len(out)):
        left = out[i - step] if i >= step else 0
        corner = up[i - step] if i >= step else 0
        out[i] = (out[i] + (paeth(left, up[i], corner) if kind == 4 else (left + up[i]) // 2)) % 256
    return out.astype(np.uint8)


def size(path):
    """Width and height; every chunk is whole."""
    kinds = dict(chunks(path.read_bytes()))
    assert "IEND" in {kind.decode() for kind in kinds} and len(kinds[b"IDAT"]) > 100
    return struct.unpack(">II", kinds[b"IHDR"][:8])


def read(path):
    """uint8[height][width][3], the first row on top."""
    packed, palette = b"", None
    for kind, body in chunks(path.read_bytes()):
        if kind == b"IHDR":
            width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and rest[2] == 0
        elif kind == b"PLTE":
            palette = np.frombuffer(body, np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed += body
    step = CHANNELS[colour]
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * step)
    above = np.zeros(width * step, np.uint8)
    pixels = np.empty((height, width * step), np.uint8)
    for y, line in enumerate(lines):
        pixels[y] = above = unfilter(line[0], line[1:], above, step)
    pixels = pixels.reshape(height, width, step)
    if palette is not None:
        return palette[pixels[:, :, 0]]
    return pixels[:, :, :3] if step >= 3 else np.repeat(pixels, 3, axis=2)
