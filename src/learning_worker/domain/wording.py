"""The feedback text in a model's words: what it is told, how its parts become Markdown, and the linter over them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from learning_worker.domain.criteria import TOP_LEVEL, CriterionResult, ResultStatus
from learning_worker.domain.feedback import WORD_LIMIT, closing_lines, escape_md, shorten, unescape_md
from learning_worker.domain.language import sentence_limit_words
from learning_worker.domain.linter import broken_rules
from learning_worker.domain.markup import plain
from learning_worker.domain.phrases import phrases_for
from learning_worker.domain.prompts import LEVEL_WORDS, language_words, neutral
from learning_worker.domain.submission import Task

MAX_WORKS = 2
MAX_STEPS = 3
_PART_CHARS = 400
_LARGELY = 2
_QUOTE_WORDS = 16

WORDING_RULES = """\
You write a short feedback to a pupil from a teacher's checked results. Use only what the results say.
works: one or two things that work, each tied to a criterion. Only criteria with level largely or fully.
next: at most three next steps, the most useful first, each tied to a criterion that is not fully met. None if all are.
try_now: one small thing the pupil can do right now.
Speak about the text, never about the person. Short sentences. No points, marks, levels, links or quotation marks."""


class Tied(BaseModel):
    """A sentence about one criterion."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    criterion_id: str
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class Wording(BaseModel):
    """What a model writes for the pupil; headings, quotes and numbers are added by code."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    works: Annotated[list[Tied], Field(max_length=10)]
    next: Annotated[list[Tied], Field(max_length=10)]
    try_now: Annotated[str, Field(min_length=1, max_length=2000)]


@dataclass(frozen=True)
class Worded:
    """A text for the pupil and the names of the rules it breaks; none of them means that it may be shown."""

    feedback_md: str
    problems: tuple[str, ...]


def wording_rules(task: Task) -> str:
    """The rules for the feedback text, in the task's language and form of address."""
    grade = "" if task.grade_level is None else f" for grade {task.grade_level}"
    limit = sentence_limit_words(task.grade_level)
    return f"{WORDING_RULES}\nWrite in {language_words(task)}{grade}. At most {limit} words in a sentence."


def wording_results(results: Sequence[CriterionResult], task: Task, note: str = "") -> str:
    """The checked results as the model sees them: no answer beyond its quotes, none of the teacher's hints."""
    lines = []
    for criterion, result in zip(task.criteria, results, strict=True):
        if result.status is not ResultStatus.SCORED or result.level is None:
            continue
        item = {
            "criterion_id": criterion.id,
            "criterion": neutral(criterion.text),
            "level": LEVEL_WORDS[result.level],
            "reason": neutral(unescape_md(result.explanation_md)),
            "next_step": neutral(unescape_md(result.next_step_md or "")),
            "quote": neutral(shorten(result.evidence[0].quote, _QUOTE_WORDS)) if result.evidence else "",
        }
        lines.append(json.dumps(item, ensure_ascii=False))
    results_block = "The results:\n" + "\n".join(lines) + "\nAnswer with one JSON object."
    return f"{results_block}\n{note}" if note else results_block


