-- People, courses, memberships, tasks with their criteria, and the immutable snapshots that submissions point to.
-- New tables only; no lock on anything that exists.
set local lock_timeout = '5s';

create function public.learning_criteria_are_valid(p_criteria jsonb)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select coalesce(
               jsonb_typeof(p_criteria) = 'array'
               and jsonb_array_length(p_criteria) between 1 and 30
               and (
                       select bool_and(
                                  jsonb_typeof(c) = 'object'
                                  and jsonb_typeof(c -> 'id') = 'string'
                                  and length(c ->> 'id') between 1 and 64
                                  and jsonb_typeof(c -> 'text') = 'string'
                                  and length(c ->> 'text') between 1 and 2000
                                  and jsonb_typeof(c -> 'max_score') = 'number'
                                  and c ->> 'max_score' ~ '^\d{1,3}$'
                                  and (c ->> 'max_score')::int between 1 and 100
                                  and jsonb_typeof(c -> 'weight') = 'number'
                                  and (c ->> 'weight')::numeric > 0
                                  and jsonb_typeof(c -> 'levels') = 'array'
                                  and jsonb_array_length(c -> 'levels') in (0, 4)
                              )
                              and count(*) = count(distinct c ->> 'id')
                         from jsonb_array_elements(
                                  case jsonb_typeof(p_criteria) when 'array' then p_criteria else '[]'::jsonb end
                              ) as c
                   ),
               false
           )
$$;
comment on function public.learning_criteria_are_valid(jsonb) is 'Ordered objects {id, text, max_score, weight, levels[]}, ids unique.';

create table public.people (
    sub          text primary key check (sub <> '' and length(sub) <= 255),
    display_name text not null check (length(display_name) between 1 and 200),
    site_role    text not null default 'student' check (site_role in ('student', 'teacher', 'operator')),
    language     text not null default 'de' check (language in ('de', 'en')),
    created_at   timestamptz not null default now()
);
comment on table public.people is 'Who has signed in or was enrolled; sub is the identity provider''s subject.';

create table public.courses (
    id                  uuid primary key default gen_random_uuid(),
    title               text not null check (length(title) between 1 and 200),
    school_year         text check (school_year ~ '^\d{4}/\d{2}$'),
    archived_at         timestamptz,
    file_retention_days int not null default 180 check (file_retention_days between 1 and 3650),
    text_retention_days int not null default 730 check (text_retention_days between file_retention_days and 3650),
    created_at          timestamptz not null default now()
);
comment on table public.courses is 'A class or course; files are kept no longer than texts.';

create table public.course_members (
    course_id   uuid not null references public.courses (id) on delete cascade,
    sub         text not null references public.people (sub) on delete cascade,
    role        text not null check (role in ('student', 'teacher', 'observer')),
    valid_until timestamptz,
    ai_allowed  boolean not null default true,
    created_at  timestamptz not null default now(),
    primary key (course_id, sub)
);
create index course_members_sub on public.course_members (sub);
comment on table public.course_members is 'Who belongs to a course and as what; ai_allowed false: handed in as usual, no model is asked.';

create table public.tasks (
    id                   uuid primary key default gen_random_uuid(),
    course_id            uuid not null references public.courses (id) on delete cascade,
    title                text not null check (length(title) between 1 and 200),
    instruction_md       text not null default '' check (length(instruction_md) <= 20000),
    criteria             jsonb not null check (public.learning_criteria_are_valid(criteria)),
    language             text not null default 'de' check (language in ('de', 'en')),
    form_of_address      text not null default 'du' check (form_of_address in ('du', 'sie')),
    grade_level          int check (grade_level between 1 and 13),
    max_attempts         int check (max_attempts between 1 and 100),
    deadline             timestamptz,
    release_mode         text not null default 'reviewed' check (release_mode in ('practice', 'reviewed')),
    scores_visible       boolean not null default false,
    confirm_text         text not null default 'doubtful' check (confirm_text in ('doubtful', 'always', 'never')),
    pupil_may_correct    boolean not null default true,
    position             int not null default 0,
    created_at           timestamptz not null default now()
);
create index tasks_course on public.tasks (course_id, position);
comment on table public.tasks is 'What the teacher asks and the criteria that answers are judged by.';

create table public.task_hints (
    task_id  uuid primary key references public.tasks (id) on delete cascade,
    hints_md text not null check (length(hints_md) <= 20000)
);
comment on table public.task_hints is 'The teacher''s hints for whoever assesses; never shown to pupils, hence a table of its own.';

create table public.task_snapshots (
    id              uuid primary key default gen_random_uuid(),
    task_id         uuid not null references public.tasks (id) on delete cascade,
    digest          bytea not null check (octet_length(digest) = 32),
    title           text not null,
    instruction_md  text not null,
    criteria        jsonb not null check (public.learning_criteria_are_valid(criteria)),
    language        text not null,
    form_of_address text not null,
    grade_level     int,
    release_mode    text not null check (release_mode in ('practice', 'reviewed')),
    scores_visible  boolean not null,
    confirm_text    text not null,
    created_at      timestamptz not null default now(),
    unique (task_id, digest)
);
comment on table public.task_snapshots is 'A task as it was when an answer was handed in or assessed again; rows are never changed.';

create table public.task_snapshot_hints (
    snapshot_id uuid primary key references public.task_snapshots (id) on delete cascade,
    hints_md    text not null
);
comment on table public.task_snapshot_hints is 'The hints that belong to a snapshot; never shown to pupils.';

alter table public.people owner to gustav_owner;
alter table public.courses owner to gustav_owner;
alter table public.course_members owner to gustav_owner;
alter table public.tasks owner to gustav_owner;
alter table public.task_hints owner to gustav_owner;
alter table public.task_snapshots owner to gustav_owner;
alter table public.task_snapshot_hints owner to gustav_owner;
alter function public.learning_criteria_are_valid(jsonb) owner to gustav_owner;
