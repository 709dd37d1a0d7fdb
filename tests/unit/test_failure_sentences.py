"""Every way an answer can fail has one sentence in each language; the table is written out."""

import pytest

from learning_worker.adapters import quality
from learning_worker.domain.errors import ErrorCode
from learning_worker.web import views
from learning_worker.web.languages import CATALOGUES

# code, flaw -> how its sentence begins, in English and in German
SENTENCES = {
    ("vision_failed", None): ("We could not read your pages.", "Wir konnten deine Seiten nicht lesen."),
    ("feedback_failed", None): ("Feedback did not work", "Die Rückmeldung ist diesmal nicht"),
    ("input_corrupt", None): ("The file is damaged or empty.", "Die Datei ist beschädigt oder leer."),
    ("input_unsupported", None): ("We cannot read this kind", "Diese Art von Datei"),
    ("input_too_large", None): ("The file is too large.", "Die Datei ist zu groß."),
    ("input_unreadable", None): ("We could not read anything", "Auf dem Bild konnten wir nichts"),
    ("input_unreadable", "photo_blurred"): ("A photo is too blurred", "Ein Foto ist zu unscharf"),
    ("input_unreadable", "photo_dark"): ("A photo is too dark", "Ein Foto ist zu dunkel"),
    ("input_unreadable", "photo_too_small"): (
        "A photo has too few pixels",
        "Ein Foto hat zu wenige Bildpunkte",
    ),
    ("input_unreadable", "page_blank"): ("The page is blank.", "Die Seite ist leer."),
    ("worker_crashed", None): ("Something went wrong", "Bei der Verarbeitung ist etwas"),
    ("cancelled", None): ("The school stopped", "Die Verarbeitung wurde von der Schule"),
}


@pytest.mark.parametrize(("code", "flaw"), SENTENCES)
def test_a_failure_is_told_in_both_languages(code: str, flaw: str | None):
    english, german = SENTENCES[code, flaw]

    assert views.why(code, CATALOGUES["en"], flaw).startswith(english)
    assert views.why(code, CATALOGUES["de"], flaw).startswith(german)


def test_a_pdf_with_a_password_is_refused_with_what_to_do():
    assert "a PDF without a password" in CATALOGUES["en"].why_input_unsupported
    assert "ein PDF ohne Passwort" in CATALOGUES["de"].why_input_unsupported


def test_no_final_code_and_no_flaw_is_without_a_sentence():
    flaws = {quality.BLURRED, quality.DARK, quality.TOO_SMALL, quality.BLANK}

    assert {code for code, _ in SENTENCES} == set(ErrorCode)
    assert {flaw for _, flaw in SENTENCES if flaw} == flaws


def test_a_cause_that_is_no_flaw_of_a_photo_changes_nothing():
    t = CATALOGUES["en"]

    assert views.why("input_unreadable", t, "input_unreadable") == t.why_input_unreadable
