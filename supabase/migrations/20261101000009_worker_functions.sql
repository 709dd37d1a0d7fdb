-- The fenced verbs of the worker. Functions and a type; no table lock.
-- The fence: id, lease_key, status = 'leased' and leased_until > now(). Single forms raise LW001 for a stale lease; batch forms never
-- raise for a stale row, they return (job_id, outcome) with applied, lease_lost or invalid, and commit the rest.
-- A row that somebody else has locked: a renewal passes it over, every other verb raises 55P03 after 1 s.
set local lock_timeout = '5s';

create function public.learning_worker_close_job(p_job_id uuid, p_error_code text, p_fault text, p_settled_by uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    with job as (
        update public.learning_submission_jobs j
           set status = 'failed', lease_key = null, leased_until = null, last_settled_key = p_settled_by, updated_at = now()
         where j.id = p_job_id
        returning j.submission_id, j.phase
    )
    -- confirm_until stays: a retry goes on waiting for the pupil who has not confirmed the text.
    update public.learning_submissions s
       set analysis_status = 'failed', error_code = p_error_code, settled_by = p_settled_by,
           vision_last_error = case job.phase when 'vision' then left(p_fault, 1024) else s.vision_last_error end,
           feedback_last_error = case job.phase when 'feedback' then left(p_fault, 1024) else s.feedback_last_error end
      from job
     where s.id = job.submission_id;
end
$$;
comment on function public.learning_worker_close_job(uuid, text, text, uuid) is 'Ends a job and its submission as failed; the caller has checked that it may.';

create function public.learning_worker_close_spent(p_job_ids uuid[], p_limits jsonb)
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_spent uuid[] := array[]::uuid[];
    v_job   record;
begin
    -- Nobody else will see a job whose last allowed run crashed, so who picks it closes it.
    for v_job in
        select j.id, j.phase, j.status
          from public.learning_submission_jobs j
         where j.id = any (p_job_ids)
           and (
               (j.status = 'leased' and j.crash_count + 1 >= (p_limits ->> 'max_crashes')::int)
               or (j.status = 'queued' and j.run_count >= (p_limits ->> 'max_runs')::int)
           )
    loop
        perform public.learning_worker_close_job(
            v_job.id, case v_job.status when 'leased' then 'worker_crashed' else v_job.phase || '_failed' end,
            case v_job.status when 'leased' then 'worker_crashed' else 'runs_spent' end, null);
        v_spent := v_spent || v_job.id;
    end loop;
    return v_spent;
end
$$;
comment on function public.learning_worker_close_spent(uuid[], jsonb) is 'Ends those of the picked jobs that have no run left, and tells which.';

create function public.learning_worker_pick_last_chance(p_phase text, p_lane text, p_untried boolean, p_max_crashes int)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_id uuid;
begin
    v_id := coalesce(
        (
            select j.id
              from public.learning_submission_jobs j
              join public.learning_submissions s on s.id = j.submission_id
             where j.status = 'leased'
               and j.leased_until <= now()
               and j.phase = p_phase
               and (p_lane is null or j.lane = p_lane)
               and (not p_untried or j.outage_at is null)
               and j.crash_count + 2 = p_max_crashes
             order by j.leased_until
             limit 1
               for update of j skip locked
               for no key update of s skip locked
        ),
        (
            select j.id
              from public.learning_submission_jobs j
              join public.learning_submissions s on s.id = j.submission_id
             where j.crash_count > 0
               and j.crash_count + 1 >= p_max_crashes
               and j.status = 'queued'
               and j.phase = p_phase
               and (p_lane is null or j.lane = p_lane)
               and j.visible_at <= now()
               and (not p_untried or j.outage_at is null)
             order by j.fair_at
             limit 1
               for update of j skip locked
               for no key update of s skip locked
        ));
    if v_id is null
       -- Two that look at the same time would both find nobody at work.
       or not pg_try_advisory_xact_lock(hashtextextended('learning_worker_pick_last_chance', 0))
       or exists (
           select
             from public.learning_submission_jobs j
            where j.crash_count > 0 and j.crash_count + 1 >= p_max_crashes and j.status = 'leased' and j.leased_until > now()) then
        return null;
    end if;
    return v_id;
end
$$;
comment on function public.learning_worker_pick_last_chance(text, text, boolean, int) is
    'A due job that one more crash would end, locked, while no other such job is at work: whoever kills a worker takes along those beside it.';

create function public.learning_worker_pick(p_phase text, p_lane text, p_limit int, p_untried boolean, p_max_crashes int)
returns uuid[]
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids  uuid[];
    v_lane text;
begin
    -- Expired leases come first, so that none is stuck behind a backlog. An answer that a person is at just now is passed over.
    v_ids := array(
        select j.id
          from public.learning_submission_jobs j
          join public.learning_submissions s on s.id = j.submission_id
         where j.status = 'leased'
           and j.leased_until <= now()
           and j.phase = p_phase
           and (p_lane is null or j.lane = p_lane)
           and (not p_untried or j.outage_at is null)
           and j.crash_count + 2 <> p_max_crashes
         order by j.leased_until
         limit p_limit
           for update of j skip locked
           for no key update of s skip locked
    );
    if cardinality(v_ids) < p_limit then
        v_ids := array_remove(v_ids || public.learning_worker_pick_last_chance(p_phase, p_lane, p_untried, p_max_crashes), null);
    end if;
    foreach v_lane in array case when p_lane is null then array['interactive', 'bulk'] else array[p_lane] end
    loop
        exit when cardinality(v_ids) >= p_limit;
        v_ids := v_ids || array(
            select j.id
              from public.learning_submission_jobs j
              join public.learning_submissions s on s.id = j.submission_id
             where j.status = 'queued'
               and j.phase = p_phase
               and j.lane = v_lane
               and j.visible_at <= now()
               and (not p_untried or j.outage_at is null)
               and (j.crash_count = 0 or j.crash_count + 1 < p_max_crashes)
             order by j.fair_at, j.visible_at
             limit p_limit - cardinality(v_ids)
               for update of j skip locked
               for no key update of s skip locked
        );
    end loop;
    return v_ids;
end
$$;
comment on function public.learning_worker_pick(text, text, int, boolean, int) is
    'Jobs that are due, locked: expired leases, one at most of those with one crash left, then interactive, then bulk, each in fair order; p_untried: only those that have not met an outage.';

create function public.learning_worker_claim(p_job_ids uuid[], p_worker_id text, p_lease_seconds int)
returns void
language sql
security definer
set search_path = ''
as $$
    -- The run is counted here, when it starts. A run that crashed is counted as a crash instead of an error.
    with claimed as (
        update public.learning_submission_jobs j
           set status = 'leased', lease_key = gen_random_uuid(), leased_until = now() + make_interval(secs => p_lease_seconds),
               worker_id = p_worker_id,
               -- One whose worker died waited again from when its lease had ended.
               visible_at = case j.status when 'leased' then j.leased_until else j.visible_at end,
               crash_count = j.crash_count + (j.status = 'leased')::int,
               run_count = j.run_count + (j.status = 'queued')::int,
               retry_count = greatest(j.run_count + (j.status = 'queued')::int - 1, 0),
               updated_at = now()
         where j.id = any (p_job_ids)
        returning j.submission_id, j.phase
    )
    update public.learning_submissions s
       set analysis_status = 'pending', confirm_until = null,
           vision_attempts = s.vision_attempts + (c.phase = 'vision')::int,
           vision_last_attempt_at = case c.phase when 'vision' then now() else s.vision_last_attempt_at end,
           feedback_attempts = s.feedback_attempts + (c.phase = 'feedback')::int,
           feedback_last_attempt_at = case c.phase when 'feedback' then now() else s.feedback_last_attempt_at end
      from claimed c
     where s.id = c.submission_id
$$;
comment on function public.learning_worker_claim(uuid[], text, int) is 'Turns picked jobs into leased ones, each with a key of its own.';

create type public.learning_leased_job as (
    job_id uuid,
    lease_key uuid,
    leased_until timestamptz,
    submission_id uuid,
    phase text,
    lane text,
    retry_count int,
    crash_count int,
    waited_s double precision,
    age_s double precision,
    text_body text,
    text_version int,
    text_confidence real,
    task jsonb,
    files jsonb,
    pages_done jsonb,
    results_done jsonb,
    closed_as text
);
alter type public.learning_leased_job owner to gustav_owner;
comment on type public.learning_leased_job is 'A leased job and all that its phase needs; files and pages in vision, results in feedback. closed_as: it was closed, not leased.';

create function public.learning_worker_job_view(p_job_ids uuid[])
returns setof public.learning_leased_job
language sql
stable
security definer
set search_path = ''
as $$
    select j.id, j.lease_key, j.leased_until, j.submission_id, j.phase, j.lane, j.retry_count, j.crash_count,
           extract(epoch from now() - greatest(j.created_at, j.visible_at))::double precision,
           -- Of a first run alone: what a class that is assessed again waited before says nothing about this server.
           case when s.report_version is null and s.text_version <= 1 then extract(epoch from now() - s.created_at)::double precision end,
           s.text_body, s.text_version, s.text_confidence,
           jsonb_build_object(
               'title', t.title, 'instruction_md', t.instruction_md, 'criteria', t.criteria, 'language', t.language,
               'form_of_address', t.form_of_address, 'grade_level', t.grade_level, 'scores_visible', t.scores_visible,
               'confirm_text', t.confirm_text, 'hints_md', coalesce(h.hints_md, '')),
           case j.phase when 'vision' then (
               select jsonb_agg(to_jsonb(f) - 'submission_id' - 'media_type' order by f.position)
                 from public.learning_submission_files f where f.submission_id = s.id) end,
           case j.phase when 'vision' then (
               select jsonb_agg(to_jsonb(r) - 'submission_id' - 'created_at' order by r.page_nr)
                 from public.learning_page_readings r where r.submission_id = s.id) end,
           case j.phase when 'feedback' then (
               select jsonb_agg(c.result)
                 from public.learning_criterion_results c
                where c.submission_id = s.id and c.snapshot_id = s.snapshot_id
                  and c.text_version = s.text_version and c.analysis_nr = j.analysis_nr) end,
           case j.status when 'failed' then s.error_code end
      from public.learning_submission_jobs j
      join public.learning_submissions s on s.id = j.submission_id
      join public.task_snapshots t on t.id = s.snapshot_id
      left join public.task_snapshot_hints h on h.snapshot_id = t.id
     where j.id = any (p_job_ids)
     order by array_position(p_job_ids, j.id)
$$;
comment on function public.learning_worker_job_view(uuid[]) is
    'Everything a phase needs, for jobs that were just claimed; closed_as is the error code of one that was closed instead.';

create function public.learning_worker_check_terms(p_phase text, p_lane text, p_limit int, p_lease_seconds int, p_limits jsonb)
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
    if (
        p_limit between 1 and 1000 and p_lease_seconds between 1 and 3600 and p_phase in ('vision', 'feedback')
        and coalesce(p_lane, 'bulk') in ('interactive', 'bulk')
        and (p_limits ->> 'max_runs')::int >= 1 and (p_limits ->> 'max_crashes')::int >= 1
    ) is not true then
        raise exception 'limit 1..1000, lease 1..3600 s, phase vision or feedback, at least one run and one crash' using errcode = 'LW014';
    end if;
end
$$;
comment on function public.learning_worker_check_terms(text, text, int, int, jsonb) is 'LW014 unless a lease on these terms may be given.';

create function public.learning_worker_take(
    p_worker_id text, p_phase text, p_lane text, p_limit int, p_lease_seconds int, p_limits jsonb, out leased uuid[], out closed uuid[])
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids   uuid[];
    v_spent uuid[];
begin
    leased := '{}';
    closed := '{}';
    if exists (select from public.learning_queue_controls c where c.phase = p_phase and c.paused_at is not null) then
        return;
    end if;
    loop
        v_ids := public.learning_worker_pick(p_phase, p_lane, p_limit, false, (p_limits ->> 'max_crashes')::int);
        v_spent := public.learning_worker_close_spent(v_ids, p_limits);
        closed := closed || v_spent;
        exit when cardinality(v_spent) = 0 or cardinality(v_spent) < cardinality(v_ids);
    end loop;
    leased := array(select i.id from unnest(v_ids) with ordinality as i(id, nr) where i.id <> all (v_spent) order by i.nr);
    if cardinality(leased) > 0 then
        perform public.learning_worker_claim(leased, p_worker_id, p_lease_seconds);
    end if;
end
$$;
comment on function public.learning_worker_take(text, text, text, int, int, jsonb) is
    'Leases up to p_limit due jobs of a phase (lane null: interactive before bulk) on the database''s clock, and closes those without runs left. The caller has checked the terms.';

create function public.learning_worker_lease(
    p_worker_id text,
    p_phase text,
    p_lane text default null,
    p_limit int default 1,
    p_lease_seconds int default 30,
    p_limits jsonb default '{"max_runs": 4, "max_crashes": 3}'
)
returns setof public.learning_leased_job
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_leased uuid[];
begin
    perform public.learning_worker_check_terms(p_phase, p_lane, p_limit, p_lease_seconds, p_limits);
    select t.leased into v_leased
      from public.learning_worker_take(p_worker_id, p_phase, p_lane, p_limit, p_lease_seconds, p_limits) t;
    return query select * from public.learning_worker_job_view(v_leased);
end
$$;
comment on function public.learning_worker_lease(text, text, text, int, int, jsonb) is
    'Leases due jobs of one phase and returns them; those that it closes are told by learning_worker_lease_work alone.';

create function public.learning_worker_held(p_items jsonb)
returns table (job_id uuid, lease_key uuid, submission_id uuid, phase text, item jsonb, item_nr bigint)
language sql
security definer
set search_path = ''
as $$
    select j.id, j.lease_key, j.submission_id, j.phase, i.value, i.ordinality
      from (
               -- An item that is given twice is one item, or it would take effect twice.
               select distinct on (1, 2) (e.value ->> 'job_id')::uuid as job_id, (e.value ->> 'lease_key')::uuid as lease_key,
                      e.value, e.ordinality
                 from jsonb_array_elements(p_items) with ordinality as e
                order by 1, 2, e.ordinality
           ) as i
      join public.learning_submission_jobs j
        on j.id = i.job_id
       and j.lease_key = i.lease_key
       and j.status = 'leased'
       and j.leased_until > now()
     order by j.id
       for update of j
$$;
comment on function public.learning_worker_held(jsonb) is 'THE FENCE: the items whose lease is still held, with their jobs locked in a fixed order.';

create function public.learning_worker_outcomes(p_items jsonb, p_applied bigint[], p_invalid bigint[] default '{}')
returns table (job_id uuid, outcome text)
language sql
immutable
set search_path = ''
as $$
    select (i.value ->> 'job_id')::uuid,
           case
               when i.ordinality = any (p_applied) then 'applied'
               when i.ordinality = any (p_invalid) then 'invalid'
               else 'lease_lost'
           end
      from jsonb_array_elements(p_items) with ordinality as i
     order by i.ordinality
$$;
comment on function public.learning_worker_outcomes(jsonb, bigint[], bigint[]) is 'One row per item, in order; applied and invalid are item numbers.';

create function public.learning_worker_single(p_outcome text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if p_outcome = 'invalid' then
        raise exception 'not valid' using errcode = 'LW002';
    elsif p_outcome = 'busy' then
        raise exception 'job is locked' using errcode = 'lock_not_available';
    elsif p_outcome is distinct from 'applied' then
        raise exception 'lease lost' using errcode = 'LW001';
    end if;
end
$$;
comment on function public.learning_worker_single(text) is 'Turns a batch outcome into the exception of the single form.';

create function public.learning_worker_renew_batch(p_items jsonb, p_lease_seconds int)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_free    uuid[];
    v_ids     uuid[];
    v_applied bigint[];
begin
    if p_lease_seconds is null or p_lease_seconds not between 1 and 3600 then
        raise exception 'lease 1..3600 s' using errcode = 'LW014';
    end if;
    -- Waits for no row. Until it came free the neighbours would stay locked as well, and their leases would end.
    v_free := array(
        select j.id
          from public.learning_submission_jobs j
         where j.id = any (array(select (i.value ->> 'job_id')::uuid from jsonb_array_elements(p_items) as i))
           for update skip locked
    );
    select coalesce(array_agg(h.job_id), '{}'), coalesce(array_agg(h.item_nr), '{}')
      into v_ids, v_applied
      from public.learning_worker_held((
               -- A null keeps the place of an item that is left out.
               select coalesce(jsonb_agg(case when (i.value ->> 'job_id')::uuid = any (v_free) then i.value end order by i.ordinality), '[]')
                 from jsonb_array_elements(p_items) with ordinality as i)) h;
    update public.learning_submission_jobs j
       set leased_until = now() + make_interval(secs => p_lease_seconds)
     where j.id = any (v_ids);
    return query
    select o.job_id,
           case
               when o.outcome = 'lease_lost' and o.job_id <> all (v_free)
                and public.learning_worker_outcome(o.job_id, (i.value ->> 'lease_key')::uuid) = 'held' then 'busy'
               else o.outcome
           end
      from public.learning_worker_outcomes(p_items, v_applied) with ordinality as o (job_id, outcome, nr)
      join jsonb_array_elements(p_items) with ordinality as i on i.ordinality = o.nr
     order by o.nr;
end
$$;
comment on function public.learning_worker_renew_batch(jsonb, int) is
    'Items {job_id, lease_key}: prolongs the leases that are still held; an expired one cannot be revived. busy: held, but locked just now, so not prolonged.';

create function public.learning_worker_renew(p_job_id uuid, p_lease_key uuid, p_lease_seconds int default 30)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_renew_batch(
                   jsonb_build_array(jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key)), p_lease_seconds) r));
