"""What may be handed in, decided from the bytes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.errors import ErrorCode, InputError
from learning_worker.domain.upload import (
    FileKind,
    UploadLimits,
    clean_text,
    kind_of,
    sha256_hex,
    storable_kind,
    text_of,
)

GERMAN = "Größe, Höhe, Äpfel – „schön“ und Straße"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", FileKind.JPEG),
        (b"\x89PNG\r\n\x1a\nrest", FileKind.PNG),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", FileKind.WEBP),
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"\n\nscanner junk\n%PDF-1.4\n", FileKind.PDF),
        (GERMAN.encode(), FileKind.TEXT),
        (GERMAN.encode("cp1252"), FileKind.TEXT),
        (GERMAN.encode("utf-16"), FileKind.TEXT),
        ("日本語のテキスト。".encode() * 600, FileKind.TEXT),
        (b"", None),
        (b"PK\x03\x04\x14\x00\x06\x00", None),
        (b"MZ\x90\x00\x03\x00", None),
        (b"\x7fELF\x02\x01\x01\x00", None),
        (b"\x00\x00\x00\x18ftypheic", FileKind.HEIC),
        (b"\x00\x00\x00\x18ftypavif", None),
        (b"GIF89a\x01\x00\x01\x00\x80\x00\x00", None),
        (bytes(range(256)), None),
    ],
)
def test_the_kind_comes_from_the_content(content: bytes, kind: FileKind | None):
    assert kind_of(content) is kind


def test_an_empty_file_is_corrupt():
    with pytest.raises(InputError) as raised:
        storable_kind(b"", UploadLimits())

    assert raised.value.code == ErrorCode.INPUT_CORRUPT


def test_a_file_may_be_exactly_as_large_as_the_limit():
    limits = UploadLimits(max_file_bytes=10)

    assert storable_kind(b"0123456789", limits) is FileKind.TEXT
    with pytest.raises(InputError) as raised:
        storable_kind(b"0123456789x", limits)
    assert raised.value.code == ErrorCode.INPUT_TOO_LARGE


def test_an_unknown_kind_is_unsupported():
    with pytest.raises(InputError) as raised:
        storable_kind(b"PK\x03\x04\x00\x00", UploadLimits())

    assert raised.value.code == ErrorCode.INPUT_UNSUPPORTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_umlauts_survive_every_usual_encoding(encoding: str):
    assert text_of(GERMAN.encode(encoding)) == GERMAN


def test_line_ends_become_one_kind():
    assert text_of(b"a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_what_a_database_refuses_is_removed():
    assert clean_text("a\x00b\ud800c\x1b[31md\x7f\te") == "abc[31md\te"


def test_composition_is_left_as_it_was_written():
    decomposed = "Gro\u0308\u00dfe"

    assert text_of(decomposed.encode()) == decomposed


@given(st.binary(max_size=400))
def test_any_bytes_give_a_text_that_can_be_stored(content: bytes):
    text = text_of(content)

    assert "\x00" not in text
    assert text.encode("utf-8").decode("utf-8") == text
    assert clean_text(text) == text


def test_a_fingerprint_is_sha_256_in_hex():
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
