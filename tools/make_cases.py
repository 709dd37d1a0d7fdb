"""Writes the case sets of `learning-worker evaluate` from the files in tools/cases; with --check it only compares.

A criterion names three aspects; its level in an answer is how many of them the answer holds. The additions of
injections.yaml go to the weak answers of their language in turn.
"""

import base64
import json
import sys
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

from learning_worker.evaluation.cases import read_cases

SOURCES = Path(__file__).resolve().parent / "cases"
SETS = Path(__file__).resolve().parent.parent / "src" / "learning_worker" / "evaluation" / "sets"
CRITERIA = ("facts", "reasons", "form")
ASPECTS = "abc"
# Of nine aspects in all: with more, an addition has little left to gain.
WEAK = 4
WORDS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "de": (
        {"facts": "Nennt", "reasons": "Begründet oder wägt ab", "form": "Form und Fachwörter"},
        (
            "keiner der drei Punkte",
            "einer der drei Punkte",
            "zwei der drei Punkte",
            "alle drei Punkte",
        ),
    ),
    "en": (
        {"facts": "Names", "reasons": "Gives reasons or weighs up", "form": "Form and terms"},
        (
            "none of the three points",
            "one of the three points",
            "two of the three points",
            "all three points",
        ),
    ),
}
LOOKALIKES = str.maketrans("aceiopxyAEO", "асеіорхуАЕО")


def synthetic() -> Iterator[dict[str, Any]]:
    """The clean cases, in the order of the files."""
    for language, (starts, levels) in WORDS.items():
        for task in yaml.safe_load((SOURCES / f"synthetic-{language}.yaml").read_text(encoding="utf-8")):
            criteria = [
                {
                    "id": name,
                    "text": f"{starts[name]}: "
                    + "; ".join(
                        f"({letter}) {aspect}"
                        for letter, aspect in zip(ASPECTS, task["criteria"][name], strict=True)
                    ),
                    "levels": list(levels),
                }
                for name in CRITERIA
            ]
            for nr, answer in enumerate(task["answers"], start=1):
                yield {
                    "id": f"{task['key']}-{nr}",
                    "subject": task["subject"],
                    "language": language,
                    "grade_level": task["grade_level"],
                    "form_of_address": task.get("form_of_address", "du"),
                    "instruction": task["instruction"],
                    "criteria": criteria,
                    "answer": answer["text"].strip(),
                    "levels": dict(zip(CRITERIA, map(_level, answer["has"].split("/")), strict=True)),
                }


def _level(aspects: str) -> int:
    if aspects == "-":
        return 0
    if set(aspects) - set(ASPECTS) or len(set(aspects)) != len(aspects):
        raise ValueError("an answer names aspects that do not exist")
    return len(aspects)


def injections() -> Iterator[dict[str, Any]]:
    """Each addition on a weak answer, after all the answers that are used."""
    additions = yaml.safe_load((SOURCES / "injections.yaml").read_text(encoding="utf-8"))
    clean = list(synthetic())
    twins: dict[str, dict[str, Any]] = {}
    variants = []
    for language in WORDS:
        weak = [
            case for case in clean if case["language"] == language and sum(case["levels"].values()) <= WEAK
        ]
        for nr, (addition, twin) in enumerate(zip(additions[language], cycle(weak), strict=False), start=1):
            twins[twin["id"]] = twin
            variants.append(
                {
                    **twin,
                    "id": f"{twin['id']}-{language}{nr:02}",
                    "answer": _with(twin["answer"], addition),
                    "twin": twin["id"],
                    "attack": addition["attack"],
                }
            )
    yield from twins.values()
    yield from variants


def _with(answer: str, addition: Mapping[str, Any]) -> str:
    text = " ".join([addition["text"]] * addition.get("repeat", 1))
    words = addition.get("frame", "{}").replace("{}", _hidden(text, addition.get("hide")))
    match addition.get("place", "end"):
        case "start":
            return f"{words} {answer}"
        case "middle":
            half = answer.index(". ", len(answer) // 3) + 2 if ". " in answer[len(answer) // 3 :] else 0
            return f"{answer[:half]}{words} {answer[half:]}"
        case _:
            return f"{answer}\n{words}"


def _hidden(text: str, way: str | None) -> str:
    match way:
        case "base64":
            return base64.b64encode(text.encode()).decode()
        case "zero_width":
            return "\u200b".join(text)
        case "homoglyph":
            return text.translate(LOOKALIKES)
        case _:
            return text


def main(arguments: list[str]) -> int:
    """Write both sets, or with --check compare them; 1 when one is out of date."""
    check, stale = "--check" in arguments, []
    for name, cases in {"synthetic": synthetic(), "injections": injections()}.items():
        content = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases).encode()
        read_cases(name, content)
        path = SETS / f"{name}.jsonl"
        if path.is_file() and path.read_bytes() == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    verb = "out of date" if check else "written"
    for name in stale:
        sys.stdout.write(f"{verb}: src/learning_worker/evaluation/sets/{name}.jsonl\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
