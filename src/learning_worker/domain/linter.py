"""The rules for everything a model writes to a pupil, whether feedback text, reason or next step."""

import re
from collections.abc import Sequence

from learning_worker.domain.address import has_wrong_address
from learning_worker.domain.hints import leaks
from learning_worker.domain.language import is_hard_to_read, is_other_language
from learning_worker.domain.markup import TAG
from learning_worker.domain.quotations import quotations
from learning_worker.domain.quotes import locate
from learning_worker.domain.refusals import is_refusal
from learning_worker.domain.score_talk import speaks_of_scores
from learning_worker.domain.submission import Language, Task

_QUOTE_MIN_WORDS = 3


def broken_rules(parts: Sequence[str], task: Task, answer: str) -> tuple[str, ...]:
    """The names of the rules that sentences to a pupil break, without repetition; none: they may be shown.

    answer: the pupil's text, in which a quotation has to stand.
    """
    prose = " ".join(_sentence(part) for part in parts)
    known = "\n".join([task.instruction_md, answer, *(criterion.text for criterion in task.criteria)])
    rules = {
        "wrong_language": is_other_language(prose, task.language),
        "hard_to_read": is_hard_to_read(parts, task.language, task.grade_level, known),
        "address": task.language is Language.GERMAN and has_wrong_address(parts, task.form_of_address),
        "markup": any(pattern.search(prose) for pattern in (_LINK, TAG)),
        "score_talk": not task.scores_visible and speaks_of_scores(prose, task, answer),
        "hint_leaked": leaks(prose, task, answer),
        "invented_quote": _has_invented_quote(prose, known),
        "refusal": any(is_refusal(part) for part in parts),
    }
    return tuple(name for name, is_broken in rules.items() if is_broken)


def _sentence(part: str) -> str:
    part = part.strip()
    return part if part.endswith((".", "!", "?", "…")) else f"{part}."


_LINK = re.compile(r"https?:|www\.|!?\[[^\]]*\]\(", re.IGNORECASE)


def _has_invented_quote(prose: str, known: str) -> bool:
    """Whether words in quotation marks stand nowhere. One or two may be a word to use: Begin with "because"."""
    quotes = [found for found in quotations(prose) if len(found.split()) >= _QUOTE_MIN_WORDS]
    return any(locate(found, known) is None for found in quotes)
