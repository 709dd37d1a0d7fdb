"""`learning-worker doctor`: looks at everything an installation needs and says what is wrong and how to mend it.

Safe to paste: findings hold codes, counts, versions, roles, ports and names of models; never a DSN, path or text.
"""

import asyncio
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

from learning_worker import wiring
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.rasterise import SandboxDecoder
from learning_worker.db import diagnosis, migrate
from learning_worker.db.diagnosis import Facts
from learning_worker.db.migrate import MigrationError
from learning_worker.db.pool import DatabaseUnavailable
from learning_worker.domain.errors import AnalysisError, Fault
from learning_worker.launch import doctor_ports
from learning_worker.launch.doctor_models import model_server
from learning_worker.launch.findings import Finding, Status, finding
from learning_worker.settings import (
    DatabaseUse,
    Environment,
    FeedbackChoice,
    Settings,
    SettingsError,
    VisionChoice,
    files_leave_the_machine,
    leaves_the_machine,
)
from learning_worker.wiring.probing import asked_models

OLDEST_POSTGRES = 15
SKEW_S = 2.0
# Per use: the group whose rights the login must inherit, and the functions it must be able to call.
_NEEDS = {
    DatabaseUse.WORKER: ("gustav_limited", diagnosis.WORKER_FUNCTIONS),
    DatabaseUse.WEB: (
        "gustav_limited",
        ("learning_submit", "learning_my_submissions", "learning_worker_health_probe"),
    ),
    DatabaseUse.SESSIONS: ("gustav_sessions", ()),
    DatabaseUse.OPERATOR: ("gustav_operator", ("learning_queue_list", "learning_queue_retry")),
}
_WHITE_PIXELS = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e1570000000e4944415478da63f80f050c9431"
    "00f7c03fc1af5c0fcd0000000049454e44ae426082"
)


# A store's fault, in a directory and in a bucket.
_STORAGE_FAULTS = {
    Fault.STORAGE_FULL: ((Status.FAILED, "storage_full"), (Status.FAILED, "bucket_full")),
    Fault.STORAGE_DENIED: ((Status.FAILED, "storage_not_writable"), (Status.FAILED, "bucket_not_writable")),
}
_STORAGE_AWAY = ((Status.FAILED, "storage_unavailable"), (Status.FAILED, "bucket_unavailable"))


def examine(*, is_quick: bool = False) -> list[Finding]:
    """All findings, in the order in which they are best mended. is_quick: starts no child process."""
    findings = [finding("python", Status.OK, "python_ok", version=platform.python_version())]
    settings, problems = _settings()
    findings += problems
    if settings is None:
        return findings
    findings += _conflicts(settings)
    if findings[-1].check != "settings":
        findings.append(finding("settings", Status.OK, "settings_ok"))
    findings += _leaving(settings)
    findings += _databases(settings)
    findings.append(_migrations(settings))
    findings.append(_storage(settings))
    findings += asyncio.run(_outside(settings, is_quick=is_quick))
    findings += _ports(settings)
    return findings


def _settings() -> tuple[Settings | None, list[Finding]]:
    """The settings, if they can be read at all, and what is wrong with them."""
    try:
        return Settings.load(), []
    except SettingsError as error:
        problems = [finding("settings", Status.FAILED, "settings_refused", problem=p) for p in error.problems]
    try:
        # Wrong only for the AI: the rest can still be looked at.
        return Settings.load(ai=False), problems
    except SettingsError:
        return None, problems


