"""What every VisionAdapter promises: `ocr` with its models, `local` against the exact fake server, with and without
the reader that sets pages upright, the tests' own fake."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fake_ollama import MODEL, a_fake_ollama
from fakes import FakeVision, Script
from paper import encoded, printed
from PIL import Image

from learning_worker.adapters.local_vision import LocalVision, VisionTerms
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.adapters.upright import UprightVision
from learning_worker.domain.errors import ErrorCode, Fault, InputError, PermanentError
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.ports import Page, VisionAdapter

pytestmark = pytest.mark.asyncio(loop_scope="module")
TASK = Task("Erkläre, warum Pflanzen Licht brauchen.", ())
WORDS = "Pflanzen brauchen Licht."
WRITTEN = encoded(printed([WORDS], dpi=120))
EMPTY = encoded(Image.new("L", (600, 800), 255))


@dataclass
class Subject:
    """An adapter that would read WORDS from the page WRITTEN, and nothing from EMPTY if it is asked next."""

    adapter: VisionAdapter
    source: TextSource


@contextlib.asynccontextmanager
async def ocr() -> AsyncIterator[Subject]:
    yield Subject(OcrVision(), TextSource.OCR)


@contextlib.asynccontextmanager
async def local() -> AsyncIterator[Subject]:
    async def looks(exchange) -> None:
        (shown,) = (image for message in exchange.body["messages"] for image in message.get("images", ()))
        is_written = base64.b64decode(shown) == WRITTEN
        await exchange.chat({"page": "text", "text": WORDS} if is_written else {"page": "blank", "text": ""})

    async with a_fake_ollama(always=looks, capabilities=("completion", "vision")) as server:
        yield Subject(
            LocalVision(OllamaClient(OllamaConfig(server.url)), VisionTerms(MODEL)), TextSource.MODEL
        )


@contextlib.asynccontextmanager
async def upright_local() -> AsyncIterator[Subject]:
    async with local() as subject:
        yield Subject(UprightVision(subject.adapter, OcrVision()), subject.source)


class LookingFake(FakeVision):
    """The tests' fake, which never looks, told what an empty page is."""

    async def read(self, page: Page, task: Task) -> PageReading:
        if page.png == EMPTY:
            raise InputError(ErrorCode.INPUT_UNREADABLE)
        return await super().read(page, task)


@contextlib.asynccontextmanager
async def fake() -> AsyncIterator[Subject]:
    yield Subject(LookingFake(Script(), text_md=WORDS), TextSource.MODEL)


@pytest_asyncio.fixture(
    params=[ocr, local, upright_local, fake],
    ids=lambda make: make.__name__,
    scope="module",
    loop_scope="module",
)
async def subject(request) -> AsyncIterator[Subject]:
    async with request.param() as ready:
        yield ready
        await ready.adapter.aclose()


async def test_a_picture_becomes_its_words_with_page_number_and_confidence(subject: Subject):
    reading = await subject.adapter.read(Page(4, None, WRITTEN), TASK)

    assert (reading.page_nr, reading.text_md, reading.source) == (4, WORDS, subject.source)
    assert reading.confidence is not None
    assert 0.75 <= reading.confidence <= 1.0


async def test_a_text_layer_passes_through_as_it_stands(subject: Subject):
    layer = "Die Pflantzen brauchn Licht.\n\n# kein Titel"

    reading = await subject.adapter.read(Page(2, layer, None), TASK)

    assert reading == PageReading(2, layer, TextSource.LAYER)


async def test_an_empty_page_is_unreadable_and_the_next_page_is_read(subject: Subject):
    with pytest.raises(InputError) as raised:
        await subject.adapter.read(Page(1, None, EMPTY), TASK)
    reading = await subject.adapter.read(Page(2, None, WRITTEN), TASK)

    assert raised.value.final is ErrorCode.INPUT_UNREADABLE
    assert reading.text_md == WORDS


async def test_a_page_without_picture_and_text_is_our_own_fault(subject: Subject):
    with pytest.raises(PermanentError) as raised:
        await subject.adapter.read(Page(1, None, None), TASK)

    assert raised.value.code == Fault.UNEXPECTED


async def test_a_reading_that_is_given_up_never_answers_for_the_next_page(subject: Subject):
    given_up = asyncio.create_task(subject.adapter.read(Page(1, None, EMPTY), TASK))
    await asyncio.sleep(0)
    given_up.cancel()
    with contextlib.suppress(asyncio.CancelledError, InputError):
        await given_up

    reading = await subject.adapter.read(Page(2, None, WRITTEN), TASK)

    assert (reading.page_nr, reading.text_md) == (2, WORDS)


async def test_closing_twice_does_no_harm(subject: Subject):
    await subject.adapter.aclose()
    await subject.adapter.aclose()
