"""The image's steps without an engine: install, first secrets, first database, first start, start, health, drain."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import pytest
from fake_ollama import MODEL, Exchange, a_fake_ollama
from replay import Place, checkout, given, owned, postgres, process, python, run, until
from runbook import DOCS, OPERATE, ROOT, TRIED, Tried, blocks, commands

from learning_worker import wiring
from learning_worker.db import seed, submissions
from learning_worker.db.pool import Database
from learning_worker.db.submissions import NewAnswer, NewFile
from learning_worker.domain.criteria import parse_criteria
from learning_worker.domain.submission import ConfirmText, Task
from learning_worker.domain.upload import sha256_hex
from learning_worker.launch import samples
from learning_worker.launch.people import demo_people

pytestmark = pytest.mark.system
TEXT = "Plants need light. Without it they cannot make sugar."
WRITTEN = "Plants eat light. They starve in the dark."
SEEING = ("completion", "vision")
TUTORIAL = DOCS / "tutorial" / "first-feedback.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lines(how: Tried) -> list[str]:
    """The runbook's commands of one kind, in its order, and then those of its second page."""
    pages = (OPERATE, OPERATE.parent / "keep-and-delete.md")
    return [line for page in pages for line in commands(page) if TRIED.get(line) is how]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """An installation made by typing what the runbook says, on PostgreSQL 15, as nobody in particular."""
    with tempfile.TemporaryDirectory(prefix="lw-install-") as name:
        home = owned(Path(name))
        home.chmod(0o755)
        place = Place(home, free_port())
        source = checkout(home / "src")
        owned(home / "opt")
        with postgres(place) as superuser:
            script = "set -eu\n" + "\n".join(map(place.typed, lines(Tried.INSTALLING)))
            server = {"DB_PORT": str(place.port), "LEARNING_DATA_DIR": str(home / "data")}
            done = run("sh", "-c", script, cwd=source, PYTHON=python(), **superuser, **server)
            assert done.returncode == 0, done.stdout + done.stderr
            yield place


@dataclass(frozen=True)
class Ending:
    """What became of an answer. `detail`: the report's schema, or the error code."""

    status: str
    detail: str
    text: str
    source: str


@asynccontextmanager
async def databases(place: Place) -> AsyncIterator[tuple[Database, Database]]:
    """The database as its owner, and as the web's login of production."""
    owner = Database(place.secret("migrate/migration_database_url"))
    web = Database(place.secret("web/database_url"))
    await owner.open()
    await web.open()
    try:
        yield owner, web
    finally:
        await web.close()
        await owner.close()


async def a_task(owner: Database) -> tuple[str, UUID]:
    """A fresh pupil and a task in a course of theirs."""
    async with owner.transaction() as connection:
        pupil, teacher = f"pupil-{uuid4().hex}", f"teacher-{uuid4().hex}"
        await seed.put_people(connection, [seed.Person(teacher, "T", "teacher"), seed.Person(pupil, "P")])
        members = [
            seed.Membership(teacher, "teacher"),
            seed.Membership(pupil, "student", ai_allowed=True),
        ]
        course = await seed.put_course(connection, "7b", "2026/27", members)
        task = Task(
            instruction_md="Why do plants need light?",
            criteria=parse_criteria(["names a cause"]),
            confirm_text=ConfirmText.NEVER,
        )
        return pupil, await seed.put_task(connection, course, seed.NewTask("Light", task))


async def carried_to_feedback(place: Place) -> list[Ending]:
    """A typed answer and a photo through the running worker, handed in and read with the logins of production."""
    async with databases(place) as (owner, web):
        pupil, task_id = await a_task(owner)
        photo = await stored_photo(place)
        async with web.acting_as(pupil) as connection:
            typed = await submissions.submit(connection, NewAnswer(task_id, uuid4().hex, text=TEXT))
            photographed = await submissions.submit(
                connection, NewAnswer(task_id, uuid4().hex, files=(photo,))
            )
        return [await ended(owner, receipt.submission_id) for receipt in (typed, photographed)]


async def stored_photo(place: Place) -> NewFile:
    """The sample photo in the installation's store, as the web process would have put it there."""
    content, key = samples.read(samples.PHOTO), wiring.new_object_key()
    await wiring.object_store_in(place.home / "data").put(key, content)
    for path in (place.home / "data", *(place.home / "data").rglob("*")):
        given(path)
    return NewFile(key, sha256_hex(content), len(content), samples.MEDIA_TYPES[samples.PHOTO])


