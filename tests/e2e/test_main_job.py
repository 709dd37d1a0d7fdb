"""The main job as its user runs it: `learning-worker feedback` and `demo --once` as processes, on real files."""

import json
import os
import secrets
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paper import encoded, pdf_of, photographed, printed

from learning_worker.launch import samples

# The stub rolls dice for a level and quotes nothing for the lowest: with ten criteria something is quoted.
CRITERIA = f"""
criteria:
  - Nennt eine Ursache
  - id: why
    text: Begründet die Meinung
    max_score: 6
{"".join(f"  - Achtet auf Punkt {number}{chr(10)}" for number in range(8))}
language: de
"""
SYLLABLES = ("ba", "ne", "lo", "tu", "mi", "ra", "ke", "so")


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def a_word() -> str:
    """A word nobody could have put into a program beforehand, in letters that OCR does not confuse."""
    return "".join(secrets.choice(SYLLABLES) for _ in range(4)).capitalize()


def a_photo(line: str) -> bytes:
    """A printed line as a phone takes it: turned, shaded, noisy."""
    return encoded(photographed(printed([line]), seed=5), "JPEG", quality=85)


def command(*arguments: str, cwd: Path) -> Ran:
    """The installed command; its temporary files go into a directory that the test looks into afterwards."""
    environment = {
        **os.environ,
        "TMPDIR": str(cwd / "tmp"),
        "LEARNING_DATA_DIR": str(cwd / "data"),
        "GUSTAV_ENV": "dev",
    }
    done = subprocess.run(
        [sys.executable, "-m", "learning_worker", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def desk() -> Any:
    """A directory with criteria.yaml; what a command leaves in its temporary directory is an error."""
    with tempfile.TemporaryDirectory(prefix="lw-desk-") as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "tmp").mkdir()
        (path / "tmp").chmod(0o1777)
        (path / "criteria.yaml").write_text(CRITERIA, encoding="utf-8")
        yield path
        assert sorted((path / "tmp").iterdir()) == []
        assert not (path / "data").exists()


def feedback(desk: Path, *files: str) -> Ran:
    return command("feedback", *files, "--criteria", "criteria.yaml", "--json", cwd=desk)


def quotes(result: dict[str, Any]) -> list[str]:
    """Every quote, after checking that the text says it at that place."""
    found = []
    for criterion in result["analysis_json"]["criteria_results"]:
        for quote in criterion["evidence"]:
            assert result["text_body"][quote["start"] : quote["end"]] == quote["quote"]
            found.append(quote["quote"])
    return found


def test_a_random_word_of_a_typed_text_comes_back_in_text_and_quote(desk: Path) -> None:
    word = a_word()
    (desk / "answer.txt").write_text(f"Größe 😀 heißt hier {word}, weil es hilft.", encoding="utf-8")

    ran = feedback(desk, "answer.txt")

    assert ran.code == 0
    assert ran.result["status"] == "completed"
    assert ran.result["text_body"] == f"Größe 😀 heißt hier {word}, weil es hilft."
    assert any(word in quote for quote in quotes(ran.result))
    assert ran.result["analysis_json"]["schema"] == "criteria.v1"


def test_a_random_word_of_a_photographed_page_comes_back_in_text_and_quote(desk: Path) -> None:
    word = a_word()
    (desk / "page.jpg").write_bytes(a_photo(f"Die Pflanze heißt {word} und sie braucht viel Licht."))

    ran = feedback(desk, "page.jpg")

    assert ran.code == 0, ran.err
    assert word in ran.result["text_body"]
    assert "heißt" in ran.result["text_body"]
    assert any(word in quote for quote in quotes(ran.result))


@pytest.mark.slow
def test_the_pages_of_several_files_become_one_text_in_order(desk: Path) -> None:
    first, second, third = a_word(), a_word(), a_word()
    (desk / "two.pdf").write_bytes(
        pdf_of([[f"Auf der ersten Seite steht {first}."], [f"Auf der zweiten Seite steht {second}."]])
    )
    (desk / "scan.jpg").write_bytes(a_photo(f"Auf dem Foto steht {third} als letztes."))

    ran = feedback(desk, "two.pdf", "scan.jpg")

    text = ran.result["text_body"]
    assert ran.code == 0
    assert text.index(first) < text.index(second) < text.index(third)


def test_white_space_is_completed_and_not_assessable(desk: Path) -> None:
    (desk / "blank.md").write_text(" \n\t\n", encoding="utf-8")

    ran = feedback(desk, "blank.md")

    assert ran.code == 0
    assert {r["status"] for r in ran.result["analysis_json"]["criteria_results"]} == {"not_assessable"}


def huge_png() -> bytes:
    """12000 x 12000 white points in a few kilobytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 12000, 12000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" + b"\xff" * 1500 + b"", 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def encrypted_pdf() -> bytes:
    """A PDF whose trailer asks for a password."""
    plain = pdf_of([["geheim"]])
    key = b"<</Filter/Standard/V 1/R 2/O(%s)/U(%s)/P -4>>" % (b"o" * 32, b"u" * 32)
    return plain.replace(b"trailer\n<<", b"trailer\n<</Encrypt " + key + b"/ID[(a)(a)]").replace(
        b"trailer<<", b"trailer<</Encrypt " + key + b"/ID[(a)(a)]"
    )


BAD = {
    "zero.pdf": (b"", "input_corrupt"),
    "half.jpg": (samples.read(samples.PHOTO)[:4000], "input_corrupt"),
    "noise.bin": (bytes(range(256)) * 20, "input_unsupported"),
    "locked.pdf": (encrypted_pdf(), "input_unsupported"),
    "huge.png": (huge_png(), "input_too_large"),
}


# The rest of the table runs with the slow tests; the decoder's own suite sees every kind in any case.
@pytest.mark.parametrize(
    "name", ["zero.pdf", "huge.png", *(pytest.param(n, marks=pytest.mark.slow) for n in list(BAD)[1:4])]
)
def test_a_bad_file_gets_one_sentence_and_its_code(desk: Path, name: str) -> None:
    content, code = BAD[name]
    (desk / name).write_bytes(content)

    ran = command("feedback", name, "--criteria", "criteria.yaml", cwd=desk)

    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith(f"{code}: ")
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.slow
def test_a_file_is_read_by_its_content_whatever_its_name_says(desk: Path) -> None:
    word = a_word()
    (desk / "really-a-photo.pdf").write_bytes(a_photo(f"Hier steht das Wort {word} auf Papier."))

    ran = feedback(desk, "really-a-photo.pdf")

    assert ran.code == 0
    assert word in ran.result["text_body"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.txt", "--criteria", "criteria.yaml"), "missing.txt"),
        (("criteria.yaml", "--criteria", "nowhere.yaml"), "nowhere.yaml"),
        (("criteria.yaml",), "--criteria"),
        (("criteria.yaml", "--criteria", "broken.yaml"), "criteria"),
    ],
)
def test_wrong_usage_is_exit_2_before_any_database_starts(
    desk: Path, arguments: tuple[str, ...], said: str
) -> None:
    (desk / "broken.yaml").write_text("criteria: 3\n", encoding="utf-8")

    ran = command("feedback", *arguments, cwd=desk)

    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_demo_once_completes_typed_text_photo_and_pdf(desk: Path) -> None:
    ran = command("demo", "--once", "--json", cwd=desk)

    typed, photo, pdf = json.loads(ran.out)
    assert ran.code == 0, ran.err
    assert [typed["status"], photo["status"], pdf["status"]] == ["completed"] * 3
    assert typed["text_body"] == samples.read(samples.TYPED).decode()
    for found in (typed, photo, pdf):
        assert quotes(found)
        assert found["feedback_md"]


def test_nothing_is_left_when_the_command_is_killed(desk: Path) -> None:
    """SIGKILL in the middle: the guard deletes database and files, and the worker ends with its life line."""
    (desk / "answer.txt").write_text("Ein Satz, der nirgends bleiben soll.", encoding="utf-8")
    environment = {**os.environ, "TMPDIR": str(desk / "tmp"), "LEARNING_DATA_DIR": str(desk / "data")}
    running = subprocess.Popen(
        [sys.executable, "-m", "learning_worker", "feedback", "answer.txt", "--criteria", "criteria.yaml"],
        cwd=desk,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: list((desk / "tmp").glob("*/worker/worker.log")) or running.poll() is not None)
    assert running.poll() is None

    running.kill()
    running.wait()

    wait_for(lambda: not list((desk / "tmp").iterdir()))


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    """Until the condition holds; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