end
$$;
comment on function public.learning_worker_renew(uuid, uuid, int) is 'Prolongs one lease; LW001 when it is no longer held.';

create function public.learning_worker_save_page(p_job_id uuid, p_lease_key uuid, p_page jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission_id uuid;
begin
    select h.submission_id into v_submission_id
      from public.learning_worker_held(jsonb_build_array(jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key))) h
     where h.phase = 'vision';
    perform public.learning_worker_single(case when found then 'applied' end);
    insert into public.learning_page_readings (submission_id, page_nr, text_md, source, confidence)
    values (v_submission_id, (p_page ->> 'page_nr')::int, p_page ->> 'text_md', p_page ->> 'source', (p_page ->> 'confidence')::real)
    on conflict (submission_id, page_nr) do nothing;
exception when data_exception or integrity_constraint_violation then
    -- The driver's error would quote the row, and with it what the pupil wrote.
    perform public.learning_worker_single('invalid');
end
$$;
comment on function public.learning_worker_save_page(uuid, uuid, jsonb) is 'Checkpoint {page_nr, text_md, source, confidence}: a page that was read is never read again.';

create function public.learning_worker_save_text(
    p_job_id uuid, p_lease_key uuid, p_text text, p_source text, p_confidence double precision default null, p_confirm_seconds int default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_submission_id uuid;
begin
    select h.submission_id into v_submission_id
      from public.learning_worker_held(jsonb_build_array(jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key))) h
     where h.phase = 'vision';
    perform public.learning_worker_single(case when found then 'applied' end);
    if p_text is null or length(p_text) > 1000000 or p_source is null or p_source not in ('layer', 'ocr', 'model')
       or p_confidence not between 0 and 1 or p_confirm_seconds not between 0 and 2592000 then
        perform public.learning_worker_single('invalid');
    end if;
    -- A text that a person corrected is never overwritten by a later reading, nor asked about again.
    perform from public.learning_submissions s where s.id = v_submission_id and s.text_source = 'corrected';
    if found then
        p_confirm_seconds := null;
    else
        update public.learning_submissions s
           set text_body = p_text, text_version = s.text_version + 1, text_confidence = p_confidence, text_source = p_source
         where s.id = v_submission_id;
    end if;
    update public.learning_submissions s
       set error_code = null,
           analysis_status = case when p_confirm_seconds is null then 'pending' else 'extracted' end,
           confirm_until = now() + make_interval(secs => p_confirm_seconds)
     where s.id = v_submission_id;
    update public.learning_submission_jobs j
       set phase = 'feedback', status = 'queued', lease_key = null, leased_until = null, last_settled_key = p_lease_key,
           run_count = 0, retry_count = 0, crash_count = 0, outage_count = 0, outage_seen = null, outage_at = null,
           visible_at = now() + make_interval(secs => coalesce(p_confirm_seconds, 0)),
           -- A turn of reading is none of assessing. A pupil who does not answer has none to claim from the day before.
           fair_at = coalesce(
               now() + make_interval(secs => p_confirm_seconds), public.learning_next_fair_at(v_submission_id, 'feedback', j.lane)),
           updated_at = now()
     where j.id = p_job_id;
    perform public.learning_wake_worker();
