"""The reader: one long-lived process, started by `ocr`, that turns bounded pictures of pages into lines of text.

Arguments: the worker's process id, the address space in bytes, the number of threads. Frames in: `R` to read or `U` to set
upright, with a PNG. Frames out: `S` ready, then per request `A` with what was read (JSON), `T` with the turned PNG, `K`
for a page that stands upright, or `E` when the picture could not be opened at all.
"""

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from learning_worker.adapters import confine, seccomp

if TYPE_CHECKING:
    from learning_worker.adapters.page_reader import PageReader

MAX_PNG_BYTES = 24 * confine.MIB


def main() -> None:
    """Load the models, confine this process, answer until the worker closes the pipe."""
    confine.die_with_parent(int(sys.argv[1]))
    confine.limit_memory(int(sys.argv[2]))
    # Before the first import of a large library: none of them has any business on the network.
    seccomp.shut_network_and_processes(threads=True)

    # RapidOCR imports its download code at once; here it gets a hollow module, for nothing is ever downloaded. That saves
    # a fifth of the start, and a look for IPv6 that opens a socket.
    no_download = ModuleType("requests")
    vars(no_download)["Response"] = object
    sys.modules["requests"] = no_download

    from learning_worker.adapters.page_reader import PageReader, UnreadablePng

    reader = PageReader(threads=int(sys.argv[3]))
    reader.warm_up()
    confine.seal(threads=True)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    confine.write_frame(sink, b"S", 0)
    while (request := confine.read_frame(source, MAX_PNG_BYTES)) is not None:
        kind, number, png = request
        try:
            answer = _upright(reader, png) if kind == b"U" else _read(reader, png)
        except UnreadablePng:
            answer = b"E", b""
        except MemoryError:
            sys.exit(confine.EXIT_OUT_OF_MEMORY)
        confine.write_frame(sink, answer[0], number, answer[1])


def _read(reader: "PageReader", png: bytes) -> tuple[bytes, bytes]:
    reading = reader.read(png)
    return b"A", json.dumps({"text": reading.text, "confidence": reading.confidence}).encode()


def _upright(reader: "PageReader", png: bytes) -> tuple[bytes, bytes]:
    turned = reader.upright(png)
    return (b"K", b"") if turned is None else (b"T", turned)


if __name__ == "__main__":
    main()
