-- A report that the same model and program made of the same text and task, so that no model is asked twice for it.
-- A function only; no table lock.
set local lock_timeout = '5s';

create function public.learning_worker_stored_report(p_job_id uuid, p_lease_key uuid, p_model_digest text, p_program_version text)
returns table (version int, source text, analysis_json jsonb, feedback_md text, usage jsonb)
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1s'
as $$
declare
    v_submission_id uuid;
begin
    select h.submission_id into v_submission_id
      from public.learning_worker_held(jsonb_build_array(jsonb_build_object('job_id', p_job_id, 'lease_key', p_lease_key))) h
     where h.phase = 'feedback';
    perform public.learning_worker_single(case when found then 'applied' end);
    -- Equal tasks share a snapshot: another wording, hint or criterion is another one.
    return query
    select r.version, r.source, r.analysis_json, r.feedback_md, r.usage
      from public.learning_reports r
      join public.learning_submissions s on s.id = r.submission_id
     where r.submission_id = v_submission_id
       and r.snapshot_id = s.snapshot_id
       and r.text_version = s.text_version
       and r.source in ('dspy', 'fallback')
       and r.model_digest = p_model_digest
       and r.program_version = p_program_version
     order by r.version desc
     limit 1;
end
$$;
comment on function public.learning_worker_stored_report(uuid, uuid, text, text) is
    'The newest report of the leased submission for the same text, task, model and program; of no other submission. LW001 when the lease is gone.';
alter function public.learning_worker_stored_report(uuid, uuid, text, text) owner to gustav_owner;
revoke all on function public.learning_worker_stored_report(uuid, uuid, text, text) from public;
grant execute on function public.learning_worker_stored_report(uuid, uuid, text, text) to gustav_worker;