async def ended(owner: Database, submission_id: object) -> Ending:
    for _ in range(600):
        (row,) = await owner.rows(
            "select s.analysis_status, coalesce(s.error_code, s.analysis_json ->> 'schema') as detail,"
            " s.text_body, s.text_source from public.learning_submissions s where s.id = %s",
            [submission_id],
        )
        if row["analysis_status"] in ("completed", "failed"):
            return Ending(row["analysis_status"], row["detail"], row["text_body"], row["text_source"])
        await asyncio.sleep(0.1)
    raise AssertionError("still pending")


def alive(place: Place, url: str) -> bool:
    checked = run(f"{place.program}/bin/python", "-I", "deploy/alive.py", url, cwd=place.home / "src")
    return checked.returncode == 0


async def test_the_stub_and_the_local_backend_both_carry_a_text_and_a_photo_to_feedback(place):
    async with a_fake_ollama(capabilities=SEEING, page_text=WRITTEN) as server:
        typed, photographed = await outcome(place, GUSTAV_ENV="test", AI_BACKEND="stub")
        local_typed, local_photographed = await outcome(place, **school_settings(server.url))
        images = [
            image
            for body in server.chats
            for message in body["messages"]
            for image in message.get("images", [])
        ]

    assert (typed.status, typed.detail, typed.text) == ("completed", "criteria.v1", TEXT)
    assert (photographed.status, photographed.detail, photographed.source) == (
        "completed",
        "criteria.v1",
        "ocr",
    )
    assert (local_typed.status, local_typed.detail, local_typed.text) == ("completed", "criteria.v2", TEXT)
    assert local_photographed == Ending("completed", "criteria.v2", WRITTEN, "model")
    assert len(images) == 1


async def outcome(place: Place, **settings: str) -> list[Ending]:
    """A worker of the installed program from start to drain; its exit code must be 0."""
    port = free_port()
    environment = place.environment("worker", WORKER_METRICS_PORT=str(port), **settings)
    with process(place, "worker", environment) as worker:
        url = f"http://127.0.0.1:{port}/metrics"
        await asyncio.to_thread(until, lambda: alive(place, url), "the worker's metrics")
        found = await carried_to_feedback(place)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 40) == 0, (place.home / "worker.log").read_text()
    return found


async def test_a_drain_gives_back_uncharged_what_a_model_still_thinks_about(place):
    asked = asyncio.Event()

    async def thinking(exchange: Exchange) -> None:
        # The worker asks the model about itself as well.
        if "Plants need light." in exchange.prompt:
            asked.set()
        await asyncio.Event().wait()

    async with a_fake_ollama(always=thinking) as server, databases(place) as (owner, web):
        pupil, task_id = await a_task(owner)
        async with web.acting_as(pupil) as connection:
            receipt = await submissions.submit(connection, NewAnswer(task_id, uuid4().hex, text=TEXT))
        settings = {**school_settings(server.url), "WORKER_METRICS_PORT": "0", "WORKER_DRAIN_SECONDS": "1"}
        with process(place, "worker", place.environment("worker", **settings)) as worker:
            await asyncio.wait_for(asked.wait(), 60)
            worker.send_signal(signal.SIGTERM)
            ended_with = await asyncio.to_thread(worker.wait, 40)
        (job,) = await owner.rows(
            "select status, retry_count, interruption_count from public.learning_submission_jobs where submission_id = %s",
            [receipt.submission_id],
        )
        await owner.rows("delete from public.learning_submissions where id = %s", [receipt.submission_id])

    assert (ended_with, job["status"], job["retry_count"], job["interruption_count"]) == (0, "queued", 0, 1)


async def test_the_stub_is_refused_in_production(place):
    done = run(
        f"{place.program}/bin/learning-worker",
        "worker",
        cwd=place.home,
        **place.environment("worker", GUSTAV_ENV="prod"),
    )

    assert done.returncode == 2
    assert "AI_BACKEND=stub is refused" in done.stderr


