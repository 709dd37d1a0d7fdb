"""What the pages tell people to type, and who tries it: a new command without an entry here is a failing test."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OPERATE = DOCS / "how-to" / "operate.md"
PAGES = [
    *sorted((DOCS / "how-to").glob("*.md")),
    *sorted((DOCS / "tutorial").glob("*.md")),
    ROOT / "README.md",
]


def blocks(page: Path, kind: str) -> list[str]:
    """The fenced blocks of a page that are marked with `kind`."""
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[str]:
    """The lines of a page's shell blocks, without comments and without what is fed to a command."""
    whole = "\n".join(
        re.sub(r"<<'(\w+)'\n.*?^\1$", "", block, flags=re.DOTALL | re.MULTILINE)
        for block in blocks(page, "sh")
    )
    lines = (re.sub(r"\s+#\s.*", "", line).strip() for line in whole.splitlines())
    return [line for line in lines if line]


def statements(page: Path) -> list[str]:
    """The statements of a page's SQL blocks, in order."""
    return [words for block in blocks(page, "sql") for words in map(str.strip, block.split(";")) if words]


def is_setting(line: str) -> bool:
    """Whether the line is one of an .env file, or sets one variable of the shell."""
    return re.fullmatch(r"(export )?[A-Z][A-Z_]+=[^\s\"]*( /certs/key.pem)?", line) is not None


class Tried(StrEnum):
    """By which part of tests/system/test_install.py a command is run, with the paths of a temporary directory.

    STUCK: by tests/db/test_runbook.py, on a job that nobody takes.
    """

    INSTALLING = "the script that installs, as one piece"
    ADMINISTRATOR = "by who installed, while worker and web run"
    MIGRATOR = "as the migrator"
    OPERATOR = "as an operator"
    RUNNING = "as the worker, while worker and web run"
    PROCESS = "as a process that is started, asked and ended"
    STUCK = "as an operator, on a job that is stuck"
    TUTORIAL = "in the tutorial's directory"


