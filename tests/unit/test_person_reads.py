"""Answers that a person must read: 40 cases, each with a harmless twin from a novel, from history or from a song."""

import sys

import pytest
from person_sentences import measured

from learning_worker.domain.person_reads import DEFAULT_PHRASES, phrase_list

# (what a pupil writes of himself or herself, what a pupil writes about somebody else in nearly the same words)
CASES = [
    ("Ich will nicht mehr leben.", "Werther will nicht mehr leben, weil Lotte einen anderen heiratet."),
    (
        "Ehrlich gesagt möchte ich sterben. Ich möchte einfach nur sterben.",
        "Julia möchte lieber sterben als Paris heiraten.",
    ),
    ("Ich wäre am liebsten tot. Ich wäre lieber tot.", "Gretchen wäre lieber tot als verlassen."),
    ("Ich wünschte, ich wäre tot.", "„Ich wünschte, ich wäre tot“, ruft Karl Moor im vierten Akt."),
    ("Ich bringe mich heute Abend um.", "Der Held bringt sich am Ende des Romans um."),
    (
        "Manchmal denke ich: Ich könnte mich umbringen.",
        "Sokrates könnte fliehen, statt sich umbringen zu lassen.",
    ),
    ("Ich ritze mich, das weiß keiner.", "Die Jungen ritzen sich ein Zeichen in den Baum."),
    ("Ich habe mich wieder geritzt.", "Er hat seinen Namen in die Bank geritzt."),
    ("Mein Leben hat keinen Sinn mehr.", "Für Sisyphos hat das Leben trotzdem einen Sinn."),
    ("Alle wären ohne mich besser dran.", "Ohne den Zoll wäre der Handel besser dran."),
    ("Mein Vater schlägt mich, wenn er trinkt.", "Der Vater schlägt Franz Kafka im Brief eine Bitte ab."),
    ("Meine Mutter schlägt mich oft.", "Meine Mutter schlägt Sahne für den Kuchen."),
    ("Zu Hause werde ich geschlagen.", "Napoleon wurde bei Waterloo geschlagen."),
    ("Er hat mich da angefasst.", "Er hat das heiße Rohr angefasst."),
    ("Mein Onkel fasst mich immer an.", "Mein Onkel fasst die Schlange im Zoo an."),
    ("Ich habe Angst, nach Hause zu gehen.", "Der Soldat hat Angst, nach Hause zu gehen."),
    ("Ich habe große Angst vor meinem Stiefvater.", "Hamlet hat keine Angst vor seinem Stiefvater."),
    ("Ich bringe ihn morgen um.", "Brutus bringt Cäsar an den Iden des März um."),
    ("Ich bringe morgen ein Messer mit.", "Der Koch bringt ein Messer mit in die Küche."),
    ("Ich werde sie alle umbringen.", "Macbeth wird sie alle umbringen lassen."),
    ("I don't want to live any more.", "Ophelia does not want to live in Denmark any more."),
    ("I want to die.", "In the song a man says he would die for her."),
    ("I wish I was dead.", "“I wish I were dead,” says the old king in act five."),
    ("I'm going to kill myself tonight.", "Romeo kills himself because he thinks that Juliet is dead."),
    ("I think about killing myself.", "The poem thinks about killing time in a waiting room."),
    ("I cut myself when I am sad.", "I cut the paper when the glue is dry."),
    ("I have been cutting myself.", "I have been cutting wood all day, says the farmer."),
    ("I hurt myself on purpose.", "The player did not foul on purpose."),
    ("I have no reason to live.", "The army had no reason to live in the castle."),
    ("They would be better off without me.", "The village is better off without the tax."),
    ("My dad hits me.", "My dad hits a home run every Sunday."),
    ("My stepfather beats me.", "The heart beats faster in this chapter."),
    ("He touches me at night.", "He touches the painting in the museum."),
    ("I'm scared to go home.", "Scout is scared to go past the Radley house."),
    ("I am afraid of my father.", "The dog is afraid of my father."),
    ("He told me not to tell anyone.", "The knight told the king the truth."),
    ("I'm going to kill him.", "“I'm going to kill him,” says Hamlet about Claudius."),
    (
        "I will kill everyone in this school.",
        "The plague will kill everyone in the town, they thought in 1349.",
    ),
    ("I am bringing a knife tomorrow.", "The explorer is bringing a knife and a rope."),
    ("I'm going to shoot somebody.", "The director is going to shoot a film in Rome."),
]


