"""What the decoder promises about files that are broken, odd or made to do harm; each file is made in the test."""

import asyncio
import io
import os
import resource
import struct
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from paper import Typeset, assemble, encoded, pdf_of, pdf_with, printed, stream
from PIL import Image

import learning_worker.launch
from learning_worker.adapters.rasterise import DecodeLimits, SandboxCleaner, SandboxDecoder
from learning_worker.domain.errors import ErrorCode, InputError
from learning_worker.ports import Page

PROSE = ["Pflanzen brauchen Licht, weil sie damit Zucker herstellen.", "Ohne Licht geht das nicht."]
CANARY = "zzcanaryzz"
# Of the processor, so that a busy machine does not show.
HALF_A_MINUTE_S = 30


async def pages_of(
    content: bytes, *, rotation: int = 0, first: int = 1, skip: tuple[int, ...] = (), limits=None
) -> list[Page]:
    decoder = SandboxDecoder(limits)
    return [page async for page in decoder.pages(content, rotation=rotation, first_page_nr=first, skip=skip)]


def proc(name: str, pid: int | str = "self") -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


def peak_kib() -> int:
    return next(int(line.split()[1]) for line in proc("status").splitlines() if line.startswith("VmHWM"))


def reset_peak_kib() -> int:
    """The worker's peak memory counts from here; returns where it starts."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_kib()


def children_s() -> float:
    """Processor time of all children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def picture_of(page: Page) -> Image.Image:
    assert page.png is not None
    return Image.open(io.BytesIO(page.png))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, *before_data: bytes, colour: bool = False) -> bytes:
    """A black PNG of any declared size, packed as small as it goes."""
    packer = zlib.compressobj(9)
    row = bytes(width * (3 if colour else 1) + 1)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2 if colour else 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before_data) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zeros_packed(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(mebibytes)) + packer.flush()


def huge_picture_in_pdf() -> bytes:
    entries = (
        b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/Filter/FlateDecode"
    )
    image = stream(zeros_packed(1), entries)
    return pdf_with([b"q 500 0 0 500 50 50 cm /X10 Do Q"], extra=[image])


def endless_drawing() -> bytes:
    """Megabytes of strokes with rounded dashes, packed to some kilobytes: costs time, not memory."""
    return _with_content(zlib.compress(drawing(300_000), 9), b"/Filter/FlateDecode")


def drawing(strokes: int) -> bytes:
    """Strokes with rounded dashes, which take about a sixth of a second each to draw."""
    return b"[0.02 0.02] 0 d 1 J 3 w " + b"0 0 m 100 800 200 -400 595 842 c 0 842 m 595 0 l S " * strokes


def slow_pages(count: int) -> bytes:
    """Each page costs about half a second of processor time."""
    return pdf_with([drawing(2)] * count)


def flate_in_flate() -> bytes:
    return _with_content(zlib.compress(zeros_packed(1500), 9), b"/Filter[/FlateDecode/FlateDecode]")


def _with_content(content: bytes, entries: bytes) -> bytes:
    return assemble(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
            4: stream(content, entries),
        }
    )


def ten_thousand_pages() -> bytes:
    return assemble(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Kids[%s]/Count 10000>>" % (b"3 0 R " * 10_000),
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        }
    )


