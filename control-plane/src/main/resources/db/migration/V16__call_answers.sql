-- First answers of calls that carry an idempotency key, for a day: the same call again gets the same answer.

create table call_answers (
  -- No references: the call may be the one that deletes them.
  organization_id  uuid not null,
  user_id          uuid not null,
  key              text not null,
  -- Hash of the call and its answer, sealed with the master key: both may hold secrets.
  sealed           bytea not null,
  created_at       timestamptz not null default now(),
  primary key (organization_id, user_id, key)
);
create index call_answers_age on call_answers (created_at);
