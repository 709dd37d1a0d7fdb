"""The words in which models decline to deal with a text."""

import re


def refuses(content: str) -> bool:
    """Whether a model declines, with bare words or in one of the texts of the JSON object it was to fill."""
    if is_refusal(content):
        return True
    # A string of JSON, its escapes left as they are: no refusal has any.
    return any(is_refusal(text) for text in _JSON_TEXT.findall(content))


_JSON_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def is_refusal(content: str) -> bool:
    """Whether a model declines to deal with the text at all, in the words that models use for it."""
    return _REFUSAL.match(content[:400].replace("’", "'")) is not None


_REFUSALS = (
    r"(?:i'?m|i am) (?:really |very )?sorry,? (?:but )?(?:i|that|you)\b",
    r"(?:sorry,? (?:but )?)?i (?:can'?t|cannot|can not|won'?t|am unable to|am not able to)"
    r" (?:help|assist|provide|continue|engage|discuss|fulfil|comply|support|answer)",
    r"as an ai\b",
    r"i must decline",
    r"(?:es )?tut mir (?:sehr |wirklich )?leid,? (?:aber )?(?:ich|das|dass|dabei|dazu|diese)\b",
    r"(?:dabei|damit|dazu) kann ich (?:dir |ihnen |leider )*nicht (?:weiter)?helfen",
    r"ich kann (?:dir |ihnen |leider |dabei |diese anfrage |diese frage |das )+nicht"
    r" (?:(?:weiter)?helfen|beantworten|bearbeiten|unterstützen|bewerten)",
    r"als (?:ki|künstliche intelligenz|sprachmodell)\b",
)
_REFUSAL = re.compile(rf"\W*(?:{'|'.join(_REFUSALS)})", re.IGNORECASE)
