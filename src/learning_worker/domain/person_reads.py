"""When a person must read an answer before any model does: a small list of phrases, applied in code.

It finds what pupils write of themselves, not what they write about: phrases stand in the first person, and words that a
sentence quotes from somebody else do not count. It labels nobody: its one effect is that a teacher reads today.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from learning_worker.domain.person_reads_list import DEFAULT_LIST
from learning_worker.domain.quotes import sentences

GAP_WORDS = 6
MAX_PHRASES = 1000
MAX_CHOICES = 300
_QUOTED = re.compile(r"[„“\"»«‚]([^„“”\"»«‘]{1,2000})[“”\"«»‘]")
# Somebody in the text speaks, sings or threatens: what follows are not the writer's own words.
_SAYS = "sagt|ruft|schreit|droht|singt|says|sings|shouts|threatens|cries"
_REPORTED = re.compile(rf"\b(?:{_SAYS})\b.*", re.IGNORECASE | re.DOTALL)
# Stories are told in the past: words follow a colon, or the comma after a verb of voice. Only one speaker says "I".
_VOICE = "rief|schrie|brüllte|flüsterte|sang|said|shouted|yelled|cried|whispered"
_SAID = f"{_VOICE}|sagte|sprach|meinte|dachte|antwortete|thought|replied|answered"
# Most sentences hold none of these: a look at their words is cheaper than the patterns.
_SPEECH = frozenset(f"{_SAYS}|{_SAID}".split("|"))
_WORD = re.compile(r"\w+")
_ANNOUNCED = re.compile(
    rf".*?\b(?:(?:{_SAID})\b[^:]{{0,80}}:|(?:{_VOICE})\b[^,:]{{0,80}},)",
    re.IGNORECASE | re.DOTALL,
)
_SAID_AFTER = re.compile(
    rf", *(?:{_VOICE}|sagt|sagte|ruft|schreit|singt|says) (?:der|die|das|ein|eine|the|an?) [^,]{{1,80}}$",
    re.IGNORECASE,
)
# Whoever names himself or herself, or the family, before the words begin tells of what was said to him or her.
_OWN = re.compile(
    r"\b(?:ich|mich|mir|wir|uns|i|me|we|us|mein(?:e[mnrs]?)?|unsere?[mnrs]?|my|our|papa|mama|dad|mum|mom)\b",
    re.IGNORECASE,
)
# Somebody near the writer speaks: "he says he kills me" tells of the writer, "he says: I kill him" does not.
_NEAR = re.compile(r"\b(?:er|sie|he|she|they)\b", re.IGNORECASE)
# An order that is passed on is no speaker's own plan: in "he says I should die", I am the writer.
_SPEAKER = re.compile(
    r"\b(?:ich|i|i['’]?(?:m|ll|ve|d)|ihr)\b(?!\s+(?:soll|sollte|muss|should|must|deserve)\b)", re.IGNORECASE
)
_FILLER_WORDS = """
    a abends actually all alle almost always am anymore at auch auf bald bestimmt bisschen bit completely constantly
    dann daran das dauernd des die doch echt eh ehrlich eigentlich ein eine einfach endlich even ever every everyday
    fast fucking ganz gar genau gerade gern gerne gesagt gestern glaub glaube grad grade halt hart heimlich heute
    honestly immer inzwischen irgendwann irgendwie ja jeden jetzt just kind kinda langsam lately leider letztens
    lieber liebsten like literally mal manchmal maybe me mehrmals meistens mich mir more morgen most nachts nearly
    neulich noch now nur of oft often only overall probably really richtig schon sehr seitdem selber selbst selten
    sick so sofort some sometimes sort sowieso sowiso still ständig tag tage tbh that the to today tomorrow tonight
    total totally truly täglich usually vielleicht voll vor wieder wirklich wohl ziemlich zu zuletzt