def wording_schema(task: Task) -> dict[str, object]:
    """The JSON Schema of the feedback text's parts."""
    ids = [criterion.id for criterion in task.criteria]
    tied = {
        "type": "object",
        "properties": {"criterion_id": {"type": "string", "enum": ids}, "text": {"type": "string"}},
        "required": ["criterion_id", "text"],
        "additionalProperties": False,
    }
    properties: dict[str, object] = {
        "works": {"type": "array", "items": tied, "maxItems": MAX_WORKS},
        "next": {"type": "array", "items": tied, "maxItems": MAX_STEPS},
        "try_now": {"type": "string"},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def worded(content: str, results: Sequence[CriterionResult], task: Task, text: str) -> Worded:
    """The feedback text of a model's JSON answer, with every rule it breaks.

    results: verified, one per criterion, in order. text: the pupil's, in which alone a quotation may stand.
    """
    try:
        wording = Wording.model_validate_json(content)
    except ValidationError:
        return Worded("", ("form",))
    feedback_md = _markdown(wording, results, task)
    parts = [*(item.text for item in wording.works), *(item.text for item in wording.next), wording.try_now]
    problems = [*_structure_problems(wording, results, task), *broken_rules(parts, task, text)]
    if len(feedback_md.split()) > WORD_LIMIT:
        problems.append("too_long")
    return Worded(feedback_md, tuple(dict.fromkeys(problems)))


def wording_note(problems: Sequence[str]) -> str:
    """What the model is told when it is asked for a better text."""
    return "An earlier text broke these rules: " + " ".join(
        WORDING_RULES_BROKEN[problem] for problem in problems
    )


WORDING_RULES_BROKEN = {
    "form": "Answer with the JSON object and nothing else.",
    "too_many": f"At most {MAX_WORKS} items in works and {MAX_STEPS} in next.",
    "untied": "Each item belongs to one criterion of the results that fits it.",
    "no_strength": "Name one thing that works.",
    "without_quote": "Choose for works what has a quote.",
    "no_step": "There must be a next step for a criterion that is not fully met.",
    "needless_step": "All criteria are fully met: next is empty.",
    "markup": "No links, no HTML.",
    "wrong_language": "Use the language that was asked for.",
    "hard_to_read": "Use short sentences and plain words.",
    "address": "Keep to the form of address that was asked for.",
    "score_talk": "Do not mention points, marks, levels or percentages.",
    "hint_leaked": "Do not repeat the teacher's notes.",
    "invented_quote": "Do not put anything in quotation marks.",
    "refusal": "Write the feedback.",
    "too_long": f"At most {WORD_LIMIT} words in all.",
}


def _structure_problems(wording: Wording, results: Sequence[CriterionResult], task: Task) -> list[str]:
    levels = {r.criterion_id: r.level for r in results if r.level is not None}
    weak = {criterion_id for criterion_id, level in levels.items() if level < TOP_LEVEL}
    quoted = {r.criterion_id for r in results if levels.get(r.criterion_id, 0) >= _LARGELY and r.evidence}
    problems = []
    if quoted and not wording.works:
        problems.append("no_strength")
    if quoted and any(item.criterion_id not in quoted for item in wording.works):
        problems.append("without_quote")
    if len(wording.works) > MAX_WORKS or len(wording.next) > MAX_STEPS:
        problems.append("too_many")
    is_strong = all(levels.get(item.criterion_id, 0) >= _LARGELY for item in wording.works)
    if not is_strong or any(item.criterion_id not in weak for item in wording.next if weak):
        problems.append("untied")
    if weak and not wording.next:
        problems.append("no_step")
    if not weak and wording.next:
        problems.append("needless_step")
    return problems


def _markdown(wording: Wording, results: Sequence[CriterionResult], task: Task) -> str:
    phrases = phrases_for(task)
    quotes = {r.criterion_id: r.evidence[0].quote for r in results if r.evidence}
    names = {criterion.id: criterion.text for criterion in task.criteria}
    blocks: list[str] = []
    if wording.works:
        blocks.append(f"**{phrases.works}**")
        blocks += [
            _with_quote(item, quotes.get(item.criterion_id), phrases.quotation_marks)
            for item in wording.works
        ]
    if wording.next:
        steps = [
            f"- *{escape_md(shorten(names.get(item.criterion_id, '').rstrip(' .:'), 10))}*: {_shown(item.text)}"
            for item in wording.next
        ]
        blocks += [f"**{phrases.next}**", "\n".join(steps)]
    elif all(result.status is ResultStatus.SCORED for result in results):
        blocks.append(phrases.nothing_to_improve)
    blocks += [f"**{phrases.try_this}**", _shown(wording.try_now), *closing_lines(results, task)]
    return "\n\n".join(blocks)


def _with_quote(item: Tied, quote: str | None, marks: tuple[str, str]) -> str:
    line = f"- {_shown(item.text)}"
    if quote is None:
        return line
    return f"{line}\n\n  > {marks[0]}{escape_md(shorten(quote, _QUOTE_WORDS))}{marks[1]}"


def _shown(text: str) -> str:
    return escape_md(plain(text, _PART_CHARS))
