"""What feedback says when no model wrote it: every sentence, in each language and form of address."""

from dataclasses import dataclass
from typing import assert_never

from learning_worker.domain.submission import FormOfAddress, Language, Task


@dataclass(frozen=True)
class Phrases:
    """Sentences for pupils of one language and form of address; `{…}` are filled in by `feedback_md`."""

    works: str
    next: str
    try_this: str
    generic_step: str
    nothing_to_improve: str
    try_weak: str
    try_strong: str
    missing: str
    points: str
    whole: str
    quotation_marks: tuple[str, str]
    blank: str
    unreadable: str
    too_long: str
    off_topic: str
    unreliable: str
    person_reads: str
    demo_line: str
    demo_explanation: str
    demo_step: str


def phrases_for(task: Task) -> Phrases:
    """The sentences in the language of the task, and in its form of address."""
    match task.language:
        case Language.ENGLISH:
            return ENGLISH
        case Language.GERMAN:
            return GERMAN_SIE if task.form_of_address is FormOfAddress.SIE else GERMAN_DU
        case _:
            assert_never(task.language)


GERMAN_DU = Phrases(
    works="Das gelingt dir schon",
    next="Das kommt als Nächstes",
    try_this="Probier das aus",
    generic_step="Ergänze dazu einen oder zwei Sätze.",
    nothing_to_improve="Hier fehlt deinem Text nichts.",
    try_weak="Nimm dir den ersten Vorschlag vor: Such die Stelle in deinem Text und schreib dort einen Satz dazu.",
    try_strong="Erkläre jemandem in zwei Sätzen, worum es in deinem Text geht.",
    missing="Zu {missing} von {total} Kriterien gibt es noch keine Rückmeldung. Deine Lehrkraft kann sie ergänzen.",
    points="{score} von {top}",
    whole="Insgesamt: {score} von {top}.",
    quotation_marks=("„", "“"),
    blank=(
        "In deiner Abgabe haben wir noch keine Wörter gefunden. Vielleicht ist beim Abgeben etwas schiefgegangen:"
        " Schau noch einmal nach und gib deinen Text neu ab. Ein Anfang mit zwei, drei Sätzen reicht."
    ),
    unreadable=(
        "Wir konnten deinen Text nicht sicher lesen, deshalb gibt es dazu keine automatische Rückmeldung. Das sagt"
        " nichts über deinen Text. Mach ein neues Foto bei gutem Licht von gerade oben, oder tippe den Text ab."
    ),
    too_long=(
        "Dein Text ist angekommen. Für eine automatische Rückmeldung ist er zu lang; deine Lehrkraft kann ihn ganz"
        " lesen."
    ),
    off_topic=(
        "Dein Text ist angekommen. Zu dieser Aufgabe haben wir darin noch nichts gefunden. Lies die Aufgabe noch"
        " einmal und schreib in zwei, drei Sätzen auf, was dir dazu einfällt."
    ),
    unreliable=(
        "Dein Text ist angekommen. Eine verlässliche automatische Rückmeldung ist diesmal nicht gelungen; das liegt"
        " nicht an dir. Deine Lehrkraft kann deinen Text lesen."
    ),
    person_reads="Dein Text ist angekommen. Deine Lehrkraft liest ihn selbst.",
    demo_line="Demo-Ergebnis, keine KI.",
    demo_explanation="Demo-Ergebnis: Diese Einschätzung ist ausgewürfelt, niemand hat den Text beurteilt.",
    demo_step="Hier stünde ein Vorschlag, wie es weitergeht.",
)

GERMAN_SIE = Phrases(
    works="Das gelingt Ihnen schon",
    next="Das kommt als Nächstes",
    try_this="Probieren Sie das aus",
    generic_step="Ergänzen Sie dazu einen oder zwei Sätze.",
    nothing_to_improve="Hier fehlt Ihrem Text nichts.",
    try_weak=(
        "Nehmen Sie sich den ersten Vorschlag vor: Suchen Sie die Stelle in Ihrem Text und schreiben Sie dort"
        " einen Satz dazu."
    ),
    try_strong="Erklären Sie jemandem in zwei Sätzen, worum es in Ihrem Text geht.",
    missing="Zu {missing} von {total} Kriterien gibt es noch keine Rückmeldung. Ihre Lehrkraft kann sie ergänzen.",
    points="{score} von {top}",
    whole="Insgesamt: {score} von {top}.",
    quotation_marks=("„", "“"),
    blank=(
        "In Ihrer Abgabe haben wir noch keine Wörter gefunden. Vielleicht ist beim Abgeben etwas schiefgegangen:"
        " Schauen Sie noch einmal nach und geben Sie Ihren Text neu ab. Ein Anfang mit zwei, drei Sätzen reicht."
    ),
    unreadable=(
        "Wir konnten Ihren Text nicht sicher lesen, deshalb gibt es dazu keine automatische Rückmeldung. Das sagt"
        " nichts über Ihren Text. Machen Sie ein neues Foto bei gutem Licht von gerade oben, oder tippen Sie den Text"
        " ab."
    ),
    too_long=(
        "Ihr Text ist angekommen. Für eine automatische Rückmeldung ist er zu lang; Ihre Lehrkraft kann ihn ganz"
        " lesen."
    ),
    off_topic=(
        "Ihr Text ist angekommen. Zu dieser Aufgabe haben wir darin noch nichts gefunden. Lesen Sie die Aufgabe noch"
        " einmal und schreiben Sie in zwei, drei Sätzen auf, was Ihnen dazu einfällt."
    ),
    unreliable=(
        "Ihr Text ist angekommen. Eine verlässliche automatische Rückmeldung ist diesmal nicht gelungen; das liegt"
        " nicht an Ihnen. Ihre Lehrkraft kann Ihren Text lesen."
    ),
    person_reads="Ihr Text ist angekommen. Ihre Lehrkraft liest ihn selbst.",
    demo_line=GERMAN_DU.demo_line,
    demo_explanation=GERMAN_DU.demo_explanation,
    demo_step=GERMAN_DU.demo_step,
)

ENGLISH = Phrases(
    works="What already works",
    next="What comes next",
    try_this="Try this",
    generic_step="Add a sentence or two on this.",
    nothing_to_improve="Nothing is missing from your text here.",
    try_weak="Take the first suggestion: find the place in your text where it belongs and add one sentence there.",
    try_strong="Tell someone in two sentences what your text is about.",
    missing="There is no feedback on {missing} of {total} criteria yet. Your teacher can add it.",
    points="{score} of {top}",
    whole="Overall: {score} of {top}.",
    quotation_marks=("“", "”"),
    blank=(
        "We have not found any words in what you handed in. Maybe something went wrong: have a look and hand in your"
        " text again. Two or three sentences are enough for a start."
    ),
    unreadable=(
        "We could not read your text reliably, so there is no automatic feedback. This says nothing about your text."
        " Take a new photo in good light from straight above, or type the text."
    ),
    too_long="Your text has arrived. It is too long for automatic feedback; your teacher can read all of it.",
    off_topic=(
        "Your text has arrived. We have not found anything about this task in it yet. Read the task again and write"
        " two or three sentences about what comes to your mind."
    ),
    unreliable=(
        "Your text has arrived. Reliable automatic feedback did not work out this time; that is not your fault. Your"
        " teacher can read your text."
    ),
    person_reads="Your text has arrived. Your teacher reads it in person.",
    demo_line="Demo result, no AI.",
    demo_explanation="Demo result: this judgement comes from a throw of dice, nobody has assessed the text.",
    demo_step="A suggestion for the next step would stand here.",
)
