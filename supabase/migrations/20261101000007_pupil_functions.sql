-- The only way in, and what pupils read. Functions only; no table lock.
-- Errors: LW010 not a member or not allowed, LW011 same key with another body, LW012 no attempt left, LW013 deadline passed,
-- LW014 input not valid, LW015 no such thing for this person.
set local lock_timeout = '5s';

create function public.learning_snapshot(p_task_id uuid)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_task   public.tasks;
    v_hints  text;
    v_digest bytea;
    v_id     uuid;
begin
    select * into strict v_task from public.tasks t where t.id = p_task_id;
    select h.hints_md into v_hints from public.task_hints h where h.task_id = p_task_id;
    v_digest := sha256(convert_to(jsonb_build_array(
        v_task.title, v_task.instruction_md, v_task.criteria, v_task.language, v_task.form_of_address, v_task.grade_level,
        v_task.release_mode, v_task.scores_visible, v_task.confirm_text, v_hints)::text, 'UTF8'));
    insert into public.task_snapshots (
        task_id, digest, title, instruction_md, criteria, language, form_of_address, grade_level, release_mode, scores_visible, confirm_text)
    values (
        p_task_id, v_digest, v_task.title, v_task.instruction_md, v_task.criteria, v_task.language, v_task.form_of_address,
        v_task.grade_level, v_task.release_mode, v_task.scores_visible, v_task.confirm_text)
    on conflict (task_id, digest) do nothing
    returning id into v_id;
    if v_id is null then
        select s.id into strict v_id from public.task_snapshots s where s.task_id = p_task_id and s.digest = v_digest;
    elsif v_hints is not null then
        insert into public.task_snapshot_hints (snapshot_id, hints_md) values (v_id, v_hints);
    end if;
    return v_id;
end
$$;
comment on function public.learning_snapshot(uuid) is 'The snapshot of the task as it is now; equal contents share one row.';

create function public.learning_fair_now(p_phase text, p_lane text)
returns timestamptz
language sql
stable
security definer
set search_path = ''
as $$
    -- The tag that is being served: a server that is slower or faster than its expected cost moves this clock, not the wall's.
    -- Jobs that back off do not count, or one of them would hold it back.
    select coalesce(
        (select max(j.fair_at)
           from public.learning_submission_jobs j
          where j.status = 'leased' and j.phase = p_phase and j.lane = p_lane),
        (select j.fair_at
           from public.learning_submission_jobs j
          where j.status = 'queued' and j.phase = p_phase and j.lane = p_lane and j.visible_at <= now()
          order by j.fair_at
          limit 1),
        now())
$$;
comment on function public.learning_fair_now(text, text) is 'Virtual time of a phase and lane: the start tag in service, else the first one due, else now.';

create function public.learning_next_fair_at(p_submission_id uuid, p_phase text, p_lane text)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_answer record;
    v_round  text;
    v_ahead  bigint;
    v_mine   bigint;
    v_class  int;
    v_course timestamptz;
    v_pupil  timestamptz;
    v_fair   timestamptz;
