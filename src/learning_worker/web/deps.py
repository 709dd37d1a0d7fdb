"""What the web application is given; built once by the composition root."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from learning_worker.db.health import Check
from learning_worker.db.pool import Database
from learning_worker.domain.upload import UploadLimits
from learning_worker.observability.metrics import WebMetrics
from learning_worker.ports import BlobStore, FileCleaner, PageDecoder

HealthCheck: TypeAlias = Callable[[], Awaitable[Check]]


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the invented class, as the demo's sign-in page offers them."""

    sub: str
    display_name: str
    site_role: str
    language: str = "de"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class WebDeps:
    """What pages and API need.

    db: on DATABASE_URL; sessions: on SESSION_DATABASE_URL; listen_dsn: a direct DSN for LISTEN, None where there is only
    a pooler (pages then poll). env: demo, dev, test, stage or prod. timezone: None is the server's own.
    local_gateways: addresses that this machine's own browsers come from, beside loopback.
    help_md: the school's help text for every feedback page; empty uses ours.
    """

    db: Database
    sessions: Database
    blobs: BlobStore
    cleaner: FileCleaner
    decoder: PageDecoder
    env: str
    listen_dsn: str | None = None
    limits: UploadLimits = field(default_factory=UploadLimits)
    clock: Callable[[], datetime] = _now
    timezone: tzinfo | None = None
    health_checks: Sequence[HealthCheck] = ()
    demo_people: Sequence[DemoPerson] = ()
    local_gateways: Collection[str] = ()
    help_md: str = ""
    metrics: WebMetrics = field(default_factory=WebMetrics)
    # How many files are opened at a time; each one may take a gigabyte.
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    @property
    def is_https(self) -> bool:
        """stage and prod are behind TLS; their cookies say so."""
        return self.env in ("stage", "prod")
