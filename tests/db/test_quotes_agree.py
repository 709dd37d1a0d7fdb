"""Whatever a quote is made of: what code vouches for, the database finds at that place, and refuses one place further."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from learning_worker.domain.criteria import CriterionResult, Evidence, ResultStatus, storable
from learning_worker.domain.quotes import verified

# Letters, marks that combine, right to left, joined and flagged emoji, invisible ones, a lone surrogate, NUL.
PIECES = st.sampled_from(
    (
        *"abcäöüß .,!\n\u00a0\u2060",
        *("é", "e\u0301", "a\u0323\u0308", "שָׁלוֹם", "سلام", "\u202e", "\u202c"),
        *("👩\u200d🔬", "👍🏽", "🇩🇪", "光合成", "ﬁ", "\ud83d", "\x00", "„", "“", "…"),
    )
)
TEXTS = st.lists(PIECES, min_size=3, max_size=60).map("".join)


def test_every_quote_that_code_vouches_for_is_verbatim_in_postgresql_too(school):
    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(TEXTS, st.integers(0, 40), st.integers(3, 30), st.sampled_from(["NFC", "NFD"]))
    def agree(raw, first, length, form):
        text = storable(raw)
        first %= len(text) or 1
        quote = unicodedata.normalize(form, text[first : first + length])
        given_result = CriterionResult(
            "c1", ResultStatus.SCORED, 10, level=1, evidence=(Evidence(quote, 0, len(quote)),)
        )
        evidence = verified(given_result, text).evidence
        if not evidence:
            return  # too little to be a quote
        (place,) = evidence
        beside = {**vars(place), "start": place.start + 1, "end": place.end + 1}

        found = school.one(
            "select learning_evidence_fault(%s, t) as fault, learning_evidence_fault(%s, t) as beside"
            "  from (select %s::text as t) given",
            Jsonb([vars(place)]),
            Jsonb([beside]),
            text,
        )

        assert text[place.start : place.end] == place.quote
        assert found["fault"] is None
        is_same_beside = text[place.start + 1 : place.end + 1] == place.quote
        assert (found["beside"] is None) == is_same_beside
        agreed.append(place)

    agreed: list[Evidence] = []
    agree()
    assert len(agreed) >= 50
