-- An invented class for development: two pupils, a teacher, one task. Running it again changes nothing.
insert into public.people (sub, display_name, site_role)
values ('dev-mina', 'Mina', 'student'), ('dev-jonas', 'Jonas', 'student'), ('dev-teacher', 'Frau Berg', 'teacher'),
       ('dev-operator', 'Herr Kurz', 'operator')
on conflict (sub) do nothing;

insert into public.courses (id, title, school_year)
values ('00000000-0000-4000-8000-000000000001', 'Biologie 8b', '2026/27')
on conflict (id) do nothing;

insert into public.course_members (course_id, sub, role)
values ('00000000-0000-4000-8000-000000000001', 'dev-mina', 'student'),
       ('00000000-0000-4000-8000-000000000001', 'dev-jonas', 'student'),
       ('00000000-0000-4000-8000-000000000001', 'dev-teacher', 'teacher')
on conflict (course_id, sub) do nothing;

insert into public.tasks (id, course_id, title, instruction_md, criteria, grade_level, release_mode)
values (
    '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'Fotosynthese',
    'Erkläre, was eine Pflanze zum Wachsen braucht und was dabei entsteht.',
    '[{"id": "c1", "text": "nennt die Ausgangsstoffe", "max_score": 10, "weight": 1, "levels": []},
      {"id": "c2", "text": "begründet, woher der Sauerstoff kommt", "max_score": 10, "weight": 1, "levels": []}]',
    8, 'practice')
on conflict (id) do nothing;

insert into public.task_hints (task_id, hints_md)
values ('00000000-0000-4000-8000-000000000002', 'Wasser, Kohlenstoffdioxid, Licht; Zucker und Sauerstoff.')
on conflict (task_id) do nothing;
