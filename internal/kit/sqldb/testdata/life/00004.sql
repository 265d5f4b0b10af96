INSERT INTO playbook (id, key, version, content, created_at) VALUES ('pb_1', 'default', 1, '{}', 4000);
INSERT INTO recovery_case (id, ref, brand_id, customer_id, conversation_id, source_kind, source_id, source_label, severity, inputs, state, outcome, owner_id, double_deviation,
    reopened, score_before, score_after, cause, cause_category, measure, informed_at, informed_id, playbook_id, tries, due_at, opened_at, closed_at, confirmed_at, version)
  VALUES ('ca_1', 1, 'br_1', 'cu_1', 'cv_1', 'response', 'rs_1', '遅い', 2, '{}', 'detected', NULL, 'ag_1', FALSE,
    0, 1, NULL, NULL, '', NULL, NULL, NULL, 'pb_1', 0, 8000, 4000, NULL, NULL, 1);
