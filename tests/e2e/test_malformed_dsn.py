"""A connection string with a slip in it ends in a sentence that names the setting, and never in the string itself."""

import subprocess
import sys

import pytest

from learning_worker import cli
from learning_worker.db import migrate, server_logins
from learning_worker.db.migrate import MigrationError
from learning_worker.settings import DatabaseUse

SOUND = "postgresql://someone:secret@127.0.0.1:1/learning"
# A password that was not escaped, as people type it.
MALFORMED = (
    "postgresql://someone:%zzcanary@127.0.0.1:1/learning",
    "postgresql:someone:canary@127.0.0.1/learning",
)
COMMANDS = (
    "doctor --quick",
    "doctor --quick --json",
    "health",
    "migrate",
    "migrate --status",
    "logins",
    "queue list",
    "purge",
    "worker",
    "web",
)


@pytest.mark.parametrize("use", DatabaseUse)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_the_setting_and_not_what_it_holds(monkeypatch, capsys, command, use):
    for other in DatabaseUse:
        monkeypatch.setenv(other.value, SOUND)
    monkeypatch.setattr(sys, "argv", ["learning-worker", *command.split()])
    for dsn in MALFORMED:
        monkeypatch.setenv(use.value, dsn)

        with pytest.raises(SystemExit) as ended:
            cli.main()

        told = "".join(capsys.readouterr())
        assert ended.value.code == (1 if "doctor" in command else 2)
        assert f"{use.value} is refused" in told
        assert "canary" not in told


@pytest.mark.parametrize("act", [migrate.apply, migrate.status, lambda dsn: server_logins.admit(dsn, {})])
@pytest.mark.parametrize("tail", ["port=canary", "port=1 connect_timeout=canary", "port=1 sslmode=canary"])
def test_what_only_the_connection_finds_out_is_said_without_the_drivers_words(act, tail):
    with pytest.raises(MigrationError) as refused:
        act(f"host=127.0.0.1 {tail}")

    assert "canary" not in refused.value.sentence.english + refused.value.sentence.german


@pytest.mark.slow
def test_a_health_check_without_a_connection_keeps_the_drivers_words_to_itself(monkeypatch):
    # A slash ends the host's part: what follows the colon counts as a port.
    monkeypatch.setenv("LEARNING_DATABASE_URL", "postgresql://someone:can/ary@127.0.0.1:1/learning")

    done = subprocess.run([sys.executable, "-m", "learning_worker", "health"], text=True, capture_output=True)

    assert (done.returncode, done.stderr) == (1, "")
    assert "database not reachable" in done.stdout
    assert "ary" not in done.stdout.replace("learning", "")
