"""Who may do what: three matrices as literals, compared with what real logins meet. Anything new is red."""

import contextlib
import re
import secrets
import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from school import a_file, acting_as, connect, report_v1

import learning_worker
from learning_worker.db import logins
from learning_worker.db.diagnosis import WORKER_FUNCTIONS

CALL_EVERY_FUNCTION = """
do $$
declare
    v_function record;
    v_called   jsonb := '{}';
begin
    for v_function in
        select p.proname, p.oid::regprocedure::text as signature,
               format('select public.%I(%s)', p.proname, (
                   select string_agg('null::' || format_type(t, null), ', ' order by n)
                     from unnest(p.proargtypes::oid[]) with ordinality as a(t, n))) as call
          from pg_proc p
         where p.pronamespace = 'public'::regnamespace
    loop
        begin
            execute v_function.call;
            v_called := v_called || jsonb_build_object(v_function.signature, true);
        exception when others then
            v_called := v_called || jsonb_build_object(
                v_function.signature,
                sqlstate <> '42501' or sqlerrm <> 'permission denied for function ' || v_function.proname);
        end;
    end loop;
    perform set_config('test.called', v_called::text, true);
end
$$
"""

LOGINS = ("web", "app", "worker", "sessions", "operator", "nobody")
# The migrator may do everything in this database, which is why the program refuses to serve with it.
MATRIX = (*LOGINS, "migrator")

# r select, a insert, w update, d delete, D truncate, - nothing
TABLES = """
table                       web  app  worker sessions operator nobody
people                      r    r    r      -        -        -
courses                     r    r    r      -        -        -
course_members              r    r    r      -        -        -
tasks                       r    r    r      -        -        -
task_hints                  r    r    r      -        -        -
task_snapshots              r    r    r      -        -        -
task_snapshot_hints         r    r    r      -        -        -
learning_submissions        r    r    r      -        -        -
learning_submission_files   r    r    r      -        -        -
learning_reports            r    r    r      -        -        -
learning_texts              -    -    -      -        -        -
learning_page_readings      -    -    -      -        -        -
learning_criterion_results  -    -    -      -        -        -
learning_submission_jobs    -    -    -      -        -        -
learning_queue_controls     -    -    -      -        -        -
learning_workers            -    -    -      -        -        -
learning_endpoints          -    -    -      -        -        -
learning_fair_tags          -    -    -      -        -        -
learning_audit              -    -    -      -        -        -
web_sessions                -    -    -      rawd     -        -
learning_object_deletions   -    -    -      -        -        -
"""

