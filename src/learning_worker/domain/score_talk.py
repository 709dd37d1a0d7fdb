"""Whether a text for a pupil speaks of points, marks or levels."""

import re

from learning_worker.domain.criteria import TOP_WHOLE_SCORE
from learning_worker.domain.submission import Language, Task

_GERMAN_NUMBERS = "null|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|dreizehn|vierzehn|fünfzehn|zwanzig|hundert"
_ENGLISH_NUMBERS = (
    "zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|hundred"
)
# "alle Punkte aus der Liste", "eight points that you make": these are points of content.
_GERMAN_CONTENT = (
    r"(?!,? +(?:die|der|des|aus|auf|in|im|am|von|vom|zu|zur|zum|deine\w*|ihre\w*|und kommas?)\b)"
)
_ENGLISH_CONTENT = r"(?! +(?:about|from|in|on|that|which|why|where|you|the|your)\b)"
_SIGNS = r"\d\s*%|\bnot_yet\b"

_ALWAYS = {
    Language.GERMAN: re.compile(
        rf"{_SIGNS}|\b\d+(?:[.,]\d+)?\s*punkt(?:e[ns]?)?\b"
        rf"|\b(?:{_GERMAN_NUMBERS}|halben?|volle\w*|alle|keine|mehr|weniger|viele|wenige|zusätzliche\w*|die meisten)"
        rf" punkten?\b{_GERMAN_CONTENT}"
        r"|\bpunkt(?:zahl\w*|abzug\w*|abzüge\w*|e?stand\w*)|\b(?:teil|zusatz|bonus|minus|straf|gesamt|höchst)punkt\w*"
        r"|\bpunkte? (?:abzug|abgezogen|verloren|bekommen|erhalten|erreicht|verdient)\b"
        r"|\b(?:bekomm|erhält|erhalt|verdien|verlier|hol|gib|kost)\w* (?:\w+ ){0,3}punkte?\b"
        r"|\b(?:stufe|niveau|level)\s*\d|\b(?:höchst|oberst|best|voll|niedrigst)\w* (?:stufe|note|wertung|niveau)\b"
        r"|\b(?:best|schul|zeugnis|gesamt|end|teil)noten?\b"
        r"|\bnoten?\b[:=]? *(?:\d|eins|zwei|drei|vier|fünf|sechs|sehr gut|gut|befriedigend|ausreichend|mangelhaft)\b"
        rf"|\b(?:{_GERMAN_NUMBERS}) von (?:fünf|zehn|fünfzehn|hundert)\b"
        r"|\b(?:\d+|(?:hälfte|drittel|viertel|teil) der) (?:BE|punkte)\b"
        r"|\b(?:einser|zweier|dreier|vierer|fünfer|sechser)s?\b"
        r"|\b(?:bewertung|wertung|urteil)\b[:=]?(?: \w+)? (?:sehr gut|gut|befriedigend|ausreichend|mangelhaft|ungenügend)\b"
        r"|\b(?:gut|besser|schlecht)\w* noten?\b|\bnote (?:bekomm|wäre|ist)\w*"
        r"|\b(?-i:eine (?:glatte |gute |schwache |knappe )?(?:Eins|Zwei|Drei|Vier|Fünf|Sechs))\b(?! \w+e[rn]?\b)",
        re.IGNORECASE,
    ),
    Language.ENGLISH: re.compile(
        rf"{_SIGNS}|\b\d+(?:\.\d+)?\s*(?:points?|marks?)\b"
        rf"|\b(?:{_ENGLISH_NUMBERS}) (?:points?\b{_ENGLISH_CONTENT}|marks?\b)"
        r"|\b(?:top|full|maximum|highest|lowest|perfect|best|better|good|high|low|extra|bonus|more|fewer|few|many|no|half)"
        r" marks?\b(?! (?:of|in|the|out)\b)"
        rf"|\b(?:full|maximum|extra|bonus|total|highest|perfect) points?\b{_ENGLISH_CONTENT}"
        rf"|\b(?:all|most|half|some)(?: of)? the (?:marks?\b|points\b{_ENGLISH_CONTENT}(?! of\b))"
        r"|\b(?:los[et]|gain|earn|award|deduct|scor|get|giv|miss|cost)\w*"
        r" (?:you |it |this )?(?:(?:a|an|one|some|any|more|no|all|full|many|few|extra) ){0,2}(?:marks?|points?)\b"
        r"|\b(?:top|full|maximum|highest|lowest|perfect|best|low|high) (?:score|grade|level)s?\b"
        r"|\b(?:grade|level|score)\W{0,2} ?\d|\b(?-i:grade [A-F])(?:\b|[+-])"
        rf"|\b(?:{_ENGLISH_NUMBERS}) out of (?:ten|five|\d+)\b"
        r"|\b(?:get|earn|deserv|worth|giv)\w* (?:this |it |you )?(?-i:an? [A-F])\b(?! [a-z])"
        r"|\b(?:be|is|was|makes) (?-i:an? (?:\w+ )?[A-F](?: (?:answer|essay|grade|text)\b|[+-]?[.,;!]|$))"
        r"|\byour marks? (?:are|could|goes?|is|will|would)\b"
        r"|\b(?:band|tier) \d|\b(?:top|highest|lowest|best|upper) (?:band|tier)\b",
        re.IGNORECASE,
    ),
}
# "You make three points", "Du hast zwei Punkte genannt": who names or explains points speaks of content. A word between that
# tells what one does it for ends the phrase: "Erkläre mehr für mehr Punkte".
_GERMAN_GAP = (
    r"(?:(?!(?:bekomm|erhalt|erhält|verdien|hast|voll|halb|extra)\w*"
    r"|(?:für|um|dann|gibt|und|oder|so|wegen|zu)\b)\w+ )"
)
_ENGLISH_GAP = (
    r"(?:(?!(?:for|to|and|or|so|then|get|gets|worth|full|extra|bonus|maximum|top|gain|earn|score)\b)\w+ )"
)
_POINTS_OF_CONTENT = {
    Language.GERMAN: re.compile(
        r"\b(?:nenn|erwähn|erklär|erläuter|begründ|beleg|beschreib|behandel|beacht|ergänz|sammel|ordn|sprich|sprech|führ"
        rf"|vergleich|verbind|verknüpf|zähl)\w* {_GERMAN_GAP}{{0,4}}punkten?\b"
        rf"|\b(?:\d+|\w+) punkte (?:\w+ ){{0,3}}(?:(?:an|auf)?ge(?:nannt|führt|sprochen|zählt|sammelt|ordnet)"
        r"|erwähnt|erklärt|erläutert|begründet|belegt|beschrieben|behandelt|beachtet|angesprochen|aufgezählt|aufgeführt"
        r"|verglichen|verbunden|herausgearbeitet)\b"
        r"|\b(?:deine|ihre|diese) (?:\w+ )?punkte (?:passen|stehen|fehlen|hängen|überzeugen|brauchen)\b",
        re.IGNORECASE,
    ),
    Language.ENGLISH: re.compile(
        r"(?:^|[.!?:;,] |\b(?:you|your (?:text|answer|essay|paragraph|letter|speech)|and|then) )"
        r"(?:(?:also|already|clearly|now|can|could|should|have|only|just) )*"
        r"(?:make|made(?! \d)|makes|name|list|raise|mention|discuss|cover|develop|explain|support|connect|describe|add"
        r"|choose|include|order|present|link|compare|give reasons for)(?:s|d|ed)?"
        rf" {_ENGLISH_GAP}{{0,4}}points?\b(?! (?:off|away)\b)"
        r"|\b(?:your|these|those) (?:\w+ )?points (?:are|need|support|show|build|follow|fit|work)\b",
        re.IGNORECASE,
    ),
}
# Words that a task can be about: sea level, sheet music. There they are no talk of scores.
_UNLESS_THE_TASK_SAYS_SO = {
    Language.GERMAN: re.compile(
        r"\b(befriedigend|note|zensur|zensuren|prozent|level|score)\b", re.IGNORECASE
    ),
    Language.ENGLISH: re.compile(
        r"\b(grades?|scores?|scored|per ?cent"
        r"|level(?! of (?:analysis|depth|description|detail|explanation|formality|language|vocabulary)\b))\b",
        re.IGNORECASE,
    ),
}
_SHARE = re.compile(r"\b(\d+(?:[.,]\d+)?)\s*(?:/|von|of|out of)\s*(\d+)\b", re.IGNORECASE)


