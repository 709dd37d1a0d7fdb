import time
import unicodedata
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.blank import is_blank, unassessed
from learning_worker.domain.criteria import Criterion, CriterionResult, Evidence, Reason, ResultStatus
from learning_worker.domain.quotes import folded, locate, sentences, verified
from learning_worker.domain.submission import Task

TEXT = "Die Pflanze braucht Licht. Sie macht daraus Zucker und gibt Sauerstoff ab."
# Letters whose accents compose, reorder or stand alone; emoji with joiners; right-to-left; marks and white space.
ALPHABET = "abcäöüßé\u0308\u0323\u0301ōôﬁÅ가각ᄀ\u1161\u11a8שלום\u05b0مرحبا👍🏽"
ALPHABET += "👩\u200d🚀\u00ad\u200b\u202e„“»«'\"’–-—  \t\n.!?"
texts = st.text(ALPHABET, max_size=60) | st.text(max_size=40)


def scored(*quotes: str, level: int | None = 2, text: str = TEXT) -> CriterionResult:
    evidence = tuple(Evidence(quote, 0, len(quote)) for quote in quotes)
    return CriterionResult(
        "c1", ResultStatus.SCORED, 10, level=level, score=7, explanation_md="Why.", evidence=evidence
    )


@pytest.mark.parametrize(
    ("text", "quote", "own_wording"),
    [
        ("Sie sagte: „Ja, gern!“ und ging.", 'sagte: "Ja, gern!" und', "sagte: „Ja, gern!“ und"),
        ("don’t stop", "don't stop", "don’t stop"),
        ("Der Sauerstof[?] steigt auf.", "Der Sauerstof steigt", "Der Sauerstof[?] steigt"),
        ("Der Sauerstof[?] steigt auf.", "Sauerstof[?] steigt", "Sauerstof[?] steigt"),
        ("Dann war [?] alles gut.", "war alles gut", "war [?] alles gut"),
        ("ein  langer\n\tText hier", "langer Text", "langer\n\tText"),
        ("19\u00a0Uhr abends", "19 Uhr", "19\u00a0Uhr"),
        ("Das war – leider – alles", "war - leider - alles", "war – leider – alles"),
        ("sie scho\u0308pfen Wasser", "schöpfen", "scho\u0308pfen"),
        ("sie schöpfen Wasser", "scho\u0308pfen", "schöpfen"),
        ("a\u0308\u0323bc", "ạ\u0308bc", "a\u0308\u0323bc"),
        ("abc\u0308\u0323", "abc\u0323\u0308", "abc\u0308\u0323"),
        ("Foto\u00adsynthese", "Fotosynthese", "Foto\u00adsynthese"),
        ("👩\u200d🚀 fliegt 👍🏽 los", "fliegt 👍🏽 los", "fliegt 👍🏽 los"),
        ("هذا نص قصير", "نص قصير", "نص قصير"),
        ("זה \u200eטקסט קצר", "זה טקסט", "זה \u200eטקסט"),
        ("각나다 하나", "각나다", "각나다"),
        ("Licht ist wichtig.", "„Licht ist wichtig.“", "Licht ist wichtig."),
        ("Licht ist wichtig für sie", "Licht ist wichtig...", "Licht ist wichtig"),
    ],
)
def test_a_quote_is_found_in_the_texts_own_wording(text, quote, own_wording):
    found = locate(quote, text)

    assert found is not None
    assert found.quote == own_wording
    assert text[found.start : found.end] == own_wording


@pytest.mark.parametrize("quote", ["", "  ", "ab", "...", "„“", "Die Pflanze brauch Licht", "die pflanze"])
def test_a_quote_that_proves_nothing_is_not_found(quote):
    assert locate(quote, TEXT) is None


def test_the_first_of_several_places_is_taken():
    assert locate("Wind", "Kein Wind, viel Wind.") == Evidence("Wind", 5, 9)


