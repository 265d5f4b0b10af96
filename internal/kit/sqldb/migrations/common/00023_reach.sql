-- +goose Up
-- What joining two customers, two conversations, or an agent's leaving looks for.
CREATE INDEX participant_customer ON participant (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX customer_merged ON customer (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX mention_message ON mention (message_id);
CREATE INDEX case_message_promise ON case_message (promise_id) WHERE promise_id IS NOT NULL;
CREATE INDEX case_step_active ON case_step (taken_by, case_id) WHERE state = 'active';
CREATE INDEX promise_open ON promise (id, case_id) WHERE state = 'open';
CREATE INDEX remedy_proposed ON remedy (case_id) WHERE state = 'proposed';
