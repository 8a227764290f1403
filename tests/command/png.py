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
    a, b, c = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    return np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))


def unfilter(kinds, lines):
    """Undo the filters of lines[height][width][step] by the PNG standard, section 9.  A pixel needs
    those to its left and above, so that diagonal after diagonal can be done at once."""
    height, width, step = lines.shape
    assert kinds.max() <= 4
    out = np.zeros((height + 1, width + 1, step), int)      # a column and a row of zeros before
    for diagonal in range(height + width - 1):
        y = np.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        x = diagonal - y
        left, up, corner = out[y + 1, x], out[y, x + 1], out[y, x]
        guess = np.choose(kinds[y, None],
                          [0, left, up, (left + up) // 2, paeth(left, up, corner)])
        out[y + 1, x + 1] = (lines[y, x] + guess) % 256
    return out[1:, 1:].astype(np.uint8)


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
    pixels = unfilter(lines[:, 0], lines[:, 1:].reshape(height, width, step))
    if palette is not None:
        return palette[pixels[:, :, 0]]
    return pixels[:, :, :3] if step >= 3 else np.repeat(pixels, 3, axis=2)
