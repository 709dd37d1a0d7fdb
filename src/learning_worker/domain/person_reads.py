"""When a person must read an answer before any model does: a small list of phrases, applied in code.

It finds what pupils write of themselves, not what they write about: phrases stand in the first person, and words that a
sentence quotes from somebody else do not count. It labels nobody: its one effect is that a teacher reads today.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from learning_worker.domain.person_reads_list import DEFAULT_LIST
from learning_worker.domain.quotes import sentences

GAP_WORDS = 4
MAX_PHRASES = 500
_QUOTED = re.compile(r"[„“\"»«‚]([^„“”\"»«‘]{1,2000})[“”\"«»‘]")
# Somebody in the text speaks, sings or threatens: what follows are not the writer's own words.
_REPORTED = re.compile(
    r"\b(?:sagt|ruft|schreit|droht|singt|says|sings|shouts|threatens|cries)\b.*", re.IGNORECASE | re.DOTALL
)
_FILLER_WORDS = """
    all alle am at auch daran dann das des doch du echt einfach ever every gar gern gerne heute immer jeden jetzt just
    lieber liebsten like manchmal me mich morgen more most nur oft often only really schon sehr selbst so sometimes still
    that the to tomorrow tonight vor wieder wirklich wohl zu
"""
_FILLERS = "|".join(_FILLER_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True)
class PhraseList:
    """Phrases ready to be looked for; `version` is the word after `version` in the list."""

    version: str
    patterns: tuple[str, ...]

    def finds(self, text: str) -> bool:
        """Whether a sentence of the text says one of the phrases in the writer's own voice."""
        own = map(_own_words, (sentence.quote for sentence in sentences(text)))
        return self._any is not None and any(map(self._any.search, own))

    @cached_property
    def _any(self) -> re.Pattern[str] | None:
        """All phrases as one pattern, which takes a quarter of the time of a search for each; None without phrases."""
        return re.compile(f"(?<![^ ])(?:{'|'.join(self.patterns)})") if self.patterns else None


def phrase_list(source: str) -> PhraseList:
    """The list written in a text: one phrase per line, `#` starts a comment, `version NAME` names the edition.

    In a phrase, `*` at the end of a word stands for any ending, `...` for up to four words without a comma, `~` for up to
    four words that add nothing (just, really, manchmal, einfach), `.` for a comma or the end, `a|b` for either word.
    Raises ValueError with the number of a line that cannot be read.
    """
    version, patterns = "unnamed", []
    for nr, line in enumerate(source.splitlines(), 1):
        phrase = line.split("#", 1)[0].strip().lower()
        if phrase.startswith("version "):
            version = phrase.removeprefix("version ").strip()[:50]
        elif phrase:
            patterns.append(_pattern(phrase, nr))
    if len(patterns) > MAX_PHRASES:
        raise ValueError(f"more than {MAX_PHRASES} phrases")
    return PhraseList(version, tuple(patterns))


def _pattern(phrase: str, nr: int) -> str:
    parts: list[str] = []
    for word in phrase.split():
        if word == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}(?:, )?")
            continue
        if word == "~":
            parts.append(rf"(?:(?:{_FILLERS}) ){{0,{GAP_WORDS}}}")
            continue
        if word == ".":
            parts.append(r"(?:(?<=, )|, |$)")
            continue
        if re.fullmatch(r"[\w'|]+\*?", word) is None:
            raise ValueError(f"line {nr} cannot be read")
        choices = "|".join(re.escape(choice) for choice in word.rstrip("*").replace("'", "").split("|"))
        parts.append(rf"(?:{choices}){'[^ ]*' if word.endswith('*') else ''} (?:, )?")
    return "".join(parts)


def _own_words(sentence: str) -> str:
    """The sentence as lower-case words and commas, a space after each, without what somebody else says in it."""
    without = _QUOTED.sub(" ", sentence)
    # A sentence that is nothing but a quotation has nobody else who could have said it.
    kept = _REPORTED.sub(" ", without) if _WORD.search(without) else sentence
    found = _TOKEN.findall(kept.lower().replace("’", "").replace("'", ""))
    return "".join("%s " % ("," if word in ",;:" else word) for word in found)


_TOKEN = re.compile(r"[^\W_]+|[,;:]")


DEFAULT_PHRASES = phrase_list(DEFAULT_LIST)
