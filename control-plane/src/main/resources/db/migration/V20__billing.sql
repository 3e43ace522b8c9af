-- What organizations use, what it costs, and their money. docs/billing.md tells how it hangs together.
-- No foreign keys to organizations and services: what was used and paid stays when they are gone.

-- Metering -----------------------------------------------------------------------------------------------------------

-- What counts of a service at this moment, since when. The row is what changes of one service wait for each other at.
create table meters (
  service_id        uuid primary key,
  organization_id   uuid not null,
  service_name      text not null,
  since             timestamptz not null default date_trunc('second', clock_timestamp()),
  replicas          int not null default 0,
  cpu_millis        bigint not null default 0,
  memory_mib        bigint not null default 0,
  storage_mib       bigint not null default 0
) with (fillfactor = 80);
create index meters_organization on meters (organization_id);

-- What counted before, without a gap or an overlap per service; times in which nothing counted are left out.
create table usage_intervals (
  service_id        uuid not null,
  organization_id   uuid not null,
  started_at        timestamptz not null,
  ended_at          timestamptz not null check (ended_at > started_at),
  replicas          int not null,
  cpu_millis        bigint not null,
  memory_mib        bigint not null,
  storage_mib       bigint not null
);
create index usage_intervals_ended on usage_intervals (ended_at, organization_id);
create index usage_intervals_service on usage_intervals (service_id, ended_at);

-- What is counted and not a state: bytes sent (EGRESS) and seconds of builds (BUILD).
create table usage_counters (
  service_id        uuid not null,
  hour              timestamptz not null,
  resource          text not null check (resource in ('EGRESS', 'BUILD')),
  organization_id   uuid not null,
  quantity          bigint not null check (quantity >= 0),
  primary key (service_id, hour, resource)
);
create index usage_counters_hour on usage_counters (hour, organization_id);

-- Hours that are closed, in order, and how far the one is that is being closed.
create table billing_hours (
  hour              timestamptz primary key check (hour = date_trunc('hour', hour, 'UTC')),
  -- Whether it was to be charged when its closing began.
  charged           boolean not null,
  -- Wallets up to this one are done.
  done_until        uuid,
  services          bigint not null default 0,
  wallets           bigint not null default 0,
  closed_at         timestamptz
);

-- Nothing of a closed hour changes any more.
create function metering_now() returns timestamptz language sql volatile as $$
  select greatest(date_trunc('second', clock_timestamp()),
                  (select hour + interval '1 hour' from billing_hours order by hour desc limit 1))
$$;

alter table placements
  add column running_replicas int generated always as
    (jsonb_array_length(jsonb_path_query_array(observed_tasks, '$[*] ? (@.wanted == true && @.state == "running")'))) stored;
alter table volumes
  -- The service that its storage is billed with, also when that is gone.
  add column billed_service_id uuid;
update volumes set billed_service_id = coalesce(service_id, id);
alter table volumes alter column billed_service_id set not null;
create index volumes_billed on volumes (billed_service_id);

-- What counts now, from the rows that say what is wanted and what was seen.
create function metered(service uuid, out replicas int, out cpu_millis bigint, out memory_mib bigint, out storage_mib bigint)
language sql stable as $$
  select coalesce(u.n, 0), coalesce(u.n * u.cpu, 0), coalesce(u.n * u.memory, 0),
         (select coalesce(sum(v.size_bytes), 0)::bigint / 1048576 from volumes v where v.billed_service_id = service)
  from (select 1) one
  left join (
    select least(s.replicas,
                 (select coalesce(sum(p.running_replicas), 0)
                  from placements p join container_workers w on w.id = p.worker_id
                  where p.service_id = s.id and not p.removing and (w.connected or w.swarm_node_state <> 'down')))::int as n,
           r.cpu_millis as cpu, (r.memory_bytes + 1048575) / 1048576 as memory
    from container_services s join releases r on r.id = s.release_id
    where s.id = service and s.wanted = 'RUNNING'
  ) u on true
$$;

create function meter(service uuid) returns void language plpgsql security definer set search_path from current as $$
declare
  before meters;
  now_on record;
  at timestamptz;
