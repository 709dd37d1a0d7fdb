"""Rules of the schema, one catalogue query each: a row is a breach, and its name says where."""

import re

import pytest

OWNER = "'gustav_owner'::regrole"
OURS = "pronamespace = 'public'::regnamespace"
OUR_TABLES = "relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"

RULES = {
    "a function belongs to gustav_owner": f"select proname from pg_proc where {OURS} and proowner <> {OWNER}",
    "a table belongs to gustav_owner": f"select relname from pg_class where {OUR_TABLES} and relowner <> {OWNER}",
    "a function fixes an empty search_path": f"""
        select proname from pg_proc where {OURS} and not coalesce('search_path=""' = any (proconfig), false)""",
    "what the worker writes through waits 1 s for a lock": f"""
        select proname from pg_proc, aclexplode(proacl) a
         where {OURS} and provolatile = 'v' and proname like 'learning\\_worker\\_%' and a.grantee = 'gustav_worker'::regrole
           and not coalesce('lock_timeout=1s' = any (proconfig), false)""",
    "PUBLIC executes no function": f"""
        select proname from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a
         where {OURS} and a.grantee = 0""",
    "PUBLIC has no right on a table": f"""
        select relname from pg_class, aclexplode(coalesce(relacl, acldefault('r', relowner))) a
         where {OUR_TABLES} and a.grantee = 0""",
    "only the roles of this program, and the login of development, are given rights": f"""
        with given as (
            select 'function ' || proname as object, a.grantee from pg_proc, aclexplode(proacl) a where {OURS}
            union all
            select 'table ' || relname, a.grantee from pg_class, aclexplode(relacl) a
             where relnamespace = 'public'::regnamespace
            union all
            select 'schema ' || nspname, a.grantee from pg_namespace, aclexplode(nspacl) a where nspname = 'public'
        )
        select object || ' to ' || r.rolname from given left join pg_roles r on r.oid = given.grantee
         where given.grantee <> 0
           and (r.rolname is null or r.rolname not in (
                   'gustav_owner', 'gustav_limited', 'gustav_worker', 'gustav_operator', 'gustav_sessions', 'gustav_app')
                and not (r.rolname = 'pg_database_owner' and object = 'schema public'))""",
    "a grant cannot be passed on": f"""
        select proname from pg_proc, aclexplode(proacl) a where {OURS} and a.is_grantable and a.grantee <> proowner
        union all
        select relname from pg_class, aclexplode(relacl) a
         where {OUR_TABLES} and a.is_grantable and a.grantee <> relowner""",
    "row security is on and forced": f"""
        select relname from pg_class where {OUR_TABLES} and not (relrowsecurity and relforcerowsecurity)""",
    "the worker is shut out by a restrictive policy": f"""
        select relname from pg_class c where {OUR_TABLES} and not exists (
            select from pg_policy p
             where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*'
               and p.polroles = array['gustav_worker'::regrole::oid]
               and pg_get_expr(p.polqual, c.oid) = 'false' and pg_get_expr(p.polwithcheck, c.oid) = 'false')""",
    "a policy names its role": "select polname from pg_policy where 0 = any (polroles)",
    "only the owner and the session store have a policy without a condition": """
        select polrelid::regclass::text || '.' || polname from pg_policy
         where polpermissive and pg_get_expr(polqual, polrelid) = 'true'
           and polroles <> array['gustav_owner'::regrole::oid]
           and (polroles <> array['gustav_sessions'::regrole::oid] or polrelid <> 'public.web_sessions'::regclass)""",
    "a table has a comment": f"select relname from pg_class where {OUR_TABLES} and obj_description(oid, 'pg_class') is null",
    "a function has a comment": f"select proname from pg_proc where {OURS} and obj_description(oid, 'pg_proc') is null",
    "a table has a primary key": f"""
        select relname from pg_class c where {OUR_TABLES} and not exists (
            select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')""",
    "a foreign key is indexed": """
        select conrelid::regclass::text || '.' || conname from pg_constraint k
         where k.contype = 'f' and k.connamespace = 'public'::regnamespace and not exists (
            select from pg_index i
             where i.indrelid = k.conrelid and i.indpred is null
               and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] operator(pg_catalog.@>) k.conkey)""",
    "a foreign key says what happens to a removed answer": """
        select conrelid::regclass::text || '.' || conname from pg_constraint
         where contype = 'f' and confrelid = 'public.learning_submissions'::regclass and confdeltype <> 'c'""",
    "a short text column has a check": """
        select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
           and a.atttypid = 'text'::regtype
           and a.attname in (
               'sub', 'status', 'phase', 'lane', 'role', 'kind', 'source', 'state', 'site_role', 'language', 'error_code',
               'analysis_status', 'action', 'actor', 'worker_id', 'media_type')
           and a.attrelid <> 'public.task_snapshots'::regclass
           and not exists (
               select from pg_constraint k
                where k.conrelid = c.oid and k.contype in ('c', 'f') and a.attnum = any (k.conkey))""",
    "a constraint is valid": "select conname from pg_constraint where not convalidated",
    "a time has a time zone": """
        select attrelid::regclass::text || '.' || attname from pg_attribute where atttypid = 'timestamp'::regtype
           and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)""",
    "nothing but tables, sequences, indexes and the owner's row types": f"""
        select relname from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i', 'S')
           and not (relkind = 'c' and relowner = {OWNER})""",
    "nobody but the owner creates in public": """
        select r.rolname from pg_roles r where not r.rolsuper and r.rolname ~ '^gustav' and
            has_schema_privilege(r.oid, 'public', 'create') and not pg_has_role(r.oid, 'gustav_owner', 'member')""",
    "nobody makes temporary tables": """
        select rolname from pg_roles r where not rolsuper and rolname ~ '^gustav' and rolname <> 'gustav_migrator'
           and has_database_privilege(r.oid, current_database(), 'temporary')""",
    # A row of which no indexed column changes is rewritten where it stands, and no index of the table has to know.
    "no index holds what a run changes of an answer": """
        select i.indexrelid::regclass::text || '.' || a.attname
          from pg_index i
          join pg_attribute a on a.attrelid = i.indrelid
         where i.indrelid = 'public.learning_submissions'::regclass
           and a.attname not in (
               'id', 'course_id', 'task_id', 'snapshot_id', 'student_sub', 'attempt_nr', 'idempotency_key', 'created_at')
           and (a.attnum = any (i.indkey) or exists (
               select from pg_depend d
                where d.objid = i.indexrelid and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))""",
    "a definer function runs no dynamic statement": f"""
        select proname from pg_proc where {OURS} and prosecdef
           -- In quotes it is the name of a right.
           and replace(prosrc, '''execute''', '') ~* '\\mexecute\\M'""",
}


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_keeps_the_rule(logins_open, rule):
    breaches = logins_open["owner"].execute(RULES[rule]).fetchall()

    assert [next(iter(row.values())) for row in breaches] == []


def test_the_queue_can_be_queried_by_hand_on_its_index(logins_open):
    definition = logins_open["owner"].execute(
        "select indexdef from pg_indexes where indexname = 'learning_submission_jobs_status_visible_at'"
    )

    assert definition.fetchone()["indexdef"].endswith("USING btree (status, visible_at)")


def test_migrations_hold_no_password_and_no_login(migrations):
    for path in migrations.glob("*.sql"):
        text = re.sub(r"--.*", "", path.read_text().lower())
        assert "password" not in text, path.name
        assert not re.search(r"role [^;]*\blogin\b", text), path.name


def test_every_migration_says_what_it_does_and_waits_briefly_for_locks(migrations):
    for path in migrations.glob("*.sql"):
        lines = path.read_text().splitlines()
        assert lines[0].startswith("-- "), path.name
        assert "set local lock_timeout = '5s';" in lines, path.name
