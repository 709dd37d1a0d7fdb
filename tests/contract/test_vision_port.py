"""What the `ocr` vision adapter promises, with the real models on pages made in the test."""

import asyncio
import os
import random
import signal
import textwrap
from collections.abc import AsyncIterator
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from pageset import ANSWERS, CONDITIONS, PRINT, page
from paper import Typeset, encoded, photographed, printed
from PIL import Image, ImageFilter
from transcripts import character_errors, kept_and_repaired, plain

import learning_worker.launch
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.domain.errors import ErrorCode, Fault, InputError, TransientError
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.domain.transcript import ILLEGIBLE
from learning_worker.ports import Page
from learning_worker.worker.pipeline import Bounds

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLES = Path(learning_worker.launch.__file__).parent / "samples"
TASK = Task("Erkläre, warum Pflanzen Licht brauchen.", ())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def vision() -> AsyncIterator[OcrVision]:
    adapter = OcrVision()
    await adapter.start()
    yield adapter
    await adapter.aclose()


def a_word() -> str:
    return "".join(random.choice("bdfgkmnprst") + random.choice("aeiou") for _ in range(5))


def a_page(*lines: str, page_nr: int = 1) -> Page:
    return Page(page_nr, text_layer=None, png=encoded(printed(lines, dpi=120)))


async def the_page(content: bytes, *, rotation: int = 0) -> Page:
    [page] = [
        page async for page in SandboxDecoder().pages(content, rotation=rotation, first_page_nr=1, skip=())
    ]
    return page


def likeness(found: str, wanted: str) -> float:
    return SequenceMatcher(None, found.split(), wanted.split(), autojunk=False).ratio()


async def test_a_word_nobody_knew_before_is_read_from_a_photograph(vision: OcrVision):
    word = a_word()
    picture = photographed(printed([f"Das Wort des Tages lautet {word} und steht hier."]), seed=3)

    reading = await vision.read(await the_page(encoded(picture, "JPEG", quality=80)), TASK)

    assert word in reading.text_md
    assert reading.source is TextSource.OCR


async def test_a_photographed_german_page_keeps_umlauts_and_paragraphs(vision: OcrVision):
    reading = await vision.read(await the_page((SAMPLES / "photo-de.jpg").read_bytes()), TASK)

    assert "Gasbläschen gezählt" in reading.text_md
    assert "Außerdem" in reading.text_md
    assert reading.text_md.count("\n\n") == 4
    assert reading.confidence is not None
    assert 0.9 < reading.confidence <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("rotation", [90, 180, 270])
async def test_a_page_photographed_sideways_or_upside_down_is_read_all_the_same(
    vision: OcrVision, rotation: int
):
    content = (SAMPLES / "photo-de.jpg").read_bytes()
    upright = await vision.read(await the_page(content), TASK)

    turned = await vision.read(await the_page(content, rotation=rotation), TASK)

    assert likeness(turned.text_md, upright.text_md) > 0.97


async def test_two_lines_that_stand_on_their_heads_are_not_taken_for_words(vision: OcrVision):
    lines = ["Pflanzen brauchen Licht.", "Das Wasser kommt aus dem Boden."]
    page = Page(1, None, encoded(printed(lines, dpi=80).rotate(180)))

    assert plain((await vision.read(page, TASK)).text_md) == " ".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("angle", [-9.0, 6.0])
async def test_a_crooked_page_is_read_in_order(vision: OcrVision, angle: float):
    lines = [f"Zeile {n} sagt {word}" for n, word in enumerate(["eins", "zwei", "drei", "vier", "fünf"])]
    page = await the_page(encoded(photographed(printed(lines), seed=5, angle=angle), "JPEG"))

    reading = await vision.read(page, TASK)

    assert plain(reading.text_md) == " ".join(lines)