# x execute. `app` is the development login: what the web may, and the worker's verbs by name.
FUNCTIONS = """
function                                                                     web app worker sessions operator nobody
learning_current_sub()                                                       x   x   x      -        -        -
learning_course_ids(text[])                                                  x   x   x      -        -        -
learning_visible_subs()                                                      x   x   x      -        -        -
learning_submit(uuid,text,text,jsonb,text)                                   x   x   x      -        -        -
learning_my_submissions(uuid,uuid)                                           x   x   x      -        -        -
learning_my_files(uuid)                                                      x   x   x      -        -        -
learning_place(uuid)                                                         x   x   x      -        -        -
learning_course_pace(uuid)                                                   x   x   x      -        -        -
learning_confirm_text(uuid,text)                                             x   x   x      -        -        -
learning_take_back(uuid)                                                     x   x   x      -        -        -
learning_open(uuid)                                                          x   x   x      -        -        -
learning_review(uuid,integer,jsonb,text)                                     x   x   x      -        -        -
learning_release(uuid,integer)                                               x   x   x      -        -        -
learning_correct_text(uuid,integer,text)                                     x   x   x      -        -        -
learning_reassess(uuid,text)                                                 x   x   x      -        -        -
learning_remove(uuid)                                                        x   x   x      -        -        -
learning_correct_my_text(uuid,integer,text)                                  x   x   x      -        -        -
learning_answer_by_hand(uuid)                                                x   x   x      -        -        -
learning_pictured_pages(uuid)                                                x   x   x      -        -        -
learning_text_versions(uuid)                                                 x   x   x      -        -        -
learning_worker_health_probe()                                               x   x   x      -        x        -
learning_worker_lease(text,text,text,integer,integer,jsonb)                  -   x   x      -        -        -
learning_worker_renew(uuid,uuid,integer)                                     -   x   x      -        -        -
learning_worker_renew_batch(jsonb,integer)                                   -   x   x      -        -        -
learning_worker_save_page(uuid,uuid,jsonb)                                   -   x   x      -        -        -
learning_worker_save_text(uuid,uuid,text,text,double_precision,integer)      -   x   x      -        -        -
learning_worker_save_criterion(uuid,uuid,text,jsonb)                         -   x   x      -        -        -
learning_worker_update_completed(uuid,uuid,jsonb,text,text,jsonb)            -   x   x      -        -        -
learning_worker_update_completed_batch(jsonb)                                -   x   x      -        -        -
learning_worker_update_failed(uuid,uuid,text,text)                           -   x   x      -        -        -
learning_worker_update_failed_batch(jsonb)                                   -   x   x      -        -        -
learning_worker_nack_retry(uuid,uuid,text,double_precision)                  -   x   x      -        -        -
learning_worker_nack_retry_batch(jsonb)                                      -   x   x      -        -        -
learning_worker_release(uuid,uuid,double_precision)                          -   x   x      -        -        -
learning_worker_release_batch(jsonb)                                         -   x   x      -        -        -
learning_worker_release_unheld(text,uuid[])                                  -   x   x      -        -        -
learning_worker_outcome(uuid,uuid)                                           -   x   x      -        -        -
learning_worker_heartbeat(text,boolean,jsonb)                                -   x   x      -        -        -
learning_worker_goodbye(text)                                                -   x   x      -        -        -
learning_worker_queue_state()                                                -   x   x      -        x        -
learning_worker_lease_work(text,jsonb,integer,jsonb)                         -   x   x      -        -        -
learning_worker_save_criterion_batch(jsonb)                                  -   x   x      -        -        -
learning_worker_endpoint_failed(uuid,uuid,text,text,jsonb)                   -   x   x      -        -        -
learning_worker_endpoint_worked(text)                                        -   x   x      -        -        -
learning_worker_endpoint_states()                                            -   x   x      -        x        -
learning_worker_stored_report(uuid,uuid,text,text)                           -   x   x      -        -        -
learning_worker_due()                                                        -   x   x      -        -        -
learning_queue_list(text,text,integer)                                       -   -   -      -        x        -
learning_queue_find(uuid[])                                                  -   -   -      -        x        -
learning_queue_retry(uuid[])                                                 -   -   -      -        x        -
learning_queue_cancel(uuid[])                                                -   -   -      -        x        -
learning_queue_pause(text,boolean)                                           -   -   -      -        x        -
learning_purge_due()                                                         -   -   -      -        x        -
learning_purge_expire(integer)                                               -   -   -      -        x        -
learning_purge_deletions(integer)                                            -   -   -      -        x        -
learning_purge_deleted(text[])                                               -   -   -      -        x        -
learning_purge_object_keys(text)                                             -   -   -      -        x        -
"""

# Only the owner of the definer functions calls these.
INTERNAL = {
    "learning_may_correct(uuid)",
    "learning_note_deletions()",
    "learning_purge_ended_sessions()",
    "learning_purge_overdue_answers(integer)",
    "learning_purge_overdue_files(integer)",
    "learning_purge_overdue_members()",
    "learning_phase_pace()",
    "learning_turns_s(bigint,text)",
    "learning_add_files(uuid,jsonb)",
    "learning_audit_is_append_only()",
    "learning_check_submit(uuid,text,text,jsonb,text)",
    "learning_criteria_are_valid(jsonb)",
    "learning_endpoints_down()",
    "learning_evidence_fault(jsonb,text)",
    "learning_is_whole_number(jsonb,integer,integer)",
    "learning_fair_now(text,text)",
    "learning_keep_text()",
    "learning_lock_as_teacher(uuid)",
    "learning_next_fair_at(uuid,text,text)",
    "learning_queue_actor()",
    "learning_report_fault(jsonb,jsonb,text)",
    "learning_requeue(uuid,text,text)",
    "learning_result_fault(text,text,jsonb,jsonb,text)",
    "learning_snapshot(uuid)",
    "learning_store_report(uuid,jsonb,text,text,jsonb)",
    "learning_store_reports(uuid[],jsonb[],uuid[])",
    "learning_tell_submissions()",
    "learning_unassessed_report(jsonb,text)",
    "learning_wake_worker()",
    "learning_whole_score(jsonb,jsonb)",
    "learning_without_scores(jsonb,jsonb)",
    "learning_withdraw_ai()",
    "learning_worker_check_terms(text,text,integer,integer,jsonb)",
    "learning_worker_claim(uuid[],text,integer)",
    "learning_worker_close_job(uuid,text,text,uuid)",
    "learning_worker_close_spent(uuid[],jsonb)",
    "learning_worker_gate(text)",
    "learning_worker_held(jsonb)",
    "learning_worker_job_view(uuid[])",
    "learning_worker_outcomes(jsonb,bigint[],bigint[])",
    "learning_worker_pick(text,text,integer,boolean,integer)",
    "learning_worker_pick_last_chance(text,text,boolean,integer)",
    "learning_worker_pick_probe(text,text,jsonb)",
    "learning_worker_single(text)",
    "learning_worker_take(text,text,text,integer,integer,jsonb)",
    "learning_worker_wait(jsonb)",
}

