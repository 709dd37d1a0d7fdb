-- The health probe and the operator's queue commands. Functions only; no table lock.
set local lock_timeout = '5s';

create function public.learning_endpoints_down()
returns setof public.learning_endpoints
language sql
stable
security definer
set search_path = ''
as $$
    -- A breaker counts only while jobs try the server: one whose address has left the settings is tried by nobody.
    select e.*
      from public.learning_endpoints e
     where e.state <> 'closed'
       and (e.retry_at > now() - interval '5 minutes'
            or exists (select from public.learning_submission_jobs j where j.id = e.probe_job_id and j.status = 'leased'))
$$;
comment on function public.learning_endpoints_down() is 'The model servers that jobs are waiting for.';

create function public.learning_worker_health_probe()
returns table (check_name text, status text, detail text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_visible bigint;
    v_oldest  double precision;
    v_expired bigint;
    v_workers bigint;
    v_newest  text;
    v_missing text;
    v_silent_s double precision;
begin
    check_name := 'db_role';
    -- What the program asks at its start: also a login that could become such a one with SET ROLE.
    if exists (
        select
          from pg_catalog.pg_roles r
         where pg_catalog.pg_has_role(session_user, r.oid, 'member')
           and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolname = 'gustav_owner'
                or r.oid = (select d.datdba from pg_catalog.pg_database d where d.datname = current_database()))) then
        status := 'failed';
        detail := 'login may bypass row security';
    elsif session_user <> 'gustav_worker' and pg_catalog.pg_has_role(session_user, 'gustav_worker', 'usage') then
        status := 'failed';
        detail := 'login is a member of gustav_worker and sees no rows';
    elsif not pg_catalog.pg_has_role(session_user, 'gustav_limited', 'usage')
          and not pg_catalog.pg_has_role(session_user, 'gustav_operator', 'usage') then
        status := 'failed';
        detail := 'login does not inherit gustav_limited';
    else
        status := 'ok';
        detail := session_user::text;
    end if;
    return next;

    select count(*) filter (where j.status = 'queued' and j.visible_at <= now()),
           coalesce(extract(epoch from now() - min(j.visible_at) filter (where j.status = 'queued' and j.visible_at <= now())), 0)::double precision,
           -- What crashed before may have to wait until another of its kind has been tried; that is no fault.
           count(*) filter (where j.status = 'leased' and j.leased_until <= now() - interval '1 minute'
                              and (j.crash_count = 0 or not exists (
                                  select
                                    from public.learning_submission_jobs o
                                   where o.crash_count > 0 and o.status = 'leased' and o.leased_until > now())))
      into v_visible, v_oldest, v_expired
      from public.learning_submission_jobs j
     where j.status in ('queued', 'leased');
    check_name := 'queue_visibility';
    status := 'ok';
    detail := format('visible=%s', v_visible);
    if exists (select from public.learning_queue_controls c where c.paused_at is not null) then
        detail := detail || format(' paused=%s', (
            select string_agg(c.phase, ',' order by c.phase) from public.learning_queue_controls c where c.paused_at is not null));
    end if;
    return next;

    select count(*) into v_workers from public.learning_workers w where w.last_seen_at > now() - interval '2 minutes';
    check_name := 'live_workers';
    status := case when v_workers > 0 then 'ok' else 'failed' end;
    detail := format('live=%s', v_workers);
    return next;

    check_name := 'expired_leases';
    status := case when v_expired = 0 then 'ok' else 'failed' end;
    detail := format('expired=%s', v_expired);
    return next;

    select max(extract(epoch from now() - e.changed_at))::double precision into v_silent_s from public.learning_endpoints_down() e;
    check_name := 'model_answers';
    status := case when v_silent_s > 300 then 'failed' else 'ok' end;
    detail := format('seconds_without=%s', round(coalesce(v_silent_s, 0)));
    return next;

    check_name := 'oldest_visible_age';
    status := case when v_oldest < 3600 then 'ok' else 'failed' end;
    detail := format('seconds=%s', round(v_oldest));
    return next;

    -- Without one of these every answer waits while all else looks well.
    select string_agg('learning_worker_' || w.name, ',' order by w.name)
      into v_missing
      from unnest(array[
               'due', 'endpoint_failed', 'endpoint_states', 'endpoint_worked', 'goodbye', 'health_probe', 'heartbeat', 'lease_work',
               'nack_retry_batch', 'outcome', 'queue_state', 'release_batch', 'release_unheld', 'renew_batch', 'save_criterion_batch',
               'save_page', 'save_text', 'stored_report', 'update_completed_batch', 'update_failed', 'update_failed_batch'
           ]) w (name)
     where not exists (
               select
                 from pg_catalog.pg_proc p
                where p.pronamespace = 'public'::pg_catalog.regnamespace
                  and p.proname = 'learning_worker_' || w.name
                  and pg_catalog.has_function_privilege('gustav_worker', p.oid, 'execute'));
    check_name := 'worker_functions';
    status := case when v_missing is null then 'ok' else 'failed' end;
    detail := coalesce('missing=' || v_missing, 'callable');
    return next;

    -- Which one it should be only the program knows that asks.
    if exists (
           select
             from pg_catalog.pg_class c
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'supabase_migrations'
              and c.relname = 'schema_migrations'
              and pg_catalog.has_schema_privilege(n.oid, 'usage')
              and pg_catalog.has_column_privilege(c.oid, 'version', 'select')) then
        select max(m.version) into v_newest from supabase_migrations.schema_migrations m;
    end if;
    check_name := 'migrations';
    status := 'ok';
    detail := format('newest=%s', coalesce(v_newest, 'unknown'));
    return next;
