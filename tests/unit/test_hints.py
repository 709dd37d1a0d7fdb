"""What a teacher noted for the model alone stays with it, and a note does not silence ordinary feedback."""

from dataclasses import replace

import pytest

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.hints import leaks
from learning_worker.domain.submission import Task

CRITERION = Criterion("c1", "Names light")


def test_hints_are_secret_unless_task_criteria_or_answer_say_the_same():
    task = Task(
        "Name the inputs of the process.",
        (CRITERION,),
        hints_md="Carbon dioxide enters through tiny stomata.",
    )

    assert leaks("As you know, carbon dioxide enters through tiny stomata!", task, "")
    assert not leaks("Something goes into the plant.", task, "")
    assert not leaks(
        "carbon dioxide enters through tiny stomata", task, "Carbon dioxide enters through tiny stomata"
    )


LEAKS = [
    # hints, what a model says
    ("Die Lösung ist 42.", "Das Ergebnis 42 fehlt noch."),
    ("Chlorophyll", "Hier fehlt das Wort Chlorophyll."),
    ("Denk an Chlorophyll!", "Erkläre, was das Chlorophyll macht."),
    ("Das Jahr 1789 muss vorkommen.", "Schreib auch das Jahr dazu: 1789."),
    ("Erwartet: Montesquieu, Gewaltenteilung", "Nenne noch die Gewaltenteilung."),
    ("Das Kind hat LRS, bitte mild bewerten.", "Wegen der LRS zählen Fehler nicht."),
    ("Gesucht ist CO2.", "Du hast CO2 nicht genannt."),
    ("Ergebnis: 3,14", "Rechne noch einmal: Es kommt 3,14 heraus."),
    ("The answer is 42.", "You have not written 42."),
    ("Stomata", "Say what stomata do."),
    ("Starch instead of sugar.", "Say that it becomes starch."),
    ("Viele verwechseln oft Masse und Gewicht.", "Du meinst die Masse."),
    ("Das Wasser verdunstet.", "Schreib, dass etwas verdunstet."),
    ("The hero is really his brother.", "Say who the brother is."),
    ("They should mention the Treaty of Versailles.", "Add the treaty that ended the war: Versailles."),
    (
        "Good answers say that the plant takes in carbon dioxide through small openings, that it needs energy from the"
        " sun for this, and that photosynthesis makes sugar which is stored as starch.",
        "Find the word for it: photosynthesis.",
    ),
]
HARMLESS = [
    ("Achte auf die Begründung.", "Deine Begründung fehlt noch."),
    ("Die Rechtschreibung nicht bewerten.", "Lies den Text wegen der Rechtschreibung noch einmal."),
    ("Chlorophyll muss nicht vorkommen.", "Erkläre, warum Pflanzen Licht brauchen."),
    ("Zwei Gründe genügen, höchstens 2 Sätze.", "Schreib dazu noch 2 Sätze."),
    ("Die Lösung ist 42.", "Dein Ergebnis stimmt noch nicht, rechne den zweiten Schritt noch einmal."),
    ("Erwartet werden Fachbegriffe und ein Beispiel.", "Nenne noch einen Fachbegriff und ein Beispiel."),
    ("Mild bewerten: Der Schüler ist neu in der Klasse.", "Das steht klar im Text."),
    ("Be lenient with spelling.", "Read it once more and check the spelling."),
    ("Expect one reason and one example.", "Add an example after the reason."),
    ("The answer is 42.", "Show how you found the result in 2 short sentences."),
    ("Pupils should explain cause and effect.", "Explain what happens because of the light."),
    (
        "Good answers say that the plant takes in carbon dioxide through small openings, that it needs energy from the"
        " sun for this, and that photosynthesis makes sugar which is stored as starch.",
        "Say what the plant needs the energy of the sun for.",
    ),
    ("Starch instead of sugar.", "Add one more sentence instead of repeating the first."),
    ("Viele verwechseln oft Masse und Gewicht.", "Das ist ein Wort, das viele verwechseln."),
    ("Often forgotten: the closing formula.", "The date is often forgotten here."),
    ("Look closely at the second half.", "Look more closely at your ending."),
    ("Only accept complete sentences.", "This is a complete answer."),
    ("Besonders gelungen, falls Ironie vorkommt.", "Besonders gut ist, dass du das Ende erklärst."),
    ("Nicht nur aufzählen, sondern verknüpfen.", "Verknüpfe die Sätze besser miteinander."),
    ("Gegenargument Ablenkung erwartet.", "Das Gegenargument ist kurz; vertiefe es noch."),
    ("Zuletzt auf Stil achten.", "Zuletzt fehlt noch ein Schlusssatz."),
    # The pupil or the task knows it already.
    ("Die Lösung ist 17.", "Du hast 17 richtig ausgerechnet."),
    ("Montesquieu", "Montesquieu nennst du im zweiten Satz."),
]
OPEN = Task("Warum brauchen Pflanzen Licht?", (CRITERION,))
ANSWER = "Montesquieu sagt, es sind 17."


@pytest.mark.parametrize(("hints", "said"), LEAKS)
def test_the_solution_in_a_note_is_not_told(hints, said):
    assert leaks(said, replace(OPEN, hints_md=hints), ANSWER)


@pytest.mark.parametrize(("hints", "said"), HARMLESS)
def test_a_note_does_not_silence_ordinary_feedback(hints, said):
    assert not leaks(said, replace(OPEN, hints_md=hints), ANSWER)
