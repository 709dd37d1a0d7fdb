"""A whole worker process with a model that misbehaves: words are found in their own columns and nowhere else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Database
from fake_ollama import MODEL, Exchange, a_fake_ollama
from workbench import PUPIL, a_school, until

pytestmark = pytest.mark.slow
PUPILS, NAME, MODELS = "canary7f31", "Zoë Canary8e42", "canary9d53"
TEXT = f"Plants need light, wrote {PUPILS}. They give off oxygen, because they split the water."
WORKERS = {
    "dspy": ["-m", "learning_worker", "worker"],
    "fixed": [
        "-c",
        "import sys; sys.modules['dspy'] = None\nfrom learning_worker.cli import main; main()",
        "worker",
    ],
}
# Where a pupil's words belong: the text, and quotes of it.
ITS_OWN = {
    "learning_submissions.text_body",
    "learning_submissions.analysis_json",
    "learning_submissions.feedback_md",
    "learning_texts.text_body",
    "learning_reports.analysis_json",
    "learning_reports.feedback_md",
    "learning_criterion_results.result",
}


async def garbage(exchange: Exchange) -> None:
    await exchange.chat(f'{{"{MODELS}": "{PUPILS}"')


async def error_that_repeats_the_prompt(exchange: Exchange) -> None:
    await exchange.reply(json.dumps({"error": f"{MODELS} {exchange.prompt}"}), "500 Internal Server Error")


@pytest.mark.parametrize("way", WORKERS)
async def test_words_of_pupils_and_models_stay_in_their_columns(
    database: Database, tmp_path: Path, way: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    async with a_fake_ollama() as fake, a_school(database) as school:

        async def misbehaving(exchange: Exchange) -> None:
            # By question, not by call: the worker's probe of the model comes at any time.
            turn = {1: garbage, 3: error_that_repeats_the_prompt}.get(len(fake.criteria_asked))
            await (turn if turn and "criterion_id" in json.dumps(exchange.body["format"]) else fake.answer)(
                exchange
            )

        fake.always = misbehaving
        async with school.owner.transaction() as connection:
            await connection.execute(
                "update public.people set display_name = %s where sub = %s", (NAME, PUPIL)
            )
        submission_id = await school.hand_in_text(TEXT)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(home),
            "GUSTAV_ENV": "test",
            "LEARNING_DATABASE_URL": database.dsns.worker,
            "LEARNING_DATA_DIR": str(home / "data"),
            "LEARNING_FEEDBACK_ADAPTER": "local",
            "OLLAMA_BASE_URL": fake.url,
            "AI_FEEDBACK_MODEL": MODEL,
            "WORKER_BACKOFF_SECONDS": "0.1",
            "WORKER_METRICS_PORT": "0",
            "LEARNING_LOG_LEVEL": "debug",
        }
        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen(  # noqa: ASYNC220 - starting one takes no time
                [sys.executable, *WORKERS[way]], env=environment, cwd=home, stdout=log, stderr=log
            )
        try:
            await until(lambda: is_done(school, submission_id), 60)
        finally:
            worker.terminate()
            worker.wait(30)
        places = await columns_with(school, (PUPILS, MODELS))
        named = [body for body in fake.chats if NAME in json.dumps(body, ensure_ascii=False)]

    said = (tmp_path / "log").read_text()
    assert (len(fake.chats) > 3, named) == (True, [])
    assert "feedback_fallback" in said or way == "fixed"
    assert [word for word in (PUPILS, MODELS, NAME) if word in said] == []
    assert {place for place, word in places if word == PUPILS} <= ITS_OWN
    assert [place for place, word in places if word == MODELS] == []
    kept = [file for file in home.rglob("*") if file.is_file()]
    assert [
        file for file in kept if any(w.encode() in file.read_bytes() for w in (PUPILS, MODELS, NAME))
    ] == []


async def is_done(school, submission_id) -> bool:
    return await school.status(submission_id) == "completed"


async def columns_with(school, words) -> set[tuple[str, str]]:
    """(table.column, word) for every word that a stored value holds; names of people lie in `people` alone."""
    found = set()
    async with school.owner.transaction() as connection:
        tables = await connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        for table in [row["relname"] for row in await tables.fetchall()]:
            rows = await connection.execute(f"select * from public.{table}")
            for row in await rows.fetchall():
                found |= {
                    (f"{table}.{column}", word)
                    for column, value in row.items()
                    for word in words
                    if word in str(value)
                }
    return found
