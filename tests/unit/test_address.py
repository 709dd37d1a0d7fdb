"""The form of address of a task, in sentences as models write them."""

import time

import pytest

from learning_worker.domain.address import has_wrong_address
from learning_worker.domain.submission import FormOfAddress

SAYS_DU = [
    "Achte auf die Rechtschreibung.",
    "Beginne mit dem Grund.",
    "Belege die Aussage mit einer Stelle.",
    "Setze ein Komma vor weil.",
    "Zeige den Rechenweg.",
    "Streiche den zweiten Satz.",
    "Such nach einem besseren Wort.",
    "Sag genauer, was dann passiert.",
    "Unterstreiche die Fachwörter.",
    "Stell die Frage an den Anfang.",
    "Geh auf die Folgen ein.",
    "Arbeite die Einleitung aus.",
    "Führe den Gedanken weiter.",
    "Ordne die Gründe nach Wichtigkeit.",
    "Kürze den letzten Absatz.",
    "Lies den Text noch einmal laut.",
    "Lese den Text noch einmal laut.",
    "Nenne sie im ersten Satz.",
    "Skizziere den Ablauf.",
    "Verdeutliche die Folgen.",
    "Vertiefe diesen Gedanken.",
    "Der Grund fehlt noch. Gib ein Beispiel.",
    "Gut so: Ergänze noch die Folge.",
    "Wenn etwas fehlt, ergänze einen Satz.",
    "Lesen Sie den Text und nenne einen Grund.",
    "Der Satz ist klar; prüfe noch die Kommas.",
    "Vergleiche beide Texte.",
    "Versuche es mit einem Beispiel.",
    "Teile den Satz in zwei Sätze.",
    "Hier fehlt dein Grund.",
    "Du schreibst „Licht ist gut“.",
    "Nach „Ich gehe heim.“ Füge einen Satz an.",
]
FINE_FOR_SIE = [
    "Achten Sie auf die Rechtschreibung.",
    "Belegen Sie die Aussage und nennen Sie die Stelle.",
    "Belege fehlen noch im zweiten Absatz.",
    "Belege auf Seite 2 fehlen.",
    "Achte Zeile: Da fehlt ein Komma.",
    "Acht Gründe stehen im Text.",
    "Antwort und Frage passen zusammen.",
    "Teile der Antwort sind noch offen.",
    "Vergleiche machen den Text lebendig.",
    "Folgen und Ursachen werden klar getrennt.",
    "Kürze und Klarheit zeichnen den Text aus.",
    "Stelle 3 passt gut zum Kriterium.",
    "Sie zitieren „Du bist mein Freund“ an der passenden Stelle.",
    "Der Ausruf ‚Gib mir das Buch!‘ zeigt die Wut der Figur.",
    "„Komm nach Hause“, sagt die Mutter; das geben Sie gut wieder.",
    "Ohne das Licht wächst die Pflanze nicht.",
    "Heute die Folgen zu nennen, ist klug.",
    "Gerade das Beispiel überzeugt.",
    "Alle Gründe sind genannt.",
    "Wäre das Licht weg, würde die Pflanze welken: Das fehlt.",
    "Bitte die Kommas prüfen.",
    "Licht und Wasser stehen im Text.",
    "Die siebte und achte Zeile reimen sich.",
    "Ihre Aussage ist klar, und die Belege passen.",
    "Er behauptet, die Lage sei ernst, und bleibe dabei.",
    "Reihenfolge und Aufbau stimmen.",
    "Frage und Antwort stehen nebeneinander.",
    "Eine Stelle aus dem Text fehlt noch.",
    "Werte und Normen sind gut erklärt.",
    "Suche nach Sinn ist das Thema; das nennen Sie.",
]
SAYS_SIE = [
    "Sie nennen Licht und Wasser gut.",
    "Ihr Text ist klar gegliedert.",
    "Sie sollten noch einen Grund nennen.",
    "Schreiben Sie einen Satz mit weil dazu.",
    "Nennen Sie, was fehlt.",
    "Ihre Begründung fehlt noch.",
    "Ihnen gelingt ein klarer Aufbau.",
    "Sie haben den Grund genannt.",
    "Sie beschreiben den Versuch Schritt für Schritt.",
    "Sie erklären die Folge richtig.",
    "Sie können noch ein Beispiel ergänzen.",
    "Ihr zweiter Satz ist zu lang.",
    "Ihre Beispiele passen.",
    "Ihrem Text fehlt ein Schluss.",
    "Sie sind auf dem richtigen Weg.",
    "Der Grund steht da. Sie nennen auch die Folge.",
    "Der Anfang ist klar. Ihr Schluss fehlt noch.",
    "Licht kommt vor. Sie sollten noch Wasser ergänzen.",
    "Das Komma fehlt, bitte prüfen Sie das.",
    "Im zweiten Satz haben Sie einen Grund.",
    "Der Text ist klar. Ihre Wortwahl passt.",
    "Zu „Licht“ schreiben Sie mehr.",
]
FINE_FOR_DU = [
    "Du nennst Licht und Wasser gut.",
    "Deine Gründe passen. Sie erklären die Folge.",
    "Deine Sätze sind lang. Sie sollten kürzer sein.",
    "Sie passen gut zum Text.",
    "Sie hatten kein Brot, schreibst du, und das erklärt die Wut.",
    "Sie fehlen noch im zweiten Absatz.",
    "Sie ist die Hauptfigur, das sagst du richtig.",
    "Anna hilft ihm. Sie nennt auch den Grund.",
    "Die Pflanze braucht Licht. Sie wächst dann schneller.",
    "Die Figuren streiten. Sie haben Angst.",
    "Du schreibst: „Sie gehen nach Hause.“",
    "„Ihr Text ist toll“, sagt die Lehrerin in deiner Geschichte.",
    "Der Satz ‚Kommen Sie herein‘ zeigt, dass sie sich nicht kennen.",
    "Die Bienen tragen Pollen. Sie fliegen weit.",
    "Deine Argumente überzeugen. Sie nennen Zahlen.",
    "Beschreibe ihre Gefühle genauer.",
    "Sag, wie es ihr und ihnen geht.",
    "Ihr habt das zusammen gut gelöst.",
    "Die Gründe stehen im Text. Sie sind gut gewählt.",
    "Nenne sie im ersten Satz.",
    "Die Königin ist allein. Ihr Volk hat sie verlassen.",
    "Die Forscher messen genau. Sie können so mehr sehen.",
]


@pytest.mark.parametrize("said", SAYS_DU)
def test_du_is_noticed_where_the_task_says_sie(said):
    assert has_wrong_address([said], FormOfAddress.SIE)


@pytest.mark.parametrize("said", FINE_FOR_SIE)
def test_a_sentence_without_du_is_fine_where_the_task_says_sie(said):
    assert not has_wrong_address([said], FormOfAddress.SIE)


@pytest.mark.parametrize("said", SAYS_SIE)
def test_sie_is_noticed_where_the_task_says_du(said):
    assert has_wrong_address([said], FormOfAddress.DU)


@pytest.mark.parametrize("said", FINE_FOR_DU)
def test_they_and_she_are_no_address(said):
    assert not has_wrong_address([said], FormOfAddress.DU)


@pytest.mark.parametrize("part", [". - . ", "- ", "Sie haben ", "Nenne die ", "(*_ "])
def test_a_row_of_signs_takes_time_that_grows_with_its_length(part):
    started = time.process_time()

    for form in FormOfAddress:
        has_wrong_address([part * 2000], form)

    assert time.process_time() - started < 1