def encrypted() -> bytes:
    entries = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O(%s)/U(%s)>>/ID[(0123456789abcdef)(0123456789abcdef)]"
    )
    return assemble(
        {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"},
        trailer=entries % (b"o" * 32, b"u" * 32),
    )


def pages_in_a_circle() -> bytes:
    return assemble({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"})


def nested_pdf() -> bytes:
    return assemble({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Kids" + b"[" * 5000 + b"]" * 5000 + b">>"})


HEIC = (Path(__file__).parents[1] / "files" / "phone.heic").read_bytes()
PHOTO = printed(PROSE, dpi=100)
JPEG = encoded(PHOTO, "JPEG")
PDF = pdf_of([PROSE])

REFUSED: list[tuple[str, Callable[[], bytes], ErrorCode]] = [
    ("no bytes", lambda: b"", ErrorCode.INPUT_CORRUPT),
    ("half a JPEG", lambda: JPEG[: len(JPEG) // 2], ErrorCode.INPUT_CORRUPT),
    ("a JPEG's first bytes", lambda: JPEG[:3], ErrorCode.INPUT_CORRUPT),
    ("a script behind a JPEG's first bytes", lambda: b"\xff\xd8\xff<script>", ErrorCode.INPUT_CORRUPT),
    ("half a PNG", lambda: png_of(500, 500)[:200], ErrorCode.INPUT_CORRUPT),
    ("a WebP without picture", lambda: b"RIFF\x10\x00\x00\x00WEBPVP8 ", ErrorCode.INPUT_CORRUPT),
    ("a PDF's first bytes", lambda: b"%PDF-1.7\n", ErrorCode.INPUT_CORRUPT),
    ("a PDF without pages", lambda: pdf_with([]), ErrorCode.INPUT_CORRUPT),
    ("a PDF with a password", encrypted, ErrorCode.INPUT_UNSUPPORTED),
    ("a program", lambda: b"\x7fELF\x02\x01\x01" + bytes(50), ErrorCode.INPUT_UNSUPPORTED),
    ("a film", lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(50), ErrorCode.INPUT_UNSUPPORTED),
    ("an AVIF picture", lambda: b"\x00\x00\x00\x18ftypavif" + bytes(50), ErrorCode.INPUT_UNSUPPORTED),
    ("a GIF", lambda: b"GIF89a" + bytes(50), ErrorCode.INPUT_UNSUPPORTED),
    ("a PDF cut short", lambda: PDF[:-400], ErrorCode.INPUT_CORRUPT),
    ("a PDF behind a kilobyte of zeros", lambda: bytes(1025) + PDF, ErrorCode.INPUT_UNSUPPORTED),
    ("a WebP cut short", lambda: encoded(PHOTO, "WEBP")[:-500], ErrorCode.INPUT_CORRUPT),
    ("a PNG behind a JPEG's first bytes", lambda: b"\xff\xd8\xff" + png_of(9, 9), ErrorCode.INPUT_CORRUPT),
    ("a JPEG in a PNG's clothes", lambda: b"\x89PNG\r\n\x1a\n" + JPEG, ErrorCode.INPUT_CORRUPT),
    ("zeros", lambda: bytes(5000), ErrorCode.INPUT_UNSUPPORTED),
    ("half a HEIC", lambda: HEIC[:9000], ErrorCode.INPUT_CORRUPT),
    ("a HEIC's first bytes", lambda: HEIC[:64], ErrorCode.INPUT_CORRUPT),
    ("a HEIC of zeros", lambda: HEIC[:64] + bytes(20_000), ErrorCode.INPUT_CORRUPT),
    ("a PNG of no size", lambda: png_of(0, 0), ErrorCode.INPUT_CORRUPT),
    ("a PDF's head before a JPEG", lambda: b"%PDF-1.7\n" + JPEG, ErrorCode.INPUT_CORRUPT),
    ("a PDF that is its own parent", pages_in_a_circle, ErrorCode.INPUT_CORRUPT),
    ("a PDF nested 5000 deep", nested_pdf, ErrorCode.INPUT_CORRUPT),
    ("an archive", lambda: b"PK\x03\x04" + bytes(50), ErrorCode.INPUT_UNSUPPORTED),
    ("21 MB", lambda: JPEG + bytes(21 << 20), ErrorCode.INPUT_TOO_LARGE),
    ("144 megapixels in a small PNG", lambda: png_of(12_000, 12_000), ErrorCode.INPUT_TOO_LARGE),
    (
        "a comment of 256 MB in a small PNG",
        lambda: png_of(10, 10, chunk(b"zTXt", b"Comment\x00\x00" + zeros_packed(256))),
        ErrorCode.INPUT_TOO_LARGE,
    ),
    ("10 000 pages", ten_thousand_pages, ErrorCode.INPUT_TOO_LARGE),
    ("51 pages", lambda: pdf_of([PROSE] * 51), ErrorCode.INPUT_TOO_LARGE),
    ("900 megapixels in a PDF", huge_picture_in_pdf, ErrorCode.INPUT_TOO_LARGE),
    (
        "a page of five kilometres",
        lambda: pdf_with([b""], Typeset(media_box=(1.4e7, 1.4e7))),
        ErrorCode.INPUT_TOO_LARGE,
    ),
    ("1.5 GB packed twice", flate_in_flate, ErrorCode.INPUT_TOO_LARGE),
]


@pytest.mark.parametrize(("make", "code"), [pytest.param(m, c, id=n) for n, m, c in REFUSED])
async def test_a_bad_file_is_refused_with_its_reason_and_costs_the_worker_nothing(
    make: Callable[[], bytes], code: ErrorCode
):
    content = make()
    before_kib = reset_peak_kib()

    before_s = children_s()
    with pytest.raises(InputError) as raised:
        await pages_of(content)

    assert raised.value.code == code
    assert children_s() - before_s < HALF_A_MINUTE_S
    assert peak_kib() - before_kib < 20 * 1024
    [page] = await pages_of(PDF)
    assert page.text_layer == "\n".join(PROSE)


@pytest.mark.parametrize("is_kept", [False, True], ids=["read", "kept"])
async def test_a_page_that_takes_for_ever_is_too_large(is_kept: bool):
    limits = DecodeLimits(cpu_s=1)

    with pytest.raises(InputError) as raised:
        await (
            SandboxCleaner(limits).cleaned(endless_drawing(), 0)
            if is_kept
            else pages_of(endless_drawing(), limits=limits)
        )

    assert raised.value.code == ErrorCode.INPUT_TOO_LARGE


async def test_a_file_that_fills_the_memory_is_too_large():
    with pytest.raises(InputError) as raised:
        await pages_of(png_of(6300, 6300, colour=True), limits=DecodeLimits(address_space=180 << 20))

    assert raised.value.code == ErrorCode.INPUT_TOO_LARGE


@pytest.mark.slow
async def test_a_page_that_takes_for_ever_ends_within_half_a_minute_of_the_processor():
    before_s = children_s()

    with pytest.raises(InputError):
        await pages_of(endless_drawing())

    assert children_s() - before_s < HALF_A_MINUTE_S


@pytest.mark.slow
async def test_slow_pages_are_too_large_together_before_half_a_minute_is_over():
    assert DecodeLimits().file_cpu_s < HALF_A_MINUTE_S
    decoder = SandboxDecoder(DecodeLimits(cpu_s=1, file_cpu_s=2))
    pages = decoder.pages(slow_pages(50), rotation=0, first_page_nr=1, skip=())
    await anext(pages)

    with pytest.raises(InputError) as raised:
        [page async for page in pages]

    assert raised.value.code == ErrorCode.INPUT_TOO_LARGE


@pytest.mark.slow
async def test_every_page_of_a_file_that_is_kept_has_its_own_time():
    before_s = children_s()

    await SandboxCleaner(DecodeLimits(cpu_s=1)).cleaned(slow_pages(7), 0)

    assert children_s() - before_s > 2


PEAK = """
    import asyncio, resource, sys
    from learning_worker.adapters.rasterise import SandboxCleaner, SandboxDecoder
    from learning_worker.domain.errors import InputError

    async def main():
        content = sys.stdin.buffer.read()
        for handled in (SandboxDecoder().pages(content, rotation=0, first_page_nr=1, skip=()).__anext__,
                        lambda: SandboxCleaner().cleaned(content, 0)):
            try:
                await handled()
            except InputError as error:
                print(error.code)

    asyncio.run(main())
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [flate_in_flate, lambda: png_of(6300, 6300, colour=True)], ids=["PDF", "photo"]
)
def test_no_child_of_the_decoder_takes_more_than_its_memory(make: Callable[[], bytes]):
    # A worker of its own: the most that any of its children took is then what these two took.
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(PEAK)], input=make(), capture_output=True, timeout=60
    )

    *_, peak = done.stdout.split()
    assert 20 * 1024 < int(peak) < 1024 * 1024, done.stderr


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_pictures_of_every_kind_become_bounded_pngs(kind: str):
    photo = Image.new("RGB", (4000, 3000), "white")

    [page] = await pages_of(encoded(photo, kind), first=7)

    assert page.page_nr == 7
    assert page.text_layer is None
    assert picture_of(page).size == (2400, 1800)


async def test_a_small_picture_is_not_blown_up():
    [page] = await pages_of(encoded(Image.new("RGB", (40, 30))))

    assert picture_of(page).size == (40, 30)


async def test_nothing_the_camera_wrote_comes_along():
    exif = Image.Exif()
    exif[0x010E] = CANARY
    photo = encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif, comment=CANARY.encode())
    assert CANARY.encode() in photo

    [page] = await pages_of(photo)

    assert page.png is not None
    assert CANARY.encode() not in page.png
    assert not picture_of(page).info


async def test_a_photo_is_turned_as_the_camera_and_then_the_pupil_say():
    exif = Image.Exif()
    exif[0x0112] = 6
    corner = Image.new("RGB", (60, 40), "white")
    corner.paste("black", (0, 0, 20, 20))
    photo = encoded(corner, "PNG", exif=exif)

    [camera], [pupil] = await pages_of(photo), await pages_of(photo, rotation=90)

    assert picture_of(camera).size == (40, 60)
    assert picture_of(camera).getpixel((35, 5)) == (0, 0, 0)
    assert picture_of(pupil).size == (60, 40)
    assert picture_of(pupil).getpixel((55, 35)) == (0, 0, 0)


async def test_what_was_transparent_is_paper():
    [page] = await pages_of(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))))

    assert picture_of(page).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
async def test_pictures_in_every_mode_are_shown(mode: str):
    kind = "JPEG" if mode == "CMYK" else "PNG"

    [page] = await pages_of(encoded(Image.new(mode, (30, 20)), kind))

    assert picture_of(page).mode == "RGB"


async def test_a_pdf_is_read_by_its_text_layer_with_paragraphs():
    first = ["Schools should start later because teenagers need sleep.", "", "A second thought follows here."]

    pages = await pages_of(pdf_of([first, PROSE]), first=3)

    assert [page.page_nr for page in pages] == [3, 4]
    assert pages[0].text_layer == "\n".join(first)


async def test_umlauts_come_out_of_the_text_layer():
    [page] = await pages_of(pdf_of([["Die Größe der Bläschen wächst außerdem mit der Wärme."]]))

    assert page.text_layer == "Die Größe der Bläschen wächst außerdem mit der Wärme."


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_a_scanned_page_is_turned_as_the_file_and_then_the_pupil_say(rotation: int):
    corner = b"1 1 1 rg 0 0 595 842 re f 0 0 0 rg 0 742 100 100 re f"
    lying = pdf_with([corner]).replace(b"/MediaBox", b"/Rotate 90/MediaBox")

    [page] = await pages_of(lying, rotation=rotation)

    shown = picture_of(page).convert("L")
    # A black square top left; the file turns the page once to the right, and the pupil on from there.
    corners = {0: (0, 0), 90: (1, 0), 180: (1, 1), 270: (0, 1)}
    across, down = corners[(90 + rotation) % 360]
    spot = (shown.width - 50 if across else 50, shown.height - 50 if down else 50)
    assert shown.getpixel(spot) < 50
    assert (shown.width > shown.height) == (rotation in (0, 180))


async def test_a_pdf_need_not_begin_with_its_header():
    [page] = await pages_of(b"\n" + PDF)

    assert page.text_layer is not None


@pytest.mark.parametrize(
    "lines", [[], ["Nr. 4"], ["1234567890 " * 5, "+-*/ = 12"]], ids=["nothing", "few letters", "no letters"]
)
async def test_a_page_whose_text_layer_says_little_is_shown_as_a_picture(lines: list[str]):
    [page] = await pages_of(pdf_of([lines]))

    assert page.text_layer is None
    assert max(picture_of(page).size) <= 2400


async def test_a_scan_with_words_printed_on_it_is_shown_as_a_picture():
    scan = encoded(printed(PROSE, dpi=60), "JPEG")
    entries = (
        b"/Type/XObject/Subtype/Image/Width 496/Height 702/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/DCTDecode"
    )
    words = b"BT /F1 12 Tf 50 50 Td (Scanned with a very friendly scanner app) Tj ET"
    content = b"q 595 0 0 842 0 0 cm /X10 Do Q " + words

    [page] = await pages_of(pdf_with([content], extra=[stream(scan, entries)]))

    assert page.text_layer is None
    assert page.png is not None


async def test_pages_that_were_read_before_are_counted_and_not_decoded():
    pages = await pages_of(pdf_of([PROSE] * 3), first=5, skip=(5, 7))

    assert [(page.page_nr, page.text_layer is None, page.png) for page in pages] == [
        (5, True, None),
        (6, False, None),
        (7, True, None),
    ]
    assert await pages_of(JPEG, first=9, skip=(9,)) == [Page(9, None, None)]


def children() -> list[int]:
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


async def test_the_decoder_is_sealed_while_it_works_and_gone_when_the_loop_is_left():
    before = set(children())
    scans = pdf_of([["Nr. 4"]] * 50, Typeset(media_box=(2000.0, 2000.0)))
    async with aclosing(SandboxDecoder().pages(scans, rotation=0, first_page_nr=1, skip=())) as pages:
        await anext(pages)

        [child] = set(children()) - before
        status = proc("status", child)
        limits = proc("limits", child)
        environment = proc("environ", child)

    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "Threads:\t1" in status
    assert any(line.split()[:4] == ["Max", "address", "space", str(1 << 30)] for line in limits.splitlines())
    assert any(line.split()[:4] == ["Max", "file", "size", "0"] for line in limits.splitlines())
    assert "DATABASE_URL" not in environment
    assert "HOME=/nonexistent\0" in environment
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


async def test_twenty_files_at_once_do_not_disturb_each_other():
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(pages_of(pdf_of([[f"Das ist die Datei mit der Nummer {n}."]])))
            for n in range(20)
        ]

    assert [task.result()[0].text_layer for task in tasks] == [
        f"Das ist die Datei mit der Nummer {n}." for n in range(20)
    ]


async def test_the_sample_essay_is_read_by_its_text_layer():
    content = Path(learning_worker.launch.__file__).with_name("samples").joinpath("essay-en.pdf").read_bytes()

    [page] = await pages_of(content)

    assert page.text_layer is not None
    assert page.text_layer.startswith("Should schools start later?\n\nIn our class book")
    assert page.text_layer.count("\n\n") == 5
