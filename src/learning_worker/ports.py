"""What varies: who cleans and decodes files, who reads pages, who assesses text, where files lie."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from learning_worker.domain.criteria import CriterionResult, ReportSource
from learning_worker.domain.errors import Fault
from learning_worker.domain.submission import PageReading, Task
from learning_worker.domain.upload import FileKind


@dataclass(frozen=True)
class Page:
    """One decoded page: its text layer when that is plausible, otherwise a bounded picture (PNG, longest side <= 2400).

    flaw: why nobody could read the picture (blurred, dark, too small, blank); it is then not handed on.
    """

    page_nr: int
    text_layer: str | None
    png: bytes | None
    flaw: Fault | None = None


class PageDecoder(Protocol):
    """Turns an untrusted file into pages, inside a child process with limits."""

    def pages(
        self, content: bytes, *, rotation: int, first_page_nr: int, skip: Collection[int]
    ) -> AsyncGenerator[Page, None]:
        """Pages in order, numbered from first_page_nr; pages in `skip` are counted but not rendered
        (text_layer and png None).

        Raises InputError (corrupt, unsupported, too large) or TransientError when the child itself failed.
        """
        ...


@dataclass(frozen=True)
class CleanFile:
    """A file as it may be kept: JPEG, PDF or text without metadata. `rotation`: what is left to be turned, clockwise."""

    content: bytes
    kind: FileKind
    rotation: int = 0


class FileCleaner(Protocol):
    """Turns an untrusted file into one that may be kept and shown, inside a child process with limits."""

    async def cleaned(self, content: bytes, rotation: int) -> CleanFile:
        """The file upright and bounded, without anything but what is seen on its pages.

        rotation: clockwise degrees. Raises InputError (corrupt, unsupported, too large) or TransientError when the child
        itself failed.
        """
        ...


class VisionAdapter(Protocol):
    """Reads the picture of one page."""

    async def read(self, page: Page, task: Task) -> PageReading:
        """The page's text as Markdown, faithful to the pupil's spelling.

        Raises InputError(INPUT_UNREADABLE) when nothing can be found on the page, TransientError or PermanentError.
        """
        ...

    async def aclose(self) -> None:
        """Free what the adapter holds (child processes, connections)."""
        ...


@dataclass(frozen=True)
class Feedback:
    """The text for the pupil and how it came about."""

    feedback_md: str
    source: ReportSource
    # The model declined to deal with the answer: a person reads it, as after a refusal on a criterion.
    is_refused: bool = field(default=False, kw_only=True)
    # What is stored beside the report: model_digest, program_version, usage (calls, tokens, settings). No text.
    provenance: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class MadeWith:
    """What answers: equal values give equal answers to the same text. `program_version` covers prompts and settings.

    fallback_version: the program that answers where the first one fails; what it answered holds as well.
    """

    model_digest: str
    program_version: str
    fallback_version: str | None = None

    @property
    def key(self) -> str:
        """Model and program as one short code."""
        return self._code(self.program_version)

    @property
    def keys(self) -> frozenset[str]:
        """The codes of all answers that hold."""
        return frozenset(
            self._code(version) for version in (self.program_version, self.fallback_version) if version
        )

    def _code(self, version: str) -> str:
        return hashlib.blake2b(f"{self.model_digest} {version}".encode(), digest_size=8).hexdigest()


class FeedbackAdapter(Protocol):
    """Assesses a text criterion by criterion, then writes the feedback from the checked results."""

    schema: Literal["criteria.v1", "criteria.v2"]
    source: ReportSource

    def assess(
        self, text: str, task: Task, done: Sequence[CriterionResult]
    ) -> AsyncIterator[CriterionResult]:
        """One result per criterion that `done` lacks, in the task's order. Raises TransientError or PermanentError."""
        ...

    async def made_with(self) -> MadeWith | None:
        """What it answers with now; None when a stored answer is not worth looking for.

        Raises TransientError or PermanentError.
        """
        ...

    async def summarise(self, text: str, task: Task, results: Sequence[CriterionResult]) -> Feedback:
        """The feedback text, from verified results only (one per criterion, in order)."""
        ...

    async def aclose(self) -> None:
        """Free what the adapter holds."""
        ...


class BlobStore(Protocol):
    """Handed-in files under server-made names.

    Transient are STORAGE_UNAVAILABLE, STORAGE_FULL and STORAGE_DENIED: the next try may find the store mended.
    """

    def new_key(self) -> str:
        """A fresh name for one file; it says nothing about whose file that is."""
        ...

    async def put(self, object_key: str, content: bytes) -> None:
        """Store atomically; an existing key is an error. Raises TransientError."""
        ...

    async def fetch(self, object_key: str, *, sha256: str, byte_size: int) -> bytes:
        """The content, checked. Raises PermanentError (FILE_MISSING, FILE_CHANGED) or TransientError."""
        ...

    async def delete(self, object_keys: Sequence[str]) -> None:
        """Remove; missing keys are fine."""
        ...


Clock = Callable[[], float]
