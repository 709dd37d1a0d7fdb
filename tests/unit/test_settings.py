"""Settings: what is accepted, what stops the start, and that no secret is ever repeated."""

import os
from pathlib import Path

import pytest

from learning_worker.settings import (
    DatabaseUse,
    Environment,
    FeedbackChoice,
    Settings,
    SettingsError,
    VisionChoice,
    allowed,
    files_leave_the_machine,
    leaves_the_machine,
    spoken_language,
)
from learning_worker.wiring.processes import worker_bounds


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*Settings.model_fields, "learning_secrets_dir"]:
        monkeypatch.delenv(name.upper(), raising=False)


def load(monkeypatch: pytest.MonkeyPatch, *, ai: bool = True, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.load(ai=ai)


def problems(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **values)
    return str(caught.value)


def test_without_any_variable_the_defaults_of_the_runbook_hold(monkeypatch):
    settings = load(monkeypatch)

    assert settings.gustav_env is Environment.DEV
    assert (settings.vision_adapter, settings.feedback_adapter) == (VisionChoice.OCR, FeedbackChoice.STUB)
    assert settings.ollama_base_url == "http://ollama:11434"
    assert (settings.ai_timeout_vision, settings.ai_timeout_feedback, settings.ai_call_timeout) == (
        300,
        600,
        120,
    )
    assert (settings.worker_lease_seconds, settings.worker_max_retries, settings.worker_backoff_seconds) == (
        30,
        3,
        10,
    )
    assert (settings.worker_vision_concurrency, settings.worker_feedback_concurrency) == (1, 2)
    assert (settings.worker_poll_interval, settings.worker_drain_seconds) == (0.5, 25)
    assert settings.learning_data_dir.name == "learning-worker"
    assert leaves_the_machine(settings) is None


def test_settings_cannot_be_changed_once_loaded(monkeypatch):
    settings = load(monkeypatch)

    with pytest.raises(ValueError, match="frozen"):
        settings.web_port = 1  # type: ignore[misc]


@pytest.mark.parametrize("value", ["production", "Prod", " prod", ""])
def test_an_unknown_environment_stops_the_start(monkeypatch, value):
    assert "demo, dev, test, stage, prod" in problems(monkeypatch, GUSTAV_ENV=value)


@pytest.mark.parametrize("environment", ["stage", "prod"])
@pytest.mark.parametrize("name", ["AI_BACKEND", "LEARNING_VISION_ADAPTER", "LEARNING_FEEDBACK_ADAPTER"])
def test_the_stub_is_refused_where_pupils_get_real_feedback(monkeypatch, environment, name):
    models = {"AI_BACKEND": "local", "AI_VISION_MODEL": "v", "AI_FEEDBACK_MODEL": "f"}

    assert f"{name}=stub is refused" in problems(
        monkeypatch, **{**models, "GUSTAV_ENV": environment, name: "stub"}
    )


def test_the_default_backend_is_refused_in_production_too(monkeypatch):
    assert "AI_BACKEND=stub is refused" in problems(monkeypatch, GUSTAV_ENV="prod")


def test_migrate_needs_nothing_of_the_ai_settings(monkeypatch):
    assert load(monkeypatch, ai=False, GUSTAV_ENV="prod").gustav_env is Environment.PROD


def test_a_local_adapter_needs_the_name_of_its_model(monkeypatch):
    text = problems(monkeypatch, AI_BACKEND="local")

    assert "AI_VISION_MODEL is not set" in text
    assert "AI_FEEDBACK_MODEL is not set" in text


def test_a_phase_override_wins_over_the_backend(monkeypatch):
    settings = load(
        monkeypatch,
        AI_BACKEND="local",
        LEARNING_VISION_ADAPTER="ocr",
        AI_FEEDBACK_MODEL="m",
        GUSTAV_ENV="prod",
    )

    assert (settings.vision_adapter, settings.feedback_adapter) == (VisionChoice.OCR, FeedbackChoice.LOCAL)
    assert leaves_the_machine(settings) == "ollama:11434"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434", "http://127.0.0.1:11434", "http://127.0.0.53:80", "http://[::1]:11434",
        "http://ollama:11434", "http://OLLAMA:11434/", "https://gpu-1", "http://ai.school.example:11434",
        "http://10.1.2.3:11434",
    ],
)  # fmt: skip
def test_a_model_server_on_the_allow_list_is_accepted(monkeypatch, url):
    hosts = "ai.school.example:11434, 10.1.2.3:11434"

    assert load(monkeypatch, OLLAMA_BASE_URL=url, OLLAMA_ALLOWED_HOSTS=hosts).ollama_base_url.startswith(
        "http"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433:11434", "http://0x7f000001:11434", "http://0x7f.1:80", "http://127.1:80",
        "http://0177.0.0.1:80", "http://127.attacker.example:11434", "http://localhost.attacker.example",
        "http://user@ollama:11434", "http://user:pw@localhost", "http://ollama:11434/api", "http://ollama?x=1",
        "http://ollama#x", "http://ollama\\@evil.example", "http://ollama:11434 ", "http://ollama:0",
        "http://ollama:70000", "ftp://ollama", "ollama:11434", "http://", "http://ollama.", "http://[::2]:80",
        "http://ai.school.example:11435", "http://ai.school.example", "http://10.1.2.3:80", "http://olläma:1",
        "http://127.0.0.1\n:80",
    ],
)  # fmt: skip
def test_any_other_model_server_is_refused(monkeypatch, url):
    assert "OLLAMA_BASE_URL" in problems(
        monkeypatch, OLLAMA_BASE_URL=url, OLLAMA_ALLOWED_HOSTS="ai.school.example:11434,10.1.2.3:11434"
    )


