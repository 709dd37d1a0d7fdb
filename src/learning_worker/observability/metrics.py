"""Every metric, once. Labels are closed sets, so that no id and no word of a pupil can become a label."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from re import fullmatch
from threading import Thread
from typing import Literal
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

# From a typed sentence on a fast machine to a long scan on an old one without a GPU.
_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 300, 600, 1200, 1800, 3600)
# A page, up to an upload over a slow line.
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")

# A label is one of our codes; anything else would make a new time series for each value.
_CODE = r"[a-z][a-z_]{1,39}"


@dataclass
class MetricsServer:
    """A running endpoint; `port` is the one that was bound."""

    port: int
    _server: WSGIServer
    _thread: Thread

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class Metrics:
    """The metrics of one worker, on a registry of their own; built once and passed in."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._inflight = Gauge(
            "analysis_jobs_inflight", "Phases this worker is working on right now.", registry=registry
        )
        # The client adds `_total` to the name of a counter.
        self._retry = Counter(
            "ai_worker_retry", "Phases sent back for another run.", ["phase"], registry=registry
        )
        self._failed = Counter(
            "ai_worker_failed", "Submissions closed without feedback.", ["error_code"], registry=registry
        )
        self._processed = Counter(
            "ai_worker_processed",
            "Submissions that reached their end: completed or failed.",
            ["status"],
            registry=registry,
        )
        self._queue_wait = _histogram(
            "ai_worker_queue_wait_seconds", "From being due to being leased.", registry
        )
        self._vision = _histogram("ai_worker_vision_seconds", "One run of the reading phase.", registry)
        self._feedback = _histogram("ai_worker_feedback_seconds", "One run of the feedback phase.", registry)
        self._submission = _histogram(
            "ai_worker_submission_seconds", "From handing in to stored feedback.", registry
        )
        self._queued = Gauge("analysis_jobs_queued", "Jobs waiting, due or not.", registry=registry)
        self._oldest = Gauge(
            "analysis_jobs_oldest_visible_age_seconds",
            "How long the oldest due job has waited.",
            registry=registry,
        )
        self._leased = Gauge("analysis_jobs_leased", "Jobs some worker holds.", registry=registry)
        self._expired = Gauge(
            "analysis_jobs_leases_expired",
            "Leases that ran out and that nobody took over yet.",
            registry=registry,
        )

        self._slots = Gauge(
            "ai_worker_slots", "Jobs of a phase this worker takes at a time.", ["phase"], registry=registry
        )
        self._slots_busy = Gauge(
            "ai_worker_slots_busy", "Jobs of a phase this worker holds now.", ["phase"], registry=registry
        )
        self._breaker = Gauge(
            "ai_worker_breaker_open",
            "Whether the phase's model server is out of use: 0 no, 0.5 being tried, 1 yes.",
            ["phase"],
            registry=registry,
        )

    def slots_are(self, phase: StrEnum, *, total: int, busy: Callable[[], int]) -> None:
        """The slots of a phase; `busy` is asked whenever somebody reads the metrics."""
        self._slots.labels(phase=phase.value).set(total)
        self._slots_busy.labels(phase=phase.value).set_function(busy)

    def breaker_is(self, phase: StrEnum, state: str) -> None:
        """The state of the breaker of the phase's model server: closed, half_open or open."""
        self._breaker.labels(phase=phase.value).set({"closed": 0.0, "half_open": 0.5}.get(state, 1.0))

    def inflight(self, count: Callable[[], int]) -> None:
        """Phases this worker holds now; asked whenever somebody reads the metrics."""
        self._inflight.set_function(count)

    def waited(self, seconds: float) -> None:
        """A phase was leased after being due for this long."""
        self._queue_wait.observe(seconds)

    def phase_took(self, phase: StrEnum, seconds: float) -> None:
        """Length of one run of a phase, however it ended."""
        {"vision": self._vision, "feedback": self._feedback}[phase.value].observe(seconds)

    def retried(self, phase: StrEnum) -> None:
        """A phase was sent back for another run and charged."""
        self._retry.labels(phase=phase.value).inc()

    def failed(self, error_code: str) -> None:
        """A submission was closed with this final error code."""
        self._failed.labels(error_code=error_code if fullmatch(_CODE, error_code) else "unknown").inc()

    def processed(self, status: Literal["completed", "failed"]) -> None:
        """A submission reached its end."""
        self._processed.labels(status=status).inc()

    def submission_took(self, seconds: float) -> None:
        """Time from handing in to stored feedback."""
        self._submission.observe(seconds)

    def queue_is(self, *, queued: int, leased: int, expired: int, oldest_visible_age_s: float) -> None:
        """The queue as the database sees it now."""
        self._queued.set(queued)
        self._leased.set(leased)
        self._expired.set(expired)
        self._oldest.set(oldest_visible_age_s)

    def serve(self, port: int, host: str = "127.0.0.1") -> MetricsServer:
        """Answer GET /metrics in a thread. port 0 binds any free one. Raises OSError when the port is taken."""
        return _serve(self.registry, port, host)


class WebMetrics:
    """The metrics of one web process, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "web_requests",
            "Requests answered, by class of their status; 5xx also where no answer came.",
            ["status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "web_request_seconds",
            "From a request to the first byte of its answer.",
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )

    def answered(self, status: int, seconds: float) -> None:
        """A request got this HTTP status after so many seconds."""
        known = 1 <= status // 100 <= len(_STATUS_CLASSES)
        self._requests.labels(status=_STATUS_CLASSES[status // 100 - 1] if known else "5xx").inc()
        self._seconds.observe(seconds)

    def serve(self, port: int, host: str = "127.0.0.1") -> MetricsServer:
        """Answer GET /metrics in a thread. port 0 binds any free one. Raises OSError when the port is taken."""
        return _serve(self.registry, port, host)


def _serve(registry: CollectorRegistry, port: int, host: str) -> MetricsServer:
    server, thread = start_http_server(port, addr=host, registry=registry)
    return MetricsServer(server.server_port, server, thread)


def _histogram(name: str, meaning: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(name, meaning, buckets=_SECONDS, registry=registry)
