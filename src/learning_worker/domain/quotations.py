"""Quotations in a text for a pupil: what stands between quotation marks of any kind."""

import re

_DOUBLE = '„“”‟"»«＂'
_SINGLE = "'‘’‛‚`´"
# An apostrophe inside a word is part of it, and one after an s can stand for a genitive: don't, geht's, Hans' Buch.
_IN_WORD = r"(?<=\w)['’`´](?=\w)"
_GENITIVE = r"(?<=[sxzß])['’](?=\s)"
# ‚ opens always; the others only before a word and after none, and where they do not stand for letters: 'ne, 'em, '90s.
_OPENS = (
    r"(?:‚|(?<!\w)[‘‛`´](?=[\w(…])"
    r"|(?<!\w)['’](?=[\w(…])(?!(?:s|m|n|ne|nem|nen|ner|nes|cause|em|til|tis|twas|\d\d(?:s|er)?)\b))"
)
_CLOSES = r"['’‘‛`´](?!\w)"
_QUOTATION = re.compile(
    rf"(?:„|(?<!\w)[{_DOUBLE}])([^{_DOUBLE}]+)[{_DOUBLE}]"
    r"|[‹›]([^‹›]+)[‹›]"
    # A mark that follows no s closes for certain: 'Hans' Buch ist rot' ends there. Only without one a mark after s does.
    rf"|{_OPENS}((?:[^{_SINGLE}]|{_IN_WORD}|{_GENITIVE}){{1,300}}?)(?<![sxzß\s]){_CLOSES}"
    rf"|{_OPENS}((?:[^{_SINGLE}]|{_IN_WORD}){{1,300}}?){_CLOSES}"
)
# Two single marks in a row are a double one: ``so'', ''so''.
_DOUBLED = re.compile(r"``|''|´´|‚‚|‘‘|’’")


def quotations(text: str) -> tuple[str, ...]:
    """What stands in quotation marks, without them, in order; the inner of two nested ones belongs to the outer."""
    return tuple(_inside(found) for found in _QUOTATION.finditer(_DOUBLED.sub('"', text)))


def without_quotations(text: str) -> str:
    """The text with an ellipsis for each quotation; a stop at its end stays, so that sentences stay apart."""
    return _QUOTATION.sub(lambda found: f"…{_stop(_inside(found))}", _DOUBLED.sub('"', text))


def _inside(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group is not None)


def _stop(quoted: str) -> str:
    return quoted[-1] if quoted.endswith((".", "!", "?")) else ""
