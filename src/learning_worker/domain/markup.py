"""Markup in a model's words: what is a tag and what is mathematics, and the words without it."""

import re

from learning_worker.domain.criteria import storable

_PASSES = 3
_TAG_NAMES = """
    abbr address article aside audio base big blockquote body br button canvas center cite code dd del details div dl
    dt em embed figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img input ins kbd
    label li link main map mark math meta nav object ol option p param pre samp script section select small source
    span strike strong style sub summary sup svg table tbody td textarea tfoot th thead title tr tt ul var video
"""
_ATTRIBUTE = r"""\s+[a-z][\w:-]*\s*=\s*(?:"[^"<>]{0,500}"|'[^'<>]{0,500}'|[^\s"'<>=]{1,500})"""
# In "a<b und c>d" the names of tags are variables: only attributes as HTML has them may follow a name.
# "a<b>c" is none either.
_LETTER = "[abipqsu]"
TAG = re.compile(
    rf"(?<!\w)<{_LETTER}>|<{_LETTER}>(?!\w)|</{_LETTER}\s*>|<{_LETTER}(?:{_ATTRIBUTE}){{1,20}}\s*/?>"
    rf"|</?(?:{'|'.join(_TAG_NAMES.split())})(?:{_ATTRIBUTE}){{0,20}}\s*/?>"
    r"|<!--[^<>]{0,500}-->|<!doctype\b[^<>]{0,500}>|<\?xml\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()]{0,500}\)")
# Without these no longer link or image begins.
_OPENING = re.compile(r"(?<!\])\]+(?=\()|(?<!!)!+(?=\[)")
_URL = re.compile(r"\b(?:https?|ftp|javascript|data):\S+|\bwww\.\S+", re.IGNORECASE)


def plain(text: str, limit: int) -> str:
    """A model's words as one bounded line: no HTML tags, links, images or control characters, cut at a word.

    A `<` that begins no tag stays; as Markdown the line has to be escaped.
    """
    line = storable(text)
    # What is taken out can leave a new tag or link behind: "<<b>script>" holds two.
    for _ in range(_PASSES):
        line = TAG.sub("", _LINK.sub(r"\1", line))
    line = " ".join(_OPENING.sub("", " ".join(_URL.sub("", line).split())).split())
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(maxsplit=1)[0].rstrip(" ,;:") + " …"
