-- Group roles without login, and what they may do in this database. Touches no table and takes no table lock.
-- Logins and passwords are made out of band; `gustav_worker` may exist before or after this file.
set local lock_timeout = '5s';

do $$
declare
    v_role text;
begin
    foreach v_role in array array['gustav_owner', 'gustav_limited', 'gustav_operator', 'gustav_sessions', 'gustav_worker']
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            -- Two databases of one cluster may be migrated at the same moment, by one login.
            begin
                execute format('create role %I nologin inherit', v_role);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;

    -- Owning objects needs membership; a role that another login created can lend it only through that login.
    if not pg_has_role(current_user, 'gustav_owner', 'member') then
        execute format('grant gustav_owner to %I', current_user);
    elsif current_setting('server_version_num')::int >= 160000 and not pg_has_role(current_user, 'gustav_owner', 'set') then
        execute format('grant gustav_owner to %I with set true, inherit true', current_user);
    end if;

    if not pg_has_role('gustav_worker', 'gustav_limited', 'usage') then
        -- Roles that somebody else created can be out of reach here; then the operator's own grant does it.
        begin
            execute 'grant gustav_limited to gustav_worker'
                || case when current_setting('server_version_num')::int >= 160000 then ' with inherit true' else '' end;
        exception when insufficient_privilege then
            raise notice 'gustav_worker is not a member of gustav_limited yet; see the runbook';
        end;
    end if;

    execute format('revoke temporary on database %I from public', current_database());
end
$$;

revoke create on schema public from public;
grant usage, create on schema public to gustav_owner;
grant usage on schema public to gustav_limited, gustav_worker, gustav_operator, gustav_sessions;

do $$
declare
    v_comment record;
begin
    for v_comment in
        select *
          from (values
                   ('gustav_owner', 'Owns every object of the learning worker; nobody logs in as it.'),
                   ('gustav_limited', 'Group of web and API logins: reads through row level security, writes through functions.'),
                   ('gustav_worker', 'The worker: reaches no row directly, only the fenced functions. Nobody may be its member.'),
                   ('gustav_operator', 'Group of operator logins: queue functions only, no texts.'),
                   ('gustav_sessions', 'Group of the session store: web sessions only.')
               ) as c(role, words)
    loop
        -- Since PostgreSQL 16 only who may administer a role may comment on it, and a runbook's role is somebody else's.
        begin
            execute format('comment on role %I is %L', v_comment.role, v_comment.words);
        exception when insufficient_privilege then
            null;
        end;
    end loop;
end
$$;
