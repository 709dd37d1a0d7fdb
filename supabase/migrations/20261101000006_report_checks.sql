-- What a report must be before it is stored, and the notifications. Functions and one trigger; locks submissions for a moment.
set local lock_timeout = '5s';

create function public.learning_evidence_fault(p_evidence jsonb, p_text text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_item jsonb;
begin
    if p_evidence is null or jsonb_typeof(p_evidence) = 'null' then
        return null;
    end if;
    if jsonb_typeof(p_evidence) <> 'array' then
        return 'evidence_shape';
    end if;
    for v_item in select value from jsonb_array_elements(p_evidence)
    loop
        if jsonb_typeof(v_item) <> 'object'
           or jsonb_typeof(v_item -> 'quote') is distinct from 'string'
           or jsonb_typeof(v_item -> 'start') is distinct from 'number'
           or jsonb_typeof(v_item -> 'end') is distinct from 'number'
           or (v_item ->> 'start') !~ '^\d{1,9}$'
           or (v_item ->> 'end') !~ '^\d{1,9}$' then
            return 'evidence_shape';
        end if;
        if (v_item ->> 'end')::int <= (v_item ->> 'start')::int
           or p_text is null
           or substr(p_text, (v_item ->> 'start')::int + 1, (v_item ->> 'end')::int - (v_item ->> 'start')::int)
              is distinct from v_item ->> 'quote' then
            return 'quote_not_verbatim';
        end if;
    end loop;
    return null;
end
$$;
comment on function public.learning_evidence_fault(jsonb, text) is 'Null when every quote equals the text at its offsets, else a code.';

create function public.learning_is_whole_number(p_value jsonb, p_low int, p_high int)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
    select case
               when jsonb_typeof(p_value) is distinct from 'number' then false
               when (p_value #>> '{}') !~ '^\d{1,9}$' then false
               else (p_value #>> '{}')::int between p_low and p_high
           end
$$;
comment on function public.learning_is_whole_number(jsonb, int, int) is 'A JSON number without fraction within the bounds.';

create function public.learning_result_fault(p_schema text, p_result jsonb, p_criterion jsonb, p_text text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_max int := (p_criterion ->> 'max_score')::int;
begin
    if jsonb_typeof(p_result) is distinct from 'object' then
        return 'result_shape';
    end if;
    if p_result ->> 'criterion' is distinct from p_criterion ->> 'text' then
        return 'criterion_unknown';
    end if;
    if jsonb_typeof(p_result -> 'explanation_md') is distinct from 'string' then
        return 'result_shape';
    end if;
    if p_schema = 'criteria.v1' then
        if not p_result ? 'score' or not (jsonb_typeof(p_result -> 'score') = 'null' or public.learning_is_whole_number(p_result -> 'score', 0, v_max)) then
            return 'score_range';
        end if;
    else
        if p_result ->> 'criterion_id' is distinct from p_criterion ->> 'id' then
            return 'criterion_unknown';
        end if;
        if not public.learning_is_whole_number(p_result -> 'max_score', v_max, v_max) then
            return 'score_range';
        end if;
        if p_result ->> 'status' = 'scored' then
            if not public.learning_is_whole_number(p_result -> 'score', 0, v_max)
               or not (p_result ->> 'level' is null or public.learning_is_whole_number(p_result -> 'level', 0, 3)) then
                return 'score_range';
            end if;
            if p_result ->> 'reason' is not null then
                return 'status_contradiction';
            end if;
        elsif p_result ->> 'status' in ('needs_review', 'not_assessable') then
            if p_result ->> 'score' is not null or p_result ->> 'level' is not null then
                return 'status_contradiction';
            end if;
            if p_result ->> 'reason' is null or p_result ->> 'reason' not in (
                'unknown', 'quote_not_found', 'answer_invalid', 'level_out_of_range', 'text_unreadable', 'text_too_long', 'blank',
                'nonsense', 'off_topic', 'refused', 'person_reads', 'ai_not_allowed', 'truncated', 'timeout') then
                return 'reason_unknown';
            end if;
        else
            return 'status_unknown';
        end if;
        if jsonb_typeof(p_result -> 'next_step_md') not in ('string', 'null') then
            return 'result_shape';
        end if;
        if p_result ->> 'confidence' is not null and p_result ->> 'confidence' not in ('low', 'medium', 'high') then
            return 'confidence_unknown';
        end if;
    end if;
    return public.learning_evidence_fault(p_result -> 'evidence', p_text);
end
$$;
comment on function public.learning_result_fault(text, jsonb, jsonb, text) is 'Null when one criterion result is valid for its criterion and text, else a code.';

create function public.learning_report_fault(p_report jsonb, p_criteria jsonb, p_text text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_results jsonb := p_report -> 'criteria_results';
    v_fault   text;
    v_scored  int;
begin
    if p_report is null or jsonb_typeof(p_report) <> 'object'
       or p_report ->> 'schema' is null
       or p_report ->> 'schema' not in ('criteria.v1', 'criteria.v2') then
        return 'schema_unknown';
    end if;
    if jsonb_typeof(v_results) is distinct from 'array' or jsonb_array_length(v_results) <> jsonb_array_length(p_criteria) then
        return 'criteria_incomplete';
    end if;
    for i in 0 .. jsonb_array_length(p_criteria) - 1
    loop
        v_fault := public.learning_result_fault(p_report ->> 'schema', v_results -> i, p_criteria -> i, p_text);
        if v_fault is not null then
            return v_fault;
        end if;
    end loop;
    if not p_report ? 'score' or not (jsonb_typeof(p_report -> 'score') = 'null' or public.learning_is_whole_number(p_report -> 'score', 0, 5)) then
        return 'score_range';
    end if;
    select count(*)::int into v_scored from jsonb_array_elements(v_results) r where r ->> 'score' is not null;
    if (p_report ->> 'score' is not null) <> (v_scored = jsonb_array_length(p_criteria)) then
        return 'score_of_the_whole';
    end if;
    if p_report ->> 'schema' = 'criteria.v2' and (
        p_report ->> 'source' is null
        or p_report ->> 'source' not in ('stub', 'dspy', 'fallback', 'teacher', 'none')
        or not public.learning_is_whole_number(p_report -> 'assessed', v_scored, v_scored)
        or not public.learning_is_whole_number(p_report -> 'total', jsonb_array_length(p_criteria), jsonb_array_length(p_criteria))
    ) then
        return 'summary';
    end if;
    return null;
end
$$;
comment on function public.learning_report_fault(jsonb, jsonb, text) is 'Null when a criteria.v1 or criteria.v2 report is valid for these criteria and this text, else a code.';

create function public.learning_unassessed_report(p_criteria jsonb, p_reason text)
returns jsonb
language sql
immutable
set search_path = ''
as $$
    select jsonb_build_object(
               'schema', 'criteria.v2', 'score', null, 'source', 'none', 'assessed', 0, 'total', jsonb_array_length(p_criteria),
               'criteria_results', jsonb_agg(
                   jsonb_build_object(
                       'criterion_id', c.value ->> 'id', 'criterion', c.value ->> 'text', 'status', 'needs_review', 'reason', p_reason,
                       'level', null, 'score', null, 'max_score', c.value -> 'max_score', 'confidence', null,
                       'explanation_md', '', 'evidence', '[]'::jsonb, 'next_step_md', null
                   )
                   order by c.ordinality
               )
           )
      from jsonb_array_elements(p_criteria) with ordinality as c
$$;
comment on function public.learning_unassessed_report(jsonb, text) is 'A criteria.v2 report in which every criterion waits for a person.';

create function public.learning_keep_text()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.learning_texts (submission_id, version, text_body, source, created_by)
    values (new.id, new.text_version, new.text_body, new.text_source, public.learning_current_sub())
    on conflict (submission_id, version) do nothing;
    return null;
end
$$;
comment on function public.learning_keep_text() is 'Keeps every version of a submission''s text.';
create trigger learning_submissions_text_kept
after insert or update of text_version on public.learning_submissions
for each row when (new.text_version > 0) execute function public.learning_keep_text();

create function public.learning_tell_submissions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_ids uuid[];
begin
    -- A payload over 8000 bytes is an error that would roll the batch back.
    v_ids := array(select id from changed limit 101);
    if cardinality(v_ids) > 100 then
        perform pg_notify('learning_submissions', 'resync');
    elsif cardinality(v_ids) > 0 then
        perform pg_notify('learning_submissions', array_to_string(v_ids, ' '));
    end if;
    return null;
end
$$;
comment on function public.learning_tell_submissions() is 'One notification per statement on learning_submissions: ids, or resync when there are more than 100.';
create trigger learning_submissions_told_insert
after insert on public.learning_submissions
referencing new table as changed
for each statement execute function public.learning_tell_submissions();
create trigger learning_submissions_told_update
after update on public.learning_submissions
referencing new table as changed
for each statement execute function public.learning_tell_submissions();
create trigger learning_submissions_told_delete
after delete on public.learning_submissions
referencing old table as changed
for each statement execute function public.learning_tell_submissions();

create function public.learning_wake_worker()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    -- NOTIFY takes a global lock at commit, so only a worker that said it is idle is woken; the poll is the truth.
    if exists (select from public.learning_workers w where w.idle and w.last_seen_at > now() - interval '2 minutes') then
        perform pg_notify('learning_jobs', '');
    end if;
end
$$;
comment on function public.learning_wake_worker() is 'Wakes idle workers when this transaction commits.';

do $$
declare
    v_function text;
begin
    foreach v_function in array array[
        'learning_evidence_fault(jsonb, text)', 'learning_is_whole_number(jsonb, int, int)',
        'learning_result_fault(text, jsonb, jsonb, text)', 'learning_report_fault(jsonb, jsonb, text)',
        'learning_unassessed_report(jsonb, text)', 'learning_keep_text()', 'learning_tell_submissions()', 'learning_wake_worker()'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
