"""Writes the generated pages under docs/reference; with --check it only says which are out of date."""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from learning_worker.domain.reports import ReportV1, ReportV2
from learning_worker.evaluation.cases import CaseLine

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"


def pages() -> dict[str, str]:
    """File name under docs/reference -> content, for every generated page."""
    return {
        "criteria.v1.schema.json": json_schema(ReportV1),
        "criteria.v2.schema.json": json_schema(ReportV2),
        "evaluation-case.schema.json": json_schema(CaseLine),
    }


def json_schema(model: type[BaseModel]) -> str:
    """The JSON Schema of a stored report or of a line of a case file, as text."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write all pages, or with --check compare them; 1 when a page is out of date."""
    check = "--check" in arguments
    stale = []
    for name, content in pages().items():
        path = REFERENCE / name
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    verb = "out of date" if check else "written"
    for name in stale:
        sys.stdout.write(f"{verb}: docs/reference/{name}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
