"""Compose files and Dockerfile, judged by the tools that know them: Docker Compose itself, and a linter."""

import json
import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path
from typing import Any

import pytest
from runbook import DOCS, blocks

pytestmark = pytest.mark.system
ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
# The program itself: the package's own command forgets the exit code.
COMPOSE = Path(sysconfig.get_path("purelib")) / "compose" / "docker-compose"
GROUPS = {"VIDEO_GID": "44", "RENDER_GID": "105"}


def compose(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Docker Compose on our files, without an engine and without anybody's .env."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **settings}
    return subprocess.run(
        [COMPOSE, "--env-file", "/dev/null", *arguments],
        cwd=ROOT, env=environment, text=True, capture_output=True,
    )  # fmt: skip


def resolved(*files: str, **settings: str) -> dict[str, Any]:
    arguments = [word for file in ("compose.yaml", *files) for word in ("-f", file)]
    done = compose(*arguments, "config", "--format", "json", **settings)
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads(done.stdout)
    return content


@pytest.mark.parametrize(
    "overlay", [(), ("compose.nvidia.yaml",), ("compose.rocm.yaml",), ("compose.vulkan.yaml",)]
)
def test_compose_accepts_every_combination(overlay):
    assert "ollama" in resolved(*overlay, **GROUPS)["services"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("portz: ['127.0.0.1:1:1']", "portz"),
        ("deploy: {resources: {limits: {memory: many}}}", "many"),
        ("depends_on: {db: {condition: someday}}", "condition"),
    ],
)
def test_compose_holds_files_against_its_specification_and_refuses_a_broken_one(tmp_path, wrong, word):
    (tmp_path / "broken.yaml").write_text(f"services: {{web: {{{wrong}}}}}")

    done = compose("-f", "compose.yaml", "-f", str(tmp_path / "broken.yaml"), "config", "-q")

    assert done.returncode != 0
    assert word in done.stderr


def test_models_are_pulled_and_the_proxy_runs_only_when_they_are_asked_for():
    usual = set(resolved()["services"])
    local = set(resolved(COMPOSE_PROFILES="local,proxy", AI_BACKEND="local")["services"])

    assert usual == {"secrets", "db", "migrate", "web", "worker", "ollama"}
    assert local - usual == {"models", "proxy"}


def test_without_settings_it_is_the_demo_and_an_empty_environment_stays_empty():
    assert resolved()["services"]["web"]["environment"]["GUSTAV_ENV"] == "demo"
    assert resolved(GUSTAV_ENV="")["services"]["web"]["environment"]["GUSTAV_ENV"] == ""


@pytest.mark.parametrize("page", ["operate.md", "operate.de.md"])
def test_the_runbooks_env_file_reaches_the_processes_as_it_stands_there(tmp_path, page):
    (block,) = [text for text in blocks(DOCS / "how-to" / page, "sh") if "COMPOSE_PROFILES=" in text]
    (tmp_path / ".env").write_text(block.replace("<model>", "mind:7b"))
    (tmp_path / "compose.yaml").write_text((ROOT / "compose.yaml").read_text())
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}

    done = subprocess.run(
        [COMPOSE, "config", "--format", "json"], cwd=tmp_path, env=environment, text=True, capture_output=True
    )

    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    worker, models, proxy = (services[name]["environment"] for name in ("worker", "models", "proxy"))
    assert (worker["GUSTAV_ENV"], worker["AI_BACKEND"], worker["AI_FEEDBACK_MODEL"]) == (
        "prod",
        "local",
        "mind:7b",
    )
    assert (models["AI_BACKEND"], models["AI_FEEDBACK_MODEL"]) == ("local", "mind:7b")
    assert models["AI_VISION_MODEL"] == worker["AI_VISION_MODEL"] == "mind:7b"
    assert (proxy["PROXY_HOST"], proxy["PROXY_TLS"]) == (
        "lernen.school.example",
        "/certs/cert.pem /certs/key.pem",
    )


def test_the_override_for_a_supabase_adds_its_network_and_keeps_the_others(tmp_path):
    (block,) = blocks(DOCS / "how-to" / "supabase.md", "yaml")
    override = tmp_path / "compose.override.yaml"
    override.write_text(textwrap.dedent(block))

    services = resolved(str(override))["services"]

    assert set(services["web"]["networks"]) == {"front", "database", "models", "supabase"}
    assert set(services["worker"]["networks"]) == {"database", "models", "supabase"}


def test_web_is_published_on_loopback_whatever_is_set():
    (port,) = resolved(WEB_PORT="9000", WEB_HOST="0.0.0.0")["services"]["web"]["ports"]

    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "9000", 8080)


def test_rocm_needs_the_hosts_groups_and_passes_cards_on_only_when_they_are_named():
    refused = compose("-f", "compose.yaml", "-f", "compose.rocm.yaml", "config")
    unset = resolved("compose.rocm.yaml", **GROUPS)["services"]["ollama"]
    chosen = resolved("compose.rocm.yaml", HIP_VISIBLE_DEVICES="1", **GROUPS)["services"]["ollama"]

    assert refused.returncode != 0
    assert "VIDEO_GID" in refused.stderr
    assert unset["group_add"] == ["44", "105"]
    # null: the engine takes such a variable out.
    assert unset["environment"]["HIP_VISIBLE_DEVICES"] is None
    assert chosen["environment"]["HIP_VISIBLE_DEVICES"] == "1"


def test_the_dockerfile_passes_the_linter():
    done = subprocess.run(
        [PROGRAMS / "hadolint", "deploy/Dockerfile"], cwd=ROOT, text=True, capture_output=True
    )

    assert (done.returncode, done.stdout) == (0, "")
