"""Paper for tests and samples: small PDFs written by hand, and photographs of them.

PDFium carries Latin-1 fonts of its own, so nothing has to be installed to set a page with umlauts.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2
from PIL import Image

A4 = (595.0, 842.0)


@dataclass(frozen=True)
class Typeset:
    """How lines stand on a page, in points. An empty line is a paragraph gap."""

    font: str = "Helvetica"
    size: float = 12.0
    leading: float = 18.0
    left: float = 62.0
    top: float = 770.0
    media_box: tuple[float, float] = A4


def pdf_of(pages: Sequence[Sequence[str]], typeset: Typeset | None = None) -> bytes:
    """A PDF with a real text layer, one list of lines per page."""
    style = typeset or Typeset()
    return pdf_with([_content_of(lines, style) for lines in pages], style)


def pdf_with(
    contents: Sequence[bytes], typeset: Typeset | None = None, *, extra: Sequence[bytes] = ()
) -> bytes:
    """A PDF with these content streams; `extra` objects are numbered from 10, page resources name them /X10 and on."""
    style = typeset or Typeset()
    width, height = style.media_box
    images = b" ".join(b"/X%d %d 0 R" % (10 + n, 10 + n) for n in range(len(extra)))
    font = b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % style.font.encode()
    first_page = 10 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first_page + 2 * n) for n in range(len(contents)))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(contents)),
        3: font,
        **{10 + n: body for n, body in enumerate(extra)},
    }
    for n, content in enumerate(contents):
        number = first_page + 2 * n
        objects[number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>/XObject<<%s>>>>>>" % (width, height, number + 1, images)
        )
        objects[number + 1] = stream(content)
    return assemble(objects)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object with extra dictionary entries."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def assemble(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """Objects with a valid cross-reference table; object 1 is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(out)


def printed(lines: Sequence[str], *, dpi: int = 200, typeset: Typeset | None = None) -> Image.Image:
    """The page as a clean scan."""
    with pypdfium2.PdfDocument(pdf_of([lines], typeset)) as document:
        picture = document[0].render(scale=dpi / 72).to_pil()
    return picture.convert("RGB")


def photographed(page: Image.Image, *, seed: int, angle: float = 2.0) -> Image.Image:
    """The page as a phone would take it: turned a little, shaded from one corner, slightly soft, with sensor noise."""
    rng = np.random.default_rng(seed)
    paper = np.asarray(page, dtype=np.float32)
    height, width = paper.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 0.94)
    shot = cv2.warpAffine(paper, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(96, 104, 112))
    shot = cv2.GaussianBlur(shot, (0, 0), 0.8)
    across = np.linspace(0.0, 1.0, width, dtype=np.float32)[None, :]
    down = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    light = 1.0 - 0.38 * np.clip(0.6 * across + 0.7 * down - 0.25, 0.0, 1.0)
    tint = np.array([1.0, 0.97, 0.90], dtype=np.float32)
    shot = shot * light[:, :, None] * tint + rng.normal(0.0, 3.5, shot.shape).astype(np.float32)
    return Image.fromarray(np.clip(shot, 0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The picture as file content."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _content_of(lines: Sequence[str], style: Typeset) -> bytes:
    shown = [b"BT /F1 %f Tf %f TL %f %f Td" % (style.size, style.leading, style.left, style.top)]
    for line in lines:
        escaped = line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        shown.append(b"(%s) Tj T*" % escaped)
    shown.append(b"ET")
    return b"\n".join(shown)
