-- The queue, its controls, the workers, the model endpoints, the fairness tags, the audit trail. New tables only.
set local lock_timeout = '5s';

create table public.learning_submission_jobs (
    id                 uuid primary key default gen_random_uuid(),
    submission_id      uuid not null unique references public.learning_submissions (id) on delete cascade,
    course_id          uuid not null references public.courses (id) on delete cascade,
    student_sub        text not null references public.people (sub) on delete cascade,
    phase              text not null check (phase in ('vision', 'feedback')),
    lane               text not null default 'interactive' check (lane in ('interactive', 'bulk')),
    status             text not null default 'queued' check (status in ('queued', 'leased', 'failed')),
    fair_at            timestamptz not null default now(),
    visible_at         timestamptz not null default now(),
    lease_key          uuid,
    leased_until       timestamptz,
    worker_id          text check (length(worker_id) <= 200),
    analysis_nr        int not null default 1 check (analysis_nr >= 1),
    run_count          int not null default 0 check (run_count >= 0),
    retry_count        int not null default 0 check (retry_count >= 0),
    crash_count        int not null default 0 check (crash_count >= 0),
    interruption_count int not null default 0 check (interruption_count >= 0),
    outage_count       int not null default 0 check (outage_count >= 0),
    outage_seen        bigint,
    outage_at          timestamptz,
    last_settled_key   uuid,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint learning_submission_jobs_lease_is_whole check (
        (status = 'leased') = (lease_key is not null and leased_until is not null)
        and (lease_key is null) = (leased_until is null)
    )
) with (
    fillfactor = 60,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 200,
    autovacuum_analyze_scale_factor = 0.05
);
-- Kept for people who query by hand.
create index learning_submission_jobs_status_visible_at on public.learning_submission_jobs (status, visible_at);
-- The lease is one scan of this index: jobs that back off are skipped inside it, without a visit to the table.
create index learning_submission_jobs_ready on public.learning_submission_jobs (phase, lane, fair_at, visible_at) where status = 'queued';
create index learning_submission_jobs_leased on public.learning_submission_jobs (leased_until) where status = 'leased';
-- Few ever crash: those that one more crash would end are found without a walk along the queue.
create index learning_submission_jobs_crashed on public.learning_submission_jobs (phase) where crash_count > 0;
create index learning_submission_jobs_course on public.learning_submission_jobs (course_id);
create index learning_submission_jobs_student on public.learning_submission_jobs (student_sub);
comment on table public.learning_submission_jobs is 'The queue: at most one live job per submission; a finished job leaves the table.';
comment on column public.learning_submission_jobs.retry_count is 'Charged runs started in this phase, minus one; counted when the lease is taken.';
comment on column public.learning_submission_jobs.outage_count is 'Failures of the model server with this job, counted again only after it had answered others in between.';

create table public.learning_queue_controls (
    phase     text primary key check (phase in ('vision', 'feedback')),
    paused_at timestamptz,
    paused_by text
);
insert into public.learning_queue_controls (phase) values ('vision'), ('feedback');
comment on table public.learning_queue_controls is 'Pause switch per phase; a paused phase hands out no leases.';

create table public.learning_workers (
    worker_id    text primary key check (length(worker_id) between 1 and 200),
    started_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    idle         boolean not null default false,
    slots        jsonb not null default '{}'
) with (fillfactor = 50);
comment on table public.learning_workers is 'Workers and their heartbeat; an idle one asks to be woken by NOTIFY.';

create table public.learning_endpoints (
    endpoint         text primary key check (length(endpoint) between 1 and 300),
    state            text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
    failures_in_row  int not null default 0 check (failures_in_row >= 0),
    retry_at         timestamptz,
    probe_job_id     uuid,
    last_probe_job_id uuid,
    recoveries       bigint not null default 0 check (recoveries >= 0),
    changed_at       timestamptz not null default now()
);
comment on column public.learning_endpoints.recoveries is 'How often the server answered again after it had failed.';
comment on column public.learning_endpoints.changed_at is 'When the server went out of use, or came back.';
comment on table public.learning_endpoints is 'Circuit breaker, one row per model server, shared by all workers.';

create table public.learning_fair_tags (
    kind         text not null check (kind in ('course', 'pupil')),
    key          text not null check (key <> ''),
    phase        text not null check (phase in ('vision', 'feedback')),
    lane         text not null check (lane in ('interactive', 'bulk')),
    last_fair_at timestamptz not null,
    primary key (kind, key, phase, lane)
) with (fillfactor = 50);
comment on table public.learning_fair_tags is 'End of the last turn per course and per pupil, for each phase and lane (start-time fair queueing); locked course before pupil.';

create table public.learning_audit (
    id            bigint generated always as identity primary key,
    at            timestamptz not null default now(),
    actor         text not null check (length(actor) between 1 and 255),
    action        text not null check (action in (
                      'submitted', 'opened', 'corrected_text', 'reviewed', 'released', 'reassessed', 'taken_back',
                      'removed', 'retried', 'cancelled', 'paused', 'resumed', 'expired', 'files_expired', 'by_hand')),
    submission_id uuid,
    subject_id    text check (subject_id in ('vision', 'feedback'))
);
create index learning_audit_submission on public.learning_audit (submission_id);
comment on table public.learning_audit is 'Who did what to which id, append only; ids and no texts, and it outlives what it names.';

create function public.learning_audit_is_append_only()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'learning_audit is append only' using errcode = 'LW003';
end
$$;
comment on function public.learning_audit_is_append_only() is 'Refuses to change or remove what was recorded, for the owner too.';
create trigger learning_audit_append_only
before update or delete on public.learning_audit
for each row execute function public.learning_audit_is_append_only();
create trigger learning_audit_no_truncate
before truncate on public.learning_audit
for each statement execute function public.learning_audit_is_append_only();

create table public.web_sessions (
    token_hash   bytea primary key check (octet_length(token_hash) = 32),
    sub          text not null check (sub <> ''),
    display_name text not null,
    site_role    text not null check (site_role in ('student', 'teacher', 'operator')),
    language     text not null default 'de' check (language in ('de', 'en')),
    csrf_token   text not null check (length(csrf_token) between 20 and 200),
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null
);
create index web_sessions_expires_at on public.web_sessions (expires_at);
create index web_sessions_sub on public.web_sessions (sub);
comment on table public.web_sessions is 'Signed-in browsers: only the SHA-256 of the token, closed to everybody but the session role.';

alter table public.learning_submission_jobs owner to gustav_owner;
alter table public.learning_queue_controls owner to gustav_owner;
alter table public.learning_workers owner to gustav_owner;
alter table public.learning_endpoints owner to gustav_owner;
alter table public.learning_fair_tags owner to gustav_owner;
alter table public.learning_audit owner to gustav_owner;
alter table public.web_sessions owner to gustav_owner;
alter function public.learning_audit_is_append_only() owner to gustav_owner;
