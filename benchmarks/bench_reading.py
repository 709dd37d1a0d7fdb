"""How well and how fast pages are read: character errors per writing and condition, as Markdown tables.

`python benchmarks/bench_reading.py` reads the page set of tests/pageset.py through the decoder and the reader child, as the
worker does; then it asks the fake model server as `local` does, sets pages upright for it, and opens files
(bench_decoding). `--only Helvetica,photo` keeps writings and conditions whose name holds one of these words; `--pages FILE`
keeps one JSON line per page, with what was read.
"""

import argparse
import asyncio
import io
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench_decoding import costs
from fake_ollama import MODEL, a_fake_ollama
from pageset import ANSWERS, CONDITIONS, HANDS, PRINT, PRINT_PROMISE, Answer, Condition, Writing, page
from paper import Typeset, encoded, photographed, printed
from PIL import Image
from transcripts import MARK, character_errors, kept_and_repaired, plain

from learning_worker.adapters.local_vision import MAX_SIDE, LocalVision, VisionTerms
from learning_worker.adapters.ocr import OcrVision
from learning_worker.adapters.ollama import OllamaClient, OllamaConfig
from learning_worker.adapters.rasterise import DecodeLimits, SandboxDecoder
from learning_worker.domain.errors import InputError
from learning_worker.domain.submission import Task
from learning_worker.worker.pipeline import Bounds

TASK = Task("Erkläre, warum Pflanzen Licht brauchen.", ())
TICKS = os.sysconf("SC_CLK_TCK")
LOCAL_ROUNDS = 20


@dataclass(frozen=True)
class Read:
    """What became of one picture. Seconds: on the clock, and of both cores together."""

    text: str
    confidence: float
    decode_s: float
    read_s: float
    read_cpu_s: float


@dataclass(frozen=True)
class Sheet:
    """One page of the set and its reading."""

    answer: Answer
    writing: Writing
    condition: Condition
    read: Read

    @property
    def errors(self) -> int:
        return character_errors(self.read.text, self.answer.text)

    @property
    def letters(self) -> int:
        return len(plain(self.answer.text))


async def read_one(vision: OcrVision, photo: bytes) -> Read:
    """Through the decoder and the reader; a page on which nothing was found is an empty text with confidence 0."""
    started = time.perf_counter()
    pages = [page async for page in SandboxDecoder().pages(photo, rotation=0, first_page_nr=1, skip=())]
    decoded_at, cpu_before = time.perf_counter(), cpu_seconds(vision)
    text, confidence = "", 0.0
    try:
        reading = await vision.read(pages[0], TASK)
        text, confidence = reading.text_md, reading.confidence or 0.0
    except InputError:
        pass
    read_s = time.perf_counter() - decoded_at
    return Read(text, confidence, decoded_at - started, read_s, cpu_seconds(vision) - cpu_before)