def _conflicts(settings: Settings) -> Iterator[Finding]:
    """Settings that are fine alone and fight each other."""

    def warn(code: str, /, **values: object) -> Finding:
        return finding("settings", Status.WARNING, code, **values)

    for name in ("ai_timeout_vision", "ai_timeout_feedback"):
        if settings.ai_call_timeout > getattr(settings, name):
            yield warn("call_longer_than_phase", name=name.upper())
    ports = {
        name: getattr(settings, name) for name in ("web_port", "worker_metrics_port", "web_metrics_port")
    }
    for port in sorted({port for port in ports.values() if port != 0}):
        names = [name.upper() for name, number in ports.items() if number == port]
        if len(names) > 1:
            yield finding("settings", Status.FAILED, "ports_equal", names=", ".join(names), port=port)
    if not asked_models(settings) and (settings.ai_vision_model or settings.ai_feedback_model):
        yield warn("models_unused")
    is_open = settings.web_host not in ("127.0.0.1", "::1", "localhost") and not settings.web_local_gateways
    if settings.gustav_env is Environment.DEMO and is_open:
        yield warn("demo_beyond_loopback")


def _leaving(settings: Settings) -> Iterator[Finding]:
    """What these settings send to another machine."""
    texts, files = leaves_the_machine(settings), files_leave_the_machine(settings)
    if texts is not None:
        yield finding("privacy", Status.OK, "texts_leave", server=texts)
    if files is not None:
        yield finding("privacy", Status.OK, "files_leave", server=files)
    if texts is None and files is None:
        yield finding("privacy", Status.OK, "nothing_leaves")


def _asks_a_model(settings: Settings) -> bool:
    return settings.vision_adapter is VisionChoice.LOCAL or settings.feedback_adapter is FeedbackChoice.LOCAL


def _databases(settings: Settings) -> Iterator[Finding]:
    given = {use: getattr(settings, use.value.lower()) for use in _NEEDS}
    if all(dsn is None for dsn in given.values()):
        may_start_one = settings.gustav_env in (Environment.DEMO, Environment.DEV)
        if may_start_one:
            yield finding("database", Status.OK, "database_embedded")
        else:
            yield finding("database", Status.FAILED, "database_not_named")
    if given[DatabaseUse.WORKER] is None and given[DatabaseUse.WEB] is not None:
        # The web's own environment: what a worker would need of this login is not asked of it.
        yield finding("database", Status.SKIPPED, "worker_login_unknown")
    for use, dsn in given.items():
        if dsn is not None:
            group, functions = _NEEDS[use]
            try:
                facts = diagnosis.look(dsn.get_secret_value(), functions)
            except DatabaseUnavailable:
                yield finding("database", Status.FAILED, "database_unreachable", use=use.value)
            else:
                yield from _login(use, facts, group, len(functions))


def _login(use: DatabaseUse, facts: Facts, group: str, functions: int) -> Iterator[Finding]:
    def failed(code: str, /, **values: object) -> Finding:
        return finding("database", Status.FAILED, code, use=use.value, login=facts.login, **values)

    wrong = []
    if facts.major_version < OLDEST_POSTGRES:
        wrong.append(failed("database_old", version=facts.major_version))
    if facts.is_unsafe:
        wrong.append(failed("login_unsafe"))
    elif facts.is_member_of_worker:
        wrong.append(failed("login_member_of_worker"))
    elif group not in facts.groups:
        wrong.append(failed("login_outside_group", group=group))
    if facts.missing_functions:
        wrong.append(failed("functions_missing", names=", ".join(facts.missing_functions)))
    if abs(facts.skew_s) > SKEW_S:
        skew = f"{facts.skew_s:.0f}"
        wrong.append(finding("database", Status.WARNING, "clock_skewed", use=use.value, seconds=skew))
    yield from wrong
    if not wrong:
        values = {"version": facts.major_version, "login": facts.login, "functions": functions}
        yield finding("database", Status.OK, "database_ok", use=use.value, **values)


def _migrations(settings: Settings) -> Finding:
    dsn = settings.migration_database_url
    if dsn is None:
        return finding("migrations", Status.SKIPPED, "migrations_unknown")
    try:
        found = migrate.status(dsn.get_secret_value())
    except MigrationError as error:
        return finding("migrations", Status.FAILED, "migrations_refused", problem=error.sentence)
    if found.pending:
        values = {"count": len(found.pending), "first": found.pending[0]}
        return finding("migrations", Status.FAILED, "migrations_pending", **values)
    return finding("migrations", Status.OK, "migrations_ok", count=len(found.applied))


