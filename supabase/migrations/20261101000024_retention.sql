-- What is kept for how long, and how files leave: a deletion is noted in the transaction that removes the row, and carried out
-- afterwards, so that a crash between database and store neither loses a file nor leaves one for good.
-- A new table, a trigger (locks learning_submission_files for a moment) and functions for the operator.
set local lock_timeout = '5s';

create table public.learning_object_deletions (
    object_key text primary key check (object_key ~ '^[a-z0-9/-]{1,200}$'),
    noted_at   timestamptz not null default now()
);
create index learning_object_deletions_noted_at on public.learning_object_deletions (noted_at);
comment on table public.learning_object_deletions is 'Objects that belong to no answer any more and are to be deleted from the store.';
alter table public.learning_object_deletions owner to gustav_owner;
revoke all on table public.learning_object_deletions from public;
alter table public.learning_object_deletions enable row level security;
alter table public.learning_object_deletions force row level security;
create policy owner_all on public.learning_object_deletions to gustav_owner using (true) with check (true);
create policy worker_none on public.learning_object_deletions as restrictive to gustav_worker using (false) with check (false);

create function public.learning_note_deletions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.learning_object_deletions (object_key)
    select g.object_key
      from gone g
    on conflict (object_key) do nothing;
    return null;
end
$$;
comment on function public.learning_note_deletions() is 'Whoever removes a file''s row, by whatever way, has its object deleted.';
create trigger learning_submission_files_noted
after delete on public.learning_submission_files
referencing old table as gone
for each statement execute function public.learning_note_deletions();

create function public.learning_purge_overdue_answers(p_limit int)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select s.id
      from public.courses c
      join public.learning_submissions s on s.course_id = c.id
     where s.created_at < now() - make_interval(days => c.text_retention_days)
     order by s.created_at
     limit p_limit
$$;
comment on function public.learning_purge_overdue_answers(int) is 'Answers older than their course keeps texts, oldest first.';

create function public.learning_purge_overdue_files(p_limit int)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    -- A file that waits to be read is kept until it was, or until its answer is overdue as a whole.
    select s.id
      from public.courses c
      join public.learning_submissions s on s.course_id = c.id
     where s.kind = 'files'
       and s.created_at < now() - make_interval(days => c.file_retention_days)
       and exists (select from public.learning_submission_files f where f.submission_id = s.id)
       and not exists (
               select
                 from public.learning_submission_jobs j
                where j.submission_id = s.id
                  and j.phase = 'vision'
                  and j.status <> 'failed')
     order by s.created_at
     limit p_limit
$$;
comment on function public.learning_purge_overdue_files(int) is 'Answers whose files are older than their course keeps files, oldest first.';

create function public.learning_purge_overdue_members()
returns setof public.course_members
language sql
stable
security definer
set search_path = ''
as $$
    select m.*
      from public.courses c
      join public.course_members m on m.course_id = c.id
     where c.archived_at < now() - make_interval(days => c.text_retention_days)
       and m.role = 'student'
       and not exists (select from public.learning_submissions s where s.course_id = c.id)
$$;
comment on function public.learning_purge_overdue_members() is 'Pupils of courses that were archived longer ago than the course keeps texts.';

create function public.learning_purge_ended_sessions()
returns setof bytea
language sql
stable
security definer
set search_path = ''
as $$
    -- A day without a request is longer than any session may idle.
    select w.token_hash
      from public.web_sessions w
     where w.expires_at < now()
        or w.last_seen_at < now() - interval '1 day'
$$;
comment on function public.learning_purge_ended_sessions() is 'Sessions that nobody can use any more.';

create function public.learning_purge_due()
returns table (answers bigint, files bigint, memberships bigint, sessions bigint, deletions bigint)
language sql
stable
security definer
set search_path = ''
as $$
    with overdue as (
        select o.id from public.learning_purge_overdue_answers(null) as o(id)
    )
    select (select count(*) from overdue),
           (
               select count(*)
                 from public.learning_submission_files f
                where f.submission_id in (
                          select o.id from overdue o
                          union all
                          select o.id from public.learning_purge_overdue_files(null) as o(id))
           ),
           (select count(*) from public.learning_purge_overdue_members()),
           (select count(*) from public.learning_purge_ended_sessions()),
           (select count(*) from public.learning_object_deletions)
