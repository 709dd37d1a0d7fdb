-- What people do where reading or assessing was not enough: a pupil mends the text that was read, a teacher answers without a report.
-- Functions only; no table lock. Errors as in the files on pupils and teachers.
set local lock_timeout = '5s';

create function public.learning_correct_my_text(p_submission_id uuid, p_text_version int, p_text text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions;
begin
    if p_text is null or length(p_text) > 1000000 then
        raise exception 'a text of at most 1000000 characters' using errcode = 'LW014';
    end if;
    -- Job before submission, as the worker's functions lock them.
    perform from public.learning_submission_jobs j where j.submission_id = p_submission_id for update;
    select * into v_submission from public.learning_submissions s where s.id = p_submission_id for update;
    if not public.learning_may_correct(p_submission_id) then
        raise exception 'cannot be corrected' using errcode = 'LW015';
    end if;
    if v_submission.text_version is distinct from p_text_version then
        raise exception 'changed meanwhile' using errcode = 'LW016';
    end if;
    if v_submission.text_body = p_text and v_submission.analysis_status <> 'extracted' then
        return;
    end if;
    update public.learning_submissions s
       set text_body = p_text, text_version = s.text_version + 1, text_source = 'corrected', text_confidence = null
     where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (v_submission.student_sub, 'corrected_text', p_submission_id);
    perform public.learning_requeue(p_submission_id, 'feedback', 'interactive');
end
$$;
comment on function public.learning_correct_my_text(uuid, int, text) is
    'The pupil mends what was read, after confirming it too: a new version, feedback runs again, reading does not. LW016 when it changed meanwhile.';

create function public.learning_answer_by_hand(p_submission_id uuid)
returns int
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
    v_criteria   jsonb;
begin
    if v_submission.analysis_status = 'completed' then
        raise exception 'there is a report' using errcode = 'LW015';
    end if;
    -- Whoever holds the job loses it here, and nobody can bring it back over what the teacher writes.
    delete from public.learning_submission_jobs j where j.submission_id = p_submission_id;
    select t.criteria into strict v_criteria from public.task_snapshots t where t.id = v_submission.snapshot_id;
    update public.learning_submissions s set opened_at = coalesce(s.opened_at, now()) where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'by_hand', p_submission_id);
    return public.learning_store_report(
        p_submission_id,
        public.learning_unassessed_report(
            v_criteria, case when v_submission.error_code like 'input\_%' then 'text_unreadable' else 'unknown' end),
        '', 'none', null);
end
$$;
comment on function public.learning_answer_by_hand(uuid) is
    'A teacher stops waiting for an analysis, or takes over a failed one: an unassessed report to fill in. LW015 when there is a report.';

create function public.learning_pictured_pages(p_submission_id uuid)
returns setof int
language sql
stable
security definer
set search_path = ''
as $$
    -- A page with a text layer was read word for word: there is nothing to compare. Photos are one page each, read or not.
    with mine as (
        select s.id
          from public.learning_submissions s
         where s.id = p_submission_id
           and (
               s.student_sub = public.learning_current_sub()
               or s.course_id = any (public.learning_course_ids(array['teacher', 'observer'])))
    )
    select r.page_nr
      from public.learning_page_readings r
      join mine on mine.id = r.submission_id
     where r.source <> 'layer'
    union
    select f.position
      from public.learning_submission_files f
      join mine on mine.id = f.submission_id
     where not exists (
               select
                 from public.learning_submission_files o
                where o.submission_id = f.submission_id
                  and o.media_type not like 'image/%')
     order by 1
$$;
comment on function public.learning_pictured_pages(uuid) is
    'Numbers of the pages whose text was read from a picture, for the pupil and for who teaches or observes the course.';

create function public.learning_text_versions(p_submission_id uuid)
returns table (version int, text_body text, source text, is_by_pupil boolean, created_at timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
    select x.version, x.text_body, x.source, coalesce(x.created_by = s.student_sub, false), x.created_at
      from public.learning_texts x
      join public.learning_submissions s on s.id = x.submission_id
     where s.id = p_submission_id
       and s.course_id = any (public.learning_course_ids(array['teacher', 'observer']))
     order by x.version
$$;
comment on function public.learning_text_versions(uuid) is 'Every version of an answer''s text, for who teaches or observes the course.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_pictured_pages(uuid)', 'learning_text_versions(uuid)', 'learning_correct_my_text(uuid, int, text)', 'learning_answer_by_hand(uuid)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
        execute format('grant execute on function public.%s to gustav_limited', v_function);
    end loop;
end
$$;