def _storage(settings: Settings) -> Finding:
    """Permission bits and an open port tell little about mounts, quotas and keys; a file that comes back does."""
    directory = settings.learning_data_dir
    is_local = settings.storage_bucket is None
    if is_local and os.geteuid() == 0 and directory.parent.is_dir() and not directory.exists():
        # Made by root, it would be closed to the service.
        return finding("storage", Status.SKIPPED, "storage_unknown")
    with _owner_of(directory):
        fault = asyncio.run(wiring.storage_fault(settings))
    if fault is not None:
        in_directory, in_bucket = _STORAGE_FAULTS.get(fault, _STORAGE_AWAY)
        return finding("storage", *(in_directory if is_local else in_bucket))
    free_mib = wiring.free_disk_mib(settings)
    if free_mib is None:
        return finding("storage", Status.OK, "bucket_ok")
    if free_mib < wiring.LOW_DISK_MIB:
        return finding("storage", Status.FAILED, "storage_low", free_mib=free_mib)
    return finding("storage", Status.OK, "storage_ok", free_mib=free_mib)


@contextmanager
def _owner_of(directory: Path) -> Iterator[None]:
    """Act as whom the directory belongs to, where root asks: the service could not change what root leaves there."""
    if os.geteuid() != 0 or not directory.is_dir():
        yield
        return
    owner, group = directory.stat(), os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


async def _outside(settings: Settings, *, is_quick: bool) -> list[Finding]:
    unread = [finding("reading", Status.SKIPPED, "reading_unknown")]
    return [
        *await model_server(settings, is_quick=is_quick),
        *(unread if is_quick else await _reading(settings)),
    ]


async def _reading(settings: Settings) -> list[Finding]:
    """Whether the two sealed children start: one opens a picture of 8 x 8 pixels, one loads its models."""
    try:
        async with aclosing(
            SandboxDecoder().pages(_WHITE_PIXELS, rotation=0, first_page_nr=1, skip=())
        ) as pages:
            async for _ in pages:
                pass
    except AnalysisError as error:
        return [finding("reading", Status.FAILED, "decoder_down", code=error.code)]
    if settings.vision_adapter is not VisionChoice.STUB:
        reader = OcrVision()
        try:
            await reader.start()
        except AnalysisError as error:
            if settings.vision_adapter is VisionChoice.LOCAL:
                return [finding("reading", Status.WARNING, "turner_down", code=error.code)]
            return [finding("reading", Status.FAILED, "reader_down", code=error.code)]
        finally:
            await reader.aclose()
    return [finding("reading", Status.OK, "reading_ok")]


def _ports(settings: Settings) -> Iterator[Finding]:
    asked: list[tuple[str, str, int, Callable[[str, int], bool]]] = [
        ("WEB_PORT", settings.web_host, settings.web_port, doctor_ports.is_our_web),
        (
            "WORKER_METRICS_PORT",
            settings.metrics_host,
            settings.worker_metrics_port,
            doctor_ports.is_our_worker_metrics,
        ),
        (
            "WEB_METRICS_PORT",
            settings.metrics_host,
            settings.web_metrics_port,
            doctor_ports.is_our_web_metrics,
        ),
    ]
    for name, host, port, is_ours in asked:
        if port == 0:
            continue
        if doctor_ports.is_free(host, port):
            yield finding("ports", Status.OK, "port_free", name=name, port=port)
        elif is_ours(host, port):
            yield finding("ports", Status.OK, "port_ours", name=name, port=port)
        else:
            yield finding("ports", Status.FAILED, "port_taken", name=name, port=port)
