INSERT INTO brand (id, name, locale, zone, hours, color, created_at, version) VALUES ('br_1', '器と道具', 'ja', 'Asia/Tokyo', '{}', '#123456', 1000, 1);
INSERT INTO agent (id, email, email_key, name, role, password_hash, active, locale, zone, preferences, created_at, version)
  VALUES ('ag_1', 'Aoi@x.example', 'aoi@x.example', '相川 葵', 'manager', 'x', TRUE, 'ja', 'Asia/Tokyo', '{}', 1000, 1);
INSERT INTO session (id, token_hash, agent_id, created_at, seen_at, expires_at, user_agent, address) VALUES ('se_1', 'h', 'ag_1', 1000, 1000, 9000, '', '');
INSERT INTO customer (id, name, name_key, locale, organization, note, merged_into, created_at, seen_at, version)
  VALUES ('cu_1', '白石 透', '白石 透', 'ja', '', '', NULL, 1000, 3000, 1);
INSERT INTO point (id, customer_id, kind, address, address_key, bounced_at, created_at) VALUES ('pt_1', 'cu_1', 'email', 'S@x.example', 's@x.example', NULL, 1000);
INSERT INTO inbox (id, brand_id, name, kind, address, settings, secrets, sender_name, signature, catch_all, active, last_success_at, last_error, last_error_at, created_at, version)
  VALUES ('in_1', 'br_1', '窓口', 'email', 'help@x.example', '{"receive": {"mode": "imap"}}', '', '窓口', '', FALSE, TRUE, 2000, '', NULL, 1000, 1),
         ('in_2', 'br_1', '返品', 'email', 'back@x.example', '{"receive": {"mode": "smtp"}}', '', '返品', '', FALSE, TRUE, 2000, '535', 2500, 1000, 1);
INSERT INTO inbox_address (address_key, address, inbox_id, main) VALUES ('help@x.example', 'help@x.example', 'in_1', TRUE);
INSERT INTO tag (id, name, name_key, color, complaint, created_at) VALUES ('tg_1', '配送', '配送', 1, FALSE, 1000);
INSERT INTO conversation (id, ref, brand_id, inbox_id, customer_id, subject, status, priority, assignee_id, team_id, snoozed_until, preview, waiting_since, last_at, last_from,
    message_count, muted, origin, first_customer_at, first_response_at, resolved_at, resolution, first_resolved_at, merged_into, created_at, version)
  VALUES ('cv_1', 1, 'br_1', 'in_1', 'cu_1', '届きません', 'resolved', 1, 'ag_1', NULL, NULL, '…', NULL, 3000, 'customer',
    2, FALSE, 'customer', 1000, 2000, 3000, 1, 3000, NULL, 1000, 4);
INSERT INTO conversation_tag (conversation_id, tag_id) VALUES ('cv_1', 'tg_1');
INSERT INTO participant (conversation_id, address_key, address, name, customer_id) VALUES ('cv_1', 's@x.example', 'S@x.example', '白石 透', 'cu_1');
INSERT INTO message (id, conversation_id, inbox_id, kind, author_kind, author_id, author_name, at, subject, body, quoted, has_html, remote_images, lang, envelope, external_id, automatic, event, ledger_id, created_at)
  VALUES ('ms_1', 'cv_1', 'in_1', 'incoming', 'customer', 'cu_1', '白石 透', 1000, '届きません', 'まだ届きません。', '', FALSE, 0, 'ja', '{}', 'a@x.example', FALSE, NULL, 'lg_1', 1000),
         ('ms_2', 'cv_1', 'in_1', 'outgoing', 'agent', 'ag_1', '相川 葵', 2000, 'Re: 届きません', '明日お届けします。', '', FALSE, 0, 'ja', '{}', 'b@x.example', FALSE, NULL, NULL, 2000),
         ('ms_3', 'cv_1', 'in_1', 'note', 'agent', 'ag_1', '相川 葵', 1500, '', '在庫を確認。', '', FALSE, 0, '', '{}', '', FALSE, NULL, NULL, 1500);
INSERT INTO draft (conversation_id, agent_id, content, updated_at, version) VALUES ('cv_1', 'ag_1', '{"text": "下書き"}', 2500, 1);
INSERT INTO ledger (id, inbox_id, source, source_key, external_id, fingerprint, received_at, state, reason, sender, subject, size, raw_key, message_id, conversation_id, attempts, updated_at)
  VALUES ('lg_1', 'in_1', 'smtp', 'k1', 'a@x.example', 'f', 1000, 'linked', '', 's@x.example', '届きません', 10, 'raw', 'ms_1', 'cv_1', 1, 1000);
INSERT INTO delivery (id, inbox_id, purpose, message_id, content, external_id, state, hold_until, attempts, error, state_at, created_at)
  VALUES ('dl_1', 'in_1', 'reply', 'ms_2', '{}', 'b@x.example', 'sent', NULL, 1, '', 2000, 2000);