begin
    -- Only the ratios of the costs matter.
    select s.course_id, s.student_sub,
           case p_phase
               when 'vision' then interval '10 s' * (select count(*) from public.learning_submission_files f where f.submission_id = s.id)
               else interval '4 s' * jsonb_array_length(t.criteria)
           end as cost
      into strict v_answer
      from public.learning_submissions s
      join public.task_snapshots t on t.id = s.snapshot_id
     where s.id = p_submission_id;
    -- Who waits in another phase or lane waits by another clock.
    select count(*), count(*) filter (where j.course_id = v_answer.course_id) into v_mine, v_ahead
      from public.learning_submission_jobs j
     where j.student_sub = v_answer.student_sub and j.submission_id <> p_submission_id
       and j.phase = p_phase and j.lane = p_lane and j.status <> 'failed';
    -- The first answers of a class stand before all second ones: a round is a queue of its own, a class's length behind the last.
    v_round := v_answer.course_id || ' ' || (1 + v_ahead);
    select count(*)::int into v_class from public.course_members m where m.course_id = v_answer.course_id and m.role = 'student';
    -- Locked course before pupil, always: two submits can wait for each other but not in a circle.
    insert into public.learning_fair_tags (kind, key, phase, lane, last_fair_at)
    values ('course', v_round, p_phase, p_lane, '-infinity'), ('pupil', v_answer.student_sub, p_phase, p_lane, '-infinity')
    on conflict (kind, key, phase, lane) do nothing;
    select t.last_fair_at into v_course
      from public.learning_fair_tags t
     where t.kind = 'course' and t.key = v_round and t.phase = p_phase and t.lane = p_lane
       for update;
    select t.last_fair_at into v_pupil
      from public.learning_fair_tags t
     where t.kind = 'pupil' and t.key = v_answer.student_sub and t.phase = p_phase and t.lane = p_lane
       for update;
    -- A course or pupil with nothing left in the queue starts afresh, or an overestimated cost would follow them for hours.
    if not exists (
        select
          from public.learning_submission_jobs j
         where j.course_id = v_answer.course_id and j.submission_id <> p_submission_id
           and j.phase = p_phase and j.lane = p_lane and j.status <> 'failed') then
        v_course := '-infinity';
    end if;
    if v_mine = 0 then
        v_pupil := '-infinity';
    end if;
    v_fair := greatest(public.learning_fair_now(p_phase, p_lane), v_course, v_pupil + v_answer.cost * (v_class - 1));
    update public.learning_fair_tags t
       set last_fair_at = v_fair + v_answer.cost
     where t.phase = p_phase
       and t.lane = p_lane
       and ((t.kind = 'course' and t.key = v_round) or (t.kind = 'pupil' and t.key = v_answer.student_sub));
    return v_fair;
end
$$;
comment on function public.learning_next_fair_at(uuid, text, text) is
    'Start tag of an answer that comes to a phase and lane (start-time fair queueing, Goyal, Vin, Cheng 1996).';

create function public.learning_check_submit(p_task_id uuid, p_idempotency_key text, p_text text, p_files jsonb, p_lane text)
returns public.course_members
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_member public.course_members;
begin
    if p_idempotency_key is null or length(p_idempotency_key) not between 1 and 200
       or (p_text is null) = (p_files is null)
       or length(p_text) > 1000000
       or p_lane is null or p_lane not in ('interactive', 'bulk')
       or (p_files is not null and (jsonb_typeof(p_files) <> 'array' or jsonb_array_length(p_files) not between 1 and 50)) then
        raise exception 'either a text or 1 to 50 files, and a key' using errcode = 'LW014';
    end if;
    -- Who withdraws the permission to ask a model waits for this answer, and then finds it.
    select m.* into v_member
      from public.tasks t
      join public.course_members m on m.course_id = t.course_id
      join public.courses c on c.id = t.course_id
     where t.id = p_task_id
       and m.sub = public.learning_current_sub()
       and m.role = 'student'
       and (m.valid_until is null or m.valid_until > now())
       and c.archived_at is null
       for share of m;
    if not found then
        raise exception 'not a pupil of this course' using errcode = 'LW010';
    end if;
    return v_member;
end
$$;
comment on function public.learning_check_submit(uuid, text, text, jsonb, text) is 'The membership that allows this person to hand in, or LW010 or LW014.';

