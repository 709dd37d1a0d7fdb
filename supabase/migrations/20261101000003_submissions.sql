-- Answers, their files, checkpoints and report versions. New tables only.
set local lock_timeout = '5s';

create table public.learning_submissions (
    id                       uuid primary key default gen_random_uuid(),
    course_id                uuid not null references public.courses (id) on delete cascade,
    task_id                  uuid not null references public.tasks (id) on delete cascade,
    snapshot_id              uuid not null references public.task_snapshots (id),
    student_sub              text not null references public.people (sub) on delete cascade,
    attempt_nr               int not null check (attempt_nr >= 1),
    kind                     text not null check (kind in ('text', 'files')),
    idempotency_key          text not null check (length(idempotency_key) between 1 and 200),
    request_digest           bytea not null check (octet_length(request_digest) = 32),
    ai_allowed               boolean not null default true,
    analysis_status          text not null default 'pending'
                             check (analysis_status in ('pending', 'extracted', 'completed', 'failed')),
    error_code               text check (error_code in (
                                 'vision_retrying', 'feedback_retrying',
                                 'vision_failed', 'feedback_failed', 'input_corrupt', 'input_unsupported',
                                 'input_too_large', 'input_unreadable', 'worker_crashed', 'cancelled')),
    text_body                text check (length(text_body) <= 1000000),
    text_version             int not null default 0 check (text_version >= 0),
    text_source              text check (text_source in ('typed', 'layer', 'ocr', 'model', 'corrected')),
    text_confidence          real check (text_confidence between 0 and 1),
    confirm_until            timestamptz,
    feedback_md              text check (length(feedback_md) <= 100000),
    analysis_json            jsonb,
    report_version           int check (report_version >= 1),
    released_at              timestamptz,
    person_reads             boolean not null default false,
    opened_at                timestamptz,
    vision_attempts          int not null default 0 check (vision_attempts >= 0),
    vision_last_error        text check (length(vision_last_error) <= 1024),
    vision_last_attempt_at   timestamptz,
    feedback_attempts        int not null default 0 check (feedback_attempts >= 0),
    feedback_last_error      text check (length(feedback_last_error) <= 1024),
    feedback_last_attempt_at timestamptz,
    settled_by               uuid,
    created_at               timestamptz not null default now(),
    completed_at             timestamptz,
    unique (student_sub, idempotency_key),
    unique (task_id, student_sub, attempt_nr),
    constraint learning_submissions_error_matches_status check (
        case analysis_status
            when 'pending' then error_code is null or error_code in ('vision_retrying', 'feedback_retrying')
            when 'failed' then error_code is not null and error_code not in ('vision_retrying', 'feedback_retrying')
            else error_code is null
        end
    ),
    constraint learning_submissions_completed_has_report check (
        analysis_status <> 'completed'
        or (completed_at is not null and analysis_json is not null and report_version is not null)
    ),
    constraint learning_submissions_extracted_waits check (analysis_status <> 'extracted' or (text_body is not null and confirm_until is not null)),
    constraint learning_submissions_text_has_version check ((text_body is null) = (text_version = 0))
) with (fillfactor = 50);
-- No index holds a column that a run changes, and a row has room to grow: what a run writes then costs no index anything.
create index learning_submissions_course on public.learning_submissions (course_id, created_at);
create index learning_submissions_task on public.learning_submissions (task_id, student_sub);
create index learning_submissions_student on public.learning_submissions (student_sub, created_at);
create index learning_submissions_snapshot on public.learning_submissions (snapshot_id);
comment on table public.learning_submissions is 'One row per handed-in answer; pupils read it only through learning_my_submissions.';
comment on column public.learning_submissions.settled_by is 'Lease key of the run that ended the analysis; the report it wrote has the same id.';
comment on column public.learning_submissions.analysis_json is 'Mirror of the current report version; stays while a new run is pending.';