end
$$;
comment on function public.learning_worker_save_text(uuid, uuid, text, text, double precision, int) is
    'Ends the vision phase: stores the text and queues the feedback phase, which waits p_confirm_seconds for the pupil when given.';

create function public.learning_worker_save_criterion_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_jobs    uuid[];
    v_applied bigint[];
    v_invalid bigint[];
begin
    select array_agg(h.job_id) into v_jobs from public.learning_worker_held(p_items) h where h.phase = 'feedback';
    with asked as materialized (
        -- One job may bring several criteria: the fence has locked the job, each item is held against its key again.
        select e.ordinality as nr, e.value ->> 'criterion_id' as criterion_id, e.value -> 'result' as result,
               s.id, s.snapshot_id, s.text_version, s.text_body, j.analysis_nr,
               (select c.value from jsonb_array_elements(t.criteria) c where c.value ->> 'id' = e.value ->> 'criterion_id') as criterion
          from jsonb_array_elements(p_items) with ordinality as e
          join public.learning_submission_jobs j
            on j.id = (e.value ->> 'job_id')::uuid
           and j.lease_key = (e.value ->> 'lease_key')::uuid
          join public.learning_submissions s on s.id = j.submission_id
          join public.task_snapshots t on t.id = s.snapshot_id
         where j.id = any (v_jobs)
    ),
    judged as materialized (
        -- Checked here as well: a checkpoint that completion refuses would fail every later run.
        select a.*,
               a.criterion is not null
               and public.learning_result_fault(
                       'criteria.v2', null,
                       a.result - array['made_by', 'is_fallback', 'cost'] || jsonb_build_object('criterion', a.criterion ->> 'text'),
                       a.criterion, a.text_body) is null
               as is_valid
          from asked a
    ),
    kept as (
        insert into public.learning_criterion_results as c (submission_id, snapshot_id, text_version, analysis_nr, criterion_id, result)
        select distinct on (v.id, v.criterion_id) v.id, v.snapshot_id, v.text_version, v.analysis_nr, v.criterion_id, v.result
          from judged v
         where v.is_valid
         order by v.id, v.criterion_id, v.nr
        -- Another model or program than at the last run: its answer takes the place of the other's, or it would be asked for ever.
        on conflict (submission_id, snapshot_id, text_version, analysis_nr, criterion_id) do update
           set result = excluded.result
         where c.result ->> 'made_by' is distinct from excluded.result ->> 'made_by'
    )
    select coalesce(array_agg(v.nr) filter (where v.is_valid), '{}'), coalesce(array_agg(v.nr) filter (where v.is_valid is not true), '{}')
      into v_applied, v_invalid
      from judged v;
    return query select * from public.learning_worker_outcomes(p_items, v_applied, v_invalid);