"""
_TOKEN = re.compile(r"[^\W_]+|[,;:]")
_DOUBLED = re.compile(r"([a-z])(?=\1)")
_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "’": "", "'": ""})


def _folded(words: str) -> str:
    """Lower case as pupils in a hurry spell: no apostrophes, no doubled letters; ä, ae and a are one letter."""
    plain = words.lower().translate(_UMLAUTS)
    return _DOUBLED.sub("", plain.replace("ae", "a").replace("oe", "o").replace("ue", "u"))


# How words sound or are texted, and the word of the list that is meant.
_SPOKEN = {",": ",", ";": ",", ":": ","} | {
    _folded(spelt): _folded(meant)
    for meant, spellings in {
        "nicht": "nich nit",
        "mehr": "mer",
        "wanna": "wana",
        "gonna": "gona gunna",
        "you": "u ya",
        "night": "nite",
        "tonight": "tonite",
        "because": "cuz cos bc",
    }.items()
    for spelt in spellings.split()
}
# Words that are written apart: "um zu bringen", "fertig gemacht", "my self", "step dad".
_PREFIXES = "um|ab|tot|an|auf|aus|ein|fertig|zusamen|weg|raus|runter|nieder|fest"
_APART = re.compile(
    rf"\b({_PREFIXES})"
    r" (zu)? ?(ge[a-z]{3,}(?:t|en)|bringen?|stechen?|schlagen|hangen|schlitzen|fasen|speren|machen)\b"
)
_SPLIT = re.compile(
    r"(?:(?<=\bmy)|(?<=\bhim)|(?<=\bher)) (?=self\b)|(?:(?<=\bevery)|(?<=\bsome)|(?<=\bany)) (?=(?:one|body)\b)"
    r"|(?<=\bstep) (?=(?:dad|mum|mom|father|mother|brother|sister)\b)"
)
_PARTS = frozenset(f"{_PREFIXES}|self|one|body|dad|mum|mom|father|mother|brother|sister".split("|"))
_FILLERS = "|".join(_folded(_FILLER_WORDS).split())


@dataclass(frozen=True)
class Phrase:
    """One line of a list: a pattern, and sets of words, of each of which it holds one.

    beside: what must stand somewhere in the same sentence as well.
    """

    needs: tuple[frozenset[str], ...]
    pattern: str
    beside: tuple["Phrase", ...] = ()

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """Made when a text first needs it: all of a list take most of a second."""
        return re.compile(f"(?<![^ ])(?:{self.pattern})")

    def is_in(self, words: str, each: set[str]) -> bool:
        """Whether the sentence says it, with what must stand beside it. each: its words once more, without their order."""
        # Most sentences lack a word that it needs, and that is found out sooner than a pattern is looked for.
        return (
            not any(map(each.isdisjoint, self.needs))
            and self.compiled.search(words) is not None
            and all(other.is_in(words, each) for other in self.beside)
        )


@dataclass(frozen=True)
class PhraseList:
    """Phrases ready to be looked for; `version` is the word after `version` in the list."""

    version: str
    phrases: tuple[Phrase, ...]
    harmless: tuple[Phrase, ...] = ()

    def finds(self, text: str) -> bool:
        """Whether a sentence of the text says one of the phrases in the writer's own voice."""
        return any(self._in(_own_words(sentence.quote)) for sentence in sentences(text))

    def _in(self, words: str) -> bool:
        # What is harmless is looked for only where there is an alarm: that is rare, and so it costs nothing.
        return self._says(words) and (self._harmless is None or self._says(self._harmless.sub("/ ", words)))

    def _says(self, words: str) -> bool:
        if self._anywhere is not None and self._anywhere.search(words):
            return True
        each = set(words.split())
        by_word = self._by_word
        return any(phrase.is_in(words, each) for word in each if word in by_word for phrase in by_word[word])

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[Phrase]]:
        """What may stand where a word does, by the rarest words that it needs: most sentences hold none of these."""
        lines = Counter(word for phrase in self.phrases for words in phrase.needs for word in words)
        found: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.phrases:
            for word in min(phrase.needs, key=lambda words: max(lines[word] for word in words), default=()):
                found[word].append(phrase)
        return dict(found)

    @cached_property
    def _anywhere(self) -> re.Pattern[str] | None:
        """What needs no certain word, as one pattern; None when there is no such phrase."""
        return _any_of([phrase for phrase in self.phrases if not phrase.needs])

    @cached_property
    def _harmless(self) -> re.Pattern[str] | None:
        return _any_of(self.harmless)


def _any_of(phrases: Sequence[Phrase]) -> re.Pattern[str] | None:
    patterns = "|".join(phrase.pattern for phrase in phrases)
    return re.compile(f"(?<![^ ])(?:{patterns})") if patterns else None


def phrase_list(source: str) -> PhraseList:
    """The list written in a text: one phrase per line, `#` starts a comment, `version NAME` names the edition.

    In a phrase, `a|b` stands for either word, `!a|b` for any word but these, `a_b` for two words as one choice, `*` at the
    end of a choice for any ending, `...` for up to six words without a comma, `~` for up to four words that add nothing
    (just, really, manchmal, einfach), `.` for a comma, the beginning or the end, and `?` after a word makes it optional.
    `a & b` stands for both phrases, anywhere in one sentence and in any order; the first holds a whole word. A line
    `$family = dad|mum` gives choices a name, which later lines use like a choice. A line that begins with `-` is harmless:
    what it finds is taken out of a sentence with an alarm, which must then find another. Umlauts may be written ä, ae or a,
    and doubled letters once.
    Raises ValueError with the number of a line that cannot be read.
    """
    version, found, harmless = "unnamed", [], []
    names: dict[str, str] = {}
    for nr, line in enumerate(source.splitlines(), 1):
        phrase = line.split("#", 1)[0].strip()
        name = re.fullmatch(r"\$(\w+) = (\S+)", phrase)
        if phrase.startswith("version "):
            version = phrase.removeprefix("version ").strip()[:50].lower()
        elif name is not None:
            names[name[1]] = "|".join(_choices(name[2], names, nr))
        elif phrase.startswith("- "):
            harmless.append(_phrase(phrase[2:], names, nr))
        elif phrase:
            found.append(_together(phrase, names, nr))
    if len(found) + len(harmless) > MAX_PHRASES:
        raise ValueError(f"more than {MAX_PHRASES} phrases")
    return PhraseList(version, tuple(found), tuple(harmless))


