"""A released report as a pupil may read it: scores can be blanked, so the strict reader of stored reports does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from learning_worker.domain.criteria import (
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    nearest_level,
)


@dataclass(frozen=True)
class ReleasedReport:
    """What a pupil sees of a report. `score` 0..5 and the results' scores are None where the task hides points."""

    source: ReportSource
    score: int | None
    results: tuple[CriterionResult, ...]
    feedback_md: str


def released_report(
    analysis: Mapping[str, Any], criteria: Sequence[Criterion], source: str, feedback_md: str
) -> ReleasedReport:
    """The released report in the words of the domain.

    analysis: a stored report, valid when it was stored, with or without its points. A result of criteria.v1 whose
    points are blanked and that names no level reads as scored without a level when it says something.
    """
    return ReleasedReport(
        source=ReportSource(source),
        score=analysis["score"],
        results=tuple(
            _result(raw, criterion)
            for raw, criterion in zip(analysis["criteria_results"], criteria, strict=True)
        ),
        feedback_md=feedback_md,
    )


def _result(raw: Mapping[str, Any], criterion: Criterion) -> CriterionResult:
    score: int | None = raw["score"]
    level: int | None = raw.get("level")
    if level is None and score is not None:
        level = nearest_level(score, criterion.max_score)
    status = raw.get("status") or _status(raw, level)
    return CriterionResult(
        criterion_id=criterion.id,
        status=ResultStatus(status),
        max_score=criterion.max_score,
        reason=_reason(raw, status),
        level=level,
        score=score,
        explanation_md=raw["explanation_md"],
        evidence=tuple(Evidence(q["quote"], q["start"], q["end"]) for q in raw.get("evidence") or ()),
        next_step_md=raw.get("next_step_md"),
    )


def _status(raw: Mapping[str, Any], level: int | None) -> ResultStatus:
    says_something = level is not None or bool(raw["explanation_md"])
    return ResultStatus.SCORED if says_something else ResultStatus.NEEDS_REVIEW


def _reason(raw: Mapping[str, Any], status: str) -> Reason | None:
    if status == ResultStatus.SCORED:
        return None
    return Reason(raw.get("reason") or Reason.UNKNOWN)
