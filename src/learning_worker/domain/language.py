"""What code can tell of a text for a pupil: its language and how hard it reads."""

import re

from learning_worker.domain.submission import Language

_MIN_MARKED = 3
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…:]+(?:\s|$)|\n+")
# Frequent words of one language that the other one does not have.
_GERMAN_WORDS = """
    aber auch auf bei das dass dein deine deinem deinen dem den der des die du ein eine einem einen für haben hast ihr
    ihre ihren ist kannst können mit nicht noch oder schon schreib satz sich sie sind und von weil wenn wie wird zu
"""
_ENGLISH_WORDS = """
    add already an and are be because but by can does explain for from has have how if is it not of or say says
    sentence that the this to what which with write yet you your
"""
_GERMAN, _ENGLISH = frozenset(_GERMAN_WORDS.split()), frozenset(_ENGLISH_WORDS.split())


def words_of(text: str) -> list[str]:
    """The words in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def is_other_language(text: str, language: Language) -> bool:
    """Whether a text is clearly not in this language: few or none of its frequent words and plenty of the other's.

    Short texts and mixed ones pass: a wrong alarm would throw away a good answer.
    """
    words = words_of(text)
    german = sum(word in _GERMAN for word in words)
    english = sum(word in _ENGLISH for word in words)
    own, other = (german, english) if language is Language.GERMAN else (english, german)
    return other >= _MIN_MARKED and other > 3 * own


def lix(text: str) -> float:
    """How hard a text reads: mean sentence length plus the percentage of words over six letters.

    Below 30 is a children's book, 40 a story, 50 a newspaper, 60 an official text. Source: Björnsson 1968, Läsbarhet.
    """
    words = words_of(text)
    if not words:
        return 0.0
    sentence_count = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE_END.split(text)))
    return len(words) / sentence_count + 100 * sum(len(word) > 6 for word in words) / len(words)


def lix_limit(language: Language, grade_level: int | None) -> float:
    """The highest LIX for a grade. German words are longer: about ten more for the same effort."""
    easy = 38.0 if language is Language.GERMAN else 30.0
    return easy + 2.0 * min(grade_level if grade_level is not None else 9, 13)