@pytest.mark.parametrize(
    ("quote", "text"),
    [("scho", "scho\u0308n"), ("scho", "schön"), ("abc가", "abc각"), ("ope", "opé ope\u0301")],
)
def test_no_letter_is_cut_in_two(quote, text):
    assert locate(quote, text) is None


def test_a_place_that_cuts_a_letter_does_not_hide_a_later_one():
    assert locate("scho", "schön scho") == Evidence("scho", 6, 10)


@given(texts, texts)
def test_a_found_quote_always_stands_at_its_offsets(quote, text):
    found = locate(quote, text)

    if found is not None:
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.quote


@given(texts, st.integers(0, 60), st.integers(0, 60))
def test_what_is_found_says_what_was_looked_for(text, start, length):
    quote = unicodedata.normalize("NFC", text[start : start + length])

    found = locate(quote, text)

    if found is not None:
        said, asked = folded(found.quote).folded, folded(quote).folded
        assert said in {asked.strip(), asked.strip(" '"), asked.strip(" '.…")}


@given(st.lists(st.text("abcäöüé", min_size=1, max_size=9), min_size=3, max_size=12), st.integers(0, 9))
def test_whole_words_are_found_however_they_are_composed(words, first):
    text = unicodedata.normalize("NFD", " ".join(words))
    quote = unicodedata.normalize("NFC", "\n".join(words[first : first + 3]))

    if sum(map(str.isalnum, quote)) >= 3:
        found = locate(quote, text)
        assert found is not None
        assert unicodedata.normalize("NFC", found.quote).split() == quote.split()


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Die Pflanze braucht Licht. " * 40_000, "gibt es nicht"),
        ("á" * 300_000, "a\u0301" * 2000 + "a"),
        ("." * 300_000, "drei Wörter hier"),
        ("a" + "\u0323\u0308" * 150_000, "abc"),
    ],
)
def test_a_long_text_is_searched_and_split_in_seconds(text, quote):
    began = time.perf_counter()

    assert locate(quote, text) is None
    sentences(text)

    # Linear work takes about a second; anything quadratic would take minutes.
    assert time.perf_counter() - began < 20


def test_a_verified_result_gets_the_real_place_and_the_points_of_its_level():
    result = verified(replace(scored("macht daraus\nZucker"), score=10), TEXT)

    assert result.status is ResultStatus.SCORED
    assert (result.level, result.score) == (2, 7)
    assert result.evidence == (Evidence("macht daraus Zucker", 31, 50),)


def test_a_quote_that_already_stands_at_its_offsets_stays_there():
    text = "Wind und Wind"
    result = replace(scored(), evidence=(Evidence("Wind", 9, 13),))

    assert verified(result, text).evidence == (Evidence("Wind", 9, 13),)


def test_negative_offsets_prove_nothing():
    result = replace(scored(), evidence=(Evidence("Sauerstoff", -14, -4),))

    assert verified(result, TEXT).evidence == (Evidence("Sauerstoff", 60, 70),)


def test_an_invented_quote_is_dropped_and_a_real_one_carries_the_score():
    result = verified(scored("Pflanzen sind Tiere", "braucht Licht"), TEXT)

    assert [e.quote for e in result.evidence] == ["braucht Licht"]
    assert result.score == 7


@pytest.mark.parametrize("quotes", [("Pflanzen sind Tiere",), ()])
def test_a_score_without_a_real_quote_goes_to_a_person_and_is_no_zero(quotes):
    result = verified(scored(*quotes), TEXT)

    assert (result.status, result.reason) == (ResultStatus.NEEDS_REVIEW, Reason.QUOTE_NOT_FOUND)
    assert (result.level, result.score, result.explanation_md, result.evidence) == (None, None, "", ())


def test_level_0_stands_without_a_quote():
    result = verified(scored("Pflanzen sind Tiere", level=0), TEXT)

    assert (result.status, result.score, result.evidence) == (ResultStatus.SCORED, 0, ())


