"""A model's answer on one criterion -> a result that code can vouch for, or the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from learning_worker.domain.criteria import (
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ResultStatus,
)
from learning_worker.domain.feedback import escape_md
from learning_worker.domain.language import is_other_language
from learning_worker.domain.linter import broken_rules
from learning_worker.domain.markup import plain
from learning_worker.domain.prompts import (
    LEVEL_WORDS,
    MAX_QUOTES,
    QUOTE_CHARS,
    REASON_CHARS,
    STEP_CHARS,
    Case,
)
from learning_worker.domain.quotes import locate, verified
from learning_worker.domain.refusals import is_refusal, is_unsure


class CitedQuote(BaseModel):
    """A place in the answer: the number of a sentence, and words from it."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    sentence: int
    quote: Annotated[str, Field(max_length=4000)]


class Judgement(BaseModel):
    """What a model says on one criterion."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    criterion_id: str
    evidence: Annotated[list[CitedQuote], Field(max_length=20)]
    status: Literal["judged", "off_topic", "cannot_judge"]
    level: Literal["not_yet", "partly", "largely", "fully"]
    confidence: Literal["low", "medium", "high"]
    reason: Annotated[str, Field(max_length=4000)]
    next_step: Annotated[str, Field(max_length=4000)]


@dataclass(frozen=True)
class Rejected:
    """An answer that cannot be used; `note` is what the model is told when it is asked once more."""

    reason: Reason
    note: str


_NOTES = {
    Reason.QUOTE_NOT_FOUND: (
        "An earlier reply quoted words that are not in the answer. Copy the words exactly, or choose not_yet."
    ),
    Reason.UNKNOWN: (
        "An earlier reply spoke of its writer. Say in reason what the answer has or lacks, or choose cannot_judge."
    ),
    Reason.LEVEL_OUT_OF_RANGE: "An earlier reply had a level that does not exist. Use one of the four words.",
}
_FORM_NOTE = (
    "An earlier reply did not have the form that was asked for. Answer with the JSON object and nothing else."
)


def rejected(reason: Reason) -> Rejected:
    """The rejection for a reason, with its note."""
    return Rejected(reason, _NOTES.get(reason, _FORM_NOTE))


def judged(content: str, criterion: Criterion, case: Case) -> CriterionResult | Rejected:
    """The verified result of a model's JSON answer, or why it is rejected. A refusal is a result: a person reads."""
    if is_refusal(content):
        return _without_score(criterion, ResultStatus.NEEDS_REVIEW, Reason.REFUSED)
    try:
        judgement = Judgement.model_validate_json(content)
    except ValidationError as error:
        return rejected(_reason_of(error))
    if judgement.criterion_id != criterion.id:
        return rejected(Reason.ANSWER_INVALID)
    without_quote = not judgement.evidence
    if is_refusal(judgement.reason, without_quote=without_quote) or is_refusal(judgement.next_step):
        return _without_score(criterion, ResultStatus.NEEDS_REVIEW, Reason.REFUSED)
    match judgement.status:
        case "off_topic":
            return _without_score(criterion, ResultStatus.NOT_ASSESSABLE, Reason.OFF_TOPIC)
        case "cannot_judge":
            return _without_score(criterion, ResultStatus.NEEDS_REVIEW, Reason.UNKNOWN)
        case "judged" if is_unsure(judgement.reason, without_quote=without_quote):
            return rejected(Reason.UNKNOWN)
        case "judged":
            return _scored(judgement, criterion, case)


def cited(content: str) -> tuple[str, ...]:
    """The quotes of a model's JSON answer as it wrote them, before any check; none where it has no form."""
    try:
        return tuple(item.quote for item in Judgement.model_validate_json(content).evidence)
    except ValidationError:
        return ()


def _scored(judgement: Judgement, criterion: Criterion, case: Case) -> CriterionResult | Rejected:
    reason, step = plain(judgement.reason, REASON_CHARS), plain(judgement.next_step, STEP_CHARS)
    if not reason or is_other_language(f"{reason} {step}", case.task.language):
        return rejected(Reason.ANSWER_INVALID)
    # The pupil reads both beside the quote: what breaks a rule is left out, the judgement itself stands. Asking again
    # would cost a call per criterion, and the feedback text is still to come.
    reason, step = ("" if broken_rules((part,), case.task, case.text) else part for part in (reason, step))
    result = CriterionResult(
        criterion_id=criterion.id,
        status=ResultStatus.SCORED,
        max_score=criterion.max_score,
        level=LEVEL_WORDS.index(judgement.level),
        confidence=Confidence(judgement.confidence),
        explanation_md=escape_md(reason),
        evidence=_evidence(judgement.evidence, case),
        next_step_md=escape_md(step) or None,
    )
    checked = verified(result, case.text)
    if checked.status is ResultStatus.SCORED:
        return checked
    return rejected(checked.reason or Reason.UNKNOWN)


def _evidence(cited: Sequence[CitedQuote], case: Case) -> tuple[Evidence, ...]:
    """The quotes that the text holds: looked up in the sentence that was named, then anywhere."""
    found: dict[Evidence, None] = {}
    for item in cited[:MAX_QUOTES]:
        place = _in_sentence(item, case.spans) or locate(item.quote, case.text)
        if place is not None:
            found[_whole_words(place, case.text)] = None
    return tuple(found)


def _in_sentence(item: CitedQuote, spans: Sequence[Evidence]) -> Evidence | None:
    if not 1 <= item.sentence <= len(spans):
        return None
    span = spans[item.sentence - 1]
    place = locate(item.quote, span.quote)
    if place is None:
        return None
    return Evidence(place.quote, span.start + place.start, span.start + place.end)


def _whole_words(place: Evidence, text: str) -> Evidence:
    """The quote grown to whole words where a model cut one, and bounded; still the text's own wording."""
    start, end = place.start, min(place.end, place.start + QUOTE_CHARS)
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    # In a script without spaces a "word" can be the whole text.
    if end - start > 2 * QUOTE_CHARS:
        start, end = place.start, min(place.end, place.start + QUOTE_CHARS)
    return Evidence(text[start:end], start, end)


def _reason_of(error: ValidationError) -> Reason:
    faults = [
        (part["loc"], part["type"]) for part in error.errors(include_input=False, include_context=False)
    ]
    is_level_alone = len(faults) == 1 and faults[0][0] == ("level",) and faults[0][1] != "missing"
    return Reason.LEVEL_OUT_OF_RANGE if is_level_alone else Reason.ANSWER_INVALID


def _without_score(criterion: Criterion, status: ResultStatus, reason: Reason) -> CriterionResult:
    return CriterionResult(
        criterion_id=criterion.id, status=status, max_score=criterion.max_score, reason=reason
    )
