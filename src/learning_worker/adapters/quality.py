"""Whether a picture of a page can be read at all, judged inside the decoder child before a reader is bothered.

Deliberately mild: what a reader could still make out must pass, for it knows better. Figures: benchmarks/README.md.
"""

from PIL import Image, ImageChops, ImageFilter

BLURRED, DARK, TOO_SMALL, BLANK = "photo_blurred", "photo_dark", "photo_too_small", "page_blank"

_LOOK_SIDE = 800
_MIN_LONG_SIDE, _MIN_SHORT_SIDE = 200, 16
_BRIGHT_SHARE = 0.01
_DARKEST_BRIGHT = 40
_EDGE_SHARE = 0.04
_INK_CONTRAST = 16
_INK_PIXELS = 6
_TILE, _MIN_CONTRAST, _SHARPEST = 50, 10, 0.9
_MIN_SHARPNESS = 0.2


def flaw_of(shown: Image.Image) -> str | None:
    """Why nobody could read this page: one of the four codes, or None. shown: RGB, upright or not."""
    if max(shown.size) < _MIN_LONG_SIDE or min(shown.size) < _MIN_SHORT_SIDE:
        return TOO_SMALL
    grey = shown.convert("L")
    grey.thumbnail((_LOOK_SIDE, _LOOK_SIDE), Image.Resampling.BOX)
    if brightness(grey) < _DARKEST_BRIGHT:
        return DARK
    if ink_pixels(grey) < _INK_PIXELS:
        return BLANK
    return BLURRED if sharpness(grey) < _MIN_SHARPNESS else None


def brightness(grey: Image.Image) -> int:
    """The grey value (0..255) that the brightest hundredth of the picture reaches: paper, or chalk on a dark page."""
    left, histogram = _BRIGHT_SHARE * grey.width * grey.height, grey.histogram()
    for value in range(255, -1, -1):
        left -= histogram[value]
        if left <= 0:
            return value
    return 0


def ink_pixels(grey: Image.Image) -> int:
    """How many pixels away from the rim differ from the paper around them."""
    rim = round(_EDGE_SHARE * max(grey.size))
    if min(grey.size) <= 4 * rim:
        rim = 0
    paper = grey.filter(ImageFilter.GaussianBlur(12))
    differs = ImageChops.difference(grey, paper).crop((rim, rim, grey.width - rim, grey.height - rim))
    return sum(differs.histogram()[_INK_CONTRAST:])


def sharpness(grey: Image.Image) -> float:
    """How steep strokes and edges are: the share of a tile's contrast that lies between two neighbouring pixels.

    0..1, taken where the page is sharpest; 1 when nothing on it has contrast enough to tell.
    """
    across = ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))
    down = ImageChops.difference(grey, ImageChops.offset(grey, 0, 1))
    steepest = ImageChops.lighter(across, down)
    found = []
    for left in range(1, grey.width - _TILE, _TILE):
        for top in range(1, grey.height - _TILE, _TILE):
            tile = (left, top, left + _TILE, top + _TILE)
            darkest, brightest = _range(grey.crop(tile))
            if brightest - darkest >= _MIN_CONTRAST:
                found.append(_range(steepest.crop(tile))[1] / (brightest - darkest))
    found.sort()
    return found[round(_SHARPEST * (len(found) - 1))] if found else 1.0


def _range(part: Image.Image) -> tuple[int, int]:
    levels = [level for level, count in enumerate(part.histogram()) if count]
    return levels[0], levels[-1]
