"""A short storm on every run; `make chaos` is the long one."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from chaos.crew import Notes
from chaos.faults import Kind, programme, promised
from chaos.storm import Plan, broken, storm
from workbench import until


@pytest.mark.slow
async def test_two_hundred_jobs_survive_one_fault_of_each_kind():
    figures = await storm(Plan(jobs=200, faults=len(Kind), seed=1, workers=3, pause_s=0.3))

    assert broken(figures) == [], figures
    assert figures["seconds"] < 60
    assert figures["by_kind"] == {kind.name.lower(): 1 for kind in Kind}


def test_a_full_storm_holds_what_it_promises_and_each_seed_has_its_own_order():
    first, again, other = (programme(400, Random(seed), 0.5) for seed in (1, 1, 2))

    assert first == again != other
    counts = Counter(fault.kind for fault in first)
    assert counts == promised(400)
    assert counts.total() == 400
    assert min(counts[Kind.SIGKILL_IN_VISION], counts[Kind.SIGKILL_IN_FEEDBACK]) >= 20
    assert counts[Kind.RESTART] >= 10


def test_a_question_put_after_its_answer_was_stored_is_counted(tmp_path: Path):
    notes = Notes(tmp_path / "notes")
    notes.path.write_text(
        "7 asked job1 c1 1.5\n7 answered job1 c1 1.6\n8 asked job1 c1 1.9\n8 asked job1 c2 2.5\n"
    )
    notes.read()

    assert notes.asked_after({("job1", "c1"): 1.7, ("job1", "c2"): 2.6}) == 1
    assert notes.phases(8) == {"feedback"}
    assert notes.phases(7) == set()


@pytest.mark.parametrize(
    "name",
    ["missing_faults", "not_handed_in", "lost", "two_effects", "asked_again", "leases_left", "jobs_left"],
)
def test_a_storm_that_broke_a_promise_or_was_too_small_says_so(name):
    fine = dict.fromkeys(
        (
            "missing_faults",
            "not_handed_in",
            "lost",
            "two_effects",
            "asked_again",
            "leases_left",
            "jobs_left",
        ),
        0,
    )

    assert broken({**fine, "exit_codes": {"0": 3, "-9": 1}}) == []
    assert broken({**fine, "exit_codes": {}, name: 1}) == [name]
    assert broken({**fine, "exit_codes": {"1": 1}}) == ["exit codes ['1']"]


@pytest.mark.slow
async def test_a_storm_that_is_told_to_end_leaves_neither_process_nor_file(tmp_path: Path):
    running = _a_storm(tmp_path)
    tmp_path.chmod(0o711)

    async def asks() -> bool:
        assert running.poll() is None
        return any(notes.stat().st_size for notes in tmp_path.glob("*/workers/notes"))

    await until(asks, 60)
    running.send_signal(signal.SIGTERM)

    assert await asyncio.to_thread(running.wait, 30) == 130
    await until(lambda: _is_empty(running.pid))
    assert list(tmp_path.iterdir()) == []


def _a_storm(temporary: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "chaos.storm", "--jobs", "100000", "--faults", "400", "--workers", "2"],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


async def _is_empty(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
