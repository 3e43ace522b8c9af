-- Who changed what. Entries are only ever added; they outlive what they are about, so nothing is referenced.

create table audit_entries (
  id               uuid primary key,
  at               timestamptz not null default clock_timestamp(),
  organization_id  uuid not null,
  user_id          uuid not null,
  user_name        text not null,
  token_name       text not null,
  client_address   text not null,
  request_id       text not null,
  action           text not null,
  resource         text not null,
  -- JSON, as text: a hash is over these very bytes.
  request          text not null,
  before           text not null,
  -- DONE, or the reason of a refusal.
  outcome          text not null,
  message          text not null,
  -- Given about a second later, by whoever holds the head: a call does not wait for the ones before.
  sequence         bigint unique,
  hash             bytea,
  check ((sequence is null) = (hash is null))
);
create index audit_entries_organization on audit_entries (organization_id, id);
create index audit_entries_loose on audit_entries (id) where sequence is null;

create table audit_head (
  one       boolean primary key default true check (one),
  sequence  bigint not null,
  hash      bytea not null
);
insert into audit_head (sequence, hash) values (0, '');

create function audit_only_grows() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.sequence is null
     and to_jsonb(new) - 'sequence' - 'hash' = to_jsonb(old) - 'sequence' - 'hash' then
    return new;
  end if;
  raise exception 'audit entries are never changed or deleted';
end $$;
create trigger only_grows before update or delete on audit_entries for each row execute function audit_only_grows();
create trigger never_truncated before truncate on audit_entries for each statement execute function audit_only_grows();