end
$$;
comment on function public.learning_worker_save_criterion_batch(jsonb) is
    'Items {job_id, lease_key, criterion_id, result}: a criterion that was answered is never asked again in this analysis.';

create function public.learning_worker_save_criterion(p_job_id uuid, p_lease_key uuid, p_criterion_id text, p_result jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_save_criterion_batch(jsonb_build_array(jsonb_build_object(
                   'job_id', p_job_id, 'lease_key', p_lease_key, 'criterion_id', p_criterion_id, 'result', p_result))) r));
end
$$;
comment on function public.learning_worker_save_criterion(uuid, uuid, text, jsonb) is
    'Checkpoint of one criterion; LW001 when the lease is no longer held, LW002 when the result is not valid.';

create function public.learning_worker_update_completed_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_jobs        uuid[];
    v_keys        uuid[];
    v_submissions uuid[];
    v_items       jsonb[];
    v_nrs         bigint[];
    v_applied     bigint[];
    v_invalid     bigint[];
begin
    select array_agg(h.job_id), array_agg(h.lease_key), array_agg(h.submission_id), array_agg(h.item), array_agg(h.item_nr)
      into v_jobs, v_keys, v_submissions, v_items, v_nrs
      from public.learning_worker_held(p_items) h
     where h.phase = 'feedback';
    select coalesce(array_agg(v_nrs[r.item_nr]) filter (where r.fault is null), '{}'),
           coalesce(array_agg(v_nrs[r.item_nr]) filter (where r.fault is not null), '{}'),
           array_agg(v_jobs[r.item_nr]) filter (where r.fault is null)
      into v_applied, v_invalid, v_jobs
      from public.learning_store_reports(v_submissions, v_items, v_keys) r;
    delete from public.learning_submission_jobs j where j.id = any (v_jobs);
    return query select * from public.learning_worker_outcomes(p_items, v_applied, v_invalid);