create function public.learning_add_files(p_submission_id uuid, p_files jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.learning_submission_files (submission_id, position, object_key, sha256, byte_size, media_type, rotation)
    select p_submission_id, f.ordinality, f.value ->> 'object_key', f.value ->> 'sha256', (f.value ->> 'byte_size')::bigint,
           f.value ->> 'media_type', coalesce((f.value ->> 'rotation')::int, 0)
      from jsonb_array_elements(p_files) with ordinality as f;
exception when data_exception or integrity_constraint_violation then
    -- The driver's error would quote the row.
    raise exception 'files not valid' using errcode = 'LW014';
end
$$;
comment on function public.learning_add_files(uuid, jsonb) is 'Stores the files of a new answer in their order; LW014 when one is not valid.';

create function public.learning_submit(
    p_task_id uuid,
    p_idempotency_key text,
    p_text text default null,
    p_files jsonb default null,
    p_lane text default 'interactive'
)
returns table (submission_id uuid, attempt_nr int, created boolean)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_member  public.course_members;
    v_task    public.tasks;
    v_old     public.learning_submissions;
    v_id      uuid := gen_random_uuid();
    v_attempt int;
    v_digest  bytea;
begin
    -- Two posts of one pupil wait for each other here, so that the second sees what the first stored.
    perform from public.people p where p.sub = public.learning_current_sub() for no key update;
    v_member := public.learning_check_submit(p_task_id, p_idempotency_key, p_text, p_files, p_lane);
    select * into strict v_task from public.tasks t where t.id = p_task_id;
    -- Names that the server made differ between two tries of one upload, so contents and order identify it.
    v_digest := sha256(convert_to(jsonb_build_array(p_task_id, p_text, (
        select jsonb_agg(jsonb_build_array(f.value ->> 'sha256', coalesce(f.value -> 'rotation', '0'::jsonb)) order by f.ordinality)
          from jsonb_array_elements(p_files) with ordinality as f))::text, 'UTF8'));
    select * into v_old from public.learning_submissions s where s.student_sub = v_member.sub and s.idempotency_key = p_idempotency_key;
    if found then
        if v_old.request_digest <> v_digest then
            raise exception 'this key was used for another answer' using errcode = 'LW011';
        end if;
        return query select v_old.id, v_old.attempt_nr, false;
        return;
    end if;
    if v_task.deadline <= now() then
        raise exception 'the deadline has passed' using errcode = 'LW013';
    end if;
    select coalesce(max(s.attempt_nr), 0) + 1 into v_attempt
      from public.learning_submissions s
     where s.task_id = p_task_id and s.student_sub = v_member.sub;
    if v_attempt > v_task.max_attempts then
        raise exception 'no attempt left' using errcode = 'LW012';
    end if;
    insert into public.learning_submissions (
        id, course_id, task_id, snapshot_id, student_sub, attempt_nr, kind, idempotency_key, request_digest, ai_allowed,
        text_body, text_version, text_source)
    values (
        v_id, v_member.course_id, p_task_id, public.learning_snapshot(p_task_id), v_member.sub, v_attempt,
        case when p_text is null then 'files' else 'text' end, p_idempotency_key, v_digest, v_member.ai_allowed,
        p_text, case when p_text is null then 0 else 1 end, case when p_text is not null then 'typed' end);
    if p_files is not null then
        perform public.learning_add_files(v_id, p_files);
    end if;
    if v_member.ai_allowed then
        insert into public.learning_submission_jobs (submission_id, course_id, student_sub, phase, lane, fair_at)
        values (v_id, v_member.course_id, v_member.sub, case when p_text is null then 'vision' else 'feedback' end, p_lane,
                public.learning_next_fair_at(v_id, case when p_text is null then 'vision' else 'feedback' end, p_lane));
        perform public.learning_wake_worker();
    else
        perform public.learning_store_report(
            v_id, public.learning_unassessed_report(v_task.criteria, 'ai_not_allowed'), '', 'none', null);
    end if;
    insert into public.learning_audit (actor, action, submission_id) values (v_member.sub, 'submitted', v_id);
    return query select v_id, v_attempt, true;
end
$$;
comment on function public.learning_submit(uuid, text, text, jsonb, text) is
    'Hands in a text or files: submission, snapshot and job in one transaction; the same key and body give the same submission.';

create function public.learning_store_report(p_submission_id uuid, p_report jsonb, p_feedback_md text, p_source text, p_provenance jsonb)
returns int
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_stored record;
begin
    select r.version, r.fault into strict v_stored
      from public.learning_store_reports(
               array[p_submission_id],
               array[jsonb_build_object('report', p_report, 'feedback_md', p_feedback_md, 'source', p_source, 'provenance', p_provenance)],
               null) r;
    if v_stored.fault is not null then
        raise exception 'report not valid: %', v_stored.fault using errcode = 'LW002';
    end if;
    return v_stored.version;
end
$$;
comment on function public.learning_store_report(uuid, jsonb, text, text, jsonb) is
    'Stores the next report version and mirrors it; LW002 when it is not valid for the snapshot and text.';

create function public.learning_without_scores(p_report jsonb, p_criteria jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    -- criteria.v1 knows points only: the nearest level stands in for them, so that a pupil reads a word instead of nothing.
    select p_report || jsonb_build_object('score', null, 'criteria_results', coalesce((
               select jsonb_agg(
                          r.value
                          || case
                                 when p_report ->> 'schema' = 'criteria.v1' and r.value ->> 'score' is not null then jsonb_build_object(
                                     'status', 'scored',
                                     'level', round(3 * (r.value ->> 'score')::numeric / (c.value ->> 'max_score')::numeric)::int)
                                 else '{}'::jsonb
                             end
                          || '{"score": null}'::jsonb
                          order by r.ordinality)
                 from jsonb_array_elements(p_report -> 'criteria_results') with ordinality as r
                 join jsonb_array_elements(p_criteria) with ordinality as c on c.ordinality = r.ordinality), '[]'::jsonb))
$$;
comment on function public.learning_without_scores(jsonb, jsonb) is
    'The report with every number a pupil should not see set to null; words and levels stay.';

create function public.learning_may_correct(p_submission_id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    -- Ten corrections are enough for honest mending, and few enough that a slow model is not kept busy by one pupil.
    select exists (
        select
          from public.learning_submissions s
          join public.tasks t on t.id = s.task_id
         where s.id = p_submission_id
           and s.student_sub = public.learning_current_sub()
           and s.kind = 'files'
           and s.text_body is not null
           and s.ai_allowed
           and t.pupil_may_correct
           and s.opened_at is null
           and not exists (
                   select
                     from public.learning_reports r
                    where r.submission_id = s.id
                      and (r.released_by is not null or r.source = 'teacher'))
           and (
                   select count(*)
                     from public.learning_texts x
                    where x.submission_id = s.id
                      and x.created_by = s.student_sub
               ) < 10)
$$;
comment on function public.learning_may_correct(uuid) is
    'Whether the acting pupil may mend what was read: the task allows it, a model may be asked again, and no teacher has opened or released the answer.';

create function public.learning_my_submissions(p_task_id uuid default null, p_submission_id uuid default null)
returns table (
    id uuid, task_id uuid, course_id uuid, attempt_nr int, kind text, analysis_status text, error_code text, flaw text, step text,
    created_at timestamptz, completed_at timestamptz, text_body text, text_version int, text_source text, text_confidence real,
    confirm_until timestamptz, criteria jsonb, release_mode text, scores_visible boolean, released_at timestamptz, report_source text, feedback_md text,
    analysis_json jsonb, can_take_back boolean, file_count int, can_correct boolean, current_text text, current_text_version int)
language sql
stable
security definer
set search_path = ''
as $$
    select s.id, s.task_id, s.course_id, s.attempt_nr, s.kind, s.analysis_status, s.error_code,
           case when s.error_code = 'input_unreadable' then s.vision_last_error end,
           case
               when s.analysis_status = 'pending' and j.status = 'leased' then case j.phase when 'vision' then 'reading' else 'checking' end
               when s.analysis_status = 'pending' then 'waiting'
               when s.analysis_status = 'extracted' then 'confirm'
               when s.analysis_status = 'failed' then 'failed'
               when r.id is null then 'teacher_reads'
               else 'done'
           end,
           s.created_at, s.completed_at, coalesce(x.text_body, s.text_body), coalesce(x.version, s.text_version), s.text_source, s.text_confidence, s.confirm_until,
           p.criteria, p.release_mode, p.scores_visible, r.released_at, r.source, r.feedback_md,
           case when p.scores_visible then r.analysis_json else public.learning_without_scores(r.analysis_json, p.criteria) end,
           s.opened_at is null and s.released_at is null and r.id is null,
           (select count(*)::int from public.learning_submission_files f where f.submission_id = s.id),
           c.can_correct, case when c.can_correct then s.text_body end, case when c.can_correct then s.text_version end
      from public.learning_submissions s
      left join lateral (
               -- The newest released version: an older one stays visible while a new one waits for the teacher.
               select r.*
                 from public.learning_reports r
                where r.submission_id = s.id
                  and r.released_at is not null
                order by r.version desc
                limit 1
           ) r on true
      left join public.learning_texts x on x.submission_id = r.submission_id and x.version = r.text_version
      join public.task_snapshots p on p.id = coalesce(r.snapshot_id, s.snapshot_id)
      left join public.learning_submission_jobs j on j.submission_id = s.id
     cross join lateral (select public.learning_may_correct(s.id) as can_correct) c
     where s.student_sub = public.learning_current_sub()
       and (p_task_id is null or s.task_id = p_task_id)
       and (p_submission_id is null or s.id = p_submission_id)
     order by s.created_at desc, s.attempt_nr desc
$$;
comment on function public.learning_my_submissions(uuid, uuid) is
    'The acting pupil''s answers; results are null until released, scores null unless the task shows them.';

create function public.learning_my_files(p_submission_id uuid)
returns table ("position" int, object_key text, sha256 text, byte_size bigint, media_type text, rotation int)
language sql
stable
security definer
set search_path = ''
as $$
    select f.position, f.object_key, f.sha256, f.byte_size, f.media_type, f.rotation
      from public.learning_submission_files f
      join public.learning_submissions s on s.id = f.submission_id
     where s.id = p_submission_id
       and s.student_sub = public.learning_current_sub()
     order by f.position
$$;
comment on function public.learning_my_files(uuid) is 'The files of one of the acting pupil''s answers, in page order.';

create function public.learning_confirm_text(p_submission_id uuid, p_text text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    if p_text is null or length(p_text) > 1000000 then
        raise exception 'a text of at most 1000000 characters' using errcode = 'LW014';
    end if;
    perform from public.learning_submission_jobs j where j.submission_id = p_submission_id for update;
    update public.learning_submissions s
       set analysis_status = 'pending', confirm_until = null,
           text_version = s.text_version + (s.text_body is distinct from p_text)::int,
           text_source = case when s.text_body is distinct from p_text then 'corrected' else s.text_source end,
           text_confidence = null,       -- a person vouches for it now
           text_body = p_text
      from public.tasks t
     where s.id = p_submission_id
       and s.student_sub = public.learning_current_sub()
       and s.analysis_status = 'extracted'
       and t.id = s.task_id
       and (t.pupil_may_correct or s.text_body = p_text);
    if not found then
        raise exception 'nothing to confirm' using errcode = 'LW015';
    end if;
    update public.learning_submission_jobs j
       set visible_at = now(), fair_at = public.learning_next_fair_at(p_submission_id, j.phase, j.lane), updated_at = now()
     where j.submission_id = p_submission_id
       and j.status = 'queued';
    perform public.learning_wake_worker();
end
$$;
comment on function public.learning_confirm_text(uuid, text) is 'The pupil says "this is what I wrote"; feedback starts. LW015 when nothing waits for it.';

create function public.learning_take_back(p_submission_id uuid)
returns text[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_sub  text := public.learning_current_sub();
    v_keys text[];
begin
    perform from public.learning_submission_jobs j where j.submission_id = p_submission_id for update;
    perform
       from public.learning_submissions s
      where s.id = p_submission_id
        and s.student_sub = v_sub
        and s.opened_at is null
        and not exists (select from public.learning_reports r where r.submission_id = s.id and r.released_at is not null)
        for update;
    if not found then
        raise exception 'cannot be taken back' using errcode = 'LW015';
    end if;
    v_keys := array(select f.object_key from public.learning_submission_files f where f.submission_id = p_submission_id);
    delete from public.learning_submissions s where s.id = p_submission_id;
    insert into public.learning_audit (actor, action, submission_id) values (v_sub, 'taken_back', p_submission_id);
    return v_keys;
end
$$;
comment on function public.learning_take_back(uuid) is 'Removes an answer nobody has opened yet; returns the object keys to delete.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_snapshot(uuid)', 'learning_fair_now(text, text)', 'learning_next_fair_at(uuid, text, text)',
        'learning_check_submit(uuid, text, text, jsonb, text)', 'learning_add_files(uuid, jsonb)', 'learning_store_report(uuid, jsonb, text, text, jsonb)',
        'learning_without_scores(jsonb, jsonb)', 'learning_submit(uuid, text, text, jsonb, text)', 'learning_my_submissions(uuid, uuid)',
        'learning_may_correct(uuid)', 'learning_my_files(uuid)', 'learning_confirm_text(uuid, text)', 'learning_take_back(uuid)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
grant execute on function
    public.learning_submit(uuid, text, text, jsonb, text),
    public.learning_my_submissions(uuid, uuid),
    public.learning_my_files(uuid),
    public.learning_confirm_text(uuid, text),
    public.learning_take_back(uuid)
to gustav_limited;
