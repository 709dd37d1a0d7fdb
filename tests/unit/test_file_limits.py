"""How much may be handed in, as the settings say it."""

from learning_worker.settings import Settings
from learning_worker.wiring import processes


def test_every_limit_on_files_comes_from_its_setting(monkeypatch):
    values = {"FILE_MIB": 7, "FILES": 3, "ANSWER_MIB": 11, "PAGES": 9, "MEGAPIXELS": 12, "PAGE_CM": 127}
    for name, value in values.items():
        monkeypatch.setenv(f"LEARNING_MAX_{name}", str(value))
    settings = Settings.load()

    uploads, decoding = processes.upload_limits(settings), processes.decode_limits(settings)

    assert (uploads.max_file_bytes, uploads.max_files, uploads.max_submission_bytes) == (7 << 20, 3, 11 << 20)
    assert (decoding.max_file_bytes, decoding.max_pages, decoding.max_pixels) == (7 << 20, 9, 12_000_000)
    assert decoding.max_page_points == 3600.0
