"""Words that feedback on any task may hold: that a teacher's note holds one, too, makes it no secret.

No word of any subject stands here. Short words need not: a secret has five letters.
"""

import re

_STEM_LETTERS = 4
_ENDING = re.compile(r"(?:ungen|ung|ing|ern|en|em|er|es|ed|e|n|s)$")

_FEEDBACK_WORDS = """
    absatz abschnitt achte achten anfang antwort aufbau aufgabe ausdruck aussage bedeutet begriff begründe begründen
    begründet begründung beispiel belege belegt beschreibe beschreiben beschreibt beschreibung bewerte bewerten bewertet
    deutlich eigene einleitung einwand ergänze ergänzen ergebnis erkläre erklären erklärt erklärung erwartet erwähnen erwähnt
    fachbegriff fachsprache fachwort fehler fehlen fehlt figur formulieren formulierung gedanke gegenargument gegliedert
    genannt gliederung grammatik grund gründe hauptteil inhalt klausur korrekt kriterium lehrer lehrkraft lesen leser liest
    lösung meinung nachsichtig nachvollziehbar nenne nennen nennt ordnung passende passt quelle rechnung rechtschreibung
    reihenfolge satzbau schluss schlusssatz schreibe schreiben schreibt schritt schüler schülerin sprache stelle
    stichpunkt stimmen stimmt streng struktur texte thema überarbeiten überleitung überprüfen überschrift unterschied
    ursache vergleich vergleichen verknüpfen verständlich verwechseln verwechselt verwechslung verwenden verwendet
    vollständig wiederholen wiederholt wiederholung wortschatz wortwahl wörter worte zeichensetzung zeile zitat zitate
    zitieren zusammenfassen zusammenfassung zusammenhang zwischenschritt answer argument behaviour cause clear comma
    compare conclude conclusion confuse confused confusing connect correct criterion definition describe detail differ
    difference different draft easily evidence exact example expect expected explain explanation grammar ignore important
    include included introduction keyword kindly learner lenient letter linking marking meaning means mention missing
    mistake misunderstand mixed model needed opinion order paragraph phrase point precise precisely pupil punctuation
    question quote quotation reader reading reason repeat repeating result revise rewrite second section sentence simple
    solution source specific spelling statement state step strict structure student summary support teacher technical
    terms title topic transition vocabulary wording write writing written wrong satz sätze
"""
_COMMON_GERMAN = """
    abends aber ähnlich alle allein allem aller allerdings alles allgemein andere anderen anders ansonsten aufgrund außen
    außer außerdem außerhalb bedeuten beginn beginnen beginnt beide beiden beim bekannt bekommen bekommt benutzen benutzt
    bereits besonders besser bestehen besteht bestimmt betrifft bevor bilden bildet bisher bleiben bleibt brauchen braucht
    bringen bringt dabei dadurch dafür daher dahinter damals damit danach daneben dann daran darauf daraus darin darüber
    darum darunter davon davor dazu deine deinen denken denkt dennoch deren deshalb dessen dieser dieses direkt dritte
    drittens durch dürfen eben ebenfalls ebenso eher eigentlich einander einem einen einer einfach einige einmal einzeln
    einzige endlich entscheidend entsprechend entstehen entsteht entweder erfahren erhält erhalten erkennen erkennt erneut
    erreichen erreicht erst erste erstens etwas falls falsch fast finden findet folge folgen folgend folgt fragen fragt
    früher führen führt ganze ganzen geben gegen gegenüber gehen gehört gemacht gemeinsam genau genauer genauso genug
    genügen genügt gerade gering gerne gesagt gesamt geschrieben gewesen gewisse gibt gleich gleiche gleichzeitig groß
    große größer größere gründlich gutes haben hält halten hatte hätte häufig heißen heißt helfen hilft hingegen hinter
    hinzu höchstens hören immer indem innen innerhalb insgesamt irgendwie jede jeden jeder jedes jedoch jemand jetzt
    jeweils kannst kaum keine keinen kennen kennt klasse klein kleine kleiner knapp kommen kommt können könnte kurze
    kürzer lange länger lassen lässt laufen leicht leider letzte letzten machen macht manche manchmal mehrere mehrmals
    meinen meint meist meiste meisten meistens mindestens mithilfe möchte möglich möglichkeit müssen müsste nachdem
    nächste nächsten nämlich natürlich neben nehmen nicht nichts niemals niemand nimmt noch nochmal nötig notwendig nutzen
    nutzt obwohl oder offen oftmals ohne ordnen passen passiert plötzlich prüfen richtig richtige sagen scheint schlecht
    schließlich schnell schon schwer schwierig sehen seine seinen seiten selber selbst selten setzen sicher sieht sofort
    sogar solange solche sollen sollte sondern sonst soweit später sprechen spricht stark statt stattdessen stehen steht
    stellen stets stück suchen tatsächlich teile teilen teilweise trotz trotzdem über überall überhaupt übrig umgekehrt
    unbedingt ungefähr unser unten unter unterscheiden unterscheidet unterschiedlich unterschiedliche unwichtig verändern
    verändert verbinden verbindet vergessen vergisst verlangt verschieden verschiedene verstehen versteht versuchen
    versucht viele vielen vieles vielleicht voller vorhanden vorher vorkommen vorkommt vorne während wahrscheinlich wären
    wegen weil weiter weitere weiterhin welche welchen welcher wenig wenige weniger wenigstens werden wichtig wichtige
    wichtigste wieder wirken wirklich wirkt wissen wohin wollen worauf woraus worden worin worüber wovon wozu würde wurde
    wurden zählen zeigen zeigt zuerst zufällig zugleich zuletzt zumindest zunächst zurück zusammen zusätzlich zuvor zwar
    zweite zweitens zwischen
"""
_COMMON_ENGLISH = """
    about above accept across actually added adding after again against allow allowed almost alone along already although
    always among another anybody anyone anything apart around aside asked avoid award aware away based because become
    becomes before begin beginning begins being believe below beside besides better between beyond brief briefly bring
    broken cannot careful carefully certain change changed changes check choose chosen class clearly close closely closer
    coming common complete completely confirm consider contain correctly could count cover depend depends didn directly
    discuss does doesn doing done during each earlier early easy either else ending enough entire especially even every
    everybody everyone everything exactly except extra factor fails fairly false finally first fixed focus follow
    following follows forget forgets forgot forgotten found fully further general generally getting given gives giving
    going great greater happen happened happens hardly having helps here himself however idea ideas identify immediately
    indeed instead itself joined judge keeps kinds known knows large larger later least leave leaves likely listed little
    longer looking looks mainly makes making manner maybe merely might minor moment moreover mostly must namely names
    naming nearly necessary needs neither never nobody normally nothing notice number obvious obviously occur often only
    other others otherwise ought overall partly parts people perhaps place places please plenty possible present probably
    properly prove provide purpose quick quickly quite rather really receive recognise refer refers related relevant
    remember replace require required requires right roughly same saying second seems separate several shall short shorter
    should showing shown shows similar simply since single slightly small smaller somebody someone something sometimes
    somewhere soon sorts speak spoken start starts still strong stronger such suggest sure taken takes talk tells than
    thank their theirs them themselves then there therefore these they thing things think thinks third this those though
    three through throughout thus together tried tries trying turn twice under understand understands understood unless
    unlike until useful using usual usually various very wants weak well were what whatever when whenever where whereas
    whether which while whole whose wide will with within without words work works would yours yourself
"""


def stem(word: str) -> str:
    """A word without the ending that its forms differ in; compound words stay what they are."""
    shorter = _ENDING.sub("", word)
    return shorter if len(shorter) >= _STEM_LETTERS else word


EVERYDAY_STEMS = frozenset(
    stem(word) for word in f"{_FEEDBACK_WORDS} {_COMMON_GERMAN} {_COMMON_ENGLISH}".split()
)
