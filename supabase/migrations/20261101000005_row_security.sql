-- Every policy in one file, one block per table, readable as a matrix. Locks each (empty) table for a moment.
set local lock_timeout = '5s';

create function public.learning_current_sub()
returns text
language sql
stable
set search_path = ''
as $$
    -- After a transaction that set it, the setting is '' and not null.
    select nullif(current_setting('app.current_sub', true), '')
$$;
comment on function public.learning_current_sub() is 'The person this transaction acts for, or null.';

create function public.learning_course_ids(p_roles text[])
returns uuid[]
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(array_agg(m.course_id), '{}')
      from public.course_members m
     where m.sub = public.learning_current_sub()
       and m.role = any (p_roles)
       and (m.valid_until is null or m.valid_until > now())
$$;
comment on function public.learning_course_ids(text[]) is 'Courses in which the acting person holds one of the roles today; definer, so that policies do not recurse.';

create function public.learning_visible_subs()
returns text[]
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(array_agg(distinct m.sub), '{}')
      from public.course_members m
     where m.course_id = any (public.learning_course_ids(array['teacher', 'observer']))
        or (m.role = 'teacher' and m.course_id = any (public.learning_course_ids(array['student'])))
        or m.sub = public.learning_current_sub()
$$;
comment on function public.learning_visible_subs() is 'People the acting person may see by name: the own class for teachers, the teachers for pupils.';

do $$
declare
    v_function text;
    v_table    text;
begin
    foreach v_function in array array['learning_current_sub()', 'learning_course_ids(text[])', 'learning_visible_subs()']
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
        execute format('grant execute on function public.%s to gustav_limited', v_function);
    end loop;
    revoke all on function public.learning_criteria_are_valid(jsonb) from public;
    revoke all on function public.learning_audit_is_append_only() from public;

    foreach v_table in array array[
        'people', 'courses', 'course_members', 'tasks', 'task_hints', 'task_snapshots', 'task_snapshot_hints',
        'learning_submissions', 'learning_submission_files', 'learning_texts', 'learning_page_readings', 'learning_criterion_results', 'learning_reports',
        'learning_submission_jobs', 'learning_queue_controls', 'learning_workers', 'learning_endpoints', 'learning_fair_tags',
        'learning_audit', 'web_sessions'
    ]
    loop
        execute format('revoke all on table public.%I from public', v_table);
        execute format('alter table public.%I enable row level security', v_table);
        execute format('alter table public.%I force row level security', v_table);
        -- Definer functions run as the owner, and forced row security binds the owner too.
        execute format('create policy owner_all on public.%I to gustav_owner using (true) with check (true)', v_table);
        -- The worker inherits gustav_limited's privileges; this shuts every row again.
        execute format('create policy worker_none on public.%I as restrictive to gustav_worker using (false) with check (false)', v_table);
    end loop;
end
$$;

-- people: oneself, one's class (teachers), one's teachers (pupils)
grant select on public.people to gustav_limited;
create policy limited_select on public.people for select to gustav_limited
using (sub = any ((select public.learning_visible_subs())::text[]));

-- courses: every member
grant select on public.courses to gustav_limited;
create policy limited_select on public.courses for select to gustav_limited
using (id = any ((select public.learning_course_ids(array['student', 'teacher', 'observer']))::uuid[]));

-- course_members: the own row; the whole list for teachers and observers
grant select on public.course_members to gustav_limited;
create policy limited_select on public.course_members for select to gustav_limited
using (
    sub = (select public.learning_current_sub())
    or course_id = any ((select public.learning_course_ids(array['teacher', 'observer']))::uuid[])
);

-- tasks: every member of the course
grant select on public.tasks to gustav_limited;
create policy limited_select on public.tasks for select to gustav_limited
using (course_id = any ((select public.learning_course_ids(array['student', 'teacher', 'observer']))::uuid[]));

-- task_hints: teachers and observers
grant select on public.task_hints to gustav_limited;
create policy limited_select on public.task_hints for select to gustav_limited
using (exists (
    select
      from public.tasks t
     where t.id = task_id
       and t.course_id = any ((select public.learning_course_ids(array['teacher', 'observer']))::uuid[])
));

-- task_snapshots, task_snapshot_hints: teachers and observers
grant select on public.task_snapshots, public.task_snapshot_hints to gustav_limited;
create policy limited_select on public.task_snapshots for select to gustav_limited
using (exists (
    select
      from public.tasks t
     where t.id = task_id
       and t.course_id = any ((select public.learning_course_ids(array['teacher', 'observer']))::uuid[])
));
create policy limited_select on public.task_snapshot_hints for select to gustav_limited
using (exists (select from public.task_snapshots s where s.id = snapshot_id));

-- learning_submissions and what belongs to them: teachers and observers; pupils go through learning_my_submissions
grant select on public.learning_submissions, public.learning_submission_files, public.learning_reports to gustav_limited;
create policy limited_select on public.learning_submissions for select to gustav_limited
using (course_id = any ((select public.learning_course_ids(array['teacher', 'observer']))::uuid[]));
create policy limited_select on public.learning_submission_files for select to gustav_limited
using (exists (select from public.learning_submissions s where s.id = submission_id));
create policy limited_select on public.learning_reports for select to gustav_limited
using (exists (select from public.learning_submissions s where s.id = submission_id));

-- web_sessions: the session store alone
grant select, insert, update, delete on public.web_sessions to gustav_sessions;
create policy sessions_all on public.web_sessions to gustav_sessions using (true) with check (true);
