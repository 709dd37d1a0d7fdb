"""Reports as they are stored and exchanged: criteria.v1 and criteria.v2, and what makes one valid."""

import json
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from learning_worker.domain.criteria import (
    ID_LIMIT,
    MAX_SCORE_LIMIT,
    TEXT_LIMIT,
    TOP_LEVEL,
    TOP_WHOLE_SCORE,
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    level_score,
    nearest_level,
    whole_score,
)

Points = Annotated[int, Field(ge=0, le=MAX_SCORE_LIMIT)]
WholeScore = Annotated[int, Field(ge=0, le=TOP_WHOLE_SCORE)]
CriterionText = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]
Offset = Annotated[int, Field(ge=0)]


class ReportError(ValueError):
    """A report is not valid; the message names the place and never quotes the report."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Quote(_Strict):
    """A verbatim quote: the code points start..end (end excluded) of the submission's text."""

    quote: Annotated[str, Field(min_length=1)]
    start: Offset
    end: Offset

    @model_validator(mode="after")
    def _spans_its_quote(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError("end - start is not the length of the quote")
        return self


class ResultV1(_Strict):
    """One criterion in criteria.v1; score null means that a person must look."""

    criterion: CriterionText
    score: Points | None
    explanation_md: str
    evidence: tuple[Quote, ...] = ()


class ReportV1(_Strict):
    """criteria.v1: what the stub adapter writes. score is null unless every criterion is scored."""

    schema_: Literal["criteria.v1"] = Field(alias="schema")
    score: WholeScore | None
    criteria_results: Annotated[tuple[ResultV1, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _score_needs_all(self) -> Self:
        scored = all(result.score is not None for result in self.criteria_results)
        if scored != (self.score is not None):
            raise ValueError("score is null exactly when a criterion is not scored")
        return self


class ResultV2(_Strict):
    """One criterion in criteria.v2: scored with points, or not scored with a reason, never a zero instead."""

    criterion_id: Annotated[str, Field(min_length=1, max_length=ID_LIMIT)]
    criterion: CriterionText
    status: ResultStatus
    reason: Reason | None
    level: Annotated[int, Field(ge=0, le=TOP_LEVEL)] | None
    score: Points | None
    max_score: Annotated[int, Field(ge=1, le=MAX_SCORE_LIMIT)]
    confidence: Confidence | None
    explanation_md: str
    evidence: tuple[Quote, ...]
    next_step_md: str | None

    @model_validator(mode="after")
    def _scored_or_reasoned(self) -> Self:
        if self.status is ResultStatus.SCORED:
            if self.score is None or self.reason is not None:
                raise ValueError("a scored result has a score and no reason")
            if self.score > self.max_score:
                raise ValueError("score is above max_score")
        elif self.score is not None or self.level is not None or self.reason is None:
            raise ValueError("a result that is not scored has a reason, no level and no score")
        return self

    @classmethod
    def of(cls, result: CriterionResult, criterion: Criterion) -> Self:
        """The stored form of a result. Raises ReportError when it is not valid."""
        try:
            return cls(
                criterion_id=result.criterion_id,
                criterion=criterion.text,
                status=result.status,
                reason=result.reason,
                level=result.level,
                score=result.score,
                max_score=result.max_score,
                confidence=result.confidence,
                explanation_md=result.explanation_md,
                evidence=_quotes(result.evidence),
                next_step_md=result.next_step_md,
            )
        except ValidationError as error:
            raise _without_input(error) from None

    def result(self) -> CriterionResult:
        """The same judgement in the words of the domain."""
        return CriterionResult(
            criterion_id=self.criterion_id,
            status=self.status,
            max_score=self.max_score,
            reason=self.reason,
            level=self.level,
            score=self.score,
            confidence=self.confidence,
            explanation_md=self.explanation_md,
            evidence=tuple(Evidence(q.quote, q.start, q.end) for q in self.evidence),
            next_step_md=self.next_step_md,
        )


class ReportV2(_Strict):
    """criteria.v2: what local adapters and teachers write. score is null unless every criterion is scored."""

    schema_: Literal["criteria.v2"] = Field(alias="schema")
    score: WholeScore | None
    source: ReportSource
    assessed: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(ge=1)]
    criteria_results: Annotated[tuple[ResultV2, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        scored = sum(result.score is not None for result in self.criteria_results)
        if self.total != len(self.criteria_results) or self.assessed != scored:
            raise ValueError("assessed and total do not count the results")
        if (self.score is not None) != (self.assessed == self.total):
            raise ValueError("score is null exactly when a criterion is not scored")
        if len({result.criterion_id for result in self.criteria_results}) != self.total:
            raise ValueError("a criterion has two results")
        if self.source is ReportSource.NONE and scored:
            raise ValueError("nobody assessed this, so nothing is scored")
        return self

    @model_validator(mode="after")
    def _points_follow_levels(self) -> Self:
        """A teacher's points stand for themselves; criteria.v1 knows no levels, and reads as source stub."""
        if self.source is ReportSource.TEACHER:
            return self
        for result in self.criteria_results:
            if result.score is None:
                continue
            if result.level is None:
                if self.source is not ReportSource.STUB:
                    raise ValueError("a score has no level")
            elif result.score != level_score(result.level, result.max_score):
                raise ValueError("score does not follow from level")
        return self


Report = ReportV1 | ReportV2
_REPORT: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="schema_")])


def parse_report(raw: object) -> Report:
    """A report from JSON text, or from the values a JSON column was read into. Raises ReportError."""
    try:
        text = raw if isinstance(raw, str | bytes) else json.dumps(raw)
        return _REPORT.validate_json(text)
    except ValidationError as error:
        raise _without_input(error) from None
    except (TypeError, ValueError, RecursionError):
        raise ReportError("The report is not JSON.") from None


def report_json(report: Report) -> str:
    """The report as JSON text, keys in the order of the schema."""
    return report.model_dump_json(by_alias=True)


def report_from(
    results: Sequence[CriterionResult],
    criteria: Sequence[Criterion],
    schema: Literal["criteria.v1", "criteria.v2"],
    source: ReportSource,
) -> Report:
    """The report of a run, results in the order of the criteria whatever order they came in.

    criteria.v1 keeps text, score, explanation and evidence only, and no source.
    Raises ReportError unless there is exactly one valid result per criterion.
    """
    whole = _report_v2(results, criteria, source)
    if schema == "criteria.v2":
        return whole
    kept = tuple(
        ResultV1(
            criterion=result.criterion,
            score=result.score,
            explanation_md=result.explanation_md,
            evidence=result.evidence,
        )
        for result in whole.criteria_results
    )
    return ReportV1(schema="criteria.v1", score=whole.score, criteria_results=kept)


def _report_v2(
    results: Sequence[CriterionResult], criteria: Sequence[Criterion], source: ReportSource
) -> ReportV2:
    ordered = _in_order(results, criteria)
    stored = tuple(
        ResultV2.of(result, criterion) for result, criterion in zip(ordered, criteria, strict=True)
    )
    try:
        return ReportV2(
            schema="criteria.v2",
            score=whole_score(ordered, criteria),
            source=source,
            assessed=sum(result.score is not None for result in stored),
            total=len(stored),
            criteria_results=stored,
        )
    except ValidationError as error:
        raise _without_input(error) from None


def as_v2(report: Report, criteria: Sequence[Criterion]) -> ReportV2:
    """Either schema read as criteria.v2, so that pages know one form only.

    criteria: those of the snapshot; criteria.v1 names no ids and no maximum.
    A missing score of criteria.v1 reads as needs_review/unknown. Its level is given only where the points are exactly
    those of a level. Raises ReportError when report and criteria do not belong together.
    """
    if isinstance(report, ReportV2):
        return report
    results = [
        _v1_result(stored, criterion)
        for stored, criterion in zip(report.criteria_results, _belonging(report, criteria), strict=True)
    ]
    # The stored score stays what it was when the report was written.
    return _report_v2(results, criteria, ReportSource.STUB).model_copy(update={"score": report.score})


def results_of(report: Report, criteria: Sequence[Criterion]) -> tuple[CriterionResult, ...]:
    """The judgements of a report in the words of the domain. Raises ReportError as `as_v2` does."""
    return tuple(stored.result() for stored in as_v2(report, criteria).criteria_results)


def check_report(report: Report, criteria: Sequence[Criterion], text_body: str) -> None:
    """Raise ReportError unless the report answers exactly these criteria, in range, with quotes the text holds."""
    _belonging(report, criteria)
    for stored in report.criteria_results:
        for quote in stored.evidence:
            if text_body[quote.start : quote.end] != quote.quote:
                raise ReportError("A quote is not in the text at its offsets.")
    if report.score != whole_score(results_of(report, criteria), criteria):
        raise ReportError("The score does not follow from the results.")


def _belonging(report: Report, criteria: Sequence[Criterion]) -> Sequence[Criterion]:
    """The criteria, once it is clear that the report answers them one by one."""
    if len(report.criteria_results) != len(criteria):
        raise ReportError(
            f"The report has {len(report.criteria_results)} results for {len(criteria)} criteria."
        )
    results: Sequence[ResultV1 | ResultV2] = report.criteria_results
    for nr, (stored, criterion) in enumerate(zip(results, criteria, strict=True), start=1):
        same = stored.criterion == criterion.text
        if isinstance(stored, ResultV2):
            same &= stored.criterion_id == criterion.id
            same &= stored.max_score == criterion.max_score
        if not same:
            raise ReportError(f"Result {nr} answers another criterion.")
    return criteria


def _in_order(results: Sequence[CriterionResult], criteria: Sequence[Criterion]) -> list[CriterionResult]:
    by_id = {result.criterion_id: result for result in results}
    ids = [criterion.id for criterion in criteria]
    if len(by_id) != len(results) or by_id.keys() != set(ids):
        raise ReportError("There must be exactly one result per criterion.")
    for criterion in criteria:
        if by_id[criterion.id].max_score != criterion.max_score:
            raise ReportError("A result has another max_score than its criterion.")
    return [by_id[criterion_id] for criterion_id in ids]


def _v1_result(stored: ResultV1, criterion: Criterion) -> CriterionResult:
    scored = stored.score is not None
    return CriterionResult(
        criterion_id=criterion.id,
        status=ResultStatus.SCORED if scored else ResultStatus.NEEDS_REVIEW,
        max_score=criterion.max_score,
        reason=None if scored else Reason.UNKNOWN,
        level=None if stored.score is None else _exact_level(stored.score, criterion.max_score),
        score=stored.score,
        explanation_md=stored.explanation_md,
        evidence=tuple(Evidence(q.quote, q.start, q.end) for q in stored.evidence),
    )


def _exact_level(score: int, max_score: int) -> int | None:
    level = nearest_level(score, max_score)
    return level if level_score(level, max_score) == score else None


def _quotes(evidence: Sequence[Evidence]) -> tuple[Quote, ...]:
    return tuple(Quote(quote=e.quote, start=e.start, end=e.end) for e in evidence)


def _without_input(error: ValidationError) -> ReportError:
    """What is wrong and where, without the offending value or an unknown key: they can hold a pupil's words."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"] if part in _FIELDS or isinstance(part, int))
    return ReportError(f"{first['type']} at {place[:200] or 'the top'}")


_FIELDS = frozenset(
    {"schema"}.union(*(m.model_fields for m in (ReportV1, ReportV2, ResultV1, ResultV2, Quote)))
)