@pytest.mark.parametrize(
    ("name", "reals", "twins", "missed", "alarms"),
    [
        ("seen", 135, 130, 0, 1),
        ("published", 40, 0, 0, 0),
        ("provoking", 0, 40, 0, 7),
        ("held_out", 40, 40, 0, 1),
        ("held_out_2", 60, 60, 4, 0),
        ("held_out_3", 30, 30, 0, 0),
        ("held_out_4", 30, 30, 2, 0),
        ("held_out_5", 30, 30, 19, 0),
    ],
)
def test_misses_and_false_alarms_are_those_that_the_docs_name(name, reals, twins, missed, alarms):
    found = measured(DEFAULT_PHRASES, name)

    sys.stdout.write(
        f"{name}: {len(found.missed)} of {found.reals} missed, {len(found.alarms)} of {found.twins} false alarms\n"
    )
    assert (found.reals, found.twins) == (reals, twins)
    assert (len(found.missed), len(found.alarms)) == (missed, alarms)


def test_forty_cases_are_found_and_their_harmless_twins_are_not():
    missed = [real for real, _ in CASES if not DEFAULT_PHRASES.finds(real)]
    alarms = [twin for _, twin in CASES if DEFAULT_PHRASES.finds(twin)]

    sys.stdout.write(f"a person reads: {len(missed)} of {len(CASES)} missed, {len(alarms)} false alarms\n")
    assert len(CASES) == 40
    assert (missed, alarms) == ([], [])


@pytest.mark.parametrize("real", [real for real, _ in CASES])
def test_a_case_is_found_inside_a_longer_answer_and_in_capitals(real):
    around = "Pflanzen brauchen Licht. {} Das nennt man Fotosynthese."

    assert DEFAULT_PHRASES.finds(around.format(real))
    assert DEFAULT_PHRASES.finds(around.format(real.upper()).replace("'", "’"))


@pytest.mark.parametrize(
    "text", ["Ich will[?] nicht mehr leben.", "Das Glas[?] war leer. Ich will nicht[?] mehr[?] leben[?]"]
)
def test_marks_of_doubt_hide_no_case(text):
    assert DEFAULT_PHRASES.finds(text)


def test_what_stands_in_different_sentences_is_not_put_together():
    assert not DEFAULT_PHRASES.finds("Das will ich. Nicht mehr leben dort die Wölfe.")


def test_a_dot_in_a_phrase_stands_for_a_comma_or_the_end():
    own = phrase_list("i can not .")

    assert own.finds("I can not, really.")
    assert own.finds("Sorry, I can not!")
    assert not own.finds("I can not swim.")


def test_a_school_can_write_its_own_list():
    own = phrase_list("version school-7\n# a comment\nhelp|save me ... please*\n")

    assert own.version == "school-7"
    assert own.finds("Can you save me from this, pleaseee?")
    assert not own.finds("Save the file, please.")


def test_a_name_stands_for_its_choices_in_later_lines():
    own = phrase_list("$kin = dad|my_mum\n$near = $kin|coach\n$near hits me")

    assert own.finds("Sometimes my mum hits me.")
    assert own.finds("The coach hits me.")
    assert not own.finds("The wind hits me.")


def test_a_word_with_a_question_mark_may_be_missing():
    own = phrase_list("go back? home")

    assert own.finds("I can not go home.")
    assert own.finds("I can not go back home.")
    assert not own.finds("I can not go far from home.")


def test_what_a_harmless_line_finds_is_no_alarm_and_hides_none():
    own = phrase_list("beats me\n- beats me at chess")

    assert not own.finds("He beats me at chess.")
    assert own.finds("He beats me at chess and then he beats me.")


@pytest.mark.parametrize(
    "text",
    [
        "ich moechte sterben",
        "ich mochte sterben",
        "ICH MÖCHTE STERBEN",
        "Papa schlaegt mich",
        "ich will steeerben",
    ],
)
def test_spellings_without_umlauts_and_with_long_letters_hide_no_case(text):
    assert DEFAULT_PHRASES.finds(text)


def test_what_somebody_near_the_writer_threatens_is_the_writers_own_matter():
    assert DEFAULT_PHRASES.finds("Mein Onkel sagt, er bringt mich um.")
    assert not DEFAULT_PHRASES.finds("Mein Onkel sagt: Ich will sterben.")
    assert not DEFAULT_PHRASES.finds("Der Räuber sagt, er bringt mich um.")


@pytest.mark.parametrize(
    "told",
    [
        "Der Räuber sagte: Ich bringe dich um.",
        "Da sprach die Hexe zu Hänsel: Ich will sterben.",
        "Der König rief, ich will sterben.",
        "Ich will sterben, sagte der König.",
        "Ich kann einfach nicht mehr, sagt der Läufer im Ziel.",
        "He said: I will kill you.",
        "The king said, I want to die.",
        "I want to die, said the old queen.",
    ],
)
def test_what_somebody_in_a_story_said_is_not_the_writers_voice(told):
    assert not DEFAULT_PHRASES.finds(told)


