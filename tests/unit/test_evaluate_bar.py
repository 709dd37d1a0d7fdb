"""The bar of a long evaluation."""

import re

import pytest

from learning_worker.launch.evaluate_table import progress_bar


@pytest.mark.parametrize(("is_terminal", "shown"), [("1", ["5/65"]), ("0", [])])
def test_a_terminal_sees_how_many_cases_are_answered_and_a_file_sees_nothing(
    monkeypatch, capsys, is_terminal, shown
):
    monkeypatch.setenv("TTY_COMPATIBLE", is_terminal)

    with progress_bar() as tell:
        tell(5, 65)

    assert sorted(set(re.findall(r"\d+/\d\d", capsys.readouterr().err))) == shown
