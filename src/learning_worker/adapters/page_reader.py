"""Reads print and clear block writing from the picture of a page, or sets it upright, inside the reader child.

RapidOCR with the PP-OCRv6 models of its wheel (detection and one recognition model for Latin scripts with umlauts and
Chinese); nothing is ever downloaded, for the model files are named outright.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
import rapidocr
from omegaconf import flag_override
from rapidocr.ch_ppocr_rec import TextRecOutput
from rapidocr.ch_ppocr_rec.typings import WordInfo
from rapidocr.main import RapidOCRError

from learning_worker.adapters.layout import Line, in_reading_order, paragraphs
from learning_worker.domain.transcript import ILLEGIBLE, doubtful

Picture = npt.NDArray[np.uint8]
Box = npt.NDArray[np.float32]

_MAX_SIDE = 2400
_DETECTION_SIDE = 1280
_BATCH_LINES = 6
# Paper a little short of white keeps its grain in the picture: narrow spaces between words survive better than at 255.
_PAPER_GREY = 235
# Below this a "line" is a fold, a shadow or the edge of the table.
_MIN_LINE_CONFIDENCE = 0.3
# Detection copes with a small slope; beyond it neighbouring lines grow together.
_MAX_SLOPE_DEG = 3.0
_DOUBTFUL = 0.75
_PROBE_LINES = 4
# Print that stands on its head reads as words with up to 0.8; upright print as 0.95 and more.
_STANDS_UPRIGHT = 0.9
# A word is as certain as its least certain letter. On the page set (benchmarks/README.md) this marks 1 word in 200 of
# print; of the words it marks in joined writing three in four are wrong.
_DOUBTFUL_LETTER = 0.7
# Marks find about every third wrong word: one doubtful word in twelve makes a doubtful page, one in five an unreadable one.
_DOUBT_WEIGHT = 3.0
_FEW_SIGNS = 6
_FEW_PIECES = 3
_INK_GREY = 150
_MIN_INK_HEIGHT = 8

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ",
    0x3002: ".",
    0x3001: ",",
}
# The recogniser swallows the narrow space after a full stop now and then; a pupil's sentence starts with a capital.
_WORD = re.compile(r"\S+?(?:(?<=[a-zäöüß]{2}[.!?])(?=[A-ZÄÖÜ][a-zäöüß ])|(?=\s|$))")
# It knows Greek as well; no word of ours ends on beta, while "β-Carotin" starts with it.
_BETA = re.compile(r"(?<=[a-zäöü])β")


class UnreadablePng(Exception):
    """These bytes are no picture within the bounds."""


@dataclass(frozen=True)
class Reading:
    """The text of a page, doubtful words marked as `domain.transcript` says.

    `confidence` 0..1: the mean over lines, weighted by their length, and less where many words are doubtful.
    """

    text: str
    confidence: float


@dataclass(frozen=True)
class _Recognised:
    """A line as it was read; `words` are counted, the doubtful ones among them too."""

    line: Line
    confidence: float
    words: int
    doubtful_words: int


class PageReader:
    """Holds the two models; one call at a time."""

    def __init__(self, *, threads: int) -> None:
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.return_word_box": True,
                "Det.limit_type": "max",
                "Det.limit_side_len": _DETECTION_SIDE,
                "Rec.rec_batch_num": _BATCH_LINES,
            }
        )
        models = Path(rapidocr.__file__).parent / "models"
        for part, model in (("Det", "PP-OCRv6_det_small.onnx"), ("Rec", "PP-OCRv6_rec_small.onnx")):
            config = self._engine.cfg[part]
            with flag_override(config, "allow_objects", True):
                config.session = _session(models / model, threads)

    def warm_up(self) -> None:
        """Load both models and use each once; after this no file is opened any more."""
        paper = np.full((128, 256, 3), 255, np.uint8)
        cv2.putText(paper, "warm", (20, 80), cv2.FONT_HERSHEY_SIMPLEX, 2.0, (0, 0, 0), 3)
        self._lines(self._found(_evenly_lit(paper)), 0.0)
        self._engine.recognize_txt([paper])

    def read(self, png: bytes) -> Reading:
        """The page as text. An empty text means that nothing was found. Raises UnreadablePng."""
        page = _evenly_lit(_decoded(png, cv2.IMREAD_GRAYSCALE))
        lines = self._upright_lines(page)
        kept = [item for item in lines if item.confidence >= _MIN_LINE_CONFIDENCE]
        text = paragraphs(in_reading_order([*(item.line for item in kept), *_gaps(lines, kept)]))
        confidence = _confidence(lines)
        if not _says_something(text, confidence):
            return Reading("", confidence)
        return Reading(text, min(confidence, _sureness(lines)))

    def upright(self, png: bytes) -> bytes | None:
        """The page as PNG, turned so that it can be read; None when it stands upright. Raises UnreadablePng."""
        picture = _decoded(png, cv2.IMREAD_COLOR)
        turn = self._glance(_evenly_lit(picture)).turn
        if turn is None:
            return None
        _, turned = cv2.imencode(".png", cv2.rotate(picture, turn))
        return bytes(turned)

    def _upright_lines(self, page: Picture) -> list[_Recognised]:
        """The lines, after turning a page that was photographed sideways or upside down."""
        glance = self._glance(page)
        if glance.turn is None:
            return glance.lines + self._lines(glance.others, glance.slope_deg)
        turned = self._found(_contiguous(cv2.rotate(page, glance.turn)))
        return self._lines(turned, turned.slope_deg)

    def _glance(self, page: Picture) -> "_Glance":
        """A few long lines, read as they stand and upside down, tell which way the page has to be turned."""
        found = self._found(page)
        sample, others = found.parted(_PROBE_LINES)
        lines = self._lines(sample, found.slope_deg)
        upright, upside_down = _confidence(lines), 0.0
        # Pieces of a page that lies on its side were laid down when they were cut out: turned to the left.
        lies = _sideways(found.boxes)
        if lies or 0.0 < upright < _STANDS_UPRIGHT:
            upside_down = _confidence(self._lines(sample.upside_down(), found.slope_deg))
        turn = _turn(lies=lies, overhead=upside_down > upright + (0.0 if lies else 0.1))
        return _Glance(turn, lines, others, found.slope_deg)

    def _found(self, page: Picture) -> "_Found":
        """Where lines of text stand, on a page that is set straight first where it slopes."""
        found = self._detected(page)
        if len(found.crops) < _FEW_PIECES:
            # Detection overlooks a word or two on an empty sheet and finds them when they fill the picture.
            part = _written_part(page)
            closer = self._detected(part) if part is not None else found
            if len(closer.crops) > len(found.crops):
                page, found = part if part is not None else page, closer
        if abs(found.slope_deg) > _MAX_SLOPE_DEG:
            found = self._detected(_rotated(page, found.slope_deg))
        return found

    def _detected(self, page: Picture) -> "_Found":
        try:
            crops, detected = self._engine.detect_and_crop(page, {})
        except RapidOCRError:
            return _Found([], [])
        boxes = detected.boxes if detected.boxes is not None else ()
        return _Found(list(crops), [np.asarray(box, np.float32) for box in boxes])

    def _lines(self, found: "_Found", slope: float) -> list[_Recognised]:
        """What stands on the pieces. slope: of the page they come from, in degrees."""
        if not found.crops:
            return []
        read: TextRecOutput = self._engine.recognize_txt(found.crops)
        infos = cast("Sequence[WordInfo]", read.word_results)
        return [
            _recognised(text, info.confs or (), float(score), _upright(box, slope))
            for text, info, score, box in zip(read.txts or (), infos, read.scores, found.boxes, strict=True)
            if text.strip()
        ]


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that waits for its next piece of work would keep a core busy: a fifth of the processor time of a page.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _recognised(text: str, certainties: Sequence[float], confidence: float, box: Line) -> _Recognised:
    """The line, each doubtful word marked. certainties: 0..1, one per character of `text`."""
    words, marks = [], 0
    for found in _WORD.finditer(_BETA.sub("ß", text.translate(_FULL_WIDTH))):
        letters = [certainties[at] for at in range(*found.span()) if text[at].isalnum()]
        is_doubtful = min(letters, default=1.0) < _DOUBTFUL_LETTER
        marks += is_doubtful
        words.append(doubtful(found.group()) if is_doubtful else found.group())
    return _Recognised(replace(box, text=" ".join(words)), confidence, len(words), marks)


def _turn(*, lies: bool, overhead: bool) -> int | None:
    """How a page has to be rotated, given how its pieces read."""
    if lies:
        return cv2.ROTATE_90_CLOCKWISE if overhead else cv2.ROTATE_90_COUNTERCLOCKWISE
    return cv2.ROTATE_180 if overhead else None


def _gaps(lines: Sequence[_Recognised], kept: Sequence[_Recognised]) -> list[Line]:
    """A mark for each line among the writing that nobody could read: as high as the others, and longer than a word."""
    if not kept:
        return []
    usual = median(item.line.height for item in kept)
    return [
        replace(item.line, text=ILLEGIBLE)
        for item in lines
        if item.confidence < _MIN_LINE_CONFIDENCE
        and 0.6 * usual < item.line.height < 1.7 * usual
        and item.line.right - item.line.left > 4 * usual
    ]


def _sureness(lines: Sequence[_Recognised]) -> float:
    words = sum(item.words for item in lines)
    return (
        max(0.0, 1.0 - _DOUBT_WEIGHT * sum(item.doubtful_words for item in lines) / words) if words else 0.0
    )


@dataclass(frozen=True)
class _Glance:
    """What a look at a few lines of a page showed: how to rotate it, those lines as they stand, and the other pieces."""

    turn: int | None
    lines: list[_Recognised]
    others: "_Found"
    slope_deg: float


@dataclass(frozen=True)
class _Found:
    """Pieces of text cut out of a page, and where they stand."""

    crops: list[Picture]
    boxes: list[Box]

    @property
    def slope_deg(self) -> float:
        """By how much the lines fall to the right, from the boxes that are clearly longer than high."""
        slopes = [
            math.degrees(math.atan2(float(box[1][1] - box[0][1]), float(box[1][0] - box[0][0])))
            for box in self.boxes
            if _length(box) > 3 * _height(box)
        ]
        return median(slopes) if slopes else 0.0

    def parted(self, count: int) -> "tuple[_Found, _Found]":
        """The few longest pieces, for a quick look, and the others."""
        order = sorted(
            range(len(self.boxes)), key=lambda n: -max(_length(self.boxes[n]), _height(self.boxes[n]))
        )
        return self._chosen(order[:count]), self._chosen(order[count:])

    def _chosen(self, numbers: Sequence[int]) -> "_Found":
        return _Found([self.crops[n] for n in numbers], [self.boxes[n] for n in numbers])

    def upside_down(self) -> "_Found":
        """The same pieces, each turned by half a turn where it stands."""
        return _Found([_contiguous(cv2.rotate(crop, cv2.ROTATE_180)) for crop in self.crops], self.boxes)


def _says_something(text: str, confidence: float) -> bool:
    """Stains and folds of a blank page read as a doubtful letter or two; "42" in clear print is an answer."""
    signs = sum(char.isalnum() for char in text)
    return signs >= _FEW_SIGNS or (signs > 0 and confidence >= _DOUBTFUL)


def _sideways(boxes: Sequence[Box]) -> bool:
    """Whether most of the writing runs up or down the page."""
    upright = sum(_length(box) for box in boxes if _length(box) > 2 * _height(box))
    lying = sum(_height(box) for box in boxes if _height(box) > 2 * _length(box))
    return lying > upright


def _decoded(png: bytes, mode: int) -> Picture:
    """The picture, its declared size checked before anything is unpacked."""
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    if not (png.startswith(b"\x89PNG\r\n\x1a\n") and 0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE):
        raise UnreadablePng
    try:
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), mode)
    except cv2.error as error:
        raise UnreadablePng from error
    if picture is None:
        raise UnreadablePng
    return picture.astype(np.uint8, copy=False)


def _evenly_lit(page: Picture) -> Picture:
    """Shadows divided out: each pixel against the paper around it, which a coarse closing and a wide median estimate."""
    grey = page if page.ndim == 2 else cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    small = cv2.resize(grey, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21), (0, 0), 6)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return _contiguous(cv2.cvtColor(cv2.divide(grey, paper, scale=_PAPER_GREY), cv2.COLOR_GRAY2BGR))


def _written_part(page: Picture) -> Picture | None:
    """The part of an evenly lit page that bears ink, None when that is nothing or nearly all of it.

    What touches the edge of the picture is the table below the sheet.
    """
    height, width = page.shape[:2]
    ink = cv2.morphologyEx(
        (page[:, :, 0] < _INK_GREY).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 25), np.uint8)
    )
    _, _, blobs, _ = cv2.connectedComponentsWithStats(ink)
    left, top = blobs[1:, cv2.CC_STAT_LEFT], blobs[1:, cv2.CC_STAT_TOP]
    right, bottom = left + blobs[1:, cv2.CC_STAT_WIDTH], top + blobs[1:, cv2.CC_STAT_HEIGHT]
    written = (
        (left > 2)
        & (top > 2)
        & (right < width - 2)
        & (bottom < height - 2)
        & (bottom - top >= _MIN_INK_HEIGHT)
    )
    if not written.any():
        return None
    margin = max(24, int((bottom - top)[written].max()))
    x0, y0 = max(0, int(left[written].min()) - margin), max(0, int(top[written].min()) - margin)
    x1, y1 = int(right[written].max()) + margin, int(bottom[written].max()) + margin
    part = page[y0:y1, x0:x1]
    return _contiguous(part) if part.shape[0] * part.shape[1] < 0.8 * height * width else None


def _rotated(page: Picture, slope: float) -> Picture:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), slope, 1.0)
    return _contiguous(
        cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    )


def _upright(box: Box, slope: float) -> Line:
    """The box, without text, as it would lie on a page without slope; only the order of reading depends on it."""
    angle = math.radians(-slope)
    cos, sin = math.cos(angle), math.sin(angle)
    across = [cos * float(x) - sin * float(y) for x, y in box]
    down = [sin * float(x) + cos * float(y) for x, y in box]
    return Line("", min(across), min(down), max(across), max(down))


def _confidence(found: list[_Recognised]) -> float:
    length = sum(len(item.line.text) for item in found)
    return sum(item.confidence * len(item.line.text) for item in found) / length if length else 0.0


def _length(box: Box) -> float:
    return math.dist(box[0], box[1])


def _height(box: Box) -> float:
    return math.dist(box[0], box[3])


def _contiguous(picture: npt.ArrayLike) -> Picture:
    return np.ascontiguousarray(picture, dtype=np.uint8)
