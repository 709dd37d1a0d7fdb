"""Whether a text for a pupil gives away what the teacher noted for the model alone."""

import re

from learning_worker.domain.language import words_of
from learning_worker.domain.submission import Task

LEAK_WORDS = 5
# In a note this short every word of content can be the solution; in a longer one only the unusual words are.
_SHORT_NOTE_WORDS = 12
_SECRET_LETTERS, _UNUSUAL_LETTERS = 5, 10
_STEM_LETTERS = 4
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?!\w)")
# "in 2 sentences" says how to write, not what.
_AMOUNT = re.compile(
    r"\d+\s+(?:\w+\s+)?(?:s[aä]tz|w[oö]rt|zeile|absätz|beispiel|sentence|word|line|paragraph|example)"
)
# CO2, LRS: signs, not words.
_SIGN = re.compile(r"\b(?=\w*[A-Z])(?=\w*\d)[A-Za-z\d]{2,}\b|\b[A-ZÄÖÜ]{3,}\b")
_ENDING = re.compile(r"(?:ungen|ung|ing|ern|en|em|er|es|ed|e|n|s)$")
# What feedback on any task speaks of: a note that holds such a word does not make it a secret.
_EVERYDAY_WORDS = """
    absatz achte achten aber alle aller allem andere anderen antwort aufgabe ausdruck aussage bedeutet begriff begründe
    begründen begründung beispiel belege bereits beschreibe beschreibung besser bewerte bewerten deine deutlich diese
    dieser durch eigene einfach einleitung entscheidend ergänze ergebnis erkläre erklären erklärung erwartet erwähnt
    fachbegriff fachsprache fachwort fehler fehlt folge formulierung fragen ganze genannt genau genügen gehört grammatik
    grund gründe höchstens inhalt jeder kannst klasse klausur kommt können korrekt kriterium lehrer lehrkraft leser lesen
    letzte lösung machen meinung möglich müssen mindestens nachsichtig nenne nennen nennt nicht nötig ordnung passende quelle
    rechnung rechtschreibung richtig sagen satzbau sätze schluss schreibe schreiben schritt schüler schülerin seine
    sollen sollte sprache stelle stichpunkt stimmt streng struktur teil texte thema überschrift unterschied unwichtig
    ursache verständlich verwenden viele vollständig weitere wenig werden wichtig wiederholung wirklich worte wörter
    zeichensetzung zeigt zitat zitate zusammenhang zusammenfassung zuerst zwischen
    about accept add after also answer argument because before better between cause class clear comma conclusion
    correct criterion describe detail difference enough evidence exact example expect explain explanation expected
    factor first focus gives given grammar important include introduction keyword kindly learner lenient letter
    longer main marking meaning means mention missing mistake model names needed needs neither opinion order other
    others paragraph people phrase please point possible pupil punctuation question quote reader reading really reason
    repeat result right second section sentence shall should shows simple solution source spelling start state step
    strict structure student summary teacher technical terms their there these thing third those title together topic
    under using vocabulary well where which while whole within without words would write writing wrong
"""


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
    secret = {_stem(word) for word in words_of(hints) if len(word) >= letters} - _EVERYDAY
    if not (secret - _stems(known)).isdisjoint(_stems(text)):
        return True
    return not (_marks(hints) - _marks(known)).isdisjoint(_marks(text))


def _marks(text: str) -> set[str]:
    """Numbers and signs, without the numbers that only say how much to write."""
    return set(_NUMBER.findall(_AMOUNT.sub(" ", text.lower()))) | set(_SIGN.findall(text))


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in words_of(text)}


def _stem(word: str) -> str:
    """A word without the ending that its forms differ in; compound words stay what they are."""
    stem = _ENDING.sub("", word)
    return stem if len(stem) >= _STEM_LETTERS else word


_EVERYDAY = frozenset(_stem(word) for word in _EVERYDAY_WORDS.split())
