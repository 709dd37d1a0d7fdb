-- When will it be my turn, and when is this class done: from the queue's order and the durations of recent runs. Functions, and two
-- indexes that keep "the last 50" cheap; they lock out writers while they are built.
set local lock_timeout = '5s';

-- squawk-ignore require-concurrent-index-creation
create index learning_reports_created_at on public.learning_reports (created_at) where source <> 'teacher';
-- squawk-ignore require-concurrent-index-creation
create index learning_texts_created_at on public.learning_texts (created_at) where version = 1;

create function public.learning_phase_pace()
returns table (phase text, slots int, p50_s double precision, p90_s double precision)
language sql
stable
security definer
set search_path = ''
as $$
    -- A run's length is told by what it left behind: the text it stored, the report that completed the answer.
    with recent as (
        (select 'feedback' as phase, run.took_s
           from public.learning_reports r
          -- A join of the tables would be taken for one row, and the whole week be read and sorted for it.
          cross join lateral (
                    select extract(epoch from r.created_at - s.feedback_last_attempt_at) as took_s
                      from public.learning_submissions s
                     where s.id = r.submission_id and s.settled_by = r.id and s.feedback_last_attempt_at <= r.created_at
                    offset 0) as run
          where r.source <> 'teacher' and r.created_at > now() - interval '7 days'
          order by r.created_at desc
          limit 50)
        union all
        (select 'vision', extract(epoch from t.created_at - s.vision_last_attempt_at)
           from public.learning_texts t
           join public.learning_submissions s on s.id = t.submission_id
          where t.version = 1 and t.source in ('layer', 'ocr', 'model') and s.vision_last_attempt_at <= t.created_at
            and t.created_at > now() - interval '7 days'
          order by t.created_at desc
          limit 50)
    )
    select p.phase,
           (select coalesce(sum(case when jsonb_typeof(w.slots -> p.phase) = 'number' then (w.slots ->> p.phase)::int else 0 end), 0)::int
              from public.learning_workers w
             where w.last_seen_at > now() - interval '2 minutes'
               -- Whoever knows when the pause or the outage ends is not the database.
               and not exists (select from public.learning_queue_controls c where c.phase = p.phase and c.paused_at is not null)
               and not exists (select from public.learning_endpoints_down())),
           percentile_cont(0.5) within group (order by r.took_s),
           percentile_cont(0.9) within group (order by r.took_s)
      from unnest(array['vision', 'feedback']) as p(phase)
      left join recent r on r.phase = p.phase
     group by p.phase
$$;
comment on function public.learning_phase_pace() is 'Slots of the living workers, 0 in a pause or an outage, and seconds per run (p50, p90 of the last 50) of each phase; null without a run in a week.';

create function public.learning_turns_s(p_runs bigint, p_phase text)
returns double precision[]
language sql
stable
security definer
set search_path = ''
as $$
    -- Waves of runs side by side; the spread of a sum grows with the root of its length.
    select array[w.waves * p.p50_s, w.waves * p.p50_s + sqrt(w.waves) * (p.p90_s - p.p50_s)]
      from public.learning_phase_pace() p
     cross join lateral (select ceil(p_runs / nullif(p.slots, 0)::double precision) as waves) w
     where p.phase = p_phase
$$;
comment on function public.learning_turns_s(bigint, text) is 'Seconds (p50, p90) until so many runs of a phase have ended; nulls while no worker lives or nothing is known.';

create function public.learning_place(p_submission_id uuid)
returns table (phase text, ahead bigint, start_p50_s double precision, start_p90_s double precision)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_job   public.learning_submission_jobs;
    v_turns double precision[];