def speaks_of_scores(text: str, task: Task, answer: str) -> bool:
    """Whether a text tells points, marks, percentages or levels, in the task's language.

    What the task itself says is its subject; so is a fraction of the answer that cannot be a score. A false alarm costs a
    sentence, a miss shows a score that the teacher hides: in doubt it is one.
    """
    task_text = " ".join([task.instruction_md, *(c.text for c in task.criteria)]).lower()
    said = _without_the_tasks_own_shares(text, task_text)
    if _ALWAYS[task.language].search(_POINTS_OF_CONTENT[task.language].sub(" … ", said)):
        return True
    bare = {found.lower() for found in _UNLESS_THE_TASK_SAYS_SO[task.language].findall(said)}
    if any(word not in task_text for word in bare):
        return True
    tops = {str(TOP_WHOLE_SCORE), "10", "15", "100", *(str(c.max_score) for c in task.criteria)}
    return any(
        share.group(2) in tops or share.group() not in answer
        for share in _SHARE.finditer(said)
        if share.group().lower() not in task_text
    )


def _without_the_tasks_own_shares(text: str, task_text: str) -> str:
    """The text without percentages that the task names."""
    return _PERCENTAGE.sub(lambda found: "" if found.group().lower() in task_text else found.group(), text)


_PERCENTAGE = re.compile(r"\d+(?:[.,]\d+)?\s*%")
