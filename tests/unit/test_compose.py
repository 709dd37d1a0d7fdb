"""What the Compose files and the Dockerfile promise, read from the files themselves. No container engine is started."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from learning_worker.db import embedded
from learning_worker.settings import Settings

ROOT = Path(__file__).parents[2]
OVERLAYS = ("compose.nvidia.yaml", "compose.rocm.yaml", "compose.vulkan.yaml")
ONE_SHOTS = {"secrets", "migrate", "models", "operator", "doctor", "purge"}


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return content


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return load("compose.yaml")


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def without_profile(services: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, service in services.items() if "profiles" not in service}


def test_a_plain_up_starts_database_migration_web_worker_and_model_server(services):
    assert without_profile(services) == {"secrets", "db", "migrate", "web", "worker", "ollama"}
    assert services["db"]["image"].startswith("postgres:17")
    assert services["worker"]["command"] == ["worker"]


def test_each_step_waits_for_the_one_before(services):
    after = {
        name: {other: how["condition"] for other, how in services[name].get("depends_on", {}).items()}
        for name in services
    }

    assert after["db"] == {"secrets": "service_completed_successfully"}
    assert after["migrate"] == {"db": "service_healthy"}
    assert after["web"] == after["worker"] == {"migrate": "service_completed_successfully"}
    assert after["models"] == {"ollama": "service_healthy"}


def test_every_container_is_confined(services):
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        # Nothing else may be written in a container whose root is read-only.
        assert any(mount.startswith("/tmp:") for mount in service["tmpfs"]), name
        assert {"memory", "pids"} <= set(service["deploy"]["resources"]["limits"]), name
        # The proxy's program file carries this capability; nobody else is given any.
        assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else []), name


def test_nothing_of_ours_runs_as_root(services):
    as_root = {
        name
        for name, service in services.items()
        if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", service.get("user", ""))
    }

    # Ollama's image knows no other user; it has no capability, and nothing but its models may be written.
    assert as_root == {"ollama", "models"}


def test_what_stays_running_restarts_and_has_a_health_check(services):
    for name in without_profile(services) - ONE_SHOTS:
        assert services[name]["restart"] == "unless-stopped", name
        assert "test" in services[name]["healthcheck"], name
    for name in ONE_SHOTS:
        assert services[name]["restart"] == "no", name
    asked = {
        name: service["healthcheck"]["test"] for name, service in services.items() if "healthcheck" in service
    }
    alive = ["CMD", "python", "-I", "/opt/learning-worker/deploy/alive.py"]
    assert asked == {
        "db": ["CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", "learning"],
        "web": [*alive, "http://127.0.0.1:8080/healthz"],
        "worker": [*alive, "http://127.0.0.1:9464/metrics"],
        "ollama": ["CMD", "ollama", "list"],
    }


def test_every_container_has_a_limit_that_its_work_fits_in(services):
    def mib(limit: str) -> int:
        number, unit = re.fullmatch(r"(?:\$\{\w+:-)?(\d+)([mg])\}?", limit).groups()
        return int(number) * (1024 if unit == "g" else 1)

    limits = {
        name: mib(service["deploy"]["resources"]["limits"]["memory"]) for name, service in services.items()
    }

    # The child that opens files may take 1 GiB, the one that recognises text 2 GiB; web starts two of the first kind.
    assert all(limits[name] > 3 * 1024 for name in ("worker", "doctor", "migrate"))
    assert limits["web"] > 2 * 1024
    assert limits["ollama"] == 12 * 1024
    assert all(0 < limit <= 12 * 1024 for limit in limits.values())


def test_what_must_outlast_a_container_lies_in_volumes(compose, services):
    kept = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}

    assert "database:/var/lib/postgresql/data" in services["db"]["volumes"]
    assert {"database", "files", "models"} <= {name for name in kept if not name.startswith((".", "$"))}
    assert {name for name in kept if not name.startswith((".", "$"))} == set(compose["volumes"])


def test_the_model_server_listens_where_its_clients_ask(services):
    assert services["ollama"]["environment"]["OLLAMA_HOST"] == "0.0.0.0:11434"
    for name in ("web", "worker", "doctor"):
        assert services[name]["environment"]["OLLAMA_BASE_URL"] == "http://ollama:11434"
    assert services["models"]["environment"]["OLLAMA_HOST"] == "http://ollama:11434"
    assert "ports" not in services["ollama"]


def test_the_one_shot_that_pulls_is_told_what_the_worker_is_told(services):
    told = services["models"]["environment"]

    for name in (
        "AI_BACKEND",
        "AI_VISION_MODEL",
        "AI_FEEDBACK_MODEL",
        "LEARNING_VISION_ADAPTER",
        "LEARNING_FEEDBACK_ADAPTER",
    ):
        assert told[name].startswith(f"${{{name}:-"), name


def test_only_web_is_published_and_only_on_loopback(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published.pop("web") == ["127.0.0.1:${WEB_PORT:-8080}:8080"]
    assert set(published) == {"proxy"}
    assert services["proxy"]["profiles"] == ["proxy"]


def test_only_the_model_server_has_a_way_out(compose, services):
    def leads_out(network: dict[str, Any]) -> bool:
        options = network.get("driver_opts", {})
        return (
            not network.get("internal")
            and options.get("com.docker.network.bridge.enable_ip_masquerade") != "false"
        )

    out = {name for name, network in compose["networks"].items() if leads_out(network)}
    reach_out = {
        name
        for name, service in services.items()
        if service.get("network_mode") != "none" and out & set(service.get("networks", ["default"]))
    }

    assert out == {"out"}
    assert reach_out == {"ollama"}


def test_the_database_and_the_model_server_never_meet(services):
    assert services["db"]["networks"] == ["database"]
    assert "database" not in services["ollama"]["networks"]


def test_the_demo_is_the_default_and_an_empty_environment_is_passed_on_to_be_refused(services):
    for name in ("migrate", "web", "worker"):
        assert services[name]["environment"]["GUSTAV_ENV"] == "${GUSTAV_ENV-demo}"
        assert services[name]["environment"]["AI_BACKEND"] == (
            "stub" if name == "migrate" else "${AI_BACKEND:-stub}"
        )
        assert services[name]["env_file"] == [{"path": ".env", "required": False}]
    assert services["worker"]["environment"]["OLLAMA_BASE_URL"] == "http://ollama:11434"


def test_no_password_stands_in_any_file(compose):
    text = "".join((ROOT / name).read_text() for name in ("compose.yaml", *OVERLAYS, "deploy/Dockerfile"))

    assert "PASSWORD:" not in text
    assert not re.search(r"postgres(ql)?://", text)
    assert compose["services"]["db"]["environment"]["POSTGRES_PASSWORD_FILE"].startswith("/run/")


def test_each_process_is_given_its_own_secrets_and_may_not_change_them(services):
    mounts = {
        name: [volume for volume in service.get("volumes", []) if volume.startswith("secrets-")]
        for name, service in services.items()
        if name != "secrets"
    }

    assert {name: found for name, found in mounts.items() if found} == {
        name: [f"secrets-{of}:/run/learning-secrets:ro"]
        for name, of in {
            "db": "db",
            "migrate": "migrate",
            "web": "web",
            "worker": "worker",
            "operator": "operator",
            "purge": "operator",
            "doctor": "migrate",
        }.items()
    }
    assert services["secrets"]["network_mode"] == "none"


def test_first_secrets_are_random_complete_and_kept(tmp_path):
    script = ["sh", str(ROOT / "deploy/first-secrets.sh"), str(tmp_path)]

    subprocess.run(script, check=True)
    first = {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    subprocess.run(script, check=True)
    again = {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}

    passwords = re.findall(
        r"[0-9a-f]{64}", "".join(text for path, text in first.items() if path.parts[0] == "migrate")
    )
    assert len(set(passwords)) == 5
    assert first == again
    assert {path.name for path in first if path.parts[0] == "web"} == {"database_url", "session_database_url"}
    assert all(path.name in Settings.model_fields for path in first if path.parts[0] != "db")
    private = [file for file in tmp_path.rglob("*_url") if file.stat().st_mode & 0o077]
    assert private == []


def test_the_databases_log_keeps_quiet_about_what_pupils_write(services):
    given = dict(word.removeprefix("-c").split("=") for word in services["db"]["command"][1:])

    quiet = {name: value for name, value in embedded.SETTINGS.items() if name in given}
    assert given == quiet
    assert {name for name in embedded.SETTINGS if name.startswith("log_")} - set(given) == {"log_checkpoints"}


def test_a_stop_lasts_longer_than_a_drain(services):
    grace = int(re.search(r":-(\d+)s", services["worker"]["stop_grace_period"])[1])

    assert grace > Settings.model_fields["worker_drain_seconds"].default + 5


def test_models_are_kept_and_pulled_by_a_one_shot_that_belongs_to_the_local_backend(services):
    assert services["ollama"]["volumes"] == ["models:/models"]
    assert services["ollama"]["environment"]["HOME"] == "/models"
    assert services["models"]["profiles"] == ["local"]
    assert services["ollama"]["environment"]["OLLAMA_NO_CLOUD"] == "1"


@pytest.mark.parametrize(
    ("settings", "code", "pulled"),
    [
        ({"AI_BACKEND": "stub"}, 0, ""),
        (
            {"AI_BACKEND": "local", "AI_VISION_MODEL": "eye:3b", "AI_FEEDBACK_MODEL": "mind:7b"},
            0,
            "pull eye:3b\npull mind:7b\n",
        ),
        (
            {"AI_BACKEND": "local", "LEARNING_VISION_ADAPTER": "ocr", "AI_FEEDBACK_MODEL": "mind:7b"},
            0,
            "pull mind:7b\n",
        ),
        ({"AI_BACKEND": "local", "AI_FEEDBACK_MODEL": "mind:7b"}, 2, ""),
    ],
    ids=["stub", "local", "reading without a model", "a model is not named"],
)
def test_the_one_shot_pulls_the_models_with_the_local_backend_only(tmp_path, settings, code, pulled):
    (tmp_path / "ollama").write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\n')
    (tmp_path / "ollama").chmod(0o755)
    (tmp_path / "calls").touch()

    done = subprocess.run(
        ["sh", str(ROOT / "deploy/pull-models.sh")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **settings},
        capture_output=True,
    )

    assert (done.returncode, (tmp_path / "calls").read_text()) == (code, pulled)


def test_the_doctor_sees_what_worker_and_web_see_with_their_settings(services):
    doctor = services["doctor"]

    assert set(doctor["networks"]) >= {*services["worker"]["networks"], *services["web"]["networks"]} - {
        "front"
    }
    assert doctor["environment"]["AI_BACKEND"] == services["worker"]["environment"]["AI_BACKEND"]
    assert doctor["env_file"] == services["worker"]["env_file"]
    assert "files:/data" in doctor["volumes"]
    assert doctor["profiles"] == ["tools"]


def test_commands_in_containers_speak_the_language_of_the_shell_that_started_them(services):
    for name in ("migrate", "web", "worker", "operator", "doctor", "purge"):
        assert services[name]["environment"]["LANG"] == "${LANG:-C.UTF-8}", name


def test_the_proxys_own_authority_outlasts_a_restart_and_belongs_to_its_user(compose, services):
    assert "proxy" in compose["volumes"]
    assert "proxy:/state" in services["proxy"]["volumes"]
    assert services["proxy"]["environment"]["XDG_DATA_HOME"] == "/state"
    # Its own image has no such directory, so the one-shot of ours mounts the volume before: that hands the owner on.
    assert "proxy:/secrets/proxy" in services["secrets"]["volumes"]
    (made,) = re.findall(r"-g 10001 -m 0700 ([\w/ ]+)", (ROOT / "deploy/Dockerfile").read_text())
    assert {volume.split(":")[1] for volume in services["secrets"]["volumes"]} - {"/secrets/db"} <= set(
        made.split()
    )
    assert services["proxy"]["user"] == services["secrets"]["user"]


@pytest.mark.parametrize(
    ("tls", "seconds"), [("internal", "0"), ("", "0"), ("/certs/cert.pem /certs/key.pem", "31536000")]
)
def test_browsers_are_told_to_insist_on_a_certificate_that_they_know_only(tmp_path, tls, seconds):
    (tmp_path / "caddy").write_text('#!/bin/sh\necho "$HSTS_SECONDS"\n')
    (tmp_path / "caddy").chmod(0o755)

    done = subprocess.run(
        ["sh", str(ROOT / "deploy/proxy.sh")],
        env={"GUSTAV_ENV": "prod", "PROXY_TLS": tls, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        text=True,
        capture_output=True,
    )

    assert (done.returncode, done.stdout) == (0, f"{seconds}\n")
    assert 'Strict-Transport-Security "max-age={$HSTS_SECONDS}"' in (ROOT / "deploy/Caddyfile").read_text()


@pytest.mark.parametrize("env", ["demo", "dev", ""])
def test_the_proxy_refuses_to_show_a_demo_to_other_machines(env):
    done = subprocess.run(
        ["sh", str(ROOT / "deploy/proxy.sh")],
        env={"GUSTAV_ENV": env, "PATH": "/usr/bin:/bin"},
        capture_output=True,
    )

    assert done.returncode == 78


def test_rocm_follows_the_runbook():
    ollama = load("compose.rocm.yaml")["services"]["ollama"]

    assert ollama["image"] == "ollama/ollama:${OLLAMA_ROCM_TAG:-rocm}"
    assert ollama["devices"] == ["/dev/kfd:/dev/kfd", "/dev/dri:/dev/dri"]
    assert [group.split(":?")[0] for group in ollama["group_add"]] == ["${VIDEO_GID", "${RENDER_GID"]
    # No value of its own: Compose then passes the variable on only when it is set.
    assert ollama["environment"] == {"HIP_VISIBLE_DEVICES": None, "HSA_OVERRIDE_GFX_VERSION": None}


def test_vulkan_serves_older_cards_with_the_usual_image():
    ollama = load("compose.vulkan.yaml")["services"]["ollama"]

    assert "image" not in ollama
    assert ollama["devices"] == ["/dev/dri:/dev/dri"]
    assert [group.split(":?")[0] for group in ollama["group_add"]] == ["${VIDEO_GID", "${RENDER_GID"]
    assert ollama["environment"] == {"OLLAMA_VULKAN": "1", "GGML_VK_VISIBLE_DEVICES": None}


def test_nvidia_asks_for_every_card():
    ollama = load("compose.nvidia.yaml")["services"]["ollama"]

    assert ollama["deploy"]["resources"]["reservations"]["devices"] == [
        {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_touches_the_model_server_only(overlay):
    assert set(load(overlay)) == {"services"}
    assert set(load(overlay)["services"]) <= {"ollama", "models"}


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular():
    lines = (ROOT / "deploy/Dockerfile").read_text().splitlines()

    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert "ENV UV_COMPILE_BYTECODE=1" in lines
    assert 'ENTRYPOINT ["learning-worker"]' in lines
    *_, final = "\n".join(lines).split("\nFROM ")
    assert "install.sh" not in final, "what builds the image is not in it"


def test_the_build_context_holds_what_the_image_copies_and_no_secrets():
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    copied = {
        word
        for line in (ROOT / "deploy/Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }

    assert ignore[1] == "*"
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert all((ROOT / word).exists() for word in copied)
