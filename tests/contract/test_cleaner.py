"""What is kept of a handed-in file: what is seen on its pages, and nothing that came along unseen."""

import io
import zipfile
import zlib
from pathlib import Path

import pypdfium2
import pytest
from paper import assemble, encoded, pdf_of, pdf_with, printed, stream
from PIL import Image, PngImagePlugin

from learning_worker.adapters.rasterise import SandboxCleaner, SandboxDecoder
from learning_worker.domain.errors import ErrorCode, InputError
from learning_worker.domain.upload import FileKind
from learning_worker.ports import Page

CANARY = b"zzcanaryzz"
PROSE = ["Pflanzen brauchen Licht, weil sie damit 50 % Zucker herstellen.", "Ohne Licht geht das nicht."]
HEIC = Path(__file__).parents[1] / "files" / "phone.heic"


def hexed(word: bytes) -> bytes:
    return b"<" + word.hex().encode() + b">"


def a_photo(kind: str, **options: object) -> bytes:
    return encoded(Image.new("RGB", (60, 40), "white"), kind, **options)


def with_exif(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 29: CANARY.decode()})
    return a_photo(kind, exif=exif)


def with_png_notes() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", CANARY.decode())
    notes.add_itxt("XML:com.adobe.xmp", CANARY.decode())
    return a_photo("PNG", pnginfo=notes)


def a_pdf(catalog: bytes = b"", page: bytes = b"", trailer: bytes = b"", **extra: bytes) -> bytes:
    """A page of prose, with more entries in catalogue, page and trailer; extra: objects 10, 11, ..."""
    lines = b"".join(b"(%s) Tj T* " % line.encode("cp1252") for line in PROSE)
    drawing = extra.pop("drawing", b"") + b"BT /F1 12 Tf 18 TL 62 770 Td " + lines + b"ET"
    resources = b"/Resources<</Font<</F1 4 0 R>>%s>>" % extra.pop("resources", b"")
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R%s%s>>" % (resources, page),
        4: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/X(%s)>>" % CANARY,
        5: stream(drawing),
        **{10 + nr: body for nr, body in enumerate(extra.values())},
    }
    return assemble(objects, trailer=trailer)


def small_picture_with_exif() -> bytes:
    entries = (
        b"/Type/XObject/Subtype/Image/Width 60/Height 40/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        b"/Metadata 11 0 R/X(%s)" % CANARY
    )
    return a_pdf(
        resources=b"/XObject<</Im 10 0 R>>",
        drawing=b"q 60 0 0 40 300 100 cm /Im Do Q ",
        picture=stream(with_exif("JPEG"), entries),
        notes=stream(CANARY),
    )


def an_archive() -> bytes:
    """Valid wherever it stands at the end of a file, for archives are read from their end."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("note.txt", CANARY)
    return buffer.getvalue()


def a_pdf_within_a_photo() -> bytes:
    """A JPEG that is a PDF as well: the PDF stands in the JPEG's comment."""
    content = a_photo("JPEG", comment=a_pdf())
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 1
    return content


# How a note travels unseen: every one of them carries the canary, and none may.
HIDING_PLACES = {
    "EXIF and GPS in a JPEG": lambda: with_exif("JPEG"),
    "EXIF in a PNG": lambda: with_exif("PNG"),
    "EXIF in a WebP": lambda: with_exif("WEBP"),
    "EXIF and XMP in a HEIC": HEIC.read_bytes,
    "a comment in a JPEG": lambda: a_photo("JPEG", comment=CANARY),
    "XMP in a JPEG": lambda: a_photo("JPEG", xmp=CANARY),
    "a colour profile in a JPEG": lambda: a_photo("JPEG", icc_profile=CANARY * 20),
    "text and XMP in a PNG": with_png_notes,
    "bytes behind a JPEG": lambda: a_photo("JPEG") + CANARY,
    "bytes behind a PNG": lambda: a_photo("PNG") + CANARY,
    "title and author of a PDF": lambda: a_pdf(trailer=b"/Info<</Title(%s)/Author(%s)>>" % (CANARY, CANARY)),
    "title of a PDF in hex": lambda: a_pdf(trailer=b"/Info<</Title%s>>" % hexed(CANARY)),
    "XMP of a PDF": lambda: a_pdf(b"/Metadata 10 0 R", xmp=stream(CANARY, b"/Type/Metadata/Subtype/XML")),
    "a script in a PDF": lambda: a_pdf(b"/OpenAction<</S/JavaScript/JS(%s)>>" % CANARY),
    "named scripts in a PDF": lambda: a_pdf(
        b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(%s)>>]>>>>" % CANARY
    ),
    "a file in a PDF": lambda: a_pdf(
        b"/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(%s)/EF<</F 10 0 R>>>>]>>>>" % CANARY,
        file=stream(CANARY, b"/Type/EmbeddedFile"),
    ),
    "a file at a page": lambda: a_pdf(
        page=b"/AF[<</Type/Filespec/EF<</F 10 0 R>>>>]", file=stream(CANARY, b"/Type/EmbeddedFile")
    ),
    "an action of a page": lambda: a_pdf(page=b"/AA<</O<</S/JavaScript/JS(%s)>>>>" % CANARY),
    "a link to somewhere": lambda: a_pdf(
        page=b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://%s/)>>>>]" % CANARY
    ),
    "a note on a page": lambda: a_pdf(
        page=b"/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(%s)/T(%s)>>]" % (CANARY, CANARY)
    ),
    "what a program kept with a page": lambda: a_pdf(page=b"/PieceInfo<</App<</Private(%s)>>>>" % CANARY),
    "a comment between objects": lambda: a_pdf().replace(b"endobj\n2 0", b"endobj\n%zzcanaryzz\n2 0"),
    "a comment in a drawing": lambda: a_pdf(drawing=b"% zzcanaryzz\n"),
    "bytes behind a PDF": lambda: a_pdf() + CANARY,
    "EXIF in a picture on a page": small_picture_with_exif,
    "a PDF that is a photo": a_pdf_within_a_photo,
    "a photo that is an archive": lambda: a_photo("JPEG") + an_archive(),
    "a picture that is an archive": lambda: a_photo("PNG") + an_archive(),
    "a PDF that is an archive": lambda: a_pdf() + an_archive(),
    "a PDF that is a web page": lambda: b"<html><script>" + CANARY + b"</script><!--\n" + a_pdf(),
    "a scan's EXIF in a PDF": lambda: pdf_with(
        [b"q 595 0 0 842 0 0 cm /X10 Do Q"],
        extra=[
            stream(
                with_exif("JPEG"),
                b"/Type/XObject/Subtype/Image/Width 60/Height 40/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
            )
        ],
    ),
}


