"""What tells a transcription from what models say instead of one: loops, refusals; and how sure a text with gaps is.

The mark `[?]` stands for a word that nobody could read; right behind a word (`Sauerstof[?].`) it says that this reading is
doubtful. It is part of the stored text, so that pupil and teacher see it; looking for quotes passes over it.
"""

import re

ILLEGIBLE = "[?]"

_LAST_LETTER = re.compile(r"(?<=[^\W_])(?=[\W_]*$)")

# The run of a block of up to this many words, repeated back to back, is no pupil's text any more.
_LONGEST_BLOCK = 40
_MIN_REPEATED_WORDS = 30
_MIN_REPEATS = 5
_LONGEST_SIGN_RUN = 60
_SAME_SIGNS = re.compile(rf"([^\W_])\1{{{_LONGEST_SIGN_RUN}}}")
_REFUSAL_CHARS = 400
_REFUSAL = re.compile(
    r"""\A\W*(?:
        (?:i['\u2019]?\s?a?m\s+(?:very\s+)?sorry|sorry|unfortunately|i\s+apologi[sz]e|my\s+apologies)?[,.]?\s*(?:but\s+)?
            i(?:\s+am|['\u2019]m)?\s+(?:can\s?not|can['\u2019]?t|unable|not\s+able|won['\u2019]?t)\b
            [^.\n]{0,60}\b(?:assist|help|transcribe|comply|process|view|see|read|analy[sz]e)\b
            [^.\n]{0,40}\b(?:image|images|picture|photo|page|request|this|that|you|content)\b
      | as\s+an\s+ai\b
      | (?:es\s+tut\s+mir\s+leid|entschuldigung|leider)[,.]?\s*(?:aber\s+)?
            (?:ich\s+kann|kann\s+ich|ich\s+darf)\b[^.\n]{0,60}\b(?:bild|foto|seite|anfrage|inhalt)\w*
            [^.\n]{0,60}\bnicht\b
      | als\s+(?:eine?\s+)?(?:ki|sprachmodell)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def doubtful(word: str) -> str:
    """The word with the mark behind its last letter or digit, before a comma or full stop; unchanged without either."""
    return _LAST_LETTER.sub(ILLEGIBLE, word, count=1)


def is_loop(text: str) -> bool:
    """Whether a block of words, or one sign, is said over and over without end.

    Only words with letters or digits count: dotted lines and empty table cells repeat on real pages.
    """
    if _SAME_SIGNS.search(text):
        return True
    words = [word for word in text.split() if any(map(str.isalnum, word))]
    return any(_has_run(words, period) for period in range(1, min(_LONGEST_BLOCK, len(words) // 2) + 1))


def _has_run(words: list[str], period: int) -> bool:
    needed = max(_MIN_REPEATED_WORDS, period * (_MIN_REPEATS - 1))
    run = 0
    for index in range(period, len(words)):
        run = run + 1 if words[index] == words[index - period] else 0
        if run >= needed:
            return True
    return False


def is_refusal(text: str) -> bool:
    """Whether a model declines instead of copying. A pupil who writes about not being able to help is not meant."""
    return len(text) <= _REFUSAL_CHARS and _REFUSAL.match(text) is not None


def confidence_of(text: str) -> float:
    """How far a copy with gaps can be trusted, 0..1: one word in eight illegible is doubtful, one in four too many.

    It counts gaps only: a model that invents a word with ease is not found out by this.
    """
    gaps = text.count(ILLEGIBLE)
    words = len(text.replace(ILLEGIBLE, " ").split()) + gaps
    return max(0.0, 1.0 - 2.0 * gaps / words) if words else 0.0
