"""Pages of a PDF, inside the decoder child: their text layer when it says everything, else a bounded picture."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from learning_worker.adapters.layout import Line, paragraphs

CORRUPT, UNSUPPORTED, TOO_LARGE = "input_corrupt", "input_unsupported", "input_too_large"

MAX_PAGE_CHARS = 100_000
_RENDER_DPI = 200
_MIN_LETTERS = 20
_MIN_LETTER_SHARE = 0.5
_MAX_ODD_SHARE = 0.02
_MAX_PICTURE_SHARE = 0.25
_MAX_PATHS = 400
_MAX_OBJECTS = 20_000
_FORM_DEPTH = 4
# Links and marks on text add no words of their own; every other annotation may be the answer itself.
_QUIET_ANNOTATIONS = frozenset(
    {
        pdfium.FPDF_ANNOT_LINK,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_POPUP,
    }
)


class Refused(Exception):
    """The file cannot be decoded; `code` is one of the final error codes."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_pdf(content: bytes, max_pages: int) -> pypdfium2.PdfDocument:
    """The document, checked for its page count. Raises Refused."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        wants_password = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Refused(UNSUPPORTED if wants_password else CORRUPT) from error
    if len(document) > max_pages:
        raise Refused(TOO_LARGE)
    if len(document) == 0:
        raise Refused(CORRUPT)
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()
    return document


def page_of(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """One page. Raises Refused when it cannot be parsed."""
    try:
        return document[index]
    except pypdfium2.PdfiumError as error:
        raise Refused(CORRUPT) from error


def text_layer(page: pypdfium2.PdfPage, max_pixels: int) -> str | None:
    """The page's text in reading order, None unless it is plausible and nothing on the page could say more.

    Raises Refused for a picture of more than `max_pixels` anywhere on the page, before it is unpacked.
    """
    text_says_all = _only_text(page, max_pixels)
    textpage = page.get_textpage()
    try:
        if textpage.count_chars() > MAX_PAGE_CHARS:
            raise Refused(TOO_LARGE)
        if not text_says_all:
            return None
        lines = list(_lines(textpage))
    finally:
        textpage.close()
    text = paragraphs(lines)
    return text if is_plausible(text) else None


def is_plausible(text: str) -> bool:
    """Whether this is writing and not the debris of an unmapped font."""
    visible = [char for char in text if not char.isspace()]
    letters = sum(char.isalpha() for char in visible)
    odd = sum(char in "\ufffd\u25a1" or "\ue000" <= char <= "\uf8ff" or ord(char) < 32 for char in visible)
    return (
        letters >= _MIN_LETTERS
        and letters >= _MIN_LETTER_SHARE * len(visible)
        and odd <= _MAX_ODD_SHARE * len(visible)
    )


def picture(page: pypdfium2.PdfPage, *, rotation: int, max_side: int, max_points: float) -> Image.Image:
    """The page as a picture of at most `max_side` pixels. Raises Refused for a page without a sound size."""
    width, height = page.get_size()
    if not (0 < width <= max_points and 0 < height <= max_points):
        raise Refused(TOO_LARGE if max(width, height) > max_points else CORRUPT)
    scale = min(_RENDER_DPI / 72, max_side / max(width, height))
    bitmap = page.render(scale=scale, rotation=rotation, rev_byteorder=True)
    try:
        rendered: Image.Image = bitmap.to_pil()
        return rendered.convert("RGB")
    finally:
        bitmap.close()


def _only_text(page: pypdfium2.PdfPage, max_pixels: int) -> bool:
    """Whether the page holds no scan, no ink and no filled-in form beside its text."""
    width, height = page.get_size()
    covered, paths = 0.0, 0
    for count, item in enumerate(page.get_objects(max_depth=_FORM_DEPTH)):
        if count > _MAX_OBJECTS:
            return False
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            covered += _checked_area(item, max_pixels)
        elif item.type == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
    return covered <= _MAX_PICTURE_SHARE * width * height and paths <= _MAX_PATHS and not _has_own_marks(page)


def _checked_area(item: Any, max_pixels: int) -> float:  # noqa: ANN401 - the class differs between pypdfium2 releases
    across, down = ctypes.c_uint(), ctypes.c_uint()
    if (
        pdfium.FPDFImageObj_GetImagePixelSize(item.raw, across, down)
        and across.value * down.value > max_pixels
    ):
        raise Refused(TOO_LARGE)
    left, bottom, right, top = item.get_bounds()
    return float(abs(right - left) * abs(top - bottom))


def _has_own_marks(page: pypdfium2.PdfPage) -> bool:
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MAX_OBJECTS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if subtype not in _QUIET_ANNOTATIONS:
            return True
    return False


def _lines(textpage: pypdfium2.PdfTextPage) -> Iterator[Line]:
    """The lines of the text layer in the order of the file, which is the order of reading for text set by a program."""
    line: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage.raw, index)
        if code in (10, 13):
            if boxes:
                yield _line_of(line, boxes)
            line, boxes = [], []
            continue
        line.append("\ufffd" if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code))
        if not line[-1].isspace():
            boxes.append(textpage.get_charbox(index, loose=True))
    if boxes:
        yield _line_of(line, boxes)


def _line_of(line: list[str], boxes: list[tuple[float, float, float, float]]) -> Line:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    # PDF counts from the bottom of the page upwards, a layout from the top downwards.
    return Line("".join(line).strip(), min(lefts), -max(tops), max(rights), -min(bottoms))
