"""A short storm on every run; `make chaos` is the long one."""

import pytest
from chaos.storm import Plan, broken, storm


@pytest.mark.slow
async def test_two_hundred_jobs_survive_a_storm():
    figures = await storm(Plan(jobs=200, faults=10, seed=1, workers=2))

    assert broken(figures) == [], figures
    assert figures["handed_in"] == 200
    assert figures["faults"] == 10
