"""A PDF as it is kept, made inside the decoder child: what stands on its pages, and nothing else.

A page whose text says everything is copied, by a list of what may come along. Any other page (a scan, ink, a form) is
kept as its picture. Title, author, XMP, attachments, scripts, annotations and comments in the file have no way in.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    ContentStream,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)

from learning_worker.adapters.pdf_pages import CORRUPT, Refused, open_pdf, page_of, picture, text_layer
from learning_worker.adapters.photos import PARSER_ERRORS, jpeg

_PAGE = ("/Rotate", "/Contents", "/Resources")
_RESOURCES = ("/Font", "/XObject", "/ColorSpace", "/ExtGState", "/Pattern", "/Shading")
# Whatever a font, a picture, a form, a pattern, a shading or a function needs to be drawn (PDF 1.7, chapters 7 to 9).
_DRAWN = frozenset(
    """
    Type Subtype Filter DecodeParms Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign
    Rows EndOfBlock BlackIs1 DamagedRowsBeforeError ColorTransform JBIG2Globals
    Width Height ColorSpace Intent ImageMask Mask Decode Interpolate SMask SMaskInData Matte
    FormType BBox Matrix Resources Group S CS I G BC TR
    BaseFont Encoding FirstChar LastChar Widths FontDescriptor ToUnicode DescendantFonts CIDSystemInfo CIDToGIDMap
    DW W DW2 W2 FontBBox FontMatrix CharProcs BaseEncoding Differences CMapName WMode UseCMap
    FontName FontStretch FontWeight Flags ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH AvgWidth
    MaxWidth MissingWidth FontFile FontFile2 FontFile3 Length1 Length2 Length3 CharSet CIDSet Registry Ordering Supplement
    LW LC LJ ML D RI OP op OPM Font FL SM SA BM CA ca AIS TK
    FunctionType Domain Range C0 C1 N Functions Bounds Encode Size BitsPerSample Order
    ShadingType Background AntiAlias Coords Function Extend BitsPerCoordinate BitsPerFlag VerticesPerRow
    PatternType PaintType TilingType XStep YStep Shading ExtGState WhitePoint BlackPoint Gamma
    """.split()  # noqa: SIM905 - a hundred names read better as a text
)
_TEXTS = frozenset({"/Registry", "/Ordering", "/CharSet"})
_DEVICE_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
_COMMENT = re.compile(rb"%[^\r\n]*")
_JPEG_NOTES = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})


@dataclass(frozen=True)
class Bounds:
    """What a PDF may hold: pages, pixels of a picture on them, a page's side in points; pictures are kept with max_side."""

    max_pages: int
    max_pixels: int
    max_side: int
    max_points: float


def cleaned(content: bytes, bounds: Bounds, next_page: Callable[[], None] = lambda: None) -> bytes:
    """The PDF to be kept, with as many pages as this one. `next_page` is called when a page is done. Raises Refused."""
    source = open_pdf(content, bounds.max_pages)
    kept = pypdfium2.PdfDocument.new()
    for index in range(len(source)):
        page = page_of(source, index)
        try:
            if text_layer(page, bounds.max_pixels) is not None and not _holds_odd_pictures(page):
                kept.import_pages(source, [index])
            else:
                shown = picture(page, rotation=0, max_side=bounds.max_side, max_points=bounds.max_points)
                _add_picture(kept, page, shown)
        finally:
            page.close()
        next_page()
    buffer = io.BytesIO()
    kept.save(buffer)
    try:
        return _rewritten(buffer.getvalue(), next_page)
    except (PyPdfError, *PARSER_ERRORS) as error:
        raise Refused(CORRUPT) from error


def warm_up() -> None:
    """Clean a page in memory: pypdf imports half of itself at first use, when the child may open no file any more."""
    writer = PdfWriter()
    drawing, form = DecodedStreamObject(), DecodedStreamObject()
    drawing.set_data(b"% note\nq 1 0 0 1 0 0 cm /X1 Do (x) Tj Q")
    form.set_data(b"% note\n0 g")
    form[NameObject("/Subtype")] = NameObject("/Form")
    page = writer.add_blank_page(10, 10)
    page[NameObject("/Contents")] = drawing.flate_encode()
    named = DictionaryObject({NameObject("/X1"): form.flate_encode()})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): named})
    buffer = io.BytesIO()
    writer.write(buffer)
    cleaned(buffer.getvalue(), Bounds(1, 100, 10, 1000.0))
    _rewritten(buffer.getvalue(), lambda: None)


def _add_picture(kept: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, shown: Image.Image) -> None:
    width, height = page.get_size()
    image = pypdfium2.PdfImage.new(kept)
    image.load_jpeg(io.BytesIO(jpeg(shown)), inline=True)
    image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
    sheet = kept.new_page(width, height)
    sheet.insert_obj(image)
    sheet.gen_content()
    sheet.close()