def _together(line: str, names: Mapping[str, str], nr: int) -> Phrase:
    first, *beside = (_phrase(part, names, nr) for part in line.split(" & "))
    if beside and not first.needs:
        raise ValueError(f"line {nr} cannot be read")
    return replace(first, beside=tuple(beside))


def _phrase(phrase: str, names: Mapping[str, str], nr: int) -> Phrase:
    parts: list[str] = []
    needs: list[frozenset[str]] = []
    for word in phrase.split():
        if word == "...":
            parts.append(rf"(?:\w+ ){{0,{GAP_WORDS}}}(?:, )?")
        elif word == "~":
            parts.append(rf"(?:(?:{_FILLERS}) (?:, )?){{0,{GAP_WORDS}}}")
        elif word.startswith("!"):
            but = "|".join(map(_choice_pattern, _choices(word[1:], names, nr)))
            parts.append(f"(?!{but})[^ ,]+ (?:, )?")
        else:
            optional = word.endswith("?")
            choices = _choices(word.removesuffix("?"), names, nr)
            if not optional and not any(map(_is_open, choices)):
                needs.append(frozenset(choice.split("_")[0] for choice in choices))
            parts.append(f"(?:{'|'.join(map(_choice_pattern, choices))}){'?' if optional else ''}")
    return Phrase(tuple(needs), "".join(parts))


def _choices(word: str, names: Mapping[str, str], nr: int) -> list[str]:
    """The choices of a word of a phrase, with those that a name stands for in the place of the name."""
    found: list[str] = []
    for choice in word.split("|"):
        if choice.startswith("$") and choice[1:] in names:
            found += names[choice[1:]].split("|")
        elif re.fullmatch(r"[\w']+\*?|\.", choice) is not None:
            found.append(_folded(choice))
        else:
            raise ValueError(f"line {nr} cannot be read")
    if len(found) > MAX_CHOICES:
        raise ValueError(f"line {nr} has more than {MAX_CHOICES} choices")
    return found


def _is_open(choice: str) -> bool:
    """Whether a choice is no list of words: an ending left open, or the end of a clause."""
    return choice.endswith(("*", "."))


def _choice_pattern(choice: str) -> str:
    if choice == ".":
        return r"(?:^|(?<=, )|, |$)"
    return (
        re.escape(choice.rstrip("*")).replace("_", " ")
        + ("[^ ]*" if choice.endswith("*") else "")
        + " (?:, )?"
    )


def _own_words(sentence: str) -> str:
    """The sentence as lower-case words and commas, a space after each, without what somebody else says in it."""
    without = _QUOTED.sub(" ", sentence)
    # A sentence that is nothing but a quotation has nobody else who could have said it.
    kept = _without_reported(without) if any(map(str.isalnum, without)) else sentence
    words = _TOKEN.findall(_folded(kept).replace("zuhause", "zu hause").replace("nachhause", "nach hause"))
    if not _PARTS.isdisjoint(words):
        words = _SPLIT.sub("", _APART.sub(r"\1\2\3", " ".join(words))).split()
    return " ".join([*(_SPOKEN.get(word, word) for word in words), ""])


def _without_reported(sentence: str) -> str:
    if _SPEECH.isdisjoint(_WORD.findall(sentence.lower())):
        return sentence
    said = _SAID_AFTER.search(sentence)
    if said is not None and _OWN.search(said.group()) is None:
        return _SPEAKER.sub(" x ", sentence[: said.start()])
    reported = _REPORTED.search(sentence)
    if reported is not None:
        before = sentence[: reported.start()]
        near = _OWN.search(before) or _NEAR.search(before)
        return before + _SPEAKER.sub(" x ", reported.group()) if near else before
    announced = _ANNOUNCED.match(sentence)
    if announced is None or _OWN.search(announced.group()):
        return sentence
    if announced.group().endswith(",") and _NEAR.search(announced.group()):
        return sentence
    return announced.group() + _SPEAKER.sub(" x ", sentence[announced.end() :])


DEFAULT_PHRASES = phrase_list(DEFAULT_LIST)
"""The phrases that make a person read an answer; a school replaces them with `person_reads.txt`. Grammar: `phrase_list`."""