exception when data_exception or integrity_constraint_violation then
    -- One report that does not fit must not roll the others back: each is tried alone.
    if jsonb_array_length(p_items) > 1 then
        return query
        select r.*
          from jsonb_array_elements(p_items) as i
         cross join lateral public.learning_worker_update_completed_batch(jsonb_build_array(i.value)) r;
    else
        return query select (p_items -> 0 ->> 'job_id')::uuid, 'invalid';
    end if;
end
$$;
comment on function public.learning_worker_update_completed_batch(jsonb) is
    'Items {job_id, lease_key, report, feedback_md, source, provenance}: report stored, submission completed and job removed in one transaction.';

create function public.learning_worker_update_completed(
    p_job_id uuid, p_lease_key uuid, p_report jsonb, p_feedback_md text, p_source text, p_provenance jsonb default '{}'
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_update_completed_batch(jsonb_build_array(jsonb_build_object(
                   'job_id', p_job_id, 'lease_key', p_lease_key, 'report', p_report, 'feedback_md', p_feedback_md, 'source', p_source,
                   'provenance', p_provenance))) r));
end
$$;
comment on function public.learning_worker_update_completed(uuid, uuid, jsonb, text, text, jsonb) is
    'Completes one submission; LW001 when the lease is no longer held, LW002 when the report is not valid.';

