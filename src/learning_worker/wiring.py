"""Composition root: settings become a pool, adapters, a store, a worker, a web application. The only file that knows all.

What only one command needs (web framework, model client) is imported where it is built: a worker is up in half the time.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.adapters.stub import StubFeedback
from learning_worker.db import embedded, logins
from learning_worker.db.endings import Endings
from learning_worker.db.health import Check, HealthReport, health_report
from learning_worker.db.line import Line
from learning_worker.db.notify import listen
from learning_worker.db.pool import Database, DatabaseUnavailable, UnsafeLogin, refuse_unsafe_login
from learning_worker.db.queue import LeaseTerms, Renewal
from learning_worker.domain.errors import AnalysisError
from learning_worker.domain.person_reads import DEFAULT_PHRASES, PhraseList, phrase_list
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.submission import Phase
from learning_worker.observability.logs import logger
from learning_worker.observability.metrics import Metrics, MetricsServer
from learning_worker.ports import FeedbackAdapter, VisionAdapter
from learning_worker.settings import (
    DatabaseUse,
    Environment,
    FeedbackChoice,
    Settings,
    SettingsError,
    VisionChoice,
)
from learning_worker.storage.objects import ObjectStore, new_key
from learning_worker.web.deps import DemoPerson, WebDeps
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Bounds, Deps
from learning_worker.worker.runner import Runner
from learning_worker.worker.schedule import Plan

if TYPE_CHECKING:
    from learning_worker.adapters.asking import Program
    from learning_worker.adapters.ollama import OllamaClient

DATABASE_NAME = "learning"
LOW_DISK_MIB = 500
MODEL_SERVER_S = 4.0
JOBS_CHANNEL = "learning_jobs"
log = logger(__name__)
NOT_BUILT = "Reading with the model server is not part of this version yet; set LEARNING_VISION_ADAPTER=ocr."
PHRASES_FILE = "person_reads.txt"


@dataclass(frozen=True)
class Dsns:
    """Connection strings by use; None where this process was not given one."""

    worker: str | None = field(default=None, repr=False)
    app: str | None = field(default=None, repr=False)
    sessions: str | None = field(default=None, repr=False)
    operator: str | None = field(default=None, repr=False)
    migration: str | None = field(default=None, repr=False)


def postgres_directory(settings: Settings) -> Path:
    """Where the embedded database lies."""
    return settings.learning_data_dir / "postgres"


@contextmanager
def databases(settings: Settings, *needed: DatabaseUse) -> Iterator[Dsns]:
    """The DSNs for these uses; without any of them, in demo and dev, those of the embedded database, kept running meanwhile.

    Raises SettingsError, EmbeddedError or MigrationError.
    """
    given = {use: settings.dsn(use) for use in needed}
    if all(dsn is None for dsn in given.values()):
        with embedded.server(postgres_directory(settings)) as server:
            made = logins.provision(server, DATABASE_NAME)
            yield Dsns(made.worker, made.app, made.sessions, made.operator, made.migration)
        return
    missing = [use.value for use, dsn in given.items() if dsn is None]
    if missing:
        raise SettingsError([f"{name} is not set, but another database setting is." for name in missing])
    yield Dsns(
        worker=_plain(given.get(DatabaseUse.WORKER)),
        app=_plain(given.get(DatabaseUse.WEB)),
        sessions=_plain(given.get(DatabaseUse.SESSIONS)),
        operator=_plain(given.get(DatabaseUse.OPERATOR)),
        migration=_plain(given.get(DatabaseUse.MIGRATION)),
    )


def _plain(dsn: SecretStr | None) -> str | None:
    return dsn.get_secret_value() if dsn is not None else None


def vision_adapter(settings: Settings) -> VisionAdapter:
    """Who reads pictures of pages. Raises SettingsError for an adapter this version does not hold."""
    if settings.vision_adapter is not VisionChoice.OCR:
        raise SettingsError([NOT_BUILT])
    return OcrVision(page_timeout_s=settings.ai_call_timeout)


def feedback_adapter(settings: Settings) -> FeedbackAdapter:
    """Who assesses texts."""
    if settings.feedback_adapter is FeedbackChoice.STUB:
        return StubFeedback()
    from learning_worker.adapters.asking import ModelTerms
    from learning_worker.adapters.local_feedback import LocalFeedback

    terms = ModelTerms(
        # Settings.load() has refused a local adapter without a model.
        model=settings.ai_feedback_model or "",
        phase_s=settings.ai_timeout_feedback,
        call_s=settings.ai_call_timeout,
    )
    return LocalFeedback(ollama_client(settings), terms, dspy_program())


def ollama_client(settings: Settings) -> OllamaClient:
    """The client of the model server."""
    from learning_worker.adapters.ollama import OllamaClient, OllamaConfig

    return OllamaClient(OllamaConfig(settings.ollama_base_url, settings.ollama_allowed_hosts))


def dspy_program() -> Program | None:
    """The program that asks first, or None where DSPy cannot be imported: then fixed prompts do all the work."""
    try:
        # Here, not above: importing DSPy takes seconds, and only a worker with a model needs it.
        from learning_worker.adapters.dspy_program import DspyProgram
    except ImportError as error:
        log.warning("dspy_missing", exc_info=error)
        return None
    return DspyProgram()


def person_reads(settings: Settings) -> PhraseList:
    """What makes a person read an answer: `person_reads.txt` in the data directory, else the list of this version.

    Raises SettingsError when the file is there and cannot be used.
    """
    path = settings.learning_data_dir / PHRASES_FILE
    try:
        return phrase_list(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return DEFAULT_PHRASES
    except (OSError, ValueError) as error:
        raise SettingsError([f"{PHRASES_FILE} in LEARNING_DATA_DIR cannot be used."]) from error


def object_store(settings: Settings) -> ObjectStore:
    """Where handed-in files are kept. Raises TransientError when the directory cannot be made."""
    return object_store_in(settings.learning_data_dir)


def object_store_in(data_dir: Path) -> ObjectStore:
    """The same for a data directory."""
    return ObjectStore.in_directory(data_dir / "objects")


def new_object_key() -> str:
    """A fresh server-made name for a file."""
    return new_key()


@asynccontextmanager
async def worker(settings: Settings, dsn: str) -> AsyncIterator[Runner]:
    """A worker ready to run; everything it holds is freed afterwards."""
    db = Database(
        dsn,
        max_size=min(8, settings.worker_vision_concurrency + settings.worker_feedback_concurrency + 1),
        answer_s=max(2.0, settings.worker_lease_seconds / 2),
    )
    vision, feedback = vision_adapter(settings), feedback_adapter(settings)
    lease_s = settings.worker_lease_seconds
    leases = Leases(Renewal(dsn, lease_s), lease_s, time.monotonic)
    line, endings = Line(dsn, "lease"), Endings(Line(dsn, "endings", answer_s=max(2.0, lease_s / 2)))
    deps = Deps(
        db=db,
        endings=endings,
        blobs=object_store(settings),
        decoder=SandboxDecoder(),
        vision=vision,
        feedback=feedback,
        leases=leases,
        retry=RetryPolicy(settings.worker_max_retries, settings.worker_backoff_seconds),
        bounds=Bounds(vision_s=settings.ai_timeout_vision, feedback_s=settings.ai_timeout_feedback),
        random=random.Random(),
        endpoints=model_servers(settings),
        person_reads=person_reads(settings),
    )
    await db.open()
    try:
        yield Runner(
            deps=deps,
            line=line,
            terms=LeaseTerms(worker_name(), lease_s, settings.worker_max_retries + 1),
            plan=worker_plan(settings),
            metrics=Metrics(),
            clock=time.monotonic,
            wakeups=lambda on_lost: listen(dsn, JOBS_CHANNEL, on_lost),
        )
    finally:
        await vision.aclose()
        await feedback.aclose()
        await endings.close()
        await line.close()
        await db.close()


def model_servers(settings: Settings) -> dict[Phase, str]:
    """The model server behind each phase that asks one; they share a breaker when they share a server."""
    servers = {}
    if settings.vision_adapter is VisionChoice.LOCAL:
        servers[Phase.VISION] = settings.ollama_base_url
    if settings.feedback_adapter is FeedbackChoice.LOCAL:
        servers[Phase.FEEDBACK] = settings.ollama_base_url
    return servers


def worker_plan(settings: Settings) -> Plan:
    """How the worker shares itself out."""
    return Plan(
        slots={
            Phase.VISION: settings.worker_vision_concurrency,
            Phase.FEEDBACK: settings.worker_feedback_concurrency,
        },
        poll_s=settings.worker_poll_interval,
        drain_s=settings.worker_drain_seconds,
        affinity_s=settings.worker_model_affinity_seconds,
        endpoints=model_servers(settings),
    )


def worker_name() -> str:
    """Unique among running workers, and no secret."""
    return f"{socket.gethostname()[:60]}-{os.getpid()}-{os.urandom(3).hex()}"


def required(dsn: str | None) -> str:
    """The DSN, where `databases` was asked for it."""
    if dsn is None:
        raise RuntimeError("this use was not asked for")
    return dsn


async def work(runner: Runner, settings: Settings) -> None:
    """Wait for the database, then work, until SIGTERM; a second one gives everything back at once. Raises UnsafeLogin."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            runner.hurry()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    stopping = asyncio.create_task(stop.wait())
    safe = asyncio.create_task(await_safe_login(runner.deps.db, settings))
    await asyncio.wait({stopping, safe}, return_when=asyncio.FIRST_COMPLETED)
    if safe.done():
        safe.result()
        await runner.run(stop)
    safe.cancel()
    stopping.cancel()


