"""Criteria and their results: the words of criteria.v1 and criteria.v2."""

from dataclasses import dataclass
from enum import StrEnum


class ReportSource(StrEnum):
    """Who made a report; `none`: no AI was asked (blank text, AI not allowed, a person must read)."""

    STUB = "stub"
    DSPY = "dspy"
    FALLBACK = "fallback"
    TEACHER = "teacher"
    NONE = "none"


class ResultStatus(StrEnum):
    """Unscored is a status of its own, never a zero."""

    SCORED = "scored"
    NEEDS_REVIEW = "needs_review"
    NOT_ASSESSABLE = "not_assessable"


class Reason(StrEnum):
    """Why a criterion has no score."""

    UNKNOWN = "unknown"
    QUOTE_NOT_FOUND = "quote_not_found"
    ANSWER_INVALID = "answer_invalid"
    LEVEL_OUT_OF_RANGE = "level_out_of_range"
    TEXT_UNREADABLE = "text_unreadable"
    TEXT_TOO_LONG = "text_too_long"
    BLANK = "blank"
    NONSENSE = "nonsense"
    OFF_TOPIC = "off_topic"
    REFUSED = "refused"
    PERSON_READS = "person_reads"
    AI_NOT_ALLOWED = "ai_not_allowed"
    TRUNCATED = "truncated"
    TIMEOUT = "timeout"


class Confidence(StrEnum):
    """The model's own word; it orders a teacher's list and replaces no review."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Criterion:
    """One thing the teacher looks for. `levels`: four descriptions from "not yet" to "fully", or none."""

    id: str
    text: str
    max_score: int = 10
    weight: float = 1.0
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """A verbatim quote: `text_body[start:end] == quote`, counted in Unicode code points."""

    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class CriterionResult:
    """The judgement on one criterion. `level` 0..3 and `score` 0..max_score are None unless status is scored."""

    criterion_id: str
    status: ResultStatus
    max_score: int
    reason: Reason | None = None
    level: int | None = None
    score: int | None = None
    confidence: Confidence | None = None
    explanation_md: str = ""
    evidence: tuple[Evidence, ...] = ()
    next_step_md: str | None = None
