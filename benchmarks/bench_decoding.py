"""What opening and cleaning a file costs, and whether the quality gate tells hopeless pictures from good ones.

    .venv/bin/python benchmarks/bench_decoding.py

The gate is asked about every generated page of the reading benchmark whose font is there, and about the same pages spoilt.
Costs are processor time of the child, so that a busy machine does not show; the first row is what every child costs.
"""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import pageset
from paper import encoded, pdf_of, photographed, printed

from learning_worker.adapters.quality import flaw_of

PROSE = ["Pflanzen brauchen Licht, weil sie damit Zucker herstellen."] * 30
HEIC = Path(__file__).resolve().parents[1] / "tests" / "files" / "phone.heic"
ROUNDS = 3
# Every page of the set would take ten minutes; each writing meets every fifth condition, another fifth each time.
STEP = 5


# In a small process of its own: of all its children together the kernel tells the most memory that one of them took.
ONE = """
import asyncio, resource, sys, time
from learning_worker.adapters.rasterise import SandboxCleaner, SandboxDecoder

async def work(content):
    if sys.argv[1] == "clean":
        await SandboxCleaner().cleaned(content, 0)
        return
    async for _ in SandboxDecoder(is_strict=True).pages(content, rotation=0, first_page_nr=1, skip=()):
        pass

content, started_at = sys.stdin.buffer.read(), time.monotonic()
asyncio.run(work(content))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, time.monotonic() - started_at, used.ru_maxrss / 1024)
"""


def cost(work: str, content: bytes) -> tuple[float, float, float]:
    """Median seconds of the child's processor and of the wall clock, and its peak memory in MiB."""
    took = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-I", "-c", ONE, work], input=content, capture_output=True, check=True
        )
        used, clock, peak = map(float, done.stdout.split())
        took.append((used, clock, peak))
    return sorted(took)[ROUNDS // 2]


def costs() -> None:
    page = printed(PROSE)
    photo = photographed(page.resize((3024, 4032)), seed=1)
    scan = io.BytesIO()
    page.save(scan, "PDF", resolution=200)
    files = {
        "a child that opens 8 x 8 pixels": encoded(Image.new("L", (8, 8))),
        "text layer, 1 page": pdf_of([PROSE]),
        "text layer, 50 pages": pdf_of([PROSE] * 50),
        "scan in a PDF, 1 page": scan.getvalue(),
        "photo, JPEG of 12 megapixels": encoded(photo, "JPEG", quality=90),
        "photo, HEIC of 0.4 megapixels": HEIC.read_bytes(),
    }
    title = [
        "file",
        *(f"{work}: {unit}" for work in ("decode", "clean") for unit in ("CPU ms", "wall ms", "MiB")),
    ]
    print(f"| {' | '.join(title)} |\n|{' --- |' * len(title)}")
    found = {}
    for name, content in files.items():
        found[name] = [cost(work, content) for work in ("decode", "clean")]
        figures = [
            f"{1000 * cpu_s:.0f} | {1000 * clock_s:.0f} | {mib:.0f}" for cpu_s, clock_s, mib in found[name]
        ]
        print(f"| {name} | {' | '.join(figures)} |", flush=True)
    (one, *_), (fifty, *_) = found["text layer, 1 page"], found["text layer, 50 pages"]
    print(
        f"\nA page of text layer, its child's start left out: {1000 * (fifty[0] - one[0]) / 49:.1f} CPU ms (aim 10)."
    )


def spoilt() -> dict[str, tuple[str | None, Callable[[Image.Image], Image.Image]]]:
    """How a good page is spoilt, and what the gate ought to say; None: it must let the reader try."""

    def blur(radius: float) -> Callable[[Image.Image], Image.Image]:
        return lambda page: page.filter(ImageFilter.GaussianBlur(radius))

    def dim(factor: float) -> Callable[[Image.Image], Image.Image]:
        return lambda page: ImageEnhance.Brightness(page).enhance(factor)

    return {
        "as generated": (None, lambda page: page),
        "blur of 2 pixels": (None, blur(2)),
        "blur of 4 pixels": (None, blur(4)),
        "blur of 12 pixels": ("photo_blurred", blur(12)),
        "blur of 20 pixels": ("photo_blurred", blur(20)),
        "a third of the light": (None, dim(0.33)),
        "a tenth of the light": ("photo_dark", dim(0.1)),
        "a thumbnail": ("photo_too_small", lambda page: page.resize((120, 170))),
        "cropped to one word": (None, lambda page: page.crop((250, 350, 550, 450))),
        "blank": ("page_blank", lambda page: Image.new("RGB", page.size, "white")),
    }


def gate() -> None:
    found: dict[str, list[str | None]] = {}
    writings = [w for w in (*pageset.PRINT, *pageset.HANDS) if w.file is None or pageset.FONTS.is_dir()]
    for nr, writing in enumerate(writings):
        for condition in pageset.CONDITIONS[nr % STEP :: STEP]:
            content = pageset.page(pageset.ANSWERS[nr % 2], writing, condition, seed=nr)
            page = Image.open(io.BytesIO(content)).convert("RGB")
            for name, (_, spoil) in spoilt().items():
                found.setdefault(name, []).append(flaw_of(spoil(page)))
    print("| picture | pages | right | let through | wrong refusals |\n| --- | --- | --- | --- | --- |")
    for name, (wanted, _) in spoilt().items():
        flaws = found[name]
        right, through = flaws.count(wanted), flaws.count(None) if wanted else 0
        print(f"| {name} | {len(flaws)} | {right} | {through} | {len(flaws) - right - through} |")


if __name__ == "__main__":
    gate()
    print()
    costs()