async def test_two_columns_are_read_one_after_the_other(vision: OcrVision):
    left = printed([f"links {word} steht dies" for word in ("oben", "dann", "weiter", "unten")], dpi=120)
    right = printed([f"rechts {word} steht das" for word in ("oben", "dann", "weiter", "unten")], dpi=120)
    half = (0, 0, left.width // 2, left.height // 3)
    sheet = Image.new("RGB", (left.width, left.height // 3), "white")
    sheet.paste(left.crop(half), (0, 0))
    sheet.paste(right.crop(half), (left.width // 2, 0))

    reading = await vision.read(Page(1, None, encoded(sheet)), TASK)

    assert reading.text_md.index("links unten") < reading.text_md.index("rechts oben")


async def test_a_page_number_and_a_text_layer_pass_through(vision: OcrVision):
    assert (await vision.read(a_page("Hier steht etwas.", page_nr=4), TASK)).page_nr == 4
    assert await vision.read(Page(2, "Genau so.", None), TASK) == PageReading(
        2, "Genau so.", TextSource.LAYER
    )


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(lambda: printed([]), id="blank"),
        pytest.param(lambda: photographed(printed([], dpi=120), seed=1), id="blank photo"),
        pytest.param(lambda: Image.new("RGB", (900, 1200), "black"), id="dark"),
        pytest.param(lambda: Image.new("RGB", (1, 1), "white"), id="one pixel"),
        pytest.param(lambda: Image.new("RGB", (2400, 1), "white"), id="one row"),
        pytest.param(
            lambda: Image.fromarray(np.random.default_rng(1).integers(0, 255, (600, 400, 3), np.uint8)),
            id="noise",
        ),
    ],
)
async def test_a_page_with_nothing_on_it_is_unreadable_and_the_next_one_is_read(vision: OcrVision, picture):
    with pytest.raises(InputError) as raised:
        await vision.read(Page(1, None, encoded(picture())), TASK)

    assert raised.value.code == ErrorCode.INPUT_UNREADABLE
    assert "danach" in (await vision.read(a_page("Und danach kommt Text."), TASK)).text_md


@pytest.mark.parametrize("png", [b"no picture at all", encoded(Image.new("L", (2401, 10)))])
async def test_the_reader_opens_nothing_but_pictures_within_the_bounds(vision: OcrVision, png: bytes):
    with pytest.raises(InputError) as raised:
        await vision.read(Page(1, None, png), TASK)

    assert raised.value.code == ErrorCode.INPUT_UNREADABLE


async def test_a_reader_that_dies_fails_one_page_and_is_replaced(vision: OcrVision):
    await vision.start()
    assert vision.child_pid is not None
    os.kill(vision.child_pid, signal.SIGKILL)

    with pytest.raises(TransientError) as raised:
        await vision.read(a_page("Diese Seite geht verloren."), TASK)

    assert raised.value.code == Fault.READER_CRASHED
    assert "wieder" in (await vision.read(a_page("Jetzt geht es wieder."), TASK)).text_md


async def test_a_cancelled_page_never_answers_for_the_next_one(vision: OcrVision):
    crowded = Page(1, None, encoded(printed(["Die alte Seite mit viel Text."] * 40)))
    await vision.start()
    first_child = vision.child_pid
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await vision.read(crowded, TASK)

    reading = await vision.read(a_page("Eine neue Seite."), TASK)

    assert reading.text_md == "Eine neue Seite."
    assert vision.child_pid != first_child


async def test_a_page_that_takes_too_long_is_tried_again_later():
    hasty = OcrVision(page_timeout_s=0.01)
    try:
        with pytest.raises(TransientError) as raised:
            await hasty.read(a_page("Zu langsam."), TASK)
    finally:
        await hasty.aclose()

    assert raised.value.code == Fault.TIMEOUT
    assert hasty.child_pid is None


@pytest.mark.parametrize("answer", ["42", "Ja", "Eine neue Seite."])
async def test_a_word_or_two_on_an_empty_sheet_are_found(vision: OcrVision, answer: str):
    page = await the_page(encoded(photographed(printed([answer]), seed=1), "JPEG", quality=85))

    assert (await vision.read(page, TASK)).text_md == answer


@pytest.mark.parametrize(
    "condition",
    [
        "photo",
        pytest.param("blur", marks=pytest.mark.slow),
        pytest.param("perspective", marks=pytest.mark.slow),
        pytest.param("180°", marks=pytest.mark.slow),
        pytest.param("ruled", marks=pytest.mark.slow),
        pytest.param("red pen", marks=pytest.mark.slow),
        pytest.param("shadow", marks=pytest.mark.slow),
        pytest.param("noise", marks=pytest.mark.slow),
        pytest.param("pencil, squared, photo", marks=pytest.mark.slow),
    ],
)
async def test_print_is_read_with_umlauts_and_mistakes_as_they_stand(vision: OcrVision, condition: str):
    [writing], [shot] = PRINT[:1], [c for c in CONDITIONS if c.name == condition]
    answer = ANSWERS[0]

    reading = await vision.read(await the_page(page(answer, writing, shot, seed=1)), TASK)

    assert character_errors(reading.text_md, answer.text) <= len(answer.text) / 100
    assert kept_and_repaired(reading.text_md, answer.mistakes)[1] == 0
    assert reading.confidence is not None
    assert reading.confidence > Bounds().doubtful_below


async def test_doubtful_words_are_marked_and_many_of_them_make_a_page_unreadable(vision: OcrVision):
    lines = textwrap.wrap(ANSWERS[0].text, 76)
    blurred = printed(lines, dpi=200).filter(ImageFilter.GaussianBlur(5))

    reading = await vision.read(Page(1, None, encoded(blurred)), TASK)

    assert reading.text_md.count(ILLEGIBLE) >= 5
    assert reading.confidence is not None
    assert reading.confidence < Bounds().unreadable_below


@pytest.mark.slow
async def test_small_print_on_a_full_page_is_read(vision: OcrVision):
    words = [a_word() for _ in range(45)]
    lines = [f"{number + 10}. Das ist die Zeile mit {word} darin." for number, word in enumerate(words)]
    page = Page(1, None, encoded(printed(lines, typeset=Typeset(size=10, leading=15.5))))

    reading = await vision.read(page, TASK)

    assert sum(word in reading.text_md for word in words) >= 43
