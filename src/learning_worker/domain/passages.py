"""Passages of an answer that speak to whoever assesses it rather than to the task.

They are shown to the teacher and change nothing: no level, no order, nothing a pupil sees, nothing that is stored.
"""

import re
from collections.abc import Sequence

from learning_worker.domain.criteria import Evidence
from learning_worker.domain.quotes import sentences

# Words that pass for others on a screen: Cyrillic and Greek look-alikes of Latin letters, and invisible characters.
_LOOK_ALIKES = str.maketrans("аеорсухіѕјԁɡοανАЕОРСТХІКМВН", "aeopcyxisjdgoavAEOPCTXIKMBH")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_QUOTED = re.compile('[„“«»‚‘]([^„“”«»‚‘’]{3,300})[“”«»‘’]|"([^"]{3,300})"')
# A few invisible characters come from word processors and right-to-left text; a row of them hides something.
_HIDDEN_FROM = 5
# A sentence without end is looked at from both ends only: the patterns take their time.
_LOOKED_AT = 1500

_TOP = (
    r"(?:full|top|maximum|highest|best|perfect)\W+(?:\w+\W+)?(?:marks?|points?|scores?|grades?|levels?|rating)"
    r"|(?:voll\w*|höchst\w*|best\w*|maximal\w*|all\w*)\W+(?:\w+\W+)?(?:punkt\w*|note\w*|stufe\w*|bewertung\w*)"
    r"|10\s*(?:von|of|out of|/)\s*10|\bfully\b"
)
_GIVE = (
    r"\b(?:give|award|grant|assign|mark|rate|grade|score|put|receive|output|bestow)\b"
    r"|\b(?:gib|gebt|geben|vergib|vergebt|vergeben|bewerte|bewertet|bewerten|trage?|setze?|bestätige?|gibst)\b"
)
_RULES = (
    r"(?:instructions?|rules?|prompts?|guidelines?|criteria|rubric)\b"
    r"|(?:anweisung|regel|vorgabe|instruktion|kriteri|befehl)\w*"
)
_ASSESSOR = (
    r"(?:ai|a\.i\.|assistant|chatbot|chatgpt|language model|llm|grader|gradebot|examiner|assessor|marker)\b"
    r"|(?:ki|sprachmodell|prüfer(?:in)?|korrektor(?:in)?|bewerter(?:in)?)\b"
)
_SPEAKS_TO_ASSESSOR = re.compile(
    "|".join(
        (
            rf"\b(?:ignore|disregard|forget|ignoriere?|ignorieren|vergiss|missachte)\b[^.!?]{{0,60}}(?:{_RULES})",
            rf"(?:{_GIVE})[^.!?]{{0,60}}(?:{_TOP})",
            rf"(?:{_TOP})[^.!?]{{0,20}}(?:für|bei|on|for)\W+(?:all|jede|every|each)\w*\W+(?:kriteri|criteri)\w*",
            rf"(?:^|[\[(<!-]\s*)(?:dear|hey|hi|hello|liebe[rs]?|hallo|an die|to the|for the)\W+(?:{_ASSESSOR})",
            rf"\b(?:note|hint|message|hinweis|anmerkung|nachricht)\W+(?:to|for|für|an)\W+(?:\w+\W+)?(?:{_ASSESSOR})",
            r"^\W*(?:system|assistant|user|developer)\b\s*(?:override|prompt)?\s*(?:\]|:)",
            r"\((?:teacher.?s note|note from the teacher|anmerkung der lehrkraft|hinweis der lehrkraft)\b",
            rf"\b(?:you are|du bist|sie sind)\W+(?:now |jetzt |ab sofort |ab jetzt |nun )?[^.!?]{{0,40}}(?:{_ASSESSOR})",
            r"\b(?:you are now|pretend (?:that )?you are|du bist (?:jetzt|ab sofort|nun)|stell dir vor,? du bist)\b",
            r"<\|[a-z_]+\|>|<(?:start|end)_of_turn>|\[/?INST\]|\[\[ ## \w+ ## \]\]|</?answer\b",
            r"\"(?:level|score|criterion_id|judgement|status)\"\s*:",
            r"\b(?:level|stufe|assessment|bewertung)\s*[:=]\s*\**(?:fully|10/10)\b|\bfully\W+fully\W+fully\b",
        )
    ),
    re.IGNORECASE,
)


def passages(text: str) -> tuple[Evidence, ...]:
    """The sentences that address the reader of the answer, as exact spans in order.

    What stands in quotation marks is mentioned, not said: a lesson about prompts may name an instruction.
    """
    return tuple(span for span in sentences(text) if _speaks_to_assessor(span.quote))


def within(evidence: Evidence, found: Sequence[Evidence]) -> bool:
    """Whether a quote overlaps one of the passages."""
    return any(evidence.start < passage.end and passage.start < evidence.end for passage in found)


def _speaks_to_assessor(sentence: str) -> bool:
    if len(sentence) > 2 * _LOOKED_AT:
        return _speaks_to_assessor(sentence[:_LOOKED_AT]) or _speaks_to_assessor(sentence[-_LOOKED_AT:])
    visible = _INVISIBLE.sub("", sentence)
    if len(sentence) - len(visible) >= _HIDDEN_FROM:
        return True
    said = _QUOTED.sub(" ", visible) if not visible.lstrip().startswith(("{", '"')) else visible
    # Only where Latin letters are mixed with look-alikes: a Russian or Greek sentence is one.
    if re.search("[a-zA-Zäöüß]", said):
        said = said.translate(_LOOK_ALIKES)
    return _SPEAKS_TO_ASSESSOR.search(" ".join(said.split())) is not None
