"""Metrics: fixed names, closed labels, an endpoint on loopback."""

from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest

from learning_worker.domain.errors import ErrorCode
from learning_worker.domain.submission import Phase
from learning_worker.observability.metrics import Metrics, WebMetrics


def test_the_names_of_the_runbook_come_out():
    metrics = Metrics()

    metrics.inflight(lambda: 1)
    metrics.waited(1.5)
    metrics.retried(Phase.VISION)
    metrics.failed(ErrorCode.WORKER_CRASHED)
    metrics.processed("completed")
    text = generate_latest(metrics.registry).decode()

    assert "analysis_jobs_inflight 1.0" in text
    assert 'ai_worker_retry_total{phase="vision"} 1.0' in text
    assert 'ai_worker_failed_total{error_code="worker_crashed"} 1.0' in text
    assert 'ai_worker_queue_wait_seconds_bucket{le="2.5"} 1.0' in text
    assert 'ai_worker_processed_total{status="completed"} 1.0' in text


def test_two_processes_worth_of_metrics_do_not_share_a_registry():
    first, second = Metrics(), Metrics()

    first.queue_is(queued=3, leased=1, expired=0, oldest_visible_age_s=12.5)

    assert first.registry.get_sample_value("analysis_jobs_queued") == 3
    assert first.registry.get_sample_value("analysis_jobs_oldest_visible_age_seconds") == 12.5
    assert second.registry.get_sample_value("analysis_jobs_queued") == 0


def test_the_endpoint_answers_on_loopback_and_frees_its_port():
    server = Metrics().serve(0)
    try:
        with urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
            assert b"analysis_jobs_inflight" in answer.read()
    finally:
        server.close()

    with pytest.raises(OSError):
        urlopen(f"http://127.0.0.1:{server.port}/metrics")


def test_every_duration_lands_in_its_own_histogram():
    metrics = Metrics()

    metrics.phase_took(Phase.VISION, 1)
    metrics.phase_took(Phase.FEEDBACK, 2)
    metrics.submission_took(3)

    for name, seconds in (("vision", 1), ("feedback", 2), ("submission", 3)):
        assert metrics.registry.get_sample_value(f"ai_worker_{name}_seconds_sum") == seconds


def test_a_code_that_is_no_code_becomes_unknown():
    metrics = Metrics()

    metrics.failed("Kim wrote: the sun")

    assert metrics.registry.get_sample_value("ai_worker_failed_total", {"error_code": "unknown"}) == 1
    assert b"Kim" not in generate_latest(metrics.registry)


def test_requests_are_counted_by_class_of_status_and_nothing_else():
    metrics = WebMetrics()

    for status in (200, 204, 303, 404, 500, 999):
        metrics.answered(status, 0.2)

    counted = {
        sample.labels["status"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "web_requests_total"
    }
    assert counted == {"2xx": 2, "3xx": 1, "4xx": 1, "5xx": 2}
    assert metrics.registry.get_sample_value("web_request_seconds_count") == 6
