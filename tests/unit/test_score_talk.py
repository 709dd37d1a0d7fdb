"""Sentences that tell a score, and sentences in the same words that do not."""

from dataclasses import replace

import pytest

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.score_talk import speaks_of_scores
from learning_worker.domain.submission import Language, Task

GERMAN = Task("Erkläre die Photosynthese.", (Criterion("c1", "Nennt Licht und Wasser", 8),))
ENGLISH = replace(GERMAN, instruction_md="Explain photosynthesis.", language=Language.ENGLISH)

SCORES = {
    GERMAN: [
        "Das sind 7/10 Punkte.",
        "Dafür gibt es acht Punkte.",
        "Du bekommst alle Punkte.",
        "Hier gibt es volle Punkte.",
        "Das führt zu Punktabzug.",
        "Du erreichst die volle Punktzahl.",
        "Damit bist du auf Stufe 2.",
        "Das ist die höchste Stufe.",
        "Das wäre die Note 1.",
        "Note: sehr gut",
        "Gute Noten bekommst du so.",
        "Dafür gibt es die Bestnote.",
        "Das ist eine glatte Eins.",
        "Schreib mehr, dann holst du noch Punkte.",
        "Du verlierst hier einen Punkt.",
        "Das sind 80 % der Aufgabe.",
        "Du hast 3 von 8 geschafft.",
        "Ein Teilpunkt geht an den zweiten Satz.",
        "Das ist level fully, nicht not_yet.",
        "Für den Grund werden zwei Punkte abgezogen.",
        "Für diesen Satz gibt es einen halben Punkt.",
        "Hier ziehe ich zwei Punkte ab.",
        "Das reicht für eine Zwei plus.",
        "Du bist nur knapp an der vollen Punktzahl vorbei.",
        "Das ergibt 6 BE.",
        "Mit einem Beispiel wäre es ein glatter Einser.",
        "Die Bewertung lautet mangelhaft.",
        "Neun von zehn möglichen.",
        "Du liegst bei der Hälfte der Punkte.",
        "Damit verbesserst du deine Zensur.",
        "Erkläre mehr für mehr Punkte.",
        "Nenne mehr, dann bekommst du mehr Punkte.",
        "Das erklärt die vollen Punkte.",
        "Du hast zwei Punkte erreicht.",
        "Nenne den Grund und hol zwei Punkte.",
        "Deine acht Punkte sind verdient.",
        "Du hast ungefähr drei Viertel der Punkte geholt.",
        "Insgesamt ist das eher befriedigend.",
    ],
    ENGLISH: [
        "That is 7/10 points, grade 3.",
        "You get 10/10 points.",
        "This is worth eight points.",
        "This gets top marks.",
        "You earn the top mark.",
        "You have most of the marks.",
        "You get all the points.",
        "You lose a point here.",
        "Add it to gain more marks.",
        "This is level 2.",
        "That is a grade B.",
        "Your score is high.",
        "You could get an A.",
        "That is 80% of the task.",
        "Six out of 10.",
        "You have 3 of 8.",
        "This earns full marks.",
        "It deserves a good grade.",
        "No marks for the second sentence.",
        "Half of the points are missing.",
        "I would give this a B.",
        "This brings you to band 3.",
        "Nine out of ten!",
        "You only missed one mark.",
        "That costs you two marks.",
        "Your result: 65 percent.",
        "An extra point for the example.",
        "You reached the highest band.",
        "Half marks for this.",
        "Explain more to get more points.",
        "Add a reason for two points.",
        "This makes eight points.",
        "You name all of it and get ten points.",
        "You are on a high level.",
        "This level of achievement is good.",
        "Support your claim for full points.",
        "With one more quote this would be an A.",
        "This is a solid B answer.",
        "That's roughly 70 per cent of what was asked.",
        "Your mark would be higher with a quote.",
    ],
}
CONTENT = {
    GERMAN: [
        "Am Satzende fehlt der Punkt.",
        "Setz einen Punkt am Satzende.",
        "Du nennst alle Punkte aus der Aufgabe.",
        "Du nennst zwei Punkte, die wichtig sind.",
        "Achte auf Punkte und Kommas.",
        "An diesem Punkt fehlt ein Grund.",
        "Auf dem Notenblatt stehen Noten.",
        "Beschreibe die hohen Noten im Lied.",
        "Das ist ein wichtiger Punkt.",
        "Du gehst Punkt für Punkt vor.",
        "Der Höhepunkt der Geschichte fehlt noch.",
        "Dein Standpunkt ist klar.",
        "Die nächste Stufe der Rakete fehlt.",
        "Du nennst einen Vorteil und eine Folge.",
        "Die Temperatur steigt um zwei Grad.",
        "Die Hälfte der Klasse sagt ja.",
        "Dein Urteil über den König ist gut begründet.",
        "Zwischen 1914 und 1918 war Krieg.",
        "Du hast schon zwei Punkte genannt.",
        "Nenne mehr Punkte.",
        "Du nennst drei Punkte und erklärst sie.",
        "Begründe alle Punkte.",
        "Du sprichst viele Punkte an.",
        "Du hast alle Punkte mit Beispielen belegt.",
        "Ordne deine drei Punkte neu.",
        "Deine drei Punkte passen zum Thema.",
    ],
    ENGLISH: [
        "You say more on this point.",
        "Note that the light is missing.",
        "Make your main point first.",
        "You make a good point.",
        "Put a question mark at the end.",
        "The quotation marks are missing.",
        "This marks the end of the war.",
        "Say two more things about the sun.",
        "Your second point needs a reason.",
        "You make two points about the sun.",
        "All the points in your plan are there.",
        "At this point the story turns.",
        "Point to the line that shows it.",
        "The turning point is clear.",
        "You lose the point of the story here.",
        "A full stop is missing.",
        "In 1914 the war began.",
        "A band plays in the last scene.",
        "You miss the main point of the text.",
        "You make three points and support each one.",
        "Add a level of detail to the second sentence.",
        "Make two more points.",
        "Your text makes four points.",
        "Explain each of the three points.",
        "You have already made two points.",
        "Your three points are easy to follow.",
        "The level of language fits a letter.",
        "The first chord is a C major chord.",
        "The first word is a noun, and the second is an adjective.",
    ],
}


def cases(table):
    return [(task, sentence) for task, sentences in table.items() for sentence in sentences]


@pytest.mark.parametrize(("task", "said"), cases(SCORES))
def test_a_score_is_noticed(task, said):
    assert speaks_of_scores(said, task, "")


@pytest.mark.parametrize(("task", "said"), cases(CONTENT))
def test_the_same_words_about_the_subject_are_none(task, said):
    assert not speaks_of_scores(said, task, "")


def test_what_the_task_is_about_is_no_score():
    sea = replace(ENGLISH, instruction_md="Why does the sea level rise by 20 %?")
    notes = replace(GERMAN, instruction_md="Bestimme die Note in Takt 3.")

    assert not speaks_of_scores("You explain why the level rises by 20 %.", sea, "")
    assert speaks_of_scores("You are on level 3.", sea, "")
    assert not speaks_of_scores("Du hast jede Note erkannt.", notes, "")
    assert speaks_of_scores("Das gibt die Note 2.", notes, "")


def test_a_fraction_of_the_answer_is_no_score_unless_it_could_be_one():
    assert not speaks_of_scores("You write 1/2 in the first line.", ENGLISH, "I add 1/2 and 3/4.")
    assert speaks_of_scores("You write 1/2.", ENGLISH, "")
    assert speaks_of_scores("This is 10/10.", ENGLISH, "Give me 10/10!")
