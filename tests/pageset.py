"""Pages as pupils hand them in, made by a program: writing x paper x pen x how the picture was taken.

Print comes from PDFium's own fonts, hand-like writing from fonts that `make bench-reading` fetches. The same seed gives
the same page. Pictures stand for an A4 sheet at 200 dpi, which is what a phone's photo holds after the decoder.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from paper import Typeset, encoded, printed
from PIL import Image, ImageDraw, ImageFont

Picture = npt.NDArray[np.float32]
Shot = Callable[[Picture, np.random.Generator], Picture]

FONTS = Path(__file__).resolve().parents[1] / "benchmarks" / "fonts" / "node_modules" / "@fontsource"
DPI = 200
WIDTH, HEIGHT = 1654, 2339
MM = DPI / 25.4
LEFT, TOP = int(22 * MM), int(30 * MM)
TABLE = (78.0, 92.0, 104.0)


@dataclass(frozen=True)
class Writing:
    """One way of writing. `size` and `pitch` (distance of two lines) in pixels, `chars` to a line on a whole sheet.

    file: of a fetched font, None for a font of PDFium with this name.
    """

    name: str
    size: int
    chars: int
    pitch: int = int(10 * MM)
    file: str | None = None

    @property
    def is_print(self) -> bool:
        return self.file is None


PRINT = (
    Writing("Helvetica", 34, 76, pitch=56),
    Writing("Times-Roman", 36, 80, pitch=56),
)
HANDS = (
    Writing("Patrick Hand", 58, 50, file="patrick-hand"),
    Writing("Caveat", 68, 50, file="caveat"),
    Writing("Playwrite DE Grund", 46, 42, file="playwrite-de-grund"),
    Writing("Playwrite DE SAS (joined)", 42, 42, file="playwrite-de-sas"),
)


@dataclass(frozen=True, eq=False)
class Answer:
    """A pupil's answer as it was written, and its mistakes: what stands there, and what should."""

    language: str
    paragraphs: tuple[str, ...]
    mistakes: dict[str, str]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


ANSWERS = (
    Answer(
        "de",
        (
            "Wir haben einen Versuch mit Wasserpest gemacht. Zuerst stelten wir das große Glas ans Fenster, "
            "danach unter den Tisch. Die Blässchen haben wir fünf Minuten lang gezählt.",
            "Am Fenster waren es 42, im Schatten nur 7. Das heißt: Ohne Licht können die Blätter keinen "
            "Sauerstof bilden. Außerdem brauchen sie Kohlendioxid (das ist in der Luft) und Wasser, nehmlich "
            "aus der Erde.",
            "Ich vermute, dass süße Früchte deshalb in der Sonne reifen. Überrascht hat mich, wie schnel "
            "es ging! Beim nächsten Mal würde ich öfter zählen, weil ein Wert noch kein Beweiß ist.",
        ),
        {
            "stelten": "stellten",
            "Blässchen": "Bläschen",
            "Sauerstof": "Sauerstoff",
            "nehmlich": "nämlich",
            "schnel": "schnell",
            "Beweiß": "Beweis",
        },
    ),
    Answer(
        "en",
        (
            "We did an experiment with pond weed. First we put the big glas next to the window, later under "
            "the table. We counted the bubbles for five minuts each time.",
            "At the window there were 42, in the shade only 7. That means: without light the leafs cannot "
            "make oxygen. They also need carbon dioxide (it is in the air) and water, wich comes from the "
            "soil.",
            "I think this is why sweet fruit gets ripe in the sun. It suprised me how quickly it went! Next "
            "time I would count more often, becuase one value is not a proof yet.",
        ),
        {
            "glas": "glass",
            "minuts": "minutes",
            "leafs": "leaves",
            "wich": "which",
            "suprised": "surprised",
            "becuase": "because",
        },
    ),
)


@dataclass(frozen=True)
class Condition:
    """Paper, pen and camera. `columns`: 1 or 2; `quarter_turns` clockwise, after the shot."""

    name: str
    paper: str = "white"
    pen: str = "ink"
    shot: Shot | None = None
    columns: int = 1
    quarter_turns: int = 0


def rotated(angle: float) -> Shot:
    """The sheet turned on the table, in degrees."""

    def shoot(sheet: Picture, _: np.random.Generator) -> Picture:
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, 0.93)
        return _warped(cv2.warpAffine, sheet, turn)

    return shoot