# Rows that the web login sees for each person; the world is arranged in `world`. none: no subject; empty: ''.
ROWS = """
table                      teacher observer former pupil mate foreign-pupil foreign-teacher stranger none empty
people                     6       6        1      2     2    2             2               0        0    0
courses                    1       1        0      1     1    1             1               0        0    0
course_members             6       6        1      1     1    1             2               0        0    0
tasks                      1       1        0      1     1    1             1               0        0    0
task_hints                 1       1        0      0     0    0             1               0        0    0
task_snapshots             1       1        0      0     0    0             1               0        0    0
task_snapshot_hints        1       1        0      0     0    0             1               0        0    0
learning_submissions       2       2        0      0     0    0             1               0        0    0
learning_submission_files  1       1        0      0     0    0             0               0        0    0
learning_reports           1       1        0      0     0    0             1               0        0    0
"""


def literal(text):
    """{row name: {column: cell}} of a table written as text."""
    head, *lines = text.strip().splitlines()
    columns = head.split()[1:]
    return {
        line.split()[0].replace("_precision", " precision"): dict(zip(columns, line.split()[1:], strict=True))
        for line in lines
    }


@contextlib.contextmanager
def new_login(database, group=None, attributes=""):
    """A login of its own for this test; its DSN."""
    name, password = f"lw_test_{uuid.uuid4().hex[:12]}", secrets.token_hex(16)
    with connect(database.owner) as owner:
        role = sql.Identifier(name)
        create = f"create role {{}} login {attributes} password {{}}"
        owner.execute(sql.SQL(create).format(role, sql.Literal(password)))
        if group:
            owner.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), role))
        try:
            yield database.server.dsn(database.name, name, password)
        finally:
            owner.execute(sql.SQL("drop owned by {}").format(role))
            owner.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture
def as_login(database, logins_open):
    """A connection per login, also for a web login of production and for nobody."""
    with (
        new_login(database, "gustav_limited") as web,
        new_login(database) as nobody,
        connect(web) as web_db,
        connect(nobody) as nobody_db,
    ):
        yield {**logins_open, "web": web_db, "nobody": nobody_db}


@pytest.fixture
def world(school):
    """pupil: assessed, not released; mate: photos being read; foreign-pupil: assessed and released elsewhere."""
    school.completed("pupil")
    school.submit_files("mate")
    foreign = school.completed("foreign-pupil", task=school.other_task)
    school.as_person("foreign-teacher", "learning_release", foreign, 1)
    reading = school.lease("vision")
    page = {"page_nr": 1, "text_md": "x", "source": "ocr", "confidence": 0.5}
    school.call("learning_worker_save_page", reading["job_id"], reading["lease_key"], Jsonb(page))
    school.call("learning_worker_heartbeat", "w1", True, Jsonb({}))
    return school


