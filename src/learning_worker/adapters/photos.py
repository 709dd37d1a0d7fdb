"""Photos inside the decoder child: upright, bounded, and without anything that the camera wrote beside the picture."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from learning_worker.adapters.pdf_pages import CORRUPT, TOO_LARGE, UNSUPPORTED, Refused

# Pillow imports these when it meets such a file; by then no file can be opened any more.
_PRELOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_FORMATS = {"jpeg": ("JPEG",), "png": ("PNG",), "webp": ("WEBP",), "heic": ("HEIF",)}
_ORIENTATION_TAG = 0x0112
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pillow turns counter-clockwise, pupils turn clockwise.
_TURNED = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_JPEG_QUALITY = 88

# What parsers of hostile bytes raise, by experience; anything else is a fault of ours and ends the process.
PARSER_ERRORS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def prepare(*, heic: bool) -> None:
    """Load what opening photos needs; afterwards no file is opened any more. heic: the decoder of telephones' photos too."""
    Image.preinit()
    if heic:
        import pi_heif

        # No threads of its own for tiles: one child, one processor.
        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=0)


@dataclass(frozen=True)
class PhotoLimits:
    """Pixels a photo may have, and the longest side it is shown with."""

    max_pixels: int
    max_side: int


def photo(content: bytes, kind: str, rotation: int, limits: PhotoLimits) -> Image.Image:
    """The picture upright, in RGB, no side above the limit. rotation: clockwise degrees, as the pupil turned it.

    Raises Refused.
    """
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        opened = Image.open(io.BytesIO(content), formats=_FORMATS[kind])
        if opened.format not in (*_FORMATS[kind], "MPO"):
            raise Refused(UNSUPPORTED)
        orientation = _orientation(opened)
        opened.thumbnail((limits.max_side, limits.max_side), reducing_gap=2.0)
        shown = _on_white(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Refused(TOO_LARGE) from error
    except ValueError as error:
        # Pillow says so in words only when a packed text or colour profile unpacks beyond its bounds.
        bomb = "large" in str(error).lower() or "memory" in str(error).lower()
        raise Refused(TOO_LARGE if bomb else CORRUPT) from error
    except PARSER_ERRORS as error:
        raise Refused(CORRUPT) from error
    for turn in (_TRANSPOSE.get(orientation), _TURNED.get(rotation)):
        shown = shown.transpose(turn) if turn is not None else shown
    return shown


def png(shown: Image.Image) -> bytes:
    """The picture as PNG, for a page on its way to a reader."""
    buffer = io.BytesIO()
    # Level 1 costs a quarter of the time of the default; the bytes live in memory only.
    shown.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def jpeg(shown: Image.Image) -> bytes:
    """The picture as JPEG, to be kept; nothing but pixels goes in."""
    buffer = io.BytesIO()
    shown.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue()


def _orientation(opened: Image.Image) -> int:
    """As the camera was held; a damaged note about it does not make a good photo unreadable."""
    try:
        return int(opened.getexif().get(_ORIENTATION_TAG, 1))
    except PARSER_ERRORS:
        return 1


def _on_white(opened: Image.Image) -> Image.Image:
    """A new RGB picture: no metadata comes along, and what was transparent is paper."""
    if opened.mode.startswith("I"):
        opened = opened.convert("I").point(lambda value: value / 256).convert("L")
    plain = Image.new("RGB", opened.size, "white")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        layered = opened.convert("RGBA")
        plain.paste(layered, mask=layered.getchannel("A"))
    else:
        plain.paste(opened.convert("RGB"))
    return plain
