"""Remove guards, one at a time, and see that the tests notice: a guard without a failing test is decoration.

Each mutant is a copy of the project in a temporary directory with one text replaced. Prints a table and writes it to
docs/reference/mutants.md.
Exit status 1 when a mutant survives. Usage: mutants.py [--check-texts] [NAME ...]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from feedback_mutants import FEEDBACK_MUTANTS
from worker_mutants import WORKER_MUTANTS

ROOT = Path(__file__).resolve().parents[1]
MIGRATIONS = ROOT / "supabase" / "migrations"
# Each has a PostgreSQL of its own.
AT_A_TIME = 2
PAGE = ROOT / "docs" / "reference" / "mutants.md"

_DEFINER = "language sql\nsecurity definer\nset search_path = ''\nas $$\n    select j.id, j.lease_key"


@dataclass(frozen=True)
class Mutant:
    """One guard that is removed. `old` stands there exactly once.

    file: a path in the project, or part of a migration's name. tests: what pytest is given.
    """

    name: str
    file: str
    old: str
    new: str
    tests: str


@dataclass(frozen=True)
class Verdict:
    """What the tests said; `first`: the first test that failed, None for a survivor."""

    mutant: Mutant
    first: str | None
    seconds: float


FENCE = "tests/db/test_fence.py"
LEASE = "tests/db/test_lease.py"
RIGHTS = "tests/db/test_rights.py"
SUBMIT = "tests/db/test_submit.py"
FAIRNESS = "tests/db/test_fairness.py"
RUNBOOK = "tests/db/test_runbook.py"
LINT = "tests/db/test_schema_lint.py"
WITHDRAWN = "tests/db/test_ai_withdrawn.py"

_RUN = "worker_functions"
_HELD = (
    "learning_worker_held(jsonb_build_array("
    "jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key))) h\n"
)
_JOB = "(select j.submission_id, j.phase from public.learning_submission_jobs j where j.id = p_job_id) h\n"
_SINGLE = (
    "     where h.phase = '{phase}';\n"
    "    perform public.learning_worker_single(case when found then 'applied' end);\n    {after}"
)
# What a renewal asks the fence about: the items whose jobs it could lock.
_FREE = (
    "learning_worker_held((\n"
    "               -- A null keeps the place of an item that is left out.\n"
    "               select coalesce(jsonb_agg(case when (i.value ->> 'job_id')::uuid = any (v_free) then i.value end"
    " order by i.ordinality), '[]')\n"
    "                 from jsonb_array_elements(p_items) with ordinality as i))"
)
_SKIP = "           for update skip locked\n    );\n    select coalesce(array_agg(h.job_id)"
_PATIENCE = (
    "            execute format('alter function %s set lock_timeout = %L', v_function.signature, '1s');\n"
)
# A batch that looks its jobs up by id alone, whoever holds them.
_BY_ID = (
    "(select j.id as job_id, j.lease_key, j.submission_id, j.phase, e.value as item, e.ordinality as item_nr"
    " from jsonb_array_elements(p_items) with ordinality as e"
    " join public.learning_submission_jobs j on j.id = (e.value ->> 'job_id')::uuid)"
)


def _unfenced(verb: str, start: str, tests: str = FENCE) -> Mutant:
    """The verb of a batch takes the job by its id; `start`: text that follows its call of the fence."""
    old = "learning_worker_held(p_items)" + start
    return Mutant(f"{verb}: key missing", _RUN, f"public.{old}", f"{_BY_ID}{start}", tests)


def _unfenced_single(verb: str, phase: str, after: str) -> Mutant:
    return Mutant(
        f"{verb}: key missing",
        _RUN,
        "public." + _HELD + _SINGLE.format(phase=phase, after=after),
        _JOB + _SINGLE.format(phase=phase, after=after),
        FENCE,
    )


MUTANTS = (
    Mutant("renew: key missing", _RUN, f"public.{_FREE} h;", f"{_BY_ID} h;", FENCE),
    Mutant("a renewal waits for a locked job", _RUN, _SKIP, _SKIP.replace(" skip locked", ""), LEASE),
    Mutant("a lock is waited for without end", _RUN, _PATIENCE, "", LINT),
    _unfenced("complete", " h\n     where h.phase = 'feedback';\n    select coalesce"),
    _unfenced("fail", "\n    loop\n        begin\n            perform public.learning_worker_close_job"),
    _unfenced(
        "nack",
        "\n    loop\n        update public.learning_submission_jobs j\n"
        "           set status = 'queued', lease_key = null, leased_until = null, last_settled_key = v_held.lease_key,\n"
        "               visible_at",
    ),
    _unfenced(
        "release",
        "\n    loop\n        update public.learning_submission_jobs j\n"
        "           set status = 'queued', lease_key = null, leased_until = null, last_settled_key = v_held.lease_key,\n"
        "               run_count",
    ),
    _unfenced_single("save page", "vision", "insert into public.learning_page_readings"),
    _unfenced_single("save text", "vision", "if p_text is null"),
    _unfenced("save criterion", " h where h.phase = 'feedback';\n    with asked"),
    Mutant(
        "endpoint failed: key missing",
        "endpoints",
        "    perform from public." + _HELD.removesuffix(" h\n") + ";\n"
        "    perform public.learning_worker_single(case when found then 'applied' end);\n    insert into",
        "    insert into",
        FENCE,
    ),
    Mutant(
        "stored report: key missing",
        "stored_report",
        "    perform public.learning_worker_single(case when found then 'applied' end);\n",
        "",
        FENCE,
    ),
    Mutant(
        "fence: key missing",
        _RUN,
        "       and j.lease_key = i.lease_key\n       and j.status = 'leased'\n",
        "       and j.status = 'leased'\n",
        FENCE,
    ),
    Mutant(
        "a worker gives back what others hold",
        _RUN,
        "                  and j.worker_id = p_worker_id\n",
        "",
        FENCE,
    ),
    Mutant(
        "a worker gives back what it works on",
        _RUN,
        "                  and j.lease_key <> all (p_held)",
        "",
        FENCE,
    ),
    Mutant(
        "fence: leased_until missing",
        _RUN,
        "       and j.status = 'leased'\n       and j.leased_until > now()\n     order by j.id",
        "       and j.status = 'leased'\n     order by j.id",
        FENCE,
    ),
    Mutant(
        "fence: the same item twice",
        _RUN,
        "select distinct on (1, 2) (e.value",
        "select (e.value",
        FENCE,
    ),
    Mutant(
        "application clock, an hour fast",
        _RUN,
        "               and j.lane = v_lane\n               and j.visible_at <= now()\n",
        "               and j.lane = v_lane\n               and j.visible_at <= now() + interval '1 hour'\n",
        LEASE,
    ),
    Mutant(
        "two with one crash left run side by side",
        _RUN,
        "j.crash_count + 1 >= p_max_crashes and j.status = 'leased' and j.leased_until > now()) then",
        "j.crash_count + 1 >= p_max_crashes and j.status = 'leased' and false) then",
        f"{LEASE} -k one_at_a_time",
    ),
    Mutant(
        "two that look for a last chance at once find one each",
        _RUN,
        "or not pg_try_advisory_xact_lock(hashtextextended('learning_worker_pick_last_chance', 0))",
        "or false",
        f"{LEASE} -k one_at_a_time",
    ),
    Mutant(
        "who failed after two crashes runs beside others of its kind",
        _RUN,
        "               and (j.crash_count = 0 or j.crash_count + 1 < p_max_crashes)\n",
        "",
        f"{LEASE} -k one_at_a_time",
    ),
    Mutant(
        "a dead worker's time counts as waiting",
        _RUN,
        "visible_at = case j.status when 'leased' then j.leased_until else j.visible_at end",
        "visible_at = j.visible_at",
        f"{LEASE} -k waited_since",
    ),
    Mutant(
        "no reclaim of expired leases",
        _RUN,
        "         where j.status = 'leased'\n           and j.leased_until <= now()\n           and j.phase = p_phase",
        "         where false\n           and j.phase = p_phase",
        LEASE,
    ),
    Mutant(
        "expired leases after the backlog",
        _RUN,
        "           and j.leased_until <= now()\n           and j.phase = p_phase",
        "           and j.leased_until <= now()\n           and j.phase = p_phase\n           and not exists ("
        "select from public.learning_submission_jobs q where q.status = 'queued' and q.phase = p_phase)",
        LEASE,
    ),
    Mutant(
        "no run limit",
        _RUN,
        "or (j.status = 'queued' and j.run_count >= (p_limits ->> 'max_runs')::int)",
        "or false",
        LEASE,
    ),
    Mutant(
        "a probe beyond the run limit",
        "endpoints",
        "        exit when v_spent = '{}';\n",
        "        exit;\n",
        LEASE,
    ),
    Mutant(
        "a server that fails its probe is tried at once",
        "endpoints",
        " or v_endpoint.state <> 'closed';",
        ";",
        "tests/db/test_outages.py",
    ),
    Mutant(
        "a look for work on any terms",
        "endpoints",
        "        perform public.learning_worker_check_terms(v_want.phase, null, v_want.slots, p_lease_seconds, p_limits);\n",
        "",
        LEASE,
    ),
    Mutant(
        "a worker makes a teacher's version",
        "report_checks",
        "coalesce(i.item ->> 'source', 'teacher') = 'teacher' and i.settled_by is not null",
        "false",
        FENCE,
    ),
    Mutant(
        "one refused report takes the others along",
        _RUN,
        "    if jsonb_array_length(p_items) > 1 then\n        return query\n        select r.*",
        "    if jsonb_array_length(p_items) > 1 then\n        raise;\n        return query\n        select r.*",
        FENCE,
    ),
    Mutant(
        "a checkpoint that does not fit is kept",
        _RUN,
        "         where v.is_valid\n         order by v.id",
        "         where v.criterion is not null\n         order by v.id",
        LEASE,
    ),
    Mutant(
        "any whole score",
        "report_checks",
        "       or p_report ->> 'score' is distinct from v_whole::text then",
        "       then",
        LEASE,
    ),
    Mutant(
        "whole score without weights",
        "report_checks",
        "        v_weight := (p_criteria -> i -> 'weight')::numeric;",
        "        v_weight := 1;",
        LEASE,
    ),
    Mutant(
        "whole score rounded down",
        "report_checks",
        "    return div(2 * 5 * v_points + v_weights, 2 * v_weights)::int;",
        "    return div(5 * v_points, v_weights)::int;",
        "tests/db/test_whole_score.py",
    ),
    Mutant(
        "no crash limit",
        _RUN,
        "(j.status = 'leased' and j.crash_count + 1 >= (p_limits ->> 'max_crashes')::int)",
        "false",
        LEASE,
    ),
    Mutant(
        "no SKIP LOCKED for waiting jobs",
        _RUN,
        "             limit p_limit - cardinality(v_ids)\n               for update of j skip locked\n",
        "             limit p_limit - cardinality(v_ids)\n               for update of j\n",
        LEASE,
    ),
    Mutant(
        "a look waits for an answer that a person has locked",
        _RUN,
        "               for update of j skip locked\n               for no key update of s skip locked\n"
        "        );\n    end loop",
        "               for update of j skip locked\n        );\n    end loop",
        f"{LEASE} -k has_locked",
    ),
    Mutant(
        "no SKIP LOCKED for expired leases",
        _RUN,
        "         limit p_limit\n           for update of j skip locked\n",
        "         limit p_limit\n           for update of j\n",
        LEASE,
    ),
    Mutant(
        "a drain is charged",
        _RUN,
        "run_count = greatest(j.run_count - 1, 0), retry_count = greatest(j.run_count - 2, 0)",
        "run_count = j.run_count",
        LEASE,
    ),
    Mutant(
        "quote check off",
        "report_checks",
        "              is distinct from v_item ->> 'quote' then",
        "              is distinct from v_item ->> 'quote' and false then",
        LEASE,
    ),
    Mutant(
        "what is queued again shares one turn",
        "health_and_operator",
        "                   + interval '10 s' * (row_number()",
        "                   + interval '0 s' * (row_number()",
        FAIRNESS,
    ),
    Mutant(
        "a report may hold more than its keys",
        "report_checks",
        "else array[]::text[] end) <> '{}' then",
        "else array[]::text[] end) <> '{}' and false then",
        LEASE,
    ),
    Mutant(
        "a result may hold more than its keys",
        "report_checks",
        "'explanation_md', 'evidence', 'next_step_md'] <> '{}'",
        "'explanation_md', 'evidence', 'next_step_md'] <> '{}' and false",
        LEASE,
    ),
    Mutant(
        "a quote may hold more than its keys",
        "report_checks",
        "v_item - array['quote', 'start', 'end'] <> '{}'",
        "false",
        LEASE,
    ),
    Mutant(
        "points of another level accepted",
        "report_checks",
        "            return 'level_and_score';",
        "            null;",
        LEASE,
    ),
    Mutant(
        "a report may name another maker",
        "report_checks",
        "is distinct from i.item ->> 'source' then 'source'",
        "is distinct from i.item ->> 'source' and false then 'source'",
        LEASE,
    ),
    Mutant(
        "quote counted from one",
        "report_checks",
        "substr(p_text, v_start + 1,",
        "substr(p_text, v_start,",
        LEASE,
    ),
    Mutant(
        "one criterion too many accepted",
        "report_checks",
        " or jsonb_array_length(v_results) <> v_count then",
        " or jsonb_array_length(v_results) < v_count then",
        LEASE,
    ),
    Mutant(
        "definer without search_path", _RUN, _DEFINER, _DEFINER.replace("set search_path = ''\n", ""), LINT
    ),
    Mutant(
        "PUBLIC executes the worker's functions",
        _RUN,
        "        execute format('revoke all on function %s from public', v_function.signature);\n",
        "",
        RIGHTS,
    ),
    Mutant(
        "API roles keep their default privileges",
        "named_grants",
        "        execute format('revoke all on %s from %s', v_grant.object, v_grant.grantee);",
        "        null;",
        RIGHTS,
    ),
    Mutant(
        "policy true on submissions",
        "row_security",
        "create policy limited_select on public.learning_submissions for select to gustav_limited\nusing (course_id = any (("
        "select public.learning_course_ids(array['teacher', 'observer']))::uuid[]));",
        "create policy limited_select on public.learning_submissions for select to gustav_limited\nusing (true);",
        RIGHTS,
    ),
    Mutant(
        "worker not shut out",
        "row_security",
        "as restrictive to gustav_worker using (false) with check (false)",
        "as restrictive to gustav_worker using (true) with check (true)",
        RIGHTS,
    ),
    Mutant(
        "valid_until ignored",
        "row_security",
        "       and m.role = any (p_roles)\n       and (m.valid_until is null or m.valid_until > now())",
        "       and m.role = any (p_roles)",
        RIGHTS,
    ),
    Mutant(
        "empty subject is somebody",
        "row_security",
        "select nullif(current_setting('app.current_sub', true), '')",
        "select coalesce(nullif(current_setting('app.current_sub', true), ''), 'teacher')",
        RIGHTS,
    ),
    Mutant(
        "hints for pupils",
        "row_security",
        "create policy limited_select on public.task_hints for select to gustav_limited\nusing (exists (",
        "create policy limited_select on public.task_hints for select to gustav_limited\nusing (true or exists (",
        RIGHTS,
    ),
    Mutant(
        "unreleased results for pupils",
        "pupil_functions",
        "                  and r.released_at is not null\n                order by r.version desc",
        "                order by r.version desc",
        RIGHTS,
    ),
    Mutant(
        "points always shown",
        "pupil_functions",
        "case when p.scores_visible then r.analysis_json else",
        "case when true then r.analysis_json else",
        RIGHTS,
    ),
    Mutant(
        "another body under the same key",
        "pupil_functions",
        "        if v_old.request_digest <> v_digest then",
        "        if false then",
        SUBMIT,
    ),
    Mutant(
        "a pupil's answers in a row",
        "pupil_functions",
        "v_course, v_pupil + v_answer.cost * (v_class - 1));",
        "v_course, v_pupil);",
        FAIRNESS,
    ),
    Mutant(
        "courses do not wait for their own tags",
        "pupil_functions",
        "greatest(public.learning_fair_now(p_phase, p_lane), v_course, v_pupil + v_answer.cost * (v_class - 1));",
        "public.learning_fair_now(p_phase, p_lane);",
        FAIRNESS,
    ),
    Mutant(
        "the wall clock as virtual time",
        "pupil_functions",
        "greatest(public.learning_fair_now(p_phase, p_lane),",
        "greatest(now(),",
        FAIRNESS,
    ),
    Mutant(
        "a job that backs off holds virtual time back",
        "pupil_functions",
        "j.lane = p_lane and j.visible_at <= now()\n          order by",
        "j.lane = p_lane\n          order by",
        FAIRNESS,
    ),
    Mutant(
        "an answer that was read keeps its turn of reading",
        _RUN,
        "public.learning_next_fair_at(v_submission_id, 'feedback', j.lane)),",
        "j.fair_at),",
        FAIRNESS,
    ),
    Mutant(
        "a confirmed text has no turn of its own",
        "pupil_functions",
        "fair_at = public.learning_next_fair_at(p_submission_id, j.phase, j.lane)",
        "fair_at = public.learning_fair_now(j.phase, j.lane)",
        FAIRNESS,
    ),
    Mutant(
        "the probe looks at the login's own powers alone",
        "health_and_operator",
        "pg_has_role(session_user, r.oid, 'member')\n           and (r.rolsuper",
        "pg_has_role(session_user, r.oid, 'member') and r.rolname = session_user\n           and (r.rolsuper",
        RUNBOOK,
    ),
    Mutant(
        "the probe does not ask for the lease",
        "health_and_operator",
        "'heartbeat', 'lease_work',\n",
        "'heartbeat',\n",
        RIGHTS,
    ),
    Mutant(
        "estimates wait for a server that left the settings",
        "health_and_operator",
        "(e.retry_at > now() - interval '5 minutes'",
        "(e.retry_at is not null",
        "tests/db/test_estimates.py",
    ),
    Mutant(
        "a text that waits for its pupil is its class's last",
        "estimates",
        "(j.visible_at <= now() or s.analysis_status <> 'extracted')",
        "true",
        "tests/db/test_estimates.py",
    ),
    Mutant(
        "who backs off is counted before a class",
        "estimates",
        " and (j.visible_at <= now() or j.id in (select m.id from mine m))",
        "",
        "tests/db/test_estimates.py",
    ),
    Mutant(
        "a class is done before its last answer comes back",
        "estimates",
        "        done_p50_s := greatest(done_p50_s, v_wait_s);\n",
        "",
        "tests/db/test_estimates.py",
    ),
    Mutant(
        "who tried the server tries it again first",
        "endpoints",
        "(public.learning_worker_pick(p_phase, null, 1, true, ",
        "(public.learning_worker_pick(p_phase, null, 1, false, ",
        "tests/db/test_outages.py",
    ),
    Mutant(
        "double posts do not wait",
        "pupil_functions",
        "    perform from public.people p where p.sub = public.learning_current_sub() for no key update;\n",
        "",
        SUBMIT,
    ),
    Mutant(
        "a correction leaves the lease",
        "teacher_functions",
        "status = 'queued', lease_key = null, leased_until = null, worker_id = null,",
        "worker_id = null,",
        SUBMIT,
    ),
    Mutant(
        "a model is asked without permission",
        "teacher_functions",
        "        raise exception 'no model may be asked for this pupil' using errcode = 'LW015';",
        "        null;",
        WITHDRAWN,
    ),
    Mutant(
        "an analysis goes on after the permission is withdrawn",
        "ai_withdrawn",
        "    delete from public.learning_submission_jobs j where j.course_id = new.course_id and j.student_sub = new.sub;\n",
        "",
        WITHDRAWN,
    ),
    Mutant(
        "handing in does not wait for who withdraws",
        "pupil_functions",
        "\n       for share of m;",
        ";",
        WITHDRAWN,
    ),
    Mutant(
        "conflicts overwrite",
        "teacher_functions",
        "    if v_submission.text_version is distinct from p_text_version then",
        "    if false then",
        SUBMIT,
    ),
    Mutant(
        "two teachers save at once",
        "teacher_functions",
        "    if v_submission.report_version is distinct from p_base_version then",
        "    if false then",
        SUBMIT,
    ),
    Mutant(
        "a review does not count as opening",
        "teacher_functions",
        "set opened_at = coalesce(s.opened_at, now()) where s.id = p_submission_id;",
        "set opened_at = s.opened_at where s.id = p_submission_id;",
        SUBMIT,
    ),
    Mutant(
        "a review looks without waiting",
        "teacher_functions",
        "       and s.course_id = any (public.learning_course_ids(array['teacher']))\n       for update;",
        "       and s.course_id = any (public.learning_course_ids(array['teacher']));",
        SUBMIT,
    ),
    Mutant(
        "audit can be rewritten",
        "submission_jobs",
        "create trigger learning_audit_append_only\nbefore update or delete on",
        "create trigger learning_audit_append_only\nbefore delete on",
        SUBMIT,
    ),
    *(Mutant(*guard) for guard in (*WORKER_MUTANTS, *FEEDBACK_MUTANTS)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only mutants whose name contains one of these")
    parser.add_argument("--check-texts", action="store_true", help="only see that each text is still there")
    arguments = parser.parse_args()
    chosen = [m for m in MUTANTS if not arguments.names or any(name in m.name for name in arguments.names)]
    for mutant in chosen:
        _mutated(mutant)
    if arguments.check_texts:
        return 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        with _a_copy() as copy:
            sound = sorted({mutant.tests for mutant in chosen})
            for tests, failed in zip(sound, pool.map(partial(_first_failure, copy), sound), strict=True):
                if failed is not None:
                    raise SystemExit(f"{tests} fails without any mutant: {failed}")
        verdicts = list(pool.map(_judge, chosen))
    if not arguments.names:
        PAGE.write_text(_page(verdicts), encoding="utf-8")
    return 1 if any(verdict.first is None for verdict in verdicts) else 0


def _mutated(mutant: Mutant) -> tuple[str, str]:
    """File and text with the guard removed. Raises SystemExit when the guard is not where it was."""
    (path,) = [ROOT / mutant.file] if "/" in mutant.file else MIGRATIONS.glob(f"*_{mutant.file}.sql")
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: its text stands {text.count(mutant.old)} times in {path.name}")
    return str(path.relative_to(ROOT)), text.replace(mutant.old, mutant.new)


@contextmanager
def _a_copy() -> Iterator[Path]:
    """What the tests need of the project, where nobody else works."""
    with tempfile.TemporaryDirectory(prefix="lw-mutant-") as directory:
        copy = Path(directory)
        copy.chmod(0o755)
        for name in ("src", "supabase", "tests", "tools", "docs"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        yield copy


def _judge(mutant: Mutant) -> Verdict:
    name, text = _mutated(mutant)
    started = time.monotonic()
    with _a_copy() as copy:
        (copy / name).write_text(text, encoding="utf-8")
        first = _first_failure(copy, mutant.tests)
    verdict = Verdict(mutant, first, time.monotonic() - started)
    print(f"{mutant.name:42} {verdict.first or '*** SURVIVED ***':90} {verdict.seconds:5.1f} s", flush=True)
    return verdict


def _first_failure(project: Path, tests: str) -> str | None:
    """The first test that fails in this copy of the project, None when all pass."""
    done = subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-q", "-x", "--tb=no", "-rf", "-p", "no:cacheprovider"),
            *tests.split(),
        ],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        check=False,
        capture_output=True,
        text=True,
    )
    # An error in a fixture is no verdict: the mutant must be a working database that breaks a promise.
    failed = re.search(r"^FAILED [^:]+::(.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if failed is None and done.returncode != 0:
        raise SystemExit(f"{tests} did not run\n{done.stdout}{done.stderr}")
    return failed[1] if failed else None


def _page(verdicts: list[Verdict]) -> str:
    rows = [f"| {v.mutant.name} | {f'`{v.first}`' if v.first else '**survived**'} |" for v in verdicts]
    caught = sum(v.first is not None for v in verdicts)
    return "\n".join(
        [
            "# Guards and the tests that watch them",
            "",
            f"Written by `make mutants`: {caught} of {len(verdicts)} removed guards are noticed. Each line is one guard",
            "taken out of a copy of the project, and the first test that fails there.",
            "",
            "| guard removed | first test that fails |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
