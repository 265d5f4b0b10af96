-- +goose Up
-- Follow-ups are few among many answers.
DROP INDEX response_brand;
CREATE INDEX response_follow_up ON response (brand_id, answered_at, id) WHERE kind = 'follow-up';
-- What the reports ask of cases is answered from indexes alone.
DROP INDEX recovery_case_brand;
CREATE INDEX recovery_case_brand ON recovery_case (brand_id, opened_at, confirmed_at, closed_at, cause_category);
DROP INDEX recovery_case_closed;
CREATE INDEX recovery_case_closed ON recovery_case (brand_id, closed_at, outcome) WHERE closed_at IS NOT NULL;
CREATE INDEX recovery_case_unfinished ON recovery_case (brand_id, due_at) WHERE state <> 'closed';