async def await_safe_login(db: Database, settings: Settings) -> None:
    """Wait until the database answers, then refuse a login that could see every row. Raises UnsafeLogin."""
    while True:
        try:
            await refuse_unsafe_login(db)
        except DatabaseUnavailable:
            log.warning("database_unavailable")
            await asyncio.sleep(1.0)
        except UnsafeLogin:
            if not settings.learning_allow_unsafe_login:
                raise
            log.warning("unsafe_login_allowed")
            return
        else:
            return


def serve_metrics(metrics: Metrics, host: str, port: int) -> MetricsServer | None:
    """Answer /metrics, unless the port is 0. Raises SettingsError when somebody else has the port."""
    if port == 0:
        return None
    try:
        return metrics.serve(port, host)
    except OSError:
        raise SettingsError([f"The metrics port {port} is in use; set another one, or 0 for none."]) from None


async def health(dsn: str) -> HealthReport:
    """The database's health probe, asked once."""
    db = Database(dsn, max_size=1)
    await db.open()
    try:
        return await health_report(db)
    finally:
        await db.close()


async def serve_web(settings: Settings, dsns: Dsns, demo_people: Sequence[DemoPerson] = ()) -> None:
    """Serve pages and API until SIGTERM. Raises UnsafeLogin, SettingsError."""
    import uvicorn

    from learning_worker.web.app import create_app

    db, sessions = Database(required(dsns.app)), Database(required(dsns.sessions), max_size=4)
    await db.open()
    await sessions.open()
    try:
        await await_safe_login(db, settings)
        deps = WebDeps(
            db=db,
            sessions=sessions,
            blobs=object_store(settings),
            env=settings.gustav_env,
            listen_dsn=required(dsns.app),
            health_checks=(lambda: model_server_check(settings), lambda: storage_check(settings)),
            demo_people=demo_people if settings.gustav_env is Environment.DEMO else (),
            local_gateways=tuple(str(address) for address in settings.web_local_gateways),
        )
        config = uvicorn.Config(
            create_app(deps),
            host=settings.web_host,
            port=settings.web_port,
            # Our own log lines only: uvicorn's would hold addresses and paths.
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        await uvicorn.Server(config).serve()
    finally:
        await sessions.close()
        await db.close()


async def model_server_check(settings: Settings) -> Check:
    """Whether the model server answers and has the models that these settings ask; well when they ask none."""
    asked = {Phase.VISION: settings.ai_vision_model, Phase.FEEDBACK: settings.ai_feedback_model}
    models = {asked[phase] or "" for phase in model_servers(settings)}
    if not models:
        return Check("model_server", "ok", "not used")
    client = ollama_client(settings)
    try:
        # One deadline for all: a page of health must not wait for a server that hangs.
        async with asyncio.timeout(MODEL_SERVER_S):
            for model in models:
                await client.digest(model)
    except (AnalysisError, TimeoutError) as error:
        return Check("model_server", "failed", error.code if isinstance(error, AnalysisError) else "timeout")
    finally:
        await client.aclose()
    return Check("model_server", "ok", f"models={len(models)}")


async def storage_check(settings: Settings) -> Check:
    """Whether handed-in files can be kept: the directory is there, may be written, and has room."""
    directory = settings.learning_data_dir / "objects"
    try:
        free_mib = shutil.disk_usage(directory).free // 2**20
    except OSError:
        return Check("storage", "failed", "directory missing")
    if not os.access(directory, os.W_OK):
        return Check("storage", "failed", "directory not writable")
    return Check("storage", "ok" if free_mib >= LOW_DISK_MIB else "failed", f"free_mib={free_mib}")
