"""The words in which models decline to deal with a text, told from what they say of a text.

A refusal calls a person and takes all feedback from the pupil; one that is missed is shown to the pupil as a zero. So its
words count at the start of a text, and at any place where no quote speaks for a judgement.
"""

import json
import re

from learning_worker.domain.quotations import without_quotations


def refuses(content: str) -> bool:
    """Whether a model declines: in one of the texts of the JSON it was to write, or with bare words."""
    try:
        value, _ = json.JSONDecoder().raw_decode(content, max(0, content.find("{")))
    except (ValueError, RecursionError):
        return is_refusal(content)
    return is_refusal(content) or any(is_refusal(text) for text in _texts(value))


def is_refusal(content: str, *, without_quote: bool = False) -> bool:
    """Whether a model declines to deal with the text, in the words that models use for it.

    Not that it finds too little there to judge: "I cannot give a level as no sentence names water".

    without_quote: nothing of the text is quoted beside it, so that its words count at any place; those in quotation marks
    are another's and count at none.
    """
    is_declined = _declines(content) or (without_quote and _declines_somewhere(content))
    return is_declined and not _is_difficulty(content)


def is_unsure(content: str, *, without_quote: bool = False) -> bool:
    """Whether a model speaks of what it could not do instead of judging. That is true of every refusal, too.

    without_quote: as above; then any word of the model on itself will do, but for what it did not find in the text.
    """
    return _declines(content) or (
        without_quote and (_declines_somewhere(content) or _speaks_of_itself(content))
    )