@pytest.mark.parametrize(
    "hosts", ["school.example", "*.example:1", "http://a:1", "a:0", "2130706433:1", "a:1;b:2"]
)
def test_the_list_of_allowed_hosts_takes_exact_pairs_only(monkeypatch, hosts):
    assert "OLLAMA_ALLOWED_HOSTS" in problems(monkeypatch, OLLAMA_ALLOWED_HOSTS=hosts)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKER_LEASE_SECONDS", "0"), ("WORKER_LEASE_SECONDS", "30s"), ("AI_TIMEOUT_VISION", "3601"),
        ("AI_TIMEOUT_FEEDBACK", "0"), ("AI_CALL_TIMEOUT", "inf"), ("WORKER_BACKOFF_SECONDS", "nan"),
        ("WORKER_MAX_RETRIES", "-1"), ("WORKER_METRICS_PORT", "65536"), ("AI_BACKEND", "cloud"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_named_with_its_range(monkeypatch, name, value):
    text = problems(monkeypatch, **{name: value})

    assert name in text
    assert allowed(name) in text


def test_a_worker_without_a_slot_is_refused(monkeypatch):
    assert "both 0" in problems(monkeypatch, WORKER_VISION_CONCURRENCY="0", WORKER_FEEDBACK_CONCURRENCY="0")


@pytest.mark.parametrize("environment", ["demo", "test", "stage", "prod"])
def test_an_unsafe_login_is_for_development_only(monkeypatch, environment):
    text = problems(monkeypatch, GUSTAV_ENV=environment, LEARNING_ALLOW_UNSAFE_LOGIN="1")

    assert "LEARNING_ALLOW_UNSAFE_LOGIN is refused" in text


def test_the_worker_falls_back_to_the_web_dsn_then_to_its_own_database(monkeypatch):
    assert load(monkeypatch).dsn(DatabaseUse.WORKER) is None

    web = load(monkeypatch, DATABASE_URL="postgresql://web@db/school").dsn(DatabaseUse.WORKER)
    own = load(monkeypatch, LEARNING_DATABASE_URL="host=db user=gustav_worker").dsn(DatabaseUse.WORKER)

    assert web is not None
    assert web.get_secret_value() == "postgresql://web@db/school"
    assert own is not None
    assert own.get_secret_value() == "host=db user=gustav_worker"


@pytest.mark.parametrize("use", list(DatabaseUse))
def test_production_starts_no_database_of_its_own(monkeypatch, use):
    settings = load(monkeypatch, ai=False, GUSTAV_ENV="prod")

    with pytest.raises(SettingsError, match=use.value):
        settings.dsn(use)


def test_no_secret_or_wrong_value_comes_out_in_repr_or_errors(monkeypatch):
    canary = "canary-5f1c"
    settings = load(monkeypatch, **{use.value: f"postgresql://u:{canary}@db/x" for use in DatabaseUse})

    assert canary not in repr(settings)
    assert canary not in str(settings)
    names = [name.upper() for name in Settings.model_fields if name not in {"learning_data_dir", "web_host"}]
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **dict.fromkeys(set(names) - {"METRICS_HOST"}, f"://{canary}"))
    assert canary not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(caught.value.problems) >= 20


