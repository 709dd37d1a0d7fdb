"""What the runbook tells people to type exists, in both languages, and its settings are settings."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main
import yaml

from learning_worker.cli import app
from learning_worker.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
RUNBOOKS = ("operate.md", "operate.de.md")
PAGES = [*(DOCS / "how-to").glob("*.md"), DOCS.parent / "README.md"]
# Settings of Compose itself and of compose.yaml, not of the program.
COMPOSE = set(re.findall(r"\$\{(\w+)", "".join(f.read_text() for f in DOCS.parent.glob("compose*.yaml")))) | {
    "COMPOSE_PROFILES",
    "COMPOSE_FILE",
}


def commands(page: Path) -> list[str]:
    """The lines of a page's shell blocks, without comments."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = (re.sub(r"\s+#\s.*", "", line).strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize("tool", ["make_health_reference.py", "model_table.py"])
def test_the_generated_pages_are_current(tool):
    checked = subprocess.run(
        [sys.executable, str(DOCS.parent / "tools" / tool), "--check"], capture_output=True, text=True
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_both_languages_show_the_same_commands_and_statements():
    english, german = (commands(DOCS / "how-to" / name) for name in RUNBOOKS)

    assert english == german
    for name in RUNBOOKS:
        assert "grant gustav_limited to gustav_worker;" in (DOCS / "how-to" / name).read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_ours_exists_with_its_options(page):
    for line in commands(page):
        words = shlex.split(line)
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_service_that_a_compose_command_names_exists(page):
    services = yaml.safe_load((DOCS.parent / "compose.yaml").read_text())["services"]
    named = re.findall(r"docker compose (?:exec|restart|logs -f|ps|run --rm) (\w+)", page.read_text())

    assert set(named) <= set(services)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_of_a_page_exists(page):
    assigned = {m for line in commands(page) for m in re.findall(r"^(?:export )?([A-Z][A-Z_]+)=", line)}

    assert assigned <= {name.upper() for name in Settings.model_fields} | COMPOSE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_of_a_page_exists(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    overlays = re.findall(r"-f (compose[\w.]*yaml)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in overlays if not (DOCS.parent / name).exists()] == []
