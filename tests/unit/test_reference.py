"""The generated pages are current, and complete."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import yaml

from learning_worker.domain.errors import ErrorCode
from learning_worker.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "make_settings_reference.py"


def test_the_pages_in_the_tree_are_what_the_tool_writes():
    run = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True)

    assert (run.returncode, run.stdout) == (0, "")


def test_a_page_that_was_changed_by_hand_is_noticed_and_written_again(tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("make_settings_reference", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "ROOT", tmp_path)

    assert tool.main([]) == 0
    (tmp_path / ".env.example").write_text("WEB_PORT=1\n")

    assert tool.main(["--check"]) == 1
    assert ".env.example" in capsys.readouterr().out.splitlines()[-1]
    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0


def test_every_setting_and_every_code_has_its_row():
    settings = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    codes = (ROOT / "docs/reference/error-codes.md").read_text(encoding="utf-8")

    for name in Settings.model_fields:
        assert f"| `{name.upper()}` |" in settings
        assert f"\n#{name.upper()}=" in example
    for code in ErrorCode:
        assert f"| `{code}` |" in codes


def test_every_variable_of_the_compose_files_stands_in_the_example():
    files = [file.read_text(encoding="utf-8") for file in ROOT.glob("compose*.yaml")]
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    used = set(re.findall(r"\$\{(\w+)", "".join(files)))
    # A variable without a value is passed on as it is.
    passed_on = {
        name
        for file in files
        for service in yaml.safe_load(file)["services"].values()
        for name, value in service.get("environment", {}).items()
        if value is None
    }

    assert passed_on >= {"HIP_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"}
    assert {name for name in used | passed_on if f"\n#{name}=" not in example} == set()
    assert "\n#LEARNING_SECRETS_DIR=" in example


def test_the_example_can_be_sourced_by_a_shell_once_everything_in_it_is_set(tmp_path):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    settings = re.findall(r"^#([A-Z_]+=.*)$", example, re.MULTILINE)
    quoted = re.findall(r'"(/certs/[^"]+)"', example)
    (tmp_path / "env").write_text("\n".join([*settings, f'PROXY_TLS="{quoted[0]}"', 'echo "$PROXY_TLS"']))

    done = subprocess.run(["sh", "-eu", tmp_path / "env"], text=True, capture_output=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "/certs/cert.pem /certs/key.pem\n", "")
