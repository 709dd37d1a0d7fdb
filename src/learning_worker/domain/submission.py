"""One pupil's answer on its way: the words everything else uses."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from learning_worker.domain.criteria import Criterion, CriterionResult


class Phase(StrEnum):
    """What a lease covers: reading the files, or assessing the text."""

    VISION = "vision"
    FEEDBACK = "feedback"


class Lane(StrEnum):
    """Which line a job waits in."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class AnalysisStatus(StrEnum):
    """Where a submission stands; `extracted` only while the pupil is asked to confirm the recognised text."""

    PENDING = "pending"
    EXTRACTED = "extracted"
    COMPLETED = "completed"
    FAILED = "failed"


class TextSource(StrEnum):
    """How a page's text came to be."""

    TYPED = "typed"
    LAYER = "layer"
    OCR = "ocr"
    MODEL = "model"
    CORRECTED = "corrected"


class Language(StrEnum):
    """The language of task, answer and feedback."""

    GERMAN = "de"
    ENGLISH = "en"


class FormOfAddress(StrEnum):
    """How German feedback speaks to the pupil; English ignores it."""

    DU = "du"
    SIE = "sie"


class ConfirmText(StrEnum):
    """When the pupil is asked "is this what you wrote?" before feedback."""

    DOUBTFUL = "doubtful"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class FileRef:
    """A stored file of a submission. `rotation`: clockwise degrees 0, 90, 180 or 270, as the pupil turned it."""

    position: int
    object_key: str
    sha256: str
    byte_size: int
    rotation: int = 0


@dataclass(frozen=True)
class PageReading:
    """The text of one page. `page_nr` counts from 1 over all files; `confidence` is 0..1, None for exact sources."""

    page_nr: int
    text_md: str
    source: TextSource
    confidence: float | None = None


@dataclass(frozen=True)
class Task:
    """The teacher's task as it was when the answer was handed in."""

    instruction_md: str
    criteria: tuple[Criterion, ...]
    language: Language = Language.GERMAN
    form_of_address: FormOfAddress = FormOfAddress.DU
    grade_level: int | None = None
    scores_visible: bool = False
    confirm_text: ConfirmText = ConfirmText.DOUBTFUL
    hints_md: str = ""


@dataclass(frozen=True)
class LeasedJob:
    """Everything one phase needs, and the key that fences every write for it.

    `retry_count`: charged runs before this one. `text_confidence`: 0..1 of the reading, None when a person vouches
    for it. `pages_done`, `results_done`: checkpoints of earlier runs. `waited_s`: since the job was due. `age_s`: since it
    was handed in, None for one that is assessed again.
    """

    job_id: UUID
    lease_key: UUID
    submission_id: UUID
    phase: Phase
    lane: Lane
    retry_count: int
    task: Task
    text_body: str | None = None
    text_version: int = 0
    text_confidence: float | None = None
    files: tuple[FileRef, ...] = ()
    pages_done: tuple[PageReading, ...] = ()
    results_done: tuple[CriterionResult, ...] = ()
    waited_s: float = field(default=0.0, compare=False)
    age_s: float | None = field(default=0.0, compare=False)