def test_web_answers_and_ends_on_sigterm(place):
    port, metrics_port = free_port(), free_port()
    environment = place.environment(
        "web", GUSTAV_ENV="prod", WEB_PORT=str(port), WEB_METRICS_PORT=str(metrics_port), AI_BACKEND="local",
        AI_VISION_MODEL=MODEL, AI_FEEDBACK_MODEL=MODEL,
    )  # fmt: skip
    with process(place, "web", environment) as web:
        until(lambda: alive(place, f"http://127.0.0.1:{port}/healthz"), "the web process")
        metrics = typed(place, f"curl -fsS http://127.0.0.1:{metrics_port}/metrics", {})
        second = run(
            f"{place.program}/bin/learning-worker", "web", cwd=place.home, **environment, LANG="de_DE.UTF-8"
        )
        web.send_signal(signal.SIGTERM)

        # The server ends in order, and then by the signal itself, as a shell expects it.
        assert web.wait(20) in (0, -signal.SIGTERM)
    assert 'web_requests_total{status="2xx"}' in metrics
    assert (second.returncode, second.stderr[: len(f"WEB_PORT {port} ist belegt")]) == (
        2,
        f"WEB_PORT {port} ist belegt",
    )


def test_a_second_first_start_changes_nothing(place):
    source = place.home / "src"
    before = {file: file.read_bytes() for file in place.secrets.rglob("*") if file.is_file()}

    run("sh", "deploy/first-secrets.sh", str(place.secrets), cwd=source)
    again = run("sh", "deploy/first-start.sh", cwd=source, **place.environment("migrate", GUSTAV_ENV="prod"))

    assert again.returncode == 0, again.stderr
    assert "up to date" in again.stdout
    assert before == {file: file.read_bytes() for file in place.secrets.rglob("*") if file.is_file()}


def test_a_demo_gets_its_invented_class_once(place):
    demo = place.environment("migrate", GUSTAV_ENV="demo", LEARNING_DATA_DIR=str(place.home / "demo"))

    starts = [run("sh", "deploy/first-start.sh", cwd=place.home / "src", **demo) for _ in range(2)]

    assert [start.returncode for start in starts] == [0, 0], starts[0].stderr
    assert "The invented class is there." in starts[0].stdout
    assert "Nothing to do; the invented class was there." in starts[1].stdout


async def test_a_pupil_of_the_demo_hands_in_over_http_and_gets_feedback(place):
    port = free_port()
    settings = {
        "GUSTAV_ENV": "demo", "LEARNING_DATA_DIR": str(place.home / "demo"), "WEB_PORT": str(port),
        "WORKER_METRICS_PORT": "0", "WEB_METRICS_PORT": "0",
    }  # fmt: skip
    migrator = place.environment("migrate", **settings)
    started = await asyncio.to_thread(run, "sh", "deploy/first-start.sh", cwd=place.home / "src", **migrator)
    assert started.returncode == 0, started.stderr
    worker, web = (place.environment(reader, **settings) for reader in ("worker", "web"))
    url = f"http://127.0.0.1:{port}"
    with process(place, "worker", worker), process(place, "web", web):
        await asyncio.to_thread(until, lambda: alive(place, f"{url}/healthz"), "the web process")
        submission_id = await asyncio.to_thread(handed_in_over_http, url)
        async with databases(place) as (owner, _):
            found = await ended(owner, submission_id)

    assert (found.status, found.detail, found.text) == ("completed", "criteria.v1", TEXT)


def handed_in_over_http(url: str) -> str:
    """What a browser does: sign in, open the first task, send a text. Returns the submission's id."""
    *_, pupil = demo_people()
    with httpx2.Client(base_url=url, headers={"origin": url}, follow_redirects=True) as browser:
        tasks = browser.post("/demo/sign-in", data={"sub": pupil.sub})
        (task, *_) = re.findall(r'href="(/tasks/[0-9a-f-]{36})"', tasks.text)
        (token, *_) = re.findall(r'name="csrf" value="([^"]+)"', browser.get(task).text)
        shown = browser.post(f"{task}/hand-in", data={"csrf": token, "key": uuid4().hex, "text": TEXT})
    assert shown.status_code == 200, shown.text
    return str(shown.url.path).removeprefix("/submissions/")


def test_what_was_installed_is_compiled_and_brings_no_tools(place):
    packages = next(place.program.glob("lib/python3*/site-packages"))

    assert list(packages.glob("learning_worker/__pycache__/cli.*.pyc"))
    assert all((packages / name).is_dir() for name in ("dspy", "rapidocr", "onnxruntime"))
    assert not list(packages.glob("pytest"))
    assert not list(packages.glob("litellm"))
    assert not (place.program.parent / "learning-worker.uv").exists()


