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
# Reasons and next steps of one sentence: a few words, of which half are long by chance.
EASY_ALONE = {
    Language.GERMAN: [
        "Begründe deine Aussage mit einem passenden Beispiel.",
        "Die wichtigsten Argumente werden genannt.",
        "Du beschreibst die Photosynthese richtig.",
        "Du nennst den Grund im zweiten Satz.",
        "Erkläre genauer, warum die Pflanze Wasser braucht.",
        "Die Reihenfolge der Ereignisse stimmt.",
        "Ergänze eine passende Überschrift.",
        "Deine Meinung wird deutlich.",
        "Beschreibe die Hauptfigur genauer.",
        "Der Zusammenhang zwischen Licht und Wachstum fehlt noch.",
        "Verwende mindestens zwei Fachbegriffe.",
        "Achte auf die Rechtschreibung der Nomen.",
        "Der Text nennt beide Ausgangsstoffe.",
        "Füge einen Schlusssatz hinzu.",
        "Überprüfe die Zeichensetzung in deinem letzten Absatz.",
        "Die Einleitung nennt Titel, Autor und Thema.",
        "Vergleiche die beiden Figuren miteinander.",
        "Der Rechenweg ist vollständig und richtig.",
        "Deine Begründung überzeugt, weil du ein Beispiel nennst.",
        "Schreibe noch, welche Folgen das hatte.",
        "Du unterscheidest klar zwischen Ursache und Wirkung.",
        "Formuliere deine Schlussfolgerung in eigenen Worten.",
    ],
    Language.ENGLISH: [
        "Describe the main character more closely.",
        "You support your opinion with evidence.",
        "The answer names the main reason.",
        "Explain why the temperature increases.",
        "Add another example from the story.",
        "The introduction presents the topic clearly.",
        "Your argument is clear and convincing.",
        "Compare the two characters in the story.",
        "Mention the most important events.",
        "Include a sentence about the weather.",
        "Your description of the setting works well.",
        "You explain the process step by step.",
        "Check the spelling of difficult words.",
        "Give a reason for your opinion.",
        "Write a stronger closing sentence.",
        "The calculation shows every important step.",
        "Connect your sentences with linking words.",
        "Say how the government reacted.",
        "The timeline of events is complete.",
    ],
}
HARD_ALONE = {
    Language.GERMAN: [
        "Differenziere hinsichtlich gesellschaftlicher Rahmenbedingungen.",
        "Die Ausführungen vernachlässigen entscheidende Wirkungszusammenhänge.",
        "Berücksichtige unterschiedliche Energieumwandlungsprozesse innerhalb der Chloroplasten.",
        "Konkretisiere die argumentative Auseinandersetzung mit zeitgenössischen Positionen.",
        "Wirtschaftspolitische Rahmenbedingungen bleiben unberücksichtigt.",
    ],
    Language.ENGLISH: [
        "Elaborate underlying socioeconomic considerations.",
        "The explanation demonstrates insufficient conceptual differentiation.",
        "Incorporate contemporary perspectives regarding industrial transformation.",
        "Differentiate systematically between environmental determinants.",
        "Substantiate argumentative propositions through appropriate documentation.",
    ],
}
# Sentences that are in order for a grade and too much for another.
BETWEEN = [
    (
        Language.GERMAN,
        "Schreib noch einen Satz, der sagt, was die Pflanze mit dem Licht und dem Wasser am Tag tut.",
    ),
    (Language.GERMAN, "Vergleiche verschiedene Meinungen. Ordne wichtige Argumente nach ihrer Bedeutung."),
    (
        Language.ENGLISH,
        "Add a sentence that says what the plant does with the light and the water in the day.",
    ),
    (Language.ENGLISH, "Support your opinion with one example. Compare it with different characters."),
]


@pytest.mark.parametrize(("language", "grade", "said"), EASY)
def test_easy_feedback_is_no_trouble(language, grade, said):
    assert not is_hard_to_read([said], language, grade, "")


@pytest.mark.parametrize(("language", "grade", "said"), HARD)
def test_hard_feedback_is_noticed(language, grade, said):
    assert is_hard_to_read([said], language, grade, "")


def alone(table: dict[Language, list[str]]) -> list[tuple[Language, str]]:
    return [(language, said) for language, sentences in table.items() for said in sentences]


@pytest.mark.parametrize("grade", [5, 7, 9])
@pytest.mark.parametrize(("language", "said"), alone(EASY_ALONE))
def test_an_ordinary_sentence_alone_is_no_trouble(language, said, grade):
    assert not is_hard_to_read([said], language, grade, "")


@pytest.mark.parametrize("grade", [5, 7, 9])
@pytest.mark.parametrize(("language", "said"), alone(HARD_ALONE))
def test_a_sentence_alone_of_rare_words_is_hard(language, said, grade):
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
