"""What templates show: quotes marked in their text, criteria with words for their levels, steps of an answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from learning_worker.db.errors import (
    DeadlinePassed,
    InvalidInput,
    KeyReused,
    NoAttemptLeft,
    NotAllowed,
    Refused,
)
from learning_worker.db.released import ReleasedReport
from learning_worker.db.submissions import MySubmission
from learning_worker.domain.criteria import (
    TOP_WHOLE_SCORE,
    Criterion,
    CriterionResult,
    Evidence,
    Reason,
    ReportSource,
    ResultStatus,
    nearest_level,
)
from learning_worker.web.texts import Texts

COLOURS = 6
# Steps that end by themselves: their pages look again every few seconds in case no event arrives.
MOVING = ("waiting", "reading", "checking")


@dataclass(frozen=True)
class Segment:
    """A run of text covered by the same quotes.

    numbers: the criteria quoting it; starts: anchors of quotes that start here; ends: criteria whose quote ends here.
    addresses: whether it speaks to the reader of the answer, which only a teacher is shown.
    """

    text: str
    numbers: tuple[int, ...] = ()
    starts: tuple[str, ...] = ()
    ends: tuple[int, ...] = ()
    addresses: bool = False

    @property
    def colour(self) -> int:
        """The colour of the innermost quote."""
        return colour_of(self.numbers[-1])


@dataclass(frozen=True)
class QuoteView:
    """A quote under its criterion. `anchor`: where it stands in the text, "" when it is not in the text shown."""

    text: str
    anchor: str


@dataclass(frozen=True)
class CriterionView:
    """One criterion on a page; `level` is None where it is open, `level_word` then says so."""

    nr: int
    id: str
    text: str
    colour: int
    level: int | None
    level_word: str
    points: str
    explanation_md: str
    next_step_md: str
    quotes: tuple[QuoteView, ...]
    is_open: bool
    because: str


@dataclass(frozen=True)
class Step:
    """One of the steps an answer goes through. `state`: done, now, failed or later."""

    name: str
    state: str


def colour_of(nr: int) -> int:
    """Colours repeat after six; the number tells criteria apart."""
    return (nr - 1) % COLOURS + 1


def anchor_of(nr: int, quote_nr: int) -> str:
    """The id of a quote's place in the text."""
    return f"quote-{nr}-{quote_nr}"


def holds(text: str, quote: Evidence) -> bool:
    """Whether the text shown still has the quote at its place; a corrected text may not."""
    return text[quote.start : quote.end] == quote.quote and quote.end > quote.start


def marked(
    text: str, quotes_by_criterion: Sequence[Sequence[Evidence]], addresses: Sequence[Evidence] = ()
) -> tuple[Segment, ...]:
    """The text cut where a quote or an addressing passage starts or ends; they may overlap. Criteria are numbered from 1.

    Joined together the segments are the text, character by character.
    """
    spans = [
        (quote.start, quote.end, nr, anchor_of(nr, quote_nr))
        for nr, quotes in enumerate(quotes_by_criterion, start=1)
        for quote_nr, quote in enumerate(quotes, start=1)
        if holds(text, quote)
    ]
    edges = {edge for passage in addresses for edge in (passage.start, passage.end)}
    cuts = sorted({0, len(text), *edges, *(span[0] for span in spans), *(span[1] for span in spans)})
    return tuple(
        Segment(
            text=text[start:end],
            numbers=tuple(sorted({s[2] for s in spans if s[0] <= start and end <= s[1]})),
            starts=tuple(s[3] for s in spans if s[0] == start),
            ends=tuple(sorted({s[2] for s in spans if s[1] == end})),
            addresses=any(passage.start <= start and end <= passage.end for passage in addresses),
        )
        for start, end in pairwise(cuts)
    )


def criterion_views(
    criteria: Sequence[Criterion], results: Sequence[CriterionResult], text: str, t: Texts
) -> tuple[CriterionView, ...]:
    """Criteria with their results, in order. text: what is shown beside them."""
    return tuple(
        _criterion_view(nr, criterion, result, text, t)
        for nr, (criterion, result) in enumerate(zip(criteria, results, strict=True), start=1)
    )


def level_of(result: CriterionResult) -> int | None:
    """The level, or the one nearest to points that came without."""
    if result.level is not None or result.score is None:
        return result.level
    return nearest_level(result.score, result.max_score)


def level_word(level: int, t: Texts) -> str:
    """The level in words."""
    return (t.level_0, t.level_1, t.level_2, t.level_3)[level]


def level_letter(level: int | None, t: Texts) -> str:
    """The level as one letter, for narrow columns."""
    return t.letter_none if level is None else (t.letter_0, t.letter_1, t.letter_2, t.letter_3)[level]


