"""Which addresses of a model server may be asked: pupils' texts go there, so nothing is guessed."""

from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address
from re import fullmatch

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"


def host_and_port(url: str) -> tuple[str, int]:
    """Host and port of a plain server address. Raises ValueError on anything beyond scheme, host and port."""
    # A pattern over the whole text, not a URL parser: parsers disagree on user names, numbers and backslashes.
    match = fullmatch(r"(https?)://(\[::1\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?/?", url.lower())
    if match is None or not _is_host(match[2]) or (match[3] is not None and not _is_port(match[3])):
        raise ValueError(
            "must be http://host:port, with no user, path or query and no number in place of a name"
        )
    return match[2], int(match[3] or {"http": 80, "https": 443}[match[1]])


def exact_hosts(hosts: Collection[str]) -> tuple[str, ...]:
    """The `host:port` entries in lower case. Raises ValueError when one is anything else."""
    lowered = tuple(entry.lower() for entry in hosts)
    for entry in lowered:
        host, _, port = entry.rpartition(":")
        if not (_is_host(host) and _is_port(port)):
            raise ValueError(
                "must be exact host:port pairs separated by commas, such as ai.school.example:11434"
            )
    return lowered


def is_allowed(host: str, port: int, allowed_hosts: Collection[str]) -> bool:
    """Loopback, a name of one label (a service on the same network), or an exact `host:port` that was configured."""
    one_label = host[:1].isalpha() and fullmatch(_LABEL, host) is not None
    return is_loopback(host) or one_label or f"{host}:{port}" in allowed_hosts


def is_loopback(host: str) -> bool:
    """This very machine."""
    return host in {"localhost", "[::1]"} or (_is_ipv4(host) and IPv4Address(host).is_loopback)


def _is_host(host: str) -> bool:
    labels = host.split(".")
    # A last label that starts with a digit is some notation of an address; only the dotted one means the same to all.
    if host == "[::1]" or labels[-1][:1].isdigit():
        return host == "[::1]" or _is_ipv4(host)
    return all(fullmatch(_LABEL, label) for label in labels)


def _is_ipv4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except AddressValueError:
        return False


def _is_port(port: str) -> bool:
    return fullmatch(r"[0-9]{1,5}", port) is not None and 1 <= int(port) <= 65535
