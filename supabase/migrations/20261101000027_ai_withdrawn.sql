-- A pupil for whom no model may be asked any more: what waits for one ends at once, and nothing starts again.
-- A function and a trigger; locks course_members for a moment.
set local lock_timeout = '5s';

create function public.learning_withdraw_ai()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    -- Job before submission, as the worker's functions lock them; whoever holds one loses it, and its model is not asked further.
    perform from public.learning_submission_jobs j where j.course_id = new.course_id and j.student_sub = new.sub order by j.id for update;
    update public.learning_submissions s
       set ai_allowed = false
     where s.course_id = new.course_id
       and s.student_sub = new.sub
       and s.ai_allowed;
    -- Those as well that somebody queued before the line above had their submission.
    delete from public.learning_submission_jobs j where j.course_id = new.course_id and j.student_sub = new.sub;
    perform public.learning_store_report(s.id, public.learning_unassessed_report(t.criteria, 'ai_not_allowed'), '', 'none', null)
       from public.learning_submissions s
       join public.task_snapshots t on t.id = s.snapshot_id
      where s.course_id = new.course_id
        and s.student_sub = new.sub
        and s.analysis_status <> 'completed';
    return null;
end
$$;
comment on function public.learning_withdraw_ai() is
    'Ends every analysis of a pupil who may no longer be assessed by a model: their answers wait for the teacher, as if handed in so.';
alter function public.learning_withdraw_ai() owner to gustav_owner;
revoke all on function public.learning_withdraw_ai() from public;
create trigger course_members_ai_withdrawn
after insert or update of ai_allowed on public.course_members
for each row when (not new.ai_allowed) execute function public.learning_withdraw_ai();
