"""Criteria and their results: the words of criteria.v1 and criteria.v2."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from learning_worker.domain.sentences import Sentence

CRITERIA_LIMIT = 30
TEXT_LIMIT = 2000
LEVEL_TEXT_LIMIT = 500
ID_LIMIT = 64
MAX_SCORE_LIMIT = 100
WEIGHT_LIMIT = 1000.0
TOP_LEVEL = 3
TOP_WHOLE_SCORE = 5


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
    """The judgement on one criterion. `level` 0..3 and `score` 0..max_score are None unless status is scored.

    `made_by`: which model and program answered, as a short code; None where none was asked. `is_fallback`: it was not the
    program that asks first. `cost`: what the answer took, each a number that can be summed (calls, tokens, seconds).
    """

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
    made_by: str | None = field(default=None, compare=False)
    is_fallback: bool = field(default=False, compare=False)
    cost: Mapping[str, float] = field(default_factory=dict, compare=False)


class CriteriaError(ValueError):
    """A list of criteria cannot be used; the message is one sentence that names the place, in English and in German."""

    def __init__(self, english: str, german: str) -> None:
        super().__init__(english)
        self.sentence = Sentence(english, german)


def parse_criteria(raw: object) -> tuple[Criterion, ...]:
    """The criteria of a task, from what a form, a file or a JSON column holds.

    raw: a list of 1..30 items; an item is a text, or an object with `text` and optionally `id`, `max_score` (1..100),
    `weight` (above 0) and `levels` (four texts, or none). Missing ids become c1..cn by position.
    Raises CriteriaError.
    """
    if not isinstance(raw, list | tuple):
        raise CriteriaError("Criteria must be a list.", "Kriterien müssen eine Liste sein.")
    if not 1 <= len(raw) <= CRITERIA_LIMIT:
        raise CriteriaError(
            f"A task needs 1 to {CRITERIA_LIMIT} criteria, not {len(raw)}.",
            f"Eine Aufgabe braucht 1 bis {CRITERIA_LIMIT} Kriterien, nicht {len(raw)}.",
        )
    items = [_as_object(item, _place(nr)) for nr, item in enumerate(raw, start=1)]
    ids = _ids(items)
    return tuple(
        _criterion(item, criterion_id, _place(nr))
        for nr, (item, criterion_id) in enumerate(zip(items, ids, strict=True), start=1)
    )


def criteria_json(criteria: Sequence[Criterion]) -> str:
    """The canonical JSON text of criteria: a list of objects with every key present, in a fixed order."""
    objects = [
        {
            "id": criterion.id,
            "text": criterion.text,
            "max_score": criterion.max_score,
            "weight": int(criterion.weight) if criterion.weight.is_integer() else criterion.weight,
            "levels": list(criterion.levels),
        }
        for criterion in criteria
    ]
    return json.dumps(objects, ensure_ascii=False, separators=(",", ":"))


def level_score(level: int, max_score: int) -> int:
    """The points of a level: 0, 1/3, 2/3 or all of max_score, rounded half up. Raises ValueError outside 0..3."""
    if not 0 <= level <= TOP_LEVEL:
        raise ValueError("level is outside 0..3")
    return (2 * level * max_score + TOP_LEVEL) // (2 * TOP_LEVEL)


def nearest_level(score: int, max_score: int) -> int:
    """The level closest to points that a person or criteria.v1 gave without one; the higher of two equally close."""
    return max(
        range(TOP_LEVEL + 1),
        key=lambda level: (-abs(TOP_LEVEL * score - level * max_score), level),
    )


def whole_score(results: Sequence[CriterionResult], criteria: Sequence[Criterion]) -> int | None:
    """The report's score 0..5: five times the weighted mean of score / max_score, rounded half up.

    results: one per criterion, in order. None unless every one is scored.
    """
    scores = [result.score for result, _ in zip(results, criteria, strict=True) if result.score is not None]
    if not criteria or len(scores) < len(criteria):
        return None
    # Whole numbers of one small share, as the database counts: nothing is rounded before the end.
    weights = [_exact(criterion.weight) for criterion in criteria]
    common = math.lcm(
        *(
            weight.denominator * criterion.max_score
            for weight, criterion in zip(weights, criteria, strict=True)
        )
    )
    shares = [weight.numerator * (common // weight.denominator) for weight in weights]
    points = sum(
        score * share // criterion.max_score
        for score, share, criterion in zip(scores, shares, criteria, strict=True)
    )
    return (2 * TOP_WHOLE_SCORE * points + sum(shares)) // (2 * sum(shares))


@lru_cache(maxsize=256)
def _exact(weight: float) -> Fraction:
    """The decimal digits as written, as SQL's numeric reads them: 0.1 is a tenth, not its nearest binary fraction."""
    return Fraction(str(weight))