def cpu_seconds(vision: OcrVision) -> float:
    """Processor time of the reader so far."""
    fields = Path(f"/proc/{vision.child_pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(vision: OcrVision) -> float:
    """Most memory the reader ever held."""
    lines = Path(f"/proc/{vision.child_pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def table(title: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (title, ["---"] * len(title), *rows))


def cer(sheets: Sequence[Sheet]) -> float:
    """In percent, over all letters of these sheets; NaN for none."""
    return 100 * sum(s.errors for s in sheets) / (sum(s.letters for s in sheets) or float("nan"))


def error_table(sheets: Sequence[Sheet]) -> str:
    """CER per writing and condition, German and English together."""
    names = list(dict.fromkeys(s.writing.name for s in sheets))
    rows = []
    for condition in dict.fromkeys(s.condition.name for s in sheets):
        here = [s for s in sheets if s.condition.name == condition]
        by_name = [cer([s for s in here if s.writing.name == name]) for name in names]
        clock = statistics.median(s.read.read_s for s in here)
        cpu = statistics.median(s.read.read_cpu_s for s in here)
        rows.append([condition, *(f"{value:.1f}" for value in by_name), f"{clock:.1f}", f"{cpu:.1f}"])
    return table(["CER in %", *names, "s a page", "CPU s"], rows)


def trust_table(sheets: Sequence[Sheet]) -> str:
    """Per writing: mistakes that stayed, letters that only German has, marks, and what the bounds make of the pages."""
    bounds, rows = Bounds(), []
    for name in dict.fromkeys(s.writing.name for s in sheets):
        here = [s for s in sheets if s.writing.name == name]
        kept, repaired = map(
            sum, zip(*(kept_and_repaired(s.read.text, s.answer.mistakes) for s in here), strict=True)
        )
        planted = sum(len(s.answer.mistakes) for s in here)
        special = [_special(s) for s in here if s.answer.language == "de"]
        sure = [s.read.confidence for s in here]
        rows.append(
            [
                name,
                f"{100 * kept / planted:.1f} % of {planted}",
                str(repaired),
                f"{sum(found for found, _ in special)} of {sum(all_ for _, all_ in special)}",
                f"{100 * sum(s.read.text.count(MARK) for s in here) / sum(len(s.answer.text.split()) for s in here):.1f} %",
                f"{min(sure):.2f} to {max(sure):.2f}",
                str(sum(bounds.unreadable_below <= c < bounds.doubtful_below for c in sure)),
                str(sum(c < bounds.unreadable_below for c in sure)),
            ]
        )
    head = [
        "writing",
        "mistakes kept",
        "mistakes repaired",
        "ä ö ü ß",
        "words marked",
        "confidence",
        "asked",
        "unreadable",
    ]
    return table(head, rows)


def _special(sheet: Sheet) -> tuple[int, int]:
    """How many umlauts and sharp s came out, at most as many as there are of each, and how many there are."""
    written, found = plain(sheet.answer.text), plain(sheet.read.text)
    counts = [(min(found.count(char), written.count(char)), written.count(char)) for char in "äöüÄÖÜß"]
    return sum(n for n, _ in counts), sum(n for _, n in counts)


def full_photo() -> bytes:
    """A photographed page full of print: 42 lines, about 2,500 characters."""
    lines = [f"{n + 10}. {ANSWERS[n % 2].text[:54]}" for n in range(42)]
    photo = photographed(printed(lines, dpi=200, typeset=Typeset(size=11, leading=17)), seed=1)
    return encoded(photo, "JPEG", quality=85)


async def local_s(photo: bytes) -> float:
    """What `local` itself costs a page, on the clock: median against the fake server, which answers at once."""
    decoder = SandboxDecoder(DecodeLimits(max_side=MAX_SIDE))
    [shown] = [page async for page in decoder.pages(photo, rotation=0, first_page_nr=1, skip=())]
    took = []
    async with a_fake_ollama(capabilities=("completion", "vision"), page_text=ANSWERS[0].text) as server:
        vision = LocalVision(OllamaClient(OllamaConfig(server.url)), VisionTerms(MODEL))
        for _ in range(LOCAL_ROUNDS):
            started = time.perf_counter()
            await vision.read(shown, TASK)
            took.append(time.perf_counter() - started)
        await vision.aclose()
    return statistics.median(took)


async def shown_at(angle: int, photo: bytes, *, max_side: int = MAX_SIDE) -> bytes:
    """The page as `local` gets it, had the pupil turned it by so many degrees."""
    decoder = SandboxDecoder(DecodeLimits(max_side=max_side))
    [shown] = [page async for page in decoder.pages(photo, rotation=angle, first_page_nr=1, skip=())]
    return shown.png or b""


async def turning(photo: bytes, seed: int) -> list[list[str]]:
    """What setting a page upright costs `local`, and how many pages of the set, turned four ways, end upright."""
    reader, rows = OcrVision(), []
    await reader.start()
    for what, angle in (("that stands upright", 0), ("on its side", 90)):
        shown, started, cpu_before = await shown_at(angle, photo), time.perf_counter(), cpu_seconds(reader)
        await reader.upright(shown)
        took = f"{time.perf_counter() - started:.1f} / {cpu_seconds(reader) - cpu_before:.1f}"
        rows.append([f"a full page {what}, before `local` asks its model, s / CPU s", took])
    are_right = []
    for answer, writing in product(ANSWERS[:1], PRINT + HANDS):
        sheet = page(answer, writing, CONDITIONS[0], seed=seed)
        upright = await shown_at(0, sheet)
        for angle in (0, 90, 180, 270):
            shown = await shown_at(angle, sheet)
            are_right.append(pixels(await reader.upright(shown) or shown) == pixels(upright))
    rows.append(["the reader's peak memory when it only turns, MiB", f"{peak_mib(reader):.0f}"])
    rows.append(
        ["pages that end upright, turned by 0°, 90°, 180° and 270°", f"{sum(are_right)} of {len(are_right)}"]
    )
    await reader.aclose()
    return rows


def pixels(png: bytes) -> tuple[tuple[int, int], bytes]:
    """Size and colours."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return picture.size, picture.tobytes()


async def read_set(vision: OcrVision, seed: int, keep: Sequence[str], log: TextIO) -> list[Sheet]:
    """The pages of the set, one after the other."""
    sheets = []
    for answer, condition, writing in product(ANSWERS, CONDITIONS, PRINT + HANDS):
        if keep and not all(any(word in name for word in keep) for name in (writing.name, condition.name)):
            continue
        read = await read_one(vision, page(answer, writing, condition, seed=seed))
        sheets.append(Sheet(answer, writing, condition, read))
        told = {"writing": writing.name, "condition": condition.name, "language": answer.language}
        print(json.dumps({**told, **vars(read), "errors": sheets[-1].errors}), file=log, flush=True)
    return sheets


async def main(arguments: argparse.Namespace, log: TextIO) -> None:
    """Read the set and print what came out."""
    keep = [word for word in arguments.only.split(",") if word]
    vision = OcrVision()
    await vision.start()
    full = await read_one(vision, full_photo())
    sheets = await read_set(vision, arguments.seed, keep, log)
    promised = [s for s in sheets if s.writing.is_print and s.condition.name in PRINT_PROMISE]
    photos = [s.read for s in sheets if s.writing.is_print and s.condition.name == "photo"]
    print(f"RapidOCR {version('rapidocr')} (PP-OCRv6 small), ONNX Runtime {version('onnxruntime')}, ", end="")
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ", end=""
    )
    print(f"seed {arguments.seed}, {len(sheets)} pages\n\n{error_table(sheets)}\n\n{trust_table(sheets)}\n")
    rows = [["print, clean and photographed, CER in % (aim 1)", f"{cer(promised):.2f}"]]
    if promised:
        rows.append(["the worst such page, CER in %", f"{max(cer([s]) for s in promised):.2f}"])
    if photos:
        rows.append(["a printed photo of 9 lines, opened and read, s on the clock (aim 2)", _clock(photos)])
        rows.append(["of it reading, s / CPU s", _cost(photos)])
    rows += [
        ["a printed photo of 42 lines, opened and read, s on the clock (aim 2)", _clock([full])],
        ["of it reading, s / CPU s", _cost([full])],
        [
            "decoding a photo, its child's start included, s",
            f"{statistics.median(s.read.decode_s for s in sheets):.2f}",
        ],
        ["the reader's peak memory, MiB (limit 2048 of address space)", f"{peak_mib(vision):.0f}"],
    ]
    await vision.aclose()
    rows.append(["`local` beside its model, ms a page", f"{1000 * await local_s(full_photo()):.0f}"])
    rows += await turning(full_photo(), arguments.seed)
    print(table(["figure", "value"], rows) + "\n")
    costs()


def _clock(reads: Sequence[Read]) -> str:
    return f"{statistics.median(read.decode_s + read.read_s for read in reads):.1f}"


def _cost(reads: Sequence[Read]) -> str:
    clock, cpu = (
        statistics.median(values) for values in zip(*((r.read_s, r.read_cpu_s) for r in reads), strict=True)
    )
    return f"{clock:.1f} / {cpu:.1f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", default=os.devnull)
    chosen = parser.parse_args()
    with Path(chosen.pages).open("w", encoding="utf-8") as pages_file:
        asyncio.run(main(chosen, pages_file))
