"""What may be handed in: size, kind by content, and the text of a text file.

The name and the declared type of an upload are never looked at. A magic number is a first sorting only: whether a file
can be read is decided by decoding it, in a child process.
"""

import codecs
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from learning_worker.domain.errors import ErrorCode, InputError

# Tab, line feed and carriage return stay; everything else here is refused by PostgreSQL or invisible in a text.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SNIFF_BYTES = 4096
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"})


class FileKind(StrEnum):
    """What a file is, by its first bytes."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"
    TEXT = "text"


@dataclass(frozen=True)
class UploadLimits:
    """How much one submission may bring."""

    max_file_bytes: int = 20 * 1024 * 1024
    max_files: int = 10
    max_submission_bytes: int = 60 * 1024 * 1024
    max_text_chars: int = 100_000


def sha256_hex(content: bytes) -> str:
    """The fingerprint stored beside a file, 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def kind_of(content: bytes) -> FileKind | None:
    """The kind by content, None for what cannot be handed in (an empty file among them)."""
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return FileKind.WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    # Readers take a PDF whose header stands anywhere in the first 1024 bytes; scanners do write such files.
    if b"%PDF-" in content[:1024]:
        return FileKind.PDF
    return FileKind.TEXT if _looks_like_text(content) else None


def storable_kind(content: bytes, limits: UploadLimits) -> FileKind:
    """The kind of a file that may be stored.

    Raises InputError: INPUT_CORRUPT for an empty file, INPUT_TOO_LARGE, or INPUT_UNSUPPORTED.
    """
    if not content:
        raise InputError(ErrorCode.INPUT_CORRUPT)
    if len(content) > limits.max_file_bytes:
        raise InputError(ErrorCode.INPUT_TOO_LARGE)
    kind = kind_of(content)
    if kind is None:
        raise InputError(ErrorCode.INPUT_UNSUPPORTED)
    return kind


def text_of(content: bytes) -> str:
    """The text of a text file: UTF-8 with or without a mark, UTF-16 with a mark, else Windows-1252.

    Never raises. Line ends become `\\n`; NUL, control characters and lone surrogates are removed; Unicode composition is
    left as it was written.
    """
    return clean_text(_decoded(content))


def clean_text(text: str) -> str:
    """The text as it may be stored: `\\n` line ends, no control characters, no lone surrogates."""
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def _decoded(content: bytes) -> str:
    if content.startswith(codecs.BOM_UTF8):
        return content[3:].decode("utf-8", errors="replace")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _looks_like_text(content: bytes) -> bool:
    """No NUL and next to no control bytes at the start; UTF-16 only with its mark."""
    head = content[:_SNIFF_BYTES]
    if not head:
        return False
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoded = head[: len(head) // 2 * 2].decode("utf-16", errors="ignore")
        return bool(decoded) and len(_CONTROL.findall(decoded)) * 50 <= len(decoded)
    if b"\x00" in head:
        return False
    control = sum(byte < 32 and byte not in b"\t\n\r\f\v" for byte in head)
    # Other binary formats put bytes above 127 everywhere; Latin-1 prose in German or English stays far below a third.
    high = sum(byte > 126 for byte in head)
    return control * 50 <= len(head) and (high * 3 <= len(head) or _is_utf8(head))


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