def in_perspective(sheet: Picture, _: np.random.Generator) -> Picture:
    """The camera held low: the far edge of the sheet is 14 % shorter than the near one."""
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    seen = np.array(
        [
            [0.11 * WIDTH, 0.06 * HEIGHT],
            [0.95 * WIDTH, 0.03 * HEIGHT],
            [0.99 * WIDTH, 0.98 * HEIGHT],
            [0.01 * WIDTH, 0.95 * HEIGHT],
        ],
        np.float32,
    )
    return _warped(cv2.warpPerspective, sheet, cv2.getPerspectiveTransform(corners, seen))


def shaded(sheet: Picture, _: np.random.Generator) -> Picture:
    """The hand with the phone throws a shadow with a soft edge across the sheet; the far corner is dim."""
    across = np.linspace(0.0, 1.0, WIDTH, dtype=np.float32)[None, :]
    down = np.linspace(0.0, 1.0, HEIGHT, dtype=np.float32)[:, None]
    edge = 1.0 / (1.0 + np.exp(-(0.8 * across + 0.5 * down - 0.62) * 40.0))
    light = (1.0 - 0.45 * edge) * (1.0 - 0.2 * down)
    return sheet * light[:, :, None].astype(np.float32)


def blurred(sheet: Picture, _: np.random.Generator) -> Picture:
    """Out of focus and a little shaken: about a third of a millimetre on paper."""
    kernel = np.zeros((5, 5), np.float32)
    kernel[2, :] = 1 / 5
    return np.asarray(cv2.filter2D(cv2.GaussianBlur(sheet, (0, 0), 1.6), -1, kernel), np.float32)


def noisy(sheet: Picture, rng: np.random.Generator) -> Picture:
    """A cheap camera in a dim room: grain in brightness and colour."""
    grain = cv2.GaussianBlur(rng.normal(0.0, 26.0, (HEIGHT, WIDTH, 1)).astype(np.float32), (0, 0), 0.7)
    return 0.8 * sheet + grain[:, :, None] + rng.normal(0.0, 7.0, sheet.shape).astype(np.float32)


def photographed(sheet: Picture, rng: np.random.Generator) -> Picture:
    """All of it at once, each a little: what most pupils' photos look like."""
    seen = in_perspective(rotated(-2.0)(sheet, rng), rng)
    lit = shaded(np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.9), np.float32), rng)
    return lit + rng.normal(0.0, 4.0, lit.shape).astype(np.float32)


CONDITIONS = (
    Condition("clean"),
    Condition("squared", paper="squared"),
    Condition("ruled", paper="ruled"),
    Condition("pencil", pen="pencil"),
    Condition("red pen", pen="red"),
    Condition("rotated 4°", shot=rotated(4.0)),
    Condition("perspective", shot=in_perspective),
    Condition("shadow", shot=shaded),
    Condition("blur", shot=blurred),
    Condition("noise", shot=noisy),
    Condition("photo", shot=photographed),
    Condition("90°", quarter_turns=1),
    Condition("180°", quarter_turns=2),
    Condition("two columns", columns=2),
    Condition("pencil, squared, photo", paper="squared", pen="pencil", shot=photographed),
)
# What "print is read, clean and photographed" means.
PRINT_PROMISE = (
    "clean",
    "rotated 4°",
    "perspective",
    "shadow",
    "blur",
    "noise",
    "photo",
    "90°",
    "180°",
    "two columns",
)


def page(answer: Answer, writing: Writing, condition: Condition, *, seed: int) -> bytes:
    """The answer as a JPEG from a phone, longest side 2339 pixels."""
    ink, state = _ink(answer, writing, condition.columns, seed)
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    sheet = _written(_sheet(condition.paper, writing.pitch), ink, condition.pen, rng)
    if condition.shot is not None:
        sheet = condition.shot(sheet, rng)
    shot = np.rot90(np.clip(sheet, 0, 255).astype(np.uint8), -condition.quarter_turns)
    return encoded(Image.fromarray(np.ascontiguousarray(shot)), "JPEG", quality=85)


