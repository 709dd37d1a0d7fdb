"""Where objects can lie: a directory, or a bucket behind S3's protocol (Supabase Storage speaks it, too)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Credential

from learning_worker.domain.errors import Fault
from learning_worker.domain.object_server import endpoint_of

# errno of Linux and macOS; obstore hands on a system error in its message only.
_FULL, _DENIED = {"28", "69", "122"}, {"1", "13", "30"}


@dataclass(frozen=True)
class Bucket:
    """A bucket and the key that opens it. endpoint: as `object_server.endpoint_of` takes it, path-style."""

    name: str
    endpoint: str
    region: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    request_s: float = 30.0


def s3_backend(bucket: Bucket) -> S3Store:
    """The bucket, asked directly: no proxy of the environment, no certificate that does not fit, no endless wait.

    Raises ValueError for an endpoint that is not allowed.
    """
    endpoint, host = endpoint_of(bucket.endpoint)
    return S3Store(
        bucket.name,
        endpoint=endpoint,
        region=bucket.region,
        # obstore fills what is left out from AWS_* variables; only the settings count here.
        credential_provider=lambda: _credential(bucket),
        skip_signature=False,
        virtual_hosted_style_request=False,
        client_options={
            "allow_invalid_certificates": False,
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=min(5.0, bucket.request_s)),
            "timeout": timedelta(seconds=bucket.request_s),
            # Naming a proxy switches the environment's off; the only host that is ever asked is excluded from it.
            "proxy_url": endpoint,
            "proxy_excludes": host.strip("[]"),
        },
        # The queue retries; more patience here would outlive a lease.
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=bucket.request_s)},
    )


def _credential(bucket: Bucket) -> S3Credential:
    return {
        "access_key_id": bucket.access_key_id,
        "secret_access_key": bucket.secret_access_key,
        "token": None,
        "expires_at": None,
    }


def fault_of(error: OSError | BaseError) -> Fault:
    """What a store's error means. Its message names paths and repeats answers: it is read here and goes no further."""
    message = str(error)
    number = str(error.errno) if isinstance(error, OSError) else ""
    found = re.search(r"\(os error (\d+)\)", message)
    number = found[1] if found else number
    if number in _FULL or "507 Insufficient Storage" in message:
        return Fault.STORAGE_FULL
    if number in _DENIED or isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError):
        return Fault.STORAGE_DENIED
    return Fault.STORAGE_UNAVAILABLE


def is_bucket_missing(error: OSError | BaseError) -> bool:
    """Whether "not found" means the whole bucket: then no file is lost, the settings or the server are wrong."""
    return "NoSuchBucket" in str(error)