TRIED: Final = {
    "install -d -m 700 /etc/learning-worker": Tried.INSTALLING,
    "sh deploy/install.sh packages /opt/learning-worker": Tried.INSTALLING,
    "sh deploy/install.sh program /opt/learning-worker": Tried.INSTALLING,
    "DB_HOST=127.0.0.1 sh deploy/first-secrets.sh /etc/learning-worker": Tried.INSTALLING,
    "sudo -u postgres MIGRATOR_PASSWORD_FILE=- sh deploy/first-database.sh </etc/learning-worker/db/migrator_password": (
        Tried.INSTALLING
    ),
    'export PATH="/opt/learning-worker/bin:$PATH" GUSTAV_ENV=prod LEARNING_SECRETS_DIR=/etc/learning-worker/migrate': (
        Tried.INSTALLING
    ),
    "sh deploy/first-start.sh": Tried.INSTALLING,
    "set -a; . /etc/learning-worker/settings.env; set +a": Tried.ADMINISTRATOR,
    "LEARNING_DATA_DIR=/var/lib/learning-worker learning-worker doctor": Tried.ADMINISTRATOR,
    "learning-worker migrate": Tried.MIGRATOR,
    "learning-worker migrate --status": Tried.MIGRATOR,
    "learning-worker course import class.yaml --dry-run": Tried.MIGRATOR,
    "learning-worker course import class.yaml": Tried.MIGRATOR,
    "learning-worker queue list --status failed": Tried.OPERATOR,
    "learning-worker queue retry --error-code feedback_failed": Tried.OPERATOR,
    "learning-worker queue pause feedback": Tried.OPERATOR,
    "learning-worker queue resume feedback": Tried.OPERATOR,
    "learning-worker queue show <job>": Tried.STUCK,
    "learning-worker queue cancel <job>": Tried.STUCK,
    "learning-worker queue retry <job>": Tried.STUCK,
    'learning-worker course archive "7b Biology" --school-year 2026/27': Tried.MIGRATOR,
    "learning-worker purge --dry-run": Tried.OPERATOR,
    "learning-worker purge": Tried.OPERATOR,
    "learning-worker health --json": Tried.RUNNING,
    "learning-worker doctor": Tried.RUNNING,
    "curl -fsS http://127.0.0.1:8080/healthz": Tried.RUNNING,
    "curl -fsS http://127.0.0.1:9464/metrics": Tried.RUNNING,
    "learning-worker worker": Tried.PROCESS,
    "learning-worker web": Tried.PROCESS,
    "cat > answer.txt": Tried.TUTORIAL,
    "cat > criteria.yaml": Tried.TUTORIAL,
    ".venv/bin/learning-worker feedback answer.txt --criteria criteria.yaml --json": Tried.TUTORIAL,
}
_ENGINE = "needs a container engine; files and names of services are compared with compose*.yaml"
_SYSTEMD = "needs root and a running systemd; the units are judged by systemd-analyze"
_CARD = "asks about a card that is not here"
_MODEL_SERVER = "needs Ollama"
_FAKE = "tests/e2e/test_ai_option.py, against a server that imitates Ollama"
NOT_TRIED: Final = {
    "docker compose up -d --build": _ENGINE,
    "docker compose ps -a": _ENGINE,
    "docker compose down -v": _ENGINE,
    "docker compose exec -T db pg_dump -U postgres -Fc learning >before-update.dump": _ENGINE,
    "docker compose exec -T web tar -C /data -cf - . >files.tar": _ENGINE,
    "docker compose run --rm --build --no-deps -e MIGRATION_DATABASE_URL migrate": _ENGINE,
    "read -r MIGRATION_DATABASE_URL && export MIGRATION_DATABASE_URL": "waits for somebody to type",
    "git pull": "asks the place that the clone came from",
    "docker compose logs -f worker": _ENGINE,
    "docker compose run --rm doctor": _ENGINE,
    "docker compose down": _ENGINE,
    "docker compose run --rm -T --entrypoint learning-worker migrate course import - <class.yaml": _ENGINE,
    "docker compose exec ollama ollama list": _ENGINE,
    "docker compose exec ollama ollama pull <model>": _ENGINE,
    "docker compose restart ollama": _ENGINE,
    "docker compose logs -f ollama": _ENGINE,
    "docker compose -f compose.yaml -f compose.rocm.yaml up -d --build": _ENGINE,
    "docker compose -f compose.yaml -f compose.vulkan.yaml up -d --build": _ENGINE,
    "docker compose up -d --build --no-deps web worker ollama": _ENGINE,
    "useradd --system --home-dir /var/lib/learning-worker --shell /usr/sbin/nologin learning-worker": _SYSTEMD,
    "install -m 644 deploy/systemd/learning-web.service deploy/systemd/learning-worker.service /etc/systemd/system/": (
        _SYSTEMD
    ),
    "systemctl enable --now learning-web learning-worker": _SYSTEMD,
    "journalctl -u learning-worker -f": _SYSTEMD,
    "install -m 644 deploy/systemd/learning-purge.service deploy/systemd/learning-purge.timer /etc/systemd/system/": (
        _SYSTEMD
    ),
    "systemctl enable --now learning-purge.timer": _SYSTEMD,
    "lsmod | grep amdgpu": _CARD,
    "ls -l /dev/kfd /dev/dri": _CARD,
    "getent group video render": _CARD,
    "ollama pull <model>": _MODEL_SERVER,
    "curl -fsSLo ollama-install.sh https://ollama.com/install.sh": _MODEL_SERVER,
    "sh ollama-install.sh": _MODEL_SERVER,
    "install -d /etc/systemd/system/ollama.service.d": _SYSTEMD,
    r"printf '[Service]\nEnvironment=OLLAMA_NO_CLOUD=1\n' >/etc/systemd/system/ollama.service.d/local.conf": _SYSTEMD,
    "systemctl daemon-reload": _SYSTEMD,
    "systemctl restart ollama": _SYSTEMD,
    "learning-worker demo --ai": "tests/e2e/test_ai_option.py, where no model server is; with one it does not end",
    "learning-worker feedback answer.txt --criteria criteria.yaml --ai": _FAKE,
    "learning-worker evaluate synthetic --ai --limit 3": _FAKE,
    "make demo": "tests/e2e/test_demo.py starts it without make",
    "make demo ARGS=--once": "tests/e2e/test_main_job.py starts it without make",
    "make test": "this run",
    ".venv/bin/learning-worker feedback answer.txt --criteria criteria.yaml": "the same as with --json, to read",
    ".venv/bin/learning-worker feedback page1.jpg page2.jpg --criteria criteria.yaml"
    ' --instruction "Explain photosynthesis" --json': "tests/e2e/test_main_job.py, with a page of its own",
}