create function public.learning_worker_update_failed_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_held    record;
    v_applied bigint[] := array[]::bigint[];
    v_invalid bigint[] := array[]::bigint[];
begin
    for v_held in select * from public.learning_worker_held(p_items)
    loop
        begin
            perform public.learning_worker_close_job(v_held.job_id, v_held.item ->> 'error_code', v_held.item ->> 'fault', v_held.lease_key);
        exception when integrity_constraint_violation then
            -- An unknown code, or one that only a retry may carry.
            v_invalid := v_invalid || v_held.item_nr;
            continue;
        end;
        v_applied := v_applied || v_held.item_nr;
    end loop;
    return query select * from public.learning_worker_outcomes(p_items, v_applied, v_invalid);
end
$$;
comment on function public.learning_worker_update_failed_batch(jsonb) is 'Items {job_id, lease_key, error_code, fault}: ends them as failed; the job rows stay for the operator.';

create function public.learning_worker_update_failed(p_job_id uuid, p_lease_key uuid, p_error_code text, p_fault text default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_update_failed_batch(jsonb_build_array(jsonb_build_object(
                   'job_id', p_job_id, 'lease_key', p_lease_key, 'error_code', p_error_code, 'fault', p_fault))) r));
end
$$;
comment on function public.learning_worker_update_failed(uuid, uuid, text, text) is 'Ends one submission as failed; LW001 when the lease is no longer held.';