# A hand takes two seconds to draw and is the same under every condition; 12 of them: all writings, in one column or two.
@lru_cache(maxsize=12)
def _ink(answer: Answer, writing: Writing, columns: int, seed: int) -> tuple[Picture, Mapping[str, Any]]:
    """How much ink stands where, 0..1, and the state of the dice afterwards."""
    rng = np.random.default_rng(seed)
    if columns == 1:
        ink = _block(_wrapped(answer.paragraphs, writing.chars), writing, LEFT, rng)
        return ink, rng.bit_generator.state
    width = int(writing.chars * 0.44)
    left, right = answer.paragraphs[:1], answer.paragraphs[1:]
    middle = LEFT + int((WIDTH - 2 * LEFT) * 0.54)
    ink = np.maximum(
        _block(_wrapped(left, width), writing, LEFT, rng),
        _block(_wrapped(right, width), writing, middle, rng),
    )
    return ink, rng.bit_generator.state


def _wrapped(paragraphs: Sequence[str], chars: int) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(paragraph, chars, break_on_hyphens=False), ""]
    return lines[:-1]


def _block(lines: Sequence[str], writing: Writing, left: int, rng: np.random.Generator) -> Picture:
    if writing.file is None:
        points = 72 / DPI
        style = Typeset(
            writing.name, writing.size * points, writing.pitch * points, left * points, 842 - TOP * points
        )
        drawn = np.asarray(printed(lines, dpi=DPI, typeset=style).convert("L").resize((WIDTH, HEIGHT)))
        return (1.0 - drawn / 255.0).astype(np.float32)
    font = ImageFont.truetype(str(font_file(writing.file)), writing.size, layout_engine=ImageFont.Layout.RAQM)
    sheet = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        x, drift = float(left), rng.normal(0.0, 0.04)
        for word in line.split():
            y = TOP + number * writing.pitch + writing.size * (drift + rng.normal(0.0, 0.02))
            draw.text((x, y), word, fill=255, font=font, anchor="ls")
            x += font.getlength(word) + font.getlength(" ") * rng.uniform(1.0, 1.5)
    return _unsteady(np.asarray(sheet, np.float32) / 255.0, rng)


def _unsteady(ink: Picture, rng: np.random.Generator) -> Picture:
    """No two letters of a hand are the same: strokes give way by up to half a millimetre, letters lean and grow."""
    shift = np.zeros((2, HEIGHT, WIDTH), np.float32)
    for reach, strength in ((9.0, 1.3), (40.0, 4.0)):
        for axis in range(2):
            field = cv2.GaussianBlur(rng.normal(0.0, 1.0, ink.shape).astype(np.float32), (0, 0), reach)
            shift[axis] += strength * field / field.std()
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.asarray(cv2.remap(ink, across + shift[0], down + shift[1], cv2.INTER_LINEAR), np.float32)


def font_file(package: str) -> Path:
    """Raises FileNotFoundError, with the cure, for a font that was not fetched."""
    path = FONTS / package / "files" / f"{package}-latin-400-normal.woff"
    if not path.is_file():
        raise FileNotFoundError(f"{package} is not there: make bench-reading fetches the fonts")
    return path


def _sheet(paper: str, pitch: int) -> Picture:
    sheet = np.full((HEIGHT, WIDTH, 3), (250.0, 249.0, 245.0), np.float32)
    colour = np.array((158.0, 178.0, 205.0), np.float32)
    step = 5 * MM if paper == "squared" else float(pitch)
    if paper != "white":
        for n in range(int(HEIGHT / step) + 1):
            y = round((TOP % step) + n * step)
            sheet[y : y + 2] = colour
    if paper == "squared":
        for n in range(int(WIDTH / step) + 1):
            x = round(n * step)
            sheet[:, x : x + 2] = colour
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), 0.5), np.float32)


_INKS = {"ink": (28.0, 34.0, 92.0), "pencil": (92.0, 92.0, 96.0), "red": (196.0, 38.0, 48.0)}


def _written(sheet: Picture, ink: Picture, pen: str, rng: np.random.Generator) -> Picture:
    cover = ink
    if pen == "pencil":
        # Graphite catches on the grain of the paper: broken strokes, seldom darker than a middling grey.
        grain = cv2.GaussianBlur(rng.normal(0.0, 1.0, ink.shape).astype(np.float32), (0, 0), 1.0)
        cover = ink * np.clip(0.62 + 0.55 * grain, 0.15, 0.85)
    return sheet * (1.0 - cover[:, :, None]) + np.array(_INKS[pen], np.float32) * cover[:, :, None]


def _warped(warp: Callable[..., Picture], sheet: Picture, matrix: npt.NDArray[np.float64]) -> Picture:
    seen = warp(
        sheet,
        matrix,
        (WIDTH, HEIGHT),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=TABLE,
    )
    return np.asarray(seen, np.float32)