def allowed(connection, statement):
    """Whether the statement gets past the rights; row security and constraints may still stop it."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        # An existing right to insert meets row security, or a constraint, later.
        return "row-level security" in str(error)
    except psycopg.Error:
        return True
    return True


def tried(connection, table):
    statements = {
        "r": f"select 1 from public.{table} limit 1",
        "a": f"insert into public.{table} default values",
        "w": f"update public.{table} set {first_column(connection, table)} = null",
        "d": f"delete from public.{table}",
        "D": f"truncate public.{table} cascade",
    }
    return "".join(letter for letter, query in statements.items() if allowed(connection, query)) or "-"


def first_column(connection, table):
    row = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attidentity = '' limit 1",
        [f"public.{table}"],
    ).fetchone()
    return row["attname"]


def test_every_login_meets_exactly_the_table_rights_of_the_matrix(as_login):
    names = as_login["owner"].execute(
        "select c.relname from pg_class c"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')"
    )
    tables = sorted(row["relname"] for row in names)

    found = {table: {login: tried(as_login[login], table) for login in MATRIX} for table in tables}

    assert found == {table: rights | {"migrator": "rawdD"} for table, rights in literal(TABLES).items()}


def test_the_catalogue_grants_no_other_right_and_none_on_columns_or_sequences(as_login):
    granted = as_login["owner"].execute(
        "select c.relname, a.privilege_type from pg_class c, aclexplode(c.relacl) a"
        " where c.relnamespace = 'public'::regnamespace and a.grantee <> c.relowner"
        "   and (a.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE') or c.relkind = 'S')"
        " union all select attrelid::regclass::text, attname from pg_attribute"
        " where attacl is not null and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)"
    )

    assert granted.fetchall() == []


def test_every_login_may_execute_exactly_the_functions_of_the_matrix(as_login):
    found = {}
    for login in MATRIX:
        for function, is_called in called(as_login[login]).items():
            found.setdefault(function, {})[login] = "x" if is_called else "-"

    nothing = dict.fromkeys(LOGINS, "-")
    expected = literal(FUNCTIONS) | dict.fromkeys(INTERNAL, nothing)
    assert found == {function: rights | {"migrator": "x"} for function, rights in expected.items()}


def called(connection):
    """{function: whether a call of it gets past the rights}; every argument null, and nothing stays."""
    with connection.transaction(force_rollback=True):
        connection.execute(CALL_EVERY_FUNCTION)
        row = connection.execute("select current_setting('test.called')::jsonb as called").fetchone()
    return row["called"]


def seen(connection, table, sub):
    with acting_as(connection, sub):
        return connection.execute(f"select count(*) as n from public.{table}").fetchone()["n"]


def test_each_person_sees_exactly_the_rows_of_the_matrix(world, as_login):
    expected = literal(ROWS)
    people = {"none": None, "empty": ""}

    found = {
        table: {person: str(seen(as_login["web"], table, people.get(person, person))) for person in columns}
        for table, columns in expected.items()
    }

    assert found == expected
    assert {t for t, rights in literal(TABLES).items() if rights["web"] != "-"} == set(expected)


@pytest.mark.parametrize("sub", [None, "", "pupil", "teacher", "foreign-teacher"])
def test_the_worker_reaches_no_row_directly_whoever_it_claims_to_be(world, as_login, sub):
    for table in literal(ROWS):
        assert seen(as_login["worker"], table, sub) == 0, table


def test_the_session_store_sees_sessions_and_nobody_else_does(world, as_login):
    as_login["sessions"].execute(
        "insert into web_sessions (token_hash, sub, display_name, site_role, csrf_token, expires_at)"
        " values (sha256('t'), 'pupil', 'P', 'student', repeat('c', 30), now() + interval '1 day')"
    )

    assert seen(as_login["sessions"], "web_sessions", None) == 1
    for login in ("web", "worker", "operator", "nobody"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            seen(as_login[login], "web_sessions", "pupil")


def test_the_migrator_owns_everything_and_is_no_superuser(world, as_login):
    migrator = as_login["migrator"]
    row = migrator.execute(
        "select rolsuper or rolbypassrls as unsafe from pg_roles where rolname = session_user"
    ).fetchone()

    assert row == {"unsafe": False}
    for table in literal(TABLES):
        assert seen(migrator, table, None) == world.one(f"select count(*) as n from {table}")["n"], table


def test_a_right_that_is_given_to_nobody_else_is_not_given_by_default_privileges(server, database):
    # As Supabase does it for its API roles.
    name = f"lw_{uuid.uuid4().hex}"
    with new_login(database) as api, connect(database.owner) as owner:
        role = psycopg.conninfo.conninfo_to_dict(api)["user"]
        owner.execute(sql.SQL("create database {} owner gustav_migrator").format(sql.Identifier(name)))
        dsns = logins.dsns(server, name)
        with connect(dsns.migration) as migrator:
            for kind in ("tables", "functions", "sequences"):
                migrator.execute(f"alter default privileges in schema public grant all on {kind} to {role}")
        logins.provision(server, name, database.migrations)
        with connect(server.superuser_dsn(name)) as fresh:
            given = fresh.execute(
                "select p.proname as n from pg_proc p where pronamespace = 'public'::regnamespace"
                "   and has_function_privilege(%s, p.oid, 'execute')"
                " union select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
                "   and has_table_privilege(%s, oid, 'select')",
                [role, role],
            ).fetchall()
        owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    assert given == []


ROLES = {
    # role: (may log in, groups whose rights it inherits)
    "gustav_owner": (False, []),
    "gustav_limited": (False, []),
    "gustav_operator": (False, []),
    "gustav_sessions": (False, []),
    "gustav_worker": (True, ["gustav_limited"]),
    "gustav_app": (True, ["gustav_limited"]),
    "gustav_session_login": (True, ["gustav_sessions"]),
    "gustav_operator_login": (True, ["gustav_operator"]),
    "gustav_migrator": (True, ["gustav_owner"]),
}


def test_there_are_exactly_these_roles_and_memberships(as_login):
    roles = as_login["owner"].execute(
        "select r.rolname, r.rolcanlogin, array("
        "   select g.rolname::text from pg_roles g where g.rolname like 'gustav%' and g.oid <> r.oid"
        "      and pg_has_role(r.oid, g.oid, 'usage') order by 1) as groups"
        "  from pg_roles r where r.rolname like 'gustav%'"
    )

    assert {row["rolname"]: (row["rolcanlogin"], row["groups"]) for row in roles} == ROLES


def test_nobody_inherits_or_may_become_the_worker(as_login):
    members = as_login["owner"].execute(
        "select r.rolname from pg_roles r"
        " where not r.rolsuper and r.rolname <> 'gustav_worker' and r.rolname not like 'lw\\_test\\_%'"
        "   and (pg_has_role(r.oid, 'gustav_worker', 'usage')"
        # Before PostgreSQL 16 every member may SET ROLE; since then that is a right of its own.
        "        or pg_has_role(r.oid, 'gustav_worker',"
        "             case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end))"
    )

    assert members.fetchall() == []


def test_a_member_of_the_worker_would_see_nothing_and_the_health_probe_says_so(world, database):
    with new_login(database, "gustav_worker") as dsn, connect(dsn) as member:
        rows = seen(member, "learning_submissions", "teacher")
        probe = member.execute("select * from public.learning_worker_health_probe()").fetchone()

    assert rows == 0
    assert (probe["check_name"], probe["status"]) == ("db_role", "failed")
    assert "member of gustav_worker" in probe["detail"]


def test_the_development_login_serves_pages_and_works(school, as_login):
    receipt = school.submit()

    job = school.lease(worker=as_login["app"])

    assert job["submission_id"] == receipt["submission_id"]
    assert seen(as_login["app"], "learning_submissions", "teacher") == 1


def test_probe_and_doctor_ask_for_exactly_the_functions_that_the_program_calls(school):
    code = "".join(path.read_text() for path in Path(learning_worker.__file__).parent.rglob("*.py"))
    called = set(re.findall(r"\blearning_worker_[a-z_]*[a-z]\b", code)) - {"learning_worker_checksums"}
    school.owner.execute(
        "revoke execute on all functions in schema public from gustav_worker, gustav_limited"
    )

    probe = school.one(
        "select detail from learning_worker_health_probe() where check_name = 'worker_functions'"
    )

    assert set(WORKER_FUNCTIONS) == called
    assert probe["detail"] == "missing=" + ",".join(sorted(called))


def test_hints_never_reach_a_pupil(world, as_login):
    submission = as_login["owner"].execute("select id from learning_submissions where student_sub = 'pupil'")
    mine = world.mine(submission.fetchone()["id"])

    assert "oxygen is enough" not in str({k: v for k, v in mine.items() if k != "text_body"})
    with acting_as(as_login["web"], "pupil") as web:
        for table in ("task_hints", "task_snapshots", "task_snapshot_hints"):
            assert web.execute(f"select * from public.{table}").fetchall() == []


RESULT_COLUMNS = ("feedback_md", "analysis_json", "released_at", "report_source")


def test_a_pupil_reads_no_result_before_its_release(school):
    answer = school.completed()
    before = school.mine(answer)

    school.as_person("teacher", "learning_release", answer, 1)

    after = school.mine(answer)
    assert {before[column] for column in RESULT_COLUMNS} == {None}
    assert before["step"] == "teacher_reads"
    assert all(after[column] is not None for column in RESULT_COLUMNS)
    assert after["step"] == "done"


@pytest.mark.parametrize("visible", [False, True])
def test_points_are_shown_only_where_the_task_shows_them(school, visible):
    task = school.new_task(school.course, release_mode="practice", scores_visible=visible)
    answer = school.completed(task=task)

    mine = school.mine(answer)

    first = mine["analysis_json"]["criteria_results"][0]
    assert (first["score"], first["level"]) == ((7 if visible else None), 2)


def test_hidden_points_of_a_v1_report_leave_a_level_to_read(school):
    task = school.new_task(school.course, release_mode="practice", scores_visible=False)
    receipt = school.submit(task=task)
    school.complete(school.lease(), report=report_v1())

    results = school.mine(receipt["submission_id"])["analysis_json"]["criteria_results"]

    # 4 of 10 is nearest to a third, 4 of 6 is two thirds.
    assert [(r["score"], r["level"], r["status"]) for r in results] == [
        (None, 1, "scored"),
        (None, 2, "scored"),
    ]


@pytest.mark.parametrize("sub", ["mate", "foreign-pupil", "teacher", "stranger", ""])
def test_nobody_reads_the_answer_of_another_pupil_as_their_own(school, sub):
    answer = school.submit(files=[a_file()])["submission_id"]

    with acting_as(school.app, sub) as app:
        rows = app.execute("select * from learning_my_submissions(null, %s)", [answer]).fetchall()
        files = app.execute("select * from learning_my_files(%s)", [answer]).fetchall()

    assert (rows, files) == ([], [])


TEACHER_VERBS = [
    ("learning_open", ()),
    ("learning_review", (1, Jsonb({}), "x")),
    ("learning_release", (1,)),
    ("learning_correct_text", (1, "x")),
    ("learning_reassess", ()),
    ("learning_remove", ()),
]


@pytest.mark.parametrize("sub", ["pupil", "observer", "former", "foreign-teacher", "stranger", ""])
@pytest.mark.parametrize(("verb", "arguments"), TEACHER_VERBS)
def test_only_a_teacher_of_the_course_changes_an_answer(school, sub, verb, arguments):
    answer = school.completed()
    before = school.everything_of(answer)

    with pytest.raises(psycopg.DatabaseError) as refused, acting_as(school.app, sub):
        school.call(verb, answer, *arguments, connection=school.app)

    assert refused.value.sqlstate == "LW010"
    assert school.everything_of(answer) == before


@pytest.mark.parametrize("sub", ["teacher", "observer", "foreign-pupil", "stranger", ""])
def test_only_a_pupil_of_the_course_hands_in(school, sub):
    with pytest.raises(psycopg.DatabaseError) as refused:
        school.submit(sub)

    assert refused.value.sqlstate == "LW010"
    assert school.one("select count(*) as n from learning_submissions")["n"] == 0


def test_a_membership_that_ended_gives_nothing(school):
    answer = school.completed()
    school.owner.execute(
        "update course_members set valid_until = now() - interval '1 s' where sub in ('teacher', 'pupil')"
    )

    with pytest.raises(psycopg.DatabaseError) as refused:
        school.submit()

    assert refused.value.sqlstate == "LW010"
    assert seen(school.app, "learning_submissions", "teacher") == 0
    assert school.mine(answer) is not None


def test_the_identity_of_one_transaction_does_not_reach_the_next(school):
    school.completed()

    inside = seen(school.app, "learning_submissions", "teacher")
    after = seen(school.app, "learning_submissions", None)

    assert (inside, after) == (1, 0)
