-- Entries that were kept for long enough go from the beginning of the chain, which then begins at the base.
alter table audit_head
  add column base_sequence bigint not null default 0,
  add column base_hash bytea not null default '';

create or replace function audit_only_grows() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.sequence is null
     and to_jsonb(new) - 'sequence' - 'hash' = to_jsonb(old) - 'sequence' - 'hash' then
    return new;
  end if;
  if tg_op = 'DELETE' and old.sequence <= (select base_sequence from audit_head) then
    return old;
  end if;
  raise exception 'audit entries are never changed or deleted';
end $$;
