"""The system calls of reader and decoder, as `strace` sees them: a library that phones home is found here."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from paper import assemble, encoded, pdf_of, printed

pytestmark = pytest.mark.system

_NETWORK = re.compile(r"^(socket|socketpair|connect|sendto|sendmsg|bind|io_uring_setup)\(.*")
_WRITES = re.compile(r"^(?:creat|mkdir(?:at)?)\(.*|^open(?:at|at2)?\(.*(?:O_WRONLY|O_RDWR|O_CREAT).*")

SCRIPT = """
    import asyncio, os, subprocess, sys
    from pathlib import Path
    from learning_worker.adapters.ocr import OcrVision
    from learning_worker.domain.submission import Task
    from learning_worker.ports import Page

    async def main():
        vision = OcrVision()
        reading = await vision.read(Page(1, None, Path(sys.argv[1]).read_bytes()), Task("", ()))
        print(*os.listdir(f"/proc/{vision.child_pid}/task"))
        print(reading.text_md)
        await vision.aclose()
        chatty = "import socket; socket.socket().connect_ex(('127.0.0.1', 9)); open(sys.argv[1], 'w')"
        caller = subprocess.Popen([sys.executable, "-I", "-c", "import sys; " + chatty, sys.argv[2]])
        print(caller.pid)
        caller.wait()

    asyncio.run(main())
"""


def test_reading_a_page_touches_no_network_and_writes_no_file(tmp_path: Path):
    page = tmp_path / "page.png"
    page.write_bytes(encoded(printed(["Eine Seite wird gelesen."])))
    calls = "trace=network,openat,open,creat,mkdir,mkdirat,io_uring_setup"

    done = subprocess.run(
        [
            *("strace", "-ff", "-qq", "-s", "200", "-e", calls, "-o", str(tmp_path / "trace")),
            *(sys.executable, "-I", "-c", textwrap.dedent(SCRIPT), str(page), str(tmp_path / "leak")),
        ],
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert done.returncode == 0, done.stderr
    tasks, text, caller = done.stdout.splitlines()
    assert text == "Eine Seite wird gelesen."
    assert len(tasks.split()) > 1
    assert suspicious(tmp_path, tasks.split()) == []
    # The same look at a process that does call out and write finds both.
    found = suspicious(tmp_path, [caller])
    assert any(call.startswith("socket(") for call in found)
    assert any("leak" in call for call in found)


OPENING = """
    import asyncio, sys
    from pathlib import Path
    from learning_worker.adapters.rasterise import SandboxCleaner, SandboxDecoder
    from learning_worker.domain.errors import InputError

    async def main():
        for name in sys.argv[1:]:
            content = Path(name).read_bytes()
            try:
                kept = (await SandboxCleaner().cleaned(content, 0)).content
            except InputError as error:
                kept = content
                print(error.code)
            try:
                async for page in SandboxDecoder().pages(kept, rotation=0, first_page_nr=1, skip=()):
                    print(page.page_nr)
            except InputError as error:
                print(error.code)

    asyncio.run(main())
"""


def test_opening_and_cleaning_files_touches_no_network_and_writes_no_file(tmp_path: Path):
    files = {
        "photo.jpg": encoded(printed(["Eine Seite."]), "JPEG"),
        "typed.pdf": pdf_of([["Eine Seite."]]),
        "calls-out.pdf": assemble(
            {
                1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(http://127.0.0.1:9/)>>"
                b"/AcroForm<</XFA(x)/Fields[]>>/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.launchURL"
                b'("http://127.0.0.1:9/");)>>]>>>>>>',
                2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/AA<</O<</S/JavaScript/JS(submitForm"
                b'("http://127.0.0.1:9/");)>>>>>>',
            }
        ),
        "half.jpg": encoded(printed(["Eine Seite."]), "JPEG")[:5000],
        "script.jpg": b"\xff\xd8\xff<script>",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    telephone = Path(__file__).parents[1] / "files" / "phone.heic"
    names = [*(str(tmp_path / name) for name in files), str(telephone)]
    calls = "trace=network,execve,openat,open,creat,mkdir,mkdirat,io_uring_setup"

    done = subprocess.run(
        [
            *("strace", "-ff", "-qq", "-s", "200", "-e", calls, "-o", str(tmp_path / "trace")),
            *(sys.executable, "-I", "-c", textwrap.dedent(OPENING), *names),
        ],
        capture_output=True,
        text=True,
        timeout=180,
    )

    bad = ["input_corrupt"] * 2
    assert done.stdout.split() == ["1", "1", "1", *bad, *bad, "1"], done.stderr
    children = [
        trace.name.removeprefix("trace.")
        for trace in tmp_path.glob("trace.*")
        if "adapters.decoder_child" in trace.read_text()
    ]
    assert len(children) == 12
    assert suspicious(tmp_path, children) == []


def suspicious(directory: Path, tasks: list[str]) -> list[str]:
    """Calls that reach for the network or write a file, in any of these threads; bytecode caches are Python's own."""
    traced = [line for task in tasks for line in (directory / f"trace.{task}").read_text().splitlines()]
    assert traced
    return [
        line for line in traced if _NETWORK.match(line) or (_WRITES.match(line) and "__pycache__" not in line)
    ]
