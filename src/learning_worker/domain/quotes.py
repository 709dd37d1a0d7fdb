"""Finding a model's quote in the pupil's text: what is shown is the pupil's own wording, or nothing."""

import re
import unicodedata
from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from learning_worker.domain.criteria import (
    TOP_LEVEL,
    CriterionResult,
    Evidence,
    Reason,
    ResultStatus,
    level_score,
    storable,
)
from learning_worker.domain.transcript import ILLEGIBLE

MIN_QUOTE_LETTERS = 3
# A hostile quote can match at every second character of a text and end inside a letter each time.
MAX_REJECTED_MATCHES = 1000

_QUOTATION_MARKS = "\"'`´‘’‚‛“”„‟‹›«»′″＂＇「」『』"
_DASHES = "-‐‑‒–—―−﹣－"
# Invisible characters that models drop: soft hyphen, zero width space, word joiner, byte order mark, direction marks.
_IGNORED = "\u00ad\u200b\u2060\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_NOTHING = "\u2060"
_FOLDS = (
    dict.fromkeys(map(ord, _QUOTATION_MARKS), "'")
    | dict.fromkeys(map(ord, _DASHES), "-")
    | dict.fromkeys(map(ord, _IGNORED), "")
)


@dataclass(frozen=True)
class FoldedText:
    """A text made comparable. `offsets[i]`: where in `text` the folded character i comes from.

    Folding decomposes (two texts have the same NFC exactly when they have the same decomposition), turns each run of
    white space into one space, and quotation marks and dashes into one kind each; marks of doubt (`[?]`) are left out.
    """

    text: str
    folded: str
    offsets: Sequence[int]


def folded(text: str) -> FoldedText:
    """The text made comparable; linear in its length, so fold once when several quotes are looked up."""
    chars: list[str] = []
    offsets: MutableSequence[int] = array("L")
    # As many characters as before, so that offsets hold.
    for offset, char in enumerate(text.replace(ILLEGIBLE, _NOTHING * len(ILLEGIBLE))):
        for part in _fold(char):
            if part == " " and chars and chars[-1] == " ":
                continue
            chars.append(part)
            offsets.append(offset)
    _order_marks(chars, offsets)
    return FoldedText(text, "".join(chars), offsets)


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    if char.isspace():
        return " "
    return unicodedata.normalize("NFD", char).translate(_FOLDS)


def _order_marks(chars: list[str], offsets: MutableSequence[int]) -> None:
    """Put runs of combining marks into canonical order, in place, together with their offsets."""
    start = 0
    while start < len(chars):
        end = start
        while end < len(chars) and _mark_class(chars[end]):
            end += 1
        if end - start > 1:
            run = sorted(
                zip(chars[start:end], offsets[start:end], strict=True),
                key=lambda pair: _mark_class(pair[0]),
            )
            chars[start:end] = [char for char, _ in run]
            offsets[start:end] = array("L", [offset for _, offset in run])
        start = max(end, start + 1)


_mark_class = lru_cache(maxsize=4096)(unicodedata.combining)


def locate(quote: str, text: str | FoldedText) -> Evidence | None:
    """Where the text says what the quote says, in the text's own wording; the first place when there are several.

    None when it is not there, or when the quote has fewer than three letters or digits and so proves nothing.
    Quotation marks and dots that a model put around its quote do not count.
    """
    if sum(map(str.isalnum, quote)) < MIN_QUOTE_LETTERS:
        return None
    haystack = folded(text) if isinstance(text, str) else text
    whole = folded(quote).folded.strip()
    for needle in dict.fromkeys((whole, whole.strip(" '"), whole.strip(" '.…"))):
        place = _find(needle, haystack)
        if place is not None:
            return place
    return None


def _find(needle: str, haystack: FoldedText) -> Evidence | None:
    start = haystack.folded.find(needle)
    for _ in range(MAX_REJECTED_MATCHES):
        if start < 0:
            return None
        end = start + len(needle)
        if _is_boundary(haystack, start) and _is_boundary(haystack, end):
            places = haystack.offsets[start:end]
            first, last = min(places), max(places)
            return Evidence(haystack.text[first : last + 1], first, last + 1)
        start = haystack.folded.find(needle, start + 1)
    return None


def _is_boundary(haystack: FoldedText, index: int) -> bool:
    """Whether no character of the text and no letter with its accents is cut in two before the folded character."""
    if index in (0, len(haystack.folded)):
        return True
    if haystack.offsets[index] == haystack.offsets[index - 1]:
        return False
    return not _mark_class(haystack.folded[index])