begin
  select * into before from meters where service_id = service for update;
  if not found then
    return;
  end if;
  select * into now_on from metered(service);
  if (before.replicas, before.cpu_millis, before.memory_mib, before.storage_mib)
     = (now_on.replicas, now_on.cpu_millis, now_on.memory_mib, now_on.storage_mib) then
    return;
  end if;
  at := greatest(metering_now(), before.since);
  if at > before.since and (before.replicas > 0 or before.storage_mib > 0) then
    insert into usage_intervals
    values (service, before.organization_id, before.since, at, before.replicas, before.cpu_millis, before.memory_mib,
            before.storage_mib);
  end if;
  update meters
  set since = at, replicas = now_on.replicas, cpu_millis = now_on.cpu_millis, memory_mib = now_on.memory_mib,
      storage_mib = now_on.storage_mib
  where service_id = service;
end $$;

create function meter_service() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    insert into meters (service_id, organization_id, service_name, since)
    values (new.id, new.organization_id, new.name, metering_now());
  else
    perform meter(old.id);
  end if;
  return null;
end $$;
create trigger meter_service_created after insert on container_services for each row execute function meter_service();
create trigger meter_service_deleted after delete on container_services for each row execute function meter_service();
create trigger meter_service after update on container_services for each row
  when (old.wanted <> new.wanted or old.replicas <> new.replicas or old.release_id is distinct from new.release_id)
  execute function meter_service();

create function meter_placement() returns trigger language plpgsql as $$
begin
  perform meter(coalesce(new.service_id, old.service_id));
  return null;
end $$;
create trigger meter_placement_created after insert on placements for each row
  when (new.running_replicas > 0) execute function meter_placement();
create trigger meter_placement_deleted after delete on placements for each row
  when (old.running_replicas > 0) execute function meter_placement();
create trigger meter_placement after update on placements for each row
  when (old.running_replicas <> new.running_replicas or old.removing <> new.removing) execute function meter_placement();

create function meter_volume() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_op <> 'DELETE' then
    -- Data that nobody's service holds has a meter of its own.
    insert into meters (service_id, organization_id, service_name, since)
    values (new.billed_service_id, new.organization_id, new.service_name, metering_now())
    on conflict do nothing;
    perform meter(new.billed_service_id);
  end if;
  if tg_op <> 'INSERT' and (tg_op = 'DELETE' or old.billed_service_id <> new.billed_service_id) then
    perform meter(old.billed_service_id);
  end if;
  return null;
end $$;
create trigger meter_volume after insert or delete on volumes for each row execute function meter_volume();
create trigger meter_volume_changed after update on volumes for each row
  when (old.size_bytes <> new.size_bytes or old.billed_service_id <> new.billed_service_id) execute function meter_volume();

create function bill_volume_with() returns trigger language plpgsql as $$
begin
  new.billed_service_id := coalesce(new.service_id, new.billed_service_id, new.id);
  return new;
end $$;
create trigger bill_volume_with before insert or update of service_id on volumes for each row execute function bill_volume_with();

create function meter_worker() returns trigger language plpgsql as $$
begin
  perform meter(p.service_id) from (select distinct service_id from placements where worker_id = new.id and running_replicas > 0
                                    order by service_id) p;
  return null;
end $$;
create trigger meter_worker after update on container_workers for each row
  when ((old.connected or old.swarm_node_state <> 'down') <> (new.connected or new.swarm_node_state <> 'down'))
  execute function meter_worker();

-- Bytes that containers sent since they were last asked. A counter that went back began anew; nothing sends more than 10 Gbit/s.
alter table container_usage add column counted_at timestamptz not null default clock_timestamp();
create function count_egress() returns trigger language plpgsql security definer set search_path from current as $$
declare
  sent bigint := new.network_tx_bytes;
  seconds bigint := 60;
begin
  if tg_op = 'UPDATE' then
    seconds := 1 + extract(epoch from greatest(new.counted_at - old.counted_at, interval '0'))::bigint;
    if sent >= old.network_tx_bytes then
      sent := sent - old.network_tx_bytes;
    end if;
  end if;
  sent := least(sent, seconds * 1250000000);
  if sent > 0 then
    insert into usage_counters (service_id, hour, resource, organization_id, quantity)
    select p.service_id, date_trunc('hour', metering_now(), 'UTC'), 'EGRESS', p.organization_id, sent
    from placements p where p.id = new.placement_id
    on conflict (service_id, hour, resource) do update set quantity = usage_counters.quantity + excluded.quantity;
  end if;
  return null;
end $$;
create trigger count_egress after insert or update of network_tx_bytes on container_usage
  for each row execute function count_egress();

