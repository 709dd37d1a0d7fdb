"""Lines with positions become text with paragraphs. Pure; coordinates grow to the right and downwards, in any one unit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from learning_worker.domain.transcript import ILLEGIBLE, doubtful

# A gap this much larger than the usual distance of two lines starts a paragraph.
_PARAGRAPH_GAP = 1.45
_INDENT_EMS = 1.2
# With fewer lines the distance itself may be a gap; the height of the writing is the better measure then.
_STEPS_THAT_TELL = 4
_MIN_COLUMN_SHARE = 0.25
_MIN_COLUMN_LINES = 3

# PDFium writes U+0002 for a hyphen that it takes for a word break at the line's end.
_BROKEN_WORD = re.compile("(?P<head>[^\\W\\d_]{2,})(?P<mark>\\[\\?\\])?[-\u00ad\u2010\u0002\ufffe]$")
_WORD_END = re.compile(r"^(?P<tail>[^\W\d_]+\S*)\s*(?P<rest>.*)$")
_SUSPENDED = frozenset({"und", "oder", "sowie", "bzw.", "bis", "and", "or", "to"})


@dataclass(frozen=True)
class Line:
    """A piece of text and the box around it."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Of the box."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Where the line stands, from the top."""
        return (self.top + self.bottom) / 2


def in_reading_order(pieces: Sequence[Line]) -> list[Line]:
    """Pieces of text as found on a page, put into reading order; pieces side by side become one line.

    Columns are read one after the other when an empty strip with at least three lines on both sides parts them.
    """
    if len(pieces) < 2:
        return list(pieces)
    columns = _columns(pieces)
    if columns is not None:
        left, right = columns
        return in_reading_order(left) + in_reading_order(right)
    bands = _bands(pieces)
    if len(bands) > 1:
        return [line for band in bands for line in in_reading_order(band)]
    return _rows(pieces)


def paragraphs(lines: Sequence[Line]) -> str:
    """Lines in reading order as text: an empty line between paragraphs, words broken at a line's end joined."""
    if not lines:
        return ""
    pitch = _usual_pitch(lines)
    broken = [lines[0].text.strip()]
    for before, line in pairwise(lines):
        text = line.text.strip()
        if _starts_paragraph(before, line, lines, pitch):
            broken += ["", text]
        else:
            broken += _joined(broken.pop(), text)
    return "\n".join(line.rstrip("\u0002\ufffe\u00ad") for line in broken)


def _joined(before: str, text: str) -> list[str]:
    """Two lines, the second one without the end of a word that belongs to the first."""
    head, tail = _BROKEN_WORD.search(before), _WORD_END.match(text)
    if head is None or tail is None or not tail["tail"][0].islower():
        return [before, text]
    if tail["tail"] in _SUSPENDED:
        return [f"{before[: head.end() - 1]}-", text]
    end = tail["tail"]
    if head["mark"] and ILLEGIBLE not in end:
        end = doubtful(end)
    first = before[: head.end("head")] + end
    return [first, tail["rest"]] if tail["rest"] else [first]


def _usual_pitch(lines: Sequence[Line]) -> float:
    steps = [b.middle - a.middle for a, b in pairwise(lines) if b.middle > a.middle]
    heights = median(line.height for line in lines)
    near = [step for step in steps if step < 4 * heights]
    if len(near) >= _STEPS_THAT_TELL:
        return median(near)
    return min([*near, heights * 1.6])


def _starts_paragraph(before: Line, line: Line, lines: Sequence[Line], pitch: float) -> bool:
    step = line.middle - before.middle
    if step <= 0:
        return False
    if step > _PARAGRAPH_GAP * pitch:
        return True
    em = line.height
    indent = line.left - before.left
    margin = min(other.left for other in lines)
    return (
        _INDENT_EMS * em < indent < 5 * em and before.left - margin < em / 2 and _ends_sentence(before.text)
    )


def _ends_sentence(text: str) -> bool:
    return text.rstrip().endswith((".", "!", "?", ":", "“", '"', "”"))


def _columns(pieces: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """The pieces left and right of an empty strip, if there is one between two blocks that look like columns."""
    page_left, page_right = min(p.left for p in pieces), max(p.right for p in pieces)
    width = page_right - page_left
    reach = page_left
    for piece in sorted(pieces, key=lambda p: p.left):
        gutter_from, gutter_to = reach, piece.left
        reach = max(reach, piece.right)
        if gutter_to - gutter_from < median(p.height for p in pieces) * 0.8:
            continue
        if min(gutter_from - page_left, page_right - gutter_to) < _MIN_COLUMN_SHARE * width:
            continue
        left = [p for p in pieces if p.right <= gutter_from]
        right = [p for p in pieces if p.left >= gutter_to]
        if min(len(_rows(left)), len(_rows(right))) >= _MIN_COLUMN_LINES and _side_by_side(left, right):
            return left, right
    return None


def _side_by_side(left: Sequence[Line], right: Sequence[Line]) -> bool:
    top = max(min(p.top for p in left), min(p.top for p in right))
    bottom = min(max(p.bottom for p in left), max(p.bottom for p in right))
    shorter = min(max(p.bottom for p in side) - min(p.top for p in side) for side in (left, right))
    return bottom - top > shorter / 2


def _bands(pieces: Sequence[Line]) -> list[list[Line]]:
    """Blocks of pieces parted by white strips across the page, from the top."""
    usual = median(p.height for p in pieces)
    bands: list[list[Line]] = []
    reach = 0.0
    for piece in sorted(pieces, key=lambda p: p.top):
        if bands and piece.top - reach < usual:
            bands[-1].append(piece)
        else:
            bands.append([piece])
        reach = max(reach, piece.bottom)
    return bands


def _rows(pieces: Sequence[Line]) -> list[Line]:
    """Pieces that stand on one line put together, from the left."""
    rows: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda p: p.middle):
        last = rows[-1] if rows else None
        if last and abs(piece.middle - last[-1].middle) < 0.5 * min(piece.height, last[-1].height):
            last.append(piece)
        else:
            rows.append([piece])
    return [_merged(sorted(row, key=lambda p: p.left)) for row in rows]


def _merged(row: Sequence[Line]) -> Line:
    return replace(
        row[0],
        text=" ".join(piece.text.strip() for piece in row),
        top=min(piece.top for piece in row),
        right=max(piece.right for piece in row),
        bottom=max(piece.bottom for piece in row),
    )
