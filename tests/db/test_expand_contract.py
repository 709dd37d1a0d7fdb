"""The database's side of the contract with a worker that is one release older than the schema.

A worker calls by position and reads columns by name. What stands here was released; a migration may add a parameter with a
default or a column at the end, never take one away. See docs/explanation/migrations.md.
"""

import pytest

LEASED = [
    "job_id",
    "lease_key",
    "leased_until",
    "submission_id",
    "phase",
    "lane",
    "retry_count",
    "crash_count",
    "waited_s",
    "age_s",
    "text_body",
    "text_version",
    "text_confidence",
    "task",
    "files",
    "pages_done",
    "results_done",
]
OUTCOMES = ["job_id", "outcome"]

# function: (types of the positional arguments, columns that are read; None: the answer is not read)
CALLS = {
    "learning_worker_lease": ("text text text int int jsonb", LEASED),
    "learning_worker_lease_work": ("text jsonb int jsonb", [*LEASED, "closed_as"]),
    "learning_worker_renew": ("uuid uuid int", None),
    "learning_worker_renew_batch": ("jsonb int", OUTCOMES),
    "learning_worker_save_page": ("uuid uuid jsonb", None),
    "learning_worker_save_text": ("uuid uuid text text float8 int", None),
    "learning_worker_save_criterion": ("uuid uuid text jsonb", None),
    "learning_worker_save_criterion_batch": ("jsonb", OUTCOMES),
    "learning_worker_update_completed": ("uuid uuid jsonb text text jsonb", None),
    "learning_worker_update_completed_batch": ("jsonb", OUTCOMES),
    "learning_worker_stored_report": (
        "uuid uuid text text",
        ["version", "source", "analysis_json", "feedback_md", "usage"],
    ),
    "learning_worker_update_failed": ("uuid uuid text text", None),
    "learning_worker_update_failed_batch": ("jsonb", OUTCOMES),
    "learning_worker_nack_retry": ("uuid uuid text float8", None),
    "learning_worker_nack_retry_batch": ("jsonb", OUTCOMES),
    "learning_worker_release": ("uuid uuid float8", None),
    "learning_worker_release_batch": ("jsonb", OUTCOMES),
    "learning_worker_release_unheld": ("text uuid[]", None),
    "learning_worker_outcome": ("uuid uuid", ["learning_worker_outcome"]),
    "learning_worker_heartbeat": ("text boolean jsonb", None),
    "learning_worker_goodbye": ("text", None),
    "learning_worker_endpoint_failed": ("uuid uuid text text jsonb", ["learning_worker_endpoint_failed"]),
    "learning_worker_endpoint_worked": ("text", ["learning_worker_endpoint_worked"]),
    "learning_worker_endpoint_states": ("", ["endpoint", "state"]),
    "learning_worker_due": ("", ["phase", "due_s"]),
    "learning_worker_queue_state": ("", ["phase", "queued", "leased", "expired", "oldest_visible_s"]),
    "learning_worker_health_probe": ("", ["check_name", "status", "detail"]),
    "learning_submit": ("uuid text text jsonb text", ["submission_id", "attempt_nr", "created"]),
}


@pytest.mark.parametrize("function", CALLS)
def test_an_older_program_still_finds_the_function_and_its_columns(logins_open, function):
    types, columns = CALLS[function]
    arguments = ", ".join(f"null::{name}" for name in types.split())

    # `where false` plans the call, with its types and rights, and does not run it.
    found = logins_open["app"].execute(f"select * from public.{function}({arguments}) where false")

    names = [column.name for column in found.description]
    assert set(columns or []) <= set(names)


def test_a_worker_of_today_runs_on_a_schema_that_was_expanded(school):
    school.submit()
    school.owner.execute("alter table learning_submissions add column expanded text default 'x'")
    school.owner.execute("alter table learning_submission_jobs add column expanded int not null default 0")
    school.owner.execute("alter table learning_criterion_results add column expanded jsonb")

    job = school.lease()
    school.complete(job)

    assert school.submission(job["submission_id"])["analysis_status"] == "completed"


def test_every_function_of_the_worker_is_part_of_the_contract(logins_open):
    granted = logins_open["owner"].execute(
        "select distinct p.proname from pg_proc p, aclexplode(p.proacl) a"
        " where p.pronamespace = 'public'::regnamespace and a.grantee = 'gustav_worker'::regrole"
    )

    assert {row["proname"] for row in granted} <= set(CALLS)
