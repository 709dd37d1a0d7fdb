-- Lets the operator name jobs by their id or by their submission's, however long the queue is. A function only; no table lock.
set local lock_timeout = '5s';

create function public.learning_queue_find(p_ids uuid[])
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
     where j.id = any (p_ids)
        or j.submission_id = any (p_ids)
$$;
comment on function public.learning_queue_find(uuid[]) is 'The jobs with these ids or of these submissions, as learning_queue_list tells them.';
alter function public.learning_queue_find(uuid[]) owner to gustav_owner;
revoke all on function public.learning_queue_find(uuid[]) from public;
grant execute on function public.learning_queue_find(uuid[]) to gustav_operator;
