"""A page that was photographed sideways reaches the vision model upright, with the real reader and the exact fake server."""

import asyncio
import base64
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fake_ollama import MODEL, FakeOllama, a_fake_ollama
from paper import encoded, printed
from PIL import Image

from learning_worker.adapters.local_vision import LocalVision, VisionTerms
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.adapters.upright import UprightVision
from learning_worker.domain.errors import Fault
from learning_worker.domain.submission import PageReading, Task, TextSource
from learning_worker.ports import Page

pytestmark = pytest.mark.asyncio(loop_scope="module")
TASK = Task("Erkläre, warum Pflanzen Licht brauchen.", ())
SHEET = printed(["Pflanzen brauchen Licht.", "Das Wasser kommt aus dem Boden."], dpi=80)
LYING = encoded(SHEET.rotate(90, expand=True))


@dataclass
class Desk:
    """Reader, model server, and the adapter that asks both."""

    reader: OcrVision
    server: FakeOllama
    vision: UprightVision

    async def shown(self, png: bytes) -> bytes:
        """The picture that the model sees of this page."""
        await self.vision.read(Page(1, None, png), TASK)
        (seen,) = (image for m in self.server.chats[-1]["messages"] for image in m.get("images", ()))
        return base64.b64decode(seen)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Desk]:
    async with a_fake_ollama(capabilities=("completion", "vision")) as server:
        reader = OcrVision()
        vision = UprightVision(
            LocalVision(OllamaClient(OllamaConfig(server.url)), VisionTerms(MODEL)), reader
        )
        yield Desk(reader, server, vision)
        await vision.aclose()


def pixels(png: bytes) -> tuple[tuple[int, int], bytes]:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return picture.size, picture.tobytes()


@pytest.mark.parametrize("angle", [90, 180, 270])
async def test_a_turned_page_reaches_the_model_upright_to_the_pixel(desk: Desk, angle: int):
    shown = await desk.shown(encoded(SHEET.rotate(angle, expand=True)))

    assert pixels(shown) == (SHEET.size, SHEET.tobytes())


async def test_a_page_that_stands_upright_is_not_encoded_anew(desk: Desk):
    assert await desk.shown(encoded(SHEET)) == encoded(SHEET)


async def test_bytes_that_the_reader_cannot_open_go_on_as_they_are(desk: Desk):
    assert await desk.shown(b"no picture at all") == b"no picture at all"


async def test_a_reader_that_is_killed_costs_the_turning_of_one_page_and_a_warning(desk: Desk, capsys):
    await desk.reader.start()
    assert desk.reader.child_pid is not None
    os.kill(desk.reader.child_pid, signal.SIGKILL)

    assert await desk.shown(LYING) == LYING

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["event"], told["code"]) == (
        "warning",
        "page_not_turned",
        Fault.READER_CRASHED,
    )
    assert pixels(await desk.shown(LYING)) == (SHEET.size, SHEET.tobytes())


async def test_a_reader_that_stands_still_costs_the_turning_only_and_closes_with_the_adapter(desk: Desk):
    hasty = OcrVision(page_timeout_s=0.2)
    client = OllamaClient(OllamaConfig(desk.server.url))
    slow = Desk(hasty, desk.server, UprightVision(LocalVision(client, VisionTerms(MODEL)), hasty))
    # More than a pipe holds: the page does not even get into a child that takes nothing.
    large = encoded(Image.effect_noise((700, 700), 90).convert("RGB"))
    try:
        await hasty.start()
        assert hasty.child_pid is not None
        os.kill(hasty.child_pid, signal.SIGSTOP)

        async with asyncio.timeout(20):
            assert await slow.shown(large) == large

        assert hasty.child_pid is None
        await hasty.start()
    finally:
        await slow.vision.aclose()
    assert hasty.child_pid is None


async def test_a_text_layer_never_meets_the_reader():
    reader = OcrVision()
    client = OllamaClient(OllamaConfig("http://127.0.0.1:9"))
    vision = UprightVision(LocalVision(client, VisionTerms(MODEL)), reader)

    reading = await vision.read(Page(2, "Genau so.", None), TASK)

    assert reading == PageReading(2, "Genau so.", TextSource.LAYER)
    assert reader.child_pid is None
    await vision.aclose()
