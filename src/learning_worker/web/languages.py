"""Which language a page speaks: the session's choice, a cookie, or what the browser asks for."""

from learning_worker.web.texts import Texts
from learning_worker.web.texts_english import ENGLISH
from learning_worker.web.texts_german import GERMAN

CATALOGUES = {"de": GERMAN, "en": ENGLISH}
DEFAULT = "de"


def texts_for(language: str) -> Texts:
    """The catalogue of a language; German for one we do not speak."""
    return CATALOGUES.get(language, GERMAN)


def negotiated(accept_language: str) -> str:
    """The best language of an Accept-Language header, by quality, then by order."""
    wishes: list[tuple[float, int, str]] = []
    for order, part in enumerate(accept_language[:500].split(",")):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.split("-")[0].strip().lower()
        if primary in CATALOGUES:
            wishes.append((-_quality(parameters), order, primary))
    return min(wishes)[2] if wishes else DEFAULT


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
