"""What AI_BACKEND=local selects, and what it says where this version has nothing to select."""

import base64
import io

import pytest
from fake_ollama import MODEL, a_fake_ollama
from paper import encoded, printed
from PIL import Image

from learning_worker import wiring
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.upright import UprightVision
from learning_worker.domain.errors import Fault
from learning_worker.domain.person_reads import DEFAULT_PHRASES
from learning_worker.domain.submission import Task
from learning_worker.ports import Page
from learning_worker.settings import Settings, SettingsError
from learning_worker.wiring import processes


def local_settings(monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    values = {"AI_BACKEND": "local", "AI_FEEDBACK_MODEL": "m:7b", "AI_VISION_MODEL": "v:7b", **more}
    for name, value in {"OLLAMA_BASE_URL": "http://127.0.0.1:11434", **values}.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


async def test_local_selects_the_model_for_texts_and_ocr_only_when_asked_by_name(monkeypatch):
    settings = local_settings(monkeypatch, LEARNING_VISION_ADAPTER="ocr")

    feedback = wiring.feedback_adapter(settings)
    vision = wiring.vision_adapter(settings)
    await feedback.aclose()
    await vision.aclose()

    assert (type(feedback), type(vision), feedback.schema) == (LocalFeedback, OcrVision, "criteria.v2")


async def test_the_local_backend_reads_with_the_model_too(monkeypatch):
    vision = wiring.vision_adapter(local_settings(monkeypatch))
    await vision.aclose()

    assert type(vision) is UprightVision


def test_the_stub_for_reading_is_refused_with_the_way_out(monkeypatch):
    with pytest.raises(SettingsError) as raised:
        wiring.vision_adapter(local_settings(monkeypatch, LEARNING_VISION_ADAPTER="stub"))

    assert "set ocr or local" in str(raised.value)


def test_a_school_brings_its_own_phrases_and_a_broken_list_stops_the_start(monkeypatch, tmp_path):
    settings = local_settings(monkeypatch, LEARNING_DATA_DIR=str(tmp_path))
    assert wiring.person_reads(settings) is DEFAULT_PHRASES

    (tmp_path / "person_reads.txt").write_text("version ours\nplease ... help me\n", encoding="utf-8")
    assert wiring.person_reads(settings).version == "ours"

    (tmp_path / "person_reads.txt").write_text("a (b\n", encoding="utf-8")
    with pytest.raises(SettingsError):
        wiring.person_reads(settings)


async def pages_of(content: bytes, settings: Settings) -> list[Page]:
    decoder = processes.decoder(settings)
    return [page async for page in decoder.pages(content, rotation=0, first_page_nr=1, skip=())]


@pytest.mark.parametrize("adapter", ["ocr", "local"])
async def test_a_worker_never_shows_a_hopeless_page_to_a_reader(monkeypatch, adapter):
    settings = local_settings(monkeypatch, LEARNING_VISION_ADAPTER=adapter)

    assert await pages_of(encoded(Image.new("L", (300, 200), 255)), settings) == [
        Page(1, None, None, Fault.PAGE_BLANK)
    ]


async def test_a_large_page_reaches_the_model_upright_and_as_large_as_the_model_makes_use_of(monkeypatch):
    sheet = printed(["Pflanzen brauchen Licht."] * 20, dpi=60).resize((2800, 4000))
    photo = encoded(sheet.rotate(90, expand=True), "JPEG")
    async with a_fake_ollama(capabilities=("completion", "vision")) as server:
        settings = local_settings(monkeypatch, OLLAMA_BASE_URL=server.url, AI_VISION_MODEL=MODEL)
        vision = wiring.vision_adapter(settings)
        [page] = await pages_of(photo, settings)

        await vision.read(page, Task("", ()))

        await vision.aclose()
        [shown] = [image for body in server.chats for m in body["messages"] for image in m.get("images", ())]
    assert Image.open(io.BytesIO(base64.b64decode(shown))).size == (1120, 1600)
