-- What a teacher does with an answer. Functions only; no table lock. LW010 not a teacher of the course, LW014 not valid,
-- LW015 not possible in this state, LW016 changed by somebody else meanwhile.
set local lock_timeout = '5s';

create function public.learning_lock_as_teacher(p_submission_id uuid)
returns public.learning_submissions
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions;
begin
    -- Job before submission, as the worker's functions lock them.
    perform from public.learning_submission_jobs j where j.submission_id = p_submission_id for update;
    select * into v_submission
      from public.learning_submissions s
     where s.id = p_submission_id
       and s.course_id = any (public.learning_course_ids(array['teacher']))
       for update;
    if not found then
        raise exception 'not a teacher of this course' using errcode = 'LW010';
    end if;
    return v_submission;
end
$$;
comment on function public.learning_lock_as_teacher(uuid) is 'The submission, locked, when the acting person teaches its course; else LW010.';

create function public.learning_open(p_submission_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
begin
    if v_submission.opened_at is null then
        update public.learning_submissions s set opened_at = now() where s.id = p_submission_id;
    end if;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'opened', p_submission_id);
end
$$;
comment on function public.learning_open(uuid) is 'A teacher looks at an answer: from now on it cannot be taken back.';

create function public.learning_review(p_submission_id uuid, p_base_version int, p_report jsonb, p_feedback_md text)
returns int
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
    v_base       public.learning_reports;
begin
    if v_submission.analysis_status <> 'completed' then
        raise exception 'no report yet' using errcode = 'LW015';
    end if;
    -- The submission is locked, and every save is a version of its own: of two who save at once the second meets another number.
    if v_submission.report_version is distinct from p_base_version then
        raise exception 'changed meanwhile' using errcode = 'LW016';
    end if;
    if p_feedback_md is null or length(p_feedback_md) > 100000 then
        raise exception 'feedback of at most 100000 characters' using errcode = 'LW014';
    end if;
    -- Whoever works on an answer has opened it: it cannot be taken back any more.
    update public.learning_submissions s set opened_at = coalesce(s.opened_at, now()) where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'reviewed', p_submission_id);
    select * into strict v_base from public.learning_reports r where r.submission_id = p_submission_id and r.version = p_base_version;
    return public.learning_store_report(p_submission_id, p_report, p_feedback_md, 'teacher', jsonb_build_object(
        'created_by', public.learning_current_sub(),
        'based_on', case when v_base.source = 'teacher' then v_base.based_on else v_base.id end));
end
$$;
comment on function public.learning_review(uuid, int, jsonb, text) is
    'Keeps a teacher''s changes as a version beside the original; returns its number. LW016 when p_base_version is not the current one.';

create function public.learning_release(p_submission_id uuid, p_version int)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
begin
    if v_submission.report_version is distinct from p_version then
        raise exception 'changed meanwhile' using errcode = 'LW016';
    end if;
    if v_submission.analysis_status <> 'completed' then
        raise exception 'no report yet' using errcode = 'LW015';
    end if;
    update public.learning_reports r
       set released_at = now(), released_by = public.learning_current_sub()
     where r.submission_id = p_submission_id
       and r.version = p_version
       and r.released_at is null;
    update public.learning_submissions s
       set released_at = coalesce(s.released_at, now()), opened_at = coalesce(s.opened_at, now())
     where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'released', p_submission_id);
end
$$;
comment on function public.learning_release(uuid, int) is 'Shows this version to the pupil. LW016 when it is not the current one.';