def unpacked(content: bytes) -> bytes:
    """The file with every packed stream in it laid open."""
    found = [content]
    for start in range(len(content)):
        if content.startswith(b"stream", start) and not content.startswith(b"endstream", start - 3):
            try:
                found.append(zlib.decompressobj().decompress(content[start + 6 :].lstrip(b"\r\n")))
            except zlib.error:
                continue
    return b"".join(found)


async def pages_of(content: bytes) -> list[Page]:
    return [page async for page in SandboxDecoder().pages(content, rotation=0, first_page_nr=1, skip=())]


@pytest.mark.slow
@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in HIDING_PLACES.items()])
async def test_nothing_that_came_along_unseen_is_kept(make):
    content = make()
    assert CANARY in content or hexed(CANARY) in content

    kept = await SandboxCleaner().cleaned(content, 0)

    laid_open = unpacked(kept.content)
    assert CANARY not in laid_open
    assert hexed(CANARY).strip(b"<>") not in laid_open.lower()
    assert len(await pages_of(kept.content)) == 1


async def test_a_typed_pdf_keeps_its_words_and_looks():
    content = a_pdf(b"/Metadata 10 0 R", xmp=stream(CANARY))

    kept = await SandboxCleaner().cleaned(content, 0)

    assert CANARY not in unpacked(kept.content)
    [before], [after] = await pages_of(content), await pages_of(kept.content)
    assert after.text_layer == before.text_layer == "\n".join(PROSE)
    with pypdfium2.PdfDocument(content) as old, pypdfium2.PdfDocument(kept.content) as new:
        assert old[0].render().to_pil().tobytes() == new[0].render().to_pil().tobytes()


async def test_pages_of_a_mixed_pdf_keep_their_order():
    kept = await SandboxCleaner().cleaned(pdf_of([PROSE, ["Nr. 4"], PROSE]), 90)

    pages = await pages_of(kept.content)
    assert [page.text_layer is None for page in pages] == [False, True, False]
    assert (kept.kind, kept.rotation) == (FileKind.PDF, 90)


async def test_a_telephones_photo_is_upright_and_a_jpeg():
    kept = await SandboxCleaner().cleaned(HEIC.read_bytes(), 0)

    assert kept.kind is FileKind.JPEG
    assert Image.open(io.BytesIO(kept.content)).size == (827, 500)
    assert CANARY not in kept.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ErrorCode.INPUT_CORRUPT),
        (HEIC.read_bytes()[:9000], ErrorCode.INPUT_CORRUPT),
        (HEIC.read_bytes()[:40], ErrorCode.INPUT_CORRUPT),
        (a_photo("PNG")[:60], ErrorCode.INPUT_CORRUPT),
        (b"%PDF-1.7\n", ErrorCode.INPUT_CORRUPT),
        (b"PK\x03\x04" + bytes(40), ErrorCode.INPUT_UNSUPPORTED),
        (encoded(printed(["x"], dpi=30)) + bytes(21 << 20), ErrorCode.INPUT_TOO_LARGE),
    ],
    ids=["empty", "half a HEIC", "a HEIC's head", "half a PNG", "a PDF's head", "an archive", "21 MB"],
)
async def test_what_cannot_be_opened_is_not_kept(content: bytes, code: ErrorCode):
    with pytest.raises(InputError) as raised:
        await SandboxCleaner().cleaned(content, 0)

    assert raised.value.code == code
