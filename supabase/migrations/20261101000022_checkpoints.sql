-- Checkpoints of several jobs in one statement and one commit. A function only; no table lock.
set local lock_timeout = '5s';

create function public.learning_worker_save_criterion_batch(p_items jsonb)
returns table (job_id uuid, outcome text)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_item    record;
    v_applied bigint[] := array[]::bigint[];
    v_invalid bigint[] := array[]::bigint[];
begin
    for v_item in
        select (e.value ->> 'job_id')::uuid as job_id, (e.value ->> 'lease_key')::uuid as lease_key,
               e.value ->> 'criterion_id' as criterion_id, e.value -> 'result' as result, e.ordinality as item_nr
          from jsonb_array_elements(p_items) with ordinality as e
         -- The order in which every batch locks its jobs.
         order by 1
    loop
        begin
            perform public.learning_worker_save_criterion(v_item.job_id, v_item.lease_key, v_item.criterion_id, v_item.result);
            v_applied := v_applied || v_item.item_nr;
        exception
            when sqlstate 'LW001' then
                null;
            when sqlstate 'LW002' or data_exception or integrity_constraint_violation then
                -- One answer that does not fit must not take the others' checkpoints along.
                v_invalid := v_invalid || v_item.item_nr;
        end;
    end loop;
    return query select * from public.learning_worker_outcomes(p_items, v_applied, v_invalid);
end
$$;
comment on function public.learning_worker_save_criterion_batch(jsonb) is
    'Items {job_id, lease_key, criterion_id, result}: checkpoints; per item applied, lease_lost or invalid.';
alter function public.learning_worker_save_criterion_batch(jsonb) owner to gustav_owner;
revoke all on function public.learning_worker_save_criterion_batch(jsonb) from public;
grant execute on function public.learning_worker_save_criterion_batch(jsonb) to gustav_worker;