-- From here on.
insert into billing_hours (hour, charged, closed_at)
values (date_trunc('hour', clock_timestamp(), 'UTC') - interval '1 hour', false, clock_timestamp());
insert into meters (service_id, organization_id, service_name)
select id, organization_id, name from container_services
union
select billed_service_id, organization_id, min(service_name) from volumes
where service_id is null group by billed_service_id, organization_id;
select meter(service_id) from meters;

-- Prices -------------------------------------------------------------------------------------------------------------

-- Micro-units of the currency. A list holds from its hour until the next one of the currency begins.
create table price_lists (
  id                int generated always as identity primary key,
  currency          text not null check (currency ~ '^[A-Z]{3}$'),
  valid_from        timestamptz not null check (valid_from = date_trunc('hour', valid_from, 'UTC')),
  minimum_seconds   int not null check (minimum_seconds between 0 and 3600),
  replica_hour      bigint not null check (replica_hour between 0 and 10000000000),
  vcpu_hour         bigint not null check (vcpu_hour between 0 and 10000000000),
  memory_gib_hour   bigint not null check (memory_gib_hour between 0 and 10000000000),
  storage_gib_hour  bigint not null check (storage_gib_hour between 0 and 10000000000),
  egress_gib        bigint not null check (egress_gib between 0 and 10000000000),
  build_minute      bigint not null check (build_minute between 0 and 10000000000),
  created_by        text not null,
  created_at        timestamptz not null default now(),
  unique (currency, valid_from)
);

create function never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% never changes: write another row', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger never_changes before update or truncate on price_lists for each statement execute function never_changes();
create function keep_begun_prices() returns trigger language plpgsql as $$
begin
  if old.valid_from <= now() then
    raise exception 'prices that have begun stay' using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger keep_begun_prices before delete on price_lists for each row execute function keep_begun_prices();

-- quantity / unit * price, rounded half up once. With prices up to 10^10 and units up to 4 * 10^6 nothing overflows.
create function charge(quantity bigint, unit bigint, price bigint) returns bigint language sql immutable parallel safe as $$
  select (quantity / unit) * price + ((quantity % unit) * price * 2 + unit) / (2 * unit)
$$;

-- Money --------------------------------------------------------------------------------------------------------------

create table billing_defaults (
  one       boolean primary key default true check (one),
  -- What wallets of new organizations have.
  currency  text not null check (currency ~ '^[A-Z]{3}$')
);
insert into billing_defaults (currency) values ('EUR');

create table wallets (
  organization_id    uuid primary key,
  organization_name  text not null,
  currency           text not null check (currency ~ '^[A-Z]{3}$'),
  -- The sums of the entries of its accounts WALLET and, negated, RECEIVABLE.
  balance            bigint not null default 0,
  owed               bigint not null default 0 check (owed >= 0),
  -- How far it may go.
  floor              bigint not null default 0 check (floor <= 0),
  state              text not null default 'ACTIVE' check (state in ('ACTIVE', 'GRACE', 'STOPPED', 'EXPIRED')),
  state_since        timestamptz not null default now(),
  -- When the next step is taken; null while nothing is owed.
  state_until        timestamptz,
  -- Hours that the money lasts, of which people were told last; 0 for none.
  announced_hours    int not null default 0,
  -- Where its invoices' months begin and end.
  time_zone          text not null default 'UTC',
  created_at         timestamptz not null default now(),
  check (balance >= floor)
) with (fillfactor = 70);
create index wallets_owing on wallets (state_until) where state <> 'ACTIVE' or owed > 0;

create function give_wallet() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into wallets (organization_id, organization_name, currency)
    select new.id, new.name, currency from billing_defaults;
  else
    update wallets set organization_name = new.name where organization_id = new.id;
  end if;
  return null;
end $$;
create trigger give_wallet after insert on organizations for each row execute function give_wallet();
create trigger rename_wallet after update on organizations for each row when (old.name <> new.name) execute function give_wallet();
insert into wallets (organization_id, organization_name, currency)
select o.id, o.name, d.currency from organizations o cross join billing_defaults d;

-- Stopped because the money ran out, and started again when what is owed is paid.
alter table container_services add column suspended_at timestamptz;
create index container_services_suspended on container_services (organization_id) where suspended_at is not null;

