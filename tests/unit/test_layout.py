"""Lines with positions become paragraphs in reading order."""

import random

import pytest

from learning_worker.adapters.layout import Line, in_reading_order, paragraphs


def column(*texts: str, left: float = 0.0, top: float = 0.0, pitch: float = 20.0) -> list[Line]:
    return [
        Line(text, left, top + n * pitch, left + 300, top + n * pitch + 12)
        for n, text in enumerate(texts)
        if text
    ]


def test_a_larger_gap_parts_paragraphs():
    assert paragraphs(column("eins", "zwei", "", "drei", "vier")) == "eins\nzwei\n\ndrei\nvier"


def test_an_indented_line_after_a_full_stop_starts_a_paragraph():
    lines = column("Das ist der Anfang.", "Und das Ende.")
    indented = Line("Neuer Gedanke", 30, 40, 330, 52)

    assert paragraphs([*lines, indented]) == "Das ist der Anfang.\nUnd das Ende.\n\nNeuer Gedanke"


def test_a_word_broken_at_the_end_of_a_line_is_joined():
    assert paragraphs(column("Das ist die Foto-", "synthese der Pflanze")) == (
        "Das ist die Fotosynthese\nder Pflanze"
    )


def test_hyphens_that_belong_to_the_word_stay():
    assert paragraphs(column("Er schrieb eine E-", "Mail und Haupt-", "und Nebensätze")) == (
        "Er schrieb eine E-\nMail und Haupt-\nund Nebensätze"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("die Foto[?]-", "synthese, denn"),
        ("die Foto-", "synthese[?], denn"),
        ("die Foto[?]-", "synthese[?], denn"),
    ],
)
def test_a_broken_word_of_which_one_part_is_doubtful_is_marked_once_at_its_end(first: str, second: str):
    assert paragraphs(column(first, second)) == "die Fotosynthese[?],\ndenn"


def test_pieces_of_one_line_are_put_together_from_the_left():
    pieces = [Line("rechts", 200, 1, 260, 13), Line("links", 0, 0, 60, 12)]

    assert [line.text for line in in_reading_order(pieces)] == ["links rechts"]


def test_columns_are_read_one_after_the_other_below_a_common_heading():
    heading = Line("Überschrift", 0, 0, 700, 14)
    left = column("a", "b", "c", "d", top=60)
    right = column("e", "f", "g", "h", left=400, top=60)
    pieces = [heading, *left, *right]
    random.Random(1).shuffle(pieces)

    assert "".join(line.text for line in in_reading_order(pieces)) == "Überschriftabcdefgh"


def test_numbers_beside_their_lines_are_no_column():
    numbers = [Line(f"{n}.", 0, n * 20, 14, n * 20 + 12) for n in range(4)]
    texts = [Line(f"Punkt {n}", 60, n * 20, 400, n * 20 + 12) for n in range(4)]

    assert [line.text for line in in_reading_order([*texts, *numbers])] == [
        f"{n}. Punkt {n}" for n in range(4)
    ]


def test_no_lines_are_no_text():
    assert in_reading_order([]) == []
    assert paragraphs([]) == ""