def verified(result: CriterionResult, text: str) -> CriterionResult:
    """The result as far as code can vouch for it: real quotes with offsets, a level in range, points from the level.

    A score needs a quote that the text holds; without one it becomes needs_review. Level 0 needs none: what is
    missing cannot be quoted. A level outside 0..3 is never clamped, it goes to a person as well.
    """
    reason: Reason | None = result.reason or Reason.UNKNOWN
    level = score = None
    evidence = _verified_evidence(result, text)
    if result.status is ResultStatus.SCORED:
        reason, level = None, result.level
        if level is None or isinstance(level, bool) or not 0 <= level <= TOP_LEVEL:
            return _for_review(result, Reason.LEVEL_OUT_OF_RANGE)
        if level > 0 and not evidence:
            return _for_review(result, Reason.QUOTE_NOT_FOUND)
        score = level_score(level, result.max_score)
    next_step_md = result.next_step_md
    return replace(
        result,
        reason=reason,
        level=level,
        score=score,
        explanation_md=storable(result.explanation_md),
        evidence=evidence,
        next_step_md=None if next_step_md is None else storable(next_step_md),
    )


def _for_review(result: CriterionResult, reason: Reason) -> CriterionResult:
    """Nothing of a judgement that failed its check is kept: its explanation rests on the same ground."""
    return CriterionResult(
        criterion_id=result.criterion_id,
        status=ResultStatus.NEEDS_REVIEW,
        max_score=result.max_score,
        reason=reason,
    )


def _verified_evidence(result: CriterionResult, text: str) -> tuple[Evidence, ...]:
    haystack: FoldedText | None = None
    found: dict[Evidence, None] = {}
    for evidence in result.evidence:
        if _is_exact(evidence, text):
            found[evidence] = None
            continue
        haystack = haystack or folded(text)
        place = locate(evidence.quote, haystack)
        if place is not None:
            found[place] = None
    return tuple(found)


def _is_exact(evidence: Evidence, text: str) -> bool:
    # A negative start would count from the end of the text.
    return (
        0 <= evidence.start < evidence.end <= len(text)
        and text[evidence.start : evidence.end] == evidence.quote
        and sum(map(str.isalnum, evidence.quote)) >= MIN_QUOTE_LETTERS
    )


_ABBREVIATION_LIST = """
    abb abs allg bd bes bspw bzw ca chr d.h dr e.g etc evtl ff fig g ggf h i.d.r i.e inkl jh jr max min mio mr mrd mrs
    ms n.chr no nr o.ä prof s sog sr st std str tel u.a u.s.w usf usw v.a v.chr vgl vs z z.b z.t zb
"""
_STARTER_LIST = """
    aber also am and as at aus bei but da dabei danach dann das dazu denn der deshalb die dies diese dieser doch ein
    eine er es für i ich if ihr im in it jetzt man manche mein mit my nach nun ob oder she sie so the then there they
    this und viele vor was we weil wenn wer wie wir you zu zum zuerst
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
# After these a capital letter starts a new sentence more often than it continues one.
_MAY_END = frozenset({"etc", "usw", "usf", "u.s.w", "ff"})
_SENTENCE_STARTERS = frozenset(_STARTER_LIST.split())
# The look-behind and the possessive repeats keep this linear on a megabyte of dots.
_STOP = re.compile(
    r"(?<![.!?…\[])[.!?…]++[\"'“”’»«)\]]*+(?=\s)"
    r"|\n[^\S\n]*+\n"
    r"|\n(?=[^\S\n]*+(?:[-*•#]|\d{1,2}[.)])\s)"
)
_LAST_WORD = re.compile(r"(?:[^\W_]\.\s)?[^\W_]+(?:\.[^\W_]+)*$")
_NEXT_WORD = re.compile(r"\s*[\"'„“‚‘»«(\[]*([^\W_]*)")
_SPLIT_REACH = 40


def sentences(text: str) -> tuple[Evidence, ...]:
    """The sentences of a German or English text, as exact spans in order, without the white space around them.

    Full stops after abbreviations (z. B., Dr., e.g.), initials and ordinal numbers (3. Mai) end no sentence; blank
    lines and list items always do. Sentences without a letter or digit are left out.
    """
    spans: list[Evidence] = []
    start = 0
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, start, stop):
            _append_span(spans, text, start, stop.end())
            start = stop.end()
    _append_span(spans, text, start, len(text))
    return tuple(spans)


def _append_span(spans: list[Evidence], text: str, start: int, end: int) -> None:
    part = text[start:end]
    quote = part.strip()
    if any(map(str.isalnum, quote)):
        first = start + len(part) - len(part.lstrip())
        spans.append(Evidence(quote, first, first + len(quote)))


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    if stop.group() != ".":
        return True
    before = _LAST_WORD.search(text[max(start, stop.start() - _SPLIT_REACH) : stop.start()])
    after = _NEXT_WORD.match(text, stop.end(), stop.end() + _SPLIT_REACH)
    if before is None or after is None or not after.group(1):
        return True
    word, follower = before.group().replace(" ", ""), after.group(1)
    starts_sentence = follower[0].isupper() and follower.lower() in _SENTENCE_STARTERS
    if word.isdigit():
        return len(word) > 2 or starts_sentence
    if word.lower() in _ABBREVIATIONS:
        return word.lower() in _MAY_END and follower[0].isupper()
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return starts_sentence or not is_initial