@pytest.mark.parametrize(
    "own",
    [
        "Ich sagte meiner Mutter, ich will sterben.",
        "Ich will sterben, sagte ich.",
        "I said I want to die.",
        "I said: I want to die.",
        "Mein Vater sagte: Ich bringe dich um.",
        "Er sagte zu mir: Ich bring dich um.",
        "Als ich heim kam, schrie er: Ich bring dich um.",
        "My dad said: I will kill you.",
        "Er sagte, ich bin wertlos.",
        "Er sagte, ich soll sterben.",
        "He said: I should die.",
        "Der Arzt sagte, ich werde nicht mehr lange leben.",
        "Ein Junge sagte, er sticht mich ab.",
        "The boys said they will kill me.",
        "My girlfriend follows me and says her cousins will stab me.",
    ],
)
def test_what_the_writer_said_or_was_told_is_found(own):
    assert DEFAULT_PHRASES.finds(own)


@pytest.mark.parametrize(
    ("harmless", "real"),
    [
        ("I want to end my essay with a question.", "I want to end my life."),
        ("I want to end it here with a quote.", "I want to end it here."),
        ("Wenn ich sterbe, sollen andere meine Organe haben.", "Wenn ich sterbe, weint keiner."),
        ("Wenn ich tot bin, darf man meine Organe spenden.", "Wenn ich tot bin, merkt es keiner."),
        ("If I die, my organs can help others.", "If I die, nobody cares."),
        (
            "Bitte helfen Sie mir, ich verstehe die Aufgabe nicht.",
            "Bitte helfen Sie mir, ich verstehe nicht, warum er mich schlägt.",
        ),
        (
            "Please help me, I don't understand question two.",
            "Please help me, I don't understand why he hurts me.",
        ),
        ("Ihr werdet sehen, dass Plastik nicht verrottet.", "Ihr werdet sehen, was ihr davon habt."),
        (
            "Mein Vater kommt abends an mein Bett und liest.",
            "Mein Vater kommt abends an mein Bett und fasst mich an.",
        ),
        ("Ich hole das Messer und schneide das Brot.", "Ich hole das Messer und schneide mich."),
        ("Ich hole das Messer und schneide.", "Ich hole das Messer und schneide ihm die Kehle durch."),
        ("Ich habe nichts zu essen dabei.", "Ich habe zu Hause nichts zu essen."),
    ],
)
def test_what_only_sounds_like_a_cry_is_told_from_one(harmless, real):
    assert not DEFAULT_PHRASES.finds(harmless)
    assert DEFAULT_PHRASES.finds(real)


@pytest.mark.parametrize(
    "text",
    [
        "ich kan das nich mer aushalten",
        "er hat mich zusammen geschlagen",
        "ich will mich um bringen",
        "i want to kill my self tonite",
        "wanna die",
    ],
)
def test_spellings_in_a_hurry_hide_no_case(text):
    assert DEFAULT_PHRASES.finds(text)


@pytest.mark.parametrize(
    "plain",
    [
        "Bitte hilf mir.",
        "Ich brauche Hilfe!",
        "Ich hatte fast jeden Tag Suizidgedanken.",
        "Ich will nicht nach Hause.",
        "Ich habe eine Waffe.",
        "Ich mag mich nicht.",
        "I need help.",
        "Help me please.",
        "Nobody likes me.",
        "I don't want to go home.",
        "I feel empty.",
        "I am worthless.",
        "My dad is always drunk.",
        "I have bruises from my dad.",
        "There is no food at home.",
    ],
)
def test_the_plainest_sentences_are_found(plain):
    assert DEFAULT_PHRASES.finds(plain)


@pytest.mark.parametrize(
    "plain", ["I need help with question four.", "Bitte hilf mir bei der zweiten Aufgabe."]
)
def test_whoever_needs_help_with_a_task_calls_no_person(plain):
    assert not DEFAULT_PHRASES.finds(plain)


def test_an_exclamation_mark_stands_for_any_word_but_these():
    own = phrase_list("you see that !i|they")

    assert own.finds("You see that plants grow.")
    assert not own.finds("You see that I grow.")
    assert not own.finds("You see that.")


def test_what_stands_together_may_stand_in_any_order_in_one_sentence():
    own = phrase_list("belt|stick & my_dad & me|i")

    assert own.finds("When my dad is angry he takes off the belt and looks at me.")
    assert own.finds("I hide the belt from my dad.")
    assert not own.finds("I like the belt.")
    assert not own.finds("I like the belt. So does my dad.")


@pytest.mark.parametrize(
    "line", ["a (b", "[x]", "a*b c", "$unknown hits me", "be* & me", "... & me", "- hits & me"]
)
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(ValueError) as raised:
        phrase_list(f"fine\n{line}")

    assert "line 2" in str(raised.value)


def test_long_texts_take_no_time():
    assert not DEFAULT_PHRASES.finds("Ich will und ich will und " * 5000)
