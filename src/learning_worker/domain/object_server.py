"""Which address of an object store may be used: pupils' files go there, so nothing is guessed."""

from re import fullmatch

from learning_worker.domain.model_server import host_and_port, is_allowed


def endpoint_of(url: str) -> tuple[str, str]:
    """The endpoint without a slash at its end, and its host.

    TLS is a must, except for this machine and for names of one label (a service on the same network).
    Raises ValueError on anything beyond scheme, host, port and a plain path.
    """
    match = fullmatch(r"(https?://[^/?#\\@]+)((?:/[A-Za-z0-9._~-]+)*)/?", url)
    if match is None or "/.." in match[2]:
        raise ValueError("must be https://host:port/path, with no user and no query")
    host, port = host_and_port(match[1])
    if url.startswith("http://") and not is_allowed(host, port, ()):
        raise ValueError("must begin with https:// unless the host is this machine or a name of one label")
    return match[1].lower() + match[2], host
