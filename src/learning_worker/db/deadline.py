"""Ends the wait for a server that does not answer any more, on any connection, from any thread."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg


def cut(connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> None:
    """Shut the connection's socket: whoever waits on it gets an OperationalError at once.

    Neither a cancellation nor libpq's own time-outs help against a peer that takes every byte and says nothing.
    """
    with (
        suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as same_socket,
    ):
        same_socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def answering(connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Cut a blocking connection when the body takes longer."""
    timer = threading.Timer(seconds, cut, (connection,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
