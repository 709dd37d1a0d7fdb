"""What AI_BACKEND=local selects, and what it says where this version has nothing to select."""

import pytest

from learning_worker import wiring
from learning_worker.adapters.local_feedback import LocalFeedback
from learning_worker.adapters.local_vision import LocalVision
from learning_worker.adapters.ocr import OcrVision
from learning_worker.domain.person_reads import DEFAULT_PHRASES
from learning_worker.settings import Settings, SettingsError


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

    assert type(vision) is LocalVision


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
