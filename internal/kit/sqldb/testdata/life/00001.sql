INSERT INTO setting (name, value) VALUES ('sample', '{"a": 1}');
INSERT INTO counter (name, value) VALUES ('sample', 7);
INSERT INTO journal (seq, name, subject, actor_kind, actor_id, at, data) VALUES (1, 'conversation.opened', 'cv_1', 'system', 'mail', 1000, '{}');
INSERT INTO job (id, kind, lane, key, subject, data, state, run_at, owner, attempt, last_error, created_at)
  VALUES ('job_1', 'sample.duty', 'default', '', 'cv_1', '{}', 'dead', 1000, '', 3, 'gone', 1000);
INSERT INTO idempotency (actor, key, request, status, body, at) VALUES ('ag_1', 'k', 'r', 201, '{}', 1000);
