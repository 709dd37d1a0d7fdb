-- Takes back what a database's default privileges gave away. Supabase grants every new table and function in public to its API roles
-- (anon, authenticated, service_role), and a definer function does not ask who calls it. Touches grants only; no table lock.
set local lock_timeout = '5s';

do $$
declare
    v_grant record;
begin
    for v_grant in
        select 'function ' || p.oid::regprocedure as object, a.grantee::regrole as grantee
          from pg_catalog.pg_proc p
         cross join pg_catalog.aclexplode(p.proacl) as a
         where p.proowner = 'gustav_owner'::regrole
           and p.pronamespace = 'public'::regnamespace
           and a.grantee not in (
               0, 'gustav_owner'::regrole, 'gustav_limited'::regrole, 'gustav_worker'::regrole, 'gustav_operator'::regrole, 'gustav_sessions'::regrole)
        union
        select 'table ' || c.oid::regclass, a.grantee::regrole
          from pg_catalog.pg_class c
         cross join pg_catalog.aclexplode(c.relacl) as a
         where c.relowner = 'gustav_owner'::regrole
           and c.relnamespace = 'public'::regnamespace
           and c.relkind in ('r', 'S')
           and a.grantee not in (
               0, 'gustav_owner'::regrole, 'gustav_limited'::regrole, 'gustav_worker'::regrole, 'gustav_operator'::regrole, 'gustav_sessions'::regrole)
    loop
        execute format('revoke all on %s from %s', v_grant.object, v_grant.grantee);
    end loop;
end
$$;