def _holds_odd_pictures(page: pypdfium2.PdfPage) -> bool:
    """Whether a picture on the page is packed in a way that is not looked into for what a camera wrote."""
    return any(
        "JPXDecode" in filters or ("DCTDecode" in filters and len(filters) > 1)
        for filters in _picture_filters(page)
    )


def _picture_filters(page: pypdfium2.PdfPage) -> Iterator[list[str]]:
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        yield item.get_filters()


def _rewritten(content: bytes, next_page: Callable[[], None]) -> bytes:
    reader, writer = PdfReader(io.BytesIO(content)), PdfWriter()
    seen: set[int] = set()
    for page in reader.pages:
        box = RectangleObject(tuple(page.cropbox))
        _strip_page(page, box, seen)
        writer.add_page(page)
        next_page()
    writer.metadata = None
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _strip_page(page: PageObject, box: RectangleObject, seen: set[int]) -> None:
    resources = page.get("/Resources", DictionaryObject()).get_object()
    contents = page.get_contents()
    for key in [key for key in page if key not in (*_PAGE, "/Type", "/Parent")]:
        del page[key]
    page[NameObject("/MediaBox")] = box
    if isinstance(resources, DictionaryObject):
        _strip_resources(resources, seen)
        page[NameObject("/Resources")] = resources
    if contents is not None:
        page[NameObject("/Contents")] = _without_comments(contents).flate_encode()


def _strip_resources(resources: DictionaryObject, seen: set[int]) -> None:
    for key in [key for key in resources if key not in _RESOURCES]:
        del resources[key]
    for key in list(resources):
        named = resources[key].get_object()
        if isinstance(named, DictionaryObject):
            for name in list(named):
                named[NameObject(name)] = _stripped(named.raw_get(name), name, seen)


def _stripped(value: PdfObject, key: str, seen: set[int]) -> PdfObject:
    """The value with everything below it stripped in place, each object once."""
    target = value.get_object() if isinstance(value, IndirectObject) else value
    if target is None or id(target) in seen:
        return value
    if isinstance(target, ArrayObject):
        return _stripped_array(target, key, value, seen)
    if isinstance(target, DictionaryObject):
        seen.add(id(target))
        _strip_dictionary(target, key, seen)
    return value


def _stripped_array(items: ArrayObject, key: str, value: PdfObject, seen: set[int]) -> PdfObject:
    if len(items) == 2 and items[0] == "/ICCBased":
        # A colour profile has room for notes; the plain space of as many channels is close enough for reading.
        profile = items[1].get_object()
        channels = profile.get("/N", 3) if isinstance(profile, DictionaryObject) else 3
        return NameObject(_DEVICE_SPACES.get(int(channels), "/DeviceRGB"))
    seen.add(id(items))
    for index in range(len(items)):
        items[index] = _stripped(list.__getitem__(items, index), key, seen)
    return value


def _strip_dictionary(target: DictionaryObject, key: str, seen: set[int]) -> None:
    if key == "/Resources":
        _strip_resources(target, seen)
        return
    for name in list(target):
        value = target.raw_get(name)
        is_text = isinstance(
            value.get_object() if isinstance(value, IndirectObject) else value,
            TextStringObject | ByteStringObject,
        )
        if (key != "/CharProcs" and name[1:] not in _DRAWN) or (is_text and name not in _TEXTS):
            del target[name]
        else:
            target[NameObject(name)] = _stripped(value, name, seen)
    if isinstance(target, StreamObject):
        _strip_stream(target, key)


def _strip_stream(stream: StreamObject, key: str) -> None:
    if stream.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        stream._data = _bare_jpeg(stream._data)  # pypdf has no public way to the packed bytes
    elif stream.get("/Subtype") == "/Form":
        stream.set_data(_without_comments(ContentStream(stream, None)).get_data())
    elif key == "/ToUnicode":
        stream.set_data(_COMMENT.sub(b"", stream.get_data()))


def _without_comments(contents: ContentStream) -> ContentStream:
    """A drawing, parsed and written anew where there may be comments: they do not survive that."""
    if b"%" in contents.get_data():
        contents.operations = contents.operations
        contents.set_data(contents.get_data())
    return contents


def _bare_jpeg(content: bytes) -> bytes:
    """A JPEG without its notes: EXIF, XMP, profiles, previews, comments. What is no JPEG comes back empty."""
    if not content.startswith(b"\xff\xd8"):
        return b""
    kept, at = [b"\xff\xd8"], 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xDA:
            end = content.rfind(b"\xff\xd9")
            kept.append(content[at:end] + b"\xff\xd9" if end > at else content[at:])
            break
        length = 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker not in _JPEG_NOTES:
            kept.append(content[at : at + length])
        at += length
    return b"".join(kept)