@pytest.mark.parametrize("level", [None, -1, 4, 9])
def test_a_level_outside_the_scale_goes_to_a_person_and_is_never_clamped(level):
    result = verified(scored("braucht Licht", level=level), TEXT)

    assert (result.status, result.reason) == (ResultStatus.NEEDS_REVIEW, Reason.LEVEL_OUT_OF_RANGE)
    assert (result.level, result.score) == (None, None)


def test_a_models_words_are_kept_without_what_the_database_refuses():
    result = replace(scored("braucht Licht"), explanation_md="So\x00 ist\n es.", next_step_md="Weiter\ud800.")

    checked = verified(result, TEXT)

    assert (checked.explanation_md, checked.next_step_md) == ("So ist\n es.", "Weiter.")


def test_an_unscored_result_carries_no_points_and_always_a_reason():
    result = verified(replace(scored("braucht Licht"), status=ResultStatus.NEEDS_REVIEW), TEXT)

    assert (result.level, result.score, result.reason) == (None, None, Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Am 3. Mai war Dr. Kern da. Er ging.", ["Am 3. Mai war Dr. Kern da.", "Er ging."]),
        ("Viele Tiere, z.B. Hunde, schlafen. Ende!", ["Viele Tiere, z.B. Hunde, schlafen.", "Ende!"]),
        ("Viele Tiere, z. B. Hunde, schlafen.", ["Viele Tiere, z. B. Hunde, schlafen."]),
        ("Hunde, Katzen usw. Danach kam nichts.", ["Hunde, Katzen usw.", "Danach kam nichts."]),
        ("pflanzen brauchen licht. ohne licht sterben sie", ["pflanzen brauchen licht.", "ohne licht sterben sie"]),
        ("Das war 1789. Das Volk war arm.", ["Das war 1789.", "Das Volk war arm."]),
        ("Es sind 12. Danach nichts.", ["Es sind 12.", "Danach nichts."]),
        ("Der 2. Weltkrieg endete 1945.", ["Der 2. Weltkrieg endete 1945."]),
        ("Mr. Hill met J. Doe, e.g. at 3.5 miles. So am I. Then he left.",
         ["Mr. Hill met J. Doe, e.g. at 3.5 miles.", "So am I.", "Then he left."]),
        ("„Komm!“ rief sie. Wirklich?! Ja …  gut", ["„Komm!“", "rief sie.", "Wirklich?!", "Ja …", "gut"]),
        ("Titel\n\nErster Satz\nweiter. - kein Punkt\n- Liste eins\n- Liste zwei",
         ["Titel", "Erster Satz\nweiter.", "- kein Punkt", "- Liste eins", "- Liste zwei"]),
        ("Der Sauerstof[?] steigt. Dann war [?] alles gut", ["Der Sauerstof[?] steigt.", "Dann war [?] alles gut"]),
        ("... !!! ?", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    spans = sentences(text)

    assert [span.quote for span in spans] == expected


@given(texts)
def test_sentences_are_exact_ordered_and_lose_no_letter(text):
    spans = sentences(text)

    assert all(text[span.start : span.end] == span.quote for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert sum(c.isalnum() for c in text) == sum(c.isalnum() for span in spans for c in span.quote)


@pytest.mark.parametrize("text", ["", " \n\t", "...!?", "-- \u00a0 --", "\u200b"])
def test_white_space_and_punctuation_are_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "7", "שלום", "…ja"])
def test_a_letter_or_a_digit_is_not_blank(text):
    assert not is_blank(text)


def test_unassessed_gives_every_criterion_the_same_reason_and_no_score():
    task = Task("Write.", (Criterion("a", "a", 5), Criterion("b", "b")))

    results = unassessed(task, ResultStatus.NOT_ASSESSABLE, Reason.BLANK)

    assert [(r.criterion_id, r.max_score, r.score, r.reason) for r in results] == [
        ("a", 5, None, Reason.BLANK),
        ("b", 10, None, Reason.BLANK),
    ]
    with pytest.raises(ValueError, match="level"):
        unassessed(task, ResultStatus.SCORED, Reason.BLANK)