begin
    select j.* into v_job
      from public.learning_submission_jobs j
     where j.submission_id = p_submission_id
       and j.status = 'queued'
       and (j.student_sub = public.learning_current_sub() or j.course_id = any (public.learning_course_ids(array['teacher', 'observer'])));
    if not found then
        return;
    end if;
    phase := v_job.phase;
    -- Who runs now is ahead as well; interactive goes before bulk.
    select count(*) into ahead
      from public.learning_submission_jobs j
     where j.phase = v_job.phase
       and (j.status = 'leased'
            or (j.status = 'queued' and j.visible_at <= now() and j.id <> v_job.id
                and (j.lane > v_job.lane
                     or (j.lane = v_job.lane and (j.fair_at, j.visible_at) < (v_job.fair_at, v_job.visible_at)))));
    v_turns := public.learning_turns_s(ahead, v_job.phase);
    -- greatest() passes over nulls, and a guess from the wait alone would be no guess.
    if v_turns[1] is not null then
        start_p50_s := greatest(v_turns[1], extract(epoch from v_job.visible_at - now()));
        start_p90_s := greatest(v_turns[2], extract(epoch from v_job.visible_at - now()));
    end if;
    return next;
end
$$;
comment on function public.learning_place(uuid) is 'How many are ahead of a waiting answer, and when it starts at about; for its pupil and the course''s teachers, otherwise no row.';

create function public.learning_course_pace(p_course_id uuid)
returns table (waiting bigint, done_p50_s double precision, done_p90_s double precision)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
    v_wait_s   double precision;
    v_vision   bigint;
    v_feedback bigint;
    v_reading  double precision[];
    v_checking double precision[];
begin
    if p_course_id <> all (public.learning_course_ids(array['teacher', 'observer'])) then
        return;
    end if;
    -- Everything up to the class's last answer on the same clock comes first; what is to be read is to be assessed afterwards.
    with mine as (
        -- A text that waits for its pupil, for a day at most, waits for no worker, and nobody knows when it is confirmed.
        select j.id, j.phase, j.lane, j.fair_at, j.visible_at
          from public.learning_submission_jobs j
          join public.learning_submissions s on s.id = j.submission_id
         where j.course_id = p_course_id
           and (j.status = 'leased' or (j.status = 'queued' and (j.visible_at <= now() or s.analysis_status <> 'extracted')))
    ), last as (
        select m.phase, m.lane, max(m.fair_at) as fair_at
          from mine m
         group by m.phase, m.lane
    )
    select (select count(*) from mine), (select extract(epoch from max(m.visible_at) - now())::double precision from mine m),
           count(*) filter (where j.phase = 'vision'), count(*)
      into waiting, v_wait_s, v_vision, v_feedback
      from public.learning_submission_jobs j
      left join last l on l.phase = j.phase and l.lane = j.lane
     where j.status = 'leased'
        or (j.status = 'queued' and j.fair_at <= l.fair_at and (j.visible_at <= now() or j.id in (select m.id from mine m)));
    v_reading := public.learning_turns_s(v_vision, 'vision');
    v_checking := public.learning_turns_s(v_feedback, 'feedback');
    if waiting = 0 then
        done_p50_s := 0;
        done_p90_s := 0;
    elsif v_vision = 0 then
        done_p50_s := v_checking[1];
        done_p90_s := v_checking[2];
    else
        done_p50_s := v_reading[1] + v_checking[1];
        done_p90_s := v_reading[2] + v_checking[2];
    end if;
    -- greatest() passes over nulls; what backs off comes back first.
    if done_p50_s is not null then
        done_p50_s := greatest(done_p50_s, v_wait_s);
        done_p90_s := greatest(done_p90_s, v_wait_s);
    end if;
    return next;
end
$$;
comment on function public.learning_course_pace(uuid) is 'How many answers of a course wait for a worker or run, and when the last is done at about; for its teachers and observers, otherwise no row.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_phase_pace()', 'learning_turns_s(bigint, text)', 'learning_place(uuid)', 'learning_course_pace(uuid)'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
grant execute on function public.learning_place(uuid), public.learning_course_pace(uuid) to gustav_limited;