# The categories Cc and Cs, without tab and line breaks.
_NOT_STORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL and a web page take the text: no control characters but tab and line breaks, no surrogates."""
    return storable(text) == text


def storable(text: str) -> str:
    """The text without what `is_storable` refuses; models can write a NUL, and jsonb takes none."""
    return _NOT_STORABLE.sub("", text)


def _place(nr: int) -> Sentence:
    return Sentence(f"Criterion {nr}", f"Kriterium {nr}")


def _fault(place: Sentence, english: str, german: str) -> CriteriaError:
    return CriteriaError(f"{place.english}{english}", f"{place.german}{german}")


def _as_object(item: object, place: Sentence) -> Mapping[str, object]:
    if isinstance(item, str):
        return {"text": item}
    if not isinstance(item, Mapping):
        raise _fault(place, " must be a text or an object.", " muss ein Text oder ein Objekt sein.")
    unknown = sorted(str(key) for key in item if key not in _KEYS)
    if unknown:
        key = repr(unknown[0][:ID_LIMIT])
        raise _fault(place, f" has the unknown key {key}.", f" hat den unbekannten Schlüssel {key}.")
    return item


_KEYS = frozenset({"id", "text", "max_score", "weight", "levels"})


def _ids(items: Sequence[Mapping[str, object]]) -> list[str]:
    """Given ids first, so that a default never takes one that a later criterion was given."""
    given = [_given_id(item.get("id"), _place(nr)) for nr, item in enumerate(items, start=1)]
    taken: set[str] = set()
    for nr, criterion_id in enumerate(given, start=1):
        if criterion_id in taken:
            raise _fault(
                _place(nr),
                " has an id that an earlier one has too.",
                " hat eine id, die ein früheres schon hat.",
            )
        if criterion_id is not None:
            taken.add(criterion_id)
    return [
        criterion_id if criterion_id is not None else _free_id(nr, taken)
        for nr, criterion_id in enumerate(given, start=1)
    ]


def _given_id(raw: object, place: Sentence) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str) or not raw.strip() or raw != raw.strip() or len(raw) > ID_LIMIT:
        raise _fault(
            place,
            f": id must be a text of 1 to {ID_LIMIT} characters.",
            f": id muss ein Text mit 1 bis {ID_LIMIT} Zeichen sein.",
        )
    if not raw.isprintable():
        raise _fault(place, ": id must be printable.", ": id darf nur druckbare Zeichen enthalten.")
    return raw


def _free_id(nr: int, taken: set[str]) -> str:
    """c<nr>, or the next number that is free; marks it as taken."""
    while f"c{nr}" in taken:
        nr += 1
    taken.add(f"c{nr}")
    return f"c{nr}"


def _criterion(item: Mapping[str, object], criterion_id: str, place: Sentence) -> Criterion:
    return Criterion(
        id=criterion_id,
        text=_text(item.get("text"), TEXT_LIMIT, _part(place, "text", "text")),
        max_score=_max_score(item.get("max_score", 10), place),
        weight=_weight(item.get("weight", 1), place),
        levels=_levels(item.get("levels"), place),
    )


def _part(place: Sentence, english: str, german: str) -> Sentence:
    return Sentence(f"{place.english}: {english}", f"{place.german}: {german}")


def _text(raw: object, limit: int, place: Sentence) -> str:
    if not isinstance(raw, str) or not 1 <= len(raw.strip()) <= limit:
        raise _fault(place, f" must have 1 to {limit} characters.", f" muss 1 bis {limit} Zeichen haben.")
    if not is_storable(raw):
        raise _fault(place, " holds a control character.", " enthält ein Steuerzeichen.")
    return raw.strip()


def _max_score(raw: object, place: Sentence) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= MAX_SCORE_LIMIT:
        raise _fault(
            place,
            f": max_score must be a whole number from 1 to {MAX_SCORE_LIMIT}.",
            f": max_score muss eine ganze Zahl von 1 bis {MAX_SCORE_LIMIT} sein.",
        )
    return raw


def _weight(raw: object, place: Sentence) -> float:
    # NaN and infinity compare false here, so they are refused too.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= WEIGHT_LIMIT:
        raise _fault(
            place,
            f": weight must be a number above 0, at most {WEIGHT_LIMIT:.0f}.",
            f": weight muss eine Zahl über 0 sein, höchstens {WEIGHT_LIMIT:.0f}.",
        )
    return float(raw)


def _levels(raw: object, place: Sentence) -> tuple[str, ...]:
    if raw is None or raw == [] or raw == ():
        return ()
    if not isinstance(raw, list | tuple) or len(raw) != TOP_LEVEL + 1:
        raise _fault(
            place, ": levels must be four texts, or none.", ": levels müssen vier Texte sein, oder keine."
        )
    return tuple(
        _text(text, LEVEL_TEXT_LIMIT, _part(place, f"level {level}", f"Stufe {level}"))
        for level, text in enumerate(raw)
    )
