"""The processes: a worker, a web server, a question to the health probe."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from learning_worker.adapters.rasterise import MAX_KEPT_BYTES, DecodeLimits, SandboxCleaner, SandboxDecoder
from learning_worker.db.endings import Endings
from learning_worker.db.health import Check, HealthReport, health_report
from learning_worker.db.line import Asks, Line
from learning_worker.db.notify import listen
from learning_worker.db.pool import Database, DatabaseUnavailable
from learning_worker.db.queue import LeaseTerms, Renewal
from learning_worker.db.safe_login import UnsafeLogin, refuse_unsafe_login
from learning_worker.domain.retry import RetryPolicy
from learning_worker.domain.sentences import Sentence
from learning_worker.domain.submission import Phase
from learning_worker.domain.upload import UploadLimits
from learning_worker.observability.logs import logger
from learning_worker.observability.metrics import Metrics, MetricsServer, WebMetrics
from learning_worker.settings import Environment, Settings, SettingsError, VisionChoice
from learning_worker.web.deps import DemoPerson, WebDeps
from learning_worker.wiring.ai import (
    feedback_adapter,
    model_server_check,
    model_servers,
    person_reads,
    vision_adapter,
)
from learning_worker.wiring.databases import Dsns, required
from learning_worker.wiring.probing import Probes, log_capabilities
from learning_worker.wiring.stores import object_store, storage_check
from learning_worker.worker.lease import Leases
from learning_worker.worker.pipeline import Bounds, Deps
from learning_worker.worker.runner import Runner, settle_memory
from learning_worker.worker.schedule import Plan

MIB, POINTS_PER_CM = 2**20, 72 / 2.54
JOBS_CHANNEL = "learning_jobs"
_ENDING = (signal.SIGTERM, signal.SIGINT)
log = logger(__name__)


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
        decoder=decoder(settings),
        vision=vision,
        feedback=feedback,
        leases=leases,
        retry=RetryPolicy(settings.worker_max_retries, settings.worker_backoff_seconds),
        bounds=worker_bounds(settings),
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


def worker_bounds(settings: Settings) -> Bounds:
    """The worker's deadlines and waits."""
    return Bounds(
        vision_s=settings.ai_timeout_vision,
        feedback_s=settings.ai_timeout_feedback,
        confirm_s=settings.confirm_text_hours * 3600,
    )


def decoder(settings: Settings) -> SandboxDecoder:
    """Who opens files for the worker; pages are as large as the one who reads them makes use of."""
    limits = kept_limits(settings)
    if settings.vision_adapter is VisionChoice.LOCAL:
        from learning_worker.adapters.local_vision import MAX_SIDE

        limits = replace(limits, max_side=MAX_SIDE)
    return SandboxDecoder(limits, is_strict=True)


def decode_limits(settings: Settings) -> DecodeLimits:
    """What one file may cost."""
    return DecodeLimits(
        max_file_bytes=settings.learning_max_file_mib * MIB,
        max_pages=settings.learning_max_pages,
        max_pixels=settings.learning_max_megapixels * 1_000_000,
        max_page_points=settings.learning_max_page_cm * POINTS_PER_CM,
    )


def kept_limits(settings: Settings) -> DecodeLimits:
    """The same for a file that was taken in: a PDF whose pages became pictures may have grown."""
    return replace(decode_limits(settings), max_file_bytes=MAX_KEPT_BYTES)


def upload_limits(settings: Settings) -> UploadLimits:
    """How much one answer may bring."""
    return UploadLimits(
        max_file_bytes=settings.learning_max_file_mib * MIB,
        max_files=settings.learning_max_files,
        max_submission_bytes=settings.learning_max_answer_mib * MIB,
    )


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