def source_word(source: ReportSource, t: Texts) -> str:
    """Who made a report, in words."""
    return {
        ReportSource.STUB: t.made_by_stub,
        ReportSource.DSPY: t.made_by_ai,
        ReportSource.FALLBACK: t.made_by_fallback,
        ReportSource.TEACHER: t.made_by_teacher,
        ReportSource.NONE: t.made_by_none,
    }[source]


def why(error_code: str, t: Texts, flaw: str | None = None) -> str:
    """A final error code as a sentence that says what to do; flaw: what exactly is wrong with a photo."""
    sentence: str = getattr(t, f"why_{flaw}", "") or getattr(t, f"why_{error_code}", t.error_500)
    return sentence


def refusal(error: Refused, t: Texts) -> str:
    """Why the database refused what a pupil wanted, and what to do."""
    sentences = {
        InvalidInput: t.refused_characters,
        NotAllowed: t.refused_not_allowed,
        KeyReused: t.refused_key_reused,
        NoAttemptLeft: t.refused_no_attempt_left,
        DeadlinePassed: t.refused_deadline_passed,
    }
    return sentences.get(type(error), t.refused_not_possible_now)


def because(reason: Reason, t: Texts) -> str:
    """Why a criterion is open, for teachers."""
    sentence: str = getattr(t, f"because_{reason}")
    return sentence


def state_sentence(submission: MySubmission, t: Texts) -> str:
    """What is going on with an answer, for its pupil."""
    sentence: str = getattr(t, f"state_{submission.step}")
    return sentence


def state_short(submission: MySubmission, t: Texts) -> str:
    """The same in two words."""
    words: str = getattr(t, f"short_{submission.step}")
    return words


def steps(submission: MySubmission, t: Texts) -> tuple[Step, ...]:
    """Handed in, reading (files only), checking, teacher (reviewed tasks only), done: with the present one marked."""
    names = ["handed_in"]
    names += ["reading"] if submission.kind == "files" else []
    names += ["checking"]
    names += ["teacher"] if submission.release_mode == "reviewed" else []
    names += ["done"]
    if submission.step == "done":
        present = len(names)
    else:
        present = names.index(_present_step(submission))
    at = "failed" if submission.step == "failed" else "now"
    return tuple(
        Step(getattr(t, f"step_{name}"), "done" if nr < present else at if nr == present else "later")
        for nr, name in enumerate(names)
    )


def _present_step(submission: MySubmission) -> str:
    """The step an answer is in, waits for, or failed in."""
    match submission.step:
        case "teacher_reads":
            # A pupil's practice answer waits there too, when no model was asked.
            return "teacher" if submission.release_mode == "reviewed" else "done"
        case "confirm" | "reading":
            return "reading"
        case _:
            return "reading" if submission.kind == "files" and submission.text_body is None else "checking"


def assessed_line(report: ReleasedReport, t: Texts) -> str:
    """How many criteria have a judgement; "" when all have."""
    done = sum(result.status is ResultStatus.SCORED for result in report.results)
    if done == len(report.results):
        return ""
    return t.assessed_of.format(n=done, total=len(report.results))


def overall_line(score: int | None, t: Texts) -> str:
    """The report's score in words; "" where it is hidden or missing."""
    return "" if score is None else t.overall.format(score=score, top=TOP_WHOLE_SCORE)


def fingerprint(submission: MySubmission, place: str = "") -> str:
    """Changes when the page of an answer would look different; place: what it says about the wait."""
    shown = (
        place,
        submission.step,
        submission.status,
        submission.error_code,
        submission.text_version,
        submission.released_at,
        submission.can_take_back,
    )
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _criterion_view(
    nr: int, criterion: Criterion, result: CriterionResult, text: str, t: Texts
) -> CriterionView:
    level = level_of(result)
    is_open = result.status is not ResultStatus.SCORED
    word = t.assessed if level is None else level_word(level, t)
    return CriterionView(
        nr=nr,
        id=criterion.id,
        text=criterion.text,
        colour=colour_of(nr),
        level=level,
        level_word=t.not_assessed if is_open else word,
        points="" if result.score is None else t.points.format(score=result.score, top=result.max_score),
        explanation_md=result.explanation_md,
        next_step_md=result.next_step_md or "",
        quotes=tuple(
            QuoteView(quote.quote, anchor_of(nr, quote_nr) if holds(text, quote) else "")
            for quote_nr, quote in enumerate(result.evidence, start=1)
        ),
        is_open=is_open,
        because=because(result.reason, t) if result.reason is not None else "",
    )
