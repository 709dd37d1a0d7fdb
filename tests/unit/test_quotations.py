"""What is a quotation: every pair of marks that models write, and no apostrophe."""

import time

import pytest

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.linter import broken_rules
from learning_worker.domain.quotations import quotations, without_quotations
from learning_worker.domain.submission import Language, Task

TASK = Task("Was weißt du über den Mond?", (Criterion("c1", "Nennt den Mond"),))
ANSWER = "Der Mond leuchtet hell. Hans' Buch ist rot. It's the boys' moon. It grows."
PAIRS = [
    "„“",
    "„”",
    '„"',
    "“”",
    '""',
    "»«",
    "«»",
    "‚‘",
    "‚’",
    "‚'",
    "‘’",
    "''",
    "’’",
    "›‹",
    "‹›",
    "``",
    "`'",
    "`´",
]
PAIRS += [("``", "''"), ("''", "''"), ("‚‚", "‘‘")]
INVENTED = ["Der Mond ist rund", "the moon's quite round", "So geht's nicht weiter.", "Max' Mond ist rund"]
REAL = ["Der Mond leuchtet hell", "Hans' Buch ist rot", "It's the boys' moon", "der Mond", "It grows"]
APOSTROPHES = [
    "You don't say why it's round, and the pupils' view isn't there.",
    "Hans' Buch und Max' Heft sind gut beschrieben.",
    "So geht's noch besser: Sag's in einem Satz.",
    "The boys' story and the girls' answer don't fit.",
    "It's clear that you've read the authors' letters and the readers' replies.",
    "Schreib nicht 'ne Liste, sondern Sätze wie in Hans' Text.",
    "Lies Moritz’ Brief und Agnes’ Antwort noch einmal.",
    "You’ve shown the plants’ needs, but that’s not all.",
    "In the '90s the workers' rights changed.",
    "Say what the characters' parents' house looks like.",
    "Grimms’ Märchen passen; wie’s endet, fehlt noch.",
    "Use rock 'n' roll as the fans' example.",
    "Schau auf Iris' ersten Satz: Da fehlt's an einem Grund.",
    "Tell 'em what James' plan wasn't.",
    'The stick is 5" long and the rope 12" short, so say which is longer.',
]
# Words to use or to replace, shorter than a quotation.
WORDS = [
    'Replace "it" with the name of the plant in "it grows".',
    'You start with "I" in every sentence; try "plants" once.',
    'Ersetze "so" durch das Wort "weil".',
    "Replace 'it' with the name of the plant in 'it grows'.",
    "Ersetze ‚so‘ durch das Wort ‚weil‘ und ›da‹ durch ›denn‹.",
    "Use 'plants' as the boys' first word and 'is' as the last one.",
    "Write `x` for the first number and `y` for the second one.",
    'Put "a" before "b" and say why "c" is not there.',
]


def invents(said: str) -> bool:
    return "invented_quote" in broken_rules((said,), TASK, ANSWER)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("quoted", INVENTED)
def test_an_invented_quotation_is_noticed_in_any_marks(pair, quoted):
    assert invents(f"Du schreibst {pair[0]}{quoted}{pair[1]} im Text.")
    assert invents(f"{pair[0]}{quoted}{pair[1]}, schreibst du.")


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("quoted", REAL)
def test_a_real_quotation_is_none(pair, quoted):
    assert not invents(f"Du schreibst {pair[0]}{quoted}{pair[1]} und „der Mond“ im Text.")


@pytest.mark.parametrize("said", APOSTROPHES)
def test_an_apostrophe_is_no_quotation(said):
    assert quotations(said) in ((), ("n",))
    assert not invents(said)


@pytest.mark.parametrize("said", WORDS)
def test_short_words_in_marks_do_not_get_pairs_out_of_step(said):
    assert not invents(said)


def test_what_is_between_two_quotations_is_outside():
    said = "Du schreibst „Ich sehe ihn.“ Ersetze 'ich' durch ›du‹."

    assert quotations(said) == ("Ich sehe ihn.", "ich", "du")
    assert without_quotations(said) == "Du schreibst …. Ersetze … durch …."


def test_a_quotation_in_a_quotation_belongs_to_it():
    assert quotations("„Er sagt ‚komm zu mir her‘ zu ihr“ und 'She says \"come to me\" now'") == (
        "Er sagt ‚komm zu mir her‘ zu ihr",
        'She says "come to me" now',
    )


@pytest.mark.parametrize("part", ["'a ", "‚", "s' ", "„a", "'s ", "`a' b's "])
def test_a_row_of_marks_takes_time_that_grows_with_its_length(part):
    started = time.process_time()

    quotations(part * 4000)

    assert time.process_time() - started < 1


def test_a_language_without_an_address_is_checked_for_quotations_too():
    task = Task("Why?", TASK.criteria, language=Language.ENGLISH)

    assert "invented_quote" in broken_rules(("You write 'the moon is round' here.",), task, ANSWER)
