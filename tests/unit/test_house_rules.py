"""What no linter knows: sizes, traces of tests in the product, the lock file, and that pages name no foreign path."""

import ast
import re
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
MODULE_LINES, FUNCTION_LINES = 400, 60


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def project_files() -> list[Path]:
    """Everything git would take: tracked files, and new ones that it does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True
    )
    if listing.returncode:
        pytest.skip("not a git checkout: the list of the project's files is unknown")
    return [path for name in listing.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_module_is_longer_than_a_reader_can_hold():
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]

    assert long == []


@pytest.mark.parametrize("words", ["pytest", "test double", "unittest"])
def test_the_product_does_not_know_about_its_tests(words):
    assert [short(path) for path in MODULES if words in path.read_text(encoding="utf-8").lower()] == []


def test_no_file_names_a_place_outside_the_project():
    # Written in pieces, so that this file does not find itself.
    places = ["/wor" + "k/", "../sha" + "red", ".libra" + "ry/", "/ro" + "ot/", "file:///o" + "pt"]
    found = [
        f"{short(path)}: {place}"
        for path in project_files()
        for place in places
        if place.encode() in path.read_bytes()
    ]

    assert found == []


def test_litellm_is_neither_locked_nor_installed():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))

    assert "litellm" not in {package["name"] for package in lock["package"]}
    assert find_spec("litellm") is None


def test_every_locked_file_has_a_hash():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    files = [
        file
        for package in lock["package"]
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
    ]

    assert len(files) > 100
    assert [file["url"] for file in files if not file.get("hash", "").startswith("sha256:")] == []
    assert {p["source"].get("registry", "https://pypi.org/simple") for p in lock["package"]} == {
        "https://pypi.org/simple"
    }


def test_uv_itself_is_pinned_with_hashes():
    text = (ROOT / "tools" / "uv.txt").read_text(encoding="utf-8")

    assert text.count("uv==") - text.count("echo uv==") == 1
    assert text.count("--hash=sha256:") >= 10


def test_every_link_between_pages_leads_somewhere():
    pages = [path for path in project_files() if path.suffix == ".md"]
    broken = [
        f"{short(page)}: {target}"
        for page in pages
        for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert len(pages) > 10
    assert broken == []
