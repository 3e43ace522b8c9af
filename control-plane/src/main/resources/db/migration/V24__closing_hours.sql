-- An hour is closed in the order of wallets, from the index alone where rows have rested.
create index meters_billing on meters (organization_id, service_id)
  include (since, replicas, cpu_millis, memory_mib, storage_mib);
drop index meters_organization;

-- Each transaction is looked up by its key: the cost follows what is added, not what is there. What is added has no statistics.
create or replace function entries_balance() returns trigger language plpgsql
  set enable_nestloop = on set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  if exists (select from (select transaction_id, organization_id, sum(amount) as total, count(*) as lines
                          from added group by transaction_id, organization_id) a
             left join payment_transactions t on t.id = a.transaction_id and t.organization_id = a.organization_id
             where t.id is null or a.total <> 0 or a.lines < 2) then
    raise exception 'entries of a transaction must be two or more of its organization and add up to zero'
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