def typed(place: Place, line: str, environment: Mapping[str, str]) -> str:
    """What a line of the runbook prints; it must succeed."""
    done = run("sh", "-c", place.typed(line), cwd=place.home, **environment)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_commands_for_the_migrator_and_the_operator_do_what_the_runbook_says(place):
    (text,) = blocks(OPERATE, "yaml")
    (place.home / "class.yaml").write_text(text)
    migrator, operator = (place.environment(reader, GUSTAV_ENV="prod") for reader in ("migrate", "operator"))

    printed = {line: typed(place, line, migrator) for line in lines(Tried.MIGRATOR)}
    printed |= {line: typed(place, line, operator) for line in lines(Tried.OPERATOR)}

    assert len(printed) == 11
    assert (
        printed['learning-worker course archive "7b Biology" --school-year 2026/27']
        == "The course is archived.\n"
    )
    assert "pending" not in printed["learning-worker migrate --status"]
    assert "up to date" in printed["learning-worker migrate"]
    assert "Nothing was changed" in printed["learning-worker course import class.yaml --dry-run"]
    assert "members     3 new" in printed["learning-worker course import class.yaml"]
    assert "Nothing was removed (--dry-run)." in printed["learning-worker purge --dry-run"]
    assert "0  files deleted from the store" in printed["learning-worker purge"]
    assert printed["learning-worker queue pause feedback"] == "paused: feedback\n"
    assert printed["learning-worker queue resume feedback"] == "resumed: feedback\n"


async def test_health_doctor_and_the_addresses_answer_while_a_schools_worker_and_web_run(place):
    web_port, metrics_port = free_port(), free_port()
    ports = {"WEB_PORT": str(web_port), "WORKER_METRICS_PORT": str(metrics_port), "WEB_METRICS_PORT": "0"}
    async with a_fake_ollama(capabilities=SEEING) as server:
        settings = school_settings(server.url)
        (place.secrets / "settings.env").write_text(
            "\n".join(f"{name}={value}" for name, value in settings.items())
        )
        worker, web, migrator = (
            place.environment(reader, **settings, **ports) for reader in ("worker", "web", "migrate")
        )
        with process(place, "worker", worker), process(place, "web", web):
            for url in (f"http://127.0.0.1:{metrics_port}/metrics", f"http://127.0.0.1:{web_port}/healthz"):
                await asyncio.to_thread(until, lambda url=url: alive(place, url), url)
            printed = {}
            for line in lines(Tried.RUNNING):
                here = line.replace("8080", str(web_port)).replace("9464", str(metrics_port))
                printed[line] = await asyncio.to_thread(typed, place, here, worker)
            # As in the containers: each reader's own settings are sound by themselves.
            printed_for = {
                reader: await asyncio.to_thread(
                    typed,
                    place,
                    "learning-worker doctor --quick",
                    place.environment(reader, **settings, **ports),
                )
                for reader in ("web", "operator")
            }
            script = "\n".join(lines(Tried.ADMINISTRATOR))
            whole = await asyncio.to_thread(
                typed, place, script, {**migrator, "GUSTAV_ENV": "", "LANG": "de_DE.UTF-8"}
            )

    assert len(printed) == 4
    assert "worker's login was not looked at" in printed_for["web"]
    assert "login gustav_operator_login" in printed_for["operator"]
    assert json.loads(printed["learning-worker health --json"])["currentRole"] == "gustav_worker"
    assert "PostgreSQL 15, login gustav_worker" in printed["learning-worker doctor"]
    assert "is in use by this program" in printed["learning-worker doctor"]
    assert any("analysis_jobs_inflight" in text for text in printed.values())
    assert whole.count("PostgreSQL 15, Login") == 4
    assert f"{MODEL} läuft auf der CPU" in whole


def school_settings(model_server: str) -> dict[str, str]:
    """The settings that the runbook gives a school without containers, with the fake model server's model."""
    (text,) = [block for block in blocks(OPERATE, "sh") if "OLLAMA_BASE_URL=" in block]
    settings = dict(line.split("=", 1) for line in text.splitlines())
    return {name: MODEL if value == "<model>" else value for name, value in settings.items()} | {
        "OLLAMA_BASE_URL": model_server
    }


@contextmanager
def without(file: Path) -> Iterator[None]:
    """The file is not there for a while."""
    away = file.with_name(f"{file.name}.away")
    file.rename(away)
    try:
        yield
    finally:
        away.rename(file)