def test_every_problem_is_told_in_german_too(monkeypatch):
    names = [name.upper() for name in Settings.model_fields if name not in {"learning_data_dir", "web_host"}]
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, **dict.fromkeys(set(names) - {"METRICS_HOST"}, "://x"))
    for name in names:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError) as fighting:
        load(
            monkeypatch,
            GUSTAV_ENV="prod",
            OLLAMA_BASE_URL="http://10.1.2.3:80",
            LEARNING_ALLOW_UNSAFE_LOGIN="1",
            WORKER_VISION_CONCURRENCY="0",
            WORKER_FEEDBACK_CONCURRENCY="0",
            LEARNING_VISION_ADAPTER="local",
        )

    told = refused.value.problems + fighting.value.problems
    assert len(told) >= 25
    for problem in told:
        assert problem.german != problem.english
        # No English rest inside a German sentence.
        assert not {"must", "is", "allowed", "refused", "with"} & set(problem.german.split()), problem.german
        assert problem.german.split()[0].split("=")[0] == problem.english.split()[0].split("=")[0]


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_AT", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "de"),
        ({"LANG": ""}, "en"),
    ],
)
def test_a_terminal_set_to_german_is_spoken_to_in_german(monkeypatch, variables, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert spoken_language() == language


def test_a_file_in_the_secrets_directory_is_read_and_the_environment_wins(monkeypatch, tmp_path: Path):
    (tmp_path / "database_url").write_text("postgresql://file@db/x\n")
    (tmp_path / "web_port").write_text("1234")

    settings = load(monkeypatch, LEARNING_SECRETS_DIR=str(tmp_path), WEB_PORT="4321")

    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://file@db/x"
    assert settings.web_port == 4321


def test_a_missing_secrets_directory_stops_the_start(monkeypatch, tmp_path: Path):
    assert "LEARNING_SECRETS_DIR" in problems(monkeypatch, LEARNING_SECRETS_DIR=str(tmp_path / "none"))


def test_an_empty_variable_counts_as_unset(monkeypatch):
    assert load(monkeypatch, WEB_PORT="", AI_FEEDBACK_MODEL="").web_port == 8080


def test_every_setting_says_what_it_means():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert os.environ.get("GUSTAV_ENV") is None


BUCKET = {
    "STORAGE_BUCKET": "files",
    "STORAGE_ENDPOINT": "https://Base.School.example/storage/v1/s3/",
    "STORAGE_ACCESS_KEY_ID": "key-id",
    "STORAGE_SECRET_ACCESS_KEY": "canary-key",
}


def test_a_bucket_says_where_files_go_and_hides_its_key(monkeypatch):
    settings = load(monkeypatch, **BUCKET)

    assert settings.storage_endpoint == "https://base.school.example/storage/v1/s3"
    assert files_leave_the_machine(settings) == "base.school.example"
    assert "canary-key" not in repr(settings)


@pytest.mark.parametrize("name", list(BUCKET)[1:])
def test_a_bucket_without_its_server_or_key_is_refused(monkeypatch, name):
    given = {key: value for key, value in BUCKET.items() if key != name}

    assert problems(monkeypatch, **given) == f"{name} is not set; STORAGE_BUCKET needs it."


@pytest.mark.parametrize(
    "endpoint", ["http://base.school.example", "https://a@b.example", "base:9000", "https://b.example/?a=1"]
)
def test_a_bucket_on_an_address_that_could_be_somebody_else_is_refused(monkeypatch, endpoint):
    found = problems(monkeypatch, **{**BUCKET, "STORAGE_ENDPOINT": endpoint})

    assert "STORAGE_ENDPOINT is refused" in found
    assert endpoint not in found


def test_files_stay_on_this_machine_unless_a_bucket_is_named(monkeypatch):
    monkeypatch.setenv("STORAGE_ENDPOINT", "https://base.school.example")

    assert files_leave_the_machine(load(monkeypatch)) is None


def test_a_text_waits_a_day_for_its_pupil_or_as_long_as_is_set(monkeypatch):
    a_day = worker_bounds(load(monkeypatch))
    a_weekend = worker_bounds(load(monkeypatch, CONFIRM_TEXT_HOURS="72"))

    assert (a_day.confirm_s, a_weekend.confirm_s) == (24 * 3600, 72 * 3600)
    assert "from 1 to 720" in problems(monkeypatch, CONFIRM_TEXT_HOURS="721")