create table public.learning_submission_files (
    submission_id uuid not null references public.learning_submissions (id) on delete cascade,
    position      int not null check (position between 1 and 100),
    object_key    text not null unique check (object_key ~ '^[a-z0-9/-]{1,200}$'),
    sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    byte_size     bigint not null check (byte_size between 0 and 104857600),
    media_type    text not null check (length(media_type) <= 100),
    rotation      int not null default 0 check (rotation in (0, 90, 180, 270)),
    primary key (submission_id, position)
);
-- The store is compared with these rows part by part; a name begins with `submissions/` and a digit.
create index learning_submission_files_part on public.learning_submission_files (left(object_key, 13));
comment on table public.learning_submission_files is 'The files of an answer in page order, under names the server made.';

create table public.learning_texts (
    submission_id uuid not null references public.learning_submissions (id) on delete cascade,
    version       int not null check (version >= 1),
    text_body     text not null check (length(text_body) <= 1000000),
    source        text not null check (source in ('typed', 'layer', 'ocr', 'model', 'corrected')),
    created_by    text,
    created_at    timestamptz not null default now(),
    primary key (submission_id, version)
);
comment on table public.learning_texts is 'Every version of a text; a report''s quotes are offsets into the version it names.';

create table public.learning_page_readings (
    submission_id uuid not null references public.learning_submissions (id) on delete cascade,
    page_nr       int not null check (page_nr >= 1),
    text_md       text not null check (length(text_md) <= 200000),
    source        text not null check (source in ('layer', 'ocr', 'model')),
    confidence    real check (confidence between 0 and 1),
    created_at    timestamptz not null default now(),
    primary key (submission_id, page_nr)
);
comment on table public.learning_page_readings is 'Checkpoint per page: what was read once is never read again.';

create table public.learning_criterion_results (
    submission_id uuid not null references public.learning_submissions (id) on delete cascade,
    snapshot_id   uuid not null references public.task_snapshots (id),
    text_version  int not null,
    analysis_nr   int not null check (analysis_nr >= 1),
    criterion_id  text not null check (length(criterion_id) between 1 and 64),
    result        jsonb not null,
    created_at    timestamptz not null default now(),
    primary key (submission_id, snapshot_id, text_version, analysis_nr, criterion_id)
);
create index learning_criterion_results_snapshot on public.learning_criterion_results (snapshot_id);
comment on table public.learning_criterion_results is 'Checkpoint per criterion of one analysis: what was answered once is never asked again.';

create table public.learning_reports (
    id              uuid primary key default gen_random_uuid(),
    submission_id   uuid not null references public.learning_submissions (id) on delete cascade,
    version         int not null check (version >= 1),
    source          text not null check (source in ('stub', 'dspy', 'fallback', 'teacher', 'none')),
    analysis_json   jsonb not null,
    feedback_md     text not null check (length(feedback_md) <= 100000),
    snapshot_id     uuid not null references public.task_snapshots (id),
    text_version    int not null,
    based_on        uuid references public.learning_reports (id) on delete set null,
    model_digest    text check (length(model_digest) <= 200),
    program_version text check (length(program_version) <= 200),
    usage           jsonb,
    created_by      text,
    created_at      timestamptz not null default now(),
    released_at     timestamptz,
    released_by     text,
    unique (submission_id, version),
    constraint learning_reports_teacher_is_named check ((source = 'teacher') = (created_by is not null))
);
create index learning_reports_snapshot on public.learning_reports (snapshot_id);
create index learning_reports_based_on on public.learning_reports (based_on);
comment on column public.learning_reports.id is 'Lease key of the run that wrote it, or made up: a lease writes one report at most.';
comment on table public.learning_reports is 'Every version of a report; a teacher''s version points to the original it changes, which is kept.';

alter table public.learning_submissions owner to gustav_owner;
alter table public.learning_submission_files owner to gustav_owner;
alter table public.learning_texts owner to gustav_owner;
alter table public.learning_page_readings owner to gustav_owner;
alter table public.learning_criterion_results owner to gustav_owner;
alter table public.learning_reports owner to gustav_owner;
