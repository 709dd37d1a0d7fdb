"""Every setting once, with its default, unit, range and meaning."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Self

from platformdirs import user_data_path
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from learning_worker.domain.model_server import exact_hosts, host_and_port
from learning_worker.domain.object_server import endpoint_of
from learning_worker.domain.sentences import Sentence
from learning_worker.settings.choices import (
    Backend,
    DatabaseUse,
    Environment,
    FeedbackChoice,
    LogLevel,
    SettingsError,
    VisionChoice,
)
from learning_worker.settings.refusals import accepted, refusal
from learning_worker.settings.rules import ai_problems, general_problems

Port = Annotated[int, Field(ge=0, le=65535)]
PhaseSeconds = Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)]
_NO_SECRETS = Sentence(
    "LEARNING_SECRETS_DIR is not a directory that can be read.",
    "LEARNING_SECRETS_DIR ist kein Verzeichnis, das sich lesen lässt.",
)


class Settings(BaseSettings):
    """All settings, frozen. A field's name is its variable's name in lower case; `Settings.load()` is the way in."""

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True, protected_namespaces=()
    )

    gustav_env: Environment = Field(
        default=Environment.DEV,
        description="What this deployment is for. Any other value stops the start; so does an empty one.",
    )
    learning_data_dir: Path = Field(
        default_factory=lambda: user_data_path("learning-worker"),
        description="Directory for handed-in files, the embedded database and caches.",
    )
    learning_log_level: LogLevel = Field(
        default=LogLevel.INFO, description="The least important level that is written to the log."
    )
    learning_allow_unsafe_login: bool = Field(
        default=False,
        description="Start even though the database login is a superuser or an owner. Only where GUSTAV_ENV is dev.",
    )

    storage_bucket: str | None = Field(
        default=None,
        pattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="Bucket for handed-in files, behind S3's protocol. Unset: the folder `objects` in LEARNING_DATA_DIR.",
    )
    storage_endpoint: str | None = Field(
        default=None,
        description="The bucket's server: https, host, port and path, such as https://HOST/storage/v1/s3 of Supabase. "
        "http only for loopback and names of one label. Needed with STORAGE_BUCKET; pupils' files go there.",
    )
    storage_region: str = Field(
        default="us-east-1",
        pattern="^[A-Za-z0-9-]{1,60}$",
        description="Region that the bucket's server expects in signatures.",
    )
    storage_access_key_id: SecretStr | None = Field(
        default=None, description="Name of the key that opens the bucket. Needed with STORAGE_BUCKET."
    )
    storage_secret_access_key: SecretStr | None = Field(
        default=None, description="The key itself. Needed with STORAGE_BUCKET; best in LEARNING_SECRETS_DIR."
    )

    learning_database_url: SecretStr | None = Field(
        default=None,
        description="DSN of the worker, a login in `gustav_worker`. Unset: DATABASE_URL; "
        "neither set: the embedded database (only where GUSTAV_ENV is demo or dev).",
    )
    database_url: SecretStr | None = Field(
        default=None, description="DSN of web and API, a login in `gustav_limited`."
    )
    session_database_url: SecretStr | None = Field(
        default=None, description="DSN of the session store alone, a login in `gustav_sessions`."
    )
    operator_database_url: SecretStr | None = Field(
        default=None, description="DSN of queue commands and operator pages, a login in `gustav_operator`."
    )
    migration_database_url: SecretStr | None = Field(
        default=None,
        description="DSN of `migrate`: the database owner with CREATEROLE, or Supabase's `postgres`.",
    )

    ai_backend: Backend = Field(
        default=Backend.STUB,
        description="Who reads and assesses. stub: local OCR and a demo feedback without AI; "
        "local: the model server for both. stub is refused where GUSTAV_ENV is stage or prod.",
    )
    learning_vision_adapter: VisionChoice | None = Field(
        default=None,
        description="Overrides AI_BACKEND for reading. stub (a fixed text, for tests) is refused in stage and prod.",
    )
    learning_feedback_adapter: FeedbackChoice | None = Field(
        default=None,
        description="Overrides AI_BACKEND for assessing. stub is refused where GUSTAV_ENV is stage or prod.",
    )
    ai_vision_model: str | None = Field(
        default=None,
        max_length=200,
        description="Name of the model that reads pages. Needed when reading is local.",
    )
    ai_feedback_model: str | None = Field(
        default=None,
        max_length=200,
        description="Name of the model that assesses. Needed when assessing is local.",
    )
    ollama_base_url: str = Field(
        default="http://ollama:11434",
        description="Model server: http or https, host and port, nothing else. Allowed hosts: loopback, "
        "names of one label (a Compose service), and OLLAMA_ALLOWED_HOSTS.",
    )
    ollama_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Further model servers that may be asked, as exact `host:port`, separated by commas.",
    )
    ai_timeout_vision: PhaseSeconds = Field(
        default=300, description="Deadline of one whole reading phase, in seconds."
    )
    ai_timeout_feedback: PhaseSeconds = Field(
        default=600, description="Deadline of one whole feedback phase, in seconds."
    )
    ai_call_timeout: PhaseSeconds = Field(default=120, description="Deadline of one model call, in seconds.")
    ai_context_tokens: int = Field(
        default=8192,
        ge=2048,
        le=131072,
        description="Tokens that the assessing model may hold at once, at most its own context; more takes more memory. "
        "An answer that does not fit is read in sections.",
    )
    ai_answer_tokens: int = Field(
        default=512, ge=128, le=1024, description="Tokens that one answer of the assessing model may have."
    )

    confirm_text_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        description="How long an answer waits for its pupil to confirm what was read, in hours; "
        "then it goes on as it was read.",
    )

    learning_max_file_mib: int = Field(
        default=20, ge=1, le=90, description="Largest file that may be handed in, in MiB."
    )
    learning_max_files: int = Field(default=10, ge=1, le=50, description="Files of one answer.")
    learning_max_answer_mib: int = Field(
        default=60, ge=1, le=1000, description="All files of one answer together, in MiB."
    )
    learning_max_pages: int = Field(default=50, ge=1, le=500, description="Pages of one PDF.")
    learning_max_megapixels: int = Field(
        default=40,
        ge=1,
        le=100,
        description="Largest photo, or picture in a PDF, in million pixels. A child has 1 GiB to open it in.",
    )
    learning_max_page_cm: int = Field(
        default=500, ge=30, le=500, description="Longest side of a PDF's page, in centimetres."
    )

    worker_lease_seconds: int = Field(
        default=30, ge=1, le=3600, description="Length of a lease, in seconds; renewed at a third of it."
    )
    worker_max_retries: int = Field(
        default=3, ge=0, le=20, description="Further runs of a phase after a first one that failed."
    )
    worker_backoff_seconds: float = Field(
        default=10,
        ge=0,
        le=900,
        allow_inf_nan=False,
        description="Wait before the first retry, in seconds; doubled each time, ±20 %, at most 15 minutes.",
    )
    worker_poll_interval: float = Field(
        default=0.5,
        ge=0.01,
        le=60,
        allow_inf_nan=False,
        description="Seconds between two looks at the queue without LISTEN; with LISTEN it is 5 s.",
    )
    worker_vision_concurrency: int = Field(
        default=1, ge=0, le=64, description="Reading phases at a time; 0: this worker only assesses."
    )
    worker_feedback_concurrency: int = Field(
        default=2, ge=0, le=64, description="Feedback phases at a time; 0: this worker only reads."
    )
    worker_model_affinity_seconds: float = Field(
        default=0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="For a GPU that holds one model at a time: stay with the loaded model until work for the other has "
        "waited this long, in seconds; 0: both models fit, reading and assessing run side by side. A worker knows its own "
        "phase only: with this on, run one worker process per graphics card.",
    )
    worker_drain_seconds: float = Field(
        default=25,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="Time for running work to finish after SIGTERM, in seconds; the rest is released uncharged.",
    )

    web_host: str = Field(default="127.0.0.1", description="Address that the web process binds.")
    web_port: Port = Field(default=8080, description="Port of the web process; 0: any free one.")
    web_local_gateways: Annotated[tuple[IPv4Address, ...], NoDecode] = Field(
        default=(),
        description="Addresses that browsers on this machine come from, beside loopback, separated by commas: the gateway "
        "of the container network that the demo's port is published from. The demo's sign-in is open to them.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address of the metrics ports. Metrics hold no names, but keep them inside the machine or network.",
    )
    worker_metrics_port: Port = Field(default=9464, description="Port of the worker's metrics; 0: none.")
    web_metrics_port: Port = Field(default=9465, description="Port of the web process's metrics; 0: none.")

    @field_validator(
        "learning_database_url",
        "database_url",
        "session_database_url",
        "operator_database_url",
        "migration_database_url",
    )
    @classmethod
    def _is_dsn(cls, dsn: SecretStr | None) -> SecretStr | None:
        try:
            is_readable = dsn is None or bool(conninfo_to_dict(dsn.get_secret_value()))
        except (ProgrammingError, UnicodeError):
            # The parser's own message quotes what it could not read, which is most often the password.
            is_readable = False
        if not is_readable:
            raise ValueError(
                "must be a postgresql:// URL, with %25 for % in a password, or a key=value connection string"
            )
        return dsn

    @field_validator("storage_endpoint")
    @classmethod
    def _is_endpoint(cls, url: str | None) -> str | None:
        return None if url is None else endpoint_of(url)[0]

    @field_validator("ollama_base_url")
    @classmethod
    def _is_server(cls, url: str) -> str:
        host_and_port(url)
        return url.rstrip("/").lower()

    @field_validator("ollama_allowed_hosts", "web_local_gateways", mode="before")
    @classmethod
    def _split(cls, hosts: object) -> object:
        return (
            tuple(host.strip() for host in hosts.split(",") if host.strip())
            if isinstance(hosts, str)
            else hosts
        )

    @field_validator("ollama_allowed_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return exact_hosts(hosts)

    @classmethod
    def load(cls, *, ai: bool = True) -> Self:
        """The settings of this process, from the environment and, where it is set, from LEARNING_SECRETS_DIR.

        ai=False: for commands that never start an adapter (migrate, health); what the AI needs is then not asked for.
        Raises SettingsError with one sentence per problem; no sentence repeats a value.
        """
        folder = os.environ.get("LEARNING_SECRETS_DIR") or None
        if folder is not None and not Path(folder).is_dir():
            raise SettingsError([_NO_SECRETS])
        try:
            settings = cls(_secrets_dir=folder)
        except ValidationError as error:
            problems = [_refusal(e["loc"], e["type"], e["msg"]) for e in error.errors(include_input=False)]
            # `from None`: the original error knows the values, and a traceback would print its cause.
            raise SettingsError(problems) from None
        problems = general_problems(settings) + (ai_problems(settings) if ai else [])
        if problems:
            raise SettingsError(problems)
        return settings

    @property
    def vision_adapter(self) -> VisionChoice:
        """Who reads, after the override."""
        by_backend = VisionChoice.OCR if self.ai_backend is Backend.STUB else VisionChoice.LOCAL
        return self.learning_vision_adapter or by_backend

    @property
    def feedback_adapter(self) -> FeedbackChoice:
        """Who assesses, after the override."""
        return self.learning_feedback_adapter or FeedbackChoice(self.ai_backend)

    @property
    def worker_dsn(self) -> SecretStr | None:
        """LEARNING_DATABASE_URL, else DATABASE_URL, else None."""
        return self.learning_database_url or self.database_url

    def dsn(self, use: DatabaseUse) -> SecretStr | None:
        """The DSN for one use; None means the embedded database.

        Raises SettingsError when it is not set and this deployment must not start a database of its own.
        """
        found: SecretStr | None = (
            self.worker_dsn if use is DatabaseUse.WORKER else getattr(self, use.value.lower())
        )
        if found is None and self.gustav_env not in {Environment.DEMO, Environment.DEV}:
            raise SettingsError(
                [
                    Sentence(
                        f"{use.value} is not set; without it only GUSTAV_ENV=demo and dev can start, on a database of their"
                        " own.",
                        f"{use.value} ist nicht gesetzt; ohne das starten nur GUSTAV_ENV=demo und dev, mit einer eigenen"
                        " Datenbank.",
                    )
                ]
            )
        return found


def _refusal(loc: tuple[int | str, ...], kind: str, message: str) -> Sentence:
    name = str(loc[0]) if loc else ""
    return refusal(name.upper() or "The environment", Settings.model_fields.get(name), kind, message)


def allowed(name: str) -> str:
    """What a setting accepts, in English words. name: upper or lower case."""
    return accepted(Settings.model_fields[name.lower()]).english


def spoken_language() -> str:
    """`de` where the terminal or the service is set to German (LC_ALL, LC_MESSAGES, LANG), else `en`."""
    locale = next(
        (found for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (found := os.environ.get(name))), ""
    )
    return "de" if locale.lower().startswith("de") else "en"


def child_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of the product that we start: ours, with these settings on top."""
    return {**os.environ, **settings}