create function public.learning_worker_wait(p_item jsonb)
returns interval
language sql
immutable
set search_path = ''
as $$
    -- Bounded, so that no worker can hide a job for good.
    select make_interval(secs => least(greatest((p_item ->> 'wait_s')::double precision, 0), 86400))
$$;
comment on function public.learning_worker_wait(jsonb) is 'The wait an item asks for, from nothing to a day.';

create function public.learning_worker_nack_retry_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_held    record;
    v_applied bigint[] := array[]::bigint[];
begin
    for v_held in select * from public.learning_worker_held(p_items)
    loop
        update public.learning_submission_jobs j
           set status = 'queued', lease_key = null, leased_until = null, last_settled_key = v_held.lease_key,
               visible_at = now() + public.learning_worker_wait(v_held.item),
               -- It has its turn as soon as it is due: whose model is slow waits for a time, not for the whole queue once more.
               fair_at = public.learning_fair_now(j.phase, j.lane),
               updated_at = now()
         where j.id = v_held.job_id;
        update public.learning_submissions s
           set error_code = v_held.phase || '_retrying',
               vision_last_error = case v_held.phase when 'vision' then left(v_held.item ->> 'fault', 1024) else s.vision_last_error end,
               feedback_last_error = case v_held.phase when 'feedback' then left(v_held.item ->> 'fault', 1024) else s.feedback_last_error end
         where s.id = v_held.submission_id;
        v_applied := v_applied || v_held.item_nr;
    end loop;
    return query select * from public.learning_worker_outcomes(p_items, v_applied);
end
$$;
comment on function public.learning_worker_nack_retry_batch(jsonb) is 'Items {job_id, lease_key, fault, wait_s}: back to the queue, charged, visible after the wait.';

create function public.learning_worker_nack_retry(p_job_id uuid, p_lease_key uuid, p_fault text, p_wait_s double precision)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_nack_retry_batch(jsonb_build_array(jsonb_build_object(
                   'job_id', p_job_id, 'lease_key', p_lease_key, 'fault', p_fault, 'wait_s', p_wait_s))) r));
end
$$;
comment on function public.learning_worker_nack_retry(uuid, uuid, text, double precision) is 'Sends one job back for another run; LW001 when the lease is no longer held.';

create function public.learning_worker_release_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_held    record;
    v_applied bigint[] := array[]::bigint[];
begin
    for v_held in select * from public.learning_worker_held(p_items)
    loop
        update public.learning_submission_jobs j
           set status = 'queued', lease_key = null, leased_until = null, last_settled_key = v_held.lease_key,
               run_count = greatest(j.run_count - 1, 0), retry_count = greatest(j.run_count - 2, 0),
               interruption_count = j.interruption_count + 1,
               visible_at = now() + public.learning_worker_wait(v_held.item),
               updated_at = now()
         where j.id = v_held.job_id;
        v_applied := v_applied || v_held.item_nr;
    end loop;
    if cardinality(v_applied) > 0 then
        perform public.learning_wake_worker();
    end if;
    return query select * from public.learning_worker_outcomes(p_items, v_applied);
end
$$;
comment on function public.learning_worker_release_batch(jsonb) is 'Items {job_id, lease_key, wait_s}: back to the queue uncharged (drain, model server down).';

create function public.learning_worker_release(p_job_id uuid, p_lease_key uuid, p_wait_s double precision default 0)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform public.learning_worker_single((
        select r.outcome
          from public.learning_worker_release_batch(jsonb_build_array(jsonb_build_object(
                   'job_id', p_job_id, 'lease_key', p_lease_key, 'wait_s', p_wait_s))) r));
