-- The breaker per model server, and the one statement by which a worker looks for work. Functions only; no table lock.
set local lock_timeout = '5s';

create function public.learning_worker_endpoint_failed(
    p_job_id uuid, p_lease_key uuid, p_endpoint text, p_fault text, p_wait jsonb default '{"base_s": 5, "least_s": 0}')
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_endpoint public.learning_endpoints;
    v_job      public.learning_submission_jobs;
    v_least_s  double precision := least(coalesce((p_wait ->> 'least_s')::double precision, 0), 900);
    v_wait_s   double precision;
    v_opens    boolean;
begin
    perform from public.learning_worker_held(jsonb_build_array(jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key)));
    perform public.learning_worker_single(case when found then 'applied' end);
    insert into public.learning_endpoints (endpoint) values (p_endpoint) on conflict do nothing;
    select * into strict v_endpoint from public.learning_endpoints e where e.endpoint = p_endpoint for update;
    update public.learning_submission_jobs j
       -- A job that has got an answer since it last failed is one that the server can bear.
       set outage_count = case
               when exists (
                   select
                     from public.learning_criterion_results c
                    where c.submission_id = j.submission_id and c.created_at > j.outage_at)
                 or exists (
                   select
                     from public.learning_page_readings r
                    where r.submission_id = j.submission_id and r.created_at > j.outage_at)
                   then 1
               else j.outage_count + (j.outage_seen is null or j.outage_seen < v_endpoint.recoveries)::int
           end,
           outage_seen = v_endpoint.recoveries,
           outage_at = now()
     where j.id = p_job_id
    returning * into v_job;
    if v_job.outage_count >= 3 then
        -- The server answered others in between: it is this job that it cannot bear. The next probe may come at once.
        update public.learning_endpoints e
           set state = 'open', probe_job_id = null, retry_at = now()
         where e.endpoint = p_endpoint and e.probe_job_id = p_job_id and e.state = 'half_open';
        return 'charge';
    end if;
    -- A server that says how long it wants to be left alone need not say it three times, and one that fails its probe stays out of use.
    v_opens := v_endpoint.failures_in_row + 1 >= 3 or v_least_s > 0 or v_endpoint.state <> 'closed';
    v_wait_s := greatest(
        least((p_wait ->> 'base_s')::double precision * 2 ^ least(greatest(v_endpoint.failures_in_row - 2, 0), 10), 60), v_least_s);
    update public.learning_endpoints e
       set failures_in_row = e.failures_in_row + 1,
           state = case when v_opens then 'open' else e.state end,
           retry_at = case
               when not v_opens then e.retry_at
               when e.state <> 'open' or e.retry_at is null then now() + make_interval(secs => v_wait_s)
               -- A straggler of the same outage puts the probe off only as far as the server asked for.
               else greatest(e.retry_at, now() + make_interval(secs => v_least_s))
           end,
           probe_job_id = case when e.probe_job_id = p_job_id then null else e.probe_job_id end,
           changed_at = case when v_opens and e.state = 'closed' then now() else e.changed_at end
     where e.endpoint = p_endpoint;
    update public.learning_submissions s
       set error_code = v_job.phase || '_retrying',
           vision_last_error = case v_job.phase when 'vision' then left(p_fault, 1024) else s.vision_last_error end,
           feedback_last_error = case v_job.phase when 'feedback' then left(p_fault, 1024) else s.feedback_last_error end
     where s.id = v_job.submission_id;
    perform from public.learning_worker_release_batch(jsonb_build_array(jsonb_build_object(
        'job_id', p_job_id, 'lease_key', p_lease_key, 'wait_s', case when v_opens then v_least_s else v_wait_s / 5 end)));
    return 'released';
end
$$;
comment on function public.learning_worker_endpoint_failed(uuid, uuid, text, text, jsonb) is
    'The model server failed: released (uncharged; the third failure in a row opens the breaker, or one with Retry-After) or charge (it is the job). LW001 for a stale lease.';