def installed(place: Place, name: str) -> Path:
    return next(place.program.glob(f"lib/python3*/site-packages/{name}"))


BROKEN = {
    "no library to open files": (
        lambda place: without(installed(place, "PIL")), "", "decoder_down", "das Paket neu installieren",
    ),
    "no memory to recognise text": (
        lambda _: nullcontext(), "ulimit -v 350000; ", "reader_down", "Sind 2 GiB Speicher frei?",
    ),
    "recognition not installed": (
        lambda place: without(installed(place, "rapidocr/models")), "", "reader_down", "Paket neu installieren",
    ),
    "storage read-only": (
        # A directory of root's, for a process that is not.
        lambda _: nullcontext(), "export LEARNING_DATA_DIR=/usr/lib; ", "storage_not_writable",
        "Es dem Benutzer des Dienstes geben",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_the_doctor_finds_what_is_broken_and_says_how_to_mend_it(place, fault):
    broken, before, code, cure = BROKEN[fault]
    ports = {"WEB_PORT": "0", "WORKER_METRICS_PORT": "0", "WEB_METRICS_PORT": "0"}
    environment = place.environment("worker", GUSTAV_ENV="test", LANG="de_DE.UTF-8", **ports)

    with broken(place):
        done = run("sh", "-c", f"{before}learning-worker doctor --json", cwd=place.home, **environment)

    found = [finding for finding in json.loads(done.stdout)["findings"] if finding["status"] == "failed"]
    assert done.returncode == 1, done.stdout
    assert [finding["code"] for finding in found] == [code]
    assert cure in found[0]["cure"]


def test_the_doctor_warns_when_a_vision_model_would_get_pages_as_they_lie(place):
    environment = place.environment("worker", GUSTAV_ENV="test", LEARNING_VISION_ADAPTER="local")

    with without(installed(place, "rapidocr/models")):
        done = run("learning-worker", "doctor", "--json", cwd=place.home, **environment)

    (found,) = [finding for finding in json.loads(done.stdout)["findings"] if finding["check"] == "reading"]
    assert (found["status"], found["code"]) == ("warning", "turner_down")


def test_the_tutorials_own_answer_gets_feedback(place):
    (words,) = [block for block in blocks(TUTORIAL, "sh") if "cat > answer.txt" in block]
    (line,) = [line for line in commands(TUTORIAL) if TRIED.get(line) is Tried.TUTORIAL and "--json" in line]
    script = words.partition(".venv/bin")[0] + line.replace(".venv/bin/", "")

    found = json.loads(typed(place, script, place.environment("worker")))

    assert found["status"] == "completed"
    results = found["analysis_json"]["criteria_results"]
    assert [result["criterion"] for result in results] == [
        "Names what a plant needs for photosynthesis",
        "Gives a reason",
    ]


def test_an_update_brings_the_new_program(place):
    source = place.home / "src"
    with (source / "src/learning_worker/__init__.py").open("a") as file:
        file.write('\nAN_UPDATE = "is here"\n')

    for line in lines(Tried.INSTALLING):
        if "install.sh" in line:
            done = run("sh", "-c", place.typed(line), cwd=source, PYTHON=python())
            assert done.returncode == 0, done.stderr
    question = "import learning_worker; print(learning_worker.AN_UPDATE)"
    answer = run(f"{place.program}/bin/python", "-I", "-c", question, cwd=place.home)

    assert (answer.stdout, answer.stderr) == ("is here\n", "")


def test_systemd_accepts_the_units(place, tmp_path):
    # Judged where it looks for the program, which is somewhere else here.
    for unit in (ROOT / "deploy" / "systemd").iterdir():
        (tmp_path / unit.name).write_text(place.typed(unit.read_text()))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())],
        text=True,
        capture_output=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_no_password_reached_a_log(place):
    logs = "".join(file.read_text(errors="replace") for file in place.home.glob("*.log"))

    assert not [file for file in place.secrets.rglob("*password") if file.read_text() in logs]


def test_scripts_pass_the_linter():
    scripts = [str(file) for folder in ("deploy", "tools") for file in (ROOT / folder).glob("*.sh")]

    subprocess.run(["shellcheck", *scripts, str(ROOT / ".ci/run")], check=True)


def test_nothing_here_ran_as_root(place):
    assert {file.stat().st_uid for file in (place.home / "cluster").glob("PG_VERSION")} != {
        0
    } or os.getuid() != 0
