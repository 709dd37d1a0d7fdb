"""What a pupil of a grade can read: feedback as teachers write it passes, feedback as papers write it does not."""

import pytest

from learning_worker.domain.criteria import Criterion
from learning_worker.domain.language import is_hard_to_read
from learning_worker.domain.linter import broken_rules
from learning_worker.domain.submission import Language, Task

EASY = [
    (
        Language.GERMAN,
        5,
        "Du nennst das Licht und das Wasser. Ergänze, wofür die Pflanze das Licht braucht. Schreib dazu "
        "einen Satz mit weil.",
    ),
    (
        Language.GERMAN,
        5,
        "Dein Text erzählt die Reihenfolge richtig. Beschreibe noch, wie der Junge sich am Ende fühlt. "
        "Such dir dafür ein passendes Wort aus.",
    ),
    (
        Language.GERMAN,
        5,
        "Du hast die Überschrift gut gewählt. Am Anfang fehlt noch, wo die Geschichte spielt. Nenne den "
        "Ort im ersten Satz.",
    ),
    (
        Language.GERMAN,
        5,
        "Der Grund steht schon im zweiten Satz.",
    ),
    (
        Language.GERMAN,
        10,
        "Du erklärst den Zusammenhang zwischen Zinsen und Nachfrage nachvollziehbar. Belege deine These "
        "mit einer Stelle aus der Quelle und ordne sie zeitlich ein. Formuliere danach einen "
        "Schlusssatz, der deine Meinung klar begründet.",
    ),
    (
        Language.ENGLISH,
        5,
        "You name the light and the water. Add what the plant needs the light for. Write one sentence "
        "with because.",
    ),
    (
        Language.ENGLISH,
        5,
        "Your story has a clear start. Say how the boy feels at the end. Find a word that fits.",
    ),
    (
        Language.ENGLISH,
        5,
        "The reason is in your second sentence.",
    ),
    (
        Language.ENGLISH,
        10,
        "You explain how interest rates and demand are connected. Support your claim with one line from "
        "the source and say when it was written. Then write a closing sentence that gives your opinion.",
    ),
]
HARD = [
    (
        Language.GERMAN,
        5,
        "Die Ausführungen zur Energieumwandlung innerhalb der Chloroplasten sind grundsätzlich "
        "nachvollziehbar dargestellt. Allerdings fehlt eine differenzierte Auseinandersetzung mit den "
        "entsprechenden Wirkungszusammenhängen.",
    ),
    (
        Language.GERMAN,
        5,
        "Du solltest bei der Überarbeitung deines Textes darauf achten, dass du die einzelnen Gedanken "
        "besser miteinander verknüpfst und deine Aussagen mit passenden Beispielen belegst.",
    ),
    (
        Language.GERMAN,
        5,
        "Berücksichtige beim Überarbeiten unterschiedliche Perspektiven beteiligter Personengruppen.",
    ),
    (
        Language.GERMAN,
        10,
        "Die argumentative Auseinandersetzung berücksichtigt unterschiedliche gesellschaftliche "
        "Perspektiven, vernachlässigt jedoch hinsichtlich der wirtschaftspolitischen Rahmenbedingungen "
        "entscheidende Differenzierungen.",
    ),
    (
        Language.ENGLISH,
        5,
        "The explanation demonstrates considerable understanding of photosynthesis. However, it lacks "
        "sufficient elaboration regarding the underlying mechanisms.",
    ),
    (
        Language.ENGLISH,
        5,
        "When you revise your text you should make sure that you connect the single ideas with each "
        "other and that you support what you say with examples from the story.",
    ),
    (
        Language.ENGLISH,
        5,
        "Consider incorporating additional evidence supporting alternative interpretations.",
    ),
    (
        Language.ENGLISH,
        10,
        "The argumentative structure incorporates contemporary perspectives while insufficiently "
        "differentiating underlying socioeconomic considerations.",
    ),
]
# Sentences that are in order for a grade and too much for another.
BETWEEN = [
    (
        Language.GERMAN,
        "Schreib noch einen Satz, der sagt, was die Pflanze mit dem Licht und dem Wasser am Tag tut.",
    ),
    (Language.GERMAN, "Belege deine Aussage genauer. Verwende passende Beispiele aus der Geschichte."),
    (
        Language.ENGLISH,
        "Add a sentence that says what the plant does with the light and the water in the day.",
    ),
    (Language.ENGLISH, "Support your opinion with one example. Compare it with the character in the story."),
]


@pytest.mark.parametrize(("language", "grade", "said"), EASY)
def test_easy_feedback_is_no_trouble(language, grade, said):
    assert not is_hard_to_read([said], language, grade, "")


@pytest.mark.parametrize(("language", "grade", "said"), HARD)
def test_hard_feedback_is_noticed(language, grade, said):
    assert is_hard_to_read([said], language, grade, "")


@pytest.mark.parametrize(("language", "said"), BETWEEN)
def test_what_is_hard_depends_on_the_grade(language, said):
    def rules(grade: int) -> tuple[str, ...]:
        return broken_rules((said,), Task("Why?", (Criterion("c1", "x"),), language, grade_level=grade), "")

    assert "hard_to_read" in rules(3)
    assert "hard_to_read" not in rules(12)


def test_words_that_the_pupil_uses_are_not_hard():
    said = "Die Photosynthese braucht Kohlenstoffdioxid und Sonnenlicht."

    assert is_hard_to_read([said], Language.GERMAN, 5, "")
    assert not is_hard_to_read(
        [said], Language.GERMAN, 5, "Photosynthese: Kohlenstoffdioxid und Sonnenlicht."
    )
