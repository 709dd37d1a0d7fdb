"""The reader: one long-lived process, started by `ocr`, that turns bounded pictures of pages into lines of text.

Arguments: the worker's process id, the address space in bytes, the number of threads. Frames in: `R` with a PNG.
Frames out: `S` ready, then per request `A` with an answer (JSON), or `E` when the picture could not be read at all.
"""

import json
import sys
from types import ModuleType

from learning_worker.adapters import confine, seccomp

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
        _, number, png = request
        try:
            reading = reader.read(png)
        except UnreadablePng:
            confine.write_frame(sink, b"E", number)
        except MemoryError:
            sys.exit(confine.EXIT_OUT_OF_MEMORY)
        else:
            answer = {"text": reading.text, "confidence": reading.confidence}
            confine.write_frame(sink, b"A", number, json.dumps(answer).encode())


if __name__ == "__main__":
    main()
