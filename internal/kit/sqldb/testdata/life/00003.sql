INSERT INTO survey_policy (inbox_id, enabled, delay_minutes, sampling, cooldown_days, quiet_from, quiet_to, question, updated_at, version)
  VALUES ('in_1', TRUE, 60, 100, 7, '21:00', '08:00', '{}', 1000, 1);
INSERT INTO invitation (id, kind, link, conversation_id, resolution, customer_id, inbox_id, brand_id, agent_id, team_id, locale, state, reason, run_at, sent_at, expires_at, token_hash, delivery_id, created_at)
  VALUES ('iv_1', 'csat', '', 'cv_1', 1, 'cu_1', 'in_1', 'br_1', 'ag_1', NULL, 'ja', 'answered', '', 3000, 3500, 9000, 't', NULL, 3000);
INSERT INTO response (id, invitation_id, kind, link, conversation_id, customer_id, inbox_id, brand_id, agent_id, team_id, metric, score, band, comment, answered_at, changed_at)
  VALUES ('rs_1', 'iv_1', 'csat', '', 'cv_1', 'cu_1', 'in_1', 'br_1', 'ag_1', NULL, 'csat', 1, 'dissatisfied', '遅い', 4000, NULL);