end
$$;
comment on function public.learning_worker_health_probe() is 'Rows (check_name, status ok|failed, detail); counts and role names only.';

create function public.learning_queue_list(p_status text default null, p_error_code text default null, p_limit int default 100)
returns table (
    job_id uuid, submission_id uuid, course_id uuid, phase text, lane text, status text, error_code text, last_error text, retry_count int,
    crash_count int, interruption_count int, worker_id text, created_at timestamptz, visible_at timestamptz, leased_until timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
    select j.id, j.submission_id, j.course_id, j.phase, j.lane, j.status, s.error_code,
           case j.phase when 'vision' then s.vision_last_error else s.feedback_last_error end,
           j.retry_count, j.crash_count, j.interruption_count, j.worker_id, j.created_at, j.visible_at, j.leased_until
      from public.learning_submission_jobs j
      join public.learning_submissions s on s.id = j.submission_id
     where (p_status is null or j.status = any (string_to_array(p_status, ',')))
       and (p_error_code is null or s.error_code = p_error_code)
     order by j.fair_at
     limit least(p_limit, 1000)
$$;
comment on function public.learning_queue_list(text, text, int) is
    'Jobs for the operator: ids, states and codes, no texts and no names. p_status: one state, or several with commas between them.';

create function public.learning_queue_actor()
returns text
language sql
stable
set search_path = ''
as $$
    select coalesce(public.learning_current_sub(), session_user)
$$;
comment on function public.learning_queue_actor() is 'Who acts, for the audit trail.';

create function public.learning_queue_retry(p_job_ids uuid[])
returns setof uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_job    record;
    v_due_at timestamptz;
begin
    for v_job in
        with turns as (
            -- One turn after the other, or a class that failed in an outage would stand before every newcomer.
            select j.id,
                   public.learning_fair_now(j.phase, j.lane)
                   + interval '10 s' * (row_number() over (partition by j.course_id, j.phase, j.lane order by j.created_at, j.id) - 1) as fair_at
              from public.learning_submission_jobs j
             where j.id = any (p_job_ids)
               and j.status = 'failed'
        )
        select j.id, j.submission_id, t.fair_at
          from public.learning_submission_jobs j
          join turns t on t.id = j.id
         where j.status = 'failed'
         order by j.id
           for update of j
    loop
        -- A text that its pupil has not confirmed waits on, as long as it would have waited.
        update public.learning_submissions s
           set analysis_status = case when s.confirm_until > now() then 'extracted' else 'pending' end, error_code = null, settled_by = null
         where s.id = v_job.submission_id
        returning greatest(s.confirm_until, now()) into v_due_at;
        -- What was read or answered is kept: the same analysis goes on with its checkpoints.
        update public.learning_submission_jobs j
           set status = 'queued', visible_at = v_due_at, fair_at = v_job.fair_at,
               run_count = 0, retry_count = 0, crash_count = 0, outage_count = 0, outage_seen = null, outage_at = null, updated_at = now()
         where j.id = v_job.id;
        insert into public.learning_audit (actor, action, submission_id) values (public.learning_queue_actor(), 'retried', v_job.submission_id);
        return next v_job.id;
    end loop;
    perform public.learning_wake_worker();
end
$$;
comment on function public.learning_queue_retry(uuid[]) is 'Queues failed jobs again, with fresh runs, their checkpoints and their wait for a pupil; returns the ids it changed.';

create function public.learning_queue_cancel(p_job_ids uuid[])
returns setof uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_job record;
begin
    for v_job in
        select j.id, j.submission_id
          from public.learning_submission_jobs j
         where j.id = any (p_job_ids)
           and j.status in ('queued', 'leased')
         order by j.id
           for update
    loop
        perform public.learning_worker_close_job(v_job.id, 'cancelled', 'cancelled', null);
        insert into public.learning_audit (actor, action, submission_id) values (public.learning_queue_actor(), 'cancelled', v_job.submission_id);
        return next v_job.id;
    end loop;
end
$$;
comment on function public.learning_queue_cancel(uuid[]) is 'Ends waiting or running jobs as cancelled; a running worker loses its lease. Returns the ids it changed.';

create function public.learning_queue_pause(p_phase text, p_paused boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.learning_queue_controls c
       set paused_at = case when p_paused then coalesce(c.paused_at, now()) end,
           paused_by = case when p_paused then public.learning_queue_actor() end
     where c.phase = p_phase;
    if not found then
        raise exception 'phase vision or feedback' using errcode = 'LW014';
    end if;
    insert into public.learning_audit (actor, action, subject_id)
    values (public.learning_queue_actor(), case when p_paused then 'paused' else 'resumed' end, p_phase);
    if not p_paused then
        perform public.learning_wake_worker();
    end if;
end
$$;
comment on function public.learning_queue_pause(text, boolean) is 'Pauses or resumes a phase: a paused phase hands out no leases, running jobs end as usual.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_endpoints_down()', 'learning_worker_health_probe()', 'learning_queue_list(text, text, int)', 'learning_queue_actor()',
        'learning_queue_retry(uuid[])', 'learning_queue_cancel(uuid[])', 'learning_queue_pause(text, boolean)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
-- The ledger is the migrator's, and the probe reads its versions. Whoever applies these files without one has nothing to read.
do $$
begin
    if to_regclass('supabase_migrations.schema_migrations') is not null then
        grant usage on schema supabase_migrations to gustav_owner;
        grant select (version) on supabase_migrations.schema_migrations to gustav_owner;
    end if;
end
$$;
-- To the worker by name: a worker that does not inherit gustav_limited must be able to hear it.
grant execute on function public.learning_worker_health_probe() to gustav_limited, gustav_worker, gustav_operator;
grant execute on function public.learning_worker_queue_state() to gustav_operator;
grant execute on function
    public.learning_queue_list(text, text, int),
    public.learning_queue_retry(uuid[]),
    public.learning_queue_cancel(uuid[]),
    public.learning_queue_pause(text, boolean)
to gustav_operator;
