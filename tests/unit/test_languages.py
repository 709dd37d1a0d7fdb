"""The German pages for operators say what the English ones say; `make check` runs this as well."""

import re

import pytest
from runbook import DOCS, commands, statements


def shape(page):
    """What a translation keeps: levels of headings, rows of tables, items, links, and what stands in code."""
    text = re.sub(r"^ *```\w*\n.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return {
        "headings": re.findall(r"^(#+) ", text, re.MULTILINE),
        "rows": [line.count("|") for line in text.splitlines() if line.startswith("|")],
        "items": re.findall(r"^(?:- |\d+\. )", text, re.MULTILINE),
        "links": sorted(link.replace(".de.md", ".md") for link in re.findall(r"\]\(([^)]+)\)", text)),
        # A message of the program ("SETTING is ...") is quoted as it is said in that language.
        "code": {
            " ".join(span.split())
            for span in re.findall(r"`([^`]+)`", text)
            if not re.match(r"[A-Z_]{5,}\S* [a-z]", span)
        },
    }


@pytest.mark.parametrize("german", sorted((DOCS / "how-to").glob("*.de.md")), ids=lambda page: page.name)
def test_both_languages_show_the_same_commands_statements_and_facts(german):
    english = german.with_name(german.name.replace(".de.md", ".md"))

    assert commands(german) == commands(english)
    assert statements(german) == statements(english)
    assert shape(german) == shape(english)


def test_every_page_for_operators_is_there_in_german():
    english = {page.name for page in (DOCS / "how-to").glob("*.md") if not page.name.endswith(".de.md")}

    assert {name for name in english if not (DOCS / "how-to" / name.replace(".md", ".de.md")).exists()} == {
        "add-an-adapter.md"  # for developers
    }