$$;
comment on function public.learning_purge_due() is 'What learning_purge_expire would remove, and the deletions that are noted already; counts only.';

create function public.learning_purge_expire(p_limit int)
returns table (answers bigint, files bigint, memberships bigint, sessions bigint)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_answers uuid[] := array(select public.learning_purge_overdue_answers(p_limit));
    v_read    uuid[] := array(select public.learning_purge_overdue_files(p_limit));
begin
    if p_limit is null or p_limit not between 1 and 10000 then
        raise exception 'limit 1..10000' using errcode = 'LW014';
    end if;
    -- Job before submission, as the worker's functions lock them; whoever holds one loses it.
    perform from public.learning_submission_jobs j where j.submission_id = any (v_answers || v_read) order by j.id for update;
    -- Nothing else counts as a change of an answer, so what was locked meanwhile is looked at again.
    v_read := array(select o.id from public.learning_purge_overdue_files(p_limit) as o(id) where o.id = any (v_read) and o.id <> all (v_answers));
    select count(*) into files from public.learning_submission_files f where f.submission_id = any (v_answers || v_read);
    delete from public.learning_submissions s where s.id = any (v_answers);
    get diagnostics answers = row_count;
    delete from public.learning_submission_files f where f.submission_id = any (v_read);
    delete from public.learning_page_readings r where r.submission_id = any (v_read);
    insert into public.learning_audit (actor, action, submission_id)
    select public.learning_queue_actor(), 'expired', o.id from unnest(v_answers) as o(id)
    union all
    select public.learning_queue_actor(), 'files_expired', o.id from unnest(v_read) as o(id);
    delete from public.course_members m
     using public.learning_purge_overdue_members() o
     where m.course_id = o.course_id
       and m.sub = o.sub;
    get diagnostics memberships = row_count;
    delete from public.web_sessions w where w.token_hash in (select public.learning_purge_ended_sessions());
    get diagnostics sessions = row_count;
    -- Tags name pupils; a tag in the past is worth no more than none.
    delete from public.learning_fair_tags t where t.last_fair_at < now() - interval '1 day';
    return next;
end
$$;
comment on function public.learning_purge_expire(int) is
    'Removes up to p_limit overdue answers and the files of as many others, memberships of old archives, ended sessions; the audit trail stays.';

create function public.learning_purge_deletions(p_limit int)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select d.object_key
      from public.learning_object_deletions d
     where not exists (select from public.learning_submission_files f where f.object_key = d.object_key)
     order by d.noted_at, d.object_key
     limit p_limit
$$;
comment on function public.learning_purge_deletions(int) is 'Objects that are to be deleted from the store, oldest first.';

create function public.learning_purge_deleted(p_object_keys text[])
returns void
language sql
security definer
set search_path = ''
as $$
    delete from public.learning_object_deletions d where d.object_key = any (p_object_keys)
$$;
comment on function public.learning_purge_deleted(text[]) is 'These objects are gone from the store.';

create function public.learning_purge_object_keys(p_part text)
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
    select f.object_key
      from public.learning_submission_files f
     where left(f.object_key, 13) = p_part
$$;
comment on function public.learning_purge_object_keys(text) is 'Names of the files that answers point to, in one part of the store; names say nothing.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_note_deletions()', 'learning_purge_overdue_answers(int)', 'learning_purge_overdue_files(int)',
        'learning_purge_overdue_members()', 'learning_purge_ended_sessions()', 'learning_purge_due()', 'learning_purge_expire(int)',
        'learning_purge_deletions(int)', 'learning_purge_deleted(text[])', 'learning_purge_object_keys(text)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
-- The operator's login reads no text: it can remove what is overdue and nothing else.
grant execute on function
    public.learning_purge_due(),
    public.learning_purge_expire(int),
    public.learning_purge_deletions(int),
    public.learning_purge_deleted(text[]),
    public.learning_purge_object_keys(text)
to gustav_operator;
