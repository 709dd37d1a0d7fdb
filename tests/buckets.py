"""A real S3 server on a free port of this machine, and a fresh bucket on it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from learning_worker.storage.backends import Bucket


@contextmanager
def s3_server() -> Iterator[str]:
    """The endpoint of a server that runs until the block ends."""
    # Here, not above: it takes a second, and most tests need none.
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def a_bucket(endpoint: str) -> Bucket:
    """A new, empty bucket of its own for one test."""
    import boto3

    name = f"files-{uuid4().hex}"
    keys = {"aws_access_key_id": "key-id", "aws_secret_access_key": "the-secret"}
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys).create_bucket(Bucket=name)
    return Bucket(name, endpoint, "us-east-1", "key-id", "the-secret", request_s=5.0)