end
$$;
comment on function public.learning_worker_release(uuid, uuid, double precision) is 'Gives one job back without charging it; LW001 when the lease is no longer held.';

create function public.learning_worker_outcome(p_job_id uuid, p_lease_key uuid)
returns text
language sql
stable
security definer
set search_path = ''
as $$
    select case
               -- A run that removed its job left a report under its key, every other one is the last that settled the job. Of a failed job
               -- that a person took away meanwhile nothing is known.
               when exists (select from public.learning_reports r where r.id = p_lease_key)
                 or exists (select from public.learning_submission_jobs j where j.id = p_job_id and j.last_settled_key = p_lease_key)
                   then 'applied'
               when exists (
                   select
                     from public.learning_submission_jobs j
                    where j.id = p_job_id and j.lease_key = p_lease_key and j.status = 'leased' and j.leased_until > now())
                   then 'held'
               else 'lease_lost'
           end
$$;
comment on function public.learning_worker_outcome(uuid, uuid) is 'After a lost commit reply: applied, held (not applied yet) or lease_lost.';

create function public.learning_worker_heartbeat(p_worker_id text, p_idle boolean, p_slots jsonb default '{}')
returns void
language sql
security definer
set search_path = ''
as $$
    insert into public.learning_workers as w (worker_id, idle, slots)
    values (p_worker_id, p_idle, p_slots)
    on conflict (worker_id) do update
       set last_seen_at = now(), idle = excluded.idle, slots = excluded.slots
$$;
comment on function public.learning_worker_heartbeat(text, boolean, jsonb) is 'Says that a worker lives and whether it wants to be woken.';

create function public.learning_worker_release_unheld(p_worker_id text, p_held uuid[])
returns bigint
language sql
security definer
set search_path = ''
as $$
    select count(*)
      from public.learning_worker_release_batch(coalesce((
               select jsonb_agg(jsonb_build_object('job_id', j.id, 'lease_key', j.lease_key))
                 from public.learning_submission_jobs j
                where j.status = 'leased'
                  and j.leased_until > now()
                  and j.worker_id = p_worker_id
                  and j.lease_key <> all (p_held)), '[]'))
$$;
comment on function public.learning_worker_release_unheld(text, uuid[]) is
    'Back to the queue uncharged: what a worker leased without ever hearing of it. p_held: the lease keys it knows.';

create function public.learning_worker_goodbye(p_worker_id text)
returns void
language sql
security definer
set search_path = ''
as $$
    -- A lease whose reply was under way at the end is known to nobody.
    select public.learning_worker_release_unheld(p_worker_id, '{}');
    delete from public.learning_workers w
     where w.worker_id = p_worker_id
        or w.last_seen_at < now() - interval '7 days'
$$;
comment on function public.learning_worker_goodbye(text) is 'A worker leaves in order.';

create function public.learning_worker_queue_state()
returns table (phase text, queued bigint, leased bigint, expired bigint, oldest_visible_s double precision)
language sql
stable
security definer
set search_path = ''
as $$
    select p.phase,
           count(*) filter (where j.status = 'queued'),
           count(*) filter (where j.status = 'leased'),
           count(*) filter (where j.status = 'leased' and j.leased_until <= now()),
           coalesce(extract(epoch from now() - min(j.visible_at) filter (where j.status = 'queued' and j.visible_at <= now())), 0)::double precision
      from unnest(array['vision', 'feedback']) as p(phase)
      left join public.learning_submission_jobs j on j.phase = p.phase and j.status in ('queued', 'leased')
     group by p.phase
$$;
comment on function public.learning_worker_queue_state() is 'Counts per phase for metrics.';

do $$
declare
    v_function record;
begin
    for v_function in
        select p.oid::regprocedure as signature, p.proname
          from pg_catalog.pg_proc p
         where p.pronamespace = 'public'::regnamespace
           and p.proname like 'learning\_worker\_%'
    loop
        execute format('alter function %s owner to gustav_owner', v_function.signature);
        execute format('revoke all on function %s from public', v_function.signature);
        if v_function.proname not in (
            'learning_worker_close_job', 'learning_worker_close_spent', 'learning_worker_pick_last_chance', 'learning_worker_pick', 'learning_worker_claim',
            'learning_worker_check_terms', 'learning_worker_take', 'learning_worker_job_view', 'learning_worker_held',
            'learning_worker_outcomes', 'learning_worker_single', 'learning_worker_wait') then
            execute format('grant execute on function %s to gustav_worker', v_function.signature);
            -- Whoever waits for one row keeps others locked, also when nobody waits for the answer any more.
            execute format('alter function %s set lock_timeout = %L', v_function.signature, '1s');
        end if;
    end loop;
end
$$;
