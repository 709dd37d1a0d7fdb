"""What a teacher's pages show: rows of a list, and an answer with form, quotes and the AI's original."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from learning_worker.db.answers import Answer, AnswerRow, ReportVersion
from learning_worker.domain.criteria import CriterionResult, ReportSource, ResultStatus
from learning_worker.domain.passages import passages, within
from learning_worker.domain.reports import ReportV2
from learning_worker.domain.submission import AnalysisStatus
from learning_worker.web import views
from learning_worker.web.review_form import CriterionEntry, ReviewEntry
from learning_worker.web.texts import Texts


@dataclass(frozen=True)
class Mark:
    """A criterion's level as a letter, with its words for screen readers and on hover."""

    letter: str
    level: int | None
    words: str


@dataclass(frozen=True)
class RowView:
    """A row of the list. `tone`: urgent, open, busy, done or broken."""

    id: UUID
    name: str
    attempt_nr: int
    state: str
    tone: str
    marks: tuple[Mark, ...]
    source: str


@dataclass(frozen=True)
class OriginalView:
    """What a teacher's change replaced."""

    level_word: str
    explanation_md: str
    next_step_md: str


@dataclass(frozen=True)
class ReviewedCriterion:
    """One criterion in a teacher's form: `given` fills the fields, `stored` stands beside them."""

    view: views.CriterionView
    given: CriterionEntry
    descriptions: tuple[str, ...]
    confidence: str
    original: OriginalView | None
    stored: OriginalView | None
    quotes_passage: bool
    is_explanation_left_out: bool


def row_views(rows: Sequence[AnswerRow], t: Texts) -> tuple[RowView, ...]:
    """Rows in their given order."""
    return tuple(_row_view(row, t) for row in rows)


def answer_context(answer: Answer, entry: ReviewEntry | None, t: Texts) -> dict[str, object]:
    """The parts of an answer's page that depend on its report; entry: what fills the form."""
    text = answer.text_body or ""
    current = answer.current
    addressing = passages(text)
    shared = {"addresses": bool(addressing), "made": _made(answer, t)}
    if current is None or entry is None:
        return {
            **shared,
            "segments": views.marked(text, [], addressing),
            "criteria": (),
            "entry": None,
            "source": "",
            "original_feedback": None,
            "release_line": "",
            "overall_line": "",
        }
    results = _results(current.report)
    shown = views.criterion_views(answer.criteria, results, text, t)
    originals = _results(answer.original.report) if answer.original else ()
    return {
        **shared,
        "segments": views.marked(text, [result.evidence for result in results], addressing),
        "criteria": tuple(
            ReviewedCriterion(
                view=view,
                given=entry.criteria[i],
                descriptions=answer.criteria[i].levels or tuple("" for _ in range(4)),
                confidence=results[i].confidence or "",
                original=_changed(originals[i], results[i], t) if originals else None,
                stored=_stored(results[i], entry.criteria[i], t),
                quotes_passage=any(
                    views.holds(text, quote) and within(quote, addressing) for quote in results[i].evidence
                ),
                is_explanation_left_out=_is_explanation_left_out(current, results[i]),
            )
            for i, view in enumerate(shown)
        ),
        "entry": entry,
        "source": _source_line(answer, current, t),
        "original_feedback": _original_feedback(answer, current),
        "release_line": _release_line(answer, current, t),
        "overall_line": views.overall_line(current.report.score, t),
    }


def _made(answer: Answer, t: Texts) -> tuple[tuple[str, str], ...]:
    """What the AI's version was made with, as label and value; empty when no model made one."""
    version = answer.original or answer.current
    if version is None or version.model_digest is None:
        return ()
    usage = version.usage
    settings = ", ".join(f"{name} {value}" for name, value in usage.get("settings", {}).items())
    cost = t.made_cost.format(
        **{name: usage.get(name, "?") for name in ("calls", "tokens_in", "tokens_out", "seconds")}
    )
    if "taken_from_version" in usage:
        cost = t.made_before.format(version=usage["taken_from_version"])
    return (
        (t.made_model, f"{usage.get('model', '?')} · {version.model_digest[:12]}"),
        (t.made_program, version.program_version or "?"),
        (t.answer_text, t.made_text.format(version=version.text_version)),
        (t.made_settings, settings or "?"),
        ("", cost),
    )


def _results(report: ReportV2) -> tuple[CriterionResult, ...]:
    return tuple(stored.result() for stored in report.criteria_results)


def _source_line(answer: Answer, current: ReportVersion, t: Texts) -> str:
    if current.source is ReportSource.TEACHER and answer.original is not None:
        return f"{t.made_by_teacher} ({t.ai_original}: {views.source_word(answer.original.source, t)})"
    return views.source_word(current.source, t)


def _release_line(answer: Answer, current: ReportVersion, t: Texts) -> str:
    """Empty when this very version is released: the page then says when."""
    if current.released_at is not None:
        return ""
    return t.not_released if answer.released_at is None else t.changed_not_released


def _original_feedback(answer: Answer, current: ReportVersion) -> str | None:
    if answer.original is None or answer.original.feedback_md.strip() == current.feedback_md.strip():
        return None
    return answer.original.feedback_md


def _changed(original: CriterionResult, current: CriterionResult, t: Texts) -> OriginalView | None:
    same = (
        views.level_of(original) == views.level_of(current)
        and original.explanation_md.strip() == current.explanation_md.strip()
        and (original.next_step_md or "").strip() == (current.next_step_md or "").strip()
    )
    return None if same else _as_original(original, t)


def _is_explanation_left_out(current: ReportVersion, result: CriterionResult) -> bool:
    """Whether a model gave a level and its reason broke a rule for what pupils read: it always gives one."""
    by_model = current.source in {ReportSource.DSPY, ReportSource.FALLBACK}
    return by_model and result.status is ResultStatus.SCORED and not result.explanation_md


def _stored(current: CriterionResult, given: CriterionEntry, t: Texts) -> OriginalView | None:
    """What is stored, where the form says something else: after a conflict both stand side by side."""
    same = given == CriterionEntry(
        views.level_of(current), current.explanation_md, current.next_step_md or ""
    )
    return None if same else _as_original(current, t)


def _as_original(result: CriterionResult, t: Texts) -> OriginalView:
    level = views.level_of(result)
    word = t.level_none if level is None else views.level_word(level, t)
    return OriginalView(word, result.explanation_md, result.next_step_md or "")


def _row_view(row: AnswerRow, t: Texts) -> RowView:
    state, tone = _state(row, t)
    results = () if row.report is None else _results(row.report)
    return RowView(
        id=row.id,
        name=row.display_name,
        attempt_nr=row.attempt_nr,
        state=state,
        tone=tone,
        marks=tuple(_mark(nr, result, t) for nr, result in enumerate(results, start=1)),
        source="" if row.report is None else views.source_word(row.report.source, t),
    )


def _state(row: AnswerRow, t: Texts) -> tuple[str, str]:
    if row.person_reads and row.released_at is None:
        return t.person_reads, "urgent"
    if row.status in (AnalysisStatus.PENDING, AnalysisStatus.EXTRACTED):
        return t.in_progress, "busy"
    if row.status is AnalysisStatus.FAILED:
        return t.failed, "broken"
    if row.released_at is not None:
        return t.released, "done"
    return (t.needs_review, "open") if row.needs_review else (t.draft_ready, "ready")


def _mark(nr: int, result: CriterionResult, t: Texts) -> Mark:
    level = views.level_of(result)
    word = t.level_none if level is None else views.level_word(level, t)
    return Mark(views.level_letter(level, t), level, f"{nr}: {word}")
