"""Files as LSST's software writes them, by astropy: exposures, planes, lists of backgrounds."""
import numpy as np
from astropy.io import fits

PLANES = ("BAD", "SAT", "INTRP", "CR", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "SUSPECT", "NO_DATA")
# interpolation and approximation of a list's elements: INTERPSTYLE, APPROXSTYLE, order
STYLES = {"chebyshev": (5, 0, 2), "linear": (1, -1, 1), "level": (1, -1, 1)}


def coordinates(header, shape, corner):
    """TAN in local pixels, and the corner in the coordinates called A."""
    scale = 0.2 / 3600
    for key, value in {
            "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 55.75, "CRVAL2": -32.27,
            "CRPIX1": shape[1] / 2, "CRPIX2": shape[0] / 2, "CD1_1": -scale, "CD1_2": 0.0,
            "CD2_1": 0.0, "CD2_2": scale, "CUNIT1": "deg", "CUNIT2": "deg"}.items():
        header[key] = value
    return offset(header, corner)


def offset(header, corner):
    for axis, first in zip("12", corner):
        header[f"CRPIX{axis}A"], header[f"CRVAL{axis}A"] = 1.0, float(first)
        header[f"CTYPE{axis}A"], header[f"CUNIT{axis}A"] = "LINEAR", "PIXEL"
        header[f"LTV{axis}"] = -float(first)
    return header


def named_planes(header):
    for bit, name in enumerate(PLANES):
        header[f"HIERARCH MP_{name}" if len(name) > 5 else f"MP_{name}"] = bit
    return header


def image_hdu(data, name, corner, unit=None):
    hdu = fits.ImageHDU(data, name=name)
    hdu.header["INHERIT"] = True
    hdu.header["EXTTYPE"] = name
    coordinates(hdu.header, data.shape, corner)
    if name == "MASK":
        named_planes(hdu.header)
    if unit:
        hdu.header["BUNIT"] = unit
    return hdu


def table(columns, kind, number, name=None):
    """A table of an archive; columns are (name, format, values)."""
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column(name=n, format=f, array=np.array(v)) for n, f, v in columns])
    hdu.header["EXTTYPE"], hdu.header["AR_CATN"] = kind, number
    if name:
        hdu.header["AR_NAME"], hdu.header["EXTNAME"] = name, name
    return hdu


def photo_calib():
    """Pixels are in nJy already."""
    return [("id", "J", [3]), ("calibrationMean", "D", [1.0]), ("calibrationErr", "D", [0.0]),
            ("field", "J", [0])]


def visit_columns(inputs):
    visits, weights, filters, detectors = zip(*inputs)
    return [("id", "K", visits), ("bbox_min_x", "J", [0] * len(visits)), ("weight", "D", weights),
            ("filter", "32A", filters)], [
        ("id", "K", [v * 1000 + d for v, d in zip(visits, detectors)]), ("ccd", "J", detectors),
        ("visit", "K", visits), ("goodpix", "J", [1000] * len(visits)), ("weight", "D", weights),
        ("filter", "32A", filters)]


def archive(inputs):
    """Index and tables; of an exposure without inputs only its calibration."""
    rows = [(3, 1, 0, 0, 1, "PhotoCalib", "lsst.afw.image")]
    tables = [table(photo_calib(), "ARCHIVE_DATA", 1, "PhotoCalib")]
    if inputs:
        rows += [(1, 2, 0, 0, len(inputs), "CoaddInputs", "lsst.afw.image"),
                 (1, 3, 1, 0, len(inputs), "CoaddInputs", "lsst.afw.image")]
        tables += [table(columns, "ARCHIVE_DATA", 2 + n, "CoaddInputs")
                   for n, columns in enumerate(visit_columns(inputs))]
    forms = ("J", "J", "J", "J", "J", "64A", "64A")
    names = ("id", "cat.archive", "cat.persistable", "row0", "nrows", "name", "module")
    columns = [(n, f, [row[i] for row in rows]) for i, (n, f) in enumerate(zip(names, forms))]
    index = table(columns, "ARCHIVE_INDEX", 0)
    index.header["AR_NCAT"] = 1 + len(tables)
    return [index, *tables]


def exposure(image, mask, variance, corner, cards, inputs=None, unit=None):
    """Primary, IMAGE, MASK, VARIANCE, archive."""
    primary = fits.PrimaryHDU()
    for key, value in {"EXPINFO_V": 2, "AR_HDU": 5, "ARCHIVE_ID_PHOTOCALIB": 3, "PHOTOCALIB_ID": 3,
                       **cards}.items():
        primary.header[f"HIERARCH {key}" if len(key) > 8 else key] = value
    if inputs:
        primary.header["HIERARCH ARCHIVE_ID_COADD_INPUTS"] = 1
        primary.header["HIERARCH COADD_INPUTS_ID"] = 1
    return fits.HDUList([primary, image_hdu(image, "IMAGE", corner, unit),
                         image_hdu(mask, "MASK", corner),
                         image_hdu(variance, "VARIANCE", corner, unit and unit + "**2"),
                         *archive(inputs)])


def plane(data, corner):
    """One plane as a file of its own, as components are kept."""
    primary = fits.PrimaryHDU()
    name = "MASK" if data.dtype.kind == "i" else "IMAGE"
    return fits.HDUList([primary, image_hdu(data, name, corner)])


def centres(size, count):
    """The bins' centres in pixels, as LSST cuts an axis."""
    ends = [min(((i + 1) * size + count // 2) // count, size) for i in range(count)]
    starts = [0, *ends[:-1]]
    return np.array([s + 0.5 * (e - s) - 0.5 for s, e in zip(starts, ends)])


def background_list(elements, size, corner):
    """elements are (function of x and y, pixels of a bin, style); three HDUs each, the first of all
    the primary one. The levels of the bins are the function at their centres."""
    hdus = []
    for function, bin_size, style in elements:
        nx, ny = (max(1, -(-n // bin_size)) for n in size)
        y, x = np.meshgrid(centres(size[1], ny), centres(size[0], nx), indexing="ij")
        level = function(x, y).astype(np.float32)
        error = level if style == "level" else np.full_like(level, 0.5)
        for data in (level, np.zeros(level.shape, np.int32), error):
            hdu = fits.ImageHDU(data) if hdus else fits.PrimaryHDU(data)
            offset(hdu.header, corner)
            if data.dtype.kind == "i":
                named_planes(hdu.header)
            add_styles(hdu.header, style, size, corner)
            hdus.append(hdu)
    return fits.HDUList(hdus)


def add_styles(header, style, size, corner):
    interpolation, approximation, order = STYLES[style]
    for key, value in {
            "INTERPSTYLE": interpolation, "UNDERSAMPLESTYLE": 1, "APPROXSTYLE": approximation,
            "APPROXORDERX": order, "APPROXORDERY": order, "APPROXWEIGHTING": True,
            "BKGD_X0": corner[0], "BKGD_Y0": corner[1], "BKGD_WIDTH": size[0],
            "BKGD_HEIGHT": size[1]}.items():
        header[f"HIERARCH {key}" if len(key) > 8 else key] = value