-- Movements of money. Each has a key, or is the charge of an hour.
create table payment_transactions (
  id                bigint generated always as identity primary key,
  organization_id   uuid not null,
  currency          text not null,
  kind              text not null check (kind in ('CHARGE', 'TOP_UP', 'CREDIT', 'REFUND', 'PAYOUT', 'CHARGEBACK')),
  hour              timestamptz,
  key               text check (length(key) between 1 and 300),
  -- Of what was asked with the key.
  request_hash      bytea,
  reverses          bigint references payment_transactions,
  description       text not null default '',
  -- Name of who did it; empty for Skep itself.
  actor             text not null default '',
  created_at        timestamptz not null default now(),
  check ((kind = 'CHARGE') = (hour is not null)),
  check ((key is null) = (hour is not null))
);
create unique index payment_transactions_hour on payment_transactions (hour, organization_id) where hour is not null;
create unique index payment_transactions_key on payment_transactions (key) where key is not null;
create index payment_transactions_organization on payment_transactions (organization_id, id);
create index payment_transactions_reverses on payment_transactions (reverses) where reverses is not null;

create table ledger_entries (
  transaction_id    bigint not null,
  line              smallint not null,
  organization_id   uuid not null,
  account           text not null check (account in ('WALLET', 'RECEIVABLE', 'REVENUE', 'FUNDING', 'PROMOTION')),
  amount            bigint not null check (amount <> 0),
  primary key (transaction_id, line)
);

create function entries_balance() returns trigger language plpgsql as $$
begin
  if exists (select from added a join payment_transactions t on t.id = a.transaction_id
             group by a.transaction_id
             having sum(a.amount) <> 0 or count(*) < 2 or bool_or(a.organization_id <> t.organization_id)) then
    raise exception 'entries of a transaction must be two or more and add up to zero' using errcode = 'check_violation';
  end if;
  if exists (select from added a where not exists (select from payment_transactions t where t.id = a.transaction_id)) then
    raise exception 'entries without a transaction' using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;
create trigger entries_balance after insert on ledger_entries referencing new table as added
  for each statement execute function entries_balance();
create trigger never_changes before update or delete or truncate on ledger_entries for each statement execute function never_changes();
create trigger never_changes before update or delete or truncate on payment_transactions
  for each statement execute function never_changes();

-- What each service used in each hour, and what it cost. Parts of the cost follow from the quantities and the price list:
-- the view billed_parts.
create table container_billing_cycles (
  hour              timestamptz not null,
  organization_id   uuid not null,
  service_id        uuid not null,
  -- Null when nothing was charged.
  price_list_id     int,
  replica_seconds   bigint not null,
  cpu_milli_seconds bigint not null,
  memory_mib_seconds bigint not null,
  storage_mib_seconds bigint,
  egress_bytes      bigint,
  build_seconds     bigint,
  amount            bigint not null check (amount >= 0),
  primary key (hour, organization_id, service_id)
) partition by range (hour);
create trigger never_changes before update or delete or truncate on container_billing_cycles
  for each statement execute function never_changes();

-- The month's partition, before its first hour is closed.
create function make_cycles_partition(hour timestamptz) returns void language plpgsql as $$
declare
  month timestamptz := date_trunc('month', hour, 'UTC');
begin
  execute format('create table if not exists %I partition of container_billing_cycles for values from (%L) to (%L)',
                 'container_billing_cycles_' || to_char(month at time zone 'UTC', 'YYYYMM'), month,
                 ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC');
end $$;

create view billed_parts with (security_invoker = true) as
select c.hour, c.organization_id, c.service_id, p.currency, c.amount, part.resource, part.quantity, part.cost
from container_billing_cycles c
join price_lists p on p.id = c.price_list_id
cross join lateral (values
  ('REPLICAS', c.replica_seconds, charge(c.replica_seconds, 3600, p.replica_hour)),
  ('CPU', c.cpu_milli_seconds, charge(c.cpu_milli_seconds, 3600000, p.vcpu_hour)),
  ('MEMORY', c.memory_mib_seconds, charge(c.memory_mib_seconds, 3686400, p.memory_gib_hour)),
  ('STORAGE', coalesce(c.storage_mib_seconds, 0), charge(coalesce(c.storage_mib_seconds, 0), 3686400, p.storage_gib_hour)),
  ('EGRESS', coalesce(c.egress_bytes, 0), charge(coalesce(c.egress_bytes, 0) / 1024, 1048576, p.egress_gib)),
  ('BUILD', coalesce(c.build_seconds, 0), charge(coalesce(c.build_seconds, 0), 60, p.build_minute))) part (resource, quantity, cost)
where part.quantity > 0;
