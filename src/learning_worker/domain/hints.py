"""Whether a text for a pupil gives away what the teacher noted for the model alone."""

import re

from learning_worker.domain.everyday import EVERYDAY_STEMS, stem
from learning_worker.domain.language import words_of
from learning_worker.domain.submission import Task

LEAK_WORDS = 5
# In a note this short every word of content can be the solution; in a longer one only the unusual words are.
_SHORT_NOTE_WORDS = 12
_SECRET_LETTERS, _UNUSUAL_LETTERS = 5, 10
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")
# "in 2 sentences" says how to write, not what.
_AMOUNT = re.compile(
    r"\d+\s+(?:\w+\s+)?(?:s[aä]tz|w[oö]rt|zeile|absätz|beispiel|sentence|word|line|paragraph|example)"
)
# CO2, LRS: signs, not words.
_SIGN = re.compile(r"\b(?=\w*[A-Z])(?=\w*\d)[A-Za-z\d]{2,}\b|\b[A-ZÄÖÜ]{3,}\b")


def leaks(text: str, task: Task, answer: str) -> bool:
    """Whether a text holds something of the teacher's hints that pupils could not know from elsewhere.

    Secret are five words in a row (hints of two to four words as a whole), numbers, signs such as CO2, and words of
    content, unless task, criteria or answer hold them too, or any feedback could.
    """
    if not task.hints_md.strip():
        return False
    known = [task.instruction_md, answer]
    for criterion in task.criteria:
        known += [criterion.text, *criterion.levels]
    return _holds_run(text, task.hints_md, known) or _holds_secret(text, task.hints_md, " ".join(known))


def _holds_run(text: str, hints: str, known: list[str]) -> bool:
    size = min(LEAK_WORDS, len(words_of(hints)))
    if size < 2:
        return False
    open_runs = {run for known_text in known for run in _runs(known_text, size)}
    return not (_runs(hints, size) - open_runs).isdisjoint(_runs(text, size))


def _runs(text: str, size: int) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def _holds_secret(text: str, hints: str, known: str) -> bool:
    is_short = len(words_of(hints)) <= _SHORT_NOTE_WORDS
    letters = _SECRET_LETTERS if is_short else _UNUSUAL_LETTERS
    secret = {stem(word) for word in words_of(hints) if len(word) >= letters} - EVERYDAY_STEMS
    if not (secret - _stems(known)).isdisjoint(_stems(text)):
        return True
    return not (_marks(hints) - _marks(known)).isdisjoint(_marks(text))


def _marks(text: str) -> set[str]:
    """Numbers and signs, without the numbers that only say how much to write."""
    return set(_NUMBER.findall(_AMOUNT.sub(" ", text.lower()))) | set(_SIGN.findall(text))


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words_of(text)}