async def work(runner: Runner, settings: Settings) -> None:
    """Wait for the database, then work, until SIGTERM; a second one gives everything back at once. Raises UnsafeLogin."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            runner.hurry()
        stop.set()

    def heard(*_: object) -> None:
        loop.call_soon_threadsafe(on_signal)

    for number in _ENDING:
        # Not by the loop: its handlers end with it, and one signal more would kill a worker that has given all back.
        signal.signal(number, heard)
    stopping = asyncio.create_task(stop.wait())
    safe = asyncio.create_task(await_safe_login(runner.deps.db, settings))
    await asyncio.wait({stopping, safe}, return_when=asyncio.FIRST_COMPLETED)
    if safe.done():
        safe.result()
        settle_memory()
        probing = asyncio.create_task(log_capabilities(settings))
        await runner.run(stop)
        probing.cancel()
    safe.cancel()
    stopping.cancel()
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


async def await_safe_login(db: Database, settings: Settings) -> None:
    """Wait until the database answers, then refuse a login that could see every row. Raises UnsafeLogin."""
    while True:
        try:
            await safe_login(db, settings)
        except DatabaseUnavailable:
            log.warning("database_unavailable")
            await asyncio.sleep(1.0)
        else:
            return


async def safe_login(asks: Asks, settings: Settings) -> None:
    """Refuse a login that could see every row, unless the settings allow it. Raises UnsafeLogin, DatabaseUnavailable."""
    try:
        await refuse_unsafe_login(asks)
    except UnsafeLogin:
        if not settings.learning_allow_unsafe_login:
            raise
        log.warning("unsafe_login_allowed")


def serve_metrics(metrics: Metrics | WebMetrics, host: str, port: int) -> MetricsServer | None:
    """Answer /metrics, unless the port is 0. Raises SettingsError when somebody else has the port."""
    if port == 0:
        return None
    try:
        return metrics.serve(port, host)
    except OSError:
        problem = Sentence(
            f"The metrics port {port} is in use; set another one, or 0 for none.",
            f"Der Metrik-Port {port} ist belegt; einen anderen setzen, oder 0 für keinen.",
        )
        raise SettingsError([problem]) from None


async def health(dsn: str) -> HealthReport:
    """The database's health probe, asked once."""
    db = Database(dsn, max_size=1)
    await db.open()
    try:
        return await health_report(db)
    finally:
        await db.close()


def health_checks(
    settings: Settings, probes: Probes | None = None
) -> tuple[Callable[[], Awaitable[Check]], ...]:
    """What the health page asks beside the database: the model server and the store of files."""
    known = probes.codes if probes is not None else None
    return (lambda: model_server_check(settings, known), lambda: storage_check(settings))


def _listen(host: str, port: int) -> socket.socket:
    """The pages' socket, bound before anything else starts. Raises SettingsError: uvicorn would end without a word."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = Sentence(
                f"WEB_PORT {port} is in use; stop the other program (ss -ltnp names it), or set another port.",
                f"WEB_PORT {port} ist belegt; das andere Programm beenden (ss -ltnp nennt es) oder einen anderen setzen.",
            )
        else:
            problem = Sentence(
                f"WEB_HOST and WEB_PORT {port} cannot be used: the address is not this machine's, or the port is reserved.",
                f"WEB_HOST mit WEB_PORT {port} geht nicht: Die Adresse gehört nicht diesem Rechner, oder der Port ist"
                " geschützt.",
            )
        raise SettingsError([problem]) from None


async def serve_web(settings: Settings, dsns: Dsns, demo_people: Sequence[DemoPerson] = ()) -> None:
    """Serve pages and API until SIGTERM. Raises UnsafeLogin, SettingsError."""
    import uvicorn

    from learning_worker.web.app import create_app

    listening = _listen(settings.web_host, settings.web_port)
    db, sessions = Database(required(dsns.app)), Database(required(dsns.sessions), max_size=4)
    metrics: MetricsServer | None = None
    probes = Probes(settings)
    await db.open()
    await sessions.open()
    try:
        for pool in (db, sessions):
            await await_safe_login(pool, settings)
        deps = WebDeps(
            db=db,
            sessions=sessions,
            blobs=object_store(settings),
            cleaner=SandboxCleaner(decode_limits(settings)),
            decoder=SandboxDecoder(kept_limits(settings)),
            limits=upload_limits(settings),
            env=settings.gustav_env,
            listen_dsn=required(dsns.app),
            health_checks=health_checks(settings, probes),
            demo_people=demo_people if settings.gustav_env is Environment.DEMO else (),
            local_gateways=tuple(str(address) for address in settings.web_local_gateways),
        )
        metrics = serve_metrics(deps.metrics, settings.metrics_host, settings.web_metrics_port)
        config = uvicorn.Config(
            create_app(deps),
            # Our own log lines only: uvicorn's would hold addresses and paths.
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        await uvicorn.Server(config).serve(sockets=[listening])
    finally:
        listening.close()
        await probes.aclose()
        if metrics is not None:
            metrics.close()
        await sessions.close()
        await db.close()
