"""What pages are made of: quotes in a text, Markdown, both languages, vendored files."""

import hashlib
import re
import string
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_worker.domain.criteria import Evidence, Reason
from learning_worker.domain.errors import ErrorCode
from learning_worker.web import languages, views
from learning_worker.web.markdown import to_html
from learning_worker.web.pages import STATIC
from learning_worker.web.texts_english import ENGLISH
from learning_worker.web.texts_german import GERMAN


@st.composite
def texts_with_quotes(draw):
    text = draw(st.text(min_size=1, max_size=40))
    spans = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).filter(lambda s: s[0] < s[1])
    quotes = draw(st.lists(st.lists(spans, max_size=3), max_size=4))
    return text, [[Evidence(text[a:b], a, b) for a, b in spans] for spans in quotes]


@given(texts_with_quotes())
def test_marking_changes_no_character_and_loses_no_quote(case):
    text, quotes = case

    segments = views.marked(text, quotes)

    assert "".join(segment.text for segment in segments) == text
    for nr, of_criterion in enumerate(quotes, start=1):
        covered = {i for q in of_criterion for i in range(q.start, q.end)}
        at = 0
        for segment in segments:
            if nr in segment.numbers:
                assert set(range(at, at + len(segment.text))) <= covered
            at += len(segment.text)
        assert sum(anchor.startswith(f"quote-{nr}-") for s in segments for anchor in s.starts) == len(
            of_criterion
        )


def test_a_quote_of_an_earlier_text_is_not_marked():
    assert views.marked("new words", [[Evidence("old", 0, 3)]]) == (views.Segment("new words"),)


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://evil.example/x.png)",
        "[x](javascript:alert(1))",
        "[x]: http://evil.example\n\n[x]",
        "<http://evil.example>",
        "&lt;script&gt;",
        "<style>*{display:none}</style>",
    ],
)
def test_markdown_brings_no_tag_of_its_own(markdown):
    html = to_html(f"{markdown}\n\n**fine**")

    assert "<strong>fine</strong>" in html
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "strong"}
    assert not re.search(r"<[^>]+=", html)


def test_both_languages_fill_in_the_same_gaps():
    def gaps(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    german, english = asdict(GERMAN), asdict(ENGLISH)

    assert {name: gaps(text) for name, text in german.items()} == {n: gaps(t) for n, t in english.items()}
    assert [name for name, text in {**german, **english}.items() if not text.strip()] == []


@pytest.mark.parametrize("t", [GERMAN, ENGLISH], ids=["de", "en"])
def test_every_code_has_a_sentence(t):
    assert all(views.why(code, t) != t.error_500 for code in ErrorCode)
    assert all(views.because(reason, t) for reason in Reason)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, de;q=0.5, en;q=0.7", "en"),
        ("de-AT, en", "de"),
        ("en;q=0, de;q=0.1", "de"),
        ("*;q=x, en;q=y", "en"),
    ],
)
def test_the_browsers_wishes_choose_the_language(header, language):
    assert languages.negotiated(header) == language


def test_vendored_files_are_the_ones_the_table_names():
    vendor = Path(STATIC) / "vendor"
    table = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", (vendor / "README.md").read_text()))

    files = {path.name for path in vendor.iterdir() if path.suffix in (".js", ".css")}
    assert {name: hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in files} == table
