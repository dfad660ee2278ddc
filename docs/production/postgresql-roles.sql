-- The roles of Voiceline's database, once, by a superuser:
--
--     psql --dbname=voiceline --file=postgresql-roles.sql
--
-- Then `\password voiceline_owner` and `\password voiceline` in psql. `voiceline db upgrade` connects
-- as voiceline_owner, every server and worker as voiceline. Neither may read past row-level security.

do $$ begin
    create role voiceline_owner login nosuperuser nobypassrls nocreatedb nocreaterole;
exception when duplicate_object then
    alter role voiceline_owner login nosuperuser nobypassrls nocreatedb nocreaterole;
end $$;
do $$ begin
    create role voiceline login nosuperuser nobypassrls nocreatedb nocreaterole;
exception when duplicate_object then
    alter role voiceline login nosuperuser nobypassrls nocreatedb nocreaterole;
end $$;

-- The schema and what `voiceline db upgrade` will lay down belong to the one; the other uses them.
alter schema public owner to voiceline_owner;
revoke create on schema public from public;
grant usage on schema public to voiceline;
alter default privileges for role voiceline_owner in schema public
    grant select, insert, update, delete on tables to voiceline;
alter default privileges for role voiceline_owner in schema public
    grant usage on sequences to voiceline;

-- An installation of before had one role for both: its tables change hands.
do $$ declare found record; begin
    for found in select tablename from pg_tables where schemaname = 'public' loop
        execute format('alter table public.%I owner to voiceline_owner', found.tablename);
        execute format(
            'grant select, insert, update, delete on public.%I to voiceline', found.tablename);
    end loop;
    for found in
        select p.oid::regprocedure as name from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname not like 'pg_%'
            and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    loop
        execute format('alter function %s owner to voiceline_owner', found.name);
    end loop;
end $$;
