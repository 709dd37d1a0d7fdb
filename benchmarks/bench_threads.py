"""What the reader's threads cost a full printed page: spinning while they wait (ONNX Runtime's default), or not, or one.

`python benchmarks/bench_threads.py` reads the same page with all three in turn, five rounds, and prints medians as Markdown.
"""

import asyncio
import os
import statistics
import time
from pathlib import Path

import onnxruntime
import rapidocr
from bench_reading import full_photo, shown_at, table
from omegaconf import flag_override

from learning_worker.adapters.page_reader import PageReader
from learning_worker.adapters.rasterise import DecodeLimits

ROUNDS = 5


def spinning(threads: int) -> PageReader:
    """The reader with ONNX Runtime's default."""
    reader = PageReader(threads=threads)
    for part, model in (("Det", "PP-OCRv6_det_small.onnx"), ("Rec", "PP-OCRv6_rec_small.onnx")):
        options = onnxruntime.SessionOptions()
        options.enable_cpu_mem_arena = False
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        path = Path(rapidocr.__file__).parent / "models" / model
        config = reader._engine.cfg[part]
        with flag_override(config, "allow_objects", True):
            config.session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
    return reader


def main() -> None:
    """Read and print."""
    page = asyncio.run(shown_at(0, full_photo(), max_side=DecodeLimits().max_side))
    readers = {
        "2 threads, spinning": spinning(2),
        "2 threads (the reader)": PageReader(threads=2),
        "1 thread": PageReader(threads=1),
    }
    for reader in readers.values():
        reader.warm_up()
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in readers}
    texts = set()
    for _ in range(ROUNDS):
        for name, reader in readers.items():
            clock, cpu = time.perf_counter(), time.process_time()
            texts.add(reader.read(page).text)
            took[name].append((time.process_time() - cpu, time.perf_counter() - clock))
    medians = {
        name: [statistics.median(values) for values in zip(*each, strict=True)] for name, each in took.items()
    }
    base = medians["2 threads, spinning"]
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {ROUNDS} rounds, {len(texts)} different texts\n"
    )
    rows = [
        [name, f"{cpu:.1f}", f"{cpu / base[0]:.2f}", f"{wall:.1f}", f"{wall / base[1]:.2f}"]
        for name, (cpu, wall) in medians.items()
    ]
    print(table(["a page of 42 lines", "CPU s", "ratio", "s", "ratio"], rows))


if __name__ == "__main__":
    main()
