"""Whether a port can be had, and whether it is this program that has it."""

import socket

import httpx2

_PATIENCE_S = 2.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a server listens, not where we do


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def is_our_web(host: str, port: int) -> bool:
    """Whether our pages answer there."""
    return _answers(host, port, "/healthz", '{"status":"ok"}')


def is_our_worker_metrics(host: str, port: int) -> bool:
    """Whether a worker's metrics answer there."""
    return _answers(host, port, "/metrics", "analysis_jobs_inflight")


def is_our_web_metrics(host: str, port: int) -> bool:
    """Whether the web process's metrics answer there."""
    return _answers(host, port, "/metrics", "web_request_seconds")


def _answers(host: str, port: int, path: str, words: str) -> bool:
    target = _EVERYWHERE.get(host, host)
    url = f"http://[{target}]:{port}{path}" if ":" in target else f"http://{target}:{port}{path}"
    try:
        with httpx2.Client(trust_env=False, timeout=_PATIENCE_S) as client:
            return words in client.get(url).text
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return False
