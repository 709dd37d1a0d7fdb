"""Checked results -> Markdown for the pupil, in German and English, when no model wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from learning_worker.domain.criteria import (
    TOP_LEVEL,
    TOP_WHOLE_SCORE,
    Criterion,
    CriterionResult,
    Reason,
    nearest_level,
    whole_score,
)
from learning_worker.domain.phrases import Phrases, phrases_for
from learning_worker.domain.submission import Task

WORD_LIMIT = 180
# (strengths, next steps), tried in turn until the text is short enough.
_SIZES = ((2, 3), (2, 2), (1, 2), (1, 1), (0, 1))
_CRITERION_WORDS = 10
_QUOTE_WORDS = 16
_STEP_WORDS = 24
_CHARS_PER_WORD = 12
_LARGELY = 2


def feedback_md(results: Sequence[CriterionResult], task: Task, *, word_limit: int = WORD_LIMIT) -> str:
    """What works, what comes next and one thing to try; or a kind sentence when nothing could be assessed.

    results: verified, one per criterion of the task, in order. Holds no points unless the task shows scores, never the
    task's hints, and at most word_limit words. The pupil's words are quoted with all Markdown escaped.
    """
    phrases = phrases_for(task)
    answered = _answered(results, task)
    sentence = _unassessed_sentence(results, phrases, bool(answered))
    if sentence is not None:
        return sentence
    text = ""
    for strengths, steps in _SIZES:
        text = _assessed_md(answered, task, strengths, steps)
        if len(text.split()) <= word_limit:
            break
    return text


def escape_md(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no emphasis, links, images, HTML or field markers."""
    line = " ".join(_INVISIBLE.sub(" ", text).split())
    return _LIST_NUMBER.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", line))


# Control characters, and direction overrides that would turn round the rest of the page.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Colons and dots only where a renderer that links bare addresses would act on them.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&~$|@]|:(?=//)|(?<=www)\.|^[#+=-]", re.IGNORECASE)
_LIST_NUMBER = re.compile(r"^(\d+)(?=[.)])")


def unescape_md(markdown: str) -> str:
    """The text of a line that `escape_md` made; a text that was never escaped stays nearly as it is."""
    return _ESCAPED.sub(r"\1", markdown)


_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def shorten(text: str, words: int) -> str:
    """The first words of a text on one line, with an ellipsis where something was left out."""
    parts = text.split()
    line = " ".join(parts[:words])
    room = words * _CHARS_PER_WORD
    if len(parts) <= words and len(line) <= room:
        return line
    return line[:room].rstrip() + " …"


@dataclass(frozen=True)
class _Answered:
    """A scored result with its criterion and the band it falls into."""

    criterion: Criterion
    result: CriterionResult
    score: int
    level: int


def _answered(results: Sequence[CriterionResult], task: Task) -> list[_Answered]:
    return [
        _Answered(criterion, result, result.score, nearest_level(result.score, criterion.max_score))
        for criterion, result in zip(task.criteria, results, strict=True)
        if result.score is not None
    ]


def _unassessed_sentence(
    results: Sequence[CriterionResult], phrases: Phrases, is_any_scored: bool
) -> str | None:
    """The only thing said when a person must read, or when nothing was scored."""
    reasons = [result.reason for result in results if result.reason is not None]
    # One sentence for all of these, and before any other: it must not tell which of them it was.
    if any(reason in _A_PERSON_READS for reason in reasons):
        return phrases.person_reads
    if is_any_scored:
        return None
    if Reason.BLANK in reasons:
        return phrases.blank
    if Reason.TEXT_UNREADABLE in reasons:
        return phrases.unreadable
    if Reason.TEXT_TOO_LONG in reasons:
        return phrases.too_long
    if Reason.OFF_TOPIC in reasons or Reason.NONSENSE in reasons:
        return phrases.off_topic
    return phrases.unreliable


_A_PERSON_READS = frozenset({Reason.PERSON_READS, Reason.REFUSED, Reason.AI_NOT_ALLOWED})


def _assessed_md(answered: Sequence[_Answered], task: Task, strengths: int, steps: int) -> str:
    phrases = phrases_for(task)
    strong = sorted((a for a in answered if a.level >= _LARGELY), key=lambda a: -a.level)[:strengths]
    weak = sorted((a for a in answered if a.level < TOP_LEVEL), key=lambda a: a.level)[:steps]
    blocks: list[str] = []
    if strong:
        blocks += [f"**{phrases.works}**", *(_strength(a, task, phrases) for a in strong)]
    if weak:
        steps_md = "\n".join(_next_step(a, task, phrases) for a in weak)
        blocks += [f"**{phrases.next}**", steps_md]
    elif len(answered) == len(task.criteria):
        blocks.append(phrases.nothing_to_improve)
    blocks += [f"**{phrases.try_this}**", phrases.try_weak if weak else phrases.try_strong]
    return "\n\n".join([*blocks, *_closing(answered, task)])


def closing_lines(results: Sequence[CriterionResult], task: Task) -> list[str]:
    """What stands under every feedback: how many criteria nobody assessed; the whole score where the task shows it."""
    return _closing(_answered(results, task), task)


def _closing(answered: Sequence[_Answered], task: Task) -> list[str]:
    phrases = phrases_for(task)
    missing = len(task.criteria) - len(answered)
    if missing:
        return [phrases.missing.format(missing=missing, total=len(task.criteria))]
    return _whole_score_line(answered, task, phrases)


def _strength(item: _Answered, task: Task, phrases: Phrases) -> str:
    line = f"- {_criterion_md(item, task, phrases)}"
    if not item.result.evidence:
        return line
    quote = escape_md(shorten(item.result.evidence[0].quote, _QUOTE_WORDS))
    opening, closing = phrases.quotation_marks
    return f"{line}\n\n  > {opening}{quote}{closing}"


def _next_step(item: _Answered, task: Task, phrases: Phrases) -> str:
    step = shorten(unescape_md(item.result.next_step_md or ""), _STEP_WORDS)
    # A model's step is one line of plain words here: it can repeat whatever a pupil's text told it to.
    return f"- {_criterion_md(item, task, phrases)}: {escape_md(step) or phrases.generic_step}"


def _criterion_md(item: _Answered, task: Task, phrases: Phrases) -> str:
    name = escape_md(shorten(item.criterion.text.rstrip(" .:"), _CRITERION_WORDS))
    if not task.scores_visible:
        return f"*{name}*"
    return f"*{name}* ({phrases.points.format(score=item.score, top=item.criterion.max_score)})"


def _whole_score_line(answered: Sequence[_Answered], task: Task, phrases: Phrases) -> list[str]:
    if not task.scores_visible or len(answered) < len(task.criteria):
        return []
    score = whole_score([a.result for a in answered], task.criteria)
    return [phrases.whole.format(score=score, top=TOP_WHOLE_SCORE)]