create function public.learning_worker_endpoint_worked(p_endpoint text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.learning_endpoints e
       set state = 'closed', failures_in_row = 0, retry_at = null, probe_job_id = null, recoveries = e.recoveries + 1, changed_at = now()
     where e.endpoint = p_endpoint
       and (e.failures_in_row > 0 or e.state <> 'closed');
    if found then
        perform public.learning_wake_worker();
    end if;
    return found;
end
$$;
comment on function public.learning_worker_endpoint_worked(text) is 'The model server answered: closes its breaker. Writes nothing while all is well.';

create function public.learning_worker_gate(p_endpoint text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_endpoint public.learning_endpoints;
begin
    if not exists (select from public.learning_endpoints e where e.endpoint = p_endpoint and e.state <> 'closed') then
        return 'closed';
    end if;
    -- Who finds the row locked leaves the probe to the other worker.
    select * into v_endpoint from public.learning_endpoints e where e.endpoint = p_endpoint for update skip locked;
    if not found or v_endpoint.retry_at > now() then
        return 'open';
    end if;
    if v_endpoint.state = 'closed' then
        return 'closed';
    end if;
    if exists (
        select
          from public.learning_submission_jobs j
         where j.id = v_endpoint.probe_job_id and j.status = 'leased' and j.leased_until > now()) then
        return 'open';
    end if;
    return 'probe';
end
$$;
comment on function public.learning_worker_gate(text) is 'closed: lease freely; open: nothing; probe: exactly one job, and the endpoint is locked for it.';

create function public.learning_worker_pick_probe(
    p_phase text, p_endpoint text, p_limits jsonb, out probe uuid, out closed uuid[])
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_spent uuid[];
begin
    closed := '{}';
    if exists (select from public.learning_queue_controls c where c.phase = p_phase and c.paused_at is not null) then
        return;
    end if;
    loop
        -- Rotating: whose last try is longest ago, and those never tried come first. A dead worker's job is a probe like any other. The
        -- second look sorts jobs that were all tried before, no more than there were probes.
        probe := coalesce(
            (public.learning_worker_pick(p_phase, null, 1, true, (p_limits ->> 'max_crashes')::int))[1],
            (
                select j.id
                  from public.learning_submission_jobs j
                  join public.learning_submissions s on s.id = j.submission_id
                 where j.phase = p_phase
                   and ((j.status = 'queued' and j.visible_at <= now()) or (j.status = 'leased' and j.leased_until <= now()))
                 order by j.outage_at, j.fair_at
                 limit 1
                   for update of j skip locked
                   for no key update of s skip locked
            ));
        if probe is null then
            return;
        end if;
        v_spent := public.learning_worker_close_spent(array[probe], p_limits);
        exit when v_spent = '{}';
        closed := closed || v_spent;
    end loop;
    update public.learning_endpoints e
       set state = 'half_open', probe_job_id = probe, last_probe_job_id = probe
     where e.endpoint = p_endpoint;
    update public.learning_submission_jobs j set outage_at = now() where j.id = probe;
end
$$;
comment on function public.learning_worker_pick_probe(text, text, jsonb) is
    'The job that tries a model server that was down, locked, null when none is due; and those without runs left, which it closes.';

create function public.learning_worker_lease_work(
    p_worker_id text,
    p_wants jsonb,
    p_lease_seconds int default 30,
    p_limits jsonb default '{"max_runs": 4, "max_crashes": 3}'
)
returns setof public.learning_leased_job
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_want   record;
    v_gate   text;
    v_taken  record;
    v_leased uuid[] := array[]::uuid[];
    v_closed uuid[] := array[]::uuid[];
    v_got    int;
begin
    for v_want in
        select w.phase, w.slots, coalesce(w.bulk_first, 0) as bulk_first, w.endpoint, w.is_second_choice
          from jsonb_to_recordset(p_wants) as w(phase text, slots int, bulk_first int, endpoint text, is_second_choice boolean)
    loop
        perform public.learning_worker_check_terms(v_want.phase, null, v_want.slots, p_lease_seconds, p_limits);
        continue when v_want.is_second_choice and cardinality(v_leased) > 0;
        v_gate := case when v_want.endpoint is null then 'closed' else public.learning_worker_gate(v_want.endpoint) end;
        if v_gate = 'probe' then
            select * into v_taken from public.learning_worker_pick_probe(v_want.phase, v_want.endpoint, p_limits);
            v_closed := v_closed || v_taken.closed;
            if v_taken.probe is not null then
                perform public.learning_worker_claim(array[v_taken.probe], p_worker_id, p_lease_seconds);
                v_leased := v_leased || v_taken.probe;
            end if;
        elsif v_gate = 'closed' then
            v_got := 0;
            if v_want.bulk_first > 0 then
                select * into v_taken
                  from public.learning_worker_take(
                           p_worker_id, v_want.phase, 'bulk', least(v_want.bulk_first, v_want.slots), p_lease_seconds, p_limits);
                v_leased := v_leased || v_taken.leased;
                v_closed := v_closed || v_taken.closed;
                v_got := cardinality(v_taken.leased);
            end if;
            if v_got < v_want.slots then
                select * into v_taken
                  from public.learning_worker_take(p_worker_id, v_want.phase, null, v_want.slots - v_got, p_lease_seconds, p_limits);
                v_leased := v_leased || v_taken.leased;
                v_closed := v_closed || v_taken.closed;
            end if;
        end if;
    end loop;
    if cardinality(v_leased || v_closed) > 0 then
        return query select * from public.learning_worker_job_view(v_leased || v_closed);
    end if;
end
$$;
comment on function public.learning_worker_lease_work(text, jsonb, int, jsonb) is
    'One look for work. Wants {phase, slots, bulk_first, endpoint, is_second_choice}: an open breaker yields nothing or one probe, bulk_first slots go to bulk before interactive, a second choice is looked at when nothing was leased yet. Rows with closed_as were closed, not leased.';

create function public.learning_worker_due()
returns table (phase text, due_s double precision)
language sql
stable
security definer
set search_path = ''
as $$
    select j.phase, extract(epoch from now() - min(greatest(j.visible_at, j.created_at)))::double precision
      from public.learning_submission_jobs j
     where j.status = 'queued'
       and j.visible_at <= now()
       and not exists (select from public.learning_queue_controls c where c.phase = j.phase and c.paused_at is not null)
     group by j.phase
$$;
comment on function public.learning_worker_due() is 'How long the oldest due job of each phase has waited; phases that are paused or empty are missing.';

create function public.learning_worker_endpoint_states()
returns table (endpoint text, state text)
language sql
stable
security definer
set search_path = ''
as $$
    select e.endpoint, e.state from public.learning_endpoints e
$$;
comment on function public.learning_worker_endpoint_states() is 'The breakers, for metrics.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_worker_endpoint_failed(uuid, uuid, text, text, jsonb)', 'learning_worker_endpoint_worked(text)',
        'learning_worker_gate(text)', 'learning_worker_pick_probe(text, text, jsonb)', 'learning_worker_lease_work(text, jsonb, int, jsonb)',
        'learning_worker_due()', 'learning_worker_endpoint_states()'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
        execute format('alter function public.%s set lock_timeout = %L', v_function, '1s');
    end loop;
end
$$;
grant execute on function
    public.learning_worker_endpoint_failed(uuid, uuid, text, text, jsonb),
    public.learning_worker_endpoint_worked(text),
    public.learning_worker_lease_work(text, jsonb, int, jsonb),
    public.learning_worker_due(),
    public.learning_worker_endpoint_states()
to gustav_worker;
grant execute on function public.learning_worker_endpoint_states() to gustav_operator;
