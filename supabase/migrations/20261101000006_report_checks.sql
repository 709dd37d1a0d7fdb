-- What a report must be before it is stored, and the notifications. Functions and one trigger; locks submissions for a moment.
set local lock_timeout = '5s';

create function public.learning_is_whole_number(p_value jsonb, p_low int, p_high int)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
    -- 4.0 is a number with a fraction: who reads the report takes whole numbers as they are written.
    return case
               when jsonb_typeof(p_value) is distinct from 'number' then false
               else scale((p_value)::numeric) = 0 and (p_value)::numeric between p_low and p_high
           end;
end
$$;
comment on function public.learning_is_whole_number(jsonb, int, int) is 'A JSON number without fraction within the bounds.';

create function public.learning_evidence_fault(p_evidence jsonb, p_text text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_item  jsonb;
    v_start int;
begin
    if p_evidence is null then
        return null;
    end if;
    if jsonb_typeof(p_evidence) <> 'array' then
        return 'evidence_shape';
    end if;
    -- Counted, not selected from: a query per quote is most of what a completion would cost.
    for i in 0 .. jsonb_array_length(p_evidence) - 1
    loop
        v_item := p_evidence -> i;
        if jsonb_typeof(v_item) <> 'object'
           or v_item - array['quote', 'start', 'end'] <> '{}'
           or jsonb_typeof(v_item -> 'quote') is distinct from 'string'
           or not public.learning_is_whole_number(v_item -> 'start', 0, 999999999)
           or not public.learning_is_whole_number(v_item -> 'end', 0, 999999999) then
            return 'evidence_shape';
        end if;
        v_start := (v_item -> 'start')::int;
        if (v_item -> 'end')::int <= v_start
           or p_text is null
           or substr(p_text, v_start + 1, (v_item -> 'end')::int - v_start)
              is distinct from v_item ->> 'quote' then
            return 'quote_not_verbatim';
        end if;
    end loop;
    return null;
end
$$;
comment on function public.learning_evidence_fault(jsonb, text) is 'Null when every quote equals the text at its offsets, else a code.';

create function public.learning_result_fault(p_schema text, p_source text, p_result jsonb, p_criterion jsonb, p_text text)
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
        if p_result - array['criterion', 'score', 'explanation_md', 'evidence'] <> '{}' then
            return 'result_shape';
        end if;
        if not p_result ? 'score' or not (jsonb_typeof(p_result -> 'score') = 'null' or public.learning_is_whole_number(p_result -> 'score', 0, v_max)) then
            return 'score_range';
        end if;
    else
        if p_result ->> 'criterion_id' is distinct from p_criterion ->> 'id' then
            return 'criterion_unknown';
        end if;
        -- Null and missing are two things: who reads a report takes neither for the other, and knows no further key.
        if not p_result ?& array['status', 'reason', 'level', 'score', 'confidence', 'next_step_md']
           or p_result - array['criterion_id', 'criterion', 'status', 'reason', 'level', 'score', 'max_score', 'confidence',
                               'explanation_md', 'evidence', 'next_step_md'] <> '{}'
           or jsonb_typeof(p_result -> 'evidence') is distinct from 'array' then
            return 'result_shape';
        end if;
        if not public.learning_is_whole_number(p_result -> 'max_score', v_max, v_max) then
            return 'score_range';
        end if;
        if p_result ->> 'status' = 'scored' then
            if not public.learning_is_whole_number(p_result -> 'score', 0, v_max)
               or not (p_result ->> 'level' is null or public.learning_is_whole_number(p_result -> 'level', 0, 3)) then
                return 'score_range';
            end if;
            -- A teacher's points stand for themselves, and the demo's have no level; all others follow from it: 0, 1/3, 2/3 or all, half up.
            if p_source is distinct from 'teacher'
               and not coalesce(
                   (p_result -> 'score')::int = (2 * (p_result ->> 'level')::int * v_max + 3) / 6,
                   p_source is not distinct from 'stub') then
                return 'level_and_score';
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
comment on function public.learning_result_fault(text, text, jsonb, jsonb, text) is
    'Null when one criterion result is valid for its criterion and text, else a code. p_source: of its report; null: a checkpoint.';

create function public.learning_whole_score(p_results jsonb, p_criteria jsonb)
returns int
language plpgsql
immutable
set search_path = ''
as $$
declare
    -- A multiple of every maximum from 1 to 100: each share of it is a whole number, so nothing is rounded on the way.
    v_common  constant numeric := 69720375229712477164533808935312303556800;
    v_points  numeric := 0::numeric;
    v_weights numeric := 0::numeric;
    v_weight  numeric;
begin
    for i in 0 .. jsonb_array_length(p_criteria) - 1
    loop
        if p_results -> i ->> 'score' is null then
            return null;
        end if;
        v_weight := (p_criteria -> i -> 'weight')::numeric;
        v_points := v_points
                  + v_weight * (p_results -> i -> 'score')::numeric * div(v_common, (p_criteria -> i -> 'max_score')::numeric);
        v_weights := v_weights + v_weight * v_common;
    end loop;
    return div(2 * 5 * v_points + v_weights, 2 * v_weights)::int;
end
$$;
comment on function public.learning_whole_score(jsonb, jsonb) is
    'Five times the weighted mean of score / max_score, rounded half up; null unless every result is scored. Results must be valid.';

create function public.learning_report_fault(p_report jsonb, p_criteria jsonb, p_text text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
    v_results jsonb := p_report -> 'criteria_results';
    v_count   int := jsonb_array_length(p_criteria);
    v_scored  int := 0;
    v_fault   text;
    v_whole   int;
begin
    if p_report is null or jsonb_typeof(p_report) <> 'object'
       or p_report ->> 'schema' is null
       or p_report ->> 'schema' not in ('criteria.v1', 'criteria.v2') then
        return 'schema_unknown';
    end if;
    if p_report - array['schema', 'score', 'criteria_results']
       - (case p_report ->> 'schema' when 'criteria.v2' then array['source', 'assessed', 'total'] else array[]::text[] end) <> '{}' then
        return 'report_shape';
    end if;
    if jsonb_typeof(v_results) is distinct from 'array' or jsonb_array_length(v_results) <> v_count then
        return 'criteria_incomplete';
    end if;
    for i in 0 .. v_count - 1
    loop
        v_fault := public.learning_result_fault(p_report ->> 'schema', p_report ->> 'source', v_results -> i, p_criteria -> i, p_text);
        if v_fault is not null then
            return v_fault;
        end if;
        v_scored := v_scored + (v_results -> i ->> 'score' is not null)::int;
    end loop;
    v_whole := public.learning_whole_score(v_results, p_criteria);
    if jsonb_typeof(p_report -> 'score') is distinct from (case when v_whole is null then 'null' else 'number' end)
       or p_report ->> 'score' is distinct from v_whole::text then
        return 'score_of_the_whole';
    end if;
    if p_report ->> 'schema' = 'criteria.v2' and (
        p_report ->> 'source' is null
        or p_report ->> 'source' not in ('stub', 'dspy', 'fallback', 'teacher', 'none')
        or not public.learning_is_whole_number(p_report -> 'assessed', v_scored, v_scored)
        or not public.learning_is_whole_number(p_report -> 'total', v_count, v_count)
    ) then
        return 'summary';
    end if;
    return null;
end
$$;
comment on function public.learning_report_fault(jsonb, jsonb, text) is 'Null when a criteria.v1 or criteria.v2 report is valid for these criteria and this text, else a code.';

create function public.learning_store_reports(p_submission_ids uuid[], p_items jsonb[], p_settled_by uuid[])
returns table (item_nr bigint, version int, fault text)
language plpgsql
security definer
set search_path = ''
as $$
begin
    return query
    with judged as materialized (
        select i.nr, i.item, i.item -> 'provenance' as made, i.settled_by, s.id, s.snapshot_id, s.text_version,
               case when t.release_mode = 'practice' and i.item ->> 'source' not in ('none', 'teacher') then now() end as released_at,
               1 + coalesce((select max(r.version) from public.learning_reports r where r.submission_id = s.id), 0) as next_version,
               case
                   -- Who settles a job is a worker, and nobody but a teacher makes a teacher's version.
                   when coalesce(i.item ->> 'source', 'teacher') = 'teacher' and i.settled_by is not null then 'source'
                   -- The report's own word on who made it decides which rules it is held against.
                   when i.item -> 'report' ->> 'schema' = 'criteria.v2'
                        and i.item -> 'report' ->> 'source' is distinct from i.item ->> 'source' then 'source'
                   when (length(i.item ->> 'feedback_md') <= 100000) is not true then 'feedback_length'
                   else public.learning_report_fault(i.item -> 'report', t.criteria, s.text_body)
               end as fault
          from unnest(p_submission_ids, p_items, p_settled_by) with ordinality as i(submission_id, item, settled_by, nr)
          join public.learning_submissions s on s.id = i.submission_id
          join public.task_snapshots t on t.id = s.snapshot_id
           for update of s
    ),
    stored as (
        insert into public.learning_reports (
            id, submission_id, version, source, analysis_json, feedback_md, snapshot_id, text_version, based_on, model_digest,
            program_version, usage, created_by, released_at)
        select coalesce(j.settled_by, gen_random_uuid()),
               j.id, j.next_version, j.item ->> 'source', j.item -> 'report', j.item ->> 'feedback_md', j.snapshot_id, j.text_version,
               -- Only a teacher's version names a person and an original, whatever a worker may send.
               case j.item ->> 'source' when 'teacher' then (j.made ->> 'based_on')::uuid end,
               j.made ->> 'model_digest', j.made ->> 'program_version', j.made -> 'usage',
               case j.item ->> 'source' when 'teacher' then j.made ->> 'created_by' end,
               j.released_at
          from judged j
         where j.fault is null
    ),
    mirrored as (
        update public.learning_submissions s
           set analysis_status = 'completed', error_code = null, completed_at = now(), analysis_json = j.item -> 'report',
               feedback_md = j.item ->> 'feedback_md', report_version = j.next_version, released_at = j.released_at, confirm_until = null,
               settled_by = coalesce(j.settled_by, s.settled_by),
               person_reads = s.person_reads or coalesce((j.made ->> 'person_reads')::boolean, false)
          from judged j
         where s.id = j.id
           and j.fault is null
    )
    select j.nr, j.next_version, j.fault from judged j;
end
$$;
comment on function public.learning_store_reports(uuid[], jsonb[], uuid[]) is
    'Items {report, feedback_md, source, provenance}: each valid one becomes the next version of its submission and is mirrored; a fault otherwise.';

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
        'learning_result_fault(text, text, jsonb, jsonb, text)', 'learning_whole_score(jsonb, jsonb)',
        'learning_report_fault(jsonb, jsonb, text)', 'learning_store_reports(uuid[], jsonb[], uuid[])',
        'learning_unassessed_report(jsonb, text)', 'learning_keep_text()', 'learning_tell_submissions()', 'learning_wake_worker()'
    ]
    loop
        execute format('alter function public.%s owner to gustav_owner', v_function);
        execute format('revoke all on function public.%s from public', v_function);
    end loop;
end
$$;
