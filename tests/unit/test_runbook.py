"""What the runbook tells people to type exists, in both languages, and its settings are settings."""

import re
import shlex
import subprocess
import sys

import pytest
import typer.main
import yaml
from runbook import DOCS, NOT_TRIED, PAGES, ROOT, TRIED, blocks, commands, is_setting

from learning_worker.cli import app
from learning_worker.db import embedded
from learning_worker.domain.school_class import SchoolClass
from learning_worker.settings import Environment, Settings

MODELS_PAGE = DOCS / "reference" / "models.md"
RUNBOOKS = ("operate.md", "operate.de.md")
# Settings of Compose itself and of compose.yaml, not of the program.
COMPOSE = set(re.findall(r"\$\{(\w+)", "".join(f.read_text() for f in DOCS.parent.glob("compose*.yaml")))) | {
    "COMPOSE_PROFILES",
    "COMPOSE_FILE",
}


@pytest.mark.parametrize("tool", ["make_health_reference.py", "model_table.py"])
def test_the_generated_pages_are_current(tool):
    checked = subprocess.run(
        [sys.executable, str(DOCS.parent / "tools" / tool), "--check"], capture_output=True, text=True
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_what_keeps_words_out_of_a_servers_log_is_the_same_wherever_a_database_is_made():
    page = DOCS / "explanation" / "row-security.md"
    names = {"page": "school", "script": ':"name"'}
    texts = {"page": page.read_text(), "script": (ROOT / "deploy" / "first-database.sh").read_text()}
    service = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["db"]
    flags = dict(
        flag.removeprefix("-c").split("=") for flag in service["command"] if flag.startswith("-clog_")
    )

    found = {
        place: {
            name: value.strip("'")
            for name, value in re.findall(rf"alter database {names[place]} set (\w+) = ([^;]+);", text)
        }
        for place, text in texts.items()
    }

    assert len(found["page"]) == 7
    assert found["script"] == flags == found["page"]
    assert found["page"].items() <= embedded.SETTINGS.items()


def test_every_command_of_a_page_is_run_by_a_test_or_has_a_reason_why_not():
    typed = {line for page in PAGES for line in commands(page) if not is_setting(line)}

    assert typed == set(TRIED) | set(NOT_TRIED)
    assert not set(TRIED) & set(NOT_TRIED)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_runbooks_class_can_be_imported(name):
    (text,) = blocks(DOCS / "how-to" / name, "yaml")

    found = SchoolClass.parse(text)

    assert (len(found.pupils), len(found.tasks[0].criteria)) == (2, 2)


@pytest.mark.parametrize("block", [0, 1])
def test_the_runbooks_settings_of_a_school_are_accepted(monkeypatch, block):
    school = [text for text in blocks(DOCS / "how-to" / "operate.md", "sh") if text.startswith("GUSTAV_ENV")][
        block
    ]
    for line in re.sub(r"\s+#.*", "", school, flags=re.MULTILINE).splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)

    assert Settings.load().gustav_env is Environment.PROD


MODELS = re.findall(
    r"^\| (\d+) GB ([^|]*) \| ([^|]*) \| ([^|]*) \| ([\d.]+)([^|\d]*) \|$",
    MODELS_PAGE.read_text(),
    re.MULTILINE,
)


@pytest.mark.parametrize("row", MODELS, ids=lambda row: f"{row[0]} GB {row[1]}")
def test_a_row_of_the_models_fills_a_schools_settings_and_its_memory(monkeypatch, row):
    gigabytes, _, feedback, vision, needed, note = row
    adapter = re.findall(r"LEARNING_VISION_ADAPTER=(\w+)", vision)
    school = {"GUSTAV_ENV": "prod", "AI_BACKEND": "local", "AI_FEEDBACK_MODEL": feedback.strip("`")}
    school |= {"LEARNING_VISION_ADAPTER": adapter[0]} if adapter else {"AI_VISION_MODEL": vision.strip("`")}
    for name, value in school.items():
        monkeypatch.setenv(name, value)

    assert Settings.load().ai_feedback_model == feedback.strip("`")
    assert (float(needed) <= float(gigabytes)) is (note != ": one at a time")


def test_the_deadlines_for_slow_machines_are_allowed(monkeypatch):
    named = re.findall(r"`(\w+)=(\d+)`", MODELS_PAGE.read_text().partition("## Deadlines")[2])
    for name, value in named:
        monkeypatch.setenv(name, value)

    found = Settings.load()

    assert {name: str(getattr(found, name.lower())).removesuffix(".0") for name, _ in named} == dict(named)
    assert "AI_CALL_TIMEOUT" in dict(named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_ours_exists_with_its_options(page):
    for line in commands(page):
        # What a line sets for its command stands before it.
        words = shlex.split(re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line))
        if words and words[0].endswith("learning-worker"):
            command, names = typer.main.get_command(app), words[1:]
            while names and hasattr(command, "commands"):
                assert names[0] in command.commands, line
                command = command.commands[names.pop(0)]
            known = {
                option
                for parameter in command.params
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            assert {word for word in names if word.startswith("--")} <= known, line


def test_the_readme_names_every_command():
    table = (ROOT / "README.md").read_text()
    shown = {name for name, command in typer.main.get_command(app).commands.items() if not command.hidden}

    assert {name for name in shown if f"| `learning-worker {name}" not in table} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_service_that_a_compose_command_names_exists(page):
    services = yaml.safe_load((DOCS.parent / "compose.yaml").read_text())["services"]
    named = re.findall(r"docker compose (?:exec|restart|logs -f|ps|run --rm) (\w+)", page.read_text())

    assert set(named) <= set(services)


@pytest.mark.parametrize(
    ("name", "start"), list(zip(RUNBOOKS, ("Compose sets these", "Das setzt Compose"), strict=True))
)
def test_the_runbook_names_what_compose_sets_whatever_the_env_file_says(name, start):
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    fixed = {
        setting
        for service in ("web", "worker")
        for setting, value in services[service]["environment"].items()
        if "$" not in value
    }
    paragraph = (DOCS / "how-to" / name).read_text().partition(start)[2].partition("\n\n")[0]

    assert set(re.findall(r"`([A-Z_]+)`", paragraph)) == fixed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_of_a_page_exists(page):
    assigned = {
        name
        for line in commands(page)
        if is_setting(line)
        for name in re.findall(r"^(?:export )?([A-Z][A-Z_]+)=", line)
    }

    assert assigned <= {name.upper() for name in Settings.model_fields} | COMPOSE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_of_a_page_exists(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    overlays = re.findall(r"-f (compose[\w.]*yaml)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in overlays if not (DOCS.parent / name).exists()] == []