create function public.learning_requeue(p_submission_id uuid, p_phase text, p_lane text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if not exists (select from public.learning_submissions s where s.id = p_submission_id and s.ai_allowed) then
        raise exception 'no model may be asked for this pupil' using errcode = 'LW015';
    end if;
    -- Whoever holds the job loses it here: the key is gone.
    insert into public.learning_submission_jobs as j (submission_id, course_id, student_sub, phase, lane, fair_at, analysis_nr)
    select s.id, s.course_id, s.student_sub, p_phase, p_lane, public.learning_fair_now(p_phase, p_lane),
           coalesce((select max(c.analysis_nr) from public.learning_criterion_results c where c.submission_id = s.id), 0) + 1
      from public.learning_submissions s
     where s.id = p_submission_id
    on conflict (submission_id) do update
       set phase = excluded.phase, lane = excluded.lane, status = 'queued', lease_key = null, leased_until = null, worker_id = null,
           visible_at = now(), fair_at = excluded.fair_at, run_count = 0, retry_count = 0, crash_count = 0,
           outage_count = 0, outage_seen = null, outage_at = null,
           analysis_nr = greatest(j.analysis_nr + 1, excluded.analysis_nr), updated_at = now();
    update public.learning_submissions s
       set analysis_status = 'pending', error_code = null, confirm_until = null, settled_by = null
     where s.id = p_submission_id;
    perform public.learning_wake_worker();
end
$$;
comment on function public.learning_requeue(uuid, text, text) is
    'Starts a new analysis of an answer; the current report stays visible meanwhile. LW015 when no model may be asked for its pupil.';

create function public.learning_correct_text(p_submission_id uuid, p_text_version int, p_text text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
begin
    if p_text is null or length(p_text) > 1000000 then
        raise exception 'a text of at most 1000000 characters' using errcode = 'LW014';
    end if;
    if v_submission.text_version is distinct from p_text_version then
        raise exception 'changed meanwhile' using errcode = 'LW016';
    end if;
    update public.learning_submissions s
       set text_body = p_text, text_version = s.text_version + 1, text_source = 'corrected', text_confidence = null,
           opened_at = coalesce(s.opened_at, now())
     where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'corrected_text', p_submission_id);
    if v_submission.ai_allowed then
        perform public.learning_requeue(p_submission_id, 'feedback', 'interactive');
    elsif v_submission.analysis_json @? '$.criteria_results[*].evidence[*]' then
        -- What a model quoted from other words is no report on these: no review of it could be saved.
        perform public.learning_store_report(p_submission_id, public.learning_unassessed_report(t.criteria, 'ai_not_allowed'), '', 'none', null)
           from public.task_snapshots t
          where t.id = v_submission.snapshot_id;
    end if;
end
$$;
comment on function public.learning_correct_text(uuid, int, text) is 'A teacher corrects what was read; feedback runs again where a model may be asked, reading does not.';

create function public.learning_reassess(p_submission_id uuid, p_lane text default 'bulk')
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
begin
    if p_lane is null or p_lane not in ('interactive', 'bulk') then
        raise exception 'lane interactive or bulk' using errcode = 'LW014';
    end if;
    update public.learning_submissions s set snapshot_id = public.learning_snapshot(s.task_id) where s.id = p_submission_id;
    perform public.learning_requeue(p_submission_id, case when v_submission.text_body is null then 'vision' else 'feedback' end, p_lane);
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'reassessed', p_submission_id);
end
$$;
comment on function public.learning_reassess(uuid, text) is 'Assesses again with the task as it is now: a new report version, the old one visible meanwhile.';

create function public.learning_remove(p_submission_id uuid)
returns text[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission public.learning_submissions := public.learning_lock_as_teacher(p_submission_id);
    v_keys       text[];
begin
    v_keys := array(select f.object_key from public.learning_submission_files f where f.submission_id = v_submission.id);
    delete from public.learning_submissions s where s.id = v_submission.id;
    insert into public.learning_audit (actor, action, submission_id) values (public.learning_current_sub(), 'removed', p_submission_id);
    return v_keys;
end
$$;
comment on function public.learning_remove(uuid) is 'Removes an answer with all its versions; returns the object keys to delete.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_lock_as_teacher(uuid)', 'learning_requeue(uuid, text, text)', 'learning_open(uuid)',
        'learning_review(uuid, int, jsonb, text)', 'learning_release(uuid, int)', 'learning_correct_text(uuid, int, text)',
        'learning_reassess(uuid, text)', 'learning_remove(uuid)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
grant execute on function
    public.learning_open(uuid),
    public.learning_review(uuid, int, jsonb, text),
    public.learning_release(uuid, int),
    public.learning_correct_text(uuid, int, text),
    public.learning_reassess(uuid, text),
    public.learning_remove(uuid)
to gustav_limited;
