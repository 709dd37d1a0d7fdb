"""A teacher's form <-> a report: what was typed, whether it changes anything, and the criteria.v2 that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from learning_worker.db.answers import ReportVersion
from learning_worker.domain.criteria import (
    TOP_LEVEL,
    Criterion,
    CriterionResult,
    ReportSource,
    ResultStatus,
    level_score,
)
from learning_worker.domain.reports import ReportV2, report_from
from learning_worker.web.forms import number_field, text_field
from learning_worker.web.views import level_of


@dataclass(frozen=True)
class CriterionEntry:
    """What stands in the form for one criterion; `level` is None while it is left open."""

    level: int | None
    explanation_md: str
    next_step_md: str


@dataclass(frozen=True)
class ReviewEntry:
    """What stands in a teacher's form, and the version it was typed against."""

    base_version: int
    criteria: tuple[CriterionEntry, ...]
    feedback_md: str


def entry_of(version: ReportVersion) -> ReviewEntry:
    """The form as it opens: the current version."""
    return ReviewEntry(
        base_version=version.version,
        criteria=tuple(_entry(stored.result()) for stored in version.report.criteria_results),
        feedback_md=version.feedback_md,
    )


def entry_from(form: FormData, criteria: Sequence[Criterion]) -> ReviewEntry:
    """What a teacher typed; fields are numbered from 1 in the order of the criteria."""
    return ReviewEntry(
        base_version=number_field(form, "base_version") or 0,
        criteria=tuple(
            CriterionEntry(
                level=_level(number_field(form, f"level-{nr}")),
                explanation_md=text_field(form, f"explanation-{nr}").strip(),
                next_step_md=text_field(form, f"next-{nr}").strip(),
            )
            for nr in range(1, len(criteria) + 1)
        ),
        feedback_md=text_field(form, "feedback_md").strip(),
    )


def is_changed(entry: ReviewEntry, version: ReportVersion) -> bool:
    """Whether the form says something else than the version; white space at the ends is nothing."""
    stored = entry_of(version)
    return entry.criteria != tuple(map(_stripped, stored.criteria)) or (
        entry.feedback_md != _plain(stored.feedback_md)
    )


def teacher_report(entry: ReviewEntry, version: ReportVersion, criteria: Sequence[Criterion]) -> ReportV2:
    """The teacher's criteria.v2: quotes stay, a new level brings its points, a criterion left open stays open.

    Raises ReportError when the form does not belong to these criteria.
    """
    results = [
        _result(stored.result(), given)
        for stored, given in zip(version.report.criteria_results, entry.criteria, strict=True)
    ]
    report = report_from(results, criteria, "criteria.v2", ReportSource.TEACHER)
    assert isinstance(report, ReportV2)  # noqa: S101
    return report


def _result(stored: CriterionResult, given: CriterionEntry) -> CriterionResult:
    worded = replace(stored, explanation_md=given.explanation_md, next_step_md=given.next_step_md or None)
    if given.level is None:
        return worded
    if given.level == level_of(stored) and stored.score is not None:
        # Confirmed: points that came without a level, or differ from its points, stay what they were.
        return replace(worded, level=given.level)
    return replace(
        worded,
        status=ResultStatus.SCORED,
        reason=None,
        level=given.level,
        score=level_score(given.level, stored.max_score),
        confidence=None,
    )


def _entry(result: CriterionResult) -> CriterionEntry:
    return CriterionEntry(level_of(result), result.explanation_md, result.next_step_md or "")


def _stripped(entry: CriterionEntry) -> CriterionEntry:
    return CriterionEntry(entry.level, _plain(entry.explanation_md), _plain(entry.next_step_md))


def _plain(text: str) -> str:
    """As a form sends it back: `\\n` line ends, no white space at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _level(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= TOP_LEVEL else None
