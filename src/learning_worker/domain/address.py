"""Whether a German text for a pupil says "du" where the task says "Sie", or the other way round."""

import re
from collections.abc import Sequence

from learning_worker.domain.quotations import without_quotations
from learning_worker.domain.submission import FormOfAddress


def has_wrong_address(parts: Sequence[str], form: FormOfAddress) -> bool:
    """Whether a part addresses the pupil in the other form; quotations address somebody else."""
    says = _says_du if form is FormOfAddress.SIE else _says_sie
    return any(says(without_quotations(part).strip()) for part in parts)


def _says_du(said: str) -> bool:
    return any(
        pattern.search(said) for pattern in (_DU, _COMMAND, _COMMAND_OR_NOUN, _ANY_COMMAND, _COMMAND_WITHIN)
    )


def _says_sie(said: str) -> bool:
    if _SIE_WITHIN.search(said):
        return True
    # At the start of a sentence "Sie" can be "they": it is, where the pupil is "du".
    return _DU.search(said) is None and any(found(said) for found in (_SIE_FIRST.match, _SIE_LATER.search))


_DU = re.compile(r"\b(?:du|dich|dir|dein(?:e|en|em|er|es)?)\b", re.IGNORECASE)
_START = r"(?:^|[.!?:;…–•-] )[(*_]{0,3}"

# Commands to one person, without the final e.
_STEMS = """
    analysier argumentier beacht beantwort bearbeit beend beginn begründ behalt benenn benutz berechn berichtig berücksichtig
    beschränk beschreib beseitig bestimm betracht beurteil bewert bezieh bleib bring denk diskutier dreh ergänz erklär
    erläuter ermittl ermittel erörter ersetz erwähn erweiter erzähl fass find formulier frag fühl führ füg füll geh gestalt
    glieder hör interpretier kennzeichn klär knüpf komm konkretisier kontrollier konzentrier korrigier leit lern lös mach
    markier meid merk nenn notier nutz ordn orientier präzisier prüf rechn sag sammel sammle schau schließ schreib setz
    sortier stell strukturier stütz such trag trenn überarbeit überleg überprüf übersetz übertrag umrahm unterscheid
    unterstreich unterteil unterstütz variier verbesser verbind vereinfach verfass verknüpf vermeid verschieb verwend
    vervollständig verzicht wähl wandel wandle wechsle wiederhol zähl zeichn zeig zerleg zieh zitier arbeite antworte
    deut leg schlage tausche
"""
_IRREGULAR = "gib hilf lies lass lasse nimm sieh sprich triff vergiss wirf gebe nehme lese"
# In the same letters a noun or a number: "Belege fehlen", "Achte Zeile".
_NOUNS = """
    achte arbeit antwort beleg belege bericht berichte beweis beweise bild bilde folge frage kreis kreise kürze liste plane
    rede reihe sage stelle streiche suche teile versuch versuche vergleich vergleiche werte
"""
_OBJECT = (
    r"(?:den|dem|die|das|einen|einem|eine|ein|jeden|jedem|jede|jedes|diesen|diesem|diese|dieses|keinen|keine"
    r"|Ihren|Ihrem|Ihre|Ihr)\b"
)
_FOLLOWS = (
    rf"(?:{_OBJECT}|(?:noch|auch|auf|darauf|dazu|mit|genau|genauer|zuerst|dann|danach|bitte|doch|mal|es|beide|jeweils|alle"
    r"|zwei|drei|mehr|kurz|immer|was|wie|warum|wer|wo|ob)\b)"
)
_NOUN_FOLLOWS = (
    rf"(?:{_OBJECT}|(?:noch|darauf|genauer|zuerst|bitte|doch|mal|beide|jeweils|was|wie|warum|ob)\b)"
)
_forms = {*_STEMS.split(), *(f"{stem}e" for stem in _STEMS.split()), *_IRREGULAR.split()}
_verbs = "|".join(sorted(_forms - set(_NOUNS.split())))
_nouns = "|".join(_NOUNS.split())
_COMMAND = re.compile(rf"{_START}(?i:{_verbs})\b(?! Sie\b)")
_COMMAND_OR_NOUN = re.compile(
    rf"{_START}(?:(?i:{_nouns}) {_NOUN_FOLLOWS}|Achte (?:auf|bei|beim|besonders|genau|mehr)\b|Versuche?,? (?:zu|es)\b)"
)
# After a first word in -e an object without a verb before it: only commands, adverbs, conjunctions and numerals are so used.
_ANY_COMMAND = re.compile(
    rf"{_START}(?!(?:Alle|Beide|Beinahe|Bitte|Bliebe|Danke|Dies|Diese|Eine|Einige|Fiele|Gäbe|Gerade|Gerne|Ginge|Habe|Heute|Ihre"
    r"|Jede|Jene|Käme|Keine|Lange|Läge|Ließe|Manche|Meine|Nahe|Nähme|Ohne|Seine|Solche|Stünde|Unsere|Viele|Wäre|Welche|Werde"
    rf"|Wie|Wurde|Würde)\b)[A-ZÄÖÜ][a-zäöüß]*[a-suvwxyzäöüß]e {_OBJECT}"
)
_COMMAND_WITHIN = re.compile(rf"(?:,|\bund|\boder|\bdann) (?:{_verbs}) {_FOLLOWS}")

# Inside a sentence, with a capital, it is the polite form.
_SIE_WITHIN = re.compile(r"(?<=[a-zäöüß,…] )(?:Sie|Ihnen|Ihr(?:e|en|em|er|es)?)\b")
# The first sentence has nobody before it who could be "they" or "she"; things pass, fit and are missing, pupils do not.
_THINGS = "bedeuten|fehlen|gehören|klingen|lauten|passen|stehen|stimmen|waren|werden|wirken|wurden"
_SIE_FIRST = re.compile(
    rf"[(*_]*(?:Sie (?:(?!(?:{_THINGS})\b)\w+en|sind (?:auf|nah|fast))\b"
    r"|Ihnen\b|Ihre[nmrs]?\b|Ihr (?:[A-ZÄÖÜ]|\w+(?:er|es)\b))"
)
_ACTS = "achten|argumentieren|begründen|benutzen|erwähnen|formulieren|nennen|schreiben|verwenden|zitieren"
_DONE = (
    r"beachten|belegen|beschreiben|ergänzen|erklären|erläutern|lesen|prüfen|streichen|überarbeiten|belegt|begründet"
    r"|beschrieben|ergänzt|erklärt|erwähnt|formuliert|genannt|geschrieben"
)
_WORKS = (
    r"Antwort|Argumentation|Aufbau|Aufsatz|Ausdruck|Begründung|Beispiele?|Beschreibung|Einleitung|Ergebnis|Erklärung|Gliederung"
    r"|Lösung|Rechnung|Rechtschreibung|Sätze|Satz|Schluss|Schlusssatz|Text|Überschrift|Wortwahl|Zusammenfassung"
)
_SIE_LATER = re.compile(
    rf"(?<=[.!?:] )(?:Sie (?:{_ACTS})\b"
    rf"|Sie (?:haben|können|könnten|müssen|sollen|sollten)\b[^.!?]*\b(?:{_ACTS}|{_DONE})\b"
    rf"|Ihre? (?:\w+[rse] )?(?:{_WORKS})\b)"
)
