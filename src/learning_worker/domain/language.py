"""What code can tell of a text for a pupil: its language and how hard it reads."""

import math
import re
from collections.abc import Sequence

from learning_worker.domain.submission import Language

_MIN_MARKED = 3
_USUAL_GRADE = 9
# A sentence a little longer than asked for is worth more to a pupil than none.
_SPARE_WORDS = 3
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…:;]+(?:\s|$)|\n+")
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


def is_hard_to_read(parts: Sequence[str], language: Language, grade_level: int | None, known: str) -> bool:
    """Whether texts for a pupil have a sentence too long, or too many long words, for the grade (without one: the ninth).

    known: what the pupil has read or written already; its words do not count as long.
    """
    sentences = [sentence for part in parts for sentence in _SENTENCE_END.split(part)]
    longest = sentence_limit_words(grade_level) + _SPARE_WORDS
    if any(len(words_of(sentence)) > longest for sentence in sentences):
        return True
    limit, known_words = lix_limit(language, grade_level), frozenset(words_of(known))
    return any(
        lix(text, known_words) > limit + _swing(len(words_of(text))) for text in (*parts, "\n".join(parts))
    )


def _swing(word_count: int) -> float:
    """How far the LIX of few words strays by chance: two standard errors of the share of long words, where it is a fifth.

    One would take every third ordinary sentence of five to seven words for a hard one; rare words alone stay hard.
    """
    return 80 / math.sqrt(max(1, word_count))


def sentence_limit_words(grade_level: int | None) -> int:
    """The longest sentence to be asked for in a grade: 15 words in the fifth, 18 in the eighth, 20 from the tenth on.

    Sources, for German: 15 is Seibicke's upper bound for writing, 18 that of easy reading for Reiners, 20 that of what the
    press agency dpa wants.
    """
    return min(20, 10 + (_USUAL_GRADE if grade_level is None else grade_level))


def lix(text: str, known: frozenset[str] = frozenset()) -> float:
    """How hard a text reads: mean sentence length plus the percentage of words over six letters that are not known.

    Source: Björnsson 1968, Läsbarhet. German words are longer: there, children's books stay below 40 and fiction below
    50 (Lenhard and Lenhard 2011, psychometrica.de/lix.html), in English below 30 and 40.
    """
    words = words_of(text)
    if not words:
        return 0.0
    sentence_count = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE_END.split(text)))
    long_count = sum(len(word) > 6 and word not in known for word in words)
    return len(words) / sentence_count + 100 * long_count / len(words)


def lix_limit(language: Language, grade_level: int | None) -> float:
    """The highest LIX for a grade: a children's book up to the sixth, fiction in the tenth, a little more in the twelfth."""
    easy = 40.0 if language is Language.GERMAN else 30.0
    grade = _USUAL_GRADE if grade_level is None else grade_level
    return easy + 2.5 * max(0, min(grade, 12) - 6)