def _texts(value: object) -> list[str]:
    found, left = [], [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            left += part.values()
        elif isinstance(part, list):
            left += part
    return found


def _declines(content: str) -> bool:
    return _OPENING.match(_said(content)) is not None


def _declines_somewhere(content: str) -> bool:
    said = _said(content)
    denies_to_judge = _DENIES.search(said) is not None and any(
        sign.search(said) for sign in (_JUDGES, _FORBIDDEN)
    )
    return _ANYWHERE.search(said) is not None or (denies_to_judge and _speaks_of_itself(content))


def _speaks_of_itself(content: str) -> bool:
    said = _APOLOGY.sub("", _said(content))
    return _ITSELF.search(said) is not None and _FINDS.search(said) is None


def _is_difficulty(content: str) -> bool:
    said = _said(content)
    return all(sign.search(said) for sign in (_JUDGES, _LACKS)) and _FORBIDDEN.search(said) is None


def _said(content: str) -> str:
    """The first words on one line, with one kind of apostrophe and without what stands in quotation marks."""
    own = without_quotations(content[:_CHARS].lstrip(_MARKS)).translate(_APOSTROPHES)
    return _SHORT.sub(lambda found: f"{found[1]} {_LONG[found[2].lower()]}", " ".join(own.split()))


_CHARS = 400
# A refusal can be quoted as a whole.
_MARKS = " \t\r\n\"'„“”«»‘’"
_APOSTROPHES = str.maketrans("’ʼ`´", "'" * 4)
_LONG = {"m": "am", "re": "are", "d": "would", "ll": "will"}
_SHORT = re.compile(rf"\b(i|you)'({'|'.join(_LONG)})\b", re.IGNORECASE)

_JUDGE = r"(?:re-?)?(?:assess|evaluate|judge|grade|rate|mark|score)"
_DO = (
    rf"(?:{_JUDGE}|help(?! but)|assist|aid|support|continue|proceed|engage|discuss|fulfil+|comply|answer|respond|process"
    r"|review|analy[sz]e|comment|participate|address|provide|offer|give (?:you |any |an? )*"
    r"(?:feedback|help|level|advice|assessment|answer|opinion)|do (?:that|this|so|it))\b"
)
_CANNOT = (
    r"\bi (?:really |simply |just |also |therefore |still )*(?:"
    r"(?:can'?t|cannot|can not|could not|couldn'?t|won'?t|will not|must not|may not|shouldn'?t|should not)(?: be able to)?"
    r"|(?:do not|don'?t) (?:want|wish|feel able) to|would rather not|refuse to|decline to"
    r"|(?:have to|must|need to) (?:refuse|decline) to"
    r"|am (?:\w+ )?(?:unable to|not in a position to|not (?:able|allowed|permitted|willing|going|supposed|designed) to))"
)
_ENGLISH = (
    rf"{_CANNOT} (?:\w+ly )?(?:in good conscience )?{_DO}",
    r"\bi (?:can'?t|cannot|can not|won'?t|will not)\W*$",
    r"\bi (?:will not|won'?t) be (?:grading|assessing|rating|judging|evaluating)\b",
    r"\bi (?:must|have to|will) refrain from\b|\bmy (?:\w+ )?(?:guidelines|polic\w+|programming)\b",
    r"\bi (?:would )?prefer not to\b|\b(?:not|cannot|can't) be \w+ by me\b",
    r"\b(?:outside of|beyond) what i can\b|\bappropriate for me to\b",
    r"\bi (?:must|have to|need to) (?:respectfully )?(?:decline|refuse|pass)\b",
    r"\bi (?:do not|don'?t|am not) (?:feel )?comfortable\b",
    rf"\bnot something (?:that )?i (?:can|could|will|am (?:able|allowed|willing) to) {_DO}",
    r"\bagainst my (?:\w+ )?(?:guidelines|polic\w+|rules|programming|principles)",
    r"\bi am (?:only |just )?an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"\bas an? (?:ai|artificial intelligence|large language model)(?: language)?(?: model| assistant| system)?,? i\b",
    r"\bi am (?:\w+ ){0,3}sorry,? (?:to (?:hear|read) (?:that|about)|(?:that )?you (?:feel|are (?:\w+ )?"
    r"(?:going|feeling|struggling|having|experiencing|dealing|facing|hurting|in pain)|have to go through))",
)
_NOT = r"(?:nicht|nichts|keine?[mnrs]?)"
_BEWERTEN = (
    r"(?:bewerten|beurteilen|einschätzen|einstufen|einordnen|benoten"
    r"|(?:stufe|bewertung|beurteilung|einschätzung|note|niveau)\w* (?:ver|ab|an)?(?:geben|erstellen|zuordnen|vornehmen))"
)
_TUN = (
    rf"(?:{_BEWERTEN}|(?:weiter)?helfen|unterstützen|bearbeiten|beantworten|antworten"
    r"|besprechen|diskutieren|analysieren|auswerten|erfüllen|äußern|beitragen|urteilen|prüfen|kommentieren|weitermachen"
    r"|fortfahren|eingehen|(?:dazu|darüber) sprechen|nichts sagen"
    r"|(?:rückmeldung|feedback|unterstützung|hilfe|auskunft|antwort|ratschläge)\w* (?:ab|an)?(?:geben|bieten|leisten)"
    r"|(?:rückmeldung|feedback|unterstützung|hilfe|auskunft|antwort) anbieten)\b"
)
_KANN = r"(?:kann|könnte|darf|werde|möchte|will|soll)"
# A capital within a sentence is a noun: the lyrisches Ich, the Ich-Erzähler.
_ICH = r"(?-i:\b(?:(?<![\w,] )Ich|ich)\b(?!-))"
_GERMAN = (
    # "ich kann ... nicht bewerten", "... kann ich nicht bewerten", "... den ich nicht bewerten kann"
    rf"(?:{_ICH} {_KANN}|\b{_KANN} {_ICH})\b[^.!?:]{{0,70}}?\b(?={_NOT}\b)[^.!?:]{{0,60}}?\b(?:zu )?{_TUN}",
    rf"{_ICH}[^.!?:,]{{0,50}}?\b{_NOT}\b[^.!?:,]{{0,40}}?\b{_TUN} {_KANN}\b",
    rf"\b{_KANN} ich (?:\w+ )?nicht(?: tun| machen)?\W*$",
    r"\b(?:ich (?:bin|sehe mich)|bin ich|sehe ich mich) (?:\w+ )?nicht (?:in der lage|befugt|berechtigt|imstande)"
    rf"\b[^.!?]{{0,80}}(?:\bzu {_TUN}|einzuschätzen)",
    r"\bmir (?:\w+ )?nicht (?:möglich|erlaubt|gestattet)\b|\bvon mir nicht (?:bewertet|beurteilt|beantwortet)\b",
    r"\bich (?:verweigere|lehne)\b|\b(?:verweigere|lehne) ich\b|\bmuss ich (?:\w+ )?(?:passen|ablehnen)\b",
    r"\bich (?:muss|möchte|werde) (?:[\w,]+ ){0,5}(?:ablehnen|verweigern)\b",
    r"\bmeine[rn]? (?:\w+ )?(?:richtlinien|vorgaben|grundsätzen?|möglichkeiten)\b",
    r"\bich bin (?:nur |bloß |lediglich )?eine? (?:ki|künstliche intelligenz|sprachmodell)\b",
    r"\b(?:bewerte|beurteile) ich (?:\w+ )?nicht\b|\bich (?:bewerte|beurteile) (?:\w+ ){0,3}nicht\b",
    rf"\bals (?:eine? )?(?:ki|künstliche intelligenz|sprachmodell)[\w-]*,? (?:(?:{_KANN}|bin|habe|muss) )?ich\b",
    r"\b(?:es )?tut mir (?:\w+ ){0,2}leid,? (?:dass (?:es dir|du (?:dich|so|gerade|das|solche))\b|das zu (?:hören|lesen))",
)
_CORE = "|".join((*_ENGLISH, *_GERMAN))
_OPENERS = (
    r"(?:i am (?:\w+ ){0,2}(?:sorry|afraid)|sorry|i apologi[sz]e|(?:my )?apologies|unfortunately|regrettably"
    r"|thank you|thanks|(?:es )?tut mir (?:\w+ ){0,2}leid|leider|bedauerlicherweise"
    r"|entschuldigung|entschuldige|verzeihung|danke|ich bitte um (?:entschuldigung|verständnis))"
    r"(?: (?:for|für) [^.!?:,]{1,40})?"
)
# Before an inverted German verb its object: "Diesen Text kann ich ...".
_FRONTED = rf"[^.!?:;,…]{{1,60}}?(?=\b(?:{_KANN}|bin|muss|lehne|bewerte|beurteile) ich\b|\bist mir\b|\bmir (?:\w+ )?nicht\b)"
_FIRST = r"(?:(?:it|this|that) is (?:an? (?:\w+ ){1,2})?|(?:es|das) ist )?"
_OPENING = re.compile(
    rf"\W*(?:{_OPENERS}\W+(?:but |that |however,? |aber |doch |dass )?)*(?:{_FRONTED})?{_FIRST}(?:{_CORE})",
    re.IGNORECASE,
)
_APOLOGY = re.compile(_OPENERS, re.IGNORECASE)
_ANYWHERE = re.compile(_CORE, re.IGNORECASE)

_ITSELF = re.compile(
    r"\bi (?:a?m|can|can'?t|cannot|do|don'?t|will|won'?t|would|have|must|think|prefer|refuse|decline|apologi[sz]e)\b"
    rf"|{_ICH}|\b(?:mir|mich|meine?[mrs]?)\b|\b(?:(?:for|by) me|my)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not|cannot|never|beyond|outside|forbidden|prevent\w*|nicht|keine?\w?|nie|untersagt|verboten|verbiete\w*)\b"
    r"|n't\b",
    re.IGNORECASE,
)
_FINDS = re.compile(
    r"\bi (?:[\w']+ ){0,3}(?:find|see|read|spot|notice|miss)\b|\bich (?:finde|sehe|lese|vermisse)\b"
    r"|\b(?:ich kann|kann ich)\b[^.!?]*\b(?:finden|erkennen|entdecken|sehen)\b",
    re.IGNORECASE,
)
_JUDGES = re.compile(
    rf"\b{_JUDGE}\b|\b(?:provide|give|assign|choose) (?:\w+ )?(?:level|grade|mark|rating|score)\b|\b{_BEWERTEN}",
    re.IGNORECASE,
)
# That something is not there, or not clear, or that it is about the criterion and not the text.
_LACKS = re.compile(
    r"\bcriteri(?:on|a)\b|\bkriteri(?:um|en)\b|\bwhether\b|\bob\b"
    r"|\b(?:as|because|since|weil|da|denn)\b(?! (?:i|ich)\b)[^.!?]*"
    r"(?:\b(?:no|not|nothing|missing|without|lacks?|unclear|too short|fehl\w+|unklar|zu kurz|nichts?|kein\w*)\b|n't\b)",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"\bharm(?!on)|violen|suicid|\bkill|\babus|sexual|explicit|sensitiv|appropriate|unsafe|\bsafe\b|guideline|polic|allowed|permitted"
    r"|gewalt|suizid|selbstmord|selbstverletz|missbrauch|sexuell|heikel|sensib|angemess|richtlinie|erlaubt|töte|verletz",
    re.IGNORECASE,
)
